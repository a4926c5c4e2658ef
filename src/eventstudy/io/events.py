"""Events from a file: which rows, and on which days."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from eventstudy.dates import Days, date_text
from eventstudy.events import Events
from eventstudy.io.base import Table, check_column
from eventstudy.io.files import open_table
from eventstudy.io.pieces import Piece, pieces
from eventstudy.io.problems import Problems
from eventstudy.periods import Period


def read_events(
    path: str | Path,
    *,
    date: str,
    period: Period | None = None,
    label: str | None = None,
    where: str | None = None,
) -> Events:
    """Read events from a file: comma-separated values, Parquet (.parquet) or Excel (.xlsx).

    A file is read in blocks of rows, and of each row the columns that are needed: it may be larger than the memory.

    Parameters
    ----------
    path : str or pathlib.Path
        Text must be UTF-8. Of a workbook, the sheet that has the column of dates is read.
    date : str
        The column of dates. A date that could be read in two ways is refused.
    period : Period, optional
        The days under observation; a date outside is an error.
    label : str, optional
        What the events are; by default the name of the file.
    where : str, optional
        A pandas query that chooses rows, such as ``"kind == 'ballistic'"``. Columns of whole or decimal
        numbers compare as numbers, the column of dates as dates. Rows left out need no readable
        date, unless the query itself uses the dates.

    Returns
    -------
    Events

    Raises
    ------
    DataError
        Naming the file, and row and column of every problem: the physical line of a text file, the row of an
        Excel sheet, or the number of a record in a Parquet file.

    Examples
    --------
    >>> launches = read_events("launches.csv", date="date")  # doctest: +SKIP
    """
    table = open_table(path, [date])
    check_column(table, date)
    days = _days(table, date, period, where)
    return Events(days, period, label if label is not None else table.path.stem)


def _days(table: Table, date: str, period: Period | None, where: str | None) -> Days:
    problems = Problems(table.path)
    days = []
    for piece in pieces(table, [date], problems, dates=[date], where=where):
        _refuse_unread(piece, date, problems)
        if period is not None:
            _refuse_outside(piece, date, period, problems)
        days.append(piece.days[date][piece.chosen])
    problems.refuse()
    return np.concatenate([np.zeros(0, np.int64), *days])


def _refuse_unread(piece: Piece, date: str, problems: Problems) -> None:
    for place, text in piece.unread[date].items():
        if piece.chosen[place]:
            problems.add(piece.rows[place], date, text)


def _refuse_outside(piece: Piece, date: str, period: Period, problems: Problems) -> None:
    for place in np.flatnonzero(piece.chosen & ~period.inside(piece.days[date])):
        if place not in piece.unread[date]:
            day = piece.days[date][place]
            early = day < period.start
            fix = "begin it earlier" if early else "end it later"
            side = "before the period starts" if early else "after the period ends"
            problems.add(piece.rows[place], date, f"{date_text(day)} lies {side}; {fix} or leave the row out")
