"""The draw road: a statistic on many draws of a null model, in blocks.

Each block has its own child of the generator and a size that depends on the number of events alone, so
the values do not depend on how many blocks are worked on at once, or by how many workers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from eventstudy.dates import Days
from eventstudy.errors import OptionError
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.statistics import AdditiveStatistic, Statistic

LARGEST_BLOCK = 1_024  # draws
LARGEST_ARRAY = 4_194_304  # days in the draws of one block: 32 MiB


def null_values(
    events: Events,
    anchors: Events,
    statistic: Statistic,
    null: NullModel,
    *,
    rng: np.random.Generator,
    n_resamples: int,
) -> NDArray[Any]:
    """Return the statistic of each draw, shape ``(n_resamples,)``.

    The work goes through joblib, so ``joblib.parallel_config`` chooses where it runs.
    """
    block = int(np.clip(LARGEST_ARRAY // max(1, len(events)), 1, LARGEST_BLOCK))
    sizes = [min(block, n_resamples - done) for done in range(0, n_resamples, block)]
    scores = (
        statistic.scores(observed_period(events), anchors)
        if isinstance(statistic, AdditiveStatistic)
        else None
    )
    parts = Parallel()(
        delayed(_block)(events, anchors, statistic, scores, null, child, size)
        for child, size in zip(rng.spawn(len(sizes)), sizes, strict=True)
    )
    return np.concatenate(parts)


def _block(
    events: Events,
    anchors: Events,
    statistic: Statistic,
    scores: Days | None,
    null: NullModel,
    rng: np.random.Generator,
    size: int,
) -> NDArray[Any]:
    days = null.sample(events, anchors, rng=rng, size=size)
    if scores is not None:
        return scores[days - observed_period(events).start].sum(axis=1)
    values = np.asarray(statistic(days, anchors.days))
    if values.shape != (size,):
        raise OptionError(
            f"{statistic}: it returned shape {values.shape} for draws of shape {days.shape}; "
            f"return one number for each row, shape ({size},)"
        )
    return values
