"""Leads and lags: the bins, the joint tests, the bands, and a planted rise."""

import numpy as np
import pytest
from scipy import special, stats

import eventstudy as es
from eventstudy.errors import ModelError, OptionError


def planted(seed, ratio=1.0, n=400, days=4000, anchors=18):
    rng = np.random.default_rng(seed)
    period = es.Period(10_957, 10_957 + days)  # from 2000-01-01
    summits = es.Events(rng.integers(period.start, period.stop, anchors), label="summits")
    weight = np.where(es.Window(-14, 0).indicator(summits, period) == 1, ratio, 1.0)
    events = rng.choice(period.days, n, p=weight / weight.sum())
    return es.Events(events, period, "launches"), summits


def test_bins_follow_each_other_without_gap_and_the_rest_is_the_reference():
    events, summits = planted(1)
    frame = es.lead_lag_regression(events, summits).to_frame()
    assert frame["term"].tolist()[7:10] == ["lead_1", "day_0", "lag_1"]
    assert frame["lag_first"].tolist()[1:] == (frame["lag_last"] + 1).tolist()[:-1]
    assert (frame["lag_first"].iloc[0], frame["lag_last"].iloc[-1]) == (-56, 56)
    result = es.lead_lag_regression(events, summits)
    near = es.Window(-56, 57)
    assert result.reference_days == len(events.period) - near.exposure(summits, events.period)
    inside = near.indicator(summits, events.period)[events.days - events.period.start].sum()
    assert result.reference_events == len(events) - inside


def test_one_anchor_and_no_controls_give_crude_ratios():
    """Bins of one anchor do not overlap, so each ratio is its rate over the rate far away."""
    events = es.Events([80, 81, 85, 92, 93, 99, 101, 10, 30, 150], es.Period(0, 200))
    result = es.lead_lag_regression(
        events, es.Events([100]), leads=2, lags=1, bin_days=10, controls="", covariance="model"
    )
    frame = result.to_frame().set_index("term")
    rate = 3 / (200 - 31)
    assert frame.loc["lead_2", "irr"] == pytest.approx(3 / 10 / rate)  # days 80 to 89
    assert frame.loc["lead_1", "irr"] == pytest.approx(3 / 10 / rate)  # days 90 to 99
    assert frame.loc["lag_1", "irr"] == pytest.approx(1 / 10 / rate)
    assert frame.loc["day_0", ["irr", "low"]].tolist() == [0, 0]
    assert frame["days"].tolist() == [10, 10, 1, 10]
    assert frame["events"].tolist() == [3, 3, 0, 1]
    assert result.leads_test.df == 2


def test_the_joint_test_and_the_bands_by_hand():
    events, summits = planted(2, ratio=2.0)
    result = es.lead_lag_regression(events, summits, leads=3, lags=2)
    reg, names = result.regression, ["lead_3", "lead_2", "lead_1"]
    which = [reg.terms.index(name) for name in names]
    b, v = reg.estimates[which], reg.covariance_matrix[np.ix_(which, which)]
    assert result.leads_test.chi2 == pytest.approx(b @ np.linalg.inv(v) @ b)
    eta = result.leads_test.df_error + 2
    assert 5 < eta < 60  # about 13 events in each bin
    f = (eta - 2) / (3 * eta) * (b @ np.linalg.inv(v) @ b)
    assert result.leads_test.pvalue == pytest.approx(stats.f.sf(f, 3, eta - 2))
    k = reg.terms.index("lead_1")
    se = np.sqrt(reg.covariance_matrix[k, k])
    sidak = stats.norm.ppf(0.5 + 0.95 ** (1 / 6) / 2)  # six bins
    frame = result.to_frame().set_index("term")
    assert np.log(frame.loc["lead_1", "band_high"]) == pytest.approx(reg.estimates[k] + sidak * se)
    assert (frame["band_low"] <= frame["low"]).all()
    assert (frame["band_high"] >= frame["high"]).all()


def test_the_detectable_ratio_is_found_with_80_percent_power():
    """By drawing estimates from their distribution under that ratio."""
    events, summits = planted(3)
    result = es.lead_lag_regression(events, summits, leads=4, lags=0)
    which = [result.regression.terms.index(name) for name in result.leads_test.terms]
    covariance = result.regression.covariance_matrix[np.ix_(which, which)]
    rng = np.random.default_rng(4)
    draws = rng.multivariate_normal(np.full(4, np.log(result.detectable_ratio)), covariance, 20_000)
    chi2 = np.einsum("ij,jk,ik->i", draws, np.linalg.inv(covariance), draws)
    left = result.leads_test.df_error
    f = chi2 / 4 / (rng.chisquare(left, 20_000) / left)  # Hotelling's T squared, scaled
    assert (f > stats.f.isf(0.05, 4, left)).mean() == pytest.approx(0.8, abs=0.015)


def test_a_planted_rise_is_found_in_its_two_weeks_only():
    events, summits = planted(5, ratio=4.0, n=900)
    frame = es.lead_lag_regression(events, summits).to_frame().set_index("term")
    assert frame.loc[["lead_2", "lead_1"], "band_low"].min() > 1
    assert frame["irr"].nlargest(2).index.isin(["lead_2", "lead_1"]).all()


def test_the_summary_and_the_picture():
    import matplotlib

    matplotlib.use("Agg")
    result = es.lead_lag_regression(*planted(6))
    text = " ".join(result.summary().split())
    assert "Leads and lags: launches around summits" in text
    assert f"{result.reference_days:,} days farther from any anchor" in text
    assert f"would detect a ratio of {result.detectable_ratio:.2f}" in text
    ax = result.plot()
    assert ax.get_yscale() == "log"
    points = next(line for line in ax.lines if line.get_marker() == "o").get_xydata()
    np.testing.assert_allclose(points[:, 1], result.to_frame()["irr"][result.to_frame()["irr"] > 0])
    matplotlib.pyplot.close("all")


def test_errors_name_the_fix():
    events, summits = planted(7)
    crowded = es.Events(np.arange(events.period.start, events.period.stop, 40))
    with pytest.raises(ModelError, match="there are no reference days; use fewer or shorter bins"):
        es.lead_lag_regression(events, crowded)
    with pytest.raises(OptionError, match="lead_lag_regression: leads is 0; give at least one lead"):
        es.lead_lag_regression(events, summits, leads=0)
    with pytest.raises(
        OptionError, match=r"lead_lag_regression: lags is 2\.5, not a whole number; give 0 lags or more"
    ):
        es.lead_lag_regression(events, summits, lags=2.5)


def test_covariates_and_history_are_held_fixed_and_named_in_the_call():
    events, summits = planted(8, n=600)
    rng = np.random.default_rng(9)
    drills = {"drill": es.Events(rng.choice(events.period.days, 200, replace=False))}
    plain = es.lead_lag_regression(events, summits, leads=2, lags=1)
    held = es.lead_lag_regression(
        events, summits, leads=2, lags=1, covariates=drills, history={"past": (1, 7)}
    )
    assert {"drill", "past"} <= set(held.regression.terms)
    assert held.leads_test.pvalue != plain.leads_test.pvalue
    assert "covariates={'drill': events}, history={'past': (1, 7)}" in held.provenance.call
    asked = es.lead_lag_regression(
        events, summits, leads=2, lags=1, covariates=drills, controls="C(year) + drill * sin1"
    )
    assert [name for name in asked.regression.terms if "drill" in name] == ["drill", "drill:sin1"]


def test_a_lead_without_an_event_takes_part_in_the_joint_test():
    """All leads have 56 events to expect or more and one has none: by the others alone nothing would be found."""
    rng = np.random.default_rng(10)
    period = es.Period(10_957, 14_957)
    summits = es.Events(np.arange(period.start + 60, period.stop, 100))
    free = period.days[es.Window(-14, -7).indicator(summits, period) == 0]
    events = es.Events(rng.choice(free, 800), period)
    result = es.lead_lag_regression(events, summits, leads=3, lags=0, controls="", covariance="model")
    test, reg = result.leads_test, result.regression
    assert test.terms == ("lead_3", "lead_2", "lead_1")
    assert "likelihood ratio" in test.method
    # by hand: four rates against one, all bins apart
    table = result.to_frame()
    days = np.append(table["days"], result.reference_days).astype(float)
    counts = np.append(table["events"], result.reference_events).astype(float)
    tested = np.append(table["term"].str.startswith("lead"), True)

    def loglik(n, d):
        return special.xlogy(n, n / d).sum()

    gain = loglik(counts[tested], days[tested]) - loglik(counts[tested].sum(), days[tested].sum())
    assert test.chi2 == pytest.approx(2 * gain, rel=1e-6)
    assert test.pvalue == pytest.approx(stats.chi2.sf(2 * gain, 3), rel=1e-6)
    assert test.pvalue < 1e-10
    assert np.isfinite(result.detectable_ratio)
    assert reg.estimates[reg.terms.index("lead_2")] == -np.inf


@pytest.mark.slow
def test_the_joint_test_and_the_band_hold_their_level():
    rejected, outside, n = 0, 0, 75
    for seed in range(n):
        result = es.lead_lag_regression(
            *planted(1000 + seed, n=600), leads=4, lags=4, controls="", covariance="quasi"
        )
        rejected += result.leads_test.pvalue <= 0.05
        frame = result.to_frame()
        outside += ((frame["band_low"] > 1) | (frame["band_high"] < 1)).any()
    assert rejected <= stats.binom.ppf(1 - 1e-4, n, 0.05)
    assert outside <= stats.binom.ppf(1 - 1e-4, n, 0.05)


@pytest.mark.parametrize(
    ("days", "around"), [([8, 12, 51, 54], [1471]), ([143, 2075, 2090], [143, 196, 765, 921, 1655])]
)
def test_few_events_that_tell_nothing_about_the_bins_give_words_and_no_crash(days, around):
    period = es.Period("2015-01-01", "2021-01-01")
    events, anchors = (es.Events.from_days(period.start + np.array(of), period) for of in (days, around))
    for leads in (1, 3):
        result = es.lead_lag_regression(events, anchors, leads=leads, lags=2)
        assert result.detectable_ratio == np.inf
        assert "the test before would detect no ratio, however large," in " ".join(result.summary().split())
        assert np.isfinite(result.regression.dispersion)


def test_a_covariate_that_has_the_name_of_a_function_in_the_controls_is_held_fixed_too():
    """A column called C is another thing than the C of C(year), and so must not be taken for used."""
    rng = np.random.default_rng(3)
    events = es.Events(16_801 + rng.integers(0, 1_000, 60), es.Period("2016-01-01", "2018-10-01"), "launches")
    anchors = es.Events(["2016-05-05", "2017-03-03"])
    days = events.period.dates[100:300]
    fits = [
        es.lead_lag_regression(events, anchors, leads=1, lags=1, controls="C(year)", covariates={name: days})
        for name in ("C", "fair")
    ]
    assert [fit.regression.terms[4] for fit in fits] == ["C", "fair"]
    np.testing.assert_allclose(fits[0].regression.irr, fits[1].regression.irr)


@pytest.mark.parametrize("controls", [None, 3, ["C(year)"]])
def test_controls_are_text(controls):
    events = es.Events(["2016-02-03", "2016-05-01"], es.Period("2016-01-01", "2017-01-01"))
    with pytest.raises(OptionError, match="lead_lag_regression: controls is"):
        es.lead_lag_regression(events, events, leads=1, lags=1, controls=controls)
