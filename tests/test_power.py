"""Power against values computed by another road."""

import joblib
import numpy as np
import pytest
from scipy import stats

from eventstudy.credibility.power import first_reach, minimum_detectable_ratio, power_curve
from eventstudy.credibility.simulate import plant
from eventstudy.errors import OptionError, RandomnessError
from eventstudy.events import Events
from eventstudy.nulls import CalendarPermutation, CircularShift, UniformDays
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.statistics import AnchorsHit, WindowCount
from eventstudy.windows import Window

PERIOD = Period(0, 1_000)
EVENTS = Events(range(0, 1_000, 20), PERIOD)  # 50
ANCHORS = Events(range(60, 1_000, 100))  # 10, whose windows of 14 days make 140 days
WINDOW = Window(-14, 0)


def power_by_hand(days, inside, n, ratio, level):
    """Return the power of the hypergeometric test, summed over all numbers that can occur.

    Without effect k events fall in the window. A further draw has x of its events on the window's free days,
    of which a share is added that makes the expected number in the window `ratio` times as large.
    """
    k = np.arange(n + 1)
    base = stats.hypergeom.pmf(k, days, inside, n)
    mean = n * inside / days
    share = (ratio - 1) * mean / (n * (inside - mean) / days)
    assert share <= 1
    total = 0.0
    for before, chance in zip(k, base, strict=True):
        if chance < 1e-15:
            continue
        x = np.arange(n + 1)
        further = stats.hypergeom.pmf(x, days, inside - before, n)
        added = np.arange(n + 1)
        made = (further[:, None] * stats.binom.pmf(added[None, :], x[:, None], share)).sum(axis=0)
        p = stats.hypergeom.sf(before + added - 1, days, inside, n + added)
        total += chance * made[p <= level].sum()
    return total


def test_power_by_hand_counts_what_enumeration_counts():
    """The reference itself: with ratio 1 nothing is added and it is the size of the test, by hand 1/10 or 0."""
    assert power_by_hand(5, 2, 2, 1.0, 0.11) == pytest.approx(stats.hypergeom.pmf(2, 5, 2, 2))
    assert power_by_hand(5, 2, 2, 1.0, 0.05) == 0


def test_power_of_the_uniform_test_is_the_hypergeometric_one():
    n = 1_200
    curve = power_curve(EVENTS, ANCHORS, WINDOW, UniformDays(), ratios=(1, 1.4, 1.8), n_simulations=n, rng=11)
    for ratio, rejections in zip(curve.ratios, curve.rejections, strict=True):
        power = power_by_hand(1_000, 140, 50, ratio, 0.05)
        low, high = stats.binom.ppf([1e-5, 1 - 1e-5], n, power)
        assert low <= rejections <= high
    assert curve.mean_inside == pytest.approx(50 * 140 / 1_000, abs=0.15)


def test_the_minimum_ratio_brackets_the_one_by_hand():
    from scipy.optimize import brentq

    true = brentq(lambda r: power_by_hand(1_000, 140, 50, r, 0.05) - 0.5, 1.01, 1.86)
    found = minimum_detectable_ratio(
        EVENTS, ANCHORS, WINDOW, UniformDays(), power=0.5, ratios=(1.6, 1.8, 2, 2.2), n_simulations=600,
        confidence_level=0.9999, rng=5,
    )  # fmt: skip
    assert found.low <= true <= found.high
    assert found.ratio == pytest.approx(true, rel=0.06)
    assert found.high - found.low < 0.35


@pytest.mark.parametrize("null", [CircularShift("year"), CalendarPermutation()], ids=repr)
def test_no_effect_is_found_at_most_at_the_level_and_a_large_one_nearly_always(null):
    period = Period("2001-01-01", "2007-01-01")
    rng = np.random.default_rng(3)
    events = Events(rng.choice(period.days, 200, replace=False), period)
    anchors = Events(rng.choice(period.days, 30, replace=False))
    curve = power_curve(events, anchors, WINDOW, null, ratios=(1, 3), n_simulations=150, rng=4)
    assert curve.rejections[0] <= stats.binom.ppf(1 - 1e-6, 150, 0.05)
    assert curve.power[1] > 0.8


def test_draws_decide_only_what_the_exact_test_decides_alike(monkeypatch):
    """Exchanged years are screened by draws; without the screen every p-value is exact."""
    period = Period("2001-01-01", "2008-01-01")
    rng = np.random.default_rng(12)
    events = Events(rng.choice(period.days, 120, replace=False), period)
    anchors = Events(rng.choice(period.days, 25, replace=False))

    def run():
        return power_curve(
            events, anchors, WINDOW, CalendarPermutation(), ratios=(1, 1.5, 2), n_simulations=100, rng=13
        )

    screened = run()
    exact = []
    monkeypatch.setattr(
        "eventstudy.credibility.repeated.screened",
        lambda statistic, null, pairs, *_: exact.append(1) or [None] * len(pairs),
    )
    plain = run()
    assert exact
    assert screened.rejections.tolist() == plain.rejections.tolist()
    assert 0 < plain.rejections[1] < 100


def test_a_rule_finds_what_all_its_null_models_find():
    """The same series, planted by hand and tested one null model after the other."""
    n, nulls = 60, (UniformDays(), CircularShift())
    curve = power_curve(EVENTS, ANCHORS, WINDOW, nulls, ratios=(1.5,), level=0.2, n_simulations=n, rng=14)
    planted = plant(EVENTS, ANCHORS, WINDOW, nulls[0], ratios=(1.5,), size=n, rng=np.random.default_rng(14))
    found = np.array(
        [
            [permutation_test(series, ANCHORS, WindowCount(WINDOW), null).pvalue <= 0.2 for null in nulls]
            for series in (Events(planted.days(number, 1.5), PERIOD) for number in range(n))
        ]
    )
    assert curve.rejections.tolist() == [found.all(axis=1).sum()]
    assert 0 < curve.rejections[0] < found.sum(axis=0).min()
    assert curve.background == nulls[0]


def test_a_statistic_without_exact_road_is_tested_by_draws():
    curve = power_curve(
        EVENTS, ANCHORS, AnchorsHit(WINDOW), UniformDays(), ratios=(1, 2.5), n_simulations=60,
        n_resamples=99, rng=6,
    )  # fmt: skip
    assert curve.n_drawn == 120
    assert curve.power[0] < 0.2 < curve.power[1]


def test_the_answer_does_not_depend_on_the_workers_but_on_the_seed():
    def run(seed):
        return power_curve(
            EVENTS, ANCHORS, AnchorsHit(WINDOW), UniformDays(), ratios=(1, 1.5), n_simulations=45,
            n_resamples=49, rng=seed,
        )  # fmt: skip

    alone = run(9)
    with joblib.parallel_config("threading", n_jobs=2):
        together = run(9)
    assert np.array_equal(alone.rejections, together.rejections)
    assert alone.mean_inside == together.mean_inside
    assert len({run(seed).mean_inside for seed in (9, 10, 11)}) > 1


def test_another_background_shows_where_the_null_model_fails():
    """Bursts with a test that takes events as independent: more rejections without any effect than the level."""
    starts = np.arange(0, 3_000, 60)
    events = Events((starts[:, None] + range(6)).ravel(), Period(0, 3_000))
    anchors = Events(np.arange(100, 3_000, 150))
    naive, kept = (
        power_curve(
            events, anchors, WINDOW, null, ratios=(1,), background=CircularShift(within=range(300, 3_000, 300)),
            n_simulations=400, rng=8,
        ).power[0]
        for null in (UniformDays(), CircularShift(within=range(300, 3_000, 300)))
    )  # fmt: skip
    assert naive > 0.1
    assert kept <= 0.09


def test_a_curve_is_inverted_on_the_logarithm_of_the_ratio():
    ratios = np.array([1.0, 2.0, 4.0])
    assert first_reach(ratios, np.array([0.0, 0.5, 1.0]), 0.75) == pytest.approx(2 * 2**0.5)
    assert first_reach(ratios, np.array([0.0, 0.6, 0.4]), 0.5) == pytest.approx(2.0)  # pooled to 0.5
    assert first_reach(ratios, np.array([0.9, 0.9, 0.9]), 0.8) == 1.0
    assert first_reach(ratios, np.array([0.0, 0.1, 0.2]), 0.8) == np.inf


def test_out_of_reach_is_said():
    found = minimum_detectable_ratio(
        EVENTS, ANCHORS, WINDOW, UniformDays(), ratios=(1.1,), n_simulations=50, rng=1
    )
    assert found.ratio == np.inf
    assert "above 1.1, the largest planted; plant larger ratios" in found.summary()


def test_results_print_tabulate_and_draw_what_they_hold():
    found = minimum_detectable_ratio(
        EVENTS, ANCHORS, WINDOW, UniformDays(), ratios=(1.5, 2, 3), n_simulations=100, rng=2
    )
    assert f"{found.ratio:.2f} (95% interval of the simulation {found.low:.2f} to" in found.summary()
    assert "UniformDays(within=None)" in found.curve.summary()
    frame = found.curve.to_frame()
    assert frame["power"].tolist() == (frame["rejections"] / 100).tolist()
    assert (frame["power_low"] <= frame["power"]).all()
    assert (frame["power"] <= frame["power_high"]).all()
    assert found.to_frame().loc[0, "ratio"] == found.ratio
    line = found.plot().get_lines()[0]
    assert line.get_xdata().tolist() == [1, 1.5, 2, 3]
    assert line.get_ydata().tolist() == found.curve.power.tolist()
    assert found.provenance.seed == "2"


def test_bad_options_are_refused():
    with pytest.raises(RandomnessError, match=r"power_curve: draws are made here and rng is missing"):
        power_curve(EVENTS, ANCHORS, WINDOW, UniformDays())
    with pytest.raises(OptionError, match=r"level is 5; give a share"):
        power_curve(EVENTS, ANCHORS, WINDOW, UniformDays(), level=5, rng=1)
    with pytest.raises(OptionError, match=r"power is 80; give a share"):
        minimum_detectable_ratio(EVENTS, ANCHORS, WINDOW, UniformDays(), power=80, rng=1)
    with pytest.raises(OptionError, match=r"n_simulations is 0; give 1 or more"):
        power_curve(EVENTS, ANCHORS, WINDOW, UniformDays(), n_simulations=0, rng=1)
    with pytest.raises(OptionError, match=r"has no window to plant an effect in"):
        power_curve(EVENTS, ANCHORS, lambda e, a: 0, UniformDays(), rng=1)


def test_window_and_its_count_are_the_same_question():
    one, other = (
        power_curve(EVENTS, ANCHORS, what, UniformDays(), ratios=(1.5,), n_simulations=40, rng=3)
        for what in (WINDOW, WindowCount(WINDOW))
    )
    assert one.rejections.tolist() == other.rejections.tolist()
