"""Several statistics on many rows of days: sums of scores together, other statistics one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import OptionError
from eventstudy.events import NO_EVENT, Events, observed_period
from eventstudy.nulls.lookup import DayScores
from eventstudy.numeric.layers import WindowHits
from eventstudy.periods import Period
from eventstudy.statistics import FunctionStatistic, Statistic, as_statistic

NUMBER = "let it return a number for every series"

Members = Sequence[tuple[Any, Events]]  # statistics, or functions, each with its own anchors


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Scores of each day, most of them zero, one column after the other.

    - `data`, shape (e,): those that are not zero.
    - `days`, shape (e,): the day of each, counted from the start of the period.
    - `ends`, shape (a + 1,): where each column begins among them, and the last one ends.
    - `length`: days of the period.
    """

    data: NDArray[Any]
    days: NDArray[np.int64]
    ends: NDArray[np.int64]
    length: int

    def dense(self) -> Iterator[NDArray[Any]]:
        """Give each column with its zeros."""
        for begin, end in pairwise(self.ends.tolist()):
            column = np.zeros(self.length, self.data.dtype)
            column[self.days[begin:end]] = self.data[begin:end]
            yield column

    def sums(self, counts: NDArray[np.int64]) -> NDArray[Any]:
        """Return the sum of counts times scores of each column, shape (a,)."""
        column = np.repeat(np.arange(self.ends.size - 1), np.diff(self.ends))
        total = np.bincount(column, self.data * counts[self.days], minlength=self.ends.size - 1)
        return total if self.data.dtype.kind == "f" else total.astype(np.int64)  # exact below 2**53


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Statistics of one series of events, prepared for fast evaluation on many draws.

    - `members`: k statistics with their anchors.
    - `columns`: which of the scores each is made from; None where it is not made from scores.
    - `scores`: the a scores of each day of the period.
    - `means`, shape (a,): which sums are divided by the number of events.
    """

    events: Events
    members: tuple[tuple[Statistic, Events], ...]
    columns: tuple[slice | None, ...]
    scores: Columns
    means: NDArray[np.bool_]

    @property
    def n_scores(self) -> int:
        """How many scores there are."""
        return self.scores.ends.size - 1

    @property
    def is_additive(self) -> bool:
        """Whether all statistics are made from sums of scores."""
        return None not in self.columns

    @property
    def is_whole(self) -> bool:
        """Whether all statistics are made from sums of whole scores."""
        return self.is_additive and self.scores.data.dtype.kind == "i"

    @property
    def is_plain(self) -> bool:
        """Whether each statistic is the sum, or the mean, of one score."""
        return self.is_additive and all(type(one).value is Statistic.value for one, _ in self.members)

    def rows(self) -> Iterator[NDArray[Any]]:
        """Give the scores of each day of the period, one after the other."""
        return self.scores.dense()

    def only_scores(self) -> NDArray[Any] | None:
        """Return the scores of the one statistic, shape (days,), or (a, days) for several; None if it has none."""
        if None in self.columns:
            return None
        scores = np.stack([*self.rows()])
        return scores[0] if len(scores) == 1 else scores

    def of_sums(self, sums: NDArray[Any], number: NDArray[np.int64] | int | None = None) -> NDArray[Any]:
        """Turn sums of scores, shape (size, a), into values, shape (size, k), where all statistics are additive.

        `number`, shape (size, 1): events in each row; all of them by default.
        """
        if self.means.any():
            with np.errstate(invalid="ignore", divide="ignore"):  # the mean over no event is undefined
                sums = sums / np.where(self.means, len(self.events) if number is None else number, 1)
        return sums if self.is_plain else self.joined(sums)

    def observed(self) -> NDArray[Any]:
        """Return the values of the events themselves, shape (k,)."""
        if self.is_additive:
            values = self.of_sums(self.scores.sums(self.events.daily_counts())[None])[0]
        else:
            values = self.on_days()(self.events.days[None])[0]
        if np.isnan(values).any():
            which = self.members[int(np.flatnonzero(np.isnan(values))[0])][0]
            raise OptionError(
                f"{which}: it is not a number (nan) for the {self.events.label} as observed; {NUMBER}"
            )
        return values

    def _observed_sums(self) -> NDArray[Any]:
        """Return the sums, or means, of the scores of the events as observed, shape (a,)."""
        sums = self.scores.sums(self.events.daily_counts())
        return np.where(self.means, sums / max(1, len(self.events)), sums) if self.means.any() else sums

    def joined(self, sums: NDArray[Any], others: Iterable[NDArray[Any]] = ()) -> NDArray[Any]:
        """Return all values, shape (size, k): from sums, or means, of scores, and those of the other statistics."""
        columns, observed, values = [], self._observed_sums(), iter(others)
        for (statistic, _), own in zip(self.members, self.columns, strict=True):
            columns.append(next(values) if own is None else _value(statistic, sums[:, own], observed[own]))
        return np.stack(columns, axis=1)

    def on_days(self) -> OnDays:
        """Return what evaluates rows of days."""
        scores, a, hits = self.scores, self.n_scores, self._window_hits()
        if a <= 1:
            one = next(scores.dense(), np.empty(0))
            return OnDays(self, np.append(one, one.dtype.type(0)) if a else one, hits)
        from scipy import sparse

        lookup = sparse.csc_array((scores.data, scores.days, scores.ends), shape=(scores.length + 1, a))
        return OnDays(self, DayScores.of(lookup.tocsr()), hits)

    def _window_hits(self) -> tuple[WindowHits | None, ...]:
        """Prepare the statistics that are not made from scores, where they are numbers of windows with an event."""
        period, hits = observed_period(self.events), []
        for (statistic, anchors), own in zip(self.members, self.columns, strict=True):
            if own is None:
                spans = statistic.spans(anchors)
                hits.append(None if spans is None else _prepared_hits(spans, period))
        return tuple(hits)


@dataclass(frozen=True, slots=True, eq=False)
class OnDays:
    """Statistics of rows of days.

    `lookup`, shape (days + 1,) for one score, else `DayScores`: scores of each day of the period, and zero at the end
    for a missing event; empty where there is none.
    `hits`: for each statistic that is not made from scores; None where it is called on the days.
    """

    statistics: Evaluation
    lookup: NDArray[Any] | DayScores
    hits: tuple[WindowHits | None, ...]

    def __call__(self, days: Days) -> NDArray[Any]:
        """Return the values of each row, shape (size, k), for days of shape (size, n)."""
        statistics, (size, n) = self.statistics, days.shape
        period = observed_period(statistics.events)
        index = days - period.start
        missing = days == NO_EVENT if days.size and days.min() == NO_EVENT else None
        if missing is not None:
            index[missing] = len(period)
        if isinstance(self.lookup, DayScores):
            sums = self.lookup.totals(index)
        elif self.lookup.size:
            sums = self.lookup[index].sum(axis=1)[:, None]
        else:
            sums = np.empty((size, 0))
        number = None if missing is None else n - missing.sum(axis=1)[:, None]
        if statistics.is_additive:
            return statistics.of_sums(sums, number)
        if statistics.means.any():
            with np.errstate(invalid="ignore", divide="ignore"):
                sums = sums / np.where(statistics.means, n if number is None else number, 1)
        return statistics.joined(sums, self._others(days, index))

    def _others(self, days: Days, index: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
        """Give the values of the statistics that are not made from scores, each of shape (size,)."""
        hits = iter(self.hits)
        for (statistic, anchors), own in zip(self.statistics.members, self.statistics.columns, strict=True):
            if own is None:
                prepared = next(hits)
                yield _called(statistic, days, anchors) if prepared is None else prepared.totals(index)[:, 0]


def evaluation(events: Events, members: Members) -> Evaluation:
    """Prepare statistics of a series of events."""
    period = observed_period(events)
    columns: list[slice | None] = []
    asked: list[tuple[Statistic, Events]] = []
    means: list[bool] = []
    data: list[NDArray[Any]] = []
    days: list[NDArray[np.int64]] = []
    for given, anchors in members:
        statistic = as_statistic(given, "statistic")
        if isinstance(statistic, FunctionStatistic):
            statistic = statistic.on(events.days, anchors.days)
        asked.append((statistic, anchors))
        scores = day_scores(statistic, period, anchors)
        if scores is None:
            columns.append(None)
            continue
        for score in np.atleast_2d(scores):
            days.append(np.flatnonzero(score))  # most windows leave most days at zero
            data.append(score[days[-1]])
        columns.append(slice(len(means), len(data)))
        means += [statistic.per_event] * (len(data) - len(means))
    matrix = Columns(
        np.concatenate(data) if data else np.empty(0, np.int64),
        np.concatenate(days) if days else np.empty(0, np.int64),
        np.cumsum([0, *(part.size for part in days)]),
        len(period),
    )
    return Evaluation(events, tuple(asked), tuple(columns), matrix, np.array(means, bool))


def day_scores(statistic: Statistic, period: Period, anchors: Events) -> NDArray[Any] | None:
    """Return the scores of each day, int64 or float64, or None if the statistic is not made from any.

    Raises OptionError if they have another shape, or are not finite, or if windows open when anchors were announced and
    the statistic does not support that.
    """
    if anchors.announced is not None and not statistic.takes_announced:
        raise OptionError(
            f"{statistic}: it does not support windows that open when {anchors.anchors_label} were announced; use "
            "WindowCount, WindowExcess, WindowContrast or AnchorsHit, or Events(anchors.days) for whole windows"
        )
    given = statistic.scores(period, anchors)
    if given is None:
        return None
    scores = np.asarray(given)
    several = type(statistic).value is not Statistic.value
    if (
        scores.ndim not in (1, 2)
        or scores.shape[-1] != len(period)
        or (len(scores) > 1 < scores.ndim and not several)
    ):
        raise OptionError(
            f"{statistic}: scores has shape {scores.shape} for the {len(period)} days of the period; return one number "
            f"for each day, shape ({len(period)},)"
            + ("" if several else "; for several of them define `value`")
        )
    if scores.dtype.kind == "f":
        if not np.isfinite(scores).all():
            raise OptionError(
                f"{statistic}: a score is nan or infinite; give each day of the period a number"
            )
        return scores.astype(np.float64, copy=False)
    return scores.astype(np.int64, copy=False)


def observed_value(events: Events, anchors: Events, statistic: Statistic) -> float:
    """Return the statistic of the events themselves, computed in the same way as that of draws."""
    return float(evaluation(events, [(statistic, anchors)]).observed()[0])


def _prepared_hits(spans: tuple[Days, Days], period: Period) -> WindowHits:
    """Prepare the number of windows with an event for days of the period, and one more day for a missing event."""
    first, stop = (np.minimum(ends, period.stop) - period.start for ends in spans)
    return WindowHits.of(first, stop, len(period) + 1)


def _called(statistic: Statistic, days: Days, anchors: Events) -> NDArray[Any]:
    """Return a statistic of each row of days, or say what is wrong with it."""
    values = np.asarray(statistic(days, anchors.days if anchors.announced is None else anchors))
    if values.shape != days.shape[:1]:
        raise OptionError(
            f"{statistic}: it returned shape {values.shape} for draws of shape {days.shape}; "
            f"return one number for each row, shape ({days.shape[0]},)"
        )
    return _known(statistic, values)


def _value(statistic: Statistic, sums: NDArray[Any], observed: NDArray[Any]) -> NDArray[Any]:
    """Return a statistic from sums of scores, or say what is wrong with it."""
    if type(statistic).value is Statistic.value:
        return sums[:, 0]  # a mean over no event is nan, which tests count in both tails
    values = np.asarray(statistic.value(sums, observed))
    if values.shape != sums.shape[:1]:
        raise OptionError(
            f"{statistic}: value returned shape {values.shape} for sums of shape {sums.shape}; "
            f"return one number for each row, shape ({sums.shape[0]},)"
        )
    return _known(statistic, values)


def _known(statistic: Statistic, values: NDArray[Any]) -> NDArray[Any]:
    """Refuse values that are not numbers: they could not be compared with the observed one."""
    if values.dtype.kind not in "biuf":
        raise OptionError(f"{statistic}: it returned {values.dtype}; return numbers")
    unknown = int(np.isnan(values).sum()) if values.dtype.kind == "f" else 0
    if unknown:
        raise OptionError(
            f"{statistic}: it is not a number (nan) on {unknown} of {values.size} draws; {NUMBER}"
        )
    return values.astype(np.int64) if values.dtype.kind == "b" else values
