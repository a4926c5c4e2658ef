"""Result of a regression on leads and lags of anchors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.provenance import Provenance
from eventstudy.results.base import Coefficients
from eventstudy.results.effects import JointTest
from eventstudy.results.regression import RegressionResult
from eventstudy.results.text import About, Part, Rows
from eventstudy.windows import Window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class LeadLagResult(Coefficients):
    """Result of :func:`eventstudy.lead_lag_regression`.

    Attributes
    ----------
    regression : RegressionResult
        The whole model, with intervals for one term at a time.
    windows : mapping of str to Window
        The bins in order of time, k of them.
    band_low, band_high : ndarray, shape (k,)
        Simultaneous limits for all bins.
    days, counts : ndarray, shape (k,)
        Days of the period in each bin, and their events.
    reference_days, reference_events : int
        Days outside the bins of every anchor, and their events.
    leads_test, lags_test : JointTest or None
        H0: the ratios of all bins before (after) the anchors are 1. None where there is no such test.
    untested : mapping of str to str
        Why there is none, for "before" and "after".
    detectable_ratio : float
        The ratio, the same in all bins before, that `leads_test` detects at 5 % with 80 % power; infinite if none.
    """

    _regressions = ("regression",)
    regression: RegressionResult = field(repr=False)
    windows: Mapping[str, Window]
    band_low: Floats = field(repr=False)
    band_high: Floats = field(repr=False)
    days: NDArray[np.int64] = field(repr=False)
    counts: NDArray[np.int64] = field(repr=False)
    reference_days: int
    reference_events: int
    leads_test: JointTest | None
    lags_test: JointTest | None
    untested: Mapping[str, str]
    detectable_ratio: float
    anchors_label: str
    provenance: Provenance = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return a row per bin: first and last lag in days, days, events, ratio, interval, band, p-value."""
        irr = self.regression.irr.loc[list(self.windows)]
        return pd.DataFrame(
            {
                "term": list(self.windows),
                "lag_first": [window.start for window in self.windows.values()],
                "lag_last": [window.stop - 1 for window in self.windows.values()],
                "days": self.days,
                "events": self.counts,
                "irr": irr["irr"].to_numpy(),
                "low": irr["low"].to_numpy(),
                "high": irr["high"].to_numpy(),
                "band_low": self.band_low,
                "band_high": self.band_high,
                "pvalue": irr["pvalue"].to_numpy(),
            }
        )

    def _about(self) -> About:
        return self.regression._about()

    def _terms(self) -> pd.DataFrame:
        return self.regression._terms().set_index("term").loc[list(self.windows)].reset_index()

    def _parts(self) -> list[Part]:
        frame, level = self.to_frame(), self.regression.confidence_level
        outside = frame[(frame["band_low"] > 1) | (frame["band_high"] < 1)]
        all_bins = f"for all {len(frame)} bins at once (Sidak)"
        rate = 365.25 * self.reference_events / self.reference_days
        rows = [
            (
                "H0",
                f"given the controls, the rate does not depend on the weeks to or from {self.anchors_label}",
            ),
            ("formula", f"{self.regression.formula}, offset log(days)"),
            (
                "reference",
                f"{self.reference_days:,} days farther from any anchor, {self.reference_events} "
                f"{self.regression.events_label} ({rate:.1f} per year)",
            ),
            ("errors", self.regression.covariance),
            ("before", self._test_text("before", self.leads_test)),
            *self._power_row(),
            ("after", self._test_text("after", self.lags_test)),
            ("largest", _largest(frame)),
            (
                "outside",
                f"{', '.join(outside['term']) or 'no bin'}: the {level:.0%} band {all_bins} leaves out 1",
            ),
        ]
        rows += [("note", text) for text in self.regression.notes]
        return [Rows(f"Leads and lags: {self.regression.events_label} around {self.anchors_label}", rows)]

    def _power_row(self) -> list[tuple[str, str]]:
        if self.leads_test is None:
            return []
        large = np.isinf(self.detectable_ratio)
        ratio = "no ratio, however large," if large else f"a ratio of {self.detectable_ratio:.2f}"
        found = f"the test before would detect {ratio} in every bin with 80% power"
        return [("power", f"{found}; not rejecting is not evidence of a smaller one")]

    def _test_text(self, side: str, test: JointTest | None) -> str:
        return (
            f"no joint test: {self.untested[side]}"
            if test is None
            else f"all {test.df} ratios 1: {test.words()}"
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the ratios by lag with intervals and the band for all at once; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(6.0, 2.8))
        frame = self.to_frame()
        edges = np.append(frame["lag_first"].to_numpy(), frame["lag_last"].iloc[-1] + 1)
        values = [frame[name].to_numpy(float) for name in ("irr", "low", "high", "band_low", "band_high")]
        draw.lead_lag(ax, edges - 0.5, *values)
        ax.set_xlabel("days from the anchor")
        ax.set_ylabel("rate ratio")
        return ax


def _largest(frame: pd.DataFrame) -> str:
    """Return the bin with the largest finite ratio, in words."""
    known = frame.dropna(subset="irr")
    if not len(known):
        return "no bin has a ratio"
    largest = known.iloc[known["irr"].to_numpy().argmax()]
    return f"{largest['term']}, ratio {largest['irr']:.2f}"
