"""From files to events and anchors: which column, which rows, which period."""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.cli.parsing import note, whole
from eventstudy.errors import DataError, OptionError, PeriodError
from eventstudy.printing import listed

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.events import Events, Period

LOOKED_AT = 1_000  # rows that tell which columns hold dates
MOSTLY = (
    0.5  # share of readable cells above which a column holds dates, so that a slip in it is named as such
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Events with their period, and anchors."""

    events: Events
    anchors: Events
    files: dict[str, str]  # SHA-256 of the bytes by path


def add_series(parser: argparse.ArgumentParser) -> None:
    """Add the two files and how they are read."""
    parser.add_argument("events", metavar="EVENTS", help="file of dated events: .csv, .parquet or .xlsx")
    parser.add_argument("anchors", metavar="ANCHORS", help="file of the dates that they may come close to")
    group = parser.add_argument_group("data")
    group.add_argument(
        "--period", metavar="START:STOP",
        help="days under observation, STOP being the day after the last one, such as 2012-01-01:2025-01-01; events "
        "outside are left out, anchors outside still cast their windows into it",
    )  # fmt: skip
    for role in ("events", "anchors"):
        group.add_argument(
            f"--{role}-date",
            metavar="COLUMN",
            help=f"dates of the {role}; by default the only column of dates",
        )
    for role in ("events", "anchors"):
        group.add_argument(
            f"--{role}-where",
            metavar="QUERY",
            help="only rows for which it is true, such as \"kind == 'ballistic'\"",
        )
    once = group.add_mutually_exclusive_group()
    once.add_argument("--distinct", action="store_true", help="count the events of one day as one")
    once.add_argument(
        "--merge",
        type=whole(0),
        metavar="DAYS",
        help="count events at most so many days apart as one, the first",
    )


def read_pair(options: argparse.Namespace) -> Pair:
    """Return the events and anchors that the options name.

    Raises
    ------
    DataError, DateError, PeriodError
        If a file, a column, a date or the period cannot be used.
    """
    from eventstudy.dates import date_text

    period = None if options.period is None else _period(options.period)
    for path in map(Path, (options.events, options.anchors)):
        if path.exists() and not path.is_file():
            raise DataError(
                f"{path}: it is a folder or a pipe, which cannot be read twice; give a file", path=path
            )
    events, anchors = (_read(options, role) for role in ("events", "anchors"))
    if not len(events):
        raise DataError(f"{options.events}: no row is chosen; change --events-where", path=options.events)
    if period is None:
        first, last, stop = (date_text(day) for day in (events.days[0], events.days[-1], events.days[-1] + 1))
        raise PeriodError(
            f"{options.events}: the days under observation are not given; the dates span {first} to {last}, so "
            f"--period {first}:{stop} would be a start"
        )
    inside = events.within(period)
    if outside := len(events) - len(inside):
        note(options, f"{outside} of {len(events)} {events.label} lie outside the period and are left out")
    if options.distinct:
        inside = inside.distinct()
    elif options.merge is not None:
        inside = inside.merged(options.merge)
    return Pair(inside, anchors, {path: _checksum(path) for path in (options.events, options.anchors)})


def _checksum(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _period(text: str) -> Period:
    from eventstudy.events import Period

    parts = text.split(":")
    if len(parts) != 2:
        raise PeriodError(f"--period: {text!r} is not START:STOP; write 2012-01-01:2025-01-01")
    try:
        return Period(*parts)
    except ValueError as error:
        raise PeriodError(f"--period {text}: {error}") from None


def _read(options: argparse.Namespace, role: str) -> Events:
    """Read the events or the anchors."""
    from eventstudy.io import read_events

    path, column = getattr(options, role), getattr(options, f"{role}_date")
    if column is None:
        column = _only_date_column(path, role)
        note(options, f"{path}: dates from column {column!r}, the only one that holds dates")
    return read_events(path, date=column, where=getattr(options, f"{role}_where"))


def _only_date_column(path: str, role: str) -> str:
    """Return the column of dates, judged by the first rows of the file."""
    from eventstudy.io.files import open_table
    from eventstudy.io.problems import Problems

    table = open_table(path)
    problems = Problems(table.path)
    block = next(table.blocks(table.columns, problems), None)
    problems.refuse()
    dates = [] if block is None else [name for name in table.columns if _holds_dates(block.frame[name])]
    if len(dates) == 1:
        return dates[0]
    if dates:
        raise OptionError(
            f"{path}: several columns hold dates, {listed(dates)}; choose one with --{role}-date"
        )
    raise OptionError(
        f"{path}: no column holds dates, the columns are {listed(table.columns)}; choose one with --{role}-date"
    )


def _holds_dates(cells: pd.Series[Any]) -> bool:
    from eventstudy.dates import read_texts
    from eventstudy.io.cells import as_text

    some = as_text(cells.head(LOOKED_AT))
    filled = some[some.str.strip() != ""]
    return bool(len(filled)) and len(read_texts(filled)[1]) < MOSTLY * len(filled)
