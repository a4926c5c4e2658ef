"""Detects changes to the inputs of a report while it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from eventstudy.errors import ReportError

Stamp = tuple[int, int, int, int]


class Unchanged:
    """The state of files at one moment, by size and file-system times.

    An edit that is undone restores the bytes, but not the time of the last change: a notebook that
    ran in between has read content that does not match its key.

    `root`: of the study, for the message. `files`: lists them, then and now; files outside `root` are
    ignored.
    """

    def __init__(self, root: Path, files: Callable[[], Iterable[Path]]) -> None:
        self._root, self._files = root, files
        self._before = self._stamps()

    def check(self) -> None:
        """Refuse to continue if a file has been added, removed or changed since."""
        now = self._stamps()
        changed = sorted(
            path for path in self._before.keys() | now.keys() if self._before.get(path) != now.get(path)
        )
        if changed:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            raise ReportError(
                f"{changed[0].relative_to(self._root).as_posix()}{more}: changed while the report was made; "
                "run it again"
            )

    def _stamps(self) -> dict[Path, Stamp]:
        return {path: _stamp(path) for path in self._files() if path.is_relative_to(self._root)}


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0, 0, 0, 0)
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
