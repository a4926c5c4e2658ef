"""A number for each day of a period: how many intervals hold it, yearly waves, the values of a covariate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import Days, date_text
from eventstudy.errors import OptionError, PeriodError
from eventstudy.events import to_days
from eventstudy.periods import Period

TROPICAL_YEAR = 365.25  # days of the calendar year on average


def coverings(first: Days, stop: Days, period: Period) -> Days:
    """Return how many of the half-open intervals ``[first, stop)`` hold each day, shape ``(len(period),)``.

    Notes
    -----
    A difference array: the cost grows with the days and the number of intervals, not with their length.
    """
    size = len(period)
    steps = np.bincount(np.clip(first - period.start, 0, size), minlength=size + 1)
    steps = steps - np.bincount(np.clip(stop - period.start, 0, size), minlength=size + 1)
    return np.cumsum(steps[:size])


def covariate_values(series: Any, period: Period, where: str) -> NDArray[np.float64]:
    """Return the value of a covariate on each day, shape ``(len(period),)``.

    Parameters
    ----------
    series : Series with a date index
        With one value for every day of the period; other days may be present.

    Raises
    ------
    OptionError
        If it is something else, or a day appears twice.
    PeriodError
        If a day of the period has no value, or one that is not finite.
    """
    if not isinstance(series, pd.Series) or not isinstance(series.index, pd.DatetimeIndex):
        raise OptionError(f"{where}: it is not a Series with a date index; give one value for each day")
    try:
        numbers = series.to_numpy(float)
    except (TypeError, ValueError):
        raise OptionError(f"{where}: its values are {series.dtype}; give a number for each day") from None
    values = pd.Series(numbers, index=to_days(series.index, f"{where} index"))
    if values.index.has_duplicates:
        twice = values.index[values.index.duplicated()][0]
        raise OptionError(f"{where}: {date_text(twice)} appears twice; keep one")
    daily = values.reindex(period.days).to_numpy()
    lacking = np.flatnonzero(~np.isfinite(daily))
    if lacking.size:
        raise PeriodError(
            f"{where}: {lacking.size} of {len(period)} days have no value, the first "
            f"{date_text(period.start + int(lacking[0]))}; fill them or shorten the period of the events"
        )
    return daily
