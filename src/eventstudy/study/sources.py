"""The two input files of a study: their date columns, labels and contents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.date_grammar import AMBIGUOUS
from eventstudy.errors import DataError, PlanError
from eventstudy.events import Events
from eventstudy.io import read_events
from eventstudy.io.base import Table
from eventstudy.io.cells import DateCells, stands_for_no_date
from eventstudy.io.files import open_candidates
from eventstudy.io.parquet import Parquet
from eventstudy.io.problems import Problems
from eventstudy.printing import listed
from eventstudy.provenance import file_sha256

LOOKED_AT = 1_000  # rows used to find the columns of dates
FIRST = 50  # of them, one at least of which is a date
MOSTLY = 0.5  # share of unreadable cells below which a column holds dates, so that a typing error is reported as such
LONGEST = 30  # characters of a label that fit on axes
LABEL = re.compile(r"\w[\w '’&,./()-]*")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of dates that a study is made from.

    Parameters
    ----------
    path : pathlib.Path
    date : str, optional
        Its column of dates; found if only one column holds dates.
    label : str, optional
        What the dates are, in the plural; by default the name of the file.
    """

    path: Path
    date: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A file of dates, read.

    Attributes
    ----------
    path : pathlib.Path
    date : str
    name : str
        What the dates are, in the plural.
    events : Events
        Every row, without a period. They are called "days with ..." where several fall on one day, as the plan
        counts such a day once.
    sha256 : str
    """

    path: Path
    date: str
    name: str
    events: Events
    sha256: str


def find_date_column(path: Path, role: str, date_format: str | None = None) -> str:
    """Return the one column of a file, of all sheets of a workbook, that holds dates.

    Parameters
    ----------
    path : pathlib.Path
    role : {"events", "anchors"}
        For the message.
    date_format : str, optional
        Format of the dates, as in :func:`eventstudy.read_events`.

    Raises
    ------
    DataError
        If there is none, or more than one.
    """
    tables = open_candidates(path)
    found = [name for table in tables for name in _columns_of_dates(table, DateCells(date_format))]
    if len(found) == 1:
        return found[0]
    what, fix = f"several columns hold dates, {listed(found)}", f"choose one with --{role}-date"
    if not found:
        columns = [name for table in tables for name in table.columns]
        what = f"no column holds dates, the columns are {listed(columns)}"
        fix += ", or those of year, month and day with commas between them"
    raise DataError(f"{path}: {what}; {fix}", path=path)


def _columns_of_dates(table: Table, reader: DateCells) -> list[str]:
    """Return the columns of a table that hold dates, judged by its first rows."""
    problems = Problems(table.path)
    short = table.short_columns() if isinstance(table, Parquet) else table.columns
    block = next(table.blocks(short, problems), None)
    if block is None:
        problems.refuse()
        return []
    return [name for name in short if _holds_dates(block.frame[name], reader)]


def _holds_dates(cells: pd.Series[Any], reader: DateCells) -> bool:
    """Tell whether most cells are dates, or would be if the order of day and month were known.

    A column without a date among its first cells is rejected at once, which saves time with many columns.
    """
    some = cells.head(LOOKED_AT)
    filled = some[~stands_for_no_date(some)]
    for part, share in ((filled.head(FIRST), 1.0), (filled, MOSTLY)):
        wrong = [what for what in reader.read(part)[1].values() if AMBIGUOUS not in what]
        if len(wrong) >= share * len(part):
            return False
    return True


def read_source(source: Source, role: str) -> Read:
    """Read every date of a file.

    Raises
    ------
    DataError
        If it cannot be read, or its column of dates is not clear.
    PlanError
        If its label is not a plain name.
    """
    path = source.path
    label = source.label or re.sub(r"[_\W]+", " ", path.stem).strip()
    if not LABEL.fullmatch(label) or len(label) > LONGEST:
        raise PlanError(
            f"{path}: {label!r} is not a plain name of at most {LONGEST} letters; give one with --{role}-label launches"
        )
    date = source.date or find_date_column(path, role)
    events = read_events(path, date=date, label=label).as_dated()
    if role == "events" and np.unique(events.days).size < len(events):
        events = Events(events, label=f"days with {label}")
    return Read(path, date, label, events, file_sha256(path))
