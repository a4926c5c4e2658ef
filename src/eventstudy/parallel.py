"""Pieces of work done one after another or side by side, their results in order, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from joblib import Parallel, delayed, parallel_config
from joblib.parallel import SequentialBackend, get_active_backend

PATIENCE = 1.0  # seconds of work before a progress bar appears
LARGEST_ARRAY = 4_194_304  # numbers in the rows of one block: 32 MiB

T = TypeVar("T")


def block_sizes(number: int, row: int, most: int) -> list[int]:
    """Cut a number of rows into blocks, which depend on the problem alone and never on the workers.

    Parameters
    ----------
    number, row : int
        Rows, and numbers in a row.
    most : int
        Rows in a block, where so many fit into memory.

    Examples
    --------
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
    """Give the results of a function for many arguments, in the order of the arguments.

    Parameters
    ----------
    function : callable
    jobs : iterable of tuple
        The arguments of each call, taken as workers become free.
    amounts : sequence of int
        How far each call moves the progress bar.
    unit : str
        What the amounts count.

    Notes
    -----
    The work goes through joblib, so ``joblib.parallel_config`` chooses where it runs. The bar goes to
    stderr, only if that is a terminal, and only from the process in front of the user. A call that would itself
    spread work does that work alone: the calls of one level are enough to fill all workers.
    """
    from tqdm import tqdm

    backend, workers = get_active_backend()
    results: Iterable[Any]
    if (backend.default_n_jobs if workers is None else workers) == 1:
        results = (_alone(function, job) for job in jobs)  # short work costs less than handing it over
    else:
        one_by_one = "generator" if backend.supports_return_generator else "list"
        results = Parallel(return_as=one_by_one)(delayed(_alone)(function, job) for job in jobs)
    with tqdm(
        total=sum(amounts),
        unit=f" {unit}",
        unit_scale=True,
        delay=PATIENCE,
        leave=False,
        disable=True if backend.nesting_level else None,  # None: silent unless stderr is a terminal
    ) as bar:
        for result, amount in zip(results, amounts, strict=True):
            bar.update(amount)
            yield result


def _alone(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a function in this process.

    The arguments come as one tuple on purpose: large arrays of their own would be left by Dask in the memory of a
    single worker, and lost with it; so each call carries all it needs and can be made again elsewhere.
    """
    with parallel_config(backend=SequentialBackend(nesting_level=1), n_jobs=1):
        return function(*arguments)
