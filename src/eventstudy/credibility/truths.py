"""Simulated data with a known truth: events and anchors with a shared rhythm, and no link or one of known size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eventstudy.credibility.rhythms import STATIONARY, Rhythm
from eventstudy.credibility.simulate import MOST_RATIO
from eventstudy.dates import Days
from eventstudy.errors import OptionError
from eventstudy.events import Events, observed_period
from eventstudy.periods import Period
from eventstudy.provenance import Provenance
from eventstudy.windows import Window, checked_window

KEPT = 8_192  # data sets, some 30 MB
LARGEST_KEPT = 1_000  # events, and anchors, of one of them


class Truth(Protocol):
    """A way to make data whose link between events and anchors is known; most have none."""

    def sample(self, rng: np.random.Generator) -> tuple[Events, Events]:
        """Return events, with their period, and anchors."""
        ...


@dataclass(frozen=True, slots=True)
class Link:
    """A planted effect: the rate of the events in the window of the anchors is multiplied.

    Parameters
    ----------
    window : Window
    ratio : float
        Rate in the window over the rate of the rhythm alone on the same days, from 0 to 1,000.

    Notes
    -----
    Below 1 each event in the window is kept with that probability. Above 1 the events in the window of further,
    independent series with the same rhythm are added, each kept at random, so the added ones come in the same busy
    times and bursts. Several events may then fall on one day: there are too few distinct days for a large
    ratio where the rate is high.
    """

    window: Window
    ratio: float

    def __post_init__(self) -> None:
        checked_window(self.window, "Link")
        if not 0.0 <= self.ratio <= MOST_RATIO:
            raise OptionError(
                f"Link: the ratio is {self.ratio}; give a number from 0 to {MOST_RATIO:,g}, such as 1.5"
            )

    def __str__(self) -> str:
        return f"rate ×{self.ratio:g} in the window ({self.window})"

    def planted(
        self, days: Days, anchors: Events, another: Callable[[], Days], rng: np.random.Generator
    ) -> Days:
        """Return the days of events with the effect, sorted; `another` gives the days of one more series."""
        if self.ratio <= 1.0:
            kept = ~self.window.holds(days, anchors) | (rng.random(days.size) < self.ratio)
            return days[kept]
        copies = ceil(self.ratio - 1.0)
        added = np.concatenate([another() for _ in range(copies)])
        added = added[self.window.holds(added, anchors)]
        added = added[rng.random(added.size) < (self.ratio - 1.0) / copies]
        return np.sort(np.concatenate((days, added)))


@dataclass(frozen=True, slots=True)
class SimulatedSeries:
    """Events and anchors drawn independently, with the same rhythm.

    Parameters
    ----------
    period : Period
    n_events, n_anchors : int
        Days with an event in the absence of the link, and anchors.
    rhythm : Rhythm
        Of both: what they share though not linked.
    link : Link, optional
        Multiplies the rate of the events in the window of the anchors.
    """

    period: Period
    n_events: int
    n_anchors: int
    rhythm: Rhythm = STATIONARY
    link: Link | None = None

    def __post_init__(self) -> None:
        _check_number(self.n_events, self.period, "n_events")
        _check_number(self.n_anchors, self.period, "n_anchors")

    def __str__(self) -> str:
        return f"both simulated: {self.rhythm}{_link_text(self.link)}"

    def sample(self, rng: np.random.Generator) -> tuple[Events, Events]:
        """Return events, with their period, and anchors."""
        weights = self.rhythm.weights(self.period, rng)
        days = self.rhythm.days(self.period, self.n_events, rng, weights)
        anchors = Events.from_days(
            self.rhythm.days(self.period, self.n_anchors, rng, weights), self.period, "anchors"
        )
        return _linked(days, anchors, self, weights, rng), anchors


@dataclass(frozen=True, slots=True)
class SimulatedEvents:
    """The real anchors with simulated events.

    Parameters
    ----------
    anchors : Events
    period : Period
    n_events : int
        Days with an event without the link.
    rhythm : Rhythm
        Of the events.
    link : Link, optional
        Multiplies the rate of the events in the window of the anchors.
    """

    anchors: Events
    period: Period
    n_events: int
    rhythm: Rhythm = STATIONARY
    link: Link | None = None

    def __post_init__(self) -> None:
        _check_number(self.n_events, self.period, "n_events")

    def __str__(self) -> str:
        return f"real {self.anchors.label}, simulated events: {self.rhythm}{_link_text(self.link)}"

    def sample(self, rng: np.random.Generator) -> tuple[Events, Events]:
        """Return events, with their period, and anchors."""
        weights = self.rhythm.weights(self.period, rng)
        days = self.rhythm.days(self.period, self.n_events, rng, weights)
        return _linked(days, self.anchors, self, weights, rng), self.anchors


def _link_text(link: Link | None) -> str:
    return "" if link is None else f", {link}"


def _linked(
    days: Days,
    anchors: Events,
    truth: SimulatedSeries | SimulatedEvents,
    weights: NDArray[np.float64],
    rng: np.random.Generator,
) -> Events:
    """Return the events with the link of a truth planted among them."""
    if truth.link is not None:
        days = truth.link.planted(
            days, anchors, lambda: truth.rhythm.days(truth.period, truth.n_events, rng, weights), rng
        )
    return Events.from_days(days, truth.period, "events")


@dataclass(frozen=True, slots=True)
class PlaceboAnchors:
    """The real events with simulated (placebo) anchors.

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
    rhythm: Rhythm = STATIONARY

    def __post_init__(self) -> None:
        _check_number(self.n_anchors, observed_period(self.events), "n_anchors")

    def __str__(self) -> str:
        return f"real {self.events.label}, placebo anchors: {self.rhythm}"

    def sample(self, rng: np.random.Generator) -> tuple[Events, Events]:
        """Return events, with their period, and anchors."""
        period = observed_period(self.events)
        return self.events, Events.from_days(
            self.rhythm.days(period, self.n_anchors, rng), period, "placebo anchors"
        )


def data_set(truth: Truth, rng: np.random.Generator) -> tuple[Events, Events]:
    """Return a data set of a truth, drawn with a generator that draws nothing else.

    Small ones are kept: the intervals or tests of another call with the same seed are asked about the same data, and
    drawing them takes as long as testing them.
    """
    source = rng.bit_generator
    if not isinstance(truth, SimulatedSeries | SimulatedEvents) or not isinstance(source, np.random.PCG64):
        return truth.sample(rng)
    n_anchors = truth.n_anchors if isinstance(truth, SimulatedSeries) else 0  # real ones are shared
    if max(truth.n_events, n_anchors) <= LARGEST_KEPT:
        own = source.state
        return _kept(truth, own["state"]["state"], own["state"]["inc"], own["has_uint32"], own["uinteger"])
    return truth.sample(rng)


@lru_cache(maxsize=KEPT)
def _kept(
    truth: SimulatedSeries | SimulatedEvents, state: int, inc: int, has_uint32: int, uinteger: int
) -> tuple[Events, Events]:
    source = np.random.PCG64(0)
    source.state = {
        "bit_generator": "PCG64",
        "state": {"state": state, "inc": inc},
        "has_uint32": has_uint32,
        "uinteger": uinteger,
    }
    return truth.sample(np.random.Generator(source))


def _real(truth: Truth) -> list[Events]:
    """Return the real series of a truth."""
    given = (getattr(truth, name, None) for name in ("events", "anchors"))
    return [series for series in given if isinstance(series, Events)]


def truths_provenance(
    where: str, truths: Mapping[str, Truth], arguments: str, seed: str | None
) -> Provenance:
    """Return where an answer about truths comes from: real series stand in the call by their label."""
    text, real = repr(truths), [series for truth in truths.values() for series in _real(truth)]
    for series in real:
        text = text.replace(repr(series), series.label)
    data = {label: digest for series in real for label, digest in series.provenance.data.items()}
    notes = [note for series in real for note in series.notes]
    return Provenance(f"{where}({text}, {arguments})", data, seed, notes)


def _check_number(number: int, period: Period, name: str) -> None:
    if not 1 <= number <= len(period):
        raise OptionError(
            f"{name}: {number} different days do not fit into the {len(period)} days of {period}; "
            "give at least 1 and no more than that"
        )
