"""Leads and lags of anchors in one regression: is there a rise before anchors, and when does it begin?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from eventstudy.arguments import whole
from eventstudy.daily import named_columns
from eventstudy.errors import ModelError, OptionError, own_errors
from eventstudy.events import Events
from eventstudy.formulas import columns_read
from eventstudy.numeric.joint import Reference
from eventstudy.numeric.likelihoods import LARGEST_LOG, PoissonCounts
from eventstudy.numeric.linear import weighted_gram
from eventstudy.numeric.separation import supremum
from eventstudy.numeric.threads import small_fit
from eventstudy.provenance import Provenance
from eventstudy.regression.count_tables import count_table
from eventstudy.regression.covariances import Covariance
from eventstudy.regression.poisson import poisson_regression
from eventstudy.regression.table_records import windows_text
from eventstudy.results.effects import JointTest
from eventstudy.results.lead_lag import LeadLagResult
from eventstudy.results.regression import RegressionResult
from eventstudy.windows import Window

Floats = NDArray[np.float64]

POWER = 0.8


@own_errors
@small_fit
def lead_lag_regression(
    events: Events,
    anchors: Events,
    *,
    leads: int = 8,
    lags: int = 8,
    bin_days: int = 7,
    controls: str = "C(year) + sin1 + cos1 + sin2 + cos2",
    covariates: Mapping[str, Any] | None = None,
    history: Mapping[str, tuple[int, int]] | None = None,
    covariance: Covariance = "HAC",
    max_lag: int | None = None,
    cluster: str | None = None,
    confidence_level: float = 0.95,
) -> LeadLagResult:
    """Fit a rate ratio for each week before and after the anchors, jointly.

    H0 of the joint test: given the controls, the rate in every week before an anchor is that of days far from any.

    Parameters
    ----------
    events, anchors : Events
    leads, lags : int, default 8
        Bins before and after; the anchor's own day is a separate bin.
    bin_days : int, default 7
        Days in a bin.
    controls : str
        Right-hand side of the formula, besides the bins.
    covariates, history
        As in :func:`count_table`, as controls: each is a term of the formula, unchanged or as `controls` writes it.
    covariance, max_lag, cluster, confidence_level
        As in :func:`poisson_regression`.

    Returns
    -------
    LeadLagResult

    Raises
    ------
    ModelError
        If every day lies within the bins of some anchor, or as :func:`poisson_regression`.
    OptionError
        If an option has no such value.

    Notes
    -----
    The days farther from every anchor than the last bin are the reference. A day in the bins of two anchors has both
    ratios, so that the rise at one anchor is not attributed to a neighbouring one. Bands are simultaneous, by Sidak's
    inequality, which needs no draws and holds under any correlation [1]_. A joint test that does not
    reject is weak evidence of no rise, so the summary says which ratio it would have detected [2]_.

    References
    ----------
    .. [1] Sidak, Z. (1967). Rectangular confidence regions for the means of multivariate normal
       distributions. Journal of the American Statistical Association 62(318), 626-633.
    .. [2] Roth, J. (2022). Pretest with caution: event-study estimates after testing for parallel trends.
       American Economic Review: Insights 4(3), 305-322.
    """
    where = "lead_lag_regression"
    leads = whole(leads, where, "leads", least=1, fix="give at least one lead")
    lags = whole(lags, where, "lags", least=0, fix="give 0 lags or more")
    if not isinstance(controls, str):
        raise OptionError(
            f"{where}: controls is {controls!r}; give terms as text, such as 'C(year)', or '' for none"
        )
    bin_days = whole(bin_days, where, "bin_days", least=1, fix="give bins of a day or more")
    windows = {f"lead_{k}": Window(-k * bin_days, -(k - 1) * bin_days) for k in range(leads, 0, -1)}
    windows["day_0"] = Window(0, 1)
    windows |= {f"lag_{k}": Window((k - 1) * bin_days + 1, k * bin_days + 1) for k in range(1, lags + 1)}
    covariates = named_columns(covariates, where)
    table = count_table(events, anchors, windows, covariates=covariates, history=history)
    far = table[list(windows)].to_numpy().max(axis=1) == 0
    if not far.any():
        raise ModelError(
            f"{where}: every day of the period lies within {leads * bin_days} days before or {lags * bin_days} after "
            "an anchor, so there are no reference days; use fewer or shorter bins"
        )
    read = columns_read(f"count ~ {controls}", table, where) if controls.strip() else set()
    held = [name for name in [*covariates, *(history or {})] if name not in read]
    formula = "count ~ " + " + ".join([*windows, *held, *([controls] if controls.strip() else [])])
    fit = partial(poisson_regression, table, formula, covariance=covariance, max_lag=max_lag, cluster=cluster)
    regression = fit(confidence_level=confidence_level)
    wide = fit(confidence_level=confidence_level ** (1.0 / len(windows)))
    before = [name for name in windows if name.startswith("lead_")]
    after = [name for name in windows if name.startswith("lag_")]
    tests = {side: _joint(regression, names) for side, names in (("before", before), ("after", after))}
    bins = [regression.terms.index(name) for name in windows]
    return LeadLagResult(
        regression=regression,
        windows=windows,
        band_low=wide.low[bins],
        band_high=wide.high[bins],
        days=table[list(windows)].sum().to_numpy(),
        counts=(table[list(windows)].to_numpy() * table[["count"]].to_numpy()).sum(axis=0),
        reference_days=int(far.sum()),
        reference_events=int(table["count"].to_numpy()[far].sum()),
        leads_test=tests["before"][0],
        lags_test=tests["after"][0],
        untested={side: why for side, (_, why) in tests.items() if why},
        detectable_ratio=_detectable(regression, before, tests["before"][0]),
        anchors_label=anchors.anchors_label,
        provenance=Provenance(
            f"{where}({events.label}, {anchors.anchors_label}, leads={leads}, lags={lags}, bin_days={bin_days}, "
            f"controls={controls!r}, covariates={windows_text(covariates)}, history={history!r}, "
            f"covariance={covariance!r}, max_lag={max_lag}, cluster={cluster!r}, confidence_level={confidence_level})",
            regression.provenance.data,
            notes=regression.provenance.notes,
        ),
    )


def _joint(regression: RegressionResult, names: list[str]) -> tuple[JointTest | None, str]:
    """Test all bins jointly; None, and why, where that is impossible."""
    if not names:
        return None, "there is no bin"
    try:
        return regression.joint_test(names), ""
    except ModelError as error:
        return None, str(error).removeprefix("joint_test: ")


def _detectable(regression: RegressionResult, names: list[str], test: JointTest | None) -> float:
    """Return the ratio, the same in all bins, that the joint test detects at the 5 % level with 80 % power."""
    if test is None:
        return float("nan")
    which = [regression.terms.index(name) for name in names]
    covariance = regression.covariance_matrix[np.ix_(which, which)]
    if np.isfinite(covariance).all():
        per_square = float(np.linalg.solve(covariance, np.ones(len(which))).sum())
    else:  # the likelihood ratio needs no covariance
        per_square = float(_information(regression, which).sum())
    blocks = None if test.df_error is None else test.df_error + test.df - 1.0
    reference = Reference(test.df, blocks)
    needed = optimize.brentq(lambda ncp: reference.power(ncp, 0.05) - POWER, 1e-6, 1e5)
    known = per_square > 0.0 and needed / per_square < LARGEST_LOG**2
    return math.exp(math.sqrt(needed / per_square)) if known else math.inf


def _information(regression: RegressionResult, which: list[int]) -> Floats:
    """Return the information on some terms, given all others, if all of them are zero, shape (k, k)."""
    design = regression.design
    others = np.delete(design.matrix, which, axis=1)
    found = supremum(PoissonCounts(), design.response, others, np.log(design.exposure))
    rows = np.ones(design.n, bool) if found.separation is None else ~found.separation.rows
    matrix = np.concatenate([design.matrix[rows][:, which], others[rows][:, found.columns]], axis=1)
    both, k = weighted_gram(matrix, found.fit.state.weights), len(which)
    shared = np.linalg.lstsq(both[k:, k:], both[k:, :k], rcond=None)[0]
    return np.asarray(both[:k, :k] - both[:k, k:] @ shared)
