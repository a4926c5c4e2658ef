"""The look of printed figures: one style for the page, the same on every machine."""

from __future__ import annotations

import functools
from typing import Any

from eventstudy.draw import EVENTS, NULL, OBSERVED, REFERENCE, show_names

ANCHORS = "#E69F00"  # lighter than EVENTS and darker than NULL, so that grey print keeps them apart
WIDTH = 160 / 25.4  # the text width of the report, in inches
HEIGHT = 70 / 25.4

STYLE: dict[str, object] = {
    "figure.figsize": (WIDTH, HEIGHT),
    "figure.constrained_layout.use": True,
    # Matplotlib ships this font; seaborn would ask for Arial first, which some machines lack. Verdana
    # has nearly the same widths, for browsers that show the figure where DejaVu is missing.
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "lines.linewidth": 1.2,
    "svg.fonttype": "none",  # text stays text: it can be searched and read aloud
    "svg.hashsalt": "eventstudy",  # the ids of clip paths are random otherwise
}


def use_style() -> None:
    """Set the style for all figures that follow; in a notebook, as SVG at its full size.

    A notebook calls it once, before its first figure.
    """
    import seaborn

    palette = [EVENTS, ANCHORS, OBSERVED, REFERENCE, NULL]
    seaborn.set_theme(context="paper", style="ticks", palette=palette, rc=STYLE)
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:  # no notebook without the report extra
        return
    if (shell := get_ipython()) is not None:
        # cut to the ink, figures would differ in width, and so the size of their text on the page
        set_matplotlib_formats("svg", bbox_inches=None, metadata={"Date": None})
        _names_in_any_script(shell.display_formatter.formatters["image/svg+xml"])


def _names_in_any_script(formatter: Any) -> None:
    """Let a notebook print titles and labels as they are written, those too that its own cells have set."""
    from matplotlib.figure import Figure

    printed = formatter.lookup_by_type(Figure)

    @functools.wraps(printed)
    def shown(figure: Figure) -> Any:
        show_names(figure)
        return printed(figure)

    formatter.for_type(Figure, shown)
