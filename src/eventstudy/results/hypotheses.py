"""Hypotheses that terms are zero, as text: names, factors, or equations as statsmodels and R write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from eventstudy.errors import ModelError
from eventstudy.results.combinations import split_outside, unknown_term

LEVEL = re.compile(r"\[.*?\](?=:|$)")  # of a factor, in the name of a term


def said_zero(text: str, terms: Sequence[str], refuse: Callable[[str], object]) -> list[str]:
    """Return the terms that a text says are zero, such as "before = 0, after = 0"; a name is returned as it is.

    `terms`: those of the model. `refuse`: raises an error for a name that is no term.

    Raises ModelError if an equation says something else than that single terms are zero.
    """
    if _is_known(text, terms):
        return [text]
    names: list[str] = []
    for equation in split_outside(text, ","):
        equation = _bare(equation)
        first, *between = split_outside(equation, "=")
        sides = [first, *(side for side in between[:-1] if side), *between[-1:]]  # of "==" too
        zeros = [side for side in sides if _is_zero(side)]
        named = [side for side in sides if side not in zeros]
        of_terms = all(_is_known(name, terms) for name in named)
        if len(sides) > 1 and not (zeros and named and of_terms):
            if unknown := unknown_term(equation, terms):
                refuse(unknown)
            raise ModelError(
                f"joint_test: {equation!r} does not say that single terms are zero; for one equation write "
                f"contrast({equation!r})"
            )
        names += named
    return names


def terms_of(name: str, terms: Sequence[str]) -> list[str]:
    """Return the terms of a factor as written in the formula, or the name itself where it is no factor.

    Examples
    --------
    >>> terms_of("C( year )", ["Intercept", "C(year)[2012]", "C(year)[2013]"])
    ['C(year)[2012]', 'C(year)[2013]']
    """
    written = _written(name)
    return [term for term in terms if written == _written(LEVEL.sub("", term)) != _written(term)] or [name]


def _is_known(name: str, terms: Sequence[str]) -> bool:
    return name in terms or terms_of(name, terms) != [name]


def _bare(equation: str) -> str:
    """Return an equation without brackets round the whole, as statsmodels writes several."""
    inside = equation[1:-1]
    whole = equation.startswith("(") and equation.endswith(")") and len(split_outside(inside, "=")) > 1
    return inside.strip() if whole else equation


def _is_zero(text: str) -> bool:
    return re.fullmatch(r"[+-]?0+(\.0*)?", text) is not None


def _written(term: str) -> str:
    """Return a term without what does not change its meaning: spaces, and the kind of quotation marks."""
    return "".join(term.split()).replace('"', "'")
