"""What results mean, in sentences that say no more than the rule of the plan and the tests do.

Numbers come in as they are to be printed, so that each keeps its origin.
"""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.printing import MINUS
from eventstudy.results.calibration import CalibrationResult
from eventstudy.results.influence import InfluenceResult
from eventstudy.results.power import MinimumRatioResult
from eventstudy.results.profile import ProfileResult
from eventstudy.study.plan import StudyPlan
from eventstudy.windows import Window

DIRECTION = {"greater": "more", "less": "fewer", "two-sided": "more or fewer"}


def near(window: Window) -> str:
    """Return a window as it is said before the name of the anchors.

    >>> near(Window(-14, 0)), near(Window(-3, 4))
    ('the 14 days before', 'the days from 3 before to 3 after')
    """
    if window.stop <= 0:
        days = "the day" if len(window) == 1 else f"the {len(window)} days"
        return (
            f"{days} before"
            if window.stop == 0
            else f"the days from {-window.start} to {1 - window.stop} before"
        )
    if window.start >= 1:
        days = "the day" if len(window) == 1 else f"the {len(window)} days"
        return (
            f"{days} after"
            if window.start == 1
            else f"the days from {window.start} to {window.stop - 1} after"
        )
    first = f"{-window.start} before" if window.start else "the day itself"
    last = f"{window.stop - 1} after" if window.stop > 1 else "the day itself"
    return f"the days from {first} to {last}" if first != last else "the very day of"


def short(window: Window) -> str:
    """Return a window as it is said by itself.

    >>> short(Window(-14, 0)), short(Window(0, 1))
    ('14 days before', 'the day itself')
    """
    return "the day itself" if window == Window(0, 1) else near(window).removeprefix("the ")


def rule(plan: StudyPlan) -> str:
    """Return the rule of the verdict."""
    primary = plan.primary
    return (
        f"The plan calls a link *supported* if the primary and the second test both give p of {primary.level:g} or "
        f"less. If not, it says *not supported* only if the {primary.confidence_level:.0%} interval of the rate ratio "
        f"lies below {primary.excluded_ratio:g}; otherwise the data *cannot tell*."
    )


def verdict_means(plan: StudyPlan, verdict: str, interval: object) -> str:
    """Return what a verdict says about this study, and what it does not."""
    direction = DIRECTION[plan.primary.alternative]
    what = f"{direction} {plan.events.label} in {near(plan.primary.window)} {plan.anchors.label}"
    if verdict == "supported":
        return (
            f"There are {what} than either null model brings about by chance. That is a link in time: it does not "
            f"say why, and what moves both series in a way that the null models do not keep could make it too."
        )
    shown = f"The tests do not show {what} than chance would bring"
    if verdict == "not supported":
        return (
            f"{shown}, and the interval of the rate ratio, {interval}, leaves no room for a ratio of "
            f"{plan.primary.excluded_ratio:g} or more. A weaker link is not excluded."
        )
    return (
        f"{shown}, but the interval of the rate ratio, {interval}, does not exclude a ratio of "
        f"{plan.primary.excluded_ratio:g} either. This is no evidence of a link, and none of its absence."
    )


def curve_means(profile: ProfileResult) -> str:
    """Return whether the lag profile leaves its band, and where."""
    if not profile.outside.any():
        return "The curve stays inside the band."
    lags = zip(profile.edges[:-1][profile.outside], profile.edges[1:][profile.outside], strict=True)
    bins = [f"{a:+d}" if b - a == 1 else f"{a:+d} to {b - 1:+d}" for a, b in lags]
    return f"The curve leaves the band at the lags {', '.join(bins)}.".replace("-", MINUS)


def levels_mean(level: CalibrationResult) -> str:
    """Return which tests reject more often than their level and the chance of the simulation allow, and where."""
    table = level.to_frame()
    table = table[table["level"] == level.levels[0]]
    wrong = table[table["rate_low"] > table["level"]]
    if wrong.empty:
        return f"No test rejects more often than in {level.levels[0]:.0%} of any kind of data, chance allowed for."
    places = [
        f"{test} ({', '.join(f'{row.rate:.2f} with {row.truth}' for row in rows.itertuples())})"
        for test, rows in wrong.groupby("test", sort=False)
    ]
    return (
        f"More often than that, chance allowed for, reject: {'; '.join(places)}. A small p-value from these alone "
        f"means little where the data are of that kind."
    )


def reach_means(name: str, reach: MinimumRatioResult, printed: object) -> str:
    """Return from which rate ratio on a test finds a link with the power of the plan."""
    if reach.ratio < float("inf"):
        return f"{name} finds a ratio of {printed} in {reach.power:.0%} of the series"
    most = reach.curve.ratios.max()
    return f"{name} finds no ratio up to {most:g}, the largest tried, in {reach.power:.0%} of the series"


def influence_means(results: Iterable[InfluenceResult], level: float) -> str:
    """Return whether leaving out one unit moves the p-value over the level, to either side."""
    crossing = []
    for found in results:
        moved = (found.table["pvalue"] <= level) != (found.full.pvalue <= level)
        crossing += [str(name).removesuffix(" 00:00:00") for name in found.table.loc[moved, "left_out"]]
    if not crossing:
        return f"Whichever is left out, the primary p-value stays on its side of {level:g}."
    shown = ", ".join(crossing[:8]) + (f" and {len(crossing) - 8} others" if len(crossing) > 8 else "")
    return f"The primary p-value crosses {level:g} without {shown}: the answer hangs on single ones."
