"""Terms without a finite estimate: the same on every processor, and refused where a fit does not fit."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

import eventstudy as es
from eventstudy.errors import ModelError
from eventstudy.formulas import read_design
from eventstudy.numeric.likelihoods import PoissonCounts
from eventstudy.numeric.separation import separation

LEADS = """
import numpy as np
from scipy import stats
import eventstudy as es
launches = es.datasets.launches()
launches = launches[(launches["in_cns_scope"] == "yes") & (launches["date_precision"] == "day")]
launches = launches[(launches["date"] >= "2012") & (launches["date"] < "2025")]
summits = es.datasets.summits()
summits = summits[summits["us_president_present"].eq("yes") & summits["rok_president_present"].eq("yes")]
summits = summits[summits["dprk_present"].eq("no")]
events = es.Events(launches["date"].drop_duplicates(), es.Period("2012-01-01", "2025-01-01"))
anchors = es.Events(summits["start"]).merged(3)
found = es.lead_lag_regression(
    events, anchors, controls="C(year) + sin1 + cos1 + sin2 + cos2", covariance="HAC", max_lag=28,
)
model = found.regression
kept = np.isfinite(model.residuals)
p = [stats.chi2.sf(test.chi2, test.df) for test in (found.leads_test, found.lags_test)]
print(kept.sum(), f"{model.fitted[kept].sum():.6f}", f"{p[0]:.6f} {p[1]:.6f}")
"""


@pytest.fixture
def kernels():
    """The kernels of OpenBLAS that this processor can run; each rounds sums in an order of its own."""
    path = Path("/proc/cpuinfo")
    flags = set(path.read_text(encoding="utf-8").split()) if path.exists() else set()
    needed = {"Prescott": "pni", "Nehalem": "sse4_2", "Haswell": "avx2", "SkylakeX": "avx512f"}
    return [kernel for kernel, flag in needed.items() if flag in flags]


def test_the_rows_kept_by_a_separated_model_do_not_depend_on_the_kernel_of_the_blas(kernels):
    """A year without a launch leaves 362 rows with the day of a summit, and they go with it."""
    said = []
    for kernel in kernels or [""]:
        chosen = {"OPENBLAS_CORETYPE": kernel} if kernel else {}
        environment = os.environ | chosen | {"OPENBLAS_NUM_THREADS": "1"}
        run = subprocess.run(
            [sys.executable, "-c", LEADS], env=environment, capture_output=True, text=True, check=True
        )
        said.append(run.stdout)
    assert set(said) == {"4348 141.000000 0.249854 0.412520\n"}


def test_a_fit_of_other_rows_than_its_errors_is_refused(monkeypatch):
    """With an intercept the expected counts sum to the events; rows that the fit did not use break that."""
    events = es.Events([400, 410, 420, 800, 805], es.Period(0, 1000))
    table = es.count_table(events, es.Events([415, 700]), {"before": es.Window(-20, 0)})
    table["early"] = (table.index < 300).astype(int)
    right = es.poisson_regression(table, "count ~ before + early", covariance="HC0")
    assert right.fitted.sum() == pytest.approx(5.0, abs=1e-9)
    inside = "eventstudy.regression.estimation"
    whole = sys.modules[inside].fit

    def with_all_rows(design, counts):
        found = whole(design, counts)
        return type(found)(
            found.coefficients, found.columns, found.finite, np.ones(design.n, bool), found.separation
        )

    monkeypatch.setattr(f"{inside}.fit", with_all_rows)
    with pytest.raises(ModelError, match=r"poisson_regression: the scores of the fit sum to .* not to zero"):
        es.poisson_regression(table, "count ~ before + early", covariance="HC0")


PERIOD = es.Period("2015-01-01", "2021-01-01")
FEW = "count ~ before + C(year) + sin1 + cos1"


def few(rng, anchors=8):
    events = rng.choice(PERIOD.days, rng.integers(3, 13), replace=False)
    nearby = rng.choice(PERIOD.days, anchors, replace=False)
    return es.count_table(es.Events(events, PERIOD), es.Events(nearby), {"before": es.Window(-14, 0)})


@pytest.mark.parametrize("seed", range(12))
def test_few_events_are_fitted_and_sum_to_themselves(seed):
    table = few(np.random.default_rng(seed))
    result = es.poisson_regression(table, FEW, covariance=("HAC", "model")[seed % 2])
    assert result.fitted.sum() == pytest.approx(table["count"].sum(), abs=1e-6)
    irr = result.irr
    assert ((irr["low"] <= irr["irr"]) & (irr["irr"] <= irr["high"]))[irr["irr"].notna()].all()


@pytest.mark.parametrize("seed", range(6))
def test_rows_are_separated_where_a_linear_programme_for_each_finds_them(seed):
    """A row goes to zero if some combination pushes it down, no row up, and leaves the rows with events alone."""
    table = few(np.random.default_rng(100 + seed))
    table = table[(table.index % 5 == 0) | (table["count"] > 0)]  # a programme for each row takes its time
    design = read_design(table, FEW, "test")
    events = design.response > 0
    found = separation(PoissonCounts(), design.response, design.matrix)
    rows = np.zeros(design.n, bool) if found is None else found.rows
    empty = design.matrix[~events]
    for i in np.flatnonzero(~events)[::7]:
        best = optimize.linprog(
            design.matrix[i], A_ub=empty, b_ub=np.zeros(len(empty)), A_eq=design.matrix[events],
            b_eq=np.zeros(events.sum()), bounds=[(-1, 1)] * len(design.terms),
        )  # fmt: skip
        if best.status == 0:
            assert rows[i] == (best.fun < -1e-6)


def test_neither_units_nor_the_order_of_rows_and_terms_move_a_separation():
    rng = np.random.default_rng(7)
    for seed in range(20):
        design = read_design(few(np.random.default_rng(seed)), FEW, "test")
        found = separation(PoissonCounts(), design.response, design.matrix)
        rows, terms = rng.permutation(design.n), rng.permutation(len(design.terms))
        units = 10.0 ** rng.integers(-6, 7, terms.size)
        moved = separation(
            PoissonCounts(), design.response[rows], (design.matrix * units)[np.ix_(rows, terms)]
        )
        assert (found is None) == (moved is None)
        if found is not None:
            np.testing.assert_array_equal(found.rows[rows], moved.rows)
            np.testing.assert_array_equal(found.signs[terms], moved.signs)
            np.testing.assert_array_equal(found.free[terms], moved.free)


def test_a_coefficient_of_either_sign_is_unknown_and_the_others_have_their_limits():
    """Rows 1 to 3 have no event whatever b is; of a = 2 only b = 1 is seen."""
    table = pd.DataFrame(
        {"count": [0, 0, 0, 1, 1, 1], "a": [1, 1, 1, 2, 2, 2], "b": [0, 1, 2, 1, 1, 1], "days": 1}
    )
    result = es.poisson_regression(table, "count ~ C(a) + C(b)", covariance="model")
    np.testing.assert_allclose(result.fitted, [0, 0, 0, 1, 1, 1])
    assert result.irr["irr"].isna().tolist() == [False, False, True, True]
    # of the row that is like the others but for a, each of 3 events is missed with probability 3 q / (3 q + 1)
    assert result.irr.loc["C(a)[T.2]", "pvalue"] == pytest.approx(2 * 0.75**3)
    low = result.irr.loc["C(a)[T.2]", "low"]
    assert (3 * low / (3 * low + 1)) ** 3 == pytest.approx(0.025)


def test_the_limit_of_an_empty_window_is_the_exact_one_of_r():
    """poisson.test(c(0, 20), c(28, 337)) of R 4.2 ends at 2.43782915998; twice the probability at 1 is 0.405."""
    table = pd.DataFrame({"days": [28, 337], "count": [0, 20], "w": [1, 0]})
    row = es.poisson_regression(
        pd.concat([table, table.assign(count=0, days=1e-9)]), "count ~ w", covariance="HC0"
    ).irr.loc["w"]
    assert row["high"] == pytest.approx(2.43782915998, rel=1e-6)
    assert row["pvalue"] == pytest.approx(2 * (337 / 365) ** 20, rel=1e-6)


def test_with_year_effects_the_limit_is_that_of_events_dealt_within_years():
    days, inside, n = np.array([300.0, 200.0, 250.0]), np.array([20.0, 60.0, 5.0]), np.array([6, 3, 8])
    table = pd.DataFrame(
        {
            "days": np.concatenate([inside, days - inside]),
            "count": np.concatenate([0 * n, n]),
            "w": np.repeat([1, 0], 3),
            "year": np.tile([1, 2, 3], 2),
        }
    )
    halves = pd.concat([table.assign(days=table["days"] / 2), table.assign(days=table["days"] / 2, count=0)])
    row = es.poisson_regression(halves, "count ~ w + C(year)", covariance="HC0").irr.loc["w"]

    def missed(q):
        return float(np.prod(((days - inside) / (days - inside + q * inside)) ** n))

    assert missed(row["high"]) == pytest.approx(0.025, rel=1e-6)
    assert row["pvalue"] == pytest.approx(2 * missed(1.0), rel=1e-6)


def test_with_a_trend_the_probability_of_an_empty_window_is_near_that_of_all_tables():
    """Every way in which 7 events with the same sum of z fall on 8 rows, weighed by its probability."""
    z = np.array([0.0, 1, 2, 3, 0, 1, 2, 3])
    w = np.array([1, 0, 0, 0, 0, 0, 1, 0])
    y = np.array([0, 2, 1, 1, 1, 1, 0, 1])
    table = pd.DataFrame({"days": 1, "count": y, "w": w, "z": z})
    row = es.poisson_regression(table, "count ~ w + z", covariance="HC0").irr.loc["w"]
    total = {0: 0.0, 1: 0.0}
    for counts in itertools.product(range(8), repeat=7):
        last = 7 - sum(counts)
        if last < 0:
            continue
        whole = np.array([*counts, last])
        if whole @ z == y @ z:
            total[int(whole @ w > 0)] += 1.0 / np.prod(special.factorial(whole))
    exact = total[0] / (total[0] + total[1])
    assert row["pvalue"] == pytest.approx(min(1.0, 2 * exact), rel=0.08)
