"""What no data can answer is refused at every entrance in the same words; what can be has one answer everywhere."""

from __future__ import annotations

import inspect
import io
import math
import re

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.arguments import one_of, share, whole
from eventstudy.errors import (
    EventsError,
    EventStudyError,
    ExactUnavailableError,
    OptionError,
    PeriodError,
    RandomnessError,
    ReachError,
    WindowError,
)

PERIOD = es.Period("2012-01-01", "2016-01-01")
RNG = np.random.default_rng(11)
EVENTS = es.Events(RNG.choice(PERIOD.days, 40, replace=False), PERIOD, "launches")
ANCHORS = es.Events(RNG.choice(PERIOD.days, 12, replace=False), label="summits")
WINDOW = es.Window(-14, 0)
COUNT = es.WindowCount(WINDOW)
SHIFT = es.CircularShift()
YEARS = es.CalendarPermutation()
TRUTH = es.SimulatedSeries(PERIOD, n_events=30, n_anchors=10)


def specification(events, anchors, statistic):
    return es.Specification({"window": "14"}, events, anchors, statistic)


def permutation(events=EVENTS, anchors=ANCHORS, statistic=COUNT, null=SHIFT, **more):
    return es.permutation_test(events, anchors, statistic, null, **more)


def family(events=EVENTS, anchors=ANCHORS, statistic=COUNT, null=SHIFT, **more):
    return es.permutation_family(events, anchors, {"one": statistic}, null, **more)


def profile(events=EVENTS, anchors=ANCHORS, null=SHIFT, **more):
    return es.lag_profile(events, anchors, null, lags=(-14, 15), **more)


def rates(events=EVENTS, anchors=ANCHORS, **more):
    return es.rate_ratio(events, anchors, WINDOW, **more)


def coincidence(events=EVENTS, anchors=ANCHORS, null=SHIFT, **more):
    return es.coincidence_rates(events, anchors, WINDOW, null=null, **({"rng": 1, "n_resamples": 20} | more))


def coefficient(events=EVENTS, anchors=ANCHORS, null=SHIFT, **more):
    return es.randomization_test(
        events, anchors, {"before": WINDOW}, "count ~ before", "before", null, **more
    )


def influence(events=EVENTS, anchors=ANCHORS, statistic=COUNT, null=SHIFT, **more):
    return es.leave_one_out(events, anchors, statistic, null, by="burst", **more)


def specifications(events=EVENTS, anchors=ANCHORS, statistic=COUNT, null=YEARS, **more):
    return es.specification_curve(
        [specification(events, anchors, statistic)], null, **({"rng": 1, "n_resamples": 20} | more)
    )


def power(events=EVENTS, anchors=ANCHORS, statistic=COUNT, null=SHIFT, **more):
    return es.power_curve(
        events, anchors, statistic, null, ratios=(1, 2), rng=1, **({"n_simulations": 3} | more)
    )


def level(statistic=COUNT, null=SHIFT, **more):
    return es.type_one_error([TRUTH], [null], [statistic], rng=1, **({"n_simulations": 3} | more))


def panel(statistic=COUNT, null=SHIFT, **more):
    table = pd.DataFrame({"pair": "A", "date": EVENTS.dates})
    return es.panel_test(table, ANCHORS, statistic, null, by="pair", period=PERIOD, **more)


def counts(events=EVENTS, anchors=ANCHORS, **more):
    return es.count_table(events, anchors, {"before": WINDOW}, **more)


def leads(events=EVENTS, anchors=ANCHORS, **more):
    return es.lead_lag_regression(events, anchors, **({"leads": 2, "lags": 2, "bin_days": 7} | more))


def own_control(events=EVENTS, anchors=ANCHORS, **more):
    return es.self_controlled_case_series(events, anchors, {"before": WINDOW}, **more)


def detectable(events=EVENTS, anchors=ANCHORS, **more):
    return es.minimum_detectable_ratio(events, anchors, COUNT, SHIFT, n_simulations=3, rng=1, **more)


SERIES = [
    permutation, family, profile, rates, coincidence, coefficient, influence, specifications, power, counts, leads,
    own_control, detectable,
]  # fmt: skip
NULLS = [
    permutation,
    family,
    profile,
    coincidence,
    coefficient,
    influence,
    specifications,
    power,
    level,
    panel,
]
STATISTICS = [permutation, family, influence, power, level, panel]
FAR = {
    "typing 2091": ["2091-06-05", "2092-07-01"],
    "another century": ["1913-06-05"],
    "day numbers": [300, 700],
    "the day after the last window": [PERIOD.stop + 14],
    "the day before the first": [PERIOD.start],
}


def test_the_walk_passes_every_public_function_that_takes_anchors():
    walked = {name for entrance in SERIES for name in entrance.__code__.co_names} | {"panel_test"}
    walked |= {
        "before_after",
        "nearest_by_era",
        "ratio_change",
        "waiting_times",
    }  # no window around an anchor
    public = [getattr(es, name) for name in es.__all__]
    taking = {
        one.__name__
        for one in public
        if inspect.isfunction(one) and "anchors" in inspect.signature(one).parameters
    }
    assert taking <= walked, f"not walked: {sorted(taking - walked)}"


@pytest.mark.parametrize("entrance", SERIES)
@pytest.mark.parametrize("days", FAR.values(), ids=FAR)
def test_anchors_that_do_not_reach_the_period_are_refused(entrance, days):
    if entrance in (profile, leads) and days == FAR["the day before the first"]:
        return  # their lags reach to both sides
    with pytest.raises(ReachError, match=r"none of the summits .* give anchors of that time"):
        entrance(anchors=es.Events(days, label="summits"))


@pytest.mark.parametrize("statistic", [es.NearestLag(), lambda events, anchors: events.max(axis=-1)])
def test_without_a_window_an_anchor_must_lie_in_the_period(statistic):
    far = es.Events(["1991-06-05", "2092-07-01"], label="summits")
    with pytest.raises(
        ReachError, match=r"^permutation_test: none of the summits lies in 2012-01-01 to .* give anchors"
    ):
        permutation(anchors=far, statistic=statistic, rng=1)


def test_a_contrast_reaches_as_far_as_either_of_its_windows():
    contrast = es.WindowContrast(WINDOW, es.Window(1, 15))
    edge = es.Events([PERIOD.start - 14], label="summits")
    assert permutation(anchors=edge, statistic=contrast).observed <= 0
    with pytest.raises(ReachError):
        permutation(anchors=es.Events([PERIOD.start - 15], label="summits"), statistic=contrast)


def test_the_same_anchors_are_refused_whichever_entrance_counts_them():
    """A day closer and every entrance answers, with one anchor."""
    near = es.Events([PERIOD.stop + 13], label="summits")
    assert permutation(anchors=near).n_anchors == rates(anchors=near).n_anchors == 1
    assert family(anchors=near).n_anchors == (1,)
    assert profile(anchors=near).n_anchors == coincidence(anchors=near).precursor.total == 1


def test_a_group_of_a_panel_whose_anchors_do_not_reach_is_not_tested_and_says_so():
    events = pd.DataFrame({"pair": ["A"] * 20 + ["B"] * 20, "date": EVENTS.dates})
    anchors = pd.DataFrame({"pair": ["A", "B"], "date": [ANCHORS.dates[0], "1913-06-05"]})
    rows = es.panel_test(events, anchors, COUNT, SHIFT, by="pair", period=PERIOD).to_frame().set_index("pair")
    assert rows.loc["B", ["n_anchors", "pvalue", "method"]].tolist() == [0, 1.0, "none"]
    assert "no anchor reaches the period" in rows.loc["B", "note"]
    assert rows.loc["A", "method"] == "exact"
    maxt = es.panel_test(events, anchors, COUNT, SHIFT, by="pair", period=PERIOD, maxt=True).to_frame()
    assert maxt.set_index("pair").loc["B", "pvalue_maxt"] == 1.0


@pytest.mark.parametrize("entrance", [permutation, family, panel, coincidence, coefficient])
@pytest.mark.parametrize("alternative", ["more", "GREATER", None, 1, ["greater"]])
def test_an_alternative_that_is_not_known_is_refused(entrance, alternative):
    with pytest.raises(
        OptionError, match=r"alternative=.* is not known; give 'greater', 'less' or 'two-sided'$"
    ):
        entrance(alternative=alternative)


@pytest.mark.parametrize("entrance", [permutation, profile, rates, coefficient, power, level])
@pytest.mark.parametrize("value", [95, 0.0, 1.0, -0.5, math.nan, math.inf, "0.95", None, True])
def test_a_level_that_is_no_share_is_refused(entrance, value):
    with pytest.raises(OptionError, match=r"confidence_level is .*; give a share"):
        entrance(confidence_level=value)


@pytest.mark.parametrize(
    "entrance", [permutation, family, panel, profile, coincidence, coefficient, specifications, power, level]
)
@pytest.mark.parametrize("value", [0, -5, 2.5, math.nan, math.inf, "99", None, True])
def test_a_number_of_draws_that_is_none_is_refused(entrance, value):
    with pytest.raises(OptionError, match=r"n_resamples is .*; make at least one draw"):
        entrance(n_resamples=value)


@pytest.mark.parametrize("entrance", [permutation, family, panel, profile])
@pytest.mark.parametrize("method", ["fast", None, "Exact"])
def test_a_method_that_is_not_known_is_refused(entrance, method):
    with pytest.raises(OptionError, match=r"method=.* is not known; give 'auto', 'exact' or 'monte-carlo'"):
        entrance(method=method)


@pytest.mark.parametrize("entrance", NULLS)
def test_what_is_no_null_model_is_refused_with_the_fix(entrance):
    with pytest.raises(
        OptionError, match=r"the null model is the class CircularShift; make one, CircularShift\("
    ):
        entrance(null=es.CircularShift)
    for wrong in ("shift", None, 3, WINDOW):
        if wrong is None and entrance is coincidence:
            continue
        with pytest.raises(OptionError, match=r"is not a null model; give one, such as CircularShift\(\)"):
            entrance(null=wrong)


@pytest.mark.parametrize("entrance", STATISTICS)
def test_what_is_no_statistic_is_refused_with_the_fix(entrance):
    if entrance is not power:  # which takes a window
        with pytest.raises(OptionError, match=r"is not a statistic; give one, such as WindowCount\(Window\("):
            entrance(statistic=WINDOW)
    for wrong in (es.WindowCount, "count", 14, None):
        with pytest.raises(OptionError, match="is not a statistic; give one"):
            entrance(statistic=wrong)


@pytest.mark.parametrize("window", [14, (-14, 0), "before", None, es.Window])
def test_what_is_no_window_is_refused_with_the_fix(window):
    for call in (es.coincidence_rates, es.rate_ratio):
        with pytest.raises(WindowError, match=r"the window is .*; give a Window, such as Window\(-14, 0\)"):
            call(EVENTS, ANCHORS, window)


@pytest.mark.parametrize("entrance", SERIES)
def test_series_that_are_none_are_refused(entrance):
    with pytest.raises(EventsError, match=r"events: got a list"):
        entrance(events=["2012-01-01"])
    with pytest.raises(EventsError, match=r"anchors: got a list"):
        entrance(anchors=["2012-01-01"])
    with pytest.raises(PeriodError, match="the period under observation is not given"):
        entrance(events=es.Events(EVENTS.days))
    if entrance is not counts:  # a table without an event is a table
        with pytest.raises(EventStudyError, match=r"no event lies in|there is no event"):
            entrance(events=es.Events([], PERIOD))
    with pytest.raises(EventsError, match=r"there is no anchor|none of the anchors"):
        entrance(anchors=es.Events([]))
    with pytest.raises(EventsError, match="12 anchors are uncertain"):
        entrance(anchors=es.Events(ANCHORS.days, label="summits", uncertainty=2))
    if entrance is not permutation:
        with pytest.raises(EventsError, match=r"uncertain, and only permutation_test averages"):
            entrance(events=es.Events(EVENTS.days, PERIOD, uncertainty=2))


@pytest.mark.parametrize("entrance", [permutation, family])
def test_nan_is_refused(entrance):
    def sometimes(events, anchors):
        return np.where(events[..., 0] % 2 == 0, np.nan, events.mean(axis=-1))

    with pytest.raises(OptionError, match="not a number"):
        entrance(statistic=sometimes, null=es.UniformDays(), rng=1, n_resamples=50)


def test_whole_numbers_may_be_floats():
    kept = {"method": "monte-carlo", "rng": 1}
    one = permutation(**kept, n_resamples=1e3, sequential=20.0)
    other = permutation(**kept, n_resamples=1_000, sequential=20)
    assert (one.pvalue, one.n_resamples, one.provenance) == (
        other.pvalue,
        other.n_resamples,
        other.provenance,
    )
    assert family(**kept, n_resamples=np.float64(50)).n_resamples == 50
    assert (
        profile(**kept, n_resamples=np.int8(50)).provenance.call
        == profile(**kept, n_resamples=50.0).provenance.call
    )
    assert es.lag_profile(EVENTS, ANCHORS, SHIFT, lags=(-14.0, 15), bin_days=7.0).bin_days == 7
    assert power(n_simulations=3.0).n_simulations == 3


def test_lags_may_be_a_window():
    one = es.lag_profile(EVENTS, ANCHORS, SHIFT, lags=es.Window(-14, 15))
    other = es.lag_profile(EVENTS, ANCHORS, SHIFT, lags=(-14, 15))
    assert one.observed.tolist() == other.observed.tolist()
    assert one.provenance == other.provenance
    for wrong in (14, "ab", (1,), (1.5, 3), None, (-3, 0, 3)):
        with pytest.raises(EventStudyError, match=r"lag_profile: .*lags=\(-60, 61\) or a Window"):
            es.lag_profile(EVENTS, ANCHORS, SHIFT, lags=wrong)


def test_a_statistic_that_does_not_count_from_zero_has_no_ratio():
    contrast = es.WindowContrast(WINDOW, es.Window(1, 15))
    for statistic in (es.NearestLag(), contrast):
        result = permutation(statistic=statistic)
        assert result.ratio is None
        assert "ratio       none" in result.summary()
        assert np.isnan(result.to_frame().loc[0, "ratio"])
        assert np.isnan(family(statistic=statistic).to_frame().loc[0, "ratio"])
        assert np.isnan(panel(statistic=statistic).to_frame().loc[0, "ratio"])
        assert np.isnan(influence(statistic=statistic).to_frame()["ratio"]).all()
    with pytest.raises(OptionError, match="does not count from zero, so it has no ratio"):
        specifications(statistic=contrast)
    counted = permutation()
    assert counted.ratio == counted.observed / counted.expected
    assert family().to_frame().loc[0, "ratio"] == pytest.approx(counted.ratio)


def test_one_question_has_one_answer_at_every_entrance():
    alone = permutation()
    assert family().pvalue.tolist() == [pytest.approx(alone.pvalue, rel=1e-12)]
    assert panel().to_frame().loc[0, "pvalue"] == alone.pvalue
    assert coincidence().trigger.test.pvalue == alone.pvalue
    assert influence().full.pvalue == alone.pvalue
    assert alone.provenance.data == family().provenance.data == rates().provenance.data


def test_uncertain_dates_are_averaged_over_or_refused():
    unsure = es.Events(EVENTS.days[1:-1], PERIOD, "launches", uncertainty=1)
    with pytest.raises(
        ExactUnavailableError, match=r"permutation_test: the dates of 38 launches are uncertain"
    ):
        permutation(events=unsure, method="exact")
    with pytest.raises(OptionError, match="drawing cannot stop early"):
        permutation(events=unsure, rng=1, sequential=5)
    with pytest.raises(RandomnessError):
        permutation(events=unsure)


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), (3.0, 3), (np.int16(3), 3), (np.float32(3), 3), (-2.0, -2), (10**30, 10**30)],
)
def test_whole_takes_whole_numbers(value, number):
    found = whole(value, "f", "n", fix="give one")
    assert found == number
    assert type(found) is int


@pytest.mark.parametrize("value", [2.5, math.nan, math.inf, "3", None, True, np.True_, [3], 3 + 0j])
def test_whole_refuses_what_is_none(value):
    with pytest.raises(WindowError, match=r"^f: n is .*, not a whole number; give one$"):
        whole(value, "f", "n", fix="give one", error=WindowError)


def test_bounds_and_names_are_said():
    with pytest.raises(OptionError, match=r"^f: n is 0; give 1 or more$"):
        whole(0.0, "f", "n", least=1, fix="give 1 or more")
    with pytest.raises(OptionError, match=r"^f: level is 5; give a share, such as 0.95$"):
        share(5, "f", "level")
    with pytest.raises(OptionError, match=r"^f: by='x' is not known; give 'year' or 'month'$"):
        one_of("x", ("year", "month"), "f", "by")


def test_series_that_nobody_named_are_called_events_and_anchors():
    """A frame and a buffer have no name: neither "the table are unrelated to the table" nor "events and events"."""
    period, window, null = es.Period("2012-01-01", "2014-01-01"), es.Window.before(14), es.CircularShift()
    days = pd.DataFrame({"day": pd.date_range("2012-01-03", "2013-12-20", freq="23D")})
    buffer = io.StringIO("day\n2012-05-01\n2012-11-01\n2013-04-11\n2013-10-02\n")
    events, anchors = es.read_events(days, date="day", period=period), es.read_events(buffer, date="day")
    assert (events.label, anchors.label, anchors.anchors_label) == ("events", "events", "anchors")
    assert es.Events([1], label="talks").anchors_label == "talks"
    for result in (
        es.permutation_test(events, anchors, es.WindowCount(window), null),
        es.permutation_family(events, anchors, {"two weeks": es.WindowCount(window)}, null),
        es.rate_ratio(events, anchors, window),
        es.lag_profile(events, anchors, null, rng=1, n_resamples=99),
        es.coincidence_rates(events, anchors, window),
        es.lead_lag_regression(events, anchors, leads=2, lags=2),
        es.randomization_test(events, anchors, {"before": window}, "count ~ before", "before", null),
    ):
        assert list(result.provenance.data)[:2] == ["events", "anchors"]
        assert "(events, anchors, " in result.cite()
        assert not re.search(
            r"events (and|are unrelated to the|in the window of|from) events", result.summary()
        )
