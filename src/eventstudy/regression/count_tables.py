"""Events and anchors as a table of counts: a row for each day, week or month, ready for a regression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.arguments import quoted, whole
from eventstudy.daily import (
    covariate_categories,
    covariate_numbers,
    covariate_values,
    coverings,
    is_categories,
    named_columns,
)
from eventstudy.dates import Days, date_text, to_dates
from eventstudy.errors import DateError, ModelError, OptionError, own_errors
from eventstudy.events import Events, observed_period, to_days
from eventstudy.pairs import check_anchors, pair_checksums
from eventstudy.periods import Period
from eventstudy.questions import check_reach
from eventstudy.regression.table_records import ATTRIBUTE, TableRecord, windows_text
from eventstudy.seasons import yearly_waves
from eventstudy.windows import Window

FREQUENCIES = {"D": "day", "W": "week", "M": "month"}
CALENDAR = ("year", "month", "weekday", "sin1", "cos1", "sin2", "cos2")
RESERVED = ("start", "days", "count", *CALENDAR)


@own_errors
def count_table(
    events: Events,
    anchors: Events,
    windows: Mapping[str, Any],
    *,
    freq: str = "D",
    covariates: Mapping[str, Any] | None = None,
    history: Mapping[str, tuple[int, int]] | None = None,
) -> pd.DataFrame:
    """Count events by day, week or month, with columns for the anchors' windows, the calendar and covariates.

    Parameters
    ----------
    events, anchors : Events
        The period of the table is that of `events`. Windows of anchors outside it still count where they reach into it.
    windows : mapping of str to Window, (Window, Events) or intervals
        One column each. A `Window` lies around `anchors`, a pair around other anchors, such as the last
        days of summits. Intervals, such as the summits from first to last day, are a frame with the columns ``start``
        and ``end`` or pairs of first and last day, both included.
    freq : {"D", "W", "M"}, default "D"
        A row for each day, for each week from Monday to Sunday, or for each calendar month. Weeks and months may be
        incomplete at both ends of the period; ``days`` says so.
    covariates : mapping of str to Events, days, intervals or Series, or frame with a date index, optional
        One column each: 1 on the given days (holidays), 1 on the days of the given intervals (exercises),
        or the values of a Series with a date index that covers the period day by day. Text and categories, in a
        daily table, stay as they are: a formula reads them as a factor.
    history : mapping of str to (int, int), optional
        Terms of self-excitation: 1 on days with an event between the first and the last number of days
        earlier, both included, so ``{"past_7": (1, 7), "past_8_30": (8, 30)}``. Events before the period are
        unknown, so the first rows are counted as if there had been none. Days only: with weeks the events
        of a row would be on both sides of the equation. With year effects their ratios are biased slightly below 1, as
        the other events of a year are fewer than all of them; within shorter strata the bias is so strong that
        :func:`conditional_poisson_regression` refuses them.

    Returns
    -------
    pandas.DataFrame
        ``start`` (first day of the row), ``days`` (exposure), ``count``, a column per window (0 or 1 by
        day, else the share of the row's days), ``year month weekday`` (of ``start``; Monday is 0), ``sin1 cos1 sin2
        cos2`` (of ``2 pi k (day of year - 1) / 365.25``, mean over the row's days), a column per covariate (mean)
        and history term.

    Raises
    ------
    EventsError, PeriodError
        If `events` have no period, or a Series does not cover it.
    ModelError
        If two columns would have the same name.
    OptionError
        If `freq` or an entry cannot be read.

    Examples
    --------
    >>> import eventstudy as es
    >>> launches = es.Events(["2022-01-05", "2022-01-11"], es.Period("2022-01-01", "2022-01-15"), "launches")
    >>> table = es.count_table(launches, es.Events(["2022-01-13"]), {"before": es.Window(-3, 0)})
    >>> table.loc[table["count"] > 0, ["start", "days", "count", "before"]]
            start  days  count  before
    4  2022-01-05     1      1       0
    10 2022-01-11     1      1       1
    """
    period = observed_period(events)
    check_anchors(anchors)
    for name, given in (("windows", windows), ("history", {} if history is None else history)):
        if not isinstance(given, Mapping):
            raise OptionError(
                f"count_table: {name} is a {type(given).__name__}; give each by its name, such as {{'before': ...}}"
            )
    if not isinstance(freq, str) or freq not in FREQUENCIES:
        raise OptionError(
            f"count_table: freq={quoted(freq)} is not known; give 'D' (days), 'W' (weeks) or 'M' (months)"
        )
    covariates, history = named_columns(covariates, "count_table"), history or {}
    _check_names([*windows, *covariates, *history])
    if history and freq != "D":
        raise OptionError(
            f"count_table: history needs a row per day, not per {FREQUENCIES[freq]}; use freq='D'"
        )
    bounds = _row_starts(period, freq)
    rows = _Rows(period, bounds, freq)
    dates = to_dates(period.start + bounds)
    table: dict[str, object] = {
        "start": dates,
        "days": np.diff(bounds, append=len(period)),
        "count": np.add.reduceat(events.daily_counts(), bounds),
    }
    n_anchors: dict[str, int] = {}
    for name, window in windows.items():
        daily, n_anchors[name] = _window_column(window, anchors, period, f"count_table: windows[{name!r}]")
        table[name] = rows.mean(daily)
    table |= {"year": dates.year, "month": dates.month, "weekday": dates.day_of_week}
    table |= {name: rows.mean(wave) for name, wave in yearly_waves(period.days, 2).items()}
    for name, value in covariates.items():
        table[name] = _covariate(value, rows, f"count_table: covariates[{name!r}]")
    for name, lags in history.items():
        _check_lags(lags, f"count_table: history[{name!r}]")
        table[name] = history_column(events, lags)
    frame = pd.DataFrame(table)
    frame.attrs[ATTRIBUTE] = TableRecord(
        events=events.label,
        n_anchors=n_anchors,
        history=list(history),
        data=pair_checksums(events, anchors),
        notes=[*events.notes, *anchors.notes],
        call=f"count_table({events.label}, {anchors.anchors_label}, {windows_text(windows)}, freq={freq!r}, "
        f"covariates={windows_text(covariates)}, history={dict(history)!r})",
        shape=(frame.shape[0], tuple(frame.columns)),
    )
    return frame


class _Rows:
    """The assignment of the days of a period to the rows of a table."""

    def __init__(self, period: Period, bounds: NDArray[np.int64], freq: str) -> None:
        self.period, self.bounds, self.freq = period, bounds, freq
        self.lengths = np.diff(bounds, append=len(period))

    def mean(self, daily: NDArray[Any]) -> NDArray[Any]:
        """Return the mean of a daily series over each row's days, unchanged if a row is a day."""
        if self.bounds.size == len(self.period):
            return daily
        return np.add.reduceat(daily, self.bounds) / self.lengths

    def one_each(self, series: pd.Series[Any], where: str) -> NDArray[np.float64] | None:
        """Return the values of a Series with one date in the week or month of each row, else None."""
        if not isinstance(series.index, pd.DatetimeIndex) or self.freq == "D":
            return None
        given, own = (
            _labels(days, self.freq)
            for days in (to_days(series.index, f"{where} index"), self.period.start + self.bounds)
        )
        values = pd.Series(covariate_numbers(series, where), index=given)
        values = values[values.index.isin(own)]
        if values.size != own.size or values.index.has_duplicates or not np.isfinite(values).all():
            return None
        return np.asarray(values.reindex(own), float)


def _row_starts(period: Period, freq: str) -> NDArray[np.int64]:
    """Return the place of each row's first day in the period."""
    label = _labels(period.days, freq)
    return np.flatnonzero(np.diff(label, prepend=label[0] - 1))


def _labels(days: Days, freq: str) -> NDArray[np.int64]:
    """Return the number of each day's day, week or month."""
    if freq == "D":
        return days
    if freq == "W":
        return (days + 3) // 7  # day 0 was a Thursday, so weeks that begin on Monday change where this does
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _window_column(value: Any, anchors: Events, period: Period, where: str) -> tuple[Days, int]:
    """Return 1 on the days of a window, and the number of anchors whose window reaches the period."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Window):
        value, anchors = value[0], Events.from_days(to_days(value[1], where))
    if isinstance(value, Window):
        check_reach(where, anchors, period, value)
        return value.indicator(anchors, period), int(value.reaching(anchors, period).size)
    first, last = _intervals(value, where)
    return _during(first, last, period), int(((first < period.stop) & (last >= period.start)).sum())


def _intervals(value: Any, where: str) -> tuple[Days, Days]:
    """Read intervals with both ends included."""
    if isinstance(value, pd.DataFrame):
        if missing := [name for name in ("start", "end") if name not in value.columns]:
            raise OptionError(
                f"{where}: the frame has no column {missing[0]!r}; intervals need the columns 'start' and 'end'"
            )
        first, last = to_days(value["start"], f"{where} start"), to_days(value["end"], f"{where} end")
    else:
        try:
            pairs = [(a, b) for a, b in value]
        except (TypeError, ValueError):
            raise OptionError(
                f"{where}: cannot read {type(value).__name__} {value!r:.60}; give a Window, a pair (Window, Events), "
                "a frame with 'start' and 'end', or pairs of first and last day"
            ) from None
        first = to_days([a for a, _ in pairs], f"{where} start")
        last = to_days([b for _, b in pairs], f"{where} end")
    turned = np.flatnonzero(last < first)
    if turned.size:
        k = turned[0]
        raise OptionError(
            f"{where}: interval {k + 1} ends on {date_text(last[k])}, before it starts on {date_text(first[k])}; "
            "swap its ends (both are included)"
        )
    return first, last


def _during(first: Days, last: Days, period: Period) -> Days:
    """Return 1 on the days of at least one interval, both ends included, shape ``(len(period),)``."""
    return (coverings(first, last + 1, period) > 0).astype(np.int64)


def _covariate(value: Any, rows: _Rows, where: str) -> NDArray[Any]:
    """Return the values of a covariate, one for each row."""
    period = rows.period
    if isinstance(value, pd.Series) and isinstance(value.index, (pd.DatetimeIndex, pd.PeriodIndex)):
        if rows.freq == "D" and is_categories(value):
            return covariate_categories(value, period, where)
        own = rows.one_each(value, where)
        return rows.mean(covariate_values(value, period, where)) if own is None else own
    if isinstance(value, pd.Series) and value.dtype.kind == "f":
        raise OptionError(
            f"{where}: its numbers have no dates; give the Series an index of dates, one value for each day"
        )
    if isinstance(value, pd.DataFrame) or (not isinstance(value, Events) and np.ndim(value) == 2):
        return rows.mean(_during(*_intervals(value, where), period))
    try:
        days = to_days(value, where).ravel()
    except DateError:
        if np.size(value) != len(period):
            raise
        raise OptionError(
            f"{where}: its entries are no dates; give values as a Series with a date index, such as "
            "pandas.Series(values, period.dates); a frame with frame.set_index('date')"
        ) from None
    values = (
        not isinstance(value, Events)
        and days.size == len(period)
        and pd.api.types.is_numeric_dtype(np.asarray(value))
    )
    if values or (days.size and not period.inside(days).any()):
        said = "a number for each day" if values else f"no date in {period}"
        raise OptionError(
            f"{where}: got {said}; give dates of the period, or values as a Series with a date index, such as "
            "pandas.Series(values, period.dates)"
        )
    return rows.mean(Window(0, 1).indicator(days, period))


def history_column(events: Events, lags: tuple[int, int]) -> Days:
    """Return 1 on days with an event between the first and the last number of days earlier, both included."""
    first, last = lags
    return Window(first, last + 1).indicator(events, observed_period(events))


def _check_lags(lags: tuple[int, int], where: str) -> None:
    try:
        first, last = (whole(end, where, "a lag", fix="give days") for end in lags)
    except (TypeError, ValueError):
        first = last = 0
    if not 1 <= first <= last:
        raise OptionError(
            f"{where}: {lags!r} are not lags back from the day; the past week is (1, 7), without the day itself"
        )


def _check_names(names: list[str]) -> None:
    for name in names:
        if name in RESERVED:
            raise ModelError(f"count_table: {name!r} is a column of every count table; choose another name")
        if not str(name).isidentifier():
            raise ModelError(
                f"count_table: {name!r} cannot be used in a formula; use letters, digits and _, such as 'past_7'"
            )
    if twice := {name for name in names if names.count(name) > 1}:
        raise ModelError(f"count_table: {min(twice)!r} names two columns; choose another name for one")
