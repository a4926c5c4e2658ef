"""The analysis plan: read into one checked type, every slip refused, the verdict by its table."""

from __future__ import annotations

import dataclasses
import datetime as dt
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import PlanError
from eventstudy.nulls.registry import listed
from eventstudy.study.plan import NullPlan, read_study
from launches import Plan

PLAN = Path(__file__).resolve().parents[1] / "notebooks" / "plan.toml"


@pytest.fixture(scope="module")
def plan():
    return read_study(PLAN, Plan)


def test_the_plan_of_the_study_says_what_was_fixed_beforehand(plan):
    assert plan.period == es.Period("2012-01-01", "2025-01-01")
    assert plan.held_out == es.Period("2025-01-01", "2025-11-08")
    assert plan.primary.window == es.Window(-14, 0)
    assert plan.nulls.primary.build() == es.CalendarPermutation(by="year")
    assert plan.nulls.second.build() == es.CircularShift(within="year")
    assert plan.nulls.naive.build() == es.UniformDays()
    assert [len(window) for window in plan.family.windows] == [3, 7, 14, 21, 28, 42]
    assert [chosen.alternative for chosen in plan.family.sets] == ["greater"] * 4 + ["less"]
    assert plan.nulls.held_out.build() == es.CircularShift()


def test_the_plan_has_nine_claims_and_its_rules_name_its_own_bounds(plan):
    """A bound that stands in words and in a number must be the same in both."""
    rules = plan.claims.rules
    assert len(rules) == 9
    for number, entries in {
        2: (f"{plan.primary.level:g}", f"{plan.primary.excluded_ratio:g}"),
        3: (f"{len(plan.primary.window)} days before", f"{plan.primary.excluded_ratio:g} times"),
        4: (f"{plan.primary.level:g}", f"{plan.primary.excluded_ratio:g}"),
        5: (f"{plan.primary.level:g}", f"1/{plan.primary.excluded_ratio:g}"),
        6: (f"above {plan.claims.aftermath.stop_ratio:g}",),
        7: (f"below {plan.claims.growth.yearly_ratio:g}",),
        8: (f"{plan.claims.waiting.near_days} days after", "one half"),
    }.items():
        text = f"{rules[number].supported}; {rules[number].not_supported}"
        assert all(entry in text for entry in entries), rules[number].claim
    assert plan.claims.waiting.habit_share == 0.5
    assert plan.claims.growth.yearly_ratio == pytest.approx(2 ** (1 / 10), abs=5e-4)
    assert plan.claims.pause.last == es.Period("2025-05-01", "2025-06-01")


def test_the_claims_choose_the_rows_they_speak_of(plan):
    """Counted by hand in the tables: eleven resolutions from 1695 to 2397, and every fifth anniversary."""
    claims = plan.claims
    assert claims.aftermath.anchors.rows()["control_id"].tolist() == [
        f"UNSC-{number}" for number in (1695, 1718, 1874, 2087, 2094, 2270, 2321, 2356, 2371, 2375, 2397)
    ]
    assert claims.waiting.anchors.read(claims.waiting.period).dates.year.tolist() == [2010, 2015, 2020]
    assert set(claims.waiting.events.rows()["category"]) == {"ICBM", "SLV"}
    assert plan.family.named(claims.host).label == claims.host
    assert plan.family.named(claims.north).alternative == "less"
    with pytest.raises(PlanError, match="no set 'summits in Seoul'; choose one of summits, summits in South"):
        plan.family.named("summits in Seoul")


def test_the_plan_chooses_distinct_launch_days_with_a_firm_date(plan):
    launches = plan.events.read(plan.period)
    rows = es.datasets.launches()
    firm = rows[(rows["in_cns_scope"] == "yes") & (rows["date_precision"] == "day")]
    firm = firm[(firm["date"] >= "2012-01-01") & (firm["date"] < "2025-01-01")]
    assert len(launches) == firm["date"].nunique()


def test_no_two_anchors_of_the_plan_are_within_three_days(plan):
    days = plan.anchors.read().days
    assert min(b - a for a, b in pairwise(days)) > 3


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "seed = 20251022",
            "seeds = 20251022",
            "seeds: this entry is not known; the entries are title, question, seed",
        ),
        ("seed = 20251022\n", "", "seed: this entry is missing; add it"),
        ("seed = 20251022", "seed = 'one'", "seed: 'one' is of the wrong kind; give a int"),
        ("window = [-14, 0]", "window = [0, -14]", "primary:window: Window\\(0, -14\\): it holds no day"),
        (
            "window = [-14, 0]",
            "window = [-14]",
            "primary:window: \\[-14\\] does not have two ends; write \\[start, stop\\]",
        ),
        ("lags = [-60, 61]", "lags = [-60]", "profile:lags: it must be a list of 2"),
        (
            'alternative = "greater"',
            'alternative = "more"',
            "primary:alternative: 'more' is not one of greater, less",
        ),
        ("distinct = true", "distinct = 1", "events:distinct: 1 is of the wrong kind; give a bool"),
        ("level = 0.05", "level = ", "it cannot be read as TOML"),
        (
            "launch = 2025-10-22",
            "launch = '2025-10-22'",
            "leads:launch: '2025-10-22' is of the wrong kind; give a date",
        ),
        ('not_supported = "they give others"\n', "", "rules\\[0\\]:not_supported: this entry is missing"),
        (
            "all_years = [2012-01-01, 2028-01-01]",
            "all_years = [2012-01-01, 2027-01-01]",
            "next: all_years: .* does not end with the new years; write .*, 2028-01-01\\]",
        ),
        (
            'world = {label = "yearly numbers as real, bursts of 3", real = "summits"',
            'world = {label = "yearly numbers as real, bursts of 3", real = "summit"',
            "the family has no set 'summit'; choose one of summits,",
        ),
        (
            "2012-01-01, 2025-01-01",
            "2025-01-01, 2012-01-01",
            "period: Period\\(2025-01-01, 2012-01-01\\): it holds no day",
        ),
    ],
)
def test_a_slip_in_the_plan_is_one_clear_line(tmp_path, old, new, expected):
    text = PLAN.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "plan.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError, match=expected):
        read_study(path, Plan)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("n_resamples = 9999", "n_resamples = -5", "n_resamples: -5 is not from 1 to 10,000,000; give a"),
        ("n_resamples = 9999", "n_resamples = 1_000_000_000_000", "n_resamples: 1000000000000 is not from 1"),
        ("seed = 20251022", "seed = -1", "seed: -1 is not from 0"),
        ("seed = 20251022", f"seed = {'9' * 300}", "seed: 99999.* is not from 0"),
        ("seed = 20251022", f"seed = {'9' * 5_000}", "it cannot be read as TOML"),
        ("seed = 20251022", f"seed = {'[' * 5_000}", "it cannot be read as TOML"),
        ("level = 0.05", "level = 5", "primary:level: 5.0 is not between 0 and 1; give a share, such as 0.05"),
        ("level = 0.05", "level = nan", "primary:level: nan is not between 0 and 1"),
        ("level = 0.05", "level = inf", "primary:level: inf is not between 0 and 1"),
        ("confidence_level = 0.95", "confidence_level = 0.0", "primary:confidence_level: 0.0 is not between 0 and 1"),
        ("confidence_level = 0.95", "confidence_level = 95", "primary:confidence_level: 95.0 is not between"),
        ("excluded_ratio = 1.5", "excluded_ratio = -1.5", "primary:excluded_ratio: -1.5 is not between 0 and 1,000"),
        ("power = 0.8", "power = 80", "primary:power: 80.0 is not between 0 and 1"),
        ("bin_days = 7", "bin_days = 0", "profile:bin_days: 0 is not from 1 to 36,525"),
        ("lags = [-60, 61]", "lags = [60, -61]", "profile: the lags from 60 to -61 hold no bin of 7 days"),
        ("lags = [-60, 61]", "lags = [-60, 10_000_000]", "profile:lags\\[1\\]: 10000000 is not from -36,525 to 36,525"),
        ("window = [-14, 0]", "window = [-1_000_000_000_000, 0]", "primary:window: -1000000000000 is not from -36,525"),
        ("max_lag = 28", "max_lag = -1", "regression:max_lag: -1 is not from 0"),
        ("merge_gap_days = 3", "merge_gap_days = -3", "anchors:merge_gap_days: -3 is not from 0"),
        ('label = "summits"', 'label = ""', "anchors:label: '' is not a name; give one line"),
        ('label = "summits"', 'label = "a\\nb"', "anchors:label: 'a.nb' is not a name"),
        ('label = "summits"', f'label = "{"a" * 200}"', "anchors:label: 'a* ... a*' is not a name|label: 'a*' is no"),
        ('title = "Do', 'title = "\\u0000Do', "title: the text holds the character '.x00'; take it out"),
        ('title = "Do', 'title = "\\u001b[2JDo', "title: the text holds the character '.x1b'"),
        ('model = "UniformDays"', 'model = "os.system"', "nulls:naive:model: the null model 'os.system' is not known"),
        ('model = "UniformDays"', 'model = "null_model_table"', "nulls:naive:model: the null model 'null_model_table'"),
        ('by = "year"', 'by = "decade"', "nulls:primary: "),
        ("levels = [0.05", "levels = []  # [0.05", "credibility:levels: the list is empty; give at least one entry"),
    ],
)  # fmt: skip
def test_an_entry_out_of_range_is_refused_by_its_name(tmp_path, old, new, expected):
    text = PLAN.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "plan.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError, match=expected) as caught:
        read_study(path, Plan)
    assert str(caught.value).startswith(f"{path}:")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("content", [b"", b"\xff", b"\x00", b"a = " + b"{b = " * 3_000])
def test_what_is_no_plan_is_one_clear_line(tmp_path, content):
    path = tmp_path / "plan.toml"
    path.write_bytes(content)
    for place in (path, tmp_path):
        with pytest.raises(PlanError) as caught:
            read_study(place, Plan)
        assert str(caught.value).startswith(f"{place}:")
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("entries", "null"),
    [
        ({"model": "shift", "within": "year"}, es.CircularShift("year")),
        ({"model": "CircularShift", "within": [dt.date(2015, 3, 1)]}, es.CircularShift(["2015-03-01"])),
        ({"model": "jitter", "days": 30, "within": "year"}, es.Jitter(30, "year")),
        ({"model": "gaps"}, es.ShuffledGaps()),
        (
            {"model": "poisson", "without": [-14, 0], "trend": "none", "harmonics": 1},
            es.PoissonIntensity(es.Window(-14, 0), trend=None, harmonics=1),
        ),
        ({"model": "SelfExciting", "without": "none"}, es.SelfExciting(None)),
    ],
)
def test_a_plan_takes_any_null_model_with_its_options(entries, null):
    built = NullPlan.from_entries(entries | {"why": "said"}, "p.toml:nulls:primary:").build()
    assert repr(built) == repr(null)


@pytest.mark.parametrize("one", listed().values(), ids=list(listed()))
def test_every_null_model_can_stand_in_a_plan(one):
    example = one.load().example()
    needed = {option.name: getattr(example, option.name) for option in one.options if option.required}
    entries = {name: [v.start, v.stop] if isinstance(v, es.Window) else v for name, v in needed.items()}
    for model in (one.name, one.class_name):
        built = NullPlan.from_entries({"model": model, "why": "said", **entries}, "p.toml:").build()
        assert repr(built) == repr(example)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            {"model": "null_model_table"},
            r"^p:n:model: .* is not known; there are CalendarPermutation \(calendar\), ",
        ),
        ({"model": "os.system"}, "is not known"),
        ({"model": "NullModel"}, "is not known"),
        (
            {"model": "shift", "days": 1},
            "^p:n:days: CircularShift does not have this option; it takes within$",
        ),
        ({"model": "jitter"}, "^p:n:days: Jitter needs this option; add it$"),
        ({"model": "jitter", "days": "30"}, "^p:n:days: '30' is of the wrong kind; give a whole number$"),
        ({"model": "jitter", "days": True}, "True is of the wrong kind"),
        ({"model": "jitter", "days": 0}, "^p:n: Jitter: days is 0; events move by whole days"),
        ({"model": "shift", "within": "week"}, "within='week' is not known"),
        ({"model": "poisson", "without": [0, -14]}, "^p:n:without: "),
        (
            {"model": "poisson", "without": "none", "covariates": {"a": 1}},
            "a table cannot be an option in a plan",
        ),
        ({"model": 3}, "it must be a table with 'model' and 'why'"),
    ],
)
def test_a_null_model_that_cannot_be_made_is_refused_by_its_entry(entries, message):
    with pytest.raises(PlanError, match=message):
        NullPlan.from_entries(entries | {"why": "said"}, "p:n:")


def test_an_unknown_null_model_or_table_is_named(plan):
    with pytest.raises(PlanError, match=r"^p.toml:nulls:primary:model: the null model 'Magic' is not known"):
        NullPlan.from_entries({"model": "Magic", "why": "none"}, "p.toml:nulls:primary:")
    with pytest.raises(PlanError, match="the table 'tests' is not bundled; choose one of launches"):
        dataclasses.replace(plan.events, table="tests").read()


@pytest.mark.parametrize(
    ("primary", "second", "high", "verdict"),
    [
        (0.05, 0.05, 9.0, "supported"),
        (0.05, 0.051, 9.0, "cannot tell"),
        (0.051, 0.01, 1.49, "not supported"),
        (0.50, 0.50, 1.5, "cannot tell"),
        (0.50, 0.50, 1.49, "not supported"),
        (0.01, 0.01, 1.2, "supported"),
    ],
)
def test_the_verdict_follows_its_table(plan, primary, second, high, verdict):
    results = [SimpleNamespace(pvalue=p) for p in (primary, second)]
    assert plan.judge(*results, SimpleNamespace(low=0.1, high=high)) == verdict


@pytest.mark.parametrize(
    ("alternative", "low", "high", "verdict"),
    [
        ("less", 0.67, 9.0, "not supported"),
        ("less", 0.66, 9.0, "cannot tell"),
        ("less", 0.1, 0.5, "cannot tell"),  # far fewer, though the tests do not show it
        ("two-sided", 0.67, 1.49, "not supported"),
        ("two-sided", 0.66, 1.49, "cannot tell"),
        ("two-sided", 0.67, 1.5, "cannot tell"),
    ],
)
def test_the_interval_excludes_what_matters_on_the_side_of_the_alternative(
    plan, alternative, low, high, verdict
):
    primary = dataclasses.replace(plan.primary, alternative=alternative)
    other = dataclasses.replace(plan, primary=primary)
    large = SimpleNamespace(pvalue=0.5)
    assert other.judge(large, large, SimpleNamespace(low=low, high=high)) == verdict


def by_excess_of(plan, **changes):
    primary = dataclasses.replace(plan.primary, statistic="excess", strata=("quarter", "month"), **changes)
    return dataclasses.replace(plan, primary=primary)


@pytest.mark.parametrize(
    ("alternative", "wanted"),
    [("greater", (1.5, "less")), ("less", (1 / 1.5, "greater")), ("two-sided", None)],
)
def test_a_ratio_that_matters_is_tested_on_the_side_of_the_alternative(plan, alternative, wanted):
    """A table of p-values by ratio and side stands for a result."""
    table = {(1.5, "less"): 0.03, (1 / 1.5, "greater"): 0.04}
    ratio = SimpleNamespace(pvalue_at=lambda value, side: table[value, side])
    found = by_excess_of(plan, alternative=alternative).primary.excluded_pvalue(ratio)
    assert found == (0.04 if wanted is None else table[wanted])


def test_a_plan_with_strata_is_judged_by_both_tests_and_both_ratios(plan):
    other = by_excess_of(plan)
    large, small = SimpleNamespace(pvalue=0.5), SimpleNamespace(pvalue=0.01)
    matters, open_ = (SimpleNamespace(pvalue_at=lambda *_, p=p: p) for p in (0.01, 0.2))
    assert other.judge(small, small, open_, open_) == "supported"
    assert other.judge(small, large, matters, open_) == "cannot tell"
    assert other.judge(small, large, matters, matters) == "not supported"
    with pytest.raises(PlanError, match="the rule asks for 2 rate ratios, not 1"):
        other.judge(small, small, open_)
    with pytest.raises(PlanError, match="the rule asks for 1 rate ratios, not 2"):
        plan.judge(small, small, open_, open_)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strata": None}, "strata: the excess needs them"),
        ({"strata": ("month", "quarter")}, "strata: quarters are not shorter than months"),
        ({"strata": ("month", "month")}, "strata: months are not shorter than months"),
        ({"excluded_ratio": 1.0}, "excluded_ratio: 1 is not above 1"),
    ],
)
def test_a_plan_whose_strata_or_ratio_make_no_rule_is_refused(plan, changes, message):
    with pytest.raises(PlanError, match=message):
        dataclasses.replace(by_excess_of(plan).primary, **changes)


def test_a_plan_without_strata_has_no_test_for_each(plan):
    with pytest.raises(PlanError, match="strata is missing; add strata ="):
        plan.test("primary")


def test_the_other_choices_hold_every_choice_of_the_plan_itself(plan):
    """The curve has one specification that is the primary analysis, launch by launch and summit by summit."""
    made = plan.choices.specifications(plan.period)
    assert len(made) == 3 * 5 * 2 * 6 * 3 * 4
    names = {
        "period": "from 2012", "launches": "in CNS scope", "unit": "each day", "summits": "both presidents",
        "merged": "within 3 days", "window": "14 days",
    }  # fmt: skip
    (primary,) = [one for one in made if one.choices == names]
    assert primary.events.days.tolist() == plan.events.read(plan.period).days.tolist()
    assert primary.events.period == plan.period
    assert primary.anchors.days.tolist() == plan.anchors.read().days.tolist()
    assert primary.statistic == es.WindowCount(plan.primary.window)


def test_sets_of_summits_that_stand_in_the_plan_twice_are_the_same(plan):
    family = {chosen.where for chosen in plan.family.sets if chosen.alternative == "greater"}
    assert family <= {chosen.where for chosen in plan.choices.anchors}


def test_a_gap_of_specifications_joins_what_is_near(plan):
    made = plan.choices.specifications(plan.period)
    for one in made[:: len(made) // 60]:
        apart = {"each day": 0, "bursts 3 days": 3}[one.choices["unit"]]
        assert min(b - a for a, b in pairwise(one.events.days)) > apart
        apart = {"no": 0, "within 3 days": 3, "within 7 days": 7}[one.choices["merged"]]
        assert min(b - a for a, b in pairwise(one.anchors.days)) > apart


def test_a_truth_has_as_many_events_and_anchors_as_the_study(plan):
    launches, summits = plan.events.read(plan.period), plan.anchors.read()
    inside = len(summits.within(plan.period))
    for truth in plan.credibility.truths:
        events, anchors = truth.build(launches, summits).sample(np.random.default_rng(1))
        assert events.period == plan.period
        real = {"nothing": (False, False), "events": (True, False), "anchors": (False, True)}[truth.real]
        assert (events is launches, anchors is summits) == real
        if not real[1]:
            assert 0.8 * inside <= len(anchors) <= inside
        assert 0.8 * len(launches) <= len(events) <= len(launches)
    kinds = {truth.real for truth in plan.credibility.truths}
    assert kinds == {"nothing", "events", "anchors"}


def test_a_doubt_changes_the_rows_it_names_and_no_other(plan):
    for doubt in plan.credibility.doubts:
        series, period = (plan.events, plan.period) if doubt.role == "events" else (plan.anchors, None)
        rows = series.rows()
        changed = doubt.read(dataclasses.replace(series, distinct=False, merge_gap_days=None))
        whole = sorted(rows[series.date].tolist())
        for name in doubt.drop:
            whole.remove(rows.loc[rows.iloc[:, 0] == name, series.date].item())
        table = es.datasets.launches() if doubt.role == "events" else es.datasets.summits()
        whole += [table.loc[table.iloc[:, 0] == name, series.date].item() for name in doubt.add]
        whole += [pd.Timestamp(day) for day in doubt.days]
        if doubt.earlier:
            moved = rows[rows["note"].str.contains(" in UTC")]
            assert len(moved)
            for day in moved[series.date]:
                whole[whole.index(day)] -= pd.Timedelta(days=1)
            whole.sort()
        assert changed.dates.tolist() == sorted(whole)
        assert changed.n_uncertain == (len(doubt.add) if doubt.uncertainty else 0)
        # and the series of the plan does change with them
        read, own = doubt.read(series, period), series.read(period)
        assert doubt.announced or not np.array_equal(read.days, own.days)
        assert (read.announced is not None) == bool(doubt.announced)


def test_windows_that_open_with_the_announcement_hold_what_a_plain_loop_counts(plan):
    doubt = next(one for one in plan.credibility.doubts if one.announced)
    launches, summits = doubt.both(plan.events, plan.anchors, plan.period)
    rows = plan.anchors.rows()
    inside = set()
    for start in plan.anchors.read().dates:
        meetings = rows[rows["start"] == start]
        known = meetings[["reported", "official"]].min(axis=1)
        opens = pd.Timestamp.min if known.isna().any() else known.min()
        days = pd.date_range(start - pd.Timedelta(days=14), start - pd.Timedelta(days=1))
        inside |= set(days[days >= opens])
    test = es.permutation_test(
        launches, summits, es.WindowCount(plan.primary.window), plan.nulls.second.build()
    )
    assert test.observed == len(inside & set(launches.dates)) == 15
    assert test.n_anchors == 39


def test_a_doubt_about_the_wrong_row_is_refused(plan):
    doubt = plan.credibility.doubts[0]
    for change, expected in (
        ({"add": ("NK-2022-01-05-1",)}, "NK-2022-01-05-1 is not left out by the plan; correct the row"),
        ({"drop": ("NK-1",)}, "NK-1 is not chosen by the plan; correct the row"),
        ({"earlier": "note == 'none'"}, "no row is chosen by \"note == 'none'\"; correct the query"),
    ):
        with pytest.raises(PlanError, match=expected):
            dataclasses.replace(doubt, **change).read(plan.events)


def test_uninvolved_meetings_apart_share_no_day_with_the_summits(plan):
    window, summits = plan.primary.window, plan.anchors.read()
    china, g7, apart = (chosen.read() for chosen in plan.credibility.uninvolved)
    assert set(apart.days) <= set(china.days) | set(g7.days)
    near = set(window.days(summits))
    assert not near & set(window.days(apart))
    for day in np.setdiff1d(np.union1d(china.days, g7.days), apart.days):
        own = set(window.days([day]))
        assert near & own or not plan.period.inside(np.array(sorted(own))).any()
