"""Result of a test for a change on a given day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import draw
from eventstudy.dates import date_text
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.permutation import PermutationResult
from eventstudy.results.rates import RateRatioResult
from eventstudy.results.text import Part, Rows, h0_text, pvalue_text, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ChangeResult(Result):
    """Result of :func:`eventstudy.ratio_change`.

    Attributes
    ----------
    day : int
        First day of the second part.
    before, after : PermutationResult
        The test of each part separately, exact.
    rate_before, rate_after : RateRatioResult
    difference : float
        Observed over expected after the day, minus observed over expected before it.
    pvalue : float
        Two-sided, exact: twice the smaller tail of the difference, at most 1.
    """

    day: int
    before: PermutationResult
    after: PermutationResult
    rate_before: RateRatioResult
    rate_after: RateRatioResult
    difference: float
    pvalue: float
    provenance: Provenance = field(repr=False)

    def _parts(self) -> list[Part]:
        parts = (("before", self.before, self.rate_before), ("after", self.after, self.rate_after))
        return [Rows(
            f"Change on {date_text(self.day)}: {self.before.events_label} and {self.before.anchors_label}",
            [
                ("H0", h0_text(self.before.null, self.before.events_label,
                               f"the {self.before.anchors_label}, before the day and after it")),
                *[(name, f"observed {test.observed:g}, expected {test.expected:.2f}; rate ratio "
                         + with_interval(rate.ratio, rate.low, rate.high, rate.confidence_level))
                  for name, test, rate in parts],
                ("difference", f"{self.difference:+.2f} of observed over expected, "
                               f"p {pvalue_text(self.pvalue)} (two-sided, exact)"),
            ],
        )]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each part, unrounded."""
        rows = [
            {
                "part": test.period,
                "n_events": test.n_events,
                "n_anchors": test.n_anchors,
                "observed": test.observed,
                "expected": test.expected,
                "ratio": rate.ratio,
                "low": rate.low,
                "high": rate.high,
            }
            for test, rate in ((self.before, self.rate_before), (self.after, self.rate_after))
        ]
        return pd.DataFrame(rows)

    def _terms(self) -> pd.DataFrame:
        parts = (self.rate_before, self.rate_after)
        return tidy_frame(
            ["rate ratio before", "rate ratio after", "difference"],
            [*(part.ratio for part in parts), self.difference],
            p_value=[*(part.pvalue for part in parts), self.pvalue],
            conf_low=[*(part.low for part in parts), np.nan],
            conf_high=[*(part.high for part in parts), np.nan],
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw both rate ratios with their intervals; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(4.4, 1.4))
        both = (self.rate_before, self.rate_after)
        draw.ratio_intervals(
            ax,
            [f"before {date_text(self.day)}", f"from {date_text(self.day)}"],
            np.array([part.ratio for part in both]),
            np.array([part.low for part in both]),
            np.array([part.high for part in both]),
        )
        ax.set_xlabel("rate inside the window / rate outside")
        return ax
