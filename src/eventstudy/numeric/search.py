"""Many searches in one rising array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class GuidedSearch:
    """Finds the first index of a rising array above a value, with a guide table of starting points.

    The starting point is mostly the answer or one before it, which saves most of the time of a binary search [1]_.

    `upto`, shape (days + 1,): rising; the last entry is infinite. `guide`, shape (days + 1,): where to begin
    for values from ``k / scale``; the last entry is for values above all.

    .. [1] Chen, H.-C. & Asau, Y. (1974). On generating random variates from an empirical distribution. AIIE
       Transactions 6(2), 163-166.
    """

    upto: NDArray[np.float64]
    guide: NDArray[np.int64]
    scale: float

    @classmethod
    def of(cls, upto: NDArray[np.float64]) -> GuidedSearch:
        """Make the guide of a rising array of float64, shape (days,)."""
        scale = upto.size / float(upto[-1])
        begin = (np.arange(upto.size + 1) - 1e-6) / scale  # slightly early, as products are rounded
        return cls(np.append(upto, np.inf), np.searchsorted(upto, begin, side="right"), scale)

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the indices, same shape; the number of days where a value is above all."""
        index = self.guide.take((values * self.scale).astype(np.int64), mode="clip")
        flat, wanted = index.ravel(), values.ravel()
        behind = np.flatnonzero(self.upto.take(flat) <= wanted)
        flat[behind] += 1
        behind = behind[self.upto.take(flat[behind]) <= wanted[behind]]
        flat[behind] = np.searchsorted(self.upto, wanted[behind], side="right")
        return index
