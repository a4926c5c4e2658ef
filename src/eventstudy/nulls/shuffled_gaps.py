"""Shuffled gaps: the gaps between events in random order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.bounded import below
from eventstudy.nulls.lookup import Places, PlaceSums, laid_out, pieces, place_sums, place_type, placed_hits
from eventstudy.provenance import as_generator
from eventstudy.strata import Within, check_within, cut, describe

LONGEST_SORTED = 1_024  # events in a stratum, on average


@dataclass(frozen=True, slots=True)
class ShuffledGaps(NullModel):
    """Put the gaps between events in a random order, round the period or each stratum, from a random origin.

    The period is closed to a ring, so that the last event has a gap to the first one as well, and the gaps add up
    to its length. Each order of the gaps and each day of the ring for the first event are equally likely [1]_. The
    distribution of gaps is kept, and with it the number of short gaps; their order is not, so runs
    of short gaps (long bursts) are broken up. A trend inside a stratum is lost.

    Parameters
    ----------
    within : None, "year", "quarter", "month" or sequence of cut dates, optional
        Strata that are shuffled independently of each other; gaps across their edges are not kept.

    Notes
    -----
    Valid for a renewal process on the ring: independent gaps in random order. There is no closed form, so
    p-values come from draws. Gaps of zero days are shuffled like the others, so events on one day may join other days.

    References
    ----------
    .. [1] Louis, S., Borgelt, C. & Gruen, S. (2010). Generation and selection of surrogate methods for
       correlation analysis. In Analysis of Parallel Spike Trains, 359-382. Springer.

    Examples
    --------
    Every draw has the observed gaps of 1, 4 and 5 days round the ring.

    >>> import eventstudy as es
    >>> events = es.Events([0, 1, 5], es.Period(0, 10))
    >>> draw = es.ShuffledGaps().sample(events, es.Events([9]), rng=1, size=1)[0]
    >>> days = sorted(draw.tolist())
    >>> sorted([days[1] - days[0], days[2] - days[1], days[0] + 10 - days[2]])
    [1, 4, 5]
    """

    within: Within = None
    name: ClassVar[str] = "gaps"
    keeps_number: ClassVar[bool] = True
    breaks: ClassVar[str] = (
        "the order of the gaps, so runs of short gaps, and the place in the calendar, so any season or trend "
        "inside a stratum"
    )
    survives: ClassVar[str] = "trends from stratum to stratum if `within` is given, else none"
    avoid: ClassVar[str] = "when bursts are longer than two events, or rates change inside a stratum"

    def __post_init__(self) -> None:
        object.__setattr__(self, "within", check_within(self.within, "ShuffledGaps"))

    @property
    def keeps(self) -> str:
        """What a draw shares with the observed events."""
        return f"the set of gaps between events, so the number of short ones, round the ring {describe(self.within)}"

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, n)``; the order within a row means nothing."""
        generator = as_generator(rng, "ShuffledGaps.sample")
        return laid_out(_Shuffle.of(events, self.within), generator, size, events)

    def sums(self, events: Events, anchors: Events, scores: Iterable[NDArray[Any]], number: int) -> PlaceSums:
        """Return the sums of the events' scores on the draws of `sample`, one look-up per event."""
        return place_sums(_Shuffle.of(events, self.within), scores, number)

    def hits(self, events: Events, first: Days, stop: Days) -> PlaceSums:
        """Return the number of windows with an event on the draws of `sample`."""
        return placed_hits(_Shuffle.of(events, self.within), events, first, stop)


@dataclass(frozen=True, slots=True, eq=False)
class _Shuffle:
    """Shuffles the gaps of each stratum.

    - `gaps`, shape (n,): from each event to the next one of its stratum, round the ring.
    - `home`, shape (n,): stratum of each column among those with events.
    - `begin`, `length`, shape (s,): first place of each of these strata, counted from the start of the
      period, and its days.
    """

    gaps: NDArray[np.uint32]
    home: NDArray[np.int64]
    begin: NDArray[np.int64]
    length: NDArray[np.int64]

    @classmethod
    def of(cls, events: Events, within: Within) -> _Shuffle:
        period = observed_period(events)
        strata = cut(period, within)
        days, index = events.days, strata.index(events.days)
        used, first, home = np.unique(index, return_index=True, return_inverse=True)
        last = np.append(first[1:], home.size)[: used.size] - 1
        following = np.roll(days, -1)
        following[last] = days[first] + strata.lengths[used]  # round the ring
        gaps = (following - days).astype(np.uint32)
        return cls(gaps, home, strata.edges[used] - period.start, strata.lengths[used])

    def __call__(self, generator: np.random.Generator, size: int) -> Iterator[Places]:
        """Give draws, some at a time, shape (rows, n)."""
        kind = place_type(int((self.begin + self.length).max(initial=0)))
        length = self.length.astype(np.uint32)
        before = np.cumsum(length, dtype=np.uint32) - length
        own_length, own_begin = length[self.home], self.begin.astype(np.uint32)[self.home]
        for rows in pieces(size, self.gaps.size):
            place = self._shuffled(generator, rows)
            np.cumsum(place, axis=1, dtype=place.dtype, out=place)
            turn = below(generator, self.length, (rows, length.size)).astype(np.uint32)
            if length.size > 1:
                turn = (turn - before)[:, self.home]  # the gaps of the strata before add up to their days
            place += turn
            place -= own_length * (place >= own_length)
            place += own_begin
            yield place.astype(kind, copy=False)

    def _shuffled(self, generator: np.random.Generator, rows: int) -> NDArray[np.uint32]:
        """Return the gaps in random order inside each stratum, shape (rows, n).

        Few long strata are shuffled one by one. Others are sorted all at once, by stratum and, within it, by 40 or more
        random bits: two gaps of a stratum with the same bits, which would keep their order, are rarer than one
        pair in 10**12.
        """
        if self.gaps.size > LONGEST_SORTED * self.length.size:
            gaps = np.tile(self.gaps, (rows, 1))
            edges = np.searchsorted(self.home, np.arange(self.length.size + 1))
            for first, stop in pairwise(edges.tolist()):
                generator.permuted(gaps[:, first:stop], axis=1, out=gaps[:, first:stop])
            return gaps
        low = int(self.gaps.max()).bit_length()
        high = 64 - int(self.length.size).bit_length()
        keys = generator.integers(1 << 64, size=(rows, self.gaps.size), dtype=np.uint64)
        keys &= np.uint64((1 << high) - (1 << low))
        keys |= (self.home.astype(np.uint64) << np.uint64(high)) | self.gaps
        keys.sort(axis=1)
        keys &= np.uint64((1 << low) - 1)
        return keys.astype(np.uint32)
