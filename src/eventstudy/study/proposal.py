"""A proposed plan for two series: period, null models and checks, from their dates alone.

The two series are not compared with each other here: a proposal must not depend on the result. Only whether there is
anything to compare is asked, and a study without is refused.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eventstudy.dates import date_text
from eventstudy.errors import PlanError
from eventstudy.events import Events, observed_period
from eventstudy.periods import Period
from eventstudy.questions import reaching
from eventstudy.strata import cut
from eventstudy.study.cautions import (
    FEWEST_YEARS,
    cautions_of_dates,
    cautions_of_numbers,
    cautions_of_strata,
    refuse_months,
    yearly,
)
from eventstudy.study.plan import Stratum
from eventstudy.windows import Window

FEWEST_DAYS = 180  # a shorter period has no two quarters to shift in
FEWEST_WINDOWS = 10  # fewest windows in a period; in a shorter one hardly any days are left to compare with
MOST_COVERED = 0.75  # largest share of the days; with more, hardly any are left to compare with
LONGEST_IN_MONTH = 31  # days of a window; a longer one leaves hardly a month with days on both sides
MOST_ANCHORS = 100  # that are left out one by one
PER_TERM = 8  # events for each term of a regression
RATIOS = (1.1, 1.25, 1.5, 2.0, 3.0)  # planted to see what could be found
MOST_BUSY = 0.85  # share of the days of a quarter that may have an event once more have been planted


@dataclass(frozen=True, slots=True)
class Null:
    """A null model of a plan.

    `option` is a line of the plan, such as ``by = "year"``; may be empty.
    """

    model: str
    option: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposed entries of a plan.

    - `strata`: those of the primary and of the second test.
    - `family`: the window, and shorter and longer ones.
    - `other_side`: as many days on the other side of the anchor.
    - `power_ratios`: those that the busiest quarter has room for, as a day counts once.
    - `leave_out`: what is left out one at a time.
    - `cautions`: possible weaknesses of the study, to be read before it is run.
    """

    period: Period
    period_why: str
    statistic: Literal["count", "excess"]
    strata: tuple[Stratum, Stratum]
    primary: Null
    second: Null
    naive: Null
    family: tuple[Window, ...]
    other_side: Window
    lags: tuple[int, int]
    bin_days: int
    formula: str
    shifts: tuple[int, ...]
    power_ratios: tuple[float, ...]
    leave_out: tuple[str, ...]
    cautions: tuple[str, ...]


def propose(
    events: Events,
    anchors: Events,
    window: Window,
    period: Period | None = None,
    *,
    today: datetime.date = datetime.date.max,
) -> Proposal:
    """Return a proposed plan for two series.

    - `events`, `anchors`: every row of the two files, without a period.
    - `period`: by default the whole calendar years that both series seem to cover.
    - `today`: no period is proposed that ends later: days to come have not been observed.

    Raises PlanError if the period is too short for the window, or no event or no window of an anchor lies in
    it.
    """
    chosen, why = (
        (period, "as given") if period is not None else propose_period(events, anchors, window, today=today)
    )
    _check(chosen, events, anchors, window)
    refuse_months(events)
    inside = events.within(chosen).distinct()
    reaching = np.unique(window.reaching(anchors, chosen))
    years = whole_years(chosen)
    strata: tuple[Stratum, Stratum] = (
        ("year", "quarter") if len(window) > LONGEST_IN_MONTH else ("quarter", "month")
    )
    exchanged = _can_exchange(years, anchors, chosen, window)
    if exchanged:
        _check_excess(inside, anchors, window, strata)
    primary, second = (_exchange(years, within) if exchanged else _shift(within) for within in strata)
    length = len(window)
    bin_days = max(1, round(length / 2))
    lags = bin_days * math.ceil(4 * length / bin_days)
    leave_out = (["year"] if years >= 3 else []) + (["anchor"] if 2 <= reaching.size <= MOST_ANCHORS else [])
    return Proposal(
        period=chosen,
        period_why=why,
        statistic="excess" if exchanged else "count",
        strata=strata,
        primary=primary,
        second=second,
        naive=Null(
            "UniformDays", "", "what is usually done; takes bursts and busy times for independent events"
        ),
        family=tuple(
            wide
            for wide in _family(window)
            if wide == window or wide.coverage(anchors, chosen) <= MOST_COVERED
        ),
        other_side=other_side(window),
        lags=(-lags, lags + 1),
        bin_days=bin_days,
        formula=_formula(years, len(inside), chosen, _leaves_days(window, anchors, chosen)),
        shifts=tuple(
            sign * step for sign in (-1, 1) for step in sorted((3 * length, 4 * length, 5 * length))
        ),
        power_ratios=_ratios(inside),
        leave_out=tuple(leave_out) or ("burst",),
        cautions=(
            *cautions_of_numbers(
                inside, reaching.size, window.coverage(anchors, chosen), anchors, chosen, window
            ),
            *cautions_of_dates(events, anchors, window),
            *cautions_of_strata(exchanged, strata, anchors, chosen, window),
        ),
    )


def propose_period(
    events: Events, anchors: Events, window: Window, *, today: datetime.date = datetime.date.max
) -> tuple[Period, str]:
    """Return the days that both series seem to cover, whole calendar years if there are two, and the reason."""
    for series in (events, anchors):
        if not len(series):
            raise PlanError(f"{series.label}: the file holds no date; a study needs at least one")
    ends = [_years(series) for series in (events, anchors)]
    first, stop = max(end[0] for end in ends), min(today.year, *(end[1] for end in ends))
    if stop - first >= 2:
        return (
            Period(datetime.date(first, 1, 1), datetime.date(stop, 1, 1)),
            "the whole calendar years that both files seem to cover",
        )
    reach = window.reaching(anchors, Period.from_days(int(events.days[0]), int(events.days[-1]) + 1))
    if not reach.size:
        raise PlanError(
            f"{anchors.label}: none lies near {date_text(events.days[0])} to {date_text(events.days[-1])}, when the "
            f"{events.label} happened; compare the files, or widen --window"
        )
    start = max(int(events.days[0]), int(anchors.days[0]) + min(window.start, 0))
    end = min(int(events.days[-1]), int(anchors.days[-1]) + max(window.stop - 1, 0)) + 1
    end = min(end, int(np.datetime64(today, "D").astype(np.int64)))
    if start >= end:
        raise PlanError(
            f"{events.label}: both files begin at {date_text(start)}, which has not come yet; give --period if that is "
            "meant"
        )
    return Period.from_days(start, end), "the days that both files span; no two whole calendar years"


def _years(series: Events) -> tuple[int, int]:
    """Return the first whole year that a series seems to cover and the year after the last one.

    An incomplete first year counts if the gap before its first event is no longer than the longest gap inside.
    """
    first, last = series.dates[0], series.dates[-1]
    silence = int(np.diff(series.days).max(initial=0))
    late = first.day_of_year - 1 > silence
    early = (datetime.date(last.year, 12, 31) - last.date()).days > silence
    return first.year + late, last.year + 1 - early


def whole_years(period: Period) -> int:
    """Return the number of calendar years in a period, 0 if they are not whole."""
    first, stop = period.dates[0], period.dates[-1] + datetime.timedelta(days=1)
    return int(stop.year - first.year) if first.day_of_year == 1 == stop.day_of_year else 0


def _check(period: Period, events: Events, anchors: Events, window: Window) -> None:
    need = max(FEWEST_DAYS, FEWEST_WINDOWS * len(window))
    if len(period) < need:
        raise PlanError(
            f"period: {period} has {len(period)} days, and a window of {len(window)} days needs {need} to compare "
            "with; bring longer tables, or narrow --window"
        )
    if len(window) > LONGEST_IN_MONTH and len(period) < 2 * 365:
        raise PlanError(
            f"period: {period} is shorter than two years, too short for a window of {len(window)} days; bring longer "
            f"tables, or a window of at most {LONGEST_IN_MONTH} days"
        )
    for series, there in (
        (events, period.inside(events.days).any()),
        (anchors, reaching(anchors, period, window)),
    ):
        if not there:
            raise PlanError(
                f"{series.label}: none lies in {period}; they run from {date_text(series.days[0])} to "
                f"{date_text(series.days[-1])}, so give another --period"
            )
    if window.coverage(anchors, period) == 1.0:
        raise PlanError(
            f"{anchors.label}: their windows cover every day of {period}, so there is no day outside to compare with; "
            "narrow --window"
        )


def _check_excess(events: Events, anchors: Events, window: Window, strata: tuple[Stratum, Stratum]) -> None:
    """Refuse a study in which no event can count, as none lies in a stratum with days inside and outside the window."""
    period = observed_period(events)
    for within in strata:
        share = cut(period, within).day_shares(window.indicator(anchors, period))
        if not (share * (1.0 - share))[events.days - period.start].any():
            raise PlanError(
                f"{events.label}: none lies in a {within} with days inside and days outside the window of "
                f"{anchors.label}, so there is nothing to compare inside {within}s; widen --window, or bring more dates"
            )


def _can_exchange(years: int, anchors: Events, period: Period, window: Window) -> bool:
    """Tell whether there are enough whole years to exchange, with windows that differ in enough of them."""
    inside = window.indicator(anchors, period).astype(bool)
    reached = len(np.unique(period.dates[inside].year)) if years else 0
    return reached >= FEWEST_YEARS and not yearly(anchors, period, window)


def _exchange(years: int, within: Stratum) -> Null:
    return Null(
        "CalendarPermutation",
        'by = "year"',
        f"keeps season and bursts of both series; there are {years} whole years to exchange; growth cancels in the "
        f"excess inside each {within}",
    )


def _shift(within: Stratum) -> Null:
    return Null(
        "CircularShift",
        f'within = "{within}"',
        f"keeps the number of events of each {within}, so trend and season from one to the next, and bursts but where "
        f"a {within} ends",
    )


def other_side(window: Window) -> Window:
    """Return as many days on the other side of the anchor, or right after a window on both sides of it."""
    if window.stop <= 0:
        return Window(1 - window.stop, 1 - window.start)
    if window.start >= 0:
        return Window(-window.stop, 0) if window.start == 0 else Window(1 - window.stop, 1 - window.start)
    return Window(window.stop, window.stop + len(window))


def _family(window: Window) -> tuple[Window, ...]:
    """Return the window with shorter and longer ones that begin, or end, equally close to the anchor."""
    found = []
    for factor in (0.25, 0.5, 1, 1.5, 2, 3):
        length = max(1, round(factor * len(window)))
        if window.stop <= 0:
            found.append(Window(window.stop - length, window.stop))
        elif window.start >= 0:
            found.append(Window(window.start, window.start + length))
        else:
            start = min(0, round(factor * window.start))
            found.append(Window(start, max(start + 1, round(factor * window.stop))))
    return tuple(dict.fromkeys(found))


def _ratios(events: Events) -> tuple[float, ...]:
    """Return the rate ratios that can be planted: enough days without an event must be left."""
    strata = cut(observed_period(events), "quarter")
    busy = np.bincount(strata.index(events.days), minlength=len(strata)) / strata.lengths
    busiest = float(busy[strata.lengths > 45].max())  # an incomplete quarter is uninformative
    room = tuple(ratio for ratio in RATIOS if ratio * busiest <= MOST_BUSY)
    if not room:
        raise PlanError(
            f"{events.label}: in the busiest quarter {busiest:.0%} of the days have one, so there is hardly a day "
            "without to compare with; choose rarer ones, by another file or the entry `where` of the plan"
        )
    return room[-4:]


def _leaves_days(window: Window, anchors: Events, period: Period) -> bool:
    """Tell whether a window and the one on the other side leave days that are in neither, to compare with."""
    sides = (window, other_side(window))
    return float(np.any([side.indicator(anchors, period) for side in sides], axis=0).mean()) <= MOST_COVERED


def _formula(years: int, n_events: int, period: Period, both_sides: bool) -> str:
    """Return a formula with as many terms as the number of events allows."""
    room = n_events // PER_TERM - 2
    terms = ["window", "other_side"] if both_sides else ["window"]
    n_years = len(np.unique(period.dates.year))
    if len(period) >= 2 * 365 and room >= 2:
        terms += ["sin1", "cos1"]
        room -= 2
        if n_years >= 2 and room >= n_years - 1:
            terms.append("C(year)")
            room -= n_years - 1
    if room >= 2:
        terms += ["past_7", "past_8_30"]
    return "count ~ " + " + ".join(terms)
