"""Windows of lags: the days at risk, held against loops over every lag of every anchor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy import Events, Period, Window
from eventstudy.errors import WindowError
from eventstudy.windows import lagged_pairs

windows = st.builds(
    lambda start, length: Window(start, start + length), st.integers(-12, 12), st.integers(1, 15)
)
anchor_days = st.lists(st.integers(-25, 45), min_size=1, max_size=8)  # some outside the period, some twice
PERIOD = Period(0, 20)


def days_by_loops(anchors, window):
    """Collect every day whose lag to some anchor lies in the window."""
    return {anchor + lag for anchor in anchors for lag in range(window.start, window.stop)}


@given(anchor_days, windows)
def test_the_days_at_risk_are_those_of_the_definition(anchors, window):
    at_risk = days_by_loops(anchors, window)
    assert window.days(anchors).tolist() == sorted(at_risk)
    expected = [int(day in at_risk) for day in range(20)]
    indicator = window.indicator(anchors, PERIOD)
    assert indicator.tolist() == expected
    assert indicator.dtype == np.int64
    assert window.exposure(anchors, PERIOD) == sum(expected)
    assert window.coverage(anchors, PERIOD) == pytest.approx(sum(expected) / 20, abs=1e-15)
    reaching = [a for a in anchors if days_by_loops([a], window) & set(range(20))]
    assert window.reaching(np.array(anchors), PERIOD).tolist() == reaching


@given(anchor_days, windows, st.integers(-(10**6), 10**6), st.randoms())
def test_moving_reordering_or_repeating_anchors_changes_nothing(anchors, window, shift, random):
    other = [*anchors, anchors[0]]
    random.shuffle(other)
    moved = Period.from_days(shift, 20 + shift)
    assert (
        window.indicator(np.array(other) + shift, moved).tolist()
        == window.indicator(anchors, PERIOD).tolist()
    )
    assert (window.days(np.array(other) + shift) - shift).tolist() == window.days(anchors).tolist()


def test_overlapping_windows_are_united():
    """Windows of 5 days before days 10 and 12 share days 7 to 9: seven days, not ten."""
    assert Window(-5, 0).exposure([10, 12], PERIOD) == 7
    assert Window(-5, 0).days([10, 12]).tolist() == [5, 6, 7, 8, 9, 10, 11]


def test_anchors_outside_the_period_cast_their_windows_into_it():
    """The anchor three days after the end covers the last two of its five days before."""
    assert Window(-5, 0).indicator([22], PERIOD).tolist() == [0] * 17 + [1, 1, 1]
    assert Window(1, 6).indicator([-3], PERIOD).tolist() == [1, 1, 1] + [0] * 17
    assert Window(-5, 0).indicator([0, 25, 4000, -4000], PERIOD).sum() == 0


def test_anchors_may_be_events_or_dates():
    period = Period("2018-01-01", "2018-02-01")
    expected = [0] * 8 + [1] * 2 + [0] * 21
    for anchors in (["2018-01-11"], Events("2018-01-11"), np.array(["2018-01-11"], "datetime64[D]")):
        assert Window.before(2).indicator(anchors, period).tolist() == expected


@pytest.mark.parametrize("days", [1, 2, 14])
def test_before_and_after_leave_out_the_day_itself(days):
    assert Window.before(days) == Window(-days, 0)
    assert Window.after(days) == Window(1, days + 1)
    assert len(Window.before(days)) == len(Window.after(days)) == days
    assert 100 not in {*Window.before(days).days([100]), *Window.after(days).days([100])}


def test_whole_numbers_of_any_type_make_the_same_window():
    assert Window(np.int64(-14), np.int8(0)) == Window(-14, 0)
    assert type(Window(np.int64(-14), 0).start) is int


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Window(0, 0), r"^Window\(0, 0\): it holds no day; stop must be greater than start"),
        (lambda: Window(3, -3), r"^Window\(3, -3\): it holds no day; .* before the anchor are Window\(-14, 0\)"),
        (lambda: Window.before(0), r"^Window\(0, 0\): it holds no day; stop must be greater than start"),
        (lambda: Window.after(-1), r"^Window\(1, 0\): it holds no day; stop must be greater than start"),
        (lambda: Window(-1.5, 0), r"^Window\(-1\.5, 0\): lags are whole days; .* Window\(-14, 0\)"),
        (lambda: Window("-14", 0), r"^Window\('-14', 0\): lags are whole days; .* Window\(-14, 0\)"),
        (lambda: Window(None, 0), r"^Window\(None, 0\): lags are whole days"),
    ],
)  # fmt: skip
def test_a_window_of_no_day_is_refused(make, text):
    with pytest.raises(WindowError, match=text):
        make()


@pytest.mark.parametrize(
    ("window", "text"),
    [
        (Window(-14, 0), "14 days before"),
        (Window(-1, 0), "the day before"),
        (Window(1, 15), "14 days after"),
        (Window(1, 2), "the day after"),
        (Window(-3, 4), "days -3 to +3"),
    ],
)
def test_a_window_reads_as_words(window, text):
    assert str(window) == text


@given(anchor_days, st.lists(st.integers(-25, 45), max_size=8), st.integers(-12, 12), st.integers(-2, 15))
def test_pairs_with_a_lag_in_a_range_are_all_those_and_day_by_day(anchors, days, first, length):
    anchors, days = sorted(anchors), sorted(days)
    found = lagged_pairs(np.array(days, np.int64), np.array(anchors), first, first + length)
    assert list(zip(*(part.tolist() for part in found), strict=True)) == [
        (i, k, day - anchor)
        for i, day in enumerate(days)
        for k, anchor in enumerate(anchors)
        if first <= day - anchor < first + length
    ]
