"""How cost grows with events, anchors, days, windows, strata and groups, one of them at a time.

PYTHONPATH=src python -m benchmarks.growth writes growth.md and growth.svg; about five minutes.
"""

from __future__ import annotations

import statistics
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import eventstudy as es
from benchmarks.cases import SEED, WINDOW, Size, daily_series, series

HERE = Path(__file__).parent
ROUNDS = 5
DRAWS = 1_000
MIDDLE = Size("middle", 1_600, 600, 100_000)
FACTORS = (1, 4, 16, 64)

Call = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Growth:
    """One line of the table: what grows, and the call for each of its sizes."""

    grows: str
    work: str
    make: Callable[[int], Call]
    sizes: tuple[int, ...]


def _test(null: Any, **options: Any) -> Callable[[Size], Call]:
    def made(size: Size) -> Call:
        events, anchors = series(size)
        return lambda: es.permutation_test(events, anchors, es.WindowCount(WINDOW), null, **options)

    return made


def _panel(groups: int, events: int) -> Call:
    rng = np.random.default_rng(SEED)
    period = es.Period("2012-01-01", "2025-01-01")
    rows = pd.DataFrame(
        {
            "group": rng.integers(groups, size=events),
            "date": rng.choice(period.days, events).astype("M8[D]"),
        }
    )
    anchors = es.Events(rng.choice(period.days, 60, replace=False), label="anchors")
    return lambda: es.panel_test(
        rows,
        anchors,
        es.WindowCount(WINDOW),
        es.CircularShift("year"),
        by="group",
        date="date",
        period=period,
    )


def _family(windows: int) -> Call:
    events, anchors = series(replace(MIDDLE, events=160, anchors=60, days=10_000))
    tests = {f"{k}": es.WindowCount(es.Window(-k - 1, 0)) for k in range(windows)}
    return lambda: es.permutation_family(events, anchors, tests, es.CircularShift())


def _strata(number: int) -> Call:
    size = MIDDLE
    cuts = [round(size.days * k / number) for k in range(1, number)]
    return _test(es.CircularShift(cuts))(size)


def _years(number: int) -> Call:
    events, anchors = daily_series(number, 0.03)
    return lambda: es.permutation_test(events, anchors, es.WindowCount(WINDOW), es.CalendarPermutation())


EXACT, DRAWN = (
    _test(es.CircularShift()),
    _test(es.UniformDays(), method="monte-carlo", n_resamples=DRAWS, rng=1),
)
LINES = (
    Growth(
        "events", "all shifts", lambda n: EXACT(replace(MIDDLE, events=n)), tuple(400 * k for k in FACTORS)
    ),
    Growth(
        "events",
        f"{DRAWS:,} draws of permuted days",
        lambda n: DRAWN(replace(MIDDLE, events=n)),
        tuple(400 * k for k in FACTORS),
    ),
    Growth(
        "anchors", "all shifts", lambda n: EXACT(replace(MIDDLE, anchors=n)), tuple(150 * k for k in FACTORS)
    ),
    Growth(
        "days", "all shifts", lambda n: EXACT(replace(MIDDLE, days=n)), tuple(25_000 * k for k in FACTORS)
    ),
    Growth(
        "days",
        f"{DRAWS:,} draws of permuted days",
        lambda n: DRAWN(replace(MIDDLE, days=n)),
        tuple(25_000 * k for k in FACTORS),
    ),
    Growth("windows", "max-T of all shifts", _family, (4, 16, 64, 256)),
    Growth("strata", "shifts within strata", _strata, (4, 16, 64, 256)),
    Growth("exchanged years", "all matchings", _years, (5, 8, 11, 14, 17, 20)),
    Growth(
        "groups",
        "panel, shifts within years, 20 events each",
        lambda n: _panel(n, 20 * n),
        (1_000, 10_000, 100_000),
    ),
    Growth(
        "events of a panel",
        "1,000 groups, shifts within years",
        lambda n: _panel(1_000, n),
        (100_000, 1_000_000, 10_000_000),
    ),
)


def seconds(calls: list[Call], rounds: int = ROUNDS) -> list[float]:
    """Return the median processor time of each call, taken in turns."""
    found: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(rounds):
        for call, own in zip(calls, found, strict=True):
            begin = time.process_time()
            call()
            own.append(time.process_time() - begin)
    return [statistics.median(own) for own in found]


def exponent(sizes: tuple[int, ...], times: list[float]) -> float:
    """Return the power of the size with which the time grows between the two largest sizes."""
    return float(np.log(times[-1] / times[-2]) / np.log(sizes[-1] / sizes[-2]))


def table(measured: dict[Growth, list[float]]) -> str:
    """Return the lines as a table of Markdown."""
    rows = [
        "| what grows | work | from | to | first | last | exponent |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for line, times in measured.items():
        power = exponent(line.sizes, times)
        rows.append(
            f"| {line.grows} | {line.work} | {line.sizes[0]:,} | {line.sizes[-1]:,} | {_time(times[0])} | "
            f"{_time(times[-1])} | {power:.1f} |"
        )
    return "\n".join(rows)


def _time(value: float) -> str:
    return f"{1_000 * value:.1f} ms" if value < 1.0 else f"{value:.1f} s"


def draw(measured: dict[Growth, list[float]], path: Path) -> None:
    """Draw time against size, each from its smallest size on."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    with mpl.rc_context({"svg.hashsalt": "growth", "svg.fonttype": "path", "font.size": 9}):
        figure, axes = plt.subplots(5, 2, figsize=(7.2, 9.6), layout="constrained")
        for ax, (line, times) in zip(axes.flat, measured.items(), strict=True):
            ax.plot(line.sizes, times, "o-", color="#1b4f72", ms=4, lw=1.3)
            straight = [times[-1] * size / line.sizes[-1] for size in line.sizes]
            ax.plot(line.sizes, straight, ":", color="#6c6c6c", lw=1)
            ax.set(xscale="log", yscale="log", xlabel=line.grows)
            ax.set_title(textwrap.fill(line.work, 30), fontsize=8)
            ax.spines[["top", "right"]].set_visible(False)
            ax.grid(axis="y", lw=0.3)
        for ax in axes[:, 0]:
            ax.set_ylabel("seconds")
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure, and write the table and the figure."""
    measured = {}
    for line in LINES:
        rounds = {"exchanged years": 2, "groups": 1, "events of a panel": 1}.get(line.grows, ROUNDS)
        measured[line] = seconds([line.make(size) for size in line.sizes], rounds)
        print(line.grows, line.work, [_time(value) for value in measured[line]], flush=True)
    opening = (
        "# Growth\n\nWritten by `python -m benchmarks.growth`. Medians of the processor time of one core, taken in "
        f"turns; one size grows, the others stay at {MIDDLE.events:,} events, {MIDDLE.anchors:,} anchors and "
        f"{MIDDLE.days:,} days. "
        "The exponent is that between the two largest sizes: 1 is proportional, 0 no growth. "
        "Exchanged years grow as two to their number, up to 20.\n\n"
    )
    (HERE / "growth.md").write_text(f"{opening}{table(measured)}\n", encoding="utf-8")
    draw(measured, HERE / "growth.svg")


if __name__ == "__main__":
    main()
