"""A fitted rate: independent events at a daily rate that follows trend, season and covariates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.daily import named_columns
from eventstudy.dates import Days
from eventstudy.errors import ModelError
from eventstudy.events import NO_EVENT, Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.intensity import (
    Trend,
    as_rates,
    calendar_terms,
    check_days,
    check_drawn,
    check_terms,
    check_without,
    exposed,
    fit_rate,
)
from eventstudy.nulls.lookup import pieces
from eventstudy.numeric.distributions import Distribution, convolve, poisson, poisson_binomial
from eventstudy.numeric.search import GuidedSearch
from eventstudy.provenance import as_generator
from eventstudy.windows import Window


@dataclass(frozen=True, slots=True, eq=False)
class PoissonIntensity(NullModel):
    """Draw independent events at a daily rate fitted to the days outside the anchors' windows.

    The log rate is a trend plus yearly waves plus covariates, fitted by maximum likelihood and extrapolated to the
    days of the windows, which are not in the fit, so an effect of the anchors does not raise its own
    baseline. If no day has two events, a day has an event with probability ``1 - exp(-rate)``; else daily counts
    are Poisson. The number of events differs from draw to draw, so the test also asks whether there
    are too many events in the windows for the rate around them.

    Events do not excite each other here: where they come in bursts, the test is anti-conservative. The fitted rate is
    treated as known, so its error is not in the p-value, which is somewhat too small when few events lie outside the
    windows.
    A year without any event outside the windows has rate zero.

    Parameters
    ----------
    without : Window or None
        The days in this window of any anchor are left out of the fit; usually the window of the statistic, or
        one that contains it. With None all days enter the fit, and an effect partly hides itself.
    trend : {"year", "smooth", None}, default "year"
        One level for each calendar year; a cubic spline with a knot about every two years; one level.
    harmonics : int, default 2
        Pairs of yearly waves.
    covariates : mapping of str to Series with a date index, or frame, optional
        Further terms, each with one value for every day of the period, or for every month of a PeriodIndex.

    Notes
    -----
    The number of events on days of each score is Poisson-binomial or Poisson; these are convolved over the scores.

    References
    ----------
    .. [1] Mohler, G. (2013). Modeling and estimation of multi-source clustering in crime and security data. Annals of
       Applied Statistics 7(3). On telling a changing rate from contagion.
    """

    without: Window | None
    trend: Trend = field(default="year", kw_only=True)
    harmonics: int = field(default=2, kw_only=True)
    covariates: Mapping[str, pd.Series[Any]] | pd.DataFrame | None = field(default=None, kw_only=True)
    name: ClassVar[str] = "poisson"
    keeps: ClassVar[str] = "the expected number of events on each day by a fitted rate, but not their number"
    breaks: ClassVar[str] = "all dependence between events, so bursts, and the number of events"
    survives: ClassVar[str] = "any trend, season or covariate that the fitted rate contains"
    avoid: ClassVar[str] = "when events come in bursts, or few lie outside the windows"

    def __post_init__(self) -> None:
        check_without(self.without, "PoissonIntensity")
        object.__setattr__(self, "harmonics", check_terms(self.trend, self.harmonics, "PoissonIntensity"))
        named_columns(self.covariates, "PoissonIntensity")

    def __repr__(self) -> str:
        names = sorted(named_columns(self.covariates, "PoissonIntensity"))
        more = f", covariates={names}" if names else ""
        return f"PoissonIntensity({self.without!r}, trend={self.trend!r}, harmonics={self.harmonics}{more})"

    @classmethod
    def example(cls) -> Self:
        """Return the model without the 14 days before anchors."""
        return cls(Window(-14, 0))

    def fitted(self, events: Events, anchors: Events) -> GivenIntensity:
        """Return the model with its daily rates fitted.

        Raises
        ------
        ModelError
            If the windows leave too little to fit the rate to, the terms are collinear, or the rate implies more
            than 100 times the number of all events inside the windows.
        """
        period = observed_period(events)
        calendar = calendar_terms(period, self.trend, self.harmonics, self.covariates, "PoissonIntensity")
        inside = np.zeros(len(period), bool)
        if self.without is not None:
            inside = self.without.indicator(anchors, period) > 0
        data = exposed(events, inside, calendar, "PoissonIntensity")
        rates, _ = fit_rate(data, "PoissonIntensity")
        return GivenIntensity(rates, distinct=data.distinct)

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, most)``, short rows padded with ``NO_EVENT``."""
        return self.fitted(events, anchors).sample(events, anchors, rng=rng, size=size)

    def exact(self, events: Events, anchors: Events, scores: NDArray[np.int64]) -> Distribution:
        """Return the distribution of the sum of the events' scores."""
        return self.fitted(events, anchors).exact(events, anchors, scores)


@dataclass(frozen=True, slots=True, eq=False)
class GivenIntensity(NullModel):
    """Draw independent events at given daily rates.

    `rates`, shape (len(period),): expected events on each day of the period, if days could have several.
    `distinct`: whether a day has one event at most, with probability ``1 - exp(-rate)``; else daily counts
    are Poisson.
    """

    rates: NDArray[np.float64] = field(repr=False)
    distinct: bool = field(kw_only=True)
    keeps: ClassVar[str] = "the expected number of events on each day by a given rate, but not their number"
    breaks: ClassVar[str] = PoissonIntensity.breaks
    survives: ClassVar[str] = "whatever the given rates contain"
    avoid: ClassVar[str] = "when events come in bursts"

    def __post_init__(self) -> None:
        rates = as_rates(self.rates)
        if rates is None:
            raise ModelError(
                "GivenIntensity: rates are one number from 0 for each day of the period, at least one above 0; "
                "replace what is missing or negative"
            )
        object.__setattr__(self, "rates", rates)

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, most)``, in order; missing ones are ``NO_EVENT``.

        A Poisson process of rate one in the cumulative rate: its increments between events are standard exponential. A
        day has at least one event with probability ``1 - exp(-rate)``, independently of the others.
        """
        generator = as_generator(rng, "GivenIntensity.sample")
        check_days(self.rates, observed_period(events), "GivenIntensity")
        check_drawn(float(self.rates.sum()), size, "GivenIntensity.sample")
        search = GuidedSearch.of(np.cumsum(self.rates))
        parts = [self._drawn(generator, search, rows) for rows in pieces(size, int(search.upto[-2]) + 1)]
        drawn = np.full((size, max((part.shape[1] for part in parts), default=0)), NO_EVENT)
        begin = 0
        for part in parts:
            place = drawn[begin : begin + len(part), : part.shape[1]]
            np.add(part, observed_period(events).start, out=place, where=part >= 0)
            begin += len(part)
        return drawn

    def _drawn(self, generator: np.random.Generator, search: GuidedSearch, rows: int) -> NDArray[np.int64]:
        """Return some draws, shape (rows, most), days counted from the start of the period and -1 for none."""
        at = _arrivals(generator, float(search.upto[-2]), rows)
        day = search(at)
        missing = day == self.rates.size
        if self.distinct:
            missing[:, 1:] |= day[:, 1:] == day[:, :-1]
        day[missing] = -1
        return day

    def exact(self, events: Events, anchors: Events, scores: NDArray[np.int64]) -> Distribution:
        """Return the distribution of the sum of the events' scores."""
        check_days(self.rates, observed_period(events), "GivenIntensity")
        levels = np.unique(scores[scores != 0]).tolist()
        if self.distinct:
            chance = -np.expm1(-self.rates)
            return convolve(poisson_binomial(chance[scores == u]).times(u) for u in levels)
        return convolve(poisson(float(self.rates[scores == u].sum())).times(u) for u in levels)


def _arrivals(generator: np.random.Generator, end: float, size: int) -> NDArray[np.float64]:
    """Return the arrivals of a Poisson process of rate one, shape (size, most): all up to `end`, and some after."""
    most = int(end + 6.0 * np.sqrt(end)) + 10
    at = np.cumsum(generator.standard_exponential((size, most)), axis=1)
    while at[:, -1].min(initial=np.inf) < end:  # about once in a billion rows
        more = np.cumsum(generator.standard_exponential((size, most)), axis=1)
        at = np.concatenate([at, at[:, -1:] + more], axis=1)
    return at[:, : int((at < end).sum(axis=1).max(initial=0))]
