"""The permutation test: p-values by their rules, repeatability, and every refusal."""

from __future__ import annotations

import dataclasses
import pickle
from itertools import combinations

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

import eventstudy as es
from eventstudy.errors import EventsError, ExactUnavailableError, OptionError, PeriodError, RandomnessError
from eventstudy.numeric.distributions import Distribution

PERIOD = es.Period("2015-01-01", "2018-01-01")
LAUNCHES = es.Events(
    ["2015-02-03", "2015-03-01", "2015-07-09", "2016-02-29", "2016-03-05", "2016-12-30", "2017-03-03"],
    PERIOD,
    "launches",
)
SUMMITS = es.Events(
    ["2015-02-06", "2016-03-07", "2017-03-04", "2017-07-12", "2018-01-03", "2015-12-31"], label="summits"
)
COUNT = es.WindowCount(es.Window(-14, 0))
HIT = es.AnchorsHit(es.Window(-14, 0))
NULLS = [
    es.UniformDays(),
    es.UniformDays("year"),
    es.CircularShift(),
    es.CircularShift("year"),
    es.CalendarPermutation(),
]
ALTERNATIVES = ("greater", "less", "two-sided")


def first_day(events, anchors):
    """A statistic that knows nothing but arrays of days: minus the first day of each row, shape (..., n) to (...)."""
    return -events.min(axis=-1) + 0 * anchors.max()


def test_of_ten_shifts_one_is_as_large():
    """Days 4 and 6, window on days 4 to 6: one shift of ten reaches two, five reach one or more."""
    events, anchors = es.Events([4, 6], es.Period(0, 10)), es.Events([7])
    result = es.permutation_test(events, anchors, es.WindowCount(es.Window(-3, 0)), es.CircularShift())
    assert (result.observed, result.method) == (2.0, "exact")
    assert result.pvalue_greater == pytest.approx(1 / 10, rel=1e-12)
    assert result.pvalue_less == pytest.approx(1.0)
    assert result.expected == pytest.approx(6 / 10)
    assert result.ratio == pytest.approx(20 / 6)
    assert dict(zip(result.support, result.probabilities, strict=True)) == pytest.approx(
        {0: 0.5, 1: 0.4, 2: 0.1}
    )


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@given(
    st.sets(st.integers(0, 9), min_size=1, max_size=4), st.sets(st.integers(-3, 14), min_size=1, max_size=3)
)
def test_exact_pvalues_count_every_set_of_days_ties_included(alternative, days, anchors):
    """All sets of as many days out of ten, the statistic of each by the definition."""
    window = es.Window(-2, 1)
    assume(any(0 <= anchor <= 11 for anchor in anchors))  # its window holds a day of the period

    def value(chosen):
        return sum(any(window.start <= day - anchor < window.stop for anchor in anchors) for day in chosen)

    values = [value(chosen) for chosen in combinations(range(10), len(days))]
    observed = value(days)
    greater = sum(v >= observed for v in values) / len(values)
    less = sum(v <= observed for v in values) / len(values)
    result = es.permutation_test(
        es.Events(sorted(days), es.Period(0, 10)),
        es.Events(sorted(anchors)),
        es.WindowCount(window),
        es.UniformDays(),
        alternative=alternative,
    )
    expected = {"greater": greater, "less": less, "two-sided": min(1.0, 2 * min(greater, less))}
    assert result.pvalue == pytest.approx(expected[alternative], rel=1e-12)
    assert result.pvalue_two_sided == pytest.approx(expected["two-sided"], rel=1e-12)
    assert result.pvalue_interval == (result.pvalue, result.pvalue)
    assert result.expected == pytest.approx(np.mean(values), abs=1e-12)
    assert 0 < result.pvalue <= 1


@pytest.mark.parametrize(
    ("null", "expected"),
    [
        (es.UniformDays(), 28 / 1096),  # the share of the days in the window
        (es.UniformDays("year"), 14 / 366),
        (es.CircularShift(), 28 / 1096),
        (es.CircularShift("year"), 14 / 366),
        (es.CalendarPermutation(), 2 / 3),  # 1 March lies in the window of two of the three years
    ],
    ids=repr,
)
def test_one_event_gives_the_share_of_places_that_count(null, expected):
    event = es.Events("2016-03-01", PERIOD, "launches")
    anchors = es.Events(["2016-03-05", "2017-03-02"])
    result = es.permutation_test(event, anchors, COUNT, null)
    assert (result.n_events, result.observed) == (1, 1.0)
    assert result.pvalue == pytest.approx(expected, rel=1e-12)


def test_where_nothing_is_expected_there_is_no_ratio():
    """The only anchor in reach asks for events in a year without any, which shifts within years leave empty."""
    events = es.Events(["2015-02-03", "2015-03-01"], PERIOD)
    result = es.permutation_test(events, es.Events(["2017-06-01"]), COUNT, es.CircularShift("year"))
    assert (result.observed, result.expected, result.pvalue, result.n_anchors) == (0, 0, 1, 1)
    assert np.isnan(result.ratio)


def clopper_pearson(b, n, level):
    """Interval of a share from the quantiles of two beta distributions."""
    low = stats.beta.ppf((1 - level) / 2, b, n - b + 1) if b else 0.0
    high = stats.beta.ppf((1 + level) / 2, b + 1, n - b) if b < n else 1.0
    return low, high


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("level", [0.95, 0.5])
def test_a_drawn_pvalue_counts_the_observed_value_and_its_ties(alternative, level):
    n = 999
    result = es.permutation_test(
        LAUNCHES,
        SUMMITS,
        HIT,
        es.UniformDays(),
        alternative=alternative,
        n_resamples=n,
        rng=3,
        confidence_level=level,
    )
    drawn = result.null_distribution
    assert drawn.shape == (n,)
    greater, less = int((drawn >= result.observed).sum()), int((drawn <= result.observed).sum())
    assert greater + less > n  # ties are there, on both sides
    assert result.pvalue_greater == (greater + 1) / (n + 1)
    assert result.pvalue_less == (less + 1) / (n + 1)
    assert result.pvalue_two_sided == min(1.0, 2 * min(greater + 1, less + 1) / (n + 1))
    b, factor = {"greater": (greater, 1), "less": (less, 1), "two-sided": (min(greater, less), 2)}[
        alternative
    ]
    interval = [min(1.0, factor * end) for end in clopper_pearson(b, n, level)]
    assert result.pvalue_interval == pytest.approx(interval, rel=1e-9)
    assert result.pvalue_interval[0] < result.pvalue <= result.pvalue_interval[1]
    assert result.expected == pytest.approx(drawn.mean())
    assert (result.probabilities * n).tolist() == [(drawn == value).sum() for value in result.support]


def test_a_drawn_pvalue_is_never_zero():
    """All 20 events on the 20 window days of 100,000: no draw comes near, and p is one over B + 1."""
    events, anchors = es.Events(np.arange(500, 520), es.Period(0, 100_000)), es.Events([520])
    count = es.WindowCount(es.Window(-20, 0))
    result = es.permutation_test(
        events, anchors, count, es.UniformDays(), method="monte-carlo", n_resamples=99, rng=1
    )
    assert result.pvalue == 1 / 100
    assert result.pvalue_interval == pytest.approx((0.0, 1 - 0.025 ** (1 / 99)), rel=1e-9)
    exact = es.permutation_test(events, anchors, count, es.UniformDays())
    assert 0 < exact.pvalue < 1e-70


def test_a_probability_too_small_for_float64_is_not_zero_either():
    """All of 200 events on 200 days of a million: one in 1e825 arrangements."""
    events, anchors = es.Events(np.arange(500, 700), es.Period(0, 1_000_000)), es.Events([700])
    result = es.permutation_test(events, anchors, es.WindowCount(es.Window(-200, 0)), es.UniformDays())
    assert result.pvalue_greater == np.finfo(float).tiny
    assert 0 < result.pvalue_two_sided < 1e-300
    assert result.pvalue_less == pytest.approx(1.0)


def test_two_sided_is_at_most_one():
    events, anchors = es.Events([1, 5], es.Period(0, 8)), es.Events([2])
    result = es.permutation_test(
        events, anchors, es.WindowCount(es.Window(-2, 2)), es.UniformDays(), alternative="two-sided"
    )
    assert min(result.pvalue_greater, result.pvalue_less) > 0.5
    assert result.pvalue == 1.0


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_drawn_and_exact_pvalues_agree(null):
    """The number of draws in the tail is binomial; it leaves these bounds once in a hundred million."""
    n = 8_000
    exact = es.permutation_test(LAUNCHES, SUMMITS, COUNT, null, method="exact")
    drawn = es.permutation_test(
        LAUNCHES, SUMMITS, COUNT, null, method="monte-carlo", n_resamples=n, rng=20150203
    )
    assert (exact.method, drawn.method, drawn.method_note) == ("exact", "monte-carlo", "")
    for tail, p in (("pvalue_greater", exact.pvalue_greater), ("pvalue_less", exact.pvalue_less)):
        b = round(getattr(drawn, tail) * (n + 1)) - 1
        assert stats.binom.ppf(5e-9, n, min(p, 1.0)) <= b <= stats.binom.isf(5e-9, n, min(p, 1.0))
    assert exact.observed == drawn.observed == float(COUNT(LAUNCHES, SUMMITS))


def test_a_statistic_that_is_no_sum_is_exact_where_the_arrangements_can_be_gone_through():
    events, anchors = es.Events([0, 4, 5], es.Period(0, 9)), es.Events([3, 7])
    hit = es.AnchorsHit(es.Window(-3, 0))
    values = [
        sum(any(-3 <= (day + shift) % 9 - anchor < 0 for day in (0, 4, 5)) for anchor in (3, 7))
        for shift in range(9)
    ]
    result = es.permutation_test(events, anchors, hit, es.CircularShift())
    assert (result.method, result.n_resamples, result.null_distribution) == ("exact", 0, None)
    assert result.pvalue_greater == pytest.approx(sum(v >= result.observed for v in values) / 9)
    assert result.pvalue_less == pytest.approx(sum(v <= result.observed for v in values) / 9)


def test_where_draws_are_made_instead_the_result_says_why():
    drawn = es.permutation_test(LAUNCHES, SUMMITS, HIT, es.UniformDays(), n_resamples=50, rng=1)
    assert (
        drawn.method_note
        == "drawn because the number of windows with an event has no closed form under UniformDays"
    )
    assert drawn.method_note in " ".join(drawn.summary().split())
    with pytest.raises(
        ExactUnavailableError,
        match=r"^permutation_test: the number of windows with an event has no closed form under UniformDays; use",
    ):
        es.permutation_test(LAUNCHES, SUMMITS, HIT, es.UniformDays(), method="exact")


def test_any_function_of_days_can_be_the_statistic():
    """Minus the earlier of two days out of six, under all fifteen pairs."""
    events = es.Events([1, 4], es.Period(0, 6))
    n = 6_000
    result = es.permutation_test(events, es.Events([5]), first_day, es.UniformDays(), n_resamples=n, rng=2)
    share = sum(-min(pair) >= -1 for pair in combinations(range(6), 2)) / 15
    assert result.observed == -1.0
    assert stats.binomtest(round(result.pvalue * (n + 1)) - 1, n, share).pvalue > 1e-8
    assert result.coverage is None


def test_a_function_of_one_series_is_applied_to_each_draw():
    """The earliest day, by a function that knows nothing of rows."""

    def earliest(events, anchors):
        return -min(events.tolist())

    def of_rows(events, anchors):
        return -np.min(events, axis=-1)

    options = {"n_resamples": 200, "rng": 1}
    one, many = (
        es.permutation_test(LAUNCHES, SUMMITS, function, es.UniformDays(), **options)
        for function in (earliest, of_rows)
    )
    assert one.null_distribution.tobytes() == many.null_distribution.tobytes()
    assert np.ptp(one.null_distribution) > 0


def test_a_function_that_does_not_return_one_number_for_a_series_is_refused():
    def twice(events, anchors):
        return np.array([1.0, 1.0])

    with pytest.raises(OptionError, match=r"^twice: it returned shape \(2,\) for the days of one series"):
        es.permutation_test(LAUNCHES, SUMMITS, twice, es.UniformDays(), n_resamples=40, rng=1)


# --- repeatability ----------------------------------------------------------------------------------


def fingerprint(result):
    """Everything that a result says, as bytes."""
    values = b"" if result.null_distribution is None else result.null_distribution.tobytes()
    return (
        values,
        result.support.tobytes(),
        result.probabilities.tobytes(),
        repr(result),
        repr(result.provenance),
    )


@pytest.mark.parametrize("statistic", [COUNT, HIT, first_day], ids=["sum", "no sum", "function"])
@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_the_same_seed_gives_the_same_bytes(null, statistic):
    def run(rng):
        return es.permutation_test(
            LAUNCHES, SUMMITS, statistic, null, method="monte-carlo", n_resamples=1_500, rng=rng
        )

    first = run(20120101)
    assert fingerprint(first) == fingerprint(run(20120101))
    assert first.null_distribution.tobytes() != run(20120102).null_distribution.tobytes()
    assert (
        first.null_distribution.tobytes() == run(np.random.default_rng(20120101)).null_distribution.tobytes()
    )
    assert first.null_distribution.tobytes() == run(np.int64(20120101)).null_distribution.tobytes()


def test_a_generator_goes_on_and_its_place_is_on_record():
    generator = np.random.default_rng(7)
    results = [
        es.permutation_test(LAUNCHES, SUMMITS, HIT, es.UniformDays(), n_resamples=100, rng=generator)
        for _ in range(2)
    ]
    assert results[0].null_distribution.tobytes() != results[1].null_distribution.tobytes()
    assert results[0].provenance.seed == "7, spawn key (), children before 0"
    assert results[1].provenance.seed == "7, spawn key (), children before 1"


def test_more_draws_begin_with_the_same_ones():
    few, many = (
        es.permutation_test(LAUNCHES, SUMMITS, HIT, es.UniformDays(), n_resamples=n, rng=7).null_distribution
        for n in (2_048, 3_000)
    )
    assert few.tolist() == many[:2_048].tolist()


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_the_number_of_workers_does_not_change_a_digit(backend):
    def run():
        return [
            es.permutation_test(
                LAUNCHES, SUMMITS, statistic, null, method="monte-carlo", n_resamples=3_000, rng=11
            )
            for statistic, null in ((COUNT, es.CircularShift("year")), (HIT, es.UniformDays()))
        ]

    alone = run()
    with joblib.parallel_config(backend, n_jobs=2):
        together = run()
    assert [fingerprint(result) for result in alone] == [fingerprint(result) for result in together]


def test_an_exact_test_makes_no_draw():
    generator = np.random.default_rng(5)
    before = generator.bit_generator.state
    with_rng = es.permutation_test(LAUNCHES, SUMMITS, COUNT, es.CircularShift(), rng=generator)
    assert generator.bit_generator.state == before
    assert generator.bit_generator.seed_seq.n_children_spawned == 0
    without = es.permutation_test(LAUNCHES, SUMMITS, COUNT, es.CircularShift())
    assert fingerprint(with_rng) == fingerprint(without)
    assert without.provenance.seed is None


@pytest.mark.parametrize("method", ["exact", "monte-carlo"])
def test_inputs_stay_as_they_are_and_results_cannot_be_changed(method):
    launches, summits = LAUNCHES.days.copy(), SUMMITS.days.copy()
    result = es.permutation_test(
        LAUNCHES, SUMMITS, COUNT, es.UniformDays(), method=method, n_resamples=50, rng=1
    )
    assert (LAUNCHES.days == launches).all()
    assert (SUMMITS.days == summits).all()
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.observed = 0.0
    arrays = [result.support, result.probabilities, result.null_distribution]
    for array in arrays[: 2 if method == "exact" else 3]:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9
    with pytest.raises(TypeError):
        result.provenance.data["launches"] = "other"


def test_a_result_can_be_sent_between_processes():
    result = es.permutation_test(
        LAUNCHES, SUMMITS, COUNT, es.UniformDays(), method="monte-carlo", n_resamples=50, rng=1
    )
    assert fingerprint(pickle.loads(pickle.dumps(result))) == fingerprint(result)


@given(st.lists(st.integers(0, 29), min_size=1, max_size=6), st.integers(-(10**5), 10**5), st.randoms())
def test_where_the_calendar_begins_and_in_which_order_events_come_does_not_matter(days, shift, random):
    """A peer shifts its surrogates from day 0, so its p-values depend on the numbering of the days."""
    shuffled = [day + shift for day in days]
    random.shuffle(shuffled)
    for null in (es.UniformDays(), es.CircularShift()):
        here = es.permutation_test(es.Events(days, es.Period(0, 30)), es.Events([20, 33]), COUNT, null)
        there = es.permutation_test(
            es.Events.from_days(shuffled, es.Period.from_days(shift, shift + 30)),
            es.Events.from_days([33 + shift, 20 + shift]),
            COUNT,
            null,
        )
        assert (here.observed, here.pvalue_greater, here.pvalue_less) == (
            there.observed,
            there.pvalue_greater,
            there.pvalue_less,
        )


# --- what a result says -----------------------------------------------------------------------------


def test_the_summary_states_the_null_hypothesis_and_the_numbers():
    result = es.permutation_test(LAUNCHES, SUMMITS, COUNT, es.CircularShift("year"))
    text = " ".join(result.summary().split())
    for part in (
        "Permutation test: launches and summits, 2015-01-01 to 2018-01-01 (not included)",
        "the launches are unrelated to the summits",
        "CircularShift(within='year')",
        "7 launches, 6 summits",
        f"observed {result.observed:g}",
        f"expected {result.expected:.2f}",
        "exact, all arrangements counted",
    ):
        assert part in text


def test_the_table_has_one_row_of_unrounded_plain_numbers():
    result = es.permutation_test(LAUNCHES, SUMMITS, COUNT, es.CalendarPermutation())
    frame = result.to_frame()
    assert len(frame) == 1
    row = frame.iloc[0]
    for name in ("observed", "expected", "ratio", "pvalue", "pvalue_two_sided", "method", "n_resamples"):
        assert row[name] == getattr(result, name)
        assert not isinstance(getattr(result, name), np.generic)
    assert (row["pvalue_low"], row["pvalue_high"]) == result.pvalue_interval
    assert isinstance(frame, pd.DataFrame)


def test_coverage_is_the_share_of_days_in_the_window_and_only_anchors_that_reach_the_period_count():
    anchors = es.Events(["2015-02-06", "2016-03-07", "2018-01-03", "2019-01-01"])
    result = es.permutation_test(LAUNCHES, anchors, COUNT, es.UniformDays())
    assert result.coverage == (14 + 14 + 12) / len(
        PERIOD
    )  # 12: the window of 3 January 2018 ends on 31 December
    assert result.n_anchors == 3


def test_the_provenance_names_the_call_and_both_series():
    result = es.permutation_test(LAUNCHES, SUMMITS, COUNT, es.CircularShift(), alternative="less")
    assert result.provenance.call == (
        "permutation_test(launches, summits, WindowCount(window=Window(start=-14, stop=0)), "
        "CircularShift(within=None), alternative='less', method='exact')"
    )
    assert list(result.provenance.data) == ["launches", "summits"]
    other = es.permutation_test(
        LAUNCHES, es.Events(SUMMITS.days[1:], label="summits"), COUNT, es.CircularShift()
    )
    assert other.provenance.data["launches"] == result.provenance.data["launches"]
    assert other.provenance.data["summits"] != result.provenance.data["summits"]
    unlabelled = es.permutation_test(
        es.Events([1], es.Period(0, 5)), es.Events([3]), COUNT, es.CircularShift()
    )
    assert list(unlabelled.provenance.data) == ["events", "anchors"]


def test_the_call_on_record_gives_the_same_draws_when_it_is_typed_again():
    options = {
        "method": "monte-carlo",
        "n_resamples": 77,
        "confidence_level": 0.9,
        "alternative": "two-sided",
    }
    result = es.permutation_test(LAUNCHES, SUMMITS, COUNT, es.UniformDays("year"), rng=4, **options)
    names = {name: getattr(es, name) for name in ("permutation_test", "WindowCount", "Window", "UniformDays")}
    call = result.provenance.call.removesuffix(")") + f", rng={result.provenance.seed})"
    again = eval(call, {**names, "launches": LAUNCHES, "summits": SUMMITS})
    assert fingerprint(again) == fingerprint(result)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_the_dark_bars_of_the_figure_add_up_to_the_tail(alternative):
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    from eventstudy.draw import REFERENCE

    events = es.Events([1, 2, 8, 9, 30], es.Period(0, 60))
    result = es.permutation_test(
        events, es.Events([10, 40]), COUNT, es.UniformDays(), alternative=alternative
    )
    figure, ax = plt.subplots()
    assert result.plot(ax) is ax
    dark = mpl.colors.to_rgba(REFERENCE)
    heights = {True: 0.0, False: 0.0}
    for bar in ax.patches:
        heights[bar.get_facecolor() == dark] += bar.get_height()
    tail = min(result.pvalue_greater, result.pvalue_less) if alternative == "two-sided" else result.pvalue
    assert heights[True] == pytest.approx(tail, abs=1e-3)
    assert sum(heights.values()) == pytest.approx(1.0, abs=1e-3)
    plt.close(figure)


# --- errors -----------------------------------------------------------------------------------------


def run(events=LAUNCHES, anchors=SUMMITS, statistic=COUNT, null=NULLS[0], **options):
    return es.permutation_test(events, anchors, statistic, null, **options)


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: run(alternative="larger"), OptionError,
         r"^permutation_test: alternative='larger' is not known; give 'greater', 'less' or 'two-sided'$"),
        (lambda: run(alternative=None), OptionError, r"^permutation_test: alternative=None is not known; give 'gr"),
        (lambda: run(method="asymptotic"), OptionError,
         r"^permutation_test: method='asymptotic' is not known; give 'auto', 'exact' or 'monte-carlo'$"),
        (lambda: run(n_resamples=0), OptionError, r"^permutation_test: n_resamples is 0; make at least one draw"),
        (lambda: run(confidence_level=95), OptionError,
         r"^permutation_test: confidence_level is 95; give a share, such as 0\.95$"),
        (lambda: run(confidence_level=1.0), OptionError, r"confidence_level is 1\.0; give a share, such as 0\.95$"),
        (lambda: run(method="monte-carlo"), RandomnessError,
         r"^permutation_test: draws are made here and rng is missing; pass a seed, such as rng=20120101$"),
        (lambda: run(statistic=HIT), RandomnessError, r"^permutation_test: draws are made here and rng is missing"),
        (lambda: run(method="monte-carlo", rng="abc"), RandomnessError,
         r"^permutation_test: rng is 'abc'; pass a whole number from 0 or a numpy\.random\.Generator$"),
        (lambda: run(method="monte-carlo", rng=1.5), RandomnessError, r"^permutation_test: rng is 1\.5; pass a whole"),
        (lambda: run(method="monte-carlo", rng=-1), RandomnessError, r"^permutation_test: rng is -1; pass a whole"),
        (lambda: run(method="monte-carlo", rng=True), RandomnessError, r"^permutation_test: rng is True; pass a whole"),
        (lambda: run(anchors=["2015-02-06"]), EventsError,
         r"^anchors: got a list; wrap the dates as Events\(dates\)$"),
        (lambda: run(events=["2015-02-06"]), EventsError,
         r"^events: got a list; wrap the dates as Events\(dates, Period\(start, stop\)\)$"),
        (lambda: run(events=es.Events([], PERIOD, "launches")), EventsError,
         r"^launches: no event lies in 2015-01-01 to 2018-01-01 \(not included\); a test needs at least one$"),
        (lambda: run(anchors=es.Events([], label="summits")), EventsError,
         r"^summits: there is no anchor; a test needs at least one$"),
        (lambda: run(events=es.Events(LAUNCHES.days, label="launches")), PeriodError,
         r"^launches: the period under observation is not given; .*'2015-02-03', '2017-03-04'\) would be a start$"),
    ],
)  # fmt: skip
def test_what_cannot_be_tested_is_refused_with_a_fix(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_values_that_are_equally_likely_make_an_exact_distribution_whatever_the_null_model():
    """A null model of one's own: every event on the same one of four days, each as likely."""

    @dataclasses.dataclass(frozen=True)
    class OneOfFour(es.NullModel):
        keeps = "that all events share a day"
        breaks = "which day"

        def sample(self, events, anchors, *, rng, size):
            day = np.random.default_rng(rng).integers(4, size=(size, 1))
            return events.period.start + np.repeat(day, len(events), axis=1)

        def exact(self, events, anchors, scores):
            values = len(events) * scores[:4]
            low = int(values.min())
            return Distribution(low, np.bincount(values - low) / 4)

    events = es.Events([2, 2, 2], es.Period(0, 9))
    result = es.permutation_test(events, es.Events([3]), es.WindowCount(es.Window(-2, 0)), OneOfFour())
    assert (result.observed, result.pvalue, result.method) == (3.0, 0.5, "exact")
