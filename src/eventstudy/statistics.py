"""One number from events and anchors; large means clustered.

An additive statistic is a sum over events of a whole-number score that depends on the day alone. It
offers these scores, and any null model that has an exact road then needs nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from eventstudy.events import Period, to_days
from eventstudy.windows import Window


class Statistic(Protocol):
    """Maps days of events, shape (..., n), and of anchors, shape (m,), to numbers of shape (...)."""

    def __call__(self, events: Any, anchors: Any) -> NDArray[Any]:
        """Return the statistic of each row of `events`."""
        ...


@runtime_checkable
class AdditiveStatistic(Statistic, Protocol):
    """A statistic that is a sum over events of a score of the day."""

    def scores(self, period: Period, anchors: Any) -> NDArray[np.int64]:
        """Return the score of each day of the period, shape ``(len(period),)``."""
        ...


@dataclass(frozen=True, slots=True)
class WindowCount:
    """Number of events in the window of at least one anchor.

    An event in the windows of two anchors counts once; two events on one day count twice.

    Parameters
    ----------
    window : Window

    Examples
    --------
    >>> int(WindowCount(Window(-14, 0))([90, 95, 100], [100]))
    2
    """

    window: Window
    unit: ClassVar[str] = "events in the window"

    def __str__(self) -> str:
        return f"number of events in the window ({self.window})"

    def __call__(self, events: Any, anchors: Any) -> NDArray[np.int64]:
        """Return the count for each row of `events`."""
        return np.isin(to_days(events, "events"), self.window.days(anchors)).sum(axis=-1)

    def scores(self, period: Period, anchors: Any) -> NDArray[np.int64]:
        """Return 1 for each day of the period in the window, else 0, shape ``(len(period),)``."""
        return self.window.indicator(anchors, period)


@dataclass(frozen=True, slots=True)
class AnchorsHit:
    """Number of anchors with at least one event in their window.

    Each anchor counts at most once, so a burst of events before one anchor adds one.

    Parameters
    ----------
    window : Window

    Examples
    --------
    >>> int(AnchorsHit(Window(-14, 0))([90, 95, 100], [100]))
    1
    """

    window: Window
    unit: ClassVar[str] = "anchors with an event in their window"

    def __str__(self) -> str:
        return f"number of anchors with an event in their window ({self.window})"

    def __call__(self, events: Any, anchors: Any) -> NDArray[np.int64]:
        """Return the number of anchors hit for each row of `events`.

        Notes
        -----
        The rows are sorted and laid end to end, far enough apart, so that two searches count the events
        in each window of each row.
        """
        days, base = to_days(events, "events"), to_days(anchors, "anchors")
        rows = np.sort(days.reshape(-1, days.shape[-1]), axis=1)
        if rows.shape[1] == 0 or base.size == 0:
            return np.zeros(days.shape[:-1], np.int64)
        first, last = base + self.window.start, base + self.window.stop
        low = min(int(rows.min()), int(first.min()))
        step = max(int(rows.max()), int(last.max())) - low + 1
        shift = np.arange(rows.shape[0], dtype=np.int64)[:, None] * step - low
        line = (rows + shift).ravel()
        inside = np.searchsorted(line, last + shift) > np.searchsorted(line, first + shift)
        return inside.sum(axis=1).reshape(days.shape[:-1])
