"""Several results side by side: numbers as each result has them, in every form of output."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest

import eventstudy as es

PERIOD = es.Period("2012-01-01", "2017-01-01")
WINDOW = es.Window(-14, 0)
_RNG = np.random.default_rng(3)
EVENTS = es.Events(_RNG.choice(PERIOD.days, 150), PERIOD, "launches")
ANCHORS = es.Events(_RNG.choice(PERIOD.days, 25, replace=False), label="summits")
TABLE = es.count_table(EVENTS, ANCHORS, {"before": WINDOW})
PLAIN = es.poisson_regression(TABLE, "count ~ before")
MONTHS = es.poisson_regression(TABLE, "count ~ before + C(month)", covariance="quasi")
TEST = es.permutation_test(
    EVENTS, ANCHORS, es.WindowCount(WINDOW), es.UniformDays(), method="monte-carlo", rng=7, n_resamples=99
)
RATE = es.rate_ratio(EVENTS, ANCHORS, WINDOW)


def rows_of(table):
    """Return the rows of the CSV by what they are; a row without a term belongs to the one above."""
    header, *rows = csv.reader(io.StringIO(table.to_csv()))
    found, term = {}, ""
    for row in rows:
        term = row[0] or term
        found[term, row[1]] = dict(zip(header[2:], row[2:], strict=True))
    return found


def test_each_column_has_the_numbers_of_its_result_and_nothing_else():
    rows = rows_of(es.results_table([TEST, RATE, PLAIN, MONTHS], ["test", "rate", "plain", "months"]))
    irr = PLAIN.irr.loc["before"]
    assert float(rows["before", "rate ratio"]["plain"]) == pytest.approx(irr["irr"], rel=1e-5)
    low, high = map(float, rows["before", "95% interval"]["plain"].split(" to "))
    assert (low, high) == pytest.approx((irr["low"], irr["high"]), rel=1e-5)
    assert float(rows["before", "p"]["months"]) == pytest.approx(MONTHS.irr.loc["before", "pvalue"], rel=1e-5)
    assert rows["before", "rate ratio"]["test"] == rows["before", "rate ratio"]["rate"] == ""
    assert float(rows["rate ratio", "rate ratio"]["rate"]) == pytest.approx(RATE.ratio, rel=1e-5)
    assert rows["events", ""] == dict.fromkeys(["test", "rate", "plain", "months"], "150")
    assert rows["anchors", ""]["plain"] == "25"
    assert rows["seed", ""] == {"test": "7", "rate": "", "plain": "", "months": ""}
    assert rows["null model", ""]["test"] == "UniformDays(within=None)"
    assert rows["errors", ""]["months"] == "quasi"
    assert not any("C(month)" in term or term == "Intercept" for term, _ in rows)


def test_errors_are_those_of_the_coefficients_and_stars_come_only_if_asked():
    rows = rows_of(es.results_table([PLAIN], ["plain"], errors=True))
    fitted = PLAIN.coefficients.loc["before"]
    assert float(rows["before", "coefficient"]["plain"]) == pytest.approx(fitted["coefficient"], rel=1e-5)
    assert float(rows["before", "standard error"]["plain"]) == pytest.approx(fitted["se"], rel=1e-5)
    plain, starred = (
        es.results_table([PLAIN], terms=["Intercept"], stars=stars).to_markdown() for stars in (False, True)
    )
    assert "*" not in plain
    assert r"\*\*\*" in starred
    assert "***" not in es.results_table([PLAIN], terms=["Intercept"], stars=True).to_csv()


def test_the_legend_of_the_stars_goes_along_into_every_text():
    table = es.results_table([PLAIN], stars=True)
    said = "* p < 0.05, ** p < 0.01, *** p < 0.001"
    assert str(table).endswith(f"\n{said}")
    assert said.replace("<", "&lt;") in table.to_html()
    assert said.replace("<", r"\ensuremath{<}") in table.to_latex()
    assert table.to_markdown().endswith(said.replace("*", r"\*"))
    assert "p <" not in es.results_table([PLAIN]).to_markdown()


def test_terms_come_in_the_order_asked_for_and_an_unknown_one_is_refused():
    table = es.results_table([MONTHS], terms=["before", "Intercept"])
    terms = [term for term, _ in rows_of(table)]
    assert terms.index("before") < terms.index("Intercept")
    with pytest.raises(es.EventStudyError, match="no result has a term 'after'; terms are Intercept, before"):
        es.results_table([PLAIN], terms=["after"])


def test_the_name_of_a_factor_is_answered_with_its_terms_and_their_test():
    said = (
        r"^results_table: 'C\(month\)' is a factor of 11 terms; give the terms, such as 'C\(month\)\[T\.2\]', "
        r"or test them together by joint_test\('C\(month\)'\)$"
    )
    with pytest.raises(es.EventStudyError, match=said):
        es.results_table([MONTHS], terms=["C(month)"])
    assert es.results_table([MONTHS], terms=["C(month)[T.2]"]).frame.shape[0] > 3
    assert MONTHS.joint_test("C(month)").df == 11


def test_a_mapping_of_terms_chooses_orders_and_renames_rows_and_changes_no_number():
    named = rows_of(es.results_table([MONTHS], terms={"before": "14 days before", "Intercept": "constant"}))
    plain = rows_of(es.results_table([MONTHS], terms=["before", "Intercept"]))
    names = {"14 days before": "before", "constant": "Intercept"}
    assert [(names.get(term, term), what) for term, what in named] == list(plain)
    assert list(named.values()) == list(plain.values())


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("before", r"terms is 'before'; give a list of terms, such as \['before', 'after'\]"),
        (3, "terms is 3; give a list of terms"),
        ({"after": "later"}, "no result has a term 'after'"),
        ({"before": 3}, "terms names a row 3; give each a text"),
        ({"before": ""}, "terms names a row ''; give each a text"),
        ({"before": "x", "Intercept": "x"}, "terms gives two rows the same name; give each its own"),
    ],
)
def test_terms_that_choose_no_rows_are_refused_in_one_line(terms, said):
    with pytest.raises(es.EventStudyError, match=f"^results_table: {said}"):
        es.results_table([PLAIN], terms=terms)


@pytest.mark.parametrize(
    ("results", "labels", "said"),
    [
        ([], None, "give a list of results"),
        (PLAIN, None, "give a list of results"),
        ([PLAIN, 3], None, "a int is not a result"),
        ([PLAIN, MONTHS], ["one"], "a label for each of 2 results"),
        ([PLAIN, MONTHS], ["one", "one"], "two results are called 'one'"),
        ([PLAIN], ["term"], "a label is 'term'"),
    ],
)
def test_what_makes_no_table_is_refused(results, labels, said):
    with pytest.raises(es.EventStudyError, match=said):
        es.results_table(results, labels)


def test_several_results_make_one_native_table_of_word(tmp_path):
    pytest.importorskip("pypandoc")
    from zipfile import ZipFile

    path = tmp_path / "table.docx"
    table = es.results_table([TEST, PLAIN], ["test", "regression"])
    table.to_docx(path)
    document = ZipFile(path).read("word/document.xml").decode()
    assert document.count("<w:tbl>") == 1
    assert document.count("<w:tr>") == 1 + len(table.frame)
    assert "regression" in document


@pytest.mark.parametrize("results", [[PLAIN, RATE], [PLAIN, RATE, TEST, MONTHS]])
def test_in_word_each_column_has_room_for_its_words_and_all_for_the_page(results, tmp_path):
    """Letters of nine points are some 5 points wide, and the edges of a cell take 10.8 points."""
    pytest.importorskip("pypandoc")
    from xml.etree import ElementTree
    from zipfile import ZipFile

    table = es.results_table(results)
    table.to_docx(tmp_path / "table.docx")
    with ZipFile(tmp_path / "table.docx") as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))
        styles = archive.read("word/styles.xml").decode()
    assert re.search(r'w:styleId="Compact".*?<w:sz w:val="18"/>', styles, re.DOTALL)
    w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    points = [int(column.get(f"{w}w")) / 20 for column in body.iter(f"{w}gridCol")]
    rows = [["".join(cell.itertext()) for cell in row.iter(f"{w}tc")] for row in body.iter(f"{w}tr")]
    for width, column in zip(points, zip(*rows, strict=True), strict=True):
        longest = max(len(word) for cell in column for word in re.split(r"[\s\u200b]", cell))
        assert 5.0 * longest + 10.8 <= width
    assert len(set(points)) > 1
    assert sum(points) <= 433
    header, _, printed = table.cells()
    assert [[cell.replace("\u200b", "") for cell in row] for row in rows] == [header, *printed]


def test_stars_stand_for_the_levels_that_are_asked():
    """The p-value of the intercept is below every level, that of the window lies between 0.05 and 0.9."""
    p = float(PLAIN.tidy().set_index("term").loc["before", "p_value"])
    assert 0.05 < p < 0.9
    table = es.results_table([PLAIN], stars=(0.01, 0.9, 0.1))
    own = next(line for line in table.to_csv().splitlines() if line.startswith("before"))
    text = table.to_markdown()
    assert text.count(r"\*\*\* p < 0.01") == 1
    assert r"\* p < 0.9, \*\* p < 0.1, \*\*\* p < 0.01" in text
    assert "*" not in own  # numbers of the CSV are unrounded and bare
    stars = "*" if p > 0.1 else "**"
    assert f"{PLAIN.irr.loc['before', 'irr']:.2f}{stars} " in text.replace("\\*", "*")


@pytest.mark.parametrize("stars", ["yes", {0.1: "+"}, (5, 1), (0.05, 1.5), (), 0.05])
def test_stars_that_are_no_levels_are_refused(stars):
    with pytest.raises(
        es.EventStudyError, match=r"^results_table: stars=.* is neither True nor levels; give such as"
    ):
        es.results_table([PLAIN], stars=stars)


def test_a_mapping_of_results_gives_the_labels():
    named = es.results_table({"one": PLAIN, "two": MONTHS})
    assert named.to_csv() == es.results_table([PLAIN, MONTHS], ["one", "two"]).to_csv()
    with pytest.raises(es.EventStudyError, match="a mapping names the columns; leave labels out"):
        es.results_table({"one": PLAIN}, ["two"])


@pytest.mark.parametrize(
    "results", [[PLAIN, MONTHS, PLAIN], [PLAIN, MONTHS, RATE], [PLAIN, RATE, TEST, MONTHS]]
)
def test_a_table_of_several_results_fits_a_line_of_latex(results):
    """Columns of numbers wrap too where their foot holds words; the widths of all add up to less than the line."""
    latex = es.results_table(results).to_latex()
    kinds = re.search(r"^\\begin\{tabular\}\{@\{\}(.*)@\{\}\}$", latex, re.MULTILINE)[1]
    shares = [float(share) for share in re.findall(r"p\{([0-9.]+)\\linewidth\}", kinds)]
    plain = re.sub(r">\{[^}]*\}p\{[^}]*\}", "", kinds)
    assert len(shares) + len(plain) == 2 + len(results)
    assert len(shares) >= len(results) - 1
    assert sum(shares) + 0.035 * (len(shares) + len(plain) - 1) <= 1.0


def test_a_call_may_be_broken_after_its_signs_and_no_word_is():
    latex = es.results_table([PLAIN, RATE, TEST, MONTHS]).to_latex()
    assert r"Poisson regression" in latex
    assert r"UniformDays(\allowbreak{}within=\allowbreak{}None)" in latex


def test_pdflatex_sets_every_table_of_several_results_inside_the_line(tex, tmp_path):
    """In the narrow lines of the class article, as in those of most journals."""
    tables = [
        es.results_table([PLAIN, MONTHS, PLAIN]),
        es.results_table([PLAIN, MONTHS, RATE]),
        es.results_table([PLAIN, MONTHS, RATE, TEST]),
        es.results_table([MONTHS, PLAIN, TEST], errors=True, stars=True, terms=["before", "C(month)[T.2]"]),
    ]
    body = "\n\n".join(r"\noindent " + table.to_latex() for table in tables)
    needed = body.removeprefix(r"\noindent % ").partition("\n")[0]
    source = rf"\documentclass[a4paper]{{article}}{needed}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "tables.tex").write_text(source, encoding="utf-8")
    done = tex("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "tables.tex")
    assert done.returncode == 0, done.stdout[-2000:]
    assert re.findall(r"Overfull.*", (tmp_path / "tables.log").read_text(encoding="latin-1")) == []
