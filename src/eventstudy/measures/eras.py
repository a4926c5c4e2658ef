"""Are anchors closer to events than other days of their era are?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eventstudy.arguments import whole
from eventstudy.dates import date_text
from eventstudy.errors import EventsError, OptionError, own_errors
from eventstudy.events import Events
from eventstudy.numeric.tails import at_most, rounding
from eventstudy.pairs import checked_pair, pair_provenance
from eventstudy.periods import Period
from eventstudy.results.eras import ErasResult
from eventstudy.statistics import NearestLag


@own_errors
def nearest_by_era(
    events: Events, anchors: Events, eras: Mapping[str, Period], *, shift_days: int = 182
) -> ErasResult:
    """Compare the distance from anchors to the nearest event with that from other days, by era.

    H0: the anchors of an era are as far from events as the days up to `shift_days` before and after them.

    Parameters
    ----------
    events : Events
        n events; the nearest one may lie in another era, so they must extend beyond the eras by `shift_days`.
    anchors : Events
        m anchors; each belongs to the era that holds it.
    eras : mapping of str to Period
        By name, in the order of display.
    shift_days : int, default 182
        All anchors of an era move together by each number of days from minus this to this; half a year on either side
        covers every season once.

    Returns
    -------
    ErasResult
        For each era the mean distance of its anchors to the nearest event, before or after, in days; the same for every
        day of the era and for moved anchors. The p-value is exact: the share of the shifts, including the zero shift,
        whose mean distance is as small or smaller.

    Raises
    ------
    OptionError
        If the eras are no periods by name.
    EventsError
        If an era holds no anchor, or a day has no event on both sides of it.

    Notes
    -----
    As events become more frequent, every day gets closer to one; a mean distance that falls from era to era
    shows nothing more until it is compared with that of other days. A fixed day falls more often into a long gap than
    into a short one, so the mean gap is not a valid comparison either [1]_.

    References
    ----------
    .. [1] Varadhan, R. & Frangakis, C. E. (2004). Revealing and addressing length bias and heterogeneous
       effects in frequency case-crossover studies. American Journal of Epidemiology 159(6), 596-602.

    Examples
    --------
    >>> import eventstudy as es
    >>> rare = es.Events([0, 20, 30, 32, 34, 36, 40], es.Period(0, 41), "launches")
    >>> votes = es.Events([11, 33], label="votes")
    >>> found = es.nearest_by_era(rare, votes, {"early": es.Period(5, 20), "late": es.Period(30, 37)}, shift_days=2)
    >>> found.to_frame()[["era", "mean", "pvalue"]].values.tolist()
    [['early', 9.0, 0.8], ['late', 1.0, 1.0]]
    """
    checked_pair(events, anchors)
    shift_days = whole(
        shift_days, "nearest_by_era", "shift_days", least=1, fix="give a number of days, such as 182"
    )
    if not isinstance(eras, Mapping) or not eras or not all(isinstance(era, Period) for era in eras.values()):
        raise OptionError(
            f"nearest_by_era: eras is {eras!r}; give periods by name, such as "
            "{'first': Period('2012-01-01', '2018-01-01')}"
        )
    shifts = np.arange(-shift_days, shift_days + 1)
    rows = []
    for name, era in eras.items():
        days = anchors.days[era.inside(anchors.days)]
        if not days.size:
            raise EventsError(
                f"nearest_by_era: none of the {anchors.anchors_label} lies in {name!r}, {era}; leave it out"
            )
        first = int(min(era.start, days[0] - shift_days))
        last = int(max(era.stop - 1, days[-1] + shift_days))
        if first < events.days[0] or last > events.days[-1]:
            raise EventsError(
                f"nearest_by_era: {name!r} needs every day from {date_text(first)} to {date_text(last)}, and the "
                f"{events.label} reach from {date_text(events.days[0])} to {date_text(events.days[-1])}; "
                "shorten the era or the shift"
            )
        distance = -NearestLag("either").scores(Period.from_days(first, last + 1), events)
        moved = distance[np.add.outer(shifts, days) - first].mean(axis=1)
        mean = float(moved[shift_days])
        low, high = np.quantile(moved, [0.025, 0.975])
        rows.append(
            {
                "era": name,
                "anchors": days.size,
                "events": int(np.unique(events.days[era.inside(events.days)]).size),
                "mean": mean,
                "any_day": float(distance[era.start - first : era.stop - first].mean()),
                "moved": float(moved.mean()),
                "low": float(low),
                "high": float(high),
                "pvalue": float(at_most(moved, mean, rounding(mean, days.size)).mean()),
            }
        )
    return ErasResult(
        table=pd.DataFrame(rows),
        shift_days=int(shift_days),
        events_label=events.label,
        anchors_label=anchors.anchors_label,
        provenance=pair_provenance(
            "nearest_by_era", events, anchors, f"{dict(eras)!r}, shift_days={shift_days}"
        ),
    )
