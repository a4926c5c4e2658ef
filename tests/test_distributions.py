"""Finite distributions, held against exact arithmetic with whole numbers and fractions, and against SciPy."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from math import comb, exp, lgamma, log, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eventstudy.errors import ExactUnavailableError
from eventstudy.numeric.distributions import (
    Distribution,
    atoms,
    binomial,
    convolve,
    from_values,
    hypergeometric,
    point,
    poisson,
    poisson_binomial,
    repeated,
)

small = st.dictionaries(st.integers(-6, 9), st.integers(1, 50), min_size=1, max_size=6)


def from_weights(weights):
    """Make a distribution from whole-number weights."""
    low, high, total = min(weights), max(weights), sum(weights.values())
    return Distribution(low, np.array([weights.get(v, 0) / total for v in range(low, high + 1)]))


def as_dict(distribution):
    found = zip(distribution.support.tolist(), distribution.probabilities.tolist(), strict=True)
    return {value: probability for value, probability in found if probability}


def assert_same(distribution, exact, rel=1e-13):
    """Compare with exact fractions, value by value; what is impossible must have no probability at all."""
    assert as_dict(distribution) == pytest.approx(
        {v: float(p) for v, p in exact.items() if p}, rel=rel, abs=0
    )


@given(small)
def test_tails_and_mean_are_sums_over_the_values(weights):
    total = sum(weights.values())
    distribution = from_weights(weights)
    for value in range(-8, 12):
        greater = Fraction(sum(w for v, w in weights.items() if v >= value), total)
        less = Fraction(sum(w for v, w in weights.items() if v <= value), total)
        assert distribution.at_least(value) == pytest.approx(float(greater), rel=1e-14, abs=0)
        assert distribution.at_most(value) == pytest.approx(float(less), rel=1e-14, abs=0)
    mean = Fraction(sum(v * w for v, w in weights.items()), total)
    assert distribution.mean == pytest.approx(float(mean), abs=1e-13)


def test_a_tail_is_never_more_than_one():
    tenths = Distribution(0, np.full(10, 0.1) * (1 + 1e-15))
    assert tenths.at_least(-5) == 1.0
    assert tenths.at_most(20) == 1.0


@given(small, st.integers(-7, 7), st.integers(-4, 4))
def test_shifting_and_multiplying_move_the_values(weights, by, factor):
    total = sum(weights.values())
    expected = Counter()
    for value, weight in weights.items():
        expected[value * factor + by] += Fraction(weight, total)
    assert_same(from_weights(weights).times(factor).shifted(by), expected)


@given(small, st.integers(1, 6))
def test_dividing_keeps_ties_as_ties(weights, number):
    divided = from_weights(weights).over(number)
    plain = from_weights(weights)
    for value in weights:
        assert divided.at_least(value / number) == plain.at_least(value)
        assert divided.at_most(value / number) == plain.at_most(value)
    assert divided.mean == pytest.approx(plain.mean / number, abs=1e-13)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=20))
def test_a_value_picked_at_random_has_its_share(values):
    expected = {v: Fraction(n, len(values)) for v, n in Counter(values).items()}
    assert_same(from_values(np.array(values)), expected)


def test_atoms_join_values_that_differ_by_rounding_only():
    """0.1 + 0.2 and 0.3 are the same number but for the last digit, so they are one value with two thirds."""
    found = atoms(np.array([0.1 + 0.2, 0.3, 0.5]), 1e-12)
    assert found.probabilities.tolist() == pytest.approx([2 / 3, 1 / 3])
    for value in (0.3, 0.1 + 0.2):
        assert found.at_least(value) == 1.0
        assert found.at_most(value) == pytest.approx(2 / 3)
    assert found.at_least(0.31) == pytest.approx(1 / 3)
    assert found.mean == pytest.approx(1.1 / 3)


def hypergeometric_terms(population, marked, drawn):
    """Count the draws by the number of marked items in them, as whole numbers, and all draws."""
    ways = {
        k: comb(marked, k) * comb(population - marked, drawn - k)
        for k in range(max(0, drawn - population + marked), min(marked, drawn) + 1)
    }
    return ways, comb(population, drawn)


def test_hypergeometric_equals_counting_for_every_small_case():
    for population in range(1, 10):
        for marked, drawn in product(range(population + 1), repeat=2):
            ways, total = hypergeometric_terms(population, marked, drawn)
            assert_same(
                hypergeometric(population, marked, drawn), {k: Fraction(w, total) for k, w in ways.items()}
            )


@pytest.mark.parametrize(
    ("population", "marked", "drawn"),
    [(10_000, 800, 160), (1_000_000, 84_000, 16_000), (1_000_000, 3, 999_999), (5_114, 560, 193), (400, 200, 390)],
)  # fmt: skip
def test_hypergeometric_keeps_its_digits_in_the_far_tail(population, marked, drawn):
    """Tails down to 1e-290 agree to ten digits with whole-number arithmetic, on both sides.

    The terms of the tail are summed exactly: each is the one before times a fraction.
    """
    found = hypergeometric(population, marked, drawn)
    low, high = max(0, drawn - population + marked), min(marked, drawn)
    total = comb(population, drawn)
    middle = round(drawn * marked / population)
    for k in {low, (low + middle) // 2, middle, min(middle + 40, high), (middle + high) // 2, high}:
        # The tail beyond k: its first term exactly, then by neighbours' ratios, until they do not matter.
        for direction in (1, -1):
            term = tail = comb(marked, k) * comb(population - marked, drawn - k) * 10**40
            j = k
            while low <= j + direction <= high and term * 10**15 > tail:
                if direction == 1:
                    term = (
                        term * (marked - j) * (drawn - j) // ((j + 1) * (population - marked - drawn + j + 1))
                    )
                else:
                    term = (
                        term * j * (population - marked - drawn + j) // ((marked - j + 1) * (drawn - j + 1))
                    )
                tail += term
                j += direction
            expected = Fraction(tail, total * 10**40)
            if expected > Fraction(1, 10**290):
                one = found.at_least(k) if direction == 1 else found.at_most(k)
                assert one == pytest.approx(float(expected), rel=1e-10, abs=0)


def test_the_far_tail_below_1e_150_has_its_digits():
    """All of 60 events on the 1,000 window days of a million: a product of 60 fractions, about 1e-181."""
    days, window, events = 1_000_000, 1_000, 60
    exact = Fraction(prod(range(window - events + 1, window + 1)), prod(range(days - events + 1, days + 1)))
    assert Fraction(1, 10**182) < exact < Fraction(1, 10**180)
    assert hypergeometric(days, window, events).at_least(events) == pytest.approx(
        float(exact), rel=1e-12, abs=0
    )


def test_convolved_strata_keep_their_digits_in_the_far_tail():
    """Thirteen years of 365 days and window days and events that differ: the tail of all events in the window."""
    years = [(365 + (j % 4 == 0), 20 + 3 * j, 5 + j % 7) for j in range(13)]
    exact = {0: 1}
    total = 1
    for population, marked, drawn in years:
        ways, all_ways = hypergeometric_terms(population, marked, drawn)
        joined = Counter()
        for (a, x), (b, y) in product(exact.items(), ways.items()):
            joined[a + b] += x * y
        exact, total = joined, total * all_ways
    found = convolve(hypergeometric(*year) for year in years)
    smallest = 1.0
    for value in exact:
        tail = float(Fraction(sum(w for v, w in exact.items() if v >= value), total))
        smallest = min(smallest, tail)
        assert found.at_least(value) == pytest.approx(tail, rel=1e-12, abs=0)
        other = float(Fraction(sum(w for v, w in exact.items() if v <= value), total))
        assert found.at_most(value) == pytest.approx(other, rel=1e-12, abs=0)
    assert smallest < 1e-70
    assert found.probabilities.sum() == pytest.approx(1.0, abs=1e-13)


@given(st.lists(small, max_size=5))
def test_convolution_is_the_distribution_of_the_sum(parts):
    exact = Counter({0: Fraction(1)})
    for weights in parts:
        joined = Counter()
        for (a, p), (b, w) in product(exact.items(), weights.items()):
            joined[a + b] += p * Fraction(w, sum(weights.values()))
        exact = joined
    assert_same(convolve(from_weights(weights) for weights in parts), exact)
    assert_same(convolve(from_weights(weights) for weights in parts[::-1]), exact)


@given(small, st.integers(0, 6))
def test_repeating_is_convolving_with_oneself(weights, number):
    plain = from_weights(weights)
    assert as_dict(repeated(plain, number)) == pytest.approx(as_dict(convolve([plain] * number)), rel=1e-13)


def test_a_sum_of_too_many_values_is_refused_before_it_is_begun():
    flat = Distribution(0, np.full(70_000, 1 / 70_000))
    with pytest.raises(
        ExactUnavailableError, match=r"^exact distribution: .* too many values .*; use method='monte-carlo'"
    ):
        convolve([flat, flat])


def test_trimming_takes_off_only_what_has_lost_its_digits():
    trimmed = Distribution(5, np.array([0.0, 1e-310, 0.5, 0.0, 0.5, 5e-324])).trimmed()
    assert (trimmed.low, trimmed.probabilities.tolist()) == (7, [0.5, 0.0, 0.5])


@pytest.mark.parametrize("numerator", [1, 3, 8, 13, 15])
@pytest.mark.parametrize("trials", [1, 2, 7, 60])
def test_binomial_equals_exact_fractions(trials, numerator):
    p = Fraction(numerator, 16)  # a probability that float64 holds exactly
    exact = {k: comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(trials + 1)}
    assert_same(binomial(trials, float(p)), exact)


def test_certain_and_impossible_successes_are_points():
    assert as_dict(binomial(7, 0.0)) == as_dict(point(0)) == {0: 1.0}
    assert as_dict(binomial(7, 1.0)) == {7: 1.0}
    assert as_dict(poisson(0.0)) == {0: 1.0}


@pytest.mark.parametrize("mean", [1e-3, 0.7, 12.5, 160.0, 16_000.0])
def test_poisson_has_its_probabilities(mean):
    found = poisson(mean)
    for value in {0, 1, int(mean), int(1.3 * mean) + 2, int(0.8 * mean)} & set(found.support.tolist()):
        expected = exp(value * log(mean) - mean - lgamma(value + 1))
        rel = 1e-14 * max(
            10.0, mean * abs(log(mean)), value * 12.0
        )  # what the logarithms leave of the digits
        assert found.probabilities[value - found.low] == pytest.approx(expected, rel=rel, abs=0)
    assert found.probabilities.sum() == pytest.approx(1.0, abs=1e-12)
    assert found.mean == pytest.approx(mean, rel=1e-12)
    for value in (int(2 * mean) + 5, int(1.5 * mean)):
        assert found.at_least(value) == pytest.approx(stats.poisson.sf(value - 1, mean), rel=1e-8, abs=0)


@given(st.lists(st.sampled_from([0, 1, 2, 3, 5, 8, 11, 15, 16]), max_size=11))
def test_poisson_binomial_equals_enumeration(sixteenths):
    chances = [Fraction(n, 16) for n in sixteenths]
    exact = Counter()
    for outcome in product((0, 1), repeat=len(chances)):
        exact[sum(outcome)] += prod(
            (p if hit else 1 - p for p, hit in zip(chances, outcome, strict=True)), start=Fraction(1)
        )
    assert_same(poisson_binomial(np.array([float(p) for p in chances])), exact)


def test_poisson_binomial_keeps_its_digits_when_many_different_trials_must_all_succeed():
    chances = np.arange(1, 301) / 1024.0  # float64 holds these exactly
    expected = prod((Fraction(k, 1024) for k in range(1, 301)), start=Fraction(1))
    assert expected < Fraction(1, 10**280)
    assert poisson_binomial(chances).at_least(300) == pytest.approx(float(expected), rel=1e-12, abs=0)
    assert poisson_binomial(chances).mean == pytest.approx(chances.sum(), rel=1e-12)
