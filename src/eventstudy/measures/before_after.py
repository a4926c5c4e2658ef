"""Are events as frequent after anchors as before them?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eventstudy.arguments import whole
from eventstudy.dates import to_dates
from eventstudy.errors import PeriodError, own_errors
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel, checked_nulls
from eventstudy.pairs import checked_pair, pair_provenance
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.rates import rate_ratio
from eventstudy.regression.count_tables import count_table
from eventstudy.regression.poisson import poisson_regression
from eventstudy.results.before_after import BeforeAfterResult
from eventstudy.statistics import WindowContrast
from eventstudy.windows import Window


@own_errors
def before_after(
    events: Events,
    anchors: Events,
    days: int,
    nulls: Mapping[str, NullModel],
    *,
    max_lag: int,
    confidence_level: float = 0.95,
) -> BeforeAfterResult:
    """Compare the rate of events after anchors with that before them, for each anchor and for all together.

    H0: events are as frequent in the `days` after an anchor as in the days before it. Under each null model: given
    what it keeps, the events are unrelated to the anchors.

    Parameters
    ----------
    events : Events
        n events with a period, in which all days around every anchor must lie.
    anchors : Events
        m anchors. Those outside the period of `events` are left out.
    days : int
        Days after an anchor; as many days before it, and the anchor's own day, count as before.
    nulls : mapping of str to NullModel
        Under each of them the number before minus the number after is tested, two-sided and exact. May be empty.
    max_lag : int
        Lags, in days, of the HAC standard errors of the joint ratio. They allow for bursts of about that length; days
        before one anchor are compared with days after another, so `days` lags are safer than the length of a
        burst.
    confidence_level : float, default 0.95

    Returns
    -------
    BeforeAfterResult
        A table with a row for each of the anchors inside the period: events before and after, the ratio of the two
        rates (after over before, without unit) and its exact interval, conditional on the sum. The joint ratio is that
        of a Poisson regression of the days that lie before some anchor or after some anchor, but not both, with HAC
        standard errors; `stretches` says where these lie, and how many events the other days have.

    Raises
    ------
    PeriodError
        If no anchor, or not all of the days around one, lie inside the period.

    Notes
    -----
    An anchor that responds to events comes after a burst, and a burst is followed by quieter days in any case: a ratio
    below one does not show an effect of the anchors (regression to the mean [1]_). A ratio near or above one is
    stronger evidence, as it goes against that tendency. The intervals of single anchors treat events as independent,
    so bursts make them too narrow.

    References
    ----------
    .. [1] Barnett, A. G., van der Pols, J. C. & Dobson, A. J. (2005). Regression to the mean: what it is and how to
       deal with it. International Journal of Epidemiology 34(1), 215-220.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.Events([7, 9, 10, 12, 21, 28, 29], es.Period(0, 40), "launches")
    >>> result = es.before_after(events, es.Events([10, 30], label="votes"), 4, {}, max_lag=2)
    >>> result.to_frame()[["before", "after"]].values.tolist()  # days 6 to 10 and 11 to 14; 26 to 30 and 31 to 34
    [[3, 1], [2, 0]]
    >>> round(result.ratio, 3)
    0.25
    """
    period = checked_pair(events, anchors)
    days = whole(days, "before_after", "days", least=1, fix="give a number of days, such as 180")
    nulls = checked_nulls(nulls, "before_after")
    inside = anchors.days[period.inside(anchors.days)]
    if not inside.size or inside[0] - days < period.start or inside[-1] + days >= period.stop:
        raise PeriodError(
            f"before_after: the {days} days around the {anchors.anchors_label} do not all lie inside {period}; "
            "widen the period, or leave out the anchors at its ends"
        )
    before, after = Window(-days, 1), Window(1, days + 1)
    table = count_table(events, anchors, {"before": before, "after": after})
    return BeforeAfterResult(
        table=pd.DataFrame([_row(events, int(day), days, confidence_level) for day in inside]),
        stretches=_stretches(table),
        days=days,
        model=poisson_regression(
            table[table["before"] != table["after"]],
            "count ~ after",
            covariance="HAC",
            max_lag=max_lag,
            confidence_level=confidence_level,
        ),
        tests={
            name: permutation_test(
                events, anchors, WindowContrast(before, after), null, alternative="two-sided", method="exact"
            )
            for name, null in nulls.items()
        },
        events_label=events.label,
        anchors_label=anchors.anchors_label,
        period=str(period),
        provenance=pair_provenance(
            "before_after",
            events,
            anchors,
            f"{days}, {nulls!r}, max_lag={max_lag}, confidence_level={confidence_level}",
        ),
    )


def _stretches(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each run of days near an anchor: its ends, and the events on days of each kind."""
    near = table[(table["before"] > 0) | (table["after"] > 0)]
    run = (near["start"].diff() != pd.Timedelta(days=1)).cumsum().to_numpy()
    before, after = near["before"] > 0, near["after"] > 0
    kinds = {"before": before & ~after, "after": after & ~before, "both": before & after}
    ends = near["start"].groupby(run).agg(["min", "max"]).set_axis(["first", "last"], axis=1)
    counts = pd.DataFrame({name: near["count"] * kind for name, kind in kinds.items()})
    return pd.concat([ends, counts.groupby(run).sum()], axis=1).reset_index(drop=True)


def _row(events: Events, day: int, days: int, level: float) -> dict[str, object]:
    """Return the comparison around one anchor."""
    near = events.within(Period.from_days(day - days, day + days + 1))
    row: dict[str, object] = {"date": to_dates(np.array([day]))[0]}
    if not len(near):
        return row | {"before": 0, "after": 0, **dict.fromkeys(("ratio", "low", "high", "pvalue"), np.nan)}
    rate = rate_ratio(
        near, Events.from_days(np.array([day]), label="anchor"), Window(1, days + 1), confidence_level=level
    )
    return row | {
        "before": rate.count_outside,
        "after": rate.count_inside,
        "ratio": rate.ratio,
        "low": rate.low,
        "high": rate.high,
        "pvalue": rate.pvalue,
    }
