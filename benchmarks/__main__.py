"""Run the benchmarks, write results.md and cost.svg; with words as arguments, print the rows that hold them all."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.measure import Contender, import_seconds, machine, python, side_by_side
from benchmarks.report import Measured, markdown, row_text
from benchmarks.rows import US, rows

HERE = Path(__file__).parent


def measured(words: list[str]) -> list[Measured]:
    """Measure the rows whose text holds all words."""
    found = []
    for number, row in enumerate(rows()):
        if not all(word in f"{row.section} {row.work} {row.size}" for word in words):
            continue
        try:
            ours = row.ours()
        except AttributeError as missing:
            if "eventstudy" not in str(missing):
                raise
            found.append(Measured(row, {}, None))
        else:
            seconds = side_by_side([Contender(US, ours), *row.others()])
            memory = float(python("-m", "benchmarks.memory", str(number))) if row.memory else None
            found.append(Measured(row, seconds, memory))
        print(row_text(found[-1]), flush=True)
    return found


def main() -> None:
    """Measure all rows and write the table and the figure, or measure some and print them."""
    words = sys.argv[1:]
    table = measured(words)
    if words:
        return
    from benchmarks.figure import cost_figure

    (HERE / "results.md").write_text(markdown(table, import_seconds(), machine()))
    cost_figure(HERE / "cost.svg")


if __name__ == "__main__":
    main()
