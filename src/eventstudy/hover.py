"""A figure of events around anchors that shows, under the pointer, each event and its distance."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import to_dates
from eventstudy.errors import OptionError
from eventstudy.events import Events, observed_period
from eventstudy.windows import Window, lagged_pairs

MIME = "application/vnd.eventstudy.hover+html"
MOST_MARKS = 3_000  # more would slow the page, and nobody points at each
HOW = "Point at a mark, touch it, or walk from mark to mark with the arrow keys."


@dataclass(frozen=True, slots=True)
class HoverFigure:
    """An interactive figure for the screen; Jupyter shows it, and an HTML report shows it in place of the printed one.

    Parameters
    ----------
    html : str
        A part of a page, with its own style and without script.
    about : str
        What it is, in a few words.
    """

    html: str = field(repr=False)
    about: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {MIME: self.html, "text/html": self.html, "text/plain": self.about}


def peri_anchor_raster(
    events: Events,
    anchors: Events,
    window: Window,
    *,
    lags: tuple[int, int],
    names: Sequence[str],
    event_names: Sequence[str] | None = None,
) -> HoverFigure:
    """Make an interactive version of `eventstudy.charts.peri_anchor_raster`: each mark says what it is.

    Under the pointer, by the arrow keys or at a touch, a mark shows the name of its event, its lag in days and the
    name of its anchor. It needs neither script nor network. With more than 3,000 marks it is empty, and a report shows
    the drawing of its cell instead.

    Parameters
    ----------
    events, anchors : Events
        Anchors outside the period of `events` are left out.
    window : Window
        Its lags are shaded; grey ends of a row lie outside the period.
    lags : tuple of int
        Half-open range of lags that is shown.
    names : sequence of str
        A name for each anchor inside the period, in order of time.
    event_names : sequence of str, optional
        A name for each event, in order of time; its date where it is left out.

    Raises
    ------
    OptionError
        If the range of lags is empty, or there are not as many names as anchors or events.
    """
    period = observed_period(events)
    shown = anchors.days[period.inside(anchors.days)]
    first, stop = lags
    if first >= stop:
        raise OptionError(
            f"peri_anchor_raster: lags {lags} hold no day; give the first and the one after the last"
        )
    texts = [f"{date:%Y-%m-%d}" for date in to_dates(events.days)] if event_names is None else event_names
    for what, given, needed in (("names", names, shown.size), ("event_names", texts, len(events))):
        if len(given) != needed:
            raise OptionError(
                f"peri_anchor_raster: {len(given)} {what} for {needed}; give one for each inside the period"
            )
    which, anchor, lag = lagged_pairs(events.days, shown, first, stop)
    about = f"{events.label} around {anchors.anchors_label}"
    if lag.size > MOST_MARKS:
        return HoverFigure("", f"{about}, {lag.size:,} marks: too many to point at")
    group = f"peri-{crc32(repr((about, lags, shown.tolist())).encode()):08x}"  # marks of one figure exclude each other
    rows = [
        _row(
            group,
            name,
            [
                (days, f"{texts[i]}: {_distance(days)} {name}")
                for i, days in zip(which[anchor == row].tolist(), lag[anchor == row].tolist(), strict=True)
            ],
            outside=[(first, min(period.start - day, stop)), (max(period.stop - day, first), stop)],
        )
        for row, (name, day) in enumerate(zip(names, shown.tolist(), strict=True))
    ]
    opens, shuts = (
        min(max(day - first, 0), stop - first) / (stop - first) for day in (window.start, window.stop)
    )
    style = (resources.files("eventstudy") / "hover.css").read_text(encoding="utf-8")
    page = (
        f"<style>{style}</style>\n"
        f'<div class="peri" style="--first: {first}; --span: {stop - first}; --opens: {opens:.3%}; '
        f'--shuts: {shuts:.3%}">\n'
        f"{_weeks(lag, lags, events.label)}\n"
        f'<div role="radiogroup" aria-label="{html.escape(about)}: which one, and how far away">\n'
        + "\n".join(rows)
        + f'\n</div>\n{_axis(lags)}\n<p class="how">{HOW}</p>\n</div>'
    )
    return HoverFigure(page, f"{about}, {lag.size} marks")


def _distance(lag: int) -> str:
    if lag == 0:
        return "on the day of"
    return f"{abs(lag)} day{'s' if abs(lag) > 1 else ''} {'before' if lag < 0 else 'after'}"


def _row(group: str, name: str, marks: Sequence[tuple[int, str]], outside: Sequence[tuple[int, int]]) -> str:
    """Return one anchor with its marks, by lag, and the ranges of lags that were not observed."""
    grey = "".join(f'<i class="out" style="--d: {a}; --n: {b - a}"></i>' for a, b in outside if b > a)
    dots = "".join(
        f'<input type="radio" name="{group}" style="--d: {lag}" aria-label="{html.escape(text)}">'
        for lag, text in marks
    )
    return f'<div class="row"><span class="who">{html.escape(name)}</span><span class="track">{grey}{dots}</span></div>'


def _weeks(lag: NDArray[np.int64], lags: tuple[int, int], label: str) -> str:
    """Return the bars of events by week, for whole weeks only; day 0 is on its own."""
    edges = np.concatenate([np.arange(0, lags[0] - 1, -7)[::-1], [1], np.arange(8, lags[1] + 1, 7)])
    counts, _ = np.histogram(lag, edges)
    highest = max(1, int(counts.max()))
    bars = "".join(
        f'<b class="bar" style="--d: {day}; --n: {days}; --h: {count / highest:.3f}">'
        f"<span>{count if days > 1 else ''}</span></b>"
        for day, days, count in zip(edges, np.diff(edges), counts, strict=False)
    )
    return (
        f'<div class="row" aria-hidden="true"><span class="who">{html.escape(label)}, by week</span>'
        f'<span class="track weeks">{bars}</span></div>'
    )


def _axis(lags: tuple[int, int]) -> str:
    step = next(
        (step for step in (1, 7, 14, 28, 91, 182, 364) if (lags[1] - lags[0]) / step < 10), lags[1] - lags[0]
    )
    ticks = range(-(-lags[0] // step) * step, lags[1], step)
    texts = [f"{tick:+d}".replace("-", "\u2212") if tick else "0" for tick in ticks]
    marks = "".join(f'<span style="--d: {d}">{text}</span>' for d, text in zip(ticks, texts, strict=True))
    track = f'<span class="track axis">{marks}</span>'
    return f'<div class="row" aria-hidden="true"><span class="who">days</span>{track}</div>'
