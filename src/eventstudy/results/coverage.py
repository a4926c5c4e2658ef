"""Result of a simulation of the coverage of intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from eventstudy import draw
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.calibration import BAND
from eventstudy.results.text import Part, Rows
from eventstudy.strata import Within, describe

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class CoverageResult(Result):
    """Result of :func:`eventstudy.interval_coverage`.

    Attributes
    ----------
    table : DataFrame
        As returned by :meth:`to_frame`.
    confidence_level : float
        Of the intervals.
    n_simulations, n_resamples : int
        Data sets for each truth and ratio; draws for each interval.
    within : str, tuple of cut days or None
        Strata of the intervals under a null model.
    """

    table: pd.DataFrame = field(repr=False)
    confidence_level: float
    n_simulations: int
    n_resamples: int
    within: Within
    provenance: Provenance = field(repr=False)

    def _parts(self) -> list[Part]:
        """Return for each truth and interval the share that misses each ratio, and the share that lies below it."""
        parts: list[Part] = [
            Rows(
                f"Share of {self.confidence_level:.0%} intervals that miss a planted ratio ({describe(self.within)}; "
                f"in brackets: they lie below it): {self.n_simulations:,} data sets each, seed {self.provenance.seed}"
            )
        ]
        for truth, cells in self.table.groupby("truth", sort=False):
            rows = []
            for interval, own in cells.groupby("interval", sort=False):
                shares = [
                    f"{ratio:g}: {missed:.3f} ({below:.3f})"
                    + (" too many" if least > 1.0 - self.confidence_level else "")
                    for ratio, missed, below, least in own[
                        ["ratio", "missed", "below", "missed_low"]
                    ].to_numpy(float)
                ]
                rows.append((str(interval), "; ".join(shares)))
            parts.append(Rows(str(truth), rows))
        return parts

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each truth, interval and ratio.

        Returns
        -------
        DataFrame
            truth, interval, ratio; missed: share of the intervals that miss the ratio, with its 95% interval missed_low
            and missed_high; below, above: shares that lie below it, or above; misses, n_simulations; share_empty: data
            sets without an event in the window; share_refused: data sets without an interval.
        """
        return self.table.copy()

    def _terms(self) -> pd.DataFrame:
        table = self.table
        names = [f"{t}, {i}, ratio {r:g}" for t, i, r in table[["truth", "interval", "ratio"]].to_numpy()]
        return tidy_frame(
            names, table["missed"], conf_low=table["missed_low"], conf_high=table["missed_high"]
        )

    def rates(self) -> pd.DataFrame:
        """Return the shares of misses: a row for each truth and interval, a column for each ratio."""
        order = self.table[["truth", "interval"]].drop_duplicates()
        return (
            self.table.pivot(index=["truth", "interval"], columns="ratio", values="missed")
            .loc[pd.MultiIndex.from_frame(order)]
            .rename_axis(columns=None)
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the shares of misses, a row for each truth and interval, a colour for each ratio; return the axes.

        The shaded band is 0.6 to 1.4 times the nominal share, so 0.03 to 0.07 for 95% intervals.
        """
        several = self.table["interval"].nunique() > 1
        rows = [f"{truth}, {interval}" if several else truth for truth, interval in self.rates().index]
        ratios = self.table["ratio"].unique()
        nominal = 1.0 - self.confidence_level
        wide = (
            self.table.pivot(index=["truth", "interval"], columns="ratio", values=name)
            .loc[self.rates().index, ratios]
            .to_numpy(float)
            for name in ("missed", "missed_low", "missed_high")
        )
        ax = draw.axes_or_new(ax, figsize=(6.4, 1.2 + len(rows) * (0.25 + 0.1 * len(ratios))))
        draw.level_dots(
            ax,
            rows,
            [f"ratio {ratio:g}" for ratio in ratios],
            *wide,
            level=nominal,
            band=(BAND[0] * nominal, BAND[1] * nominal),
            label="share of intervals that miss the ratio",
        )
        return ax
