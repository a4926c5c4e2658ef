"""Terms without a finite estimate: which they are, and what the likelihood still says about them.

A window without any event has no finite rate ratio. The likelihood then has no maximum, but it has a
supremum and a profile, and with them a limit on one side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, sparse, special

from eventstudy.numeric.likelihoods import Fit, PoissonCounts, maximise
from eventstudy.numeric.linear import dependent_columns

Floats = NDArray[np.float64]

NULL_SPACE = 1e-8  # relative singular value below which a direction counts as unconstrained


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """Rows and terms that the likelihood pushes to the border.

    Attributes
    ----------
    rows : ndarray of bool, shape (n,)
        Rows whose expected count goes to zero.
    direction : ndarray, shape (k,)
        Where the coefficients move together: the sign of an entry is that of the infinity, 0 stays.
    free : ndarray of bool, shape (k,)
        Coefficients without a finite estimate.
    """

    rows: NDArray[np.bool_]
    direction: Floats
    free: NDArray[np.bool_]


def separation(counts: PoissonCounts, response: Floats, matrix: Floats) -> Separation | None:
    """Find terms without a finite maximum-likelihood estimate; None where there is none.

    Notes
    -----
    The likelihood has no maximum if some combination of terms is zero on every row with an event and nowhere
    positive on the others [1]_. Such combinations lie in the null space of the rows with events, which
    mostly is empty and costs one small decomposition. Else a linear programme finds the
    combination that pushes the most rows towards zero.

    References
    ----------
    .. [1] Correia, S., Guimaraes, P. & Zylkin, T. (2019). Verifying the existence of maximum likelihood
       estimates for generalized linear models. arXiv:1903.01633.
    """
    if not matrix.shape[1]:
        return None
    matrix, above = counts.contrasts(response, matrix), response > counts.border
    null = _null_space(matrix[above])
    if not null.shape[1] or above.all():
        return None
    moved = matrix[~above] @ null
    scale = np.abs(moved).max(axis=0)
    turning = scale > NULL_SPACE * np.abs(matrix).max()  # the rest moves no row at all
    if not turning.any():
        return None
    null, moved = null[:, turning] / scale[turning], moved[:, turning] / scale[turning]
    used = np.abs(moved).max(axis=1) > NULL_SPACE
    kinds, which = np.unique(np.round(moved[used], 9), axis=0, return_inverse=True)
    n, d = kinds.shape
    programme = optimize.linprog(
        np.concatenate([np.zeros(d), -np.ones(n)]),
        A_ub=sparse.hstack([sparse.csr_array(kinds), sparse.eye_array(n)]),
        b_ub=np.zeros(n),
        bounds=[(None, None)] * d + [(0.0, 1.0)] * n,
        method="highs",
    )
    pushed = programme.x[d:] > 0.5
    if not pushed.any():
        return None
    rows = np.zeros(response.size, bool)
    zero = np.flatnonzero(~above)[used]
    rows[zero] = pushed[which.ravel()]
    direction = null @ programme.x[:d]
    unit = np.abs(direction) * np.sqrt((matrix**2).mean(axis=0))
    direction = np.where(unit > 1e-7 * unit.max(), direction, 0.0)
    remaining = _null_space(matrix[~rows])
    return Separation(rows, direction, np.asarray((np.abs(remaining) > 1e-7).any(axis=1)))


def _estimable(matrix: Floats, found: Separation) -> NDArray[np.int64]:
    """Return columns that span the rows left by a separation (given here), those with finite estimates first."""
    order = np.argsort(found.free, kind="stable")
    spare = dependent_columns(matrix[:, order])
    return np.delete(order, spare)


@dataclass(frozen=True, slots=True, eq=False)
class Supremum:
    """What the likelihood tends to, whether or not every coefficient has a finite estimate.

    Attributes
    ----------
    fit : Fit
        Of the rows that keep an expected count and the columns in `columns`.
    columns : ndarray of int64
    separation : Separation or None
    """

    fit: Fit
    columns: NDArray[np.int64]
    separation: Separation | None

    def coefficient(self, column: int) -> float:
        """Return the estimate of one coefficient: infinite, or nan, where there is no finite one."""
        if self.separation is not None and self.separation.free[column]:
            sign = float(np.sign(self.separation.direction[column]))
            return sign * np.inf if sign else float("nan")
        return float(self.fit.coefficients[int(np.flatnonzero(self.columns == column)[0])])


def supremum(
    counts: PoissonCounts, response: Floats, matrix: Floats, offset: Floats, start: Floats | None = None
) -> Supremum:
    """Maximise a likelihood of counts, having taken out what separates."""
    found = separation(counts, response, matrix)
    if found is None:
        return Supremum(maximise(counts, response, matrix, offset, start), np.arange(matrix.shape[1]), None)
    rows = ~found.rows
    columns = _estimable(counts.contrasts(response, matrix)[rows], found)
    fit = maximise(counts.where(rows), response[rows], matrix[rows][:, columns], offset[rows])
    return Supremum(fit, columns, found)


@dataclass(frozen=True, slots=True)
class Bound:
    """The finite end of the profile-likelihood interval of a coefficient that goes to infinity.

    Attributes
    ----------
    limit : float
        Upper limit if the estimate is minus infinity, lower limit if it is plus infinity; nan where the likelihood
        does not depend on the coefficient, as with two years that both have no event.
    pvalue : float
        Likelihood-ratio test of a coefficient of zero, chi-squared with one degree of freedom; nan likewise.
    """

    limit: float
    pvalue: float


def profile_bound(
    counts: PoissonCounts,
    response: Floats,
    matrix: Floats,
    offset: Floats,
    column: int,
    sign: float,
    *,
    loglik: float,
    level: float,
    dispersion: float = 1.0,
) -> Bound:
    """Return where the profile of a coefficient's likelihood crosses its limit.

    Parameters
    ----------
    column : int
        The coefficient.
    sign : float
        -1 if its estimate is minus infinity, 1 if plus infinity.
    loglik : float
        The log-likelihood that is reached in the limit.
    level : float
        Of the interval: twice the drop of the log-likelihood is compared with chi-squared, one degree
        of freedom.
    dispersion : float, default 1
        Divides the drop: the quasi-likelihood.
    """
    others, own = np.delete(matrix, column, axis=1), matrix[:, column]
    found = separation(counts, response, others)
    rows = np.ones(response.size, bool) if found is None else ~found.rows
    if found is not None:
        others = others[:, _estimable(counts.contrasts(response, others)[rows], found)]
    others, own, response, offset, counts = (
        others[rows],
        own[rows],
        response[rows],
        offset[rows],
        counts.where(rows),
    )
    if not own.any():
        return Bound(float("nan"), float("nan"))
    start = maximise(counts, response, others, offset).coefficients

    def drop(value: float) -> float:
        nonlocal start
        fit = maximise(counts, response, others, offset + value * own, start)
        start = fit.coefficients
        return 2.0 * (loglik - fit.loglik) / dispersion

    limit = float(special.chdtri(1, 1.0 - level))
    at_zero = drop(0.0)
    pvalue = float(special.chdtrc(1, max(at_zero, 0.0)))
    # away from the infinite estimate the likelihood falls
    outward = -sign / float(np.abs(own).max())
    crossing = _crossing(lambda value: drop(value) - limit, outward if at_zero < limit else -outward)
    return Bound(-sign * np.inf if crossing is None else crossing, pvalue)


def _crossing(function: Callable[[float], float], step: float) -> float | None:
    """Return where a function changes its sign on the way from 0 in the direction of a step."""
    near, at_near = 0.0, function(0.0)
    for _ in range(60):
        far = near + step
        at_far = function(far)
        if (at_far < 0.0) != (at_near < 0.0):
            return float(optimize.brentq(function, near, far, xtol=1e-10))
        near, at_near, step = far, at_far, 1.5 * step
    return None


def _null_space(matrix: Floats) -> Floats:
    """Return an orthonormal basis of the combinations of columns that vanish on every row, shape (k, d)."""
    k = matrix.shape[1]
    scale = np.sqrt((matrix**2).sum(axis=0))
    scale = np.where(scale > 0, scale, 1.0)
    triangle = linalg.qr(matrix / scale, mode="r")[0] if matrix.shape[0] else np.zeros((1, k))
    _, sizes, vectors = linalg.svd(triangle[:k], full_matrices=True)
    rank = int((sizes > NULL_SPACE * max(1.0, sizes[0])).sum())
    basis = vectors[rank:].T / scale[:, None]
    return linalg.qr(basis, mode="economic")[0] if basis.size else np.zeros((k, 0))
