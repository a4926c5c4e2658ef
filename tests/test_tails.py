"""One rule for ties: p-values of statistics that are no whole numbers, against arithmetic without rounding."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import eventstudy as es
from eventstudy.evaluation.ties import tie_slacks
from eventstudy.evaluation.values import evaluation
from eventstudy.numeric.tails import (
    Tails,
    at_least,
    at_most,
    begins,
    clopper_pearson,
    rejects,
    rounding,
    tail,
)

ALTERNATIVES = ("greater", "less", "two-sided")
ANCHORS = es.Events(["2012-02-01"], label="anchors")


def unreduced(events, anchors):
    """Length of the mean direction of weekdays; the angles are as large as day numbers are."""
    return np.abs(np.exp(2j * np.pi * events / 7).mean(axis=-1))


def reduced(events, anchors):
    return np.abs(np.exp(2j * np.pi * (events % 7) / 7).mean(axis=-1))


def total(events, anchors):
    return np.abs(np.exp(2j * np.pi * (events % 7) / 7).sum(axis=-1))


def squared(events, anchors):
    angle = 2 * np.pi * events / 7
    return np.cos(angle).sum(axis=-1) ** 2 + np.sin(angle).sum(axis=-1) ** 2


LENGTHS = [unreduced, reduced, total, squared]


def weekdays_even(events, anchors):
    """Whether all weekdays hold the same number of days: the length is 0 then, and only then."""
    counts = np.stack([(events % 7 == weekday).sum(axis=-1) for weekday in range(7)])
    return (counts == counts[0]).all(axis=0).astype(int)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_where_every_shift_gives_0_the_pvalue_is_1(length, alternative):
    """Whole weeks go round in whole weeks, so every shift keeps one event on each weekday."""
    period, null = es.Period("2012-01-02", "2012-04-02"), es.CircularShift()
    events = es.Events(period.start + 7 * np.array([0, 1, 2, 4, 7, 8, 11]) + np.arange(7), period)
    drawn = {"method": "monte-carlo", "rng": 1, "n_resamples": 500}
    exact = es.permutation_test(events, ANCHORS, length, null, alternative=alternative)
    assert (exact.method, exact.pvalue, exact.support.size) == ("exact", 1.0, 1)
    assert es.permutation_test(events, ANCHORS, length, null, alternative=alternative, **drawn).pvalue == 1.0
    stopped = es.permutation_test(
        events, ANCHORS, length, null, alternative=alternative, **drawn, sequential=20
    )
    assert (stopped.pvalue, stopped.n_resamples) == (1.0, 20)
    for how in ({}, drawn):
        family = es.permutation_family(
            events, ANCHORS, {"length": length}, null, alternative=alternative, **how
        )
        assert family.pvalue.tolist() == family.pvalue_adjusted.tolist() == [1.0]


@pytest.mark.parametrize("length", LENGTHS)
def test_an_observed_0_ties_with_the_draws_that_are_0_in_exact_arithmetic(length):
    """Seven events on seven weekdays; the draws that have them so too are counted by their weekdays."""
    period = es.Period("2012-01-02", "2014-01-06")
    events = es.Events(period.start + 7 * np.array([0, 60, 11, 31, 90, 18, 77]) + np.arange(7), period)
    null, n = es.UniformDays(), 20_000
    options = {"alternative": "less", "method": "monte-carlo", "rng": 3, "n_resamples": n}
    even = es.permutation_test(events, ANCHORS, weekdays_even, null, **(options | {"alternative": "greater"}))
    result = es.permutation_test(events, ANCHORS, length, null, **options)
    assert 50 < n * even.pvalue < 1_000  # 7! / 7 ** 7 is 0.0061
    assert result.pvalue == even.pvalue
    stopped = es.permutation_test(events, ANCHORS, length, null, **options, sequential=n)
    assert stopped.pvalue == even.pvalue
    family = es.permutation_family(events, ANCHORS, {"length": length}, null, **options)
    assert family.pvalue.tolist() == [even.pvalue]


@dataclass(frozen=True)
class Weighted(es.Statistic):
    """Sum of weights that are decimal fractions, by the day's number."""

    weights: tuple[str, ...]

    def __call__(self, events, anchors):
        return np.array([float(weight) for weight in self.weights])[events].sum(axis=-1)


@dataclass(frozen=True)
class WeightedScores(Weighted):
    """The same with its scores known."""

    def scores(self, period, anchors):
        return np.array([float(weight) for weight in self.weights])[period.days]


decimals = st.decimals(-3, 3, places=1).map(str)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(decimals, min_size=6, max_size=6), st.lists(st.integers(0, 5), min_size=1, max_size=5), st.data()
)
def test_exact_pvalues_are_those_of_arithmetic_with_fractions(weights, days, data):
    """All placements of the events on two strata of three days, their sums without any rounding."""
    events, anchors = es.Events(days, es.Period(0, 6)), es.Events([3])
    null = es.CircularShift(within=[3])
    days = sorted(days)
    used = sorted({day // 3 for day in days})
    sums = []
    for shifts in product(range(3), repeat=len(used)):
        by = dict(zip(used, shifts, strict=True))
        sums.append(sum(Fraction(weights[day // 3 * 3 + (day % 3 + by[day // 3]) % 3]) for day in days))
    observed = sums[0]
    greater = Fraction(sum(value >= observed for value in sums), len(sums))
    less = Fraction(sum(value <= observed for value in sums), len(sums))
    for statistic in (Weighted(tuple(weights)), WeightedScores(tuple(weights))):
        result = es.permutation_test(events, anchors, statistic, null)
        assert result.method == "exact"
        assert (result.pvalue_greater, result.pvalue_less) == pytest.approx(
            (float(greater), float(less)), rel=1e-12
        )
        assert result.support.size == len(set(sums))


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1.0, 1e12])
def test_the_unit_of_a_statistic_does_not_matter(scale):
    """Terms in another unit: the same ties."""
    period = es.Period("2012-01-02", "2012-04-02")
    events = es.Events(period.start + 3 * np.arange(14), period)
    plain = es.permutation_test(events, ANCHORS, total, es.CircularShift(), alternative="less")
    scaled = es.permutation_test(
        events, ANCHORS, lambda e, a: scale * total(e, a), es.CircularShift(), alternative="less"
    )
    assert scaled.pvalue == plain.pvalue


@dataclass(frozen=True)
class Length(es.Statistic):
    """Length of the sum of weekdays as directions, made from two sums of scores."""

    def __call__(self, events, anchors):
        return total(events, anchors)

    def scores(self, period, anchors):
        angle = 2 * np.pi * period.days / 7
        return np.stack([np.cos(angle), np.sin(angle)])

    def value(self, sums, observed=None):
        return np.hypot(sums[..., 0], sums[..., 1])


@dataclass(frozen=True)
class Wave(es.Statistic):
    """Sum of one wave of seven days."""

    def __call__(self, events, anchors):
        return np.cos(2 * np.pi * events / 7).sum(axis=-1)

    def scores(self, period, anchors):
        return np.cos(2 * np.pi * period.days / 7)


@pytest.mark.parametrize("statistic", [Length(), Wave()])
@pytest.mark.parametrize("how", [{}, {"method": "monte-carlo", "rng": 1, "n_resamples": 300}])
def test_sums_of_known_scores_that_are_0_tie(statistic, how):
    period = es.Period("2012-01-02", "2012-04-02")
    events = es.Events(period.start + 7 * np.array([0, 1, 2, 4, 7, 8, 11]) + np.arange(7), period)
    for alternative in ALTERNATIVES:
        result = es.permutation_test(
            events, ANCHORS, statistic, es.CircularShift(), alternative=alternative, **how
        )
        assert (result.pvalue, result.support.size) == (1.0, 1)


def test_a_statistic_that_is_defined_on_the_draws_alone_is_enough():
    """Two events in each half, which shifts within halves keep; else the mean distance is 0 / 0, or refused."""

    def divides(events, anchors):
        first = (events < 5).sum(axis=-1)
        return (events * (events < 5)).sum(axis=-1) / (first * (first == 2))

    def raises(events, anchors):
        if ((events < 5).sum(axis=-1) != 2).any():
            raise ValueError("two events in each half, please")
        return (events**2).mean(axis=-1) / 3

    events = es.Events([0, 2, 6, 9], es.Period(0, 10))
    for statistic in (divides, raises):
        result = es.permutation_test(events, es.Events([5]), statistic, es.CircularShift(within=[5]))
        assert result.method == "exact"
        assert 0 < result.pvalue <= 1


def test_infinite_values_are_counted():
    def latest(events, anchors):
        return np.where(events.max(axis=-1) >= 9, np.inf, events.max(axis=-1) / 3)

    result = es.permutation_test(
        es.Events([0, 9], es.Period(0, 10)), es.Events([5]), latest, es.CircularShift()
    )
    assert result.pvalue == pytest.approx(0.2)  # either event on day 9


def likelihood(events, anchors):
    """A product of small numbers, right to its last digits."""
    return np.prod(1e-3 * (1.0 + 0.1 * (events % 97)), axis=-1)


def test_different_products_are_no_ties_however_small_they_are():
    """Every value is near 1e-200, and the p-value is that of the logarithms."""
    period = es.Period("2012-01-01", "2016-01-01")
    events = es.Events(np.random.default_rng(5).integers(period.start, period.stop, 90), period)
    options = {"method": "monte-carlo", "rng": 1, "n_resamples": 999}
    product_ = es.permutation_test(events, ANCHORS, likelihood, es.UniformDays(), **options)
    log = es.permutation_test(
        events,
        ANCHORS,
        lambda e, a: np.log(1e-3 * (1.0 + 0.1 * (e % 97))).sum(axis=-1),
        es.UniformDays(),
        **options,
    )
    assert 0 < product_.observed < 1e-100
    assert product_.pvalue == log.pvalue < 1.0


def test_values_that_differ_by_more_than_rounding_are_no_ties():
    """Two days differ by a part in 10**9 of the terms: one of the ten shifts is larger."""
    weights = ("1", *["0"] * 8, "1.000000001")
    events, anchors = es.Events([0], es.Period(0, 10)), es.Events([5])
    for statistic in (Weighted(weights), WeightedScores(weights)):
        assert es.permutation_test(events, anchors, statistic, es.CircularShift()).pvalue == pytest.approx(
            0.2
        )


def test_whole_numbers_need_no_tolerance():
    period = es.Period(0, 50)
    events, anchors = es.Events([1, 4, 9], period), es.Events([20])
    window = es.Window(-5, 0)
    statistics = [
        es.WindowCount(window),
        es.AnchorsHit(window),
        es.NearestLag(),
        es.WindowContrast(window, es.Window(1, 6)),
    ]
    assert tie_slacks(evaluation(events, [(statistic, anchors) for statistic in statistics])) == [0.0] * 4


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_the_tolerance_covers_the_order_of_the_sum(terms, random):
    """Against Fraction: the sum in any order is within half of the tolerance of the exact one."""
    exact = sum(map(Fraction, terms))
    size = float(sum(abs(Fraction(term)) for term in terms))
    for _ in range(5):
        random.shuffle(terms)
        running = 0.0
        for term in terms:
            running += term
        assert abs(Fraction(running) - exact) <= Fraction(rounding(size, len(terms))) / 2


def test_a_value_that_is_not_known_counts_on_both_sides():
    values = np.array([1.0, np.nan, 3.0])
    assert at_least(values, 2.0).tolist() == [False, True, True]
    assert at_most(values, 2.0).tolist() == [True, True, False]
    assert Tails.drawn(values, 2.0).pvalue("greater") == 0.75


def test_infinite_values_tie_with_each_other_only():
    assert begins(np.array([-np.inf, -np.inf, 0.0, np.inf, np.inf])).tolist() == [
        True,
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_draws_and_arrangements_by_counting(alternative):
    values = np.array([3, 1, 4, 1, 5, 9, 2, 6])
    up, down = sum(v >= 5 for v in values), sum(v <= 5 for v in values)
    own = {
        "greater": (up + 1) / 9,
        "less": (down + 1) / 9,
        "two-sided": min(1, 2 * min(up + 1, down + 1) / 9),
    }
    listed = {"greater": up / 8, "less": down / 8, "two-sided": min(1, 2 * min(up, down) / 8)}
    assert Tails.drawn(values, 5).pvalue(alternative) == own[alternative]
    assert Tails.listed(values, 5).pvalue(alternative) == listed[alternative]
    assert Tails.listed(values, 5).interval(alternative, 0.95) == (listed[alternative],) * 2
    low, high = Tails.drawn(values, 5).interval(alternative, 0.95)
    assert low < own[alternative] < high


def test_a_tail_of_arrays_is_that_of_each_entry():
    up, down = np.array([1, 4, 6]), np.array([6, 4, 1])
    assert tail("two-sided", up, down, 6).tolist() == [
        tail("two-sided", u, d, 6) for u, d in zip(up, down, strict=True)
    ]


def test_no_exact_tail_is_0():
    assert Tails.exact(0.0, 1.0).pvalue("greater") == np.finfo(float).tiny


@pytest.mark.parametrize("total_", [1, 7, 400])
def test_clopper_pearson_ends_where_the_binomial_tail_is_half_of_the_rest(total_):
    counts = np.arange(total_ + 1)
    low, high = clopper_pearson(counts, total_, 0.9)
    assert stats.binom.sf(counts[1:] - 1, total_, low[1:]) == pytest.approx(0.05)
    assert stats.binom.cdf(counts[:-1], total_, high[:-1]) == pytest.approx(0.05)
    assert (low[0], high[-1]) == (0.0, 1.0)
    assert [clopper_pearson(int(k), total_, 0.9) for k in counts] == list(zip(low, high, strict=True))


def test_a_pvalue_equal_to_the_level_rejects():
    assert rejects(np.array([0.05, 0.1 + 0.2 - 0.25, 0.0500001, 0.049]), 0.05).tolist() == [
        True,
        True,
        False,
        True,
    ]
