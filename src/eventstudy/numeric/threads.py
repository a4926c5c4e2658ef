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
    libraries = _libraries("scipy.linalg" in sys.modules)
    several = [(library, threads) for library in libraries if (threads := library.num_threads) != 1]
    for library, _ in several:
        library.set_num_threads(1)
    try:
        yield
    finally:
        for library, threads in several:
            library.set_num_threads(threads)


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
def _libraries(of_scipy: bool) -> list[Any]:
    """Return the libraries that are loaded: numpy's, and scipy's own where something has asked for it.

    Asking each for its threads takes a fifth of the time of the controller's own context, which describes them all.
    """
    from threadpoolctl import ThreadpoolController

    found: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers
    return found
