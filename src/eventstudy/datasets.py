"""The bundled tables: launches, summits and controls, typed and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from eventstudy.io import read_table
from eventstudy.provenance import file_sha256

PACKAGE = Path(__file__).resolve().parent


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
    284
    """
    return _table("launches")


def summits() -> pd.DataFrame:
    """Return leader-level meetings around the Korean peninsula, one row per meeting.

    Columns: summit_id, series, name, start, end, host_country, city, us_president_present,
    rok_president_present, in_rok, dprk_present, announced, source, note.
    """
    return _table("summits")


def controls() -> pd.DataFrame:
    """Return dated events that could confound: exercises, elections, anniversaries, resolutions and more.

    Columns: control_id, kind, name, start, end, source, note.
    """
    return _table("controls")


def overview() -> pd.DataFrame:
    """Return a row per bundled table: its name, rows, first and last date, and SHA-256."""
    tables = {"launches": launches(), "summits": summits(), "controls": controls()}
    return pd.DataFrame(
        [
            (name, len(table), dates.min(), dates.max(), checksums()[name])
            for name, table in tables.items()
            for dates in [table["date" if "date" in table else "start"]]
        ],
        columns=["table", "rows", "first", "last", "sha256"],
    )


def checksums() -> dict[str, str]:
    """Return the SHA-256 of each bundled table as it stands on disk, by name."""
    return {name: file_sha256(folder() / resource["path"]) for name, resource in _resources().items()}


def _resources() -> dict[str, dict[str, Any]]:
    package = json.loads((folder() / "datapackage.json").read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in package["resources"]}


def _table(name: str) -> pd.DataFrame:
    resource = _resources()[name]
    return read_table(folder() / resource["path"], resource["schema"])
