"""Events whose dates are known approximately: what carries the doubt, what refuses it, what averages over it."""

import copy
import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eventstudy.errors import EventsError, ExactUnavailableError, OptionError
from eventstudy.events import Events, observed_period
from eventstudy.nulls import CalendarPermutation, CircularShift, PoissonIntensity, UniformDays
from eventstudy.pairs import checked_pair
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.rates import rate_ratio
from eventstudy.statistics import AnchorsHit, NearestLag, WindowCount
from eventstudy.windows import Window

PERIOD = Period(0, 20)
WINDOW = Window(-3, 0)


def test_the_doubt_follows_its_event_when_days_are_sorted():
    events = Events([9, 2, 5], PERIOD, uncertainty=[3, 0, 1])
    assert events.days.tolist() == [2, 5, 9]
    assert events.uncertainty.tolist() == [0, 1, 3]
    assert events.n_uncertain == 2
    assert "2 of uncertain date" in repr(events)
    assert Events([9, 2], PERIOD, uncertainty=4).uncertainty.tolist() == [4, 4]
    assert Events([9, 2], PERIOD, uncertainty=0).uncertainty is None
    with pytest.raises(ValueError, match="read-only"):
        events.uncertainty[0] = 7


@pytest.mark.parametrize("wrong", [[1, 2], -1, 1.5, "3", [0, 1, -2]])
def test_a_doubt_that_is_not_days_for_each_event_is_refused(wrong):
    with pytest.raises(
        EventsError, match=r"launches: the uncertainty is not a whole number.*each of 3 dates; give 0"
    ):
        Events([9, 2, 5], PERIOD, "launches", uncertainty=wrong)


def test_what_makes_events_of_events_keeps_the_doubt():
    events = Events([2, 5, 5, 6, 12], PERIOD, "launches", uncertainty=[0, 4, 1, 2, 3])
    distinct = events.distinct()
    assert (distinct.days.tolist(), distinct.uncertainty.tolist()) == ([2, 5, 6, 12], [0, 1, 2, 3])
    merged = events.merged(1)
    assert (merged.days.tolist(), merged.uncertainty.tolist()) == ([2, 5, 12], [0, 1, 3])
    within = events.within(Period(4, 10))
    assert (within.days.tolist(), within.uncertainty.tolist()) == ([5, 5, 6], [1, 4, 2])
    assert within.period == Period(4, 10)
    assert events.within(Period(0, 4)).uncertainty is None
    for other in (
        copy.copy(events),
        copy.deepcopy(events),
        pickle.loads(pickle.dumps(events)),
        Events(events),
    ):
        assert other.uncertainty.tolist() == [0, 1, 4, 2, 3]
    assert events.to_frame()["uncertainty"].tolist() == [0, 1, 4, 2, 3]
    assert "uncertainty" not in events.as_dated().to_frame()


def test_the_checksum_of_dates_in_doubt_is_another_one():
    sure = Events([2, 5], PERIOD)
    sums = [
        events.provenance.data["events"]
        for events in (
            sure,
            Events([2, 5], PERIOD, uncertainty=[0, 1]),
            Events([2, 5], PERIOD, uncertainty=[1, 0]),
        )
    ]
    assert len(set(sums)) == 3
    assert Events([2, 5], PERIOD, uncertainty=0).provenance.data["events"] == sums[0]


def test_what_does_not_average_over_the_doubt_refuses_it_and_names_the_way_out():
    events, anchors = Events([2, 5, 9], PERIOD, "launches", uncertainty=1), Events([6])
    message = r"launches: the dates of 3 are uncertain, and only permutation_test .*; use as_dated\(\)"
    for refuse in (
        lambda: observed_period(events),
        lambda: checked_pair(events, anchors),
        lambda: events.daily_counts(),
        lambda: rate_ratio(events, anchors, WINDOW),
        lambda: CircularShift().sample(events, anchors, rng=1, size=2),
    ):
        with pytest.raises(EventsError, match=message):
            refuse()
    assert rate_ratio(events.as_dated(), anchors, WINDOW).count_inside == 1
    doubtful = Events([6], label="summits", uncertainty=2)
    with pytest.raises(EventsError, match=r"summits: the dates of 1 anchors are uncertain; use as_dated\(\)"):
        permutation_test(events, doubtful, WindowCount(WINDOW), CircularShift(), rng=1)


@given(
    st.lists(st.tuples(st.integers(0, 19), st.integers(0, 30)), min_size=1, max_size=8), st.integers(0, 10**6)
)
def test_drawn_days_lie_in_reach_and_in_the_period(pairs, seed):
    days, doubt = np.array(pairs).T
    events = Events(days, PERIOD, uncertainty=doubt)
    drawn = events.drawn(np.random.default_rng(seed))
    assert drawn.uncertainty is None
    assert len(drawn) == len(events)
    assert PERIOD.inside(drawn.days).all()
    if len(pairs) == 1:
        assert abs(drawn.days[0] - days[0]) <= doubt[0]


def test_every_day_in_reach_is_equally_likely():
    events, rng = Events([1], PERIOD, uncertainty=3), np.random.default_rng(4)
    counts = Counter(int(events.drawn(rng).days[0]) for _ in range(5_000))
    assert sorted(counts) == [0, 1, 2, 3, 4]
    assert stats.chisquare(list(counts.values())).pvalue > 1e-6


def test_the_p_value_is_the_mean_over_the_datings():
    """One event on day 5, 6 or 7; the window of anchor 7 holds 4, 5 and 6, so two of three datings hit it.

    Under permuted days a hit has chance 3/20: the p-value is 3/20 for two datings and 1 for the third.
    """
    events, anchors = Events([6], PERIOD, "launches", uncertainty=1), Events([7])
    result = permutation_test(events, anchors, WindowCount(WINDOW), UniformDays(), rng=5, n_resamples=20_000)
    assert result.method == "monte-carlo"
    assert result.method_note == "averaged over the uncertainty of 1 date"
    assert result.observed == pytest.approx(2 / 3, abs=0.05)
    assert result.pvalue_greater == pytest.approx((2 * 3 / 20 + 1) / 3, abs=0.05)
    assert result.pvalue_less == pytest.approx((2 * 1 + 17 / 20) / 3, abs=0.05)
    assert result.expected == pytest.approx(3 / 20, abs=0.01)
    assert "averaged over the uncertainty of 1 date" in " ".join(result.summary().split())
    again = permutation_test(events, anchors, WindowCount(WINDOW), UniformDays(), rng=5, n_resamples=20_000)
    assert again.pvalue == result.pvalue


def test_datings_that_cannot_change_the_statistic_leave_the_p_value_alone():
    """Events in doubt by a day, in the middle of windows and of gaps: every dating gives the same count."""
    period, anchors = Period(0, 400), Events(np.arange(50, 400, 50))
    days = np.array([40, 70, 90, 125, 170, 220, 240, 325])
    sure = permutation_test(Events(days, period), anchors, WindowCount(Window(-20, 0)), UniformDays())
    doubt = permutation_test(
        Events(days, period, uncertainty=3),
        anchors,
        WindowCount(Window(-20, 0)),
        UniformDays(),
        rng=6,
        n_resamples=10_000,
    )
    assert doubt.observed == sure.observed
    assert doubt.pvalue == pytest.approx(sure.pvalue, abs=5 * np.sqrt(sure.pvalue / 10_000))


@pytest.mark.parametrize("statistic", [WindowCount(WINDOW), AnchorsHit(WINDOW), NearestLag()])
@pytest.mark.parametrize(
    "null", [CalendarPermutation(by=[100, 200]), PoissonIntensity(WINDOW, trend=None, harmonics=0)]
)
def test_any_statistic_and_null_model_can_be_averaged(statistic, null):
    rng = np.random.default_rng(8)
    events = Events(rng.choice(300, 20, replace=False), Period(0, 300), uncertainty=rng.integers(0, 4, 20))
    anchors = Events(rng.choice(300, 8, replace=False))
    result = permutation_test(events, anchors, statistic, null, rng=9, n_resamples=205)
    assert result.null_distribution.shape == (205,)
    assert result.method_note == f"averaged over the uncertainty of {events.n_uncertain} dates"
    assert 1 / 206 <= result.pvalue <= 1


def test_an_exact_distribution_and_early_stopping_are_refused_for_dates_in_doubt():
    events, anchors = Events([6, 9], PERIOD, "launches", uncertainty=[1, 0]), Events([7])
    with pytest.raises(
        ExactUnavailableError, match=r"the dates of 1 launches are uncertain.*or as_dated\(\)"
    ):
        permutation_test(events, anchors, WindowCount(WINDOW), UniformDays(), method="exact")
    with pytest.raises(OptionError, match=r"drawing cannot stop early .* uncertain; leave sequential out"):
        permutation_test(events, anchors, WindowCount(WINDOW), UniformDays(), rng=1, sequential=5)
