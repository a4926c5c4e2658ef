"""Self-excitation: events that trigger others, on a background rate, both fitted without the anchors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import ModelError
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.intensity import (
    Trend,
    as_draws,
    as_rates,
    calendar_terms,
    check_carried,
    check_days,
    check_drawn,
    check_terms,
    check_without,
    exposed,
    fit_rate,
)
from eventstudy.numeric import hawkes
from eventstudy.pairs import checked_pair, pair_provenance
from eventstudy.provenance import as_generator, seed_text
from eventstudy.results.hawkes import HawkesFit
from eventstudy.windows import Window


@dataclass(frozen=True, slots=True)
class SelfExciting(NullModel):
    """Draw events from a Hawkes process on the daily grid: a background rate, and events that trigger others.

    Each event raises the rate of the days after it, with geometric decay; the branching ratio is the mean number of
    others it triggers directly. Background and excitation are fitted together by maximum
    likelihood [1]_. Days in the anchors' windows do not enter the likelihood, so an effect of the anchors does not
    raise its own baseline, but their events still excite. The mean lag is at most 90 days and at most a twentieth of
    the period: anything slower belongs to the background. If no day has two events, a day has one with
    probability ``1 - exp(-rate)``; else daily counts are Poisson given the past. The number of
    events varies widely from draw to draw, since bursts add to it.

    A slowly changing rate and self-excitation look alike [2]_: with a constant background a trend is fitted as
    excitation, and with many terms excitation is fitted as trend. Look at ``fit(...)`` before trusting the draws. The
    fitted parameters are treated as known, so their error is not in the p-value.

    Parameters
    ----------
    without : Window or None
        The days in this window of any anchor are left out of the likelihood; usually the window of the statistic.
    trend : {"year", "smooth", None}, default None
        Of the background: one level for each calendar year; a cubic spline with a knot about every two
        years; one level.
    harmonics : int, default 0
        Pairs of yearly waves in the background.

    Notes
    -----
    The period is assumed to begin without earlier events. There is no closed form: p-values come from draws.

    References
    ----------
    .. [1] Mohler, G. O., Short, M. B., Brantingham, P. J., Schoenberg, F. P. & Tita, G. E. (2011). Self-exciting
       point process modeling of crime. Journal of the American Statistical Association 106(493), 100-108.
    .. [2] Mohler, G. (2013). Modeling and estimation of multi-source clustering in crime and security data. Annals of
       Applied Statistics 7(3).
    """

    without: Window | None
    trend: Trend = field(default=None, kw_only=True)
    harmonics: int = field(default=0, kw_only=True)
    name: ClassVar[str] = "self-exciting"
    keeps: ClassVar[str] = (
        "the fitted background rate and how strongly and for how long events trigger others, but not their number"
    )
    breaks: ClassVar[str] = "the exact bursts and gaps, their place in the calendar, and the number of events"
    survives: ClassVar[str] = "any trend or season that the fitted background contains, and bursts"
    avoid: ClassVar[str] = "when the fit is rejected, or few events lie outside the windows"

    def __post_init__(self) -> None:
        check_without(self.without, "SelfExciting")
        object.__setattr__(self, "harmonics", check_terms(self.trend, self.harmonics, "SelfExciting"))

    @classmethod
    def example(cls) -> Self:
        """Return the model without the 14 days before anchors."""
        return cls(Window(-14, 0))

    def fitted(self, events: Events, anchors: Events) -> GivenExcitation:
        """Return the model with its background and excitation fitted.

        Raises
        ------
        ModelError
            If the windows leave too little to fit to, the terms are collinear, or the process implies more
            than 100 times the number of all events inside the windows.
        """
        data, best = self._maximum(events, anchors)
        return GivenExcitation(best.background, best.ratio, best.decay, distinct=data.distinct)

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, most)``, short rows padded with ``NO_EVENT``."""
        return self.fitted(events, anchors).sample(events, anchors, rng=rng, size=size)

    def fit(
        self,
        events: Events,
        anchors: Events,
        *,
        rng: int | np.random.Generator,
        confidence_level: float = 0.95,
    ) -> HawkesFit:
        """Fit the model, with an interval of the branching ratio and a test of the fit.

        Parameters
        ----------
        events, anchors : Events
        rng : int or numpy.random.Generator
            For the test of fit, which places each event at random within its day.
        confidence_level : float, default 0.95

        Returns
        -------
        HawkesFit
        """
        from scipy import stats

        period = checked_pair(events, anchors)
        data, best = self._maximum(events, anchors)
        low, high = hawkes.ratio_interval(best, data, confidence_level)
        generator, seed = as_generator(rng, "SelfExciting.fit"), seed_text(rng)
        rate = hawkes.rates(best.background, data.counts, best.ratio, best.decay)
        rescaled = np.sort(hawkes.rescaled_gaps(rate, data.counts, data.fit, generator))
        test = stats.kstest(rescaled, "uniform")
        return HawkesFit(
            branching_ratio=best.ratio,
            low=low,
            high=high,
            mean_lag=1.0 / (1.0 - best.decay),
            background_rate=float(best.background.mean()),
            loglik=best.loglik,
            n_parameters=best.parameters.size,
            n_events=len(events),
            n_fitted=int(data.counts[data.fit].sum()),
            days_fitted=int(data.fit.sum()),
            ks_statistic=float(test.statistic),
            ks_pvalue=float(test.pvalue),
            rescaled=rescaled,
            confidence_level=confidence_level,
            model=self,
            events_label=events.label,
            period=str(period),
            provenance=pair_provenance(
                f"{self!r}.fit", events, anchors, f"confidence_level={confidence_level}", seed
            ),
        )

    def _maximum(self, events: Events, anchors: Events) -> tuple[hawkes.HawkesData, hawkes.HawkesEstimate]:
        period = observed_period(events)
        calendar = calendar_terms(period, self.trend, self.harmonics, None, "SelfExciting")
        inside = np.zeros(len(period), bool)
        if self.without is not None:
            inside = self.without.indicator(anchors, period) > 0
        data = exposed(events, inside, calendar, "SelfExciting")
        _, start = fit_rate(data, "SelfExciting")
        used = np.isfinite(start)
        level = (np.arange(used.size) < calendar.n_trend).astype(float)
        given = hawkes.HawkesData(
            data.counts,
            data.fit,
            calendar.matrix[:, used],
            data.live,
            start[used],
            level[used],
            data.distinct,
        )
        best = hawkes.maximise(given)
        check_carried(hawkes.expected(best.background, best.ratio, best.decay), data, "SelfExciting")
        return given, best


@dataclass(frozen=True, slots=True, eq=False)
class GivenExcitation(NullModel):
    """Draw events from a Hawkes process on the daily grid with given parameters.

    - `background`, shape (len(period),): rate without excitation, events a day.
    - `ratio`: branching ratio: mean number of events that each event triggers directly.
    - `decay`: share of the excitation that remains a day later.
    - `distinct`: whether a day has one event at most, with probability ``1 - exp(-rate)``; else daily counts
      are Poisson.
    """

    background: NDArray[np.float64] = field(repr=False)
    ratio: float
    decay: float
    distinct: bool = field(kw_only=True)
    keeps: ClassVar[str] = "a given background rate and how strongly and for how long events trigger others"
    breaks: ClassVar[str] = SelfExciting.breaks

    def __post_init__(self) -> None:
        background = as_rates(self.background)
        if background is None or not (0.0 <= self.ratio < np.inf and 0.0 <= self.decay < 1.0):
            raise ModelError(
                "GivenExcitation: the background is one number from 0 for each day of the period, at least one above "
                "0, the ratio a number from 0, the decay from 0 to below 1; replace what is missing or out of range"
            )
        object.__setattr__(self, "background", background)

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, most)``, short rows padded with ``NO_EVENT``."""
        where, period = "GivenExcitation.sample", observed_period(events)
        check_days(self.background, period, where)
        check_drawn(float(hawkes.expected(self.background, self.ratio, self.decay).sum()), size, where)
        row, day = hawkes.simulate(
            self.background,
            self.ratio,
            self.decay,
            distinct=self.distinct,
            rng=as_generator(rng, where),
            size=size,
        )
        return as_draws(row, day + period.start, size)
