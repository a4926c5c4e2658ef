"""Title page and options of a report: CITATION.cff for the publication, report.toml for this report."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from eventstudy.errors import ReportError
from eventstudy.paths import is_file_name
from eventstudy.printing import escape_markdown, one_line
from eventstudy.references import read_author, read_cff

LICENCES = {"BSD-3-Clause": "BSD 3-Clause licence", "CC-BY-4.0": "CC BY 4.0", "MIT": "MIT licence"}
ABOUT = ("output", "subtitle", "keywords")
OPTIONAL: Mapping[str, object] = {
    "paper": ["a4"],
    "summary-figure": "",
    "docx": False,
}  # and what holds without
PAPERS = {"a4": "A4", "us-letter": "US letter"}
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Settings:
    """Title page and file name of a report.

    - `date`: day of release; the only date in any output.
    - `output`: name of the PDF and HTML files, without ending.
    - `papers`: paper sizes; files for the first are named after the output, those for another have its name
      appended.
    - `summary_figure`: label of the figure on the summary sheet; empty for the first one of the report.
    - `docx`: whether the report is written as a Word document too.
    """

    title: str
    subtitle: str
    authors: tuple[str, ...]
    date: datetime.date
    version: str
    licence: str
    keywords: tuple[str, ...]
    output: str
    papers: tuple[str, ...] = ("a4",)
    summary_figure: str = ""
    docx: bool = False

    @property
    def epoch(self) -> int:
        """Seconds from 1970 to the day of release, for every tool that asks for the time."""
        return (self.date - datetime.date(1970, 1, 1)).days * 86_400

    @property
    def printed_date(self) -> str:
        """The date as "4 June 2025"."""
        return f"{self.date.day} {self.date:%B} {self.date.year}"

    @property
    def cite_as(self) -> str:
        """The line that a reader may copy, in Markdown."""
        end = "" if self.title.endswith(("?", "!")) else "."
        authors, title = escape_markdown(", ".join(self.authors)), escape_markdown(self.title)
        return f"{authors} ({self.date.year}). *{title}*{end} Version {escape_markdown(self.version)}."


def read_settings(citation: Path, about: Path) -> Settings:
    """Read CITATION.cff and report.toml.

    The report is the preferred citation of CITATION.cff; its title and authors are given only there.

    Raises ReportError if a file is missing or not readable, or a key is missing, unknown or of another type.
    """
    cff = read_cff(citation)
    report = _value(cff, "preferred-citation", dict, citation)
    own = _read_about(about)
    licence = _value(cff, "license", str, citation)
    return Settings(
        title=_value(report, "title", str, citation),
        subtitle=_value(own, "subtitle", str, about),
        authors=tuple(
            str(read_author(entry, citation)) for entry in _value(report, "authors", list, citation)
        ),
        date=_value(cff, "date-released", datetime.date, citation),
        version=_file_name(cff, "version", citation),
        licence=LICENCES.get(licence, licence),
        keywords=tuple(_value(own, "keywords", list, about)),
        output=_file_name(own, "output", about),
        papers=_papers(_value(own, "paper", list, about), about),
        summary_figure=_value(own, "summary-figure", str, about),
        docx=_value(own, "docx", bool, about),
    )


def _file_name(content: Mapping[str, object], key: str, path: Path) -> str:
    """Return a value that becomes part of a file name."""
    name = _value(content, key, str, path)
    if not is_file_name(name):
        raise ReportError(f"{path.name}:{key}: {name!r} is not a file name; give a plain one, without folder")
    return name


def _papers(names: list[Any], path: Path) -> tuple[str, ...]:
    unknown = [name for name in names if name not in PAPERS]
    if unknown or not names or len(set(names)) < len(names):
        raise ReportError(
            f"{path.name}:paper: {names!r}; list one or both of {', '.join(map(repr, PAPERS))}, each once"
        )
    return tuple(names)


def _read_about(path: Path) -> Mapping[str, object]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReportError(f"{path.name}: no such file; write it with the keys {', '.join(ABOUT)}") from None
    except OSError as error:
        raise ReportError(f"{path.name}: cannot be read ({error.strerror}); check the path") from None
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, thousands of brackets too
        raise ReportError(f"{path.name}: not readable as TOML ({one_line(str(error))}); correct it") from None
    if unknown := sorted(content.keys() - {*ABOUT, *OPTIONAL}):
        known = ", ".join([*ABOUT, *OPTIONAL])
        raise ReportError(f"{path.name}:{unknown[0]}: unknown key; the keys are {known}")
    return {**OPTIONAL, **content}


def _value(content: Mapping[str, object], key: str, kind: type[Kind], path: Path) -> Kind:
    value = content.get(key)
    if not isinstance(value, kind):
        found = "missing" if value is None else f"{value!r}, which is {type(value).__name__}"
        raise ReportError(f"{path.name}:{key}: {found}; give one of type {kind.__name__}")
    return value
