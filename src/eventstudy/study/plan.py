"""The analysis plan of a study: one TOML file, read into one checked, frozen type."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, overload

from eventstudy.errors import EventStudyError, PlanError
from eventstudy.excess import WindowExcess
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.registry import find, listed
from eventstudy.numeric.tails import Alternative
from eventstudy.periods import Period
from eventstudy.printing import one_line
from eventstudy.results.permutation import PermutationResult
from eventstudy.results.rates import RateRatioResult
from eventstudy.statistics import Statistic, WindowCount
from eventstudy.strata import CALENDAR
from eventstudy.study.checks import CredibilityPlan
from eventstudy.study.refusals import NoAnswer
from eventstudy.study.series import SeriesPlan
from eventstudy.study.typed import Draws, Lag, NumberOfDays, Ratio, Seed, Share, Width, typed
from eventstudy.verdicts import Verdict, by_excess, by_tests
from eventstudy.windows import Window

Stratum = Literal["year", "quarter", "month"]
Role = Literal["primary", "second"]


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

        Raises PlanError if the model or an option is not known, or the model does not have the option.
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
                raise PlanError(f"{where}{key}: a table cannot be an option in a plan; leave it out")
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


@dataclass(frozen=True, slots=True)
class PrimaryPlan:
    """The primary test and the rule of the verdict.

    Attributes
    ----------
    window : Window
    alternative : {"greater", "less", "two-sided"}
    level, confidence_level, power : float
    excluded_ratio : float
        The smallest rate ratio above 1 that would matter; for fewer events, its inverse.
    why : str
    statistic : {"count", "excess"}
        The number in the window, or its studentised excess within strata.
    strata : tuple of two of "year", "quarter", "month", or None
        Those of the primary and of the second test, and of their intervals. None: a single interval, for independent
        events, decides what is excluded.
    """

    window: Window
    alternative: Alternative
    level: Share
    confidence_level: Share
    excluded_ratio: Ratio
    power: Share
    why: str
    statistic: Literal["count", "excess"] = "count"
    strata: tuple[Stratum, Stratum] | None = None

    def __post_init__(self) -> None:
        if self.strata is None and self.statistic == "excess":
            raise PlanError('plan: strata: the excess needs them; add strata = ["quarter", "month"]')
        if self.strata is not None and self.excluded_ratio <= 1.0:
            raise PlanError(
                f"plan: excluded_ratio: {self.excluded_ratio:g} is not above 1; give the smallest ratio that would "
                "matter, such as 1.5"
            )
        if self.strata is not None and CALENDAR[self.strata[0]] <= CALENDAR[self.strata[1]]:
            raise PlanError(
                f"plan: strata: {self.strata[1]}s are not shorter than {self.strata[0]}s; write the longer ones first, "
                'such as ["quarter", "month"]'
            )

    def excludes(self, low: float, high: float) -> bool:
        """Tell whether an interval of the rate ratio excludes ratios that matter, on the side tested."""
        more, fewer = high < self.excluded_ratio, low > 1.0 / self.excluded_ratio
        return {"greater": more, "less": fewer, "two-sided": more and fewer}[self.alternative]

    def excluded_pvalue(self, ratio: RateRatioResult | NoAnswer) -> float:
        """Return the p-value of "a rate ratio that matters", on the side tested: small means evidence against it.

        For a two-sided test, the larger of the two p-values: both ratios must be rejected. nan where there is no ratio.
        """
        if isinstance(ratio, NoAnswer):
            return ratio.pvalue
        more = ratio.pvalue_at(self.excluded_ratio, "less")
        fewer = ratio.pvalue_at(1.0 / self.excluded_ratio, "greater")
        return {"greater": more, "less": fewer, "two-sided": max(more, fewer)}[self.alternative]


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """One of the two tests that must agree by the rule of a plan.

    Attributes
    ----------
    statistic : Statistic
    null : NullModel
    within : {"year", "quarter", "month"}
        Strata of its interval, and of its statistic if that is the excess.
    """

    statistic: Statistic
    null: NullModel
    within: Stratum


@dataclass(frozen=True, slots=True)
class FamilyPlan:
    """Windows whose tests are corrected together."""

    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class ProfilePlan:
    """The lag profile: a half-open range of lags, and the width of a bin in days."""

    lags: tuple[Lag, Lag]
    bin_days: Width

    def __post_init__(self) -> None:
        if not self.bin_days <= self.lags[1] - self.lags[0]:
            raise PlanError(
                f"plan: the lags from {self.lags[0]} to {self.lags[1]} hold no bin of {self.bin_days} days; "
                "write lags = [first, last + 1]"
            )


@dataclass(frozen=True, slots=True)
class RegressionPlan:
    """The Poisson model of daily counts."""

    formula: str
    before: Window
    after: Window
    max_lag: NumberOfDays


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """The entries of every plan, written before the data were compared.

    See Also
    --------
    read_study : Read it from a file.
    """

    title: str
    question: str
    seed: Seed
    n_resamples: Draws
    period: Period
    events: SeriesPlan
    anchors: SeriesPlan
    primary: PrimaryPlan
    nulls: NullsPlan
    family: FamilyPlan
    profile: ProfilePlan
    regression: RegressionPlan
    credibility: CredibilityPlan

    def test(self, role: Role, window: Window | None = None) -> PlannedTest:
        """Return the primary or the second test, optionally for a window other than that of the plan.

        Raises
        ------
        PlanError
            If the plan has no strata, and so no interval for each test.
        """
        strata = self.primary.strata
        if strata is None:
            raise PlanError('plan: primary: strata is missing; add strata = ["quarter", "month"]')
        looked_at = self.primary.window if window is None else window
        within = strata[0 if role == "primary" else 1]
        return PlannedTest(
            WindowExcess(looked_at, within) if self.primary.statistic == "excess" else WindowCount(looked_at),
            getattr(self.nulls, role).build(),
            within,
        )

    def judge(
        self, primary: PermutationResult, second: PermutationResult, *ratios: RateRatioResult | NoAnswer
    ) -> Verdict:
        """Return the verdict by the plan's rule.

        Parameters
        ----------
        primary, second : PermutationResult
        *ratios : RateRatioResult
            Two, under the null model and with the strata of each test; if the plan has no strata, a single one for
            independent events.

        Returns
        -------
        {"supported", "cannot tell", "not supported"}
            "supported" if both p-values are at most the level. If not, "not supported" if a ratio that matters on the
            side of the alternative is rejected by both tests at the level or, if the plan has no strata, lies
            outside the interval; else "cannot tell".

        Raises
        ------
        PlanError
            If the number of ratios is not that of the rule.

        Notes
        -----
        Data without a rate ratio speak against none: its p-value counts as 1.
        """
        pvalues = (primary.pvalue, second.pvalue)
        wanted = 1 if self.primary.strata is None else 2
        if len(ratios) != wanted:
            raise PlanError(
                f"plan: the rule asks for {wanted} rate ratios, not {len(ratios)}; give each its own"
            )
        if self.primary.strata is None:
            (ratio,) = ratios
            excluded = not isinstance(ratio, NoAnswer) and self.primary.excludes(ratio.low, ratio.high)
            return by_tests(pvalues, self.primary.level, excluded=excluded)
        matters = [
            1.0 if isinstance(ratio, NoAnswer) else self.primary.excluded_pvalue(ratio) for ratio in ratios
        ]
        return by_excess(pvalues, matters, self.primary.level)


AnyPlan = TypeVar("AnyPlan", bound=StudyPlan)


@overload
def read_study(path: str | Path) -> StudyPlan: ...
@overload
def read_study(path: str | Path, kind: type[AnyPlan]) -> AnyPlan: ...
def read_study(path: str | Path, kind: type[Any] = StudyPlan) -> Any:
    """Read the plan of a study from a TOML file; files that it names lie in ``../data/raw`` from there.

    Parameters
    ----------
    path : str or pathlib.Path
    kind : type, optional
        A frozen dataclass derived from `StudyPlan`, for a study that fixes more than others: its fields are the
        entries of the file.

    Raises
    ------
    PlanError
        If the file is missing or not TOML, or an entry is unknown, missing, of the wrong kind or outside its range.
    """
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlanError(f"{path}: there is no such file; check the path") from None
    except OSError as error:
        raise PlanError(f"{path}: it cannot be read ({error.strerror}); check the path") from None
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, thousands of brackets too
        raise PlanError(
            f"{path}: it cannot be read as TOML ({one_line(str(error))}); correct that place"
        ) from None
    return typed(kind, data, f"{path}:", path.parent)
