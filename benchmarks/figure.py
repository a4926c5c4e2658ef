"""Cost against size: one panel for each null model, both axes logarithmic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.cases import between
from benchmarks.measure import side_by_side
from benchmarks.rows import DRAWS, NULLS, US, contenders

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
PANELS = ("permuted days", "shifts", "jitter", "shuffled gaps")
LINES = {
    f"{US}, exact": ("#1b4f72", "o", "-"),
    f"{US}, {DRAWS:,} draws": ("#1b4f72", "s", "--"),
    "compiled loop": ("#6c6c6c", "^", ":"),
    "NumPy loop": ("#6c6c6c", "v", "-."),
    "elephant": ("#b9770e", "D", "-"),
    "pynapple": ("#943126", "P", "-"),
}
POINTS = dict[str, list[tuple[float, float]]]


def costs(null: Any) -> POINTS:
    """Return events and seconds for each line of a panel."""
    points: POINTS = {}
    for share in SHARES:
        size = between(share)
        found = side_by_side(contenders(null, size), rounds=3)
        for name, seconds in found.items():
            points.setdefault(name, []).append((size.events, seconds))
    return points


def cost_figure(path: Path) -> None:
    """Measure, draw and write the figure."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    with mpl.rc_context({"svg.hashsalt": "cost", "svg.fonttype": "path", "font.size": 9}):
        figure, axes = plt.subplots(2, 2, figsize=(7.2, 6.2), sharex=True, sharey=True, layout="constrained")
        for ax, name in zip(axes.flat, PANELS, strict=True):
            for line, points in costs(NULLS[name]).items():
                colour, marker, style = LINES[line]
                ax.plot(
                    *zip(*points, strict=True), style, color=colour, marker=marker, ms=4, lw=1.3, label=line
                )
            ax.set(xscale="log", yscale="log", title=name)
            ax.spines[["top", "right"]].set_visible(False)
            ax.grid(axis="y", lw=0.3)
        for ax in axes[-1]:
            ax.set_xlabel("events (days: 62.5 times as many)")
        for ax in axes[:, 0]:
            ax.set_ylabel("seconds for one p-value")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
