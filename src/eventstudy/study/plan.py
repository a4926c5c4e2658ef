"""The analysis plan of a study: one TOML file, read into one checked, frozen type."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventstudy.errors import EventStudyError, PlanError
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.registry import find, listed
from eventstudy.periods import Period
from eventstudy.results.permutation import Alternative, PermutationResult
from eventstudy.results.rates import RateRatioResult
from eventstudy.study.checks import ChoicesPlan, CredibilityPlan
from eventstudy.study.series import SeriesPlan
from eventstudy.study.typed import typed
from eventstudy.windows import Window


@dataclass(frozen=True, slots=True)
class NullPlan:
    """A null model, and the reason for it.

    In the file its entries are ``model`` (such as "shift" or "CircularShift"), ``why``, and any options that the model
    has: a window as [start, stop], cut dates as a list of dates, "none" for none.
    """

    null: NullModel
    why: str

    @classmethod
    def from_entries(cls, entries: Any, where: str) -> NullPlan:
        """Read a table of a file.

        Raises
        ------
        PlanError
            If the model or an option is not known, or they do not fit each other.
        """
        if not isinstance(entries, Mapping) or not all(
            isinstance(entries.get(n), str) for n in ("model", "why")
        ):
            raise PlanError(
                f"{where} it must be a table with 'model' and 'why'; write [{where.strip(':').rpartition(':')[2]}]"
            )
        name = entries["model"]
        one = find(name)
        if one is None:
            names = ", ".join(f"{null.class_name} ({known})" for known, null in listed().items())
            raise PlanError(f"{where}model: the null model '{name}' is not known; there are {names}")
        known = {option.name: option for option in one.options}
        options = {key: value for key, value in entries.items() if key not in ("model", "why")}
        for key, value in options.items():
            if key not in known:
                takes = ", ".join(known) or "no option"
                raise PlanError(f"{where}{key}: {one.class_name} does not have this option; it takes {takes}")
            if value == "none":
                options[key] = None
            elif known[key].kind == "Window | None":
                options[key] = typed(Window, value, f"{where}{key}:")
            elif known[key].kind == "int" and type(value) is not int:
                raise PlanError(f"{where}{key}: {value!r} is of the wrong kind; give a whole number")
            elif isinstance(value, Mapping):
                raise PlanError(f"{where}{key}: a table cannot stand in a plan; leave it out")
        missing = [key for key, option in known.items() if option.required and key not in options]
        if missing:
            raise PlanError(f"{where}{missing[0]}: {one.class_name} needs this option; add it")
        try:
            return cls(one.load()(**options), entries["why"])
        except (EventStudyError, TypeError) as error:
            raise PlanError(f"{where} {error}") from None

    def build(self) -> NullModel:
        """Return the null model."""
        return self.null


@dataclass(frozen=True, slots=True)
class NullsPlan:
    """The null models by role."""

    primary: NullPlan
    second: NullPlan
    naive: NullPlan
    held_out: NullPlan | None = None


@dataclass(frozen=True, slots=True)
class PrimaryPlan:
    """The primary test and the rule of the verdict."""

    window: Window
    alternative: Alternative
    level: float
    confidence_level: float
    excluded_ratio: float
    power: float
    why: str


@dataclass(frozen=True, slots=True)
class FamilyPlan:
    """Windows and sets of anchors whose tests are corrected together; without sets, the anchors of the plan."""

    windows: tuple[Window, ...]
    sets: tuple[SeriesPlan, ...] = ()

    def named(self, label: str) -> SeriesPlan:
        """Return the set of anchors with this label."""
        for chosen in self.sets:
            if chosen.label == label:
                return chosen
        raise PlanError(
            f"plan: the family has no set {label!r}; choose one of {', '.join(s.label for s in self.sets)}"
        )


@dataclass(frozen=True, slots=True)
class ProfilePlan:
    """The lag profile: a half-open range of lags, and the width of a bin in days."""

    lags: tuple[int, int]
    bin_days: int


@dataclass(frozen=True, slots=True)
class RegressionPlan:
    """The Poisson model of daily counts, and of weekly sums, where there is no term of recent events."""

    formula: str
    before: Window
    after: Window
    max_lag: int
    weekly_formula: str | None = None


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
    days: int
    stop_ratio: float


@dataclass(frozen=True, slots=True)
class GrowthPlan:
    """The period of a trend, and the yearly ratio that counts as growth worth the name."""

    period: Period
    yearly_ratio: float


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """Days after which an event is waited for, the events, the period, and what counts as near and as a habit."""

    anchors: SeriesPlan
    events: SeriesPlan
    period: Period
    near_days: int
    habit_share: float


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
class StudyPlan:
    """What the plan of every study says, as written before the data were compared.

    See Also
    --------
    read_study : Read it from a file.
    """

    title: str
    question: str
    seed: int
    n_resamples: int
    period: Period
    events: SeriesPlan
    anchors: SeriesPlan
    primary: PrimaryPlan
    nulls: NullsPlan
    family: FamilyPlan
    profile: ProfilePlan
    regression: RegressionPlan
    credibility: CredibilityPlan

    def judge(self, primary: PermutationResult, second: PermutationResult, ratio: RateRatioResult) -> str:
        """Return the verdict by the plan's rule.

        Returns
        -------
        str
            "supported" if both p-values are at most the level; "not supported" if not, and the upper end of
            the interval of the rate ratio lies below the ratio to be excluded; else "cannot tell".
        """
        if max(primary.pvalue, second.pvalue) <= self.primary.level:
            return "supported"
        return "not supported" if ratio.high < self.primary.excluded_ratio else "cannot tell"


@dataclass(frozen=True, slots=True)
class Plan(StudyPlan):
    """The plan of the bundled study, with a period kept back, choices to be combined, and claims.

    See Also
    --------
    read_plan : Read it from a file.
    """

    held_out: Period
    choices: ChoicesPlan
    claims: ClaimsPlan


def read_plan(path: str | Path) -> Plan:
    """Read the plan of the bundled study from a TOML file.

    Raises
    ------
    PlanError
        If the file is missing or not TOML, or an entry is unknown, missing or of the wrong kind.
    """
    plan: Plan = _read(Plan, Path(path))
    return plan


def read_study(path: str | Path) -> StudyPlan:
    """Read the plan of a study from a TOML file; files that it names lie in ``../data/raw`` from there.

    Raises
    ------
    PlanError
        If the file is missing or not TOML, or an entry is unknown, missing or of the wrong kind.
    """
    plan: StudyPlan = _read(StudyPlan, Path(path))
    return plan


def _read(kind: type, path: Path) -> Any:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlanError(f"{path}: there is no such file; check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{path}: it cannot be read as TOML ({error}); mend that place") from None
    return typed(kind, data, f"{path}:", path.parent)
