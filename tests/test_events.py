"""Days, periods and events: every form of a date, held against the standard library's calendar."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import pickle
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy import Events, Period
from eventstudy.dates import date_text, to_dates
from eventstudy.errors import DateError, EventsError, EventStudyError, PeriodError
from eventstudy.events import checked_pair, observed_period, pair_checksums, to_days

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
        (pd.Period("2017-01-01", "D"), "is not a date", "write YYYY-MM-DD"),
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


def test_a_period_is_half_open():
    period = Period("2016-02-28", "2016-03-01")
    assert (len(period), period.start, period.stop) == (2, LEAP - 1, LEAP + 1)
    assert [day in period for day in (LEAP - 2, LEAP - 1, LEAP, LEAP + 1)] == [False, True, True, False]
    assert period.days.tolist() == [LEAP - 1, LEAP]
    assert period.inside(np.array([[LEAP + 1, LEAP], [LEAP - 1, 0]])).tolist() == [
        [False, True],
        [True, False],
    ]
    assert period.dates.tolist() == [pd.Timestamp("2016-02-28"), pd.Timestamp("2016-02-29")]


@given(st.dates(), st.integers(1, 40_000))
def test_a_period_can_be_typed_again_from_its_text(start, length):
    first = number(start.year, start.month, start.day)
    period = Period(first, first + length)
    assert len(period) == length
    if first + length <= number(9999, 12, 31):
        assert eval(repr(period), {"Period": Period}) == period
        assert str(period) == f"{date_text(first)} to {date_text(first + length)} (not included)"


def test_a_year_or_a_month_as_one_end_means_its_first_day():
    assert Period("2012", "2025") == Period("2012-01-01", "2025-01-01")
    assert Period("2012-02", " 2012-03 ") == Period(dt.date(2012, 2, 1), dt.date(2012, 3, 1))
    assert len(Period("2012-02", "2012-03")) == 29
    assert len(Period("2012", "2025")) == sum(366 if y % 4 == 0 else 365 for y in range(2012, 2025))


@pytest.mark.parametrize(
    ("ends", "kind", "text"),
    [
        (
            ("2018-01-01", "2017-01-01"),
            PeriodError,
            r"^Period\(2018-01-01, 2017-01-01\): it holds no day; stop must come after start",
        ),
        (
            ("2018-01-01", "2018-01-01"),
            PeriodError,
            r"^Period\(2018-01-01, 2018-01-01\): it holds no day; .* stop is the day after the last one",
        ),
        ((5, 5), PeriodError, r"it holds no day; stop must come after start"),
        (("2017-02-30", "2018"), DateError, r"^Period start: '2017-02-30' is not a day of the calendar; write YYYY-"),
        (("2017", "2018-13"), DateError, r"^Period stop: '2018-13-01' is not a day of the calendar; write YYYY-MM-DD"),
        (("03/04/2017", "2018"), DateError, r"^Period start: '03/04/2017' is ambiguous, day or month first; write YY"),
        ((None, "2018"), DateError, r"^Period start: entry 1 is missing; give a date"),
        (("2017", [1, 2]), PeriodError, r"^Period: stop must be one day, not 2; give a date or a day number"),
        (("2017", []), PeriodError, r"^Period: stop must be one day, not 0; give a date or a day number"),
    ],
)  # fmt: skip
def test_a_period_of_no_day_is_refused(ends, kind, text):
    with pytest.raises(kind, match=text):
        Period(*ends)


def test_periods_and_events_do_not_change():
    period = Period(0, 10)
    events = Events([1, 2], period)
    with pytest.raises(dataclasses.FrozenInstanceError):
        period.start = 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        events.days = np.array([3])
    for one in (events, copy.copy(events), copy.deepcopy(events), pickle.loads(pickle.dumps(events))):
        assert (one.days.tolist(), one.period, one.label) == ([1, 2], period, "events")
        with pytest.raises(ValueError, match="read-only"):
            one.days[0] = 7


@given(st.lists(st.integers(-5, 5), max_size=8), st.randoms())
def test_the_order_of_the_input_does_not_matter_and_the_input_stays_as_it_is(days, random):
    given_days = np.array(days, np.int64)
    before = given_days.copy()
    events = Events(given_days, Period(-5, 6))
    shuffled = list(days)
    random.shuffle(shuffled)
    assert events.days.tolist() == Events(shuffled).days.tolist() == sorted(days)
    assert (given_days == before).all()
    assert given_days.flags.writeable
    assert not np.shares_memory(events.days, given_days)


@pytest.mark.parametrize("outside", ["2015-12-31", "2019-01-01"])
def test_an_event_outside_the_period_is_an_error_that_names_the_first(outside):
    period = Period("2016", "2019")
    with pytest.raises(
        EventsError,
        match=rf"^launches: 1 of 4 lie outside the period 2016-01-01 to 2019-01-01 \(not included\), "
        rf"the first on {outside}; widen the period, or leave them out with Events\(days\)\.within\(period\)$",
    ):
        Events([*TEXT, outside], period, "launches")


def test_the_fix_of_that_error_works():
    period = Period("2016", "2018")
    inside = Events(TEXT, label="launches").within(period)
    assert (inside.days.tolist(), inside.period, inside.label) == ([LEAP, EVE], period, "launches")


def test_a_period_of_another_type_is_refused():
    with pytest.raises(
        PeriodError, match=r"^launches: the period is a tuple; give an eventstudy\.Period\(start, stop\)"
    ):
        Events(TEXT, ("2016", "2019"), "launches")


def test_events_can_only_be_cut_to_days_that_were_watched():
    events = Events(TEXT, Period("2016", "2019"), "launches")
    assert events.within(Period("2017", "2018")).days.tolist() == [EVE]
    with pytest.raises(
        PeriodError,
        match=r"^launches: they were observed over 2016-01-01 to 2019-01-01 \(not included\), not over all of "
        r"2017-01-01 to 2020-01-01 \(not included\); choose a period inside the observed one$",
    ):
        events.within(Period("2017", "2020"))


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(0, 6))
def test_merged_events_are_the_first_of_each_run(days, gap):
    kept, last = [], None
    for day in sorted(days):
        if last is None or day - last > gap:
            kept.append(day)
        last = day
    period = Period(0, 31)
    merged = Events(days, period, "tours").merged(gap)
    assert (merged.days.tolist(), merged.period, merged.label) == (kept, period, "tours")


def test_a_negative_gap_is_refused():
    with pytest.raises(EventsError, match=r"^launches: gap_days is -1; give 0 or more days"):
        Events([1], label="launches").merged(-1)


@given(st.lists(st.integers(-3, 8), max_size=15))
def test_daily_counts_and_distinct_days_count_what_is_there(days):
    events = Events(days, Period(-3, 9))
    count = Counter(days)
    assert events.daily_counts().tolist() == [count[day] for day in range(-3, 9)]
    assert events.distinct().days.tolist() == sorted(count)
    assert len(events) == len(days)


def test_events_by_year_count_years_without_events_too():
    events = Events(TEXT, Period("2015-07-01", "2019-01-01"))
    assert events.by_year().to_dict() == {2015: 0, 2016: 1, 2017: 1, 2018: 1}


def test_a_table_of_events_has_their_dates():
    frame = Events(TEXT).to_frame()
    assert frame["date"].dt.strftime("%Y-%m-%d").tolist() == TEXT
    assert frame["day"].tolist() == [LEAP, EVE, NEW]


def test_events_without_a_period_are_told_which_would_be_a_start():
    with pytest.raises(
        PeriodError,
        match=r"^launches: the period under observation is not given; use Events\(days, Period\(start, stop\)\); "
        r"the dates span 2016-02-29 to 2018-01-01, so Period\('2016-02-29', '2018-01-02'\) would be a start$",
    ):
        observed_period(Events(TEXT, label="launches"))
    with pytest.raises(PeriodError, match=r"not given; use Events\(days, Period\(start, stop\)\)$"):
        observed_period(Events([]))


@pytest.mark.parametrize(
    ("events", "anchors", "kind", "text"),
    [
        (
            [1, 2],
            Events([1]),
            EventsError,
            r"^events: got a list; wrap the dates as Events\(dates, Period\(start, stop",
        ),
        (
            Events([1], Period(0, 9)),
            [1, 2],
            EventsError,
            r"^anchors: got a list; wrap the dates as Events\(dates\)",
        ),
        (
            Events([], Period(0, 9), "launches"),
            Events([1]),
            EventsError,
            r"^launches: no event lies in 1970-01-01 to 1970-01-10 \(not included\); a test needs at least one",
        ),
        (
            Events([1], Period(0, 9)),
            Events([], label="summits"),
            EventsError,
            r"^summits: there is no anchor; a test needs at least one",
        ),
        (Events([1]), Events([1]), PeriodError, r"^events: the period under observation is not given"),
    ],
)
def test_a_pair_that_cannot_be_tested_is_refused(events, anchors, kind, text):
    with pytest.raises(kind, match=text):
        checked_pair(events, anchors)


def test_both_series_of_a_pair_are_identified_even_if_they_share_a_label():
    period = Period(0, 9)
    launches, summits = Events([1, 2], period, "launches"), Events([3], label="summits")
    apart = pair_checksums(launches, summits)
    assert list(apart) == ["launches", "summits"]
    same = pair_checksums(Events([1, 2], period), Events([3]))
    assert same == {"events": apart["launches"], "events (anchors)": apart["summits"]}
    assert len({*apart.values()}) == 2
    assert pair_checksums(Events([1, 2], Period(0, 10), "launches"), summits)["launches"] != apart["launches"]
