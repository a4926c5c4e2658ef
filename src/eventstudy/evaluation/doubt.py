"""Draws where dates are in doubt: each draw starts from one of the datings that the doubt allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError, OptionError
from eventstudy.evaluation.draws import null_values
from eventstudy.evaluation.values import observed_value
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.parallel import in_order
from eventstudy.statistics import Statistic

DRAWS_A_DATING = 20


def check_doubt(events: Events, method: str, sequential: int | None) -> None:
    """Refuse what a permutation test cannot do with uncertain dates."""
    if method == "exact":
        raise ExactUnavailableError(
            f"permutation_test: the dates of {events.n_uncertain} {events.label} are uncertain, so there is no exact "
            "distribution; use method='monte-carlo' with a seed, or as_dated()"
        )
    if sequential is not None:
        raise OptionError(
            f"permutation_test: drawing cannot stop early while the dates of {events.n_uncertain} {events.label} are "
            "uncertain; leave sequential out, or use as_dated()"
        )


def doubtful_values(
    events: Events,
    anchors: Events,
    statistic: Statistic,
    null: NullModel,
    *,
    rng: np.random.Generator,
    n_resamples: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the statistic of each draw, and of the dating that the draw was made from, both ``(n_resamples,)``.

    Twenty draws share a dating; each dating has a child of the generator. A null model with parameters is
    fitted once, to the dates as they stand.
    """
    null = checked_null(null, "null").fitted(events.as_dated(), anchors)
    sizes = [min(DRAWS_A_DATING, n_resamples - done) for done in range(0, n_resamples, DRAWS_A_DATING)]
    dated = _Dated(events, anchors, statistic, null)
    parts = list(in_order(dated, zip(rng.spawn(len(sizes)), sizes, strict=True), sizes, "draws"))
    values, observed = zip(*parts, strict=True)
    return np.concatenate(values).astype(float), np.repeat(observed, sizes)


@dataclass(frozen=True, slots=True, eq=False)
class _Dated:
    """Draws that start from one dating, and the statistic of the dating itself."""

    events: Events
    anchors: Events
    statistic: Statistic
    null: NullModel

    def __call__(self, rng: np.random.Generator, size: int) -> tuple[NDArray[Any], float]:
        dating = self.events.drawn(rng)
        observed = observed_value(dating, self.anchors, self.statistic)
        values = null_values(dating, self.anchors, self.statistic, self.null, rng=rng, n_resamples=size)
        return values, observed
