"""Finite distributions on the whole numbers, with relative accuracy kept in the far tail.

Every operation adds and multiplies non-negative numbers, so there is no cancellation: a tail of 1e-150
has as many correct digits as one of 0.1. A product by FFT would stop at about 1e-16 of the largest term.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError
from eventstudy.numeric.tails import SMALLEST, Tails, begins

Floats = NDArray[np.float64]

MOST_WORK = 4_000_000_000  # multiplications in one convolution of many parts, a few seconds
LARGEST_COUNT = 16_777_216  # entries of one table of counts
WIDEST_TABLE = 8_192  # values that a sum over rows can take, where rows are processed together
LONGEST_ROW = 64  # up to here many short products are made at once


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Probabilities of the whole numbers ``low, low + 1, ...``.

    `low`: the smallest value. `probabilities`, shape (k,): probability of each value; they sum to one.
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

    def tails(self, observed: int) -> Tails:
        """Return both tails from an observed value."""
        return Tails.exact(self.at_least(observed), self.at_most(observed))

    def shifted(self, by: int) -> Distribution:
        """Return the distribution of the value plus a constant."""
        return Distribution(self.low + by, self.probabilities)

    def trimmed(self) -> Distribution:
        """Return the distribution without its ends below the smallest normal number, about 1e-308."""
        if self.probabilities[0] >= SMALLEST <= self.probabilities[-1]:
            return self
        normal = np.flatnonzero(self.probabilities >= SMALLEST)
        first, last = int(normal[0]), int(normal[-1])
        return Distribution(self.low + first, self.probabilities[first : last + 1])

    def over(self, number: int) -> Atoms:
        """Return the distribution of the value divided by a whole number."""
        return Atoms(self.support / number, self.probabilities)

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


@dataclass(frozen=True, slots=True, eq=False)
class Atoms:
    """Probabilities of finitely many numbers, whole or not.

    - `support`, shape (k,): the values, rising.
    - `probabilities`, shape (k,): probability of each value; they sum to one.
    - `slack`: values no further apart than this are the same.
    """

    support: Floats
    probabilities: Floats
    slack: float = 0.0

    @property
    def mean(self) -> float:
        """The expected value."""
        return float(self.support @ self.probabilities)

    def at_least(self, value: float) -> float:
        """Return the probability of `value` or more, summed from its smallest terms."""
        first = int(np.searchsorted(self.support, value - self.slack))
        return float(min(1.0, self.probabilities[first:][::-1].sum()))

    def at_most(self, value: float) -> float:
        """Return the probability of `value` or less, summed from its smallest terms."""
        stop = int(np.searchsorted(self.support, value + self.slack, side="right"))
        return float(min(1.0, self.probabilities[:stop].sum()))

    def tails(self, observed: float) -> Tails:
        """Return both tails from an observed value."""
        return Tails.exact(self.at_least(observed), self.at_most(observed))


def atoms(values: Floats, slack: float = 0.0) -> Atoms:
    """Return the distribution of a number picked at random from `values`, each entry equally likely.

    `values`: shape (n,). `slack`: values no further apart than this are the same.
    """
    ordered = np.sort(np.asarray(values, float))
    first = np.flatnonzero(begins(ordered, slack))
    return Atoms(ordered[first], np.diff(first, append=ordered.size) / max(1, ordered.size), slack)


def point(value: int) -> Distribution:
    """Return the distribution that is always `value`."""
    return Distribution(value, np.ones(1))


def from_values(values: NDArray[np.int64]) -> Distribution:
    """Return the distribution of a value picked at random from `values`, each entry equally likely."""
    low = int(values.min())
    return Distribution(low, np.bincount(values - low) / values.size)


def from_rows(values: NDArray[np.int64]) -> list[Distribution]:
    """Return distributions whose sum is that of one value picked at random from each row, shape (rows, k)."""
    rows, k = values.shape
    if rows == 1:
        return [from_values(values[0])]
    low = values.min(axis=1, keepdims=True)
    width = int((values - low).max()) + 1
    if rows * width > LARGEST_COUNT:
        return [from_values(row) for row in values]
    places = values - low + width * np.arange(rows)[:, None]
    counts = np.bincount(places.ravel(), minlength=rows * width).reshape(rows, width)
    kinds, times = np.unique(counts, axis=0, return_counts=True)  # short rows are often equal
    shift = point(int(low.sum()))
    return [
        shift,
        *(repeated(Distribution(0, kind / k), n) for kind, n in zip(kinds, times.tolist(), strict=True)),
    ]


def from_tables(tables: list[NDArray[np.int64]]) -> list[Distribution] | None:
    """Return for each of g tables the distribution of the sum of one value picked at random from each of its rows.

    None where the values spread so widely that one table at a time is no slower.

    `tables`, shape (g, rows, k): rows of several lengths, each length with its own array. All g are processed
    together.
    """
    least = [table.min(axis=2, keepdims=True) for table in tables]
    low = sum(smallest.sum(axis=(1, 2)) for smallest in least)
    spread = [table - smallest for table, smallest in zip(tables, least, strict=True)]
    width = 1 + max(int(values.max()) for values in spread)
    rows_each = sum(table.shape[1] for table in tables)
    if width * rows_each > WIDEST_TABLE:
        return None
    parts = []
    for values in spread:
        g, rows, k = values.shape
        places = values + width * np.arange(g * rows).reshape(g, rows, 1)
        parts.append(np.bincount(places.ravel(), minlength=g * rows * width).reshape(g, rows, width) / k)
    chances = np.concatenate(parts, axis=1)
    while chances.shape[1] > 1:
        pairs, odd = chances.shape[1] // 2, chances.shape[1] % 2
        left, right = chances[:, : 2 * pairs : 2], chances[:, 1 : 2 * pairs : 2]
        width = chances.shape[2]
        joined = np.zeros((chances.shape[0], pairs + odd, 2 * width - 1))
        for k in range(width):
            joined[:, :pairs, k : k + width] += left * right[:, :, k, None]
        if odd:
            joined[:, -1, :width] = chances[:, -1]
        top = np.flatnonzero(joined.any(axis=(0, 1)))[-1]  # no sum reaches the part cut off
        chances = joined[:, :, : top + 1]
    return [Distribution(int(a), row[0]).trimmed() for a, row in zip(low, chances, strict=True)]


def hypergeometric(population: int, marked: int, drawn: int) -> Distribution:
    """Return the number of marked items among `drawn`, taken without replacement.

    Built outwards from the mode by the ratio of successive terms and then divided by its sum, so that the
    error is that of a few multiplications, whereas log-gamma functions cancel when the counts are large.
    """
    low, high = max(0, drawn - (population - marked)), min(drawn, marked)
    if low == high:
        return point(low)
    k = np.arange(low, high, dtype=np.float64)
    ratio = (marked - k) * (drawn - k) / ((k + 1) * (population - marked - drawn + k + 1))
    return Distribution(low, _from_ratios(ratio))


def _from_ratios(ratio: Floats) -> Floats:
    """Return probabilities with the given ratios of successive terms, which fall with the index."""
    mode = int(np.searchsorted(-ratio, -1.0))  # the ratios fall: up to here the terms grow
    terms = np.empty(ratio.size + 1)
    terms[mode] = 1.0
    np.cumprod(ratio[mode:], out=terms[mode + 1 :])
    terms[:mode] = np.cumprod(1.0 / ratio[:mode][::-1])[::-1]
    return terms / terms.sum()


def binomial(trials: int, probability: float) -> Distribution:
    """Return the number of successes in independent trials of equal probability."""
    if probability <= 0.0:
        return point(0)
    if probability >= 1.0:
        return point(trials)
    k = np.arange(trials, dtype=np.float64)
    return Distribution(0, _from_ratios((trials - k) / (k + 1) * (probability / (1.0 - probability))))


def poisson(mean: float) -> Distribution:
    """Return a Poisson distribution, up to probabilities below 1e-308."""
    if mean <= 0.0:
        return point(0)
    last = mean + 40.0
    while last * (np.log(last / mean) - 1.0) + mean < 720.0:  # Chernoff: -log P(X >= last) is at least this
        last *= 1.1
    return Distribution(0, _from_ratios(mean / np.arange(1.0, last))).trimmed()


def poisson_binomial(probabilities: Floats) -> Distribution:
    """Return the number of successes in independent trials, each with its own probability.

    Trials of equal probability are joined as binomials first; the others are multiplied in pairs, many
    at once while they are short.
    """
    values, repeats = np.unique(probabilities, return_counts=True)
    certain = int(repeats[values >= 1.0].sum())
    single = values[(repeats == 1) & (values > 0.0) & (values < 1.0)]
    rows = np.stack([1.0 - single, single], axis=1)
    while rows.shape[0] > 1 and rows.shape[1] <= LONGEST_ROW:
        if rows.shape[0] % 2:
            never = np.zeros((1, rows.shape[1]))
            never[0, 0] = 1.0
            rows = np.concatenate([rows, never])
        left, right = rows[::2], rows[1::2]
        width = rows.shape[1]
        rows = np.zeros((left.shape[0], 2 * width - 1))
        for k in range(width):
            rows[:, k : k + width] += left * right[:, k : k + 1]
    many = (repeats > 1) & (values > 0.0) & (values < 1.0)
    parts = [binomial(int(m), float(p)) for p, m in zip(values[many], repeats[many], strict=True)]
    return convolve([*parts, *(Distribution(0, row).trimmed() for row in rows)]).shifted(certain)


def repeated(part: Distribution, number: int) -> Distribution:
    """Return the sum of `number` independent copies of a variable."""
    if number == 1:
        return part
    total, power = point(0), part
    while number:
        if number % 2:
            total = convolve([total, power])
        number //= 2
        if number:
            power = convolve([power, power])
    return total


def convolve(parts: Iterable[Distribution]) -> Distribution:
    """Return the sum of independent variables, the shortest distributions joined first.

    Raises ExactUnavailableError if it would take more than a few seconds.
    """
    order = count()  # breaks ties between distributions of equal length
    heap: list[tuple[int, int, Distribution]] = []
    shift = 0
    for part in parts:
        if part.probabilities.size == 1:
            shift += part.low
        else:
            heap.append((part.probabilities.size, next(order), part))
    if not heap:
        return point(shift)
    heapq.heapify(heap)
    work = 0
    while len(heap) > 1:
        _, _, first = heapq.heappop(heap)
        _, _, second = heapq.heappop(heap)
        work += first.probabilities.size * second.probabilities.size
        if work > MOST_WORK:
            raise ExactUnavailableError(
                "exact distribution: the statistic takes too many values to add it up in a few seconds; "
                "use method='monte-carlo'"
            )
        product = np.convolve(first.probabilities, second.probabilities)
        joined = Distribution(first.low + second.low, product).trimmed()
        heapq.heappush(heap, (joined.probabilities.size, next(order), joined))
    return heap[0][2].shifted(shift)
