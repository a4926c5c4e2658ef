"""How often would the rule of a plan give each of its verdicts, if the truth were known?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eventstudy.credibility.simulate import plant
from eventstudy.events import Events, checked_pair, pair_checksums
from eventstudy.numeric.tails import clopper_pearson
from eventstudy.parallel import in_order
from eventstudy.permutation import permutation_test
from eventstudy.provenance import Provenance, as_generator, seed_text
from eventstudy.rates import rate_ratio
from eventstudy.results.verdicts import VerdictCurveResult
from eventstudy.statistics import WindowCount
from eventstudy.study.plan import StudyPlan
from eventstudy.verdicts import VERDICTS

BLOCK = 20  # series in one piece of parallel work


def verdict_curve(
    plan: StudyPlan, events: Events, anchors: Events, *, rng: int | np.random.Generator | None = None
) -> VerdictCurveResult:
    """Estimate how often each verdict is given where the rate ratio is known.

    Parameters
    ----------
    plan : StudyPlan
        Its window, null models and rule; ``credibility`` gives the ratios and the number of series.
    events, anchors : Events
        The study's own series. Only draws of the primary null model are judged.
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
    further draws added inside the window. Each is tested under both null models and judged by
    :meth:`eventstudy.study.plan.StudyPlan.judge`, so all parts of the rule meet the same series.
    """
    period = checked_pair(events, anchors)
    ratios = np.unique([1.0, *plan.credibility.power_ratios])
    size = plan.credibility.n_series
    seed = seed_text(rng)
    planted = plant(
        events,
        anchors,
        plan.primary.window,
        plan.nulls.primary.build(),
        ratios=ratios.tolist(),
        size=size,
        rng=as_generator(rng, "verdict_curve"),
    )
    series = [
        Events.from_days(planted.days(number, ratio), period, events.label)
        for number in range(size)
        for ratio in ratios
    ]
    jobs = [(plan, series[done : done + BLOCK], anchors) for done in range(0, len(series), BLOCK)]
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
        ),
    )


def _block(plan: StudyPlan, series: Sequence[Events], anchors: Events) -> NDArray[np.int64]:
    """Return for each series the number of its verdict, shape (n,)."""
    statistic = WindowCount(plan.primary.window)
    primary, second = plan.nulls.primary.build(), plan.nulls.second.build()
    return np.array(
        [
            VERDICTS.index(
                plan.judge(
                    permutation_test(
                        events, anchors, statistic, primary, alternative=plan.primary.alternative
                    ),
                    permutation_test(
                        events, anchors, statistic, second, alternative=plan.primary.alternative
                    ),
                    rate_ratio(
                        events, anchors, plan.primary.window, confidence_level=plan.primary.confidence_level
                    ),
                )
            )
            for events in series
        ]
    )
