"""The report as a paper: sizes, letters in their place, the summary sheet, the appendix, and the figure to hover."""

import base64
import hashlib
import html
import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pikepdf
import pytest
from reports_built import silent

import eventstudy as es
from eventstudy import charts, hover
from eventstudy.errors import OptionError, ReportError
from eventstudy.figures import WIDTH
from eventstudy.report.appendix import software
from eventstudy.report.build import build
from eventstudy.report.check_pdf import check_pdf
from eventstudy.report.notebooks import read_notebook
from eventstudy.report.pdf_text import text_runs
from eventstudy.report.render import compile_typst

NAME = "bells-before-tea"
PRINTED = sorted((Path(__file__).parents[1] / "reports").glob("*.pdf"))
DRAWINGS = sorted((Path(__file__).parents[1] / "reports" / "figures").glob("*.svg"))
INCH = 72


def change(project, file, old, new):
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def about(project, line):
    with (project / "notebooks" / "report.toml").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def page_of(project):
    return html.unescape((project / "reports" / f"{NAME}.html").read_text(encoding="utf-8"))


def typeset(tmp_path, text):
    """Return the first page of a Typst text on A4 as written to a file."""
    source, target = tmp_path / "a.typ", tmp_path / "a.pdf"
    source.write_text(f'#set document(title: "A")\n#set page(margin: 25mm)\n{text}\n', encoding="utf-8")
    target.write_bytes(compile_typst(source, 0))
    return target


# Paper


def test_each_size_of_paper_gives_a_report_and_a_sheet_with_text_as_wide_as_the_figures(project):
    about(project, 'paper = ["us-letter", "a4"]')
    assert build(project, say=silent)
    sizes = {f"{NAME}": (612, 792), f"{NAME}-summary": (612, 792)}
    sizes |= {f"{NAME}-a4": (595, 842), f"{NAME}-summary-a4": (595, 842)}
    for name, size in sizes.items():
        path = project / "reports" / f"{name}.pdf"
        assert check_pdf(path) == []
        with pikepdf.open(path) as pdf:
            page = pdf.pages[0]
            assert tuple(round(float(edge)) for edge in page.mediabox[2:]) == size
            lines = [run for run in text_runs(page) if not run.furniture]
            side = (float(page.mediabox[2]) - INCH * WIDTH) / 2
            assert min(run.left for run in lines) == pytest.approx(side, abs=1)


@pytest.mark.parametrize("value", ['["a5"]', "[]", '["a4", "a4"]'])
def test_an_unknown_size_of_paper_is_named_with_those_there_are(project, value):
    about(project, f"paper = {value}")
    with pytest.raises(
        ReportError, match=r"^report\.toml:paper: \[.*\]; list one or both of 'a4', 'us-letter', each once$"
    ):
        build(project, say=silent)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda path: path.stem)
def test_a_published_figure_is_as_wide_as_the_text_so_that_its_letters_keep_their_size(drawing):
    width = re.search(r'<svg[^>]*?\bwidth="([\d.]+)pt"', drawing.read_text(encoding="utf-8"), re.DOTALL)
    assert float(width[1]) == pytest.approx(INCH * WIDTH, abs=0.1)


# Letters in their place


def test_a_run_of_text_stands_where_typst_placed_it(tmp_path):
    path = typeset(
        tmp_path, '#set text(10pt, font: "DejaVu Sans Mono")\n#place(top + left, dx: 30pt, dy: 40pt)[abcd]'
    )
    with pikepdf.open(path) as pdf:
        (run,) = text_runs(pdf.pages[0])
    margin = 25 / 25.4 * INCH
    assert run.left == pytest.approx(margin + 30, abs=0.1)
    assert run.right - run.left == pytest.approx(4 * 6.02, abs=0.1)  # each letter of the font is 0.602 wide
    assert run.top <= 842 - margin - 40 + 0.1
    assert not run.missing


def test_a_turned_and_scaled_run_keeps_its_box(tmp_path):
    turned = "rotate(90deg, reflow: true, scale(200%, reflow: true)[abcd])"
    path = typeset(tmp_path, f'#set text(10pt, font: "DejaVu Sans Mono")\n#place(top + left, {turned})')
    with pikepdf.open(path) as pdf:
        (run,) = text_runs(pdf.pages[0])
    assert run.top - run.bottom == pytest.approx(2 * 4 * 6.02, abs=0.1)
    assert run.right - run.left == pytest.approx(2 * 7, abs=0.1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("#place(top + left, dx: 158mm)[Wide]", "page 1: text runs over the side of the text block"),
        ("#place(top + left, dx: -20mm)[Wide]", "page 1: text runs over the side of the text block"),
        (
            "#set page(footer: [Foot])\nA\n#place(bottom + left, dy: 20mm)[Low]",
            "page 1: text runs over the end of the text block",
        ),
    ],
)
def test_text_outside_the_text_block_is_found(tmp_path, text, problem):
    assert problem in check_pdf(typeset(tmp_path, text))


def overlapping(runs):
    """Yield the runs that share more than a point of width and of height with a run above them or beside them."""
    upward = sorted((run for run in runs if run.right > run.left), key=lambda run: run.bottom)
    for place, run in enumerate(upward):
        for other in upward[place + 1 :]:
            if other.bottom > run.top - 1:
                break
            if min(run.right, other.right) - max(run.left, other.left) > 1:
                yield run
                break


def find_overlaps(path):
    """Return where letters of a PDF overlap others, as labels of a crowded figure do; an empty list if nowhere.

    Not part of `check_pdf`: a crowded figure is not a reason to stop a report, but one to look at it.
    """
    with pikepdf.open(path) as pdf:
        return [
            f"page {number}: letters lie on others {run.left:.0f} pt from the left, {run.bottom:.0f} pt from the foot"
            for number, page in enumerate(pdf.pages, 1)
            for run in overlapping(list(text_runs(page)))
        ]


@pytest.mark.parametrize("paper", PRINTED, ids=lambda path: path.stem)
def test_no_label_of_a_published_figure_lies_on_another(paper):
    assert find_overlaps(paper) == []


def test_letters_on_letters_are_found_and_neighbours_are_not(tmp_path):
    apart = "One two\n\nthree#place(top + left, dy: 20mm)[Four]"
    assert find_overlaps(typeset(tmp_path, apart)) == []
    (found,) = find_overlaps(typeset(tmp_path, f"{apart}#place(top + left, dy: 20mm, dx: 2mm)[Five]"))
    assert found.startswith("page 1: letters lie on others 7")


# The summary sheet


def sheet_of(project):
    return (project / "build" / "work" / "summary.typ").read_text(encoding="utf-8")


def test_the_sheet_has_one_page_with_the_cells_meant_for_it_and_the_first_figure(built):
    with pikepdf.open(built / "reports" / f"{NAME}-summary.pdf") as pdf:
        assert len(pdf.pages) == 1
    sheet = sheet_of(built)
    assert "Do bells ring before tea?" in sheet
    assert "Yes, 16 times (Table 1 of the report)" in sheet.replace("\u00a0", " ").replace("~", " ")
    assert "figures/bells.svg" in sheet
    assert "figures/rings.svg" not in sheet
    assert "make report" not in sheet  # there is no Makefile in this folder
    assert "Do bells ring before tea? *Answer" not in page_of(built)  # and the report is without them


def test_the_sheet_shows_the_figure_that_the_settings_name(project):
    about(project, 'summary-figure = "fig:rings"')
    assert build(project, say=silent)
    assert "figures/rings.svg" in sheet_of(project)
    assert "figures/bells.svg" not in sheet_of(project)


def test_a_tall_figure_is_made_to_fit_the_page_and_the_sheet(project):
    """A metre of paper for two rows."""

    def stretch(outputs):
        for output in outputs:
            if "image/svg+xml" in output.get("data", {}):
                output["data"]["image/svg+xml"] = re.sub(
                    r'height="[\d.]+pt" viewBox="0 0 ([\d.]+) [\d.]+"',
                    r'height="2835pt" viewBox="0 0 \1 2835"',
                    output["data"]["image/svg+xml"],
                    count=1,
                )

    edit_outputs(project, None, stretch)
    about(project, 'summary-figure = "fig:rings"')
    assert build(project, say=silent)
    assert check_pdf(project / "reports" / f"{NAME}.pdf") == []


def test_a_figure_for_the_sheet_that_is_not_there_is_named(project):
    about(project, 'summary-figure = "fig:none"')
    with pytest.raises(ReportError) as caught:
        build(project, say=silent)
    assert str(caught.value) == (
        "report.toml:summary-figure: 'fig:none' is not the label of a figure; name one of fig:bells, fig:rings"
    )


def edit_outputs(project, tag, edit):
    """Change what cells with a tag, or all, have shown, as if the notebook had run that way."""
    source, kept = project / "notebooks" / "01-bells.py", project / "build" / "executed" / "01-bells.json"
    content = json.loads(kept.read_text(encoding="utf-8"))
    code = [cell for cell in read_notebook(source)["cells"] if cell["cell_type"] == "code"]
    for cell, outputs in zip(code, content["outputs"], strict=True):
        if tag is None or tag in cell["metadata"].get("tags", ()):
            edit(outputs)
    kept.write_text(json.dumps(content), encoding="utf-8")
    (project / "build" / "inputs.txt").unlink()


def test_without_cells_meant_for_it_the_sheet_has_the_abstract(project):
    edit_outputs(project, "summary", lambda outputs: outputs.clear())
    assert build(project, say=silent)
    assert "There were 16 bells" in sheet_of(project)


def test_a_sheet_that_does_not_fit_its_page_stops_the_report_with_one_line(project):
    def lengthen(outputs):
        outputs[0]["data"]["text/markdown"] = "Bells ring.\n\n" * 60

    edit_outputs(project, "summary", lengthen)
    with pytest.raises(ReportError) as caught:
        build(project, say=silent)
    assert re.fullmatch(
        rf"{NAME}-summary\.pdf: fills [2-4] pages but may have only one; shorten the cells tagged summary .*",
        str(caught.value),
    )


# The appendix


def test_the_appendix_has_the_plan_the_doubts_the_software_and_every_checksum(built):
    page = page_of(built)
    encoded = base64.b64encode((built / "notebooks" / "plan.toml").read_bytes()).decode()
    assert '<span class="section-number">A</span> How to repeat this report' in page
    assert '<span class="section-number">B</span> Doubts about the data' in page
    assert "A <em>bell</em> of day 2 was heard by one listener only." in page
    assert "<p>Free.</p>" not in page
    assert re.search(r"in general</td>\s*<td[^>]*>title: Bells, ```counted```</td>", page)
    assert f'download="plan.toml" href="data:application/toml;base64,{encoded}"' in page
    versions = software()
    assert f"numpy {versions['Computed']['numpy']}" in page
    assert f"typst {versions['printed']['typst']}" in page
    for name in ("data/raw/bells.csv", "data/raw/README.md", "notebooks/plan.toml"):
        assert hashlib.sha256((built / name).read_bytes()).hexdigest() in page
    assert re.search(r"01-bells\.py</td>\s*<td[^>]*>2</td>\s*<td[^>]*>2</td>\s*<td[^>]*>7</td>", page)


def test_the_appendix_follows_the_references_in_the_pdf_with_letters_for_numbers(built):
    with pikepdf.open(built / "reports" / f"{NAME}.pdf") as pdf, pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles[-4:] == [
        "References",
        "A How to repeat this report",
        "B Doubts about the data",
        "C The plan",
    ]


# The figure to hover


PERIOD = es.Period("2024-01-01", "2024-02-01")
BELLS = es.Events(["2024-01-08", "2024-01-11", "2024-01-11"], PERIOD, label="bells")
TEAS = es.Events(["2023-12-31", "2024-01-10", "2024-01-12"], label="teas")


def marks(**changes):
    given = {"lags": (-14, 15), "names": ["first tea", "second tea"]} | changes
    return hover.peri_anchor_raster(BELLS, TEAS, es.Window.before(7), **given).html


def test_every_event_within_reach_is_named_once_for_each_anchor_inside_the_period():
    labels = [html.unescape(label) for label in re.findall(r'<input[^>]* aria-label="([^"]*)"', marks())]
    assert labels == [
        "2024-01-08: 2 days before first tea",
        "2024-01-11: 1 day after first tea",
        "2024-01-11: 1 day after first tea",
        "2024-01-08: 4 days before second tea",
        "2024-01-11: 1 day before second tea",
        "2024-01-11: 1 day before second tea",
    ]


def test_lags_are_half_open_and_names_are_escaped():
    assert marks(lags=(-4, 1)).count("<input") == 4
    assert "<b>&" not in marks(names=["<b>&", "x"]).partition("radiogroup")[2]
    assert "&lt;b&gt;&amp;" in marks(names=["<b>&", "x"])


def test_a_row_is_grey_where_the_period_had_not_begun_or_was_over():
    """Of the 14 days before 10 January nine lie inside January."""
    assert '<i class="out" style="--d: -14; --n: 5"></i>' in marks()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"names": ["one"]}, "peri_anchor_raster: 1 names for 2; give one for each inside the period"),
        (
            {"event_names": ["a"]},
            "peri_anchor_raster: 1 event_names for 3; give one for each inside the period",
        ),
        (
            {"lags": (5, 5)},
            r"peri_anchor_raster: lags \(5, 5\) hold no day; give the first and the one after the last",
        ),
    ],
)
def test_what_cannot_be_shown_is_named_with_the_fix(changes, message):
    with pytest.raises(OptionError, match=message):
        marks(**changes)


def test_too_many_marks_leave_the_drawing_in_its_place():
    days = np.arange(3_001)
    many = es.Events(days, es.Period(0, 4_000), "bells")
    given = {"lags": (-4_000, 4_001), "names": ["tea"]}
    assert (
        hover.peri_anchor_raster(
            many, es.Events.from_days(np.array([2_000])), es.Window.before(7), **given
        ).html
        == ""
    )
    fewer = es.Events(days[:3_000], es.Period(0, 4_000), "bells")
    assert hover.peri_anchor_raster(
        fewer, es.Events.from_days(np.array([2_000])), es.Window.before(7), **given
    ).html


@pytest.mark.parametrize(("number", "every"), [(60, 1), (150, 3)])
def test_a_raster_of_many_anchors_stays_on_the_page_and_names_some(number, every):
    anchors = es.Events(np.arange(number) * 20, es.Period(0, 20 * number), "teas")
    names = [f"tea {k}" for k in range(number)]
    figure = charts.peri_anchor_raster(anchors, anchors, es.Window.before(7), lags=(-14, 15), names=names)
    assert figure.get_figheight() <= 8.4
    _, rows = figure.axes
    assert [label.get_text() for label in rows.get_yticklabels()] == names[::every]
    plt.close(figure)


def test_the_page_has_the_figure_to_hover_and_the_pdf_the_printed_one(built):
    page = page_of(built)
    figure = page.partition('<figure id="fig:rings"')[2].partition("</figure>")[0]
    assert figure.count('<input type="radio"') == 3
    assert "Two rows, one for each tea" in figure
    assert "<img" not in figure
    assert 'drawing("figures/rings.svg"' in (built / "build" / "work" / "report.typ").read_text(
        encoding="utf-8"
    )
