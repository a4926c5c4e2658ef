"""Coverage of the windows and covariates of a count table, and their collinearity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import ModelError, own_errors
from eventstudy.regression.count_tables import RESERVED

Floats = NDArray[np.float64]

WAVES = ("sin1", "cos1", "sin2", "cos2")


@own_errors
def count_table_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Describe what the windows and covariates of a count table cover, and how much they overlap.

    Parameters
    ----------
    table : pandas.DataFrame
        As :func:`count_table` returns it, possibly with columns added or rows left out.

    Returns
    -------
    pandas.DataFrame
        A row per window, covariate and history term: ``days`` and ``share`` of all days (for a value
        other than 0 and 1 its sum and mean), ``events`` (count weighted by the value), ``rate_ratio`` (crude, for
        values from 0 to 1), the strongest ``correlation`` with another term and that term's name (``with``), and
        ``vif``, the variance inflation factor among these terms with the calendar years and yearly harmonics.

    Notes
    -----
    The variance inflation factor is ``1 / (1 - R^2)`` of the term on the other terms, year effects and those of
    sin1, cos1, sin2 and cos2 that the table has; 1 is none, infinity an exact linear combination of the others. Rows
    are weighted by their days.

    Examples
    --------
    Of ten days three lie in the window, with three of the four events.

    >>> import eventstudy as es
    >>> events = es.Events([1, 2, 3, 8], es.Period(0, 10))
    >>> table = es.count_table(events, es.Events([4]), {"before": es.Window(-3, 0)})
    >>> es.count_table_summary(table).loc["before", ["days", "events"]].astype(int).tolist()
    [3, 3]
    """
    names = [n for n in table.columns if n not in RESERVED and pd.api.types.is_numeric_dtype(table[n])]
    if not names:
        raise ModelError(
            "count_table_summary: the table has no window and no covariate; name some in count_table"
        )
    days, count = table["days"].to_numpy(float), table["count"].to_numpy(float)
    values = table[names].to_numpy(float)
    weighted, share = days @ values, days @ values / days.sum()
    events = count @ values
    with np.errstate(divide="ignore", invalid="ignore"):
        crude = events / weighted / ((count.sum() - events) / (days.sum() - weighted))
    crude[(values.min(axis=0) < 0) | (values.max(axis=0) > 1)] = np.nan
    waves = [name for name in WAVES if name in table.columns]
    root = np.sqrt(days)[:, None]
    centred = root * (values - share)
    norms = np.sqrt((centred**2).sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = centred.T @ centred / np.outer(norms, norms)
    np.fill_diagonal(correlation, 0.0)
    strongest = np.nan_to_num(np.abs(correlation)).argmax(axis=1)
    return pd.DataFrame(
        {
            "days": weighted,
            "share": share,
            "events": events,
            "rate_ratio": crude,
            "correlation": correlation[np.arange(len(names)), strongest],
            "with": [names[k] if len(names) > 1 else "" for k in strongest],
            "vif": _inflation(values, table[waves].to_numpy(float), table["year"].to_numpy(), days),
        },
        index=pd.Index(names, name="term"),
    )


def _inflation(values: Floats, waves: Floats, year: NDArray[Any], days: Floats) -> Floats:
    """Return the variance inflation factor of each column given the others, harmonics and year effects."""
    _, group = np.unique(year, return_inverse=True)
    inside = np.concatenate([values, waves], axis=1)
    total = np.bincount(group, days)
    for column in inside.T:  # year effects are removed by subtracting the means of the years
        column -= (np.bincount(group, days * column) / total)[group]
    plain = values - days @ values / days.sum()
    spread = days @ plain**2
    out = np.full(values.shape[1], np.inf)
    for k in range(values.shape[1]):
        others = np.delete(inside, k, axis=1) * np.sqrt(days)[:, None]
        own = inside[:, k] * np.sqrt(days)
        fit = others @ np.linalg.lstsq(others, own, rcond=None)[0] if others.size else 0.0
        left = float(((own - fit) ** 2).sum())
        if left > 1e-10 * spread[k]:
            out[k] = spread[k] / left
    return out
