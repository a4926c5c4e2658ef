"""Linear combinations of terms, written as a sum or as an equation."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+")
NAME = re.compile(
    r"(?<![\w.])[^\W\d][\w.]*(?:\([^()]*\))?(?:\[[^\]]*\])?"
)  # as of a column or a level of a factor
CONSTANT = ""  # the name under which a number without a term stands
LONGEST = 2_000  # characters
DEEPEST = 20  # brackets in one another

Form = dict[str, float]


def read_combination(text: str, terms: Sequence[str]) -> Form | None:
    """Return the coefficient of each term in a combination such as "before - 2 * after"; None if it is none.

    Terms may be multiplied and divided by numbers, and stand in brackets. An equation is its left side minus its right
    side; a number without a term, as in "before = 1", has the name "". A name may be in back-quotes. Of names with the
    same beginning the longest counts.

    Examples
    --------
    >>> read_combination("before - 2*after", ["before", "after"])
    {'before': 1.0, 'after': -2.0}
    >>> read_combination("(before + during) / 2 = after", ["before", "during", "after"])
    {'before': 0.5, 'during': 0.5, 'after': -1.0}
    """
    try:
        left, *right = _Reader(text, terms).sides()
    except _Unreadable:
        return None
    whole = left
    if len(right) > 1:
        return None
    if right:
        whole = _sum(left, right[0], -1.0)
    return whole if all(map(math.isfinite, whole.values())) else None


def split_outside(text: str, sign: str) -> list[str]:
    """Return the parts of a text between signs that stand in no brackets.

    Examples
    --------
    >>> split_outside("C(g, Sum) = 0, after = 0", ",")
    ['C(g, Sum) = 0', 'after = 0']
    """
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == sign and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def unknown_term(text: str, terms: Iterable[str]) -> str:
    """Return the first name in a combination that is no term; "" if there is none.

    Examples
    --------
    >>> unknown_term("befor - 2 * after", ["before", "after"])
    'befor'
    """
    for name in sorted(terms, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    found = NAME.search(text)
    return found[0] if found else ""


class _Unreadable(Exception):
    """The text is no combination of terms."""


class _Reader:
    """Reads the parts of a text from the left: names of terms, numbers and signs."""

    def __init__(self, text: str, terms: Iterable[str]) -> None:
        longest = sorted(terms, key=len, reverse=True)
        self.parts: list[str | float | tuple[str]] = []  # a name stands in a tuple, so that it is no sign
        self.place = 0
        rest = text.strip()
        if len(rest) > LONGEST:
            raise _Unreadable
        while rest:
            name = next((name for name in longest if rest.startswith((name, f"`{name}`"))), None)
            number = NUMBER.match(rest)
            if name is not None:
                taken = len(name) + (2 if rest.startswith("`") else 0)
                self.parts.append((name,))
            elif number:
                taken = number.end()
                self.parts.append(float(number[0]))
            else:
                taken = 2 if rest.startswith("==") else 1  # as R writes it
                self.parts.append(rest[0])
            rest = rest[taken:].lstrip()

    def take(self, signs: str) -> str:
        """Return the next part and go on if it is one of some signs, "" otherwise."""
        part = self.parts[self.place] if self.place < len(self.parts) else None
        if not isinstance(part, str) or part not in signs:
            return ""
        self.place += 1
        return part

    def sides(self) -> list[Form]:
        """Return the sides of the equation, or the one combination."""
        found = [self.sum()]
        while self.take("="):
            found.append(self.sum())
        if self.place < len(self.parts):
            raise _Unreadable
        return found

    def sum(self, depth: int = 0) -> Form:
        """Return a sum of products."""
        if depth > DEEPEST:
            raise _Unreadable
        sign = self.take("+-")
        found = _sum({}, self.product(depth), -1.0 if sign == "-" else 1.0)
        while sign := self.take("+-"):
            found = _sum(found, self.product(depth), -1.0 if sign == "-" else 1.0)
        return found

    def product(self, depth: int) -> Form:
        """Return a product in which at most one factor holds terms, and numbers alone divide."""
        found = self.factor(depth)
        while sign := self.take("*/"):
            other = self.factor(depth)
            if sign == "*" and found.keys() <= {CONSTANT}:
                found, other = other, found
            if other.keys() != {CONSTANT} or (sign == "/" and other[CONSTANT] == 0.0):
                raise _Unreadable
            times = other[CONSTANT] if sign == "*" else 1.0 / other[CONSTANT]
            found = {name: times * value for name, value in found.items()}
        return found

    def factor(self, depth: int) -> Form:
        """Return a term, a number, or a sum in brackets."""
        if self.take("("):
            found = self.sum(depth + 1)
            if not self.take(")"):
                raise _Unreadable
            return found
        if self.place == len(self.parts):
            raise _Unreadable
        part = self.parts[self.place]
        self.place += 1
        if isinstance(part, tuple):
            return {part[0]: 1.0}
        if isinstance(part, float):
            return {CONSTANT: part}
        raise _Unreadable


def _sum(one: Form, other: Form, times: float) -> Form:
    """Return one combination plus a multiple of another."""
    return {name: one.get(name, 0.0) + times * other.get(name, 0.0) for name in dict.fromkeys([*one, *other])}
