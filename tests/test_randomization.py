"""Randomization test of a coefficient: scores and refits by other routes, level, errors, repeatability."""

import numpy as np
import pytest
from scipy import optimize, stats

import eventstudy as es
from eventstudy.errors import ModelError, OptionError, RandomnessError
from eventstudy.formulas import read_design
from eventstudy.numeric.separation import Supremum
from eventstudy.regression.count_tables import count_table
from eventstudy.regression.efficient_score import signed_root
from eventstudy.regression.moved import drawn_statistics, pieces
from eventstudy.strata import cut

WINDOWS = {"before": es.Window(-14, 0), "after": es.Window.after(10)}
FORMULA = "count ~ before + after + C(year) + sin1 + cos1"


def series(seed, years=3, n=90, anchors=14):
    rng = np.random.default_rng(seed)
    period = es.Period("2010-01-01", f"{2010 + years}-01-01")
    events = es.Events(rng.integers(period.start, period.stop, n), period, "launches")
    return events, es.Events(rng.integers(period.start, period.stop, anchors), label="summits")


def prepared(seed, formula=FORMULA, history=None, **more):
    events, anchors = series(seed, **more)
    table = count_table(events, anchors, WINDOWS, history=history)
    design = read_design(table, formula, "here")
    return events, anchors, design, pieces(design, list(WINDOWS), history or {}, "before", "here")


def score_by_hand(design, anchor, tested=0):
    """Numerical derivatives of the likelihood, at the fit without the anchors' columns."""
    y = design.response
    z = design.matrix[:, [k for k, name in enumerate(design.terms) if name not in WINDOWS]]

    def loglik(theta):
        eta = anchor @ theta[: anchor.shape[1]] + z @ theta[anchor.shape[1] :]
        return float(y @ eta - np.exp(eta).sum())

    start = np.zeros(z.shape[1])
    start[0] = np.log(y.mean())
    null = optimize.minimize(
        lambda b: -loglik(np.concatenate([np.zeros(anchor.shape[1]), b])),
        start,
        method="BFGS",
        options={"gtol": 1e-9},
    ).x
    mu = np.exp(z @ null)
    x = np.concatenate([anchor, z], axis=1)
    information = x.T @ (mu[:, None] * x)
    covariance = np.linalg.inv(information)
    step = covariance @ (x.T @ (y - mu))
    return step[tested] / np.sqrt(covariance[tested, tested])


def test_the_score_is_the_one_step_estimate_over_its_error():
    _, _, design, regression = prepared(1)
    assert regression.score().observed() == pytest.approx(score_by_hand(design, regression.anchor), abs=1e-5)


def test_every_shift_is_that_of_columns_rolled_by_hand():
    _, _, design, regression = prepared(2, years=1, n=40)
    score = regression.score()
    values = score.all_shifts()
    n = design.n
    assert values.size == n
    for shift in (0, 1, 100, n - 1):
        rolled = np.roll(regression.anchor, -shift, axis=0)
        assert values[shift] == pytest.approx(score_by_hand(design, rolled), abs=1e-5)
    places = (np.arange(n) + np.arange(n)[:, None]) % n
    np.testing.assert_allclose(score.moved(places), values, atol=1e-9)


def test_the_p_value_of_all_shifts_counts_ties_and_the_zero_shift():
    events, anchors = series(3)
    result = es.randomization_test(events, anchors, WINDOWS, FORMULA, "before", es.CircularShift())
    n = len(events.period)
    assert result.exhaustive
    assert result.pvalue == (result.null_distribution >= result.observed - 1e-9).sum() / n
    assert result.pvalue >= 1 / n
    assert result.pvalue_interval == (result.pvalue, result.pvalue)
    assert result.observed == result.null_distribution[0]


@pytest.mark.parametrize(
    "null",
    [es.CircularShift(within="year"), es.CalendarPermutation(), es.UniformDays(within="year"), es.Jitter(20)],
)
def test_draws_are_those_of_the_null_model_for_each_day(null):
    events, anchors, design, regression = prepared(4)
    period = events.period
    values = drawn_statistics(
        regression, events, anchors, period, null, "score", rng=np.random.default_rng(5), n_resamples=20
    )
    child = np.random.default_rng(5).spawn(1)[0]
    places = null.sample(es.Events(period.days, period), anchors, rng=child, size=20) - period.start
    assert len({tuple(place) for place in places}) > 1
    for value, place in zip(values[:3], places, strict=False):
        assert value == pytest.approx(score_by_hand(design, regression.anchor[place]), abs=1e-5)
    np.testing.assert_allclose(regression.score().moved(places), values, atol=1e-9)


def test_the_table_of_shifts_by_stratum_holds_the_sums():
    events, _, _, regression = prepared(6)
    score, strata = regression.score(), cut(events.period, "year")
    table, first = score.shift_table(strata)
    np.testing.assert_allclose(score.from_sums(table[first].sum(axis=0)[None]), score.observed())


@pytest.mark.parametrize("null", [es.CircularShift(within="year"), es.CalendarPermutation()])
def test_score_and_refit_agree_draw_by_draw(null):
    events, anchors, _, regression = prepared(7, years=4, n=300)
    both = [
        drawn_statistics(
            regression,
            events,
            anchors,
            events.period,
            null,
            method,
            rng=np.random.default_rng(8),
            n_resamples=150,
        )
        for method in ("score", "refit")
    ]
    assert np.corrcoef(both)[0, 1] > 0.99
    assert abs(both[0] - both[1]).max() < 0.35
    assert regression.root(regression.anchor) == pytest.approx(regression.score().observed(), abs=0.2)


def test_the_root_of_the_likelihood_ratio_by_statsmodels():
    from statsmodels.api import Poisson

    _, _, design, regression = prepared(9)
    keep = [k for k, name in enumerate(design.terms) if name != "before"]
    full = Poisson(design.response, design.matrix).fit(disp=0)
    without = Poisson(design.response, design.matrix[:, keep]).fit(disp=0)
    k = design.terms.index("before")
    expected = np.sign(full.params[k]) * np.sqrt(2 * (full.llf - without.llf))
    assert regression.root(regression.anchor) == pytest.approx(expected, abs=1e-6)
    result = es.randomization_test(*series(9), WINDOWS, FORMULA, "before", es.CircularShift())
    assert result.irr == pytest.approx(np.exp(full.params[k]))


def test_a_draw_without_events_in_the_window_is_the_smallest():
    y, x = np.array([0.0] * 10 + [1.0, 2.0] * 20), np.array([1.0] * 10 + [0.0] * 40)
    none = signed_root(y, np.ones((50, 1)), np.zeros(50), x)
    y[0] = 1.0
    assert none < signed_root(y, np.ones((50, 1)), np.zeros(50), x) < 0
    assert isinstance(none, float)


@pytest.mark.parametrize("null", [es.ShuffledGaps(), es.PoissonIntensity(es.Window(-14, 0))])
@pytest.mark.parametrize("method", ["score", "refit"])
def test_models_that_draw_new_events_take_counts_and_history_along(null, method):
    history = {"past_7": (1, 7)}
    events, anchors = series(10, years=2, n=60)
    result = es.randomization_test(
        events,
        anchors,
        WINDOWS,
        "count ~ before + after + past_7 + sin1 + cos1",
        "before",
        null,
        history=history,
        method=method,
        n_resamples=8,
        rng=11,
    )
    # the first draw again, through the public table
    fitted = null.fitted(events, anchors) if hasattr(null, "fitted") else null
    child = np.random.default_rng(11).spawn(1)[0]
    days = fitted.sample(events, anchors, rng=child, size=8)[0]
    drawn = es.Events(days[days > -(10**9)], events.period)
    table = count_table(drawn, anchors, WINDOWS, history=history)
    design = read_design(table, result.formula, "here")
    regression = pieces(design, list(WINDOWS), history, "before", "here")
    assert result.null_distribution[0] == pytest.approx(regression.observed(method), abs=1e-8)
    assert not result.exhaustive


def test_same_seed_same_numbers_whatever_the_workers():
    from joblib import parallel_config

    events, anchors = series(12, years=5)
    args = (events, anchors, WINDOWS, FORMULA, "before", es.CalendarPermutation())
    one = es.randomization_test(*args, rng=3, n_resamples=600)
    with parallel_config("threading", n_jobs=3):
        three = es.randomization_test(*args, rng=3, n_resamples=600)
    np.testing.assert_array_equal(one.null_distribution, three.null_distribution)
    assert one.pvalue == (1 + (one.null_distribution >= one.observed - 1e-9).sum()) / 601
    assert one.provenance.seed == "3"
    assert one.provenance.call.startswith(
        "randomization_test(launches, summits, {'before': Window(start=-14, stop=0)"
    )
    low, high = one.pvalue_interval
    assert low < one.pvalue < high


def test_the_three_alternatives():
    events, anchors = series(13)
    args = (events, anchors, WINDOWS, FORMULA, "before", es.CircularShift())
    greater, less, both = (
        es.randomization_test(*args, alternative=side) for side in ("greater", "less", "two-sided")
    )
    assert greater.pvalue + less.pvalue >= 1
    assert both.pvalue == min(1, 2 * min(greater.pvalue, less.pvalue))
    assert greater.model_pvalue == pytest.approx(stats.norm.sf(greater.observed))
    assert both.model_pvalue == pytest.approx(2 * stats.norm.sf(abs(greater.observed)))


def test_summary_frame_and_picture():
    import matplotlib

    matplotlib.use("Agg")
    result = es.randomization_test(*series(14), WINDOWS, FORMULA, "before", es.CircularShift())
    text = " ".join(result.summary().split())
    for part in (
        "Randomization test of before: launches and summits",
        "and the other terms, the launches are unrelated to the summits",
        "the windows (before, after) together, relative to counts, calendar, covariates and history",
        f"all {result.n_resamples:,} shifts",
        "if the statistic were normal",
    ):
        assert part in text
    assert result.to_frame()["pvalue"].iloc[0] == result.pvalue
    assert result.plot().get_xlabel() == "statistic of before"
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize(
    ("formula", "term", "more", "error", "message"),
    [
        (
            "count ~ after",
            "before",
            {},
            ModelError,
            "term='before' is not a window in the formula; it can be 'after'",
        ),
        (
            "count ~ before:sin1 + after",
            "after",
            {},
            ModelError,
            "'before' enters the formula as 'before:sin1'",
        ),
        (
            FORMULA,
            "before",
            {"method": "fast"},
            OptionError,
            "method='fast' is not known; give 'score' or 'refit'",
        ),
        (FORMULA, "before", {"alternative": "up"}, OptionError, "alternative='up' is not known"),
        (FORMULA, "before", {"n_resamples": 0}, OptionError, "n_resamples is 0; make at least one draw"),
        (FORMULA, "before", {"method": "refit"}, RandomnessError, "rng is missing; pass a seed"),
    ],
)
def test_errors_name_the_fix(formula, term, more, error, message):
    with pytest.raises(error) as caught:
        es.randomization_test(*series(15), WINDOWS, formula, term, es.CircularShift(), **more)
    assert message in str(caught.value)


def test_an_estimate_that_is_not_told_apart_is_not_a_number():
    assert np.isnan(
        Supremum(None, np.array([1]), type("S", (), {"free": [True], "signs": [0.0]})()).coefficient(0)
    )


@pytest.mark.slow
def test_the_level_holds_where_bursts_break_the_model_errors():
    """Events in bursts of five days, anchors anywhere: shifts keep the bursts, the model does not know them."""
    rejected = by_model = 0
    n = 200
    for seed in range(n):
        rng = np.random.default_rng([16, seed])
        period = es.Period(0, 1500)
        burst = rng.integers(0, 1490, 25)
        days = (burst[:, None] + rng.integers(0, 6, (25, 4))).ravel()
        events, anchors = es.Events(days, period), es.Events(rng.integers(0, 1500, 18))
        result = es.randomization_test(
            events, anchors, {"before": es.Window(-7, 0)}, "count ~ before", "before", es.CircularShift()
        )
        rejected += result.pvalue <= 0.05
        by_model += result.model_pvalue <= 0.05
    assert rejected <= stats.binom.ppf(1 - 1e-4, n, 0.05)
    assert by_model > stats.binom.ppf(1 - 1e-3, n, 0.05)  # else the test would show nothing


@pytest.mark.parametrize(
    "more",
    [
        {"covariates": {"fair": ["2016-02-01"]}},
        {"history": {"past_7": (1, 7)}},
        {"windows": {"before": es.Window(-14, 0), "idle": es.Window(1, 9)}},
    ],
)
def test_columns_that_no_term_uses_are_refused(more):
    events = es.Events(["2016-02-03", "2016-05-01", "2016-07-09"], es.Period("2016-01-01", "2017-01-01"))
    given = {"windows": {"before": es.Window(-14, 0)}} | more
    windows = given.pop("windows")
    with pytest.raises(ModelError, match="no term of the formula uses"):
        es.randomization_test(
            events,
            es.Events(["2016-05-05"]),
            windows,
            "count ~ before",
            "before",
            es.CircularShift(),
            **given,
        )
