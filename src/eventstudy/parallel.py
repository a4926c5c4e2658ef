"""Serial or parallel execution of jobs, with results in order and a progress bar."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar

import numpy as np

from eventstudy.numeric.threads import one_thread

PATIENCE = 1.0  # seconds of work before a progress bar appears
LARGEST_ARRAY = 4_194_304  # numbers in the rows of one block: 32 MiB

T = TypeVar("T")

_inside: ContextVar[bool] = ContextVar("inside", default=False)  # a piece of work that is itself spread


def block_sizes(number: int, row: int, most: int) -> list[int]:
    """Cut a number of rows into blocks, which depend on the problem alone and never on the number of workers.

    `number`, `row`: rows, and numbers in a row. `most`: the most rows in a block, if they fit into memory.

    >>> block_sizes(2_500, 70, 1_024)
    [1024, 1024, 452]
    """
    size = min(max(1, LARGEST_ARRAY // max(1, row)), most)
    return [min(size, number - done) for done in range(0, number, size)]


def seeded(sizes: Sequence[int], rng: np.random.Generator) -> list[tuple[np.random.Generator, int]]:
    """Give each block a child of the generator."""
    return list(zip(rng.spawn(len(sizes)), sizes, strict=True))


def pieces(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Cut a sequence into pieces of a size, the last one perhaps shorter."""
    return [items[done : done + size] for done in range(0, len(items), size)]


def in_order(
    function: Callable[..., Any], jobs: Iterable[tuple[Any, ...]], amounts: Sequence[int], unit: str
) -> Iterator[Any]:
    """Yield the results of a function for many sets of arguments, in the order given.

    - `jobs`: the arguments of each call, taken as workers become free.
    - `amounts`: how far each call moves the progress bar.
    - `unit`: what the amounts count.

    The work goes through joblib, so ``joblib.parallel_config`` chooses where it runs. A bar appears in Jupyter, and on
    stderr if that is a terminal, and only from the user's own process; it disappears at the end, and
    ``TQDM_DISABLE=1`` in the environment turns it off. Nested calls run serially: one level of parallel
    calls keeps all workers busy. Where the caller stops or is interrupted, so do the workers.
    """
    bar_of, disabled = _bar(nested=_workers()[1])
    with (
        contextlib.closing(_results(function, jobs)) as results,
        bar_of(
            total=sum(amounts),
            unit=f" {unit}",
            unit_scale=True,
            delay=PATIENCE,
            mininterval=0.5,  # without widgets, each update stays as a line in the notebook
            leave=False,
            disable=disabled,
        ) as bar,
    ):
        for result, amount in zip(results, amounts, strict=True):
            bar.update(amount)
            yield result


def _bar(*, nested: bool) -> tuple[Any, bool | None]:
    """Return the bar of tqdm for this place, and whether it is off; None: silent unless stderr is a terminal."""
    silent = nested or os.environ.get("TQDM_DISABLE", "") not in ("", "0")
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if silent or not hasattr(shell, "kernel"):
        from tqdm import tqdm

        return tqdm, silent or None
    with warnings.catch_warnings():  # it warns where there are no widgets, and falls back to text
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
    return tqdm, False


def _results(function: Callable[..., Any], jobs: Iterable[tuple[Any, ...]]) -> Generator[Any, None, None]:
    """Yield the results in order; closing the generator ends the work."""
    if _workers()[0] == 1:
        yield from (_alone(function, job) for job in jobs)  # short work is not worth sending to workers
        return
    from joblib import Parallel, delayed
    from joblib.parallel import get_active_backend

    one_by_one = "generator" if get_active_backend()[0].supports_return_generator else "list"
    yield from Parallel(return_as=one_by_one)(delayed(_alone)(function, job) for job in jobs)


def _workers() -> tuple[int, bool]:
    """Return how many workers there are, and whether the work is itself a piece of other work.

    Where nobody has imported joblib nobody has asked it for workers, and the half second of its import is saved.
    """
    if _inside.get() or "joblib" not in sys.modules:
        return 1, _inside.get()
    from joblib.parallel import get_active_backend

    backend, workers = get_active_backend()
    return backend.default_n_jobs if workers is None else workers, bool(backend.nesting_level)


def _alone(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a function in this process.

    The arguments come as one tuple on purpose: Dask would store large arrays passed separately in the memory of a
    single worker, and lose them with it; so each call carries all it needs and can be repeated elsewhere.
    """
    before = _inside.set(True)
    try:
        with one_thread():
            return function(*arguments)
    finally:
        _inside.reset(before)
