"""Sources of a docstring as numbered paragraphs.

numpydoc makes their labels unique with a hash, and Docutils marks them up with roles that ARIA has given up. A
reader wants [1].
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

LABEL = re.compile(r"R[0-9a-f]{12}-(\w+)")


def setup(app: Sphinx) -> dict[str, Any]:
    """Have the sources of each page numbered once it is read."""
    app.connect("doctree-read", number, priority=400)  # before numpydoc takes the hash away
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def number(_app: Sphinx, doctree: nodes.document) -> None:
    """Put a paragraph in the place of each source, and its number in the place of each mention."""
    for mention in doctree.findall(pending_xref):
        if mention.get("refdomain") == "citation" and (label := LABEL.fullmatch(mention["reftarget"])):
            mention.children = [nodes.inline("", f"[{label[1]}]")]
    for source in list(doctree.findall(nodes.citation)):
        label = LABEL.fullmatch(source[0].astext())
        if label is None:
            continue
        paragraphs = [child for child in source.children[1:] if isinstance(child, nodes.paragraph)]
        entry = nodes.paragraph(
            "",
            "",
            nodes.Text(f"[{label[1]}] "),
            *(part for p in paragraphs for part in p.children),
            ids=source["ids"],
        )
        source.replace_self(entry)
