"""Printed text as LaTeX: TeX's special characters are escaped, typographic signs become commands."""

from __future__ import annotations

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
