"""Values of several statistics on every arrangement of a null model, or on draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError
from eventstudy.evaluation.distribution import every_table
from eventstudy.evaluation.draws import null_table
from eventstudy.evaluation.values import Evaluation
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel
from eventstudy.provenance import as_generator, seed_text
from eventstudy.questions import Options
from eventstudy.results.permutation import Method


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Equally likely values of k statistics, including the observed ones.

    - `values`: shape (k, n).
    - `observed`: shape (k,).
    - `expected`, shape (k,): means of the arrangements, or of the draws alone.
    - `n_resamples`: 0 if every arrangement was enumerated.
    - `note`: why draws were made though an exact answer was requested, or empty.
    """

    values: NDArray[Any]
    observed: NDArray[Any]
    expected: NDArray[np.float64]
    n_resamples: int
    note: str
    seed: str | None

    @property
    def method(self) -> Method:
        """How the rows were made."""
        return "monte-carlo" if self.n_resamples else "exact"

    @property
    def how(self) -> str:
        """The method as it is written in a call."""
        draws = f", n_resamples={self.n_resamples}" if self.n_resamples else ""
        return f"method={self.method!r}{draws}"


def equally_likely(
    where: str,
    prepared: Evaluation,
    anchors: Events,
    null: NullModel,
    options: Options,
    rng: int | np.random.Generator | None,
) -> Rows:
    """Return the statistics of every arrangement where they can be listed, else of draws and as observed.

    `where`: the calling function. `anchors`: those for the null model.

    Raises ExactUnavailableError if ``method="exact"`` and the arrangements cannot all be enumerated. Raises
    RandomnessError if draws are made and `rng` is missing.
    """
    observed, note = prepared.observed(), ""
    if options.method != "monte-carlo":
        try:
            listed = every_table(prepared, anchors, null)
        except ExactUnavailableError as error:
            if options.method == "exact":
                raise
            note = f"drawn because {str(error).split('; use method')[0]}"
        else:
            return Rows(listed, observed, listed.mean(axis=1), 0, "", None)
    generator = as_generator(rng, where, note)
    seed = seed_text(rng)  # before child generators are spawned
    drawn = null_table(prepared, anchors, null, rng=generator, n_resamples=options.n_resamples)
    values = np.concatenate([observed[:, None], drawn], axis=1)
    return Rows(values, observed, drawn.mean(axis=1), options.n_resamples, note, seed)
