"""Multiple testing: corrected p-values, from the p-values alone or from rows shared by all tests.

A row holds one value of each statistic. The N rows are equally likely if events and anchors are
unrelated, and include the observed one, so every p-value is a share of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.numeric.ranking import ranked
from eventstudy.numeric.tails import extreme, rounding, tail

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """P-values of k tests, uncorrected and corrected for multiple testing.

    - `studentised`, shape (k,): observed value minus mean, over standard deviation, of the rows; nan where
      all rows are equal.
    - `pvalue`, `maxt`, `maxt_single`, `minp`, `minp_single`, shape (k,): uncorrected; step-down and
      single-step max-T; step-down and single-step min-P.
    - `largest`, shape (n,): the largest studentised statistic of each row, signed so that large is extreme.
    """

    studentised: Floats
    pvalue: Floats
    maxt: Floats
    maxt_single: Floats
    minp: Floats
    minp_single: Floats
    largest: Floats


def corrected(
    values: NDArray[Any],
    observed: NDArray[Any],
    alternatives: Sequence[str],
    slacks: Sequence[float] | None = None,
) -> Corrected:
    """Correct k tests for multiplicity.

    - `values`, shape (k, n): the statistics of each row, without nan.
    - `observed`, shape (k,): the observed row, which is one of the n.
    - `slacks`: for each statistic, the largest difference at which two values tie; 0 by default, as for whole
      numbers.

    Max-T compares the studentised statistics, ``(T - mean) / sd`` over the rows, with opposite sign for
    "less" and absolute for "two-sided" [1]_. Min-P compares the statistics' own p-values, so that the
    statistics may have different distributions [2]_. The step-down forms compare each statistic with the
    largest of those that are no more extreme, and then make the p-values monotone in the rank. A
    statistic without variance is uninformative and gets 1.

    .. [1] Westfall, P. H. & Young, S. S. (1993). Resampling-Based Multiple Testing. Wiley.
    .. [2] Ge, Y., Dudoit, S. & Speed, T. P. (2003). Resampling-based multiple testing for microarray data
       analysis. Test 12(1), 1-77.
    """
    k, n = values.shape
    codes, extremes, counts = [], [], []
    studentised, extreme_observed = np.full(k, np.nan), np.full(k, -np.inf)
    count_observed = np.full(k, n)
    size = 0.0
    for j, alternative in enumerate(alternatives):
        rank = ranked(
            np.append(values[j], np.asarray(observed[j], values.dtype)), 0.0 if slacks is None else slacks[j]
        )
        code, here = rank.codes[:-1], int(rank.codes[-1])
        number = np.bincount(code, minlength=rank.levels.size)
        at_least, at_most = np.cumsum(number[::-1])[::-1], np.cumsum(number)
        count = tail(alternative, at_least, at_most, n)
        level = rank.levels.astype(float)
        centred = level - (number @ level) / n
        spread = float(np.sqrt(number @ centred**2 / n))
        constant = np.count_nonzero(number) == 1
        t = np.full(level.size, np.nan) if constant else centred / spread
        codes.append(code.astype(np.min_scalar_type(rank.levels.size)))
        extremes.append(np.full(level.size, -np.inf) if constant else extreme(alternative, t))
        counts.append(count)
        size = size if constant else max(size, float(np.abs(level[number > 0]).max()) / spread)
        studentised[j], extreme_observed[j], count_observed[j] = t[here], extremes[j][here], count[here]
    # a studentised value is one of n numbers minus their mean, over their standard deviation
    slack = rounding(size, n)
    maxt, maxt_single, largest = step_down(lambda j: extremes[j][codes[j]], extreme_observed, n, slack)
    minp, minp_single, _ = step_down(lambda j: -counts[j][codes[j]], -count_observed, n, 0.0)
    return Corrected(studentised, count_observed / n, maxt, maxt_single, minp, minp_single, largest)


def step_down(
    column: Callable[[int], NDArray[Any]], observed: NDArray[Any], n: int, slack: float
) -> tuple[Floats, Floats, Floats]:
    """Return step-down and single-step p-values, shape (k,), and the largest value of each row, shape (n,).

    - `column`: gives the n values of a statistic by its number; large is extreme.
    - `observed`: shape (k,).
    - `slack`: values below the observed one by no more than this count as ties.

    The statistics are added from the least to the most extreme, so one running maximum serves all sets.
    """
    bar = observed - slack if slack else observed
    order = np.argsort(-observed, kind="stable")
    number = np.empty(observed.size, np.int64)
    largest = np.full(n, -np.inf)
    for j in order[::-1]:
        np.maximum(largest, column(j), out=largest)
        number[j] = np.count_nonzero(largest >= bar[j])
    number[order] = np.maximum.accumulate(number[order])
    ranks = np.sort(largest)
    return number / n, (n - np.searchsorted(ranks, bar)) / n, largest
