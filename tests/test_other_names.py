"""Names of other packages: criteria of a likelihood are theirs, other names are answered with the name here."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.discrete.discrete_model import NegativeBinomial

import eventstudy as es
from eventstudy.results.base import Result
from eventstudy.results.other_names import OTHER_NAMES

PERIOD = es.Period("2012-01-01", "2016-01-01")
WINDOWS = {"before": es.Window(-14, 0), "after": es.Window(1, 15)}
_RNG = np.random.default_rng(5)
EVENTS = es.Events(_RNG.choice(PERIOD.days, 200), PERIOD)
ANCHORS = es.Events(_RNG.choice(PERIOD.days, 20, replace=False))
TABLE = es.count_table(EVENTS, ANCHORS, WINDOWS)
POISSON = es.poisson_regression(TABLE, "count ~ before + after")
TEST = es.permutation_test(EVENTS, ANCHORS, es.WindowCount(WINDOWS["before"]), es.CircularShift())


def design(columns):
    return sm.add_constant(TABLE[columns].astype(float))


# Criteria of a likelihood


@pytest.mark.parametrize("covariance", ["model", "HAC", "HC3"])
def test_criteria_of_a_poisson_model_are_those_of_statsmodels_whatever_the_errors(covariance):
    ours = es.poisson_regression(TABLE, "count ~ before + after", covariance=covariance)
    theirs = sm.GLM(TABLE["count"], design(["before", "after"]), family=sm.families.Poisson()).fit()
    assert (ours.aic, ours.bic) == pytest.approx((theirs.aic, theirs.bic_llf), rel=1e-10)
    assert ours.loglik == pytest.approx(theirs.llf, rel=1e-10)


def test_the_variance_of_a_negative_binomial_model_counts_as_a_parameter():
    rng = np.random.default_rng(8)
    table = pd.DataFrame({"x": np.tile([0.0, 1.0], 150), "days": 1.0})
    table["count"] = rng.negative_binomial(1.5, 0.4, 300)
    ours = es.negative_binomial_regression(table, "count ~ x", covariance="model")
    theirs = NegativeBinomial(table["count"], sm.add_constant(table["x"])).fit(disp=False)
    assert ours.alpha > 0.1
    assert (ours.aic, ours.bic) == pytest.approx((theirs.aic, theirs.bic), rel=1e-6)


def test_a_term_without_a_finite_estimate_counts_as_a_parameter():
    """As in R: AIC(glm(count ~ x, poisson)) of counts 0 0 1 2 with x 1 1 0 0 is 2 * 2 - 2 loglik at its supremum."""
    table = pd.DataFrame({"count": [0, 0, 1, 2, 1], "x": [1, 1, 0, 0, 0], "days": 1.0})
    result = es.poisson_regression(table, "count ~ x", covariance="model")
    mean = 4 / 3
    loglik = 4 * np.log(mean) - 3 * mean - np.log(2)
    assert np.isneginf(result.estimates[1])
    assert result.aic == pytest.approx(4 - 2 * loglik)


def test_a_hurdle_has_the_criterion_of_both_parts():
    table = TABLE.assign(count=np.minimum(TABLE["count"] * (1 + (np.arange(len(TABLE)) % 3 == 0)), 9))
    result = es.hurdle_regression(table, "count ~ before")
    assert result.aic == pytest.approx(2 * 4 - 2 * result.loglik)
    assert not hasattr(result, "bic")


def test_what_has_no_likelihood_has_no_criterion_and_says_why():
    quasi = es.poisson_regression(TABLE, "count ~ before", covariance="quasi")
    parts = es.poisson_regression(TABLE.assign(count=TABLE["count"] / 2), "count ~ before", covariance="HC0")
    inside = es.conditional_poisson_regression(TABLE, "count ~ before", strata="month", covariance="model")
    for name in ("aic", "bic"):
        with pytest.raises(AttributeError, match=f"a quasi-likelihood has no {name}; compare fits with"):
            getattr(quasi, name)
        with pytest.raises(AttributeError, match=f"not all whole have no likelihood, and so no {name}"):
            getattr(parts, name)
    assert inside.aic == pytest.approx(2 - 2 * inside.loglik)
    with pytest.raises(AttributeError, match=r"the rows are not the observations, .*; compare \.aic"):
        _ = inside.bic
    assert not hasattr(TEST, "aic")


# Other names


@pytest.mark.parametrize(
    ("result", "habit", "name"),
    [
        (POISSON, "llf", ".loglik"),
        (POISSON, "nobs", ".n"),
        (POISSON, "params", ".coefficients['coefficient']"),
        (POISSON, "bse", ".coefficients['se']"),
        (
            POISSON,
            "conf_int",
            ".tidy()[['conf_low', 'conf_high']] (logarithms, as in statsmodels; irr has the limits of the ratios)",
        ),
        *[
            (
                POISSON,
                habit,
                ".contrast('before = after') and .joint_test(['before', 'after']) "
                "(one equation; several terms that are all zero)",
            )
            for habit in ("t_test", "wald_test", "f_test")
        ],
        (POISSON, "scale", ".dispersion (Pearson's, of the fit; statsmodels' scale of a Poisson fit is 1)"),
        (
            es.lead_lag_regression(EVENTS, ANCHORS, leads=2, lags=2),
            "conf_int",
            ".regression.tidy()[['conf_low', 'conf_high']] "
            "(logarithms, as in statsmodels; irr has the limits of the ratios)",
        ),
        (POISSON, "df_resid", ".n - .n_parameters"),
        (POISSON, "p_value", ".irr['pvalue']"),
        (TEST, "p_value", ".pvalue"),
        (TEST, "pvalues", ".pvalue"),
        (TEST, "nobs", ".n_events"),
        (es.rate_ratio(EVENTS, ANCHORS, WINDOWS["before"]), "conf_int", ".low and .high"),
        (
            es.lead_lag_regression(EVENTS, ANCHORS, leads=2, lags=2),
            "params",
            ".regression.coefficients['coefficient']",
        ),
        (es.lead_lag_regression(EVENTS, ANCHORS, leads=2, lags=2), "aic", ".regression.aic"),
    ],
)
def test_a_name_of_another_package_is_answered_with_the_name_here(result, habit, name):
    assert not hasattr(result, habit)
    with pytest.raises(AttributeError) as caught:
        getattr(result, habit)
    assert str(caught.value) == f"{type(result).__name__}: {habit} is not a name here; write {name}"


@pytest.mark.parametrize("habit", OTHER_NAMES)
def test_what_is_advised_can_be_typed(habit):
    rows = TABLE.head(2)
    for result in (POISSON, TEST):
        try:
            getattr(result, habit)
        except AttributeError as error:
            if "write " in str(error):
                text = (
                    str(error)
                    .partition("write ")[2]
                    .partition(" (")[0]
                    .replace(" and .", ", result.")
                    .replace(" .", " result.")
                )
                eval(f"result{text}", {"result": result, "rows": rows})


def test_the_names_for_what_statsmodels_gives_have_its_values():
    ours = es.poisson_regression(TABLE, "count ~ before + after", covariance="model")
    theirs = sm.GLM(TABLE["count"], design(["before", "after"]), family=sm.families.Poisson()).fit()
    np.testing.assert_allclose(ours.tidy()[["conf_low", "conf_high"]], theirs.conf_int(), rtol=1e-6)
    np.testing.assert_allclose(ours.residuals, theirs.resid_pearson, rtol=1e-6)
    np.testing.assert_allclose(ours.dispersion, theirs.pearson_chi2 / theirs.df_resid)
    assert theirs.scale == 1
    with pytest.raises(
        AttributeError, match=r"residuals \(Pearson residuals: counts minus fitted, over the root"
    ):
        _ = ours.resid
    for name in ("deviance", "cov_type", "test"):
        with pytest.raises(
            AttributeError, match="with model-based standard errors, whatever `covariance` is here"
        ):
            getattr(ours, name)


def test_other_missing_names_are_missing_as_in_any_class():
    with pytest.raises(AttributeError, match=r"^'PermutationResult' object has no attribute 'colour'$"):
        _ = TEST.colour
    with pytest.raises(
        AttributeError, match=r"attribute 'deviance'; \.model is the same regression, fitted by"
    ):
        _ = POISSON.deviance
    assert not hasattr(POISSON, "_repr_png_")


def test_results_are_copied_and_pickled_as_before():
    for result in (
        POISSON,
        TEST,
        POISSON.contrast("before = after"),
        POISSON.joint_test(["before", "after"]),
    ):
        assert pickle.loads(pickle.dumps(result)) == result
        assert copy.deepcopy(result) == result


# Effects are results


@pytest.mark.parametrize(
    ("effect", "begins"),
    [
        (POISSON.contrast("before = after"), "before = after: ratio "),
        (POISSON.joint_test(["before", "after"]), "before, after: F "),
        (POISSON.extra_per_anchor("before"), "before: 0."),
    ],
)
def test_an_effect_shows_and_cites_itself_and_stands_in_tables(effect, begins):
    assert isinstance(effect, Result)
    assert str(effect).startswith(begins)
    assert begins in repr(effect)
    assert begins in effect._repr_html_()
    assert effect.tidy().shape == (1, 7)
    assert effect.provenance.call.startswith(f"{POISSON.provenance.call}.")
    call = effect.provenance.call.removeprefix(POISSON.provenance.call)
    assert eval(f"result{call}", {"result": POISSON}) == effect
    table = es.results_table([POISSON, effect], ["all", "one"])
    assert f"Poisson regression, {effect._method()}" in table.to_csv()


def test_a_contrast_has_the_names_of_broom():
    """statsmodels, t_test("before = after") of the same model."""
    theirs = sm.GLM(TABLE["count"], design(["before", "after"]), family=sm.families.Poisson()).fit()
    theirs = theirs.t_test("before = after").summary_frame()
    ours = es.poisson_regression(TABLE, "count ~ before + after", covariance="model").contrast(
        "before = after"
    )
    (row,) = ours.tidy().itertuples()
    assert [
        row.estimate,
        row.std_error,
        row.statistic,
        row.p_value,
        row.conf_low,
        row.conf_high,
    ] == pytest.approx(theirs.to_numpy()[0].tolist(), rel=1e-6)
    (ratio,) = ours.tidy(exponentiate=True).itertuples()
    assert (ratio.term, ratio.estimate, ratio.std_error) == ("before = after", ours.ratio, ours.se)


@pytest.mark.parametrize("text", ["before - 2*after = 0", "before = 2 * after", "(before - 2*after)/1 == 0"])
def test_an_equation_is_its_left_side_minus_its_right_side(text):
    plain = POISSON.contrast("before - 2*after")
    assert POISSON.contrast(text).tidy().drop(columns="term").equals(plain.tidy().drop(columns="term"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("before = 1", "'before = 1' compares with a number, and coefficients are logarithms of rate ratios; write"),
        ("before + 0.5", "compares with a number"),
        ("before = 0, after = 0", "write one sum of terms such as 'before - after', or one equation such"),
        ("before = before", "nothing is left of 'before = before'; name terms that do not cancel"),
        ("0 = 0", "nothing is left"),
        (["before", "after"], "cannot read"),
        ("before ~ after", "cannot read"),
    ],
)  # fmt: skip
def test_other_hypotheses_are_refused_in_one_line(text, said):
    with pytest.raises(es.EventStudyError) as caught:
        POISSON.contrast(text)
    assert str(caught.value).startswith("contrast: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [POISSON.summary(), POISSON.cite(), POISSON.cite("bibtex"), es.cite()])
def test_a_text_at_the_end_of_a_cell_is_shown_as_it_is_printed(text):
    assert isinstance(text, str)
    assert repr(text) == str(text)
    assert "\n" in repr(text)
