"""Credibility checks of an analysis plan: data without a link, planted effects, placebos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eventstudy.credibility.influence import Unit
from eventstudy.credibility.rhythms import Rhythm
from eventstudy.credibility.truths import PlaceboAnchors, SimulatedEvents, SimulatedSeries, Truth
from eventstudy.events import Events, observed_period
from eventstudy.study.typed import Label, Lag, NumberOfDays, Ratio, Series, Share
from eventstudy.windows import Window


@dataclass(frozen=True, slots=True)
class TruthPlan:
    """Data without a link for checking tests: which series is real, and the rhythm of the simulated ones.

    `growth`, `season`, `burst_size`: as in :class:`eventstudy.Rhythm`.
    """

    label: Label
    real: Literal["nothing", "events", "anchors"]
    growth: Ratio = 1.0
    season: Ratio = 1.0
    burst_size: Series = 1

    def build(self, events: Events, anchors: Events) -> Truth:
        """Return the truth, with as many events and anchors as the study has in the period of its events."""
        period = observed_period(events)
        rhythm = Rhythm(growth=self.growth, season=self.season, burst_size=self.burst_size)
        n_anchors = len(anchors.within(period))
        if self.real == "events":
            return PlaceboAnchors(events, n_anchors, rhythm)
        if self.real == "anchors":
            return SimulatedEvents(anchors, period, len(events), rhythm)
        return SimulatedSeries(period, len(events), n_anchors, rhythm)


@dataclass(frozen=True, slots=True)
class CredibilityPlan:
    """How the tests of the plan are themselves checked.

    - `levels`: nominal levels at which false positives are counted; the first is that of the plan.
    - `n_simulations`: data sets of each truth.
    - `power_ratios`: planted rate ratios.
    - `n_series`: series of each planted ratio.
    - `after`: the days after an anchor.
    - `burst_gap_days`: events at most this many days apart are left out together.
    - `shifts`: days by which the whole calendar of anchors is moved; may be empty.
    - `leave_out`: what is left out one at a time.
    """

    levels: tuple[Share, ...]
    n_simulations: Series
    truths: tuple[TruthPlan, ...]
    power_ratios: tuple[Ratio, ...]
    n_series: Series
    after: Window
    burst_gap_days: NumberOfDays
    shifts: tuple[Lag, ...] = ()
    leave_out: tuple[Unit, ...] = ("year", "anchor", "burst")
