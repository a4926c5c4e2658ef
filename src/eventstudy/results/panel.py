"""Result of tests of many groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import shorten
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from eventstudy import draw
from eventstudy.numeric.tails import Alternative, rejects
from eventstudy.printing import shown
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Grid, Part, Rows, h0_text, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.nulls.base import NullModel
    from eventstudy.statistics import Statistic

LEVEL = 0.05
NOT_TESTED = "not tested: "  # beginning of the note of a group without a p-value of its own
SHOWN = 10  # groups in the text
REASONS = 3  # why groups were not tested, in the text
LONGEST = 40  # letters of a name in the figure


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class PanelResult(Result):
    """Result of :func:`eventstudy.panel_test`.

    Attributes
    ----------
    table : DataFrame
        As returned by :meth:`to_frame`.
    by : tuple of str
        The columns that name a group.
    n_resamples : int
        Draws of each group without an exact distribution; 0 if none was drawn.
    n_moves : int
        Moves of all groups together, including the observed one; 0 without max-T.
    notes : tuple of str
        Rows that were left out, and how many groups have both events and anchors.
    """

    _estimate: ClassVar[str] = "observed / expected"
    table: pd.DataFrame = field(repr=False)
    by: tuple[str, ...]
    statistic: Statistic
    null: NullModel
    period: str
    alternative: Alternative
    n_resamples: int
    n_moves: int
    provenance: Provenance = field(repr=False)
    notes: tuple[str, ...] = ()
    COLUMNS: ClassVar[tuple[str, ...]] = (
        "n_events", "n_anchors", "observed", "expected", "ratio", "pvalue", "pvalue_holm", "pvalue_bh", "pvalue_maxt",
        "pvalue_maxt_single", "method", "note",
    )  # fmt: skip

    @property
    def names(self) -> list[str]:
        """The groups in words, in the order of the table."""
        return [" / ".join(key) for key in self.table[list(self.by)].itertuples(index=False)]

    def _parts(self) -> list[Part]:
        """Return the result in words: what H0 was, how many groups are significant, and the ten smallest p-values."""
        table = self.table
        how = table["method"].value_counts()
        ways = [f"exact in {how.get('exact', 0):,} groups"]
        if "monte-carlo" in how:
            ways.append(f"{self.n_resamples:,} draws in {how['monte-carlo']:,}")
        if "none" in how:
            why = table.loc[table["method"] == "none", "note"].str.removeprefix(NOT_TESTED).value_counts()
            reasons = [f"{number:,} {reason}" for reason, number in why.items()]
            shown_reasons = "; ".join(
                [*reasons[:REASONS], *(["and others"] if len(reasons) > REASONS else [])]
            )
            ways.append(f"{how['none']:,} not tested, p = 1 ({shown_reasons})")
        if self.provenance.seed is not None:
            ways.append(f"seed {self.provenance.seed}")
        corrections = {"Holm": "pvalue_holm", "Benjamini-Hochberg": "pvalue_bh", "max-T": "pvalue_maxt"}
        counts = [
            f"{rejects(table[column].to_numpy(), LEVEL).sum():,} by {name}"
            for name, column in corrections.items()
            if column in table
        ]
        alone = rejects(table["pvalue"].to_numpy(), LEVEL).sum()
        rows = [
            ("H0", h0_text(self.null, "events of the group", "its anchors")),
            ("null model", shown(self.null)),
            ("statistic", shown(self.statistic)),
            ("data", f"{table['n_events'].sum():,} events"),
            ("method", "; ".join(ways)),
            ("groups with p <= 0.05", f"{alone:,} alone; corrected {', '.join(counts)}"),
        ]  # fmt: skip
        if self.n_moves:
            rows.append(("max-T", f"{self.n_moves:,} moves, each of all groups together"))
        rows += [("note", text) for text in self.notes]
        head = Rows(
            f"Panel of {len(table):,} groups by {', '.join(self.by)}, {self.period}, {self.alternative}", rows
        )
        best = table.sort_values("pvalue", kind="stable").head(SHOWN)
        names = [" / ".join(key) for key in best[list(self.by)].itertuples(index=False)]
        last, corrected = ("pvalue_maxt", " p max-T") if self.n_moves else ("pvalue_holm", " p Holm")
        columns = (
            ("events", 6), ("observed", 8), ("expected", 8), ("p alone", 7), (corrected, 8), (" p BH", 7),
        )  # fmt: skip
        cells = [
            (
                name,
                f"{row['n_events']:,}",
                f"{row['observed']:g}",
                f"{row['expected']:.2f}",
                *(pvalue_text(row[column]) for column in ("pvalue", last, "pvalue_bh")),
            )
            for name, row in zip(names, best.to_dict("records"), strict=True)
        ]
        more = f"and {len(table) - len(best):,} groups more, see to_frame()" if len(table) > len(best) else ""
        return [head, Grid(columns, cells, more)]

    def to_frame(self) -> pd.DataFrame:
        """Return a row of unrounded numbers for each group, in the order of their names.

        Returns
        -------
        DataFrame
            The group columns, as text; n_events; n_anchors (whose window holds a day of the period, where the
            statistic has a window); observed, expected, ratio; pvalue; pvalue_holm, pvalue_bh and, if requested,
            pvalue_maxt (step-down) and pvalue_maxt_single; method ("exact", "monte-carlo" or "none"); note (why a
            group was not tested, or was drawn).
        """
        return self.table.copy()

    def _terms(self) -> pd.DataFrame:
        table = self.table
        corrected = table["pvalue_maxt" if self.n_moves else "pvalue_holm"]
        return tidy_frame(self.names, table["ratio"], statistic=table["observed"], p_value=corrected)

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height of its figure, in inches."""
        return 5.2, 3.6

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the sorted p-values against those expected if no group has an effect; return the axes.

        The groups significant by Benjamini-Hochberg at 5 % are filled, and named at the right where there is room,
        with the number of the others. Exact p-values are discrete, so
        without any effect they lie on or below the line.
        """
        ax = draw.axes_or_new(ax, figsize=self.figure_size)
        ordered = self.table.assign(name=self.names).sort_values("pvalue", kind="stable")
        found = rejects(ordered["pvalue_bh"].to_numpy(), LEVEL)
        draw.pvalue_ranks(
            ax,
            ordered["pvalue"].to_numpy(),
            found,
            [shorten(name, LONGEST, placeholder=" ...") for name in ordered["name"]],
            LEVEL,
        )
        ax.set_xlabel(f"rank of the p-value / {len(ordered):,} groups\n(smallest p on the right)")
        ax.set_ylabel("p-value (smallest on top)")
        return ax
