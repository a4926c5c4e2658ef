"""Circular shifts: the rule, and sums of scores under every shift by the fast Fourier transform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy import fft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import OptionError, StrataError
from eventstudy.events import Events
from eventstudy.nulls.bounded import below
from eventstudy.nulls.lookup import LARGEST_GATHER, LARGEST_TABLE, Places, StratumTable, stacked
from eventstudy.nulls.moves import Choices, Move, common_strata
from eventstudy.numeric.distributions import Distribution, convolve, from_rows, from_tables, from_values
from eventstudy.strata import Strata

FEW = 6  # events in a stratum up to which adding up their scores is faster than a transform
LARGEST_FACTOR = 100  # largest prime factor of a number of days with a fast transform


@dataclass(frozen=True, slots=True, eq=False)
class Shift(Move):
    """Shifts of each stratum round its ring, independent of each other: a choice is a number of days.

    `step`: shifts are multiples of this many days; the length of each stratum must be one too.
    """

    strata: Strata
    step: int = 1
    is_shift: ClassVar[bool] = True

    def __post_init__(self) -> None:
        uneven = np.flatnonzero(self.strata.lengths % self.step)
        if uneven.size:
            first = int(uneven[0])
            raise StrataError(
                f"shift by {self.step} days: the {self.strata.lengths[first]} days from {self.strata.labels[first]} on "
                f"are not a multiple of {self.step}, so they cannot form a ring; choose the period or cut dates "
                "accordingly"
            )

    @property
    def identity(self) -> Choices:
        """A shift of zero days for each stratum."""
        return np.zeros(len(self.strata), np.int64)

    def left_open(self, days: int) -> str:
        """Return why the ring does not close without so many of its days; "" if it does."""
        if len(self.strata) > 1:
            return Move.left_open(self, days)
        if days % self.step:
            return f"its {days} days are not a multiple of {self.step}, so the days left do not form a ring"
        return ""

    def draw(self, rng: np.random.Generator, size: int) -> Choices:
        """Draw a shift for each stratum, shape (size, s), those that `CircularShift.sample` draws for every day."""
        return shifts(rng, self.strata.lengths // self.step, size) * np.int64(self.step)

    def places(self, choices: Choices) -> Places:
        """Return where each day of the period goes, counted from its start, shape (size, days)."""
        lengths = self.strata.lengths
        home = np.repeat(np.arange(lengths.size), lengths)
        begin = (self.strata.edges[:-1] - self.strata.edges[0])[home]
        return begin + (np.arange(home.size) - begin + choices[:, home]) % lengths[home]

    def moved(self, events: Events, choices: Choices) -> Days:
        """Return the events' days for each row of choices, shape (size, n)."""
        home = self.strata.index(events.days)
        begin = self.strata.edges[home]
        return begin + (events.days - begin + choices[:, home]) % self.strata.lengths[home]

    def every(self) -> Choices | None:
        """Return all shifts of one stratum; None where there are several."""
        if len(self.strata) > 1:
            return None
        return np.arange(0, self.strata.lengths[0], self.step)[:, None]

    def shared(self, rng: np.random.Generator, size: int) -> Iterator[Choices]:
        """Give the identity and `size` draws for several series of the period."""
        (choices,) = self.over_periods([self], rng, size + 1)
        choices[0] = 0
        yield choices

    def over_periods(self, moves: Sequence[Move], rng: np.random.Generator, size: int) -> list[Choices]:
        """Draw one shift for each stratum, the same in all periods that have it."""
        pieces, own = common_strata(moves)
        bounds = [(stop - start) // self.step for start, stop in pieces]
        shift = rng.integers(bounds, size=(size, len(pieces))) * self.step
        return [shift[:, mine] for mine in own]

    def tables(self, counts: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each series the sums of the scores of each stratum under each shift, shape (s, days)."""
        lengths = self.strata.lengths
        begin = self.strata.edges[:-1] - self.strata.edges[0]
        table = np.empty(counts.shape)
        for length in np.unique(lengths).tolist():  # strata of one length go through one transform
            days = begin[lengths == length, None] + np.arange(length)
            ring = Ring.of(length)
            table[:, days] = ring.correlated(ring.counted(counts[:, days]), scores[:, days])
        return table

    def rows(self, choices: Choices) -> NDArray[np.int64]:
        """Return for each choice its place in `tables`, the shape of `choices`."""
        return self.strata.edges[:-1] - self.strata.edges[0] + choices

    def distribution(self, events: Events, scores: NDArray[np.int64]) -> Distribution:
        """Return the distribution of the sum of the events' scores: that of each stratum, convolved."""
        counts = events.daily_counts()
        slices = self.strata.slices(int(self.strata.edges[0]))
        lengths = self.strata.lengths
        used = np.unique(self.strata.index(events.days))
        tables = []
        for length in np.unique(lengths[used]):  # strata of one length go through one transform
            same = [slices[i] for i in used[lengths[used] == length]]
            sums = by_shift(*(_side_by_side(row, same) for row in (counts, scores)))
            tables.append(sums[:, :: self.step])
        if used.size == 1:
            return from_values(tables[0][0])
        joined = from_tables([table[None] for table in tables])
        if joined is not None:
            return joined[0]
        return convolve(part for table in tables for part in from_rows(table))

    def totals(self, events: Events, scores: NDArray[Any], choices: Choices) -> NDArray[Any]:
        """Return the sum of the events' scores for each row of choices, one look-up per stratum."""
        sums = ShiftSums.of(events, self.strata, [scores], 1)
        if sums is None:
            raise OptionError(
                f"shift: a table of sums by stratum would have more than {LARGEST_TABLE:,} entries; shorten the period"
            )
        if len(self.strata) == 1:
            return sums.table.table[:, 0].take(choices[:, 0])
        return sums.table.totals(choices[:, sums.used])[:, 0]


@dataclass(frozen=True, slots=True, eq=False)
class ShiftSums:
    """Sums of scores on draws that shift each stratum with events; `used` says which these are."""

    lengths: NDArray[np.int64]
    used: NDArray[np.int64]
    table: StratumTable

    @classmethod
    def of(
        cls, events: Events, strata: Strata, scores: Iterable[NDArray[Any]], number: int
    ) -> ShiftSums | None:
        """Make the table of every shift of each stratum with events, or return None where it would be too large."""
        used = np.unique(strata.index(events.days))
        lengths = strata.lengths[used]
        if int(lengths.sum()) * number > LARGEST_TABLE:
            return None
        table = stacked(every_shift(events, strata, used, scores), axis=1)
        return cls(lengths, used, StratumTable(table, np.cumsum(lengths) - lengths))

    @classmethod
    def of_hits(cls, hits: NDArray[np.int64]) -> ShiftSums:
        """Take a number for every shift of the whole period."""
        only = np.zeros(1, np.int64)
        return cls(np.array([hits.size]), only, StratumTable(hits[:, None], only))

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[Any]:
        """Return the sums on `size` draws, shape (size, k)."""
        return self.table.totals(shifts(rng, self.lengths, size))


def shifts(rng: np.random.Generator, lengths: NDArray[np.int64], size: int) -> NDArray[np.integer]:
    """Draw a shift for each stratum of each draw, shape (size, s); zero is a shift too."""
    return below(rng, lengths, (size, lengths.size))


def every_shift(
    events: Events, strata: Strata, used: NDArray[np.int64], scores: Iterable[NDArray[Any]]
) -> Iterator[NDArray[Any]]:
    """Give for each score its sum under every shift of each used stratum, one stratum after the other."""
    counts = events.daily_counts()
    lengths = strata.lengths[used]
    first = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    begin = strata.edges[used] - strata.edges[0]
    groups = []
    for length in np.unique(lengths).tolist():  # strata of one length go through one transform
        same, steps = lengths == length, np.arange(length)
        days = begin[same, None] + steps
        groups.append(
            (days, first[same, None] + steps, Ring.of(length), Ring.of(length).counted(counts[days]))
        )
    for score in scores:
        column = np.empty(int(lengths.sum()), np.float64 if score.dtype.kind == "f" else np.int64)
        for days, rows, ring, counted in groups:
            column[rows] = ring.correlated(counted, score[days])
        yield column


def sums_by_shift(
    series: Sequence[Events], strata: Strata, scores: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Return the sums of the scores of several series under every shift of each stratum.

    `scores`: of each day of the period, shape (s, days), or (days,) if all series have the same.

    Returns for each length of a stratum an array of shape (s, strata, length).
    """
    lengths, start = strata.lengths, int(strata.edges[0])
    begin = strata.edges[:-1] - start
    days = np.concatenate([events.days for events in series]) - start
    owner = np.repeat(np.arange(len(series)), [len(events) for events in series])
    home = strata.index(days + start)
    few = days.size * int(lengths.max()) <= min(LARGEST_GATHER, FEW * len(series) * int(lengths.sum()))
    tables = []
    for length in np.unique(lengths).tolist():
        same = np.flatnonzero(lengths == length)
        mine = lengths[home] == length
        event = owner[mine], np.searchsorted(same, home[mine]), days[mine] - begin[home[mine]]
        score = scores[..., begin[same, None] + np.arange(length)]
        shape = (len(series), same.size, length)
        if few:
            tables.append(_added_up(event, score, shape))
        else:
            counts = np.zeros(shape)
            np.add.at(counts, event, 1.0)
            tables.append(by_shift(counts, score))
    return tables


def _added_up(
    event: tuple[NDArray[np.int64], ...], scores: NDArray[np.int64], shape: tuple[int, int, int]
) -> NDArray[np.int64]:
    """Return the sums under every shift, shape (s, strata, length), by adding the turned scores of each event.

    - `event`: series, stratum and day of each event, in this order.
    - `scores`: of that shape, or (strata, length) if all series have the same.
    """
    turned = sliding_window_view(np.concatenate([scores, scores], axis=-1), shape[-1], axis=-1)
    cell = event[0] * shape[1] + event[1]
    first = np.flatnonzero(np.diff(cell, prepend=-1))
    rank = np.arange(cell.size) - np.repeat(first, np.diff(first, append=cell.size))
    table = np.zeros((shape[0] * shape[1], shape[2]), np.int64)
    for layer in range(int(rank.max(initial=-1)) + 1):  # the first event of each cell, the second, ...
        now = np.flatnonzero(rank == layer)
        table[cell[now]] += turned[tuple(part[now] for part in event[-scores.ndim :])]
    return table.reshape(shape)


def by_shift(counts: NDArray[np.int64], scores: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``sum(counts * scores shifted back by s)`` for every shift s, along the last axis."""
    ring = Ring.of(counts.shape[-1])
    return ring.correlated(ring.counted(counts), scores)


@dataclass(frozen=True, slots=True)
class Ring:
    """Correlations round a ring of days, by the fast Fourier transform.

    `length`: of the transform: that of the ring, or, where its days have a large prime factor, enough for the
    scores to be repeated twice in a row.

    Where the scores are whole numbers, rounding removes the error of the transform entirely.
    """

    days: int
    length: int

    @classmethod
    def of(cls, days: int) -> Ring:
        """Choose the length of the transform."""
        rest = days
        for factor in range(2, LARGEST_FACTOR):
            while rest % factor == 0:
                rest //= factor
        return cls(days, days if rest == 1 else _fast_length(2 * days - 1))

    def counted(self, counts: NDArray[Any]) -> NDArray[np.complex128]:
        """Return the transform of counts, shape (..., days), that `correlated` takes."""
        transform = fft.rfft(counts, n=self.length, axis=-1)
        return np.conj(transform, out=transform)

    def correlated(self, counted: NDArray[np.complex128], scores: NDArray[Any]) -> NDArray[Any]:
        """Return the sum of counts times scores shifted back by each number of days, shape (..., days)."""
        laid = scores if self.length == self.days else np.concatenate([scores, scores[..., :-1]], axis=-1)
        product = counted * fft.rfft(laid, n=self.length, axis=-1)
        sums = fft.irfft(product, n=self.length, axis=-1)[..., : self.days]
        return sums if scores.dtype.kind == "f" else np.rint(sums, out=sums).astype(np.int64)


def _side_by_side(row: NDArray[Any], parts: list[slice]) -> NDArray[Any]:
    """Return parts of equal length of a row, one below the other; a single one without a copy."""
    return np.stack([row[part] for part in parts]) if len(parts) > 1 else row[parts[0]][None]


def _fast_length(least: int) -> int:
    """Return the smallest length from here on without a prime factor above 5: such transforms are the fastest."""
    best = 1 << (least - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            rest = -(-least // three)
            best = min(best, three << (rest - 1).bit_length())
            three *= 3
        five *= 5
    return best
