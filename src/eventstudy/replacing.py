"""Files that are never half written: a new one is made beside the old one and takes its place when it is whole.

What is kept to save time carries a checksum, so that damage is seen before it is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

SEAL = 32  # bytes of a SHA-256
UNFINISHED = re.compile(r"\..+\.(\d+)-[0-9a-f]{8}\.new")


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


def sweep(folder: Path) -> None:
    """Take away what processes that were killed have left of `replaced`, in a folder and below it.

    Those of this process too: its number may have been that of a killed one, so call it before any file is replaced.
    """
    for path in folder.rglob(".*.new"):
        found = UNFINISHED.fullmatch(path.name)
        if found and (int(found[1]) == os.getpid() or not _runs(int(found[1]))):
            path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it is another user's
        return True
    return True


def write_sealed(path: Path, content: bytes) -> None:
    """Write bytes with their checksum before them, into a folder that is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as new:
        new.write_bytes(hashlib.sha256(content).digest() + content)


def read_sealed(path: Path) -> bytes | None:
    """Return what `write_sealed` wrote; None if it is not there, cannot be read or is not what was written."""
    try:
        sealed = path.read_bytes()
    except OSError:
        return None
    return sealed[SEAL:] if hashlib.sha256(sealed[SEAL:]).digest() == sealed[:SEAL] else None
