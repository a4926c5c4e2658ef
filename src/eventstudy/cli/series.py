"""Events and anchors from files: the options for columns, rows and period."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.cli.parsing import note, whole
from eventstudy.errors import DataError, EventStudyError, OptionError, PeriodError

if TYPE_CHECKING:
    from eventstudy.events import Events
    from eventstudy.periods import Period


@dataclass(frozen=True, slots=True)
class PairRead:
    """Events with their period, and anchors."""

    events: Events
    anchors: Events
    files: dict[str, str]  # SHA-256 of the bytes by path


def add_series(parser: argparse.ArgumentParser) -> None:
    """Add the two files and how they are read."""
    parser.add_argument(
        "events",
        metavar="EVENTS",
        help="file of dated events: .csv, .xlsx, .parquet, .dta or .sav, compressed or not",
    )
    parser.add_argument("anchors", metavar="ANCHORS", help="file of the dates that they may cluster before")
    group = parser.add_argument_group("data")
    group.add_argument(
        "--period", metavar="START:STOP",
        help="days under observation, STOP being the day after the last one, such as 2012-01-01:2025-01-01; events "
        "outside are left out and counted, windows of anchors outside still count where they reach into it",
    )  # fmt: skip
    for role in ("events", "anchors"):
        add_dates(group, role)
    group.add_argument(
        "--as-dated", action="store_true",
        help="use uncertain dates as given, where a column 'uncertainty' gives the days by which they may be wrong",
    )  # fmt: skip
    once = group.add_mutually_exclusive_group()
    once.add_argument("--distinct", action="store_true", help="count the events of one day as one")
    once.add_argument(
        "--events-merge",
        type=whole(0),
        metavar="DAYS",
        help="count events at most this many days after the previous one as one burst, on its first day",
    )
    group.add_argument(
        "--anchors-merge",
        type=whole(0),
        metavar="DAYS",
        help="count anchors at most this many days after the previous one as one tour, on its first day",
    )


def add_dates(group: argparse._ActionsContainer, role: str, default: str | None = None) -> None:
    """Add the options for the date columns of a file, their format, and the rows to use."""
    group.add_argument(
        f"--{role}-date", metavar="COLUMN[,COLUMN,COLUMN]", default=default,
        help=f"dates of the {role}, or year, month and day; by default "
        + ("the only column of dates" if default is None else default),
    )  # fmt: skip
    group.add_argument(
        f"--{role}-format", metavar="FORMAT",
        help="such as %%d/%%m/%%Y, where the dates alone do not say which number is the day",
    )  # fmt: skip
    group.add_argument(
        f"--{role}-where", metavar="QUERY", help="only rows for which it is true, such as \"kind == 'ballistic'\""
    )  # fmt: skip


def read_pair(options: argparse.Namespace) -> PairRead:
    """Return the events and anchors that the options name.

    Raises DataError, DateError, PeriodError if a file, a column, a date or the period cannot be used.
    """
    from eventstudy.dates import date_text
    from eventstudy.io.events import left_in

    period = None if options.period is None else read_period(options.period)
    check_files(options)
    events, anchors = (read_role(options, role) for role in ("events", "anchors"))
    if not len(events):
        raise DataError(f"{options.events}: no row is selected; change --events-where", path=options.events)
    if period is None:
        first, last, stop = (date_text(day) for day in (events.days[0], events.days[-1], events.days[-1] + 1))
        raise PeriodError(
            f"{options.events}: the days under observation are not given; the dates span {first} to {last}, so "
            f"--period {first}:{stop} would be a start"
        )
    inside = left_in(events, period)
    for text in inside.notes[len(events.notes) :]:
        note(options, text)
    if options.distinct:
        inside = inside.distinct()
    elif options.events_merge is not None:
        inside = inside.merged(options.events_merge)
    if options.anchors_merge is not None:
        anchors = anchors.merged(options.anchors_merge)
    return PairRead(inside, anchors, checksums(options))


def checksums(options: argparse.Namespace) -> dict[str, str]:
    """Return the SHA-256 of the bytes of both files, by path."""
    from eventstudy.provenance import file_sha256

    return {path: file_sha256(path) for path in (options.events, options.anchors)}


def read_period(text: str) -> Period:
    """Read a half-open period, such as 2012-01-01:2025-01-01.

    Raises PeriodError if it does not have two ends, or holds no day.
    """
    from eventstudy.periods import Period

    parts = text.split(":")
    if len(parts) != 2:
        raise PeriodError(f"--period: {text!r} is not START:STOP; write 2012-01-01:2025-01-01")
    try:
        return Period(*parts)
    except ValueError as error:
        raise PeriodError(f"--period {text}: {error}") from None


def check_files(options: argparse.Namespace) -> None:
    """Refuse anything but a file: it could not be read twice."""
    for path in (Path(path).expanduser() for path in (options.events, options.anchors)):
        if path.exists() and not path.is_file():
            raise DataError(
                f"{path}: it is a folder or a pipe, which cannot be read twice; give a file", path=path
            )


def date_columns(text: str, role: str) -> str | tuple[str, ...]:
    """Read a column of dates, or those of year, month and day with commas between them.

    Raises OptionError if there is no name, or none beside a comma.
    """
    columns = tuple(name.strip() for name in text.split(","))
    if not all(columns):
        raise OptionError(
            f"--{role}-date: '{text}' is neither a column nor three; give one name, or those of year, month and day"
        )
    return columns if len(columns) == 3 else text


def read_role(options: argparse.Namespace, role: str) -> Events:
    """Read the events or the anchors, and print notes about the file."""
    from eventstudy.io.events import check_format, read_events

    path, column = getattr(options, role), getattr(options, f"{role}_date")
    date_format = getattr(options, f"{role}_format")
    try:
        check_format(date_format, "read_events")
        if column is None:
            from eventstudy.study.sources import find_date_column

            column = find_date_column(Path(path).expanduser(), role, date_format)
        events = read_events(
            path,
            date=date_columns(column, role),
            where=getattr(options, f"{role}_where"),
            date_format=date_format,
        )
    except EventStudyError as error:
        raise OptionError(by_option(str(error), role)) from None
    if getattr(options, f"{role}_date") is None:
        note(options, f"{path}: dates from column {column!r}, the only one that holds dates")
    if options.as_dated:
        events = events.as_dated()
    for text in (*events.reading, *events.notes):
        note(options, text)
    return events


def by_option(text: str, role: str) -> str:
    """Return an error of a reader with options in place of its arguments."""
    text = text.replace("read_events: date_format=", f"--{role}-format ").replace(
        "date_format=", f"--{role}-format "
    )
    return text.replace("where=", f"--{role}-where ")
