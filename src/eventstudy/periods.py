"""Days under observation.

Intervals are half-open.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import YEAR_OR_MONTH, YEARS, Days, date_text, read_days, to_dates
from eventstudy.errors import PeriodError


def _boundary(value: Any, name: str, held: tuple[int, int] | None = None) -> tuple[int, bool]:
    """Read one end of a period, and whether it is a day number; a year or a month alone means its first day."""
    if isinstance(value, str) and YEAR_OR_MONTH.fullmatch(value):
        value = value.strip() + ("-01" if "-" in value else "-01-01")
    days = read_days(value, f"Period {name}", held)
    if days.size != 1:
        raise PeriodError(f"Period: {name} must be one day, not {days.size}; give a date or a day number")
    return int(days.flat[0]), np.asarray(value).dtype.kind in "iuf"


@dataclass(frozen=True, slots=True)
class Period:
    """Days under observation, half-open: ``start <= day < stop``.

    Parameters
    ----------
    start, stop : date in any form, or int
        First day, and the day after the last one. Whole numbers count days since 1970-01-01; those that look like
        dates, such as 2012 or 20120304, are refused. ``Period(0, 10_000)`` is a period of day numbers, for
        simulations: if it starts below 1500, any number in it is a day.

    Raises
    ------
    DateError
        If an end is not a day, or a number that looks like a date.
    PeriodError
        If the period holds no day.

    Examples
    --------
    >>> import eventstudy as es
    >>> len(es.Period("2012-01-01", "2025-01-01"))
    4749
    """

    start: int
    stop: int
    numbered: bool = field(repr=False, compare=False)  # a period of day numbers, in which any number is a day

    def __init__(self, start: Any, stop: Any) -> None:
        first, number = _boundary(start, "start")
        number &= first < YEARS[0]
        last, ends_so = _boundary(stop, "stop", (first, np.iinfo(np.int64).max) if number else None)
        self._set(first, last, number and ends_so)

    def _set(self, first: int, last: int, numbered: bool) -> None:
        if first >= last:
            raise PeriodError(
                f"Period({date_text(first)}, {date_text(last)}): it holds no day; "
                "stop must come after start, as stop is the day after the last one"
            )
        object.__setattr__(self, "start", first)
        object.__setattr__(self, "stop", last)
        object.__setattr__(self, "numbered", numbered)

    @classmethod
    def from_days(cls, start: int, stop: int) -> Period:
        """Return a period between day numbers that are known to be days, such as those of other periods."""
        period = cls.__new__(cls)
        period._set(int(start), int(stop), False)
        return period

    @property
    def numbers(self) -> tuple[int, int] | None:
        """Both ends of a period of day numbers, in which any number is a day; else None."""
        return (self.start, self.stop) if self.numbered else None

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


def checked_period(period: Any, where: str) -> Period:
    """Return a period, or say how to give one.

    Raises PeriodError.
    """
    if isinstance(period, Period):
        return period
    raise PeriodError(
        f"{where}: the period is a {type(period).__name__}; give an eventstudy.Period(start, stop)"
    )
