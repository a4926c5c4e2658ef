"""Text files of separated values, read line by line: a file larger than the memory is no harder than a small one."""

from __future__ import annotations

import csv
import functools
import io
import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.io.base import BLOCK, Block, check_header, opened, unreadable
from eventstudy.io.problems import Problems, refusal

LONGEST_LINE = 10_000_000  # characters; what is longer is no table, and would have to be held as a whole
LINE_END = re.compile(rb"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text file of separated values: UTF-8, a byte-order mark is allowed, and so are mixed line ends.

    Parameters
    ----------
    path : pathlib.Path
    columns : tuple of str
    header_row : int
        Physical line where the header begins; 0 where the file has none.
    tabs : bool, default False
        Fields end at tabs and quotes mean nothing; otherwise commas, and quotes as in RFC 4180.
    """

    path: Path
    columns: tuple[str, ...]
    header_row: int
    tabs: bool = False

    def blocks(self, names: Sequence[str], problems: Problems) -> Iterator[Block]:
        """Return the rows as text, in blocks; rows with too few or too many fields become problems."""
        pick = operator.itemgetter(*(self.columns.index(name) for name in names))
        width = len(self.columns)
        cells: list[Any] = []  # a text a row for one column, a tuple a row for more
        rows: list[int] = []
        empty = True
        for row, record in _records(self.path, self.tabs):
            if row <= self.header_row or not record:  # a blank line holds no record
                continue
            empty = False
            if len(record) != width:
                fix = "look for a broken line" if self.tabs else "quote fields that hold commas"
                problems.add(row, "", f"it has {len(record)} fields and the header {width}; {fix}")
                continue
            cells.append(pick(record))
            rows.append(row)
            if len(rows) == BLOCK:
                yield _block(names, cells, rows)
                cells, rows = [], []
        if rows:
            yield _block(names, cells, rows)
        if empty:
            what = "there is a header and no row" if self.header_row else "the file is empty"
            raise refusal(self.path, None, None, f"{what}; add at least one row")


def _block(names: Sequence[str], cells: list[Any], rows: list[int]) -> Block:
    columns = [cells] if len(names) == 1 else zip(*cells, strict=True)
    frame = {name: pd.Series(column, dtype="str") for name, column in zip(names, columns, strict=True)}
    return Block(pd.DataFrame(frame), np.array(rows, np.int64))


def open_delimited(path: Path) -> Delimited:
    """Read the header of a file of comma-separated values: its first line that is not blank.

    Raises
    ------
    DataError
        If the file is missing, not UTF-8, empty, or has a column twice.
    """
    for row, record in _records(path, tabs=False):
        header = [name.strip() for name in record]
        if any(header):
            return Delimited(path, check_header(path, row, header), row)
    raise refusal(path, None, None, "the file is empty; it needs a header and at least one row")


def _records(path: Path, tabs: bool) -> Iterator[tuple[int, list[str]]]:
    """Return the records, and the physical line where each begins."""
    with opened(path) as handle:
        start = 1
        text = io.TextIOWrapper(handle, encoding="utf-8-sig", newline="")
        lines = _lines(path, text)
        reader = (
            csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            if tabs
            else csv.reader(lines, strict=True)
        )
        try:
            for record in reader:
                yield start, record
                start = reader.line_num + 1
        except UnicodeDecodeError:
            raise _not_utf8(path) from None
        except csv.Error as error:
            fix = "quote fields that hold quotes or commas, and close every quote"
            raise refusal(path, start, None, f"not comma-separated values ({error}); {fix}") from None
        except OSError as error:
            raise unreadable(path, error) from None


def _lines(path: Path, text: io.TextIOWrapper) -> Iterator[str]:
    """Return the lines of a text, each with its end; refuse what no table holds."""
    for row, line in enumerate(iter(functools.partial(text.readline, LONGEST_LINE), ""), 1):
        if "\0" in line:
            raise refusal(path, row, None, "there is a null character; save the file as plain text")
        if len(line) == LONGEST_LINE:
            raise refusal(
                path, row, None, f"the line has more than {LONGEST_LINE:,} characters; is this a table?"
            )
        yield line


def _not_utf8(path: Path) -> DataError:
    """Return the error that names the first line that is not UTF-8."""
    row = 1
    with opened(path) as handle:
        for line in handle:
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                row += len(LINE_END.findall(line[: error.start]))
                break
            row += len(LINE_END.findall(line))
    return refusal(path, row, None, "the text is not UTF-8; save the file as UTF-8")
