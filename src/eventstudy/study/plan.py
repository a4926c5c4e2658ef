"""The analysis plan of a study: one TOML file, read into one checked, frozen type."""

from __future__ import annotations

import tomllib
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, overload

from eventstudy import nulls
from eventstudy.errors import PlanError
from eventstudy.nulls.base import NullModel
from eventstudy.periods import Period
from eventstudy.printing import one_line
from eventstudy.results.permutation import Alternative, PermutationResult
from eventstudy.results.rates import RateRatioResult
from eventstudy.study.checks import CredibilityPlan
from eventstudy.study.series import SeriesPlan
from eventstudy.study.typed import Draws, Lag, NumberOfDays, Ratio, Seed, Share, Width, typed
from eventstudy.verdicts import Verdict, by_tests
from eventstudy.windows import Window


@dataclass(frozen=True, slots=True)
class NullPlan:
    """A null model by name, its options, its role and the reason for it."""

    model: str
    why: str
    by: str | None = None
    within: str | None = None

    def __post_init__(self) -> None:
        self.build()

    def build(self) -> NullModel:
        """Return the null model."""
        if not isinstance(getattr(nulls, self.model, None), type) or self.model not in nulls.__all__:
            raise PlanError(
                f"plan: the null model '{self.model}' is not known; see eventstudy.nulls for those there are"
            )
        options = {
            name: value for name, value in (("by", self.by), ("within", self.within)) if value is not None
        }
        try:
            return typing.cast(NullModel, getattr(nulls, self.model)(**options))
        except TypeError as error:
            raise PlanError(
                f"plan: {self.model} cannot be made from {options} ({error}); mend its options"
            ) from None


@dataclass(frozen=True, slots=True)
class NullsPlan:
    """The null models by role."""

    primary: NullPlan
    second: NullPlan
    naive: NullPlan


@dataclass(frozen=True, slots=True)
class PrimaryPlan:
    """The primary test and the rule of the verdict.

    `excluded_ratio` is the smallest ratio of more events, above 1, that would matter; its inverse is that of fewer.
    """

    window: Window
    alternative: Alternative
    level: Share
    confidence_level: Share
    excluded_ratio: Ratio
    power: Share
    why: str

    def excludes(self, low: float, high: float) -> bool:
        """Tell whether an interval of the rate ratio leaves no room for one that matters, on the side looked at."""
        more, fewer = high < self.excluded_ratio, low > 1.0 / self.excluded_ratio
        return {"greater": more, "less": fewer, "two-sided": more and fewer}[self.alternative]


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
    """What the plan of every study says, as written before the data were compared.

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

    def judge(self, primary: PermutationResult, second: PermutationResult, ratio: RateRatioResult) -> Verdict:
        """Return the verdict by the plan's rule.

        Returns
        -------
        {"supported", "cannot tell", "not supported"}
            "supported" if both p-values are at most the level; "not supported" if not, and the interval of the rate
            ratio leaves no room for a ratio that matters on the side of the alternative; else "cannot tell".
        """
        excluded = self.primary.excludes(ratio.low, ratio.high)
        return by_tests((primary.pvalue, second.pvalue), self.primary.level, excluded=excluded)


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
        A frozen dataclass derived from `StudyPlan`, for a study that fixes more than others do: its fields are the
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
            f"{path}: it cannot be read as TOML ({one_line(str(error))}); mend that place"
        ) from None
    return typed(kind, data, f"{path}:", path.parent)
