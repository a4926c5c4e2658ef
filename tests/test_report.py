import csv
import hashlib
import html
import json
import os
import re
import shutil
import struct
import zipfile
from pathlib import Path

import pikepdf
import pytest
from reports_built import outputs, silent

import eventstudy
from eventstudy.errors import ReportError
from eventstudy.report.__main__ import main
from eventstudy.report.build import build, verify
from eventstudy.report.check_html import check_html
from eventstudy.report.check_pdf import check_pdf
from eventstudy.report.checksums import write_checksums
from eventstudy.report.convert import convert
from eventstudy.report.notebooks import find_modules, find_notebooks, find_sources, ipynb_text, write_ipynb
from eventstudy.report.project import open_project
from eventstudy.report.run import kept_notebook
from eventstudy.report.settings import read_settings

PROJECT = Path(__file__).parent / "report_project"
NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))
TEMPLATES = sorted((Path(eventstudy.__file__).parent / "study" / "templates").glob("*.py.txt"))


# Outputs


def test_every_output_is_there_and_passes_the_checks(built):
    reports = built / "reports"
    assert sorted(outputs(built)) == [
        "bells-before-tea-summary.pdf",
        "bells-before-tea.docx",
        "bells-before-tea.html",
        "bells-before-tea.pdf",
        "checksums.txt",
        "figures/bells.pdf",
        "figures/bells.png",
        "figures/bells.svg",
        "figures/rings.pdf",
        "figures/rings.png",
        "figures/rings.svg",
        "manifest.csv",
        "numbers.json",
        "numbers.tex",
        "preview.png",
        "tables/bells.csv",
        "tables/bells.tex",
    ]
    assert check_pdf(reports / "bells-before-tea.pdf") == []
    assert check_html(reports / "bells-before-tea.html") == []


def test_the_pdf_carries_its_sources_and_the_alternative_texts(built):
    with pikepdf.open(built / "reports" / "bells-before-tea.pdf") as pdf:
        assert sorted(pdf.attachments) == [
            "01-bells.py",
            "02-tea.py",
            "numbers.json",
            "plan.toml",
            "references.bib",
        ]
        carried = pdf.attachments["numbers.json"].get_file().read_bytes()
        assert carried == (built / "reports" / "numbers.json").read_bytes()
        elements = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/S" in o and "/Alt" in o]
        alts = {str(element.Alt) for element in elements}
    assert "Line chart of three days; bells rise from four to seven and fall to five." in alts
    assert "the rate at time t is the base rate times e to the beta t" in alts
    assert r"\lambda_0 = 1" in alts  # an inline formula is read as TeX


def test_the_html_page_has_the_same_text_with_numbers_for_references(built):
    page = html.unescape((built / "reports" / "bells-before-tea.html").read_text(encoding="utf-8"))
    assert "There were 16 bells (p\u00a0<\u00a00.001; " in page
    for reference in ("fig:bells", "tbl:bells", "eq:rate", "sec:bells", "sec:milk"):
        assert f'href="#{reference}"' in page
    assert "Section\u00a02.1" in page
    assert "plt.subplots" not in page  # code is attached, not printed
    assert 'print("two", 1 + 1)' in page  # but where a tag asks for it


def test_numbers_are_merged_with_their_notebook_and_origin(built):
    numbers = json.loads((built / "reports" / "numbers.json").read_text(encoding="utf-8"))
    assert list(numbers) == ["p-total", "total"]
    assert numbers["total"] == {
        "value": 16,
        "text": "16",
        "call": "sum(bells)",
        "seed": 7,
        "data": {"bells.csv": "0" * 64},
        "names": {},
        "notebook": "01-bells",
    }


def test_every_number_of_the_json_file_stands_in_the_file_for_latex(built):
    numbers = json.loads((built / "reports" / "numbers.json").read_text(encoding="utf-8"))
    latex = (built / "reports" / "numbers.tex").read_text(encoding="utf-8")
    assert re.findall(r"csname es/([a-z0-9-]+)\\endcsname", latex) == list(numbers)
    assert r"es/p-total\endcsname{p~\ensuremath{<}~0.001}" in latex


def test_a_table_is_there_unrounded_and_for_latex_with_its_caption_and_note(built):
    tables = built / "reports" / "tables"
    rows = list(csv.reader((tables / "bells.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[:3] == [
        ["day", "bells", "change", "p", "note"],
        ["1", "4", "", "0.5", "a|b_c"],
        ["2", "7", "3.0", "0.0001", "$5 * 2"],
    ]
    latex = (tables / "bells.tex").read_text(encoding="utf-8")
    assert "% Caption: Bells by day, as in Figure~1 of the report.\n" in latex
    assert "2 & 7 & 3.00 & \\ensuremath{<}0.001 & \\$5 * 2 \\\\\n" in latex
    assert (
        "{\\footnotesize\\raggedright A dash stands for no value; see Section~1 of the report.\\par}" in latex
    )


def test_pictures_have_the_size_of_print_and_of_the_page(built):
    """A figure of 160 mm at 300 dpi; the first page, A4 at 96 dpi."""
    size = {
        path.stem: struct.unpack(">II", path.read_bytes()[16:24])
        for path in (built / "reports").rglob("*.png")
    }
    assert size["bells"][0] == pytest.approx(160 / 25.4 * 300, abs=2)
    assert size["preview"] == pytest.approx((210 / 25.4 * 96, 297 / 25.4 * 96), abs=1)


def test_the_manifest_has_a_row_for_every_output_but_itself(built):
    rows = {row["output"]: row for row in manifest(built)}
    assert sorted(rows) == sorted(set(outputs(built)) - {"manifest.csv", "checksums.txt"})
    for name, row in rows.items():
        assert row["sha256"] == hashlib.sha256((built / "reports" / name).read_bytes()).hexdigest()
        assert row["seeds"] == "7"
        assert row["data"].startswith("bells.csv ")
        assert f"eventstudy {eventstudy.__version__}; " in row["versions"]
        assert all(row.values()) or row["notebook"] == "01-bells.py; 02-tea.py"  # of no single cell
    figure, table = rows["figures/bells.pdf"], rows["tables/bells.csv"]
    assert (figure["kind"], figure["notebook"], figure["cell"]) == ("figure, vector", "01-bells.py", "5")
    assert figure["call"].startswith("fig, ax = plt.subplots(); ax.plot(bells['day'], ")
    assert (table["kind"], table["cell"]) == ("table, unrounded to six digits", "6")
    assert rows["numbers.json"]["call"] == "eventstudy report"


# What is built again


def test_a_build_from_nothing_gives_the_same_bytes(built):
    lines = []
    verify(built, say=lines.append)
    assert lines[-1] == "all 16 outputs are the same, byte for byte"


def test_verify_names_every_output_that_differs_and_how(built, tmp_path, monkeypatch):
    fresh = shutil.copytree(built / "reports", tmp_path / "fresh")
    numbers = (fresh / "numbers.json").read_text(encoding="utf-8")
    (fresh / "numbers.json").write_text(numbers.replace('"value": 16', '"value": 17'), encoding="utf-8")
    (fresh / "preview.png").write_bytes((fresh / "preview.png").read_bytes()[:-1])
    (fresh / "numbers.tex").write_bytes((fresh / "numbers.tex").read_bytes().replace(b"\n", b"\r\n"))
    (fresh / "tables" / "bells.csv").rename(fresh / "tables" / "chimes.csv")
    write_checksums(fresh)
    monkeypatch.setattr("eventstudy.report.build.make_outputs", lambda *_, **__: fresh)
    with pytest.raises(ReportError) as caught:
        verify(built, say=silent)
    line = next(n for n, line in enumerate(numbers.splitlines(), 1) if '"value": 16' in line)
    size = len((built / "reports" / "preview.png").read_bytes())
    again = "; run eventstudy report"
    assert str(caught.value).splitlines() == [
        f"reports/numbers.json: line {line} is '  \"value\": 16,', in a fresh build '  \"value\": 17,'{again}",
        f"reports/numbers.tex: a fresh build has other line ends{again}",
        f"reports/preview.png: a fresh build differs from byte {size} on and has {size - 1:,} bytes, "
        f"not {size:,}{again}",
        f"reports/tables/bells.csv: a fresh build does not make it{again}",
        f"reports/tables/chimes.csv: is missing, and a fresh build makes it{again}",
    ]


def test_verify_reports_the_last_digit_of_a_coordinate_and_fails_on_a_number(built, tmp_path, monkeypatch):
    fresh = shutil.copytree(built / "reports", tmp_path / "fresh")
    drawing = next((fresh / "figures").glob("*.svg"))
    whole = drawing.read_text(encoding="utf-8")
    place = re.search(r'<text [^>]*x="(\d+\.\d+)"[^>]*>([^<]+)<', whole)
    near = f"{float(place[1]) + 0.001:.3f}".rstrip("0")
    drawing.write_text(whole.replace(place[0], place[0].replace(place[1], near)), encoding="utf-8")
    for ending in (".pdf", ".png"):
        file = drawing.with_suffix(ending)
        file.write_bytes(file.read_bytes() + b" ")
    (fresh / "preview.png").write_bytes((fresh / "preview.png").read_bytes() + b" ")
    manifest = (fresh / "manifest.csv").read_text(encoding="utf-8")
    old = hashlib.sha256(whole.encode()).hexdigest()
    assert old in manifest
    (fresh / "manifest.csv").write_text(manifest.replace(old, "0" * 64), encoding="utf-8")
    write_checksums(fresh)
    monkeypatch.setattr("eventstudy.report.build.make_outputs", lambda *_, **__: fresh)
    lines = []
    verify(built, say=lines.append)
    assert [line.split(":")[0] for line in lines] == [
        *(f"reports/figures/{drawing.stem}{ending}" for ending in (".pdf", ".png", ".svg")),
        "reports/manifest.csv",
        "reports/preview.png",
        "every number is the same; 5 of 16 outputs differ in last digits of coordinates",
    ]
    drawing.write_text(whole.replace(f">{place[2]}<", f">{place[2]}1<"), encoding="utf-8")
    write_checksums(fresh)
    with pytest.raises(ReportError) as caught:
        verify(built, say=silent)
    assert f"reports/figures/{drawing.name}: line" in str(caught.value)
    assert "reports/preview.png" in str(caught.value)


def test_verify_shows_the_place_where_a_long_line_differs(built, tmp_path, monkeypatch):
    fresh = shutil.copytree(built / "reports", tmp_path / "fresh")
    table = (fresh / "manifest.csv").read_text(encoding="utf-8").replace("numpy ", "numpy 9.", 1)
    (fresh / "manifest.csv").write_text(table, encoding="utf-8")
    monkeypatch.setattr("eventstudy.report.build.make_outputs", lambda *_, **__: fresh)
    with pytest.raises(
        ReportError, match=r"manifest\.csv: line 2 is '\.\.\..*numpy .*', in a fresh build '\.\.\..*numpy 9\."
    ):
        verify(built, say=silent)


def test_verify_finds_checksums_that_were_written_by_hand(built, tmp_path, monkeypatch):
    root = shutil.copytree(built, tmp_path / "project")
    checksums = root / "reports" / "checksums.txt"
    lines = checksums.read_text(encoding="utf-8").splitlines()
    checksums.write_text("\n".join([lines[0].replace("0", "1"), *lines[1:], ""]), encoding="utf-8")
    monkeypatch.setattr("eventstudy.report.build.make_outputs", lambda *_, **__: built / "reports")
    with pytest.raises(ReportError, match=r"^reports/checksums\.txt: line 1 is '"):
        verify(root, say=silent)


def test_nothing_is_done_where_nothing_changed(project):
    lines = []
    for path in project.rglob("*"):
        os.utime(path)  # a later time alone is no change
    assert not build(project, say=lines.append)
    assert lines == ["reports/bells-before-tea.pdf is up to date; nothing to do"]


def test_a_change_of_the_bibliography_runs_no_notebook(project):
    bibliography = project / "notebooks" / "references.bib"
    bibliography.write_text(bibliography.read_text(encoding="utf-8").replace("Doe", "Dow"), encoding="utf-8")
    lines = []
    assert build(project, say=lines.append)
    assert not [line for line in lines if line.startswith("running")]
    assert "Dow 2001" in (project / "reports" / "bells-before-tea.html").read_text(encoding="utf-8")


def test_outputs_of_an_earlier_version_that_were_put_back_are_not_taken_for_these(project):
    """They match their own checksums, as after ``git checkout reports``."""
    earlier = shutil.copytree(project / "reports", project / "earlier")
    text = project / "notebooks" / "references.bib"
    text.write_text(text.read_text(encoding="utf-8").replace("Doe", "Dow"), encoding="utf-8")
    assert build(project, say=silent)
    after = outputs(project)
    shutil.rmtree(project / "reports")
    shutil.move(earlier, project / "reports")
    assert build(project, say=silent)
    assert outputs(project) == after


def test_a_lost_or_altered_output_is_written_again(project):
    before = outputs(project)
    (project / "reports" / "numbers.json").unlink()
    (project / "reports" / "bells-before-tea.pdf").write_bytes(b"")
    assert build(project, say=silent)
    assert outputs(project) == before


def test_changed_code_runs_its_notebook_alone(project):
    one = project / "notebooks" / "01-bells.py"
    one.write_text(one.read_text(encoding="utf-8") + "\n# %% tags=['remove-cell']\n1 + 1\n", encoding="utf-8")
    lines = []
    assert build(project, say=lines.append)
    assert lines[0] == "running notebooks/01-bells.py"


def test_changed_words_labels_and_captions_run_no_notebook_and_the_old_figure_goes(project):
    one = project / "notebooks" / "01-bells.py"
    text = one.read_text(encoding="utf-8").replace("fig:bells", "fig:chimes")
    assert "alt: Line chart of three days" in text
    text = (
        text.replace("alt: Line chart of three days", "alt: A chart of three days")
        + "\n# %% [markdown]\n# More.\n"
    )
    one.write_text(text, encoding="utf-8")
    lines = []
    assert build(project, say=lines.append)
    assert not [line for line in lines if line.startswith("running")]
    page = (project / "reports" / "bells-before-tea.html").read_text(encoding="utf-8")
    assert "A chart of three days" in page
    assert "More." in page
    figures = {name for name in outputs(project) if name.startswith("figures/")}
    kinds = ("svg", "pdf", "png")
    assert figures == {f"figures/{name}.{kind}" for name in ("chimes", "rings") for kind in kinds}


def test_changed_data_run_every_notebook(project):
    (project / "data" / "raw" / "bells.csv").write_text("day,bells\n1,4\n2,8\n3,5\n", encoding="utf-8")
    lines = []
    assert build(project, say=lines.append)
    assert lines[0] == "running notebooks/01-bells.py, notebooks/02-tea.py"
    numbers = json.loads((project / "reports" / "numbers.json").read_text(encoding="utf-8"))
    assert numbers["total"]["value"] == 17


# Faults of an author: one clear line, and the last good report stays

HEAD = "# %% [markdown]\n# # Tea\n#\n"
FAULTS = {
    "a failing cell": (
        HEAD + "\n# %%\nx = 1\n1 / 0\n",
        "notebooks/02-tea.py:cell 2: ZeroDivisionError: division by zero; correct the cell at `1 / 0`",
    ),
    "a mistake in the plan": (
        HEAD + "\n# %%\nfrom eventstudy.study.plan import read_study\nread_study('plan.toml')\n",
        "notebooks/plan.toml:question: this entry is missing; add it",
    ),
    "a date in a table that is none": (
        HEAD + "\n# %%\nimport eventstudy as es\nes.read_events('../data/raw/bells.csv', date='bells')\n",
        "data/raw/bells.csv:2:bells: '4' is a number and names no day, month and four-digit year (3 rows: 2, 3, 4); "
        "write YYYY-MM-DD",
    ),
    "a warning": (
        HEAD + "\n# %%\nimport warnings\nwarnings.warn('old')\n",
        "notebooks/02-tea.py:cell 2: wrote to stderr: line 2: UserWarning: old warnings.warn('old'); "
        "correct what it warns of",
    ),
    "a kernel that dies": (
        HEAD + "\n# %%\nimport os\nos._exit(1)\n",
        "notebooks/02-tea.py:cell 2: killed the kernel; run it in JupyterLab to see why",
    ),
    "texts that lead nowhere": (
        HEAD + "# See @fig:none, @sec:bells and [@nokey, p. 3].\n#\n# #### Deep\n",
        "notebooks/02-tea.py:cell 1: the heading 'Deep' skips a level; use one # more than the heading above it\n"
        "notebooks/02-tea.py:cell 1: @fig:none is not the label of a figure; correct it, or give the label where it "
        "belongs\n"
        "notebooks/02-tea.py:cell 1: @nokey is not in references.bib; add it or correct the key",
    ),
}


@pytest.mark.parametrize(("source", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_gives_its_line_and_leaves_the_last_good_report(project, capsys, source, message):
    before = outputs(project)
    (project / "notebooks" / "02-tea.py").write_text(source, encoding="utf-8")
    assert main([str(project)]) == 2
    assert capsys.readouterr().err.rstrip("\n") == message
    assert outputs(project) == before


# What a cell may show; notebooks as they come out of a run


def cell(source, *outputs, tags=()):
    return {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}, "outputs": list(outputs)}


def shown(**data):
    names = {
        "svg": "image/svg+xml",
        "png": "image/png",
        "md": "text/markdown",
        "html": "text/html",
        "table": "application/vnd.eventstudy.table+json",
    }
    return {"output_type": "display_data", "data": {names.get(k, "text/plain"): v for k, v in data.items()}}


FIGURE = shown(svg='<svg height="10pt" width="72pt"></svg>', plain="<Figure>")
TABLE = shown(md="| a |\n|:--|\n| 1 |", html="<table>", plain="a", table={"csv": "a\n1\n", "latex": "1"})
PRINTED = {"output_type": "stream", "name": "stdout", "text": "two\n"}
TITLE = {"cell_type": "markdown", "source": "# Title", "metadata": {}}
LABELLED = "#| label: fig:a\n#| caption: C\n#| alt: A\n"


def converted(*cells):
    return convert({"cells": [TITLE, *cells]}, Path("notebooks/01-a.py"))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (cell("x", FIGURE), "a figure without label; begin the cell with '#| label: fig:name'"),
        (cell("#| label: tbl:a\nx", FIGURE), "the label 'tbl:a' on a figure; begin"),
        (cell("#| label: fig:A b\nx", FIGURE), "the label 'fig:A b' on a figure"),
        (cell("#| label: fig:a\n#| alt: A\nx", FIGURE), "fig:a has no caption; add a line '#| caption: ...'"),
        (cell("#| label: fig:a\n#| caption: C\nx", FIGURE), "fig:a has no alt; add a line '#| alt: ...'"),
        (
            cell("#| label: fig:a\n#| caption: C\n#| alt: C\nx", FIGURE),
            "the alt text of fig:a repeats its caption",
        ),
        (cell(LABELLED + "x", FIGURE, FIGURE), "shows 2 figures or tables; give each a cell of its own"),
        (
            cell(LABELLED + "x", FIGURE, PRINTED),
            "prints 'two' beside its figure or table; print it in a cell of its own",
        ),
        (cell(LABELLED + "x"), "has directives but shows no figure or table"),
        (cell("#| label: tbl:a\nx", TABLE), "tbl:a has no caption"),
        (
            cell("#| label: tbl:a\n#| caption: C\n#| alt: A\nx", TABLE),
            "tbl:a is a table, which screen readers can read",
        ),
        (
            cell("x", shown(html="<table>", plain="a")),
            "shows a frame without layout; end the cell with Table(frame",
        ),
        (
            cell("x", shown(html="<table>", md="| a |", plain="a")),
            "shows a frame without layout; end the cell with Table(frame",
        ),
        (cell("x", shown(png="00", plain="a")), "shows a figure that is not SVG; call use_style() before"),
        (
            cell("#| colour: red\nx", FIGURE),
            "'#| colour: red' is not read; write each of alt, caption, label, note",
        ),
        (cell("#| label: fig:a\n#| label: fig:b\nx", FIGURE), "'#| label: fig:b' is not read"),
        (cell("x\n#| label: fig:a", FIGURE), "'#| label: fig:a' comes after code; move it to the top"),
        (
            cell(LABELLED + "x", FIGURE, tags=["abstract"]),
            "a figure in a cell tagged abstract, where only text and tables fit; show it in a cell without the tag",
        ),
        (cell("x", tags=["hide"]), "unknown tag 'hide'; the tags are abstract, parameters,"),
        (
            {**TITLE, "source": "$$ x $$ {#eq:x} where"},
            "the label '#eq:x' is not read; start the line with $$",
        ),
    ],
)
def test_a_cell_that_cannot_be_printed_is_named_with_the_fix(bad, message):
    with pytest.raises(ReportError) as caught:
        converted(bad)
    assert str(caught.value).startswith(f"notebooks/01-a.py:cell 2: {message}")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            [cell("numbers = Numbers()")],
            "collects numbers and never shows them; end it with a cell that says numbers",
        ),
        (
            [{**TITLE, "metadata": {"tags": ["abstract"]}}],
            "a heading in a cell tagged abstract; take the heading out",
        ),
    ],
)
def test_a_notebook_that_lacks_something_is_named_with_the_fix(cells, message):
    with pytest.raises(ReportError) as caught:
        converted(*cells)
    assert str(caught.value) == f"notebooks/01-a.py: {message}"


def test_a_notebook_begins_with_its_title():
    with pytest.raises(
        ReportError, match=r"^notebooks/01-a\.py: does not start with a title; begin its first cell"
    ):
        convert({"cells": [{**TITLE, "source": "Text"}]}, Path("notebooks/01-a.py"))


def test_a_directive_goes_on_over_several_lines_and_its_quotes_are_kept():
    section = converted(
        cell('#| label: fig:a\n#| caption: One\n#|   and two.\n#| alt: A "quoted" \\ text\nx', FIGURE)
    )
    assert "\nOne and two.\n" in section.body
    assert r'alt="A \"quoted\" \\ text"' in section.body
    assert 'width="1.000in"' in section.body


def test_what_plotting_code_returns_is_not_printed():
    returned = {**shown(plain="[Text(0)]"), "output_type": "execute_result"}
    assert "Text" not in converted(cell(LABELLED + "x", FIGURE, returned)).body


def test_tags_choose_what_is_printed():
    text = shown(md="prose", plain="Markdown")
    hidden, code = (
        cell("y = 1", text, tags=["remove-cell"]),
        cell("z = 1", text, tags=["show-input", "remove-output"]),
    )
    assert converted(cell("x = 1", text)).body == "# Title\n\nprose"
    assert converted(hidden).body == "# Title"
    assert converted(code).body == "# Title\n\n```python\nz = 1\n```"
    summary = converted(cell("x = 1", text, tags=["abstract"]))
    assert (summary.body, summary.abstract) == ("# Title", "prose")


def test_a_table_may_stand_in_the_abstract():
    section = converted(cell("#| label: tbl:a\n#| caption: C\nx", TABLE, tags=["abstract"]))
    assert section.body == "# Title"
    assert section.abstract.startswith(":::: {#tbl:a .table}\n::: caption\nC\n:::")
    assert [exhibit.label for exhibit in section.exhibits] == ["tbl:a"]


def test_a_table_of_the_abstract_is_counted_first_and_can_be_referred_to(project):
    """The first table of the body becomes the second of the report, in the PDF as in the page."""
    source = project / "notebooks" / "02-tea.py"
    table = (
        '\n# %% tags=["abstract"]\n#| label: tbl:first\n#| caption: Stands first.\n'
        'import pandas as pd\nfrom eventstudy.tables import Table\nTable(pd.DataFrame({"a": [1]}))\n'
        "\n# %% [markdown]\n# See @tbl:first.\n"
    )
    source.write_text(source.read_text(encoding="utf-8") + table, encoding="utf-8")
    body_tables = sum(row["output"].endswith(".csv") for row in manifest(project))
    assert body_tables >= 1
    assert build(project, say=silent)
    page = html.unescape((project / "reports" / "bells-before-tea.html").read_text(encoding="utf-8"))
    numbers = re.findall(r"<strong>Table\u00a0(\d+)\.</strong>", page)
    appendix_tables = 3
    assert numbers == [str(number) for number in range(1, body_tables + 2 + appendix_tables)]
    assert '<figure id="tbl:first" class="tbl">' in page.partition("<nav")[0]
    assert '<a href="#tbl:first">Table\u00a01</a>' in page
    typst = (project / "build" / "work" / "report.typ").read_text(encoding="utf-8")
    assert typst.index("<tbl:first>") < typst.index("outline(")


def printed_tables(root):
    """Return the numbers of the page's tables in their order."""
    text = html.unescape((root / "reports" / "bells-before-tea.html").read_text(encoding="utf-8"))
    return re.findall(r"<strong>Table\u00a0(\d+)\.</strong>", text)


def test_a_table_of_the_summary_sheet_is_exported_and_changes_no_number_of_the_report(project):
    source = project / "notebooks" / "02-tea.py"
    table = (
        '\n# %% tags=["summary"]\n#| label: tbl:sheet\n#| caption: Beside @tbl:bells.\n'
        'import pandas as pd\nfrom eventstudy.tables import Table\nTable(pd.DataFrame({"a": [0.125]}), digits=1)\n'
    )
    source.write_text(source.read_text(encoding="utf-8") + table, encoding="utf-8")
    before = printed_tables(project)
    assert build(project, say=silent)
    assert printed_tables(project) == before
    tables = project / "reports" / "tables"
    assert (tables / "sheet.csv").read_text(encoding="utf-8") == "a\n0.125\n"
    assert "% Caption: Beside Table~1 of the report.\n" in (tables / "sheet.tex").read_text(encoding="utf-8")


def manifest(root):
    """Return the rows of the manifest."""
    return list(csv.DictReader((root / "reports" / "manifest.csv").read_text(encoding="utf-8").splitlines()))


def test_footnotes_of_two_notebooks_do_not_meet():
    section = converted({**TITLE, "source": "A.[^1]\n\n[^1]: Note."})
    assert section.body.endswith("A.[^01-a-1]\n\n[^01-a-1]: Note.")


def test_a_number_may_stand_in_one_notebook_only(project):
    second = (
        "# %% [markdown]\n# # Tea\n\n# %%\nfrom types import SimpleNamespace\n\n"
        "from eventstudy.numbers import Numbers\n\nnumbers = Numbers()\n"
        "trace = SimpleNamespace(call='', seed=None, data={})\n"
        "numbers.add('total', 1, source=SimpleNamespace(provenance=trace))\nnumbers\n"
    )
    (project / "notebooks" / "02-tea.py").write_text(second, encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        build(project, say=silent)
    assert str(caught.value) == (
        "notebooks/02-tea.py: the number 'total' is also in 01-bells; give it another name"
    )


# Title page


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "notebooks/report.toml",
            "subtitle",
            "subtitel",
            "report.toml:subtitel: unknown key; the keys are output,",
        ),
        (
            "notebooks/report.toml",
            '"A report of two short sections"',
            "3",
            "report.toml:subtitle: 3, which is int; give",
        ),
        ("notebooks/report.toml", "=", "", "report.toml: not readable as TOML"),
        (
            "CITATION.cff",
            "date-released: 2024-02-29",
            "",
            "CITATION.cff:date-released: missing; give one of type date",
        ),
        (
            "CITATION.cff",
            "given-names",
            "first-names",
            "CITATION.cff:authors: {'first-names': 'Ada', 'family-names'",
        ),
        ("CITATION.cff", "cff-version: 1.2.0", "a: b: c", "CITATION.cff: not readable as YAML"),
    ],
)
def test_a_title_page_that_cannot_be_read_is_named_with_the_fix(tmp_path, file, old, new, message):
    root = shutil.copytree(PROJECT, tmp_path / "project")
    text = (root / file).read_text(encoding="utf-8")
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        build(root, say=silent)
    assert str(caught.value).startswith(message)


def test_a_title_and_an_author_are_printed_letter_by_letter(project):
    title = """50 % of $plus_1$ -- 'a' & "b" #2 <b> *c* @key &amp; \\d."""
    author = "@me & <i> $x_1$ #3. Ltd"
    cff = project / "CITATION.cff"
    text = cff.read_text(encoding="utf-8").replace("Do bells ring before tea?", json.dumps(title))
    cff.write_text(text.replace("The tea committee", json.dumps(author)), encoding="utf-8")
    build(project, say=silent)
    page = (project / "reports" / "bells-before-tea.html").read_text(encoding="utf-8")
    printed = {html.unescape(line) for line in page.splitlines()}
    assert {f"<title>{title}</title>", f"<h1>{title}</h1>"} <= printed
    cited = f"Ada Example, {author} (2024). <em>{title}</em>. Version 1.2."
    assert any(cited in line for line in printed)
    with pikepdf.open(project / "reports" / "bells-before-tea.pdf") as pdf:
        assert pdf.open_metadata()["dc:title"] == title
        assert pdf.open_metadata()["dc:creator"] == [f"Ada Example, {author}"]
    with zipfile.ZipFile(project / "reports" / "bells-before-tea.docx") as docx:
        printed = re.sub("<[^>]*>", "", docx.read("word/document.xml").decode())
    assert html.unescape(printed).count(title) == 2


def test_title_authors_and_date_come_from_the_citation_file():
    settings = read_settings(PROJECT / "CITATION.cff", PROJECT / "notebooks" / "report.toml")
    assert settings.authors == ("Ada Example", "The tea committee")
    assert settings.epoch == 1709164800  # 29 February 2024, 0:00 UTC
    assert (
        settings.cite_as == "Ada Example, The tea committee (2024). *Do bells ring before tea?* Version 1.2."
    )


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        (
            "notebooks/report.toml",
            "report.toml: no such file; write it with the keys output, subtitle, keywords",
        ),
        (
            "notebooks/references.bib",
            "notebooks/references.bib: no such file; write it, empty if nothing is cited",
        ),
        ("CITATION.cff", "CITATION.cff: no such file; the report takes its title, authors and date from it"),
        ("notebooks/0*", "notebooks: no notebook; write the first one as notebooks/01-data.py (py:percent)"),
    ],
)
def test_a_missing_file_is_named_with_the_fix(tmp_path, gone, message):
    root = shutil.copytree(PROJECT, tmp_path / "project")
    for path in root.glob(gone):
        path.unlink()
    with pytest.raises(ReportError) as caught:
        build(root, say=silent)
    assert str(caught.value) == message


# The checks find what they look for


def _drop(name):
    return lambda pdf: pdf.Root.__delitem__(name)


def _first_alt(pdf):
    del next(o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure")["/Alt"]


def _scope(pdf):
    del next(o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/TH")["/A"]


def _font(pdf):
    font = next(
        o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
    )
    for key in ("/FontFile", "/FontFile2", "/FontFile3"):
        if key in font:
            del font[key]


def _no_glyph(pdf):
    font = next(
        o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
    )
    font.FontName = pikepdf.Name("/ABCDEF+LastResort")


def _tab_order(pdf):
    del next(page for page in pdf.pages if "/Annots" in page)["/Tabs"]


def _dead_link(pdf):
    for page in pdf.pages:
        for annotation in page.get("/Annots", []):
            if "/Dest" in annotation:
                annotation.Dest = pikepdf.String("nowhere")
                return


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (_drop("/Lang"), "it names no language"),
        (_drop("/MarkInfo"), "it is not marked as tagged"),
        (_drop("/StructTreeRoot"), "it is not tagged"),
        (_drop("/Outlines"), "it has no bookmarks"),
        (_drop("/ViewerPreferences"), "viewers show its file name, not its title"),
        (_first_alt, "a figure has no alternative text"),
        (_scope, "a header cell does not say what it heads"),
        (_no_glyph, "a character has no glyph in any font"),
        (_tab_order, "the tab key does not follow the structure"),
        (_dead_link, "a link leads nowhere"),
    ],
)
def test_the_pdf_check_finds_a_planted_fault(built, tmp_path, harm, problem):
    harmed = tmp_path / "harmed.pdf"
    with pikepdf.open(built / "reports" / "bells-before-tea.pdf") as pdf:
        harm(pdf)
        pdf.save(harmed)
    found = check_pdf(harmed)
    assert found
    assert all(line.endswith(problem) for line in found)


def test_the_pdf_check_finds_missing_standards_and_fonts(built, tmp_path):
    harmed = tmp_path / "harmed.pdf"
    with pikepdf.open(built / "reports" / "bells-before-tea.pdf") as pdf:
        _font(pdf)
        del pdf.Root["/Metadata"]
        pdf.save(harmed)
    found = check_pdf(harmed)
    assert found[:3] == ["it has no title", "it does not say PDF/UA", "it does not say PDF/A"]
    assert [line for line in found[3:] if not line.endswith("is not embedded")] == []
    assert len(found) == 4


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("<main>", "<main><script>1</script>", "it runs or embeds something: script"),
        ("<main>", '<main><p onclick="x()">', "it runs or embeds something: p"),
        (
            "<main>",
            '<main><img src="https://example.org/a.png" alt="a">',
            "it would fetch https://example.org/a.png",
        ),
        ("<main>", '<main><img src="data:image/png;base64,00" alt="">', "an image has no alternative text"),
        ("<main>", '<main><p style="background: url(a.png)">', "a style would fetch something"),
        ("<main>", "<main><h6>Deep</h6>", "a heading of level 6 follows level 1"),
        ("<main>", '<main id="contents">', "the id contents appears twice"),
        ("<main>", '<main><a href="#gone">', "a link leads nowhere: #gone"),
        ('lang="en"', "", "it names no language"),
        ('name="viewport"', 'name="other"', "it does not fit narrow screens: no viewport"),
    ],
)
def test_the_html_check_finds_a_planted_fault(built, tmp_path, old, new, problem):
    page = (built / "reports" / "bells-before-tea.html").read_text(encoding="utf-8")
    harmed = tmp_path / "harmed.html"
    harmed.write_text(page.replace(old, new, 1), encoding="utf-8")
    assert problem in check_html(harmed)


# Notebook files


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_ipynb_beside_a_notebook_is_what_make_notebooks_writes(source):
    assert source.with_suffix(".ipynb").read_text(encoding="utf-8") == ipynb_text(source)


def test_an_ipynb_is_stripped_stable_and_written_only_if_it_changed(tmp_path):
    source = tmp_path / "01-a.py"
    source.write_text("# %% [markdown]\n# # A\n\n# %%\n1 + 1\n", encoding="utf-8")
    assert write_ipynb(source)
    assert not write_ipynb(source)
    content = json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))
    assert [c["id"] for c in content["cells"]] == ["cell-1", "cell-2"]
    assert content["cells"][1]["outputs"] == []
    assert content["metadata"]["kernelspec"]["name"] == "python3"


def test_jupyter_shows_sentences_and_the_collected_numbers_without_their_code_and_headings_without_labels(
    tmp_path,
):
    source = tmp_path / "01-a.py"
    spoken = 'Markdown(f"{1 + 1}")', "numbers"
    shown = "x = 1", "Table(x)", "es.Markdown", "%matplotlib inline", "", 'x = Markdown("a")'
    cells = "".join(f"# %%\n{code}\n\n" for code in (*spoken, *shown))
    source.write_text(
        f'# %% [markdown]\n# # A {{#sec:a}}\n#\n# $$ {{#eq:b alt="x"}}\n\n{cells}', encoding="utf-8"
    )
    text, *codes = json.loads(ipynb_text(source))["cells"]
    assert "".join(text["source"]) == "# A\n\n$$"
    hidden = [
        "".join(cell["source"])
        for cell in codes
        if cell["metadata"].get("jupyter") == {"source_hidden": True}
    ]
    assert hidden == list(spoken)
    assert len(codes) == len(spoken) + len(shown)


@pytest.mark.parametrize("source", [*NOTEBOOKS, *TEMPLATES], ids=lambda path: path.name)
def test_no_analysis_stands_in_a_cell_whose_code_jupyter_hides(source, tmp_path):
    copy = tmp_path / "01-a.py"
    copy.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    for cell in json.loads(ipynb_text(copy))["cells"]:
        if cell["metadata"].get("jupyter") == {"source_hidden": True}:
            code = "".join(cell["source"])
            assert not re.search(r"\bes\.[a-z]|remember\(|import ", code), code


def test_notebooks_stand_in_the_order_of_their_numbers_and_others_beside_the_report(tmp_path):
    for name in ("10-c.py", "02-b.py", "01-a.py"):
        (tmp_path / name).touch()
    (tmp_path / "gallery-d.py").write_text("# %% [markdown]\n# # D\n", encoding="utf-8")
    (tmp_path / "helpers.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "package").mkdir()
    for name in ("__init__.py", "inner.py"):
        (tmp_path / "package" / name).touch()
    assert [path.name for path in find_notebooks(tmp_path)] == ["01-a.py", "02-b.py", "10-c.py"]
    assert [path.name for path in find_sources(tmp_path)] == ["01-a.py", "02-b.py", "10-c.py", "gallery-d.py"]
    assert [path.name for path in find_modules(tmp_path)] == ["helpers.py", "__init__.py", "inner.py"]


def test_outputs_are_not_used_again_once_a_module_beside_the_notebooks_has_changed(project):
    source, kept = project / "notebooks" / "01-bells.py", project / "build"
    assert kept_notebook(open_project(project), kept, source) is not None
    (project / "notebooks" / "helpers.py").write_text("value = 1\n", encoding="utf-8")
    assert kept_notebook(open_project(project), kept, source) is None
