"""The outputs of a report by their SHA-256: written once, compared ever after."""

from __future__ import annotations

import contextlib
import re
import shutil
from itertools import zip_longest
from pathlib import Path

from eventstudy.errors import ReportError
from eventstudy.paths import inside
from eventstudy.printing import one_line
from eventstudy.provenance import file_sha256
from eventstudy.replacing import replaced

CHECKSUMS = "checksums.txt"
LINE = re.compile(r"([0-9a-f]{64})  (.+)")
SHOWN = 60  # letters of a line that differs


def list_files(folder: Path) -> list[Path]:
    """Return every file below a folder, in order of its path."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def write_checksums(folder: Path) -> None:
    """Write ``checksums.txt``: a line for every other file of a folder, as sha256sum prints them."""
    (folder / CHECKSUMS).unlink(missing_ok=True)
    lines = [f"{file_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in list_files(folder)]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def read_checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each output by name, as ``checksums.txt`` says; empty without that file.

    Raises
    ------
    ReportError
        If a line is no checksum and name, or names what does not lie inside the folder.
    """
    file = folder / CHECKSUMS
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []
    listed: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        found = LINE.fullmatch(line)
        if found is None or inside(folder, found[2]) is None:
            raise ReportError(
                f"{folder.name}/{CHECKSUMS}:{number}: '{one_line(line)}' is no SHA-256 and name of a file inside "
                f"{folder.name}; take {CHECKSUMS} away, and build the report again"
            )
        listed[found[2]] = found[1]
    return listed


def is_intact(folder: Path) -> bool:
    """Return whether every output is there and as ``checksums.txt`` says."""
    expected = read_checksums(folder)
    return bool(expected) and all(_is_as_listed(folder / name, digest) for name, digest in expected.items())


def _is_as_listed(path: Path, digest: str) -> bool:
    return path.is_file() and not path.is_symlink() and file_sha256(path) == digest


def put_in_place(staged: Path, reports: Path) -> list[str]:
    """Put finished outputs in the place of the old ones and take away old ones that are no longer made.

    Returns
    -------
    list of str
        Old ones that are no longer made and were changed since, by name: they stay where they are.

    Raises
    ------
    ReportError
        If a folder in `reports` leads out of it.
    """
    new = [path.relative_to(staged).as_posix() for path in list_files(staged)]
    old = read_checksums(reports)
    gone = {name: digest for name, digest in old.items() if name not in new}
    if leading := [name for name in new if inside(reports, name) is None]:
        raise ReportError(
            f"{reports.name}/{leading[0]}: a link leads out of {reports.name}; take the link away, and run it again"
        )
    with contextlib.ExitStack() as whole:  # none takes its place before all are there: the disk may be full
        for name in new:
            (reports / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(staged / name, whole.enter_context(replaced(reports / name)))
    changed = []
    for name, digest in sorted(gone.items()):
        if _is_as_listed(reports / name, digest):
            (reports / name).unlink()
        elif (reports / name).exists():
            changed.append(name)
    return changed


def differences(reports: Path, fresh: Path) -> list[str]:
    """Compare the outputs of two builds byte by byte.

    Parameters
    ----------
    reports, fresh : pathlib.Path
        Folders with a ``checksums.txt`` each: the published outputs, and those of a build from nothing.

    Returns
    -------
    list of str
        A line for each output that is not the same, which says how it differs; empty if all are.
    """
    names = read_checksums(reports).keys() | read_checksums(fresh).keys()
    found = [
        f"{name}: {difference}"
        for name in sorted(names)
        if (difference := _difference(reports / name, fresh / name))
    ]
    # the list of checksums differs wherever an output does; alone, it was written by hand
    listed = _difference(reports / CHECKSUMS, fresh / CHECKSUMS)
    return found or ([f"{CHECKSUMS}: {listed}"] if listed else [])


def _difference(old: Path, new: Path) -> str:
    if not new.exists():
        return "a fresh build does not make it"
    if not old.exists():
        return "is missing, and a fresh build makes it"
    was, now = old.read_bytes(), new.read_bytes()
    if was == now:
        return ""
    try:
        lines = was.decode("utf-8").splitlines(), now.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        place = next(
            (n for n, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now))
        )
        return f"a fresh build differs from byte {place + 1} on and has {len(now):,} bytes, not {len(was):,}"
    for number, (line, other) in enumerate(zip_longest(*lines), 1):
        if line != other:
            return f"line {number} is {_around(line, other)}, in a fresh build {_around(other, line)}"
    return "a fresh build ends its lines in another way"


def _around(line: str | None, other: str | None) -> str:
    """Return what a line says where it first differs from another, short enough to read."""
    if line is None:
        return "missing"
    pairs = enumerate(zip(line, other or "", strict=False))
    start = max(0, next((n for n, (a, b) in pairs if a != b), min(len(line), len(other or ""))) - SHOWN // 3)
    return (
        f"'{'...' if start else ''}{line[start : start + SHOWN]}{'...' if start + SHOWN < len(line) else ''}'"
    )
