"""The rows of a table that make up a series of events, as specified in an analysis plan."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eventstudy import datasets
from eventstudy.errors import OptionError, PlanError
from eventstudy.events import Events
from eventstudy.io import read_events
from eventstudy.io.events import check_format
from eventstudy.periods import Period
from eventstudy.provenance import Provenance
from eventstudy.queries import choose
from eventstudy.results.selection import Selection
from eventstudy.study.files import DataFile
from eventstudy.study.typed import Label, NumberOfDays


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """The rows of a table that make up a series of events.

    Attributes
    ----------
    label : str
        What they are, in the plural.
    date : str or tuple of three str
        The column of dates, or those of year, month and day in a file.
    why : str
        The reason for the choice.
    table : str or None
        A bundled table; either this or `file`.
    file : DataFile or None
        A file of the study.
    date_format : str or None
        In which the dates of a file stand, as in :func:`eventstudy.read_events`.
    where : str or None
        A pandas query that selects rows; None for all.
    distinct : bool
        Whether events on one day count once.
    merge_gap_days : int or None
        Events at most this many days after the previous one are merged with it.
    """

    label: Label
    date: str | tuple[str, str, str]
    why: str
    table: str | None = None
    file: DataFile | None = None
    date_format: str | None = None
    where: str | None = None
    distinct: bool = False
    merge_gap_days: NumberOfDays | None = None

    def __post_init__(self) -> None:
        if (self.table is None) == (self.file is None):
            raise PlanError(f"plan: {self.label}: give either a bundled table or a file, not both")
        if self.table is not None and self.table not in datasets.names():
            raise PlanError(
                f"plan: the table '{self.table}' is not bundled; choose one of {', '.join(datasets.names())}"
            )

        if self.table is not None and (self.date_format is not None or not isinstance(self.date, str)):
            raise PlanError(
                f"plan: {self.label}: the dates of a bundled table stand in one column, as year-month-day; leave "
                "date_format out and give one column"
            )
        try:
            check_format(self.date_format, f"plan: {self.label}")
        except OptionError as error:
            raise PlanError(str(error)) from None

    def all_rows(self) -> pd.DataFrame:
        """Return the bundled table, before any row is selected."""
        if self.table is None:
            raise PlanError(f"plan: {self.label}: their rows come from a file; this needs a bundled table")
        return datasets.table(self.table)

    def rows(self) -> pd.DataFrame:
        """Return the chosen rows of the bundled table."""
        frame = self.all_rows()
        return frame if self.where is None else frame[choose(frame, self.where, f"{self.table}.csv")]

    def dated(self) -> Events:
        """Return every chosen row as an event, without a period."""
        if self.file is not None:
            read = read_events(
                self.file.path,
                date=self.date,
                where=self.where,
                label=self.label,
                date_format=self.date_format,
            )
            return read.as_dated()  # only one test of a report could average over uncertain dates
        return Events(self.rows()[str(self.date)], label=self.label)

    def selection(self, period: Period) -> Selection:
        """Return the number of rows and events left after each step."""
        if self.file is not None:
            name, total, data = (
                self.file.name,
                self.file.n_rows(self.date if isinstance(self.date, str) else self.date[0]),
                self.file.sha256,
            )
        else:
            name, total, data = str(self.table), len(self.all_rows()), datasets.checksums()[str(self.table)]
        dated = self.dated()
        inside = dated.within(period)
        steps = [("rows of the table", total)]
        if self.where is not None:
            steps.append((self.where, len(dated)))
        steps.append((f"in {period}", len(inside)))
        if self.distinct:
            steps.append(("days, each once", len(inside.distinct())))
        if self.merge_gap_days is not None:
            days = self.merge_gap_days
            gap = (
                f"first of each run at most {days} day{'s' * (days > 1)} apart"
                if days
                else "first of each day"
            )
            steps.append((gap, len(self.read().within(period))))
        return Selection(
            label=self.label,
            steps=tuple(steps),
            provenance=Provenance(f"{self!r}.selection({period!r})", {name: data}),
        )

    def read(self, period: Period | None = None) -> Events:
        """Return the series, cut to `period` where one is given."""
        return self.series(self.dated(), period)

    def series(self, events: Events, period: Period | None = None) -> Events:
        """Return dates as the series in the plan: cut to `period`, each day once, near ones merged."""
        if period is not None:
            events = events.within(period)
        if self.distinct:
            events = events.distinct()
        return events if self.merge_gap_days is None else events.merged(self.merge_gap_days)
