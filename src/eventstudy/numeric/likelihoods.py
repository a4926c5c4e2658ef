"""Likelihoods of counts in a linear predictor, and their maximum by Newton steps. Arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special

from eventstudy.errors import ModelError
from eventstudy.numeric.linear import conditioned, weighted_gram, well_conditioned

Floats = NDArray[np.float64]

MOST_STEPS = 100
LARGEST_LOG = 700.0  # exp of more overflows


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A likelihood at a linear predictor.

    `mean`, `slope`, `weights`, shape (n,): expected count, derivative of the log-likelihood with respect to
    the linear predictor, and information.
    """

    mean: Floats
    slope: Floats
    weights: Floats
    loglik: float


@dataclass(frozen=True, slots=True, eq=False)
class PoissonCounts:
    """Independent Poisson counts."""

    @property
    def border(self) -> float:
        """The mean of a row whose linear predictor goes to minus infinity."""
        return 0.0

    @property
    def nuisance(self) -> int:
        """Number of parameters besides the coefficients."""
        return 0

    def state(self, response: Floats, predictor: Floats) -> State:
        """Return the likelihood at a linear predictor (with the offset)."""
        mean = np.exp(np.minimum(predictor, LARGEST_LOG))
        return State(mean, response - mean, mean, poisson_loglik(response, mean))

    def variance(self, mean: Floats) -> Floats:
        """Return the variance of counts with these means."""
        return mean

    def project(self, matrix: Floats, weights: Floats) -> Floats:
        """Return the terms as they enter the scores of the coefficients: cleared of nuisance parameters."""
        return matrix

    def contrasts(self, response: Floats, matrix: Floats) -> Floats:
        """Return the terms in which a separation has one sign on all rows without events."""
        return matrix

    def where(self, rows: NDArray[np.bool_]) -> PoissonCounts:
        """Return the likelihood of some of the rows."""
        return self

    def telling(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which of some rows are informative about the coefficients."""
        return np.ones(int(rows.sum()), bool)

    def levels_across(self, groups: NDArray[np.int64]) -> int:
        """Return the number of nuisance parameters that depend on rows of several groups."""
        return 0

    def level_leverage(self, weights: Floats) -> Floats | float:
        """Return the leverage that the nuisance parameters add to each row."""
        return 0.0


@dataclass(frozen=True, slots=True, eq=False)
class NegativeBinomialCounts(PoissonCounts):
    """Counts with variance ``mean + alpha * mean**2``, alpha known.

    The weights are those of the expected information.
    """

    alpha: float

    def state(self, response: Floats, predictor: Floats) -> State:
        """Return the likelihood at a linear predictor (with the offset)."""
        mean = np.exp(np.minimum(predictor, LARGEST_LOG))
        scale = 1.0 + self.alpha * mean
        return State(
            mean,
            (response - mean) / scale,
            mean / scale,
            negative_binomial_loglik(response, mean, self.alpha),
        )

    def variance(self, mean: Floats) -> Floats:
        """Return the variance of counts with these means."""
        return mean * (1.0 + self.alpha * mean)


@dataclass(frozen=True, slots=True, eq=False)
class StratifiedCounts(PoissonCounts):
    """Poisson counts given the total of each stratum: multinomial inside strata.

    `stratum`, shape (n,): strata, numbered from 0, each with at least one event.
    """

    stratum: NDArray[np.int64] = field(repr=False)

    @property
    def nuisance(self) -> int:
        """Number of strata: their levels are conditioned out, not fitted, but cost a degree of freedom each."""
        return int(self.stratum.max()) + 1

    def state(self, response: Floats, predictor: Floats) -> State:
        """Return the conditional likelihood at a linear predictor (with the offset)."""
        first = np.full(self.nuisance, -np.inf)
        np.maximum.at(first, self.stratum, predictor)
        relative = np.exp(predictor - first[self.stratum])  # cannot overflow, whatever the level
        share = relative / np.bincount(self.stratum, relative)[self.stratum]
        totals = np.bincount(self.stratum, response)
        mean = totals[self.stratum] * share
        loglik = float(
            (special.xlogy(response, share) - special.gammaln(response + 1.0)).sum()
            + special.gammaln(totals + 1.0).sum()
        )
        return State(mean, response - mean, mean, loglik)

    def project(self, matrix: Floats, weights: Floats) -> Floats:
        """Return the terms minus their weighted mean inside the stratum."""
        total = np.bincount(self.stratum, weights)
        out = np.empty_like(matrix)
        for k in range(matrix.shape[1]):
            centre = np.bincount(self.stratum, weights * matrix[:, k]) / total
            out[:, k] = matrix[:, k] - centre[self.stratum]
        return out

    def contrasts(self, response: Floats, matrix: Floats) -> Floats:
        """Return the terms minus those of one row with an event in the same stratum."""
        rows = np.flatnonzero(response > 0)
        anchor = np.empty(self.nuisance, np.int64)
        anchor[self.stratum[rows]] = rows
        return matrix - matrix[anchor[self.stratum]]

    def telling(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which rows are not alone in their stratum; a single row would be fitted exactly."""
        stratum = self.stratum[rows]
        return np.bincount(stratum)[stratum] > 1

    def levels_across(self, groups: NDArray[np.int64]) -> int:
        """Return the number of strata not nested in one group: levels of nested strata do not count as parameters [1]_.

        .. [1] Cameron, A. C. & Miller, D. L. (2015). A practitioner's guide to cluster-robust inference. Journal of
           Human Resources 50(2), 317-372.
        """
        first = np.zeros(self.nuisance, np.int64)
        first[self.stratum] = groups
        return int(np.unique(self.stratum[groups != first[self.stratum]]).size)

    def level_leverage(self, weights: Floats) -> Floats:
        """Return each row's share of its stratum's weight: the leverage of the stratum's level."""
        return weights / np.bincount(self.stratum, weights)[self.stratum]

    def where(self, rows: NDArray[np.bool_]) -> StratifiedCounts:
        """Return the likelihood of some of the rows."""
        return StratifiedCounts(np.unique(self.stratum[rows], return_inverse=True)[1])


def poisson_loglik(response: Floats, mean: Floats) -> float:
    """Return the Poisson log-likelihood; a row with mean 0 and no event adds nothing."""
    return float((special.xlogy(response, mean) - mean - special.gammaln(response + 1.0)).sum())


def negative_binomial_loglik(response: Floats, mean: Floats, alpha: float) -> float:
    """Return the log-likelihood of counts with variance ``mean + alpha * mean**2``; alpha 0 is Poisson."""
    if alpha == 0.0:
        return poisson_loglik(response, mean)
    events = response > 0
    y, mu = response[events], mean[events]
    # log of (1 + alpha) (1 + 2 alpha) ... (1 + (y - 1) alpha); gamma functions lose accuracy for small alpha
    rising = np.concatenate(([0.0], np.cumsum(np.log1p(alpha * np.arange(y.max(initial=1.0))))))
    return float(
        (
            rising[y.astype(np.int64)]
            + special.xlogy(y, mu)
            - special.gammaln(y + 1.0)
            - y * np.log1p(alpha * mu)
        ).sum()
        - np.log1p(alpha * mean).sum() / alpha
    )


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A maximum of a likelihood.

    `coefficients`: shape (k,). `information`: shape (k, k).
    """

    coefficients: Floats
    state: State
    information: Floats

    @property
    def loglik(self) -> float:
        """The log-likelihood at the maximum."""
        return self.state.loglik


def maximise(
    counts: PoissonCounts, response: Floats, matrix: Floats, offset: Floats, start: Floats | None = None
) -> Fit:
    """Maximise a likelihood of counts in ``matrix @ coefficients + offset``.

    - `response`, `offset`: shape (n,).
    - `matrix`, shape (n, k): of full column rank, and without separation.
    - `start`, shape (k,): starting values; by default the columns' best approximation of one rate for all
      rows.

    Raises ModelError if Newton steps do not find the maximum.
    """
    beta = _level(response, matrix, offset) if start is None else start
    state = counts.state(response, matrix @ beta + offset)
    for number in range(MOST_STEPS):
        cleared = counts.project(matrix, state.weights)
        information = weighted_gram(cleared, state.weights)
        if not beta.size:
            return Fit(beta, state, information)
        if number == 0 and not well_conditioned(information):
            basis, back = conditioned(matrix)
            if back is not None:
                return _from_basis(counts, response, matrix, offset, basis, back)
        score = cleared.T @ state.slope
        try:
            step = linalg.cho_solve(linalg.cho_factor(information), score)
        except linalg.LinAlgError:
            break
        gain = float(score @ step)
        if gain < 1e-10:  # a step of 1e-5 standard errors; the error left is about its square
            beta = beta + step
            state = counts.state(response, matrix @ beta + offset)
            cleared = counts.project(matrix, state.weights)
            return Fit(beta, state, weighted_gram(cleared, state.weights))
        size, slack = 1.0, 1e-10 * (1.0 + abs(state.loglik))
        new = counts.state(response, matrix @ (beta + step) + offset)
        while new.loglik < state.loglik - slack and size > 1e-9:
            size /= 2.0
            new = counts.state(response, matrix @ (beta + size * step) + offset)
        beta, state = beta + size * step, new
    raise ModelError(
        "fit: no maximum of the likelihood was found; look for terms with hardly any event, or nearly collinear"
    )


def _from_basis(
    counts: PoissonCounts, response: Floats, matrix: Floats, offset: Floats, basis: Floats, back: Floats
) -> Fit:
    """Return the maximum computed in orthonormal columns, where cross products of the matrix would lose digits."""
    found = maximise(counts, response, basis, offset)
    cleared = counts.project(matrix, found.state.weights)
    return Fit(back @ found.coefficients, found.state, weighted_gram(cleared, found.state.weights))


def _level(response: Floats, matrix: Floats, offset: Floats) -> Floats:
    """Return the coefficients that best approximate one rate for all rows."""
    if not matrix.shape[1]:
        return np.zeros(0)
    level = np.log(response.sum() / np.exp(offset).sum())
    same = np.ptp(matrix, axis=0) == 0
    if same.any():  # an intercept
        k = int(same.argmax())
        return np.where(np.arange(matrix.shape[1]) == k, level / matrix[0, k], 0.0)
    return linalg.lstsq(matrix.T @ matrix, matrix.sum(axis=0) * level)[0]
