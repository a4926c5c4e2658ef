"""Windows of lags around anchors, and the days at risk they make."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.daily import coverings
from eventstudy.dates import Days
from eventstudy.errors import WindowError
from eventstudy.events import to_days
from eventstudy.periods import Period


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Whole days around an anchor: every lag with ``start <= lag < stop``.

    A lag is the day of an event minus the day of an anchor, so negative lags come before the anchor.

    Parameters
    ----------
    start, stop : int
        First lag, and the lag after the last one, in days.

    Raises
    ------
    WindowError
        If the window holds no day.

    Examples
    --------
    >>> Window(-14, 0) == Window.before(14)
    True
    """

    start: int
    stop: int

    def __post_init__(self) -> None:
        try:
            start, stop = operator.index(self.start), operator.index(self.stop)
        except TypeError:
            raise WindowError(
                f"Window({self.start!r}, {self.stop!r}): lags are whole days; "
                "the 14 days before the anchor are Window(-14, 0)"
            ) from None
        if start >= stop:
            raise WindowError(
                f"Window({start}, {stop}): it holds no day; stop must be greater than start, "
                "so the 14 days before the anchor are Window(-14, 0)"
            )
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "stop", stop)

    @classmethod
    def before(cls, days: int) -> Window:
        """Return the `days` days before the anchor, without the anchor's own day."""
        return cls(-operator.index(days), 0)

    @classmethod
    def after(cls, days: int) -> Window:
        """Return the `days` days after the anchor, without the anchor's own day."""
        return cls(1, operator.index(days) + 1)

    def __len__(self) -> int:
        return self.stop - self.start

    def __str__(self) -> str:
        if self.stop == 0:
            return f"{len(self)} days before" if len(self) > 1 else "the day before"
        if self.start == 1:
            return f"{len(self)} days after" if len(self) > 1 else "the day after"
        return f"days {self.start:+d} to {self.stop - 1:+d}"

    def days(self, anchors: Any) -> Days:
        """Return the days in the window of at least one anchor, each once, sorted.

        Parameters
        ----------
        anchors : Events or array-like of days

        Returns
        -------
        ndarray of int64, shape (k,)
        """
        base = np.sort(to_days(anchors, "anchors").ravel())
        if not base.size:
            return base
        alone = np.diff(base) > len(self)  # where the windows of two neighbours do not touch
        first = base[np.append(True, alone)] + self.start
        length = base[np.append(alone, True)] + self.stop - first
        return np.repeat(first - np.cumsum(length) + length, length) + np.arange(length.sum())

    def holds(self, days: Days, anchors: Any) -> NDArray[np.bool_]:
        """Tell which of `days` lie in the window of at least one anchor, same shape.

        Notes
        -----
        An anchor's window holds a day if the anchor lies in the mirrored window of the day, so two searches among
        the anchors tell, or one look-up where there are many days. ``NO_EVENT`` lies in no window.
        """
        base = np.sort(to_days(anchors, "anchors").ravel())
        if not base.size or not days.size:
            return np.zeros(days.shape, bool)
        first, stop = int(base[0]) + self.start, int(base[-1]) + self.stop
        if days.size < stop - first:
            return np.searchsorted(base, days - self.stop, side="right") < np.searchsorted(
                base, days - self.start, side="right"
            )
        inside = np.pad(self.indicator(base, Period(first, stop)).astype(bool), 1)
        return inside.take(days - (first - 1), mode="clip")  # both ends stand for all days beyond

    def indicator(self, anchors: Any, period: Period) -> Days:
        """Return 1 for each day of the period in the window of at least one anchor, else 0.

        Returns
        -------
        ndarray of int64, shape ``(len(period),)``
        """
        return (self.number(anchors, period) > 0).astype(np.int64)

    def number(self, anchors: Any, period: Period) -> Days:
        """Return for each day of the period the number of anchors whose window holds it.

        Returns
        -------
        ndarray of int64, shape ``(len(period),)``
        """
        first = to_days(anchors, "anchors") + self.start
        return coverings(first, first + len(self), period)

    def reaching(self, anchors: Any, period: Period) -> Days:
        """Return the anchors whose window holds a day of the period, in their order."""
        base = to_days(anchors, "anchors")
        return base[(base + self.stop > period.start) & (base + self.start < period.stop)]

    def exposure(self, anchors: Any, period: Period) -> int:
        """Return the number of days of the period in the window of at least one anchor."""
        return int(self.indicator(anchors, period).sum())

    def coverage(self, anchors: Any, period: Period) -> float:
        """Return the share of the period's days in the window of at least one anchor."""
        return self.exposure(anchors, period) / len(period)
