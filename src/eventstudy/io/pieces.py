"""The rows of a file that a query selects, and their dates, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import Days, to_dates
from eventstudy.io.base import Table, check_column
from eventstudy.io.cells import DateCells, as_numbers, as_text, as_yes_no, is_text, stands_for_no_date
from eventstudy.io.problems import Problems
from eventstudy.queries import choose, columns_named

DateColumn = str | tuple[str, ...]  # a column of dates, or those of year, month and day


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a file.

    - `frame`: cells as the file has them.
    - `rows`, shape (n,): position of each row in the file.
    - `chosen`, shape (n,): which rows the query selects, including those with an unreadable date that the
      query needs.
    - `days`, shape (n,): for each column of dates, the days; zero where a cell names none.
    - `unread`: for each column of dates, what is wrong with a cell that names no day, by position.
    - `undated`, shape (n,): for each column of dates that the query names, which cells are empty or code a
      missing date.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    chosen: NDArray[np.bool_]
    days: Mapping[DateColumn, Days]
    unread: Mapping[DateColumn, Mapping[int, str]]
    undated: Mapping[DateColumn, NDArray[np.bool_]]


def pieces(
    table: Table,
    names: Sequence[str],
    problems: Problems,
    *,
    dates: Sequence[DateColumn],
    where: str | None,
    codes: frozenset[str] = frozenset(),
    date_format: str | None = None,
) -> Iterator[Piece]:
    """Return the rows of a file with some columns, piece by piece.

    - `names`: the columns wanted; those that the query names are read as well.
    - `problems`: collects the rows that cannot be read at all.
    - `dates`: the columns that hold dates, or their year, month and day.
    - `where`: a query, see :func:`eventstudy.read_events`.
    - `codes`: columns that stay text in a query though they look like numbers.
    - `date_format`: of the columns of dates.
    """
    named = [] if where is None else columns_named(where, table.columns, table.path)
    parts = [part for date in dates for part in ([date] if isinstance(date, str) else date)]
    wanted = list(dict.fromkeys([*parts, *names, *named]))
    for name in wanted:
        check_column(table, name)
    asked = [name for name in named if name in dates]
    queried = [name for name in named if name not in dates]
    kinds = kinds_of_columns(table, [name for name in queried if name not in codes])
    reader = DateCells(date_format)
    for block in table.blocks(wanted, problems):
        read = {date: _read(reader, block.frame, date) for date in dates}
        days = {date: day for date, (day, _) in read.items()}
        unread = {date: bad for date, (_, bad) in read.items()}
        undated: dict[DateColumn, NDArray[np.bool_]] = {
            name: stands_for_no_date(block.frame[name]) for name in asked
        }
        chosen = np.ones(len(block.rows), bool)
        if where is not None:
            typed = _typed(block.frame[queried], kinds)
            for name in asked:
                lost = typed.index.isin(list(unread[name]))
                typed[name] = pd.Series(to_dates(days[name])).mask(lost)
            chosen = choose(typed, where, table.path)
            for name in asked:  # if the query cannot decide, the reader must refuse
                chosen[[place for place in unread[name] if not undated[name][place]]] = True
        yield Piece(block.frame, block.rows, chosen, days, unread, undated)


def _read(reader: DateCells, frame: pd.DataFrame, date: DateColumn) -> tuple[Days, dict[int, str]]:
    """Return the days of a column of dates, or of columns of year, month and day."""
    if isinstance(date, str):
        return reader.read(frame[date])
    whole = r"\.0+$"  # as pandas writes a column of whole numbers with missing values
    year, month, day = (as_text(frame[name]).str.strip().str.replace(whole, "", regex=True) for name in date)
    days, problems = DateCells("%Y-%m-%d").read(year + "-" + month + "-" + day)
    found = {place: (year[place], month[place], day[place]) for place in problems}
    return days, {
        place: f"'{y}', '{m}', '{d}' are not a year, month and day of the calendar; correct them, or leave the row out"
        for place, (y, m, d) in found.items()
    }


Kind = Literal["numbers", "yes or no"]


def kinds_of_columns(table: Table, names: Sequence[str]) -> dict[str, Kind]:
    """Return which columns of text hold nothing but numbers, or nothing but yes and no (True and False).

    Cells may be empty, but not all. This is known only at the end of the file, so a query on columns of
    text takes a separate pass.
    """
    still: dict[str, set[Kind]] = {name: {"numbers", "yes or no"} for name in names}
    filled: set[str] = set()
    if not names:
        return {}
    for block in table.blocks(names, Problems(table.path)):
        for name in names:
            cells = block.frame[name]
            if not is_text(cells):
                still[name].clear()
            if still[name] and as_numbers(cells) is None:
                still[name].discard("numbers")
            if still[name] and as_yes_no(cells) is None:
                still[name].discard("yes or no")
            if still[name] and (as_text(cells).str.strip() != "").any():
                filled.add(name)
    return {name: next(iter(kinds)) for name, kinds in still.items() if kinds and name in filled}


def _typed(frame: pd.DataFrame, kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """Return the columns of a query: numbers as numbers, yes and no as such, other text without missing cells."""

    def column(name: str) -> Any:
        cells = frame[name]
        if not is_text(cells):
            return cells
        if name in kinds:
            return as_numbers(cells) if kinds[name] == "numbers" else as_yes_no(cells)
        return cells.fillna("")

    return pd.DataFrame({name: column(name) for name in frame.columns}, index=frame.index)
