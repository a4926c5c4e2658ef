"""Lag profiles: how many events fall at each lag from the anchors, against a null model, all lags at once."""

from __future__ import annotations

import operator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError, OptionError, WindowError
from eventstudy.evaluation.distribution import every_table
from eventstudy.evaluation.draws import check_draws, null_table
from eventstudy.evaluation.values import evaluation
from eventstudy.events import Events, checked_pair, pair_checksums
from eventstudy.nulls.base import NullModel
from eventstudy.numeric.envelopes import global_envelope
from eventstudy.provenance import Provenance, as_generator, seed_text
from eventstudy.results.profile import ProfileResult
from eventstudy.statistics import LagCount
from eventstudy.windows import Window


def lag_profile(
    events: Events,
    anchors: Events,
    null: NullModel,
    *,
    lags: tuple[int, int] = (-60, 61),
    bin_days: int = 7,
    method: str = "auto",
    n_resamples: int = 9_999,
    rng: int | np.random.Generator | None = None,
    confidence_level: float = 0.95,
) -> ProfileResult:
    """Count events by lag from the anchors and compare the whole curve with a null model.

    H0: given what `null` keeps, the days of the events have nothing to do with the anchors.

    Parameters
    ----------
    events, anchors : Events
        The period is that of `events`; anchors outside it count where their lags reach into it.
    null : NullModel
        What is fixed and what is random under H0.
    lags : tuple of int, default (-60, 61)
        First lag and the lag after the last one, in days; negative lags come before the anchor.
    bin_days : int, default 7
        Days in a bin. The anchor's own day is a bin by itself, and the others are counted away from it on
        both sides (the 7 days before, the 7 days after, and so on), so that no bin mixes before and after. The
        outermost bins hold what is left of `lags` and may be shorter.
    method : {"auto", "exact", "monte-carlo"}, default "auto"
        "auto" goes through every arrangement where the null model can list them (all shifts, or few
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
        If ``method="exact"`` and the arrangements cannot all be gone through.
    RandomnessError
        If draws are made and `rng` is missing.

    Notes
    -----
    Every pair of an event and an anchor counts once, at its lag: an event near two anchors appears twice, and each
    anchor weighs the same. The band is a global envelope by extreme rank length [1]_: under H0 the whole
    curve stays inside with at least the confidence level, whatever the number of bins. The curve leaves
    the band somewhere if and only if the p-value is at most one minus the level
    (:func:`eventstudy.numeric.envelopes.global_envelope` says how ties are kept). Without a band this display is
    known as superposed epoch analysis or peri-event histogram.

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
    period = checked_pair(events, anchors)
    check_draws("lag_profile", method, n_resamples)
    if not 0.0 < confidence_level < 1.0:
        raise OptionError(f"lag_profile: confidence_level is {confidence_level}; give a share, such as 0.95")
    edges = bin_edges(lags, bin_days)
    bins = [Window(start, stop) for start, stop in pairwise(edges.tolist())]
    prepared = evaluation(events, [(LagCount(lags_of_bin), anchors) for lags_of_bin in bins])
    observed = prepared.observed()
    curves, note, seed = None, "", None
    if method != "monte-carlo":
        try:
            curves = every_table(prepared, anchors, null)
        except ExactUnavailableError as error:
            if method == "exact":
                raise
            note = f"drawn because {str(error).split('; use method')[0]}"
    if curves is None:
        generator = as_generator(rng, "lag_profile")
        seed = seed_text(rng)  # before the generator has children
        drawn = null_table(prepared, anchors, null, rng=generator, n_resamples=n_resamples)
        expected = drawn.mean(axis=1)
        curves = np.concatenate([observed[:, None], drawn], axis=1)
    else:
        expected = curves.mean(axis=1)
    envelope = global_envelope(curves, observed, confidence_level)
    how = "method='exact'" if seed is None else f"method='monte-carlo', n_resamples={n_resamples}"
    return ProfileResult(
        edges=_frozen(edges),
        observed=_frozen(observed),
        expected=_frozen(expected),
        lower=_frozen(envelope.lower.astype(np.int64)),
        upper=_frozen(envelope.upper.astype(np.int64)),
        pvalue=envelope.pvalue,
        confidence_level=confidence_level,
        bin_days=operator.index(bin_days),
        n_curves=curves.shape[1],
        method="exact" if seed is None else "monte-carlo",
        method_note=note,
        n_resamples=0 if seed is None else n_resamples,
        null=null,
        events_label=events.label,
        anchors_label=anchors.label,
        period=str(period),
        n_events=len(events),
        n_anchors=Window(int(edges[0]), int(edges[-1])).reaching(anchors, period).size,
        provenance=Provenance(
            f"lag_profile({events.label}, {anchors.label}, {null!r}, lags={tuple(lags)}, bin_days={bin_days}, "
            f"{how}, confidence_level={confidence_level})",
            pair_checksums(events, anchors),
            seed,
        ),
    )


def bin_edges(lags: tuple[int, int], bin_days: int) -> NDArray[np.int64]:
    """Return the first lag of each bin, and the lag after the last one.

    Examples
    --------
    >>> bin_edges((-10, 9), 7)
    array([-10,  -7,   0,   1,   8,   9])
    """
    try:
        start, stop = (operator.index(lag) for lag in lags)
        width = operator.index(bin_days)
    except (TypeError, ValueError):
        raise OptionError(
            f"lag_profile: lags={lags!r} and bin_days={bin_days!r} are not whole days; "
            "give them as lags=(-60, 61), bin_days=7"
        ) from None
    if start >= stop:
        raise WindowError(
            f"lag_profile: lags={(start, stop)} hold no day; the second must be greater, as in (-60, 61)"
        )
    if width < 1:
        raise OptionError(f"lag_profile: bin_days is {width}; give 1 day or more")
    inner = np.concatenate([np.arange(0, start, -width)[::-1], np.arange(1, stop, width)])
    return np.concatenate([[start], inner[(inner > start) & (inner < stop)], [stop]]).astype(np.int64)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array, no longer writeable: a result does not change."""
    array.flags.writeable = False
    return array
