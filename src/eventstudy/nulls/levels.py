"""Sums of a score with few values: draws the number of events on days of each value, not the day of each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

COST = 8  # drawing a count costs about as much as placing this many events
MOST_LEVELS = 4


@dataclass(frozen=True, slots=True, eq=False)
class LevelSums:
    """Sums on draws in which groups of events fall on days of each level, independently of each other.

    - `levels`, shape (v,): the values of the score.
    - `weights`, shape (g, v): days of each level available to the events of a group, or the probability of
      each level for one event.
    - `numbers`, shape (g,): events of each group.
    - `kind`: distinct days, so that counts are hypergeometric, or independent events, so that they are
      multinomial.
    """

    levels: NDArray[np.int64]
    weights: NDArray[np.int64] | NDArray[np.float64]
    numbers: NDArray[np.int64]
    kind: Literal["without replacement", "independent"]

    @property
    def pays(self) -> bool:
        """Whether this costs less than placing each event."""
        return self.levels.size <= MOST_LEVELS and COST * self.weights.size <= self.numbers.sum()

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[np.int64]:
        """Return the sums on `size` draws, shape (size, 1)."""
        total = np.zeros(size, np.int64)
        for weights, number in zip(self.weights, self.numbers.tolist(), strict=True):
            if self.kind == "independent":
                counts = rng.multinomial(number, weights, size)
            else:
                counts = rng.multivariate_hypergeometric(weights, number, size, method="marginals")
            total += counts @ self.levels
        return total[:, None]


def days_of_level(score: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the values of a score, shape (v,), and how many days before each day have them, shape (v, days + 1)."""
    levels, place = np.unique(score, return_inverse=True)
    if levels.size > MOST_LEVELS:
        return levels, np.zeros((levels.size, 0), np.int64)
    before = np.zeros((levels.size, score.size + 1), np.int64)
    for level in range(levels.size):
        np.cumsum(place == level, out=before[level, 1:])
    return levels, before
