"""A proposed plan for two series: period, null models and checks, from their dates alone.

The two series are not compared with each other here: a proposal must not depend on the result.
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
from eventstudy.numeric.excess import day_shares
from eventstudy.periods import Period
from eventstudy.strata import cut
from eventstudy.study.plan import Stratum
from eventstudy.windows import Window

FEWEST_DAYS = 180  # a shorter period has no two quarters to shift in
FEWEST_WINDOWS = 10  # fewest windows in a period; in a shorter one hardly any days are left to compare with
MOST_COVERED = 0.75  # largest share of the days; with more, hardly any are left to compare with
FEWEST_YEARS = 6  # with windows, to exchange: 6! = 720 ways
LONGEST_IN_MONTH = 31  # days of a window; a longer one leaves hardly a month with days on both sides
LITTLE = 0.3  # share of the information that strata must leave; below it there is a caution
FEWEST_DATES = 12  # with this many it is no coincidence that all are the first of a month
ALIKE = 0.5  # share of the days of a year's windows that other years share
MOST_ANCHORS = 100  # that are left out one by one
PER_TERM = 8  # events for each term of a regression
RATIOS = (1.1, 1.25, 1.5, 2.0, 3.0)  # planted to see what could be found
MOST_BUSY = 0.85  # share of the days of a quarter that may have an event once more have been planted


@dataclass(frozen=True, slots=True)
class Null:
    """A null model of a plan.

    Attributes
    ----------
    model, option, why : str
        ``option`` is a line of the plan, such as ``by = "year"``; may be empty.
    """

    model: str
    option: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposed entries of a plan.

    Attributes
    ----------
    period : Period
    period_why : str
    statistic : {"count", "excess"}
    strata : tuple of str
        Those of the primary and of the second test.
    primary, second, naive : Null
    family : tuple of Window
        The window, and shorter and longer ones.
    other_side : Window
        As many days on the other side of the anchor.
    lags : tuple of int
    bin_days : int
    formula : str
    shifts : tuple of int
    power_ratios : tuple of float
        Those that the busiest quarter has room for, as a day counts once.
    leave_out : tuple of str
        What is left out one at a time.
    cautions : tuple of str
        Possible weaknesses of the study, to be read before it is run.
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

    Parameters
    ----------
    events, anchors : Events
        Every row of the two files, without a period.
    window : Window
    period : Period, optional
        By default the whole calendar years that both series seem to cover.
    today : datetime.date, optional
        No period is proposed that ends later: days to come have not been observed.

    Raises
    ------
    PlanError
        If the period is too short for the window, or no event or no window of an anchor lies in it.
    """
    chosen, why = (
        (period, "as given") if period is not None else propose_period(events, anchors, window, today=today)
    )
    _check(chosen, events, anchors, window)
    _refuse_months(events)
    inside = events.within(chosen).distinct()
    reaching = np.unique(window.reaching(anchors, chosen))
    years = whole_years(chosen)
    strata: tuple[Stratum, Stratum] = (
        ("year", "quarter") if len(window) > LONGEST_IN_MONTH else ("quarter", "month")
    )
    exchanged = _can_exchange(years, anchors, chosen, window)
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
            *_cautions(inside, reaching.size, window.coverage(anchors, chosen), anchors, chosen, window),
            *_cautions_of_dates(events, anchors, window),
            *_cautions_of_strata(exchanged, strata, anchors, chosen, window),
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
    if not period.inside(events.days).any():
        raise PlanError(
            f"{events.label}: none lies in {period}; they run from {date_text(events.days[0])} to "
            f"{date_text(events.days[-1])}, so give another --period"
        )
    if not window.reaching(anchors, period).size:
        raise PlanError(
            f"{anchors.label}: none lies in {period}; they run from {date_text(anchors.days[0])} to "
            f"{date_text(anchors.days[-1])}, so give another --period"
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


def yearly(anchors: Events, period: Period, window: Window) -> bool:
    """Tell whether anchors come at nearly the same time every year, so that exchanging years changes little."""
    inside = window.indicator(anchors, period).astype(bool)
    dates = period.dates[inside]
    days = dates.day_of_year.to_numpy()
    years = len(np.unique(dates.year))
    if years < 2:
        return False
    shared = (
        np.bincount(days, minlength=367)[days] - 1
    )  # other years in which this day of the year is in a window
    expected = window.coverage(anchors, period) * (years - 1)
    possible = years - 1 - expected
    return bool(possible > 0 and (shared.mean() - expected) / possible > ALIKE)


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


def _cautions(
    inside: Events, reaching: int, coverage: float, anchors: Events, period: Period, window: Window
) -> list[str]:
    found = []
    if len(inside) > 0.3 * len(period):
        found.append(
            f"{len(inside) / len(period):.0%} of the days have an event, and a day counts once however many it has: "
            "rarer events tell more"
        )
    if len(inside) < 20:
        found.append(
            f"only {len(inside)} days with an event lie in the period: only a very strong link could show"
        )
    if reaching < 10:
        found.append(
            f"only {reaching} anchors reach into the period: one or two of them can carry the answer"
        )
    if coverage > 0.5:
        found.append(
            f"the windows cover {coverage:.0%} of the days: most days are in one, so a shorter window tells more"
        )
    if yearly(anchors, period, window):
        found.append(
            "the anchors come at nearly the same time of every year: if the events have a season, no test of dates "
            "alone can tell it from a link"
        )
    return found


def _refuse_months(events: Events) -> None:
    """Refuse events of which only the month is known: their days cannot be placed in or outside a window."""
    if _monthly(events):
        raise PlanError(
            f"{events.label}: every date is the first or the last day of a month, so these look like months and not "
            "days, and a test of days cannot use them; bring the days, or count by month: eventstudy regress "
            "--freq M"
        )


def _monthly(series: Events) -> bool:
    days = np.unique(series.days)
    dates = series.dates
    return days.size >= FEWEST_DATES and bool((dates.day == 1).all() or dates.is_month_end.all())


def _weekday(series: Events) -> str | None:
    """Return the weekday on which all dates of a series fall, if there is one."""
    names = series.dates.day_name().unique()
    return str(names[0]) if len(names) == 1 and np.unique(series.days).size >= FEWEST_DATES else None


def _cautions_of_dates(events: Events, anchors: Events, window: Window) -> list[str]:
    """Say if dates look like weeks or months instead of days, and what can be done."""
    found = []
    weekdays = [_weekday(series) for series in (events, anchors)]
    for series, day in zip((events, anchors), weekdays, strict=True):
        if day is not None:
            found.append(
                f"every date of {series.label} is a {day}: if these are weeks and not days, each is up to six days "
                "off; bring the days, or take a window of whole weeks and call the answer one of weeks"
            )
    if all(weekdays) and len(window) % 7:
        found.append(
            f"both series keep to one weekday, a rhythm that no stratum takes out: a window of {len(window)} days "
            "holds some weekdays more often than others; take one of whole weeks, such as 7 or 14 days"
        )
    if _monthly(anchors):
        found.append(
            f"every date of {anchors.label} is the first or the last day of a month: if these are months and not days, "
            "bring the days; if they are days, a rhythm of the events inside the month cannot be told from a link"
        )
    return found


def _cautions_of_strata(
    exchanged: bool, strata: tuple[Stratum, Stratum], anchors: Events, period: Period, window: Window
) -> list[str]:
    """Say where the tests with these strata are not valid, or have little to compare."""
    found = []
    if not exchanged:
        found.append(
            f"there are no {FEWEST_YEARS} whole years with windows that differ, so events are shifted inside each "
            f"{strata[0]}: that holds under growth, season and bursts, but not where both series crowd at the same end "
            f"of a {strata[0]}, such as the end of the year, or rise together for some weeks"
        )
    if strata[0] == "year":
        found.append(
            f"a window of {len(window)} days is too long to be compared inside months: with years and quarters growth "
            "and season together are not taken out in full"
        )
    inside = window.indicator(anchors, period)
    whole = window.coverage(anchors, period)
    for within in strata:
        share = day_shares(inside, cut(period, within).edges - period.start)
        left = float((share * (1.0 - share)).mean() / (whole * (1.0 - whole))) if whole < 1.0 else 0.0
        if left < LITTLE:
            found.append(
                f"inside each {within} only {left:.0%} is left of what there is to compare, as windows fill most of "
                f"the {within}s that they touch: only a strong link could show; a shorter window tells more"
            )
    return found
