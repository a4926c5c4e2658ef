"""What a comparison of two rates found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from eventstudy import draw
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Part, Rows, pvalue_text
from eventstudy.windows import Window

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class RateRatioResult(Result):
    """Result of :func:`eventstudy.rate_ratio`.

    Attributes
    ----------
    ratio, low, high : float
        Rate inside the window over rate outside, with the exact conditional interval. Infinite where
        no event lies outside, nan where the ratio is not defined.
    pvalue : float
        Two-sided, twice the smaller tail of the conditional binomial, at most 1.
    count_inside, count_outside, days_inside, days_outside : int
    n_anchors : int
        Anchors whose window holds a day of the period.
    """

    _estimate: ClassVar[str] = "rate ratio"
    ratio: float
    low: float
    high: float
    pvalue: float
    count_inside: int
    count_outside: int
    days_inside: int
    days_outside: int
    confidence_level: float
    window: Window
    events_label: str
    anchors_label: str
    period: str
    n_anchors: int
    provenance: Provenance = field(repr=False)

    @property
    def n_events(self) -> int:
        """Events inside and outside."""
        return self.count_inside + self.count_outside

    @property
    def expected_inside(self) -> float:
        """Events that the window would hold at the rate outside."""
        return self.count_outside * self.days_inside / self.days_outside

    @property
    def extra_per_anchor(self) -> float:
        """Events in the window beyond those expected at the rate outside, for each anchor."""
        return (self.count_inside - self.expected_inside) / self.n_anchors

    def _parts(self) -> list[Part]:
        """Return the result in words: what H0 was, then the numbers."""
        total = self.days_inside + self.days_outside
        return [Rows(
            f"Rate ratio: {self.events_label} in the window of {self.anchors_label} ({self.window}), {self.period}",
            [
                ("H0", "events are Poisson with one constant rate inside and outside the window"),
                ("inside", f"{self.count_inside} {self.events_label} in {self.days_inside} days "
                           f"({self.days_inside / total:.1%} of all days)"),
                ("outside", f"{self.count_outside} {self.events_label} in {self.days_outside} days"),
                ("ratio", f"{self.ratio:.2f} ({self.confidence_level:.0%} interval {self.low:.2f} to {self.high:.2f})"),
                ("extra", f"{self.extra_per_anchor:+.2f} {self.events_label} per anchor"),
                ("p-value", f"{pvalue_text(self.pvalue)} (two-sided, exact conditional)"),
                ("caution", "no allowance for bursts, trend or season; where they matter the interval is too narrow"),
            ],
        )]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row of unrounded numbers."""
        names = (
            "ratio", "low", "high", "pvalue", "count_inside", "count_outside", "days_inside", "days_outside",
            "expected_inside", "extra_per_anchor",
        )  # fmt: skip
        return pd.DataFrame({name: [getattr(self, name)] for name in names})

    def _method(self) -> str:
        return "exact conditional"

    def _terms(self) -> pd.DataFrame:
        return tidy_frame(
            ["rate ratio"],
            self.ratio,
            statistic=self.count_inside,
            p_value=self.pvalue,
            conf_low=self.low,
            conf_high=self.high,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the ratio with its interval on a logarithmic axis; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(4.4, 1.2))
        draw.ratio_intervals(
            ax, [str(self.window)], np.array([self.ratio]), np.array([self.low]), np.array([self.high])
        )
        ax.set_xlabel("rate inside the window / rate outside")
        return ax
