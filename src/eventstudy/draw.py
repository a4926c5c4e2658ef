"""Arrays to axes: what the plots of results have in common. Knows axes and arrays, but no result."""

from __future__ import annotations

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
    seen = np.flatnonzero(probabilities > 1e-6)
    keep = slice(seen[0], seen[-1] + 1) if seen.size else slice(None)
    width = float(np.diff(support[keep]).min()) if support[keep].size > 1 else 1.0
    for chosen, colour, label in (
        (~tail, NULL, "null distribution"),
        (tail, REFERENCE, "as large or larger" if tail[-1:].all() else "as extreme or more"),
    ):
        ax.bar(
            support[keep][chosen[keep]],
            probabilities[keep][chosen[keep]],
            width=0.92 * width,
            color=colour,
            label=label,
        )
    ax.axvline(observed, color=OBSERVED, lw=1.6)
    ax.axvline(expected, color=REFERENCE, lw=0.9, ls=":")
    top = ax.get_ylim()[1]
    ax.set_ylim(0, 1.16 * top)
    right = observed >= expected
    ax.annotate(
        f"observed {observed:g}", (observed, 1.14 * top), xytext=(4 if right else -4, 0), textcoords="offset points",
        ha="left" if right else "right", va="top", color=OBSERVED,
    )  # fmt: skip
    ax.annotate(
        f"expected {expected:.1f}", (expected, 1.14 * top), xytext=(-4 if right else 4, 0),
        textcoords="offset points", ha="right" if right else "left", va="top", color=REFERENCE,
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
