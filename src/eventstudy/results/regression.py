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
from eventstudy.errors import ModelError
from eventstudy.results.base import tidy_frame
from eventstudy.results.effects import ExtraEvents, JointTest, wald_test
from eventstudy.results.fitted import FittedCounts
from eventstudy.results.text import Part, Rows, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

BACKGROUND = ("Intercept", "C(", "sin", "cos")  # how terms begin that a figure leaves out unless asked


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class RegressionResult(FittedCounts):
    """Result of :func:`eventstudy.poisson_regression`; its relatives add to it, and :class:`FittedCounts` is below it.

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
    notes : tuple of str
        What a reader must know, such as terms without any event.
    """

    title: ClassVar[str] = "Poisson regression"
    terms: tuple[str, ...]
    estimates: Floats = field(repr=False)
    covariance_matrix: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    pvalues: Floats = field(repr=False)
    covariance: str
    degrees: float | None
    notes: tuple[str, ...]
    n_anchors: Mapping[str, int]
    baselines: Mapping[str, Floats] = field(repr=False)

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

    def _rate_of(self, mean: Floats) -> Floats:
        """Return the rate, which ratios multiply, from expected values."""
        return mean

    def _mean_of(self, rate: Floats) -> Floats:
        """Return expected values from rates."""
        return rate

    def joint_test(self, terms: Sequence[str]) -> JointTest:
        """Test that the coefficients of several terms are all zero, by their joint covariance.

        Raises
        ------
        ModelError
            If a term is not in the model or has no finite estimate.
        """
        which = [self._place(name, "joint_test") for name in terms]
        for k in which:
            if not np.isfinite(self.estimates[k] + self.covariance_matrix[k, k]):
                raise ModelError(
                    f"joint_test: {self.terms[k]!r} has no finite estimate with an error; leave it out"
                )
        covariance = self.covariance_matrix[np.ix_(which, which)]
        return wald_test(tuple(terms), self.estimates[which], covariance, self.degrees)

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
        if term in self.baselines:
            base = self._rate_of(self.baselines[term])
        elif np.isfinite(self.estimates[k]):
            base = self._rate_of(self.fitted) * np.exp(-self.estimates[k] * x)
        else:
            raise ModelError(
                f"extra_per_anchor: the ratio of {term!r} is infinite; there is no rate to compare with"
            )
        extra, low, high = (
            float((self._mean_of(base * ratio**x) - self._mean_of(base)).sum()) / number
            for ratio in (float(np.exp(self.estimates[k])), float(self.low[k]), float(self.high[k]))
        )
        return ExtraEvents(term, extra, low, high, number, self.confidence_level, self.events_label)

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the events that the model expects on other rows, with the confidence interval of that mean.

        Parameters
        ----------
        rows : DataFrame
            A row per time, with ``days`` and the columns of the formula, as `count_table` makes them; the counts are
            not needed.

        Returns
        -------
        DataFrame
            ``expected``, ``low`` and ``high`` with the index of `rows`. The interval is that of the mean, from the
            covariance of the estimates; single counts scatter more.

        Raises
        ------
        ModelError
            If a column is missing, a row has a level or value that no fitted row tells about, or depends on a term
            without a finite estimate and error.
        """
        matrix, exposure = self.design.new_rows(rows, "predict")
        unknown = ~(np.isfinite(self.estimates) & np.isfinite(np.diag(self.covariance_matrix)))
        touched = (np.abs(matrix[:, unknown]) > 1e-9).any(axis=0)
        if touched.any():
            name = self.terms[int(np.flatnonzero(unknown)[touched.argmax()])]
            raise ModelError(
                f"predict: {name!r} has no finite estimate with an error; leave out rows that have it"
            )
        known, covariance = matrix[:, ~unknown], self.covariance_matrix[np.ix_(~unknown, ~unknown)]
        eta = known @ self.estimates[~unknown] + np.log(exposure)
        reference = stats.norm() if self.degrees is None else stats.t(self.degrees)
        half = reference.ppf(0.5 + self.confidence_level / 2.0) * np.sqrt(
            np.einsum("ij,jk,ik->i", known, covariance, known)
        )
        means = [self._mean_of(np.exp(value)) for value in (eta, eta - half, eta + half)]
        return pd.DataFrame(dict(zip(("expected", "low", "high"), means, strict=True)), index=rows.index)

    def _place(self, term: str, where: str) -> int:
        if term not in self.terms:
            raise ModelError(f"{where}: no term {term!r}; the terms are {', '.join(self.terms)}")
        return self.terms.index(term)

    def shown(self, terms: Sequence[str] | None) -> list[int]:
        """Return the places of the terms that a figure shows: those asked for, or all but the background."""
        if terms is not None:
            return [self._place(name, "plot") for name in terms]
        chosen = [k for k, name in enumerate(self.terms) if not name.startswith(BACKGROUND)]
        return chosen or [k for k, name in enumerate(self.terms) if name != "Intercept"] or [0]

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
            rows.append(("other terms", f"{len(self.terms) - len(shown)} (intercept, calendar); see .irr"))
        rows.append(("dispersion", self._dispersion_text()))
        known = int(np.isfinite(self.residuals).sum())  # where nothing is expected there is no residual
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
        """Return further rows of the summary on what the model was fitted to."""
        return []

    def _ratio_text(self, k: int) -> str:
        return (
            f"rate ratio {np.exp(self.estimates[k]):.2f} ({self.confidence_level:.0%} interval {self.low[k]:.2f} to "
            f"{self.high[k]:.2f}), p {pvalue_text(float(self.pvalues[k]))}"
        )

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
            By default all but the intercept, effects of categories and harmonics.
        """
        shown = self.shown(terms)
        ax = draw.axes_or_new(ax, figsize=_size(len(shown)))
        ratio = np.exp(self.estimates[shown])
        draw.ratio_intervals(ax, [self.terms[k] for k in shown], ratio, self.low[shown], self.high[shown])
        ax.set_xlabel(f"rate ratio, {self.confidence_level:.0%} interval")
        return ax


def _size(n: int) -> tuple[float, float]:
    return 4.4, 0.6 + 0.3 * n
