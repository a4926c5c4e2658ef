"""The problems of a file: the first ones in full, the others counted."""

from __future__ import annotations

from pathlib import Path

from eventstudy.errors import DataError
from eventstudy.printing import one_line

SHOWN = 20  # problems of one file that are printed; the rest are counted


def refusal(path: str | Path, row: int | None, column: str | None, text: str) -> DataError:
    """Return the error for one place of a file."""
    place = "".join(f":{part}" for part in (row, column) if part is not None)
    return DataError(f"{path}{one_line(place)}: {text}", path=path, row=row, column=column)


class Problems:
    """Collects the problems of a file while it is read, in memory that does not grow with the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._first: list[tuple[int, str, str]] = []

    def add(self, row: int, column: str, text: str) -> None:
        """Note one problem by its row and column."""
        self.count += 1
        self._first.append((int(row), column, text))
        if len(self._first) > 100 * SHOWN:
            self._keep_first()

    def _keep_first(self) -> None:
        self._first = sorted(self._first, key=lambda problem: problem[0])[:SHOWN]

    def refuse(self) -> None:
        """Raise one error that names every problem, the first twenty in full."""
        if not self.count:
            return
        self._keep_first()
        lines = [
            f"{self.path}:{row}{f':{one_line(column)}' if column else ''}: {one_line(text)}"
            for row, column, text in self._first
        ]
        if self.count > SHOWN:
            lines.append(
                f"{self.path}: {self.count - SHOWN:,} more problems of this kind; correct these first"
            )
        row, column, _ = self._first[0]
        raise DataError("\n".join(lines), path=self.path, row=row, column=column)
