"""What a regression of counts found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from eventstudy import draw
from eventstudy.diagnostics import DispersionTest, autocorrelation, block_dispersion, calendar_sums
from eventstudy.errors import ModelError
from eventstudy.formulas import Design
from eventstudy.provenance import Provenance
from eventstudy.results.effects import ExtraEvents, JointTest
from eventstudy.results.text import lines, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

BACKGROUND = ("Intercept", "C(", "sin", "cos")  # how terms begin that a figure leaves out unless asked


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RegressionResult:
    """Result of :func:`eventstudy.poisson_regression`; its relatives add to it.

    Attributes
    ----------
    terms : tuple of str, length k
    estimates : ndarray, shape (k,)
        Logarithms of the rate ratios; infinite where the data set no limit on one side.
    covariance_matrix : ndarray, shape (k, k)
        Of the estimates; nan for infinite ones.
    low, high : ndarray, shape (k,)
        Limits of the rate ratios.
    pvalues : ndarray, shape (k,)
        Two-sided, of H0: given the other terms the rate does not depend on this one.
    covariance : str
        How the standard errors were computed, in words.
    degrees : float or None
        Degrees of freedom of Student's t where it replaces the normal.
    dispersion : float
        Sum of squared Pearson residuals over rows minus coefficients; 1 for Poisson counts.
    dispersion_tests : tuple of DispersionTest
        Of Cameron and Trivedi, with variance linear and quadratic in the mean.
    n, n_events, n_parameters : int
        Rows that were used, events, and parameters.
    exposure : float
        Days.
    loglik : float
    notes : tuple of str
        What a reader must know, such as terms without any event.
    fitted, residuals : ndarray, shape (n,)
        Expected counts, and Pearson residuals; nan where nothing is expected.
    """

    title: ClassVar[str] = "Poisson regression"
    formula: str
    terms: tuple[str, ...]
    estimates: Floats = field(repr=False)
    covariance_matrix: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    pvalues: Floats = field(repr=False)
    covariance: str
    degrees: float | None
    confidence_level: float
    dispersion: float
    dispersion_tests: tuple[DispersionTest, ...]
    n: int
    n_events: int
    n_parameters: int
    exposure: float
    loglik: float
    notes: tuple[str, ...]
    events_label: str
    n_anchors: Mapping[str, int]
    design: Design = field(repr=False)
    fitted: Floats = field(repr=False)
    residuals: Floats = field(repr=False)
    baselines: Mapping[str, Floats] = field(repr=False)
    provenance: Provenance = field(repr=False)

    @property
    def irr(self) -> pd.DataFrame:
        """Incidence rate ratios: ``irr``, ``low``, ``high``, ``pvalue`` by term."""
        return pd.DataFrame(
            {"irr": np.exp(self.estimates), "low": self.low, "high": self.high, "pvalue": self.pvalues},
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
        return GLM(response, frame, family=families.Poisson(), offset=np.log(self.design.exposure)).fit()

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

    def joint_test(self, terms: Sequence[str]) -> JointTest:
        """Test that the coefficients of several terms are all zero, by their joint covariance.

        Raises
        ------
        ModelError
            If a term is not in the model or has no finite estimate.
        """
        which = [self._place(name, "joint_test") for name in terms]
        for k in which:
            if not np.isfinite(self.estimates[k]):
                raise ModelError(f"joint_test: {self.terms[k]!r} has no finite estimate; leave it out")
        b, v = self.estimates[which], self.covariance_matrix[np.ix_(which, which)]
        chi2 = float(b @ np.linalg.solve(v, b))
        df = len(which)
        if self.degrees is None:
            return JointTest(tuple(terms), chi2, df, float(stats.chi2.sf(chi2, df)))
        return JointTest(tuple(terms), chi2, df, float(stats.f.sf(chi2 / df, df, self.degrees)))

    def extra_per_anchor(self, term: str, n_anchors: int | None = None) -> ExtraEvents:
        """Return how many events a term adds for each anchor.

        Parameters
        ----------
        term : str
        n_anchors : int, optional
            By default the anchors whose window reaches into the period, as `count_table` counted them.

        Notes
        -----
        The events expected without the effect, times the rate ratio minus one. The limits are those of
        the rate ratio; the expected number is taken as known, as most days tell about it.

        Raises
        ------
        ModelError
            If the term is not in the model, or the number of anchors is not known.
        """
        k = self._place(term, "extra_per_anchor")
        number = self.n_anchors.get(term) if n_anchors is None else n_anchors
        if not number:
            raise ModelError(
                f"extra_per_anchor: the number of anchors behind {term!r} is not known; give n_anchors"
            )
        x = self.design.matrix[:, k]
        with np.errstate(invalid="ignore"):
            base = self.baselines.get(term, self.fitted * np.exp(-self.estimates[k] * x))

        def extra(ratio: float) -> float:
            return float((base * (ratio**x - 1.0)).sum()) / number

        return ExtraEvents(
            term=term,
            extra=extra(float(np.exp(self.estimates[k]))),
            low=extra(float(self.low[k])),
            high=extra(float(self.high[k])),
            n_anchors=number,
            confidence_level=self.confidence_level,
            events_label=self.events_label,
        )

    def _place(self, term: str, where: str) -> int:
        if term not in self.terms:
            raise ModelError(f"{where}: no term {term!r}; the terms are {', '.join(self.terms)}")
        return self.terms.index(term)

    def _shown(self, terms: Sequence[str] | None) -> list[int]:
        if terms is not None:
            return [self._place(name, "plot") for name in terms]
        chosen = [k for k, name in enumerate(self.terms) if not name.startswith(BACKGROUND)]
        return chosen or [k for k, name in enumerate(self.terms) if name != "Intercept"] or [0]

    def summary(self) -> str:
        """Return the result in words: what H0 was, then the numbers."""
        shown = self._shown(None)
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
            rows.append(("other terms", f"{len(self.terms) - len(shown)} (intercept, calendar); see .irr"))
        rows.append(("dispersion", self._dispersion_text()))
        if self.design.places is not None and self.n > 20:
            box = self.residual_autocorrelation(min(28, self.n // 5)).iloc[-1]
            rows.append(
                (
                    "residuals",
                    f"Ljung-Box over {int(box['lag'])} lags: p {pvalue_text(box['pvalue'])} (H0: no autocorrelation)",
                )
            )
        rows += [("note", text) for text in self.notes]
        return lines(f"{self.title}, {self.design.response_name}", rows)

    def _more_data(self) -> list[tuple[str, str]]:
        """Return further rows of the summary on what the model was fitted to."""
        return []

    def _ratio_text(self, k: int) -> str:
        return (
            f"rate ratio {np.exp(self.estimates[k]):.2f} ({self.confidence_level:.0%} interval {self.low[k]:.2f} to "
            f"{self.high[k]:.2f}), p {pvalue_text(float(self.pvalues[k]))}"
        )

    def _dispersion_text(self) -> str:
        text = f"{self.dispersion:.2f} by {self.design.step}"
        if self.design.step == "day":
            text += f", {self.dispersion_by('week'):.2f} by week, {self.dispersion_by('month'):.2f} by month"
        pvalue = pvalue_text(self.dispersion_tests[0].pvalue)
        return f"{text}; variance above the mean: p {pvalue} (Cameron-Trivedi)"

    def to_frame(self) -> pd.DataFrame:
        """Return a row per term of unrounded numbers."""
        return self.coefficients.drop(columns="pvalue").join(self.irr).reset_index()

    def plot(self, ax: Axes | None = None, *, terms: Sequence[str] | None = None) -> Axes:
        """Draw rate ratios with intervals on a logarithmic axis; return the axes.

        Parameters
        ----------
        terms : sequence of str, optional
            By default all but the intercept, effects of categories and harmonics.
        """
        shown = self._shown(terms)
        ax = draw.axes_or_new(ax, figsize=(4.4, 0.6 + 0.3 * len(shown)))
        ratio = np.exp(self.estimates[shown])
        draw.ratio_intervals(ax, [self.terms[k] for k in shown], ratio, self.low[shown], self.high[shown])
        ax.set_xlabel(f"rate ratio, {self.confidence_level:.0%} interval")
        return ax

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
