"""The bundled study: its claims from the raw tables with the standard library, and every verdict by its table."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import re
from bisect import bisect_left
from itertools import combinations, pairwise
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import eventstudy as es
import launches
from eventstudy.errors import EventsError, OptionError, PlanError
from eventstudy.measures.growth import days_by_year
from eventstudy.study.plan import read_study
from launches import Plan
from launches import __main__ as next_command

mpl.use("Agg")

ROOT = Path(__file__).resolve().parents[1]
PLAN = read_study(ROOT / "notebooks" / "plan.toml", Plan)


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


def test_the_launch_of_the_question_is_seven_and_nine_days_before_the_meetings():
    summits = {row["summit_id"]: row for row in rows("summits")}
    launch = day("2025-10-22")
    assert launch in {day(row["date"]) for row in rows("launches")}
    result = launches.check_leads(PLAN.claims.leads, es.datasets.launches(), es.datasets.summits())
    assert result.arrival_days == (day(summits["US-ROK-2025-10"]["start"]) - launch).days == 7
    assert result.meeting_days == (day(summits["APEC-2025"]["start"]) - launch).days == 9
    row = summits["US-ROK-2025-10"]
    assert result.announced.date() == min(day(row["reported"]), day(row["official"])) < launch
    assert max(day(row["reported"]), day(row["official"])) < launch
    assert result.when_announced.endswith("both before the launch")
    assert launches.judge_fact(result.as_said) == "supported"


@pytest.mark.parametrize(
    "wrong",
    [{"arrival_days": 8}, {"meeting_days": 8}, {"launch": dt.date(2025, 10, 23)}, {"arrival": "APEC-2025"}],
)
def test_other_dates_are_not_as_said(wrong):
    said = dataclasses.replace(PLAN.claims.leads, **wrong)
    result = launches.check_leads(said, es.datasets.launches(), es.datasets.summits())
    assert launches.judge_fact(result.as_said) == "not supported"


def test_right_distances_without_a_launch_on_the_day_are_not_as_said():
    table = es.datasets.launches()
    none = table[table["date"] != "2025-10-22"]
    assert not launches.check_leads(PLAN.claims.leads, none, es.datasets.summits()).as_said


def test_an_unknown_meeting_is_named():
    said = dataclasses.replace(PLAN.claims.leads, meeting="APEC-1900")
    with pytest.raises(EventsError, match="no meeting 'APEC-1900' in the table of summits; correct the name"):
        launches.check_leads(said, es.datasets.launches(), es.datasets.summits())


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
    result = launches.first_since(es.Events(days, label="launches"), es.Period(10, 20), 30)
    assert (result.n_last, result.n_between, result.as_said) == (n_last, n_between, as_said)
    assert result.previous == max(d for d in days if d < 30)


@pytest.mark.parametrize("now", [12, 25])
def test_the_first_since_needs_an_event_on_the_day_and_one_before(now):
    with pytest.raises(
        EventsError, match=r"have none on 1970-01-\d\d or none before; give a day with an event"
    ):
        launches.first_since(es.Events([12, 30], label="launches"), es.Period(10, 20), now)


@pytest.mark.parametrize("period", PLAN.claims.pause.periods)
def test_the_pause_of_the_study_agrees_with_the_raw_table(period):
    days = launch_days(str(period.dates[0].date()), str((period.dates[-1] + pd.Timedelta(days=1)).date()))
    pauses = [(b - a).days for a, b in pairwise(days)]
    assert days[-1] == day("2025-10-22")
    result = es.pause_before(PLAN.events.read(period), days[-1])
    assert result.length == pauses[-1] == 167
    assert result.share.count == sum(p >= 167 for p in pauses)
    assert result.share.total == len(pauses)


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
    table = es.before_after(
        PLAN.events.read(said.period), said.anchors.read(), said.days, {}, max_lag=PLAN.regression.max_lag
    ).to_frame()
    assert list(zip(table["before"], table["after"], strict=True)) == expected


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


def wait(start, following):
    """Return the days from a day to the next of some sorted days."""
    return (following[bisect_left(following, start)] - start).days


@pytest.fixture(scope="module")
def waits():
    said = PLAN.claims.waiting
    return es.waiting_times(
        said.events.read(said.record),
        said.anchors.read(said.period),
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
    """Every one of the 969 choices of three years out of nineteen; the last wait counts to the end of the tables."""
    later = [*long_range, dt.date(2026, 10, 9)]
    by_year = [wait(dt.date(year, 10, 10), later) for year in range(2006, 2025)]
    observed = sum(wait(dt.date(year, 10, 10), later) for year in (2010, 2015, 2020))
    every = [sum(chosen) for chosen in combinations(by_year, 3)]
    assert len(every) == 969
    assert waits.tests["years"].pvalue == pytest.approx(np.mean([total <= observed for total in every]))


def test_all_shifts_of_the_parades_one_by_one(waits, long_range):
    later = [*long_range, dt.date(2026, 10, 9)]
    start, length = dt.date(2006, 1, 1), 6_940
    each = [wait(start + dt.timedelta(days=k), later) for k in range(length)]
    places = [(dt.date(year, 10, 10) - start).days for year in (2010, 2015, 2020)]
    totals = [sum(each[(place + shift) % length] for place in places) for shift in range(length)]
    assert waits.tests["shifts"].pvalue == pytest.approx(np.mean([total <= totals[0] for total in totals]))
    assert -waits.tests["shifts"].expected == pytest.approx(np.mean(totals) / 3)


def test_parades_and_engine_tests_of_the_study_agree_with_the_raw_tables(long_range):
    said = PLAN.claims.waiting
    kinds = {
        "PARADE": [
            r["start"] for r in rows("controls") if r["kind"] == "PARADE" and "round year" in r["note"]
        ],
        "ENGINE_TEST": [r["start"] for r in rows("controls") if r["kind"] == "ENGINE_TEST"],
    }
    for days, chosen in zip(kinds.values(), (said.parades, said.engine_tests), strict=True):
        inside = [day(d) for d in days if d < "2025"]
        expected = [wait(d, long_range) for d in inside]
        result = es.waiting_times(
            said.events.read(said.record),
            chosen.read(PLAN.period),
            {"s": es.CircularShift()},
            near_days=said.near_days,
        )
        assert result.to_frame()["days"].tolist() == expected
        assert (result.near.count, result.near.total) == (sum(d <= 90 for d in expected), len(inside))


def test_rows_with_one_source_are_counted_by_hand():
    table = rows("launches")
    used = [
        r
        for r in table
        if r["in_cns_scope"] == "yes" and r["date_precision"] == "day" and "2012" <= r["date"] < "2025"
    ]
    keys = launches.count_sources(PLAN.events, PLAN.period)
    assert (keys.n_rows, keys.n_used) == (len(table), len(used))
    assert keys.n_single == sum(";" not in r["source"] for r in table)
    assert keys.n_used_single == sum(";" not in r["source"] for r in used)


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
        launches.judge_hits(PLAN, first, SimpleNamespace(pvalue=second), SimpleNamespace(high=high))
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
    assert launches.judge_change(PLAN, SimpleNamespace(pvalue=exact), fitted) == verdict


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
    assert launches.judge_stop(PLAN, SimpleNamespace(interval=(low, high))) == verdict


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
    assert launches.judge_growth(PLAN, SimpleNamespace(low=low, high=high)) == verdict


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
        launches.judge_waiting(PLAN, SimpleNamespace(tests=tests, near=SimpleNamespace(high=high))) == verdict
    )


@pytest.mark.parametrize(
    ("pvalue", "high", "verdict"),
    [(0.05, 9.0, "supported"), (0.06, 1.49, "not supported"), (0.06, 1.5, "cannot tell")],
)
def test_the_verdict_on_the_held_out_period(pvalue, high, verdict):
    assert (
        launches.judge_held_out(PLAN, SimpleNamespace(pvalue=pvalue), SimpleNamespace(low=0.1, high=high))
        == verdict
    )


def test_the_table_keeps_claims_findings_and_verdicts_together():
    rules = PLAN.claims.rules[:2]
    table = launches.claims_table(
        rules, [("seven", "supported"), ("eight", "cannot tell")], data={"launches": "0"}
    )
    assert table.to_frame().values.tolist() == [
        [1, rules[0].claim, "seven", "supported"],
        [2, rules[1].claim, "eight", "cannot tell"],
    ]
    with pytest.raises(OptionError, match="1 findings for 2 claims; give one for each"):
        launches.claims_table(rules, [("seven", "supported")], data={})


def test_facts_print_what_was_found():
    leads = launches.check_leads(PLAN.claims.leads, es.datasets.launches(), es.datasets.summits())
    assert "7 days later, said to be 7" in leads.summary()
    events = es.Events([7, 9, 10, 12, 21, 28, 29], es.Period(0, 40), "launches")
    assert "1970-01-13" in launches.first_since(events, es.Period(10, 20), 21).summary()


# The amendment


@pytest.mark.parametrize(
    ("quarter", "month", "verdict"),
    [
        ((0.05, 0.9), (0.05, 0.9), "supported"),
        ((0.05, 0.9), (0.051, 0.9), "cannot tell"),
        ((0.9, 0.05), (0.9, 0.05), "not supported"),
        ((0.76, 0.03), (0.62, 0.11), "cannot tell"),  # claim 3: with quarters alone it would be excluded
        ((0.05, 0.9), (0.9, 0.05), "cannot tell"),
    ],
)
def test_the_amended_rule_asks_for_quarters_and_months(quarter, month, verdict):
    def ratio(pair):
        at = {(1.0, "greater"): pair[0], (1.5, "less"): pair[1]}
        return SimpleNamespace(pvalue_at=lambda r, alternative: at[r, alternative])

    assert PLAN.amendment.judge([ratio(quarter), ratio(month)]) == verdict


def test_the_amended_verdicts_differ_from_the_plan_in_claim_5_alone():
    events = PLAN.events.read(PLAN.period)
    found = {}
    for label in PLAN.amendment.sets:
        ratios = launches.amended(PLAN, events, PLAN.family.named(label).read())
        assert list(ratios) == ["quarter", "month"]
        found[label] = PLAN.amendment.judge(list(ratios.values()))
    assert set(found.values()) == {"cannot tell"}
    north = PLAN.family.named(PLAN.claims.north).read()
    tests = [
        es.permutation_test(events, north, es.WindowCount(PLAN.primary.window), null.build())
        for null in (PLAN.nulls.primary, PLAN.nulls.second)
    ]
    assert PLAN.judge(*tests, es.rate_ratio(events, north, PLAN.primary.window)) == "not supported"


@pytest.mark.parametrize("label", ["summits", "meetings with the North's leader"])
def test_year_effects_in_closed_form_are_those_of_the_poisson_regression(label):
    """At both ends of its interval the p-value is 0.05, at a ratio of 1 that of the regression."""
    events, anchors = PLAN.events.read(PLAN.period), PLAN.family.named(label).read()
    table = es.count_table(events, anchors, {"window": PLAN.primary.window})
    row = es.poisson_regression(table, "count ~ window + C(year)", covariance="HAC", max_lag=28).irr.loc[
        "window"
    ]
    for ratio, pvalue in ((1.0, row["pvalue"]), (row["low"], 0.05), (row["high"], 0.05)):
        found = launches.YearEffects(PLAN.primary.window, float(ratio), 28)(events, anchors)
        assert found == pytest.approx(pvalue, rel=1e-5)


def test_year_effects_without_an_event_in_the_window_have_the_limit_of_the_regression():
    events, anchors, window = PLAN.events.read(PLAN.period), PLAN.anchors.read(), PLAN.primary.window
    none = es.Events.from_days(events.days[~window.holds(events.days, anchors)], PLAN.period)
    table = es.count_table(none, anchors, {"window": window})
    fit = es.poisson_regression(table, "count ~ window + C(year)", covariance="HAC", max_lag=28)
    high = float(fit.irr.loc["window", "high"])
    assert launches.YearEffects(window, high, 28)(none, anchors) == pytest.approx(0.05, rel=1e-6)


def test_the_count_on_draws_is_the_count_of_the_plan():
    events, anchors, window = PLAN.events.read(PLAN.period), PLAN.anchors.read(), PLAN.primary.window
    null = PLAN.nulls.primary.build()
    exact = es.permutation_test(events, anchors, es.WindowCount(window), null)
    drawn = es.permutation_test(events, anchors, launches.DrawnCount(window), null, n_resamples=4_999, rng=1)
    assert drawn.observed == exact.observed
    assert drawn.pvalue == pytest.approx(exact.pvalue, abs=0.03)


def test_the_worlds_of_the_amendment_are_built_as_they_say():
    events, anchors = PLAN.events.read(PLAN.period), PLAN.anchors.read()
    sets = {label: PLAN.family.named(label).read() for label in PLAN.amendment.sets}
    for world in (*PLAN.amendment.worlds.levels, *PLAN.amendment.worlds.coverage):
        drawn, meetings = world.build(events, anchors, sets).sample(np.random.default_rng(1))
        years = world.years or 13
        assert len(set(drawn.period.dates.year)) == years
        assert len(drawn) == pytest.approx(world.n_events or 141, rel=0.3 if world.burst_size > 1 else 0.0)
        if world.real:
            assert meetings is sets[world.real]
        elif world.burst_size == 1:
            assert len(meetings) == (world.n_anchors or 39)


@pytest.mark.parametrize(
    ("entry", "value", "message"),
    [
        ("strata", ["quarter"], "its rule asks for two kinds; write quarter and month"),
        ("strata", ["quarter", "week"], "is not one of quarter, month; choose one"),
        ("level", 5, "is not between 0 and 1"),
        ("sets", ["summits on the moon"], "the family has no set 'summits on the moon'"),
    ],
)
def test_an_amendment_that_cannot_be_is_refused_by_name(tmp_path, entry, value, message):
    text = (ROOT / "notebooks" / "plan.toml").read_text(encoding="utf-8")
    head, _, tail = text.partition("[amendment]")
    lines = [line for line in tail.splitlines() if not line.startswith(f"{entry} = ")]
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "plan.toml"
    path.write_text("\n".join([head, "[amendment]", f"{entry} = {value!r}", *lines]), encoding="utf-8")
    with pytest.raises(PlanError, match=re.escape(message)):
        read_study(path, Plan)


# The years to come


def convolved(parts):
    """Return the distribution of a sum of independent whole numbers, each as likely as it occurs in its list."""
    total = {0: 1.0}
    for values in parts:
        summed = dict.fromkeys(range(max(total) + max(values) + 1), 0.0)
        for so_far, share in total.items():
            for value in values:
                summed[so_far + value] += share / len(values)
        total = summed
    return total


def by_shifts(days, window_days, first, after, months):
    """Return p of as many days in the window or more, if the days of each piece of the calendar slide round it."""
    parts, start = [], first
    while start < after:
        month = start.month - 1 + months
        stop = dt.date(start.year + month // 12, month % 12 + 1, 1)
        length = (stop - start).days
        inside = {(day - start).days for day in window_days if start <= day < stop}
        here = [(day - start).days for day in days if start <= day < stop]
        parts.append([sum((day + shift) % length in inside for day in here) for shift in range(length)])
        start = stop
    observed = sum(part[0] for part in parts)
    return sum(share for total, share in convolved(parts).items() if total >= observed)


@pytest.fixture
def tables_to_2027(tmp_path, monkeypatch):
    """The tables with made-up launches and summits of the years to come, looked for to their last day."""
    new = {
        "launches": [
            f"NK-{d}-1,{d},day,KN-23,SRBM,1,success,Wonsan,yes,NAGIX;CSIS-BP,"
            for d in ("2026-11-02", "2026-12-20", "2027-03-04", "2027-03-05", "2027-05-14", "2027-05-18",
                      "2027-07-30", "2027-09-11", "2027-11-12")
        ],
        "summits": [
            f"US-ROK-{d[:7]},US-ROK,US-ROK summit,{d},{d},USA,Washington,yes,yes,no,no,,,WCE; KH-2025,"
            for d in ("2026-11-15", "2027-03-11", "2027-05-20", "2027-06-30", "2027-11-20")
        ],
    }  # fmt: skip
    for path in (ROOT / "data" / "raw").glob("*.*"):
        text = path.read_text(encoding="utf-8")
        added = "".join(f"{row}\n" for row in new.get(path.stem, []))
        if path.suffix == ".json":
            package = json.loads(text)
            for resource in package["resources"]:
                resource["observedTo"] = "2027-12-31"
            added, text = json.dumps(package), ""
        (tmp_path / path.name).write_text(text + added, encoding="utf-8")
    monkeypatch.setattr(es.datasets, "folder", lambda: tmp_path)
    return {name: [row.split(",") for row in every] for name, every in new.items()}


def test_the_test_of_the_years_to_come_is_computed_from_added_rows(tables_to_2027, capsys):
    assert next_command.main() == 0
    printed = capsys.readouterr().out
    ahead, window = PLAN.next, PLAN.primary.window
    days = {day(r["date"]) for r in rows("launches") if r["date"] >= "2026" and r["in_cns_scope"] == "yes"}
    days |= {day(row[1]) for row in tables_to_2027["launches"]}
    met = [day(row[3]) for row in tables_to_2027["summits"]]
    before = {d + dt.timedelta(lag) for d in met for lag in range(window.start, window.stop)}
    result = launches.ask_next(PLAN, PLAN.events.read(ahead.all_years), PLAN.anchors.read())
    quarters, months = result.alone.values()
    assert quarters.observed == months.observed == len(days & before) > 0
    assert (quarters.n_events, quarters.n_anchors) == (len(days), len(met))
    for test, length in ((quarters, 3), (months, 1)):
        wanted = by_shifts(days, before, dt.date(2026, 1, 1), dt.date(2028, 1, 1), length)
        assert test.pvalue == pytest.approx(wanted, rel=1e-9)
    every = launches.amended(PLAN, PLAN.events.read(ahead.all_years), PLAN.anchors.read())
    assert result.to_frame()["pvalue"].tolist() == [
        quarters.pvalue, months.pvalue, *(ratio.excluded_pvalue for ratio in every.values())
    ]  # fmt: skip
    assert f"{len(days & before)} of {len(days)} launch days of the new years before 5 summits" in printed
    assert printed.rstrip().endswith(result.verdict)


def test_nothing_of_the_years_to_come_is_compared_before_their_end(monkeypatch, capsys):
    monkeypatch.setattr(next_command, "ask_next", lambda *_: pytest.fail("compared"))
    assert next_command.main() == 1
    said = capsys.readouterr().err
    known = es.datasets.launches_observed_to(), es.datasets.summits_observed_to()
    assert said.startswith(
        f"next: launches are known to {known[0]} and summits to {known[1]}, and the new years"
    )
    monkeypatch.setattr(es.datasets, "launches_observed_to", lambda: dt.date(2028, 1, 1))
    assert next_command.main() == 1  # both tables must reach the end


@pytest.mark.parametrize(
    ("alone", "every", "verdict"),
    [
        ((0.05, 0.05), (0.9, 0.9), "supported"),
        ((0.05, 0.06), (0.9, 0.9), "cannot tell"),
        ((0.3, 0.4), (0.05, 0.05), "not supported"),
        ((0.3, 0.4), (0.01, 0.06), "cannot tell"),
        ((0.01, 0.01), (0.01, 0.01), "supported"),  # the new years decide what is supported
    ],
)
def test_the_verdict_on_the_years_to_come(monkeypatch, alone, every, verdict):
    left = iter(alone)
    monkeypatch.setattr(launches.next, "permutation_test", lambda *_: SimpleNamespace(pvalue=next(left)))
    ratios = {n: SimpleNamespace(pvalue_at=lambda r, a, p=p: p) for n, p in enumerate(every)}
    monkeypatch.setattr(launches.next, "amended", lambda *_: ratios)
    events = PLAN.events.read(PLAN.next.all_years)
    assert launches.ask_next(PLAN, events, PLAN.anchors.read()).verdict == verdict


def test_the_power_of_the_years_to_come_is_that_of_all_their_tests_together():
    few = dataclasses.replace(PLAN.next.power, ratios=(1.0, 6.0), n_simulations=30)
    plan = dataclasses.replace(PLAN, next=dataclasses.replace(PLAN.next, power=few))
    table = launches.next_power(plan).to_frame().set_index("truth")
    assert list(table.index) == ["1", "6"]
    assert table.loc["1", "rate"] <= 0.2
    assert table.loc["6", "rate"] >= 0.8
    assert (table["level"] == PLAN.amendment.level).all()


def test_the_plan_of_the_years_to_come_says_in_words_what_its_numbers_say():
    ahead, rule = PLAN.next, PLAN.next.supported + PLAN.next.not_supported
    assert ahead.period == es.Period("2026-01-01", "2028-01-01")
    assert ahead.all_years == es.Period("2012-01-01", "2028-01-01")
    assert [test.build() for test in ahead.tests] == [
        es.CircularShift(within=s) for s in ("quarter", "month")
    ]
    assert PLAN.amendment.strata == ("quarter", "month")
    for words in (
        f"the {len(PLAN.primary.window)} days before",
        f"at most {PLAN.amendment.level:g}",
        f"{PLAN.amendment.excluded_ratio:g} or more",
        "from 2012 on",
    ):
        assert words in rule
    assert ahead.date == PLAN.amendment.date
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^next: .*\n\t@cd notebooks && \S+python -m launches$", makefile, re.MULTILINE)


# What the notebooks say in words


@pytest.mark.parametrize(
    ("reported", "official", "words"),
    [
        (None, "2025-10-23", "given by an office on 23 October 2025, after the launch"),
        ("2025-10-22", None, "in the press on 22 October 2025, on the day of the launch"),
        (
            "2025-10-04",
            "2025-10-16",
            "in the press on 4 October 2025 and given by an office on 16 October 2025, both before the launch",
        ),
        (
            "2025-10-04",
            "2025-10-23",
            "in the press on 4 October 2025, before the launch, and given by an office on 23 October 2025, after the "
            "launch",
        ),
        (None, None, "public on a day that the table does not have"),
    ],
)
def test_an_announcement_is_said_to_be_before_or_after_as_its_date_is(reported, official, words):
    summits = es.datasets.summits()
    row = summits["summit_id"] == "US-ROK-2025-10"
    for column, known in (("reported", reported), ("official", official)):
        summits.loc[row, column] = pd.Timestamp(known)
    result = launches.check_leads(PLAN.claims.leads, es.datasets.launches(), summits)
    assert result.when_announced == words
    assert result.announced == min((pd.Timestamp(d) for d in (reported, official) if d), default=None)


def test_readme_notebooks_and_tables_say_the_same():
    """What several texts state of the data, each beside the rows that decide it."""
    text = {
        name: " ".join(re.sub(r"\n# ?(\| *)?", " ", (ROOT / name).read_text(encoding="utf-8")).split())
        for name in ("README.md", "data/raw/README.md", "notebooks/02-clustering.py")
    }
    summits = {row["summit_id"]: row for row in rows("summits")}
    here, apec = summits["US-ROK-2025-10"], summits["APEC-2025"]
    counts = {name: len(rows(name)) for name in ("launches", "summits", "controls")}
    said = {
        # he came a week after the launch, and his last day was over when the leaders of APEC met
        "README.md": [
            f"{counts['launches']} rows of missile launches",
            f"{counts['summits']} meetings of leaders",
            f"{counts['controls']} control events",
            "left before the leaders of APEC met",
            "a week before the US president came to South Korea",
            f"{es.datasets.launches_observed_to():%B %Y}",
        ],
        "notebooks/02-clustering.py": ["a week before the US president came to South Korea"],
        "data/raw/README.md": [f"{es.datasets.launches_observed_to():%-d %B %Y}"],
    }
    assert (day(here["start"]) - day("2025-10-22")).days == 7
    assert here["in_rok"] == "yes"
    assert day(here["end"]) < day(apec["start"])
    assert [(name, words) for name, every in said.items() for words in every if words not in text[name]] == []
    forbidden = "UN resolutions forbid on"  # the filter is the scope of CNS, not the type
    assert not [name for name, words in text.items() if forbidden in words]


def test_launch_days_by_scope_and_by_type_are_counted_from_the_raw_table():
    firm = [r for r in rows("launches") if r["date_precision"] == "day" and "2012" <= r["date"] < "2025"]
    ballistic = {"SRBM", "MRBM", "IRBM", "ICBM", "SLBM", "SLV"}
    by_type = {r["date"] for r in firm if r["category"] in ballistic}
    by_scope = {r["date"] for r in firm if r["in_cns_scope"] == "yes"}
    assert len(PLAN.choices.launches("all ballistic").read(PLAN.period).distinct()) == len(by_type) == 143
    assert len(PLAN.events.read(PLAN.period)) == len(by_scope) == 141
    with pytest.raises(PlanError, match="no choice of launches is called 'none'; correct the label"):
        PLAN.choices.launches("none")


def test_what_captions_and_headings_say_of_the_plan_is_what_the_plan_says():
    """Literal words of the notebooks, each beside the entry of the plan that decides it."""
    text = " ".join(
        re.sub(r"\n# ?(\| *)?", " ", path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "notebooks").glob("0*.py"))
    )
    window, claims, worlds = PLAN.primary.window, PLAN.claims, PLAN.amendment.worlds
    said = {
        "1 to 14 days before": window == es.Window(-14, 0) == PLAN.regression.before,
        "14 days after its first day": PLAN.regression.after == es.Window(1, 15),
        "the 14 days before": len(window) == 14,
        "Six windows": len(PLAN.family.windows) == 6,
        "five sets of meetings": len(PLAN.family.sets) == 5,
        "thirty tests": len(PLAN.family.windows) * len(PLAN.family.sets) == 30,
        "from 60 days before to 60 days after": PLAN.profile.lags == (-60, 61),
        "one of thirty is likely to fall below 0.05": PLAN.primary.level == 0.05,
        "9,999 draws": PLAN.n_resamples == 9_999,
        "correlation over 28 days": PLAN.regression.max_lag == 28,
        "fifteen ways": len(PLAN.credibility.truths) == 15,
        "Each row is made of 400 data sets": PLAN.credibility.n_simulations == 400,
        "growth ×5, season ×3 and bursts of 3": all(
            (truth.growth, truth.season, truth.burst_size) == (5.0, 3.0, 3)
            for truth in PLAN.credibility.truths
            if "all three" in truth.label
        ),
        "at three nominal levels": len(PLAN.credibility.levels) == 3,
        "held 1.25 to 3 times as many": (PLAN.credibility.power_ratios[0], PLAN.credibility.power_ratios[-1])
        == (1.25, 3.0),
        "a power of 80%": PLAN.primary.power == 0.8,
        "the fortnight after summits": PLAN.credibility.after == es.Window(1, 15),
        "moved by one to three months": sorted(map(abs, PLAN.credibility.shifts)) == [30, 30, 60, 60, 90, 90],
        "each of 999 draws": PLAN.choices.n_resamples == 999,
        "120 in all": len(PLAN.choices.events) * len(PLAN.choices.anchors) * len(PLAN.choices.windows) == 120,
        "Nine claims": len(claims.rules) == 9,
        "from 1 March 2019 on": claims.change.day == dt.date(2019, 3, 1),
        "in the 181 days that end with the vote": claims.aftermath.days == 180,
        "allow for correlation over 180 days": claims.aftermath.max_lag == 180,
        "their end, 8 October 2026": claims.waiting.record.stop == es.Period("2006-01-01", "2026-10-09").stop
        and es.datasets.launches_observed_to() == dt.date(2026, 10, 8),
        "19,999 draws": PLAN.amendment.n_resamples == 19_999,
        "200 data sets in each row, 999 draws a test": (worlds.n_levels, worlds.n_draws) == (200, 999),
        "100 data sets in each cell": worlds.n_coverage == 100,
        "HAC errors over 28 days": PLAN.regression.max_lag == 28,
        "with quarters and with months": PLAN.amendment.strata == ("quarter", "month"),
        "1.5 or more": PLAN.amendment.excluded_ratio == PLAN.primary.excluded_ratio == 1.5,
        "2012–13, 2014–15 and 2016–24": [start.year for start in PLAN.choices.starts] == [2012, 2014, 2016],
        "round the years 2006 to 2024": claims.waiting.period == es.Period("2006-01-01", "2025-01-01"),
        "From 2015 to 2024": claims.growth.period == es.Period("2015-01-01", "2025-01-01"),
        "1 January to 7 November 2025": PLAN.held_out == es.Period("2025-01-01", "2025-11-08"),
        "From 2012 to 2024": PLAN.period == es.Period("2012-01-01", "2025-01-01"),
    }
    assert [words for words in said if words not in text] == []
    assert [words for words, true in said.items() if not true] == []
