import datetime
import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

import eventstudy as es
from eventstudy.errors import OptionError
from eventstudy.numbers import MIME, Numbers, numbers_tex

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
            "names": {},
            "seed": 7,
            "data": {"a": "11", "b": "22"},
        }
    }


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (1 / 3, 0.333333),
        (np.float64(2 / 3), 0.666667),
        (np.int64(5), 5),
        (12345678901234567890, 12345678901234567890),
        ((0.1 + 0.2, math.inf), [0.3, "inf"]),
        (datetime.date(2024, 2, 29), "2024-02-29"),
        ("not supported", "not supported"),
    ],
)
def test_the_file_keeps_six_digits_of_floats_and_all_of_the_rest(value, kept):
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


# How what stands in a call is made


def test_series_of_one_label_are_told_apart_by_what_they_hold():
    early, late = es.Events([3, 9], es.Period(0, 20), "bells"), es.Events([13, 19], es.Period(0, 20), "bells")
    teas = es.Events([5], label="teas")
    numbers = Numbers()
    numbers.define((early, "read(plan, 1)"), (late, "read(plan, 2)"), ("plan", "'plan.toml'"), ("other", "3"))
    for name, bells in (("early", early), ("late", late)):
        numbers.add(
            name,
            1,
            "d",
            source=es.permutation_test(bells, teas, es.WindowCount(es.Window(0, 5)), es.UniformDays()),
        )
    records = numbers.to_dict()
    assert records["early"]["call"] == records["late"]["call"]
    assert records["early"]["names"] == {"bells": "read(plan, 1)", "plan": "'plan.toml'"}
    assert records["late"]["names"] == {"bells": "read(plan, 2)", "plan": "'plan.toml'"}


def test_a_defined_result_is_called_as_it_is_defined():
    bells = es.Events([3, 9], es.Period(0, 20), "bells")
    numbers = Numbers()
    numbers.define((bells, "read(plan)"))
    numbers.add("bells", len(bells), "d", source=bells)
    assert numbers.to_dict()["bells"]["call"] == "read(plan)"


def test_a_name_in_quotes_or_inside_a_word_is_no_name_of_the_call():
    source = SimpleNamespace(
        provenance=SimpleNamespace(call="f(plans, 'plan', x.plan, plan)", seed=None, data={})
    )
    without = SimpleNamespace(provenance=SimpleNamespace(call="f(plans, 'plan', x.plan)", seed=None, data={}))
    numbers = Numbers()
    numbers.define(("plan", "1"))
    numbers.add("a", 1, "d", source=source)
    numbers.add("b", 1, "d", source=without)
    assert [record["names"] for record in numbers.to_dict().values()] == [{"plan": "1"}, {}]


# For LaTeX


def tex_lines(numbers):
    text = numbers_tex(numbers.to_dict(), "\u201cDo x?\u201d, version 1")
    return [line for line in text.splitlines() if "csname es/" in line and "newcommand" not in line]


def test_the_file_for_latex_has_a_line_for_each_number_as_printed_and_escaped():
    numbers = Numbers()
    numbers.add("share", 0.123, ".1%", source=RESULT)
    numbers.add("change", -0.25, ".2f", source=RESULT)
    numbers.add("p", 1e-7, "p=", source=RESULT)
    assert tex_lines(numbers) == [
        r"\expandafter\def\csname es/change\endcsname{\ensuremath{-}0.25}",
        r"\expandafter\def\csname es/p\endcsname{p~\ensuremath{<}~0.001}",
        r"\expandafter\def\csname es/share\endcsname{12.3\%}",
    ]


def test_an_interval_has_its_ends_as_numbers_of_their_own():
    numbers = Numbers()
    numbers.add("ratio-interval", (-0.5, math.inf), ".2f", source=RESULT)
    assert tex_lines(numbers) == [
        r"\expandafter\def\csname es/ratio-interval\endcsname{\ensuremath{-}0.50 to \ensuremath{\infty}}",
        r"\expandafter\def\csname es/ratio-interval:low\endcsname{\ensuremath{-}0.50}",
        r"\expandafter\def\csname es/ratio-interval:high\endcsname{\ensuremath{\infty}}",
    ]


def test_the_head_of_the_file_names_the_report_and_shows_a_name_that_is_there():
    numbers = Numbers()
    numbers.add("ratio-14d", 1.2, ".1f", source=RESULT)
    first = numbers_tex(numbers.to_dict(), "\u201cDo x?\u201d, version 1").splitlines()[0]
    assert "``Do x?'', version 1" in first
    assert r"then \es{ratio-14d}" in first


PAPER = r"\documentclass{article}\input{numbers.tex}\begin{document}\section{\es{a}} BODY\end{document}"


@pytest.mark.parametrize("mode", ["nonstopmode", "batchmode", "scrollmode"])
def test_latex_stops_at_an_unknown_number_in_every_mode_and_writes_no_pdf(tex, tmp_path, mode):
    numbers = Numbers()
    numbers.add("a", 1, "d", source=RESULT)
    (tmp_path / "numbers.tex").write_text(numbers_tex(numbers.to_dict(), "x"), encoding="utf-8")
    for name, body in [("good", r"\es{a}"), ("bad", r"\es{b} \es{a}")]:
        (tmp_path / f"{name}.tex").write_text(PAPER.replace("BODY", body), encoding="utf-8")
        done = tex("pdflatex", f"-interaction={mode}", f"{name}.tex")
        assert (done.returncode == 0) == (name == "good")
        assert (tmp_path / f"{name}.pdf").exists() == (name == "good")
    log = (tmp_path / "bad.log").read_text(encoding="utf-8", errors="replace")
    assert "! numbers.tex has no number 'b'; its names stand in numbers.tex." in log
