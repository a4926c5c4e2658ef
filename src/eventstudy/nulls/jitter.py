"""Jitter: each event moves a little, on its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from eventstudy.arguments import whole
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
from eventstudy.nulls.moves import EachDay, Move
from eventstudy.numeric.distributions import (
    Distribution,
    convolve,
    from_values,
    point,
    poisson_binomial,
    repeated,
)
from eventstudy.periods import Period
from eventstudy.provenance import as_generator
from eventstudy.strata import Within, check_within, cut


@dataclass(frozen=True, slots=True)
class Jitter(NullModel):
    """Move each event to a day drawn uniformly from those at most `days` away, independently of the others.

    Trends and seasons slower than `days` are kept, whatever their shape, so a link can only be found on a shorter
    scale. The days that can be reached are those of the period, or of the event's stratum: near an edge there
    are fewer of them, and no event is lost, clipped or wrapped round [1]_. Two events may fall on one day.

    The draws keep much of the clustering under test, so power is low unless `days` is well above the length of the
    window. As the draws are centred on what was observed, the level is not guaranteed: the test is
    mostly conservative, but anti-conservative for some irregular series [2]_. Events in bursts are moved
    one by one, so bursts shorter than `days` are broken up and count as independent events.

    Parameters
    ----------
    days : int
        The furthest move, to either side.
    within : None, "year", "quarter", "month" or sequence of cut dates, optional
        Strata that no event leaves.

    Notes
    -----
    For a score of two values the distribution of an additive statistic is Poisson-binomial, and events with the
    same share of reachable days in the window are joined as a binomial. For other whole-number scores the
    distributions of the single events are convolved.

    References
    ----------
    .. [1] Stella, A., Bouss, P., Palm, G. & Gruen, S. (2022). Comparing surrogates to evaluate precisely timed
       higher-order spike correlations. eNeuro 9(3), ENEURO.0505-21.2022.
    .. [2] Platkiewicz, J., Stark, E. & Amarasingham, A. (2017). Spike-centered jitter can mistake temporal
       structure. Neural Computation 29(3), 783-803.

    Examples
    --------
    Moved by at most one day, the event of day 5 stays there with probability one third.

    >>> import eventstudy as es
    >>> events, anchors = es.Events([5], es.Period(0, 10)), es.Events([6])
    >>> result = es.permutation_test(events, anchors, es.WindowCount(es.Window(-1, 0)), es.Jitter(1))
    >>> round(result.pvalue, 9)
    0.333333333
    """

    days: int
    within: Within = None
    name: ClassVar[str] = "jitter"
    keeps_number: ClassVar[bool] = True
    breaks: ClassVar[str] = "the exact days, and so gaps and bursts, on the scale of the moves"
    survives: ClassVar[str] = "any trend or season that changes little over the moves"
    avoid: ClassVar[str] = (
        "when the window is as long as the moves (no power), or bursts are shorter than them (anti-conservative)"
    )

    def __post_init__(self) -> None:
        fix = "events move by whole days; give 1 or more, such as 30"
        days = whole(self.days, "Jitter", "days", least=1, fix=fix)
        object.__setattr__(self, "days", days)
        object.__setattr__(self, "within", check_within(self.within, "Jitter"))

    @property
    def keeps(self) -> str:
        """What a draw shares with the observed events."""
        inside = "" if self.within is None else ", inside their strata"
        return f"the number of events, each to within {self.days} days{inside}"

    @classmethod
    def example(cls) -> Self:
        """Return moves of up to 30 days."""
        return cls(30)

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, n)``."""
        generator = as_generator(rng, "Jitter.sample")
        return laid_out(self._moves(events), generator, size, events)

    def move(self, period: Period) -> Move:
        """Return the moves of each day; events on one day move independently, so series cannot share them."""
        return _DaysApart(cut(period, self.within), self.sample)

    def sums(
        self, events: Events, anchors: Events, scores: Iterable[NDArray[Any]], number: int
    ) -> PlaceSums | LevelSums:
        """Return the sums of the events' scores on draws: of one score with few values their counts, else look-ups."""
        return counted_or_placed(partial(self._counted, events), self._moves(events), scores, number)

    def hits(self, events: Events, first: Days, stop: Days) -> PlaceSums:
        """Return the number of windows with an event on the draws of `sample`."""
        return placed_hits(self._moves(events), events, first, stop)

    def _counted(self, events: Events, score: NDArray[np.int64]) -> LevelSums | None:
        """Return the sums from counts of events at each level of the score, if that is less work."""
        levels, before = days_of_level(score)
        if levels.size > MOST_LEVELS:
            return None
        first, stop = (edge - observed_period(events).start for edge in self._reach(events))
        days = (before[:, stop] - before[:, first]).T
        shares, numbers = np.unique(days / (stop - first)[:, None], axis=0, return_counts=True)
        found = LevelSums(levels, shares, numbers, "independent")
        return found if found.pays else None

    def exact(self, events: Events, anchors: Events, scores: NDArray[np.int64]) -> Distribution:
        """Return the distribution of the sum of the events' scores."""
        start = observed_period(events).start
        first, stop = (edge - start for edge in self._reach(events))
        low, high = int(scores.min()), int(scores.max())
        if low == high:
            return point(low * len(events))
        marked = scores == high
        if (marked | (scores == low)).all():
            before = np.concatenate(([0], np.cumsum(marked)))
            share = (before[stop] - before[first]) / (stop - first)
            return poisson_binomial(share).times(high - low).shifted(low * len(events))
        reach, number = np.unique(np.stack([first, stop]), axis=1, return_counts=True)
        return convolve(
            repeated(from_values(scores[a:b]), times)
            for a, b, times in zip(*reach.tolist(), number.tolist(), strict=True)
        )

    def _moves(self, events: Events) -> _Moves:
        first, stop = self._reach(events)
        return _Moves(first - observed_period(events).start, stop - first)

    def _reach(self, events: Events) -> tuple[Days, Days]:
        """Return the first day that each event can reach, and the day after the last one."""
        strata = cut(observed_period(events), self.within)
        home = strata.index(events.days)
        first = np.maximum(events.days - self.days, strata.edges[home])
        return first, np.minimum(events.days + self.days + 1, strata.edges[home + 1])


@dataclass(frozen=True, slots=True, eq=False)
class _DaysApart(EachDay):
    """Independent moves of each day."""

    moves_together: ClassVar[bool] = False

    def drawn(self, events: Events, rng: np.random.Generator, size: int) -> Days:
        """Return the events' days on draws, shape (size, n); events of one day do not stay together."""
        return self.sample(events, events, rng=rng, size=size)


@dataclass(frozen=True, slots=True, eq=False)
class _Moves:
    """Moves each event inside its reach.

    `first`, `length`, shape (n,): first place of the reach, counted from the start of the period, and its
    days.
    """

    first: NDArray[np.int64]
    length: NDArray[np.int64]

    def __call__(self, generator: np.random.Generator, size: int) -> Iterator[Places]:
        """Give draws, some at a time, shape (rows, n)."""
        kind = place_type(int((self.first + self.length).max(initial=0)))
        first = self.first.astype(kind)
        for rows in pieces(size, first.size):
            yield below(generator, self.length, (rows, first.size)).astype(kind, copy=False) + first
