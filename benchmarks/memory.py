"""Print the memory that our own work of one row takes above its input, in bytes; for a process of its own."""

from __future__ import annotations

import sys

import eventstudy as es
from benchmarks.cases import SMALL, WINDOW, series
from benchmarks.measure import memory_above
from benchmarks.rows import rows


def main() -> None:
    """Run the row of the number given, once."""
    es.permutation_test(  # so that what is imported on the way is there already
        *series(SMALL), es.WindowCount(WINDOW), es.Jitter(30), method="monte-carlo", n_resamples=2, rng=1
    )
    row = list(rows())[int(sys.argv[1])]
    print(memory_above(row.ours()))


if __name__ == "__main__":
    main()
