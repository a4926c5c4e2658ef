"""CSIS Beyond Parallel: the Database of North Korean Provocations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from eventstudy.errors import OptionError
from eventstudy.io.files import open_table
from eventstudy.io.pieces import Piece
from eventstudy.sources.base import Dated, Layout, SourceReading, codes, known_layout, read_rows, unread

LAYOUT = Layout(
    "table of the web page, 5 columns",
    ("date", "type", "event", "description", "resources"),
    ("year", "week_number", "month_year", "weekday", "mentions_kim"),
)
TYPES = {"Missile Provocation": 0, "Nuclear Provocation": 1, "Other Provocation": 2}


@dataclass(frozen=True, slots=True)
class CSISProvocations:
    """Reads the provocation tables of CSIS Beyond Parallel (CSV): one provocation per row, on `date` as given.

    Parameters
    ----------
    types : tuple of str, default ("Missile Provocation",)
        Which of "Missile Provocation", "Nuclear Provocation" and "Other Provocation" to keep. A missile provocation
        may be the firing of artillery rockets: see the column `event`.
    where : str, optional
        A query that selects rows, such as ``"event != 'Artillery Fire'"``; see :func:`eventstudy.read_events`.

    Notes
    -----
    Layout: the five columns of the table on the web page, as the repository stiles/north-korea-provocations copies it
    every day (``data/raw``); the columns that it adds (``data/processed``) are optional. The table has no code for the
    precision of a date and names no time zone: some entries have the day of the report, or the day in
    Washington, one day before the Korean one. Two rows of the same day and type may be two provocations, so no row
    counts as a duplicate.

    References
    ----------
    .. [1] CSIS Beyond Parallel, Database: North Korean Provocations. beyondparallel.csis.org

    Examples
    --------
    >>> CSISProvocations().read("north_korea_provocations_1958_present.csv").events  # doctest: +SKIP
    """

    name: ClassVar[str] = "csis"
    types: tuple[str, ...] = ("Missile Provocation",)
    where: str | None = None

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.types if kind not in TYPES]
        if unknown or isinstance(self.types, str) or not self.types:
            raise OptionError(
                f"CSISProvocations: types={self.types!r} is not a tuple of known types; give some of {', '.join(TYPES)}"
            )

    def read(self, path: str | Path, label: str | None = None) -> SourceReading:
        """Read a copy of the table.

        Raises
        ------
        DataError
            If the columns or a type are not known, or naming every row that cannot be read.
        """
        table = open_table(path, LAYOUT.columns)
        layout = known_layout(table, [LAYOUT], "the provocation table of CSIS")
        return read_rows(
            self,
            table,
            layout,
            self._date,
            names=["type"],
            dates=["date"],
            where=self.where,
            key=None,
            label=label,
        )

    def _date(self, piece: Piece) -> Dated:
        kind, unknown = codes(piece, "type", TYPES)
        other = (kind >= 0) & ~np.isin(kind, [TYPES[name] for name in self.types])
        days = piece.days["date"]
        return Dated(days, np.zeros_like(days), unread(piece, "date") + unknown, [("of another type", other)])
