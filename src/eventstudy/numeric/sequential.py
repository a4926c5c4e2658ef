"""Sequential stopping of draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy.numeric.tails import UNKNOWN, ExactTail, Tail, Tails, at_least, at_most


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop at a given number of draws as extreme as the observed value.

    `alternative`: two-sided waits for both tails. `observed`, `slack`: a draw that differs from `observed` by
    no more than `slack` is a tie.
    """

    number: int
    alternative: str
    observed: float
    slack: float

    def __call__(self, values: NDArray[np.float64]) -> bool:
        """Tell whether drawing may stop."""
        return all(tail.stopped for tail in self.tails(values).known)

    def tails(self, values: NDArray[np.float64]) -> Tails:
        """Return the tails that the alternative needs, each up to its stopping point."""
        greater: Tail | ExactTail = UNKNOWN
        less: Tail | ExactTail = UNKNOWN
        if self.alternative != "less":
            greater = self._tail(at_least(values, self.observed, self.slack))
        if self.alternative != "greater":
            less = self._tail(at_most(values, self.observed, self.slack))
        return Tails(greater, less)

    def _tail(self, flags: NDArray[np.bool_]) -> Tail:
        found = np.flatnonzero(flags)
        if found.size >= self.number:
            return Tail(self.number, int(found[self.number - 1]) + 1, True)
        return Tail(int(found.size), flags.size)
