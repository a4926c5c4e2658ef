"""Common parts of the readers: the layout of a file, the rows kept, and the record of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.arguments import one_of
from eventstudy.dates import Days
from eventstudy.events import Events
from eventstudy.io.base import UNNAMED, Table
from eventstudy.io.cells import EMPTY, as_text
from eventstudy.io.pieces import Piece, pieces
from eventstudy.io.problems import Problems, refusal
from eventstudy.printing import listed
from eventstudy.provenance import file_sha256
from eventstudy.results.text import lines

Imprecise = Literal["uncertain", "leave out", "as dated"]

NOT_CHOSEN = "not selected by the query"
NOT_EXACT = "the day is not known exactly"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that a source publishes.

    Parameters
    ----------
    name : str
        Including the version or year.
    columns : tuple of str
        The required columns, in any order.
    optional : tuple of str
        The optional columns.
    """

    name: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dated:
    """The days of some rows of a file.

    Parameters
    ----------
    days, uncertainty : ndarray of int64, shape (n,)
        Day numbers, and days by which they may be wrong.
    problems : list of (int, str, str)
        Position, column and text of each problem. It counts only if the row is kept.
    left_out : list of (str, ndarray of bool, shape (n,))
        Rows that are left out, each group with its reason.
    notes : list of (str, ndarray of bool, shape (n,))
        Rows that are kept with a note.
    """

    days: Days
    uncertainty: Days
    problems: list[tuple[int, str, str]] = field(default_factory=list)
    left_out: list[tuple[str, NDArray[np.bool_]]] = field(default_factory=list)
    notes: list[tuple[str, NDArray[np.bool_]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class SourceReading:
    """Events from a published file, and how they were made.

    Attributes
    ----------
    events : Events
        Without a period: give one by ``events.within(period)``.
    reader : str
        The reader and its choices, as text that can be typed again.
    layout : str
        The layout that the file has.
    file, sha256 : str
        Name and SHA-256 of the file.
    rows : int
        Rows in the file.
    left_out, notes : mapping of str to int
        Rows left out, and rows kept with a note, by reason.
    """

    events: Events
    reader: str
    layout: str
    file: str
    sha256: str
    rows: int
    left_out: Mapping[str, int]
    notes: Mapping[str, int]

    def __post_init__(self) -> None:
        object.__setattr__(self, "left_out", MappingProxyType(dict(self.left_out)))
        object.__setattr__(self, "notes", MappingProxyType(dict(self.notes)))

    def summary(self) -> str:
        """Return what was read, what was left out and why."""
        found = [
            ("file", self.file),
            ("SHA-256", self.sha256),
            ("layout", self.layout),
            ("read with", self.reader),
            ("rows", f"{self.rows:,}"),
            *(("left out", f"{count:,}: {reason}") for reason, count in self.left_out.items()),
            ("events", f"{len(self.events):,}, {self.events.n_uncertain:,} of uncertain date"),
            *(("note", f"{count:,}: {reason}") for reason, count in self.notes.items()),
        ]
        if len(self.events):
            dates = self.events.dates
            found.append(("days", f"{dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}"))
        return lines(f"Events read: {self.events.label}", found)

    def to_frame(self) -> pd.DataFrame:
        """Return a row per event: its date, day number and, where dates are uncertain, the uncertainty."""
        return self.events.to_frame()

    def record(self) -> dict[str, object]:
        """Return how the events were made, as plain values for a file beside them."""
        return {
            "reader": self.reader,
            "layout": self.layout,
            "file": self.file,
            "sha256": self.sha256,
            "rows": self.rows,
            "left_out": dict(self.left_out),
            "notes": dict(self.notes),
            "events": len(self.events),
            "uncertain": self.events.n_uncertain,
        }


def known_layout(table: Table, layouts: Sequence[Layout], source: str) -> Layout:
    """Return the layout of a file; refuse an unknown one, and name its differences from the closest known layout."""

    def differences(layout: Layout) -> list[str]:
        missing = [f"'{name}' is missing" for name in layout.columns if name not in table.columns]
        known = {*layout.columns, *layout.optional}
        # Row names, as R writes them, and empty columns have no name.
        named = [name for name in table.columns if not name.startswith(UNNAMED)]
        return missing + [f"'{name}' is not known" for name in named if name not in known]

    nearest = min(layouts, key=lambda layout: len(differences(layout)))
    wrong = differences(nearest)
    if wrong:
        raise refusal(
            table.path,
            table.header_row,
            None,
            f"the columns are not those of {source} ({nearest.name}): {listed(wrong)}; "
            "give the file as the source publishes it, or read the dates alone by es.read_events(path, date=...)",
        )
    return nearest


def check_imprecise(imprecise: str, source: str) -> None:
    """Refuse an unknown treatment of dates that are not exact."""
    one_of(imprecise, get_args(Imprecise), source, "imprecise")


def inexact(
    off: Days, imprecise: Imprecise
) -> tuple[Days, list[tuple[str, NDArray[np.bool_]]], list[tuple[str, NDArray[np.bool_]]]]:
    """Return the uncertainty, the rows left out and the notes, for dates with the given uncertainty in days."""
    exact = np.zeros_like(off)
    if imprecise == "uncertain":
        return off, [], []
    group = [(NOT_EXACT, off > 0)]
    return (exact, group, []) if imprecise == "leave out" else (exact, [], group)


def codes(piece: Piece, column: str, meaning: Mapping[str, int]) -> tuple[Days, list[tuple[int, str, str]]]:
    """Return the meaning of a column of codes, shape (n,), and a problem for every unknown code (-1)."""
    text = as_text(piece.frame[column]).str.strip()
    values = text.map(meaning)
    unknown = np.flatnonzero(values.isna())
    known = ", ".join(f"'{code}'" for code in meaning)
    problems = [(int(i), column, f"'{text[i]}' is not one of {known}; see the codebook") for i in unknown]
    return values.fillna(-1).to_numpy().astype(np.int64), problems


def unread(piece: Piece, column: str) -> list[tuple[int, str, str]]:
    """Return the problems of a column of dates."""
    return [(place, column, text) for place, text in piece.unread[column].items()]


def read_rows(
    source: object,
    table: Table,
    layout: Layout,
    date: Callable[[Piece], Dated],
    *,
    names: Sequence[str],
    dates: Sequence[str],
    where: str | None,
    key: str | None,
    text: frozenset[str] = frozenset(),
    label: str | None = None,
) -> SourceReading:
    """Read the events of a file and account for every row.

    Parameters
    ----------
    source : object
        The reader, whose text is put into the record.
    table : Table
    layout : Layout
    date : callable
        Converts rows to days.
    names, dates : sequence of str
        The columns that `date` needs, and which of them hold dates.
    where : str, optional
        A query that selects rows.
    key : str, optional
        A column of unique values: where exports were joined, events may appear twice.
    text : frozenset of str
        Columns that stay text in the query though they look like numbers.
    label : str, optional
        What the events are.
    """
    problems = Problems(table.path)
    left_out, notes = Counter[str](), Counter[str]()
    days, uncertainty, keys, rows = [], [], [], []
    count = 0
    wanted = [*names, *([] if key is None else [key])]
    for piece in pieces(table, wanted, problems, dates=dates, where=where, codes=text):
        count += len(piece.rows)
        dated = date(piece)
        keep = piece.chosen.copy()
        left_out[NOT_CHOSEN] += int((~keep).sum())
        for reason, group in dated.left_out:
            left_out[reason] += int((keep & group).sum())
            keep &= ~group
        for reason, group in dated.notes:
            notes[reason] += int((keep & group).sum())
        for place, column, what in dated.problems:
            if keep[place]:
                problems.add(piece.rows[place], column, what)
        if key is not None:
            values = as_text(piece.frame[key])
            for row in piece.rows[(values == "").to_numpy(bool)]:
                problems.add(row, key, EMPTY)
            # 64 bits a row in place of the text: among a million keys two collide once in about 40 million files.
            keys.append(pd.util.hash_array(values.to_numpy(object)))
            rows.append(piece.rows)
        days.append(dated.days[keep])
        uncertainty.append(dated.uncertainty[keep])
    if key is not None and keys:
        double = pd.Series(np.concatenate(keys)).duplicated().to_numpy()
        for row in np.concatenate(rows)[double]:
            problems.add(row, key, "it appears in an earlier row too; leave one of the two out")
    problems.refuse()
    sha256 = file_sha256(table.path)
    none = np.zeros(0, np.int64)
    events = Events.from_days(
        np.concatenate([none, *days]),
        label=label if label is not None else table.stem,
        uncertainty=np.concatenate([none, *uncertainty]),
    )
    return SourceReading(events, repr(source), layout.name, table.path.name, sha256, count, +left_out, +notes)
