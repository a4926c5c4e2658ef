"""Covariances of the estimates of a regression of counts: model, robust, clustered, HAC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

from eventstudy.arguments import one_of, whole
from eventstudy.errors import ModelError, OptionError
from eventstudy.formulas import Design
from eventstudy.numeric.likelihoods import PoissonCounts, State
from eventstudy.numeric.linear import conditioned, weighted_gram

Floats = NDArray[np.float64]

EXACT = 1e-12  # share of the model's variance, or of a row, that counts as rounding error

Covariance = Literal["HAC", "model", "quasi", "HC0", "HC1", "HC3", "cluster"]


@dataclass(frozen=True, slots=True)
class CovarianceChoice:
    """How standard errors are computed.

    - `max_lag`: for "HAC".
    - `cluster`: for "cluster", a column of the table.
    - `where`: the function called, for the error text.
    """

    kind: Covariance
    max_lag: int | None
    cluster: str | None
    where: str

    @property
    def options(self) -> dict[str, object]:
        """The options as given, for the record."""
        return {"covariance": self.kind, "max_lag": self.max_lag, "cluster": self.cluster}

    def __post_init__(self) -> None:
        one_of(self.kind, get_args(Covariance), self.where, "covariance")
        if self.max_lag is not None:
            fix = "give 0 or more steps, with covariance='HAC'"
            lag = whole(self.max_lag, self.where, "max_lag", least=0, fix=fix)
            if self.kind != "HAC":
                raise OptionError(
                    f"{self.where}: max_lag={lag} has no effect with covariance={self.kind!r}; {fix}"
                )
            object.__setattr__(self, "max_lag", lag)
        if (self.cluster is None) == (self.kind == "cluster"):
            raise OptionError(
                f"{self.where}: covariance='cluster' and cluster='name of a column' go together; give both or none"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """A covariance of estimates and how it was computed.

    `degrees`: degrees of freedom of Student's t, if any. `max_lag`: largest lag of the score products in HAC
    errors, in steps; None for other errors.
    """

    matrix: Floats = field(repr=False)
    words: str
    degrees: float | None = None
    max_lag: int | None = None


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

    - `counts`: of all rows.
    - `kept`, shape (n,): rows that the fit used; the others have a score of zero.
    - `state`: of the rows kept, at the estimate.
    - `columns`: terms that the fit used.
    - `dispersion`: for "quasi".

    Raises ModelError if the rows have no order in time (HAC), or there are too few clusters.
    """
    used = counts.telling(kept)  # of the rows kept
    slope, weights = state.slope[used], state.weights[used]
    kept = _narrowed(kept, used)
    within = counts.where(kept)
    terms, back = conditioned(design.matrix[kept][:, columns])
    matrix = within.project(terms, weights)
    information = weighted_gram(matrix, weights)
    inverse = linalg.inv(information)

    def of_terms(covered: Floats) -> Floats:
        return covered if back is None else back @ covered @ back.T

    if choice.kind == "model":
        return Estimated(
            of_terms(inverse), "of the model: its variance is assumed right, rows are independent"
        )
    if choice.kind == "quasi":
        words = f"quasi: of the model, times the dispersion {dispersion:.2f}"
        covered = of_terms(dispersion * inverse)
        return Estimated(np.where(dispersion > EXACT, covered, np.nan), words)
    if choice.kind == "HC3":
        slope = slope / _left(leverage(matrix, weights, information, within), choice.where)
    scores = slope[:, None] * matrix
    group, places, max_lag, degrees, factor, n = None, None, 0, None, 1.0, int(kept.sum())
    if choice.kind == "HAC":
        max_lag = _lags(choice, design)
        places = None if design.places is None else design.places[kept]
        words = f"HAC (Newey-West, Bartlett weights), {max_lag} lags by {design.step}"
    elif choice.kind == "cluster":
        group, number = _groups(choice, table, kept)
        parameters = columns.size + within.levels_across(group)
        factor = number / (number - 1) * (n - 1) / (n - parameters)
        degrees = float(number - 1)
        words = f"clustered by {choice.cluster}: {number} clusters, Student's t"
    else:
        factor = n / (n - columns.size - within.nuisance) if choice.kind == "HC1" else 1.0
        words = f"{choice.kind}: robust to any variance, rows are independent"
    covered = factor * inverse @ meat(scores, groups=group, places=places, max_lag=max_lag) @ inverse
    told = _told(of_terms(covered), of_terms(inverse), design.matrix[kept][:, columns])
    return Estimated(told, words, degrees, None if group is not None else max_lag)


def _narrowed(rows: NDArray[np.bool_], used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the used rows, a selection within some rows, as a mask of all rows."""
    narrowed = rows.copy()
    narrowed[rows] = used
    return narrowed


def _told(covered: Floats, by_model: Floats, matrix: Floats) -> Floats:
    """Return a covariance from residuals, blank for terms whose residuals carry no information.

    A term identified by a single row is fitted exactly there: its residual of zero does not mean no error.
    """
    single = np.count_nonzero(matrix, axis=0) == 1
    blank = single | (np.diag(covered) <= EXACT * np.diag(by_model))
    return np.where(blank[:, None] | blank, np.nan, covered)


def _left(leverages: Floats, where: str) -> Floats:
    """Return one minus the leverages; refuse a leverage of one."""
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
            f"{choice.where}: covariance='HAC' needs one row per day, week, month, quarter or year in order of time, "
            "given by dates in the column 'start'; write them as YYYY-MM-DD and sort the table by "
            "them, or use covariance='cluster' or 'HC3'"
        )
    steps = int(design.places[-1] - design.places[0]) + 1
    if choice.max_lag is None:
        return min(int(4.0 * (design.n / 100.0) ** (2.0 / 9.0)), steps // 2)
    if choice.max_lag > steps // 2:
        raise OptionError(
            f"{choice.where}: max_lag={choice.max_lag} is more than half of the {steps:,} {design.step}s of the table, "
            f"and standard errors shrink to zero as it approaches their number; give {steps // 2} or less"
        )
    return choice.max_lag


def _groups(
    choice: CovarianceChoice, table: pd.DataFrame, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], int]:
    """Return the cluster of each row that the fit used, from 0, and how many there are."""
    if choice.cluster not in table.columns:
        raise ModelError(
            f"{choice.where}: the table has no column {choice.cluster!r} for clusters; the columns are "
            f"{', '.join(map(str, table.columns))}"
        )
    group, kinds = pd.factorize(table[choice.cluster][kept])
    if (group < 0).any() or len(kinds) < 2:
        raise ModelError(
            f"{choice.where}: column {choice.cluster!r} must name at least two clusters among the rows used in the "
            "fit, and one for each row; use another column, or covariance='HAC'"
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

    - `scores`, shape (n, k): one row per observation; they sum to zero at the estimate.
    - `groups`, shape (n,): clusters, numbered from 0: contributions are summed within each before squaring.
    - `places`, shape (n,): rising numbers of time steps. Contributions up to `max_lag` steps apart may be
      correlated. Steps without a row count as contributions of zero, so rows on both sides of a gap are not
      adjacent.
    - `max_lag`: Bartlett weights ``1 - lag / (max_lag + 1)`` [1]_.

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
    # two contributions share (width - lag) of all runs of this width: sums over runs give the weights
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
