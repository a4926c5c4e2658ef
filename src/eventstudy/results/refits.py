"""What fitting a regression again and again found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.provenance import Provenance
from eventstudy.results.base import Coefficients, tidy_frame
from eventstudy.results.regression import RegressionResult
from eventstudy.results.text import Part, Rows, pvalue_text


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class RefitsResult(Coefficients):
    """Result of :mod:`eventstudy.study.refits`.

    Attributes
    ----------
    table : DataFrame
        As returned by :meth:`to_frame`.
    full : RegressionResult
        The fit of the plan itself.
    term : str
        The term whose rate ratio is followed.
    """

    table: pd.DataFrame = field(repr=False)
    full: RegressionResult = field(repr=False)
    term: str
    provenance: Provenance = field(repr=False)

    @property
    def range(self) -> tuple[float, float]:
        """The smallest and the largest rate ratio."""
        return float(self.table["irr"].min()), float(self.table["irr"].max())

    def most_influential(self) -> pd.Series[Any]:
        """Return the row whose rate ratio differs most from that of the plan, as a ratio of both."""
        change = np.abs(np.log(self.table["irr"].to_numpy(float) / self._own[0]))
        return self.table.iloc[int(change.argmax())]

    @property
    def _own(self) -> tuple[float, float, float]:
        place = self.full.terms.index(self.term)
        return float(np.exp(self.full.estimates[place])), self.full.low[place], self.full.high[place]

    def _parts(self) -> list[Part]:
        """Return in words how far the rate ratio moves."""
        own, own_low, own_high = self._own
        ordered = self.table.sort_values("irr")
        changed = ordered.drop(columns=["irr", "low", "high", "pvalue"])
        low, high = (
            f"{ordered['irr'].iloc[place]:.2f} ({', '.join(changed.iloc[place].astype(str))})"
            for place in (0, -1)
        )
        return [Rows(
            f"Rate ratio of '{self.term}', fitted {len(self.table)} times",
            [
                ("plan", f"{own:.2f} ({own_low:.2f} to {own_high:.2f})"),
                ("lowest", low),
                ("highest", high),
                ("p-values", f"{pvalue_text(self.table['pvalue'].min())} to {pvalue_text(self.table['pvalue'].max())}; "
                             f"at most 0.05 in {(self.table['pvalue'] <= 0.05).sum()}"),
            ],
        )]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each fit: what was changed, then irr, low, high, pvalue; unrounded."""
        return self.table.copy()

    def _terms(self) -> pd.DataFrame:
        table = self.table
        changed = table.drop(columns=["irr", "low", "high", "pvalue"])
        names = [", ".join(map(str, row)) for row in changed.itertuples(index=False)]
        estimate, low, high = (np.log(table[name]) for name in ("irr", "low", "high"))
        return tidy_frame(names, estimate, p_value=table["pvalue"], conf_low=low, conf_high=high)
