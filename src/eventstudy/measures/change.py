"""Does the ratio of observed to expected events change on a given day?"""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy.dates import date_text
from eventstudy.errors import PeriodError, own_errors
from eventstudy.events import Events, observed_period, one_day
from eventstudy.nulls.base import NullModel
from eventstudy.numeric.tails import at_least, at_most, rounding, tail
from eventstudy.pairs import checked_pair, pair_provenance
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.rates import rate_ratio
from eventstudy.results.change import ChangeResult
from eventstudy.statistics import WindowCount
from eventstudy.windows import Window, checked_window


@own_errors
def ratio_change(
    events: Events,
    anchors: Events,
    window: Window,
    day: Any,
    null: NullModel,
    *,
    confidence_level: float = 0.95,
) -> ChangeResult:
    """Test whether the link between events and anchors changes on a given day.

    H0: given what `null` keeps in each part separately, the events are unrelated to the anchors in
    both parts.

    Parameters
    ----------
    events : Events
        n events with a period.
    anchors : Events
    window : Window
        Lags, in days, in which events are counted; overlapping windows are united.
    day : date
        First day of the second part; it lies inside the period.
    null : NullModel
        With a closed form for counts; applied to each part separately.
    confidence_level : float, default 0.95
        Of the rate ratios.

    Returns
    -------
    ChangeResult
        Observed over expected number of events in the window, a ratio without unit: its value from the day on minus its
        value before; the exact two-sided p-value; and the rate ratio of each part with its interval.

    Raises
    ------
    PeriodError
        If the day does not lie inside the period, or a part expects no event in the window.
    ExactUnavailableError
        If `null` has no closed form here.

    Notes
    -----
    The parts are independent under H0, so the distribution of the difference of observed over expected is that of
    two independent counts, both exact. Two ratios must be compared by a test of their difference, not by their
    separate p-values [1]_. H0 is stronger than no change: if the same link is present in both parts, the level is only
    approximately nominal, so report a regression with an interaction as well.

    References
    ----------
    .. [1] Altman, D. G. & Bland, J. M. (2003). Interaction revisited: the difference between two estimates. BMJ
       326(7382), 219.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.Events([6, 16], es.Period(0, 20))
    >>> es.ratio_change(events, es.Events([5, 17]), es.Window(-2, 0), 10, es.CircularShift()).difference
    5.0
    """
    period, window = checked_pair(events, anchors), checked_window(window, "ratio_change")
    cut = one_day(day, "ratio_change")
    if not period.start < cut < period.stop:
        raise PeriodError(
            f"ratio_change: {date_text(cut)} does not lie inside {period}; give a day with days on both sides"
        )
    parts = [
        events.within(Period.from_days(period.start, cut)),
        events.within(Period.from_days(cut, period.stop)),
    ]
    tests = []
    for part in parts:
        test = None
        if window.reaching(anchors, observed_period(part)).size:
            test = permutation_test(
                part, anchors, WindowCount(window), null, alternative="two-sided", method="exact"
            )
        if test is None or not test.expected:
            raise PeriodError(
                f"ratio_change: no event is expected in the window in {part.period}; choose a day that leaves "
                "anchors and events on both sides"
            )
        tests.append(test)
    before, after = tests
    difference = after.observed / after.expected - before.observed / before.expected
    ratios = after.support / after.expected, before.support / before.expected
    values = np.subtract.outer(*ratios)
    chances = np.multiply.outer(after.probabilities, before.probabilities)
    slack = rounding(float(sum(each.max() for each in ratios)), 2)
    upper, lower = (float(chances[mask(values, difference, slack)].sum()) for mask in (at_least, at_most))
    rates = [rate_ratio(part, anchors, window, confidence_level=confidence_level) for part in parts]
    return ChangeResult(
        day=cut,
        before=before,
        after=after,
        rate_before=rates[0],
        rate_after=rates[1],
        difference=float(difference),
        pvalue=tail("two-sided", upper, lower),
        provenance=pair_provenance(
            "ratio_change",
            events,
            anchors,
            f"{window!r}, {date_text(cut)!r}, {null!r}, confidence_level={confidence_level}",
        ),
    )
