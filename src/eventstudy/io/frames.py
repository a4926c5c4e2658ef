"""Tables in memory: DataFrames, and files that are read at once (Stata, SPSS, lines of JSON)."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.dates import PERIODS, local_clock
from eventstudy.errors import EventStudyError
from eventstudy.io.base import BLOCK, Block, check_header
from eventstudy.io.extra import needed
from eventstudy.io.problems import Problems, refusal
from eventstudy.io.source import CSV, NAMELESS, Source
from eventstudy.printing import one_line

STATA_DAYS = ("%td", "%d")  # displayed days; weeks, months, quarters and years are other numbers
IN_MEMORY = Path("table")  # what errors call a frame that comes from no file
STATA_TIMES = ("%tc",)
STATA_EPOCH = pd.Timestamp("1960-01-01")


@dataclass(frozen=True, slots=True, eq=False)
class Framed:
    """A table in memory; rows are numbered from 1."""

    path: Path
    frame: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...] = ()
    header_row: int = 1

    @property
    def stem(self) -> str:
        """The name of the file without its ending; "" for a frame that comes from none."""
        return "" if self.path in (IN_MEMORY, NAMELESS) else self.path.stem

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column."""
        return tuple(self.frame.columns)

    def blocks(self, names: Sequence[str], problems: Problems) -> Iterator[Block]:
        """Return the rows with their types unchanged, in blocks."""
        for start in range(0, len(self.frame), BLOCK):
            part = self.frame[list(names)].iloc[start : start + BLOCK].reset_index(drop=True)
            yield Block(part, np.arange(start + 1, start + len(part) + 1, dtype=np.int64))


def framed(frame: pd.DataFrame, path: Path = IN_MEMORY, notes: tuple[str, ...] = ()) -> Framed:
    """Return a DataFrame as a table: columns named by text, dates by the local clock.

    Raises DataError if a column appears twice.
    """
    names = check_header(path, 1, [str(name) for name in frame.columns])
    whole = frame.set_axis(list(names), axis="columns").reset_index(drop=True)
    dated = {name: local_clock(whole[name]) for name in names if _needs_a_clock(whole[name].dtype)}
    return Framed(path, whole.assign(**dated), notes)


def _needs_a_clock(dtype: Any) -> bool:
    return str(dtype) in PERIODS or isinstance(dtype, pd.ArrowDtype)  # months stay text, which names no day


def open_whole(source: Source) -> Framed:
    """Read a Stata or SPSS file, or lines of JSON, at once.

    Raises DataError if it cannot be read, or a library that it needs is not installed.
    """
    read = {"stata": _stata, "spss": _spss, "json lines": _json_lines}[source.kind]
    try:
        frame = read(source)
    except EventStudyError:
        raise
    except Exception as error:  # each library has its own errors for a damaged file
        reason = one_line(f"{type(error).__name__}: {error}".split("\n")[0])
        raise refusal(source.path, None, None, f"cannot be read as {source.kind} ({reason}); {CSV}") from None
    if frame.empty:
        raise refusal(source.path, None, None, "there is no row; add at least one row")
    return framed(frame, source.path, (*source.notes, f"{source.path.name}: read as {source.kind}"))


def _stata(source: Source) -> pd.DataFrame:
    """Read a Stata file; only columns displayed as days, or as times, become dates."""
    with source.open() as handle:
        stata: Any = pd.read_stata(handle, convert_dates=False, iterator=True)
        with stata:
            frame: pd.DataFrame = stata.read()
            shown_as = stata._fmtlist  # there is no public name for the formats
    formats = dict(zip(frame.columns, shown_as, strict=True))
    for name, shown in formats.items():
        if shown.startswith(STATA_DAYS):
            frame[name] = STATA_EPOCH + pd.to_timedelta(frame[name], unit="D")
        elif shown.startswith(STATA_TIMES):
            frame[name] = STATA_EPOCH + pd.to_timedelta(frame[name], unit="ms")
    return frame


def _spss(source: Source) -> pd.DataFrame:
    """Read an SPSS file; columns displayed as days, or as times, are dates."""
    pyreadstat = needed("pyreadstat", source.path, "spss")
    with (
        tempfile.NamedTemporaryFile(suffix=".sav") as file,
        source.open() as handle,
    ):  # its reader needs a path
        shutil.copyfileobj(handle, file)
        file.flush()
        return pyreadstat.read_sav(file.name, apply_value_formats=True)[0]


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of JSON; refuse a name that appears twice, of which JSON would keep the last."""
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a name appears twice")
    return dict(pairs)


def _json_lines(source: Source) -> pd.DataFrame:
    """Read lines of JSON, one object each."""
    rows = []
    with source.open() as handle:
        for number, line in enumerate(handle, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line, object_pairs_hook=_once_each)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                raise refusal(
                    source.path,
                    number,
                    None,
                    "the line is not a JSON object with each name once; give one object a line, or save it as CSV",
                )
            rows.append(row)
    return pd.DataFrame(rows)
