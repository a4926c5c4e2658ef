"""What a regression of counts found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from eventstudy import draw
from eventstudy.diagnostics import DispersionTest, autocorrelation, pearson
from eventstudy.errors import ModelError
from eventstudy.formulas import Design
from eventstudy.provenance import Provenance
from eventstudy.results.text import lines, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

BACKGROUND = ("Intercept", "C(", "sin", "cos")  # how terms begin that a figure leaves out unless asked


@dataclass(frozen=True, slots=True)
class ExtraEvents:
    """Events that a term adds, for each anchor.

    Attributes
    ----------
    extra, low, high : float
        Events per anchor; the limits are those of the rate ratio.
    """

    term: str
    extra: float
    low: float
    high: float
    n_anchors: int
    confidence_level: float
    events_label: str

    def __str__(self) -> str:
        def words(value: float) -> str:
            return f"{abs(value):.2f} {'more' if value >= 0 else 'fewer'}"

        return (
            f"{self.term}: {words(self.extra)} {self.events_label} per anchor ({self.confidence_level:.0%} interval "
            f"{words(self.low)} to {words(self.high)}; {self.n_anchors} anchors)"
        )


@dataclass(frozen=True, slots=True)
class JointTest:
    """Wald test that several coefficients are all zero.

    H0: none of the terms changes the rate, given the others.
    """

    terms: tuple[str, ...]
    chi2: float
    df: int
    pvalue: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RegressionResult:
    """Result of :func:`eventstudy.poisson_regression` and its relatives.

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
    n, n_events : int
        Rows of the table, and events.
    exposure : float
        Days.
    loglik : float
    notes : tuple of str
        What a reader must know, such as terms without any event.
    fitted : ndarray, shape (n,)
        Expected counts.
    """

    title: str
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
    exposure: float
    loglik: float
    notes: tuple[str, ...]
    events_label: str
    n_anchors: Mapping[str, int]
    design: Design = field(repr=False)
    fitted: Floats = field(repr=False)
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
    def residuals(self) -> Floats:
        """Pearson residuals, shape (n,); nan on rows that expect nothing."""
        with np.errstate(invalid="ignore"):
            return pearson(self.design.response, self.fitted)

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
        kept = self.fitted > 0
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
        days = np.asarray(self.design.places)
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        label = (days + 3) // 7 if step == "week" else months
        _, block = np.unique(label, return_inverse=True)
        count = np.bincount(block, self.design.response).astype(float)
        expected = np.bincount(block, self.fitted).astype(float)
        count, expected = count[expected > 0], expected[expected > 0]
        used = int(np.isfinite(self.estimates).sum())
        return float((pearson(count, expected) ** 2).sum() / (count.size - used))

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
        table = self.irr
        shown = self._shown(None)
        rows = [
            (
                "H0",
                "for each term: given the other terms, the rate of events does not depend on it (ratio 1)",
            ),
            ("formula", f"{self.formula}, offset log(days)"),
            ("data", f"{self.n_events} {self.events_label} in {self.exposure:,.0f} days, {self.n:,} rows"),
            ("errors", self.covariance),
        ]
        for k in shown:
            ratio, low, high, pvalue = table.iloc[k]
            rows.append(
                (
                    self.terms[k],
                    f"rate ratio {ratio:.2f} ({self.confidence_level:.0%} interval {low:.2f} to {high:.2f}), "
                    f"p {pvalue_text(pvalue)}",
                )
            )
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

    def _dispersion_text(self) -> str:
        linear = self.dispersion_tests[0]
        text = f"{self.dispersion:.2f} by {self.design.step}"
        if self.design.step == "day":
            text += f", {self.dispersion_by('week'):.2f} by week, {self.dispersion_by('month'):.2f} by month"
        return f"{text}; variance above the mean: p {pvalue_text(linear.pvalue)} (Cameron-Trivedi)"

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
