"""Exact counts of the sums over all permutations of a square table: the permanent as a polynomial.

A permutation p of a table with k rows picks ``table[i, p[i]]`` from each row i. The number of the k factorial
permutations with each sum is a coefficient of the permanent of the matrix with entries ``x ** table[i, j]``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError

MOST_MEMORY = 1_400_000_000  # bytes
MOST_WORK = 100_000_000_000  # multiplications, some ten seconds
CHUNK = 1 << 18  # numbers worked on at once, so that they stay in the cache
EXACT = 1 << 53  # whole numbers up to here are exact in float64
MOST_AT_HAND = 14  # rows of a table whose halves stay in the cache: 7! fits int16
WIDEST_AT_HAND = 400  # sums that all rows of such a table may span

Ints = NDArray[np.int64]


def permanent_polynomial(table: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """Count the permutations of a square table by their sum.

    `table`, shape (k, k): at most 20 rows: 20! is the last factorial that 63 bits hold.

    Returns `low`: the smallest sum. Returns `ways`: number of permutations with sum ``low, low + 1, ...``;
    they add up to k factorial. Raises ExactUnavailableError if there are so many different sums that it would
    take more than about 1.5 GB or half a minute.

    Laplace expansion of the permanent [1]_: half of the rows are assigned to every set of columns of
    that size, the other half likewise, and each set is combined with its complement. Both halves go
    row by row, the state being the set of columns used. Three things reduce the work: a number subtracted
    from a whole row or column shifts every sum equally, so the entries are made small first; equal columns
    are interchangeable, so the state only counts how many of each kind are used; and combining
    sets with complements is a matrix product, in float64 over blocks so short that every number
    in it is whole and below 2**53.

    .. [1] Minc, H. (1978). Permanents. Encyclopedia of Mathematics and its Applications 6,
       Addison-Wesley, ch. 2.
    """
    k = len(table)
    low, kinds, sizes = _tightened(np.asarray(table, np.int64))
    rows = kinds[np.argsort(kinds.max(axis=1), kind="stable")]
    _check_cost(rows, sizes)
    layers = _layers(sizes, k - k // 2)
    some, rest = _dealt(rows[::2], layers), _dealt(rows[1::2], layers)
    # States are in order of their codes, and complements have codes that add up to the last one.
    ways = _met(some, rest[::-1], at_once=EXACT // (math.factorial(k - k // 2) * math.factorial(k // 2)))
    ways *= math.prod(math.factorial(size) for size in sizes.tolist())  # orders of equal columns
    seen = np.flatnonzero(ways)
    return low + int(seen[0]), ways[seen[0] : seen[-1] + 1]


def permanent_polynomials(tables: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64]]]:
    """Count the permutations of several tables, shape (s, k, k), as :func:`permanent_polynomial` does one.

    Up to 14 rows equal columns are not joined: then the sets of columns are the same for all tables and listed once.
    """
    k = tables.shape[1]
    if k > MOST_AT_HAND:
        return [permanent_polynomial(table) for table in tables]
    low, entries = _lowered(tables)
    spans = entries.max(axis=2)
    ordered = np.take_along_axis(entries, np.argsort(spans, axis=1, kind="stable")[..., None], axis=1)
    layers = _single_layers(k)
    at_once = EXACT // (math.factorial(k - k // 2) * math.factorial(k // 2))
    found = []
    for table, constant, rows, span in zip(tables, low.tolist(), ordered, spans.sum(axis=1), strict=True):
        if span > WIDEST_AT_HAND:
            found.append(permanent_polynomial(table))
            continue
        some, rest = (_dealt_at_hand(half, layers) for half in (rows[::2], rows[1::2]))
        ways = _met(some, rest[::-1], at_once)
        seen = np.flatnonzero(ways)
        found.append((constant + int(seen[0]), ways[seen[0] : seen[-1] + 1]))
    return found


def _lowered(tables: Ints) -> tuple[Ints, Ints]:
    """Make the entries of each table small: 0 or more, with a zero in each row.

    Returns `low`, shape (s,): what every sum of a table lost. Returns `entries`, shape (s, k, k): the table,
    or its mirror image.
    """
    least = np.full(len(tables), np.iinfo(np.int64).max)
    low, entries = np.zeros(len(tables), np.int64), np.empty_like(tables)
    for square in (tables, tables.swapaxes(1, 2)):
        for column in (
            np.zeros_like(square[:, 0]),
            square.min(axis=1),
            square.sum(axis=1) // square.shape[1],
        ):
            lowered = square - column[:, None]
            row = lowered.min(axis=2)
            lowered -= row[..., None]
            span = lowered.max(axis=2).sum(axis=1)
            better = span < least
            least[better], entries[better] = span[better], lowered[better]
            low[better] = (column.sum(axis=1) + row.sum(axis=1))[better]
    return low, entries


@cache
def _single_layers(k: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return for sets of 1, 2, ... of k different columns the column added and the set before, shape (used, sets)."""
    layers = _layers(np.ones(k, np.int64), k - k // 2)
    return [(layer.kind.T.astype(np.int64), layer.source.T.astype(np.int64)) for layer in layers]


def _dealt_at_hand(
    rows: Ints, layers: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> NDArray[np.int16]:
    """Deal out rows as `_dealt` does, where all fits into the cache: each entry's shift is made once, then picked.

    All sets have room for the longest sum from the beginning. So the end of each is zero until the last row, and
    the shift of all sets is one shift of the line in which they stand.
    """
    length = 1 + int(rows.max(axis=1).sum())
    ways = np.zeros((1, length), np.int16)
    ways[0, 0] = 1
    for row, (kind, source) in zip(rows.tolist(), layers, strict=False):
        shifts = sorted(set(row))
        sets, line = len(ways), ways.ravel()
        shifted = np.zeros((len(shifts), line.size), np.int16)
        for shift, copy in zip(shifts, shifted, strict=True):
            copy[shift:] = line[: line.size - shift]
        each = shifted.reshape(-1, length)
        first = sets * np.array([shifts.index(entry) for entry in row])
        picked = first.take(kind)
        picked += source
        ways = each.take(picked[0], axis=0)
        for more in picked[1:]:
            ways += each.take(more, axis=0)
    return ways


def _tightened(table: Ints) -> tuple[int, Ints, Ints]:
    """Make the entries small and the columns alike, changing the sums only by a constant.

    Returns `low`: the constant. Returns `kinds`, shape (k, g): the different columns, not negative, with a
    zero in each row. Returns `sizes`, shape (g,): how many columns are of each kind.
    """
    choices = []
    for square in (table, table.T):
        for column in (np.zeros(len(table), np.int64), square.min(axis=0), square.sum(axis=0) // len(table)):
            lowered = square - column
            row = lowered.min(axis=1)
            kinds, sizes = np.unique(lowered - row[:, None], axis=1, return_counts=True)
            cost = (kinds.max(axis=1).sum() + 1.0) * np.prod(sizes + 1.0)  # sums times states
            choices.append((cost, int(column.sum() + row.sum()), kinds, sizes))
    return min(choices, key=lambda choice: choice[0])[1:]


def _check_cost(rows: Ints, sizes: Ints) -> None:
    """Refuse a table whose halves do not fit into memory, or take too long to combine."""
    sets = np.ones(1)
    for size in sizes:
        sets = np.convolve(sets, np.ones(size + 1))
    widest = float(sets.max())
    one, other = (1.0 + float(half.max(axis=1).sum()) for half in (rows[::2], rows[1::2]))
    memory = 4.0 * widest * (one + other + max(one, other)) + 16.0 * one * other
    if memory > MOST_MEMORY or widest * one * other > MOST_WORK:
        raise ExactUnavailableError(
            f"exact distribution: the matchings of {len(rows)} strata give {one + other:,.0f} sums or so, too many "
            "to count in half a minute; use method='monte-carlo'"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """All sets of one number of columns, each with the sets it comes from by adding one column.

    `kind`, shape (states, used): the kind of the column added. `source`, shape (states, used): place of the
    smaller set in the layer before; its number of states where there is none.
    """

    kind: NDArray[np.int32]
    source: NDArray[np.int32]


def _layers(sizes: Ints, last: int) -> list[_Layer]:
    """Return the sets of 1, 2, ... `last` columns; of equal columns only their number is kept."""
    radix = (sizes + 1).astype(np.int32)
    strides = np.cumprod(np.concatenate(([1], radix[:-1])), dtype=np.int32)
    codes = np.arange(int(np.prod(sizes + 1)), dtype=np.int32)
    taken = np.stack([codes // stride % base for stride, base in zip(strides, radix, strict=True)])
    total = taken.sum(axis=0)
    place = np.zeros(codes.size, np.int32)
    before = 1
    layers = []
    for used in range(1, last + 1):
        states = np.flatnonzero(total == used)
        place[states] = np.arange(states.size)
        row, kind = np.nonzero(taken[:, states].T)
        member = np.arange(row.size) - np.searchsorted(row, np.arange(states.size))[row]
        shape = states.size, used
        layer = _Layer(np.zeros(shape, np.int32), np.full(shape, before, np.int32))
        layer.kind[row, member] = kind
        layer.source[row, member] = place[states[row] - strides[kind]]
        layers.append(layer)
        before = states.size
    return layers


def _dealt(rows: Ints, layers: list[_Layer]) -> NDArray[np.int32]:
    """Assign rows to columns.

    Returns shape (states, sums): ways to pick the rows' entries from exactly these columns, equal ones not
    distinguished, with sum 0, 1, ...; at most 10 factorial.

    The states lie end to end with `top` zeros before each, the largest step of the next row, so that
    a view shifted back by an entry is a slice of the line.
    """
    tops = [*rows.max(axis=1).tolist(), 0]
    ways, line, length = np.ones((1, 1), np.int32), np.zeros(2 + 3 * tops[0], np.int32), 1
    line[tops[0]] = 1
    for row, top, following, layer in zip(rows, tops, tops[1:], layers, strict=False):
        length += top
        views = np.lib.stride_tricks.sliding_window_view(line, length)
        begin = layer.source.astype(np.int64) * length + (top - row[layer.kind])
        states, used = begin.shape
        line = np.zeros((states + 1) * (length + following) + following, np.int32)
        ways = line[: states * (length + following)].reshape(states, -1)[:, following:]
        step = max(1, CHUNK // (length * used))
        for first in range(0, states, step):
            part = slice(first, first + step)
            np.add.reduce(views[begin[part]], axis=1, dtype=np.int32, out=ways[part])
    return ways


def _met(some: NDArray[np.signedinteger], rest: NDArray[np.signedinteger], at_once: int) -> Ints:
    """Return the sum over states of the products of two polynomials, shape (sums,)."""
    pairs = np.zeros((some.shape[1], rest.shape[1]), np.int64)
    step = min(at_once, 4_096)
    for first in range(0, len(some), step):
        part = slice(first, first + step)
        pairs += (some[part].T.astype(float) @ rest[part].astype(float)).astype(np.int64)
    ways = np.zeros(sum(pairs.shape) - 1, np.int64)
    for low, row in enumerate(pairs):
        ways[low : low + row.size] += row
    return ways
