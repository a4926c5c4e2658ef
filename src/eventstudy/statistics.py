"""One number from events and anchors; large means clustered.

An additive statistic is a sum over events of a score that depends on the day alone, or the mean of such
scores. It offers the scores, and any null model that has an exact road then needs nothing else. Rows of draws may be
filled up with ``NO_EVENT``, which every statistic passes over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days, date_text
from eventstudy.errors import EventsError, OptionError
from eventstudy.events import NO_EVENT, Events, to_days
from eventstudy.periods import Period
from eventstudy.windows import Window

Side = Literal["before", "after", "either"]
UNKNOWN = np.iinfo(np.int64).max  # a distance without an end


class Statistic(Protocol):
    """Maps days of events, shape (..., n), and of anchors, shape (m,), to numbers of shape (...)."""

    def __call__(self, events: Any, anchors: Any) -> NDArray[Any]:
        """Return the statistic of each row of `events`."""
        ...


@runtime_checkable
class AdditiveStatistic(Statistic, Protocol):
    """A statistic that is a sum over events of a score of the day.

    One with the attribute ``per_event = True`` is that sum over the number of events: their mean score.
    """

    def scores(self, period: Period, anchors: Any) -> NDArray[Any]:
        """Return the score of each day of the period, shape ``(len(period),)``.

        Whole numbers (an integer type) have exact distributions; others are drawn, or enumerated where
        the null model has few arrangements.
        """
        ...


def is_mean(statistic: Statistic) -> bool:
    """Tell whether an additive statistic is the mean of its scores rather than their sum."""
    return bool(getattr(statistic, "per_event", False))


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
        return self.window.holds(to_days(events, "events"), anchors).sum(axis=-1)

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
        """Return the number of anchors hit for each row of `events`."""
        days, base = to_days(events, "events"), np.sort(to_days(anchors, "anchors").ravel())
        if days.size == 0 or base.size == 0:
            return np.zeros(days.shape[:-1], np.int64)
        rows = days.reshape(-1, days.shape[-1])
        place = np.flatnonzero(self.window.holds(rows, base))  # most events hit no anchor
        near, row = rows.ravel()[place], place // rows.shape[1]
        first = np.searchsorted(base, near - self.window.stop, side="right")
        number = np.searchsorted(base, near - self.window.start, side="right") - first
        anchor = np.repeat(first - np.cumsum(number) + number, number) + np.arange(number.sum())
        hit = np.zeros((rows.shape[0], base.size), bool)
        hit[np.repeat(row, number), anchor] = True
        return np.count_nonzero(hit, axis=1).reshape(days.shape[:-1])


@dataclass(frozen=True, slots=True)
class WindowContrast:
    """Number of events in one window of the anchors minus the number in another.

    What raises the rate on both sides of an anchor, such as a busy season, cancels. A day in both
    windows, of one anchor or of two, counts as much before as after, so as nothing.

    Parameters
    ----------
    before, after : Window
        Usually as long as each other; the counts are not divided by the days at risk.

    Examples
    --------
    >>> int(WindowContrast(Window(-14, 0), Window(1, 15))([90, 95, 103], [100]))
    1
    """

    before: Window
    after: Window
    unit: ClassVar[str] = "events in the first window minus events in the second"

    def __str__(self) -> str:
        return f"events in one window ({self.before}) minus events in another ({self.after})"

    def __call__(self, events: Any, anchors: Any) -> NDArray[np.int64]:
        """Return the difference of the counts for each row of `events`."""
        return WindowCount(self.before)(events, anchors) - WindowCount(self.after)(events, anchors)

    def scores(self, period: Period, anchors: Any) -> NDArray[np.int64]:
        """Return 1, -1 or 0 for each day of the period, shape ``(len(period),)``."""
        return self.before.indicator(anchors, period) - self.after.indicator(anchors, period)


@dataclass(frozen=True, slots=True)
class NearestLag:
    """Minus the mean number of days between an event and its nearest anchor.

    Parameters
    ----------
    side : {"before", "after", "either"}, default "before"
        "before": events before anchors, so the days from the event to the next anchor. "after": the days
        since the last one. "either": the shorter of the two. An anchor on the event's day is 0 days away.

    Notes
    -----
    An event without a next anchor is censored at the end of the period: the next anchor is at least as far as the
    first day after it, and that distance counts. An event without a last anchor is censored at the day
    before the period. Without a period such an event is an error.

    An event falls more often into a long gap between anchors than into a short one, so mean distances
    compare only with what a null model gives for the same anchors, never between eras [1]_. Counts in
    windows are easier to defend. A row of draws without any event has no mean (nan).

    References
    ----------
    .. [1] Varadhan, R. & Frangakis, C. E. (2004). Revealing and addressing length bias and heterogeneous
       effects in frequency case-crossover studies. American Journal of Epidemiology 159(6), 596-602.

    Examples
    --------
    >>> float(NearestLag()([90, 95, 100], [100]))
    -5.0
    """

    side: Side = "before"
    unit: ClassVar[str] = "minus the mean days to the nearest anchor"
    per_event: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.side not in get_args(Side):
            raise OptionError(
                f"NearestLag: side={self.side!r} is not known; give 'before', 'after' or 'either'"
            )

    def __str__(self) -> str:
        what = {"before": "to the next anchor", "after": "since the last anchor"}
        return f"minus the mean days {what.get(self.side, 'to the nearest anchor')}"

    def __call__(self, events: Any, anchors: Any) -> NDArray[np.float64]:
        """Return minus the mean distance for each row of `events`.

        Raises
        ------
        EventsError
            If an event has no anchor on the side asked for and `events` carry no period.
        """
        days = to_days(events, "events")
        present = days != NO_EVENT
        far = np.zeros(days.shape, np.int64)
        period = events.period if isinstance(events, Events) else None
        far[present] = self._distances(days[present], anchors, period)
        number = present.sum(axis=-1)
        return np.where(number, -far.sum(axis=-1) / np.maximum(number, 1), np.nan)

    def scores(self, period: Period, anchors: Any) -> NDArray[np.int64]:
        """Return minus the distance of each day of the period, shape ``(len(period),)``."""
        return -self._distances(period.days, anchors, period)

    def _distances(self, days: Days, anchors: Any, period: Period | None) -> NDArray[np.int64]:
        base = np.sort(to_days(anchors, "anchors").ravel())
        stop, start = (None, None) if period is None else (period.stop, 1 - period.start)
        sides = []
        if self.side != "after":
            sides.append(_next(days, base, stop))
        if self.side != "before":  # the same with time running backwards
            sides.append(_next(-days, -base[::-1], start))
        distances = np.minimum.reduce(sides)
        unknown = days[distances == UNKNOWN]
        if unknown.size:
            where = {"before": "on or after", "after": "on or before"}.get(self.side, "near")
            raise EventsError(
                f"NearestLag: there is no anchor {where} {date_text(unknown.flat[0])} and no period to say how far "
                "away the nearest is at least; pass Events with a period"
            )
        return distances


def _next(days: Days, base: Days, stop: int | None) -> NDArray[np.int64]:
    """Return the days to the next of the sorted `base`; to `stop`, or UNKNOWN, where there is none."""
    place = np.searchsorted(base, days)
    found = place < base.size
    distances = np.full(days.shape, UNKNOWN)
    distances[found] = base[place[found]] - days[found]
    if stop is not None:
        distances[~found] = stop - days[~found]
    return distances
