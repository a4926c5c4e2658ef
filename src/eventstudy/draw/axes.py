"""Colours, and axes to draw into."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

P = ParamSpec("P")
R = TypeVar("R")

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


def as_written(plot: Callable[P, R]) -> Callable[P, R]:
    """Make a drawing function show labels literally: dollar signs in them do not start mathematics.

    Matplotlib reads text between two dollar signs as a formula: "in A$ and US$" loses its dollars, and "($^$)"
    cannot be drawn at all. Labels are names given by users, never formulas.

    Parameters
    ----------
    plot : callable
        Returns the axes or the figure that it has drawn into.
    """

    @functools.wraps(plot)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        done = plot(*args, **kwargs)
        _show_dollars(done)
        return done

    return drawn


def _show_dollars(done: Any) -> None:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    for ax in done.axes if hasattr(done, "savefig") else [done]:
        if isinstance(ax, Axes):
            for axis in (ax.xaxis, ax.yaxis):
                axis.get_ticklabels()  # their texts are set now
    for text in done.findobj(Text):
        if (
            "$" in text.get_text() and r"\mathdefault" not in text.get_text()
        ):  # which Matplotlib writes itself
            text.set_parse_math(False)


def plain_log_ticks(ax: Axes, left: float, right: float) -> None:
    """Label a logarithmic axis with plain numbers at round places."""
    from matplotlib.ticker import FixedLocator, NullLocator

    marks = np.array([a * 10.0**b for b in range(-6, 7) for a in (1, 2, 5)] if right / left > 6 else
                     [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10])  # fmt: skip
    marks = marks[(marks >= left) & (marks <= right)]
    ax.xaxis.set_major_locator(FixedLocator(marks.tolist()))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
