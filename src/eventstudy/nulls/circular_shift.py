"""Circular shifts: all events move together round the period, or round each stratum."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import ExactUnavailableError
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.hits import hits_by_shift, shifted_hits
from eventstudy.nulls.lookup import LARGEST_TABLE, Places, PlaceSums, laid_out, pieces, placed_hits, stacked
from eventstudy.nulls.moves import Move
from eventstudy.nulls.rings import Shift, ShiftSums, every_shift, shifts, sums_by_shift
from eventstudy.numeric.distributions import Distribution, from_tables
from eventstudy.periods import Period
from eventstudy.provenance import as_generator
from eventstudy.strata import Within, check_within, cut, describe


@dataclass(frozen=True, slots=True)
class CircularShift(NullModel):
    """Shift all events by one random number of days, wrapping round, in the period or within strata.

    Every gap between events is kept, so bursts stay whole; only their place in the calendar is random.
    Every shift is equally likely, including the zero shift. Over the whole period the test is invalid when events
    and anchors share a trend, because a shift moves the busy years away; within years it
    keeps the yearly counts and the bursts, but loses the season. Gaps across the edges of strata are not kept.

    Parameters
    ----------
    within : None, "year", "quarter", "month" or sequence of cut dates, optional
        Strata that are shifted independently of each other.

    Notes
    -----
    The statistic under all shifts is one cross-correlation of daily counts and scores. With one stratum
    the smallest possible p-value is one over the days of the period.

    References
    ----------
    .. [1] Louis, S., Borgelt, C. & Gruen, S. (2010). Generation and selection of surrogate methods for
       correlation analysis. In Analysis of Parallel Spike Trains, 359-382. Springer.

    Examples
    --------
    Of the five shifts of these adjacent days round five days, one has both on days 2 and 3.

    >>> import eventstudy as es
    >>> events, anchors = es.Events([2, 3], es.Period(0, 5)), es.Events([4])
    >>> es.permutation_test(events, anchors, es.WindowCount(es.Window(-2, 0)), es.CircularShift()).pvalue
    0.2
    """

    within: Within = None
    name: ClassVar[str] = "shift"
    keeps_number: ClassVar[bool] = True
    breaks: ClassVar[str] = "the events' place in the calendar, so any season or trend inside a stratum"
    survives: ClassVar[str] = "trends from stratum to stratum if `within` is given, else none; bursts"
    avoid: ClassVar[str] = "when events and anchors share a trend or a season inside a stratum"

    def __post_init__(self) -> None:
        object.__setattr__(self, "within", check_within(self.within, "CircularShift"))

    @property
    def keeps(self) -> str:
        """What a draw shares with the observed events."""
        return f"every gap between events, so bursts, round the ring {describe(self.within)}"

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, n)``."""
        generator = as_generator(rng, "CircularShift.sample")
        return laid_out(_Turns.of(events, self.within), generator, size, events)

    def move(self, period: Period) -> Move:
        """Return the shifts of each stratum."""
        return Shift(cut(period, self.within))

    def n_arrangements(self, events: Events) -> int:
        """Return how many combinations of shifts there are of the strata that hold events."""
        strata = cut(observed_period(events), self.within)
        return math.prod(strata.lengths[np.unique(strata.index(events.days))].tolist())

    def arrangements(self, events: Events, numbers: NDArray[np.int64]) -> Days:
        """Return the days of the combinations of shifts of the given numbers, shape ``(size, n)``."""
        strata = cut(observed_period(events), self.within)
        used, home = np.unique(strata.index(events.days), return_inverse=True)
        start, length = strata.edges[used], strata.lengths[used]
        shift = np.stack(np.unravel_index(numbers, length.tolist()), axis=1)
        return start[home] + (events.days - start[home] + shift[:, home]) % length[home]

    def exact(self, events: Events, anchors: Events, scores: NDArray[np.int64]) -> Distribution:
        """Return the distribution of the sum of the events' scores."""
        return Shift(cut(observed_period(events), self.within)).distribution(events, scores)

    def exact_hits(self, events: Events, first: Days, stop: Days) -> Distribution:
        """Return the distribution of the number of windows that hold an event; windows may cross strata."""
        return shifted_hits(events, first, stop, cut(observed_period(events), self.within))

    def exact_each(
        self, series: Sequence[Events], anchors: Sequence[Events], scores: NDArray[np.int64]
    ) -> list[Distribution]:
        """Return the distribution of the sum of the scores for each series; shared scores are transformed once."""
        found = from_tables(sums_by_shift(series, cut(observed_period(series[0]), self.within), scores))
        return NullModel.exact_each(self, series, anchors, scores) if found is None else found

    def sums(
        self, events: Events, anchors: Events, scores: Iterable[NDArray[Any]], number: int
    ) -> ShiftSums | None:
        """Return the sums of the events' scores on the draws of `sample`, one look-up per stratum."""
        return ShiftSums.of(events, cut(observed_period(events), self.within), scores, number)

    def hits(self, events: Events, first: Days, stop: Days) -> ShiftSums | PlaceSums:
        """Return the number of windows with an event on the draws of `sample`; of the whole period, by look-up."""
        period = observed_period(events)
        if len(cut(period, self.within)) > 1 or len(period) > LARGEST_TABLE:
            return placed_hits(_Turns.of(events, self.within), events, first, stop)
        return ShiftSums.of_hits(hits_by_shift(events, first, stop))

    def joint(
        self, events: Events, anchors: Events, scores: Iterable[NDArray[np.int64]], number: int
    ) -> NDArray[np.signedinteger]:
        """Return the sums of the events' scores under every shift, shape ``(number, len(period))``."""
        period = observed_period(events)
        strata = cut(period, self.within)
        if len(strata) > 1:
            raise ExactUnavailableError(
                f"{self!r}: {len(strata)} strata that shift independently make too many arrangements to "
                "enumerate; use method='monte-carlo'"
            )
        if len(period) * number > LARGEST_TABLE:
            raise ExactUnavailableError(
                f"{self!r}: {len(period):,} shifts of {number} statistics are more than fit into the memory "
                "that is allowed; use method='monte-carlo'"
            )
        return stacked(every_shift(events, strata, np.zeros(1, np.int64), scores))


@dataclass(frozen=True, slots=True, eq=False)
class _Turns:
    """Shifts the events of each stratum round its ring.

    - `lengths`, shape (s,): days of each stratum with events.
    - `home`, shape (n,): stratum of each event, numbered among those with events.
    - `places`, `ends`, shape (n,): day of each event, and the day after the last one of its stratum, from the
      start of the period.
    """

    lengths: NDArray[np.int64]
    home: NDArray[np.int64]
    places: NDArray[np.uint32]
    ends: NDArray[np.uint32]

    @classmethod
    def of(cls, events: Events, within: Within) -> _Turns:
        period = observed_period(events)
        strata = cut(period, within)
        used, home = np.unique(strata.index(events.days), return_inverse=True)
        places, ends = (
            (days - period.start).astype(np.uint32) for days in (events.days, strata.edges[used + 1][home])
        )
        return cls(strata.lengths[used], home, places, ends)

    def __call__(self, generator: np.random.Generator, size: int) -> Iterator[Places]:
        """Give draws, some at a time, shape (rows, n)."""
        turns, done = shifts(generator, self.lengths, size).astype(np.uint32), 0
        lengths = self.lengths.astype(np.uint32)[self.home]
        for rows in pieces(size, self.places.size):
            part = turns[done : done + rows]
            place = self.places + (part if self.lengths.size == 1 else part[:, self.home])
            place -= lengths * (place >= self.ends)
            done += rows
            yield place
