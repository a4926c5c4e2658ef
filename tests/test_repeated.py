"""Rejection, attainable levels and intervals of shares."""

import numpy as np
import pytest
from scipy import stats

from eventstudy.credibility.repeated import SCREEN, Screen, attained, clopper_pearson, rejects
from eventstudy.events import Events
from eventstudy.nulls import CalendarPermutation, CircularShift, UniformDays
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.statistics import WindowCount
from eventstudy.windows import Window


def test_clopper_pearson_is_scipys():
    for count, trials in [(0, 20), (3, 20), (20, 20), (431, 1_000)]:
        low, high = clopper_pearson(np.array([count]), trials, 0.95)
        known = stats.binomtest(count, trials).proportion_ci(0.95, method="exact")
        assert (low[0], high[0]) == pytest.approx((known.low, known.high), abs=1e-12)


def test_a_pvalue_equal_to_the_level_rejects_whatever_its_last_digit():
    assert rejects(np.array([0.1 + 0.2, 0.3, 0.3001]), 0.3).tolist() == [True, True, False]


def test_the_attainable_level_is_the_largest_tail_within_the_nominal_one():
    """Hypergeometric tails of 5 days, 2 in the window, 2 events: 1, 7/10 and 1/10."""
    test = permutation_test(
        Events([1, 2], Period(0, 5)), Events([2]), WindowCount(Window(-2, 0)), UniformDays()
    )
    assert attained(test.probabilities, 0.05) == 0
    assert attained(test.probabilities, 0.1) == pytest.approx(0.1)
    assert attained(test.probabilities, 0.5) == pytest.approx(0.1)
    assert attained(test.probabilities, 0.9) == pytest.approx(0.7)


def test_over_all_arrangements_the_test_rejects_as_often_as_it_can_attain():
    """By enumeration of the 30 shifts: the share of shifts that reject is the attainable level."""
    period, anchors, count = Period(0, 30), Events([12, 25]), WindowCount(Window(-4, 0))
    days = np.array([0, 1, 4, 9, 17])
    tests = [
        permutation_test(Events((days + shift) % 30, period), anchors, count, CircularShift())
        for shift in range(30)
    ]
    for level in (0.05, 0.1, 0.2):
        own = {round(attained(test.probabilities, level), 12) for test in tests}
        share = np.mean([rejects(np.array([test.pvalue]), level)[0] for test in tests])
        assert own == {round(share, 12)}


@pytest.mark.parametrize("level", [0.01, 0.05, 0.5])
def test_the_screen_is_wrong_less_than_once_in_a_thousand_million(level):
    period = Period("2001-01-01", "2004-01-01")
    events = Events([period.start], period)
    screen = Screen.of(
        events, Events([period.start + 5]), WindowCount(Window(-14, 0)), CalendarPermutation(), level
    )
    assert stats.binom.cdf(screen.surely, SCREEN, level) < 1e-9
    assert stats.binom.sf(screen.hardly - 1, SCREEN, level) < 1e-9
    assert stats.binom.cdf(screen.surely + 1, SCREEN, level) > 1e-10
    assert screen.hardly - screen.surely < 0.4 * SCREEN
