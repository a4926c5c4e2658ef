"""Formulas: the columns that formulaic makes too, and nothing beyond the table."""

from __future__ import annotations

import builtins
import time

import formulaic
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.errors import ModelError
from eventstudy.formula_columns import model_matrix
from eventstudy.formula_text import read_formula
from eventstudy.formulas import read_design

SMALL = pd.DataFrame(
    {
        "y": [1.0, 2, 3, 4, 5, 6, 7, 9],
        "x": [1.0, 2, 4, 8, 16, 3, 5, 7.5],
        "a": list("uvwuvwuv"),
        "b": [1, 1, 2, 2, 1, 2, 2, 1],
        "c": [True, False] * 4,
        "d": pd.date_range("2020", periods=8),
    }
)


def columns(formula, table=SMALL):
    _, terms = read_formula(formula, list(table.columns), "here")
    matrix = model_matrix(table, terms, "here")
    return list(matrix.names), matrix.values


def table(**more):
    """Return 60 days with an event on every third."""
    days = np.arange(60)
    t = pd.DataFrame(
        {"days": 1, "count": (days % 3 == 0).astype(int), "x": np.sin(days), "z": np.cos(days * days)}
    )
    return t.assign(year=2020 + days // 30, **more)


@pytest.mark.parametrize(
    "terms",
    [
        "1", "0 + a", "C(a)", "C(a) - 1", "-1 + x", "x + 0 + C(b):a", "a:b", "x:a", "a * C(b)", "a * C(b) * x",
        "a * C(b) * C(c) - a", "a:C(b):C(c)", "a:C(b) + C(b):C(c)", "C(b):C(a) + C(a)", "x + a:x", "a:x + a", "a / x",
        "x / a", "(a + b) / x", "(a + b + x) ** 2 - a:b", "(x + b) ^ 2", "x ^ 3", "x * b * a * c", "x:a:b + C(b)",
        "1 + x - x + b", "c", "C(c)", "C(d)", "`x`", "I(x**2) + I(x>2)", "I(2*-x) + I(-x**2) + I((-x)**2)",
        "I(-x*(b+1)/2)", "I(x - (b - 1))", "center(x) + scale(x) + np.log(x) + log(x)",
        "np.maximum(x, b) + exp(-x/10)", "I(a=='u')", "I((x > 2) & (b == 1))", "I(d>'2020-01-03')",
        "C(a, Treatment('v'))", "C(a, contr.treatment(base='v'))", "C(a, contr.sum)", "0 + C(a, contr.sum)",
        "poly(x, 2)", "poly(x, degree=5)", "bs(x, df=4)", "bs(x, df=5, degree=2)", "bs(x, df=4):a", "bs(x)",
    ],
)  # fmt: skip
def test_formulaic_makes_the_same_columns_with_the_same_names(terms):
    theirs = formulaic.Formula(f"y ~ {terms}").get_model_matrix(SMALL, context={}, output="pandas").rhs
    names, values = columns(f"y ~ {terms}")
    assert names == list(theirs.columns)
    theirs = theirs.to_numpy(float)
    if "bs" in terms:  # by other B-spline code: the last digit may differ
        np.testing.assert_allclose(values, theirs, rtol=1e-13, atol=1e-15)
    else:
        assert np.array_equal(values, theirs)


FACTORS = st.sampled_from(["a", "C(b)", "C(c)", "x", "b", "I(x ** 2)"])
INTERACTIONS = st.lists(FACTORS, min_size=1, max_size=3).map(":".join)
SUMS = st.tuples(
    st.sampled_from(["", "0 + ", "-1 + "]), st.lists(INTERACTIONS, min_size=1, max_size=4).map(" + ".join)
)


@given(SUMS)
def test_categories_lose_a_level_exactly_where_formulaic_takes_one(given_terms):
    formula = "y ~ " + "".join(given_terms)
    theirs = formulaic.Formula(formula).get_model_matrix(SMALL, context={}, output="pandas").rhs
    names, values = columns(formula)
    assert names == list(theirs.columns)
    assert np.array_equal(values, theirs.to_numpy(float))


CODE = [
    "count ~ x + {x.to_csv('made.txt')}",
    "count ~ x + I(x.to_csv('made.txt'))",
    "count ~ x.to_csv('made.txt')",
    "count ~ np.ctypeslib.ctypes._os.system('touch made.txt')",
    "count ~ np.fromfile('/etc/hostname')",
    "count ~ np.savetxt('made.txt', x)",
    "count ~ __import__('os').system('touch made.txt')",
    "count ~ I(open('made.txt', 'w'))",
    "count ~ I([y for y in x])",
    "count ~ I((lambda: 1)())",
    "count ~ I(x.__class__)",
    "count ~ C(x, contrasts=open('made.txt', 'w'))",
    "count ~ poly(x, degree=open('made.txt', 'w'))",
    "count ~ x; import os",
    "x.to_csv('made.txt') ~ z",
]


@pytest.mark.parametrize("formula", CODE)
def test_a_formula_runs_no_code(formula, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    t = table()
    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(builtins, name, lambda *_, **__: pytest.fail("text was run as Python"))
    with pytest.raises(ModelError) as caught:
        read_design(t, formula, "here")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


ENDLESS = [
    ("I(9**9**9)", "is not finite on every row"),
    ("I(x * " + "9" * 1_900 + ")", "a number has 1,900 digits"),
    ("I(x * 1e308 * 10)", "is not finite on every row"),
    ("poly(x, 99999)", "degree is a whole number from 1 to 20 here"),
    ("bs(x, df=99999)", "df is a whole number from 1 to 20 here"),
    ("(x + z + year)**25", "a sum of terms takes a whole power from 1 to 6"),
    ("(x + z)**(2 + x)", "a sum of terms takes a whole power from 1 to 6"),
    ("x**z", "a sum of terms takes a whole power from 1 to 6"),
    (" * ".join(f"C(year, Treatment({n}))" for n in range(12)), "more than 6 factors in a term"),
    ("(" * 60 + "x" + ")" * 60, "it is nested too deeply"),
    ("I(" * 60 + "x" + ")" * 60, "it is nested too deeply"),
    ("-" * 60 + "x", "it is nested too deeply"),
    ("I(" + "x+" * 300 + "x)", "it has more than 100 operators"),
    ("x" + ":x" * 300, "it has more than 100 operators"),
    ("x" + " " * 3_000, "3,009 characters and 2,000 are read"),
    ("C(number)", "it has 600 levels"),
    ("C(hundred):C(ten)", "makes more than 500 columns"),
]


@pytest.mark.parametrize(("terms", "message"), ENDLESS)
def test_a_formula_without_end_is_refused_at_once(terms, message):
    t = pd.concat([table()] * 10, ignore_index=True)
    t = t.assign(number=np.arange(600), hundred=np.arange(600) % 100, ten=np.arange(600) // 60)
    began = time.process_time()
    with pytest.raises(ModelError) as caught:
        read_design(t, f"count ~ {terms}", "here")
    assert message in str(caught.value)
    assert len(str(caught.value)) < 1_000
    assert time.process_time() - began < 2


@given(st.text(alphabet="countxz~+-*/:^|&()<>=!,.`'\"I C9[]{}\\é\n\x1b", max_size=60), st.booleans())
def test_any_text_is_a_design_or_one_clear_line(text, begins):
    said = "here: "
    try:
        read_design(table(), f"count ~ {text}" if begins else text, "here")
    except ModelError as error:
        said = str(error)
    assert said.startswith("here: ")
    assert said.isprintable()


@pytest.mark.parametrize(
    "name", ["gdp growth", "gdp.growth", "2nd", "gdp-growth", "in", "C", "I", "T", "é", "a'b"]
)
def test_a_column_of_any_name_is_read_in_back_quotes(name):
    t = table(**{name: np.arange(60) % 7})
    design = read_design(t, f"count ~ `{name}`", "here")
    assert design.terms == ("Intercept", name)
    assert np.array_equal(design.matrix[:, 1], t[name])
    assert design.columns == ("days", "count", name)


def test_a_name_may_be_quoted_by_q_inside_a_calculation_and_with_a_dot_not_at_all():
    t = table(**{"gdp growth": np.arange(60) % 7, "gdp.growth": np.arange(60) % 5})
    design = read_design(t, "count ~ I(Q('gdp growth') + gdp.growth) + C(`gdp growth`):x", "here")
    assert np.array_equal(design.matrix[:, 1], t["gdp growth"] + t["gdp.growth"])
    assert design.reads[1] == {"gdp growth", "gdp.growth"}
    assert design.terms[2] == "C(gdp growth)[0]:x"


def test_a_window_may_bear_the_name_of_a_function():
    events = es.Events([400, 410, 700, 1000], es.Period(365, 1096))
    t = es.count_table(events, es.Events([415, 705]), {"C": es.Window(-9, 0), "T": es.Window(1, 9)})
    result = es.poisson_regression(t, "count ~ C + C(year)", covariance="model")
    assert result.terms[:2] == ("Intercept", "C")
    moved = (
        es.coefficient_randomization_test
        if hasattr(es, "coefficient_randomization_test")
        else es.randomization_test
    )
    test = moved(
        events, es.Events([415, 705]), {"C": es.Window(-9, 0), "T": es.Window(1, 9)}, "count ~ C + T + C(year)", "C",
        es.CircularShift(), rng=1, n_resamples=9,
    )  # fmt: skip
    assert test.term == "C"


def test_a_level_that_no_row_has_is_left_out():
    side = np.where(np.arange(60) < 20, "b", "c")
    plain = read_design(table(side=side), "count ~ C(side)", "here")
    kept = read_design(table(side=pd.Categorical(side, ["a", "b", "c", "d"])), "count ~ C(side)", "here")
    assert kept.terms == plain.terms == ("Intercept", "C(side)[T.c]")
    assert np.array_equal(kept.matrix, plain.matrix)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (
            "log(count + 1) ~ x",
            "the left side is log(count + 1), and counts are fitted as they stand in a column",
        ),
        ("side ~ x", "the response 'side' holds no numbers"),
        ("count ~ x + 2:z", "2 is not a term; calculate inside I(), such as I(2 * before)"),
        ("count ~ gdp growth", "'growth' cannot stand there"),
        ("count ~ x | z", "'|' cannot stand there"),
        (
            "count ~ nothing + `x y`",
            "the table has no column 'nothing', 'x y'; the columns are days, count, x",
        ),
        ("count ~ I(side)", "column 'side' holds text; write C(side)"),
        ("count ~ I(side < 'b')", "text has no order; use == or !="),
        ("count ~ I(start > '2020-02-30')", "'2020-02-30' is not a date; write YYYY-MM-DD"),
        ("count ~ log(x, 2)", "log takes 1 argument"),
        ("count ~ expit(x)", "'expit' is not one of the functions of formulas: abs, bs, C, ceil"),
        ("count ~ log(poly(x, 2))", "poly() makes several columns, so it must be a term of its own"),
        ("count ~ C(year, Treatment(1))", "the level 1 is not among 2020, 2021"),
        ("count ~ C(year, Helmert)", "the table has no column 'Helmert'"),
        ("count ~ C(year, contr.helmert())", "contrasts are Treatment('level') or Sum"),
        ("count ~ `x:z` + x:z", "two terms are called 'x:z'; rename the column of the table"),
    ],
)
def test_what_a_formula_cannot_say_is_refused_with_the_fix(formula, message):
    t = table(side=["a", "b"] * 30, start=pd.date_range("2020", periods=60), **{"x:z": 1.0})
    with pytest.raises(ModelError) as caught:
        read_design(t, formula, "here")
    assert message in str(caught.value)


def test_a_column_that_stands_twice_is_named():
    t = table()
    with pytest.raises(ModelError, match="the column 'x' appears twice in the table; keep one"):
        read_design(pd.concat([t, t[["x"]]], axis=1), "count ~ x", "here")


def test_a_response_on_both_sides_and_complex_numbers_are_refused():
    table = pd.DataFrame({"count": [0, 1, 0, 2], "days": 1, "before": [0, 1, 0, 1]})
    for formula in ("count ~ count", "count ~ before + log(count + 1)"):
        with pytest.raises(ModelError, match="'count' stands on both sides of the formula"):
            es.poisson_regression(table, formula, covariance="HC1")
    for name in ("count", "days", "before"):
        with pytest.raises(ModelError, match="a column holds complex numbers; give real ones"):
            es.poisson_regression(
                table.assign(**{name: table[name] + 1j}), "count ~ before", covariance="HC1"
            )


@pytest.mark.parametrize("formula", ["count ~ 0", "count ~ -1", "count ~ before - before - 1"])
def test_a_formula_without_a_term_is_refused(formula):
    """`count ~ 0` was fitted, and its summary ended in an IndexError."""
    table = pd.DataFrame({"count": [0, 1, 0, 2], "days": 1, "before": [0, 1, 0, 1]})
    with pytest.raises(ModelError, match="the formula has no term to fit; name a column on its right"):
        es.poisson_regression(table, formula, covariance="HC1")
