"""A folder of finished parts, from which a killed run continues."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.panel.groups import Found
from eventstudy.replacing import replaced

QUESTION = "question.json"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Parts of an answer in a folder, each in a file of its own."""

    folder: Path

    @classmethod
    def opened(cls, folder: str | Path, question: Mapping[str, str]) -> Checkpoint:
        """Open a folder for a question, which is stored there.

        Raises DataError if the folder holds the parts of another question, or cannot be written.
        """
        folder = Path(folder)
        path = folder / QUESTION
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if path.exists():
                _compare(path, question)
            else:
                text = json.dumps(dict(question), indent=1, ensure_ascii=False)
                with replaced(path) as new:
                    new.write_bytes((text + "\n").encode())
        except OSError as error:
            raise DataError(
                f"{error.filename or folder}: the checkpoint cannot be used ({error.strerror}); give a folder that can "
                "be written",
                path=folder,
            ) from None
        return cls(folder)

    def part(self, number: int, size: int) -> Found | None:
        """Return a part of `size` groups, or None if it is missing or cannot be read."""
        try:
            with open(self._path(number), "rb") as file, np.load(file, allow_pickle=False) as columns:
                found = Found(**columns)
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
            return None  # recomputed
        return found if all(len(column) == size for column in _columns(found).values()) else None

    def keep(self, number: int, found: Found) -> None:
        """Write a part, completely or not at all."""
        path = self._path(number)
        try:
            with replaced(path) as new, open(new, "wb") as file:
                np.savez(file, **_columns(found))  # type: ignore[arg-type]  # no column is called allow_pickle
        except OSError as error:
            raise DataError(
                f"{path}: the part cannot be written ({error.strerror}); make room and start again, finished "
                "parts are kept",
                path=path,
            ) from None

    def _path(self, number: int) -> Path:
        return self.folder / f"part-{number:06d}.npz"


def _columns(found: Found) -> dict[str, NDArray[Any]]:
    return {field.name: getattr(found, field.name) for field in fields(found)}


def _compare(path: Path, question: Mapping[str, str]) -> None:
    """Refuse a folder that belongs to another question, and say where they differ."""
    try:
        kept = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise DataError(
            f"{path}: it cannot be read, so the parts beside it belong to no known question; give a new folder",
            path=path,
        ) from None
    differ = [name for name in question if kept.get(name) != question[name]]
    if differ or len(kept) != len(question):
        name = differ[0] if differ else next(iter(set(kept) - set(question)))
        raise DataError(
            f"{path.parent}: the checkpoint belongs to another question ({name}: {kept.get(name, 'none')} there, "
            f"{question.get(name, 'none')} here); give a new folder or ask the same question",
            path=path,
        )
