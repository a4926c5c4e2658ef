"""Negative binomial regression: overdispersed counts, with a fitted variance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from eventstudy.errors import ModelError, own_errors
from eventstudy.formulas import Design
from eventstudy.numeric.likelihoods import (
    NegativeBinomialCounts,
    PoissonCounts,
    maximise,
    negative_binomial_loglik,
    poisson_loglik,
)
from eventstudy.numeric.threads import small_fit
from eventstudy.regression.covariances import Covariance
from eventstudy.regression.estimation import are_whole, fit
from eventstudy.regression.inference import regression_parts
from eventstudy.regression.request import Request
from eventstudy.results.count_models import NegativeBinomialResult

Floats = NDArray[np.float64]

LOG_ALPHA = (-18.0, 8.0)  # below, the counts are Poisson to all digits; above, the mean is not identified
MOST_ROUNDS = 200


@own_errors
@small_fit
def negative_binomial_regression(
    table: pd.DataFrame,
    formula: str,
    *,
    covariance: Covariance = "HAC",
    max_lag: int | None = None,
    cluster: str | None = None,
    confidence_level: float = 0.95,
) -> NegativeBinomialResult:
    """Fit a regression of counts with variance ``mean + alpha * mean**2``.

    H0, for each term: given the other terms, the rate of events does not depend on it.

    Parameters
    ----------
    table, formula, covariance, max_lag, cluster, confidence_level
        As in :func:`poisson_regression`. "model" assumes the fitted variance and independent rows.

    Returns
    -------
    NegativeBinomialResult
        With ``alpha``, 0 where the counts vary no more than Poisson ones, and ``alpha_pvalue``, the likelihood-ratio
        test against Poisson.

    Raises
    ------
    ModelError
        As :func:`poisson_regression`, and if a count is not a whole number.
    OptionError
        If an option has no such value.

    Notes
    -----
    Coefficients and alpha maximise the likelihood jointly. Standard errors treat alpha as known, which is
    asymptotically correct, as the two are uncorrelated [1]_. Daily counts of 0 and 1 say little about alpha; a table
    by week or month says more. Under H0 alpha lies on its boundary, so the p-value is half that of chi-squared.

    References
    ----------
    .. [1] Lawless, J. F. (1987). Negative binomial and mixed Poisson regression. Canadian Journal of
       Statistics 15(3), 209-225.
    """
    where = "negative_binomial_regression"
    request = Request.of(
        where, table, formula, covariance=covariance, max_lag=max_lag, cluster=cluster,
        confidence_level=confidence_level,
    )  # fmt: skip
    if not are_whole(request.design.response):
        raise ModelError(f"{where}: the counts are not all whole numbers; use poisson_regression")
    alpha, gain = _alpha(request.design)
    parts = regression_parts(request, NegativeBinomialCounts(alpha), request.provenance())
    pvalue = 0.5 * float(stats.chi2.sf(gain, 1)) if alpha > 0 else 1.0
    return NegativeBinomialResult(**parts, alpha=alpha, alpha_pvalue=pvalue)


def _alpha(design: Design) -> tuple[float, float]:
    """Return alpha at the maximum of the likelihood, and twice the log-likelihood it adds to Poisson."""
    found = fit(design, PoissonCounts())
    response, matrix = design.response[found.kept], design.matrix[found.kept][:, found.columns]
    offset = np.log(design.exposure[found.kept])
    beta = found.coefficients[found.columns]
    mean = np.exp(matrix @ beta + offset)
    poisson = poisson_loglik(response, mean)
    # the likelihood falls as alpha increases from 0
    if float(((response - mean) ** 2 - response).sum()) <= 0.0:
        return 0.0, 0.0
    low, high = LOG_ALPHA
    alpha = 0.0
    for _ in range(MOST_ROUNDS):
        found_alpha = _best_alpha(response, mean, low, high)
        if abs(found_alpha - alpha) <= 1e-8 * found_alpha:
            break
        alpha = found_alpha
        # it changes little from here on
        low, high = np.clip((np.log(alpha) - 1.0, np.log(alpha) + 1.0), *LOG_ALPHA)
        step = maximise(NegativeBinomialCounts(alpha), response, matrix, offset, beta)
        beta, mean = step.coefficients, step.state.mean
    return alpha, 2.0 * (negative_binomial_loglik(response, mean, alpha) - poisson)


def _best_alpha(response: Floats, mean: Floats, low: float, high: float) -> float:
    """Return the alpha that maximises the likelihood for given means, its logarithm between `low` and `high`."""
    found = optimize.minimize_scalar(
        lambda log_alpha: -negative_binomial_loglik(response, mean, float(np.exp(log_alpha))),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return float(np.exp(found.x))
