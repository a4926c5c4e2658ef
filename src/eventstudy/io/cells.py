"""Cells of a block to text, dates and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from eventstudy.dates import Days, read_texts

EMPTY = "the cell is empty; fill it in"


def is_text(cells: pd.Series[Any]) -> bool:
    """Tell whether a column holds text, rather than numbers, yes and no, or dates."""
    return cells.dtype.kind not in "biufM" and not isinstance(cells.dtype, pd.DatetimeTZDtype)


def as_text(cells: pd.Series[Any]) -> pd.Series[str]:
    """Return cells as text: dates as YYYY-MM-DD, whole numbers without a point, nothing for what is missing."""
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


def read_dates(cells: pd.Series[Any]) -> tuple[Days, dict[int, str]]:
    """Read a column of dates.

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
    codes, different = pd.factorize(as_text(cells))  # a day stands in many rows: each is read once
    days, problems = read_texts(pd.Series(different, dtype="str"))
    wrong = np.flatnonzero(np.isin(codes, list(problems)))
    return days[codes], {int(i): problems[int(codes[i])] for i in wrong}


def as_numbers(cells: pd.Series[Any]) -> pd.Series[Any] | None:
    """Return a column of text as numbers, an empty cell as missing; None if a cell is no number."""
    text = as_text(cells)
    empty = text.str.strip() == ""
    numbers = pd.to_numeric(text.mask(empty), errors="coerce").astype("float64")
    return numbers if (numbers.notna() | empty).all() else None
