"""Files to tables and events, every problem of a file reported at once.

Where a problem lies is said as ``path:row:column``; the row is the physical line, the header being line 1.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.dates import FIX, date_text, read_texts, to_dates
from eventstudy.errors import DataError
from eventstudy.events import Events, Period
from eventstudy.queries import choose

SHOWN = 20  # problems of one file that are printed; the rest are counted
INTEGER = re.compile(r"[+-]?\d+")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file, by physical line and column name."""

    row: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file of comma-separated values as text, with the physical line of each row."""

    path: Path
    frame: pd.DataFrame
    rows: list[int] = field(repr=False)

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Raise one error that names every problem, the first twenty in full."""
        if not problems:
            return
        ordered = sorted(problems, key=lambda problem: problem.row)
        text = [f"{self.path}:{p.row}:{p.column}: {p.text}" for p in ordered[:SHOWN]]
        if len(ordered) > SHOWN:
            text.append(f"{self.path}: {len(ordered) - SHOWN} more problems of this kind; mend these first")
        raise DataError("\n".join(text), path=self.path, row=ordered[0].row, column=ordered[0].column)


def read_raw(path: str | Path, columns: Sequence[str] | None = None) -> RawTable:
    """Read a file of comma-separated values as text.

    Parameters
    ----------
    path : str or pathlib.Path
        UTF-8, with a header; a byte-order mark is allowed.
    columns : sequence of str, optional
        The columns that must be there, in any order, and no others.

    Raises
    ------
    DataError
        If the file is missing, not UTF-8, empty, without rows, has a wrong or double column, or a row
        with too few or too many fields.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file; check the path", path=path) from None
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); check the path and its rights", path=path
        ) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}:{row}: the text is not UTF-8; save the file as UTF-8", path=path, row=row
        ) from None
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(
            f"{path}:{row}: there is a null character; save the file as plain text", path=path, row=row
        )
    if not text.strip():
        raise DataError(f"{path}: the file is empty; it needs a header and at least one row", path=path)
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
        _check_header(path, header, columns)
        records, rows, problems = _records(reader, len(header))
    except csv.Error as error:
        raise DataError(
            f"{path}:{reader.line_num}: not comma-separated values ({error}); quote fields that hold quotes or commas",
            path=path,
            row=reader.line_num,
        ) from None
    frame = pd.DataFrame(records, columns=header, dtype="str")
    table = RawTable(path, frame, rows)
    table.refuse(problems)
    if not records:
        raise DataError(f"{path}: there is a header and no row; add at least one row", path=path, row=1)
    return table


def _records(reader: Any, width: int) -> tuple[list[list[str]], list[int], list[Problem]]:
    """Return the records, the physical line where each begins, and those of the wrong length."""
    records, rows, problems = [], [], []
    end = reader.line_num
    for record in reader:
        start, end = end + 1, reader.line_num
        if not record:  # a blank line holds no record
            continue
        if len(record) != width:
            problems.append(
                Problem(
                    start,
                    "",
                    f"it has {len(record)} fields and the header {width}; quote fields that hold commas",
                )
            )
            continue
        records.append(record)
        rows.append(start)
    return records, rows, problems


def _check_header(path: Path, header: list[str], columns: Sequence[str] | None) -> None:
    double = sorted({name for name in header if header.count(name) > 1})
    if double:
        raise DataError(
            f"{path}:1:{double[0]}: the column stands twice; rename one", path=path, row=1, column=double[0]
        )
    if columns is None:
        return
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    if missing or unknown:
        what = [f"'{name}' is missing" for name in missing] + [f"'{name}' is not known" for name in unknown]
        raise DataError(
            f"{path}:1:{(missing + unknown)[0]}: {', '.join(what)}; the columns are {', '.join(columns)}",
            path=path,
            row=1,
            column=(missing + unknown)[0],
        )


def read_table(path: str | Path, schema: Mapping[str, Any]) -> pd.DataFrame:
    """Read a table under a written contract.

    Parameters
    ----------
    path : str or pathlib.Path
        A file of comma-separated values.
    schema : mapping
        A Frictionless Table Schema with fields of type string, date or integer and the constraints
        required, unique, enum, minimum and pattern. Fields ``start`` and ``end`` must not be in the
        wrong order.

    Returns
    -------
    DataFrame
        Dates as datetime64, integers as int64, strings with an enumeration as categories, other text as
        str; empty cells are missing values.

    Raises
    ------
    DataError
        Naming every cell that breaks the contract.
    """
    fields = {spec["name"]: spec for spec in schema["fields"]}
    raw = read_raw(path, list(fields))
    problems: list[Problem] = []
    typed = {}
    for name, spec in fields.items():
        typed[name], wrong = _column(raw.frame[name], spec)
        problems += [Problem(raw.rows[place], name, text) for place, text in wrong]
    raw.refuse(problems)
    frame = pd.DataFrame(typed)
    if {"start", "end"} <= set(fields):
        early = np.flatnonzero(frame["end"] < frame["start"])
        raw.refuse([
            Problem(raw.rows[i], "end", f"{frame['end'][i]:%Y-%m-%d} comes before the start, "
                    f"{frame['start'][i]:%Y-%m-%d}; exchange or correct them")
            for i in early
        ])  # fmt: skip
    return frame


def _column(cells: pd.Series[str], spec: Mapping[str, Any]) -> tuple[pd.Series[Any], list[tuple[int, str]]]:
    """Return one column typed, and the positions and texts of its problems."""
    rules = spec.get("constraints", {})
    empty = (cells.str.strip() == "").to_numpy(bool)
    wrong: list[tuple[int, str]] = []
    if rules.get("required"):
        wrong += [(int(i), "the cell is empty; fill it in") for i in np.flatnonzero(empty)]
    if rules.get("unique"):
        double = (cells.duplicated(keep="first") & ~empty).to_numpy(bool)
        wrong += [
            (int(i), f"'{cells[i]}' stands in an earlier row too; make it unique")
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


def read_events(
    path: str | Path,
    *,
    date: str,
    period: Period | None = None,
    label: str | None = None,
    where: str | None = None,
) -> Events:
    """Read events from a file of comma-separated values.

    Parameters
    ----------
    path : str or pathlib.Path
    date : str
        The column of dates. A date that could be read in two ways is refused.
    period : Period, optional
        The days under observation; a date outside is an error.
    label : str, optional
        What the events are; by default the name of the file.
    where : str, optional
        A pandas query that chooses rows, such as ``"kind == 'ballistic'"``. Columns of whole or decimal
        numbers compare as numbers, the column of dates as dates. Rows left out need no readable
        date, unless the query itself uses the dates.

    Returns
    -------
    Events

    Raises
    ------
    DataError
        Naming the file, and row and column of every problem.

    Examples
    --------
    >>> launches = read_events("launches.csv", date="date")  # doctest: +SKIP
    """
    raw = read_raw(path)
    if date not in raw.frame.columns:
        raise DataError(
            f"{raw.path}:1:{date}: there is no such column; the columns are {', '.join(raw.frame.columns)}",
            path=raw.path,
            row=1,
            column=date,
        )
    days, bad = read_texts(raw.frame[date])
    chosen = np.ones(days.size, bool) if where is None else _chosen(raw, date, days, bad, where)
    uses_dates = where is not None and re.search(rf"\b{re.escape(date)}\b", where) is not None
    problems = [Problem(raw.rows[i], date, text) for i, text in bad.items() if chosen[i] or uses_dates]
    if period is not None:
        problems += list(_outside(raw, date, days, chosen, bad, period))
    raw.refuse(problems)
    return Events(days[chosen], period, label if label is not None else raw.path.stem)


def _outside(
    raw: RawTable, date: str, days: Any, chosen: Any, bad: Mapping[int, str], period: Period
) -> Iterator[Problem]:
    for i in np.flatnonzero(chosen & ~period.inside(days)):
        if i not in bad:
            early = days[i] < period.start
            fix = "begin it earlier" if early else "end it later"
            side = "before the period starts" if early else "after the period ends"
            yield Problem(raw.rows[i], date, f"{date_text(days[i])} lies {side}; {fix} or leave the row out")


def _chosen(raw: RawTable, date: str, days: Any, bad: Mapping[int, str], where: str) -> Any:
    """Return which rows of a file a query chooses."""
    frame = raw.frame.copy()
    for name in frame.columns.drop(date):
        numbers = pd.to_numeric(frame[name].mask(frame[name] == ""), errors="coerce")
        if numbers.notna().any() and (numbers.notna() | (frame[name] == "")).all():
            frame[name] = numbers
    frame[date] = pd.Series(to_dates(days), index=frame.index).mask(frame.index.isin(list(bad)))
    return choose(frame, where, raw.path)
