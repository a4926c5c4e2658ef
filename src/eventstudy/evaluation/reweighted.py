"""Sums for test inversion: over the events of every arrangement, by whether an event lay inside its own window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import OptionError
from eventstudy.evaluation.batched import batched_terms
from eventstudy.evaluation.moves import day_move
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.numeric.inversion import TERMS, day_terms
from eventstudy.provenance import as_generator

LARGEST_GATHER = 262_144  # events of arrangements whose terms are looked up at once

Floats = NDArray[np.float64]


def weighted_sums(
    events: Events,
    null: NullModel,
    inside: NDArray[np.int64],
    share: Floats,
    *,
    rng: int | np.random.Generator | None,
    n_resamples: int,
) -> tuple[Floats, bool]:
    """Return the sums of the terms of :func:`eventstudy.numeric.inversion.day_terms` on arrangements.

    - `inside`, shape (days,): 1 for each day of the period inside the window, else 0.
    - `share`, shape (days,): share of the days of each day's stratum that lie inside the window.
    - `n_resamples`: draws, where there are more arrangements than this.

    Returns `sums`, shape (TERMS, arrangements), and `drawn`: whether the arrangements are draws, or all
    there are. Raises OptionError if the null model draws each event separately: then no event of a draw
    corresponds to an observed one. Raises RandomnessError if draws are made and `rng` is missing.
    """
    period = observed_period(events)
    move = day_move(null, period)
    if move is None:
        raise OptionError(
            f"rate_ratio: under {null!r} the events of a draw do not correspond to those observed, so they cannot be "
            "weighted by where these lay; use a null model that moves days or strata, such as CalendarPermutation or "
            "CircularShift"
        )
    listed = move.every()
    place = events.days - period.start
    row = 2 * inside[place]
    # a row for each day, seen outside and moved, outside and kept, inside and moved, inside and kept
    terms = day_terms(inside.astype(float), share).reshape(TERMS, -1).T.copy()
    total = n_resamples if listed is None else len(listed)
    # nothing is drawn where all are listed
    generator = as_generator(rng if listed is None else 0, "rate_ratio")
    sums = np.empty((TERMS, total))
    step = max(1, LARGEST_GATHER // max(1, place.size, move.identity.size))
    for first in range(0, total, step):
        size = min(step, total - first)
        moved = (
            move.drawn(events, generator, size)
            if listed is None
            else move.moved(events, listed[first : first + size])
        ) - period.start
        index = (row + (moved == place)) * len(period) + moved
        sums[:, first : first + size] = terms.take(index, axis=0).sum(axis=1).T
    return sums, listed is None


def observed_sums(events: Events, inside: NDArray[np.int64], share: Floats) -> Floats:
    """Return the sums of the terms of the events as observed, shape (TERMS,)."""
    place = events.days - observed_period(events).start
    terms = day_terms(inside.astype(float), share)
    return np.asarray(terms[:, inside[place], 1, place].sum(axis=1))


def sums_of_several(
    events: Sequence[Events],
    null: NullModel,
    inside: NDArray[np.int64],
    share: Floats,
    *,
    rng: np.random.Generator,
    n_resamples: int,
) -> tuple[Floats, Floats, bool]:
    """Return the sums of several series of one period, on arrangements and as observed.

    `inside`, `share`, shape (s, days): as in :func:`weighted_sums`, for each series; shape (1, days) for all.

    Returns `sums`, shape (TERMS, s, arrangements), and `observed`, shape (TERMS, s).

    Under a null model that moves strata the series share their draws; else each has its own.
    """
    move = day_move(null, observed_period(events[0]))
    if move is not None:
        counts = np.stack([one.daily_counts() for one in events]).astype(float)
        found = batched_terms(move, counts, inside.astype(float), share, rng=rng, size=n_resamples)
        if found is not None:
            return *found, True
    shape = len(events), inside.shape[1]
    inside, share = np.broadcast_to(inside, shape), np.broadcast_to(share, shape)
    alone = [
        weighted_sums(one, null, row, part, rng=child, n_resamples=n_resamples)
        for one, row, part, child in zip(events, inside, share, rng.spawn(len(events)), strict=True)
    ]
    observed = [observed_sums(*one) for one in zip(events, inside, share, strict=True)]
    return np.stack([sums for sums, _ in alone], axis=1), np.stack(observed, axis=1), alone[0][1]
