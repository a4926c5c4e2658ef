"""The reader for a table, chosen by its suffix where that decides, else by its first bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from eventstudy.io.base import Table
from eventstudy.io.delimited import open_delimited
from eventstudy.io.excel import open_excel, open_sheets
from eventstudy.io.frames import framed, open_whole
from eventstudy.io.parquet import open_parquet
from eventstudy.io.source import Source, source_of


def open_table(given: Any, columns: Sequence[str] = ()) -> Table:
    """Open a table.

    `given`: a file of separated values (commas, semicolons, tabs or bars), Excel (.xlsx), Parquet, Stata
    (.dta), SPSS (.sav) or lines of JSON; compressed by gzip, bzip2, xz or zip, or not. `columns`: the columns
    by which the header, and the sheet of a workbook, are found.

    Raises DataError if the file is missing or unreadable, of an unsupported kind, or its columns cannot be
    separated.
    """
    if isinstance(given, pd.DataFrame):
        return framed(given)
    source = source_of(given)
    return open_excel(source, columns) if _is_excel(source) else _open_single(source, columns)


def open_candidates(given: Any) -> list[Table]:
    """Open a table, or each sheet of a workbook."""
    if isinstance(given, pd.DataFrame):
        return [framed(given)]
    source = source_of(given)
    return list(open_sheets(source)) if _is_excel(source) else [_open_single(source, ())]


def _is_excel(source: Source) -> bool:
    return source.kind == "xlsx" or (
        source.kind == "text" and source.path.suffix.lower() in (".xlsx", ".xlsm")
    )  # not a workbook, as its reader reports


def _open_single(source: Source, columns: Sequence[str]) -> Table:
    if source.kind == "parquet" or source.path.suffix.lower() in (".parquet", ".pq"):
        return open_parquet(source)
    return open_delimited(source, columns) if source.kind == "text" else open_whole(source)
