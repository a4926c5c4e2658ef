"""Moves of a null model: one rule for all days, applied alike to several series, periods or columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from eventstudy.errors import OptionError
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.nulls.moves import Choices, Move
from eventstudy.periods import Period


def day_move(null: NullModel, period: Period) -> Move | None:
    """Return the rule by which all days of a period move, or None where a null model draws each event separately."""
    return checked_null(null, "null").move(period)


def model_without(null: NullModel, period: Period, gone: Period, where: str) -> NullModel:
    """Return the null model for events of a period with a part of it unobserved.

    Raises OptionError if the null model cannot leave it out.
    """
    try:
        return checked_null(null, where).leaving_out(period, gone)
    except OptionError as error:
        raise OptionError(f"{where}: {error}") from None


def shared_move(null: NullModel, period: Period, where: str, what: str) -> Move:
    """Return the rule by which several series of a period can be moved together, as `what` requires.

    Raises OptionError if a draw for one series cannot be applied to another.
    """
    move = day_move(null, period)
    if move is not None and move.moves_together:
        return move
    how = "has no rule that moves all days" if move is None else "separates events of one day"
    raise OptionError(
        f"{where}: {null!r} {how}, so series cannot share a draw and {what} is not defined; use "
        f"CircularShift or another null model that moves days or strata as such, or leave {what} out"
    )


def all_choices(move: Move) -> Choices | None:
    """Return every choice of a move where one transform gives all sums, as for shifts; else None."""
    return move.every() if move.is_shift else None


def shared_choices(move: Move, n_resamples: int, seed: int | None) -> Iterator[Choices]:
    """Yield choices for several series to share, some at a time; the first is the identity.

    `seed`: the draws depend on it alone, so every worker makes the same ones; not needed where all choices
    are listed.
    """
    listed = all_choices(move)
    if listed is not None:
        yield listed
    else:
        yield from move.shared(np.random.default_rng(np.random.SeedSequence(seed)), n_resamples)


def choices_by_period(
    null: NullModel, periods: Sequence[Period], where: str, *, rng: np.random.Generator, size: int
) -> dict[Period, tuple[Move, Choices]]:
    """Draw the move of each stratum in each period, the same for strata that periods share.

    Raises OptionError if strata of two periods overlap without being the same, or the null model moves no
    days.
    """
    moves = [shared_move(null, period, where, "the joint test") for period in periods]
    try:
        choices = moves[0].over_periods(moves, rng, size)
    except OptionError as error:
        raise OptionError(f"{where}: {null!r}: {error}") from None
    return dict(zip(periods, zip(moves, choices, strict=True), strict=True))
