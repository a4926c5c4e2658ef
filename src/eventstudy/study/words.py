"""Sentences on the meaning of results that claim no more than the rule of the plan and the tests.

Numbers are passed in printed form, so that each keeps its origin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from eventstudy.credibility.rhythms import Rhythm
from eventstudy.errors import PlanError, ReportError
from eventstudy.events import Events
from eventstudy.numeric.tails import rejects
from eventstudy.periods import Period
from eventstudy.printing import MINUS
from eventstudy.results.influence import InfluenceResult
from eventstudy.results.power import MinimumRatioResult
from eventstudy.results.profile import ProfileResult
from eventstudy.study.checks import TruthPlan
from eventstudy.study.plan import StudyPlan
from eventstudy.windows import Window

TERMS = {  # of the regression of a study: in a table, and in a sentence
    "window": ("window", "*window*"),
    "other_side": ("other side", "*other side* (as many days on the other side of the {anchors})"),
    "past_7": ("any in the past 7 days", "whether there were {events} in the past 7 days (`past_7`)"),
    "past_8_30": (
        "any in the past 8 to 30 days",
        "whether there were {events} in the past 8 to 30 days (`past_8_30`)",
    ),
}
WAVE = re.compile(r"(sin|cos)([12])")
CATEGORY = re.compile(r"C\((\w+)\)\[.*\]")
SHAPES = {"sin": "sine", "cos": "cosine"}
WAVES = {"1": "yearly", "2": "half-yearly"}


def near(window: Window) -> str:
    """Return a window in words, to be followed by the name of the anchors.

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
    """Return a window in words, on its own.

    >>> short(Window(-14, 0)), short(Window(0, 1))
    ('14 days before', 'the day itself')
    """
    return "the day itself" if window == Window(0, 1) else near(window).removeprefix("the ")


def capital(text: str) -> str:
    """Return a text with its first letter in upper case, the rest unchanged.

    >>> capital("US-ROK summits"), capital("the day itself")
    ('US-ROK summits', 'The day itself')
    """
    return text[:1].upper() + text[1:]


def holds(words: str, condition: object) -> str:
    """Return hand-written words about results, having checked that the results support them.

    Raises
    ------
    ReportError
        If they do not: the words must then be rewritten.

    Examples
    --------
    >>> holds("most of them", 7 > 12 / 2)
    'most of them'
    """
    if not condition:
        raise ReportError(f"report: the results do not support {words!r}; write what they say")
    return words


def several(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    >>> several(["one"]), several(["one", "two", "three"])
    ('one', 'one, two and three')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def term_names(terms: Sequence[str]) -> dict[str, str]:
    """Return the terms of a fit by their names in tables, without the intercept and levels of categories.

    >>> term_names(["Intercept", "C(year)[T.2011]", "window", "sin2"])
    {'window': 'window', 'sin2': 'half-yearly wave, sine'}
    """
    found = {}
    for term in terms:
        if wave := WAVE.fullmatch(term):
            found[term] = f"{WAVES[wave[2]]} wave, {SHAPES[wave[1]]}"
        elif term != "Intercept" and not CATEGORY.fullmatch(term):
            found[term] = TERMS.get(term, (term, ""))[0]
    return found


def outside_mean(anchors: Events, window: Window, period: Period) -> str:
    """Return a sentence on anchors outside the period whose windows reach into it; nothing where there are none.

    >>> from eventstudy import Events
    >>> outside_mean(Events([5, 103], label="votes"), Window(-7, 0), Period(0, 100))
    ' Votes outside the period still cast their windows into it.'
    >>> outside_mean(Events([5, 107], label="votes"), Window(-7, 0), Period(0, 100))
    ''
    """
    if period.inside(window.reaching(anchors, period)).all():
        return ""
    return f" {capital(anchors.label)} outside the period still cast their windows into it."


def terms_mean(plan: StudyPlan, terms: Sequence[str]) -> str:
    """Return the terms of a fit in words: those of interest, and the controls.

    Raises
    ------
    PlanError
        If the fit has no term for the window of the study.
    """
    if "window" not in terms:
        raise PlanError(
            "plan: regression: formula: it has no term 'window', about which the study asks; add it"
        )
    labels = {"events": plan.events.label, "anchors": plan.anchors.label}
    asked = [TERMS[term][1].format(**labels) for term in ("window", "other_side") if term in terms]
    categories = dict.fromkeys(match[1] for term in terms if (match := CATEGORY.fullmatch(term)))
    fixed = [f"the {name} (`C({name})`)" for name in categories]
    for number, words in WAVES.items():
        if waves := [f"`{name}{number}`" for name in SHAPES if f"{name}{number}" in terms]:
            fixed.append(f"a {words} wave ({', '.join(waves)})")
    fixed += [TERMS[term][1].format(**labels) for term in ("past_7", "past_8_30") if term in terms]
    named = {*TERMS, "Intercept"}
    fixed += [
        f"`{term}`"
        for term in terms
        if term not in named and not WAVE.fullmatch(term) and not CATEGORY.fullmatch(term)
    ]
    said = f"The terms are {several(asked)}" if len(asked) > 1 else f"The term is {several(asked)}"
    return (
        f"{said}; the formula of the plan adds {several(fixed)}." if fixed else f"{said}, and nothing else."
    )


def errors_mean(plan: StudyPlan) -> str:
    """Return what the standard errors of the plan's regression allow for."""
    lags = plan.regression.max_lag
    correlation = f"for correlation over {lags} days" if lags else "not for correlation from day to day"
    return f"Standard errors allow for variance of any kind and {correlation}."


def truths_mean(truths: Sequence[TruthPlan]) -> str:
    """Return how the data without a link are made, for a note, as far as the plan uses it."""
    rhythm = Rhythm()
    peak = pd.Timestamp(2001, 1, 1) + pd.Timedelta(rhythm.peak - 1, "D")
    parts = [
        (
            "growth is that of the rate from the first to the last day of the period",
            [t.growth != 1 for t in truths],
        ),
        (f"the season's peak is in {peak.month_name()}", [t.season != 1 for t in truths]),
        (f"days of a burst lie within {rhythm.burst_days} days", [t.burst_size != 1 for t in truths]),
    ]
    said = "; ".join(words for words, asked in parts if any(asked))
    return f"{capital(said)}." if said else ""


def kinds_mean(truths: Sequence[TruthPlan]) -> str:
    """Return which series of the data without a link are real and which are simulated."""
    words = {
        "events": "the real series of events with placebo anchors",
        "anchors": "the real anchors with simulated events",
        "nothing": "both series simulated",
    }
    return several([words[kind] for kind in words if any(truth.real == kind for truth in truths)])


def curve_means(profile: ProfileResult) -> str:
    """Return whether the lag profile leaves its band, and where."""
    if not profile.outside.any():
        return "The curve stays inside the band."
    lags = zip(profile.edges[:-1][profile.outside], profile.edges[1:][profile.outside], strict=True)
    bins = [f"{a:+d}" if b - a == 1 else f"{a:+d} to {b - 1:+d}" for a, b in lags]
    return f"The curve leaves the band at the lags {', '.join(bins)}.".replace("-", MINUS)


def reach_means(name: str, reach: MinimumRatioResult, printed: object) -> str:
    """Return the rate ratio from which a test finds a link with the power of the plan."""
    if reach.ratio < float("inf"):
        return f"{name} finds a ratio of {printed} in {reach.power:.0%} of the series"
    most = reach.curve.ratios.max()
    return f"{name} finds even a ratio of {most:g}, the largest tried, in less than {reach.power:.0%} of the series"


def influence_means(results: Iterable[InfluenceResult], level: float) -> str:
    """Return whether leaving out one unit moves the p-value over the level, to either side."""
    crossing = []
    for found in results:
        pvalues = found.table["pvalue"].to_numpy()
        crosses = rejects(pvalues, level) != rejects(np.array(found.full.pvalue), level)
        moved = crosses & ~np.isnan(pvalues)  # nan: nothing is left to compare
        crossing += [str(name).removesuffix(" 00:00:00") for name in found.table.loc[moved, "left_out"]]
    if not crossing:
        return f"Whichever is left out, the primary p-value stays on its side of {level:g}."
    shown = ", ".join(crossing[:8]) + (f" and {len(crossing) - 8} others" if len(crossing) > 8 else "")
    return f"The primary p-value crosses {level:g} without {shown}: the answer depends on single ones."
