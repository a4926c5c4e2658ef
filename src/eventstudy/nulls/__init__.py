"""Null models, one to a file.

A null model says what is kept fixed and what is random if events and anchors are unrelated.
Its contract is :class:`eventstudy.nulls.base.NullModel`: ``sample`` gives draws that any statistic can evaluate, and
all else has a default. Only :mod:`eventstudy.evaluation` calls it.

The classes are found by :mod:`eventstudy.nulls.registry` and imported when first used: a new file needs no entry here.
"""

import importlib
from typing import Any

from eventstudy.nulls.registry import homes


def __getattr__(name: str) -> Any:
    home = homes().get(name)
    if home is None:
        raise AttributeError(f"module 'eventstudy.nulls' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *homes()})
