"""The directive ``run``: Python of a page, run while the page is built, with what it gave below it.

A page is one session: later blocks see the names of earlier ones, and files go to a folder of the page's own. A
block that fails, or warns, stops the build, so no page shows what the package no longer does.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import shutil
import warnings
from pathlib import Path
from typing import Any, ClassVar

import matplotlib as mpl
import pandas as pd
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from eventstudy.figures import use_style
from eventstudy.tables import Table

DIGITS = 3  # decimals of a frame that is shown without a layout of its own
SESSION = "eventstudy-session"


def setup(app: Sphinx) -> dict[str, Any]:
    """Offer the directive to Sphinx."""
    mpl.use("agg")
    app.add_directive("run", Run)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Run(SphinxDirective):
    """Run Python; show the code, then what it printed, the value of its last line, and its figures.

    Options: ``hide-code``, and for a block that draws ``alt`` (what the figure shows, in words) and ``caption``.
    """

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "hide-code": directives.flag,
        "alt": directives.unchanged_required,
        "caption": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the nodes that stand for the block in the page."""
        code = "\n".join(self.content)
        try:
            printed, value, drawings = run_code(code, self._session(), self._folder())
        except Exception as error:  # any slip in an example is the page's, and stops the build
            raise self.error(f"run: {type(error).__name__}: {error}") from error
        shown = [] if "hide-code" in self.options else [_literal(code, "python", "input")]
        if printed.strip():
            shown.append(_literal(printed.rstrip(), "text", "output"))
        shown += self._value(value) if not drawings else []
        return shown + [self._figure(drawing, number) for number, drawing in enumerate(drawings)]

    def _session(self) -> dict[str, Any]:
        """Return the names of the page so far; its first block finds an empty folder."""
        if SESSION not in self.env.temp_data:
            shutil.rmtree(self._folder())
            self.env.temp_data[SESSION] = {"ROOT": Path(self.env.srcdir).parent}
        return self.env.temp_data[SESSION]

    def _folder(self) -> Path:
        folder = Path(self.env.app.doctreedir) / "pages" / self.env.docname
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _value(self, value: Any) -> list[nodes.Node]:
        if value is None:
            return []
        if isinstance(value, pd.DataFrame):
            value = Table(value, digits=DIGITS)
        bundle = value._repr_mimebundle_() if hasattr(value, "_repr_mimebundle_") else {}
        if text := bundle.get("text/markdown") or getattr(value, "_repr_markdown_", str)():
            return list(self.parse_text_to_nodes(text, allow_section_headings=True))
        return [_literal(repr(value), "text", "output")]

    def _figure(self, drawing: str, number: int) -> nodes.Node:
        if "alt" not in self.options:
            raise self.error("run: the block draws a figure; say in `:alt:` what it shows")
        folder = self._folder()
        name = f"{self.env.docname.replace('/', '-')}-{self.lineno}-{number}.svg"
        (folder / name).write_text(drawing, encoding="utf-8")
        return figure(self, folder / name, self.options["alt"], self.options.get("caption", ""))


def run_code(code: str, session: dict[str, Any], folder: Path) -> tuple[str, Any, list[str]]:
    """Run code in a folder; return what it printed, the value of its last line, and its figures as SVG."""
    from matplotlib import pyplot as plt

    body = ast.parse(code).body
    last = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
    printed = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(printed),
        mpl.rc_context(),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error")
        use_style()
        exec(compile(ast.Module(body, []), "<page>", "exec"), session)
        value = None if last is None else eval(compile(last, "<page>", "eval"), session)
        drawings = [_svg(plt.figure(number)) for number in plt.get_fignums()]
        plt.close("all")
    return printed.getvalue(), value, drawings


def _svg(figure: Any) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _literal(text: str, language: str, kind: str) -> nodes.literal_block:
    block = nodes.literal_block(text, text, classes=[kind])
    block["language"] = language
    return block


def figure(directive: SphinxDirective, path: Path, alt: str, caption: str) -> nodes.figure:
    """Return a drawing as a figure with its caption."""
    # Sphinx copies pictures from wherever they are, named from its source folder
    place = Path(os.path.relpath(path, directive.env.srcdir)).as_posix()
    node = nodes.figure("", nodes.image(uri=f"/{place}", alt=alt))
    if caption:
        inline, messages = directive.parse_inline(caption)
        node += nodes.caption("", "", *inline)
        node += messages
    return node
