"""Exact distributions over many strata, of which most look alike, against each stratum by itself."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest

import eventstudy as es
from eventstudy.numeric import distributions
from eventstudy.numeric.placements import placed

PERIOD = es.Period("1971-01-01", "1999-01-01")


def series(n):
    rng = np.random.default_rng(n)
    days, anchors = (rng.choice(PERIOD.days, k, replace=False) for k in (n, 60))
    return es.Events(days, PERIOD), es.Events(anchors)


def by_hand(parts):
    """Add up variables one after the other: (smallest value, probabilities)."""
    return reduce(lambda a, b: (a[0] + b[0], np.convolve(a[1], b[1])), parts)


@pytest.mark.parametrize("within", ["year", "month"])
@pytest.mark.parametrize("levels", [(0, 1), (-2, 3), (4, 4)])
def test_permuted_days_within_strata_equal_the_strata_one_by_one(within, levels):
    events, anchors = series(400)
    marked = es.Window(-14, 0).indicator(anchors, PERIOD)
    scores = np.where(marked > 0, levels[1], levels[0])
    counts = events.daily_counts()
    parts = []
    for part in es.strata.cut(PERIOD, within).slices(PERIOD.start):
        one = placed(scores[part], counts[part])
        parts.append((one.low, one.probabilities))
    low, wanted = by_hand(parts)
    found = es.UniformDays(within).exact(events, anchors, scores)
    for value in range(low, low + wanted.size, 7):
        tail = wanted[value - low :][::-1].sum()
        if tail > 1e-300:
            assert found.at_least(value) == pytest.approx(tail, rel=1e-9, abs=0)


@pytest.mark.parametrize("largest", [16_777_216, 10])
@pytest.mark.parametrize("within", ["year", "month", None])
def test_shifts_within_strata_equal_the_strata_one_by_one(within, largest, monkeypatch):
    monkeypatch.setattr(distributions, "LARGEST_COUNT", largest)
    events, anchors = series(300)
    scores = es.WindowContrast(es.Window(-14, 0), es.Window(1, 15)).scores(PERIOD, anchors)
    counts = events.daily_counts()
    parts = []
    for part in es.strata.cut(PERIOD, within).slices(PERIOD.start):
        sums = np.array([np.roll(counts[part], s) @ scores[part] for s in range(part.stop - part.start)])
        low = int(sums.min())
        parts.append((low, np.bincount(sums - low) / sums.size))
    low, wanted = by_hand(parts)
    found = es.CircularShift(within).exact(events, anchors, scores)
    for value in range(low, low + wanted.size, 5):
        tail = wanted[value - low :][::-1].sum()
        if tail > 1e-300:
            assert found.at_least(value) == pytest.approx(tail, rel=1e-9, abs=0)
