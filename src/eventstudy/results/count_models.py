"""Results of regressions related to Poisson regression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import ModelError
from eventstudy.results.regression import RegressionResult
from eventstudy.results.text import pvalue_text

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class NegativeBinomialResult(RegressionResult):
    """Result of :func:`eventstudy.negative_binomial_regression`.

    Attributes
    ----------
    alpha : float
        The variance is ``mean + alpha * mean**2``.
    alpha_pvalue : float
        Likelihood-ratio test; H0: the counts are Poisson.
    """

    title: ClassVar[str] = "Negative binomial regression"
    is_poisson: ClassVar[bool] = False
    alpha: float
    alpha_pvalue: float

    def _family(self, families: Any) -> Any:
        return families.NegativeBinomial(alpha=self.alpha) if self.alpha else families.Poisson()

    def _n_estimated(self) -> int:
        return RegressionResult._n_estimated(self) + 1  # alpha

    def _more_data(self) -> list[tuple[str, str]]:
        pvalue = pvalue_text(self.alpha_pvalue)
        return [("variance", f"mean + {self.alpha:.3g} mean squared; H0 that counts are Poisson: p {pvalue}")]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ConditionalResult(RegressionResult):
    """Result of :func:`eventstudy.conditional_poisson_regression`.

    Attributes
    ----------
    strata : str
        Description of the strata.
    stratum : ndarray of int64, shape (n,)
        The stratum of each row that was used.
    n_strata, n_strata_without_events : int
        Strata that were used, and those that are uninformative.
    """

    title: ClassVar[str] = "Conditional Poisson regression"
    strata: str
    stratum: NDArray[np.int64] = field(repr=False)
    n_strata: int
    n_strata_without_events: int

    @property
    def model(self) -> Any:
        """The same regression as a fitted model of statsmodels, made when asked for."""
        from statsmodels.discrete.conditional_models import ConditionalPoisson

        offset = np.log(self.design.exposure)
        model = ConditionalPoisson(
            self.design.response, self.design.matrix, groups=self.stratum, offset=offset
        )
        return model.fit(method="newton", disp=False)

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Refuse: strata take the place of the intercept, so only ratios are identified."""
        raise ModelError(
            "predict: within strata only ratios are identified, not rates; use poisson_regression"
        )

    def _without(self, name: str) -> str:
        if name == "bic":
            return "inside strata the rows are not the observations, so there is no bic; compare .aic"
        return RegressionResult._without(self, name)

    def _more_data(self) -> list[tuple[str, str]]:
        empty = self.n_strata_without_events
        return [
            ("strata", f"{self.n_strata} by {self.strata}; {empty} more have no event and are uninformative")
        ]

    def dispersion_table(self) -> pd.DataFrame:
        """Return the dispersion of the rows; sums over strata are conditioned on, so sums are uninformative."""
        return RegressionResult.dispersion_table(self).iloc[:1]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class CaseSeriesResult(ConditionalResult):
    """Result of :func:`eventstudy.self_controlled_case_series`.

    Attributes
    ----------
    age : str
        Description of the age groups.
    groups : mapping of str to (int, int)
        Days and events of each exposure group.
    """

    title: ClassVar[str] = "Self-controlled case series"
    assumptions: ClassVar[tuple[str, ...]] = (
        "events do not affect later anchors: an event that cancels or moves one violates this; use the calendar "
        "as planned, and look at the pre-exposure ratio",
        "an event does not end the days under observation",
        "events are independent of each other: with bursts, keep the first of each (Events.merged) and compare",
        "within a stratum and an age group the rate changes with the exposure groups only",
    )
    age: str
    groups: Mapping[str, tuple[int, int]]

    def _background(self, term: str) -> str:
        return "age" if term.startswith("C(age)[") else RegressionResult._background(self, term)

    def _more_data(self) -> list[tuple[str, str]]:
        first, *rest = ConditionalResult._more_data(self)
        inside = ", ".join(f"{name} {days} days with {n}" for name, (days, n) in self.groups.items())
        assumed = [(f"assumed {k}", text) for k, text in enumerate(self.assumptions, 1)]
        return [first, *rest, ("age", self.age), ("exposure", inside), *assumed]
