"""The outputs of a report by SHA-256: written once, compared ever after."""

from __future__ import annotations

import contextlib
import re
import shutil
import zipfile
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from eventstudy.errors import ReportError
from eventstudy.io.source import UNPACKING
from eventstudy.paths import inside
from eventstudy.printing import one_line
from eventstudy.provenance import file_sha256
from eventstudy.replacing import replaced
from eventstudy.report.drawings import same_but_for_last_digits

CHECKSUMS = "checksums.txt"
DERIVED = re.compile(
    r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+|\b[0-9a-f]{64}\b"
)  # drawings, and checksums of them
LINE = re.compile(r"([0-9a-f]{64})  (.+)")
SHOWN = 60  # characters of a differing line


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

    Raises ReportError if a line is not a checksum and a name, or names something outside the folder.
    """
    file = folder / CHECKSUMS
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []
    listed: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        found = LINE.fullmatch(line)
        if found is None or inside(folder, found[2]) is None:
            raise ReportError(
                f"{folder.name}/{CHECKSUMS}:{number}: '{one_line(line)}' is not a SHA-256 and the name of a file "
                f"inside {folder.name}; remove {CHECKSUMS}, and build the report again"
            )
        listed[found[2]] = found[1]
    return listed


def is_intact(folder: Path) -> bool:
    """Return whether every output exists and agrees with ``checksums.txt``."""
    expected = read_checksums(folder)
    return bool(expected) and all(_is_as_listed(folder / name, digest) for name, digest in expected.items())


def _is_as_listed(path: Path, digest: str) -> bool:
    return path.is_file() and not path.is_symlink() and file_sha256(path) == digest


def put_in_place(staged: Path, reports: Path) -> list[str]:
    """Replace the old outputs by the finished ones and remove old ones that are no longer made.

    Returns names of old ones that are no longer made and were edited since: they are kept. Raises ReportError
    if a folder in `reports` leads out of it.
    """
    new = [path.relative_to(staged).as_posix() for path in list_files(staged)]
    old = read_checksums(reports)
    gone = {name: digest for name, digest in old.items() if name not in new}
    if leading := [name for name in new if inside(reports, name) is None]:
        raise ReportError(
            f"{reports.name}/{leading[0]}: a link leads out of {reports.name}; remove the link, and run it again"
        )
    with contextlib.ExitStack() as whole:  # none is put in place before all are written: the disk may be full
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


@dataclass(frozen=True, slots=True)
class Differences:
    """How the outputs of two builds differ.

    `changed`: a line for each output with different content, and the difference. `last_digits`: a line for
    each output that differs only in the last digits of coordinates of drawings.
    """

    changed: tuple[str, ...]
    last_digits: tuple[str, ...]


def differences(reports: Path, fresh: Path) -> Differences:
    """Compare the outputs of two builds: changed content, or only last digits of coordinates.

    `reports`, `fresh`: folders with a ``checksums.txt`` each: the published outputs, and those of a build
    from scratch.

    Rounding errors depend on the processor. Numbers and tables are written to the reliable digits and must be the
    same everywhere. A drawing may differ in the last digit of a coordinate, and so may the pictures made from it.
    """
    names = read_checksums(reports).keys() | read_checksums(fresh).keys()
    found = {
        name: difference
        for name in sorted(names)
        if (difference := _difference(reports / name, fresh / name))
    }
    moved = {name for name in found if name.endswith(".svg") and _is_same(name, reports, fresh)}
    same = moved | {name for name in found if moved and _is_same(name, reports, fresh)}
    # pictures cannot be read here: those of a moved drawing, and pages whose every word is the same in HTML
    same |= {name for name in found if name.endswith((".pdf", ".png")) and f"{name[:-4]}.svg" in moved}
    pages = {name for name in found if name.endswith((".pdf", ".png")) and "/" not in name}
    if moved and found.keys() <= same | pages:
        same |= pages
    changed = [f"{name}: {difference}" for name, difference in found.items() if name not in same]
    # the list of checksums differs wherever an output does; alone, it was written by hand
    if not found and (listed := _difference(reports / CHECKSUMS, fresh / CHECKSUMS)):
        changed = [f"{CHECKSUMS}: {listed}"]
    return Differences(tuple(changed), tuple(f"{name}: {found[name]}" for name in found if name in same))


def _is_same(name: str, reports: Path, fresh: Path) -> bool:
    """Return whether two texts are the same except for last digits of drawings and what is made from them."""
    if not name.endswith((".svg", ".html", ".csv", ".docx")) or not (
        (reports / name).exists() and (fresh / name).exists()
    ):
        return False
    if name.endswith(".docx"):
        return bool(read := _without_pictures(reports / name)) and read == _without_pictures(fresh / name)
    was, now = ((folder / name).read_text(encoding="utf-8") for folder in (reports, fresh))
    if name.endswith(".svg"):
        return same_but_for_last_digits(was, now)
    return DERIVED.sub("", was) == DERIVED.sub("", now)


def _without_pictures(document: Path) -> dict[str, bytes]:
    """Return the parts of a Word document but for its pictures, none if it is damaged."""
    try:
        with zipfile.ZipFile(document) as archive:
            names = [name for name in archive.namelist() if not name.startswith("word/media/")]
            return {name: archive.read(name) for name in names}
    except UNPACKING:
        return {}


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
    return "a fresh build has other line ends"


def _around(line: str | None, other: str | None) -> str:
    """Return a short excerpt of a line around its first difference from another."""
    if line is None:
        return "missing"
    pairs = enumerate(zip(line, other or "", strict=False))
    start = max(0, next((n for n, (a, b) in pairs if a != b), min(len(line), len(other or ""))) - SHOWN // 3)
    return (
        f"'{'...' if start else ''}{line[start : start + SHOWN]}{'...' if start + SHOWN < len(line) else ''}'"
    )
