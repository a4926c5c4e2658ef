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
        ax.bar(values[chosen], heights[chosen], width=width, color=colour)
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
) -> None:
    """Draw power with its band against ratios on a logarithmic axis, with a line at the level."""
    left, right = float(ratios[0]) / 1.04, float(ratios[-1]) * 1.04
    ax.fill_between(ratios, low, high, color=EVENTS, alpha=0.2, lw=0)
    ax.plot(ratios, power, "o-", color=EVENTS, lw=1.4, ms=4)
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
