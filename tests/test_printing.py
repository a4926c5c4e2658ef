import datetime
import math

import numpy as np
import pytest

from eventstudy.errors import OptionError
from eventstudy.printing import print_number, print_pvalue, print_value, shown, six_digits, without_addresses


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (-1.25, ".1f", "\u22121.2"),
        (-0.001, ".2f", "0.00"),
        (math.nan, ".2f", "\u2013"),
        (math.inf, ".2f", "\u221e"),
        (-math.inf, ".2f", "\u2212\u221e"),
        (1234567, ",d", "1,234,567"),
        (0.125, ".0%", "12%"),
    ],
)
def test_numbers_print_with_a_true_minus_and_no_negative_zero(value, spec, text):
    assert print_number(value, spec) == text


@pytest.mark.parametrize("half", [0.325, 2.675, 0.0005, 1234.5, 0.125, 9.765625e-4])
def test_a_half_prints_alike_whatever_rounding_did_to_its_last_digits(half):
    near = [half * (1 + k * np.finfo(float).eps) for k in (-8, -1, 0, 1, 8)]
    for spec in (".2f", ".3f", ".0f", ".0%"):
        assert len({print_number(value, spec) for value in near}) == 1
    assert len({print_pvalue(min(value, 1.0)) for value in near}) == 1
    assert len({six_digits(value) for value in near}) == 1


@pytest.mark.parametrize(
    ("value", "text"), [(0.0009999, "<0.001"), (0.001, "0.001"), (1.0, "1.000"), (0.0, "<0.001")]
)
def test_a_pvalue_is_never_printed_as_zero(value, text):
    assert print_pvalue(value) == text


def test_a_pvalue_outside_zero_and_one_is_refused():
    with pytest.raises(OptionError, match=r"p-value 1\.2: .* print others"):
        print_pvalue(1.2)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        ((1.25, 3.5), ".1f", "1.2 to 3.5"),
        ((-1.0, math.inf), ".1f", "\u22121.0 to \u221e"),
        (0.02134, "p", "0.021"),
        (0.02134, "p=", "p\u00a0=\u00a00.021"),
        (1e-9, "p=", "p\u00a0<\u00a00.001"),
        (datetime.date(2025, 6, 4), "", "4 June 2025"),
        ("cannot tell", "", "cannot tell"),
    ],
)
def test_prose_prints_intervals_pvalues_dates_and_words(value, spec, text):
    assert print_value(value, spec) == text


def test_what_is_defined_in_a_notebook_is_called_by_its_name_alone():
    def median_gap(events, anchors): ...

    for module, said in (
        ("__main__", "median_gap"),
        ("study", "study.median_gap"),
        ("a__main__", "a__main__.median_gap"),
    ):
        median_gap.__module__, median_gap.__qualname__ = module, "median_gap"
        assert shown(median_gap) == said
    assert without_addresses("<__main__.Late object at 0x7f02>") == "Late"
