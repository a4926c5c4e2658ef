"""Power of a test, and the smallest effect that it can detect."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.printing import shown
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import About, Part, Rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.nulls.base import NullModel
    from eventstudy.statistics import Statistic

PLANTED = (
    "inside the window, events of further draws are added until their number is multiplied by the ratio; "
    "outside, nothing changes"
)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class PowerResult(Result):
    """Result of :func:`eventstudy.power_curve`.

    Attributes
    ----------
    ratios : ndarray of float64, shape (k,)
        Planted ratios of the rate in the window to the background's on the same days, rising.
    power, low, high : ndarray of float64, shape (k,)
        Share of the simulated series in which the test rejects, with the Clopper-Pearson interval of the
        simulation.
    rejections : ndarray of int64, shape (k,)
        Number of series in which the test rejects.
    mean_inside : float
        Events in the window without effect, on average over the simulated series.
    level : float
        The test rejects where p is at most this, one-sided "greater".
    n_drawn : int
        Tests without an exact distribution, made by `n_resamples` draws each, out of
        ``n_simulations * k``.
    """

    _estimate: ClassVar[str] = "share"
    ratios: NDArray[np.float64]
    power: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    rejections: NDArray[np.int64]
    mean_inside: float
    level: float
    confidence_level: float
    n_simulations: int
    n_drawn: int
    n_resamples: int
    statistic: Statistic
    null: NullModel | tuple[NullModel, ...]
    background: object
    coverage: float
    n_events: int
    n_anchors: int
    events_label: str
    anchors_label: str
    period: str
    provenance: Provenance = field(repr=False)

    def _parts(self) -> list[Part]:
        return [
            Rows(
                f"Power: {self.events_label} and {self.anchors_label}, {self.period}",
                [
                    *design_rows(self),
                    *(
                        (f"ratio {ratio:g}", f"found in {power:.1%} (interval {low:.1%} to {high:.1%})")
                        for ratio, power, low, high in zip(
                            self.ratios, self.power, self.low, self.high, strict=True
                        )
                    ),
                ],
            )
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each ratio: power, its interval, the counts behind it; unrounded."""
        return pd.DataFrame(
            {
                "ratio": self.ratios,
                "power": self.power,
                "power_low": self.low,
                "power_high": self.high,
                "rejections": self.rejections,
                "n_simulations": self.n_simulations,
                "level": self.level,
                "null": shown(self.null),
            }
        )

    def _terms(self) -> pd.DataFrame:
        names = [f"power at ratio {ratio:g}" for ratio in self.ratios]
        return tidy_frame(
            names, self.power, statistic=self.rejections, conf_low=self.low, conf_high=self.high
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw power against the ratio, with its interval; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(4.4, 2.8))
        draw.power_curve(ax, self.ratios, self.power, self.low, self.high, level=self.level)
        ax.set_xlabel("planted rate ratio in the window")
        return ax


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class MinimumRatioResult(Result):
    """Result of :func:`eventstudy.minimum_detectable_ratio`.

    Attributes
    ----------
    ratio : float
        Smallest rate ratio found with the required power; infinite if the largest planted one is not.
    low, high : float
        The ratios at which the band of the power curve first contains, and last contains, the required power;
        infinite where the planted ratios do not reach that far.
    power : float
        The required power.
    curve : PowerResult
        The simulation behind it.
    """

    _estimate: ClassVar[str] = "rate ratio"
    ratio: float
    low: float
    high: float
    power: float
    curve: PowerResult

    @property
    def provenance(self) -> Provenance:
        """Where the number comes from."""
        made = self.curve.provenance
        arguments = made.call.removeprefix("power_curve(").removesuffix(")")
        return replace(made, call=f"minimum_detectable_ratio({arguments}, power={self.power})")

    def _parts(self) -> list[Part]:
        """Return the smallest ratio in words, with the simulation behind it."""
        curve = self.curve
        found = (
            f"above {curve.ratios[-1]:g}, the largest planted; plant larger ratios"
            if np.isinf(self.ratio)
            else f"{self.ratio:.2f} ({curve.confidence_level:.0%} interval of the simulation {self._interval()})"
        )
        reached = "" if np.isinf(self.ratio) else f", {self.ratio * curve.mean_inside:.1f} at that ratio"
        return [Rows(
            f"Smallest detectable rate ratio: {curve.events_label} and {curve.anchors_label}, {curve.period}",
            [
                *design_rows(curve),
                ("power", f"{self.power:.0%} wanted"),
                ("ratio", found),
                ("expected", f"{curve.mean_inside:.1f} {curve.events_label} in the window without effect{reached}"),
            ],
        )]  # fmt: skip

    def _interval(self) -> str:
        return f"{self.low:.2f} upwards" if np.isinf(self.high) else f"{self.low:.2f} to {self.high:.2f}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row of unrounded numbers."""
        return pd.DataFrame(
            {
                "ratio": [self.ratio],
                "ratio_low": [self.low],
                "ratio_high": [self.high],
                "power": [self.power],
                "level": [self.curve.level],
                "mean_inside": [self.curve.mean_inside],
                "n_simulations": [self.curve.n_simulations],
                "null": [shown(self.curve.null)],
                "background": [shown(self.curve.background)],
            }
        )

    def _about(self) -> About:
        return self.curve._about()

    def _terms(self) -> pd.DataFrame:
        return tidy_frame(["smallest detectable ratio"], self.ratio, conf_low=self.low, conf_high=self.high)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the power curve with lines at the required power and the ratio; return the axes."""
        ax = self.curve.plot(ax)
        draw.power_target(ax, self.ratio, self.power)
        return ax


def design_rows(curve: PowerResult) -> list[tuple[str, str]]:
    """Return what was simulated and tested, as rows of a summary."""
    drawn = (
        f"; {curve.n_drawn:,} of the tests by {curve.n_resamples:,} draws, the others exact"
        if curve.n_drawn
        else ", exact"
    )
    return [
        ("simulated", f"{curve.n_simulations:,} series, each a draw of {shown(curve.background)} from "
                      f"{curve.n_events} {curve.events_label}; seed {curve.provenance.seed}"),
        ("planted", PLANTED),
        ("window", f"{curve.coverage:.1%} of the days, around {curve.n_anchors} {curve.anchors_label}; "
                   f"{curve.mean_inside:.1f} {curve.events_label} expected there"),
        ("test", f"{shown(curve.statistic)}, under {shown(curve.null)}, greater, rejects where p <= {curve.level:g}"
                 f"{drawn}"),
    ]  # fmt: skip
