"""Is the next event near after certain days, nearer than after any other?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eventstudy.dates import to_dates
from eventstudy.errors import EventsError
from eventstudy.events import Events, checked_pair, pair_checksums
from eventstudy.nulls.base import NullModel
from eventstudy.permutation import permutation_test
from eventstudy.provenance import Provenance
from eventstudy.results.shares import Share
from eventstudy.results.waiting import WaitingResult
from eventstudy.statistics import NearestLag
from eventstudy.windows import Window


def waiting_times(
    anchors: Events,
    events: Events,
    nulls: Mapping[str, NullModel],
    *,
    near_days: int,
    confidence_level: float = 0.95,
) -> WaitingResult:
    """Measure the wait from each anchor to the next event, and compare it with that from other days.

    H0: given what the null model keeps, the anchors have nothing to do with the events.

    Parameters
    ----------
    anchors : Events
        With a period. The null models move the anchors, so few anchors among many events cost little.
    events : Events
        May reach beyond the period of the anchors, so that the last waits have an end.
    nulls : mapping of str to NullModel
        With an exact road for a mean of whole scores.
    near_days : int
        An event at most so many days after an anchor is near.
    confidence_level : float, default 0.95

    Returns
    -------
    WaitingResult

    Raises
    ------
    EventsError
        If no event follows the last anchor.

    Notes
    -----
    An event on the day of the anchor is a wait of 0 days. A fixed day falls more often into a long gap between events
    than into a short one, for anchors as for any other days, so the mean gap between events is no yardstick.

    Examples
    --------
    >>> from eventstudy.events import Period
    >>> from eventstudy.nulls import CircularShift
    >>> result = waiting_times(
    ...     Events([4], Period(0, 10)), Events([5, 9, 12]), {"shifts": CircularShift()}, near_days=1
    ... )
    >>> result.mean_days, result.near.count, result.tests["shifts"].pvalue
    (1.0, 1, 0.4)
    """
    period = checked_pair(anchors, events)
    days = np.unique(events.days)
    place = np.searchsorted(days, anchors.days)
    if place[-1] == days.size:
        raise EventsError(
            f"waiting_times: none of the {events.label} follows the last of the {anchors.label}; leave that one out, "
            "as its wait has no end yet"
        )
    following = days[place]
    wait = following - anchors.days
    return WaitingResult(
        table=pd.DataFrame({"date": anchors.dates, "next": to_dates(following), "days": wait}),
        near_days=near_days,
        near=Share.of(int((wait <= near_days).sum()), len(anchors), confidence_level),
        near_any_day=Window(-near_days, 1).coverage(events, period),
        tests={
            name: permutation_test(anchors, events, NearestLag("before"), null, method="exact")
            for name, null in nulls.items()
        },
        events_label=events.label,
        anchors_label=anchors.label,
        period=str(period),
        provenance=Provenance(
            f"waiting_times({anchors.label}, {events.label}, {dict(nulls)!r}, near_days={near_days}, "
            f"confidence_level={confidence_level})",
            pair_checksums(anchors, events),
        ),
    )
