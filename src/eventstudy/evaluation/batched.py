"""Sums of scores on draws for many series at once, for simulations that repeat a test on hundreds of data sets.

Where a move does one of a few things to each stratum, the sums of all series for each of these things are products of
matrices, and so are the sums of draws that the series share.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eventstudy.nulls.moves import Move
from eventstudy.numeric.inversion import EVENTS_INSIDE, TERMS

Floats = NDArray[np.float64]


def batched_sums(
    move: Move, counts: Floats, scores: Floats, *, rng: np.random.Generator, size: int
) -> tuple[Floats, Floats] | None:
    """Return sums of scores over the events of several series, on draws and as observed.

    - `counts`, shape (s, days): events of each series on each day.
    - `scores`, shape (k, s, days): k scores of each day, which differ between series with their anchors; shape
      (k, 1, days) where these are the same.
    - `size`: draws, which all series share.

    Returns None where the move has no tables.
    """
    tables = [move.tables(counts, score) for score in scores]
    found = [table for table in tables if table is not None]
    if len(found) < len(tables):
        return None
    table = np.stack(found)
    return _on_draws(move, table, rng, size), table[..., move.rows(move.identity)].sum(axis=-1)


def batched_terms(
    move: Move, counts: Floats, inside: Floats, share: Floats, *, rng: np.random.Generator, size: int
) -> tuple[Floats, Floats] | None:
    """Return the sums of :func:`eventstudy.numeric.inversion.day_terms` of several series, on draws and as observed.

    `counts`, `inside`, `share`, shape (s, days): events of each series on each day, whether the day lies in
    the window, and the share of the days of its stratum that do; the last two of shape (1, days) where all series
    have the same. `size`: draws, which all series share.

    Returns None where the move has no tables.
    """
    own, excess, outside = share * (1.0 - share), inside - share, 1.0 - inside
    seen = {"outside": counts * outside, "inside": counts * inside}
    pairs = [
        (seen["outside"], excess), (seen["inside"], excess), (seen["outside"], own), (seen["inside"], own),
        (counts, inside * (own > 0)),
    ]  # fmt: skip
    tables = [move.tables(events, score) for events, score in pairs]
    found = [table for table in tables if table is not None]
    if len(found) < len(tables):
        return None
    table = np.zeros((TERMS, *found[0].shape))
    table[:4], table[4], table[6], table[EVENTS_INSIDE] = found[:4], found[2], found[3], found[4]
    stays, first = move.rows(move.identity), move.strata.edges[:-1] - move.strata.edges[0]
    less, more = own * share, own * (1.0 - share)
    for term, of_day in (
        (4, outside * less),
        (5, outside * more + inside * less),
        (6, inside * more),
    ):  # a stratum that is not moved
        table[term][:, stays] = np.add.reduceat(counts * of_day, first, axis=1)
    return _on_draws(move, table, rng, size), table[..., stays].sum(axis=-1)


def _on_draws(move: Move, table: Floats, rng: np.random.Generator, size: int) -> Floats:
    """Return the sums of each series on draws, shape (k, s, size), from tables of shape (k, s, rows)."""
    from scipy import sparse

    rows = move.rows(move.draw(rng, size))
    ones, ends = np.ones(rows.size), np.arange(0, rows.size + 1, rows.shape[1])
    chosen = sparse.csr_array((ones, rows.ravel(), ends), shape=(size, table.shape[-1]))
    sums = chosen @ table.reshape(-1, table.shape[-1]).T
    return np.ascontiguousarray(sums.T).reshape(*table.shape[:-1], size)
