"""From a count table and a formula to the arrays of a regression."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

from eventstudy.dates import read_days
from eventstudy.errors import EventStudyError, ModelError
from eventstudy.formula_columns import model_matrix
from eventstudy.formula_text import Term, columns_in, read_formula
from eventstudy.frozen import Frozen
from eventstudy.numeric.linear import dependent_columns
from eventstudy.printing import listed

Floats = NDArray[np.float64]

NUMBERS = ("integer", "floating", "mixed-integer-float")  # that a column of objects may hold
MOST_COUNTED = float(1 << 53)  # whole numbers up to here are exact
LARGEST_TERM = 1e100  # squares of values, and their sums, are numbers still
MONTHS = {"month": 1, "quarter": 3, "year": 12}
LONGEST = {"day": 3, "week": 13, "month": 60, "quarter": 200}  # largest median of days from row to row


@dataclass(frozen=True, slots=True, eq=False)
class Design(Frozen):
    """The data of a regression of counts.

    - `response`, `exposure`, shape (n,): counts, and days of each row.
    - `matrix`: shape (n, k).
    - `reads`: columns of the table that each term is made from.
    - `places`, shape (n,): number of the day, week or month of each row, rising; None where rows have no
      order in time.
    - `step`: "day", "week", "month", "quarter" or "year": what one step of `places` is; "row" where there are
      none.
    - `columns`: those of the table that are used.
    - `table`: these columns.
    - `left_out`: why terms of the formula are not among `terms`, in words.
    """

    formula: str
    response_name: str
    response: Floats = field(repr=False)
    exposure: Floats = field(repr=False)
    matrix: Floats = field(repr=False)
    terms: tuple[str, ...]
    reads: tuple[frozenset[str], ...]
    places: NDArray[np.int64] | None = field(repr=False)
    step: str
    columns: tuple[str, ...]
    table: pd.DataFrame = field(repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.response.size

    def rows(self, kept: NDArray[np.bool_]) -> Design:
        """Return the design of some of the rows."""
        return replace(
            self,
            response=self.response[kept],
            exposure=self.exposure[kept],
            matrix=self.matrix[kept],
            places=None if self.places is None else self.places[kept],
            table=self.table[kept],
        )

    def with_response(self, response: Floats) -> Design:
        """Return the design with other counts."""
        return replace(self, response=response)

    def new_rows(self, table: pd.DataFrame, where: str) -> tuple[Floats, Floats]:
        """Return the matrix and the exposure of other rows, in the terms of this design.

        The formula is evaluated on both sets of rows together, and the columns are mapped back to those of this design:
        a centred column or a polynomial is that of the fitted rows.

        Raises ModelError if a column is missing, or a row has a level or a value about which the rows of this
        design say nothing.
        """
        if not isinstance(table, pd.DataFrame) or not len(table):
            raise ModelError(
                f"{where}: give a DataFrame with at least one row and the columns of the formula"
            )
        if missing := [name for name in self.columns if name not in table and name != self.response_name]:
            fix = (
                "add the length of each row in days, such as 1"
                if missing[0] == "days"
                else "the formula needs it"
            )
            raise ModelError(f"{where}: the rows have no column {missing[0]!r}; {fix}")
        new = table.assign(**{self.response_name: 1.0})[list(self.columns)]
        for name in self.columns:  # here, so that errors count the rows as given
            _checked_column(new, name, where)
        if new["days"].dtype.kind in "iuf":
            _check_exposure(new["days"].to_numpy(float), where)
        both = pd.concat([self.table, new], ignore_index=True)
        read = read_design(both, self.formula, where, intercept="Intercept" in self.terms)
        old, other = read.matrix[: self.n], read.matrix[self.n :]
        size = max(1.0, float(np.abs(old).max()))
        back = np.linalg.lstsq(old, self.matrix, rcond=None)[0]
        # each new row as a linear combination of old ones
        rows = np.linalg.lstsq(old.T, other.T, rcond=None)[0].T
        unknown = np.abs(rows @ old - other).max(axis=1) > 1e-6 * np.maximum(size, np.abs(other).max(axis=1))
        if unknown.any() or np.abs(old @ back - self.matrix).max() > 1e-6 * size:
            row = int(unknown.argmax())
            cells = listed([f"{name} {new[name].iloc[row]}" for name in self._unseen_levels(new.iloc[row])])
            raise ModelError(
                f"{where}: row {row + 1} has a level or a value outside what was fitted{cells and f' ({cells})'}, "
                "about which the fit says nothing; leave it out, or fit the model on rows that have it"
            )
        return other @ back, read.exposure[self.n :]

    def _unseen_levels(self, row: pd.Series[Any]) -> list[str]:
        """Return the columns, text or categories by ``C()``, whose entry stands in no fitted row."""
        return [
            name
            for name in self.columns
            if name != self.response_name
            and (
                self.table[name].dtype.kind not in "iufb"
                or re.search(rf"\bC\({re.escape(name)}\b", self.formula)
            )
            and not (self.table[name] == row[name]).any()
        ]

    @property
    def first_days(self) -> NDArray[np.int64]:
        """Day number of the first day of each row's day, week or month; only where rows have an order in time."""
        places = np.zeros(0, np.int64) if self.places is None else self.places
        if self.step in ("day", "row"):
            return places
        if self.step == "week":
            return places * 7 - 3
        months = places * MONTHS[self.step]
        return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)

    def without_aliased(self, where: str, cleared: Floats | None = None, empty: str = "") -> Design:
        """Return the design without terms that are exact linear combinations of others, and name these.

        - `where`: the function called, for the error text.
        - `cleared`, shape (n, k): the terms with their strata effects removed; by default the terms
          themselves.
        - `empty`: why a level of a category may be 0 on every row, where that is not a mistake.

        Raises ModelError if a term that is not a combination of levels is 0 on every row.

        Of collinear terms the later ones are left out, as R and Stata do.
        """
        matrix = self.matrix if cleared is None else cleared
        dependent = dependent_columns(matrix)
        if not dependent:
            return self
        kept = [k for k in range(len(self.terms)) if k not in dependent]
        said = [_why_left_out(matrix, self.terms, k, kept, where, empty) for k in dependent]
        return replace(
            self,
            matrix=np.asfortranarray(self.matrix[:, kept]),
            terms=tuple(self.terms[k] for k in kept),
            reads=tuple(self.reads[k] for k in kept),
            left_out=(*self.left_out, *said),
        )


def read_design(table: pd.DataFrame, formula: str, where: str, *, intercept: bool = True) -> Design:
    """Read a formula such as ``count ~ before + C(year) + sin1`` on a table.

    - `table`: with the columns named in the formula and ``days``, the exposure of each row.
    - `formula`: a count, ``~``, and terms joined by ``+ - : * / **``. A term is a column, a column of
      categories ``C(year)``, a polynomial or spline ``poly(t, 2)``, ``bs(t, df=4)``, or a calculation such as
      ``I(year > 2015)`` and ``log(x)`` with the functions of a fixed list. A name that is not a plain word is
      put in back-quotes. Only columns of the table can be used, and no code is run.
    - `where`: the function called, for the error text.
    - `intercept`: false leaves the intercept out where strata take its place.

    Raises ModelError if the formula reaches beyond the table or is too long, a column is missing or
    incomplete, the response is not a count, or the columns are linearly dependent.
    """
    if not isinstance(table, pd.DataFrame):
        raise ModelError(
            f"{where}: the table is a {type(table).__name__}; give a DataFrame as count_table makes it"
        )
    table = table.copy(deep=False)
    table.attrs = {}  # pandas copies them with every column that is looked at
    response_name, terms = read_formula(formula, dict.fromkeys(table.columns), where)
    if "days" not in table.columns:
        raise ModelError(
            f"{where}: the table has no column 'days'; add the exposure of each row in days, table['days'] = 1"
        )
    read = _columns_of(terms)
    used = [name for name in dict.fromkeys(table.columns) if name in read or name == response_name]
    columns = {name: _checked_column(table, name, where) for name in dict.fromkeys([*used, "days"])}
    for name, values in columns.items():
        if values.dtype == object and pd.api.types.infer_dtype(values) in NUMBERS:
            table[name] = columns[name] = pd.to_numeric(values)
    if response_name in read:
        raise ModelError(
            f"{where}: {response_name!r} stands on both sides of the formula; take it out on the right"
        )
    if any(values.dtype.kind == "c" for values in columns.values()):
        raise ModelError(f"{where}: a column holds complex numbers; give real ones")
    if not pd.api.types.is_numeric_dtype(columns[response_name].dtype):
        raise ModelError(f"{where}: the response {response_name!r} holds no numbers; counts are 0 or more")
    matrix = model_matrix(table, terms, where)
    if not intercept:
        matrix = matrix.without_intercept()
    if not matrix.names:
        raise ModelError(
            f"{where}: the formula has no term to fit; name a column on its right, such as {response_name} ~ before"
        )
    response, exposure = columns[response_name].to_numpy(float), columns["days"].to_numpy(float)
    _check_numbers(response, exposure, matrix.values, list(matrix.names), where)
    places, step = _places(table)
    design = Design(
        formula=formula,
        response_name=response_name,
        response=response,
        exposure=exposure,
        matrix=matrix.values,
        terms=matrix.names,
        reads=matrix.reads,
        places=places,
        step=step,
        columns=tuple(dict.fromkeys(["days", *used])),
        table=table[list(dict.fromkeys(["days", *used]))],
    )
    return design.without_aliased(where)


def columns_read(formula: str, table: pd.DataFrame, where: str) -> set[str]:
    """Return the columns that the terms of a formula read."""
    return _columns_of(read_formula(formula, dict.fromkeys(table.columns), where)[1])


def _columns_of(terms: Sequence[Term]) -> set[str]:
    return {name for term in terms for factor in term for name in columns_in(factor)}


def _checked_column(table: pd.DataFrame, name: str, where: str) -> pd.Series:
    """Return a column without missing values."""
    values = table[name]
    if isinstance(values, pd.DataFrame):
        raise ModelError(f"{where}: the column {name!r} appears twice in the table; keep one")
    missing = values.isna().to_numpy()
    if missing.any():
        row, number = int(missing.argmax()) + 1, int(missing.sum())
        said = (
            f"a missing value in row {row}"
            if number == 1
            else f"{number} missing values, the first in row {row}"
        )
        raise ModelError(f"{where}: column {name!r} has {said}; fill in or leave out what is missing")
    return values


def _check_numbers(response: Floats, exposure: Floats, matrix: Floats, terms: list[str], where: str) -> None:
    if not response.size:
        raise ModelError(f"{where}: the table has no row; count over a longer period")
    if not (np.isfinite(response) & (response >= 0)).all():
        bad = response[~(np.isfinite(response) & (response >= 0))][0]
        raise ModelError(f"{where}: the response holds {bad:g}, which is not a count; counts are 0 or more")
    if response.max() > MOST_COUNTED:
        raise ModelError(
            f"{where}: the response holds {response.max():g}, more than float64 can count; give counts below "
            f"{MOST_COUNTED:g}"
        )
    if not response.any():
        raise ModelError(
            f"{where}: there is no event in {response.size} rows; a rate ratio needs at least one"
        )
    _check_exposure(exposure, where)
    if not np.isfinite(matrix).all():
        name = terms[int((~np.isfinite(matrix)).any(axis=0).argmax())]
        raise ModelError(f"{where}: {name!r} is not finite on every row; check what the formula computes")
    size = np.abs(matrix).max(axis=0, initial=0.0)
    beyond = (size > LARGEST_TERM) | ((size > 0) & (size < 1.0 / LARGEST_TERM))
    if beyond.any():
        k = int(beyond.argmax())
        raise ModelError(
            f"{where}: {terms[k]!r} is {size[k]:g} at most, and the square of that is no number of float64; "
            "use other units"
        )


def _check_exposure(exposure: Floats, where: str) -> None:
    if not (np.isfinite(exposure) & (exposure > 0)).all():
        row = int((~(np.isfinite(exposure) & (exposure > 0))).argmax())
        raise ModelError(
            f"{where}: 'days' is {exposure[row]:g} in row {row + 1}; leave out rows without exposure"
        )


def _why_left_out(
    matrix: Floats, terms: Sequence[str], k: int, kept: Sequence[int], where: str, empty: str
) -> str:
    """Say why a term is left out: no row has it, or it is a linear combination of others."""
    if not matrix[:, k].any():
        if ":" in terms[k] or (empty and "[" in terms[k]):
            return f"{terms[k]}: left out, {empty or 'no row has this combination'}"
        raise ModelError(
            f"{where}: {terms[k]!r} is 0 on every row; leave it out, or widen the window or the period"
        )
    others = [j for j in kept if j < k]
    scale = np.sqrt((matrix[:, others] ** 2).sum(axis=0))
    weights = linalg.lstsq(matrix[:, others] / scale, matrix[:, k])[0]
    large = np.abs(weights) > 1e-6 * np.abs(weights).max()
    names = [terms[j] for j, used in zip(others, large, strict=True) if used]
    more = " and others" if len(names) > 6 else ""
    return f"{terms[k]}: left out, as it is a sum of multiples of {', '.join(names[:6])}{more}"


def _places(table: pd.DataFrame) -> tuple[NDArray[np.int64] | None, str]:
    """Return the number of each row's day, week, month, quarter or year, where these rise from row to row.

    The step is that of the rows: the median distance from the start of one to the start of the next.
    """
    if "start" not in table.columns or pd.api.types.is_numeric_dtype(table["start"]):
        return None, "row"
    try:
        days = read_days(table["start"], "start")
    except EventStudyError:
        return None, "row"
    first = days.astype("datetime64[D]")
    between = float(np.median(np.diff(days))) if days.size > 1 else 1.0
    step = next((name for name, longest in LONGEST.items() if between <= longest), "year")
    if step in MONTHS:
        places = first.astype("datetime64[M]").astype(np.int64) // MONTHS[step]
    else:
        places = days if step == "day" else (days + 3) // 7  # day 0 was a Thursday, weeks begin on Monday
    return (places, step) if (np.diff(places) > 0).all() else (None, "row")
