"""Every rate ratio of the study's models, computed a second time by statsmodels on the same rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats

import eventstudy as es
from eventstudy.study.plan import read_study
from launches import Plan

PLAN = read_study(Path(__file__).resolve().parents[1] / "notebooks" / "plan.toml", Plan)


@pytest.fixture(scope="module")
def study():
    launches, summits = PLAN.events.read(PLAN.period), PLAN.anchors.read()
    controls = es.datasets.controls()
    exercises = controls[controls["kind"] == "EXERCISE"][["start", "end"]]
    meetings = PLAN.anchors.rows()[["start", "end"]]
    windows = {"before": PLAN.regression.before, "during": meetings, "after": PLAN.regression.after}
    history = {"past_7": (1, 7), "past_8_30": (8, 30)}
    days = es.count_table(launches, summits, windows, covariates={"exercise": exercises}, history=history)
    weeks = es.count_table(launches, summits, windows, freq="W", covariates={"exercise": exercises})
    return launches, summits, windows, days, weeks


def second_road(table: pd.DataFrame, formula: str, groups: list[str]):
    """Fit by statsmodels on the rows of groups with events; the others have rate zero and say nothing."""
    kept = table[table.groupby(groups)["count"].transform("sum") > 0]
    fit = smf.glm(formula, kept, family=sm.families.Poisson(), offset=np.log(kept["days"])).fit(tol=1e-12)
    return kept, fit


def test_the_daily_poisson_model_agrees(study):
    *_, days, _ = study
    ours = es.poisson_regression(days, PLAN.regression.formula, max_lag=PLAN.regression.max_lag)
    kept, theirs = second_road(days, PLAN.regression.formula, ["year"])
    for term in ("before", "during", "after", "exercise", "past_7", "past_8_30"):
        assert ours.irr.loc[term, "irr"] == pytest.approx(np.exp(theirs.params[term]), rel=1e-6)
    # Newey-West errors by hand from the scores of statsmodels; 2018 has rate zero, so its days add nothing
    residual = kept["count"] - theirs.fittedvalues
    scores = np.zeros((len(days), theirs.model.exog.shape[1]))
    scores[kept.index] = theirs.model.exog * residual.to_numpy()[:, None]
    meat = scores.T @ scores
    for lag in range(1, PLAN.regression.max_lag + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (PLAN.regression.max_lag + 1)) * (cross + cross.T)
    bread = np.linalg.inv((theirs.model.exog.T * theirs.fittedvalues.to_numpy()) @ theirs.model.exog)
    place = theirs.params.index.get_loc("before")
    half = stats.norm.ppf(0.975) * np.sqrt((bread @ meat @ bread)[place, place])
    low, high = np.exp(theirs.params["before"] + np.array([-half, half]))
    assert ours.irr.loc["before", ["low", "high"]].to_list() == pytest.approx([low, high], rel=1e-5)


def test_the_weekly_poisson_model_agrees(study):
    *_, weeks = study
    ours = es.poisson_regression(weeks, PLAN.regression.weekly_formula, max_lag=4)
    _, theirs = second_road(weeks, PLAN.regression.weekly_formula, ["year"])
    assert ours.irr.loc["before", "irr"] == pytest.approx(np.exp(theirs.params["before"]), rel=1e-6)


def test_the_negative_binomial_model_is_the_poisson_model_because_extra_variance_lowers_its_likelihood(study):
    *_, days, _ = study
    ours = es.negative_binomial_regression(days, PLAN.regression.formula, max_lag=PLAN.regression.max_lag)
    kept, poisson = second_road(days, PLAN.regression.formula, ["year"])
    family = sm.families.NegativeBinomial(alpha=0.05)
    wider = smf.glm(PLAN.regression.formula, kept, family=family).fit(tol=1e-12)
    assert wider.llf < poisson.llf
    assert ours.alpha == 0
    assert ours.irr.loc["before", "irr"] == pytest.approx(np.exp(poisson.params["before"]), rel=1e-6)


def test_the_conditional_model_agrees_with_a_level_for_each_month(study):
    *_, days, _ = study
    formula = "count ~ before + during + after + exercise"
    ours = es.conditional_poisson_regression(days, formula, strata=["year", "month"])
    cells = days.assign(cell=days["year"] * 100 + days["month"])
    _, theirs = second_road(cells, formula + " + C(cell)", ["cell"])
    assert ours.irr.loc["before", "irr"] == pytest.approx(np.exp(theirs.params["before"]), rel=1e-6)


def test_the_case_series_agrees_with_a_level_for_each_year_and_quarter(study):
    launches, summits, windows, days, _ = study
    ours = es.self_controlled_case_series(launches, summits, windows)
    # there each day belongs to the first group that names it, in the order given
    named = days[["before", "during", "after"]] > 0
    first = named & (named.cumsum(axis=1) == 1)
    table = days.assign(**first.astype(int), quarter=(days["month"] + 2) // 3)
    _, theirs = second_road(table, "count ~ before + during + after + C(year) + C(quarter)", ["year"])
    for term in ("before", "during", "after"):
        assert ours.irr.loc[term, "irr"] == pytest.approx(np.exp(theirs.params[term]), rel=1e-6)
