"""The printed report: no page stands half empty, and its figures and tables come in order."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest
from installed import lacking

from eventstudy.report.pandoc import run_pandoc
from eventstudy.report.pdf_text import text_runs
from eventstudy.report.render import compile_typst

REPORTS = Path(__file__).parents[1] / "reports"
PAPERS = sorted(path for path in REPORTS.glob("*.pdf") if "-summary" not in path.name)
MOST = 1 / 3  # of the text of a page may be empty in one piece


def empty_parts(path):
    """Return the largest empty piece of each page, as a share of the height between its header and its footer.

    Labels inside figures count as print. Of the last page, and of one with nothing on it but a tall drawing, only what
    lies between lines of text counts.
    """
    with pikepdf.open(path) as pdf:
        runs = [list(text_runs(page)) for page in pdf.pages]
    body = [[run for run in page if not run.furniture] for page in runs]
    top = max(run.top for page in body for run in page)
    foot = min(run.bottom for page in body for run in page)
    parts = []
    for number, page in enumerate(body, 1):
        ends = [(run.top, run.bottom) for run in page]
        if number < len(body):
            ends.append((foot, foot))
        lowest, widest = top, 0.0
        for upper, lower in sorted(ends, reverse=True):
            widest = max(widest, lowest - upper)
            lowest = min(lowest, lower)
        parts.append(widest / (top - foot))
    return parts


def half_empty(path):
    return [
        f"page {number}: {part:.0%} empty" for number, part in enumerate(empty_parts(path), 1) if part > MOST
    ]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.stem)
def test_no_page_of_the_published_report_stands_half_empty(paper):
    assert half_empty(paper) == []


# The template, with texts that tempt it


@pytest.fixture
def typeset(built, tmp_path):
    """Print Markdown as a report, with the templates of the package."""
    folder = shutil.copytree(built / "build" / "work", tmp_path / "work")

    def run(*parts):
        (folder / "report.md").write_text("\n\n".join(parts), encoding="utf-8")
        run_pandoc(["--to=typst", "--template=report.typst", "--output=report.typ"], folder, [], epoch=EPOCH)
        (folder / "report.pdf").write_bytes(compile_typst(folder / "report.typ", EPOCH))
        return folder / "report.pdf"

    return run


EPOCH = 1_700_000_000
TEXT = "Rings are heard before tea on most of the days that were looked at, in every year. " * 6


def table(name, rows):
    lines = "\n".join(f"| {row} | {row * row} |" for row in range(rows))
    return (
        f":::: {{#tbl:{name} .table}}\n::: caption\nRings of {name}.\n:::\n\n"
        f"| day | rings |\n|--:|--:|\n{lines}\n\n::: note\nCounted.\n:::\n::::"
    )


def pages(path, pattern):
    """Return the words that a pattern finds, in the order of the pages, each with its page."""
    if shutil.which("pdftotext") is None:
        lacking("pdftotext", "poppler-utils")
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return [(found[1], number) for number, page in enumerate(done.stdout.split("\f"), 1)
            for found in re.finditer(pattern, page, re.MULTILINE)]  # fmt: skip


def down_to_the_foot(typeset):
    """Return texts of which one leaves no line free on the first page, the next one a single line, and so on."""
    printed = pages(typeset("# Rings", "\\\n".join(["Ring."] * 80)), r"(Ring)\.")
    whole = [page for _, page in printed].count(1)
    return ["\\\n".join(["Ring."] * (whole - free)) for free in range(6)]


def test_text_flows_on_where_a_table_has_no_room_left_on_its_page(typeset):
    """Tables of 30 rows are more than half as tall as a page."""
    cells = [part for number in range(5) for part in (table(f"t{number}", 30), TEXT, TEXT)]
    assert half_empty(typeset("# Rings", TEXT, TEXT, *cells, *[TEXT] * 8)) == []


def test_tables_keep_their_order_where_one_is_too_tall_for_a_page(typeset):
    rows = {"a": 36, "b": 30, "c": 90, "d": 4}
    path = typeset("# Rings", *[part for name, n in rows.items() for part in (TEXT, table(name, n))], TEXT)
    captions = dict(pages(path, r"^ *(Table \d+\. Rings of \w)"))
    named = [f"Table {number}. Rings of {name}" for number, name in enumerate(rows, 1)]
    assert sorted(named, key=captions.__getitem__) == named


def test_a_line_that_leads_to_a_list_stands_on_the_page_of_the_list(typeset):
    for lines in down_to_the_foot(typeset):
        path = typeset("# Rings", lines, "Heard were:", "- first one\n- second one", TEXT)
        ((_, lead),) = pages(path, "(Heard were:)")
        ((_, first),) = pages(path, "(first one)")
        assert lead == first


def test_the_caption_of_a_table_that_breaks_stands_on_the_page_of_its_first_row(typeset):
    for lines in down_to_the_foot(typeset):
        path = typeset("# Rings", lines, table("c", 90))
        ((_, caption),) = pages(path, r"^ *(Table 1)\.")
        (_, row), *_ = pages(path, r"^ *(day) +rings")
        assert caption == row


def test_a_table_of_the_appendix_stands_below_its_heading(typeset):
    for number in (4, 7, 10):  # in the upper half of a page for one of them
        path = typeset("# Rings", *[TEXT] * number, "::: appendix\n:::\n\n# The plan", table("plan", 12))
        found = [words[:5] for words, _ in pages(path, r"^ *(?:A )?(The plan|Table 1\.)")]
        assert found[-2:] == ["The p", "Table"]
