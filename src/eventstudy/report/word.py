"""The report as a Word document: native headings, captions, references, tables and equations, by Pandoc."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from eventstudy.report.checksums import list_files
from eventstudy.report.convert import Section
from eventstudy.report.pandoc import run_pandoc
from eventstudy.report.settings import Settings

TEXT_WIDTH = 9071  # twentieths of a point: 160 mm, as wide as the figures
PAGES = {"a4": (11906, 16838), "us-letter": (12240, 15840)}  # width and height in the same unit


def write_word(sections: Sequence[Section], settings: Settings, folder: Path) -> Path:
    """Write a report as a Word document and return its path: the same bytes for the same input.

    `folder`: in which the report is prepared, with every figure as PNG.

    Raises ReportError if Pandoc stops or warns.
    """
    templates = Path(str(resources.files("eventstudy.report"))) / "templates"
    for name in ("word.lua", "word.openxml"):
        shutil.copy(templates / name, folder)
    _write_reference(templates / "word", settings, folder / "reference.docx")
    document = folder / f"{settings.output}.docx"
    run_pandoc(
        [
            "--to=docx",
            "--template=word.openxml",
            "--reference-doc=reference.docx",
            "--syntax-highlighting=none",
            f"--metadata=date:{settings.printed_date}",
            f"--output={document.name}",
        ],
        folder,
        sections,
        epoch=settings.epoch,
        lua_filter="word.lua",
    )
    return document


def _write_reference(parts: Path, settings: Settings, file: Path) -> None:
    """Write the document from which Pandoc takes styles, paper size, header and footer."""
    width, height = PAGES[settings.papers[0]]
    values = {
        "width": width,
        "height": height,
        "side": (width - TEXT_WIDTH) // 2,
        "title": escape(settings.title),
        "authors": escape(", ".join(settings.authors)),
        "date": settings.printed_date,
        "version": escape(settings.version),
    }
    with zipfile.ZipFile(file, "w") as archive:
        for part in list_files(parts):
            text = Template(part.read_text(encoding="utf-8")).substitute(values)
            # its own date is a fixed one, not the clock
            archive.writestr(zipfile.ZipInfo(part.relative_to(parts).as_posix()), text)
