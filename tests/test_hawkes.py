"""Self-excitation: likelihood, recovery of planted parameters, simulation, goodness of fit."""

import math

import matplotlib as mpl
import numpy as np
import pytest
from scipy import stats

from eventstudy.errors import ModelError
from eventstudy.events import NO_EVENT, Events
from eventstudy.nulls import GivenExcitation, SelfExciting
from eventstudy.numeric import hawkes
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.statistics import WindowCount
from eventstudy.windows import Window

mpl.use("Agg")
BEFORE = Window(-14, 0)


def planted(days, background, ratio, decay, *, distinct, seed):
    """One simulated series as data for a fit with a constant background."""
    _, day = hawkes.simulate(
        np.full(days, background), ratio, decay, distinct=distinct, rng=np.random.default_rng(seed), size=1
    )
    counts = np.bincount(day, minlength=days)
    everywhere = np.ones(days, bool)
    start = np.log([counts.mean()])
    return hawkes.HawkesData(counts, everywhere, np.ones((days, 1)), everywhere, start, np.ones(1), distinct)


def likelihood_by_hand(background, counts, fit, ratio, decay, distinct):
    """Every day looks back at every event before it."""
    total = 0.0
    for day, count in enumerate(counts.tolist()):
        if fit[day]:
            rate = background[day] + sum(
                ratio * (1 - decay) * decay ** (day - past - 1) * counts[past] for past in range(day)
            )
            if not distinct:
                total += count * math.log(rate) - rate
            elif count:
                total += math.log(1 - math.exp(-rate))
            else:
                total -= rate
    return total


@pytest.mark.parametrize("distinct", [True, False])
def test_the_likelihood_is_that_of_every_day_looking_back_at_every_event(distinct):
    rng = np.random.default_rng(1)
    days = 150
    counts = rng.poisson(0.2, days) if not distinct else (rng.random(days) < 0.2).astype(int)
    matrix = np.column_stack([np.ones(days), np.sin(np.arange(days) / 20)])
    fit = rng.random(days) < 0.8
    data = hawkes.HawkesData(
        counts, fit, matrix, np.ones(days, bool), np.array([-2.0, 0.0]), np.array([1.0, 0.0]), distinct
    )
    parameters = np.array([-2.0, 0.3, -0.4, 0.9])
    value, gradient = hawkes.log_likelihood(parameters, data)
    ratio, decay = 1 / (1 + np.exp(-parameters[2:]))
    expected = likelihood_by_hand(np.exp(matrix @ parameters[:2]), counts, fit, ratio, decay, distinct)
    assert value == pytest.approx(expected, rel=1e-12)
    step = 1e-6 * np.eye(4)
    numeric = [
        (hawkes.log_likelihood(parameters + h, data)[0] - hawkes.log_likelihood(parameters - h, data)[0])
        / 2e-6
        for h in step
    ]
    assert gradient == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize("distinct", [True, False])
def test_planted_parameters_are_recovered(distinct):
    """About 800 events; the profile-likelihood interval holds the planted branching ratio."""
    data = planted(10_000, 0.04, 0.5, 0.8, distinct=distinct, seed=1)
    best = hawkes.maximise(data)
    low, high = hawkes.ratio_interval(best, data, 0.999)
    assert low < 0.5 < high
    assert high - low < 0.35
    assert best.decay == pytest.approx(0.8, abs=0.06)
    assert best.background.mean() == pytest.approx(0.04, rel=0.2)
    assert np.abs(hawkes.log_likelihood(best.parameters, data)[1]).max() < 1e-3


def test_the_interval_ends_where_the_profile_has_dropped_by_the_limit():
    data = planted(4_000, 0.03, 0.4, 0.8, distinct=True, seed=3)
    best = hawkes.maximise(data)
    limit = stats.chi2.ppf(0.9, 1)
    for end in hawkes.ratio_interval(best, data, 0.9):
        on_grid = []
        for decay in np.linspace(0.3, 0.97, 60):  # maximise over the rest by brute force
            for level in np.linspace(-4.4, -3.2, 60):
                parameters = np.array([level, math.log(end / (1 - end)), math.log(decay / (1 - decay))])
                on_grid.append(hawkes.log_likelihood(parameters, data)[0])
        assert 2 * (best.loglik - max(on_grid)) == pytest.approx(limit, abs=0.03)


def test_events_that_do_not_excite_leave_zero_inside_the_interval():
    data = planted(5_000, 0.03, 0.0, 0.5, distinct=True, seed=3)
    best = hawkes.maximise(data)
    low, high = hawkes.ratio_interval(best, data, 0.999)
    assert low == 0.0
    assert best.ratio < high < 0.6


def day_by_day(background, ratio, decay, distinct, rng, size):
    """Counts by draw and day, simulated forward in time: a second road, without families."""
    trace, total = np.zeros(size), np.zeros((size, background.size), int)
    for day, base in enumerate(background):
        rate = base + ratio * (1 - decay) * trace
        total[:, day] = rng.random(size) < -np.expm1(-rate) if distinct else rng.poisson(rate)
        trace = decay * trace + total[:, day]
    return total


@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.parametrize("grid", [1_000, 1_048_576])
def test_simulation_by_generations_agrees_with_simulation_day_by_day(monkeypatch, distinct, grid):
    monkeypatch.setattr(hawkes, "LARGEST_GRID", grid)
    size, background = 20_000, np.where(np.arange(120) % 10 < 3, 0.15, 0.01)
    row, day = hawkes.simulate(
        background, 0.6, 0.7, distinct=distinct, rng=np.random.default_rng(5), size=size
    )
    assert (np.diff(120 * row + day) >= 0).all()
    families = np.zeros((size, 120), int)
    np.add.at(families, (row, day), 1)
    forward = day_by_day(background, 0.6, 0.7, distinct, np.random.default_rng(6), size)
    assert (families.max() == 1) == distinct
    error = 5 * np.sqrt((forward.var(axis=0) + families.var(axis=0)) / size)
    assert (np.abs(forward.mean(axis=0) - families.mean(axis=0)) <= error).all()
    for lag in (1, 5):
        together = [(a[:, 50:-lag] * a[:, 50 + lag :]).mean() for a in (forward, families)]
        assert together[0] == pytest.approx(together[1], rel=0.05)
    assert stats.ks_2samp(forward.sum(axis=1), families.sum(axis=1)).pvalue > 1e-6


@pytest.mark.parametrize("ratio", [0.0, 0.6, 1.3])
def test_the_expected_events_of_a_day_are_those_of_the_sum_over_all_days_before(ratio):
    background, decay, days = np.random.default_rng(4).random(40), 0.7, np.arange(40)
    lags = days[:, None] - days
    kernel = np.where(lags > 0, ratio * (1 - decay) * decay ** (lags.clip(1) - 1.0), 0.0)
    by_hand = np.linalg.solve(np.eye(40) - kernel, background)
    assert hawkes.expected(background, ratio, decay) == pytest.approx(by_hand, rel=1e-10)


def test_simulated_days_have_one_event_at_most_with_the_right_first_steps():
    """On the first day only the background acts; on the second, after an event, both."""
    row, day = hawkes.simulate(
        np.full(300, 0.4), 0.8, 0.5, distinct=True, rng=np.random.default_rng(7), size=40_000
    )
    seen = np.zeros((40_000, 300), int)
    np.add.at(seen, (row, day), 1)
    assert seen.max() == 1
    assert seen[:, 0].mean() == pytest.approx(1 - math.exp(-0.4), abs=0.012)
    assert seen[seen[:, 0] == 1, 1].mean() == pytest.approx(1 - math.exp(-0.8), abs=0.02)
    assert seen[seen[:, 0] == 0, 1].mean() == pytest.approx(1 - math.exp(-0.4), abs=0.02)


@pytest.mark.parametrize("rate", [0.05, 1.5])
def test_rescaled_gaps_are_uniform_under_the_true_model_even_for_coarse_days(rate):
    """With 1.5 events a day most days are full, and only the correction for whole days saves the test."""
    rng = np.random.default_rng(8)
    days = int(4_000 / (1 - math.exp(-rate)))
    counts = (rng.random(days) < 1 - math.exp(-rate)).astype(int)
    fit = np.arange(days) % 10 > 0
    rescaled = hawkes.rescaled_gaps(np.full(days, rate), counts, fit, rng)
    assert rescaled.size == counts[fit].sum()
    assert stats.kstest(rescaled, "uniform").pvalue > 1e-3
    naive = 1 - np.exp(-rate * np.diff(np.flatnonzero(counts)))
    if rate > 1:
        assert stats.kstest(naive, "uniform").pvalue < 1e-12
    assert abs(np.corrcoef(rescaled[:-1], rescaled[1:])[0, 1]) < 0.08


def test_fit_accepts_its_own_model_and_rejects_events_without_bursts():
    period = Period("2000-01-01", "2014-01-01")
    anchors = Events(period.start + np.arange(40, len(period), 90))
    null = GivenExcitation(np.full(len(period), 0.02), 0.5, 0.8, distinct=True)
    drawn = null.sample(Events([period.start], period), anchors, rng=12, size=1)[0]
    launches = Events(drawn, period, "launches", notes=["3 rows were left out"])
    fit = SelfExciting(BEFORE).fit(launches, anchors, rng=1)
    assert "3 rows were left out" in fit.summary()
    assert fit.ks_pvalue > 0.01
    assert fit.low < 0.5 < fit.high
    assert fit.mean_lag == pytest.approx(5, rel=0.5)
    assert fit.n_events == len(launches)
    outside = ~np.isin(launches.days, BEFORE.days(anchors))
    assert fit.n_fitted == outside.sum()
    assert fit.days_fitted == len(period) - BEFORE.exposure(anchors, period)
    assert "no evidence against the model" in " ".join(fit.summary().split())
    assert fit.aic == pytest.approx(2 * fit.n_parameters - 2 * fit.loglik)
    assert f"{fit.branching_ratio:.2f} others per event" in fit.summary()
    assert fit.tidy().loc[0, ["estimate", "conf_low", "conf_high"]].tolist() == [
        fit.branching_ratio,
        fit.low,
        fit.high,
    ]
    assert fit.to_frame().loc[0, "branching_ratio"] == fit.branching_ratio
    assert fit.provenance.seed == "1"
    line = fit.plot().lines[0]
    assert line.get_ydata().tolist() == sorted(fit.rescaled)
    regular = Events(period.start + np.arange(5, len(period), 20), period, "launches")
    rejected = SelfExciting(BEFORE).fit(regular, anchors, rng=1)
    assert rejected.ks_pvalue < 1e-6
    assert "the model does not fit" in rejected.summary()


def test_year_effects_and_waves_in_the_background_take_over_what_looked_like_excitation():
    """The rate changes from year to year and nothing else: only a constant background sees excitation."""
    rng = np.random.default_rng(9)
    period = Period("2000-01-01", "2012-01-01")
    level = np.where(period.dates.year % 3 == 0, 0.15, 0.03)
    launches = Events(period.days[rng.random(len(period)) < level], period)
    anchors = Events(period.start + np.arange(40, len(period), 200))
    constant = SelfExciting(BEFORE).fit(launches, anchors, rng=1)
    by_year = SelfExciting(BEFORE, trend="year", harmonics=1).fit(launches, anchors, rng=1)
    assert constant.low > 0.3
    assert by_year.branching_ratio < 0.2
    assert by_year.loglik > constant.loglik
    assert by_year.n_parameters == 12 + 2 + 2


def test_excitation_reaches_through_the_windows_but_their_days_are_not_fitted():
    """Moving an event inside a window changes the days after it, so the likelihood, but not the events fitted."""
    period = Period(0, 400)
    anchors = Events([100, 200, 300])
    days = [10, 11, 13, 92, 101, 103, 104, 210, 211, 330, 331, 333]
    one = SelfExciting(BEFORE).fit(Events(days, period), anchors, rng=1)
    moved = SelfExciting(BEFORE).fit(Events([*days[:3], 99, *days[4:]], period), anchors, rng=1)
    assert one.n_fitted == moved.n_fitted == 11
    assert one.loglik != moved.loglik


def test_draws_of_the_fitted_model_and_errors():
    rng = np.random.default_rng(10)
    period = Period("2010-01-01", "2014-01-01")
    launches = Events(period.start + rng.choice(len(period), 60, replace=False), period, "launches")
    anchors = Events(period.start + rng.choice(len(period), 12, replace=False))
    null = SelfExciting(BEFORE)
    drawn = null.sample(launches, anchors, rng=1, size=300)
    assert (drawn == null.fitted(launches, anchors).sample(launches, anchors, rng=1, size=300)).all()
    number = (drawn != NO_EVENT).sum(axis=1)
    assert number.mean() == pytest.approx(60, rel=0.25)
    assert number.std() > 5
    result = permutation_test(launches, anchors, WindowCount(BEFORE), null, rng=2, n_resamples=300)
    assert 0.005 < result.pvalue < 0.995
    inside = Events(BEFORE.days(anchors)[:5], period, "launches")
    with pytest.raises(ModelError, match=r"SelfExciting: all launches.* lie in the windows"):
        null.fit(inside, anchors, rng=1)
