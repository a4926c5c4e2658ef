"""Statistics, held against loops over every event and every anchor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from eventstudy import AnchorsHit, Events, Period, Window, WindowCount
from eventstudy.errors import EventsError, OptionError
from eventstudy.events import NO_EVENT
from eventstudy.statistics import NearestLag, WindowContrast

PERIOD = Period(0, 25)
windows = st.builds(
    lambda start, length: Window(start, start + length), st.integers(-9, 9), st.integers(1, 12)
)
anchor_days = st.lists(st.integers(-15, 40), min_size=1, max_size=7)
# (..., n) in the shapes that users meet: one series, rows of draws, and any stack of them.
draws = npst.arrays(
    np.int64,
    st.one_of(
        st.tuples(st.integers(0, 7)),
        st.tuples(st.integers(0, 4), st.integers(0, 7)),
        st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(0, 4)),
    ),
    elements=st.integers(0, 24),
)


def count_by_loops(events, anchors, window):
    total = 0
    for event in events:
        hit = False
        for anchor in anchors:
            hit = hit or window.start <= event - anchor < window.stop
        total += hit
    return total


def anchors_by_loops(events, anchors, window):
    total = 0
    for anchor in anchors:
        hit = False
        for event in events:
            hit = hit or window.start <= event - anchor < window.stop
        total += hit
    return total


def row_by_row(days, function):
    """Apply a function of one series to each row, shape (...)."""
    out = np.zeros(days.shape[:-1])
    for place in np.ndindex(*out.shape):
        out[place] = function(days[place].tolist())
    return out


@given(draws, anchor_days, windows)
def test_window_count_is_the_number_of_events_with_a_lag_in_the_window(days, anchors, window):
    expected = row_by_row(days, lambda events: count_by_loops(events, anchors, window))
    found = WindowCount(window)(days, anchors)
    assert np.shape(found) == days.shape[:-1]
    assert np.asarray(found).tolist() == expected.tolist()


@given(draws, anchor_days, windows)
def test_anchors_hit_is_the_number_of_anchors_with_an_event_in_their_window(days, anchors, window):
    expected = row_by_row(days, lambda events: anchors_by_loops(events, anchors, window))
    found = AnchorsHit(window)(days, anchors)
    assert np.shape(found) == days.shape[:-1]
    assert np.asarray(found).tolist() == expected.tolist()


@given(draws, anchor_days, windows, windows)
def test_window_contrast_is_one_count_minus_the_other(days, anchors, before, after):
    expected = row_by_row(
        days,
        lambda events: count_by_loops(events, anchors, before) - count_by_loops(events, anchors, after),
    )
    assert np.asarray(WindowContrast(before, after)(days, anchors)).tolist() == expected.tolist()


def distance_by_loops(event, anchors, side, period):
    ahead = [anchor - event for anchor in anchors if anchor >= event] or [period.stop - event]
    behind = [event - anchor for anchor in anchors if anchor <= event] or [event - (period.start - 1)]
    return {"before": min(ahead), "after": min(behind), "either": min(*ahead, *behind)}[side]


@pytest.mark.parametrize("side", ["before", "after", "either"])
@given(st.lists(st.integers(0, 24), min_size=1, max_size=7), anchor_days)
def test_nearest_lag_is_minus_the_mean_distance(side, days, anchors):
    expected = -sum(distance_by_loops(event, anchors, side, PERIOD) for event in days) / len(days)
    assert float(NearestLag(side)(Events(days, PERIOD), Events(anchors))) == pytest.approx(
        expected, abs=1e-12
    )


@pytest.mark.parametrize(
    "statistic",
    [
        WindowCount(Window(-5, 2)),
        WindowContrast(Window(-4, 0), Window(1, 6)),
        *(NearestLag(side) for side in ("before", "after", "either")),
    ],
    ids=str,
)
@given(st.lists(st.integers(0, 24), min_size=1, max_size=8), anchor_days)
def test_the_scores_of_an_additive_statistic_add_up_to_it(statistic, days, anchors):
    scores = statistic.scores(PERIOD, Events(anchors))
    assert scores.shape == (len(PERIOD),)
    assert scores.dtype == np.int64
    total = int(scores[days].sum())
    if isinstance(statistic, NearestLag):
        total /= len(days)
    assert float(statistic(Events(days, PERIOD), Events(anchors))) == pytest.approx(total, abs=1e-12)


def test_anchors_hit_is_no_sum_over_events():
    """Two events before one anchor hit one anchor, so no score per day can give it."""
    assert AnchorsHit(Window(-3, 0)).scores(PERIOD, Events([10])) is None
    assert AnchorsHit(Window(-3, 0))([7, 8], [10]) == 1
    assert WindowCount(Window(-3, 0))([7, 8], [10]) == 2


def test_an_event_in_two_windows_counts_once_and_two_events_of_a_day_count_twice():
    count = WindowCount(Window(-5, 0))
    assert count([8], [10, 12]) == 1
    assert count([8, 8], [10, 12]) == 2
    assert AnchorsHit(Window(-5, 0))([8], [10, 12]) == 2
    assert AnchorsHit(Window(-5, 0))([8], [10, 10]) == 2  # two summits on one day are two summits


STATISTICS = [
    WindowCount(Window(-5, 2)),
    AnchorsHit(Window(-5, 2)),
    WindowContrast(Window(-4, 0), Window(1, 6)),
    NearestLag("either"),
]


@pytest.mark.parametrize("statistic", STATISTICS, ids=str)
@given(
    st.lists(st.integers(0, 24), min_size=1, max_size=7),
    anchor_days,
    st.integers(-(10**6), 10**6),
    st.randoms(),
)
def test_moving_the_whole_calendar_or_reordering_changes_nothing(statistic, days, anchors, shift, random):
    before = statistic(np.array(days), np.array(anchors))
    events, other = [day + shift for day in days], [day + shift for day in anchors]
    random.shuffle(events)
    random.shuffle(other)
    given_events, given_anchors = np.array(events), np.array(other)
    assert statistic(given_events, given_anchors) == before
    assert (given_events.tolist(), given_anchors.tolist()) == (events, other)


@pytest.mark.parametrize("statistic", STATISTICS, ids=str)
@given(
    st.lists(st.lists(st.integers(0, 24), min_size=1, max_size=4), min_size=1, max_size=4),
    anchor_days,
)
def test_draws_filled_up_to_one_length_have_the_values_of_the_events_in_them(statistic, rows, anchors):
    width = max(map(len, rows)) + 1
    filled = np.array([row + [NO_EVENT] * (width - len(row)) for row in rows])
    expected = [float(statistic(np.array(row), anchors)) for row in rows]
    assert statistic(filled, anchors).tolist() == pytest.approx(expected, abs=1e-12)


def test_a_row_without_events_has_no_mean_distance():
    assert np.isnan(NearestLag("either")(np.array([[NO_EVENT, NO_EVENT]]), [3])).all()


def test_an_event_without_a_next_anchor_needs_a_period():
    with pytest.raises(
        EventsError, match=r"^NearestLag: there is no anchor on or after 1970-01-10 and .*; pass Events"
    ):
        NearestLag("before")([9], [3])
    assert NearestLag("before")(Events([9], Period(0, 15)), [3]) == -6
    assert NearestLag("after")(Events([2], Period(0, 15)), [3]) == -3


def test_an_unknown_side_is_refused():
    with pytest.raises(
        OptionError, match=r"^NearestLag: side='left' is not known; give 'before', 'after' or 'either'$"
    ):
        NearestLag("left")
