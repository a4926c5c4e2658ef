"""From the fit of a regression of counts to its result: limits, p-values, borders, diagnostics."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from eventstudy.errors import ModelError, OverdispersionWarning
from eventstudy.formulas import Design
from eventstudy.numeric.border import UNKNOWN, Bound, border_bound
from eventstudy.numeric.likelihoods import PoissonCounts
from eventstudy.numeric.linear import collapse
from eventstudy.numeric.separation import Separation, separation, supremum
from eventstudy.provenance import Provenance
from eventstudy.regression.covariances import Covariance, CovarianceChoice, covariance_of
from eventstudy.results.fitted import Fitting
from eventstudy.results.regression import RegressionResult

Floats = NDArray[np.float64]


class Limits(TypedDict):
    """What is said of each term."""

    estimates: Floats
    low: Floats
    high: Floats
    pvalues: Floats
    notes: tuple[str, ...]


class RegressionParts(Limits):
    """The fields of a :class:`RegressionResult`; its relatives add to them."""

    formula: str
    terms: tuple[str, ...]
    covariance_matrix: Floats
    covariance: str
    degrees: float | None
    confidence_level: float
    dispersion: float
    n: int
    n_parameters: int
    n_events: float
    exposure: float
    loglik: float
    events_label: str
    n_anchors: Mapping[str, int]
    design: Design
    fitted: Floats
    variances: Floats
    residuals: Floats
    fitting: Fitting
    baselines: Mapping[str, Floats]
    provenance: Provenance


WRONG_SCORE = 1e-6  # share of what is summed that rounding does not explain


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A fit laid out over all terms and rows.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
        0 for terms that were left out because they have no finite estimate.
    columns : ndarray of int64
        Terms that the fit used.
    finite : ndarray of bool, shape (k,)
        Terms with a finite estimate.
    kept : ndarray of bool, shape (n,)
        Rows that the fit used: not those whose expected count goes to its border.
    separation : Separation or None
    """

    coefficients: Floats
    columns: NDArray[np.int64]
    finite: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    separation: Separation | None = field(repr=False)

    def predictor(self, design: Design) -> Floats:
        """Return the linear predictor of every row, as if nothing had gone to a border."""
        return design.matrix @ self.coefficients + np.log(design.exposure)


def fit(design: Design, counts: PoissonCounts) -> Fitted:
    """Fit a design; identical rows are added up first where that changes no estimate and saves work."""
    kinds = collapse(design.matrix) if type(counts) is PoissonCounts else None
    if kinds is None:
        kind = np.arange(design.n)
        found = supremum(counts, design.response, design.matrix, np.log(design.exposure))
    else:
        first, kind = kinds
        response = np.bincount(kind, design.response).astype(float)
        exposure = np.bincount(kind, design.exposure)
        found = supremum(counts, response, design.matrix[first], np.log(exposure))
    coefficients = np.zeros(len(design.terms))
    coefficients[found.columns] = found.fit.coefficients
    if found.separation is None:
        return Fitted(
            coefficients, found.columns, np.ones(len(design.terms), bool), np.ones(design.n, bool), None
        )
    at_border = found.separation
    return Fitted(coefficients, found.columns, ~at_border.free, ~at_border.rows[kind], at_border)


def regression_parts(
    design: Design,
    table: pd.DataFrame,
    counts: PoissonCounts,
    choice: CovarianceChoice,
    *,
    confidence_level: float,
    provenance: Provenance,
) -> RegressionParts:
    """Fit a regression and return all that any :class:`RegressionResult` is made of."""
    events = _events(design, choice)
    found = fit(design, counts)
    kept = found.kept
    df = int(kept.sum()) - found.columns.size - counts.nuisance
    if df < 1:
        raise ModelError(
            f"{choice.where}: {int(kept.sum())} rows cannot carry {found.columns.size + counts.nuisance} terms and "
            "strata; count over a longer period or leave some out"
        )
    predictor = found.predictor(design)
    state = counts.where(kept).state(design.response[kept], predictor[kept])
    _check_scores(design.matrix[kept][:, found.columns], state.slope, design.response[kept], choice.where)
    variances = counts.variance(state.mean)
    pearson = np.zeros(
        variances.size
    )  # where no event can be expected there is none: 0, as the mean goes to 0
    np.divide(design.response[kept] - state.mean, np.sqrt(variances), out=pearson, where=variances > 0.0)
    dispersion = float(pearson @ pearson) / df
    covered = covariance_of(
        choice,
        design,
        table,
        counts=counts,
        kept=kept,
        state=state,
        columns=found.columns,
        dispersion=dispersion,
    )
    whole = np.full((len(design.terms),) * 2, np.nan)
    inside = found.finite[found.columns]
    finite = found.columns[inside]
    whole[np.ix_(finite, finite)] = covered.matrix[np.ix_(inside, inside)]
    spread = max(1.0, dispersion) if choice.kind == "quasi" else 1.0
    attributes = table.attrs.get("eventstudy", {})
    return {
        "formula": design.formula,
        "terms": design.terms,
        **_limits(design, counts, found, whole, covered.degrees, confidence_level, spread),
        "covariance_matrix": whole,
        "covariance": covered.words,
        "degrees": covered.degrees,
        "confidence_level": confidence_level,
        "dispersion": dispersion,
        "n": design.n,
        "n_parameters": found.columns.size + counts.nuisance,
        "n_events": events,
        "exposure": float(design.exposure.sum()),
        "loglik": state.loglik,
        "events_label": attributes.get("events", "events"),
        "n_anchors": attributes.get("n_anchors", {}),
        "design": design,
        "fitted": _on_all_rows(kept, state.mean, counts.border),
        "variances": _on_all_rows(kept, variances, 0.0),
        "residuals": _on_all_rows(kept, pearson, np.nan),
        "fitting": Fitting(counts, _on_all_rows(kept, state.weights, np.nan), covered.max_lag),
        "baselines": _baselines(design, counts, found),
        "provenance": provenance,
    }


def _events(design: Design, choice: CovarianceChoice) -> float:
    """Return the sum of the response: a whole number where its values are; others have no variance to trust."""
    total = float(design.response.sum())
    if (design.response == np.floor(design.response)).all():
        return int(total)
    if choice.kind == "model":
        raise ModelError(
            f"{choice.where}: covariance='model' trusts the variance of counts, and the response holds values that "
            "are not whole; use covariance='HAC', 'HC3' or 'quasi'"
        )
    return total


def _on_all_rows(kept: NDArray[np.bool_], values: Floats, others: float) -> Floats:
    """Return values of the rows kept beside another value for the others, read-only."""
    out = np.full(kept.size, others)
    out[kept] = values
    return out


def _check_scores(terms: Floats, slope: Floats, response: Floats, where: str) -> None:
    """Refuse a fit whose scores do not sum to zero: with an intercept, its expected counts would not be the events."""
    sums = np.abs(slope @ terms)
    wrong = sums > WRONG_SCORE * (np.abs(terms).T @ (response + np.abs(slope)))
    if wrong.any():
        raise ModelError(
            f"{where}: the scores of the fit sum to {sums[wrong].max():.2g} and not to zero, so its errors would be of "
            "other rows; look for terms with hardly any event, or nearly alike"
        )


def wald_limits(
    estimates: Floats, covariance: Floats, degrees: float | None, level: float
) -> tuple[Floats, ...]:
    """Return lower and upper limits of the rate ratios, and two-sided p-values."""
    reference = stats.norm() if degrees is None else stats.t(degrees)
    se = np.sqrt(np.diag(covariance))
    half = reference.ppf(0.5 + level / 2.0) * se
    with np.errstate(over="ignore"):  # a rate at the year 0, say, has no limit that a float can hold
        limits = np.exp(estimates - half), np.exp(estimates + half)
    return *limits, 2.0 * reference.sf(np.abs(estimates) / se)


def _limits(
    design: Design,
    counts: PoissonCounts,
    found: Fitted,
    covariance: Floats,
    degrees: float | None,
    level: float,
    spread: float,
) -> Limits:
    """Return estimates, limits, p-values and notes; where an estimate is infinite, from the border of what is possible.

    `spread` divides the logarithm of probabilities there: the dispersion, for quasi-likelihood.
    """
    estimates = found.coefficients.copy()
    low, high, pvalues = wald_limits(estimates, covariance, degrees, level)
    notes = [
        *design.left_out,
        *(
            f"{design.terms[k]}: the rows that tell about it are fitted exactly, so residuals give no error "
            "for it; covariance='model' does"
            for k in np.flatnonzero(found.finite & np.isnan(np.diag(covariance)))
        ),
    ]
    signs = np.zeros(len(estimates)) if found.separation is None else found.separation.signs
    for k in np.flatnonzero(~found.finite):
        sign = float(signs[k])
        if not sign:
            estimates[k], low[k], high[k], pvalues[k] = np.nan, 0.0, np.inf, np.nan
            notes.append(f"{design.terms[k]}: not told apart from terms without any event")
            continue
        bound, how = _border(design, counts, int(k), sign, level, spread)
        estimates[k] = sign * np.inf
        limit = np.exp(-sign * np.inf if np.isnan(bound.limit) else bound.limit)
        low[k], high[k] = (0.0, limit) if sign < 0 else (limit, np.inf)
        pvalues[k] = bound.pvalue
        notes.append(f"{_border_words(design, int(k), sign, counts.border)}; {how}")
    return {
        "estimates": estimates,
        "low": low,
        "high": high,
        "pvalues": pvalues,
        "notes": tuple(notes),
    }


def _border(
    design: Design, counts: PoissonCounts, k: int, sign: float, level: float, spread: float
) -> tuple[Bound, str]:
    """Return the finite end of the interval of a term without a finite estimate, and what it is, in words."""
    try:
        bound = border_bound(
            counts,
            design.response,
            design.matrix,
            np.log(design.exposure),
            k,
            sign,
            level=level,
            dispersion=spread,
        )
    except ModelError:  # of a fit on the way, which says nothing against the model
        return UNKNOWN, "no limit on the other side could be computed"
    if np.isnan(bound.pvalue):
        return bound, "no limit on the other side is known"
    events = "independent events" if spread == 1.0 else f"events that vary {spread:.2f} times as much"
    return bound, f"limit and p are by the probability of that, given the other terms, for {events}"


def _border_words(design: Design, k: int, sign: float, border: float) -> str:
    """Say why a term has no finite estimate."""
    x, name = design.matrix[:, k], design.terms[k]
    within = x > 0
    days = f"{design.exposure[within].sum():,.0f} days"
    if sign < 0 and not (design.response[within] > border).any():
        what = "no event" if border == 0 else "never more than one event"
        return f"{name}: {what} in {days}, so the ratio is 0"
    if sign > 0 and (x >= 0).all() and not (design.response[~within] > border).any():
        return f"{name}: every event lies in its {days}, so the ratio is infinite"
    direction = "infinite" if sign > 0 else "0"
    return f"{name}: the ratio is {direction}, as days without any event stand against it"


def _baselines(design: Design, counts: PoissonCounts, found: Fitted) -> dict[str, Floats]:
    """Return, for each term whose ratio is 0, the counts expected without its effect."""
    if found.separation is None:
        return {}
    state = counts.state(design.response, found.predictor(design))
    out = {}
    for k in np.flatnonzero(~found.finite & (found.separation.signs < 0)):
        others = separation(counts, design.response, np.delete(design.matrix, k, axis=1))
        at_border = np.zeros(design.n, bool) if others is None else others.rows
        out[design.terms[k]] = np.where(at_border, counts.border, state.mean)
    return out


def warn_if_overdispersed(result: RegressionResult, covariance: Covariance, where: str) -> None:
    """Warn where standard errors trust a variance that the counts exceed."""
    if covariance != "model":
        return
    table = result.dispersion_table().dropna()
    if not len(table):
        return
    worst = table.iloc[int(table["pvalue"].argmin())]
    if worst["pvalue"] < 0.05 / len(table):  # one of up to three tests, so each at its share of 5 %
        warnings.warn(
            f"{where}: by {worst['step']} the variance exceeds the mean (dispersion {worst['dispersion']:.2f}, "
            f"p {worst['pvalue']:.2g}), so "
            "the standard errors are too small; use covariance='HAC' or 'quasi', or negative_binomial_regression",
            OverdispersionWarning,
            stacklevel=3,
        )
