"""A data file named in a plan: kept in the study's ``data/raw``, identified by its checksum."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eventstudy.errors import PlanError
from eventstudy.io.files import open_table
from eventstudy.io.problems import Problems
from eventstudy.paths import is_file_name
from eventstudy.provenance import file_sha256

RAW = Path("..") / "data" / "raw"  # from the folder of the plan


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file in ``data/raw`` of a study.

    `folder`: its location; not printed, as it differs between machines. `sha256`: checksum of its bytes when
    the plan was read.
    """

    name: str
    folder: Path = field(repr=False, compare=False)
    sha256: str = field(repr=False)

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / self.name

    def n_rows(self, column: str) -> int:
        """Return the number of rows of the file, read from one of its columns."""
        problems = Problems(self.path)
        return sum(block.rows.size for block in open_table(self.path, [column]).blocks([column], problems))


def data_file(name: object, folder: Path, where: str) -> DataFile:
    """Return a file that a plan names.

    - `name`: as in the plan, without a folder.
    - `folder`: that of the plan, ``notebooks``.
    - `where`: the place in the plan, ending with a colon.

    Raises PlanError if the name is not that of a file in ``data/raw``.
    """
    raw = folder / RAW
    if not isinstance(name, str) or not is_file_name(name):
        raise PlanError(f"{where} {name!r} is not the name of a file in data/raw; give the name alone")
    try:
        digest = file_sha256(raw / name)
    except OSError:
        raise PlanError(
            f"{where} there is no file data/raw/{name}; put it there, or correct the name"
        ) from None
    return DataFile(name, raw, digest)
