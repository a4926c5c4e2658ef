"""Does one year, one anchor or one burst carry the answer? Each is left out in turn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import date_text
from eventstudy.errors import OptionError
from eventstudy.events import Events, checked_pair, observed_period, pair_checksums
from eventstudy.nulls import CalendarPermutation, CircularShift, NullModel, UniformDays
from eventstudy.nulls.calendar_permutation import LARGEST_EXACT
from eventstudy.numeric.distributions import Distribution
from eventstudy.numeric.permanents import permanent_polynomial
from eventstudy.options import whole_number
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.provenance import Provenance, seed_text
from eventstudy.results.influence import InfluenceResult
from eventstudy.statistics import AdditiveStatistic, Statistic, is_mean
from eventstudy.strata import CALENDAR, cut

Unit = Literal["year", "anchor", "burst"]
Row = tuple[str, int, float, float, float]  # left out, events left, observed, expected, p


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
        Draws of a test without an exact road.
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
    A year is left out as if nobody had watched it: the windows of anchors in other years that reach
    into it lose these days, its own anchors keep the days of their windows in the year before. Under
    CalendarPermutation the other years are exchanged with each other; under a null model within years,
    quarters or months the others stay as they are; under UniformDays() and CircularShift() the days before
    and after the year are joined. Other null models would need to be told which days are missing, so they are refused.

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
    checked_pair(events, anchors)
    if by not in get_args(Unit):
        raise OptionError(f"leave_one_out: by={by!r} is not known; give 'year', 'anchor' or 'burst'")
    seed = seed_text(rng)
    # A generator is shared by all tests, one after the other; a seed starts it once.
    generator = np.random.default_rng(rng) if isinstance(rng, (int, np.integer)) else rng
    options: dict[str, Any] = {"n_resamples": n_resamples, "rng": generator}
    full = permutation_test(events, anchors, statistic, null, **options)
    if by == "year":
        rows = list(_without_years(events, anchors, statistic, null, options))
    else:
        units = (
            _without_anchors(events, anchors, statistic)
            if by == "anchor"
            else _without_bursts(events, anchors, burst_gap_days)
        )
        rows = []
        for label, kept, others in _several(units, by):
            test = permutation_test(kept, others, statistic, null, **options)
            rows.append((label, len(kept), test.observed, test.expected, test.pvalue))
    table = pd.DataFrame(rows, columns=["left_out", "n_events", "observed", "expected", "pvalue"])
    table.insert(4, "ratio", table["observed"] / table["expected"].where(table["expected"] != 0))
    return InfluenceResult(
        table=table,
        by=by,
        full=full,
        provenance=Provenance(
            f"leave_one_out({events.label}, {anchors.label}, {statistic!r}, {null!r}, by={by!r}, "
            f"burst_gap_days={burst_gap_days})",
            pair_checksums(events, anchors),
            seed,
        ),
    )


def _several(units: Iterator[tuple[str, Events, Events]], by: str) -> list[tuple[str, Events, Events]]:
    """Refuse a single unit: without it there is nothing to test."""
    found = list(units)
    if len(found) < 2:
        raise OptionError(
            f"leave_one_out: there is {len(found)} {by}, so nothing is left without it; choose another `by`"
        )
    return found


def _without_anchors(
    events: Events, anchors: Events, statistic: Statistic
) -> Iterator[tuple[str, Events, Events]]:
    """Give the series without each anchor that reaches the period."""
    window = getattr(statistic, "window", None)
    period = observed_period(events)
    reaching = (
        anchors.days[period.inside(anchors.days)] if window is None else window.reaching(anchors, period)
    )
    for number in np.flatnonzero(np.isin(anchors.days, reaching)):
        others = Events.from_days(np.delete(anchors.days, number), anchors.period, anchors.label)
        yield date_text(anchors.days[number]), events, others


def _without_bursts(events: Events, anchors: Events, gap_days: int) -> Iterator[tuple[str, Events, Events]]:
    """Give the series without each run of events at most `gap_days` apart."""
    gap_days = whole_number(gap_days, "leave_one_out: burst_gap_days")
    if gap_days < 0:
        raise OptionError(f"leave_one_out: burst_gap_days is {gap_days}; give 0 or more days")
    burst = np.cumsum(np.diff(events.days, prepend=events.days[:1]) > gap_days)
    for number in range(int(burst[-1]) + 1):
        gone = events.days[burst == number]
        label = date_text(gone[0]) if gone.size == 1 else f"{date_text(gone[0])} ({gone.size} in a burst)"
        yield label, Events.from_days(events.days[burst != number], events.period, events.label), anchors


def _without_years(
    events: Events, anchors: Events, statistic: Statistic, null: NullModel, options: dict[str, Any]
) -> Iterator[Row]:
    """Give the test without each calendar year."""
    period = observed_period(events)
    years = cut(period, "year")
    if len(years) < 2:
        raise OptionError(
            "leave_one_out: there is 1 year, so nothing is left without it; choose another `by`"
        )
    within = getattr(null, "within", None)
    for number, label in enumerate(years.labels):
        gone = Period.from_days(years.edges[number], years.edges[number + 1])
        kept = Events.from_days(events.days[~gone.inside(events.days)], period, events.label)
        checked_pair(kept, anchors)
        if isinstance(null, (UniformDays, CircularShift)) and isinstance(within, str) and within in CALENDAR:
            # Strata inside the year hold no event any more, so they add nothing, whatever their scores.
            test = permutation_test(kept, anchors, statistic, null, **options)
            yield label[:4], len(kept), test.observed, test.expected, test.pvalue
            continue
        if (
            not isinstance(statistic, AdditiveStatistic)
            or (scores := statistic.scores(period, anchors)).dtype.kind not in "iu"
        ):
            raise OptionError(
                f"leave_one_out: a year cannot be left out of {statistic} under {null!r}; use WindowCount, "
                "or a null model within years"
            )
        if isinstance(null, CalendarPermutation) and null.by == "year":
            chance = _calendar_without(events, anchors, scores, null, number)
        elif isinstance(null, (UniformDays, CircularShift)) and within is None:
            chance = _joined_without(kept, anchors, scores, null, gone)
        else:
            raise OptionError(
                f"leave_one_out: {null!r} cannot leave out a year; use CalendarPermutation(), or UniformDays or "
                "CircularShift over the whole period or within 'year', 'quarter' or 'month'"
            )
        size = len(kept) if is_mean(statistic) else 1
        found = chance.over(size)
        value = float(scores[kept.days - period.start].sum()) / size
        yield label[:4], len(kept), value, found.mean, found.at_least(value)


def _calendar_without(
    events: Events, anchors: Events, scores: NDArray[np.int64], null: CalendarPermutation, number: int
) -> Distribution:
    """Return the distribution where the other years are exchanged with each other."""
    k = len(cut(observed_period(events), "year"))
    sums = null.sums(events, anchors, [scores], 1) if k - 1 <= LARGEST_EXACT else None
    if sums is None:
        raise OptionError(
            f"leave_one_out: CalendarPermutation exchanges {LARGEST_EXACT} years exactly and there are {k - 1}; "
            "use a shorter period, or CircularShift(within='year')"
        )
    table = sums.table.table[:, 0].astype(np.int64).reshape(k, k)
    others = np.arange(k) != number
    low, ways = permanent_polynomial(table[others][:, others])
    return Distribution(low, ways / math.factorial(k - 1))


def _joined_without(
    kept: Events, anchors: Events, scores: NDArray[np.int64], null: UniformDays | CircularShift, gone: Period
) -> Distribution:
    """Return the distribution on the days before and after the year, joined."""
    period = observed_period(kept)
    days = kept.days - np.where(kept.days >= gone.stop, len(gone), 0)
    joined = Events.from_days(days, Period.from_days(period.start, period.stop - len(gone)), kept.label)
    return null.exact(joined, anchors, scores[~gone.inside(period.days)])
