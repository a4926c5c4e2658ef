"""The draw road: statistics on many draws of a null model, in blocks.

Each block has its own child of the generator and a size that depends on the number of events alone, so
the values do not depend on how many blocks are worked on at once, or by how many workers. Where the null
model knows the sums of scores on its draws, the draws' days are not laid out at all; the values are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from eventstudy.dates import Days
from eventstudy.errors import OptionError
from eventstudy.events import NO_EVENT, Events, observed_period
from eventstudy.nulls.base import NullModel, SummingNullModel
from eventstudy.parallel import in_order
from eventstudy.statistics import AdditiveStatistic, Statistic, is_mean

LARGEST_BLOCK = 1_024  # draws
LARGEST_ARRAY = 4_194_304  # days in the draws of one block: 32 MiB
LARGEST_RESULT = 134_217_728  # values of several statistics that are kept together: 1 GiB

Evaluate = Callable[[np.random.Generator, int], NDArray[Any]]  # generator and size to values (size, k)


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
        Is given all values so far, now and then, and may end the work early. The values before
        the end are the same, but how many follow those that were needed is not fixed.
    """
    evaluate = _evaluator(events, anchors, [(statistic, anchors)], null)
    parts: list[NDArray[Any]] = []
    wave = n_resamples if enough is None else 1
    sizes = _sizes(events, n_resamples)
    while sizes:
        parts += _blocks(evaluate, sizes[:wave], rng)
        sizes = sizes[wave:]
        if enough is not None and enough(np.concatenate(parts)[:, 0]):
            break
        wave *= 2
    return np.concatenate(parts)[:, 0]


def null_table(
    events: Events,
    anchors: Events,
    members: Sequence[tuple[Statistic, Events]],
    null: NullModel,
    *,
    rng: np.random.Generator,
    n_resamples: int,
) -> NDArray[Any]:
    """Return several statistics, each with anchors of its own, of the same draws, shape ``(n_resamples, k)``.

    `anchors` are those that the null model may look at.
    """
    _check_size(n_resamples, len(members))
    evaluate = _evaluator(events, anchors, members, null)
    return _collected(evaluate, events, rng, n_resamples, len(members))


def null_sums(
    events: Events,
    anchors: Events,
    scores: Iterable[NDArray[np.int64]],
    number: int,
    null: NullModel,
    *,
    rng: np.random.Generator,
    n_resamples: int,
) -> NDArray[np.int64]:
    """Return the sums of the events' scores on the same draws, shape ``(n_resamples, number)``."""
    _check_size(n_resamples, number)
    evaluate = _additive(events, anchors, _columns(scores), null, np.zeros(number, bool))
    return _collected(evaluate, events, rng, n_resamples, number)


def _sizes(events: Events, n_resamples: int) -> list[int]:
    block = int(np.clip(LARGEST_ARRAY // max(1, len(events)), 1, LARGEST_BLOCK))
    return [min(block, n_resamples - done) for done in range(0, n_resamples, block)]


def _blocks(evaluate: Evaluate, sizes: list[int], rng: np.random.Generator) -> Iterator[NDArray[Any]]:
    jobs = list(zip(rng.spawn(len(sizes)), sizes, strict=True))
    return in_order(evaluate, jobs, sizes, "draws")


def _collected(
    evaluate: Evaluate, events: Events, rng: np.random.Generator, n_resamples: int, number: int
) -> NDArray[Any]:
    """Return all values, each block stored as it arrives."""
    values: NDArray[Any] | None = None
    done = 0
    for part in _blocks(evaluate, _sizes(events, n_resamples), rng):
        if values is None:
            values = np.empty((n_resamples, number), part.dtype)
        values[done : done + len(part)] = part
        done += len(part)
    return np.empty((0, number)) if values is None else values


def _check_size(n_resamples: int, number: int) -> None:
    if n_resamples * number > LARGEST_RESULT:
        raise OptionError(
            f"n_resamples: {n_resamples:,} draws of {number} statistics are kept together and do not fit into "
            f"1 GiB; use at most {LARGEST_RESULT // number:,}"
        )


def _evaluator(
    events: Events, anchors: Events, members: Sequence[tuple[Statistic, Events]], null: NullModel
) -> Evaluate:
    """Return what gives the members' values on a block of draws."""
    period = observed_period(events)
    additive = [(s, a) for s, a in members if isinstance(s, AdditiveStatistic)]
    sums = None
    if additive:
        columns = _columns(statistic.scores(period, own) for statistic, own in additive)
        means = np.array([is_mean(statistic) for statistic, _ in additive])
        if len(additive) == len(members):
            return _additive(events, anchors, columns, null, means)
        sums = _Sums(columns, means, period.start)
    return _Drawn(null, events, anchors, sums, tuple(members))


def _additive(
    events: Events, anchors: Events, columns: sparse.csc_array, null: NullModel, means: NDArray[np.bool_]
) -> Evaluate:
    """Return what gives sums or means of scores on a block of draws, by the null model's own road if it has one."""
    if isinstance(null, SummingNullModel) and columns.dtype.kind == "i":
        number = columns.shape[1]
        rows = (columns[:, [j]].toarray()[:, 0] for j in range(number))
        prepared = null.sums(events, anchors, rows, number)
        if prepared is not None:
            return _Prepared(prepared, means, len(events)) if means.any() else prepared
    return _Drawn(null, events, anchors, _Sums(columns, means, observed_period(events).start), ())


def _columns(scores: Iterable[NDArray[Any]]) -> sparse.csc_array:
    """Return scores of days side by side, shape (days, k); most windows leave most days at zero."""
    columns = [sparse.csc_array(score[:, None]) for score in scores]
    return sparse.hstack(columns, format="csc", dtype=np.result_type(*(column.dtype for column in columns)))


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """Means of scores where the null model knows their sums."""

    sums: Evaluate
    means: NDArray[np.bool_]
    n_events: int

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        return self.sums(rng, size) / np.where(self.means, self.n_events, 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Sums, or means, of scores over the days of each draw."""

    columns: sparse.csc_array
    means: NDArray[np.bool_]
    start: int

    def __call__(self, days: Days) -> NDArray[Any]:
        """Return the values, shape (size, k), for days of shape (size, n)."""
        length, number = self.columns.shape
        index = days - self.start
        missing = days == NO_EVENT if days.size and days.min() == NO_EVENT else None
        if missing is not None:
            index[missing] = length  # a day after the last one, where every score is zero
        if number == 1:
            score = np.append(self.columns.toarray()[:, 0], np.zeros(1, self.columns.dtype))
            total = score[index].sum(axis=1)[:, None]
        else:
            size, n = days.shape
            counts = sparse.csr_array(
                (np.ones(size * n, self.columns.dtype), index.ravel(), np.arange(0, size * n + 1, n)),
                shape=(size, length + 1),
            )
            ended = sparse.vstack([self.columns.tocsr(), sparse.csr_array((1, number), dtype=self.columns.dtype)])
            total = (counts @ ended).toarray()
        if not self.means.any():
            return total
        present = days.shape[1] if missing is None else (~missing).sum(axis=1)[:, None]
        with np.errstate(invalid="ignore"):  # the mean of no event is not a number
            return total / np.where(self.means, present, 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Statistics of the days of each draw."""

    null: NullModel
    events: Events
    anchors: Events
    sums: _Sums | None
    members: tuple[tuple[Statistic, Events], ...]  # () if all are additive

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[Any]:
        days = self.null.sample(self.events, self.anchors, rng=rng, size=size)
        totals = None if self.sums is None else self.sums(days)
        if not self.members:
            return totals
        found, columns = 0, []
        for statistic, anchors in self.members:
            if totals is not None and isinstance(statistic, AdditiveStatistic):
                columns.append(totals[:, found])
                found += 1
            else:
                columns.append(_checked(statistic, statistic(days, anchors.days), days))
        return np.stack(columns, axis=1)


def _checked(statistic: Statistic, values: Any, days: Days) -> NDArray[Any]:
    """Return the values, or say what their shape should be."""
    array = np.asarray(values)
    if array.shape != days.shape[:1]:
        raise OptionError(
            f"{statistic}: it returned shape {array.shape} for draws of shape {days.shape}; "
            f"return one number for each row, shape ({days.shape[0]},)"
        )
    return array
