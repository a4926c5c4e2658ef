"""The manifest: a table with the origin of every file of a report."""

from __future__ import annotations

import ast
import csv
import io
import platform
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from eventstudy import __version__
from eventstudy.fonts import Font
from eventstudy.printing import csv_cell
from eventstudy.provenance import file_sha256
from eventstudy.report.checksums import list_files
from eventstudy.report.convert import Exhibit, Section
from eventstudy.report.project import Project

MANIFEST = "manifest.csv"
COLUMNS = ("output", "kind", "notebook", "cell", "seeds", "call", "versions", "sha256", "data")
LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "typst", "pypandoc_binary")
DESCRIPTIONS = (".md", ".json")  # files beside the data that describe them
KINDS = {
    "numbers.json": "numbers: value, text, call, seed, data",
    "numbers.tex": "numbers for LaTeX, as printed",
    "preview.png": "picture of the first page",
    "figures/.svg": "figure, vector",
    "figures/.pdf": "figure, vector",
    "figures/.png": "figure, 300 dpi",
    "tables/.csv": "table, unrounded to six digits",
    "tables/.tex": "table for LaTeX, as printed",
    ".pdf": "report",
    ".html": "report",
    ".docx": "report, for Word",
}


def manifest(project: Project, sections: Sequence[Section], staged: Path, fonts: Sequence[Font] = ()) -> str:
    """Return a CSV with a row for every file in `staged`: what it is, and what made it from which inputs.

    `staged`: holds all outputs but the manifest and the checksums. `fonts`: that names in other scripts need.
    """
    tables = [path for path in project.data if path.suffix not in DESCRIPTIONS]
    data = "; ".join(f"{path.name} {file_sha256(path)}" for path in tables)
    exhibits = {_stem(exhibit): (exhibit, section) for section in sections for exhibit in section.exhibits}
    versions = "; ".join([_versions(), *map(str, fonts)])
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for path in list_files(staged):
        name = path.relative_to(staged).as_posix()
        if found := exhibits.get(name.removesuffix(path.suffix)):
            exhibit, section = found
            made_by = [exhibit.source.name, exhibit.cell, _seeds([section]), _one_line(exhibit.code)]
        else:
            notebooks = "; ".join(section.source.name for section in sections)
            made_by = [notebooks, "", _seeds(sections), project.command]
        row = [name, _kind(name), *made_by, versions, file_sha256(path), data]
        table.writerow([csv_cell(cell) for cell in row])
    return text.getvalue()


def _stem(exhibit: Exhibit) -> str:
    return f"{'figures' if exhibit.svg else 'tables'}/{exhibit.name}"


def _kind(name: str) -> str:
    if "-summary" in name:
        return "summary on one page"
    folder, _, file = name.rpartition("/")
    suffix = Path(file).suffix
    return KINDS.get(name) or KINDS.get(f"{folder}/{suffix}") or KINDS.get(suffix, "other")


def _seeds(sections: Iterable[Section]) -> str:
    numbers = [record for section in sections for record in section.numbers.values()]
    return "; ".join(sorted({str(record["seed"]) for record in numbers if record["seed"] is not None}))


def _versions() -> str:
    libraries = [f"{name} {metadata.version(name)}" for name in LIBRARIES]
    python = ".".join(platform.python_version_tuple()[:2])
    return "; ".join([f"eventstudy {__version__}", f"python {python}", *libraries])


def _one_line(code: str) -> str:
    """Return the statements of a cell on one line: as Python where each is a simple one, else joined as text."""
    try:
        statements = [ast.unparse(statement) for statement in ast.parse(code).body]
    except SyntaxError:  # a command of IPython
        statements = [code]
    return "; ".join(" ".join(statement.split()) for statement in statements)
