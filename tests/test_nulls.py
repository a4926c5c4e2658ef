"""The three exact null models, held against every one of their arrangements, laid out one by one.

Nothing here uses the package's own way to cut, shift, match or count: dates go through ``datetime``,
arrangements through ``itertools``, probabilities through ``fractions``.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eventstudy import CalendarPermutation, CircularShift, Events, Period, UniformDays, Window, WindowCount
from eventstudy.errors import ExactUnavailableError, PeriodError, RandomnessError, StrataError
from eventstudy.nulls.rings import by_shift, sums_by_shift
from eventstudy.strata import cut

ORIGIN = dt.date(1970, 1, 1)
ANCHORS = Events([0])  # none of the three null models looks at the anchors

scores_of = st.sampled_from([(0, 1), (0, 1, 1), (-2, 0, 0, 3), (-1, 0, 1), (5,), (0, 7), (-3, -1, 0, 2, 4)])


def number(text):
    return (dt.date.fromisoformat(text) - ORIGIN).days


def shares(values):
    """Return the exact distribution of equally likely values."""
    values = list(values)
    return {value: Fraction(count, len(values)) for value, count in Counter(values).items()}


def added(*parts):
    """Return the exact distribution of the sum of independent parts."""
    total = {0: Fraction(1)}
    for part in parts:
        joined = defaultdict(Fraction)
        for (a, p), (b, q) in product(total.items(), part.items()):
            joined[a + b] += p * q
        total = joined
    return total


def assert_exact(null, events, scores, expected):
    """Compare the exact road with what enumeration gives, in both directions."""
    found = null.exact(events, ANCHORS, np.array(scores, np.int64))
    got = {v: p for v, p in zip(found.support.tolist(), found.probabilities.tolist(), strict=True) if p}
    assert got == pytest.approx({v: float(p) for v, p in expected.items()}, rel=1e-12, abs=0)


def counts_of(days, start, stop):
    return [days.count(day) for day in range(start, stop)]


@st.composite
def short_series(draw, longest, most_events):
    """Draw a period, event days with repeats, a score for each day, and cut dates or None."""
    start = draw(st.integers(-400, 400))
    length = draw(st.integers(1, longest))
    days = draw(st.lists(st.integers(0, length - 1), min_size=1, max_size=most_events))
    values = draw(scores_of)
    scores = draw(st.lists(st.sampled_from(values), min_size=length, max_size=length))
    cuts = sorted(draw(st.sets(st.integers(1, length - 1), max_size=2))) if length > 1 else []
    return start, length, [start + day for day in days], scores, [start + day for day in cuts]


def pieces(start, length, cuts):
    return list(pairwise([start, *cuts, start + length]))


# --- UniformDays ------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(short_series(longest=7, most_events=9))
def test_uniform_days_equals_every_permutation_of_the_daily_counts(series):
    start, length, days, scores, cuts = series
    parts = []
    for first, stop in pieces(start, length, cuts):
        counts = counts_of(days, first, stop)
        own = scores[first - start : stop - start]
        parts.append(
            shares(sum(c * s for c, s in zip(order, own, strict=True)) for order in permutations(counts))
        )
    assert_exact(
        UniformDays(cuts or None), Events(days, Period(start, start + length)), scores, added(*parts)
    )


def test_uniform_days_by_hand():
    """Three days, two events on one of them, window on the last: 2 with one chance in three."""
    assert_exact(
        UniformDays(), Events([0, 0], Period(0, 3)), [0, 0, 1], {0: Fraction(2, 3), 2: Fraction(1, 3)}
    )


def test_uniform_days_within_calendar_strata_equals_permutations_in_each_year():
    """Five days around two New Years: December's last two, January's first, ... each year for itself."""
    days = ["2015-12-30", "2015-12-31", "2015-12-31", "2016-01-01"]
    start, stop = number("2015-12-29"), number("2016-01-04")
    scores = [1, 0, 2, 0, 1, 1]
    numbers = [number(day) for day in days]
    parts = [
        shares(
            sum(c * s for c, s in zip(order, scores[a - start : b - start], strict=True))
            for order in permutations(counts_of(numbers, a, b))
        )
        for a, b in ((start, number("2016-01-01")), (number("2016-01-01"), stop))
    ]
    for within in ("year", "quarter", "month", ["2016-01-01"]):
        assert_exact(UniformDays(within), Events(days, Period(start, stop)), scores, added(*parts))


def test_uniform_days_with_thousands_of_days_equals_the_hypergeometric_of_whole_numbers():
    """160 of 10,000 days, 800 window days; scores of 3 where the window is, one more event on each day."""
    rng = np.random.default_rng(7)
    period = Period(0, 10_000)
    days = rng.choice(10_000, 160, replace=False)
    scores = np.zeros(10_000, np.int64)
    scores[rng.choice(10_000, 800, replace=False)] = 3
    single = UniformDays().exact(Events(days, period), ANCHORS, scores)
    double = UniformDays().exact(Events(np.repeat(days, 2), period), ANCHORS, scores)
    total = math.comb(10_000, 160)
    for k in (0, 5, 13, 40, 100, 160):
        tail = sum(math.comb(800, j) * math.comb(9_200, 160 - j) for j in range(k, 161))
        expected = float(Fraction(tail, total))
        assert single.at_least(3 * k) == pytest.approx(expected, rel=1e-11, abs=0)
        assert double.at_least(6 * k) == pytest.approx(expected, rel=1e-11, abs=0)


def test_uniform_days_refuses_what_would_take_too_long_and_says_what_to_do():
    rng = np.random.default_rng(8)
    days = np.repeat(np.arange(200), rng.integers(1, 6, 200))
    with pytest.raises(
        ExactUnavailableError, match=r"^UniformDays: .* too long to compute; use method='monte-carlo'"
    ):
        UniformDays().exact(Events(days, Period(0, 1_000)), ANCHORS, rng.integers(0, 300, 1_000))


@given(short_series(longest=40, most_events=25), st.integers(0, 2**32))
def test_uniform_days_keeps_the_set_of_daily_counts_of_each_stratum(series, seed):
    start, length, days, _, cuts = series
    events = Events(days, Period(start, start + length))
    drawn = UniformDays(cuts or None).sample(events, ANCHORS, rng=seed, size=12)
    assert drawn.shape == (12, len(days))
    for row in drawn.tolist():
        for first, stop in pieces(start, length, cuts):
            assert sorted(counts_of(row, first, stop)) == sorted(counts_of(days, first, stop))


@pytest.mark.parametrize(("length", "n"), [(30, 8), (30, 12), (30, 30), (1_000_000, 40), (3, 1)])
def test_uniform_days_draws_distinct_days_whether_they_are_sparse_or_dense(length, n):
    events = Events(np.arange(n), Period(0, length))
    drawn = UniformDays().sample(events, ANCHORS, rng=3, size=400)
    assert drawn.min() >= 0
    assert drawn.max() < length
    assert (np.diff(np.sort(drawn, axis=1), axis=1) > 0).all()


# --- CircularShift ----------------------------------------------------------------------------------


@settings(max_examples=150)
@given(short_series(longest=16, most_events=9))
def test_circular_shift_equals_every_combination_of_shifts(series):
    start, length, days, scores, cuts = series
    parts = pieces(start, length, cuts)
    values = []
    for shifts in product(*(range(stop - first) for first, stop in parts)):
        total = 0
        for (first, stop), shift in zip(parts, shifts, strict=True):
            for day in days:
                if first <= day < stop:
                    total += scores[first + (day - first + shift) % (stop - first) - start]
        values.append(total)
    events = Events(days, Period(start, start + length))
    assert_exact(CircularShift(cuts or None), events, scores, shares(values))
    if not cuts:
        every = CircularShift().joint(events, ANCHORS, [np.array(scores)], 1).ravel()
        assert sorted(every.tolist()) == sorted(values)


def test_circular_shift_by_hand():
    """Of the ten shifts of days 4 and 6, one puts both on days 4 to 6, four put one there."""
    scores = [0, 0, 0, 0, 1, 1, 1, 0, 0, 0]
    expected = {2: Fraction(1, 10), 1: Fraction(4, 10), 0: Fraction(5, 10)}
    assert_exact(CircularShift(), Events([4, 6], Period(0, 10)), scores, expected)


def test_circular_shift_within_months_equals_every_combination_of_shifts():
    """February 2016 has 29 days, March 31: 899 combinations of shifts."""
    february, march = number("2016-02-01"), number("2016-03-01")
    days = [february + d for d in (0, 3, 28)] + [march + d for d in (0, 30)]
    scores = [(d * d) % 5 - 1 for d in range(60)]
    parts = [
        shares(
            sum(
                scores[first + (d - first + shift) % length - february]
                for d in days
                if first <= d < first + length
            )
            for shift in range(length)
        )
        for first, length in ((february, 29), (march, 31))
    ]
    period = Period("2016-02-01", "2016-04-01")
    assert_exact(CircularShift("month"), Events(days, period), scores, added(*parts))
    assert_exact(CircularShift([march]), Events(days, period), scores, added(*parts))


def test_circular_shift_counts_exactly_where_a_transform_could_round():
    """Scores up to 30,000 on a prime number of days: the sums by transform are those of direct addition."""
    rng = np.random.default_rng(11)
    length = 200_003
    days = np.sort(rng.integers(0, length, 16_000))
    scores = rng.integers(-30_000, 30_001, length)
    every = CircularShift().joint(Events(days, Period(0, length)), ANCHORS, [scores], 1).ravel()
    sums = Counter(every.tolist())
    for shift in (0, 1, 17, 100_000, length - 1):
        assert sums[int(scores[(days + shift) % length].sum())] >= 1
    assert int(every.sum()) == 16_000 * int(scores.sum())


@given(short_series(longest=40, most_events=12), st.integers(0, 2**32))
def test_circular_shift_keeps_the_gaps_round_each_ring(series, seed):
    start, length, days, _, cuts = series
    events = Events(days, Period(start, start + length))
    drawn = CircularShift(cuts or None).sample(events, ANCHORS, rng=seed, size=12)
    for row in drawn:
        for first, stop in pieces(start, length, cuts):
            inside = (events.days >= first) & (events.days < stop)
            assert (((row >= first) & (row < stop)) == inside).all()  # nothing crosses a border
            before, after = events.days[inside], row[inside]
            if inside.any():
                assert len(set(((after - before) % (stop - first)).tolist())) == 1  # one shift for all


# --- CalendarPermutation ----------------------------------------------------------------------------


def moved(day, years, matching):
    """Return the same month and day in the year that is matched; 29 February goes to 28 February."""
    date = ORIGIN + dt.timedelta(days=day)
    year = matching[years.index(date.year)]
    try:
        other = date.replace(year=year)
    except ValueError:
        other = dt.date(year, 2, 28)
    return (other - ORIGIN).days


def matchings_of_years(days, years, score):
    """Return the sum of scores under every matching of years."""
    return shares(sum(score(moved(day, years, matching)) for day in days) for matching in permutations(years))


def in_window(anchors, window):
    """Score a day by the definition of the window, on the unbroken time line."""
    return lambda day: int(any(window.start <= day - anchor < window.stop for anchor in anchors))


CASES = {
    "leap years on both sides, 29 February on both sides": (
        (2015, 2019),
        ["2016-02-28", "2016-02-29", "2016-03-01", "2015-02-28", "2017-03-01", "2018-02-28"],
        ["2016-03-02", "2017-03-02", "2018-03-01", "2015-03-01"],
        Window(-2, 0),
    ),
    "two leap years": (
        (2012, 2018),
        ["2012-02-29", "2016-02-29", "2016-02-29", "2013-02-28", "2012-12-31", "2016-12-31", "2014-12-31"],
        ["2012-02-29", "2016-03-01", "2013-03-01", "2015-01-01", "2017-01-01"],
        Window(-1, 1),
    ),
    "windows that straddle New Year": (
        (2014, 2018),
        ["2014-12-28", "2014-12-31", "2015-12-31", "2016-01-01", "2017-01-03", "2016-12-30"],
        ["2015-01-04", "2016-01-02", "2016-12-29", "2013-12-30", "2018-01-05"],
        Window(-8, 4),
    ),
    "years without events, years without anchors": (
        (2010, 2015),
        ["2010-05-01", "2010-05-03", "2013-05-02", "2013-05-02"],
        ["2012-05-04", "2011-05-06"],
        Window(-7, 0),
    ),
    "one event": ((2010, 2014), ["2012-02-29"], ["2011-03-01", "2013-03-02"], Window(-1, 0)),
    "no window day inside": ((2010, 2013), ["2011-06-01"], ["2020-01-01"], Window(-7, 0)),
    "six years, many days": (
        (2011, 2017),
        [f"{y}-{m:02}-{d:02}" for y in range(2011, 2017) for m, d in ((1 + y % 3, 5 + y % 7), (7, 25 - y % 5))],
        [f"{y}-{m:02}-{d:02}" for y in range(2011, 2017) for m, d in ((1 + y % 4, 9), (7, 18 + y % 4))],
        Window(-10, 3),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_calendar_permutation_equals_every_matching_of_years(case):
    (first, stop), days, anchor_days, window = case
    years = list(range(first, stop))
    period = Period(f"{first}-01-01", f"{stop}-01-01")
    events, anchors = Events(days, period), Events(anchor_days)
    expected = matchings_of_years(
        [number(day) for day in days], years, in_window([number(day) for day in anchor_days], window)
    )
    assert_exact(CalendarPermutation(), events, window.indicator(anchors, period), expected)


@settings(max_examples=60)
@given(st.data())
def test_calendar_permutation_equals_every_matching_for_any_scores_of_days(data):
    first = data.draw(st.integers(1896, 2099))  # 1900 and 2100 are no leap years, 2000 is one
    years = list(range(first, first + data.draw(st.integers(2, 5))))
    period = Period(f"{years[0]}-01-01", f"{years[-1] + 1}-01-01")
    special = [number(f"{y}-{md}") for y in years for md in ("01-01", "02-28", "03-01", "12-31")]
    special += [number(f"{y}-02-29") for y in years if len(Period(f"{y}-01-01", f"{y + 1}-01-01")) == 366]
    anywhere = st.one_of(st.sampled_from(special), st.integers(period.start, period.stop - 1))
    days = data.draw(st.lists(anywhere, min_size=1, max_size=8))
    scores = np.random.default_rng(data.draw(st.integers(0, 2**32))).integers(-3, 5, len(period))
    expected = matchings_of_years(days, years, lambda day: int(scores[day - period.start]))
    assert_exact(CalendarPermutation(), Events(days, period), scores, expected)


@pytest.mark.parametrize("cuts", [[7], [7, 14], [7, 14, 21, 28]])
def test_calendar_permutation_of_equal_pieces_equals_every_matching_of_pieces(cuts):
    rng = np.random.default_rng(len(cuts))
    k = len(cuts) + 1
    start = 100
    days = sorted(rng.integers(0, 7 * k, 9).tolist())
    scores = rng.integers(-2, 4, 7 * k).tolist()
    values = [
        sum(scores[7 * matching[day // 7] + day % 7] for day in days) for matching in permutations(range(k))
    ]
    null = CalendarPermutation(by=[start + day for day in cuts])
    events = Events(np.array(days) + start, Period(start, start + 7 * k))
    assert_exact(null, events, scores, shares(values))


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_calendar_permutation_draws_keep_each_year_together(seed):
    """Month and day stay, whole years move, each year of events to a year of its own."""
    years = list(range(2011, 2017))
    days = [number(f"{y}-{md}") for y in years for md in ("01-01", "02-28", "06-15", "06-18", "12-31")]
    days += [number("2012-02-29"), number("2016-02-29"), number("2016-02-29")]
    events = Events(days, Period("2011-01-01", "2017-01-01"))
    drawn = CalendarPermutation().sample(events, ANCHORS, rng=seed, size=5)
    for row in drawn.tolist():
        target = {}
        for day, other in zip(events.days.tolist(), row, strict=True):
            year = (ORIGIN + dt.timedelta(days=day)).year
            target.setdefault(year, (ORIGIN + dt.timedelta(days=other)).year)
            matching = [target.get(y, years[0]) for y in years]
            assert other == moved(day, years, matching)
        assert sorted(target.values()) == years


@pytest.mark.parametrize(
    ("start", "stop", "fix"),
    [
        ("2012-03-01", "2025-01-01", r"Period\('2013-01-01', '2025-01-01'\) would do$"),
        ("2012-01-01", "2025-03-01", r"Period\('2012-01-01', '2025-01-01'\) would do$"),
        ("2011-12-31", "2025-01-02", r"Period\('2012-01-01', '2025-01-01'\) would do$"),
        (
            "2012-01-02",
            "2014-12-31",
            r"at least two whole calendar years are needed; widen the period or use CircularShift",
        ),
        (
            "2012-01-01",
            "2013-01-01",
            r"at least two whole calendar years are needed; widen the period or use CircularShift",
        ),
        (
            "2012-03-01",
            "2012-05-01",
            r"at least two whole calendar years are needed; widen the period or use CircularShift",
        ),
    ],
)
def test_years_that_are_not_whole_are_refused_with_a_period_that_would_do(start, stop, fix):
    period = Period(start, stop)
    events = Events([period.start], period)
    text = rf"^CalendarPermutation: {start} to {stop} \(not included\) does not cut into years of equal length; {fix}"
    with pytest.raises(StrataError, match=text):
        CalendarPermutation().exact(events, ANCHORS, np.zeros(len(period), np.int64))
    with pytest.raises(StrataError, match=text):
        CalendarPermutation().sample(events, ANCHORS, rng=1, size=1)


@pytest.mark.parametrize(
    ("period", "by", "text"),
    [
        (
            Period(0, 25),
            [10, 20],
            r"have 5 to 10 days .*; Period\('1970-01-01', '1970-01-21'\) and the cut dates",
        ),
        (
            Period(5, 30),
            [10, 20],
            r"have 5 to 10 days .*; Period\('1970-01-11', '1970-01-31'\) and the cut dates",
        ),
        (
            Period(5, 33),
            [10, 20, 30],
            r"have 3 to 10 .*; Period\('1970-01-11', '1970-01-31'\) and the cut dates",
        ),
        (Period(0, 25), [10], r"have 10 to 15 days .*; use by='year' .*, or cut dates at equal distances$"),
        (
            Period("2017", "2018"),
            "month",
            r"within each month have 28 to 31 days .*; use by='year' over whole",
        ),
        (Period("2017", "2018"), "quarter", r"within each quarter have 90 to 92 days .*; use by='year' over"),
    ],
)
def test_strata_of_unequal_length_are_refused_with_a_fix(period, by, text):
    with pytest.raises(StrataError, match=rf"^CalendarPermutation: the strata .*{text}"):
        CalendarPermutation(by).exact(
            Events([period.start], period), ANCHORS, np.zeros(len(period), np.int64)
        )


def test_the_period_that_the_error_names_would_do():
    null = CalendarPermutation([10])
    events = Events([3, 12], Period(0, 20))
    assert null.exact(events, ANCHORS, np.arange(20)).mean == pytest.approx((15 + (13 + 2)) / 2)


@pytest.mark.parametrize(
    ("by", "text"),
    [
        (None, r"^CalendarPermutation: by=None leaves nothing to exchange; use by='year'$"),
        (
            "decade",
            r"^CalendarPermutation: by='decade' is not known; give .*'year'.* or a list of cut dates$",
        ),
        ([], r"^CalendarPermutation: the cut dates must increase, and there must be at least one"),
    ],
)
def test_an_unknown_way_to_exchange_is_refused(by, text):
    with pytest.raises(StrataError, match=text):
        CalendarPermutation(by)


def test_more_than_twenty_years_are_drawn_not_counted():
    period = Period("1990-01-01", "2011-01-01")
    events = Events([period.start, period.start + 400], period)
    with pytest.raises(
        ExactUnavailableError, match=r"stops at 20 strata and there are 21; use method='monte-carlo'$"
    ):
        CalendarPermutation().exact(events, ANCHORS, np.zeros(len(period), np.int64))
    assert CalendarPermutation().sample(events, ANCHORS, rng=1, size=3).shape == (3, 2)


# --- all three --------------------------------------------------------------------------------------

YEARS = Period("2015-01-01", "2018-01-01")
DAYS = [
    "2015-02-03",
    "2015-02-03",
    "2015-07-09",
    "2016-02-29",
    "2016-03-05",
    "2016-12-30",
    "2017-03-03",
    "2017-07-10",
]
SUMMITS = Events(["2015-02-06", "2016-03-07", "2017-03-04", "2017-07-12", "2018-01-03", "2015-12-31"])
NULLS = [
    UniformDays(),
    UniformDays("year"),
    UniformDays("month"),
    UniformDays(["2016-02-01"]),
    CircularShift(),
    CircularShift("year"),
    CircularShift("quarter"),
    CalendarPermutation(),
    CalendarPermutation([YEARS.start + 274, YEARS.start + 548, YEARS.start + 822]),
]
EVENTS = Events(DAYS, YEARS)
FALSE_ALARM = 1e-7


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_draws_follow_the_exact_distribution(null):
    """Chi-square over 20,000 draws, rare values joined; fails by chance once in ten million."""
    scores = Window(-30, 3).indicator(SUMMITS, EVENTS.period)
    exact = null.exact(EVENTS, SUMMITS, scores)
    drawn = null.sample(EVENTS, SUMMITS, rng=20160229, size=20_000)
    values = scores[drawn - EVENTS.period.start].sum(axis=1)
    observed = np.bincount(values - exact.low, minlength=exact.probabilities.size)
    assert observed.size == exact.probabilities.size  # no value outside the support
    expected = 20_000 * exact.probabilities
    assert (observed[expected == 0] == 0).all()
    often = expected >= 5
    f_obs = np.append(observed[often], observed[~often].sum())
    f_exp = np.append(expected[often], expected[~often].sum())
    keep = f_exp > 1e-9
    assert keep.sum() > 2
    assert stats.chisquare(f_obs[keep], f_exp[keep] * f_obs.sum() / f_exp[keep].sum()).pvalue > FALSE_ALARM


@pytest.mark.parametrize(
    ("null", "events", "arrangements"),
    [
        (UniformDays(), Events([0, 1, 1], Period(0, 4)), 12),  # a single and a double day on 4 days
        (UniformDays(), Events([0, 3], Period(0, 6)), 15),  # sparse enough for the other way to draw
        (CircularShift(), Events([0, 1, 3], Period(0, 7)), 7),
        (CircularShift([3]), Events([0, 1, 4], Period(0, 7)), 12),
        (CalendarPermutation([3, 6]), Events([0, 4, 8, 8], Period(0, 9)), 6),
    ],
)
def test_every_arrangement_is_drawn_equally_often(null, events, arrangements):
    drawn = np.sort(null.sample(events, ANCHORS, rng=99, size=30_000), axis=1)
    counts = Counter(map(tuple, drawn.tolist()))
    assert len(counts) == arrangements
    assert stats.chisquare(list(counts.values())).pvalue > FALSE_ALARM


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_the_same_seed_gives_the_same_draws_and_another_seed_others(null):
    first = null.sample(EVENTS, SUMMITS, rng=5, size=50)
    again = null.sample(EVENTS, SUMMITS, rng=np.random.default_rng(5), size=50)
    assert first.dtype == np.int64
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != null.sample(EVENTS, SUMMITS, rng=6, size=50).tobytes()


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_draws_stay_in_the_period_and_leave_the_events_as_they_were(null):
    before = EVENTS.days.copy()
    drawn = null.sample(EVENTS, SUMMITS, rng=17, size=2_000)
    assert drawn.shape == (2_000, len(DAYS))
    assert drawn.min() >= YEARS.start
    assert drawn.max() < YEARS.stop
    assert (EVENTS.days == before).all()


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_draws_need_a_seed(null):
    name = type(null).__name__
    with pytest.raises(
        RandomnessError, match=rf"^{name}\.sample: .* rng is missing; pass a seed, such as rng="
    ):
        null.sample(EVENTS, SUMMITS, rng=None, size=5)


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_events_without_a_period_are_told_which_would_be_a_start(null):
    bare = Events(DAYS, label="launches")
    text = r"^launches: the period under observation is not given; .*'2015-02-03', '2017-07-11'\) would be a start$"
    with pytest.raises(PeriodError, match=text):
        null.sample(bare, SUMMITS, rng=1, size=1)
    with pytest.raises(PeriodError, match=text):
        null.exact(bare, SUMMITS, np.zeros(3, np.int64))


@pytest.mark.parametrize("null", [null for null in NULLS if hasattr(null, "sums")], ids=repr)
def test_the_sums_of_draws_are_the_sums_of_the_days_drawn(null):
    rng = np.random.default_rng(4)
    columns = [rng.integers(-3, 9, len(YEARS)), Window(-30, 3).indicator(SUMMITS, YEARS)]
    prepared = null.sums(EVENTS, SUMMITS, iter(columns), 2)
    drawn = null.sample(EVENTS, SUMMITS, rng=21, size=300) - YEARS.start
    expected = np.stack([column[drawn].sum(axis=1) for column in columns], axis=1)
    assert prepared(np.random.default_rng(21), 300).tolist() == expected.tolist()


@pytest.mark.parametrize(
    "null",
    [
        UniformDays(),
        UniformDays([5, 9]),
        CircularShift(),
        CircularShift([5, 9]),
        CalendarPermutation([5, 10]),
    ],
    ids=repr,
)
@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 14), min_size=1, max_size=6), st.integers(-(10**5), 10**6), st.integers(0, 2**32)
)
def test_moving_the_whole_calendar_changes_nothing(null, days, shift, seed):
    argument = "by" if isinstance(null, CalendarPermutation) else "within"
    cuts = getattr(null, argument)
    moved_null = type(null)(cuts and [np.datetime64(cut + shift, "D") for cut in cuts])
    scores = np.random.default_rng(seed).integers(-1, 3, 15)
    here = Events(days, Period(0, 15))
    there = Events.from_days(np.array(days) + shift, Period.from_days(shift, 15 + shift))
    one, other = null.exact(here, ANCHORS, scores), moved_null.exact(there, ANCHORS, scores)
    assert (one.low, one.probabilities.tolist()) == (other.low, other.probabilities.tolist())
    drawn, drawn_there = (
        n.sample(e, ANCHORS, rng=seed, size=6) for n, e in ((null, here), (moved_null, there))
    )
    assert (drawn_there - shift).tolist() == drawn.tolist()


def test_moving_whole_years_by_four_changes_nothing_in_the_calendar_permutation():
    """Between 1901 and 2099 the calendar repeats after 28 years, weekdays and leap days included."""
    days = np.array([number(day) for day in DAYS])
    shift = number("2043-01-01") - number("2015-01-01")
    scores = np.random.default_rng(1).integers(0, 3, len(YEARS))
    here = CalendarPermutation().exact(EVENTS, ANCHORS, scores)
    later = Events(days + shift, Period("2043-01-01", "2046-01-01"))
    there = CalendarPermutation().exact(later, ANCHORS, scores)
    assert (here.low, here.probabilities.tolist()) == (there.low, there.probabilities.tolist())


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_the_order_of_events_and_the_anchors_do_not_matter_to_the_null_model(null):
    scores = np.random.default_rng(2).integers(-1, 3, len(YEARS))
    one = null.exact(EVENTS, ANCHORS, scores)
    other = null.exact(Events(DAYS[::-1], YEARS, "others"), SUMMITS, scores)
    assert (one.low, one.probabilities.tolist()) == (other.low, other.probabilities.tolist())


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_the_observed_arrangement_is_one_of_those_counted(null):
    scores = WindowCount(Window(-30, 3)).scores(YEARS, SUMMITS)
    observed = int(scores[EVENTS.days - YEARS.start].sum())
    exact = null.exact(EVENTS, SUMMITS, scores)
    assert exact.at_least(observed) + exact.at_most(observed) > 1.0
    assert exact.probabilities.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_a_null_model_says_what_it_keeps_and_breaks_and_can_be_typed_again(null):
    assert len(null.keeps) > 20
    assert len(null.breaks) > 20
    names = {type(n).__name__: type(n) for n in NULLS}
    assert eval(repr(null), names) == null


@pytest.mark.parametrize("days", [1, 2, 97, 101, 211, 360, 4_749])
def test_sums_round_a_ring_of_any_length_are_those_of_shifted_scores(days):
    """101, 211 and 4,749 = 3 * 1583 have large prime factors, and go through another transform."""
    rng = np.random.default_rng(days)
    counts, scores = rng.integers(0, 3, (2, days)), rng.integers(-4, 5, (2, days))
    found = by_shift(counts, scores)
    for shift in {0, 1 % days, days // 3, days - 1}:
        wanted = (counts * np.roll(scores, -shift, axis=1)).sum(axis=1)
        assert np.array_equal(found[:, shift], wanted)


@pytest.mark.parametrize("n", [0, 1, 9, 300])
@pytest.mark.parametrize("shared", [True, False])
def test_sums_of_several_series_are_those_of_each_day_moved(n, shared):
    """Few events add up their scores, many go through a transform; an event on a day twice counts twice."""
    rng, period = np.random.default_rng(n), Period("2011-12-30", "2014-03-01")
    strata = cut(period, "year")
    series = [Events.from_days(rng.choice(period.days, k), period) for k in (n, 2 * n, 0)]
    each = rng.integers(-3, 4, (3, len(period)))
    found = sums_by_shift(series, strata, each[0] if shared else each)
    for i, events in enumerate(series):
        score, counts = (
            each[0 if shared else i],
            np.bincount(events.days - period.start, minlength=len(period)),
        )
        for table, length in zip(found, np.unique(strata.lengths), strict=True):
            for j, begin in enumerate((strata.edges[:-1] - period.start)[strata.lengths == length]):
                own = slice(begin, begin + length)
                for shift in {0, 1, length // 2, length - 1}:
                    assert table[i, j, shift] == counts[own] @ np.roll(score[own], -shift)
