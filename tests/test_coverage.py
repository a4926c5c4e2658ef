"""Coverage: counted as single intervals give it, both ways of summing, and too small where it must be."""

import numpy as np
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.credibility.coverage import BLOCK
from eventstudy.errors import OptionError, RandomnessError
from eventstudy.evaluation.batched import batched_sums, batched_terms
from eventstudy.evaluation.moves import day_move
from eventstudy.evaluation.reweighted import observed_sums
from eventstudy.numeric.excess import day_shares
from eventstudy.numeric.inversion import day_terms
from eventstudy.strata import cut

PERIOD = es.Period("2004-01-01", "2012-01-01")
WINDOW = es.Window(-10, 0)
TRUTH = es.SimulatedSeries(PERIOD, 60, 15, es.Rhythm(growth=3))


@pytest.mark.parametrize("null", [es.CalendarPermutation(), es.CircularShift("quarter"), es.CircularShift()])
def test_sums_by_tables_are_the_terms_of_each_event_on_each_draw(null):
    """The same draws, event by event: moved days from the move itself, terms from the table of days."""
    rng = np.random.default_rng(1)
    pairs = [TRUTH.sample(rng) for _ in range(3)]
    inside = np.stack([WINDOW.indicator(anchors, PERIOD) for _, anchors in pairs])
    edges = cut(PERIOD, "quarter").edges - PERIOD.start
    share = np.stack([day_shares(row, edges) for row in inside])
    counts = np.stack([events.daily_counts() for events, _ in pairs]).astype(float)
    move = day_move(null, PERIOD)
    sums, observed = batched_terms(
        move, counts, inside.astype(float), share, rng=np.random.default_rng(5), size=40
    )
    choices = move.draw(np.random.default_rng(5), 40)
    for s, (events, _) in enumerate(pairs):
        moved = move.moved(events, choices)
        terms = day_terms(inside[s].astype(float), share[s])
        for draw in range(40):
            seen = inside[s][events.days - PERIOD.start]
            stays = (moved[draw] == events.days).astype(int)
            by_event = terms[:, seen, stays, moved[draw] - PERIOD.start].sum(axis=1)
            assert sums[:, s, draw] == pytest.approx(by_event, abs=1e-9)
        assert observed[:, s] == pytest.approx(observed_sums(events, inside[s], share[s]), abs=1e-9)
    plain, own = batched_sums(move, counts, inside[None].astype(float), rng=np.random.default_rng(5), size=40)
    assert plain[0] == pytest.approx(sums[7], abs=1e-6)
    assert own[0].round(9).tolist() == [float(es.WindowCount(WINDOW)(e.days, a.days)) for e, a in pairs]


def test_the_level_measured_together_is_that_of_single_tests():
    """Tests one by one, each with draws of its own, reject about as often on the same data sets."""
    n, statistic, null = 100, es.WindowExcess(WINDOW), es.CalendarPermutation()
    found = es.type_one_error(
        [TRUTH], [null], [statistic], levels=(0.2,), n_simulations=n, n_resamples=499, rng=3
    )
    children = np.random.default_rng(3).spawn(1)[0].spawn(n)
    pvalues = [
        es.permutation_test(*TRUTH.sample(child), statistic, null, rng=9, n_resamples=499).pvalue
        for child in children
    ]
    together = found.to_frame().loc[0, "rejections"]
    assert abs(together - sum(p <= 0.2 for p in pvalues)) <= 0.04 * n
    assert found.to_frame().loc[0, "share_drawn"] == 1.0
    assert found.to_frame().loc[0, "attainable"] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("null", [es.CalendarPermutation(), es.Jitter(40), None])
def test_misses_are_those_of_the_public_function(null):
    """Each data set again, by its own interval; draws differ, so an interval at the edge may fall either way."""
    n, ratio = BLOCK // 2, 2.0
    found = es.interval_coverage([TRUTH], [null], WINDOW, ratios=[ratio], n_simulations=n, confidence_level=0.6,
                                 n_resamples=499, rng=4)  # fmt: skip
    linked = es.SimulatedSeries(PERIOD, 60, 15, es.Rhythm(growth=3), es.Link(WINDOW, ratio))
    block = np.random.default_rng(4).spawn(1)[0].spawn(1)[0]
    below = above = 0
    for child in block.spawn(n):
        result = es.rate_ratio(
            *linked.sample(child), WINDOW, null=null, rng=8, n_resamples=499, confidence_level=0.6
        )
        below += result.high < ratio
        above += result.low > ratio
    row = found.to_frame().loc[0]
    slack = 0 if null is None else 1
    assert abs(row["below"] * n - below) <= slack
    assert abs(row["above"] * n - above) <= slack
    assert row["misses"] == round((row["below"] + row["above"]) * n)
    low, high = stats.binomtest(int(row["misses"]), n).proportion_ci(0.95, method="exact")
    assert (row["missed_low"], row["missed_high"]) == pytest.approx((low, high))


def test_a_planted_ratio_multiplies_the_rate_inside_and_leaves_it_outside():
    rng = np.random.default_rng(6)
    for ratio in (0.4, 1.0, 2.5):
        truth = es.SimulatedSeries(PERIOD, 200, 30, es.Rhythm(), es.Link(WINDOW, ratio))
        inside = outside = days = 0
        for _ in range(150):
            events, anchors = truth.sample(rng)
            held = WINDOW.holds(events.days, anchors)
            inside, outside = inside + held.sum(), outside + (~held).sum()
            days += WINDOW.exposure(anchors, PERIOD)
        rest = 150 * len(PERIOD) - days
        assert inside / days / (outside / rest) == pytest.approx(ratio, rel=0.1)
        assert outside / rest == pytest.approx(200 / len(PERIOD), rel=0.05)


def test_the_same_seed_gives_the_same_table_and_the_table_says_what_was_counted():
    arguments = ([TRUTH], [es.CalendarPermutation(), None], WINDOW)
    options = {"ratios": [0.5, 1.0], "n_simulations": 60, "n_resamples": 99, "rng": 2}
    one, two = (es.interval_coverage(*arguments, **options) for _ in range(2))
    assert one.to_frame().equals(two.to_frame())
    assert one.rates().shape == (2, 2)
    assert one.rates().loc[(str(TRUTH), "independent events, exact"), 0.5] == one.to_frame().loc[1, "missed"]
    assert "60 data sets each, seed 2" in one.summary()
    assert len(one.plot().get_yticklabels()) == 2


def test_what_cannot_be_measured_is_refused():
    linked = es.SimulatedSeries(PERIOD, 60, 15, link=es.Link(WINDOW, 2.0))
    with pytest.raises(OptionError, match="cannot be given a link"):
        es.interval_coverage([linked], [None], WINDOW, rng=1)
    with pytest.raises(OptionError, match="truths are"):
        es.interval_coverage([TRUTH, TRUTH], [None], WINDOW, rng=1)
    with pytest.raises(RandomnessError, match="interval_coverage"):
        es.interval_coverage([TRUTH], [None], WINDOW)
    with pytest.raises(OptionError, match="the ratio is -1"):
        es.Link(WINDOW, -1.0)


def test_data_sets_for_which_the_excess_is_not_defined_count_as_not_rejected():
    """One event and one anchor in eight years: no quarter has both in most data sets."""
    truth = es.SimulatedSeries(PERIOD, 1, 1)
    null, statistic = es.CalendarPermutation(), es.WindowExcess(WINDOW)
    found = es.type_one_error(
        [truth], [null], [statistic], levels=(0.5,), n_simulations=40, n_resamples=99, rng=1
    )
    assert found.to_frame().loc[0, "rate"] < 0.2
    assert found.to_frame().loc[0, "share_drawn"] < 0.5


@pytest.mark.slow
def test_the_excess_holds_under_growth_and_season_where_the_count_does_not():
    """At the size of the bundled study; the share of the count is about a half."""
    period = es.Period("2012-01-01", "2025-01-01")
    truth = es.SimulatedSeries(period, 141, 39, es.Rhythm(growth=20, season=5))
    window = es.Window(-14, 0)
    found = es.type_one_error([truth], [es.CalendarPermutation()], [es.WindowExcess(window)], levels=(0.05,),
                              n_simulations=400, rng=5)  # fmt: skip
    assert found.to_frame().loc[0, "rejections"] <= stats.binom.ppf(1 - 1e-5, 400, 0.06)
    assert found.to_frame().loc[0, "rejections"] >= stats.binom.ppf(1e-5, 400, 0.04)


@pytest.mark.slow
def test_a_shared_rhythm_shorter_than_the_strata_is_said_to_break_it_and_does():
    period = es.Period("2012-01-01", "2025-01-01")
    truth = es.SimulatedSeries(period, 141, 39, es.Rhythm(pulse=30, pulse_days=60))
    found = es.type_one_error([truth], [es.CalendarPermutation()], [es.WindowExcess(es.Window(-14, 0))],
                              levels=(0.05,), n_simulations=200, rng=6)  # fmt: skip
    assert found.to_frame().loc[0, "rate"] > 0.2


@pytest.mark.slow
@pytest.mark.parametrize("rhythm", [es.Rhythm(growth=20), es.Rhythm(burst_size=5, burst_days=10)])
def test_fewer_events_than_expected_is_found_no_more_often_than_it_should_be_with_few_expected(rhythm):
    """Without the rule for an empty window growth alone gives .096 with 10 events."""
    truth = es.SimulatedSeries(es.Period("2012-01-01", "2025-01-01"), 10, 39, rhythm)
    found = es.type_one_error([truth], [es.CalendarPermutation()], [es.WindowExcess(es.Window(-14, 0))],
                              alternative="less", levels=(0.05,), n_simulations=400, rng=7)  # fmt: skip
    assert found.to_frame().loc[0, "rejections"] <= stats.binom.ppf(1 - 1e-4, 400, 0.05)


def test_no_ratio_is_divided_by_a_number_of_events_that_rounding_made_negative():
    truth, null = es.SimulatedSeries(es.Period(0, 140), 10, 3), es.CircularShift(within=[70])
    options = {"within": [70], "ratios": [1.0], "n_simulations": 40, "n_resamples": 99, "rng": 1}
    found = es.interval_coverage([truth], [null], es.Window(-7, 0), **options)
    assert (found.to_frame()["missed"] <= 0.2).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: es.interval_coverage(TRUTH, [None], WINDOW, rng=1), "truths is a single SimulatedSeries; give a list"),
        (lambda: es.interval_coverage([TRUTH], None, WINDOW, rng=1), "nulls is a single NoneType; give a list"),
        (lambda: es.interval_coverage([TRUTH], [None], WINDOW, ratios=2.0, rng=1), "ratios is a single float; give"),
        (lambda: es.type_one_error(TRUTH, [es.UniformDays()], [es.WindowCount(WINDOW)], rng=1), "truths is a single S"),
        (lambda: es.type_one_error([TRUTH], es.UniformDays(), [es.WindowCount(WINDOW)], rng=1), "nulls is a single U"),
        (lambda: es.type_one_error([TRUTH], [es.UniformDays()], es.WindowCount(WINDOW), rng=1), "statistics is a sin"),
    ],
)  # fmt: skip
def test_one_thing_where_several_are_asked_for_is_refused(call, message):
    with pytest.raises(OptionError, match=rf"^(interval_coverage|type_one_error): {message}"):
        call()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_simulations": 0}, "n_simulations is 0; give 1 or more"),
        ({"n_simulations": 1.5}, "n_simulations is 1.5, not a whole number; give 1 or more"),
        ({"n_resamples": "9"}, "n_resamples is '9', not a whole number; make at least one draw"),
        ({"ratios": []}, "there are no ratios; give one or more"),
    ],
)
def test_numbers_of_simulations_are_checked_as_everywhere(options, message):
    with pytest.raises(OptionError, match=f"^interval_coverage: {message}"):
        es.interval_coverage([TRUTH], [None], WINDOW, rng=1, **options)
    few = {"ratios": [1.0], "rng": 1}
    whole = es.interval_coverage([TRUTH], [None], WINDOW, n_simulations=10, n_resamples=9, **few)
    assert es.interval_coverage([TRUTH], [None], WINDOW, n_simulations=1e1, n_resamples=9.0, **few) == whole
