"""Refits of the Poisson model: each against the same fit made by hand."""

import pickle
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import ModelError, OverdispersionWarning
from eventstudy.regression.poisson import poisson_term
from eventstudy.study.plan import read_study
from launches import CrudeRatio, Plan, daily_model, refit_choices, refit_without_years


@pytest.fixture(scope="module")
def plan():
    return read_study(Path(__file__).resolve().parents[1] / "notebooks" / "plan.toml", Plan)


@pytest.fixture(scope="module")
def exercises():
    controls = es.datasets.controls()
    return controls.loc[controls["kind"] == "EXERCISE", ["start", "end"]]


CRUDE = "count ~ before"


@pytest.fixture(scope="module")
def series(plan):
    return plan.events.read(plan.period), plan.anchors.read()


def test_the_model_is_that_of_notebook_three(plan, series, exercises):
    launches, summits = series
    meetings = plan.anchors.rows()[["start", "end"]]
    table = es.count_table(
        launches,
        summits,
        {"before": plan.regression.before, "during": meetings, "after": plan.regression.after},
        covariates={"exercise": exercises},
        history={"past_7": (1, 7), "past_8_30": (8, 30)},
    )
    by_hand = es.poisson_regression(table, plan.regression.formula, max_lag=plan.regression.max_lag)
    model = pickle.loads(pickle.dumps(daily_model(plan)))
    pd.testing.assert_frame_equal(model.fit(launches, summits).irr, by_hand.irr)
    assert model(launches, summits) == by_hand.irr.loc["before", "pvalue"]


def test_a_year_left_out_leaves_the_crude_rates_of_the_others(plan, series):
    launches, summits = series
    found = refit_without_years(plan, formula=CRUDE)
    table = found.to_frame().set_index("left_out")
    assert table.index.tolist() == [str(year) for year in range(2012, 2025)]
    inside = plan.primary.window.indicator(summits, plan.period).astype(bool)
    counts, years = launches.daily_counts(), plan.period.dates.year
    for year in (2012, 2018, 2022):
        kept = years != year
        ratio = counts[kept & inside].mean() / counts[kept & ~inside].mean()
        assert table.loc[str(year), "irr"] == pytest.approx(ratio, rel=1e-9)
    whole = es.rate_ratio(launches, summits, plan.primary.window).ratio
    assert found.full.irr.loc["before", "irr"] == pytest.approx(whole, rel=1e-9)
    farthest = np.log(table["irr"] / whole).abs().idxmax()
    assert found.most_influential()["left_out"] == farthest
    assert found.range == (table["irr"].min(), table["irr"].max())
    assert f"highest   {table['irr'].max():.2f} ({table['irr'].idxmax()})" in found.summary()


def test_every_choice_is_fitted_and_that_of_the_plan_is_among_them(plan):
    found = refit_choices(plan, formula=CRUDE)
    table = found.to_frame().set_index(["launches", "summits", "window"])
    assert len(table) == 5 * 6 * 4
    assert table.index.is_unique
    own = table.loc[("in CNS scope", "both presidents", "14 days"), "irr"]
    assert own == pytest.approx(found.full.irr.loc["before", "irr"])
    other = plan.choices.events[4].read(plan.period).distinct(), plan.choices.anchors[4].read().merged(3)
    ratio = es.rate_ratio(*other, es.Window(-28, 0)).ratio
    assert table.loc[("all missiles", "in South Korea", "28 days"), "irr"] == pytest.approx(ratio)
    assert len(found.provenance.data) >= 2


def test_the_crude_ratio_rejects_where_its_interval_does_not_hold_one(series):
    launches, summits = series
    for window in (es.Window(-14, 0), es.Window(-7, 0), es.Window(-60, -20)):
        pvalue = CrudeRatio(window)(launches, summits)
        found = es.rate_ratio(launches, summits, window, confidence_level=1 - pvalue + 1e-6)
        assert found.low < 1 < found.high or pvalue == 1
        if pvalue < 1:
            narrow = es.rate_ratio(launches, summits, window, confidence_level=1 - pvalue - 1e-6)
            assert not narrow.low < 1 < narrow.high


@pytest.mark.parametrize("formula", ["count ~ before", "count ~ before + after + C(year) + sin1 + cos1"])
@pytest.mark.parametrize("covariance", ["HAC", "quasi", "model", "HC3"])
def test_one_term_alone_is_that_of_the_whole_regression(formula, covariance):
    """With a window and a year without any event, whose ratios go to the border."""
    period = es.Period("2001-01-01", "2005-01-01")
    rng = np.random.default_rng(7)
    anchors = es.Events(rng.choice(period.days, 20))
    days = rng.choice(period.days[:900], 80)
    for kept in (days, days[~es.Window(-14, 0).holds(days, anchors)]):
        table = es.count_table(
            es.Events(kept, period), anchors, {"before": es.Window(-14, 0), "after": es.Window(1, 15)}
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OverdispersionWarning)
            whole = es.poisson_regression(table, formula, covariance=covariance)
        for term in whole.terms:
            alone = poisson_term(table, formula, term, covariance=covariance)
            assert list(asdict(alone).values()) == whole.irr.loc[term].tolist()
    with pytest.raises(ModelError, match="poisson_term: 'during' is no term"):
        poisson_term(table, formula, "during")
