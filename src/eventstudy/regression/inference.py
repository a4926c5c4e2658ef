"""From the fit of a regression of counts to its result: limits, p-values, infinite estimates, diagnostics."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from eventstudy.errors import ModelError, OverdispersionWarning
from eventstudy.formulas import Design
from eventstudy.numeric.border import UNKNOWN, Bound, border_bound
from eventstudy.numeric.likelihoods import PoissonCounts, State
from eventstudy.numeric.linear import collapse
from eventstudy.numeric.separation import Separation, separation, supremum
from eventstudy.provenance import Provenance
from eventstudy.regression.covariances import Covariance, CovarianceChoice, Estimated, covariance_of
from eventstudy.results.fitted import Fitting
from eventstudy.results.regression import RegressionResult

Floats = NDArray[np.float64]

WRONG_SCORE = 1e-6  # share of the summed terms beyond rounding error


class Limits(TypedDict):
    """The results for each term."""

    estimates: Floats
    low: Floats
    high: Floats
    pvalues: Floats
    notes: tuple[str, ...]


class RegressionParts(Limits):
    """The fields of a :class:`RegressionResult`; its subclasses add to them."""

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


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A fit expanded to all terms and rows.

    - `coefficients`, shape (k,): 0 for terms that were left out because they have no finite estimate.
    - `columns`: terms that the fit used.
    - `finite`, shape (k,): terms with a finite estimate.
    - `kept`, shape (n,): rows used in the fit: not those whose expected count tends to its boundary.
    """

    coefficients: Floats
    columns: NDArray[np.int64]
    finite: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    separation: Separation | None = field(repr=False)

    def predictor(self, design: Design) -> Floats:
        """Return the linear predictor of every row, from the finite coefficients alone."""
        return design.matrix @ self.coefficients + np.log(design.exposure)


def fit(design: Design, counts: PoissonCounts) -> Fitted:
    """Fit a design; identical rows are summed first where that changes no estimate and saves work."""
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


@dataclass(frozen=True, slots=True, eq=False)
class Estimation:
    """A fit with its errors, before limits and p-values.

    - `state`: of the rows that the fit used, at the estimate.
    - `variances`, `pearson`: of the counts of these rows, and their residuals over the root of it.
    - `covariance`, shape (k, k): of all terms; nan for those without a finite estimate.
    """

    fitted: Fitted
    state: State
    variances: Floats
    pearson: Floats
    dispersion: float
    covered: Estimated
    covariance: Floats


def estimation(
    design: Design, table: pd.DataFrame, counts: PoissonCounts, choice: CovarianceChoice
) -> Estimation:
    """Fit a regression and compute its errors."""
    if choice.kind == "model" and not _are_whole(design.response):
        raise ModelError(
            f"{choice.where}: covariance='model' trusts the variance of counts, and the response holds values that "
            "are not whole; use covariance='HAC', 'HC3' or 'quasi'"
        )
    found = fit(design, counts)
    kept = found.kept
    df = int(kept.sum()) - found.columns.size - counts.nuisance
    if df < 1:
        raise ModelError(
            f"{choice.where}: {int(kept.sum())} rows are too few for {found.columns.size + counts.nuisance} terms and "
            "strata; count over a longer period or leave some out"
        )
    predictor = found.predictor(design)
    state = counts.where(kept).state(design.response[kept], predictor[kept])
    _check_scores(design.matrix[kept][:, found.columns], state.slope, design.response[kept], choice.where)
    variances = counts.variance(state.mean)
    # where the expected count is 0 there is no event, so the residual is 0
    pearson = np.zeros(variances.size)
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
    return Estimation(found, state, variances, pearson, dispersion, covered, whole)


def regression_parts(
    design: Design,
    table: pd.DataFrame,
    counts: PoissonCounts,
    choice: CovarianceChoice,
    *,
    confidence_level: float,
    provenance: Provenance,
) -> RegressionParts:
    """Fit a regression and return the fields common to every :class:`RegressionResult`."""
    made = estimation(design, table, counts, choice)
    found, state, kept = made.fitted, made.state, made.fitted.kept
    attributes = table.attrs.get("eventstudy", {})
    total = float(design.response.sum())
    return {
        "formula": design.formula,
        "terms": design.terms,
        **_limits(design, counts, choice, made, confidence_level, range(len(design.terms))),
        "covariance_matrix": made.covariance,
        "covariance": made.covered.words,
        "degrees": made.covered.degrees,
        "confidence_level": confidence_level,
        "dispersion": made.dispersion,
        "n": design.n,
        "n_parameters": found.columns.size + counts.nuisance,
        "n_events": int(total) if _are_whole(design.response) else total,
        "exposure": float(design.exposure.sum()),
        "loglik": state.loglik,
        "events_label": attributes.get("events", "events"),
        "n_anchors": attributes.get("n_anchors", {}),
        "design": design,
        "fitted": _on_all_rows(kept, state.mean, counts.border),
        "variances": _on_all_rows(kept, made.variances, 0.0),
        "residuals": _on_all_rows(kept, made.pearson, np.nan),
        "fitting": Fitting(counts, _on_all_rows(kept, state.weights, np.nan), made.covered.max_lag),
        "baselines": _baselines(design, counts, found),
        "provenance": provenance,
    }


@dataclass(frozen=True, slots=True)
class TermRatio:
    """The ratio of one term, its limits and its two-sided p-value."""

    irr: float
    low: float
    high: float
    pvalue: float


def term_ratio(
    design: Design,
    table: pd.DataFrame,
    counts: PoissonCounts,
    choice: CovarianceChoice,
    term: str,
    *,
    confidence_level: float,
) -> TermRatio:
    """Fit a regression and return one term of it: for simulations and refits, which look at no other."""
    if term not in design.terms:
        raise ModelError(
            f"{choice.where}: {term!r} is no term of the fit; give one of {', '.join(design.terms)}"
        )
    k = design.terms.index(term)
    found = _limits(design, counts, choice, estimation(design, table, counts, choice), confidence_level, [k])
    low, high, pvalue = (float(found[name][k]) for name in ("low", "high", "pvalues"))
    return TermRatio(float(np.exp(found["estimates"][k])), low, high, pvalue)


def _are_whole(values: Floats) -> bool:
    return bool((values == np.floor(values)).all())


def _on_all_rows(kept: NDArray[np.bool_], values: Floats, others: float) -> Floats:
    """Return the values of the rows kept, with one value for the others, read-only."""
    out = np.full(kept.size, others)
    out[kept] = values
    return out


def _check_scores(terms: Floats, slope: Floats, response: Floats, where: str) -> None:
    """Refuse a fit whose scores do not sum to zero: with an intercept, its expected counts would not be the events."""
    sums = np.abs(slope @ terms)
    wrong = sums > WRONG_SCORE * (np.abs(terms).T @ (response + np.abs(slope)))
    if wrong.any():
        raise ModelError(
            f"{where}: the scores of the fit sum to {sums[wrong].max():.2g} and not to zero, so its errors would be "
            "wrong; look for terms with hardly any event, or nearly collinear"
        )


def wald_limits(
    estimates: Floats, covariance: Floats, degrees: float | None, level: float
) -> tuple[Floats, ...]:
    """Return lower and upper limits of the rate ratios, and two-sided p-values."""
    reference = stats.norm() if degrees is None else stats.t(degrees)
    se = np.sqrt(np.diag(covariance))
    half = reference.ppf(0.5 + level / 2.0) * se
    with np.errstate(over="ignore"):  # a limit may overflow, such as that of a rate at the year 0
        limits = np.exp(estimates - half), np.exp(estimates + half)
    return *limits, 2.0 * reference.sf(np.abs(estimates) / se)


def _limits(
    design: Design,
    counts: PoissonCounts,
    choice: CovarianceChoice,
    made: Estimation,
    level: float,
    wanted: Iterable[int],
) -> Limits:
    """Return estimates, limits, p-values and notes; for an infinite estimate, from the probability of the boundary.

    An infinite estimate takes many fits, so only the wanted terms are computed.
    """
    found, covariance = made.fitted, made.covariance
    # the logarithm of probabilities at the border is divided by the dispersion, for quasi-likelihood
    spread = max(1.0, made.dispersion) if choice.kind == "quasi" else 1.0
    estimates = found.coefficients.copy()
    low, high, pvalues = wald_limits(estimates, covariance, made.covered.degrees, level)
    notes = [
        *design.left_out,
        *(
            f"{design.terms[k]}: the rows that identify it are fitted exactly, so residuals give no standard "
            "error; covariance='model' does"
            for k in np.flatnonzero(found.finite & np.isnan(np.diag(covariance)))
        ),
    ]
    signs = np.zeros(len(estimates)) if found.separation is None else found.separation.signs
    for k in wanted:
        if found.finite[k]:
            continue
        sign = float(signs[k])
        if not sign:
            estimates[k], low[k], high[k], pvalues[k] = np.nan, 0.0, np.inf, np.nan
            notes.append(f"{design.terms[k]}: not identified beside terms without any event")
            continue
        bound, how = _border(design, counts, k, sign, level, spread)
        estimates[k] = sign * np.inf
        limit = np.exp(-sign * np.inf if np.isnan(bound.limit) else bound.limit)
        low[k], high[k] = (0.0, limit) if sign < 0 else (limit, np.inf)
        pvalues[k] = bound.pvalue
        notes.append(f"{_border_words(design, k, sign, counts.border)}; {how}")
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
    """Return the finite end of the interval of a term without a finite estimate, and its description."""
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
    except ModelError:  # of an intermediate fit, which is no evidence against the model
        return UNKNOWN, "no limit on the other side could be computed"
    if np.isnan(bound.pvalue):
        return bound, "no limit on the other side is known"
    events = "independent events" if spread == 1.0 else f"events that vary {spread:.2f} times as much"
    return bound, f"limit and p are from the probability of that, given the other terms, for {events}"


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
    return f"{name}: the ratio is {direction}, as days without any event separate it"


def _baselines(design: Design, counts: PoissonCounts, found: Fitted) -> dict[str, Floats]:
    """Return, for each term with a ratio of 0, the counts expected without its effect."""
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
    """Warn where standard errors assume a variance that the counts exceed."""
    if covariance != "model":
        return
    table = result.dispersion_table().dropna()
    if not len(table):
        return
    worst = table.iloc[int(table["pvalue"].argmin())]
    if worst["pvalue"] < 0.05 / len(table):  # up to three tests, so each at its share of 5 %
        warnings.warn(
            f"{where}: by {worst['step']} the variance exceeds the mean (dispersion {worst['dispersion']:.2f}, "
            f"p {worst['pvalue']:.2g}), so "
            "the standard errors are too small; use covariance='HAC' or 'quasi', or negative_binomial_regression",
            OverdispersionWarning,
            stacklevel=3,
        )
