"""Windows that open when an anchor was announced: by hand, and under every null model."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.errors import DataError, EventsError, OptionError

PERIOD = es.Period(0, 60)


def in_window(day, anchors, announced, window):
    """Say it anew: a day counts if it lies in a window that has opened."""
    return any(a + window.start <= day < a + window.stop and day >= public
               for a, public in zip(anchors, announced, strict=True))  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 59), st.integers(-30, 5)), min_size=1, max_size=6),
    st.lists(st.integers(0, 59), min_size=1, max_size=12),
    st.sampled_from([es.Window(-14, 0), es.Window(-3, 4), es.Window(1, 6)]),
)
def test_each_way_to_ask_a_window_follows_the_announcements(pairs, days, window):
    dates = [a for a, _ in pairs]
    public = [a + lead for a, lead in pairs]
    anchors = es.Events(dates, announced=public)
    inside = [in_window(day, dates, public, window) for day in range(60)]
    assert window.indicator(anchors, PERIOD).tolist() == [int(x) for x in inside]
    assert window.holds(np.array(days), anchors).tolist() == [inside[d] for d in days]
    assert window.holds(np.arange(60), anchors).tolist() == inside
    assert set(window.days(anchors)) & set(range(60)) == {d for d in range(60) if inside[d]}
    reached = sorted(a for a, p in pairs if any(in_window(d, [a], [a + p], window) for d in range(60)))
    assert window.reaching(anchors, PERIOD).tolist() == reached
    hit = sum(any(in_window(d, [a], [a + p], window) for d in days) for a, p in pairs)
    assert int(es.AnchorsHit(window)(np.array(days), anchors)) == hit


def test_days_in_windows_are_counted_from_the_announcement_on():
    anchors, window = es.Events([50, 80], announced=[46, 60]), es.Window(-14, 0)
    near = {day for a, public in ((50, 46), (80, 60)) for day in range(max(a - 14, public), a)}
    assert window.exposure(anchors, PERIOD) == len(near & {*range(PERIOD.start, PERIOD.stop)})
    assert window.exposure(anchors, PERIOD) == window.indicator(anchors, PERIOD).sum()
    events = es.Events([3, 16, 47], PERIOD)
    result = es.permutation_test(events, anchors, es.WindowCount(window), es.UniformDays())
    assert result.coverage == window.exposure(anchors, PERIOD) / len(PERIOD)


def test_announced_long_before_is_as_if_nothing_was_said():
    anchors = es.Events([20, 40])
    early = es.Events([20, 40], announced=[0, 3])
    late = es.Events([20, 40], announced=[15, 45])
    window = es.Window(-14, 0)
    assert (window.days(early) == window.days(anchors)).all()
    assert window.days(late).tolist() == [15, 16, 17, 18, 19]


@pytest.mark.parametrize(
    "null",
    [
        es.CircularShift(), es.CircularShift([30]), es.UniformDays(), es.Jitter(5), es.ShuffledGaps(),
        es.CalendarPermutation([30]), es.PoissonIntensity(es.Window(-8, 0)), es.SelfExciting(es.Window(-8, 0)),
    ],
    ids=lambda null: type(null).__name__,
)  # fmt: skip
def test_every_null_model_counts_in_the_opened_windows(null):
    """The same windows as anchors of their own: 15 to 19 is the window of length 5 before day 20."""
    rng = np.random.default_rng(4)
    events = es.Events(np.unique(rng.integers(0, 60, 25)), PERIOD)
    opened, plain = es.Events([20], announced=[15]), es.Events([20])
    some = es.permutation_test(events, opened, es.WindowCount(es.Window(-8, 0)), null, rng=1, n_resamples=500)
    if isinstance(null, es.PoissonIntensity | es.SelfExciting):
        null = type(null)(es.Window(-5, 0))
    same = es.permutation_test(events, plain, es.WindowCount(es.Window(-5, 0)), null, rng=1, n_resamples=500)
    assert (some.observed, some.pvalue_greater, some.pvalue_less) == (
        same.observed, same.pvalue_greater, same.pvalue_less,
    )  # fmt: skip


def test_hits_and_excess_and_the_rate_ratio_follow_the_opened_windows():
    events = es.Events([3, 11, 16, 17, 30, 44, 51], PERIOD)
    opened, plain = es.Events([20, 50], announced=[15, 45]), es.Events([20, 50])
    wide, narrow, null = es.Window(-8, 0), es.Window(-5, 0), es.CalendarPermutation([20, 40])
    for statistic in (es.AnchorsHit, lambda w: es.WindowExcess(w, None)):
        some, same = (
            es.permutation_test(events, anchors, statistic(window), null)
            for anchors, window in ((opened, wide), (plain, narrow))
        )
        assert some.method == same.method == "exact"
        assert (some.observed, some.pvalue) == (same.observed, same.pvalue)
    for model in (None, null):
        some, same = (
            es.rate_ratio(events, anchors, window, null=model, within=None)
            for anchors, window in ((opened, wide), (plain, narrow))
        )
        assert some.to_frame().drop(columns="method").equals(same.to_frame().drop(columns="method"))


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize(
    "null",
    [es.CircularShift(), es.UniformDays(), es.CalendarPermutation([20, 40])],
    ids=lambda null: null.name,
)
def test_a_family_follows_the_opened_windows_of_its_anchors(null, own):
    events = es.Events([3, 11, 16, 17, 30, 44, 51], PERIOD)
    opened, plain = es.Events([20, 50], announced=[15, 45]), es.Events([20, 50])
    found = []
    for anchors, window in ((opened, es.Window(-8, 0)), (plain, es.Window(-5, 0))):
        tests = {"count": es.WindowCount(window), "hit": es.AnchorsHit(window)}
        if own:
            tests = {name: (statistic, anchors) for name, statistic in tests.items()}
        found.append(
            es.permutation_family(events, plain if own else anchors, tests, null, rng=1, n_resamples=99)
        )
    some, same = found
    assert some.observed.tolist() == same.observed.tolist() == [2, 1]
    assert some.pvalue.tolist() == same.pvalue.tolist()
    assert some.pvalue_adjusted.tolist() == same.pvalue_adjusted.tolist()


def test_announcements_stay_with_their_anchors():
    anchors = es.Events([30, 10, 10], announced=[25, 9, 4])
    assert anchors.days.tolist() == [10, 10, 30]
    assert anchors.announced.tolist() == [4, 9, 25]
    assert anchors.distinct().announced.tolist() == [4, 25]
    assert anchors.merged(3).announced.tolist() == [4, 25]
    assert es.Events(anchors).announced.tolist() == [4, 9, 25]
    assert anchors.within(es.Period(20, 40)).announced.tolist() == [25]
    for again in (copy.deepcopy(anchors), pickle.loads(pickle.dumps(anchors))):
        assert again.announced.tolist() == [4, 9, 25]
        assert not again.announced.flags.writeable
    assert anchors.provenance.data != es.Events([30, 10, 10]).provenance.data
    assert anchors.to_frame()["announced"].astype(str).tolist() == ["1970-01-05", "1970-01-10", "1970-01-26"]


def test_what_looks_at_anchors_otherwise_refuses_announced_ones():
    events, anchors = es.Events([3, 16, 30], PERIOD), es.Events([20, 50], announced=[15, 45])
    with pytest.raises(EventsError, match=r"use Events\(anchors\.days\) for whole windows"):
        es.lag_profile(events, anchors, es.CircularShift(), lags=(-5, 5))
    for statistic in (es.NearestLag(), lambda days, base: float(days.sum())):
        with pytest.raises(
            OptionError, match="does not support windows that open when anchors were announced"
        ):
            es.permutation_test(events, anchors, statistic, es.CircularShift())
    with pytest.raises(EventsError, match="there are 1 announcement days for 2 dates"):
        es.Events([1, 2], announced=[1])


def test_a_column_of_a_file_gives_the_announcements(tmp_path):
    path = tmp_path / "summits.csv"
    path.write_text(
        "start,public,known,place\n2020-03-20,2020-03-15,yes,A\n2020-01-20,2019-11-02,yes,B\n2020-02-10,,no,C\n",
        encoding="utf-8",
    )
    read = es.read_events(path, date="start", announced="public", where="public.notna()")
    assert read.to_frame()["announced"].dt.strftime("%Y-%m-%d").tolist() == ["2019-11-02", "2020-03-15"]
    assert es.read_events(path, date="start").announced is None
    with pytest.raises(
        DataError, match=r"summits.csv:4:public: the cell is empty; fill it in, or leave out the rows"
    ):
        es.read_events(path, date="start", announced="public")
    with pytest.raises(DataError, match=r"summits.csv:1:opened: there is no such column"):
        es.read_events(path, date="start", announced="opened")
    with pytest.raises(OptionError, match="read_events: announced=1 is no column; give its name"):
        es.read_events(path, date="start", announced=1)
    period = es.Period("2020-03-01", "2020-04-01")
    inside = es.read_events(path, date="start", announced="public", where="known == 'yes'", period=period)
    assert (len(inside), inside.announced.tolist()) == (1, [read.announced[1]])
