"""Moves shared by all groups, which keep the dependence between their events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import OptionError
from eventstudy.evaluation.distribution import no_sum
from eventstudy.evaluation.moves import shared_choices, shared_move
from eventstudy.evaluation.values import day_scores
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.lookup import stacked
from eventstudy.nulls.moves import Move
from eventstudy.periods import Period
from eventstudy.statistics import Statistic

GROUPS_TOGETHER = 128  # groups in a part: permuting the days costs as much as using the permutations

Scores = NDArray[np.int64]  # of each day of the period


def checked_move(statistic: Statistic, null: NullModel, period: Period) -> Move:
    """Return the rule by which all groups are moved together, or refuse if there is none.

    Raises OptionError if the null model does not move whole days or strata, or the statistic is not a sum of
    whole-number scores.
    """
    move = shared_move(null, period, "panel_test", "max-T")
    scores = day_scores(statistic, period, Events.from_days(period.days[:1]))
    if why := no_sum(statistic, scores):
        raise OptionError(
            f"panel_test: {why}, which max-T over groups needs; use WindowCount, or leave maxt out"
        )
    return move


def joint_sums(
    move: Move,
    series: Sequence[tuple[Events, Scores]],
    *,
    seed: int | None,
    n_resamples: int,
) -> NDArray[np.signedinteger]:
    """Return the sums of each group's scores under moves of the whole calendar of events.

    `series`: events and scores of each group. `seed`: the moves depend on it alone, so every worker makes the
    same ones; None where all are listed.

    Returns shape (groups, moves): the first one leaves the events where they are.
    """
    parts = [
        [move.totals(events, scores, choices) for events, scores in series]
        for choices in shared_choices(move, n_resamples, seed)
    ]
    return stacked(np.concatenate(own) for own in zip(*parts, strict=True))
