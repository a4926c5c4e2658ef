"""ACLED: exports of the Armed Conflict Location and Event Data project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from eventstudy.io.files import open_table
from eventstudy.io.pieces import Piece
from eventstudy.sources.base import (
    Dated,
    Imprecise,
    Layout,
    SourceReading,
    check_imprecise,
    codes,
    inexact,
    known_layout,
    read_rows,
    unread,
)

POPULATION = ("population_1km", "population_2km", "population_5km", "population_best")
SHARED = (
    "event_id_cnty", "event_date", "year", "time_precision", "event_type", "sub_event_type", "actor1", "assoc_actor_1",
    "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "iso", "region", "country", "admin1", "admin2",
    "admin3", "location", "latitude", "longitude", "geo_precision", "source", "source_scale", "notes", "fatalities",
)  # fmt: skip
LAYOUTS = (
    Layout(
        "since March 2023",
        (*SHARED, "disorder_type", "civilian_targeting", "tags"),
        ("timestamp", *POPULATION),
    ),
    Layout("before March 2023", (*SHARED, "data_id", "event_id_no_cnty", "timestamp", "iso3")),
)
# Days to either side: the day itself; a week around its middle; a month around its middle.
TIME_PRECISION = {"1": 0, "2": 3, "3": 15}


@dataclass(frozen=True, slots=True)
class ACLED:
    """Reads event exports of ACLED (CSV): one event per row, on the local day `event_date`.

    Parameters
    ----------
    where : str, optional
        A query that selects rows, such as ``"event_type == 'Battles'"``; see :func:`eventstudy.read_events`.
    imprecise : {"uncertain", "leave out", "as dated"}, default "uncertain"
        Treatment of events whose `time_precision` is 2 (a week) or 3 (a month): the date may be wrong by 3 or by
        15 days to either side; they are left out; or the date is used as given.

    Notes
    -----
    Layout: the columns of the codebook since the change of 20 March 2023, and those before it; population columns are
    optional. According to the codebook ACLED dates an event of code 2 to the middle of the known time span, and one of
    code 3 to the middle of the month, or to its first or last day where a source says "early" or "late": there the 15
    days are too few on one side. A repeated `event_id_cnty` is refused, as two exports may overlap.

    References
    ----------
    .. [1] ACLED, Codebook, and Guide to 2023 ACLED Column Changes. acleddata.com

    Examples
    --------
    >>> ACLED(where="country == 'Kenya'").read("acled.csv").events  # doctest: +SKIP
    """

    name: ClassVar[str] = "acled"
    where: str | None = None
    imprecise: Imprecise = "uncertain"

    def __post_init__(self) -> None:
        check_imprecise(self.imprecise, "ACLED")

    def read(self, path: str | Path, label: str | None = None) -> SourceReading:
        """Read an export.

        Raises
        ------
        DataError
            If the columns are not those of ACLED, or naming every row that cannot be read.
        """
        table = open_table(path, ["event_id_cnty", "event_date"])
        layout = known_layout(table, LAYOUTS, "ACLED")
        return read_rows(
            self,
            table,
            layout,
            self._date,
            names=["time_precision"],
            dates=["event_date"],
            where=self.where,
            key="event_id_cnty",
            label=label,
        )

    def _date(self, piece: Piece) -> Dated:
        off, problems = codes(piece, "time_precision", TIME_PRECISION)
        uncertainty, left_out, notes = inexact(off, self.imprecise)
        return Dated(
            piece.days["event_date"], uncertainty, unread(piece, "event_date") + problems, left_out, notes
        )
