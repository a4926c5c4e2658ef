"""Results kept on disk: the same as computed, found again only for the same question, never trusted when damaged."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import OptionError
from eventstudy.study import memory as module
from eventstudy.study.memory import memory

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
    (file,) = folder.rglob("*.pickle")
    file.write_bytes(damage(file.read_bytes()))
    assert [ask(7), ask(7)] == [2, 2]


def test_what_cannot_be_written_is_still_returned(folder):
    folder.write_text("a file where the folder should be", encoding="utf-8")
    ask = memory(folder)(counted)
    assert [ask(1), ask(1)] == [1, 2]


def test_a_result_that_cannot_be_pickled_is_returned_and_leaves_nothing(folder):
    make = memory(folder)(lambda: lambda: 3)
    assert make()() == 3
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_generator_is_refused_as_it_moves_on_with_every_draw(folder):
    with pytest.raises(
        OptionError, match=r"remember\(counted\): a generator moves on .* pass a seed, such as rng="
    ):
        memory(folder)(counted)(rng=np.random.default_rng(1))


def test_the_environment_says_where(tmp_path, monkeypatch):
    monkeypatch.setenv("EVENTSTUDY_MEMORY", str(tmp_path / "there"))
    CALLS.clear()
    memory()(counted)(1)
    assert len(list((tmp_path / "there").rglob("*.pickle"))) == 1
