"""Whether a query compares each column with values of its kind: else, silently, the wrong rows would be selected."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.date_grammar import is_date
from eventstudy.printing import one_line
from eventstudy.query_text import NUMBER_WORDS, Query, is_between

ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}$")
LOOKED_AT = 100  # cells of a column of text
COMMA = re.compile(r"[+-]?[0-9][0-9.,]*,[0-9]+")  # a number with a comma, of decimals or of thousands


def kind_of(column: pd.Series[Any]) -> str:
    """Return the kind of a column: "category" (ordered), "date", "number" or "text"."""
    if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered:
        return "category"
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        return "date"
    return "number" if column.dtype.kind in "biuf" else "text"


def refuse_other_kinds(query: Query, frame: pd.DataFrame) -> None:
    """Refuse numbers or yes/no compared with text, and text with numbers."""
    for node in ast.walk(query.tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in ("isin", "between"):
                continue
            sides = [node.func.value, *node.args[:2]]
        else:
            continue
        flat = [part for side in sides for part in getattr(side, "elts", [side])]
        given = [value for part in flat if (value := _constant(part)) is not None]
        texts = [one for one in given if isinstance(one, str)]
        for side in sides:
            if _gives_number(side) and texts:
                raise query.refused(f"compares a number with the text {texts[0]!r}; write it without quotes")
            name = query.quoted.get(side.id, side.id) if isinstance(side, ast.Name) else ""
            if name not in frame.columns:
                continue
            wrong = [one for one in given if isinstance(one, str) != (kind_of(frame[name]) != "number")]
            if wrong and not frame[name].isna().all():
                what, fix = _mismatch(frame[name], name, wrong[0])
                raise query.refused(f"compares {name!r}, a column of {what}; {fix}")


def _mismatch(column: pd.Series[Any], name: str, wrong: object) -> tuple[str, str]:
    """Say what a column holds and what it is compared with, and the fix."""
    asked, kind = name if name.isidentifier() else f"`{name}`", kind_of(column)
    if kind == "date":
        return "dates, with a number", f"write a date, such as {asked} > '2012-12-31', or {asked}.dt.year"
    if kind in ("text", "category"):
        other = _number_cell(column)
        if other is None or not np.isnan(pd.to_numeric(other, errors="coerce")):
            return "text, with a number", f"write {asked} == '{wrong!s}'"
        fix = "correct that cell, or leave it empty"
        if COMMA.fullmatch(other.strip()):
            fix = "write its numbers with a decimal point, and without a comma between thousands"
        return f"numbers but for '{one_line(other)}', with a number", fix
    if column.dtype.kind == "b":
        return "yes and no, with text", f"write {asked} == True, or {asked} alone"
    return "numbers, with text", f"write a number without quotes, such as {asked} == 1"


def refuse_order_of_text(query: Query, texts: Mapping[str, pd.Series[Any]]) -> None:
    """Refuse larger and smaller for numbers and dates that are text: by letters, '10,5' comes before '9,5'."""
    for node in ast.walk(query.tree):
        if isinstance(node, ast.Compare) and any(isinstance(sign, ORDERS) for sign in node.ops):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and is_between(node) and isinstance(node.func, ast.Attribute):
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
            raise query.refused(f"orders {what}, by their letters; {fix}")


def _is_other_date(text: Any) -> bool:
    """Tell whether a text is a date of a form whose order by letters is not that of its days."""
    return isinstance(text, str) and not ISO.match(text.strip()) and is_date(text)


def _number_cell(column: pd.Series[Any]) -> str | None:
    """Return a cell of a column of text of which most are numbers, apart from commas: the first that is none."""
    texts = column.astype("str").str.strip()
    filled = texts[texts != ""]
    numbers = pd.to_numeric(filled, errors="coerce").notna()
    if filled.empty or 2 * np.count_nonzero(numbers | filled.str.fullmatch(COMMA)) < filled.size:
        return None
    return str(filled[numbers if numbers.all() else ~numbers].iloc[0])


def _constant(node: ast.expr) -> Any:
    """Return the constant that a part of a query is, such as 5, -5 or 'x'; None if it is none."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _constant(node.operand)
        return -value if isinstance(value, (int, float)) else value
    return node.value if isinstance(node, ast.Constant) else None


def _gives_number(node: ast.expr) -> bool:
    """Tell whether a part of a query, such as date.dt.year or name.str.len(), gives numbers."""
    asked = node.func if isinstance(node, ast.Call) else node
    return isinstance(asked, ast.Attribute) and asked.attr in NUMBER_WORDS


def refuse_arithmetic_on_text(query: Query, kinds: Mapping[str, str]) -> None:
    """Refuse arithmetic on text: ``kind * 1000000000`` would fill the memory, ``'%999999999d' % n`` too."""
    for node in ast.walk(query.tree):
        if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            for side in (node.left, node.right):
                if not _is_number(side, kinds):
                    raise query.refused("calculates with text; compare text with ==, in or .str")


def _is_number(node: ast.expr, kinds: Mapping[str, str]) -> bool:
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
