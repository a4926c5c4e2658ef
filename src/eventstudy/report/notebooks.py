"""Notebook files: py:percent is the source, the .ipynb beside it is generated."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from pathlib import Path
from typing import Any, TypedDict

from eventstudy.errors import ReportError

LABEL = re.compile(r" ?\{#(sec|eq):[^{}]*\}")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


class Metadata(TypedDict, total=False):
    """Of a cell: its tags, and whether JupyterLab shows its code."""

    tags: list[str]
    jupyter: dict[str, bool]


class Cell(TypedDict):
    """A cell of a notebook; one of code has outputs in the form of nbformat."""

    cell_type: str
    id: str
    source: str
    metadata: Metadata
    outputs: list[Any]


class Notebook(TypedDict):
    """A notebook in the form of nbformat."""

    cells: list[Cell]
    metadata: dict[str, object]


def find_notebooks(folder: Path) -> list[Path]:
    """Return the numbered notebooks of a folder in their order.

    Raises ReportError if there are none.
    """
    found = sorted(folder.glob("[0-9]*.py"))
    if not found:
        raise ReportError(
            f"{folder.name}: no notebook; write the first one as {folder.name}/01-data.py (py:percent)"
        )
    return found


def find_sources(folder: Path) -> list[Path]:
    """Find every py:percent file of a folder: the numbered ones of the report, and worked examples beside it."""
    return [path for path in sorted(folder.glob("*.py")) if path.name[0].isdigit() or _has_cells(path)]


def find_modules(folder: Path) -> list[Path]:
    """Find the code that notebooks of a folder may import: modules and packages beside them."""
    notebooks = find_sources(folder)
    beside = [path for path in folder.glob("*.py") if path not in notebooks]
    inside = [path for package in folder.glob("*/__init__.py") for path in package.parent.rglob("*.py")]
    return sorted(beside + inside)


def _has_cells(path: Path) -> bool:
    return re.search(r"^# %%", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE) is not None


def read_notebook(source: Path) -> Notebook:
    """Read a py:percent file as a notebook without outputs, with cell ids that never change."""
    jupytext = _jupytext()
    notebook: Notebook = jupytext.read(source, fmt="py:percent")
    for number, cell in enumerate(notebook["cells"], 1):
        cell["id"] = f"cell-{number}"  # Jupytext draws them at random
    notebook["metadata"] = type(notebook["metadata"])(kernelspec=KERNEL, language_info={"name": "python"})
    return notebook


def write_ipynb(source: Path) -> bool:
    """Write the .ipynb beside a py:percent file; return whether it changed."""
    target = source.with_suffix(".ipynb")
    text = ipynb_text(source)
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    target.write_text(text, encoding="utf-8")
    return True


def ipynb_text(source: Path) -> str:
    """Return a py:percent file as the text of an .ipynb without outputs.

    JupyterLab shows the sentences made by a cell without its code, so that question, call, result and sentence
    follow each other; a click on the bar above a sentence opens the code, with the call behind each number. Labels of
    headings and equations, which only the report uses, are left out.
    """
    import nbformat

    notebook = read_notebook(source)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = LABEL.sub("", cell["source"])
        elif _only_speaks(cell["source"]):
            cell["metadata"]["jupyter"] = {"source_hidden": True}
    text: str = nbformat.writes(nbformat.from_dict(notebook))
    return text.rstrip("\n") + "\n"


def _only_speaks(code: str) -> bool:
    """Whether a cell ends by showing sentences, or the collected numbers, and no figure, table or result."""
    try:
        last = ast.parse(code).body[-1:]
    except SyntaxError:  # a magic of IPython
        return False
    match last:
        case [ast.Expr(ast.Name("numbers")) | ast.Expr(ast.Call(ast.Name("Markdown")))]:
            return True
    return False


def _jupytext() -> Any:
    """Import Jupytext without a dependency that takes three seconds and that no notebook needs.

    nbformat imports jsonschema, which compiles a grammar of international web addresses where that is installed.
    """
    hidden = "rfc3987_syntax"
    if "jsonschema" in sys.modules or hidden in sys.modules:
        return importlib.import_module("jupytext")
    sys.modules[hidden] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("jupytext")
    finally:
        del sys.modules[hidden]
