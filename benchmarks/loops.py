"""Yardsticks: a plain NumPy loop, and compiled loops that lay out every draw and forget it again.

The compiled loops are the fastest that we know how to write for one core: random numbers in registers,
no memory allocated in the loop, one pass over the events of a draw. Days count from the start of the period.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

import eventstudy as es
from benchmarks.cases import WINDOW
from eventstudy.nulls.calendar_permutation import _Calendar
from eventstudy.strata import cut

U = np.uint64
ONE, HALF, LOW6 = U(1), U(32), U(63)


@njit(inline="always")
def step(state):
    """Return the next state of a generator and 64 random bits: splitmix64 of Steele, Lea and Flood (2014)."""
    state = state + U(0x9E3779B97F4A7C15)
    z = (state ^ (state >> U(30))) * U(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> U(27))) * U(0x94D049BB133111EB)
    return state, z ^ (z >> U(31))


@njit(inline="always")
def below(bits, number):
    """Return a whole number below another one; off by less than one in 4,000 from even for 10**6."""
    return np.int64(((bits >> HALF) * U(number)) >> HALF)


# -- what a day adds to the statistic ---------------------------------------------------------------


@njit(inline="always")
def add_score(day, draw, table, stamp):
    """Add the score of the day."""
    return table[day, 0]


@njit(inline="always")
def add_hits(day, draw, table, stamp):
    """Count the anchors that this day is the first one of the draw to hit."""
    new = 0
    for j in range(table[day, 0], table[day, 1]):
        if stamp[j] != draw:
            stamp[j] = draw
            new += 1
    return new


@njit(inline="always")
def add_lags(day, draw, table, stamp):
    """Count the day's lag from each anchor near it."""
    base, curves, earliest = stamp
    for j in range(table[day, 0], table[day, 1]):
        curves[draw, day - base[j] - earliest] += 1
    return 0


# -- one loop for each null model -------------------------------------------------------------------


def uniform_loop(add: Callable[..., Any]) -> Callable[..., Any]:
    """Return the loop over draws of different days, strata by strata."""

    @njit
    def loop(seed, size, table, stamp, begin, length, number):
        out, state = np.zeros(size, np.int64), U(seed)
        seen = np.zeros((length.max() + 63) // 64, np.uint64)
        for draw in range(size):
            total = 0
            for k in range(begin.size):
                seen[: (length[k] + 63) // 64] = 0
                done = 0
                while done < number[k]:
                    state, bits = step(state)
                    place = below(bits, length[k])
                    word, bit = place >> 6, ONE << (U(place) & LOW6)
                    if not seen[word] & bit:
                        seen[word] |= bit
                        total += add(begin[k] + place, draw, table, stamp)
                        done += 1
            out[draw] = total
        return out

    return loop


def shift_loop(add: Callable[..., Any]) -> Callable[..., Any]:
    """Return the loop over shifts, strata by strata."""

    @njit
    def loop(seed, size, table, stamp, begin, length, number, days):
        out, state = np.zeros(size, np.int64), U(seed)
        for draw in range(size):
            total, i = 0, 0
            for k in range(begin.size):
                state, bits = step(state)
                shift, stop = below(bits, length[k]), begin[k] + length[k]
                for _ in range(number[k]):
                    day = days[i] + shift
                    day -= length[k] * (day >= stop)
                    total += add(day, draw, table, stamp)
                    i += 1
            out[draw] = total
        return out

    return loop


def jitter_loop(add: Callable[..., Any]) -> Callable[..., Any]:
    """Return the loop over small moves."""

    @njit
    def loop(seed, size, table, stamp, first, width):
        out, state = np.zeros(size, np.int64), U(seed)
        for draw in range(size):
            total = 0
            for i in range(first.size):
                state, bits = step(state)
                total += add(first[i] + below(bits, width[i]), draw, table, stamp)
            out[draw] = total
        return out

    return loop


def gaps_loop(add: Callable[..., Any]) -> Callable[..., Any]:
    """Return the loop over orders of the gaps round the ring."""

    @njit
    def loop(seed, size, table, stamp, gaps, length):
        out, state, gaps = np.zeros(size, np.int64), U(seed), gaps.copy()
        for draw in range(size):
            state, bits = step(state)
            day, total = below(bits, length), 0
            for i in range(gaps.size - 1, -1, -1):
                state, bits = step(state)
                j = below(bits, i + 1)
                gap = gaps[j]
                gaps[j] = gaps[i]
                gaps[i] = gap
                day += gap
                day -= length * (day >= length)
                total += add(day, draw, table, stamp)
            out[draw] = total
        return out

    return loop


def exchange_loop(add: Callable[..., Any]) -> Callable[..., Any]:
    """Return the loop over exchanges of whole strata: place ``place[i]`` of stratum ``home[i]``."""

    @njit
    def loop(seed, size, table, stamp, home, place, day_of):
        out, state = np.zeros(size, np.int64), U(seed)
        order = np.arange(day_of.shape[0])
        for draw in range(size):
            for i in range(order.size - 1, 0, -1):
                state, bits = step(state)
                j = below(bits, i + 1)
                order[i], order[j] = order[j], order[i]
            total = 0
            for i in range(home.size):
                total += add(day_of[order[home[i]], place[i]], draw, table, stamp)
            out[draw] = total
        return out

    return loop


def rate_loop(add: Callable[..., Any]) -> Callable[..., Any]:
    """Return the loop over independent events at given daily chances: days are skipped, not asked one by one."""

    @njit
    def loop(seed, size, table, stamp, upto):
        # exponential steps through the summed rate; guide[] says where to begin the search
        out, state = np.zeros(size, np.int64), U(seed)
        total_rate, days = upto[-1], upto.size
        guide = np.searchsorted(upto, np.arange(days) * (total_rate / days))
        for draw in range(size):
            total, at, last = 0, 0.0, -1
            while True:
                state, bits = step(state)
                at -= np.log((np.float64(bits >> U(11)) + 1.0) * 2.0**-53)
                if at >= total_rate:
                    break
                day = guide[int(at / total_rate * days)]
                while upto[day] <= at:
                    day += 1
                if day != last:
                    total += add(day, draw, table, stamp)
                    last = day
            out[draw] = total
        return out

    return loop


def excitation_loop(add: Callable[..., Any]) -> Callable[..., Any]:
    """Return the loop over a self-exciting process: of the next events by rate and by excitation, the earlier."""

    @njit
    def loop(seed, size, table, stamp, upto, ratio, decay):
        out, state = np.zeros(size, np.int64), U(seed)
        days, slope, log_decay = upto.size, upto.size / upto[-1], np.log(decay)
        guide = np.searchsorted(upto, np.arange(days) / slope)
        for draw in range(size):
            total, day, mass = 0, -1, 0.0
            while True:
                state, bits = step(state)
                at = (upto[day] if day >= 0 else 0.0) - np.log((np.float64(bits >> U(11)) + 1.0) * 2.0**-53)
                if at < upto[-1]:
                    following = max(day + 1, guide[int(at * slope)])
                    while upto[following] <= at:
                        following += 1
                else:
                    following = days
                if mass > 0.0:
                    state, bits = step(state)
                    wait = -np.log((np.float64(bits >> U(11)) + 1.0) * 2.0**-53)
                    if wait < mass:
                        following = min(following, day + int(np.ceil(np.log1p(-wait / mass) / log_decay)))
                if following >= days:
                    break
                mass = mass * decay ** (following - day) + ratio
                day = following
                total += add(day, draw, table, stamp)
            out[draw] = total
        return out

    return loop


LOOPS = {
    (loop, add): loop(add)
    for loop in (
        uniform_loop, shift_loop, jitter_loop, gaps_loop, exchange_loop, rate_loop, excitation_loop
    )
    for add in (add_score, add_hits, add_lags)
}  # fmt: skip


def statistic_tables(
    statistic: es.statistics.Statistic, events: es.Events, anchors: es.Events
) -> tuple[Callable[..., Any], Any, Any]:
    """Return what a day adds, a table of it by day, and room to note the anchors that are hit."""
    period = events.period
    if isinstance(statistic, es.AnchorsHit):
        base, window = np.sort(anchors.days), statistic.window
        first = np.searchsorted(base, period.days - window.stop, side="right")
        stop = np.searchsorted(base, period.days - window.start, side="right")
        return add_hits, np.stack([first, stop], axis=1).astype(np.int32), np.full(base.size, -1)
    scores = statistic.scores(period, anchors)
    kind = np.int8 if np.abs(scores).max() < 128 else np.int32
    return add_score, scores.astype(kind)[:, None], np.zeros(1, np.int64)


def compiled(null: Any, statistic: Any, events: es.Events, anchors: es.Events) -> Callable[[int], Any]:
    """Return a function of the number of draws that does them in a compiled loop."""
    add, table, stamp = statistic_tables(statistic, events, anchors)
    loop, parts = null_loop(null, events, anchors)
    return lambda size: LOOPS[loop, add](1, size, table, stamp, *parts)


def compiled_profile(
    null: Any, events: es.Events, anchors: es.Events, lags: tuple[int, int]
) -> Callable[[int], Any]:
    """Return a function of the number of draws that counts events by lag in a compiled loop."""
    _, table, _ = statistic_tables(es.AnchorsHit(es.Window(*lags)), events, anchors)
    base = np.sort(anchors.days) - events.period.start
    loop, parts = null_loop(null, events, anchors)

    def run(size: int) -> Any:
        curves = np.zeros((size, lags[1] - lags[0]), np.int32)
        LOOPS[loop, add_lags](1, size, table, (base, curves, lags[0]), *parts)
        return curves

    return run


def null_loop(null: Any, events: es.Events, anchors: es.Events) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return the loop of a null model, and what it needs to know about the events."""
    period = events.period
    days, length = events.days - period.start, len(period)
    if isinstance(null, es.UniformDays):
        return uniform_loop, _strata(null, events)
    if isinstance(null, es.CircularShift):
        return shift_loop, (*_strata(null, events), days)
    if isinstance(null, es.Jitter):
        first = np.maximum(days - null.days, 0)
        return jitter_loop, (first, np.minimum(days + null.days + 1, length) - first)
    if isinstance(null, es.ShuffledGaps):
        return gaps_loop, (np.diff(days, append=days[0] + length).astype(np.int32), length)
    if isinstance(null, es.CalendarPermutation):
        calendar = _Calendar.of(period, null.by)
        day_of = calendar.day(np.arange(len(calendar.strata))[:, None], np.arange(calendar.width))
        return exchange_loop, (*calendar.locate(events.days), day_of - period.start)
    fitted = null.fitted(events, anchors)
    if isinstance(null, es.PoissonIntensity):
        return rate_loop, (np.cumsum(fitted.rates),)
    return excitation_loop, (np.cumsum(fitted.background), fitted.ratio, fitted.decay)


def _strata(null: Any, events: es.Events) -> tuple[Any, ...]:
    """Return first days and lengths of the strata, and the number of events in each."""
    strata = cut(events.period, null.within)
    number = np.bincount(strata.index(events.days), minlength=len(strata))
    return strata.edges[:-1] - events.period.start, strata.lengths, number


def plain(null: Any, events: es.Events, anchors: es.Events) -> Callable[[int], Any] | None:
    """Return a function of the number of draws that counts events in the window, draw after draw."""
    period = events.period
    days, length, n = events.days - period.start, len(period), len(events)
    marked = WINDOW.indicator(anchors, period) > 0
    gaps = np.diff(days, append=days[0] + length)
    one = {
        es.UniformDays: lambda rng: rng.choice(length, n, replace=False, shuffle=False),
        es.CircularShift: lambda rng: (days + rng.integers(length)) % length,
        es.Jitter: lambda rng: rng.integers(
            np.maximum(days - null.days, 0), np.minimum(days + null.days + 1, length)
        ),
        es.ShuffledGaps: lambda rng: (np.cumsum(rng.permutation(gaps)) + rng.integers(length)) % length,
    }.get(type(null))
    if one is None or getattr(null, "within", None) is not None:
        return None

    def loop(size: int) -> Any:
        rng, out = np.random.default_rng(1), np.empty(size, np.int64)
        for draw in range(size):
            out[draw] = np.count_nonzero(marked[one(rng)])
        return out

    return loop
