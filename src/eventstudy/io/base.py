"""What every kind of file offers: its columns, and its rows in blocks with their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.io.problems import SHOWN, Problems, refusal
from eventstudy.printing import listed, one_line

BLOCK = 50_000  # rows held at a time; a file may be much larger than the memory


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file.

    Parameters
    ----------
    frame : DataFrame, n rows
        Cells as text, or typed as the file has them; the index counts from 0.
    rows : ndarray of int64, shape (n,)
        Where each row stands in the file.
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
    def columns(self) -> tuple[str, ...]:
        """Every column, in the order of the file."""
        ...

    @property
    def header_row(self) -> int:
        """The row that names the columns, 1 where there is none."""
        ...

    def blocks(self, names: Sequence[str], problems: Problems) -> Iterator[Block]:
        """Return the rows with some of the columns; rows that cannot be read become problems."""
        ...


def opened(path: Path) -> BufferedReader:
    """Open a file for reading, or say in one line why not."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise refusal(path, None, None, "there is no such file; check the path") from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: Exception) -> DataError:
    """Return the error for a file that the system does not let us read."""
    reason = getattr(error, "strerror", None) or str(error)
    return refusal(path, None, None, f"cannot be read ({reason}); check the path and its rights")


def check_header(
    path: Path, row: int, header: Sequence[str], columns: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return the columns of a file; refuse a column that stands twice and, under a contract, what it does not know.

    Parameters
    ----------
    path : pathlib.Path
    row : int
        Where the header stands.
    header : sequence of str
    columns : sequence of str, optional
        The columns that must be there, in any order, and no others.
    """
    double = sorted(name for name, count in Counter(header).items() if count > 1)
    if double:
        what = "the column stands twice; rename one" if double[0] else "two columns have no name; name them"
        raise refusal(path, row, double[0], what)
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
    """Refuse a column that a file does not have, and name those it has."""
    if column not in table.columns:
        raise refusal(
            table.path,
            table.header_row,
            column,
            f"there is no such column; the columns are {listed(table.columns)}",
        )
