"""Windows of lags around anchors, and the days at risk in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.arguments import quoted, whole
from eventstudy.daily import coverings
from eventstudy.dates import Days, read_days
from eventstudy.errors import OptionError, WindowError
from eventstudy.events import Events, to_days
from eventstudy.periods import Period


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Whole days around an anchor: every lag with ``start <= lag < stop``.

    A lag is the day of an event minus the day of an anchor, so negative lags come before the anchor. The window of an
    anchor with an announcement day (``Events(..., announced=...)``) opens no earlier than that day.

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
    >>> import eventstudy as es
    >>> es.Window(-14, 0) == es.Window.before(14)
    True
    """

    start: int
    stop: int

    def __post_init__(self) -> None:
        try:
            start, stop = (whole(end, "Window", "an end", fix="give days") for end in (self.start, self.stop))
        except OptionError:
            raise WindowError(
                f"Window({quoted(self.start)}, {quoted(self.stop)}): lags are whole days; "
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
        return cls(-whole(days, "Window.before", "days", fix="give a whole number of days, such as 14"), 0)

    @classmethod
    def after(cls, days: int) -> Window:
        """Return the `days` days after the anchor, without the anchor's own day."""
        return cls(1, whole(days, "Window.after", "days", fix="give a whole number of days, such as 14") + 1)

    def __len__(self) -> int:
        return self.stop - self.start

    def __str__(self) -> str:
        if self.stop == 0:
            return f"{len(self)} days before" if len(self) > 1 else "the day before"
        if self.start == 1:
            return f"{len(self)} days after" if len(self) > 1 else "the day after"
        return f"days {self.start:+d} to {self.stop - 1:+d}"

    def spans(self, anchors: Any) -> tuple[Days, Days]:
        """Return the first day of each anchor's window, and the day after its last one, without windows of no day."""
        first, stop = self._opening(anchors).ravel(), to_days(anchors, "anchors").ravel() + self.stop
        return first[first < stop], stop[first < stop]

    def days(self, anchors: Any) -> Days:
        """Return the days in the window of at least one anchor, each once, sorted.

        Parameters
        ----------
        anchors : Events or array-like of days

        Returns
        -------
        ndarray of int64, shape (k,)
        """
        return _union(*self.spans(anchors))

    def holds(self, days: Days, anchors: Any) -> NDArray[np.bool_]:
        """Tell which of `days` lie in the window of at least one anchor, same shape.

        Notes
        -----
        A day lies in a window if more windows have begun than have ended, so two searches suffice, or one look-up where
        there are many days. ``NO_EVENT`` lies in no window.
        """
        first, stop = (np.sort(ends) for ends in self.spans(anchors))
        if not first.size or not days.size:
            return np.zeros(days.shape, bool)
        begin, end = int(first[0]), int(stop[-1])
        if days.size < end - begin:
            return np.searchsorted(stop, days, side="right") < np.searchsorted(first, days, side="right")
        inside = np.pad(self.indicator(anchors, Period.from_days(begin, end)).astype(bool), 1)
        return inside.take(days - (begin - 1), mode="clip")  # the ends stand for all days beyond them

    def indicator(self, anchors: Any, period: Period) -> Days:
        """Return 1 for each day of the period in the window of at least one anchor, else 0.

        Returns
        -------
        ndarray of int64, shape ``(len(period),)``
        """
        inside = np.zeros(len(period), np.int64)
        inside[_union(*self._within(anchors, period)) - period.start] = 1
        return inside

    def number(self, anchors: Any, period: Period) -> Days:
        """Return for each day of the period the number of anchors whose window holds it.

        Returns
        -------
        ndarray of int64, shape ``(len(period),)``
        """
        return coverings(*self.spans(anchors), period)

    def reaching(self, anchors: Any, period: Period) -> Days:
        """Return the anchors whose window holds a day of the period, in their order."""
        base = _checked(anchors, period)
        first = np.maximum(self._opening(anchors), period.start)
        return base[first < np.minimum(base + self.stop, period.stop)]

    def _within(self, anchors: Any, period: Period) -> tuple[Days, Days]:
        """Return the first day of the windows that hold a day of the period, and the day after their last."""
        first, stop = (np.clip(ends, period.start, period.stop) for ends in self.spans(anchors))
        return first[first < stop], stop[first < stop]

    def _opening(self, anchors: Any) -> Days:
        """Return the first day of each anchor's window: not before the anchor was announced."""
        first = to_days(anchors, "anchors") + self.start
        announced = anchors.announced if isinstance(anchors, Events) else None
        return first if announced is None else np.maximum(first, announced)

    def exposure(self, anchors: Any, period: Period) -> int:
        """Return the number of days of the period in the window of at least one anchor."""
        _checked(anchors, period)
        return int(_union(*self._within(anchors, period)).size)

    def coverage(self, anchors: Any, period: Period) -> float:
        """Return the share of the period's days in the window of at least one anchor."""
        return self.exposure(anchors, period) / len(period)


def checked_window(window: Any, where: str) -> Window:
    """Return a window, or say how to write one.

    Raises WindowError.
    """
    if isinstance(window, Window):
        return window
    raise WindowError(
        f"{where}: the window is {window!r}; give a Window, such as Window(-14, 0) for the 14 days before an anchor"
    )


def lagged_pairs(days: Days, anchors: Days, first: int, stop: int) -> tuple[Days, Days, Days]:
    """Return which day, which anchor and the lag of every pair with ``first <= lag < stop``, day by day.

    `days`, `anchors`: sorted. The cost grows with the pairs returned, not with all that there are.
    """
    begin = np.searchsorted(anchors, days - stop, side="right")
    number = np.maximum(np.searchsorted(anchors, days - first, side="right") - begin, 0)
    which = np.repeat(np.arange(days.size), number)
    row = np.arange(which.size) - np.repeat(np.cumsum(number) - number - begin, number)
    return which, row, days[which] - anchors[row]


def _union(first: Days, stop: Days) -> Days:
    """Return the days in at least one of the half-open intervals ``[first, stop)``, none of them empty, sorted."""
    if not first.size:
        return first
    order = np.argsort(first, kind="stable")
    first, reach = first[order], np.maximum.accumulate(stop[order])
    alone = first[1:] > reach[:-1]  # where an interval does not touch an earlier one
    first = first[np.append(True, alone)]
    length = reach[np.append(alone, True)] - first
    return np.repeat(first - np.cumsum(length) + length, length) + np.arange(length.sum())


def _checked(anchors: Any, period: Period) -> Days:
    """Return the days of anchors; numbers that look like dates are refused, as in ``Events``."""
    return anchors.days if isinstance(anchors, Events) else read_days(anchors, "anchors", period.numbers)
