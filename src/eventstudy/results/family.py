"""Result of a family of tests, with p-values corrected for multiple testing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.numeric.tails import Alternative, at_most_level, rejects
from eventstudy.printing import shown
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.permutation import Method
from eventstudy.results.text import Grid, Part, Rows, h0_text, method_text, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.nulls.base import NullModel

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class FamilyResult(Result):
    """Result of :func:`eventstudy.permutation_family`; arrays have one entry for each of k tests.

    Attributes
    ----------
    names, statistics, anchors_labels : tuple of str
    alternatives : tuple of {"greater", "less", "two-sided"}
    n_anchors : tuple of int
        Anchors whose window holds a day of the period, where the statistic has a window.
    has_ratio : tuple of bool
        Whether observed over expected is meaningful: the statistic counts from zero.
    observed, expected : ndarray of float64, shape (k,)
        The statistics, and their means under the null model.
    studentised : ndarray of float64, shape (k,)
        Observed minus mean, over standard deviation, under the null model; nan where the statistic
        is constant.
    pvalue : ndarray of float64, shape (k,)
        Uncorrected: the share of the arrangements, or of the draws and the observed series,
        that are at least as extreme, ties included.
    pvalue_adjusted : ndarray of float64, shape (k,)
        Step-down max-T of the studentised statistics.
    pvalue_maxt_single, pvalue_minp, pvalue_minp_single : ndarray of float64, shape (k,)
        Single-step max-T; step-down and single-step min-P. No corrected p-value is below its `pvalue`.
    largest : ndarray of float64, shape (n,)
        The largest studentised statistic of each arrangement, or of each draw and the observed series,
        signed so that large is extreme.
    method : {"exact", "monte-carlo"}
    method_note : str
        Why draws were made, where an exact answer was requested and not available; else empty.
    n_resamples : int
        0 if exact.
    """

    _estimate: ClassVar[str] = "observed / expected"
    names: tuple[str, ...]
    statistics: tuple[str, ...]
    anchors_labels: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    n_anchors: tuple[int, ...]
    observed: Floats
    expected: Floats
    studentised: Floats
    pvalue: Floats
    pvalue_adjusted: Floats
    pvalue_maxt_single: Floats
    pvalue_minp: Floats
    pvalue_minp_single: Floats
    largest: Floats = field(repr=False)
    method: Method
    method_note: str
    n_resamples: int
    null: NullModel
    events_label: str
    period: str
    n_events: int
    has_ratio: tuple[bool, ...]
    provenance: Provenance = field(repr=False)

    def critical_value(self, level: float = 0.05) -> float:
        """Return the bound above which a signed studentised statistic has a single-step max-T p-value <= `level`."""
        allowed = at_most_level(level, self.largest.size)
        if allowed >= self.largest.size:
            return float("-inf")
        return float(np.partition(self.largest, -allowed - 1)[-allowed - 1])

    def _parts(self) -> list[Part]:
        how = method_text(
            self.method == "exact",
            self.n_resamples,
            self.provenance.seed,
            counted=f"all {self.largest.size:,} arrangements",
            shared=" shared by all tests",
            note=self.method_note,
        )
        anchors = " or the ".join(dict.fromkeys(self.anchors_labels))
        head = Rows(
            f"Family of {len(self.names)} permutation tests: {self.events_label}, {self.period}",
            [
                ("H0", h0_text(self.null, self.events_label, f"the {anchors}")),
                ("null model", shown(self.null)),
                ("data", f"{self.n_events} {self.events_label}"),
                ("corrected", "step-down max-T of the studentised statistics, (observed - mean) / sd under the null"),
                ("method", how),
            ],
        )  # fmt: skip
        columns = (("observed", 8), ("expected", 8), ("p alone", 7), ("p corrected", 11), ("alternative", 0))
        rows = [
            (
                name,
                f"{self.observed[j]:g}",
                f"{self.expected[j]:.2f}",
                pvalue_text(self.pvalue[j]),
                pvalue_text(self.pvalue_adjusted[j]),
                self.alternatives[j],
            )
            for j, name in enumerate(self.names)
        ]
        return [head, Grid(columns, rows)]

    def to_frame(self) -> pd.DataFrame:
        """Return a row of unrounded numbers for each test."""
        return pd.DataFrame(
            {
                "name": self.names,
                "statistic": self.statistics,
                "anchors": self.anchors_labels,
                "n_anchors": self.n_anchors,
                "alternative": self.alternatives,
                "observed": self.observed,
                "expected": self.expected,
                "ratio": self._ratio(),
                "studentised": self.studentised,
                "pvalue": self.pvalue,
                "pvalue_adjusted": self.pvalue_adjusted,
                "pvalue_maxt_single": self.pvalue_maxt_single,
                "pvalue_minp": self.pvalue_minp,
                "pvalue_minp_single": self.pvalue_minp_single,
                "method": self.method,
                "n_resamples": self.n_resamples,
            }
        )

    def _ratio(self) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where((self.expected != 0.0) & self.has_ratio, self.observed / self.expected, np.nan)

    def _method(self) -> str:
        return f"max-T, {'exact' if self.method == 'exact' else f'{self.n_resamples:,} draws'}"

    def _terms(self) -> pd.DataFrame:
        return tidy_frame(self.names, self._ratio(), statistic=self.studentised, p_value=self.pvalue_adjusted)

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height of its figure, in inches."""
        return 5.6, 0.24 * len(self.names) + 1.0

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each test's studentised statistic with its corrected p-value, and the bound for all."""
        ax = draw.axes_or_new(ax, figsize=self.figure_size)
        sign = np.array([-1.0 if alternative == "less" else 1.0 for alternative in self.alternatives])
        two_sided = np.array([alternative == "two-sided" for alternative in self.alternatives])
        signed = np.where(two_sided, np.abs(self.studentised), sign * self.studentised)
        draw.family(
            ax,
            list(self.names),
            signed,
            self.critical_value(),
            [f"p {pvalue_text(p)}" for p in self.pvalue_adjusted],
            rejects(self.pvalue_adjusted, 0.05),
            list(self.anchors_labels),
        )
        ax.set_xlabel("standard deviations from expected, in the direction tested")
        return ax
