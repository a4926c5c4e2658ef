"""File names read from a plan or a list of outputs: none may lead out of its folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

LONGEST = 200  # bytes of a name; file systems allow 255, and some names get a suffix
SEPARATORS = '/\\:*?"<>|'  # on one system or another


def is_file_name(name: object) -> bool:
    r"""Tell whether a text is a plain file name on any system, with no path to another folder.

    >>> is_file_name("launches.csv"), is_file_name("../launches.csv"), is_file_name(".."), is_file_name("a\0b")
    (True, False, False, False)
    """
    if not isinstance(name, str) or not name.isprintable() or name != name.strip():
        return False
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return False
    return 0 < size <= LONGEST and not name.startswith((".", "-")) and not any(c in SEPARATORS for c in name)


def inside(folder: Path, name: str) -> Path | None:
    """Return a path below a folder; None if the name, or a link along it, leads out of the folder.

    `name`: with ``/`` between folders.
    """
    parts = PurePosixPath(name).parts
    if not parts or not all(is_file_name(part) for part in parts):
        return None
    path = folder.joinpath(*parts)
    try:
        return path if path.parent.resolve().is_relative_to(folder.resolve()) else None
    except (OSError, RuntimeError):  # links in a circle
        return None
