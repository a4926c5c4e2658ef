"""The data of the benchmarks: seeded, uniform, whole days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

import eventstudy as es

SEED = 20_120_101
WINDOW = es.Window(-14, 0)
JITTER = 30  # days


@dataclass(frozen=True, slots=True)
class Size:
    """How many events, anchors and days."""

    name: str
    events: int
    anchors: int
    days: int


SMALL = Size("small", 160, 60, 10_000)
LARGE = Size("large", 16_000, 6_000, 1_000_000)


def between(share: float) -> Size:
    """Return a size between small (0) and large (1), on a logarithmic scale."""
    factor = 100.0**share
    return Size(f"{share:g}", *(round(n * factor) for n in (SMALL.events, SMALL.anchors, SMALL.days)))


def series(size: Size) -> tuple[es.Events, es.Events]:
    """Return events and anchors on different days, unrelated."""
    rng = np.random.default_rng(SEED)
    period = es.Period(0, size.days)
    events, anchors = (rng.choice(size.days, n, replace=False) for n in (size.events, size.anchors))
    return es.Events(events, period), es.Events(anchors, period, "anchors")


def daily_series(years: int, per_day: float) -> tuple[es.Events, es.Events]:
    """Return events over whole years, Poisson counts with this mean on each day, and 60 anchors."""
    rng = np.random.default_rng(SEED)
    period = es.Period("2001-01-01", f"{2001 + years}-01-01")
    events = np.repeat(period.days, rng.poisson(per_day, len(period)))
    return es.Events(events, period), es.Events(rng.choice(period.days, 60, replace=False), label="anchors")


def whole_years() -> tuple[es.Events, es.Events]:
    """Return the small series over the 28 whole years that come nearest to 10,000 days."""
    rng = np.random.default_rng(SEED)
    period = es.Period("1971-01-01", "1999-01-01")
    events, anchors = (rng.choice(period.days, n, replace=False) for n in (SMALL.events, SMALL.anchors))
    return es.Events(events, period), es.Events(anchors, label="anchors")


WINDOWS = {"before": WINDOW, "after": es.Window(1, 15)}
FORMULA = "count ~ before + after + C(year) + sin1 + cos1 + sin2 + cos2"


def regression_table() -> pd.DataFrame:
    """Return 10,000 daily rows with two windows, 28 years and two pairs of yearly waves."""
    events, anchors = series(SMALL)
    return es.count_table(events, anchors, WINDOWS)
