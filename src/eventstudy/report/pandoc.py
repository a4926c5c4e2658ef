"""Run Pandoc on the text of a report, and name the cell of any problem."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from eventstudy.errors import ReportError
from eventstudy.report.convert import Section
from eventstudy.report.execute import where

# no column limit: a pipe table wider than it gets columns of equal width
MARKDOWN = ["--from=markdown", "--columns=10000", "--wrap=preserve", "--fail-if-warnings"]
PREFIX = {"fig": "a figure", "tbl": "a table", "eq": "an equation", "sec": "a section"}
# messages of Pandoc or the filter, a pattern for their place in the text, and the message for the author
FAULTS = [
    (
        re.compile(r"unknown label: (\S+)"),
        r"@{}(?![\w-])",
        "@{} is not the label of {}; correct it, or give the label where it belongs",
    ),
    (
        re.compile(r"citation (\S+) not found"),
        r"@{}(?![\w-])",
        "@{} is not in references.bib; add it or correct the key",
    ),
    (
        re.compile(r"label used twice: (\S+)"),
        r"\{{#{}(?![\w-])",
        "the label {} is used twice; rename one of them",
    ),
    (
        re.compile(r"a cross-reference and a citation in one bracket: (\S+)"),
        r"\[[^\]]*@{}[^\]]*\]",
        "@{} shares a bracket with a citation; give each its own",
    ),
    (
        re.compile(r"heading too deep: (.+)"),
        r"(?m)^#+ {}",
        "the heading '{}' skips a level; use one # more than the heading above it",
    ),
    (
        re.compile(r"image in the text: (\S+)"),
        r"\({}\)",
        "the image {} is in the text; draw figures in a code cell",
    ),
]


def run_pandoc(
    arguments: Sequence[str],
    folder: Path,
    sections: Sequence[Section],
    *,
    epoch: int,
    lua_filter: str = "report.lua",
) -> None:
    """Convert the ``report.md`` of a folder, as `prepare` leaves it there.

    - `arguments`: options for the output.
    - `sections`: to name the cell of a problem.
    - `epoch`: seconds from 1970, for formats that carry a date.

    Raises ReportError if Pandoc stops or warns.
    """
    import pypandoc

    # citations last: to Pandoc, @fig:x is one too until the filter has made it a reference
    common = [*MARKDOWN, f"--lua-filter={lua_filter}", "--bibliography=references.bib"]
    common += ["--metadata-file=metadata.json", "--defaults=variables.json", "--citeproc"]
    done = subprocess.run(
        [pypandoc.get_pandoc_path(), *common, *arguments, "report.md"],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if not line.startswith("Failing because")]
        known = dict.fromkeys(filter(None, (_explain(line, sections) for line in lines)))
        unknown = " ".join(" ".join(lines).split())
        raise ReportError("\n".join(known) or f"report.md: {unknown}; correct the text that leads to it")


def _explain(line: str, sections: Sequence[Section]) -> str:
    """Return a warning of Pandoc or of the filter as a message that names the cell and the fix, empty if unknown."""
    for pattern, place, message in FAULTS:
        if match := pattern.search(line):
            label = re.escape(match[1])
            what = PREFIX.get(match[1].split(":")[0], "")
            return f"{_find(place.format(label), sections)}: {message.format(match[1], what)}"
    return ""


def _find(pattern: str, sections: Sequence[Section]) -> str:
    """Return the first cell with text that a pattern matches, as messages name it."""
    for section in sections:
        for number, text in enumerate(section.texts, 1):
            if re.search(pattern, text):
                return where(section.source, number)
    return "report.md"
