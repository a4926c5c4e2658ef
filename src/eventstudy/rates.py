"""Rates inside and outside a window, compared exactly."""

from __future__ import annotations

from scipy import stats

from eventstudy.arguments import share
from eventstudy.errors import OptionError
from eventstudy.events import Events
from eventstudy.numeric.tails import clopper_pearson, tail
from eventstudy.questions import Pair, checked_window
from eventstudy.results.rates import RateRatioResult
from eventstudy.windows import Window


def rate_ratio(
    events: Events, anchors: Events, window: Window, *, confidence_level: float = 0.95
) -> RateRatioResult:
    """Compare the rate of events inside the window of the anchors with the rate outside.

    H0: events are Poisson with one constant rate. Given their total, the number inside is then binomial
    with the window's share of the days as its probability [1]_.

    Parameters
    ----------
    events, anchors : Events
        The period is that of `events`.
    window : Window
        Days in the windows of several anchors count once.
    confidence_level : float, default 0.95

    Returns
    -------
    RateRatioResult
        Ratio with the Clopper-Pearson interval carried over to the ratio [1]_. With no event inside, the
        lower limit is 0; with none outside, ratio and upper limit are infinite.

    Raises
    ------
    EventsError, PeriodError
        If a series is empty or the period is not given.
    WindowError
        If no window holds a day of the period.
    OptionError
        If the windows cover every day of the period.

    References
    ----------
    .. [1] Przyborowski, J. & Wilenski, H. (1940). Homogeneity of results in testing samples from Poisson
       series. Biometrika 31(3/4), 313-323.

    Examples
    --------
    Three events in the three days of the window, one in the other seven: (3 / 3) / (1 / 7).

    >>> import eventstudy as es
    >>> events = es.Events([1, 2, 3, 8], es.Period(0, 10))
    >>> result = es.rate_ratio(events, es.Events([4]), es.Window(-3, 0))
    >>> result.count_inside, result.days_inside, round(result.ratio, 9)
    (3, 3, 7.0)
    """
    where = "rate_ratio"
    pair = Pair.of(where, events, anchors, checked_window(window, where))
    period, level = pair.period, share(confidence_level, where, "confidence_level")
    inside_day = window.indicator(anchors, period)
    days_inside = int(inside_day.sum())
    days_outside = len(period) - days_inside
    if not days_outside:
        raise OptionError(
            f"rate_ratio: {window!r} around {anchors.label} covers every day of {period}; "
            "choose a window that leaves days on both sides"
        )
    inside = int(inside_day[events.days - period.start].sum())
    outside = len(events) - inside
    chance = days_inside / len(period)
    least, most = clopper_pearson(inside, len(events), level)
    odds = days_outside / days_inside
    ratio = inside / outside * odds if outside else float("inf")
    low, high = (end / (1.0 - end) * odds if end < 1.0 else float("inf") for end in (least, most))
    upper, lower = (
        stats.binom.sf(inside - 1, len(events), chance),
        stats.binom.cdf(inside, len(events), chance),
    )
    return RateRatioResult(
        ratio=ratio,
        low=low,
        high=high,
        pvalue=tail("two-sided", float(upper), float(lower)),
        count_inside=inside,
        count_outside=outside,
        days_inside=days_inside,
        days_outside=days_outside,
        confidence_level=level,
        window=window,
        events_label=events.label,
        anchors_label=anchors.label,
        period=str(period),
        n_anchors=pair.n_anchors,
        provenance=pair.provenance(f"{window!r}, confidence_level={level}"),
    )
