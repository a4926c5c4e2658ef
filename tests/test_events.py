"""Periods and events, held against the standard library's calendar and plain loops."""

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

import eventstudy as es
from eventstudy import Events, Period
from eventstudy.dates import date_text
from eventstudy.errors import DateError, EventsError, PeriodError
from eventstudy.events import observed_period
from eventstudy.pairs import checked_pair, pair_checksums


def number(year, month, day):
    """Count the days from 1970-01-01 with the standard library alone."""
    return dt.date(year, month, day).toordinal() - dt.date(1970, 1, 1).toordinal()


LEAP, EVE, NEW = number(2016, 2, 29), number(2017, 12, 31), number(2018, 1, 1)
TEXT = ["2016-02-29", "2017-12-31", "2018-01-01"]  # a leap day, and both sides of a New Year


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
    period = Period.from_days(first, first + length)
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
    same = pair_checksums(launches, Events([3], label="launches"))
    assert same == {"launches": apart["launches"], "launches (anchors)": apart["summits"]}
    assert len({*apart.values()}) == 2
    assert pair_checksums(Events([1, 2], Period(0, 10), "launches"), summits)["launches"] != apart["launches"]


PAIRED = ["2012-01-05", "2012-03-01"]


@pytest.mark.parametrize(
    ("days", "given"),
    [
        (set(PAIRED), {"uncertainty": [1, 2]}),
        (frozenset(PAIRED), {"announced": ["2011-12-01", "2012-02-01"]}),
        (PAIRED, {"announced": {"2011-12-01", "2012-02-01"}}),
        (PAIRED, {"uncertainty": {1, 2}}),
    ],
)
def test_a_set_is_refused_where_its_order_would_say_which_value_belongs_to_which_date(days, given):
    with pytest.raises(
        EventsError, match=r"are a set, whose order is arbitrary, .*; give lists in the same order"
    ):
        Events(days, **given)


def test_a_set_of_days_is_taken_where_all_have_the_same_uncertainty():
    assert Events(set(PAIRED), uncertainty=2).n_uncertain == 2


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda events: pickle.loads(pickle.dumps(events))]
)
def test_copies_of_events_are_equal_to_them(copied):
    events = es.Events([1, 4, 4], es.Period(0, 9), "bells", uncertainty=[0, 1, 0], announced=[0, 2, 3])
    assert copied(events) == events
    assert hash(copied(events)) == hash(events)


@pytest.mark.parametrize(
    "other",
    [
        es.Events([1, 4, 5], es.Period(0, 9), "bells"),
        es.Events([1, 4], es.Period(0, 9), "bells"),
        es.Events([1, 4, 4], es.Period(0, 10), "bells"),
        es.Events([1, 4, 4], None, "bells"),
        es.Events([1, 4, 4], es.Period(0, 9), "gongs"),
        es.Events([1, 4, 4], es.Period(0, 9), "bells", uncertainty=1),
        es.Events([1, 4, 4], es.Period(0, 9), "bells", announced=[1, 4, 4]),
    ],
)
def test_events_with_other_dates_or_another_name_are_not_equal(other):
    assert es.Events([4, 1, 4], es.Period(0, 9), "bells") != other


def test_how_the_dates_were_read_makes_no_other_events():
    assert es.Events([1], es.Period(0, 9), notes=["1 row left out"]) == es.Events([1], es.Period(0, 9))
