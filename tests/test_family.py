"""Families of tests under null models: the same draws for all, exact under all shifts, errors that say what to do."""

import pickle

import matplotlib
import numpy as np
import pytest
from joblib import parallel_config
from scipy.stats import binom

import eventstudy as es
from eventstudy.errors import EventsError, ExactUnavailableError, OptionError, RandomnessError
from eventstudy.evaluation import draws
from eventstudy.evaluation.values import evaluation
from eventstudy.events import NO_EVENT
from eventstudy.numeric.multiplicity import corrected
from eventstudy.statistics import NearestLag, WindowContrast

matplotlib.use("Agg")

PERIOD = es.Period("2012-01-01", "2017-01-01")
RNG = np.random.default_rng(7)
LAUNCHES = es.Events(RNG.integers(PERIOD.start, PERIOD.stop, 70), PERIOD, "launches")
SUMMITS = es.Events(RNG.integers(PERIOD.start - 20, PERIOD.stop + 20, 25), label="summits")
SEOUL = es.Events(SUMMITS.days[::3], label="summits in Seoul")
TALKS = es.Events(RNG.integers(PERIOD.start, PERIOD.stop, 9), label="talks")
FAMILY = {
    "7 d": es.WindowCount(es.Window.before(7)),
    "28 d": es.WindowCount(es.Window.before(28)),
    "7 d, Seoul": (es.WindowCount(es.Window.before(7)), SEOUL),
    "14 d, talks": es.FamilyMember(es.WindowCount(es.Window.before(14)), TALKS, "less"),
    "around": es.FamilyMember(es.WindowCount(es.Window(-3, 4)), alternative="two-sided"),
}
TAILS = ["greater", "greater", "greater", "less", "two-sided"]


def counted(days, window, anchors):
    """Events with an anchor at a lag in the window, one event after the other."""
    return sum(any(window.start <= day - anchor < window.stop for anchor in anchors) for day in days)


def test_under_all_shifts_the_family_is_that_of_enumeration():
    period = es.Period(100, 161)
    rng = np.random.default_rng(11)
    events = es.Events(rng.integers(100, 161, 9), period)
    first, second = es.Events(rng.integers(90, 170, 4)), es.Events(rng.integers(100, 161, 3), label="others")
    members = {
        "3": es.WindowCount(es.Window(-3, 0)),
        "9": es.WindowCount(es.Window(-9, 0)),
        "others": es.FamilyMember(es.WindowCount(es.Window(-5, 0)), second, "less"),
    }
    rows = []
    for shift in range(61):
        days = [100 + (day - 100 + shift) % 61 for day in events.days.tolist()]
        rows.append(
            [
                counted(days, es.Window(-3, 0), first.days),
                counted(days, es.Window(-9, 0), first.days),
                counted(days, es.Window(-5, 0), second.days),
            ]
        )
    result = es.permutation_family(events, first, members, es.CircularShift())
    values = np.array(rows).T
    direct = corrected(values, values[:, 0], ["greater", "greater", "less"])
    assert result.method == "exact"
    assert result.observed.tolist() == rows[0]
    assert result.expected == pytest.approx(values.mean(axis=1))
    assert result.pvalue[0] == sum(row[0] >= rows[0][0] for row in rows) / 61
    assert result.pvalue[2] == sum(row[2] <= rows[0][2] for row in rows) / 61
    assert result.pvalue_adjusted.tolist() == direct.maxt.tolist()
    assert result.pvalue_maxt_single.tolist() == direct.maxt_single.tolist()
    assert result.pvalue_minp.tolist() == direct.minp.tolist()
    assert result.pvalue_minp_single.tolist() == direct.minp_single.tolist()


@pytest.mark.parametrize(
    "null",
    [
        es.UniformDays(within="year"),
        es.CircularShift(within="month"),
        es.CalendarPermutation(),
        es.UniformDays(),
    ],
)
def test_one_member_alone_is_the_permutation_test(null):
    statistic = es.AnchorsHit(es.Window(-14, 0)) if null == es.UniformDays() else FAMILY["28 d"]
    options = {"rng": 5, "n_resamples": 499, "method": "monte-carlo"}
    test = es.permutation_test(LAUNCHES, SUMMITS, statistic, null, **options)
    family = es.permutation_family(LAUNCHES, SUMMITS, {"it": statistic}, null, **options)
    for pvalues in (family.pvalue, family.pvalue_adjusted, family.pvalue_maxt_single, family.pvalue_minp):
        assert pvalues.tolist() == [test.pvalue]
    assert family.expected == pytest.approx(test.expected)
    assert family.observed.tolist() == [test.observed]


class ByDays(es.NullModel):
    """A null model that offers its draws and nothing else."""

    keeps = breaks = ""
    keeps_number = True

    def __init__(self, null):
        self.null = null

    def sample(self, events, anchors, *, rng, size):
        return self.null.sample(events, anchors, rng=rng, size=size)


@pytest.mark.parametrize("within", [None, "year", "quarter", "month", ["2012-02-29", "2015-07-01"]])
@pytest.mark.parametrize("null", [es.CircularShift, es.UniformDays])
def test_sums_within_strata_are_those_of_the_drawn_days(null, within):
    assert_sums_are_those_of_days(null(within=within), LAUNCHES)


@pytest.mark.parametrize(
    ("null", "events"),
    [
        (es.CalendarPermutation(), LAUNCHES),
        (
            es.CalendarPermutation(),
            es.Events(["2012-02-29", "2012-03-01", "2013-02-28", "2016-12-31"], PERIOD),
        ),
        (
            es.CalendarPermutation(by=["2012-04-10", "2012-07-19"]),
            es.Events(["2012-01-01", "2012-04-09", "2012-10-26"], es.Period("2012-01-01", "2012-10-27")),
        ),
    ],
)
def test_sums_by_stratum_are_those_of_the_drawn_days_when_years_are_exchanged(null, events):
    assert_sums_are_those_of_days(null, events)


def assert_sums_are_those_of_days(null, events):
    asked = [
        (es.WindowCount(es.Window(-14, 0)), SUMMITS),
        (WindowContrast(es.Window(-30, 0), es.Window(1, 31)), SEOUL),
        (NearestLag("either"), TALKS),
    ]
    prepared = evaluation(events, asked)
    if not isinstance(null, es.UniformDays):  # there the days have to be dealt out anyway
        assert null.sums(events, SUMMITS, prepared.rows(), 3) is not None  # so the fast road is taken
    tables = [
        draws.null_table(prepared, SUMMITS, model, rng=np.random.default_rng(3), n_resamples=1_500)
        for model in (null, ByDays(null))
    ]
    assert np.array_equal(tables[0], tables[1])
    days = null.sample(events, SUMMITS, rng=np.random.default_rng(3).spawn(1)[0], size=1_024)
    for row in (0, 500, 1_023):
        assert tables[0][0, row] == counted(days[row], es.Window(-14, 0), SUMMITS.days)
    assert len(np.unique(tables[0][2])) > 1 or len(events) == 3


def test_tables_that_would_be_too_large_give_way_to_the_days(monkeypatch):
    counts = evaluation(LAUNCHES, [(FAMILY["7 d"], SUMMITS)])
    null = es.CalendarPermutation()
    whole = draws.null_values(counts, null, rng=np.random.default_rng(1), n_resamples=50)
    for module in ("calendar_permutation", "circular_shift", "rings"):
        monkeypatch.setattr(f"eventstudy.nulls.{module}.LARGEST_TABLE", 5)
    for one in (null, es.CircularShift(within="year")):
        assert one.sums(LAUNCHES, SUMMITS, counts.rows(), 1) is None
    again = draws.null_values(counts, null, rng=np.random.default_rng(1), n_resamples=50)
    assert np.array_equal(whole, again)
    with pytest.raises(
        ExactUnavailableError, match="1,827 shifts of 1 statistics are more than fit into the memory"
    ):
        es.CircularShift().joint(LAUNCHES, SUMMITS, counts.rows(), 1)


def test_all_members_see_the_same_draws():
    """Two windows that share no day and cover the period hold all events on every draw."""
    asked = [
        (es.WindowCount(es.Window(-14, 0)), SUMMITS),
        (es.AnchorsHit(es.Window(-14, 0)), SUMMITS),
        (es.WindowCount(es.Window(-4_000, 4_000)), SUMMITS),
    ]
    table = draws.null_table(
        evaluation(LAUNCHES, asked),
        SUMMITS,
        es.UniformDays(),
        rng=np.random.default_rng(2),
        n_resamples=1_100,
    )
    assert (table[2] == len(LAUNCHES)).all()
    parts = np.random.default_rng(2).spawn(2)
    for begin, part, size in ((0, parts[0], 1_024), (1_024, parts[1], 76)):
        days = es.UniformDays().sample(LAUNCHES, SUMMITS, rng=part, size=size)
        for row in (0, size - 1):
            hit = sum(any(-14 <= day - anchor < 0 for day in days[row]) for anchor in SUMMITS.days)
            assert table[:2, begin + row].tolist() == [
                counted(days[row], es.Window(-14, 0), SUMMITS.days),
                hit,
            ]


class Thinned(ByDays):
    """Draws that lose events: a third of the places hold none, and one row in ten none at all."""

    keeps_number = False

    def sample(self, events, anchors, *, rng, size):
        days = self.null.sample(events, anchors, rng=rng, size=size).copy()
        days[rng.random(days.shape) < 1 / 3] = NO_EVENT
        days[::10] = NO_EVENT
        return days


@pytest.mark.parametrize("number", [1, 2])
def test_missing_events_of_a_draw_score_nothing(number):
    null = Thinned(es.UniformDays())
    asked = [(es.WindowCount(es.Window(-14, 0)), SUMMITS), (NearestLag("after"), SUMMITS)][-number:]
    table = draws.null_table(
        evaluation(LAUNCHES, asked), SUMMITS, null, rng=np.random.default_rng(2), n_resamples=40
    )
    days = null.sample(LAUNCHES, SUMMITS, rng=np.random.default_rng(2).spawn(1)[0], size=40)
    for row in range(40):
        there = days[row][days[row] != NO_EVENT].tolist()
        if number == 2:
            assert table[0, row] == counted(there, es.Window(-14, 0), SUMMITS.days)
        lags = [
            day - max([anchor for anchor in SUMMITS.days.tolist() if anchor <= day], default=PERIOD.start - 1)
            for day in there
        ]
        assert table[-1, row] == pytest.approx(-sum(lags) / len(there) if there else np.nan, nan_ok=True)


def test_workers_and_repetition_change_nothing():
    mixed = FAMILY | {"hit": es.AnchorsHit(es.Window(-14, 0)), "near": NearestLag()}
    options = {"rng": 20120101, "n_resamples": 3_000}
    one = es.permutation_family(LAUNCHES, SUMMITS, mixed, es.CircularShift(within="year"), **options)
    with parallel_config("loky", n_jobs=2):
        two = es.permutation_family(LAUNCHES, SUMMITS, mixed, es.CircularShift(within="year"), **options)
    for name in ("observed", "expected", "pvalue", "pvalue_adjusted", "pvalue_minp", "largest"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    other = es.permutation_family(
        LAUNCHES, SUMMITS, mixed, es.CircularShift(within="year"), rng=1, n_resamples=3_000
    )
    assert not np.array_equal(one.largest, other.largest)


def test_each_entry_keeps_its_anchors_and_alternative():
    result = es.permutation_family(LAUNCHES, SUMMITS, FAMILY, es.CircularShift())
    frame = result.to_frame()
    assert frame["name"].tolist() == list(FAMILY)
    assert frame["alternative"].tolist() == TAILS
    assert frame["anchors"].tolist() == ["summits", "summits", "summits in Seoul", "talks", "summits"]
    for j, (statistic, anchors) in enumerate(
        [(FAMILY["7 d"], SUMMITS), (FAMILY["28 d"], SUMMITS), FAMILY["7 d, Seoul"],
         (FAMILY["14 d, talks"].statistic, TALKS), (FAMILY["around"].statistic, SUMMITS)]
    ):  # fmt: skip
        test = es.permutation_test(LAUNCHES, anchors, statistic, es.CircularShift(), alternative=TAILS[j])
        assert frame.loc[j, "pvalue"] == pytest.approx(test.pvalue, rel=1e-12)
        assert frame.loc[j, "observed"] == test.observed
        assert frame.loc[j, "expected"] == pytest.approx(test.expected)
        assert frame.loc[j, "n_anchors"] == test.n_anchors
    assert (frame["pvalue_adjusted"] >= frame["pvalue"]).all()
    assert (frame["pvalue_minp"] >= frame["pvalue"]).all()


def test_few_arrangements_are_gone_through_whatever_the_statistic():
    """Two strata of 15 and 16 days have 240 pairs of shifts."""
    period, cut = es.Period(0, 31), 15
    events, anchors = es.Events([3, 4, 9, 15, 20, 21], period), es.Events([6, 12, 24, 33])
    window = es.Window(-4, 0)
    members = {"hit": es.AnchorsHit(window), "count": es.WindowCount(window), "near": NearestLag()}
    rows = []
    for first in range(15):
        for second in range(16):
            days = [
                (day + first) % 15 if day < cut else cut + (day - cut + second) % 16 for day in events.days
            ]
            rows.append(
                [
                    sum(any(-4 <= day - anchor < 0 for day in days) for anchor in anchors.days),
                    counted(days, window, anchors.days),
                    -sum(min(anchor - day for anchor in anchors.days if anchor >= day) for day in days),
                ]
            )
    values = np.array(rows).T
    direct = corrected(values, values[:, 0], ["greater"] * 3)
    result = es.permutation_family(events, anchors, members, es.CircularShift(within=[cut]))
    assert result.method == "exact"
    assert result.pvalue.tolist() == direct.pvalue.tolist()
    assert result.pvalue_adjusted.tolist() == direct.maxt.tolist()
    assert result.observed * [1, 1, 6] == pytest.approx(values[:, 0])


def test_a_planted_effect_is_found_and_the_rest_is_not():
    rng = np.random.default_rng(4)
    planted = np.concatenate([SUMMITS.within(PERIOD).days - 2, rng.integers(PERIOD.start, PERIOD.stop, 30)])
    events = es.Events(planted[(planted >= PERIOD.start)], PERIOD)
    family = {
        "3 d": es.WindowCount(es.Window.before(3)),
        "talks": (es.WindowCount(es.Window.before(3)), TALKS),
    }
    result = es.permutation_family(events, SUMMITS, family, es.UniformDays(), rng=1, n_resamples=999)
    assert result.pvalue_adjusted[0] == 1 / 1_000  # never zero
    assert result.pvalue_adjusted[1] > 0.05


def test_a_window_over_the_whole_period_gets_one():
    family = {"7 d": FAMILY["7 d"], "all": es.WindowCount(es.Window(-4_000, 4_000))}
    alone = es.permutation_family(LAUNCHES, SUMMITS, {"7 d": FAMILY["7 d"]}, es.CircularShift())
    result = es.permutation_family(LAUNCHES, SUMMITS, family, es.CircularShift())
    assert result.pvalue_adjusted.tolist() == [alone.pvalue_adjusted[0], 1.0]
    assert np.isnan(result.studentised[1])


@pytest.mark.slow
def test_the_chance_of_any_false_find_is_at_most_the_level_and_without_correction_it_is_not():
    rng, n, level = np.random.default_rng(20240229), 400, 0.05
    period = es.Period(0, 400)
    family = {str(k): es.WindowCount(es.Window.before(k)) for k in (1, 3, 9)} | {
        f"after {k}": es.WindowCount(es.Window.after(k)) for k in (1, 3, 9)
    }
    found = {"pvalue": 0, "pvalue_adjusted": 0, "pvalue_minp": 0}
    for _ in range(n):
        events = es.Events(rng.integers(0, 400, 40), period)
        anchors = es.Events(rng.integers(0, 400, 12), period)
        result = es.permutation_family(events, anchors, family, es.CircularShift())
        for name in found:
            found[name] += getattr(result, name).min() <= level
    most = binom.ppf(1 - 1e-6, n, level)  # is passed by chance once in a million
    assert found["pvalue_adjusted"] <= most
    assert found["pvalue_minp"] <= most
    assert found["pvalue"] > most


def test_the_critical_value_is_where_the_single_step_pvalue_passes_the_level():
    result = es.permutation_family(LAUNCHES, SUMMITS, FAMILY, es.CircularShift())
    for level in (0.01, 0.05, 0.5):
        bound = result.critical_value(level)
        assert (result.largest > bound).mean() <= level
        assert (result.largest >= bound).mean() > level
    assert result.critical_value(1.0) == -np.inf


def test_the_summary_names_h0_the_correction_and_every_test():
    result = es.permutation_family(
        LAUNCHES, SUMMITS, FAMILY, es.CircularShift(within="year"), rng=9, n_resamples=99
    )
    text = result.summary()
    for part in (
        "H0",
        "summits or the summits in Seoul or the talks",
        "step-down max-T",
        "99 draws",
        "seed 9",
        *FAMILY,
    ):
        assert part in text
    assert "too many" in result.method_note
    assert result.provenance.seed == "9"
    assert set(result.provenance.data) == {"launches", "summits", "summits in Seoul", "talks"}
    assert (
        "FamilyMember(WindowCount(window=Window(start=-14, stop=0)), talks, 'less')" in result.provenance.call
    )


def test_the_plot_marks_what_is_found():
    planted = es.Events(SUMMITS.within(PERIOD).days - 1, PERIOD)
    result = es.permutation_family(planted, SUMMITS, FAMILY, es.CircularShift())
    ax = result.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == list(FAMILY)
    dots = {
        line.get_markerfacecolor(): len(line.get_xdata()) for line in ax.lines if line.get_marker() == "o"
    }
    assert dots["#D55E00"] == (result.pvalue_adjusted <= 0.05).sum() > 0
    assert sum(dots.values()) == len(FAMILY)


def test_a_result_is_frozen_and_can_be_sent_between_processes():
    result = es.permutation_family(LAUNCHES, SUMMITS, FAMILY, es.CircularShift())
    with pytest.raises(ValueError, match="read-only"):
        result.pvalue_adjusted[0] = 0.0
    again = pickle.loads(pickle.dumps(result))
    assert again.to_frame().equals(result.to_frame())


def test_different_anchors_with_one_label_keep_both_checksums():
    twin = es.Events(TALKS.days, label="summits")
    family = {"7 d": FAMILY["7 d"], "twin": (FAMILY["7 d"], twin)}
    result = es.permutation_family(LAUNCHES, SUMMITS, family, es.CircularShift())
    assert set(result.provenance.data) == {"launches", "summits", "summits (twin)"}


def test_errors_say_what_to_do():
    shift = es.CircularShift(within="year")
    with pytest.raises(
        OptionError, match=r"permutation_family: the statistics are not a mapping.*give names"
    ):
        es.permutation_family(LAUNCHES, SUMMITS, {}, shift, rng=1)
    with pytest.raises(OptionError, match="entry '14': 14 is not a statistic; give one"):
        es.permutation_family(LAUNCHES, SUMMITS, {"14": 14}, shift, rng=1)
    with pytest.raises(OptionError, match="alternative='more' is not known; give 'greater'"):
        es.permutation_family(
            LAUNCHES, SUMMITS, {"a": es.FamilyMember(FAMILY["7 d"], None, "more")}, shift, rng=1
        )
    with pytest.raises(OptionError, match="method='fast' is not known; give 'auto'"):
        es.permutation_family(LAUNCHES, SUMMITS, FAMILY, shift, rng=1, method="fast")
    with pytest.raises(OptionError, match="n_resamples is 0; make at least one draw"):
        es.permutation_family(LAUNCHES, SUMMITS, FAMILY, shift, rng=1, n_resamples=0)
    with pytest.raises(EventsError, match="talks: there is no anchor"):
        es.permutation_family(
            LAUNCHES, SUMMITS, {"a": (FAMILY["7 d"], es.Events([], label="talks"))}, shift, rng=1
        )
    with pytest.raises(RandomnessError, match=r"permutation_family: .*pass a seed"):
        es.permutation_family(LAUNCHES, SUMMITS, FAMILY, shift)
    with pytest.raises(
        ExactUnavailableError, match=r"5 strata that shift independently.*use method='monte-carlo'"
    ):
        es.permutation_family(LAUNCHES, SUMMITS, FAMILY, shift, method="exact")
    with pytest.raises(ExactUnavailableError, match=r"UniformDays.*cannot all be enumerated"):
        es.permutation_family(LAUNCHES, SUMMITS, FAMILY, es.UniformDays(), method="exact")
    with pytest.raises(OptionError, match=r"draws of 5 statistics.*use at most 26,843,545"):
        es.permutation_family(LAUNCHES, SUMMITS, FAMILY, shift, rng=1, n_resamples=26_843_546)


def test_a_statistic_without_a_value_on_some_draw_is_refused():
    def lame(days, anchors):
        rows = np.atleast_2d(days)
        values = np.where((np.arange(len(rows)) % 2) * (len(rows) > 2), np.nan, 1.0)
        return values if np.ndim(days) > 1 else values[0]

    with pytest.raises(OptionError, match=r"lame: it is not a number \(nan\) on 50 of 100 draws"):
        es.permutation_family(LAUNCHES, SUMMITS, {"lame": lame}, es.UniformDays(), rng=1, n_resamples=100)


def test_a_statistic_of_the_wrong_shape_is_refused():
    class Mean(es.Statistic):
        def __call__(self, days, anchors):
            return np.asarray(days).mean(axis=0)

    with pytest.raises(OptionError, match=r"it returned shape \(70,\).*return one number for each row"):
        es.permutation_family(LAUNCHES, SUMMITS, {"mean": Mean()}, es.UniformDays(), rng=1)


def test_a_statistic_that_is_infinite_on_some_draw_is_refused_as_it_has_no_mean():
    def endless(events, anchors):
        return np.where(events.max(axis=-1) >= 9, np.inf, 1.0)

    events, anchors = es.Events([0, 9], es.Period(0, 10)), es.Events([5])
    with pytest.raises(OptionError, match=r"'endless' is not a finite number on 2 of 10 draws; leave it out"):
        es.permutation_family(events, anchors, {"endless": endless}, es.CircularShift())
