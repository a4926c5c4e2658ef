"""Event coincidence analysis: how many anchors follow an event, and how many events precede an anchor."""

from __future__ import annotations

import numpy as np
from scipy import stats

from eventstudy.errors import own_errors
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.distributions import Distribution, binomial, poisson_binomial
from eventstudy.numeric.tails import Alternative, tail
from eventstudy.permutation import permutation_test
from eventstudy.provenance import as_generator, seed_text
from eventstudy.questions import Options, Pair
from eventstudy.results.coincidence import CoincidenceResult, Direction
from eventstudy.results.permutation import PermutationResult
from eventstudy.statistics import AnchorsHit, Statistic, WindowCount
from eventstudy.windows import Window, checked_window


@own_errors
def coincidence_rates(
    events: Events,
    anchors: Events,
    window: Window,
    *,
    null: NullModel | None = None,
    alternative: Alternative = "greater",
    n_resamples: int = 9_999,
    rng: int | np.random.Generator | None = None,
) -> CoincidenceResult:
    """Count coincidences in both directions: the share of anchors with an event, and of events with an anchor.

    H0 of the analytic p-values: the events are independent and evenly spread over the days of the period.

    Parameters
    ----------
    events, anchors : Events
        n events and m anchors; the period is that of `events`.
    window : Window
        The precursor rate is the share of anchors with at least one event in this window, the trigger rate
        the share of events in the window of at least one anchor.
    null : NullModel, optional
        Gives each rate a p-value by :func:`permutation_test` as well.
    alternative : {"greater", "less", "two-sided"}, default "greater"
    n_resamples : int, default 9999
        Draws, where `null` needs them.
    rng : int or numpy.random.Generator, optional
        Needed where draws are made.

    Returns
    -------
    CoincidenceResult

    Raises
    ------
    EventsError, PeriodError
        If a series is empty or the period is not given.
    WindowError
        If no window holds a day of the period.

    Notes
    -----
    Windows are cut off at the edges of the period; anchors whose window lies wholly outside could not have been
    hit and do not count. No event is dropped. An anchor whose window holds L of the T days is hit by one of n
    independent events with probability ``1 - (1 - L / T) ** n``, where L counts days, not differences of times; the
    hits of the anchors are taken as independent, so their number is binomial [1]_, or Poisson-binomial where windows
    are cut off. The anchors are fixed, so the number of events in their windows is binomial with the covered
    share of the days as its probability; where anchors are treated as random too, as in [1]_, that probability is
    ``1 - (1 - L / T) ** m``. All this holds only for sparse events without bursts, trend or season, and for windows
    that hardly overlap [2]_; the result reports how nearly that is so.

    References
    ----------
    .. [1] Donges, J. F., Schleussner, C.-F., Siegmund, J. F. & Donner, R. V. (2016). Event coincidence analysis for
       quantifying statistical interrelationships between event time series. European Physical Journal Special
       Topics 225(3), 471-487.
    .. [2] Odenweller, A. & Donner, R. V. (2020). Disentangling synchrony from serial dependency in paired-event time
       series. Physical Review E 101, 052213.

    Examples
    --------
    >>> import eventstudy as es
    >>> launches = es.Events([3, 4, 18], es.Period(0, 30), "launches")
    >>> result = es.coincidence_rates(launches, es.Events([5, 12, 20], label="summits"), es.Window(-3, 0))
    >>> round(result.precursor.rate, 3), result.trigger.rate
    (0.667, 1.0)
    """
    where = "coincidence_rates"
    pair = Pair.of(where, events, anchors, checked_window(window, where))
    options = Options.of(where, alternative=alternative, n_resamples=n_resamples)
    chance = None if null is None else checked_null(null, where)
    period, reaching = pair.period, window.reaching(anchors, pair.period)
    days = len(period)
    first = np.maximum(reaching + window.start, period.start)
    lengths = np.minimum(reaching + window.stop, period.stop) - first
    covered = window.exposure(anchors, period)
    seed = seed_text(rng)
    hit: Statistic = AnchorsHit(window)
    inside: Statistic = WindowCount(window)
    tests: list[PermutationResult | None] = [None, None]
    if chance is not None:
        streams = [None, None] if rng is None else as_generator(rng, where).spawn(2)
        tests = [
            permutation_test(
                events,
                anchors,
                statistic,
                chance,
                alternative=options.alternative,
                n_resamples=options.n_resamples,
                rng=stream,
            )
            for statistic, stream in zip((hit, inside), streams, strict=True)
        ]
    of_anchors = poisson_binomial(1.0 - (1.0 - lengths / days) ** len(events))
    of_events = binomial(len(events), covered / days)
    index, index_pvalue = _dispersion(events, len(window))
    shown = f"null={null!r}, " if null is not None else ""
    return CoincidenceResult(
        precursor=_direction(
            int(hit(events, anchors)), reaching.size, of_anchors, options.alternative, tests[0]
        ),
        trigger=_direction(
            int(inside(events, anchors)), len(events), of_events, options.alternative, tests[1]
        ),
        n_unseen=len(anchors) - reaching.size,
        coverage=covered / days,
        overlap=1.0 - covered / int(lengths.sum()),
        dispersion=index,
        dispersion_pvalue=index_pvalue,
        alternative=options.alternative,
        window=window,
        events_label=events.label,
        anchors_label=anchors.anchors_label,
        period=str(period),
        provenance=pair.provenance(
            f"{window!r}, {shown}alternative={options.alternative!r}, n_resamples={options.n_resamples}", seed
        ),
    )


def _direction(
    count: int,
    total: int,
    chance: Distribution,
    alternative: Alternative,
    test: PermutationResult | None,
) -> Direction:
    upto = np.cumsum(chance.probabilities)
    low, high = (int(chance.support[np.searchsorted(upto, share)]) for share in (0.025, 0.975))
    return Direction(
        count=count,
        total=total,
        expected_rate=chance.mean / total,
        low=low / total,
        high=high / total,
        pvalue=tail(alternative, chance.at_least(count), chance.at_most(count)),
        test=test,
    )


def _dispersion(events: Events, piece: int) -> tuple[float, float]:
    """Return variance over mean of the counts in consecutive pieces of the period, and its chi-squared p-value."""
    daily = events.daily_counts()
    pieces = daily.size // piece
    counts = daily[: pieces * piece].reshape(pieces, piece).sum(axis=1)
    if pieces < 2 or not counts.any():
        return float("nan"), float("nan")
    index = float(counts.var(ddof=1) / counts.mean())
    return index, float(stats.chi2.sf((pieces - 1) * index, pieces - 1))
