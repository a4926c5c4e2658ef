"""Intervals of the rate ratio by inverting a test: enumerated, by a second route, at the ends, and covering."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.errors import OptionError, RandomnessError
from eventstudy.numeric.inversion import NEAR_INFINITY, NEAR_ZERO
from eventstudy.strata import cut

WINDOW = es.Window(-14, 0)
PERIOD = es.Period("2005-01-01", "2017-01-01")


def series(seed, n=70, m=20, period=PERIOD):
    rng = np.random.default_rng(seed)
    return (
        es.Events(period.start + rng.integers(0, len(period), n), period, "events"),
        es.Events(period.start + rng.integers(0, len(period), m), None, "anchors"),
    )


def by_hand(events, anchors, moves, ratio, within, window):
    """Z of each arrangement with events inside their own window weighted, event by event, from the formulas."""
    period = events.period
    edges = cut(period, within).edges
    inside = window.indicator(anchors, period)
    values = []
    for days in moves:
        total = variance = 0.0
        for own, day in zip(events.days, days, strict=True):
            g = np.searchsorted(edges, day, side="right") - 1
            share = inside[edges[g] - period.start : edges[g + 1] - period.start].mean()
            weight = 1 / ratio if inside[own - period.start] else 1.0
            total += weight * (inside[day - period.start] - share)
            if ratio < 1 and own == day:
                variance += weight * share * (1 - share) * ((1 - share) / ratio + share)
            else:
                variance += weight**2 * share * (1 - share)
        values.append(total / variance**0.5 if variance > 0 else 0.0)
    return np.array(values)


@pytest.mark.parametrize("ratio", [0.2, 0.7, 1.0, 1.5, 6.0])
def test_every_arrangement_weighted_event_by_event_gives_the_same_pvalues(ratio):
    events, anchors = es.Events([1, 2, 4, 5, 8, 11, 13, 18], es.Period(0, 20)), es.Events([4, 9, 14])
    window, within = es.Window(-3, 0), [5, 10, 15]
    moves = [[5 * order[d // 5] + d % 5 for d in events.days] for order in permutations(range(4))]
    values = by_hand(events, anchors, moves, ratio, within, window)
    result = es.rate_ratio(events, anchors, window, null=es.CalendarPermutation(within), within=within)
    own = values[0]
    assert result.pvalue_at(ratio, "greater") == pytest.approx((values >= own - 1e-9).mean())
    assert result.pvalue_at(ratio, "less") == pytest.approx((values <= own + 1e-9).mean())
    assert result.method.endswith("all 24 arrangements")


@pytest.mark.parametrize("null", [es.CalendarPermutation(), es.CircularShift("quarter"), es.Jitter(20)])
def test_at_a_ratio_of_one_it_is_the_test_itself(null):
    events, anchors = series(1)
    ratio = es.rate_ratio(events, anchors, WINDOW, null=null, rng=5, n_resamples=4_999)
    test = es.permutation_test(events, anchors, es.WindowExcess(WINDOW), null, rng=6, n_resamples=4_999)
    assert ratio.pvalue_at(1.0, "greater") == pytest.approx(test.pvalue_greater, abs=0.03)
    assert ratio.pvalue_at(1.0, "less") == pytest.approx(test.pvalue_less, abs=0.03)
    assert ratio.pvalue == ratio.pvalue_at(1.0)


@pytest.mark.parametrize("null", [es.Jitter(20), es.UniformDays("quarter"), es.CircularShift("quarter")])
def test_at_a_ratio_of_one_it_is_the_test_itself_where_events_share_days(null):
    """Events of one day that were moved together had a tail of 0.052 under Jitter, where the test has 0.002."""
    events, anchors = series(1)
    crowded = es.Events(np.concatenate([events.days[:30], np.repeat(events.days[:3], 5)]), events.period)
    ratio = es.rate_ratio(crowded, anchors, WINDOW, null=null, rng=5, n_resamples=4_999)
    test = es.permutation_test(crowded, anchors, es.WindowExcess(WINDOW), null, rng=6, n_resamples=4_999)
    for side in ("greater", "less"):
        assert ratio.pvalue_at(1.0, side) == pytest.approx(getattr(test, f"pvalue_{side}"), abs=0.03)


def test_where_all_arrangements_are_gone_through_it_is_the_test_itself_to_the_last_digit():
    events, anchors = series(2, period=es.Period("2010-01-01", "2016-01-01"))
    null = es.CalendarPermutation()
    ratio = es.rate_ratio(events, anchors, WINDOW, null=null, within="month")
    test = es.permutation_test(events, anchors, es.WindowExcess(WINDOW, "month"), null)
    assert test.method == "exact"
    assert ratio.pvalue_at(1.0, "greater") == pytest.approx(test.pvalue_greater, abs=1e-12)
    assert ratio.pvalue_at(1.0, "less") == pytest.approx(test.pvalue_less, abs=1e-12)


def test_the_ends_leave_half_of_the_rest_and_the_estimate_equal_tails():
    result = es.rate_ratio(
        *series(3, n=150), WINDOW, null=es.CalendarPermutation(), rng=1, confidence_level=0.9
    )
    assert 0 < result.low < result.ratio < result.high < np.inf
    for end, side, step in ((result.low, "greater", 1), (result.high, "less", -1)):
        within, beyond = (result.pvalue_at(end * 1.001 ** (step * k), side) for k in (1, -1))
        assert beyond <= 0.05 < within
    assert result.pvalue_at(result.ratio, "greater") == pytest.approx(
        result.pvalue_at(result.ratio, "less"), abs=2e-3
    )


def test_the_hull_holds_every_ratio_of_the_curve_that_is_not_rejected_and_a_hole_is_said():
    holes = 0
    for n, m, seed in ((60, 12, 2), (80, 10, 47), (60, 20, 9), (120, 10, 1), (120, 10, 2), (120, 30, 3)):
        result = es.rate_ratio(*series(seed, n=n, m=m), WINDOW, null=es.CalendarPermutation(), within="month",
                               rng=seed, n_resamples=499)  # fmt: skip
        curve = result.curve()
        kept = curve[curve["pvalue"] > 0.05]["ratio"]
        assert result.low <= kept.min() * 1.001
        assert kept.max() <= result.high * 1.001
        between = curve[(curve["ratio"] > result.low * 1.01) & (curve["ratio"] < result.high / 1.01)]
        hole = bool((between["pvalue"] <= 0.05).any())
        assert result.has_hole == hole
        assert ("it is the hull of those that are not" in " ".join(result.summary().split())) == hole
        holes += hole
    assert holes == 3  # the first three were chosen for theirs


def test_a_larger_level_gives_an_interval_that_holds_the_smaller_one():
    events, anchors = series(4, n=120)
    ends = [
        es.rate_ratio(events, anchors, WINDOW, null=es.CalendarPermutation(), rng=1, confidence_level=level)
        for level in (0.5, 0.8, 0.95)
    ]
    assert ends[2].low <= ends[1].low <= ends[0].low <= ends[0].ratio
    assert ends[0].high <= ends[1].high <= ends[2].high


def test_unbounded_ends_are_said_in_words_with_p_above_half_of_the_level_at_the_limit():
    """All anchors in one of five years: no p-value is below 1/5, so nothing is excluded."""
    period = es.Period("2010-01-01", "2015-01-01")
    events = es.Events(
        [*series(7, n=60, period=period)[0].days, *es.Events(["2012-04-28", "2012-08-20"]).days], period
    )
    result = es.rate_ratio(
        events, es.Events(["2012-05-01", "2012-09-01"]), WINDOW, null=es.CalendarPermutation()
    )
    assert (result.low, result.high) == (0.0, np.inf)
    assert result.pvalue_at(NEAR_ZERO) > 0.05 < result.pvalue_at(NEAR_INFINITY)
    assert result.smallest_pvalue == pytest.approx(1 / 5)
    text = " ".join(result.summary().split())
    assert "unbounded on both sides" in text
    assert "a one-sided p-value cannot be smaller than 0.200" in text


def test_an_empty_window_has_a_lower_end_of_zero_and_an_upper_one_from_the_chance_of_none():
    """Shifts of one period with constant expectation: the chance of none is that of a mean over all shifts."""
    period = es.Period(0, 400)
    rng = np.random.default_rng(1)
    anchors = es.Events([60, 160, 260, 360])
    outside = np.flatnonzero(es.Window(-20, 0).indicator(anchors, period) == 0)
    events = es.Events(rng.choice(outside, 60), period)
    result = es.rate_ratio(events, anchors, es.Window(-20, 0), null=es.CircularShift(), within=None)
    assert (result.count_inside, result.ratio, result.low) == (0, 0.0, 0.0)
    inside = es.WindowCount(es.Window(-20, 0))
    counts = np.array([int(inside((events.days + s) % 400, anchors.days)) for s in range(400)])
    for ratio in (0.05, 0.4, 1.0):  # V is the same for every shift here, so no other shift is as extreme
        assert result.pvalue_at(ratio, "less") == pytest.approx(((1 - ratio) ** counts).mean())
    assert result.pvalue_at(1.5, "less") == pytest.approx((counts == 0).mean() * np.exp(-0.5 * 60 * 80 / 400))
    assert (
        result.pvalue_at(result.high * 0.999, "less") > 0.025 >= result.pvalue_at(result.high * 1.001, "less")
    )
    assert result.pvalue_at(0.01, "greater") == 1.0
    assert "assumes that events in it are independent" in " ".join(result.summary().split())


def test_moving_and_shuffling_change_nothing_and_the_seed_repeats():
    events, anchors = series(9)
    null = es.CircularShift("quarter")
    one, two = (es.rate_ratio(events, anchors, WINDOW, null=null, rng=3, n_resamples=500) for _ in range(2))
    assert one.to_frame().equals(two.to_frame())
    assert one.provenance.seed == "3"
    assert "null=CircularShift(within='quarter'), within='quarter', n_resamples=500" in one.provenance.call
    jumbled = es.Events(events.days[::-1], events.period, "events")
    again = es.rate_ratio(jumbled, anchors, WINDOW, null=null, rng=3, n_resamples=500)
    assert again.to_frame().equals(one.to_frame())


def test_the_exact_interval_for_independent_events_is_named_so_and_tests_ratios_too():
    events, anchors = series(10)
    result = es.rate_ratio(events, anchors, WINDOW, excluded=1.5)
    assert result.null is None
    assert "independent events" in result.method
    assert result.to_frame().loc[0, "method"] == result.method
    assert "independent events" in " ".join(result.summary().split())
    inside, days = result.count_inside, result.days_inside
    share = 1.5 * days / (1.5 * days + result.days_outside)
    assert result.excluded_pvalue == pytest.approx(stats.binom.cdf(inside, len(events), share))
    for end, side in ((result.low, "greater"), (result.high, "less")):
        assert result.pvalue_at(end, side) == pytest.approx(0.025)


def test_the_curve_and_its_picture_are_the_pvalues():
    result = es.rate_ratio(*series(11), WINDOW, null=es.CalendarPermutation(), rng=1, n_resamples=299)
    curve = result.curve()
    row = curve.iloc[70]
    assert row["pvalue_less"] == result.pvalue_at(row["ratio"], "less")
    assert row["pvalue"] == pytest.approx(min(1, 2 * min(row["pvalue_less"], row["pvalue_greater"])))
    ratios, drawn = result.plot().lines[0].get_data()
    assert set(curve["ratio"]) <= set(ratios)
    assert np.allclose(drawn[np.isin(ratios, curve["ratio"])], curve["pvalue"])
    for ratio, pvalue in zip(ratios[::9], drawn[::9], strict=True):
        assert pvalue == pytest.approx(result.pvalue_at(ratio, "two-sided"))


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda e, a: es.rate_ratio(e, a, WINDOW, null=es.SelfExciting(WINDOW), rng=1), OptionError,
         "the events of a draw do not correspond to those observed"),
        (lambda e, a: es.rate_ratio(e, a, WINDOW, null=es.CalendarPermutation()), RandomnessError,
         "rate_ratio: draws are made here and rng is missing"),
        (lambda e, a: es.rate_ratio(es.Events(a.days - 3, PERIOD), a, WINDOW, null=es.CircularShift()), OptionError,
         "none of the 20 events lies outside the window in a stratum"),
        (lambda e, a: es.rate_ratio(e, a, WINDOW, excluded=0.0), OptionError, "excluded is 0.0; give a ratio above 0"),
        (lambda e, a: es.rate_ratio(e, a, WINDOW).pvalue_at(-1.0), OptionError, "the ratio is -1.0"),
        (lambda e, a: es.rate_ratio(e, a, WINDOW).pvalue_at(1.0, "both"), OptionError, "alternative='both'"),
        (lambda e, a: es.rate_ratio(e, a, WINDOW, null=WINDOW, rng=1), OptionError, "is not a null model"),
    ],
)  # fmt: skip
def test_what_cannot_be_inverted_is_refused_with_the_reason(call, kind, text):
    events, anchors = series(12)
    anchors = es.Events(anchors.days[(anchors.days > PERIOD.start + 20)], None, "anchors")
    while len(anchors) < 20:
        anchors = es.Events([*anchors.days, anchors.days[0]], None, "anchors")
    with pytest.raises(kind, match=text):
        call(events, anchors)


def covered(ratio, rhythm, sets, seed):
    """How often an interval misses a planted ratio, counted by the public function."""
    truth = es.SimulatedSeries(PERIOD, 140, 36, rhythm, link=es.Link(WINDOW, ratio))
    rng, missed = np.random.default_rng(seed), 0
    for _ in range(sets):
        result = es.rate_ratio(
            *truth.sample(rng), WINDOW, null=es.CalendarPermutation(), rng=rng, n_resamples=299
        )
        missed += not result.low <= ratio <= result.high
    return missed


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
def test_the_interval_misses_a_planted_ratio_no_more_often_than_it_says_under_growth_and_season(ratio):
    missed = covered(ratio, es.Rhythm(growth=20, season=5, burst_size=3), 150, seed=20)
    assert missed <= stats.binom.ppf(1 - 1e-4, 150, 0.05)


@pytest.mark.slow
def test_without_the_variance_of_what_is_left_small_ratios_are_missed_too_often(monkeypatch):
    """The second line of the variance is there for a reason: without it the share is about three times nominal."""
    from eventstudy.evaluation import reweighted
    from eventstudy.numeric.inversion import day_terms

    def first_line_only(inside, share):
        terms = day_terms(inside, share)
        terms[4:7, :, 1] = terms[4:7, :, 0]
        return terms

    monkeypatch.setattr(reweighted, "day_terms", first_line_only)
    assert covered(0.3, es.Rhythm(), 200, seed=21) > 0.08 * 200
    monkeypatch.undo()
    assert covered(0.3, es.Rhythm(), 200, seed=21) <= stats.binom.ppf(1 - 1e-4, 200, 0.05)


def test_events_in_strata_that_the_window_fills_say_nothing_about_the_ratio():
    """Days 5 to 9 are all in the window: the events there are compared with nothing, so the window counts as empty."""
    window, within = es.Window(-5, 0), [5, 10, 15]
    events, anchors = es.Events([1, 2, 6, 8, 12, 13, 16], es.Period(0, 20)), es.Events([10, 20])
    result = es.rate_ratio(
        events, es.Events([10, 22]), window, null=es.CalendarPermutation(within), within=within
    )
    assert result.count_inside == 2
    assert (result.ratio, result.low) == (0.0, 0.0)
    with pytest.raises(OptionError, match="none of the 7 events lies outside the window in a stratum"):
        es.rate_ratio(events, anchors, window, null=es.CalendarPermutation(within), within=within)


def test_a_ratio_without_an_estimate_is_said_in_words():
    events, anchors = es.Events([1, 16, 22, 25], es.Period(0, 30)), es.Events([20])
    result = es.rate_ratio(events, anchors, es.Window(1, 3), null=es.CircularShift(), within=None)
    assert np.isnan(result.ratio)
    assert "ratio    no estimate, as no ratio has equal tails (95% interval" in result.summary()
    assert "nan" not in result.summary()
    assert "inverted test of the excess" in es.results_table([result]).to_markdown()
