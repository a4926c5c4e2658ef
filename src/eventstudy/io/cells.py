"""Conversion of the cells of a block to text, dates and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.date_grammar import MISSING
from eventstudy.dates import Days, read_texts

EMPTY = "the cell is empty; fill it in"
YES_NO = {"true": True, "false": False} | dict.fromkeys(MISSING, pd.NA)
REMEMBERED = 100_000  # texts; the days of 270 years


def is_text(cells: pd.Series[Any]) -> bool:
    """Tell whether a column holds text, rather than numbers, yes and no, or dates."""
    return cells.dtype.kind not in "biufM" and not isinstance(cells.dtype, pd.DatetimeTZDtype)


def as_text(cells: pd.Series[Any]) -> pd.Series[str]:
    """Return cells as text: dates as YYYY-MM-DD, whole numbers without a point, missing cells as empty."""
    if cells.dtype == "str":
        return cells.fillna("")
    missing = cells.isna()
    if cells.dtype.kind == "f":
        whole = (cells % 1 == 0) & (cells.abs() < 2.0**53)
        text = cells.astype("str").mask(whole, cells.where(whole, 0).astype("int64").astype("str"))
    elif not is_text(cells) and cells.dtype.kind not in "biu":
        text = cells.dt.strftime("%Y-%m-%d %H:%M:%S").str.removesuffix(" 00:00:00")
    else:
        text = cells.map(str, na_action="ignore").astype("str")
    return text.mask(missing, "").astype("str")


class DateCells:
    """Reads columns of dates; a text that occurs in many rows, or in many blocks of a file, is read once."""

    def __init__(self, date_format: str | None = None) -> None:
        self.date_format = date_format
        self._known: dict[str, int | str] = {}

    def read(self, cells: pd.Series[Any]) -> tuple[Days, dict[int, str]]:
        """Read a column.

        Returns
        -------
        days : ndarray of int64, shape (n,)
            Zero where a cell names no day. A time of day is dropped; a time zone is not converted: the date on
            the local clock counts.
        problems : dict of int to str
            For each cell that names no day, by position, what is wrong and the fix.
        """
        if not is_text(cells) and cells.dtype.kind not in "biuf":
            local = cells.dt.tz_localize(None)
            days = local.fillna(pd.Timestamp(0)).to_numpy("datetime64[D]").astype(np.int64)
            return days, {int(i): EMPTY for i in np.flatnonzero(cells.isna())}
        codes, different = pd.factorize(as_text(cells))
        texts = list(different)
        if len(self._known) > REMEMBERED:
            self._known.clear()
        self._learn([text for text in texts if text not in self._known])
        read = [self._known[text] for text in texts]
        days = np.array([0 if isinstance(day, str) else day for day in read], np.int64)[codes]
        wrong = np.array([isinstance(day, str) for day in read], bool)[codes]
        return days, {int(i): str(read[codes[i]]) for i in np.flatnonzero(wrong)}

    def _learn(self, texts: list[str]) -> None:
        days, problems = read_texts(pd.Series(texts, dtype="str"), self.date_format)
        problems |= {i: EMPTY for i, text in enumerate(texts) if not text.strip()}
        self._known |= {text: problems.get(i, int(days[i])) for i, text in enumerate(texts)}


def stands_for_no_date(cells: pd.Series[Any]) -> NDArray[np.bool_]:
    """Tell which cells of a column of dates are empty, or hold a code for a missing date such as NA; shape (n,)."""
    return as_text(cells).str.strip().str.lower().isin(list(MISSING)).to_numpy(bool)


def as_yes_no(cells: pd.Series[Any]) -> pd.Series[Any] | None:
    """Return a column of text as yes and no (True and False, in upper or lower case); None if a cell is neither."""
    text = as_text(cells).str.strip().str.lower()
    if not text.isin(list(YES_NO)).all():
        return None
    read = text.map(YES_NO).astype("boolean")
    return read if read.isna().any() else read.astype(bool)


def as_numbers(cells: pd.Series[Any]) -> pd.Series[Any] | None:
    """Return a column of text as numbers, an empty cell or a code such as NA as missing; None if a cell is another."""
    text = as_text(cells)
    empty = text.str.strip().str.lower().isin(list(MISSING))
    numbers = pd.to_numeric(text.mask(empty), errors="coerce").astype("float64")
    return numbers if (numbers.notna() | empty).all() else None
