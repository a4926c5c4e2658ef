"""The text of a formula such as ``count ~ before + C(year)``, taken apart into terms; nothing in it is run.

A formula may come from another person's plan. It is read by a grammar of its own, with columns, numbers, the operators
of formulas and the functions that `formula_columns` lists; anything else is refused, and so is a
formula with too many terms.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NoReturn

from eventstudy.errors import ModelError
from eventstudy.printing import listed, one_line

LONGEST = 2_000  # characters of a formula
LONGEST_NUMBER = 40  # characters of a number
DEEPEST = 40  # levels of nested parentheses
MOST_OPERATORS = 100  # not counting the plus and minus of a sum of terms
MOST_TERMS = 500
MOST_FACTORS = 6  # in one interaction, and the highest power of a sum of terms

TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>`[^`]*`)|(?P<text>'[^'\\]*'|"[^"\\]*")|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)|(?P<symbol>\*\*|[=!<>]=|[-+*/:^~|&()<>,=])|(?P<other>\S))""",
    re.VERBOSE,
)
# How tightly an operator binds: between terms, and between numbers inside a function.
BETWEEN_TERMS = {"+": 1, "-": 1, "*": 2, "/": 2, ":": 3, "**": 5, "^": 5}
COMPARED = ("==", "!=", "<", "<=", ">", ">=")
BETWEEN_NUMBERS = dict.fromkeys(COMPARED, 1) | {"|": 2, "&": 3, "+": 4, "-": 4, "*": 5, "/": 5, "**": 7}
CONTRASTS = ("Treatment", "contr.treatment", "Sum", "contr.sum")
CONSTANTS: dict[str, float | str | bool] = dict(zip(CONTRASTS, CONTRASTS, strict=True)) | {
    "True": True, "False": False, "np.pi": math.pi, "numpy.pi": math.pi
}  # fmt: skip
SIGN = {True: 1, False: 6}  # of a minus before a term, and before a number


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a text, or True and False, and how it is written."""

    value: float | str | bool
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator between two parts, or a sign before one."""

    symbol: str
    sides: tuple[Part, ...]

    def __str__(self) -> str:
        own = self._binds
        if len(self.sides) == 1:
            return self.symbol + _inside(self.sides[0], own)
        left, right = self.sides
        tighter = own + (self.symbol not in ("+", "*", "&", "|"))  # a - (b - c) keeps its parentheses
        return f"{_inside(left, own + (self.symbol in ('**', *COMPARED)))} {self.symbol} {_inside(right, tighter)}"

    @property
    def _binds(self) -> int:
        return BETWEEN_NUMBERS.get(self.symbol, 3) if len(self.sides) == 2 else SIGN[False]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of columns and numbers."""

    function: str
    arguments: tuple[Part, ...]
    options: tuple[tuple[str, Part], ...] = ()

    def __str__(self) -> str:
        given = [*map(str, self.arguments), *(f"{name}={value}" for name, value in self.options)]
        return f"{self.function}({', '.join(given)})"


Part = Column | Constant | Operation | Call
Term = tuple[Part, ...]  # factors of an interaction; the intercept has none
Terms = dict[frozenset[Part], Term]  # each only once, in order


def _inside(part: Part, binds: int) -> str:
    return f"({part})" if isinstance(part, Operation) and part._binds < binds else str(part)


def columns_in(part: Part) -> Iterator[str]:
    """Yield the columns that a part reads."""
    if isinstance(part, Column):
        yield part.name
    elif isinstance(part, Operation):
        for side in part.sides:
            yield from columns_in(side)
    elif isinstance(part, Call):
        for side in (*part.arguments, *(value for _, value in part.options)):
            yield from columns_in(side)


def read_formula(formula: str, columns: Collection[str], where: str) -> tuple[str, list[Term]]:
    """Read a formula into the column of counts and the terms of its right-hand side.

    `columns`: names that may appear in it; others are refused. A name that is not a plain word is written in
    back-quotes or as ``Q('gdp growth')``. `where`: the function called, for the error text.

    Returns the terms by the number of their factors, the intercept first. Raises ModelError if it cannot be
    read, names a column or function that does not exist, or is too long.
    """
    reading = _Reading(str(formula), columns, where)
    left, right = reading.sides()
    if not isinstance(left, Column):
        shown = "a sum of terms" if isinstance(left, Operation) else f"{left}"
        reading.refuse_shape(f": the left side is {shown}, and counts are fitted as they stand in a column")
    terms = _sum(right, {frozenset(): ()}, reading)
    return left.name, sorted(terms.values(), key=len)


class _Reading:
    """The state of reading one formula into parts."""

    def __init__(self, formula: str, columns: Collection[str], where: str) -> None:
        self.formula, self.columns, self.where = formula, columns, where
        if len(formula) > LONGEST:
            raise ModelError(
                f"{where}: the formula has {len(formula):,} characters and {LONGEST:,} are read; make its columns "
                "in the table"
            )
        self.tokens = [(str(match.lastgroup), match[0].strip()) for match in TOKEN.finditer(formula)]
        self.place, self.depth, self.operators = 0, 0, 0
        self.missing: list[str] = []

    def refuse(self, reason: str) -> NoReturn:
        raise ModelError(
            f"{self.where}: cannot read the formula '{one_line(self.formula)}' ({reason}); "
            "write 'count ~ before + after'"
        )

    def refuse_shape(self, more: str = "") -> NoReturn:
        raise ModelError(
            f"{self.where}: the formula '{one_line(self.formula)}' must name one count and then its terms{more}; "
            "write 'count ~ before + after'"
        )

    @property
    def ahead(self) -> str:
        """The next token if it is an operator, a parenthesis or a comma, else nothing."""
        kind, text = self.tokens[self.place] if self.place < len(self.tokens) else ("symbol", "")
        return text if kind == "symbol" else ""

    def take(self, symbol: str) -> bool:
        found = bool(symbol) and self.ahead == symbol
        self.place += found
        return found

    def sides(self) -> tuple[Part, Part]:
        if self.tokens.count(("symbol", "~")) != 1 or self.ahead == "~":
            self.refuse_shape()
        left = self.part(BETWEEN_TERMS)
        if not self.take("~"):
            self._unexpected()
        right = self.part(BETWEEN_TERMS)
        if self.place < len(self.tokens):
            self._unexpected()
        if self.missing:
            missing = ", ".join(f"'{one_line(name)}'" for name in sorted(set(self.missing)))
            raise ModelError(
                f"{self.where}: the table has no column {missing}; the columns are {listed([*map(str, self.columns)])}"
            )
        return left, right

    def part(self, binding: dict[str, int], above: int = 0) -> Part:
        """Read a part up to the first operator that does not bind more tightly than `above`."""
        between_terms = binding is BETWEEN_TERMS
        if self.ahead in ("+", "-"):
            sign = self.ahead
            self.place += 1
            self.deeper(1)
            side = self.part(binding, SIGN[between_terms])
            self.deeper(-1)
            part: Part = side if sign == "+" and not between_terms else Operation(sign, (side,))
        else:
            part = self.single(binding)
        while self.ahead in binding and binding[self.ahead] > above:
            symbol = self.ahead
            self.place += 1
            self.operators += not (between_terms and symbol in ("+", "-"))
            if self.operators > MOST_OPERATORS:
                self.refuse(f"it has more than {MOST_OPERATORS} operators")
            self.deeper(1)
            # a power takes what is right of it first: 2 ** 3 ** 2 is 2 ** 9
            part = Operation(symbol, (part, self.part(binding, binding[symbol] - (symbol in ("**", "^")))))
            self.deeper(-1)
        return part

    def deeper(self, by: int) -> None:
        self.depth += by
        if self.depth > DEEPEST:
            self.refuse("it is nested too deeply")

    def single(self, binding: dict[str, int]) -> Part:
        """Read a column, a constant, a call or a parenthesised part."""
        if self.take("("):
            self.deeper(1)
            part = self.part(binding)
            self.deeper(-1)
            if not self.take(")"):
                self._unexpected("')'")
            return part
        if self.place >= len(self.tokens) or self.ahead:
            self._unexpected("a term")
        kind, text = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            if len(text) > LONGEST_NUMBER:
                self.refuse(f"a number has {len(text):,} digits")
            return Constant(int(text) if text.isdigit() and len(text) < 16 else float(text), text)
        if kind == "text":
            return Constant(text[1:-1], repr(text[1:-1]))
        if kind == "quoted":
            return self.column(text[1:-1])
        if kind == "name":
            return self.call(text) if self.take("(") else self.named(text)
        self.place -= 1
        return self._unexpected()

    def named(self, name: str) -> Part:
        if name in CONSTANTS and name not in self.columns:
            return Constant(CONSTANTS[name], name)
        return self.column(name)

    def column(self, name: str) -> Column:
        if name not in self.columns:
            self.missing.append(name)
        return Column(name)

    def call(self, function: str) -> Part:
        arguments: list[Part] = []
        options: list[tuple[str, Part]] = []
        self.deeper(1)
        while not self.take(")"):
            following = self.tokens[self.place : self.place + 2]
            if len(following) == 2 and following[0][0] == "name" and following[1] == ("symbol", "="):
                self.place += 2
                options.append((following[0][1], self.part(BETWEEN_NUMBERS)))
            else:
                arguments.append(self.part(BETWEEN_NUMBERS))
            if not self.take(",") and self.ahead != ")":
                self._unexpected("')'")
        self.deeper(-1)
        if function == "Q":
            name = arguments[0].value if len(arguments) == 1 and isinstance(arguments[0], Constant) else None
            if not isinstance(name, str) or options:
                self.refuse("Q takes the name of one column in quotes")
            return self.column(name)
        return Call(function, tuple(arguments), tuple(options))

    def _unexpected(self, wanted: str = "") -> NoReturn:
        found = f"'{one_line(self.tokens[self.place][1])}'" if self.place < len(self.tokens) else "its end"
        self.refuse(f"{wanted} is missing before {found}" if wanted else f"{found} cannot stand there")


def _sum(part: Part, terms: Terms, reading: _Reading) -> Terms:
    """Return the terms of a sum, with those after a minus removed."""
    summands: list[tuple[bool, Part]] = []
    while isinstance(part, Operation) and part.symbol in ("+", "-"):
        summands.append((part.symbol == "-", part.sides[-1]))
        if len(part.sides) == 1:
            break
        part = part.sides[0]
    else:
        summands.append((False, part))
    for away, summand in reversed(summands):
        nothing = isinstance(summand, Constant) and summand.text == "0"  # removes the intercept
        more = {frozenset(): ()} if nothing else _expanded(summand, reading)
        if away is nothing:
            terms = terms | {key: term for key, term in more.items() if key not in terms}
        else:
            terms = {key: term for key, term in terms.items() if key not in more}
    return terms


def _expanded(part: Part, reading: _Reading) -> Terms:
    """Return the terms of a product, a nesting, an interaction, a power or a single factor."""
    if isinstance(part, Constant):
        if part.text != "1":
            reading.refuse(f"{part} is not a term; calculate inside I(), such as I(2 * before)")
        return {frozenset(): ()}
    if not isinstance(part, Operation):
        return {frozenset({part}): (part,)}
    if part.symbol in ("+", "-"):
        return _sum(part, {}, reading)
    left = _expanded(part.sides[0], reading)
    if part.symbol in ("**", "^"):
        power = part.sides[1]
        times = power.value if isinstance(power, Constant) else None
        if not isinstance(times, int) or not 1 <= times <= MOST_FACTORS:
            reading.refuse(f"a sum of terms takes a whole power from 1 to {MOST_FACTORS}")
        terms = left
        for _ in range(times - 1):
            terms = _products(terms, left, reading)
        return terms
    right = _expanded(part.sides[1], reading)
    if part.symbol == ":":
        return _products(left, right, reading)
    if part.symbol == "*":
        return left | right | _products(left, right, reading)
    whole = tuple(dict.fromkeys(itertools.chain(*left.values())))  # a / b is a + a:b
    return left | _products({frozenset(whole): whole}, right, reading)


def _products(left: Terms, right: Terms, reading: _Reading) -> Terms:
    products: Terms = {}
    for one, other in itertools.product(left.values(), right.values()):
        factors = tuple(dict.fromkeys([*one, *other]))
        products.setdefault(frozenset(factors), factors)
        if len(factors) > MOST_FACTORS or len(products) > MOST_TERMS:
            reading.refuse(f"more than {MOST_FACTORS} factors in a term, or more than {MOST_TERMS} terms")
    return products
