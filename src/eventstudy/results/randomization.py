"""Result of a randomization test of a regression coefficient."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.numeric.tails import Alternative, tail
from eventstudy.printing import shown
from eventstudy.provenance import Provenance
from eventstudy.results.base import Coefficients, tidy_frame
from eventstudy.results.text import Part, Rows, h0_text, interval_text, method_text, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.nulls.base import NullModel


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class RandomizationResult(Coefficients):
    """Result of :func:`eventstudy.randomization_test`.

    Attributes
    ----------
    term, formula : str
        What was tested, in which Poisson regression.
    irr : float
        The rate ratio of the term as fitted to the data.
    observed : float
        The statistic: the coefficient over its standard error, from the efficient score or from fits.
    pvalue : float
        For the chosen alternative. Over all shifts: the share with the observed value or a more extreme one.
        Else ``(b + 1) / (B + 1)``, never zero.
    pvalue_interval : tuple of float
        Clopper-Pearson interval of the tail probability; both ends equal the p-value if all shifts were enumerated.
    model_pvalue : float
        The p-value if the statistic were standard normal, without the null model.
    method : {"score", "refit"}
    exhaustive : bool
        Whether all shifts were enumerated.
    n_resamples : int
        Draws, or shifts.
    null_distribution : ndarray of float64, shape (n_resamples,)
    """

    term: str
    formula: str
    irr: float
    observed: float
    alternative: Alternative
    pvalue_greater: float
    pvalue_less: float
    pvalue_interval: tuple[float, float]
    model_pvalue: float
    confidence_level: float
    method: str
    exhaustive: bool
    moves: str
    null: NullModel
    events_label: str
    anchors_label: str
    period: str
    n_events: int
    n_resamples: int
    null_distribution: NDArray[np.float64] = field(repr=False)
    provenance: Provenance = field(repr=False)

    @property
    def pvalue_two_sided(self) -> float:
        """Twice the smaller tail, at most 1."""
        return tail("two-sided", self.pvalue_greater, self.pvalue_less)

    @property
    def pvalue(self) -> float:
        """The p-value of the chosen alternative."""
        return tail(self.alternative, self.pvalue_greater, self.pvalue_less)

    def _parts(self) -> list[Part]:
        road = (
            f"all {self.n_resamples:,} shifts"
            if self.exhaustive
            else method_text(
                False,
                self.n_resamples,
                self.provenance.seed,
                more=interval_text(self.confidence_level, self.pvalue_interval),
            )
        )
        how = (
            "efficient score, one fit without the anchors"
            if self.method == "score"
            else "likelihood ratio, refitted"
        )
        both = "" if self.alternative == "two-sided" else f"; two-sided {pvalue_text(self.pvalue_two_sided)}"
        h0 = h0_text(self.null, self.events_label, f"the {self.anchors_label}", ", and the other terms")
        return [
            Rows(
                f"Randomization test of {self.term}: {self.events_label} and {self.anchors_label}, {self.period}",
                [
                    ("H0", h0),
                    ("null model", shown(self.null)),
                    ("moved", self.moves),
                    ("formula", f"{self.formula}, offset log(days)"),
                    ("data", f"{self.n_events} {self.events_label}"),
                    ("rate ratio", f"{self.irr:.2f}"),
                    ("observed", f"{self.observed:.2f} ({how})"),
                    ("p-value", f"{pvalue_text(self.pvalue)} ({self.alternative}){both}"),
                    (
                        "by the model",
                        f"{pvalue_text(self.model_pvalue)} ({self.alternative}), if the statistic were normal",
                    ),
                    ("method", road),
                ],
            )
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return one row of unrounded numbers."""
        row = self._row(
            "term", "irr", "observed", "alternative", "pvalue", "pvalue_two_sided", "model_pvalue", "method",
            "exhaustive", "n_resamples",
        )  # fmt: skip
        row.insert(0, "null", shown(self.null))
        low, high = self.pvalue_interval
        return row.assign(pvalue_low=low, pvalue_high=high)

    def _method(self) -> str:
        return f"{self.n_resamples:,} {'shifts' if self.exhaustive else 'draws'}"

    def _terms(self) -> pd.DataFrame:
        return tidy_frame([self.term], np.log(self.irr), statistic=self.observed, p_value=self.pvalue)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the null distribution with the observed value and the normal curve; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(4.4, 2.6))
        draw.null_histogram(ax, self.null_distribution, self.observed)
        ax.set_xlabel(f"statistic of {self.term}")
        return ax
