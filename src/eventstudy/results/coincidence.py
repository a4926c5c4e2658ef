"""Result of an event coincidence analysis."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from eventstudy import draw
from eventstudy.numeric.tails import Alternative
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.permutation import PermutationResult
from eventstudy.results.text import Part, Rows, pvalue_text
from eventstudy.windows import Window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARED = 0.05  # share of window days in several windows above which hits count as dependent
CROWDED = 0.2  # coverage above which events do not count as sparse


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """Coincidences in one direction.

    Attributes
    ----------
    count, total : int
        Anchors with an event in their window, out of all that could have one; or events in the window of an
        anchor, out of all.
    expected_rate, low, high : float
        Mean of the rate if events are independent and uniform, and its central 95 % range.
    pvalue : float
        Analytic, under the same assumption.
    test : PermutationResult or None
        The same count under a null model, where one was given.
    """

    count: int
    total: int
    expected_rate: float
    low: float
    high: float
    pvalue: float
    test: PermutationResult | None = field(repr=False)

    @property
    def rate(self) -> float:
        """Count over total."""
        return self.count / self.total


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class CoincidenceResult(Result):
    """Result of :func:`eventstudy.coincidence_rates`.

    Attributes
    ----------
    precursor, trigger : Direction
        Of anchors with an event in their window; of events in the window of an anchor.
    n_unseen : int
        Anchors whose window lies wholly outside the period; they do not count.
    coverage, overlap : float
        Share of the period's days in a window; share of the windows' days in more than one window.
    dispersion, dispersion_pvalue : float
        Variance over mean of the events in consecutive pieces as long as the window, and its p-value
        if events are Poisson at a constant rate; nan for fewer than two pieces.
    """

    _estimate: ClassVar[str] = "share"
    precursor: Direction
    trigger: Direction
    n_unseen: int
    coverage: float
    overlap: float
    dispersion: float
    dispersion_pvalue: float
    alternative: Alternative
    window: Window
    events_label: str
    anchors_label: str
    period: str
    provenance: Provenance = field(repr=False)

    @property
    def cautions(self) -> tuple[str, ...]:
        """Why the analytic p-values are not valid here; empty if no problem was found."""
        found = []
        if self.dispersion_pvalue < 0.05:
            found.append(
                f"the {self.events_label} come in bursts or at a changing rate (variance {self.dispersion:.2f} times "
                "the mean), so the analytic p-values are too small"
            )
        if self.overlap > SHARED:
            found.append(
                f"{self.overlap:.0%} of the window days are shared by several {self.anchors_label}, which are then hit "
                "together, so the analytic p-value of the precursor rate is wrong"
            )
        if self.coverage > CROWDED:
            found.append(
                f"the windows cover {self.coverage:.0%} of the days, so {self.events_label} before one of the "
                f"{self.anchors_label} are not rare, and the analytic p-value of the precursor rate is only approximate"
            )
        return tuple(found)

    def _parts(self) -> list[Part]:
        unseen = (
            f"; {self.n_unseen} without a day of the period in their window left out" if self.n_unseen else ""
        )
        rows = [
            ("precursor", f"{self.precursor.count} of {self.precursor.total} {self.anchors_label} have one of the "
                          f"{self.events_label} in their window{unseen}: {_rates(self.precursor)}"),
            ("trigger", f"{self.trigger.count} of {self.trigger.total} {self.events_label} lie in the window of one of "
                        f"the {self.anchors_label}: {_rates(self.trigger)}"),
            ("analytic", f"p-values ({self.alternative}) for independent {self.events_label} spread evenly over the "
                         "days; windows are cut off at the edges of the period"),
        ]  # fmt: skip
        if self.precursor.test is not None:
            rows.append(("null model", f"p-values given {self.precursor.test.null.keeps}"))
        rows += [("caution", text) for text in self.cautions]
        return [
            Rows(
                f"Event coincidences: {self.events_label} and {self.anchors_label} ({self.window}), {self.period}",
                rows,
            )
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return unrounded numbers, a row for each direction."""
        rows = {"precursor": self.precursor, "trigger": self.trigger}
        columns = ("count", "total", "rate", "expected_rate", "low", "high", "pvalue")
        table = pd.DataFrame(
            [{"direction": name, **{c: getattr(row, c) for c in columns}} for name, row in rows.items()]
        )
        for column in ("expected", "pvalue", "method"):
            table[f"null_{column}"] = [
                None if row.test is None else getattr(row.test, column) for row in rows.values()
            ]
        return table

    def _terms(self) -> pd.DataFrame:
        both = (self.precursor, self.trigger)
        return tidy_frame(
            ["precursor rate", "trigger rate"],
            [row.rate for row in both],
            statistic=[row.count for row in both],
            p_value=[row.pvalue if row.test is None else row.test.pvalue for row in both],
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw both rates over their range by chance alone; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(5.2, 1.7))
        both = (self.precursor, self.trigger)
        place = [1, 0]
        low, high = [row.low for row in both], [row.high for row in both]
        ax.hlines(place, low, high, color=draw.NULL, lw=7, label="chance, 95% of the time")
        ax.plot([row.expected_rate for row in both], place, "|", color=draw.REFERENCE, ms=9, label="expected")
        ax.plot([row.rate for row in both], place, "o", color=draw.OBSERVED, ms=5, label="observed")
        names = (f"{self.anchors_label} with an event", f"{self.events_label} with an anchor")
        ax.set_yticks(place, [textwrap.fill(name, 28) for name in names])
        ax.set(xlim=(0, 1), ylim=(-0.6, 1.6), xlabel="share")
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.tick_params(axis="y", length=0)
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, fontsize="small")
        return ax


def _rates(row: Direction) -> str:
    test = "" if row.test is None else f", under the null model p = {pvalue_text(row.test.pvalue)}"
    return f"{row.rate:.1%}, expected {row.expected_rate:.1%}; analytic p = {pvalue_text(row.pvalue)}{test}"
