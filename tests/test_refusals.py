"""A study whose data refuse a ratio or a test says so in words, or is not begun."""

from __future__ import annotations

import math

import numpy as np
import pytest

import eventstudy as es
from eventstudy.errors import NoRatioError, OptionError, PlanError
from eventstudy.study.plan import PrimaryPlan
from eventstudy.study.proposal import propose
from eventstudy.study.refusals import NoAnswer, answered
from eventstudy.study.verdict_words import ratio_text, without_answer

PERIOD = es.Period("2001-01-01", "2011-01-01")
WINDOW = es.Window(-14, 0)
ANCHORS = es.Events([f"{2001 + k}-{1 + k}-20" for k in range(10)], PERIOD, "votes")
INSIDE = es.Events([f"{2001 + k}-{1 + k}-15" for k in range(10)], PERIOD, "strikes")


def test_a_ratio_without_a_rate_outside_is_a_reason_and_not_an_error():
    """Each event lies in the window, and none elsewhere in its month."""
    asked = {"null": es.CalendarPermutation(), "within": "month", "rng": 1}
    with pytest.raises(NoRatioError, match="so there is no rate outside to compare with"):
        es.rate_ratio(INSIDE, ANCHORS, WINDOW, **asked)
    found = answered(es.rate_ratio, INSIDE, ANCHORS, WINDOW, **asked)
    assert isinstance(found, NoAnswer)
    assert (ratio_text(found), found.interval_text()) == ("not defined", "none")
    assert found.reason.startswith("none of the 10 strikes lies outside the window in a stratum")
    assert "; " not in found.reason
    assert without_answer({"plan": found}) == f" Plan: no ratio, as {found.reason}."


def test_a_calendar_out_of_reach_is_a_reason_too():
    late = es.Events(["2031-05-05"], label="moved votes")
    assert math.isnan(
        answered(es.permutation_test, INSIDE, late, es.WindowCount(WINDOW), es.UniformDays()).pvalue
    )


def test_a_wrong_option_stays_an_error():
    with pytest.raises(OptionError, match="within"):
        answered(es.rate_ratio, INSIDE, ANCHORS, WINDOW, within="month")


def test_without_a_ratio_none_that_matters_is_spoken_against():
    plan = PrimaryPlan(WINDOW, "greater", 0.05, 0.95, 1.5, 0.8, "", "excess", ("quarter", "month"))
    none = answered(
        es.rate_ratio, INSIDE, ANCHORS, WINDOW, null=es.CalendarPermutation(), within="month", rng=1
    )
    assert math.isnan(plan.excluded_pvalue(none))


def test_windows_on_every_day_are_refused_before_a_study_is_written():
    anchors = es.Events.from_days(np.arange(PERIOD.start, PERIOD.stop + 14, 7), label="votes")
    with pytest.raises(PlanError, match=r"votes: their windows cover every day of .*; narrow --window"):
        propose(INSIDE, anchors, WINDOW, PERIOD)


def test_events_that_lie_in_no_month_with_a_window_are_refused_before_a_study_is_written():
    away = es.Events([f"{2001 + k}-{(k + 6) % 12 + 1}-15" for k in range(10)], label="strikes")
    with pytest.raises(
        PlanError, match="strikes: none lies in a quarter with days inside and days outside the window"
    ):
        propose(away, ANCHORS, WINDOW, PERIOD)


def test_a_series_on_which_a_test_is_not_defined_counts_as_one_that_finds_nothing():
    """Of one event, most draws put it into a month without a window."""
    found = es.power_curve(
        es.Events(["2003-03-15"], PERIOD), ANCHORS, es.WindowExcess(WINDOW, "month"), es.UniformDays(),
        ratios=(1.0,), n_simulations=30, n_resamples=99, rng=1,
    )  # fmt: skip
    assert np.all(found.power <= 0.2)
