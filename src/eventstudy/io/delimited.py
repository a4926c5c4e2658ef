"""Text files of separated values, read line by line, so that a file may be larger than memory."""

from __future__ import annotations

import codecs
import csv
import functools
import io
import operator
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.io.base import BLOCK, Block, check_header, header_place, named
from eventstudy.io.problems import Problems, refusal
from eventstudy.io.source import UNPACKING, FromSource, Source, damaged, unreadable

LONGEST_LINE = 10_000_000  # characters; a longer line is hardly a table, and would have to be held in memory
LOOKED_AT = 100  # lines used to find the separator and the header
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
STATED = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # a first line for Excel alone
MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, as Python keeps them


@dataclass(frozen=True, slots=True)
class Delimited(FromSource):
    """A text file of separated values; a byte-order mark is allowed, and so are mixed line ends.

    - `header_row`: physical line where the header begins; 0 where the file has none.
    - `quoted`: whether quotes are as in RFC 4180; if not, they have no special meaning.
    - `encoding`: from the byte-order mark. Where bytes are not UTF-8, the encoding is uncertain: such a cell
      is refused where it is needed, and others are read.
    - `titles`: whether lines of text stand above the header.
    """

    separator: str = ","
    quoted: bool = True
    encoding: str = "UTF-8"
    titles: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """A header below the first line, other separators than commas, other encodings than UTF-8, compression."""
        found = list(self.source.notes)
        if self.titles:
            found.append(f"{self.path.name}: the header is in line {self.header_row}")
        if self.separator != "," and self.header_row:
            found.append(f"{self.path.name}: fields are separated by {SEPARATORS[self.separator]}")
        if self.encoding != "UTF-8":
            found.append(f"{self.path.name}: the text is {self.encoding}")
        return tuple(found)

    def blocks(self, names: Sequence[str], problems: Problems) -> Iterator[Block]:
        """Return the rows as text, in blocks; rows with too few or too many fields become problems."""
        pick = operator.itemgetter(*(self.columns.index(name) for name in names))
        width = len(self.columns)
        cells: list[Any] = []  # for each row a text for one column, a tuple for more
        rows: list[int] = []
        empty = True
        for row, record in self._records():
            if row <= self.header_row or not record:  # a blank line holds no record
                continue
            empty = False
            if len(record) != width:
                fix = (
                    f"quote fields that hold {SEPARATORS[self.separator]}"
                    if self.quoted
                    else "look for a broken line"
                )
                first = "header" if self.header_row else "first line"
                problems.add(row, "", f"it has {len(record)} fields and the {first} {width}; {fix}")
                continue
            cells.append(pick(record))
            rows.append(row)
            if len(rows) == BLOCK:
                yield _block(names, cells, rows, problems)
                cells, rows = [], []
        if rows:
            yield _block(names, cells, rows, problems)
        if empty:
            what = "there is a header but no row" if self.header_row else "the file is empty"
            raise refusal(self.path, None, None, f"{what}; add at least one row")

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Return the records, and the physical line where each begins."""
        try:
            yield from _parsed(_lines(self.source, self.encoding), self.separator, self.quoted, strict=True)
        except csv.Error as error:
            reason, row = error.args
            name = SEPARATORS[self.separator]
            fix = f"quote fields that hold quotes or {name}, and close every quote"
            raise refusal(
                self.path, row, None, f"not {name[:-1]}-separated values ({reason}); {fix}"
            ) from None


def _block(names: Sequence[str], cells: list[Any], rows: list[int], problems: Problems) -> Block:
    columns = [cells] if len(names) == 1 else [list(column) for column in zip(*cells, strict=True)]
    for name, column in zip(names, columns, strict=True):
        if NOT_UTF8.search("\n".join(column)):
            for place, text in enumerate(column):
                if NOT_UTF8.search(text):
                    column[place] = NOT_UTF8.sub("\N{REPLACEMENT CHARACTER}", text)
                    problems.add(
                        rows[place],
                        name,
                        f"'{column[place]}' is not read: the text is not UTF-8; save the file as UTF-8",
                    )
    frame = {name: pd.Series(column, dtype="str") for name, column in zip(names, columns, strict=True)}
    return Block(pd.DataFrame(frame), np.array(rows, np.int64))


def open_delimited(source: Source, columns: Sequence[str] = ()) -> Delimited:
    """Find the separator and the header of a text file.

    The separator is that of comma, semicolon, tab and bar with which most of the first rows have as many fields as
    the header; the header is the first line with the columns, else the first after any titles.

    `columns`: columns to look for.

    Raises DataError if the file is missing, empty, or has a column twice.
    """
    with source.open() as handle:
        start = handle.read(4)
    encoding = next((name for mark, name in MARKS.items() if start.startswith(mark)), "UTF-8")
    lines = _first_lines(_lines(source, encoding))
    stated = STATED.fullmatch(lines[0]) if lines else None
    candidates = [stated[1]] if stated and stated[1] in SEPARATORS else list(SEPARATORS)
    if stated:
        lines[0] = "\n"
    looks = [_look(lines, separator, columns) for separator in candidates]
    best = max(range(len(looks)), key=lambda k: looks[k][0])
    _, row, header, titles = looks[best]
    if not any(header):
        raise refusal(source.path, None, None, "the file is empty; it needs a header and at least one row")
    header = [
        f"column {place} (its name is not UTF-8)" if NOT_UTF8.search(name) else name
        for place, name in enumerate(header, 1)
    ]
    names = check_header(source.path, row, named(header))
    return Delimited(source, names, row, candidates[best], encoding=encoding, titles=titles)


def _look(
    lines: list[str], separator: str, columns: Sequence[str]
) -> tuple[tuple[bool, float, int, int], int, list[str], bool]:
    """Return how well a separator fits the first lines of a file, its header with its line number, and titles above."""
    records: list[tuple[int, list[str]]] = []
    try:
        for start, record in _parsed(lines, separator, True, strict=False):
            if any(field.strip() for field in record):
                records.append((start, record))
    except csv.Error:  # an unclosed quote, which is reported when the rows are read
        pass
    if not records:
        return (False, 0.0, 0, 0), 1, [], False
    place = header_place([record for _, record in records], columns)
    row, header = records[place]
    rows = [record for _, record in records[place + 1 :]]
    header = _with_unnamed(header, rows)
    there = set(columns) <= {name.strip() for name in header}
    if len(header) < 2:  # a whole line is no name: 'date,n' is two columns and not one
        there = there and not any(other in name for name in columns for other in SEPARATORS)
        return (there, 0.0, -place, 0), row, header, place > 0
    share = sum(len(record) == len(header) for record in rows) / max(1, len(rows))
    return (there, share, -place, len(header)), row, header, place > 0


def _with_unnamed(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return a header with an unnamed last column added, if every row ends in one more, empty field."""
    longer = bool(rows) and all(len(record) == len(header) + 1 and not record[-1].strip() for record in rows)
    return [*header, ""] if longer else header


def _parsed(
    lines: Iterable[str], separator: str, quoted: bool, *, strict: bool
) -> Iterator[tuple[int, list[str]]]:
    start = 1
    reader = (
        csv.reader(lines, delimiter=separator, strict=strict)
        if quoted
        else csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    )
    try:
        for record in reader:
            yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        raise csv.Error(str(error), start) from None


def _first_lines(lines: Iterator[str]) -> list[str]:
    """Return the first lines, as many as are needed to recognise the file."""
    found: list[str] = []
    size = 0
    for line in lines:
        found.append(line)
        size += len(line)
        if len(found) == LOOKED_AT or size > LONGEST_LINE // 10:
            break
    return found


def _lines(source: Source, encoding: str) -> Iterator[str]:
    """Return the lines of a text, each with its line end; refuse what no table contains."""
    path, row = source.path, 0
    with source.open() as handle:
        how = "utf-8-sig" if encoding == "UTF-8" else encoding
        text = io.TextIOWrapper(
            handle, encoding=how, errors="surrogateescape" if encoding == "UTF-8" else "strict", newline=""
        )
        try:
            for row, line in enumerate(iter(functools.partial(text.readline, LONGEST_LINE), ""), 1):
                if "\0" in line:
                    raise refusal(path, row, None, "there is a null character; save the file as plain text")
                if len(line) == LONGEST_LINE:
                    raise refusal(
                        path,
                        row,
                        None,
                        f"the line has more than {LONGEST_LINE:,} characters; is this a table?",
                    )
                yield line
        except UnicodeError:
            raise refusal(
                path, row + 1, None, f"the text is not {encoding}; save the file as UTF-8"
            ) from None
        except UNPACKING as error:
            raise damaged(path, error) from None
        except OSError as error:
            raise unreadable(path, error) from None
