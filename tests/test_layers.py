"""Days looked up layer by layer, and the number of windows with an event on draws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import eventstudy as es
from eventstudy.events import NO_EVENT
from eventstudy.nulls.lookup import DayScores, PlaceSums
from eventstudy.nulls.near_days import NearDayHits
from eventstudy.numeric.layers import AT_ONCE, WindowHits

PERIOD = es.Period("2001-01-01", "2003-01-01")
WINDOW = es.Window(-9, 2)
HIT = es.AnchorsHit(WINDOW)


def hit_one_by_one(days, anchors, window=WINDOW):
    return sum(any(a + window.start <= day < a + window.stop for day in days) for a in anchors)


def series(n, m, seed=5):
    """Return events, some of them two on a day, and anchors, some of which lie near an end or outside the period."""
    rng = np.random.default_rng(seed)
    days, anchors = rng.choice(PERIOD.days, n), rng.integers(PERIOD.start - 5, PERIOD.stop + 15, m)
    return es.Events(np.append(days, days[:3]), PERIOD), es.Events(np.append(anchors, anchors[0]))


@settings(max_examples=60)
@given(
    st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 9), st.sampled_from([np.int64, np.float64]),
)  # fmt: skip
def test_sums_by_layer_are_those_of_the_dense_table(seed, days, k, kind):
    rng = np.random.default_rng(seed)
    table = (rng.integers(-2, 3, (days, k)) * (rng.random((days, k)) < rng.random())).astype(kind)
    places = rng.integers(0, days, (rng.integers(1, 6), rng.integers(0, 7)))
    totals = DayScores.of(sparse.csr_array(table)).totals(places)
    assert totals.dtype == kind
    assert np.array_equal(totals, table[places].sum(axis=1))


def test_sums_by_layer_do_not_depend_on_how_many_rows_are_looked_up_at_once():
    rng = np.random.default_rng(2)
    table = rng.integers(0, 2, (50, 4))
    places = rng.integers(0, 50, (300, AT_ONCE // 100))
    assert np.array_equal(DayScores.of(sparse.csr_array(table)).totals(places), table[places].sum(axis=1))


@settings(max_examples=100)
@given(
    st.lists(
        st.lists(st.integers(-4, 30) | st.just(NO_EVENT), min_size=4, max_size=4), min_size=1, max_size=4
    ),
    st.lists(st.integers(-3, 29), min_size=1, max_size=6),
    st.integers(-5, 3),
    st.integers(1, 6),
)
def test_anchors_hit_are_counted_one_by_one(rows, anchors, start, length):
    window = es.Window(start, start + length)
    found = es.AnchorsHit(window)(np.array(rows), anchors)
    assert found.tolist() == [
        hit_one_by_one([d for d in row if d != NO_EVENT], anchors, window) for row in rows
    ]


def test_windows_outside_the_days_are_never_hit():
    hits = WindowHits.of(np.array([-9, 3, 20]), np.array([-1, 5, 30]), 10)
    assert hits.totals(np.array([[0, 9], [3, 4], [0, 4]])).ravel().tolist() == [0, 1, 1]
    assert hits.totals(np.empty((2, 0), np.int64)).ravel().tolist() == [0, 0]


@pytest.mark.parametrize(
    "null",
    [
        es.UniformDays("month"), es.CircularShift(), es.CircularShift("quarter"), es.CircularShift("month"),
        es.Jitter(20), es.Jitter(20, within="year"), es.ShuffledGaps(), es.ShuffledGaps("quarter"),
    ],
    ids=repr,
)  # fmt: skip
def test_hits_on_draws_are_those_of_the_days_that_the_same_generator_draws(null):
    events, anchors = series(70, 25)
    hits = null.hits(events, *WINDOW.spans(anchors))
    for size in (1, 300):
        days = null.sample(events, anchors, rng=np.random.default_rng(size), size=size)
        wanted = [hit_one_by_one(row, anchors.days) for row in days.tolist()]
        assert hits(np.random.default_rng(size), size).ravel().tolist() == wanted


@pytest.mark.parametrize(
    "null", [es.ShuffledGaps(), es.Jitter(9), es.CircularShift(), es.PoissonIntensity(WINDOW)]
)
def test_a_test_of_anchors_hit_has_the_values_of_the_statistic_called_on_the_draws(null):
    """A plain function gives the same draws, and knows nothing of windows."""
    events, anchors = series(40, 12)

    def counted(days, base):
        return hit_one_by_one(days.tolist(), base.tolist())

    asked = {"method": "monte-carlo", "n_resamples": 300, "rng": 4}
    ours = es.permutation_test(events, anchors, HIT, null, **asked)
    theirs = es.permutation_test(events, anchors, counted, null, **asked)
    assert np.array_equal(ours.null_distribution, theirs.null_distribution)
    assert ours.observed == theirs.observed


def chances(present, number_of_days, windows, edges):
    """Go through every set of days with as many events in each stratum, and count the windows hit by each."""
    strata = [range(a, b) for a, b in itertools.pairwise(edges)]
    own = [sum(present[d] for d in days) for days in strata]
    found = []
    for sets in itertools.product(*(itertools.combinations(d, k) for d, k in zip(strata, own, strict=True))):
        days = {day for chosen in sets for day in chosen}
        found.append(sum(bool(days & set(range(a, b))) for a, b in windows))
    return np.bincount(found, minlength=len(windows) + 1) / len(found)


@pytest.mark.parametrize(
    ("events", "edges"),
    [([0, 1, 5, 6], [0, 13]), ([0, 1, 2, 9], [0, 9, 18]), ([4, 5, 6, 7, 8], [0, 16])],
)
def test_days_drawn_in_windows_alone_hit_as_often_as_every_permutation(monkeypatch, events, edges):
    """Windows overlap, touch, cross the edge of a stratum, and reach out of the period."""
    monkeypatch.setattr("eventstudy.nulls.near_days.COST", 0)
    first, stop = np.array([-2, 1, 2, 8, 12]), np.array([1, 3, 5, 10, 40])
    present = np.zeros(edges[-1], bool)
    present[events] = True
    hits = NearDayHits.of(present, first, stop, np.array(edges))
    size = 40_000
    drawn = hits(np.random.default_rng(3), size)
    assert drawn.shape == (size, 1)
    windows = [(max(a, 0), min(b, edges[-1])) for a, b in zip(first.tolist(), stop.tolist(), strict=True)]
    wanted = chances(present, edges[-1], windows, edges)
    shares = np.bincount(drawn.ravel(), minlength=len(windows) + 1) / size
    # five standard deviations
    assert (np.abs(shares - wanted) <= 5 * np.sqrt(wanted * (1 - wanted) / size) + 1e-12).all()


def test_no_two_days_of_a_draw_in_windows_are_the_same(monkeypatch):
    """With windows of one day each, every event in a window hits one of its own: hits are hypergeometric."""
    monkeypatch.setattr("eventstudy.nulls.near_days.MARKS", 100)  # several pieces
    present = np.arange(60) < 20
    first = np.arange(0, 60, 2)
    hits = NearDayHits.of(present, first, first + 1, np.array([0, 60]))
    again = np.random.default_rng(6)
    assert np.array_equal(hits(np.random.default_rng(6), 500)[:, 0], again.hypergeometric(30, 30, 20, 500))


def test_events_are_given_days_one_by_one_where_that_costs_less():
    period = es.Period(0, 900)
    few, many = es.Events([3, 400], period), es.Events(range(0, 900, 2), period)
    spans = WINDOW.spans([50, 700])
    assert isinstance(es.UniformDays().hits(few, *spans), PlaceSums)
    assert isinstance(es.UniformDays().hits(many, *spans), PlaceSums)  # crowded
    assert isinstance(es.UniformDays().hits(es.Events(range(0, 900, 9), period), *spans), NearDayHits)
