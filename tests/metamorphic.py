"""What the metamorphic tests share: random series, statistics and null models, and how two answers are compared.

``EVENTSTUDY_METAMORPHIC=2000`` tries so many examples of each statement, other ones each time.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.errors import EventStudyError
from eventstudy.frozen import same

EXAMPLES = int(os.environ.get("EVENTSTUDY_METAMORPHIC", "0"))
EPOCH = dt.date(1970, 1, 1)
FOUR_CENTURIES = 146_097  # days after which the calendar repeats, weekdays too
DRAWS = 99
ALTERNATIVES = ("greater", "less", "two-sided")


def examples(number):
    """Try `number` examples in the suite, always the same ones; with the variable as many others as it says."""
    return settings(
        max_examples=EXAMPLES or number,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        phases=[
            Phase.explicit,
            Phase.generate,
        ],  # an example as found says enough, and shrinking takes minutes
        suppress_health_check=list(HealthCheck),
    )


# --- what is asked -----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Case:
    """Days from the start of a period on which events and anchors fall, and where the period is cut."""

    start: int
    length: int
    events: tuple[int, ...]
    anchors: tuple[int, ...]
    cuts: tuple[int, ...]

    def series(self, move=0, labels=("launches", "summits")):
        first = self.start + move
        period = es.Period.from_days(first, first + self.length)
        return (
            es.Events.from_days(np.array(self.events) + first, period, labels[0]),
            es.Events.from_days(np.array(self.anchors) + first, None, labels[1]),
        )

    def mirrored(self):
        last = self.length - 1
        return dataclasses.replace(
            self,
            events=tuple(last - day for day in self.events),
            anchors=tuple(last - day for day in self.anchors),
            cuts=tuple(sorted(self.length - cut for cut in self.cuts)),
        )

    def strata(self, within, move=0):
        """Return strata as they are given: a word, None, or cut dates for "cuts"."""
        if within != "cuts":
            return within
        return [date(self.start + move + cut) for cut in self.cuts] or None


def date(day):
    """Return a day number as a date, without the package."""
    return (EPOCH + dt.timedelta(days=int(day))).isoformat()


@st.composite
def cases(draw, longest=400, most=12):
    start = (draw(st.dates(dt.date(1601, 1, 1), dt.date(2095, 1, 1))) - EPOCH).days
    length = draw(st.integers(12, longest))
    days = st.integers(0, length - 1)
    events = draw(st.lists(days, min_size=1, max_size=most))
    anchors = draw(st.lists(st.integers(-20, length + 20), min_size=1, max_size=12))
    cuts = draw(st.sets(st.integers(1, length - 1), max_size=3))
    return Case(start, length, tuple(events), tuple(anchors), tuple(sorted(cuts)))


windows = st.builds(lambda first, days: (first, first + days), st.integers(-25, 10), st.integers(1, 25))
CALENDAR = ("year", "quarter", "month")
withins = st.sampled_from([None, "cuts", *CALENDAR])
movable = st.sampled_from([None, "cuts"])  # strata that are cut at the same places wherever the period lies
statistics = st.one_of(
    st.tuples(st.sampled_from(["count", "hit", "lags", "contrast", "excess"]), windows, windows, withins),
    st.tuples(st.sampled_from(["before", "after", "either"]), windows, windows, withins),
)


def reflected(window):
    return 1 - window[1], 1 - window[0]


def statistic_of(case, spec, move=0):
    kind, first, second, within = spec
    window = es.Window(*first)
    simple = {"count": es.WindowCount, "hit": es.AnchorsHit, "lags": es.LagCount}
    if kind in simple:
        return simple[kind](window)
    if kind == "contrast":
        return es.WindowContrast(window, es.Window(*second))
    if kind == "excess":
        return es.WindowExcess(window, case.strata(within, move))
    return es.NearestLag(kind)


def null_models(within):
    fitted = st.tuples(
        st.sampled_from(["poisson"] * 3 + ["self-exciting"]),
        st.sampled_from([None, (-5, 0)]),
        st.sampled_from([None, "year", "smooth"]),
        st.integers(0, 2),
    )
    return st.one_of(
        st.tuples(st.sampled_from(["uniform", "shift", "gaps"]), within),
        st.tuples(st.just("jitter"), within, st.integers(1, 40)),
        st.tuples(st.just("calendar"), st.sampled_from(["year", "cuts"])),
        fitted,
    )


def null_of(case, spec, move=0):
    kind, *rest = spec
    plain = {"uniform": es.UniformDays, "shift": es.CircularShift, "gaps": es.ShuffledGaps}
    if kind in plain:
        return plain[kind](case.strata(rest[0], move))
    if kind == "jitter":
        return es.Jitter(rest[1], case.strata(rest[0], move))
    if kind == "calendar":
        return es.CalendarPermutation(case.strata(rest[0], move))
    without = None if rest[0] is None else es.Window(*rest[0])
    model = es.PoissonIntensity if kind == "poisson" else es.SelfExciting
    return model(without, trend=rest[1], harmonics=rest[2])


# --- what is compared --------------------------------------------------------------------------------


def found(ask):
    """Return what a call returns, or the kind of error with which it refuses."""
    try:
        return ask()
    except EventStudyError as error:
        return type(error)


NUMBERS = (
    "observed",
    "expected",
    "pvalue_greater",
    "pvalue_less",
    "n_events",
    "n_anchors",
    "n_resamples",
    "coverage",
)


def permuted(case, statistic, null, move=0, rng=20120101, **options):
    """Return the numbers of a permutation test and its method, or the kind of its refusal."""
    options = {"n_resamples": DRAWS, "rng": rng} | options

    def ask():
        return es.permutation_test(
            *case.series(move), statistic_of(case, statistic, move), null_of(case, null, move), **options
        )

    return numbers(found(ask))


def numbers(result):
    if isinstance(result, type):
        return result
    return {name: getattr(result, name) for name in NUMBERS} | {"method": result.method}


def assert_same(one, other, rel=1e-9, names=None):
    """Compare two refusals, tables or sets of numbers; p-values must have the same draws at each side."""
    if isinstance(one, type) or isinstance(other, type):
        assert one is other
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, rtol=rel, atol=1e-12)
    else:
        for name in names or one:
            if isinstance(one[name], float) and rel != 0:
                assert one[name] == pytest.approx(other[name], rel=rel, abs=1e-12, nan_ok=True), name
            else:
                assert same(one[name], other[name]), name
