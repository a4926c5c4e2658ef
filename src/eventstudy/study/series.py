"""Which rows of a bundled table make a series of events, as an analysis plan says it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eventstudy import datasets
from eventstudy.errors import PlanError
from eventstudy.events import Events, Period
from eventstudy.provenance import Provenance
from eventstudy.queries import choose
from eventstudy.results.permutation import Alternative
from eventstudy.results.selection import Selection

TABLES = {"launches": datasets.launches, "summits": datasets.summits, "controls": datasets.controls}


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """Which rows of a bundled table make a series of events.

    Attributes
    ----------
    label, table, date : str
        What they are, in the plural; the table; its column of dates.
    where : str
        A pandas query that chooses rows.
    why : str
        The reason for the choice.
    distinct : bool
        Whether events on one day count once.
    merge_gap_days : int or None
        Events at most so many days after the previous one belong to it.
    alternative : {"greater", "less", "two-sided"}
        What is expected of the events before these anchors.
    """

    label: str
    table: str
    date: str
    where: str
    why: str
    distinct: bool = False
    merge_gap_days: int | None = None
    alternative: Alternative = "greater"

    def rows(self) -> pd.DataFrame:
        """Return the chosen rows of the table."""
        if self.table not in TABLES:
            raise PlanError(
                f"plan: the table '{self.table}' is not bundled; choose one of {', '.join(TABLES)}"
            )
        frame = TABLES[self.table]()
        return frame[choose(frame, self.where, f"{self.table}.csv")]

    def selection(self, period: Period) -> Selection:
        """Return how many rows and events are left after each step."""
        table, rows = TABLES[self.table](), self.rows()
        inside = Events(rows[self.date], label=self.label).within(period)
        steps = [("rows of the table", len(table)), (self.where, len(rows)), (f"in {period}", len(inside))]
        if self.distinct:
            steps.append(("days, each once", len(inside.distinct())))
        if self.merge_gap_days is not None:
            gap = f"first of each run at most {self.merge_gap_days} days apart"
            steps.append((gap, len(self.read().within(period))))
        return Selection(
            label=self.label,
            steps=tuple(steps),
            provenance=Provenance(
                f"{self!r}.selection({period!r})", {self.table: datasets.checksums()[self.table]}
            ),
        )

    def read(self, period: Period | None = None) -> Events:
        """Return the series, cut to `period` where one is given."""
        return self.series(Events(self.rows()[self.date], label=self.label), period)

    def series(self, events: Events, period: Period | None = None) -> Events:
        """Return dates as the series that the plan wants: cut to `period`, each day once, near ones merged."""
        if period is not None:
            events = events.within(period)
        if self.distinct:
            events = events.distinct()
        return events if self.merge_gap_days is None else events.merged(self.merge_gap_days)
