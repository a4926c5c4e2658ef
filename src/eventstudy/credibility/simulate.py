"""Data with a known truth: an effect of known size planted into surrogate series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import OptionError
from eventstudy.events import NO_EVENT, Events
from eventstudy.pairs import checked_pair
from eventstudy.periods import Period
from eventstudy.windows import Window

MOST_RATIO = 1_000.0  # largest ratio of rates that is planted
MOST_PLANTED = 20_000_000  # events that are added to all series together
SPARE_COPIES = 20  # further draws per unit of ratio before a window counts as too small for the effect


class Background(Protocol):
    """A source of series without a link to the anchors; every null model is one."""

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, n)``."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class PlantedSeries:
    """Series without an effect, and the events that add one of any size.

    The effects are nested: a series with a larger ratio holds every event of the same series with a
    smaller one, so that a power curve is smooth in the ratio.

    - `size`: number of series.
    - `mean_inside`: events in the window, on average over the series without effect.
    - `largest`: the largest ratio available.
    """

    size: int
    mean_inside: float
    largest: float
    _base: Days = field(repr=False)  # (size, n)
    _row: NDArray[np.int64] = field(repr=False)  # series of each event that may be added, in order of adding
    _day: Days = field(repr=False)
    _distinct: bool = field(repr=False)

    def days(self, number: int, ratio: float) -> Days:
        """Return the days of one series with the rate in the window multiplied by `ratio`, sorted."""
        if not 1.0 <= ratio <= self.largest:
            raise OptionError(
                f"PlantedSeries: the ratio {ratio} is not between 1 and {self.largest:g}; "
                "plant again, with it among the ratios"
            )
        many = round((ratio - 1.0) * self.mean_inside * self.size)
        added = self._day[:many][self._row[:many] == number]
        base = self._base[number]
        base = base[base != NO_EVENT]
        return np.sort(np.concatenate((np.unique(base) if self._distinct else base, added)))

    def series(self, ratios: Sequence[float], period: Period, label: str) -> list[Events]:
        """Return every series at each of the ratios, those of one series together."""
        return [
            Events.from_days(self.days(number, ratio), period, label)
            for number in range(self.size)
            for ratio in ratios
        ]


def plant(
    events: Events,
    anchors: Events,
    window: Window,
    background: Background,
    *,
    ratios: Sequence[float],
    size: int,
    rng: np.random.Generator,
) -> PlantedSeries:
    """Draw series from a background and plant effects of known size in the window.

    - `events`, `anchors`: the background draws from `events`; the window belongs to `anchors`.
    - `background`: makes the series without effect, such as a null model.
    - `ratios`: rate in the window over the rate that the background has on the same days, each at least 1.
    - `size`: number of series.

    Raises OptionError if a ratio is below 1 or above 1,000, or the window cannot hold so many events.

    A series is one draw of the background. Outside the window nothing is changed. Inside, events of
    further, independent draws of the same background are added, so the planted events follow the same season,
    the same busy years and the same bursts. For a ratio of 1.5 half of a further draw's events are added, each
    kept with probability one half; for 3 two whole draws. Where the events are distinct days an event can be added only
    to a day without one, and correspondingly more are kept: over all series together the number in the
    window is the ratio times that without effect, to the nearest whole event.
    """
    period = checked_pair(events, anchors)
    steps = tuple(float(r) for r in ratios)
    if not steps or not all(1.0 <= r <= MOST_RATIO for r in steps):
        raise OptionError(
            f"plant: ratios are {list(ratios)}; give one or more, each from 1 to {MOST_RATIO:,g}"
        )
    inside = window.indicator(anchors, period).astype(bool)
    distinct = np.unique(events.days).size == len(events)

    def hits(draws: Days) -> NDArray[np.int64]:
        """Return series and day of each event in the window, as one number; distinct ones once."""
        present = draws != NO_EVENT
        row, column = np.nonzero(inside[np.where(present, draws - period.start, 0)] & present)
        places = row * len(period) + draws[row, column] - period.start
        return np.unique(places) if distinct else places

    base = background.sample(events, anchors, rng=rng, size=size)
    taken = hits(base)
    many = taken.size
    needed = round((max(steps) - 1.0) * many)
    if needed > MOST_PLANTED:
        raise OptionError(
            f"plant: {needed:,} events would be added, more than {MOST_PLANTED:,}; give fewer series or smaller "
            "ratios, such as 1.25 and 1.5"
        )
    added = np.empty(0, np.int64)
    copies = 0
    room = int(inside.sum()) * size - many if distinct else needed
    while added.size < needed:
        if needed > room or copies == SPARE_COPIES * ceil(max(steps)):
            raise OptionError(
                f"plant: the window {window!r} of {anchors.label} has no room for {max(steps):g} times as many "
                f"{events.label} under {background!r}; give smaller ratios, such as 1.25 and 1.5"
            )
        places = hits(background.sample(events, anchors, rng=rng, size=size))
        if distinct:
            places = np.setdiff1d(places, taken, assume_unique=True)
            taken = np.union1d(taken, places)
        # A part of a draw keeps each of its events with equal probability, so their order is random.
        added = np.concatenate((added, rng.permutation(places)))
        copies += 1
    row, column = np.divmod(added, len(period))
    return PlantedSeries(size, many / size, max(steps), base, row, column + period.start, distinct)
