"""Draws where dates are uncertain: each draw starts from dates drawn at random within their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.evaluation.draws import null_values
from eventstudy.evaluation.values import evaluation
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.parallel import block_sizes, in_order, seeded
from eventstudy.statistics import Statistic

DRAWS_A_DATING = 20


def doubtful_values(
    events: Events,
    anchors: Events,
    statistic: Statistic,
    null: NullModel,
    *,
    rng: np.random.Generator,
    n_resamples: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the statistic of each draw, and at the dates from which it was made, both ``(n_resamples,)``.

    Twenty draws share a set of dates, and each set has its own child generator. A null model with parameters is
    fitted once, to the dates as given.
    """
    null = checked_null(null, "null").fitted(events.as_dated(), anchors)
    sizes = block_sizes(n_resamples, 1, DRAWS_A_DATING)
    dated = _Dated(events, anchors, statistic, null)
    parts = list(in_order(dated, seeded(sizes, rng), sizes, "draws"))
    values, observed = zip(*parts, strict=True)
    return np.concatenate(values).astype(float), np.repeat(observed, sizes)


@dataclass(frozen=True, slots=True, eq=False)
class _Dated:
    """Draws that start from one set of dates, and the statistic at these dates."""

    events: Events
    anchors: Events
    statistic: Statistic
    null: NullModel

    def __call__(self, rng: np.random.Generator, size: int) -> tuple[NDArray[Any], float]:
        dating = self.events.drawn(rng)
        prepared = evaluation(dating, [(self.statistic, self.anchors)])
        observed = float(prepared.observed()[0])
        return null_values(prepared, self.null, rng=rng, n_resamples=size), observed
