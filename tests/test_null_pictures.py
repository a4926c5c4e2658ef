"""Pictures of null distributions: dark is the tail and nothing else, and labels stand clear of lines and panels."""

from __future__ import annotations

from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.patches import Rectangle

import eventstudy as es
from eventstudy import charts, draw, figures

mpl.use("Agg")

PERIOD = es.Period("2010-01-01", "2018-01-01")
FORTNIGHT = es.Window.before(14)


def planted(ratio, seed=2):
    truth = es.SimulatedSeries(PERIOD, 120, 25, link=es.Link(FORTNIGHT, ratio) if ratio > 1 else None)
    return truth.sample(np.random.default_rng(seed))


def dark(ax):
    """Return the height of the dark bars together, and of all."""
    bars = [bar for bar in ax.patches if isinstance(bar, Rectangle)]
    colour = mpl.colors.to_rgba(draw.REFERENCE)
    return sum(b.get_height() for b in bars if b.get_facecolor() == colour), sum(b.get_height() for b in bars)


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_the_dark_bars_of_many_values_are_the_tail(alternative):
    """Nearly ten thousand values of a studentised excess, in bins with a border at the observed one."""
    result = es.permutation_test(*planted(1.0), es.WindowExcess(FORTNIGHT), es.CalendarPermutation(),
                                 alternative=alternative, rng=1)  # fmt: skip
    assert result.support.size > 2_000
    ax = result.plot()
    tail, whole = dark(ax)
    assert len(ax.patches) < 100
    assert whole == pytest.approx(1.0)
    assert tail == pytest.approx(result.pvalue, abs=2e-4)  # the observed one counts as a draw in p alone
    mpl.pyplot.close("all")


def test_a_wide_range_that_is_hardly_ever_reached_does_not_make_bars_coarse():
    """An exact distribution names every number of events; those that never happen are no reason for bins."""
    events = es.Events.from_days(PERIOD.days[::7], PERIOD, "events")
    anchors = es.Events.from_days(PERIOD.days[::25], None, "anchors")
    result = es.permutation_test(events, anchors, es.WindowCount(FORTNIGHT),
                                 es.UniformDays())  # fmt: skip
    assert result.support.size > 200
    ax = result.plot()
    assert {round(bar.get_width(), 6) for bar in ax.patches} == {0.92}
    mpl.pyplot.close("all")


@pytest.mark.parametrize("ratio", [1.0, 4.0])
def test_no_label_lies_on_a_line_or_touches_that_of_the_next_panel(ratio):
    figures.use_style()
    events, anchors = planted(ratio)
    null = es.CalendarPermutation()
    results = {
        "primary": es.permutation_test(events, anchors, es.WindowExcess(FORTNIGHT), null, rng=1),
        "plain count": es.permutation_test(events, anchors, es.WindowCount(FORTNIGHT), null),
        "naive": es.permutation_test(events, anchors, es.WindowCount(FORTNIGHT), es.UniformDays()),
    }
    figure = charts.null_panels(results)
    figure.canvas.draw()
    for ax, result in zip(figure.axes, results.values(), strict=True):
        words = [text.get_window_extent() for text in ax.get_legend().get_texts()]
        lines = [line.get_window_extent() for line in ax.get_lines()]
        assert not any(word.overlaps(line) for word in words for line in lines)
        assert all(ax.get_window_extent().x1 + 1 >= word.x1 for word in words)
        left, right = ax.get_xlim()
        assert left < min(result.observed, result.expected) <= max(result.observed, result.expected) < right
        tail = ax.get_lines()[0]
        assert tail.get_xdata()[0] == pytest.approx(result.observed)
        assert tail.get_xdata()[1] == pytest.approx(right)
    shown = [
        label.get_window_extent()
        for ax in figure.axes
        for tick, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
        if ax.get_xlim()[0] <= tick <= ax.get_xlim()[1]
    ]
    assert not any(a.overlaps(b) for i, a in enumerate(shown) for b in shown[:i])
    names = [ax.xaxis.label.get_window_extent() for ax in figure.axes]
    assert not any(a.overlaps(b) for a, b in pairwise(names))
    mpl.pyplot.close("all")
