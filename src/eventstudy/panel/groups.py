"""The tests of some groups: what a worker does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import ExactUnavailableError, ModelError
from eventstudy.evaluation.distribution import sum_distribution, sum_distributions
from eventstudy.evaluation.moves import shared_move
from eventstudy.evaluation.values import day_scores, observed_value
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.moves import Move
from eventstudy.numeric.distributions import Distribution
from eventstudy.numeric.tails import Alternative
from eventstudy.panel.joint import joint_sums
from eventstudy.panel.partition import key_words
from eventstudy.panel.tables import Key
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.questions import reaching
from eventstudy.results.panel import NOT_TESTED
from eventstudy.statistics import Statistic

OUT_OF_REACH = "no anchor reaches the period"


@dataclass(frozen=True, slots=True)
class GroupTest:
    """The test to be made in every group."""

    statistic: Statistic
    null: NullModel
    period: Period
    alternative: Alternative
    method: str
    n_resamples: int
    seed: int | None
    maxt: bool

    @property
    def by_closed_form(self) -> bool:
        """Whether a group is tested by the exact distribution of a sum where there is a closed form."""
        return self.method != "monte-carlo" and not self.statistic.per_event

    @property
    def move(self) -> Move:
        """The rule by which all groups are moved together."""
        return shared_move(self.null, self.period, "panel_test", "max-T")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Found:
    """The results of g groups.

    - `n_events`, `n_anchors`: shape (g,).
    - `observed`, `expected`, `pvalue`: shape (g,).
    - `drawn`, shape (g,): number of draws; 0 where the p-value is exact, or nothing was tested.
    - `note`: shape (g,).
    - `moved`, shape (g, moves): the statistic under the moves that all groups share, the observed one first;
      (g, 0) without max-T.
    """

    n_events: NDArray[np.int64]
    n_anchors: NDArray[np.int64]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    pvalue: NDArray[np.float64]
    drawn: NDArray[np.int64]
    note: NDArray[np.str_]
    moved: NDArray[np.signedinteger] = field(repr=False)

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Which groups have a p-value of their own, shape (g,)."""
        return ~np.char.startswith(self.note, NOT_TESTED)

    @property
    def out_of_reach(self) -> NDArray[np.bool_]:
        """Which groups have events, but only anchors of another time, shape (g,)."""
        return np.asarray(self.note == NOT_TESTED + OUT_OF_REACH)


def found_in_groups(
    question: GroupTest, keys: Sequence[Key], events: Sequence[Days], anchors: Sequence[Days] | Events
) -> Found:
    """Test some groups.

    `events`: days, in order.
    """
    series_of = [Events.from_days(days, question.period) for days in events]
    chances: list[Distribution | None] = [None] * len(keys)
    if isinstance(anchors, Events):
        each = [_Anchored(question, anchors)] * len(keys)
        chances = _shared_chances(question, series_of, each[0])
    else:
        each = [_Anchored(question, Events.from_days(days, label="anchors")) for days in anchors]
    rows, series, places = [], [], []
    for number, (key, group, own, chance) in enumerate(zip(keys, series_of, each, chances, strict=True)):
        rows.append(_tested(question, key, group, own, chance))
        if question.maxt and len(group) and own.n_reaching and own.scores is not None:
            series.append((group, own.scores))
            places.append(number)
    moved = np.zeros((len(keys), 0), np.int64)
    if series:
        sums = joint_sums(question.move, series, seed=question.seed, n_resamples=question.n_resamples)
        moved = np.zeros((len(keys), sums.shape[1]), sums.dtype)
        moved[places] = sums
    columns = list(zip(*rows, strict=True))
    return Found(
        n_events=np.array([len(days) for days in events], np.int64),
        n_anchors=np.array(columns[0], np.int64),
        observed=np.array(columns[1], float),
        expected=np.array(columns[2], float),
        pvalue=np.array(columns[3], float),
        drawn=np.array(columns[4], np.int64),
        note=np.array(columns[5], np.str_),
        moved=moved,
    )


class _Anchored:
    """Anchors with the scores of all days, computed once for all groups that share them."""

    def __init__(self, question: GroupTest, anchors: Events) -> None:
        self.anchors = anchors
        self.n_anchors_given = len(anchors)
        self.n_reaching = reaching(anchors, question.period, question.statistic.reach)
        self.n_anchors = len(anchors) if question.statistic.window is None else self.n_reaching
        self.scores = day_scores(question.statistic, question.period, anchors) if len(anchors) else None


Row = tuple[int, float, float, float, int, str]  # anchors, observed, expected, p, draws, note


def _tested(
    question: GroupTest, key: Key, events: Events, own: _Anchored, chance: Distribution | None
) -> Row:
    """Return one row of the table."""
    if not len(events) or not own.n_reaching:
        why = "no event" if not len(events) else OUT_OF_REACH if own.n_anchors_given else "no anchor"
        return own.n_anchors, float("nan"), float("nan"), 1.0, 0, f"{NOT_TESTED}{why}"
    exact = _exact(question, events, own, chance)
    if exact is not None:
        return exact
    rng = None
    if question.seed is not None:  # the group's own draws, whichever worker makes them
        rng = np.random.default_rng(np.random.SeedSequence(question.seed, spawn_key=key_words(key)))
    try:
        result = permutation_test(
            events,
            own.anchors,
            question.statistic,
            question.null,
            alternative=question.alternative,
            method=question.method,
            n_resamples=question.n_resamples,
            rng=rng,
        )
    except ModelError as error:  # this group has too few events for the null model; others may have enough
        observed = observed_value(events, own.anchors, question.statistic)
        return own.n_anchors, observed, float("nan"), 1.0, 0, f"{NOT_TESTED}{error}"
    except ExactUnavailableError as error:
        raise ExactUnavailableError(f"panel_test: group {', '.join(key)}: {error}") from None
    return (
        result.n_anchors,
        result.observed,
        result.expected,
        result.pvalue,
        result.n_resamples,
        result.method_note,
    )


def _shared_chances(
    question: GroupTest, series: Sequence[Events], own: _Anchored
) -> list[Distribution | None]:
    """Return the distributions of all groups that meet the same anchors, where there are closed forms."""
    found: list[Distribution | None] = [None] * len(series)
    filled = [i for i, events in enumerate(series) if len(events)]
    if not filled or not own.n_anchors_given or not question.by_closed_form:
        return found
    try:
        chances = sum_distributions(
            [series[i] for i in filled],
            [own.anchors] * len(filled),
            question.statistic,
            own.scores,
            question.null,
        )
    except (ExactUnavailableError, ModelError):
        return found  # one group has none, so each is computed separately
    for i, chance in zip(filled, chances, strict=True):
        found[i] = chance
    return found


def _exact(question: GroupTest, events: Events, own: _Anchored, chance: Distribution | None) -> Row | None:
    """Return the row of an exact test, by a shortcut, or None where there is none.

    The p-values are those of :func:`eventstudy.permutation_test`, without its checks and checksums.
    """
    scores = own.scores
    if scores is None or not question.by_closed_form:
        return None
    try:
        chance = chance or sum_distribution(events, own.anchors, question.statistic, scores, question.null)
    except (ExactUnavailableError, ModelError):
        return None  # the full test reports why
    observed = int(scores[events.days - question.period.start].sum())
    pvalue = chance.tails(observed).pvalue(question.alternative)
    return own.n_anchors, float(observed), chance.mean, pvalue, 0, ""
