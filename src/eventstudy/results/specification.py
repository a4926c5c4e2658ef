"""Result of a specification curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.numeric.tails import rejects
from eventstudy.printing import shown
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Part, Rows, h0_text, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.nulls.base import NullModel

TIE = 1e-9  # distinct ratios of whole numbers to their mean differ by more
SUMMARIES = ("median ratio", "share above 1", "share significant")


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class SpecificationCurveResult(Result):
    """Result of :func:`eventstudy.specification_curve`.

    Attributes
    ----------
    table : DataFrame
        As returned by :meth:`to_frame`.
    choices : mapping of str to tuple of str
        For each choice, which is a column of the table, its values in the order given.
    median, share_above, share_significant : float
        Of the ratios of all specifications: median, share above 1, share with a p-value of at most `level`.
    pvalues : tuple of float
        Joint p-value of each of the three, ``(b + 1) / (B + 1)``, one-sided "greater".
    null_low, null_median, null_high : ndarray of float64, shape (s,)
        For each place in the sorted curve the 2.5 %, 50 % and 97.5 % quantiles of the sorted curves of the draws.
    null_summaries : ndarray of float64, shape (3, n_resamples)
        The three summaries on each draw.
    """

    table: pd.DataFrame = field(repr=False)
    choices: Mapping[str, tuple[str, ...]]
    median: float
    share_above: float
    share_significant: float
    pvalues: tuple[float, float, float]
    null_low: NDArray[np.float64] = field(repr=False)
    null_median: NDArray[np.float64] = field(repr=False)
    null_high: NDArray[np.float64] = field(repr=False)
    null_summaries: NDArray[np.float64] = field(repr=False)
    level: float
    n_resamples: int
    null: NullModel
    provenance: Provenance = field(repr=False)

    @property
    def n_above(self) -> int:
        """Number of specifications with more observed events than expected."""
        return round(self.share_above * len(self.table))

    @property
    def n_equal(self) -> int:
        """Number of specifications with as many observed events as expected."""
        return int((np.abs(self.table["ratio"] - 1.0) <= TIE).sum())

    def _parts(self) -> list[Part]:
        """Return the curve in words: the spread of the estimates, and the joint test."""
        ratio = self.table["ratio"]
        chance = np.median(self.null_summaries, axis=1)
        median, above, significant = (pvalue_text(p) for p in self.pvalues)
        made = ", ".join(f"{name} ({len(values)})" for name, values in self.choices.items())
        return [Rows(
            f"Specification curve: {len(self.table):,} specifications",
            [
                ("H0", h0_text(self.null, "events", "the anchors, in any specification")),
                ("choices", made),
                ("null model", shown(self.null)),
                ("ratios", f"{ratio.iloc[0]:.2f} to {ratio.iloc[-1]:.2f}, middle half "
                           f"{ratio.quantile(0.25):.2f} to {ratio.quantile(0.75):.2f}"),
                ("median", f"{self.median:.2f}, by chance {chance[0]:.2f}; joint p {median}"),
                ("above 1", f"{self.share_above:.0%}, by chance {chance[1]:.0%}; joint p {above}"),
                ("significant", f"{self.share_significant:.0%} with p <= {self.level:g} (exact, greater), by chance "
                                f"{chance[2]:.0%}; joint p {significant}"),
                ("method", f"all specifications on each of {self.n_resamples:,} draws, seed {self.provenance.seed}"),
            ],
        )]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each specification, smallest ratio first, unrounded.

        Returns
        -------
        DataFrame
            A column for each choice; n_events, n_anchors, observed, expected, ratio, pvalue (exact, greater).
        """
        return self.table.copy()

    def _terms(self) -> pd.DataFrame:
        return tidy_frame(
            SUMMARIES, [self.median, self.share_above, self.share_significant], p_value=self.pvalues
        )

    def joint_frame(self) -> pd.DataFrame:
        """Return a row for each of the three summaries of the curve: observed, median by chance, joint p-value."""
        return pd.DataFrame(
            {
                "summary": SUMMARIES,
                "observed": [self.median, self.share_above, self.share_significant],
                "null_median": np.median(self.null_summaries, axis=1),
                "pvalue": self.pvalues,
                "n_resamples": self.n_resamples,
            }
        )

    def by_choice(self) -> pd.DataFrame:
        """Return a row for each value of each choice, over all specifications that make it.

        Returns
        -------
        DataFrame
            choice, value, n specifications; the median, smallest and largest ratio; the smallest p-value and the
            number of p-values of at most `level`.
        """
        rows = []
        for choice, values in self.choices.items():
            for value in values:
                made = self.table[self.table[choice] == value]
                ratio, pvalue = made["ratio"], made["pvalue"]
                found = int(rejects(pvalue.to_numpy(), self.level).sum())
                rows.append(
                    (choice, value, len(made), ratio.median(), ratio.min(), ratio.max(), pvalue.min(), found)
                )
        columns = ["choice", "value", "n", "median", "low", "high", "pvalue_min", "significant"]
        return pd.DataFrame(rows, columns=columns)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the sorted ratios with the band of the draws, the choices below; return the upper axes.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            One of a grid of subplots; the ratios and the choices share its space.
        """
        values = [(name, value) for name, made in self.choices.items() for value in made]
        ax = draw.axes_or_new(ax, figsize=(6.4, 2.4 + 0.15 * len(values)))
        marks = np.array([(self.table[name] == value).to_numpy() for name, value in values])
        labels = [
            f"{name}: {value}" if number == 0 or values[number - 1][0] != name else str(value)
            for number, (name, value) in enumerate(values)
        ]
        firsts = [n for n in range(1, len(values)) if values[n - 1][0] != values[n][0]]
        draw.specification_curve(
            ax,
            self.table["ratio"].to_numpy(),
            rejects(self.table["pvalue"].to_numpy(), self.level),
            (self.null_low, self.null_median, self.null_high),
            marks,
            labels,
            firsts,
        )
        ax.set_ylabel("observed / expected")
        return ax
