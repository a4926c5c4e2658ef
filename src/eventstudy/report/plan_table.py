"""A plan as a table: a row for each part, with its choices and the reasons."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from eventstudy.tables import Table

WHY = "why"  # the entry that gives the reason for the others


def plan_table(text: str) -> str:
    r"""Return a file of TOML as a table of Markdown: one row for each of its tables, in the order of the file.

    Examples
    --------
    >>> print(plan_table('seed = 7\n[events]\nlabel = "bells"\nwhy = "they ring"').replace("\\", ""))
    | part | choices | why |
    | :-- | :-- | :-- |
    | in general | seed: 7 |  |
    | events | label: bells | they ring |
    """
    rows = list(_rows("in general", tomllib.loads(text)))
    return Table(pd.DataFrame(rows, columns=["part", "choices", WHY])).to_markdown()


def _rows(part: str, content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the row of a table of TOML, then those of the tables inside it."""
    below = {name: value for name, value in content.items() if _holds_tables(value)}
    own = {name: value for name, value in content.items() if name not in below and name != WHY}
    if own or WHY in content:
        choices = "; ".join(f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in own.items())
        yield part, choices, _shown(content.get(WHY, ""))
    for name, value in below.items():
        inner = name if part == "in general" else f"{part}, {name}"
        for number, table in enumerate(value if isinstance(value, list) else [value], 1):
            named = f"{inner} {number}" if isinstance(value, list) else inner
            yield from _rows(named.replace("_", " "), table)


def _holds_tables(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)
    )


def _shown(value: Any) -> str:
    """Return a value in words: nested lists in brackets."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(f"[{_shown(each)}]" if isinstance(each, list) else _shown(each) for each in value)
    return " ".join(str(value).split())
