"""Jitter, shuffled gaps and fitted rates; every statistic under every null model; the far tail."""

import math
from collections import Counter
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import pairwise, permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eventstudy.errors import ExactUnavailableError, ModelError, OptionError, PeriodError
from eventstudy.events import NO_EVENT, Events
from eventstudy.nulls import (
    CalendarPermutation,
    CircularShift,
    GivenExcitation,
    GivenIntensity,
    Jitter,
    PoissonIntensity,
    SelfExciting,
    ShuffledGaps,
    UniformDays,
)
from eventstudy.nulls.catalogue import null_model_table
from eventstudy.nulls.intensity import as_draws
from eventstudy.numeric.distributions import Distribution, convolve, poisson, poisson_binomial, repeated
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.statistics import AnchorsHit, NearestLag, Statistic, WindowContrast, WindowCount
from eventstudy.strata import cut
from eventstudy.windows import Window

BEFORE, AFTER = Window(-14, 0), Window(1, 15)
YEARS = Period("2015-01-01", "2018-01-01")


def exact_table(distribution):
    """Values and probabilities that are not zero."""
    pairs = zip(distribution.support.tolist(), distribution.probabilities.tolist(), strict=True)
    return {value: p for value, p in pairs if p > 1e-14}


def product_of_trials(chances):
    """Poisson-binomial probabilities in fractions, one trial after the other."""
    ways = [Fraction(1)]
    for p in chances:
        ways = [a * (1 - p) + b * p for a, b in zip([*ways, 0], [0, *ways], strict=True)]
    return ways


# ---------------------------------------------------------------- distributions


@given(st.lists(st.sampled_from([0, 1, 2, 3, 5, 8]), min_size=1, max_size=12))
def test_poisson_binomial_is_the_product_of_its_trials(eighths):
    chances = [Fraction(k, 8) for k in eighths]
    distribution = poisson_binomial(np.array(eighths) / 8)
    expected = {k: float(p) for k, p in enumerate(product_of_trials(chances)) if p}
    assert exact_table(distribution) == pytest.approx(expected, rel=1e-13)


def test_poisson_binomial_of_many_different_chances_keeps_its_far_tail():
    """300 chances, all successes: about 1e-172, against whole-number arithmetic."""
    chances = [Fraction(200 + k, 1_500) for k in range(300)]
    distribution = poisson_binomial(np.array([float(p) for p in chances]))
    exact = product_of_trials(chances)
    for value in (250, 280, 300):
        expected = sum(exact[value:])
        assert distribution.at_least(value) == pytest.approx(float(expected), rel=1e-10, abs=0)
    assert 0 < distribution.at_least(300) < 1e-150


@pytest.mark.parametrize("mean", [1e-6, 0.3, 7.5, 800.0])
def test_poisson_against_decimal_arithmetic(mean):
    getcontext().prec = 60
    exact = Decimal(mean)
    distribution = poisson(mean)
    assert distribution.mean == pytest.approx(mean, rel=1e-12)
    for value in (0, 1, 2, int(mean), int(mean + 30 * math.sqrt(mean)) + 5):
        if distribution.low <= value < distribution.low + distribution.probabilities.size:
            term = (-exact).exp() * exact**value / Decimal(math.factorial(value))
            assert distribution.probabilities[value - distribution.low] == pytest.approx(
                float(term), rel=1e-11
            )


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 6))
def test_repeated_is_the_sum_of_copies(weights, number):
    part = Distribution(-2, np.array(weights) / sum(weights))
    assert exact_table(repeated(part, number)) == pytest.approx(exact_table(convolve([part] * number)))


def test_a_convolution_that_would_take_too_long_is_refused():
    part = Distribution(0, np.full(200_000, 1 / 200_000))
    with pytest.raises(ExactUnavailableError, match=r"too many values .*; use method='monte-carlo'"):
        convolve([part, part])


# ---------------------------------------------------------------- jitter


@pytest.mark.parametrize("within", [None, [4], [3, 7]])
@pytest.mark.parametrize(
    "statistic", [WindowCount(Window(-2, 1)), WindowContrast(Window(-2, 0), Window(1, 3)), NearestLag()]
)
def test_jitter_by_enumeration(statistic, within):
    """Every combination of the events' own days, two events on one day among them."""
    events, anchors = Events([0, 3, 3, 8], Period(0, 10)), Events([1, 5, 9])
    edges = [0, *(within or []), 10]
    reach = []
    for day in (0, 3, 3, 8):
        low, high = next((a, b) for a, b in pairwise(edges) if a <= day < b)
        reach.append([other for other in range(low, high) if abs(other - day) <= 2])
    values = [float(statistic(Events(days, Period(0, 10)), anchors)) for days in product(*reach)]
    observed = float(statistic(events, anchors))
    result = permutation_test(events, anchors, statistic, Jitter(2, within=within))
    assert result.method == "exact"
    assert result.expected == pytest.approx(np.mean(values), abs=1e-13)
    assert result.pvalue_greater == pytest.approx(np.mean([v >= observed - 1e-12 for v in values]))
    assert result.pvalue_less == pytest.approx(np.mean([v <= observed + 1e-12 for v in values]))


strata = st.sampled_from([None, "year", "quarter", "month"])
some_days = st.lists(st.integers(0, len(YEARS) - 1), min_size=1, max_size=12)


@settings(max_examples=40)
@given(some_days, st.integers(1, 400), strata, st.integers(0, 10**6))
def test_jitter_moves_no_event_too_far_nor_out_of_its_stratum_and_loses_none(days, most, within, seed):
    events = Events(YEARS.start + np.array(days), YEARS)
    drawn = Jitter(most, within=within).sample(events, events, rng=seed, size=20)
    pieces = cut(YEARS, within)
    assert drawn.shape == (20, len(days))
    assert YEARS.inside(drawn).all()
    assert np.abs(drawn - events.days).max() <= most
    assert (pieces.index(drawn) == pieces.index(events.days)).all()


def test_jitter_is_even_over_the_days_it_can_reach():
    """The event on day 1 has four days to go to, not five with two of them clipped onto the edge."""
    drawn = Jitter(2).sample(Events([1], Period(0, 50)), Events([5]), rng=11, size=40_000)
    counts = Counter(drawn[:, 0].tolist())
    assert sorted(counts) == [0, 1, 2, 3]
    assert stats.chisquare(list(counts.values())).pvalue > 1e-6


def test_jitter_keeps_six_digits_of_a_tail_of_1e_150():
    """140 events in the window, all of which must stay there; fractions do the same without rounding."""
    rng = np.random.default_rng(8)
    days = np.sort(rng.integers(0, 5, 140)) + 20 * np.arange(140)
    period = Period(0, 20 * 140)
    events, anchors = Events(days, period), Events(20 * np.arange(140))
    statistic = WindowCount(Window(0, 5))
    chances = []
    for day in days.tolist():
        reach = [d for d in range(day - 40, day + 41) if d in period]
        chances.append(Fraction(sum(d % 20 < 5 for d in reach), len(reach)))
    expected = math.prod(chances)
    result = permutation_test(events, anchors, statistic, Jitter(40))
    assert result.observed == 140
    assert result.pvalue == pytest.approx(float(expected), rel=1e-9, abs=0)
    assert result.pvalue < 1e-80
    half = sum(product_of_trials(chances)[90:])
    distribution = Jitter(40).exact(events, anchors, statistic.scores(period, anchors))
    assert distribution.at_least(90) == pytest.approx(float(half), rel=1e-9, abs=0)


def test_jitter_refuses_no_days():
    with pytest.raises(OptionError, match=r"Jitter: days is 0; events move by whole days; give 1 or more"):
        Jitter(0)
    with pytest.raises(OptionError, match=r"Jitter: days is 1.5, not a whole number"):
        Jitter(1.5)


# ---------------------------------------------------------------- shuffled gaps


def ring_gaps(days, length):
    days = np.sort(days)
    return sorted(np.diff(days, append=days[0] + length).tolist())


@settings(max_examples=40)
@given(some_days, strata, st.integers(0, 10**6))
def test_shuffled_gaps_keep_the_gaps_round_each_stratum(days, within, seed):
    events = Events(YEARS.start + np.array(days), YEARS)
    pieces = cut(YEARS, within)
    home = pieces.index(events.days)
    for row in ShuffledGaps(within).sample(events, events, rng=seed, size=5):
        new_home = pieces.index(row)
        for number in np.unique(home):
            length = int(pieces.lengths[number])
            assert ring_gaps(row[new_home == number], length) == ring_gaps(
                events.days[home == number], length
            )


def test_every_order_and_origin_of_the_gaps_is_equally_likely():
    """Gaps 1, 2, 4 on a ring of 7: two cyclic orders times seven places."""
    events = Events([0, 1, 3], Period(0, 7))
    expected = Counter(
        tuple(sorted({origin, (origin + a) % 7, (origin + a + b) % 7}))
        for a, b, _ in permutations([1, 2, 4])
        for origin in range(7)
    )
    drawn = ShuffledGaps().sample(events, Events([5]), rng=4, size=28_000)
    seen = Counter(map(tuple, np.sort(drawn, axis=1).tolist()))
    assert set(seen) == set(expected)
    assert len(expected) == 14
    even = [28_000 * expected[key] / 42 for key in sorted(expected)]
    assert stats.chisquare([seen[key] for key in sorted(expected)], even).pvalue > 1e-6


def test_shuffled_gaps_do_not_start_where_the_days_are_counted_from():
    """A peer places the first gap at day 0, so that a record that begins on day 14,001 always looks linked."""
    rng = np.random.default_rng(2)
    days, anchors = rng.choice(2_000, 30, replace=False), rng.choice(2_000, 20, replace=False)
    results = [
        permutation_test(
            Events(days + shift, Period(shift, 2_000 + shift)),
            Events(anchors + shift),
            WindowCount(BEFORE),
            ShuffledGaps(),
            rng=3,
            n_resamples=500,
        )
        for shift in (0, 14_000)
    ]
    assert results[0].pvalue == results[1].pvalue
    assert 0.01 < results[0].pvalue < 0.99


# ---------------------------------------------------------------- given and fitted rates


RATES = np.array([0.1, 0.0, 0.5, 1.2, 0.3, 0.2, 0.7, 0.05])


@pytest.mark.parametrize(
    "statistic", [WindowCount(Window(-2, 0)), WindowContrast(Window(-2, 0), Window(1, 3))]
)
def test_days_with_or_without_an_event_by_enumeration(statistic):
    events, anchors = Events([0, 3], Period(0, 8)), Events([2, 5])
    chances = 1 - np.exp(-RATES)
    expected = Counter()
    for pattern in product([0, 1], repeat=8):
        seen = np.flatnonzero(pattern)
        p = math.prod(c if x else 1 - c for c, x in zip(chances.tolist(), pattern, strict=True))
        expected[int(statistic(seen, anchors)) if seen.size else 0] += p
    null = GivenIntensity(RATES, distinct=True)
    scores = statistic.scores(Period(0, 8), anchors)
    assert exact_table(null.exact(events, anchors, scores)) == pytest.approx(
        {value: p for value, p in expected.items() if p > 1e-14}, rel=1e-12
    )


def test_daily_poisson_counts_by_enumeration():
    """A contrast of independent counts is a difference of two Poisson variables: Skellam's distribution."""
    events, anchors = Events([3, 3], Period(0, 8)), Events([3])
    statistic = WindowContrast(Window(-2, 0), Window(1, 3))
    null = GivenIntensity(RATES, distinct=False)
    distribution = null.exact(events, anchors, statistic.scores(Period(0, 8), anchors))
    before, after = RATES[1:3].sum(), RATES[4:6].sum()
    for value in range(-4, 5):
        expected = sum(
            stats.poisson.pmf(k + value, before) * stats.poisson.pmf(k, after)
            for k in range(40)
            if k + value >= 0
        )
        assert distribution.at_least(value) - distribution.at_least(value + 1) == pytest.approx(
            expected, rel=1e-9
        )


@pytest.mark.parametrize("distinct", [True, False])
def test_draws_of_given_rates_have_the_right_counts_on_each_day(distinct):
    events, size = Events([0, 3], Period(0, 8)), 60_000
    drawn = GivenIntensity(RATES, distinct=distinct).sample(events, events, rng=12, size=size)
    daily = np.array([(drawn == day).sum(axis=1) for day in range(8)])
    mean, variance = (
        (1 - np.exp(-RATES), np.exp(-RATES) * (1 - np.exp(-RATES))) if distinct else (RATES, RATES)
    )
    assert (np.abs(daily.mean(axis=1) - mean) <= 5 * np.sqrt(variance / size)).all()
    assert daily.max() == 1 if distinct else daily.max() > 2
    assert np.abs(np.corrcoef(daily[[2, 3, 6]]) - np.eye(3)).max() < 0.02
    assert np.isin(drawn, [NO_EVENT, *range(8)]).all()


def test_draws_are_filled_up_at_the_end():
    assert as_draws(np.array([0, 2, 2]), np.array([5, 6, 7]), 3).tolist() == [
        [5, NO_EVENT],
        [NO_EVENT, NO_EVENT],
        [6, 7],
    ]


def fitted_by_statsmodels(events, anchors, family, formula, exercise):
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    days = events.period.dates
    angle = 2 * np.pi * (days.day_of_year.to_numpy() - 1) / 365.25
    table = pd.DataFrame({"count": events.daily_counts(), "year": days.year, "exercise": exercise.to_numpy()})
    table["t"] = np.arange(len(days)) / len(days)
    for k in (1, 2):
        table[f"s{k}"], table[f"c{k}"] = np.sin(k * angle), np.cos(k * angle)
    outside = ~np.isin(events.period.days, BEFORE.days(anchors))
    families = {"poisson": sm.families.Poisson(), "days": sm.families.Binomial(sm.families.links.CLogLog())}
    fit = smf.glm(formula, table[outside], family=families[family]).fit(tol=1e-12, maxiter=100)
    predicted = fit.predict(table).to_numpy()
    return predicted if family == "poisson" else -np.log1p(-predicted)


@pytest.mark.parametrize("family", ["poisson", "days"])
@pytest.mark.parametrize("trend", ["year", None])
def test_fitted_rates_are_those_of_statsmodels(family, trend):
    """Year effects, two pairs of waves and a covariate, the windows' days left out and then predicted."""
    rng = np.random.default_rng(5)
    days = rng.choice(len(YEARS), 120, replace=False)
    days = days if family == "days" else np.concatenate([days, days[:9]])
    events, anchors = (
        Events(YEARS.start + days, YEARS),
        Events(YEARS.start + rng.choice(len(YEARS), 20, replace=False)),
    )
    exercise = pd.Series((YEARS.dates.month == 3).astype(float), index=YEARS.dates)
    null = PoissonIntensity(BEFORE, trend=trend, harmonics=2, covariates={"exercise": exercise})
    fitted = null.fitted(events, anchors)
    formula = "count ~ s1 + c1 + s2 + c2 + exercise" + (" + C(year)" if trend else "")
    assert fitted.distinct == (family == "days")
    assert fitted.rates == pytest.approx(
        fitted_by_statsmodels(events, anchors, family, formula, exercise), rel=1e-6
    )


def test_a_smooth_trend_over_less_than_three_years_is_a_cubic():
    """With one piece the spline spans the cubic polynomials, so a polynomial fit gives the same rates."""
    rng = np.random.default_rng(6)
    period = Period(YEARS.start, YEARS.start + 1_000)
    events = Events(period.start + rng.choice(1_000, 90, replace=False), period)
    anchors = Events(period.start + rng.choice(1_000, 10, replace=False))
    none = pd.Series(0.0, index=period.dates)
    cubic = fitted_by_statsmodels(
        events, anchors, "days", "count ~ t + I(t ** 2) + I(t ** 3) + s1 + c1", none
    )
    fitted = PoissonIntensity(BEFORE, trend="smooth", harmonics=1).fitted(events, anchors)
    assert fitted.rates == pytest.approx(cubic, rel=1e-6)


def test_smooth_trend_follows_a_change_that_one_level_misses():
    rng = np.random.default_rng(9)
    period = Period(0, 4_000)
    truth = 0.02 + 0.2 * (np.arange(4_000) > 2_000)
    days = np.flatnonzero(rng.random(4_000) < truth)
    fitted = PoissonIntensity(None, trend="smooth", harmonics=0).fitted(Events(days, period), Events([1]))
    assert np.corrcoef(fitted.rates, truth)[0, 1] > 0.9
    assert -np.expm1(-fitted.rates).sum() == pytest.approx(days.size, rel=0.02)


def test_a_constant_rate_has_a_closed_form():
    """One level outside the windows: 3 of the 9 days outside have an event, so the rate is -log(1 - 3 / 9)."""
    events, anchors = Events([0, 4, 7, 9], Period(0, 12)), Events([10, 11, 12])
    fitted = PoissonIntensity(Window(-1, 0), trend=None, harmonics=0).fitted(events, anchors)
    assert fitted.rates == pytest.approx(np.full(12, -math.log(1 - 3 / 9)), rel=1e-10)
    twice = Events([0, 4, 4, 9], Period(0, 12))
    counts = PoissonIntensity(Window(-1, 0), trend=None, harmonics=0).fitted(twice, anchors)
    assert counts.rates == pytest.approx(np.full(12, 3 / 9), rel=1e-10)


def test_a_year_without_events_has_rate_zero_and_events_in_its_windows_alone_are_refused():
    quiet = Events(["2015-03-01", "2015-05-09", "2017-08-08", "2017-10-10"], YEARS, "launches")
    rates = PoissonIntensity(BEFORE, harmonics=0).fitted(quiet, Events(["2016-06-01"])).rates
    year = YEARS.dates.year
    assert (rates[year == 2016] == 0).all()
    assert rates[year == 2015] == pytest.approx(np.full(365, -math.log(1 - 2 / 365)))
    lost = Events(["2015-03-01", "2016-05-25", "2017-08-08"], YEARS, "launches")
    with pytest.raises(ModelError, match=r"all launches of 2016 lie in the windows.*trend over several"):
        PoissonIntensity(BEFORE, harmonics=0).fitted(lost, Events(["2016-06-01"]))
    with pytest.raises(ModelError, match=r"the windows cover every day of 2016.*trend='smooth'"):
        PoissonIntensity(Window(-366, 0), harmonics=0).fitted(quiet, Events(["2017-01-01"]))
    with pytest.raises(ModelError, match=r"the windows cover every day of .*; choose shorter windows"):
        PoissonIntensity(Window(-2_000, 0)).fitted(quiet, Events(["2018-01-01"]))


def test_terms_and_covariates_are_checked():
    events, anchors = Events(["2015-03-01", "2016-03-25", "2017-08-08"], YEARS), Events(["2016-06-01"])
    with pytest.raises(OptionError, match="trend='linear' is not known; give 'year', 'smooth' or None"):
        PoissonIntensity(BEFORE, trend="linear")
    with pytest.raises(OptionError, match="harmonics is -1"):
        PoissonIntensity(BEFORE, harmonics=-1)
    flat = pd.Series(1.0, index=YEARS.dates)
    with pytest.raises(
        ModelError, match=r"2015, 2016, 2017, flat are linear combinations of others.*leave one out"
    ):
        PoissonIntensity(BEFORE, harmonics=0, covariates={"flat": flat}).fitted(events, anchors)
    with pytest.raises(
        PeriodError, match="covariate 'flat': 1 of 1096 days have no value, the first 2015-01-01"
    ):
        PoissonIntensity(BEFORE, covariates={"flat": flat[1:]}).fitted(events, anchors)
    doubled = pd.concat([flat, flat[365:366]])
    with pytest.raises(OptionError, match="covariate 'flat': 2016-01-01 appears twice"):
        PoissonIntensity(BEFORE, covariates={"flat": doubled}).fitted(events, anchors)
    with pytest.raises(OptionError, match="covariate 'list': it is not a Series with a date index"):
        PoissonIntensity(BEFORE, covariates={"list": [1.0]}).fitted(events, anchors)
    with pytest.raises(ModelError, match="there are 8 rates for the 1096 days"):
        GivenIntensity(RATES, distinct=True).sample(events, anchors, rng=1, size=1)
    with pytest.raises(ModelError, match="rates are one number from 0 for each day"):
        GivenIntensity([0.1, -0.1], distinct=True)


@pytest.mark.parametrize("model", [PoissonIntensity, SelfExciting])
def test_a_rate_that_diverges_in_windows_at_the_end_of_the_record_is_refused(model):
    """A yearly wave fitted to four months and six events implies 26,000 in the eight that are not in the fit."""
    period = Period("2012-01-01", "2013-01-01")
    launches = Events.from_days(period.start + np.array([1, 10, 48, 98, 102, 114]), period, "launches")
    with pytest.raises(
        ModelError,
        match=r"the rate fitted outside the windows implies \S+ events inside them, against 6 events",
    ):
        model(Window(-245, 1), trend=None, harmonics=1).sample(
            launches, Events(["2012-12-31"]), rng=1, size=10
        )


def test_draws_that_do_not_fit_into_memory_are_refused_before_they_are_made():
    period = Period(0, 100)
    events = Events([5, 50], period)
    for null in (
        GivenIntensity(np.full(100, 1e8), distinct=False),
        GivenExcitation(np.full(100, 1e8), 0.5, 0.5, distinct=True),
        GivenExcitation(np.full(100, 0.1), 50.0, 0.5, distinct=False),
    ):
        with pytest.raises(ModelError, match=r"1,000 draws with \S+ events each do not fit into 1 GiB"):
            null.sample(events, events, rng=1, size=1_000)
    for background, ratio, decay in (
        ([0.1, np.nan], 0.5, 0.5),
        ([0.1], np.nan, 0.5),
        ([0.1], 0.5, 1.0),
        ([0.0], 0.5, 0.5),
    ):
        with pytest.raises(ModelError, match="the background is one number from 0 for each day"):
            GivenExcitation(background, ratio, decay, distinct=True)
    with pytest.raises(ModelError, match="there are 2 rates for the 100 days"):
        GivenExcitation([0.1, 0.1], 0.5, 0.5, distinct=True).sample(events, events, rng=1, size=1)


def test_an_effect_in_the_windows_does_not_raise_its_own_yardstick():
    """Twenty extra events in the windows change the rate only if the windows are part of the fit."""
    rng = np.random.default_rng(10)
    anchors = Events(YEARS.start + np.arange(100, 1_000, 45))
    inside = BEFORE.days(anchors)
    outside = np.setdiff1d(YEARS.days, inside)
    base = rng.choice(outside, 60, replace=False)
    some = Events(np.concatenate([base, inside[:3]]), YEARS)
    more = Events(np.concatenate([base, inside[:23]]), YEARS)
    blind, open_eyed = PoissonIntensity(BEFORE, trend=None), PoissonIntensity(None, trend=None)
    assert blind.fitted(some, anchors).rates == pytest.approx(blind.fitted(more, anchors).rates, rel=1e-9)
    assert open_eyed.fitted(more, anchors).rates.mean() > 1.2 * open_eyed.fitted(some, anchors).rates.mean()


# ---------------------------------------------------------------- every statistic under every null model


class FirstEvent(Statistic):
    """A statistic of no special kind: the day of the first event."""

    def __call__(self, events, anchors):
        days = events.days if isinstance(events, Events) else np.asarray(events)
        return np.where(days == NO_EVENT, YEARS.stop, days).min(axis=-1, initial=YEARS.stop)


NULLS = [
    UniformDays(),
    UniformDays("year"),
    CircularShift(),
    CircularShift("year"),
    CalendarPermutation(),
    Jitter(30),
    Jitter(30, within="quarter"),
    ShuffledGaps(),
    ShuffledGaps("year"),
    PoissonIntensity(BEFORE),
    PoissonIntensity(BEFORE, trend="smooth", harmonics=1),
    SelfExciting(BEFORE),
]
STATISTICS = [
    WindowCount(BEFORE),
    AnchorsHit(BEFORE),
    WindowContrast(BEFORE, AFTER),
    NearestLag(),
    NearestLag("either"),
    FirstEvent(),
]


def drawn_by_design(null, statistic):
    """Tell where there is no exact distribution: no closed form, and too many arrangements to enumerate."""
    if (isinstance(null, CircularShift) and null.within is None) or isinstance(null, CalendarPermutation):
        return False
    if isinstance(null, CircularShift) and isinstance(statistic, AnchorsHit):
        return False
    additive = isinstance(statistic, (WindowCount, WindowContrast, NearestLag))
    varying = isinstance(null, PoissonIntensity) and isinstance(statistic, NearestLag)
    return not additive or varying or isinstance(null, (ShuffledGaps, SelfExciting))


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda s: type(s).__name__ + getattr(s, "side", ""))
@pytest.mark.parametrize("null", NULLS, ids=repr)
@pytest.mark.parametrize("ties", [False, True], ids=["days", "counts"])
def test_every_statistic_with_every_null_model(null, statistic, ties):
    """Where both roads are open they agree within the error of the draws; else the result says why it was drawn."""
    rng = np.random.default_rng(21)
    days = np.concatenate(
        [YEARS.start + rng.choice(len(YEARS), 20, replace=False), [YEARS.start, YEARS.stop - 1]]
    )
    events = Events(np.concatenate([days, days[:3]]) if ties else days, YEARS, "launches")
    anchors = Events(
        [*(YEARS.start + rng.choice(len(YEARS), 12, replace=False)), YEARS.start, YEARS.stop + 5]
    )
    size = 1_000
    result = permutation_test(events, anchors, statistic, null, rng=22, n_resamples=size)
    if drawn_by_design(null, statistic):
        assert result.method == "monte-carlo"
        assert result.method_note.startswith("drawn because ")
        assert result.pvalue >= 1 / (size + 1)
        return
    if result.method == "monte-carlo":  # an exact road that is too long for so many scores says so
        assert isinstance(null, UniformDays)
        assert "too long to compute" in result.method_note
        return
    drawn = permutation_test(events, anchors, statistic, null, method="monte-carlo", rng=22, n_resamples=size)
    assert drawn.method == "monte-carlo"
    for p, q in ((result.pvalue_greater, drawn.pvalue_greater), (result.pvalue_less, drawn.pvalue_less)):
        assert abs(p - q) <= 5 * math.sqrt(max(p * (1 - p), 1e-9) / size) + 2 / size
    spread = drawn.null_distribution.std()
    assert abs(result.expected - drawn.expected) <= 5 * spread / math.sqrt(size) + 1e-9


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_the_same_seed_gives_the_same_draws_inside_the_period(null):
    rng = np.random.default_rng(31)
    events = Events(YEARS.start + rng.choice(len(YEARS), 20, replace=False), YEARS)
    anchors = Events(YEARS.start + rng.choice(len(YEARS), 5, replace=False))
    before = events.days.copy()
    first, again = (null.sample(events, anchors, rng=9, size=30) for _ in range(2))
    assert (first == again).all()
    assert first.dtype == np.int64
    assert not np.array_equal(first, null.sample(events, anchors, rng=10, size=30))
    assert (events.days == before).all()
    assert (YEARS.inside(first) | (first == NO_EVENT)).all()


@pytest.mark.parametrize("null", [null for null in NULLS if not hasattr(null, "by")], ids=repr)
@pytest.mark.parametrize("days", [[7], list(range(20)), [3, 3, 3, 19]], ids=["one", "all", "ties"])
def test_one_event_all_days_and_ties(null, days):
    """The windows are longer than the record, so every event counts whatever is drawn."""
    period = Period(0, 20)
    events, anchors = Events(days, period), Events([0, 19, 60])
    if isinstance(null, (PoissonIntensity, SelfExciting)):
        null = type(null)(None, trend=None, harmonics=0)
    result = permutation_test(events, anchors, WindowCount(Window(-80, 80)), null, rng=1, n_resamples=99)
    assert result.observed == len(days)
    if null.keeps_number:
        assert (result.pvalue_greater, result.pvalue_less) == (1.0, 1.0)
        assert result.expected == len(days)
    else:
        assert result.expected == pytest.approx(len(days), rel=0.5)


def test_the_table_of_null_models_speaks_in_the_models_own_words():
    table = null_model_table().frame.set_index("null")
    assert table.loc["Jitter(days=30)", "keeps"] == Jitter(30).keeps
    assert table.loc["ShuffledGaps()", "breaks"] == ShuffledGaps.breaks
    assert table["exact"].to_dict() == {
        name: "Gaps" not in name and "Exciting" not in name for name in table.index
    }
    texts = table[["keeps", "breaks", "survives", "avoid"]].to_numpy().ravel()
    assert len(set(texts)) > 24
    assert all(isinstance(text, str) and len(text) > 20 for text in texts)


# ---------------------------------------------------------------- levels


def superuniform(pvalues, level):
    """Return whether rejections at the level are as rare as they should be, by a bound of one in a million."""
    return (np.array(pvalues) <= level).sum() <= stats.binom.ppf(1 - 1e-6, len(pvalues), level)


def series(kind, rng, period):
    """One series of events under the named truth."""
    if kind == "uniform":
        return rng.choice(len(period), 40, replace=False)
    if kind == "renewal":  # gamma gaps, then laid round the ring
        gaps = np.maximum(1, np.rint(rng.gamma(0.4, 60, 40))).astype(int)
        return (np.cumsum(gaps * (len(period) - 1) // gaps.sum()) + rng.integers(len(period))) % len(period)
    if kind == "season":
        wave = 1 + 0.8 * np.sin(2 * np.pi * np.arange(len(period)) / 365.25)
        return np.flatnonzero(rng.random(len(period)) < 0.04 * wave)
    trace, days = 0.0, []
    for day in range(len(period)):  # self-exciting
        seen = rng.random() < -math.expm1(-(0.02 + 0.4 * 0.3 * trace))
        trace = 0.7 * trace + seen
        days += [day] * seen
    return np.array(days)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("null", "kind", "n"),
    [
        (UniformDays("year"), "uniform", 800),
        (CircularShift(), "renewal", 800),
        (ShuffledGaps(), "renewal", 400),
        (Jitter(60), "uniform", 800),
        (CalendarPermutation(), "uniform", 800),
        (PoissonIntensity(BEFORE, trend=None, harmonics=1), "season", 400),
        (SelfExciting(BEFORE), "self-exciting", 60),
    ],
    ids=lambda value: repr(value) if hasattr(value, "keeps") else value,
)
def test_p_values_are_not_too_small_under_the_null_models_own_truth(null, kind, n):
    """The anchors fall on random days, whatever the events do."""
    rng = np.random.default_rng(20240229)
    pvalues = []
    for _ in range(n):
        anchors = Events(YEARS.start + np.sort(rng.choice(len(YEARS), 12, replace=False)))
        events = Events(YEARS.start + series(kind, rng, YEARS), YEARS)
        result = permutation_test(events, anchors, WindowCount(BEFORE), null, rng=rng, n_resamples=199)
        pvalues.append(result.pvalue)
    assert all(superuniform(pvalues, level) for level in (0.01, 0.05, 0.1, 0.25, 0.5))
    assert min(pvalues) < 0.2  # and not all are one
