"""How often each verdict is given, by simulation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Part, Rows
from eventstudy.verdicts import VERDICTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class VerdictCurveResult(Result):
    """Result of :func:`eventstudy.study.verdicts.verdict_curve`.

    Attributes
    ----------
    ratios : ndarray of float64, shape (k,)
        Planted rate ratios, rising; 1 is no effect.
    counts : ndarray of int64, shape (3, k)
        Series that were judged "supported", "cannot tell", "not supported".
    low, high : ndarray of float64, shape (3, k)
        Clopper-Pearson interval of each share.
    n_simulations : int
        Series for each ratio.
    """

    _estimate: ClassVar[str] = "share"
    ratios: NDArray[np.float64]
    counts: NDArray[np.int64]
    low: NDArray[np.float64] = field(repr=False)
    high: NDArray[np.float64] = field(repr=False)
    n_simulations: int
    confidence_level: float
    provenance: Provenance = field(repr=False)

    def share(self, verdict: str, ratio: float) -> float:
        """Return how often a verdict is given at one of the planted ratios."""
        return float(self.counts[VERDICTS.index(verdict), self.ratios == ratio].item() / self.n_simulations)

    def _parts(self) -> list[Part]:
        """Return the share of each verdict by ratio."""
        return [
            Rows(
                f"Verdicts on {self.n_simulations:,} series for each ratio, seed {self.provenance.seed}",
                [
                    (
                        f"ratio {ratio:g}",
                        ", ".join(f"{name} {self.share(name, ratio):.1%}" for name in VERDICTS),
                    )
                    for ratio in self.ratios
                ],
            )
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each ratio and verdict: ratio, verdict, share, low, high, count."""
        return pd.DataFrame(
            {
                "ratio": np.tile(self.ratios, len(VERDICTS)),
                "verdict": np.repeat(VERDICTS, self.ratios.size),
                "share": (self.counts / self.n_simulations).ravel(),
                "low": self.low.ravel(),
                "high": self.high.ravel(),
                "count": self.counts.ravel(),
            }
        )

    def _terms(self) -> pd.DataFrame:
        table = self.to_frame()
        names = [
            f"{verdict} at ratio {ratio:g}"
            for ratio, verdict in zip(table["ratio"], table["verdict"], strict=True)
        ]
        return tidy_frame(
            names, table["share"], statistic=table["count"], conf_low=table["low"], conf_high=table["high"]
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a bar for each ratio, cut into the shares of the verdicts; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(4.4, 2.8))
        draw.stacked_shares(
            ax,
            [f"{ratio:g}" for ratio in self.ratios],
            self.counts / self.n_simulations,
            list(VERDICTS),
            (draw.OBSERVED, draw.NULL, draw.EVENTS),
        )
        ax.set_xlabel("planted rate ratio in the window")
        ax.set_ylabel("share of verdicts")
        return ax
