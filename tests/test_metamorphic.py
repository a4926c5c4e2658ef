"""Two ways of asking the same of a test agree: the same numbers, or the same kind of refusal."""

from __future__ import annotations

import dataclasses
import datetime as dt
import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from joblib import parallel_config
from metamorphic import (
    ALTERNATIVES,
    CALENDAR,
    DRAWS,
    EPOCH,
    FOUR_CENTURIES,
    assert_same,
    cases,
    date,
    examples,
    found,
    movable,
    null_models,
    null_of,
    numbers,
    permuted,
    reflected,
    statistic_of,
    statistics,
    windows,
    withins,
)

import eventstudy as es
from eventstudy.errors import ReachError


@examples(40)
@given(
    case=cases(), statistic=statistics, null=null_models(withins), alternative=st.sampled_from(ALTERNATIVES)
)
def test_labels_and_the_order_of_days_change_no_number(case, statistic, null, alternative):
    other = dataclasses.replace(case, events=case.events[::-1], anchors=case.anchors[::-1])
    asked = [
        found(lambda series=series: es.permutation_test(
            *series, statistic_of(case, statistic), null_of(case, null), alternative=alternative, n_resamples=DRAWS,
            rng=1,
        ))
        for series in (case.series(), other.series(labels=("$\\alpha$ {x}", "발사")))
    ]  # fmt: skip
    assert_same(*map(numbers, asked), rel=0)
    if not isinstance(asked[0], type):
        assert asked[0].pvalue == asked[1].pvalue
        assert asked[0].pvalue_interval == asked[1].pvalue_interval
        assert "발사" in asked[1].summary()


@examples(40)
@given(case=cases(), statistic=statistics, null=null_models(withins), seed=st.integers(0, 2**40))
def test_a_seed_as_any_whole_number_or_generator_gives_the_same_draws(case, statistic, null, seed):
    asked = [
        permuted(case, statistic, null, method="monte-carlo", rng=rng)
        for rng in (seed, np.int64(seed), np.uint64(seed), np.random.default_rng(seed))
    ]
    for other in asked[1:]:
        assert_same(asked[0], other, rel=0)


@examples(15)
@given(case=cases(), statistic=statistics, null=null_models(withins))
def test_workers_change_nothing(case, statistic, null):
    alone = permuted(case, statistic, null, method="monte-carlo", n_resamples=2_500)
    with parallel_config("threading", n_jobs=2):
        assert_same(alone, permuted(case, statistic, null, method="monte-carlo", n_resamples=2_500), rel=0)


@examples(25)
@given(case=cases(), statistic=statistics, null=null_models(withins), enough=st.integers(1, 30))
def test_draws_do_not_depend_on_how_many_follow(case, statistic, null, enough):
    def ask(n_resamples, sequential=None):
        return found(lambda: es.permutation_test(
            *case.series(), statistic_of(case, statistic), null_of(case, null), method="monte-carlo", rng=7,
            n_resamples=n_resamples, sequential=sequential,
        ))  # fmt: skip

    short, long, stopped = ask(1_024), ask(2_048), ask(2_048, enough)
    if isinstance(short, type):
        assert short is long is stopped
        return
    np.testing.assert_array_equal(short.null_distribution, long.null_distribution[:1_024])
    np.testing.assert_array_equal(stopped.null_distribution, long.null_distribution[: stopped.n_resamples])


@examples(30)
@given(case=cases(), statistic=statistics, null=null_models(withins))
def test_what_was_pickled_asks_the_same_and_is_the_same(case, statistic, null):
    given_ = (
        *case.series(),
        found(lambda: statistic_of(case, statistic)),
        found(lambda: null_of(case, null)),
    )
    if isinstance(given_[2], type) or isinstance(given_[3], type):
        return
    again = pickle.loads(pickle.dumps(given_))
    assert repr(again[2:]) == repr(given_[2:])
    one, other = (
        found(lambda each=each: es.permutation_test(*each, n_resamples=DRAWS, rng=1))
        for each in (given_, again)
    )
    assert isinstance(one, type) == isinstance(other, type)
    assert one == other
    assert pickle.loads(pickle.dumps(one)) == one


@examples(60)
@given(case=cases(), statistic=statistics, null=null_models(movable), weeks=st.integers(-2_000, 2_000))
def test_whole_weeks_later_nothing_changes_where_the_calendar_plays_no_part(case, statistic, null, weeks):
    statistic = (*statistic[:3], "cuts")
    if null[0] == "calendar":
        null = ("calendar", "cuts")
    if null[0] in ("poisson", "self-exciting"):
        null = (null[0], null[1], None if null[2] == "year" else null[2], 0)
    assert_same(permuted(case, statistic, null), permuted(case, statistic, null, move=7 * weeks))


@examples(60)
@given(case=cases(), statistic=statistics, null=null_models(withins))
def test_four_hundred_years_later_nothing_changes(case, statistic, null):
    assert_same(permuted(case, statistic, null), permuted(case, statistic, null, move=FOUR_CENTURIES))


MIRROR = {"before": "after", "after": "before", "either": "either"}


@examples(60)
@given(
    case=cases(),
    statistic=statistics,
    null=st.one_of(
        st.tuples(st.sampled_from(["uniform", "shift"]), movable),
        st.tuples(st.just("jitter"), movable, st.integers(1, 40)),
    ),
)
def test_with_time_running_backwards_before_is_after(case, statistic, null):
    kind, first, second, within = statistic
    within = within if within in (None, "cuts") else None
    back = MIRROR.get(kind, kind), reflected(first), reflected(second), within
    forward = kind, first, second, within
    for method in ("auto", "exact"):
        one = permuted(case, forward, null, method=method)
        other = permuted(case.mirrored(), back, null, method=method)
        if method == "exact" or isinstance(one, type) or one["method"] == "exact":
            assert_same(one, other)
        else:
            assert_same(one, other, names=("observed", "n_events", "n_anchors", "method", "coverage"))


@examples(40)
@given(case=cases(), statistic=statistics, null=null_models(withins), kind=st.sampled_from(CALENDAR))
def test_years_quarters_and_months_are_the_strata_between_their_first_days(case, statistic, null, kind):
    step = {"year": 12, "quarter": 3, "month": 1}[kind]
    days = [EPOCH + dt.timedelta(days=case.start + day) for day in range(1, case.length)]
    cuts = tuple(
        (day - EPOCH).days - case.start for day in days if day.day == 1 and (day.month - 1) % step == 0
    )
    named, listed = case, dataclasses.replace(case, cuts=cuts)
    assume(null[0] in ("uniform", "shift", "gaps", "jitter"))
    one = permuted(named, (*statistic[:3], kind), (null[0], kind, *null[2:]))
    assert_same(one, permuted(listed, (*statistic[:3], "cuts"), (null[0], "cuts", *null[2:])), rel=0)


@examples(40)
@given(case=cases(), null=null_models(withins), first=windows, second=windows)
def test_a_contrast_turned_round_changes_its_sides(case, null, first, second):
    one = permuted(case, ("contrast", first, second, None), null)
    other = permuted(case, ("contrast", second, first, None), null)
    if isinstance(one, dict) and isinstance(other, dict):
        other = other | {
            "observed": -other["observed"],
            "expected": -other["expected"],
            "pvalue_greater": other["pvalue_less"],
            "pvalue_less": other["pvalue_greater"],
        }
    assert_same(one, other)


@examples(60)
@given(case=cases(longest=200), statistic=statistics, null=null_models(withins))
def test_draws_agree_with_the_exact_distribution(case, statistic, null):
    exact = permuted(case, statistic, null, method="exact")
    assume(not isinstance(exact, type))
    size = 2_000
    drawn = permuted(case, statistic, null, method="monte-carlo", n_resamples=size)
    assert drawn["observed"] == pytest.approx(exact["observed"], rel=1e-12)
    for side in ("pvalue_greater", "pvalue_less"):
        p = exact[side]
        assert abs(drawn[side] - p) <= 6.5 * np.sqrt(p * (1 - p) / size) + 12 / size, side


@examples(30)
@given(case=cases(), window=windows, null=null_models(withins))
def test_a_function_of_the_user_gets_the_same_draws_as_the_statistic(case, window, null):
    inside = es.Window(*window)

    def counted(days, anchors):
        return sum(
            any(inside.start <= day - anchor < inside.stop for anchor in anchors) for day in np.ravel(days)
        )

    asked = [
        found(lambda one=one: es.permutation_test(
            *case.series(), one, null_of(case, null), method="monte-carlo", n_resamples=25, rng=5
        ))
        for one in (es.WindowCount(inside), counted)
    ]  # fmt: skip
    if isinstance(asked[0], type):
        return  # a function has no window, so nothing says that no anchor reaches the period
    if not any(0 <= anchor < case.length for anchor in case.anchors):
        assert asked[1] is ReachError  # nor that one outside the period does
        return
    built_in, own = map(numbers, asked)
    assert_same(built_in, own, names=("observed", "expected", "pvalue_greater", "pvalue_less"))


@examples(40)
@given(
    case=cases(),
    statistic=statistics,
    null=null_models(withins),
    method=st.sampled_from(["auto", "exact", "monte-carlo"]),
)
def test_a_family_of_one_is_a_single_test(case, statistic, null, method):
    model = found(lambda: (statistic_of(case, statistic), null_of(case, null)))
    assume(not isinstance(model, type))
    for alternative in ALTERNATIVES:
        options = {"alternative": alternative, "method": method, "n_resamples": DRAWS, "rng": 3}
        test = found(partial(es.permutation_test, *case.series(), model[0], model[1], **options))
        family = found(
            partial(es.permutation_family, *case.series(), {"only": model[0]}, model[1], **options)
        )
        if isinstance(test, type) or isinstance(family, type):
            # sums without a list of arrangements are exact for one test, never for a family; a mean over a draw
            # without events counts against one test, and cannot be studentised with the others of a family
            only_one = method == "exact" or not model[1].keeps_number
            assert test is family or (only_one and isinstance(family, type))
            return
        assert family.observed[0] == pytest.approx(test.observed)
        if test.method == family.method:
            assert family.pvalue[0] == pytest.approx(test.pvalue, rel=1e-9)
            assert family.expected[0] == pytest.approx(test.expected, rel=1e-9, nan_ok=True)
        assert family.pvalue_adjusted[0] >= family.pvalue[0]


@examples(25)
@given(
    groups=st.lists(cases(longest=300, most=8), min_size=1, max_size=4),
    statistic=statistics,
    null=null_models(withins),
    method=st.sampled_from(["auto", "monte-carlo"]),
    seed=st.integers(0, 99),
)
def test_a_panel_is_a_test_of_each_group_whatever_the_order_of_rows_and_the_other_groups(
    groups, statistic, null, method, seed
):
    home = groups[0]
    period = home.series()[0].period
    rows = [
        (f"g{number}", role, date(home.start + day % home.length))
        for number, group in enumerate(groups)
        for role, days in (("event", group.events), ("anchor", group.anchors))
        for day in days
    ]
    frame = pd.DataFrame(rows, columns=["group", "role", "date"])

    def panel(frame):
        parts = [frame[frame["role"] == role].drop(columns="role") for role in ("event", "anchor")]
        options = {"n_resamples": DRAWS, "rng": 9, "method": method}
        return found(lambda: es.panel_test(
            *parts, statistic_of(home, statistic), null_of(home, null), by="group", period=period, **options
        ))  # fmt: skip

    whole, mixed = panel(frame), panel(frame.sample(frac=1, random_state=seed))
    if isinstance(whole, type):
        assert mixed is whole
        return
    assert_same(whole.to_frame(), mixed.to_frame(), rel=0)
    kept = ["n_events", "n_anchors", "observed", "expected", "pvalue", "method"]
    for number in range(len(groups)):
        own = whole.to_frame().iloc[[number]].reset_index(drop=True)
        alone = panel(frame[frame["group"] == f"g{number}"])
        if not isinstance(alone, type):
            assert_same(own[kept], alone.to_frame()[kept], rel=1e-12)
        series = [
            es.Events(list(frame["date"][(frame["group"] == f"g{number}") & (frame["role"] == role)]), *more)
            for role, more in (("event", (period,)), ("anchor", ()))
        ]
        single = found(lambda series=series: es.permutation_test(
            *series, statistic_of(home, statistic), null_of(home, null), method=method, n_resamples=DRAWS, rng=9
        ))  # fmt: skip
        if isinstance(single, type):
            assert own["note"][0].startswith("not tested")
        elif single.method == "exact":
            assert own["pvalue"][0] == pytest.approx(single.pvalue, rel=1e-9)
            assert own["expected"][0] == pytest.approx(single.expected, rel=1e-9)
        if not isinstance(single, type):
            assert own["observed"][0] == pytest.approx(single.observed)


@examples(40)
@given(case=cases(), statistic=statistics, null=null_models(withins), far=st.integers(60, 5_000))
def test_anchors_out_of_reach_or_given_twice_change_no_count_of_events(case, statistic, null, far):
    assume(statistic[0] in ("count", "excess", "contrast"))
    more = dataclasses.replace(case, anchors=(*case.anchors, case.anchors[0], case.length + far, -far))
    names = ("observed", "expected", "pvalue_greater", "pvalue_less", "method")
    assert_same(permuted(case, statistic, null), permuted(more, statistic, null), names=names)


@examples(30)
@given(case=cases(), statistic=statistics, null=null_models(withins))
def test_dates_that_are_sure_and_anchors_announced_long_before_are_as_plain_ones(case, statistic, null):
    events, anchors = case.series()
    assume(statistic[0] in ("count", "hit", "excess", "contrast"))
    sure = es.Events(events, events.period, events.label, uncertainty=np.zeros(len(events), int))
    known = es.Events(anchors, label=anchors.label, announced=[date(day - 90) for day in anchors.days])
    asked = [
        found(lambda series=series: es.permutation_test(
            *series, statistic_of(case, statistic), null_of(case, null), n_resamples=DRAWS, rng=2
        ))
        for series in ((events, anchors), (sure, anchors), (events, known))
    ]  # fmt: skip
    plain, certain, public = map(numbers, asked)
    assert_same(plain, certain, rel=0)
    assert_same(plain, public)


@examples(30)
@given(
    case=cases(),
    null=null_models(withins),
    first=st.integers(-25, 5),
    days=st.integers(2, 20),
    cut=st.integers(1, 19),
)
def test_pairs_in_a_window_are_those_in_its_parts(case, null, first, days, cut):
    assume(cut < days)
    whole, left, right = (
        permuted(case, ("lags", window, window, None), null)
        for window in ((first, first + days), (first, first + cut), (first + cut, first + days))
    )
    if all(isinstance(part, dict) for part in (whole, left, right)):
        for name in ("observed", "expected"):
            assert whole[name] == pytest.approx(left[name] + right[name], rel=1e-9, abs=1e-9)


@examples(30)
@given(case=cases(), null=null_models(withins), bin_days=st.integers(1, 9), reach=st.integers(1, 40))
def test_a_profile_backwards_has_its_bins_in_reverse(case, null, bin_days, reach):
    assume(null[0] in ("shift", "uniform") and null[1] in (None, "cuts"))

    def ask(case):
        return found(lambda: es.lag_profile(
            *case.series(), null_of(case, null), lags=(-reach, reach + 1), bin_days=bin_days, n_resamples=DRAWS, rng=1
        ))  # fmt: skip

    one, other = ask(case), ask(case.mirrored())
    if isinstance(one, type):
        assert one is other
        return
    assert one.observed.tolist() == other.observed[::-1].tolist()
    if one.method == "exact":
        np.testing.assert_allclose(one.expected, other.expected[::-1], rtol=1e-9)
        assert one.pvalue == pytest.approx(other.pvalue)
