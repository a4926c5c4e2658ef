"""Every number of the published report: its call can be typed, and what it returns holds the number."""

from __future__ import annotations

import ast
import dataclasses
import datetime
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
import launches
from eventstudy.study.plan import read_study
from eventstudy.study.verdicts import verdict_curve

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = json.loads((ROOT / "reports" / "numbers.json").read_text(encoding="utf-8"))
PUBLIC = {name: getattr(es, name) for name in es.__all__} | {
    "launches": launches,
    "read_study": read_study,
    "verdict_curve": verdict_curve,
}
# simulations of minutes: their calls are read, not run; tests of their own compute them
LONG = (
    "type_one_error", "specification_curve", "minimum_detectable_ratio", "power_curve", "verdict_curve",
    "interval_coverage", "permutation_family", "lag_profile", "leave_one_out", "coincidence_rates",
    "launches.refit", "randomization_test",
)  # fmt: skip
# what a reader does to the result: the numbers themselves are made from it in the notebook
DERIVED = {
    "doubt-ratio-range", "doubt-smallest-p", "placebo-ratio-range", "claim-4-share", "claim-4-share-interval",
    "p-smallest-of-nulls", "irr-models-range", "irr-models-interval",
}  # fmt: skip


def typed(record):
    """Return the call of a number as Python: names that are no identifiers in the place of labels."""
    text, meant = record["call"], {}
    for place, label in enumerate(sorted(record["names"], key=len, reverse=True)):
        name = label if label.isidentifier() else f"name_{place}"
        text = re.sub(rf"(?<![\w.'\"]){re.escape(label)}(?![\w'\"])", name, text)
        meant[name] = record["names"][label]
    if record["seed"] is not None:
        text = f"{text[:-1]}, rng={record['seed']})"
    return text, meant


@pytest.fixture(scope="module")
def evaluated():
    """Return a function that evaluates text with public names, and what other names stand for, each text once."""
    known = {}

    def evaluate(text, meant):
        key = text, tuple(sorted(meant.items()))
        if key not in known:
            names = {name: evaluate(made, {}) for name, made in meant.items()}
            known[key] = eval(text, PUBLIC | {"plan": plan(), **names})
        return known[key]

    return evaluate


def plan():
    return read_study(ROOT / "notebooks" / "plan.toml", launches.Plan)


def numbers_in(value, depth=0):
    """Return all plain numbers, dates and texts that a result shows, in its fields, properties and tables."""
    if isinstance(value, (bool, np.bool_)) or value is None or callable(value):
        return []
    if isinstance(value, (int, float, np.integer, np.floating)):
        return [float(value)]
    if isinstance(value, (datetime.date, pd.Timestamp)):
        return [f"{value:%Y-%m-%d}"]
    if isinstance(value, str):
        return [value]
    if isinstance(value, pd.DataFrame):
        return [x for name in value for x in numbers_in(value[name], depth)] + numbers_in(
            list(value.index), depth
        )
    if isinstance(value, (pd.Series, np.ndarray, pd.Index)):
        return [x for item in np.asarray(value, object).ravel()[:5_000] for x in numbers_in(item, depth)]
    if isinstance(value, Mapping):
        return [x for item in value.values() for x in numbers_in(item, depth)]
    if isinstance(value, (tuple, list)):
        return [x for item in value for x in numbers_in(item, depth)]
    if depth > 2 or not dataclasses.is_dataclass(value):
        return []
    own = [
        f.name
        for f in dataclasses.fields(value)
        if f.name not in ("null_distribution", "design", "provenance")
    ]
    own += [
        name
        for kind in type(value).__mro__
        for name, what in vars(kind).items()
        if isinstance(what, property)
    ]
    shown = [getattr(value, name, None) for name in own]  # a quasi-likelihood has no aic
    if hasattr(value, "to_frame"):
        shown.append(value.to_frame())
    if isinstance(value, es.Events):
        inside = value if value.period is not None else value.within(plan().period)
        shown += [inside.by_year(), len(inside), inside.dates.month.value_counts(), value.dates]
    for name, arguments in (
        ("extra_per_anchor", ("before",)),
        ("dispersion_table", ()),
        ("residual_autocorrelation", (28,)),
        ("pvalue_at", (1.0, "greater")),
    ):
        if hasattr(value, name) and depth == 0 and callable(getattr(value, name)):
            shown.append(getattr(value, name)(*arguments))
    return [x for item in shown for x in numbers_in(item, depth + 1)]


def holds(found, wanted):
    """Tell whether a number is among those found, up to the digits that the file keeps and up to its sign."""
    if isinstance(wanted, list):
        return all(holds(found, end) for end in wanted)
    if isinstance(wanted, str):
        return wanted in found or float(wanted) in found
    return any(math.isclose(abs(x), abs(wanted), rel_tol=1e-5) for x in found if isinstance(x, float))


@pytest.mark.parametrize("name", NUMBERS)
def test_the_call_of_a_number_is_made_of_public_names(name):
    text, meant = typed(NUMBERS[name])
    for part in (text, *meant.values()):
        tree = ast.parse(part, mode="eval")
        own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        own |= {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        free = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - own
        assert free <= {*PUBLIC, *meant, "datetime"}, f"{name}: {sorted(free - {*PUBLIC, *meant})} in {part}"
    assert isinstance(ast.parse(text, mode="eval").body, (ast.Call, ast.Attribute)), text


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n, record in NUMBERS.items() if not record["call"].startswith(LONG)])
def test_a_call_that_is_typed_again_has_the_number_and_the_data_of_the_report(name, evaluated, monkeypatch):
    monkeypatch.chdir(ROOT)
    record = NUMBERS[name]
    text, meant = typed(record)
    result = evaluated(text, meant)
    assert dict(result.provenance.data) == record["data"], text
    if name not in DERIVED:
        assert holds(numbers_in(result), record["value"]), f"{name}: {record['value']} is not in {result!r}"
