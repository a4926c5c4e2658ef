"""Results kept on disk: the same as computed, found again only for the same question, never trusted when damaged."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import importlib
import io
import json
import pickle
import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import OptionError
from eventstudy.replacing import write_sealed
from eventstudy.study import memory as module
from eventstudy.study.memory import memory
from eventstudy.study.plain import from_bytes, to_bytes

EVENTS = es.Events([3, 9, 15, 31, 40], es.Period(0, 60), "bells")
ANCHORS = es.Events([10, 35], label="teas")
CALLS = []


def counted(*args, **kwargs):
    CALLS.append((args, kwargs))
    return len(CALLS)


@pytest.fixture
def folder(tmp_path):
    CALLS.clear()
    return tmp_path / "remembered"


def test_a_kept_result_is_the_one_that_would_be_computed(folder):
    test = memory(folder)(es.permutation_test)
    arguments = (EVENTS, ANCHORS, es.AnchorsHit(es.Window(-3, 0)), es.CircularShift())
    plain = es.permutation_test(*arguments, rng=5, n_resamples=200)
    for _ in range(2):  # computed, then read
        found = test(*arguments, rng=5, n_resamples=200)
        assert found.provenance == plain.provenance
        assert found.summary() == plain.summary()
        np.testing.assert_array_equal(found.null_distribution, plain.null_distribution)
        pd.testing.assert_frame_equal(found.to_frame(), plain.to_frame())


def test_the_same_question_is_computed_once_and_another_one_anew(folder):
    ask = memory(folder)(counted)
    assert [ask(EVENTS, rng=1), ask(EVENTS, rng=1), memory(folder)(counted)(EVENTS, rng=1)] == [1, 1, 1]
    other_day = es.Events([3, 9, 15, 31, 41], EVENTS.period, "bells")
    assert [ask(EVENTS, rng=2), ask(other_day, rng=1), ask(EVENTS.distinct(), rng=1)] == [2, 3, 1]


def test_the_order_of_a_mapping_is_part_of_the_question(folder):
    """Rows of a result stand in the order of its truths."""
    ask = memory(folder)(counted)
    assert [ask({"a": 1, "b": 2}), ask({"b": 2, "a": 1}), ask({"a": 1, "b": 2})] == [1, 2, 1]


def test_methods_of_different_objects_are_different_questions(folder):
    remember = memory(folder)
    shifts = [remember(es.Window(-3, 0).exposure), remember(es.Window(-5, 0).exposure)]
    assert [shift(ANCHORS, EVENTS.period) for shift in shifts * 2] == [6, 10, 6, 10]


def test_other_code_or_other_libraries_forget(folder, monkeypatch):
    assert memory(folder)(counted)(1) == 1
    monkeypatch.setattr(module, "code_fingerprint", lambda: "f" * 64)
    assert memory(folder)(counted)(1) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[:-2] + bytes([content[-2] ^ 1]) + content[-1:],
        lambda content: pickle.dumps("another result"),
    ],
    ids=["empty", "cut short", "one bit turned", "written by others"],
)
def test_a_damaged_entry_is_computed_anew_and_mended(folder, damage):
    ask = memory(folder)(counted)
    ask(7)
    (file,) = folder.rglob("*.kept")
    file.write_bytes(damage(file.read_bytes()))
    assert [ask(7), ask(7)] == [2, 2]


# What a result depends on


HELPER = """
import numpy as np
from dataclasses import dataclass
FACTOR = {factor}
TABLE = np.array([1.0, {entry}])
def inner(x):
    return x {operator} 3
def asked(x, *, more={default}):
    return float(inner(x) * FACTOR + TABLE.sum() + more + (lambda y: y + {constant})(x))
@dataclass(frozen=True)
class Shift:
    days: int = 1
    scale = {attribute}
    def moved(self, x):
        return self.helped(x) + self.scale
    @staticmethod
    def helped(x):
        return x + {method}
class Own(Shift):
    def moved(self, x):
        return super().moved(x)
def by_object(shift, x):
    return shift.moved(x)
def closed():
    held = [{held}]
    def ask(x):
        return x + held[0]
    return ask
"""
AS_WRITTEN = {
    "factor": 2, "entry": 5.0, "operator": "*", "default": 0, "constant": 1, "attribute": 4, "method": 1, "held": 7,
}  # fmt: skip


def run(text):
    """Return what cells define in a kernel that has just started: a module without a file."""
    sys.modules["notebook"] = module = ModuleType("notebook")
    exec(text, vars(module))
    return vars(module)


@pytest.fixture(autouse=True)
def _no_kernel():
    yield
    sys.modules.pop("notebook", None)


def notebook(**changes):
    return run(HELPER.format(**(AS_WRITTEN | changes)))


QUESTIONS = {
    "asked": lambda names, remember: remember(names["asked"])(10),
    "closed": lambda names, remember: remember(names["closed"]())(10),
    "class": lambda names, remember: remember(names["by_object"])(names["Own"](), 10),
    "method": lambda names, remember: remember(names["Own"]().moved)(10),
    "partial": lambda names, remember: remember(named_partial(names["asked"]))(10),
}


def named_partial(function):
    partial = functools.partial(function, more=1)
    partial.__name__ = "partial"
    return partial


@pytest.mark.parametrize(
    ("question", "changes"),
    [
        ("asked", {"factor": 3}), ("asked", {"entry": 6.0}), ("asked", {"operator": "+"}), ("asked", {"default": 1}),
        ("asked", {"constant": 2}), ("closed", {"held": 8}), ("class", {"attribute": 5}), ("class", {"method": 2}),
        ("method", {"attribute": 5}), ("method", {"method": 2}), ("partial", {"factor": 3}),
        ("partial", {"operator": "-"}),
    ],
)  # fmt: skip
def test_a_changed_line_is_never_answered_by_an_old_result(question, changes, folder):
    ask, remember = QUESTIONS[question], memory(folder)
    old = ask(notebook(), remember)
    (kept,) = folder.rglob("*.kept")
    written = kept.stat().st_mtime_ns
    assert ask(notebook(), remember) == old
    assert kept.stat().st_mtime_ns == written, "the same code was computed twice"
    new = ask(notebook(**changes), remember)
    assert new == ask(notebook(**changes), lambda function: function)
    assert new != old


def test_a_changed_line_in_a_file_beside_the_notebook_is_seen(folder, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    names = run("def ask(x):\n    import beside_a\n    return beside_a.twice(x)")
    for factor in (2, 3):
        for name in ("beside_a", "beside_b"):
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        twice = "import beside_b\ndef twice(x):\n    return beside_b.F * x\n"
        (tmp_path / "beside_a.py").write_text(twice, encoding="utf-8")
        (tmp_path / "beside_b.py").write_text(f"F = {factor}  {'#' * factor}\n", encoding="utf-8")
        importlib.import_module("beside_a")
        assert memory(folder)(names["ask"])(10) == 10 * factor
    for name in ("beside_a", "beside_b"):
        del sys.modules[name]


def test_a_null_model_of_a_notebook_is_part_of_the_question_with_its_code(folder):
    text = """
import numpy as np
from dataclasses import dataclass
from eventstudy import NullModel
@dataclass(frozen=True)
class Late(NullModel):
    keeps = "their number"
    breaks = "their days"
    def sample(self, events, anchors, *, rng, size):
        return events.period.start + {first} + rng.integers(len(events.period) - {first}, size=(size, len(events)))
"""
    found = []
    for first in (0, 30, 0):
        names = run(text.format(first=first))
        question = (EVENTS, ANCHORS, es.WindowCount(es.Window(-3, 0)), names["Late"]())
        result = memory(folder)(es.permutation_test)(*question, rng=5, n_resamples=200)
        plain = es.permutation_test(*question, rng=5, n_resamples=200)
        assert result.pvalue == plain.pvalue
        assert result.null == names["Late"]()
        found.append(result.pvalue)
    assert found[0] == found[2] != found[1]


def test_a_function_that_names_a_generator_is_computed_each_time(folder):
    rng = np.random.default_rng(1)
    draw = memory(folder)(lambda: float(rng.random()))
    assert draw() != draw()


# What is kept


RESULTS = {
    "a table": pd.DataFrame(
        {"a": [1, 2], "b": [0.1, np.nan], "c": ["x", None], "d": pd.to_datetime(["2020-01-01", "2021-01-01"])},
        index=pd.Index(["p", "q"], name="row"),
    ),
    "objects": pd.DataFrame({"m": [(1, 2), "x"], 3: [None, 4.0]}),
    "a series": pd.Series([1.5, -0.0], name="s"),
    "numbers": (1, 2**80, -0.5, float("inf"), np.float64(0.1), np.int32(7), True, None, "\udc80", 1e-320),
    "containers": {"a": [1, (2, [3])], 5: {"b": (), "c": frozenset(["x"])}},
    "arrays": [np.arange(6.0).reshape(2, 3).T, np.array(["a", "bc"]), np.array([1], "M8[D]"), np.zeros((0, 2), bool)],
    "dates": (datetime.date(2020, 2, 29), pd.Timestamp("2020-02-29 12:00")),
    "events": EVENTS,
}  # fmt: skip


def alike(one, other):
    """Tell whether two values are the same in kind and in every bit."""
    assert type(one) is type(other)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other)
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.flags.writeable, one.flags.f_contiguous) == (
            other.dtype, other.flags.writeable, other.flags.f_contiguous,
        )  # fmt: skip
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, (tuple, list)):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            alike(a, b)
    elif isinstance(one, dict):
        alike(list(one.items()), list(other.items()))
    elif dataclasses.is_dataclass(one) and not isinstance(one, type):
        for field in dataclasses.fields(one):
            alike(getattr(one, field.name), getattr(other, field.name))
    else:
        assert repr(one) == repr(other)


@pytest.mark.parametrize("name", RESULTS)
def test_a_value_is_read_as_it_was_written(name):
    alike(RESULTS[name], from_bytes(to_bytes(RESULTS[name], {}), {}))


def results():
    events = es.Events(np.arange(400, 1400, 23), es.Period(365, 1461), "bells")
    anchors = es.Events(np.arange(430, 1400, 77), label="teas")
    window, shift = es.Window(-9, 0), es.CircularShift()
    windows = {"before": window}
    table = es.count_table(events, anchors, windows)
    planted = {"n_simulations": 20, "ratios": (1.0, 3.0), "rng": 1}
    count = es.WindowCount(window)
    yield es.permutation_test(events, anchors, count, shift)
    yield es.permutation_family(events, anchors, {"before": count}, shift)
    yield es.lag_profile(events, anchors, shift)
    yield es.coincidence_rates(events, anchors, window)
    yield es.rate_ratio(events, anchors, window)
    yield es.poisson_regression(table, "count ~ before")
    yield es.negative_binomial_regression(table, "count ~ before")
    yield es.conditional_poisson_regression(table, "count ~ before", strata=["year", "month"])
    yield es.lead_lag_regression(events, anchors, leads=2, lags=2, controls="C(year)")
    yield es.randomization_test(
        events, anchors, windows, "count ~ before", "before", shift, rng=1, n_resamples=99
    )
    yield es.leave_one_out(events, anchors, count, es.CircularShift(within="year"), by="year")
    yield es.minimum_detectable_ratio(events, anchors, window, shift, **planted)
    yield es.SelfExciting(window).fit(events, anchors, rng=1)


@pytest.mark.filterwarnings("ignore::eventstudy.errors.OverdispersionWarning")
def test_every_kind_of_result_can_be_kept_and_is_read_to_the_last_bit():
    for result in results():
        again = from_bytes(to_bytes(result, {}), {})
        alike(result, again)
        if hasattr(result, "summary"):
            assert again.summary() == result.summary()


class Trap:
    """Writes a file when it is read from a pickle."""

    def __reduce__(self):
        return (open, ("trapped.txt", "w"))


@pytest.mark.parametrize(
    "content", ["pickle", "array of objects", "a class of others", "a function of others", "a path"]
)
def test_what_others_put_in_the_folder_is_never_run(content, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ask = memory(folder)(counted)
    ask(7)
    (file,) = folder.rglob("*.kept")
    named = {
        "a class of others": ["object", "subprocess:Popen", {}],
        "a function of others": ["named", "os:system"],
        "a path": ["named", "eventstudy.replacing:os.system"],
    }
    if content == "pickle":
        bad = pickle.dumps(Trap())
    else:
        buffer = io.BytesIO()
        text = json.dumps(["tuple", [["dict", []], named.get(content, ["array", "a0", True])]])
        traps = np.empty(1, object)
        traps[0] = Trap()
        np.savez(buffer, document=np.frombuffer(text.encode(), np.uint8), a0=traps)
        bad = buffer.getvalue()
    write_sealed(file, bad)
    assert [ask(7), ask(7)] == [2, 2]
    assert not (tmp_path / "trapped.txt").exists()


def test_what_cannot_be_written_is_still_returned(folder):
    folder.write_text("a file where the folder should be", encoding="utf-8")
    ask = memory(folder)(counted)
    assert [ask(1), ask(1)] == [1, 2]


def test_a_result_that_is_no_plain_value_is_returned_and_leaves_nothing(folder):
    make = memory(folder)(lambda: lambda: 3)
    assert make()() == 3
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_generator_is_refused_as_it_moves_on_with_every_draw(folder):
    with pytest.raises(
        OptionError,
        match=r"remember\(counted\): the state of a generator changes .* pass a seed, such as rng=",
    ):
        memory(folder)(counted)(rng=np.random.default_rng(1))


def test_the_environment_says_where(tmp_path, monkeypatch):
    monkeypatch.setenv("EVENTSTUDY_MEMORY", str(tmp_path / "there"))
    CALLS.clear()
    memory()(counted)(1)
    assert len(list((tmp_path / "there").rglob("*.kept"))) == 1
