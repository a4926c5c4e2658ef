import datetime
import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from eventstudy.errors import OptionError
from eventstudy.numbers import MIME, Numbers

TRACE = SimpleNamespace(call="test(a, b)", seed=7, data={"b": "22", "a": "11"})
RESULT = SimpleNamespace(provenance=TRACE)


def test_a_number_prints_as_text_and_keeps_its_value_and_origin():
    numbers = Numbers()
    ratio = numbers.add("ratio-14d", 1.23456, ".2f", source=RESULT)
    assert f"ratio {ratio}" == "ratio 1.23"
    assert ratio.value == 1.23456
    assert numbers.to_dict() == {
        "ratio-14d": {
            "value": 1.23456,
            "text": "1.23",
            "call": "test(a, b)",
            "seed": 7,
            "data": {"a": "11", "b": "22"},
        }
    }


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (1 / 3, 0.333333333),
        (np.float64(2 / 3), 0.666666667),
        (np.int64(5), 5),
        (12345678901234567890, 12345678901234567890),
        ((0.1 + 0.2, math.inf), [0.3, "inf"]),
        (datetime.date(2024, 2, 29), "2024-02-29"),
        ("not supported", "not supported"),
    ],
)
def test_the_file_keeps_nine_digits_of_floats_and_all_of_the_rest(value, kept):
    numbers = Numbers()
    numbers.add("x", value, source=RESULT)
    record = numbers.to_dict()["x"]
    assert record["value"] == kept
    assert json.loads(json.dumps(record, allow_nan=False)) == record


@pytest.mark.parametrize("name", ["", "Ratio", "a b", "-a", "a--b", "a_b", "ä"])
def test_a_malformed_name_is_refused_and_the_error_shows_a_good_one(name):
    with pytest.raises(OptionError, match=r"is not a name; write lower-case .* 'ratio-14d'"):
        Numbers().add(name, 1, source=RESULT)


@pytest.mark.parametrize("value", [None, True, math.nan, np.nan, (1, 2, 3), [0.5], 1j, (1.0, math.nan)])
def test_a_value_that_is_no_number_is_refused(value):
    with pytest.raises(OptionError, match=r"'x' is .*; give a number"):
        Numbers().add("x", value, source=RESULT)


def test_one_name_means_one_number():
    numbers = Numbers()
    numbers.add("x", 1.0, ".1f", source=RESULT)
    numbers.add("x", 1.0, ".1f", source=RESULT)  # a cell that is run twice
    assert len(numbers) == 1
    with pytest.raises(
        OptionError, match=r"'x' is already '1\.0' and cannot become '2\.0'; give one of them another"
    ):
        numbers.add("x", 2.0, ".1f", source=RESULT)
    assert [str(number) for number in numbers] == ["1.0"]


def test_a_source_without_provenance_is_refused():
    with pytest.raises(
        OptionError, match="comes from a float, which has no provenance; pass as source the result"
    ):
        Numbers().add("x", 1.0, ".1f", source=1.0)


def test_a_format_that_python_does_not_know_is_named():
    with pytest.raises(OptionError, match=r"'x' cannot be printed by 'q' .*; use a format such as"):
        Numbers().add("x", 1.0, "q", source=RESULT)


def test_a_notebook_shows_the_collection_as_data_and_as_an_escaped_table():
    numbers = Numbers()
    numbers.add("x", "<b>", source=RESULT)
    bundle = numbers._repr_mimebundle_()
    assert bundle[MIME] == numbers.to_dict()
    assert "<td>&lt;b&gt;</td>" in bundle["text/html"]
