"""Event coincidence analysis: both rates, the analytic p-values, their conditions, and null models."""

from itertools import product

import matplotlib as mpl
import numpy as np
import pytest
from scipy import stats

from eventstudy.coincidence import coincidence_rates
from eventstudy.errors import OptionError, RandomnessError, WindowError
from eventstudy.events import Events
from eventstudy.nulls import CircularShift, UniformDays
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.statistics import AnchorsHit, WindowCount
from eventstudy.windows import Window

mpl.use("Agg")
BEFORE = Window(-14, 0)


def test_both_rates_by_hand():
    """Events 3, 4 before anchor 5; 18 before 20; none before 12: two of three anchors, three of three events."""
    result = coincidence_rates(Events([3, 4, 18], Period(0, 30)), Events([5, 12, 20]), Window(-3, 0))
    assert (result.precursor.count, result.precursor.total) == (2, 3)
    assert (result.trigger.count, result.trigger.total) == (3, 3)
    assert result.precursor.rate == pytest.approx(2 / 3)


def test_analytic_p_values_are_binomial_with_days_counted_not_differences():
    """Windows of 3 whole days: chance 1 - (27 / 30) ** 3 for an anchor, 9 / 30 for an event."""
    result = coincidence_rates(Events([3, 4, 18], Period(0, 30)), Events([5, 12, 20]), Window(-3, 0))
    chance = 1 - (27 / 30) ** 3
    assert result.precursor.expected_rate == pytest.approx(chance)
    assert result.precursor.pvalue == pytest.approx(stats.binom.sf(1, 3, chance))
    assert result.trigger.expected_rate == pytest.approx(9 / 30)
    assert result.trigger.pvalue == pytest.approx((9 / 30) ** 3)
    both = coincidence_rates(
        Events([3, 4, 18], Period(0, 30)), Events([5, 12, 20]), Window(-3, 0), alternative="two-sided"
    )
    assert both.precursor.pvalue == pytest.approx(min(1, 2 * stats.binom.sf(1, 3, chance)))
    less = coincidence_rates(
        Events([3, 4, 18], Period(0, 30)), Events([5, 12, 20]), Window(-3, 0), alternative="less"
    )
    assert less.precursor.pvalue == pytest.approx(stats.binom.cdf(2, 3, chance))


def test_the_trigger_p_value_of_a_measured_comparison():
    """160 events on 10,000 days, 23 of them on the 817 days of the windows: exact binomial tail 0.00577.

    With the window one day too short, as in three other packages, the same data give 0.0021.
    """
    anchors = np.concatenate([[5], 100 + 100 * np.arange(58)])  # windows of 5 and of 58 times 14 days
    inside, outside = anchors[1:24] - 1, 6_000 + 20 * np.arange(137)
    events = Events(np.concatenate([inside, outside]), Period(0, 10_000))
    result = coincidence_rates(events, Events(anchors), BEFORE)
    assert result.coverage == 0.0817
    assert result.trigger.count == 23
    assert result.trigger.pvalue == pytest.approx(0.00577, abs=5e-6)


def test_windows_are_cut_off_at_the_edges_and_anchors_beyond_them_do_not_count():
    """Anchor 1 has one day, anchor 11 one too, anchor 0 and anchor 40 none."""
    events = Events([0, 9], Period(0, 10))
    result = coincidence_rates(events, Events([0, 1, 5, 12, 40]), Window(-3, 0))
    assert (result.precursor.total, result.n_unseen) == (3, 2)
    chances = [1 - (1 - days / 10) ** 2 for days in (1, 3, 1)]
    at_least_two = sum(
        np.prod([c if hit else 1 - c for c, hit in zip(chances, pattern, strict=True)])
        for pattern in product([0, 1], repeat=3)
        if sum(pattern) >= 2
    )
    assert result.precursor.count == 2
    assert result.precursor.pvalue == pytest.approx(at_least_two)
    with pytest.raises(
        WindowError, match=r"none of the summits holds a day of .*; give anchors of that time"
    ):
        coincidence_rates(events, Events([0, 40], label="summits"), Window(-3, 0))


def test_the_analytic_p_values_hold_their_level_for_sparse_events_and_say_so():
    rng = np.random.default_rng(4)
    period, anchors = Period(0, 3_000), Events(np.arange(50, 3_000, 200))
    rejected, cautious = np.zeros(2), 0
    for _ in range(600):
        result = coincidence_rates(Events(rng.integers(0, 3_000, 25), period), anchors, BEFORE)
        rejected += [result.precursor.pvalue <= 0.05, result.trigger.pvalue <= 0.05]
        cautious += bool(result.cautions)
    assert (rejected <= stats.binom.ppf(1 - 1e-6, 600, 0.05)).all()
    assert cautious <= stats.binom.ppf(1 - 1e-6, 600, 0.06)


def test_bursts_overlap_and_crowding_are_said_in_plain_words():
    period = Period(0, 1_000)
    bursts = Events(np.concatenate([np.arange(100, 130), np.arange(700, 730)]), period, "launches")
    anchors = Events([135, 138, 500, 900], label="summits")
    result = coincidence_rates(bursts, anchors, BEFORE)
    counts = np.histogram(bursts.days, np.arange(0, 1_000, 14))[0]
    assert result.dispersion == pytest.approx(counts.var(ddof=1) / counts.mean())
    assert result.overlap == pytest.approx(11 / 56)
    text = " ".join(result.summary().split())
    assert (
        f"launches come in bursts or at a changing rate (variance {result.dispersion:.2f} times the mean)"
        in text
    )
    assert "20% of the window days are shared by several summits" in text
    assert len(result.cautions) == 2
    crowded = coincidence_rates(bursts, Events(np.arange(20, 1_000, 20)), BEFORE)
    assert any("cover 69% of the days" in caution for caution in crowded.cautions)
    even = Events(np.arange(5, 1_000, 50), period)
    assert coincidence_rates(even, Events([135, 500, 900]), BEFORE).cautions == ()


def test_p_values_under_a_null_model_are_those_of_the_permutation_test():
    rng = np.random.default_rng(5)
    events = Events(rng.choice(1_000, 40, replace=False), Period(0, 1_000), "launches")
    anchors = Events(rng.choice(1_000, 12, replace=False), label="summits")
    exact = coincidence_rates(events, anchors, BEFORE, null=CircularShift())
    assert (
        exact.precursor.test.pvalue
        == permutation_test(events, anchors, AnchorsHit(BEFORE), CircularShift()).pvalue
    )
    assert (
        exact.trigger.test.pvalue
        == permutation_test(events, anchors, WindowCount(BEFORE), CircularShift()).pvalue
    )
    drawn = coincidence_rates(events, anchors, BEFORE, null=UniformDays(), rng=6, n_resamples=500)
    again = coincidence_rates(events, anchors, BEFORE, null=UniformDays(), rng=6, n_resamples=500)
    assert drawn.precursor.test.method == "monte-carlo"
    assert drawn.precursor.test.pvalue == again.precursor.test.pvalue
    assert drawn.trigger.test.method == "exact"
    assert drawn.provenance.seed == "6"
    assert "under the null model p =" in drawn.summary()
    table = drawn.to_frame().set_index("direction")
    assert table.loc["precursor", "null_method"] == "monte-carlo"
    assert table.loc["trigger", "rate"] == drawn.trigger.rate
    with pytest.raises(RandomnessError):
        coincidence_rates(events, anchors, BEFORE, null=UniformDays())
    with pytest.raises(OptionError, match="coincidence_rates: alternative='more' is not known"):
        coincidence_rates(events, anchors, BEFORE, alternative="more")


def test_numbers_do_not_depend_on_where_days_are_counted_from():
    """A peer divides by the last time stamp: the same data give 0.59 or 0.99999."""
    rng = np.random.default_rng(7)
    days, anchors = rng.choice(1_000, 40, replace=False), rng.choice(1_000, 12, replace=False)
    tables = [
        coincidence_rates(
            Events(days + shift, Period(shift, 1_000 + shift)), Events(anchors + shift), BEFORE
        ).to_frame()
        for shift in (0, 36_500)
    ]
    assert tables[0].equals(tables[1])


def test_plot_shows_both_rates_over_the_range_of_chance():
    result = coincidence_rates(Events([3, 4, 18], Period(0, 30)), Events([5, 12, 20]), Window(-3, 0))
    ax = result.plot()
    expected, observed = ax.lines
    assert observed.get_xdata().tolist() == [result.precursor.rate, result.trigger.rate]
    assert expected.get_xdata().tolist() == [result.precursor.expected_rate, result.trigger.expected_rate]
    low, high = stats.binom.interval(0.95, 3, 9 / 30)
    assert (result.trigger.low, result.trigger.high) == (low / 3, high / 3)
