"""Excel workbooks (.xlsx): cells as a person sees them, dates as dates; formulas give the value stored beside them."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import EventStudyError
from eventstudy.io.base import BLOCK, Block, check_header, opened
from eventstudy.io.extra import needed
from eventstudy.io.problems import Problems, refusal
from eventstudy.printing import listed, one_line

UNPACKED = 2_000_000_000  # bytes; a small workbook may claim to hold terabytes
TIGHT, TIGHT_FROM = 200, 100_000_000  # a sheet of one value over and over unpacks to so many times its size
LAST_ROW = 1_048_576
LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')  # parts of a number format that print as they stand


@dataclass(frozen=True, slots=True)
class Excel:
    """One sheet of a workbook; rows are numbered as in the sheet."""

    path: Path
    columns: tuple[str, ...]
    header_row: int
    sheet: str

    def blocks(self, names: Sequence[str], problems: Problems) -> Iterator[Block]:
        """Return the rows as text, in blocks; cells beyond the header become problems."""
        picked = [self.columns.index(name) for name in names]
        width = len(self.columns)
        cells: list[list[str]] = []
        rows: list[int] = []
        empty = True
        with _workbook(self.path) as workbook:
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
            raise refusal(self.path, None, None, "there is a header and no row; add at least one row")


def _block(names: Sequence[str], cells: list[list[str]], rows: list[int]) -> Block:
    return Block(pd.DataFrame(cells, columns=list(names), dtype="str"), np.array(rows, np.int64))


def open_excel(path: Path, columns: Sequence[str]) -> Excel:
    """Find the sheet of a workbook whose header, its first row that is not empty, has some columns.

    Parameters
    ----------
    path : pathlib.Path
    columns : sequence of str
        The columns to look for; a workbook of one sheet is taken whether it has them or not.

    Raises
    ------
    DataError
        If openpyxl is not installed, the file is missing or no workbook, no sheet has the columns or
        more than one has, or a column stands twice.
    """
    with _workbook(path) as workbook:
        headers: dict[str, tuple[int, list[str]]] = {}
        for sheet in workbook.worksheets:
            row, record = next(_records(sheet), (1, []))
            while record and not record[-1]:
                record.pop()
            if record:
                headers[sheet.title] = row, [name.strip() for name in record]
    fitting = [title for title, (_, header) in headers.items() if set(columns) <= set(header)]
    if not headers:
        raise refusal(path, None, None, "the workbook is empty; it needs a header and at least one row")
    if len(headers) > 1 and len(fitting) != 1:
        which = "more than one sheet has" if fitting else "no sheet has"
        raise refusal(
            path,
            None,
            None,
            f"{which} the columns {listed(list(columns))}; the sheets are {listed(list(headers))}: "
            "save the right one as a file of its own",
        )
    title = fitting[0] if fitting else next(iter(headers))
    row, header = headers[title]
    return Excel(path, check_header(path, row, header), row, title)


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    """Open a workbook and turn whatever goes wrong in it into one line."""
    openpyxl = needed("openpyxl", path)
    with opened(path) as handle:
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
        except Exception as error:  # openpyxl raises almost anything for a workbook that is damaged
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
    for number, cells in enumerate(sheet.iter_rows(), 1):  # the rows between those of the file too
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
