"""A daily rate of events from the calendar: trend, season and covariates, fitted to a part of the days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.arguments import whole
from eventstudy.daily import covariate_values, named_columns
from eventstudy.dates import Days, date_text
from eventstudy.errors import ModelError, OptionError
from eventstudy.events import NO_EVENT, Events, observed_period
from eventstudy.numeric.linear import dependent_columns, weighted_gram
from eventstudy.numeric.threads import small_fit
from eventstudy.periods import Period
from eventstudy.seasons import yearly_waves
from eventstudy.windows import checked_window

Floats = NDArray[np.float64]
Trend = Literal["year", "smooth"] | None

KNOT_DAYS = 730.5  # between the knots of a smooth trend, about
MOST_CELLS = 50_000_000  # of the matrix of days and terms: 400 MB
MOST_STEPS = 60
MOST_HARMONICS = 182
MOST_CARRIED = 100  # most events expected inside the windows, as a multiple of all events
MOST_DRAWN = 134_217_728  # events of all draws made at once: 1 GiB


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Terms of a log rate, one row for each day of a period.

    - `matrix`: shape (days, k).
    - `names`: of the k terms.
    - `n_trend`: number of terms of the trend, which come first; with all of their coefficients at one the log
      rate is one.
    - `by_year`: the trend has one term for each calendar year.
    """

    matrix: Floats
    names: tuple[str, ...]
    n_trend: int
    by_year: bool

    def live(self, days: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the days whose year holds one of `days`, shape (days,); all days where the trend is not by year."""
        if not self.by_year:
            return np.ones(self.matrix.shape[0], bool)
        years = self.matrix[:, : self.n_trend] > 0
        return np.asarray(years[:, years[days].any(axis=0)].any(axis=1))


def check_without(window: Any, where: str) -> None:
    """Refuse what is neither a window, whose days the fit leaves out, nor None."""
    if window is not None:
        checked_window(window, where)


def check_terms(trend: Trend, harmonics: int, where: str) -> int:
    """Refuse terms that are not known; return the number of yearly waves."""
    if trend is not None and trend not in get_args(get_args(Trend)[0]):
        raise OptionError(f"{where}: trend={trend!r} is not known; give 'year', 'smooth' or None")
    fix = f"give the number of yearly waves, from 0 to {MOST_HARMONICS}, as a wave takes two days or more"
    waves = whole(harmonics, where, "harmonics", least=0, fix=fix)
    if waves > MOST_HARMONICS:
        raise OptionError(f"{where}: harmonics is {waves}; {fix}")
    return waves


def calendar_terms(
    period: Period,
    trend: Trend,
    harmonics: int,
    covariates: Mapping[str, pd.Series[Any]] | pd.DataFrame | None,
    where: str,
) -> Calendar:
    """Build the terms of a log rate.

    - `trend`: one level for each calendar year; a cubic spline with a knot about every two years; one level.
    - `harmonics`: pairs of sine and cosine, of 1, 2, ... waves a year, in ``2 pi (day of year - 1) /
      365.25``.
    - `covariates`: each with one value for every day of the period.
    - `where`: for the errors.
    """
    years = period.days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    every = np.arange(years[0], years[-1] + 1)
    if trend == "year":
        n_trend = every.size
    elif trend == "smooth":
        n_trend = 3 + max(1, round(len(period) / KNOT_DAYS))
    else:
        n_trend = 1
    if len(period) * (n_trend + 2 * harmonics) > MOST_CELLS:
        raise ModelError(
            f"{where}: {n_trend} terms of the trend on {len(period):,} days do not fit into memory; use trend=None"
        )
    if trend == "year":
        columns = [(years == year).astype(float) for year in every]
        names = [str(year) for year in every]
    elif trend == "smooth":
        columns = list(_splines(len(period), n_trend).T)
        names = [f"spline {k + 1}" for k in range(n_trend)]
    else:
        columns, names = [np.ones(len(period))], ["constant"]
    waves = yearly_waves(period.days, harmonics)
    columns += waves.values()
    names += waves
    for name, series in named_columns(covariates, where).items():
        columns.append(covariate_values(series, period, f"{where}: covariate {name!r}"))
        names.append(str(name))
    return Calendar(np.stack(columns, axis=1), tuple(names), n_trend, trend == "year")


def _splines(days: int, number: int) -> Floats:
    """Return cubic B-splines with equal knots over the days, shape (days, number); they add up to one."""
    from scipy.interpolate import BSpline

    inner = np.linspace(0.0, float(days), number - 2)
    step = inner[1] - inner[0]
    knots = np.concatenate([inner[0] - step * np.arange(3, 0, -1), inner, inner[-1] + step * np.arange(1, 4)])
    return BSpline.design_matrix(np.arange(days) + 0.5, knots, 3).toarray()


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """The data to which a rate is fitted.

    - `counts`, shape (days,): events on each day of the period.
    - `fit`, shape (days,): days whose events enter the fit: those outside the anchors' windows.
    - `live`, shape (days,): days that can have events; the others lie in years without any, where the trend
      is by year.
    - `distinct`: whether no day has two events, so that a day has one event or none.
    """

    counts: NDArray[np.int64]
    fit: NDArray[np.bool_]
    live: NDArray[np.bool_]
    calendar: Calendar
    distinct: bool


def exposed(events: Events, inside: NDArray[np.bool_], calendar: Calendar, where: str) -> Exposed:
    """Find the days to which a rate can be fitted.

    `inside`, shape (days,): days that are left out. `where`: for the errors.

    Raises ModelError if a year has no day in the fit, or events only on days that are left out.
    """
    period = observed_period(events)
    counts = events.daily_counts()
    fit = ~inside
    if not fit.any():
        raise ModelError(f"{where}: the windows cover every day of {period}; choose shorter windows")
    unseen = np.flatnonzero(~calendar.live(fit))
    if unseen.size:
        raise ModelError(
            f"{where}: the windows cover every day of {date_text(period.start + int(unseen[0]))[:4]}, so its "
            "rate cannot be fitted; choose shorter windows or trend='smooth'"
        )
    live = calendar.live(fit & (counts > 0))
    lost = np.flatnonzero(~live & (counts > 0))
    if lost.size or not live.any() or not counts[fit].any():
        when = f" of {date_text(period.start + int(lost[0]))[:4]}" if lost.size else ""
        raise ModelError(
            f"{where}: all {events.label}{when} lie in the windows, so no rate can be fitted to the days outside "
            "them; choose shorter windows or a trend over several years"
        )
    return Exposed(counts, fit, live, calendar, bool(counts.max() == 1))


@small_fit
def fit_rate(data: Exposed, where: str) -> tuple[Floats, Floats]:
    """Fit the daily rate by maximum likelihood.

    Counts are Poisson. Where no day has two events, a day has one with probability ``1 - exp(-rate)``.

    Returns `rates`, shape (days,): expected events a day, on every day of the period; 0 where no event is
    possible. Returns `coefficients`, shape (k,): minus infinity for years without events. Raises ModelError
    if terms are linear combinations of others, or there is no maximum.

    Fisher's scoring, halving steps that do not raise the likelihood [1]_.

    .. [1] McCullagh, P. & Nelder, J. A. (1989). Generalized Linear Models, 2nd ed. Chapman & Hall, ch. 2.
    """
    rows, every = data.fit & data.live, data.calendar.matrix
    used = every[data.live].any(axis=0)
    scale = np.abs(every[rows][:, used]).max(axis=0)
    if not scale.all() or dependent_columns(every[rows][:, used] / scale):
        raise ModelError(
            f"{where}: some of the terms {', '.join(data.calendar.names)} are linear combinations of others outside "
            "the windows; leave one out"
        )
    matrix, counts = every[rows][:, used] / scale, data.counts[rows].astype(float)
    beta = np.where(np.arange(used.size) < data.calendar.n_trend, np.log(counts.mean()), 0.0)[used] * scale
    best = _loglik(counts, np.exp(matrix @ beta), data.distinct)
    for _ in range(MOST_STEPS):
        score, weights = _score(counts, matrix @ beta, data.distinct)
        gradient = matrix.T @ score
        try:
            step = np.linalg.solve(weighted_gram(matrix, weights), gradient)
        except np.linalg.LinAlgError:
            break
        if not np.isfinite(step).all():
            break
        size = 1.0
        while True:
            new = _loglik(counts, np.exp(np.minimum(matrix @ (beta + size * step), 30.0)), data.distinct)
            if new >= best or size < 1e-6:
                break
            size /= 2.0
        beta, best = beta + size * step, new
        if gradient @ step < 1e-12:  # the log-likelihood can rise by half of this
            coefficients = np.full(used.size, -np.inf)
            coefficients[used] = beta / scale
            fitted = np.zeros(data.counts.size)
            with np.errstate(over="ignore"):
                fitted[data.live] = np.exp(every[data.live][:, used] @ coefficients[used])
            if not np.isfinite(fitted).all():  # inside the windows, where no data constrain the rate
                break
            check_carried(fitted, data, where)
            return fitted, coefficients
    raise ModelError(
        f"{where}: the likelihood of the rate has no maximum with the terms {', '.join(data.calendar.names)}; use fewer"
    )


def check_carried(rates: Floats, data: Exposed, where: str) -> None:
    """Refuse a rate that diverges inside the windows, where no events enter the fit.

    `rates`, shape (days,): expected events on each day of the period. `where`: for the error.

    Raises ModelError if more than 100 times the number of all events are expected inside the windows.
    """
    expected, number = float(rates[~data.fit].sum()), int(data.counts.sum())
    if expected > MOST_CARRIED * number:
        raise ModelError(
            f"{where}: the rate fitted outside the windows implies {expected:.2g} events inside them, against "
            f"{number} events in all: it diverges where no day enters the fit; use fewer terms or shorter windows"
        )


def as_rates(values: Any) -> Floats | None:
    """Return daily rates, read-only, shape (days,); None where they are not finite numbers from 0, one above 0."""
    try:
        rates = np.array(values, float)
    except (TypeError, ValueError):
        return None
    if rates.ndim != 1 or not np.isfinite(rates).all() or (rates < 0).any() or not rates.any():
        return None
    rates.flags.writeable = False
    return rates


def check_days(rates: Floats, period: Period, where: str) -> None:
    """Refuse rates that are not one for each day of a period.

    Raises ModelError.
    """
    if rates.size != len(period):
        raise ModelError(
            f"{where}: there are {rates.size} rates for the {len(period)} days of {period}; give one for each day"
        )


def check_drawn(expected: float, size: int, where: str) -> None:
    """Refuse draws that do not fit into memory.

    - `expected`: events of one draw, on average.
    - `size`: number of draws.
    - `where`: for the error.

    Raises ModelError.
    """
    if not expected * size <= MOST_DRAWN:
        raise ModelError(
            f"{where}: {size:,} draws with {expected:.2g} events each do not fit into 1 GiB; make fewer draws, or "
            "check that the rates are events a day"
        )


def _score(counts: Floats, logs: Floats, distinct: bool) -> tuple[Floats, Floats]:
    """Return the derivative of the log-likelihood by the logarithms of the rates, and its expected curvature."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # rates that underflow or overflow
        rates = np.exp(logs)
        if not distinct:
            return counts - rates, rates
        chance = -np.expm1(-rates)
        score = np.where(chance > 0, (counts - chance) * rates / chance, counts)
        return score, np.where(rates > 0, rates**2 / np.expm1(rates), 0.0)


def _loglik(counts: Floats, rates: Floats, distinct: bool) -> float:
    """Return the log-likelihood of daily counts, without terms that do not depend on the rates; -inf where it is 0."""
    seen = counts > 0
    with np.errstate(divide="ignore", invalid="ignore"):  # a rate of 0 where there is an event
        if distinct:
            return float(np.log(-np.expm1(-rates[seen])).sum() - rates[~seen].sum())
        return float((counts[seen] * np.log(rates[seen])).sum() - rates.sum())


def as_draws(row: NDArray[np.int64], days: Days, size: int) -> Days:
    """Return draws as an array, shape (size, most), rows with fewer events padded with ``NO_EVENT``.

    `row`, `days`, shape (k,): number of the draw, rising, and day of each event. `size`: number of draws.
    """
    number = np.bincount(row, minlength=size)
    drawn = np.full((size, int(number.max(initial=0))), NO_EVENT)
    drawn[row, np.arange(row.size) - np.repeat(np.cumsum(number) - number, number)] = days
    return drawn
