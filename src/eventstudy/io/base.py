"""The common interface of every kind of file: its columns, and its rows in blocks with their numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.io.problems import SHOWN, Problems, refusal
from eventstudy.printing import listed, one_line

NO_NAME = re.compile(r"[-+0-9.,:/ ]+")  # a header cell that is a number or a date
BLOCK = 50_000  # rows in memory at a time; a file may be much larger than memory


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file.

    Parameters
    ----------
    frame : DataFrame, n rows
        Cells as text, or typed as the file has them; the index counts from 0.
    rows : ndarray of int64, shape (n,)
        Position of each row in the file.
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

    Parameters
    ----------
    path : pathlib.Path
    row : int
        Row of the header.
    header : sequence of str
    columns : sequence of str, optional
        The columns that must be there, in any order, and no others.
    """
    double = sorted(name for name, count in Counter(header).items() if count > 1)
    if double and any(NO_NAME.fullmatch(name) for name in double):
        what = f"'{one_line(double[0])}' appears twice, so this seems to be a row of data"
        raise refusal(path, row, None, f"{what}; put a line with the names of the columns above it")
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


def check_column(table: Table, column: str) -> None:
    """Refuse a column that a file does not have, and list those it has."""
    if column not in table.columns:
        raise refusal(
            table.path,
            table.header_row,
            column,
            f"there is no such column; the columns are {listed(table.columns)}",
        )


UNNAMED = "unnamed column "


def named(header: Sequence[str]) -> list[str]:
    """Return the names of a header; a column without one, such as the row names of R, is called by its place.

    >>> named(["", "date "])
    ['unnamed column 1', 'date']
    """
    return [name.strip() or f"{UNNAMED}{place}" for place, name in enumerate(header, 1)]


def header_place(records: Sequence[Sequence[str]], wanted: Sequence[str]) -> int | None:
    """Return the first record with the columns, which a title or remarks may precede; None if there is none."""
    fitting = (k for k, record in enumerate(records) if set(wanted) <= {name.strip() for name in record})
    return next(fitting, None) if wanted else None
