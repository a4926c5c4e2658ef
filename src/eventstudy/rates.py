"""The rate ratio inside and outside a window: exact for independent events, or by inverting a test."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eventstudy.arguments import positive, share
from eventstudy.errors import NoRatioError, OptionError, own_errors
from eventstudy.evaluation.reweighted import observed_sums, weighted_sums
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.inversion import Inversion
from eventstudy.numeric.ratios import ConditionalTest, RatioTest
from eventstudy.numeric.tails import tail
from eventstudy.provenance import seed_text
from eventstudy.questions import Pair, checked_draws
from eventstudy.results.rates import RateRatioResult
from eventstudy.strata import Within, check_within, cut, describe
from eventstudy.windows import Window, checked_window


@own_errors
def rate_ratio(
    events: Events,
    anchors: Events,
    window: Window,
    *,
    null: NullModel | None = None,
    within: Within = "quarter",
    excluded: float | None = None,
    n_resamples: int = 9_999,
    rng: int | np.random.Generator | None = None,
    confidence_level: float = 0.95,
) -> RateRatioResult:
    """Compare the rate of events inside the window of the anchors with the rate outside.

    H0, for each ratio r: inside the window events are r times as frequent as without it. Without a null model events
    are also Poisson with one constant rate outside. With one, what it keeps is given, and the rate may change in
    any way from one stratum to the next.

    Parameters
    ----------
    events, anchors : Events
        The period is that of `events`.
    window : Window
        Days in the windows of several anchors count once.
    null : NullModel, optional
        What is random if there is no effect; one that moves days or strata. None treats events as independent: the
        interval is then exact for Poisson events of constant rate, and too narrow under bursts, trend or season.
    within : "year", "quarter", "month", cut dates or None, default "quarter"
        Strata within which the rates are compared, short enough to remove every rhythm that both series may share.
        Without a null model one rate is taken for the whole period, and other strata than the default are refused.
    excluded : float, optional
        A ratio to test: the p-value of "this ratio or more" is `excluded_pvalue`.
    n_resamples : int, default 9999
        Draws, where the null model has too many arrangements to enumerate.
    rng : int or numpy.random.Generator, optional
        Needed where draws are made.
    confidence_level : float, default 0.95

    Returns
    -------
    RateRatioResult

    Raises
    ------
    EventsError, PeriodError
        If a series is empty or the period is not given.
    WindowError
        If no window holds a day of the period.
    OptionError
        If `within` is given without a null model; if the window covers no day or every day of the period; with a null
        model, if no event lies outside the window in a stratum with days inside it, or the null model draws each event
        separately.
    RandomnessError
        If draws are made and `rng` is missing.

    Notes
    -----
    *Without a null model.* Given their total, the number inside is binomial; the Clopper-Pearson interval of its
    probability is carried over to the ratio [1]_. With no event inside, the lower limit is 0; with none
    outside, ratio and upper limit are infinite.

    *With a null model.* If r is the ratio, events inside the window weighted by 1 / r have no excess there, so the test
    of :class:`eventstudy.WindowExcess` applies to the weighted series. The interval is the set of ratios that two
    one-sided tests, each at half of one minus the confidence level, do not reject [2]_ [3]_; the estimate is the ratio
    at which both have the same p-value. At r = 1 this is the test itself. An event in a stratum with a share c of its
    days inside the window adds c (1 - c) times the square of its weight to the variance. Below r = 1, where an event
    keeps its own day, it adds c (1 - c) ((1 - c) / r + c) times its weight instead: the events inside are those that
    remain of a larger number, and how many remain is random. Without that the interval is too narrow for
    small ratios.

    Three rules. p has limits as r goes to 0 and to infinity; where one is not small enough the interval is unbounded on
    that side, and the summary says so. If ratios between the ends are rejected, on a grid of 32 per power of ten,
    the interval is the hull, and the summary says so. With no event inside, the lower limit is 0, and the upper
    one is where an empty window becomes improbable if events inside are kept with probability r (or, above 1, added
    as a Poisson variable).

    References
    ----------
    .. [1] Przyborowski, J. & Wilenski, H. (1940). Homogeneity of results in testing samples from Poisson
       series. Biometrika 31(3/4), 313-323.
    .. [2] Rabideau, D. J. & Wang, R. (2021). Randomization-based confidence intervals for cluster randomized
       trials. Biostatistics 22(4), 913-927.
    .. [3] Armstrong, B. G., Gasparrini, A. & Tobias, A. (2014). Conditional Poisson models: a flexible alternative to
       conditional logistic case cross-over analysis. BMC Medical Research Methodology 14, 122.

    Examples
    --------
    Three events in the three days of the window, one in the other seven days: (3 / 3) / (1 / 7).

    >>> import eventstudy as es
    >>> events = es.Events([1, 2, 3, 8], es.Period(0, 10))
    >>> result = es.rate_ratio(events, es.Events([4]), es.Window(-3, 0))
    >>> result.count_inside, result.days_inside, round(result.ratio, 9)
    (3, 3, 7.0)
    """
    where = "rate_ratio"
    pair = Pair.of(where, events, anchors, checked_window(window, where), announced=True)
    period, level = pair.period, share(confidence_level, where, "confidence_level")
    within, n_resamples = check_within(within, where), checked_draws(n_resamples, where)
    if null is None and within not in (None, "quarter"):
        raise OptionError(
            f"{where}: within={within!r} means nothing without a null model, as one rate is then taken for the whole "
            "period; give one, such as null=CalendarPermutation(), or leave within out"
        )
    if excluded is not None:
        excluded = positive(excluded, where, "excluded", fix="give a ratio above 0, such as 1.5")
    inside_day = window.indicator(anchors, period)
    days_inside = int(inside_day.sum())
    days_outside = len(period) - days_inside
    if not days_outside:
        raise NoRatioError(
            f"rate_ratio: {window!r} around {anchors.anchors_label} covers every day of {period}; "
            "choose a window that leaves days on both sides"
        )
    inside = int(inside_day[events.days - period.start].sum())
    call = f"{window!r}"
    test: RatioTest
    if null is None:
        test, seed = ConditionalTest(inside, len(events) - inside, days_inside, days_outside), None
    else:
        null = checked_null(null, where)
        seed_before = seed_text(rng)
        test = inversion = _inversion(events, null, inside_day, within, n_resamples, rng)
        seed = seed_before if inversion.drawn else None
        call += f", null={null!r}, within={within!r}, n_resamples={n_resamples}"
    if excluded is not None:
        call += f", excluded={excluded}"
    limits = test.limits(level)
    return RateRatioResult(
        ratio=limits.estimate,
        low=limits.low,
        high=limits.high,
        pvalue=tail("two-sided", *test.tails(1.0)),
        count_inside=inside,
        count_outside=len(events) - inside,
        days_inside=days_inside,
        days_outside=days_outside,
        confidence_level=level,
        null=null,
        within=within if null is not None else None,
        excluded=excluded,
        has_hole=limits.has_hole,
        test=test,
        window=window,
        events_label=events.label,
        anchors_label=anchors.anchors_label,
        period=str(period),
        n_anchors=pair.n_anchors,
        provenance=pair.provenance(f"{call}, confidence_level={level}", seed),
    )


def _inversion(
    events: Events,
    null: NullModel,
    inside: NDArray[np.int64],
    within: Within,
    n_resamples: int,
    rng: int | np.random.Generator | None,
) -> Inversion:
    """Return the test of every ratio under a null model."""
    period = observed_period(events)
    place = events.days - period.start
    share_inside = cut(period, within).day_shares(inside)
    if not (share_inside[place] * (1 - inside[place])).any():
        raise NoRatioError(
            f"rate_ratio: none of the {len(events)} {events.label} lies outside the window in a stratum "
            f"({describe(within)}) that has days inside, so there is no rate outside to compare with; "
            "use longer strata, or a shorter window"
        )
    sums, drawn = weighted_sums(events, null, inside, share_inside, rng=rng, n_resamples=n_resamples)
    return Inversion(sums, observed_sums(events, inside, share_inside), drawn)
