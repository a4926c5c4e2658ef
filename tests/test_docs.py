"""The documentation site: built once, every warning an error, then read by a parser and in a browser."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
import zlib
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from in_browser import QUIET, find_browser
from installed import lacking
from once import made_once

import eventstudy as es

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PREPARED = re.compile(
    r"^<!-- before:\n(?P<before>.*?)^-->$|^```python[^\n]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
NOT_RUN = re.compile(r"<!-- not run: .+? -->\s*\Z")
LOOKED_AT = (
    "index",
    "start",
    "ideas/null-models",
    "gallery/gallery-elections",
    "api/statistics",
    "referees",
    "search",
)

pytestmark = pytest.mark.slow


def sphinx(*arguments):
    """Build pages; a warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site as `make docs` builds it, once for all workers; EVENTSTUDY_SITE names one that was just built."""
    if "EVENTSTUDY_SITE" in os.environ:
        return ROOT / os.environ["EVENTSTUDY_SITE"]

    def build(folder):
        built = sphinx("--keep-going", "-b", "html", DOCS, folder)
        assert built.returncode == 0, built.stdout + built.stderr

    return made_once(tmp_path_factory, "site", build)


class Page(HTMLParser):
    """The names, links and fetched addresses of a page."""

    def __init__(self, path):
        super().__init__()
        self.names, self.links, self.fetched, self.text = set(), [], [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.names.update(values[name] for name in ("id", "name") if values.get(name))
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") not in ("index", "search", "next", "prev", "canonical"):
            self.fetched.append(values["href"])
        elif values.get("src"):
            self.fetched.append(values["src"])

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="session")
def pages(site):
    """Every page of the site, by its path."""
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if "_downloads" not in path.parts}


def test_the_site_has_every_page_of_the_source(site):
    sources = [path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")]
    assert len(sources) > 30
    assert [str(path) for path in sources if not (site / path).exists()] == []


def test_every_internal_link_leads_to_a_page_and_to_a_place_on_it(site, pages):
    dead, followed = [], 0
    for path, page in pages.items():
        for link in page.links:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            followed += 1
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            place = unquote(address.fragment)
            if not target.exists() or (target in pages and place and place not in pages[target].names):
                dead.append(f"{path.relative_to(site)}: {link}")
    assert followed > 1_000
    assert dead == []


def test_every_external_link_is_well_formed(pages):
    addresses = [urlsplit(link) for page in pages.values() for link in page.links if urlsplit(link).scheme]
    assert addresses
    for address in addresses:
        assert address.scheme in ("https", "http"), address.geturl()
        assert re.fullmatch(r"[\w-]+(\.[\w-]+)+", address.netloc), address.geturl()


def test_no_page_and_no_style_names_a_foreign_address_to_fetch(site, pages):
    foreign = [
        f"{path.name}: {name}"
        for path, page in pages.items()
        for name in page.fetched
        if urlsplit(name).netloc
    ]
    assert foreign == []
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(@import\s+(url\()?|url\()\s*['\"]?(https?:)?//", text), style.name


def test_every_public_name_and_every_result_has_its_entry(site):
    raw = (site / "objects.inv").read_bytes()
    entries = {line.split(" ")[0] for line in zlib.decompress(raw.split(b"\n", 4)[4]).decode().splitlines()}
    missing = [name for name in es.__all__ if f"eventstudy.{name}" not in entries]
    for path in sorted((ROOT / "src" / "eventstudy" / "results").glob("*.py")):
        if path.stem == "text":
            continue  # the pieces of a summary, which no user meets
        names = re.findall(r"^class ([A-Z]\w*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        missing += [name for name in names if f"eventstudy.results.{path.stem}.{name}" not in entries]
    assert missing == []


def test_each_null_model_has_its_picture_and_its_row(site, pages):
    text = " ".join("".join(pages[site / "ideas" / "null-models.html"].text).split())
    source = (DOCS / "ideas" / "null-models.md").read_text(encoding="utf-8")
    for row in es.null_model_table().frame.itertuples():
        for words in (row.keeps, row.breaks, row.survives, row.avoid):
            assert words.replace("`", "") in text.replace("’", "'"), words
        assert re.search(rf":caption: {row.null.split('(')[0]}\(.*\n(.*\n)?draws\(", source), row.null


def test_the_first_result_is_the_published_one(site, pages):
    numbers = json.loads((ROOT / "reports" / "numbers.json").read_text(encoding="utf-8"))
    text = "".join(pages[site / "start.html"].text)
    assert re.search(rf"observed +{numbers['observed']['value']}\n", text)
    assert re.search(rf"expected +{numbers['expected']['value']:.2f}\n", text)
    assert f"p-value     {numbers['p-primary']['value']:.3f} (greater)" in text


def test_every_python_block_of_the_pages_runs(tmp_path, monkeypatch):
    """Blocks of ``run`` are run by the build itself; here the plain ones, in order, those of a page in one session.

    A comment ``<!-- before: ... -->`` prepares files that a block reads. A block below ``<!-- not run: why -->`` needs
    what a test has not, such as a cluster.
    """
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    mpl.use("agg")
    ran = 0
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        session, folder = {"__name__": "page", "ROOT": ROOT}, tmp_path / path.stem
        folder.mkdir(exist_ok=True)
        monkeypatch.chdir(folder)
        for match in PREPARED.finditer(text):
            if match["before"] is None and NOT_RUN.search(text[: match.start()]):
                continue
            code = match["before"] or match["code"]
            exec(compile(code, f"{path.relative_to(ROOT)}, a block", "exec"), session)
            ran += 1
        plt.close("all")
    assert ran


def test_commands_that_the_pages_name_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path in DOCS.rglob("*.md"):
        named = set(re.findall(r"`make ([a-z]+)`", path.read_text(encoding="utf-8")))
        assert named <= targets, path.name


def extension(name):
    """Return a module of the site's own extensions."""
    spec = importlib.util.spec_from_file_location(name, DOCS / "_ext" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_block_gives_what_it_prints_its_last_value_and_its_figures(tmp_path):
    live = extension("live")
    session = {}
    assert live.run_code("x = 2\nprint('two')\nx + 1", session, tmp_path) == ("two\n", 3, [])
    printed, _, drawings = live.run_code(
        "from matplotlib import pyplot as plt\nplt.plot([x, 1])", session, tmp_path
    )
    assert (printed, len(drawings)) == ("", 1)
    assert drawings[0].lstrip().startswith("<?xml")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("1 / 0", ZeroDivisionError),
        ("import warnings\nwarnings.warn('old', DeprecationWarning)", DeprecationWarning),
    ],
)
def test_a_block_that_fails_or_warns_is_an_error(tmp_path, code, error):
    with pytest.raises(error):
        extension("live").run_code(code, {}, tmp_path)


def test_a_failing_block_stops_the_build_and_names_its_line(tmp_path):
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(DOCS / '_ext')!r})\nextensions = ['myst_parser', 'live']\n",
        encoding="utf-8",
    )
    (tmp_path / "index.md").write_text("# Page\n\n```{run}\nundefined\n```\n", encoding="utf-8")
    built = sphinx("-b", "dummy", tmp_path, tmp_path / "out")
    assert built.returncode != 0
    assert "index.md:3" in built.stderr
    assert "name 'undefined' is not defined" in built.stderr


SVG = "<svg width='1pt'></svg>"


def cell(source, *outputs):
    """Return a cell of code with outputs by their type."""
    data = [{"output_type": "display_data", "data": output} for output in outputs]
    return {"cell_type": "code", "source": source, "outputs": data}


def test_a_notebook_keeps_its_order_links_sources_and_outputs(tmp_path):
    gallery = extension("gallery")
    source = tmp_path / "01-a.py"
    source.write_text("#| label: fig:one\n#| label: tbl:two\n{#eq:sum}", encoding="utf-8")
    (tmp_path / "02-b.py").write_text("#| label: fig:far", encoding="utf-8")
    (tmp_path / "references.bib").write_text(
        "@book{fisher1935, author={Fisher, R. A.}, title={Design}, year={1935}, publisher={Boyd}}",
        encoding="utf-8",
    )
    formula = "$$\na_b * c\n$$ {#eq:sum}\n"
    prose = f"# Title {{#sec:a}}\n\nSee @fig:one, @tbl:two, @fig:far and @eq:sum [@fisher1935].\n\n{formula}"
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": prose},
            cell(
                "#| label: fig:one\n#| caption: What is\n#|   seen.\n#| alt: A line.\nplot()",
                {"image/svg+xml": SVG},
            ),
            cell("table()", {"text/markdown": "| a |\n|--|\n| 1 |\n\n", "text/html": "<table>"}),
            cell("Markdown(f'{x}')", {"text/markdown": "There are 17."}),
        ]
    }
    figures = gallery.write_figures(notebook, tmp_path, tmp_path)
    assert figures["fig:one"].read_text(encoding="utf-8") == SVG
    text = gallery.to_myst(notebook, source, {"fig:one": "one.svg"})
    order = [
        "[Figure 1](#fig-one), Table 1, [notebook 02-b](02-b.md) and [Formula 1](#eq-sum) (Fisher 1935)",
        "(eq-sum)=\n$$\na_b * c\n$$",
        "```python\nplot()\n```",
        "(fig-one)=\n```{figure} /one.svg\n:alt: A line.\n\nWhat is seen.\n```",
        "```python\ntable()\n```",
        "| a |\n|--|\n| 1 |",
        "There are 17.",
    ]
    places = [text.find(part) for part in order]
    assert -1 not in places, order[places.index(-1)] + "\n" + text
    assert places == sorted(places)
    assert "Title" not in text
    assert "Markdown(" not in text


@pytest.fixture(scope="session")
def address(site):
    """Serve the site on this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def tab(width, address):
    """Open a window of Chromium, and say at the end what its console and its network said."""
    from playwright.sync_api import sync_playwright

    if find_browser() is None:
        lacking("Chromium", "chromium")
    said = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        opened = chromium.new_page(viewport={"width": width, "height": 900})
        opened.on(
            "console",
            lambda m: said.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None,
        )
        opened.on("pageerror", lambda error: said.append(f"script: {error}"))
        opened.on(
            "request",
            lambda r: said.append(f"fetched {r.url}") if not r.url.startswith((address, "data:")) else None,
        )
        yield opened
        chromium.close()
    assert said == []


def test_a_reader_finds_a_page_by_its_words(address):
    with tab(1280, address) as page:
        page.goto(f"{address}/index.html")
        page.keyboard.press("Control+k")
        page.keyboard.type("exchanged years")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("search.html"))
        found = page.locator("#search-results li > a")
        found.first.wait_for()
        titles = found.all_inner_texts()
        assert any("null model" in title for title in titles), titles
        found.first.click()
        page.wait_for_load_state()
        assert "search.html" not in page.url
        assert "years" in page.locator("article").inner_text()


# the window, or the part of it that holds the text, would scroll
WIDER = """() => [document.documentElement, document.querySelector('.bd-article-container')]
  .filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.className || e.tagName)"""
WIDE = '<p style="width: 400px">Wide</p>'


def test_no_page_of_the_site_scrolls_sideways_on_a_phone(site, address):
    pages = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    pages = [name for name in pages if not name.startswith("_")]  # others than of the theme and the report
    assert len(pages) > 50
    with tab(360, address) as page:
        wide = {}
        for name in pages:
            page.goto(f"{address}/{name}", wait_until="load")
            wide[name] = page.evaluate(WIDER)
        assert {name: parts for name, parts in wide.items() if parts} == {}
        page.evaluate(f"document.querySelector('article').insertAdjacentHTML('afterbegin', '{WIDE}')")
        assert page.evaluate(WIDER) == ["bd-article-container"]


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_silent_accessible_and_no_wider_than_the_screen(width, address):
    from axe_playwright_python.sync_playwright import Axe

    barriers, axe = [], Axe()
    with tab(width, address) as page:
        for name in LOOKED_AT:
            page.goto(f"{address}/{name}.html", wait_until="load")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                f"{name} scrolls sideways"
            )
            broken = "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
            assert page.evaluate(broken) == []
            found = axe.run(page, options={"preload": False}).response["violations"]
            barriers += [f"{name}: {v['id']} at {v['nodes'][0]['target']}" for v in found]
    assert barriers == []
