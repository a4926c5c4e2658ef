"""Results of long computations kept on disk, so that a changed cell does not cost the minutes of the others."""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MethodType
from typing import Any, ParamSpec, TypeVar

import joblib
import numpy as np

from eventstudy import datasets
from eventstudy.errors import OptionError
from eventstudy.replacing import read_sealed, write_sealed

FOLDER = "EVENTSTUDY_MEMORY"  # the variable that says where; the report sets it for its kernels
NEARBY = Path("..") / "build" / "remembered"  # where notebooks that are run by hand keep theirs
PACKAGE = Path(__file__).resolve().parents[1]
LIBRARIES = ("formulaic", "joblib", "matplotlib", "numpy", "pandas", "scipy", "seaborn", "statsmodels")
NOT_READ = ("cli", "report")  # rooms that no computation reads

P = ParamSpec("P")
R = TypeVar("R")


def memory(folder: str | Path | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a wrapper for functions whose results are to be kept on disk.

    Parameters
    ----------
    folder : str or pathlib.Path, optional
        Where they are kept: by default where the environment variable ``EVENTSTUDY_MEMORY`` says, which the report
        sets; else ``../build/remembered``, beside the notebooks.

    Returns
    -------
    callable
        ``remember(function)`` takes what `function` takes and returns what it returns.

    Notes
    -----
    A result is used again only if the function, every argument, all code of this package, its bundled tables, the
    versions of the libraries and of Python are the same. One that cannot be read, or is not what was written, is
    computed anew; one that cannot be written is not kept. Only functions that depend on nothing but their arguments
    may be wrapped. Kept results are pickles: keep them where nobody else can write, and do not share them.

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
            file = where / f"{function.__name__}-{_key(function, args, kwargs)}.pickle"
            if (kept := read_sealed(file)) is not None:
                return pickle.loads(kept)
            result = function(*args, **kwargs)
            _write(file, result)
            return result

        return remembering

    return remember


@functools.cache
def code_fingerprint() -> str:
    """Return one checksum of the code that computes: this package, its tables, the libraries, the interpreter."""
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


def _key(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    for value in (*args, *kwargs.values()):
        if isinstance(value, np.random.Generator):
            raise OptionError(
                f"remember({function.__name__}): a generator moves on with every draw, so its result cannot be kept; "
                "pass a seed, such as rng=20120101"
            )
    name = f"{function.__module__}.{function.__qualname__}"
    owner = function.__self__ if isinstance(function, MethodType) else None
    return str(joblib.hash((name, owner, _in_order(args), _in_order(kwargs)), hash_name="sha1"))


def _in_order(value: Any) -> Any:
    """Return a value whose checksum depends on the order of its mappings, as results do and `joblib.hash` does not."""
    if isinstance(value, Mapping):
        return "mapping", [(name, _in_order(entry)) for name, entry in value.items()]
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value).__name__, [_in_order(entry) for entry in value]
    return value


def _write(file: Path, result: Any) -> None:
    try:
        write_sealed(file, pickle.dumps(result, protocol=5))
    except (OSError, pickle.PicklingError, AttributeError, TypeError):
        return  # a full disk, or a result that cannot be pickled: it is computed anew next time
