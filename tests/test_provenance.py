"""Provenance: checksums by hand, seeds that give the same draws again, refusals."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eventstudy as es
from eventstudy import Events, Period
from eventstudy.errors import EventStudyError, RandomnessError
from eventstudy.provenance import Provenance, as_generator, checksum, seed_text


@given(st.lists(st.integers(-(2**62), 2**62), max_size=20), st.integers(-999, 999), st.integers(1, 999))
def test_a_checksum_is_the_sha256_of_the_days_as_little_endian_words_and_of_the_period(days, start, length):
    packed = struct.pack(f"<{len(days)}q", *days)
    array = np.array(days, np.int64)
    assert checksum(array) == hashlib.sha256(packed).hexdigest()
    assert checksum(np.repeat(array, 2)[::2]) == checksum(
        array
    )  # how the array lies in memory does not matter
    span = f"[{start}, {start + length})".encode()
    assert checksum(array, (start, start + length)) == hashlib.sha256(packed + span).hexdigest()


def test_the_checksum_of_nothing_is_the_published_one():
    """SHA-256 of the empty message, as in FIPS 180-4's example values."""
    assert (
        checksum(np.empty(0, np.int64)) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_the_checksum_of_events_depends_on_days_and_period_alone():
    one = Events([3, 1, 2], Period(0, 9), "launches").provenance.data["launches"]
    assert one == Events([1, 2, 3], Period(0, 9), "others").provenance.data["others"]
    assert one == checksum(np.array([1, 2, 3]), (0, 9))
    assert one != Events([1, 2, 3], Period(0, 10)).provenance.data["events"]
    assert one != Events([1, 2, 4], Period(0, 9)).provenance.data["events"]
    assert one != Events([1, 2, 3]).provenance.data["events"]


def test_provenance_keeps_a_copy_and_cannot_be_changed():
    data = {"launches": "1"}
    provenance = Provenance("f(launches)", data, "7")
    data["launches"] = "2"
    assert provenance.data["launches"] == "1"
    with pytest.raises(TypeError):
        provenance.data["launches"] = "3"
    with pytest.raises(dataclasses.FrozenInstanceError):
        provenance.call = "g()"


@pytest.mark.parametrize("duplicate", [lambda p: pickle.loads(pickle.dumps(p)), copy.copy, copy.deepcopy])
def test_provenance_can_be_copied_and_sent_between_processes(duplicate):
    provenance = Provenance("f(launches)", {"launches": "1"}, "7")
    again = duplicate(provenance)
    assert (again.call, dict(again.data), again.seed) == ("f(launches)", {"launches": "1"}, "7")
    with pytest.raises(TypeError):
        again.data["launches"] = "3"


@pytest.mark.parametrize("seed", [0, 20120101, np.int64(5), np.uint8(5)])
def test_a_seed_stands_for_numpys_default_generator(seed):
    expected = np.random.default_rng(int(seed)).integers(1_000, size=5)
    assert as_generator(seed, "test").integers(1_000, size=5).tolist() == expected.tolist()
    assert seed_text(seed) == str(int(seed))


def test_a_generator_is_used_as_it_is():
    generator = np.random.default_rng(3)
    assert as_generator(generator, "test") is generator


@pytest.mark.parametrize("key", [(), (2, 5)])
def test_the_seed_on_record_gives_the_same_children_again(key):
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(99, spawn_key=key)))
    generator.spawn(3)
    generator.random(10)  # draws of its own do not move its children
    text = seed_text(generator)
    assert text == f"99, spawn key {key}, children before 3"
    again = np.random.SeedSequence(99, spawn_key=key, n_children_spawned=3).spawn(1)[0]
    (child,) = generator.spawn(1)
    assert child.random(4).tolist() == np.random.default_rng(again).random(4).tolist()


@pytest.mark.parametrize("rng", [None, "abc", [1]])
def test_what_is_no_seed_has_no_text_so_that_the_refusal_is_left_to_the_draws(rng):
    assert seed_text(rng) is None


@pytest.mark.parametrize(
    ("rng", "text"),
    [
        (None, r"^here: draws are made here and rng is missing; pass a seed, such as rng=20120101$"),
        ("abc", r"^here: rng is 'abc'; pass a whole number from 0 or a numpy\.random\.Generator$"),
        (1.5, r"^here: rng is 1\.5; pass a whole number from 0"),
        (-1, r"^here: rng is -1; pass a whole number from 0"),
        (True, r"^here: rng is True; pass a whole number from 0"),
        (np.random.SeedSequence(1), r"^here: rng is SeedSequence.*; pass a whole number from 0"),
    ],
)
def test_what_is_no_seed_is_refused(rng, text):
    with pytest.raises(RandomnessError, match=rf"(?s){text}") as caught:
        as_generator(rng, "here")
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, EventStudyError)


def test_a_missing_seed_is_refused_with_the_reason_for_the_draws():
    period = es.Period("1990-01-01", "2015-01-01")
    events, anchors = es.SimulatedSeries(period, 60, 20).sample(np.random.default_rng(1))
    with pytest.raises(
        RandomnessError, match=r"rng is missing \(.* stops at 20 strata and there are 25\); pass a seed"
    ):
        es.permutation_test(events, anchors, es.WindowCount(es.Window(-14, 0)), es.CalendarPermutation())
