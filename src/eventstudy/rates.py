"""Rates inside and outside a window, compared exactly."""

from __future__ import annotations

from scipy import stats

from eventstudy.errors import OptionError
from eventstudy.events import Events, checked_pair, pair_checksums
from eventstudy.numeric.shares import clopper_pearson
from eventstudy.provenance import Provenance
from eventstudy.results.rates import RateRatioResult
from eventstudy.windows import Window, check_window


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
    OptionError
        If the window covers no day or every day of the period.

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
    period = checked_pair(events, anchors)
    check_confidence(confidence_level, "rate_ratio")
    check_window(window, "rate_ratio")
    inside_day = window.indicator(anchors, period)
    days_inside = int(inside_day.sum())
    days_outside = len(period) - days_inside
    if not days_inside or not days_outside:
        what = "no day" if not days_inside else "every day"
        raise OptionError(
            f"rate_ratio: {window!r} around {anchors.label} covers {what} of {period}; "
            "choose a window that leaves days on both sides"
        )
    inside = int(inside_day[events.days - period.start].sum())
    outside = len(events) - inside
    share = days_inside / len(period)
    least, most = clopper_pearson(inside, len(events), confidence_level)
    odds = days_outside / days_inside
    ratio = inside / outside * odds if outside else float("inf")
    low, high = (end / (1.0 - end) * odds if end < 1.0 else float("inf") for end in (least, most))
    tails = (stats.binom.sf(inside - 1, len(events), share), stats.binom.cdf(inside, len(events), share))
    return RateRatioResult(
        ratio=ratio,
        low=low,
        high=high,
        pvalue=float(min(1.0, 2.0 * min(tails))),
        count_inside=inside,
        count_outside=outside,
        days_inside=days_inside,
        days_outside=days_outside,
        confidence_level=confidence_level,
        window=window,
        events_label=events.label,
        anchors_label=anchors.label,
        period=str(period),
        n_anchors=window.reaching(anchors, period).size,
        provenance=Provenance(
            f"rate_ratio({events.label}, {anchors.label}, {window!r}, confidence_level={confidence_level})",
            pair_checksums(events, anchors),
        ),
    )


def check_confidence(level: float, where: str) -> None:
    """Refuse a confidence level that is not a share."""
    if not 0.0 < level < 1.0:
        raise OptionError(f"{where}: confidence_level is {level}; give a share, such as 0.95")
