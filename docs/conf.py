"""How the site is built: `make docs`, offline, every warning an error."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

import eventstudy  # noqa: E402

project = "eventstudy"
author = "The eventstudy developers"
project_copyright = "the eventstudy developers, BSD-3-Clause"
version = release = eventstudy.__version__
language = "en"

extensions = [
    "gallery",
    "live",
    "mathml",
    "myst_parser",
    "numpydoc",
    "references",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
]
exclude_patterns = ["_ext"]
myst_enable_extensions = ["deflist", "dollarmath", "substitution"]
myst_heading_anchors = 3
# pages with an owner elsewhere in the project: linked where they exist
OTHER_PAGES = {
    "command-line": "the command line",
    "other-peoples-data": "other people's data",
    "panel": "many groups",
    "your-own-study": "a report with your own data",
    "citing": "how to cite",
    "more-than-one-machine": "more than one machine",
    "faults-files": "faults in files",
    "faults-report": "faults of reports",
}
WRITTEN = {page for page in OTHER_PAGES if (ROOT / "docs" / f"{page}.md").exists()}
myst_substitutions = {
    page.replace("-", "_"): f"[{title}](/{page}.md)" if page in WRITTEN else title
    for page, title in OTHER_PAGES.items()
}


def without_unwritten(_app: object, _page: str, source: list[str]) -> None:
    """Take pages that are not written out of the toctrees."""
    for page in OTHER_PAGES.keys() - WRITTEN:
        source[0] = source[0].replace(f"\n/{page}\n", "\n")


def setup(app: Any) -> None:
    """Look at every page before it is read."""
    app.connect("source-read", without_unwritten)


add_module_names = False
toc_object_entries_show_parents = "hide"
default_role = "py:obj"
python_use_unqualified_type_names = True
autodoc_typehints = "none"  # the docstrings say it, with shapes and units
autodoc_class_signature = "mixed"
autodoc_member_order = "bysource"
autosummary_generate = False
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
html_math_renderer = "mathml"

html_theme = "pydata_sphinx_theme"
html_context = {"default_mode": "auto"}  # light or dark as the reader's system has it
html_title = f"eventstudy {release}"
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_sidebars = {"index": [], "start": []}  # no pages below them
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "eventstudy"},
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
    "article_header_end": [],
    "footer_start": ["copyright"],
    "footer_center": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
html_last_updated_fmt = None
copybutton_exclude = ".linenos, .gp, .go"
