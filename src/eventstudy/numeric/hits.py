"""Number of anchors with an event in their window, exactly, where whole strata of events move.

An anchor whose window lies in one stratum is hit by the events moved there alone, so hits add up over strata. A window
that crosses the edge of two strata can be hit from either; the strata then form a chain, each tied to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError
from eventstudy.numeric.distributions import Distribution
from eventstudy.numeric.permanents import permanent_polynomial

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_CROSSING = 16  # anchors whose windows cross one edge
MOST_MEMORY = 1_000_000_000  # bytes
MOST_WORK = 4_000_000_000  # additions, some ten seconds


@dataclass(frozen=True, slots=True, eq=False)
class WindowPieces:
    """Windows cut where strata meet.

    - `start`, `stop`, shape (s, p): first day of each piece, and the day after the last one.
    - `stratum`: shape (p,).
    - `crosses_first`, `crosses_last`, shape (p,): whether the window continues in the stratum before, or in
      the next one.
    """

    start: Ints
    stop: Ints
    stratum: Ints
    crosses_first: Bools
    crosses_last: Bools

    @classmethod
    def of(cls, start: Ints, stop: Ints, edges: Ints) -> WindowPieces:
        """Cut windows, shape (m,), at the edges of strata, shape (s + 1,); what lies outside all strata is left out.

        Raises ExactUnavailableError if a window reaches over a whole stratum into a third one.
        """
        start, stop = np.maximum(start, edges[0]), np.minimum(stop, edges[-1])
        start, stop = start[start < stop], stop[start < stop]
        order = np.lexsort((stop, start))
        start, stop = start[order], stop[order]
        first = np.searchsorted(edges, start, side="right") - 1
        last = np.searchsorted(edges, stop, side="left") - 1
        if (last - first > 1).any():
            raise ExactUnavailableError(
                "AnchorsHit: a window reaches over a whole stratum, so the exact distribution would have to follow "
                "three strata at once; use method='monte-carlo' with a seed, or wider strata"
            )
        number = last - first + 1
        window = np.repeat(np.arange(start.size), number)
        stratum = first[window] + (np.arange(window.size) - (np.cumsum(number) - number)[window])
        return cls(
            np.maximum(start[window], edges[stratum]),
            np.minimum(stop[window], edges[stratum + 1]),
            stratum,
            stratum > first[window],
            stratum < last[window],
        )


def exchanged_hits(hit: Bools, pieces: WindowPieces) -> Distribution:
    """Return the distribution of the number of hits where strata are matched with strata, all matchings equally likely.

    `hit`, shape (k, p): whether each stratum's events, moved to the stratum of a piece, include one in the
    piece.
    """
    k = len(hit)
    alone = ~pieces.crosses_first & ~pieces.crosses_last
    table = np.zeros((k, k), np.int64)
    np.add.at(table.T, pieces.stratum[alone], hit[:, alone].T.astype(np.int64))
    if alone.all():
        low, ways = permanent_polynomial(table)
        return Distribution(low, ways / ways.sum())
    tied = np.zeros((k - 1, k, k), np.int64)
    for left, right in zip(
        np.flatnonzero(pieces.crosses_last), np.flatnonzero(pieces.crosses_first), strict=True
    ):
        tied[pieces.stratum[left]] += hit[:, left, None] | hit[None, :, right]
    ways = _chained(table, tied)
    return Distribution(0, ways / ways.sum())


def _chained(table: Ints, tied: Ints) -> Ints:
    """Count the orders of k strata by their sum.

    `table`, shape (k, k): what stratum i adds at place j. `tied`, shape (k - 1, k, k): what stratum i at
    place j and stratum i' at the next one add together.

    Returns number of orders with sum 0, 1, ...

    Dynamic programming over the set of strata used so far and the last one of them.
    """
    k = len(table)
    width = 1 + int(table.max(axis=0).sum() + tied.max(axis=(1, 2)).sum())
    if 16 * k * comb(k, k // 2) * width > MOST_MEMORY or k * k * 2**k * width > 4 * MOST_WORK:
        raise ExactUnavailableError(
            f"AnchorsHit: windows cross the edges of {k} strata, too many to follow exactly; "
            "use method='monte-carlo' with a seed"
        )
    codes = np.arange(1 << k)
    members = (codes[:, None] >> np.arange(k)) & 1
    size = members.sum(axis=1)
    place = np.zeros(codes.size, np.int64)  # of a set among those of its size
    ways = np.zeros((k, k, width), np.int64)  # last stratum, set, sum
    sets = codes[size == 1]
    place[sets] = np.arange(k)
    ways[np.arange(k), np.arange(k), table[:, 0]] = 1
    for j in range(1, k):
        larger = codes[size == j + 1]
        place[larger] = np.arange(larger.size)
        longer = np.zeros((k, larger.size, width), np.int64)
        for added in range(k):
            without = sets[members[sets, added] == 0]
            for last in range(k):
                source = without[members[without, last] == 1]
                if source.size:
                    by = int(table[added, j] + tied[j - 1, last, added])
                    longer[added, place[source | 1 << added], by:] += ways[last, place[source], : width - by]
        ways, sets = longer, larger
    return np.asarray(ways[:, 0].sum(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class StratumHits:
    """Hits in one stratum for each of its equally likely choices.

    `alone`, shape (c,): number of hits among the anchors whose window lies in the stratum. `first`, `last`,
    shape (m, c): which of the m windows that begin in the stratum before, and of the n that go on in the next
    one, are hit.
    """

    alone: Ints
    first: Bools
    last: Bools


def chained_hits(strata: Sequence[StratumHits]) -> Distribution:
    """Return the distribution of the number of hits where each stratum makes its choice independently.

    A Markov chain over strata: the state is the number of hits so far and which windows across the next edge are hit.

    Raises ExactUnavailableError if many windows cross one edge.
    """
    states = {0: np.ones(1)}  # windows hit from the left, as bits, to the probabilities of 0, 1, ... hits
    for stratum in strata:
        first, last = _bits(stratum.first), _bits(stratum.last)
        pairs, of = np.unique(np.stack([first, last]), axis=1, return_inverse=True)
        following: dict[int, Floats] = {}
        for number, (left, right) in enumerate(pairs.T.tolist()):
            hits = np.bincount(stratum.alone[of == number]) / of.size
            for before, chances in states.items():
                both = (before | left).bit_count()
                joined = np.concatenate([np.zeros(both), np.convolve(chances, hits)])
                following[right] = _added(following.get(right, np.zeros(0)), joined)
        states = following
    total = np.zeros(0)
    for chances in states.values():
        total = _added(total, chances)
    return Distribution(0, total)


def _bits(hit: Bools) -> Ints:
    """Return the rows of each column as the bits of one number, shape (c,)."""
    if len(hit) > MOST_CROSSING:
        raise ExactUnavailableError(
            f"AnchorsHit: {len(hit)} windows cross one edge of strata, too many to follow exactly; "
            "use method='monte-carlo' with a seed"
        )
    return np.asarray((1 << np.arange(len(hit))) @ hit, np.int64)


def _added(some: Floats, other: Floats) -> Floats:
    """Return the sum of two rows of numbers, the shorter one padded with zeros."""
    if some.size < other.size:
        some, other = other, some
    total = some.copy()
    total[: other.size] += other
    return total
