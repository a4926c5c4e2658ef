"""What the plan of this study says beyond that of any study: sets, doubts, choices, claims, and a period held out."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import pandas as pd

from eventstudy.credibility.rhythms import Rhythm
from eventstudy.credibility.specifications import Specification, every_specification
from eventstudy.credibility.truths import SimulatedEvents, SimulatedSeries
from eventstudy.dates import date_text
from eventstudy.errors import PlanError
from eventstudy.events import Events, observed_period
from eventstudy.numeric.tails import Alternative
from eventstudy.periods import Period
from eventstudy.queries import choose
from eventstudy.results.rates import RateRatioResult
from eventstudy.statistics import WindowCount
from eventstudy.study.checks import CredibilityPlan
from eventstudy.study.plan import FamilyPlan, NullPlan, NullsPlan, RegressionPlan, StudyPlan
from eventstudy.study.series import SeriesPlan
from eventstudy.study.typed import Between, Draws, Label, NumberOfDays, Ratio, Series, Share, Width
from eventstudy.verdicts import Verdict, by_excess
from eventstudy.windows import Window

Years = Annotated[float, Between(-10, 10, "give years, such as 0.5")]
Spread = Annotated[float, Between(0, 5, "give a standard deviation, such as 0.5")]
FARTHEST = 3_650  # days; no window reaches so far
RHYTHM = (
    "growth", "season", "drift", "step", "pulse", "pulse_days", "wander", "wander_days", "burst_size",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SetPlan(SeriesPlan):
    """A set of meetings, and what is expected of the launches before them."""

    alternative: Alternative = "greater"


@dataclass(frozen=True, slots=True)
class SetsPlan(FamilyPlan):
    """Windows and sets of meetings whose tests are corrected together."""

    sets: tuple[SetPlan, ...]

    def named(self, label: str) -> SetPlan:
        """Return the set of meetings with this label."""
        for chosen in self.sets:
            if chosen.label == label:
                return chosen
        raise PlanError(
            f"plan: the family has no set {label!r}; choose one of {', '.join(s.label for s in self.sets)}"
        )


@dataclass(frozen=True, slots=True)
class HeldOutNulls(NullsPlan):
    """The null models by role, with that of the period held out."""

    held_out: NullPlan


@dataclass(frozen=True, slots=True)
class ModelPlan(RegressionPlan):
    """The Poisson model of daily counts, and that of weekly sums, where there is no term of recent events."""

    weekly_formula: str


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
    earlier : str or None
        A query: the rows that it chooses are dated a day earlier.
    announced : tuple of str
        Columns of days on which a row became public: its window opens on the first of them that is known.
    uncertainty : int
        Days by which the dates of the added rows may be wrong, to either side.
    """

    label: Label
    role: Literal["events", "anchors"]
    why: str
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    days: tuple[datetime.date, ...] = ()
    earlier: str | None = None
    announced: tuple[str, ...] = ()
    uncertainty: NumberOfDays = 0

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
            If a row to add is not in the table or is chosen anyway, a row to drop is not chosen, or no row is to be dated
            earlier.
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
        dates = kept[plan.date]
        if self.earlier is not None:
            moved = choose(kept, self.earlier, f"{plan.table}.csv")
            if not moved.any():
                raise PlanError(
                    f"plan: {self.label}: no row is chosen by {self.earlier!r}; correct the query"
                )
            dates = dates - pd.to_timedelta(moved.astype(int), unit="D")
        days = Events(
            [*dates, *self.days],
            label=plan.label,
            uncertainty=doubt if any(doubt) else None,
            announced=self._public(kept, dates) if self.announced else None,
        )
        return plan.series(days, period)

    def _public(self, kept: pd.DataFrame, dates: pd.Series[pd.Timestamp]) -> list[pd.Timestamp]:
        """Return when each date became public; long before where that was not found, as with most forums."""
        long_before = pd.to_timedelta(FARTHEST, unit="D")
        public = kept[list(self.announced)].min(axis=1).fillna(dates - long_before)
        return [*public, *(pd.Timestamp(day) - long_before for day in self.days)]


@dataclass(frozen=True, slots=True)
class ChecksPlan(CredibilityPlan):
    """How the tests are tested, with meetings that should not matter and rows in doubt."""

    uninvolved: tuple[SeriesPlan, ...] = ()
    doubts: tuple[DoubtPlan, ...] = ()


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
    burst_gap_days: tuple[NumberOfDays, ...]
    merge_gap_days: tuple[NumberOfDays, ...]
    windows: tuple[Window, ...]
    n_resamples: Draws

    def launches(self, label: str) -> SeriesPlan:
        """Return the choice of launches with this label.

        Raises
        ------
        PlanError
            If there is none.
        """
        for chosen in self.events:
            if chosen.label == label:
                return chosen
        raise PlanError(f"plan: no choice of launches is called {label!r}; correct the label")

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
class RulePlan:
    """A claim, and when it is supported or not; in all other cases the data cannot tell."""

    claim: str
    supported: str
    not_supported: str


@dataclass(frozen=True, slots=True)
class LeadsPlan:
    """What is said about the days from a launch to two meetings, named by their rows in the table of summits."""

    launch: datetime.date
    arrival: str
    arrival_days: int
    meeting: str
    meeting_days: int


@dataclass(frozen=True, slots=True)
class PausePlan:
    """What is said about the launch before this one, and over which periods pauses are compared."""

    events: SeriesPlan
    last: Period
    office: datetime.date
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """The day from which the pattern is said to be another one, and the model that compares before and after."""

    day: datetime.date
    formula: str
    term: str


@dataclass(frozen=True, slots=True)
class AftermathPlan:
    """Anchors with as many days before as after them, the period, and the ratio that would be a stop."""

    anchors: SeriesPlan
    period: Period
    days: NumberOfDays
    max_lag: NumberOfDays
    stop_ratio: Ratio


@dataclass(frozen=True, slots=True)
class GrowthPlan:
    """The period of a trend, and the yearly ratio that counts as growth worth the name."""

    period: Period
    yearly_ratio: Ratio


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """Days after which an event is waited for, the events and how far they are known, what is near, what a habit.

    `parades` and `engine_tests` are the days that the claim names, as far as they are dated; they were added later.
    """

    anchors: SeriesPlan
    parades: SeriesPlan
    engine_tests: SeriesPlan
    events: SeriesPlan
    period: Period
    near_days: NumberOfDays
    habit_share: Share
    record: Period


@dataclass(frozen=True, slots=True)
class ClaimsPlan:
    """The claims that are judged, the rule of each, and what their tests need beyond the primary analysis."""

    rules: tuple[RulePlan, ...]
    leads: LeadsPlan
    pause: PausePlan
    host: str
    north: str
    change: ChangePlan
    aftermath: AftermathPlan
    growth: GrowthPlan
    waiting: WaitingPlan


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """A world on which tests and intervals are measured: two series, with a rhythm that they share.

    Attributes
    ----------
    label : str
    real : str
        Label of the set of meetings that is taken as it is; if empty, both series are simulated.
    yearly : bool
        Whether each year has its real number of events, on average.
    n_events, n_anchors, years : int
        0 for those of the study; the years begin with the first one of the plan.
    growth, season, drift, step, pulse, pulse_days, wander, wander_days, burst_size
        As in :class:`eventstudy.Rhythm`.
    """

    label: Label
    real: str = ""
    yearly: bool = False
    n_events: NumberOfDays = 0
    n_anchors: NumberOfDays = 0
    years: NumberOfDays = 0
    growth: Ratio = 1.0
    season: Ratio = 1.0
    drift: Years = 0.0
    step: Ratio = 1.0
    pulse: Ratio = 1.0
    pulse_days: Width = 150
    wander: Spread = 0.0
    wander_days: Ratio = 91.0
    burst_size: Width = 1

    def __post_init__(self) -> None:
        if self.real and (self.n_anchors or self.years):
            raise PlanError(
                f"plan: {self.label}: real meetings have their own number and period; leave out n_anchors and years"
            )

    def build(
        self, events: Events, anchors: Events, sets: Mapping[str, Events]
    ) -> SimulatedSeries | SimulatedEvents:
        """Return the world: `sets` are the real meetings by label."""
        period = observed_period(events)
        if self.years:
            first = period.dates[0]
            period = Period(first, first.replace(year=first.year + self.years))
        rhythm = Rhythm(
            **{name: getattr(self, name) for name in RHYTHM},
            yearly=tuple(events.by_year()) if self.yearly else (),
        )
        number = self.n_events or len(events)
        if self.real:
            return SimulatedEvents(sets[self.real], period, number, rhythm)
        return SimulatedSeries(
            period, number, self.n_anchors or len(anchors.within(observed_period(events))), rhythm
        )


@dataclass(frozen=True, slots=True)
class WorldsPlan:
    """Worlds on which levels and coverage are measured, with the data sets of each, the draws of a test and the ratios."""

    n_levels: Series
    n_coverage: Series
    n_draws: Draws
    ratios: tuple[Ratio, ...]
    levels: tuple[WorldPlan, ...]
    coverage: tuple[WorldPlan, ...]


@dataclass(frozen=True, slots=True)
class AmendmentPlan:
    """A later rule beside that of the plan: when and why, what was known by then, its test, and where it is measured.

    Attributes
    ----------
    date : date
    why, seen : str
        Why there is one, and what its author had seen.
    statistic : {"WindowExcess"}
    strata : tuple of {"quarter", "month"}
        The test must agree in each.
    excluded_ratio, level, n_resamples
        The least ratio that would matter, and the level and the draws of the tests.
    supported, not_supported : str
    sets : tuple of str
        Sets of meetings whose claims it judges, by label.
    worlds : WorldsPlan
    """

    date: datetime.date
    why: str
    seen: str
    statistic: Literal["WindowExcess"]
    strata: tuple[Literal["quarter", "month"], ...]
    excluded_ratio: Ratio
    level: Share
    n_resamples: Draws
    supported: str
    not_supported: str
    sets: tuple[Label, ...]
    worlds: WorldsPlan

    def __post_init__(self) -> None:
        if len(set(self.strata)) < 2:
            raise PlanError("plan: strata: its rule asks for two kinds; write quarter and month")

    def judge(self, ratios: Sequence[RateRatioResult]) -> Verdict:
        """Return the verdict on a link from the rate ratio in each kind of stratum."""
        return by_excess(
            (ratio.pvalue_at(1.0, "greater") for ratio in ratios),
            (ratio.pvalue_at(self.excluded_ratio, "less") for ratio in ratios),
            self.level,
        )


@dataclass(frozen=True, slots=True)
class PowerPlan:
    """Years whose summits and numbers stand for those to come, their world, the planted ratios, and the data sets of each."""

    like: Period
    world: WorldPlan
    ratios: tuple[Ratio, ...]
    n_simulations: Series


@dataclass(frozen=True, slots=True)
class NextPlan:
    """The test of years to come, fixed before they are known.

    Attributes
    ----------
    date : date
    why, seen : str
        Why it differs from the amended one, and what was known when it was written.
    period : Period
        The new years.
    all_years : Period
        All years up to their end.
    tests : tuple of NullPlan
        Null models of the new years; the p-values of all must be small.
    supported, not_supported : str
    power : PowerPlan
    """

    date: datetime.date
    why: str
    seen: str
    period: Period
    all_years: Period
    tests: tuple[NullPlan, ...]
    supported: str
    not_supported: str
    power: PowerPlan

    def __post_init__(self) -> None:
        if not (self.all_years.start < self.period.start and self.all_years.stop == self.period.stop):
            raise PlanError(
                f"plan: all_years: {self.all_years} does not end with the new years; write [the first day "
                f"of the plan, {date_text(self.period.stop)}]"
            )


@dataclass(frozen=True, slots=True)
class Plan(StudyPlan):
    """The plan of this study: ``read_study("plan.toml", launches.Plan)``."""

    nulls: HeldOutNulls
    family: SetsPlan
    regression: ModelPlan
    credibility: ChecksPlan
    held_out: Period
    choices: ChoicesPlan
    claims: ClaimsPlan
    amendment: AmendmentPlan
    next: NextPlan

    def __post_init__(self) -> None:
        wanted = [
            *self.amendment.sets,
            *(world.real for world in self.amendment.worlds.coverage if world.real),
            self.next.power.world.real,
        ]
        for label in [*wanted, *(world.real for world in self.amendment.worlds.levels if world.real)]:
            self.family.named(label)


def _gap(none: str, some: str, days: int) -> str:
    return f"{some} {days} days" if days else none


def _specification(
    period: Period, events: Events, burst_gap: int, anchors: Events, merge_gap: int, window: Window
) -> tuple[Events, Events, WindowCount]:
    return events.within(period).merged(burst_gap), anchors.merged(merge_gap), WindowCount(window)
