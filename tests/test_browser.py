"""What a browser sees: pages open silently on a phone and on a desk, and a mark under the pointer says what it is."""

from importlib import resources
from pathlib import Path

import pytest
from in_browser import QUIET, check_in_browser, find_browser
from installed import lacking

REPORTS = sorted((Path(__file__).parents[1] / "reports").glob("*.html"))


@pytest.fixture(scope="module", autouse=True)
def browser():
    """Without a browser the tests are skipped, but not where the project is checked for all."""
    for library in ("playwright", "axe_playwright_python"):
        pytest.importorskip(library)
    if find_browser() is None:
        lacking("Chromium", "chromium")


@pytest.fixture
def tab(built):
    """The small page in a window as wide as a phone."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        page = chromium.new_page(viewport={"width": 360, "height": 900}, has_touch=True)
        page.goto((built / "reports" / "bells-before-tea.html").as_uri())
        yield page
        chromium.close()


def test_the_small_page_has_no_fault_at_either_width_in_light_and_dark(built):
    assert check_in_browser(built / "reports" / "bells-before-tea.html") == []


@pytest.mark.parametrize("page", REPORTS, ids=lambda page: page.stem)
def test_a_published_page_has_no_fault_on_a_phone_and_on_a_desk(page):
    assert check_in_browser(page, schemes=["light"]) == []


def test_each_planted_fault_is_found(tmp_path):
    page = tmp_path / "bad.html"
    page.write_text(
        '<!DOCTYPE html><html lang="en"><head><title>Bad</title></head><body><main><h1>Bad</h1>'
        "<script>console.log('hello'); setTimeout(() => 0)</script><script>absent()</script>"
        '<p id="wide" style="width: 2000px">Wide</p><a href="#gone">Gone</a><img src="absent.png" alt="a">'
        '<p style="color: #ccc; background: #fff">Pale</p></main></body></html>',
        encoding="utf-8",
    )
    found = "\n".join(check_in_browser(page, widths=[360], schemes=["light"]))
    for expected in (
        "360 px, light: the console says hello",
        "a script fails: absent is not defined",
        f"it fetches {(tmp_path / 'absent.png').as_uri()}",
        "p#wide is wider than the window",
        "the page scrolls sideways",
        "a link leads nowhere: #gone",
        "an image is broken: a",
        "axe: color-contrast",
    ):
        assert expected in found


def tooltip(mark):
    """Return what a mark shows beside itself, "none" if nothing."""
    return mark.evaluate("mark => getComputedStyle(mark, '::after').content").strip('"')


SECOND = "2024-01-20: 10 days after first <tea>"
THIRD = "2024-01-20: 10 days before second tea"


def test_a_mark_says_under_the_pointer_what_it_is(tab):
    marks = tab.locator(".peri input")
    assert [tooltip(marks.nth(i)) for i in range(marks.count())] == ["none"] * 3
    marks.nth(1).hover()
    assert [tooltip(marks.nth(i)) for i in range(3)] == ["none", SECOND, "none"]


def test_a_touched_mark_keeps_saying_what_it_is(tab):
    marks = tab.locator(".peri input")
    marks.nth(2).tap()
    tab.mouse.move(0, 0)
    assert tooltip(marks.nth(2)) == THIRD


def test_the_figure_is_one_stop_of_the_tab_key_and_arrows_walk_from_mark_to_mark(tab):
    marks = tab.locator(".peri input")
    tab.locator(".peri").evaluate("figure => { figure.tabIndex = -1; figure.focus() }")
    for key, place, text in (("Tab", 0, "2024-01-08: 2 days before first <tea>"), ("ArrowRight", 1, SECOND)):
        tab.keyboard.press(key)
        assert marks.nth(place).evaluate("mark => mark === document.activeElement")
        assert tooltip(marks.nth(place)) == text
    tab.keyboard.press("Tab")
    assert not tab.evaluate("document.activeElement.matches('.peri input')")


def test_the_figure_is_printed_with_its_window_and_its_grey_ends(tab):
    """Browsers leave out backgrounds when they print, unless the page asks for them."""
    tab.emulate_media(media="print")
    left_out = """() => [...document.querySelectorAll('.peri *')].filter((e) => {
      const style = getComputedStyle(e);
      const drawn = style.backgroundImage != 'none' || style.backgroundColor != 'rgba(0, 0, 0, 0)';
      return drawn && style.printColorAdjust != 'exact';
    }).map((e) => e.className)"""
    assert tab.evaluate(left_out) == []
    assert "linear-gradient" in tab.locator(".peri .track").first.evaluate(
        "e => getComputedStyle(e).backgroundImage"
    )


@pytest.fixture
def claims(tmp_path):
    """A page with a table of claims, made with the template and the filter of the report, on a phone."""
    import pypandoc
    from playwright.sync_api import sync_playwright

    templates = resources.files("eventstudy.report") / "templates"
    for name in ("report.html", "report.lua"):
        (tmp_path / name).write_bytes((templates / name).read_bytes())
    rows = [f"| {n} | Launches come before meetings of that kind, claim {n} | {2 * n} of 39 meetings had a launch in "
            f"the two weeks before | cannot tell |" for n in range(1, 4)]  # fmt: skip
    table = "\n".join(["| no. | claim | finding | verdict |", "|--:|:--|:--|:--|", *rows])
    numbers = "| kind | n |\n|:--|--:|\n| all | 12 |"
    divs = [f":::: {{#tbl:{name} .table}}\n::: caption\nWords.\n:::\n\n{text}\n::::" for name, text in
            (("claims", table), ("numbers", numbers))]  # fmt: skip
    (tmp_path / "a.md").write_text("\n\n".join(divs), encoding="utf-8")
    page = tmp_path / "a.html"
    options = [
        "--template=report.html",
        "--lua-filter=report.lua",
        "--metadata=title:A",
        "--metadata=lang:en",
    ]
    pypandoc.convert_file(
        "a.md", "html5", format="markdown", extra_args=[*options, f"--output={page}"], cworkdir=str(tmp_path)
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        tab = chromium.new_page(viewport={"width": 360, "height": 900})
        tab.goto(page.as_uri())
        yield tab
        chromium.close()


def test_on_a_phone_finding_and_verdict_of_each_claim_are_seen_without_scrolling_sideways(claims):
    for cell in claims.locator("#tbl\\:claims td").all():
        box = cell.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    names = (
        claims.locator("#tbl\\:claims tbody tr")
        .first.locator("td")
        .evaluate_all("cells => cells.map(cell => getComputedStyle(cell, '::before').content)")
    )
    assert names == ['"no.: "', '"claim: "', '"finding: "', '"verdict: "']
    assert claims.locator("#tbl\\:claims .scroll").evaluate("box => box.scrollWidth <= box.clientWidth")
    row = claims.locator("#tbl\\:numbers tbody tr td")
    assert row.nth(0).bounding_box()["y"] == row.nth(1).bounding_box()["y"]  # numbers stay beside each other


def test_on_a_desk_the_cells_of_a_claim_stand_beside_each_other(claims):
    claims.set_viewport_size({"width": 1280, "height": 900})
    cells = claims.locator("#tbl\\:claims tbody tr").first.locator("td").all()
    assert len({cell.bounding_box()["y"] for cell in cells}) == 1


def test_short_cells_stay_on_one_line_where_there_is_room(claims):
    verdict = claims.locator("#tbl\\:claims tbody td").nth(3)
    claims.set_viewport_size({"width": 700, "height": 900})
    claim = claims.locator("#tbl\\:claims tbody td").nth(1)
    line = claims.evaluate("parseFloat(getComputedStyle(document.querySelector('table')).lineHeight)")
    tall = "e => e.getClientRects()[0].height - 2 * parseFloat(getComputedStyle(e).paddingTop)"
    assert verdict.evaluate("e => getComputedStyle(e).whiteSpace") == "nowrap"
    assert claim.evaluate(tall) >= 2 * line - 1
