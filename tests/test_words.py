"""What reports of any study say: every sentence follows the plan and the results, whatever they are."""

from __future__ import annotations

import ast
import dataclasses
import datetime
import re
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest

import eventstudy as es
from eventstudy.errors import PlanError
from eventstudy.report.notebooks import read_notebook
from eventstudy.study.checks import TruthPlan
from eventstudy.study.new import NOTEBOOKS, new_study
from eventstudy.study.plan import read_study
from eventstudy.study.refusals import NoAnswer
from eventstudy.study.sources import Source
from eventstudy.study.verdict_words import (
    limits_mean,
    pvalue_means,
    ratios_mean,
    rule,
    statistic_means,
    verdict_means,
)
from eventstudy.study.words import errors_mean, kinds_mean, several, terms_mean, truths_mean

mpl.use("Agg")

FORMULA = "count ~ window + other_side + sin1 + cos1 + C(year) + past_7 + past_8_30"


def write(path, values):
    dates = [str(np.datetime64(int(day), "D")) for day in values]
    path.write_text("\n".join(["date", *dates]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    """A study of five years, with few draws, whose plan is still to be changed."""
    period = es.Period("2015-01-01", "2020-01-01")
    rng = np.random.default_rng(5)
    events = np.unique([period.start, period.stop - 1, *rng.integers(period.start, period.stop, 90)])
    anchors = np.unique([period.start + 9, period.stop - 9, *rng.integers(period.start, period.stop, 12)])
    new_study(
        tmp_path / "study",
        Source(write(tmp_path / "strikes.csv", events)),
        Source(write(tmp_path / "elections.csv", anchors), label="EU elections"),
        es.Window(-14, 0),
        today=datetime.date(2026, 3, 1),
    )
    change(tmp_path / "study", ("n_resamples = 9999", "n_resamples = 99"), ("n_simulations = 200", "n_simulations = 3"),
           ("n_series = 200", "n_series = 3"))  # fmt: skip
    return tmp_path / "study"


def change(folder, *pairs):
    """Replace entries of the plan."""
    path = folder / "notebooks" / "plan.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert re.search(old, text), old
        text = re.sub(old, new, text)
    path.write_text(text, encoding="utf-8")


def said(folder, monkeypatch, *names):
    """Run notebooks of a study in this process and return all that they say, in one line."""
    monkeypatch.chdir(folder / "notebooks")
    monkeypatch.setenv("EVENTSTUDY_MEMORY", str(folder / "build"))
    texts = []
    for name in names:
        session = {}
        for cell in read_notebook(folder / "notebooks" / name)["cells"]:
            texts.append(re.sub(r"^#\| \w+:", "", cell["source"], flags=re.MULTILINE))
            if cell["cell_type"] == "markdown":
                continue
            texts[-1] = " ".join(
                line for line in texts[-1].splitlines() if line.startswith(("#|", " ")) and "=" not in line
            )
            tree = ast.parse(cell["source"])
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, name, "exec"), session)
            if last is None:
                continue
            shown = eval(compile(ast.Expression(last.value), name, "eval"), session)
            texts += [getattr(shown, "data", ""), getattr(shown, "note", "")] if shown is not None else []
        mpl.pyplot.close("all")
    return " ".join(" ".join(text for text in texts if isinstance(text, str)).split())


@pytest.mark.slow
def test_a_study_whose_plan_drops_terms_does_not_speak_of_them(folder, monkeypatch):
    change(folder, (r"formula = .*", 'formula = "count ~ window + past_7"'), (r"max_lag = 28", "max_lag = 0"))
    text = said(folder, monkeypatch, "03-rates.py")
    assert (
        "The term is *window*; the formula of the plan adds whether there were strikes in the past 7 days (`past_7`)."
        in text
    )
    assert "not for correlation from day to day" in text
    assert not re.search(r"C\(year\)|wave|other side|past 8 to 30|several weeks|28 days", text)


@pytest.mark.slow
def test_a_study_whose_plan_has_the_window_alone_says_so(folder, monkeypatch):
    change(folder, (r"formula = .*", 'formula = "count ~ window"'))
    text = said(folder, monkeypatch, "03-rates.py")
    assert "The term is *window*, and nothing else." in text
    assert "a Poisson regression with the window alone gives a rate ratio" in text.replace(
        "A Poisson", "a Poisson"
    )


@pytest.mark.slow
def test_a_study_of_days_after_for_fewer_events_says_after_and_fewer(folder, monkeypatch):
    """All that the plan of the fixture has is turned round: window, side, other windows, truths, shifts, levels."""
    change(
        folder,
        (r"\nwindow = \[-14, 0\]", "\nwindow = [1, 8]"),
        (r"windows = .*", "windows = [[1, 8]]"),
        (r"\nbefore = .*\nafter = .*", "\nbefore = [1, 8]\nafter = [-7, 0]"),
        (r'alternative = "greater"', 'alternative = "less"'),
        (r"(?s)truths = \[.*?\n\]", 'truths = [{label = "quiet", real = "nothing"}]'),
        (r"levels = \[0\.05\]", "levels = [0.1]"),
        (r"\nafter = \[1, 15\]\nshifts = .*", "\nafter = [-7, 0]\nshifts = []"),
        (r"confidence_level = 0\.95", "confidence_level = 0.9"),
        (r"leave_out = .*", 'leave_out = ["anchor"]'),
        (r"(title|question) = .*", r'\1 = "Fewer?"'),
        (r"strata = .*", 'strata = ["year", "month"]'),
        (r'within = "quarter"', 'within = "year"'),
    )
    text = said(folder, monkeypatch, *NOTEBOOKS)
    assert "The 7 days after EU elections cover" in text
    assert "the probability under the null model of the observed $T$ or less" in text
    assert "The plan asks twice, with years and with months." in text
    assert "One-sided for fewer strikes in the window" in text
    assert "The plan names one window, so there is nothing to correct for." in text
    assert "90% interval" in text
    assert "leaves in 10% of cases" in text
    assert "only if both reject, at 0.05, a rate ratio of 1/1.5 or less; otherwise" in text
    assert "In the 7 days after EU elections the rate is" in text
    assert "; in the 7 days before EU elections" in text
    assert "Data without a link: both series simulated. A test at the 10% level" in text
    assert "The same question in the 7 days before EU elections. A test" in text
    assert "the plan asks for fewer" in text
    wrong = (
        r"14 days|quarter|for more strikes in the window|or more, ties|95 ?%|5 % |Eu elections|"
        r"calendar of EU elections moved|season's|growth is|without one year"
    )
    assert not re.search(wrong, text), re.search(wrong, text)


def plan_of(**changes):
    primary = SimpleNamespace(
        level=0.05,
        confidence_level=0.95,
        excluded_ratio=1.5,
        alternative=changes.pop("alternative", "greater"),
        statistic=changes.pop("statistic", "excess"),
        window=es.Window(-14, 0),
    )
    null = changes.pop("null", es.CalendarPermutation())
    within = dict(zip(("primary", "second"), changes.pop("strata", ("quarter", "month")), strict=True))
    return SimpleNamespace(
        primary=primary,
        events=SimpleNamespace(label="strikes"),
        anchors=SimpleNamespace(label="elections"),
        regression=SimpleNamespace(max_lag=changes.pop("max_lag", 28)),
        test=lambda role: SimpleNamespace(null=null, within=within[role]),
    )


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (["window"], "The term is *window*, and nothing else."),
        (
            ["Intercept", "C(year)[T.2016]", "C(year)[T.2017]", "window", "other_side", "sin1", "cos1"],
            "The terms are *window* and *other side* (as many days on the other side of the elections); the formula of "
            "the plan adds the year (`C(year)`) and a yearly wave (`sin1`, `cos1`).",
        ),
        (
            ["window", "cos2", "past_8_30", "window:past_7"],
            "The term is *window*; the formula of the plan adds a half-yearly wave (`cos2`), whether there were "
            "strikes in the past 8 to 30 days (`past_8_30`) and `window:past_7`.",
        ),
    ],
)
def test_the_terms_said_are_those_fitted(terms, text):
    assert terms_mean(plan_of(), terms) == text


def test_a_formula_without_the_window_is_refused():
    with pytest.raises(PlanError, match="plan: regression: formula: it has no term 'window'"):
        terms_mean(plan_of(), ["Intercept", "other_side"])


@pytest.mark.parametrize(
    ("alternative", "text"),
    [
        ("greater", "1.5 or more;"),
        ("less", "1/1.5 or less;"),
        ("two-sided", "1.5 or more, and one of 1/1.5 or less;"),
    ],
)
def test_the_rule_is_that_of_the_side_looked_at(alternative, text):
    assert f"a rate ratio of {text}" in rule(plan_of(alternative=alternative))
    assert f"a rate ratio of {text[:-1]}" in verdict_means(
        plan_of(alternative=alternative), "not supported", {"primary": "p = 0.01", "second": "p = 0.02"}
    )


def test_the_words_of_a_test_name_its_own_strata_and_null_model():
    coarse = plan_of(strata=("year", "quarter"), null=es.CircularShift())
    for say in (statistic_means, limits_mean, rule):
        assert "year" in say(coarse)
        assert "month" not in say(coarse)
    assert es.CircularShift().keeps in limits_mean(coarse)
    assert "the test with years alone decides nothing" in limits_mean(coarse)
    assert "decides nothing" not in limits_mean(plan_of())


def test_a_count_and_an_excess_are_not_said_by_each_others_words():
    count, excess = plan_of(statistic="count", null=es.CircularShift("quarter")), plan_of()
    assert "$T$" in pvalue_means(count)
    assert "$Z$" in pvalue_means(excess)
    assert "crowd at the same end" in limits_mean(count)
    assert "cancels in the statistic" not in limits_mean(count)
    assert "\\sqrt" in statistic_means(excess)
    assert "\\sqrt" not in statistic_means(count)
    assert "mantel" not in statistic_means(count)


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        ("supported", "a rhythm shorter than a month that both share"),
        (
            "not supported",
            "and both speak against a rate ratio of 1.5 or more (p = 0.01 with quarters, p = 0.02 with",
        ),
        (
            "cannot tell",
            "but they do not both speak against a rate ratio of 1.5 or more either (p = 0.01 with",
        ),
    ],
)
def test_a_verdict_says_what_the_tests_say(verdict, text):
    assert text in verdict_means(plan_of(), verdict, {"primary": "p = 0.01", "second": "p = 0.02"})


@pytest.mark.parametrize(
    ("matters", "text"),
    [
        (
            {"second": "p = 0.02"},
            "as there is no ratio with quarters (p = 0.02 with months). This is no evidence",
        ),
        ({}, "as there is no ratio with quarters or with months. This is no evidence"),
    ],
)
def test_a_verdict_names_the_test_that_has_no_ratio(matters, text):
    said = verdict_means(plan_of(), "cannot tell", matters)
    assert f"chance, and they cannot both speak against a rate ratio of 1.5 or more, {text}" in said


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        ((), "the rate ratio is 0.50 (95% interval 0.1 to 2) with quarters and 0.70 (0.2 to 3) with months"),
        (
            ("second",),
            "the rate ratio is 0.50 (95% interval 0.1 to 2) with quarters; there is none with months (@",
        ),
        (
            ("primary",),
            "the rate ratio is 0.70 (95% interval 0.2 to 3) with months; there is none with quarters (@",
        ),
        (
            ("primary", "second"),
            "there is no rate ratio, with quarters or with months (@tbl:ratios says why)",
        ),
    ],
)
def test_each_ratio_is_said_with_its_strata_and_none_where_there_is_none(missing, text):
    none, some = NoAnswer("no event lies outside", None), object()
    ratios = {role: none if role in missing else some for role in ("primary", "second")}
    printed = {"primary": ("0.50", "0.1 to 2"), "second": ("0.70", "0.2 to 3")}
    assert ratios_mean(plan_of(), ratios, printed).startswith(text)


def test_errors_allow_for_the_lags_of_the_plan():
    assert errors_mean(plan_of(max_lag=7)).endswith("for correlation over 7 days.")
    assert "not for correlation" in errors_mean(plan_of(max_lag=0))


def test_the_note_on_truths_says_no_more_than_they_are():
    plain = TruthPlan("plain", "events")
    assert truths_mean([plain]) == ""
    grown = dataclasses.replace(plain, growth=5.0, burst_size=3)
    assert truths_mean([plain, grown]) == (
        "Growth is that of the rate from the first to the last day of the period; days of a burst lie within 14 days."
    )
    assert truths_mean([dataclasses.replace(plain, season=2.0)]) == "The season's peak is in October."
    assert kinds_mean([plain]) == "the real series of events with placebo anchors"
    assert several(["a", "b"]) == "a and b"


def test_the_proposed_plan_is_read_by_the_reader_of_any_plan(folder):
    assert read_study(folder / "notebooks" / "plan.toml").regression.formula.startswith("count ~ window")
