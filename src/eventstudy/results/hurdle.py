"""Result of a hurdle regression: which days have events, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.errors import ModelError
from eventstudy.provenance import Provenance
from eventstudy.results.base import Coefficients
from eventstudy.results.effects import ExtraEvents
from eventstudy.results.regression import RegressionResult
from eventstudy.results.text import About, Gap, Part

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class EventDayResult(RegressionResult):
    """First part of a hurdle regression: whether a day has an event. Fitted values are probabilities."""

    title: ClassVar[str] = "Days with events"
    is_poisson: ClassVar[bool] = False

    def _family(self, families: Any) -> Any:
        return families.Binomial(families.links.CLogLog())

    def _rate_of(self, mean: Floats) -> Floats:
        return -np.log1p(-mean)

    def _mean_of(self, rate: Floats) -> Floats:
        return -np.expm1(-rate)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class SizeResult(RegressionResult):
    """Second part of a hurdle regression: how many events a day with events has. Fitted values exceed 1."""

    title: ClassVar[str] = "Events on days with events"
    is_poisson: ClassVar[bool] = False

    @property
    def model(self) -> Any:
        """The same regression as a fitted model of statsmodels, made when asked for."""
        from statsmodels.discrete.truncated_model import TruncatedLFPoisson

        frame = pd.DataFrame(self.design.matrix, columns=list(self.terms))
        return TruncatedLFPoisson(self.design.response, frame).fit(disp=False, maxiter=200, gtol=1e-9)

    def _mean_of(self, rate: Floats) -> Floats:
        return np.where(rate < 1e-12, 1.0, rate / -np.expm1(-rate))

    def extra_per_anchor(self, term: str, n_anchors: int | None = None) -> ExtraEvents:
        """Refuse: sizes concern days with events, not anchors."""
        raise ModelError(
            "extra_per_anchor: sizes are given that there is an event; use .day.extra_per_anchor"
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class HurdleResult(Coefficients):
    """Result of :func:`eventstudy.hurdle_regression`.

    Attributes
    ----------
    day : EventDayResult
        Which days have an event.
    size : SizeResult
        How many, given that there is one.
    """

    _regressions = ("day", "size")
    day: EventDayResult = field(repr=False)
    size: SizeResult = field(repr=False)

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        return self.day.provenance

    @property
    def loglik(self) -> float:
        """Log-likelihood of the counts: the sum of both parts."""
        return self.day.loglik + self.size.loglik

    @property
    def aic(self) -> float:
        """Akaike's criterion of the counts: the sum of both parts."""
        return self.day.aic + self.size.aic

    def _without(self, name: str) -> str:
        if name == "bic":
            return "the two parts have different rows, so there is no bic of both; write .aic"
        return self.day._without(name) if name == "aic" else ""

    def _parts(self) -> list[Part]:
        return [*self.day._parts(), Gap(), *self.size._parts()]

    def to_frame(self) -> pd.DataFrame:
        """Return a row per part and term of unrounded numbers."""
        parts = [part.to_frame().assign(part=name) for name, part in (("day", self.day), ("size", self.size))]
        frame = pd.concat(parts, ignore_index=True)
        return frame[["part", *[name for name in frame.columns if name != "part"]]]

    def _main_terms(self) -> Sequence[str]:
        parts = {"day": self.day, "size": self.size}
        return [f"{name}: {term}" for name, part in parts.items() for term in part._main_terms()]

    def _about(self) -> About:
        return self.day._about()

    def _terms(self) -> pd.DataFrame:
        parts = {"day": self.day._terms(), "size": self.size._terms()}
        named = [terms.assign(term=f"{name}: " + terms["term"]) for name, terms in parts.items()]
        return pd.concat(named, ignore_index=True)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the rate ratios of both parts with intervals on a logarithmic axis; return the axes."""
        shown = [(part, k) for part in (self.day, self.size) for k in part.shown(None)]
        names = [f"{part.terms[k]} ({'any' if part is self.day else 'how many'})" for part, k in shown]
        ratio, low, high = (
            np.array(values)
            for values in zip(
                *[(np.exp(part.estimates[k]), part.low[k], part.high[k]) for part, k in shown], strict=True
            )
        )
        ax = draw.axes_or_new(ax, figsize=(4.8, 0.6 + 0.3 * len(shown)))
        draw.ratio_intervals(ax, names, ratio, low, high)
        ax.set_xlabel(f"rate ratio, {self.day.confidence_level:.0%} interval")
        return ax
