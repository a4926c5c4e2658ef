"""Ranks of numbers among equally likely ones, with ties kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.numeric.tails import begins


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Numbers coded by their level among all of them.

    - `codes`, shape (n,): level of each number.
    - `levels`, shape (l,): the different values, rising; some may not occur.
    - `counts`, shape (l,): how many numbers have each level.
    """

    codes: NDArray[np.int64]
    levels: NDArray[Any]
    counts: NDArray[np.int64]

    @property
    def at_most(self) -> NDArray[np.int64]:
        """How many numbers are at most each level, shape (l,)."""
        return np.cumsum(self.counts)

    @property
    def at_least(self) -> NDArray[np.int64]:
        """How many numbers are at least each level, shape (l,)."""
        return np.cumsum(self.counts[::-1])[::-1]


def ranked(numbers: NDArray[Any], slack: float = 0.0) -> Ranked:
    """Return numbers coded by their level.

    `numbers`, shape (n,): n at least 1, none of them nan. `slack`: numbers no further apart than this have
    the same level.
    """
    if numbers.dtype.kind in "iu":
        low, high = int(numbers.min()), int(numbers.max())
        if (
            high - low <= 2 * numbers.size + 1_024
        ):  # a table of all values between is no larger than the numbers
            codes = numbers.astype(np.int64) - low
            return Ranked(codes, np.arange(low, high + 1), np.bincount(codes, minlength=high - low + 1))
    values, codes = np.unique(numbers, return_inverse=True)
    if numbers.dtype.kind == "f":
        first = begins(values, slack)
        values, codes = values[first], (np.cumsum(first) - 1)[codes]
    return Ranked(codes.astype(np.int64), values, np.bincount(codes, minlength=values.size))
