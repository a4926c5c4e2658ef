"""Covariances of the estimates of a regression of counts: model, robust, clustered, HAC."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

from eventstudy.errors import ModelError, OptionError
from eventstudy.formulas import Design
from eventstudy.numeric.likelihoods import PoissonCounts, State
from eventstudy.numeric.linear import weighted_gram

Floats = NDArray[np.float64]

EXACT = 1e-12  # share of the model's variance, or of a row, that is rounding alone

Covariance = Literal["HAC", "model", "quasi", "HC0", "HC1", "HC3", "cluster"]


@dataclass(frozen=True, slots=True)
class CovarianceChoice:
    """How standard errors are computed.

    Parameters
    ----------
    kind : {"HAC", "model", "quasi", "HC0", "HC1", "HC3", "cluster"}
    max_lag : int, optional
        For "HAC".
    cluster : str, optional
        For "cluster", a column of the table.
    where : str
        The function called, for the error text.
    """

    kind: Covariance
    max_lag: int | None
    cluster: str | None
    where: str

    @property
    def options(self) -> dict[str, Any]:
        """The options as they were given, for the record."""
        return {"covariance": self.kind, "max_lag": self.max_lag, "cluster": self.cluster}

    def __post_init__(self) -> None:
        known = get_args(Covariance)
        if self.kind not in known:
            raise OptionError(
                f"{self.where}: covariance={self.kind!r} is not known; give one of {', '.join(map(repr, known))}"
            )
        if self.max_lag is not None and (self.kind != "HAC" or operator.index(self.max_lag) < 0):
            raise OptionError(
                f"{self.where}: max_lag={self.max_lag} needs covariance='HAC' and 0 or more steps"
            )
        if (self.cluster is None) == (self.kind == "cluster"):
            raise OptionError(
                f"{self.where}: covariance='cluster' and cluster='name of a column' go together; give both or none"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """A covariance of estimates, how it came about, and the degrees of freedom of Student's t, if any."""

    matrix: Floats = field(repr=False)
    words: str
    degrees: float | None = None


def covariance_of(
    choice: CovarianceChoice,
    design: Design,
    table: pd.DataFrame,
    *,
    counts: PoissonCounts,
    kept: NDArray[np.bool_],
    state: State,
    columns: NDArray[np.int64],
    dispersion: float,
) -> Estimated:
    """Return the covariance of the estimates.

    Parameters
    ----------
    counts : PoissonCounts or a relative
        Of all rows.
    kept : ndarray of bool, shape (n,)
        Rows that the fit used; the others have a score of zero.
    state : State
        Of the rows kept, at the estimate.
    columns : ndarray of int64
        Terms that the fit used.
    dispersion : float
        For "quasi".

    Raises
    ------
    ModelError
        If the rows have no order in time (HAC), or there are too few clusters.
    """
    n, parameters = int(kept.sum()), columns.size + counts.nuisance
    terms = design.matrix[kept][:, columns]
    matrix = counts.where(kept).project(terms, state.weights)
    information = weighted_gram(matrix, state.weights)
    inverse = linalg.inv(information)
    if choice.kind == "model":
        return Estimated(inverse, "of the model: its variance is trusted, rows are independent")
    if choice.kind == "quasi":
        return Estimated(dispersion * inverse, f"quasi: of the model, times the dispersion {dispersion:.2f}")
    slope = state.slope
    if choice.kind == "HC3":
        slope = slope / _left(leverage(matrix, state.weights, information, counts.where(kept)), choice.where)
    scores = slope[:, None] * matrix
    if choice.kind == "HAC":
        lags = _lags(choice, design)
        places = None if design.places is None else design.places[kept]
        covered = inverse @ meat(scores, places=places, max_lag=lags) @ inverse
        return _robust(
            covered, inverse, terms, f"HAC (Newey-West, Bartlett weights), {lags} lags by {design.step}"
        )
    if choice.kind == "cluster":
        group, number = _groups(choice, table)
        factor = number / (number - 1) * (n - 1) / (n - parameters)
        covered = factor * inverse @ meat(scores, groups=group[kept]) @ inverse
        words = f"clustered by {choice.cluster}: {number} clusters, Student's t"
        return _robust(covered, inverse, terms, words, float(number - 1))
    factor = n / (n - parameters) if choice.kind == "HC1" else 1.0
    covered = factor * inverse @ meat(scores) @ inverse
    return _robust(covered, inverse, terms, f"{choice.kind}: variance of any kind, rows are independent")


def _robust(
    covered: Floats, by_model: Floats, matrix: Floats, words: str, degrees: float | None = None
) -> Estimated:
    """Return a covariance from residuals, blank for terms whose residuals say nothing.

    A term that a single row tells about is fitted exactly there: its residual of zero is no error of zero.
    """
    single = np.count_nonzero(matrix, axis=0) == 1
    blank = single | (np.diag(covered) <= EXACT * np.diag(by_model))
    return Estimated(np.where(blank[:, None] | blank, np.nan, covered), words, degrees)


def _left(leverages: Floats, where: str) -> Floats:
    """Return one minus the leverages, where all rows leave something."""
    left = 1.0 - leverages
    if left.min() < EXACT:
        raise ModelError(
            f"{where}: row {int(left.argmin()) + 1} has a term of its own and is fitted exactly, so HC3 is not "
            "defined; use covariance='HC1' or 'HAC', or leave the term out"
        )
    return left


def _lags(choice: CovarianceChoice, design: Design) -> int:
    if design.places is None:
        raise ModelError(
            f"{choice.where}: covariance='HAC' needs one row per day, week or month in order of time, told by the "
            "column 'start'; sort the table by it, or use covariance='cluster' or 'HC3'"
        )
    if choice.max_lag is not None:
        return int(choice.max_lag)
    return int(4.0 * (design.response.size / 100.0) ** (2.0 / 9.0))


def _groups(choice: CovarianceChoice, table: pd.DataFrame) -> tuple[NDArray[np.int64], int]:
    if choice.cluster not in table.columns:
        raise ModelError(
            f"{choice.where}: the table has no column {choice.cluster!r} for clusters; the columns are "
            f"{', '.join(map(str, table.columns))}"
        )
    group, kinds = pd.factorize(table[choice.cluster])
    if (group < 0).any() or len(kinds) < 2:
        raise ModelError(
            f"{choice.where}: column {choice.cluster!r} must name two clusters or more on every row; "
            "use another column, or covariance='HAC'"
        )
    return group.astype(np.int64), len(kinds)


def meat(
    scores: Floats,
    *,
    groups: NDArray[np.int64] | None = None,
    places: NDArray[np.int64] | None = None,
    max_lag: int = 0,
) -> Floats:
    """Return the estimated variance of the sum of score contributions, shape (k, k).

    Parameters
    ----------
    scores : ndarray, shape (n, k)
        One row per observation; they sum to zero at the estimate.
    groups : ndarray of int64, shape (n,), optional
        Clusters, numbered from 0: contributions are added up in each before their squares are.
    places : ndarray of int64, shape (n,), optional
        Rising numbers of time steps. Contributions up to `max_lag` steps apart may be correlated. Steps without a row
        count as contributions of zero, so rows on both sides of a gap are not taken for neighbours.
    max_lag : int
        Bartlett weights ``1 - lag / (max_lag + 1)`` [1]_.

    References
    ----------
    .. [1] Newey, W. K. & West, K. D. (1987). A simple, positive semi-definite, heteroskedasticity and
       autocorrelation consistent covariance matrix. Econometrica 55(3), 703-708.
    """
    if groups is not None:
        sums = np.stack([np.bincount(groups, column).astype(float) for column in scores.T], axis=1)
        return sums.T @ sums
    if places is None or max_lag == 0:
        return scores.T @ scores
    first, steps = int(places[0]), int(places[-1] - places[0]) + 1
    width = max_lag + 1
    # two contributions share (width - lag) of all stretches of this width: sums over stretches give the weights
    totals = np.zeros((steps + 2 * width - 1, scores.shape[1]))
    totals[places - first + width] = scores
    np.cumsum(totals, axis=0, out=totals)
    stretches = totals[width:] - totals[:-width]
    return stretches.T @ stretches / width


def leverage(matrix: Floats, weights: Floats, information: Floats, counts: PoissonCounts) -> Floats:
    """Return the diagonal of the weighted hat matrix, shape (n,)."""
    triangle = linalg.cholesky(information, lower=True)
    own = weights * (linalg.solve_triangular(triangle, matrix.T, lower=True) ** 2).sum(axis=0)
    return own + counts.level_leverage(weights)
