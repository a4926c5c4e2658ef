"""Windows that hold an event when days are permuted: only events on days in a window are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from eventstudy.nulls.levels import COST
from eventstudy.numeric.layers import WindowHits

Ints = NDArray[np.int64]

MARKS = 1_048_576  # days of draws that are marked at once, so that they fit into the cache
CROWDED = 3  # where more than one day in so many has an event, days would be drawn again and again


@dataclass(frozen=True, slots=True, eq=False)
class NearDayHits:
    """Number of windows with an event, where each stratum's days with events are a random subset of its days.

    How many of them lie in a window is hypergeometric; given their number, they are a random subset of the days in a
    window.

    Parameters
    ----------
    windows : WindowHits
        The windows over the days in any of them, counted without the days between.
    begin, near : ndarray of int64, shape (s,)
        First of these days in each stratum with events, and their number.
    far, number : ndarray of int64, shape (s,)
        Other days of the stratum; days with events.
    """

    windows: WindowHits
    begin: Ints
    near: Ints
    far: Ints
    number: Ints

    @classmethod
    def of(cls, present: NDArray[np.bool_], first: Ints, stop: Ints, edges: Ints) -> Self | None:
        """Prepare the draws; None where it costs less to give every event a day.

        Parameters
        ----------
        present : ndarray of bool, shape (days,)
            Which days of the period have an event.
        first, stop : ndarray of int64, shape (m,)
            First day of each window and the day after its last one, from the start of the period.
        edges : ndarray of int64, shape (k + 1,)
            Edges of the strata, from the start of the period.
        """
        number = np.diff(np.append(0, np.cumsum(present))[edges])
        used = number > 0
        first, stop = np.clip(first, 0, present.size), np.clip(stop, 0, present.size)
        steps = np.bincount(first, minlength=present.size + 1) - np.bincount(stop, minlength=present.size + 1)
        before = np.append(0, np.cumsum(np.cumsum(steps)[:-1] > 0))  # days in a window before each day
        near, length = np.diff(before[edges])[used], np.diff(edges)[used]
        if COST * near.size > number.sum() or (CROWDED * number[used] > length).any():
            return None
        windows = WindowHits.of(before[first], before[stop], int(before[-1]))
        return cls(windows, before[edges[:-1]][used], near, length - near, number[used])

    def __call__(self, rng: np.random.Generator, size: int) -> Ints:
        """Return the number on `size` draws, shape (size, 1)."""
        pairs = zip(self.near.tolist(), self.far.tolist(), self.number.tolist(), strict=True)
        inside = np.stack([rng.hypergeometric(*pair, size) for pair in pairs], axis=1)
        days = self.windows.layers.filled.size
        rows = min(size, max(1, MARKS // max(1, days)))
        marks = np.full(rows * days, -1, np.int64)  # the latest event on each day of each row
        hits, done = np.empty(size, np.int64), 0
        for start in range(0, size, rows):
            own = inside[start : start + rows]
            stratum = np.repeat(np.tile(np.arange(self.near.size), len(own)), own.ravel())
            row = np.repeat(np.arange(len(own)), own.sum(axis=1))
            day = self._distinct(rng, marks, done, stratum, days * row)
            hits[start : start + rows] = self.windows.counted(day, row, len(own))
            done += day.size
        return hits[:, None]

    def _distinct(self, rng: np.random.Generator, marks: Ints, done: int, stratum: Ints, base: Ints) -> Ints:
        """Return a day for each event, no two of a row the same: a day that is taken is drawn again.

        Parameters
        ----------
        marks : ndarray of int64
            By row and day, the number of the latest event there; those below `done` are of earlier rows.
        stratum, base : ndarray of int64, shape (e,)
            Stratum of each event, and the first mark of its row.
        """
        day, left = np.empty(stratum.size, np.int64), np.arange(stratum.size)
        while left.size:
            drawn = self.begin[stratum[left]] + rng.integers(self.near[stratum[left]])
            place = base[left] + drawn
            free = np.flatnonzero(marks[place] < done)
            marks[place[free]] = done + left[free]
            mine = np.zeros(left.size, bool)
            mine[free] = marks[place[free]] == done + left[free]  # of several on one day, the last one
            day[left[mine]] = drawn[mine]
            left = left[~mine]
        return day
