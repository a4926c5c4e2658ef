"""Waiting times from anchors to the next event."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import draw
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.permutation import PermutationResult
from eventstudy.results.shares import Share
from eventstudy.results.text import Part, Rows, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_DATES = 45  # that stand beside a plot


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class WaitingResult(Result):
    """Result of :func:`eventstudy.waiting_times`.

    Attributes
    ----------
    table : DataFrame
        As returned by :meth:`to_frame`.
    near_days : int
    near : Share
        Anchors with an event within this many days.
    near_any_day : float
        The same share over all days of the period, for comparison.
    tests : mapping of str to PermutationResult
        Of minus the mean wait, by null model: large means short.
    """

    table: pd.DataFrame = field(repr=False)
    near_days: int
    near: Share
    near_any_day: float
    tests: Mapping[str, PermutationResult]
    events_label: str
    anchors_label: str
    period: str
    provenance: Provenance = field(repr=False)

    @property
    def mean_days(self) -> float:
        """Mean wait, in days."""
        return float(self.table["days"].mean())

    def _parts(self) -> list[Part]:
        return [Rows(
            f"Wait from {self.anchors_label} to the next of the {self.events_label}, {self.period}",
            [
                ("H0", f"the {self.anchors_label} are unrelated to the {self.events_label}"),
                ("mean wait", f"{self.mean_days:.0f} days"),
                ("near", f"{self.near} within {self.near_days} days; of all days {self.near_any_day:.1%}"),
                *[(name, f"expected {-test.expected:.0f} days, p of a wait this short {pvalue_text(test.pvalue)} "
                         f"({test.method})") for name, test in self.tests.items()],
            ],
        )]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each anchor: its date, the date of the next event, and the days between."""
        return self.table.copy()

    def _terms(self) -> pd.DataFrame:
        tests = self.tests.values()
        return tidy_frame(
            [f"mean wait, {name}" for name in self.tests],
            self.mean_days,
            statistic=[test.observed for test in tests],
            p_value=[test.pvalue for test in tests],
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the wait after each anchor, with the one expected under the first null model, if any; return the axes.

        Above 45 anchors every second one is dated, every third one above 90, and so on.
        """
        count = len(self.table)
        ax = draw.axes_or_new(ax, figsize=(4.4, 0.3 * min(count, MOST_DATES) + 0.9))
        place = np.arange(count)[::-1]
        ax.barh(place, self.table["days"], color=draw.EVENTS, height=0.5)
        first = next(iter(self.tests.values()), None)
        if first is not None:
            ax.axvline(-first.expected, color=draw.REFERENCE, lw=0.9, ls=":")
        every = slice(None, None, math.ceil(count / MOST_DATES))
        ax.set_yticks(place[every], [f"{date:%Y-%m-%d}" for date in self.table["date"][every]])
        ax.set_ylim(-0.8, count - 0.2)
        dotted = "" if first is None else " (dotted: expected)"
        ax.set_xlabel(f"days to the next of the {self.events_label}{dotted}")
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right", "left"]].set_visible(False)
        return ax
