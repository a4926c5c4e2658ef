"""The actual kind of a file, from its first bytes and not its name, and its uncompressed bytes."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from eventstudy.errors import DataError, OptionError
from eventstudy.io.problems import refusal
from eventstudy.printing import listed

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
NAMELESS = Path("buffer")  # what errors call a buffer without a name
HEAD = 512  # bytes that determine the kind
PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"PK\x03\x04": "zip"}
UNPACKING = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError)
# By first bytes: the kind of a file, and what to do with it.
CSV = "save it as CSV"
NOT_READ = {
    b"\xd0\xcf\x11\xe0": (
        "an old Excel workbook (.xls), or another file of Office",
        "save it as .xlsx or CSV",
    ),
    b"%PDF": ("a PDF", "copy its table into a CSV"),
    b"SQLite format 3": ("a SQLite database", CSV),
    b"\x89HDF": ("an HDF5 file", CSV),
    b"ARROW1": ("a Feather file", "save it as Parquet or CSV"),
    b"(\xb5/\xfd": ("packed by Zstandard", "unpack it first"),
    b"Rar!": ("a RAR archive", "unpack it first"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "unpack it first"),
    b"{\\rtf": ("a text document (RTF)", CSV),
    b"<!doctype": ("a web page", CSV),
    b"<html": ("a web page", CSV),
    b"<table": ("a web page", CSV),
    b"<?xml": ("XML", CSV),
    **dict.fromkeys(
        (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"X\n\0\0\0\2", b"X\n\0\0\0\3"),
        ("a file of R", "in R: write.csv(readRDS('x.rds'), 'x.csv', row.names = FALSE)"),
    ),
    b"ASCII SPSS PORT FILE": ("a portable file of SPSS", CSV),
    b"HEADER RECORD*******": ("a SAS transport file", CSV),
    b"\0" * 12 + b"\xc2\xea\x81\x60": ("a SAS file", CSV),
}
READ = {b"PAR1": "parquet", b"<stata_dta>": "stata", b"$FL2": "spss", b"$FL3": "spss"}
OLD_STATA = re.compile(rb"[\x66-\x73][\x01\x02]\x01\x00")  # versions 102 to 115, without a name


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or the bytes of a buffer.

    - `path`: the file; the name of a buffer, for the error text.
    - `content`: of a buffer.
    - `packing`: how it is compressed, by its first bytes; empty if it is not.
    - `kind`: "parquet", "xlsx", "stata", "spss" or "json lines" by the first bytes inside; else "text".
    """

    path: Path
    content: bytes | None = field(default=None, repr=False)
    packing: str = ""
    kind: str = "text"

    def open(self) -> IO[bytes]:
        """Open the bytes for reading, uncompressed; or say in one line why that fails."""
        if not self.packing:
            return self._raw()
        file: Any = self.path if self.content is None else BytesIO(self.content)
        try:
            if self.packing == "zip":
                with zipfile.ZipFile(file) as archive:  # stays open until its file is closed
                    return archive.open(_member(self.path, archive.namelist()))
            opens: dict[str, Callable[..., Any]] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
            return opens[self.packing](file)
        except UNPACKING as error:
            raise damaged(self.path, error) from None

    def _raw(self) -> IO[bytes]:
        if self.content is not None:
            return BytesIO(self.content)
        try:
            return self.path.open("rb")
        except FileNotFoundError:
            raise refusal(self.path, None, None, "there is no such file; check the path") from None
        except (OSError, ValueError) as error:
            raise unreadable(self.path, error) from None

    @property
    def stem(self) -> str:
        """The name of the file without its ending, and that of its compression; "" for a buffer without a name."""
        if self.path == NAMELESS:
            return ""
        return Path(self.path.stem).stem if self.packing and "." in self.path.stem else self.path.stem

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found out about the file, as sentences."""
        return (f"{self.path.name}: unpacked from {self.packing}",) if self.packing else ()


@dataclass(frozen=True, slots=True)
class FromSource:
    """Base of the tables in a file: the names of its columns, and the row in which they stand."""

    source: Source
    columns: tuple[str, ...]
    header_row: int

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    @property
    def stem(self) -> str:
        """The name of the file without its ending."""
        return self.source.stem

    @property
    def notes(self) -> tuple[str, ...]:
        """How it was compressed."""
        return self.source.notes


def unreadable(path: Path, error: Exception) -> DataError:
    """Return the error for a file that the system does not allow to be read."""
    reason = getattr(error, "strerror", None) or str(error)
    return refusal(path, None, None, f"cannot be read ({reason}); check the path and its permissions")


def damaged(path: Path, error: Exception) -> DataError:
    """Return the error for a compressed file that cannot be unpacked."""
    reason = str(error).split("\n")[0] or type(error).__name__
    return refusal(path, None, None, f"cannot be unpacked ({reason}); unpack it first, or download it again")


def source_of(given: Any) -> Source:
    """Return the source at a path or in a buffer.

    Raises DataError if it is missing, unreadable or of an unsupported kind, which is named. Raises
    OptionError if it is neither a path nor a buffer.
    """
    if isinstance(given, str) and ADDRESS.match(given):
        raise refusal(
            given, None, None, "it is an address on the web; download the file and give the path of the copy"
        )
    if isinstance(given, (str, Path)):
        return _sniffed(Source(Path(given).expanduser()))
    if isinstance(given, Source):
        return given
    if not hasattr(given, "read"):
        raise OptionError(
            f"a table: got a {type(given).__name__}; give the path of a file, a buffer or a DataFrame, or dates "
            "alone to eventstudy.Events"
        )
    content = given.read()
    name = getattr(given, "name", None)
    path = Path(name) if isinstance(name, str) else NAMELESS
    return _sniffed(Source(path, content.encode() if isinstance(content, str) else bytes(content)))


def _sniffed(source: Source) -> Source:
    """Return a source with compression and kind determined by its first bytes."""
    head = _head(source)
    packing = next((name for mark, name in PACKED.items() if head.startswith(mark)), "")
    if packing == "zip" and (office := _office(source)):
        if office != "xlsx":
            raise refusal(source.path, None, None, f"it is {office}; save it as .xlsx or CSV")
        return Source(source.path, source.content, "", "xlsx")
    if packing:
        source = Source(source.path, source.content, packing)
        head = _head(source)
    lowered = head.lstrip().lower()
    for mark, (what, fix) in NOT_READ.items():
        if head.startswith(mark) or (mark[:1] == b"<" and lowered.startswith(mark)):
            raise refusal(source.path, None, None, f"it is {what}, which is not read; {fix}")
    kind = next((name for mark, name in READ.items() if head.startswith(mark)), "text")
    if OLD_STATA.match(head):
        kind = "stata"
    if lowered.startswith(b"{") and source.path.suffix.lower() != ".csv":
        kind = "json lines"
    if lowered.startswith((b"[{", b"[\n", b"[\r")):
        raise refusal(
            source.path, None, None, "it is JSON, which is not read; save it as lines of JSON or as CSV"
        )
    return Source(source.path, source.content, packing, kind)


def _head(source: Source) -> bytes:
    with source.open() as handle:
        try:
            return handle.read(HEAD)
        except UNPACKING as error:
            raise damaged(source.path, error) from None
        except OSError as error:
            raise unreadable(source.path, error) from None


def _office(source: Source) -> str:
    """Return which office document a zip archive is; empty if it is not one."""
    try:
        with source._raw() as raw, zipfile.ZipFile(raw) as archive:
            names = archive.namelist()
    except UNPACKING as error:
        raise damaged(source.path, error) from None
    if any(name.startswith("xl/") for name in names) or source.path.suffix.lower() in (".xlsx", ".xlsm"):
        return "xlsx"
    if any(name.startswith(("word/", "ppt/")) for name in names):
        return "a document of Office"
    return "an OpenDocument file" if "mimetype" in names else ""


def _member(path: Path, names: Sequence[str]) -> str:
    """Return the one file in a zip archive."""
    files = [name for name in names if not name.endswith("/") and "__MACOSX" not in name]
    if len(files) != 1:
        what = f"holds {len(files)} files, {listed(files)}" if files else "holds no file"
        raise refusal(path, None, None, f"the archive {what}; unpack it and give one of them")
    return files[0]
