"""The measures beside the tests: every number by hand, by enumeration, or by statsmodels."""

from __future__ import annotations

import datetime as dt

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy import charts
from eventstudy.errors import DateError, EventsError, OptionError, PeriodError
from eventstudy.results.shares import Share

mpl.use("Agg")


@pytest.mark.parametrize(("count", "total"), [(0, 3), (3, 3), (6, 23), (7, 145)])
def test_the_interval_of_a_share_is_that_of_the_beta_distribution(count, total):
    """Clopper and Pearson: limits are quantiles of beta distributions, 0 and 1 at the borders."""
    share = Share.of(count, total)
    low = stats.beta.ppf(0.025, count, total - count + 1) if count else 0.0
    high = stats.beta.ppf(0.975, count + 1, total - count) if count < total else 1.0
    assert (share.low, share.high) == pytest.approx((low, high), abs=1e-9)
    assert share.value == count / total


def test_a_pause_by_hand():
    """Pauses 1, 2, 4, 4, 10: three of five are at least 4 days, and they hold 18 of 21 days."""
    result = es.pause_before(es.Events([5, 6, 6, 8, 12, 16, 26], es.Period(0, 40)), 16)
    assert result.pauses.tolist() == [1, 2, 4, 4, 10]
    assert (result.length, result.previous, result.rank) == (4, 12, 2)
    assert (result.share.count, result.share.total) == (3, 5)
    assert result.share_of_days == pytest.approx(18 / 21)


@pytest.mark.parametrize(
    ("day_", "problem"), [(7, "there are no launches on 1970-01-08"), (5, "is the first of the launches")]
)
def test_a_pause_that_has_no_end_or_beginning_is_refused(day_, problem):
    with pytest.raises(EventsError, match=problem):
        es.pause_before(es.Events([5, 9], es.Period(0, 10), "launches"), day_)


def test_the_change_of_a_ratio_by_every_pair_of_shifts():
    """Ten shifts before the day and fourteen after it: 140 pairs, gone through one by one."""
    first, second, anchors = [1, 6, 8], [11, 17], [4, 9, 19]
    window = es.Window(-3, 0)
    covered = {a + lag for a in anchors for lag in (-3, -2, -1)}
    counts = [
        [sum(start + (x - start + shift) % length in covered for x in days) for shift in range(length)]
        for days, start, length in ((first, 0, 10), (second, 10, 14))
    ]
    means = [sum(count) / len(count) for count in counts]
    observed = counts[1][0] / means[1] - counts[0][0] / means[0]
    every = [b / means[1] - a / means[0] for a in counts[0] for b in counts[1]]
    greater = sum(value >= observed - 1e-12 for value in every) / len(every)
    less = sum(value <= observed + 1e-12 for value in every) / len(every)
    result = es.ratio_change(
        es.Events(first + second, es.Period(0, 24)), es.Events(anchors), window, 10, es.CircularShift()
    )
    assert result.difference == pytest.approx(observed)
    assert result.pvalue == pytest.approx(min(1, 2 * min(greater, less)))
    assert (result.before.n_events, result.after.n_events) == (3, 2)
    assert result.rate_before.count_inside == counts[0][0]


def test_a_planted_change_is_found_and_none_is_not():
    anchors = es.Events(range(20, 400, 20), label="summits")
    before = list(range(5, 200, 20))  # never in the window
    planted = es.Events(before + [a - 1 for a in range(200, 400, 20)], es.Period(0, 400))
    nothing = es.Events(before + list(range(205, 400, 20)), es.Period(0, 400))
    arguments = (anchors, es.Window(-3, 0), 200, es.UniformDays())
    assert es.ratio_change(planted, *arguments).pvalue < 0.001
    assert es.ratio_change(nothing, *arguments).pvalue > 0.5


def test_a_change_outside_the_period_or_without_expectation_is_refused():
    events = es.Events([4, 16], es.Period(0, 20))
    with pytest.raises(PeriodError, match=r"1970-01-21 does not lie inside 1970-01-01 to 1970-01-21"):
        es.ratio_change(events, es.Events([5]), es.Window(-2, 0), 20, es.CircularShift())
    with pytest.raises(PeriodError, match="no event is expected in the window in 1970-01-11"):
        es.ratio_change(events, es.Events([5]), es.Window(-2, 0), 10, es.CircularShift())


def test_before_and_after_by_hand():
    """The anchor's own day counts as before; days that lie before one anchor and after another count for neither."""
    events = es.Events([7, 9, 10, 12, 21, 28, 29], es.Period(0, 40), "launches")
    result = es.before_after(events, es.Events([10, 30]), 4, {"shifts": es.CircularShift()}, max_lag=2)
    table = result.to_frame()
    assert table["before"].tolist() == [3, 2]  # 7, 9, 10; 28, 29
    assert table["after"].tolist() == [1, 0]  # 12
    assert table["ratio"].tolist() == pytest.approx([(1 / 4) / (3 / 5), 0.0])
    assert result.n_followed == 1
    assert result.ratio == pytest.approx((1 / 8) / (5 / 10))  # two anchors, no day in common
    assert result.tests["shifts"].observed == 4  # five before minus one after


def test_days_before_one_anchor_and_after_another_count_for_neither():
    """Anchors 10 and 13, four days each way: only days 6 to 8 are before alone, and 14 to 17 after alone."""
    events = es.Events([7, 9, 11, 12, 14, 15], es.Period(0, 40), "launches")
    result = es.before_after(events, es.Events([10, 13]), 4, {"shifts": es.CircularShift()}, max_lag=2)
    before = {d for d in range(40) if any(0 <= a - d <= 4 for a in (10, 13))}
    after = {d for d in range(40) if any(1 <= d - a <= 4 for a in (10, 13))}
    only_before, only_after = before - after, after - before
    days = set(events.days.tolist())
    rate_before = len(days & only_before) / len(only_before)
    rate_after = len(days & only_after) / len(only_after)
    assert result.ratio == pytest.approx(rate_after / rate_before)
    assert result.tests["shifts"].observed == len(days & only_before) - len(days & only_after)


def test_stretches_of_days_near_anchors_by_hand():
    """Anchors 10 and 13 make one stretch, 6 to 17, with days 9 to 13 in both; anchor 30 makes another."""
    events = es.Events([7, 9, 11, 12, 14, 15, 28], es.Period(0, 40), "launches")
    result = es.before_after(events, es.Events([10, 13, 30]), 4, {}, max_lag=2)
    first = result.stretches.iloc[0]
    before = {d for d in range(40) if any(0 <= a - d <= 4 for a in (10, 13))}
    after = {d for d in range(40) if any(1 <= d - a <= 4 for a in (10, 13))}
    days = {7, 9, 11, 12, 14, 15}
    assert [first["before"], first["after"], first["both"]] == [
        len(days & before - after), len(days & after - before), len(days & before & after),
    ]  # fmt: skip
    assert [d.day - 1 for d in (first["first"], first["last"])] == [6, 17]
    assert result.stretches.iloc[1][["before", "after", "both"]].tolist() == [1, 0, 0]


def test_an_anchor_without_events_near_has_no_ratio():
    events = es.Events([3, 17, 18], es.Period(0, 60), "launches")
    table = es.before_after(events, es.Events([15, 50]), 4, {}, max_lag=2).to_frame()
    assert table.loc[1, ["before", "after"]].tolist() == [0, 0]
    assert table.loc[1, ["ratio", "low", "high", "pvalue"]].isna().all()


@pytest.mark.parametrize("anchor", [3, 36])
def test_days_around_an_anchor_outside_the_period_are_refused(anchor):
    with pytest.raises(PeriodError, match="the 4 days around the votes do not all lie inside"):
        es.before_after(
            es.Events([7], es.Period(0, 40)), es.Events([anchor], label="votes"), 4, {}, max_lag=2
        )


def yearly(counts, start=2001):
    """Make events with the given numbers by year, on the first days of each."""
    dates = [dt.date(start + k, 1, 1) + dt.timedelta(days=j) for k, n in enumerate(counts) for j in range(n)]
    return es.Events(dates, es.Period(f"{start}-01-01", f"{start + len(counts)}-01-01"), "launch days")


def test_a_doubling_every_year_has_the_ratio_two():
    result = es.yearly_growth(yearly([2, 4, 8, 16], start=2001))
    assert result.ratio == pytest.approx(2.0, rel=2e-3)  # 2004 has one day more than the others
    assert result.low > 1


@pytest.mark.parametrize("counts", [[6, 15, 15, 0, 14, 4, 4, 33, 21, 13], [5, 5, 6, 4, 5]])
def test_the_trend_is_that_of_statsmodels_with_students_t(counts):
    """GLM of statsmodels with the Pearson scale; limits by hand from its standard error."""
    import statsmodels.api as sm

    result = es.yearly_growth(yearly(counts))
    lengths = [366 if (2001 + k) % 4 == 0 else 365 for k in range(len(counts))]
    design = sm.add_constant(np.arange(len(counts), dtype=float))
    fitted = sm.GLM(counts, design, family=sm.families.Poisson(), offset=np.log(lengths)).fit(scale="X2")
    half = stats.t.ppf(0.975, len(counts) - 2) * fitted.bse[1]
    assert result.ratio == pytest.approx(np.exp(fitted.params[1]), rel=1e-8)
    assert (result.low, result.high) == pytest.approx(
        (np.exp(fitted.params[1] - half), np.exp(fitted.params[1] + half)), rel=1e-6
    )
    assert result.pvalue == pytest.approx(
        2 * stats.t.sf(abs(fitted.params[1] / fitted.bse[1]), len(counts) - 2), rel=1e-6
    )


@pytest.mark.parametrize("stop", ["2003-01-01", "2005-07-01"])
def test_a_trend_needs_whole_years_and_four_of_them(stop):
    with pytest.raises(PeriodError, match="is not 4 whole calendar years or more; choose a period from one"):
        es.yearly_growth(es.Events(["2001-01-01"], es.Period("2001-01-01", stop)))


def test_waits_by_hand():
    """An event on the day itself is no wait; one after as many days as are near is near, one a day later is not."""
    parades, launches = (
        es.Events([3, 8, 12], es.Period(0, 20), "parades"),
        es.Events([3, 10, 15], label="launches"),
    )
    result = es.waiting_times(launches, parades, {}, near_days=2)
    assert result.to_frame()["days"].tolist() == [0, 2, 3]
    assert (result.near.count, result.near.total, result.mean_days) == (2, 3, pytest.approx(5 / 3))
    assert result.near_any_day == pytest.approx(9 / 20)  # days 1 to 3, 8 to 10 and 13 to 15
    assert (
        result.plot().get_xlabel() == "days to the next of the launches"
    )  # nothing is expected without a null model


def test_series_without_a_label_are_told_apart_by_their_role_in_every_measure():
    """The table of checksums names the dates of the events "events", and those of the anchors "anchors"."""
    events, anchors = es.Events(range(0, 41, 4), es.Period(0, 41)), es.Events([11, 30], es.Period(0, 41))
    own = {"events": events.provenance.data["events"], "anchors": anchors.provenance.data["events"]}
    for result in (
        es.waiting_times(events, anchors, {}, near_days=2),
        es.before_after(events, anchors, 4, {}, max_lag=2),
        es.nearest_by_era(events, anchors, {"all": es.Period(5, 35)}, shift_days=2),
        es.ratio_change(events, anchors, es.Window(-2, 0), 20, es.CircularShift()),
    ):
        assert result.provenance.data == own


def test_a_wait_that_has_no_end_counts_as_far_as_events_are_known():
    """Parade on day 4 of 10, launch on day 5: by shifts one of ten days has each wait; days 6 to 9 wait for the end."""
    parades, launches = es.Events([4], es.Period(0, 10), "parades"), [5]
    for period, stop in ((None, 10), (es.Period(0, 30), 30)):
        result = es.waiting_times(
            es.Events(launches, period), parades, {"shifts": es.CircularShift()}, near_days=1
        )
        waits = [5 - d if d <= 5 else stop - d for d in range(10)]
        assert -result.tests["shifts"].expected == pytest.approx(np.mean(waits))
        assert result.tests["shifts"].pvalue == pytest.approx(np.mean([w <= 1 for w in waits]))


def test_a_wait_without_end_is_refused():
    with pytest.raises(
        EventsError, match="none of the launches follows the last of the parades; leave that one out"
    ):
        es.waiting_times(
            es.Events([5], label="launches"), es.Events([4, 9], es.Period(0, 10), "parades"), {}, near_days=1
        )


@pytest.mark.parametrize("level", [0.0, 1.0, 5, -1.0, float("nan"), "0.95"])
def test_a_confidence_level_that_is_no_share_is_refused_by_every_measure(level):
    events, anchors = (
        es.Events([7, 9, 10, 12, 21, 28, 29], es.Period(0, 40)),
        es.Events([10, 30], es.Period(0, 40)),
    )
    window, shift = es.Window(-4, 0), es.CircularShift()
    years = es.Events(["2001-05-01"] * 3, es.Period("2001-01-01", "2005-01-01"))
    later = es.Events([*events.days, 45])
    for call in (
        lambda: es.pause_before(events, 12, confidence_level=level),
        lambda: es.waiting_times(later, anchors, {}, near_days=2, confidence_level=level),
        lambda: es.before_after(events, anchors, 4, {}, max_lag=2, confidence_level=level),
        lambda: es.ratio_change(events, anchors, window, 20, shift, confidence_level=level),
        lambda: es.yearly_growth(years, confidence_level=level),
    ):
        with pytest.raises(OptionError, match="confidence_level is"):
            call()


@pytest.mark.parametrize("day", [[9, 12], [], ["2020-01-01", "2020-01-02"]])
def test_one_day_is_asked_for_and_several_or_none_are_refused(day):
    events = es.Events([7, 9, 12, 29], es.Period(0, 40))
    with pytest.raises(DateError, match=r"days are given where one is asked for"):
        es.pause_before(events, day)
    with pytest.raises(DateError, match=r"days are given where one is asked for"):
        es.ratio_change(events, es.Events([10]), es.Window(-4, 0), day, es.CircularShift())


@pytest.mark.parametrize("days", [0, -1, 2.5, "4", None, True])
def test_lengths_of_time_are_whole_days(days):
    events, anchors = es.Events([7, 9, 12, 29], es.Period(0, 40)), es.Events([10], es.Period(0, 40))
    with pytest.raises(OptionError, match="before_after: days is"):
        es.before_after(events, anchors, days, {}, max_lag=2)
    if days != 0:
        with pytest.raises(OptionError, match="waiting_times: near_days is"):
            es.waiting_times(events, anchors, {}, near_days=days)


@pytest.mark.parametrize("nulls", [es.CircularShift(), [es.CircularShift()], {"shifts": es.CircularShift}])
def test_null_models_without_a_name_are_refused(nulls):
    events, anchors = es.Events([7, 9, 12, 29], es.Period(0, 40)), es.Events([10], es.Period(0, 40))
    with pytest.raises(OptionError, match="before_after: the null model"):
        es.before_after(events, anchors, 4, nulls, max_lag=2)
    with pytest.raises(OptionError, match="waiting_times: the null model"):
        es.waiting_times(events, anchors, nulls, near_days=2)


@pytest.mark.parametrize("eras", [{}, [es.Period(5, 20)], {"early": (5, 20)}])
def test_eras_are_periods_by_name(eras):
    with pytest.raises(OptionError, match="nearest_by_era: eras is"):
        es.nearest_by_era(es.Events([0, 20, 41], es.Period(0, 42)), es.Events([11]), eras)


@pytest.mark.parametrize("known", [(22, 40), (0, 25)])
def test_waits_from_days_on_which_events_are_not_known_are_refused(known):
    """The day 4 would wait until 25 for want of a record before 22; the days after 25 would not wait long enough."""
    events = es.Events([23, 24], es.Period(*known), "launches")
    with pytest.raises(PeriodError, match="waiting_times: the launches are known for"):
        es.waiting_times(
            events, es.Events([4, 20], es.Period(0, 30)), {"all": es.CircularShift()}, near_days=2
        )


def test_how_the_events_were_read_is_said_by_every_measure():
    note = "2 rows outside the period left out"
    events = es.Events.from_days(
        np.array([11_400, 11_500, 12_300]), es.Period("2001-01-01", "2005-01-01"), notes=[note]
    )
    for result in (es.pause_before(events, events.dates[1]), es.yearly_growth(events)):
        assert note in result.summary()


def test_results_print_what_was_found():
    events = es.Events([7, 9, 10, 12, 21, 28, 29], es.Period(0, 40), "launches")
    anchors = es.Events([10, 30], label="votes")
    shifts = {"shifts": es.CircularShift()}
    assert "1 of 2 votes" in es.before_after(events, anchors, 4, shifts, max_lag=2).summary()
    assert "of 6, 16.7%" in es.pause_before(events, 21).summary()
    assert (
        "mean wait  1 days"
        in es.waiting_times(
            events, es.Events([11, 27], es.Period(0, 40), "votes"), shifts, near_days=1
        ).summary()
    )
    assert (
        "rate ratio" in es.ratio_change(events, anchors, es.Window(-4, 0), 20, es.CircularShift()).summary()
    )
    assert "negative binomial" in es.yearly_growth(yearly([2, 9, 3, 12, 1])).summary()


def test_figures_show_what_they_are_given():
    import matplotlib.pyplot as plt

    events = es.Events([7, 9, 10, 12, 21, 28, 29], es.Period(0, 40), "launches")
    ratio = es.rate_ratio(events, es.Events([10, 30]), es.Window(-4, 0))
    forest = charts.rate_ratios({"one": ratio, "two": ratio})
    labels = [text.get_text() for text in forest.axes[0].get_yticklabels()]
    assert labels == ["one\n4 of 7 launches", "two\n4 of 7 launches"]
    panels = charts.pause_panels({"a": es.pause_before(events, 21), "b": es.pause_before(events, 12)})
    assert [ax.get_title(loc="left") or ax.get_title() for ax in panels.axes] == ["a", "b"]
    assert [ax.lines[1].get_xdata()[0] for ax in panels.axes] == [9, 2]
    growth = es.yearly_growth(yearly([2, 4, 8, 16]))
    kinds = pd.DataFrame({2001: [1, 0], 2002: [0, 0], 2003: [2, 3], 2004: [0, 0]}, index=["A", "B"])
    figure = charts.growth_and_kinds(growth, kinds)
    assert [bar.get_height() for bar in figure.axes[0].patches] == [2, 4, 8, 16]
    assert [text.get_text() for text in figure.axes[1].texts] == ["1", "2", "3"]
    waits = es.waiting_times(
        events, es.Events([11, 27], es.Period(0, 40), "votes"), {"shifts": es.CircularShift()}, near_days=1
    )
    assert [bar.get_width() for bar in waits.plot().patches] == [1, 1]
    after = es.before_after(events, es.Events([10, 30], label="votes"), 4, {}, max_lag=2)
    assert [line.get_xdata().tolist() for line in after.plot().lines] == [[3, 2], [1, 0]]
    change = es.ratio_change(events, es.Events([10, 30]), es.Window(-4, 0), 20, es.CircularShift())
    assert [text.get_text() for text in change.plot().get_yticklabels()] == [
        "before 1970-01-21",
        "from 1970-01-21",
    ]
    plt.close("all")
