"""Days under observation.

Intervals are half-open.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import INCOMPLETE, Days, date_text, read_days, to_dates
from eventstudy.errors import PeriodError


def _boundary(value: Any, name: str) -> int:
    """Read one end of a period; a year or a month alone means its first day."""
    if isinstance(value, str) and INCOMPLETE.fullmatch(value):
        value = value.strip() + ("-01" if "-" in value else "-01-01")
    days = read_days(value, f"Period {name}")
    if days.size != 1:
        raise PeriodError(f"Period: {name} must be one day, not {days.size}; give a date or a day number")
    return int(days.flat[0])


@dataclass(frozen=True, slots=True)
class Period:
    """Days under observation, half-open: ``start <= day < stop``.

    Parameters
    ----------
    start, stop : date in any form that pandas reads, or int
        First day, and the day after the last one; whole numbers count days since 1970-01-01.

    Raises
    ------
    PeriodError
        If the period holds no day.

    Examples
    --------
    >>> len(Period("2012-01-01", "2025-01-01"))
    4749
    """

    start: int
    stop: int

    def __init__(self, start: Any, stop: Any) -> None:
        first, last = _boundary(start, "start"), _boundary(stop, "stop")
        if first >= last:
            raise PeriodError(
                f"Period({date_text(first)}, {date_text(last)}): it holds no day; "
                "stop must come after start, as stop is the day after the last one"
            )
        object.__setattr__(self, "start", first)
        object.__setattr__(self, "stop", last)

    def __len__(self) -> int:
        return self.stop - self.start

    def __contains__(self, day: int) -> bool:
        return self.start <= operator.index(day) < self.stop

    def __str__(self) -> str:
        return f"{date_text(self.start)} to {date_text(self.stop)} (not included)"

    def __repr__(self) -> str:
        return f"Period('{date_text(self.start)}', '{date_text(self.stop)}')"

    @property
    def days(self) -> Days:
        """Every day of the period, shape ``(len(period),)``."""
        return np.arange(self.start, self.stop, dtype=np.int64)

    @property
    def dates(self) -> pd.DatetimeIndex:
        """Every day of the period as a date."""
        return to_dates(self.days)

    def inside(self, days: Days) -> NDArray[np.bool_]:
        """Tell which of `days` lie in the period, same shape."""
        return (days >= self.start) & (days < self.stop)
