"""The block ``notebook``: a notebook of ``notebooks/`` as a page, with its outputs where they are at hand.

`make report` keeps the outputs of its notebooks; they are shown as long as nothing that they depend on has
changed. Without them a notebook of the report appears with its code, its text and the published figures. One
beside the report is run here.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypandoc
from sphinx.application import Sphinx
from sphinx.errors import SphinxError

from eventstudy.numbers import MIME
from eventstudy.report.environment import list_fonts
from eventstudy.report.execute import COLOUR, Kernels, execute
from eventstudy.report.notebooks import Notebook, find_notebooks, find_sources, read_notebook
from eventstudy.report.project import open_project
from eventstudy.report.run import kept_notebook

DIRECTIVE = re.compile(r"^```\{notebook\} (\S+)\n```$", re.MULTILINE)
NAMES = {"fig": "Figure", "tbl": "Table", "sec": "Section", "eq": "Formula"}
LABEL = re.compile(r"(?:#\| ?label: |\{#)((?:fig|tbl|sec|eq):[\w-]+)")
REFERENCE = re.compile(r"@((?:fig|tbl|sec|eq):[\w-]+)")
OPTION = re.compile(r"#\| ?(\w+): (.*(?:\n#\| {2,}.*)*)")
EQUATION = re.compile(
    r"^\$\$((?:(?!\$\$).)+)\$\$[ \t]*\{#(eq:[\w-]+)[^}]*\}[ \t]*$", re.MULTILINE | re.DOTALL
)
HEADING_LABEL = re.compile(r"[ \t]*\{#sec:[\w-]+\}[ \t]*$", re.MULTILINE)
TITLE = re.compile(r"\A# .*\n?")
# Pandoc reads the prose as the report does, citations too, and writes what MyST reads
PANDOC = [
    "--from=markdown",
    "--to=commonmark+tex_math_dollars+pipe_tables-raw_html",
    "--wrap=none",
    "--citeproc",
]
WITHOUT_OUTPUTS = """```{note}
This page was built without running the notebook, which takes minutes. Left out are its tables, and the sentences
that carry numbers; both stand in the published report. `make report`, then `make docs`, shows them here.
```"""


def setup(app: Sphinx) -> dict[str, Any]:
    """Look for notebooks in every page before it is read."""
    app.connect("source-read", insert)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def insert(app: Sphinx, page: str, text: list[str]) -> None:
    """Put the text of a notebook in the place of the directive that names it, without its title."""
    root = Path(app.srcdir).parent
    folder = Path(app.doctreedir) / "pages" / page

    def written(match: re.Match[str]) -> str:
        source = root / "notebooks" / f"{match[1]}.py"
        if not source.exists():
            raise SphinxError(f"{page}: there is no notebooks/{source.name}; correct the name")
        app.env.note_dependency(str(source))
        folder.mkdir(parents=True, exist_ok=True)
        notebook = run_notebook(source, root, folder)
        shown = notebook or read_notebook(source)
        figures = write_figures(shown, root / "reports" / "figures", folder)
        places = {
            label: Path(os.path.relpath(path, app.srcdir)).as_posix() for label, path in figures.items()
        }
        said = to_myst(shown, source, places)
        return said if notebook else f"{WITHOUT_OUTPUTS}\n\n{said}"

    text[0] = DIRECTIVE.sub(written, text[0])


def run_notebook(source: Path, root: Path, scratch: Path) -> Notebook | None:
    """Return a notebook with its outputs, or None if it would have to be run and is one of the report's long ones."""
    if source in find_notebooks(source.parent):
        return kept_notebook(open_project(root), root / "build", source)
    list_fonts(scratch)
    return execute(source, epoch=0, scratch=scratch, kernels=Kernels())


def write_figures(notebook: Notebook, published: Path, folder: Path) -> dict[str, Path]:
    """Return where each labelled figure stands: written from the outputs, else the published one."""
    found = {}
    for number, cell in enumerate(notebook["cells"]):
        label = options(cell["source"]).get("label", f"cell-{number}")
        for output in cell.get("outputs", ()):
            if "image/svg+xml" in output.get("data", {}):
                found[label] = folder / f"{label.replace(':', '-')}.svg"
                found[label].write_text(output["data"]["image/svg+xml"], encoding="utf-8")
        file = published / f"{label.removeprefix('fig:')}.svg"
        if label not in found and label.startswith("fig:") and file.exists():
            found[label] = file
    return found


def to_myst(notebook: Notebook, source: Path, figures: dict[str, str]) -> str:
    """Return a notebook as Markdown of MyST: prose, code, and what outputs there are."""
    links = labels(source)
    held: list[str] = []  # what Pandoc must not touch, in the order of the page
    prose: list[str] = []

    def hold(text: str) -> None:
        held.append(text)
        prose.append(f"HELDPART{len(held) - 1}END")

    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "markdown":
            for part in _split(cell["source"]):
                hold(part) if part.startswith("(eq-") else prose.append(part)
            continue
        code = "\n".join(line for line in cell["source"].splitlines() if not line.startswith("#|")).strip()
        # prose with numbers in it is read as prose; the last cell hands the numbers to the report
        if "Markdown(" not in code and code != "numbers":
            hold(f"```python\n{code}\n```")
        for part in _shown(cell, number, figures):
            prose.append(part) if not part.startswith(("`", "(", "|")) else hold(part)
    there = {part.split(")=")[0][1:] for part in held if part.startswith("(")}
    text = REFERENCE.sub(lambda match: _linked(match[1], links[match[1]], there), "\n\n".join(prose))
    written = _pandoc(TITLE.sub("", text), source.parent / "references.bib")
    for number, part in enumerate(held):
        written = written.replace(f"HELDPART{number}END", part, 1)
    return written


def labels(source: Path) -> dict[str, str]:
    """Return for each label of a folder of notebooks the link that a page on `source` shows for it."""
    links = {}
    for other in find_sources(source.parent):
        counts = dict.fromkeys(NAMES, 0)
        for label in LABEL.findall(other.read_text(encoding="utf-8")):
            kind = label.split(":")[0]
            counts[kind] += 1
            if other == source:
                links[label] = f"[{NAMES[kind]} {counts[kind]}](#{label.replace(':', '-')})"
            else:
                links[label] = f"[notebook {other.stem}]({other.stem}.md)"
    return links


def _linked(label: str, link: str, there: set[str]) -> str:
    """Return a link, or its words alone where it leads to a part of the page that is not shown."""
    return link if "](#" not in link or label.replace(":", "-") in there else link[1:].split("]")[0]


def options(code: str) -> dict[str, str]:
    """Return what the leading ``#|`` lines of a cell say."""
    return {name: re.sub(r"\n#\| *", " ", text).strip() for name, text in OPTION.findall(code)}


def _split(text: str) -> Iterator[str]:
    """Yield prose and labelled formulas in turn."""
    text = HEADING_LABEL.sub("", text)
    last = 0
    for match in EQUATION.finditer(text):
        yield text[last : match.start()]
        yield f"({match[2].replace(':', '-')})=\n$$\n{match[1].strip()}\n$$"
        last = match.end()
    yield text[last:]


def _shown(cell: dict[str, Any], number: int, figures: dict[str, str]) -> Iterator[str]:
    """Yield what stands below a cell of code."""
    said = options(cell["source"])
    label = said.get("label", f"cell-{number}")
    drawn = label in figures
    if drawn:
        target = f"({label.replace(':', '-')})=\n"
        alt = f":alt: {said['alt']}\n" if "alt" in said else ":alt: The figure that the cell above draws\n"
        yield f"{target}```{{figure}} /{figures[label]}\n{alt}\n{said.get('caption', '')}\n```"
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if MIME in data or "image/svg+xml" in data:
            continue
        if "text/markdown" in data and "text/html" in data:
            table = data["text/markdown"].split("\n\n")[0].strip()
            yield (
                f"({label.replace(':', '-')})=\n**{said['caption']}**\n\n{table}"
                if "caption" in said
                else table
            )
        elif "text/markdown" in data:
            yield data["text/markdown"]
        elif not (drawn and output["output_type"] == "execute_result"):
            text = COLOUR.sub("", data.get("text/plain") or output["text"]).rstrip()
            yield f"```text\n{text}\n```"


def _pandoc(text: str, bibliography: Path) -> str:
    done = subprocess.run(
        [pypandoc.get_pandoc_path(), *PANDOC, f"--bibliography={bibliography}"],
        input=text, capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    return done.stdout
