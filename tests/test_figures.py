"""Every figure of the package for odd inputs: no text on another, over an edge, or struck through by a line."""

from __future__ import annotations

import importlib
import itertools
import math
import pkgutil
import re
import warnings

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.legend import Legend
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox, TransformedPath

import eventstudy as es
from eventstudy import charts, draw
from eventstudy.citation import Citable
from eventstudy.draw.axes import few_dates, plain_log_ticks
from eventstudy.errors import EventStudyError, OptionError, OverdispersionWarning
from eventstudy.figures import STYLE
from eventstudy.provenance import Provenance
from eventstudy.results.verdicts import VerdictCurveResult

matplotlib.use("Agg")
WINDOW = es.Window(-14, 0)
LONG = "announcements of the council"  # as long as a new study lets a label be


# Finding faults


def texts_of(figure):
    """Return the texts that are drawn: of ticks, those inside the limits of their axis."""
    found = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    ticks = {
        label
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        for label in (tick.label1, tick.label2)
    }
    drawn = {
        tick.label1 for ax in figure.axes for axis in (ax.xaxis, ax.yaxis) for tick in axis._update_ticks()
    }
    hidden = {ax for ax in figure.axes if not ax.get_visible()}
    return [text for text in found if (text not in ticks or text in drawn) and text.axes not in hidden]


def strokes_of(figure):
    """Return (artist, path on the canvas, clip box) of every line that could strike a text through."""
    legends = {line for legend in figure.findobj(Legend) for line in legend.findobj()}
    for ax in figure.axes:
        for spine in ax.spines.values():
            if spine.get_visible():
                yield spine, TransformedPath(spine.get_path(), spine.get_transform()), None
        for line in ax.lines:
            if line.get_linestyle() not in ("None", "") and line not in legends:
                yield line, TransformedPath(line.get_path(), line.get_transform()), ax.bbox
        for collection in ax.collections:
            if isinstance(collection, LineCollection):
                for path in collection.get_paths():
                    yield collection, TransformedPath(path, collection.get_transform()), ax.bbox
        for bar in ax.patches:
            if (
                isinstance(bar, Rectangle)
                and (bar.get_alpha() or 1) > 0.6
                and bar.get_width()
                and bar.get_height()
            ):
                yield bar, TransformedPath(bar.get_path(), bar.get_transform()), ax.bbox


def corners(boxes):
    """Return (left, bottom, right, top) of each box, of shape (n, 4)."""
    return np.array([box.extents for box in boxes]).reshape(-1, 4)


def shared(first, second):
    """Return the corners of what boxes have in common; where they have nothing, right is left of left or so."""
    return np.concatenate(
        [np.maximum(first[..., :2], second[..., :2]), np.minimum(first[..., 2:], second[..., 2:])], axis=-1
    )


def sides(boxes):
    """Return the shorter side of each box, negative where it is empty."""
    return (boxes[..., 2:] - boxes[..., :2]).min(axis=-1)


def hulls(paths):
    """Return the corners of a box around each path, with the points that pull at its curves."""
    found = [path.vertices[np.isfinite(path.vertices).all(axis=1)] for path in paths]
    empty = np.array([math.inf, math.inf, -math.inf, -math.inf])
    return np.array([[*p.min(axis=0), *p.max(axis=0)] if len(p) else empty for p in found]).reshape(-1, 4)


def faults(figure):
    """Return in words what lies on what."""
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    texts = texts_of(figure)
    boxes = corners([text.get_window_extent(renderer).padded(-0.5) for text in texts])
    whole = figure.bbox.padded(1.5).extents
    outside = (boxes[:, :2] < whole[:2]).any(axis=1) | (boxes[:, 2:] > whole[2:]).any(axis=1)
    said = [f"{texts[k].get_text()!r} leaves the figure" for k in np.flatnonzero(outside)]
    for one, other in zip(*np.triu(sides(shared(boxes[:, None], boxes)) > 0.5, 1).nonzero(), strict=True):
        said.append(f"{texts[one].get_text()!r} lies on {texts[other].get_text()!r}")
    strokes = [(kind, moved.get_fully_transformed_path(), clip) for kind, moved, clip in strokes_of(figure)]
    everywhere = Bbox([[-math.inf, -math.inf], [math.inf, math.inf]])
    clips = corners([clip or everywhere for _, _, clip in strokes])
    middles = boxes + 0.15 * (boxes[:, [3]] - boxes[:, [1]]) * [0, 1, 0, -1]
    seen = shared(middles[:, None], clips)  # of each text what lies inside the axes of each stroke
    near = (sides(seen) > 0) & (sides(shared(seen, hulls([path for _, path, _ in strokes]))) >= 0)
    for text, beside, parts in zip(texts, near, seen, strict=True):
        for k in np.flatnonzero(beside):
            if strokes[k][1].intersects_bbox(Bbox.from_extents(parts[k]), filled=False):
                said.append(f"{type(strokes[k][0]).__name__} strikes {text.get_text()!r} through")
                break
    return list(dict.fromkeys(said))


# Odd inputs


def series(events, anchors, period, labels=("launches", "summits")):
    return es.Events(events, period, labels[0]), es.Events(anchors, period, labels[1])


def drawn(seed, number, period):
    rng = np.random.default_rng(seed)
    return np.sort(period.start + rng.choice(len(period), number, replace=False))


YEARS = es.Period("2010-01-01", "2020-01-01")
YEAR = es.Period("2014-01-01", "2015-01-01")
CENTURY = es.Period("1920-01-01", "2020-01-01")
SUMMITS = drawn(1, 30, YEARS)
NEAR = np.unique(np.concatenate([SUMMITS[1:] - 5, SUMMITS[1:] - 2]))
FAR = np.setdiff1d(YEARS.days[:3_600], np.add.outer(SUMMITS, np.arange(-60, 61)))
CASES = {
    "plain": series(drawn(2, 60, YEARS), SUMMITS, YEARS),
    "one event": series(drawn(3, 1, YEARS), SUMMITS, YEARS),
    "1,000 anchors": series(drawn(2, 60, YEARS), drawn(4, 1000, YEARS), YEARS),
    "long labels": series(drawn(2, 60, YEARS), SUMMITS, YEARS, (LONG, f"{LONG} two")),
    "other scripts": series(drawn(2, 60, YEARS), SUMMITS, YEARS, ("пуски ракет", "القاهرة")),
    "huge effect": series(NEAR, SUMMITS, YEARS),
    "none near": series(FAR[:: max(1, FAR.size // 40)], SUMMITS, YEARS),
    "many events": series(drawn(5, 2500, YEARS), SUMMITS, YEARS),
    "one year": series(drawn(6, 20, YEAR), drawn(7, 6, YEAR), YEAR),
    "100 years": series(drawn(8, 300, CENTURY), drawn(9, 120, CENTURY), CENTURY),
}
SHIFT = es.CircularShift()


def count(window=WINDOW):
    return es.WindowCount(window)


def half(events):
    middle = (events.period.start + events.period.stop) // 2
    return es.Period(events.period.start, middle), es.Period(middle, events.period.stop)


def inner(events):
    """Return two stretches with enough of the record on either side to move anchors in."""
    first, last = int(events.days[0]) + 90, int(events.days[-1]) - 90
    return es.Period(first, (first + last) // 2), es.Period((first + last) // 2, last)


def table(events, anchors):
    return es.count_table(events, anchors, {"before": WINDOW, "after": es.Window(1, 15)})


def doubled(events):
    """Return the events with a second one on every other day that has any."""
    return es.Events(np.sort(np.concatenate([events.days, events.days[::2]])), events.period, events.label)


def regression(events, anchors):
    return es.poisson_regression(table(events, anchors), "count ~ before + after", covariance="HC0")


def panel_of(events):
    """Return the events dealt to countries with names of any length."""
    names = np.array(["A", "Saint Vincent and the Grenadines", "Россия", "DPRK"])
    return pd.DataFrame({"country": names[np.arange(len(events)) % 4], "date": events.dates})


def simulated(events, anchors):
    number = min(len(anchors), 20)
    return {name: es.SimulatedSeries(YEARS, min(len(events), 60), number, es.Rhythm(growth=growth))
            for name, growth in (("no pattern", 1.0), (f"growth, and {anchors.label}", 5.0))}  # fmt: skip


def some(anchors, chosen):
    return es.Events(anchors.days[chosen], anchors.period, anchors.label)


def verdicts():
    share = np.array([[1, 8, 17, 20], [4, 10, 3, 0], [15, 2, 0, 0]])
    return VerdictCurveResult(
        ratios=np.array([0.5, 1.0, 1.5, 10.0]), counts=share, low=share / 25, high=share / 20, n_simulations=20,
        confidence_level=0.95, provenance=Provenance("verdict_curve(plan)"),
    )  # fmt: skip


def names_of(events, anchors):
    return [f"{day}, {anchors.label}" for day in anchors.within(events.period).dates.strftime("%Y-%m-%d")]


RESULTS = {
    "PermutationResult": lambda e, a: es.permutation_test(e, a, count(), SHIFT).plot(),
    "PermutationResult, nearest": lambda e, a: es.permutation_test(e, a, es.NearestLag(), SHIFT).plot(),
    "PermutationResult, excess": lambda e, a: es.permutation_test(
        e, a, es.WindowExcess(WINDOW), es.CalendarPermutation(by="year"), n_resamples=499, rng=1
    ).plot(),
    "FamilyResult": lambda e, a: es.permutation_family(
        e, a, {f"{days} days before": count(es.Window.before(days)) for days in (3, 7, 14, 28)}, SHIFT
    ).plot(),
    "ProfileResult": lambda e, a: es.lag_profile(e, a, SHIFT).plot(),
    "CoincidenceResult": lambda e, a: es.coincidence_rates(e, a, WINDOW).plot(),
    "RateRatioResult": lambda e, a: es.rate_ratio(e, a, WINDOW).plot(),
    "RegressionResult": lambda e, a: regression(e, a).plot(),
    "HurdleResult": lambda e, a: es.hurdle_regression(table(doubled(e), a), "count ~ before").plot(),
    # no controls: they are not drawn, and a level for each of 100 years takes a minute
    "LeadLagResult": lambda e, a: es.lead_lag_regression(e, a, leads=3, lags=3, controls="").plot(),
    "InfluenceResult": lambda e, a: es.leave_one_out(
        e, a, count(), es.CircularShift(within="year"), by="year"
    ).plot(),
    "PowerResult": lambda e, a: es.power_curve(
        e, a, count(), SHIFT, ratios=[1, 1.5, 2, 3], n_simulations=20, rng=1
    ).plot(),
    "MinimumRatioResult": lambda e, a: es.minimum_detectable_ratio(
        e, a, count(), SHIFT, n_simulations=20, rng=1
    ).plot(),
    "PauseResult": lambda e, a: es.pause_before(e, e.days[-1]).plot(),
    "WaitingResult": lambda e, a: es.waiting_times(e, a, {"shifts": SHIFT}, near_days=30).plot(),
    "BeforeAfterResult": lambda e, a: es.before_after(e, a, 60, {"shifts": SHIFT}, max_lag=14).plot(),
    "ChangeResult": lambda e, a: es.ratio_change(e, a, WINDOW, half(e)[1].start, SHIFT).plot(),
    "GrowthResult": lambda e, a: es.yearly_growth(e).plot(),
    "ErasResult": lambda e, a: es.nearest_by_era(
        e, a, dict(zip(("first half", "second half"), inner(e), strict=True)), shift_days=30
    ).plot(),
    "HawkesFit": lambda e, a: es.SelfExciting(without=None).fit(e, a, rng=1).plot(),
    "PanelResult": lambda e, a: es.panel_test(
        panel_of(e), a, count(), SHIFT, by="country", period=e.period
    ).plot(),
    "RandomizationResult": lambda e, a: es.randomization_test(
        e, a, {"before": WINDOW}, "count ~ before", "before", SHIFT, n_resamples=99, rng=1
    ).plot(),
    "CalibrationResult": lambda e, a: es.type_one_error(
        simulated(e, a), {"days": es.UniformDays(), LONG: SHIFT}, [count()], n_simulations=10, rng=1
    ).plot(),
    "CoverageResult": lambda e, a: es.interval_coverage(
        simulated(e, a),
        [None, es.CalendarPermutation()],
        WINDOW,
        ratios=[0.3, 1.0, 5.0],
        n_simulations=3,
        n_resamples=39,
        rng=1,
    ).plot(),
    "SpecificationCurveResult": lambda e, a: es.specification_curve(
        es.every_specification(
            {
                "window": {f"{n} days": es.Window.before(n) for n in (7, 14, 28)},
                "anchors": {"all": slice(None), f"every other of {a.label}": slice(None, None, 2)},
            },
            lambda window, anchors: (e, some(a, anchors), count(window)),
        ),
        SHIFT,
        n_resamples=19,
        rng=1,
    ).plot(),
    "VerdictCurveResult": lambda e, a: verdicts().plot(),
    "plot_fit": lambda e, a: regression(e, a).plot_fit(),
    "plot_fit by year": lambda e, a: regression(e, a).plot_fit(by="year"),
    "plot_residuals": lambda e, a: regression(e, a).plot_residuals(),
    "timeline": lambda e, a: charts.timeline(e, a, WINDOW),
    "raster": lambda e, a: charts.peri_anchor_raster(e, a, WINDOW, lags=(-56, 57), names=names_of(e, a)),
    "null panels": lambda e, a: charts.null_panels(
        {
            "primary": es.permutation_test(e, a, count(), SHIFT),
            "second": es.permutation_test(e, a, count(), es.CircularShift(within="year")),
            "plain count": es.permutation_test(e, a, es.WindowExcess(WINDOW), SHIFT),
            "naive": es.permutation_test(e, a, count(), es.UniformDays()),
        }
    ),
    "rate ratios": lambda e, a: charts.rate_ratios(
        {f"{n} days before": es.rate_ratio(e, a, es.Window.before(n)) for n in (7, 14, 28)}
    ),
    "pause panels": lambda e, a: charts.pause_panels(
        {name: es.pause_before(e, e.days[k]) for name, k in (("first", e.days.size // 2), ("last", -1))}
    ),
    "influence panels": lambda e, a: charts.influence_panels(
        {
            by: es.leave_one_out(e, a, count(), es.CircularShift(within="year"), by=by)
            for by in ("year", "anchor")
        },
        height=6.0,
    ),
}


# what these inputs cannot answer, and a phrase of the reason; all others must be drawn
REFUSED = {
    ("PermutationResult, excess", "one year"): "at least two whole calendar years are needed",
    ("HurdleResult", "one event"): "days with events: 'before' is 0 on every row",
    ("HurdleResult", "none near"): "days with events: 'before' is 0 on every row",
    ("LeadLagResult", "1,000 anchors"): "so there are no reference days",
    ("PowerResult", "many events"): "has no room for 3 times as many launches",
    ("MinimumRatioResult", "many events"): "has no room for 3 times as many launches",
    ("InfluenceResult", "one year"): "there is 1 year, so nothing is left without it",
    ("influence panels", "one year"): "there is 1 year, so nothing is left without it",
    ("PauseResult", "one event"): "so the start of its pause is unknown",
    ("pause panels", "one event"): "so the start of its pause is unknown",
    ("WaitingResult", "one event"): "none of the launches follows the last of the summits",
    ("WaitingResult", "1,000 anchors"): "none of the launches follows the last of the summits",
    ("WaitingResult", "huge effect"): "none of the launches follows the last of the summits",
    ("BeforeAfterResult", "none near"): "there is no event in 1728 rows",
    ("BeforeAfterResult", "1,000 anchors"): "the 60 days around the summits do not all lie inside",
    ("BeforeAfterResult", "one year"): "the 60 days around the summits do not all lie inside",
    ("ChangeResult", "one event"): "no event lies in 2010-01-01 to 2015-01-01",
    ("ChangeResult", "one year"): "no event is expected in the window",
    ("GrowthResult", "one year"): "is not 4 whole calendar years or more",
    ("ErasResult", "one event"): "it holds no day",
    ("ErasResult", "one year"): "none of the summits lies in 'first half'",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("figure", "case"),
    [(figure, case) for figure in RESULTS for case in CASES],
)
def test_no_text_of_a_figure_is_covered_cut_or_struck_through(figure, case):
    """Charts are drawn in the style of the report, results in that of Matplotlib."""
    style = STYLE if figure.islower() else {}
    with warnings.catch_warnings(), plt.rc_context(style):
        warnings.simplefilter("ignore", OverdispersionWarning)
        if reason := REFUSED.get((figure, case)):
            with pytest.raises(EventStudyError, match=re.escape(reason)):
                RESULTS[figure](*CASES[case])
            return
        drawn_into = RESULTS[figure](*CASES[case])
        found = faults(drawn_into if hasattr(drawn_into, "savefig") else drawn_into.figure)
        plt.close("all")
    assert found == []


def test_what_is_refused_is_in_the_battery():
    assert {*REFUSED} <= set(itertools.product(RESULTS, CASES))


def test_every_plot_of_a_result_is_in_the_battery():
    for module in pkgutil.walk_packages(es.__path__, "eventstudy."):
        if module.name.startswith(("eventstudy.results.", "eventstudy.nulls.")):
            importlib.import_module(module.name)
    waiting, owners = [Citable], set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        owners |= {kind.__name__ for name in vars(kind) if name == "plot"}
    assert len(owners) > 20
    assert owners <= {name.partition(",")[0] for name in RESULTS}


def test_timeline_and_raster_can_stand_among_other_pictures():
    events, anchors = CASES["plain"]
    figure, axes = plt.subplot_mosaic([["a", "b"], ["a", "c"]], figsize=(12, 7), layout="constrained")
    assert charts.peri_anchor_raster(
        events, anchors, WINDOW, lags=(-28, 29), names=names_of(events, anchors), ax=axes["a"]
    ) is figure  # fmt: skip
    assert charts.timeline(events, anchors, WINDOW, ax=axes["b"]) is figure
    es.rate_ratio(events, anchors, WINDOW).plot(axes["c"])
    assert len(figure.axes) == 4  # the raster has bars above its rows
    assert faults(figure) == []
    plt.close(figure)


def test_a_raster_without_a_grid_to_stand_in_is_refused():
    figure, series = plt.figure(), CASES["plain"]
    ax, names = figure.add_axes((0, 0, 1, 1)), names_of(*series)
    with pytest.raises(
        OptionError, match=r"^peri_anchor_raster: ax stands in no grid; make it with plt\.subplots"
    ):
        charts.peri_anchor_raster(*series, WINDOW, lags=(-28, 29), names=names, ax=ax)
    plt.close(figure)


def test_the_estimate_lies_on_the_curve_of_a_ratio():
    period = es.Period(0, 4_000)
    events, anchors = es.Events(range(0, 4_000, 17), period), es.Events(range(100, 3_900, 190))
    for null in (None, es.CircularShift()):
        given = {} if null is None else {"null": null, "within": None, "rng": 1, "n_resamples": 199}
        result = es.rate_ratio(events, anchors, es.Window(-14, 0), **given)
        ax = result.plot()
        points = dict(zip(*ax.lines[0].get_data(), strict=True))
        (dot,) = (line for line in ax.lines if line.get_marker() == "o")
        assert dot.get_xdata()[0] == result.ratio
        assert points[result.ratio] == dot.get_ydata()[0]
        assert points[result.ratio] > max(points.values()) - 0.01
        plt.close("all")


def test_a_profile_in_a_narrow_picture_has_its_title_and_labels_apart():
    period = es.Period(0, 4_000)
    events, anchors = es.Events(range(0, 4_000, 17), period), es.Events(range(100, 3_900, 190))
    profile = es.lag_profile(events, anchors, es.CircularShift(), rng=1, n_resamples=99)
    figure, axes = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
    for ax in axes:
        profile.plot(ax=ax)
    figure.canvas.draw()
    for ax, right in zip(axes, (*(ax.get_tightbbox().x0 for ax in axes[1:]), figure.bbox.x1), strict=True):
        (title,) = (text for text in ax.findobj(Text) if "grey:" in text.get_text())
        assert title.get_window_extent().x1 <= right
        assert "\n" in title.get_text()
        names = [label.get_window_extent() for label in ax.get_xticklabels() if label.get_text()]
        assert all(left.x1 < right.x0 for left, right in itertools.pairwise(names))
    wide = profile.plot()  # as in a report
    assert "\n" not in wide.get_title(loc="left")
    assert wide.get_xticks()[1] - wide.get_xticks()[0] == 14
    plt.close("all")


def test_a_grid_of_axes_is_refused_with_one_to_give():
    grid = plt.subplots(2, 2)[1]
    profile = es.lag_profile(
        es.Events(range(0, 400, 17), es.Period(0, 400)), es.Events([100, 300]), es.CircularShift(), rng=1
    )
    for given, said in (
        (grid, r"^plot: ax is a ndarray; give one of its axes, such as axs\[0, 0\] or axs.flat\[0\]$"),
        (grid[0, 0].figure, r"^plot: ax is a Figure; give axes of Matplotlib$"),
    ):
        with pytest.raises(OptionError, match=said):
            profile.plot(ax=given)
    assert profile.plot(ax=grid[0, 0]) is grid[0, 0]
    plt.close("all")


def test_the_curve_of_a_ratio_beyond_a_hundred_is_seen():
    ax = es.rate_ratio(*CASES["huge effect"], WINDOW).plot()
    curve = max(ax.lines, key=lambda line: len(line.get_xdata()))
    shown = (curve.get_xdata() >= ax.get_xlim()[0]) & (curve.get_xdata() <= ax.get_xlim()[1])
    assert curve.get_ydata()[shown].max() > 0.9
    plt.close("all")


@pytest.mark.parametrize(("number", "dated"), [(30, 30), (45, 45), (46, 23), (900, 45)])
def test_waits_are_dated_as_far_as_there_is_room(number, dated):
    events, anchors = CASES["1,000 anchors"]
    chosen = some(anchors, slice(None, number))
    ax = es.waiting_times(events, chosen, {"shifts": SHIFT}, near_days=30).plot()
    assert ax.figure.get_figheight() <= 0.3 * 45 + 0.9 + 1e-9
    assert [(label.get_text(), at) for label, at in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)] == [
        (f"{chosen.dates[k]:%Y-%m-%d}", number - 1 - k) for k in range(0, number, math.ceil(number / 45))
    ]  # fmt: skip
    assert len(ax.get_yticks()) == dated
    assert faults(ax.figure) == []
    plt.close("all")


@pytest.mark.parametrize("lowest", [0.0, 0.0024, 0.0025])
def test_a_rate_below_the_axis_is_a_hollow_marker_on_its_edge(lowest):
    _, ax = plt.subplots(layout="constrained")
    rate = np.array([[lowest, 0.05], [0.04, 0.06]])
    draw.level_dots(
        ax, ["one truth", "another"], ["first", "second"], rate, rate / 2, rate * 2,
        level=1.0 - 0.95, band=(0.03, 0.07), label="share",
    )  # fmt: skip
    dots = [line for line in ax.lines if line.get_marker() in ("o", "s")]
    hollow = [line for line in dots if line.get_markerfacecolor() == "white" and len(line.get_xdata())]
    filled = [x for line in dots if line.get_markerfacecolor() != "white" for x in line.get_xdata()]
    if lowest < 0.0025:
        assert [line.get_xdata() for line in hollow] == [pytest.approx([ax.get_xlim()[0]])]
        assert not hollow[0].get_clip_on()
        assert ax.get_xlabel() == "share (hollow: below 0.0025)"
        assert sorted(filled)[:3] == [0.04, 0.05, 0.06]
    else:
        assert (hollow, ax.get_xlabel(), min(filled)) == ([], "share", lowest)
    assert faults(ax.figure) == []
    assert ax.xaxis.label.get_window_extent().y0 < 10  # pixels: no empty strip below the figure
    plt.close("all")


@pytest.mark.parametrize(("number", "found"), [(12, 0), (12, 3), (300, 12), (300, 200)])
def test_a_panel_names_the_significant_groups_alone_and_says_how_many_it_does_not_name(number, found):
    names = [f"group {k}" for k in range(number)]
    pvalues = np.sort(np.random.default_rng(3).uniform(0.001, 1.0, number))
    _, ax = plt.subplots(figsize=(5.2, 3.6), layout="constrained")
    draw.pvalue_ranks(ax, pvalues, np.arange(number) < found, names, 0.05)
    ax.set(xlabel="rank", ylabel="p")
    written = [text.get_text() for text in ax.texts if text.get_text()]
    if found == 200:
        *written, last = written
        assert 12 <= len(written) < found
        assert last == f"and {found - len(written)} more"
        found = len(written)
    assert written == names[:found]  # the smallest p-value first
    assert sum(text.arrow_patch is not None for text in ax.texts) == found
    assert faults(ax.figure) == []
    plt.close("all")


def test_a_profile_leaves_the_title_of_given_axes_to_their_owner():
    events, anchors = CASES["plain"]
    profile = es.lag_profile(events, anchors, es.CircularShift(), rng=1, n_resamples=99)
    _, ax = plt.subplots(figsize=(5.6, 3.2), layout="constrained")
    profile.plot(ax)
    ax.set_title("Strikes and elections")
    titles = {ax.get_title(loc=side) for side in ("left", "center", "right")}
    assert titles == {"", "Strikes and elections"}
    assert "dotted: expected" in ax.get_xlabel()
    assert faults(ax.figure) == []
    plt.close("all")


@pytest.mark.parametrize("width", [5.0, 7.0, 14.0])
def test_the_dates_of_a_fit_do_not_overlap_in_a_grid(width):
    events, anchors = CASES["plain"]
    fitted = regression(events, anchors)
    figure, axs = plt.subplots(2, 2, figsize=(width, 5.0), layout="constrained")
    for ax in axs.flat:
        fitted.plot_fit(ax)
    figure.draw_without_rendering()
    for ax in axs.flat:
        boxes = [text.get_window_extent() for text in ax.get_xticklabels() if text.get_text()]
        assert len(boxes) >= 2
        assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))
    plt.close("all")


@pytest.mark.parametrize(
    ("low", "high"), [(0.5, 3.4), (0.22, 1.5), (0.65, 2.4), (0.06, 0.5), (0.2, 9.0), (0.01, 12)]
)
def test_round_ticks_cover_an_axis_of_ratios(low, high):
    _, ax = plt.subplots()
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    plain_log_ticks(ax, low, high)
    ticks = ax.get_xticks()
    assert len(ticks) >= 4
    assert ticks[0] <= 2.01 * low
    assert ticks[-1] >= high / 2.01
    plt.close("all")


def test_the_bar_of_a_confidence_curve_is_named():
    events, anchors = CASES["plain"]
    ax = es.rate_ratio(events, anchors, es.Window(-14, 0), confidence_level=0.9).plot()
    assert ax.get_xlabel() == "rate inside the window / rate outside (bar: 90% interval)"
    assert ax.get_legend_handles_labels()[1] == ["90% interval"]
    assert faults(ax.figure) == []
    plt.close("all")


# The search itself


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ((0.5, 0.5), "lies on"),
        ((0.95, 0.2), "leaves the figure"),
        ((0.1, 0.705), "strikes"),
    ],
)
def test_a_planted_fault_is_found(place, said):
    figure = plt.figure(layout="none")  # whatever style another test left
    ax = figure.add_axes((0, 0, 1, 1), frameon=False, xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
    ax.text(0.5, 0.5, "one label")
    assert faults(figure) == []
    ax.axhline(0.72)
    ax.text(*place, "another label")
    found = faults(figure)
    assert len(found) == 1
    assert said in found[0]
    plt.close(figure)


@pytest.mark.parametrize("inches", [1.2, 2.0, 3.0, 4.5, 6.3])
@pytest.mark.parametrize("days", [20, 75, 200, 365, 500, 800, 1200, 1461, 2300, 4749, 20000, 60000])
def test_dates_have_ticks_for_the_room_and_no_warning_whatever_they_span(inches, days):
    figure, ax = plt.subplots(figsize=(inches, 2))
    first = np.datetime64("2012-01-01")
    ax.plot([first, first + days], [0, 1])
    few_dates(ax)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        low, high = ax.get_xlim()
        inside = [tick for tick in ax.get_xticks() if low <= tick <= high]
    assert 1 <= len(inside) <= 2 + inches * 72 / 30
    plt.close(figure)
