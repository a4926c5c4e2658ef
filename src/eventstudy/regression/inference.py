"""The fields of the result of a regression: fit, errors, limits and p-values together."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ModelError, OverdispersionWarning
from eventstudy.formulas import Design
from eventstudy.numeric.likelihoods import PoissonCounts
from eventstudy.provenance import Provenance
from eventstudy.regression.covariances import CovarianceChoice
from eventstudy.regression.estimation import are_whole, estimation
from eventstudy.regression.limits import Limits, baselines, limits_of
from eventstudy.regression.request import Request
from eventstudy.regression.table_records import record_of
from eventstudy.results.fitted import Fitting
from eventstudy.results.regression import RegressionResult

Floats = NDArray[np.float64]


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


def regression_parts(request: Request, counts: PoissonCounts, provenance: Provenance) -> RegressionParts:
    """Fit a regression and return the fields common to every :class:`RegressionResult`."""
    design, made = request.design, estimation(request, counts)
    found, state, kept = made.fitted, made.state, made.fitted.kept
    record = record_of(request.table)
    total = float(design.response.sum())
    return {
        "formula": design.formula,
        "terms": design.terms,
        **limits_of(request, counts, made, range(len(design.terms))),
        "covariance_matrix": made.covariance,
        "covariance": made.covered.words,
        "degrees": made.covered.degrees,
        "confidence_level": request.confidence_level,
        "dispersion": made.dispersion,
        "n": design.n,
        "n_parameters": found.columns.size + counts.nuisance,
        "n_events": int(total) if are_whole(design.response) else total,
        "exposure": float(design.exposure.sum()),
        "loglik": state.loglik,
        "events_label": record.get("events", "events"),
        "n_anchors": record.get("n_anchors", {}),
        "design": design,
        "fitted": _on_all_rows(kept, state.mean, counts.border),
        "variances": _on_all_rows(kept, made.variances, 0.0),
        "residuals": _on_all_rows(kept, made.pearson, np.nan),
        "fitting": Fitting(counts, _on_all_rows(kept, state.weights, np.nan), made.covered.max_lag),
        "baselines": baselines(design, counts, found),
        "provenance": provenance,
    }


@dataclass(frozen=True, slots=True)
class TermRatio:
    """The ratio of one term, its limits and its two-sided p-value."""

    irr: float
    low: float
    high: float
    pvalue: float


def term_ratio(request: Request, counts: PoissonCounts, term: str) -> TermRatio:
    """Fit a regression and return one term of it: for simulations and refits, which look at no other."""
    terms = request.design.terms
    if term not in terms:
        raise ModelError(f"{request.where}: {term!r} is no term of the fit; give one of {', '.join(terms)}")
    k = terms.index(term)
    found = limits_of(request, counts, estimation(request, counts), [k])
    low, high, pvalue = (float(found[name][k]) for name in ("low", "high", "pvalues"))
    return TermRatio(float(np.exp(found["estimates"][k])), low, high, pvalue)


def _on_all_rows(kept: NDArray[np.bool_], values: Floats, others: float) -> Floats:
    """Return the values of the rows kept, with one value for the others, read-only."""
    out = np.full(kept.size, others)
    out[kept] = values
    return out


def warn_if_overdispersed(result: RegressionResult, choice: CovarianceChoice) -> None:
    """Warn where standard errors assume a variance that the counts exceed."""
    if choice.kind != "model":
        return
    table = result.dispersion_table().dropna()
    if not len(table):
        return
    worst = table.iloc[int(table["pvalue"].argmin())]
    if worst["pvalue"] < 0.05 / len(table):  # up to three tests, so each at its share of 5 %
        warnings.warn(
            f"{choice.where}: by {worst['step']} the variance exceeds the mean (dispersion {worst['dispersion']:.2f}, "
            f"p {worst['pvalue']:.2g}), so "
            "the standard errors are too small; use covariance='HAC' or 'quasi', or negative_binomial_regression",
            OverdispersionWarning,
            stacklevel=5,  # the caller of a regression, which has two decorators
        )
