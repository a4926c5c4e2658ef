"""Defects seen in other packages for the same questions, each held against this one.

What is specific to one module stands with its other tests: analytic p-values with days counted instead of differences
(test_coincidence), kinds of robust errors (test_regression), terms without an estimate (test_separation,
test_regression), randomization of a coefficient (test_randomization), shares of a window
under permutation (test_nulls).
"""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.errors import ExactUnavailableError, RandomnessError
from eventstudy.numeric.tails import clopper_pearson

BEFORE = es.Window(-14, 0)
STATISTICS = [
    es.WindowCount(BEFORE),
    es.AnchorsHit(BEFORE),
    es.WindowContrast(BEFORE, es.Window(1, 15)),
    es.NearestLag(),
]
NULLS = [
    es.UniformDays(),
    es.UniformDays("month"),
    es.CircularShift(),
    es.CircularShift("year"),
    es.Jitter(30),
    es.ShuffledGaps(),
    es.CalendarPermutation(),
    es.PoissonIntensity(BEFORE, trend=None),
    es.SelfExciting(BEFORE, trend=None, harmonics=0),
]
ORIGIN = "2001-01-01"
FOUR_CENTURIES = 146_097  # days after which the calendar repeats, weekdays included


def series(moved_by=0, n=40):
    rng = np.random.default_rng(3)
    period = es.Period(ORIGIN, "2007-01-01")
    events = rng.choice(len(period), n, replace=False) + period.start
    anchors = rng.choice(len(period), 12, replace=False) + period.start
    moved = es.Period(period.start + moved_by, period.stop + moved_by)
    return es.Events(events + moved_by, moved), es.Events(anchors + moved_by, label="anchors")


PAIRS = list(itertools.product(NULLS, STATISTICS))


@pytest.mark.parametrize(("null", "statistic"), PAIRS, ids=repr)
def test_answers_do_not_depend_on_where_days_are_counted_from(null, statistic):
    """Surrogates from day 0 instead of the start of the record, or rates over the last day instead of the span."""
    results = [
        es.permutation_test(*series(by), statistic, null, rng=1, n_resamples=99)
        for by in (0, FOUR_CENTURIES, -FOUR_CENTURIES)
    ]
    assert len({result.pvalue for result in results}) == 1
    assert len({result.expected for result in results}) == 1


@pytest.mark.parametrize("null", NULLS[:6], ids=repr)
def test_records_longer_than_sixteen_bits_of_days_keep_every_event(null):
    """Days cast to int16 silently: a record of 200,000 days, with anchors at its far end only."""
    period = es.Period(0, 200_000)
    events = es.Events(np.arange(1_000, 200_000, 1_000), period)
    anchors = es.Events([199_001], period)
    result = es.permutation_test(events, anchors, es.WindowCount(BEFORE), null, rng=1, n_resamples=99)
    assert result.observed == 1  # day 199,000
    drawn = null.sample(events, anchors, rng=1, size=50)
    assert drawn.shape == (50, len(events))
    assert drawn.min() >= 0
    assert 150_000 < drawn.max() < 200_000


@pytest.mark.parametrize(("null", "statistic"), PAIRS, ids=repr)
def test_no_p_value_is_zero_and_ties_count(null, statistic):
    """P(S > observed) without ties, without the observed value itself, prints p = 0 for the largest value."""
    period = es.Period(ORIGIN, "2007-01-01")
    anchors = es.Events(period.start + np.arange(40, len(period), 200), label="anchors")
    near = (
        anchors.days[:, None] - np.arange(1, 4)
    ).ravel()  # as clustered as can be, but for what a fit needs
    events = es.Events(np.concatenate([near, period.start + np.array([100, 900, 1_500])]), period)
    for method in ("auto", "monte-carlo"):
        result = es.permutation_test(events, anchors, statistic, null, method=method, rng=1, n_resamples=99)
        assert result.pvalue > 0
        if result.method == "monte-carlo":
            assert result.pvalue >= 1 / 100
            values = result.null_distribution
            known = values[~np.isnan(values)]
            extreme = np.count_nonzero(known >= result.observed - 1e-9) + values.size - known.size
            assert result.pvalue == (extreme + 1) / 100
        else:
            at = result.support >= result.observed - 1e-9
            assert result.pvalue == pytest.approx(max(2.3e-308, result.probabilities[at].sum()), rel=1e-9)


def test_a_record_where_nothing_can_differ_has_p_one():
    """A sum that stops one term early gives p = 0 where every arrangement is the observed one."""
    period = es.Period(0, 100)
    everywhere = es.Events(period.days, period)
    for null in [*NULLS[:4], es.ShuffledGaps()]:
        for alternative in ("greater", "less", "two-sided"):
            result = es.permutation_test(
                everywhere,
                es.Events([50]),
                es.WindowCount(BEFORE),
                null,
                alternative=alternative,
                rng=1,
                n_resamples=19,
            )
            assert result.pvalue == pytest.approx(1.0)


def test_a_window_that_covers_a_twentieth_covers_a_twentieth_in_every_draw():
    """Redrawn from its unique values, a treatment of 5 % becomes one of 50 %."""
    events, anchors = series()
    table = es.count_table(events, anchors, {"before": BEFORE})
    inside = es.permutation_test(events, anchors, es.WindowCount(BEFORE), es.UniformDays())
    assert inside.expected == pytest.approx(len(events) * table["before"].mean())
    drawn = es.permutation_test(
        events,
        anchors,
        es.WindowCount(BEFORE),
        es.UniformDays(),
        method="monte-carlo",
        rng=1,
        n_resamples=4_000,
    )
    assert drawn.expected == pytest.approx(inside.expected, rel=0.05)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
@pytest.mark.parametrize(("count", "total"), [(0, 7), (7, 7), (1, 99_999), (4_000, 9_999), (3, 4)])
def test_limits_of_a_share_leave_half_the_rest_on_each_side(count, total, level):
    """A normal quantile multiplied in twice makes limits that mean nothing."""
    low, high = clopper_pearson(count, total, level)
    if count:
        assert stats.binom.sf(count - 1, total, low) == pytest.approx((1 - level) / 2, rel=1e-9)
    if count < total:
        assert stats.binom.cdf(count, total, high) == pytest.approx((1 - level) / 2, rel=1e-9)
    reference = stats.binomtest(count, total).proportion_ci(level, method="exact")
    assert (low, high) == pytest.approx((reference.low, reference.high), abs=1e-10)


def test_an_exact_test_of_ten_thousand_days_neither_overflows_nor_draws():
    """Minutes of work and then an overflow, on an indicator of 10,000 days."""
    rng = np.random.default_rng(1)
    events = es.Events(rng.choice(10_000, 160, replace=False), es.Period(0, 10_000))
    anchors = es.Events(rng.choice(10_000, 60, replace=False))
    result = es.permutation_test(events, anchors, es.WindowCount(BEFORE), es.UniformDays())
    covered = int(BEFORE.coverage(anchors, events.period) * 10_000 + 0.5)
    assert result.method == "exact"
    assert result.pvalue == pytest.approx(
        stats.hypergeom.sf(result.observed - 1, 10_000, covered, 160), rel=1e-12
    )


def test_arrangements_that_cannot_be_listed_are_refused_at_once():
    """(n!) ** 2 arrangements listed until the memory is full."""
    period = es.Period("1971-01-01", "2011-01-01")
    events = es.Events(period.start + np.arange(0, len(period), 50), period)
    for null in (es.ShuffledGaps(), es.UniformDays("year")):
        with pytest.raises(ExactUnavailableError, match="monte-carlo"):
            es.permutation_test(
                events, es.Events(events.days[::9]), es.AnchorsHit(BEFORE), null, method="exact"
            )


@pytest.mark.parametrize(
    "null", [es.ShuffledGaps(), es.SelfExciting(BEFORE, trend=None, harmonics=0)], ids=repr
)
def test_draws_ask_for_a_seed_and_leave_the_global_generators_alone(null):
    before = random.getstate(), np.random.mtrand.get_state()[1].tolist()
    with pytest.raises(RandomnessError, match="rng"):
        es.permutation_test(*series(), es.WindowCount(BEFORE), null)
    one, two, other = (
        es.permutation_test(*series(), es.WindowCount(BEFORE), null, rng=seed, n_resamples=200)
        for seed in (5, 5, 6)
    )
    assert (
        one.null_distribution.tolist() == two.null_distribution.tolist() != other.null_distribution.tolist()
    )
    assert (random.getstate(), np.random.mtrand.get_state()[1].tolist()) == before


def test_the_direction_is_the_callers_and_two_sided_doubles():
    """A tail picked by the sign of the estimate halves every p-value."""
    events, anchors = series()
    p = {
        side: es.permutation_test(
            events, anchors, es.WindowCount(BEFORE), es.CircularShift(), alternative=side
        ).pvalue
        for side in ("greater", "less", "two-sided")
    }
    assert p["greater"] + p["less"] > 1  # ties are in both
    assert p["two-sided"] == min(1.0, 2 * min(p["greater"], p["less"]))
    assert (
        es.permutation_test(events, anchors, es.WindowCount(BEFORE), es.CircularShift()).alternative
        == "greater"
    )


def test_read_only_arrays_as_pandas_hands_out_are_taken_and_left_as_they_are():
    events, anchors = series()
    dates = pd.Series(pd.to_datetime(events.days, unit="D"))
    frozen = dates.to_numpy()
    frozen.flags.writeable = False
    again = es.Events(frozen, events.period)
    assert np.array_equal(again.days, events.days)
    for null in NULLS:
        es.permutation_test(again, anchors, es.WindowCount(BEFORE), null, rng=1, n_resamples=19)
    assert np.array_equal(frozen, dates.to_numpy())


def test_a_far_tail_keeps_its_digits():
    """An FFT product stops at 5e-15, and a test without the observed value at 0: here the answer is 1 / C(3000, 60)."""
    period = es.Period(0, 3_000)
    anchors = es.Events([2_000], period)
    window = es.Window(-60, 0)
    events = es.Events(np.arange(1_940, 2_000), period)
    result = es.permutation_test(events, anchors, es.WindowCount(window), es.UniformDays())
    expected = math.exp(-(math.lgamma(3_001) - math.lgamma(61) - math.lgamma(2_941)))
    assert expected < 1e-120
    assert result.pvalue == pytest.approx(1 / math.comb(3_000, 60), rel=1e-11)
