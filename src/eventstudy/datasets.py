"""The bundled tables: launches, summits and controls, typed and checked."""

from __future__ import annotations

import datetime
import json
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

import pandas as pd

from eventstudy.errors import OptionError
from eventstudy.io import read_table
from eventstudy.provenance import file_sha256

PACKAGE = Path(__file__).resolve().parent


class Resource(TypedDict):
    """A table in ``datapackage.json``."""

    name: str
    path: str
    schema: dict[str, object]
    observedTo: str


def folder() -> Path:
    """Return the folder of the tables: inside the installed package, or ``data/raw`` of a source tree."""
    installed = PACKAGE / "data"
    return installed if installed.is_dir() else PACKAGE.parents[1] / "data" / "raw"


def launches() -> pd.DataFrame:
    """Return the missile launches of North Korea, one row per type, place and day.

    Columns: event_id, date (day in Korea), date_precision, missile, category, count (missiles), outcome,
    site, in_cns_scope, source, note. Origin and doubts stand in the README beside the table.

    Examples
    --------
    >>> len(launches())
    287
    """
    return table("launches")


def launches_observed_to() -> datetime.date:
    """Return the last day on which launches were observed: later days are unknown, not free of launches.

    Examples
    --------
    >>> launches_observed_to().isoformat()
    '2026-10-08'
    """
    return _observed_to("launches")


def summits_observed_to() -> datetime.date:
    """Return the last day to which the search for leaders' meetings is complete; later ones are listed only by chance.

    Examples
    --------
    >>> summits_observed_to().isoformat()
    '2025-11-30'
    """
    return _observed_to("summits")


def summits() -> pd.DataFrame:
    """Return leader-level meetings around the Korean peninsula, one row per meeting.

    Columns: summit_id, series, name, start, end, host_country, city, us_president_present,
    rok_president_present, in_rok, dprk_present, reported, official, source, note. A meeting became public on the
    earlier of `reported` (first day on which its day stood in a public text) and `official` (an office gave it).
    """
    return table("summits")


def controls() -> pd.DataFrame:
    """Return dated events that could confound: exercises, elections, anniversaries, parades and more.

    Columns: control_id, kind, name, start, end, source, note.
    """
    return table("controls")


def names() -> tuple[str, ...]:
    """Return the names of the bundled tables, in the order of ``datapackage.json``."""
    return tuple(_resources())


def table(name: str) -> pd.DataFrame:
    """Return a bundled table by its name.

    Raises
    ------
    OptionError
        If there is no such table.

    Examples
    --------
    >>> table("controls").columns[:3].tolist()
    ['control_id', 'kind', 'name']
    """
    known = _resources()
    if name not in known:
        raise OptionError(f"datasets: the table {name!r} is not bundled; choose one of {', '.join(known)}")
    path = folder() / known[name]["path"]
    return _read(path, file_sha256(path), json.dumps(known[name]["schema"])).copy()


@lru_cache(maxsize=8)  # a plan asks for the same rows a hundred times
def _read(path: Path, sha256: str, schema: str) -> pd.DataFrame:
    """Return a table whose file has a checksum."""
    return read_table(path, json.loads(schema))


def overview() -> pd.DataFrame:
    """Return a row per bundled table: its name, rows, first and last date, and SHA-256."""
    return pd.DataFrame(
        [
            (name, len(rows), dates.min(), dates.max(), checksums()[name])
            for name in names()
            for rows in [table(name)]
            for dates in [rows["date" if "date" in rows else "start"]]
        ],
        columns=["table", "rows", "first", "last", "sha256"],
    )


def checksums() -> dict[str, str]:
    """Return the SHA-256 of each bundled table as it stands on disk, by name."""
    return {name: file_sha256(folder() / resource["path"]) for name, resource in _resources().items()}


def _observed_to(name: str) -> datetime.date:
    return datetime.date.fromisoformat(_resources()[name]["observedTo"])


def _resources() -> dict[str, Resource]:
    package = json.loads((folder() / "datapackage.json").read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in package["resources"]}
