"""Truths without a link: events and anchors that have nothing to do with each other, made to order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import OptionError
from eventstudy.events import Events, observed_period
from eventstudy.periods import Period
from eventstudy.seasons import year_angle


class Truth(Protocol):
    """A way to make data in which events and anchors have nothing to do with each other."""

    def sample(self, rng: np.random.Generator) -> tuple[Events, Events]:
        """Return events, with their period, and anchors."""
        ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often something happens over the years, within the year, and from day to day.

    Parameters
    ----------
    growth : float, default 1
        Rate on the last day of the period over that on the first; the logarithm grows evenly.
    season : float, default 1
        Rate at the peak of the year over that at its trough; the logarithm is a cosine.
    peak : int, default 288
        Day of the year with the highest rate; 288 is 15 October.
    burst_size : int, default 1
        Days of one burst: they follow a common first day, to which growth and season belong.
    burst_days : int, default 14
        Length of a burst from its first day, in days; the others are picked at random.

    Raises
    ------
    OptionError
        If a value is out of range.
    """

    growth: float = 1.0
    season: float = 1.0
    peak: int = 288
    burst_size: int = 1
    burst_days: int = 14

    def __post_init__(self) -> None:
        if not (self.growth > 0 and self.season >= 1 and 1 <= self.burst_size <= self.burst_days):
            raise OptionError(
                f"{self!r}: growth must be positive, season at least 1, burst_size between 1 and burst_days; "
                "1 stands for no growth, no season, no bursts"
            )

    def __str__(self) -> str:
        parts = [
            f"growth ×{self.growth:g}" if self.growth != 1 else "",
            f"season ×{self.season:g}" if self.season != 1 else "",
            f"bursts of {self.burst_size}" if self.burst_size != 1 else "",
        ]
        return ", ".join(part for part in parts if part) or "stationary"

    def weights(self, period: Period) -> NDArray[np.float64]:
        """Return the rate of each day as a share of the period's total, shape ``(len(period),)``."""
        trend = np.log(self.growth) * np.arange(len(period)) / len(period)
        year = np.log(self.season) / 2 * np.cos(year_angle(period.days, self.peak))
        rate = np.exp(trend + year)
        return rate / rate.sum()

    def days(self, period: Period, number: int, rng: np.random.Generator) -> Days:
        """Draw distinct days.

        Bursts that run over the end of the period go on at its start, and bursts that meet share their
        days, so with bursts there may be somewhat fewer than `number`.
        """
        bursts = max(1, round(number / self.burst_size))
        first = rng.choice(len(period), bursts, replace=False, p=self.weights(period))
        later = rng.permuted(np.tile(np.arange(1, self.burst_days), (bursts, 1)), axis=1)[
            :, : self.burst_size - 1
        ]
        steps = np.concatenate((np.zeros((bursts, 1), np.int64), later), axis=1)
        return period.start + np.unique((first[:, None] + steps) % len(period))


@dataclass(frozen=True, slots=True)
class SimulatedSeries:
    """Events and anchors drawn apart from each other, with the same rhythm.

    Parameters
    ----------
    period : Period
    n_events, n_anchors : int
        Days with an event, and anchors.
    rhythm : Rhythm
        Of both: what they share without being linked.
    """

    period: Period
    n_events: int
    n_anchors: int
    rhythm: Rhythm = Rhythm()

    def __post_init__(self) -> None:
        _check_number(self.n_events, self.period, "n_events")
        _check_number(self.n_anchors, self.period, "n_anchors")

    def __str__(self) -> str:
        return f"both simulated: {self.rhythm}"

    def sample(self, rng: np.random.Generator) -> tuple[Events, Events]:
        """Return events, with their period, and anchors."""
        return (
            Events(self.rhythm.days(self.period, self.n_events, rng), self.period, "events"),
            Events(self.rhythm.days(self.period, self.n_anchors, rng), self.period, "anchors"),
        )


@dataclass(frozen=True, slots=True)
class SimulatedEvents:
    """The real anchors with simulated events.

    Parameters
    ----------
    anchors : Events
    period : Period
    n_events : int
    rhythm : Rhythm
        Of the events.
    """

    anchors: Events
    period: Period
    n_events: int
    rhythm: Rhythm = Rhythm()

    def __post_init__(self) -> None:
        _check_number(self.n_events, self.period, "n_events")

    def __str__(self) -> str:
        return f"real {self.anchors.label}, simulated events: {self.rhythm}"

    def sample(self, rng: np.random.Generator) -> tuple[Events, Events]:
        """Return events, with their period, and anchors."""
        return Events(self.rhythm.days(self.period, self.n_events, rng), self.period, "events"), self.anchors


@dataclass(frozen=True, slots=True)
class PlaceboAnchors:
    """The real events with anchors that never were.

    Parameters
    ----------
    events : Events
        With their period.
    n_anchors : int
    rhythm : Rhythm
        Of the anchors.
    """

    events: Events
    n_anchors: int
    rhythm: Rhythm = Rhythm()

    def __post_init__(self) -> None:
        _check_number(self.n_anchors, observed_period(self.events), "n_anchors")

    def __str__(self) -> str:
        return f"real {self.events.label}, placebo anchors: {self.rhythm}"

    def sample(self, rng: np.random.Generator) -> tuple[Events, Events]:
        """Return events, with their period, and anchors."""
        period = observed_period(self.events)
        return self.events, Events(self.rhythm.days(period, self.n_anchors, rng), period, "placebo anchors")


def _check_number(number: int, period: Period, name: str) -> None:
    if not 1 <= number <= len(period):
        raise OptionError(
            f"{name}: {number} different days do not fit into the {len(period)} days of {period}; "
            "give 1 at least and no more than that"
        )
