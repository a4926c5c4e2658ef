"""Do events become fewer after anchors than they were before?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eventstudy.dates import to_dates
from eventstudy.errors import PeriodError
from eventstudy.events import Events, checked_pair, pair_checksums
from eventstudy.nulls.base import NullModel
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.provenance import Provenance
from eventstudy.rates import rate_ratio
from eventstudy.regression.count_tables import count_table
from eventstudy.regression.poisson import poisson_regression
from eventstudy.results.aftermath import AftermathResult
from eventstudy.statistics import WindowContrast
from eventstudy.windows import Window


def aftermath(
    events: Events,
    anchors: Events,
    days: int,
    nulls: Mapping[str, NullModel],
    *,
    max_lag: int,
    confidence_level: float = 0.95,
) -> AftermathResult:
    """Compare the events before each anchor with those after it, and all anchors together.

    H0: events are as frequent in the `days` after an anchor as in the days before it.

    Parameters
    ----------
    events, anchors : Events
        Anchors outside the period of `events` are left out.
    days : int
        Days after the anchor; before it, as many and the anchor's own day.
    nulls : mapping of str to NullModel
        Each tests the number before minus the number after, with an exact road.
    max_lag : int
        Lags, in days, of the HAC standard errors of the joint ratio.
    confidence_level : float, default 0.95

    Returns
    -------
    AftermathResult
        Each anchor alone has an exact conditional interval; all together a Poisson regression of the days
        that lie before some anchor or after some anchor, but not both, with HAC standard errors.

    Raises
    ------
    PeriodError
        If no anchor, or not all of the days around one, lie inside the period.

    Notes
    -----
    An anchor that answers events comes after a burst, and what follows a burst is quieter whatever is done: a ratio
    below one shows no effect of the anchors (regression to the mean). A ratio near one or above it is the stronger
    evidence, as it stands against that drift.
    """
    period = checked_pair(events, anchors)
    inside = anchors.days[period.inside(anchors.days)]
    if not inside.size or inside[0] - days < period.start or inside[-1] + days >= period.stop:
        raise PeriodError(
            f"aftermath: the {days} days around the {anchors.label} do not all lie inside {period}; "
            "widen the period, or leave out the anchors at its ends"
        )
    before, after = Window(-days, 1), Window(1, days + 1)
    table = count_table(events, anchors, {"before": before, "after": after})
    return AftermathResult(
        table=pd.DataFrame([_row(events, int(day), days, confidence_level) for day in inside]),
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
        anchors_label=anchors.label,
        period=str(period),
        provenance=Provenance(
            f"aftermath({events.label}, {anchors.label}, {days}, {dict(nulls)!r}, max_lag={max_lag}, "
            f"confidence_level={confidence_level})",
            pair_checksums(events, anchors),
        ),
    )


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
