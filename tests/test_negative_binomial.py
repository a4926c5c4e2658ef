"""Negative binomial regression against other programs' likelihoods and against planted values."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.errors import ModelError
from eventstudy.numeric.likelihoods import negative_binomial_loglik


def gamma_counts(rng, n=400, alpha=0.8, ratio=2.0):
    """Weekly counts with gamma rates: negative binomial by construction."""
    x = (rng.random(n) < 0.3).astype(int)
    mean = 2.0 * ratio**x
    rates = rng.gamma(1 / alpha, alpha * mean)
    start = pd.date_range("2010-01-04", periods=n, freq="7D")
    return pd.DataFrame({"start": start, "days": 7, "count": rng.poisson(rates), "x": x, "year": start.year})


def test_the_likelihood_is_that_of_scipy():
    rng = np.random.default_rng(1)
    y, mu = rng.poisson(3.0, 50).astype(float), rng.random(50) * 5 + 0.1
    for alpha in (1e-6, 0.3, 4.0):
        expected = stats.nbinom.logpmf(y, 1 / alpha, 1 / (1 + alpha * mu)).sum()
        assert negative_binomial_loglik(y, mu, alpha) == pytest.approx(expected, rel=1e-7)
    assert negative_binomial_loglik(y, mu, 0.0) == pytest.approx(stats.poisson.logpmf(y, mu).sum())
    assert negative_binomial_loglik(y, mu, 1e-12) == pytest.approx(
        stats.poisson.logpmf(y, mu).sum(), rel=1e-9
    )


def test_estimates_alpha_and_likelihood_agree_with_another_optimiser():
    from statsmodels.api import GLM, NegativeBinomial, families

    table = gamma_counts(np.random.default_rng(2))
    result = es.negative_binomial_regression(table, "count ~ x + C(year)", covariance="model")
    other = NegativeBinomial(table["count"], result.design.matrix, offset=np.log(table["days"])).fit(
        disp=0, maxiter=500, gtol=1e-8
    )
    np.testing.assert_allclose(result.estimates, other.params[:-1], atol=2e-5)
    assert result.alpha == pytest.approx(other.params.iloc[-1], rel=1e-4)
    assert result.loglik == pytest.approx(other.llf, abs=1e-6)
    given = GLM(
        table["count"],
        result.design.matrix,
        family=families.NegativeBinomial(alpha=result.alpha),
        offset=np.log(table["days"]),
    ).fit(tol=1e-12)
    np.testing.assert_allclose(result.coefficients["se"], given.bse, rtol=1e-6)
    np.testing.assert_allclose(result.model.params, result.estimates, atol=1e-6)
    assert result.dispersion == pytest.approx(given.pearson_chi2 / given.df_resid)


def test_poisson_counts_get_alpha_zero_or_no_evidence_and_poisson_estimates():
    rng = np.random.default_rng(3)
    table = gamma_counts(rng)
    table["count"] = [0, 1, 1, 2] * 100  # less than Poisson
    result = es.negative_binomial_regression(table, "count ~ x")
    poisson = es.poisson_regression(table, "count ~ x")
    assert (result.alpha, result.alpha_pvalue) == (0.0, 1.0)
    np.testing.assert_allclose(result.irr, poisson.irr, rtol=1e-9)


def test_the_test_of_poisson_is_half_a_chi_squared():
    table = gamma_counts(np.random.default_rng(4), alpha=0.1)
    result = es.negative_binomial_regression(table, "count ~ x")
    poisson = es.poisson_regression(table, "count ~ x")
    gain = 2 * (result.loglik - poisson.loglik)
    assert result.alpha_pvalue == pytest.approx(stats.chi2.sf(gain, 1) / 2, rel=1e-6)
    assert f"mean + {result.alpha:.3g} mean squared" in result.summary()


def test_a_window_without_events_is_reported_as_such():
    table = gamma_counts(np.random.default_rng(5))
    table.loc[table["x"] == 1, "count"] = 0
    result = es.negative_binomial_regression(table, "count ~ x", covariance="model")
    row = result.irr.loc["x"]
    assert row["irr"] == 0.0
    assert 0 < row["high"] < 0.2
    assert "no event in" in result.notes[0]
    # with rates that vary, no event says less than it does under Poisson
    assert row["high"] > es.poisson_regression(table, "count ~ x", covariance="HC0").irr.loc["x", "high"]


def test_counts_must_be_whole():
    table = gamma_counts(np.random.default_rng(6))
    with pytest.raises(ModelError, match="the counts are not all whole numbers; use poisson_regression"):
        es.negative_binomial_regression(table.assign(count=table["count"] / 2), "count ~ x")


@pytest.mark.slow
def test_intervals_cover_the_planted_ratio_and_alpha_is_recovered():
    rng, n, covered, alphas = np.random.default_rng(7), 100, 0, []
    for _ in range(n):
        result = es.negative_binomial_regression(gamma_counts(rng), "count ~ x", covariance="model")
        covered += result.low[1] <= 2.0 <= result.high[1]
        alphas.append(result.alpha)
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], n, 0.95)
    assert low <= covered <= high
    assert np.mean(alphas) == pytest.approx(0.8, abs=0.05)
