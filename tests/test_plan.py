"""The analysis plan: read into one checked type, every slip refused, the verdict by its table."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

import eventstudy as es
from eventstudy.errors import PlanError
from eventstudy.plan import read_plan

PLAN = Path(__file__).resolve().parents[1] / "notebooks" / "plan.toml"


@pytest.fixture(scope="module")
def plan():
    return read_plan(PLAN)


def test_the_plan_of_the_study_says_what_was_fixed_beforehand(plan):
    assert plan.period == es.Period("2012-01-01", "2025-01-01")
    assert plan.held_out == es.Period("2025-01-01", "2025-11-08")
    assert plan.primary.window == es.Window(-14, 0)
    assert plan.nulls.primary.build() == es.CalendarPermutation(by="year")
    assert plan.nulls.second.build() == es.CircularShift(within="year")
    assert plan.nulls.naive.build() == es.UniformDays()
    assert [len(window) for window in plan.family.windows] == [3, 7, 14, 21, 28, 42]
    assert [chosen.alternative for chosen in plan.family.sets] == ["greater"] * 4 + ["less"]


def test_the_plan_chooses_distinct_launch_days_with_a_firm_date(plan):
    launches = plan.events.read(plan.period)
    rows = es.datasets.launches()
    firm = rows[(rows["in_cns_scope"] == "yes") & (rows["date_precision"] == "day")]
    firm = firm[(firm["date"] >= "2012-01-01") & (firm["date"] < "2025-01-01")]
    assert len(launches) == firm["date"].nunique()


def test_no_two_anchors_of_the_plan_are_within_three_days(plan):
    days = plan.anchors.read().days
    assert min(b - a for a, b in pairwise(days)) > 3


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "seed = 20251022",
            "seeds = 20251022",
            "seeds: this entry is not known; the entries are title, question, seed",
        ),
        ("seed = 20251022\n", "", "seed: this entry is missing; add it"),
        ("seed = 20251022", "seed = 'one'", "seed: 'one' is of the wrong kind; give a int"),
        ("window = [-14, 0]", "window = [0, -14]", "primary:window: Window\\(0, -14\\): it holds no day"),
        (
            "window = [-14, 0]",
            "window = [-14]",
            "primary:window: \\[-14\\] does not have two ends; write \\[start, stop\\]",
        ),
        ("lags = [-60, 61]", "lags = [-60]", "profile:lags: it must be a list of 2"),
        (
            'alternative = "greater"',
            'alternative = "more"',
            "primary:alternative: 'more' is not one of greater, less",
        ),
        ("distinct = true", "distinct = 1", "events:distinct: 1 is of the wrong kind; give a bool"),
        ("level = 0.05", "level = ", "it cannot be read as TOML"),
        (
            "2012-01-01, 2025-01-01",
            "2025-01-01, 2012-01-01",
            "period: Period\\(2025-01-01, 2012-01-01\\): it holds no day",
        ),
    ],
)
def test_a_slip_in_the_plan_is_one_clear_line(tmp_path, old, new, expected):
    text = PLAN.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "plan.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError, match=expected):
        read_plan(path)


def test_an_unknown_null_model_or_table_is_named(plan):
    with pytest.raises(PlanError, match="the null model 'Magic' is not known"):
        dataclasses.replace(plan.nulls.primary, model="Magic").build()
    with pytest.raises(PlanError, match="the table 'tests' is not bundled; choose one of launches"):
        dataclasses.replace(plan.events, table="tests").read()


@pytest.mark.parametrize(
    ("primary", "second", "high", "verdict"),
    [
        (0.05, 0.05, 9.0, "supported"),
        (0.05, 0.051, 9.0, "cannot tell"),
        (0.051, 0.01, 1.49, "not supported"),
        (0.50, 0.50, 1.5, "cannot tell"),
        (0.50, 0.50, 1.49, "not supported"),
        (0.01, 0.01, 1.2, "supported"),
    ],
)
def test_the_verdict_follows_its_table(plan, primary, second, high, verdict):
    results = (SimpleNamespace(pvalue=primary), SimpleNamespace(pvalue=second), SimpleNamespace(high=high))
    assert plan.judge(*results) == verdict
