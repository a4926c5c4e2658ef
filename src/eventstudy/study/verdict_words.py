"""Text on the tests of a study, the rule and the meaning of its verdict: no more than the plan supports."""

from __future__ import annotations

import math
from collections.abc import Mapping

from eventstudy.numeric.tails import Alternative
from eventstudy.results.calibration import CalibrationResult
from eventstudy.results.permutation import PermutationResult
from eventstudy.results.rates import RateRatioResult
from eventstudy.results.text import pvalue_text
from eventstudy.study.plan import Role, StudyPlan
from eventstudy.study.refusals import NoAnswer
from eventstudy.study.words import capital, near, several
from eventstudy.verdicts import Verdict

ROLES: tuple[Role, Role] = ("primary", "second")
DIRECTION = {"greater": "more", "less": "fewer", "two-sided": "more or fewer"}
AS_FAR = {
    "greater": "of the observed {} or more",
    "less": "of the observed {} or less",
    "two-sided": "of a {} as far out, twice the smaller tail",
}
EXCESS = """\
Cut the period into {longer}s. In {longer} $g$ a share $c_g$ of the days lies in the window of at least one of the \
{anchors}, and of its $n_g$ {events} $x_g$ do. The statistic is the number in the window beyond the one expected \
inside each {longer}, over its standard deviation for independent days,

$$
Z = \\frac{{\\sum_g (x_g - n_g c_g)}}{{\\sqrt{{\\sum_g n_g c_g (1 - c_g)}}}} .
$$ {{#eq:statistic alt="Z is the sum over g of x g minus n g times c g, over the square root of the sum over g of n g \
times c g times 1 minus c g"}}

What makes one {longer} busier than another is in $n_g$ and cancels: growth, a season, and both together. Only where \
inside a {longer} the {events} lie counts [@mantel1959statistical; @armstrong2014conditional]. The second test is the \
same with {shorter}s."""
COUNT = """\
Let $n_d$ be the number of {events} on day $d$, and $W$ the days in the window of at least one of the {anchors}. The \
statistic is the number of {events} in the window,

$$
T = \\sum_{{d \\in W}} n_d .
$$ {{#eq:statistic alt="T is the sum of n of d over all days d in W"}}

It is asked twice, under the primary and under the second null model."""


def statistic_means(plan: StudyPlan) -> str:
    """Return what the statistic of a plan is, with its formula."""
    longer, shorter = _strata(plan)
    labels = {"events": plan.events.label, "anchors": plan.anchors.label}
    text = EXCESS if plan.primary.statistic == "excess" else COUNT
    return text.format(longer=longer, shorter=shorter, **labels)


def pvalue_means(plan: StudyPlan) -> str:
    """Return what a p-value of the plan is."""
    symbol = "$Z$" if plan.primary.statistic == "excess" else "$T$"
    return f"the probability under the null model {AS_FAR[plan.primary.alternative].format(symbol)}, ties included"


def limits_mean(plan: StudyPlan) -> str:
    """Return the conditions under which the tests of a plan are valid, and where they are not."""
    longer, shorter = _strata(plan)
    kept = plan.test("primary").null.keeps
    if plan.primary.statistic == "count":
        return (
            f"The primary null model keeps {kept}; the second keeps {plan.test('second').null.keeps}. What "
            f"else the two series share looks like a link where there is none. Shifts inside strata, for one, do not "
            f"keep that both series crowd at the same end of a stratum, such as the end of the year, or rise together "
            f"for some weeks; and where both share a rhythm shorter than a {shorter}, no such test holds."
        )
    more = (
        " Years are long for that: of growth and season together they leave a rest, so the test with years alone "
        "decides nothing."
        if longer == "year"
        else ""
    )
    return (
        f"The null model keeps {kept}. What changes from one {longer} to the next cancels in the statistic: growth, a "
        f"season, both at once; bursts are taken into account as far as the null model keeps them.{more} Where both "
        f"series share a rhythm shorter than a {longer}, the test with {longer}s finds spurious links; the test "
        f"with {shorter}s is more robust and less powerful, and for rhythms shorter than a {shorter} no such test "
        f"holds."
    )


def reach_of_tests(tests: Mapping[str, PermutationResult], level: float) -> str:
    """Return a sentence on tests whose p-value cannot become small, else nothing."""
    stuck = [
        f"that of the {role} test cannot fall below {pvalue_text(test.smallest_pvalue)}"
        for role, test in tests.items()
        if test.smallest_pvalue > level / 2
    ]
    return f" As few arrangements differ, a p-value has a floor: {several(stuck)}." if stuck else ""


def side(alternative: str, events: str) -> str:
    """Return the direction of a test, for a note.

    >>> side("greater", "strikes"), side("two-sided", "strikes")
    ('One-sided for more strikes in the window', 'Two-sided: more or fewer strikes in the window')
    """
    kind = "Two-sided:" if alternative == "two-sided" else "One-sided for"
    return f"{kind} {DIRECTION[alternative]} {events} in the window"


def checks_side(plan: StudyPlan) -> str:
    """Return a sentence where checks that look for more do not look the way of the plan; else nothing."""
    if plan.primary.alternative == "greater":
        return ""
    return (
        f" Power, levels and what is left out are those of tests for more {plan.events.label}, while the plan asks for "
        f"{DIRECTION[plan.primary.alternative]}: they say how such tests do on these data, not what its own would find."
    )


def rule(plan: StudyPlan) -> str:
    """Return the rule of the verdict."""
    longer, shorter = _strata(plan)
    level = plan.primary.level
    return (
        f"The plan asks twice, with {longer}s and with {shorter}s. It calls a link *supported* if both tests give p of "
        f"{level:g} or less. If not, it says *not supported* only if both reject, at {level:g}, a rate ratio of "
        f"{_what_matters(plan)}; otherwise the data *cannot tell*."
    )


def verdict_means(plan: StudyPlan, verdict: Verdict, matters: Mapping[Role, object]) -> str:
    """Return what a verdict says about this study, and what it does not.

    Parameters
    ----------
    plan : StudyPlan
    verdict : {"supported", "cannot tell", "not supported"}
    matters : mapping of str to object
        For the primary and the second test the p-value of a ratio that matters, as it is to be printed; without a test
        that has no ratio.
    """
    _longer, shorter = _strata(plan)
    what = (
        f"{DIRECTION[plan.primary.alternative]} {plan.events.label} in {near(plan.primary.window)} "
        f"{plan.anchors.label}"
    )
    if verdict == "supported":
        return (
            f"There are {what} than expected by chance, by either test. That is a link in time: it does not say why, "
            f"and anything that moves both series and is not removed by the tests could cause it, such as a rhythm "
            f"shorter than a {shorter} that both share."
        )
    shown = f"The tests do not show {what} than expected by chance"
    each = ", ".join(f"{pvalue} with {plan.test(role).within}s" for role, pvalue in matters.items())
    none = " or ".join(f"with {plan.test(role).within}s" for role in ROLES if role not in matters)
    if verdict == "not supported":
        return (
            f"{shown}, and both speak against a rate ratio of {_what_matters(plan)} ({each}). A weaker link is not "
            "excluded."
        )
    against = (
        f"{shown}, but they do not both speak against a rate ratio of {_what_matters(plan)} either ({each})."
        if not none
        else f"{shown}, and they cannot both speak against a rate ratio of {_what_matters(plan)}, as there is no ratio "
        f"{none}{f' ({each})' if each else ''}."
    )
    return f"{against} This is no evidence of a link, and none of its absence."


def ratio_text(ratio: RateRatioResult | NoAnswer) -> str:
    """Return a rate ratio as text; in words where there is none, or where no ratio has equal tails."""
    if isinstance(ratio, NoAnswer):
        return "not defined"
    return "not estimable" if math.isnan(ratio.ratio) else f"{ratio.ratio:.2f}"


def value_printed(value: float, form: str) -> tuple[float | str, str]:
    """Return a value with its format, or that there is none."""
    return ("none", "") if math.isnan(value) else (value, form)


def with_answer(ratios: Mapping[Role, RateRatioResult | NoAnswer]) -> dict[Role, RateRatioResult]:
    """Return the tests that have a rate ratio, in their order."""
    return {role: ratio for role, ratio in ratios.items() if not isinstance(ratio, NoAnswer)}


def ratios_mean(
    plan: StudyPlan,
    ratios: Mapping[Role, RateRatioResult | NoAnswer],
    printed: Mapping[Role, tuple[object, object]],
) -> str:
    """Return a clause on the rate ratios of the two tests, or that there is none, and where the reason stands.

    `printed`: each ratio and its interval.
    """
    found = with_answer(ratios)
    none = [f"with {plan.test(role).within}s" for role in ratios if role not in found]
    if not found:
        return f"there is no rate ratio, {' or '.join(none)} (@tbl:ratios says why)"
    words = f"{plan.primary.confidence_level:.0%} interval "
    said = []
    for role in found:
        ratio, interval = printed[role]
        said.append(f"{ratio} ({words}{interval}) with {plan.test(role).within}s")
        words = ""
    rest = f"; there is none {none[0]} (@tbl:ratios says why)" if none else ""
    return f"the rate ratio is {' and '.join(said)}{rest}"


def without_answer(ratios: Mapping[str, RateRatioResult | NoAnswer]) -> str:
    """Return sentences on rows without a ratio, and why, for a note; nothing where all have one."""
    return "".join(
        f" {capital(name)}: no ratio, as {ratio.reason}."
        for name, ratio in ratios.items()
        if isinstance(ratio, NoAnswer)
    )


def not_asked(undefined: Mapping[str, str]) -> str:
    """Return sentences on rows that are left out, and why, for a note; nothing where there are none."""
    return "".join(f" Left out: {name}, as {reason}." for name, reason in undefined.items())


def excluded_ratios(alternative: Alternative, excluded: float) -> str:
    """Return the ratios that would matter, on the side tested.

    >>> excluded_ratios("greater", 1.5), excluded_ratios("two-sided", 2.0)
    ('1.5 or more', '2 or more, and one of 1/2 or less')
    """
    more, fewer = f"{excluded:g} or more", f"1/{excluded:g} or less"
    return {"greater": more, "less": fewer, "two-sided": f"{more}, and one of {fewer}"}[alternative]


def family_means(plan: StudyPlan) -> str:
    """Return why the windows of the plan are corrected together, or that there is one alone."""
    if len(plan.family.windows) == 1:
        return "The plan names one window, so there is nothing to correct for."
    return (
        f"Each of {len(plan.family.windows)} windows is a chance to fall below {plan.primary.level:g} by luck. All are "
        f"therefore computed on the same draws, and each is compared with the largest of those that remain (step-down "
        f"max-T) [@westfall1993resampling]."
    )


def levels_mean(levels: Mapping[str, CalibrationResult]) -> str:
    """Return which tests reject more often than their level, beyond simulation error, and where.

    Parameters
    ----------
    levels : mapping of str to CalibrationResult
        Of one test each, by its name, on the same data sets.
    """
    places = []
    nominal = 0.0
    for name, level in levels.items():
        nominal = level.levels[0]
        table = level.to_frame()
        wrong = table[(table["level"] == nominal) & (table["rate_low"] > nominal)]
        if len(wrong):
            shown = ", ".join(f"{row.rate:.2f} with {row.truth}" for row in wrong.itertuples())
            places.append(f"{name} ({shown})")
    if not places:
        return f"No test rejects more often than in {nominal:.0%} of any kind of data, chance allowed for."
    return (
        f"More often than that, chance allowed for, reject: {'; '.join(places)}. A small p-value from these alone "
        f"means little where the data are of that kind."
    )


def _strata(plan: StudyPlan) -> tuple[str, str]:
    """Return the names of the longer and the shorter strata."""
    longer, shorter = (plan.test(role).within for role in ROLES)
    return longer, shorter


def _what_matters(plan: StudyPlan) -> str:
    return excluded_ratios(plan.primary.alternative, plan.primary.excluded_ratio)
