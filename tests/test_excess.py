"""The studentised excess: by hand, by fractions, by enumeration, and against a regression's score."""

from fractions import Fraction
from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import eventstudy as es
from eventstudy.errors import EventsError, StrataError, UndefinedError
from eventstudy.numeric.excess import LARGEST_DENOMINATOR, excess_scores, studentised
from eventstudy.strata import cut

WINDOW = es.Window(-14, 0)


def by_fractions(days, inside, edges):
    """T and V in exact arithmetic, stratum by stratum."""
    excess = variance = Fraction(0)
    for a, b in pairwise(edges):
        here = [d for d in days if a <= d < b]
        share = Fraction(sum(inside[a:b]), b - a)
        excess += sum(inside[d] for d in here) - len(here) * share
        variance += len(here) * share * (1 - share)
    return excess, variance


@settings(max_examples=80)
@given(
    st.lists(st.integers(0, 29), min_size=1, max_size=12),
    st.lists(st.integers(0, 1), min_size=30, max_size=30),
    st.sets(st.integers(1, 29), max_size=4),
)
def test_the_sums_of_scores_are_the_excess_and_its_variance_in_exact_arithmetic(days, inside, cuts):
    edges = [0, *sorted(cuts), 30]
    scores = excess_scores(np.array(inside), np.array(edges))
    excess, variance = by_fractions(days, inside, edges)
    sums = scores[:, days].sum(axis=1)
    if variance:
        assert studentised(sums[0], sums[1]) == pytest.approx(
            float(excess) / float(variance) ** 0.5, rel=1e-14
        )
        assert Fraction(int(sums[0])) ** 2 / Fraction(int(sums[1])) == excess**2 / variance
    else:
        assert (sums == 0).all()
        assert studentised(sums[0], sums[1]) == 0


def test_strata_without_a_small_common_multiple_get_fractions_as_scores():
    primes = [2, 3, 5, 7, 11, 13, 17, 19, 23]
    edges = np.cumsum([0, *primes])
    inside = np.random.default_rng(1).integers(0, 2, edges[-1])
    assert np.prod(primes) > LARGEST_DENOMINATOR
    scores, days = excess_scores(inside, edges), list(range(0, int(edges[-1]), 3))
    excess, variance = by_fractions(days, inside.tolist(), edges.tolist())
    assert scores.dtype == float
    assert studentised(*scores[:, days].sum(axis=1)) == pytest.approx(float(excess) / float(variance) ** 0.5)


def test_the_square_is_the_score_test_of_a_conditional_regression_with_strata():
    """Given the strata's totals the counts inside are binomial; the score test of one odds ratio for all is Z squared.

    Mantel-Haenszel without the correction for sampling from a finite stratum: here the days are not used up.
    """
    rng = np.random.default_rng(5)
    period = es.Period("2010-01-01", "2013-01-01")
    events = es.Events(period.start + rng.integers(0, len(period), 60), period)
    anchors = es.Events(period.start + rng.integers(0, len(period), 9))
    inside = WINDOW.indicator(anchors, period)
    edges = cut(period, "quarter").edges - period.start
    counts = events.daily_counts()
    score = information = 0.0
    for a, b in pairwise(edges):
        n, share = counts[a:b].sum(), inside[a:b].mean()
        if 0 < share < 1:
            binomial = stats.binom(n, share)
            score += counts[a:b] @ inside[a:b] - binomial.mean()
            information += binomial.var()
    z = es.WindowExcess(WINDOW)(events, anchors)
    assert float(z) == pytest.approx(score / information**0.5, rel=1e-12)


def enumerated(events, anchors, statistic, moves):
    """Evaluate the statistic on each list of days that a null model allows."""
    return np.array([float(statistic(es.Events(days, events.period), anchors)) for days in moves])


def test_exchanged_strata_and_shifts_go_through_every_arrangement():
    events, anchors = es.Events([1, 2, 5, 7, 11, 13, 18], es.Period(0, 20)), es.Events([4, 9, 14])
    statistic = es.WindowExcess(es.Window(-3, 0), within=[5, 10, 15])
    orders = [[5 * order[d // 5] + d % 5 for d in events.days] for order in permutations(range(4))]
    shifts = [
        [5 * (d // 5) + (d % 5 + shift[d // 5]) % 5 for d in events.days]
        for shift in product(range(5), repeat=4)
    ]
    for null, moves in (
        (es.CalendarPermutation([5, 10, 15]), orders),
        (es.CircularShift([5, 10, 15]), shifts),
    ):
        values = enumerated(events, anchors, statistic, moves)
        test = es.permutation_test(events, anchors, statistic, null)
        assert test.method == "exact"
        assert test.pvalue_greater == pytest.approx((values >= test.observed - 1e-9).mean())
        assert test.pvalue_less == pytest.approx((values <= test.observed + 1e-9).mean())
        assert test.expected == pytest.approx(values.mean())


def test_with_no_event_in_the_window_a_draw_with_none_counts_as_the_same():
    """Laid on each other, the strata leave the window empty or not; where fewer are expected, Z is larger."""
    events, anchors = es.Events([0, 1, 6, 8, 11], es.Period(0, 15)), es.Events([5, 16])
    statistic = es.WindowExcess(es.Window(-2, 0), within=[5, 10])
    test = es.permutation_test(events, anchors, statistic, es.CalendarPermutation([5, 10]))
    moves = [[5 * order[d // 5] + d % 5 for d in events.days] for order in permutations(range(3))]
    values = enumerated(events, anchors, statistic, moves)
    inside = es.WindowCount(es.Window(-2, 0))
    empty = np.array([int(inside(np.array(days), anchors.days)) == 0 for days in moves])
    own = float(statistic(events, anchors))
    assert not inside(events.days, anchors.days)
    assert ((values > own + 1e-9) & empty).any()  # otherwise the rule would change nothing here
    assert test.pvalue_less == pytest.approx((empty | (values <= own + 1e-9)).mean())
    assert test.pvalue_greater == 1.0


@pytest.mark.parametrize("inside", [False, True])
def test_what_lies_wholly_outside_is_no_excess_and_what_lies_wholly_inside_no_lack(inside):
    """One event on the third day of its stratum, which the window holds in every stratum, or in none.

    Where inside, the window holds a day more in the event's own stratum, else in all others: of all Z its own is then
    the lowest, or the highest.
    """
    events = es.Events([2], es.Period(0, 40), "launches")
    days = [5 * k + (2 if inside else 1) for k in range(8)]
    more = [4] if inside else [5 * k + 4 for k in range(1, 8)]
    anchors, cuts = es.Events([*days, *more]), range(5, 40, 5)
    statistic = es.WindowExcess(es.Window(0, 1), within=cuts)
    values = enumerated(events, anchors, statistic, [[5 * k + 2] for k in range(8)])
    plain = (values <= values[0]) if inside else (values >= values[0])
    assert plain.mean() == 1 / 8  # the p-value of a Z that does not look at the numbers inside and outside
    test = es.permutation_test(events, anchors, statistic, es.CalendarPermutation(cuts))
    assert (test.pvalue_greater, test.pvalue_less) == (1.0, 1.0)


def test_at_a_ratio_of_one_the_rate_ratio_is_the_test_itself_also_with_an_empty_window():
    events, anchors = es.Events([0, 1, 6, 8, 11], es.Period(0, 15)), es.Events([5, 16])
    null, cuts = es.CalendarPermutation([5, 10]), [5, 10]
    test = es.permutation_test(events, anchors, es.WindowExcess(es.Window(-2, 0), within=cuts), null)
    rate = es.rate_ratio(events, anchors, es.Window(-2, 0), null=null, within=cuts)
    assert rate.count_inside == 0
    assert [rate.pvalue_at(1.0, side) for side in ("greater", "less", "two-sided")] == pytest.approx(
        [test.pvalue_greater, test.pvalue_less, test.pvalue_two_sided]
    )


@pytest.mark.parametrize(
    "null", [es.CalendarPermutation(), es.CircularShift("quarter"), es.UniformDays("year")]
)
def test_draws_by_tables_and_by_days_agree(null):
    """The p-value from sums in tables equals that of the statistic evaluated on each draw's days."""
    rng = np.random.default_rng(3)
    period = es.Period("2010-01-01", "2020-01-01")
    events = es.Events(period.start + rng.integers(0, len(period), 80), period)
    anchors = es.Events(period.start + rng.integers(0, len(period), 25))
    statistic = es.WindowExcess(WINDOW)
    test = es.permutation_test(events, anchors, statistic, null, rng=8, n_resamples=4_000)
    days = null.sample(events, anchors, rng=9, size=4_000)
    values = enumerated(events, anchors, statistic, days)
    assert test.pvalue == pytest.approx((values >= test.observed - 1e-9).mean(), abs=0.03)
    assert test.null_distribution.std() == pytest.approx(values.std(), rel=0.06)


def test_what_multiplies_the_rate_of_whole_strata_cancels():
    """Twice the events of one stratum, on the same days, double its share of T and V, nothing else."""
    rng = np.random.default_rng(2)
    period = es.Period("2015-01-01", "2016-01-01")
    days = period.start + np.sort(rng.integers(0, 90, 12))
    anchors = es.Events(period.start + rng.integers(0, 365, 8))
    z = es.WindowExcess(WINDOW)
    once, twice = z(es.Events(days, period), anchors), z(es.Events(np.repeat(days, 2), period), anchors)
    assert float(twice) == pytest.approx(float(once) * 2**0.5)


def test_nothing_to_compare_is_refused():
    events, anchors = es.Events([1, 2], es.Period(0, 20)), es.Events([16])
    with pytest.raises(
        UndefinedError, match="no event lies in a stratum with days inside the window and days outside"
    ):
        es.permutation_test(events, anchors, es.WindowExcess(es.Window(-3, 0), [10]), es.CircularShift())
    with pytest.raises(EventsError, match="pass Events with a period"):
        es.WindowExcess(WINDOW)([1, 2], [3])
    with pytest.raises(StrataError, match="within='week' is not known"):
        es.WindowExcess(WINDOW, "week")


def test_with_all_anchors_in_one_of_thirteen_years_no_pvalue_is_below_one_thirteenth_and_the_summary_says_so():
    period = es.Period("2001-01-01", "2014-01-01")
    events = es.Events(period.start + np.random.default_rng(1).integers(0, len(period), 300), period)
    anchors = es.Events(["2006-03-01", "2006-07-01", "2006-11-15"])
    test = es.permutation_test(events, anchors, es.WindowExcess(WINDOW), es.CalendarPermutation(), rng=1)
    assert test.smallest_pvalue == pytest.approx(1 / 13, abs=0.01)
    assert "p cannot be smaller than 0.07" in " ".join(test.summary().split())
    many = es.Events(period.start + np.random.default_rng(2).integers(0, len(period), 30))
    free = es.permutation_test(events, many, es.WindowExcess(WINDOW), es.CalendarPermutation(), rng=1)
    assert free.smallest_pvalue < 0.001
    assert "cannot be smaller" not in free.summary()
