"""From the fit of a Poisson regression to its result: limits, p-values, borders, diagnostics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from eventstudy.covariances import CovarianceChoice, Estimated, covariance_of
from eventstudy.diagnostics import dispersion_test, pearson
from eventstudy.errors import ModelError
from eventstudy.formulas import Design
from eventstudy.linear import collapse, weighted_gram
from eventstudy.poisson import Separation, log_likelihood, profile_bound, supremum
from eventstudy.provenance import Provenance
from eventstudy.results.regression import RegressionResult

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A Poisson fit laid out over all terms and rows.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
        0 for terms that were left out because they have no finite estimate.
    fitted : ndarray, shape (n,)
        Expected counts, 0 where they go to zero.
    columns : ndarray of int64
        Terms that the fit used.
    finite : ndarray of bool, shape (k,)
        Terms with a finite estimate.
    separation : Separation or None
    """

    coefficients: Floats
    fitted: Floats
    columns: NDArray[np.int64]
    finite: NDArray[np.bool_]
    separation: Separation | None = field(repr=False)


def fit(design: Design) -> Fitted:
    """Fit a design; identical rows are added up first, where there are many, as that changes no estimate."""
    kinds = collapse(design.matrix)
    if kinds is None:
        found = supremum(design.response, design.matrix, np.log(design.exposure))
    else:
        first, kind = kinds
        exposure = np.bincount(kind, design.exposure)
        found = supremum(
            np.bincount(kind, design.response).astype(float), design.matrix[first], np.log(exposure)
        )
    coefficients = np.zeros(len(design.terms))
    coefficients[found.columns] = found.fit.coefficients
    fitted = np.exp(design.matrix @ coefficients) * design.exposure
    finite = np.ones(len(design.terms), bool)
    if found.separation is not None:
        fitted[pushed(design.matrix, found.separation.direction)] = 0.0
        finite = ~found.separation.free
    return Fitted(coefficients, fitted, found.columns, finite, found.separation)


def pushed(matrix: Floats, direction: Floats) -> NDArray[np.bool_]:
    """Tell which rows a direction of the coefficients pushes to zero."""
    moved = matrix @ direction
    return moved < -1e-7 * max(1e-300, float(np.abs(moved).max()))


def poisson_result(
    design: Design,
    table: pd.DataFrame,
    choice: CovarianceChoice,
    *,
    title: str,
    confidence_level: float,
    provenance: Provenance,
) -> RegressionResult:
    """Fit a Poisson regression and gather all that its result needs."""
    found = fit(design)
    kept = found.fitted > 0
    df = int(kept.sum()) - found.columns.size
    if df < 1:
        raise ModelError(
            f"{choice.where}: {int(kept.sum())} rows cannot carry {found.columns.size} terms; "
            "count over a longer period or leave terms out"
        )
    dispersion = float((pearson(design.response[kept], found.fitted[kept]) ** 2).sum() / df)
    used = design.matrix[:, found.columns]
    covered = covariance_of(
        choice,
        design,
        table,
        matrix=used,
        residuals=design.response - found.fitted,
        weights=found.fitted,
        information=weighted_gram(used, found.fitted),
        dispersion=dispersion,
    )
    whole = np.full((len(design.terms),) * 2, np.nan)
    inside = found.finite[found.columns]
    finite = found.columns[inside]
    whole[np.ix_(finite, finite)] = covered.matrix[np.ix_(inside, inside)]
    scale = dispersion if choice.kind == "quasi" else 1.0
    limits = _limits(design, found, whole, covered, confidence_level, scale)
    attributes = table.attrs.get("eventstudy", {})
    return RegressionResult(
        title=title,
        formula=design.formula,
        terms=design.terms,
        **limits,
        covariance_matrix=frozen(whole),
        covariance=covered.words,
        degrees=covered.degrees,
        confidence_level=confidence_level,
        dispersion=dispersion,
        dispersion_tests=tuple(
            dispersion_test(design.response[kept], found.fitted[kept], form) for form in ("NB1", "NB2")
        ),
        n=design.response.size,
        n_events=int(design.response.sum()),
        exposure=float(design.exposure.sum()),
        loglik=log_likelihood(design.response, found.fitted),
        events_label=attributes.get("events", "events"),
        n_anchors=attributes.get("n_anchors", {}),
        design=design,
        fitted=frozen(found.fitted),
        baselines=_baselines(design, found),
        provenance=provenance,
    )


def wald_limits(
    estimates: Floats, covariance: Floats, degrees: float | None, level: float
) -> tuple[Floats, ...]:
    """Return lower and upper limits of the rate ratios, and two-sided p-values."""
    reference = stats.norm() if degrees is None else stats.t(degrees)
    se = np.sqrt(np.diag(covariance))
    half = reference.ppf(0.5 + level / 2.0) * se
    return np.exp(estimates - half), np.exp(estimates + half), 2.0 * reference.sf(np.abs(estimates) / se)


def _limits(
    design: Design, found: Fitted, covariance: Floats, covered: Estimated, level: float, scale: float
) -> dict[str, Any]:
    """Return estimates, limits, p-values and notes; by profile likelihood where an estimate is infinite."""
    estimates = found.coefficients.copy()
    low, high, pvalues = wald_limits(estimates, covariance, covered.degrees, level)
    notes = []
    loglik = log_likelihood(design.response, found.fitted)
    directions = np.zeros(len(estimates)) if found.separation is None else found.separation.direction
    for k in np.flatnonzero(~found.finite):
        sign = float(np.sign(directions[k]))
        estimates[k] = sign * np.inf if sign else np.nan
        if not sign:
            low[k], high[k], pvalues[k] = 0.0, np.inf, np.nan
            notes.append(f"{design.terms[k]}: not told apart from terms without any event")
            continue
        bound = profile_bound(
            design.response, design.matrix, np.log(design.exposure), int(k), sign,
            loglik=loglik, level=level, dispersion=scale,
        )  # fmt: skip
        low[k], high[k] = (0.0, np.exp(bound.limit)) if sign < 0 else (np.exp(bound.limit), np.inf)
        pvalues[k] = bound.pvalue
        notes.append(_border_note(design, int(k), sign))
    return {
        "estimates": frozen(estimates),
        "low": frozen(low),
        "high": frozen(high),
        "pvalues": frozen(pvalues),
        "notes": tuple(notes),
    }


def _border_note(design: Design, k: int, sign: float) -> str:
    """Say why a term has no finite estimate."""
    x, name = design.matrix[:, k], design.terms[k]
    within = x > 0
    days = f"{design.exposure[within].sum():,.0f} days"
    how = "the limit is that of the profile likelihood, p that of the likelihood ratio"
    if sign < 0 and not design.response[within].any():
        return f"{name}: no event in {days}, so the ratio is 0; {how}"
    if sign > 0 and (x >= 0).all() and not design.response[~within].any():
        return f"{name}: every event lies in its {days}, so the ratio is infinite; {how}"
    direction = "infinite" if sign > 0 else "0"
    return f"{name}: the ratio is {direction}, as days without any event stand against it; {how}"


def _baselines(design: Design, found: Fitted) -> dict[str, Floats]:
    """Return, for each term whose ratio is 0, the counts expected without its effect."""
    if found.separation is None:
        return {}
    expected = np.exp(design.matrix @ found.coefficients) * design.exposure
    out = {}
    for k in np.flatnonzero(~found.finite & (found.separation.direction < 0)):
        others = found.separation.direction.copy()
        others[k] = 0.0
        out[design.terms[k]] = frozen(np.where(pushed(design.matrix, others), 0.0, expected))
    return out


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array, no longer writeable: a result does not change."""
    array.flags.writeable = False
    return array
