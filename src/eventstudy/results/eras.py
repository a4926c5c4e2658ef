"""Distances to the nearest event, by era, compared with those of other days."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import draw
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Part, Rows, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ErasResult(Result):
    """Result of :func:`eventstudy.nearest_by_era`.

    Attributes
    ----------
    table : DataFrame
        As returned by :meth:`to_frame`.
    shift_days : int
        Anchors were moved by up to this many days, to either side.
    """

    table: pd.DataFrame = field(repr=False)
    shift_days: int
    events_label: str
    anchors_label: str
    provenance: Provenance = field(repr=False)

    def _parts(self) -> list[Part]:
        return [
            Rows(
                f"Days from {self.anchors_label} to the nearest of the {self.events_label}",
                [
                    (
                        "H0",
                        f"the {self.anchors_label} are days like those up to {self.shift_days} days around them",
                    ),
                    *[
                        (
                            str(row["era"]),
                            f"{row['mean']:.1f} days over {row['anchors']}; any day {row['any_day']:.1f}; "
                            f"moved {row['moved']:.1f}; p of a mean this small {pvalue_text(row['pvalue'])}",
                        )
                        for _, row in self.table.iterrows()
                    ],
                ],
            )
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each era.

        Returns
        -------
        DataFrame
            era, anchors, events (days with an event), mean (days from an anchor to the nearest event), any_day (from
            every day of the era), moved, low, high (mean and central 95 % of the mean distance of moved anchors),
            pvalue (share of the shifts, including the zero shift, with a mean as small or smaller).
        """
        return self.table.copy()

    def _terms(self) -> pd.DataFrame:
        table = self.table
        return tidy_frame([str(era) for era in table["era"]], table["mean"], p_value=table["pvalue"])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw for each era the mean distance of the anchors beside that of any day, in weeks; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(4.8, 0.6 * len(self.table) + 1.0))
        place = np.arange(len(self.table))[::-1].astype(float)
        weeks = self.table[["mean", "any_day", "low", "high"]] / 7.0
        ax.hlines(
            place, weeks["low"], weeks["high"], color=draw.NULL, lw=8,
            label=f"{self.anchors_label} moved by up to {self.shift_days} days, 95%",
        )  # fmt: skip
        ax.plot(
            weeks["any_day"], place, "D", color=draw.REFERENCE, mfc="white", ms=6, label="any day of the era"
        )
        ax.plot(weeks["mean"], place, "o", color=draw.OBSERVED, ms=6, label=self.anchors_label)
        ax.set_yticks(place, [f"{row['era']}\n({row['anchors']})" for _, row in self.table.iterrows()])
        ax.set(xlabel=f"mean weeks to the nearest of the {self.events_label}", ylim=(-0.6, len(place) - 0.4))
        ax.set_xlim(left=0)
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right", "left"]].set_visible(False)
        columns = draw.legend_columns(ax, ax.get_legend_handles_labels()[1])
        ax.legend(
            loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=columns, frameon=False, fontsize="small"
        )
        return ax
