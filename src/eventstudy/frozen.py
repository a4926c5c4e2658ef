"""Immutable values: arrays are read-only, in every copy too, and values compare by content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, FrozenInstanceError, fields, is_dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd


class Frozen:
    """Base of dataclasses with arrays: read-only from the start and after copying or pickling, compared by content."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    if not TYPE_CHECKING:  # a type checker would then allow any assignment

        def __init_subclass__(cls, **options):
            """Take away what `dataclass` writes into a class with slots, which fails for all but the fields."""
            super().__init_subclass__(**options)
            for method in ("__setattr__", "__delattr__"):
                if method in vars(cls):
                    delattr(cls, method)

        def __setattr__(self, name, value):
            raise FrozenInstanceError(_fixed(self, name, "assigned"))

        def __delattr__(self, name):
            raise FrozenInstanceError(_fixed(self, name, "deleted"))

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, _read_only(getattr(self, item.name)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle by rebuilding: NumPy makes the arrays of a copy writeable again."""
        return _rebuilt, (type(self), {item.name: _plain(getattr(self, item.name)) for item in fields(self)})

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return same(self, other)

    def __hash__(self) -> int:
        values = (getattr(self, item.name) for item in fields(self))
        return hash((type(self), *(value for value in values if isinstance(value, str))))


def same(one: Any, other: Any) -> bool:
    """Return whether two values have equal content; nan equals nan."""
    if one is other:
        return True
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        floats = one.dtype.kind == other.dtype.kind == "f"
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=floats)
    if type(one) in (pd.DataFrame, pd.Series, pd.Index, pd.DatetimeIndex):
        return type(one) is type(other) and bool(one.equals(other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, (tuple, list)) and type(one) is type(other):
        return len(one) == len(other) and all(map(same, one, other))
    if is_dataclass(one) and type(one) is type(other):
        return all(same(getattr(one, item.name), getattr(other, item.name)) for item in fields(one))
    if isinstance(one, float) and isinstance(other, float) and np.isnan(one) and np.isnan(other):
        return True
    return bool(one == other)


def _fixed(value: object, name: str, done: str) -> str:
    return f"{type(value).__name__}: {name} cannot be {done}, as it is fixed once made; make a new one"


def _read_only(value: Any) -> Any:
    """Return arrays as read-only views, mappings and tuples likewise, all else unchanged."""
    if isinstance(value, np.ndarray):
        view = value.view()  # the caller may still change the array
        view.flags.writeable = False
        return view
    if isinstance(value, Mapping):
        return MappingProxyType({key: _read_only(item) for key, item in value.items()})
    return tuple(map(_read_only, value)) if type(value) is tuple else value


def _plain(value: Any) -> Any:
    """Return a mapping as one that can be pickled."""
    return dict(value) if isinstance(value, MappingProxyType) else value


def _rebuilt(cls: type[Any], values: Mapping[str, object]) -> Any:
    return cls(**values)
