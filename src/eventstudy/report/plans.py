"""Checks the plans of a study before any of its notebooks runs."""

from __future__ import annotations

import ast
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from eventstudy.errors import EventStudyError, PlanError
from eventstudy.printing import one_line
from eventstudy.report.project import Project
from eventstudy.study.plan import read_study


def check_plans(project: Project) -> None:
    """Refuse a plan that its notebooks could not read, or whose events or anchors cannot be read as it says.

    A plan that notebooks read as a class of their own, with more entries, is checked as TOML alone: they know the rest.

    Raises EventStudyError naming the entry of the plan, or the cell of a file.
    """
    read = {name for source in project.notebooks for name in _plans_read(source)}
    for path in project.plans:
        try:
            tomllib.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise PlanError(
                f"notebooks/{path.name}: it cannot be read as TOML ({one_line(str(error))}); correct that place"
            ) from None
        if path.name in read:
            try:
                plan = read_study(path)
                plan.events.read(plan.period)
                plan.anchors.read()
            except (
                EventStudyError
            ) as error:  # files as the messages of notebooks name them, from the study's folder
                named = (
                    str(error)
                    .replace(f"{path.parent}{os.sep}..{os.sep}", "")
                    .replace(f"{project.root}{os.sep}", "")
                )
                raise PlanError(named) from None


def _plans_read(source: Path) -> Iterator[str]:
    """Yield the names of files that a notebook reads as plans of the usual kind, by ``read_study(name)``."""
    try:
        tree = ast.parse(source.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):  # said where the notebook runs
        return
    texts = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "read_study":
            given, kind = (node.args[0], node.args[1:]) if node.args else (None, [])
            name = texts.get(given.id) if isinstance(given, ast.Name) else getattr(given, "value", None)
            if isinstance(name, str) and not kind and not node.keywords:
                yield name
