"""The terms of a formula on a table, as columns of numbers: functions from a list, categories coded to full rank."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import read_texts
from eventstudy.errors import ModelError
from eventstudy.formula_text import (
    COMPARED,
    CONTRASTS,
    Call,
    Column,
    Constant,
    Operation,
    Part,
    Term,
    columns_in,
)
from eventstudy.numeric.bases import orthogonal_polynomials, spline_basis
from eventstudy.printing import one_line

Floats = NDArray[np.float64]
Scoped = frozenset[tuple[Part, bool]]  # factors of a block of columns, each with "one level left out"

MOST_COLUMNS = 500
HIGHEST_DEGREE = 20

# Functions of numbers, with how many they take; each also as np.log and numpy.log.
FUNCTIONS: dict[str, tuple[int, Callable[..., Floats]]] = {
    **{name: (1, getattr(np, name)) for name in ("abs", "ceil", "cos", "exp", "exp2", "expm1", "floor", "log", "log10",
                                                 "log1p", "log2", "sign", "sin", "sqrt", "square", "tan")},
    **{name: (2, getattr(np, name)) for name in ("maximum", "minimum", "power")},
    **{name: (3, getattr(np, name)) for name in ("clip", "where")},
}  # fmt: skip
WHOLE_COLUMN: dict[str, Callable[[Floats], Floats]] = {
    "I": lambda x: x,
    "center": lambda x: x - x.mean(),
    "scale": lambda x: (x - x.mean()) / x.std(ddof=1),
    "standardize": lambda x: (x - x.mean()) / x.std(ddof=1),
}
SEVERAL = ("C", "bs", "poly")  # make several columns, so each must be a term of its own
LISTED = ", ".join(sorted([*FUNCTIONS, *WHOLE_COLUMN, *SEVERAL, "Q"], key=str.lower))


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What one factor of a term becomes.

    `values`: shape (n, k). `reduced_names`, `reduced`: categories with one level left out; None for numbers.
    """

    names: tuple[str, ...]
    values: Floats = field(repr=False)
    reduced_names: tuple[str, ...] = ()
    reduced: Floats | None = field(default=None, repr=False)

    def columns(self, reduced: bool) -> tuple[tuple[str, ...], Floats]:
        """Return names and values, with all levels or with one left out."""
        return (
            (self.reduced_names, self.reduced)
            if reduced and self.reduced is not None
            else (self.names, self.values)
        )


@dataclass(frozen=True, slots=True, eq=False)
class ModelMatrix:
    """Columns of a regression.

    `values`: shape (n, k). `reads`: columns of the table that each one is made of.
    """

    names: tuple[str, ...]
    values: Floats = field(repr=False)
    reads: tuple[frozenset[str], ...]

    def without_intercept(self) -> ModelMatrix:
        """Return the other columns, with categories coded as in a model with an intercept."""
        keep = [k for k, read in enumerate(self.reads) if read]
        return ModelMatrix(
            tuple(self.names[k] for k in keep), self.values[:, keep], tuple(self.reads[k] for k in keep)
        )


def model_matrix(table: pd.DataFrame, terms: Sequence[Term], where: str) -> ModelMatrix:
    """Return the columns of the terms of a formula.

    - `table`: without missing values in the columns that the terms read.
    - `terms`: from `read_formula`.
    - `where`: the function called, for the error text.

    Raises ModelError if a function is not in the list, a part cannot be calculated, or there are too many
    columns.

    Categories lose a level wherever earlier terms already span it, so that no column is a linear combination of
    others: the rule of patsy, which formulaic and statsmodels follow.
    """
    reading = _Reading(table, where)
    blocks = {factor: reading.block(factor) for term in terms for factor in term}
    names: list[str] = []
    columns: list[Floats] = []
    reads: list[frozenset[str]] = []
    for ordered, scoped in _scoped(terms, blocks):
        parts = [blocks[factor].columns((factor, True) in scoped) for factor in ordered]
        number = int(np.prod([len(part[0]) for part in parts]))
        if len(names) + number > MOST_COLUMNS:
            raise ModelError(
                f"{where}: the formula makes more than {MOST_COLUMNS:,} columns; use fewer levels or terms"
            )
        read = frozenset(name for factor in ordered for name in columns_in(factor))
        for places in itertools.product(*(range(len(part[0])) for part in reversed(parts))):
            chosen = list(zip(parts, reversed(places), strict=True))  # the first factor changes fastest
            names.append(":".join(part[0][place] for part, place in chosen) or "Intercept")
            column = np.ones(len(table))
            for part, place in chosen:
                column = column * part[1][:, place]
            columns.append(column)
            reads.append(read)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ModelError(f"{where}: two terms are called {twice!r}; rename the column of the table")
    values = np.empty((len(table), len(columns)), order="F")
    for k, column in enumerate(columns):
        values[:, k] = column
    return ModelMatrix(tuple(names), values, tuple(reads))


def _scoped(terms: Sequence[Term], blocks: dict[Part, Block]) -> Iterable[tuple[Term, Scoped]]:
    """Yield the factors of each block of columns in order, and which of them leave a level out."""
    spanned: set[Scoped] = set()
    for term in terms:
        choices = [[(f, True), None] if blocks[f].reduced is not None else [(f, False)] for f in term]
        spans = [frozenset(f for f in chosen if f is not None) for chosen in itertools.product(*choices)]
        new = [span for span in spans if span not in spanned]
        spanned |= set(new)
        for scoped in _joined(new):
            kept = {factor for factor, _ in scoped}
            yield tuple(factor for factor in term if factor in kept), scoped


def _joined(spans: Iterable[Scoped]) -> list[Scoped]:
    """Join a block with all but one of a factor's levels and the block without the factor into one with all levels."""
    blocks: list[Scoped] = []
    for span in sorted(spans, key=len):
        for smaller in blocks:
            more = span - smaller
            if len(span) == len(smaller) + 1 and len(more) == 1 and next(iter(more))[1]:
                whole = smaller | {(next(iter(more))[0], False)}
                blocks = _joined([*(block for block in blocks if block != smaller), whole])
                break
        else:
            blocks.append(span)
    return blocks


class _Reading:
    """Parts of a formula on one table."""

    def __init__(self, table: pd.DataFrame, where: str) -> None:
        self.table, self.where = table, where
        self._seen: dict[str, pd.Series] = {}

    def column(self, name: str) -> pd.Series:
        """Return a column of the table, looked up once: pandas takes as long for that as for a calculation."""
        if name not in self._seen:
            self._seen[name] = self.table[name]
        return self._seen[name]

    def refuse(self, part: Part, reason: str) -> ModelError:
        return ModelError(f"{self.where}: cannot evaluate {one_line(str(part))!r} in the formula ({reason})")

    def block(self, factor: Part) -> Block:
        """Return the columns of one factor."""
        if isinstance(factor, Column) and not _is_number(self.column(factor.name)):
            return self._levels(factor, Call("C", (factor,)))
        if isinstance(factor, Call) and factor.function == "C":
            return self._levels(factor, factor)
        if isinstance(factor, Call) and factor.function in ("poly", "bs"):
            return self._basis(factor)
        values = np.broadcast_to(self.numbers(factor), len(self.table))
        return Block((str(factor),), values[:, np.newaxis])

    def numbers(self, part: Part) -> Floats:
        """Return the value of a part on each row, as floats: what overflows becomes infinite at once."""
        if isinstance(part, Column):
            values = self.column(part.name)
            if not _is_number(values):
                raise self.refuse(part, f"column {part.name!r} holds {_kind(values)}; write C({part.name})")
            return values.to_numpy(float)
        if isinstance(part, Constant):
            if isinstance(part.value, str):
                raise self.refuse(part, "it is text; compare a column with it")
            return np.asarray(part.value, float)
        # values that are not finite are reported once the whole formula is evaluated
        with np.errstate(all="ignore"):
            if isinstance(part, Operation):
                return self._operation(part)
            return self._called(part)

    def _operation(self, part: Operation) -> Floats:
        if part.symbol in COMPARED:
            left, right = self._compared(part)
            return np.asarray(_COMPARE[part.symbol](left, right), float)
        sides = [self.numbers(side) for side in part.sides]
        if part.symbol in ("&", "|"):
            return np.asarray(_LOGIC[part.symbol](sides[0] != 0, sides[1] != 0), float)
        if len(sides) == 1:
            return np.asarray(-sides[0])
        return np.asarray(_ARITHMETIC[part.symbol](*sides), float)

    def _compared(self, part: Operation) -> list[NDArray[np.generic]]:
        """Return both sides of a comparison: numbers, or text or dates beside a constant in quotes."""
        named = [self.column(side.name) for side in part.sides if isinstance(side, Column)]
        others = [values for values in named if not _is_number(values)]
        if not others:
            return [self.numbers(side) for side in part.sides]
        texts = [
            side.value for side in part.sides if isinstance(side, Constant) and isinstance(side.value, str)
        ]
        if len(texts) != 1 or len(named) != 1:
            raise self.refuse(part, f"a column of {_kind(others[0])} is compared with one text in quotes")
        if _kind(others[0]) == "dates":
            days, problems = read_texts(pd.Series(texts, dtype="str"))
            if problems:
                raise self.refuse(part, f"{texts[0]!r} is not a date; write YYYY-MM-DD")
            constant: NDArray[np.generic] = np.asarray(days[0]).astype("datetime64[D]")
            values: NDArray[np.generic] = others[0].to_numpy().astype("datetime64[D]")
        elif part.symbol not in ("==", "!="):
            raise self.refuse(part, "text has no order; use == or !=")
        else:
            constant, values = np.asarray(texts[0], object), others[0].astype(str).to_numpy(object)
        return [values if isinstance(side, Column) else constant for side in part.sides]

    def _called(self, part: Call) -> Floats:
        name = part.function.removeprefix("numpy.").removeprefix("np.")
        if part.function in WHOLE_COLUMN:
            wanted, function = 1, WHOLE_COLUMN[part.function]
        elif name in FUNCTIONS:
            wanted, function = FUNCTIONS[name]
        elif part.function in SEVERAL:
            raise self.refuse(
                part, f"{part.function}() makes several columns, so it must be a term of its own"
            )
        else:
            raise self.refuse(part, f"{part.function!r} is not one of the functions of formulas: {LISTED}")
        if len(part.arguments) != wanted or part.options:
            raise self.refuse(part, f"{part.function} takes {wanted} argument{'s' if wanted > 1 else ''}")
        values = [self.numbers(argument) for argument in part.arguments]
        if part.function in WHOLE_COLUMN and part.function != "I":
            values = [np.broadcast_to(values[0], len(self.table))]
        return np.asarray(
            function(values[0] != 0, *values[1:]) if name == "where" else function(*values), float
        )

    def _levels(self, factor: Part, call: Call) -> Block:
        """Return a column of 0 and 1 for each level that a row has."""
        column = call.arguments[0] if call.arguments else None
        if len(call.arguments) > 2 or column is None or (len(call.arguments) == 2 and call.options):
            raise self.refuse(
                call, "write C(column), or C(column, Treatment('level')) with the level to compare with"
            )
        values = self.column(column.name) if isinstance(column, Column) else pd.Series(self.numbers(column))
        contrast = next((value for name, value in call.options if name == "contrasts"), None)
        contrast = call.arguments[1] if len(call.arguments) == 2 else contrast
        if call.options and contrast is None:
            raise self.refuse(call, "C takes a column and contrasts")
        codes = pd.Categorical(values).remove_unused_categories()
        levels = list(codes.categories)
        if len(levels) > MOST_COLUMNS:
            raise self.refuse(
                call, f"it has {len(levels):,} levels; a formula makes {MOST_COLUMNS:,} columns at most"
            )
        ones = np.asarray(codes.codes)[:, np.newaxis] == np.arange(len(levels))
        names = tuple(f"{factor}[{level}]" for level in levels)
        kind, base = self._contrast(call, contrast, levels)
        left = [k for k in range(len(levels)) if k != base]
        reduced = ones[:, left].astype(float)
        if kind == "S":
            reduced[ones[:, base]] = -1.0
        reduced_names = tuple(f"{factor}[{kind}.{levels[k]}]" for k in left)
        return Block(names, ones.astype(float), reduced_names, reduced)

    def _contrast(self, call: Call, contrast: Part | None, levels: Sequence[object]) -> tuple[str, int]:
        """Return the coding, "T" (treatment) or "S" (sum), and the level left out."""
        if contrast is None:
            return "T", 0
        function, given = str(contrast), []
        if isinstance(contrast, Call):
            function = contrast.function
            given = [*contrast.arguments, *(value for _, value in contrast.options)]
        if function not in CONTRASTS or len(given) > 1:
            raise self.refuse(call, "contrasts are Treatment('level') or Sum")
        if not given:
            return ("S", len(levels) - 1) if function in ("Sum", "contr.sum") else ("T", 0)
        base = given[0].value if isinstance(given[0], Constant) else None
        if base not in levels:
            raise self.refuse(call, f"the level {given[0]} is not among {', '.join(map(str, levels[:10]))}")
        return "T", levels.index(base)

    def _basis(self, call: Call) -> Block:
        """Return the columns of a polynomial or a spline."""
        places = ("degree", "raw") if call.function == "poly" else ("df", "degree")
        given = dict(zip(places, call.arguments[1:], strict=False)) | dict(call.options)
        if not call.arguments or len(call.arguments) + len(call.options) > 3 or set(given) - set(places):
            raise self.refuse(call, f"{call.function} takes a column, then {' and '.join(places)}")
        x = np.broadcast_to(self.numbers(call.arguments[0]), len(self.table))
        if not np.isfinite(x).all():
            raise self.refuse(call, "its column is not finite on every row")
        raw = given.pop("raw", None)
        highest = min(HIGHEST_DEGREE, np.unique(x).size - 1)
        whole = {name: self._whole(call, name, part, highest) for name, part in given.items()}
        degree = whole.get("degree", 1 if call.function == "poly" else 3)
        df = whole.get("df", degree)
        if not degree <= df <= highest:
            raise self.refuse(call, f"degree {degree} and df {df} do not fit: degree <= df <= {highest} here")
        if call.function == "bs":
            values = spline_basis(x, df, degree)
        elif isinstance(raw, Constant) and raw.value is True:
            values = x[:, np.newaxis] ** np.arange(1, degree + 1)
        else:
            values = orthogonal_polynomials(x, degree)
        return Block(tuple(f"{call}[{k + 1}]" for k in range(values.shape[1])), values)

    def _whole(self, call: Call, name: str, part: Part, highest: int) -> int:
        value = part.value if isinstance(part, Constant) else None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= highest:
            raise self.refuse(call, f"{name} is a whole number from 1 to {highest} here")
        return value


_COMPARE: dict[str, Callable[..., NDArray[np.bool_]]] = {
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_LOGIC: dict[str, Callable[..., NDArray[np.bool_]]] = {"&": np.logical_and, "|": np.logical_or}
_ARITHMETIC: dict[str, Callable[..., Floats]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.true_divide, "**": np.power,
}  # fmt: skip


def _is_number(values: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(values.dtype) and not isinstance(values.dtype, pd.CategoricalDtype)


def _kind(values: pd.Series[Any]) -> str:
    return "dates" if pd.api.types.is_datetime64_any_dtype(values.dtype) else "text"
