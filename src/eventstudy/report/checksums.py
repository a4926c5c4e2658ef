"""The outputs of a report by their SHA-256: written once, compared ever after."""

from __future__ import annotations

import hashlib
from pathlib import Path

CHECKSUMS = "checksums.txt"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def list_files(folder: Path) -> list[Path]:
    """Return every file below a folder, in order of its path."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def write_checksums(folder: Path) -> None:
    """Write ``checksums.txt``: a line for every other file of a folder, as sha256sum prints them."""
    (folder / CHECKSUMS).unlink(missing_ok=True)
    lines = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in list_files(folder)]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def read_checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each output by name, as ``checksums.txt`` says; empty without that file."""
    file = folder / CHECKSUMS
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def is_intact(folder: Path) -> bool:
    """Return whether every output is there and as ``checksums.txt`` says."""
    expected = read_checksums(folder)
    return bool(expected) and all(
        (folder / name).exists() and sha256(folder / name) == digest for name, digest in expected.items()
    )


def put_in_place(staged: Path, reports: Path) -> None:
    """Move finished outputs over the old ones and take away old ones that are no longer made."""
    new = [path.relative_to(staged).as_posix() for path in list_files(staged)]
    gone = read_checksums(reports).keys() - set(new)
    for name in new:
        (reports / name).parent.mkdir(parents=True, exist_ok=True)
        (staged / name).replace(reports / name)
    for name in gone:
        (reports / name).unlink(missing_ok=True)
