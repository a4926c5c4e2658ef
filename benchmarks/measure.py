"""Times side by side, peak memory, and what to say about the machine."""

from __future__ import annotations

import contextlib
import gc
import os
import platform
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

SHORTEST = 0.02  # seconds; shorter work is repeated until it takes as long
ENOUGH = 2.0  # seconds spent on one contender of one row
ROUNDS = 5
PACKAGES = ("numpy", "scipy", "pandas", "numba", "elephant", "pynapple", "statsmodels", "pyfixest")


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to do the work of a row.

    Parameters
    ----------
    name : str
    call : callable
        Without arguments.
    factor : float, default 1
        Of the time, where the call does only a part of the work.
    """

    name: str
    call: Callable[[], Any] = field(repr=False)
    factor: float = 1.0


def side_by_side(contenders: Sequence[Contender], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median seconds of each contender, taken in turns after one call that does not count."""
    repeats, spent = {}, {}
    for one in contenders:
        one.call()  # compiles, imports, fills caches
        repeats[one.name] = max(1, int(SHORTEST / max(1e-9, _seconds(one.call, 1))))
        spent[one.name] = [_seconds(one.call, repeats[one.name])]
    for _ in range(1, rounds):
        for one in contenders:
            if len(spent[one.name]) < 3 or sum(spent[one.name]) * repeats[one.name] < ENOUGH:
                spent[one.name].append(_seconds(one.call, repeats[one.name]))
    return {one.name: one.factor * statistics.median(spent[one.name]) for one in contenders}


def _seconds(call: Callable[[], Any], repeats: int) -> float:
    gc.collect()
    gc.disable()  # as timeit does: the objects of all packages here are many, and none of this work made them
    try:
        begin = time.process_time()  # of the processor, so that other users of the machine count less
        for _ in range(repeats):
            call()
        return (time.process_time() - begin) / repeats
    finally:
        gc.enable()


def python(*arguments: str) -> str:
    """Run this interpreter anew, with bytecode, and return what it prints."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def memory_above(work: Callable[[], Any]) -> int:
    """Return the most memory, in bytes, that a piece of work takes above what there is before it.

    The larger of what Python and NumPy allocate and, on Linux, of what the process grows by: compiled
    libraries allocate by themselves, and allocators reuse what is free.
    """
    before = _resident("VmRSS")
    _forget_peak()
    work()
    grown = _resident("VmHWM") - before
    tracemalloc.start()
    work()
    _, traced = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return max(grown, traced)


def _forget_peak() -> None:
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def _resident(name: str) -> int:
    with contextlib.suppress(OSError), open("/proc/self/status") as file:
        for line in file:
            if line.startswith(name):
                return 1024 * int(line.split()[1])
    return 0


def import_seconds(rounds: int = 9) -> tuple[float, float]:
    """Return the median seconds to start Python with pandas, scipy.stats and matplotlib, without and with us."""
    base = "import pandas, scipy.stats, matplotlib"
    texts = {
        base: [],
        f"{base}; from eventstudy import *": [],
    }  # names are imported when first used: all of them
    for _ in range(rounds + 1):
        for text, seconds in texts.items():
            begin = _children_seconds()
            python("-c", text)
            seconds.append(_children_seconds() - begin)
    without, with_us = (statistics.median(seconds[1:]) for seconds in texts.values())
    return without, with_us


def _children_seconds() -> float:
    times = os.times()
    return times.children_user + times.children_system


def machine() -> str:
    """Return processor, cores and versions in one line."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    kind = f"{platform.machine()}{processor()}"
    return f"{kind}, {os.cpu_count()} cores, Python {platform.python_version()}; {versions}"


def processor() -> str:
    """Return the processor's name and whether it has AVX-512, by which NumPy sorts several times faster; Linux only."""
    about = Path("/proc/cpuinfo")
    if not about.exists():
        return ""
    lines = dict(line.split(":", 1) for line in about.read_text().splitlines() if ":" in line)
    told = {name.strip(): value.strip() for name, value in lines.items()}
    wide = "with" if "avx512f" in told.get("flags", "").split() else "without"
    return f" ({told.get('model name', 'unnamed')}, {wide} AVX-512)"
