"""Joint tests of several coefficients, with reference distributions that allow for few independent blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

Floats = NDArray[np.float64]

SINGULAR = 1e-8  # share of a term's variance that the other terms must leave


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference distribution of a quadratic form of k estimates.

    `df`: number of terms, k. `blocks`: number of independent blocks from which the covariance was estimated,
    less one; None for a known covariance.
    """

    df: int
    blocks: float | None

    @property
    def df_error(self) -> float | None:
        """Denominator degrees of freedom of F; None for chi-squared."""
        return None if self.blocks is None else self.blocks - self.df + 1.0

    @property
    def scale(self) -> float:
        """The factor that makes the quadratic form an F, as for Hotelling's T squared."""
        return (
            1.0 if self.df_error is None or self.blocks is None else self.df_error / (self.df * self.blocks)
        )

    def pvalue(self, chi2: float) -> float:
        """Return the probability of a larger value."""
        if self.df_error is None:
            return float(stats.chi2.sf(chi2, self.df))
        return float(stats.f.sf(self.scale * chi2, self.df, self.df_error))

    def power(self, noncentrality: float, level: float) -> float:
        """Return the probability of a p-value of at most `level` where the terms are not zero."""
        if self.df_error is None:
            return float(stats.ncx2.sf(stats.chi2.isf(level, self.df), self.df, noncentrality))
        limit = stats.f.isf(level, self.df, self.df_error)
        return float(stats.ncf.sf(limit, self.df, self.df_error, noncentrality))


def quadratic_form(estimates: Floats, covariance: Floats) -> float | None:
    """Return ``b' V^-1 b``; None where the covariance is singular."""
    size = np.sqrt(np.diag(covariance))
    try:
        factor = linalg.cholesky(covariance / np.outer(size, size), lower=True)
    except linalg.LinAlgError:
        return None
    if np.diag(factor).min() ** 2 < SINGULAR:
        return None
    half = linalg.solve_triangular(factor, estimates / size, lower=True)
    return float(half @ half)


def effective_blocks(
    influence: Floats, weights: Floats, places: NDArray[np.int64] | None, max_lag: int
) -> float:
    """Return the effective number of independent blocks behind a robust covariance of k estimates, for Poisson counts.

    - `influence`, shape (n, k): contribution of each row's score to each estimate.
    - `weights`, shape (n,): variance of each row's score.
    - `places`, shape (n,): rising numbers of time steps.
    - `max_lag`: largest lag with a Bartlett weight; 0 for independent rows.

    The covariance is a quadratic form in the residuals. For independent Poisson counts, its mean and the
    variance of its entries are known; the Wishart distribution with the same variance has this many degrees of
    freedom [1]_. A day with an event adds its fourth power, so rare events count for few blocks.

    .. [1] Pustejovsky, J. E. & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and
       hypothesis testing in fixed effects models. Journal of Business & Economic Statistics 36(4), 672-683.
    """
    known = influence.T @ (weights[:, None] * influence)
    half = linalg.cholesky(known, lower=True)
    unit = linalg.solve_triangular(half, influence.T, lower=True).T
    k = unit.shape[1]
    squares = (unit[:, :, None] * unit[:, None, :]).reshape(len(unit), k * k) * weights[:, None]
    sizes = (unit**2).sum(axis=1)
    fourth = float((sizes**2 * weights).sum())
    first = 0 if places is None else int(places[0])
    at = np.arange(len(unit)) if places is None else places - first
    line = np.zeros((int(at[-1]) + 1, k * k + 1))
    line[at, :-1], line[at, -1] = squares, sizes * weights
    variance = fourth
    for lag in range(max_lag + 1):
        share = (1.0 - lag / (max_lag + 1.0)) ** 2 * (1.0 if lag == 0 else 2.0)
        variance += share * float(np.einsum("ij,ij->", line[: len(line) - lag], line[lag:]))
    return k * (k + 1) / variance
