"""How a count table was made: the record that it carries, and the provenance of a regression on it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, TypedDict, cast

import numpy as np
import pandas as pd

from eventstudy.events import Events
from eventstudy.formulas import Design
from eventstudy.provenance import Provenance
from eventstudy.windows import Window

ATTRIBUTE = "eventstudy"  # key in DataFrame.attrs


class TableRecord(TypedDict, total=False):
    """What a table knows of its making; a table of the user's own knows nothing.

    - `events`: label of the events.
    - `n_anchors`: anchors whose window reaches the period, by column.
    - `history`: columns made from earlier events.
    - `data`, `notes`: as in `Provenance`.
    - `call`: the call that made the table, which holds for a table of this `shape`, rows and columns.
    """

    events: str
    n_anchors: dict[str, int]
    history: list[str]
    data: dict[str, str]
    notes: list[str]
    call: str
    shape: tuple[int, tuple[str, ...]]


def record_of(table: pd.DataFrame) -> TableRecord:
    """Return the record on a table."""
    return cast("TableRecord", table.attrs.get(ATTRIBUTE, {}))


def table_provenance(
    where: str,
    options: Mapping[str, Any],
    table: pd.DataFrame,
    design: Design,
    *,
    positional: str | None = None,
    seed: str | None = None,
) -> Provenance:
    """Return the provenance of a regression: the call, and checksums of the dates and of the columns used.

    - `where`: the function called.
    - `options`: its keyword arguments.
    - `positional`: its other arguments, as text; by default the table and the formula.
    """
    record = record_of(table)
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    call = f"{where}({positional or f'{_table_call(table)}, {design.formula!r}'}{given})"
    digest = hashlib.sha256()
    for name in design.columns:
        values = table[name]
        digest.update(f"{name}|".encode())
        numeric = pd.api.types.is_numeric_dtype(values)
        digest.update(
            np.ascontiguousarray(values.to_numpy(float), "<f8").tobytes()
            if numeric
            else "\n".join(map(str, values)).encode()
        )
    data = {**record.get("data", {}), f"table ({', '.join(design.columns)})": digest.hexdigest()}
    return Provenance(call, data, seed, record.get("notes", ()))


def _table_call(table: pd.DataFrame) -> str:
    """Return the call of count_table that made a table; "table" if there was none, or rows or columns changed since."""
    record = record_of(table)
    unchanged = record.get("shape") == (table.shape[0], tuple(table.columns))
    return record["call"] if unchanged else "table"


def windows_text(windows: Mapping[str, Any]) -> str:
    """Return windows or covariates as text for the record of a call: days and intervals by their key there."""
    return "{" + ", ".join(f"{name!r}: {_column_text(name, value)}" for name, value in windows.items()) + "}"


def _column_text(name: str, value: Any) -> str:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Window):
        return f"({value[0]!r}, {_column_text(name, value[1])})"
    if isinstance(value, Events):
        return value.label
    return repr(value) if isinstance(value, Window) else name
