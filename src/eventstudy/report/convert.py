"""An executed notebook as Markdown for Pandoc, with its figures, tables and numbers extracted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eventstudy.errors import ReportError
from eventstudy.hover import MIME as HOVER
from eventstudy.numbers import MIME, Record
from eventstudy.report.drawings import steady
from eventstudy.report.execute import COLOUR, where
from eventstudy.report.notebooks import Cell, Notebook
from eventstudy.tables import MIME as TABLE

TAGS = {"parameters", "abstract", "summary", "show-input", "remove-input", "remove-output", "remove-cell"}
DIRECTIVE = re.compile(r"#\| ?([a-z]+):(?: (.*))?")
CONTINUED = re.compile(r"#\| {2,}(.*)")
DIRECTIVES = {"label", "caption", "alt", "note"}
LABEL = re.compile(r"(?:fig|tbl):[a-z0-9]+(?:-[a-z0-9]+)*")
EQUATION = re.compile(
    r"^\$\$(?P<tex>(?:(?!\$\$).)+)\$\$[ \t]*\{#(?P<id>eq:[\w-]+)(?:\s+alt=\"(?P<alt>[^\"]*)\")?\s*\}[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]")
HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
WIDTH = re.compile(r"<svg[^>]*?\bwidth=\"([\d.]+)pt\"", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One figure or table of a report.

    - `label`: "fig:timeline" or "tbl:rates".
    - `cell`: counted from 1.
    - `code`: the cell that made it.
    - `svg`: a figure's drawing; empty for a table.
    - `csv`, `latex`: a table as `eventstudy.tables.Table` writes it; empty for a figure.
    - `hover`: the HTML shown on screen in place of the drawing; empty where the drawing itself is shown.
    """

    label: str
    source: Path
    cell: int
    code: str
    svg: str = field(default="", repr=False)
    csv: str = field(default="", repr=False)
    latex: str = field(default="", repr=False)
    hover: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The label without its kind: the base name of its files."""
        return self.label.partition(":")[2]

    @property
    def file(self) -> str:
        """Name of the figure's file; empty for a table."""
        return f"{self.name}.svg" if self.svg else ""

    @property
    def hover_file(self) -> str:
        """Name of the file with the part of a page; empty where there is none."""
        return f"hover-{self.name}.html" if self.hover else ""


@dataclass(frozen=True, slots=True)
class Section:
    """The part of the report from one notebook.

    - `body`, `abstract`, `summary`: Markdown of Pandoc: for the report, for its first page, and for the
      summary sheet.
    - `numbers`: as `eventstudy.numbers.Numbers.to_dict` gives them.
    - `texts`: the Markdown of each cell, to find the cell that a later message is about.
    """

    source: Path
    body: str
    abstract: str
    summary: str
    exhibits: tuple[Exhibit, ...]
    numbers: Mapping[str, Record]
    texts: tuple[str, ...]

    @property
    def figures(self) -> list[Exhibit]:
        """The exhibits that are figures."""
        return [exhibit for exhibit in self.exhibits if exhibit.svg]


def convert(notebook: Notebook, source: Path) -> Section:
    """Convert an executed notebook.

    `notebook`: as `eventstudy.report.execute.execute` returns it. `source`: the py:percent file, for
    messages.

    Raises ReportError if a cell shows something that a report cannot print, or lacks a label, a caption or an
    alt text.
    """
    texts: list[str] = []
    exhibits: list[Exhibit] = []
    body: list[str] = []
    apart: dict[str, list[str]] = {"abstract": [], "summary": []}
    numbers: dict[str, Record] = {}
    for number, cell in enumerate(notebook["cells"], 1):
        tags = _tags(cell, where(source, number))
        parts: list[str] = []
        if cell["cell_type"] == "markdown":
            parts = [_prose(cell["source"], source, where(source, number))]
        elif cell["cell_type"] == "code":
            for output in cell["outputs"]:
                numbers |= output.get("data", {}).get(MIME, {})
            for part in _code_cell(cell, source, number, tags):
                if isinstance(part, Exhibit):
                    if part.svg and (tag := next(iter(apart.keys() & tags), None)):
                        raise ReportError(
                            f"{where(source, number)}: a figure in a cell tagged {tag}, where only text and tables "
                            "fit; show it in a cell without the tag"
                        )
                    exhibits.append(part)
                else:
                    parts.append(part)
        text = "" if "remove-cell" in tags else "\n\n".join(parts)
        texts.append(text)
        for place in [lines for tag, lines in apart.items() if tag in tags] or [body]:
            place.append(text)
    code = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if not numbers and any("Numbers(" in text for text in code):
        raise ReportError(
            f"{_name(source)}: collects numbers and never shows them; end it with a cell that says numbers"
        )
    joined = "\n\n".join(filter(None, body))
    if not joined.startswith("# "):
        raise ReportError(
            f"{_name(source)}: does not start with a title; begin its first cell with '# Title'"
        )
    for tag, lines in apart.items():
        if any(HEADING.search(line) for line in lines):
            raise ReportError(f"{_name(source)}: a heading in a cell tagged {tag}; take the heading out")
    abstract, summary = ("\n\n".join(filter(None, lines)) for lines in apart.values())
    return Section(source, joined, abstract, summary, tuple(exhibits), numbers, tuple(texts))


def _name(source: Path) -> str:
    return f"{source.parent.name}/{source.name}"


def _tags(cell: Cell, place: str) -> set[str]:
    tags = set(cell["metadata"].get("tags", ()))
    if unknown := sorted(tags - TAGS):
        raise ReportError(f"{place}: unknown tag {unknown[0]!r}; the tags are {', '.join(sorted(TAGS))}")
    return tags


def _prose(text: str, source: Path, place: str) -> str:
    """Return Markdown with equations as labelled blocks and footnotes named for their notebook."""
    text = EQUATION.sub(_equation, text)
    if stray := re.search(r"\$\$\s*\{#eq:[\w-]*", text):
        raise ReportError(
            f"{place}: the label {stray[0].split('{')[1]!r} is not read; start the line with $$, end it with "
            f'$$ {{#eq:name alt="in words"}}, and nothing after it'
        )
    return FOOTNOTE.sub(rf"[^{source.stem}-\1]", text)


def _equation(match: re.Match[str]) -> str:
    alt = match["alt"] or match["tex"]
    return f"\n\n::: {{#{match['id']} .equation alt={_quoted(alt)}}}\n$${match['tex'].strip()}$$\n:::\n\n"


def _code_cell(cell: Cell, source: Path, number: int, tags: set[str]) -> Iterator[str | Exhibit]:
    place = where(source, number)
    options, code = _directives(cell["source"], place)
    if "show-input" in tags and code:
        yield _fenced(code, "python")
    if tags & {"remove-output", "remove-cell"}:
        return
    shown = 0
    hover = next((o["data"][HOVER] for o in cell["outputs"] if HOVER in o.get("data", {})), "")
    for output in cell["outputs"]:
        data = output.get("data", {})
        if MIME in data or HOVER in data:
            continue
        if "image/svg+xml" in data or TABLE in data:
            shown += 1
            kind = "fig" if "image/svg+xml" in data else "tbl"
            _check_options(options, kind, shown, place)
            exhibit = Exhibit(
                options["label"],
                source,
                number,
                code,
                steady(data.get("image/svg+xml", "")),
                hover=hover,
                **data.get(TABLE, {}),
            )
            yield exhibit
            yield (
                _figure(exhibit, options, place) if kind == "fig" else _table(data["text/markdown"], options)
            )
        elif "text/markdown" in data and "text/html" not in data:
            yield _prose(data["text/markdown"], source, place)
        elif "text/html" in data:
            raise ReportError(
                f"{place}: shows a frame without layout; end the cell with Table(frame, digits=2)"
            )
        elif any(kind.startswith("image/") for kind in data):
            raise ReportError(
                f"{place}: shows a figure that is not SVG; call use_style() before the first figure"
            )
        elif options and output["output_type"] == "execute_result":
            continue  # the return value of the last line of plotting code
        elif options:
            said = data.get("text/plain") or output["text"].strip()
            raise ReportError(
                f"{place}: prints {said!r} beside its figure or table; print it in a cell of its own"
            )
        else:
            yield _fenced(COLOUR.sub("", data.get("text/plain") or output["text"]), "{.output}")
    if hover and not shown:
        raise ReportError(
            f"{place}: shows a figure for the screen alone; draw it in the same cell for print, with its label"
        )
    if options and not shown:
        raise ReportError(
            f"{place}: has directives but shows no figure or table; end it with one, or take them out"
        )


def _directives(source: str, place: str) -> tuple[dict[str, str], str]:
    """Split the leading ``#|`` lines off a cell: options by name, and the code."""
    options: dict[str, str] = {}
    lines, last = source.splitlines(), ""
    while lines and lines[0].startswith("#|"):
        line = lines.pop(0)
        if last and (more := CONTINUED.fullmatch(line)):
            options[last] = f"{options[last]} {more[1].strip()}".strip()
        elif (match := DIRECTIVE.fullmatch(line)) and match[1] in DIRECTIVES - options.keys():
            last = match[1]
            options[last] = (match[2] or "").strip()
        else:
            raise ReportError(
                f"{place}: {line!r} is not read; write each of {', '.join(sorted(DIRECTIVES))} once, as "
                f"'#| label: fig:name', and go on in the next line with '#|   more text'"
            )
    if late := [line for line in lines if line.startswith("#|")]:
        raise ReportError(f"{place}: {late[0]!r} comes after code; move it to the top of the cell")
    return options, "\n".join(lines).strip()


def _check_options(options: Mapping[str, str], kind: str, shown: int, place: str) -> None:
    what = "figure" if kind == "fig" else "table"
    if shown > 1:
        raise ReportError(f"{place}: shows {shown} figures or tables; give each a cell of its own")
    label = options.get("label", "")
    if not LABEL.fullmatch(label) or not label.startswith(kind):
        found = f"the label {label!r} on a {what}" if label else f"a {what} without label"
        raise ReportError(
            f"{place}: {found}; begin the cell with '#| label: {kind}:name' (lower case, hyphens)"
        )
    for need in ("caption", "alt") if kind == "fig" else ("caption",):
        if not options.get(need):
            raise ReportError(f"{place}: {label} has no {need}; add a line '#| {need}: ...' below its label")
    if kind == "tbl" and "alt" in options:
        raise ReportError(f"{place}: {label} is a table, which screen readers can read; take its alt out")
    if options.get("alt") and options["alt"] == options["caption"]:
        raise ReportError(
            f"{place}: the alt text of {label} repeats its caption; say instead what the figure shows"
        )


def _figure(exhibit: Exhibit, options: Mapping[str, str], place: str) -> str:
    width = WIDTH.search(exhibit.svg)
    if width is None:
        raise ReportError(f"{place}: the drawing of {exhibit.label} has no width; draw it with Matplotlib")
    inches = float(width[1]) / 72
    attributes = f'src="figures/{exhibit.file}" width="{inches:.3f}in" alt={_quoted(options["alt"])}'
    attributes += f' hover="{exhibit.hover_file}"' if exhibit.hover else ""
    note = f"\n\n::: note\n{options['note']}\n:::" if "note" in options else ""
    return f"::: {{#{exhibit.label} .figure {attributes}}}\n{options['caption']}{note}\n:::"


def _table(markdown: str, options: Mapping[str, str]) -> str:
    note = f"\n\n::: note\n{options['note']}\n:::" if "note" in options else ""
    return (
        f":::: {{#{options['label']} .table}}\n::: caption\n{options['caption']}\n:::\n\n"
        f"{markdown.strip()}{note}\n::::"
    )


def _quoted(text: str) -> str:
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _fenced(text: str, info: str) -> str:
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{ticks}{info}\n{text.rstrip()}\n{ticks}"
