"""UCDP GED: the Georeferenced Event Dataset of the Uppsala Conflict Data Program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, get_args

import numpy as np

from eventstudy.arguments import one_of
from eventstudy.errors import OptionError
from eventstudy.io.cells import as_text
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

LAYOUT = Layout(
    "GED, 49 columns",
    (
        "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id", "conflict_new_id",
        "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id", "side_a_new_id", "side_a",
        "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources", "source_article", "source_office",
        "source_date", "source_headline", "source_original", "where_prec", "where_coordinates", "where_description",
        "adm_1", "adm_2", "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region",
        "event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians",
        "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob",
    ),
)  # fmt: skip
# Days to either side for each code, for rows that give a single day: the day is known; 2 to 6 days;
# a week; 8 to 30 days or a month; up to a year.
DATE_PREC = {"1": 0, "2": 3, "3": 3, "4": 15, "5": 182}
ACTIVE = {"1": 1, "0": 0, "TRUE": 1, "FALSE": 0, "True": 1, "False": 0, "t": 1, "f": 0}

Day = Literal["middle", "start", "end"]


@dataclass(frozen=True, slots=True)
class UCDPGED:
    """Reads UCDP GED and GED Candidate (CSV, Excel): one event per row, between `date_start` and `date_end`.

    Parameters
    ----------
    where : str, optional
        A query that selects rows, such as ``"type_of_violence == 1"``; see :func:`eventstudy.read_events`.
    day : {"middle", "start", "end"}, default "middle"
        The day between `date_start` and `date_end` to use for the event.
    imprecise : {"uncertain", "leave out", "as dated"}, default "uncertain"
        Treatment of events that may have happened on more than one day: the date may be wrong by as many days as
        reach both ends (one day too many at the start where the number of days is even); they are left out; or the
        chosen day is used as given. With ``day="start"`` or ``"end"`` a date errs to one side only, which
        an uncertainty cannot express, so there the choice must be one of the other two.
    active_years : bool, default False
        Leave out rows of a dyad and year with fewer than 25 deaths (`active_year` 0).
    clear : bool, default True
        Leave out rows whose `code_status` is not "Clear", as in GED Candidate.

    Notes
    -----
    Layout: the 49 columns of GED. `date_prec` must be a code from 1 to 5. Where it says that the day is unknown though
    `date_start` and `date_end` agree, the code gives the uncertainty: 3 days for codes 2 and 3, 15 for code 4, 182 for
    code 5.

    References
    ----------
    .. [1] UCDP Georeferenced Event Dataset Codebook, Department of Peace and Conflict Research, Uppsala University.

    Examples
    --------
    >>> UCDPGED(where="country == 'Mali'").read("GEDEvent_v25_1.csv").events  # doctest: +SKIP
    """

    name: ClassVar[str] = "ucdp"
    where: str | None = None
    day: Day = "middle"
    imprecise: Imprecise = "uncertain"
    active_years: bool = False
    clear: bool = True

    def __post_init__(self) -> None:
        check_imprecise(self.imprecise, "UCDPGED")
        one_of(self.day, get_args(Day), "UCDPGED", "day")
        if self.day != "middle" and self.imprecise == "uncertain":
            raise OptionError(
                f"UCDPGED: with day={self.day!r} dates err to one side only; give day='middle', "
                "or imprecise='leave out' or 'as dated'"
            )

    def read(self, path: str | Path, label: str | None = None) -> SourceReading:
        """Read a release.

        Raises
        ------
        DataError
            If the columns are not those of GED, or naming every row that cannot be read.
        """
        table = open_table(path, ["date_prec", "date_start"])
        layout = known_layout(table, [LAYOUT], "UCDP GED")
        return read_rows(
            self,
            table,
            layout,
            self._date,
            names=["date_prec", "active_year", "code_status"],
            dates=["date_start", "date_end"],
            where=self.where,
            key="id",
            label=label,
        )

    def _date(self, piece: Piece) -> Dated:
        start, end = piece.days["date_start"], piece.days["date_end"]
        problems = unread(piece, "date_start") + unread(piece, "date_end")
        unreadable = {place for place, _, _ in problems}
        problems += [
            (int(i), "date_end", "it comes before date_start; correct one of them")
            for i in np.flatnonzero(end < start)
            if i not in unreadable
        ]
        by_code, unknown = codes(piece, "date_prec", DATE_PREC)
        active, odd = codes(piece, "active_year", ACTIVE)
        length = np.maximum(end - start, 0)
        middle = start + length // 2
        off = np.where(length > 0, length - length // 2, by_code)
        uncertainty, left_out, notes = inexact(off, self.imprecise)
        if self.clear:
            status = as_text(piece.frame["code_status"]).str.strip()
            left_out = [("code_status is not Clear", (status != "Clear").to_numpy(bool)), *left_out]
        if self.active_years:
            left_out = [("fewer than 25 deaths of the dyad in the year", active == 0), *left_out]
        days = {"middle": middle, "start": start, "end": end}[self.day]
        return Dated(days, uncertainty, problems + unknown + odd, left_out, notes)
