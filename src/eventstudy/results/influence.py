"""Result of leaving out each unit in turn."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.numeric.tails import rejects
from eventstudy.printing import shown
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.permutation import PermutationResult
from eventstudy.results.text import About, Part, Rows, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NAMES = 45  # units that are all named in a plot
MOST_INFLUENTIAL = 10  # named where there are more
SPACE = 3  # fewest rows between two names,
MOST_LINES = 30  # and room for this many lines of text in the height of the plot


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class InfluenceResult(Result):
    """Result of :func:`eventstudy.leave_one_out`.

    Attributes
    ----------
    table : DataFrame
        As returned by :meth:`to_frame`.
    by : {"year", "anchor", "burst"}
    full : PermutationResult
        The test with everything.
    """

    _estimate: ClassVar[str] = "observed / expected"
    table: pd.DataFrame = field(repr=False)
    by: str
    full: PermutationResult
    provenance: Provenance = field(repr=False)

    @property
    def measure(self) -> Literal["ratio", "observed"]:
        """What is shown for each omitted unit: the ratio; or the statistic itself where it has none."""
        return "observed" if self.full.ratio is None or math.isnan(self.full.ratio) else "ratio"

    @property
    def with_all(self) -> float:
        """What is shown for the full data."""
        return (
            self.full.ratio if self.measure == "ratio" and self.full.ratio is not None else self.full.observed
        )

    @property
    def measure_label(self) -> str:
        """Label of the axis."""
        if self.measure == "ratio":
            return "observed / expected"
        return str(getattr(self.full.statistic, "unit", shown(self.full.statistic)))

    def _parts(self) -> list[Part]:
        """Return in words how the ratio, or the statistic, and the p-value vary, and which unit moves them most."""
        full, table, measure = self.full, self.table, self.measure
        ordered = table.dropna(subset=measure).sort_values(measure)
        rows = [
            ("statistic", shown(full.statistic)),
            ("null model", shown(full.null)),
            ("with all", f"{measure} {self.with_all:.2f}, p {pvalue_text(full.pvalue)} ({full.alternative})"),
        ]
        rows += [
            (name, f"{measure} {row[measure]:.2f}, p {pvalue_text(row['pvalue'])} without {row['left_out']}")
            for name, (_, row) in zip(
                ("lowest", "highest"), ordered.iloc[[0, -1] if len(ordered) else []].iterrows(), strict=False
            )
        ]
        known = table["pvalue"].dropna()
        if len(known):
            least, most = pvalue_text(known.min()), pvalue_text(known.max())
            some = f"at most 0.05 in {rejects(known.to_numpy(), 0.05).sum()} of {len(known)}"
            rows.append(("p-values", f"{least} to {most}; {some}"))
        if len(known) < len(table):
            without = ", ".join(table.loc[table["pvalue"].isna(), "left_out"].astype(str))
            rows.append(("nothing to compare", f"without {without}"))
        return [
            Rows(
                f"Each {self.by} left out in turn: {full.events_label} and {full.anchors_label}, {full.period}",
                rows,
            )
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each unit left out, in order of time, unrounded.

        Returns
        -------
        DataFrame
            left_out, n_events, observed, expected, ratio, pvalue; nan where nothing is left to compare.
        """
        return self.table.copy()

    def _about(self) -> About:
        return self.full._about()

    def _terms(self) -> pd.DataFrame:
        table = self.table
        names = [f"without {name}" for name in table["left_out"]]
        return tidy_frame(names, table["ratio"], statistic=table["observed"], p_value=table["pvalue"])

    def most_influential(self, of: Literal["ratio", "pvalue"] = "ratio") -> pd.Series[Any]:
        """Return the row of the unit whose omission changes the ratio, or the p-value, most.

        Where the statistic has no ratio, its own value is used. Units without which there is none are passed over, as
        long as there are others.
        """
        value, whole = (self.measure, self.with_all) if of == "ratio" else (of, self.full.pvalue)
        moved = self.table[value].sub(whole).abs().fillna(-1.0)
        return self.table.iloc[int(moved.to_numpy().argmax())]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the ratio without each unit, filled if p is at most 0.05, and a line at the full one; return the axes.

        For a statistic without a ratio its own value is drawn.

        Above 45 units only the most influential are named.
        """
        table = self.table
        all_named = len(table) <= MOST_NAMES
        ax = draw.axes_or_new(ax, figsize=(4.6, 0.9 + (0.16 * len(table) if all_named else 5.0)))
        named = np.ones(len(table), bool) if all_named else self._to_name()
        draw.influence(
            ax,
            [str(name) if chosen else "" for name, chosen in zip(table["left_out"], named, strict=True)],
            table[self.measure].to_numpy(float),
            rejects(table["pvalue"].to_numpy(float), 0.05),
            full=self.with_all,
            neutral=1.0 if self.measure == "ratio" else self.full.expected,
        )
        ax.set_xlabel(f"{self.measure_label} without the {self.by}")
        return ax

    def _to_name(self) -> NDArray[np.bool_]:
        """Tell which units to name in a plot without room for all: the most influential, spaced far enough to read."""
        named = np.zeros(len(self.table), bool)
        space = max(SPACE, len(named) // MOST_LINES)
        for number in self.table[self.measure].sub(self.with_all).abs().fillna(-1.0).argsort()[::-1]:
            near = named[max(0, number - space) : number + space + 1]
            if named.sum() < MOST_INFLUENTIAL and not near.any():
                named[number] = True
        return named
