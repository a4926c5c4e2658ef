"""A short paper, and every table and figure of the published report, by the LaTeX of others."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import eventstudy as es
from eventstudy.numbers import numbers_tex

ROOT = Path(__file__).parents[1]
REPORTS = ROOT / "reports"
PAPER = Path(__file__).parent / "paper" / "paper.tex"
NUMBERS = json.loads((REPORTS / "numbers.json").read_text(encoding="utf-8"))
LATEX = ["-interaction=nonstopmode", "-halt-on-error"]


@pytest.fixture
def folder(tmp_path):
    """A folder with the paper and what it takes from the report."""
    shutil.copy(PAPER, tmp_path)
    shutil.copy(REPORTS / "numbers.tex", tmp_path)
    shutil.copytree(REPORTS / "tables", tmp_path / "tables")
    shutil.copytree(REPORTS / "figures", tmp_path / "figures")
    (tmp_path / "eventstudy.bib").write_text(es.cite("bibtex"), encoding="utf-8")
    return tmp_path


def test_the_published_numbers_for_latex_are_those_of_the_json_file():
    head, *lines = (REPORTS / "numbers.tex").read_text(encoding="utf-8").splitlines()
    about = re.search("Numbers of the report ``(.*)'', version (.*?)\\. ", head)
    assert [head, *lines] == numbers_tex(NUMBERS, f"\u201c{about[1]}\u201d, version {about[2]}").splitlines()


def test_the_paper_compiles_without_a_warning_and_prints_the_numbers(tex, folder):
    assert tex("pdflatex", *LATEX, "paper").returncode == 0
    assert tex("bibtex", "paper").returncode == 0
    for _ in range(2):
        done = tex("pdflatex", *LATEX, "paper")
        assert done.returncode == 0, done.stdout[-1000:].decode()
    log = (folder / "paper.log").read_text(encoding="utf-8", errors="replace")
    assert re.findall(r"(?m)^.*(?:Warning|Overfull|Missing character).*$", log) == []
    if shutil.which("pdftotext"):
        command = ["pdftotext", "-layout", "paper.pdf", "-"]
        text = subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout.decode()
        words = " ".join(text.split())
        for name in ("observed", "expected", "rate-ratio", "rate-ratio-interval", "launch-days-tested"):
            assert NUMBERS[name]["text"] in words
        assert "The eventstudy developers. Do North Korean missile launches come before summits?" in words


@pytest.mark.parametrize("wrong", ["rate-ration", "rate-ratio-interval:middle", "Observed", ""])
def test_a_number_that_the_report_does_not_have_stops_the_paper(tex, folder, wrong):
    paper = PAPER.read_text(encoding="utf-8").replace(r"\es{observed}", rf"\es{{{wrong}}}", 1)
    (folder / "paper.tex").write_text(paper, encoding="utf-8")
    assert tex("pdflatex", "-interaction=nonstopmode", "paper").returncode == 1
    log = (folder / "paper.log").read_text(encoding="utf-8", errors="replace")
    assert f"! numbers.tex has no number '{wrong}'; its names stand in numbers.tex." in log
    assert not (folder / "paper.pdf").exists()


def test_every_number_table_and_figure_of_the_report_compiles(tex, folder):
    numbers = [rf"\es{{{name}}} $\es{{{name}}}$\par" for name in NUMBERS]
    tables = [
        rf"\noindent\small\input{{tables/{path.name}}}\clearpage"
        for path in sorted((folder / "tables").glob("*.tex"))
    ]
    figures = [
        rf"\noindent\includegraphics{{{path.name}}}\clearpage"
        for path in sorted((folder / "figures").glob("*.pdf"))
    ]
    body = "\n".join([*numbers, r"\clearpage", *tables, *figures])
    packages = (
        r"\usepackage[margin=20mm]{geometry}\usepackage{array,booktabs,graphicx}\graphicspath{{figures/}}"
    )
    document = rf"\documentclass[a4paper]{{article}}{packages}\input{{numbers}}\begin{{document}}{body}\end{{document}}"
    (folder / "all.tex").write_text(document, encoding="utf-8")
    done = tex("pdflatex", *LATEX, "all")
    assert done.returncode == 0, done.stdout[-1000:].decode()
    log = (folder / "all.log").read_text(encoding="utf-8", errors="replace")
    too_wide = [float(width) for width in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", log)]
    assert max(too_wide, default=0) < 20  # points; an author makes such a table smaller


def test_a_machine_without_latex_says_what_to_install_and_one_under_ci_fails(tex, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    for ci, outcome in [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]:
        monkeypatch.setenv("CI", ci)
        with pytest.raises(outcome, match="pdflatex is not installed; on Debian: texlive-latex-base"):
            tex("pdflatex", "paper")
