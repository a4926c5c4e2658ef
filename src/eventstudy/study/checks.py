"""What an analysis plan says about its own credibility: truths, placebos, doubtful rows, other choices."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from eventstudy.credibility.influence import Unit
from eventstudy.credibility.rhythms import Rhythm
from eventstudy.credibility.specifications import Specification, every_specification
from eventstudy.credibility.truths import PlaceboAnchors, SimulatedEvents, SimulatedSeries, Truth
from eventstudy.errors import PlanError
from eventstudy.events import Events, observed_period
from eventstudy.periods import Period
from eventstudy.statistics import WindowCount
from eventstudy.study.series import SeriesPlan
from eventstudy.windows import Window


@dataclass(frozen=True, slots=True)
class TruthPlan:
    """Data without a link on which tests are tried: what is real in them, and the rhythm of what is not.

    Attributes
    ----------
    label : str
    real : {"nothing", "events", "anchors"}
    growth, season, burst_size
        As in :class:`eventstudy.Rhythm`.
    """

    label: str
    real: Literal["nothing", "events", "anchors"]
    growth: float = 1.0
    season: float = 1.0
    burst_size: int = 1

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
class DoubtPlan:
    """Rows of a table that could be read the other way.

    Attributes
    ----------
    label, why : str
    role : {"events", "anchors"}
        The series that changes.
    add, drop : tuple of str
        Rows by the first column of the table: added although the plan leaves them out, or left out.
    days : tuple of date
        Added beside the table.
    uncertainty : int
        Days by which the dates of the added rows may be wrong, to either side.
    """

    label: str
    role: Literal["events", "anchors"]
    why: str
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    days: tuple[datetime.date, ...] = ()
    uncertainty: int = 0

    def both(self, events: SeriesPlan, anchors: SeriesPlan, period: Period) -> tuple[Events, Events]:
        """Return events and anchors of a study, these rows read the other way."""
        if self.role == "events":
            return self.read(events, period), anchors.read()
        return events.read(period), self.read(anchors)

    def read(self, plan: SeriesPlan, period: Period | None = None) -> Events:
        """Return the series of a plan with these rows read the other way.

        Raises
        ------
        PlanError
            If a row to add is not in the table or is chosen anyway, or a row to drop is not chosen.
        """
        table = plan.all_rows()
        names = table.columns[0]
        chosen = table[names].isin(plan.rows()[names])
        for rows, already in ((self.add, False), (self.drop, True)):
            known = set(table.loc[chosen == already, names])
            if wrong := [row for row in rows if row not in known]:
                what = "chosen by the plan" if already else "left out by the plan"
                raise PlanError(f"plan: {self.label}: {wrong[0]} is not {what}; correct the row")
        added = table[names].isin(self.add)
        kept = table[(chosen | added) & ~table[names].isin(self.drop)]
        doubt = [self.uncertainty * (name in self.add) for name in kept[names]] + [0] * len(self.days)
        days = Events(
            [*kept[plan.date], *self.days], label=plan.label, uncertainty=doubt if any(doubt) else None
        )
        return plan.series(days, period)


@dataclass(frozen=True, slots=True)
class ChoicesPlan:
    """Every defensible choice, to be combined with every other.

    Attributes
    ----------
    starts : tuple of date
        First days of the period, which always ends as that of the plan does.
    events, anchors : tuple of SeriesPlan
    burst_gap_days, merge_gap_days : tuple of int
        Events and anchors at most so many days after the previous one belong to it; 0 for none but those on one day.
    windows : tuple of Window
    n_resamples : int
        Draws of the joint test.
    """

    starts: tuple[datetime.date, ...]
    events: tuple[SeriesPlan, ...]
    anchors: tuple[SeriesPlan, ...]
    burst_gap_days: tuple[int, ...]
    merge_gap_days: tuple[int, ...]
    windows: tuple[Window, ...]
    n_resamples: int

    def specifications(self, period: Period) -> list[Specification]:
        """Return every combination of the choices, over periods that end with the given one."""
        return every_specification(
            {
                "period": {f"from {start.year}": Period(start, period.stop) for start in self.starts},
                "launches": {plan.label: plan.read() for plan in self.events},
                "unit": {_gap("each day", "bursts", gap): gap for gap in self.burst_gap_days},
                "summits": {plan.label: plan.read() for plan in self.anchors},
                "merged": {_gap("no", "within", gap): gap for gap in self.merge_gap_days},
                "window": {f"{len(window)} days": window for window in self.windows},
            },
            _specification,
        )


@dataclass(frozen=True, slots=True)
class CredibilityPlan:
    """How the tests of the plan are themselves tested, and what else they are put to.

    Attributes
    ----------
    levels : tuple of float
        Nominal levels at which false positives are counted; the first is that of the plan.
    n_simulations : int
        Data sets of each truth.
    truths : tuple of TruthPlan
    power_ratios : tuple of float
        Planted rate ratios.
    n_series : int
        Series of each planted ratio.
    after : Window
        The days after an anchor.
    shifts : tuple of int
        Days by which the whole calendar of anchors is moved.
    burst_gap_days : int
        Events at most so many days apart are left out together.
    leave_out : tuple of {"year", "anchor", "burst"}
        What is left out one at a time.
    uninvolved : tuple of SeriesPlan
        Anchors that should not matter.
    doubts : tuple of DoubtPlan
    """

    levels: tuple[float, ...]
    n_simulations: int
    truths: tuple[TruthPlan, ...]
    power_ratios: tuple[float, ...]
    n_series: int
    after: Window
    shifts: tuple[int, ...]
    burst_gap_days: int
    leave_out: tuple[Unit, ...] = ("year", "anchor", "burst")
    uninvolved: tuple[SeriesPlan, ...] = ()
    doubts: tuple[DoubtPlan, ...] = ()


def _gap(none: str, some: str, days: int) -> str:
    return f"{some} {days} days" if days else none


def _specification(
    period: Period, events: Events, burst_gap: int, anchors: Events, merge_gap: int, window: Window
) -> tuple[Events, Events, WindowCount]:
    return events.within(period).merged(burst_gap), anchors.merged(merge_gap), WindowCount(window)
