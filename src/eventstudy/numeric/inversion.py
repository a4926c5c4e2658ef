"""Test inversion: the rate ratios (inside a window to outside) that the studentised excess does not reject.

If r is the ratio, events inside their own window are r times as frequent as without it. Weighted by 1 / r they show no
excess, and the test of no excess applies to the weighted series. A series of events and each of its arrangements
under a null model are summarised by a few numbers, from which the excess at any ratio follows:

    T(r) = T_outside + T_inside / r,    V(r) = V_outside + V_inside / r^2,

split by whether an event was observed inside its own window. Below r = 1 the events inside are the
remainder of a larger number, and how many remain is random. Where an event keeps its own day that variance
counts: an event of a stratum with share c adds ``c (1 - c) ((1 - c) / r + c)`` times its weight, in place of
``c (1 - c)`` times the square of its weight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy.numeric.excess import studentised
from eventstudy.numeric.ratios import Limits

Floats = NDArray[np.float64]

SAME = 1e-11  # a studentised value is of order one, and its rounding error far below this
NEAR_ZERO, NEAR_INFINITY = 1e-6, 1e6  # ratios at which p has reached its limits
RATIOS = np.concatenate([
    np.geomspace(NEAR_ZERO, 1e-2, 16, endpoint=False),
    np.geomspace(1e-2, 1e2, 128, endpoint=False),
    np.geomspace(1e2, NEAR_INFINITY, 17),
])  # fmt: skip
DIGITS = 2e-4  # relative width at which a search for an end stops: three digits

# T outside, T inside; V outside, V inside for r >= 1; V by 1, 1 / r, 1 / r^2 for r < 1; events inside, in strata
# that have days outside too.
TERMS = 8
EVENTS_INSIDE = 7


def day_terms(inside: Floats, share: Floats) -> Floats:
    """Return the contribution of an event on each day, shape (TERMS, 2, 2, ...).

    `inside`, `share`, shape (...): whether the day lies inside the window, and the share of its stratum's
    days that do.

    Returns: second axis: the event was observed outside its own window, or inside. Third axis: it was moved,
    or keeps its day.
    """
    terms = np.zeros((TERMS, 2, 2, *np.shape(inside)))
    own = share * (1.0 - share)
    for seen in (0, 1):  # outside, inside
        terms[seen, seen] = inside - share
        terms[2 + seen, seen] = own
        terms[4 + 2 * seen, seen, 0] = own
        terms[4 + seen, seen, 1] = own * share
        terms[5 + seen, seen, 1] = own * (1.0 - share)
    terms[EVENTS_INSIDE] = inside * (own > 0)
    return terms


def excess_at(sums: Floats, ratio: float) -> Floats:
    """Return the studentised excess at a ratio, shape (...), from sums of terms of shape (TERMS, ...)."""
    if ratio >= 1.0:
        weight = 1.0 / ratio
        total = sums[0] + weight * sums[1]
        variance = sums[2] + weight**2 * sums[3]
    else:  # both multiplied by a power of the ratio, so that nothing overflows
        total = ratio * sums[0] + sums[1]
        variance = ratio**2 * sums[4] + ratio * sums[5] + sums[6]
    return studentised(total, variance)


def tails_at(sums: Floats, observed: Floats, ratio: float, *, drawn: bool) -> tuple[Floats, Floats]:
    """Return p for "more than the ratio" and for "less than the ratio", each of shape (...).

    - `sums`: shape (TERMS, ..., arrangements).
    - `observed`, shape (TERMS, ...): of the events as observed.
    - `drawn`: whether the arrangements are draws, to which the observed one is added, or all there are.

    With no event observed inside the window there is nothing to weight. The p-value of a ratio is then its probability
    of an empty window: below 1, an event that an arrangement puts inside is kept with probability r; above 1, a Poisson
    number of events with mean r - 1 times that expected inside is added. At 1 an arrangement is as extreme as the
    observed one if its window is empty or its excess as small.
    """
    values = excess_at(sums, ratio)
    own = excess_at(observed, ratio)[..., None]
    extra, total = (1.0, values.shape[-1] + 1) if drawn else (0.0, values.shape[-1])
    greater = (np.count_nonzero(values >= own - SAME, axis=-1) + extra) / total
    less = (np.count_nonzero(values <= own + SAME, axis=-1) + extra) / total
    empty = observed[EVENTS_INSIDE] < 0.5
    if empty.any():
        own_sums = observed[:, empty, None]
        chances = _chances_of_none(sums[:, empty], own_sums, ratio).sum(axis=-1)
        beside = _chances_of_none(own_sums, own_sums, ratio)[..., 0]
        less = np.array(less)
        less[empty] = (chances + extra * beside) / total
        greater = np.where(empty, 1.0, greater)
    return np.asarray(greater), np.asarray(less)


def _chances_of_none(sums: Floats, observed: Floats, ratio: float) -> Floats:
    """Return each arrangement's probability of a window as empty as the observed one, shape (..., arrangements)."""
    inside = np.rint(sums[EVENTS_INSIDE])  # a sum by Fourier transform may lie a rounding error below 0
    extreme = (inside < 0.5) | (excess_at(sums, 1.0) <= excess_at(observed, 1.0) + SAME)
    if ratio <= 1.0:
        return np.where(extreme, 1.0, (1.0 - ratio) ** inside)
    expected = inside - sums[0] - sums[1]
    return np.where(extreme, np.exp(-(ratio - 1.0) * expected), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Inversion:
    """A test of every ratio.

    - `sums`: shape (TERMS, arrangements).
    - `observed`: shape (TERMS,).
    - `drawn`: whether the arrangements are draws or all there are.
    """

    sums: Floats
    observed: Floats
    drawn: bool

    @property
    def size(self) -> int:
        """How many arrangements there are."""
        return int(self.sums.shape[1])

    def tails(self, ratio: float) -> tuple[float, float]:
        """Return p for "more than the ratio" and for "less than the ratio"."""
        greater, less = tails_at(self.sums, self.observed, ratio, drawn=self.drawn)
        return float(greater), float(less)

    def curve(self, ratios: Floats = RATIOS) -> Floats:
        """Return both p-values at each ratio, shape (ratios, 2)."""
        return np.array([self.tails(float(ratio)) for ratio in ratios])

    def smallest(self) -> float:
        """Return the smallest p at a ratio of 1 that any arrangement would have, had it been observed."""
        values = excess_at(self.sums, 1.0)
        if self.drawn:
            values = np.append(values, excess_at(self.observed, 1.0))
        extreme = (values >= values.max() - SAME, values <= values.min() + SAME)
        return min(np.count_nonzero(tied) for tied in extreme) / values.size

    def limits(self, level: float) -> Limits:
        """Return the ratio with equal tails, and the ratios that two tests at half of ``1 - level`` do not reject.

        The estimate is 0 where no event lies inside, and nan where no ratio has equal tails.
        """
        cut = (1.0 - level) / 2.0

        def accepted(ratio: float) -> bool:
            return min(self.tails(ratio)) > cut

        tails = self.curve()
        estimate = self._estimate(tails)
        ratios, kept = RATIOS, tails.min(axis=1) > cut
        # so that an interval between two ratios of the grid is not missed
        if NEAR_ZERO < estimate < NEAR_INFINITY:
            place = int(np.searchsorted(ratios, estimate))
            ratios, kept = np.insert(ratios, place, estimate), np.insert(kept, place, accepted(estimate))
        within = np.flatnonzero(kept)
        if not within.size:  # p jumps across the cut at the estimate
            return Limits(estimate, estimate, estimate)
        first, last = int(within[0]), int(within[-1])
        low = _edge(accepted, ratios[first], ratios[first - 1]) if first else 0.0
        high = _edge(accepted, ratios[last], ratios[last + 1]) if last + 1 < ratios.size else float("inf")
        return Limits(estimate, low, high, within.size < last - first + 1)

    def _estimate(self, tails: Floats) -> float:
        """Return the ratio at which both tails are equal, found between adjacent points of the grid."""
        if self.observed[EVENTS_INSIDE] < 0.5:
            return 0.0
        above = tails[:, 0] >= tails[:, 1]
        if above[0] or not above[-1]:
            return float("nan")
        crossing = np.flatnonzero(above[1:] & ~above[:-1])
        place = int(crossing[crossing.size // 2])

        def below(ratio: float) -> bool:
            greater, less = self.tails(ratio)
            return greater < less

        return _edge(below, RATIOS[place], RATIOS[place + 1])


def _edge(holds: Callable[[float], bool], inside: float, outside: float) -> float:
    """Return the ratio where a condition ceases to hold, between one where it holds and one where it does not."""
    a, b = float(inside), float(outside)
    while abs(a - b) > DIGITS * min(a, b):
        middle = float(np.sqrt(a * b))
        a, b = (middle, b) if holds(middle) else (a, middle)
    return float(np.sqrt(a * b))
