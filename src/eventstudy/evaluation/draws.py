"""Statistics on the draws of a null model, in blocks.

Each block of draws has its own child generator and a size that depends on the number of events alone, so
the values do not depend on how many blocks are computed at once, or by how many workers. Where the null
model gives the sums of scores on its draws, the days are never generated; the values are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days, date_text
from eventstudy.errors import OptionError
from eventstudy.evaluation.values import Evaluation, OnDays
from eventstudy.events import NO_EVENT, Events, observed_period
from eventstudy.nulls.base import NullModel, Sums, checked_null
from eventstudy.parallel import block_sizes, in_order, seeded

LARGEST_BLOCK = 1_024  # draws
LARGEST_RESULT = 134_217_728  # values of several statistics that are kept together: 1 GiB

Block = tuple[Any, int]  # what identifies the draws, and how many


def null_values(
    prepared: Evaluation,
    null: NullModel,
    *,
    rng: np.random.Generator,
    n_resamples: int,
    enough: Callable[[NDArray[Any]], bool] | None = None,
) -> NDArray[Any]:
    """Return the one statistic that was prepared on each draw, shape ``(n_resamples,)``.

    `enough`: called from time to time with all values so far; may stop the work early. The values returned
    are the same as without it; how many follow the last one needed is not fixed.
    """
    on_draws = _on_draws(prepared, prepared.members[0][1], null)
    sizes = block_sizes(n_resamples, len(prepared.events), LARGEST_BLOCK)
    wave = len(sizes) if enough is None else 1
    parts: list[NDArray[Any]] = []
    while sizes:
        parts += in_order(on_draws, seeded(sizes[:wave], rng), sizes[:wave], "draws")
        sizes = sizes[wave:]
        if enough is not None and enough(np.concatenate(parts)[:, 0]):
            break
        wave *= 2
    return np.concatenate(parts)[:, 0]


def null_table(
    statistics: Evaluation, anchors: Events, null: NullModel, *, rng: np.random.Generator, n_resamples: int
) -> NDArray[Any]:
    """Return several statistics of the same draws, shape ``(k, n_resamples)``.

    `anchors` are those for the null model; each statistic has its own.
    """
    sizes = block_sizes(n_resamples, len(statistics.events), LARGEST_BLOCK)
    on_draws = _on_draws(statistics, anchors, null)
    return collected(on_draws, seeded(sizes, rng), sizes, len(statistics.members))


def collected(
    evaluate: Callable[..., NDArray[Any]], blocks: list[Block], sizes: list[int], number: int
) -> NDArray[Any]:
    """Return all values, shape (number, total), each block stored as it arrives."""
    total = sum(sizes)
    if total * number > LARGEST_RESULT:
        raise OptionError(
            f"n_resamples: {total:,} draws of {number} statistics have to be kept together and do not fit "
            f"into 1 GiB; use at most {LARGEST_RESULT // number:,}"
        )
    values = np.empty((number, 0))
    done = 0
    for part in in_order(evaluate, blocks, sizes, "draws"):
        if not done:
            values = np.empty((number, total), part.dtype)
        values[:, done : done + len(part)] = part.T
        done += len(part)
    return values


def drawn_days(
    null: NullModel, events: Events, anchors: Events, *, rng: np.random.Generator, size: int
) -> Days:
    """Return draws of the events' days, shape (size, n) or, where their number varies, (size, most).

    Raises OptionError if they are not whole days inside the period, or not as many as the null model says.
    """
    drawn = null.sample(events, anchors, rng=rng, size=size)
    where, period = f"{null!r}: sample", observed_period(events)
    try:
        given = np.asarray(drawn)
    except ValueError:  # rows of unequal length
        given = np.empty(0, np.int64)
    if np.ma.is_masked(drawn):
        raise OptionError(
            f"{where} returned masked days; declare keeps_number = False and put NO_EVENT in their place"
        )
    wanted = f"({size}, {len(events)})" if null.keeps_number else f"({size}, ...)"
    if given.ndim != 2 or len(given) != size or (null.keeps_number and given.shape[1] != len(events)):
        raise OptionError(
            f"{where} returned shape {given.shape} for {size} draws of {len(events)} events; return shape {wanted}"
        )
    if given.dtype.kind not in "iu":
        raise OptionError(f"{where} returned {given.dtype}; return whole days, such as int64")
    days = given.astype(np.int64, copy=False)
    if not days.size:
        return days
    low, high = int(days.min()), int(days.max())
    if low == NO_EVENT and not null.keeps_number:
        there = days[days != NO_EVENT]
        low, high = (int(there.min()), high) if there.size else (period.start, period.start)
    if low < period.start or high >= period.stop:
        if low == NO_EVENT:
            raise OptionError(
                f"{where} left out an event, though keeps_number is True; declare keeps_number = False"
            )
        day = low if low < period.start else high
        raise OptionError(
            f"{where} returned a day outside the period, {date_text(day)}; keep every draw inside {period}"
        )
    return days


def _on_draws(statistics: Evaluation, anchors: Events, null: NullModel) -> Callable[..., NDArray[Any]]:
    """Return the function that gives the values on a block of draws, by the null model's own sums or hits if any."""
    events = statistics.events
    null = checked_null(null, "null").fitted(events, anchors)
    if statistics.is_additive and null.keeps_number:
        sums = null.sums(events, anchors, statistics.rows(), statistics.n_scores)
        if sums is not None:
            return _Summed(sums, statistics)
    if len(statistics.members) == 1 and not statistics.is_additive and null.keeps_number:
        statistic, own = statistics.members[0]
        spans = statistic.spans(own)
        hits = None if spans is None else null.hits(events, *spans)
        if hits is not None:
            return hits
    return _Drawn(null, events, anchors, statistics.on_days())


@dataclass(frozen=True, slots=True, eq=False)
class _Summed:
    """Values on draws whose sums the null model provides."""

    sums: Sums
    statistics: Evaluation

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[Any]:
        return self.statistics.of_sums(self.sums(rng, size))


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Values on the days of each draw."""

    null: NullModel
    events: Events
    anchors: Events
    values: OnDays

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[Any]:
        return self.values(drawn_days(self.null, self.events, self.anchors, rng=rng, size=size))
