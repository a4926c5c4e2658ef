"""One number from events and anchors; large means clustered.

An additive statistic is a sum over events of a score that depends on the day alone, or the mean of such
scores, or a number made from several such sums. It provides the scores, which are all that a null model with
an exact distribution needs. Rows of draws may be padded with ``NO_EVENT``, which every statistic
ignores.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from eventstudy.arguments import one_of
from eventstudy.dates import Days, date_text
from eventstudy.errors import EventsError, OptionError
from eventstudy.events import NO_EVENT, Events, to_days
from eventstudy.numeric.layers import WindowHits
from eventstudy.overriding import restore_defaults
from eventstudy.periods import Period
from eventstudy.printing import shown, without_addresses
from eventstudy.windows import Window, checked_window

Side = Literal["before", "after", "either"]
UNKNOWN = np.iinfo(np.int64).max  # an unbounded distance


class _Unless:
    """The value of an attribute that a subclass does not declare; a dataclass may make it a field without default."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __get__(self, instance: object | None, owner: type) -> Any:
        if instance is None:
            raise AttributeError
        return self.value


class Statistic(ABC):
    """One number from events and anchors; large means clustered.

    To build one, write a frozen dataclass with `__call__`. If the number is made from sums over events of scores that
    depend on the day alone, provide `scores` too: exact distributions and fast draws then work without more. A subclass
    of a statistic with a `__call__` of its own has the defaults of `scores`, `value` and `spans`, not its parent's.

    Attributes
    ----------
    window : Window or None, default None
        The days around anchors that count: gives coverage, and the anchors that reach the period.
    unit : str
        Label of the axis; by default the statistic in words.
    per_event : bool, default False
        Whether `value` takes mean scores per event in place of their sums. Over no event they are undefined (nan).
    has_ratio : bool, default False
        Whether observed / expected is meaningful: the statistic counts from zero.
    takes_announced : bool, default False
        Whether it depends on anchors through windows alone, so that these may open when an anchor was announced.
    name : str, optional
        What the command line calls it; a statistic of the package that declares none is not offered there.

    Examples
    --------
    The number of events on days whose number is a multiple of seven, whatever the anchors:

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> import eventstudy as es
    >>> @dataclass(frozen=True)
    ... class Sevenths(es.Statistic):
    ...     has_ratio = True
    ...
    ...     def __call__(self, events, anchors):
    ...         return (np.asarray(events) % 7 == 0).sum(axis=-1)
    ...
    ...     def scores(self, period, anchors):
    ...         return (period.days % 7 == 0).astype(int)
    >>> events = es.Events([0, 7], es.Period(0, 14))
    >>> es.permutation_test(events, es.Events([3]), Sevenths(), es.CircularShift()).method
    'exact'
    """

    __slots__ = ()
    window: Window | None = cast("Window | None", _Unless(None))
    per_event: ClassVar[bool] = False
    has_ratio: ClassVar[bool] = False
    takes_announced: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        restore_defaults(cls, Statistic, "__call__", ("scores", "value", "spans"))

    def __repr__(self) -> str:
        """Return the name of a class that is no dataclass."""
        return without_addresses(super().__repr__())

    @property
    def unit(self) -> str:
        """Label of the axis."""
        return str(self)

    @property
    def called(self) -> str:
        """The name of the statistic in messages."""
        return type(self).__name__

    @property
    def reach(self) -> Window | None:
        """The lags at which an anchor can matter: by default the window; None if not known."""
        return self.window

    @abstractmethod
    def __call__(self, events: Any, anchors: Any) -> NDArray[Any]:
        """Return the statistic of each row: days of events, shape (..., n), and anchors, (m,), to shape (...)."""

    def scores(self, period: Period, anchors: Any) -> NDArray[Any] | None:
        """Return the scores of each day of the period, or None if the statistic is not made from any.

        Returns
        -------
        ndarray, shape ``(len(period),)`` or ``(k, len(period))``, or None
            Sums of whole numbers (an integer type) have exact distributions; others are drawn, or enumerated where
            the null model has few arrangements.
        """
        return None

    def value(self, sums: NDArray[Any], observed: NDArray[Any]) -> NDArray[Any]:
        """Return the statistic from the sums of the events' scores, shape (..., k), as shape (...).

        By default the only sum. With several scores, override it; nan is refused. `observed`, shape (k,), are the sums
        of the events as observed, for a statistic with its own way of comparing draws with them.
        """
        return sums[..., 0]

    def spans(self, anchors: Any) -> tuple[Days, Days] | None:
        """Return first days and days after the last of windows, if the statistic is the number of them with an event.

        Exact distributions then work under null models that move strata, though hits are not a sum over events.
        """
        return None


@dataclass(frozen=True, slots=True)
class FunctionStatistic(Statistic):
    """A plain function of days as a statistic.

    `function`: maps days of events and of anchors to a number: for one series, shapes (n,) and (m,), or for
    each row, shapes (..., n) and (m,). `by_row`: whether it takes one series at a time.
    """

    function: Callable[..., Any]
    by_row: bool = False

    def __repr__(self) -> str:
        return str(getattr(self.function, "__name__", type(self.function).__name__))

    def __str__(self) -> str:
        return shown(self.function)

    @property
    def called(self) -> str:
        """The name of the statistic in messages: that of the function."""
        return repr(self)

    def __call__(self, events: Any, anchors: Any) -> NDArray[Any]:
        """Return the function of each row of `events`."""
        days = np.asarray(events)
        if days.ndim == 1 or not (self.by_row or (days == NO_EVENT).any()):
            return np.asarray(self.function(events, anchors))
        rows = [self.function(row[row != NO_EVENT], anchors) for row in days.reshape(-1, days.shape[-1])]
        return np.asarray(rows).reshape(days.shape[:-1])

    def on(self, events: Days, anchors: Days) -> FunctionStatistic:
        """Find out from two rows of days whether the function takes rows, or one series at a time.

        Raises OptionError if it does not return one number for a series.
        """
        # so that rows and events differ in number
        rows = np.stack([events, events[::-1], *[events] * (events.size == 2)])
        singly = [np.asarray(self.function(row, anchors)) for row in rows]
        if any(one.shape != () for one in singly):
            raise OptionError(
                f"{self.called}: it returned shape {singly[0].shape} for the days of one series; return one number"
            )
        try:
            together = np.asarray(self.function(rows, anchors))
            vectorised = together.shape == rows.shape[:1] and np.allclose(together, singly, equal_nan=True)
        except (ArithmeticError, AttributeError, IndexError, TypeError, ValueError):
            vectorised = False  # it does not accept rows
        return FunctionStatistic(self.function, by_row=not vectorised)


def as_statistic(statistic: Any, where: str) -> Statistic:
    """Return a statistic unchanged, and a plain function as one; refuse anything else.

    Raises OptionError.
    """
    if isinstance(statistic, Statistic):
        return statistic
    if isinstance(statistic, type) or not callable(statistic) or hasattr(statistic, "scores"):
        raise OptionError(
            f"{where}: {statistic!r} is not a statistic; give one, such as WindowCount(Window.before(14)), a function "
            "of the days of events and anchors, or an object of a class derived from eventstudy.Statistic"
        )
    return FunctionStatistic(statistic)


@dataclass(frozen=True, slots=True)
class WindowCount(Statistic):
    """Number of events in the window of at least one anchor.

    An event in the windows of two anchors counts once; two events on one day count twice.

    Parameters
    ----------
    window : Window

    Examples
    --------
    >>> import eventstudy as es
    >>> int(es.WindowCount(es.Window(-14, 0))([90, 95, 100], [100]))
    2
    """

    window: Window
    name: ClassVar[str] = "count"
    unit: ClassVar[str] = "events in the window"
    has_ratio: ClassVar[bool] = True
    takes_announced: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checked_window(self.window, "WindowCount")

    def __str__(self) -> str:
        return f"number of events in the window ({self.window})"

    def __call__(self, events: Any, anchors: Any) -> NDArray[np.int64]:
        """Return the count for each row of `events`."""
        return self.window.holds(to_days(events, "events"), anchors).sum(axis=-1)

    def scores(self, period: Period, anchors: Any) -> NDArray[np.int64]:
        """Return 1 for each day of the period in the window, else 0, shape ``(len(period),)``."""
        return self.window.indicator(anchors, period)


@dataclass(frozen=True, slots=True)
class AnchorsHit(Statistic):
    """Number of anchors with at least one event in their window.

    Each anchor counts at most once, so a burst of events before one anchor counts as one.

    Parameters
    ----------
    window : Window

    Examples
    --------
    >>> import eventstudy as es
    >>> int(es.AnchorsHit(es.Window(-14, 0))([90, 95, 100], [100]))
    1
    """

    window: Window
    name: ClassVar[str] = "anchors-hit"
    unit: ClassVar[str] = "anchors with an event in their window"
    has_ratio: ClassVar[bool] = True
    takes_announced: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checked_window(self.window, "AnchorsHit")

    def __str__(self) -> str:
        return f"number of anchors with an event in their window ({self.window})"

    def __call__(self, events: Any, anchors: Any) -> NDArray[np.int64]:
        """Return the number of anchors hit for each row of `events`."""
        days, (opening, stop) = to_days(events, "events"), self.window.spans(anchors)
        if days.size == 0 or stop.size == 0:
            return np.zeros(days.shape[:-1], np.int64)
        begin, end = (
            int(opening.min()) - 1,
            int(stop.max()),
        )  # the days at both ends stand for all beyond them
        places = np.clip(days.reshape(-1, days.shape[-1]), begin, end) - begin
        hits = WindowHits.of(opening - begin, stop - begin, end - begin + 1)
        return hits.totals(places).reshape(days.shape[:-1])

    def spans(self, anchors: Any) -> tuple[Days, Days]:
        """Return the first day of each anchor's window, and the day after its last one."""
        return self.window.spans(anchors)


@dataclass(frozen=True, slots=True)
class WindowContrast(Statistic):
    """Number of events in one window of the anchors minus the number in another.

    What raises the rate on both sides of an anchor, such as a busy season, cancels. A day in both
    windows, of one anchor or of two, counts equally in both, and so cancels.

    Parameters
    ----------
    before, after : Window
        Usually of equal length; the counts are not divided by the days at risk.

    Examples
    --------
    >>> import eventstudy as es
    >>> int(es.WindowContrast(es.Window(-14, 0), es.Window(1, 15))([90, 95, 103], [100]))
    1
    """

    before: Window
    after: Window
    name: ClassVar[str] = "contrast"
    unit: ClassVar[str] = "events in the first window minus events in the second"
    takes_announced: ClassVar[bool] = True

    @property
    def reach(self) -> Window:
        """All lags from the start of the earlier window to the end of the later."""
        return Window(min(self.before.start, self.after.start), max(self.before.stop, self.after.stop))

    def __post_init__(self) -> None:
        checked_window(self.before, "WindowContrast")
        checked_window(self.after, "WindowContrast")

    def __str__(self) -> str:
        return f"events in one window ({self.before}) minus events in another ({self.after})"

    def __call__(self, events: Any, anchors: Any) -> NDArray[np.int64]:
        """Return the difference of the counts for each row of `events`."""
        return WindowCount(self.before)(events, anchors) - WindowCount(self.after)(events, anchors)

    def scores(self, period: Period, anchors: Any) -> NDArray[np.int64]:
        """Return 1, -1 or 0 for each day of the period, shape ``(len(period),)``."""
        return self.before.indicator(anchors, period) - self.after.indicator(anchors, period)


@dataclass(frozen=True, slots=True)
class LagCount(Statistic):
    """Number of pairs of event and anchor whose lag lies in a range.

    An event near two anchors counts for both, so every anchor has equal weight. `WindowCount` counts it once.

    Parameters
    ----------
    window : Window

    Examples
    --------
    >>> import eventstudy as es
    >>> int(es.LagCount(es.Window(-14, 0))([90, 95], [97, 100]))
    4
    """

    window: Window
    unit: ClassVar[str] = "pairs of event and anchor"
    has_ratio: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checked_window(self.window, "LagCount")

    def __str__(self) -> str:
        return f"number of pairs with a lag in the range ({self.window})"

    def __call__(self, events: Any, anchors: Any) -> NDArray[np.int64]:
        """Return the number for each row of `events`."""
        days, base = to_days(events, "events"), np.sort(to_days(anchors, "anchors").ravel())
        there = days != NO_EVENT
        days = np.where(there, days, 0)
        first = np.searchsorted(base, days - self.window.stop, side="right")
        pairs = np.searchsorted(base, days - self.window.start, side="right") - first
        return (pairs * there).sum(axis=-1)

    def scores(self, period: Period, anchors: Any) -> NDArray[np.int64]:
        """Return the number of anchors that each day pairs with, shape ``(len(period),)``."""
        return self.window.number(anchors, period)


@dataclass(frozen=True, slots=True)
class NearestLag(Statistic):
    """Minus the mean number of days between an event and its nearest anchor.

    Parameters
    ----------
    side : {"before", "after", "either"}, default "before"
        "before": events before anchors, so the days from the event to the next anchor. "after": the days
        since the previous one. "either": the shorter of the two. An anchor on the event's day is 0 days away.

    Notes
    -----
    An event without a next anchor is censored at the end of the period: the distance to the first day after the
    period is used. An event without a previous anchor is censored at the day
    before the period. Without a period such an event is an error.

    An event falls more often into a long gap between anchors than into a short one, so mean distances
    can only be compared with those of a null model for the same anchors, never between eras [1]_. Counts in
    windows are easier to defend. A row of draws without any event has no mean (nan).

    References
    ----------
    .. [1] Varadhan, R. & Frangakis, C. E. (2004). Revealing and addressing length bias and heterogeneous
       effects in frequency case-crossover studies. American Journal of Epidemiology 159(6), 596-602.

    Examples
    --------
    >>> import eventstudy as es
    >>> float(es.NearestLag()([90, 95, 100], [100]))
    -5.0
    """

    side: Side = "before"
    name: ClassVar[str] = "nearest"
    unit: ClassVar[str] = "minus the mean days to the nearest anchor"
    per_event: ClassVar[bool] = True

    def __post_init__(self) -> None:
        one_of(self.side, get_args(Side), "NearestLag", "side")

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
        if self.side != "before":  # the same with time reversed
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
