"""What a regression is asked for, checked once for every front: table, formula, errors and level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from eventstudy.arguments import share
from eventstudy.formulas import Design, read_design
from eventstudy.provenance import Provenance
from eventstudy.regression.covariances import Covariance, CovarianceChoice
from eventstudy.regression.table_records import table_provenance


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A regression as asked for; `design` and `table` have the same rows."""

    design: Design
    table: pd.DataFrame
    choice: CovarianceChoice
    confidence_level: float

    @classmethod
    def of(
        cls,
        where: str,
        table: pd.DataFrame,
        formula: str,
        *,
        covariance: Covariance,
        max_lag: int | None,
        cluster: str | None,
        confidence_level: float,
        intercept: bool = True,
    ) -> Request:
        """Check the options and read the formula.

        Raises OptionError if an option has no such value, ModelError if table and formula do not fit.
        """
        choice = CovarianceChoice(covariance, max_lag, cluster, where)
        level = share(confidence_level, where, "confidence_level")
        return cls(read_design(table, formula, where, intercept=intercept), table, choice, level)

    @property
    def where(self) -> str:
        """The function called."""
        return self.choice.where

    def provenance(self, options: Mapping[str, object] | None = None) -> Provenance:
        """Return where the answer comes from; `options` are those of this regression alone."""
        shared = self.choice.options | {"confidence_level": self.confidence_level}
        return table_provenance(self.where, {**(options or {}), **shared}, self.table, self.design)
