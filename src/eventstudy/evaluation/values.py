"""Several statistics on many rows of days: sums of scores all at once, other statistics one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from eventstudy.dates import Days
from eventstudy.errors import OptionError
from eventstudy.events import NO_EVENT, Events, observed_period
from eventstudy.nulls.lookup import DayScores
from eventstudy.statistics import AdditiveStatistic, Statistic, is_mean

Members = Sequence[tuple[Statistic, Events]]  # statistics, each with its own anchors


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Statistics of one series of events, prepared so that many draws of it cost little each.

    Parameters
    ----------
    events : Events
    members : tuple of (Statistic, Events)
        k statistics with their anchors.
    additive : ndarray of bool, shape (k,)
        Which are sums, or means, of scores.
    scores : csc_array, shape (days, a)
        The scores of the a additive ones on each day of the period.
    means : ndarray of bool, shape (a,)
    """

    events: Events
    members: tuple[tuple[Statistic, Events], ...]
    additive: NDArray[np.bool_]
    scores: sparse.csc_array
    means: NDArray[np.bool_]

    @property
    def is_whole(self) -> bool:
        """Whether all statistics are sums, or means, of whole scores."""
        return bool(self.additive.all()) and self.scores.dtype.kind == "i"

    def rows(self) -> Iterator[NDArray[Any]]:
        """Give the scores of each day of the period, one statistic after the other."""
        for begin, end in pairwise(self.scores.indptr):
            dense = np.zeros(self.scores.shape[0], self.scores.dtype)
            dense[self.scores.indices[begin:end]] = self.scores.data[begin:end]
            yield dense

    def divided(self, sums: NDArray[Any]) -> NDArray[Any]:
        """Turn sums of scores, shape (..., a), into values, where no event is missing."""
        return sums / np.where(self.means, len(self.events), 1) if self.means.any() else sums

    def observed(self) -> NDArray[Any]:
        """Return the values of the events themselves, shape (k,)."""
        of_scores = self.divided(self.scores.T @ self.events.daily_counts())
        return self.joined(of_scores[None], self.events.days[None])[0]

    def joined(self, of_scores: NDArray[Any], days: Days) -> NDArray[Any]:
        """Return all values, shape (size, k): those of the additive statistics and, computed here, of the others."""
        if self.additive.all():
            return of_scores
        values = iter(of_scores.T)
        columns = [
            next(values) if adds else _checked(statistic, days, anchors)
            for (statistic, anchors), adds in zip(self.members, self.additive, strict=True)
        ]
        return np.stack(columns, axis=1)

    def on_days(self) -> OnDays:
        """Return what evaluates rows of days."""
        k = self.scores.shape[1]
        lookup = sparse.vstack([self.scores, sparse.csc_array((1, k), dtype=self.scores.dtype)], format="csr")
        return OnDays(self, DayScores.of(lookup) if k > 1 else lookup.toarray().ravel())


@dataclass(frozen=True, slots=True, eq=False)
class OnDays:
    """Statistics of rows of days.

    Parameters
    ----------
    statistics : Evaluation
    lookup : ndarray, shape (days + 1,), for one additive statistic, else DayScores
        Scores of each day of the period, and zero at the end for a missing event; empty where none is additive.
    """

    statistics: Evaluation
    lookup: NDArray[Any] | DayScores

    def __call__(self, days: Days) -> NDArray[Any]:
        """Return the values of each row, shape (size, k), for days of shape (size, n)."""
        size, n = days.shape
        if not self.statistics.additive.any():
            return self.statistics.joined(np.empty((size, 0)), days)
        period = observed_period(self.statistics.events)
        index = days - period.start
        missing = days == NO_EVENT if days.size and days.min() == NO_EVENT else None
        if missing is not None:
            index[missing] = len(period)
        if isinstance(self.lookup, DayScores):
            sums = self.lookup.totals(index)
        else:
            sums = self.lookup[index].sum(axis=1)[:, None]
        if missing is None:
            return self.statistics.joined(self.statistics.divided(sums), days)
        present = n - missing.sum(axis=1)[:, None]
        with np.errstate(invalid="ignore"):  # the mean over no event is not known
            of_scores = sums / np.where(self.statistics.means, present, 1)
        return self.statistics.joined(of_scores if self.statistics.means.any() else sums, days)


def evaluation(events: Events, members: Members) -> Evaluation:
    """Prepare statistics of a series of events."""
    period = observed_period(events)
    additive, means = [], []
    data: list[NDArray[Any]] = []
    days: list[NDArray[np.int64]] = []
    for statistic, anchors in members:
        additive.append(isinstance(statistic, AdditiveStatistic))
        if isinstance(statistic, AdditiveStatistic):
            score = np.asarray(statistic.scores(period, anchors))
            days.append(np.flatnonzero(score))  # most windows leave most days at zero
            data.append(score[days[-1]].astype(np.float64 if score.dtype.kind == "f" else np.int64))
            means.append(is_mean(statistic))
    if data:
        content = np.concatenate(data), np.concatenate(days), np.cumsum([0, *(part.size for part in days)])
        scores = sparse.csc_array(content, shape=(len(period), len(data)))
    else:
        scores = sparse.csc_array((len(period), 0), dtype=np.int64)
    return Evaluation(events, tuple(members), np.array(additive), scores, np.array(means, bool))


def observed_value(events: Events, anchors: Events, statistic: Statistic) -> float:
    """Return the statistic of the events themselves, by the same road as that of draws."""
    return float(evaluation(events, [(statistic, anchors)]).observed()[0])


def _checked(statistic: Statistic, days: Days, anchors: Events) -> NDArray[Any]:
    """Return a statistic of each row, or say what its shape should be."""
    values = np.asarray(statistic(days, anchors.days))
    if values.shape != days.shape[:1]:
        raise OptionError(
            f"{statistic}: it returned shape {values.shape} for draws of shape {days.shape}; "
            f"return one number for each row, shape ({days.shape[0]},)"
        )
    return values
