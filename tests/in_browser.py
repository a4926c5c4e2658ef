"""Check a finished HTML page in a browser: no messages, no requests, no wider than the screen, and accessible."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from eventstudy.errors import ReportError

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
WIDTHS = (360, 1280)  # a phone, a desk
SIDEWAYS = """() => {
  const wide = document.documentElement.clientWidth;
  const clipped = (e) => e && (getComputedStyle(e).overflowX != 'visible' || clipped(e.parentElement));
  const name = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : e.className ? '.' + e.className : '');
  return [...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > wide + 1 && !clipped(e)).map(name).slice(0, 3);
}"""
DEAD = """() => [...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute('href').slice(1))
  .filter((id) => !document.getElementById(decodeURIComponent(id)))"""
BROKEN = (
    "() => [...document.images].filter((i) => !i.complete || !i.naturalWidth).map((i) => i.alt.slice(0, 40))"
)

Scheme = Literal["light", "dark"]


def find_browser() -> str | None:
    """Return the path of Chromium on this machine, None if there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def check_in_browser(
    page: Path, *, widths: Sequence[int] = WIDTHS, schemes: Sequence[Scheme] = ("light", "dark")
) -> list[str]:
    """Return the problems of a page when a browser opens it, an empty list if there are none.

    - `page`: a page in one file.
    - `widths`: widths of the window in pixels; the page is opened at each.
    - `schemes`: colour schemes that the reader prefers; contrast is checked in each, at the first width.

    Raises ReportError if this machine has no Chromium.
    """
    from playwright.sync_api import sync_playwright

    if (browser := find_browser()) is None:
        raise ReportError(f"{page.name}: no browser to open it in; install one of {', '.join(BROWSERS)}")
    problems: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=QUIET)
        try:
            for place, width in enumerate(widths):
                for scheme in schemes if place == 0 else schemes[:1]:
                    tab = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                    problems += [f"{width} px, {scheme}: {found}" for found in _open(tab, page)]
                    tab.close()
        finally:
            chromium.close()
    return problems


def _open(tab: Any, page: Path) -> Iterator[str]:
    said: list[str] = []
    tab.on("console", lambda message: said.append(f"the console says {message.text}"))
    tab.on("pageerror", lambda error: said.append(f"a script fails: {error}"))
    address = page.resolve().as_uri()
    tab.on("request", lambda request: said.append(_fetched(request.url, address)))
    tab.goto(address)
    yield from filter(None, said)
    yield from (f"{name} is wider than the window" for name in tab.evaluate(SIDEWAYS))
    if tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        yield "the page scrolls sideways"
    yield from (f"a link leads nowhere: #{name}" for name in tab.evaluate(DEAD))
    yield from (f"an image is broken: {about}" for about in tab.evaluate(BROKEN))
    yield from _axe(tab)


def _fetched(url: str, own: str) -> str:
    return "" if url.partition("#")[0] == own or url.startswith("data:") else f"it fetches {url}"


def _axe(tab: Any) -> Iterator[str]:
    from axe_playwright_python.sync_playwright import Axe

    for violation in Axe().run(tab, options={"resultTypes": ["violations"]}).response["violations"]:
        nodes = violation["nodes"]
        yield f"axe: {violation['id']}: {violation['help']} ({len(nodes)} times, first {nodes[0]['html'][:120]})"
