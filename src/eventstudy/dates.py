"""Dates in any form to whole days, and back.

A day is a whole number, counted from 1970-01-01 (day 0), so that counts, lags and ties are exact.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import DateError

Days = NDArray[np.int64]

# A year alone or a year and month: enough for one end of a period, not for an event.
INCOMPLETE = re.compile(r"\s*\d{4}(-\d{1,2})?\s*")
TIME_OF_DAY = re.compile(r"[T\s]*\d{1,2}:\d{2}.*")
MONTH = re.compile(r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)
OFFSET = re.compile(r"((?:T|:)\d[\d:.]*)\s*(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)\s*$")
FIX = "write YYYY-MM-DD"


def date_text(day: int) -> str:
    """Return the calendar date of a day number, as YYYY-MM-DD."""
    return str(np.datetime64(int(day), "D"))


def to_dates(days: Days) -> pd.DatetimeIndex:
    """Turn day numbers into dates, shape (n,)."""
    return pd.DatetimeIndex(np.asarray(days).astype("datetime64[D]").astype("datetime64[s]"))


def read_texts(texts: pd.Series[str]) -> tuple[Days, dict[int, str]]:
    """Read dates from text.

    Parameters
    ----------
    texts : Series of str, shape (n,)

    Returns
    -------
    days : ndarray of int64, shape (n,)
        Zero where the text names no day.
    problems : dict of int to str
        For each entry that names no day, by position, what is wrong and the fix. A date that reads
        differently with the day first and with the month first is refused, not guessed.
    """
    texts = texts.reset_index(drop=True)
    incomplete = ~texts.map(_names_a_day).to_numpy(bool)
    # Without its offset, so that nothing is converted: the date on the local clock counts.
    local = texts.str.strip().str.replace(OFFSET, r"\1", regex=True).mask(incomplete)
    read = _timestamps(local, format="ISO8601")
    other = (read.isna() & ~incomplete).to_numpy(bool)
    impossible, ambiguous = other.copy(), np.zeros(other.size, bool)
    if other.any():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # both orders are tried, so advice on one is idle
            month_first, day_first = (
                _timestamps(local[other], format="mixed", dayfirst=first) for first in (False, True)
            )
        impossible[other] = (month_first.isna() | day_first.isna()).to_numpy(bool)
        ambiguous[other] = (month_first != day_first).to_numpy(bool)
        ambiguous &= ~impossible
        read[other] = month_first.astype(read.dtype)
    problems = {
        int(place): f"'{texts[place]}' {what}; {FIX}"
        for which, what in (
            (incomplete, "names no day, month and four-digit year"),
            (impossible, "is not a day of the calendar"),
            (ambiguous, "is ambiguous, day or month first"),
        )
        for place in np.flatnonzero(which)
    }
    days = read.mask(incomplete | impossible | ambiguous, pd.Timestamp(0))
    return days.to_numpy("datetime64[D]").astype(np.int64), dict(sorted(problems.items()))


def _timestamps(texts: pd.Series[str], **how: Any) -> pd.Series[Any]:
    """Turn texts into time stamps; what is none, or carries a time zone all the same, is missing."""
    try:
        read = pd.to_datetime(texts, errors="coerce", **how)
    except (ValueError, TypeError, OverflowError):  # some texts carry a time zone and others do not
        read = pd.Series(dtype=object)
    if read.dtype.kind == "M" and not isinstance(read.dtype, pd.DatetimeTZDtype):
        return read
    alone = [_timestamp(text, **how) for text in texts]
    return pd.Series(alone, index=texts.index, dtype="datetime64[s]")


def _timestamp(text: Any, **how: Any) -> Any:
    try:
        read = pd.to_datetime(text, errors="coerce", **how)
    except (ValueError, TypeError, OverflowError):
        return pd.NaT
    return read if getattr(read, "tzinfo", None) is None else pd.NaT


def _names_a_day(text: str) -> bool:
    """Tell whether year, month and day all stand in a text: pandas takes what is missing from the clock, or 1."""
    date = TIME_OF_DAY.sub("", text)
    numbers = re.findall(r"\d+", date)
    parts = len(numbers) + (MONTH.search(date) is not None)
    return any(len(n) >= 8 for n in numbers) or (parts >= 3 and any(len(n) == 4 for n in numbers))


def read_days(values: Any, label: str) -> Days:
    """Turn dates in any form that pandas reads, or whole numbers, into day numbers.

    A time of day is dropped; a time zone is not converted: the date on the local clock counts.

    Raises
    ------
    DateError
        If a value is missing, impossible, ambiguous, incomplete or not a whole day.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        return values.astype(np.int64, copy=False)
    array = _as_array(values)
    if array.dtype.kind in "iu" or array.size == 0:
        return array.astype(np.int64)
    missing = np.flatnonzero(pd.isna(array))
    if missing.size:
        raise DateError(f"{label}: entry {missing[0] + 1} is missing; give a date or leave it out")
    if array.dtype.kind == "M":
        if np.datetime_data(array.dtype)[0] in ("Y", "M"):
            raise DateError(f"{label}: {array.flat[0]} names no day; {FIX}")
        return array.astype("datetime64[D]").astype(np.int64)
    if array.dtype.kind == "f":
        whole = np.isfinite(array) & (array == np.floor(array)) & (np.abs(array) < 2.0**53)
        if not whole.all():
            raise DateError(f"{label}: {array[~whole].flat[0]} is not a whole number of days; give dates")
        return array.astype(np.int64)
    flat = pd.Series(array.ravel(), dtype=object)
    if flat.map(lambda value: isinstance(value, (bool, np.bool_))).any():
        raise DateError(f"{label}: True and False are not dates; give dates or day numbers")
    if flat.map(lambda value: isinstance(value, str)).all():
        days, problems = read_texts(flat.astype(str))
        if problems:
            raise DateError(f"{label}: {next(iter(problems.values()))}")
        return days
    return np.array([_one_day(value, label) for value in flat], np.int64)


def _as_array(values: Any) -> NDArray[Any]:
    """Return an array of the values, local clock times where they carry a time zone."""
    if isinstance(values, (pd.Series, pd.Index)):
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values = pd.DatetimeIndex(values).tz_localize(None)
        return np.asarray(values)
    if isinstance(values, np.ndarray):
        return values
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        values = [values]
    values = list(values)
    if any(isinstance(value, (bool, np.bool_, str)) for value in values):
        return np.array(values, dtype=object)  # NumPy would turn mixed entries into text or numbers
    return np.asarray(values)


def _one_day(value: Any, label: str) -> int:
    """Return the day of one entry of a mixed list."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (str, float, np.floating, np.datetime64)):
        return int(read_days([value], label)[0])
    try:
        return int(np.datetime64(pd.Timestamp(value).tz_localize(None), "D").astype(np.int64))
    except (ValueError, TypeError) as error:
        raise DateError(f"{label}: {value!r} is not a date ({error}); {FIX}") from None
