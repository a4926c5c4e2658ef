"""A printed table as a Word document, by Pandoc: columns as wide as their words, in letters of nine points."""

from __future__ import annotations

import html
import io
import os
import re
import subprocess
import zipfile
from collections.abc import Sequence

from eventstudy.errors import OptionError
from eventstudy.latex import PARTS, shared_widths

EPOCH = "315532800"  # 1980, the first date that a Word document can carry: no clock in what is written
LETTERS = 79  # of nine points on a line of Pandoc's page, even in a wide font
AIR = 2.2  # letters that the edges of a cell take
BREAK = "\u200b"  # a place where a line may end, and which is not seen
COMPACT = re.compile(rb'(<w:style [^>]*w:styleId="Compact"[^>]*>.*?)(</w:style>)', re.DOTALL)
SMALL = rb'<w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr>'  # in half points


def word_table(
    header: Sequence[str], right: Sequence[bool], rows: Sequence[Sequence[str]], note: str
) -> bytes:
    """Return a document with a native table; `right`: which columns align right; `note`: HTML below it."""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    room = LETTERS - AIR * len(widths)
    whole = [max(map(len, " ".join(column).split()), default=1) for column in columns]
    breaks = sum(whole) > room  # calls have no spaces
    parts = [max(map(len, PARTS.findall(" ".join(column))), default=1) for column in columns]
    shares = [width + AIR for width in shared_widths(widths, parts if breaks else whole, room)]
    scale = max(LETTERS, sum(shares))
    lines = [
        [re.sub(r"([(=,])(?=\S)", rf"\1{BREAK}", c) for c in row] if breaks else row
        for row in (header, *rows)
    ]
    sides = [f'style="text-align: {"right" if number else "left"}"' for number in right]
    head, *body = (
        "".join(f"<{tag} {side}>{html.escape(cell)}</{tag}>" for side, cell in zip(sides, line, strict=True))
        for tag, line in zip(["th", *["td"] * len(rows)], lines, strict=True)
    )
    wide = "".join(f'<col style="width: {100 * share / scale:.2f}%">' for share in shares)
    text = (
        f"<table><colgroup>{wide}</colgroup><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(f'<tr>{line}</tr>' for line in body)}</tbody></table>"
    )
    return _small(_converted(text + (f"<p>{note}</p>" if note else "")))


def _converted(text: str) -> bytes:
    """Return HTML as a Word document."""
    try:
        import pypandoc
    except ImportError:
        raise OptionError(
            "Table.to_docx: pypandoc is not installed; run pip install 'eventstudy-timing[report]'"
        ) from None
    done = subprocess.run(
        [str(pypandoc.get_pandoc_path()), "--from=html", "--to=docx", "--output=-"],
        input=text.encode("utf-8", "backslashreplace"),
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise OptionError(f"Table.to_docx: Pandoc says {said}; write the Markdown, and convert it apart")
    return done.stdout


def _small(document: bytes) -> bytes:
    """Return a document with smaller letters in its tables, whose style Pandoc calls Compact."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "word/styles.xml":
                content = COMPACT.sub(rb"\1" + SMALL + rb"\2", content, count=1)
            new.writestr(part, content)
    return written.getvalue()
