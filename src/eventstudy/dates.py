"""Conversion of dates in any form to whole days, and back.

A day is a whole number, counted from 1970-01-01 (day 0), so that counts, lags and ties are exact.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.date_grammar import EPOCH, FIX, compiled_format, day_of, fix_of
from eventstudy.errors import DateError

Days = NDArray[np.int64]

# A year alone or a year and month: enough for one end of a period, not for an event.
YEAR_OR_MONTH = re.compile(r"\s*\d{4}(-\d{1,2})?\s*")
YEARS = (1500, 2500)  # numbers that read as a year
FIRST_DATE, LAST_DATE = (datetime.date(year, 1, 1).toordinal() - EPOCH for year in (1000, 2501))
PERIODS = frozenset(
    f"period[{step}]" for step in ("D", "h", "min", "s", "ms", "us", "ns")
)  # no longer than a day
COMPACT = 10_000_000  # the smallest number of eight digits


def date_text(day: int) -> str:
    """Return the calendar date of a day number, as YYYY-MM-DD."""
    return str(np.datetime64(int(day), "D"))


def to_dates(days: Days) -> pd.DatetimeIndex:
    """Turn day numbers into dates, shape (n,)."""
    return pd.DatetimeIndex(np.asarray(days).astype("datetime64[D]").astype("datetime64[s]"))


def read_texts(texts: pd.Series[str], date_format: str | None = None) -> tuple[Days, dict[int, str]]:
    """Read dates from text, by :mod:`eventstudy.date_grammar`.

    `texts`: shape (n,). `date_format`: such as "%d/%m/%Y", where the texts alone do not say which number is
    the day.

    Returns `days`, shape (n,): zero where the text names no day. Returns `problems`: for each entry that
    names no day, by position, what is wrong and the fix. A date that reads differently with the day first and
    with the month first is refused, not guessed.
    """
    stated = None if date_format is None else compiled_format(date_format)
    codes, different = pd.factorize(texts)
    read = [day_of(text, stated) for text in different]
    days = np.array([0 if isinstance(day, str) else day for day in read], np.int64)[codes]
    wrong = np.array([isinstance(day, str) for day in read], bool)[codes]
    problems = {}
    for place in np.flatnonzero(wrong).tolist():
        what = str(read[codes[place]])
        fix = fix_of(what) if date_format is None else f"correct it, or date_format={date_format!r}"
        problems[place] = f"'{different[codes[place]]}' {what}; {fix}"
    return days, problems


def read_days(values: Any, label: str, held: tuple[int, int] | None = None) -> Days:
    """Turn dates in any form, or whole numbers, into day numbers.

    A time of day is dropped; a time zone is not converted: the date on the local clock counts.

    `label`: what the values are, for the error text. `held`: first day, and day after the last one, of a
    period of day numbers: whole numbers inside it are always read as days.

    Raises DateError if a value is missing, impossible, ambiguous, incomplete or not a whole day, or is a
    whole number that looks like a date.
    """
    array = _as_array(values, label)
    if array.dtype.kind in "iu" or array.size == 0:
        if array.dtype.kind == "u":
            array = np.minimum(
                array.astype(np.uint64), np.uint64(2**63 - 1)
            )  # beyond the calendar all the same
        return _numbers(array.astype(np.int64), label, held)
    if array.dtype.kind == "V":
        raise DateError(
            f"{label}: an entry has several fields; give the one of the dates, such as days['date']"
        )
    missing = np.flatnonzero(pd.isna(array))
    if missing.size:
        raise _missing(missing, label)
    if array.dtype.kind == "M":
        return _stamps(array, label)
    if array.dtype.kind == "f":
        array = array.astype(float)
        whole = np.isfinite(array) & (array == np.floor(array)) & (np.abs(array) < 2.0**53)
        if not whole.all():
            raise DateError(f"{label}: {array[~whole].flat[0]} is not a whole number of days; give dates")
        return _numbers(array.astype(np.int64), label, held)
    flat = pd.Series(array.ravel(), dtype=object)
    if flat.map(lambda value: isinstance(value, (bool, np.bool_))).any():
        raise DateError(f"{label}: True and False are not dates; give dates or day numbers")
    if flat.map(lambda value: isinstance(value, str)).all():
        days, problems = read_texts(flat.astype(str))
        if problems:
            raise DateError(f"{label}: {next(iter(problems.values()))}")
        return days
    return np.array([_one_day(value, label, held) for value in flat], np.int64)


def _missing(places: NDArray[np.intp], label: str) -> DateError:
    """Return the error for entries without a date, counted from 1."""
    first = ", ".join(f"{place + 1:,}" for place in places[:5])
    if places.size == 1:
        return DateError(f"{label}: entry {first} is missing; give a date or leave it out")
    more = ", ..." if places.size > 5 else ""
    return DateError(
        f"{label}: {places.size:,} entries are missing ({first}{more}); give dates or leave them out, as .dropna() does"
    )


def _numbers(days: Days, label: str, held: tuple[int, int] | None) -> Days:
    """Return day numbers; refuse those that look like dates, as they would land in another century.

    One number beyond the calendar is enough, such as 20120304, or seconds since 1970. A single number between 1500 and
    2500 may be a year or a day number of a simulation: there it takes half of the numbers.
    """
    open_to_doubt = np.ones(days.shape, bool) if held is None else (days < held[0]) | (days >= held[1])
    beyond = ((days < FIRST_DATE) | (days >= LAST_DATE)) & open_to_doubt
    years = (days >= YEARS[0]) & (days <= YEARS[1]) & open_to_doubt
    if not beyond.any() and (not years.any() or 2 * np.count_nonzero(years) < days.size):
        return days
    number = int(days[beyond if beyond.any() else years].flat[0])
    read = day_of(str(number)) if COMPACT <= number < 10 * COMPACT else ""
    if not isinstance(read, str):
        what, fix = f"looks like the date {date_text(read)}", f"'{date_text(read)}'"
    elif YEARS[0] <= number <= YEARS[1]:
        what, fix = "looks like a year", f"'{number}-12-31'"
    else:
        what, fix = "lies beyond the calendar", "'YYYY-MM-DD'"
    raise DateError(
        f"{label}: {number} {what}, and whole numbers count days since 1970-01-01; give dates, such as {fix}, or "
        "with day numbers their period, such as Period(0, 10_000)"
    )


def _stamps(array: NDArray[Any], label: str) -> Days:
    """Return the days of an array of datetime64."""
    if array.size and _longer_than_a_day(array.dtype):
        raise DateError(f"{label}: {array.flat[0]} names no day; {FIX}")
    days = array.astype("datetime64[D]").astype(np.int64)
    beyond = (days <= -EPOCH) | (days >= datetime.date.max.toordinal() - EPOCH + 1)
    if beyond.any():
        first = date_text(int(days[beyond].flat[0]))
        raise DateError(f"{label}: {first} lies beyond the calendar; {FIX}, with a year from 1 to 9999")
    return days


def _longer_than_a_day(kind: np.dtype[Any]) -> bool:
    """Tell whether a datetime64 counts years, months, weeks or several days."""
    unit, step = np.datetime_data(kind)
    return unit in ("Y", "M", "W") or (unit == "D" and step > 1)


def local_clock(values: Any) -> Any:
    """Return a column or index of pandas' own types as NumPy's; with a time zone, days follow the local clock.

    Raises DateError if it holds weeks, months or other spans longer than a day.
    """
    if isinstance(values.dtype, pd.PeriodDtype):
        if str(values.dtype) not in PERIODS:
            raise DateError(f"a {values.dtype} names no day; {FIX}")
        return pd.Series(values).dt.to_timestamp(how="start")
    if isinstance(values.dtype, pd.ArrowDtype):
        column = pd.Series(values)
        kind = str(column.dtype)
        if kind.startswith("timestamp"):
            return column.dt.tz_localize(None).astype("datetime64[ns]" if "[ns" in kind else "datetime64[us]")
        return column.astype("datetime64[s]") if kind.startswith("date") else column
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return pd.Series(values).dt.tz_localize(None)
    return values


def _as_array(values: Any, label: str) -> NDArray[Any]:
    """Return an array of the values, local clock times where they carry a time zone."""
    if not isinstance(values, (pd.Series, pd.Index, pd.DataFrame)) and hasattr(values, "to_pandas"):
        values = values.to_pandas()  # of pyarrow and polars
    if isinstance(values, pd.DataFrame):
        if values.shape[1] != 1:
            raise DateError(
                f"{label}: the table has {values.shape[1]} columns; give the one of the dates, such as table['date']"
            )
        values = values.iloc[:, 0]
    if isinstance(values, (pd.Series, pd.Index)):
        try:
            return np.asarray(local_clock(values))
        except DateError as error:
            raise DateError(f"{label}: {error}") from None
    if isinstance(values, np.ma.MaskedArray):
        masked = np.flatnonzero(np.ma.getmaskarray(values))
        if masked.size:
            raise _missing(masked, label)
        return np.asarray(values.data)
    if isinstance(values, np.ndarray):
        return values
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):  # bytes would be numbers
        values = [values]
    values = list(values)
    units = {value.dtype if isinstance(value, np.datetime64) else type(value) for value in values}
    if any(isinstance(value, (bool, np.bool_, str, bytes, tuple)) for value in values) or (
        len(units) > 1 and any(isinstance(unit, np.dtype) for unit in units)
    ):
        mixed = np.empty(len(values), object)  # NumPy would turn mixed entries into text, numbers or one unit
        for place, value in enumerate(values):
            mixed[place] = value
        return mixed
    try:
        return np.asarray(values)
    except ValueError:
        raise DateError(
            f"{label}: the entries are lists of unequal length; give one date for each event"
        ) from None


def _one_day(value: Any, label: str, held: tuple[int, int] | None) -> int:
    """Return the day of one entry of a mixed list."""
    if isinstance(value, int) and abs(value) >= 2**63:
        raise DateError(f"{label}: {value} is not a whole number of days; give dates")
    if isinstance(value, (str, int, float, np.integer, np.floating, np.datetime64)):
        return int(read_days([value], label, held)[0])
    if isinstance(value, datetime.date):  # a datetime or Timestamp too: the date on its own clock
        return value.toordinal() - EPOCH
    if isinstance(value, pd.Period):
        return int(read_days(pd.PeriodIndex([value]), label)[0])
    raise DateError(f"{label}: an entry is a {type(value).__name__}, which is not a date; {FIX}")
