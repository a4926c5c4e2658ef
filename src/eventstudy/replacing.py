"""Files that are never half written: a new one is made beside the old one and takes its place when it is whole."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Give the path of a new file beside `path`; it replaces `path` if the block ends well, else it is taken away.

    Examples
    --------
    >>> with replaced(Path("table.csv")) as new:  # doctest: +SKIP
    ...     new.write_text("day,count")
    """
    new = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.new")
    try:
        yield new
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
