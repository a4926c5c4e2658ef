"""Permuted days: every arrangement of the daily counts is equally likely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.bounded import below
from eventstudy.nulls.levels import MOST_LEVELS, LevelSums, days_of_level
from eventstudy.nulls.lookup import (
    Places,
    PlaceSums,
    counted_or_placed,
    laid_out,
    pieces,
    place_type,
    placed_hits,
)
from eventstudy.nulls.moves import Choices, EachDay, Move
from eventstudy.nulls.near_days import NearDayHits
from eventstudy.numeric.distributions import Distribution, convolve, hypergeometric, repeated
from eventstudy.numeric.placements import placed
from eventstudy.periods import Period
from eventstudy.provenance import as_generator
from eventstudy.strata import Within, check_within, cut, describe

LONGEST_SORTED = 1_024  # events
DEALS_AT_ONCE = 256  # permutations of all days that are in memory together


@dataclass(frozen=True, slots=True)
class UniformDays(NullModel):
    """Permute the days, in the whole period or within strata.

    The set of daily counts is kept: days with one event stay single, days with two
    stay double, and all of them are reassigned at random to the days of their stratum. This is the usual
    test, and often anti-conservative: bursts count as independent events, and a trend or season shared by
    events and anchors counts as clustering unless the strata are shorter than it. Use it as a labelled
    naive comparison, or where events are known to be independent.

    Parameters
    ----------
    within : None, "year", "quarter", "month" or sequence of cut dates, optional
        Strata whose numbers of events are kept.

    Notes
    -----
    For distinct days and a 0/1 score the statistic is hypergeometric [1]_, convolved over strata.
    Other whole-number scores and repeated days use chains of hypergeometrics, or are counted level by level.

    References
    ----------
    .. [1] Fisher, R. A. (1935). The logic of inductive inference. Journal of the Royal Statistical
       Society 98(1), 39-82.

    Examples
    --------
    Of the ten ways to place two events on five days, one has both on days 2 and 3.

    >>> import eventstudy as es
    >>> events, anchors = es.Events([2, 3], es.Period(0, 5)), es.Events([4])
    >>> test = es.permutation_test(events, anchors, es.WindowCount(es.Window(-2, 0)), es.UniformDays())
    >>> round(test.pvalue, 9)
    0.1
    """

    within: Within = None
    name: ClassVar[str] = "uniform"
    keeps_number: ClassVar[bool] = True
    breaks: ClassVar[str] = "gaps between events, so bursts, and any season or trend inside a stratum"
    survives: ClassVar[str] = "trends from stratum to stratum if `within` is given, else none"
    avoid: ClassVar[str] = "when events come in bursts, or events and anchors share a trend inside strata"

    def __post_init__(self) -> None:
        object.__setattr__(self, "within", check_within(self.within, "UniformDays"))

    @property
    def keeps(self) -> str:
        """What a draw shares with the observed events."""
        return f"the daily counts of events, permuted {describe(self.within)}"

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, n)``; the order within a row means nothing."""
        generator = as_generator(rng, "UniformDays.sample")
        return laid_out(_Dealing.of(events, self.within), generator, size, events)

    def move(self, period: Period) -> Move:
        """Return the permutations of the days; events on one day stay together."""
        return _Deals(cut(period, self.within), self.sample)

    def sums(
        self, events: Events, anchors: Events, scores: Iterable[NDArray[Any]], number: int
    ) -> PlaceSums | LevelSums:
        """Return the sums of the events' scores on draws: of one score with few values their counts, else look-ups."""
        return counted_or_placed(
            partial(self._counted, events), _Dealing.of(events, self.within), scores, number
        )

    def hits(self, events: Events, first: Days, stop: Days) -> PlaceSums | NearDayHits:
        """Return the number of windows with an event on draws, of which only the events in windows are drawn."""
        start = observed_period(events).start
        edges = cut(observed_period(events), self.within).edges - start
        found = NearDayHits.of(events.daily_counts() > 0, first - start, stop - start, edges)
        return placed_hits(_Dealing.of(events, self.within), events, first, stop) if found is None else found

    def _counted(self, events: Events, score: NDArray[np.int64]) -> LevelSums | None:
        """Return the sums from counts of events at each level of the score, if that is less work."""
        counts = events.daily_counts()
        levels, before = days_of_level(score)
        if levels.size > MOST_LEVELS or counts.max(initial=0) > 1:
            return None
        period = observed_period(events)
        edges = cut(period, self.within).edges - period.start
        numbers = np.diff(np.append(0, np.cumsum(counts))[edges])
        used = numbers > 0
        days = np.diff(before[:, edges], axis=1).T
        found = LevelSums(levels, days[used], numbers[used], "without replacement")
        return found if found.pays else None

    def exact(self, events: Events, anchors: Events, scores: NDArray[np.int64]) -> Distribution:
        """Return the distribution of the sum of the events' scores."""
        period = observed_period(events)
        strata = cut(period, self.within)
        counts = events.daily_counts()
        low, high = int(scores.min()), int(scores.max())
        marked = scores == high
        if counts.max(initial=0) == 1 and (marked | (scores == low)).all():
            edges = strata.edges - period.start
            number, inside = (np.diff(np.append(0, np.cumsum(part))[edges]) for part in (counts, marked))
            # where there are many strata, many of them look the same
            kinds, times = np.unique(np.stack([strata.lengths, inside, number]), axis=1, return_counts=True)
            plain = convolve(
                repeated(hypergeometric(*kind), k)
                for kind, k in zip(kinds.T.tolist(), times.tolist(), strict=True)
            )
            return plain.times(high - low).shifted(len(events) * low)
        used = np.unique(strata.index(events.days))
        slices = strata.slices(period.start)
        return convolve(placed(scores[slices[i]], counts[slices[i]]) for i in used)


@dataclass(frozen=True, slots=True, eq=False)
class _Deals(EachDay):
    """Permutations of the days of each stratum."""

    def left_open(self, days: int) -> str:
        """Return "" where all days of the period are dealt together, wherever they lie."""
        return "" if len(self.strata) == 1 else EachDay.left_open(self, days)

    def shared(self, rng: np.random.Generator, size: int) -> Iterator[Choices]:
        """Give the identity and `size` draws, some at a time."""
        days = int(self.strata.edges[-1] - self.strata.edges[0])
        places = np.arange(days, dtype=place_type(days))
        strata = self.strata.slices(int(self.strata.edges[0]))
        for begin in range(0, size + 1, DEALS_AT_ONCE):
            dealt = np.tile(places, (min(DEALS_AT_ONCE, size + 1 - begin), 1))
            for stratum in strata:
                dealt[:, stratum] = rng.permuted(dealt[:, stratum], axis=1)
            if not begin:
                dealt[0] = places
            yield dealt


@dataclass(frozen=True, slots=True, eq=False)
class _Dealing:
    """Permutes the days that have events, stratum by stratum; places count from the start of the period.

    - `period`: days of the period.
    - `begin`, `length`, shape (d,): first place and days of the stratum of each day that has events; strata
      in order of time.
    - `crowded`: columns of the strata where more than a third of the days have events: all their days are
      shuffled.
    - `repeats`, shape (d,): number of events on each of the days.
    - `mixed`: columns of the strata where these numbers differ.
    """

    period: int
    begin: NDArray[np.int64]
    length: NDArray[np.int64]
    crowded: tuple[slice, ...]
    repeats: NDArray[np.int64]
    mixed: tuple[slice, ...]

    @classmethod
    def of(cls, events: Events, within: Within) -> _Dealing:
        period = observed_period(events)
        strata = cut(period, within)
        counts = events.daily_counts()
        days = np.flatnonzero(counts)
        home = strata.index(days + period.start)
        edges = np.searchsorted(home, np.arange(len(strata) + 1))
        columns = [slice(a, b) for a, b in pairwise(edges.tolist())]
        crowded = np.flatnonzero(3 * np.diff(edges) > strata.lengths)
        repeats = counts[days]
        uneven = np.unique(home[1:][(np.diff(repeats) != 0) & (np.diff(home) == 0)])
        return cls(
            len(period),
            strata.edges[home] - period.start,
            strata.lengths[home],
            tuple(columns[i] for i in crowded),
            repeats,
            tuple(columns[i] for i in uneven),
        )

    def __call__(self, generator: np.random.Generator, size: int) -> Iterator[Places]:
        """Give draws, some at a time, shape (rows, n)."""
        sparse = np.ones(self.begin.size, bool)
        for columns in self.crowded:
            sparse[columns] = False
        for rows in pieces(size, max(self.begin.size, len(self.crowded) and self.period)):
            if not self.crowded:
                places = _distinct(generator, self.period, self.begin, self.length, rows)
            else:
                places = np.empty((rows, self.begin.size), np.uint32)
                places[:, sparse] = _distinct(
                    generator, self.period, self.begin[sparse], self.length[sparse], rows
                )
                for columns in self.crowded:
                    days = np.arange(self.length[columns.start], dtype=np.uint32)
                    shuffled = generator.permuted(np.tile(days, (rows, 1)), axis=1)
                    number = columns.stop - columns.start
                    places[:, columns] = shuffled[:, :number] + np.uint32(self.begin[columns.start])
            for columns in self.mixed:  # the order decides which day gets which number of events
                places[:, columns] = generator.permuted(places[:, columns], axis=1)
            yield np.repeat(places, self.repeats, axis=1) if (self.repeats > 1).any() else places


def _distinct(
    generator: np.random.Generator,
    period: int,
    begin: NDArray[np.int64],
    length: NDArray[np.int64],
    size: int,
) -> Places:
    """Return rows of distinct places, each set with the given number in each stratum equally likely.

    A place that the row already has is drawn again until it is new.
    """
    n = begin.size
    kind = place_type(period)
    if n and length[0] == period:
        places = generator.integers(period, size=(size, n), dtype=kind)
    else:
        places = below(generator, length, (size, n)).astype(kind, copy=False) + begin.astype(kind)
    if n > LONGEST_SORTED:
        _replace_by_marks(generator, period, begin, length, places)
    elif n > 1:
        # NumPy sorts 32 bits by vectors on most processors, 16 bits on few: eight times slower elsewhere
        places = places.astype(np.uint32, copy=False)
        _replace_by_sorting(generator, begin, length, places)
    return places


def _replace_by_sorting(
    generator: np.random.Generator, begin: NDArray[np.int64], length: NDArray[np.int64], places: Places
) -> None:
    """Replace places that a row has twice; as strata are in order, sorting leaves each column in its stratum."""
    places.sort(axis=1)
    twice = np.flatnonzero(places[:, 1:] == places[:, :-1])
    row, column = twice // (begin.size - 1), twice % (begin.size - 1)
    while row.size:
        now = np.flatnonzero(np.diff(row, prepend=-1))  # one in each row, so that no two of them collide
        mine, its = row[now], column[now]
        new = (generator.integers(length[its]) + begin[its]).astype(places.dtype)
        fresh = np.ones(now.size, bool)
        fresh[np.flatnonzero(places[mine] == new[:, None]) // begin.size] = False
        places[mine[fresh], its[fresh]] = new[fresh]
        row, column = np.delete(row, now[fresh]), np.delete(column, now[fresh])


def _replace_by_marks(
    generator: np.random.Generator,
    period: int,
    begin: NDArray[np.int64],
    length: NDArray[np.int64],
    places: Places,
) -> None:
    """Replace places that a row has twice, found by marking the days, which is faster than sorting for long rows."""
    marks = np.full(period, -1, np.int32)  # the latest event on each day, numbered through all rows
    events = np.arange(begin.size, dtype=np.int32)
    for row in places:
        marks[row] = events
        twice = np.flatnonzero(marks[row] != events)
        while twice.size:
            new = generator.integers(length[twice]) + begin[twice]
            free = marks[new] < events[0]
            marks[new[free]] = events[twice[free]]
            free &= marks[new] == events[twice]
            row[twice[free]] = new[free]
            twice = twice[~free]
        events += begin.size
