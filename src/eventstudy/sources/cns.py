"""CNS / NTI: the North Korea Missile Test Database."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, get_args

import numpy as np

from eventstudy.arguments import one_of
from eventstudy.errors import OptionError
from eventstudy.io.cells import as_text
from eventstudy.io.files import open_table
from eventstudy.io.pieces import Piece
from eventstudy.queries import columns_named
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
)

TIME = "Launch Time (UTC)"
STATUS = "Confirmation Status"
LAYOUT = Layout(
    "sheet Missile Tests, 19 columns",
    (
        "F1", "Date", "Date Entered/Updated", TIME, "Missile Name", "Missile Type", "Launch Agency/Authority",
        "Facility Name", "Facility Location", "Other Name", "Facility Latitude", "Facility Longitude",
        "Landing Location", "Apogee", "Distance Travelled", STATUS, "Test Outcome", "Additional Information",
        "Source(s)",
    ),
)  # fmt: skip
ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})(-(?P<day>\d{2}))?( 00:00:00)?")
# As spreadsheets write the cells to CSV: 9-Apr-84, Sep-84.
SHORT = re.compile(r"((?P<day>\d{1,2})-)?(?P<name>[A-Z][a-z]{2})-(?P<year>\d{2}|\d{4})")
CLOCK_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AP])M)?")
NO_TIME = ("", "Unknown", "N/A")
MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
FIRST_YEAR = 84  # the first test was in 1984, so a two-digit year is read as one of 1984 to 2083
KOREA = 9  # hours before UTC

Clock = Literal["korea", "utc"]


@dataclass(frozen=True, slots=True)
class CNSMissileTests:
    """Reads the North Korea Missile Test Database of CNS and NTI (xlsx, or the sheet as CSV): one missile per row.

    Parameters
    ----------
    where : str, optional
        A query that selects rows, such as ``"`Test Outcome` == 'Success'"``; see :func:`eventstudy.read_events`. It
        may name every column but `Date`.
    clock : {"korea", "utc"}, default "korea"
        The time zone: the database gives day and time in UTC; with "korea" a launch at 15:00 UTC or later falls on the
        next day (UTC+9). A row without a time keeps its day, and is counted in the notes.
    imprecise : {"uncertain", "leave out", "as dated"}, default "uncertain"
        Treatment of rows whose cell shows only month and year: the middle of the month, which may be wrong by
        14 or 15 days to either side; they are left out; or the middle of the month is used as if exact.
    confirmed : bool, default True
        Leave out rows whose `Confirmation Status` is "Unconfirmed".

    Notes
    -----
    Layout: the 19 columns of the sheet "Missile Tests", as in the copy of July 2023 in the repository
    mesege1/dprk_missile_stats. Several missiles on a day are several events; ``events.distinct()`` gives days. The
    remarks in the database say more about uncertain dates than its cells do: its tests of 1984 are estimates, and some
    rows have the Korean day with a UTC time.

    References
    ----------
    .. [1] James Martin Center for Nonproliferation Studies and Nuclear Threat Initiative, The CNS North Korea Missile
       Test Database. nti.org

    Examples
    --------
    >>> CNSMissileTests().read("north_korea_missile_test_database.xlsx").events  # doctest: +SKIP
    """

    name: ClassVar[str] = "cns"
    where: str | None = None
    clock: Clock = "korea"
    imprecise: Imprecise = "uncertain"
    confirmed: bool = True

    def __post_init__(self) -> None:
        check_imprecise(self.imprecise, "CNSMissileTests")
        one_of(self.clock, get_args(Clock), "CNSMissileTests", "clock")

    def read(self, path: str | Path, label: str | None = None) -> SourceReading:
        """Read the database.

        Raises
        ------
        DataError
            If the columns are not those of the database, or naming every row that cannot be read.
        """
        table = open_table(path, LAYOUT.columns)
        layout = known_layout(table, [LAYOUT], "the CNS missile tests")
        if self.where is not None and "Date" in columns_named(self.where, table.columns, table.path):
            raise OptionError(
                "CNSMissileTests: where names the column Date, which is text here; "
                "choose days by events.within(Period(...))"
            )
        return read_rows(
            self,
            table,
            layout,
            self._date,
            names=["Date", TIME, STATUS],
            dates=[],
            where=self.where,
            key="F1",
            label=label,
        )

    def _date(self, piece: Piece) -> Dated:
        dates = [_day(text) for text in as_text(piece.frame["Date"]).str.strip()]
        hours = [_hour(text) for text in as_text(piece.frame[TIME]).str.strip()]
        confirmed, problems = codes(piece, STATUS, {"Confirmed": 1, "Unconfirmed": 0})
        for column, read in (("Date", dates), (TIME, hours)):
            problems += [(i, column, text) for i, text in enumerate(read) if isinstance(text, str)]
        found = [date if isinstance(date, tuple) else (0, 0) for date in dates]
        days, off = np.array(found, np.int64).reshape(-1, 2).T
        late = np.array([isinstance(hour, int) and hour + KOREA >= 24 for hour in hours], bool)
        untimed = np.array([hour is None for hour in hours], bool)
        uncertainty, left_out, notes = inexact(off, self.imprecise)
        if self.confirmed:
            left_out = [("unconfirmed", confirmed == 0), *left_out]
        if self.clock == "korea":
            days = days + (late & (off == 0))
            notes = [*notes, ("no launch time, so the day may be that of UTC", untimed & (off == 0))]
        return Dated(days, uncertainty, problems, left_out, notes)


def _day(text: str) -> tuple[int, int] | str:
    """Return the day of a cell and its uncertainty in days, or what is wrong with the cell."""
    found = ISO.fullmatch(text) or SHORT.fullmatch(text)
    if found is None:
        return f"'{text}' is neither a day nor a month of a year; write YYYY-MM-DD or YYYY-MM"
    parts = found.groupdict()
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 1900 if year >= FIRST_YEAR else 2000
    month = int(parts["month"]) if "month" in parts else MONTHS.get(parts["name"], 0)
    try:
        if parts["day"] is not None:
            return _number(datetime.date(year, month, int(parts["day"]))), 0
        first = _number(datetime.date(year, month, 1))
    except ValueError:
        return f"'{text}' is not a day of the calendar; write YYYY-MM-DD"
    length = calendar.monthrange(year, month)[1]
    return first + (length - 1) // 2, length // 2


def _number(day: datetime.date) -> int:
    return (day - datetime.date(1970, 1, 1)).days


def _hour(text: str) -> int | str | None:
    """Return the hour of a time of day, None if there is none, or what is wrong with the cell."""
    if text in NO_TIME:
        return None
    found = CLOCK_TIME.fullmatch(text)
    if found is None:
        return f"'{text}' is not a time of day; write HH:MM"
    hour, minute, half = int(found[1]), int(found[2]), found[4]
    if half is not None:
        hour = hour % 12 + (12 if half == "P" else 0) if 1 <= hour <= 12 else 24
    return hour if hour < 24 and minute < 60 else f"'{text}' is not a time of day; write HH:MM"
