"""The report as a Word document, read back part by part and, where LibreOffice is installed, opened by it."""

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from installed import lacking

from eventstudy.errors import ReportError
from eventstudy.report.build import build, verify
from eventstudy.report.checksums import differences, write_checksums

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


@pytest.fixture(scope="module")
def document(built):
    return built / "reports" / "bells-before-tea.docx"


@pytest.fixture(scope="module")
def body(document):
    with zipfile.ZipFile(document) as archive:
        return ElementTree.fromstring(archive.read("word/document.xml"))


def text(element):
    return "".join(part.text or "" for part in element.iter() if part.tag in (f"{W}t", f"{M}t"))


def paragraphs(body, style):
    """Return the text of each paragraph with a style, wherever it stands."""
    styled = [(p, p.find(f"{W}pPr/{W}pStyle")) for p in body.iter(f"{W}p")]
    return [text(p) for p, found in styled if found is not None and found.get(f"{W}val") == style]


def test_headings_have_the_styles_of_word_and_the_numbers_of_the_pdf(body):
    assert paragraphs(body, "Heading1") == [
        "1\u2002Bells",
        "2\u2002Tea",
        "References",
        "A\u2002How to repeat this report",
        "B\u2002Doubts about the data",
        "C\u2002The plan",
    ]
    assert paragraphs(body, "Heading2") == ["2.1\u2002Milk"]


def test_the_title_page_says_what_that_of_the_pdf_says(body):
    assert paragraphs(body, "Title") == ["Do bells ring before tea?"]
    assert paragraphs(body, "Subtitle") == ["A report of two short sections"]
    assert re.fullmatch(r"\d+ \w+ \d{4} · Version [\d.]+ · .+", paragraphs(body, "Date")[0])
    assert paragraphs(body, "Citation")[0].startswith("Cite as: ")
    assert paragraphs(body, "Abstract") == ["Yes. There were 16 bells (Doe 2001)."]
    assert paragraphs(body, "Keywords") == ["Keywords: bells, tea"]


def test_captions_are_numbered_by_fields_and_references_follow_them(body):
    captions = paragraphs(body, "Caption") + paragraphs(body, "TableCaption")
    assert captions[0].startswith("Figure\u00a01. Bells by day. The line joins what was counted (Doe 2001)")
    assert captions[1] == "Figure\u00a02. Bells around tea."
    assert captions[2] == "Table\u00a01. Bells by day, as in Figure\u00a01."
    fields = {f.get(f"{W}instr").strip(): text(f) for f in body.iter(f"{W}fldSimple")}
    shown = {"fig_bells": "Figure\u00a01", "tbl_bells": "Table\u00a01", "eq_rate": "1", "sec_milk": "2.1"}
    marks = {mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")}
    for name, value in shown.items():
        assert fields[f"REF ref_{name} \\h"] == value
        assert f"ref_{name}" in marks
    assert {f"SEQ {word} \\* ARABIC" for word in ("Figure", "Table", "Equation")} <= fields.keys()


def test_every_bookmark_has_a_number_and_a_name_of_its_own(body):
    marks = list(body.iter(f"{W}bookmarkStart"))
    ids, names = ([mark.get(f"{W}{key}") for mark in marks] for key in ("id", "name"))
    assert len(set(ids)) == len(ids)
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 40
    targets = {link.get(f"{W}anchor") for link in body.iter(f"{W}hyperlink")} - {None}
    assert targets <= set(names)


def test_tables_are_tables_with_a_head_that_repeats_and_the_numbers_of_the_csv_file(body):
    table = next(table for table in body.iter(f"{W}tbl") if "change" in text(table))
    rows = [[text(cell) for cell in row.iter(f"{W}tc")] for row in table.iter(f"{W}tr")]
    assert rows == [
        ["day", "bells", "change", "p", "note"],
        ["1", "4", "–", "0.500", "a|b_c"],
        ["2", "7", "3.00", "<0.001", "$5 * 2"],
        ["3", "5", "−2.25", "0.020", "#@x"],
    ]
    assert table.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None


def test_no_table_is_wider_than_the_text(body):
    for table in body.iter(f"{W}tbl"):
        width = table.find(f"{W}tblPr/{W}tblW")
        assert width.get(f"{W}type") == "pct"
        assert int(width.get(f"{W}w")) <= 5000  # fiftieths of a percent


def test_figures_are_pictures_with_their_alt_texts_inside_the_text(document, body, built):
    pictures = [(d.find(f"{DRAWING}docPr").get("descr"), d) for d in body.iter(f"{DRAWING}inline")]
    assert [alt for alt, _ in pictures] == [
        "Line chart of three days; bells rise from four to seven and fall to five.",
        "Two rows, one for each tea, with a bell two days before the first.",
    ]
    for _, picture in pictures:
        assert int(picture.find(f"{DRAWING}extent").get("cx")) <= 160.1 * 36_000  # 160 mm
        assert int(picture.find(f"{DRAWING}extent").get("cy")) <= 200.1 * 36_000
    with zipfile.ZipFile(document) as archive:
        held = {archive.read(name) for name in archive.namelist() if name.startswith("word/media/")}
    assert held == {
        (built / "reports" / "figures" / f"{name}.png").read_bytes() for name in ("bells", "rings")
    }


def test_equations_are_native_and_numbered(body):
    line = next(
        p for p in body.iter(f"{W}p") if "Equation" in str(ElementTree.tostring(p)) and "λ" in text(p)
    )
    assert line.find(f"{M}oMath") is not None
    assert text(line).endswith("(1)")


def test_the_numbers_in_the_text_are_those_of_the_json_file(body, built):
    numbers = json.loads((built / "reports" / "numbers.json").read_text(encoding="utf-8"))
    whole = text(body)
    assert (
        f"There were {numbers['total']['text']} bells ({numbers['p-total']['text']}; Table\u00a01)." in whole
    )


def test_contents_name_every_heading_of_the_first_two_levels(body):
    assert paragraphs(body, "TOC1") == paragraphs(body, "Heading1")
    assert paragraphs(body, "TOC2") == paragraphs(body, "Heading2")


def test_no_part_holds_the_clock_or_another_program(document):
    with zipfile.ZipFile(document) as archive:
        parts = archive.infolist()
        core = archive.read("docProps/core.xml").decode()
        assert b"Microsoft Word" not in archive.read("docProps/app.xml")
        assert b'w:name="compatibilityMode"' in archive.read("word/settings.xml")
    release = re.search(r'created xsi:type="dcterms:W3CDTF">(\d{4})-(\d\d)-(\d\d)', core).groups()
    days = {part.date_time[:3] for part in parts}
    assert days <= {tuple(map(int, release)), (1980, 1, 1)}


def test_a_word_document_asked_for_once_is_kept_up_to_date_until_it_is_deleted(project):
    about = project / "notebooks" / "report.toml"
    about.write_text(about.read_text(encoding="utf-8").replace("docx = true\n", ""), encoding="utf-8")
    file = project / "reports" / "bells-before-tea.docx"
    file.unlink()
    assert build(project, say=lambda _: None)
    assert not file.exists()
    assert build(project, docx=True, say=lambda _: None)
    whole = file.read_bytes()
    assert not build(project, say=lambda _: None)
    verify(project, say=lambda _: None)
    references = project / "notebooks" / "references.bib"
    references.write_text(
        references.read_text(encoding="utf-8").replace("year = {2001}", "year = {2002}"), encoding="utf-8"
    )
    assert build(project, say=lambda _: None)
    assert file.read_bytes() != whole


def test_a_key_of_another_type_is_named(project):
    about = project / "notebooks" / "report.toml"
    about.write_text(about.read_text(encoding="utf-8").replace("docx = true", "docx = 1"), encoding="utf-8")
    with pytest.raises(ReportError, match=r"report\.toml:docx: 1, which is int; give one of type bool"):
        build(project, say=lambda _: None)


def rewritten(document, part, old, new):
    """Change one part of a Word document."""
    with zipfile.ZipFile(document) as archive:
        parts = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(document, "w") as archive:
        for info, content in parts:
            if info.filename.startswith(part):
                assert old in content
                content = content.replace(old, new)
            archive.writestr(info, content)


@pytest.mark.parametrize(
    ("part", "old", "new", "changed"),
    [("word/media/", b"IDAT", b"IDAT ", False), ("word/document.xml", b"There were ", b"There are ", True)],
    ids=["a picture of a moved drawing", "a word"],
)
def test_verify_tells_a_changed_word_from_the_picture_of_a_moved_drawing(
    built, tmp_path, part, old, new, changed
):
    fresh = shutil.copytree(built / "reports", tmp_path / "fresh")
    drawing = fresh / "figures" / "bells.svg"
    whole = drawing.read_text(encoding="utf-8")
    place = re.search(r'<text [^>]*x="(\d+\.\d+)"', whole)
    drawing.write_text(whole.replace(place[1], f"{float(place[1]) + 0.001:.3f}", 1), encoding="utf-8")
    rewritten(fresh / "bells-before-tea.docx", part, old, new)
    write_checksums(fresh)
    found = differences(built / "reports", fresh)
    assert any("docx" in line for line in found.changed) == changed
    assert any("docx" in line for line in found.last_digits) != changed


def test_libreoffice_opens_it_and_shows_each_page(document, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        lacking("LibreOffice", "libreoffice-writer")
    command = [
        office,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(document)],
        check=True, capture_output=True, timeout=300, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    import pikepdf

    with pikepdf.open(tmp_path / "bells-before-tea.pdf") as pdf:
        assert len(pdf.pages) >= 2
        pictures = sum(len(page.get_images()) for page in pdf.pages)
    assert pictures >= 2  # a mask may count as one


def through_the_filter(markdown, folder):
    """Return the body of a document that the filter makes of a text."""
    import pypandoc

    import eventstudy.report

    templates = Path(eventstudy.report.__file__).parent / "templates"
    for name in ("report.lua", "word.lua"):
        shutil.copy(templates / name, folder)
    options = ["--lua-filter=word.lua", "--columns=10000"]
    pypandoc.convert_text(
        markdown,
        "docx",
        "markdown",
        outputfile=str(folder / "x.docx"),
        extra_args=options,
        cworkdir=str(folder),
    )
    with zipfile.ZipFile(folder / "x.docx") as archive:
        return ElementTree.fromstring(archive.read("word/document.xml"))


def test_a_table_too_wide_for_its_letters_gets_smaller_ones_and_still_fits(tmp_path):
    head = "|".join(f"quantity{n}" for n in range(15))
    rows = "\n".join("|" + "|".join(f"{n}.{row}23456" for n in range(15)) + "|" for row in range(3))
    table = f"|{head}|\n|{'--:|' * 15}\n{rows}"
    body = through_the_filter(
        f":::: {{#tbl:wide .table}}\n::: caption\nWide.\n:::\n\n{table}\n::::", tmp_path
    )
    shown = body.find(f".//{W}tbl/{W}tblPr")
    assert shown.find(f"{W}tblStyle").get(f"{W}val") == "TightTable"
    assert int(shown.find(f"{W}tblW").get(f"{W}w")) <= 5000


def test_two_long_labels_that_begin_alike_have_bookmarks_of_their_own(tmp_path):
    labels = [f"fig:{'a-very-long-label-of-a-figure-' * 2}{end}" for end in ("one", "two")]
    size = (2).to_bytes(4, "big")
    (tmp_path / "x.png").write_bytes(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + 2 * size + b"\x08\0\0\0\0" + bytes(16)
    )
    figures = "\n\n".join(
        f'::: {{#{label} .figure src="x.svg" width="1in" alt="Nothing."}}\nOne.\n:::' for label in labels
    )
    body = through_the_filter(f"See @{labels[0]} and @{labels[1]}.\n\n{figures}", tmp_path)
    marks = [mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")]
    fields = {
        f.get(f"{W}instr").split()[1]: text(f)
        for f in body.iter(f"{W}fldSimple")
        if "REF" in f.get(f"{W}instr")
    }
    assert sorted(fields.values()) == ["Figure\u00a01", "Figure\u00a02"]
    assert fields.keys() <= set(marks)


def test_a_sum_of_a_bracket_is_not_the_sum_of_an_opening_bracket(tmp_path):
    body = through_the_filter(
        ':::: {#eq:z .equation alt="z"}\n$$Z = \\sum_g (x_g - 1) / (f(2) + \\left(3\\right))$$\n::::',
        tmp_path,
    )
    assert text(body.find(f".//{M}nary/{M}e")) not in ("(", "")
    assert len(list(body.iter(f"{M}d"))) == 4
