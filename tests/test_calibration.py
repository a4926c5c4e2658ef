"""Levels: known phenomena come out, and the table holds what was counted."""

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from eventstudy.credibility.calibration import type_one_error
from eventstudy.credibility.rhythms import Rhythm
from eventstudy.credibility.truths import PlaceboAnchors, SimulatedSeries
from eventstudy.errors import OptionError, RandomnessError
from eventstudy.events import Events
from eventstudy.nulls import CalendarPermutation, CircularShift, UniformDays
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.statistics import AnchorsHit, WindowCount
from eventstudy.windows import Window

PERIOD = Period("2001-01-01", "2013-01-01")
COUNT = WindowCount(Window(-14, 0))
SMALL = SimulatedSeries(Period(0, 1_000), 40, 10)


def rates(truth, nulls, n, rng):
    table = type_one_error([truth], nulls, [COUNT], levels=(0.05,), n_simulations=n, rng=rng).to_frame()
    return dict(zip(table["test"], table["rejections"], strict=True))


def at_most(level, n):
    """Return a number of rejections that a test of this level exceeds once in a million."""
    return stats.binom.ppf(1 - 1e-6, n, level)


def test_a_shared_trend_fools_permuted_days_and_all_shifts_but_not_strata():
    """Busy in the same years and otherwise unrelated: 0.50, 0.29 and 0.07 in a published measurement of this kind."""
    truth = SimulatedSeries(PERIOD, 90, 30, Rhythm(growth=20))
    found = rates(truth, [UniformDays(), CircularShift(), CircularShift("year")], 300, 1)
    assert found["UniformDays(within=None)"] > 0.25 * 300
    assert found["CircularShift(within=None)"] > 0.12 * 300
    assert found["CircularShift(within='year')"] <= at_most(0.07, 300)


def test_shared_bursts_fool_permuted_days_even_within_years_but_not_shifts():
    truth = SimulatedSeries(PERIOD, 120, 40, Rhythm(burst_size=4))
    found = rates(truth, [UniformDays("year"), CircularShift(), CircularShift("year")], 400, 2)
    assert found["UniformDays(within='year')"] > at_most(0.05, 400)
    assert found["CircularShift(within=None)"] <= at_most(0.05, 400)
    assert found["CircularShift(within='year')"] <= at_most(0.05, 400)


@pytest.mark.slow
def test_exchanged_years_stand_a_shared_season_and_bursts_but_no_shared_trend():
    kept = SimulatedSeries(PERIOD, 90, 30, Rhythm(season=10, burst_size=3))
    broken = SimulatedSeries(PERIOD, 90, 30, Rhythm(growth=20))
    found = rates(kept, [CalendarPermutation(), CircularShift("year")], 400, 3)
    assert found["CalendarPermutation(by='year')"] <= at_most(0.05, 400)
    assert found["CircularShift(within='year')"] > at_most(0.05, 400)
    assert rates(broken, [CalendarPermutation()], 200, 4)["CalendarPermutation(by='year')"] > 0.15 * 200


def test_a_stationary_truth_is_rejected_as_often_as_the_test_can_attain():
    """For independent days the uniform test is exact: its rate is the mean attainable level, no more, no less."""
    n = 1_500
    table = type_one_error([SMALL], [UniformDays()], [COUNT], n_simulations=n, rng=5).to_frame()
    for row in table.itertuples():
        low, high = stats.binom.ppf([1e-5, 1 - 1e-5], n, row.attainable)
        assert low <= row.rejections <= high
        assert row.attainable <= row.level
        assert (row.rate_low, row.rate_high) == pytest.approx(
            tuple(stats.binomtest(row.rejections, n).proportion_ci(0.95, method="exact"))
        )


def test_the_table_counts_what_single_tests_give():
    """The same data sets, made by hand from the same children of the seed."""
    n = 30
    found = type_one_error([SMALL], [UniformDays()], [COUNT], levels=(0.3,), n_simulations=n, rng=7)
    children = np.random.default_rng(7).spawn(1)[0].spawn(n)
    pvalues = [permutation_test(*SMALL.sample(child), COUNT, UniformDays()).pvalue for child in children]
    assert found.to_frame().loc[0, "rejections"] == sum(p <= 0.3 for p in pvalues)


def test_a_model_is_tested_on_the_same_data_sets_as_the_null_models():
    def uniform(events, anchors):
        return permutation_test(events, anchors, COUNT, UniformDays()).pvalue

    table = type_one_error(
        [SMALL], [UniformDays()], [COUNT], models={"by hand": uniform}, n_simulations=100, rng=8
    ).to_frame()
    counts = table.pivot_table(index="level", columns="test", values="rejections")
    assert counts["by hand"].tolist() == counts["UniformDays(within=None)"].tolist()
    assert table.loc[table["test"] == "by hand", "attainable"].isna().all()


def test_a_rule_rejects_where_all_its_null_models_do():
    """The same data sets, made by hand; the tests alone and together in one table."""
    n, days, shifts = 120, UniformDays(), CircularShift()
    truth = SimulatedSeries(Period(0, 1_000), 60, 15)
    nulls = {"days": days, "both": (days, shifts), "shifts": shifts}
    table = type_one_error([truth], nulls, [COUNT], levels=(0.2,), n_simulations=n, rng=12).to_frame()
    children = np.random.default_rng(12).spawn(1)[0].spawn(n)
    pvalues = np.array(
        [
            [permutation_test(*series, COUNT, null).pvalue for null in (days, shifts)]
            for series in map(truth.sample, children)
        ]
    )
    reached = pvalues <= 0.2
    found = table.set_index("test")["rejections"]
    assert found.index.tolist() == ["days", "both", "shifts"]
    assert found.tolist() == [reached[:, 0].sum(), reached.all(axis=1).sum(), reached[:, 1].sum()]
    assert 0 < found["both"] < min(found["days"], found["shifts"])
    assert table.set_index("test")["attainable"].isna().tolist() == [False, True, False]


def test_a_rule_without_a_name_says_what_it_asks():
    rule = (UniformDays(), CircularShift())
    table = type_one_error([SMALL], [rule], [COUNT], n_simulations=2, rng=1).to_frame()
    assert table["test"].unique().tolist() == ["UniformDays(within=None) and CircularShift(within=None)"]


def test_the_real_series_of_a_truth_stand_in_the_provenance():
    events = Events(np.arange(0, 1_000, 25), Period(0, 1_000), "launches")
    found = type_one_error(
        [SMALL, PlaceboAnchors(events, 10)], [UniformDays()], [COUNT], n_simulations=2, rng=1
    )
    assert dict(found.provenance.data) == dict(events.provenance.data)


def test_a_test_by_draws_says_so_and_holds_its_level():
    table = type_one_error(
        [SMALL], [UniformDays()], [AnchorsHit(Window(-14, 0))], n_simulations=100, n_resamples=99, rng=9
    ).to_frame()
    assert (table["share_drawn"] == 1).all()
    assert table.loc[table["level"] == 0.05, "rejections"].item() <= at_most(0.05, 100)


def test_the_answer_does_not_depend_on_the_workers():
    def run():
        return type_one_error(
            [SMALL, SimulatedSeries(Period(0, 1_000), 40, 10, Rhythm(burst_size=2))], [UniformDays()],
            [COUNT, AnchorsHit(Window(-14, 0))], n_simulations=25, n_resamples=49, rng=10,
        ).to_frame()  # fmt: skip

    alone = run()
    with joblib.parallel_config("threading", n_jobs=2):
        together = run()
    pd.testing.assert_frame_equal(alone, together)


def test_the_result_prints_and_draws_the_first_level():
    events = Events(np.arange(0, 1_000, 25), Period(0, 1_000), "launches")
    found = type_one_error(
        [SMALL, PlaceboAnchors(events, 10)], [UniformDays(), CircularShift()], [COUNT], levels=(0.1, 0.05),
        n_simulations=60, rng=11,
    )  # fmt: skip
    table = found.to_frame()
    first = table[table["level"] == 0.1].reset_index(drop=True)
    text = found.summary()
    assert f"{first.loc[0, 'rate']:.3f} ({first.loc[0, 'rate_low']:.3f} to" in text
    assert "real launches, placebo anchors: stationary" in text
    ax = found.plot()
    dots = [line for line in ax.get_lines() if line.get_label().startswith(("UniformDays", "CircularShift"))]
    drawn = np.array([line.get_xdata() for line in dots]).T.ravel()
    assert drawn == pytest.approx(np.maximum(first["rate"], 0.1 / 20))
    assert ax.get_yticklabels()[0].get_text() == "both simulated: stationary"
    table.loc[:, "rate"] = -1
    assert (found.to_frame()["rate"] >= 0).all()


def test_rates_and_their_intervals_are_laid_out_by_truth_and_test():
    truths = {"b": SMALL, "a": SimulatedSeries(Period(0, 1_000), 40, 10, Rhythm(burst_size=2))}
    nulls = {"shifts": CircularShift(), "days": UniformDays()}
    found = type_one_error(truths, nulls, [COUNT], levels=(0.1, 0.3), n_simulations=40, rng=13)
    assert found.rates().index.tolist() == ["b", "a"]
    assert found.rates().columns.tolist() == ["shifts", "days"]
    table = found.to_frame().set_index(["truth", "test", "level"])
    for level in (0.1, 0.3):
        for truth in truths:
            for test in nulls:
                row = table.loc[(truth, test, level)]
                assert found.rates(level).loc[truth, test] == row["rate"]
                text = f"{row['rate']:.3f} ({row['rate_low']:.3f}–{row['rate_high']:.3f})"
                assert found.intervals(level).loc[truth, test] == text
    with pytest.raises(OptionError, match=r"0.05 is not one of the levels \(0.1, 0.3\)"):
        found.rates(0.05)


def test_bad_options_are_refused():
    with pytest.raises(RandomnessError, match=r"type_one_error: draws are made here and rng is missing"):
        type_one_error([SMALL], [UniformDays()], [COUNT])
    with pytest.raises(OptionError, match=r"there are no truths; give at least one"):
        type_one_error([], [UniformDays()], [COUNT], rng=1)
    with pytest.raises(OptionError, match=r"there are no tests; give at least one"):
        type_one_error([SMALL], [], [COUNT], rng=1)
    with pytest.raises(OptionError, match=r"two truths are called 'both simulated: stationary'"):
        type_one_error([SMALL, SMALL], [UniformDays()], [COUNT], rng=1)
    named = type_one_error({"a": SMALL, "b": SMALL}, [UniformDays()], [COUNT], n_simulations=1, rng=1)
    assert named.to_frame()["truth"].unique().tolist() == ["a", "b"]
    with pytest.raises(OptionError, match=r"level is 5; give a share"):
        type_one_error([SMALL], [UniformDays()], [COUNT], levels=(5,), rng=1)
    with pytest.raises(OptionError, match=r"the model 'bad' returned 2.0; return a p-value"):
        type_one_error([SMALL], [], [], models={"bad": lambda e, a: 2}, n_simulations=1, rng=1)
