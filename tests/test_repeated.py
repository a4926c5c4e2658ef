"""Rejection, attainable levels and intervals of shares."""

import numpy as np
import pytest
from scipy import stats

from eventstudy.credibility.repeated import (
    SCREEN,
    DataSets,
    RepeatedTest,
    attained,
    clopper_pearson,
    rejects,
    screen_bounds,
)
from eventstudy.errors import OptionError, ReachError
from eventstudy.evaluation.moves import day_move
from eventstudy.events import Events
from eventstudy.excess import WindowExcess
from eventstudy.nulls import CalendarPermutation, CircularShift, Jitter, UniformDays
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.statistics import LagCount, NearestLag, WindowContrast, WindowCount
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
    assert attained(test.probabilities, [0.05])[0] == 0
    assert attained(test.probabilities, [0.1])[0] == pytest.approx(0.1)
    assert attained(test.probabilities, [0.5])[0] == pytest.approx(0.1)
    assert attained(test.probabilities, [0.9])[0] == pytest.approx(0.7)


def test_over_all_arrangements_the_test_rejects_as_often_as_it_can_attain():
    """By enumeration of the 30 shifts: the share of shifts that reject is the attainable level."""
    period, anchors, count = Period(0, 30), Events([12, 25]), WindowCount(Window(-4, 0))
    days = np.array([0, 1, 4, 9, 17])
    tests = [
        permutation_test(Events((days + shift) % 30, period), anchors, count, CircularShift())
        for shift in range(30)
    ]
    for level in (0.05, 0.1, 0.2):
        own = {round(attained(test.probabilities, [level])[0], 12) for test in tests}
        share = np.mean([rejects(np.array([test.pvalue]), level)[0] for test in tests])
        assert own == {round(share, 12)}


@pytest.mark.parametrize("level", [0.01, 0.05, 0.5])
def test_the_screen_is_wrong_less_than_once_in_a_thousand_million(level):
    surely, hardly = screen_bounds(level)
    assert stats.binom.cdf(surely, SCREEN, level) < 1e-9
    assert stats.binom.sf(hardly - 1, SCREEN, level) < 1e-9
    assert stats.binom.cdf(surely + 1, SCREEN, level) > 1e-10
    assert hardly - surely < 0.4 * SCREEN


YEARS = Period("2001-01-01", "2007-01-01")
NULLS = (
    CalendarPermutation(),
    CircularShift(),
    CircularShift("year"),
    CircularShift("month"),
    UniformDays(),
    UniformDays("quarter"),
    Jitter(20),
)


def odd_pairs():
    """Crowded days, a single event, empty years, events on the first and last day, one anchor, anchors outside."""
    rng = np.random.default_rng(11)
    start, stop = YEARS.start, YEARS.stop
    anchors = Events(rng.choice(YEARS.days, 20))
    series = [
        rng.choice(YEARS.days, 60),
        [start + 40],
        [start, start, start, stop - 1, stop - 1],
        np.repeat(rng.choice(YEARS.days[:300], 10), 4),
        rng.choice(YEARS.days[800:1_500], 200),
    ]
    others = [
        anchors,
        anchors,
        Events([stop + 3]),
        Events([start - 20, start + 41]),
        Events(YEARS.days[::30]),
    ]
    return [(Events(np.sort(days), YEARS), own) for days, own in zip(series, others, strict=True)]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_tests_done_together_find_what_each_finds_alone(null, alternative, shared):
    pairs = odd_pairs()
    if shared:
        pairs = [(events, pairs[0][1]) for events, _ in pairs]
    for statistic in (WindowCount(Window(-14, 0)), WindowContrast(Window(-14, 0), Window(1, 15))):
        test = RepeatedTest("here", statistic, null, alternative, 99)
        rngs = np.random.default_rng(1).spawn(len(pairs))
        together = test._together(DataSets(pairs), rngs[0])
        if together is None:  # one of the pairs has no closed form
            assert isinstance(null, UniformDays | Jitter)
            continue
        for (events, anchors), one in zip(pairs, together, strict=True):
            alone = permutation_test(events, anchors, statistic, null, alternative=alternative)
            assert not one.drawn
            assert one.pvalue == pytest.approx(alone.pvalue, rel=1e-11)
            assert one.probabilities[one.probabilities > 0] == pytest.approx(
                alone.probabilities[alone.probabilities > 0], rel=1e-11
            )


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_rejections_are_those_of_the_pvalues(null):
    """The screen and the shared distributions decide as the p-value of each pair alone does."""
    rng = np.random.default_rng(5)
    pairs = [
        (Events(np.sort(rng.choice(YEARS.days, 50)), YEARS), Events(rng.choice(YEARS.days, 15)))
        for _ in range(40)
    ]
    count = WindowCount(Window(-14, 0))
    found = RepeatedTest("here", count, null, "greater", 99).rejections(pairs, rng.spawn(40), 0.3)
    alone = [permutation_test(*pair, count, null).pvalue <= 0.3 for pair in pairs]
    assert found[:, 0].tolist() == alone
    assert 0 < sum(alone) < 40


def test_a_pair_that_cannot_be_tested_is_refused_or_counts_as_not_rejected():
    pairs = [*odd_pairs(), (Events([YEARS.start], YEARS), Events([YEARS.stop + 400]))]
    rngs = np.random.default_rng(1).spawn(len(pairs))
    with pytest.raises(ReachError, match="here"):
        RepeatedTest("here", WindowCount(Window(-14, 0)), UniformDays(), "greater", 99).all(pairs, rngs)
    found = RepeatedTest("here", WindowCount(Window(-14, 0)), UniformDays(), "greater", 99, lenient=True).all(
        pairs, rngs
    )
    assert (found[-1].pvalue, found[-1].drawn) == (1.0, False)
    alone = permutation_test(*pairs[0], WindowCount(Window(-14, 0)), UniformDays())
    assert found[0].pvalue == alone.pvalue


def test_pairs_of_different_periods_are_tested_one_by_one():
    other = Period("2001-01-01", "2005-01-01")
    pairs = [odd_pairs()[0], (Events([other.start + 100, other.start + 5], other), odd_pairs()[0][1])]
    test = RepeatedTest("here", WindowCount(Window(-14, 0)), CalendarPermutation(), "greater", 99)
    found = test.all(pairs, np.random.default_rng(1).spawn(2))
    alone = [permutation_test(*pair, test.statistic, test.null).pvalue for pair in pairs]
    assert [one.pvalue for one in found] == alone


@pytest.mark.parametrize("statistic", [LagCount(Window(-14, 0)), NearestLag()], ids=str)
def test_tests_done_together_refuse_announced_windows_that_a_statistic_does_not_know(statistic):
    events, anchors = odd_pairs()[0]
    early = Events(anchors.days, announced=anchors.days - 5)
    test = RepeatedTest("here", statistic, CircularShift(), "greater", 99)
    with pytest.raises(OptionError, match="does not support windows that open when"):
        test.all(DataSets([(events, early)] * 2), np.random.default_rng(1).spawn(2))


@pytest.mark.parametrize("statistic", [WindowCount(Window(-14, 0)), WindowExcess(Window(-14, 0))], ids=str)
def test_uncertain_dates_are_averaged_over_as_in_each_test_alone(statistic):
    pairs = DataSets((Events(events.days, YEARS, uncertainty=60), own) for events, own in odd_pairs()[::4])
    rngs = [np.random.default_rng(seed) for seed in range(2)]
    found = RepeatedTest("here", statistic, CircularShift(), "greater", 99).all(pairs, rngs)
    for seed, (pair, one) in enumerate(zip(pairs, found, strict=True)):
        alone = permutation_test(*pair, statistic, CircularShift(), n_resamples=99, rng=seed)
        assert one.drawn
        assert one.pvalue == alone.pvalue


FOUR_YEARS, HUNDRED_DAYS = (
    Period("2019-01-01", "2023-01-01"),
    Period("2020-02-01", "2020-05-11"),
)  # one leap day
CUTS = ["2020-02-21", "2020-03-12", "2020-04-01", "2020-04-21"]


@pytest.mark.parametrize(
    ("null", "period"),
    [
        (CalendarPermutation(by="year"), FOUR_YEARS),
        (CalendarPermutation(by=CUTS), HUNDRED_DAYS),
        (CircularShift(), HUNDRED_DAYS),
        (CircularShift(within="year"), FOUR_YEARS),
    ],
    ids=str,
)
def test_tables_of_sums_are_those_of_moved_days_for_shared_scores_and_for_own_ones(null, period):
    rng = np.random.default_rng(3)
    days = [np.sort(rng.choice(len(period), 12, replace=False)) for _ in range(3)]
    ends_of_february = np.array(["2020-02-28", "2020-02-29", "2021-02-28"], "datetime64[D]").astype(int)
    days[0] = np.union1d(days[0], [day - period.start for day in ends_of_february if day < period.stop])
    series = [Events.from_days(period.start + own, period, "events") for own in days]
    scores = rng.integers(-3, 9, (3, len(period))).astype(float)
    counts = np.stack([one.daily_counts() for one in series]).astype(float)
    move = day_move(null, period)
    choices = move.draw(rng, 40)
    rows = move.rows(choices)
    for given in (scores, scores[:1]):
        tables = move.tables(counts, given)
        for place, one in enumerate(series):
            own = given[place if len(given) > 1 else 0]
            moved = own[move.moved(one, choices) - period.start].sum(axis=1)
            assert tables[place][rows].sum(axis=1) == pytest.approx(moved)


def test_anchors_that_all_pairs_share_are_asked_once_and_count_as_copies_do():
    period = Period("2012-01-01", "2020-01-01")
    rng = np.random.default_rng(8)
    anchors = Events.from_days(period.start + np.arange(40, len(period), 97), period, "anchors")
    copies = [Events.from_days(anchors.days, period, "anchors") for _ in range(6)]
    series = [
        Events.from_days(period.start + np.sort(rng.choice(len(period), 60, replace=False)), period, "events")
        for _ in range(6)
    ]
    test = RepeatedTest(
        "here",
        WindowExcess(Window(-14, 0), "quarter"),
        CalendarPermutation(by="year"),
        "greater",
        199,
    )
    shared, own = (
        [found.pvalue for found in test.all(pairs, np.random.default_rng(1).spawn(6))]
        for pairs in ([(one, anchors) for one in series], list(zip(series, copies, strict=True)))
    )
    assert shared == own
