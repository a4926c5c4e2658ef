"""How unusual is the time since the previous event?"""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy.arguments import share
from eventstudy.dates import date_text
from eventstudy.errors import EventsError, own_errors
from eventstudy.events import Events, observed_period, one_day
from eventstudy.provenance import Provenance
from eventstudy.results.pauses import PauseResult
from eventstudy.results.shares import Share


@own_errors
def pause_before(events: Events, day: Any, *, confidence_level: float = 0.95) -> PauseResult:
    """Compare the pause before an event with every pause between events of the period.

    This is not a test, and there is no H0: a pause is usually examined because it was long.

    Parameters
    ----------
    events : Events
        n events with a period. Several on one day count once.
    day : date
        The event that ended the pause.
    confidence_level : float, default 0.95

    Returns
    -------
    PauseResult
        Length of the pause in days, and the share of pauses at least as long, this one included, with its
        Clopper-Pearson interval, which treats pauses as independent.

    Raises
    ------
    EventsError
        If no event is on that day, or none before it.

    Notes
    -----
    Only pauses between two events of the period count; the time before the first and after the last event is of
    unknown length. A day picked at random falls more often into a long pause than into a short one [1]_, so the share
    of days in pauses at least as long is given too.

    References
    ----------
    .. [1] Feller, W. (1971). An Introduction to Probability Theory and Its Applications, vol. 2, 2nd ed., section I.4.
       Wiley.

    Examples
    --------
    >>> import eventstudy as es
    >>> result = es.pause_before(es.Events([2, 3, 5, 9], es.Period(0, 10)), 9)
    >>> result.length, result.share.count, result.share.total
    (4, 1, 3)
    """
    period = observed_period(events)
    days = np.unique(events.days)
    level = share(confidence_level, "pause_before", "confidence_level")
    ended = one_day(day, "pause_before")
    place = int(np.searchsorted(days, ended))
    if place == days.size or days[place] != ended:
        raise EventsError(
            f"pause_before: there are no {events.label} on {date_text(ended)}; give a day with an event"
        )
    if place == 0:
        raise EventsError(
            f"pause_before: {date_text(ended)} is the first of the {events.label}, so the start of its pause is "
            "unknown; begin the period earlier"
        )
    pauses = np.diff(days)
    length = int(pauses[place - 1])
    as_long = pauses[pauses >= length]
    pauses.flags.writeable = False
    return PauseResult(
        day=ended,
        previous=int(days[place - 1]),
        pauses=pauses,
        share=Share.of(as_long.size, pauses.size, level),
        share_of_days=float(as_long.sum() / pauses.sum()),
        events_label=events.label,
        period=str(period),
        provenance=Provenance(
            f"pause_before({events.label}, {date_text(ended)!r}, confidence_level={level})",
            events.provenance.data,
            notes=events.notes,
        ),
    )
