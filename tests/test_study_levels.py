"""The levels that the report claims for the tests of the study, on fewer data sets and with another seed."""

from pathlib import Path

import pytest
from scipy import stats

import eventstudy as es
from eventstudy.study.plan import read_study
from launches import Plan

N = 100
MOST = stats.binom.ppf(1 - 1e-6, N, 0.05)  # a test of level 0.05 rejects more often once in a million


@pytest.fixture(scope="module")
def rejections():
    plan = read_study(Path(__file__).resolve().parents[1] / "notebooks" / "plan.toml", Plan)
    launches, summits = plan.events.read(plan.period), plan.anchors.read()
    primary, second = plan.nulls.primary.build(), plan.nulls.second.build()
    table = es.type_one_error(
        {truth.label: truth.build(launches, summits) for truth in plan.credibility.truths},
        {"primary": primary, "second": second, "both": (primary, second)},
        [es.WindowCount(plan.primary.window)],
        levels=(0.05,),
        n_simulations=N,
        rng=41,
    ).to_frame()
    return table.pivot_table(index="truth", columns="test", values="rejections")


@pytest.mark.slow
def test_the_rule_of_the_verdict_holds_its_level_in_every_truth_of_the_plan(rejections):
    assert len(rejections) == 15
    assert (rejections["both"] <= MOST).all()


@pytest.mark.slow
def test_both_tests_hold_their_level_on_the_calendar_of_the_study(rejections):
    calendar = rejections[rejections.index.str.startswith("simulated launches")]
    assert len(calendar) == 5
    assert (calendar[["primary", "second"]] <= MOST).all(axis=None)


@pytest.mark.slow
def test_each_test_alone_fails_where_the_report_says_so_and_not_where_the_other_does(rejections):
    growth = rejections.loc["both simulated, growth ×20"]
    season = rejections.loc["both simulated, season ×5"]
    assert growth["primary"] > MOST >= growth["second"]
    assert season["second"] > MOST >= season["primary"]
