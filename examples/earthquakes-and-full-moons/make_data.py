"""Write the two tables of this example: full moons by a published formula, earthquakes simulated from a seed.

Run as ``python make_data.py FOLDER``.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

FIRST, STOP = np.datetime64("2010-01-01"), np.datetime64("2020-01-01")
SEED = 20100101
MAIN_SHOCKS_PER_YEAR = 45.0
AFTERSHOCKS = 0.3  # strong ones for each main shock, on average
CLOCK = 67 / 86_400  # days by which the uniform time of the formula was ahead of clocks about 2015


def full_moons(first: np.datetime64, stop: np.datetime64) -> list[str]:
    """Return the days (UTC) of the full moons from `first` to before `stop`.

    The mean lunation with its periodic terms down to 0.0005 days: J. Meeus, Astronomical Algorithms, 2nd edition
    (Willmann-Bell, 1998), chapter 49. The instant is right to a few minutes.
    """
    years = (
        first.astype("datetime64[Y]").astype(int) + 1970,
        stop.astype("datetime64[Y]").astype(int) + 1970,
    )
    k = np.arange((years[0] - 2000) * 12.3685 // 1 - 1, (years[1] - 2000) * 12.3685 + 1) + 0.5
    t = k / 1236.85
    mean = 2_451_550.09766 + 29.530588861 * k + 0.00015437 * t**2
    e = 1 - 0.002516 * t - 0.0000074 * t**2
    sun = np.radians(2.5534 + 29.10535670 * k - 0.0000014 * t**2)
    moon = np.radians(201.5643 + 385.81693528 * k + 0.0107582 * t**2)
    node = np.radians(160.7108 + 390.67050284 * k - 0.0016118 * t**2)
    terms = (
        -0.40614 * np.sin(moon)
        + 0.17302 * e * np.sin(sun)
        + 0.01614 * np.sin(2 * moon)
        + 0.01043 * np.sin(2 * node)
        + 0.00734 * e * np.sin(moon - sun)
        - 0.00515 * e * np.sin(moon + sun)
        + 0.00209 * e**2 * np.sin(2 * sun)
        - 0.00111 * np.sin(moon - 2 * node)
        - 0.00057 * np.sin(moon + 2 * node)
        + 0.00056 * e * np.sin(2 * moon + sun)
    )
    since_1970 = mean + terms - CLOCK - 2_440_587.5  # the Julian day of 1970-01-01
    days = np.floor(since_1970).astype("datetime64[D]")
    return [str(day) for day in days[(days >= first) & (days < stop)]]


def earthquakes(first: np.datetime64, stop: np.datetime64, seed: int) -> list[tuple[str, str]]:
    """Return day and magnitude of simulated earthquakes that know nothing of the moon.

    Main shocks come at a constant rate, each with a few aftershocks whose waiting times follow Omori's law; magnitudes
    above 6.5 follow Gutenberg and Richter with b = 1.
    """
    rng = np.random.default_rng(seed)
    length = int((stop - first).astype(int))
    main = rng.integers(length, size=rng.poisson(MAIN_SHOCKS_PER_YEAR * length / 365.25))
    after = np.repeat(main, rng.poisson(AFTERSHOCKS, main.size))
    after = after + (rng.pareto(1.1, after.size) + rng.random(after.size)).astype(int)
    days = np.sort(np.concatenate([main, after[after < length]]))
    size = 6.5 + rng.exponential(1 / np.log(10), days.size)
    return [(str(first + day), f"{magnitude:.1f}") for day, magnitude in zip(days, size, strict=True)]


def main(folder: Path) -> None:
    """Write both tables."""
    tables = {
        "full-moons.csv": [("date",), *((day,) for day in full_moons(FIRST, STOP))],
        "earthquakes.csv": [("date", "magnitude"), *earthquakes(FIRST, STOP, SEED)],
    }
    for name, rows in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
