"""Specification curves: each specification against its single test, the joint test against moves made by hand."""

import itertools
import math

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from eventstudy.credibility.robustness import specification_curve
from eventstudy.credibility.specifications import Specification, every_specification
from eventstudy.errors import EventsError, OptionError, RandomnessError, ReachError
from eventstudy.evaluation.moves import choices_by_period
from eventstudy.events import Events
from eventstudy.nulls import CalendarPermutation, CircularShift, Jitter, UniformDays
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.statistics import AnchorsHit, NearestLag, WindowCount
from eventstudy.windows import Window

LONG, SHORT = Period("2001-01-01", "2007-01-01"), Period("2003-01-01", "2007-01-01")
NULLS = [CalendarPermutation(), CircularShift("year")]


def series(seed, n=120, m=20):
    rng = np.random.default_rng(seed)
    return (
        Events(np.sort(rng.choice(LONG.days, n, replace=False)), LONG),
        Events(rng.choice(LONG.days, m, replace=False)),
    )


def shared_moves(periods, null, **options):
    """What each draw does to the strata of each period."""
    drawn = choices_by_period(null, periods, "specification_curve", **options)
    return {period: choices for period, (_, choices) in drawn.items()}


def specifications(events, anchors):
    return every_specification(
        {
            "period": {"from 2001": LONG, "from 2003": SHORT},
            "launches": {"all": 1, "every other": 2},
            "window": {"7 days": Window(-7, 0), "14 days": Window(-14, 0)},
        },
        lambda period, step, window: (
            Events(events.days[::step], LONG).within(period),
            anchors,
            WindowCount(window),
        ),
    )


def test_every_combination_is_there_but_those_that_make_no_sense():
    made = every_specification(
        {"a": {"one": 1, "two": 2}, "b": {"x": "x", "y": "y"}},
        lambda a, b: None if (a, b) == (2, "y") else (*series(1), WindowCount(Window(-a, 0))),
    )
    assert [str(one) for one in made] == ["a: one, b: x", "a: one, b: y", "a: two, b: x"]


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_each_specification_is_its_single_exact_test(null):
    made = specifications(*series(2))
    table = specification_curve(made, null, n_resamples=19, rng=1).to_frame()
    assert len(table) == 8
    assert table["ratio"].is_monotonic_increasing
    for one in made:
        row = table[(table[list(one.choices)] == pd.Series(one.choices)).all(axis=1)].iloc[0]
        test = permutation_test(one.events, one.anchors, one.statistic, null)
        assert (row["observed"], row["n_events"], row["n_anchors"]) == (
            test.observed,
            test.n_events,
            test.n_anchors,
        )
        assert (row["expected"], row["pvalue"]) == pytest.approx((test.expected, test.pvalue))


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_the_joint_test_is_that_of_events_moved_by_hand(null):
    """The same moves, applied to every series day by day, and everything counted anew."""
    made, size = specifications(*series(3)), 25
    found = specification_curve(made, null, n_resamples=size, rng=4)
    moves = shared_moves([LONG, SHORT], null, rng=np.random.default_rng(4), size=size)
    curves = np.empty((size, len(made)))
    pvalues = np.empty((size, len(made)))
    for b, (column, one) in itertools.product(range(size), enumerate(made)):
        period = one.events.period
        first_year = 1970 + int(np.datetime64(period.start, "D").astype("datetime64[Y]").astype(int))
        moved = []
        for day in one.events.dates:
            move = moves[period][b, day.year - first_year]
            if isinstance(null, CircularShift):
                days = 366 if day.is_leap_year else 365
                place = (day.day_of_year - 1 + int(move)) % days
                moved.append(pd.Timestamp(day.year, 1, 1) + pd.Timedelta(days=place))
            else:
                year = first_year + int(move)
                leap = pd.Timestamp(year, 1, 1).is_leap_year
                late = day.month == 2 and day.day == 29 and not leap
                moved.append(pd.Timestamp(year, day.month, 28 if late else day.day))
        inside = {
            anchor + pd.Timedelta(days=lag)
            for anchor in one.anchors.dates
            for lag in range(one.statistic.window.start, one.statistic.window.stop)
        }
        test = permutation_test(one.events, one.anchors, one.statistic, null)
        count = sum(day in inside for day in moved)
        curves[b, column] = count / test.expected
        pvalues[b, column] = test.probabilities[test.support >= count].sum()
    drawn = np.stack(
        [np.median(curves, axis=1), (curves > 1 + 1e-9).mean(axis=1), (pvalues <= 0.05 + 1e-12).mean(axis=1)]
    )
    assert found.null_summaries == pytest.approx(drawn)
    reached = (drawn >= np.array([[found.median], [found.share_above], [found.share_significant]])).sum(
        axis=1
    )
    assert found.pvalues == pytest.approx((reached + 1) / (size + 1))
    assert found.null_median == pytest.approx(np.median(np.sort(curves, axis=1), axis=0))


def test_years_move_alike_in_every_period_and_stay_in_it():
    for null in NULLS:
        moves = shared_moves([LONG, SHORT], null, rng=np.random.default_rng(5), size=200)
        late = moves[LONG][:, 2:] - (2 if isinstance(null, CalendarPermutation) else 0)
        assert np.array_equal(late, moves[SHORT])
    matched = shared_moves([LONG, SHORT], NULLS[0], rng=np.random.default_rng(5), size=2_000)
    assert (np.sort(matched[LONG], axis=1) == np.arange(6)).all()
    _, counts = np.unique(matched[SHORT], axis=0, return_counts=True)
    assert counts.size == 24
    assert stats.chisquare(counts).pvalue > 1e-4


def test_strata_that_overlap_without_being_the_same_are_refused():
    middle = Period("2003-07-01", "2007-01-01")
    with pytest.raises(OptionError, match=r"overlap at 2003-07-01 without being the same; let every period"):
        shared_moves([LONG, middle], CircularShift("year"), rng=np.random.default_rng(1), size=1)


def test_more_years_than_can_be_exchanged_exactly_are_refused():
    days = Period("1984-01-01", "2025-01-01").days
    events = Events(days[::50], Period(days[0], days[-1] + 1))
    long = Specification({"a": "b"}, events, Events(days[::90]), WindowCount(Window(-7, 0)))
    with pytest.raises(
        OptionError,
        match=r"in \(a: b\) there is no exact p-value \(.* stops at 20 strata and there are 41\); use shorter periods",
    ):
        specification_curve([long], NULLS[0], n_resamples=9, rng=1)


def test_another_series_or_choice_has_another_checksum():
    def checksum(seed, step):
        made = specifications(*series(seed))[::step]
        (only,) = specification_curve(made, NULLS[1], n_resamples=1, rng=1).provenance.data.values()
        return only

    assert checksum(1, 1) == checksum(1, 1)
    assert len({checksum(1, 1), checksum(2, 1), checksum(1, 2)}) == 3


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_a_planted_effect_moves_the_whole_curve(null):
    events, anchors = series(6)
    before = Window(-7, 0).days(anchors)
    more = np.union1d(events.days, before[LONG.inside(before)][::3])
    found = specification_curve(specifications(Events(more, LONG), anchors), null, n_resamples=499, rng=7)
    assert found.median > 1.3
    assert found.share_significant == 1
    assert found.pvalues[0] <= 0.05  # 2! times 4! matchings of years: no p-value below 1/48
    assert found.pvalues[2] <= 0.05
    nothing = specification_curve(specifications(*series(8)), null, n_resamples=499, rng=7)
    assert min(nothing.pvalues) > 0.02


@pytest.mark.slow
@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_joint_pvalues_are_super_uniform_without_a_link(null):
    n = 120
    pvalues = np.array(
        [
            specification_curve(specifications(*series(1_000 + i)), null, n_resamples=99, rng=i).pvalues
            for i in range(n)
        ]
    )
    for level in (0.05, 0.2, 0.5):
        assert ((pvalues <= level).sum(axis=0) <= stats.binom.ppf(1 - 1e-6, n, level)).all()
    assert (pvalues[:, 0] <= 0.5).mean() > 0.25  # and not merely because nothing is ever found


def test_the_answer_depends_on_the_seed_and_not_on_the_workers():
    def run(seed):
        return specification_curve(specifications(*series(9)), NULLS[0], n_resamples=49, rng=seed)

    alone = run(1)
    with joblib.parallel_config("threading", n_jobs=2):
        together = run(1)
    pd.testing.assert_frame_equal(alone.to_frame(), together.to_frame())
    assert np.array_equal(alone.null_summaries, together.null_summaries)
    assert not np.array_equal(alone.null_summaries, run(2).null_summaries)


def test_the_result_prints_tabulates_and_draws_itself():
    found = specification_curve(specifications(*series(10)), NULLS[1], n_resamples=99, rng=3)
    text = found.summary()
    assert "8 specifications" in text
    assert "period (2), launches (2), window (2)" in text
    joint = found.joint_frame()
    assert joint["pvalue"].tolist() == list(found.pvalues)
    assert joint["observed"].tolist() == [found.median, found.share_above, found.share_significant]
    ratios = found.to_frame()[["observed", "expected"]].to_numpy()
    assert found.n_above == sum(x > m and not math.isclose(x, m, rel_tol=1e-9) for x, m in ratios)
    assert found.n_equal == sum(math.isclose(x, m, rel_tol=1e-9) for x, m in ratios)
    assert found.median == pytest.approx(found.to_frame()["ratio"].median())
    ax = found.plot()
    dots = [line for line in ax.get_lines() if line.get_marker() == "o"]
    drawn = np.concatenate([line.get_ydata() for line in dots])
    assert sorted(drawn) == pytest.approx(found.to_frame()["ratio"].tolist())
    below = ax.figure.axes[1]
    assert [label.get_text() for label in below.get_yticklabels()] == [
        "period: from 2001", "from 2003", "launches: all", "every other", "window: 7 days", "14 days",
    ]  # fmt: skip


def test_specifications_that_cannot_be_tested_together_are_refused():
    events, anchors = series(11)
    one = Specification({"window": "7"}, events, anchors, WindowCount(Window(-7, 0)))
    with pytest.raises(RandomnessError, match=r"specification_curve: draws are made here"):
        specification_curve([one], NULLS[0])
    with pytest.raises(OptionError, match=r"there are no specifications; give at least one"):
        specification_curve([], NULLS[0], rng=1)
    with pytest.raises(
        OptionError, match=r"Jitter\(.*\) separates events of one day.* joint test is not defined"
    ):
        specification_curve([one], Jitter(30), rng=1)
    short = Specification({"window": "8"}, events.within(SHORT), anchors, WindowCount(Window(-8, 0)))
    with pytest.raises(
        OptionError, match=r"draws for one period say nothing about another.* give all the same one"
    ):
        specification_curve([one, short], UniformDays(), rng=1)
    with pytest.raises(OptionError, match=r"\(window: 7\) appears twice"):
        specification_curve([one, one], NULLS[0], rng=1)
    other = Specification({"launches": "all"}, events, anchors, WindowCount(Window(-7, 0)))
    with pytest.raises(OptionError, match=r"makes other choices than the first one, \('window',\)"):
        specification_curve([one, other], NULLS[0], rng=1)
    for statistic in (AnchorsHit(Window(-7, 0)), NearestLag()):
        with pytest.raises(OptionError, match=r"is not a sum of scores of days; use WindowCount"):
            specification_curve([Specification({"a": "b"}, events, anchors, statistic)], NULLS[0], rng=1)
    far = Specification({"window": "far"}, events, Events([0]), WindowCount(Window(-7, 0)))
    with pytest.raises(ReachError, match=r"\(window: far\): .* of none of the anchors holds a day"):
        specification_curve([one, far], NULLS[0], rng=1)
    apart = Specification(
        {"window": "far"}, Events(["2005-03-01"], LONG), Events(["2002-06-01"]), WindowCount(Window(-7, 0))
    )
    with pytest.raises(OptionError, match=r"in \(window: far\) the statistic is 0 on average"):
        specification_curve([one, apart], CircularShift("year"), rng=1)
    with pytest.raises(EventsError, match=r"no event lies in"):
        specification_curve(
            [Specification({"a": "b"}, Events([], LONG), anchors, one.statistic)], NULLS[0], rng=1
        )


def test_choices_are_summed_up_over_the_specifications_that_make_them():
    found = specification_curve(specifications(*series(12)), NULLS[1], n_resamples=19, rng=1)
    by = found.by_choice()
    assert by["value"].tolist() == [value for values in found.choices.values() for value in values]
    assert by["n"].tolist() == [4] * 6
    table = found.to_frame()
    for row in by.itertuples():
        made = table[table[row.choice] == row.value]
        assert (row.median, row.low, row.high) == (
            np.median(made["ratio"]),
            made["ratio"].min(),
            made["ratio"].max(),
        )
        assert row.pvalue_min == made["pvalue"].min()
        assert row.significant == (made["pvalue"] <= 0.05).sum()
