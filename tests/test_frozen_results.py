"""Every result refuses assignment and deletion in the same words."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import eventstudy as es
import eventstudy.results
from eventstudy.frozen import Frozen
from eventstudy.results.base import Result


def kinds():
    for module in pkgutil.iter_modules(eventstudy.results.__path__, "eventstudy.results."):
        importlib.import_module(module.name)
    found, queue = [], [Frozen]
    while queue:
        cls = queue.pop()
        queue += cls.__subclasses__()
        # `dataclass` makes a class with slots twice; the module holds the second
        known = getattr(importlib.import_module(cls.__module__), cls.__name__, None) is cls
        if known and dataclasses.is_dataclass(cls) and not inspect.isabstract(cls):
            found.append(cls)
    return sorted(found, key=lambda cls: cls.__name__)


KINDS = kinds()


def test_the_kinds_are_all_found():
    names = {cls.__name__ for cls in KINDS if issubclass(cls, Result)}
    assert {"PermutationResult", "RegressionResult", "HurdleResult", "JointTest", "RateRatioResult"} <= names
    assert len(names) > 25


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_field_property_or_new_name_can_be_assigned_or_deleted(kind):
    made = object.__new__(kind)
    properties = [name for name, value in inspect.getmembers(kind) if isinstance(value, property)]
    for name in [dataclasses.fields(kind)[0].name, *properties, "a_new_name"]:
        for done, change in (
            ("assigned", lambda name=name: setattr(made, name, 0.01)),
            ("deleted", lambda name=name: delattr(made, name)),
        ):
            with pytest.raises(dataclasses.FrozenInstanceError) as caught:
                change()
            assert str(caught.value) == (
                f"{kind.__name__}: {name} cannot be {done}, as it is fixed once made; make a new one"
            )


def test_a_p_value_cannot_be_replaced():
    events, anchors = es.Events([1, 4, 6, 9], es.Period(0, 10)), es.Events([7])
    result = es.permutation_test(events, anchors, es.WindowCount(es.Window(-4, 0)), es.UniformDays())
    before = result.pvalue
    with pytest.raises(dataclasses.FrozenInstanceError, match="PermutationResult: pvalue cannot be assigned"):
        result.pvalue = 0.01
    assert result.pvalue == before
