"""Leaving out: against tests of series that never held the unit, and against enumeration."""

import itertools

import numpy as np
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.credibility.influence import leave_one_out
from eventstudy.errors import OptionError, RandomnessError
from eventstudy.events import Events
from eventstudy.nulls import CalendarPermutation, CircularShift, Jitter, PoissonIntensity, UniformDays
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.statistics import NearestLag, WindowContrast, WindowCount
from eventstudy.study.words import influence_means
from eventstudy.windows import Window

PERIOD = Period("2001-01-01", "2006-01-01")
COUNT = WindowCount(Window(-14, 0))
NULLS = [UniformDays(), UniformDays("month"), CircularShift(), CircularShift("year"), CalendarPermutation()]


def series(seed=1, n=80, m=15):
    rng = np.random.default_rng(seed)
    return (
        Events(rng.choice(PERIOD.days, n, replace=False), PERIOD, "launches"),
        Events(rng.choice(PERIOD.days, m, replace=False), label="summits"),
    )


@pytest.mark.parametrize("null", NULLS, ids=repr)
@pytest.mark.parametrize("left_out", ["2001", "2005"])
def test_the_first_or_last_year_left_out_is_a_period_that_never_held_it(null, left_out):
    events, anchors = series()
    rest = Period("2002-01-01", "2006-01-01") if left_out == "2001" else Period("2001-01-01", "2005-01-01")
    table = leave_one_out(events, anchors, COUNT, null).to_frame().set_index("left_out")
    test = permutation_test(events.within(rest), anchors, COUNT, null)
    row = table.loc[left_out]
    assert (row["n_events"], row["observed"]) == (test.n_events, test.observed)
    assert (row["expected"], row["pvalue"], row["ratio"]) == pytest.approx(
        (test.expected, test.pvalue, test.ratio)
    )


def inside(anchors, window=COUNT.window):
    return set(window.days(anchors).tolist())


def test_a_middle_year_left_out_under_exchanged_years_by_enumeration():
    events, anchors = series(2)
    row = (
        leave_one_out(events, anchors, COUNT, CalendarPermutation())
        .to_frame()
        .set_index("left_out")
        .loc["2003"]
    )
    others, covered = [2001, 2002, 2004, 2005], inside(anchors)
    table = np.zeros((4, 4), int)
    for day in events.dates:
        for j, year in enumerate(others):
            if day.year in others:
                number = day.day - (day.month == 2 and day.day == 29 and year != 2004)
                moved = np.datetime64(f"{year}-{day.month:02d}-{number:02d}").astype(int)
                table[others.index(day.year), j] += int(moved) in covered
    sums = np.array([sum(table[i, p[i]] for i in range(4)) for p in itertools.permutations(range(4))])
    observed = np.trace(table)
    assert row["observed"] == observed
    assert row["expected"] == pytest.approx(sums.mean())
    assert row["pvalue"] == pytest.approx((sums >= observed).mean())


def test_a_middle_year_left_out_under_permuted_days_is_hypergeometric():
    events, anchors = series(3)
    row = leave_one_out(events, anchors, COUNT, UniformDays()).to_frame().set_index("left_out").loc["2003"]
    gone = Period("2003-01-01", "2004-01-01")
    covered = [day for day in inside(anchors) if day in PERIOD and day not in gone]
    kept = [day for day in events.days.tolist() if day not in gone]
    hits = len(set(kept) & set(covered))
    assert row["observed"] == hits
    assert row["pvalue"] == pytest.approx(
        stats.hypergeom.sf(hits - 1, len(PERIOD) - len(gone), len(covered), len(kept))
    )


def test_a_middle_year_left_out_under_all_shifts_closes_the_ring_without_it():
    events, anchors = series(4)
    row = leave_one_out(events, anchors, COUNT, CircularShift()).to_frame().set_index("left_out").loc["2003"]
    gone, covered = Period("2003-01-01", "2004-01-01"), inside(anchors)
    ring = [day for day in range(PERIOD.start, PERIOD.stop) if day not in gone]
    place = [ring.index(day) for day in events.days.tolist() if day not in gone]
    counts = np.array(
        [sum(ring[(i + shift) % len(ring)] in covered for i in place) for shift in range(len(ring))]
    )
    assert row["observed"] == counts[0]
    assert row["expected"] == pytest.approx(counts.mean())
    assert row["pvalue"] == pytest.approx((counts >= counts[0]).mean())


def test_a_mean_is_divided_by_the_events_that_are_left():
    events, anchors = series(5)
    table = (
        leave_one_out(events, anchors, NearestLag(), CalendarPermutation()).to_frame().set_index("left_out")
    )
    rest = events.days[events.days < np.datetime64("2005-01-01").astype(int)]
    scores = NearestLag().scores(PERIOD, anchors)
    assert table.loc["2005", "observed"] == pytest.approx(scores[rest - PERIOD.start].mean())


def test_each_anchor_that_reaches_the_period_is_left_out_once():
    events, anchors = series(6)
    far = Events([*anchors.days, PERIOD.start - 400, PERIOD.stop + 5], label="summits")
    table = leave_one_out(events, far, COUNT, CircularShift("year"), by="anchor").to_frame()
    assert table["left_out"].tolist() == [str(day) for day in far.days[1:].astype("datetime64[D]")]
    others = Events(np.delete(far.days, 3))
    test = permutation_test(events, others, COUNT, CircularShift("year"))
    row = table.iloc[2]
    assert (row["observed"], row["expected"], row["pvalue"]) == pytest.approx(
        (test.observed, test.expected, test.pvalue)
    )


def test_each_burst_is_left_out_whole():
    day = PERIOD.start
    events = Events(day + np.array([10, 12, 15, 100, 200, 204]), PERIOD)
    found = leave_one_out(events, Events([day + 20]), COUNT, UniformDays(), by="burst")
    table = found.to_frame()
    assert table["left_out"].tolist() == [
        "2001-01-11 (3 in a burst)",
        "2001-04-11",
        "2001-07-20",
        "2001-07-24",
    ]
    assert table["n_events"].tolist() == [3, 5, 5, 5]
    assert table["observed"].tolist() == [0, 3, 3, 3]
    wider = leave_one_out(events, Events([day + 20]), COUNT, UniformDays(), by="burst", burst_gap_days=4)
    assert wider.to_frame()["n_events"].tolist() == [3, 5, 4]


def test_one_year_that_carries_everything_is_seen():
    anchors = Events([PERIOD.start + 365 * k + 200 for k in range(5)], label="summits")
    rng = np.random.default_rng(7)
    background = rng.choice(PERIOD.days, 60, replace=False)
    carried = anchors.days[2] - np.arange(1, 13)
    events = Events(np.union1d(background, carried), PERIOD, "launches")
    found = leave_one_out(events, anchors, COUNT, CircularShift("year"))
    table = found.to_frame().set_index("left_out")
    assert found.full.pvalue < 0.01
    assert table["pvalue"].idxmax() == "2003"
    assert table.loc["2003", "pvalue"] > 0.1
    assert table.drop("2003")["pvalue"].max() < 0.05
    assert "without 2003" in found.summary()


def test_draws_need_a_seed_and_repeat_with_it():
    events, anchors = series(8, n=30)
    one, same = (
        leave_one_out(
            events, anchors, es.WindowExcess(COUNT.window), CircularShift("year"), n_resamples=99, rng=3
        ).to_frame()
        for _ in range(2)
    )
    assert one.equals(same)
    with pytest.raises(RandomnessError, match=r"rng is missing"):
        leave_one_out(events, anchors, es.WindowExcess(COUNT.window), CircularShift("year"))


def test_the_result_draws_each_unit_and_names_them():
    events, anchors = series(9)
    found = leave_one_out(events, anchors, COUNT, CalendarPermutation())
    ax = found.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["2001", "2002", "2003", "2004", "2005"]
    dots = np.concatenate([line.get_xdata() for line in ax.get_lines() if line.get_marker() == "o"])
    assert sorted(dots) == pytest.approx(sorted(found.to_frame()["ratio"]))
    assert found.provenance.data.keys() == {"launches", "summits"}
    many = leave_one_out(events, anchors, COUNT, CircularShift("year"), by="burst")
    assert sum(label.get_text() != "" for label in many.plot().get_yticklabels()) == 10


def test_what_cannot_be_left_out_is_refused():
    events, anchors = series(10)
    with pytest.raises(OptionError, match=r"by='summit' is not known; give 'year', 'anchor' or 'burst'"):
        leave_one_out(events, anchors, COUNT, CircularShift("year"), by="summit")
    with pytest.raises(OptionError, match=r"Jitter\(.* change places with days outside; use a null model"):
        leave_one_out(events, anchors, COUNT, Jitter(30))
    fitted = PoissonIntensity(COUNT.window)
    with pytest.raises(
        OptionError, match=r"^leave_one_out: PoissonIntensity.* does not know which days are missing"
    ):
        leave_one_out(events, anchors, COUNT, fitted)
    with pytest.raises(OptionError, match=r"there is 1 anchor, so nothing is left without it"):
        leave_one_out(events, anchors.merged(10_000), COUNT, CircularShift("year"), by="anchor")
    with pytest.raises(OptionError, match=r"burst_gap_days is -1; give 0 or more days"):
        leave_one_out(events, anchors, COUNT, CircularShift("year"), by="burst", burst_gap_days=-1)


def test_a_contrast_can_lose_a_year_too():
    events, anchors = series(11)
    contrast = WindowContrast(Window(-14, 0), Window(1, 15))
    row = leave_one_out(events, anchors, contrast, CalendarPermutation()).to_frame().iloc[-1]
    test = permutation_test(
        events.within(Period("2001-01-01", "2005-01-01")), anchors, contrast, CalendarPermutation()
    )
    assert (row["observed"], row["expected"], row["pvalue"]) == pytest.approx(
        (test.observed, test.expected, test.pvalue)
    )


def test_the_most_influential_unit_moves_the_number_farthest():
    events = Events([4, 6, 16, 17, 30], Period(0, 40))
    found = leave_one_out(events, Events([7, 18, 35]), WindowCount(Window(-3, 0)), UniformDays(), by="anchor")
    table = found.to_frame()
    by_ratio, by_p = found.most_influential(), found.most_influential("pvalue")
    assert abs(by_ratio["ratio"] - found.full.ratio) == (table["ratio"] - found.full.ratio).abs().max()
    assert abs(by_p["pvalue"] - found.full.pvalue) == (table["pvalue"] - found.full.pvalue).abs().max()
    assert by_ratio["left_out"] == "1970-02-05"  # it alone had no event


def test_a_statistic_without_a_ratio_is_shown_by_its_own_value():
    """An excess is no count: what moves is Z, and the year without which it moves farthest is named."""
    period = es.Period("2010-01-01", "2016-01-01")
    summits = es.Events([f"{year}-05-15" for year in range(2010, 2016)], label="summits")
    near = [f"{year}-05-{day}" for year in (2010, 2011) for day in (3, 6, 9, 12)]
    far = [f"{year}-06-{day}" for year in range(2010, 2016) for day in (10, 20)]
    launches = es.Events(near + far, period, label="launches")
    statistic = es.WindowExcess(es.Window.before(14))
    found = es.leave_one_out(launches, summits, statistic, es.CircularShift("quarter"), rng=1, n_resamples=99)
    assert found.measure == "observed"
    assert found.with_all == pytest.approx(float(statistic(launches, summits)))
    assert found.to_frame()["ratio"].isna().all()
    moved = found.to_frame().set_index("left_out")["observed"].sub(found.with_all).abs()
    assert found.most_influential()["left_out"] == moved.idxmax() in ("2010", "2011")
    assert f"with all    observed {found.with_all:.2f}" in found.summary()
    assert found.plot().get_xlabel() == "studentised excess in the window without the year"


def test_a_unit_without_which_nothing_is_left_to_compare_has_a_row_of_nan():
    """The events of one year alone meet a summit: without it no quarter has a window, or there is no event at all."""
    period = es.Period("2010-01-01", "2013-01-01")
    summits = es.Events(["2010-05-15", "2012-05-15"], label="summits")
    statistic = es.WindowExcess(es.Window.before(14))
    meeting = es.Events(["2010-05-10", "2010-06-20", "2011-02-03"], period, label="launches")
    alone = es.Events(["2010-05-10", "2010-06-20"], period, label="launches")
    for launches in (meeting, alone):
        found = es.leave_one_out(
            launches, summits, statistic, es.CircularShift("quarter"), rng=1, n_resamples=99
        )
        table = found.to_frame().set_index("left_out")
        assert table.loc["2010", ["observed", "expected", "ratio", "pvalue"]].isna().all()
        assert table["pvalue"].notna().sum() == 2
        assert "nothing to compare  without 2010" in found.summary()
        assert found.most_influential()["left_out"] != "2010"
        assert found.plot().has_data()


@pytest.mark.parametrize("statistic", [es.WindowCount, es.AnchorsHit, es.WindowExcess])
@pytest.mark.parametrize(
    "null", [es.CircularShift(), es.CircularShift("year"), es.UniformDays(), es.CalendarPermutation()]
)
def test_without_the_year_of_all_anchors_there_is_nothing_to_compare(statistic, null):
    """What is left has no anchor in reach, which a test refuses: p is not 1."""
    anchors = es.Events([f"2002-{month}-10" for month in ("03", "05", "08", "11")], label="summits")
    near = ["2002-03-05", "2002-05-05", "2002-08-05", "2002-11-03"]
    far = ["2001-02-02", "2003-06-06", "2004-12-12", "2005-10-01"]
    events = es.Events(near + far, es.Period("2001-01-01", "2006-01-01"), "launches")
    found = es.leave_one_out(events, anchors, statistic(es.Window(-14, 0)), null, rng=1, n_resamples=99)
    table = found.to_frame().set_index("left_out")
    assert table["pvalue"].isna().tolist() == [False, True, False, False, False]
    assert "nothing to compare  without 2002" in found.summary()
    assert found.most_influential()["left_out"] != "2002"
    assert found.most_influential("pvalue")["left_out"] != "2002"
    assert "2002" not in influence_means([found], 0.05)


def test_a_plot_of_many_units_names_the_most_influential_and_none_without_a_number():
    rng = np.random.default_rng(1)
    period = es.Period("1950-01-01", "2012-01-01")
    year = es.Period("1980-01-01", "1981-01-01")
    events = es.Events.from_days(rng.choice(year.days, 40, replace=False), period)
    anchors = es.Events.from_days(np.append(rng.choice(period.days, 80, replace=False), year.days[200]))
    found = es.leave_one_out(events, anchors, es.WindowCount(es.Window(-14, 0)), es.UniformDays())
    named = [label.get_text() for label in found.plot().get_yticklabels()]
    assert "1980" not in named
    assert found.most_influential()["left_out"] in named


def test_where_nothing_is_expected_the_statistic_stands_for_the_ratio():
    """A ratio to nothing is no number: the summary and the picture show the count instead."""
    events = es.Events([20, 30], es.Period(0, 60))
    anchors = es.Events([5, 8])
    window = es.WindowCount(es.Window(-3, 0))
    found = es.leave_one_out(events, anchors, window, es.CircularShift((10,)), by="anchor", rng=1)
    assert found.full.expected == 0.0
    assert found.measure == "observed"
    assert found.with_all == 0.0
    assert "observed 0.00" in found.summary()
    assert found.plot().get_xlabel() == "events in the window without the anchor"


def test_a_ratio_that_is_lost_without_any_unit_is_still_summarised():
    """All events lie in one year and all anchors in the other, so each year is needed."""
    events = es.Events(["2010-05-10", "2010-05-12"], es.Period("2010-01-01", "2012-01-01"))
    anchors = es.Events(["2011-05-15"])
    found = es.leave_one_out(events, anchors, es.WindowCount(es.Window.before(14)), es.CalendarPermutation())
    assert found.full.ratio == 0.0
    assert found.to_frame()["ratio"].isna().all()
    assert "lowest" not in found.summary()
    assert found.most_influential()["left_out"] == "2010"
