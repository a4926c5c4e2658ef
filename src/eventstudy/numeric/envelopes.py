"""Global envelopes: the most extreme of equally likely curves, and the band of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.numeric.ranking import ranked
from eventstudy.numeric.tails import at_most_level

Hull = tuple[NDArray[Any], NDArray[Any]]  # lower and upper bounds, each of shape (k,)


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """A band that a random curve leaves, at any place, with at most the given probability.

    `lower`, `upper`, shape (k,): a curve leaves the band where it is below or above them, not where it
    touches. `pvalue`: global p-value of the observed curve; it leaves the band if and only if this is at most
    one minus the confidence level.
    """

    lower: NDArray[Any]
    upper: NDArray[Any]
    pvalue: float


def global_envelope(
    curves: NDArray[np.signedinteger], observed: NDArray[np.signedinteger], confidence_level: float
) -> Envelope:
    """Return the global envelope by extreme rank length, and its p-value.

    `curves`, shape (k, n): one curve in each column, equally likely under H0, including the observed one.
    `observed`: shape (k,).

    At each of the k places a curve has a two-sided rank among the n, ties getting their mean rank. Curves
    are ordered by their smallest rank, then by the next one, and so on [1]_ [2]_; the band is the hull of the
    curves that remain when the most extreme ones are removed, tied curves together.

    With counts, because of ties within a place, the hull may contain curves that were removed. A curve's measure is
    therefore the last hull, from the widest inwards, that contains it: the p-value is the share of curves outside the
    first hull that does not contain the observed one, and the band is the narrowest hull with no more curves
    outside than the level allows. Without ties within places both are exactly those of [1]_. All
    curves are treated alike, so the p-value is valid, and it always agrees with the picture.

    .. [1] Myllymäki, M., Mrkvička, T., Grabarnik, P., Seijo, H. & Hahn, U. (2017). Global envelope tests
       for spatial processes. Journal of the Royal Statistical Society B 79(2), 381-404.
    .. [2] Myllymäki, M. & Mrkvička, T. (2024). GET: Global envelopes in R. Journal of Statistical
       Software 111(3), 1-40.
    """
    n = curves.shape[1]
    group = lexicographic(sorted_depths(curves))
    order = np.argsort(-group, kind="stable")  # the least extreme first
    ordered = curves[:, order]
    ends = np.append(np.flatnonzero(np.diff(group[order])) + 1, n)
    limit = at_most_level(1.0 - confidence_level, n)

    def holds(hull: Hull, end: int) -> bool:
        return bool(((hull[0] <= observed) & (observed <= hull[1])).all())

    def is_wide_enough(hull: Hull, end: int) -> bool:
        return outside(ordered[:, end:], hull) <= limit

    _, before, end = _narrowest(ordered, ends, holds, ends.size - 1)
    pvalue = 1.0 if before is None else outside(ordered[:, end:], before) / n
    last = int(np.searchsorted(ends, n - limit))  # from here on, few enough curves can lie outside
    (lower, upper), _, _ = _narrowest(ordered, ends, is_wide_enough, last)
    return Envelope(lower, upper, pvalue)


def _narrowest(
    curves: NDArray[Any], ends: NDArray[np.int64], fits: Callable[[Hull, int], bool], last: int
) -> tuple[Hull, Hull | None, int]:
    """Find by bisection the first hull of ``curves[:, :end]`` that fits; that at ``ends[last]`` is known to fit.

    Returns that hull, the one before it, which does not fit (None if there is none), and the latter's end.
    """
    first, base, begin = 0, None, 0
    while first < last:
        middle = (first + last) // 2
        end = int(ends[middle])
        hull = _widened(base, curves[:, begin:end])
        if fits(hull, end):
            last = middle
        else:
            first, base, begin = middle + 1, hull, end
    return _widened(base, curves[:, begin : int(ends[first])]), base, begin


def _widened(hull: Hull | None, curves: NDArray[Any]) -> Hull:
    """Return the hull with more curves in it."""
    lower, upper = curves.min(axis=1), curves.max(axis=1)
    return (lower, upper) if hull is None else (np.minimum(hull[0], lower), np.maximum(hull[1], upper))


def outside(curves: NDArray[Any], hull: Hull) -> int:
    """Count the curves, shape (k, n), that leave a band somewhere."""
    away = np.zeros(curves.shape[1], bool)
    for values, lower, upper in zip(curves, *hull, strict=True):
        away |= (values < lower) | (values > upper)
    return int(np.count_nonzero(away))


def sorted_depths(curves: NDArray[Any]) -> NDArray[np.unsignedinteger]:
    """Return the two-sided ranks of each curve in rising order, shape (n, k), as ordered codes."""
    k, n = curves.shape
    ranks, tables = [], []
    for j in range(k):
        rank = ranked(curves[j])
        twice = 2 * rank.at_most - rank.counts + 1  # twice the mean rank, so a whole number
        tables.append(np.minimum(twice, 2 * (n + 1) - twice))
        ranks.append(rank.codes.astype(np.min_scalar_type(rank.levels.size)))
    known = np.unique(np.concatenate(tables))
    depths = np.empty((n, k), np.min_scalar_type(known.size))
    for j in range(k):
        depths[:, j] = np.searchsorted(known, tables[j]).astype(depths.dtype)[ranks[j]]
    depths.sort(axis=1)
    return depths


def lexicographic(rows: NDArray[np.unsignedinteger]) -> NDArray[np.int64]:
    """Return for each row how many rows come before it in lexicographic order, shape (n,).

    Some columns at a time, packed into one 64-bit number, and only for rows that are still tied.
    """
    n, k = rows.shape
    bits = 8 * rows.itemsize
    together = 64 // bits
    place = np.zeros(n, np.int64)
    tied = np.arange(n)
    for begin in range(0, k, together):
        key = np.zeros(tied.size, np.uint64)
        for column in range(begin, min(begin + together, k)):
            key = (key << np.uint64(bits % 64)) | rows[tied, column].astype(np.uint64)
        order = np.lexsort((key, place[tied])) if begin else np.argsort(key)
        tied, key = tied[order], key[order]
        old = np.diff(place[tied], prepend=-1) != 0
        new = old | (np.diff(key, prepend=key[:1]) != 0)
        index = np.arange(tied.size)
        place[tied] += np.maximum.accumulate(index * new) - np.maximum.accumulate(index * old)
        alone = new & np.append(new[1:], True)
        tied = tied[~alone]
        if not tied.size:
            break
    return place
