"""Excel workbooks (.xlsx): cells as displayed, dates as dates; formulas give their stored value."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import EventStudyError
from eventstudy.io.base import BLOCK, Block, check_header, header_place, named
from eventstudy.io.extra import needed
from eventstudy.io.problems import Problems, refusal
from eventstudy.io.source import FromSource, Source
from eventstudy.printing import listed, one_line

UNPACKED = 2_000_000_000  # bytes; a small workbook may claim to hold terabytes
LOOKED_AT = 20  # rows that may hold the header
TIGHT, TIGHT_FROM = 200, 100_000_000  # a sheet of one repeated value unpacks to this many times its size
LAST_ROW = 1_048_576
LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')  # parts of a number format that print literally


@dataclass(frozen=True, slots=True)
class Excel(FromSource):
    """One sheet of a workbook; rows are numbered as in the sheet."""

    sheet: str

    @property
    def notes(self) -> tuple[str, ...]:
        """A header below the first row."""
        above = (f"{self.path.name}: the header of sheet {self.sheet} is in row {self.header_row}",)
        return (*self.source.notes, *(above if self.header_row > 1 else ()))

    def blocks(self, names: Sequence[str], problems: Problems) -> Iterator[Block]:
        """Return the rows as text, in blocks; cells beyond the header become problems."""
        picked = [self.columns.index(name) for name in names]
        width = len(self.columns)
        cells: list[list[str]] = []
        rows: list[int] = []
        empty = True
        with _workbook(self.source) as workbook:
            for row, record in _records(workbook[self.sheet]):
                if row <= self.header_row:
                    continue
                empty = False
                if any(record[width:]):
                    problems.add(
                        row, "", f"a cell stands to the right of the {width} named columns; name its column"
                    )
                    continue
                record += [""] * (width - len(record))
                cells.append([record[place] for place in picked])
                rows.append(row)
                if len(rows) == BLOCK:
                    yield _block(names, cells, rows)
                    cells, rows = [], []
        if rows:
            yield _block(names, cells, rows)
        if empty:
            raise refusal(self.path, None, None, "there is a header but no row; add at least one row")


def _block(names: Sequence[str], cells: list[list[str]], rows: list[int]) -> Block:
    return Block(pd.DataFrame(cells, columns=list(names), dtype="str"), np.array(rows, np.int64))


def open_excel(source: Source, columns: Sequence[str]) -> Excel:
    """Find the sheet of a workbook whose header has some columns.

    `columns`: the columns to look for; the sheet of a workbook with only one is used whether it has them or
    not.

    Raises DataError if openpyxl is not installed, the file is missing or not a workbook, no sheet has the
    columns or more than one has, or a column appears twice.
    """
    sheets = open_sheets(source, columns)
    fitting = [sheet for sheet in sheets if set(columns) <= set(sheet.columns)]
    if len(sheets) > 1 and len(fitting) != 1:
        which = "more than one sheet has" if fitting else "no sheet has"
        what = f"the columns {listed(list(columns))}" if columns else "a table"
        raise refusal(
            source.path,
            None,
            None,
            f"{which} {what}; the sheets are {listed([sheet.sheet for sheet in sheets])}: "
            "save the right one as a file of its own",
        )
    sheet = (fitting or sheets)[0]
    check_header(source.path, sheet.header_row, sheet.columns)
    return sheet


def open_sheets(source: Source, columns: Sequence[str] = ()) -> list[Excel]:
    """Return every sheet of a workbook that has rows, with its header; a sheet without rows only if there is no other.

    The header is the first row with the columns, else the first after any titles.
    """
    found: list[Excel] = []
    bare: list[Excel] = []
    with _workbook(source) as workbook:
        for sheet in workbook.worksheets:
            records = list(islice(_records(sheet), LOOKED_AT))
            if records:
                place = header_place([record for _, record in records], columns)
                row, record = records[place]
                while not record[-1]:
                    record.pop()
                one = Excel(source, tuple(named(record)), row, sheet.title)
                (found if len(records) > place + 1 else bare).append(one)
    found = found or bare
    if not found:
        raise refusal(
            source.path, None, None, "the workbook is empty; it needs a header and at least one row"
        )
    return found


@contextmanager
def _workbook(source: Source) -> Iterator[Any]:
    """Open a workbook and turn any error in it into one line."""
    path = source.path
    openpyxl = needed("openpyxl", path)
    with source.open() as handle:
        workbook = None
        try:
            size = sum(part.file_size for part in zipfile.ZipFile(handle).infolist())
            packed = max(1, path.stat().st_size)
            if size > UNPACKED or (size > TIGHT_FROM and size > TIGHT * packed):
                raise refusal(path, None, None, f"it unpacks to {size:,} bytes; save the sheet as CSV")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of styles and extensions that hold no data
                workbook = openpyxl.load_workbook(handle, read_only=True, data_only=True)
                yield workbook
        except EventStudyError:
            raise
        except Exception as error:  # openpyxl raises almost anything for a damaged workbook
            reason = one_line(f"{type(error).__name__}: {error}")
            raise refusal(
                path, None, None, f"cannot be read as an Excel workbook ({reason}); save it anew as .xlsx"
            ) from None
        finally:
            if workbook is not None:
                workbook.close()


def _records(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Return the rows of a sheet that are not empty, as text, with their numbers."""
    sheet.reset_dimensions()  # the size that a file claims is often wrong
    for number, cells in enumerate(sheet.iter_rows(), 1):  # including rows that the file leaves out
        if number > LAST_ROW:
            raise ValueError(f"a row has a number beyond {LAST_ROW:,}, the last one of a sheet")
        record = [cell_text(cell.value, getattr(cell, "number_format", "")) for cell in cells]
        if any(record):
            yield number, record


def cell_text(value: Any, number_format: str) -> str:
    """Return a cell as text: a date as YYYY-MM-DD, and as YYYY-MM where the cell shows month and year alone.

    >>> cell_text(datetime.datetime(1984, 9, 1), "mmm-yy")
    '1984-09'
    """
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        shown = LITERAL.sub("", number_format).lower()
        if "y" in shown and "d" not in shown:
            return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"
        return f"{value:%Y-%m-%d}" if value.time() == datetime.time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, datetime.time):
        return f"{value:%H:%M:%S}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2.0**53:
        return str(int(value))
    return str(value)
