"""Formulas as MathML, which browsers set by themselves: no script, no picture, nothing fetched."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import Any

import pypandoc
from docutils import nodes
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Offer the renderer to Sphinx."""
    app.add_html_math_renderer("mathml", (_inline, _depart), (_block, _depart))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


@cache
def mathml(tex: str, *, block: bool) -> str:
    """Return a formula as a MathML element.

    Raises
    ------
    ValueError
        If Pandoc cannot read the formula; it would then print it as it stands.
    """
    marks = "$$" if block else "$"
    command = [pypandoc.get_pandoc_path(), "--from=markdown", "--to=html5", "--mathml"]
    done = subprocess.run(
        command,
        input=f"{marks}{tex.strip()}{marks}",
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    start, stop = done.stdout.find("<math"), done.stdout.find("</math>")
    if start < 0:
        raise ValueError(
            f"formula {tex!r}: Pandoc cannot read it; {done.stderr.strip() or 'write plain TeX'}"
        )
    return done.stdout[start:stop] + "</math>"


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(mathml(node.astext(), block=False))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    ids = "".join(f' id="{name}"' for name in node.get("ids", ())[:1])
    translator.body.append(
        f'<div class="formula" tabindex="0"{ids}>{mathml(node.astext(), block=True)}</div>\n'
    )
    raise nodes.SkipNode


def _depart(translator: Any, node: nodes.Element) -> None:
    """Nothing is left to close."""
