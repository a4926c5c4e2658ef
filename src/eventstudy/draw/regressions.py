"""Ratios with intervals, fits and residuals of regressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eventstudy.draw.axes import EVENTS, NULL, OBSERVED, REFERENCE, few_dates, plain_log_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
    plain_log_ticks(ax, left, right)
    ax.set_yticks(place, labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def confidence_curve(
    ax: Axes,
    ratio: NDArray[np.float64],
    pvalue: NDArray[np.float64],
    *,
    estimate: float,
    interval: tuple[float, float],
    level: float,
) -> None:
    """Draw the two-sided p-value of each ratio on a logarithmic axis, and the interval where it crosses its level."""
    likely = ratio[pvalue > (1.0 - level) / 10.0]
    left, right = (float(likely.min()), float(likely.max())) if likely.size else (0.5, 2.0)
    left, right = min(left, 0.7) / 1.1, max(right, 1.5) * 1.1
    low, high = np.clip(interval, left, right)
    ax.plot(ratio, pvalue, color=EVENTS, lw=1.4)
    ax.hlines(1.0 - level, low, high, color=OBSERVED, lw=2.2, label=f"{level:.0%} interval")
    for end, bounded, mark in ((low, interval[0] > 0, "<"), (high, np.isfinite(interval[1]), ">")):
        if not bounded:
            ax.plot(end, 1.0 - level, mark, color=OBSERVED, ms=5)
    if left < estimate < right:
        top = float(np.interp(estimate, ratio, pvalue))
        ax.plot(estimate, top, "o", color=EVENTS, ms=5, clip_on=False)
    ax.axvline(1.0, color=REFERENCE, lw=0.9, ls=":")
    ax.set_xscale("log")
    ax.set_xlim(left, right)
    plain_log_ticks(ax, left, right)
    ax.set_ylim(0.0, 1.02)
    ax.set_ylabel("two-sided p-value")
    ax.spines[["top", "right"]].set_visible(False)


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
    ax.legend(frameon=False, ncols=2, loc="upper left", fontsize="small")
    few_dates(ax)
    ax.spines[["top", "right"]].set_visible(False)


def autocorrelation(ax: Axes, lags: NDArray[np.int64], values: NDArray[np.float64], half_band: float) -> None:
    """Draw autocorrelations as stems, with the band that holds most of them if there is no autocorrelation."""
    ax.axhspan(-half_band, half_band, color=NULL, alpha=0.5, lw=0)
    ax.axhline(0.0, color=REFERENCE, lw=0.7)
    ax.vlines(lags, 0.0, values, color=EVENTS, lw=1.4)
    ax.plot(lags, values, "o", color=EVENTS, ms=3)
    reach = 1.15 * max(half_band, float(np.abs(values).max()))
    ax.set_ylim(-reach, reach)
    ax.set_ylabel("autocorrelation")
    ax.spines[["top", "right"]].set_visible(False)


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
