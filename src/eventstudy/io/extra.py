"""Optional libraries for some kinds of file, imported when such a file is read."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from eventstudy.io.problems import refusal


def needed(module: str, path: Path, extra: str = "files") -> Any:
    """Import a library of an extra, or say in one line how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise refusal(
            path,
            None,
            None,
            f"reading it needs {module}, which is not installed; pip install 'eventstudy-timing[{extra}]', "
            "or save it as CSV",
        ) from None
