"""Moves: rules by which all days of a period move together, whatever events fall on them.

A draw of a move is a row of choices: what it does to each stratum, or where it puts each day. The same choices can be
applied to several series, which keeps the dependence between them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days, date_text
from eventstudy.errors import OptionError
from eventstudy.events import Events
from eventstudy.nulls.lookup import Places
from eventstudy.numeric.distributions import Distribution, from_values
from eventstudy.periods import Period
from eventstudy.strata import Strata

MOST_CHOICES = 100_000  # that may be listed

Choices = NDArray[np.integer]  # shape (size, c)


class Move(ABC):
    """A rule by which all days of a period move.

    - `strata`: of the period; the period alone where there is none smaller.
    - `keeps_to_strata`: whether each day stays in its stratum.
    - `is_shift`: whether a choice is the number of days of a circular shift of a stratum.
    - `moves_together`: whether events on one day stay together, so that several series may share a draw.
    """

    __slots__ = ()
    strata: Strata
    keeps_to_strata: ClassVar[bool] = True
    is_shift: ClassVar[bool] = False
    moves_together: ClassVar[bool] = True

    @property
    @abstractmethod
    def identity(self) -> Choices:
        """The choices that leave every day where it is, shape (c,)."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, size: int) -> Choices:
        """Draw choices, shape (size, c), each row as likely as any other."""

    @abstractmethod
    def places(self, choices: Choices) -> Places:
        """Return where each day of the period goes, counted from its start, shape (size, days)."""

    def left_open(self, days: int) -> str:
        """Return why, with so many days left out, those before and after do not move as if adjacent; "" if they do."""
        return "days in it change places with days outside"

    def every(self) -> Choices | None:
        """Return all choices that there are, the identity first, or None where they are too many."""
        return None

    def shared(self, rng: np.random.Generator, size: int) -> Iterator[Choices]:
        """Yield the identity and `size` draws, shared by several series of the period, some rows at a time."""
        yield np.concatenate([self.identity[None], self.draw(rng, size)])

    def over_periods(self, moves: Sequence[Move], rng: np.random.Generator, size: int) -> list[Choices]:
        """Draw choices for the same rule in several periods, the same for the strata that they share.

        `moves`: this rule in each period.

        Returns shape (size, c). Raises OptionError if the periods overlap so that there is no such draw.
        """
        if any((own.strata.edges[[0, -1]] != self.strata.edges[[0, -1]]).any() for own in moves):
            raise OptionError(
                "its draws for one period say nothing about another period; give all the same one"
            )
        return [self.draw(rng, size)] * len(moves)

    def distribution(self, events: Events, scores: NDArray[np.int64]) -> Distribution | None:
        """Return the distribution of the sum of the events' scores, or None where there are too many choices."""
        choices = self.every()
        return None if choices is None else from_values(self.totals(events, scores, choices))

    def totals(self, events: Events, scores: NDArray[Any], choices: Choices) -> NDArray[Any]:
        """Return the sum of the events' scores for each row of choices, shape (size,)."""
        counts = events.daily_counts()
        days = np.flatnonzero(counts)
        return scores.take(self.places(choices).take(days, axis=1)) @ counts[days]

    def moved(self, events: Events, choices: Choices) -> Days:
        """Return the events' days for each row of choices, shape (size, n)."""
        start = int(self.strata.edges[0])
        return start + self.places(choices).take(events.days - start, axis=1).astype(np.int64)

    def drawn(self, events: Events, rng: np.random.Generator, size: int) -> Days:
        """Return the events' days on draws, shape (size, n), each in the column of the event that was moved."""
        return self.moved(events, self.draw(rng, size))

    def tables(self, counts: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Return sums of scores by what a choice does to a stratum, for several series at once.

        `counts`, `scores`, shape (s, days): events of each series on each day of the period, and scores of
        its own; scores of shape (1, days) where all series have the same, which takes less.

        Returns shape (s, r): `rows` gives the index of the sum that a choice adds; None where there are no
        such tables.
        """
        return None

    def rows(self, choices: Choices) -> NDArray[np.int64]:
        """Return for each choice its place in `tables`, the shape of `choices`."""
        raise OptionError(f"{type(self).__name__}: it has no tables")


@dataclass(frozen=True, slots=True, eq=False)
class EachDay(Move):
    """A move defined by where its draws put each day.

    `sample`: from events, anchors, ``rng`` and ``size`` to draws: the method of the null model.
    """

    strata: Strata
    sample: Callable[..., Days]

    @property
    def identity(self) -> Choices:
        """The days of the period, counted from its start."""
        return np.arange(self.strata.edges[-1] - self.strata.edges[0])

    def draw(self, rng: np.random.Generator, size: int) -> Choices:
        """Draw where each day goes, shape (size, days)."""
        period = Period.from_days(self.strata.edges[0], self.strata.edges[-1])
        days = Events.from_days(period.days, period)
        return self.sample(days, days, rng=rng, size=size) - period.start

    def places(self, choices: Choices) -> Places:
        """Return the choices: they are places."""
        return choices


def common_strata(moves: Sequence[Move]) -> tuple[list[tuple[int, int]], list[NDArray[np.int64]]]:
    """Return all strata of several periods, and which of them each period has.

    Returns `pieces`: first day, and the day after the last one, of each stratum, in order. Returns `own`: for
    each move the numbers of its strata. Raises OptionError if strata of two periods overlap without being the
    same.
    """
    edges = [move.strata.edges.tolist() for move in moves]
    pieces = sorted({pair for cuts in edges for pair in pairwise(cuts)})
    for (_, stop), (start, _) in pairwise(pieces):
        if start < stop:
            raise OptionError(
                f"strata of different periods overlap at {date_text(start)} without being the same; let every period "
                "begin and end where a stratum does, such as on 1 January"
            )
    number = {piece: i for i, piece in enumerate(pieces)}
    return pieces, [np.array([number[pair] for pair in pairwise(cuts)]) for cuts in edges]
