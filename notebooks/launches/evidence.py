"""On how many sources the launches of the study rest."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eventstudy.events import to_days
from eventstudy.periods import Period
from eventstudy.study.series import SeriesPlan


@dataclass(frozen=True, slots=True)
class SourceKeys:
    """Rows of a table by their source keys.

    Attributes
    ----------
    n_rows, n_single : int
        All rows, and those with one source key.
    n_used, n_used_single : int
        The same of the rows that make the series of the plan.
    """

    n_rows: int
    n_single: int
    n_used: int
    n_used_single: int


def count_sources(plan: SeriesPlan, period: Period) -> SourceKeys:
    """Return how many rows of the table of a series name one source only, all and those chosen in the period.

    Parameters
    ----------
    plan : SeriesPlan
        Of a table whose column ``source`` holds keys separated by semicolons.
    period : Period
    """
    rows = plan.rows()
    used = rows[period.inside(to_days(rows[plan.date]))]
    table = plan.all_rows()
    return SourceKeys(len(table), _single(table), len(used), _single(used))


def _single(rows: pd.DataFrame) -> int:
    """Return the number of rows with one source key."""
    return int((~rows["source"].str.contains(";")).sum())
