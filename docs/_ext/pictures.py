"""Pictures of the ideas, drawn by the package's own null models and windows on a small example."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import pyplot as plt

import eventstudy as es
from eventstudy.draw import EVENTS, OBSERVED, REFERENCE
from eventstudy.figures import ANCHORS, WIDTH
from eventstudy.strata import cut

PERIOD = es.Period("2021-01-01", "2024-01-01")
WINDOW = es.Window.before(14)
# more events from year to year, most of them in autumn, in bursts; so are the anchors
STRIKES = es.Events(
    [
        "2021-03-10", "2021-09-20", "2021-10-04", "2021-10-09",
        "2022-02-15", "2022-05-21", "2022-09-12", "2022-09-17", "2022-10-01", "2022-10-05", "2022-10-10", "2022-11-20",
        "2023-01-18", "2023-03-09", "2023-03-14", "2023-05-30", "2023-06-20", "2023-08-25", "2023-09-03", "2023-09-08",
        "2023-09-13", "2023-09-28", "2023-10-06", "2023-10-11", "2023-10-16", "2023-12-08",
    ],
    PERIOD,
    "strikes",
)  # fmt: skip
ELECTIONS = es.Events(
    ["2021-10-12", "2022-05-26", "2022-10-08", "2023-03-20", "2023-09-15", "2023-10-20"], label="elections"
)


def draws(null: es.NullModel, period: es.Period = PERIOD, *, size: int = 5, rng: int = 3) -> None:
    """Draw the strikes and some draws of a null model, a row each, with the number in the windows at the right.

    `period`: for a null model that needs another one than the three years, such as whole weeks.
    """
    strikes = STRIKES.within(period)
    rows = [strikes.days, *null.fitted(strikes, ELECTIONS).sample(strikes, ELECTIONS, rng=rng, size=size)]
    _, ax = plt.subplots(figsize=(WIDTH, 2.1), layout="constrained")
    shade(ax, WINDOW, ELECTIONS, period)
    count = es.WindowCount(WINDOW)
    for place, days in enumerate(rows):
        known = days[period.inside(days)]  # a draw with fewer events is filled up
        ax.vlines(
            known - period.start + 0.5,
            place - 0.34,
            place + 0.34,
            color=EVENTS if place else OBSERVED,
            lw=1.1,
        )
        ax.text(len(period) + 8, place, f"{int(count(days, ELECTIONS))}", va="center")
    ax.text(len(period) + 8, -0.95, "in the\nwindows", va="bottom", fontsize="small", linespacing=0.9)
    strata = cut(period, "year")
    years = strata.edges - period.start
    ax.vlines(years, -0.5, len(rows) - 0.5, color=REFERENCE, lw=0.6, ls=":")
    ax.axhline(0.5, color=REFERENCE, lw=0.6)
    ax.set_yticks(range(len(rows)), ["observed", *(f"draw {number}" for number in range(1, len(rows)))])
    ax.set_xticks((years[:-1] + years[1:]) / 2, [label[:4] for label in strata.labels])
    ax.set(xlim=(0, len(period)), ylim=(len(rows) - 0.5, -0.5))
    ax.tick_params(length=0)
    ax.spines[["left", "top", "right"]].set_visible(False)


def shade(ax: Any, window: es.Window, anchors: es.Events, period: es.Period) -> None:
    """Shade the days of a period that lie in the window of at least one anchor."""
    inside = np.pad(window.indicator(anchors, period), 1)
    for first, stop in zip(
        np.flatnonzero(np.diff(inside) > 0), np.flatnonzero(np.diff(inside) < 0), strict=True
    ):
        ax.axvspan(first, stop, color=ANCHORS, alpha=0.35, lw=0)


def time_line(events: es.Events, anchors: es.Events, window: es.Window) -> None:
    """Draw a short period day by day: events, anchors, the window of each anchor, and their union."""
    period = events.period
    _, ax = plt.subplots(figsize=(WIDTH, 1.9), layout="constrained")
    shade(ax, window, anchors, period)
    for number, day in enumerate(anchors.days):
        place = 1.05 + 0.62 * (number % 2)
        ax.plot(
            [day + window.start, day + window.stop],
            [place, place],
            color=ANCHORS,
            lw=5,
            solid_capstyle="butt",
        )
        ax.plot(day + 0.5, place, "D", color=ANCHORS, mec="black", mew=0.6, ms=6)
        ax.text(day + 1.4, place, f"anchor, day {day}", va="center", fontsize="small")
    ax.vlines(events.days + 0.5, -0.3, 0.45, color=EVENTS, lw=2)
    for day in events.days:
        ax.text(day + 0.5, -0.4, f"{day}", ha="center", va="top", fontsize="small", color=EVENTS)
    ax.set(xlim=(period.start, period.stop), ylim=(-1.0, 2.2), xlabel="day of the period")
    ax.set_yticks([0.05, 1.36], ["events", "anchors and\ntheir windows"])
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "top", "right"]].set_visible(False)


def which_test() -> None:
    """Draw the three questions that lead from dates to a test."""
    _, ax = plt.subplots(figsize=(WIDTH, 3.0), layout="constrained")
    boxes = (  # left, top, text, colour of the border
        (0.0, 0.0, "Do you know the days,\nnot only weeks or months?", REFERENCE),
        (0.0, 1.2, "Six whole years or more, with anchors\nthat move from year to year?", REFERENCE),
        (0.56, 0.0, "count by month:\nregression of count_table(freq='M')", REFERENCE),
        (0.56, 1.2, "shifts inside quarters, plain count;\nthe same inside months", OBSERVED),
        (0.0, 2.4, "years exchanged, excess inside quarters;\nthe same inside months", OBSERVED),
        (0.56, 2.4, "supported: both p at most 0.05;\nnot supported: both reject 1.5 or more", EVENTS),
    )
    for left, top, text, colour in boxes:
        ax.add_patch(plt.Rectangle((left, top), 0.44, 0.7, fill=False, ec=colour, lw=1.2))
        ax.text(left + 0.22, top + 0.35, text, ha="center", va="center", fontsize="small")
    for start, stop, text in (
        ((0.22, 0.7), (0.22, 1.2), "yes"),
        ((0.44, 0.35), (0.56, 0.35), "no"),
        ((0.22, 1.9), (0.22, 2.4), "yes"),
        ((0.44, 1.55), (0.56, 1.55), "no"),
        ((0.44, 2.75), (0.56, 2.75), ""),
        ((0.78, 1.9), (0.78, 2.4), ""),
    ):
        ax.annotate("", stop, start, arrowprops={"arrowstyle": "->", "color": REFERENCE, "lw": 1.0})
        middle = (start[0] + stop[0]) / 2, (start[1] + stop[1]) / 2
        along = start[1] == stop[1]
        ax.annotate(text, middle, (0, 4) if along else (5, 0), textcoords="offset points",
                    ha="center" if along else "left", va="bottom" if along else "center", fontsize="small")  # fmt: skip
    ax.set(xlim=(-0.01, 1.01), ylim=(3.15, -0.05))
    ax.axis("off")
