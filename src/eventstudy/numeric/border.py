"""The finite end of the interval of a coefficient whose estimate is infinite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from eventstudy.numeric.likelihoods import PoissonCounts, maximise
from eventstudy.numeric.linear import dependent_columns
from eventstudy.numeric.separation import separation

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bound:
    """The finite end of the interval of a coefficient whose estimate is infinite.

    `limit`: upper limit if the estimate is minus infinity, lower limit if it is plus infinity; nan where the
    coefficient is not identified, as with two years that both have no event. `pvalue`: two-sided, of a
    coefficient of zero; nan likewise.
    """

    limit: float
    pvalue: float


UNKNOWN = Bound(float("nan"), float("nan"))


def border_bound(
    counts: PoissonCounts,
    response: Floats,
    matrix: Floats,
    offset: Floats,
    column: int,
    sign: float,
    *,
    level: float,
    dispersion: float = 1.0,
) -> Bound:
    """Return the coefficient at which counts as extreme as these have probability ``(1 - level) / 2``.

    - `column`: the coefficient.
    - `sign`: -1 if its estimate is minus infinity, 1 if plus infinity.
    - `level`: of the interval.
    - `dispersion`: divides the log probability, as in a quasi-likelihood.

    The data lie at the boundary of their range given the sufficient statistics of the other terms, such as no event
    in a window given the events of each year. The probability of that boundary at a coefficient ``b`` is

        ``exp(l(b) - l) * sqrt(|I(b)| / |I|)``

    with the likelihood of the other terms at ``b`` and in the limit, and their information [1]_. It is exact where
    the other terms are categories (in a window against the rest, ``(1 - share)**events``), else a double
    saddlepoint approximation. The limit is where it equals ``(1 - level) / 2``, the p-value twice its value at 0.

    .. [1] Davison, A. C. (1988). Approximate conditional inference in generalized linear models. Journal of the
       Royal Statistical Society B 50(3), 445-461.
    """
    others, own = np.delete(matrix, column, axis=1), matrix[:, column]
    found = separation(counts, response, others)
    rows = np.ones(response.size, bool) if found is None else ~found.rows
    others, own, response, offset = others[rows], own[rows], response[rows], offset[rows]
    counts = counts.where(rows)
    at_end = separation(counts, response, np.concatenate([own[:, None], others], axis=1))
    if at_end is None or not at_end.free[0]:
        return UNKNOWN
    contrasts, left = counts.contrasts(response, others), ~at_end.rows
    spanned = np.delete(np.arange(others.shape[1]), dependent_columns(contrasts[left]))
    rest = [k for k in range(others.shape[1]) if k not in spanned]
    order = [*spanned.tolist(), *rest]  # those identified by the remaining rows first
    columns = np.array(order)[np.delete(np.arange(len(order)), dependent_columns(contrasts[:, order]))]
    others = others[:, columns.astype(np.int64)]
    end = maximise(counts.where(left), response[left], others[left][:, : spanned.size], offset[left])
    inside = _log_determinant(end.information)
    start = maximise(counts, response, others, offset).coefficients

    def log_probability(value: float) -> float:
        nonlocal start
        fit = maximise(counts, response, others, offset + value * own, start)
        start = fit.coefficients
        information = fit.information[: spanned.size, : spanned.size]
        return (fit.loglik - end.loglik + 0.5 * (_log_determinant(information) - inside)) / dispersion

    limit = float(np.log((1.0 - level) / 2.0))
    at_zero = log_probability(0.0)
    pvalue = min(1.0, 2.0 * float(np.exp(min(at_zero, 0.0))))
    # the data become less probable away from the infinite estimate
    outward = -sign / float(np.abs(own).max())
    crossing = _crossing(
        lambda value: limit - log_probability(value), outward if at_zero > limit else -outward
    )
    return Bound(-sign * np.inf if crossing is None else crossing, pvalue)


def _log_determinant(matrix: Floats) -> float:
    return float(np.linalg.slogdet(matrix)[1])


def _crossing(function: Callable[[float], float], step: float) -> float | None:
    """Return where a function first changes sign, going from 0 in the direction of a step."""
    near, at_near = 0.0, function(0.0)
    for _ in range(60):
        far = near + step
        at_far = function(far)
        if (at_far < 0.0) != (at_near < 0.0):
            return float(optimize.brentq(function, near, far, xtol=1e-10))
        near, at_near, step = far, at_far, 1.5 * step
    return None
