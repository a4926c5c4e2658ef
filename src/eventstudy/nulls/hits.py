"""Anchors hit when strata of events are laid on other strata, or shifted: what the exact distributions start from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eventstudy.numeric.hits import StratumHits, WindowPieces

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def laid_hits(laid: list[Bools], pieces: WindowPieces, edges: Ints) -> Bools:
    """Tell which pieces of windows hold an event of each stratum laid there, shape (k, p).

    Parameters
    ----------
    laid : list of ndarray of bool, each of shape (k, days of the stratum)
        For each stratum its days, and whether they hold an event of each of the k strata.
    pieces : WindowPieces
    edges : ndarray of int64, shape (k + 1,)
    """
    hit = np.zeros((len(laid), pieces.stratum.size), bool)
    for stratum, days in enumerate(laid):
        of = np.flatnonzero(pieces.stratum == stratum)
        before = np.pad(np.cumsum(days, axis=1), ((0, 0), (1, 0)))
        start, stop = pieces.start[of] - edges[stratum], pieces.stop[of] - edges[stratum]
        hit[:, of] = before[:, stop] > before[:, start]
    return hit


def ring_hits(present: Bools, start: Ints, stop: Ints) -> Bools:
    """Tell which windows hold an event for each shift of a ring of days, shape (p, shifts).

    Parameters
    ----------
    present : ndarray of bool, shape (days,)
    start, stop : ndarray of int64, shape (p,)
        Inside the ring: windows do not go round it.
    """
    hit = np.empty((start.size, present.size), bool)
    for row, (a, b) in enumerate(zip(start.tolist(), stop.tolist(), strict=True)):
        hit[row] = np.roll(near(present, b - a)[::-1], a + 1)
    return hit


def near(present: Bools, length: int) -> Bools:
    """Tell for each day of a ring whether it or one of the next ``length - 1`` days holds an event."""
    before = np.pad(np.cumsum(np.concatenate([present, present[: length - 1]])), (1, 0))
    return np.asarray(before[length:] > before[:-length])
