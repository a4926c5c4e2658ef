"""Render Markdown as PDF and HTML, by Pandoc and Typst."""

from __future__ import annotations

import base64
import functools
import json
import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from eventstudy.errors import ReportError
from eventstudy.printing import escape_markdown
from eventstudy.report.check_html import check_html
from eventstudy.report.check_pdf import check_pdf
from eventstudy.report.convert import Exhibit, Section
from eventstudy.report.kept import kept
from eventstudy.report.lettering import families, font_paths
from eventstudy.report.pandoc import run_pandoc
from eventstudy.report.settings import Settings
from eventstudy.report.sheet import SHEET, check_one_page, write_sheet

KINDS = {
    ".py": ("text/x-python", "source"),
    ".toml": ("application/toml", "source"),
    ".json": ("application/json", "data"),
    ".bib": ("application/x-bibtex", "source"),
}
Standard = Literal["ua-1", "a-3a", "a-2b"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to the PDF and the HTML.

    `about`: what it is, in a few words.
    """

    path: Path
    about: str


def prepare(
    sections: Sequence[Section],
    settings: Settings,
    bibliography: Path,
    attachments: Sequence[Attachment],
    appendix: str,
    repeat: str,
    folder: Path,
    names: str = "",
) -> None:
    """Write into a folder what the documents of a report are made from: its text as Markdown, figures, templates.

    - `sections`: in the order of the report.
    - `bibliography`: a BibTeX file.
    - `appendix`: Markdown that follows the references.
    - `repeat`: Markdown for the sheet that says how to rebuild the report.
    - `folder`: its ``figures`` are filled, each as SVG and PDF.
    - `names`: style of the page with the fonts that names in other scripts need.
    """
    _copy_templates(folder)
    shutil.copy(bibliography, folder / "references.bib")
    for attachment in attachments:
        if attachment.path.parent != folder:
            shutil.copy(attachment.path, folder)
    _write_figures(sections, settings, folder)
    body = "\n\n".join(section.body for section in sections)
    (folder / "report.md").write_text(
        f"{body}\n\n# References {{-}}\n\n::: {{#refs}}\n:::\n\n{appendix}\n", encoding="utf-8"
    )
    _write_metadata(sections, settings, attachments, names, folder)
    write_sheet(sections, settings, repeat, folder)


def render(sections: Sequence[Section], settings: Settings, folder: Path) -> dict[Path, list[str]]:
    """Write the documents of a report in a folder that `prepare` filled: PDF, summary sheet and HTML page.

    Returns the documents in `folder`, each with the problems found by a check: for each size of paper the
    report and its summary sheet, then the page. Raises ReportError if a reference, a citation or anything
    else in the text cannot be resolved, or the summary sheet has more than one page.
    """
    page = folder / f"{settings.output}.html"
    # the page's own title is its only heading of level 1
    html = ["--to=html5", "--template=report.html", "--toc", "--toc-depth=3", "--shift-heading-level-by=1"]
    one_file = ["--embed-resources", "--mathml", "--syntax-highlighting=none", f"--output={page.name}"]
    runs = {
        "report": ["--to=typst", "--template=report.typst", "--output=report.typ"],
        "summary": ["--to=typst", "--template=summary.typst", "--output=summary.typ", *SHEET],
        "page": [*html, *one_file],
    }
    with ThreadPoolExecutor() as pool:  # in parallel; of several problems the first in this order is reported
        laid = {
            kind: pool.submit(run_pandoc, run, folder, sections, epoch=settings.epoch)
            for kind, run in runs.items()
        }
        documents = {
            folder / f"{settings.output}{ending}{f'-{paper}' if number else ''}.pdf": (kind, paper)
            for number, paper in enumerate(settings.papers)
            for kind, ending in (("report", ""), ("summary", "-summary"))
        }
        checked = {
            document: pool.submit(
                _typeset, laid[kind], folder / f"{kind}.typ", document, settings.epoch, paper
            )
            for document, (kind, paper) in documents.items()
        }
    for done in laid.values():
        done.result()
    return {document: done.result() for document, done in checked.items()} | {page: check_html(page)}


def _typeset(laid: Future[None], source: Path, document: Path, epoch: int, paper: str) -> list[str]:
    """Write a PDF once Pandoc has made its Typst source, and return the problems found by a check."""
    laid.result()
    document.write_bytes(compile_typst(source, epoch, paper=paper))
    if source.stem == "summary":
        check_one_page(document)
    return check_pdf(document)


def compile_typst(
    source: Path, epoch: int, *, paper: str = "a4", standards: Sequence[Standard] = ("ua-1", "a-3a")
) -> bytes:
    """Return the PDF of a Typst file, the same bytes for the same input.

    Raises ReportError if Typst stops or warns, including when the PDF would violate one of the `standards`.
    """
    import typst

    try:
        pdf, warnings = typst.compile_with_warnings(
            str(source),
            root=str(source.parent),
            font_paths=font_paths(source.parent),
            ignore_system_fonts=True,
            sys_inputs={"paper": paper},
            pdf_standards=list(standards),
            timestamp=epoch,  # the wheel does not read SOURCE_DATE_EPOCH
        )
    except typst.TypstError as error:
        hints = "; ".join([*error.hints, "correct the text that leads to it"])
        raise ReportError(f"{source.name}: {error.message}; {hints}") from None
    if warnings:
        raise ReportError(f"{source.name}: {warnings[0].message}; correct the text that leads to it")
    return bytes(pdf)


def _copy_templates(folder: Path) -> None:
    templates = resources.files("eventstudy.report") / "templates"
    for name in ("report.lua", "paper.typ", "report.typst", "summary.typst", "report.html"):
        (folder / name).write_bytes((templates / name).read_bytes())


def _write_figures(sections: Sequence[Section], settings: Settings, folder: Path) -> None:
    (folder / "figures").mkdir()

    def write(exhibit: Exhibit) -> None:
        drawing = folder / "figures" / exhibit.file
        drawing.write_text(exhibit.svg, encoding="utf-8")
        if exhibit.hover:
            (folder / exhibit.hover_file).write_text(exhibit.hover, encoding="utf-8")
        page = drawing.with_suffix(".typ")
        page.write_text(
            f'#set page(width: auto, height: auto, margin: 0pt)\n#image("{drawing.name}")\n', encoding="utf-8"
        )
        make = functools.partial(compile_typst, page, settings.epoch, standards=("a-2b",))
        pdf = kept(folder, ("pdf", exhibit.file, exhibit.svg, settings.epoch), make)
        drawing.with_suffix(".pdf").write_bytes(pdf)
        page.unlink()

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, [figure for section in sections for figure in section.figures]))


def _write_metadata(
    sections: Sequence[Section],
    settings: Settings,
    attachments: Sequence[Attachment],
    names: str,
    folder: Path,
) -> None:
    """Write what Pandoc reads as Markdown (metadata) and what it uses literally (variables)."""
    metadata = {
        "title": escape_markdown(settings.title),
        "subtitle": escape_markdown(settings.subtitle),
        "author": [escape_markdown(author) for author in settings.authors],
        "keywords": [escape_markdown(keyword) for keyword in settings.keywords],
        "version": escape_markdown(settings.version),
        "licence": escape_markdown(settings.licence),
        "lang": "en",
        "abstract": "\n\n".join(section.abstract for section in sections if section.abstract) + "\n",
        "cite-as": settings.cite_as,
        "link-citations": True,
    }
    files = [
        {
            "file": attachment.path.name,
            "type": KINDS[attachment.path.suffix][0],
            "relation": KINDS[attachment.path.suffix][1],
            "about": attachment.about,
            "content": base64.b64encode((folder / attachment.path.name).read_bytes()).decode(),
        }
        for attachment in attachments
    ]
    variables = {
        "names-style": names,
        "names-fonts": [json.dumps(family, ensure_ascii=False) for family in families(folder)],
        "date": settings.printed_date,
        "year": str(settings.date.year),
        "month": str(settings.date.month),
        "day": str(settings.date.day),
        "author-strings": [json.dumps(author, ensure_ascii=False) for author in settings.authors],
        "keyword-strings": [json.dumps(keyword, ensure_ascii=False) for keyword in settings.keywords],
        "attachments": files,
    }
    (folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    (folder / "variables.json").write_text(json.dumps({"variables": variables}), encoding="utf-8")
