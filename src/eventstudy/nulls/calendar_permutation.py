"""Permuted years: each year's events meet another year's anchors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import permutations
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import Days, date_text
from eventstudy.errors import ExactUnavailableError, OptionError, StrataError
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel, Sums
from eventstudy.nulls.hits import laid_hits
from eventstudy.nulls.lookup import LARGEST_TABLE, Places, StratumTable, stacked
from eventstudy.nulls.moves import MOST_CHOICES, Choices, Move, common_strata
from eventstudy.numeric.distributions import Distribution
from eventstudy.numeric.hits import WindowPieces, exchanged_hits
from eventstudy.numeric.permanents import permanent_polynomials
from eventstudy.periods import Period
from eventstudy.provenance import as_generator
from eventstudy.strata import Strata, Within, check_within, cut, describe

LARGEST_EXACT = 20  # 20! is the last factorial that fits 63 bits, so counts of permutations stay exact
LEAP_DAY = 59  # 29 February, counted from 0 in a leap year
YEAR = 366


@dataclass(frozen=True, slots=True)
class CalendarPermutation(NullModel):
    """Match each year's events with another year's anchors, at the same month and day.

    Both series keep everything inside a year: season, bursts, gaps. Both keep their yearly totals. Only
    the pairing of years of events with years of anchors is random. Each matching of years is equally likely, including
    the observed one. A trend that both series share from year to year is not kept: busy years of events meet
    quiet years of anchors as often as busy ones, so compare with a null model that works within years.

    Parameters
    ----------
    by : "year" or sequence of cut dates, default "year"
        The strata that are exchanged. Years must be whole; 29 February meets 28 February in
        common years. Pieces between cut dates must be of equal length.

    Notes
    -----
    The distribution of an additive statistic is the permanent of a matrix of counts [1]_, computed in whole
    numbers by dynamic programming over sets of years, up to 20 strata. The scores come from the
    unbroken time line: a window that begins in December belongs to its December days.

    References
    ----------
    .. [1] Ryser, H. J. (1963). Combinatorial Mathematics. Mathematical Association of America, ch. 2.

    Examples
    --------
    Two years can be matched in two ways, and only the observed one puts the event before the anchor.

    >>> import eventstudy as es
    >>> events = es.Events(["2021-03-01"], es.Period("2021-01-01", "2023-01-01"))
    >>> fortnight = es.WindowCount(es.Window.before(14))
    >>> es.permutation_test(events, es.Events(["2021-03-05"]), fortnight, es.CalendarPermutation()).pvalue
    0.5
    """

    by: Within = "year"
    name: ClassVar[str] = "calendar"
    keeps_number: ClassVar[bool] = True
    exact_is_slow: ClassVar[bool] = True
    keeps: ClassVar[str] = "season, bursts and gaps inside each year, and the yearly totals, of both series"
    breaks: ClassVar[str] = "which year of events meets which year of anchors"
    survives: ClassVar[str] = "any season that both series share; bursts; a trend of one series alone"
    avoid: ClassVar[str] = "when both series share a trend from year to year, or there are few years"

    def __post_init__(self) -> None:
        by = check_within(self.by, "CalendarPermutation", "by")
        if by is None:
            raise StrataError("CalendarPermutation: by=None leaves nothing to exchange; use by='year'")
        object.__setattr__(self, "by", by)

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, n)``."""
        generator = as_generator(rng, "CalendarPermutation.sample")
        move = self.move(observed_period(events))
        return move.moved(events, move.draw(generator, size))

    def move(self, period: Period) -> _Matching:
        """Return the matchings of strata."""
        calendar = _Calendar.of(period, self.by)
        return _Matching(calendar.strata, calendar)

    def exact(self, events: Events, anchors: Events, scores: NDArray[np.int64]) -> Distribution:
        """Return the distribution of the sum of the events' scores."""
        return self.exact_each([events], [anchors], scores)[0]

    def exact_each(
        self, series: Sequence[Events], anchors: Sequence[Events], scores: NDArray[np.int64]
    ) -> list[Distribution]:
        """Return the distribution of the sum of the scores for each series, their tables made as one product."""
        return self.move(observed_period(series[0])).distributions(series, scores)

    def exact_hits(self, events: Events, first: Days, stop: Days) -> Distribution:
        """Return the distribution of the number of windows that hold an event; windows may cross strata."""
        calendar = _Calendar.of(observed_period(events), self.by)
        return calendar.hits(events, first, stop)

    def sums(
        self, events: Events, anchors: Events, scores: Iterable[NDArray[Any]], number: int
    ) -> Sums | None:
        """Return the sums of the events' scores on the draws of `sample`, one look-up per stratum."""
        move = self.move(observed_period(events))
        table = move.table(events, scores, number)
        return None if table is None else _MatchingSums(move, table)

    def leaving_out(self, period: Period, gone: Period) -> NullModel:
        """Return the model in which the other strata are exchanged with each other.

        Raises
        ------
        OptionError
            If `gone` is not made of whole strata.
        """
        strata = _Calendar.of(period, self.by).strata
        if not strata.are_edges(gone):
            raise OptionError(
                f"{self!r}: {gone} cannot be left out, as it is not made of whole strata; use strata that begin and "
                "end with it"
            )
        return _Without(self.by, gone=gone)


@dataclass(frozen=True, slots=True)
class _Without(CalendarPermutation):
    """Exchange the strata outside `gone`, whose days stay empty."""

    gone: Period = field(kw_only=True)
    name: ClassVar[str] = ""

    def move(self, period: Period) -> _Matching:
        """Return the matchings of the other strata."""
        calendar = _Calendar.of(period, self.by)
        return _Matching(calendar.strata, calendar, self._others(calendar))

    def exact_hits(self, events: Events, first: Days, stop: Days) -> Distribution:
        """Refuse: strata that do not take part in the exchange break the chain."""
        return NullModel.exact_hits(self, events, first, stop)

    def _others(self, calendar: _Calendar) -> NDArray[np.int64]:
        return np.flatnonzero(~self.gone.inside(calendar.strata.edges[:-1]))


@dataclass(frozen=True, slots=True, eq=False)
class _Matching(Move):
    """Matchings of strata: a choice is the stratum to which a stratum is moved.

    `others`, shape (s,): the strata that are exchanged; by default all.
    """

    strata: Strata
    calendar: _Calendar
    others: NDArray[np.int64] | None = None
    keeps_to_strata: ClassVar[bool] = False

    @property
    def identity(self) -> NDArray[np.int64]:
        """Each stratum on itself."""
        return np.arange(len(self.strata))

    def draw(self, rng: np.random.Generator, size: int) -> Choices:
        """Draw the stratum to which each stratum is moved, shape (size, s)."""
        choices = np.tile(self.identity, (size, 1))
        if self.others is None:
            return rng.permuted(choices, axis=1, out=choices)
        choices[:, self.others] = rng.permuted(choices[:, self.others], axis=1)
        return choices

    def places(self, choices: Choices) -> Places:
        """Return where each day of the period goes, counted from its start, shape (size, days)."""
        start, stop = self.strata.edges[[0, -1]]
        return self._laid(np.arange(start, stop), choices) - start

    def moved(self, events: Events, choices: Choices) -> Days:
        """Return the events' days for each row of choices, shape (size, n)."""
        return self._laid(events.days, choices)

    def every(self) -> Choices | None:
        """Return all matchings; None where they are more than 100,000."""
        others = self._exchanged()
        if math.factorial(min(others.size, LARGEST_EXACT)) > MOST_CHOICES:
            return None
        orders = _orders(others.size)
        choices = np.tile(self.identity, (len(orders), 1))
        choices[:, others] = others[orders]
        return choices

    def over_periods(self, moves: Sequence[Move], rng: np.random.Generator, size: int) -> list[Choices]:
        """Draw matchings that map each of the periods to itself: only strata of the same periods are exchanged."""
        pieces, own = common_strata(moves)
        members = np.array([[i in set(mine.tolist()) for mine in own] for i in range(len(pieces))])
        target = np.empty((size, len(pieces)), np.int64)
        for pattern in np.unique(members, axis=0):
            group = np.flatnonzero((members == pattern).all(axis=1))
            target[:, group] = rng.permuted(np.tile(group, (size, 1)), axis=1)
        return [np.searchsorted(mine, target[:, mine]) for mine in own]

    def table(self, events: Events, scores: Iterable[NDArray[Any]], number: int) -> StratumTable | None:
        """Return the sums of scores for each stratum moved to each; None where the table would be too large."""
        k = len(self.strata)
        if k * k * number > LARGEST_TABLE:
            return None
        table = stacked((meeting.ravel() for meeting in self.calendar.meetings(events, scores)), axis=1)
        return StratumTable(table, k * np.arange(k))

    def totals(self, events: Events, scores: NDArray[Any], choices: Choices) -> NDArray[Any]:
        """Return the sum of the events' scores for each row of choices, one look-up per stratum."""
        table = self.table(events, [scores], 1)
        if table is None:
            raise OptionError(
                f"CalendarPermutation: a table of sums by stratum would have more than {LARGEST_TABLE:,} entries; "
                "use fewer strata"
            )
        return table.totals(choices)[:, 0]

    def distributions(self, series: Sequence[Events], scores: NDArray[np.int64]) -> list[Distribution]:
        """Return the distribution of the sum of the scores of each series, shape (s, days), or (days,) for all.

        Raises ExactUnavailableError if there are too many strata.
        """
        others, k = self._exchanged(), len(self.strata)
        if others.size > LARGEST_EXACT:
            raise ExactUnavailableError(
                f"CalendarPermutation: the exact distribution stops at {LARGEST_EXACT} strata and there are "
                f"{others.size}; use method='monte-carlo'"
            )
        counts = np.stack([events.daily_counts() for events in series])
        # whole numbers below 2**53
        sums = np.rint(self.tables(counts.astype(float), np.atleast_2d(scores).astype(float)))
        tables = sums.astype(np.int64).reshape(-1, k, k)[:, others[:, None], others]
        arrangements = math.factorial(others.size)
        return [Distribution(low, ways / arrangements) for low, ways in permanent_polynomials(tables)]

    def tables(self, counts: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each series the sums of the scores of stratum i moved to stratum j, shape (s, strata squared)."""
        k, width = len(self.strata), self.calendar.width
        every = self.calendar.day(np.arange(k)[:, None], np.arange(width)) - self.strata.edges[0]
        common = ~self.calendar.leap  # their 28 February stands in the place of 29 February too
        if len(scores) == 1:
            laid = counts.take(every, axis=1)
            laid[:, common, LEAP_DAY : LEAP_DAY + 1] = 0.0
            return (laid.reshape(-1, width) @ scores[0].take(every).T).reshape(len(counts), -1)
        table, own = np.empty((len(counts), k, k)), np.empty((k, width))
        # one series after the other: its matrices stay in the cache
        for met, count, score in zip(table, counts, scores, strict=True):
            np.take(count, every, out=own, mode="clip")
            own[common, LEAP_DAY : LEAP_DAY + 1] = 0.0
            np.matmul(own, score.take(every).T, out=met)
        return table.reshape(len(counts), -1)

    def rows(self, choices: Choices) -> NDArray[np.int64]:
        """Return for each choice its place in `tables`, the shape of `choices`."""
        k = len(self.strata)
        return k * np.arange(k) + choices

    def _exchanged(self) -> NDArray[np.int64]:
        return self.identity if self.others is None else self.others

    def _laid(self, days: Days, choices: Choices) -> Days:
        home, place = self.calendar.locate(days)
        return self.calendar.day(choices[:, home].astype(np.int64, copy=False), place)


@cache
def _orders(number: int) -> NDArray[np.int64]:
    """Return all orders of a few things, the given one first, shape (number!, number)."""
    return np.array(list(permutations(range(number))), np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _MatchingSums:
    """Sums of scores on draws that permute the strata."""

    move: _Matching
    table: StratumTable

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[Any]:
        """Return the sums on `size` draws, shape (size, k)."""
        return self.table.totals(self.move.draw(rng, size))


@dataclass(frozen=True, slots=True, eq=False)
class _Calendar:
    """Aligned strata: a place in one has a corresponding day in every other."""

    strata: Strata
    leap: NDArray[np.bool_]
    width: int

    @classmethod
    def of(cls, period: Period, by: Any) -> _Calendar:
        strata = cut(period, by)
        lengths = strata.lengths
        if by == "year":
            _check_whole_years(period)
            return cls(strata, lengths == YEAR, YEAR)
        if len(strata) < 2 or (lengths != lengths[0]).any():
            raise StrataError(
                f"CalendarPermutation: the strata {describe(by)} have {lengths.min()} to {lengths.max()} days "
                f"and cannot be exchanged; {_equal_pieces(strata)}"
            )
        return cls(strata, np.ones(len(strata), bool), int(lengths[0]))

    def locate(self, days: Days) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return each day's stratum and its place there, counted as in a leap year."""
        home = self.strata.index(days)
        place = days - self.strata.edges[home]
        return home, place + (~self.leap[home] & (place >= LEAP_DAY))

    def day(self, stratum: NDArray[np.int64], place: NDArray[np.int64]) -> Days:
        """Return the day at `place` of a stratum; 29 February becomes 28 February in common years."""
        return self.strata.edges[stratum] + place - (~self.leap[stratum] & (place >= LEAP_DAY))

    def meetings(self, events: Events, scores: Iterable[NDArray[Any]]) -> Iterator[NDArray[Any]]:
        """Yield for each score its sum over the events of stratum i moved to stratum j, shape (s, s)."""
        k = len(self.strata)
        counts = np.zeros((k, self.width))
        np.add.at(counts, self.locate(events.days), 1.0)
        every = self.day(np.arange(k)[:, None], np.arange(self.width)) - self.strata.edges[0]
        for score in scores:
            sums = counts @ score[every].T.astype(float)
            yield sums if score.dtype.kind == "f" else np.rint(sums).astype(np.int64)

    def hits(self, events: Events, first: Days, stop: Days) -> Distribution:
        """Return the distribution of the number of windows that hold an event, over all matchings of strata."""
        edges, k = self.strata.edges, len(self.strata)
        if k > LARGEST_EXACT:
            raise ExactUnavailableError(
                f"the exact distribution stops at {LARGEST_EXACT} strata and there are {k}"
            )
        present = np.zeros((k, self.width), np.int64)
        present[self.locate(events.days)] = 1
        every = self.day(np.arange(k)[:, None], np.arange(self.width)) - edges[:-1, None]
        laid = []
        for stratum, length in enumerate(self.strata.lengths.tolist()):
            days = np.zeros((length, k), np.int64)
            np.add.at(days, every[stratum], present.T)
            laid.append(days.T > 0)
        pieces = WindowPieces.of(first, stop, edges)
        return exchanged_hits(laid_hits(laid, pieces, edges), pieces)


def _equal_pieces(strata: Strata) -> str:
    """Say how to get strata of equal length: a shorter period if only the first or the last one differs."""
    for first, last in ((0, 1), (1, 0), (1, 1)):
        edges = strata.edges[first : strata.edges.size - last]
        if edges.size > 2 and (np.diff(edges) == edges[1] - edges[0]).all():
            return f"{Period(edges[0], edges[-1])!r} and the cut dates inside it would do"
    return "use by='year' over whole years, or cut dates at equal distances"


def _check_whole_years(period: Period) -> None:
    """Refuse a period that does not run from 1 January to 1 January at least two years later."""
    start, stop = pd.Timestamp(date_text(period.start)), pd.Timestamp(date_text(period.stop))
    first = start.year + (start.day_of_year > 1)
    last = stop.year
    if start.day_of_year == 1 and stop.day_of_year == 1 and last - first >= 2:
        return
    if last - first >= 2:
        fix = f"Period('{first}-01-01', '{last}-01-01') would do"
    else:
        fix = "at least two whole calendar years are needed; widen the period or use CircularShift(within='month')"
    raise StrataError(f"CalendarPermutation: {period} does not cut into years of equal length; {fix}")
