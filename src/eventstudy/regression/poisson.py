"""Poisson regression of counts, with standard errors that allow for overdispersion and correlation."""

from __future__ import annotations

import pandas as pd

from eventstudy.errors import own_errors
from eventstudy.numeric.likelihoods import PoissonCounts
from eventstudy.numeric.threads import small_fit
from eventstudy.regression.covariances import Covariance
from eventstudy.regression.inference import TermRatio, regression_parts, term_ratio, warn_if_overdispersed
from eventstudy.regression.request import Request
from eventstudy.results.regression import RegressionResult


@own_errors
@small_fit
def poisson_regression(
    table: pd.DataFrame,
    formula: str,
    *,
    covariance: Covariance = "HAC",
    max_lag: int | None = None,
    cluster: str | None = None,
    confidence_level: float = 0.95,
) -> RegressionResult:
    """Fit a Poisson regression of counts: a log-linear model for the rate of events.

    H0, for each term: given the other terms, the rate of events does not depend on it.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`count_table`, or any table with counts, ``days`` (exposure) and the terms.
    formula : str
        Such as ``"count ~ before + after + C(year) + sin1 + cos1"``; ``log(days)`` is the offset.
    covariance : {"HAC", "model", "quasi", "HC0", "HC1", "HC3", "cluster"}, default "HAC"
        Standard errors. "HAC" allows for variance of any kind and correlation up to `max_lag` steps [1]_;
        "HC0", "HC1", "HC3" for variance of any kind, rows independent [2]_; "cluster" for any dependence inside
        clusters; "quasi" multiplies the model's variance by the dispersion; "model" assumes that the
        variance equals the mean.
    max_lag : int, optional
        For "HAC", in steps from row to row: days, weeks, months, quarters or years; by default
        ``floor(4 (n / 100)^(2/9))``, and never more than half of the record. Choose it at least as long as bursts
        of events.
    cluster : str, optional
        For "cluster", the column that names them. Intervals then use Student's t with the number of
        clusters minus one degrees of freedom; clusters without a row in the fit do not count.
    confidence_level : float, default 0.95

    Returns
    -------
    RegressionResult
        A term whose estimate is infinite, such as a window without any event, is reported as such: ratio 0 (or
        infinity), with limit and p-value from the exact probability of no such event given the other terms, for
        independent events [3]_. Of collinear terms the later ones are left out, as in R and Stata, and named in
        ``notes``.

    Raises
    ------
    ModelError
        If the formula, the table or the terms cannot be used.
    OptionError
        If an option has no such value.

    Warns
    -----
    OverdispersionWarning
        If ``covariance="model"`` and the variance exceeds the mean at the 5 % level (Cameron-Trivedi).

    Notes
    -----
    Rows with identical terms are summed before fitting, which changes no estimate; standard errors,
    dispersion and residuals always come from the single rows.

    References
    ----------
    .. [1] Newey, W. K. & West, K. D. (1987). A simple, positive semi-definite, heteroskedasticity and
       autocorrelation consistent covariance matrix. Econometrica 55(3), 703-708.
    .. [2] Long, J. S. & Ervin, L. H. (2000). Using heteroscedasticity consistent standard errors in the
       linear regression model. The American Statistician 54(3), 217-224.
    .. [3] Davison, A. C. (1988). Approximate conditional inference in generalized linear models. Journal of the
       Royal Statistical Society B 50(3), 445-461.

    Examples
    --------
    With one binary factor the ratio is that of the two crude rates: 2 events in 4 days over 1 in 6.

    >>> import eventstudy as es
    >>> events = es.Events([4, 6, 9], es.Period(0, 10))
    >>> table = es.count_table(events, es.Events([7]), {"before": es.Window(-4, 0)})
    >>> result = es.poisson_regression(table, "count ~ before", covariance="HC3")
    >>> round(float(result.irr.loc["before", "irr"]), 9)
    3.0
    """
    request = Request.of(
        "poisson_regression", table, formula, covariance=covariance, max_lag=max_lag, cluster=cluster,
        confidence_level=confidence_level,
    )  # fmt: skip
    result = RegressionResult(**regression_parts(request, PoissonCounts(), request.provenance()))
    warn_if_overdispersed(result, request.choice)
    return result


@small_fit
def poisson_term(
    table: pd.DataFrame,
    formula: str,
    term: str,
    *,
    covariance: Covariance = "HAC",
    max_lag: int | None = None,
    cluster: str | None = None,
    confidence_level: float = 0.95,
) -> TermRatio:
    """Return one term of :func:`poisson_regression`, without what only the other terms and the diagnostics need.

    `term`: as the regression names it. `table`, `formula`, `covariance`, `max_lag`, `cluster`,
    `confidence_level`: as in :func:`poisson_regression`.

    Raises ModelError if there is no such term, or as in :func:`poisson_regression`.
    """
    request = Request.of(
        "poisson_term", table, formula, covariance=covariance, max_lag=max_lag, cluster=cluster,
        confidence_level=confidence_level,
    )  # fmt: skip
    return term_ratio(request, PoissonCounts(), term)
