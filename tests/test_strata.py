"""Cutting a period, held against the standard library's calendar day by day."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy import CircularShift, Period, UniformDays
from eventstudy.errors import DateError, StrataError
from eventstudy.strata import check_within, cut, describe

ORIGIN = dt.date(1970, 1, 1)
KEYS = {
    "year": lambda day: day.year,
    "quarter": lambda day: (day.year, (day.month - 1) // 3),
    "month": lambda day: (day.year, day.month),
}


@pytest.mark.parametrize("within", KEYS)
@given(start=st.dates(dt.date(1895, 1, 1), dt.date(2110, 1, 1)), length=st.integers(1, 1200))
def test_calendar_strata_hold_the_days_that_share_a_name(within, start, length):
    first = (start - ORIGIN).days
    days = range(first, first + length)
    groups = groupby(days, key=lambda day: KEYS[within](ORIGIN + dt.timedelta(days=day)))
    expected = [list(group) for _, group in groups]
    strata = cut(Period.from_days(first, first + length), within)
    found = [list(range(a, b)) for a, b in zip(strata.edges[:-1], strata.edges[1:], strict=True)]
    assert found == expected
    assert len(strata) == len(expected)
    assert strata.lengths.tolist() == [len(group) for group in expected]
    assert strata.labels == [str(ORIGIN + dt.timedelta(days=group[0])) for group in expected]
    home = strata.index(np.array(days))
    assert home.tolist() == [number for number, group in enumerate(expected) for _ in group]
    values = np.array(days)
    assert [values[piece].tolist() for piece in strata.slices(first)] == expected


def test_without_strata_the_period_is_one_piece():
    assert cut(Period(3, 9), None).edges.tolist() == [3, 9]


def test_a_cut_date_opens_a_stratum():
    period = Period("2016-01-01", "2016-03-10")
    strata = cut(period, ["2016-02-29", dt.date(2016, 3, 1)])
    assert strata.labels == ["2016-01-01", "2016-02-29", "2016-03-01"]
    assert strata.lengths.tolist() == [59, 1, 9]


def test_strata_reach_beyond_the_dates_that_nanoseconds_can_hold():
    assert len(cut(Period("2250-01-01", "2300-01-01"), "year")) == 50


@pytest.mark.parametrize("day", ["2016-01-01", "2016-03-10", "2020-01-01", "2015-12-31"])
def test_a_cut_date_that_cuts_nothing_is_refused(day):
    with pytest.raises(
        StrataError,
        match=rf"^strata: the cut date {day} does not lie inside the period 2016-01-01 to 2016-03-10 \(not "
        r"included\); leave it out$",
    ):
        cut(Period("2016-01-01", "2016-03-10"), [day])


@pytest.mark.parametrize("within", ["decade", "Year", "2016-01-01", 7, 3.5, True])
def test_an_unknown_way_to_cut_is_refused_where_it_is_chosen(within):
    text = rf"within={within!r} is not known; give None, 'year', 'quarter', 'month' or a list of cut dates$"
    with pytest.raises(StrataError, match=rf"^CircularShift: {text}"):
        CircularShift(within)
    with pytest.raises(StrataError, match=rf"^UniformDays: {text}"):
        UniformDays(within=within)


@pytest.mark.parametrize("within", [[], [5, 5], [6, 5], ["2016-03-01", "2016-02-01"]])
def test_cut_dates_must_rise(within):
    with pytest.raises(
        StrataError,
        match=r"^UniformDays: the cut dates must increase, and there must be at least one; sort them, each once",
    ):
        UniformDays(within)


def test_a_cut_date_must_be_a_date():
    with pytest.raises(
        DateError, match=r"^CircularShift cut dates: '2016-02-30' is not a day of the calendar"
    ):
        CircularShift(["2016-02-30"])


def test_cut_dates_become_day_numbers_that_compare():
    assert check_within(["1970-01-03", "1970-01-05"], "x") == (2, 4)
    assert UniformDays(["1970-01-03"]) == UniformDays(np.array([2]))
    assert hash(UniformDays(["1970-01-03"])) == hash(UniformDays((2,)))


@pytest.mark.parametrize(
    ("within", "text"),
    [
        (None, "over the whole period"),
        ("quarter", "within each quarter"),
        ((2, 31), "within each piece cut at 1970-01-03, 1970-02-01"),
    ],
)
def test_strata_read_as_words(within, text):
    assert describe(within) == text
