"""Self-controlled case series: a published example, an equal model by another route, planted ratios."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.errors import ModelError, OptionError, OverdispersionWarning, ReachError, StrataError

# Age in days at admission for viral meningitis and at MMR vaccination: ten children, second year of life.
# Whitaker et al. (2006), Statistics in Medicine 25, 1768-1797, section 3.1; from Miller et al. (1993), Lancet 341.
MENINGITIS = np.array([398, 413, 449, 455, 472, 474, 485, 524, 700, 399])
VACCINATION = np.array([458, 392, 429, 433, 432, 395, 470, 496, 428, 716])


def children_end_to_end():
    """Each child's days 366 to 730 become 365 days of one line; no risk window crosses into the next child."""
    child = 365 * np.arange(10)
    events = es.Events(child + MENINGITIS - 366, es.Period(0, 3650), "admissions")
    return events, es.Events(child + VACCINATION - 366, label="vaccinations"), child[1:].tolist()


def test_the_published_worked_example_of_mmr_and_meningitis():
    """Published: 12.037 (3.002 to 48.259), age 548 to 730: 0.225 (0.025 to 2.016); z of 3.51 and -1.33."""
    events, anchors, births = children_end_to_end()
    result = es.self_controlled_case_series(
        events, anchors, {"risk": es.Window(15, 36)}, persons=births, age=(182,)
    )
    assert result.irr.loc["risk", ["irr", "low", "high"]].round(3).tolist() == [12.037, 3.002, 48.259]
    assert result.irr.iloc[1, :3].round(3).tolist() == [0.225, 0.025, 2.016]
    assert result.coefficients["z"].round(2).tolist() == [3.51, -1.33]
    assert result.n_strata == 10


def by_day(rng, years=12, per_year=15, ratio=1.0):
    period = es.Period("2000-01-01", f"{2000 + years}-01-01")
    anchors = es.Events(rng.integers(period.start, period.stop, 5 * years), label="summits")
    window = es.Window(-14, 0)
    weight = np.where(window.indicator(anchors, period) == 1, ratio, 1.0)
    weight *= 1 + 0.5 * np.cos(2 * np.pi * np.arange(len(period)) / 365.25)
    level = np.exp(rng.normal(0, 0.7, years)).repeat(366)[: len(period)]
    mean = per_year * years * weight * level / (weight * level).sum()
    days = np.repeat(period.days, rng.poisson(mean))
    return es.Events(days, period, "launches"), anchors, window


def test_the_same_as_conditional_poisson_on_a_table_made_by_hand():
    events, anchors, window = by_day(np.random.default_rng(1))
    result = es.self_controlled_case_series(
        events, anchors, {"before": window}, pre_exposure=es.Window(-28, -14), persons="year", age="month"
    )
    table = es.count_table(events, anchors, {"before": window, "pre": es.Window(-28, -14)})
    table["pre"] = ((table["pre"] == 1) & (table["before"] == 0)).astype(
        int
    )  # the first group has precedence
    other = es.conditional_poisson_regression(
        table, "count ~ before + pre + C(month)", strata="year", covariance="model"
    )
    np.testing.assert_allclose(result.irr.to_numpy(), other.irr.to_numpy(), rtol=1e-9)
    assert result.groups["pre_exposure"] == (table["pre"].sum(), (table["pre"] * table["count"]).sum())


def test_without_age_each_stratum_is_two_binomial_parts():
    """One stratum: 3 of 4 events in 5 of 10 days, so the ratio is (3 / 5) / (1 / 5) = 3."""
    events = es.Events([3, 4, 5, 8], es.Period(0, 10))
    result = es.self_controlled_case_series(
        events, es.Events([6]), {"before": es.Window(-5, 0)}, persons=None, age=None
    )
    assert result.irr.loc["before", "irr"] == pytest.approx(3.0)


def test_the_summary_lists_the_assumptions_and_the_groups():
    events, anchors, window = by_day(np.random.default_rng(2))
    result = es.self_controlled_case_series(
        events, anchors, {"before": window}, pre_exposure=es.Window(-28, -14)
    )
    text = " ".join(result.summary().split())
    for part in (
        "Self-controlled case series",
        "12 by persons, one rate within each year",
        "age season, by quarter",
        "events do not affect later anchors",
        "an event does not end the days under observation",
        "events are independent of each other",
        f"before {result.groups['before'][0]} days with {result.groups['before'][1]}",
    ):
        assert part in text


def test_bursts_warn_where_the_errors_trust_independence():
    events, anchors, window = by_day(np.random.default_rng(3))
    bursts = es.Events(np.repeat(events.days, 4), events.period)
    with pytest.warns(
        OverdispersionWarning, match="self_controlled_case_series: by day the variance exceeds the mean"
    ):
        es.self_controlled_case_series(bursts, anchors, {"before": window})


@pytest.mark.parametrize(
    ("windows", "more", "error", "message"),
    [
        ({}, {}, ModelError, "windows name no exposure group; give one, such as {'before': Window(-14, 0)}"),
        ({"pre_exposure": es.Window(-3, 0)}, {}, ModelError, "'pre_exposure' is the name of an argument"),
        ({"before": es.Window(-3, 0)}, {"age": "week"}, OptionError, "age='week' is not known; give 'quarter'"),
        ({"before": es.Window(-3, 0)}, {"age": (30, 10)}, OptionError, "age=(30, 10) must be rising whole days"),
        ({"before": es.Window(-3, 0)}, {"persons": "week"}, StrataError, "within='week' is not known"),
        ({"before": es.Window(900, 903)}, {}, ReachError, "of none of the anchors holds a day of"),
        ({"before": es.Window(-3, 0)}, {"persons": "month"}, ModelError, "'C(age)[T.2]' is constant within"),
    ],
)  # fmt: skip
def test_errors_name_the_fix(windows, more, error, message):
    events = es.Events(["2000-01-05", "2000-06-01"], es.Period("2000-01-01", "2001-01-01"))
    with pytest.raises(error) as caught:
        es.self_controlled_case_series(events, es.Events(["2000-01-07"]), windows, **more)
    assert message in str(caught.value)


@pytest.mark.slow
def test_intervals_cover_a_planted_ratio_whatever_the_levels_of_the_years():
    rng, n, covered, logs = np.random.default_rng(4), 125, 0, []
    for _ in range(n):
        events, anchors, window = by_day(rng, ratio=2.0)
        result = es.self_controlled_case_series(
            events, anchors, {"before": window}, age="month", covariance="quasi"
        )
        covered += result.low[0] <= 2.0 <= result.high[0]
        logs.append(result.estimates[0])
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], n, 0.95)
    assert low <= covered <= high
    assert np.mean(logs) == pytest.approx(np.log(2.0), abs=5 * np.std(logs) / np.sqrt(n))


def test_the_age_groups_are_those_asked_for():
    events, anchors, births = children_end_to_end()
    result = es.self_controlled_case_series(
        events, anchors, {"risk": es.Window(15, 36)}, persons=births, age=(100, 200)
    )
    assert result.age == "days since the start of the stratum, from 100, 200"
    assert len(result.terms) == 3
    assert isinstance(result.to_frame(), pd.DataFrame)


def test_the_record_names_the_call_as_it_was_made():
    events, anchors, births = children_end_to_end()
    call = es.self_controlled_case_series(
        events, anchors, {"risk": es.Window(15, 36)}, persons=births, age=(182,)
    ).provenance.call
    assert call.startswith(
        "self_controlled_case_series(admissions, vaccinations, {'risk': Window(start=15, stop=36)}, "
    )
    assert "age=(182,)" in call


@pytest.mark.parametrize("age", [[366], [90, 400]])
def test_an_age_that_no_stratum_reaches_is_refused(age):
    """The longest year has the days 0 to 365; a cut beyond it would change nothing."""
    events = es.Events(["2015-02-03", "2016-05-01"], es.Period("2015-01-01", "2018-01-01"))
    with pytest.raises(OptionError, match="no stratum has a day"):
        es.self_controlled_case_series(
            events, es.Events(["2016-05-05"]), {"before": es.Window(-14, 0)}, age=age
        )
