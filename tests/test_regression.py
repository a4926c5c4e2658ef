"""Poisson regression: estimates, standard errors, borders, diagnostics, errors, by independent routes."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.errors import ModelError, OptionError, OverdispersionWarning


def daily(rng, days=900, rate=0.15, n_anchors=12, **more):
    period = es.Period("2018-01-01", es.Period("2018-01-01", "2019-01-01").start + days)
    events = es.Events(rng.integers(period.start, period.stop, int(rate * days)), period, "launches")
    anchors = es.Events(rng.integers(period.start, period.stop, n_anchors), label="summits")
    return es.count_table(
        events, anchors, {"before": es.Window(-14, 0), "after": es.Window.after(14)}, **more
    )


FORMULA = "count ~ before + after + C(year) + sin1 + cos1"


def test_one_factor_gives_exactly_the_ratio_of_the_crude_rates():
    rng = np.random.default_rng(1)
    period = es.Period(0, 700)
    events, anchors = es.Events(rng.integers(0, 700, 90), period), es.Events(rng.integers(0, 700, 9))
    crude = es.rate_ratio(events, anchors, es.Window(-14, 0))
    table = es.count_table(events, anchors, {"before": es.Window(-14, 0)})
    assert es.poisson_regression(table, "count ~ before").irr.loc["before", "irr"] == pytest.approx(
        crude.ratio, rel=1e-12
    )


@pytest.mark.parametrize("freq", ["D", "W", "M"])
def test_estimates_and_model_errors_agree_with_another_optimiser_of_statsmodels(freq):
    from statsmodels.api import Poisson

    table = daily(np.random.default_rng(2), freq=freq)
    result = es.poisson_regression(table, FORMULA, covariance="model")
    other = Poisson.from_formula(FORMULA, table, offset=np.log(table["days"])).fit(disp=0, tol=1e-13)
    np.testing.assert_allclose(
        result.coefficients["coefficient"], other.params[list(result.terms)], atol=1e-9
    )
    np.testing.assert_allclose(result.coefficients["se"], other.bse[list(result.terms)], rtol=1e-7)
    np.testing.assert_allclose(result.irr["pvalue"], other.pvalues[list(result.terms)], rtol=1e-6)
    assert result.loglik == pytest.approx(other.llf)
    limits = np.exp(other.conf_int().loc[list(result.terms)])
    np.testing.assert_allclose(result.irr[["low", "high"]], limits, rtol=1e-7)


def test_the_model_of_statsmodels_is_the_same_fit():
    result = es.poisson_regression(daily(np.random.default_rng(3)), FORMULA)
    model = result.model
    np.testing.assert_allclose(model.params, result.estimates, atol=1e-8)
    assert result.dispersion == pytest.approx(model.pearson_chi2 / model.df_resid)
    np.testing.assert_allclose(model.resid_pearson, result.residuals, atol=1e-7)


def by_hand(result):
    """Scores, information and inverse of a fit, from the design alone."""
    x, mu = result.design.matrix, result.fitted
    scores = (result.design.response - mu)[:, None] * x
    return x, mu, scores, np.linalg.inv(x.T @ np.diag(mu) @ x)


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC3", "HAC", "cluster", "quasi"])
def test_covariances_by_the_textbook_sums(kind):
    table = daily(np.random.default_rng(4), days=400)
    table["cluster"] = np.arange(400) // 23
    extra = {"HAC": {"max_lag": 5}, "cluster": {"cluster": "cluster"}}.get(kind, {})
    result = es.poisson_regression(table, FORMULA, covariance=kind, **extra)
    x, mu, scores, inverse = by_hand(result)
    n, k = x.shape
    if kind == "HC3":
        root = np.sqrt(mu)[:, None] * x
        hat = root @ inverse @ root.T
        scores = scores / (1 - np.diag(hat))[:, None]
    middle = scores.T @ scores
    if kind == "HC1":
        middle = middle * n / (n - k)
    if kind == "HAC":
        for lag in range(1, 6):
            cross = sum(np.outer(scores[t], scores[t - lag]) for t in range(lag, n))
            middle = middle + (1 - lag / 6) * (cross + cross.T)
    if kind == "cluster":
        sums = np.array([scores[np.arange(n) // 23 == g].sum(axis=0) for g in range(18)])
        middle = sums.T @ sums * 18 / 17 * (n - 1) / (n - k)
    expected = inverse @ middle @ inverse
    if kind == "quasi":
        expected = inverse * (((table["count"] - mu) ** 2 / mu).sum() / (n - k))
    np.testing.assert_allclose(result.covariance_matrix, expected, rtol=1e-8, atol=1e-14)
    reference = stats.t(17) if kind == "cluster" else stats.norm()
    z = result.estimates[1] / np.sqrt(expected[1, 1])
    assert result.irr["pvalue"].iloc[1] == pytest.approx(2 * reference.sf(abs(z)))


@pytest.mark.parametrize(("kind", "options"), [("HAC", {"maxlags": 28}), ("HC0", {}), ("cluster", None)])
def test_covariances_as_statsmodels_has_them_where_it_has_them(kind, options):
    from statsmodels.api import GLM, families

    table = daily(np.random.default_rng(5))
    options = {"groups": table["month"]} if options is None else options
    mine = {"HAC": {"max_lag": 28}, "cluster": {"cluster": "month"}}.get(kind, {})
    result = es.poisson_regression(table, FORMULA, covariance=kind, **mine)
    other = GLM(table["count"], result.design.matrix, family=families.Poisson()).fit(
        cov_type=kind, cov_kwds=options, tol=1e-13
    )
    np.testing.assert_allclose(result.coefficients["se"], other.bse, rtol=1e-7)


def test_hc1_and_hc3_are_not_hc0():
    """The GLM of statsmodels returns HC0 for all three without a word."""
    table = daily(np.random.default_rng(6), days=200)
    se = {
        kind: es.poisson_regression(table, "count ~ before", covariance=kind).coefficients["se"].iloc[1]
        for kind in ("HC0", "HC1", "HC3")
    }
    assert se["HC0"] < se["HC1"] < se["HC3"]


def test_rows_on_both_sides_of_a_gap_are_not_neighbours():
    """Ten thousand days left out between two halves: HAC must equal the sum of the halves' own middles."""
    table = daily(np.random.default_rng(7), days=300)
    apart = table.copy()
    apart.loc[150:, "start"] += pd.Timedelta(days=10_000)
    result = es.poisson_regression(apart, "count ~ before + after", covariance="HAC", max_lag=9)
    _, _, scores, inverse = by_hand(result)
    middle = np.zeros((3, 3))
    for half in (scores[:150], scores[150:]):
        for lag in range(-9, 10):
            a, b = half[max(lag, 0) :], half[: len(half) + min(-lag, 0)]
            if lag < 0:
                a, b = half[: len(half) + lag], half[-lag:]
            middle += (1 - abs(lag) / 10) * (a.T @ b)
    np.testing.assert_allclose(result.covariance_matrix, inverse @ middle @ inverse, rtol=1e-9)
    near = es.poisson_regression(table, "count ~ before + after", covariance="HAC", max_lag=9)
    assert not np.allclose(near.covariance_matrix, result.covariance_matrix, rtol=1e-6)


def test_weekly_sums_give_the_daily_estimates_where_terms_are_constant_in_weeks():
    rng = np.random.default_rng(8)
    period = es.Period("2018-01-01", "2020-12-28")  # 156 weeks from Monday
    mondays = period.start + 7 * rng.integers(0, 156, 15)
    events = es.Events(rng.integers(period.start, period.stop, 200), period)
    tables = [
        es.count_table(events, es.Events(mondays), {"before": es.Window(-14, 0)}, freq=freq) for freq in "DW"
    ]
    day, week = (es.poisson_regression(t, "count ~ before", covariance="model") for t in tables)
    np.testing.assert_allclose(day.estimates, week.estimates, rtol=1e-9)
    np.testing.assert_allclose(day.covariance_matrix, week.covariance_matrix, rtol=1e-9)
    assert day.n == 7 * week.n
    by_week = day.dispersion_table().set_index("step").loc["week"]
    assert by_week["dispersion"] == pytest.approx(week.dispersion)
    assert by_week[["alpha", "pvalue"]].tolist() == pytest.approx(
        week.dispersion_table().loc[0, ["alpha", "pvalue"]].tolist()
    )


def test_identical_rows_are_added_up_without_changing_a_number(monkeypatch):
    table = daily(np.random.default_rng(9))
    formula = "count ~ before + after + C(month)"
    quick = es.poisson_regression(table, formula, covariance="HC3")
    monkeypatch.setattr("eventstudy.regression.estimation.collapse", lambda matrix: None)
    plain = es.poisson_regression(table, formula, covariance="HC3")
    np.testing.assert_allclose(quick.to_frame().iloc[:, 1:], plain.to_frame().iloc[:, 1:], rtol=1e-9)
    np.testing.assert_allclose(quick.fitted, plain.fitted, rtol=1e-10)


def zero_cell():
    """Ten events in 90 days outside the window, none in 10 inside."""
    return pd.DataFrame(
        {
            "start": pd.date_range("2020-01-01", periods=100),
            "days": 1,
            "count": ([1] + [0] * 8) * 10 + [0] * 10,
            "x": [0] * 90 + [1] * 10,
        }
    )


def test_a_window_without_events_gets_ratio_zero_and_the_exact_conditional_limit():
    """By hand: each of the 10 events misses 10 of 100 days with probability 90 / (90 + 10 q)."""
    result = es.poisson_regression(zero_cell(), "count ~ x", covariance="model")
    row = result.irr.loc["x"]
    assert (row["irr"], row["low"]) == (0.0, 0.0)
    assert row["high"] == pytest.approx(9 * (0.025**-0.1 - 1), rel=1e-9)
    assert row["pvalue"] == pytest.approx(2 * 0.9**10, rel=1e-9)
    assert result.notes[0].startswith(
        "x: no event in 10 days, so the ratio is 0; limit and p are from the probability"
    )
    assert np.exp(result.estimates[0]) == pytest.approx(10 / 90)
    assert np.isnan(result.coefficients.loc["x", "se"])


def test_events_only_inside_a_window_give_an_infinite_ratio_with_a_lower_limit():
    table = zero_cell()
    table["x"] = 1 - table["x"]
    result = es.poisson_regression(table, "count ~ x", covariance="model")
    mirror = es.poisson_regression(zero_cell(), "count ~ x", covariance="model")
    row = result.irr.loc["x"]
    assert (row["irr"], row["high"]) == (np.inf, np.inf)
    assert row["low"] == pytest.approx(1 / mirror.irr.loc["x", "high"], rel=1e-6)
    assert "every event lies in its 90 days" in " ".join(result.notes)


@pytest.mark.parametrize("empty", [2018, 2019])  # the reference year, and another
def test_a_year_without_events_leaves_the_other_terms_as_if_it_were_not_there(empty):
    table = daily(np.random.default_rng(10), days=1096)
    table.loc[table["year"] == empty, "count"] = 0
    whole = es.poisson_regression(table, FORMULA, covariance="HC0")
    rest = es.poisson_regression(table[table["year"] != empty], FORMULA, covariance="HC0")
    names = ["before", "after", "sin1", "cos1"]
    np.testing.assert_allclose(
        whole.irr.loc[names, ["irr", "low", "high"]], rest.irr.loc[names, ["irr", "low", "high"]], rtol=1e-8
    )
    assert any(f"{empty}" in note or "infinite" in note for note in whole.notes)
    assert whole.fitted[table["year"] == empty].max() == 0


def test_extra_events_per_anchor_by_hand():
    """Six events in the window where one is expected: (6 - 1) / 2 anchors."""
    table = pd.DataFrame({"days": [1, 9] * 10, "count": [1, 1] * 4 + [0, 1] * 5 + [2, 0], "x": [1, 0] * 10})
    result = es.poisson_regression(table, "count ~ x", covariance="model")
    extra = result.extra_per_anchor("x", n_anchors=2)
    assert extra.extra == pytest.approx(2.5)
    low, high = result.irr.loc["x", ["low", "high"]]
    assert (extra.low, extra.high) == (pytest.approx((low - 1) / 2), pytest.approx((high - 1) / 2))
    assert str(extra).startswith("x: 2.50 more events per anchor (95% interval ")
    none = es.poisson_regression(zero_cell(), "count ~ x", covariance="model").extra_per_anchor(
        "x", n_anchors=4
    )
    assert none.extra == pytest.approx(-10 / 90 * 10 / 4)


def test_dispersion_test_by_ordinary_least_squares():
    from statsmodels.api import OLS

    table = daily(np.random.default_rng(11), freq="W")
    result = es.poisson_regression(table, "count ~ before")
    y, mu = table["count"].to_numpy(), result.fitted
    aux = ((y - mu) ** 2 - y) / mu
    row = result.dispersion_table().iloc[0]
    assert row["step"] == "week"
    for names, x in ((["alpha", "pvalue"], np.ones(len(y))), (["alpha_nb2", "pvalue_nb2"], mu)):
        other = OLS(aux, x).fit()
        expected = [float(other.params.iloc[0] if hasattr(other.params, "iloc") else other.params[0]),
                    stats.norm.sf(float(np.asarray(other.tvalues)[0]))]  # fmt: skip
        assert row[names].tolist() == pytest.approx(expected)


def test_dispersion_by_month_is_that_of_sums_by_hand():
    table = daily(np.random.default_rng(29))
    result = es.poisson_regression(table, "count ~ before")
    sums = (
        pd.DataFrame({"y": table["count"], "mu": result.fitted})
        .groupby([table["year"], table["month"]])
        .sum()
    )
    by_month = result.dispersion_table().set_index("step").loc["month"]
    assert by_month["n"] == len(sums)
    assert by_month["dispersion"] == pytest.approx(
        ((sums["y"] - sums["mu"]) ** 2 / sums["mu"]).sum() / (len(sums) - 2)
    )


def test_bursts_that_daily_counts_hide_warn_too():
    """Launch days in runs: never two on a day, so less than Poisson by day, but far more by month."""
    runs = np.concatenate([np.arange(a, a + 12) for a in range(5, 900, 150)])
    table = daily(np.random.default_rng(30))
    table["count"] = np.isin(np.arange(900), runs).astype(int)
    with pytest.warns(OverdispersionWarning, match="by month the variance exceeds the mean"):
        es.poisson_regression(table, "count ~ before", covariance="model")


def test_overdispersed_counts_warn_where_the_errors_trust_the_model():
    table = daily(np.random.default_rng(12))
    table["count"] *= 4
    with pytest.warns(
        OverdispersionWarning, match=r"the variance exceeds the mean .* use covariance='HAC' or 'quasi'"
    ):
        es.poisson_regression(table, "count ~ before", covariance="model")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        es.poisson_regression(table, "count ~ before", covariance="HC3")


def test_residual_autocorrelation_as_statsmodels_has_it():
    from statsmodels.stats.diagnostic import acorr_ljungbox
    from statsmodels.tsa.stattools import acf

    result = es.poisson_regression(daily(np.random.default_rng(13)), FORMULA)
    mine = result.residual_autocorrelation(10)
    np.testing.assert_allclose(mine["autocorrelation"], acf(result.residuals, nlags=10)[1:], atol=1e-12)
    box = acorr_ljungbox(result.residuals, lags=10)
    np.testing.assert_allclose(mine[["ljung_box", "pvalue"]], box, rtol=1e-9)


def test_joint_test_of_one_term_is_its_own_test_squared():
    result = es.poisson_regression(daily(np.random.default_rng(14)), FORMULA)
    one = result.joint_test(["before"])
    assert one.chi2 == pytest.approx(result.coefficients.loc["before", "z"] ** 2)
    assert one.pvalue == pytest.approx(result.irr.loc["before", "pvalue"])
    two = result.joint_test(["before", "after"])
    assert two.chi2 == pytest.approx(
        float(result.estimates[[k := result.terms.index("before"), k + 1]]
              @ np.linalg.inv(result.covariance_matrix[k : k + 2, k : k + 2])
              @ result.estimates[[k, k + 1]])
    )  # fmt: skip


def test_the_summary_says_h0_data_errors_and_every_term_of_interest():
    result = es.poisson_regression(daily(np.random.default_rng(15)), FORMULA, max_lag=28)
    text = " ".join(result.summary().split())
    for part in (
        "H0 for each term: given the other terms, the rate of events does not depend on it",
        "135 launches in 900 days, 900 rows",
        "HAC (Newey-West, Bartlett weights), 28 lags by day",
        f"before rate ratio {result.irr.loc['before', 'irr']:.2f} (95% interval",
        f"{result.dispersion:.2f} by day, {result.dispersion_table()['dispersion'][1]:.2f} by week",
        "variance above the mean (Cameron-Trivedi): p",
        "Ljung-Box over 28 lags",
    ):
        assert part in text
    assert list(result.to_frame()["term"]) == list(result.terms)
    assert {"coefficient", "se", "z", "irr", "low", "high", "pvalue"} < set(result.to_frame().columns)


@pytest.mark.parametrize(
    ("right", "shown", "others"),
    [
        ("before + C(gov)", ["before", "C(gov)[T.right]"], "1 (intercept); see .irr"),
        ("before + gov", ["before", "gov[T.right]"], "1 (intercept); see .irr"),
        ("before + sincere + C(yearly)", ["before", "sincere", "C(yearly)[T.1]"], "1 (intercept); see .irr"),
        ("before + sin(trend)", ["before", "sin(trend)"], "1 (intercept); see .irr"),
        ("before + before:sin1", ["before", "before:sin1"], "1 (intercept); see .irr"),
        ("before + sin1 + cos1", ["before"], "3 (intercept, calendar); see .irr"),
        ("before + C(year, Treatment(2019)) + C(weekday)", ["before"], "9 (intercept, calendar); see .irr"),
        ("before + sin1:C(year)", ["before"], "4 (intercept, calendar); see .irr"),
        ("before - 1", ["before"], ""),
    ],
)
def test_only_the_intercept_and_the_calendar_are_left_out_of_summary_figure_and_table(right, shown, others):
    table = daily(np.random.default_rng(29))
    halves = np.arange(len(table)) % 2
    table["gov"] = np.where(halves, "right", "left")
    table["yearly"], table["sincere"] = (np.arange(len(table)) // 50) % 2, np.arange(len(table)) % 3
    table["trend"] = np.arange(len(table)) / 100
    result = es.poisson_regression(table, f"count ~ {right}")
    assert [label.get_text() for label in result.plot().get_yticklabels()] == shown
    assert [term for term in es.results_table([result]).frame["term"] if term in result.terms] == shown
    said = re.findall(r"^  other terms +(.*)$", result.summary(), re.MULTILINE)
    assert said == ([others] if others else [])


def test_a_text_is_no_list_of_terms_of_a_figure():
    result = es.poisson_regression(daily(np.random.default_rng(29)), "count ~ before")
    with pytest.raises(ModelError, match=r"^plot: terms is 'before'; give a list of terms"):
        result.plot(terms="before")


def test_the_plot_shows_the_terms_asked_for():
    import matplotlib

    matplotlib.use("Agg")
    result = es.poisson_regression(daily(np.random.default_rng(16)), FORMULA)
    assert [t.get_text() for t in result.plot().get_yticklabels()] == ["before", "after"]
    assert [t.get_text() for t in result.plot(terms=["sin1"]).get_yticklabels()] == ["sin1"]
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (
            "count ~ befor + after",
            "the table has no column 'befor'; the columns are start, days, count, before",
        ),
        ("count ~ before +", "cannot read the formula 'count ~ before +' ("),
        ("before + after", "must name one count and then its terms; write 'count ~ before + after'"),
        ("count + before ~ after", "must name one count and then its terms"),
        ("sin1 ~ before", "the response holds -"),
        ("count ~ I(0 * before)", "'I(0 * before)' is 0 on every row; leave it out"),
        ("count ~ np.log(before)", "'np.log(before)' is not finite on every row"),
        ("count ~ before.nothing", "the table has no column 'before.nothing'"),
    ],
)
def test_a_formula_that_cannot_be_used_is_named_with_the_fix(formula, message):
    with pytest.raises(ModelError) as caught:
        es.poisson_regression(daily(np.random.default_rng(17)), formula)
    assert str(caught.value).startswith("poisson_regression: ")
    assert "\n" not in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="days"), "no column 'days'; add the exposure of each row in days"),
        (lambda t: t.assign(count=0), "there is no event in 900 rows"),
        (lambda t: t.assign(days=0), "'days' is 0 in row 1; leave out rows without exposure"),
        (lambda t: t.assign(before=t["before"].where(t.index != 3)), "has a missing value in row 4"),
        (lambda t: t.iloc[:0], "the table has no row"),
        (lambda t: t.iloc[::-1], r"covariance='HAC' needs one row per day, week, month, quarter or year in order"),
        (lambda t: t.assign(count=1).iloc[:2], "2 rows are too few for 2 terms"),
        (lambda t: t.to_dict(), "the table is a dict; give a DataFrame"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_named_with_the_fix(change, message):
    table = daily(np.random.default_rng(18))
    table["before"] = [1, 0] + [1, 0, 0] * 299 + [0]
    with pytest.raises(ModelError) as caught:
        es.poisson_regression(change(table), "count ~ before")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"covariance": "HC2"}, "covariance='HC2' is not known; give 'HAC', 'model'"),
        ({"covariance": "HC3", "max_lag": 3}, "max_lag=3 has no effect with covariance="),
        ({"covariance": "cluster"}, "covariance='cluster' and cluster='name of a column' go together"),
        ({"cluster": "year"}, "covariance='cluster' and cluster='name of a column' go together"),
        ({"confidence_level": 95}, "confidence_level is 95; give a share, such as 0.95"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(OptionError) as caught:
        es.poisson_regression(daily(np.random.default_rng(19)), "count ~ before", **options)
    assert message in str(caught.value)


def test_a_cluster_column_must_name_two_clusters():
    table = daily(np.random.default_rng(20), days=300)
    with pytest.raises(ModelError, match="'year' must name at least two clusters"):
        es.poisson_regression(table, "count ~ before", covariance="cluster", cluster="year")
    with pytest.raises(ModelError, match="no column 'era' for clusters"):
        es.poisson_regression(table, "count ~ before", covariance="cluster", cluster="era")


def test_variables_around_the_call_are_never_used():
    befor = np.zeros(900)  # noqa: F841
    with pytest.raises(ModelError, match="no column 'befor'"):
        es.poisson_regression(daily(np.random.default_rng(21)), "count ~ befor")


# Damage by waves to cargo ships: months of service and incidents by type, period of construction and of operation.
# McCullagh & Nelder (1989), Generalized Linear Models, 2nd ed., section 6.3.2, tables 6.2 and 6.3.
SHIPS = {
    "A": [127, 0, 63, 0, 1095, 3, 1095, 4, 1512, 6, 3353, 18, 0, 0, 2244, 11],
    "B": [44882, 39, 17176, 29, 28609, 58, 20370, 53, 7064, 12, 13099, 44, 0, 0, 7117, 18],
    "C": [1179, 1, 552, 1, 781, 0, 676, 1, 783, 6, 1948, 2, 0, 0, 274, 1],
    "D": [251, 0, 105, 0, 288, 0, 192, 0, 349, 2, 1208, 11, 0, 0, 2051, 4],
    "E": [45, 0, 0, 0, 789, 7, 437, 7, 1157, 5, 2161, 12, 0, 0, 542, 1],
}


def test_the_published_quasi_poisson_analysis_of_ship_damage():
    """Published coefficients, dispersion 1.69, and standard errors that allow for it."""
    rows = [
        (ship, 60 + 5 * (k // 2), (60, 75)[k % 2], values[2 * k], values[2 * k + 1])
        for ship, values in SHIPS.items()
        for k in range(8)
    ]
    table = pd.DataFrame(rows, columns=["ship", "built", "operated", "days", "count"]).query("days > 0")
    result = es.poisson_regression(table, "count ~ C(ship) + C(built) + C(operated)", covariance="quasi")
    assert len(table) == 34
    published = [-6.406, -0.543, -0.687, -0.076, 0.326, 0.697, 0.818, 0.453, 0.384]
    assert result.coefficients["coefficient"].round(3).tolist() == published
    assert round(result.dispersion, 2) == 1.69
    errors = [0.28, 0.23, 0.43, 0.38, 0.31, 0.19, 0.22, 0.30, 0.15]  # as printed there, to two decimals
    np.testing.assert_allclose(result.coefficients["se"], errors, atol=0.0056)


def test_two_windows_without_events_each_get_a_limit_of_their_own():
    """Empty cells with 10 and 20 days: the limits are those of each alone, as neither tells about the other."""
    x = np.repeat(["none", "a", "b"], [70, 10, 20])
    table = pd.DataFrame({"days": 1, "count": [1, 0] * 35 + [0] * 30, "a": x == "a", "b": x == "b"}).astype(
        int
    )
    both = es.poisson_regression(table, "count ~ a + b", covariance="HC0").irr
    for name, other in (("a", "b"), ("b", "a")):
        alone = es.poisson_regression(table[table[other] == 0], f"count ~ {name}", covariance="HC0").irr
        assert both.loc[name, "high"] == pytest.approx(alone.loc[name, "high"], rel=1e-6)
    assert both.loc["a", "high"] > both.loc["b", "high"]


def test_separation_by_a_combination_of_terms_is_found():
    """No event where x exceeds 3, but no single column is empty: x and its square together push these days down."""
    x = np.tile(np.arange(6.0), 30)
    y = np.where(x == 0, 1, 0) + np.where((x == 1) & (np.arange(180) % 4 == 1), 1, 0)
    table = pd.DataFrame({"days": 1, "count": y, "x": x, "first": (x == 1).astype(int)})
    result = es.poisson_regression(table, "count ~ x + first", covariance="HC0")
    assert result.estimates[1] == -np.inf  # nothing from 2 on: the slope falls for ever
    assert result.estimates[2] == np.inf  # day 1 stays where it is
    crude = y[x == 0].mean()
    assert np.exp(result.estimates[0]) == pytest.approx(crude)
    np.testing.assert_allclose(result.fitted[x == 1], y[x == 1].mean())
    # the days of x = 0 all have one event: residuals of zero are no error of zero
    assert np.isnan(result.irr.loc["Intercept", "low"])
    assert "Intercept: the rows that identify it are fitted exactly" in result.notes[0]
    assert (result.fitted[x > 1] == 0).all()


def test_two_years_without_any_event_cannot_be_told_apart_and_change_nothing_else():
    """The first year is the one that the others are compared with, so its emptiness is everyone's."""
    rng = np.random.default_rng(21)
    period = es.Period("2017-01-01", "2021-01-01")
    busy = period.days[np.isin(period.dates.year, [2018, 2020])]
    events = es.Events(rng.choice(busy, 90, replace=False), period)
    anchors = es.Events(rng.choice(period.days, 20, replace=False))
    table = es.count_table(events, anchors, {"before": es.Window(-14, 0)})
    whole = es.poisson_regression(table, "count ~ before + C(year)", covariance="model")
    empty = "C(year)[T.2019]"
    assert whole.irr.loc[empty].isna().tolist() == [True, False, False, True]
    assert whole.irr.loc[empty, ["low", "high"]].tolist() == [0, np.inf]
    assert f"{empty}: not identified beside terms without any event" in whole.notes
    years = table[~table["year"].isin([2017, 2019])]
    part = es.poisson_regression(years, "count ~ before + C(year)", covariance="model")
    assert whole.irr.loc["before"].tolist() == pytest.approx(part.irr.loc["before"].tolist(), rel=1e-8)


def test_an_infinite_ratio_has_no_extra_events():
    table = zero_cell()
    table["x"] = 1 - table["x"]
    result = es.poisson_regression(table, "count ~ x", covariance="model")
    with pytest.raises(ModelError, match="the ratio of 'x' is infinite; there is no rate to compare with"):
        result.extra_per_anchor("x", n_anchors=3)


def test_the_anchors_behind_a_term_come_from_the_table_or_must_be_given():
    table = daily(np.random.default_rng(22))
    result = es.poisson_regression(table, FORMULA)
    known = result.extra_per_anchor("before")
    assert known.n_anchors == table.attrs["eventstudy"]["n_anchors"]["before"]
    assert result.extra_per_anchor("before", n_anchors=1).extra == pytest.approx(
        known.extra * known.n_anchors
    )
    with pytest.raises(ModelError, match="number of anchors behind 'sin1' is not known; give n_anchors"):
        result.extra_per_anchor("sin1")
    with pytest.raises(ModelError, match="no term 'during'; the terms are Intercept, before"):
        result.extra_per_anchor("during")
    with pytest.raises(ModelError, match="no term 'during'"):
        result.joint_test(["during"])


def test_what_needs_an_order_in_time_says_so():
    table = daily(np.random.default_rng(23))
    result = es.poisson_regression(table.iloc[::-1], "count ~ before", covariance="HC0")
    for call in (result.residual_autocorrelation, result.plot_residuals):
        with pytest.raises(ModelError, match="rows have no order in time; sort the table by 'start'"):
            call()
    with pytest.raises(ModelError, match="sums rows in order of time by 'year' or 'month'; sort the table"):
        result.plot_fit()
    assert result.dispersion_table()["step"].tolist() == ["row"]
    assert "Ljung" not in result.summary()


def test_pictures_of_fit_and_residuals_show_the_sums_and_the_autocorrelation():
    import matplotlib

    matplotlib.use("Agg")
    table = daily(np.random.default_rng(24))
    result = es.poisson_regression(table, FORMULA)
    bars = [bar.get_height() for bar in result.plot_fit(by="year").patches if hasattr(bar, "get_height")]
    assert bars == table.groupby("year")["count"].sum().tolist()
    months = result.plot_fit()
    assert (
        sum(bar.get_height() for bar in months.patches if hasattr(bar, "get_height")) == table["count"].sum()
    )
    ax = result.plot_residuals(max_lag=10)
    stems = next(line for line in ax.lines if line.get_marker() == "o").get_xydata()
    np.testing.assert_allclose(stems[:, 1], result.residual_autocorrelation(10)["autocorrelation"])
    matplotlib.pyplot.close("all")


def test_a_result_is_what_it_was_when_made():
    result = es.poisson_regression(daily(np.random.default_rng(25)), FORMULA)
    table = result.irr
    table.loc["before", "irr"] = 99.0
    assert result.irr.loc["before", "irr"] != 99.0
    with pytest.raises(ValueError, match="read-only"):
        result.fitted[0] = 1.0
    with pytest.raises(AttributeError):
        result.n = 3


def test_provenance_names_the_call_the_dates_and_the_columns():
    table = daily(np.random.default_rng(26))
    one = es.poisson_regression(table, "count ~ before", max_lag=7).provenance
    assert one.call.startswith("poisson_regression(count_table(launches, summits, {'before': Window(")
    assert "'count ~ before', covariance='HAC', max_lag=7" in one.call
    assert {"launches", "summits", "table (days, count, before)"} == set(one.data)
    other = es.poisson_regression(table.assign(before=1 - table["before"]), "count ~ before").provenance
    key = "table (days, count, before)"
    assert one.data[key] != other.data[key]
    assert one.data["launches"] == other.data["launches"]


@pytest.mark.slow
def test_hac_intervals_cover_a_planted_ratio_where_events_come_in_bursts():
    """Bursts of three within days, a planted ratio of 2, weekly harmless terms: HAC covers, the model does not."""
    n, covered, by_model = 100, 0, 0
    for seed in range(n):
        rng = np.random.default_rng([27, seed])
        days = 3000
        start = rng.integers(0, days, 40)
        x = np.zeros(days, int)
        for a in start:
            x[a : a + 10] = 1
        bursts = np.repeat(np.arange(days), rng.poisson(0.05 * 2.0**x))
        hits = (bursts[:, None] + rng.integers(0, 3, (bursts.size, 3))).ravel()
        count = np.bincount(hits[hits < days], minlength=days)
        table = pd.DataFrame(
            {"start": pd.date_range("2000-01-01", periods=days), "days": 1, "count": count, "x": x}
        )
        result = es.poisson_regression(table, "count ~ x", covariance="HAC", max_lag=14)
        # a burst spills over the end of a window, so the ratio of expected counts is a little below 2
        truth = _expected_ratio(x)
        covered += result.low[1] <= truth <= result.high[1]
        wide = es.poisson_regression(table, "count ~ x", covariance="HC0")
        by_model += wide.low[1] <= truth <= wide.high[1]
    assert covered >= stats.binom.ppf(1e-4, n, 0.93)  # HAC is known to be a little too narrow
    assert by_model < covered


def _expected_ratio(x):
    """Rate inside over rate outside, where each burst puts its events on its day and the two after."""
    rate = 2.0**x
    spread = (rate + np.roll(rate, 1) + np.roll(rate, 2)) / 3
    return spread[x == 1].mean() / spread[x == 0].mean()


def test_a_row_with_a_term_of_its_own_has_no_hc3_and_no_robust_error():
    table = daily(np.random.default_rng(28), days=300)
    table.loc[100, "count"] = 1
    table["one"] = (table.index == 100).astype(int)
    with pytest.raises(
        ModelError, match="row 101 has a term of its own and is fitted exactly, so HC3 is not defined"
    ):
        es.poisson_regression(table, "count ~ before + one", covariance="HC3")
    result = es.poisson_regression(table, "count ~ before + one", covariance="HC1")
    assert np.isnan(result.coefficients.loc["one", "se"])
    assert np.isfinite(result.coefficients.loc["before", "se"])
    assert "one: the rows that identify it are fitted exactly" in result.notes[0]


# Terms that cannot be told apart, numbers far from zero, and steps of time


def test_of_collinear_terms_the_later_one_is_left_out_and_named_as_in_r():
    """glm of R has NA for z = 2 * before + 1 in count ~ before + z + after, and fits the others without it."""
    table = daily(np.random.default_rng(30))
    table["z"] = 2 * table["before"] + 1
    result = es.poisson_regression(table, "count ~ before + z + after")
    without = es.poisson_regression(table, "count ~ before + after")
    assert result.terms == without.terms
    np.testing.assert_array_equal(result.estimates, without.estimates)
    assert result.notes == ("z: left out, as it is a sum of multiples of Intercept, before",)
    assert "note z: left out, as it is a sum" in " ".join(result.summary().split())
    with pytest.raises(
        ModelError, match=r"joint_test: z: left out, as it is a sum .*; name a term that is in"
    ):
        result.joint_test(["before", "z"])


def test_a_combination_of_levels_that_no_row_has_is_left_out():
    table = daily(np.random.default_rng(31))
    table = table[(table["weekday"] < 3) & ~((table["weekday"] == 1) & (table["year"] == 2019))]
    result = es.poisson_regression(table, "count ~ C(weekday) * C(year)", covariance="model")
    assert "C(weekday)[T.1]:C(year)[T.2019]: left out, no row has this combination" in result.notes
    cells = table.groupby(["weekday", "year"])["count"].transform("mean")
    np.testing.assert_allclose(result.fitted, cells, atol=1e-9)


def test_years_and_their_squares_have_the_coefficients_of_r():
    """glm(count ~ x + y + I(y^2), poisson, offset = log(days), control = list(epsilon = 1e-15)) of R 4.2."""
    rows = pd.DataFrame(
        {
            "count": [0, 0, 2, 1, 3, 1, 0, 2, 4, 1, 0, 1],
            "x": [0, 1, 0, 1, 2, 0, 1, 2, 2, 1, 0, 0],
            "y": range(2012, 2024),
            "days": [28, 31, 30, 31, 30, 31, 30, 31, 31, 30, 31, 30],
        }
    )
    result = es.poisson_regression(rows, "count ~ x + y + I(y**2)", covariance="model")
    estimates = [-8.59390807277e4, 6.17245123340e-1, 8.51494111846e1, -2.10926470496e-2]
    errors = [1.63337719956e5, 4.18669980439e-1, 1.61907599495e2, 4.01223641852e-2]
    np.testing.assert_allclose(result.estimates, estimates, rtol=1e-6)
    np.testing.assert_allclose(result.coefficients["se"], errors, rtol=1e-6)
    centred = es.poisson_regression(
        rows.assign(y=rows["y"] - 2018), "count ~ x + y + I(y**2)", covariance="HC1"
    )
    raw = es.poisson_regression(rows, "count ~ x + y + I(y**2)", covariance="HC1")
    assert raw.coefficients.loc["x", "se"] == pytest.approx(centred.coefficients.loc["x", "se"], rel=1e-7)
    np.testing.assert_allclose(raw.fitted, centred.fitted, rtol=1e-8)


@pytest.mark.parametrize(
    ("step", "frequency"),
    [("day", "D"), ("week", "W-WED"), ("month", "MS"), ("quarter", "QS"), ("year", "YS")],
)
def test_lags_go_from_row_to_row_whatever_days_says(step, frequency):
    rng = np.random.default_rng(32)
    start = pd.date_range("1960-01-01", periods=60, freq=frequency)
    table = pd.DataFrame(
        {"start": start, "days": 1, "count": rng.poisson(2, 60), "x": np.arange(60) // 7 % 2}
    )
    result = es.poisson_regression(table, "count ~ x", max_lag=6)
    assert f"6 lags by {step}" in result.covariance
    numbered = es.poisson_regression(
        table.assign(start=pd.date_range("1960-01-01", periods=60)), "count ~ x", max_lag=6
    )
    assert result.coefficients.loc["x", "se"] == pytest.approx(
        numbered.coefficients.loc["x", "se"], rel=1e-12
    )
    plain = es.poisson_regression(table, "count ~ x", covariance="HC0")
    assert abs(result.coefficients.loc["x", "se"] / plain.coefficients.loc["x", "se"] - 1) > 0.01
    first = result.design.first_days.astype("datetime64[D]")
    assert (np.abs(first - start.to_numpy().astype("datetime64[D]")).astype(int) < 7).all()


def test_hac_errors_reach_over_half_of_the_record_at_most():
    table = daily(np.random.default_rng(33), days=100)
    es.poisson_regression(table, "count ~ before", max_lag=50.0)
    with pytest.raises(
        OptionError, match=r"max_lag=51 is more than half of the 100 days of the table, .* give 50 or less"
    ):
        es.poisson_regression(table, "count ~ before", max_lag=51)
    with pytest.raises(OptionError, match=r"max_lag is 2\.5, not a whole number; give 0 or more steps"):
        es.poisson_regression(table, "count ~ before", max_lag=2.5)


def test_dates_as_text_and_time_zones():
    table = daily(np.random.default_rng(34), days=200)
    seoul = table.assign(start=table["start"].dt.tz_localize("Asia/Seoul"))
    for same in (seoul, table.assign(start=table["start"].astype(str))):
        np.testing.assert_array_equal(
            es.poisson_regression(same, "count ~ before").irr,
            es.poisson_regression(table, "count ~ before").irr,
        )
    with pytest.raises(ModelError, match=r"given by dates in the column 'start'"):
        es.poisson_regression(table.assign(start="soon"), "count ~ before")


def test_clusters_whose_rows_drop_out_count_for_nothing():
    table = daily(np.random.default_rng(35), days=1461)
    table.loc[table["year"] == 2019, "count"] = 0
    formula, how = "count ~ before + C(year)", {"covariance": "cluster", "cluster": "year"}
    whole = es.poisson_regression(table, formula, **how)
    rest = es.poisson_regression(table[table["year"] != 2019], formula, **how)
    assert whole.degrees == rest.degrees
    assert whole.irr.loc["before"].tolist() == pytest.approx(rest.irr.loc["before"].tolist(), rel=1e-8)


@pytest.mark.parametrize("kind", ["quasi", "HC0", "HC1"])
def test_a_fit_without_residuals_has_no_errors(kind):
    """Twelve events that the model fits exactly do not show that the ratio is 2.00 to 2.00, p = 0."""
    table = pd.DataFrame({"days": 1, "count": [2, 2, 4, 4], "x": [0, 0, 1, 1]})
    result = es.poisson_regression(table, "count ~ x", covariance=kind)
    assert result.irr.loc["x", "irr"] == pytest.approx(2.0)
    assert result.irr.loc["x", ["low", "high", "pvalue"]].isna().all()
    assert "fitted exactly" in " ".join(result.summary().split())
    with pytest.raises(ModelError, match="contrast: 'x' has no finite estimate"):
        result.contrast("x")
    # twice the log-likelihood gained over one rate, by hand
    gain = 2 * (4 * np.log(2 / 3) + 8 * np.log(4 / 3))
    test = result.joint_test(["x"])
    assert (test.chi2, test.pvalue) == pytest.approx((gain, stats.chi2.sf(gain, 1)), rel=1e-6)


@pytest.mark.parametrize("size", [1e-300, 1e-101, 1e101, 1e300])
def test_values_whose_squares_are_no_numbers_are_refused_and_not_called_collinear(size):
    table = pd.DataFrame({"days": 1, "count": [0, 1, 2, 1], "x": size * np.array([1, 2, 3, 5])})
    with pytest.raises(ModelError, match=r"'x' is .* use other units"):
        es.poisson_regression(table, "count ~ x", covariance="model")


def test_a_number_of_events_that_no_float_counts_is_refused():
    table = pd.DataFrame({"days": 1, "count": [2**62, 1, 2, 1], "x": [1, 2, 3, 5]})
    with pytest.raises(ModelError, match="more than float64 can count"):
        es.poisson_regression(table, "count ~ x", covariance="model")


def test_values_that_are_not_whole_are_not_cut_off_and_have_no_variance_of_counts():
    table = pd.DataFrame({"days": 1, "count": [0.5, 1.5, 2, 0.25], "x": [0, 0, 1, 1]})
    result = es.poisson_regression(table, "count ~ x", covariance="HC0")
    assert result.n_events == 4.25
    assert "4.25 events in 4 days" in result.summary()
    for fit in (
        lambda: es.poisson_regression(table, "count ~ x", covariance="model"),
        lambda: es.conditional_poisson_regression(table, "count ~ x", strata="days", covariance="model"),
    ):
        with pytest.raises(ModelError, match="not whole; use covariance='HAC'"):
            fit()


@pytest.mark.parametrize("number", [0, -3, 2.5, True, "3", float("nan"), float("inf")])
def test_extra_events_are_for_a_whole_number_of_anchors(number):
    table = pd.DataFrame({"days": 1, "count": [0, 1, 2, 1], "x": [0, 0, 1, 1]})
    result = es.poisson_regression(table, "count ~ x", covariance="model")
    assert result.extra_per_anchor("x", 2.0).extra == pytest.approx(1.0)
    with pytest.raises(ModelError, match="extra_per_anchor: n_anchors is"):
        result.extra_per_anchor("x", number)
