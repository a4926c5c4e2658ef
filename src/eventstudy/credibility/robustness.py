"""Does the answer hang on one choice? Every defensible specification, tested together."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.credibility.repeated import Floats, check_shares, frozen, rejects
from eventstudy.credibility.specifications import Specification
from eventstudy.dates import date_text
from eventstudy.errors import OptionError
from eventstudy.events import checked_pair, observed_period, pair_checksums
from eventstudy.nulls import CalendarPermutation, CircularShift
from eventstudy.nulls.calendar_permutation import LARGEST_EXACT
from eventstudy.options import whole_number
from eventstudy.parallel import in_order
from eventstudy.periods import Period
from eventstudy.provenance import Provenance, as_generator, seed_text
from eventstudy.results.specification import SpecificationCurveResult
from eventstudy.statistics import AdditiveStatistic, is_mean
from eventstudy.strata import cut

BLOCK = 25  # specifications in one piece of parallel work
QUANTILES = (0.025, 0.5, 0.975)

StratifiedNull = CalendarPermutation | CircularShift
Choices = NDArray[np.int64]  # (size, strata): what each draw does to each stratum


def specification_curve(
    specifications: Sequence[Specification],
    null: StratifiedNull,
    *,
    level: float = 0.05,
    n_resamples: int = 999,
    rng: int | np.random.Generator | None = None,
) -> SpecificationCurveResult:
    """Estimate every specification and test all of them together.

    H0: given what `null` keeps, the events have nothing to do with the anchors, in any specification.

    Parameters
    ----------
    specifications : sequence of Specification
        All defensible ones, listed before any is run. All make the same choices.
    null : CalendarPermutation or CircularShift
        The null models that move whole strata: a draw does the same to every specification.
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
    Every specification is computed anew on each draw [1]_, and the joint p-values are ``(b + 1) / (B + 1)``. A
    draw is one shift for each stratum, or one matching of years, for all specifications at once. Where
    specifications look at different periods, the years that are exchanged with each other are those that
    belong to the same specifications: a matching that leaves every one of the periods as it is. So with the periods
    2012-2024 and 2017-2024 the years from 2017 change places among themselves, and those before do.

    There are only so many moves: 4 exchangeable years have 24, and no joint p-value lies far below one over
    their number. Few specifications that resemble each other all lie above 1 in many a draw, so their
    share above 1 says little.

    A specification costs one exact test and one table of sums by stratum and move; a draw costs
    one look-up per stratum.

    References
    ----------
    .. [1] Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature Human
       Behaviour 4, 1208-1214.
    """
    check_shares("specification_curve", level=level)
    n_resamples = whole_number(n_resamples, "specification_curve: n_resamples")
    if n_resamples < 1:
        raise OptionError(
            f"specification_curve: n_resamples is {n_resamples}; make at least one draw, better 999"
        )
    if not isinstance(null, StratifiedNull):
        raise OptionError(
            f"specification_curve: {null!r} does not move whole strata, so its draws cannot be shared by all "
            "specifications; use CalendarPermutation or CircularShift"
        )
    _check(specifications)
    seed = seed_text(rng)
    generator = as_generator(rng, "specification_curve")
    periods = list(dict.fromkeys(observed_period(one.events) for one in specifications))
    moves = shared_moves(periods, null, rng=generator, size=n_resamples)
    jobs = [
        (part, null, [moves[observed_period(one.events)] for one in part], level)
        for part in (specifications[done : done + BLOCK] for done in range(0, len(specifications), BLOCK))
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
    reached = (drawn >= observed[:, None] * (1 - 1e-12)).sum(axis=1)
    return SpecificationCurveResult(
        table=table.sort_values("ratio", kind="stable", ignore_index=True),
        choices={
            name: tuple(dict.fromkeys(one.choices[name] for one in specifications))
            for name in specifications[0].choices
        },
        median=float(observed[0]),
        share_above=float(observed[1]),
        share_significant=float(observed[2]),
        pvalues=tuple(((reached + 1) / (n_resamples + 1)).tolist()),
        null_low=frozen(low),
        null_median=frozen(middle),
        null_high=frozen(high),
        null_summaries=frozen(drawn),
        level=level,
        n_resamples=n_resamples,
        null=null,
        provenance=Provenance(
            f"specification_curve({len(specifications)} specifications, {null!r}, level={level}, "
            f"n_resamples={n_resamples})",
            {f"{len(specifications)} specifications": _checksum(specifications)},
            seed,
        ),
    )


def shared_moves(
    periods: Sequence[Period], null: StratifiedNull, *, rng: np.random.Generator, size: int
) -> dict[Period, Choices]:
    """Draw what happens to each stratum of each period, the same for strata that periods share.

    Returns
    -------
    dict of Period to ndarray of int64, shape (size, strata)
        A shift in days, or the number of the stratum that a stratum is laid on.

    Raises
    ------
    OptionError
        If strata of two periods overlap without being the same.
    """
    by = null.by if isinstance(null, CalendarPermutation) else null.within
    edges = {period: cut(period, by).edges for period in periods}
    pieces = sorted({pair for cuts in edges.values() for pair in pairwise(cuts.tolist())})
    for (_, stop), (start, _) in pairwise(pieces):
        if start < stop:
            raise OptionError(
                f"specification_curve: strata of different periods overlap at {date_text(start)} without being the "
                "same; let every period begin and end where a stratum does, such as on 1 January"
            )
    number = {piece: i for i, piece in enumerate(pieces)}
    own = {
        period: np.array([number[pair] for pair in pairwise(cuts.tolist())]) for period, cuts in edges.items()
    }
    if isinstance(null, CalendarPermutation) and max(mine.size for mine in own.values()) > LARGEST_EXACT:
        raise OptionError(
            f"specification_curve: CalendarPermutation exchanges {LARGEST_EXACT} strata exactly and there are more; "
            "use shorter periods, or CircularShift(within='year')"
        )
    if isinstance(null, CircularShift):
        shift = rng.integers([stop - start for start, stop in pieces], size=(size, len(pieces)))
        return {period: shift[:, mine] for period, mine in own.items()}
    members = np.array([[i in set(mine.tolist()) for mine in own.values()] for i in range(len(pieces))])
    target = np.empty((size, len(pieces)), np.int64)
    for pattern in np.unique(members, axis=0):
        group = np.flatnonzero((members == pattern).all(axis=1))
        target[:, group] = rng.permuted(np.tile(group, (size, 1)), axis=1)
    return {period: np.searchsorted(mine, target[:, mine]) for period, mine in own.items()}


def _block(
    specifications: Sequence[Specification], null: StratifiedNull, moves: Sequence[Choices], level: float
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return what was found, shape (s, 6), and ratio and significance on each draw, shape (s, draws)."""
    found, ratios, significant = [], [], []
    for one, choices in zip(specifications, moves, strict=True):
        period = observed_period(one.events)
        scores = one.statistic.scores(period, one.anchors)
        chance = null.exact(one.events, one.anchors, scores)
        expected, value = chance.mean, int(scores[one.events.days - period.start].sum())
        if expected <= 0:
            raise OptionError(
                f"specification_curve: in ({one}) the statistic is {expected:g} on average under {null!r}, so there "
                "is no ratio to it; leave the specification out"
            )
        drawn = _drawn(one, null, scores, choices)
        tail = np.cumsum(chance.probabilities[::-1])[::-1]
        window = getattr(one.statistic, "window", None)
        n_anchors = len(one.anchors) if window is None else window.reaching(one.anchors, period).size
        found.append((len(one.events), n_anchors, value, expected, value / expected, chance.at_least(value)))
        ratios.append(drawn / expected)
        significant.append(rejects(tail[drawn - chance.low], level))
    return np.array(found), np.array(ratios), np.array(significant)


def _drawn(
    one: Specification, null: StratifiedNull, scores: NDArray[np.int64], choices: Choices
) -> NDArray[np.int64]:
    """Return the statistic on each draw, shape (size,), by one look-up per stratum."""
    if isinstance(null, CalendarPermutation):
        matched = null.sums(one.events, one.anchors, [scores], 1)
        totals = None if matched is None else matched.table.totals(choices)
    else:
        shifted = null.sums(one.events, one.anchors, [scores], 1)
        totals = None if shifted is None else shifted.table.totals(choices[:, shifted.used])
    if totals is None:
        raise OptionError(
            f"specification_curve: the table of sums of ({one}) does not fit into the memory that is allowed; "
            "use a shorter period"
        )
    return totals[:, 0]


def _summaries(ratios: Floats, significant: NDArray[np.bool_]) -> Floats:
    """Return median, share above 1 and share significant over the specifications, shape (3, draws)."""
    return np.stack([np.median(ratios, axis=0), (ratios > 1).mean(axis=0), significant.mean(axis=0)])


def _checksum(specifications: Sequence[Specification]) -> str:
    """Return the SHA-256 of the choices of all specifications, with the checksums of their series."""
    digest = hashlib.sha256()
    for one in specifications:
        digest.update(repr((str(one), repr(one.statistic), pair_checksums(one.events, one.anchors))).encode())
    return digest.hexdigest()


def _check(specifications: Sequence[Specification]) -> None:
    """Refuse specifications that are missing, incomparable, or not sums of whole-number scores."""
    if not specifications:
        raise OptionError("specification_curve: there are no specifications; give one at least")
    names = tuple(specifications[0].choices)
    seen: set[Hashable] = set()
    for one in specifications:
        checked_pair(one.events, one.anchors)
        if tuple(one.choices) != names:
            raise OptionError(
                f"specification_curve: ({one}) makes other choices than the first one, {names}; give all the same ones"
            )
        if (values := tuple(one.choices.values())) in seen:
            raise OptionError(f"specification_curve: ({one}) is there twice; give each specification once")
        seen.add(values)
        if not isinstance(one.statistic, AdditiveStatistic) or is_mean(one.statistic):
            raise OptionError(
                f"specification_curve: in ({one}) the {one.statistic} is not a sum of scores of days; use WindowCount"
            )
