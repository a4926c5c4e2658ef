"""The measured rows as text."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from benchmarks.rows import DRAWS, US, Row

PEERS = ("elephant", "pynapple")
FASTER = 30.0  # times as fast as the better of the peers
NOISE = 1.1  # a ratio that repeats on a busy machine do not tell from 1
ABOVE = 0.020  # seconds that a fit may take above statsmodels
MEMORY = {"small": 200e6, "daily": 2e9, "large": 1e9}  # "daily" counts the matchings of up to 20 years


@dataclass(frozen=True, slots=True)
class Measured:
    """A row with what was measured: seconds by contender (none: the function is missing), and bytes."""

    row: Row
    seconds: dict[str, float]
    memory: float | None

    @property
    def target(self) -> float | None:
        """Seconds to reach."""
        if self.row.target is not None or not self.seconds:
            return self.row.target
        if "statsmodels GLM" in self.seconds:
            return self.seconds["statsmodels GLM"] + ABOVE
        best = [self.seconds[name] / FASTER for name in PEERS if name in self.seconds]
        loop = self.seconds.get("compiled loop", math.inf)
        return min([loop * NOISE, *best])

    @property
    def verdict(self) -> str:
        """Say whether the row is reached."""
        if not self.seconds:
            return "missing"
        if self.target is None or math.isinf(self.target):
            return ""
        short = []
        if self.seconds[US] > self.target:
            short.append(f"{self.seconds[US] / self.target:.1f} times too slow")
        if self.memory is not None and self.memory > MEMORY[self.row.size]:
            short.append("too much memory")
        return "; ".join(short) or "yes"


def time_text(seconds: float) -> str:
    """Return a time with two digits and a unit."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1.0 or unit == "µs":
            return (
                f"{seconds * factor:.2g} {unit}"
                if seconds * factor < 100
                else f"{seconds * factor:.0f} {unit}"
            )
    return ""


def ratio_text(ratio: float) -> str:
    """Return a ratio with two digits."""
    return f"{ratio:.2g}" if ratio < 100 else f"{ratio:,.0f}"


def row_text(one: Measured) -> str:
    """Return a measured row in one line."""
    ours = one.seconds.get(US)
    ratios = [f"{k} x {ratio_text(v / ours)}" for k, v in one.seconds.items() if k != US] if ours else []
    return (
        f"{one.row.section} | {one.row.work} | {one.row.size} | {time_text(ours) if ours else '-'} | "
        f"target {time_text(one.target) if one.target else '-'} | {one.verdict} | "
        f"{'-' if one.memory is None else f'{one.memory / 1e6:.0f} MB'} | {', '.join(ratios)}"
    )


def markdown(table: Iterable[Measured], imports: tuple[float, float], machine: str) -> str:
    """Return the whole report."""
    without, with_us = imports
    parts = [
        "# Measured",
        "",
        "Written by `make bench`; see README.md for what is compared. Medians of the processor time of one core,",
        "taken in turns in one run. The right-hand columns are ratios: the time of the other over ours, so above 1",
        "we are faster. Memory is the peak above the input.",
        "",
        f"Machine and versions: {machine}.",
        "",
        f"Importing every public name adds {time_text(with_us - without)} to importing pandas, scipy.stats and "
        f"matplotlib ({time_text(without)}); the target is 0.3 s.",
    ]
    for section, group in groupby(table, key=lambda one: one.row.section):
        rows = list(group)
        names = list(dict.fromkeys(name for one in rows for name in one.seconds if name != US))
        heads = ["work", "size", US, "target", "reached", "memory", *names]
        parts += ["", f"## {section[0].upper()}{section[1:]}", ""]
        parts += ["| " + " | ".join(heads) + " |", "|---|---|--:|--:|---|--:|" + "--:|" * len(names)]
        for one in rows:
            ours = one.seconds.get(US)
            cells = [
                one.row.work,
                one.row.size,
                time_text(ours) if ours else "",
                time_text(one.target) if one.target and not math.isinf(one.target) else "",
                one.verdict,
                "" if one.memory is None else f"{one.memory / 1e6:.0f} MB",
                *(ratio_text(one.seconds[n] / ours) if ours and n in one.seconds else "" for n in names),
            ]
            parts.append("| " + " | ".join(cells) + " |")
        if section.endswith("draws"):
            parts += [
                "",
                f"The target is the least of: the compiled loop (a tenth more counts as noise), and a {FASTER:.0f}th "
                f"of the better of {' and '.join(PEERS)}. Those two have no statistic of ours but a count in windows; "
                f"their time is that of the draws and this count in every row. All times are for {DRAWS:,} draws.",
            ]
    return "\n".join(parts) + "\n"
