"""How to cite the package, its data and each result; CITATION.cff is the only source."""

from __future__ import annotations

import hashlib
import re
import textwrap
from pathlib import Path
from typing import Any, Literal, Protocol

from eventstudy import draw
from eventstudy.arguments import one_of
from eventstudy.errors import own_errors
from eventstudy.latex import escape_latex
from eventstudy.printing import Text
from eventstudy.provenance import Provenance
from eventstudy.references import Reference, bibtex_entry, read_references

PACKAGE = Path(__file__).resolve().parent
STYLES = ("text", "bibtex")
WIDTH = 92  # letters of a line of text
Style = Literal["text", "bibtex"]


class _Traced(Protocol):
    @property
    def provenance(self) -> Provenance: ...


class Citable:
    """A result that knows its provenance and how to cite it; its plots show labels literally."""

    __slots__ = ()

    def __init_subclass__(cls, **choices: Any) -> None:
        super().__init_subclass__(**choices)
        for name, method in tuple(vars(cls).items()):
            if name.startswith("plot") and not hasattr(method, "__wrapped__"):
                setattr(cls, name, draw.as_written(method))

    def cite(self: _Traced, style: Style = "text") -> str:
        """Return how to cite this result: the package with its version, the call, the seed, the data by checksum.

        Parameters
        ----------
        style : {"text", "bibtex"}, default "text"

        Returns
        -------
        str

        Raises
        ------
        OptionError
            If the style is another one.
        """
        one_of(style, STYLES, "cite", "style")
        (package, *_) = read_references(citation_file())
        return Text(
            _result_text(package, self.provenance)
            if style == "text"
            else _result_bibtex(package, self.provenance)
        )


@own_errors
def cite(style: Style = "text") -> str:
    """Return how to cite the package, its report, the bundled tables and their sources.

    Parameters
    ----------
    style : {"text", "bibtex"}, default "text"
        Lines to read, or entries for a file of references.

    Returns
    -------
    str

    Raises
    ------
    OptionError
        If the style is another one.

    Examples
    --------
    >>> import eventstudy as es
    >>> print(es.cite().partition("Its report")[0])
    The package:
      The eventstudy developers (2026). eventstudy: do dated events cluster before dated
        anchors? Version 0.3.0.
    """
    one_of(style, STYLES, "cite", "style")
    references = read_references(citation_file())
    if style == "bibtex":
        return Text("\n\n".join(reference.bibtex() for reference in references))
    lines: list[str] = []
    scope = None
    for reference in references:
        if reference.scope != scope:
            scope = reference.scope
            lines.append(f"{scope[0].upper()}{scope[1:]}:")
        lines += textwrap.wrap(
            reference.text(), WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
        )
    return Text("\n".join(lines))


def citation_file() -> Path:
    """Return the package's CITATION.cff: inside the installed package, or at the top of a source tree."""
    installed = PACKAGE / "CITATION.cff"
    return installed if installed.exists() else PACKAGE.parents[1] / "CITATION.cff"


def _result_text(package: Reference, source: Provenance) -> str:
    data = [f"{label}, SHA-256 {digest}" for label, digest in source.data.items()]
    seed = source.seed if source.seed is not None else "none, since no draws were made"
    return "\n".join(
        [package.text(), f"Call: {source.call}", f"Seed: {seed}", *(f"Data: {line}" for line in data)]
    )


def _result_bibtex(package: Reference, source: Provenance) -> str:
    digest = hashlib.sha256(
        repr((source.call, source.seed, sorted(source.data.items()))).encode()
    ).hexdigest()
    name = re.sub(r"[^a-z0-9]+", "-", source.call.partition("(")[0].lower()).strip("-")
    seed = f"Seed {escape_latex(source.seed)}" if source.seed is not None else "No draws were made"
    data = "; ".join(
        f"{escape_latex(label)}, SHA-256 {_breakable(value)}" for label, value in source.data.items()
    )
    fields = {
        "author": package.bibtex_authors(),
        "title": f"{{{{{escape_latex(source.call)}}}}}",
        "howpublished": f"{{Computed by {escape_latex(package.title.partition(':')[0])}, version {package.version}}}",
        "year": str(package.year),
        "month": package.bibtex_month(),
        "note": f"{{{seed}. Data: {data}}}" if data else f"{{{seed}}}",
    }
    return bibtex_entry(f"{name}-{digest[:8]}", fields)


def _breakable(digest: str) -> str:
    """Return a checksum that LaTeX may break after every eight digits."""
    return r"\allowbreak ".join(digest[start : start + 8] for start in range(0, len(digest), 8))
