"""Write the table of anchors of this example: the new and full moons of 1975 to 2022, by a published formula.

Run as ``python make_moons.py FOLDER``.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

FIRST, STOP = np.datetime64("1975-01-01"), np.datetime64("2023-01-01")
CLOCK = 60 / 86_400  # days by which the uniform time of the formula was ahead of clocks about 2000
# amplitudes in days of the periodic terms, for new moon and for full moon
SIZES = {
    "new moon": (
        -0.40720,
        0.17241,
        0.01608,
        0.01039,
        0.00739,
        -0.00514,
        0.00208,
        -0.00111,
        -0.00057,
        0.00056,
    ),
    "full moon": (
        -0.40614,
        0.17302,
        0.01614,
        0.01043,
        0.00734,
        -0.00515,
        0.00209,
        -0.00111,
        -0.00057,
        0.00056,
    ),
}


def moons(phase: str, first: np.datetime64, stop: np.datetime64) -> list[str]:
    """Return the days (UTC) of one phase from `first` to before `stop`.

    The mean lunation with its periodic terms down to 0.0005 days: J. Meeus, Astronomical Algorithms, 2nd edition
    (Willmann-Bell, 1998), chapter 49. The instant is right to a few minutes.
    """
    start, end = (day.astype("datetime64[Y]").astype(int) + 1970 for day in (first, stop))
    k = np.arange((start - 2000) * 12.3685 // 1 - 1, (end - 2000) * 12.3685 + 1)
    k = k + (0.5 if phase == "full moon" else 0.0)
    t = k / 1236.85
    e = 1 - 0.002516 * t - 0.0000074 * t**2
    sun = np.radians(2.5534 + 29.10535670 * k - 0.0000014 * t**2)
    moon = np.radians(201.5643 + 385.81693528 * k + 0.0107582 * t**2)
    node = np.radians(160.7108 + 390.67050284 * k - 0.0016118 * t**2)
    angles = (moon, sun, 2 * moon, 2 * node, moon - sun, moon + sun, 2 * sun, moon - 2 * node, moon + 2 * node,
              2 * moon + sun)  # fmt: skip
    powers = (0, 1, 0, 0, 1, 1, 2, 0, 0, 1)  # of e, which shrinks the terms with the sun
    terms = sum(
        size * e**power * np.sin(angle)
        for size, power, angle in zip(SIZES[phase], powers, angles, strict=True)
    )
    mean = 2_451_550.09766 + 29.530588861 * k + 0.00015437 * t**2
    days = np.floor(mean + terms - CLOCK - 2_440_587.5).astype("datetime64[D]")  # Julian day of 1970-01-01
    return [str(day) for day in days[(days >= first) & (days < stop)]]


def main(folder: Path) -> None:
    """Write the table."""
    rows = sorted((day, phase) for phase in SIZES for day in moons(phase, FIRST, STOP))
    with (folder / "moons.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("date", "phase"), *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
