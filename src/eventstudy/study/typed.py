"""A table of plain values, as TOML gives it, made into a checked, frozen type."""

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
from eventstudy.study.files import DataFile, data_file
from eventstudy.windows import Window


def typed(kind: Any, value: Any, where: str, folder: Path = Path()) -> Any:
    """Turn a value of a file into `kind`, or say where it does not fit.

    Parameters
    ----------
    kind : type
        A frozen dataclass, Window, Period, DataFile, tuple, literal or plain type; a class with ``from_entries`` reads
        its own.
    value : object
        As ``tomllib`` gives it.
    where : str
        The place in the file, ending with a colon; entries inside are named below it.
    folder : pathlib.Path
        That of the file; a file of data is looked for in ``../data/raw`` from there.

    Raises
    ------
    PlanError
        If an entry is unknown, missing or of the wrong kind.

    Examples
    --------
    >>> typed(Window, [-14, 0], "plan.toml:window:")
    Window(start=-14, stop=0)
    """
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
        if value in arguments:
            return value
        raise PlanError(f"{where} {value!r} is not one of {', '.join(arguments)}; choose one")
    if origin is types.UnionType:
        return typed(next(a for a in arguments if a is not type(None)), value, where, folder)
    if origin is tuple:
        if not isinstance(value, list) or (arguments[-1] is not Ellipsis and len(value) != len(arguments)):
            raise PlanError(f"{where} it must be a list{_length(arguments)}; write [..., ...]")
        parts = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(
            typed(a, v, f"{where[:-1]}[{i}]:", folder)
            for i, (a, v) in enumerate(zip(parts, value, strict=True))
        )
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise PlanError(f"{where} {value!r} is of the wrong kind; give a {kind.__name__}")
    return value


def _dataclass(kind: Any, value: Any, where: str, folder: Path) -> Any:
    if not isinstance(value, Mapping):
        raise PlanError(
            f"{where} it must be a table with entries; write [{where.rstrip(':').rpartition(':')[2]}]"
        )
    hints = typing.get_type_hints(kind)
    fields = {entry.name: entry for entry in dataclasses.fields(kind)}
    unknown = [name for name in value if name not in fields]
    if unknown:
        raise PlanError(f"{where}{unknown[0]}: this entry is not known; the entries are {', '.join(fields)}")
    missing = [n for n, entry in fields.items() if n not in value and entry.default is dataclasses.MISSING]
    if missing:
        raise PlanError(f"{where}{missing[0]}: this entry is missing; add it")
    return kind(
        **{name: typed(hints[name], entry, f"{where}{name}:", folder) for name, entry in value.items()}
    )


def _pair(kind: Any, value: Any, where: str) -> Any:
    """Return a window or a period from its two ends."""
    if not isinstance(value, list) or len(value) != 2:
        raise PlanError(f"{where} {value!r} does not have two ends; write [start, stop]")
    wanted = int if kind is Window else datetime.date
    if not all(type(end) is wanted for end in value):
        raise PlanError(f"{where} {value!r} has ends of the wrong kind; give two {wanted.__name__}s")
    try:
        return kind(*value)
    except EventStudyError as error:
        raise PlanError(f"{where} {error}") from None


def _length(arguments: tuple[Any, ...]) -> str:
    return "" if arguments[-1] is Ellipsis else f" of {len(arguments)}"
