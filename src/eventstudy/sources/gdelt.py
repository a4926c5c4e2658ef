"""GDELT: event exports of the Global Database of Events, Language and Tone, versions 1.0 and 2.0."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, get_args

import numpy as np
import pandas as pd

from eventstudy.arguments import one_of
from eventstudy.io.cells import DateCells, as_text
from eventstudy.io.delimited import Delimited
from eventstudy.io.pieces import Piece
from eventstudy.io.problems import refusal
from eventstudy.io.source import UNPACKING, Source, damaged, source_of, unreadable
from eventstudy.sources.base import Dated, Layout, SourceReading, codes, read_rows, unread

ACTOR = (
    "Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code", "Type1Code",
    "Type2Code", "Type3Code",
)  # fmt: skip
FIRST = (
    "GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate",
    *(f"Actor1{part}" for part in ACTOR), *(f"Actor2{part}" for part in ACTOR),
    "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale", "NumMentions",
    "NumSources", "NumArticles", "AvgTone",
)  # fmt: skip
PLACES = ("Actor1Geo", "Actor2Geo", "ActionGeo")
PLACE_1 = ("Type", "FullName", "CountryCode", "ADM1Code", "Lat", "Long", "FeatureID")
PLACE_2 = ("Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")


def _columns(parts: tuple[str, ...]) -> tuple[str, ...]:
    return (*FIRST, *(f"{place}_{part}" for place in PLACES for part in parts), "DATEADDED")


# By the number of columns, as the files have no header.
LAYOUTS = {
    61: Layout("GDELT 2.0, 61 columns", (*_columns(PLACE_2), "SOURCEURL")),
    58: Layout("GDELT 1.0 since April 2013, 58 columns", (*_columns(PLACE_1), "SOURCEURL")),
    57: Layout("GDELT 1.0 before April 2013, 57 columns", _columns(PLACE_1)),
}
# Codes with leading zeros, which are not numbers.
TEXT = frozenset(name for name in LAYOUTS[61].columns if name.endswith(("Code", "FeatureID")))

Date = Literal["SQLDATE", "DATEADDED"]


@dataclass(frozen=True, slots=True)
class GDELT:
    """Reads event exports of GDELT (.CSV, but tab-separated and without a header): one event per row.

    Parameters
    ----------
    where : str, optional
        A query that selects rows, such as ``"EventRootCode == '18' and ActionGeo_CountryCode == 'KN'"``; see
        :func:`eventstudy.read_events`. The codes of CAMEO are text.
    date : {"SQLDATE", "DATEADDED"}, default "SQLDATE"
        The day on which the event took place according to the news, or the day on which it entered the database
        (UTC in version 2.0), which is when it could be known.
    root_events : bool, default True
        Leave out events from outside the lead paragraph (`IsRootEvent` 0).

    Notes
    -----
    Layout: 61 columns are version 2.0, 58 are version 1.0 and 57 are version 1.0 before April 2013, which has no
    SOURCEURL. A compressed export (.zip, .gz) is read directly. GDELT codes news by machine: an event may appear in
    many rows, and a `SQLDATE` inferred from words such as "a year ago" has no precision code. It gives no
    uncertainty. A repeated `GLOBALEVENTID` is refused.

    References
    ----------
    .. [1] The GDELT Event Database, Data Format Codebook V2.0, 19 February 2015, and V1.03. gdeltproject.org

    Examples
    --------
    >>> GDELT(where="EventRootCode == '18'").read("20150218230000.export.CSV").events  # doctest: +SKIP
    """

    name: ClassVar[str] = "gdelt"
    where: str | None = None
    date: Date = "SQLDATE"
    root_events: bool = True

    def __post_init__(self) -> None:
        one_of(self.date, get_args(Date), "GDELT", "date")

    def read(self, path: str | Path, label: str | None = None) -> SourceReading:
        """Read an export.

        Raises
        ------
        DataError
            If the number of columns is not that of a known version, or naming every row that cannot be read.
        """
        source = source_of(path)
        layout = _layout(source)
        return read_rows(
            self,
            Delimited(source, layout.columns, header_row=0, separator="\t", quoted=False),
            layout,
            self._date,
            names=["IsRootEvent", "DATEADDED"],
            dates=["SQLDATE"],
            where=self.where,
            key="GLOBALEVENTID",
            text=TEXT,
            label=label,
        )

    def _date(self, piece: Piece) -> Dated:
        if self.date == "SQLDATE":
            days, problems = piece.days["SQLDATE"], unread(piece, "SQLDATE")
        else:
            added = as_text(piece.frame["DATEADDED"])
            days, bad = DateCells().read(
                pd.Series(added.where(~added.str.fullmatch(r"\d{14}"), added.str[:8]))
            )
            problems = [(place, "DATEADDED", text) for place, text in bad.items()]
        root, unknown = codes(piece, "IsRootEvent", {"0": 0, "1": 1})
        left_out = [("not a root event", root == 0)] if self.root_events else []
        return Dated(days, np.zeros_like(days), problems + unknown, left_out)


def _layout(source: Source) -> Layout:
    """Return the version of an export from the number of columns in its first line."""
    with source.open() as handle:
        try:
            count = handle.readline(1_000_000).count(b"\t") + 1
        except UNPACKING as error:
            raise damaged(source.path, error) from None
        except OSError as error:
            raise unreadable(source.path, error) from None
    if count not in LAYOUTS:
        known = ", ".join(str(number) for number in LAYOUTS)
        raise refusal(
            source.path, 1, None,
            f"it has {count} columns separated by tabs, but an export of GDELT has one of {known}; give the file as "
            "GDELT publishes it",
        )  # fmt: skip
    return LAYOUTS[count]
