"""Results as bytes that hold only values: reading them runs no code, whoever wrote them.

A result becomes a JSON text and the arrays to which it refers. An object is written as the name of its class and its
fields; it is read only if its class is a dataclass of this package or one that the reader supplies, and it is
rebuilt field by field, without calling its code. A pickle could run any code.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import importlib
import io
import json
from collections.abc import Mapping
from types import FunctionType, MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

OWN = "eventstudy."
KINDS = "biufcMmU"  # of arrays that hold only values
Known = Mapping[str, type | FunctionType]  # classes and functions outside the package, by name


class NotPlainError(TypeError):
    """A value that cannot be written as plain values."""


def name_of(value: type | FunctionType) -> str:
    """Return the full name of a class or function."""
    return f"{value.__module__}:{value.__qualname__}"


def to_bytes(value: Any, known: Known) -> bytes:
    """Write a value.

    `value`: numbers, text, dates, arrays, tables, containers and dataclasses of them. `known`: classes and
    functions outside the package that may appear in it, by name.

    Raises NotPlainError if a part is something else.
    """
    arrays: list[NDArray[Any]] = []
    try:
        text = json.dumps(_Writing(known, arrays).plain(value))
    except RecursionError:
        raise NotPlainError("it is nested too deeply") from None
    buffer = io.BytesIO()
    document = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    np.savez(buffer, document=document, **{f"a{k}": array for k, array in enumerate(arrays)})  # type: ignore[arg-type]
    return buffer.getvalue()


def from_bytes(content: bytes, known: Known) -> Any:
    """Read what `to_bytes` wrote.

    Raises NotPlainError if it is something else, or refers to a class that is neither of this package nor
    known.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            text = file["document"].tobytes().decode("utf-8", "surrogatepass")
            return _Reading(known, file).value(json.loads(text))
    except NotPlainError:
        raise
    except Exception as error:  # a damaged file can fail anywhere
        raise NotPlainError(f"it cannot be read ({error})") from None


@dataclasses.dataclass(frozen=True, slots=True)
class _Writing:
    known: Known
    arrays: list[NDArray[Any]]

    def plain(self, value: Any) -> Any:
        """Return a value for JSON: text and Booleans unchanged, all else with its kind."""
        if value is None or type(value) in (bool, str):
            return value
        if type(value) is int:
            return ["int", str(value)] if abs(value) > 2**53 else value
        if type(value) is float:
            return ["float", value.hex()]
        if type(value) in (tuple, list):
            return [type(value).__name__, [self.plain(entry) for entry in value]]
        if type(value) in (set, frozenset):
            return [type(value).__name__, [self.plain(entry) for entry in sorted(value, key=repr)]]
        if type(value) in (dict, MappingProxyType):
            kind = "dict" if type(value) is dict else "read-only dict"
            return [kind, [[self.plain(name), self.plain(entry)] for name, entry in value.items()]]
        if isinstance(value, np.generic):
            return ["scalar", self._array(np.asarray(value))]
        if isinstance(value, np.ndarray) and value.dtype.kind in KINDS:
            return ["array", self._array(value), bool(value.flags.writeable)]
        if type(value) is np.ndarray and value.dtype == object:
            return ["objects", list(value.shape), [self.plain(entry) for entry in value.ravel()]]
        if type(value) is datetime.date:
            return ["date", value.isoformat()]
        if type(value) is pd.Timestamp and value.tz is None:
            return ["timestamp", self._array(np.asarray(value.to_datetime64()))]
        if type(value) in (pd.DataFrame, pd.Series) or isinstance(value, pd.Index):
            return self._table(value)
        if isinstance(value, type | FunctionType):
            return ["named", self._named(value)]
        if dataclasses.is_dataclass(value):
            fields = dataclasses.fields(value)
            for name in set(getattr(value, "__dict__", ())) - {field.name for field in fields}:
                if not isinstance(vars(type(value)).get(name), functools.cached_property):
                    raise NotPlainError(f"{name_of(type(value))} holds {name!r}, which is no field")
            return [
                "object",
                self._named(type(value)),
                {f.name: self.plain(getattr(value, f.name)) for f in fields},
            ]
        raise NotPlainError(f"{type(value).__name__} is no plain value")

    def _array(self, array: NDArray[Any]) -> str:
        self.arrays.append(array)
        return f"a{len(self.arrays) - 1}"

    def _named(self, value: type | FunctionType) -> str:
        name = name_of(value)
        if not _is_own(name) and self.known.get(name) is not value:
            raise NotPlainError(f"{name} is neither of the package nor among what was asked")
        return name

    def _table(self, value: Any) -> Any:
        if isinstance(value, pd.DataFrame):
            columns = [self._table(value.iloc[:, k]) for k in range(value.shape[1])]
            around = [self._table(value.columns), self._table(value.index)]
            return ["frame", *around, columns, self.plain(dict(value.attrs))]
        if type(value) is pd.RangeIndex:
            return ["range", value.start, value.stop, value.step, self.plain(value.name)]
        if isinstance(value, pd.MultiIndex):
            raise NotPlainError("an index of several levels is no plain value")
        dtype = value.dtype
        if isinstance(dtype, np.dtype) and dtype.kind in KINDS:
            values: Any = self.plain(value.to_numpy())
        elif isinstance(dtype, pd.StringDtype) or dtype.kind == "O":
            values = self.plain(value.to_numpy(object))
        else:
            raise NotPlainError(f"a column of type {dtype} is no plain value")
        kind = "str" if isinstance(dtype, pd.StringDtype) else str(dtype)
        if isinstance(value, pd.Series):
            return ["series", values, kind, self._table(value.index), self.plain(value.name)]
        return ["index", values, kind, self.plain(value.name)]


@dataclasses.dataclass(frozen=True, slots=True)
class _Reading:
    known: Known
    arrays: Any

    def value(self, plain: Any) -> Any:
        """Return what `_Writing.plain` wrote."""
        if not isinstance(plain, list):
            return plain
        kind, *parts = plain
        return getattr(self, f"_{kind.replace(' ', '_').replace('-', '_')}")(*parts)

    def _int(self, text: str) -> int:
        return int(text)

    def _float(self, text: str) -> float:
        return float.fromhex(text)

    def _tuple(self, entries: list[Any]) -> tuple[Any, ...]:
        return tuple(map(self.value, entries))

    def _list(self, entries: list[Any]) -> list[Any]:
        return list(map(self.value, entries))

    def _set(self, entries: list[Any]) -> set[Any]:
        return set(map(self.value, entries))

    def _frozenset(self, entries: list[Any]) -> frozenset[Any]:
        return frozenset(map(self.value, entries))

    def _dict(self, pairs: list[Any]) -> dict[Any, Any]:
        return {self.value(name): self.value(entry) for name, entry in pairs}

    def _read_only_dict(self, pairs: list[Any]) -> Mapping[Any, Any]:
        return MappingProxyType(self._dict(pairs))

    def _scalar(self, name: str) -> Any:
        return self.arrays[name][()]

    def _array(self, name: str, writeable: bool) -> NDArray[Any]:
        array: NDArray[Any] = self.arrays[name]
        array.flags.writeable = writeable
        return array

    def _objects(self, shape: list[int], entries: list[Any]) -> NDArray[Any]:
        flat = np.empty(len(entries), object)
        for k, entry in enumerate(entries):
            flat[k] = self.value(entry)
        return flat.reshape(shape)

    def _date(self, text: str) -> datetime.date:
        return datetime.date.fromisoformat(text)

    def _timestamp(self, name: str) -> pd.Timestamp:
        return pd.Timestamp(self.arrays[name][()])

    def _range(self, start: int, stop: int, step: int, name: Any) -> pd.RangeIndex:
        return pd.RangeIndex(start, stop, step, name=self.value(name))

    def _index(self, values: Any, kind: str, name: Any) -> Any:
        return pd.Index(self.value(values), dtype=kind, name=self.value(name))

    def _series(self, values: Any, kind: str, index: Any, name: Any) -> Any:
        return pd.Series(self.value(values), self.value(index), dtype=kind, name=self.value(name))

    def _frame(self, columns: Any, index: Any, series: list[Any], attrs: Any) -> pd.DataFrame:
        parts = [self.value(one).array for one in series]
        frame = pd.DataFrame(dict(enumerate(parts)), index=self.value(index))
        frame.columns = self.value(columns)
        frame.attrs = self.value(attrs)
        return frame

    def _named(self, name: str) -> type | FunctionType:
        if not _is_own(name):
            if name not in self.known:
                raise NotPlainError(f"{name} is neither of the package nor among what was asked")
            return self.known[name]
        module, _, path = name.partition(":")
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            found = vars(found)[part]
        if not isinstance(found, type | FunctionType) or name_of(found) != name:
            raise NotPlainError(f"{name} is no class or function of the package")
        return found

    def _object(self, name: str, fields: Mapping[str, object]) -> Any:
        kind = self._named(name)
        if not isinstance(kind, type) or not dataclasses.is_dataclass(kind):
            raise NotPlainError(f"{name} is no dataclass")
        if {field.name for field in dataclasses.fields(kind)} != set(fields):
            raise NotPlainError(f"{name} has other fields")
        made = object.__new__(kind)
        for field, entry in fields.items():
            object.__setattr__(made, field, self.value(entry))
        return made


def _is_own(name: str) -> bool:
    return name.startswith(OWN) and ":" in name and "<" not in name
