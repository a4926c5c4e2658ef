"""Statistics on the draws, or on all arrangements, of a null model, in blocks.

Each block of draws has its own child of the generator and a size that depends on the number of events alone, so
the values do not depend on how many blocks are worked on at once, or by how many workers. Where the null
model knows the sums of scores on its draws, the draws' days are not laid out at all; the values are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from eventstudy.dates import Days
from eventstudy.errors import OptionError
from eventstudy.events import NO_EVENT, Events, observed_period
from eventstudy.nulls.base import EnumerableNullModel, FittedNullModel, NullModel, SummingNullModel
from eventstudy.parallel import in_order
from eventstudy.statistics import AdditiveStatistic, Statistic, is_mean

LARGEST_BLOCK = 1_024  # draws
LARGEST_ARRAY = 4_194_304  # days in the draws of one block: 32 MiB
LARGEST_RESULT = 134_217_728  # values of several statistics that are kept together: 1 GiB
MOST_ARRANGEMENTS = 100_000  # of a null model whose arrangements are gone through one by one

Members = Sequence[tuple[Statistic, Events]]  # statistics, each with its own anchors
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
    evaluate = _on_draws(events, anchors, [(statistic, anchors)], null)
    sizes = _sizes(events, n_resamples)
    wave = len(sizes) if enough is None else 1
    parts: list[NDArray[Any]] = []
    while sizes:
        parts += in_order(evaluate, _seeded(sizes[:wave], rng), sizes[:wave], "draws")
        sizes = sizes[wave:]
        if enough is not None and enough(np.concatenate(parts)[:, 0]):
            break
        wave *= 2
    return np.concatenate(parts)[:, 0]


def null_table(
    events: Events,
    anchors: Events,
    members: Members,
    null: NullModel,
    *,
    rng: np.random.Generator,
    n_resamples: int,
) -> NDArray[Any]:
    """Return several statistics of the same draws, shape ``(n_resamples, k)``.

    `anchors` are those that the null model may look at; each member brings its own.
    """
    evaluate = _on_draws(events, anchors, members, null)
    sizes = _sizes(events, n_resamples)
    return _collected(evaluate, _seeded(sizes, rng), sizes, len(members))


def null_sums(
    events: Events,
    anchors: Events,
    scores: Iterable[NDArray[np.int64]],
    null: NullModel,
    *,
    rng: np.random.Generator,
    n_resamples: int,
) -> NDArray[np.int64]:
    """Return several sums of the events' scores on the same draws, shape ``(n_resamples, k)``."""
    columns = _columns(scores)
    evaluate = _sums_on_draws(
        events, anchors, columns, np.zeros(columns.shape[1], bool), _fitted(null, events, anchors)
    )
    sizes = _sizes(events, n_resamples)
    return _collected(evaluate, _seeded(sizes, rng), sizes, columns.shape[1])


def arranged_values(
    events: Events, anchors: Events, statistic: Statistic, null: EnumerableNullModel
) -> NDArray[Any]:
    """Return the statistic of every arrangement of a null model, shape ``(arrangements,)``."""
    return arranged_table(events, [(statistic, anchors)], null)[:, 0]


def arranged_table(events: Events, members: Members, null: EnumerableNullModel) -> NDArray[Any]:
    """Return several statistics of every arrangement of a null model, shape ``(arrangements, k)``."""
    sizes = _sizes(events, null.n_arrangements(events))
    begin = np.cumsum([0, *sizes])[:-1].tolist()
    evaluate = _Arranged(null, events, _on_days(events, members))
    return _collected(evaluate, list(zip(begin, sizes, strict=True)), sizes, len(members))


def _fitted(null: NullModel, events: Events, anchors: Events) -> NullModel:
    return null.fitted(events, anchors) if isinstance(null, FittedNullModel) else null


def _sizes(events: Events, number: int) -> list[int]:
    """Cut a number of draws into blocks."""
    block = int(np.clip(LARGEST_ARRAY // max(1, len(events)), 1, LARGEST_BLOCK))
    return [min(block, number - done) for done in range(0, number, block)]


def _seeded(sizes: list[int], rng: np.random.Generator) -> list[Block]:
    return list(zip(rng.spawn(len(sizes)), sizes, strict=True))


def _collected(
    evaluate: Callable[..., NDArray[Any]], blocks: list[Block], sizes: list[int], number: int
) -> NDArray[Any]:
    """Return all values, each block stored as it arrives."""
    total = sum(sizes)
    if total * number > LARGEST_RESULT:
        raise OptionError(
            f"n_resamples: {total:,} draws of {number} statistics have to be kept together and do not fit "
            f"into 1 GiB; use at most {LARGEST_RESULT // number:,}"
        )
    values: NDArray[Any] | None = None
    done = 0
    for part in in_order(evaluate, blocks, sizes, "draws"):
        if values is None:
            values = np.empty((total, number), part.dtype)
        values[done : done + len(part)] = part
        done += len(part)
    return np.empty((0, number)) if values is None else values


def _on_draws(
    events: Events, anchors: Events, members: Members, null: NullModel
) -> Callable[..., NDArray[Any]]:
    """Return what gives the members' values on a block of draws."""
    null = _fitted(null, events, anchors)
    if all(isinstance(statistic, AdditiveStatistic) for statistic, _ in members):
        return _sums_on_draws(events, anchors, *_scores(events, members), null)
    return _Drawn(null, events, anchors, _on_days(events, members))


def _sums_on_draws(
    events: Events, anchors: Events, columns: sparse.csc_array, means: NDArray[np.bool_], null: NullModel
) -> Callable[..., NDArray[Any]]:
    """Return what gives sums or means of scores on a block of draws, by the null model's own road if it has one."""
    if isinstance(null, SummingNullModel) and columns.dtype.kind == "i":
        number = columns.shape[1]
        rows = (columns[:, [j]].toarray()[:, 0] for j in range(number))
        prepared = null.sums(events, anchors, rows, number)
        if prepared is not None:
            return _Means(prepared, np.where(means, len(events), 1)) if means.any() else prepared
    return _Drawn(null, events, anchors, _Sums.of(columns, means, observed_period(events).start))


def _on_days(events: Events, members: Members) -> Callable[[Days], NDArray[Any]]:
    """Return what gives the members' values for days of shape (size, n)."""
    additive = [member for member in members if isinstance(member[0], AdditiveStatistic)]
    sums = _Sums.of(*_scores(events, additive), observed_period(events).start) if additive else None
    return sums if sums is not None and len(additive) == len(members) else _Mixed(sums, tuple(members))


def _scores(events: Events, members: Members) -> tuple[sparse.csc_array, NDArray[np.bool_]]:
    """Return the scores of additive statistics, shape (days, k), and which of them are means."""
    period = observed_period(events)
    columns = _columns(s.scores(period, own) for s, own in members if isinstance(s, AdditiveStatistic))
    return columns, np.array([is_mean(statistic) for statistic, _ in members])


def _columns(scores: Iterable[NDArray[Any]]) -> sparse.csc_array:
    """Return scores of days side by side, shape (days, k); most windows leave most days at zero."""
    columns = [sparse.csc_array(score[:, None]) for score in scores]
    return sparse.hstack(columns, format="csc", dtype=np.result_type(*(column.dtype for column in columns)))


@dataclass(frozen=True, slots=True, eq=False)
class _Means:
    """Means of scores where the null model knows their sums."""

    sums: Callable[..., NDArray[np.int64]]
    divisor: NDArray[np.int64]

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        return self.sums(rng, size) / self.divisor


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Values on the days of each draw."""

    null: NullModel
    events: Events
    anchors: Events
    values: Callable[[Days], NDArray[Any]]

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[Any]:
        return self.values(self.null.sample(self.events, self.anchors, rng=rng, size=size))


@dataclass(frozen=True, slots=True, eq=False)
class _Arranged:
    """Values on the days of each arrangement."""

    null: EnumerableNullModel
    events: Events
    values: Callable[[Days], NDArray[Any]]

    def __call__(self, begin: int, size: int) -> NDArray[Any]:
        return self.values(self.null.arrangements(self.events, np.arange(begin, begin + size)))


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Sums, or means, of k scores over the days of each row."""

    lookup: NDArray[Any] | sparse.csr_array  # (days + 1,) for one score, else (days + 1, k); the last is 0
    means: NDArray[np.bool_]
    start: int

    @classmethod
    def of(cls, columns: sparse.csc_array, means: NDArray[np.bool_], start: int) -> _Sums:
        ended = sparse.vstack([columns.tocsr(), sparse.csr_array((1, columns.shape[1]), dtype=columns.dtype)])
        return cls(ended.toarray()[:, 0] if ended.shape[1] == 1 else ended.tocsr(), means, start)

    def __call__(self, days: Days) -> NDArray[Any]:
        size, n = days.shape
        index = days - self.start
        missing = days == NO_EVENT if days.size and days.min() == NO_EVENT else None
        if missing is not None:
            index[missing] = self.lookup.shape[0] - 1
        if self.means.size == 1:
            total = self.lookup[index].sum(axis=1)[:, None]
        else:  # counts of each row by day, times scores of each day
            first = np.arange(0, size * n + 1, n)
            ones = np.ones(size * n, self.lookup.dtype)
            counts = sparse.csr_array((ones, index.ravel(), first), shape=(size, self.lookup.shape[0]))
            total = (counts @ self.lookup).toarray()
        if not self.means.any():
            return total
        present = n if missing is None else n - missing.sum(axis=1)[:, None]
        with np.errstate(invalid="ignore"):  # the mean over no event is not known
            return total / np.where(self.means, present, 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Mixed:
    """Values of statistics that are not all additive."""

    sums: _Sums | None
    members: tuple[tuple[Statistic, Events], ...]

    def __call__(self, days: Days) -> NDArray[Any]:
        totals = iter(() if self.sums is None else self.sums(days).T)
        return np.stack(
            [
                next(totals)
                if isinstance(statistic, AdditiveStatistic)
                else _checked(statistic, days, anchors)
                for statistic, anchors in self.members
            ],
            axis=1,
        )


def _checked(statistic: Statistic, days: Days, anchors: Events) -> NDArray[Any]:
    """Return a statistic of each row, or say what its shape should be."""
    values = np.asarray(statistic(days, anchors.days))
    if values.shape != days.shape[:1]:
        raise OptionError(
            f"{statistic}: it returned shape {values.shape} for draws of shape {days.shape}; "
            f"return one number for each row, shape ({days.shape[0]},)"
        )
    return values
