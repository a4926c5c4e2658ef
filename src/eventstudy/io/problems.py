"""The problems of a file: those of one kind as one line, the first kinds in full, the others counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eventstudy.date_grammar import common
from eventstudy.errors import DataError
from eventstudy.printing import one_line

SHOWN = 20  # lines for one file that are printed; the other problems are counted
FIRST_ROWS = 5  # of one line


def refusal(path: str | Path, row: int | None, column: str | None, text: str) -> DataError:
    """Return the error for one place of a file."""
    place = "".join(f":{part}" for part in (row, column) if part is not None)
    return DataError(f"{path}{one_line(place)}: {text}", path=path, row=row, column=column)


class Problems:
    """Collects the problems of a file while it is read, in memory that does not grow with the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._kinds: dict[tuple[str, str], _Kind] = {}

    def add(self, row: int, column: str, text: str) -> None:
        """Note one problem by its row and column.

        Rows with the same text in a column are one line. So are rows whose dates are refused for a reason of which
        one fix serves the column, such as the order of day and month: the line shows the first cell, and the fix that
        was given last, when most of the file was known.
        """
        self.count += 1
        cell, text = common(text)
        key = (column, text if cell is None else text.partition("; ")[0])
        kind = self._kinds.setdefault(key, _Kind(column, cell, text))
        kind.text = text
        kind.count += 1
        if len(kind.rows) < FIRST_ROWS or row < kind.rows[-1]:
            kind.rows = sorted([*kind.rows, int(row)])[:FIRST_ROWS]
        if len(self._kinds) > 100 * SHOWN:
            self._kinds = dict(self._first())

    def _first(self) -> list[tuple[tuple[str, str], _Kind]]:
        return sorted(self._kinds.items(), key=lambda item: item[1].rows[0])[:SHOWN]

    def refuse(self) -> None:
        """Raise one error that names every problem, the first twenty lines in full."""
        if not self.count:
            return
        shown = [kind for _, kind in self._first()]
        lines = [f"{self.path}:{kind.line()}" for kind in shown]
        if rest := self.count - sum(kind.count for kind in shown):
            lines.append(f"{self.path}: {rest:,} more problems of this kind; correct these first")
        first = shown[0]
        raise DataError("\n".join(lines), path=self.path, row=first.rows[0], column=first.column)


@dataclass(slots=True)
class _Kind:
    """What is wrong in the same way in one or more rows of a column."""

    column: str
    cell: str | None
    text: str
    count: int = 0
    rows: list[int] = field(default_factory=list)

    def line(self) -> str:
        """Return the line without the file: the first row, the cell, what is wrong, in how many rows, and the fix."""
        if self.cell is None:
            what, semicolon, fix = one_line(self.text).rpartition("; ")
        else:
            what, semicolon, fix = self.text.partition("; ")
            what = f"'{one_line(self.cell)}' {what}"
        if self.count > 1:
            rows = ", ".join(map(str, self.rows)) + (", ..." if self.count > len(self.rows) else "")
            what += f" ({self.count:,} rows: {rows})"
        place = f"{self.rows[0]}:{one_line(self.column)}" if self.column else f"{self.rows[0]}"
        return f"{place}: {what}{semicolon}{fix}"
