"""Truths without a link: what they promise about rates, bursts and numbers."""

import numpy as np
import pytest
from scipy import stats

from eventstudy.credibility.rhythms import Rhythm
from eventstudy.credibility.truths import Link, PlaceboAnchors, SimulatedEvents, SimulatedSeries, data_set
from eventstudy.errors import OptionError, PeriodError
from eventstudy.events import Events
from eventstudy.periods import Period
from eventstudy.windows import Window

PERIOD = Period("2001-01-01", "2009-01-01")


def pooled(rhythm, number=200, sets=60):
    rng = np.random.default_rng(5)
    return np.concatenate([rhythm.days(PERIOD, number, rng) for _ in range(sets)])


def test_growth_is_the_ratio_of_the_last_days_rate_to_the_first():
    weights = Rhythm(growth=20).weights(PERIOD)
    assert weights[-1] / weights[0] == pytest.approx(20, rel=2e-3)
    assert weights.sum() == pytest.approx(1)
    half = (pooled(Rhythm(growth=20)) >= PERIOD.start + len(PERIOD) // 2).mean()
    # of an exponential rate, the second half holds sqrt(20) times the first; distinct days flatten it a little
    assert half == pytest.approx(20**0.5 / (1 + 20**0.5), abs=0.03)


def test_season_is_the_ratio_of_peak_to_trough():
    weights = Rhythm(season=3, peak=288).weights(PERIOD)
    assert weights.max() / weights.min() == pytest.approx(3, rel=1e-3)
    assert weights[:365].argmax() == 287
    assert weights[:365].argmin() in (104, 105)


def test_a_stationary_series_is_uniform():
    counts, _ = np.histogram(pooled(Rhythm()), bins=20, range=(PERIOD.start, PERIOD.stop))
    assert stats.chisquare(counts).pvalue > 1e-4


def test_bursts_hold_as_many_days_within_their_length():
    days = Rhythm(burst_size=3, burst_days=5).days(PERIOD, 9, np.random.default_rng(8))
    groups = np.split(days, np.flatnonzero(np.diff(days) > 5) + 1)
    assert [group.size for group in groups] == [3, 3, 3]
    assert all(group[-1] - group[0] < 5 for group in groups)


def test_days_are_distinct_and_inside_and_as_many_as_asked():
    for rhythm in (Rhythm(), Rhythm(growth=50, season=10), Rhythm(burst_size=4)):
        days = rhythm.days(PERIOD, 200, np.random.default_rng(1))
        assert np.unique(days).size == days.size
        assert PERIOD.inside(days).all()
        assert days.size == 200 if rhythm.burst_size == 1 else 150 < days.size <= 200


def test_events_and_anchors_are_unrelated_and_what_is_real_stays():
    events = Events(PERIOD.start + np.arange(0, 900, 9), PERIOD, "launches")
    anchors = Events([PERIOD.start + 100], label="summits")
    rng = np.random.default_rng(3)
    kept, placebo = PlaceboAnchors(events, 12, Rhythm(burst_size=3)).sample(rng)
    assert kept is events
    assert len(placebo) == 12
    simulated, same = SimulatedEvents(anchors, PERIOD, 40).sample(rng)
    assert same is anchors
    assert (len(simulated), simulated.period) == (40, PERIOD)
    both = SimulatedSeries(PERIOD, 40, 40).sample(rng)
    assert not np.array_equal(both[0].days, both[1].days)


def test_truths_say_what_they_are():
    assert str(SimulatedSeries(PERIOD, 5, 5)) == "both simulated: stationary"
    assert str(Rhythm(growth=10, season=3, burst_size=3)) == "growth ×10, season ×3, bursts of 3"
    events = Events([PERIOD.start], PERIOD, "launches")
    assert str(PlaceboAnchors(events, 3)) == "real launches, placebo anchors: stationary"


def test_impossible_truths_are_refused():
    impossible = [
        {"growth": 0}, {"season": 0.5}, {"burst_size": 0}, {"burst_size": 15}, {"growth": np.inf}, {"drift": np.nan},
        {"season": np.inf}, {"yearly": (1, np.inf)}, {"burst_size": 2, "burst_days": 10**12},
    ]  # fmt: skip
    for bad in impossible:
        with pytest.raises(OptionError, match=r"Rhythm\(\) has no growth, no season and no bursts"):
            Rhythm(**bad)
    with pytest.raises(OptionError, match=r"the rates overflow or underflow; give smaller factors"):
        Rhythm(wander=1e6).weights(PERIOD, np.random.default_rng(1))
    for ratio in (-1, np.nan, 1e9):
        with pytest.raises(OptionError, match=r"Link: the ratio is .*; give a number from 0 to 1,000"):
            Link(Window(-14, 0), ratio)
    with pytest.raises(OptionError, match=r"n_events: 0 different days do not fit"):
        SimulatedSeries(PERIOD, 0, 5)
    with pytest.raises(OptionError, match=r"n_anchors: 9999 different days do not fit into the 2922 days"):
        SimulatedSeries(PERIOD, 5, 9999)
    with pytest.raises(PeriodError, match=r"the period under observation is not given"):
        PlaceboAnchors(Events([1]), 3)


def test_a_kept_data_set_is_the_one_that_is_drawn_and_another_seed_or_truth_has_its_own():
    period = Period("2001-01-01", "2009-01-01")
    busy, real = Rhythm(wander=0.5, burst_size=3), Events([11_500, 12_000, 13_500], period)
    truths = [
        SimulatedSeries(period, 60, 20, busy),
        SimulatedSeries(period, 60, 20, busy, Link(Window.before(14), 2.5)),
        SimulatedSeries(period, 60, 20),
        SimulatedEvents(real, period, 60, busy),
    ]
    seeds = [(truth, seed) for truth in truths for seed in (1, 2)]
    for _ in range(2):  # drawn, then kept
        for truth, seed in seeds:
            found = data_set(truth, np.random.default_rng(seed).spawn(1)[0])
            drawn = truth.sample(np.random.default_rng(seed).spawn(1)[0])
            assert [one.days.tolist() for one in found] == [one.days.tolist() for one in drawn]
    assert all(
        data_set(truth, np.random.default_rng(1)) is data_set(truth, np.random.default_rng(1))
        for truth in truths
    )


def test_large_data_sets_and_those_of_other_generators_are_not_kept():
    period = Period("2001-01-01", "2009-01-01")
    large, small = SimulatedSeries(period, 1_001, 5), SimulatedSeries(period, 5, 5)
    for truth, source in ((large, np.random.PCG64), (small, np.random.MT19937)):
        one, other = (data_set(truth, np.random.Generator(source(1))) for _ in range(2))
        assert one is not other
        assert one[0].days.tolist() == other[0].days.tolist()
