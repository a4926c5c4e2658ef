"""Terms without a finite estimate: the same on every processor, and refused where a fit does not fit."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import eventstudy as es
from eventstudy.errors import ModelError

LEADS = """
import numpy as np
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
print(kept.sum(), f"{model.fitted[kept].sum():.6f}", f"{found.leads_test.pvalue:.6f} {found.lags_test.pvalue:.6f}")
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
    inside = "eventstudy.regression.inference"
    whole = sys.modules[inside].fit

    def with_all_rows(design, counts):
        found = whole(design, counts)
        return type(found)(
            found.coefficients, found.columns, found.finite, np.ones(design.n, bool), found.separation
        )

    monkeypatch.setattr(f"{inside}.fit", with_all_rows)
    with pytest.raises(ModelError, match=r"poisson_regression: the scores of the fit sum to .* not to zero"):
        es.poisson_regression(table, "count ~ before + early", covariance="HC0")
