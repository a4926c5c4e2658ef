"""Permutation tests: is the statistic larger than a null model allows?"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError, OptionError
from eventstudy.evaluation.distribution import exact_distribution, score_reach
from eventstudy.evaluation.doubt import check_doubt, doubtful_values
from eventstudy.evaluation.draws import check_draws, null_values
from eventstudy.evaluation.values import observed_value
from eventstudy.events import Events, checked_pair, pair_checksums
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.distributions import SMALLEST, Atoms
from eventstudy.numeric.sequential import Stop, Tail
from eventstudy.provenance import Provenance, as_generator, seed_text
from eventstudy.results.permutation import Alternative, PermutationResult
from eventstudy.statistics import Statistic, as_statistic


def permutation_test(
    events: Events,
    anchors: Events,
    statistic: Statistic,
    null: NullModel,
    *,
    alternative: Alternative = "greater",
    method: str = "auto",
    n_resamples: int = 9_999,
    rng: int | np.random.Generator | None = None,
    confidence_level: float = 0.95,
    sequential: int | None = None,
) -> PermutationResult:
    """Test whether events lie closer to anchors than a null model allows.

    H0: given what `null` keeps, the days of the events have nothing to do with the anchors.

    Parameters
    ----------
    events, anchors : Events
        n events and m anchors. The period of the test is that of `events`; anchors outside it still cast
        their windows into it. Dates of events may be uncertain.
    statistic : Statistic
        Maps days of shape (..., n) and (m,) to shape (...). Large means clustered.
    null : NullModel
        What is fixed and what is random under H0.
    alternative : {"greater", "less", "two-sided"}, default "greater"
        Two-sided doubles the smaller tail, at most 1.
    method : {"auto", "exact", "monte-carlo"}, default "auto"
        "auto" takes the exact road where statistic and null model both offer it, else draws, and the result says
        which.
    n_resamples : int, default 9999
        Number of draws; the smallest possible p-value is then ``1 / (n_resamples + 1)``.
    rng : int or numpy.random.Generator, optional
        Needed where draws are made.
    confidence_level : float, default 0.95
        Of the interval of a Monte-Carlo p-value.
    sequential : int, optional
        Stop drawing at this many draws as extreme as the observed value [2]_; `n_resamples` is then the most that
        are made. Saves time where the p-value is large. Where no draw is made it has no effect.

    Returns
    -------
    PermutationResult

    Raises
    ------
    PeriodError, EventsError
        If the period is missing, or there is no event or no anchor.
    ExactUnavailableError
        If ``method="exact"`` and there is no exact road.
    RandomnessError
        If draws are made and `rng` is missing.

    Notes
    -----
    An exact p-value is the probability of the observed value or a more extreme one, ties included, and never
    smaller than 2.2e-308, the smallest number that float64 holds with all its digits. A
    Monte-Carlo p-value is ``(b + 1) / (B + 1)`` with b draws out of B at least as extreme [1]_, with the
    Clopper-Pearson interval of the tail probability.

    With ``sequential=h`` a tail that has its h-th extreme draw at the l-th gets the p-value h / l, else
    ``(b + 1) / (B + 1)`` as before; both are valid [2]_. A one-sided test stops for its own tail, so the
    other tail and the two-sided value have none (nan); a two-sided test draws until both tails have
    stopped. The interval is that of inverse binomial sampling.

    Where dates of events are uncertain, each twenty draws start from a dating of its own, drawn from the days that are
    possible, and are compared with the statistic of that dating: the p-value is the mean over datings,
    and `observed` the mean statistic. A model with parameters is fitted to the dates as they stand. The interval takes
    draws from one dating as independent.

    References
    ----------
    .. [1] Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical
       Applications in Genetics and Molecular Biology 9(1), 39.
    .. [2] Besag, J. & Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika 78(2), 301-304.

    Examples
    --------
    Of the ten shifts of these two events only one puts both on days 4 to 6.

    >>> import eventstudy as es
    >>> events = es.Events([4, 6], es.Period(0, 10))
    >>> result = es.permutation_test(
    ...     events, es.Events([7]), es.WindowCount(es.Window(-3, 0)), es.CircularShift()
    ... )
    >>> result.method, result.pvalue
    ('exact', 0.1)
    """
    doubt = events.n_uncertain if isinstance(events, Events) else 0
    dated = events.as_dated() if doubt else events
    period = checked_pair(dated, anchors, announced=True)
    _check_options(alternative, method, n_resamples, confidence_level, sequential)
    statistic, null = as_statistic(statistic, "permutation_test"), checked_null(null, "permutation_test")
    observed = observed_value(dated, anchors, statistic)
    if doubt:
        check_doubt(events, method, sequential)
        exact, note = None, f"averaged over the doubt of {doubt} date{'s' if doubt > 1 else ''}"
    else:
        exact, note = (
            (None, "") if method == "monte-carlo" else _exact(events, anchors, statistic, null, method)
        )
    window = statistic.window
    common: dict[str, Any] = {
        "observed": observed,
        "alternative": alternative,
        "confidence_level": confidence_level,
        "statistic": statistic,
        "null": null,
        "events_label": events.label,
        "anchors_label": anchors.label,
        "period": str(period),
        "n_events": len(events),
        "n_anchors": len(anchors) if window is None else window.reaching(anchors, period).size,
        "coverage": None if window is None else window.coverage(anchors, period),
    }
    call = f"permutation_test({events.label}, {anchors.label}, {statistic!r}, {null!r}, alternative={alternative!r}"
    data = pair_checksums(events, anchors)
    if exact is not None:
        # What was observed is one of the arrangements, so no tail is empty, however small its probability.
        greater, less = (max(SMALLEST, tail) for tail in (exact.at_least(observed), exact.at_most(observed)))
        p = {"greater": greater, "less": less, "two-sided": min(1.0, 2.0 * min(greater, less))}[alternative]
        return PermutationResult(
            **common,
            expected=exact.mean,
            pvalue_greater=greater,
            pvalue_less=less,
            pvalue_interval=(p, p),
            method="exact",
            method_note="",
            n_resamples=0,
            support=_frozen(exact.support),
            probabilities=_frozen(exact.probabilities),
            null_distribution=None,
            provenance=Provenance(f"{call}, method='exact')", data),
        )
    generator = as_generator(rng, "permutation_test")
    seed = seed_text(rng)  # before the generator has children
    reach = score_reach(dated, anchors, statistic)
    against: float | NDArray[np.float64] = observed
    if doubt:
        values, against = doubtful_values(
            events, anchors, statistic, null, rng=generator, n_resamples=n_resamples
        )
        common["observed"] = float(against.mean())
    else:
        values = null_values(
            events,
            anchors,
            statistic,
            null,
            rng=generator,
            n_resamples=n_resamples,
            enough=None if sequential is None else Stop(sequential, alternative, observed, reach),
        ).astype(float)
    if sequential is None:
        b_greater, b_less = exceedances(values, against, reach)
        tails = {"greater": Tail(b_greater, n_resamples, False), "less": Tail(b_less, n_resamples, False)}
    else:
        tails = Stop(sequential, alternative, observed, reach).tails(values)
        values = values[: max(tail.draws for tail in tails.values())]
    known = values[~np.isnan(values)]  # the mean over no event is not known
    support, counts = np.unique(known, return_counts=True)
    stopping = "" if sequential is None else f", sequential={sequential}"
    return PermutationResult(
        **common,
        expected=float(known.mean()) if known.size else float("nan"),
        pvalue_greater=tails["greater"].pvalue if "greater" in tails else float("nan"),
        pvalue_less=tails["less"].pvalue if "less" in tails else float("nan"),
        pvalue_interval=_interval(tails, alternative, confidence_level),
        method="monte-carlo",
        method_note=note,
        n_resamples=values.size,
        support=_frozen(support),
        probabilities=_frozen(counts / values.size),
        null_distribution=_frozen(values),
        sequential=sequential,
        stopped=sequential is not None and all(tail.stopped for tail in tails.values()),
        provenance=Provenance(
            f"{call}, method='monte-carlo', n_resamples={n_resamples}, confidence_level={confidence_level}{stopping})",
            data,
            seed,
        ),
    )


def exceedances(
    values: NDArray[np.float64], observed: float | NDArray[np.float64], reach: float = 0.0
) -> tuple[int, int]:
    """Count the draws at least as large, and at most as large, as the observed value, or each as its own one.

    A difference of a few units in the last place of the largest value, or of `reach` where sums cancel, counts as a
    tie, so that sums in another order do not decide. A draw without a value (nan: the mean over no event) counts on
    both sides.
    """
    slack = 1e-13 * max(float(np.abs(observed).max()), reach, float(np.nanmax(np.abs(values), initial=0.0)))
    below, above = values < observed - slack, values > observed + slack
    return int((~below).sum()), int((~above).sum())


def _exact(
    events: Events, anchors: Events, statistic: Statistic, null: NullModel, method: str
) -> tuple[Atoms | None, str]:
    """Return the exact distribution, or why there is none."""
    try:
        return exact_distribution(events, anchors, statistic, null), ""
    except ExactUnavailableError as error:
        said = "; use method" in str(error)
        if method == "exact":
            why = error if said else f"permutation_test: {error}; use method='monte-carlo' with a seed"
            raise ExactUnavailableError(str(why)) from None
        return None, str(error).split("; use method")[0] if said else f"drawn because {error}"


def _interval(tails: Mapping[str, Tail], alternative: str, level: float) -> tuple[float, float]:
    """Return the interval of the tail probability, doubled for the two-sided value."""
    if alternative != "two-sided":
        return tails[alternative].interval(level)
    low, high = min(tails.values(), key=lambda tail: tail.pvalue).interval(level)
    return min(1.0, 2.0 * low), min(1.0, 2.0 * high)


def _check_options(
    alternative: str, method: str, n_resamples: int, level: float, sequential: int | None
) -> None:
    if alternative not in get_args(Alternative):
        raise OptionError(
            f"permutation_test: alternative={alternative!r} is not known; give 'greater', 'less' or 'two-sided'"
        )
    check_draws("permutation_test", method, n_resamples)
    if sequential is not None and not 1 <= operator.index(sequential) <= n_resamples:
        raise OptionError(
            f"permutation_test: sequential={sequential} does not lie between 1 and n_resamples={n_resamples}; "
            "give the number of extreme draws that suffice, such as 20"
        )
    if not 0.0 < level < 1.0:
        raise OptionError(f"permutation_test: confidence_level is {level}; give a share, such as 0.95")


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array, no longer writeable: a result does not change."""
    array.flags.writeable = False
    return array
