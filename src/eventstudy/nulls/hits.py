"""Windows that hold an event when strata of events are permuted, or shifted round."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.events import Events, observed_period
from eventstudy.nulls.rings import by_shift
from eventstudy.numeric.distributions import Distribution
from eventstudy.numeric.hits import StratumHits, WindowPieces, chained_hits
from eventstudy.strata import Strata

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def laid_hits(laid: list[Bools], pieces: WindowPieces, edges: Ints) -> Bools:
    """Tell which pieces of windows hold an event when each stratum is moved there, shape (k, p).

    `laid`, shape (k, days of the stratum): for each stratum its days, and whether they hold an event of each
    of the k strata. `edges`: shape (k + 1,).
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

    `present`: shape (days,). `start`, `stop`, shape (p,): inside the ring: windows do not go round it.
    """
    hit = np.empty((start.size, present.size), bool)
    for row, (a, b) in enumerate(zip(start.tolist(), stop.tolist(), strict=True)):
        hit[row] = np.roll(near(present, b - a)[::-1], a + 1)
    return hit


def near(present: Bools, length: int) -> Bools:
    """Tell for each day of a ring whether it or one of the next ``length - 1`` days holds an event."""
    before = np.pad(np.cumsum(np.concatenate([present, present[: length - 1]])), (1, 0))
    return np.asarray(before[length:] > before[:-length])


def shifted_hits(events: Events, first: Days, stop: Days, strata: Strata) -> Distribution:
    """Return the distribution of the number of windows that hold an event, over all shifts of each stratum."""
    start = observed_period(events).start
    edges = strata.edges - start
    pieces = WindowPieces.of(first - start, stop - start, edges)
    present = events.daily_counts() > 0
    return chained_hits([
        _stratum_hits(present[edges[g] : edges[g + 1]], pieces, g, int(edges[g])) for g in range(len(strata))
    ])  # fmt: skip


def hits_by_shift(events: Events, first: Days, stop: Days) -> Ints:
    """Return the number of windows that hold an event for each shift of the whole period, shape (days,)."""
    period = observed_period(events)
    pieces = WindowPieces.of(first - period.start, stop - period.start, np.array([0, len(period)]))
    hits = _stratum_hits(events.daily_counts() > 0, pieces, 0, 0).alone
    return np.broadcast_to(hits, len(period)).copy()


def _stratum_hits(present: Bools, pieces: WindowPieces, stratum: int, begin: int) -> StratumHits:
    """Return the hits in one stratum for each of its shifts; a single choice where it holds no event."""
    own = pieces.stratum == stratum
    first, stop = pieces.start[own] - begin, pieces.stop[own] - begin
    back, ahead = pieces.crosses_first[own], pieces.crosses_last[own]
    if not present.any():
        return StratumHits(np.zeros(1, np.int64), *(np.zeros((int(c.sum()), 1), bool) for c in (back, ahead)))
    alone = np.zeros(present.size, np.int64)
    inner = ~back & ~ahead
    for length in np.unique((stop - first)[inner]).tolist():  # one correlation serves all windows of a length
        starts = np.bincount(first[inner & (stop - first == length)], minlength=present.size)
        alone += by_shift(near(present, length).astype(np.int64), starts)
    return StratumHits(alone, *(ring_hits(present, first[c], stop[c]) for c in (back, ahead)))
