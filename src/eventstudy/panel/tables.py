"""Long tables in pieces: which group each row belongs to, and on which day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import Days, read_days
from eventstudy.errors import DataError, OptionError
from eventstudy.io.base import Table, check_column
from eventstudy.io.cells import EMPTY, as_text
from eventstudy.io.events import UNCERTAINTY, refuse_unread
from eventstudy.io.files import open_table
from eventstudy.io.frames import framed
from eventstudy.io.pieces import DateColumn, Piece, pieces
from eventstudy.io.problems import Problems, refusal
from eventstudy.periods import Period
from eventstudy.printing import listed

Key = tuple[str, ...]  # values of the group columns, as text


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table is read.

    - `by`: the columns that together name the group.
    - `date`: the column of dates, or those of year, month and day.
    - `where`, `date_format`: which rows to read, and the form of their dates; as in
      :func:`eventstudy.read_events`.
    """

    by: tuple[str, ...]
    date: DateColumn
    where: str | None = None
    date_format: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows of a table.

    - `group`, shape (n,): place of each row's group in `keys`.
    - `keys`: the groups, including those whose rows all lie outside the period.
    - `days`: shape (n,).
    - `outside`, `undated`: rows left out as they lie outside the period, and by the query as they have no
      date.
    """

    group: NDArray[np.int64]
    keys: list[Key]
    days: Days
    outside: int
    undated: int


@dataclass(frozen=True, slots=True)
class LongTable:
    """A table with a row per event, or per anchor.

    `table`: in memory, or a file that is read in blocks.
    """

    table: Table = field(repr=False)
    columns: Columns

    def pieces(self, period: Period | None) -> Iterator[Rows]:
        """Yield, for some rows at a time, the number of each row's group, the groups, and each row's day.

        `period`: where given, rows outside it are left out, and counted.

        Raises DataError after the last row, naming the first twenty cells that cannot be used and counting
        the others.
        """
        problems = Problems(self.table.path)
        by, date = self.columns.by, self.columns.date
        doubted = [UNCERTAINTY] if UNCERTAINTY in self.table.columns else []
        names = [*by, *doubted]
        for piece in pieces(
            self.table,
            names,
            problems,
            dates=[date],
            where=self.columns.where,
            date_format=self.columns.date_format,
        ):
            if doubted:
                _refuse_doubt(piece, problems)
            good, code, texts = piece.chosen.copy(), np.zeros(piece.rows.size, np.int64), []
            for name in by:
                column, different = pd.factorize(piece.frame[name])
                text = as_text(pd.Series(different)).tolist()
                texts.append(text)
                empty = np.isin(column, [-1, *(i for i, cell in enumerate(text) if not cell.strip())])
                for place in np.flatnonzero(empty & piece.chosen).tolist():
                    problems.add(piece.rows[place], name, EMPTY)
                good &= ~empty
                code = code * max(1, len(text)) + column
            refuse_unread(piece, date, problems)
            good[list(piece.unread[date])] = False
            used, group = np.unique(code[good], return_inverse=True)
            days = piece.days[date][good]
            inside = np.ones(group.size, bool) if period is None else period.inside(days)
            undated = int((piece.undated[date] & ~piece.chosen).sum()) if date in piece.undated else 0
            yield Rows(group[inside], _keys(used, texts), days[inside], int((~inside).sum()), undated)
        problems.refuse()


def _keys(codes: NDArray[np.int64], texts: list[list[str]]) -> list[Key]:
    """Return the groups for numbers that index all combinations of texts, the last column varying fastest."""
    places = []
    for text in reversed(texts):
        codes, place = np.divmod(codes, max(1, len(text)))
        places.append([text[i] for i in place.tolist()])
    return list(zip(*reversed(places), strict=True))


def _refuse_doubt(piece: Piece, problems: Problems) -> None:
    """Refuse uncertain dates: each group is tested on its dates as given."""
    text = as_text(piece.frame[UNCERTAINTY]).str.strip()
    for place in np.flatnonzero(piece.chosen & ~text.isin(["", "0"]).to_numpy(bool)):
        problems.add(
            piece.rows[place],
            UNCERTAINTY,
            "the date is uncertain, and a panel uses dates as given; leave the column out to do so",
        )


def anchor_table(given: Any, columns: Columns, period: Period) -> LongTable:
    """Return a table of anchors for reading; one that does not name the groups may be meant for all of them."""
    try:
        return long_table(given, columns, "anchors", period)
    except DataError as error:
        if error.column not in columns.by:
            raise
        read = "es.Events(...)" if isinstance(given, pd.DataFrame) else f"es.read_events({str(given)!r}, ...)"
        raise DataError(
            f"{error}; if all groups share these anchors, give them as {read}",
            path=error.path,
            row=error.row,
            column=error.column,
        ) from None


def long_table(given: Any, columns: Columns, role: str, period: Period) -> LongTable:
    """Return a table for reading, whether it is in memory or a file.

    Raises DataError if the file cannot be opened, or a column is missing. Raises DateError if a column of a
    DataFrame holds numbers that are not day numbers.
    """
    parts = [columns.date] if isinstance(columns.date, str) else columns.date
    if isinstance(given, pd.DataFrame):
        missing = [name for name in (*columns.by, *parts) if name not in given.columns]
        if missing:
            known = [str(name) for name in given.columns]
            raise refusal(
                Path(role), None, missing[0], f"there is no such column; the columns are {listed(known)}"
            )
        table: Table = framed(_with_dates(given, columns.date, role, period), Path(role))
    elif isinstance(given, (str, Path)):
        table = open_table(given, [*columns.by, *parts])
    else:
        raise OptionError(
            f"panel_test: {role} is a {type(given).__name__}; give a DataFrame or the path of a file"
        )
    for name in (*columns.by, *parts):
        check_column(table, name)
    return LongTable(table, columns)


def _with_dates(frame: pd.DataFrame, date: DateColumn, role: str, period: Period) -> pd.DataFrame:
    """Return a table with its day numbers as dates."""
    if not isinstance(date, str) or not hasattr(frame[date], "dtype") or frame[date].dtype.kind not in "iu":
        return frame
    days = read_days(frame[date], f"{role}: {date}", period.numbers)
    return frame.assign(**{date: days.astype("datetime64[D]").astype("datetime64[s]")})
