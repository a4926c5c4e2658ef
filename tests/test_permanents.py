"""The permanent as a polynomial, held against every permutation and against whole-number theory."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstudy.errors import ExactUnavailableError
from eventstudy.numeric.permanents import permanent_polynomial, permanent_polynomials


def permutations_counted(table):
    k = len(table)
    return Counter(int(sum(table[i][p[i]] for i in range(k))) for p in permutations(range(k)))


@settings(max_examples=120)
@given(
    st.integers(1, 6), st.integers(0, 2**32), st.sampled_from([(0, 2), (-4, 9), (0, 40), (3, 4), (-900, 900)])
)
def test_permanent_polynomial_equals_every_permutation(k, seed, span):
    rng = np.random.default_rng(seed)
    table = rng.integers(*span, size=(k, k))
    if (
        seed % 3 == 0
    ):  # equal columns, constant rows and sums of both: the short cuts must not change the answer
        table[:, rng.integers(k, size=2)] = table[:, [0]]
        table[rng.integers(k)] = 2
        table += rng.integers(-5, 6, size=(1, k)) + rng.integers(-5, 6, size=(k, 1))
    before = table.copy()
    low, ways = permanent_polynomial(table)
    assert {low + i: int(n) for i, n in enumerate(ways) if n} == permutations_counted(table)
    assert ways[0] > 0  # low is the smallest sum, and nothing hangs over at the end
    assert ways[-1] > 0
    assert (table == before).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10), st.integers(0, 2**32), st.sampled_from([(0, 2), (-4, 9), (0, 200), (3, 4)]))
def test_several_tables_at_once_are_counted_as_each_alone(k, seed, span):
    rng = np.random.default_rng(seed)
    tables = rng.integers(*span, size=(4, k, k))
    tables[0] = 0
    tables[1, :, rng.integers(k, size=2)] = 7
    tables[2] += rng.integers(-5, 6, size=(1, k)) + rng.integers(-5, 6, size=(k, 1))
    before = tables.copy()
    for (low, ways), table in zip(permanent_polynomials(tables), tables, strict=True):
        alone, counted = permanent_polynomial(table)
        assert (low, ways.tolist()) == (alone, counted.tolist())
    assert (tables == before).all()


@pytest.mark.parametrize("k", [14, 15])
def test_tables_of_the_largest_size_at_once_and_beyond_are_counted_as_each_alone(k):
    tables = np.random.default_rng(k).integers(0, 3, size=(2, k, k))
    for (low, ways), table in zip(permanent_polynomials(tables), tables, strict=True):
        alone, counted = permanent_polynomial(table)
        assert (low, ways.tolist()) == (alone, counted.tolist())
        assert ways.sum() == math.factorial(k)


def test_permanent_polynomial_equals_every_permutation_of_eight():
    table = np.random.default_rng(8).integers(0, 4, size=(8, 8))
    low, ways = permanent_polynomial(table)
    assert {low + i: int(n) for i, n in enumerate(ways) if n} == permutations_counted(table)


@pytest.mark.parametrize("k", [13, 20])
def test_the_permutations_add_up_to_the_factorial_and_have_the_right_moments(k):
    """The mean of the sum is the total over k; its variance is that of Hoeffding's combinatorial sum.

    Hoeffding (1951), A combinatorial central limit theorem, Annals of Mathematical Statistics 22(4),
    558-566, Theorem 2: the variance is the sum of squares of the doubly centred table over k - 1.
    """
    table = np.random.default_rng(k).integers(0, 3, size=(k, k))
    low, ways = permanent_polynomial(table)
    counts = [int(n) for n in ways]
    assert sum(counts) == math.factorial(k)
    sums = [low + i for i in range(len(counts))]
    mean = Fraction(sum(s * n for s, n in zip(sums, counts, strict=True)), math.factorial(k))
    assert mean == Fraction(int(table.sum()), k)
    square = Fraction(sum(s * s * n for s, n in zip(sums, counts, strict=True)), math.factorial(k))
    centred = table - table.mean(axis=0) - table.mean(axis=1)[:, None] + table.mean()
    assert float(square - mean**2) == pytest.approx((centred**2).sum() / (k - 1), rel=1e-12)


def test_twenty_strata_of_which_most_are_alike_are_counted_exactly():
    """Nineteen rows of zeros and one of 0..19: each sum in (20 - 1)! ways, more than float64 holds exactly."""
    table = np.zeros((20, 20), np.int64)
    table[4] = np.arange(20)
    low, ways = permanent_polynomial(table)
    assert low == 0
    assert ways.tolist() == [math.factorial(19)] * 20


def test_twenty_strata_with_two_different_diagonals_are_counted_exactly():
    """Ones on the diagonal: permutations by fixed points, the rencontres numbers."""
    low, ways = permanent_polynomial(np.eye(20, dtype=np.int64))
    derangements = [1, 0]
    for n in range(2, 21):
        derangements.append((n - 1) * (derangements[-1] + derangements[-2]))
    assert low == 0
    assert ways.tolist() == [math.comb(20, j) * derangements[20 - j] for j in range(19)] + [0, 1]


def test_a_table_with_too_many_sums_is_refused_before_it_is_begun():
    table = np.random.default_rng(0).integers(0, 100_000, size=(20, 20))
    with pytest.raises(
        ExactUnavailableError, match=r"^exact distribution: .* 20 strata .*; use method='monte-carlo'$"
    ):
        permanent_polynomial(table)
