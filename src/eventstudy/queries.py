"""Which rows of a table a query chooses; a query sees the table's columns and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import DataError

# What a query may hold: comparisons, logic, arithmetic, constants, and these words behind a column's dot.
NODES = (
    ast.Expression, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Attribute, ast.Name, ast.Constant,
    ast.List, ast.Tuple, ast.Load, ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.keyword,
)  # fmt: skip
WORDS = frozenset([
    "str", "contains", "startswith", "endswith", "lower", "upper", "strip", "len", "isin", "isna", "notna", "between",
    "dt", "year", "month", "day", "dayofweek", "dayofyear", "quarter",
])  # fmt: skip
QUOTED = re.compile(r"`([^`]*)`")


def choose(frame: pd.DataFrame, where: str, path: str | Path) -> NDArray[np.bool_]:
    """Return which rows of a table a query chooses.

    Parameters
    ----------
    frame : DataFrame, n rows
    where : str
        A pandas query: column names, constants, comparisons, and the usual words for text and dates. Text that is
        compared with a column of dates is read as a date.
    path : str or pathlib.Path
        Where the table comes from, for the error text.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    DataError
        If the query cannot be read or applied, or reaches beyond the table.
    """
    known: dict[str, Any] = {}
    tree = _read(where, path, known, frame)
    dates = {name for name in frame.columns if pd.api.types.is_datetime64_any_dtype(frame[name])}
    dates |= {name for name, column in known.items() if pd.api.types.is_datetime64_any_dtype(column)}
    tree = _DatesRead(dates, known).visit(tree)
    try:
        result = frame.eval(
            ast.unparse(tree), engine="python", local_dict={}, global_dict={}, resolvers=[known]
        )
    except Exception as error:  # pandas raises almost anything for a query that it cannot apply
        raise DataError(
            f"{path}: the query {where!r} cannot be applied ({error}); the columns are {', '.join(frame.columns)}",
            path=path,
        ) from None
    if not isinstance(result, pd.Series) or result.dtype != bool:
        raise DataError(
            f"{path}: the query {where!r} does not say yes or no for each row; compare a column with a value",
            path=path,
        )
    return result.to_numpy(bool)


def _read(where: str, path: str | Path, known: dict[str, Any], frame: pd.DataFrame) -> ast.Expression:
    """Parse a query, its quoted columns put into `known`; refuse what could do more than compare."""

    def plain(quoted: re.Match[str]) -> str:
        if quoted[1] not in frame.columns:
            raise DataError(
                f"{path}: the query {where!r} names the column {quoted[1]!r}; "
                f"the columns are {', '.join(frame.columns)}",
                path=path,
            )
        name = f"quoted_{len(known)}"
        known[name] = frame[quoted[1]]
        return name

    try:
        tree = ast.parse(QUOTED.sub(plain, where).strip(), mode="eval")
    except SyntaxError as error:
        raise DataError(
            f"{path}: the query {where!r} cannot be read ({error.msg}); write for example \"kind == 'ballistic'\"",
            path=path,
        ) from None
    for node in ast.walk(tree):
        beyond = (
            not isinstance(node, NODES)
            or (isinstance(node, ast.Attribute) and node.attr not in WORDS)
            or (isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute))
        )
        if beyond:
            raise DataError(
                f"{path}: the query {where!r} reaches beyond the table; use column names, constants and comparisons",
                path=path,
            )
    return tree


class _DatesRead(ast.NodeTransformer):
    """Turns text compared with a column of dates into dates: pandas finds ``date == '2025-10-22'`` false everywhere."""

    def __init__(self, dates: set[str], known: dict[str, Any]) -> None:
        self.dates = dates
        self.known = known

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Replace the text in a comparison that names a column of dates."""
        sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Name) and side.id in self.dates for side in sides):
            node.left, *node.comparators = [self._dated(side) for side in sides]
        return node

    def _dated(self, side: ast.expr) -> ast.expr:
        if isinstance(side, (ast.List, ast.Tuple)):
            side.elts = [self._dated(entry) for entry in side.elts]
            return side
        if not isinstance(side, ast.Constant) or not isinstance(side.value, str):
            return side
        name = f"dated_{len(self.known)}"
        self.known[name] = pd.Timestamp(side.value)
        return ast.Name(name, ast.Load())
