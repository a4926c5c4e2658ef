"""Dated events.

Launches and summits are the same type; the argument's name says the role.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.arguments import quoted, whole
from eventstudy.dates import Days, date_text, read_days, to_dates
from eventstudy.errors import DateError, EventsError, PeriodError
from eventstudy.periods import Period, checked_period
from eventstudy.provenance import Provenance, checksum

UNLABELLED = "events"
# Pads draws that have fewer events than others; NumPy's number for "not a time", so no day has it.
NO_EVENT = int(np.iinfo(np.int64).min)


def to_days(values: Any, label: str = "days", period: Period | None = None) -> Days:
    """Turn events, dates in any form, or whole numbers into day numbers.

    - `values`: dates (text, ``datetime.date``, timestamps) or whole numbers of days since 1970-01-01. A time
      of day is dropped; a time zone is not converted: the date on the local clock counts. An array of int64
      holds day numbers already, such as those of a draw, and is returned as it is.
    - `label`: what the values are, for the error text.
    - `period`: numbers in a period of day numbers are always read as days.

    Returns days with the shape of `values` for numbers, one-dimensional for dates. Raises DateError if a value is
    missing, impossible, ambiguous, incomplete or not a whole day, or a number that looks like a date.

    >>> to_days(["1970-01-02", "1969-12-31"])
    array([ 1, -1])
    """
    if isinstance(values, Events):
        return values.days
    if type(values) is np.ndarray and values.dtype == np.int64:
        return values
    return read_days(values, label, None if period is None else period.numbers)


def one_day(value: Any, where: str) -> int:
    """Return the number of one day, given as `to_days` takes it.

    Raises DateError if it is none, or several.
    """
    days = to_days(value, where).ravel()
    if days.size != 1:
        raise DateError(
            f"{where}: {days.size} days are given where one is asked for; give one, such as '2020-03-01'"
        )
    return int(days[0])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Events:
    """Dated events, kept in order of time; several may fall on one day.

    Parameters
    ----------
    days : array-like
        Dates in any form: text, ``datetime``, a column of pandas, pyarrow or polars. The order does not matter. Whole
        numbers are days since 1970-01-01, for simulations in a ``Period(0, n)``; those that look like dates, such as
        20120304 or 2012, are refused outside one.
    period : Period, optional
        The days under observation. A test needs it for the events; anchors may go without.
    label : str, default "events"
        What they are, in the plural, for results, figures and errors; without a label the anchors of a test are
        called "anchors". Figures have room for about 30 letters; longer labels are broken into lines, and
        ``eventstudy new`` takes none.
    uncertainty : int or array-like of int, shape (n,), optional
        Days by which a date may be wrong, to either side: one number, or one for each entry of `days`. Every day
        within that distance, inside the period, is assumed equally likely. Only
        :func:`eventstudy.permutation_test` averages over it; other functions ask for :meth:`as_dated`.
    notes : sequence of str, optional
        What a reader of results should know about how the dates were read, such as rows that were left out.
    announced : array-like, shape (n,), optional
        For anchors: the day on which each became public, in the order of `days`. Windows then open no earlier: nobody
        could act on a summit that was not yet known. An anchor announced after its window has none.

    Attributes
    ----------
    days : ndarray of int64, shape (n,)
        Sorted and read-only.
    uncertainty : ndarray of int64, shape (n,), or None
        In the order of `days`; None if no date is in doubt.
    notes : tuple of str
        Sentences, passed on to whatever is made from the events.
    reading : tuple of str
        Sentences on how their file was read, such as its separator; results do not repeat them.
    announced : ndarray of int64, shape (n,), or None
        In the order of `days`; None if it was not given.

    Raises
    ------
    DateError
        If an entry is not a day of the calendar, or a whole number that looks like a date.
    EventsError
        If an event lies outside the period, or the uncertainty is not a number of days from 0 for each entry, or
        there are not as many announcement days as entries.

    Examples
    --------
    >>> import eventstudy as es
    >>> launches = es.Events(["2022-01-05", "2022-01-11"], es.Period("2022-01-01", "2023-01-01"), "launches")
    >>> len(launches)
    2
    """

    days: Days
    period: Period | None
    label: str
    uncertainty: Days | None
    notes: tuple[str, ...]
    reading: tuple[str, ...]
    announced: Days | None

    def __init__(
        self,
        days: Any,
        period: Period | None = None,
        label: str = UNLABELLED,
        *,
        uncertainty: Any = None,
        announced: Any = None,
        notes: Sequence[str] = (),
    ) -> None:
        if period is not None:
            checked_period(period, label)
        _check_order(label, days, uncertainty, announced)
        if isinstance(days, Events):
            uncertainty = days.uncertainty if uncertainty is None else uncertainty
            announced = days.announced if announced is None else announced
            given, notes, reading = days.days, (*days.notes, *notes), days.reading
        else:
            reading = ()
            given = read_days(days, label, None if period is None else period.numbers)
            if given.ndim > 1:  # rows of year, month and day would be three events
                raise DateError(
                    f"{label}: the day numbers form a table of shape {given.shape}; give one list of days"
                )
            given = given.ravel()
        self._set(given, period, label, uncertainty, announced, notes, reading)

    def _set(
        self,
        given: Days,
        period: Period | None,
        label: str,
        uncertainty: Any,
        announced: Any,
        notes: Sequence[str],
        reading: Sequence[str],
    ) -> None:
        if not isinstance(label, str):
            raise EventsError(
                f"label: {quoted(label)} is no text; give what the events are, such as label='launches'"
            )
        if not isinstance(notes, (list, tuple)) or not all(isinstance(note, str) for note in notes):
            raise EventsError(f"{label}: the notes are no list of texts; give notes=['...']")
        values = np.sort(given)
        if period is not None:
            outside = values[~period.inside(values)]
            if outside.size:
                raise EventsError(
                    f"{label}: {outside.size} of {values.size} lie outside the period {period}, "
                    f"the first on {date_text(outside[0])}; widen the period, "
                    f"or leave them out with Events(days).within(period)"
                )
        values.flags.writeable = False
        object.__setattr__(self, "days", values)
        object.__setattr__(self, "period", period)
        object.__setattr__(self, "label", label)
        doubt, public = _doubt(uncertainty, given, label), _announced(announced, given, label)
        order = np.lexsort([key for key in (public, doubt, given) if key is not None])
        object.__setattr__(self, "uncertainty", _ordered(doubt, order))
        object.__setattr__(self, "announced", _ordered(public, order))
        object.__setattr__(self, "notes", tuple(notes))
        object.__setattr__(self, "reading", tuple(reading))

    @classmethod
    def from_days(
        cls,
        days: Days,
        period: Period | None = None,
        label: str = UNLABELLED,
        *,
        uncertainty: Any = None,
        announced: Any = None,
        notes: Sequence[str] = (),
        reading: Sequence[str] = (),
    ) -> Events:
        """Return events on day numbers that are known to be days, such as those of other events or of a draw.

        Parameters
        ----------
        days : ndarray of int64, shape (n,)
            Days since 1970-01-01, in any order; none is refused for looking like a date.
        period, label, uncertainty, announced, notes
            As in :class:`Events`.
        reading : sequence of str, optional
            How their file was read.
        """
        events = cls.__new__(cls)
        given = np.asarray(days, np.int64).ravel()
        events._set(given, period, label, uncertainty, announced, notes, reading)
        return events

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        """Copy and pickle by rebuilding, so that the days of a copy are read-only too."""
        parts = (
            self.days,
            self.period,
            self.label,
            self.uncertainty,
            self.announced,
            self.notes,
            self.reading,
        )
        return _rebuilt, parts

    def __eq__(self, other: object) -> bool:
        """Tell whether both are the same dates of the same period under the same label, however they were read."""
        if not isinstance(other, Events):
            return NotImplemented
        if (self.label, self.period) != (other.label, other.period):
            return False
        columns = ("days", "uncertainty", "announced")
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in columns)

    def __hash__(self) -> int:
        return hash((self.label, self.period, len(self)))

    def __len__(self) -> int:
        return int(self.days.size)

    def __repr__(self) -> str:
        where = "" if self.period is None else f", {self.period}"
        doubt = f", {self.n_uncertain} of uncertain date" if self.n_uncertain else ""
        doubt += "" if self.announced is None else ", with announcement days"
        return f"<Events {self.label!r}: {len(self)} on {np.unique(self.days).size} days{doubt}{where}>"

    @property
    def dates(self) -> pd.DatetimeIndex:
        """The events as dates, shape (n,)."""
        return to_dates(self.days)

    @property
    def anchors_label(self) -> str:
        """What the events are called where they are the anchors: their label, or "anchors" if they have none."""
        return "anchors" if self.label == UNLABELLED else self.label

    @property
    def provenance(self) -> Provenance:
        """What identifies the series: its label and the checksum of its days and period; how they were read."""
        span = None if self.period is None else (self.period.start, self.period.stop)
        known = [column for column in (self.days, self.uncertainty, self.announced) if column is not None]
        data = {self.label: checksum(np.concatenate(known), span)}
        return Provenance(repr(self), data, notes=(*self.reading, *self.notes))

    @property
    def n_uncertain(self) -> int:
        """Number of events whose date may be wrong."""
        return 0 if self.uncertainty is None else int(np.count_nonzero(self.uncertainty))

    def as_dated(self) -> Events:
        """Return the events with their dates as given, and a note that says so."""
        if self.uncertainty is None:
            return self
        taken = (
            f"the dates of {self.n_uncertain} of {len(self)} {self.label} are uncertain and are used as given"
        )
        return Events.from_days(
            self.days,
            self.period,
            self.label,
            announced=self.announced,
            notes=(*self.notes, taken),
            reading=self.reading,
        )

    def drawn(self, rng: np.random.Generator) -> Events:
        """Return the events on days drawn at random within their uncertainty, inside the period."""
        if self.uncertainty is None:
            return self
        first, last = self.days - self.uncertainty, self.days + self.uncertainty
        if self.period is not None:
            first, last = np.maximum(first, self.period.start), np.minimum(last, self.period.stop - 1)
        days = rng.integers(first, last, endpoint=True)
        return Events.from_days(days, self.period, self.label, announced=self.announced, notes=self.notes)

    def by_year(self) -> pd.Series[int]:
        """Return the number of events in each calendar year that the period touches."""
        period = observed_period(self)
        years = range(period.dates[0].year, period.dates[-1].year + 1)
        return pd.Series(self.dates.year).value_counts().reindex(years, fill_value=0)

    def distinct(self) -> Events:
        """Return one event for each day that has any: the least uncertain date, then the first announced."""
        return self._only(np.unique(self.days, return_index=True)[1])

    def _only(self, chosen: NDArray[Any], period: Period | None = None) -> Events:
        """Return some of the events, with the uncertainty and announcement of their dates."""
        doubt, public = (
            None if column is None else column[chosen] for column in (self.uncertainty, self.announced)
        )
        return Events.from_days(
            self.days[chosen],
            period or self.period,
            self.label,
            uncertainty=doubt,
            announced=public,
            notes=self.notes,
            reading=self.reading,
        )

    def merged(self, gap_days: int) -> Events:
        """Return one event for each run of events at most `gap_days` apart: the first of the run."""
        gap = whole(gap_days, self.label, "gap_days", least=0, fix="give 0 or more days", error=EventsError)
        gap = min(gap, 2**62)  # further apart than any two days
        first = np.diff(self.days, prepend=self.days[:1] - gap - 1) > gap
        return self._only(first)

    def within(self, period: Period) -> Events:
        """Return the events inside `period`, which becomes their period.

        Raises
        ------
        PeriodError
            If the events were not observed over all of `period`: unobserved days are not days
            without events.
        """
        checked_period(period, self.label)
        if self.period is not None and not (
            self.period.start <= period.start and period.stop <= self.period.stop
        ):
            raise PeriodError(
                f"{self.label}: they were observed over {self.period}, not over all of {period}; "
                "choose a period inside the observed one"
            )
        return self._only(period.inside(self.days), period)

    def daily_counts(self) -> NDArray[np.int64]:
        """Return the number of events on each day of the period, shape ``(len(period),)``."""
        period = observed_period(self)
        return np.bincount(self.days - period.start, minlength=len(period)).astype(np.int64, copy=False)

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row per event: its date, day number and, where given, uncertainty and announcement."""
        frame = pd.DataFrame({"date": self.dates, "day": self.days})
        if self.uncertainty is not None:
            frame["uncertainty"] = self.uncertainty
        if self.announced is not None:
            frame["announced"] = to_dates(self.announced)
        return frame


def _check_order(label: object, days: Any, uncertainty: Any, announced: Any) -> None:
    """Refuse sets where the order says which value belongs to which date."""
    by_place = announced is not None or isinstance(uncertainty, Iterable)
    for values, what in ((days, "days"), (uncertainty, "uncertainties"), (announced, "announcement days")):
        if by_place and isinstance(values, (set, frozenset)):
            raise EventsError(
                f"{label}: the {what} are a set, whose order is arbitrary, so it is not known which uncertainty or "
                "announcement belongs to which date; give lists in the same order"
            )


def _doubt(uncertainty: Any, given: Days, label: str) -> Days | None:
    """Return the uncertainty of each date as given; None if there is none."""
    if uncertainty is None:
        return None
    doubt = np.asarray(uncertainty)
    if doubt.dtype.kind == "f" and not np.ma.is_masked(uncertainty) and (doubt % 1 == 0).all():
        doubt = doubt.astype(np.int64)
    fits = doubt.dtype.kind in "iu" and doubt.shape in ((), given.shape) and not np.ma.is_masked(uncertainty)
    if not fits or (doubt < 0).any():
        raise EventsError(
            f"{label}: the uncertainty is not a whole number of days from 0, or one for each of {given.size} dates; "
            "give 0 where the date is sure"
        )
    return np.broadcast_to(doubt, given.shape).astype(np.int64) if doubt.any() else None


def _announced(announced: Any, given: Days, label: str) -> Days | None:
    """Return the announcement day of each date as given; None if there is none."""
    if announced is None:
        return None
    days = read_days(announced, f"{label}, announced").ravel()
    if days.size != given.size:
        raise EventsError(
            f"{label}: there are {days.size} announcement days for {given.size} dates; give one for each, the date "
            "itself where it was never announced"
        )
    return days


def _ordered(column: Days | None, order: NDArray[np.intp]) -> Days | None:
    """Return one value for each event, in order of the events, read-only."""
    if column is None:
        return None
    column = column[order]
    column.flags.writeable = False
    return column


def _rebuilt(
    days: Days,
    period: Period | None,
    label: str,
    uncertainty: Days | None,
    announced: Days | None,
    notes: tuple[str, ...],
    reading: tuple[str, ...],
) -> Events:
    return Events.from_days(
        days, period, label, uncertainty=uncertainty, announced=announced, notes=notes, reading=reading
    )


def observed_period(events: Events) -> Period:
    """Return the period of the events of a test, or say how to give one."""
    if not isinstance(events, Events):
        raise EventsError(
            f"events: got a {type(events).__name__}; wrap the dates as Events(dates, Period(start, stop))"
        )
    if events.uncertainty is not None:
        raise EventsError(
            f"{events.label}: the dates of {events.n_uncertain} are uncertain, and only permutation_test averages "
            "over that; use as_dated() to use them as given"
        )
    if events.period is None:
        span = (
            f"; the dates span {date_text(events.days[0])} to {date_text(events.days[-1])}, so "
            f"Period('{date_text(events.days[0])}', '{date_text(events.days[-1] + 1)}') would be a start"
            if len(events)
            else ""
        )
        raise PeriodError(
            f"{events.label}: the period under observation is not given; "
            f"use Events(days, Period(start, stop)){span}"
        )
    return events.period
