"""Planted effects: as many events as asked for, in the window and nowhere else."""

import numpy as np
import pytest

from eventstudy.credibility.simulate import plant
from eventstudy.errors import OptionError
from eventstudy.events import Events
from eventstudy.nulls import CalendarPermutation, CircularShift, UniformDays
from eventstudy.periods import Period
from eventstudy.windows import Window

YEARS = Period("2001-01-01", "2005-01-01")
WINDOW = Window(-14, 0)


def bursts(period=YEARS):
    """Three events in a row every 40 days: clustered, so that the dispersion is not that of chance."""
    starts = np.arange(period.start, period.stop - 3, 40)
    return Events((starts[:, None] + [0, 1, 2]).ravel(), period)


ANCHORS = Events(np.arange(YEARS.start + 30, YEARS.stop, 90))
BACKGROUNDS = [UniformDays(), CircularShift(), CircularShift("year"), CalendarPermutation()]


@pytest.mark.parametrize("background", BACKGROUNDS, ids=repr)
def test_the_window_holds_the_ratio_times_as_many_and_the_rest_is_untouched(background):
    planted = plant(
        bursts(), ANCHORS, WINDOW, background, ratios=(1, 1.5, 2.5), size=40, rng=np.random.default_rng(1)
    )
    inside = set(WINDOW.days(ANCHORS).tolist())
    for ratio in (1, 1.5, 2.5):
        plain = [set(planted.days(i, 1).tolist()) for i in range(40)]
        series = [planted.days(i, ratio) for i in range(40)]
        assert all(np.unique(days).size == days.size for days in series)
        assert all(
            set(days.tolist()) - inside == old - inside for days, old in zip(series, plain, strict=True)
        )
        assert all(old <= set(days.tolist()) for days, old in zip(series, plain, strict=True))
        without = sum(len(old & inside) for old in plain)
        found = sum(len(inside.intersection(days.tolist())) for days in series)
        assert abs(found - ratio * without) <= 0.5
        assert planted.mean_inside == without / 40


def test_a_planted_effect_follows_the_busy_years():
    """All events lie in the first year, so a shift within years plants none in the others."""
    events = Events(np.arange(YEARS.start, YEARS.start + 300, 5), YEARS)
    planted = plant(
        events, ANCHORS, WINDOW, CircularShift("year"), ratios=(3,), size=20, rng=np.random.default_rng(2)
    )
    added = sum(planted.days(i, 3).size - len(events) for i in range(20))
    assert added > 0
    assert all(planted.days(i, 3).max() < YEARS.start + 365 for i in range(20))


def test_planted_events_come_in_bursts_where_the_background_does():
    """With bursts of three, most added events of a whole further draw have an added neighbour."""
    planted = plant(
        bursts(), ANCHORS, WINDOW, CircularShift(), ratios=(1.8,), size=200, rng=np.random.default_rng(3)
    )
    neighbours, total = 0, 0
    for i in range(200):
        added = np.setdiff1d(planted.days(i, 1.8), planted.days(i, 1))
        gaps = np.diff(added)
        neighbours += int((np.r_[False, gaps == 1] | np.r_[gaps == 1, False]).sum()) if added.size else 0
        total += added.size
    assert neighbours / total > 0.5


def test_repeated_days_are_multiplied_as_counts():
    events = Events([YEARS.start, YEARS.start, YEARS.start + 200], YEARS)
    planted = plant(
        events, ANCHORS, WINDOW, CircularShift(), ratios=(2,), size=100, rng=np.random.default_rng(4)
    )
    inside = WINDOW.days(ANCHORS)
    counts = [sum(int(np.isin(planted.days(i, ratio), inside).sum()) for i in range(100)) for ratio in (1, 2)]
    assert counts[1] == 2 * counts[0]
    assert all(planted.days(i, 1).size == 3 for i in range(100))


def test_same_seed_same_series_and_larger_effects_hold_the_smaller():
    def draw(seed):
        return plant(
            bursts(), ANCHORS, WINDOW, UniformDays(), ratios=(3,), size=5, rng=np.random.default_rng(seed)
        )

    one, same, other = draw(7), draw(7), draw(8)
    for i in range(5):
        assert np.array_equal(one.days(i, 2.2), same.days(i, 2.2))
        assert set(one.days(i, 1.4).tolist()) <= set(one.days(i, 2.2).tolist())
    assert any(not np.array_equal(one.days(i, 2.2), other.days(i, 2.2)) for i in range(5))


def test_what_cannot_be_planted_is_refused():
    rng = np.random.default_rng(1)
    for ratio in (0.5, 1e9, np.nan):
        with pytest.raises(
            OptionError, match=r"plant: ratios are \[.*\]; give one or more, each from 1 to 1,000"
        ):
            plant(bursts(), ANCHORS, WINDOW, UniformDays(), ratios=[ratio], size=2, rng=rng)
    daily = Events(np.arange(0, 100, 2), Period(0, 100))
    with pytest.raises(OptionError, match=r"no room for 3 times as many .*; give smaller ratios"):
        plant(daily, Events([50]), Window(-10, 0), UniformDays(), ratios=[3], size=5, rng=rng)
    repeated = Events(np.repeat(bursts().days, 40), bursts().period)
    with pytest.raises(
        OptionError, match=r"events would be added, more than 20,000,000; give fewer series or smaller ratios"
    ):
        plant(repeated, ANCHORS, WINDOW, UniformDays(), ratios=[1_000], size=100, rng=rng)
    planted = plant(bursts(), ANCHORS, WINDOW, UniformDays(), ratios=[2], size=2, rng=rng)
    with pytest.raises(OptionError, match=r"ratio 2\.5 is not between 1 and 2; plant again"):
        planted.days(0, 2.5)
