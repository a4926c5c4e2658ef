"""The fit of a self-exciting process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.nulls.base import NullModel
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Part, Rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KS_95 = 1.358  # 95 % point of the Kolmogorov distribution: the band is this over the root of the number


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class HawkesFit(Result):
    """Fit of a self-exciting process, by :meth:`eventstudy.SelfExciting.fit`.

    Attributes
    ----------
    branching_ratio, low, high : float
        Mean number of events that an event triggers directly, with its profile-likelihood interval. The
        interval ends at 0 or 1 where the likelihood does not exclude these.
    mean_lag : float
        Mean days from an event to one that it triggers.
    background_rate : float
        Events a day without excitation, mean over the period.
    loglik : float
        Without terms that do not depend on the parameters.
    n_events, n_fitted, days_fitted, n_parameters : int
        All events; events and days outside the windows, which enter the likelihood; free parameters.
    ks_statistic, ks_pvalue : float
        Kolmogorov-Smirnov test of the rescaled gaps; the parameters are fitted to the same events, so the test is
        somewhat conservative.
    rescaled : ndarray of float64, shape (k,)
        Gaps between days with events in operational time, made uniform by discrete-time rescaling, sorted.
    """

    branching_ratio: float
    low: float
    high: float
    mean_lag: float
    background_rate: float
    loglik: float
    n_parameters: int
    n_events: int
    n_fitted: int
    days_fitted: int
    ks_statistic: float
    ks_pvalue: float
    rescaled: NDArray[np.float64] = field(repr=False)
    confidence_level: float
    model: NullModel
    events_label: str
    period: str
    provenance: Provenance = field(repr=False)

    @property
    def aic(self) -> float:
        """Akaike's criterion: among fits to the same events and days, the smallest is expected to predict best."""
        return 2.0 * (self.n_parameters - self.loglik)

    def _parts(self) -> list[Part]:
        verdict = "no evidence against the model" if self.ks_pvalue > 0.05 else "the model does not fit"
        rows = [
            ("model", repr(self.model)),
            ("data", f"{self.n_fitted} of {self.n_events} {self.events_label}, on the {self.days_fitted} days "
                     "outside the windows"),
            ("branching", f"{self.branching_ratio:.2f} others per event ({self.confidence_level:.0%} "
                          f"profile-likelihood interval {self.low:.2f} to {self.high:.2f})"),
            ("mean lag", f"{self.mean_lag:.1f} days"),
            ("background", f"{self.background_rate * 365.25:.1f} {self.events_label} a year"),
            ("AIC", f"{self.aic:.1f} with {self.n_parameters} parameters; compare other backgrounds"),
            ("fit", f"discrete-time rescaling, Kolmogorov-Smirnov p = {self.ks_pvalue:.3f} (seed "
                    f"{self.provenance.seed}): {verdict}"),
        ]  # fmt: skip
        return [Rows(f"Self-exciting process: {self.events_label}, {self.period}", rows)]

    def to_frame(self) -> pd.DataFrame:
        """Return one row of unrounded numbers."""
        return self._row(
            "branching_ratio", "low", "high", "mean_lag", "background_rate", "loglik", "n_parameters", "n_events",
            "n_fitted", "days_fitted", "ks_statistic", "ks_pvalue", "aic",
        )  # fmt: skip

    def _terms(self) -> pd.DataFrame:
        return tidy_frame(["branching ratio"], self.branching_ratio, conf_low=self.low, conf_high=self.high)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the rescaled gaps against uniform numbers with a 95 % band; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(3.2, 3.0))
        n = self.rescaled.size
        even = (np.arange(n) + 0.5) / n
        band = KS_95 / np.sqrt(n)
        ax.fill_between([0, 1], [-band, 1 - band], [band, 1 + band], color=draw.NULL, alpha=0.4, lw=0)
        ax.plot(even, self.rescaled, color=draw.EVENTS, lw=1.4)
        ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="if the model is right", ylabel="rescaled gaps")
        ax.spines[["top", "right"]].set_visible(False)
        return ax
