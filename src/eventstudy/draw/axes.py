"""Colours, axes to draw into, and names as they are written."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from eventstudy.errors import OptionError
from eventstudy.fonts import check_shaping, other_fonts, register
from eventstudy.printing import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

P = ParamSpec("P")
R = TypeVar("R")

# Okabe and Ito's blue and vermilion: apart for colour-blind eyes, and dark enough apart in grey.
EVENTS = "#0072B2"
OBSERVED = "#D55E00"
NULL = "#B8B8B8"
REFERENCE = "#555555"
SERIES = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")  # Okabe and Ito

DATE = 48.0  # points of a month of a year, such as 2014-07, and a gap


def axes_or_new(ax: Axes | None, **figure: Any) -> Axes:
    """Return `ax`, or the axes of a new figure.

    Raises OptionError if `ax` is something else, such as the grid that ``plt.subplots(2, 2)`` returns.
    """
    if ax is not None:
        from matplotlib.axes import Axes as One

        if not isinstance(ax, One):
            fix = (
                "one of its axes, such as axs[0, 0] or axs.flat[0]"
                if np.size(ax) > 1
                else "axes of Matplotlib"
            )
            raise OptionError(f"plot: ax is a {type(ax).__name__}; give {fix}")
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained", **figure)[1]


def as_written(plot: Callable[P, R]) -> Callable[P, R]:
    """Make a drawing function show labels literally, in any script: dollar signs in them do not start mathematics.

    `plot`: returns the axes or the figure that it has drawn into.
    """

    @functools.wraps(plot)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        done = plot(*args, **kwargs)
        show_names(done)
        for ax in _axes_of(done):
            _fit_axis_labels(ax)
        return done

    return drawn


def show_names(drawn: Any) -> None:
    """Let every text of axes, or of a figure, stand as it is written.

    Matplotlib reads what stands between two dollars as a formula: "in A$ and US$" loses its dollars, and "($^$)"
    cannot be drawn at all. Labels are names that others have given, so none of them is one. What the font of a text
    lacks is drawn as outlines from a font that has it: outlines look the same in every reader and on every machine.

    Raises FontError if no font has a character.
    """
    from matplotlib.text import Text

    for ax in _axes_of(drawn):
        for axis in (ax.xaxis, ax.yaxis):
            axis.get_ticklabels()  # their texts are set now
    for text in drawn.findobj(Text):
        if r"\mathdefault" in text.get_text():  # which Matplotlib writes itself
            continue
        if "$" in text.get_text():
            text.set_parse_math(False)
        if not (text.get_text().isascii() and text.get_text().replace("\n", "").isprintable()):
            _show_script(text)


def _axes_of(drawn: Any) -> list[Axes]:
    from matplotlib.axes import Axes

    return [ax for ax in (drawn.axes if hasattr(drawn, "savefig") else [drawn]) if isinstance(ax, Axes)]


def _fit_axis_labels(ax: Axes) -> None:
    """Break the label of an axis into lines where it is longer than the room round the middle of the axes."""
    if (figure := ax.get_figure(root=True)) is None:
        return
    width, height = figure.bbox.size
    if (place := ax.get_subplotspec()) is not None:
        rows, columns = place.get_gridspec().get_geometry()
        width, height = width * len(place.colspan) / columns, height * len(place.rowspan) / rows
    names = ax.yaxis.get_tightbbox()  # they push the middle of the axes, and so the label below, to the right
    beside = 0.0 if names is None else names.width
    for label, room, along in (
        (ax.xaxis.label, min(0.85 * width, width - beside), "width"),
        (ax.yaxis.label, 0.85 * height, "height"),
    ):
        text, taken = label.get_text(), getattr(label.get_window_extent(), along)
        if text and taken > room:
            letters = max(12, int(0.88 * room / taken * max(map(len, text.split("\n")))))
            label.set_text(textwrap.fill(" ".join(text.split()), letters, break_long_words=False))


def small_title(ax: Axes, text: str) -> None:
    """Write a small grey title, broken into lines where it is longer than the axes are wide."""
    title = ax.set_title(text, loc="left", fontsize="small", fontweight="normal", color=REFERENCE)
    room, taken = ax.get_window_extent().width, title.get_window_extent().width
    if taken > room:
        title.set_text(textwrap.fill(text, max(12, int(room / taken * len(text))), break_long_words=False))


def legend_columns(ax: Axes, labels: Sequence[str]) -> int:
    """Return how many columns a small legend of these labels has room for above axes: all side by side, or one."""
    from matplotlib.font_manager import FontProperties

    figure = ax.get_figure(root=True)
    letter = 0.6 * FontProperties(size="small").get_size_in_points()  # points, on average
    room = 72.0 * figure.get_figwidth() / letter if figure is not None else 0.0
    return len(labels) if sum(map(len, labels)) + 4 * len(labels) <= room else 1


def _show_script(text: Text) -> None:
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.patheffects import Normal

    where = f"label '{one_line(text.get_text())}'"
    check_shaping(text.get_text(), where)
    families = text.get_fontfamily()
    own = [Path(findfont(FontProperties(family=[family]))) for family in families]
    fonts = other_fonts(text.get_text(), besides=own, where=where)
    if fonts:
        register(fonts)
        text.set_fontfamily([*families, *(font.family for font in fonts)])
        text.set_path_effects([Normal()])


def few_dates(ax: Axes) -> None:
    """Tick no more dates than there is room for."""
    from matplotlib.dates import AutoDateFormatter, AutoDateLocator

    figure = ax.get_figure(root=True)
    width = 72.0 * ax.get_window_extent().width / (figure.dpi if figure is not None else 72.0)  # points
    ticks = max(3, int(width / DATE))
    # fewer years than the minimum are ticked by month, every sixth at most, which must not be more than the maximum;
    # types are ignored because Matplotlib gives its dates none
    least = max(1, min(4, (ticks - 1) // 2))
    locator = AutoDateLocator(minticks=least, maxticks=ticks)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(AutoDateFormatter(locator))  # type: ignore[no-untyped-call]


def plain_log_ticks(ax: Axes, left: float, right: float) -> None:
    """Label a logarithmic axis with plain numbers at round places."""
    from matplotlib.ticker import FixedLocator, NullLocator

    several = (1, 2, 5) if right / left < 2_000 else (1,)
    marks = np.array([a * 10.0**b for b in range(-6, 7) for a in several] if right / left > 6 else
                     [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10])  # fmt: skip
    inside = (marks >= left) & (marks <= right)
    if inside.sum() < 4 and right / left > 6:  # less than a decade
        marks = np.array([a * 10.0**b for b in range(-6, 7) for a in (1, 1.5, 2, 3, 5, 7)])
        inside = (marks >= left) & (marks <= right)
    marks = marks[inside]
    ax.xaxis.set_major_locator(FixedLocator(marks.tolist()))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
