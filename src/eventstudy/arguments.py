"""Checks of single arguments: whole numbers, shares, and one of several names."""

from __future__ import annotations

import math
import operator
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from eventstudy.errors import EventStudyError, OptionError

LONGEST = 100  # characters of a value in a message


def quoted(value: Any) -> str:
    """Return a value for a message, in one line: a table has several.

    >>> quoted([1, 2])
    '[1, 2]'
    """
    text = " ".join(repr(value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def whole(
    value: Any,
    where: str,
    name: str,
    *,
    least: int | None = None,
    fix: str,
    error: type[EventStudyError] = OptionError,
) -> int:
    """Return a whole number, also where it is given as a float such as 1e4.

    - `where`, `name`: the function and its argument, for the message.
    - `least`: the smallest number that is accepted.
    - `fix`: what to give instead.

    Raises EventStudyError if it is not a whole number (text, a Boolean, 2.5, nan), or smaller than `least`.

    >>> whole(1e4, "permutation_test", "n_resamples", least=1, fix="make at least one draw")
    10000
    """
    number: int | None = None
    if isinstance(value, (float, np.floating)):
        number = int(value) if float(value).is_integer() else None
    elif not isinstance(value, (bool, np.bool_)):
        try:
            number = operator.index(value)
        except TypeError:
            number = None
    if number is None:
        raise error(f"{where}: {name} is {quoted(value)}, not a whole number; {fix}")
    if least is not None and number < least:
        raise error(f"{where}: {name} is {number}; {fix}")
    return number


def share(value: Any, where: str, name: str, *, fix: str = "give a share, such as 0.95") -> float:
    """Return a number between 0 and 1, both excluded.

    Raises OptionError if it is anything else: 95, nan, text.
    """
    if not isinstance(value, (float, np.floating)) or not 0.0 < value < 1.0:
        raise OptionError(f"{where}: {name} is {quoted(value)}; {fix}")
    return float(value)


def positive(value: Any, where: str, name: str, *, fix: str = "give a number above 0, such as 1.5") -> float:
    """Return a number above 0 and finite.

    Raises OptionError if it is anything else: 0, nan, infinity, text, a truth value.
    """
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not is_number or not 0.0 < value < math.inf:
        raise OptionError(f"{where}: {name} is {quoted(value)}; {fix}")
    return float(value)


def check_several(value: Any, where: str, name: str) -> None:
    """Refuse a single thing, or a text, where a list or a mapping is asked for."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise OptionError(
            f"{where}: {name} is a single {type(value).__name__}; give a list, even of one thing"
        )


def one_of(value: Any, names: Collection[str], where: str, name: str) -> str:
    """Return one of several names.

    Raises OptionError if it is none of them.
    """
    if not isinstance(value, str) or value not in names:
        *others, last = (repr(one) for one in names)
        raise OptionError(f"{where}: {name}={quoted(value)} is not known; give {', '.join(others)} or {last}")
    return value
