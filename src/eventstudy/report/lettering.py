"""Fonts for names in other scripts in a report: found before any work, embedded, and named."""

from __future__ import annotations

import base64
import io
import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from eventstudy.errors import FontError
from eventstudy.fonts import Font, find_fonts, lacking, own_folder, own_fonts, refusal
from eventstudy.report.appendix import doubts
from eventstudy.report.execute import where
from eventstudy.report.notebooks import read_notebook
from eventstudy.report.project import Project

FOLDER = "fonts"  # beside a Typst file: its fonts besides those of Typst and of Matplotlib


def check_lettering(project: Project) -> None:
    """Refuse a report whose text holds a character that no font has, before any notebook runs.

    The output of notebooks is known only when they have run; labels in figures are drawn, or refused, there.

    Raises FontError.
    """
    texts = about_texts(project)
    for source in project.notebooks:
        for number, cell in enumerate(read_notebook(source)["cells"], 1):
            lines = cell["source"].splitlines()
            if cell["cell_type"] != "markdown":
                lines = [line for line in lines if line.startswith("#|")]
            texts[where(source, number)] = "\n".join(lines)
    fonts_for_print(texts)


def about_texts(project: Project) -> dict[str, str]:
    """Return the texts of a report outside its notebooks, by place: the title page, plans, and doubts about data."""
    settings = project.settings
    texts = {
        "CITATION.cff": " ".join([settings.title, *settings.authors]),
        "notebooks/report.toml": " ".join([settings.subtitle, *settings.keywords]),
    }
    for plan in project.plans:
        lines = plan.read_text(encoding="utf-8", errors="replace").splitlines()
        texts |= {f"notebooks/{plan.name}:{number}": line for number, line in enumerate(lines, 1)}
    return texts | {path.relative_to(project.root).as_posix(): doubts(path) for path in project.data}


def fonts_for_print(texts: Mapping[str, str]) -> tuple[Font, ...]:
    """Return the fonts that texts need besides those of Typst and Matplotlib; none for nearly every report.

    `texts`: by place, for the message.

    Raises FontError if no font has a character.
    """
    rest = lacking(" ".join(" ".join(texts.values()).split()), own_fonts())
    if not rest or _drawn_by_typst(rest):
        return ()
    found, left = find_fonts(rest)
    for character in left:
        if not _drawn_by_typst(character):
            place = next(place for place, text in texts.items() if character in text)
            raise FontError(f"{place}: {refusal(character)}")
    return found


def carry_fonts(fonts: Sequence[Font], folder: Path) -> None:
    """Copy fonts to the place where a Typst file in `folder` finds them."""
    for font in fonts:
        for file in font.files:
            (folder / FOLDER).mkdir(exist_ok=True)
            shutil.copy(file, folder / FOLDER)


def font_paths(folder: Path) -> list[str]:
    """Return where Typst looks for fonts for a file in a folder."""
    carried = folder / FOLDER
    return [str(own_folder()), *([str(carried)] if carried.is_dir() else [])]


def families(folder: Path) -> list[str]:
    """Return Typst's names of the fonts copied to a folder."""
    import typst

    if not (folder / FOLDER).is_dir():
        return []
    carried = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder / FOLDER)]
    )
    return sorted(carried.families())


def page_style(fonts: Sequence[Font], texts: Mapping[str, str]) -> str:
    """Return the style of a page whose reader may lack fonts: each with the letters of the page alone; empty if none.

    The same bytes for the same fonts and texts.
    """
    if not fonts:
        return ""
    letters = lacking(" ".join(" ".join(texts.values()).split()), own_fonts())
    faces = [
        f'@font-face {{ font-family: "names-{number}"; font-weight: {weight}; '
        f"src: url(data:font/ttf;base64,{base64.b64encode(_subset(file, letters)).decode()}) }}"
        for number, font in enumerate(fonts)
        for file, weight in zip(font.files, ("normal", "bold"), strict=False)
    ]
    names = ", ".join(f'"names-{number}"' for number in range(len(fonts)))
    return "\n".join(
        [
            *faces,
            f'html {{ font-family: "Libertinus Serif", "Iowan Old Style", Palatino, Georgia, {names}, serif }}',
            f"code, pre {{ font-family: monospace, {names} }}",
        ]
    )


def _subset(file: Path, letters: str) -> bytes:
    from fontTools import subset

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    # the first face of a collection
    options = subset.Options(
        layout_features=["*"], notdef_outline=True, recalc_timestamp=False, font_number=0
    )
    chosen = subset.Subsetter(options)
    chosen.populate(text=letters)
    content = io.BytesIO()
    with file.open("rb") as opened, subset.load_font(opened, options) as font:
        chosen.subset(font)
        subset.save_font(font, content, options)
    return content.getvalue()


def _drawn_by_typst(characters: str) -> bool:
    """Return whether Typst's own fonts, or Matplotlib's, have every one of some characters."""
    import pikepdf
    import typst

    shown = "".join(f"\\u{{{ord(character):x}}} " for character in characters)
    page: bytes = f"#set page(width: 160mm, height: auto)\n{shown}".encode()
    pdf = typst.compile(
        page, font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(own_folder())])
    )
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return not any(
            isinstance(thing, pikepdf.Dictionary) and "LastResort" in str(thing.get("/FontName", ""))
            for thing in opened.objects
        )
