"""Moves that all groups make together, so that whatever ties their events to each other stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import OptionError
from eventstudy.events import Events
from eventstudy.nulls import CalendarPermutation, CircularShift, UniformDays
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.lookup import LARGEST_TABLE, place_type, stacked
from eventstudy.periods import Period
from eventstudy.statistics import AdditiveStatistic, Statistic
from eventstudy.strata import cut

BLOCK = 256  # permutations of the days that are in memory at once
GROUPS_TOGETHER = 128  # groups in a part: permutations of the days cost as much as what they are for

T = TypeVar("T")
Scores = NDArray[np.int64]  # of each day of the period
MovedTogether = CircularShift | UniformDays | CalendarPermutation


def check_joint(statistic: Statistic, null: NullModel) -> None:
    """Refuse what cannot be moved together.

    Raises
    ------
    OptionError
        If the null model does not move days or strata as such, or the statistic is no sum of scores.
    """
    if not isinstance(null, MovedTogether):
        raise OptionError(
            f"panel_test: {null!r} gives every event of every group a chance of its own, so its draws cannot be shared "
            "and max-T is not defined; use CircularShift, CalendarPermutation or UniformDays, or leave maxt out"
        )
    if not isinstance(statistic, AdditiveStatistic):
        raise OptionError(
            f"panel_test: {type(statistic).__name__} is not a sum of scores of days, which max-T over groups needs; "
            "use WindowCount, or leave maxt out"
        )


def all_moves_listed(null: NullModel, period: Period) -> bool:
    """Tell whether there are so few moves that all are made and none has to be drawn."""
    return isinstance(null, CircularShift) and len(cut(period, null.within)) == 1


def joint_sums(
    null: NullModel,
    period: Period,
    series: Sequence[tuple[Events, Events, Scores]],
    *,
    seed: int | None,
    n_resamples: int,
) -> NDArray[np.signedinteger]:
    """Return the sums of each group's scores under moves of the whole calendar of events.

    Parameters
    ----------
    null : CircularShift, UniformDays or CalendarPermutation
        Says what a move is: a shift of each stratum, a permutation of its days, a matching of strata.
    period : Period
    series : sequence of (Events, Events, ndarray of int64)
        Events, anchors and scores of each group.
    seed : int or None
        The moves hang on it alone, so every worker makes the same ones; None where all are listed.
    n_resamples : int

    Returns
    -------
    ndarray of int, shape (groups, moves)
        The first one leaves the events where they are.
    """
    if all_moves_listed(null, period) and isinstance(null, CircularShift):
        return stacked(null.joint(events, anchors, [scores], 1)[0] for events, anchors, scores in series)
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    if isinstance(null, UniformDays):
        return _permuted(null, period, series, rng, n_resamples)
    if isinstance(null, CalendarPermutation):
        k = len(cut(period, null.by))
        moves = np.tile(np.arange(k), (n_resamples + 1, 1))
        moves[1:] = rng.permuted(moves[1:], axis=1)
        return stacked(_known(null.sums(*one[:2], [one[2]], 1)).table.totals(moves)[:, 0] for one in series)
    if isinstance(null, CircularShift):
        lengths = cut(period, null.within).lengths
        moves = rng.integers(lengths, size=(n_resamples + 1, lengths.size))
        moves[0] = 0
        tables = (_known(null.sums(*one[:2], [one[2]], 1)) for one in series)
        return stacked(shifted.table.totals(moves[:, shifted.used])[:, 0] for shifted in tables)
    raise OptionError(f"panel_test: {null!r} does not move all groups together")


def _permuted(
    null: UniformDays,
    period: Period,
    series: Sequence[tuple[Events, Events, Scores]],
    rng: np.random.Generator,
    n_resamples: int,
) -> NDArray[np.signedinteger]:
    """Deal out the days anew, all events of a day together, in all groups alike."""
    strata = cut(period, null.within).slices(period.start)
    places = np.arange(len(period), dtype=place_type(len(period)))
    found = np.empty((len(series), n_resamples + 1), np.int64)
    counted = []
    for events, _, scores in series:
        counts = events.daily_counts()
        days = np.flatnonzero(counts)
        counted.append((days, counts[days], scores))
    for begin in range(0, n_resamples + 1, BLOCK):
        size = min(BLOCK, n_resamples + 1 - begin)
        moved = np.tile(places, (size, 1))
        for stratum in strata:
            moved[:, stratum] = rng.permuted(moved[:, stratum], axis=1)
        if not begin:
            moved[0] = places
        for group, (days, counts, scores) in enumerate(counted):
            found[group, begin : begin + size] = scores.take(moved.take(days, axis=1)) @ counts
    return stacked(found)


def _known(sums: T | None) -> T:
    if sums is None:
        raise OptionError(
            f"panel_test: a table of sums by stratum would have more than {LARGEST_TABLE:,} entries; shorten the period"
        )
    return sums
