"""Parquet files, read in batches and only the columns that are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.io.base import BLOCK, Block, check_header
from eventstudy.io.extra import needed
from eventstudy.io.problems import Problems, refusal
from eventstudy.io.source import FromSource, Source
from eventstudy.printing import one_line

SHORT = 1_000  # bytes of a cell; a date has fewer


@dataclass(frozen=True, slots=True)
class Parquet(FromSource):
    """A Parquet file; rows are numbered from 1, as there is no header."""

    header_row: int = 1

    def short_columns(self) -> tuple[str, ...]:
        """Return the columns whose cells are short on average, so that huge cells in other columns are not read."""
        parquet = needed("pyarrow.parquet", self.path)
        with self.source.open() as handle:
            metadata = parquet.ParquetFile(handle).metadata
            groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
            long = {
                group.column(place).path_in_schema
                for group in groups
                for place in range(group.num_columns)
                if group.column(place).total_uncompressed_size > SHORT * max(group.num_rows, 100)
            }
        return tuple(name for name in self.columns if name not in long)

    def blocks(self, names: Sequence[str], problems: Problems) -> Iterator[Block]:
        """Return the rows in blocks, with the stored types."""
        pyarrow, parquet = needed("pyarrow", self.path), needed("pyarrow.parquet", self.path)
        stop = 0
        with self.source.open() as handle:
            try:
                file = parquet.ParquetFile(handle)
                for batch in file.iter_batches(BLOCK, columns=list(names)):
                    batch.validate(full=True)  # text that is not UTF-8 would fail later, in another place
                    start, stop = stop, stop + batch.num_rows
                    table = pyarrow.Table.from_batches([batch])
                    frame = table.to_pandas(date_as_object=False, ignore_metadata=True)
                    yield Block(frame[list(names)], np.arange(start + 1, stop + 1, dtype=np.int64))
            except Exception as error:  # a damaged file can fail in the text of its names or types as well
                raise refusal(
                    self.path, stop + 1, None, f"cannot be read as Parquet ({_reason(error)}); write it again"
                ) from None
        if not stop:
            raise refusal(self.path, None, None, "there is no row; add at least one row")


def open_parquet(source: Source) -> Parquet:
    """Read the columns of a Parquet file.

    Raises DataError if pyarrow is not installed, or the file is missing, not a Parquet file, or has a
    duplicate column.
    """
    path = source.path
    parquet = needed("pyarrow.parquet", path)
    with source.open() as handle:
        try:
            names = parquet.ParquetFile(handle).schema_arrow.names
        except Exception as error:  # a damaged file can fail in the text of its names or types as well
            raise refusal(
                path, None, None, f"cannot be read as Parquet ({_reason(error)}); check that it is one"
            ) from None
    return Parquet(source, check_header(path, 1, names))


def _reason(error: Exception) -> str:
    return one_line(str(error).split("\n")[0].split(". ")[0])
