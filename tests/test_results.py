"""What every result has: text, HTML, tidy names, read-only arrays, equality, and no memory address."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import pickle
import pkgutil
from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import results
from eventstudy.results.base import Result

TIDY = ["term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
PERIOD = es.Period("2012-01-01", "2017-01-01")
NOTES = ("7 of 127 launches lie outside the period and are left out", "2 rows of summits have no date")
WINDOW = es.Window(-14, 0)
COUNT = es.WindowCount(WINDOW)


def series():
    rng = np.random.default_rng(0)
    events = es.Events(rng.choice(PERIOD.days, 120), PERIOD, "launches", notes=[NOTES[0]])
    anchors = rng.choice(PERIOD.days, 25, replace=False)
    return events, es.Events(anchors, label="summits", notes=[NOTES[1]])


def panel():
    events, anchors = series()
    table = pd.DataFrame({"group": ["x", "y"] * 60, "date": events.dates})
    of_both = pd.DataFrame({"group": ["x"] * 12 + ["y"] * 13, "date": anchors.dates})
    return es.panel_test(table, of_both, by="group", period=PERIOD, statistic=COUNT, null=es.CircularShift())


def table():
    return es.count_table(*series(), {"before": WINDOW})


def specifications():
    events, anchors = series()
    return [
        es.Specification({"window": name}, events, anchors, es.WindowCount(es.Window(-days, 0)))
        for name, days in (("week", 7), ("fortnight", 14))
    ]


SHIFT = es.CircularShift()
INNER = es.Period("2012-04-01", "2016-10-01")
MAKERS = {
    "permutation": lambda: es.permutation_test(*series(), COUNT, SHIFT),
    "draws": lambda: es.permutation_test(*series(), es.NearestLag(), es.UniformDays(), rng=1, n_resamples=99),
    "family": lambda: es.permutation_family(
        *series(), {"a": COUNT, "b": es.WindowCount(es.Window(0, 14))}, SHIFT
    ),
    "profile": lambda: es.lag_profile(*series(), SHIFT, lags=(-28, 29), bin_days=7),
    "rate": lambda: es.rate_ratio(*series(), WINDOW),
    "coincidence": lambda: es.coincidence_rates(*series(), WINDOW, null=SHIFT),
    "poisson": lambda: es.poisson_regression(table(), "count ~ before"),
    "negative binomial": lambda: es.negative_binomial_regression(table(), "count ~ before"),
    "conditional": lambda: es.conditional_poisson_regression(table(), "count ~ before", strata="month"),
    "hurdle": lambda: es.hurdle_regression(table(), "count ~ before"),
    "lead and lag": lambda: es.lead_lag_regression(*series(), leads=2, lags=2),
    "case series": lambda: es.self_controlled_case_series(*series(), {"before": WINDOW}),
    "randomization": lambda: es.randomization_test(
        *series(), {"before": WINDOW}, "count ~ before", "before", SHIFT, rng=1, n_resamples=19
    ),
    "power": lambda: es.power_curve(*series(), COUNT, SHIFT, ratios=(1, 2), n_simulations=9, rng=1),
    "smallest ratio": lambda: es.minimum_detectable_ratio(
        *series(), COUNT, SHIFT, ratios=(1, 2, 4), n_simulations=9, rng=1
    ),
    "influence": lambda: es.leave_one_out(*series(), COUNT, SHIFT, by="anchor"),
    "specification curve": lambda: es.specification_curve(specifications(), SHIFT, n_resamples=19, rng=1),
    "levels": lambda: es.type_one_error(
        [es.PlaceboAnchors(series()[0], 25)], [SHIFT], [COUNT], n_simulations=3, n_resamples=19, rng=1
    ),
    "coverage": lambda: es.interval_coverage(
        [es.SimulatedEvents(series()[1], PERIOD, 120)],
        [SHIFT],
        WINDOW,
        ratios=[1.0],
        n_simulations=3,
        n_resamples=19,
        rng=1,
    ),
    "before and after": lambda: es.before_after(
        series()[0], series()[1].within(INNER), 20, {"shifts": SHIFT}, max_lag=7
    ),
    "change": lambda: es.ratio_change(*series(), WINDOW, "2014-06-01", SHIFT),
    "eras": lambda: es.nearest_by_era(*series(), {"all": INNER}, shift_days=30),
    "growth": lambda: es.yearly_growth(series()[0]),
    "pause": lambda: es.pause_before(series()[0], series()[0].days[50]),
    "waiting": lambda: es.waiting_times(
        series()[0], series()[1].within(INNER), {"shifts": SHIFT}, near_days=5
    ),
    "excitation": lambda: es.SelfExciting(WINDOW).fit(*series(), rng=1),
    "panel": panel,
    "comparison": lambda: es.compare_tables(
        pd.DataFrame({"id": ["A"], "day": ["1"]}), pd.DataFrame({"id": ["A"], "day": ["2"]}), key="id"
    ),
}


@cache
def result_of(kind):
    return MAKERS[kind]()


every = pytest.mark.parametrize("kind", MAKERS)


def arrays(value):
    """Return the arrays in a result, those of its parts among them."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, Mapping):
        return [array for item in value.values() for array in arrays(item)]
    if isinstance(value, tuple):
        return [array for item in value for array in arrays(item)]
    own = type(value).__module__.startswith(("eventstudy.results", "eventstudy.formulas"))
    if dataclasses.is_dataclass(value) and own:
        return [a for item in dataclasses.fields(value) for a in arrays(getattr(value, item.name))]
    return []


@every
def test_print_shows_the_summary_and_a_notebook_the_same_as_html(kind):
    result = result_of(kind)
    assert str(result) == result.summary()
    shown = result._repr_html_()
    first = result.summary().splitlines()[0]
    assert shown.count("<table") == shown.count("</table>") >= 1
    assert first.replace("<", "&lt;") in shown
    assert len(repr(result).splitlines()) == 1
    assert len(repr(result)) < 200


# the simulations have the notes of their real series; a panel and a comparison read other tables
SEEN = dict.fromkeys(MAKERS, NOTES) | dict.fromkeys(["growth", "pause", "levels"], NOTES[:1])
SEEN |= {"coverage": NOTES[1:], "panel": (), "comparison": ()}


@every
def test_the_summary_says_how_each_series_was_read(kind):
    shown = " ".join(result_of(kind).summary().split())
    assert [note for note in NOTES if note in shown] == list(SEEN[kind])


@every
def test_arrays_are_read_only_in_every_copy(kind):
    result = result_of(kind)
    for again in (result, copy.copy(result), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert not [array for array in arrays(again) if array.flags.writeable]


@every
def test_equal_results_are_equal_and_have_one_hash(kind):
    result, made_again = result_of(kind), MAKERS[kind]()
    assert result == made_again
    assert hash(result) == hash(made_again)
    assert result == pickle.loads(pickle.dumps(result)) == copy.deepcopy(result)
    assert result != result_of("permutation" if kind != "permutation" else "draws")
    assert len({result, made_again}) == 1


@every
def test_tidy_has_the_names_of_broom_and_a_row_per_term(kind):
    tidy = result_of(kind).tidy()
    assert list(tidy) == TIDY
    assert len(tidy) >= 1
    assert tidy["term"].is_unique
    assert tidy["p_value"].dropna().between(0, 1).all()
    known = tidy.dropna(subset=["estimate", "conf_low", "conf_high"])
    assert ((known["conf_low"] <= known["estimate"]) & (known["estimate"] <= known["conf_high"])).all()


def test_another_seed_makes_another_result():
    one, other = (
        es.permutation_test(
            *series(), COUNT, es.UniformDays(), method="monte-carlo", rng=seed, n_resamples=99
        )
        for seed in (1, 2)
    )
    assert one != other


def test_the_arrays_that_a_result_was_made_from_stay_as_they_were():
    """A result takes views: somebody else's array does not become read-only."""
    result = result_of("permutation")
    support = np.array(result.support)
    made = dataclasses.replace(result, support=support)
    assert support.flags.writeable
    assert not made.support.flags.writeable


def late(events, anchors):
    return np.asarray(events).max(axis=-1) - float(anchors[0])


@pytest.mark.parametrize(
    "statistic", [late, lambda events, anchors: late(events, anchors)], ids=["def", "lambda"]
)
def test_a_function_of_the_user_is_called_by_its_name_and_never_by_an_address(statistic):
    result = es.permutation_test(*series(), statistic, es.UniformDays(), rng=1, n_resamples=19)
    label = result.plot().get_xlabel()
    texts = [
        result.summary(),
        result.cite(),
        result.cite("bibtex"),
        repr(result),
        result._repr_html_(),
        result.to_frame().to_string(),
        result.tidy().to_string(),
        label,
    ]
    assert not [text for text in texts if "0x" in text]
    assert statistic.__qualname__ in label
    assert f"{statistic.__module__}.{statistic.__qualname__}" in result.summary()


def test_dir_shows_public_names_only():
    assert set(dir(es)) == {*es.__all__, "__version__"}
    assert not {"Any", "ast", "Path", "importlib"} & set(dir(es))


def test_every_class_of_results_stands_on_the_base():
    classes = [
        value
        for module in pkgutil.iter_modules(results.__path__)
        for value in vars(importlib.import_module(f"eventstudy.results.{module.name}")).values()
        if isinstance(value, type) and value.__module__ == f"eventstudy.results.{module.name}"
    ]
    found = [cls for cls in classes if cls.__name__.endswith("Result")]
    assert len(found) > 20
    assert not [cls.__name__ for cls in classes if hasattr(cls, "summary") and not issubclass(cls, Result)]
    assert all(issubclass(cls, Result) for cls in found)
