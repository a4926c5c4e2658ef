"""What to know about two series before a proposed plan is used: few dates, weeks or months, strata that leave little.

Like the proposal, these look at the dates of each series and never compare events with anchors.
"""

from __future__ import annotations

import numpy as np

from eventstudy.errors import PlanError
from eventstudy.events import Events
from eventstudy.periods import Period
from eventstudy.strata import cut
from eventstudy.study.plan import Stratum
from eventstudy.windows import Window

FEWEST_YEARS = 6  # with windows, to exchange: 6! = 720 ways
LITTLE = 0.3  # share of the information that strata must leave; below it there is a caution
FEWEST_DATES = 12  # with this many it is no coincidence that all are the first of a month
ALIKE = 0.5  # share of the days of a year's windows that other years share


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


def cautions_of_numbers(
    inside: Events, reaching: int, coverage: float, anchors: Events, period: Period, window: Window
) -> list[str]:
    """Say if events or anchors are too few or too many, or come at one time of the year."""
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


def refuse_months(events: Events) -> None:
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


def cautions_of_dates(events: Events, anchors: Events, window: Window) -> list[str]:
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


def cautions_of_strata(
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
        share = cut(period, within).day_shares(inside)
        left = float((share * (1.0 - share)).mean() / (whole * (1.0 - whole))) if whole < 1.0 else 0.0
        if left < LITTLE:
            found.append(
                f"inside each {within} only {left:.0%} is left of what there is to compare, as windows fill most of "
                f"the {within}s that they touch: only a strong link could show; a shorter window tells more"
            )
    return found
