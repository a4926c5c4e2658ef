"""Permutation tests: is the statistic larger than a null model allows?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError, own_errors
from eventstudy.evaluation.distribution import exact_distribution
from eventstudy.evaluation.doubt import doubtful_values
from eventstudy.evaluation.draws import null_values
from eventstudy.evaluation.ties import tie_slacks
from eventstudy.evaluation.values import Evaluation, evaluation
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel
from eventstudy.numeric.distributions import atoms
from eventstudy.numeric.sequential import Stop
from eventstudy.numeric.tails import Alternative, Tails
from eventstudy.provenance import as_generator, seed_text
from eventstudy.questions import Options, Question
from eventstudy.results.permutation import Method, PermutationResult
from eventstudy.statistics import Statistic


@own_errors
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
    """Test whether events lie closer to anchors than expected under a null model.

    H0: given what `null` keeps, the days of the events are unrelated to the anchors.

    Parameters
    ----------
    events, anchors : Events
        n events and m anchors. The period of the test is that of `events`; windows of anchors outside it still
        count where they reach into it. Dates of events may be uncertain.
    statistic : Statistic
        Maps days of shape (..., n) and (m,) to shape (...). Large means clustered.
    null : NullModel
        What is fixed and what is random under H0.
    alternative : {"greater", "less", "two-sided"}, default "greater"
        Two-sided doubles the smaller tail, at most 1.
    method : {"auto", "exact", "monte-carlo"}, default "auto"
        "auto" is exact where statistic and null model both allow it, else uses draws; the result says
        which.
    n_resamples : int, default 9999
        Number of draws; the smallest possible p-value is then ``1 / (n_resamples + 1)``.
    rng : int or numpy.random.Generator, optional
        Needed where draws are made.
    confidence_level : float, default 0.95
        Of the interval of a Monte-Carlo p-value.
    sequential : int, optional
        Stop at this many draws as extreme as the observed value [2]_, or after `n_resamples`
        draws. Saves time where the p-value is large. It has no effect on exact tests.

    Returns
    -------
    PermutationResult

    Raises
    ------
    PeriodError, EventsError
        If the period is missing, or there is no event or no anchor.
    ExactUnavailableError
        If ``method="exact"`` and no exact distribution is available.
    RandomnessError
        If draws are made and `rng` is missing.

    Notes
    -----
    An exact p-value is the probability of the observed value or a more extreme one, ties included, and never
    smaller than 2.2e-308, the smallest normal float64. A
    Monte-Carlo p-value is ``(b + 1) / (B + 1)`` with b draws out of B at least as extreme [1]_, with the
    Clopper-Pearson interval of the tail probability.

    With ``sequential=h`` a tail whose h-th extreme draw is the l-th draw gets the p-value h / l, else
    ``(b + 1) / (B + 1)`` as before; both are valid [2]_. A one-sided test stops for its own tail only, so the
    other tail and the two-sided value are undefined (nan); a two-sided test draws until both tails have
    stopped. The interval is that of inverse binomial sampling.

    Where dates of events are uncertain, every twenty draws share a set of dates, drawn at random from the possible
    days, and are compared with the statistic at those dates: the p-value is the mean over sets of dates,
    and `observed` the mean statistic. A model with parameters is fitted to the dates as given. The interval treats
    draws from one set of dates as independent.

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
    question = Question.ask("permutation_test", events, anchors, statistic, null, doubt=True, announced=True)
    options = Options.of(
        "permutation_test",
        alternative=alternative,
        method=method,
        n_resamples=n_resamples,
        confidence_level=confidence_level,
        sequential=sequential,
    )
    options.check_doubt(question)
    prepared = evaluation(question.dated, [(question.statistic, question.anchors)])
    found, why = _exact(question, options, prepared)
    if found is None:
        found = _drawn(question, options, prepared, rng, why)
    return PermutationResult(
        observed=found.observed,
        expected=found.expected,
        alternative=options.alternative,
        pvalue_greater=found.tails.pvalue("greater"),
        pvalue_less=found.tails.pvalue("less"),
        pvalue_interval=found.tails.interval(options.alternative, options.confidence_level),
        confidence_level=options.confidence_level,
        method=found.method,
        method_note=why,
        statistic=question.statistic,
        null=question.null,
        events_label=events.label,
        anchors_label=anchors.anchors_label,
        period=str(question.period),
        n_events=len(events),
        n_anchors=question.n_anchors,
        n_resamples=found.n_resamples,
        coverage=question.coverage,
        support=found.support,
        probabilities=found.probabilities,
        null_distribution=found.values,
        sequential=options.sequential if found.method == "monte-carlo" else None,
        stopped=all(side.stopped for side in found.tails.known),
        provenance=question.provenance(
            f"{question.statistic!r}, {question.null!r}, alternative={options.alternative!r}, {found.how}",
            found.seed,
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A null distribution and where the observed value lies in it."""

    observed: float
    expected: float
    tails: Tails
    support: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    how: str
    values: NDArray[np.float64] | None = None  # of the draws
    seed: str | None = None

    @property
    def method(self) -> Method:
        return "exact" if self.values is None else "monte-carlo"

    @property
    def n_resamples(self) -> int:
        return 0 if self.values is None else self.values.size


def _exact(question: Question, options: Options, prepared: Evaluation) -> tuple[_Found | None, str]:
    """Return the exact answer and no note, or why draws are made."""
    doubtful = question.events.n_uncertain
    if doubtful:
        return None, f"averaged over the uncertainty of {doubtful} date{'s' if doubtful > 1 else ''}"
    if options.method == "monte-carlo":
        return None, ""
    observed = float(prepared.observed()[0])
    try:
        chance = exact_distribution(prepared, question.null)
    except ExactUnavailableError as error:
        said = "; use method" in str(error)
        if options.method == "exact":
            why = error if said else f"{question.where}: {error}; use method='monte-carlo' with a seed"
            raise ExactUnavailableError(str(why)) from None
        return None, str(error).split("; use method")[0] if said else f"drawn because {error}"
    return _Found(
        observed,
        chance.mean,
        chance.tails(observed),
        chance.support,
        chance.probabilities,
        "method='exact'",
    ), ""


def _drawn(
    question: Question,
    options: Options,
    prepared: Evaluation,
    rng: int | np.random.Generator | None,
    why: str,
) -> _Found:
    """Return the answer from draws."""
    generator = as_generator(rng, question.where, why)
    seed = seed_text(rng)  # before child generators are spawned
    null, n = question.null, options.n_resamples
    observed, slack = float(prepared.observed()[0]), tie_slacks(prepared)[0]
    how = f"method='monte-carlo', n_resamples={n}, confidence_level={options.confidence_level}"
    if question.events.n_uncertain:
        values, against = doubtful_values(
            question.events, question.anchors, question.statistic, null, rng=generator, n_resamples=n
        )
        observed, tails = float(against.mean()), Tails.drawn(values, against, slack)
    elif options.sequential is None:
        values = null_values(prepared, null, rng=generator, n_resamples=n)
        tails = Tails.drawn(values, observed, slack)
    else:
        stop = Stop(options.sequential, options.alternative, observed, slack)
        values = null_values(prepared, null, rng=generator, n_resamples=n, enough=stop)
        tails = stop.tails(values)
        values = values[: max(side.draws for side in tails.known)]
        how += f", sequential={options.sequential}"
    values = values.astype(float)
    known = values[~np.isnan(values)]  # the mean over no event is undefined
    chance = atoms(known, slack)
    shares = chance.probabilities * (known.size / values.size)
    expected = float(known.mean()) if known.size else float("nan")
    return _Found(observed, expected, tails, chance.support, shares, how, values, seed)
