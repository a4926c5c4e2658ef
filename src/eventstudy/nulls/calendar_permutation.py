"""Exchanged years: each year's events meet another year's anchors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import Days, date_text
from eventstudy.errors import ExactUnavailableError, StrataError
from eventstudy.events import Events, observed_period
from eventstudy.nulls.lookup import LARGEST_TABLE, StratumTable, stacked
from eventstudy.numeric.distributions import Distribution
from eventstudy.numeric.permanents import permanent_polynomial
from eventstudy.periods import Period
from eventstudy.provenance import as_generator
from eventstudy.strata import Strata, Within, check_within, cut, describe

LARGEST_EXACT = 20  # 20! is the last factorial that fits 63 bits, so counts of permutations stay exact
LEAP_DAY = 59  # 29 February, counted from 0 in a leap year
YEAR = 366


@dataclass(frozen=True, slots=True)
class CalendarPermutation:
    """Match each year's events with another year's anchors, at the same month and day.

    Both series keep everything inside a year: season, bursts, gaps. Both keep their yearly totals. What
    is random is only which year of events meets which year of anchors. Each matching of years is equally likely, the
    observed one too. A trend that both series share from year to year is not kept as a link: busy years of events meet
    quiet years of anchors as often as busy ones, so compare with a null that works within years.

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
        calendar = _Calendar.of(observed_period(events), self.by)
        matched = _matchings(generator, len(calendar.strata), size)
        home, place = calendar.locate(events.days)
        return calendar.day(matched[:, home], place)

    def exact(self, events: Events, anchors: Events, scores: NDArray[np.int64]) -> Distribution:
        """Return the distribution of the sum of the events' scores."""
        period = observed_period(events)
        calendar = _Calendar.of(period, self.by)
        k = len(calendar.strata)
        if k > LARGEST_EXACT:
            raise ExactUnavailableError(
                f"CalendarPermutation: the exact distribution stops at {LARGEST_EXACT} strata and there are {k}; "
                "use method='monte-carlo'"
            )
        (table,) = calendar.meetings(events, [scores])
        low, ways = permanent_polynomial(table)
        return Distribution(low, ways / math.factorial(k))

    def sums(
        self, events: Events, anchors: Events, scores: Iterable[NDArray[np.int64]], number: int
    ) -> _MatchingSums | None:
        """Return the sums of the events' scores on the draws of `sample`, one look-up per stratum."""
        calendar = _Calendar.of(observed_period(events), self.by)
        k = len(calendar.strata)
        if k * k * number > LARGEST_TABLE:
            return None
        table = stacked((meeting.ravel() for meeting in calendar.meetings(events, scores)), axis=1)
        return _MatchingSums(StratumTable(table, k * np.arange(k)))


@dataclass(frozen=True, slots=True, eq=False)
class _MatchingSums:
    """Sums of scores on draws that lay each stratum on another one."""

    table: StratumTable

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[np.int64]:
        """Return the sums on `size` draws, shape (size, k)."""
        return self.table.totals(_matchings(rng, self.table.first.size, size))


def _matchings(rng: np.random.Generator, strata: int, size: int) -> NDArray[np.int64]:
    """Draw the stratum on which each stratum is laid, shape (size, s)."""
    return rng.permuted(np.tile(np.arange(strata), (size, 1)), axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Calendar:
    """Strata laid side by side, so that a place in one has a day in every other."""

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

    def meetings(self, events: Events, scores: Iterable[NDArray[np.int64]]) -> Iterator[NDArray[np.int64]]:
        """Give for each score its sum over the events of stratum i laid on stratum j, shape (s, s)."""
        k = len(self.strata)
        counts = np.zeros((k, self.width))
        np.add.at(counts, self.locate(events.days), 1.0)
        every = self.day(np.arange(k)[:, None], np.arange(self.width)) - self.strata.edges[0]
        for score in scores:
            yield np.rint(counts @ score[every].T.astype(float)).astype(np.int64)


def _equal_pieces(strata: Strata) -> str:
    """Say how to get strata of equal length: a shorter period if only the first or the last one differs."""
    for first, last in ((0, 1), (1, 0), (1, 1)):
        edges = strata.edges[first : strata.edges.size - last]
        if edges.size > 2 and (np.diff(edges) == edges[1] - edges[0]).all():
            return f"{Period(edges[0], edges[-1])!r} and the cut dates inside it would do"
    return "use by='year' over whole years, or cut dates at equal distances"


def _check_whole_years(period: Period) -> None:
    """Refuse a period that does not run from one 1 January to another, at least two years on."""
    start, stop = pd.Timestamp(date_text(period.start)), pd.Timestamp(date_text(period.stop))
    first = start.year + (start.day_of_year > 1)
    last = stop.year
    if start.day_of_year == 1 and stop.day_of_year == 1 and last - first >= 2:
        return
    if last - first >= 2:
        fix = f"Period('{first}-01-01', '{last}-01-01') would do"
    else:
        fix = "two whole calendar years are the least; widen the period or use CircularShift(within='month')"
    raise StrataError(f"CalendarPermutation: {period} does not cut into years of equal length; {fix}")
