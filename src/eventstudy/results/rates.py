"""Result of a comparison of two rates."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.arguments import one_of, positive
from eventstudy.nulls.base import NullModel
from eventstudy.numeric.inversion import RATIOS, Inversion
from eventstudy.numeric.ratios import RatioTest
from eventstudy.numeric.tails import ALTERNATIVES, Alternative, tail
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Part, Rows, pvalue_text
from eventstudy.strata import Within, describe
from eventstudy.windows import Window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVE = RATIOS[(RATIOS >= 0.0099) & (RATIOS <= 101.0)]  # of the confidence curve


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class RateRatioResult(Result):
    """Result of :func:`eventstudy.rate_ratio`.

    Attributes
    ----------
    ratio, low, high : float
        Rate inside the window over rate outside, with its interval. Without a null model the ratio is
        infinite where no event lies outside; with one it is nan where no ratio has equal tails. An end of 0 or infinity
        means that no bound was found on that side.
    pvalue : float
        Two-sided, of a ratio of 1: twice the smaller tail, at most 1.
    count_inside, count_outside, days_inside, days_outside : int
    n_anchors : int
        Anchors whose window holds a day of the period.
    null : NullModel or None
        None: the exact interval for independent events.
    within : str, tuple of cut days or None
        Strata within which the rates are compared under the null model.
    excluded : float or None
        The ratio tested, if any.
    has_hole : bool
        Whether ratios between the ends are rejected, so that the interval is a hull.
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
    null: NullModel | None
    within: Within
    excluded: float | None
    has_hole: bool
    test: RatioTest = field(repr=False)
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
        """Expected events in the window at the rate outside."""
        return self.count_outside * self.days_inside / self.days_outside

    @property
    def extra_per_anchor(self) -> float:
        """Events in the window beyond those expected at the rate outside, for each anchor."""
        return (self.count_inside - self.expected_inside) / self.n_anchors

    @property
    def method(self) -> str:
        """The method of the interval and the p-values, in words."""
        if not isinstance(self.test, Inversion):
            return "exact conditional, for independent events at one constant rate"
        made = f"{self.test.size:,} draws" if self.test.drawn else f"all {self.test.size:,} arrangements"
        return f"inverted test of the excess {describe(self.within)}, {made}"

    @property
    def excluded_pvalue(self) -> float | None:
        """The p-value of "the excluded ratio or more": small if the data are evidence against it; None if not given."""
        return None if self.excluded is None else self.pvalue_at(self.excluded, "less")

    @property
    def smallest_pvalue(self) -> float:
        """The smallest attainable one-sided p-value of a ratio of 1 under the null model; 0 without a null model."""
        return self.test.smallest() if isinstance(self.test, Inversion) else 0.0

    def pvalue_at(self, ratio: float, alternative: Alternative = "two-sided") -> float:
        """Return the p-value of one ratio.

        Parameters
        ----------
        ratio : float
            Above 0 and finite.
        alternative : {"two-sided", "greater", "less"}, default "two-sided"
            "less" tests "this ratio or more" against a smaller one; two-sided doubles the smaller tail, at most 1.
        """
        one_of(alternative, ALTERNATIVES, "pvalue_at", "alternative")
        greater, less = self.test.tails(positive(ratio, "pvalue_at", "the ratio"))
        return tail(alternative, greater, less)

    def curve(self) -> pd.DataFrame:
        """Return the confidence curve: the p-values at ratios from 0.01 to 100.

        Returns
        -------
        DataFrame
            ratio, pvalue (two-sided), pvalue_greater, pvalue_less.
        """
        return self._curve(CURVE)

    def _curve(self, ratios: NDArray[np.float64]) -> pd.DataFrame:
        greater, less = np.array([self.test.tails(float(ratio)) for ratio in ratios]).T
        return pd.DataFrame(
            {
                "ratio": ratios,
                "pvalue": tail("two-sided", greater, less),
                "pvalue_greater": greater,
                "pvalue_less": less,
            }
        )

    def _parts(self) -> list[Part]:
        total = self.days_inside + self.days_outside
        rows = [
            ("H0", self._hypothesis()),
            ("inside", f"{self.count_inside} {self.events_label} in {self.days_inside} days "
                       f"({self.days_inside / total:.1%} of all days)"),
            ("outside", f"{self.count_outside} {self.events_label} in {self.days_outside} days"),
            ("ratio", f"{self.ratio_text()} ({self.confidence_level:.0%} interval {self.interval_text()})"),
        ]  # fmt: skip
        if self.null is None:
            rows.append(("extra", f"{self.extra_per_anchor:+.2f} {self.events_label} per anchor"))
        rows.append(("p-value", f"{pvalue_text(self.pvalue)} (two-sided, ratio of 1)"))
        if self.excluded_pvalue is not None:
            rows.append(
                ("excluded", f"{pvalue_text(self.excluded_pvalue)} (ratio of {self.excluded:g} or more)")
            )
        rows.append(("method", self.method))
        rows += [("caution", text) for text in self.cautions()]
        head = f"Rate ratio: {self.events_label} in the window of {self.anchors_label} ({self.window}), {self.period}"
        return [Rows(head, rows)]

    def ratio_text(self) -> str:
        """Return the ratio in words, or say that there is no estimate."""
        return "no estimate, as no ratio has equal tails" if math.isnan(self.ratio) else f"{self.ratio:.2f}"

    def interval_text(self) -> str:
        """Return the interval in words, and which ends are unbounded."""
        if math.isnan(self.low):
            return "empty: every ratio is rejected"
        low = f"{self.low:.2f}" if self.low > 0 or not self.count_inside else ""
        high = f"{self.high:.2f}" if math.isfinite(self.high) or not self.count_outside else ""
        if low and high:
            return f"{low} to {high}"
        if not low and not high:
            return "unbounded on both sides"
        return (
            f"{low} or more, no upper bound found" if low else f"up to {high}, no lower bound above 0 found"
        )

    def cautions(self) -> list[str]:
        """Return cautions about the interval, one sentence each."""
        if self.null is None:
            return ["no allowance for bursts, trend or season; where they matter the interval is too narrow"]
        found = []
        if self.has_hole:
            found.append("some ratios inside the interval are rejected: it is the hull of those that are not")
        if not self.count_inside:
            found.append(
                "no event lies in the window: the upper end assumes that events in it are independent of each other"
            )
        if self.smallest_pvalue > (1.0 - self.confidence_level) / 2.0:
            found.append(
                f"a one-sided p-value cannot be smaller than {pvalue_text(self.smallest_pvalue)}: the null model has "
                "too few distinct arrangements"
            )
        return found

    def _hypothesis(self) -> str:
        if self.null is None:
            return "events are Poisson with one constant rate inside and outside the window"
        return (
            f"the rate in the window is the ratio times that outside, {describe(self.within)}; kept: "
            f"{self.null.keeps}"
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row of unrounded numbers, and how they were found."""
        return self._row(
            "ratio", "low", "high", "pvalue", "count_inside", "count_outside", "days_inside", "days_outside",
            "expected_inside", "extra_per_anchor", "excluded", "excluded_pvalue", "method",
        )  # fmt: skip

    def _method(self) -> str:
        return "exact conditional" if self.null is None else "inverted test of the excess"

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
        """Draw the confidence curve: the two-sided p-value of each ratio, and the interval; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(4.8, 2.8))
        ends = [end for end in (self.low, self.high) if 0.0 < end < np.inf]
        first, last = (
            min([CURVE[0], *(end / 5 for end in ends)]),
            max([CURVE[-1], *(5 * end for end in ends)]),
        )
        beyond = first < CURVE[0] or last > CURVE[-1]
        ratios = np.geomspace(first, last, CURVE.size) if beyond else CURVE
        if len(ends) == 2:  # round off the top of a narrow curve
            ratios = np.union1d(ratios, np.geomspace(ends[0], ends[1], 17))
        if 0.0 < self.ratio < np.inf:  # the estimate is a point of the curve
            ratios = np.union1d(ratios, self.ratio)
        curve = self._curve(ratios)
        draw.confidence_curve(
            ax,
            curve["ratio"].to_numpy(),
            curve["pvalue"].to_numpy(),
            estimate=self.ratio,
            interval=(self.low, self.high),
            level=self.confidence_level,
        )
        ax.set_xlabel(f"rate inside the window / rate outside (bar: {self.confidence_level:.0%} interval)")
        return ax
