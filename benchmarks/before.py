"""Compare this source with an earlier one, row by row, in turns: how the time of a row has changed.

    git worktree add ../before 3c0ffee
    PYTHONPATH=src build/bench/bin/python -m benchmarks.before ../before/src [WORD ...] > benchmarks/before.md

Each source has a process of its own, which imports once; the two do a row in turns, and the table has the
medians of the processor time and of the ratio in each turn. Words pick rows, as for ``python -m benchmarks``.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import SHORTEST, _seconds
from benchmarks.rows import rows

ROUNDS = 11
LONG = 4.0  # seconds; of a longer row fewer rounds are done
HEAD = """\
Written by `python -m benchmarks.before`: processor time of each row with an earlier source and with this one, in turns
in one run: medians, and the median of the ratios of each turn. A ratio below 1 is faster now; repeats differ by a
tenth, on a busy machine by a quarter.

| section | work | size | before, ms | now, ms | ratio |
|---|---|---|--:|--:|--:|"""


class Worker:
    """A process with one source, which does the rows that it is told."""

    def __init__(self, source: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(source)}
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.before"]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, number: int) -> float | None:
        """Return the processor seconds of a row; None where this source cannot do it."""
        assert self.process.stdin
        assert self.process.stdout
        print(number, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        return float(answer) if answer.strip() != "none" else None


def serve() -> None:
    """Do each row that standard input names, and print its seconds."""
    known = list(rows())
    ready: dict[int, int] = {}
    for line in sys.stdin:
        number = int(line)
        try:
            call = known[number].ours()
            if number not in ready:
                call()  # fills caches
                ready[number] = max(1, int(SHORTEST / max(1e-9, _seconds(call, 1))))
            print(_seconds(call, ready[number]), flush=True)
        except Exception:  # an earlier source lacks what the row asks
            print("none", flush=True)


def main(source: Path, words: list[str]) -> None:
    """Print a table: for each row milliseconds before, now, and their ratio."""
    workers = Worker(source), Worker(Path("src"))
    print(HEAD)
    for number, row in enumerate(rows()):
        name = f"| {row.section} | {row.work} | {row.size} |"
        if not all(word in name for word in words):
            continue
        spent: tuple[list[float], list[float]] = [], []
        for _ in range(ROUNDS):
            for worker, own in zip(workers, spent, strict=True):
                if (found := worker.seconds(number)) is not None:
                    own.append(found)
            if max(map(sum, spent)) > LONG:
                break
        if all(spent):
            before, now = map(statistics.median, spent)
            ratio = statistics.median(late / early for early, late in zip(*spent, strict=True))
            print(f"{name} {before * 1e3:.1f} | {now * 1e3:.1f} | {ratio:.2f} |", flush=True)
        else:
            print(f"{name} | | not in both |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]).resolve(), sys.argv[2:])
    else:
        serve()
