"""Anchors hit, exactly: every arrangement gone through by hand, over borders of strata too."""

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.errors import ExactUnavailableError
from eventstudy.numeric.hits import WindowPieces


def number_hit(days, first, stop):
    """Count the windows with an event, one by one."""
    return sum(any(a <= day < b for day in days) for a, b in zip(first, stop, strict=True))


def exact(events, anchors, window, null):
    test = es.permutation_test(events, anchors, es.AnchorsHit(window), null, method="exact")
    return {int(v): p for v, p in zip(test.support, test.probabilities, strict=True) if p > 0}


def shares(values):
    found, counts = np.unique(values, return_counts=True)
    return {int(v): pytest.approx(c / len(values), rel=1e-12) for v, c in zip(found, counts, strict=True)}


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 19), min_size=1, max_size=8),
    st.lists(st.integers(-3, 24), min_size=1, max_size=6),
    st.sampled_from([(-3, 0), (-4, 2), (1, 3), (-1, 1)]),
)
def test_exchanged_strata_hit_as_often_as_every_order_of_them(days, anchors, window):
    events = es.Events(days, es.Period(0, 20))
    span = es.Window(*window)
    assume(span.reaching(anchors, events.period).size)
    first, stop = (np.array(anchors) + end for end in window)
    every = []
    for order in permutations(range(4)):
        moved = [5 * order[day // 5] + day % 5 for day in days]
        every.append(number_hit(moved, first, stop))
    null = es.CalendarPermutation(by=[5, 10, 15])
    assert exact(events, es.Events(anchors), span, null) == shares(every)


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 13), min_size=1, max_size=7),
    st.lists(st.integers(-2, 17), min_size=1, max_size=6),
    st.sampled_from([(-3, 0), (-2, 2), (1, 3), (-1, 0)]),
)
def test_shifts_within_strata_hit_as_often_as_every_shift_of_each(days, anchors, window):
    edges = [0, 4, 9, 14]
    events = es.Events(days, es.Period(0, 14))
    assume(es.Window(*window).reaching(anchors, events.period).size)
    first, stop = (np.array(anchors) + end for end in window)
    every = []
    for shift in product(*(range(b - a) for a, b in pairwise(edges))):
        moved = []
        for day in days:
            home = np.searchsorted(edges, day, side="right") - 1
            begin, length = edges[home], edges[home + 1] - edges[home]
            moved.append(begin + (day - begin + shift[home]) % length)
        every.append(number_hit(moved, first, stop))
    null = es.CircularShift(within=[4, 9])
    assert exact(events, es.Events(anchors), es.Window(*window), null) == shares(every)


def test_whole_period_shifts_of_windows_that_reach_over_its_ends():
    events, anchors, window = (
        es.Events([0, 3, 4, 11], es.Period(0, 12)),
        es.Events([1, 6, 13]),
        es.Window(-4, 1),
    )
    every = [
        number_hit([(day + s) % 12 for day in events.days], anchors.days - 4, anchors.days + 1)
        for s in range(12)
    ]
    assert exact(events, anchors, window, es.CircularShift()) == shares(every)


def test_leap_days_meet_the_28_february_of_other_years():
    """The one event on 29 February hits an anchor on 1 March of either year from the day before it."""
    events = es.Events(["2020-02-29"], es.Period("2020-01-01", "2022-01-01"))
    before = es.Window(-1, 0)
    for anchor in ("2020-03-01", "2021-03-01"):
        assert exact(events, es.Events([anchor]), before, es.CalendarPermutation()) == {0: 0.5, 1: 0.5}
    assert exact(events, es.Events(["2020-03-01", "2021-03-01"]), before, es.CalendarPermutation()) == {
        1: 1.0
    }


def test_windows_over_three_strata_are_drawn_and_the_result_says_so():
    events, anchors = es.Events(range(2, 60, 5), es.Period(0, 60)), es.Events([16])
    hit, null = es.AnchorsHit(es.Window(-12, 0)), es.CircularShift(within=list(range(5, 60, 5)))
    with pytest.raises(ExactUnavailableError, match="a window reaches over a whole stratum"):
        es.permutation_test(events, anchors, hit, null, method="exact")
    test = es.permutation_test(events, anchors, hit, null, rng=1, n_resamples=99)
    assert test.method == "monte-carlo"
    assert "reaches over a whole stratum" in test.method_note


def test_pieces_cover_each_window_inside_the_strata_once():
    pieces = WindowPieces.of(np.array([-2, 3, 8, 30]), np.array([2, 6, 40, 31]), np.array([0, 5, 20]))
    days = sorted(d for a, b in zip(pieces.start, pieces.stop, strict=True) for d in range(a, b))
    assert days == sorted([*range(2), *range(3, 6), *range(8, 20)])
    assert pieces.stratum.tolist() == [0, 0, 1, 1]
    assert pieces.crosses_last.tolist() == [False, True, False, False]
    assert pieces.crosses_first.tolist() == [False, False, True, False]


@pytest.mark.parametrize("null", [es.CalendarPermutation(), es.CircularShift("year")])
def test_exact_and_drawn_values_agree_on_crossing_windows(null):
    """Windows over New Year tie neighbouring years; the draws know nothing of the chain."""
    rng = np.random.default_rng(11)
    period = es.Period("2001-01-01", "2008-01-01")
    events = es.Events(period.start + rng.choice(len(period), 90, replace=False), period)
    anchors = es.Events([*(f"{year}-01-05" for year in range(2002, 2008)), "2003-07-01", "2005-12-30"])
    hit = es.AnchorsHit(es.Window(-14, 0))
    whole = es.permutation_test(events, anchors, hit, null)
    drawn = es.permutation_test(events, anchors, hit, null, method="monte-carlo", rng=3, n_resamples=20_000)
    assert whole.method == "exact"
    assert drawn.pvalue == pytest.approx(whole.pvalue, abs=0.018)
    assert drawn.expected == pytest.approx(whole.expected, abs=0.05)
