"""Do events become more frequent from year to year?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventstudy.errors import PeriodError, own_errors
from eventstudy.events import Events, observed_period
from eventstudy.periods import Period
from eventstudy.provenance import Provenance
from eventstudy.regression.limits import wald_limits
from eventstudy.regression.negative_binomial import negative_binomial_regression
from eventstudy.regression.poisson import poisson_regression
from eventstudy.regression.table_records import ATTRIBUTE, TableRecord
from eventstudy.results.growth import GrowthResult
from eventstudy.strata import cut

FEWEST_YEARS = 4  # two coefficients, and two degrees of freedom left for the variance


@own_errors
def yearly_growth(events: Events, *, confidence_level: float = 0.95) -> GrowthResult:
    """Fit a constant yearly growth rate to the numbers of events by year.

    H0: the rate does not change from year to year.

    Parameters
    ----------
    events : Events
        n events over a period of four whole calendar years or more.
    confidence_level : float, default 0.95

    Returns
    -------
    GrowthResult
        The rate of a year over that of the year before, without unit, with its interval and two-sided p-value.
        Quasi-Poisson: the variance is the mean times the estimated dispersion, so limits are those of
        Student's t with the number of years minus two degrees of freedom [1]_. A negative binomial trend is also given.

    Raises
    ------
    PeriodError
        If the period is not made of whole years, or of too few.

    Notes
    -----
    Years are treated as independent. Runs of busy years, and a record that becomes more complete over time, look like
    growth.

    References
    ----------
    .. [1] McCullagh, P. & Nelder, J. A. (1989). Generalized Linear Models, 2nd ed., ch. 6. Chapman and Hall.

    Examples
    --------
    >>> import eventstudy as es
    >>> dates = [f"{year}-03-{day:02}" for year, n in ((2001, 2), (2002, 4), (2003, 8), (2004, 16)) for day in
    ...          range(1, n + 1)]
    >>> result = es.yearly_growth(es.Events(dates, es.Period("2001-01-01", "2005-01-01")))
    >>> round(result.ratio, 2)
    2.0
    """
    period = observed_period(events)
    years = cut(period, "year")
    if len(years) < FEWEST_YEARS or (years.lengths < 365).any():
        raise PeriodError(
            f"yearly_growth: {period} is not {FEWEST_YEARS} whole calendar years or more; choose a period from one "
            "1 January to another"
        )
    counts = events.by_year()
    table = pd.DataFrame({"days": years.lengths, "count": counts.to_numpy(), "step": np.arange(len(years))})
    table.attrs[ATTRIBUTE] = TableRecord(events=events.label, data=dict(events.provenance.data))
    model = poisson_regression(table, "count ~ step", covariance="quasi", confidence_level=confidence_level)
    place = model.terms.index("step")
    low, high, pvalue = wald_limits(
        model.estimates[[place]],
        model.covariance_matrix[np.ix_([place], [place])],
        len(years) - 2.0,
        confidence_level,
    )
    return GrowthResult(
        counts=counts,
        ratio=float(np.exp(model.estimates[place])),
        low=float(low[0]),
        high=float(high[0]),
        pvalue=float(pvalue[0]),
        confidence_level=confidence_level,
        model=model,
        negative_binomial=negative_binomial_regression(
            table, "count ~ step", covariance="model", confidence_level=confidence_level
        ),
        events_label=events.label,
        period=str(period),
        provenance=Provenance(
            f"yearly_growth({events.label}, confidence_level={confidence_level})",
            events.provenance.data,
            notes=events.notes,
        ),
    )


def days_by_year(rows: pd.DataFrame, by: str, period: Period, *, date: str = "date") -> pd.DataFrame:
    """Count the days of a period with at least one row, by year and by the value of a column.

    Parameters
    ----------
    rows : DataFrame
        With the columns `by` and `date`.
    by : str
    period : Period
    date : str, default "date"

    Returns
    -------
    DataFrame
        A row for each value of `by` that occurs, the commonest first, and a column for each year of the period.

    Examples
    --------
    >>> dates = pd.to_datetime(["2020-01-01", "2020-01-01", "2022-05-05"])
    >>> rows = pd.DataFrame({"date": dates, "kind": ["A", "A", "B"]})
    >>> days_by_year(rows, "kind", Period("2020-01-01", "2023-01-01")).loc["A"].tolist()
    [1, 0, 0]
    """
    inside = (rows[date] >= period.dates[0]) & (rows[date] <= period.dates[-1])
    days = rows.loc[inside, [by, date]].drop_duplicates()
    table = pd.crosstab(days[by], days[date].dt.year)
    years = range(period.dates[0].year, period.dates[-1].year + 1)
    table = table.reindex(columns=years, fill_value=0)
    return table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
