"""A fit of counts and its errors, before limits and p-values."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ModelError
from eventstudy.formulas import Design
from eventstudy.numeric.likelihoods import PoissonCounts, State
from eventstudy.numeric.linear import collapse
from eventstudy.numeric.separation import Separation, supremum
from eventstudy.regression.covariances import Estimated, covariance_of
from eventstudy.regression.request import Request

Floats = NDArray[np.float64]

WRONG_SCORE = 1e-6  # share of the summed terms beyond rounding error


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


def summed(design: Design, counts: PoissonCounts) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Return response, terms and log exposure with identical rows summed, and the sum of which each row is a part.

    A Poisson likelihood is the same from sums, up to a constant. Others, and tables with few identical rows, are
    returned as they are.
    """
    kinds = collapse(design.matrix) if type(counts) is PoissonCounts else None
    if kinds is None:
        return design.response, design.matrix, np.log(design.exposure), np.arange(design.n)
    first, kind = kinds
    response = np.bincount(kind, design.response).astype(float)
    return response, design.matrix[first], np.log(np.bincount(kind, design.exposure)), kind


def fit(design: Design, counts: PoissonCounts) -> Fitted:
    """Fit a design; identical rows are summed first where that changes no estimate and saves work."""
    *parts, kind = summed(design, counts)
    found = supremum(counts, *parts)
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


def estimation(request: Request, counts: PoissonCounts) -> Estimation:
    """Fit a regression and compute its errors."""
    design, choice = request.design, request.choice
    if choice.kind == "model" and not are_whole(design.response):
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
        request.table,
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


def _check_scores(terms: Floats, slope: Floats, response: Floats, where: str) -> None:
    """Refuse a fit whose scores do not sum to zero: with an intercept, its expected counts would not be the events."""
    sums = np.abs(slope @ terms)
    wrong = sums > WRONG_SCORE * (np.abs(terms).T @ (response + np.abs(slope)))
    if wrong.any():
        raise ModelError(
            f"{where}: the scores of the fit sum to {sums[wrong].max():.2g} and not to zero, so its errors would be "
            "wrong; look for terms with hardly any event, or nearly collinear"
        )


def are_whole(values: Floats) -> bool:
    """Return whether all values are whole numbers."""
    return bool((values == np.floor(values)).all())
