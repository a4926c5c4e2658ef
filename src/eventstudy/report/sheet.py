"""The summary sheet: one page for people who will not read more, from the same notebooks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from eventstudy.errors import ReportError
from eventstudy.report.convert import Section
from eventstudy.report.settings import Settings

# what Pandoc is told in addition; the sheet has no list of references that a citation could lead to
SHEET = (
    "--metadata-file=sheet.json",
    "--metadata=link-citations:false",
    "--metadata=suppress-bibliography:true",
)


def write_sheet(sections: Sequence[Section], settings: Settings, repeat: str, folder: Path) -> None:
    """Write the Markdown of the sheet: cells tagged summary, else those tagged abstract, and one figure.

    - `settings`: its figure for the summary, or else the first one of the report.
    - `repeat`: Markdown that says how to rebuild the report.
    - `folder`: where to work.

    Raises ReportError if the report has no such figure.
    """
    texts = [section.summary for section in sections if section.summary]
    texts = texts or [section.abstract for section in sections if section.abstract]
    figures = [exhibit.label for section in sections for exhibit in section.exhibits if exhibit.svg]
    wanted = settings.summary_figure or next(iter(figures), "")
    if wanted and wanted not in figures:
        raise ReportError(
            f"report.toml:summary-figure: {wanted!r} is not the label of a figure; name one of {', '.join(figures)}"
        )
    metadata = {
        "sheet-text": "\n\n".join(texts) + "\n",
        "sheet-figure": wanted,
        "repeat": repeat,
    }
    (folder / "sheet.json").write_text(json.dumps(metadata), encoding="utf-8")


def check_one_page(sheet: Path) -> None:
    """Check that a sheet has one page.

    Raises ReportError if it has more.
    """
    import pikepdf

    with pikepdf.open(sheet) as pdf:
        pages = len(pdf.pages)
    if pages > 1:
        raise ReportError(
            f"{sheet.name}: fills {pages} pages but may have only one; shorten the cells tagged summary (or abstract, "
            "where there are none), or set summary-figure in report.toml to a lower figure"
        )
