"""Conditional Poisson regression against levels fitted by dummies, statsmodels, and a case worked by hand."""

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import ModelError


def daily(seed, days=1096, n=180):
    rng = np.random.default_rng(seed)
    period = es.Period("2018-01-01", "2021-01-01")
    events = es.Events(rng.integers(period.start, period.stop, n), period, "launches")
    anchors = es.Events(rng.integers(period.start, period.stop, 20), label="summits")
    return es.count_table(events, anchors, {"before": es.Window(-14, 0), "after": es.Window.after(7)})


FORMULA = "count ~ before + after"
STRATA = ["year", "month"]


@pytest.mark.parametrize("kind", ["model", "quasi", "HC0", "HC1", "HC3", "HAC", "cluster"])
def test_the_same_as_a_level_for_each_stratum(kind):
    table = daily(1)
    extra = {"HAC": {"max_lag": 14}, "cluster": {"cluster": "year"}}.get(kind, {})
    result = es.conditional_poisson_regression(table, FORMULA, strata=STRATA, covariance=kind, **extra)
    dummies = es.poisson_regression(
        table.assign(s=table["year"] * 100 + table["month"]), FORMULA + " + C(s)", covariance=kind, **extra
    )
    names = ["before", "after"]
    # months lie inside years, so clustered by year their levels cost no parameters; as dummies they do
    rows, levels = dummies.n, result.n_strata if kind == "cluster" else 0
    factor = np.sqrt((rows - 2 - levels) / (rows - 2))
    np.testing.assert_allclose(result.irr.loc[names, "irr"], dummies.irr.loc[names, "irr"], rtol=1e-7)
    np.testing.assert_allclose(
        result.coefficients.loc[names, "se"], factor * dummies.coefficients.loc[names, "se"], rtol=1e-7
    )
    assert result.dispersion == pytest.approx(dummies.dispersion)


def test_strata_without_events_change_nothing():
    table = daily(2)
    table.loc[(table["year"] == 2019) & (table["month"] < 7), "count"] = 0
    result = es.conditional_poisson_regression(table, FORMULA, strata=STRATA)
    rest = es.conditional_poisson_regression(
        table[~((table["year"] == 2019) & (table["month"] < 7))], FORMULA, strata=STRATA
    )
    np.testing.assert_allclose(result.to_frame().iloc[:, 1:], rest.to_frame().iloc[:, 1:], rtol=1e-10)
    assert result.n_strata_without_events == rest.n_strata_without_events + 6
    assert "6 more have no event and are uninformative" in " ".join(result.summary().split())


def test_agrees_with_the_conditional_poisson_of_statsmodels():
    result = es.conditional_poisson_regression(daily(3), FORMULA, strata=STRATA, covariance="model")
    np.testing.assert_allclose(result.model.params, result.estimates, atol=1e-5)
    np.testing.assert_allclose(result.model.bse, result.coefficients["se"], rtol=1e-3)


def test_one_stratum_by_hand():
    """Given 10 events on 8 + 12 days, the share in the window is 8 r / (8 r + 12), estimated by 6 / 10: r = 9 / 4."""
    table = pd.DataFrame({"days": [4, 6, 10], "count": [3, 2, 0], "x": [1, 0, 1], "s": [0, 0, 1]})
    table = pd.concat([table] * 2)
    result = es.conditional_poisson_regression(table, "count ~ x", strata="s", covariance="model")
    assert result.irr.loc["x", "irr"] == pytest.approx(9 / 4)
    # the variance of a log odds: 1 / (n p (1 - p))
    assert result.coefficients.loc["x", "se"] ** 2 == pytest.approx(1 / (10 * 0.6 * 0.4))
    assert (result.n, result.n_strata, result.n_strata_without_events) == (4, 1, 1)


def test_overall_level_and_exposure_unit_do_not_matter():
    table = daily(4)
    base = es.conditional_poisson_regression(table, FORMULA, strata=STRATA)
    hours = es.conditional_poisson_regression(
        table.assign(days=24), FORMULA, strata=STRATA, covariance="quasi"
    )
    np.testing.assert_allclose(base.irr, hours.irr, rtol=1e-10)


def test_no_event_in_the_window_gives_zero_with_the_conditional_limit():
    """By hand: one stratum of 2 window days in 10; each of its 5 events misses them with probability 8 / (8 + 2 q)."""
    table = pd.DataFrame({"days": 1, "count": [0, 0, 2, 1, 1, 1, 0, 0, 0, 0], "x": [1, 1] + [0] * 8, "s": 0})
    result = es.conditional_poisson_regression(table, "count ~ x", strata="s", covariance="model")
    assert result.irr.loc["x", "irr"] == 0.0
    assert result.irr.loc["x", "high"] == pytest.approx(4 * (0.025**-0.2 - 1), rel=1e-9)
    assert result.irr.loc["x", "pvalue"] == pytest.approx(2 * 0.8**5, rel=1e-9)


def test_terms_that_do_not_vary_inside_strata_are_refused():
    table = daily(5)
    with pytest.raises(ModelError, match=r"'C\(year\)\[T.2019\]' is constant within each stratum"):
        es.conditional_poisson_regression(table, "count ~ before + C(year)", strata=STRATA)
    twice = es.conditional_poisson_regression(table, "count ~ before + I(before + year)", strata=STRATA)
    assert twice.terms == ("before",)
    assert twice.notes == ("I(before + year): left out, as it is a sum of multiples of before",)
    with pytest.raises(ModelError, match="no column 'era' for strata; the columns are start"):
        es.conditional_poisson_regression(table, FORMULA, strata="era")
    with pytest.raises(ModelError, match="strata must name columns without missing values"):
        es.conditional_poisson_regression(table, FORMULA, strata=[])


def test_the_summary_names_the_strata_and_the_errors():
    result = es.conditional_poisson_regression(daily(6), FORMULA, strata=STRATA)
    text = " ".join(result.summary().split())
    assert "Conditional Poisson regression, count" in text
    assert f"strata {result.n_strata} by year, month" in text
    assert f"quasi: of the model, times the dispersion {result.dispersion:.2f}" in text


def test_history_terms_are_refused_as_totals_distort_them():
    """Events without any memory: given monthly totals, an event in the past month seems to lower the rate."""
    rng = np.random.default_rng(7)
    period = es.Period("2010-01-01", "2020-01-01")
    events = es.Events(rng.integers(period.start, period.stop, 240), period)
    table = es.count_table(
        events, es.Events([15_000]), {"before": es.Window(-14, 0)}, history={"past": (8, 30)}
    )
    with pytest.raises(ModelError, match=r"'past' is made from earlier events, .* leave it out"):
        es.conditional_poisson_regression(table, "count ~ before + past", strata=STRATA)
    table.attrs = {}
    distorted = es.conditional_poisson_regression(table, "count ~ before + past", strata=STRATA)
    assert distorted.irr.loc["past", "high"] < 1
    assert 0.7 < es.poisson_regression(table, "count ~ before + past").irr.loc["past", "irr"] < 1.3


@pytest.mark.parametrize("kind", ["model", "quasi", "HC0", "HC1", "HC3", "cluster"])
def test_strata_of_one_row_change_nothing(kind):
    rng = np.random.default_rng(20)
    rows = pd.DataFrame({"s": np.repeat(np.arange(20), 6), "x": np.tile([0, 1], 60), "days": 1})
    rows["count"], rows["block"] = rng.poisson(1.0 + 0.4 * rows["x"]), rows["s"] // 2
    alone = pd.DataFrame({"s": 100 + np.arange(200), "x": rng.integers(0, 2, 200), "days": 1})
    alone["count"], alone["block"] = 1 + rng.poisson(1.0, 200), 50 + np.arange(200) % 10
    cluster = "block" if kind == "cluster" else None
    core, both = (
        es.conditional_poisson_regression(table, "count ~ x", strata="s", covariance=kind, cluster=cluster)
        for table in (rows, pd.concat([rows, alone], ignore_index=True))
    )
    assert both.coefficients.loc["x", "se"] == pytest.approx(core.coefficients.loc["x", "se"], rel=1e-9)
    assert both.degrees == core.degrees


def test_clustered_errors_of_many_small_strata_are_as_wide_as_the_estimates_scatter():
    """The variance of a log ratio of 300 and 300 expected events; 150 levels counted as parameters give 40 % more."""
    errors = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        table = pd.DataFrame({"s": np.repeat(np.arange(150), 2), "x": np.tile([0, 1], 150), "days": 1})
        table["count"] = rng.poisson(2.0, 300)
        found = es.conditional_poisson_regression(
            table, "count ~ x", strata="s", covariance="cluster", cluster="s"
        )
        errors.append(found.coefficients.loc["x", "se"])
    assert np.mean(errors) == pytest.approx(np.sqrt(2 / 300), rel=0.05)
