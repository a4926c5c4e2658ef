"""Weeks before and after anchors in one regression: is there a rise before, and when does it begin?"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import optimize, stats

from eventstudy.errors import ModelError, OptionError
from eventstudy.events import Events
from eventstudy.provenance import Provenance
from eventstudy.regression.count_tables import count_table, windows_text
from eventstudy.regression.covariances import Covariance
from eventstudy.regression.poisson import poisson_regression
from eventstudy.results.effects import JointTest
from eventstudy.results.lead_lag import LeadLagResult
from eventstudy.results.regression import RegressionResult
from eventstudy.windows import Window

POWER = 0.8


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
    """Fit one rate ratio for each week before and after the anchors, all of them together.

    H0 of the joint test: given the controls, no week before an anchor has another rate than days far from any.

    Parameters
    ----------
    events, anchors : Events
    leads, lags : int, default 8
        Bins before and after; the anchor's own day is a bin of its own.
    bin_days : int, default 7
        Days in a bin.
    controls : str
        Right-hand side of the formula, beside the bins.
    covariates, history
        As in :func:`count_table`.
    covariance, max_lag, cluster, confidence_level
        As in :func:`poisson_regression`.

    Returns
    -------
    LeadLagResult

    Raises
    ------
    ModelError
        If no day lies farther from every anchor than the bins reach, or as :func:`poisson_regression`.
    OptionError
        If an option has no such value.

    Notes
    -----
    The days farther from every anchor than the last bin are the reference. A day in the bins of two anchors has both
    ratios, so that neighbouring anchors do not lend each other their rise. Bands hold all ratios at once: by Sidak's
    inequality, which needs no draws and holds whatever the correlation [1]_. A joint test that does not
    reject is weak evidence of no rise, so the summary says which ratio it would have found [2]_.

    References
    ----------
    .. [1] Sidak, Z. (1967). Rectangular confidence regions for the means of multivariate normal
       distributions. Journal of the American Statistical Association 62(318), 626-633.
    .. [2] Roth, J. (2022). Pretest with caution: event-study estimates after testing for parallel trends.
       American Economic Review: Insights 4(3), 305-322.
    """
    where = "lead_lag_regression"
    leads, lags, bin_days = (operator.index(number) for number in (leads, lags, bin_days))
    if leads < 1 or lags < 0 or bin_days < 1:
        raise OptionError(
            f"{where}: leads={leads}, lags={lags}, bin_days={bin_days}; give one lead at least, no fewer than 0 lags "
            "and bins of a day or more"
        )
    windows = {f"lead_{k}": Window(-k * bin_days, -(k - 1) * bin_days) for k in range(leads, 0, -1)}
    windows["day_0"] = Window(0, 1)
    windows |= {f"lag_{k}": Window((k - 1) * bin_days + 1, k * bin_days + 1) for k in range(1, lags + 1)}
    table = count_table(events, anchors, windows, covariates=covariates, history=history)
    far = table[list(windows)].to_numpy().max(axis=1) == 0
    if not far.any():
        raise ModelError(
            f"{where}: every day of the period lies within {leads * bin_days} days before or {lags * bin_days} after "
            "an anchor, so no day is left to compare with; use fewer or shorter bins"
        )
    formula = "count ~ " + " + ".join([*windows, *([controls] if controls.strip() else [])])
    how: dict[str, Any] = {"covariance": covariance, "max_lag": max_lag, "cluster": cluster}
    regression = poisson_regression(table, formula, **how, confidence_level=confidence_level)
    wide = poisson_regression(
        table, formula, **how, confidence_level=confidence_level ** (1.0 / len(windows))
    )
    before = [name for name in windows if name.startswith("lead_")]
    after = [name for name in windows if name.startswith("lag_")]
    test = _joint(regression, before)
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
        leads_test=test,
        lags_test=_joint(regression, after),
        detectable_ratio=_detectable(regression, test),
        anchors_label=anchors.label,
        provenance=Provenance(
            f"{where}({events.label}, {anchors.label}, leads={leads}, lags={lags}, bin_days={bin_days}, "
            f"controls={controls!r}, covariates={windows_text(covariates or {})}, history={history!r}, "
            f"covariance={covariance!r}, max_lag={max_lag}, "
            f"cluster={cluster!r}, confidence_level={confidence_level})",
            regression.provenance.data,
        ),
    )


def _joint(regression: RegressionResult, names: list[str]) -> JointTest | None:
    """Test all bins with a finite ratio and error together; None where there are none."""
    known = np.isfinite(regression.estimates + np.diag(regression.covariance_matrix))
    finite = [name for name in names if known[regression.terms.index(name)]]
    return regression.joint_test(finite) if finite else None


def _detectable(regression: RegressionResult, test: JointTest | None) -> float:
    """Return the ratio, the same in all bins, that the joint test finds at 5 % with 80 % power."""
    if test is None:
        return float("nan")
    which = [regression.terms.index(name) for name in test.terms]
    covariance = regression.covariance_matrix[np.ix_(which, which)]
    ones = np.ones(len(which))
    per_square = float(ones @ np.linalg.solve(covariance, ones))
    limit = stats.chi2.ppf(0.95, test.df)
    needed = optimize.brentq(lambda ncp: stats.ncx2.sf(limit, test.df, ncp) - POWER, 1e-6, 1e4)
    return float(np.exp(np.sqrt(needed / per_square)))
