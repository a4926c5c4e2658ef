"""The two files that a study begins with: which column holds the dates, what they are called, what they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import DataError, PlanError
from eventstudy.events import Events
from eventstudy.io import read_events
from eventstudy.io.cells import DateCells, as_text
from eventstudy.io.files import open_table
from eventstudy.io.problems import Problems
from eventstudy.printing import listed
from eventstudy.provenance import file_sha256

LOOKED_AT = 1_000  # rows that tell which columns hold dates
MOSTLY = (
    0.5  # share of unreadable cells below which a column holds dates, so that a slip in it is named as such
)
LONGEST = 30  # letters of a label that axes have room for
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


def find_date_column(path: Path, role: str) -> str:
    """Return the one column of a file that holds dates.

    Parameters
    ----------
    path : pathlib.Path
    role : {"events", "anchors"}
        For the message.

    Raises
    ------
    DataError
        If there is none, or more than one.
    """
    table = open_table(path)
    problems = Problems(table.path)
    block = next(table.blocks(table.columns, problems), None)
    problems.refuse()
    found = [] if block is None else [name for name in table.columns if _holds_dates(block.frame[name])]
    if len(found) == 1:
        return found[0]
    what = (
        f"several columns hold dates, {listed(found)}"
        if found
        else f"no column holds dates, the columns are {listed(table.columns)}"
    )
    raise DataError(f"{path}: {what}; choose one with --{role}-date", path=path)


def _holds_dates(cells: pd.Series[Any]) -> bool:
    some = cells.head(LOOKED_AT)
    filled = some[as_text(some).str.strip() != ""]
    return bool(len(filled)) and len(DateCells().read(filled)[1]) < MOSTLY * len(filled)


def read_source(source: Source, role: str) -> Read:
    """Read every date of a file.

    Raises
    ------
    DataError
        If it cannot be read, or its column of dates is not clear.
    PlanError
        If its label is no plain name.
    """
    path = source.path
    label = source.label or re.sub(r"[_\W]+", " ", path.stem).strip()
    if not LABEL.fullmatch(label) or len(label) > LONGEST:
        raise PlanError(
            f"{path}: {label!r} is no plain name of at most {LONGEST} letters; give one with --{role}-label launches"
        )
    date = source.date or find_date_column(path, role)
    events = read_events(path, date=date, label=label)
    if role == "events" and np.unique(events.days).size < len(events):
        events = Events(events.days, label=f"days with {label}")
    return Read(path, date, label, events, file_sha256(path))
