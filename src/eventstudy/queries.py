"""Which rows of a table a query selects; a query sees only the table's columns, and its cost is bounded."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import read_texts, to_dates
from eventstudy.printing import one_line
from eventstudy.query_kinds import (
    kind_of,
    refuse_arithmetic_on_text,
    refuse_order_of_text,
    refuse_other_kinds,
)
from eventstudy.query_text import Query, free_name

Known: TypeAlias = "pd.Series[Any] | pd.Timestamp"  # what a name that is no column stands for


def columns_named(where: str, columns: Sequence[str], path: str | Path) -> list[str]:
    """Return the columns that a query names, in the order of the table.

    Raises DataError if the query cannot be read, names a column that is not there, or reaches beyond the
    table.
    """
    query = Query.read(where, path, columns)
    names = {node.id for node in ast.walk(query.tree) if isinstance(node, ast.Name)}
    return [name for name in columns if name in names or name in query.quoted.values()]


def choose(frame: pd.DataFrame, where: str, path: str | Path) -> NDArray[np.bool_]:
    """Return which rows of a table a query selects.

    `where`: a pandas query: column names, constants, comparisons, and the usual words for text and dates.
    Text that is compared with a column of dates is read as a date. A pattern of ``str.contains`` may use
    alternatives, but no repetition and no group. `path`: where the table comes from, for the error text.

    Returns shape (n,). Raises DataError if the query cannot be read or applied, reaches beyond the table, or
    could take unbounded time.
    """
    query = Query.read(where, path, list(frame.columns))
    column = {**{name: name for name in query.columns}, **query.quoted}
    kinds = {name: kind_of(frame[of]) for name, of in column.items()}
    known: dict[str, Known] = {name: frame[of] for name, of in query.quoted.items()}
    _DatesRead(query, {name for name, kind in kinds.items() if kind == "date"}, known).visit(query.tree)
    _TextFilled(kinds).visit(query.tree)
    refuse_other_kinds(query, frame)
    refuse_order_of_text(query, {name: frame[column[name]] for name in kinds if kinds[name] == "text"})
    refuse_arithmetic_on_text(query, kinds)
    try:
        result = frame.eval(
            ast.unparse(query.tree), engine="python", local_dict={}, global_dict={}, resolvers=[known]
        )
    except Exception as error:  # pandas raises almost anything for a query that it cannot apply
        raise query.inapplicable(str(error)) from None
    if isinstance(result, pd.Series) and isinstance(result.dtype, pd.BooleanDtype):
        result = result.fillna(False).astype(bool)  # an empty cell is not a yes, so the row is not selected
    if not isinstance(result, pd.Series) or result.dtype != bool:
        raise query.refused("does not say yes or no for each row; compare a column with a value")
    return result.to_numpy(bool).copy()


class _TextFilled(ast.NodeTransformer):
    """Turns ``kind.notna()`` of a column of text into ``kind != ''``: a text is never missing, only empty."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = kinds

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replace the two words that ask for missing cells."""
        self.generic_visit(node)
        asked = node.func
        if not isinstance(asked, ast.Attribute) or asked.attr not in ("isna", "notna"):
            return node
        if not isinstance(asked.value, ast.Name) or self.kinds.get(asked.value.id) != "text":
            return node
        how: ast.cmpop = ast.Eq() if asked.attr == "isna" else ast.NotEq()
        return ast.Compare(asked.value, [how], [ast.Constant("")])


class _DatesRead(ast.NodeTransformer):
    """Turns text compared with a column of dates into dates: in pandas ``date == '2025-10-22'`` is always false."""

    def __init__(self, query: Query, dates: set[str], known: dict[str, Known]) -> None:
        self.query, self.dates, self.known = query, dates, known

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Replace the text in a comparison that names a column of dates."""
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Name) and side.id in self.dates for side in sides):
            node.left, *node.comparators = sides = [self._dated(side) for side in sides]
            if len(sides) == 2 and isinstance(
                node.ops[0], (ast.In, ast.NotIn)
            ):  # pandas takes no dates in a list
                inside = ast.Call(ast.Attribute(sides[0], "isin"), [sides[1]], [])
                return inside if isinstance(node.ops[0], ast.In) else ast.UnaryOp(ast.Not(), inside)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replace the text in ``date.isin([...])`` and ``date.between(...)``."""
        self.generic_visit(node)
        of = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(of, ast.Name) and of.id in self.dates:
            node.args = [self._dated(side) for side in node.args]
        return node

    def _dated(self, side: ast.expr) -> ast.expr:
        if isinstance(side, (ast.List, ast.Tuple)):
            side.elts = [self._dated(entry) for entry in side.elts]
            return side
        if not isinstance(side, ast.Constant) or not isinstance(side.value, str):
            return side
        days, problems = read_texts(pd.Series([side.value], dtype="str"))
        if problems:
            raise self.query.refused(f"compares dates with another text: {one_line(problems[0])}")
        name = free_name("dated", [*self.known, *self.dates])
        self.known[name] = to_dates(days)[0]
        return ast.Name(name, ast.Load())
