"""The nine claims: the facts that they state, and the verdict on each by the rule of the plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from eventstudy import datasets
from eventstudy.dates import date_text
from eventstudy.errors import EventsError, OptionError
from eventstudy.events import Events, to_days
from eventstudy.numbers import Numbers
from eventstudy.numeric.tails import holm
from eventstudy.periods import Period
from eventstudy.provenance import Provenance
from eventstudy.rates import rate_ratio
from eventstudy.results.before_after import BeforeAfterResult
from eventstudy.results.change import ChangeResult
from eventstudy.results.growth import GrowthResult
from eventstudy.results.permutation import PermutationResult
from eventstudy.results.rates import RateRatioResult
from eventstudy.results.regression import RegressionResult
from eventstudy.results.shares import Share
from eventstudy.results.waiting import WaitingResult
from eventstudy.verdicts import Verdict, by_interval, by_tests
from launches.plan import LeadsPlan, Plan, RulePlan
from launches.results import ClaimsTable, FirstSinceResult, LeadsResult


def check_leads(said: LeadsPlan, launches: pd.DataFrame, summits: pd.DataFrame) -> LeadsResult:
    """Look up how many days a launch came before two meetings.

    Parameters
    ----------
    said : LeadsPlan
        The day of the launch, the rows of both meetings, and the days that were said to lie between.
    launches, summits : DataFrame
        With the columns ``date``; ``summit_id``, ``start``, ``reported`` and ``official``.

    Raises
    ------
    EventsError
        If a meeting is not in the table.
    """
    launch = int(to_days([said.launch])[0])
    meetings = summits.set_index("summit_id")
    for name in (said.arrival, said.meeting):
        if name not in meetings.index:
            raise EventsError(
                f"check_leads: no meeting {name!r} in the table of summits; correct the name in the plan"
            )
    arrival, meeting = to_days(meetings.loc[[said.arrival, said.meeting], "start"])
    known = meetings.loc[said.arrival, ["reported", "official"]].dropna()
    public = {str(column): pd.Timestamp(str(day)) for column, day in known.items()}
    sums = datasets.checksums()
    return LeadsResult(
        launch=launch,
        launched=launch in to_days(launches["date"]),
        arrival_days=int(arrival) - launch,
        meeting_days=int(meeting) - launch,
        said=(said.arrival_days, said.meeting_days),
        reported=public.get("reported"),
        official=public.get("official"),
        provenance=Provenance(
            f"launches.check_leads({said!r}, datasets.launches(), datasets.summits())",
            {name: sums[name] for name in ("launches", "summits")},
        ),
    )


def first_since(events: Events, last: Period, day: object) -> FirstSinceResult:
    """Look up whether an event was the first since those of an earlier period.

    Parameters
    ----------
    events : Events
    last : Period
        Said to hold the event before.
    day : date
        The event.

    Raises
    ------
    EventsError
        If no event is on that day, or none before it.
    """
    now = int(to_days([day])[0])
    earlier = events.days[events.days < now]
    if now not in events.days or not earlier.size:
        raise EventsError(
            f"first_since: {events.label} have none on {date_text(now)} or none before; give a day with an event"
        )
    return FirstSinceResult(
        day=now,
        previous=int(earlier[-1]),
        n_last=int(last.inside(earlier).sum()),
        n_between=int((earlier >= last.stop).sum()),
        events_label=events.label,
        provenance=Provenance(
            f"launches.first_since({events.label}, {last!r}, {date_text(now)!r})", events.provenance.data
        ),
    )


def judge_fact(as_said: bool) -> Verdict:
    """Return the verdict on a matter of dates: as said, or not."""
    return "supported" if as_said else "not supported"


def amended(plan: Plan, events: Events, anchors: Events) -> dict[str, RateRatioResult]:
    """Return the rate ratio of the amendment, by kind of stratum: its interval inverts the test of the excess inside strata.

    Parameters
    ----------
    plan : Plan
    events, anchors : Events

    Returns
    -------
    dict of str to RateRatioResult
        With the p-values of no excess (``pvalue_at(1, "greater")``) and of a ratio that would matter (``excluded_pvalue``).
    """
    said = plan.amendment
    return {
        within: rate_ratio(
            events,
            anchors,
            plan.primary.window,
            null=plan.nulls.primary.build(),
            within=within,
            excluded=said.excluded_ratio,
            n_resamples=said.n_resamples,
            rng=plan.seed,
            confidence_level=plan.primary.confidence_level,
        )
        for within in said.strata
    }


def printed_interval(numbers: Numbers, name: str, ratio: RateRatioResult) -> str:
    """Return an interval as it is printed; its finite ends are kept as numbers of the report, unbounded ones said in words."""
    low, high = ratio.low > 0, math.isfinite(ratio.high)
    if low and high:
        return str(numbers.add(f"{name}-interval", (ratio.low, ratio.high), ".2f", source=ratio))
    if low:
        return f"{numbers.add(f'{name}-low', ratio.low, '.2f', source=ratio)} or more, no upper bound found"
    if high:
        return f"up to {numbers.add(f'{name}-high', ratio.high, '.2f', source=ratio)}, no lower bound above 0 found"
    return "unbounded on both sides"


def judge_hits(plan: Plan, primary: PermutationResult, second: PermutationResult, share: Share) -> Verdict:
    """Return the verdict on summits that had a launch before them, against the share expected by `primary`."""
    limit = plan.primary.excluded_ratio * primary.expected / primary.n_anchors
    return by_tests((primary.pvalue, second.pvalue), plan.primary.level, excluded=share.high < limit)


def judge_change(plan: Plan, change: ChangeResult, model: RegressionResult) -> Verdict:
    """Return the verdict on a change: the term of the plan in the model, and the exact test of both parts."""
    place = model.terms.index(plan.claims.change.term)
    bound = plan.primary.excluded_ratio
    excluded = bool(1.0 / bound < model.low[place] and model.high[place] < bound)
    pvalues = change.pvalue, float(model.pvalues[place])
    return by_tests(pvalues, plan.primary.level, excluded=excluded)


def judge_stop(plan: Plan, result: BeforeAfterResult) -> Verdict:
    """Return the verdict on launches that were not stopped: the interval of the ratio against that of a stop."""
    stop = plan.claims.aftermath.stop_ratio
    return by_interval(result.interval, above=stop, below=stop)


def judge_growth(plan: Plan, result: GrowthResult) -> Verdict:
    """Return the verdict on a growth: the interval of the yearly ratio against one and against the plan's bound."""
    return by_interval((result.low, result.high), above=1.0, below=plan.claims.growth.yearly_ratio)


def judge_waiting(plan: Plan, result: WaitingResult) -> Verdict:
    """Return the verdict on short waits: every null model of the result, and the share of days with a near launch."""
    pvalues = [test.pvalue for test in result.tests.values()]
    excluded = result.near.high < plan.claims.waiting.habit_share
    return by_tests(pvalues, plan.primary.level, excluded=excluded)


def judge_held_out(plan: Plan, test: PermutationResult, ratio: RateRatioResult) -> Verdict:
    """Return the verdict of the primary rule with one null model."""
    excluded = plan.primary.excludes(ratio.low, ratio.high)
    return by_tests([test.pvalue], plan.primary.level, excluded=excluded)


def together(pvalues: Mapping[str, float]) -> pd.DataFrame:
    """Return the p-values of several claims, each alone and corrected for their number by Holm's rule."""
    alone = np.array(list(pvalues.values()))
    return pd.DataFrame({"p": alone, "p, corrected": holm(alone)}, pd.Index(pvalues, name="claim"))


def claims_table(
    rules: Sequence[RulePlan], judged: Sequence[tuple[str, Verdict]], *, data: Mapping[str, str]
) -> ClaimsTable:
    """Put claims, what was found and the verdicts together.

    Parameters
    ----------
    rules : sequence of RulePlan
    judged : sequence of (str, Verdict)
        For each rule, in order, the finding in a few words and the verdict.
    data : mapping of str to str
        SHA-256 of what the findings rest on, by label.

    Raises
    ------
    OptionError
        If there are not as many findings as claims.
    """
    if len(rules) != len(judged):
        raise OptionError(
            f"claims_table: {len(judged)} findings for {len(rules)} claims; give one for each, in the order of the plan"
        )
    return ClaimsTable(
        claims=tuple(rule.claim for rule in rules),
        findings=tuple(finding for finding, _ in judged),
        verdicts=tuple(verdict for _, verdict in judged),
        provenance=Provenance(
            "launches.claims_table(plan.claims.rules, judged, data=datasets.checksums())", data
        ),
    )
