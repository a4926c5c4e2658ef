"""One thread for linear algebra on small matrices, where handing out the work takes longer than the work."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

SMALL = 500_000  # rows of a table up to which one thread is as fast as several


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let the libraries for linear algebra use one thread while the block runs, and as many as before after it."""
    with _libraries("scipy.linalg" in sys.modules).limit(limits=1, user_api="blas"):
        yield


def small_fit(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function whose linear algebra uses one thread, unless its first argument is a table of many rows."""

    @wraps(function)
    def fitting(*args: P.args, **kwargs: P.kwargs) -> R:
        table: Any = args[0] if args else kwargs.get("table")
        if hasattr(table, "__len__") and len(table) > SMALL:
            return function(*args, **kwargs)
        with one_thread():
            return function(*args, **kwargs)

    return fitting


@cache
def _libraries(of_scipy: bool) -> Any:
    """Return the libraries that are loaded: numpy's, and scipy's own where something has asked for it."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
