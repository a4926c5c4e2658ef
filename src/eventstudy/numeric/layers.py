"""Sparse tables of days by columns, stored so that the entries of many days are looked up at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Places = NDArray[np.integer[Any]]  # days counted from the first of the table

AT_ONCE = 131_072  # days that are looked up together, so that they and their entries fit into the cache


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """A table of days by k columns, most of its entries zero.

    Days are ranked by their number of entries, most first, so that the days with a first entry, a second one and so on
    are the first of a rank each time, and every look-up goes to a short array.

    Parameters
    ----------
    filled : ndarray of bool, shape (days,)
        Which days have an entry.
    rank : ndarray of int32, shape (days,)
        Of those that have one; 0 for others.
    columns : tuple of ndarray of int32
        The column of the c-th entry of each day that has so many, by rank.
    weights : tuple of ndarray, or None
        The entries themselves; None where all are 1.
    width : int
        Number of columns k.
    """

    filled: NDArray[np.bool_]
    rank: NDArray[np.int32]
    columns: tuple[NDArray[np.int32], ...]
    weights: tuple[NDArray[Any], ...] | None
    width: int

    @classmethod
    def of(cls, ends: Ints, columns: Ints, weights: NDArray[Any] | None, width: int) -> Self:
        """Arrange entries that are given day by day.

        Parameters
        ----------
        ends : ndarray of int, shape (days + 1,)
            Where the entries of each day begin, and the last ones end.
        columns : ndarray of int, shape (e,)
            The column of each entry; no day has two in one column.
        weights : ndarray, shape (e,), or None
            The entries; None where all are 1.
        width : int
            Number of columns.
        """
        number = np.diff(ends)
        filled = number > 0
        days = np.flatnonzero(filled)
        days = days[np.argsort(-number[days], kind="stable")]
        rank = np.zeros(number.size, np.int32)
        rank[days] = np.arange(days.size)
        first, most = ends[:-1][days], -number[days]
        entries = [
            first[: np.searchsorted(most, -layer)] + layer
            for layer in range(-int(most[0]) if days.size else 0)
        ]
        return cls(
            filled,
            rank,
            tuple(columns[entry].astype(np.int32) for entry in entries),
            None if weights is None else tuple(weights[entry] for entry in entries),
            width,
        )

    def cells(self, places: Places) -> tuple[Ints, NDArray[Any] | None]:
        """Return where the entries of the days of each row belong, for places of shape (rows, n).

        Returns
        -------
        tuple of ndarray, shape (e,), the second None where all entries are 1
            Row times k plus column of each entry, and the entries.
        """
        event = np.flatnonzero(self.filled.take(places))
        return self.entries(places.ravel().take(event), event // places.shape[1])

    def entries(self, days: Places, rows: Ints) -> tuple[Ints, NDArray[Any] | None]:
        """Return what `cells` does for days that have an entry, shape (d,), and their rows, (d,)."""
        rank, row = self.rank.take(days), rows * self.width
        cells, entries = [np.empty(0, np.int64)], []
        for layer, columns in enumerate(self.columns):
            if layer:
                more = np.flatnonzero(rank < columns.size)
                if not more.size:
                    break
                rank, row = rank.take(more), row.take(more)
            cells.append(row + columns.take(rank))
            if self.weights is not None:
                entries.append(self.weights[layer].take(rank))
        return np.concatenate(cells), np.concatenate(entries) if entries else None


@dataclass(frozen=True, slots=True, eq=False)
class WindowHits:
    """Number of windows that hold an event, for rows of days.

    Parameters
    ----------
    layers : Layers
        Days by windows.
    """

    layers: Layers

    @classmethod
    def of(cls, first: Ints, stop: Ints, length: int) -> Self:
        """Prepare windows of days counted from the start of a period of some length; days outside it do not count."""
        first, stop = np.maximum(first, 0), np.minimum(stop, length)
        first, stop = first[first < stop], stop[first < stop]
        number = stop - first
        day = np.repeat(first - np.cumsum(number) + number, number) + np.arange(number.sum())
        window = np.repeat(np.arange(first.size), number)[np.argsort(day, kind="stable")]
        ends = np.append(0, np.cumsum(np.bincount(day, minlength=length)))
        return cls(Layers.of(ends, window, None, first.size))

    def totals(self, places: Places) -> Ints:
        """Return the number for each row, shape (rows, 1), for places of shape (rows, n)."""
        parts = [self._totals(part) for part in in_pieces(places, self.layers.width)]
        return np.concatenate(parts)[:, None] if parts else np.zeros((0, 1), np.int64)

    def _totals(self, places: Places) -> Ints:
        return self._counted(self.layers.cells(places)[0], len(places))

    def counted(self, days: Places, rows: Ints, size: int) -> Ints:
        """Return the number for each of `size` rows, from days in a window, shape (d,), and their rows, (d,)."""
        return self._counted(self.layers.entries(days, rows)[0], size)

    def _counted(self, cells: Ints, size: int) -> Ints:
        hit = np.zeros((size, self.layers.width), bool)
        hit.reshape(-1)[cells] = True
        return np.count_nonzero(hit, axis=1)


def in_pieces(places: Places, width: int) -> Iterator[Places]:
    """Cut rows of places into pieces that fit into the cache together with `width` numbers for each row."""
    rows = max(1, AT_ONCE // max(1, places.shape[1], width))
    for begin in range(0, len(places), rows):
        yield places[begin : begin + rows]
