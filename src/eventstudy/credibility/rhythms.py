"""Rates of events over the years, within the year, and from day to day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import OptionError
from eventstudy.periods import Period
from eventstudy.provenance import as_generator

LONGEST_BURST = 1_000  # days


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Rate of events over the years, within the year, and from day to day.

    Parameters
    ----------
    growth : float, default 1
        Rate on the last day of the period over that on the first; the logarithm is linear in time.
    season : float, default 1
        Rate at the peak of the year over that at its trough; the logarithm is a cosine.
    peak : int, default 288
        Day of the year with the highest rate; 288 is 15 October.
    drift : float, default 0
        Years by which the peak comes later at the end of the period than at its start.
    step : float, default 1
        Rate in the second half of the period over that in the first.
    pulse : float, default 1
        Factor of the rate during `pulse_days` consecutive days, at a random place in each data set.
    pulse_days : int, default 150
    wander : float, default 0
        Standard deviation of a slow random change in the log rate, drawn separately for each data set: a
        stationary first-order autoregression.
    wander_days : float, default 91
        Days after which the autocorrelation of that change has fallen to 1 / e.
    yearly : sequence of float, default ()
        Relative rate in each calendar year that the period touches, such as the observed numbers of events.
    burst_size : int, default 1
        Number of days in a burst: the rate is that of its first day, and the others follow it.
    burst_days : int, default 14
        Length of a burst from its first day, in days, at most 1,000; the others are picked at random.

    Raises
    ------
    OptionError
        If a value is out of range.
    """

    growth: float = 1.0
    season: float = 1.0
    peak: int = 288
    drift: float = 0.0
    step: float = 1.0
    pulse: float = 1.0
    pulse_days: int = 150
    wander: float = 0.0
    wander_days: float = 91.0
    yearly: tuple[float, ...] = ()
    burst_size: int = 1
    burst_days: int = 14

    def __post_init__(self) -> None:
        object.__setattr__(self, "yearly", tuple(float(rate) for rate in self.yearly))
        positive = self.growth > 0 and self.step > 0 and self.pulse > 0 and self.wander_days > 0
        bursts = 1 <= self.burst_size <= self.burst_days <= LONGEST_BURST
        years = all(rate >= 0 for rate in self.yearly) and (not self.yearly or sum(self.yearly) > 0)
        numbers = (
            self.growth,
            self.season,
            self.peak,
            self.drift,
            self.step,
            self.pulse,
            self.wander,
            self.wander_days,
        )
        finite = np.isfinite([*numbers, *self.yearly]).all()
        if not (
            finite
            and positive
            and self.season >= 1
            and self.wander >= 0
            and self.pulse_days >= 1
            and bursts
            and years
        ):
            raise OptionError(
                f"{self!r}: growth, step, pulse and wander_days must be positive, season and pulse_days at least 1, "
                "wander and yearly not negative, all of them finite, burst_size between 1 and burst_days, which is at "
                f"most {LONGEST_BURST:,}; "
                "Rhythm() has no growth, no season and no bursts"
            )

    def __str__(self) -> str:
        parts = [
            f"growth ×{self.growth:g}" if self.growth != 1 else "",
            f"season ×{self.season:g}" if self.season != 1 else "",
            f"peak drifts by {self.drift:g} years" if self.drift else "",
            f"step ×{self.step:g}" if self.step != 1 else "",
            f"pulse ×{self.pulse:g} of {self.pulse_days} days" if self.pulse != 1 else "",
            f"random rate, sd {self.wander:g}, {self.wander_days:g} days" if self.wander else "",
            "yearly numbers given" if self.yearly else "",
            f"bursts of {self.burst_size}" if self.burst_size != 1 else "",
        ]
        return ", ".join(part for part in parts if part) or "stationary"

    def weights(self, period: Period, rng: np.random.Generator | None = None) -> NDArray[np.float64]:
        """Return the rate of each day as a share of the period's total, shape ``(len(period),)``.

        Parameters
        ----------
        period : Period
        rng : numpy.random.Generator, optional
            Needed where the rate has a pulse or a random change.
        """
        log_rate = _steady(self, period).copy()
        if self.pulse != 1.0:
            first = as_generator(rng, "Rhythm.weights").integers(max(1, len(period) - self.pulse_days + 1))
            log_rate[first : first + self.pulse_days] += np.log(self.pulse)
        if self.wander:
            noise = as_generator(rng, "Rhythm.weights").standard_normal(len(period))
            log_rate += self.wander * _autoregression(noise, float(np.exp(-1.0 / self.wander_days)))
        with np.errstate(over="ignore", under="ignore"):
            rate = np.exp(log_rate)
            if self.yearly:
                rate *= self._of_year(period)
        if not 0.0 < rate.sum() < np.inf:
            raise OptionError(f"{self!r}: the rates overflow or underflow; give smaller factors")
        return rate / rate.sum()

    def _of_year(self, period: Period) -> NDArray[np.float64]:
        """Return the factor that makes each calendar year's total proportional to `yearly`, by day."""
        year = period.days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
        year -= year[0]
        length = np.bincount(year)
        if length.size != len(self.yearly):
            raise OptionError(
                f"Rhythm: yearly has {len(self.yearly)} values and {period} touches {length.size} years; "
                "give one for each"
            )
        return (np.array(self.yearly) / length)[year]

    def days(
        self,
        period: Period,
        number: int,
        rng: np.random.Generator,
        weights: NDArray[np.float64] | None = None,
    ) -> Days:
        """Draw distinct days.

        Bursts that run past the end of the period continue at its start, and overlapping bursts share their
        days, so with bursts there may be slightly fewer than `number`.

        Parameters
        ----------
        period : Period
        number : int
        rng : numpy.random.Generator
        weights : ndarray of float64, shape ``(len(period),)``, optional
            As returned by `weights`, where two series share one draw of them.
        """
        chances = self.weights(period, rng) if weights is None else weights
        bursts = min(max(1, round(number / self.burst_size)), int(np.count_nonzero(chances)))
        first = rng.choice(len(period), bursts, replace=False, p=chances)
        if self.burst_days == 1:
            return period.start + np.sort(first)
        later = rng.permuted(np.tile(np.arange(1, self.burst_days), (bursts, 1)), axis=1)[
            :, : self.burst_size - 1
        ]
        steps = np.concatenate((np.zeros((bursts, 1), np.int64), later), axis=1)
        return period.start + np.unique((first[:, None] + steps) % len(period))


STATIONARY = Rhythm()


@lru_cache(maxsize=32)  # hundreds of data sets share it
def _steady(rhythm: Rhythm, period: Period) -> NDArray[np.float64]:
    """Return the logarithm of what of a rhythm is the same in every data set, by day."""
    dates = period.days.astype("datetime64[D]")
    day_of_year = (dates - dates.astype("datetime64[Y]")).astype(np.int64) + 1
    passed = np.arange(len(period)) / len(period)
    peak = rhythm.peak + 365.25 * rhythm.drift * passed
    log_rate = np.log(rhythm.growth) * passed + np.log(rhythm.step) * (passed >= 0.5)
    log_rate += np.log(rhythm.season) / 2 * np.cos(2 * np.pi * (day_of_year - peak) / 365.25)
    return np.asarray(log_rate)


def _autoregression(noise: NDArray[np.float64], coefficient: float) -> NDArray[np.float64]:
    """Return a stationary first-order autoregression with variance one, from standard normal noise."""
    from scipy.signal import lfilter

    scaled = noise * np.sqrt(1.0 - coefficient**2)
    scaled[0] = noise[0]
    return np.asarray(lfilter([1.0], [1.0, -coefficient], scaled))
