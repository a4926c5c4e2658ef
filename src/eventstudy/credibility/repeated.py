"""One test on many data sets: rejections, attainable levels, and shares with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy.arguments import share
from eventstudy.evaluation.batched import batched_sums
from eventstudy.evaluation.distribution import no_closed_form
from eventstudy.evaluation.draws import sum_draws
from eventstudy.evaluation.moves import day_move
from eventstudy.evaluation.values import day_scores
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.numeric.tails import Alternative, Tails, clopper_pearson, rejects, rounding
from eventstudy.statistics import Statistic

SCREEN = 2_000  # draws that may show at once on which side of the level a p-value lies
DOUBT = 1e-9  # largest probability that they show the wrong side

Floats = NDArray[np.float64]

Rule = NullModel | tuple[NullModel, ...]  # several null models: the test rejects where all of them do


def members(rule: Rule) -> tuple[NullModel, ...]:
    """Return the null models that must all reject."""
    return rule if isinstance(rule, tuple) else (rule,)


def rule_text(rule: Rule) -> str:
    """Return a rule as text."""
    return " and ".join(repr(null) for null in members(rule))


def attained(probabilities: Floats, level: float, alternative: Alternative = "greater") -> float:
    """Return the largest attainable p-value at most `level`; 0 if there is none.

    It is the test's actual level: a statistic with few values cannot use all of the nominal one.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (k,)
        Of the values of the statistic, from the smallest to the largest.
    level : float
    alternative : {"greater", "less", "two-sided"}, default "greater"
    """
    greater, less = np.cumsum(probabilities[::-1])[::-1], np.cumsum(probabilities)
    tails = {"greater": greater, "less": less, "two-sided": 2.0 * np.minimum(greater, less)}[alternative]
    return float(tails[rejects(tails, level)].max(initial=0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """Draws that decide a test where they are conclusive.

    Attributes
    ----------
    scores : ndarray of int64, shape ``(len(period),)``
    surely, hardly : int
        Largest number of draws as large as observed with p surely at most the level; smallest with p surely above.
    """

    null: NullModel
    scores: NDArray[np.int64]
    surely: int
    hardly: int

    @classmethod
    def of(
        cls, events: Events, anchors: Events, statistic: Statistic, null: NullModel, level: float
    ) -> Screen | None:
        """Return a screen where the exact distribution takes longer than draws, else None."""
        if not null.exact_is_slow:
            return None
        scores = day_scores(statistic, observed_period(events), anchors)
        if scores is None or no_closed_form(statistic, scores, null):
            return None
        low, high = clopper_pearson(np.arange(SCREEN + 1), SCREEN, 1.0 - DOUBT)
        return cls(null, scores, int((high <= level).sum()) - 1, int((low <= level).sum()))

    def rejects(self, events: Events, anchors: Events, rng: np.random.Generator) -> bool | None:
        """Return whether the test rejects, or None where the draws are inconclusive."""
        drawn = sum_draws(events, anchors, self.scores, self.null, rng=rng, size=SCREEN)
        if drawn is None:
            return None
        observed = self.scores[events.days - observed_period(events).start].sum()
        reached = int((drawn >= observed).sum())
        if reached <= self.surely:
            return True
        return False if reached >= self.hardly else None


def check_shares(where: str, **shares: float) -> None:
    """Refuse what is not a share between 0 and 1."""
    for name, value in shares.items():
        share(value, where, name, fix="give a share between 0 and 1, such as 0.05 or 0.8")


def sums_together(
    statistic: Statistic,
    null: NullModel,
    pairs: Sequence[tuple[Events, Events]],
    *,
    rng: np.random.Generator,
    size: int,
) -> tuple[Floats, Floats] | None:
    """Return the sums of a statistic's scores for several series of one period, on shared draws.

    Returns
    -------
    tuple of ndarray of float64, shapes (k, s, size) and (k, s), or None
        On draws and as observed; None where that is impossible, or would not save time.
    """
    period = observed_period(pairs[0][0])
    scores = [day_scores(statistic, period, anchors) for _, anchors in pairs]
    together = [score for score in scores if score is not None and score.ndim == 2]
    move = day_move(null, period)
    if move is None or len(together) < len(pairs) or any(events.period != period for events, _ in pairs):
        return None
    counts = np.stack([events.daily_counts() for events, _ in pairs]).astype(float)
    return batched_sums(move, counts, np.stack(together, axis=1).astype(float), rng=rng, size=size)


def tails_of_sums(statistic: Statistic, sums: Floats, observed: Floats) -> tuple[Tails, Floats]:
    """Return the tails of a test, and the statistic on draws, from sums of shapes (size, k) and (k,)."""
    values = statistic.value(sums, observed)
    own = float(statistic.value(observed, observed))
    return Tails.drawn(values, own, rounding(max(abs(own), float(np.abs(values).max(initial=0.0))))), values
