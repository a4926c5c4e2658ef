"""Statistics on the draws, or on all arrangements, of a null model, in blocks.

Each block of draws has its own child of the generator and a size that depends on the number of events alone, so
the values do not depend on how many blocks are worked on at once, or by how many workers. Where the null
model knows the sums of scores on its draws, the draws' days are not laid out at all; the values are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError, OptionError
from eventstudy.evaluation.values import Evaluation, OnDays, evaluation
from eventstudy.events import Events
from eventstudy.nulls.base import (
    EnumerableNullModel,
    FittedNullModel,
    JointNullModel,
    NullModel,
    SummingNullModel,
    Sums,
)
from eventstudy.options import whole_number
from eventstudy.parallel import in_order
from eventstudy.statistics import Statistic

LARGEST_BLOCK = 1_024  # draws
LARGEST_ARRAY = 4_194_304  # days in the draws of one block: 32 MiB
LARGEST_RESULT = 134_217_728  # values of several statistics that are kept together: 1 GiB
MOST_ARRANGEMENTS = 100_000  # of a null model whose arrangements are gone through one by one

Block = tuple[Any, int]  # what says which draws, and how many


def null_values(
    events: Events,
    anchors: Events,
    statistic: Statistic,
    null: NullModel,
    *,
    rng: np.random.Generator,
    n_resamples: int,
    enough: Callable[[NDArray[Any]], bool] | None = None,
) -> NDArray[Any]:
    """Return the statistic of each draw, shape ``(n_resamples,)``.

    Parameters
    ----------
    enough : callable, optional
        Is given all values so far, now and then, and may end the work early. The values up to
        the end are the same as without it; how many come after those that were needed is not fixed.
    """
    on_draws = _on_draws(evaluation(events, [(statistic, anchors)]), anchors, null)
    sizes = _sizes(events, n_resamples)
    wave = len(sizes) if enough is None else 1
    parts: list[NDArray[Any]] = []
    while sizes:
        parts += in_order(on_draws, _seeded(sizes[:wave], rng), sizes[:wave], "draws")
        sizes = sizes[wave:]
        if enough is not None and enough(np.concatenate(parts)[:, 0]):
            break
        wave *= 2
    return np.concatenate(parts)[:, 0]


def null_table(
    statistics: Evaluation, anchors: Events, null: NullModel, *, rng: np.random.Generator, n_resamples: int
) -> NDArray[Any]:
    """Return several statistics of the same draws, shape ``(k, n_resamples)``.

    `anchors` are those that the null model may look at; each statistic has its own.
    """
    sizes = _sizes(statistics.events, n_resamples)
    return _collected(
        _on_draws(statistics, anchors, null), _seeded(sizes, rng), sizes, len(statistics.members)
    )


def every_table(statistics: Evaluation, anchors: Events, null: NullModel) -> NDArray[Any]:
    """Return several statistics of every arrangement of a null model, shape ``(k, arrangements)``.

    All columns are equally likely, and the observed one is among them.

    Raises
    ------
    ExactUnavailableError
        If the arrangements are too many, or cannot be listed.
    """
    events, refused = statistics.events, None
    if isinstance(null, JointNullModel) and statistics.is_whole:
        try:
            return statistics.divided(null.joint(events, anchors, statistics.rows(), len(statistics.members)))
        except ExactUnavailableError as error:
            refused = error
    if isinstance(null, EnumerableNullModel) and null.n_arrangements(events) <= MOST_ARRANGEMENTS:
        return _arranged(statistics, null)
    raise refused or ExactUnavailableError(
        f"{null!r}: its arrangements cannot all be gone through; use method='monte-carlo' with a seed"
    )


def arranged_values(
    events: Events, anchors: Events, statistic: Statistic, null: EnumerableNullModel
) -> NDArray[Any]:
    """Return the statistic of every arrangement of a null model, shape ``(arrangements,)``."""
    return _arranged(evaluation(events, [(statistic, anchors)]), null)[0]


def check_draws(where: str, method: str, n_resamples: int) -> int:
    """Return the number of draws; refuse an unknown method, or a number below one."""
    if method not in ("auto", "exact", "monte-carlo"):
        raise OptionError(f"{where}: method={method!r} is not known; give 'auto', 'exact' or 'monte-carlo'")
    number = whole_number(n_resamples, f"{where}: n_resamples")
    if number < 1:
        raise OptionError(f"{where}: n_resamples is {n_resamples}; make at least one draw, better 9999")
    return number


def _sizes(events: Events, number: int) -> list[int]:
    """Cut a number of draws into blocks."""
    block = int(np.clip(LARGEST_ARRAY // max(1, len(events)), 1, LARGEST_BLOCK))
    return [min(block, number - done) for done in range(0, number, block)]


def _seeded(sizes: list[int], rng: np.random.Generator) -> list[Block]:
    return list(zip(rng.spawn(len(sizes)), sizes, strict=True))


def _collected(
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


def _arranged(statistics: Evaluation, null: EnumerableNullModel) -> NDArray[Any]:
    sizes = _sizes(statistics.events, null.n_arrangements(statistics.events))
    begin = np.cumsum([0, *sizes])[:-1].tolist()
    blocks = list(zip(begin, sizes, strict=True))
    return _collected(
        _Arranged(null, statistics.events, statistics.on_days()), blocks, sizes, len(statistics.members)
    )


def _on_draws(statistics: Evaluation, anchors: Events, null: NullModel) -> Callable[..., NDArray[Any]]:
    """Return what gives the values on a block of draws, by the null model's own road if it has one."""
    events = statistics.events
    if isinstance(null, FittedNullModel):
        null = null.fitted(events, anchors)
    if isinstance(null, SummingNullModel) and statistics.is_whole:
        sums = null.sums(events, anchors, statistics.rows(), len(statistics.members))
        if sums is not None:
            return _Summed(sums, statistics)
    return _Drawn(null, events, anchors, statistics.on_days())


@dataclass(frozen=True, slots=True, eq=False)
class _Summed:
    """Values on draws whose sums the null model knows."""

    sums: Sums
    statistics: Evaluation

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[Any]:
        return self.statistics.divided(self.sums(rng, size))


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Values on the days of each draw."""

    null: NullModel
    events: Events
    anchors: Events
    values: OnDays

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[Any]:
        return self.values(self.null.sample(self.events, self.anchors, rng=rng, size=size))


@dataclass(frozen=True, slots=True, eq=False)
class _Arranged:
    """Values on the days of each arrangement."""

    null: EnumerableNullModel
    events: Events
    values: OnDays

    def __call__(self, begin: int, size: int) -> NDArray[Any]:
        return self.values(self.null.arrangements(self.events, np.arange(begin, begin + size)))
