"""Maximum likelihood of a Poisson regression: Newton steps, separation, profile likelihood.

Arrays in, arrays out. Where a term has no finite estimate (no event in its window, say), the likelihood
still has a supremum and a profile, and both are computed here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, sparse, special

from eventstudy.errors import ModelError
from eventstudy.linear import dependent_columns, weighted_gram

Floats = NDArray[np.float64]

MOST_STEPS = 100
NULL_SPACE = 1e-8  # relative singular value below which a direction counts as unconstrained


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A maximum of the likelihood.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
    fitted : ndarray, shape (n,)
        Expected counts.
    information : ndarray, shape (k, k)
        Fisher information, for this family also the observed one.
    loglik : float
        With all constants.
    """

    coefficients: Floats
    fitted: Floats
    information: Floats
    loglik: float


def log_likelihood(response: Floats, fitted: Floats) -> float:
    """Return the Poisson log-likelihood; a row that expects nothing and has nothing adds nothing."""
    return float((special.xlogy(response, fitted) - fitted - special.gammaln(response + 1.0)).sum())


def fit_poisson(response: Floats, matrix: Floats, offset: Floats, start: Floats | None = None) -> Fit:
    """Maximise the Poisson likelihood of ``log mean = matrix @ coefficients + offset``.

    Parameters
    ----------
    response, offset : ndarray, shape (n,)
    matrix : ndarray, shape (n, k)
        Of full column rank, and without separation.
    start : ndarray, shape (k,), optional
        Where to begin; by default one weighted least-squares step from the counts themselves.

    Raises
    ------
    ModelError
        If 100 Newton steps do not find the maximum.
    """
    if not matrix.shape[1]:
        fitted = np.exp(offset)
        return Fit(np.zeros(0), fitted, np.zeros((0, 0)), log_likelihood(response, fitted))
    if start is None:
        rate = response.sum() / np.exp(offset).sum()
        guess = (response + rate * np.exp(offset)) / 2.0
        working = np.log(guess) - offset + (response - guess) / guess
        beta = linalg.lstsq(weighted_gram(matrix, guess), matrix.T @ (guess * working))[0]
    else:
        beta = np.asarray(start, float)
    fitted = np.exp(np.minimum(matrix @ beta + offset, 700.0))
    loglik = log_likelihood(response, fitted)
    for _ in range(MOST_STEPS):
        score = matrix.T @ (response - fitted)
        information = weighted_gram(matrix, fitted)
        step = linalg.solve(information, score, assume_a="pos")
        gain = float(score @ step)
        if gain < 1e-12:  # the step would raise the log-likelihood by half of this
            beta = beta + step
            fitted = np.exp(matrix @ beta + offset)
            return Fit(beta, fitted, weighted_gram(matrix, fitted), log_likelihood(response, fitted))
        size = 1.0
        while True:
            new = np.exp(np.minimum(matrix @ (beta + size * step) + offset, 700.0))
            better = log_likelihood(response, new)
            if better >= loglik or size < 1e-6:
                break
            size /= 2.0
        beta, fitted, loglik = beta + size * step, new, better
    raise ModelError(
        f"Poisson fit: no maximum after {MOST_STEPS} Newton steps; look for terms with hardly any event or nearly alike"
    )


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


def separation(response: Floats, matrix: Floats) -> Separation | None:
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
    k = matrix.shape[1]
    if not k:
        return None
    null = _null_space(matrix[response > 0])
    if not null.shape[1] or not (response == 0).any():
        return None
    moved = matrix[response == 0] @ null
    scale = np.abs(moved).max(axis=0)
    moved /= np.where(scale > 0, scale, 1.0)
    used = np.abs(moved).max(axis=1) > NULL_SPACE
    kinds, which = np.unique(np.round(moved[used], 9), axis=0, return_inverse=True)
    if not kinds.size:
        return None
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
    zero = np.flatnonzero(response == 0)[used]
    rows[zero] = pushed[which.ravel()]
    direction = null @ (programme.x[:d] / np.where(scale > 0, scale, 1.0))
    unit = np.abs(direction) * np.sqrt((matrix**2).mean(axis=0))
    direction = np.where(unit > 1e-7 * unit.max(), direction, 0.0)
    remaining = _null_space(matrix[~rows])
    return Separation(rows, direction, np.asarray((np.abs(remaining) > 1e-7).any(axis=1)))


def _estimable(matrix: Floats, found: Separation) -> NDArray[np.int64]:
    """Return columns that span the rows left by a separation, those with finite estimates first."""
    order = np.argsort(found.free, kind="stable")
    spare = dependent_columns(matrix[~found.rows][:, order])
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


def supremum(response: Floats, matrix: Floats, offset: Floats) -> Supremum:
    """Maximise the Poisson likelihood, having taken out what separates."""
    found = separation(response, matrix)
    if found is None:
        return Supremum(fit_poisson(response, matrix, offset), np.arange(matrix.shape[1]), None)
    rows, columns = ~found.rows, _estimable(matrix, found)
    return Supremum(fit_poisson(response[rows], matrix[rows][:, columns], offset[rows]), columns, found)


@dataclass(frozen=True, slots=True)
class Bound:
    """The finite end of the profile-likelihood interval of a coefficient that goes to infinity.

    Attributes
    ----------
    limit : float
        Upper limit if the estimate is minus infinity, lower limit if it is plus infinity.
    pvalue : float
        Likelihood-ratio test of a coefficient of zero, chi-squared with one degree of freedom.
    """

    limit: float
    pvalue: float


def profile_bound(
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
    others = np.delete(matrix, column, axis=1)
    own = matrix[:, column]
    found = separation(response, others)
    rows = np.ones(response.size, bool) if found is None else ~found.rows
    columns = np.arange(others.shape[1]) if found is None else _estimable(others, found)
    others = others[rows][:, columns]
    start: list[Floats | None] = [None]

    def drop(value: float) -> float:
        fit = fit_poisson(response[rows], others, offset[rows] + value * own[rows], start[0])
        start[0] = fit.coefficients
        return 2.0 * (loglik - fit.loglik) / dispersion

    limit = float(special.chdtri(1, 1.0 - level))
    at_zero = drop(0.0)
    outward = -sign / float(np.abs(own).max())  # away from the infinite estimate the likelihood falls
    step = outward if at_zero < limit else -outward
    near = far = 0.0
    for _ in range(60):
        near, far = far, far + step
        if (drop(far) < limit) != (at_zero < limit):
            break
        step *= 1.5
    else:
        return Bound(-sign * np.inf, float(special.chdtrc(1, max(at_zero, 0.0))))
    crossing = optimize.brentq(lambda value: drop(value) - limit, near, far, xtol=1e-10)
    return Bound(float(crossing), float(special.chdtrc(1, max(at_zero, 0.0))))


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
