"""Sums on draws whose days are not laid out."""

from __future__ import annotations

import numpy as np
import pytest

import eventstudy as es
from eventstudy.events import NO_EVENT
from eventstudy.nulls import GivenIntensity
from eventstudy.nulls.levels import LevelSums
from eventstudy.nulls.uniform_days import LONGEST_SORTED
from eventstudy.numeric.search import GuidedSearch

PERIOD = es.Period("2001-01-01", "2005-01-01")
NULLS = [
    es.UniformDays(),
    es.UniformDays("month"),
    es.CircularShift("quarter"),
    es.CalendarPermutation(),
    es.Jitter(20, within="year"),
    es.ShuffledGaps(),
    es.ShuffledGaps("quarter"),
    es.ShuffledGaps("month"),
]


def series(n, seed=5):
    rng = np.random.default_rng(seed)
    days = rng.choice(PERIOD.days, n)  # some days twice
    crowded = PERIOD.start + rng.choice(31, 20)
    return es.Events(np.concatenate([days, crowded]), PERIOD), es.Events(rng.choice(PERIOD.days, 12))


@pytest.mark.parametrize("n", [60, LONGEST_SORTED + 50])
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_sums_are_those_of_the_days_that_the_same_generator_draws(null, number, n):
    events, anchors = series(n)
    scores = np.random.default_rng(7).integers(-3, 4, (number, len(PERIOD)))
    sums = null.sums(events, anchors, iter(scores), number)
    for size in (1, 700):
        days = null.sample(events, anchors, rng=np.random.default_rng(size), size=size)
        wanted = scores[:, days - PERIOD.start].sum(axis=-1).T
        assert np.array_equal(sums(np.random.default_rng(size), size), wanted)


@pytest.mark.parametrize("levels", [(0, 1), (-1, 0, 1), (-7, 2, 40)])
@pytest.mark.parametrize(
    "null", [es.UniformDays(), es.UniformDays([400]), es.Jitter(40), es.Jitter(40, [400])]
)
def test_counts_by_level_are_distributed_as_the_sums_of_draws_that_are_laid_out(null, levels):
    """One score of few values is summed without laying out the days; the exact distribution is a third road."""
    period = es.Period(0, 800)
    rng = np.random.default_rng(4)
    events = es.Events(rng.choice(800, 300, replace=False), period)
    score = np.full(800, levels[0])
    score[[250, 500, 700]] = levels[1], levels[-1], levels[1]
    if isinstance(null, es.UniformDays):
        score[420:600] = levels[-1]
    sums = null.sums(events, events, iter([score]), 1)
    assert isinstance(sums, LevelSums)
    drawn = sums(np.random.default_rng(8), 20_000)[:, 0]
    days = null.sample(events, events, rng=9, size=20_000)
    laid_out = score[days].sum(axis=1)
    exact = null.exact(events, events, score)
    values = exact.support
    spread = np.sqrt(((values - exact.mean) ** 2) @ exact.probabilities)
    for found in (drawn, laid_out):
        assert abs(found.mean() - exact.mean) < 5 * spread / np.sqrt(20_000)
        below = np.array([np.mean(found <= value) for value in values])
        assert np.abs(below - np.cumsum(exact.probabilities)).max() < 2.3 / np.sqrt(
            20_000
        )  # Kolmogorov, 5e-5


@pytest.mark.parametrize("n", [60, LONGEST_SORTED + 50])
@pytest.mark.parametrize("within", [None, "year", "month"])
def test_dealt_out_days_are_as_many_and_as_crowded_as_observed(within, n):
    events, anchors = series(n)
    strata = es.strata.cut(PERIOD, within)
    drawn = es.UniformDays(within).sample(events, anchors, rng=11, size=40)

    def crowds(days):
        counts = np.bincount(days - PERIOD.start, minlength=len(PERIOD))
        return [sorted(counts[part].tolist()) for part in strata.slices(PERIOD.start)]

    wanted = crowds(events.days)
    assert all(crowds(row) == wanted for row in drawn)


def test_long_rows_of_distinct_days_are_drawn_evenly():
    """Of 9,000 days 1,500 are drawn: each day's share over draws is that of a simple random sample."""
    period = es.Period(0, 9_000)
    events = es.Events(np.arange(0, 9_000, 6), period)
    drawn = es.UniformDays().sample(events, events, rng=3, size=600)
    assert all(np.unique(row).size == row.size for row in drawn)
    times = np.bincount(drawn.ravel(), minlength=9_000)
    share = 1_500 / 9_000
    spread = 600 * share * (1 - share)
    # sum of squares over expectation: about chi-squared with 8,999 degrees of freedom, standard deviation 134
    assert abs(((times - 600 * share) ** 2 / spread).sum() - 9_000) < 6 * 134


@pytest.mark.parametrize("seed", range(6))
def test_the_guided_search_finds_what_a_binary_search_finds(seed):
    rng = np.random.default_rng(seed)
    rates = rng.exponential(size=500) * rng.choice([0.0, 1e-9, 1.0, 50.0], 500, p=[0.5, 0.1, 0.3, 0.1])
    rates[100:300] = 0.0  # a long pause
    upto = np.cumsum(rates)
    on_edges = np.concatenate([upto, np.nextafter(upto, 0.0), np.nextafter(upto, np.inf)])
    values = np.concatenate([on_edges, rng.random(5_000) * 1.2 * upto[-1], [0.0]])
    assert np.array_equal(GuidedSearch.of(upto)(values), np.searchsorted(upto, values, side="right"))


def test_days_of_a_given_rate_come_as_often_as_the_rate_says():
    rates = np.array([0.0, 0.3, 0.0, 1.5, 0.05, 0.0])
    period = es.Period(10, 16)
    events, size = es.Events([11], period), 40_000
    counts = np.bincount(_seen(GivenIntensity(rates, distinct=False), events, size), minlength=6)
    days = np.bincount(_seen(GivenIntensity(rates, distinct=True), events, size), minlength=6)
    assert not counts[rates == 0].any()
    assert not days[rates == 0].any()
    for k in np.flatnonzero(rates):  # five standard deviations
        assert abs(counts[k] - size * rates[k]) < 5 * np.sqrt(size * rates[k])
        chance = 1 - np.exp(-rates[k])
        assert abs(days[k] - size * chance) < 5 * np.sqrt(size * chance)


def _seen(null, events, size):
    drawn = null.sample(events, events, rng=9, size=size)
    return drawn[drawn != NO_EVENT] - 10


@pytest.mark.parametrize("within", [None, ["2150-01-01"]])
def test_long_strata_of_gaps_keep_each_gap_in_its_stratum(within):
    period = es.Period("1900-01-01", "2400-01-01")
    events = es.Events(np.random.default_rng(1).choice(period.days, 6_000, replace=False), period)
    strata = es.strata.cut(period, within)

    def gaps(days):
        home = strata.index(days)
        own = [np.sort(days[home == i]) for i in range(len(strata))]
        return [np.sort(np.diff(d, append=d[0] + n)) for d, n in zip(own, strata.lengths, strict=True)]

    drawn = es.ShuffledGaps(within).sample(events, events, rng=2, size=30)
    assert len({row.tobytes() for row in drawn}) == 30
    for row in drawn:
        assert all(map(np.array_equal, gaps(row), gaps(events.days)))
