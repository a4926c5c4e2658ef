"""Check a finished HTML page: self-contained, without script, with alternative texts and working links."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

# attributes whose address a browser fetches by itself
FETCHED = {"src", "srcset", "poster", "data", "action", "background"}


def check_html(path: Path) -> list[str]:
    """Return the problems of a page, an empty list if there are none."""
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    repeated = sorted({name for name in page.names if page.names.count(name) > 1})
    dead = sorted(page.targets - set(page.names))
    return [
        *page.problems,
        *([] if page.language else ["it names no language"]),
        *([] if "title" in page.seen else ["it has no title"]),
        *([] if page.viewport else ["it does not fit narrow screens: no viewport"]),
        *(f"the id {name} appears twice" for name in repeated),
        *(f"a link leads nowhere: #{name}" for name in dead),
    ]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.names: list[str] = []
        self.targets: set[str] = set()
        self.seen: set[str] = set()
        self.language = self.viewport = False
        self.level = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.seen.add(tag)
        self.language |= tag == "html" and bool(values.get("lang"))
        self.viewport |= tag == "meta" and values.get("name") == "viewport"
        if "id" in values:
            self.names.append(values["id"])
        if tag in ("script", "iframe", "object", "embed") or any(name.startswith("on") for name in values):
            self.problems.append(f"it runs or embeds something: {tag}")
        for name, value in values.items():
            if (name in FETCHED or (tag == "link" and name == "href")) and not value.startswith("data:"):
                self.problems.append(f"it would fetch {value}")
            if name == "style":
                self._style(value)
        if tag == "img" and not values.get("alt", "").strip():
            self.problems.append("an image has no alternative text")
        if tag == "a" and values.get("href", "").startswith("#"):
            self.targets.add(values["href"][1:])
        if heading := re.fullmatch(r"h([1-6])", tag):
            level = int(heading[1])
            if level > self.level + 1:
                self.problems.append(f"a heading of level {level} follows level {self.level}")
            self.level = level

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style":
            self._style(data)

    def _style(self, text: str) -> None:
        if re.search(r"@import|url\(\s*['\"]?(?!data:)", text):
            self.problems.append("a style would fetch something")
