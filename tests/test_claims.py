"""Claims: every number by hand, by enumeration or from the raw tables with the standard library; verdicts by table."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
from bisect import bisect_left
from itertools import combinations, pairwise
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import eventstudy as es
from eventstudy.claims import figures as claim_figures
from eventstudy.claims import judgement
from eventstudy.claims.aftermath import aftermath
from eventstudy.claims.change import ratio_change
from eventstudy.claims.growth import days_by_year, yearly_growth
from eventstudy.claims.pauses import pause_before
from eventstudy.claims.waiting import waiting_times
from eventstudy.errors import EventsError, OptionError, PeriodError
from eventstudy.results.shares import Share
from eventstudy.study.plan import read_plan

mpl.use("Agg")

ROOT = Path(__file__).resolve().parents[1]
PLAN = read_plan(ROOT / "notebooks" / "plan.toml")


def rows(table):
    """Read a raw table with the standard library alone."""
    with (ROOT / "data" / "raw" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text):
    return dt.date.fromisoformat(text)


def launch_days(start, stop):
    """Return the launch days of the plan by hand: in scope, firm date, each once, in order."""
    chosen = {
        day(row["date"])
        for row in rows("launches")
        if row["in_cns_scope"] == "yes" and row["date_precision"] == "day"
    }
    return sorted(d for d in chosen if day(start) <= d < day(stop))


def first_days(keep):
    """Return the first day of each run of chosen summits at most three days apart."""
    days = sorted(day(row["start"]) for row in rows("summits") if keep(row))
    return [d for before, d in pairwise([dt.date.min, *days]) if (d - before).days > 3]


# Shares


@pytest.mark.parametrize(("count", "total"), [(0, 3), (3, 3), (6, 23), (7, 145)])
def test_the_interval_of_a_share_is_that_of_the_beta_distribution(count, total):
    """Clopper and Pearson: limits are quantiles of beta distributions, 0 and 1 at the borders."""
    share = Share.of(count, total)
    low = stats.beta.ppf(0.025, count, total - count + 1) if count else 0.0
    high = stats.beta.ppf(0.975, count + 1, total - count) if count < total else 1.0
    assert (share.low, share.high) == pytest.approx((low, high), abs=1e-9)
    assert share.value == count / total


# Claims 1 and 2


def test_the_launch_of_the_question_is_seven_and_nine_days_before_the_meetings():
    summits = {row["summit_id"]: row for row in rows("summits")}
    launch = day("2025-10-22")
    assert launch in {day(row["date"]) for row in rows("launches")}
    result = judgement.check_leads(PLAN.claims.leads, es.datasets.launches(), es.datasets.summits())
    assert result.arrival_days == (day(summits["US-ROK-2025-10"]["start"]) - launch).days == 7
    assert result.meeting_days == (day(summits["APEC-2025"]["start"]) - launch).days == 9
    assert result.announced.date() == day(summits["US-ROK-2025-10"]["announced"])
    assert judgement.judge_fact(result.as_said) == "supported"


@pytest.mark.parametrize(
    "wrong",
    [{"arrival_days": 8}, {"meeting_days": 8}, {"launch": dt.date(2025, 10, 23)}, {"arrival": "APEC-2025"}],
)
def test_other_dates_are_not_as_said(wrong):
    said = dataclasses.replace(PLAN.claims.leads, **wrong)
    result = judgement.check_leads(said, es.datasets.launches(), es.datasets.summits())
    assert judgement.judge_fact(result.as_said) == "not supported"


def test_right_distances_without_a_launch_on_the_day_are_not_as_said():
    table = es.datasets.launches()
    none = table[table["date"] != "2025-10-22"]
    assert not judgement.check_leads(PLAN.claims.leads, none, es.datasets.summits()).as_said


def test_an_unknown_meeting_is_named():
    said = dataclasses.replace(PLAN.claims.leads, meeting="APEC-1900")
    with pytest.raises(EventsError, match="no meeting 'APEC-1900' in the table of summits; correct the name"):
        judgement.check_leads(said, es.datasets.launches(), es.datasets.summits())


@pytest.mark.parametrize(
    ("days", "n_last", "n_between", "as_said"),
    [
        ([12, 30], 1, 0, True),
        ([12, 13, 30], 2, 0, True),
        ([12, 20, 30], 1, 1, False),  # day 20 is the first after the period named
        ([9, 30], 0, 0, False),
        ([12, 30, 31], 1, 0, True),  # what comes later does not matter
    ],
)
def test_the_first_since_a_period_by_hand(days, n_last, n_between, as_said):
    result = judgement.first_since(es.Events(days, label="launches"), es.Period(10, 20), 30)
    assert (result.n_last, result.n_between, result.as_said) == (n_last, n_between, as_said)
    assert result.previous == max(d for d in days if d < 30)


@pytest.mark.parametrize("now", [12, 25])
def test_the_first_since_needs_an_event_on_the_day_and_one_before(now):
    with pytest.raises(
        EventsError, match=r"have none on 1970-01-\d\d or none before; give a day with an event"
    ):
        judgement.first_since(es.Events([12, 30], label="launches"), es.Period(10, 20), now)


def test_a_pause_by_hand():
    """Pauses 1, 2, 4, 4, 10: three of five are at least 4 days, and they hold 18 of 21 days."""
    result = pause_before(es.Events([5, 6, 6, 8, 12, 16, 26], es.Period(0, 40)), 16)
    assert result.pauses.tolist() == [1, 2, 4, 4, 10]
    assert (result.length, result.previous, result.rank) == (4, 12, 2)
    assert (result.share.count, result.share.total) == (3, 5)
    assert result.share_of_days == pytest.approx(18 / 21)


@pytest.mark.parametrize(
    ("day_", "problem"), [(7, "have none on 1970-01-08"), (5, "is the first of the launches")]
)
def test_a_pause_that_has_no_end_or_beginning_is_refused(day_, problem):
    with pytest.raises(EventsError, match=problem):
        pause_before(es.Events([5, 9], es.Period(0, 10), "launches"), day_)


@pytest.mark.parametrize("period", PLAN.claims.pause.periods)
def test_the_pause_of_the_study_agrees_with_the_raw_table(period):
    days = launch_days(str(period.dates[0].date()), str((period.dates[-1] + pd.Timedelta(days=1)).date()))
    pauses = [(b - a).days for a, b in pairwise(days)]
    assert days[-1] == day("2025-10-22")
    result = pause_before(PLAN.events.read(period), days[-1])
    assert result.length == pauses[-1] == 167
    assert result.share.count == sum(p >= 167 for p in pauses)
    assert result.share.total == len(pauses)


# Claims 4 and 5: counts by a plain loop over the raw tables


def test_summits_in_south_korea_with_a_launch_before_by_a_plain_loop():
    launches = launch_days("2012-01-01", "2025-01-01")
    host = first_days(
        lambda row: row["in_rok"] == "yes" and row["dprk_present"] == "no" and row["city"] != "virtual"
    )
    host = [d for d in host if day("2012-01-01") <= d < day("2025-01-15")]
    hit = [d for d in host if any(1 <= (d - launch).days <= 14 for launch in launches)]
    events = PLAN.events.read(PLAN.period)
    anchors = PLAN.family.named(PLAN.claims.host).read()
    assert int(es.AnchorsHit(PLAN.primary.window)(events, anchors)) == len(hit)
    assert PLAN.primary.window.reaching(anchors, PLAN.period).size == len(host)


def test_launches_before_meetings_with_the_leader_by_a_plain_loop():
    launches = launch_days("2012-01-01", "2025-01-01")
    north = first_days(lambda row: row["dprk_present"] == "yes")
    inside = [x for x in launches if any(1 <= (d - x).days <= 14 for d in north)]
    events = PLAN.events.read(PLAN.period)
    anchors = PLAN.family.named(PLAN.claims.north).read()
    assert int(es.WindowCount(PLAN.primary.window)(events, anchors)) == len(inside)


# Claim 6


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
    result = ratio_change(
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
    assert ratio_change(planted, *arguments).pvalue < 0.001
    assert ratio_change(nothing, *arguments).pvalue > 0.5


def test_a_change_outside_the_period_or_without_expectation_is_refused():
    events = es.Events([4, 16], es.Period(0, 20))
    with pytest.raises(PeriodError, match=r"1970-01-21 does not lie inside 1970-01-01 to 1970-01-21"):
        ratio_change(events, es.Events([5]), es.Window(-2, 0), 20, es.CircularShift())
    with pytest.raises(PeriodError, match="no event is expected in the window in 1970-01-11"):
        ratio_change(events, es.Events([5]), es.Window(-2, 0), 10, es.CircularShift())


# Claim 7


def test_before_and_after_by_hand():
    """The anchor's own day counts as before; days that lie before one anchor and after another count for neither."""
    events = es.Events([7, 9, 10, 12, 21, 28, 29], es.Period(0, 40), "launches")
    result = aftermath(events, es.Events([10, 30]), 4, {"shifts": es.CircularShift()}, max_lag=2)
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
    result = aftermath(events, es.Events([10, 13]), 4, {"shifts": es.CircularShift()}, max_lag=2)
    before = {d for d in range(40) if any(0 <= a - d <= 4 for a in (10, 13))}
    after = {d for d in range(40) if any(1 <= d - a <= 4 for a in (10, 13))}
    only_before, only_after = before - after, after - before
    days = set(events.days.tolist())
    rate_before = len(days & only_before) / len(only_before)
    rate_after = len(days & only_after) / len(only_after)
    assert result.ratio == pytest.approx(rate_after / rate_before)
    assert result.tests["shifts"].observed == len(days & only_before) - len(days & only_after)


def test_an_anchor_without_events_near_has_no_ratio():
    events = es.Events([3, 17, 18], es.Period(0, 60), "launches")
    table = aftermath(events, es.Events([15, 50]), 4, {}, max_lag=2).to_frame()
    assert table.loc[1, ["before", "after"]].tolist() == [0, 0]
    assert table.loc[1, ["ratio", "low", "high", "pvalue"]].isna().all()


@pytest.mark.parametrize("anchor", [3, 36])
def test_days_around_an_anchor_outside_the_period_are_refused(anchor):
    with pytest.raises(PeriodError, match="the 4 days around the votes do not all lie inside"):
        aftermath(es.Events([7], es.Period(0, 40)), es.Events([anchor], label="votes"), 4, {}, max_lag=2)


def test_the_resolutions_of_the_study_agree_with_the_raw_tables():
    said = PLAN.claims.aftermath
    launches = launch_days("2006-01-01", "2025-01-01")
    votes = [
        day(r["start"]) for r in rows("controls") if r["kind"] == "UNSC_RESOLUTION" and r["start"] >= "2006"
    ]
    expected = [
        (
            sum(0 <= (vote - x).days <= said.days for x in launches),
            sum(1 <= (x - vote).days <= said.days for x in launches),
        )
        for vote in votes
    ]
    table = aftermath(
        PLAN.events.read(said.period), said.anchors.read(), said.days, {}, max_lag=PLAN.regression.max_lag
    ).to_frame()
    assert list(zip(table["before"], table["after"], strict=True)) == expected


# Claim 8


def yearly(counts, start=2001):
    """Make events with the given numbers by year, on the first days of each."""
    dates = [dt.date(start + k, 1, 1) + dt.timedelta(days=j) for k, n in enumerate(counts) for j in range(n)]
    return es.Events(dates, es.Period(f"{start}-01-01", f"{start + len(counts)}-01-01"), "launch days")


def test_a_doubling_every_year_has_the_ratio_two():
    result = yearly_growth(yearly([2, 4, 8, 16], start=2001))
    assert result.ratio == pytest.approx(2.0, rel=2e-3)  # 2004 has one day more than the others
    assert result.low > 1


@pytest.mark.parametrize("counts", [[6, 15, 15, 0, 14, 4, 4, 33, 21, 13], [5, 5, 6, 4, 5]])
def test_the_trend_is_that_of_statsmodels_with_students_t(counts):
    """GLM of statsmodels with the Pearson scale; limits by hand from its standard error."""
    import statsmodels.api as sm

    result = yearly_growth(yearly(counts))
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
        yearly_growth(es.Events(["2001-01-01"], es.Period("2001-01-01", stop)))


def test_days_by_year_and_kind_agree_with_a_plain_count():
    period = PLAN.claims.growth.period
    expected: dict[tuple[str, int], set[str]] = {}
    for row in rows("launches"):
        if "2015-01-01" <= row["date"] < "2025-01-01":
            expected.setdefault((row["category"], int(row["date"][:4])), set()).add(row["date"])
    table = days_by_year(es.datasets.launches(), "category", period)
    assert list(table.columns) == list(range(2015, 2025))
    found = {
        (kind, year): table.loc[kind, year] for kind in table.index for year in table if table.loc[kind, year]
    }
    assert found == {place: len(days) for place, days in expected.items()}
    assert table.sum(axis=1).is_monotonic_decreasing


# Claim 9


def wait(start, following):
    """Return the days from a day to the next of some sorted days."""
    return (following[bisect_left(following, start)] - start).days


@pytest.fixture(scope="module")
def waits():
    said = PLAN.claims.waiting
    return waiting_times(
        said.anchors.read(said.period),
        said.events.read(),
        {"shifts": es.CircularShift(), "years": PLAN.nulls.primary.build()},
        near_days=said.near_days,
    )


@pytest.fixture(scope="module")
def long_range():
    chosen = {
        r["date"]
        for r in rows("launches")
        if r["category"] in ("ICBM", "SLV") and r["date_precision"] == "day"
    }
    return sorted(map(day, chosen))


def test_waits_of_the_study_agree_with_the_raw_tables(waits, long_range):
    parades = [dt.date(year, 10, 10) for year in (2010, 2015, 2020)]
    expected = [wait(parade, long_range) for parade in parades]
    assert waits.to_frame()["days"].tolist() == expected
    assert waits.near.count == sum(days <= 90 for days in expected)
    whole = [dt.date(2006, 1, 1) + dt.timedelta(days=k) for k in range(6_940)]
    assert whole[-1] == dt.date(2024, 12, 31)
    later = [*long_range, dt.date.max]
    assert waits.near_any_day == pytest.approx(np.mean([wait(d, later) <= 90 for d in whole]))


def test_exchanged_years_lay_the_parades_on_any_three_tenths_of_october(waits, long_range):
    """Every one of the 969 choices of three years out of nineteen, by hand; the last wait is cut off at the period."""
    later = [*long_range, dt.date(2025, 1, 1)] if long_range[-1] < dt.date(2025, 1, 1) else long_range
    by_year = [wait(dt.date(year, 10, 10), later) for year in range(2006, 2025)]
    observed = sum(wait(dt.date(year, 10, 10), later) for year in (2010, 2015, 2020))
    every = [sum(chosen) for chosen in combinations(by_year, 3)]
    assert len(every) == 969
    assert waits.tests["years"].pvalue == pytest.approx(np.mean([total <= observed for total in every]))


def test_all_shifts_of_the_parades_one_by_one(waits, long_range):
    later = [*long_range, dt.date(2025, 1, 1)] if long_range[-1] < dt.date(2025, 1, 1) else long_range
    start, length = dt.date(2006, 1, 1), 6_940
    each = [wait(start + dt.timedelta(days=k), later) for k in range(length)]
    places = [(dt.date(year, 10, 10) - start).days for year in (2010, 2015, 2020)]
    totals = [sum(each[(place + shift) % length] for place in places) for shift in range(length)]
    assert waits.tests["shifts"].pvalue == pytest.approx(np.mean([total <= totals[0] for total in totals]))
    assert -waits.tests["shifts"].expected == pytest.approx(np.mean(totals) / 3)


def test_waits_by_hand():
    """An event on the day itself is no wait; one after as many days as are near is near, one a day later is not."""
    parades, launches = (
        es.Events([3, 8, 12], es.Period(0, 20), "parades"),
        es.Events([3, 10, 15], label="launches"),
    )
    result = waiting_times(parades, launches, {}, near_days=2)
    assert result.to_frame()["days"].tolist() == [0, 2, 3]
    assert (result.near.count, result.near.total, result.mean_days) == (2, 3, pytest.approx(5 / 3))
    assert result.near_any_day == pytest.approx(9 / 20)  # days 1 to 3, 8 to 10 and 13 to 15


def test_a_wait_without_end_is_refused():
    with pytest.raises(
        EventsError, match="none of the launches follows the last of the parades; leave that one out"
    ):
        waiting_times(
            es.Events([4, 9], es.Period(0, 10), "parades"), es.Events([5], label="launches"), {}, near_days=1
        )


# Verdicts


@pytest.mark.parametrize(
    ("primary", "second", "high", "verdict"),
    [
        (0.05, 0.05, 0.99, "supported"),
        (0.05, 0.051, 0.75, "cannot tell"),
        (0.051, 0.01, 0.74, "not supported"),
        (0.5, 0.5, 0.75, "cannot tell"),  # 1.5 times 10 of 20 expected
    ],
)
def test_the_verdict_on_summits_that_were_hit(primary, second, high, verdict):
    first = SimpleNamespace(pvalue=primary, expected=10.0, n_anchors=20)
    assert (
        judgement.judge_hits(PLAN, first, SimpleNamespace(pvalue=second), SimpleNamespace(high=high))
        == verdict
    )


@pytest.mark.parametrize(
    ("exact", "model", "low", "high", "verdict"),
    [
        (0.05, 0.05, 0.1, 0.9, "supported"),
        (0.05, 0.06, 0.1, 0.9, "cannot tell"),
        (0.06, 0.05, 0.1, 0.9, "cannot tell"),
        (0.5, 0.5, 0.67, 1.49, "not supported"),
        (0.5, 0.5, 0.66, 1.49, "cannot tell"),
        (0.5, 0.5, 0.67, 1.5, "cannot tell"),
    ],
)
def test_the_verdict_on_a_change(exact, model, low, high, verdict):
    terms = ("Intercept", "before", "before:later")
    fitted = SimpleNamespace(terms=terms, pvalues=[0, 0, model], low=[9, 9, low], high=[9, 9, high])
    assert judgement.judge_change(PLAN, SimpleNamespace(pvalue=exact), fitted) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.51, 9.0, "supported"),
        (0.5, 9.0, "cannot tell"),
        (0.1, 0.49, "not supported"),
        (0.1, 0.5, "cannot tell"),
    ],
)
def test_the_verdict_on_a_stop(low, high, verdict):
    assert judgement.judge_aftermath(PLAN, SimpleNamespace(interval=(low, high))) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.01, 1.05, "supported"),
        (1.0, 1.3, "cannot tell"),
        (0.8, 1.071, "not supported"),
        (0.8, 1.072, "cannot tell"),
    ],
)
def test_the_verdict_on_growth(low, high, verdict):
    assert judgement.judge_growth(PLAN, SimpleNamespace(low=low, high=high)) == verdict


@pytest.mark.parametrize(
    ("pvalues", "high", "verdict"),
    [
        ((0.05, 0.05), 0.9, "supported"),
        ((0.05, 0.06), 0.9, "cannot tell"),
        ((0.05, 0.06), 0.49, "not supported"),
        ((0.9, 0.9), 0.5, "cannot tell"),
    ],
)
def test_the_verdict_on_waits(pvalues, high, verdict):
    tests = {str(k): SimpleNamespace(pvalue=p) for k, p in enumerate(pvalues)}
    assert (
        judgement.judge_waiting(PLAN, SimpleNamespace(tests=tests, near=SimpleNamespace(high=high)))
        == verdict
    )


@pytest.mark.parametrize(
    ("pvalue", "high", "verdict"),
    [(0.05, 9.0, "supported"), (0.06, 1.49, "not supported"), (0.06, 1.5, "cannot tell")],
)
def test_the_verdict_on_the_held_out_period(pvalue, high, verdict):
    assert judgement.judge_held_out(PLAN, SimpleNamespace(pvalue=pvalue), high) == verdict


# Together


@settings(max_examples=25)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=9))
def test_holm_is_that_of_statsmodels(pvalues):
    from statsmodels.stats.multitest import multipletests

    named = {str(place): value for place, value in enumerate(pvalues)}
    expected = multipletests(pvalues, method="holm")[1]
    assert list(judgement.holm(named)) == list(named)
    assert list(judgement.holm(named).values()) == pytest.approx(expected.tolist())


def test_the_table_keeps_claims_findings_and_verdicts_together():
    rules = PLAN.claims.rules[:2]
    table = judgement.claims_table(
        rules, [("seven", "supported"), ("eight", "cannot tell")], data={"launches": "0"}
    )
    assert table.to_frame().values.tolist() == [
        [1, rules[0].claim, "seven", "supported"],
        [2, rules[1].claim, "eight", "cannot tell"],
    ]
    with pytest.raises(OptionError, match="1 findings for 2 claims; give one for each"):
        judgement.claims_table(rules, [("seven", "supported")], data={})


def test_results_print_what_was_found():
    events = es.Events([7, 9, 10, 12, 21, 28, 29], es.Period(0, 40), "launches")
    anchors = es.Events([10, 30], label="votes")
    shifts = {"shifts": es.CircularShift()}
    assert "1 of 2 votes" in aftermath(events, anchors, 4, shifts, max_lag=2).summary()
    assert "of 6, 16.7%" in pause_before(events, 21).summary()
    assert (
        "mean wait  1 days"
        in waiting_times(
            es.Events([11, 27], es.Period(0, 40), "votes"), events, shifts, near_days=1
        ).summary()
    )
    assert "rate ratio" in ratio_change(events, anchors, es.Window(-4, 0), 20, es.CircularShift()).summary()
    assert "negative binomial" in yearly_growth(yearly([2, 9, 3, 12, 1])).summary()
    leads = judgement.check_leads(PLAN.claims.leads, es.datasets.launches(), es.datasets.summits())
    assert "7 days later, said to be 7" in leads.summary()
    assert "1970-01-13" in judgement.first_since(events, es.Period(10, 20), 21).summary()


def test_figures_show_what_they_are_given():
    import matplotlib.pyplot as plt

    events = es.Events([7, 9, 10, 12, 21, 28, 29], es.Period(0, 40), "launches")
    ratio = es.rate_ratio(events, es.Events([10, 30]), es.Window(-4, 0))
    forest = claim_figures.rate_ratios({"one": ratio, "two": ratio})
    labels = [text.get_text() for text in forest.axes[0].get_yticklabels()]
    assert labels == ["one\n4 of 7 launches", "two\n4 of 7 launches"]
    panels = claim_figures.pause_panels({"a": pause_before(events, 21), "b": pause_before(events, 12)})
    assert [ax.get_title(loc="left") or ax.get_title() for ax in panels.axes] == ["a", "b"]
    assert [ax.lines[1].get_xdata()[0] for ax in panels.axes] == [9, 2]
    growth = yearly_growth(yearly([2, 4, 8, 16]))
    kinds = pd.DataFrame({2001: [1, 0], 2002: [0, 0], 2003: [2, 3], 2004: [0, 0]}, index=["A", "B"])
    figure = claim_figures.growth_and_kinds(growth, kinds)
    assert [bar.get_height() for bar in figure.axes[0].patches] == [2, 4, 8, 16]
    assert [text.get_text() for text in figure.axes[1].texts] == ["1", "2", "3"]
    waits = waiting_times(
        es.Events([11, 27], es.Period(0, 40), "votes"), events, {"shifts": es.CircularShift()}, near_days=1
    )
    assert [bar.get_width() for bar in waits.plot().patches] == [1, 1]
    after = aftermath(events, es.Events([10, 30], label="votes"), 4, {}, max_lag=2)
    assert [line.get_xdata().tolist() for line in after.plot().lines] == [[3, 2], [1, 0]]
    change = ratio_change(events, es.Events([10, 30]), es.Window(-4, 0), 20, es.CircularShift())
    assert [text.get_text() for text in change.plot().get_yticklabels()] == [
        "before 1970-01-21",
        "from 1970-01-21",
    ]
    plt.close("all")
