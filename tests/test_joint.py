"""Tests of several terms at once, and combinations of terms."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.errors import ModelError
from eventstudy.numeric.joint import Reference, effective_blocks, quadratic_form
from eventstudy.results.combinations import read_combination

# glm(count ~ ..., poisson, offset = log(days), control = list(epsilon = 1e-15)) of R 4.2 gives the numbers below
ROWS = pd.DataFrame(
    {
        "count": [0, 0, 2, 1, 3, 1, 0, 2, 4, 1, 0, 1],
        "x": [0, 1, 0, 1, 2, 0, 1, 2, 2, 1, 0, 0],
        "y": range(2012, 2024),
        "g": ["a", "b", "c"] * 4,
        "days": [28, 31, 30, 31, 30, 31, 30, 31, 31, 30, 31, 30],
    }
)


def daily(seed, days=2200, events=240, years=6):
    rng = np.random.default_rng(seed)
    period = es.Period("2010-01-01", f"{2010 + years}-01-01")
    launches = es.Events(rng.integers(period.start, period.stop, events), period)
    summits = es.Events(rng.integers(period.start, period.stop, 30))
    return es.count_table(launches, summits, {"before": es.Window(-14, 0), "after": es.Window(1, 15)})


def test_with_clusters_the_joint_test_is_that_of_hotelling():
    result = es.poisson_regression(
        daily(1), "count ~ before + after + sin1", covariance="cluster", cluster="year"
    )
    test = result.joint_test(["before", "after"])
    which = [result.terms.index(name) for name in test.terms]
    b, v = result.estimates[which], result.covariance_matrix[np.ix_(which, which)]
    chi2 = b @ np.linalg.inv(v) @ b
    f = (6 - 2) / (2 * (6 - 1)) * chi2  # six years, two terms
    assert (test.statistic, test.df_error) == (pytest.approx(f), 4)
    assert test.pvalue == pytest.approx(stats.f.sf(f, 2, 4))
    assert test.words().startswith(f"F {f:.2f} on 2 and 4.0 degrees of freedom, p ")


@pytest.mark.parametrize("kind", ["cluster", "HAC", "model", "quasi", "HC0", "HC1", "HC3"])
def test_one_term_together_has_the_p_value_it_has_alone(kind):
    """Of a window with events, of one without any, and of a window with all of them."""
    table = daily(2)
    table["b0"] = (np.arange(len(table)) % 90 < 3).astype(int)
    table = table.assign(count=np.where(table["b0"], 0, table["count"]))
    cluster = "year" if kind == "cluster" else None
    result = es.poisson_regression(table, "count ~ after + b0", covariance=kind, cluster=cluster)
    assert np.isneginf(result.estimates[result.terms.index("b0")])
    for term in ("after", "b0"):
        test = result.joint_test(term)
        assert test.pvalue == pytest.approx(result.irr.loc[term, "pvalue"], rel=1e-9)
        assert "the term's own test" in test.method
    assert np.isnan(test.statistic)
    assert str(test).startswith("b0: p ")
    assert "nan" not in str(test)
    ratio = result.joint_test(["after", "b0"])
    assert ratio.method.startswith("likelihood ratio")


def test_the_exact_test_of_one_window_without_events_is_that_of_the_table_by_hand():
    """Four events on 8 of 10 days, none on the 2 in the window, which has probability (8 / 10)^4."""
    table = pd.DataFrame({"count": [1, 1, 1, 1, 0, 0, 0, 0, 0, 0], "b0": [0] * 8 + [1] * 2, "days": 1})
    result = es.poisson_regression(table, "count ~ b0", covariance="model")
    assert result.joint_test("b0").pvalue == pytest.approx(min(1, 2 * 0.8**4))
    assert result.irr.loc["b0", "pvalue"] == result.joint_test(["b0"]).pvalue


# Hypotheses as other packages write them


@pytest.mark.parametrize(
    "text",
    [
        "before = 0, after = 0",
        "(before = 0), (after = 0)",
        "before == 0, 0 = after",
        "before = after = 0",
        "before, after",
        ["before = 0", "after = 0.0"],
        ("before", " after=0"),
    ],
)
def test_terms_said_to_be_zero_are_the_terms(text):
    result = es.poisson_regression(daily(4), "count ~ before + after", covariance="HC0")
    assert result.joint_test(text) == result.joint_test(["before", "after"])


@pytest.mark.parametrize(
    "term", ["C(g, Treatment('b'))", "C(g, Treatment(reference='c'))", "I(x == 1)", "bs(x, df=3)"]
)
def test_signs_inside_the_name_of_a_term_are_no_hypotheses(term):
    result = es.poisson_regression(
        pd.concat([ROWS.assign(y=ROWS["y"] + 12 * k, x=ROWS["x"] + k / 7) for k in range(4)]),
        f"count ~ y + {term}",
        covariance="model",
    )
    names = [name for name in result.terms if name not in ("Intercept", "y")]
    assert result.joint_test(f"{term} = 0, y = 0").terms == (*names, "y")
    assert result.joint_test(f"{names[0]} = 0").terms == (names[0],)
    assert result.joint_test(names[0]).terms == (names[0],)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "before = after",
            "does not say that single terms are zero; for one equation write contrast('before = after')",
        ),
        ("before - after = 0", "write contrast('before - after = 0')"),
        (["before = after", "after = 0"], "write contrast('before = after')"),
        ("before = 1", "does not say that single terms are zero"),
        ("before =", "does not say that single terms are zero"),
        ("befor = 0", "no term 'befor'; the terms are Intercept, before, after"),
        ("before = aftr", "no term 'aftr'; the terms are"),
        ("before, ", "no term ''"),
        (["before", ""], "no term ''"),
    ],
)
def test_other_hypotheses_of_several_terms_are_refused_with_the_fix(text, said):
    result = es.poisson_regression(daily(4), "count ~ before + after", covariance="model")
    with pytest.raises(ModelError) as caught:
        result.joint_test(text)
    assert str(caught.value).startswith("joint_test: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("before = 0, after = 0", "joint_test tests several terms together"),
        (["before", "after"], "joint_test tests several terms together"),
        ("befor = after", "contrast: no term 'befor'; the terms are Intercept, before, after"),
        ("before - 2 * aftr", "contrast: no term 'aftr'; the terms are"),
    ],
)
def test_a_contrast_points_to_the_joint_test_and_names_what_is_no_term(text, said):
    result = es.poisson_regression(daily(4), "count ~ before + after", covariance="model")
    with pytest.raises(ModelError) as caught:
        result.contrast(text)
    assert said in str(caught.value)


def test_an_f_says_why_a_chi_squared_has_a_smaller_p_and_it_has():
    result = es.poisson_regression(daily(1), "count ~ before + after", covariance="cluster", cluster="year")
    test = result.joint_test(["before", "after"])
    assert stats.chi2.sf(test.chi2, 2) < test.pvalue
    assert "a chi-squared takes it as known, so its p is smaller" in " ".join(str(test).split())
    known = es.poisson_regression(daily(1), "count ~ before + after", covariance="model")
    assert "takes it as known" not in " ".join(str(known.joint_test(["before", "after"])).split())


def test_no_more_terms_are_tested_than_there_are_clusters():
    result = es.poisson_regression(
        daily(3), "count ~ before + C(weekday)", covariance="cluster", cluster="year"
    )
    names = [name for name in result.terms if "weekday" in name]
    with pytest.raises(
        ModelError, match=r"joint_test: 6 terms are too many .* based on 6 independent blocks"
    ):
        result.joint_test(names)
    assert 0 < result.joint_test(names[:5]).pvalue < 1
    with pytest.raises(ModelError, match="joint_test: before, before; name at least one term, each once"):
        result.joint_test(["before", "before"])


def test_errors_that_tell_fewer_directions_apart_are_refused():
    assert quadratic_form(np.ones(2), np.ones((2, 2))) is None
    assert quadratic_form(np.ones(2), np.diag([1.0, 1e-30])) == pytest.approx(1 + 1e30)


def test_a_lead_lag_regression_says_why_it_has_no_joint_test():
    rng = np.random.default_rng(4)
    period = es.Period("2010-01-01", "2015-01-01")
    events = es.Events(rng.integers(period.start, period.stop, 300), period)
    anchors = es.Events(rng.integers(period.start, period.stop, 10))
    result = es.lead_lag_regression(events, anchors, leads=6, lags=2, covariance="cluster", cluster="year")
    assert result.leads_test is None
    text = " ".join(result.summary().split())
    assert "before no joint test: 6 terms are too many for a joint test, as the errors are based on 5" in text
    assert "power" not in text
    assert result.lags_test.df_error == 3


def test_the_likelihood_ratio_of_terms_without_estimate_is_that_of_two_fits():
    """anova(glm(count ~ 1), glm(count ~ x + g)) of R is 10.09489101 on 3 degrees of freedom; group d is empty."""
    rows = pd.concat([ROWS, pd.DataFrame({"count": 0, "x": 0, "y": 2024, "g": ["d"] * 3, "days": 1})])
    result = es.poisson_regression(rows, "count ~ x + C(g)", covariance="HC0")
    test = result.joint_test(["x", "C(g)[T.b]", "C(g)[T.c]", "C(g)[T.d]"])
    # the empty group adds what its rows take from the rate of the smaller model
    days, total = ROWS["days"].sum(), ROWS["count"].sum()
    more = 2 * total * np.log((days + 3) / days)
    assert test.chi2 == pytest.approx(10.09489101 + more, rel=1e-8)
    assert test.pvalue == pytest.approx(stats.chi2.sf(test.chi2, 4))
    assert "likelihood ratio, independent events" in str(test)


def test_the_pieces_of_a_covariance_by_its_double_sum():
    """Variance of the entries of sum w_ij g_i g_j' e_i e_j over independent Poisson errors, written out."""
    rng = np.random.default_rng(5)
    n, k, lag = 30, 2, 3
    influence, weights = rng.normal(size=(n, k)), rng.uniform(0.05, 0.6, n)
    places = np.cumsum(rng.integers(1, 3, n))
    known = sum(w * np.outer(a, a) for a, w in zip(influence, weights, strict=True))
    g = influence @ np.linalg.inv(np.linalg.cholesky(known)).T
    total = 0.0
    for s, t in itertools.product(range(k), repeat=2):
        for i, j in itertools.product(range(n), repeat=2):
            bartlett = max(0.0, 1 - abs(places[i] - places[j]) / (lag + 1)) ** 2
            both = weights[i] * weights[j]
            total += bartlett * both * (g[i, s] ** 2 * g[j, t] ** 2 + g[i, s] * g[i, t] * g[j, s] * g[j, t])
        total += (
            g[:, s] ** 2 * g[:, t] ** 2 * weights
        ).sum()  # the fourth cumulant of a Poisson count is its mean
    assert effective_blocks(influence, weights, places, lag) == pytest.approx(k * (k + 1) / total)


def test_a_mean_of_rare_events_rests_on_as_many_pieces_as_its_variance_varies():
    """The squared deviations of Poisson counts have mean n m and variance n (m + 2 m^2)."""
    m, n = 0.2, 500
    blocks = effective_blocks(np.ones((n, 1)), np.full(n, m), None, 0)
    rng = np.random.default_rng(6)
    squares = ((rng.poisson(m, (20_000, n)) - m) ** 2).sum(axis=1)
    assert blocks == pytest.approx(2 * squares.mean() ** 2 / squares.var(), rel=0.05)


def test_the_power_of_a_reference_by_drawing():
    rng = np.random.default_rng(7)
    reference = Reference(3, 12.0)
    chi2 = stats.ncx2.rvs(3, 15.0, size=40_000, random_state=rng)
    f = chi2 / 3 / (rng.chisquare(10, 40_000) / 10)
    rejected = (stats.f.sf(f, 3, 10) <= 0.05).mean()
    assert reference.power(15.0, 0.05) == pytest.approx(rejected, abs=0.01)
    assert reference.pvalue(1.0) == pytest.approx(stats.f.sf(10 / 36, 3, 10))


def test_a_contrast_is_the_difference_that_r_computes():
    """b and c of glm(count ~ x + g): difference -0.959690467972, standard error 0.586526969748, p 0.101792371607."""
    result = es.poisson_regression(ROWS, "count ~ x + C(g)", covariance="model")
    found = result.contrast("C(g)[T.b] - C(g)[T.c]")
    assert found.estimate == pytest.approx(-0.959690467972, rel=1e-9)
    assert found.se == pytest.approx(0.586526969748, rel=1e-9)
    assert found.pvalue == pytest.approx(0.101792371607, rel=1e-9)
    assert found.ratio == pytest.approx(np.exp(-0.959690467972))
    assert found.high == pytest.approx(np.exp(-0.959690467972 + 1.959963984540054 * 0.586526969748))
    assert str(found).startswith("C(g)[T.b] - C(g)[T.c]: ratio 0.38 (95% interval 0.12 to 1.21), p 0.102")


def test_a_contrast_is_the_coefficient_of_a_regression_written_in_its_terms():
    table = daily(8)
    cluster = {"covariance": "cluster", "cluster": "year"}
    result = es.poisson_regression(table, "count ~ before + after", **cluster)
    table["sum"] = table["before"] + table["after"]
    other = es.poisson_regression(table, "count ~ before + sum", **cluster)  # before is then before - after
    found = result.contrast("before - after")
    expected = other.irr.loc["before"]
    assert [found.ratio, found.low, found.high, found.pvalue] == pytest.approx(expected.tolist(), rel=1e-8)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a", {"a": 1.0}),
        ("- a + 2*b", {"a": -1.0, "b": 2.0}),
        ("0.5 * a - `b c`", {"a": 0.5, "b c": -1.0}),
        ("a:b - a", {"a:b": 1.0, "a": -1.0}),
        ("a - a + b", {"a": 0.0, "b": 1.0}),
        ("I(a - b) - a", {"I(a - b)": 1.0, "a": -1.0}),
        ("", None),
        ("a b", None),
        ("a * b", None),
        ("a -", None),
        ("a = b", {"a": 1.0, "b": -1.0}),
        ("a == b", {"a": 1.0, "b": -1.0}),
        ("a - 2*b = 0", {"a": 1.0, "b": -2.0, "": 0.0}),
        ("(a + b)/2 - a*3 = `b c`", {"a": -2.5, "b": 0.5, "b c": -1.0}),
        ("2 * (3 * a)", {"a": 6.0}),
        ("a = 1.5", {"a": 1.0, "": -1.5}),
        ("a = b = 0", None),
        ("a = 0, b = 0", None),
        ("a / b", None),
        ("1 / a", None),
        ("a / 0", None),
        ("a / (1 - 1)", None),
        ("(a", None),
        ("a)", None),
        ("= a", None),
        ("2a", None),
        ("a * 1" + "0" * 400, None),
        ("(" * 500 + "a" + ")" * 500, None),
        ("a" + " + a" * 5_000, None),
        ("__import__('os')", None),
    ],
)
def test_a_combination_is_a_sum_of_terms_and_nothing_else(text, found):
    assert read_combination(text, ["a", "b", "b c", "a:b", "I(a - b)"]) == found


def test_contrasts_that_cannot_be_computed_are_named():
    table = daily(9)
    table["never"] = ((table["count"] == 0) & (table["weekday"] == 3)).astype(int)
    result = es.poisson_regression(table, "count ~ before + never", covariance="model")
    with pytest.raises(ModelError, match=r"contrast: no term 'befor'; the terms are Intercept, before"):
        result.contrast("befor - after")
    with pytest.raises(
        ModelError, match="contrast: 'never' has no finite estimate and standard error; leave it out"
    ):
        result.contrast("before - never")


@pytest.mark.slow
def test_joint_tests_with_hac_errors_hold_their_level_where_events_come_in_bursts():
    """By chi-squared about one in six of these tests rejects at 5 %."""
    rng, rejected, n = np.random.default_rng(10), np.zeros(2, int), 60
    period = es.Period("2012-01-01", "2025-01-01")
    for _ in range(n):
        starts = rng.integers(period.start, period.stop - 10, 47)
        events = es.Events(np.unique(np.concatenate([starts, starts + 4, starts + 9])), period)
        anchors = es.Events(rng.integers(period.start, period.stop, 39))
        found = es.lead_lag_regression(events, anchors, max_lag=28)
        rejected += [found.leads_test.pvalue <= 0.05, stats.chi2.sf(found.leads_test.chi2, 8) <= 0.05]
    assert rejected[0] <= stats.binom.ppf(1 - 1e-4, n, 0.05)
    assert rejected[1] > stats.binom.ppf(0.999, n, 0.05)


@pytest.mark.parametrize(
    "factor", ["C(g)", "C(g, Treatment('b'))", "C(g, Sum)", "bs(x, df=3)", "x:C(g)", "g"]
)
def test_a_factor_as_written_in_the_formula_means_all_its_terms(factor):
    rows = pd.concat([ROWS.assign(y=ROWS["y"] + 12 * k, x=ROWS["x"] + k / 7) for k in range(4)])
    result = es.poisson_regression(rows, f"count ~ y + {factor}", covariance="model")
    names = [term for term in result.terms if term not in ("Intercept", "y")]
    assert len(names) > 1
    by_name = result.joint_test(names)
    for given in (factor, [factor], [factor.replace(" ", "").replace("'", '"')]):
        assert result.joint_test(given) == by_name
    with pytest.raises(ModelError, match="each once"):
        result.joint_test([factor, names[0]])


def test_a_factor_does_not_take_in_its_products_or_another_factor():
    rows = pd.concat([ROWS.assign(y=ROWS["y"] + 12 * k, gg=k % 2) for k in range(4)])
    result = es.poisson_regression(rows, "count ~ C(g) + C(gg) + C(g):x", covariance="model")
    assert result.joint_test("C(g)").terms == ("C(g)[T.b]", "C(g)[T.c]")
    assert result.joint_test("C(gg)").terms == ("C(gg)[T.1]",)
    with pytest.raises(ModelError, match=r"no term 'C\(h\)'"):
        result.joint_test("C(h)")


def test_what_names_no_terms_or_cancels_is_refused_in_words():
    events, anchors = es.Events([1, 4, 6, 9], es.Period(0, 10)), es.Events([7])
    table = es.count_table(events, anchors, {"before": es.Window(-4, 0), "after": es.Window(1, 3)})
    result = es.poisson_regression(table, "count ~ before + after", covariance="model")
    for terms in (3, None):
        with pytest.raises(ModelError, match=r"^joint_test: got .*; give a list of terms"):
            result.joint_test(terms)
    for nothing in ("before - before", "0 * before"):
        with pytest.raises(
            ModelError, match=r"^contrast: nothing is left of .*; name terms that do not cancel"
        ):
            result.contrast(nothing)
    with pytest.raises(ModelError, match=r"^predict: the mean of row 1 overflows; give values"):
        result.predict(table.head(1).assign(before=1e6, after=-1e6))


@pytest.mark.parametrize(
    "choice", [{"covariance": "HC0"}, {"covariance": "HC1"}, {"covariance": "cluster", "cluster": "h"}]
)
def test_levels_without_any_residual_have_no_error_between_them(choice):
    """Counts of b are all 2 and those of c all 5, so no row says how far their ratio may be wrong: it is not p = 1."""
    table = pd.DataFrame(
        {"count": [1, 3, 2, 4, *[2] * 4, *[5] * 4], "g": [*"aaaabbbbcccc"], "h": [*"xyzw"] * 3}
    )
    result = es.poisson_regression(table.assign(days=1), "count ~ g", **choice)
    with pytest.raises(
        ModelError, match=r"contrast: the error of 'g.T.b. = g.T.c.' cannot be told from rounding"
    ):
        result.contrast("g[T.b] = g[T.c]")
    with pytest.raises(ModelError, match="predict: the error of row 2 cannot be told from rounding"):
        result.predict(pd.DataFrame({"g": ["a", "b"], "days": 1}))
    assert result.contrast("g[T.b]").pvalue == result.irr.loc["g[T.b]", "pvalue"]
