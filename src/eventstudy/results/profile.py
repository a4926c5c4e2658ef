"""Result of a lag profile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.printing import shown
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.permutation import Method
from eventstudy.results.text import Part, Rows, h0_text, method_text, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.nulls.base import NullModel


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ProfileResult(Result):
    """Result of :func:`eventstudy.lag_profile`; arrays have one entry for each of k bins of lags.

    Attributes
    ----------
    edges : ndarray of int64, shape (k + 1,)
        First lag of each bin in days, and the lag after the last one.
    observed : ndarray of int64, shape (k,)
        Pairs of event and anchor with a lag in the bin.
    expected : ndarray of float64, shape (k,)
        Their mean under the null model.
    lower, upper : ndarray of int64, shape (k,)
        The band for the curve as a whole; values on its limits are inside.
    pvalue : float
        Global p-value by extreme rank length; at most one minus the confidence level if and only if the
        curve leaves the band.
    n_curves : int
        Arrangements, or draws and the observed series.
    method : {"exact", "monte-carlo"}
    method_note : str
        Why draws were made, where an exact answer was requested and not available; else empty.
    n_resamples : int
        0 if exact.
    n_anchors : int
        Anchors whose lags reach into the period.
    """

    _estimate: ClassVar[str] = "observed / expected"
    edges: NDArray[np.int64]
    observed: NDArray[np.int64]
    expected: NDArray[np.float64]
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    pvalue: float
    confidence_level: float
    bin_days: int
    n_curves: int
    method: Method
    method_note: str
    n_resamples: int
    null: NullModel
    events_label: str
    anchors_label: str
    period: str
    n_events: int
    n_anchors: int
    provenance: Provenance = field(repr=False)

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Which bins leave the band, shape (k,)."""
        return (self.observed < self.lower) | (self.observed > self.upper)

    def _parts(self) -> list[Part]:
        how = method_text(
            self.method == "exact",
            self.n_resamples,
            self.provenance.seed,
            counted=f"all {self.n_curves:,} arrangements",
            note=self.method_note,
        )
        away = [
            f"{_lags(start, stop)}: {seen} {self.events_label}, {mean:.1f} expected, band {low} to {high}"
            for start, stop, seen, mean, low, high, out in zip(
                self.edges[:-1], self.edges[1:], self.observed, self.expected, self.lower, self.upper, self.outside,
                strict=True,
            )
            if out
        ]  # fmt: skip
        ends = self._short_ends()
        return [Rows(
            f"Lag profile: {self.events_label} around {self.anchors_label}, {self.period}",
            [
                ("H0", h0_text(self.null, self.events_label, f"the {self.anchors_label}")),
                ("null model", shown(self.null)),
                ("data", f"{self.n_events} {self.events_label}, {self.n_anchors} {self.anchors_label}; "
                         "an event near two anchors counts for both"),
                ("bins", f"{self.observed.size} of {self.bin_days} d, day 0 separate, "
                         f"{_lags(self.edges[0], self.edges[-1])}{ends and f'; {ends}'}"),
                ("outside", f"{'; '.join(away) or 'no bin'} ({self.confidence_level:.0%} band for the whole curve)"),
                ("p-value", f"{pvalue_text(self.pvalue)} (global, extreme rank length)"),
                ("method", how),
            ],
        )]  # fmt: skip

    def _short_ends(self) -> str:
        """Return the days in the outermost bins in words where they are fewer than in the others, else nothing."""
        days = np.diff(self.edges)
        return ", ".join(
            f"{name} bin {days[at]} d"
            for name, at in (("first", 0), ("last", days.size - 1))
            if days[at] < self.bin_days and self.edges[at] != 0  # the anchor's own day is always a bin
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a row of unrounded numbers for each bin, which holds the lags from `lag` to before `lag_stop`."""
        return pd.DataFrame(
            {
                "lag": self.edges[:-1],
                "lag_stop": self.edges[1:],
                "observed": self.observed,
                "expected": self.expected,
                "lower": self.lower,
                "upper": self.upper,
                "outside": self.outside,
            }
        )

    def _method(self) -> str:
        return "exact" if self.method == "exact" else f"{self.n_resamples:,} draws"

    def _terms(self) -> pd.DataFrame:
        names = [_lags(start, stop) for start, stop in zip(self.edges[:-1], self.edges[1:], strict=True)]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(self.expected > 0.0, self.observed / self.expected, np.nan)
        whole = tidy_frame(["whole curve"], p_value=self.pvalue)
        return pd.concat([tidy_frame(names, ratio, statistic=self.observed), whole], ignore_index=True)

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height of its figure, in inches."""
        return 5.6, 2.8

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the counts by lag over their expected values and band; return the axes."""
        own = ax is None
        ax = draw.axes_or_new(ax, figsize=self.figure_size)
        draw.lag_profile(ax, self.edges, self.observed, self.expected, self.lower, self.upper)
        band = f"{self.confidence_level:.0%} band for the whole curve, p {pvalue_text(self.pvalue)}"
        says = f"grey: {band}; dotted: expected"
        label = f"days from {self.anchors_label}: before (\u2212) and after (+)"
        if own:
            draw.small_title(ax, says)
        ax.set_xlabel(label if own else f"{label};\n{says}")  # the title of given axes is their owner's
        width = "day" if self.bin_days == 1 else f"bin of {self.bin_days} days"
        ends = self._short_ends()
        ax.set_ylabel(f"{self.events_label} per {width}{ends and f' ({ends})'}")
        return ax


def _lags(start: int, stop: int) -> str:
    """Return a half-open range of lags in words."""
    return f"day {start:+d}" if stop - start == 1 else f"days {start:+d} to {stop - 1:+d}"
