"""The numbers, tables and figures of a report, one file each, for use in other papers."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

from eventstudy.latex import escape_latex, latex_note, name_signs
from eventstudy.numbers import Record, numbers_tex
from eventstudy.report.convert import Exhibit, Section
from eventstudy.report.kept import kept
from eventstudy.report.lettering import font_paths
from eventstudy.report.settings import Settings

FIGURE_PPI = 300
PREVIEW_PPI = 96
WORDS = re.compile(r"^%% (tbl:\S+) (caption|note)\n(.*?)(?=^%% |\Z)", re.MULTILINE | re.DOTALL)


def write_numbers(numbers: Mapping[str, Record], settings: Settings, folder: Path) -> None:
    """Write ``numbers.json`` and ``numbers.tex``."""
    records = json.dumps(numbers, indent=1, ensure_ascii=False)
    (folder / "numbers.json").write_text(f"{records}\n", encoding="utf-8")
    about = f"\u201c{settings.title}\u201d, version {settings.version}"
    (folder / "numbers.tex").write_text(numbers_tex(numbers, about), encoding="utf-8")


def write_tables(sections: Sequence[Section], settings: Settings, work: Path) -> None:
    """Write every table as CSV and as LaTeX into the ``tables`` of a folder in which a report is prepared."""
    (work / "tables").mkdir()
    words = _captions_and_notes(sections, work)
    for exhibit in (exhibit for section in sections for exhibit in section.exhibits):
        if exhibit.latex:
            file = work / "tables" / exhibit.name
            file.with_suffix(".csv").write_text(exhibit.csv, encoding="utf-8")
            latex = _table(
                exhibit, settings, words[exhibit.label, "caption"], words.get((exhibit.label, "note"))
            )
            file.with_suffix(".tex").write_text(latex, encoding="utf-8")


def write_pictures(sections: Sequence[Section], folder: Path) -> None:
    """Write every figure of a folder in which a report is prepared as PNG beside its SVG."""

    def write(figure: Exhibit) -> None:
        drawing = folder / "figures" / figure.file
        make = functools.partial(_picture, drawing, FIGURE_PPI)
        drawing.with_suffix(".png").write_bytes(kept(folder, ("png", figure.svg, FIGURE_PPI), make))

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, [figure for section in sections for figure in section.figures]))


def write_preview(pdf: Path) -> None:
    """Write the first page of a report as ``preview.png`` beside its PDF."""
    (pdf.parent / "preview.png").write_bytes(_picture(pdf, PREVIEW_PPI))


def _captions_and_notes(sections: Sequence[Section], work: Path) -> dict[tuple[str, str], str]:
    """Return the caption and the note of each table as LaTeX: references as words, citations resolved."""
    import pypandoc

    templates = resources.files("eventstudy.report") / "templates"
    (work / "exports.lua").write_bytes((templates / "exports.lua").read_bytes())
    # tables of the summary sheet appear only there; put after the report, they change no number in it
    sheet = [section.summary for section in sections if section.summary]
    text = "\n\n".join([(work / "report.md").read_text(encoding="utf-8"), *sheet])
    (work / "exports.md").write_text(text, encoding="utf-8")
    options = [
        "--wrap=none",
        "--lua-filter=exports.lua",
        "--bibliography=references.bib",
        "--metadata-file=metadata.json",
    ]
    latex = pypandoc.convert_file(
        str(work / "exports.md"), "latex", format="markdown", extra_args=options, cworkdir=str(work)
    )
    return {
        (label, part): name_signs(" ".join(text.split())) for label, part, text in WORDS.findall(f"{latex}\n")
    }


def _table(exhibit: Exhibit, settings: Settings, caption: str, note: str | None) -> str:
    origin = f"{exhibit.source.name}, cell {exhibit.cell}"
    head = [
        f"% Table {exhibit.label} of {escape_latex(settings.title)} (version {settings.version}), from {origin}.",
        rf"% Needs \usepackage{{array,booktabs}}. Include it by \input{{tables/{exhibit.name}.tex}} inside a table.",
        f"% Caption: {caption}",
    ]
    foot = [latex_note(note), ""] if note else [""]
    return "\n".join([*head, exhibit.latex.rstrip("\n"), *foot])


def _picture(source: Path, ppi: float) -> bytes:
    """Return an SVG, or the first page of a PDF, as PNG: the same bytes for the same input."""
    import typst

    page = source.with_suffix(".picture.typ")
    page.write_text(
        f'#set page(width: auto, height: auto, margin: 0pt)\n#image("{source.name}")\n', encoding="utf-8"
    )
    picture = typst.compile(
        str(page),
        root=str(page.parent),
        font_paths=font_paths(source.parent),
        ignore_system_fonts=True,
        format="png",
        ppi=ppi,
    )
    page.unlink()
    return bytes(picture)
