"""Printed text and tables as LaTeX: TeX's special characters are escaped, typographic signs become commands."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "$": r"\$", "#": r"\#", "&": r"\&", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "`": r"\textasciigrave{}", '"': "''",
    "<": r"\ensuremath{<}", ">": r"\ensuremath{>}", "|": r"\ensuremath{|}",
}  # fmt: skip
# written by name, since pdfLaTeX knows few signs outside ASCII; letters with accents it knows
SIGNS = {
    "\u00a0": "~", "\u202f": r"\,", "\u2009": r"\,", "\u2013": "--", "\u2014": "---", "\u2026": r"\ldots{}",
    "\u2018": "`", "\u2019": "'", "\u201c": "``", "\u201d": "''", "\u00b0": r"\ensuremath{^{\circ}}",
    "\u2212": r"\ensuremath{-}", "\u00d7": r"\ensuremath{\times}", "\u00b1": r"\ensuremath{\pm}",
    "\u00b7": r"\ensuremath{\cdot}", "\u221e": r"\ensuremath{\infty}", "\u2248": r"\ensuremath{\approx}",
    "\u2260": r"\ensuremath{\neq}", "\u2264": r"\ensuremath{\leq}", "\u2265": r"\ensuremath{\geq}",
    "\u2192": r"\ensuremath{\rightarrow}", "\u00b2": r"\ensuremath{^{2}}", "\u00b3": r"\ensuremath{^{3}}",
    "\u03b1": r"\ensuremath{\alpha}", "\u03b2": r"\ensuremath{\beta}", "\u03b3": r"\ensuremath{\gamma}",
    "\u03b4": r"\ensuremath{\delta}", "\u03bb": r"\ensuremath{\lambda}", "\u03bc": r"\ensuremath{\mu}",
    "\u03c0": r"\ensuremath{\pi}", "\u03c1": r"\ensuremath{\rho}", "\u03c3": r"\ensuremath{\sigma}",
    "\u03c4": r"\ensuremath{\tau}", "\u03c6": r"\ensuremath{\varphi}", "\u03c7": r"\ensuremath{\chi}",
}  # fmt: skip
ESCAPES = str.maketrans({**SPECIAL, **SIGNS, "\n": " "})
NAMED = str.maketrans(SIGNS)
PACKAGES = r"% \usepackage{array,booktabs}"  # that a table needs
LINE = 78  # characters that fit on a line of a paper, at the usual size of a table
GAP = 2.5  # letters that fit between two columns
COLUMN_GAP = 2.75  # the same, where every letter is measured
# characters above which a column of text may wrap; the second is tried where the first is not enough
LONG = (24, 12)
PARTS = re.compile(r"[^\s(=,]+[(=,]?")  # between which a line may end
TEXT_WIDTH = 345.0  # points, in the class article
POINTS = {  # widths of signs in Computer Modern Roman at ten points, rounded up; 5.6 if not here, and 7.9 for capitals
    **dict.fromkeys("il.,:;'![]|", 2.8), **dict.fromkeys("fj -", 3.4), **dict.fromkeys("I()rst", 4.0),
    **dict.fromkeys("cez", 4.5), **dict.fromkeys("ago/0123456789", 5.0), **dict.fromkeys("w+=<>", 7.8),
    **dict.fromkeys("m%@", 8.4), **dict.fromkeys("MW", 10.3),
}  # fmt: skip
HEAD = 9  # characters that a line of a wrapped header may always have


def escape_latex(text: str) -> str:
    r"""Return plain text as LaTeX that prints it, on one line.

    Other letters and signs stay as they are; whether they print depends on the font and the engine.

    >>> print(escape_latex("p < 5 %, \u22120.2 to 1.4, AT&T_1"))
    p \ensuremath{<} 5 \%, \ensuremath{-}0.2 to 1.4, AT\&T\_1
    """
    return text.translate(ESCAPES)


def name_signs(latex: str) -> str:
    r"""Return LaTeX with its typographic signs as commands, which every engine knows.

    >>> print(name_signs("\\emph{all} \u2265 2"))
    \emph{all} \ensuremath{\geq} 2
    """
    return latex.translate(NAMED)


def latex_note(note: str) -> str:
    """Return a note, in LaTeX, as the paragraph below a table."""
    return rf"\par\smallskip{{\footnotesize\raggedright {note}\par}}"


def _cell(text: str, *, breaks: bool = False) -> str:
    latex = escape_latex(text)
    if breaks:  # a call, which has no spaces
        latex = re.sub(r"([(=,])(?=\S)", r"\1\\allowbreak{}", latex)
    # at the end of a row, a bracket or a star would be read as an option
    return f"{{{latex}}}" if latex.startswith(("[", "*")) else latex


def latex_table(header: Sequence[str], right: Sequence[bool], rows: Sequence[Sequence[str]]) -> str:
    """Return printed cells as a ``tabular``; `right`: which columns hold numbers, and so align right."""
    heads, columns = _columns(header, right, rows)
    mixed = any(number and kind != "r" for number, kind in zip(right, columns, strict=True))
    breaks = [mixed and kind not in ("l", "r") for kind in columns]
    lines = [
        " & ".join(heads),
        *(" & ".join(_cell(cell, breaks=one) for cell, one in zip(row, breaks, strict=True)) for row in rows),
    ]
    head, *body = [rf"{line} \\" for line in lines]
    begin = rf"\begin{{tabular}}{{@{{}}{''.join(columns)}@{{}}}}"
    return "\n".join([begin, r"\toprule", head, r"\midrule", *body, r"\bottomrule", r"\end{tabular}", ""])


def _columns(
    header: Sequence[str], right: Sequence[bool], rows: Sequence[Sequence[str]]
) -> tuple[list[str], list[str]]:
    """Return the header cells, and the kind of each column: r for numbers, l for text, or a paragraph."""
    kinds = ["r" if number else "l" for number in right]
    inside = [max(map(len, column)) for column in zip(*rows, strict=True)] or [0] * len(header)
    heads = [[name] for name in header]
    if sum(max(len(name), width) + GAP for name, width in zip(header, inside, strict=True)) > LINE:
        heads = [
            textwrap.wrap(name, max(width, HEAD), break_long_words=False, break_on_hyphens=False) or [name]
            for name, width in zip(header, inside, strict=True)
        ]
    widths = [max(width, *map(len, head)) for width, head in zip(inside, heads, strict=True)]
    if any(number and _speaks(column) for number, column in zip(right, zip(*rows, strict=True), strict=True)):
        return _all_shared(header, right, rows)
    breaks, room = [False] * len(widths), 0.0
    for limit in LONG:
        breaks = [not number and width > limit for number, width in zip(right, widths, strict=True)]
        room = LINE - sum(width + GAP for width, broken in zip(widths, breaks, strict=True) if not broken)
        if room >= LINE / 3:
            break
    wanted = sum(width + GAP for width, broken in zip(widths, breaks, strict=True) if broken)
    if wanted > room:
        for place in (place for place, broken in enumerate(breaks) if broken):
            word = max(len(word) for row in (header, *rows) for word in row[place].split() or [""])
            share = max(max(room, LINE / 3) * widths[place] / wanted, word) / LINE
            kinds[place] = rf">{{\raggedright\arraybackslash}}p{{{share:.2f}\linewidth}}"
    return [_head(lines, kind) for lines, kind in zip(heads, kinds, strict=True)], kinds


def _speaks(cells: Sequence[str]) -> bool:
    """Tell whether a column of numbers also holds words, as the foot of a table of results does."""
    return any(len(cell) > HEAD and sum(map(str.isalpha, cell)) > len(cell) / 2 for cell in cells)


def _all_shared(
    header: Sequence[str], right: Sequence[bool], rows: Sequence[Sequence[str]]
) -> tuple[list[str], list[str]]:
    """Return header cells and kinds of columns that share a line: the widest wrap, as few and as little as needed.

    No column is narrower than its longest word, or part of a call.
    """
    kinds = ["r" if number else "l" for number in right]
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    words = [
        max((_width(part) for cell in column for part in PARTS.findall(cell)), default=1)
        for column in columns
    ]
    shares = shared_widths(widths, words, LINE - COLUMN_GAP * len(widths))
    for place, (share, width) in enumerate(zip(shares, widths, strict=True)):
        if share < width:
            side = "raggedleft" if right[place] else "raggedright"
            kinds[place] = (
                rf">{{\{side}\arraybackslash}}p{{{math.ceil(1000 * share / LINE) / 1000:.3f}\linewidth}}"
            )
    return [_head([name], kind) for name, kind in zip(header, kinds, strict=True)], kinds


def _width(text: str) -> float:
    """Return the width of a text in letters of which LINE fit on a line of the class article."""
    points = sum(POINTS.get(sign, 7.9 if sign.isupper() else 5.6) for sign in text)
    return points * LINE / TEXT_WIDTH


def shared_widths(widths: Sequence[float], words: Sequence[float], room: float) -> list[float]:
    """Return the letters of columns that share a room: the widest give way, none below its longest word."""
    shares = list(widths)
    for most in range(math.ceil(max(widths, default=0)), 0, -1):
        shares = [min(width, max(most, word)) for width, word in zip(widths, words, strict=True)]
        if sum(shares) <= room:
            break
    return shares


def _head(lines: Sequence[str], kind: str) -> str:
    cells = [_cell(line) for line in lines]
    if len(cells) == 1 or kind not in ("l", "r"):  # a paragraph wraps by itself
        return " ".join(cells)
    stacked = r" \\ ".join(cells)
    return rf"\begin{{tabular}}[b]{{@{{}}{kind}@{{}}}}{stacked}\end{{tabular}}"
