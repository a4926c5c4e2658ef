"""Verdicts on planted series: judged one by one by hand, and against the power of the two tests together."""

import dataclasses
from pathlib import Path

import joblib
import numpy as np
import pytest

import eventstudy as es
from eventstudy.credibility.simulate import plant
from eventstudy.errors import OptionError, RandomnessError
from eventstudy.study.plan import read_study
from eventstudy.study.verdicts import verdict_curve
from eventstudy.verdicts import VERDICTS, by_excess, by_tests
from launches import Plan


@pytest.fixture(scope="module")
def plan():
    whole = read_study(Path(__file__).resolve().parents[1] / "notebooks" / "plan.toml", Plan)
    few = dataclasses.replace(whole.credibility, n_series=25, power_ratios=(1.5, 3.0))
    return dataclasses.replace(whole, credibility=few)


@pytest.fixture(scope="module")
def series(plan):
    return plan.events.read(plan.period), plan.anchors.read()


@pytest.fixture(scope="module")
def found(plan, series):
    return verdict_curve(plan, *series, rng=3)


def test_each_series_is_judged_by_the_rule_of_the_plan(plan, series, found):
    launches, summits = series
    window, null = plan.primary.window, plan.nulls.primary.build()
    planted = plant(
        launches, summits, window, null, ratios=(1.0, 1.5, 3.0), size=25, rng=np.random.default_rng(3)
    )
    counts = np.zeros((3, 3), int)
    for column, ratio in enumerate((1.0, 1.5, 3.0)):
        for number in range(25):
            drawn = es.Events(planted.days(number, ratio), plan.period)
            pvalues = [
                es.permutation_test(drawn, summits, es.WindowCount(window), model).pvalue
                for model in (es.CalendarPermutation(), es.CircularShift("year"))
            ]
            high = es.rate_ratio(drawn, summits, window).high
            row = 0 if max(pvalues) <= 0.05 else 2 if high < 1.5 else 1
            counts[row, column] += 1
    assert found.counts.tolist() == counts.tolist()
    assert counts[1].min() < counts[1].max()


def test_supported_is_what_both_tests_find_together(plan, series, found):
    nulls = plan.nulls.primary.build(), plan.nulls.second.build()
    curve = es.power_curve(
        *series, plan.primary.window, nulls, ratios=(1.0, 1.5, 3.0), n_simulations=25, rng=3
    )
    assert found.counts[0].tolist() == curve.rejections.tolist()


def test_every_series_has_one_verdict_and_a_large_effect_is_supported(found):
    assert found.counts.sum(axis=0).tolist() == [25, 25, 25]
    assert found.share("supported", 3.0) > 0.9 > 0.2 > found.share("supported", 1.0)
    frame = found.to_frame().set_index(["verdict", "ratio"])
    assert frame.loc[("cannot tell", 1.5), "share"] == found.share("cannot tell", 1.5)
    assert ((frame["low"] <= frame["share"]) & (frame["share"] <= frame["high"])).all()


def test_the_verdicts_do_not_depend_on_the_workers(plan, series, found):
    with joblib.parallel_config("threading", n_jobs=2):
        assert verdict_curve(plan, *series, rng=3).counts.tolist() == found.counts.tolist()
    with pytest.raises(RandomnessError, match="verdict_curve: draws are made here and rng is missing"):
        verdict_curve(plan, *series)


def test_the_result_prints_and_draws_its_shares(found):
    assert f"supported {found.share('supported', 1.5):.1%}, cannot tell" in found.summary()
    ax = found.plot()
    heights = np.array([bar.get_height() for bar in ax.patches]).reshape(len(VERDICTS), 3)
    assert heights == pytest.approx(found.counts / 25)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "1.5", "3"]


@pytest.mark.parametrize(
    ("quarter", "month", "verdict"),  # each a p-value of no effect and one of an effect that would matter
    [
        ((0.05, 0.99), (0.01, 0.99), "supported"),
        ((0.051, 0.99), (0.01, 0.99), "cannot tell"),
        ((0.60, 0.05), (0.70, 0.05), "not supported"),
        ((0.70, 0.034), (0.60, 0.107), "cannot tell"),  # one of two is not enough
        ((0.05, 0.04), (0.05, 0.04), "supported"),  # more, but surely less than what would matter
        ((0.04, 0.03), (0.06, 0.04), "not supported"),
    ],
)
def test_a_verdict_by_the_excess_needs_both_strata(quarter, month, verdict):
    assert by_excess(*zip(quarter, month, strict=True), 0.05) == verdict


def test_a_pvalue_at_the_level_is_small_whatever_its_last_digit():
    """As in the tests of tests: 0.15 / 3 is one unit in the last place off 0.05, and 1 - 0.95 is several."""
    off = [0.15 / 3, 1.0 - 0.95, 0.05]
    assert len(set(off)) == 3
    assert max(off) > 0.05
    assert by_tests(off, 0.05, excluded=False) == "supported"
    assert by_excess(off, [1.0], 0.05) == "supported"
    assert by_tests([0.0501], 0.05, excluded=False) == "cannot tell"


@pytest.mark.parametrize("wrong", [[], [0.01, float("nan")], [1.2], [-0.1]])
def test_no_verdict_rests_on_what_is_no_pvalue(wrong):
    """nan would be passed over by max, or not, by its place in the list."""
    for ask in (
        lambda: by_excess(wrong, [0.01], 0.05),
        lambda: by_excess([0.01], wrong, 0.05),
        lambda: by_tests(wrong, 0.05, excluded=False),
    ):
        with pytest.raises(OptionError, match="p-value"):
            ask()


def test_series_are_judged_by_excess_as_one_by_one(plan, series):
    """Shared draws against draws of each series: verdicts may differ where a p-value lies at the level, no further."""
    primary = dataclasses.replace(plan.primary, statistic="excess", strata=("quarter", "month"))
    second = dataclasses.replace(plan.nulls, second=plan.nulls.primary)
    excess = dataclasses.replace(plan, primary=primary, nulls=second)
    launches, summits = series
    found = verdict_curve(excess, launches, summits, rng=3)
    planted = plant(launches, summits, primary.window, es.CalendarPermutation(), ratios=(1.0, 1.5, 3.0), size=25,
                    rng=np.random.default_rng(3))  # fmt: skip
    counts = np.zeros((3, 3), int)
    for column, ratio in enumerate((1.0, 1.5, 3.0)):
        for number in range(25):
            drawn = es.Events(planted.days(number, ratio), plan.period)
            drawn_by = {"rng": number, "n_resamples": 999}
            asked = [excess.test(role) for role in ("primary", "second")]
            tests = [
                es.permutation_test(drawn, summits, one.statistic, one.null, **drawn_by) for one in asked
            ]
            ratios = [
                es.rate_ratio(drawn, summits, primary.window, null=one.null, within=one.within, **drawn_by)
                for one in asked
            ]
            counts[VERDICTS.index(excess.judge(*tests, *ratios)), column] += 1
    assert np.abs(found.counts - counts).max() <= 2
    assert counts[0, 2] > 15 > 5 > counts[0, 0]


def test_a_count_under_shifts_is_judged_with_its_exact_pvalue(plan, series):
    """Inside the strata of the shifts the excess is the count moved by a constant, so both tests are one."""
    launches, summits = series
    period, window = plan.period, plan.primary.window
    shift = es.CircularShift("quarter")
    exact = es.permutation_test(launches, summits, es.WindowCount(window), shift)
    by_ratio = es.rate_ratio(
        launches, summits, window, null=shift, within="quarter", rng=1, n_resamples=20_000
    )
    assert by_ratio.pvalue_at(1.0, "greater") == pytest.approx(exact.pvalue, abs=0.015)
    assert exact.method == "exact"
    assert launches.period == period
