"""Files that are never half written: a new one is made beside the old one and replaces it when complete.

Cached files carry a checksum, so that damage is detected before they are used.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from eventstudy.errors import OptionError

SEAL = 32  # bytes of a SHA-256
UNFINISHED = re.compile(r"\..+\.(\d+)-[0-9a-f]{8}\.new")


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield the path of a new file beside `path`; it replaces `path` if the block succeeds, else it is removed.

    >>> with replaced(Path("table.csv")) as new:  # doctest: +SKIP
    ...     new.write_text("day,count")
    """
    new = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.new")
    try:
        yield new
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, where: str) -> None:
    """Write a temporary file and move it into place, so that no partial file is ever seen.

    `where`: what wants it written, for the message.

    Raises OptionError if it cannot be written; the old content is then unchanged.
    """
    try:
        if path.exists() and not path.is_file():  # a terminal or pipe cannot be replaced
            path.write_bytes(content)
            return
        place = path.resolve()  # a link stays a link
        with replaced(place) as new:
            new.write_bytes(content)
            if place.exists():
                new.chmod(place.stat().st_mode & 0o777)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise OptionError(
            f"{where} {path}: it cannot be written ({reason}); nothing was changed there"
        ) from None


def sweep(folder: Path) -> None:
    """Remove the temporary files that killed processes have left, in a folder and below it.

    Those with this process's id too, which a killed process may have had: call it before any file is replaced.
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
    """Write bytes preceded by their checksum, into a folder that is made if necessary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as new:
        new.write_bytes(hashlib.sha256(content).digest() + content)


def read_sealed(path: Path) -> bytes | None:
    """Return what `write_sealed` wrote; None if it is missing, unreadable or damaged."""
    try:
        sealed = path.read_bytes()
    except OSError:
        return None
    return sealed[SEAL:] if hashlib.sha256(sealed[SEAL:]).digest() == sealed[:SEAL] else None
