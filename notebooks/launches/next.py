"""The test of years to come, which the plan fixed before they were known."""

from __future__ import annotations

from dataclasses import replace

from eventstudy import datasets
from eventstudy.credibility.calibration import type_one_error
from eventstudy.credibility.truths import Link
from eventstudy.errors import PeriodError
from eventstudy.events import Events
from eventstudy.permutation import permutation_test
from eventstudy.provenance import Provenance
from eventstudy.results.calibration import CalibrationResult
from eventstudy.statistics import WindowCount
from eventstudy.verdicts import by_excess
from launches.claims import amended
from launches.plan import Plan
from launches.results import NextResult


def check_known(plan: Plan) -> None:
    """Refuse to look at years whose launches or summits are not all known: a look before the end is a second test.

    Raises
    ------
    PeriodError
        If a table does not reach the last day of the new years.
    """
    last = plan.next.period.dates[-1].date()
    launched, met = datasets.launches_observed_to(), datasets.summits_observed_to()
    if min(launched, met) < last:
        raise PeriodError(
            f"next: launches are known to {launched} and summits to {met}, and the new years end on {last}; "
            "add the rows and the days to which they were looked for, nothing is compared before"
        )


def ask_next(plan: Plan, events: Events, anchors: Events) -> NextResult:
    """Test the years to come by the rule of the plan.

    Parameters
    ----------
    plan : Plan
    events : Events
        Over all years of the rule, ``plan.events.read(plan.next.all_years)``.
    anchors : Events

    Returns
    -------
    NextResult
        "supported" if p of no excess is small in the new years alone under each null model of the rule. If not, "not
        supported" if the amended test of all years rejects a ratio that would matter in each kind of stratum.
    """
    new = events.within(plan.next.period)
    alone = {
        str(null): permutation_test(new, anchors, WindowCount(plan.primary.window), null)
        for null in (test.build() for test in plan.next.tests)
    }
    every = amended(plan, events, anchors)
    matters = plan.amendment.excluded_ratio
    return NextResult(
        alone=alone,
        all_years=every,
        excluded_ratio=matters,
        verdict=by_excess(
            (test.pvalue for test in alone.values()),
            (ratio.pvalue_at(matters, "less") for ratio in every.values()),
            plan.amendment.level,
        ),
        provenance=Provenance(
            f"launches.ask_next(plan, {events.label}, {anchors.label})",
            {**events.provenance.data, **anchors.provenance.data},
            seed=str(plan.seed),
        ),
    )


def next_power(plan: Plan) -> CalibrationResult:
    """Return how often the test of the new years rejects under every null model of the rule, by planted ratio."""
    power = plan.next.power
    world = power.world.build(
        plan.events.read(power.like),
        plan.anchors.read(),
        {power.world.real: plan.family.named(power.world.real).read()},
    )
    window = plan.primary.window
    return type_one_error(
        {f"{ratio:g}": replace(world, link=Link(window, ratio)) for ratio in power.ratios},
        {"all tests": tuple(test.build() for test in plan.next.tests)},
        [WindowCount(window)],
        levels=(plan.amendment.level,),
        n_simulations=power.n_simulations,
        rng=plan.seed,
    )
