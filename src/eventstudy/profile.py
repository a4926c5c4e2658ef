"""Lag profiles: how many events fall at each lag from the anchors, against a null model, all lags at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from eventstudy.arguments import whole
from eventstudy.errors import OptionError, WindowError, own_errors
from eventstudy.evaluation.rows import equally_likely
from eventstudy.evaluation.values import evaluation
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.envelopes import global_envelope
from eventstudy.questions import Options, Pair
from eventstudy.results.profile import ProfileResult
from eventstudy.statistics import LagCount
from eventstudy.windows import Window


@own_errors
def lag_profile(
    events: Events,
    anchors: Events,
    null: NullModel,
    *,
    lags: Window | tuple[int, int] = (-60, 61),
    bin_days: int = 7,
    method: str = "auto",
    n_resamples: int = 9_999,
    rng: int | np.random.Generator | None = None,
    confidence_level: float = 0.95,
) -> ProfileResult:
    """Count events by lag from the anchors and compare the whole curve with a null model.

    H0: given what `null` keeps, the days of the events are unrelated to the anchors.

    Parameters
    ----------
    events, anchors : Events
        The period is that of `events`; anchors outside it count where their lags reach into it.
    null : NullModel
        What is fixed and what is random under H0.
    lags : Window or tuple of int, default (-60, 61)
        First lag and the lag after the last one, in days; negative lags come before the anchor.
    bin_days : int, default 7
        Days in a bin. The anchor's own day is a separate bin, and the others are counted outwards from it on
        both sides (the 7 days before, the 7 days after, and so on), so that no bin mixes before and after. The
        outermost bins hold the remaining `lags` and may be shorter.
    method : {"auto", "exact", "monte-carlo"}, default "auto"
        "auto" enumerates every arrangement where the null model can list them (all shifts, or few
        arrangements), else makes draws.
    n_resamples : int, default 9999
        Number of draws.
    rng : int or numpy.random.Generator, optional
        Needed where draws are made.
    confidence_level : float, default 0.95
        Of the band for the curve as a whole.

    Returns
    -------
    ProfileResult

    Raises
    ------
    PeriodError, EventsError
        If the period is missing, or there is no event or no anchor.
    WindowError
        If `lags` hold no day.
    OptionError
        If an option cannot be read.
    ExactUnavailableError
        If ``method="exact"`` and the arrangements cannot all be enumerated.
    RandomnessError
        If draws are made and `rng` is missing.

    Notes
    -----
    Every pair of an event and an anchor counts once, at its lag: an event near two anchors appears twice, and each
    anchor has equal weight. The band is a global envelope by extreme rank length [1]_: under H0 the whole
    curve stays inside with at least the confidence level, whatever the number of bins. The curve leaves
    the band somewhere if and only if the p-value is at most one minus the level
    (:func:`eventstudy.numeric.envelopes.global_envelope` says how ties are treated). Without a band this display is
    known as superposed epoch analysis or a peri-event histogram.

    References
    ----------
    .. [1] Myllymäki, M., Mrkvička, T., Grabarnik, P., Seijo, H. & Hahn, U. (2017). Global envelope tests
       for spatial processes. Journal of the Royal Statistical Society B 79(2), 381-404.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.Events([4, 6], es.Period(0, 10))
    >>> result = es.lag_profile(events, es.Events([7]), es.CircularShift(), lags=(-3, 2), bin_days=1)
    >>> result.observed
    array([1, 0, 1, 0, 0])
    """
    where = "lag_profile"
    edges = bin_edges(lags, bin_days)
    pair = Pair.of(where, events, anchors, Window(int(edges[0]), int(edges[-1])))
    options = Options.of(where, method=method, n_resamples=n_resamples, confidence_level=confidence_level)
    bins = [LagCount(Window(start, stop)) for start, stop in pairwise(edges.tolist())]
    prepared = evaluation(events, [(one, anchors) for one in bins])
    rows = equally_likely(where, prepared, anchors, checked_null(null, where), options, rng)
    envelope = global_envelope(rows.values, rows.observed, options.confidence_level)
    width = whole(bin_days, where, "bin_days", fix="give 1 day or more")
    return ProfileResult(
        edges=edges,
        observed=rows.observed,
        expected=rows.expected,
        lower=envelope.lower.astype(np.int64),
        upper=envelope.upper.astype(np.int64),
        pvalue=envelope.pvalue,
        confidence_level=options.confidence_level,
        bin_days=width,
        n_curves=rows.values.shape[1],
        method=rows.method,
        method_note=rows.note,
        n_resamples=rows.n_resamples,
        null=null,
        events_label=events.label,
        anchors_label=anchors.anchors_label,
        period=str(pair.period),
        n_events=len(events),
        n_anchors=pair.n_anchors,
        provenance=pair.provenance(
            f"{null!r}, lags={(int(edges[0]), int(edges[-1]))}, bin_days={width}, {rows.how}, "
            f"confidence_level={options.confidence_level}",
            rows.seed,
        ),
    )


def bin_edges(lags: Window | Sequence[int], bin_days: int) -> NDArray[np.int64]:
    """Return the first lag of each bin, and the lag after the last one.

    >>> bin_edges((-10, 9), 7)
    array([-10,  -7,   0,   1,   8,   9])
    """
    where, fix = "lag_profile", "give them as lags=(-60, 61) or a Window, bin_days=7"
    ends = (lags.start, lags.stop) if isinstance(lags, Window) else lags
    try:
        start, stop = (whole(lag, where, "a lag", fix=fix) for lag in ends)
    except (TypeError, ValueError):
        raise OptionError(
            f"{where}: lags={lags!r} and bin_days={bin_days!r} are not whole days; {fix}"
        ) from None
    if start >= stop:
        raise WindowError(
            f"lag_profile: lags={(start, stop)} hold no day; the second must be greater, as in (-60, 61)"
        )
    width = whole(bin_days, where, "bin_days", least=1, fix="give 1 day or more")
    inner = np.concatenate([np.arange(0, start, -width)[::-1], np.arange(1, stop, width)])
    return np.concatenate([[start], inner[(inner > start) & (inner < stop)], [stop]]).astype(np.int64)
