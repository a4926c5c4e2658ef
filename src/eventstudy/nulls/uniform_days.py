"""Permuted days: every arrangement of the daily counts is equally likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.distributions import Distribution, convolve
from eventstudy.events import Events, observed_period
from eventstudy.placements import placed
from eventstudy.provenance import as_generator
from eventstudy.strata import Within, check_within, cut, describe


@dataclass(frozen=True, slots=True)
class UniformDays:
    """Permute the days, in the whole period or within strata.

    The number of events on each day is kept as a set: days with one event stay single, days with two
    stay double, and all of them are dealt out anew to the days of their stratum. This is the test that is
    usually done, and often too keen: bursts count as independent events, and a trend or season shared by
    events and anchors counts as clustering unless the strata are shorter than it. Use it as a labelled
    naive comparison, or where events are known to be independent.

    Parameters
    ----------
    within : None, "year", "quarter", "month" or sequence of cut dates, optional
        Strata whose numbers of events are kept.

    Notes
    -----
    For distinct days and a 0/1 score the statistic is hypergeometric [1]_, convolved over strata.
    Other whole-number scores and repeated days go through chains of them, or are counted level by level.

    References
    ----------
    .. [1] Fisher, R. A. (1935). The logic of inductive inference. Journal of the Royal Statistical
       Society 98(1), 39-82.
    """

    within: Within = None
    breaks: ClassVar[str] = "gaps between events, so bursts, and any season or trend inside a stratum"
    survives: ClassVar[str] = "trends from stratum to stratum if `within` is given, else none"
    avoid: ClassVar[str] = "when events come in bursts, or events and anchors share a trend inside strata"

    def __post_init__(self) -> None:
        object.__setattr__(self, "within", check_within(self.within, "UniformDays"))

    @property
    def keeps(self) -> str:
        """What a draw shares with the observed events."""
        return f"the numbers of events per day, dealt out anew {describe(self.within)}"

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, n)``; the order within a row means nothing."""
        generator = as_generator(rng, "UniformDays.sample")
        strata = cut(observed_period(events), self.within)
        days, counts = np.unique(events.days, return_counts=True)
        home = strata.index(days)
        parts = []
        for number in np.unique(home):
            mine = counts[home == number]
            drawn = _distinct(generator, int(strata.lengths[number]), mine.size, size)
            if (mine > 1).any():  # the order decides which day gets which count
                drawn = generator.permuted(drawn, axis=1)[:, np.repeat(np.arange(mine.size), mine)]
            parts.append(drawn + strata.edges[number])
        return np.concatenate(parts, axis=1) if parts else np.empty((size, 0), np.int64)

    def exact(self, events: Events, anchors: Events, scores: NDArray[np.int64]) -> Distribution:
        """Return the distribution of the sum of the events' scores."""
        period = observed_period(events)
        strata = cut(period, self.within)
        counts = events.daily_counts()
        used = np.unique(strata.index(events.days))
        slices = strata.slices(period.start)
        return convolve(placed(scores[slices[i]], counts[slices[i]]) for i in used)


def _distinct(generator: np.random.Generator, length: int, number: int, size: int) -> Days:
    """Return `size` rows of `number` different days out of `length`, each set equally likely."""
    if number * 3 > length:
        return generator.permuted(np.tile(np.arange(length), (size, 1)), axis=1)[:, :number]
    rows = np.sort(generator.integers(length, size=(size, number)), axis=1)
    todo = np.arange(size)
    while todo.size:  # a day drawn twice is drawn again until it is new, as one would by hand
        part = rows[todo]
        again = np.zeros(part.shape, bool)
        again[:, 1:] = part[:, 1:] == part[:, :-1]
        bad = again.any(axis=1)
        todo, part, again = todo[bad], part[bad], again[bad]
        part[again] = generator.integers(length, size=int(again.sum()))
        rows[todo] = np.sort(part, axis=1)
    return rows
