"""Which ratios of the rate inside a window to the rate outside does a test of the studentised excess not reject?

If r is the ratio, events inside their own window are r times as frequent as without it. Weighted by 1 / r they show no
excess, and the test of no excess applies to the weighted series. A series of events and each of its arrangements
under a null model are summed up in a few numbers, from which the excess at any ratio follows:

    T(r) = T_outside + T_inside / r,    V(r) = V_outside + V_inside / r^2,

split by whether an event lies inside its own window where it was observed. Below r = 1 the events inside are
those that are left of more, and the number left varies by itself. Where an event keeps its own day that variance
counts: an event of a stratum with share c adds ``c (1 - c) ((1 - c) / r + c)`` times its weight, in place of
``c (1 - c)`` times the square of its weight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy.numeric.excess import studentised

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SAME = 1e-11  # a studentised value is of the order of one, and its rounding error far below this
NEAR_ZERO, NEAR_INFINITY = 1e-6, 1e6  # ratios at which p has reached its limits
RATIOS = np.concatenate([
    np.geomspace(NEAR_ZERO, 1e-2, 16, endpoint=False),
    np.geomspace(1e-2, 1e2, 128, endpoint=False),
    np.geomspace(1e2, NEAR_INFINITY, 17),
])  # fmt: skip
DIGITS = 2e-4  # relative width at which a search for an end stops: three digits

TERMS = 8  # T outside, T inside; V outside, V inside for r >= 1; V by 1, 1 / r, 1 / r^2 for r < 1; events inside


def day_terms(inside: Floats, share: Floats) -> Floats:
    """Return what an event on each day adds, shape (2, 2, TERMS, ...).

    Parameters
    ----------
    inside, share : ndarray of float64, shape (...)
        Whether the day lies inside the window, and the share of its stratum's days that do.

    Returns
    -------
    ndarray
        First axis: the event was observed outside its own window, or inside. Second axis: it was moved, or keeps its day.
    """
    terms = np.zeros((2, 2, TERMS, *np.shape(inside)))
    own = share * (1.0 - share)
    for observed_inside in (0, 1):
        terms[observed_inside, :, observed_inside] = inside - share
        terms[observed_inside, :, 2 + observed_inside] = own
        terms[observed_inside, 0, 4 + 2 * observed_inside] = own
        terms[observed_inside, 1, 4 + observed_inside] = own * share
        terms[observed_inside, 1, 5 + observed_inside] = own * (1.0 - share)
    terms[:, :, 7] = inside
    return terms


def excess_at(sums: Floats, ratio: float) -> Floats:
    """Return the studentised excess at a ratio, shape (...), from sums of terms of shape (..., TERMS)."""
    if ratio >= 1.0:
        weight = 1.0 / ratio
        total = sums[..., 0] + weight * sums[..., 1]
        variance = sums[..., 2] + weight**2 * sums[..., 3]
    else:  # both times a power of the ratio, so that nothing overflows
        total = ratio * sums[..., 0] + sums[..., 1]
        variance = ratio**2 * sums[..., 4] + ratio * sums[..., 5] + sums[..., 6]
    return studentised(total, variance)


def tails_at(sums: Floats, observed: Floats, ratio: float, *, drawn: bool) -> tuple[Floats, Floats]:
    """Return p for "more than the ratio" and for "less than the ratio", shape (...).

    Parameters
    ----------
    sums : ndarray of float64, shape (..., arrangements, TERMS)
    observed : ndarray of float64, shape (..., TERMS)
        Of the events as observed.
    ratio : float
    drawn : bool
        Whether the arrangements are draws, beside which the observed one counts as one more, or all there are.
    """
    values = excess_at(sums, ratio)
    own = excess_at(observed, ratio)[..., None]
    extra, total = (1, values.shape[-1] + 1) if drawn else (0, values.shape[-1])
    greater = (np.count_nonzero(values >= own - SAME, axis=-1) + extra) / total
    less = (np.count_nonzero(values <= own + SAME, axis=-1) + extra) / total
    return np.asarray(greater), np.asarray(less)
