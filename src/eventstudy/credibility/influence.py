"""Does the answer depend on one year, anchor or burst? Each is left out in turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal, get_args

import numpy as np
import pandas as pd

from eventstudy.arguments import one_of, whole
from eventstudy.dates import date_text
from eventstudy.errors import OptionError, ReachError, UndefinedError, own_errors
from eventstudy.evaluation.moves import model_without
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.provenance import seed_text
from eventstudy.questions import Question
from eventstudy.results.influence import InfluenceResult
from eventstudy.results.permutation import PermutationResult
from eventstudy.statistics import Statistic
from eventstudy.strata import cut
from eventstudy.windows import Window

Unit = Literal["year", "anchor", "burst"]
Row = tuple[str, int, float, float, float]  # left out, events left, observed, expected, p
Test = Callable[[Events, Events, Statistic, NullModel], PermutationResult]


@own_errors
def leave_one_out(
    events: Events,
    anchors: Events,
    statistic: Statistic,
    null: NullModel,
    *,
    by: Unit = "year",
    burst_gap_days: int = 3,
    n_resamples: int = 9_999,
    rng: int | np.random.Generator | None = None,
) -> InfluenceResult:
    """Repeat a permutation test without each year, anchor or burst in turn.

    Parameters
    ----------
    events, anchors : Events
    statistic : Statistic
    null : NullModel
    by : {"year", "anchor", "burst"}, default "year"
        "anchor": each anchor whose window reaches the period. "burst": each run of events at most
        `burst_gap_days` apart. "year": each calendar year with its events and its days.
    burst_gap_days : int, default 3
    n_resamples : int, default 9999
        Draws of a test without an exact distribution.
    rng : int or numpy.random.Generator, optional
        Needed where draws are made.

    Returns
    -------
    InfluenceResult

    Raises
    ------
    OptionError
        If `by` is not known, there are fewer than two units, or a year cannot be left out under this null model.

    Notes
    -----
    A year is left out as if it had not been observed: the windows of anchors in other years that reach
    into it lose these days, its own anchors keep the days of their windows in the year before. Under
    CalendarPermutation the other years are exchanged with each other; under a null model within years,
    quarters or months the others are unaffected; under UniformDays() and CircularShift() the days before
    and after the year are joined. Null models that do not move whole strata would need to know which days are
    missing, so they are refused.

    Without some unit there may be nothing left to compare, where the only events lie in one year, say: its row is nan.

    Examples
    --------
    >>> import eventstudy as es
    >>> events, anchors = es.Events([4, 6, 16], es.Period(0, 20)), es.Events([7, 18])
    >>> found = es.leave_one_out(
    ...     events, anchors, es.WindowCount(es.Window(-3, 0)), es.UniformDays(), by="anchor"
    ... )
    >>> found.to_frame()["observed"].tolist()
    [1.0, 2.0]
    """
    where = "leave_one_out"
    question = Question.ask(where, events, anchors, statistic, null)
    one_of(by, get_args(Unit), where, "by")
    statistic = question.statistic
    seed = seed_text(rng)
    # All tests share one generator, in sequence; a seed starts it once.
    generator = np.random.default_rng(rng) if isinstance(rng, (int, np.integer)) else rng
    test = partial(permutation_test, n_resamples=n_resamples, rng=generator)
    full = test(events, anchors, statistic, null)
    if by == "year":
        rows = list(_without_years(events, anchors, statistic, null, test))
    else:
        units = (
            _without_anchors(events, anchors, statistic)
            if by == "anchor"
            else _without_bursts(events, anchors, burst_gap_days)
        )
        rows = [_row(*unit, statistic, null, test) for unit in _several(units, by)]
    table = pd.DataFrame(rows, columns=["left_out", "n_events", "observed", "expected", "pvalue"])
    counted = (table["expected"] != 0) & statistic.has_ratio
    table.insert(4, "ratio", table["observed"] / table["expected"].where(counted))
    return InfluenceResult(
        table=table,
        by=by,
        full=full,
        provenance=question.provenance(
            f"{statistic!r}, {null!r}, by={by!r}, burst_gap_days={burst_gap_days}", seed
        ),
    )


def _several(units: Iterator[tuple[str, Events, Events]], by: str) -> list[tuple[str, Events, Events]]:
    """Refuse a single unit: without it there is nothing to test."""
    found = list(units)
    _check_several(len(found), by)
    return found


def _check_several(number: int, by: str) -> None:
    if number < 2:
        raise OptionError(
            f"leave_one_out: there is {number} {by}, so nothing is left without it; choose another `by`"
        )


def _without_anchors(
    events: Events, anchors: Events, statistic: Statistic
) -> Iterator[tuple[str, Events, Events]]:
    """Yield the series without each anchor that reaches the period."""
    window = statistic.window
    period = observed_period(events)
    reaching = (
        anchors.days[period.inside(anchors.days)] if window is None else window.reaching(anchors, period)
    )
    for number in np.flatnonzero(np.isin(anchors.days, reaching)):
        others = Events.from_days(np.delete(anchors.days, number), anchors.period, anchors.label)
        yield date_text(anchors.days[number]), events, others


def _without_bursts(events: Events, anchors: Events, gap_days: int) -> Iterator[tuple[str, Events, Events]]:
    """Yield the series without each run of events at most `gap_days` apart."""
    gap_days = whole(gap_days, "leave_one_out", "burst_gap_days", least=0, fix="give 0 or more days")
    burst = np.cumsum(np.diff(events.days, prepend=events.days[:1]) > gap_days)
    for number in range(int(burst[-1]) + 1):
        gone = events.days[burst == number]
        label = date_text(gone[0]) if gone.size == 1 else f"{date_text(gone[0])} ({gone.size} in a burst)"
        yield label, Events.from_days(events.days[burst != number], events.period, events.label), anchors


def _without_years(
    events: Events, anchors: Events, statistic: Statistic, null: NullModel, test: Test
) -> Iterator[Row]:
    """Yield the test without each calendar year."""
    period = observed_period(events)
    years = cut(period, "year")
    _check_several(len(years), "year")
    for number, label in enumerate(years.labels):
        gone = Period.from_days(years.edges[number], years.edges[number + 1])
        kept = Events.from_days(events.days[~gone.inside(events.days)], period, events.label)
        if not _reach_outside(anchors, period, gone, statistic.reach):
            yield _nothing(label[:4], kept)
            continue
        left = model_without(null, period, gone, "leave_one_out")
        yield _row(label[:4], kept, anchors, statistic, left, test)


def _row(
    label: str, events: Events, anchors: Events, statistic: Statistic, null: NullModel, test: Test
) -> Row:
    """Return the test without a unit; nan where nothing is left that it could compare."""
    if not len(events):
        return _nothing(label, events)
    try:
        found = test(events, anchors, statistic, null)
    except (ReachError, UndefinedError):
        return _nothing(label, events)
    return label, len(events), found.observed, found.expected, found.pvalue


def _nothing(label: str, events: Events) -> Row:
    """Return the row of a unit without which there is nothing to compare."""
    return label, len(events), math.nan, math.nan, math.nan


def _reach_outside(anchors: Events, period: Period, gone: Period, window: Window | None) -> bool:
    """Tell whether an anchor reaches the period outside a part that is left out, as all of them must reach a period."""
    if window is None:
        days = anchors.days[period.inside(anchors.days)]
        return bool((~gone.inside(days)).any())
    inside = window.indicator(anchors, period)
    inside[gone.start - period.start : gone.stop - period.start] = 0
    return bool(inside.any())
