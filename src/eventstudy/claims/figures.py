"""Figures that set several results of the claims side by side, for papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import draw
from eventstudy.figures import WIDTH
from eventstudy.results.growth import GrowthResult
from eventstudy.results.pauses import PauseResult
from eventstudy.results.rates import RateRatioResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
    """Draw one panel for each period: the share of pauses as long as each length, and the pause in question."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(results), figsize=(WIDTH, 2.3), sharex=True, sharey=True, layout="constrained", squeeze=False
    )
    for ax, (title, result) in zip(axes[0], results.items(), strict=True):
        result.plot(ax)
        ax.set_title(title)
        ax.label_outer()
    return figure


@draw.as_written
def growth_and_kinds(growth: GrowthResult, kinds: pd.DataFrame) -> Figure:
    """Draw the numbers by year with their trend, and below them a number for each kind and year.

    Parameters
    ----------
    growth : GrowthResult
    kinds : DataFrame
        As :func:`eventstudy.claims.growth.days_by_year` returns it, over the same years.
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
