"""The exact distribution of a statistic under a null model: in closed form, or by enumeration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError
from eventstudy.evaluation.draws import LARGEST_BLOCK, collected
from eventstudy.evaluation.ties import tie_slacks
from eventstudy.evaluation.values import Evaluation, OnDays
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.distributions import Atoms, Distribution, atoms
from eventstudy.parallel import block_sizes
from eventstudy.statistics import Statistic

MOST_ARRANGEMENTS = 100_000  # that are enumerated one by one


def exact_distribution(prepared: Evaluation, null: NullModel) -> Atoms:
    """Return the distribution of the one statistic that was prepared.

    Raises ExactUnavailableError if there is no closed form and the arrangements cannot all be enumerated,
    with the reason.
    """
    (statistic, anchors), events, scores = prepared.members[0], prepared.events, prepared.only_scores()
    spans = statistic.spans(anchors)
    try:
        if spans is not None:
            return null.exact_hits(events, *spans).over(1)
        return sum_distribution(events, anchors, statistic, scores, null).over(
            len(events) if statistic.per_event else 1
        )
    except ExactUnavailableError as unavailable:
        refused = unavailable
    if scores is None or scores.ndim == 1:
        number = null.n_arrangements(events)
        if number is None or number > MOST_ARRANGEMENTS:
            raise refused
        values = _arranged(prepared, null, number)
    else:
        values = every_table(prepared, anchors, null)
    return atoms(values[0].astype(float), tie_slacks(prepared)[0])


def sum_distribution(
    events: Events,
    anchors: Events,
    statistic: Statistic,
    scores: NDArray[Any] | None,
    null: NullModel,
) -> Distribution:
    """Return the distribution of the sum of a statistic's scores, in closed form.

    `scores`: its scores of each day.

    Raises ExactUnavailableError if there is none, with the reason.
    """
    why = no_closed_form(statistic, scores, null)
    if scores is None or why:
        raise ExactUnavailableError(why)
    return null.exact(events, anchors, scores)


def sum_distributions(
    series: Sequence[Events],
    anchors: Sequence[Events],
    statistic: Statistic,
    scores: NDArray[Any] | None,
    null: NullModel,
) -> list[Distribution]:
    """Return what `sum_distribution` gives for each of several series with the same period, computed together.

    `scores`: shape (s, days).

    Raises ExactUnavailableError if there is no closed form for all of them.
    """
    why = no_closed_form(statistic, scores, null)
    if scores is None or why:
        raise ExactUnavailableError(why)
    return null.exact_each(series, anchors, scores)


def no_closed_form(statistic: Statistic, scores: NDArray[Any] | None, null: NullModel) -> str:
    """Return why the statistic has no closed form under any null model, or under this one; empty if it may have."""
    if why := no_sum(statistic, scores):
        return why
    if statistic.per_event and not null.keeps_number:
        return f"under {type(null).__name__} the number of events varies, so a mean is not a sum over a fixed number"
    return ""


def no_sum(statistic: Statistic, scores: NDArray[Any] | None) -> str:
    """Return why a statistic is not a sum, or mean, of one whole-number score; empty if it is."""
    if scores is None:
        return f"{statistic.called} is not a sum of scores of days"
    if type(statistic).value is not Statistic.value:
        return f"{statistic.called} is not one sum of scores of days, but made from several"
    return (
        "" if scores.dtype.kind == "i" else f"the scores of {type(statistic).__name__} are not whole numbers"
    )


def every_table(statistics: Evaluation, anchors: Events, null: NullModel) -> NDArray[Any]:
    """Return several statistics of every arrangement of a null model, shape ``(k, arrangements)``.

    All columns are equally likely, including the observed one.

    Raises ExactUnavailableError if the arrangements are too many, or cannot be listed.
    """
    events, refused = statistics.events, None
    null = checked_null(null, "null")
    if statistics.is_whole:
        try:
            sums = null.joint(events, anchors, statistics.rows(), statistics.n_scores)
        except ExactUnavailableError as error:
            refused = error
        else:
            return (
                sums if statistics.is_plain and not statistics.means.any() else statistics.of_sums(sums.T).T
            )
    number = null.n_arrangements(events)
    if number is not None and number <= MOST_ARRANGEMENTS:
        return _arranged(statistics, null, number)
    # nothing was refused so far where statistics are not made from whole scores
    raise refused or ExactUnavailableError(
        f"{null!r}: its arrangements cannot all be enumerated; use method='monte-carlo' with a seed"
    )


def _arranged(statistics: Evaluation, null: NullModel, number: int) -> NDArray[Any]:
    sizes = block_sizes(number, len(statistics.events), LARGEST_BLOCK)
    begin = np.cumsum([0, *sizes])[:-1].tolist()
    blocks = list(zip(begin, sizes, strict=True))
    return collected(
        _Arranged(null, statistics.events, statistics.on_days()), blocks, sizes, len(statistics.members)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Arranged:
    """Values on the days of each arrangement."""

    null: NullModel
    events: Events
    values: OnDays

    def __call__(self, begin: int, size: int) -> NDArray[Any]:
        return self.values(self.null.arrangements(self.events, np.arange(begin, begin + size)))
