"""An equation and the paragraph that leads to it stand on one page."""

from __future__ import annotations

import json
from importlib import resources

import pytest

EQUATION = "::: {#eq:line .equation alt='y is x'}\n$$y = x$$\n:::"
LEAD = "The line is, word for word,"


def typeset(tmp_path, text):
    """Return the Typst source that the filter of the report makes of Markdown."""
    pypandoc = pytest.importorskip("pypandoc")
    name = "report.lua"
    (tmp_path / name).write_bytes((resources.files("eventstudy.report") / "templates" / name).read_bytes())
    return pypandoc.convert_text(
        text, "typst", format="markdown", extra_args=[f"--lua-filter={tmp_path / name}", "--wrap=preserve"]
    )


def test_only_the_paragraph_before_an_equation_sticks_to_it(tmp_path):
    text = typeset(tmp_path, f"First.\n\n{LEAD}\n\n{EQUATION}\n\nAfter it.\n\n## Next\n\n{EQUATION}\n")
    assert text.count("#block(sticky: true") == 1
    before, _, rest = text.partition("#block(sticky: true, spacing: 1em)[")
    stuck, _, after = rest.partition("]")
    assert "First." in before
    assert stuck.strip() == LEAD
    assert after.strip().startswith("#math.equation(block: true, numbering:")
    assert "After it." in after


def test_an_equation_that_has_no_room_takes_its_paragraph_to_the_next_page(tmp_path):
    """There is room for a line of text, but not for an equation; without the block the paragraph would stay behind."""
    typst = pytest.importorskip("typst")
    made = typeset(tmp_path, f"{LEAD} `#metadata(none) <lead>`{{=typst}}\n\n{EQUATION}\n")
    head = "#set page(height: 60mm, margin: 10mm)\n#v(31mm)\n"
    pages = {}
    for name, text in (("stuck", made), ("loose", made.replace("sticky: true", "sticky: false"))):
        path = tmp_path / f"{name}.typ"
        where = "\n#context [#metadata((locate(<lead>).page(), locate(<eq:line>).page())) <pages>]\n"
        path.write_text(head + text + where, encoding="utf-8")
        pages[name] = json.loads(typst.query(str(path), "<pages>", field="value", one=True))
    assert (pages["stuck"], pages["loose"]) == ([2, 2], [1, 2])
