"""The differences between two releases of a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Listing, Part, Rows

SHOWN = 20  # rows of each kind that are printed


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class TableComparison(Result):
    """Two releases of a table compared row by row.

    Attributes
    ----------
    key : tuple of str
        The columns that identify a row; empty where whole rows were compared.
    n_old, n_new : int
        Rows of the old and the new table.
    columns_added, columns_removed : tuple of str
    added, removed : DataFrame
        Rows only in the new, or only in the old table, as text, with the index of that table.
    changed : DataFrame
        A row per changed cell: row_old, row_new, key, column, old, new. The columns that both tables have are
        compared.
    """

    key: tuple[str, ...]
    n_old: int
    n_new: int
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    added: pd.DataFrame = field(repr=False)
    removed: pd.DataFrame = field(repr=False)
    changed: pd.DataFrame = field(repr=False)
    provenance: Provenance = field(repr=False)

    @property
    def same(self) -> bool:
        """Whether the tables have the same content, whatever the order of rows and columns."""
        parts = (self.columns_added, self.columns_removed, self.added, self.removed, self.changed)
        return not any(len(part) for part in parts)

    @property
    def n_changed(self) -> int:
        """Number of rows with a changed cell."""
        return int(self.changed["row_new"].nunique())

    def _parts(self) -> list[Part]:
        """Return the numbers, and the first differences of each kind."""
        by = (
            f"by {', '.join(self.key)}"
            if self.key
            else "by whole rows, so a changed row is removed and added"
        )
        rows = [
            ("compared", f"{self.n_old:,} old with {self.n_new:,} new rows, {by}"),
            ("rows added", f"{len(self.added):,}"),
            ("rows removed", f"{len(self.removed):,}"),
        ]
        if self.key:
            rows.append(("rows changed", f"{self.n_changed:,}, in {len(self.changed):,} cells"))
        if self.columns_added:
            rows.append(("new columns", ", ".join(self.columns_added)))
        if self.columns_removed:
            rows.append(("lost columns", ", ".join(self.columns_removed)))
        title = "The tables are the same" if self.same else "The tables differ"
        parts: list[Part] = [Rows(title, rows)]
        parts += _first("removed", [f"row {row}: {_row(cells)}" for row, cells in self.removed.iterrows()])
        parts += _first("added", [f"row {row}: {_row(cells)}" for row, cells in self.added.iterrows()])
        parts += _first(
            "changed",
            [
                f"row {change.row_new}, {change.key}, {change.column}: {change.old!r} is now {change.new!r}"
                for change in self.changed.itertuples()
            ],
        )
        return parts

    def to_frame(self) -> pd.DataFrame:
        """Return a row per cell that was changed, and per filled cell of each row that was added or removed.

        Columns: change ("added", "removed" or "changed"), row_old, row_new, key, column, old, new.
        """
        whole = [
            *_cells(self.removed, self.key, "removed"),
            *_cells(self.added, self.key, "added"),
            *(("changed", *change) for change in self.changed.itertuples(index=False, name=None)),
        ]
        names = ["change", "row_old", "row_new", "key", "column", "old", "new"]
        return pd.DataFrame([[str(cell) for cell in row] for row in whole], columns=names, dtype="str")

    def _terms(self) -> pd.DataFrame:
        names = ["rows added", "rows removed", "cells changed"]
        return tidy_frame(names, [len(self.added), len(self.removed), len(self.changed)])


def key_text(table: pd.DataFrame, key: tuple[str, ...]) -> pd.Series[str]:
    """Return the key of each row as one text."""
    if not key:
        return pd.Series("", index=table.index, dtype="str")
    first, *others = (table[name] for name in key)
    for other in others:
        first = first + " | " + other
    return first


def _cells(table: pd.DataFrame, key: tuple[str, ...], change: str) -> Iterator[tuple[object, ...]]:
    """Return the filled cells of rows that only one of the tables has."""
    for (row, *cells), text in zip(table.itertuples(name=None), key_text(table, key), strict=True):
        for name, cell in zip(table.columns, cells, strict=True):
            if cell != "":
                yield (
                    (change, row, "", text, name, cell, "")
                    if change == "removed"
                    else (change, "", row, text, name, "", cell)
                )


def _row(cells: pd.Series[str]) -> str:
    filled = cells[cells != ""]
    text = ", ".join(f"{name} {value!r}" for name, value in filled.items())
    return text if len(text) <= 200 else f"{text[:200]} ..."


def _first(title: str, found: list[str]) -> list[Part]:
    if not found:
        return []
    more = [f"and {len(found) - SHOWN:,} more"] if len(found) > SHOWN else []
    return [Listing(title, [*found[:SHOWN], *more])]
