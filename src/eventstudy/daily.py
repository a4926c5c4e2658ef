"""A number for each day of a period: how many intervals hold it, yearly waves, the values of a covariate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import Days, date_text
from eventstudy.errors import OptionError, PeriodError
from eventstudy.events import to_days
from eventstudy.periods import Period


def coverings(first: Days, stop: Days, period: Period) -> Days:
    """Return how many of the half-open intervals ``[first, stop)`` hold each day, shape ``(len(period),)``.

    A difference array: the cost grows with the days and the number of intervals, not with their length.
    """
    size = len(period)
    steps = np.bincount(np.clip(first - period.start, 0, size), minlength=size + 1)
    steps = steps - np.bincount(np.clip(stop - period.start, 0, size), minlength=size + 1)
    return np.cumsum(steps[:size])


def named_columns(covariates: Any, where: str) -> dict[str, object]:
    """Return covariates by name: those of a mapping, or the columns of a frame with a date index.

    Raises OptionError if they have no names.
    """
    if covariates is None:
        return {}
    if not isinstance(covariates, (Mapping, pd.DataFrame)):
        raise OptionError(
            f"{where}: covariates is a {type(covariates).__name__}; give them by name, such as {{'price': series}}, or "
            "a frame with a date index"
        )
    return {str(name): value for name, value in covariates.items()}


def covariate_values(series: Any, period: Period, where: str) -> NDArray[np.float64]:
    """Return the value of a covariate on each day, shape ``(len(period),)``.

    `series`: with one value for every day of the period; other days may be present; or for every month
    (quarter, year) of a PeriodIndex, which holds on each of its days.

    Raises OptionError if it is something else, or a day appears twice. Raises PeriodError if a day of the
    period has no value, or one that is not finite.
    """
    if not isinstance(series, pd.Series) or not isinstance(series.index, (pd.DatetimeIndex, pd.PeriodIndex)):
        raise OptionError(f"{where}: it is not a Series with a date index; give one value for each day")
    numbers, days = covariate_numbers(series, where), period.days
    if isinstance(series.index, pd.PeriodIndex):
        if series.index.has_duplicates:
            twice = series.index[series.index.duplicated()][0]
            raise OptionError(f"{where}: {twice} appears twice; keep one")
        spans = period.dates.to_period(series.index.freqstr)
        return _every_day(pd.Series(numbers, index=series.index).reindex(spans).to_numpy(), period, where)
    values = pd.Series(numbers, index=to_days(series.index, f"{where} index"))
    if values.index.has_duplicates:
        twice = values.index[values.index.duplicated()][0]
        raise OptionError(f"{where}: {date_text(twice)} appears twice; keep one")
    return _every_day(values.reindex(days).to_numpy(), period, where)


def covariate_numbers(series: pd.Series[Any], where: str) -> NDArray[np.float64]:
    """Return the values of a Series as they stand, shape (n,); refuse what are no numbers."""
    try:
        if series.dtype.kind not in "cmM":  # NumPy would take the real part alone, or count microseconds
            return series.to_numpy(float)
    except (TypeError, ValueError):
        pass
    more = "" if series.dtype.kind in "cmM" else ", such as 0 and 1 in a column for each category"
    raise OptionError(f"{where}: its values are {series.dtype}; give a number for each day{more}")


def is_categories(series: pd.Series[Any]) -> bool:
    """Tell whether the values of a Series are text or categories."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return True
    return pd.api.types.infer_dtype(series, skipna=True) == "string"


def covariate_categories(series: pd.Series[Any], period: Period, where: str) -> NDArray[Any]:
    """Return the category of each day as text, shape ``(len(period),)``, from a Series as `covariate_values` takes it.

    Raises
    ------
    OptionError, PeriodError
        As `covariate_values` does.
    """
    codes, names = pd.factorize(series.astype("str").where(series.notna()))
    numbers = pd.Series(np.where(codes < 0, np.nan, codes), index=series.index)
    return np.asarray(names, object)[covariate_values(numbers, period, where).astype(np.int64)]


def _every_day(daily: NDArray[np.floating[Any]], period: Period, where: str) -> NDArray[np.float64]:
    """Return daily values, none of which may be missing."""
    lacking = np.flatnonzero(~np.isfinite(daily))
    if lacking.size:
        raise PeriodError(
            f"{where}: {lacking.size} of {len(period)} days have no value, the first "
            f"{date_text(period.start + int(lacking[0]))}; fill them or shorten the period of the events"
        )
    return daily.astype(np.float64, copy=False)
