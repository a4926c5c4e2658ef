"""The difference up to which two values of a statistic tie."""

from __future__ import annotations

import math

import numpy as np

from eventstudy.dates import Days
from eventstudy.evaluation.values import Evaluation, OnDays, evaluation
from eventstudy.events import Events, observed_period
from eventstudy.numeric.tails import rounding
from eventstudy.statistics import Statistic

MOVED = 256  # rows in which one event has moved


def tie_slacks(prepared: Evaluation) -> list[float]:
    """Return for each statistic the difference up to which two values count as equal; 0 for whole numbers.

    Rounding error is relative to the terms that a statistic adds up, not to its value, which may be 0. The terms of a
    sum or mean of scores are known: n events with the largest score. Of any other statistic only the values are known,
    so the terms are estimated: one event at a time moves to another day of the period, and n times the largest change,
    or the observed value if that is larger, is used as the sum of the terms. For a sum, a mean or the length of a
    vector this is right up to a small factor, even where all arrangements of the null model
    give 0. For a product, which is accurate to its last digits however small it is, the change is as
    small as the product, so no two different products become ties.

    The slack depends on the data and the statistic alone, not on draws: plain, sequential and exact tests and
    families of tests see the same ties.
    """
    slacks = []
    for (statistic, anchors), columns in zip(prepared.members, prepared.columns, strict=True):
        if columns is None or type(statistic).value is not Statistic.value:
            slacks.append(_measured(evaluation(prepared.events, [(statistic, anchors)])))
        else:
            slacks.append(_of_scores(prepared, columns))
    return slacks


def _of_scores(prepared: Evaluation, columns: slice) -> float:
    """Return the slack of a sum, or mean, of known scores."""
    begin, end = prepared.scores.ends[columns.start], prepared.scores.ends[columns.stop]
    scores, n = prepared.scores.data[begin:end], len(prepared.events)
    if not scores.size or not (scores % 1).any():
        return 0.0  # sums of whole numbers are exact, and equal quotients of such are rounded alike
    return rounding(n * float(np.abs(scores).max()), n)


def _measured(prepared: Evaluation) -> float:
    """Return the slack of any one statistic, from its values where one event has moved."""
    values, n = prepared.on_days(), len(prepared.events)
    if values(prepared.events.days[None]).dtype.kind != "f":
        return 0.0
    observed, *moved = _tried(values, _one_moved(prepared.events))
    sizes = [abs(observed), *(n * abs(value - observed) for value in moved)]
    return rounding(max(filter(math.isfinite, sizes), default=0.0), n)


def _tried(values: OnDays, rows: Days) -> list[float]:
    """Return the statistic of each row; nan where it is undefined, as on days that no draw has."""
    unfit = (ArithmeticError, LookupError, ValueError)  # a nan is refused as an OptionError, a ValueError
    with np.errstate(all="ignore"):
        try:
            return list(values(rows)[:, 0].tolist())
        except unfit:
            found = []
        for row in rows:
            try:
                found.append(float(values(row[None])[0, 0]))
            except unfit:
                found.append(float("nan"))
    return found


def _one_moved(events: Events) -> Days:
    """Return the events' days, and rows in each of which one event has moved, shape (1 + MOVED, n)."""
    period = observed_period(events)
    rng = np.random.default_rng(0)  # any days will do; they are not draws, and the same in every test
    rows = np.tile(events.days, (1 + MOVED, 1))
    place = np.linspace(0, len(events), MOVED, endpoint=False).astype(np.int64)
    rows[np.arange(1, 1 + MOVED), place] = rng.integers(period.start, period.stop, MOVED)
    return rows
