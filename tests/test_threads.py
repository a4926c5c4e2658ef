"""Small fits use one thread of the libraries for linear algebra, whatever the program around them uses."""

import numpy as np
import pytest
from scipy import linalg
from threadpoolctl import ThreadpoolController

import eventstudy as es
from eventstudy.numeric.threads import SMALL, one_thread, small_fit
from eventstudy.parallel import in_order
from eventstudy.regression import efficient_score, estimation, lead_lag, moved
from eventstudy.regression.poisson import poisson_term


def threads():
    assert linalg  # loads its library too
    return {library["num_threads"] for library in ThreadpoolController().select(user_api="blas").info()}


@pytest.fixture(autouse=True)
def two_threads():
    with ThreadpoolController().limit(limits=2, user_api="blas"):
        yield


def test_a_block_uses_one_thread_and_gives_the_others_back():
    assert threads() == {2}
    with one_thread():
        assert threads() == {1}
    with pytest.raises(ValueError, match="inside"), one_thread():
        raise ValueError("inside")
    assert threads() == {2}


def test_a_small_table_is_fitted_with_one_thread_and_a_large_one_with_all():
    fit = small_fit(lambda table: threads())
    assert fit(np.zeros(SMALL)) == {1}
    assert fit(table=np.zeros(SMALL)) == {1}
    assert fit(np.zeros(SMALL + 1)) == {2}
    assert threads() == {2}


def test_pieces_of_work_use_one_thread_each():
    assert list(in_order(lambda _: threads(), [(1,), (2,)], [1, 1], "pieces")) == [{1}, {1}]
    assert threads() == {2}


MODULES = (efficient_score, estimation, lead_lag, moved)  # each has the name of the fit
BEFORE = {"before": es.Window(-14, 0)}
FITS = {
    "poisson": lambda table, *_: es.poisson_regression(table, "count ~ before"),
    "one term": lambda table, *_: poisson_term(table, "count ~ before", "before"),
    "negative binomial": lambda table, *_: es.negative_binomial_regression(table, "count ~ before"),
    "hurdle": lambda table, *_: es.hurdle_regression(table, "count ~ before"),
    "conditional": lambda table, *_: es.conditional_poisson_regression(
        table, "count ~ before", strata="month"
    ),
    "lead and lag": lambda _, *series: es.lead_lag_regression(*series, leads=2, lags=2),
    "case series": lambda _, *series: es.self_controlled_case_series(*series, BEFORE),
    "randomization": lambda _, *series: es.randomization_test(
        *series, BEFORE, "count ~ before", "before", es.CircularShift()
    ),
}


@pytest.mark.parametrize("fit", FITS)
def test_every_regression_fits_with_one_thread(monkeypatch, fit):
    """Seen from inside the fit, from its first to its last."""
    seen, whole = [], estimation.supremum
    for module in MODULES:
        monkeypatch.setattr(module, "supremum", lambda *data: seen.append(threads()) or whole(*data))
    period = es.Period("2001-01-01", "2003-01-01")
    rng = np.random.default_rng(1)
    events, anchors = es.Events(rng.choice(period.days, 90), period), es.Events(rng.choice(period.days, 12))
    FITS[fit](es.count_table(events, anchors, BEFORE), events, anchors)
    assert seen
    assert seen == [{1}] * len(seen)
