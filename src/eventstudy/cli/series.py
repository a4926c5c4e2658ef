"""From files to events and anchors: which column, which rows, which period."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.cli.parsing import note, whole
from eventstudy.errors import DataError, PeriodError

if TYPE_CHECKING:
    from eventstudy.events import Events
    from eventstudy.periods import Period


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
        "--events-merge",
        type=whole(0),
        metavar="DAYS",
        help="count events at most so many days after the one before as one burst, on its first day",
    )
    group.add_argument(
        "--anchors-merge",
        type=whole(0),
        metavar="DAYS",
        help="count anchors at most so many days after the one before as one tour, on its first day",
    )


def read_pair(options: argparse.Namespace) -> Pair:
    """Return the events and anchors that the options name.

    Raises
    ------
    DataError, DateError, PeriodError
        If a file, a column, a date or the period cannot be used.
    """
    from eventstudy.dates import date_text

    period = None if options.period is None else read_period(options.period)
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
    elif options.events_merge is not None:
        inside = inside.merged(options.events_merge)
    if options.anchors_merge is not None:
        anchors = anchors.merged(options.anchors_merge)
    from eventstudy.provenance import file_sha256

    return Pair(inside, anchors, {path: file_sha256(path) for path in (options.events, options.anchors)})


def read_period(text: str) -> Period:
    """Read a half-open period, such as 2012-01-01:2025-01-01.

    Raises
    ------
    PeriodError
        If it has not two ends, or holds no day.
    """
    from eventstudy.periods import Period

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
        from eventstudy.study.sources import find_date_column

        column = find_date_column(Path(path), role)
        note(options, f"{path}: dates from column {column!r}, the only one that holds dates")
    return read_events(path, date=column, where=getattr(options, f"{role}_where"))
