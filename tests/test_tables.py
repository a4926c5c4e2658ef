import copy
import csv
import io
import json
import pickle
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import EventStudyError, OptionError
from eventstudy.printing import escape_markdown
from eventstudy.tables import MIME, OTHER_NAMES, Table


def cells(markdown):
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in markdown.splitlines()]


def test_each_kind_of_column_prints_in_its_own_way():
    frame = pd.DataFrame(
        {
            "count": [12345, 2012],
            "maybe": pd.array([None, 4], dtype="Int64"),
            "rate": [-0.125, np.nan],
            "p": [0.00001, 0.25],
            "first": pd.to_datetime(["2012-01-01", None]),
            "name": ["a", None],
            "sure": [True, False],
        }
    )
    header, rule, one, two = cells(Table(frame, digits=2, p=("p",)).to_markdown())
    assert header == ["count", "maybe", "rate", "p", "first", "name", "sure"]
    assert rule == ["--:", "--:", "--:", "--:", ":--", ":--", ":--"]
    assert one == ["12,345", "\u2013", "−0.12", "<0.001", "2012-01-01", "a", "True"]
    assert two == ["2012", "4", "\u2013", "0.250", "\u2013", "\u2013", "False"]


def test_an_index_with_names_comes_first_and_a_default_one_is_left_out():
    frame = pd.DataFrame({"x": [1]})
    assert cells(Table(frame).to_markdown())[0] == ["x"]
    assert cells(Table(frame.set_axis(pd.Index(["a"], name="term"))).to_markdown())[0] == ["term", "x"]
    two = frame.set_axis(pd.MultiIndex.from_tuples([("a", "b")], names=["who", "where"]))
    assert cells(Table(two).to_markdown())[2] == ["a", "b", "1"]


def test_digits_may_differ_by_column():
    frame = pd.DataFrame({"a": [0.5], "b": [0.5]})
    assert cells(Table(frame, digits={"a": 0}).to_markdown())[2] == ["0", "0.50"]


MARKUP = [
    "a|b",
    "*x*",
    "_y_",
    "$5",
    "#1",
    "@key",
    "[^1]",
    "`c`",
    "<b>",
    "~s~",
    "\\",
    "1. x",
    "{.a}",
    "line\nbreak",
    "^",
    "&amp; &copy",
    "series == 'G7' or city == \"Seoul\"",
]


def test_markup_in_cells_is_printed_as_it_stands():
    """Read back by Pandoc itself: every cell is the text that went in, white space apart."""
    pypandoc = pytest.importorskip("pypandoc")
    markdown = Table(pd.DataFrame({"x*y": MARKUP})).to_markdown()
    tree = json.loads(pypandoc.convert_text(markdown, "json", format="markdown"))
    table = tree["blocks"][0]
    assert table["t"] == "Table"
    rows = table["c"][4][0][3]
    found = ["".join(x.get("c", " ") for x in row[1][0][4][0]["c"]) for row in rows]
    assert found == [" ".join(text.split()) for text in MARKUP]


SIGNS = [*"\\`*_{}[]<>()#+-.!|~^$@=:;&\"'/%? ", "..", "--", "a", "b2", "1", "amp", "x1", "É", "mark", "ii"]


def plain(inlines):
    """Return the text of inline elements; an apostrophe inside a word is set as one."""
    return "".join(one["c"] if one["t"] == "Str" else " " for one in inlines).replace("’", "'")


def test_any_text_is_printed_as_it_stands_in_a_cell_and_as_a_title():
    """Random texts of signs and letters, read back by Pandoc: the text that went in, and no markup."""
    pypandoc = pytest.importorskip("pypandoc")
    rng = np.random.default_rng(20261128)
    texts = [" ".join("".join(rng.choice(SIGNS, rng.integers(1, 9))).split()) for _ in range(2_000)]
    texts = [text for text in texts if text]
    tree = json.loads(
        pypandoc.convert_text(Table(pd.DataFrame({"x": texts})).to_markdown(), "json", format="markdown")
    )
    rows = tree["blocks"][0]["c"][4][0][3]
    assert [plain(row[1][0][4][0]["c"]) for row in rows] == texts
    # a paragraph each, so that what begins a block is tried too
    paragraphs = "\n\n<!-- -->\n\n".join(map(escape_markdown, texts))
    blocks = [
        block
        for block in json.loads(pypandoc.convert_text(paragraphs, "json", format="markdown"))["blocks"]
        if block["t"] != "RawBlock"
    ]
    assert {block["t"] for block in blocks} == {"Para"}
    assert [plain(block["c"]) for block in blocks] == texts


@pytest.mark.parametrize(
    "text",
    ["2012-01-01", "0.82 to 1.59", "C(year) + x", "a_b", "12:30", "A & B", "p < 0.05", "#2", "x = 3", "a - b", "5 * 2",
     "me@home", "50 %", "North's", "(a)", "e.g. this", "[0, 14)", "!"],
)  # fmt: skip
def test_what_markdown_would_not_read_is_not_escaped(text):
    assert escape_markdown(text, cell=True) == text


def test_html_escapes_cells_and_says_what_header_cells_head():
    page = Table(pd.DataFrame({"<x>": ["a & b"]}), note="1 < 2").to_html()
    assert '<th scope="col" style="text-align: left">&lt;x&gt;</th>' in page
    assert "a &amp; b" in page
    assert "<p>1 &lt; 2</p>" in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p": ("q",)}, "no column 'q'; the columns are x"),
        ({"digits": {"y": 1}}, "no column 'y'; the columns are x"),
        ({"p": "x"}, r"p is the text 'x'; give a tuple of column names, such as p=\('x',\)"),
    ],
)
def test_options_that_do_not_fit_the_frame_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        Table(pd.DataFrame({"x": [1.0]}), **options)


def test_columns_of_several_levels_are_refused():
    frame = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))
    with pytest.raises(OptionError, match="several levels; flatten them"):
        Table(frame)


NOTE = r"\* p < 0.05, *cannot tell* & `a_b`"


def test_a_note_stands_below_the_table_in_every_language():
    table = Table(pd.DataFrame({"x": [1]}), note=NOTE)
    assert table.to_markdown() == f"| x |\n| --: |\n| 1 |\n\n{NOTE}"
    assert table.to_latex().endswith(
        "\\end{tabular}\n\\par\\smallskip{\\footnotesize\\raggedright "
        "* p \\ensuremath{<} 0.05, \\emph{cannot tell} \\& \\texttt{a\\_b}\\par}\n"
    )
    assert "<p>* p &lt; 0.05, <em>cannot tell</em> &amp; <code>a_b</code></p>" in table.to_html()
    assert str(table) == "x\n1\n* p < 0.05, cannot tell & a_b"
    assert "cannot" not in table.to_csv()


def test_stars_of_plain_text_in_a_note_are_no_emphasis():
    plain = "* p < 0.05, ** p < 0.01"
    assert f"<p>{plain.replace('<', '&lt;')}</p>" in Table(pd.DataFrame({"x": [1]}), note=plain).to_html()


def test_the_report_gets_the_note_once():
    bundle = Table(pd.DataFrame({"x": [1]}), note=NOTE)._repr_mimebundle_()
    assert bundle["text/markdown"].count("cannot tell") == 1
    assert "cannot tell" not in bundle[MIME]["latex"]


def test_a_table_prints_as_the_aligned_text_that_a_notebook_gets():
    table = Table(pd.DataFrame({"name": ["a", "longer"], "rate": [0.5, -12.0]}))
    text = "  name   rate\n     a   0.50\nlonger \u221212.00"
    assert str(table) == repr(table) == table._repr_mimebundle_()["text/plain"] == text


# For others

MIXED = pd.DataFrame(
    {
        "a_b": ["[x", "50 % & more"],
        "rate": [-1 / 3, np.nan],
        "p": [1e-9, 0.25],
        "count": [12345, 2012],
        "maybe": pd.array([None, 4], dtype="Int64"),
        "first": pd.to_datetime(["2012-01-01", None]),
        "sure": [True, False],
    }
)


def test_the_csv_has_the_values_unrounded_to_six_digits_and_nothing_for_missing_ones():
    rows = list(csv.reader(Table(MIXED, digits=1, p=("p",)).to_csv().splitlines()))
    assert rows == [
        ["a_b", "rate", "p", "count", "maybe", "first", "sure"],
        ["[x", "-0.333333", "1e-09", "12345", "", "2012-01-01", "True"],
        ["50 % & more", "", "0.25", "2012", "4", "", "False"],
    ]


def test_the_latex_is_printed_as_the_report_prints_it_and_escaped():
    assert Table(MIXED, digits=1, p=("p",)).to_latex() == (
        "% \\usepackage{array,booktabs}\n"
        "\\begin{tabular}{@{}lrrrrll@{}}\n"
        "\\toprule\n"
        "a\\_b & rate & p & count & maybe & first & sure \\\\\n"
        "\\midrule\n"
        "{[x} & \\ensuremath{-}0.3 & \\ensuremath{<}0.001 & 12,345 & -- & 2012-01-01 & True \\\\\n"
        "50 \\% \\& more & -- & 0.250 & 2012 & 4 & -- & False \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}\n"
    )


def test_only_in_a_wide_table_does_long_text_break_its_lines():
    narrow = pd.DataFrame({"text": ["a word " * 5], "x": [1.0]})
    assert r"{@{}lr@{}}" in Table(narrow).to_latex()
    wide = pd.DataFrame({"text": ["a word " * 20], "short": ["a"], "x": [1.0]})
    (columns,) = re.findall(r"begin{tabular}{@{}(.*)@{}}", Table(wide).to_latex())
    (share,) = re.findall(r"^>{\\raggedright\\arraybackslash}p{(0\.\d\d)\\linewidth}lr$", columns)
    assert 0.5 < float(share) < 0.95


def test_an_index_with_a_name_goes_along_into_csv_and_latex():
    frame = pd.DataFrame({"x": [1]}, index=pd.Index(["a"], name="term"))
    assert Table(frame).to_csv() == "term,x\na,1\n"
    assert "term & x" in Table(frame).to_latex()


def test_p_values_are_known_by_their_name_and_never_print_as_zero():
    frame = pd.DataFrame(
        {"p": [3e-6], "p, two-sided": [0.2], "pvalue_adjusted": [0.04], "prop": [0.004], "p big": [7.0]}
    )
    assert cells(Table(frame).to_markdown())[2] == ["<0.001", "0.200", "0.040", "0.00", "7.00"]
    assert cells(Table(frame, p=()).to_markdown())[2][0] == "0.00"


@pytest.mark.parametrize("habit", OTHER_NAMES)
def test_an_export_of_another_package_is_answered_with_what_can_be_typed(habit, tmp_path, monkeypatch):
    if habit == "style":
        pytest.importorskip("jinja2", reason="pandas styles frames with jinja2")
    table = Table(pd.DataFrame({"term": ["before"], "p": [0.25]}))
    assert not hasattr(table, habit)
    with pytest.raises(AttributeError, match=rf"^Table: {habit} is not a name here; write ") as caught:
        getattr(table, habit)
    monkeypatch.chdir(tmp_path)
    advice = str(caught.value).partition("write ")[2].partition(", with")[0]
    if "docx" in advice:
        pytest.importorskip("pypandoc")
    made = eval(f"table{advice}" if advice.startswith(".") else advice, {"table": table})
    assert made is not None or Path("table.docx").exists()


EXPORTS = ("to_markdown", "to_latex", "to_html", "to_csv")
SMALL = Table(pd.DataFrame({"term": ["Größe", "−1"], "p": [0.25, 1e-5]}), note="*Note.*")


@pytest.mark.parametrize("export", EXPORTS)
def test_an_export_writes_to_a_path_or_an_open_file_what_it_returns_without_one(export, tmp_path):
    write, path, buffer = getattr(SMALL, export), tmp_path / "t.txt", io.StringIO()
    assert write(path) is None
    assert path.read_bytes().decode("utf-8") == write()
    assert write(str(tmp_path / "named.txt")) is None
    assert (tmp_path / "named.txt").read_bytes() == path.read_bytes()
    assert write(buffer) is None
    assert buffer.getvalue() == write()
    keyword = "path_or_buf" if export == "to_csv" else "buf"  # as pandas calls them
    assert write(**{keyword: tmp_path / "k.txt"}) is None
    assert (tmp_path / "k.txt").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("export", EXPORTS)
def test_what_cannot_be_written_is_said_in_one_line_and_leaves_nothing(export, tmp_path):
    for target in (tmp_path / "none" / "t.txt", tmp_path):
        with pytest.raises(
            OptionError, match=rf"^Table\.{export} .*: it cannot be written \(.*\); nothing was"
        ):
            getattr(SMALL, export)(target)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(
        OptionError, match=rf"^Table\.{export}: 3 is neither a path nor an open file; give one"
    ):
        getattr(SMALL, export)(3)


def test_word_gets_a_native_table_with_the_note_and_the_same_bytes_each_time(tmp_path):
    pypandoc = pytest.importorskip("pypandoc")
    for name in ("a.docx", "b.docx"):
        assert SMALL.to_docx(tmp_path / name) is None
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    document = zipfile.ZipFile(tmp_path / "a.docx").read("word/document.xml").decode()
    assert (document.count("<w:tbl>"), document.count("<w:tr>")) == (1, 3)
    words = pypandoc.convert_file(str(tmp_path / "a.docx"), "plain").replace("-", "").split()
    assert words == ["term", "p", "Größe", "0.250", "−1", "<0.001", "Note."]


def test_word_without_pandoc_is_refused_with_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypandoc", None)
    with pytest.raises(OptionError, match=r"^Table\.to_docx: pypandoc is not installed; run pip install"):
        SMALL.to_docx(tmp_path / "t.docx")
    assert list(tmp_path.iterdir()) == []


def test_a_table_can_be_copied_and_has_no_other_names():
    table = copy.deepcopy(pickle.loads(pickle.dumps(Table(pd.DataFrame({"p": [0.25]})))))
    assert table.to_csv() == "p\n0.25\n"
    assert not hasattr(table, "nonsense")
    with pytest.raises(AttributeError, match=r"^'Table' object has no attribute 'nonsense'$"):
        table.nonsense  # noqa: B018


@pytest.mark.parametrize("export", ["to_csv", "to_latex", "to_html", "to_markdown"])
def test_an_export_into_a_binary_file_is_that_of_a_text_file_in_utf_8(export):
    table = Table(pd.DataFrame({"name": ["\u00e9t\u00e9"], "value": [1.5]}))
    binary = io.BytesIO()
    getattr(table, export)(binary)
    assert binary.getvalue().decode() == getattr(table, export)()


@pytest.mark.parametrize("export", ["to_csv", "to_latex", "to_html", "to_markdown", "to_docx"])
@pytest.mark.parametrize("target", [3, "~no-such-user-here/x", io.StringIO, b"x"])
def test_what_cannot_be_written_to_is_refused(export, target):
    with pytest.raises(EventStudyError, match=rf"^Table\.{export}: .*; "):
        getattr(Table(pd.DataFrame({"value": [1]})), export)(target)


def test_a_file_that_takes_no_text_is_refused_in_one_line(tmp_path):
    closed = io.StringIO()
    closed.close()
    table = Table(pd.DataFrame({"name": ["\u2713"]}))
    (tmp_path / "old.csv").write_text("old")
    with (
        (tmp_path / "old.csv").open() as reading,
        (tmp_path / "latin.csv").open("w", encoding="latin-1") as latin,
    ):
        for target in (closed, reading, latin):
            with pytest.raises(
                EventStudyError, match=r"^Table\.to_csv: the file cannot be written .*; open it for text"
            ):
                table.to_csv(target)
