"""A plan as a table: a row for each part, with its choices and the reasons."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from eventstudy.tables import Table

WHY = "why"  # the entry that gives the reason for the others
LONG = 120  # letters of an entry that has a row of its own


def plan_table(text: str) -> str:
    r"""Return a file of TOML as a table of Markdown: one row for each of its tables, in the order of the file.

    Tables of one list share a row where none of them is long or has a reason of its own.

    >>> text = 'seed = 7\n[events]\nlabel = "bells"\nwhy = "they ring"\n'
    >>> text += '[[worlds]]\nlabel = "a"\n[[worlds]]\nlabel = "b"\nstep = 2'
    >>> print(plan_table(text).replace("\\", ""))
    | part | choices |
    | :-- | :-- |
    | in general | seed: 7 |
    | events | label: bells; why: they ring |
    | worlds | a; b (step: 2) |
    """
    rows = list(_rows("", tomllib.loads(text)))
    return Table(pd.DataFrame(rows, columns=["part", "choices"])).to_markdown()


def _rows(part: str, content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the row of a table of TOML, then those of the tables inside it."""
    below = {name: value for name, value in content.items() if _holds_tables(value)}
    own = {name: value for name, value in content.items() if name not in below}
    if own:
        yield part or "in general", _entries(own)
    for name, value in below.items():
        inner = ", ".join(filter(None, [part, name.replace("_", " ")]))
        if isinstance(value, dict):
            yield from _rows(inner, value)
        elif any(
            WHY in each or any(map(_holds_tables, each.values())) or len(_item(each)) > LONG for each in value
        ):
            for number, each in enumerate(value, 1):
                yield from _rows(f"{inner} {number}", each)
        else:
            yield inner, "; ".join(map(_item, value))


def _item(content: Mapping[str, Any]) -> str:
    """Return a table of a list in words: its first entry, which names it, and the others in brackets."""
    first, *others = content.items()
    return _shown(first[1]) + (f" ({_entries(dict(others))})" if others else "")


def _entries(content: Mapping[str, Any]) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in content.items())


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
