"""Sums of scores over the events of draws, by look-up in precomputed tables.

Where whole strata move, what a draw does to a stratum (shift it by some days, move it to another year) is one
of a few choices. The sum of the scores for each choice is computed once; a draw then costs one look-up per
stratum, however many events there are. Where events move independently, a draw costs one look-up per event, in a
table of scores by day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.events import Events, observed_period
from eventstudy.nulls.levels import LevelSums
from eventstudy.numeric.layers import Layers, WindowHits, in_pieces

if TYPE_CHECKING:
    from scipy import sparse

LARGEST_TABLE = 134_217_728  # entries; above this, the draws themselves take less memory
LARGEST_GATHER = 4_194_304  # entries that are looked up at once
SMALL_ARRAY = 131_072  # events of draws that are placed at once


@dataclass(frozen=True, slots=True, eq=False)
class StratumTable:
    """Sums of k scores by stratum and by what a draw does to it.

    Parameters
    ----------
    table : ndarray, shape (r, k)
        All choices of the first stratum, then all of the second, and so on.
    first : ndarray of int64, shape (s,)
        Row of each stratum's first choice.
    """

    table: NDArray[Any]
    first: NDArray[np.int64]

    def totals(self, choices: NDArray[np.integer]) -> NDArray[Any]:
        """Return the sums over strata, shape (size, k), for choices of shape (size, s)."""
        (size, strata), number = choices.shape, self.table.shape[1]
        total = np.zeros((size, number), _wide(self.table))
        at_once = max(1, LARGEST_GATHER // max(1, total.size))
        for begin in range(0, strata, at_once):
            part = slice(begin, begin + at_once)
            rows = self.first[part] + choices[:, part]
            if number == 1:
                total[:, 0] += self.table[:, 0].take(rows).sum(axis=1, dtype=total.dtype)
            else:
                total += self.table[rows].sum(axis=1, dtype=total.dtype)
        return total


Places = NDArray[np.integer]  # days counted from the start of the period


@dataclass(frozen=True, slots=True, eq=False)
class PlaceSums:
    """Sums of scores on draws that give each event a day of its own.

    Parameters
    ----------
    places : callable
        From a generator and a number of draws to pieces of shape (rows, n), some draws at a time.
    table : ndarray, shape (days,), DayScores, or WindowHits
        Scores of each day, one or several; or the windows of which those with an event are counted.
    """

    places: Callable[[np.random.Generator, int], Iterator[Places]]
    table: NDArray[Any] | DayScores | WindowHits

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[Any]:
        """Return the sums on `size` draws, shape (size, k)."""
        return np.concatenate([self._totals(piece) for piece in self.places(rng, size)])

    def _totals(self, places: Places) -> NDArray[Any]:
        if isinstance(self.table, (DayScores, WindowHits)):
            return self.table.totals(places)
        return self.table.take(places).sum(axis=1, dtype=_wide(self.table))[:, None]


@dataclass(frozen=True, slots=True, eq=False)
class DayScores:
    """Several scores of each day, most of them zero.

    Parameters
    ----------
    layers : Layers
        Days by scores; or by the difference of each score from the one before: fewer entries where windows are nested.
    whole : bool
        Whether the scores are whole numbers.
    steps : bool
        Whether the entries are such differences.
    """

    layers: Layers
    whole: bool
    steps: bool

    @classmethod
    def of(cls, scores: sparse.csr_array) -> DayScores:
        """Store whole scores in the form with fewer entries; others as scores, as differences would be rounded."""
        from scipy import sparse

        k, whole = scores.shape[1], scores.dtype.kind != "f"
        kept, differ = scores, False
        if whole:
            steps = (
                scores
                @ (sparse.eye_array(k, dtype=np.int64) - sparse.eye_array(k, k=1, dtype=np.int64)).tocsr()
            )
            steps.eliminate_zeros()
            differ = steps.nnz < scores.nnz
            kept = steps if differ else scores
        weights = None if (kept.data == 1).all() else kept.data
        return cls(Layers.of(kept.indptr, kept.indices, weights, k), whole, differ)

    def totals(self, places: Places) -> NDArray[Any]:
        """Return the sums of each row, shape (rows, k), for places of shape (rows, n)."""
        return np.concatenate([self._totals(part) for part in in_pieces(places, self.layers.width)])

    def _totals(self, places: Places) -> NDArray[Any]:
        rows, k = len(places), self.layers.width
        cells, entries = self.layers.cells(places)
        total = np.bincount(cells, entries, minlength=rows * k).reshape(rows, k)
        if not self.whole:
            return total.astype(float, copy=False)
        total = total.astype(np.int64, copy=False)  # whole numbers below 2**53, so exact in between
        return np.cumsum(total, axis=1) if self.steps else total


def place_sums(
    places: Callable[[np.random.Generator, int], Iterator[Places]],
    scores: Iterable[NDArray[Any]],
    number: int,
) -> PlaceSums:
    """Prepare the sums of scores where each event gets a day of its own."""
    if number == 1:
        return PlaceSums(places, stacked(scores)[0])
    from scipy import sparse

    return PlaceSums(
        places, DayScores.of(sparse.vstack([sparse.csr_array(score) for score in scores]).T.tocsr())
    )


def placed_hits(
    places: Callable[[np.random.Generator, int], Iterator[Places]], events: Events, first: Days, stop: Days
) -> PlaceSums:
    """Prepare the number of windows with an event where each event gets a day of its own."""
    period = observed_period(events)
    return PlaceSums(places, WindowHits.of(first - period.start, stop - period.start, len(period)))


def counted_or_placed(
    counted: Callable[[NDArray[np.int64]], LevelSums | None],
    places: Callable[[np.random.Generator, int], Iterator[Places]],
    scores: Iterable[NDArray[Any]],
    number: int,
) -> PlaceSums | LevelSums:
    """Prepare the sums; for one whole-valued score by counts at each value, where `counted` finds that less work."""
    if number == 1:
        scores = list(scores)
        if scores[0].dtype.kind != "f" and (found := counted(scores[0])) is not None:
            return found
    return place_sums(places, scores, number)


def laid_out(
    places: Callable[[np.random.Generator, int], Iterator[Places]],
    rng: np.random.Generator,
    size: int,
    events: Events,
) -> Days:
    """Return the days of draws, shape (size, n)."""
    start, drawn, done = observed_period(events).start, np.empty((size, len(events)), np.int64), 0
    for piece in places(rng, size):
        np.add(piece, np.int64(start), out=drawn[done : done + len(piece)])
        done += len(piece)
    return drawn


def place_type(days: int) -> type[np.unsignedinteger]:
    """Return the smallest type for places in a period."""
    return np.uint16 if days <= 1 << 16 else np.uint32


def pieces(size: int, n: int) -> list[int]:
    """Split a number of draws with n events each into blocks that fit into the cache."""
    number = max(1, -(-size * n // SMALL_ARRAY))
    return [size * (k + 1) // number - size * k // number for k in range(number)]


def stacked(rows: Iterable[NDArray[Any]], axis: int = 0) -> NDArray[Any]:
    """Return rows of equal length stacked, or side by side, whole numbers in the smallest signed type."""
    kept: list[NDArray[Any]] = []
    for row in rows:
        if row.dtype.kind == "f":
            kept.append(row)
            continue
        reach = max(-int(row.min(initial=0)) - 1, int(row.max(initial=0)))
        kept.append(row.astype(next(t for t in (np.int16, np.int32, np.int64) if reach <= np.iinfo(t).max)))
    return np.stack(kept, axis=axis, dtype=np.result_type(*kept))


def _wide(table: NDArray[Any]) -> type[np.float64] | type[np.int64]:
    """Return the type in which entries of a table are added up."""
    return np.float64 if table.dtype.kind == "f" else np.int64
