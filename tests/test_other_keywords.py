"""A keyword or a name of another package, or one with a slip, is answered with the name here."""

from __future__ import annotations

import inspect
import pickle

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import OTHER_ARGUMENTS, EventStudyError, OverdispersionWarning, own_errors

PUBLIC = sorted(name for name in es.__all__ if inspect.isfunction(getattr(es, name)))
TEST = es.permutation_test(
    es.Events([1, 4, 6, 9], es.Period(0, 10)),
    es.Events([7]),
    es.WindowCount(es.Window(-4, 0)),
    es.UniformDays(),
)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_function_answers_an_unknown_keyword(name):
    with pytest.raises(TypeError, match=rf"^{name}: colour_of_it is not an argument here; [^\n]+$") as caught:
        getattr(es, name)(colour_of_it=1)
    assert isinstance(caught.value, EventStudyError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("habit", OTHER_ARGUMENTS)
def test_what_is_advised_is_an_argument(name, habit):
    function = getattr(es, name)
    has = inspect.signature(function).parameters
    wanted = [other for other in OTHER_ARGUMENTS[habit] if other in has]
    assert habit not in has
    with pytest.raises(TypeError) as caught:
        function(**{habit: 1})
    if wanted:
        assert f"; write {wanted[0]}" in str(caught.value)


@pytest.mark.parametrize(
    ("call", "where", "habit", "fix"),
    [
        (lambda: es.permutation_test(seed=1), "permutation_test", "seed", "write rng"),
        (lambda: es.permutation_test(random_state=1), "permutation_test", "random_state", "write rng"),
        (lambda: es.permutation_test(B=99), "permutation_test", "B", "write n_resamples"),
        (lambda: es.permutation_test(alternativ="less"), "permutation_test", "alternativ", "write alternative"),
        (lambda: es.poisson_regression("count ~ x", data=1), "poisson_regression", "data",
         "give it as the first argument, table"),
        (lambda: es.poisson_regression(cov_type="HC0"), "poisson_regression", "cov_type", "write covariance"),
        (lambda: es.rate_ratio(alpha=0.1), "rate_ratio", "alpha", "write confidence_level, which is 1 - alpha"),
        (lambda: es.power_curve(alpha=0.1), "power_curve", "alpha", "write level"),
        (lambda: es.read_events("a.csv", dayfirst=True), "read_events", "dayfirst",
         "write date_format, such as '%d.%m.%Y'"),
        (lambda: TEST.tidy(conf_level=0.9), "tidy", "conf_level",
         "the limits have the confidence_level of the result; give it where the result is made"),
        (lambda: TEST.tidy(conf_int=True), "tidy", "conf_int", "conf_low and conf_high are always there; leave it out"),
        (lambda: TEST.tidy(exponentiate=True), "tidy", "exponentiate", "leave it out"),
    ],
)  # fmt: skip
def test_the_keywords_of_other_packages_are_answered_in_one_line(call, where, habit, fix):
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == f"{where}: {habit} is not an argument here; {fix}"


def test_other_type_errors_stay_as_they_are():
    @own_errors
    def outer(x, **more):
        return x + "a"

    with pytest.raises(TypeError, match="unsupported operand"):
        outer(1, colour=2)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        outer()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("permutation_tset", "eventstudy: no 'permutation_tset' here; write permutation_test"),
        ("read_csv", "eventstudy: no 'read_csv' here; write read_events"),
        ("xyzzy", "eventstudy: no 'xyzzy' here; dir(eventstudy) lists the names"),
        ("_private", "module 'eventstudy' has no attribute '_private'"),
    ],
)
def test_an_unknown_name_of_the_package_is_answered_with_the_near_one(name, text):
    assert not hasattr(es, name)
    with pytest.raises(AttributeError) as caught:
        getattr(es, name)
    assert str(caught.value) == text


@pytest.mark.parametrize("name", ["poisson_regression", "conditional_poisson_regression"])
def test_a_warning_points_at_the_line_of_the_caller(name):
    rows = {
        "count": np.tile([0, 0, 0, 0, 12], 40),
        "x": np.arange(200) % 7,
        "days": 1,
        "g": np.arange(200) % 2,
    }
    options = {"strata": "g"} if name.startswith("conditional") else {}
    with pytest.warns(OverdispersionWarning) as caught:
        getattr(es, name)(pd.DataFrame(rows), "count ~ x", covariance="model", **options)
    assert [warning.filename for warning in caught] == [__file__]
