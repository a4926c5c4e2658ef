"""``eventstudy data``: compare two releases of a table, read files of others, list the bundled tables."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

from eventstudy.cli.output import Answer, Entry, add_output, check_output, deliver
from eventstudy.declared import Listed, by_name, classes
from eventstudy.errors import OptionError
from eventstudy.replacing import write_whole

READERS = Path(__file__).parents[1] / "sources"
SOURCES = by_name(classes(READERS, "eventstudy.sources", "SourceReading"))
CHECK = """\
examples:
  eventstudy data check launches-2024.csv launches-2025.csv --key event_id
  eventstudy data check old.csv new.xlsx --csv --output changes.csv

exit codes: 0 the tables are the same; 1 they differ; 2 bad input.
"""
IMPORT = """\
examples:
  eventstudy data import acled acled.csv --output events.csv --where "event_type == 'Battles'"
  eventstudy data import ucdp ged.csv --output events.csv --choice imprecise="leave out" --choice active_years=yes
  eventstudy data import cns cns.xlsx --output launches.csv --choice clock=utc
"""
LIST = """\
examples:
  eventstudy data list
  eventstudy data list --json
"""
YES_NO = {"yes": True, "no": False}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "data",
        help="compare releases of a table, read files of others, list the bundled tables",
        description="Compare two releases of a table, turn files that others publish into events, or list the "
        "bundled tables.",
        epilog="examples:\n  eventstudy data list\n  eventstudy data check --help\n",
    )
    what = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    _add_check(what)
    _add_import(what)
    _add_list(what)


def _add_check(what: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = what.add_parser(
        "check",
        help="rows that a new release of a table added, removed or changed",
        description="Compare a new release of a table with the old one, row by row and cell by cell. Another order "
        "of rows or columns is no change. CSV, Parquet and Excel; what is compared is text.",
        epilog=CHECK,
    )
    parser.add_argument("old", metavar="FILE.OLD", help="the old release")
    parser.add_argument("new", metavar="FILE.NEW", help="the new release")
    parser.add_argument(
        "--key", action="append", metavar="COLUMN",
        help="column that identifies a row, without duplicates; may be given more than once. Without it "
        "whole rows are compared, and a changed row is removed and added",
    )  # fmt: skip
    add_output(parser, figure=False)
    parser.set_defaults(run=run_check)


def _add_import(what: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = what.add_parser(
        "import",
        help="a file that others publish, as a plain table of dates",
        description="Read a file in the layout of its source and write its events as CSV: a row per event with its "
        "date, and the days by which it may be wrong. Beside it a file .json records the choices, the checksum "
        "and what was left out.",
        epilog="sources:\n"
        + "".join(f"  {name:<6} {_title(reader)}\n" for name, reader in SOURCES.items())
        + IMPORT,
    )
    parser.add_argument("source", choices=list(SOURCES), metavar="SOURCE", help=", ".join(SOURCES))
    parser.add_argument("file", metavar="FILE", help="as the source publishes it")
    parser.add_argument(
        "--output", metavar="FILE", required=True, help="CSV of the events; must not exist yet"
    )
    parser.add_argument("--where", metavar="QUERY", help="which rows, such as \"country == 'Kenya'\"")
    parser.add_argument(
        "--choice", action="append", default=[], metavar="NAME=VALUE",
        help="a choice of the reader: see eventstudy.sources; an unknown name lists those there are",
    )  # fmt: skip
    parser.set_defaults(run=run_import)


def _add_list(what: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = what.add_parser(
        "list",
        help="the bundled tables: rows, first and last day, checksum",
        description="List the tables that come with the package.",
        epilog=LIST,
    )
    add_output(parser, figure=False)
    parser.set_defaults(run=run_list)


def run_check(options: argparse.Namespace) -> int:
    """Compare two releases; 1 where they differ."""
    check_output(options)
    from eventstudy.comparison import compare_tables
    from eventstudy.io import read_raw

    tables = []
    for path in (options.old, options.new):
        raw = read_raw(path)
        tables.append(raw.frame.set_axis(raw.rows, axis="index"))
    found = compare_tables(*tables, key=options.key)
    numbers = {
        "same": found.same,
        "rows_old": found.n_old,
        "rows_new": found.n_new,
        "rows_added": len(found.added),
        "rows_removed": len(found.removed),
        "rows_changed": found.n_changed,
        "columns_added": list(found.columns_added),
        "columns_removed": list(found.columns_removed),
    }
    rows = found.to_frame()
    from eventstudy.provenance import file_sha256

    files = {path: file_sha256(path) for path in (options.old, options.new)}
    deliver(options, Answer(found.summary(), rows, [Entry(rows, numbers)], files))
    return 0 if found.same else 1


def run_import(options: argparse.Namespace) -> None:
    """Read a file by the reader of its source, and write events and record."""
    output = Path(options.output)
    record = output.with_name(output.name + ".json")
    check_output(options)
    for path in (output, record):
        if path.exists():
            raise OptionError(f"--output {path}: it exists already; give another name or remove it")
    reader = _reader(SOURCES[options.source].load(), options)
    reading = reader.read(options.file)
    rows = reading.to_frame().drop(columns="day")
    if "uncertainty" not in rows:
        rows["uncertainty"] = 0
    rows["date"] = rows["date"].dt.strftime("%Y-%m-%d")
    text = json.dumps(reading.record(), ensure_ascii=False, indent=2) + "\n"
    write_whole(record, text.encode("utf-8", "backslashreplace"), "--output")
    try:
        write_whole(output, rows.to_csv(index=False, lineterminator="\n").encode(), "--output")
    except BaseException:  # neither without the other, even when interrupted
        record.unlink(missing_ok=True)
        raise
    print(reading.summary())


def run_list(options: argparse.Namespace) -> None:
    """List the bundled tables."""
    check_output(options)
    from eventstudy.datasets import overview

    table = overview()
    for column in ("first", "last"):
        table[column] = table[column].dt.strftime("%Y-%m-%d")
    text = "\n".join([
        "Tables that come with the package",
        *(f"  {row.table:<9} {row.rows:>4} rows  {row.first} to {row.last}  SHA-256 {row.sha256}"
          for row in table.itertuples()),
    ])  # fmt: skip
    deliver(options, Answer(text, table, [Entry(table)]))


def _reader(kind: type[Any], options: argparse.Namespace) -> Any:
    """Build a reader from the choices given."""
    known = {entry.name: entry.default for entry in dataclasses.fields(kind) if entry.name != "where"}
    chosen: dict[str, object] = {} if options.where is None else {"where": options.where}
    for text in options.choice:
        name, _, value = text.partition("=")
        if name not in known:
            raise OptionError(
                f"--choice {text}: {kind.__name__} has no choice {name!r}; there are "
                + ", ".join(f"{name} (by default {_typed(default)})" for name, default in known.items())
            )
        if isinstance(known[name], bool):
            if value not in YES_NO:
                raise OptionError(f"--choice {text}: {value!r} is neither yes nor no; give one of them")
            chosen[name] = YES_NO[value]
        else:
            chosen[name] = tuple(value.split(",")) if isinstance(known[name], tuple) else value
    return kind(**chosen)


def _title(reader: Listed) -> str:
    """Describe what a reader reads, from the first line of its docstring."""
    return reader.about.removeprefix("Reads ").partition(":")[0]


def _typed(default: Any) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return ",".join(default) if isinstance(default, tuple) else str(default)
