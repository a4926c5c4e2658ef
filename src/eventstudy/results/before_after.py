"""Rates before and after each anchor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import draw
from eventstudy.provenance import Provenance
from eventstudy.results.base import Coefficients
from eventstudy.results.permutation import PermutationResult
from eventstudy.results.regression import RegressionResult
from eventstudy.results.text import About, Part, Rows, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class BeforeAfterResult(Coefficients):
    """Result of :func:`eventstudy.before_after`.

    Attributes
    ----------
    table : DataFrame
        As returned by :meth:`to_frame`.
    stretches : DataFrame
        A row for each run of days near an anchor: its first and last day, and the events on days that lie before some
        anchor, after some anchor, or both; the joint ratio leaves out days that are both.
    days : int
        Days after an anchor; the time before also includes the anchor's own day.
    model : RegressionResult
        Of the days that lie before some anchor or after some anchor, not both; its term is ``after``.
    tests : mapping of str to PermutationResult
        Of events before minus events after, by null model, two-sided.
    """

    table: pd.DataFrame = field(repr=False)
    stretches: pd.DataFrame = field(repr=False)
    days: int
    model: RegressionResult
    tests: Mapping[str, PermutationResult]
    events_label: str
    anchors_label: str
    period: str
    provenance: Provenance = field(repr=False)

    @property
    def ratio(self) -> float:
        """Rate after over rate before, for all anchors together."""
        return float(np.exp(self.model.estimates[self._place]))

    @property
    def interval(self) -> tuple[float, float]:
        """Limits of the ratio; they allow for bursts."""
        return float(self.model.low[self._place]), float(self.model.high[self._place])

    @property
    def _place(self) -> int:
        return self.model.terms.index("after")

    @property
    def n_followed(self) -> int:
        """Number of anchors followed by an event."""
        return int((self.table["after"] > 0).sum())

    def _parts(self) -> list[Part]:
        low, high = self.interval
        return [Rows(
            f"{self.events_label} in the {self.days} days before and after {self.anchors_label}, {self.period}",
            [
                ("H0", f"the {self.events_label} are as frequent after as before"),
                ("followed", f"{self.n_followed} of {len(self.table)} {self.anchors_label}"),
                ("ratio", f"{self.ratio:.2f} after over before "
                          f"({self.model.confidence_level:.0%} interval {low:.2f} to {high:.2f})"),
                ("it compares", "{before} before with {after} after; {both} on days that are both are left out".format(
                    **self.stretches[["before", "after", "both"]].sum())),
                *[(name, f"before minus after: observed {test.observed:g}, expected {test.expected:.2f}, "
                         f"p {pvalue_text(test.pvalue)} (two-sided)") for name, test in self.tests.items()],
                ("caution", "anchors that respond to a burst of events are followed by fewer, without any effect"),
            ],
        )]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each anchor.

        Returns
        -------
        DataFrame
            date, before, after (events), ratio of rates, low, high, pvalue: exact, conditional on the total; nan where
            there is no event on either side.
        """
        return self.table.copy()

    def _about(self) -> About:
        return self.model._about()

    def _terms(self) -> pd.DataFrame:
        return self.model._terms().query("term == 'after'").reset_index(drop=True)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw for each anchor the events before and after, joined by a line; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(5.6, 0.24 * len(self.table) + 0.9))
        place = np.arange(len(self.table))[::-1]
        before, after = self.table["before"].to_numpy(), self.table["after"].to_numpy()
        ax.hlines(
            place, np.minimum(before, after), np.maximum(before, after), color=draw.NULL, lw=1.6, zorder=1
        )
        ax.plot(
            before,
            place,
            "o",
            color=draw.REFERENCE,
            mfc="white",
            ms=6,
            label=f"{self.days} days before",
            zorder=2,
        )
        ax.plot(after, place, "o", color=draw.EVENTS, ms=4, label=f"{self.days} days after", zorder=3)
        ax.set_yticks(place, [f"{date:%Y-%m-%d}" for date in self.table["date"]])
        ax.set(xlabel=self.events_label, ylim=(-0.6, len(self.table) - 0.4))
        ax.set_xlim(left=-0.5)
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
        return ax
