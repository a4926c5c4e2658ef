"""The entries of a CITATION.cff, as text and as BibTeX."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eventstudy.errors import ReportError
from eventstudy.latex import escape_latex

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Author:
    """A person with a family name and given names, or an institution with a name alone."""

    name: str
    given: str = ""

    def __str__(self) -> str:
        return f"{self.given} {self.name}".strip()

    def bibtex(self) -> str:
        """Return the name as BibTeX sorts it."""
        name = escape_latex(self.name)
        return f"{name}, {escape_latex(self.given)}" if self.given else f"{{{name}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One citable work.

    - `key`: its name in BibTeX.
    - `version`, `publisher`, `notes`, `url`: empty where there is none.
    - `scope`: its role for the package, in a few words: "the package", "source of launches.csv".
    """

    key: str
    authors: tuple[Author, ...]
    title: str
    year: int
    month: int | None = None
    version: str = ""
    publisher: str = ""
    notes: str = ""
    url: str = ""
    scope: str = ""

    def text(self) -> str:
        """Return the reference as one line."""
        version = f"Version {self.version}" if self.version else ""
        head = f"{', '.join(map(str, self.authors))} ({self.year})"
        return " ".join(
            map(_sentence, filter(None, [head, self.title, self.publisher, version, self.notes, self.url]))
        )

    def bibtex(self) -> str:
        """Return the reference as an entry that every BibTeX style supports."""
        version = f"Version {self.version}" if self.version else ""
        notes = ". ".join(filter(None, [version, self.notes]))
        fields = {
            "author": self.bibtex_authors(),
            "title": f"{{{{{escape_latex(self.title)}}}}}",
            "howpublished": f"{{{escape_latex(self.publisher)}}}" if self.publisher else "",
            "year": str(self.year),
            "month": self.bibtex_month(),
            "note": f"{{{escape_latex(notes)}}}" if notes else "",
            "url": f"{{{self.url}}}" if self.url else "",
        }
        return bibtex_entry(self.key, fields)

    def bibtex_authors(self) -> str:
        """Return the authors as BibTeX reads them."""
        return f"{{{' and '.join(author.bibtex() for author in self.authors)}}}"

    def bibtex_month(self) -> str:
        """Return the month as BibTeX names it, empty where none is known."""
        return MONTHS[self.month - 1] if self.month else ""


def read_cff(path: Path) -> Mapping[str, object]:
    """Return the contents of a file in the Citation File Format.

    Raises ReportError if it is missing or cannot be read.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReportError(
            f"{path.name}: no such file; the report takes its title, authors and date from it"
        ) from None
    except OSError as error:
        raise ReportError(f"{path.name}: cannot be read ({error.strerror}); check the path") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ReportError(
            f"{path.name}: not readable as YAML ({' '.join(str(error).split())}); correct it"
        ) from None
    if not isinstance(content, dict):
        raise ReportError(f"{path.name}: holds no keys; write it in the Citation File Format 1.2.0")
    return content


def read_references(path: Path) -> list[Reference]:
    """Return the entries of a CITATION.cff: the software, its preferred citation, then its references in order.

    Raises ReportError if the file or an entry cannot be read.
    """
    content = read_cff(path)
    released = content.get("date-released")
    dated = {"year": released.year, "month": released.month} if isinstance(released, datetime.date) else {}
    entries: list[tuple[str, object]] = [("the package", {**dated, **content})]
    if "preferred-citation" in content:
        entries.append(("its report", content["preferred-citation"]))
    others = content.get("references", [])
    if not isinstance(others, list):
        raise ReportError(f"{path.name}:references: {others!r} is no list; write one entry for each work")
    for entry in others:
        scope = entry.get("scope", "related") if isinstance(entry, Mapping) else "related"
        entries.append((str(scope), entry))
    keys: dict[str, int] = {}
    found: list[Reference] = []
    for scope, entry in entries:
        reference = _reference(entry, scope, path)
        before = keys.setdefault(reference.key, 0)
        keys[reference.key] += 1
        again = "abcdefghijklmnopqrstuvwxyz"[before] if before else ""
        found.append(replace(reference, key=f"{reference.key}{again}"))
    return found


def read_author(entry: Any, path: Path) -> Author:
    """Return an author of a CITATION.cff.

    Raises ReportError if the entry has no name.
    """
    match entry:
        case {"name": str(name)}:
            return Author(name)
        case {"given-names": str(given), "family-names": str(family)}:
            return Author(family, given)
    raise ReportError(
        f"{path.name}:authors: {entry!r} has no name; give name, or given-names and family-names"
    )


def _reference(entry: object, scope: str, path: Path) -> Reference:
    if not isinstance(entry, Mapping):
        raise ReportError(
            f"{path.name}: the entry for {scope} is {entry!r}; give its title, authors and year"
        )
    if missing := [name for name in ("title", "authors", "year") if not entry.get(name)]:
        raise ReportError(f"{path.name}:{missing[0]}: missing in the entry for {scope}; write it")
    authors = tuple(read_author(author, path) for author in entry["authors"])
    return Reference(
        key=_key(authors, int(entry["year"]), str(entry["title"])),
        authors=authors,
        title=str(entry["title"]),
        year=int(entry["year"]),
        month=entry.get("month"),
        version=str(entry.get("version", "")),
        publisher=str((entry.get("publisher") or {}).get("name", "")),
        notes=str(entry.get("notes", "")),
        url=str(entry.get("url", "")),
        scope=scope,
    )


def _key(authors: Iterable[Author], year: int, title: str) -> str:
    """Return a key such as "stiles2026provocations": the author, the year, the first long word of the title."""
    name = next(iter(authors)).name
    words = [re.sub(r"\W|_|\d", "", word) for word in (*name.split(), *title.split())]
    first = next((word for word in words if word.lower() not in ("the", "a", "an", "")), "unnamed")
    long = [re.sub(r"[\W_]", "", word) for word in title.split() if len(word) > 4]
    return f"{first}{year}{long[0] if long else ''}".lower()


def bibtex_entry(key: str, fields: Mapping[str, str]) -> str:
    """Return a BibTeX entry; fields are given in BibTeX syntax, and left out where empty."""
    lines = [f"  {name:<12} = {value}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) or "://" in text else f"{text}."
