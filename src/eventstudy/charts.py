"""Figures of events around anchors, and of several results side by side, for papers."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from eventstudy import draw
from eventstudy.dates import to_dates
from eventstudy.errors import OptionError, ReachError
from eventstudy.events import Events, observed_period
from eventstudy.figures import ANCHORS, WIDTH
from eventstudy.results.growth import GrowthResult
from eventstudy.results.influence import InfluenceResult
from eventstudy.results.pauses import PauseResult
from eventstudy.results.permutation import PermutationResult
from eventstudy.results.power import PowerResult
from eventstudy.results.rates import RateRatioResult
from eventstudy.results.verdicts import VerdictCurveResult
from eventstudy.strata import cut
from eventstudy.windows import Window, checked_window, lagged_pairs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
TALLEST = 6.6  # inches of rows in one figure
MONTH_STARTS = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])


@draw.as_written
def timeline(
    events: Events, anchors: Events, window: Window, *, totals: str = "total", ax: Axes | None = None
) -> Figure:
    """Draw a row for each year: ticks for events, diamonds for anchors, bars for the window's days.

    Parameters
    ----------
    events, anchors : Events
        Anchors outside the period of `events` are left out.
    window : Window
    totals : str, default "total"
        Heading above the numbers of events at the right.
    ax : Axes, optional
        Where to draw; a new figure of the height that the years need if left out.

    Returns
    -------
    Figure
        That of the axes.
    """
    period = observed_period(events)
    checked_window(window, "timeline")
    years = cut(period, "year")
    shared = ax is not None
    ax = draw.axes_or_new(ax, figsize=(WIDTH, 0.27 * len(years) + 0.8))
    first_of_year = to_dates(years.edges[:-1])
    offset = first_of_year.day_of_year.to_numpy() - 1  # the first year may be incomplete
    names = first_of_year.year.to_numpy()

    exposed = period.days[window.indicator(anchors, period).astype(bool)]
    starts = exposed[np.diff(exposed, prepend=exposed[:1] - 2) > 1]
    stops = exposed[np.diff(exposed, append=exposed[-1:] + 2) > 1] + 1
    parts = np.unique(np.concatenate([starts, years.edges[1:-1][np.isin(years.edges[1:-1], exposed)]]))
    ends = np.minimum(stops[np.searchsorted(stops, parts, side="right")], years.edges[years.index(parts) + 1])
    row = years.index(parts)
    left = parts - years.edges[row] + offset[row]
    ax.barh(row, ends - parts, left=left, height=0.86, color=ANCHORS, alpha=0.32, lw=0, label=f"{window}")

    row = years.index(events.days)
    ax.vlines(
        events.days - years.edges[row] + offset[row] + 0.5, row - 0.33, row + 0.33, color=draw.EVENTS, lw=1.1,
        label=events.label,
    )  # fmt: skip
    shown = anchors.days[period.inside(anchors.days)]
    row = years.index(shown)
    ax.plot(
        shown - years.edges[row] + offset[row] + 0.5, row, "D", ms=4.6, color=ANCHORS, mec="black", mew=0.6,
        label=anchors.anchors_label,
    )  # fmt: skip
    numbers = np.bincount(years.index(events.days), minlength=len(years))
    for place, total in enumerate(numbers):
        ax.text(369, place, f"{total}", va="center", ha="left", color=draw.EVENTS)
    ax.text(369, -0.75, totals, va="center", ha="left", color=draw.EVENTS)
    ax.set(xlim=(0, 366), ylim=(len(years) - 0.4, -0.6))
    ax.set_xticks(MONTH_STARTS, MONTHS, ha="left")
    ax.set_yticks(np.arange(len(years)), names)
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "top", "right"]].set_visible(False)
    if shared:
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.02), ncols=3, handlelength=1.4, frameon=False)
    else:
        # letters that a line has no room for
        long = len(events.label) + len(anchors.anchors_label) + len(str(window)) > 70
        ax.figure.legend(loc="outside upper left", ncols=1 if long else 3, handlelength=1.4)
    return cast("Figure", ax.figure)


@draw.as_written
def peri_anchor_raster(
    events: Events,
    anchors: Events,
    window: Window,
    *,
    lags: tuple[int, int],
    names: Sequence[str],
    ax: Axes | None = None,
) -> Figure:
    """Draw a row for each anchor with every event at its lag, and their number by week above.

    Parameters
    ----------
    events, anchors : Events
        Anchors outside the period of `events` are left out.
    window : Window
        Its lags are shaded; grey ends of a row lie outside the period.
    lags : tuple of int
        Half-open range of lags that is drawn.
    names : sequence of str
        A name for each anchor inside the period, in order of time. Where there are more anchors than lines on a page,
        only some names stand beside the rows.
    ax : Axes, optional
        Its place is cut in two for the rows and the bars above them; a new figure as tall as the rows need if left
        out.

    Returns
    -------
    Figure
        That of the axes.

    Raises
    ------
    OptionError
        If `ax` stands in no grid, so that its place cannot be cut.
    ReachError
        If no anchor lies in the period.
    """
    period = observed_period(events)
    checked_window(window, "peri_anchor_raster")
    shown = anchors.days[period.inside(anchors.days)]
    if not shown.size:
        raise ReachError(
            f"peri_anchor_raster: none of the {anchors.anchors_label} lies in {period}; give anchors of that time"
        )
    _, row, lag = lagged_pairs(events.days, shown, *lags)
    pitch = min(0.155, TALLEST / max(1, shown.size))  # inches
    top, ax = _two_panels(ax, (WIDTH, pitch * shown.size + 1.7), pitch * shown.size / 0.85)
    edges = np.concatenate([np.arange(0, lags[0] - 1, -7)[::-1], [1], np.arange(8, lags[1] + 1, 7)])
    counts, _ = np.histogram(lag, edges)
    top.bar(edges[:-1], counts, np.diff(edges), align="edge", color=draw.EVENTS, edgecolor="white", lw=0.6)
    top.set_title(f"{events.label} by week", loc="left", fontsize="medium", fontweight="normal")
    for axes in (top, ax):
        axes.axvspan(window.start, window.stop, color=ANCHORS, alpha=0.3, lw=0, zorder=0)
        axes.axvline(0.5, color=draw.REFERENCE, lw=0.8, ls=":")
        axes.spines[["top", "right"]].set_visible(False)
    ax.hlines(np.arange(shown.size), lags[0], lags[1], color="#E8E8E8", lw=0.5, zorder=0)
    ax.plot(lag + 0.5, row, "o", ms=min(3.0, 25.0 * pitch), color=draw.EVENTS)
    rows = np.arange(shown.size)
    ax.hlines(rows, lags[0], np.maximum(period.start - shown, lags[0]), color=draw.NULL, lw=4, zorder=1)
    ax.hlines(rows, np.minimum(period.stop - shown, lags[1]), lags[1], color=draw.NULL, lw=4, zorder=1)
    named = slice(None, None, math.ceil(0.1 / pitch))  # a line of letters is a tenth of an inch high
    ax.set_yticks(rows[named], list(names)[named], fontsize=6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set(ylim=(shown.size - 0.4, -0.6), xlim=lags)
    step = next(days for days in (1, 2, 7, 14, 28) if lags[1] - lags[0] <= 16 * days or days == 28)
    ticks = np.arange(-(-lags[0] // step) * step, lags[1], step)
    ax.set_xticks(ticks + 0.5, [f"{tick:+d}".replace("-", "−") if tick else "0" for tick in ticks])
    ax.set_xlabel(f"days from {anchors.anchors_label}: before (\u2212) and after (+)")
    return cast("Figure", ax.figure)


def _two_panels(ax: Axes | None, size: tuple[float, float], ratio: float) -> tuple[Axes, Axes]:
    """Return two axes on one scale, the lower `ratio` times as tall as the upper, in place of `ax` or anew."""
    import matplotlib.pyplot as plt

    if ax is None:
        _, (top, below) = plt.subplots(
            2, 1, sharex=True, figsize=size, layout="constrained", height_ratios=[1, ratio]
        )
        return top, below
    place = ax.get_subplotspec()
    if place is None:
        raise OptionError(
            "peri_anchor_raster: ax stands in no grid; make it with plt.subplots or subplot_mosaic"
        )
    grid = place.subgridspec(2, 1, height_ratios=(1, ratio))
    ax.set_subplotspec(grid[1])
    top = ax.figure.add_subplot(grid[0], sharex=ax)
    top.tick_params(axis="x", labelbottom=False)
    return top, ax


@draw.as_written
def null_panels(results: Mapping[str, PermutationResult]) -> Figure:
    """Draw one panel for each test: its null distribution with the observed and the expected value.

    Panels of one unit have one scale, and its name stands below them once.
    """
    import matplotlib.pyplot as plt
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import MaxNLocator

    apart = ConstrainedLayoutEngine(wspace=0.04)  # so that labels at the ends of two axes do not touch
    figure, axes = plt.subplots(
        1, len(results), figsize=(WIDTH, 2.3), sharey=True, layout=apart, squeeze=False
    )
    panels: dict[str, list[Axes]] = {}
    heights = []
    for ax, (title, result) in zip(axes[0], results.items(), strict=True):
        result.plot(ax)
        heights.append(ax.get_ylim()[1])
        ax.set_title(title)
        ax.label_outer()
        ax.xaxis.set_major_locator(MaxNLocator(4))
        panels.setdefault(ax.get_xlabel(), []).append(ax)
    for unit, alike in panels.items():
        ends = np.array([ax.get_xlim() for ax in alike])
        for ax in alike:
            ax.set_xlim(ends[:, 0].min(), ends[:, 1].max())
            tail = ax.get_lines()[0]
            tail.set_xdata(np.where(np.isin(tail.get_xdata(), ends), ax.get_xlim(), tail.get_xdata()))
            ax.set_xlabel("" if len(panels) == 1 else "\n".join(textwrap.wrap(unit, 110 // len(results) - 6)))
    if len(panels) == 1:
        figure.supxlabel(next(iter(panels)), fontsize="medium")  # it may be wider than a panel
    axes[0, 0].set_ylim(0, max(heights))
    return figure


@draw.as_written
def power_and_verdicts(
    curves: Mapping[str, PowerResult], verdicts: VerdictCurveResult, *, power: float
) -> Figure:
    """Draw power curves in one panel, with a line at the wanted power, and the share of each verdict beside it."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 2.7), layout="constrained")
    for number, (name, curve) in enumerate(curves.items()):
        draw.power_curve(
            left,
            curve.ratios,
            curve.power,
            curve.low,
            curve.high,
            level=curve.level,
            number=number,
            label=name,
        )
    left.axhline(power, color=draw.REFERENCE, lw=0.9, ls="--")
    left.set_xlabel("planted rate ratio in the window")
    left.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(curves), handlelength=1.4, columnspacing=1.0
    )
    verdicts.plot(right)
    return figure


@draw.as_written
def influence_panels(results: Mapping[str, InfluenceResult], *, height: float) -> Figure:
    """Draw the ratio or statistic with each unit left out: a titled panel for each kind of unit, all on one scale."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(results), figsize=(WIDTH, height), sharex=True, layout="constrained", squeeze=False
    )
    for ax, (title, result) in zip(axes[0], results.items(), strict=True):
        result.plot(ax)
        ax.set_title(title)
        ax.set_xlabel(result.measure_label)
    return figure


@draw.as_written
def rate_ratios(results: Mapping[str, RateRatioResult]) -> Figure:
    """Draw a rate ratio with its interval for each result, the first on top."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(WIDTH, 0.3 * len(results) + 0.8), layout="constrained")
    draw.ratio_intervals(
        ax,
        [f"{name}\n{result.count_inside} of {result.count_inside + result.count_outside} {result.events_label}"
         for name, result in results.items()],
        *(np.array([getattr(result, name) for result in results.values()]) for name in ("ratio", "low", "high")),
    )  # fmt: skip
    ax.set_xlabel("rate inside the window / rate outside")
    return figure


@draw.as_written
def pause_panels(results: Mapping[str, PauseResult]) -> Figure:
    """Draw one panel for each period: the share of pauses of each length or more, and the pause in question."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(results), figsize=(WIDTH, 2.3), sharex=True, sharey=True, layout="constrained", squeeze=False
    )
    for ax, (title, result) in zip(axes[0], results.items(), strict=True):
        result.plot(ax)
        ax.set_title(title, pad=18)  # above the length, which stands on the axes
        ax.label_outer()
    return figure


@draw.as_written
def growth_and_kinds(growth: GrowthResult, kinds: pd.DataFrame) -> Figure:
    """Draw the numbers by year with their trend, and below them a number for each kind and year.

    Parameters
    ----------
    growth : GrowthResult
    kinds : DataFrame
        As :func:`eventstudy.measures.growth.days_by_year` returns it, over the same years.
    """
    import matplotlib.pyplot as plt

    figure, (top, ax) = plt.subplots(
        2, 1, figsize=(WIDTH, 0.22 * len(kinds) + 2.3), sharex=True, layout="constrained",
        height_ratios=[1.5, 0.22 * len(kinds)],
    )  # fmt: skip
    growth.plot(top)
    counts = kinds.to_numpy()
    years = kinds.columns.to_numpy(int)
    largest = max(1, int(counts.max()))
    row, column = np.nonzero(counts)
    found = counts[row, column]
    ax.scatter(years[column], row, s=60 + 260 * found / largest, color="#DCDCDC", lw=0)
    for x, y, number in zip(years[column], row, found, strict=True):
        ax.text(x, y, f"{number}", ha="center", va="center", fontsize="small")
    ax.set_yticks(np.arange(len(kinds)), kinds.index.tolist())
    ax.set(ylim=(len(kinds) - 0.4, -0.6), xlim=(years[0] - 0.6, years[-1] + 0.6))
    ax.set_xticks(years)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return figure
