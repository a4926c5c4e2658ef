"""Null distributions, families and profiles of permutation tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.draw.axes import EVENTS, NULL, OBSERVED, REFERENCE, plain_log_ticks
from eventstudy.printing import print_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MOST_BARS = 200  # distinct values drawn as one bar each; more are put into bins
BINS = 60
FEW = 20  # p-values up to which the axis of ranks has plain numbers
TICK = 32.0  # points of the label of a lag, such as "\u221256", and a gap
LINE = 11.0  # points of a line of small letters
ROOM = (
    0.74  # share of the height for bars and lines; labels are placed above them, so that nothing crosses them
)


def null_distribution(
    ax: Axes,
    support: NDArray[Any],
    probabilities: NDArray[np.float64],
    *,
    observed: float,
    tail: NDArray[np.bool_],
    expected: float,
) -> None:
    """Draw a distribution as bars, its tail dark, with lines at the observed and the expected value.

    A dark line on the axis marks the tail where its bars are too low to be seen.
    """
    seen = np.flatnonzero(probabilities > 1e-4 * probabilities.max())
    keep = slice(seen[0], seen[-1] + 1)
    lower = bool(tail[0] and not tail[-1])
    values, heights, dark, width = _bars(
        support[keep], probabilities[keep], observed, tail[keep], lower=lower
    )
    for chosen, colour in ((~dark, NULL), (dark, REFERENCE)):
        ax.bar(
            values[chosen], heights[chosen], width=0.92 * width, color=colour, lw=0
        )  # an edge would hide thin ones
    left, right = (
        min(float(values[0]), observed, expected) - width,
        max(float(values[-1]), observed, expected) + width,
    )
    ax.set_xlim(left, right)
    ends = (left, observed) if lower else (observed, right)
    ax.plot(ends, (0.0, 0.0), color=REFERENCE, lw=3.0, solid_capstyle="butt", zorder=1)
    top = float(heights.max()) / (0.94 * ROOM)
    ax.set_ylim(0, top)
    whole = observed == round(observed)
    for place, label, colour, style, thick in (
        (observed, f"observed {print_number(observed, '.0f' if whole else '.2f')}", OBSERVED, "-", 1.6),
        (expected, f"expected {print_number(expected, '.1f' if whole else '.2f')}", REFERENCE, ":", 0.9),
    ):
        ax.axvline(place, ymax=ROOM, color=colour, lw=thick, ls=style, label=label)
    ax.legend(
        loc="upper right", frameon=False, fontsize="small", handlelength=1.2, borderaxespad=0.0, borderpad=0.1,
        labelspacing=0.15, labelcolor="linecolor",
    )  # fmt: skip
    ax.set_ylabel("probability")
    ax.spines[["top", "right"]].set_visible(False)


def _bars(
    support: NDArray[Any],
    probabilities: NDArray[np.float64],
    observed: float,
    tail: NDArray[np.bool_],
    *,
    lower: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], float]:
    """Return the centres, heights and colours of bars, and their spacing: one for each value, or bins of values.

    An edge of the bins lies at the observed value, so that the dark bars together are the tail.
    """
    values = np.asarray(support, float)
    if values.size <= MOST_BARS:
        return values, probabilities, tail, float(np.diff(values).min()) if values.size > 1 else 1.0
    width = float(np.ptp(values)) / BINS
    sign = -1.0 if lower else 1.0
    place = np.floor(sign * (values - observed) / width).astype(int)
    place = np.where(tail, np.maximum(place, 0), np.minimum(place, -1))
    bins = np.arange(place.min(), place.max() + 1)
    heights = np.bincount(place - bins[0], weights=probabilities, minlength=bins.size).astype(float)
    order = slice(None) if sign > 0 else slice(None, None, -1)
    middles = observed + sign * width * (bins + 0.5)
    return middles[order], heights[order], (bins >= 0)[order], width


def null_histogram(ax: Axes, values: NDArray[np.float64], observed: float) -> None:
    """Draw values under a null model as a histogram, with the standard normal curve and a line at the observed one."""
    low, high = float(min(values.min(), observed, -3.0)), float(max(values.max(), observed, 3.0))
    bins = np.linspace(low, high, 61).tolist()
    ax.hist(values, bins=bins, density=True, color=NULL, label="null model")
    grid = np.linspace(low, high, 301)
    ax.plot(
        grid, np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi), color=REFERENCE, lw=0.9, ls=":", label="normal"
    )
    ax.axvline(observed, color=OBSERVED, lw=1.6, label=f"observed {print_number(observed, '.2f')}")
    ax.set_ylabel("density")
    ax.legend(frameon=False, fontsize="small")
    ax.spines[["top", "right"]].set_visible(False)


def family(
    ax: Axes,
    names: list[str],
    values: NDArray[np.float64],
    bound: float,
    notes: list[str],
    found: NDArray[np.bool_],
    groups: list[str],
) -> None:
    """Draw one number for each name, the first on top, with their common bound; significant ones are filled.

    A thin line separates names of different groups.
    """
    place = np.arange(len(names))[::-1]
    known = np.isfinite(values)
    ends = np.concatenate([values[known], [0.0, bound] if np.isfinite(bound) else [0.0]])
    left, right = float(ends.min()), float(ends.max())
    space = 0.06 * max(right - left, 1.0)
    ax.hlines(place[known], 0.0, values[known], color=NULL, lw=1.4, zorder=1)
    for chosen, colour, fill in ((found & known, OBSERVED, OBSERVED), (~found & known, EVENTS, "white")):
        ax.plot(values[chosen], place[chosen], "o", color=colour, mfc=fill, ms=5, zorder=2)
    ax.axvline(0.0, color=REFERENCE, lw=0.9, ls=":")
    if np.isfinite(bound):
        ax.axvline(bound, color=OBSERVED, lw=0.9, ls="--")
        ax.annotate(
            "5% bound for all", (bound, 1.0), xycoords=ax.get_xaxis_transform(), xytext=(0, 2),
            textcoords="offset points", ha="center", va="bottom", color=OBSERVED, fontsize="small",
        )  # fmt: skip
    for y, note, strong in zip(place, notes, found, strict=True):
        ax.annotate(
            note, (1.0, y), xycoords=ax.get_yaxis_transform(), xytext=(4, 0), textcoords="offset points",
            va="center", color=OBSERVED if strong else REFERENCE, fontsize="small",
        )  # fmt: skip
    for y, above, below in zip(place[1:], groups[:-1], groups[1:], strict=True):
        if above != below:
            ax.axhline(y + 0.5, color=NULL, lw=0.6)
    ax.set_xlim(left - space, right + space)
    ax.set_yticks(place, names)
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def pvalue_ranks(
    ax: Axes, pvalues: NDArray[np.float64], found: NDArray[np.bool_], names: list[str], level: float
) -> None:
    """Draw sorted p-values against their ranks, both on logarithmic axes, with the line of uniform p-values.

    - `pvalues`, shape (k,): rising.
    - `found`, shape (k,): which are marked.
    - `names`: of all; those of the marked ones stand at the right, with the number of those that have no room.
    - `level`: false discovery rate of the step-up bound of Benjamini and Hochberg.
    """
    from matplotlib.ticker import NullFormatter

    k = pvalues.size
    even = np.arange(1, k + 1) / k
    shown = np.unique(np.concatenate([np.arange(min(k, 300)), np.geomspace(1, k, 600).astype(int) - 1]))
    ends = np.array([0.7 / k, 1.0])
    ax.plot(ends, ends, color=REFERENCE, lw=0.9, ls=":", label="if no group has an effect")
    ax.plot(ends, level * ends, color=OBSERVED, lw=0.9, ls="--", label=f"{level:.0%} false discovery rate")
    for marked, colour, fill in ((~found, EVENTS, "white"), (found, OBSERVED, OBSERVED)):
        chosen = shown[marked[shown]]
        ax.plot(even[chosen], pvalues[chosen], "o", color=colour, mfc=fill, ms=4, mew=0.8)
    ax.set_xscale("log")
    ax.set_yscale("log")
    if k <= FEW:
        plain_log_ticks(ax, 0.6 / k, 1.3)
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlim(1.3, 0.6 / k)  # small p-values to the right, as in a quantile plot
    low = float(min(pvalues[0], level / k))
    ax.set_ylim(1.6, low / 3.0)
    height = 72.0 * ax.get_window_extent().height / ax.figure.dpi  # points
    room, named = int(height / LINE), int(found.sum())  # the marked ones have the smallest p-values
    names = names[:named]
    if named > room:
        names, named = [*names[: room - 1], f"and {named - room + 1:,} more"], room - 1
    share = np.log(1.6 / pvalues[: len(names)]) / np.log(1.6 * 3.0 / low)  # of the height
    lines = _spread(share, LINE / height)
    for rank, (name, line) in enumerate(zip(names, lines, strict=True)):
        ax.annotate(
            name, (1.03, line), xycoords="axes fraction", va="center", fontsize="small", annotation_clip=False,
            color=OBSERVED if rank < named else REFERENCE,
        )  # fmt: skip
        if rank < named:
            ax.annotate(
                "", (even[rank], pvalues[rank]), xytext=(1.03, line), textcoords="axes fraction",
                annotation_clip=False,
                arrowprops={"arrowstyle": "-", "color": NULL, "lw": 0.6, "shrinkA": 2, "shrinkB": 3},
            )  # fmt: skip
    ax.legend(frameon=False, loc="upper left", fontsize="small")
    ax.spines[["top", "right"]].set_visible(False)


def _spread(places: NDArray[np.float64], line: float) -> list[float]:
    """Return places that fall by at least a line from one to the next, between 1 and 0, near those given."""
    spread, last = places.tolist(), 1.0 + line / 2.0
    for rank, place in enumerate(spread):
        last = spread[rank] = min(place, last - line)
    last = -line / 2.0
    for rank in range(len(spread) - 1, -1, -1):
        last = spread[rank] = max(spread[rank], last + line)
    return spread


def lag_profile(
    ax: Axes,
    edges: NDArray[np.int64],
    observed: NDArray[np.int64],
    expected: NDArray[np.float64],
    lower: NDArray[np.int64],
    upper: NDArray[np.int64],
) -> None:
    """Draw counts by lag as steps over their band; bins that leave it get a dot."""
    from matplotlib.ticker import MaxNLocator, MultipleLocator

    ax.stairs(upper, edges, baseline=lower, fill=True, color=NULL, alpha=0.55, lw=0)
    ax.stairs(expected, edges, baseline=None, color=REFERENCE, lw=0.9, ls=":")
    ax.axvspan(0, 1, color=REFERENCE, alpha=0.18, lw=0)  # the anchor's own day
    ax.stairs(observed, edges, baseline=None, color=EVENTS, lw=1.4)
    away = (observed < lower) | (observed > upper)
    ax.plot(((edges[:-1] + edges[1:]) / 2)[away], observed[away], "o", color=OBSERVED, ms=5)
    ax.set_xlim(edges[0], edges[-1])
    if 28 <= (lags := edges[-1] - edges[0]) <= 200:
        width = 72.0 * ax.get_window_extent().width / ax.figure.dpi  # points
        ax.xaxis.set_major_locator(MultipleLocator(14 if width * 14 >= TICK * lags else 28))
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.spines[["top", "right"]].set_visible(False)
