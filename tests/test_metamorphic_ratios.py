"""Two ways of asking for a ratio, a rate or a regression agree: the same numbers, or the same kind of refusal."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from metamorphic import (
    DRAWS,
    EPOCH,
    FOUR_CENTURIES,
    assert_same,
    cases,
    examples,
    found,
    null_models,
    null_of,
    reflected,
    windows,
    withins,
)

import eventstudy as es


def excess_by_hand(case, window, within):
    """Return Z squared with its sign as a fraction, day by day with dates of the standard library; None if V is 0."""
    step = {"year": 12, "quarter": 3, "month": 1}
    strata: dict[Any, list[int]] = {}
    for day in range(case.length):
        at = EPOCH + dt.timedelta(days=case.start + day)
        months = (12 * at.year + at.month - 1) // step[within] if within in step else 0
        key = sum(cut <= day for cut in case.cuts) if within == "cuts" else months
        strata.setdefault(key, []).append(day)
    inside = {anchor + lag for anchor in case.anchors for lag in range(*window)}
    excess = variance = Fraction(0)
    for days in strata.values():
        share = Fraction(len(inside.intersection(days)), len(days))
        here = [day for day in case.events if days[0] <= day <= days[-1]]
        excess += sum(day in inside for day in here) - len(here) * share
        variance += len(here) * share * (1 - share)
    return (excess * abs(excess)) / variance if variance else None


@examples(80)
@given(case=cases(), window=windows, within=withins)
def test_the_excess_is_that_of_fractions_day_by_day(case, window, within):
    by_hand = excess_by_hand(case, window, within)
    result = found(lambda: es.WindowExcess(es.Window(*window), case.strata(within))(*case.series()))
    if by_hand is None:
        assert isinstance(result, type)
    else:
        z = float(result)
        assert z * abs(z) == pytest.approx(float(by_hand), rel=1e-12, abs=1e-24)


@examples(40)
@given(case=cases(), window=windows, within=withins, null=null_models(withins))
def test_the_inverted_interval_at_a_ratio_of_one_is_the_test_of_the_excess(case, window, within, null):
    strata, size = case.strata(within), 499
    events, anchors = case.series()
    ratio = found(lambda: es.rate_ratio(
        events, anchors, es.Window(*window), null=null_of(case, null), within=strata, n_resamples=size, rng=11
    ))  # fmt: skip
    assume(
        not isinstance(ratio, type) and ratio.count_inside > 0
    )  # without an event inside another rule holds
    test = es.permutation_test(
        events,
        anchors,
        es.WindowExcess(es.Window(*window), strata),
        null_of(case, null),
        n_resamples=size,
        rng=11,
    )
    drawn = "draws" in ratio.method or test.method == "monte-carlo"
    for side in ("greater", "less"):
        p = getattr(test, f"pvalue_{side}")
        # sums and excess have draws of their own
        near = 1e-9 if not drawn else 6.5 * np.sqrt(2 * p * (1 - p) / size) + 12 / size
        assert ratio.pvalue_at(1.0, side) == pytest.approx(p, abs=near), side
    level = 1 - ratio.confidence_level
    if not ratio.has_hole and abs(ratio.pvalue - level) > 1e-9:
        assert (ratio.low <= 1.0 <= ratio.high) == (ratio.pvalue > level)


@examples(40)
@given(case=cases(), window=windows, within=withins, null=null_models(withins))
def test_ratios_and_intervals_four_hundred_years_later_are_the_same(case, window, within, null):
    def ask(move, chance):
        def more():
            return {"null": null_of(case, null, move), "within": case.strata(within, move), "rng": 4}

        result = found(
            lambda: es.rate_ratio(
                *case.series(move), es.Window(*window), n_resamples=DRAWS, **(more() if chance else {})
            )
        )
        return result if isinstance(result, type) else {
            name: getattr(result, name) for name in ("ratio", "low", "high", "pvalue", "days_inside", "n_anchors")
        }  # fmt: skip

    for chance in (False, True):
        assert_same(ask(0, chance), ask(FOUR_CENTURIES, chance))


@examples(40)
@given(case=cases(), window=windows)
def test_the_ratio_of_independent_events_is_the_same_backwards_and_as_a_regression(case, window):
    def ask(case, window):
        return found(lambda: es.rate_ratio(*case.series(), es.Window(*window)))

    one, other = ask(case, window), ask(case.mirrored(), reflected(window))
    if isinstance(one, type):
        assert one is other
        return
    assert [one.ratio, one.low, one.high, one.pvalue] == [other.ratio, other.low, other.high, other.pvalue]
    if one.count_inside and one.count_outside:
        table = es.count_table(*case.series(), {"near": es.Window(*window)})
        model = es.poisson_regression(table, "count ~ near", covariance="HAC")
        assert model.tidy(exponentiate=True)["estimate"].iloc[-1] == pytest.approx(one.ratio, rel=1e-7)


FORMULAS = ("count ~ near", "count ~ near + C(month)", "count ~ C(year) + near", "count ~ near + sin1 + cos1",
            "count ~ near + C(weekday)", "count ~ near + C(quarter)")  # fmt: skip


def regressed(case, window, formula, freq, move=0, covariance="HAC", table=None):
    def ask():
        data = (
            es.count_table(*case.series(move), {"near": es.Window(*window)}, freq=freq)
            if table is None
            else table
        )
        return es.poisson_regression(data, formula, covariance=covariance)

    result = found(ask)
    if isinstance(result, type):
        return result
    # nothing where the window covers every day or none, so that the term is left out
    return result.tidy().set_index("term").reindex(["near"]).reset_index()


@examples(20)
@given(case=cases(), window=windows, formula=st.sampled_from(FORMULAS), freq=st.sampled_from(["D", "W", "M"]))
def test_a_regression_is_the_same_four_hundred_years_later_and_with_its_terms_turned_round(
    case, window, formula, freq
):
    left, right = formula.split(" ~ ")
    turned = f"{left} ~ {' + '.join(reversed(right.split(' + ')))}"
    one = regressed(case, window, formula, freq)
    assert_same(one, regressed(case, window, formula, freq, move=FOUR_CENTURIES), rel=1e-5)
    other = regressed(case, window, turned, freq)
    # of columns that say the same, the later one is left out
    if isinstance(one, type) or not (one["estimate"].isna().all() or other["estimate"].isna().all()):
        assert_same(one, other, rel=1e-5)


@examples(30)
@given(case=cases(), window=windows)
def test_a_table_of_weeks_and_months_holds_the_sums_of_its_days(case, window):
    events, anchors = case.series()
    tables = {
        freq: found(
            lambda freq=freq: es.count_table(events, anchors, {"near": es.Window(*window)}, freq=freq)
        )
        for freq in ("D", "W", "M")
    }
    if isinstance(tables["D"], type):
        assert tables["D"] is tables["W"] is tables["M"]
        return
    for table in tables.values():
        assert table["count"].sum() == len(events)
        assert table["days"].sum() == case.length
        share = (table["near"] * table["days"]).sum()
        assert share == pytest.approx(tables["D"]["near"].sum(), rel=1e-9)
    week = pd.to_datetime(tables["D"]["start"]).dt.strftime("%G-%V")
    daily = tables["D"]["count"].groupby(week, sort=False).sum()
    assert daily.tolist() == tables["W"]["count"].tolist()


@examples(30)
@given(case=cases(), window=windows, null=null_models(withins))
def test_rates_of_coincidence_are_the_counts_of_the_tests(case, window, null):
    events, anchors = case.series()
    chance = found(lambda: null_of(case, null))
    assume(not isinstance(chance, type))
    asked = {"null": chance, "n_resamples": DRAWS, "rng": 6}
    result = found(lambda: es.coincidence_rates(events, anchors, es.Window(*window), **asked))
    assume(not isinstance(result, type))
    for rate, statistic in ((result.trigger, es.WindowCount), (result.precursor, es.AnchorsHit)):
        test = es.permutation_test(
            events, anchors, statistic(es.Window(*window)), chance, n_resamples=DRAWS, rng=6
        )
        assert rate.count == test.observed
        if test.method == "exact":
            assert rate.test.pvalue == pytest.approx(test.pvalue, rel=1e-9)
