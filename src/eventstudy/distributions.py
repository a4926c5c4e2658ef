"""Finite distributions on the whole numbers, with relative accuracy kept in the far tail.

Every operation adds and multiplies numbers that are not negative, so no digit cancels: a tail of 1e-150
carries as many right digits as one of 0.1. A product by FFT would stop at about 1e-16 of the largest term.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Probabilities of the whole numbers ``low, low + 1, ...``.

    Parameters
    ----------
    low : int
        The smallest value.
    probabilities : ndarray of float64, shape (k,)
        Probability of each value; they sum to one.
    """

    low: int
    probabilities: Floats

    @property
    def support(self) -> NDArray[np.int64]:
        """The values, shape (k,)."""
        return self.low + np.arange(self.probabilities.size, dtype=np.int64)

    @property
    def mean(self) -> float:
        """The expected value."""
        return float(self.support @ self.probabilities)

    def at_least(self, value: int) -> float:
        """Return the probability of `value` or more, summed from its smallest terms."""
        return float(min(1.0, self.probabilities[max(0, value - self.low) :][::-1].sum()))

    def at_most(self, value: int) -> float:
        """Return the probability of `value` or less, summed from its smallest terms."""
        return float(min(1.0, self.probabilities[: max(0, value - self.low + 1)].sum()))

    def shifted(self, by: int) -> Distribution:
        """Return the distribution of the value plus a constant."""
        return Distribution(self.low + by, self.probabilities)

    def times(self, factor: int) -> Distribution:
        """Return the distribution of the value times a whole number."""
        if factor == 1:
            return self
        if factor == 0:
            return point(0)
        values = self.support * factor
        low = int(values.min())
        spread = np.zeros(int(values.max()) - low + 1)
        spread[values - low] = self.probabilities
        return Distribution(low, spread)


def point(value: int) -> Distribution:
    """Return the distribution that is always `value`."""
    return Distribution(value, np.ones(1))


def from_values(values: NDArray[np.int64]) -> Distribution:
    """Return the distribution of a value picked at random from `values`, each entry equally likely."""
    low = int(values.min())
    return Distribution(low, np.bincount(values - low) / values.size)


def hypergeometric(population: int, marked: int, drawn: int) -> Distribution:
    """Return the number of marked items among `drawn`, taken without replacement.

    Notes
    -----
    Built outwards from the mode by the ratio of neighbours and then divided by its sum, so that the
    error is that of a few multiplications, whereas log-gamma functions cancel when the counts are large.
    """
    low, high = max(0, drawn - (population - marked)), min(drawn, marked)
    if low == high:
        return point(low)
    k = np.arange(low, high, dtype=np.float64)
    ratio = (marked - k) * (drawn - k) / ((k + 1) * (population - marked - drawn + k + 1))
    return Distribution(low, _from_ratios(ratio))


def _from_ratios(ratio: Floats) -> Floats:
    """Return probabilities whose neighbours have the given ratios, which fall with the index."""
    mode = int(np.searchsorted(-ratio, -1.0))  # the ratios fall: up to here the terms grow
    terms = np.empty(ratio.size + 1)
    terms[mode] = 1.0
    np.cumprod(ratio[mode:], out=terms[mode + 1 :])
    terms[:mode] = np.cumprod(1.0 / ratio[:mode][::-1])[::-1]
    return terms / terms.sum()


def binomial(trials: int, probability: float) -> Distribution:
    """Return the number of successes in independent trials of one probability."""
    if probability <= 0.0:
        return point(0)
    if probability >= 1.0:
        return point(trials)
    k = np.arange(trials, dtype=np.float64)
    return Distribution(0, _from_ratios((trials - k) / (k + 1) * (probability / (1.0 - probability))))


def convolve(parts: Iterable[Distribution]) -> Distribution:
    """Return the sum of independent variables, the shortest distributions joined first."""
    heap: list[tuple[int, int, Distribution]] = []
    shift = 0
    for number, part in enumerate(parts):
        if part.probabilities.size == 1:
            shift += part.low
        else:
            heap.append((part.probabilities.size, number, part))
    if not heap:
        return point(shift)
    heapq.heapify(heap)
    number = len(heap) + 1_000_000_000
    while len(heap) > 1:
        _, _, first = heapq.heappop(heap)
        _, _, second = heapq.heappop(heap)
        joined = Distribution(first.low + second.low, np.convolve(first.probabilities, second.probabilities))
        number += 1
        heapq.heappush(heap, (joined.probabilities.size, number, joined))
    return heap[0][2].shifted(shift)
