"""Which kind of file it is, by its suffix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eventstudy.io.base import Table
from eventstudy.io.delimited import open_delimited
from eventstudy.io.excel import open_excel
from eventstudy.io.parquet import open_parquet
from eventstudy.io.problems import refusal

# Kinds that are known and not read, with the fix.
OTHER = {
    ".xls": "save it as .xlsx or CSV",
    ".ods": "save it as .xlsx or CSV",
    ".json": "save it as CSV",
    ".zip": "unpack it first",
    ".gz": "unpack it first",
}


def open_table(path: str | Path, columns: Sequence[str] = ()) -> Table:
    """Open a table: Parquet (.parquet, .pq), Excel (.xlsx), or else comma-separated values.

    Parameters
    ----------
    path : str or pathlib.Path
    columns : sequence of str
        The columns by which the sheet of a workbook is found.

    Raises
    ------
    DataError
        If the file is missing or unreadable, or its columns cannot be told apart.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in OTHER:
        raise refusal(path, None, None, f"{suffix} files are not read; {OTHER[suffix]}")
    if suffix in (".parquet", ".pq"):
        return open_parquet(path)
    if suffix in (".xlsx", ".xlsm"):
        return open_excel(path, columns)
    return open_delimited(path)
