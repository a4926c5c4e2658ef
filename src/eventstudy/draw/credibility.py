"""Power, levels, specifications and influence."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eventstudy.draw.axes import EVENTS, NULL, OBSERVED, REFERENCE, SERIES, plain_log_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def power_curve(
    ax: Axes,
    ratios: NDArray[np.float64],
    power: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    *,
    level: float,
    number: int = 0,
    label: str | None = None,
) -> None:
    """Draw power with its band against ratios on a logarithmic axis, with a line at the level.

    Where several curves share the axes, `number` counts them: the first one draws the line and its label.
    """
    left, right = float(ratios[0]) / 1.04, float(ratios[-1]) * 1.04
    colour = (EVENTS, OBSERVED, REFERENCE)[number % 3]
    ax.fill_between(ratios, low, high, color=colour, alpha=0.2, lw=0)
    ax.plot(ratios, power, "os^"[number % 3] + "-", color=colour, lw=1.4, ms=4, label=label)
    if not number:
        ax.axhline(level, color=REFERENCE, lw=0.9, ls=":")
        ax.annotate(
            f"level {level:g}", (1, level), xycoords=("axes fraction", "data"), xytext=(-2, 2),
            textcoords="offset points", ha="right", va="bottom", color=REFERENCE,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_xlim(left, right)
    plain_log_ticks(ax, left, right)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set_ylabel("power")
    ax.spines[["top", "right"]].set_visible(False)


def power_target(ax: Axes, ratio: float, power: float) -> None:
    """Mark on a power curve the wanted power and, where it is finite, the ratio that reaches it."""
    ax.axhline(power, color=OBSERVED, lw=0.9, ls="--")
    if np.isfinite(ratio):
        ax.axvline(ratio, ymin=0.14, color=OBSERVED, lw=0.9, ls="--")  # above the label of the level
        ax.annotate(
            f"{ratio:.2f}", (ratio, 1.0), xycoords=ax.get_xaxis_transform(), xytext=(0, 2),
            textcoords="offset points", color=OBSERVED, ha="center", va="bottom",
        )  # fmt: skip


def stacked_shares(
    ax: Axes, names: list[str], shares: NDArray[np.float64], parts: list[str], colours: tuple[str, ...]
) -> None:
    """Draw a bar of height one for each name, cut into shares of shape (parts, names), the first part below."""
    place = np.arange(len(names))
    floor = np.vstack([np.zeros(len(names)), np.cumsum(shares, axis=0)[:-1]])
    for part, colour, bottom, height in zip(parts, colours, floor, shares, strict=True):
        ax.bar(place, height, 0.86, bottom, color=colour, edgecolor="white", lw=0.6, label=part)
    ax.set_xticks(place, names)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.tick_params(axis="x", length=0)
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        handles[::-1], labels[::-1], loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(parts), frameon=False,
        fontsize="small", handlelength=1.0, columnspacing=1.0,
    )  # fmt: skip
    ax.spines[["top", "right"]].set_visible(False)


def level_dots(
    ax: Axes,
    rows: list[str],
    series: list[str],
    rate: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    *,
    level: float,
    band: tuple[float, float],
    label: str,
) -> None:
    """Draw rates of shape (rows, series) with intervals on a logarithmic axis, and a band round the nominal level.

    The axis begins at a twentieth of the level. Lower rates, zero among them, are hollow markers on its edge.
    """
    left = level / 20
    lower = rate < left * (1.0 - 1e-9)  # 1 - 0.95 is a little more than 0.05
    top = max(float(high.max()), 2 * level) * 1.15
    ax.axvspan(*band, color=NULL, alpha=0.4, lw=0)
    ax.axvline(level, color=REFERENCE, lw=0.9, ls=":")
    step = 0.8 / len(series)
    for number, name in enumerate(series):
        place = np.arange(len(rows))[::-1] + 0.4 - step * (number + 0.5)
        colour = SERIES[number % len(SERIES)]
        marker, beyond = "os^Dv<>"[number % 7], lower[:, number]
        ax.hlines(place, np.maximum(low[:, number], left), high[:, number], color=colour, lw=1.2)
        ax.plot(rate[~beyond, number], place[~beyond], marker, color=colour, ms=4.5, label=name)
        if beyond.any():  # a line without points would still take room in the layout, as it is not clipped
            at = np.full(beyond.sum(), left)
            ax.plot(at, place[beyond], marker, color=colour, mfc="white", ms=4.5, clip_on=False)
    for line in np.arange(len(rows) - 1) + 0.5:
        ax.axhline(line, color=NULL, lw=0.5)
    ax.set_xscale("log")
    ax.set_xlim(left, min(1.05, top))
    plain_log_ticks(ax, left, min(1.05, top))
    ax.set_xlabel(f"{label} (hollow: below {left:.3g})" if lower.any() else label)
    ax.set_yticks(np.arange(len(rows))[::-1], [textwrap.fill(row, 30) for row in rows])
    ax.set_ylim(-0.5, len(rows) - 0.5)
    ax.tick_params(axis="y", length=0, pad=7)  # clear of hollow markers
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize="small")


def specification_curve(
    ax: Axes,
    ratios: NDArray[np.float64],
    significant: NDArray[np.bool_],
    band: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    marks: NDArray[np.bool_],
    labels: list[str],
    firsts: list[int],
) -> None:
    """Draw sorted ratios over their band, and below them which values were chosen.

    - `marks`: shape (values, specifications).
    - `labels`: of the values, the first on top.
    - `firsts`: indices of the values that begin a new choice.
    """
    figure, place = ax.figure, ax.get_subplotspec()
    below = None
    if place is not None:
        grid = place.subgridspec(2, 1, height_ratios=(2.0, 0.15 * len(labels) + 0.2), hspace=0.02)
        ax.set_subplotspec(grid[0])
        below = figure.add_subplot(grid[1], sharex=ax)
    order = np.arange(ratios.size)
    low, middle, high = band
    ax.fill_between(order, low, high, color=NULL, alpha=0.5, lw=0, step="mid")
    ax.plot(order, middle, color=REFERENCE, lw=0.9, ls=":", drawstyle="steps-mid")
    ax.axhline(1.0, color=REFERENCE, lw=0.7)
    size = float(np.clip(250 / ratios.size, 0.8, 4.0))
    ax.plot(order[~significant], ratios[~significant], "o", color=EVENTS, ms=size, mew=0)
    ax.plot(
        order[significant], ratios[significant], "o", color=OBSERVED, ms=max(size, 3.0), mew=0
    )  # few among many
    ax.set_xlim(-0.02 * ratios.size - 0.5, 1.02 * ratios.size - 0.5)
    ax.spines[["top", "right"]].set_visible(False)
    if below is None:
        ax.set_xlabel("specification")
        return
    height = 0.64 * 72 * 0.15  # points of a row, as laid out above
    for row, chosen in enumerate(marks):
        for mask, colour in ((chosen & ~significant, EVENTS), (chosen & significant, OBSERVED)):
            runs = _runs(mask)
            level = np.where(np.isnan(runs), np.nan, float(row))
            below.plot(runs, level, color=colour, lw=height, solid_capstyle="butt")
    for row in firsts:
        below.axhline(row - 0.5, color=NULL, lw=0.5)
    below.set_yticks(np.arange(len(labels)), labels, fontsize="small")
    below.set_ylim(len(labels) - 0.4, -0.6)
    below.tick_params(axis="y", length=0)
    below.set_xlabel("specification")
    below.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="x", labelbottom=False)


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return where runs of true entries begin and end, each pair followed by nan: one line draws them all."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0)) - 0.5
    pairs = edges.reshape(-1, 2)
    return np.column_stack([pairs, np.full(len(pairs), np.nan)]).ravel()


def influence(
    ax: Axes,
    labels: list[str],
    ratio: NDArray[np.float64],
    filled: NDArray[np.bool_],
    *,
    full: float,
    neutral: float,
) -> None:
    """Draw a number for each row, the first on top, as its distance from the full-sample value; dotted: no link."""
    place = np.arange(ratio.size)[::-1]
    ax.axvline(full, color=OBSERVED, lw=1.2)
    ax.axvline(neutral, color=REFERENCE, lw=0.9, ls=":")
    ax.hlines(place, full, ratio, color=EVENTS, lw=1.2)
    ax.plot(ratio[~filled], place[~filled], "o", color=EVENTS, mfc="white", ms=4)
    ax.plot(ratio[filled], place[filled], "o", color=EVENTS, ms=4)
    named = np.array([label != "" for label in labels])
    ax.set_yticks(place[named], [label for label in labels if label], fontsize="small")
    ax.set_ylim(-0.8, ratio.size - 0.2)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
