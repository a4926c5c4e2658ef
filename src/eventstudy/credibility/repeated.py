"""One test on many data sets: rejections, attainable levels, and shares with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.arguments import share
from eventstudy.errors import ExactUnavailableError, ModelError, ReachError, UndefinedError
from eventstudy.evaluation.batched import batched_sums
from eventstudy.evaluation.distribution import no_closed_form, no_sum, sum_distributions
from eventstudy.evaluation.moves import day_move
from eventstudy.evaluation.values import day_scores
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.numeric.distributions import Distribution
from eventstudy.numeric.tails import Alternative, Tails, at_least, clopper_pearson, rejects, rounding
from eventstudy.permutation import permutation_test
from eventstudy.questions import Question
from eventstudy.statistics import Statistic

SCREEN = 2_000  # draws that may show at once on which side of the level a p-value lies
DOUBT = 1e-9  # largest probability that they show the wrong side

Floats = NDArray[np.float64]

Pair = tuple[Events, Events]
Rule = NullModel | tuple[NullModel, ...]  # several null models: the test rejects where all of them do


def members(rule: Rule) -> tuple[NullModel, ...]:
    """Return the null models that must all reject."""
    return rule if isinstance(rule, tuple) else (rule,)


def rule_text(rule: Rule) -> str:
    """Return a rule as text."""
    return " and ".join(repr(null) for null in members(rule))


def attained(
    probabilities: Floats, levels: Sequence[float], alternative: Alternative = "greater"
) -> list[float]:
    """Return for each level the largest attainable p-value that is no larger; 0 if there is none.

    It is the test's actual level: a statistic with few values cannot use all of the nominal one.

    `probabilities`, shape (k,): of the values of the statistic, from the smallest to the largest.
    """
    tails = np.cumsum(probabilities) if alternative == "less" else np.cumsum(probabilities[::-1])[::-1]
    if alternative == "two-sided":
        tails = 2.0 * np.minimum(tails, np.cumsum(probabilities))
    return [float(tails[rejects(tails, level)].max(initial=0.0)) for level in levels]


class DataSets(tuple[Pair, ...]):
    """Pairs of events and anchors, with what every test of them needs, made once."""

    @cached_property
    def counts(self) -> Floats:
        """Events of each series on each day of the period, which all series have, shape (s, days)."""
        return np.stack([events.daily_counts() for events, _ in self]).astype(float)

    @cached_property
    def anchors(self) -> list[Events]:
        """The anchors of each pair; one where they share them."""
        own = [anchors for _, anchors in self]
        return own[:1] if all(anchors is own[0] for anchors in own) else own

    @cached_property
    def alike(self) -> bool:
        """Whether all series have one period, and no date is uncertain."""
        return all(events.period == self[0][0].period and not events.n_uncertain for events, _ in self)

    def plain_scores(self, statistic: Statistic) -> NDArray[np.int64] | None:
        """Return the one whole score of each day, shape (days,) for shared anchors, else (s, days).

        None if there is none, and also where the pairs do not have one period, or dates are uncertain.
        """
        if id(statistic) not in self._scores:
            # kept with the statistic, as the id of a deleted object could be reused
            self._scores[id(statistic)] = statistic, self._plain_scores(statistic)
        return self._scores[id(statistic)][1]

    @cached_property
    def _scores(self) -> dict[int, tuple[Statistic, NDArray[np.int64] | None]]:
        return {}

    def _plain_scores(self, statistic: Statistic) -> NDArray[np.int64] | None:
        if type(statistic).value is not Statistic.value or not self.alike:
            return None
        period = observed_period(self[0][0])
        anchors = {id(own): own for own in self.anchors}
        scores = {place: day_scores(statistic, period, own) for place, own in anchors.items()}
        if any(no_sum(statistic, score) for score in scores.values()):
            return None
        each = [scores[id(own)] for own in self.anchors]
        return each[0] if len(each) == 1 else np.array(each, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """What a test found.

    `probabilities`, shape (k,): of the values that the statistic could have had, from the smallest to the
    largest. `drawn`: whether it rests on draws.
    """

    pvalue: float
    probabilities: Floats
    drawn: bool


NOTHING = Tested(1.0, np.zeros(0), False)  # what a test finds that is not defined for its data


@dataclass(frozen=True, slots=True)
class RepeatedTest:
    """One permutation test for many data sets, done together where that can be had.

    - `where`: the function called, for the error text.
    - `n_resamples`: draws where there is no closed form.
    - `lenient`: whether a test that is not defined for its data counts as one that found nothing, instead of
      an error.
    """

    where: str
    statistic: Statistic
    null: NullModel
    alternative: Alternative
    n_resamples: int
    lenient: bool = False

    def all(self, pairs: Sequence[Pair], children: Sequence[np.random.Generator]) -> list[Tested]:
        """Return what the test finds in each pair of events and anchors; each has a generator of its own."""
        out = [NOTHING] * len(pairs)
        asked = [i for i, pair in enumerate(pairs) if self._can_be_asked(*pair)]
        if not asked:
            return out
        whole = pairs if isinstance(pairs, DataSets) and len(asked) == len(pairs) else None
        some = whole or DataSets(pairs[i] for i in asked)
        rngs = [children[i] for i in asked]
        for i, found in zip(asked, self._together(some, rngs[0]) or self._alone(some, rngs), strict=True):
            out[i] = found
        return out

    def rejections(
        self, pairs: Sequence[Pair], children: Sequence[np.random.Generator], level: float
    ) -> NDArray[np.bool_]:
        """Tell for each pair whether the test rejects, and whether by `n_resamples` draws, shape (s, 2)."""
        out = np.zeros((len(pairs), 2), bool)
        decided = (
            screened(self.statistic, self.null, DataSets(pairs), level, children[0].spawn(1)[0])
            if self.alternative == "greater"
            else [None] * len(pairs)
        )
        out[:, 0] = [one is True for one in decided]
        left = [i for i, one in enumerate(decided) if one is None]
        for i, one in zip(left, self.all([pairs[i] for i in left], [children[i] for i in left]), strict=True):
            out[i] = rejects(np.array(one.pvalue), level), one.drawn
        return out

    def _can_be_asked(self, events: Events, anchors: Events) -> bool:
        try:
            Question.ask(self.where, events, anchors, self.statistic, self.null, doubt=True, announced=True)
        except ReachError:
            if not self.lenient:
                raise
            return False
        return True

    def _together(self, pairs: DataSets, rng: np.random.Generator) -> list[Tested] | None:
        """Test data sets of one period at once; None where that cannot be done, or would not save time."""
        known = exact_together(self.statistic, self.null, pairs)
        if known is not None:
            return [
                Tested(chance.tails(observed).pvalue(self.alternative), chance.probabilities, False)
                for chance, observed in known
            ]
        sums = sums_together(self.statistic, self.null, pairs, rng=rng, size=self.n_resamples)
        if sums is None:
            return None
        each = zip(sums[0].swapaxes(0, 1), sums[1].T, strict=True)
        return [self._or_nothing(self._of_sums, own.T, observed) for own, observed in each]

    def _of_sums(self, sums: Floats, observed: Floats) -> Tested:
        """Return what was found from sums on draws, shape (size, k), and as observed, shape (k,)."""
        values = self.statistic.value(sums, observed)
        own = float(self.statistic.value(observed, observed))
        slack = rounding(max(abs(own), float(np.abs(values).max(initial=0.0))))
        _, counts = np.unique(values, return_counts=True)
        return Tested(Tails.drawn(values, own, slack).pvalue(self.alternative), counts / len(values), True)

    def _alone(self, pairs: Sequence[Pair], children: Sequence[np.random.Generator]) -> list[Tested]:
        return [self._or_nothing(self._one, *pair, rng) for pair, rng in zip(pairs, children, strict=True)]

    def _one(self, events: Events, anchors: Events, rng: np.random.Generator) -> Tested:
        test = permutation_test(
            events,
            anchors,
            self.statistic,
            self.null,
            alternative=self.alternative,
            n_resamples=self.n_resamples,
            rng=rng,
        )
        return Tested(test.pvalue, test.probabilities, test.method == "monte-carlo")

    def _or_nothing(self, test: Callable[..., Tested], *data: Any) -> Tested:
        try:
            return test(*data)
        except (ReachError, UndefinedError):
            if not self.lenient:
                raise
            return NOTHING


def rejected_by_all(
    tests: Sequence[RepeatedTest],
    pairs: Sequence[Pair],
    children: Sequence[np.random.Generator],
    level: float,
) -> NDArray[np.bool_]:
    """Tell for each pair whether all tests reject, and whether any rests on `n_resamples` draws, shape (s, 2).

    A pair that a test does not reject is not shown to the tests after it.
    """
    out = np.zeros((len(pairs), 2), bool)
    own = [[child] if len(tests) == 1 else child.spawn(len(tests)) for child in children]
    left = np.arange(len(pairs))
    for place, test in enumerate(tests):
        of = left.tolist()
        found = test.rejections([pairs[i] for i in of], [own[i][place] for i in of], level)
        out[left, 0] = found[:, 0]
        out[left, 1] |= found[:, 1]
        left = left[found[:, 0]]
        if not left.size:
            break
    return out


def screened(
    statistic: Statistic, null: NullModel, pairs: DataSets, level: float, rng: np.random.Generator
) -> list[bool | None]:
    """Tell by draws which one-sided tests reject; None where they leave doubt, or could not save time.

    The 2,000 draws, which all pairs share, decide where a p-value on the other side of the level would bring so many
    or so few extreme ones less than once in 1e9 (Clopper-Pearson).
    """
    unknown: list[bool | None] = [None] * len(pairs)
    scores = pairs.plain_scores(statistic) if null.exact_is_slow else None
    if scores is None or no_closed_form(statistic, scores, null):
        return unknown
    move = day_move(null, observed_period(pairs[0][0]))
    if move is None:
        return unknown
    each = np.atleast_2d(scores).astype(float)
    found = batched_sums(move, pairs.counts, each[None], rng=rng, size=SCREEN)
    if found is None:
        return unknown
    reached = at_least(np.rint(found[0][0]), np.rint(found[1][0])[:, None]).sum(axis=1)
    surely, hardly = screen_bounds(level)
    return [True if n <= surely else False if n >= hardly else None for n in reached.tolist()]


def screen_bounds(level: float) -> tuple[int, int]:
    """Return up to how many extreme draws p is surely at most the level, and from how many it is surely above."""
    low, high = clopper_pearson(np.arange(SCREEN + 1), SCREEN, 1.0 - DOUBT)
    return int((high <= level).sum()) - 1, int((low <= level).sum())


def exact_together(
    statistic: Statistic, null: NullModel, pairs: DataSets
) -> list[tuple[Distribution, int]] | None:
    """Return the exact distribution of a sum of whole scores, and its observed value, for several pairs of one period.

    None where there is no closed form for all of them: each is then asked by itself.
    """
    scores = pairs.plain_scores(statistic)
    if scores is None:
        return None
    try:
        chances = sum_distributions(
            [events for events, _ in pairs], [own for _, own in pairs], statistic, scores, null
        )
    except (ExactUnavailableError, ModelError):
        return None
    observed = (scores * pairs.counts.astype(np.int64)).sum(axis=1)
    return list(zip(chances, observed.tolist(), strict=True))


def check_shares(where: str, **shares: float) -> None:
    """Refuse what is not a share between 0 and 1."""
    for name, value in shares.items():
        share(value, where, name, fix="give a share between 0 and 1, such as 0.05 or 0.8")


def sums_together(
    statistic: Statistic,
    null: NullModel,
    pairs: DataSets,
    *,
    rng: np.random.Generator,
    size: int,
) -> tuple[Floats, Floats] | None:
    """Return the sums of a statistic's scores for several series of one period, on shared draws.

    Returns them on draws and as observed; None where that is impossible, or would not save time.
    """
    if not pairs.alike:
        return None
    period = observed_period(pairs[0][0])
    anchors = pairs.anchors
    scores = [day_scores(statistic, period, own) for own in anchors]
    together = [score for score in scores if score is not None and score.ndim == 2]
    move = day_move(null, period)
    if move is None or len(together) < len(anchors):
        return None
    return batched_sums(move, pairs.counts, np.stack(together, axis=1).astype(float), rng=rng, size=size)
