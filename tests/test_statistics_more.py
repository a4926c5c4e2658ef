"""Statistics beyond the window count: contrasts, nearest lags, means, and scores that are not whole numbers."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.errors import EventsError, ExactUnavailableError, OptionError, WindowError
from eventstudy.events import NO_EVENT, Events
from eventstudy.nulls import (
    CalendarPermutation,
    CircularShift,
    GivenIntensity,
    Jitter,
    PoissonIntensity,
    ShuffledGaps,
    UniformDays,
)
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.statistics import AnchorsHit, NearestLag, Statistic, WindowContrast, WindowCount
from eventstudy.windows import Window

days_lists = st.lists(st.integers(-40, 40), min_size=1, max_size=8)
windows = st.tuples(st.integers(-9, 8), st.integers(1, 9)).map(lambda w: Window(w[0], w[0] + w[1]))
BEFORE, AFTER = Window(-3, 0), Window(1, 4)


def hit_by_hand(events, anchors, window):
    return sum(any(window.start <= e - a < window.stop for e in events) for a in anchors)


def nearest_by_hand(events, anchors, period, side):
    """Walk day by day until an anchor or the end of the period is met."""
    total = 0
    for event in events:
        ways = []
        if side != "after":
            day = event
            while day not in anchors and day != period.stop:
                day += 1
            ways.append(day - event)
        if side != "before":
            day = event
            while day not in anchors and day != period.start - 1:
                day -= 1
            ways.append(event - day)
        total += min(ways)
    return -total / len(events)


@given(days_lists, days_lists, windows)
def test_anchors_hit_is_what_two_loops_count(events, anchors, window):
    assert AnchorsHit(window)(np.array(events), anchors) == hit_by_hand(events, anchors, window)


@given(st.lists(days_lists, min_size=1, max_size=5), days_lists, windows)
def test_rows_filled_up_with_no_event_count_as_the_shorter_rows(rows, anchors, window):
    width = max(map(len, rows)) + 1
    draws = np.full((len(rows), width), NO_EVENT)
    for draw, row in zip(draws, rows, strict=True):
        draw[: len(row)] = row
    base = [min(anchors) - 100, *anchors, max(anchors) + 100]  # so that every event has one on both sides
    for statistic in (
        WindowCount(window),
        AnchorsHit(window),
        WindowContrast(window, AFTER),
        NearestLag(),
        NearestLag("after"),
        NearestLag("either"),
    ):
        assert statistic(draws, base).tolist() == [float(statistic(np.array(row), base)) for row in rows]


def test_contrast_counts_a_day_on_both_sides_as_nothing():
    """Day 12 is two days before anchor 14 and two days after anchor 10."""
    assert WindowContrast(BEFORE, AFTER)([12], [10, 14]) == 0
    assert WindowContrast(BEFORE, AFTER)([8, 9, 11], [10]) == 1
    assert WindowContrast(BEFORE, AFTER).scores(Period(6, 15), [10]).tolist() == [
        0,
        1,
        1,
        1,
        0,
        -1,
        -1,
        -1,
        0,
    ]


@given(days_lists, days_lists, windows, windows)
def test_scores_of_a_contrast_add_up_to_it(events, anchors, before, after):
    period, contrast = Period(-40, 41), WindowContrast(before, after)
    scores = contrast.scores(period, anchors)
    assert scores[np.array(events) + 40].sum() == contrast(np.array(events), anchors)


def test_nearest_lag_by_hand():
    """Events 3 and 8, anchors 5 and 6: two days to the next; day 8 waits for the end at 10."""
    events = Events([3, 8], Period(0, 10))
    assert NearestLag()(events, [5, 6]) == -(2 + 2) / 2
    assert NearestLag("after")(events, [5, 6]) == -(4 + 2) / 2  # day 3 has waited since day -1 at least
    assert NearestLag("either")(events, [5, 6]) == -(2 + 2) / 2
    assert NearestLag()(Events([5], Period(0, 10)), [5]) == 0


@given(days_lists, days_lists, st.sampled_from(["before", "after", "either"]))
def test_nearest_lag_is_the_mean_of_its_scores_and_what_walking_gives(events, anchors, side):
    period = Period(-40, 41)
    expected = nearest_by_hand(events, anchors, period, side)
    assert NearestLag(side)(Events(events, period), anchors) == pytest.approx(expected, rel=1e-14)
    scores = NearestLag(side).scores(period, anchors)
    assert scores[np.array(events) + 40].mean() == pytest.approx(expected, rel=1e-14)


@given(days_lists, days_lists)
def test_time_running_backwards_turns_before_into_after(events, anchors):
    period, mirrored = Period(-40, 41), Period(-40, 41)
    backwards = NearestLag("after")(Events(-np.array(events), mirrored), -np.array(anchors))
    assert NearestLag("before")(Events(events, period), anchors) == backwards


def test_an_anchor_after_the_period_ends_the_wait():
    assert NearestLag()(Events([8], Period(0, 10)), [15]) == -7


@pytest.mark.parametrize(("side", "where"), [("before", "on or after"), ("after", "on or before")])
def test_without_a_period_an_event_without_an_anchor_is_an_error(side, where):
    anchor = [5] if side == "before" else [9]
    with pytest.raises(EventsError, match=f"no anchor {where} 1970-01-09 .*pass Events with a period"):
        NearestLag(side)([3, 8] if side == "before" else [8], anchor)


def test_either_side_needs_one_anchor_only():
    assert NearestLag("either")([3, 8], [5]) == -2.5
    with pytest.raises(OptionError, match="NearestLag: side='left' is not known; give 'before'"):
        NearestLag("left")


@pytest.mark.parametrize("statistic", [WindowContrast(BEFORE, AFTER), NearestLag(), NearestLag("either")])
class TestExactByEnumeration:
    """Every arrangement by brute force against the exact road."""

    events = Events([2, 3, 7], Period(0, 9))
    anchors = Events([4, 8])

    def check(self, statistic, null, arrangements, events=None, anchors=None):
        events, anchors = events or self.events, anchors or self.anchors
        values = [float(statistic(Events(days, events.period), anchors)) for days in arrangements]
        observed = float(statistic(events, anchors))
        result = permutation_test(events, anchors, statistic, null, alternative="two-sided")
        assert result.method == "exact"
        assert result.pvalue_greater == pytest.approx(
            np.mean([v >= observed - 1e-12 for v in values]), rel=1e-12
        )
        assert result.pvalue_less == pytest.approx(
            np.mean([v <= observed + 1e-12 for v in values]), rel=1e-12
        )
        assert result.expected == pytest.approx(np.mean(values), rel=1e-12, abs=1e-14)

    def test_uniform_days(self, statistic):
        self.check(statistic, UniformDays(), permutations(range(9), 3))

    def test_circular_shift(self, statistic):
        shifts = [[(day + shift) % 9 for day in (2, 3, 7)] for shift in range(9)]
        self.check(statistic, CircularShift(), shifts)

    def test_circular_shift_within_strata(self, statistic):
        shifts = [
            [(day + a) % 4 for day in (2, 3)] + [4 + (7 - 4 + b) % 5] for a in range(4) for b in range(5)
        ]
        self.check(statistic, CircularShift(within=[4]), shifts)

    def test_calendar_permutation(self, statistic):
        pieces = {0: [2, 3], 1: [1], 2: []}  # places in three pieces of six days
        events = Events([2, 3, 7], Period(0, 18))
        arrangements = [
            [6 * target + place for home, target in enumerate(order) for place in pieces[home]]
            for order in permutations(range(3))
        ]
        null = CalendarPermutation(by=[6, 12])
        self.check(statistic, null, arrangements, events, Events([4, 8, 13]))


def test_anchors_hit_under_all_shifts_is_exact():
    events, anchors = Events([2, 3, 7], Period(0, 9)), Events([0, 4, 8, 10])
    values = [
        hit_by_hand([(day + shift) % 9 for day in (2, 3, 7)], [0, 4, 8, 10], BEFORE) for shift in range(9)
    ]
    result = permutation_test(events, anchors, AnchorsHit(BEFORE), CircularShift())
    assert result.method == "exact"
    assert result.observed == values[0]
    assert result.pvalue == pytest.approx(np.mean(np.array(values) >= values[0]))
    assert result.expected == pytest.approx(np.mean(values))


@dataclass(frozen=True)
class Weighted(Statistic):
    """A sum of weights that are not whole numbers."""

    weights: tuple[float, ...]

    def __call__(self, events, anchors):
        days = events.days if isinstance(events, Events) else np.asarray(events)
        return np.array(self.weights)[days].sum(axis=-1)

    def scores(self, period, anchors):
        return np.array(self.weights)


@settings(max_examples=50)
@given(
    st.lists(st.integers(-50, 50).map(lambda k: k / 7), min_size=4, max_size=12),
    st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True),
)
def test_scores_that_are_not_whole_numbers_are_enumerated_under_all_shifts(weights, days):
    length, weights = len(weights), tuple(weights)
    events = Events(days, Period(0, length))
    sums = np.array([sum(weights[(day + shift) % length] for day in days) for shift in range(length)])
    result = permutation_test(events, Events([0]), Weighted(weights), CircularShift())
    slack = 1e-9  # the sums are sevenths
    assert result.method == "exact"
    assert result.pvalue_greater == pytest.approx(np.mean(sums >= sums[0] - slack), abs=1e-12)
    assert result.expected == pytest.approx(sums.mean(), rel=1e-9, abs=1e-9)


def test_sums_that_differ_by_rounding_alone_are_ties():
    """0.1 + 0.2 + 0.3 depends on the order of adding, and so would the p-value."""
    weights = (0.1, 0.2, 0.3, 0.3, 0.2, 0.1)
    events = Events([0, 1, 2], Period(0, 6))
    result = permutation_test(events, Events([0]), Weighted(weights), CircularShift())
    assert (0.1 + 0.2) + 0.3 > (0.3 + 0.2) + 0.1  # shifts by none and by three, of equal sum
    assert result.pvalue_greater == pytest.approx(4 / 6)
    assert result.pvalue_less == pytest.approx(4 / 6)
    cancelling = (0.1, 0.2, -0.3, 0.1, 0.2, -0.3)
    drawn = permutation_test(
        events,
        Events([0]),
        Weighted(cancelling),
        CircularShift(),
        method="monte-carlo",
        rng=1,
        n_resamples=200,
    )
    assert (drawn.pvalue_greater, drawn.pvalue_less) == (1.0, 1.0)  # all shifts add up to nothing


@pytest.mark.parametrize(
    "null",
    [
        UniformDays(),
        CircularShift(within=[10, 20, 30, 40, 50, 60]),
        Jitter(5),
        ShuffledGaps(),
        GivenIntensity(np.full(70, 0.1), distinct=True),
    ],
)
def test_other_null_models_draw_scores_that_are_not_whole_numbers_and_say_so(null):
    rng = np.random.default_rng(3)
    statistic = Weighted(tuple(rng.normal(size=70)))
    events, anchors = Events(rng.choice(70, 12, replace=False), Period(0, 70)), Events([5])
    result = permutation_test(events, anchors, statistic, null, rng=1, n_resamples=99)
    assert result.method == "monte-carlo"
    assert "not whole numbers" in result.method_note or "no closed form" in result.method_note
    with pytest.raises(ExactUnavailableError, match=r"permutation_test: .*; use method='monte-carlo'"):
        permutation_test(events, anchors, statistic, null, method="exact")


def test_a_mean_over_a_varying_number_of_events_is_drawn_and_an_empty_draw_counts_on_both_sides():
    """With so low a rate most draws hold no event at all, and none of these says anything."""
    events, anchors = Events([5], Period(0, 10)), Events([8])
    null = GivenIntensity(np.full(10, 0.01), distinct=True)
    result = permutation_test(events, anchors, NearestLag(), null, rng=7, n_resamples=1_000)
    empty = np.isnan(result.null_distribution).mean()
    assert empty == pytest.approx(np.exp(-0.1), abs=0.05)
    assert min(result.pvalue_greater, result.pvalue_less) > empty
    assert result.pvalue_greater + result.pvalue_less > 1 + empty
    assert np.isfinite(result.expected)
    assert "number of events varies" in result.method_note
    with pytest.raises(ExactUnavailableError, match="number of events varies"):
        permutation_test(events, anchors, NearestLag(), PoissonIntensity(None, trend=None), method="exact")


@pytest.mark.parametrize("statistic", [WindowContrast(BEFORE, AFTER), NearestLag(), AnchorsHit(BEFORE)])
@pytest.mark.parametrize("null", [UniformDays(), CircularShift(), Jitter(4)])
def test_moving_the_whole_calendar_by_a_million_days_changes_nothing(statistic, null):
    days, anchors = np.array([2, 3, 7, 19, 28]), np.array([4, 8, 29, 35])
    results = [
        permutation_test(
            Events.from_days(days + shift, Period.from_days(shift, 30 + shift)),
            Events.from_days(anchors + shift),
            statistic,
            null,
            rng=5,
            n_resamples=99,
        )
        for shift in (0, 1_000_000, -1_000_000)
    ]
    assert len({(r.observed, r.pvalue_greater, r.pvalue_less, r.expected, r.method) for r in results}) == 1


@pytest.mark.parametrize("window", [(-14, 0), 14, None, "-14:0", range(-14, 0)])
@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("WindowCount", es.WindowCount),
        ("AnchorsHit", es.AnchorsHit),
        ("LagCount", es.LagCount),
        ("WindowExcess", es.WindowExcess),
        ("WindowContrast", lambda window: es.WindowContrast(window, es.Window(1, 15))),
        ("WindowContrast", lambda window: es.WindowContrast(es.Window(-14, 0), window)),
        ("Link", lambda window: es.Link(window, 1.5)),
        ("PoissonIntensity", lambda window: es.PoissonIntensity(window or 0)),
        ("SelfExciting", lambda window: es.SelfExciting(window or 0)),
    ],
)
def test_what_is_no_window_is_refused_where_it_is_given(name, made, window):
    with pytest.raises(
        WindowError, match=rf"^{name}: the window is .*; give a Window, such as Window\(-14, 0\)"
    ):
        made(window)
