"""Sums over events where whole strata move: a table for each stratum, and one look-up in it for each draw.

What a draw does to a stratum (shift it by so many days, lay it on another year) is one choice out of a
few. The sum of the scores for each choice is computed once; a draw then costs one look-up per stratum,
however many events there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST_TABLE = 134_217_728  # entries; above, the draws themselves are the smaller thing
LARGEST_GATHER = 4_194_304  # entries that are looked up at once


@dataclass(frozen=True, slots=True, eq=False)
class StratumTable:
    """Sums of k scores by stratum and by what a draw does to it.

    Parameters
    ----------
    table : ndarray of int, shape (r, k)
        All choices of the first stratum, then all of the second, and so on.
    first : ndarray of int64, shape (s,)
        Row of each stratum's first choice.
    """

    table: NDArray[np.signedinteger]
    first: NDArray[np.int64]

    def totals(self, choices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sums over strata, shape (size, k), for choices of shape (size, s)."""
        size, strata = choices.shape
        total = np.zeros((size, self.table.shape[1]), np.int64)
        at_once = max(1, LARGEST_GATHER // max(1, total.size))
        for begin in range(0, strata, at_once):
            part = slice(begin, begin + at_once)
            rows = self.table[self.first[part] + choices[:, part]]
            total += rows[:, 0] if rows.shape[1] == 1 else rows.sum(axis=1, dtype=np.int64)
        return total


def stacked(rows: Iterable[NDArray[np.int64]], axis: int = 0) -> NDArray[np.signedinteger]:
    """Return rows of one length on top of each other, or side by side, in the smallest signed type that holds them."""
    kept: list[NDArray[np.signedinteger]] = []
    for row in rows:
        reach = max(-int(row.min(initial=0)) - 1, int(row.max(initial=0)))
        kept.append(row.astype(next(t for t in (np.int16, np.int32, np.int64) if reach <= np.iinfo(t).max)))
    return np.stack(kept, axis=axis, dtype=np.result_type(*kept))
