"""A disk cache for long computations, so that changing one cell does not repeat the others."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import typing
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

from eventstudy import datasets
from eventstudy.errors import OptionError
from eventstudy.replacing import read_sealed, write_sealed
from eventstudy.study.calls import Call, UnknownValueError
from eventstudy.study.plain import NotPlainError, from_bytes, to_bytes

FOLDER = "EVENTSTUDY_MEMORY"  # the environment variable with the folder; the report sets it for its kernels
NEARBY = Path("..") / "build" / "remembered"  # the folder for notebooks that are run by hand
PACKAGE = Path(__file__).resolve().parents[1]
LIBRARIES = ("joblib", "matplotlib", "numpy", "pandas", "scipy", "seaborn", "statsmodels")
NOT_READ = ("cli", "report")  # subpackages that no computation uses

P = ParamSpec("P")
R = TypeVar("R")


def memory(folder: str | Path | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a wrapper for functions whose results are to be kept on disk.

    Parameters
    ----------
    folder : str or pathlib.Path, optional
        Where they are kept: by default the environment variable ``EVENTSTUDY_MEMORY``, which the report
        sets; else ``../build/remembered``, beside the notebooks.

    Returns
    -------
    callable
        ``remember(function)`` takes what `function` takes and returns what it returns.

    Notes
    -----
    A result is reused only if nothing that it depends on has changed: the arguments, the code of this package, its
    bundled tables, the versions of the libraries and of Python; the function, and every function, class and module
    outside the package that it or an argument names, recursively; and the globals and closure variables that
    this code reads, except those that it changes itself. Files that the function reads are not tracked.

    Results are kept as numbers, text and arrays (`plain`), never as pickles: reading one runs no code, whoever wrote
    it. What cannot be stored this way, cannot be read, or is damaged is computed again.

    Examples
    --------
    >>> remember = memory()
    >>> remember(sorted)([3, 1, 2])  # doctest: +SKIP
    [1, 2, 3]
    """
    where = Path(folder or os.environ.get(FOLDER) or NEARBY) / code_fingerprint()[:16]

    def remember(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def remembering(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                call = _call(function, args, kwargs)
            except UnknownValueError:
                return function(*args, **kwargs)
            file = where / f"{function.__name__}-{call.checksum[:40]}.kept"
            if (kept := _read(file, call)) is not None:
                return typing.cast(R, kept[0])
            result = function(*args, **kwargs)
            with contextlib.suppress(UnknownValueError):
                _keep(file, call, Call(function, args, kwargs), result)
            return result

        return remembering

    return remember


@functools.cache
def code_fingerprint() -> str:
    """Return one checksum of the software: this package, its tables, the libraries, the interpreter."""
    code = [
        path
        for path in sorted(PACKAGE.rglob("*"))
        if path.suffix in (".py", ".css") and path.relative_to(PACKAGE).parts[0] not in NOT_READ
    ]
    whole = hashlib.sha256(platform.python_version().encode())
    for path in code:
        whole.update(f"{path.relative_to(PACKAGE).as_posix()}\0".encode() + path.read_bytes())
    for known in (*datasets.checksums().items(), *((name, _version(name)) for name in LIBRARIES)):
        whole.update("\0".join(known).encode())
    return whole.hexdigest()


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, object]) -> Call:
    for value in (*args, *kwargs.values()):
        if isinstance(value, np.random.Generator):
            raise OptionError(
                f"remember({function.__name__}): the state of a generator changes with every draw, so the "
                "result cannot be kept; pass a seed, such as rng=20120101"
            )
    return Call(function, args, kwargs)


def _read(file: Path, call: Call) -> tuple[Any] | None:
    """Return the stored result, None if it cannot be read or a variable that it depends on has changed."""
    if (content := read_sealed(file)) is None:
        return None
    try:
        state, result = from_bytes(content, call.outside)
    except (NotPlainError, ValueError, TypeError):
        return None
    return (
        (result,)
        if isinstance(state, dict) and state == {name: call.state.get(name) for name in state}
        else None
    )


def _keep(file: Path, before: Call, after: Call, result: Any) -> None:
    """Keep a result with the variables that it depends on: those that the call has not changed itself."""
    state = {name: value for name, value in before.state.items() if after.state.get(name) == value}
    # a full disk, or a result that is not plain values: it is computed again next time
    with contextlib.suppress(OSError, NotPlainError):
        write_sealed(file, to_bytes((state, result), before.outside))
