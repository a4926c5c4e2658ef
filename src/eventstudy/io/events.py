"""Events from a table: which rows, and on which days."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from eventstudy.arguments import quoted
from eventstudy.date_grammar import AMBIGUOUS, NO_DATE, compiled_format, order_of
from eventstudy.dates import Days
from eventstudy.errors import OptionError, own_errors
from eventstudy.events import UNLABELLED, Events
from eventstudy.io.base import Table, check_column, refuse_dates_as_names
from eventstudy.io.cells import EMPTY, as_text
from eventstudy.io.files import open_candidates, open_table
from eventstudy.io.pieces import DateColumn, Piece, pieces
from eventstudy.io.problems import Problems
from eventstudy.periods import Period
from eventstudy.printing import listed, one_line

UNCERTAINTY = (
    "uncertainty"  # the column of days by which a date may be wrong, as ``eventstudy data import`` writes it
)
MOST_DAYS = 5  # digits of an uncertainty


@own_errors
def read_events(
    path: str | Path | IO[Any] | pd.DataFrame,
    *,
    date: str | Sequence[str] = (),
    period: Period | None = None,
    label: str | None = None,
    where: str | None = None,
    date_format: str | None = None,
    announced: str | None = None,
) -> Events:
    """Read events from a table.

    A text file of separated values or a Parquet file is read in blocks of rows, and only the columns needed: it
    may be larger than memory.

    Parameters
    ----------
    path : str, pathlib.Path, buffer or DataFrame
        Values separated by commas, semicolons, tabs or bars; Excel (.xlsx), Parquet, Stata (.dta), SPSS (.sav) or lines
        of JSON; also compressed by gzip, bzip2, xz or zip. Of a workbook, the sheet with the column of dates is read.
    date : str or sequence of str
        The column of dates, or three columns: ``("year", "month", "day")``. Without it, the error lists the columns. An
        ambiguous date is refused.
    period : Period, optional
        The days under observation. Rows outside are left out, and counted in the notes of the events.
    label : str, optional
        What the events are; by default the name of the file, and "events" for a frame or a buffer without a name.
    where : str, optional
        A pandas query that selects rows, such as ``"kind == 'ballistic'"``. Columns of whole or decimal
        numbers compare as numbers, those of True and False as such, the column of dates as dates. Rows left out need no
        readable date, unless the query itself uses the dates; ``"date.notna()"`` leaves out those without one.
    date_format : str, optional
        Such as "%d/%m/%Y" or "%m/%d/%Y", where the dates alone do not say which number is the day.
    announced : str, optional
        For anchors: the column of the days on which each became public, see :class:`eventstudy.Events`. Every chosen
        row needs one.

    Returns
    -------
    Events
        Their attribute `reading` says what was found out about the file, such as its separator. A column called
        "uncertainty" gives the days by which each date may be wrong, as ``eventstudy data import``
        writes it.

    Raises
    ------
    DataError
        Naming the file, and row and column of every problem: the physical line of a text file, the row of an
        Excel sheet, or the number of a record elsewhere.
    OptionError
        If `date` or `date_format` does not name a day.

    Examples
    --------
    >>> import eventstudy as es
    >>> launches = es.read_events("launches.csv", date="date")  # doctest: +SKIP
    """
    if isinstance(date, tuple) and not date:
        tables = open_candidates(path)
        for table in tables:
            refuse_dates_as_names(table, table.columns)
        raise OptionError(
            f"read_events: date is missing; give the column of dates, or those of year, month and day: the columns are "
            f"{listed([*dict.fromkeys(name for table in tables for name in table.columns)])}"
        )
    columns = date_columns(date, "read_events")
    check_format(date_format, "read_events")
    if announced is not None and not isinstance(announced, str):
        raise OptionError(f"read_events: announced={quoted(announced)} is no column; give its name")
    names = [columns] if isinstance(columns, str) else [*columns]
    names += [] if announced is None else [announced]
    table = open_table(path, names)
    for name in names:
        check_column(table, name)
    refuse_dates_as_names(table, names)
    read = _read(table, columns, announced, where, date_format)
    label = label if label is not None else table.stem or UNLABELLED
    events = Events.from_days(
        read.days,
        label=label,
        uncertainty=read.uncertainty,
        announced=read.announced,
        notes=_undated(read, label),
        reading=table.notes,
    )
    return events if period is None else left_in(events, period)


def left_in(events: Events, period: Period) -> Events:
    """Return the events inside a period, with a note that counts those outside."""
    inside = events.within(period)
    outside = len(events) - len(inside)
    if not outside:
        return inside
    note = f"{outside:,} of {len(events):,} {events.label} lie outside the period and are left out"
    return Events(inside, period, inside.label, notes=[note])


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """The days of the selected rows, their uncertainty and announcement, and the number of rows without a date."""

    days: Days
    uncertainty: Days | None
    announced: Days | None
    undated: int


def date_columns(date: Any, function: str) -> DateColumn:
    """Return a column of dates, or those of year, month and day; refuse anything else."""
    columns = (date,) if isinstance(date, str) else tuple(date) if isinstance(date, (tuple, list)) else ()
    named = all(isinstance(name, str) and name.strip() for name in columns)
    if not named or len(columns) != (1 if isinstance(date, str) else 3):
        raise OptionError(
            f"{function}: date={quoted(date)} is neither a column nor three; give one name, or those of year, "
            "month and day"
        )
    return date if isinstance(date, str) else columns


def check_format(date_format: Any, function: str) -> None:
    """Refuse a date format that does not determine one day."""
    if date_format is None:
        return
    try:
        compiled_format(str(date_format))
    except ValueError as error:
        raise OptionError(
            f"{function}: date_format={quoted(date_format)}: {error}; such as '%d/%m/%Y'"
        ) from None


def _read(
    table: Table, date: DateColumn, announced: str | None, where: str | None, date_format: str | None
) -> _Read:
    problems = Problems(table.path)
    doubted = UNCERTAINTY in table.columns
    days, public, doubt = ([np.zeros(0, np.int64)] for _ in range(3))
    undated = 0
    names = [UNCERTAINTY] if doubted else []
    dates = [date] if announced is None else [date, announced]
    for piece in pieces(table, names, problems, dates=dates, where=where, date_format=date_format):
        for column in dates:
            refuse_unread(piece, column, problems)
        days.append(piece.days[date][piece.chosen])
        if announced is not None:
            public.append(piece.days[announced][piece.chosen])
        if doubted:
            doubt.append(_uncertainty(piece, problems)[piece.chosen])
        undated += int((piece.undated[date] & ~piece.chosen).sum()) if date in piece.undated else 0
    problems.refuse()
    return _Read(
        np.concatenate(days),
        np.concatenate(doubt) if doubted else None,
        None if announced is None else np.concatenate(public),
        undated,
    )


def _undated(read: _Read, label: str) -> list[str]:
    if not read.undated:
        return []
    rows = f"{read.undated:,} rows of {label} have" if read.undated > 1 else f"1 row of {label} has"
    return [f"{rows} no date and {'are' if read.undated > 1 else 'is'} left out by the query"]


def refuse_unread(piece: Piece, date: DateColumn, problems: Problems) -> None:
    """Report every selected row whose date cannot be read, with the reader's argument that fixes it."""
    name = date if isinstance(date, str) else ",".join(date)
    orders: dict[str, str] | None = None
    for place, text in piece.unread[date].items():
        if not piece.chosen[place]:
            continue
        if not isinstance(date, str):
            problems.add(piece.rows[place], name, text)
        elif AMBIGUOUS in text:
            orders = _orders(as_text(piece.frame[date])) if orders is None else orders
            problems.add(piece.rows[place], name, f"{text}, or state the order{_stated(text, orders)}")
        elif f"' {NO_DATE}; " in text or text == EMPTY:
            column = one_line(date if date.isidentifier() else f"`{date}`")
            what = text.rpartition("; ")[0]
            problems.add(
                piece.rows[place],
                name,
                f'{what}; fill it in, or leave out the rows without a date by where="{column}.notna()"',
            )
        else:
            problems.add(
                piece.rows[place], name, text.replace("(column,", f"(table[{one_line(repr(date))}],")
            )


def _orders(texts: pd.Series[str]) -> dict[str, str]:
    """Return the orders of day and month that cells show beyond doubt, each with one of those cells."""
    return {order: text for text in texts.unique() if (order := order_of(text)) is not None}


def _stated(text: str, orders: Mapping[str, str]) -> str:
    """Return how to state the order of day and month, as one cell, such as 25/12/2020, may show it."""
    between = (re.findall(r"[-/.]", text) or ["/"])[0]
    either = [between.join(order) for order in (("%d", "%m", "%Y"), ("%m", "%d", "%Y"))]
    shown = [form for form in either if form in orders]
    if len(shown) == 1:
        return f", which '{orders[shown[0]]}' shows, by date_format='{shown[0]}'"
    return " by " + " or ".join(f"date_format='{form}'" for form in either)


def _uncertainty(piece: Piece, problems: Problems) -> Days:
    """Return the days by which the dates of some rows may be wrong; an empty cell means none."""
    text = as_text(piece.frame[UNCERTAINTY]).str.strip().mask(lambda cells: cells == "", "0")
    whole = text.str.fullmatch(rf"[0-9]{{1,{MOST_DAYS}}}").to_numpy(bool)
    for place in np.flatnonzero(piece.chosen & ~whole):
        problems.add(
            piece.rows[place],
            UNCERTAINTY,
            f"'{text[place]}' is not a number of days by which the date may be wrong, as a column of this name holds; "
            "correct it, or rename the column",
        )
    return text.where(pd.Series(whole), "0").to_numpy().astype(np.int64)
