"""The studentised excess of events inside a window, within strata: daily scores, and the value from their sums.

In stratum g of the period a share c of the days lies inside the window. With n events in g, x of them inside,

    T = sum over g of (x - n c),    V = sum over g of n c (1 - c),    Z = T / sqrt(V).

Both are sums over events of a score of the day, w - c and c (1 - c), w being 1 inside the window and 0 outside.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LARGEST_DENOMINATOR = 1 << 21  # squared, times four million events: still whole numbers of 63 bits


def inside_counts(inside: Ints, edges: Ints) -> Ints:
    """Return the days of each stratum inside the window, shape (g,).

    `inside`, shape (days,): 1 for each day inside the window, else 0. `edges`, shape (g + 1,): first day of
    each stratum from the start of the period, and the number of days.
    """
    return np.add.reduceat(inside, edges[:-1])


def day_shares(inside: Ints, edges: Ints) -> Floats:
    """Return for each day the share of its stratum's days inside the window, shape (days,)."""
    lengths = np.diff(edges)
    return np.repeat(inside_counts(inside, edges) / lengths, lengths)


def excess_scores(inside: Ints, edges: Ints) -> Ints | Floats:
    """Return the two scores of each day whose sums give the studentised excess, shape (2, days).

    Returns: ``w - c`` and ``c * (1 - c)``. Whole numbers where the lengths of the strata have a small common
    multiple, such as those of calendar strata: the first score times the multiple, the second times its
    square, which does not change `studentised` and makes equal sums equal to the last digit.
    """
    lengths = np.diff(edges)
    marked = inside_counts(inside, edges)
    multiple = math.lcm(*np.unique(lengths).tolist())
    if multiple > LARGEST_DENOMINATOR:
        share = np.repeat(marked / lengths, lengths)
        return np.stack([inside - share, share * (1.0 - share)])
    share_times = np.repeat(marked * (multiple // lengths), lengths)
    return np.stack([inside * multiple - share_times, share_times * (multiple - share_times)])


def studentised(excess: NDArray[np.number], variance: NDArray[np.number]) -> Floats:
    """Return the excess over the square root of its variance, same shape.

    Zero where the variance is: then no event lies in a stratum that the window divides, and the excess is zero too.
    """
    scale = np.sqrt(variance, dtype=float)
    return np.divide(excess, scale, out=np.zeros(np.shape(scale)), where=scale > 0)
