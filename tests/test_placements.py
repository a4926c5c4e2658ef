"""Days dealt out at random: sums of scores held against permutations, and whole numbers far out in the tail."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eventstudy.errors import ExactUnavailableError
from eventstudy.numeric.placements import placed


def assert_exact(found, exact):
    got = {v: p for v, p in zip(found.support.tolist(), found.probabilities.tolist(), strict=True) if p}
    assert got == pytest.approx({v: float(p) for v, p in exact.items()}, rel=1e-12, abs=0)


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.sampled_from([-3, -1, 0, 0, 1, 2, 5]), st.integers(0, 3)), min_size=1, max_size=7
    ).filter(lambda days: any(count for _, count in days))
)
def test_sums_equal_those_of_every_permutation(days):
    scores, counts = zip(*days, strict=True)
    sums = Counter(sum(c * s for c, s in zip(order, scores, strict=True)) for order in permutations(counts))
    exact = {value: Fraction(n, math.factorial(len(days))) for value, n in sums.items()}
    before = np.array(scores), np.array(counts)
    given_scores, given_counts = before[0].copy(), before[1].copy()
    assert_exact(placed(given_scores, given_counts), exact)
    assert (given_scores == before[0]).all()
    assert (given_counts == before[1]).all()


def test_events_on_every_day_and_scores_that_are_all_alike_leave_one_sum():
    assert_exact(placed(np.array([4, 4, 4]), np.array([0, 2, 1])), {12: Fraction(1)})
    assert_exact(placed(np.array([1, 2, 6]), np.array([2, 2, 2])), {18: Fraction(1)})


CASES = {
    "12 events on 3,000 days of four scores": (12, {0: 2_990, -2: 4, 1: 3, 5: 3}),
    "150 events on 3,000 days of three scores": (150, {0: 2_000, 1: 600, -1: 400}),
    "200 events on 10,000 days, 1e423 sets of days": (200, {0: 9_393, -2: 600, 1: 4, 5: 3}),
}


@pytest.mark.parametrize("repeats", [1, 2])
@pytest.mark.parametrize(("number", "levels"), CASES.values(), ids=CASES.keys())
def test_many_days_and_several_scores_equal_the_count_of_sets_of_days(number, levels, repeats):
    """How many of the events' days fall on each score, by whole numbers; sums down to one in 1e250."""
    ways = Counter()
    base, *worth = levels
    for taken in product(*(range(min(levels[w], number) + 1) for w in worth)):
        rest = number - sum(taken)
        if rest >= 0:
            sets = math.comb(levels[base], rest) * math.prod(
                map(math.comb, (levels[w] for w in worth), taken)
            )
            ways[repeats * sum(w * t for w, t in zip(worth, taken, strict=True))] += sets
    days = sum(levels.values())
    assert sum(ways.values()) == math.comb(days, number)
    found = placed(np.repeat(list(levels), list(levels.values())), repeats * (np.arange(days) < number))
    exact = {value: Fraction(n, math.comb(days, number)) for value, n in ways.items()}
    assert {value for value, p in exact.items() if p > 1e-300} <= set(found.support.tolist())
    for value, p in zip(found.support.tolist(), found.probabilities.tolist(), strict=True):
        assert p == pytest.approx(float(exact.get(value, 0)), rel=1e-10, abs=0)


def test_repeated_days_keep_their_digits_in_the_far_tail():
    """145 days with one event and 15 with two on 10,000 days: by whole numbers, and down to all in the window."""
    rng = np.random.default_rng(9)
    days = rng.choice(10_000, 160, replace=False)
    scores = np.zeros(10_000, np.int64)
    scores[rng.choice(10_000, 800, replace=False)] = -2
    ways = Counter()
    for two, one in product(range(16), range(146)):
        ways[two + two + one] += (
            math.comb(800, two)
            * math.comb(9_200, 15 - two)
            * math.comb(800 - two, one)
            * math.comb(9_200 - 15 + two, 145 - one)
        )
    total = math.comb(10_000, 15) * math.comb(9_985, 145)
    assert sum(ways.values()) == total
    found = placed(scores, np.bincount([*days, *days[:15]], minlength=10_000))
    for k in (0, 3, 14, 30, 100, 150, 175):
        expected = float(Fraction(sum(n for value, n in ways.items() if value >= k), total))
        assert found.at_most(-2 * k) == pytest.approx(expected, rel=1e-11, abs=0)


def test_a_contrast_of_windows_on_a_million_days_has_its_moments_and_its_tail():
    """Sampling without replacement: the variance of the sum is n times that of a day times (N - n) / (N - 1)."""
    rng = np.random.default_rng(10)
    length, n, half = 1_000_000, 16_000, 80_000
    scores = np.zeros(length, np.int64)
    apart = rng.choice(length, 2 * half, replace=False)
    scores[apart[:half]], scores[apart[half:]] = 1, -1
    days = rng.choice(length, n, replace=False)
    found = placed(scores, np.bincount(days, minlength=length))
    variance = float((found.support - found.mean) ** 2 @ found.probabilities)
    assert found.mean == pytest.approx(0, abs=1e-9)
    assert variance == pytest.approx(n * 2 * half / length * (length - n) / (length - 1), rel=1e-10)
    assert found.at_least(300) == pytest.approx(found.at_most(-300), rel=1e-10)
    assert found.at_least(300) == pytest.approx(stats.norm.sf(299.5 / variance**0.5), rel=0.01)


def test_distances_as_scores_equal_sampling_term_by_term():
    """Six events on 40 days with as many scores: the mean over all C(40, 6) sets, and the ends by hand."""
    scores = [(7 * d) % 31 - 15 for d in range(40)]
    found = placed(np.array(scores), np.repeat([1, 0], [6, 34]))
    ordered = sorted(scores)
    assert (found.low, int(found.support[-1])) == (sum(ordered[:6]), sum(ordered[-6:]))
    assert found.mean == pytest.approx(6 * sum(scores) / 40, abs=1e-9)
    ways = {(0, 0): 1}  # (days taken, sum) to number of sets, day after day
    for score in scores:
        more = Counter(ways)
        for (taken, total), count in ways.items():
            if taken < 6:
                more[taken + 1, total + score] += count
        ways = more
    exact = {total: Fraction(count, math.comb(40, 6)) for (taken, total), count in ways.items() if taken == 6}
    assert_exact(found, exact)


def test_what_would_take_too_long_is_refused_with_a_way_out():
    rng = np.random.default_rng(8)
    scores, counts = rng.integers(0, 300, 1_000), rng.integers(0, 6, 1_000)
    text = r"^UniformDays: 287 different scores on \d+ days .* too long to compute; use method='monte-carlo'$"
    with pytest.raises(ExactUnavailableError, match=text):
        placed(scores, counts)
