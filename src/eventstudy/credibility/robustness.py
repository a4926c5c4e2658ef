"""Does the answer depend on one choice? Every defensible specification, tested together."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.credibility.repeated import Floats, check_shares
from eventstudy.credibility.specifications import Specification
from eventstudy.errors import ExactUnavailableError, OptionError, own_errors
from eventstudy.evaluation.distribution import no_closed_form, sum_distribution
from eventstudy.evaluation.moves import choices_by_period
from eventstudy.evaluation.values import day_scores
from eventstudy.events import observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.moves import Choices, Move
from eventstudy.numeric.distributions import Distribution
from eventstudy.numeric.tails import at_least, rejects, rounding
from eventstudy.pairs import pair_checksums
from eventstudy.parallel import in_order, pieces
from eventstudy.provenance import Provenance, as_generator, seed_text
from eventstudy.questions import Pair, checked_draws
from eventstudy.results.specification import TIE, SpecificationCurveResult
from eventstudy.statistics import Statistic

BLOCK = 25  # specifications in one piece of parallel work
QUANTILES = (0.025, 0.5, 0.975)


@own_errors
def specification_curve(
    specifications: Sequence[Specification],
    null: NullModel,
    *,
    level: float = 0.05,
    n_resamples: int = 999,
    rng: int | np.random.Generator | None = None,
) -> SpecificationCurveResult:
    """Estimate every specification and test all of them together.

    H0: given what `null` keeps, the events are unrelated to the anchors in every specification.

    Parameters
    ----------
    specifications : sequence of Specification
        All defensible ones, listed before any is run. All make the same choices.
    null : NullModel
        One that moves all days by one rule, so that a draw applies to every specification alike; where these have
        different periods, one that moves whole strata, such as CalendarPermutation and CircularShift.
    level : float, default 0.05
        A specification counts as significant where its exact one-sided p-value is at most this.
    n_resamples : int, default 999
        Draws of the joint test.
    rng : int or numpy.random.Generator

    Returns
    -------
    SpecificationCurveResult
        For each specification the ratio observed / expected and its exact p-value; for the curve its median, its share
        above 1 and its share of significant specifications, each with the p-value of the joint test.

    Raises
    ------
    OptionError
        If specifications cannot be compared, moved together, or have no positive expected value.
    RandomnessError
        If `rng` is missing.

    Notes
    -----
    Every specification is recomputed on each draw [1]_, and the joint p-values are ``(b + 1) / (B + 1)``. A
    draw is one shift for each stratum, or one matching of years, for all specifications at once. Where
    specifications have different periods, only years that belong to the same specifications are
    exchanged: a matching maps each of the periods to itself. So with the periods
    2012-2024 and 2017-2024 the years from 2017 are exchanged among themselves, and so are those before.

    The number of moves is limited: 4 exchangeable years have 24, and no joint p-value lies far below one over
    their number. A few similar specifications all lie above 1 in many draws, so their
    share above 1 says little.

    A specification costs one exact test and one table of sums by stratum and move; a draw costs
    one look-up per stratum.

    References
    ----------
    .. [1] Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature Human
       Behaviour 4, 1208-1214.
    """
    check_shares("specification_curve", level=level)
    n_resamples = checked_draws(n_resamples, "specification_curve", better=999)
    _check(specifications)
    seed = seed_text(rng)
    generator = as_generator(rng, "specification_curve")
    periods = list(dict.fromkeys(observed_period(one.events) for one in specifications))
    moves = choices_by_period(null, periods, "specification_curve", rng=generator, size=n_resamples)
    jobs = [
        (part, null, [moves[observed_period(one.events)] for one in part], level)
        for part in pieces(specifications, BLOCK)
    ]
    parts = list(in_order(_block, jobs, [len(job[0]) for job in jobs], "specifications"))
    found, ratios, significant = (np.concatenate([part[i] for part in parts]) for i in range(3))
    table = pd.DataFrame([dict(one.choices) for one in specifications])
    names = ["n_events", "n_anchors", "observed", "expected", "ratio", "pvalue"]
    table[names] = found
    table = table.astype({"n_events": int, "n_anchors": int})
    curves = np.sort(ratios, axis=0)  # (specifications, draws): each draw's own sorted curve
    low, middle, high = np.quantile(curves, QUANTILES, axis=1)
    observed = _summaries(found[:, 4, None], rejects(found[:, 5, None], level))[:, 0]
    drawn = _summaries(ratios, significant)
    slack = rounding(float(np.abs(drawn).max()), len(specifications))
    reached = at_least(drawn, observed[:, None], slack).sum(axis=1)
    return SpecificationCurveResult(
        table=sorted_by_ratio(table),
        choices={
            name: tuple(dict.fromkeys(one.choices[name] for one in specifications))
            for name in specifications[0].choices
        },
        median=float(observed[0]),
        share_above=float(observed[1]),
        share_significant=float(observed[2]),
        pvalues=tuple(((reached + 1) / (n_resamples + 1)).tolist()),
        null_low=low,
        null_median=middle,
        null_high=high,
        null_summaries=drawn,
        level=level,
        n_resamples=n_resamples,
        null=null,
        provenance=Provenance(
            f"specification_curve({len(specifications)} specifications, {null!r}, level={level}, "
            f"n_resamples={n_resamples})",
            {f"{len(specifications)} specifications": _checksum(specifications)},
            seed,
            [note for one in specifications for note in (*one.events.notes, *one.anchors.notes)],
        ),
    )


def sorted_by_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of specifications with `ratio` rising; equal ratios keep their order, whatever rounding does.

    >>> noisy = pd.DataFrame({"ratio": [1.0 + 4e-16, 1.0, 0.5], "window": ["a", "b", "c"]})
    >>> sorted_by_ratio(noisy)["window"].tolist()
    ['c', 'a', 'b']
    """
    return table.sort_values(
        "ratio", kind="stable", ignore_index=True, key=lambda ratios: (ratios / TIE).round()
    )


def _block(
    specifications: Sequence[Specification],
    null: NullModel,
    moves: Sequence[tuple[Move, Choices]],
    level: float,
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the results, shape (s, 6), and ratio and significance on each draw, shape (s, draws)."""
    scores = [
        np.asarray(day_scores(one.statistic, observed_period(one.events), one.anchors))
        for one in specifications
    ]
    chances = _distributions(specifications, scores, null)
    found, ratios, significant = [], [], []
    for one, score, chance, (move, choices) in zip(specifications, scores, chances, moves, strict=True):
        period = observed_period(one.events)
        expected, value = chance.mean, int(score[one.events.days - period.start].sum())
        if expected <= 0:
            raise OptionError(
                f"specification_curve: in ({one}) the statistic is {expected:g} on average under {null!r}, so there "
                "is no ratio to it; leave the specification out"
            )
        drawn = move.totals(one.events, score, choices)
        tail = np.cumsum(chance.probabilities[::-1])[::-1]
        window = one.statistic.window
        n_anchors = len(one.anchors) if window is None else window.reaching(one.anchors, period).size
        found.append((len(one.events), n_anchors, value, expected, value / expected, chance.at_least(value)))
        ratios.append(drawn / expected)
        significant.append(rejects(tail[drawn - chance.low], level))
    return np.array(found), np.array(ratios), np.array(significant)


def _distributions(
    specifications: Sequence[Specification], scores: Sequence[NDArray[np.int64]], null: NullModel
) -> list[Distribution]:
    """Return the distribution of each specification, those of one period together."""
    found: dict[int, Distribution] = {}
    periods = [observed_period(one.events) for one in specifications]
    for period in dict.fromkeys(periods):
        places = [i for i, own in enumerate(periods) if own == period]
        some = [specifications[i] for i in places]
        own = [scores[i] for i in places]
        chances = _together(some, own, null)
        if chances is None:  # one by one, so that the refusal names the specification and its reason
            chances = [_distribution(one, score, null) for one, score in zip(some, own, strict=True)]
        found |= dict(zip(places, chances, strict=True))
    return [found[i] for i in range(len(specifications))]


def _together(
    specifications: Sequence[Specification], scores: Sequence[NDArray[np.int64]], null: NullModel
) -> list[Distribution] | None:
    """Return the distributions of specifications of one period; None where one of them has none."""
    if any(no_closed_form(one.statistic, own, null) for one, own in zip(specifications, scores, strict=True)):
        return None
    events, anchors = [one.events for one in specifications], [one.anchors for one in specifications]
    try:
        return null.exact_each(events, anchors, np.stack(scores))
    except ExactUnavailableError:
        return None


def _distribution(one: Specification, scores: NDArray[np.int64], null: NullModel) -> Distribution:
    try:
        return sum_distribution(one.events, one.anchors, one.statistic, scores, null)
    except ExactUnavailableError as error:
        raise OptionError(
            f"specification_curve: in ({one}) there is no exact p-value ({str(error).split('; use method')[0]}); "
            "use shorter periods, or another null model"
        ) from None


def _summaries(ratios: Floats, significant: NDArray[np.bool_]) -> Floats:
    """Return median, share above 1 and share significant over the specifications, shape (3, draws)."""
    above = ratios > 1.0 + TIE
    return np.stack([np.median(ratios, axis=0), above.mean(axis=0), significant.mean(axis=0)])


def _checksum(specifications: Sequence[Specification]) -> str:
    """Return the SHA-256 of the choices of all specifications, with the checksums of their series."""
    digest = hashlib.sha256()
    for one in specifications:
        digest.update(repr((str(one), repr(one.statistic), pair_checksums(one.events, one.anchors))).encode())
    return digest.hexdigest()


def _check(specifications: Sequence[Specification]) -> None:
    """Refuse specifications that are missing, incomparable, or not sums of whole-number scores."""
    if not specifications:
        raise OptionError("specification_curve: there are no specifications; give at least one")
    names = tuple(specifications[0].choices)
    seen: set[Hashable] = set()
    for one in specifications:
        Pair.of(f"specification_curve: ({one})", one.events, one.anchors, one.statistic.reach)
        if tuple(one.choices) != names:
            raise OptionError(
                f"specification_curve: ({one}) makes other choices than the first one, {names}; give all the same "
                "choices"
            )
        if (values := tuple(one.choices.values())) in seen:
            raise OptionError(f"specification_curve: ({one}) appears twice; give each specification once")
        seen.add(values)
        additive = one.statistic.scores(observed_period(one.events), one.anchors) is not None
        if not additive or one.statistic.per_event or type(one.statistic).value is not Statistic.value:
            raise OptionError(
                f"specification_curve: in ({one}) the {one.statistic} is not a sum of scores of days; use WindowCount"
            )
        if not one.statistic.has_ratio:
            raise OptionError(
                f"specification_curve: in ({one}) the {one.statistic} does not count from zero, so it has no ratio to "
                "its expectation; use WindowCount"
            )
