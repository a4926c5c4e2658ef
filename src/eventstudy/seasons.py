"""The time of the year as an angle, and yearly harmonics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days

MEAN_YEAR = 365.25  # days of a calendar year on average

Floats = NDArray[np.float64]


def year_angle(days: Days, first: int = 1) -> Floats:
    """Return the time of the year as an angle in radians: ``2 pi (day of year - first) / 365.25``.

    `days`, shape (n,): days since 1970-01-01. `first`: day of the year, from 1, at which the angle is zero.
    """
    dates = days.astype("datetime64[D]")
    day_of_year = (dates - dates.astype("datetime64[Y]")).astype(np.int64) + 1
    return 2.0 * np.pi * (day_of_year - first) / MEAN_YEAR


def yearly_waves(days: Days, number: int) -> dict[str, Floats]:
    """Return pairs of sine and cosine of 1, 2, ... waves a year, each of shape (n,): sin1, cos1, sin2, cos2, ...

    >>> waves = yearly_waves(np.array([0, 183]), 1)  # 1 January and 3 July 1970
    >>> [wave.round(2).tolist() for wave in waves.values()]
    [[0.0, -0.01], [1.0, -1.0]]
    """
    angle = year_angle(days)
    return {
        f"{name}{k}": wave(k * angle)
        for k in range(1, number + 1)
        for name, wave in (("sin", np.sin), ("cos", np.cos))
    }
