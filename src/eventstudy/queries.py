"""Which rows of a table a query selects; a query sees only the table's columns, and its cost is bounded."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.date_grammar import AMBIGUOUS, day_of
from eventstudy.dates import read_texts, to_dates
from eventstudy.errors import DataError
from eventstudy.printing import listed, one_line

# What a query may contain: comparisons, logic, arithmetic, constants, and these words after a column's dot.
# No power and no shift: 9**9**9 alone would never end.
NODES = (
    ast.Expression, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Attribute, ast.Name, ast.Constant,
    ast.List, ast.Tuple, ast.Load, ast.boolop, ast.unaryop, ast.cmpop, ast.keyword,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.BitAnd, ast.BitOr,
)  # fmt: skip
NUMBER_WORDS = frozenset(
    ["len", "year", "month", "day", "dayofweek", "dayofyear", "day_of_week", "day_of_year", "quarter"]
)
WORDS = NUMBER_WORDS | {
    "str", "contains", "startswith", "endswith", "lower", "upper", "strip", "isin", "isna", "notna", "between", "dt",
}  # fmt: skip
PANDAS_NAMES = {"dayofweek": "day_of_week", "dayofyear": "day_of_year"}  # pandas drops the short ones
PLAIN = (bool, int, float, str)
QUOTED = re.compile(r"`([^`]*)`")
# parts of a pattern whose matching may take exponential time
REPEATS = re.compile(r"(?<!\\)(?:\\\\)*[*+?{(]")
ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}$")
LOOKED_AT = 100  # cells of a column of text
LONGEST = 2_000  # characters
COMMA = re.compile(r"[+-]?[0-9][0-9.,]*,[0-9]+")  # a number with a comma, of decimals or of thousands
Known: TypeAlias = "pd.Series[Any] | pd.Timestamp"  # what a name that is no column stands for


def columns_named(where: str, columns: Sequence[str], path: str | Path) -> list[str]:
    """Return the columns that a query names, in the order of the table.

    Raises
    ------
    DataError
        If the query cannot be read, names a column that is not there, or reaches beyond the table.
    """
    tree, quoted = _read(where, path, columns)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return [name for name in columns if name in names or name in quoted.values()]


def choose(frame: pd.DataFrame, where: str, path: str | Path) -> NDArray[np.bool_]:
    """Return which rows of a table a query selects.

    Parameters
    ----------
    frame : DataFrame, n rows
    where : str
        A pandas query: column names, constants, comparisons, and the usual words for text and dates. Text that is
        compared with a column of dates is read as a date. A pattern of ``str.contains`` may use alternatives, but
        no repetition and no group.
    path : str or pathlib.Path
        Where the table comes from, for the error text.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    DataError
        If the query cannot be read or applied, reaches beyond the table, or could take unbounded time.
    """
    columns = list(frame.columns)
    tree, quoted = _read(where, path, columns)
    kinds = {name: _kind(frame[name]) for name in columns}
    kinds |= {name: kinds[column] for name, column in quoted.items()}
    known: dict[str, Known] = {name: frame[column] for name, column in quoted.items()}
    dates = _DatesRead({name for name, kind in kinds.items() if kind == "date"}, known, where, path)
    tree = _TextFilled(kinds).visit(dates.visit(tree))
    _refuse_other_kind(tree, frame, quoted, where, path)
    _refuse_order_of_text(
        tree, {name: frame[quoted.get(name, name)] for name in kinds if kinds[name] == "text"}, where, path
    )
    _refuse_text_arithmetic(tree, kinds, where, path)
    try:
        result = frame.eval(
            ast.unparse(tree), engine="python", local_dict={}, global_dict={}, resolvers=[known]
        )
    except Exception as error:  # pandas raises almost anything for a query that it cannot apply
        raise _inapplicable(where, path, columns, str(error)) from None
    if isinstance(result, pd.Series) and isinstance(result.dtype, pd.BooleanDtype):
        result = result.fillna(False).astype(bool)  # an empty cell is not a yes, so the row is not selected
    if not isinstance(result, pd.Series) or result.dtype != bool:
        raise DataError(
            f"{path}: the query {where!r} does not say yes or no for each row; compare a column with a value",
            path=path,
        )
    return result.to_numpy(bool).copy()


def _kind(column: pd.Series[Any]) -> str:
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        return "date"
    return "number" if column.dtype.kind in "biuf" else "text"


class _TextFilled(ast.NodeTransformer):
    """Turns ``kind.notna()`` of a column of text into ``kind != ''``: a text is never missing, only empty."""

    def __init__(self, kinds: dict[str, str]) -> None:
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


def _refuse_other_kind(
    tree: ast.AST, frame: pd.DataFrame, quoted: dict[str, str], where: str, path: str | Path
) -> None:
    """Refuse numbers or yes/no compared with text, and text with numbers: silently, no row would be selected."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in ("isin", "between"):
                continue
            sides = [node.func.value, *node.args[:2]]
        else:
            continue
        flat = [part for side in sides for part in getattr(side, "elts", [side])]
        given = [part.value for part in flat if isinstance(part, ast.Constant)]
        for side in sides:
            name = quoted.get(side.id, side.id) if isinstance(side, ast.Name) else ""
            kind = _kind(frame[name]) if name in frame.columns else "date"
            wrong = [one for one in given if isinstance(one, str) != (kind == "text")]
            if kind == "date" or not wrong or frame[name].isna().all():
                continue
            asked = name if name.isidentifier() else f"`{name}`"
            if kind == "text":
                what, fix = "text, with a number", f"write {asked} == '{wrong[0]!s}'"
                other = _number_cell(frame[name])
                if other is not None and np.isnan(pd.to_numeric(other, errors="coerce")):
                    what = f"numbers but for '{one_line(other)}', with a number"
                    fix = "correct that cell, or leave it empty"
                    if COMMA.fullmatch(other.strip()):
                        fix = "write its numbers with a decimal point, and without a comma between thousands"
            elif frame[name].dtype.kind == "b":
                what, fix = "yes and no, with text", f"write {asked} == True, or {asked} alone"
            else:
                what, fix = "numbers, with text", f"write a number without quotes, such as {asked} == 1"
            raise DataError(
                f"{path}: the query {where!r} compares {name!r}, a column of {what}; {fix}", path=path
            )


def _refuse_order_of_text(
    tree: ast.AST, texts: Mapping[str, pd.Series[Any]], where: str, path: str | Path
) -> None:
    """Refuse larger and smaller for numbers and dates that are text: by letters, '10,5' comes before '9,5'."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(sign, ORDERS) for sign in node.ops):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and _is_between(node) and isinstance(node.func, ast.Attribute):
            sides = [node.func.value, *node.args[:2]]
        else:
            continue
        for side in sides:
            column = texts.get(side.id) if isinstance(side, ast.Name) else None
            if column is None:
                continue
            given = [part.value for part in sides if isinstance(part, ast.Constant)]
            odd = next((text for text in [*given, *column.head(LOOKED_AT)] if _is_other_date(text)), None)
            if odd is not None:
                what, fix = f"dates as text, such as '{one_line(odd)}'", "write them as YYYY-MM-DD"
            elif (number := _number_cell(column)) is not None:
                what, fix = (
                    f"numbers as text, such as '{one_line(number)}'",
                    "write them as numbers with a decimal point",
                )
            else:
                continue
            raise DataError(f"{path}: the query {where!r} orders {what}, by their letters; {fix}", path=path)


def _is_other_date(text: Any) -> bool:
    """Tell whether a text is a date of a form whose order by letters is not that of its days."""
    if not isinstance(text, str) or not text.strip() or ISO.match(text.strip()):
        return False
    day = day_of(text)
    return isinstance(day, int) or AMBIGUOUS in day


def _number_cell(column: pd.Series[Any]) -> str | None:
    """Return a cell of a column of text of which most are numbers, apart from commas: the first that is none."""
    texts = column.astype("str").str.strip()
    filled = texts[texts != ""]
    numbers = pd.to_numeric(filled, errors="coerce").notna()
    if filled.empty or 2 * np.count_nonzero(numbers | filled.str.fullmatch(COMMA)) < filled.size:
        return None
    return str(filled[numbers if numbers.all() else ~numbers].iloc[0])


def _inapplicable(where: str, path: str | Path, columns: Sequence[str], reason: str) -> DataError:
    return DataError(
        f"{path}: the query {where!r} cannot be applied ({one_line(reason)}); "
        f"the columns are {listed(columns)}",
        path=path,
    )


def _read(where: str, path: str | Path, columns: Sequence[str]) -> tuple[ast.Expression, dict[str, str]]:
    """Parse a query, and return a plain name for each quoted column; refuse what could do more than compare."""
    if len(where) > LONGEST:
        raise DataError(
            f"{path}: the query has {len(where):,} characters and {LONGEST:,} are read; write a shorter one",
            path=path,
        )
    quoted: dict[str, str] = {}

    def plain(match: re.Match[str]) -> str:
        if match[1] not in columns:
            raise DataError(
                f"{path}: the query {where!r} names the column {match[1]!r}; "
                f"the columns are {listed(columns)}",
                path=path,
            )
        name = free_name("quoted", [*columns, *quoted])
        quoted[name] = match[1]
        return name

    unquoted = QUOTED.sub(plain, where).strip()
    try:
        with warnings.catch_warnings():
            # "1if" and its like are refused below, in one line
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(unquoted, mode="eval")
        nodes = list(ast.walk(tree))
        ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or "it is nested too deeply"
        raise DataError(
            f"{path}: the query {where!r} cannot be read ({reason}); write for example \"kind == 'ballistic'\"",
            path=path,
        ) from None
    _refuse_commas(tree, where, path)
    for node in nodes:
        beyond = (
            not isinstance(node, NODES)
            or (isinstance(node, ast.Attribute) and node.attr not in WORDS)
            or (isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute))
            or (isinstance(node, ast.Constant) and not isinstance(node.value, PLAIN))
        )
        if beyond:
            raise DataError(
                f"{path}: the query {where!r} reaches beyond the table; use column names, constants and comparisons",
                path=path,
            )
        if isinstance(node, ast.Name) and node.id not in columns and node.id not in quoted:
            raise _inapplicable(where, path, columns, f"name '{node.id}' is not defined")
        if isinstance(node, ast.Attribute):
            node.attr = PANDAS_NAMES.get(node.attr, node.attr)
        if isinstance(node, ast.Call):
            _refuse_pattern(node, where, path)
    return tree, quoted


def _refuse_commas(tree: ast.Expression, where: str, path: str | Path) -> None:
    """Refuse a comma where no list is asked for, such as that of 1,5: Python makes a pair of values of it."""
    lists = [
        part
        for node in ast.walk(tree)
        for part in (
            node.comparators
            if isinstance(node, ast.Compare) and {type(sign) for sign in node.ops} <= {ast.In, ast.NotIn}
            else node.args
            if isinstance(node, ast.Call)
            else []
        )
    ]
    many = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _is_between(node) and len(node.args) > 2
    ]
    pairs = [node for node in ast.walk(tree) if isinstance(node, ast.Tuple) and node not in lists]
    if pairs or any(
        isinstance(node.args[2], ast.Constant) and not isinstance(node.args[2].value, str) for node in many
    ):
        raise DataError(
            f"{path}: the query {where!r} has a comma between two values; write decimals with a point, such as 1.5, "
            "and 'and' between conditions",
            path=path,
        )


def _is_between(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "between"


def free_name(stem: str, taken: Sequence[str]) -> str:
    """Return a name that is not in use.

    >>> free_name("dated", ["dated_0"])
    'dated_1'
    """
    number = 0
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def _refuse_pattern(call: ast.Call, where: str, path: str | Path) -> None:
    """Refuse a pattern that repeats or groups, and one that is not written out: it may take unbounded time."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "contains":
        return
    given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg in (None, "pat"))]
    for pattern in given:
        text = pattern.value if isinstance(pattern, ast.Constant) else None
        if not isinstance(text, str) or REPEATS.search(text):
            raise DataError(
                f"{path}: the query {where!r} searches with a pattern that repeats, groups or is not written out; "
                "write plain text or alternatives such as 'ballistic|cruise'",
                path=path,
            )


def _refuse_text_arithmetic(tree: ast.AST, kinds: dict[str, str], where: str, path: str | Path) -> None:
    """Refuse arithmetic on text: ``kind * 1000000000`` would fill the memory, ``'%999999999d' % n`` too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            for side in (node.left, node.right):
                if not _is_number(side, kinds):
                    raise DataError(
                        f"{path}: the query {where!r} calculates with text; compare text with ==, in or .str",
                        path=path,
                    )


def _is_number(node: ast.expr, kinds: dict[str, str]) -> bool:
    """Tell whether a part of a query holds numbers or dates, rather than text or a list."""
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str)
    if isinstance(node, ast.Name):
        return kinds.get(node.id, "date") != "text"
    if isinstance(node, ast.BinOp):
        return _is_number(node.left, kinds) and _is_number(node.right, kinds)
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand, kinds)
    if isinstance(node, ast.Call):
        return _is_number(node.func, kinds)
    return isinstance(node, ast.Compare) or (isinstance(node, ast.Attribute) and node.attr in NUMBER_WORDS)


class _DatesRead(ast.NodeTransformer):
    """Turns text compared with a column of dates into dates: in pandas ``date == '2025-10-22'`` is always false."""

    def __init__(self, dates: set[str], known: dict[str, Known], where: str, path: str | Path) -> None:
        self.dates = dates
        self.known = known
        self.where = where
        self.path = path

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Replace the text in a comparison that names a column of dates."""
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Name) and side.id in self.dates for side in sides):
            node.left, *node.comparators = [self._dated(side) for side in sides]
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
            raise DataError(
                f"{self.path}: the query {self.where!r} compares dates with another text: {one_line(problems[0])}",
                path=self.path,
            )
        name = free_name("dated", [*self.known, *self.dates])
        self.known[name] = to_dates(days)[0]
        return ast.Name(name, ast.Load())
