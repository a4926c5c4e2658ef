"""A yearly trend of counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import draw
from eventstudy.provenance import Provenance
from eventstudy.results.base import Coefficients
from eventstudy.results.count_models import NegativeBinomialResult
from eventstudy.results.regression import RegressionResult
from eventstudy.results.text import About, Part, Rows, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class GrowthResult(Coefficients):
    """Result of :func:`eventstudy.yearly_growth`.

    Attributes
    ----------
    counts : Series
        Events by year.
    ratio, low, high : float
        Rate of a year over that of the year before; quasi-Poisson, limits from Student's t.
    pvalue : float
        Two-sided, of H0: no trend.
    model : RegressionResult
    negative_binomial : NegativeBinomialResult
        The same trend with a fitted variance, for comparison.
    """

    counts: pd.Series[int] = field(repr=False)
    ratio: float
    low: float
    high: float
    pvalue: float
    confidence_level: float
    model: RegressionResult
    negative_binomial: NegativeBinomialResult
    events_label: str
    period: str
    provenance: Provenance = field(repr=False)

    def _parts(self) -> list[Part]:
        other = self.negative_binomial.irr.loc["step"]
        return [Rows(
            f"Yearly trend: {self.events_label}, {self.period}",
            [
                ("H0", "the rate does not change from year to year"),
                ("data", f"{int(self.counts.sum())} {self.events_label} in {len(self.counts)} years"),
                ("ratio", f"{self.ratio:.3f} a year ({self.confidence_level:.0%} interval {self.low:.3f} to "
                          f"{self.high:.3f}), p {pvalue_text(self.pvalue)}; dispersion {self.model.dispersion:.1f}"),
                ("negative binomial", f"{other['irr']:.3f} ({other['low']:.3f} to {other['high']:.3f})"),
                ("caution", "years are treated as independent; runs of busy years make the interval too narrow"),
            ],
        )]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each year: observed and fitted number."""
        return pd.DataFrame(
            {"year": self.counts.index, "observed": self.counts.to_numpy(), "fitted": self.model.fitted}
        )

    def _about(self) -> About:
        return self.model._about()

    def _terms(self) -> pd.DataFrame:
        return self.model._terms().query("term == 'step'").reset_index(drop=True)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the numbers by year and the trend; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(4.4, 2.2))
        years = self.counts.index.to_numpy(int)
        ax.bar(years, self.counts.to_numpy(), color=draw.NULL, width=0.8)
        ax.plot(years, self.model.fitted, color=draw.EVENTS, lw=1.4)
        ax.set_xticks(years[:: -(-len(years) // 8)])
        ax.set(ylabel=self.events_label, ylim=(0, 1.1 * max(1.0, float(np.max(self.counts)))))
        ax.spines[["top", "right"]].set_visible(False)
        return ax
