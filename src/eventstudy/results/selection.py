"""How a series of events was selected from a table."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Part, Rows


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Selection(Result):
    """Result of :meth:`eventstudy.study.series.SeriesPlan.selection`: the rows left after each step.

    Attributes
    ----------
    label : str
        What the events are.
    steps : tuple of (str, int)
        Each step in words, and the number of rows or events left after it.
    """

    label: str
    steps: tuple[tuple[str, int], ...]
    provenance: Provenance = field(repr=False)

    def _parts(self) -> list[Part]:
        """Return the steps with the number left after each."""
        return [Rows(f"Selection of {self.label}", [(str(left), step) for step, left in self.steps])]

    def to_frame(self) -> pd.DataFrame:
        """Return a row per step: the series, the step, and the number left."""
        return pd.DataFrame(
            {
                "series": [self.label] * len(self.steps),
                "step": [step for step, _ in self.steps],
                "left": [left for _, left in self.steps],
            }
        )

    def _terms(self) -> pd.DataFrame:
        return tidy_frame([step for step, _ in self.steps], [left for _, left in self.steps])
