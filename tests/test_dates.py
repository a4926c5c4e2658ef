"""Every form of a date, held against the standard library's calendar."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy import Events
from eventstudy.dates import date_text, to_dates
from eventstudy.errors import DateError, EventStudyError
from eventstudy.events import to_days

UTC9 = dt.timezone(dt.timedelta(hours=9))
NEW_YORK_WINTER = dt.timezone(dt.timedelta(hours=-5))


def number(year, month, day):
    """Count the days from 1970-01-01 with the standard library alone."""
    return dt.date(year, month, day).toordinal() - dt.date(1970, 1, 1).toordinal()


# The same three days in every test: a leap day, and both sides of a New Year.
LEAP, EVE, NEW = number(2016, 2, 29), number(2017, 12, 31), number(2018, 1, 1)
TEXT = ["2016-02-29", "2017-12-31", "2018-01-01"]
DATES = [dt.date(2016, 2, 29), dt.date(2017, 12, 31), dt.date(2018, 1, 1)]

FORMS = {
    "text": TEXT,
    "text, padded": [f"  {text} " for text in TEXT],
    "text, single digits": ["2016-2-29", "2017-12-31", "2018-1-1"],
    "text, basic ISO": ["20160229", "20171231", "20180101"],
    "text, slashes, year first": ["2016/02/29", "2017/12/31", "2018/01/01"],
    "text, month in letters": ["29 February 2016", "Dec 31, 2017", "1-Jan-2018"],
    "text, day or month can be told": ["29/02/2016", "31.12.2017", "01/01/2018"],
    "text, with a time": ["2016-02-29 23:59:59", "2017-12-31T00:00", "2018-01-01T23:59:59.999999"],
    "text, with offsets": [
        "2016-02-29T03:00+09:00",
        "2017-12-31T23:30:00-0500",
        "2018-01-01 00:30:00.5 +09:00",
    ],
    "text, in UTC": ["2016-02-29T03:00Z", "2017-12-31 23:30 UTC", "2018-01-01T00:00:00Z"],
    "text, some with offsets": ["2016-02-29T03:00+09:00", "2017-12-31", "2018-01-01"],
    "array of text": np.array(TEXT),
    "date": DATES,
    "datetime": [dt.datetime(2016, 2, 29, 0, 0, 1), dt.datetime(2017, 12, 31, 23, 59, 59), dt.datetime(2018, 1, 1)],
    "datetime with zone": [
        dt.datetime(2016, 2, 29, 3, tzinfo=UTC9),
        dt.datetime(2017, 12, 31, 23, 30, tzinfo=NEW_YORK_WINTER),
        dt.datetime(2018, 1, 1, 0, 30, tzinfo=UTC9),
    ],
    "Timestamp": [pd.Timestamp(text) for text in TEXT],
    "Timestamp with zone": [pd.Timestamp(f"{text} 01:00", tz="Asia/Seoul") for text in TEXT],
    "DatetimeIndex": pd.DatetimeIndex(TEXT),
    "DatetimeIndex with zone": pd.DatetimeIndex([f"{text} 22:00" for text in TEXT], tz="America/New_York"),
    "Series of dates": pd.Series(DATES),
    "Series of text": pd.Series(TEXT, index=[7, 7, 9]),
    "Series of timestamps": pd.Series(pd.DatetimeIndex(TEXT)),
    "Series with zone": pd.Series(pd.DatetimeIndex([f"{text} 01:00" for text in TEXT], tz="Asia/Seoul")),
    "Series of categories": pd.Series(TEXT, dtype="category"),
    "tuple": tuple(TEXT),
    "set": set(TEXT),
    "dict keys": dict.fromkeys(TEXT),
    "int": [LEAP, EVE, NEW],
    "array of int32": np.array([LEAP, EVE, NEW], np.int32),
    "array of uint16": np.array([LEAP, EVE, NEW], np.uint16),
    "numpy ints": [np.int64(LEAP), np.int16(EVE), np.uint32(NEW)],
    "nullable ints": pd.Series([LEAP, EVE, NEW], dtype="Int64"),
    "whole floats": np.array([LEAP, EVE, NEW], float),
    "mixed": ["2016-02-29", dt.date(2017, 12, 31), NEW],
    "mixed with numpy": [np.int64(LEAP), np.datetime64("2017-12-31T12"), pd.Timestamp("2018-01-01 23:00")],
    "mixed with a whole float": [float(LEAP), dt.date(2017, 12, 31), "2018-01-01"],
    "events": Events(TEXT),
} | {
    f"datetime64[{unit}]": np.array(TEXT, "datetime64[D]").astype(f"datetime64[{unit}]")
    for unit in ("D", "h", "m", "s", "ms", "us", "ns")
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_the_same_dates_in_any_form_are_the_same_days(form):
    if isinstance(form, Events):
        form = form.days
    assert Events(form).days.tolist() == [LEAP, EVE, NEW]


def test_dates_may_come_one_by_one():
    assert Events(text for text in TEXT).days.tolist() == [LEAP, EVE, NEW]


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2016-02-29", LEAP),
        (DATES[1], EVE),
        (pd.Timestamp("2018-01-01 05:00", tz="Asia/Seoul"), NEW),
        (np.datetime64("2018-01-01"), NEW),
        (NEW, NEW),
        (np.int64(NEW), NEW),
        (np.array(NEW), NEW),
    ],
)
def test_a_single_date_is_a_series_of_one(value, day):
    assert Events(value).days.tolist() == [day]


@given(st.dates())
def test_every_day_of_the_calendar_is_counted_as_the_standard_library_counts(day):
    expected = number(day.year, day.month, day.day)
    text = day.isoformat()
    stamp = np.datetime64(text, "s")
    assert to_days([text, day, stamp, f"{text}T23:59:59+14:00"]).tolist() == [expected] * 4
    assert to_days(np.array([text], "datetime64[D]")).tolist() == [expected]
    assert date_text(expected) == text
    assert to_dates(np.array([expected]))[0] == pd.Timestamp(text)


def test_a_moment_before_1970_belongs_to_its_own_day_not_to_the_next():
    late = np.array(["1969-12-31T23:59:59.999999999"], "datetime64[ns]")
    assert to_days(late).tolist() == [-1]
    assert to_days([pd.Timestamp("1969-12-31 23:59:59"), "1969-12-31 00:00:01"]).tolist() == [-1, -1]


INCOMPLETE = ("names no day", "write YYYY-MM-DD")
AMBIGUOUS = ("is ambiguous, day or month first", "write YYYY-MM-DD")
NO_SUCH_DAY = ("is not a day of the calendar", "write YYYY-MM-DD")


@pytest.mark.parametrize(
    ("value", "what", "fix"),
    [
        *(
            (text, *NO_SUCH_DAY)
            for text in (
                "2017-02-30", "2017-02-29", "1900-02-29", "2017-13-01", "2017-00-10", "2017-01-00", "30/02/2017",
                "20170230", "2017/2/30", "2017-02-03 25:00", "2017-02-03x",
            )
        ),
        *((text, *AMBIGUOUS) for text in ("03/04/2017", "3.4.2017", "04-03-2017")),
        *(
            (text, *INCOMPLETE)
            for text in (
                "2017", "2017-02", "2017/02", "2017-2", " 2017 ", "Feb 2017", "04-2017", "1 2017", "2017.5", "2017Q1",
                "2017-W05", "10:30", "March 5", "5 March 10:30", "now", "today", "Friday", "", "NaT", "nan", "123",
                "05/05/12", "5-Mar-17",
            )
        ),
        (np.datetime64("2017"), *INCOMPLETE),
        (np.datetime64("2017-02"), *INCOMPLETE),
        (np.array(["2017-02"], "datetime64[M]"), *INCOMPLETE),
        ([dt.date(2017, 1, 1), np.datetime64("2017-02")], *INCOMPLETE),
        ([dt.date(2017, 1, 1), "2017-02"], *INCOMPLETE),
        ([dt.date(2017, 1, 1), "03/04/2017"], *AMBIGUOUS),
        (None, "entry 1 is missing", "give a date or leave it out"),
        (pd.NaT, "entry 1 is missing", "give a date or leave it out"),
        (["2017-01-01", None], "entry 2 is missing", "give a date or leave it out"),
        (["2017-01-01", float("nan")], "entry 2 is missing", "give a date or leave it out"),
        ([None, "2017-01-01", None], r"2 entries are missing \(1, 3\)", "as .dropna\\(\\) does"),
        ([None] * 6 + ["2017-01-01"], r"6 entries are missing \(1, 2, 3, 4, 5, ...\)", "give dates"),
        ([1, 2, pd.NaT], "entry 3 is missing", "give a date or leave it out"),
        (pd.Series([1, None]), "entry 2 is missing", "give a date or leave it out"),
        (pd.Series([1, None], dtype="Int64"), "entry 2 is missing", "give a date or leave it out"),
        (np.array(["2017-01-01", "NaT"], "datetime64[ns]"), "entry 2 is missing", "give a date or leave it out"),
        (True, "True and False are not dates", "give dates"),
        ([1, True], "True and False are not dates", "give dates"),
        (np.array([True, False]), "True and False are not dates", "give dates"),
        (1.5, "1.5 is not a whole number of days", "give dates"),
        ([1.0, 2.5], "2.5 is not a whole number of days", "give dates"),
        ([dt.date(2017, 1, 1), 2.5], "2.5 is not a whole number of days", "give dates"),
        (np.inf, "inf is not a whole number of days", "give dates"),
        (1e300, "is not a whole number of days", "give dates"),
        (pd.Period("2017-01", "M"), r"a period\[M\] names no day", "write YYYY-MM-DD"),
        (pd.PeriodIndex(["2017Q1"], freq="Q"), r"a period\[Q-DEC\] names no day", "write YYYY-MM-DD"),
        (dt.time(3), "is not a date", "write YYYY-MM-DD"),
        (pd.Timedelta(3, "D"), "is not a date", "write YYYY-MM-DD"),
        (object(), "is not a date", "write YYYY-MM-DD"),
    ],
)  # fmt: skip
def test_what_is_not_one_whole_day_is_refused_with_its_fix(value, what, fix):
    with pytest.raises(DateError, match=rf"(?s)^launches: .*{what}.*; .*{fix}") as caught:
        Events(value, label="launches")
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, EventStudyError)


def test_the_error_quotes_the_date_that_is_wrong():
    with pytest.raises(
        DateError, match=r"^launches: '2017-02-30' is not a day of the calendar; write YYYY-MM-DD$"
    ):
        Events(["2017-01-01", "2017-02-30", "2017-02-31"], label="launches")
