"""Result of a permutation test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.numeric.tails import Alternative, at_least, at_most, rounding, tail
from eventstudy.printing import shown
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Part, Rows, h0_text, interval_text, method_text, pvalue_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.nulls.base import NullModel
    from eventstudy.statistics import Statistic

NOTABLE = 0.025  # a smallest p-value above this is reported: a two-sided test at 0.05 could not reject
Method = Literal["exact", "monte-carlo"]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class PermutationResult(Result):
    """Result of :func:`eventstudy.permutation_test`.

    Attributes
    ----------
    observed, expected : float
        The statistic, and its mean under the null model.
    ratio : float or None
        Observed over expected; nan where the expected value is 0, None where the statistic does not count from zero.
    pvalue : float
        For the chosen alternative. Exact: the probability of the observed value or a more extreme one,
        ties included. Monte Carlo: ``(b + 1) / (B + 1)``, never zero.
    pvalue_greater, pvalue_less, pvalue_two_sided : float
        The same for each alternative; two-sided doubles the smaller tail, at most 1.
    pvalue_interval : tuple of float
        Clopper-Pearson interval of the Monte-Carlo tail probability; both ends equal the p-value if exact.
    method : {"exact", "monte-carlo"}
    method_note : str
        Why draws were made, where an exact answer was requested and not available; else empty.
    null_distribution : ndarray of float64, shape (n_resamples,), or None
        The statistic of each draw; None if exact.
    support, probabilities : ndarray, shape (k,)
        Values of the statistic and their probabilities; shares of the draws if Monte Carlo.
    n_events, n_anchors, n_resamples : int
        Anchors are those whose window holds a day of the period, where the statistic has a window;
        `n_resamples` is 0 if exact.
    sequential : int or None
        Number of extreme draws at which drawing was to stop, None if it was not to stop early.
    stopped : bool
        Whether it stopped; `n_resamples` is then the number of draws made, the p-value ``sequential / n_resamples`` if
        one-sided, and the p-values of other alternatives are unknown (nan).
    coverage : float or None
        Share of the period's days inside the statistic's window, where it has one.
    """

    _estimate: ClassVar[str] = "observed / expected"
    observed: float
    expected: float
    alternative: Alternative
    pvalue_greater: float
    pvalue_less: float
    pvalue_interval: tuple[float, float]
    confidence_level: float
    method: Method
    method_note: str
    statistic: Statistic
    null: NullModel
    events_label: str
    anchors_label: str
    period: str
    n_events: int
    n_anchors: int
    n_resamples: int
    coverage: float | None
    support: NDArray[np.float64] = field(repr=False)
    probabilities: NDArray[np.float64] = field(repr=False)
    null_distribution: NDArray[np.float64] | None = field(repr=False)
    provenance: Provenance = field(repr=False)
    sequential: int | None = None
    stopped: bool = False

    @property
    def ratio(self) -> float | None:
        """Observed over expected; None where the statistic does not count from zero, so that it has no meaning."""
        if not self.statistic.has_ratio:
            return None
        return self.observed / self.expected if self.expected else float("nan")

    @property
    def pvalue_two_sided(self) -> float:
        """Twice the smaller tail, at most 1; nan where one of them is unknown."""
        return tail("two-sided", self.pvalue_greater, self.pvalue_less)

    @property
    def pvalue(self) -> float:
        """The p-value of the chosen alternative."""
        return tail(self.alternative, self.pvalue_greater, self.pvalue_less)

    @property
    def smallest_pvalue(self) -> float:
        """The smallest p-value of the chosen alternative attainable under the null model with these data.

        That of the arrangement, or draw, with the most extreme value: large where few arrangements are distinct.
        """
        return tail(self.alternative, float(self.probabilities[-1]), float(self.probabilities[0]))

    def _parts(self) -> list[Part]:
        exact = self.method == "exact"
        more = "" if exact else interval_text(self.confidence_level, self.pvalue_interval)
        if self.sequential is not None:
            stop = "stopped" if self.stopped else "would have stopped"
            more += f"; {stop} at {self.sequential} draws as extreme as observed (Besag-Clifford)"
        if self.smallest_pvalue > NOTABLE:
            more += f"; p cannot be smaller than {pvalue_text(self.smallest_pvalue)} here"
        how = method_text(exact, self.n_resamples, self.provenance.seed, more=more, note=self.method_note)
        alone = self.alternative == "two-sided" or np.isnan(self.pvalue_two_sided)
        both = "" if alone else f"; two-sided {pvalue_text(self.pvalue_two_sided)}"
        covered = "" if self.coverage is None else f"; the window covers {self.coverage:.1%} of the days"
        return [Rows(
            f"Permutation test: {self.events_label} and {self.anchors_label}, {self.period}",
            [
                ("H0", h0_text(self.null, self.events_label, f"the {self.anchors_label}")),
                ("null model", shown(self.null)),
                ("statistic", shown(self.statistic)),
                ("data", f"{self.n_events} {self.events_label}, {self.n_anchors} {self.anchors_label}{covered}"),
                ("observed", f"{self.observed:g}"),
                ("expected", f"{self.expected:.2f}"),
                ("ratio", "none, as the statistic is not a count" if self.ratio is None else f"{self.ratio:.2f}"),
                ("p-value", f"{pvalue_text(self.pvalue)} ({self.alternative}){both}"),
                ("method", how),
            ],
        )]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row of unrounded numbers."""
        return pd.DataFrame(
            {
                "statistic": [shown(self.statistic)],
                "null": [shown(self.null)],
                "n_events": [self.n_events],
                "n_anchors": [self.n_anchors],
                "observed": [self.observed],
                "expected": [self.expected],
                "ratio": [np.nan if self.ratio is None else self.ratio],
                "alternative": [self.alternative],
                "pvalue": [self.pvalue],
                "pvalue_two_sided": [self.pvalue_two_sided],
                "pvalue_low": [self.pvalue_interval[0]],
                "pvalue_high": [self.pvalue_interval[1]],
                "method": [self.method],
                "n_resamples": [self.n_resamples],
            }
        )

    def _method(self) -> str:
        return "exact" if self.method == "exact" else f"{self.n_resamples:,} draws"

    def _terms(self) -> pd.DataFrame:
        ratio = np.nan if self.ratio is None else self.ratio
        return tidy_frame([shown(self.statistic)], ratio, statistic=self.observed, p_value=self.pvalue)

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height of its figure, in inches."""
        return 4.4, 2.6

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the null distribution with the observed and the expected value; return the axes."""
        ax = draw.axes_or_new(ax, figsize=self.figure_size)
        lower = self.alternative == "less" or (
            self.alternative == "two-sided" and self.pvalue_less < self.pvalue_greater
        )
        slack = rounding(float(np.abs(self.support).max(initial=0.0)))
        marked = (at_most if lower else at_least)(self.support, self.observed, slack)
        draw.null_distribution(
            ax, self.support, self.probabilities, observed=self.observed, tail=marked, expected=self.expected
        )
        unit = getattr(self.statistic, "unit", shown(self.statistic))
        ax.set_xlabel(unit.replace("events", self.events_label).replace("anchors", self.anchors_label))
        return ax
