"""Whole numbers below a bound."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.nulls.bounded import LARGEST_OF_16_BITS, LARGEST_OF_32_BITS, below


class EveryLane:
    """A stand-in for a generator whose words run through every lane of 16 bits once; asked again, it says so."""

    def __init__(self) -> None:
        self.asked_again = 0

    def integers(self, high, size=None, dtype=np.int64):
        if size is not None:
            assert size == (1 << 16) // 4
            return np.arange(1 << 16, dtype="<u2").view("<u8").astype(np.uint64)
        self.asked_again = len(high)
        return np.full(len(high), -1)


@pytest.mark.parametrize("bound", [1, 2, 3, 61, 365, 10_000, LARGEST_OF_16_BITS])
def test_each_number_belongs_to_equally_many_lanes_and_the_others_are_drawn_again(bound):
    generator = EveryLane()
    numbers = below(generator, bound, (1 << 8, 1 << 8)).astype(np.int64)
    kept = numbers.ravel()[numbers.ravel() != (1 << 16) - 1]  # -1 in 16 bits marks the others
    assert (np.bincount(kept, minlength=bound) == (1 << 16) // bound).all()
    assert generator.asked_again == (1 << 16) % bound


@pytest.mark.parametrize(
    "bound", [7, LARGEST_OF_16_BITS + 1, LARGEST_OF_32_BITS, LARGEST_OF_32_BITS + 1, 10**12]
)
def test_numbers_lie_below_the_bound_and_reach_both_ends(bound):
    numbers = below(np.random.default_rng(3), bound, (50, 40)).astype(float)
    assert numbers.shape == (50, 40)
    assert numbers.min() >= 0
    assert numbers.max() < bound
    assert abs(numbers.mean() - (bound - 1) / 2) < 5 * bound / np.sqrt(12 * 2000)


def test_each_column_keeps_to_its_own_bound():
    bounds = np.array([1, 2, 61, 9_000])
    numbers = below(np.random.default_rng(4), bounds, (4_000, 4))
    assert numbers.max(axis=0).tolist()[:3] == [0, 1, 60]
    assert (numbers < bounds).all()
    counts = np.bincount(numbers[:, 2], minlength=61)
    # chi-squared with 60 degrees of freedom is above 130 once in a million
    assert ((counts - 4_000 / 61) ** 2 / (4_000 / 61)).sum() < 130


def test_there_may_be_nothing_to_draw():
    assert below(np.random.default_rng(1), 5, (3, 0)).shape == (3, 0)
