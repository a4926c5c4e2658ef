"""An error names the function that the user called, also where another one that it calls found the fault."""

from __future__ import annotations

import pickle

import pytest

import eventstudy as es
from eventstudy.errors import EventStudyError, OptionError, own_errors

PERIOD = es.Period(0, 1_000)
EVERY_TENTH = es.Events(range(5, 1_000, 10), PERIOD)
EARLY = es.Events([1, 2], PERIOD)  # none near the anchors
ANCHORS = es.Events([300, 600], PERIOD, "anchors")
WINDOW = es.Window(-7, 0)

CALLS = {
    "before_after": [
        lambda f: f(EARLY, ANCHORS, 30, {}, max_lag=2),
        lambda f: f(EVERY_TENTH, ANCHORS, 30, {}, max_lag=-1),
        lambda f: f(EVERY_TENTH, ANCHORS, 30, {}, max_lag=1, confidence_level=95),
        lambda f: f(EVERY_TENTH, ANCHORS, 30, {"gaps": es.ShuffledGaps()}, max_lag=1),
    ],
    "minimum_detectable_ratio": [
        lambda f: f(EVERY_TENTH, ANCHORS, WINDOW, es.UniformDays(), ratios=(0.5,), rng=1),
        lambda f: f(EVERY_TENTH, ANCHORS, WINDOW, es.UniformDays(), ratios=(900,), n_simulations=5, rng=1),
        lambda f: f(EVERY_TENTH, ANCHORS, WINDOW, es.UniformDays(), level=5, rng=1),
        lambda f: f(EVERY_TENTH, ANCHORS, WINDOW, es.UniformDays(), n_resamples=0, rng=1),
        lambda f: f(EVERY_TENTH, ANCHORS, WINDOW, es.UniformDays()),
    ],
    "power_curve": [lambda f: f(EVERY_TENTH, ANCHORS, WINDOW, es.UniformDays(), ratios=(0.5,), rng=1)],
    "lag_profile": [lambda f: f(EVERY_TENTH, ANCHORS, es.UniformDays())],
    "lead_lag_regression": [
        lambda f: f(EVERY_TENTH, ANCHORS, leads=1, lags=1, confidence_level=95),
        lambda f: f(EVERY_TENTH, ANCHORS, leads=1, lags=1, controls="", covariance="sandwich"),
    ],
}


@pytest.mark.parametrize(("name", "call"), [(name, call) for name, calls in CALLS.items() for call in calls])
def test_an_error_begins_with_the_name_of_the_function_that_was_called(name, call):
    with pytest.raises(EventStudyError) as caught:
        call(getattr(es, name))
    assert str(caught.value).startswith(f"{name}: ")


def test_only_the_place_changes_and_only_where_it_is_a_function_that_was_called_on_the_way():
    @own_errors
    def outer(text):
        raise OptionError(text)

    for text, expected in (
        ("rate_ratio: it is wrong: very; mend it", "outer: it is wrong: very; mend it"),
        ("launches: rate_ratio is wrong; mend it", "launches: rate_ratio is wrong; mend it"),
        ("a line without a place", "a line without a place"),
    ):
        with pytest.raises(OptionError) as caught:
            outer(text)
        assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value))) == expected
