"""One rule for ties, and for the tails, levels and shares that depend on it, for every test.

A statistic that is not a whole number is a sum of rounded terms, and sums that are equal in exact arithmetic
may differ in their last digits. Whether a draw is as extreme as the observed value must not depend on that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

Alternative = Literal["greater", "less", "two-sided"]
ALTERNATIVES: tuple[str, ...] = get_args(Alternative)

Floats = NDArray[np.float64]

UNIT = float(np.finfo(np.float64).eps)  # 2.2e-16, the spacing of numbers at 1
OF_A_TERM = 16_384  # largest error of a single term, in units
SMALLEST = float(np.finfo(np.float64).tiny)  # 2.2e-308; smaller numbers are subnormal: less accurate and slow


def rounding(size: float, n_terms: int = 1) -> float:
    """Return the largest computed difference of two values that are equal in exact arithmetic.

    `size`: an upper bound on the sum of the absolute values of the terms. Not the size of the values
    themselves: where terms cancel, a value of exactly 0 is computed as rounding error, which is small
    relative to the terms only. `n_terms`: number of terms in a sum.

    The error of a sum of n floating-point numbers, in any order, is at most ``(n - 1) u`` times the sum of their
    absolute values, with u = 1.1e-16 the unit roundoff [1]_; two such sums differ by at most twice that, and
    ``2 n u`` is doubled here to cover a mean or a quotient of the sum. The terms are rounded too. One
    computed from a day number, such as ``cos(2 pi d / 7)``, inherits the rounding error of an argument
    in the tens of thousands, so each may be off by 16,384 units in the last place, 3.6e-12. Values
    that truly differ by so little, one part in 10**11 of their terms, count as ties; whole
    numbers are exact and need no tolerance.

    .. [1] Higham, N. J. (2002). Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.2. SIAM.

    >>> rounding(0.0), rounding(1.0) < 1e-11
    (0.0, True)
    """
    return UNIT * (OF_A_TERM + 2 * n_terms) * size


def at_least(values: NDArray[Any], observed: ArrayLike, slack: float = 0.0) -> NDArray[np.bool_]:
    """Tell which values are at least as large as the observed one, elementwise if there are several, ties included.

    `values`: an undefined value (nan, the mean over no event) counts, both here and in `at_most`. `slack`:
    from `rounding`; 0 for whole numbers.

    >>> at_least(np.array([0.1 + 0.2, 0.3, 0.4, 0.2]), 0.1 + 0.2, rounding(0.3, 2)).tolist()
    [True, True, True, False]
    """
    return ~(values < np.subtract(observed, slack))


def at_most(values: NDArray[Any], observed: ArrayLike, slack: float = 0.0) -> NDArray[np.bool_]:
    """Tell which values are at most as large as the observed one, elementwise if there are several, ties included."""
    return ~(values > np.add(observed, slack))


def begins(ordered: NDArray[Any], slack: float = 0.0) -> NDArray[np.bool_]:
    """Tell where a new value begins in rising numbers, ties counting as one value; same shape."""
    first = np.ones(ordered.shape, bool)
    with np.errstate(invalid="ignore"):  # two infinities
        first[1:] = np.diff(ordered) > slack
    return first


@overload
def tail(alternative: str, greater: float, less: float, certain: float = 1.0) -> float: ...
@overload
def tail(
    alternative: str, greater: NDArray[Any], less: NDArray[Any], certain: float = 1.0
) -> NDArray[Any]: ...
def tail(alternative: str, greater: Any, less: Any, certain: float = 1.0) -> Any:
    """Return the tail for an alternative; two-sided doubles the smaller one, at most `certain`.

    `greater`, `less`: probabilities, or counts out of `certain`; nan where unknown.

    >>> tail("less", 0.75, 0.5), tail("two-sided", 0.75, 0.25), tail("two-sided", 0.75, 0.5)
    (0.5, 0.5, 1.0)
    """
    if alternative == "greater":
        return greater
    if alternative == "less":
        return less
    doubled = np.minimum(certain, 2 * np.minimum(greater, less))
    return doubled if doubled.ndim else doubled.item()


def extreme(alternative: str, values: NDArray[Any]) -> NDArray[Any]:
    """Return centred values, signed so that large means extreme."""
    if alternative == "two-sided":
        return np.abs(values)
    return -values if alternative == "less" else values


@dataclass(frozen=True, slots=True)
class Tail:
    """Draws at least as extreme as the observed value on one side.

    `extreme`: number of extreme draws. `stopped`: whether drawing was stopped at the last draw.
    """

    extreme: int
    draws: int
    stopped: bool = False

    @property
    def pvalue(self) -> float:
        """``(b + 1) / (B + 1)`` [1]_, the observed value included; ``b / B`` if stopped at the last draw [2]_.

        .. [1] Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical
           Applications in Genetics and Molecular Biology 9(1), 39.
        .. [2] Besag, J. & Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika 78(2), 301-304.
        """
        return self.extreme / self.draws if self.stopped else (self.extreme + 1) / (self.draws + 1)

    def interval(self, level: float) -> tuple[float, float]:
        """Return the Clopper-Pearson interval of the tail probability.

        If drawing stopped at the l-th draw, the h-th extreme one, the lower limit is where h or more in l draws
        become improbable, and the upper limit where h - 1 or fewer in l - 1 draws do: the two
        limits are those of h out of l, and of h - 1 out of l - 1.
        """
        low, high = clopper_pearson(self.extreme, self.draws, level)
        if not self.stopped:
            return low, high
        return low, clopper_pearson(self.extreme - 1, self.draws - 1, level)[1] if self.draws > 1 else 1.0


@dataclass(frozen=True, slots=True)
class ExactTail:
    """Probability of the observed value or a more extreme one.

    The observed arrangement is one of those possible, so no tail is empty, however small its probability.
    """

    pvalue: float
    draws: ClassVar[int] = 0
    stopped: ClassVar[bool] = False

    def interval(self, level: float) -> tuple[float, float]:
        """Return the p-value as both ends: nothing was drawn."""
        return self.pvalue, self.pvalue


UNKNOWN = ExactTail(float("nan"))  # of a side that a sequential test does not examine


@dataclass(frozen=True, slots=True)
class Tails:
    """Both tails of a null distribution; `UNKNOWN` for a side not examined.

    >>> tails = Tails.drawn(np.array([0.0, 1.0, 1.0, 2.0]), 1.0)
    >>> tails.greater.pvalue, tails.less.pvalue, tails.pvalue("two-sided")
    (0.8, 0.8, 1.0)
    """

    greater: Tail | ExactTail
    less: Tail | ExactTail

    @classmethod
    def drawn(cls, values: Floats, observed: ArrayLike, slack: float = 0.0) -> Tails:
        """Return the tails of draws, to which the observed value is added."""
        return cls(*(Tail(number, values.size) for number in _numbers(values, observed, slack)))

    @classmethod
    def listed(cls, values: Floats, observed: float, slack: float = 0.0) -> Tails:
        """Return the tails of all arrangements, including the observed one, each equally likely."""
        return cls(*(ExactTail(number / values.size) for number in _numbers(values, observed, slack)))

    @classmethod
    def exact(cls, greater: float, less: float) -> Tails:
        """Return the tails of a known distribution; none is 0, though it may be too small to represent."""
        return cls(ExactTail(max(SMALLEST, greater)), ExactTail(max(SMALLEST, less)))

    @property
    def known(self) -> tuple[Tail | ExactTail, ...]:
        """The tails that were examined."""
        return tuple(side for side in (self.greater, self.less) if side is not UNKNOWN)

    def pvalue(self, alternative: str) -> float:
        """Return the p-value; nan where a tail is unknown."""
        return tail(alternative, self.greater.pvalue, self.less.pvalue)

    def interval(self, alternative: str, level: float) -> tuple[float, float]:
        """Return the interval of the tail probability, doubled for the two-sided value."""
        if alternative != "two-sided":
            return (self.greater if alternative == "greater" else self.less).interval(level)
        low, high = min(self.known, key=lambda side: side.pvalue).interval(level)
        return min(1.0, 2.0 * low), min(1.0, 2.0 * high)


def _numbers(values: Floats, observed: ArrayLike, slack: float) -> tuple[int, int]:
    """Return how many values are at least, and at most, as large as the observed one."""
    sides = at_least(values, observed, slack), at_most(values, observed, slack)
    return int(np.count_nonzero(sides[0])), int(np.count_nonzero(sides[1]))


@overload
def clopper_pearson(count: int, total: int, level: float) -> tuple[float, float]: ...
@overload
def clopper_pearson(count: NDArray[np.int64], total: int, level: float) -> tuple[Floats, Floats]: ...
def clopper_pearson(count: Any, total: int, level: float) -> tuple[Any, Any]:
    """Return the Clopper-Pearson interval of a binomial proportion, or of each of several [1]_.

    - `count`: successes in `total` independent trials.
    - `total`: at least 1.
    - `level`: confidence level, such as 0.95.

    .. [1] Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case
       of the binomial. Biometrika 26(4), 404-413.

    None of ten: the upper end solves ``(1 - share) ** 10 == 0.025``.

    >>> low, high = clopper_pearson(0, 10, 0.95)
    >>> low, round((1 - high) ** 10, 12)
    (0.0, 0.025)
    """
    side = (1.0 - level) / 2.0
    k = np.asarray(count)
    from scipy import special  # only draws and shares ask for it, and it takes a third of a second

    low = np.where(k > 0, special.betaincinv(np.maximum(k, 1), total - k + 1, side), 0.0)
    high = np.where(k < total, special.betainccinv(k + 1, np.maximum(total - k, 1), side), 1.0)
    return (low, high) if k.ndim else (low.item(), high.item())


def rejects(pvalues: Floats, level: float) -> NDArray[np.bool_]:
    """Tell which p-values are at most the level, including those equal to it up to rounding; same shape.

    A p-value that is nan, where there was nothing to test, rejects nothing.

    >>> rejects(np.array([0.04, 0.05, 0.06, np.nan]), 0.05).tolist()
    [True, True, False, False]
    """
    return at_most(pvalues, level, rounding(level)) & ~np.isnan(pvalues)


def at_most_level(level: float, number: int) -> int:
    """Return the largest count out of `number` whose share is at most the level, up to rounding.

    >>> at_most_level(1.0 - 0.95, 100), at_most_level(0.3, 10), at_most_level(0.05, 99)
    (5, 3, 4)
    """
    return int(level * number + rounding(level * number))


def holm(pvalues: Floats) -> Floats:
    """Return Holm's step-down p-values [1]_, shape (k,), valid under any dependence of the k tests.

    .. [1] Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
       Statistics 6(2), 65-70.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(pvalues, kind="stable")
    raised = np.empty(pvalues.size)
    steps = np.arange(pvalues.size, 0, -1)
    raised[order] = np.minimum(1.0, np.maximum.accumulate(pvalues[order] * steps))
    return raised
