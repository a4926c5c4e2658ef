"""A checksum of all that the result of a call depends on: the code that runs, and every value it uses.

Code of this package is left out here: it has its own checksum. Code of libraries is identified by version. All other
code, in a notebook or a file beside it, is identified by content: the instructions of a function, its constants,
defaults and closure, the globals that it names and the modules that it imports, recursively.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import hashlib
import importlib.util
import site
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import EventStudyError
from eventstudy.provenance import file_sha256
from eventstudy.study.plain import name_of

OWN = "eventstudy"
# what Python and dataclasses add to each class
MACHINERY = frozenset([
    "__dict__", "__weakref__", "__module__", "__doc__", "__annotations__", "__annotate__", "__annotate_func__",
    "__annotations_cache__", "__dataclass_fields__", "__dataclass_params__", "__match_args__", "__parameters__",
    "__orig_bases__", "__abstractmethods__", "_abc_impl", "__firstlineno__", "__static_attributes__",
    "__qualname__", "__slots__",
])  # fmt: skip
LIBRARIES = tuple(
    Path(place).resolve()
    for place in {
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *site.getsitepackages(),
        site.getusersitepackages(),
    }
)


class UnknownValueError(EventStudyError, TypeError):
    """A value that cannot be recognised in another run."""


class Call:
    """A function and its arguments.

    - `checksum`: of code and arguments; equal only if they are.
    - `state`: a checksum for each global and closure variable that this code names and that is not code.
    - `outside`: classes and functions outside the package and its libraries that take part, by name.

    Raises UnknownValueError if a value that takes part cannot be compared, such as an open file.
    """

    def __init__(self, function: Any, args: tuple[Any, ...], kwargs: Mapping[str, object]) -> None:
        self.outside: dict[str, type | FunctionType] = {}
        self.state: dict[str, str] = {}
        self._variables: dict[str, object] = {}
        self._digest = hashlib.sha256()
        self._met: dict[int, int] = {}
        self._alive: list[Any] = []  # the id of a deleted object could be reused
        try:
            self._add((function, args, kwargs))
            self.checksum = self._digest.hexdigest()
            self._look_at_variables()
        except RecursionError:
            raise UnknownValueError(f"{function!r}: it depends on too much") from None

    def _say(self, *words: object) -> None:
        for word in words:
            content = word if isinstance(word, bytes) else str(word).encode("utf-8", "surrogatepass")
            self._digest.update(len(content).to_bytes(8, "little") + content)

    def _add(self, value: Any) -> None:
        """Add a value: its kind, then its content, in a fixed order."""
        if value is None or type(value) in (bool, int, float, complex, str, bytes):
            self._say(type(value).__name__, value if isinstance(value, (str, bytes)) else repr(value))
            return
        if id(value) in self._met:
            self._say("met before", self._met[id(value)])
            return
        self._met[id(value)] = len(self._met)
        self._alive.append(value)
        if isinstance(value, (tuple, list, dict, MappingProxyType)) and type(value).__module__ == "builtins":
            self._say(type(value).__name__, len(value))
            for entry in value.items() if isinstance(value, (dict, MappingProxyType)) else value:
                self._say("entry")
                for part in entry if isinstance(value, (dict, MappingProxyType)) else (entry,):
                    self._add(part)
        elif isinstance(value, (set, frozenset)):
            self._say(type(value).__name__, *sorted(repr(entry) for entry in value))
        elif isinstance(value, (np.ndarray, np.generic)):
            self._add_array(np.asarray(value))
        elif isinstance(value, (pd.DataFrame, pd.Series, pd.Index)):
            self._add_table(value)
        elif isinstance(value, ModuleType):
            self._add_module(value)
        elif isinstance(value, type):
            self._add_class(value)
        elif isinstance(value, CodeType):
            self._add_code(value)
        elif isinstance(value, FunctionType):
            self._add_function(value)
        elif isinstance(value, MethodType):
            self._say("method")
            self._add((value.__self__, value.__func__))
        elif isinstance(value, BuiltinFunctionType | np.ufunc):
            self._say(
                "built in", getattr(value, "__module__", ""), getattr(value, "__qualname__", value.__name__)
            )
            self._add(
                None
                if isinstance(value, np.ufunc) or isinstance(value.__self__, ModuleType)
                else value.__self__
            )
        elif isinstance(value, (classmethod, staticmethod)):
            self._say(type(value).__name__)
            self._add(value.__func__)
        elif isinstance(value, property):
            self._say("property")
            self._add((value.fget, value.fset, value.fdel))
        elif isinstance(value, functools.partial):
            self._say("partial")
            self._add((value.func, value.args, value.keywords))
        elif isinstance(value, np.random.Generator):
            raise UnknownValueError(f"{value!r}: the state of a generator changes with every draw")
        else:
            self._add_object(value)

    def _add_array(self, array: Any) -> None:
        self._say("array", array.dtype.str, array.shape)
        if array.dtype.kind == "O":
            self._add(array.ravel().tolist())
        else:
            self._say(np.ascontiguousarray(array).tobytes())

    def _add_table(self, table: Any) -> None:
        self._say(type(table).__name__, str(getattr(table, "dtype", "")))
        if isinstance(table, pd.DataFrame):
            self._add([table.columns, table.index, dict(table.attrs)])
            for k in range(table.shape[1]):
                self._add_table(table.iloc[:, k].reset_index(drop=True))
        else:
            self._add([table.name, table.index] if isinstance(table, pd.Series) else list(table.names))
            self._add_array(table.to_numpy())

    def _add_module(self, module: ModuleType) -> None:
        self._say("module", module.__name__)
        if _is_own(module.__name__):
            return
        file = getattr(module, "__file__", None)
        if file is None or _is_library(file):
            self._say(_version(module.__name__.partition(".")[0]))
            return
        self._say(file_sha256(file))
        for value in tuple(vars(module).values()):  # its own imports
            other = (
                value
                if isinstance(value, ModuleType)
                else sys.modules.get(getattr(value, "__module__", None) or "")
            )
            if isinstance(other, ModuleType) and id(other) not in self._met:
                self._add(other)

    def _add_class(self, kind: type) -> None:
        self._say("class", name_of(kind))
        if not self._written_here(kind):
            return
        self._add(list(kind.__bases__))
        for name, value in sorted(vars(kind).items()):
            if name not in MACHINERY and type(value).__name__ not in (
                "member_descriptor",
                "getset_descriptor",
            ):
                self._say(name)
                self._add(value)

    def _add_function(self, function: FunctionType) -> None:
        self._say("function", name_of(function))
        if wrapped := getattr(function, "__wrapped__", None):
            self._add(wrapped)
        if not self._written_here(function):
            return
        self._add([function.__code__, function.__defaults__, function.__kwdefaults__])
        around = function.__globals__
        found = {name: around[name] for name in _globals(function.__code__) if name in around}
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            with contextlib.suppress(ValueError):  # a cell that is still empty
                found[name] = cell.cell_contents
        for name, value in sorted(found.items()):
            if isinstance(value, type | FunctionType | ModuleType | BuiltinFunctionType | np.ufunc):
                self._say("names", name)
                self._add(value)
            else:
                self._variables[f"{name_of(function)}:{name}"] = value
        for name in sorted(_imported(function.__code__)):
            self._add_import(name)

    def _look_at_variables(self) -> None:
        """Add a checksum for each variable, and the code that it brings with it."""
        while waiting := [name for name in self._variables if name not in self.state]:
            for name in waiting:
                self._digest, self._met = hashlib.sha256(), {}
                self._add(self._variables[name])
                self.state[name] = self._digest.hexdigest()

    def _add_code(self, code: CodeType) -> None:
        self._say(code.co_name, code.co_code, code.co_names, code.co_varnames, code.co_flags)
        for constant in code.co_consts:
            self._add(constant)

    def _add_import(self, name: str) -> None:
        """Add a module that a function imports when it is called."""
        self._say("imports", name)
        if _is_own(name):
            return
        try:
            found = sys.modules.get(name) or importlib.util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            found = None
        if isinstance(found, ModuleType):
            self._add(found)
        elif (
            found is not None
            and found.origin
            and not _is_library(found.origin)
            and Path(found.origin).is_file()
        ):
            self._say(file_sha256(found.origin))

    def _add_object(self, value: Any) -> None:
        """Add an object by its class and content; an object of a library by its pickled state."""
        kind = type(value)
        self._add(kind)
        if _is_own(kind.__module__) or self._written_here(kind):
            slots = [name for base in kind.__mro__ for name in _slots(base)]
            held = {name: getattr(value, name) for name in slots if hasattr(value, name)}
            self._add(held | getattr(value, "__dict__", {}))
            if not isinstance(value, (tuple, list, dict, str, int, float)):
                return
        try:
            made_from = value.__reduce_ex__(4)
        except Exception as error:  # an object that cannot be copied may raise anything
            raise UnknownValueError(f"{value!r}: it cannot be compared ({error})") from None
        if isinstance(made_from, str):
            self._say(made_from)
            return
        how, arguments, *held = made_from
        self._say(name_of(how) if hasattr(how, "__qualname__") else repr(how))
        self._add([arguments, *(list(part) if isinstance(part, Iterator) else part for part in held)])

    def _written_here(self, value: type | FunctionType) -> bool:
        """Tell whether a class or function is neither of the package nor of a library, and note it if so."""
        module = value.__module__ or ""
        if _is_own(module) or module == "builtins":
            return False
        file = getattr(sys.modules.get(module), "__file__", None)
        if (file is not None and _is_library(file)) or module in sys.builtin_module_names:
            return False
        self.outside[name_of(value)] = value
        return True


def _globals(code: CodeType) -> set[str]:
    """Return the globals that code and the code inside it look up."""
    found = {
        str(step.argval) for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    return found.union(*(_globals(constant) for constant in code.co_consts if isinstance(constant, CodeType)))


def _imported(code: CodeType) -> set[str]:
    """Return the modules that code and the code inside it import."""
    found = {str(step.argval) for step in dis.get_instructions(code) if step.opname == "IMPORT_NAME"}
    return found.union(
        *(_imported(constant) for constant in code.co_consts if isinstance(constant, CodeType))
    )


def _slots(kind: type) -> tuple[str, ...]:
    slots = vars(kind).get("__slots__", ())
    slots = (slots,) if isinstance(slots, str) else slots
    return tuple(name for name in slots if name not in ("__dict__", "__weakref__"))


def _is_own(module: str) -> bool:
    return module == OWN or module.startswith(f"{OWN}.")


def _is_library(file: str) -> bool:
    place = Path(file).resolve()
    return any(place.is_relative_to(folder) for folder in LIBRARIES)


@functools.cache
def _version(name: str) -> str:
    """Return the version that a library states; that of Python for its own modules."""
    return str(getattr(sys.modules.get(name), "__version__", sys.version))
