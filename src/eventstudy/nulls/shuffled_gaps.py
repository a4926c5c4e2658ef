"""Shuffled gaps: the gaps between events in another order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstudy.dates import Days
from eventstudy.events import Events, observed_period
from eventstudy.provenance import as_generator
from eventstudy.strata import Within, check_within, cut, describe


@dataclass(frozen=True, slots=True)
class ShuffledGaps:
    """Put the gaps between events in a random order, round the period or each stratum, from a random origin.

    The period is closed to a ring, so that the last event has a gap to the first one as well, and the gaps add up
    to its length. Each order of the gaps and each day of the ring as the first event's are equally likely [1]_. The
    distribution of gaps is kept, so that short gaps stay as many as they are; which gap follows which is not, so runs
    of short gaps, long bursts, are broken up. A trend inside a stratum is lost.

    Parameters
    ----------
    within : None, "year", "quarter", "month" or sequence of cut dates, optional
        Strata that are shuffled independently of each other; gaps across their borders are not kept.

    Notes
    -----
    Exact for a renewal process on the ring: independent gaps in a random order. There is no closed form, so
    p-values come from draws. Events on one day stay together as gaps of zero days, but may join others.

    References
    ----------
    .. [1] Louis, S., Borgelt, C. & Gruen, S. (2010). Generation and selection of surrogate methods for
       correlation analysis. In Analysis of Parallel Spike Trains, 359-382. Springer.
    """

    within: Within = None
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
        strata = cut(observed_period(events), self.within)
        home = strata.index(events.days)
        drawn = np.empty((size, len(events)), np.int64)
        for number in np.unique(home):
            mine, length = home == number, int(strata.lengths[number])
            days = events.days[mine]
            gaps = np.diff(days, append=days[0] + length)
            place = np.cumsum(generator.permuted(np.tile(gaps, (size, 1)), axis=1), axis=1)
            place += generator.integers(length, size=(size, 1))
            drawn[:, mine] = strata.edges[number] + place % length
        return drawn
