"""What a regression of counts says: rate ratios by term, a summary, a picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.errors import ModelError
from eventstudy.results.base import tidy_frame
from eventstudy.results.estimates import Estimates
from eventstudy.results.text import Part, Rows, pvalue_text, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

_UNIT = "(?:year|quarter|month|weekday|dow)"
_OF_CALENDAR = (
    rf"(?:(?:{_UNIT}|C\({_UNIT}(?:,[^\[]*)?\))\[[^\]]*\]|(?:sin|cos)\d+)"  # a level, or a wave of the year
)
CALENDAR = re.compile(f"{_OF_CALENDAR}(?::{_OF_CALENDAR})*")  # terms of the calendar, and products of these


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class RegressionResult(Estimates):
    """Result of :func:`eventstudy.poisson_regression`, and base of the results of related regressions.

    Attributes
    ----------
    estimates : ndarray, shape (k,)
        Logarithms of the rate ratios; infinite where the data give no limit on one side.
    covariance_matrix : ndarray, shape (k, k)
        Of the estimates; nan for infinite ones.
    low, high : ndarray, shape (k,)
        Limits of the rate ratios.
    pvalues : ndarray, shape (k,)
        Two-sided, of H0: given the other terms the rate does not depend on this one; by name in ``irr["pvalue"]``.
    degrees : float or None
        Degrees of freedom of Student's t where it replaces the normal.
    notes : tuple of str
        Cautions for the reader, such as terms without any event.
    """

    title: ClassVar[str] = "Poisson regression"
    notes: tuple[str, ...]

    @property
    def irr(self) -> pd.DataFrame:
        """Incidence rate ratios: ``irr``, ``low``, ``high``, ``pvalue`` by term."""
        with np.errstate(over="ignore"):  # such as that of an intercept at the year 0
            ratios = np.exp(self.estimates)
        return pd.DataFrame(
            {"irr": ratios, "low": self.low, "high": self.high, "pvalue": self.pvalues},
            index=pd.Index(self.terms, name="term"),
        )

    @property
    def coefficients(self) -> pd.DataFrame:
        """Logarithms of the rate ratios: ``coefficient``, ``se``, ``z``, ``pvalue`` by term."""
        se = np.sqrt(np.diag(self.covariance_matrix))
        return pd.DataFrame(
            {"coefficient": self.estimates, "se": se, "z": self.estimates / se, "pvalue": self.pvalues},
            index=pd.Index(self.terms, name="term"),
        )

    @property
    def model(self) -> Any:
        """The same regression as a fitted model of statsmodels, made when asked for.

        Its standard errors are those of the model; the ones reported here are in `covariance_matrix`.
        """
        from statsmodels.api import GLM, families

        frame = pd.DataFrame(self.design.matrix, columns=list(self.terms))
        response = pd.Series(self.design.response, name=self.design.response_name)
        return GLM(response, frame, family=self._family(families), offset=np.log(self.design.exposure)).fit()

    def _family(self, families: Any) -> Any:
        """Return the family of the model among those of statsmodels."""
        return families.Poisson()

    def shown(self, terms: Sequence[str] | None) -> list[int]:
        """Return the indices of the terms that a figure shows: those requested, or all but the background."""
        if isinstance(terms, str):
            raise ModelError(f"plot: terms is {terms!r}; give a list of terms, such as ['before', 'after']")
        if terms is not None:
            return [self._place(name, "plot") for name in terms]
        chosen = [k for k, name in enumerate(self.terms) if not self._background(name)]
        return chosen or [k for k, name in enumerate(self.terms) if name != "Intercept"] or [0]

    def _background(self, term: str) -> str:
        """Return which part of the background a term is, or "" for one that is shown by default."""
        if term == "Intercept":
            return "intercept"
        return "calendar" if CALENDAR.fullmatch(term) else ""

    def _parts(self) -> list[Part]:
        """Return the result in words: what H0 was, then the numbers."""
        shown = self.shown(None)
        rows = [
            (
                "H0",
                "for each term: given the other terms, the rate of events does not depend on it (ratio 1)",
            ),
            ("formula", f"{self.formula}, offset log(days)"),
            ("data", f"{self.n_events} {self.events_label} in {self.exposure:,.0f} days, {self.n:,} rows"),
            *self._more_data(),
            ("errors", self.covariance),
            *[(self.terms[k], self._ratio_text(k)) for k in shown],
        ]
        if len(shown) < len(self.terms):
            others = [name for k, name in enumerate(self.terms) if k not in shown]
            kinds = ", ".join(dict.fromkeys(self._background(name) for name in others))
            rows.append(("other terms", f"{len(others)} ({kinds}); see .irr"))
        rows.append(("dispersion", self._dispersion_text()))
        known = int(np.isfinite(self.residuals).sum())  # no residual where the expected count is 0
        if self.design.places is not None and known > 20:
            box = self.residual_autocorrelation(min(28, known // 5)).iloc[-1]
            rows.append(
                (
                    "residuals",
                    f"Ljung-Box over {int(box['lag'])} lags: p {pvalue_text(box['pvalue'])} (H0: no autocorrelation)",
                )
            )
        rows += [("note", text) for text in self.notes]
        return [Rows(f"{self.title}, {self.design.response_name}", rows)]

    def _more_data(self) -> list[tuple[str, str]]:
        """Return further rows of the summary about the data of the model."""
        return []

    def _ratio_text(self, k: int) -> str:
        ratio = with_interval(np.exp(self.estimates[k]), self.low[k], self.high[k], self.confidence_level)
        return f"rate ratio {ratio}, p {pvalue_text(float(self.pvalues[k]))}"

    def to_frame(self) -> pd.DataFrame:
        """Return a row per term of unrounded numbers."""
        return self.coefficients.drop(columns="pvalue").join(self.irr).reset_index()

    def _main_terms(self) -> Sequence[str]:
        return [self.terms[k] for k in self.shown(None)]

    def _method(self) -> str:
        return self.title

    def _terms(self) -> pd.DataFrame:
        table = self.coefficients
        with np.errstate(divide="ignore"):
            low, high = np.log(self.low), np.log(self.high)
        return tidy_frame(
            self.terms,
            self.estimates,
            std_error=table["se"],
            statistic=table["z"],
            p_value=self.pvalues,
            conf_low=low,
            conf_high=high,
        )

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height of its figure, in inches."""
        return _size(len(self.shown(None)))

    def plot(self, ax: Axes | None = None, *, terms: Sequence[str] | None = None) -> Axes:
        """Draw rate ratios with intervals on a logarithmic axis; return the axes.

        Parameters
        ----------
        terms : sequence of str, optional
            By default all but the intercept and the calendar: factors of year, quarter, month and weekday, and
            the harmonics of the table.
        """
        shown = self.shown(terms)
        ax = draw.axes_or_new(ax, figsize=_size(len(shown)))
        ratio = np.exp(self.estimates[shown])
        draw.ratio_intervals(ax, [self.terms[k] for k in shown], ratio, self.low[shown], self.high[shown])
        ax.set_xlabel(f"rate ratio, {self.confidence_level:.0%} interval")
        return ax


def _size(n: int) -> tuple[float, float]:
    return 4.4, 0.6 + 0.3 * n
