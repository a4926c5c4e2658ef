"""What a null model offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.events import Events
from eventstudy.numeric.distributions import Distribution


class NullModel(Protocol):
    """Says what is kept fixed and what is random if events and anchors have nothing to do with each other.

    Attributes
    ----------
    keeps, breaks : str
        What a draw shares with the observed events, and what it loses.
    """

    @property
    def keeps(self) -> str:
        """What a draw shares with the observed events."""
        ...

    @property
    def breaks(self) -> str:
        """What a draw loses."""
        ...

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, n)``."""
        ...


@runtime_checkable
class ExactNullModel(NullModel, Protocol):
    """A null model that knows the whole distribution of an additive statistic."""

    def exact(self, events: Events, anchors: Events, scores: NDArray[np.int64]) -> Distribution:
        """Return the distribution of the sum of the events' scores.

        Parameters
        ----------
        events, anchors : Events
        scores : ndarray of int64, shape ``(len(events.period),)``
            The score of each day of the period.

        Raises
        ------
        ExactUnavailableError
            If it would cost too much, or the events or scores do not allow it.
        """
        ...


@runtime_checkable
class SharingNullModel(ExactNullModel, Protocol):
    """A null model that finds the distributions of many series faster together, where all meet the same scores."""

    def exact_each(
        self, series: Sequence[Events], anchors: Events, scores: NDArray[np.int64]
    ) -> list[Distribution]:
        """Return what `exact` gives for each series; all have the same period."""
        ...


class Sums(Protocol):
    """Sums of scores on draws, prepared once and then asked for block by block."""

    def __call__(self, rng: np.random.Generator, size: int) -> NDArray[np.int64]:
        """Return the sums on `size` draws, shape (size, k)."""
        ...


@runtime_checkable
class SummingNullModel(NullModel, Protocol):
    """A null model that knows sums of scores on its draws without laying out the days of each draw."""

    def sums(
        self, events: Events, anchors: Events, scores: Iterable[NDArray[np.int64]], number: int
    ) -> Sums | None:
        """Prepare the sums of the events' scores on draws.

        Several scores are summed on the same draws: those that ``sample`` gives for the same generator. The sums of
        one score are distributed like those of its draws.

        Parameters
        ----------
        events, anchors : Events
        scores : iterable of ndarray of int64, each of shape ``(len(events.period),)``
            Read one after another, so that they need not be in memory together.
        number : int
            How many scores there are.

        Returns
        -------
        Sums or None
            None where the tables would be larger than the draws are worth.
        """
        ...


@runtime_checkable
class JointNullModel(NullModel, Protocol):
    """A null model whose arrangements can all be gone through."""

    def joint(
        self, events: Events, anchors: Events, scores: Iterable[NDArray[np.int64]], number: int
    ) -> NDArray[np.signedinteger]:
        """Return the sums of the events' scores in every arrangement, the observed one among them.

        Returns
        -------
        ndarray of int, shape (number, arrangements)
            Every column is equally likely.

        Raises
        ------
        ExactUnavailableError
            If there are too many arrangements.
        """
        ...


@runtime_checkable
class FittedNullModel(NullModel, Protocol):
    """A null model with parameters that are fitted to the events."""

    def fitted(self, events: Events, anchors: Events) -> NullModel:
        """Return the model with its parameters fixed, so that many blocks of draws share one fit."""
        ...


@runtime_checkable
class EnumerableNullModel(NullModel, Protocol):
    """A null model with countable arrangements of the events, all equally likely."""

    def n_arrangements(self, events: Events) -> int:
        """Return how many arrangements there are."""
        ...

    def arrangements(self, events: Events, numbers: NDArray[np.int64]) -> Days:
        """Return the days of the arrangements of the given numbers, counted from 0, shape ``(size, n)``."""
        ...
