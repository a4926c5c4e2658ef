"""The common interface of every kind of file: its columns, and its rows in blocks with their numbers."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.date_grammar import MISSING, is_date
from eventstudy.errors import DataError
from eventstudy.io.problems import SHOWN, Problems, refusal
from eventstudy.printing import listed, one_line

NO_NAME = re.compile(r"[-+0-9.,:/ ]+")  # a header cell that is a number or a date
LETTER = re.compile(r"[^\W\d_]")
BLOCK = 50_000  # rows in memory at a time; a file may be much larger than memory


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file.

    `frame`: cells as text, or typed as the file has them; the index counts from 0. `rows`, shape (n,):
    position of each row in the file.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]


class Table(Protocol):
    """A file with named columns."""

    @property
    def path(self) -> Path:
        """The file."""
        ...

    @property
    def stem(self) -> str:
        """The default label of the rows: the name of the file without its ending."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in the order of the file."""
        ...

    @property
    def header_row(self) -> int:
        """The row that names the columns, 1 where there is none."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What is unusual about the file, as sentences."""
        ...

    def blocks(self, names: Sequence[str], problems: Problems) -> Iterator[Block]:
        """Return the rows with some of the columns; rows that cannot be read become problems."""
        ...


def check_header(
    path: Path, row: int, header: Sequence[str], columns: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return the columns of a file; refuse duplicate columns and, under a contract, unknown ones.

    `row`: row of the header. `columns`: the columns that must be there, in any order, and no others.
    """
    double = sorted(name for name, count in Counter(header).items() if count > 1)
    if double and any(NO_NAME.fullmatch(name) for name in double):
        raise row_of_data(path, row, f"'{one_line(double[0])}' appears twice")
    if double:
        raise refusal(path, row, double[0], "the column appears twice; rename one")
    if columns is not None:
        missing = [name for name in columns if name not in header]
        unknown = [name for name in header if name not in columns]
        if missing or unknown:
            found = [f"'{name}' is missing" for name in missing]
            found += [f"'{one_line(name)}' is not known" for name in unknown]
            raise refusal(
                path,
                row,
                (missing + unknown)[0],
                f"{', '.join(found[:SHOWN])}; the columns are {', '.join(columns)}",
            )
    return tuple(header)


def row_of_data(path: Path, row: int, why: str) -> DataError:
    """Return the error for a file without a header."""
    return refusal(
        path,
        row,
        None,
        f"{why}, so this seems to be a row of data; put a line with the names of the columns above it",
    )


def check_column(table: Table, column: str) -> None:
    """Refuse a column that a file does not have, and list those it has."""
    if not table.columns:
        raise refusal(table.path, None, None, f"there is no column; give one with {one_line(column)!r}")
    if column not in table.columns:
        refuse_dates_as_names(table, table.columns)
        raise refusal(
            table.path,
            table.header_row,
            column,
            f"there is no such column; the columns are {listed(table.columns)}",
        )


def refuse_dates_as_names(table: Table, names: Sequence[str]) -> None:
    """Refuse a header in which one of some names is a date: the first event would be lost."""
    for name in names:
        if is_date(name):
            raise row_of_data(table.path, table.header_row, f"'{one_line(name)}' is a date")


UNNAMED = "unnamed column "


def named(header: Sequence[str]) -> list[str]:
    """Return the names of a header; a column without one, such as the row names of R, is called by its place.

    >>> named(["", "date "])
    ['unnamed column 1', 'date']
    """
    return [name.strip() or f"{UNNAMED}{place}" for place, name in enumerate(header, 1)]


def header_place(records: Sequence[Sequence[str]], wanted: Sequence[str]) -> int:
    """Return which of the first records of a table is its header.

    It is the first record with all the wanted columns. If there is none, it is the record above the first date, if all
    records before it hold a date or fewer cells than it, or another number of fields than it and all that follow: they
    are titles or remarks. Else records with a single cell are titles, if a record with more cells and no date follows.
    """
    fitting = (k for k, record in enumerate(records) if set(wanted) <= {name.strip() for name in record})
    if wanted and (found := next(fitting, None)) is not None:
        return found
    filled = [sum(map(bool, map(str.strip, record))) for record in records]
    width = [len(record) for record in records]
    above = above_dates(records)
    if above is not None and (
        all(filled[k] < filled[above[0]] or any(map(is_date, records[k])) for k in range(above[0]))
        or (width[above[0]] not in width[: above[0]] and len(set(width[above[0] :])) == 1)
    ):
        return above[0]
    place = next((k for k, cells in enumerate(filled) if cells > 1), 0)
    return 0 if set(filled[:place]) - {1} or any(map(is_date, records[place])) else place


def above_dates(records: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """Return the record above the first date, and the place of that date's column; None if it names none there."""
    for place, (above, record) in enumerate(itertools.pairwise(records)):
        for column, (name, cell) in enumerate(zip(above, record, strict=False)):
            if is_date(cell):
                is_name = LETTER.search(name) and not is_date(name) and name.strip().lower() not in MISSING
                return (place, column) if is_name else None
    return None
