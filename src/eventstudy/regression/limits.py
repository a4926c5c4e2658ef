"""Limits and p-values of the terms of a regression, also of those whose estimate is infinite."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy import special

from eventstudy.errors import ModelError
from eventstudy.formulas import Design
from eventstudy.numeric.border import UNKNOWN, Bound, border_bound
from eventstudy.numeric.likelihoods import PoissonCounts
from eventstudy.numeric.separation import separation
from eventstudy.regression.estimation import Estimation, Fitted, summed
from eventstudy.regression.request import Request

Floats = NDArray[np.float64]


class Limits(TypedDict):
    """The results for each term."""

    estimates: Floats
    low: Floats
    high: Floats
    pvalues: Floats
    notes: tuple[str, ...]


def limits_of(request: Request, counts: PoissonCounts, made: Estimation, wanted: Iterable[int]) -> Limits:
    """Return estimates, limits, p-values and notes; for an infinite estimate, from the probability of the boundary.

    An infinite estimate takes many fits, so only the wanted terms are computed.
    """
    design, level = request.design, request.confidence_level
    found, covariance = made.fitted, made.covariance
    # the logarithm of probabilities at the border is divided by the dispersion, for quasi-likelihood
    spread = max(1.0, made.dispersion) if request.choice.kind == "quasi" else 1.0
    estimates = found.coefficients.copy()
    low, high, pvalues = wald_limits(estimates, covariance, made.covered.degrees, level)
    notes = [
        *design.left_out,
        *(
            f"{design.terms[k]}: the rows that identify it are fitted exactly, so residuals give no standard "
            "error; covariance='model' does"
            for k in np.flatnonzero(found.finite & np.isnan(np.diag(covariance)))
        ),
    ]
    signs = np.zeros(len(estimates)) if found.separation is None else found.separation.signs
    for k in wanted:
        if found.finite[k]:
            continue
        sign = float(signs[k])
        if not sign:
            estimates[k], low[k], high[k], pvalues[k] = np.nan, 0.0, np.inf, np.nan
            notes.append(f"{design.terms[k]}: not identified beside terms without any event")
            continue
        bound, how = _border(design, counts, k, sign, level, spread)
        estimates[k] = sign * np.inf
        limit = np.exp(-sign * np.inf if np.isnan(bound.limit) else bound.limit)
        low[k], high[k] = (0.0, limit) if sign < 0 else (limit, np.inf)
        pvalues[k] = bound.pvalue
        notes.append(f"{_border_words(design, k, sign, counts.border)}; {how}")
    return {
        "estimates": estimates,
        "low": low,
        "high": high,
        "pvalues": pvalues,
        "notes": tuple(notes),
    }


def wald_limits(
    estimates: Floats, covariance: Floats, degrees: float | None, level: float
) -> tuple[Floats, ...]:
    """Return lower and upper limits of the rate ratios, and two-sided p-values."""
    se = np.sqrt(np.diag(covariance))
    up_to = 0.5 + level / 2.0
    half = (special.ndtri(up_to) if degrees is None else special.stdtrit(degrees, up_to)) * se
    with np.errstate(over="ignore"):  # a limit may overflow, such as that of a rate at the year 0
        limits = np.exp(estimates - half), np.exp(estimates + half)
    below = -np.abs(estimates) / se
    return *limits, 2.0 * (special.ndtr(below) if degrees is None else special.stdtr(degrees, below))


def _border(
    design: Design, counts: PoissonCounts, k: int, sign: float, level: float, spread: float
) -> tuple[Bound, str]:
    """Return the finite end of the interval of a term without a finite estimate, and its description."""
    try:
        bound = border_bound(
            counts,
            *summed(design, counts)[:3],
            k,
            sign,
            level=level,
            dispersion=spread,
        )
    except ModelError:  # of an intermediate fit, which is no evidence against the model
        return UNKNOWN, "no limit on the other side could be computed"
    if np.isnan(bound.pvalue):
        return bound, "no limit on the other side is known"
    events = "independent events" if spread == 1.0 else f"events that vary {spread:.2f} times as much"
    return bound, f"limit and p are from the probability of that, given the other terms, for {events}"


def _border_words(design: Design, k: int, sign: float, border: float) -> str:
    """Say why a term has no finite estimate."""
    x, name = design.matrix[:, k], design.terms[k]
    within = x > 0
    days = f"{design.exposure[within].sum():,.0f} days"
    if sign < 0 and not (design.response[within] > border).any():
        what = "no event" if border == 0 else "never more than one event"
        return f"{name}: {what} in {days}, so the ratio is 0"
    if sign > 0 and (x >= 0).all() and not (design.response[~within] > border).any():
        return f"{name}: every event lies in its {days}, so the ratio is infinite"
    direction = "infinite" if sign > 0 else "0"
    return f"{name}: the ratio is {direction}, as days without any event separate it"


def baselines(design: Design, counts: PoissonCounts, found: Fitted) -> dict[str, Floats]:
    """Return, for each term with a ratio of 0, the counts expected without its effect."""
    if found.separation is None:
        return {}
    state = counts.state(design.response, found.predictor(design))
    out = {}
    for k in np.flatnonzero(~found.finite & (found.separation.signs < 0)):
        others = separation(counts, design.response, np.delete(design.matrix, k, axis=1))
        at_border = np.zeros(design.n, bool) if others is None else others.rows
        out[design.terms[k]] = np.where(at_border, counts.border, state.mean)
    return out
