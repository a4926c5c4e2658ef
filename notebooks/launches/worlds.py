"""Tests and intervals of the report on worlds whose truth is known: what :func:`eventstudy.type_one_error` needs for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from eventstudy.events import Events, observed_period
from eventstudy.periods import Period
from eventstudy.statistics import Statistic
from eventstudy.windows import Window

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class DrawnCount(Statistic):
    """The number of events in the window, as one of several sums of scores, of which there is one.

    So :func:`eventstudy.type_one_error` tests all data sets of a world on the same draws, which takes a tenth of the
    time of the exact p-values; the report itself prints those.
    """

    window: Window
    unit: ClassVar[str] = "events in the window"

    def __repr__(self) -> str:
        return f"launches.DrawnCount({self.window!r})"

    def __str__(self) -> str:
        return f"number in the window ({self.window})"

    def __call__(self, events: Any, anchors: Any) -> NDArray[np.int64]:
        """Return the number of events in the window."""
        return np.asarray(self.window.indicator(anchors, observed_period(events)) @ events.daily_counts())

    def scores(self, period: Period, anchors: Any) -> NDArray[Any]:
        """Return whether each day lies in the window, shape ``(1, len(period))``."""
        return self.window.indicator(anchors, period)[None, :]

    def value(self, sums: NDArray[Any], observed: NDArray[Any]) -> NDArray[np.float64]:
        """Return the number itself."""
        return np.asarray(sums[..., 0], float)


@dataclass(frozen=True, slots=True, repr=False)
class YearEffects:
    """The test of one rate ratio that belongs to the interval of a Poisson model with year effects and HAC errors.

    The same as ``poisson_regression(table, "count ~ window + C(year)", covariance="HAC", max_lag=max_lag)`` on the table
    of daily counts, in closed form up to one unknown, so that thousands of data sets take seconds. Where no event
    lies in the window both give the exact conditional limit.

    Parameters
    ----------
    window : Window
    ratio : float
        Called with events and anchors it returns the two-sided p-value of this ratio.
    max_lag : int
    """

    window: Window
    ratio: float
    max_lag: int

    def __repr__(self) -> str:
        return f"launches.YearEffects({self.window!r}, {self.ratio}, {self.max_lag})"

    def __call__(self, events: Events, anchors: Events) -> float:
        """Return the two-sided p-value of the ratio."""
        period = observed_period(events)
        inside = self.window.indicator(anchors, period).astype(float)
        counts = events.daily_counts().astype(float)
        year = period.days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
        year -= year[0]
        if not counts @ inside:
            total, days_in, days_out = _by_year(counts, inside, year)
            none = float(np.prod((days_out / (days_in * self.ratio + days_out)) ** total))
            return min(1.0, 2.0 * none)
        estimate, error = self.fit(counts, inside, year)
        return float(2.0 * stats.norm.sf(abs(estimate - np.log(self.ratio)) / error))

    def fit(self, counts: Floats, inside: Floats, year: NDArray[Any]) -> tuple[float, float]:
        """Return the logarithm of the ratio and its HAC standard error.

        Given the year's total, each event lies inside with probability p, a function of the ratio; the score of the ratio is
        the sum of (inside - p) over events.
        """
        total, days_in, days_out = _by_year(counts, inside, year)
        beta = 0.0
        for _ in range(100):
            share = days_in * np.exp(beta) / (days_in * np.exp(beta) + days_out)
            step = (counts @ inside - total @ share) / (total @ (share * (1.0 - share)))
            beta += float(np.clip(step, -1.0, 1.0))
            if abs(step) < 1e-10:
                break
        mean = (total / (days_in * np.exp(beta) + days_out))[year] * np.exp(beta * inside)
        score = (counts - mean) * (inside - share[year])
        weights = 1.0 - np.arange(1, self.max_lag + 1) / (self.max_lag + 1.0)
        meat = score @ score + 2.0 * sum(w * (score[lag:] @ score[:-lag]) for lag, w in enumerate(weights, 1))
        return beta, float(np.sqrt(meat) / (total @ (share * (1.0 - share))))


def _by_year(counts: Floats, inside: Floats, year: NDArray[Any]) -> tuple[Floats, Floats, Floats]:
    """Return the events of each year, and its days inside and outside the window."""
    total, days_in, days_out = (
        np.bincount(year, weights=weights).astype(float) for weights in (counts, inside, 1.0 - inside)
    )
    return total, days_in, days_out
