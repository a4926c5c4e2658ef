"""Rates inside and outside a window: published values, the binomial by whole numbers, and the refusals."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

import eventstudy as es
from eventstudy.errors import EventsError, OptionError, PeriodError, WindowError


def crossed(inside, days_inside, outside, days_outside):
    """Make events, anchor and window with given counts and days: the window is the first days of the period."""
    days = [j % days_inside for j in range(inside)] + [days_inside + j % days_outside for j in range(outside)]
    events = es.Events(days, es.Period(0, days_inside + days_outside), "launches")
    return events, es.Events([0], label="summits"), es.Window(0, days_inside)


def test_the_published_example_of_two_poisson_rates():
    """Eleven events in 800 against 21 in 3,011 units, the example of R's help page of poisson.test.

    R 4: poisson.test(c(11, 6+8+7), c(800, 1083+1050+878)) prints the rate ratio 1.971488 and the 95 percent
    interval 0.8584264 to 4.2772659. (Its two-sided p-value orders outcomes by probability and is another one.)
    """
    result = es.rate_ratio(*crossed(11, 800, 21, 3_011))
    assert (result.count_inside, result.days_inside) == (11, 800)
    assert (result.count_outside, result.days_outside) == (21, 3_011)
    assert result.ratio == pytest.approx(1.971488, abs=5e-7)
    assert result.low == pytest.approx(0.8584264, abs=5e-8)
    assert result.high == pytest.approx(4.2772659, abs=5e-8)


def tails(inside, total, share):
    """Return P(X >= inside) and P(X <= inside) of a binomial with a fraction as its probability, exactly."""
    terms = [math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(total + 1)]
    return sum(terms[inside:]), sum(terms[: inside + 1])


cases = st.tuples(st.integers(0, 12), st.integers(1, 40), st.integers(0, 12), st.integers(1, 60)).filter(
    lambda case: case[0] + case[2] > 0
)


@given(cases)
def test_pvalue_and_ratio_are_those_of_the_conditional_binomial(case):
    """Given their total, events fall inside with the window's share of the days, if there is one rate."""
    inside, days_inside, outside, days_outside = case
    result = es.rate_ratio(*crossed(*case))
    greater, less = tails(inside, inside + outside, Fraction(days_inside, days_inside + days_outside))
    assert result.pvalue == pytest.approx(float(min(Fraction(1), 2 * min(greater, less))), rel=1e-10)
    if outside:
        assert result.ratio == pytest.approx(inside / days_inside / (outside / days_outside), rel=1e-14)
    else:
        assert result.ratio == np.inf
    assert result.expected_inside == pytest.approx(outside / days_outside * days_inside)
    assert result.extra_per_anchor == pytest.approx(inside - outside / days_outside * days_inside)


@given(cases, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_each_end_of_the_interval_leaves_half_of_the_rest_in_its_tail(case, level):
    """The definition of the exact interval: at the lower ratio P(X >= inside) is (1 - level) / 2."""
    inside, days_inside, outside, days_outside = case
    result = es.rate_ratio(*crossed(*case), confidence_level=level)
    total, half = inside + outside, (1 - level) / 2

    def share(ratio):
        return ratio * days_inside / (ratio * days_inside + days_outside)

    if inside:
        assert stats.binom.sf(inside - 1, total, share(result.low)) == pytest.approx(half, rel=1e-6)
    else:
        assert (result.low, result.ratio) == (0.0, 0.0)
    if outside:
        assert stats.binom.cdf(inside, total, share(result.high)) == pytest.approx(half, rel=1e-6)
    else:
        assert (result.high, result.ratio) == (np.inf, np.inf)
    assert result.low < result.ratio or inside == 0
    assert result.ratio < result.high or outside == 0
    if level == 0.95:  # the interval leaves out one exactly if the test rejects
        assert (result.pvalue <= 0.05) == (not result.low < 1 < result.high)


@pytest.mark.parametrize(
    ("case", "end"),
    [
        ((0, 10, 5, 90), "high"),  # (1 - share)^5 = 0.025
        ((5, 10, 0, 90), "low"),  # share^5 = 0.025
    ],
)
def test_without_events_on_one_side_the_other_end_is_solved_by_hand(case, end):
    _, days_inside, _, days_outside = case
    result = es.rate_ratio(*crossed(*case))
    root = 0.025 ** (1 / 5)
    share = root if end == "low" else 1 - root
    assert getattr(result, end) == pytest.approx(share / (1 - share) * days_outside / days_inside, rel=1e-12)


def test_one_rate_everywhere_covers_a_ratio_of_one_as_often_as_promised():
    """Coverage of the exact interval is at least nominal for every true ratio: all outcomes weighed."""
    total, days_inside, days_outside = 15, 20, 80
    ends = [es.rate_ratio(*crossed(k, days_inside, total - k, days_outside)) for k in range(total + 1)]
    for ratio in np.geomspace(0.05, 20, 23):
        share = ratio * days_inside / (ratio * days_inside + days_outside)
        weights = stats.binom.pmf(range(total + 1), total, share)
        covered = sum(w for w, r in zip(weights, ends, strict=True) if r.low <= ratio <= r.high)
        assert covered >= 0.95 - 1e-9


def test_the_likelihood_has_its_top_at_the_ratio():
    result = es.rate_ratio(*crossed(7, 30, 12, 170))

    def minus_log_likelihood(x):
        inside, outside = math.exp(x[0]) * 30, math.exp(x[1]) * 170
        return inside + outside - 7 * math.log(inside) - 12 * math.log(outside)

    best = optimize.minimize(
        minus_log_likelihood, [-2, -2], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
    ).x
    assert result.ratio == pytest.approx(math.exp(best[0] - best[1]), rel=1e-6)


def test_days_in_two_windows_and_events_in_them_count_once():
    """Windows of five days before days 10 and 12 cover seven days, 5 to 11."""
    events = es.Events([4, 7, 8, 8, 11, 12, 19], es.Period(0, 20))
    result = es.rate_ratio(events, es.Events([10, 12, 12]), es.Window(-5, 0))
    assert (result.days_inside, result.days_outside, result.count_inside, result.count_outside) == (
        7,
        13,
        4,
        3,
    )
    assert result.ratio == pytest.approx(4 / 7 / (3 / 13))


def test_anchors_outside_the_period_cover_days_in_it_and_only_those_that_reach_it_share_the_extra_events():
    events = es.Events([17, 18, 3], es.Period(0, 20))
    result = es.rate_ratio(events, es.Events([22, 500]), es.Window(-5, 0))
    assert (result.days_inside, result.count_inside, result.n_anchors) == (3, 2, 1)
    assert result.extra_per_anchor == pytest.approx(2 - 1 / 17 * 3)


def test_moving_the_calendar_changes_nothing_and_the_result_is_fixed():
    events, anchors, window = crossed(3, 10, 9, 90)
    here = es.rate_ratio(events, anchors, window)
    there = es.rate_ratio(
        es.Events(events.days[::-1] + 9_000, es.Period(9_000, 9_100)), es.Events(anchors.days + 9_000), window
    )
    assert (here.ratio, here.low, here.high, here.pvalue) == (
        there.ratio,
        there.low,
        there.high,
        there.pvalue,
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        here.ratio = 1.0
    assert list(here.provenance.data) == ["launches", "summits"]
    assert here.provenance.call == (
        "rate_ratio(launches, summits, Window(start=0, stop=10), confidence_level=0.95)"
    )
    assert here.provenance.seed is None


def test_the_summary_and_the_table_say_the_same_numbers():
    result = es.rate_ratio(*crossed(11, 800, 21, 3_011))
    text = " ".join(result.summary().split())
    for part in (
        "11 launches in 800 days (21.0% of all days)",
        "21 launches in 3011 days",
        "1.97 (95% interval 0.86 to 4.28)",
        "events are Poisson with one constant rate inside and outside the window",
    ):
        assert part in text
    frame = result.to_frame()
    assert len(frame) == 1
    for name in (
        "ratio",
        "low",
        "high",
        "pvalue",
        "count_inside",
        "count_outside",
        "days_inside",
        "days_outside",
    ):
        assert frame.loc[0, name] == getattr(result, name)
        assert not isinstance(getattr(result, name), np.generic)


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda: es.rate_ratio(es.Events([1], es.Period(0, 9)), es.Events([50]), es.Window(-3, 0)),
            WindowError,
            r"^rate_ratio: Window\(start=-3, stop=0\) of none of the anchors holds a day of 1970-01-01 to 1970-01-10 "
            r"\(not included\); give anchors of that time",
        ),
        (
            lambda: es.rate_ratio(es.Events([1], es.Period(0, 9)), es.Events([5]), es.Window(-30, 30)),
            OptionError,
            r"covers every day of .*; choose a window that leaves days on both sides$",
        ),
        (
            lambda: es.rate_ratio(*crossed(1, 5, 1, 5), confidence_level=95),
            OptionError,
            r"^rate_ratio: confidence_level is 95; give a share, such as 0\.95$",
        ),
        (
            lambda: es.rate_ratio(
                es.Events([], es.Period(0, 9), "launches"), es.Events([5]), es.Window(-3, 0)
            ),
            EventsError,
            r"^launches: no event lies in .*; a test needs at least one$",
        ),
        (
            lambda: es.rate_ratio(
                es.Events([1], es.Period(0, 9)), es.Events([], label="summits"), es.Window(-3, 0)
            ),
            EventsError,
            r"^summits: there is no anchor; a test needs at least one$",
        ),
        (
            lambda: es.rate_ratio(es.Events([1], es.Period(0, 9)), [5], es.Window(-3, 0)),
            EventsError,
            r"^anchors: got a list; wrap the dates as Events\(dates\)$",
        ),
        (
            lambda: es.rate_ratio(es.Events([1, 7]), es.Events([5]), es.Window(-3, 0)),
            PeriodError,
            r"^events: the period under observation is not given; .*'1970-01-02', '1970-01-09'\) would be a start$",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_fix(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


@pytest.mark.parametrize("within", ["month", "year", ["2001-03-01"]])
def test_strata_mean_nothing_without_a_null_model_and_are_refused(within):
    events = es.Events(["2001-01-03", "2001-05-02"], es.Period("2001-01-01", "2002-01-01"))
    with pytest.raises(OptionError, match="means nothing without a null model"):
        es.rate_ratio(events, es.Events(["2001-01-05"]), es.Window(-14, 0), within=within)


@pytest.mark.parametrize("ratio", [0, -1.5, float("nan"), float("inf"), "1.5", True, None])
def test_what_is_no_ratio_is_refused_in_words(ratio):
    events, anchors = es.Events([1, 2, 3, 8], es.Period(0, 10)), es.Events([4])
    result = es.rate_ratio(events, anchors, es.Window(-3, 0))
    with pytest.raises(OptionError, match="pvalue_at: the ratio is"):
        result.pvalue_at(ratio)
    if ratio is not None:
        with pytest.raises(OptionError, match="rate_ratio: excluded is"):
            es.rate_ratio(events, anchors, es.Window(-3, 0), excluded=ratio)


def test_ratios_at_the_ends_of_float64_have_the_p_values_of_their_limits():
    """Three of four inside: the larger the ratio, the surer all are inside, and the smaller, that none is."""
    result = es.rate_ratio(es.Events([1, 2, 3, 8], es.Period(0, 10)), es.Events([4]), es.Window(-3, 0))
    assert [result.pvalue_at(1e308, side) for side in ("greater", "less")] == [1.0, 0.0]
    assert [result.pvalue_at(1e-320, side) for side in ("greater", "less")] == [0.0, 1.0]
