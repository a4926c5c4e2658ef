"""Result of a simulation of the type I error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from eventstudy import draw
from eventstudy.errors import OptionError
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Part, Rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAND = (0.6, 1.4)  # of the nominal level: 0.03 to 0.07 for 0.05


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class CalibrationResult(Result):
    """Result of :func:`eventstudy.type_one_error`.

    Attributes
    ----------
    table : DataFrame
        As returned by :meth:`to_frame`.
    levels : tuple of float
        Nominal levels; the first one is printed and drawn.
    n_simulations, n_resamples : int
        Data sets for each truth; draws of each test without an exact distribution.
    """

    _estimate: ClassVar[str] = "share"
    table: pd.DataFrame = field(repr=False)
    levels: tuple[float, ...]
    confidence_level: float
    n_simulations: int
    n_resamples: int
    provenance: Provenance = field(repr=False)

    def _parts(self) -> list[Part]:
        """Return for each truth the share of false positives of each test, at the first level."""
        table = self._at(self.levels[0])
        title = (
            f"Share of tests that reject at {self.levels[0]:g} although events and anchors are unrelated: "
            f"{self.n_simulations:,} data sets each, seed {self.provenance.seed}, {self.confidence_level:.0%} intervals"
        )
        parts: list[Part] = [Rows(title)]
        for truth in table["truth"].unique():
            rows = []
            for row in table[table["truth"] == truth].itertuples():
                own = "" if pd.isna(row.attainable) else f", attainable {row.attainable:.3f}"
                verdict = "; above the level" if row.rate_low > row.level else ""
                rows.append(
                    (row.name, f"{row.rate:.3f} ({row.rate_low:.3f} to {row.rate_high:.3f}){own}{verdict}")
                )
            parts.append(Rows(truth, rows))
        return parts

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each truth, test, statistic and level.

        Returns
        -------
        DataFrame
            truth, test, statistic, level, rate with rate_low and rate_high, rejections, n_simulations;
            attainable: the level attainable by the test's own distribution, averaged over the data sets (nan
            for models and for rules over several null models); share_drawn: share of the tests based on draws.
        """
        return self.table.copy()

    def _terms(self) -> pd.DataFrame:
        rows = self.table
        names = [
            ", ".join(str(part) for part in (truth, test, statistic, f"level {level:g}") if part)
            for truth, test, statistic, level in rows[["truth", "test", "statistic", "level"]].itertuples(
                index=False
            )
        ]
        return tidy_frame(
            names,
            rows["rate"],
            statistic=rows["rejections"],
            conf_low=rows["rate_low"],
            conf_high=rows["rate_high"],
        )

    def rates(self, level: float | None = None) -> pd.DataFrame:
        """Return the rates at one level, the first by default: a row for each truth, a column for each test."""
        table = self._at(self.levels[0] if level is None else level)
        return self._wide(table, "rate")

    def intervals(self, level: float | None = None) -> pd.DataFrame:
        """Return the rates with their intervals as text, in the layout of :meth:`rates`."""
        table = self._at(self.levels[0] if level is None else level)
        text = [f"{r:.3f} ({low:.3f}–{high:.3f})" for r, low, high in
                zip(table["rate"], table["rate_low"], table["rate_high"], strict=True)]  # fmt: skip
        return self._wide(table.assign(text=text), "text")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the rates at the first level, a row for each truth and a colour for each test; return the axes.

        The shaded band is 0.6 to 1.4 times the level, so 0.03 to 0.07 for 0.05.
        """
        table = self._at(self.levels[0])
        truths, tests = table["truth"].unique().tolist(), table["name"].unique().tolist()
        ax = draw.axes_or_new(ax, figsize=(6.4, 1.2 + len(truths) * (0.25 + 0.1 * len(tests))))
        shape = (len(truths), len(tests))  # the table is complete and in this order
        draw.level_dots(
            ax,
            truths,
            tests,
            *(table[name].to_numpy(float).reshape(shape) for name in ("rate", "rate_low", "rate_high")),
            level=self.levels[0],
            band=(BAND[0] * self.levels[0], BAND[1] * self.levels[0]),
            label="share of false positives",
        )
        return ax

    def _wide(self, table: pd.DataFrame, column: str) -> pd.DataFrame:
        """Return one column of the table by truth and test, both in their order."""
        truths, tests = table["truth"].unique(), table["name"].unique()
        return (
            table.pivot(index="truth", columns="name", values=column)
            .loc[truths, tests]
            .rename_axis(columns=None)
        )

    def _at(self, level: float) -> pd.DataFrame:
        """Return the rows of a level, with a distinct name for each test."""
        if level not in self.levels:
            raise OptionError(
                f"CalibrationResult: {level} is not one of the levels {self.levels}; give one of them"
            )
        table = self.table[self.table["level"] == level].copy()
        several = table.loc[table["statistic"] != "", "statistic"].nunique() > 1
        both = table["test"] + table["statistic"].where(table["statistic"] == "", ", " + table["statistic"])
        table["name"] = both if several else table["test"]
        return table
