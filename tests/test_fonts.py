"""Names in any script: drawn right in figures, in the PDF and on the page, or refused before any work."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import unicodedata

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pikepdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager, ft2font

import eventstudy as es
from eventstudy import charts, fonts
from eventstudy.cli.main import main
from eventstudy.draw import show_names
from eventstudy.errors import FontError
from eventstudy.report.build import build
from eventstudy.report.check_pdf import check_pdf
from eventstudy.report.lettering import fonts_for_print, page_style
from eventstudy.results import text

matplotlib.use("Agg")

NAMES = {
    "Hangul": "북한",
    "Han": "北京",
    "Kana": "とうキョウ",
    "Arabic": "القاهرة",
    "Hebrew": "ירושלים",
    "Cyrillic": "Москва",
    "Devanagari": "दिल्ली",
    "Thai": "กรุงเทพฯ",
}
OWN = ("Arabic", "Hebrew", "Cyrillic")  # which DejaVu Sans has
CHECKED = os.environ.get("CI") == "true"  # where the whole lock is there, so nothing may be skipped
shaped = pytest.mark.skipif(
    not CHECKED and not getattr(ft2font, "__libraqm_version__", None), reason="this Matplotlib cannot shape"
)


@pytest.fixture
def scripts():
    """The fonts of the extra; without them the tests are skipped, but not where the project is checked for all."""
    if not any(font.origin != fonts.MACHINE for font in fonts.find_fonts("북")[0]):
        missing = "weblate-fonts is not installed"
        (pytest.fail if CHECKED else pytest.skip)(missing)


@pytest.fixture
def forget():
    """Look for fonts anew before and after."""

    def clear():
        for function in vars(fonts).values():
            getattr(function, "cache_clear", lambda: None)()

    clear()
    yield
    clear()


@pytest.fixture
def bare(forget, monkeypatch):
    """A machine with Matplotlib's own fonts alone."""
    monkeypatch.setitem(sys.modules, fonts.MODULE, None)
    monkeypatch.setattr(fonts.util, "find_spec", lambda name: None)
    own = [e for e in font_manager.fontManager.ttflist if e.fname.startswith(str(fonts.own_folder()))]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)


@pytest.fixture
def small(bare, tmp_path, monkeypatch):
    """A machine with one more font, that has two letters of Hangul."""
    pen = TTGlyphPen(None)
    for step, corner in enumerate([(100, 0), (100, 700), (900, 700), (900, 0)]):
        (pen.lineTo if step else pen.moveTo)(corner)
    pen.closePath()
    glyphs = dict.fromkeys((".notdef", "buk", "han"), pen.glyph())
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({ord("북"): "buk", ord("한"): "han"})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 100)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Two Letters", "styleName": "Regular", "psName": "TwoLetters"})
    builder.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    file = tmp_path / "two-letters.ttf"
    builder.save(file)
    font_manager.fontManager.addfont(file)
    return file


def timeline(events="launches", anchors="summits"):
    first = es.Events(np.arange(400, 1400, 23), es.Period(365, 1461), events)
    return charts.timeline(first, es.Events(np.arange(430, 1400, 77), label=anchors), es.Window(-9, 0))


def saved(figure, ending):
    content = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(content, format=ending)
    plt.close(figure)
    return content.getvalue()


# Figures


@shaped
@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_a_label_in_any_script_is_drawn_without_a_missing_glyph(name, ending):
    """Matplotlib warns of a missing glyph, and warnings are errors."""
    drawn = saved(timeline(f"{NAMES[name]} 2012"), ending)
    if ending == "svg":  # what DejaVu Sans lacks is outlines; nothing depends on the reader's fonts
        assert (f">{NAMES[name]} 2012<" in drawn.decode()) == (name in OWN)


@shaped
@pytest.mark.usefixtures("scripts")
def test_letters_of_devanagari_join():
    """The conjunct of k and sh is one letter, narrower than the two side by side."""
    figure = plt.figure()
    width = {}
    for letters in ("क", "ष", "क\u094dष"):
        label = figure.text(0.5, 0.5, letters)
        show_names(figure)
        width[letters] = label.get_window_extent(figure.canvas.get_renderer()).width
    assert width["क\u094dष"] < 0.8 * (width["क"] + width["ष"])
    plt.close(figure)


def test_a_label_that_needs_no_other_font_is_drawn_as_before_whatever_fonts_there_are(small):
    before = saved(timeline(), "svg")
    assert b"Two Letters" not in before
    assert fonts.find_fonts("") == ((), "")
    assert fonts.lacking("Москва, Ελλάδα, naïve — “quoted”", [fonts.plain_font()]) == ""


def test_a_font_of_the_machine_draws_what_the_others_lack(small):
    figure = timeline("북한")
    (label,) = [one for one in figure.findobj(matplotlib.text.Text) if one.get_text() == "북한"]
    assert label.get_fontfamily() == ["sans-serif", "Two Letters"]
    assert "북한" not in saved(figure, "svg").decode()
    (font,) = fonts.find_fonts("북한")[0]
    assert (font.family, font.files, font.origin) == ("Two Letters", (small,), "this machine")


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (
            "북한",
            "label '북한': no font here has '북' (U+BD81, HANGUL SYLLABLE BUG); pip install "
            "'eventstudy-timing[fonts]', or write it in other letters",
        ),
        (
            "a\x07b",
            r"label 'a\x07b': '\x07' (U+0007) is no letter or sign and cannot be printed; take it out",
        ),
    ],
)
@pytest.mark.usefixtures("bare")
def test_a_character_that_no_font_has_is_refused_with_the_label_and_the_fix(label, message):
    with pytest.raises(FontError) as caught:
        timeline(label)
    assert str(caught.value) == message
    plt.close("all")


@pytest.mark.parametrize("name", ["Arabic", "Hebrew", "Devanagari", "Thai"])
def test_without_shaping_a_script_that_needs_it_is_refused(name, monkeypatch):
    monkeypatch.setattr(ft2font, "__libraqm_version__", "", raising=False)
    with pytest.raises(FontError, match=r"pip install 'matplotlib>=3\.11', or write it in Latin letters$"):
        fonts.check_label(NAMES[name], "label")
    fonts.check_label("Москва cafe\u0301", "label")


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("北京", ["Kurinto Sans SC"]),
        ("東京とうきょう", ["Kurinto Sans JP"]),
        ("北韓 북한", ["Kurinto Sans KR"]),
        ("दिल्ली กรุงเทพ", ["Kurinto Sans"]),
    ],
)
def test_chinese_characters_have_the_form_of_the_script_beside_them(text, families):
    letters = fonts.lacking(text, [fonts.plain_font()])
    assert [font.family for font in fonts.find_fonts(letters)[0]] == families


# The terminal


def test_columns_of_a_terminal_stand_below_each_other_beside_wide_letters():
    """A letter of East Asia is two columns wide, so fewer spaces follow it."""
    _, *rows = text.lines(
        "title", [("launches", "1"), ("北京", "2"), ("दिल्ली", "3"), ("북한", "4")]
    ).splitlines()
    assert [row.rstrip("1234") for row in rows] == [
        "  launches  ", "  北京      ", "  दिल्ली       ", "  북한      "
    ]  # fmt: skip


# The beginning of a study


def files(folder, events="launches", anchors="summits"):
    for name, step in ((events, 23), (anchors, 77)):
        days = np.arange("2014-01-05", "2020-01-01", step, dtype="datetime64[D]")
        (folder / f"{name}.csv").write_text("\n".join(["date", *map(str, days)]), encoding="utf-8")
    return ["--events", str(folder / f"{events}.csv"), "--anchors", str(folder / f"{anchors}.csv")]


@shaped
@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("name", NAMES)
def test_a_study_is_called_as_its_files_are_in_any_script(name, form, tmp_path):
    """A Mac writes names with letters taken apart."""
    given = files(tmp_path, unicodedata.normalize(form, NAMES[name]))
    assert main(["new", str(tmp_path / NAMES[name]), *given]) == 0
    plan = (tmp_path / NAMES[name] / "notebooks" / "plan.toml").read_text(encoding="utf-8")
    assert unicodedata.normalize("NFC", NAMES[name]).rstrip("ฯ") in plan


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (["--events-label", "북한"], "label of the events '북한': "),
        (["--title", "Are there 북한?"], "--title 'Are there 북한?': "),
        (["--author", "김"], "--author '김': "),
    ],
)
@pytest.mark.usefixtures("bare")
def test_a_new_study_refuses_what_its_report_could_not_print(options, place, tmp_path, capsys):
    assert main(["new", str(tmp_path / "study"), *files(tmp_path), *options]) == 2
    assert capsys.readouterr().err.startswith(f"{place}no font here has '")
    assert not (tmp_path / "study").exists()


# The report


def change(project, file, old, new):
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("notebooks/plan.toml", "Bells", "북 Bells", "notebooks/plan.toml:2"),
        ("notebooks/01-bells.py", "# # ", "# # 북 ", "notebooks/01-bells.py:cell 1"),
        ("CITATION.cff", "Do bells", "북 Do bells", "CITATION.cff"),
    ],
)
@pytest.mark.usefixtures("bare")
def test_a_report_refuses_what_it_cannot_print_before_any_notebook_runs(file, old, new, place, project):
    change(project, file, old, new)
    said = []
    with pytest.raises(FontError, match=rf"^{place}: no font here has '북' \(U\+BD81, HANGUL"):
        build(project, say=said.append)
    assert not said


def printed_anew(project, old, new):
    """Change what cells have shown, as if the notebooks had run that way, and build."""
    for kept in (project / "build" / "executed").glob("*.json"):
        content = kept.read_text(encoding="utf-8")
        kept.write_text(content.replace(old, json.dumps(new)[1:-1]), encoding="utf-8")
    (project / "build" / "inputs.txt").unlink()
    return build(project, say=lambda _: None)


@pytest.mark.usefixtures("bare")
def test_a_table_of_the_data_that_cannot_be_printed_is_named_with_its_cell(project):
    with pytest.raises(FontError, match=r"^notebooks/01-bells\.py:cell \d+: no font here has '북'"):
        printed_anew(project, "There were", "북 There were")


def test_a_report_carries_a_font_that_it_needs_and_says_so(small, project):
    assert printed_anew(project, "There were", "북한 There were")
    reports = project / "reports"
    assert check_pdf(reports / "bells-before-tea.pdf") == []
    with pikepdf.open(reports / "bells-before-tea.pdf") as pdf:
        names = {
            str(thing.get("/FontName", "")) for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary)
        }
    assert any("TwoLetters" in name.replace(" ", "") for name in names)
    page = (reports / "bells-before-tea.html").read_text(encoding="utf-8")
    assert "Two Letters (this machine, SHA-256" in page
    assert '@font-face { font-family: "names-0"; font-weight: normal; src: url(data:font/ttf;base64,' in page
    assert "Two Letters (this machine" in (reports / "manifest.csv").read_text(encoding="utf-8")
    first = page
    shutil.rmtree(reports)
    assert build(project, say=lambda _: None)
    assert (reports / "bells-before-tea.html").read_text(encoding="utf-8") == first


def test_a_report_that_needs_no_other_font_is_the_same_whatever_fonts_there_are(small, built, project):
    (project / "build" / "inputs.txt").unlink()
    assert build(project, say=lambda _: None)
    sums = [(place / "reports" / "checksums.txt").read_bytes() for place in (built, project)]
    assert sums[0] == sums[1]


def test_what_typst_has_and_matplotlib_has_not_needs_no_other_font(small):
    assert fonts.lacking("⸗", fonts.own_fonts()) == "⸗"  # a double hyphen, in Libertinus
    assert fonts_for_print({"a": "⸗"}) == ()
    assert page_style((), {"a": "b"}) == ""
    assert [font.family for font in fonts_for_print({"a": "⸗북"})] == ["Two Letters"]
