"""Hurdle regression against statsmodels, crude rates, and planted ratios."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.errors import ModelError
from eventstudy.regression.hurdle import EventDays, PositiveCounts


def salvos(rng, days=1500, more_days=1.0, more_each=1.0):
    """Salvos at rate 0.15 a day, of 1 + truncated sizes with rate 1.5; both may rise on a fifth of the days."""
    x = (rng.random(days) < 0.2).astype(int)
    any_event = rng.random(days) < -np.expm1(-0.15 * more_days**x)
    rate = 1.5 * more_each**x
    # a Poisson count that is not zero, by inverting its distribution function
    zero = stats.poisson.cdf(0, rate)
    sizes = stats.poisson.ppf(zero + (1 - zero) * rng.random(days), rate)
    start = pd.date_range("2015-01-01", periods=days)
    return pd.DataFrame(
        {"start": start, "days": 1, "count": np.where(any_event, sizes, 0), "x": x, "year": start.year}
    )


def test_both_parts_agree_with_statsmodels():
    table = salvos(np.random.default_rng(1))
    result = es.hurdle_regression(table, "count ~ x + C(year)", covariance="model")
    for part in (result.day, result.size):
        other = part.model
        np.testing.assert_allclose(part.estimates, other.params, atol=2e-5)
        np.testing.assert_allclose(
            part.coefficients["se"], other.bse, rtol=2e-2 if part is result.size else 1e-5
        )
        assert part.loglik == pytest.approx(other.llf, abs=1e-6)


def test_the_errors_of_sizes_are_those_of_the_expected_information():
    """Numerical second derivatives at counts replaced by their expectation."""
    table = salvos(np.random.default_rng(2))
    part = es.hurdle_regression(table, "count ~ x", covariance="model").size
    x, mean = part.design.matrix, part.fitted

    def loglik(beta):
        eta = x @ beta
        return (mean * eta - np.exp(eta) - np.log(-np.expm1(-np.exp(eta)))).sum()

    h, k = 1e-4, 2
    hessian = np.empty((k, k))
    for i in range(k):
        for j in range(k):
            a, b = np.eye(k)[i] * h, np.eye(k)[j] * h
            beta = part.estimates
            hessian[i, j] = (
                loglik(beta + a + b) - loglik(beta + a - b) - loglik(beta - a + b) + loglik(beta - a - b)
            ) / (4 * h * h)
    np.testing.assert_allclose(part.covariance_matrix, np.linalg.inv(-hessian), rtol=1e-4)


def test_one_factor_gives_the_ratio_of_the_rates_of_salvos_and_matches_the_mean_size():
    table = salvos(np.random.default_rng(3), more_days=2.0)
    result = es.hurdle_regression(table, "count ~ x")
    share = (table["count"] > 0).groupby(table["x"]).mean()
    assert result.day.irr.loc["x", "irr"] == pytest.approx(np.log1p(-share[1]) / np.log1p(-share[0]))
    sizes = table.loc[table["count"] > 0].groupby("x")["count"].mean()
    np.testing.assert_allclose(np.unique(result.size.fitted), np.sort(sizes.to_numpy()), rtol=1e-8)
    assert result.loglik == result.day.loglik + result.size.loglik


@pytest.mark.parametrize("counts", [EventDays(), PositiveCounts()])
def test_slope_and_variance_of_a_likelihood_by_differences(counts):
    rng = np.random.default_rng(4)
    eta = rng.normal(-0.5, 1.0, 40)
    mean = counts.state(np.ones(40), eta).mean
    y = (
        (rng.random(40) < mean).astype(float)
        if isinstance(counts, EventDays)
        else rng.integers(1, 6, 40) * 1.0
    )
    h = 1e-5
    for k in range(40):
        step = np.eye(40)[k] * h
        up, down = counts.state(y, eta + step).loglik, counts.state(y, eta - step).loglik
        assert counts.state(y, eta).slope[k] == pytest.approx((up - down) / (2 * h), abs=1e-5)
        shift = (counts.state(y, eta + step).mean[k] - counts.state(y, eta - step).mean[k]) / (2 * h)
        weight = counts.state(y, eta).weights[k]
        # information is the squared slope of the mean over the variance
        assert weight == pytest.approx(shift**2 / counts.variance(mean)[k], rel=1e-6)


def test_tiny_rates_keep_their_digits():
    eta = np.array([-40.0, -12.0, -9.21, 0.0, 3.0])
    rate = np.exp(eta)
    state = PositiveCounts().state(np.ones(5), eta)
    np.testing.assert_allclose(state.mean[:3], 1 + rate[:3] / 2, rtol=1e-8)
    np.testing.assert_allclose(state.weights[:3], rate[:3] / 2, rtol=1e-4)
    np.testing.assert_allclose(
        state.loglik, stats.poisson.logpmf(1, rate).sum() - np.log(-np.expm1(-rate)).sum()
    )
    np.testing.assert_allclose(EventDays().state(np.ones(5), eta).slope[:2], 1.0, rtol=1e-4)


def test_a_window_without_events_or_without_a_salvo_is_reported_as_such():
    table = salvos(np.random.default_rng(5))
    none = table.assign(count=table["count"].where(table["x"] == 0, 0))
    day = es.hurdle_regression(none, "count ~ x", size_formula="count ~ 1").day
    assert day.irr.loc["x", "irr"] == 0
    assert 0 < day.irr.loc["x", "high"] < 1
    assert "no event in" in day.notes[0]
    assert day.extra_per_anchor("x", n_anchors=1).extra == pytest.approx(
        -(none["x"].sum() * (none.loc[none["x"] == 0, "count"] > 0).mean())
    )
    single = table.assign(count=table["count"].where(table["x"] == 0, table["count"].clip(upper=1)))
    size = es.hurdle_regression(single, "count ~ x").size
    assert size.irr.loc["x", "irr"] == 0
    assert "never more than one event in" in size.notes[0]
    assert size.fitted[size.design.matrix[:, 1] == 1].max() == 1


def test_extra_days_with_events_per_anchor_by_hand():
    table = salvos(np.random.default_rng(6), more_days=2.0)
    day = es.hurdle_regression(table, "count ~ x").day
    share = (table["count"] > 0).groupby(table["x"]).mean()
    extra = day.extra_per_anchor("x", n_anchors=10)
    assert extra.extra == pytest.approx((share[1] - share[0]) * table["x"].sum() / 10)
    with pytest.raises(
        ModelError, match=r"sizes are given that there is an event; use \.day\.extra_per_anchor"
    ):
        es.hurdle_regression(table, "count ~ x").size.extra_per_anchor("x")


def test_summary_frame_and_picture():
    import matplotlib

    matplotlib.use("Agg")
    result = es.hurdle_regression(
        salvos(np.random.default_rng(7)), "count ~ x + C(year)", size_formula="count ~ x"
    )
    text = result.summary()
    assert "Days with events, count" in text
    assert f"{result.day.n_events} days with events in 1,500 days" in text
    assert f"{result.size.n_events} events in {result.day.n_events} days" in text
    assert "Events on days with events, count" in text
    assert result.to_frame()["part"].value_counts().to_dict() == {"day": len(result.day.terms), "size": 2}
    labels = [tick.get_text() for tick in result.plot().get_yticklabels()]
    assert labels == ["x (any)", "x (how many)"]
    matplotlib.pyplot.close("all")


def test_errors_name_the_fix():
    table = salvos(np.random.default_rng(8))
    with pytest.raises(ModelError, match="no day has two events, so there are no sizes"):
        es.hurdle_regression(table.assign(count=table["count"].clip(upper=1)), "count ~ x")
    with pytest.raises(ModelError, match=r"some rows have more; use count_table\(..., freq='D'\)"):
        es.hurdle_regression(table.assign(days=7), "count ~ x")
    with pytest.raises(ModelError, match="not all whole numbers"):
        es.hurdle_regression(table.assign(count=table["count"] / 2), "count ~ x")
    with pytest.raises(ModelError, match="days with events: 'z' is 0 on every row"):
        es.hurdle_regression(
            table.assign(z=(table["count"] == 0) & (table["x"] == 1)).astype({"z": int}), "count ~ z"
        )


@pytest.mark.slow
def test_planted_ratios_are_recovered_and_covered():
    rng, n = np.random.default_rng(9), 100
    covered, logs = np.zeros(2), []
    for _ in range(n):
        result = es.hurdle_regression(
            salvos(rng, more_days=1.8, more_each=1.5), "count ~ x", covariance="HC1"
        )
        rows = [part.irr.loc["x"] for part in (result.day, result.size)]
        covered += [row["low"] <= truth <= row["high"] for row, truth in zip(rows, (1.8, 1.5), strict=True)]
        logs.append(np.log([row["irr"] for row in rows]))
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], n, 0.95)
    assert (covered >= low).all()
    assert (covered <= high).all()
    spread = 5 * np.std(logs, axis=0) / np.sqrt(n)
    np.testing.assert_array_less(abs(np.mean(logs, axis=0) - np.log([1.8, 1.5])), spread)


def test_rates_beyond_all_bounds_on_the_way_to_a_fit_make_no_warning():
    state = PositiveCounts().state(np.array([1.0, 3.0]), np.array([-600.0, 690.0]))
    assert state.weights[0] == pytest.approx(np.exp(-600.0) / 2)
    assert np.isfinite(state.weights).all()
