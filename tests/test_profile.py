"""Lag profiles: pairs counted one by one, all shifts one by one, and a picture that agrees with its p-value."""

from itertools import pairwise

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from joblib import parallel_config
from matplotlib.patches import StepPatch
from scipy.stats import binom

import eventstudy as es
from eventstudy.errors import EventsError, ExactUnavailableError, OptionError, RandomnessError, WindowError
from eventstudy.events import NO_EVENT
from eventstudy.numeric.envelopes import global_envelope
from eventstudy.profile import bin_edges
from eventstudy.statistics import LagCount

matplotlib.use("Agg")

PERIOD = es.Period("2012-01-01", "2017-01-01")
RNG = np.random.default_rng(8)
LAUNCHES = es.Events(RNG.integers(PERIOD.start, PERIOD.stop, 70), PERIOD, "launches")
SUMMITS = es.Events(RNG.integers(PERIOD.start - 40, PERIOD.stop + 40, 25), label="summits")


def pairs(days, anchors, edges):
    """Pairs of day and anchor by bin of lag, one after the other."""
    counts = [0] * (len(edges) - 1)
    for day in days:
        for anchor in anchors:
            for j, (start, stop) in enumerate(pairwise(edges)):
                counts[j] += start <= day - anchor < stop
    return counts


@pytest.mark.parametrize(
    ("lags", "bin_days", "edges"),
    [
        ((-60, 61), 7, [-60, -56, -49, -42, -35, -28, -21, -14, -7, 0, 1, 8, 15, 22, 29, 36, 43, 50, 57, 61]),
        ((-14, 15), 7, [-14, -7, 0, 1, 8, 15]),
        ((-2, 3), 1, [-2, -1, 0, 1, 2, 3]),
        ((-20, 0), 7, [-20, -14, -7, 0]),
        ((0, 10), 7, [0, 1, 8, 10]),
        ((1, 10), 7, [1, 8, 10]),
        ((-30, -3), 10, [-30, -20, -10, -3]),
        ((3, 5), 90, [3, 5]),
    ],
)
def test_bins_are_counted_away_from_day_zero_which_stands_alone(lags, bin_days, edges):
    assert bin_edges(lags, bin_days).tolist() == edges


def test_the_weeks_next_to_day_zero_are_the_windows_before_and_after():
    frame = es.lag_profile(LAUNCHES, SUMMITS, es.CircularShift(), lags=(-7, 8)).to_frame()
    assert [(row.lag, row.lag_stop) for row in frame.itertuples()] == [
        (window.start, window.stop) for window in (es.Window.before(7), es.Window(0, 1), es.Window.after(7))
    ]


@pytest.mark.parametrize("bin_days", [1, 7, 11])
def test_observed_counts_are_the_pairs_of_event_and_anchor(bin_days):
    result = es.lag_profile(LAUNCHES, SUMMITS, es.CircularShift(), bin_days=bin_days)
    assert result.observed.tolist() == pairs(LAUNCHES.days, SUMMITS.days, result.edges)


def test_an_event_near_two_anchors_counts_for_both():
    events = es.Events([50], es.Period(0, 100))
    result = es.lag_profile(events, es.Events([52, 55]), es.CircularShift(), lags=(-6, 1), bin_days=1)
    assert result.observed.tolist() == [0, 1, 0, 0, 1, 0, 0]
    assert result.n_anchors == 2


def test_scores_and_pairs_of_a_range_of_lags_agree():
    count = LagCount(es.Window(-9, 4))
    scores = count.scores(PERIOD, SUMMITS)
    assert scores.tolist() == [
        sum(-9 <= day - anchor < 4 for anchor in SUMMITS.days.tolist()) for day in PERIOD.days.tolist()
    ]
    near = es.Events([1, 4])  # days near 0, where a missing event must not be taken for one
    rows = np.array([[0, 5, NO_EVENT], [NO_EVENT, NO_EVENT, 3], [NO_EVENT] * 3])
    assert count(rows, near).tolist() == [3, 2, 0]


@pytest.mark.parametrize("bin_days", [1, 3])
def test_under_all_shifts_curves_and_band_are_those_of_enumeration(bin_days):
    period = es.Period(200, 253)
    rng = np.random.default_rng(2)
    events = es.Events(rng.integers(200, 253, 8), period)
    anchors = es.Events(rng.integers(190, 260, 5))
    result = es.lag_profile(events, anchors, es.CircularShift(), lags=(-6, 7), bin_days=bin_days)
    curves = np.array(
        [
            pairs([200 + (day - 200 + shift) % 53 for day in events.days], anchors.days, result.edges)
            for shift in range(53)
        ]
    )
    envelope = global_envelope(curves.T, curves[0], 0.95)
    assert result.method == "exact"
    assert result.n_curves == 53
    assert result.expected == pytest.approx(curves.mean(axis=0))
    assert result.lower.tolist() == envelope.lower.tolist()
    assert result.upper.tolist() == envelope.upper.tolist()
    assert result.pvalue == envelope.pvalue


@pytest.mark.parametrize(
    "null", [es.UniformDays(), es.CircularShift(within="year"), es.CalendarPermutation()], ids=repr
)
def test_drawn_curves_are_those_of_the_drawn_days(null):
    result = es.lag_profile(
        LAUNCHES, SUMMITS, null, lags=(-10, 11), method="monte-carlo", n_resamples=200, rng=6
    )
    days = null.sample(LAUNCHES, SUMMITS, rng=np.random.default_rng(6).spawn(1)[0], size=200)
    drawn = np.array([pairs(row, SUMMITS.days, result.edges) for row in days.tolist()])
    envelope = global_envelope(np.vstack([drawn, result.observed]).T, result.observed, 0.95)
    assert result.method == "monte-carlo"
    assert result.expected == pytest.approx(drawn.mean(axis=0))
    assert (result.lower.tolist(), result.upper.tolist()) == (
        envelope.lower.tolist(),
        envelope.upper.tolist(),
    )
    assert result.pvalue == envelope.pvalue >= 1 / 201


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("level", [0.95, 0.9, 0.5])
def test_the_curve_leaves_the_band_if_and_only_if_p_is_small(seed, level):
    rng = np.random.default_rng(seed)
    period = es.Period(0, 120)
    events, anchors = es.Events(rng.integers(0, 120, 10), period), es.Events(rng.integers(0, 120, 4))
    exact = es.lag_profile(
        events, anchors, es.CircularShift(), lags=(-9, 10), bin_days=3, confidence_level=level
    )
    drawn = es.lag_profile(
        events,
        anchors,
        es.UniformDays(),
        lags=(-9, 10),
        bin_days=3,
        confidence_level=level,
        n_resamples=99,
        rng=seed,
    )
    for result in (exact, drawn):
        assert result.outside.any() == (result.pvalue <= 1 - level + 1e-9)
        assert result.to_frame()["outside"].tolist() == result.outside.tolist()


def test_a_planted_lag_is_where_the_curve_leaves_the_band():
    rng = np.random.default_rng(1)
    close = SUMMITS.within(PERIOD).days
    events = es.Events(
        np.concatenate([close[10:20] - 4, rng.integers(PERIOD.start, PERIOD.stop, 30)]), PERIOD, "launches"
    )
    result = es.lag_profile(events, SUMMITS, es.CircularShift(), bin_days=1)
    assert result.edges[:-1][result.outside].tolist() == [-4]
    assert result.pvalue <= 0.05
    assert "day -4: 1" in result.summary()


def test_workers_change_nothing():
    options = {"rng": 3, "n_resamples": 2_500}
    one = es.lag_profile(LAUNCHES, SUMMITS, es.UniformDays(), **options)
    with parallel_config("threading", n_jobs=2):
        two = es.lag_profile(LAUNCHES, SUMMITS, es.UniformDays(), **options)
    assert one.to_frame().equals(two.to_frame())
    assert one.pvalue == two.pvalue


@pytest.mark.slow
def test_the_whole_curve_stays_in_the_band_with_the_confidence_level():
    rng, n, level = np.random.default_rng(20240229), 300, 0.05
    period = es.Period(0, 500)
    rejected = 0
    for _ in range(n):
        events, anchors = es.Events(rng.integers(0, 500, 50), period), es.Events(rng.integers(0, 500, 15))
        rejected += (
            es.lag_profile(events, anchors, es.CircularShift(), lags=(-20, 21), bin_days=2).pvalue <= level
        )
    assert rejected <= binom.ppf(1 - 1e-6, n, level)
    assert rejected > 0  # the band is not idle


def test_the_summary_and_the_plot_say_what_was_found():
    result = es.lag_profile(LAUNCHES, SUMMITS, es.CircularShift(within="year"), rng=4, n_resamples=199)
    text = result.summary()
    for part in (
        "H0",
        "199 draws, seed 4",
        "day 0 separate",
        "days -60 to +60",
        "extreme rank length",
        "no bin",
    ):
        assert part in text
    assert "5 strata" in result.method_note
    ax = result.plot()
    assert ax.get_xlim() == (-60, 61)
    steps = [patch.get_data() for patch in ax.patches if isinstance(patch, StepPatch)]
    assert any(np.array_equal(step.values, result.observed) for step in steps)
    assert any(
        np.array_equal(step.values, result.upper) and np.array_equal(step.baseline, result.lower)
        for step in steps
    )


@pytest.mark.parametrize(
    ("lags", "bin_days", "said"),
    [
        ((-60, 61), 7, "first bin 4 d, last bin 4 d"),
        ((-14, 20), 7, "last bin 5 d"),
        ((-9, 15), 7, "first bin 2 d"),
        ((-14, 15), 7, ""),
        ((0, 1), 7, ""),  # the anchor's own day alone
        ((0, 2), 7, "last bin 1 d"),
        ((-30, 31), 1, ""),
    ],
)
def test_outermost_bins_that_hold_fewer_days_are_named(lags, bin_days, said):
    result = es.lag_profile(LAUNCHES, SUMMITS, es.CircularShift(), lags=lags, bin_days=bin_days)
    (line,) = [line for line in result.summary().splitlines() if line.startswith("  bins")]
    assert line.partition("; ")[2] == said
    label = " ".join(result.plot().get_ylabel().split())
    assert label.endswith(f"({said})" if said else ("per day" if bin_days == 1 else "per bin of 7 days"))
    plt.close("all")


def test_errors_say_what_to_do():
    year = es.CircularShift(within="year")
    with pytest.raises(WindowError, match=r"lags=\(5, 5\) hold no day; the second must be greater"):
        es.lag_profile(LAUNCHES, SUMMITS, year, lags=(5, 5))
    with pytest.raises(OptionError, match="bin_days is 0; give 1 day or more"):
        es.lag_profile(LAUNCHES, SUMMITS, year, bin_days=0)
    with pytest.raises(OptionError, match="are not whole days; give them as"):
        es.lag_profile(LAUNCHES, SUMMITS, year, lags=(-1.5, 3))
    with pytest.raises(OptionError, match="confidence_level is 95; give a share"):
        es.lag_profile(LAUNCHES, SUMMITS, year, confidence_level=95)
    with pytest.raises(OptionError, match="method='all' is not known"):
        es.lag_profile(LAUNCHES, SUMMITS, year, method="all")
    with pytest.raises(RandomnessError, match=r"lag_profile: .*pass a seed"):
        es.lag_profile(LAUNCHES, SUMMITS, year)
    with pytest.raises(ExactUnavailableError, match="use method='monte-carlo'"):
        es.lag_profile(LAUNCHES, SUMMITS, year, method="exact")
    with pytest.raises(EventsError, match="there is no anchor"):
        es.lag_profile(LAUNCHES, es.Events([]), es.CircularShift())
