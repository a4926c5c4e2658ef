"""The list of null models: every class in this folder that declares a `name`."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from eventstudy.declared import Listed, by_name, classes

BASE = "NullModel"  # mentioned by every file with a null model


@cache
def listed() -> dict[str, Listed]:
    """Return the null models by name, in the order of their names."""
    return by_name(_classes())


def find(name: str) -> Listed | None:
    """Return the null model with this name, or whose class has this name."""
    return listed().get(name) or next((one for one in listed().values() if one.class_name == name), None)


@cache
def homes() -> dict[str, str]:
    """Return the module of each public class of this folder."""
    return {node.name: module for module, node in _classes() if not node.name.startswith("_")}


@cache
def _classes() -> tuple[tuple[str, ast.ClassDef], ...]:
    return classes(Path(__file__).parent, str(__package__), BASE)
