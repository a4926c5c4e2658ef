"""Do dated events come together before dated anchors, more than chance would bring?

Permutation tests with exact p-values where a closed form exists, Poisson regression, and reports whose
every number can be traced.

The public names stand in ``__init__.pyi``, each with the module it comes from. They are imported when first used, so
that ``eventstudy --help`` does not wait for pandas and SciPy.
"""

import ast
import importlib
from pathlib import Path
from typing import Any

__version__ = "0.3.0"


def _homes() -> dict[str, str]:
    """Return the module of each public name."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


_HOMES = _homes()
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        text = f"module 'eventstudy' has no attribute {name!r}"
        if not name.startswith("_"):
            from eventstudy.errors import near

            text = f"eventstudy: no {name!r} here; {near(name, _HOMES) or 'dir(eventstudy) lists the names'}"
        raise AttributeError(text, name=name)
    home = _HOMES[name]
    value = importlib.import_module(f"eventstudy.{name}" if home == "eventstudy" else home)
    if home != "eventstudy":
        value = getattr(value, name)
    globals()[name] = value  # found at once from now on
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
