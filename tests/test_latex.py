import shutil
import string
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.latex import SIGNS, escape_latex, name_signs

SPECIAL = set('\\{}%$#&_~^<>|"`')


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("12.3%", r"12.3\%"),
        ("\u22120.25", r"\ensuremath{-}0.25"),
        ("\u00d7\u2009$5", r"\ensuremath{\times}\,\$5"),
        ("p\u00a0<\u00a00.001", r"p~\ensuremath{<}~0.001"),
        ("1958\u20132026", "1958--2026"),
        ("a\\b_{c}", r"a\textbackslash{}b\_\{c\}"),
        ("two\nlines", "two lines"),
        ("Gr\u00fcn", "Gr\u00fcn"),
    ],
)
def test_text_is_escaped_as_by_hand(text, latex):
    assert escape_latex(text) == latex


@given(st.text())
def test_no_special_sign_is_left_without_its_backslash_or_braces(text):
    latex = escape_latex(text)
    for command in (*SIGNS.values(), r"\textbackslash{}", r"\textasciitilde{}", r"\textasciicircum{}"):
        latex = latex.replace(command, "")
    for command in (r"\textasciigrave{}", r"\ensuremath{<}", r"\ensuremath{>}", r"\ensuremath{|}", "''"):
        latex = latex.replace(command, "")
    for sign in "{}%$#&_":
        latex = latex.replace(f"\\{sign}", "")
    assert not SPECIAL & set(latex)


def test_signs_in_finished_latex_become_commands_and_the_rest_stays():
    assert name_signs("\\emph{\u2265 5\u00a0\\%}") == "\\emph{\\ensuremath{\\geq} 5~\\%}"


def test_every_sign_prints_as_itself(tex, tmp_path):
    """All of ASCII and every sign of the table, set by pdfLaTeX and read back from the PDF."""
    signs = [c for c in string.printable if not c.isspace()] + [c for c in SIGNS if not c.isspace()]
    body = "\n\n".join(rf"\texttt{{x}}{escape_latex(sign)}\texttt{{x}}" for sign in signs)
    source = rf"\documentclass{{article}}\pagestyle{{empty}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "signs.tex").write_text(source, encoding="utf-8")
    done = tex("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "signs.tex")
    assert done.returncode == 0, done.stdout[-2000:]
    assert b"Missing character" not in (tmp_path / "signs.log").read_bytes()
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "signs.pdf", "-"], cwd=tmp_path, capture_output=True, check=True
        ).stdout
        found = text.decode().split()
        drawn = set("_~^'`\"-")  # OT1 draws these as rules and accents, or has a curled form of them
        assert {f"x{sign}x" for sign in signs if sign in string.printable and sign not in drawn} <= set(found)
