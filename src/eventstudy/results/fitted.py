"""How well a regression of counts fits: dispersion, residuals, and pictures of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from eventstudy import draw
from eventstudy.errors import ModelError
from eventstudy.formulas import Design
from eventstudy.frozen import Frozen
from eventstudy.numeric.diagnostics import autocorrelation, block_sums, calendar_starts, dispersion_of
from eventstudy.numeric.likelihoods import PoissonCounts
from eventstudy.provenance import Provenance
from eventstudy.results.base import Coefficients
from eventstudy.results.text import pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Fitting(Frozen):
    """The parts of a fit needed for joint tests of terms.

    Attributes
    ----------
    counts : PoissonCounts or a relative
        The likelihood.
    weights : ndarray, shape (n,)
        Information of each row; nan for rows that were not used.
    max_lag : int or None
        Largest lag of the score products in errors from residuals, 0 without correlation; None for other errors.
    """

    counts: PoissonCounts = field(repr=False)
    weights: Floats = field(repr=False)
    max_lag: int | None


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class FittedCounts(Coefficients):
    """Counts and their fitted values.

    Attributes
    ----------
    dispersion : float
        Sum of squared Pearson residuals over rows minus parameters; 1 for Poisson counts.
    terms : tuple of str, length k
    covariance : str
        How the standard errors were computed, in words.
    n, n_events, n_parameters : int
        Rows that were used, events, and parameters. Where counts are not all whole, `n_events` is their sum.
    exposure : float
        Days.
    loglik : float
    fitted, variances, residuals : ndarray, shape (n,)
        Expected counts, their variance under the model, and Pearson residuals; nan where the expected count is 0.
    fitting : Fitting
    """

    is_poisson: ClassVar[bool] = True  # whether the model's variance is its mean
    formula: str
    terms: tuple[str, ...]
    confidence_level: float
    covariance: str
    dispersion: float
    n: int
    n_events: float
    n_parameters: int
    exposure: float
    loglik: float
    events_label: str
    design: Design = field(repr=False)
    fitted: Floats = field(repr=False)
    variances: Floats = field(repr=False)
    residuals: Floats = field(repr=False)
    fitting: Fitting = field(repr=False)
    provenance: Provenance = field(repr=False)

    @property
    def aic(self) -> float:
        """Akaike's criterion, of independent counts: smaller is better among models of one response on the same rows.

        There is none for errors "quasi" and for counts that are not whole, which have no likelihood.
        """
        self._check_likelihood("aic")
        return 2.0 * (self._n_estimated() - self.loglik)

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the number of rows; of the same models as `aic`.

        There is none inside strata, where the rows are not the observations.
        """
        self._check_likelihood("bic")
        return float(np.log(self.n)) * self._n_estimated() - 2.0 * self.loglik

    def _n_estimated(self) -> int:
        """Return the number of parameters of the likelihood, those without a finite estimate among them."""
        return len(self.terms)

    def _check_likelihood(self, name: str) -> None:
        if reason := self._without(name):
            raise AttributeError(f"{type(self).__name__}: {reason}")

    def _without(self, name: str) -> str:
        if name not in ("aic", "bic"):
            return ""
        if self.covariance.startswith("quasi"):
            return f"a quasi-likelihood has no {name}; compare fits with covariance='model', or `dispersion`"
        if not isinstance(self.n_events, int):
            return f"counts that are not all whole have no likelihood, and so no {name}; compare `dispersion`"
        return ""

    def residual_autocorrelation(self, max_lag: int = 28) -> pd.DataFrame:
        """Return the autocorrelation of the Pearson residuals by lag, with Ljung-Box tests.

        Raises
        ------
        ModelError
            If the rows have no order in time.
        """
        if self.design.places is None:
            raise ModelError(
                "residual_autocorrelation: the rows have no order in time; sort the table by 'start', one row for each"
            )
        kept = np.isfinite(self.residuals)
        places = self.design.places[kept]
        longest = min(max_lag, int(places[-1] - places[0]) // 2, places.size - 1)
        return autocorrelation(self.residuals[kept], places, longest)

    def dispersion_table(self) -> pd.DataFrame:
        """Return the dispersion of the rows, and of daily rows summed by week (from Monday) and month.

        Daily counts of 0 and 1 hide the overdispersion of sums under bursts.

        Returns
        -------
        pandas.DataFrame
            A row per step: ``step``, ``n`` sums, ``dispersion`` (sum of squared Pearson residuals over `n` minus
            parameters), and the tests of Cameron and Trivedi against Poisson: ``alpha`` and ``pvalue`` with the
            variance linear in the mean, ``alpha_nb2`` and ``pvalue_nb2`` with it quadratic. All nan where fewer
            than ten residual degrees of freedom are left.
        """
        rows = []
        for step in ("day", "week", "month") if self.design.step == "day" else (self.design.step,):
            series: tuple[Floats, ...] = (self.design.response, self.fitted, self.variances)
            if step != self.design.step:
                series = block_sums(self.design.first_days, step, *series)
            rows.append({"step": step} | dispersion_of(*series, n_parameters=self.n_parameters))
        return pd.DataFrame(rows)

    def _dispersion_text(self) -> str:
        table = self.dispersion_table().dropna()
        if not len(table):
            return "too few rows to tell"
        steps = list(zip(table["step"], table["dispersion"], table["pvalue"], strict=True))
        text = ", ".join(f"{dispersion:.2f} by {step}" for step, dispersion, _ in steps)
        if not self.is_poisson:
            return text
        tests = ", ".join(f"{pvalue_text(pvalue)} by {step}" for step, _, pvalue in steps)
        return f"{text}; variance above the mean (Cameron-Trivedi): p {tests}"

    def plot_fit(self, ax: Axes | None = None, *, by: str = "month") -> Axes:
        """Draw the events observed and expected in each "month" or "year"; return the axes.

        With year effects in the model the yearly totals agree by construction.

        Raises
        ------
        ModelError
            If the rows have no order in time.
        """
        if self.design.places is None or by not in ("year", "month"):
            raise ModelError(
                "plot_fit: it sums rows in order of time by 'year' or 'month'; sort the table by 'start'"
            )
        days = self.design.first_days
        observed, expected = block_sums(days, by, self.design.response, self.fitted)
        ax = draw.axes_or_new(ax, figsize=(6.0, 2.6))
        draw.observed_and_expected(ax, calendar_starts(days, by), observed, expected)
        ax.set_ylabel(f"{self.events_label} per {by}")
        return ax

    def plot_residuals(self, ax: Axes | None = None, *, max_lag: int = 28) -> Axes:
        """Draw the autocorrelation of the Pearson residuals with its band under no autocorrelation; return the axes."""
        table = self.residual_autocorrelation(max_lag)
        ax = draw.axes_or_new(ax, figsize=(4.4, 2.2))
        half = float(stats.norm.ppf(0.5 + self.confidence_level / 2.0)) / np.sqrt(self.n)
        draw.autocorrelation(ax, table["lag"].to_numpy(), table["autocorrelation"].to_numpy(), half)
        ax.set_xlabel(f"lag ({self.design.step}s)")
        return ax
