"""Check a finished PDF: tags, alternative texts, fonts, links, standards. No substitute for a validator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eventstudy.figures import WIDTH
from eventstudy.report.pdf_text import text_runs

SLACK = 6.0  # points that the space at the end of a line and a hanging hyphen take
MARGIN = 0.07  # of the height: the place of header and footer, without leaders of a table of contents


def check_pdf(path: Path) -> list[str]:
    """Return the problems of a PDF, an empty list if there are none."""
    import pikepdf

    with pikepdf.open(path) as pdf:
        return [*_document(pdf), *_structure(pdf), *_fonts(pdf), *_pages(pdf), *_text(pdf)]


def _document(pdf: Any) -> Iterator[str]:
    root = pdf.Root
    metadata = root.Metadata.read_bytes().decode("utf-8", "replace") if "/Metadata" in root else ""
    good = {
        "it is not tagged": "/StructTreeRoot" in root,
        "it is not marked as tagged": bool(root.get("/MarkInfo", {}).get("/Marked", False)),
        "it names no language": bool(str(root.get("/Lang", ""))),
        "it has no title": "<dc:title>" in metadata,
        "viewers show its file name, not its title": bool(
            root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False)
        ),
        "it has no bookmarks": "/Outlines" in root,
        "it does not say PDF/UA": "pdfuaid:part" in metadata,
        "it does not say PDF/A": "pdfaid:part" in metadata,
    }
    yield from (problem for problem, passed in good.items() if not passed)


def _structure(pdf: Any) -> Iterator[str]:
    tree = pdf.Root.get("/StructTreeRoot")
    for element in _elements(tree.K) if tree is not None else ():
        tag = str(element.S)
        if tag in ("/Figure", "/Formula") and not str(element.get("/Alt", "")).strip():
            yield f"a {tag[1:].lower()} has no alternative text"
        if tag == "/TH" and not any("/Scope" in attributes for attributes in _attributes(element)):
            yield "a header cell does not say what it heads"


def _elements(node: Any) -> Iterator[Any]:
    import pikepdf

    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _elements(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _elements(node.K)


def _attributes(element: Any) -> list[Any]:
    import pikepdf

    found = element.get("/A", [])
    return [
        a
        for a in (found if isinstance(found, pikepdf.Array) else [found])
        if isinstance(a, pikepdf.Dictionary)
    ]


def _fonts(pdf: Any) -> Iterator[str]:
    import pikepdf

    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor":
            name = str(thing.get("/FontName"))
            if not any(key in thing for key in ("/FontFile", "/FontFile2", "/FontFile3")):
                yield f"the font {name[1:]} is not embedded"
            if "LastResort" in name:  # Typst draws this one's box and says nothing
                yield "a character has no glyph in any font"


def _pages(pdf: Any) -> Iterator[str]:
    names = _named_destinations(pdf)
    pages = {page.obj.objgen for page in pdf.pages}
    for number, page in enumerate(pdf.pages, 1):
        annotations = list(page.get("/Annots", []))
        if annotations and page.get("/Tabs") != "/S":
            yield f"page {number}: the tab key does not follow the structure"
        for annotation in annotations:
            target = _target(annotation)
            if target is not None and not _reaches(target, pages, names):
                yield f"page {number}: a link leads nowhere"


def _text(pdf: Any) -> Iterator[str]:
    """Find letters outside the text block, which is as wide as the figures and in the middle of the page."""
    for number, page in enumerate(pdf.pages, 1):
        left, bottom, right, top = (float(edge) for edge in page.mediabox)
        side = (right - left - 72 * WIDTH) / 2 - SLACK
        low, high = bottom + MARGIN * (top - bottom), top - MARGIN * (top - bottom)
        runs = list(text_runs(page))
        # a header or footer is less important than content that runs into it
        foot = max((run.top for run in runs if run.furniture and run.top < low), default=bottom)
        head = min((run.bottom for run in runs if run.furniture and run.bottom > high), default=top)
        if any(run.left < left + side or run.right > right - side for run in runs):
            yield f"page {number}: text runs over the side of the text block"
        if any(run.bottom < foot or run.top > head for run in runs if not run.furniture):
            yield f"page {number}: text runs over the end of the text block"
        if any(run.missing for run in runs):
            yield f"page {number}: a character has no glyph in its font"


def _named_destinations(pdf: Any) -> set[str]:
    found: set[str] = set()
    queue = [tree] if (tree := pdf.Root.get("/Names", {}).get("/Dests")) is not None else []
    while queue:
        node = queue.pop()
        found.update(str(name) for name in list(node.get("/Names", []))[::2])
        queue.extend(node.get("/Kids", []))
    return found


def _target(annotation: Any) -> Any:
    """Return the target of a link inside the document, None for anything else."""
    if annotation.get("/Subtype") != "/Link":
        return None
    if "/Dest" in annotation:
        return annotation.Dest
    action = annotation.get("/A", {})
    return action.get("/D") if action.get("/S") == "/GoTo" else None


def _reaches(target: Any, pages: set[tuple[int, int]], names: set[str]) -> bool:
    import pikepdf

    if isinstance(target, pikepdf.Array):
        return len(target) > 0 and target[0].objgen in pages
    return str(target) in names
