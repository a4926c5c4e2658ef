"""The two input files of a study: their date columns, labels and contents."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.date_grammar import (
    AMBIGUOUS,
    FOUR_DIGITS,
    IMPOSSIBLE,
    MISSING,
    SEVERAL,
    compiled_format,
    day_of,
    is_date,
)
from eventstudy.errors import DataError, PlanError
from eventstudy.events import Events
from eventstudy.io import read_events
from eventstudy.io.base import Block, Table, above_dates, refuse_dates_as_names
from eventstudy.io.cells import DateCells, as_text, stands_for_no_date
from eventstudy.io.files import open_candidates
from eventstudy.io.parquet import Parquet
from eventstudy.io.pieces import DateColumn
from eventstudy.io.problems import Problems, refusal
from eventstudy.printing import listed
from eventstudy.provenance import file_sha256

LOOKED_AT = 1_000  # rows used to find the columns of dates
FIRST = 50  # of them, one at least of which is a date
MOSTLY = (
    0.5  # share of unreadable cells below which a column holds dates, so that a typing error is named as such
)
HEADER_ROWS = 20  # among which a header is looked for
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
CALLED = frozenset(["date", "dates", "datetime", "timestamp", "datum", "fecha", "data", "when"])
MEANT = (AMBIGUOUS, IMPOSSIBLE, SEVERAL)
NO_DIGIT = re.compile(r"\D*")
NUMBER = re.compile(
    r"[+-]?\d{1,5}|[+-]?\d*[.,]\d+(e[+-]?\d+)?", re.IGNORECASE
)  # not a date, unless a format is given
LONGEST = 30  # characters of a label that fit on axes
DAYS = "days with "  # of the label of a series in which a day counts once
LABEL = re.compile(r"\w[\w '’&,./()-]*")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of dates that a study is made from.

    - `date`: its column of dates, or those of year, month and day; found if only one column holds dates.
    - `label`: what the dates are, in the plural; by default the name of the file.
    - `date_format`: in which the dates stand, as in :func:`eventstudy.read_events`.
    - `where`: a query that chooses rows.
    """

    path: Path
    date: DateColumn | None = None
    label: str | None = None
    date_format: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A file of dates, read.

    `name`: what the dates are, in the plural. `events`: every row, without a period. They are called "days
    with ..." where several fall on one day, as the plan counts such a day once.
    """

    path: Path
    date: DateColumn
    date_format: str | None
    where: str | None
    name: str
    events: Events
    sha256: str


def find_date_column(path: Path, role: str, date_format: str | None = None) -> str:
    """Return the one column of a file, of all sheets of a workbook, that holds dates.

    `role`: for the message. `date_format`: format of the dates, as in :func:`eventstudy.read_events`.

    Raises DataError if there is none, or more than one.
    """
    tables = open_candidates(path)
    blocks = [(table, block) for table in tables if (block := _first_block(table)) is not None]
    found = [name for _, block in blocks for name in _columns_of_dates(block, DateCells(date_format))]
    for table, block in blocks:
        refuse_dates_as_names(table, found)
        _refuse_other_header(table, block, role)
    found = found or _nearly_dates(blocks, date_format)
    if len(set(found)) == 1:  # of two sheets with it, its reader says what to do
        return found[0]
    what, fix = f"several columns hold dates, {listed(found)}", f"choose one with --{role}-date"
    if not found:
        columns = [name for table in tables for name in table.columns]
        what = f"no column holds dates, the columns are {listed(columns)}"
        parts = _year_month_day(columns)
        fix += ", or those of year, month and day with commas between them"
        fix = fix if parts is None else f"read year, month and day by --{role}-date {','.join(parts)}"
    raise DataError(f"{path}: {what}; {fix}", path=path)


def _first_block(table: Table) -> Block | None:
    """Return the first rows of a table."""
    problems = Problems(table.path)
    short = table.short_columns() if isinstance(table, Parquet) else table.columns
    block = next(table.blocks(short, problems), None)
    if block is None:
        problems.refuse()
    return block


def _columns_of_dates(block: Block, reader: DateCells) -> list[str]:
    """Return the columns that hold dates, judged by the first rows of a table."""
    return [str(name) for name in block.frame.columns if _holds_dates(block.frame[name], reader)]


def _refuse_other_header(table: Table, block: Block, role: str) -> None:
    """Refuse a table whose header seems to stand in a later row, right above the first date."""
    cells = block.frame.head(HEADER_ROWS).apply(as_text)
    records = [[str(name) for name in cells], *cells.to_numpy().tolist()]
    place, column = above_dates(records) or (0, 0)
    if place and called_date(records[place][column]) and not called_date(records[0][column]):
        row, name = block.rows[place - 1], records[place][column]
        raise refusal(
            table.path,
            int(row),
            None,
            f"this seems to be the header, {listed(records[place])}, and not row {table.header_row}; read it by "
            f"--{role}-date {shlex.quote(name)}",
        )


def called_date(name: str) -> bool:
    """Tell whether a name says that a column holds dates.

    >>> called_date("event_date"), called_date("SQLDATE"), called_date("endDate"), called_date("updates")
    (True, True, True, False)
    """
    parts = [part.lower() for part in WORD.findall(name)]
    return any(part in CALLED or (part.endswith("date") and part != "update") for part in parts)


def _nearly_dates(blocks: list[tuple[Table, Block]], date_format: str | None) -> list[str]:
    """Return the columns that are called dates, else those with a cell that is a date or was meant as one.

    If there is only one, it is read, so that each of its cells that names no day is refused by its row.
    """
    names = [(str(name), block.frame[name]) for _, block in blocks for name in block.frame]
    stated = None if date_format is None else compiled_format(date_format)

    def meant(cells: pd.Series[Any]) -> bool:
        read = (day_of(text, stated) for text in as_text(cells.head(FIRST)) if FOUR_DIGITS.search(text))
        return any(isinstance(day, int) or day in MEANT for day in read)

    return [name for name, _ in names if called_date(name)] or [name for name, cells in names if meant(cells)]


def _year_month_day(columns: Sequence[str]) -> tuple[str, str, str] | None:
    """Return the columns of year, month and day, as iyear, imonth and iday; None if a part is missing."""
    for name in columns:
        parts = tuple(re.sub("year", part, name, flags=re.IGNORECASE) for part in ("month", "day"))
        known = {other.lower(): other for other in columns}
        if "year" in name.lower() and all(part.lower() in known for part in parts):
            return name, known[parts[0].lower()], known[parts[1].lower()]
    return None


def _holds_dates(cells: pd.Series[Any], reader: DateCells) -> bool:
    """Tell whether most cells are dates, or would be if the order of day and month were known.

    A column without a date among its first cells is rejected at once, which saves time with many columns.
    """
    some = cells.head(LOOKED_AT)
    if some.dtype == "str" and not _could_hold_dates(some.tolist(), reader):
        return False
    filled = some[~stands_for_no_date(some)]
    for part, share in ((filled.head(FIRST), 1.0), (filled, MOSTLY)):
        wrong = [what for what in reader.read(part)[1].values() if AMBIGUOUS not in what]
        if len(wrong) >= share * len(part):
            return False
    return True


def is_mark(character: str) -> bool:
    """Return whether a character belongs to the letter before it: no letter to `re`, but one to who reads it."""
    return unicodedata.category(character).startswith("M")


def words(name: str, kept: str = "") -> list[str]:
    """Return the words of a file's name: letters, digits and the marks on them, in any script, and what is kept."""
    return "".join(c if c.isalnum() or is_mark(c) or c in kept else " " for c in name).split()


def _could_hold_dates(cells: list[Any], reader: DateCells) -> bool:
    """Tell whether one of the first cells is a date: soon said of most columns of a wide table."""
    filled = [text.strip() for text in cells if isinstance(text, str) and text.strip().lower() not in MISSING]
    none = [NO_DIGIT] if reader.date_format else [NO_DIGIT, NUMBER]
    stated = None if reader.date_format is None else compiled_format(reader.date_format)
    some = (text for text in filled[:FIRST] if not any(form.fullmatch(text) for form in none))
    return any(is_date(text, stated) for text in some)


def read_source(source: Source, role: str) -> Read:
    """Read every date of a file.

    Raises DataError if it cannot be read, or its column of dates is not clear. Raises PlanError if its label
    is not a plain name.
    """
    path = source.path
    label = unicodedata.normalize(
        "NFC", source.label or " ".join(words(path.stem))
    )  # a Mac takes names apart
    if not LABEL.fullmatch("".join(c for c in label if not is_mark(c))) or len(label) > LONGEST:
        raise PlanError(
            f"{path}: {label!r} is not a plain name of at most {LONGEST} letters; give one with --{role}-label launches"
        )
    date = source.date or find_date_column(path, role, source.date_format)
    stated, where = source.date_format, source.where
    events = read_events(path, date=date, label=label, where=where, date_format=stated).as_dated()
    if role == "events" and np.unique(events.days).size < len(events):
        events = Events(events, label=label if label.lower().startswith(DAYS) else f"{DAYS}{label}")
    return Read(path, date, stated, where, label, events, file_sha256(path))
