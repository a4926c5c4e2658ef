"""The two files that a study begins with: which column holds the dates, what they are called, what they hold."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eventstudy.errors import DataError, PlanError
from eventstudy.events import Events
from eventstudy.io import read_events
from eventstudy.io.cells import DateCells, as_text
from eventstudy.io.files import open_table
from eventstudy.io.problems import Problems

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
    block = next(iter(table.blocks(table.columns, problems)), None)
    problems.refuse()
    found = []
    for name, cells in block.frame.items() if block is not None else ():
        filled = cells[as_text(cells).str.strip() != ""].reset_index(drop=True)
        if len(filled) and len(DateCells().read(filled)[1]) <= len(filled) // 2:
            found.append(str(name))
    if len(found) == 1:
        return found[0]
    what = f"the columns {', '.join(found)} all hold dates" if found else "no column holds dates"
    fix = (
        f"say which one counts with --{role}-date {found[0]}"
        if found
        else f"the columns are {', '.join(table.columns)}; write dates as YYYY-MM-DD"
    )
    raise DataError(f"{path}: {what}; {fix}", path=path)


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
    if not LABEL.fullmatch(label):
        raise PlanError(f"label: {label!r} is no plain name; give one in letters, such as 'launches'")
    date = source.date or find_date_column(path, role)
    events = read_events(path, date=date, label=label)
    if role == "events" and np.unique(events.days).size < len(events):
        events = Events(events.days, label=f"days with {label}")
    return Read(path, date, label, events, hashlib.sha256(path.read_bytes()).hexdigest())
