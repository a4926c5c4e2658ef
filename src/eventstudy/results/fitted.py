"""How well a regression of counts fits: dispersion, residuals, and pictures of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from eventstudy import draw
from eventstudy.diagnostics import DispersionTest, autocorrelation, block_dispersion, calendar_sums
from eventstudy.errors import ModelError
from eventstudy.formulas import Design
from eventstudy.provenance import Provenance
from eventstudy.results.text import pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FittedCounts:
    """Counts and what a regression expects of them.

    Attributes
    ----------
    dispersion : float
        Sum of squared Pearson residuals over rows minus parameters; 1 for Poisson counts.
    dispersion_tests : tuple of DispersionTest
        Of Cameron and Trivedi, with variance linear and quadratic in the mean.
    n, n_events, n_parameters : int
        Rows that were used, events, and parameters.
    exposure : float
        Days.
    loglik : float
    fitted, residuals : ndarray, shape (n,)
        Expected counts, and Pearson residuals; nan where nothing is expected.
    """

    formula: str
    confidence_level: float
    dispersion: float
    dispersion_tests: tuple[DispersionTest, ...]
    n: int
    n_events: int
    n_parameters: int
    exposure: float
    loglik: float
    events_label: str
    design: Design = field(repr=False)
    fitted: Floats = field(repr=False)
    residuals: Floats = field(repr=False)
    provenance: Provenance = field(repr=False)

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
        return autocorrelation(self.residuals[kept], places, min(max_lag, int(places[-1] - places[0]) // 2))

    def dispersion_by(self, step: str) -> float:
        """Return the dispersion of the counts summed by "week" or "month": daily counts of 0 and 1 hide it.

        Raises
        ------
        ModelError
            If the rows are not days in order of time.
        """
        if self.design.step != "day" or step not in ("week", "month"):
            raise ModelError(
                "dispersion_by: it sums daily rows by 'week' or 'month'; use a table with freq='D'"
            )
        return block_dispersion(
            np.asarray(self.design.places),
            self.design.response,
            self.fitted,
            self._variances(),
            step=step,
            n_parameters=self.n_parameters,
        )

    def _variances(self) -> Floats:
        """Return the variance of each row's count under the model."""
        return self.fitted

    def _dispersion_text(self) -> str:
        text = f"{self.dispersion:.2f} by {self.design.step}"
        if self.design.step == "day":
            text += f", {self.dispersion_by('week'):.2f} by week, {self.dispersion_by('month'):.2f} by month"
        pvalue = pvalue_text(self.dispersion_tests[0].pvalue)
        return f"{text}; variance above the mean: p {pvalue} (Cameron-Trivedi)"

    def plot_fit(self, ax: Axes | None = None, *, by: str = "year") -> Axes:
        """Draw the events observed and expected in each "year" or "month"; return the axes.

        Raises
        ------
        ModelError
            If the rows have no order in time.
        """
        if self.design.places is None or by not in ("year", "month"):
            raise ModelError(
                "plot_fit: it adds up rows in order of time by 'year' or 'month'; sort the table by 'start'"
            )
        starts, observed, expected = calendar_sums(
            self.design.first_days, self.design.response, self.fitted, by
        )
        ax = draw.axes_or_new(ax, figsize=(6.0, 2.6))
        draw.observed_and_expected(ax, starts, observed, expected)
        ax.set_ylabel(f"{self.events_label} per {by}")
        return ax

    def plot_residuals(self, ax: Axes | None = None, *, max_lag: int = 28) -> Axes:
        """Draw the autocorrelation of the Pearson residuals with the band expected of none; return the axes."""
        table = self.residual_autocorrelation(max_lag)
        ax = draw.axes_or_new(ax, figsize=(4.4, 2.2))
        half = float(stats.norm.ppf(0.5 + self.confidence_level / 2.0)) / np.sqrt(self.n)
        draw.autocorrelation(ax, table["lag"].to_numpy(), table["autocorrelation"].to_numpy(), half)
        ax.set_xlabel(f"lag ({self.design.step}s)")
        return ax
