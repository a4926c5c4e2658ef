"""Long tables in pieces: which group each row belongs to, and on which day."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.dates import Days, date_text, read_days, read_texts
from eventstudy.errors import DataError, OptionError
from eventstudy.events import Period
from eventstudy.io import SHOWN

ROWS = 262_144  # of a table that are in memory at once

Key = tuple[str, ...]  # what the group columns say, as text


@dataclass(frozen=True, slots=True)
class LongTable:
    """A table with a row per event, or per anchor, in memory or in a file.

    Parameters
    ----------
    table : DataFrame or Path
        A file of comma-separated values, or Parquet.
    by : tuple of str
        The columns that together name the group.
    date : str
        The column of dates.
    role : str
        What the rows are, for the error text.
    """

    table: pd.DataFrame | Path = field(repr=False)
    by: tuple[str, ...]
    date: str
    role: str

    @property
    def name(self) -> str:
        """Where the rows come from, for the error text."""
        return str(self.table) if isinstance(self.table, Path) else self.role

    @property
    def is_parquet(self) -> bool:
        """Whether the table is a Parquet file."""
        return isinstance(self.table, Path) and self.table.suffix.lower() in (".parquet", ".pq")

    def pieces(self, period: Period | None) -> Iterator[tuple[NDArray[np.int64], list[Key], Days]]:
        """Give for some rows at a time the number of each row's group, the groups, and each row's day.

        Parameters
        ----------
        period : Period or None
            Where given, a day outside it is a problem.

        Raises
        ------
        DataError
            After the last row, naming the first twenty cells that cannot be used and counting the others.
        """
        problems, done = _Problems(self), 0
        for columns in self._columns():
            size = columns[0].codes.size
            good = np.ones(size, bool)
            codes = np.zeros(size, np.int64)
            texts = []
            for name, column in zip(self.by, columns[:-1], strict=True):
                text, wrong = column.texts(self, name)
                good &= problems.add(done, name, column.codes, wrong)
                codes = codes * max(1, len(text)) + column.codes
                texts.append(text)
            days, wrong = columns[-1].days(self, period)
            good &= problems.add(done, self.date, columns[-1].codes, wrong)
            used, group = np.unique(codes[good], return_inverse=True)
            keys: list[Key] = []
            for code in used.tolist():
                key = []
                for text in reversed(texts):
                    code, place = divmod(code, len(text))
                    key.append(text[place])
                keys.append(tuple(reversed(key)))
            yield group, keys, days[columns[-1].codes[good]]
            done += size
        problems.refuse()

    def _columns(self) -> Iterator[list[_Column]]:
        """Give the group columns and the dates of some rows at a time."""
        wanted = [*self.by, self.date]
        if isinstance(self.table, pd.DataFrame):
            self._check(self.table.columns)
            for begin in range(0, len(self.table), ROWS):
                part = self.table[wanted].iloc[begin : begin + ROWS]
                yield [_Column.of(part[name]) for name in wanted]
        elif self.is_parquet:
            yield from self._parquet(wanted)
        else:
            yield from self._csv(wanted)

    def _parquet(self, wanted: list[str]) -> Iterator[list[_Column]]:
        try:
            pc, pq = (import_module(f"pyarrow.{name}") for name in ("compute", "parquet"))
        except ImportError:
            raise DataError(
                f"{self.table}: reading Parquet needs pyarrow; install the extra 'files', or give the table as CSV",
                path=self.name,
            ) from None
        try:
            with pq.ParquetFile(self.table) as file:
                self._check(file.schema_arrow.names)
                for batch in file.iter_batches(ROWS, columns=wanted):
                    encoded = [pc.dictionary_encode(batch.column(name)) for name in wanted]
                    yield [
                        _Column(
                            one.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64),
                            one.dictionary.to_pandas(),
                        )
                        for one in encoded
                    ]
        except OSError as error:  # missing, or what pyarrow cannot read; its messages run over many lines
            raise DataError(
                f"{self.table}: cannot be read as Parquet ({str(error).splitlines()[0]}); check the file",
                path=self.name,
            ) from None
        except DataError:
            raise
        except ValueError as error:
            raise DataError(
                f"{self.table}: not a Parquet file ({str(error).splitlines()[0]}); check the file",
                path=self.name,
            ) from None

    def _csv(self, wanted: list[str]) -> Iterator[list[_Column]]:
        try:
            self._check(pd.read_csv(self.name, nrows=0, encoding="utf-8-sig").columns)
            chunks = pd.read_csv(
                self.name,
                usecols=wanted,
                dtype=str,
                encoding="utf-8-sig",
                keep_default_na=False,
                chunksize=ROWS,
            )
            for chunk in chunks:
                yield [_Column.of(chunk[name]) for name in wanted]
        except OSError as error:
            raise DataError(
                f"{self.table}: cannot be read ({error.strerror}); check the path", path=self.name
            ) from None
        except UnicodeDecodeError:
            raise DataError(
                f"{self.table}: the text is not UTF-8; save the file as UTF-8", path=self.name
            ) from None
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            what = str(error).strip().splitlines()[-1]
            raise DataError(
                f"{self.table}: not comma-separated values ({what}); quote fields that hold commas",
                path=self.name,
            ) from None

    def _check(self, columns: Any) -> None:
        missing = [name for name in (*self.by, self.date) if name not in list(columns)]
        if missing:
            raise DataError(
                f"{self.name}: there is no column '{missing[0]}'; the columns are {', '.join(map(str, columns))}",
                path=self.name,
                column=missing[0],
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """A column as numbers into its different values; -1 is a missing value."""

    codes: NDArray[np.int64]
    values: pd.Series[Any]

    @classmethod
    def of(cls, column: pd.Series[Any]) -> _Column:
        codes, values = pd.factorize(column)
        return cls(codes.astype(np.int64), pd.Series(values))

    def texts(self, table: LongTable, name: str) -> tuple[list[str], dict[int, str]]:
        """Return the values as text, and what is wrong with each one that cannot be used."""
        kind = self.values.dtype
        if not (
            pd.api.types.is_integer_dtype(kind)
            or (self.values.map(lambda value: isinstance(value, (str, int, np.integer)))).all()
        ):
            raise DataError(
                f"{table.name}: the group column '{name}' holds neither text nor whole numbers; turn it into one "
                "of them",
                path=table.name,
                column=name,
            )
        texts = [str(value) for value in self.values]
        return texts, {i: EMPTY for i, text in enumerate(texts) if not text.strip()}

    def days(self, table: LongTable, period: Period | None) -> tuple[Days, dict[int, str]]:
        """Return the values as days, and what is wrong with each one that cannot be used."""
        if self.values.empty:
            return np.empty(0, np.int64), {}
        if self.values.map(lambda value: isinstance(value, str)).all():
            days, wrong = read_texts(self.values.astype(str))
            wrong |= {i: EMPTY for i, text in enumerate(self.values) if not text.strip()}
        else:
            days, wrong = read_days(self.values, f"{table.name}: column '{table.date}'"), {}
        outside = np.abs(days) >= 2**31 if period is None else ~period.inside(days)
        for i in np.flatnonzero(outside).tolist():
            if i not in wrong:
                wrong[i] = (
                    "lies beyond the calendar; correct it"
                    if period is None
                    else f"{date_text(days[i])} lies outside the period {period}; widen the period or leave the row out"
                )
        return days, wrong


EMPTY = "the cell is empty; fill it in or leave the row out"


class _Problems:
    """Collects what is wrong in a table: the first cells in full, the number of all."""

    def __init__(self, table: LongTable) -> None:
        self.table = table
        self.first: list[tuple[int, str, str]] = []  # record from 0, column, text
        self.number = 0

    def add(
        self, done: int, column: str, codes: NDArray[np.int64], wrong: dict[int, str]
    ) -> NDArray[np.bool_]:
        """Keep the problems of one column of some rows, `done` rows before them; tell which rows are good."""
        good = codes >= 0
        if wrong:
            good &= ~np.isin(codes, list(wrong))
        bad = np.flatnonzero(~good)
        self.number += bad.size
        for row in bad[:SHOWN].tolist():
            self.first.append((done + row, column, wrong.get(int(codes[row]), EMPTY)))
        self.first = sorted(self.first)[:SHOWN]
        return good

    def refuse(self) -> None:
        """Raise one error that names the first problems."""
        if not self.first:
            return
        rows = self._lines() if self._is_csv() else [record + 1 for record, _, _ in self.first]
        text = [
            f"{self.table.name}:{row}:{column}: {what}"
            for row, (_, column, what) in zip(rows, self.first, strict=True)
        ]
        if self.number > len(text):
            text.append(f"{self.table.name}: {self.number - len(text):,} more cells; mend these first")
        raise DataError("\n".join(text), path=self.table.name, row=rows[0], column=self.first[0][1])

    def _is_csv(self) -> bool:
        return isinstance(self.table.table, Path) and not self.table.is_parquet

    def _lines(self) -> list[int]:
        """Return the physical lines of the records: cells may hold line ends, and blank lines hold no record."""
        wanted = {record for record, _, _ in self.first}
        lines: dict[int, int] = {}
        with open(self.table.name, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            number, end = -1, 0  # the header is no record
            for record in reader:
                start, end = end + 1, reader.line_num
                if len(record) > 1 or (record and record[0].strip()):
                    if number in wanted:
                        lines[number] = start
                    number += 1
                if len(lines) == len(wanted):
                    break
        return [lines[record] for record, _, _ in self.first]


def long_table(table: Any, by: tuple[str, ...], date: str, role: str) -> LongTable:
    """Return a table for reading, whether it is in memory or a path."""
    if isinstance(table, (str, Path)):
        table = Path(table)
    if not isinstance(table, (pd.DataFrame, Path)):
        raise OptionError(
            f"panel_test: {role} is a {type(table).__name__}; give a DataFrame or the path of a CSV or Parquet file"
        )
    return LongTable(table, by, date, role)
