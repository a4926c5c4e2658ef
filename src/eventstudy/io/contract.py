"""Tables under a written contract; every cell that violates it is named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.date_grammar import FIX
from eventstudy.dates import read_texts, to_dates
from eventstudy.io.base import check_header
from eventstudy.io.cells import EMPTY, as_text
from eventstudy.io.files import open_table
from eventstudy.io.problems import Problems

INTEGER = re.compile(r"[+-]?\d{1,18}")  # what fits into 64 bits
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class RawTable:
    """A whole file as text, with the position of each row in the file."""

    path: Path
    frame: pd.DataFrame
    rows: NDArray[np.int64] = field(repr=False)


def read_raw(path: str | Path, columns: Sequence[str] | None = None) -> RawTable:
    """Read a whole file as text.

    `path`: comma-separated values, Parquet or Excel. `columns`: the columns that must be there, in any order,
    and no others.

    Raises DataError if the file is missing, not UTF-8, empty, without rows, has a wrong or duplicate column,
    or a row with too few or too many fields.
    """
    table = open_table(path, columns or ())
    if columns is not None:
        check_header(table.path, table.header_row, table.columns, columns)
    problems = Problems(table.path)
    blocks = list(table.blocks(table.columns, problems))
    problems.refuse()
    frame = pd.concat([block.frame for block in blocks], ignore_index=True)
    return RawTable(table.path, frame.apply(as_text), np.concatenate([block.rows for block in blocks]))


def read_table(path: str | Path, schema: Mapping[str, Any]) -> pd.DataFrame:
    """Read a table under a written contract.

    - `path`: comma-separated values, Parquet (.parquet) or Excel (.xlsx), with the columns of the schema in
      any order.
    - `schema`: a Frictionless Table Schema with fields of type string, date or integer and the constraints
      required, unique, enum, minimum and pattern. Fields ``start`` and ``end`` must not be in the wrong
      order.

    Returns dates as datetime64, integers as int64, strings with an enumeration as categories, other text as
    str; empty cells are missing values. Raises DataError naming every cell that violates the contract.
    """
    fields = {spec["name"]: spec for spec in schema["fields"]}
    raw = read_raw(path, list(fields))
    problems = Problems(raw.path)
    typed = {}
    for name, spec in fields.items():
        typed[name], wrong = _column(raw.frame[name], spec)
        for place, text in wrong:
            problems.add(raw.rows[place], name, text)
    problems.refuse()
    frame = pd.DataFrame(typed)
    if {"start", "end"} <= set(fields):
        for i in np.flatnonzero(frame["end"] < frame["start"]):
            problems.add(
                raw.rows[i],
                "end",
                f"{frame['end'][i]:%Y-%m-%d} comes before the start, {frame['start'][i]:%Y-%m-%d}; "
                "exchange or correct them",
            )
        problems.refuse()
    return frame


def _column(cells: pd.Series[str], spec: Mapping[str, Any]) -> tuple[pd.Series[Any], list[tuple[int, str]]]:
    """Return one column typed, and the positions and texts of its problems."""
    rules = spec.get("constraints", {})
    empty = (cells.str.strip() == "").to_numpy(bool)
    wrong: list[tuple[int, str]] = []
    if rules.get("required"):
        wrong += [(int(i), EMPTY) for i in np.flatnonzero(empty)]
    if rules.get("unique"):
        double = (cells.duplicated(keep="first") & ~empty).to_numpy(bool)
        wrong += [
            (int(i), f"'{cells[i]}' appears in an earlier row too; make it unique")
            for i in np.flatnonzero(double)
        ]
    if "pattern" in rules:
        fits = cells.str.fullmatch(rules["pattern"]).to_numpy(bool)
        odd = np.flatnonzero(~fits & ~empty)
        wrong += [
            (int(i), f"'{cells[i]}' does not have the form {rules['pattern']}; correct it") for i in odd
        ]
    kind = spec["type"]
    filled = cells[~empty]
    if kind == "date":
        days, bad = read_texts(filled)
        iso = filled.str.fullmatch(ISO_DATE).to_numpy(bool)
        bad |= {
            int(i): f"'{filled.iloc[i]}' has another form; {FIX}"
            for i in np.flatnonzero(~iso)
            if i not in bad
        }
        wrong += [(int(filled.index[place]), text) for place, text in bad.items()]
        column = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[s]")
        column[~empty] = to_dates(days)
        return column, wrong
    if kind == "integer":
        whole = filled.str.fullmatch(INTEGER).to_numpy(bool)
        wrong += [(int(i), f"'{cells[i]}' is not a whole number; correct it") for i in filled.index[~whole]]
        numbers = filled.where(whole, "0").astype("int64")
        least = rules.get("minimum")
        if least is not None:
            low = filled.index[whole & (numbers < least).to_numpy(bool)]
            wrong += [
                (int(i), f"{cells[i]} is below {least}, the smallest that makes sense; correct it")
                for i in low
            ]
        return numbers if not empty.any() else numbers.reindex(cells.index).astype("Int64"), wrong
    if "enum" in rules:
        known = list(rules["enum"])
        unknown = filled.index[~filled.isin(known).to_numpy(bool)]
        wrong += [(int(i), f"'{cells[i]}' is not one of {', '.join(known)}; correct it") for i in unknown]
        return pd.Series(
            pd.Categorical(cells.where(cells.isin(known)), categories=known), index=cells.index
        ), wrong
    return cells.mask(empty), wrong
