"""Write every file of a report from the executed notebooks, in a separate folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from eventstudy.errors import ReportError
from eventstudy.numbers import Record
from eventstudy.report.appendix import appendix, how_to_repeat
from eventstudy.report.checksums import write_checksums
from eventstudy.report.convert import Section, convert
from eventstudy.report.execute import where
from eventstudy.report.exports import write_numbers, write_pictures, write_preview, write_tables
from eventstudy.report.lettering import about_texts, carry_fonts, fonts_for_print, page_style
from eventstudy.report.manifest import MANIFEST, manifest
from eventstudy.report.notebooks import Notebook
from eventstudy.report.project import Project
from eventstudy.report.render import Attachment, prepare, render
from eventstudy.report.word import write_word


def write_outputs(project: Project, notebooks: Sequence[Notebook], scratch: Path) -> Path:
    """Write all outputs of a project into a folder inside `scratch` and return that folder.

    `notebooks`: executed, in the order of the project. `scratch`: where to work.

    Raises ReportError if a notebook cannot be printed, or a check of the finished files finds a fault.
    """
    sections = [convert(nb, path) for nb, path in zip(notebooks, project.notebooks, strict=True)]
    numbers = _merge_numbers(sections)
    work, staged = scratch / "work", scratch / "staged"
    for folder in (work, staged):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    write_numbers(numbers, project.settings, work)
    texts = _texts(project, sections)
    fonts = fonts_for_print(texts)
    carry_fonts(fonts, work)
    end = appendix(project.root, sections, project.plans, project.data, fonts)
    repeat = how_to_repeat(project.root)
    attachments = _attachments(project, work)
    names = page_style(fonts, texts)
    prepare(sections, project.settings, project.bibliography, attachments, end, repeat, work, names)
    write_pictures(sections, work)
    with ThreadPoolExecutor() as pool:  # beside the PDFs and the page: each waits for a Pandoc of its own
        tables = pool.submit(write_tables, sections, project.settings, work)
        word = pool.submit(write_word, sections, project.settings, work) if project.settings.docx else None
        documents = render(sections, project.settings, work)
    _refuse(documents)
    tables.result()
    written = [*documents, *([word.result()] if word else [])]
    write_preview(work / f"{project.settings.output}.pdf")
    for name in (*(path.name for path in written), "numbers.json", "numbers.tex", "preview.png"):
        shutil.copy(work / name, staged)
    for name in ("figures", "tables"):
        shutil.copytree(work / name, staged / name)
    (staged / MANIFEST).write_text(manifest(project, sections, staged, fonts), encoding="utf-8")
    write_checksums(staged)
    return staged


def _texts(project: Project, sections: Iterable[Section]) -> dict[str, str]:
    """Return everything that is printed, by place."""
    cells = {
        where(section.source, number): text
        for section in sections
        for number, text in enumerate(section.texts, 1)
    }
    shown = {exhibit.hover_file: exhibit.hover for section in sections for exhibit in section.exhibits}
    names = {f"data/raw/{path.name}": path.name for path in project.data}
    bibliography = {"notebooks/references.bib": project.bibliography.read_text(encoding="utf-8")}
    return about_texts(project) | names | cells | shown | bibliography


def _refuse(documents: Mapping[Path, Sequence[str]]) -> None:
    problems = [f"{path.name}: {problem}" for path, found in documents.items() for problem in found]
    if problems:
        raise ReportError(
            "\n".join(f"{problem}; correct the text or the template" for problem in dict.fromkeys(problems))
        )


def _merge_numbers(sections: Iterable[Section]) -> dict[str, Record]:
    merged: dict[str, Record] = {}
    for section in sections:
        notebook = section.source.stem
        for name, record in section.numbers.items():
            if name in merged:
                raise ReportError(
                    f"notebooks/{section.source.name}: the number {name!r} is also in "
                    f"{merged[name]['notebook']}; give it another name"
                )
            merged[name] = {**record, "notebook": notebook}
    return dict(sorted(merged.items()))


def _attachments(project: Project, work: Path) -> list[Attachment]:
    notebooks = [Attachment(path, "Notebook: the code and text of a section") for path in project.notebooks]
    return [
        *notebooks,
        *(Attachment(path, "Choices fixed before the analysis") for path in project.plans),
        Attachment(work / "numbers.json", "Every number in the text: value, call, seed, data checksums"),
        Attachment(project.bibliography, "References in BibTeX"),
    ]
