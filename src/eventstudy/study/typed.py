"""Conversion of a table of plain values, as from TOML, to a checked, frozen type."""

from __future__ import annotations

import dataclasses
import datetime
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventstudy.errors import EventStudyError, PlanError
from eventstudy.periods import Period
from eventstudy.printing import one_line
from eventstudy.study.files import DataFile, data_file
from eventstudy.windows import Window

LARGEST = 2**64  # of a number without its own range
FARTHEST = 36_525  # days; a hundred years
LONGEST_TEXT, LONGEST_LABEL = 10_000, 100  # characters


@dataclasses.dataclass(frozen=True, slots=True)
class Between:
    """The range of a number, with the fix for one outside; its ends are included unless it is open."""

    low: int
    high: int
    fix: str
    open: bool = False

    def check(self, value: float, where: str) -> None:
        """Refuse a number outside the range; nan is outside."""
        inside = self.low < value < self.high if self.open else self.low <= value <= self.high
        if not inside:
            ends = f"{self.low:,} and {self.high:,}" if self.open else f"{self.low:,} to {self.high:,}"
            raise PlanError(
                f"{where} {_shown(value)} is not {'between' if self.open else 'from'} {ends}; {self.fix}"
            )


@dataclasses.dataclass(frozen=True, slots=True)
class OneLine:
    """A text that is a name: one short line with at least one letter."""

    def check(self, value: str, where: str) -> None:
        """Refuse a text that is not a name."""
        if not value.strip() or len(value) > LONGEST_LABEL or not value.isprintable():
            raise PlanError(
                f"{where} '{one_line(value)}' is not a name; give one line of 1 to {LONGEST_LABEL} characters"
            )


ANY_NUMBER = Between(-LARGEST, LARGEST, "correct it")
Share = typing.Annotated[float, Between(0, 1, "give a share, such as 0.05 or 0.95", open=True)]
Draws = typing.Annotated[int, Between(1, 10_000_000, "give a number of draws, such as 9999")]
Series = typing.Annotated[int, Between(1, 1_000_000, "give a number of data sets, such as 200")]
Seed = typing.Annotated[int, Between(0, 2**64 - 1, "give a whole number, such as a date")]
Lag = typing.Annotated[int, Between(-FARTHEST, FARTHEST, "give days")]
NumberOfDays = typing.Annotated[int, Between(0, FARTHEST, "give a number of days")]
Width = typing.Annotated[int, Between(1, FARTHEST, "give a number of days, such as 7")]
Ratio = typing.Annotated[float, Between(0, 1_000, "give a ratio above 0, such as 1.5", open=True)]
Label = typing.Annotated[str, OneLine()]


def typed(kind: Any, value: Any, where: str, folder: Path = Path()) -> Any:
    """Convert a value of a file to `kind`, or say where it does not fit.

    - `kind`: a frozen dataclass, Window, Period, DataFile, tuple, literal or plain type; a class with
      ``from_entries`` reads its own.
    - `value`: as ``tomllib`` gives it.
    - `where`: the place in the file, ending with a colon; entries inside are named below it.
    - `folder`: that of the file; a file of data is looked for in ``../data/raw`` from there.

    Raises PlanError if an entry is unknown, missing, of the wrong kind or outside its range.

    >>> typed(Window, [-14, 0], "plan.toml:window:")
    Window(start=-14, stop=0)
    """
    if typing.get_origin(kind) is typing.Annotated:
        plain = _of_kind(kind.__origin__, value, where)
        for rule in kind.__metadata__:
            rule.check(plain, where)
        return plain
    if kind is Window or kind is Period:
        return _pair(kind, value, where)
    if kind is DataFile:
        return data_file(value, folder, where)
    if hasattr(kind, "from_entries"):
        return kind.from_entries(value, where)
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, where, folder)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        if isinstance(value, str) and value in arguments:
            return value
        raise PlanError(f"{where} {_shown(value)} is not one of {', '.join(arguments)}; choose one")
    if origin in (types.UnionType, typing.Union):
        members = [a for a in arguments if a is not type(None)]
        lists = [a for a in members if typing.get_origin(a) is tuple]
        return typed((lists if lists and isinstance(value, list) else members)[0], value, where, folder)
    if origin is tuple:
        if not isinstance(value, list) or (arguments[-1] is not Ellipsis and len(value) != len(arguments)):
            raise PlanError(f"{where} it must be a list{_length(arguments)}; write [..., ...]")
        parts = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(
            typed(a, v, f"{where[:-1]}[{i}]:", folder)
            for i, (a, v) in enumerate(zip(parts, value, strict=True))
        )
    plain = _of_kind(kind, value, where)
    if kind is str:
        _check_text(plain, where)
    elif kind in (int, float):
        ANY_NUMBER.check(plain, where)
    return plain


def _of_kind(kind: Any, value: Any, where: str) -> Any:
    if kind is float and type(value) is int and abs(value) <= LARGEST:
        return float(value)
    if type(value) is not kind:
        raise PlanError(f"{where} {_shown(value)} is of the wrong kind; give a {kind.__name__}")
    return value


def _check_text(text: str, where: str) -> None:
    """Refuse an empty text, one that is too long, and one with control characters or a null character."""
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise PlanError(f"{where} the text has {len(text):,} characters; give 1 to {LONGEST_TEXT:,}")
    if wrong := [letter for letter in text if not letter.isprintable() and letter not in "\n\t\u00a0"]:
        raise PlanError(f"{where} the text holds the character '{one_line(wrong[0])}'; take it out")


def _shown(value: Any) -> str:
    """Return a value of a file for an error text: short, without control characters."""
    try:
        return one_line(repr(value))
    except (ValueError, RecursionError):  # more digits than Python prints, or nested without end
        return f"the {type(value).__name__} there"


def _dataclass(kind: Any, value: Any, where: str, folder: Path) -> Any:
    if not isinstance(value, Mapping):
        raise PlanError(
            f"{where} it must be a table with entries; write [{where.rstrip(':').rpartition(':')[2]}]"
        )
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {entry.name: entry for entry in dataclasses.fields(kind)}
    unknown = [name for name in value if name not in fields]
    if unknown:
        raise PlanError(
            f"{where}{one_line(unknown[0])}: this entry is not known; the entries are {', '.join(fields)}"
        )
    missing = [n for n, entry in fields.items() if n not in value and entry.default is dataclasses.MISSING]
    if missing:
        raise PlanError(f"{where}{missing[0]}: this entry is missing; add it")
    entries = {name: typed(hints[name], entry, f"{where}{name}:", folder) for name, entry in value.items()}
    for name, entry in entries.items():
        if entry == () and fields[name].default is dataclasses.MISSING:
            raise PlanError(f"{where}{name}: the list is empty; give at least one entry")
    try:
        return kind(**entries)
    except EventStudyError as error:
        raise PlanError(f"{where} {str(error).removeprefix('plan: ')}") from None


def _pair(kind: Any, value: Any, where: str) -> Any:
    """Return a window or a period from its two ends."""
    if not isinstance(value, list) or len(value) != 2:
        raise PlanError(f"{where} {_shown(value)} does not have two ends; write [start, stop]")
    wanted = int if kind is Window else datetime.date
    if not all(type(end) is wanted for end in value):
        raise PlanError(f"{where} {_shown(value)} has ends of the wrong kind; give two {wanted.__name__}s")
    if kind is Window:
        for end in value:
            Between(-FARTHEST, FARTHEST, "give days").check(end, where)
    try:
        return kind(*value)
    except EventStudyError as error:
        raise PlanError(f"{where} {error}") from None


def _length(arguments: tuple[Any, ...]) -> str:
    return "" if arguments[-1] is Ellipsis else f" of {len(arguments)}"
