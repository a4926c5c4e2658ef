"""Arrays to axes: what the plots of results have in common. Knows axes and arrays, but no result."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's blue and vermilion: apart for colour-blind eyes, and dark enough apart in grey.
EVENTS = "#0072B2"
OBSERVED = "#D55E00"
NULL = "#B8B8B8"
REFERENCE = "#555555"
SERIES = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")  # Okabe and Ito


def axes_or_new(ax: Axes | None, **figure: Any) -> Axes:
    """Return `ax`, or the axes of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained", **figure)[1]


def null_distribution(
    ax: Axes,
    support: NDArray[Any],
    probabilities: NDArray[np.float64],
    *,
    observed: float,
    tail: NDArray[np.bool_],
    expected: float,
) -> None:
    """Draw a distribution as bars, its tail dark, with lines at the observed and the expected value."""
    seen = np.flatnonzero(probabilities > 1e-4 * probabilities.max())
    keep = slice(seen[0], seen[-1] + 1)
    values, heights, dark = support[keep], probabilities[keep], tail[keep]
    width = 0.92 * (float(np.diff(values).min()) if values.size > 1 else 1.0)
    for chosen, colour in ((~dark, NULL), (dark, REFERENCE)):
        ax.bar(
            values[chosen], heights[chosen], width=width, color=colour, lw=0
        )  # an edge would hide thin ones
    ax.axvline(observed, color=OBSERVED, lw=1.6)
    ax.axvline(expected, color=REFERENCE, lw=0.9, ls=":")
    ax.set_ylim(0, 1.22 * float(heights.max()))
    side = 1 if observed >= expected else -1
    for place, text, colour, shift in (
        (observed, f"observed {observed:g}", OBSERVED, side),
        (expected, f"expected {expected:.1f}", REFERENCE, -side),
    ):
        ax.annotate(
            text, (place, 0.99), xycoords=ax.get_xaxis_transform(), xytext=(4 * shift, 0), textcoords="offset points",
            ha="left" if shift > 0 else "right", va="top", color=colour, fontsize="small",
        )  # fmt: skip
    ax.set_ylabel("probability")
    ax.spines[["top", "right"]].set_visible(False)


def ratio_intervals(
    ax: Axes,
    labels: list[str],
    ratio: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> None:
    """Draw ratios with intervals on a logarithmic axis, the first on top, with a line at one."""
    place = np.arange(len(labels))[::-1]
    finite = np.concatenate([low[low > 0], high[np.isfinite(high)], [0.9, 1.1]])
    left, right = float(finite.min()) / 1.15, float(finite.max()) * 1.15
    bounded_low, bounded_high = np.where(low > 0, low, left), np.where(np.isfinite(high), high, right)
    ax.hlines(place, bounded_low, bounded_high, color=EVENTS, lw=1.4)
    ax.plot(bounded_low[low <= 0], place[low <= 0], "<", color=EVENTS, ms=5)
    ax.plot(bounded_high[~np.isfinite(high)], place[~np.isfinite(high)], ">", color=EVENTS, ms=5)
    ax.plot(ratio, place, "o", color=EVENTS, ms=5)
    ax.axvline(1.0, color=REFERENCE, lw=0.9, ls=":")
    ax.set_xscale("log")
    ax.set_xlim(left, right)
    _plain_log_ticks(ax, left, right)
    ax.set_yticks(place, labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _plain_log_ticks(ax: Axes, left: float, right: float) -> None:
    """Label a logarithmic axis with plain numbers at round places."""
    from matplotlib.ticker import FixedLocator, NullLocator

    marks = np.array([a * 10.0**b for b in range(-6, 7) for a in (1, 2, 5)] if right / left > 6 else
                     [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10])  # fmt: skip
    marks = marks[(marks >= left) & (marks <= right)]
    ax.xaxis.set_major_locator(FixedLocator(marks.tolist()))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


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
    _plain_log_ticks(ax, left, right)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set_ylabel("power")
    ax.spines[["top", "right"]].set_visible(False)


def power_target(ax: Axes, ratio: float, power: float) -> None:
    """Mark on a power curve the wanted power and, where it is finite, the ratio that reaches it."""
    ax.axhline(power, color=OBSERVED, lw=0.9, ls="--")
    if np.isfinite(ratio):
        ax.axvline(ratio, color=OBSERVED, lw=0.9, ls="--")
        ax.annotate(
            f"{ratio:.2f}", (ratio, 0), xytext=(4, 4), textcoords="offset points", color=OBSERVED, va="bottom"
        )


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
) -> None:
    """Draw rates of shape (rows, series) with intervals on a logarithmic axis, a band round the nominal level."""
    left = level / 20
    top = max(float(high.max()), 2 * level) * 1.15
    ax.axvspan(*band, color=NULL, alpha=0.4, lw=0)
    ax.axvline(level, color=REFERENCE, lw=0.9, ls=":")
    step = 0.8 / len(series)
    for number, name in enumerate(series):
        place = np.arange(len(rows))[::-1] + 0.4 - step * (number + 0.5)
        colour = SERIES[number % len(SERIES)]
        shown = np.maximum(rate[:, number], left)
        ax.hlines(place, np.maximum(low[:, number], left), high[:, number], color=colour, lw=1.2)
        ax.plot(shown, place, "os^Dv<>"[number % 7], color=colour, ms=4.5, label=name)
    for line in np.arange(len(rows) - 1) + 0.5:
        ax.axhline(line, color=NULL, lw=0.5)
    ax.set_xscale("log")
    ax.set_xlim(left / 1.1, min(1.05, top))
    _plain_log_ticks(ax, left / 1.1, min(1.05, top))
    ax.set_yticks(np.arange(len(rows))[::-1], [textwrap.fill(row, 30) for row in rows])
    ax.set_ylim(-0.5, len(rows) - 0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize="small")


def family(
    ax: Axes,
    names: list[str],
    values: NDArray[np.float64],
    bound: float,
    notes: list[str],
    found: NDArray[np.bool_],
    groups: list[str],
) -> None:
    """Draw one number for each name, the first on top, with the bound that all share; what is found is filled.

    A thin line parts names of different groups.
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
    """Draw sorted p-values against their ranks, both on logarithmic axes, with the line of even p-values.

    Parameters
    ----------
    pvalues : ndarray of float64, shape (k,)
        Rising.
    found : ndarray of bool, shape (k,)
        Which are marked.
    names : list of str
        Of the first ones, which are written beside their points.
    level : float
        The most that a p-value may be at each rank for the step-up bound of Benjamini and Hochberg.
    """
    k = pvalues.size
    even = np.arange(1, k + 1) / k
    shown = np.unique(np.concatenate([np.arange(min(k, 300)), np.geomspace(1, k, 600).astype(int) - 1]))
    ends = np.array([0.7 / k, 1.0])
    ax.plot(ends, ends, color=REFERENCE, lw=0.9, ls=":", label="no group has an effect")
    ax.plot(ends, level * ends, color=OBSERVED, lw=0.9, ls="--", label=f"{level:.0%} of finds false")
    for marked, colour, fill in ((~found, EVENTS, "white"), (found, OBSERVED, OBSERVED)):
        chosen = shown[marked[shown]]
        ax.plot(even[chosen], pvalues[chosen], "o", color=colour, mfc=fill, ms=4, mew=0.8)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(1.3, 0.6 / k)  # small p-values to the right, as in a quantile plot
    low = float(min(pvalues[0], level / k))
    ax.set_ylim(1.6, low / 3.0)
    for rank, name in enumerate(names):
        ax.annotate(
            name, (even[rank], pvalues[rank]), xytext=(5, 0), textcoords="offset points", va="center",
            fontsize="small", annotation_clip=False,
        )  # fmt: skip
    ax.legend(frameon=False, loc="upper left", fontsize="small")
    ax.spines[["top", "right"]].set_visible(False)


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
    if 28 <= edges[-1] - edges[0] <= 200:
        ax.xaxis.set_major_locator(MultipleLocator(14))
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.spines[["top", "right"]].set_visible(False)


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

    Parameters
    ----------
    marks : ndarray of bool, shape (values, specifications)
    labels : list of str
        Of the values, the first on top.
    firsts : list of int
        Numbers of the values that open a new choice.
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


def observed_and_expected(
    ax: Axes, starts: NDArray[np.datetime64], observed: NDArray[np.float64], expected: NDArray[np.float64]
) -> None:
    """Draw observed counts as bars and expected counts as a stepped line, by date."""
    days = starts.astype("datetime64[D]")
    longest = np.diff(days).astype(int).max() if days.size > 1 else 365
    edges = np.append(days, days[-1] + np.timedelta64(int(longest), "D"))
    ax.bar(
        days, observed, width=0.92 * np.diff(edges).astype(int), align="edge", color=NULL, label="observed"
    )
    ax.stairs(expected, edges, baseline=None, color=EVENTS, lw=1.4, label="expected")
    ax.set_ylim(0, 1.25 * max(1e-9, float(max(observed.max(), expected.max()))))
    ax.legend(frameon=False, ncols=2, loc="upper left")
    ax.spines[["top", "right"]].set_visible(False)


def autocorrelation(ax: Axes, lags: NDArray[np.int64], values: NDArray[np.float64], half_band: float) -> None:
    """Draw autocorrelations as stems, with the band that holds most of them where there is none."""
    ax.axhspan(-half_band, half_band, color=NULL, alpha=0.5, lw=0)
    ax.axhline(0.0, color=REFERENCE, lw=0.7)
    ax.vlines(lags, 0.0, values, color=EVENTS, lw=1.4)
    ax.plot(lags, values, "o", color=EVENTS, ms=3)
    reach = 1.15 * max(half_band, float(np.abs(values).max()))
    ax.set_ylim(-reach, reach)
    ax.set_ylabel("autocorrelation")
    ax.spines[["top", "right"]].set_visible(False)


def influence(
    ax: Axes, labels: list[str], ratio: NDArray[np.float64], filled: NDArray[np.bool_], *, full: float
) -> None:
    """Draw a ratio for each row, the first on top, as its distance from the ratio of everything."""
    place = np.arange(ratio.size)[::-1]
    ax.axvline(full, color=OBSERVED, lw=1.2)
    ax.axvline(1.0, color=REFERENCE, lw=0.9, ls=":")
    ax.hlines(place, full, ratio, color=EVENTS, lw=1.2)
    ax.plot(ratio[~filled], place[~filled], "o", color=EVENTS, mfc="white", ms=4)
    ax.plot(ratio[filled], place[filled], "o", color=EVENTS, ms=4)
    named = np.array([label != "" for label in labels])
    ax.set_yticks(place[named], [label for label in labels if label], fontsize="small")
    ax.set_ylim(-0.8, ratio.size - 0.2)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def lead_lag(
    ax: Axes,
    edges: NDArray[np.float64],
    ratio: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    band_low: NDArray[np.float64],
    band_high: NDArray[np.float64],
) -> None:
    """Draw ratios by bin of lags on a logarithmic axis: points, intervals, and the band for all bins at once."""
    seen = np.concatenate([ratio, low, high])
    seen = seen[np.isfinite(seen) & (seen > 0)]
    bottom, top = float(min(seen.min(), 0.5)) / 1.4, float(max(seen.max(), 2.0)) * 1.4
    inside = [np.clip(values, bottom, top) for values in (low, high, band_low, band_high)]
    middle = (edges[:-1] + edges[1:]) / 2
    ax.stairs(
        inside[3],
        edges,
        baseline=inside[2],
        fill=True,
        color=NULL,
        alpha=0.5,
        lw=0,
        label="band, all bins at once",
    )
    ax.vlines(middle, inside[0], inside[1], color=EVENTS, lw=1.4, label="interval, one bin")
    shown = (ratio >= bottom) & (ratio <= top)
    ax.plot(middle[shown], ratio[shown], "o", color=EVENTS, ms=4)
    ax.plot(middle[ratio < bottom], np.full((ratio < bottom).sum(), bottom), "v", color=EVENTS, ms=5)
    ax.plot(middle[ratio > top], np.full((ratio > top).sum(), top), "^", color=EVENTS, ms=5)
    ax.axhline(1.0, color=REFERENCE, lw=0.9, ls=":")
    ax.axvline(0.0, color=OBSERVED, lw=1.0)
    ax.set_yscale("log")
    ax.set_ylim(bottom / 1.05, top * 1.05)
    marks = [a * 10.0**b for b in range(-6, 7) for a in (1, 2, 5) if bottom <= a * 10.0**b <= top]
    ax.set_yticks(marks, [f"{mark:g}" for mark in marks])
    ax.set_yticks([], minor=True)
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False, fontsize="small")
    ax.spines[["top", "right"]].set_visible(False)


def null_histogram(ax: Axes, values: NDArray[np.float64], observed: float) -> None:
    """Draw values under a null model as a histogram, with the standard normal curve and a line at the observed one."""
    low, high = float(min(values.min(), observed, -3.0)), float(max(values.max(), observed, 3.0))
    bins = np.linspace(low, high, 61).tolist()
    ax.hist(values, bins=bins, density=True, color=NULL, label="null model")
    grid = np.linspace(low, high, 301)
    ax.plot(
        grid, np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi), color=REFERENCE, lw=0.9, ls=":", label="normal"
    )
    ax.axvline(observed, color=OBSERVED, lw=1.6, label=f"observed {observed:.2f}")
    ax.set_ylabel("density")
    ax.legend(frameon=False, fontsize="small")
    ax.spines[["top", "right"]].set_visible(False)
