"""What a query on the rows of a table may say: it is read here, and what could do more than compare is refused."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eventstudy.errors import DataError, OptionError
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
LONGEST = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Query:
    """A query that says nothing but what it may.

    - `text`: as given.
    - `path`: where the table comes from, for the error text.
    - `columns`: those of the table.
    - `tree`: the query with a plain name in place of each column in back-quotes.
    - `quoted`: the column of each such name.
    """

    text: str
    path: str | Path
    columns: Sequence[str]
    tree: ast.Expression
    quoted: Mapping[str, str]

    @classmethod
    def read(cls, text: str, path: str | Path, columns: Sequence[str]) -> Query:
        """Read a query.

        Raises DataError if it cannot be read, names a column that is not there, or reaches beyond the table.
        """
        if not isinstance(text, str):
            raise OptionError(
                f"where is a {type(text).__name__}; give a query as text, such as \"kind == 'ballistic'\", or choose "
                "the rows of a DataFrame before"
            )
        if len(text) > LONGEST:
            raise DataError(
                f"{path}: the query has {len(text):,} characters and {LONGEST:,} are read; write a shorter one",
                path=path,
            )
        quoted: dict[str, str] = {}

        def plain(match: re.Match[str]) -> str:
            if match[1] not in columns:
                raise _refused(
                    text, path, f"names the column {match[1]!r}; the columns are {listed(columns)}"
                )
            name = free_name("quoted", [*columns, *quoted])
            quoted[name] = match[1]
            return name

        unquoted = QUOTED.sub(plain, text).strip()
        try:
            with warnings.catch_warnings():
                # "1if" and its like are refused below, in one line
                warnings.simplefilter("ignore", SyntaxWarning)
                tree = ast.parse(unquoted, mode="eval")
            ast.unparse(tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason = getattr(error, "msg", None) or "it is nested too deeply"
            raise _refused(
                text, path, f"cannot be read ({reason}); write for example \"kind == 'ballistic'\""
            ) from None
        query = cls(text, path, columns, tree, quoted)
        query._check()
        return query

    def refused(self, why: str) -> DataError:
        """Return the error that says what is wrong with the query, and the fix."""
        return _refused(self.text, self.path, why)

    def inapplicable(self, reason: str) -> DataError:
        """Return the error of a query that cannot be applied to the table."""
        return self.refused(f"cannot be applied ({one_line(reason)}); the columns are {listed(self.columns)}")

    def _check(self) -> None:
        nodes = list(ast.walk(self.tree))
        self._refuse_commas(nodes)
        for node in nodes:
            beyond = (
                not isinstance(node, NODES)
                or (isinstance(node, ast.Attribute) and node.attr not in WORDS)
                or (isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute))
                or (isinstance(node, ast.Constant) and not isinstance(node.value, PLAIN))
            )
            if beyond:
                raise self.refused("reaches beyond the table; use column names, constants and comparisons")
            if isinstance(node, ast.Name) and node.id not in self.columns and node.id not in self.quoted:
                raise self.inapplicable(f"name '{node.id}' is not defined")
            if isinstance(node, ast.Attribute):
                node.attr = PANDAS_NAMES.get(node.attr, node.attr)
            if isinstance(node, ast.Call):
                self._refuse_pattern(node)

    def _refuse_commas(self, nodes: Iterable[ast.AST]) -> None:
        """Refuse a comma where no list is asked for, such as that of 1,5: Python makes a pair of values of it."""
        lists: list[ast.expr] = []
        pairs: list[ast.Tuple] = []
        third: list[ast.expr] = []  # arguments of between, of which there are two
        for node in nodes:
            if isinstance(node, ast.Compare) and {type(sign) for sign in node.ops} <= {ast.In, ast.NotIn}:
                lists += node.comparators
            elif isinstance(node, ast.Call):
                lists += node.args
                third += node.args[2:3] if is_between(node) else []
            elif isinstance(node, ast.Tuple):
                pairs.append(node)
        numbers = [one for one in third if isinstance(one, ast.Constant) and not isinstance(one.value, str)]
        if numbers or any(pair not in lists for pair in pairs):
            raise self.refused(
                "has a comma between two values; write decimals with a point, such as 1.5, and 'and' between "
                "conditions"
            )

    def _refuse_pattern(self, call: ast.Call) -> None:
        """Refuse a pattern that repeats or groups, and one that is not written out: it may take unbounded time."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "contains":
            return
        given = [
            *call.args[:1],
            *(keyword.value for keyword in call.keywords if keyword.arg in (None, "pat")),
        ]
        for pattern in given:
            text = pattern.value if isinstance(pattern, ast.Constant) else None
            if not isinstance(text, str) or REPEATS.search(text):
                raise self.refused(
                    "searches with a pattern that repeats, groups or is not written out; write plain text or "
                    "alternatives such as 'ballistic|cruise'"
                )


def _refused(text: str, path: str | Path, why: str) -> DataError:
    return DataError(f"{path}: the query {text!r} {why}", path=path)


def is_between(call: ast.Call) -> bool:
    """Tell whether a part of a query is ``column.between(...)``."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "between"


def free_name(stem: str, taken: Iterable[str]) -> str:
    """Return a name that is not in use.

    >>> free_name("dated", ["dated_0"])
    'dated_1'
    """
    number, used = 0, set(taken)
    while f"{stem}_{number}" in used:
        number += 1
    return f"{stem}_{number}"
