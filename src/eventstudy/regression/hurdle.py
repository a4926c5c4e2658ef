"""A hurdle model for salvos: whether a day has any event, and if so, how many."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from eventstudy.errors import ModelError, own_errors
from eventstudy.formulas import Design, read_design
from eventstudy.numeric.likelihoods import LARGEST_LOG, PoissonCounts, State
from eventstudy.numeric.threads import small_fit
from eventstudy.regression.covariances import Covariance
from eventstudy.regression.estimation import are_whole
from eventstudy.regression.inference import regression_parts
from eventstudy.regression.request import Request
from eventstudy.results.hurdle import EventDayResult, HurdleResult, SizeResult

Floats = NDArray[np.float64]


@own_errors
@small_fit
def hurdle_regression(
    table: pd.DataFrame,
    formula: str,
    *,
    size_formula: str | None = None,
    covariance: Covariance = "HAC",
    max_lag: int | None = None,
    cluster: str | None = None,
    confidence_level: float = 0.95,
) -> HurdleResult:
    """Fit two regressions: which days have events, and how many events such a day has.

    H0, for each term of each part: given the other terms, the rate does not depend on it.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`count_table` with ``freq="D"``, counting every event of a salvo.
    formula : str
        Of the first part, as in :func:`poisson_regression`.
    size_formula : str, optional
        Of the second part; by default the same. Few days have events, so few terms are identified there.
    covariance, max_lag, cluster, confidence_level
        As in :func:`poisson_regression`.

    Returns
    -------
    HurdleResult
        ``day`` and ``size``, each with its rate ratios.

    Raises
    ------
    ModelError
        As :func:`poisson_regression`, and if rows are not days or no day has two events.
    OptionError
        If an option has no such value.

    Notes
    -----
    First part: salvos come at a Poisson rate, so a day has one or more with probability ``1 - exp(-rate)``
    (complementary log-log), and ratios are rate ratios. Second part: a zero-truncated Poisson count; ratios are
    those of its rate before truncation. The likelihood of counts is the product of both, so they are fitted
    separately [1]_; daily hurdle models for bursts of attacks are as in [2]_.

    References
    ----------
    .. [1] Mullahy, J. (1986). Specification and testing of some modified count data models. Journal of
       Econometrics 33(3), 341-365.
    .. [2] Porter, M. D. & White, G. (2012). Self-exciting hurdle models for terrorist activity. Annals of
       Applied Statistics 6(1), 106-124.
    """
    where = "hurdle_regression"
    request = Request.of(
        where, table, formula, covariance=covariance, max_lag=max_lag, cluster=cluster,
        confidence_level=confidence_level,
    )  # fmt: skip
    design = request.design
    if (design.exposure != 1).any():
        raise ModelError(
            f"{where}: a hurdle model is for days, and some rows have more; use count_table(..., freq='D')"
        )
    if not are_whole(design.response):
        raise ModelError(f"{where}: the counts are not all whole numbers; use poisson_regression")
    any_event = design.with_response((design.response > 0).astype(float))
    provenance = request.provenance({"size_formula": size_formula})
    day = regression_parts(replace(request, design=any_event), EventDays(), provenance)
    day["events_label"] = f"days with {day['events_label']}"
    sizes, kept = _sizes(design if size_formula is None else read_design(table, size_formula, where), where)
    size = regression_parts(replace(request, design=sizes, table=table[kept]), PositiveCounts(), provenance)
    return HurdleResult(day=EventDayResult(**day), size=SizeResult(**size))


def _sizes(design: Design, where: str) -> tuple[Design, NDArray[np.bool_]]:
    """Return the design of the days with events, and which rows they are."""
    kept = design.response > 0
    inside = design.rows(kept)
    if inside.response.max() < 2:
        raise ModelError(
            f"{where}: no day has two events, so there are no sizes to compare; use poisson_regression"
        )
    empty = "it is 0 on every day with events"
    return inside.without_aliased(f"{where}, days with events", empty=empty), kept


@dataclass(frozen=True, slots=True, eq=False)
class EventDays(PoissonCounts):
    """Whether there is an event, where events come at a Poisson rate: complementary log-log.

    The response is 0 or 1; the linear predictor is the logarithm of the rate, so that ratios are rate ratios.
    """

    def state(self, response: Floats, predictor: Floats) -> State:
        """Return the likelihood at a linear predictor (with the offset)."""
        rate = np.exp(np.clip(predictor, -LARGEST_LOG, LARGEST_LOG))
        none = np.exp(-rate)
        mean = -np.expm1(-rate)
        odds = rate * none / mean  # rate / (exp(rate) - 1)
        slope = np.where(response > 0, odds, -rate)
        loglik = float(np.where(response > 0, np.log(mean), -rate).sum())
        return State(mean, slope, rate * odds, loglik)

    def variance(self, mean: Floats) -> Floats:
        """Return the variance of a variable of 0 and 1 with this mean."""
        return mean * (1.0 - mean)


@dataclass(frozen=True, slots=True, eq=False)
class PositiveCounts(PoissonCounts):
    """Poisson counts that are never zero: how many events, given that there is one.

    The linear predictor is the log of the mean before truncation.
    """

    @property
    def border(self) -> float:
        """There is at least one event."""
        return 1.0

    def state(self, response: Floats, predictor: Floats) -> State:
        """Return the likelihood at a linear predictor (with the offset)."""
        rate = np.exp(np.clip(predictor, -LARGEST_LOG, LARGEST_LOG))
        some = -np.expm1(-rate)
        mean = np.where(rate < 1e-12, 1.0 + rate / 2.0, rate / some)
        loglik = float((response * predictor - rate - np.log(some) - special.gammaln(response + 1.0)).sum())
        return State(mean, response - mean, self._variance(rate, mean), loglik)

    @staticmethod
    def _variance(rate: Floats, mean: Floats) -> Floats:
        # mean * (1 + rate - mean) cancels for small rates, where it is rate / 2
        small = np.minimum(rate, 1e-4)
        return np.where(rate < 1e-4, small / 2.0 * (1.0 + small / 6.0), mean * (1.0 + rate - mean))

    def variance(self, mean: Floats) -> Floats:
        """Return the variance of truncated counts with these means, which exceed 1."""
        rate = mean + special.lambertw(-mean * np.exp(-mean)).real
        return self._variance(rate, mean)
