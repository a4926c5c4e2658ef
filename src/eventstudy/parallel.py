"""Pieces of work done one after another or side by side, their results in order, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from joblib import Parallel, delayed
from joblib.parallel import get_active_backend

PATIENCE = 1.0  # seconds of work before a progress bar appears


def in_order(
    function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], amounts: Sequence[int], unit: str
) -> Iterator[Any]:
    """Give the results of a function for many arguments, in the order of the arguments.

    Parameters
    ----------
    function : callable
    jobs : sequence of tuple
        The arguments of each call.
    amounts : sequence of int
        How far each call moves the progress bar.
    unit : str
        What the amounts count.

    Notes
    -----
    The work goes through joblib, so ``joblib.parallel_config`` chooses where it runs. The bar goes to
    stderr, only if that is a terminal, and only from the process in front of the user.
    """
    from tqdm import tqdm

    backend, workers = get_active_backend()
    results: Iterable[Any]
    if (backend.default_n_jobs if workers is None else workers) == 1:
        results = (function(*job) for job in jobs)  # a short piece of work costs less than handing it over
    else:
        one_by_one = "generator" if backend.supports_return_generator else "list"
        results = Parallel(return_as=one_by_one)(delayed(function)(*job) for job in jobs)
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
