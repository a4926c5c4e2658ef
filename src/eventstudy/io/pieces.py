"""The rows of a file that a query chooses, and their dates, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import Days, to_dates
from eventstudy.io.base import Table, check_column
from eventstudy.io.cells import DateCells, as_numbers, is_text
from eventstudy.io.problems import Problems
from eventstudy.queries import choose, columns_named


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a file.

    Parameters
    ----------
    frame : DataFrame, n rows
        Cells as the file has them.
    rows : ndarray of int64, shape (n,)
        Where each row stands in the file.
    chosen : ndarray of bool, shape (n,)
        Which rows the query chooses; also those with an unreadable date that the query needs.
    days : mapping of str to ndarray of int64, shape (n,)
        For each column of dates, the days; zero where a cell names none.
    unread : mapping of str to dict
        For each column of dates, what is wrong with a cell that names no day, by position.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    chosen: NDArray[np.bool_]
    days: Mapping[str, Days]
    unread: Mapping[str, Mapping[int, str]]


def pieces(
    table: Table,
    names: Sequence[str],
    problems: Problems,
    *,
    dates: Sequence[str],
    where: str | None,
    codes: frozenset[str] = frozenset(),
) -> Iterator[Piece]:
    """Return the rows of a file with some columns, piece by piece.

    Parameters
    ----------
    table : Table
    names : sequence of str
        The columns wanted; those that the query names are read as well.
    problems : Problems
        Gets the rows that cannot be read at all.
    dates : sequence of str
        Which of `names` hold dates.
    where : str, optional
        A query, see :func:`eventstudy.read_events`.
    codes : frozenset of str
        Columns that stay text in a query though they look like numbers.
    """
    named = [] if where is None else columns_named(where, table.columns, table.path)
    wanted = list(dict.fromkeys([*dates, *names, *named]))
    for name in wanted:
        check_column(table, name)
    queried = [name for name in named if name not in dates]
    numbers = numeric_columns(table, [name for name in queried if name not in codes])
    reader = DateCells()
    for block in table.blocks(wanted, problems):
        read = {name: reader.read(block.frame[name]) for name in dates}
        days = {name: day for name, (day, _) in read.items()}
        unread = {name: bad for name, (_, bad) in read.items()}
        chosen = np.ones(len(block.rows), bool)
        if where is not None:
            typed = _typed(block.frame[queried], numbers)
            for name in set(dates) & set(named):
                lost = typed.index.isin(list(unread[name]))
                typed[name] = pd.Series(to_dates(days[name])).mask(lost)
            chosen = choose(typed, where, table.path)
            for name in set(dates) & set(named):
                chosen[list(unread[name])] = True  # the query cannot tell, so the reader must refuse them
        yield Piece(block.frame, block.rows, chosen, days, unread)


def numeric_columns(table: Table, names: Sequence[str]) -> frozenset[str]:
    """Return which columns of a file hold nothing but numbers and empty cells, and at least one number.

    That is known only at the end of the file, so a query on columns of text takes a reading of its own.
    """
    open_names = set(names)
    filled: set[str] = set()
    if not names:
        return frozenset()
    for block in table.blocks(names, Problems(table.path)):
        for name in sorted(open_names):
            cells = block.frame[name]
            if not is_text(cells):
                continue
            numbers = as_numbers(cells)
            if numbers is None:
                open_names.discard(name)
            elif numbers.notna().any():
                filled.add(name)
    return frozenset(open_names & filled)


def _typed(frame: pd.DataFrame, numbers: frozenset[str]) -> pd.DataFrame:
    """Return the columns of a query, those that hold numbers as numbers and other text without missing cells."""

    def column(name: str) -> Any:
        cells = frame[name]
        if not is_text(cells):
            return cells
        return as_numbers(cells) if name in numbers else cells.fillna("")

    return pd.DataFrame({name: column(name) for name in frame.columns}, index=frame.index)
