"""The contract of a null model: one method to write, and correct defaults for the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import ExactUnavailableError, OptionError
from eventstudy.events import NO_EVENT, Events, observed_period
from eventstudy.nulls.lookup import LARGEST_TABLE, stacked
from eventstudy.nulls.moves import Choices, Move
from eventstudy.numeric.distributions import Distribution
from eventstudy.overriding import restore_defaults
from eventstudy.periods import Period
from eventstudy.printing import without_addresses

# what must agree with `sample`
FROM_DRAWS = (
    "fitted",
    "move",
    "exact",
    "exact_hits",
    "exact_each",
    "sums",
    "hits",
    "n_arrangements",
    "arrangements",
    "joint",
    "leaving_out",
)

Sums = Callable[[np.random.Generator, int], NDArray[Any]]  # sums of k scores on a number of draws, (size, k)


class NullModel(ABC):
    """What is kept fixed and what is random if events and anchors are unrelated.

    To build one, write a frozen dataclass with `sample`, `keeps` and `breaks`; its fields are its options. Every
    other method has a default that is correct for any model, and may be overridden by a faster or an exact one.
    A subclass of a model with a `sample` of its own has these defaults too, not the closed forms of its parent.

    Attributes
    ----------
    name : str
        What the command line and ``plan.toml`` call it; empty for a model that they do not offer.
    keeps, breaks : str
        What a draw shares with the observed events, and what it loses.
    survives, avoid : str
        Trends that do not count as clustering; when not to use it.
    keeps_number : bool, default False
        Whether every draw has as many events as were observed. If not, a mean over events has no exact
        distribution, and rows of draws may be padded with ``NO_EVENT``.
    exact_is_slow : bool, default False
        Whether `exact` takes longer than thousands of draws, so that repeated tests try draws first.

    Examples
    --------
    Events that move by one day to either side, all together, and come back at the other end of the period:

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> import eventstudy as es
    >>> @dataclass(frozen=True)
    ... class OneDay(es.NullModel):
    ...     keeps = "every gap between events"
    ...     breaks = "their days, by one"
    ...
    ...     def sample(self, events, anchors, *, rng, size):
    ...         step = np.random.default_rng(rng).choice([-1, 0, 1], (size, 1))
    ...         start, days = events.period.start, len(events.period)
    ...         return start + (events.days - start + step) % days
    >>> events, count = es.Events([4, 6], es.Period(0, 10)), es.WindowCount(es.Window(-3, 0))
    >>> test = es.permutation_test(events, es.Events([7]), count, OneDay(), n_resamples=999, rng=1)
    >>> bool(0.28 < test.pvalue < 0.38)
    True
    """

    __slots__ = ()
    name: ClassVar[str] = ""
    survives: ClassVar[str] = ""
    avoid: ClassVar[str] = ""
    keeps_number: ClassVar[bool] = False
    exact_is_slow: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        restore_defaults(cls, NullModel, "sample", FROM_DRAWS)

    def __repr__(self) -> str:
        """Return the name of a class that is no dataclass."""
        return without_addresses(super().__repr__())

    @property
    def keeps(self) -> str:
        """What a draw shares with the observed events."""
        raise OptionError(self._undeclared("keeps", "what a draw shares with the observed events"))

    @property
    def breaks(self) -> str:
        """What a draw loses."""
        raise OptionError(self._undeclared("breaks", "what a draw loses"))

    @classmethod
    def example(cls) -> Self:
        """Return a model with typical options, for lists of null models."""
        return cls()

    @abstractmethod
    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, n)``, whole days inside the period of the events."""

    def fitted(self, events: Events, anchors: Events) -> NullModel:
        """Return the model with any parameters fitted to the events, so that many draws share one fit."""
        return self

    def move(self, period: Period) -> Move | None:
        """Return the rule by which all days of a period move, or None if each event is drawn separately."""
        return None

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
            If there is no closed form, it would cost too much, or the events or scores do not allow it.
        """
        move = self.move(observed_period(events))
        found = None if move is None else move.distribution(events, scores)
        if found is None:
            raise ExactUnavailableError(f"{type(self).__name__} has no closed form")
        return found

    def exact_hits(self, events: Events, first: Days, stop: Days) -> Distribution:
        """Return the distribution of the number of windows that hold an event.

        Parameters
        ----------
        events : Events
        first, stop : ndarray of int64, shape (m,)
            First day of each window, and the day after its last one; they may overlap.

        Raises
        ------
        ExactUnavailableError
            If there is no closed form, or it would cost too much.
        """
        raise ExactUnavailableError(
            f"the number of windows with an event has no closed form under {type(self).__name__}"
        )

    def exact_each(
        self, series: Sequence[Events], anchors: Sequence[Events], scores: NDArray[np.int64]
    ) -> list[Distribution]:
        """Return what `exact` gives for each of s series of one period.

        Parameters
        ----------
        series, anchors : sequence of Events, length s
        scores : ndarray of int64, shape ``(s, len(period))`` or, where all have the same, ``(len(period),)``
        """
        own = np.broadcast_to(scores, (len(series), scores.shape[-1]))
        return [self.exact(*one) for one in zip(series, anchors, own, strict=True)]

    def sums(
        self, events: Events, anchors: Events, scores: Iterable[NDArray[Any]], number: int
    ) -> Sums | None:
        """Prepare sums of the events' scores on draws, where they can be had without the days of each draw.

        Several scores are summed on the same draws: those that `sample` gives for the same generator. With one
        score, only the distribution of the sums is that of its draws.

        Parameters
        ----------
        events, anchors : Events
        scores : iterable of ndarray, each of shape ``(len(events.period),)``
            Read one after another, so that they need not be in memory together. Whole numbers, or floats.
        number : int
            How many scores there are.

        Returns
        -------
        callable or None
            From a generator and a number of draws to sums of shape (size, number); None where there is no such
            method, or its tables would cost more than the draws.
        """
        return None

    def hits(self, events: Events, first: Days, stop: Days) -> Sums | None:
        """Prepare the number of windows with an event on draws, where it can be had without the days of each draw.

        Parameters
        ----------
        events : Events
        first, stop : ndarray of int64, shape (m,)
            First day of each window, and the day after its last one; they may overlap.

        Returns
        -------
        callable or None
            From a generator and a number of draws to numbers of shape (size, 1), distributed as on the draws of
            `sample`.
        """
        return None

    def n_arrangements(self, events: Events) -> int | None:
        """Return how many arrangements of the events there are, all equally likely; None if they cannot be listed."""
        move = self.move(observed_period(events))
        choices = None if move is None else move.every()
        return None if choices is None else len(choices)

    def arrangements(self, events: Events, numbers: NDArray[np.int64]) -> Days:
        """Return the days of the arrangements of the given numbers, counted from 0, shape ``(size, n)``."""
        move, choices = self._listed(events)
        return move.moved(events, choices[numbers])

    def joint(
        self, events: Events, anchors: Events, scores: Iterable[NDArray[np.int64]], number: int
    ) -> NDArray[np.signedinteger]:
        """Return the sums of the events' scores in every arrangement, including the observed one.

        Returns
        -------
        ndarray of int, shape (number, arrangements)
            Every column is equally likely.

        Raises
        ------
        ExactUnavailableError
            If the arrangements are too many, or cannot be listed.
        """
        move, choices = self._listed(events)
        if len(choices) * number > LARGEST_TABLE:
            raise ExactUnavailableError(
                f"{self!r}: {len(choices):,} arrangements of {number} statistics are more than fit into the memory "
                "that is allowed; use method='monte-carlo'"
            )
        return stacked(move.totals(events, score, choices) for score in scores)

    def leaving_out(self, period: Period, gone: Period) -> NullModel:
        """Return the model for events of `period` with the days in `gone` unobserved: no draw puts an event there.

        Raises
        ------
        OptionError
            If the model cannot leave out days.
        """
        move = self.move(period)
        if move is None:
            raise OptionError(
                f"{self!r}: a part of the period cannot be left out, as the model draws each event separately and does "
                "not know which days are missing; use a null model that moves whole strata"
            )
        if not (why := move.left_open(len(gone))):
            return _Joined(self, gone)
        if not move.keeps_to_strata or not move.strata.are_edges(gone):
            raise OptionError(
                f"{self!r}: {gone} cannot be left out, as {why}; use a null model whose strata begin and end with it"
            )
        return self  # strata without an event add nothing, and no draw puts one there

    def _listed(self, events: Events) -> tuple[Move, Choices]:
        """Return the move with all of its choices.

        Raises
        ------
        ExactUnavailableError
            If there is no move, or it cannot be listed.
        """
        move = self.move(observed_period(events))
        choices = None if move is None else move.every()
        if move is None or choices is None:
            raise ExactUnavailableError(
                f"{self!r}: its arrangements cannot all be enumerated; use method='monte-carlo' with a seed"
            )
        return move, choices

    def _undeclared(self, attribute: str, meaning: str) -> str:
        return f"{type(self).__name__}: {attribute} is missing; say in words {meaning}"


def checked_null(null: Any, where: str) -> NullModel:
    """Refuse what is not a null model, or does not say what it keeps and breaks.

    Raises OptionError.
    """
    if isinstance(null, type) and issubclass(null, NullModel):
        raise OptionError(
            f"{where}: the null model is the class {null.__name__}; make one, {null.__name__}(...)"
        )
    if not isinstance(null, NullModel):
        raise OptionError(
            f"{where}: {null!r} is not a null model; give one, such as CircularShift(), or derive your own class "
            "from eventstudy.NullModel"
        )
    for attribute in ("keeps", "breaks"):
        if not isinstance(getattr(null, attribute), str):
            raise OptionError(f"{type(null).__name__}: {attribute} is not text; say it in words")
    return null


def checked_nulls(nulls: Any, where: str) -> dict[str, NullModel]:
    """Return null models by name; refuse what does not name them, or is no null model.

    Raises OptionError.
    """
    if not isinstance(nulls, Mapping):
        raise OptionError(
            f"{where}: the null models are a {type(nulls).__name__}; give them by name, such as "
            "{'shifts': CircularShift()}"
        )
    return {str(name): checked_null(null, where) for name, null in nulls.items()}


@dataclass(frozen=True, slots=True)
class _Joined(NullModel):
    """Draw as `null` does on the days of a period without those that are gone, the gap closed.

    `null`: one that uses neither the calendar nor the anchors.
    """

    null: NullModel
    gone: Period

    @property
    def keeps(self) -> str:
        """What a draw shares with the observed events."""
        return self.null.keeps

    @property
    def breaks(self) -> str:
        """What a draw loses."""
        return self.null.breaks

    @property
    def keeps_number(self) -> bool:  # type: ignore[override]
        """Whether every draw has as many events as were observed."""
        return self.null.keeps_number

    def sample(self, events: Events, anchors: Events, *, rng: int | np.random.Generator, size: int) -> Days:
        """Return draws of the events' days, shape ``(size, n)``, none of them gone."""
        days = self.null.sample(self._joined(events), anchors, rng=rng, size=size)
        return days + np.where((days >= self.gone.start) & (days != NO_EVENT), len(self.gone), 0)

    def exact(self, events: Events, anchors: Events, scores: NDArray[Any]) -> Distribution:
        """Return the distribution of the sum of the events' scores."""
        left = ~self.gone.inside(observed_period(events).days)
        return self.null.exact(self._joined(events), anchors, scores[left])

    def _joined(self, events: Events) -> Events:
        period = observed_period(events)
        days = events.days - np.where(events.days >= self.gone.stop, len(self.gone), 0)
        return Events.from_days(
            days, Period.from_days(period.start, period.stop - len(self.gone)), events.label
        )
