"""Does the next event follow sooner after certain days than after others?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eventstudy.arguments import share, whole
from eventstudy.dates import to_dates
from eventstudy.errors import EventsError, PeriodError, own_errors
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel, checked_nulls
from eventstudy.pairs import checked_pair, pair_provenance
from eventstudy.permutation import permutation_test
from eventstudy.results.shares import Share
from eventstudy.results.waiting import WaitingResult
from eventstudy.statistics import NearestLag
from eventstudy.windows import Window


@own_errors
def waiting_times(
    events: Events,
    anchors: Events,
    nulls: Mapping[str, NullModel],
    *,
    near_days: int,
    confidence_level: float = 0.95,
) -> WaitingResult:
    """Measure the waiting time from each anchor to the next event, and compare it with that from other days.

    H0: given what the null model keeps of the anchors, they are unrelated to the events.

    Parameters
    ----------
    events : Events
        n events. They may extend beyond the period of the anchors, so that the last waits end. A wait without a
        next event is censored at the end of the events' own period if that is later, else at the end
        of the anchors' period.
    anchors : Events
        m anchors with a period. The null models move the anchors, not the events, so the cost depends on the number
        of anchors.
    nulls : mapping of str to NullModel
        Under each of them the mean wait is tested; each needs a closed form for it. May be empty.
    near_days : int
        An event at most this many days after an anchor is near.
    confidence_level : float, default 0.95

    Returns
    -------
    WaitingResult
        The wait of each anchor in days; the share of anchors with a near event, with its Clopper-Pearson
        interval, and the same share of all days of the period; the exact p-value of a mean wait this short or shorter.

    Raises
    ------
    EventsError
        If no event follows the last anchor.
    PeriodError
        If the anchors have no period, or the period of the events does not hold all of it.
    ExactUnavailableError
        If a null model has no closed form here.

    Notes
    -----
    An event on the day of the anchor is a wait of 0 days. A fixed day falls more often into a long gap between events
    than into a short one [1]_, for anchors as for any other days, so the mean gap between events is not comparable.

    References
    ----------
    .. [1] Varadhan, R. & Frangakis, C. E. (2004). Revealing and addressing length bias and heterogeneous
       effects in frequency case-crossover studies. American Journal of Epidemiology 159(6), 596-602.

    Examples
    --------
    >>> import eventstudy as es
    >>> result = es.waiting_times(
    ...     es.Events([5, 9, 12]), es.Events([4], es.Period(0, 10)), {"shifts": es.CircularShift()}, near_days=1
    ... )
    >>> result.mean_days, result.near.count, result.tests["shifts"].pvalue
    (1.0, 1, 0.4)
    """
    period = checked_pair(anchors, events)
    near_days = whole(
        near_days, "waiting_times", "near_days", least=0, fix="give a number of days, such as 30"
    )
    level = share(confidence_level, "waiting_times", "confidence_level")
    nulls = checked_nulls(nulls, "waiting_times")
    if events.period is not None and (events.period.start > period.start or events.period.stop < period.stop):
        raise PeriodError(
            f"waiting_times: the {events.label} are known for {events.period} only, so waits from days of {period} "
            f"outside it are not known; give them for the whole period of the {anchors.anchors_label}, or shorten that"
        )
    days = np.unique(events.days)
    place = np.searchsorted(days, anchors.days)
    if place[-1] == days.size:
        raise EventsError(
            f"waiting_times: none of the {events.label} follows the last of the {anchors.anchors_label}; leave that "
            "one out, as its wait has no end yet"
        )
    following = days[place]
    known = events
    if events.period is not None and events.period.stop > period.stop:  # the first day that was not observed
        known = Events.from_days(np.append(days, events.period.stop), label=events.label)
    wait = following - anchors.days
    return WaitingResult(
        table=pd.DataFrame({"date": anchors.dates, "next": to_dates(following), "days": wait}),
        near_days=near_days,
        near=Share.of(int((wait <= near_days).sum()), len(anchors), level),
        near_any_day=Window(-near_days, 1).coverage(events, period),
        tests={
            name: permutation_test(anchors, known, NearestLag("before"), null, method="exact")
            for name, null in nulls.items()
        },
        events_label=events.label,
        anchors_label=anchors.anchors_label,
        period=str(period),
        provenance=pair_provenance(
            "waiting_times",
            events,
            anchors,
            f"{nulls!r}, near_days={near_days}, confidence_level={level}",
        ),
    )
