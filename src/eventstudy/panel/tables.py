"""Long tables in pieces: which group each row belongs to, and on which day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import Days, date_text
from eventstudy.errors import OptionError
from eventstudy.io.base import Block, Table, check_column
from eventstudy.io.cells import EMPTY, DateCells, as_text
from eventstudy.io.files import open_table
from eventstudy.io.problems import Problems, refusal
from eventstudy.periods import Period
from eventstudy.printing import listed

ROWS = 50_000  # of a DataFrame that are worked on at once

Key = tuple[str, ...]  # what the group columns say, as text


@dataclass(frozen=True, slots=True)
class LongTable:
    """A table with a row per event, or per anchor.

    Parameters
    ----------
    table : DataFrame or Table
        In memory, or a file that is read in blocks.
    by : tuple of str
        The columns that together name the group.
    date : str
        The column of dates.
    role : str
        What the rows are, for the error text.
    """

    table: pd.DataFrame | Table = field(repr=False)
    by: tuple[str, ...]
    date: str
    role: str

    def pieces(self, period: Period | None) -> Iterator[tuple[NDArray[np.int64], list[Key], Days]]:
        """Give for some rows at a time the number of each row's group, the groups, and each row's day.

        Parameters
        ----------
        period : Period or None
            Where given, a day outside it is a problem.

        Raises
        ------
        DataError
            After the last row, naming the first twenty cells that cannot be used and counting the others.
        """
        problems = Problems(Path(self.role) if isinstance(self.table, pd.DataFrame) else self.table.path)
        read = DateCells()
        for block in self._blocks(problems):
            size = len(block.frame)
            good, code, texts = np.ones(size, bool), np.zeros(size, np.int64), []
            for name in self.by:
                column, different = pd.factorize(block.frame[name])
                text = as_text(pd.Series(different)).tolist()
                texts.append(text)
                empty = np.isin(column, [-1, *(i for i, cell in enumerate(text) if not cell.strip())])
                _add(problems, block, name, dict.fromkeys(np.flatnonzero(empty).tolist(), EMPTY))
                good &= ~empty
                code = code * max(1, len(text)) + column
            days, wrong = self._days(block.frame[self.date], period, read)
            _add(problems, block, self.date, wrong)
            good[list(wrong)] = False
            used, group = np.unique(code[good], return_inverse=True)
            yield group, _keys(used, texts), days[good]
        problems.refuse()

    def _blocks(self, problems: Problems) -> Iterator[Block]:
        names = [*self.by, self.date]
        if not isinstance(self.table, pd.DataFrame):
            yield from self.table.blocks(names, problems)
            return
        for begin in range(0, len(self.table), ROWS):
            part = self.table[names].iloc[begin : begin + ROWS].reset_index(drop=True)
            yield Block(part, np.arange(begin + 1, begin + len(part) + 1, dtype=np.int64))

    def _days(
        self, cells: pd.Series[Any], period: Period | None, read: DateCells
    ) -> tuple[Days, dict[int, str]]:
        """Return the days of a column, and what is wrong with each cell that cannot be used."""
        wrong: dict[int, str] = {}
        if isinstance(self.table, pd.DataFrame) and cells.dtype.kind in "iu":
            days = cells.to_numpy(np.int64)  # day numbers, as in Events
        else:
            days, wrong = read.read(cells)
        if period is None:
            outside, what = np.abs(days) >= 2**31, "lies beyond the calendar; correct it"
        else:
            outside = ~period.inside(days)
            what = f"lies outside the period {period}; widen the period or leave the row out"
        for place in np.flatnonzero(outside).tolist():
            wrong.setdefault(place, f"{date_text(days[place])} {what}")
        return days, wrong


def _add(problems: Problems, block: Block, column: str, wrong: dict[int, str]) -> None:
    for place, text in wrong.items():
        problems.add(block.rows[place], column, text)


def _keys(codes: NDArray[np.int64], texts: list[list[str]]) -> list[Key]:
    """Return the groups of numbers that count through all combinations of texts, the last column fastest."""
    places = []
    for text in reversed(texts):
        codes, place = np.divmod(codes, max(1, len(text)))
        places.append([text[i] for i in place.tolist()])
    return list(zip(*reversed(places), strict=True))


def long_table(table: Any, by: tuple[str, ...], date: str, role: str) -> LongTable:
    """Return a table for reading, whether it is in memory or a file.

    Raises
    ------
    DataError
        If the file cannot be opened, or a column is missing.
    """
    if isinstance(table, (str, Path)):
        opened = open_table(table, [*by, date])
        for name in (*by, date):
            check_column(opened, name)
        return LongTable(opened, by, date, role)
    if not isinstance(table, pd.DataFrame):
        raise OptionError(
            f"panel_test: {role} is a {type(table).__name__}; give a DataFrame or the path of a file"
        )
    missing = [name for name in (*by, date) if name not in table.columns]
    if missing:
        columns = [str(name) for name in table.columns]
        raise refusal(
            Path(role), None, missing[0], f"there is no such column; the columns are {listed(columns)}"
        )
    return LongTable(table, by, date, role)
