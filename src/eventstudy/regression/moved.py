"""A regression on draws of a null model: windows that move, or new events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import ModelError
from eventstudy.evaluation.draws import drawn_days
from eventstudy.evaluation.moves import all_choices, day_move
from eventstudy.events import NO_EVENT, Events
from eventstudy.formulas import Design
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.moves import Move
from eventstudy.numeric.likelihoods import PoissonCounts
from eventstudy.numeric.separation import supremum
from eventstudy.parallel import block_sizes, in_order, seeded
from eventstudy.periods import Period
from eventstudy.regression.count_tables import history_column
from eventstudy.regression.efficient_score import EfficientScore, signed_root

Floats = NDArray[np.float64]

LARGEST_BLOCK = 256  # draws


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """A Poisson regression of daily counts, its columns grouped by what they belong to.

    - `response`: shape (n,).
    - `nuisance`, shape (n, k): intercept, calendar, covariates, history.
    - `anchor`, shape (n, a): windows.
    - `tested`: index of the window tested.
    - `past`: which nuisance columns are history, and their lags.
    """

    response: Floats
    nuisance: Floats
    anchor: Floats
    tested: int
    past: tuple[tuple[int, tuple[int, int]], ...]

    def score(self) -> EfficientScore:
        """Fit without the windows and prepare the score of the one that is tested."""
        nuisance = self.nuisance[:, self.nuisance.any(axis=0)]
        return EfficientScore.of(
            self.response, nuisance, np.zeros(self.response.size), self.anchor, self.tested
        )

    def root(self, anchor: Floats) -> float:
        """Return the signed root of the likelihood ratio of the tested window."""
        others = np.concatenate([self.nuisance, np.delete(anchor, self.tested, axis=1)], axis=1)
        offset = np.zeros(self.response.size)
        return signed_root(self.response, others[:, others.any(axis=0)], offset, anchor[:, self.tested])

    def coefficient(self) -> float:
        """Return the coefficient of the tested window, all terms fitted together."""
        matrix = np.concatenate([self.anchor, self.nuisance], axis=1)
        found = supremum(PoissonCounts(), self.response, matrix, np.zeros(self.response.size))
        return found.coefficient(self.tested)

    def observed(self, method: str) -> float:
        """Return the observed statistic."""
        return self.score().observed() if method == "score" else self.root(self.anchor)

    def moved(self, places: NDArray[np.int64]) -> Floats:
        """Return the root with the windows' rows `places`, shape (size, n), matched to the counts."""
        return np.array([self.root(self.anchor[place]) for place in places])

    def with_events(self, events: Events) -> Pieces:
        """Return the regression with other events: new counts and history."""
        nuisance = self.nuisance.copy()
        for column, lags in self.past:
            nuisance[:, column] = history_column(events, lags)
        return replace(self, response=events.daily_counts().astype(float), nuisance=nuisance)


def pieces(
    design: Design, windows: Sequence[str], history: Mapping[str, tuple[int, int]], term: str, where: str
) -> Pieces:
    """Group the columns of a design.

    Raises ModelError if windows or history are not plain terms of the formula, or `term` is not a window in
    it.
    """
    for name, read in zip(design.terms, design.reads, strict=True):
        inside = [own for own in (*windows, *history) if own in read and own != name]
        if inside:
            raise ModelError(
                f"{where}: {inside[0]!r} enters the formula as {name!r}; windows and history change from draw to "
                "draw, so write them as plain terms"
            )
    moved = [name for name in design.terms if name in windows]
    if term not in moved:
        raise ModelError(
            f"{where}: term={term!r} is not a window in the formula; it can be {', '.join(map(repr, moved)) or 'none'}"
        )
    others = [name for name in design.terms if name not in moved]
    return Pieces(
        response=design.response,
        nuisance=design.matrix[:, [design.terms.index(name) for name in others]],
        anchor=design.matrix[:, [design.terms.index(name) for name in moved]],
        tested=moved.index(term),
        past=tuple((others.index(name), lags) for name, lags in history.items() if name in others),
    )


def every_statistic(regression: Pieces, period: Period, null: NullModel) -> Floats | None:
    """Return the score statistic under every shift of the period, the zero shift first; None for other moves."""
    move = day_move(null, period)
    choices = None if move is None else all_choices(move)
    return None if choices is None else regression.score().all_shifts()[choices[:, 0]]


def drawn_statistics(
    regression: Pieces,
    events: Events,
    anchors: Events,
    period: Period,
    null: NullModel,
    method: str,
    *,
    rng: np.random.Generator,
    n_resamples: int,
) -> Floats:
    """Return the statistic of each draw, shape ``(n_resamples,)``, in blocks that depend on the problem alone."""
    move = day_move(null, period)
    row = len(events) if move is None else len(period)
    sizes = block_sizes(n_resamples, row, LARGEST_BLOCK)
    parts = seeded(sizes, rng)
    if move is not None and move.is_shift and method == "score":
        score = regression.score()
        table = score.shift_table(move.strata)
        shifting = [(score, table, move, child, size) for child, size in parts]
        return np.concatenate(list(in_order(_shifted_block, shifting, sizes, "draws")))
    if move is not None:
        evaluate = regression.score() if method == "score" else regression
        jobs = [(evaluate, move, child, size) for child, size in parts]
        return np.concatenate(list(in_order(_moved_block, jobs, sizes, "draws")))
    null = null.fitted(events, anchors)
    redrawn = [(regression, events, anchors, null, method, child, size) for child, size in parts]
    return np.concatenate(list(in_order(_redrawn_block, redrawn, sizes, "draws")))


def _shifted_block(
    score: EfficientScore,
    table: tuple[Floats, NDArray[np.int64]],
    move: Move,
    rng: np.random.Generator,
    size: int,
) -> Floats:
    shifts = move.draw(rng, size)
    rows, first = table
    sums = np.zeros((size, rows.shape[1]))
    for stratum, begin in enumerate(first):
        sums += rows[begin + shifts[:, stratum]]
    return score.from_sums(sums)


def _moved_block(
    evaluate: EfficientScore | Pieces, move: Move, rng: np.random.Generator, size: int
) -> Floats:
    return evaluate.moved(move.places(move.draw(rng, size)).astype(np.int64, copy=False))


def _redrawn_block(
    regression: Pieces,
    events: Events,
    anchors: Events,
    null: NullModel,
    method: str,
    rng: np.random.Generator,
    size: int,
) -> Floats:
    draws = drawn_days(null, events, anchors, rng=rng, size=size)
    return np.array([_redrawn(regression, days, events.period, method) for days in draws])


def _redrawn(regression: Pieces, days: Days, period: Period | None, method: str) -> float:
    days = days[days != NO_EVENT]
    if not days.size:
        return 0.0  # without events there is no evidence either way
    return regression.with_events(Events.from_days(days, period)).observed(method)
