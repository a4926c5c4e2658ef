"""When draws may stop, and the p-value that is valid then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy.numeric.shares import clopper_pearson

ROUNDING = 1e-13  # of the largest number that is summed: less is a tie


@dataclass(frozen=True, slots=True)
class Tail:
    """Draws at least as extreme as the observed value on one side.

    Parameters
    ----------
    extreme : int
        How many of the draws are.
    draws : int
    stopped : bool
        Whether the last draw is the one that ended the drawing.
    """

    extreme: int
    draws: int
    stopped: bool

    @property
    def pvalue(self) -> float:
        """Share of the draws that are extreme [1]_; with the observed value among them if they did not stop.

        References
        ----------
        .. [1] Besag, J. & Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika 78(2), 301-304.
        """
        return self.extreme / self.draws if self.stopped else (self.extreme + 1) / (self.draws + 1)

    def interval(self, level: float) -> tuple[float, float]:
        """Return the Clopper-Pearson interval of the tail probability.

        Notes
        -----
        If the drawing ended at the l-th draw with the h-th extreme one, a smaller probability would have
        given h or more in l draws less often, and a larger one h - 1 or fewer in l - 1 draws: the two
        limits come from these.
        """
        low, high = clopper_pearson(self.extreme, self.draws, level)
        if not self.stopped:
            return low, high
        return low, clopper_pearson(self.extreme - 1, self.draws - 1, level)[1] if self.draws > 1 else 1.0


@dataclass(frozen=True, slots=True)
class Stop:
    """End the drawing at a number of draws as extreme as the observed value.

    Parameters
    ----------
    number : int
    alternative : {"greater", "less", "two-sided"}
        Two-sided waits for both tails.
    observed, reach : float
        A draw that differs from `observed` by rounding only is a tie; `reach` is the largest number in a sum.
    """

    number: int
    alternative: str
    observed: float
    reach: float

    def __call__(self, values: NDArray[np.float64]) -> bool:
        """Tell whether the draws so far are enough."""
        return all(tail.stopped for tail in self.tails(values).values())

    def tails(self, values: NDArray[np.float64]) -> dict[str, Tail]:
        """Return the tails that the alternative needs, each up to where it stops.

        A draw without a value (nan) counts on both sides.
        """
        slack = ROUNDING * max(abs(self.observed), self.reach)
        extreme = {"greater": ~(values < self.observed - slack), "less": ~(values > self.observed + slack)}
        wanted = extreme if self.alternative == "two-sided" else {self.alternative: extreme[self.alternative]}
        return {side: self._tail(flags) for side, flags in wanted.items()}

    def _tail(self, flags: NDArray[np.bool_]) -> Tail:
        found = np.flatnonzero(flags)
        if found.size >= self.number:
            return Tail(self.number, int(found[self.number - 1]) + 1, True)
        return Tail(int(found.size), flags.size, False)
