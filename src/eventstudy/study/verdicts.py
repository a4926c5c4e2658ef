"""How often the rule of a plan gives each verdict when the true rate ratio is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eventstudy.credibility.repeated import RepeatedTest, rejected_by_all
from eventstudy.credibility.simulate import plant
from eventstudy.errors import own_errors
from eventstudy.evaluation.reweighted import sums_of_several
from eventstudy.events import Events, observed_period
from eventstudy.numeric.inversion import tails_at
from eventstudy.numeric.tails import clopper_pearson, tail
from eventstudy.pairs import checked_pair, pair_checksums
from eventstudy.parallel import in_order
from eventstudy.permutation import permutation_test
from eventstudy.provenance import Provenance, as_generator, seed_text
from eventstudy.rates import rate_ratio
from eventstudy.results.verdicts import VerdictCurveResult
from eventstudy.statistics import WindowCount
from eventstudy.strata import cut
from eventstudy.study.plan import PlannedTest, Role, StudyPlan
from eventstudy.verdicts import VERDICTS, Verdict, by_excess

BLOCK = 50  # series in one piece of parallel work, which may share their draws
DRAWS = 999  # of a test that has no exact distribution


@own_errors
def verdict_curve(
    plan: StudyPlan, events: Events, anchors: Events, *, rng: int | np.random.Generator | None = None
) -> VerdictCurveResult:
    """Estimate how often each verdict is given when the rate ratio is known.

    Parameters
    ----------
    plan : StudyPlan
        Its window, null models and rule; ``credibility`` gives the ratios and the number of series.
    events, anchors : Events
        The study's own series. Verdicts are only given on draws of the primary null model.
    rng : int or numpy.random.Generator
        With the same seed the series are those of :func:`eventstudy.power_curve`.

    Returns
    -------
    VerdictCurveResult

    Raises
    ------
    RandomnessError
        If `rng` is missing.

    Notes
    -----
    The series are made as in :func:`eventstudy.power_curve`: a draw of the primary null model, with events of
    further draws added inside the window. Each is tested twice and judged as
    :meth:`eventstudy.study.plan.StudyPlan.judge` does, so all parts of the rule use the same series. Tests without an
    exact distribution make 999 draws; under a null model that moves strata 50 series share them.
    """
    period = checked_pair(events, anchors)
    ratios = np.unique([1.0, *plan.credibility.power_ratios])
    size = plan.credibility.n_series
    seed = seed_text(rng)
    generator = as_generator(rng, "verdict_curve")
    planted = plant(
        events,
        anchors,
        plan.primary.window,
        plan.nulls.primary.build(),
        ratios=ratios.tolist(),
        size=size,
        rng=generator,
    )
    series = planted.series(ratios.tolist(), period, events.label)
    pieces = [series[done : done + BLOCK] for done in range(0, len(series), BLOCK)]
    jobs = [
        (plan, piece, anchors, own) for piece, own in zip(pieces, generator.spawn(len(pieces)), strict=True)
    ]
    given = np.concatenate(list(in_order(_block, jobs, [len(job[1]) for job in jobs], "verdicts")))
    counts = np.stack([(given.reshape(size, ratios.size) == n).sum(axis=0) for n in range(len(VERDICTS))])
    low, high = clopper_pearson(counts, size, plan.primary.confidence_level)
    return VerdictCurveResult(
        ratios=ratios,
        counts=counts,
        low=low,
        high=high,
        n_simulations=size,
        confidence_level=plan.primary.confidence_level,
        provenance=Provenance(
            f"verdict_curve(plan, {events.label}, {anchors.label})",
            pair_checksums(events, anchors),
            seed,
            (*events.notes, *anchors.notes),
        ),
    )


def _block(
    plan: StudyPlan, series: Sequence[Events], anchors: Events, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return for each series the number of its verdict, shape (n,)."""
    if plan.primary.strata is None:
        return np.array([VERDICTS.index(verdict) for verdict in _by_interval(plan, series, anchors, rng)])
    roles: tuple[Role, Role] = ("primary", "second")
    found = [
        _pvalues(plan, plan.test(role), series, anchors, own)
        for role, own in zip(roles, rng.spawn(2), strict=True)
    ]
    none, matters = np.stack(found, axis=-1)  # each of shape (n, 2)
    return np.array(
        [VERDICTS.index(by_excess(*pair, plan.primary.level)) for pair in zip(none, matters, strict=True)]
    )


def _by_interval(
    plan: StudyPlan, series: Sequence[Events], anchors: Events, rng: np.random.Generator
) -> list[Verdict]:
    """Return the verdicts of the rule with a single interval, for independent events."""
    primary, pairs = plan.primary, [(events, anchors) for events in series]
    statistic = WindowCount(primary.window)
    tests = [
        RepeatedTest("verdict_curve", statistic, null.build(), primary.alternative, DRAWS)
        for null in (plan.nulls.primary, plan.nulls.second)
    ]
    rejected = rejected_by_all(tests, pairs, rng.spawn(len(series)), primary.level)[:, 0]
    verdicts: list[Verdict] = []
    for events, supported in zip(series, rejected.tolist(), strict=True):
        if supported:
            verdicts.append("supported")
            continue
        ratio = rate_ratio(events, anchors, primary.window, confidence_level=primary.confidence_level)
        verdicts.append("not supported" if primary.excludes(ratio.low, ratio.high) else "cannot tell")
    return verdicts


def _pvalues(
    plan: StudyPlan, test: PlannedTest, series: Sequence[Events], anchors: Events, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return for each series p of no effect and p of an effect that matters, shape (2, n).

    At a ratio of 1 the inverted test is that of the excess itself, so both come from the same arrangements; a count has
    its exact distribution.
    """
    primary, period = plan.primary, observed_period(series[0])
    inside = primary.window.indicator(anchors, period)[None]
    share = cut(period, test.within).day_shares(inside[0])[None]
    sums, observed, drawn = sums_of_several(series, test.null, inside, share, rng=rng, n_resamples=DRAWS)
    tails = {
        ratio: tails_at(sums, observed, ratio, drawn=drawn)
        for ratio in (1.0, primary.excluded_ratio, 1.0 / primary.excluded_ratio)
    }
    more, fewer = tails[primary.excluded_ratio][1], tails[1.0 / primary.excluded_ratio][0]
    matters = {"greater": more, "less": fewer, "two-sided": np.maximum(more, fewer)}[primary.alternative]
    if primary.statistic == "excess":
        none = tail(primary.alternative, *tails[1.0])
    else:
        none = np.array([
            permutation_test(
                events, anchors, test.statistic, test.null, alternative=primary.alternative, n_resamples=DRAWS, rng=own
            ).pvalue
            for events, own in zip(series, rng.spawn(len(series)), strict=True)
        ])  # fmt: skip
    return np.stack([none, matters])
