"""The command that builds a report, for ``eventstudy report`` and ``python -m eventstudy.report``."""

from __future__ import annotations

import argparse
import functools
import shlex
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from eventstudy.errors import ReportError

EXTRA = ("ipykernel", "jupytext", "nbclient", "pikepdf", "pypandoc", "typst", "yaml")
say = functools.partial(print, flush=True)  # a line at a time, through pipes too


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to a parser."""
    parser.add_argument(
        "folder",
        nargs="?",
        default=".",
        type=Path,
        help="holds notebooks/, data/raw/ and CITATION.cff (default: this folder)",
    )
    parser.add_argument(
        "--docx", action="store_true", help="a Word document too (always: docx = true in report.toml)"
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--verify", action="store_true", help="rebuild elsewhere and compare checksums")
    action.add_argument("--notebooks", action="store_true", help="write the .ipynb beside each notebook")


def run(options: argparse.Namespace) -> None:
    """Build the report of a folder, compare it with a fresh build, or write its .ipynb files.

    Raises ReportError if that fails, or a library that reports need is not installed.
    """
    if missing := [name for name in EXTRA if find_spec(name) is None]:
        raise ReportError(
            f"report: {', '.join(missing)} not installed; run pip install 'eventstudy-timing[report]'"
        )
    from eventstudy.report.build import build, verify
    from eventstudy.report.notebooks import find_sources, write_ipynb

    try:
        str(options.folder.resolve()).encode()
    except UnicodeEncodeError:  # the C locale, with the UTF-8 mode of Python switched off
        raise ReportError(
            f"report: the path {str(options.folder)!a} has letters that this locale lacks; set PYTHONUTF8=1"
        ) from None
    if not options.folder.is_dir():
        raise ReportError(f"{options.folder}: there is no such folder; check the path")
    if options.verify:
        verify(options.folder, say=say)
    elif options.notebooks:
        for source in find_sources(options.folder / "notebooks"):
            say(f"{'wrote' if write_ipynb(source) else 'unchanged:'} notebooks/{source.stem}.ipynb")
    else:
        build(options.folder, docx=options.docx, say=say)
        say(open_in_jupyter(options.folder, find_sources(options.folder / "notebooks")))


def open_in_jupyter(folder: Path, sources: Sequence[Path]) -> str:
    """Return the line that says how to open the notebooks of a folder in Jupyter."""
    given = "" if folder == Path(".") else f" {shlex.quote(str(folder))}"
    first = shlex.quote(str(folder / "notebooks" / f"{sources[0].stem}.ipynb"))
    return f"to open it in Jupyter: eventstudy report{given} --notebooks && jupyter lab {first}"
