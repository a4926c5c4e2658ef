import argparse
import inspect
import json
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import eventstudy as es
import eventstudy.results
from eventstudy.citation import STYLES, Citable, citation_file
from eventstudy.cli import cite as command
from eventstudy.errors import OptionError, ReportError
from eventstudy.provenance import Provenance
from eventstudy.references import read_references

ROOT = Path(__file__).parents[1]
CFF = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
EVENTS = es.Events([10, 50, 51], es.Period(0, 100), label="launches & tests")
ANCHORS = es.Events([12, 60], es.Period(0, 100), label="summits")
COUNT = es.WindowCount(es.Window(-14, 0))


@pytest.fixture(scope="module")
def exact():
    return es.permutation_test(EVENTS, ANCHORS, COUNT, es.CircularShift())


@pytest.fixture(scope="module")
def drawn():
    return es.permutation_test(EVENTS, ANCHORS, es.NearestLag(), es.ShuffledGaps(), rng=7, n_resamples=99)


def entries(text):
    """Return the entries of a BibTeX text as key and fields; fail where its braces or commas are wrong."""
    found = {}
    for entry in re.split(r"\n(?=@)", text.strip()):
        head, *lines, last = entry.strip().splitlines()
        key = re.fullmatch(r"@misc\{([a-z0-9-]+),", head)[1]
        assert last == "}"
        assert key not in found
        fields = [re.fullmatch(r"  (\w+) *= (\{.*\}|\d{4}|[a-z]{3}),", line) for line in lines]
        assert None not in fields, entry
        found[key] = {match[1]: match[2] for match in fields}
        for value in found[key].values():
            depth = 0
            for sign in re.sub(r"\\.", "", value):
                depth += {"{": 1, "}": -1}.get(sign, 0)
                assert depth >= 0
            assert depth == 0
            assert not re.search(r"(?<!\\)[%&#$_]", value)
    return found


# Results


def results():
    """Every class of the package that says where it comes from and is what a method returns."""
    modules = [
        import_module(module.name)
        for module in pkgutil.iter_modules(eventstudy.results.__path__, "eventstudy.results.")
    ]
    members = [member for module in modules for _, member in inspect.getmembers(module, inspect.isclass)]
    own = {member for member in members if member.__module__.startswith("eventstudy.results.")}
    return sorted(
        (member for member in own if hasattr(member, "provenance")), key=lambda member: member.__name__
    )


def test_the_walk_finds_the_results():
    assert {"PermutationResult", "RegressionResult", "ProfileResult"} <= {kind.__name__ for kind in results()}


@pytest.mark.parametrize("kind", results(), ids=lambda kind: kind.__name__)
def test_every_result_with_a_provenance_says_how_it_is_cited(kind):
    assert issubclass(kind, Citable)
    assert not kind.__dictoffset__  # citing costs a result no memory


def test_a_result_is_cited_by_version_call_seed_and_data(drawn):
    first, *rest = drawn.cite().splitlines()
    assert first == (
        "The eventstudy developers (2026). eventstudy: do dated events cluster before dated anchors? "
        f"Version {es.__version__}."
    )
    assert rest == [
        f"Call: {drawn.provenance.call}",
        "Seed: 7",
        f"Data: launches & tests, SHA-256 {drawn.provenance.data['launches & tests']}",
        f"Data: summits, SHA-256 {drawn.provenance.data['summits']}",
    ]


def test_an_exact_result_says_that_no_draws_were_made(exact):
    assert "Seed: none, since no draws were made" in exact.cite().splitlines()
    assert "No draws were made. Data: " in exact.cite("bibtex")


def test_a_result_as_bibtex_has_one_valid_entry_with_all_that_the_text_has(drawn):
    ((key, fields),) = entries(drawn.cite("bibtex")).items()
    assert re.fullmatch(r"permutation-test-[0-9a-f]{8}", key)
    assert fields["author"] == "{{The eventstudy developers}}"
    assert fields["title"].startswith(r"{{permutation\_test(launches \& tests, summits, NearestLag(")
    assert fields["howpublished"] == f"{{Computed by eventstudy, version {es.__version__}}}"
    note = fields["note"].replace(r"\allowbreak ", "")
    assert note == "{Seed 7. Data: " + "; ".join(
        f"{label}, SHA-256 {digest}".replace("&", r"\&") for label, digest in drawn.provenance.data.items()
    ) + "}"  # fmt: skip


def test_two_results_have_two_keys_and_the_same_result_has_one(exact, drawn):
    again = es.permutation_test(EVENTS, ANCHORS, COUNT, es.CircularShift())
    keys = [next(iter(entries(result.cite("bibtex")))) for result in (exact, drawn, again)]
    assert keys[0] == keys[2] != keys[1]


def test_a_result_without_data_is_cited_without_them():
    class Made(Citable):
        provenance = Provenance("simulate(seed=3)", {}, "3")

    assert Made().cite().splitlines()[1:] == ["Call: simulate(seed=3)", "Seed: 3"]
    assert next(iter(entries(Made().cite("bibtex")).values()))["note"] == "{Seed 3}"


@pytest.mark.parametrize("function", [es.cite, lambda style: Citable.cite(None, style)])
def test_an_unknown_style_is_refused_and_the_known_ones_are_named(function):
    with pytest.raises(OptionError, match=r"^cite: style='apa' is not known; give 'text' or 'bibtex'$"):
        function("apa")


# The package and its data


def test_everything_in_the_citation_file_is_cited_in_both_styles():
    titles = [
        CFF["title"],
        CFF["preferred-citation"]["title"],
        *(entry["title"] for entry in CFF["references"]),
    ]
    lines = re.sub(r"\n {4}", " ", es.cite()).splitlines()
    assert len([line for line in lines if line.startswith("  ")]) == len(titles)
    assert max(map(len, es.cite().splitlines())) <= 92
    found = entries(es.cite("bibtex"))
    assert len(found) == len(titles)
    for title, fields in zip(titles, found.values(), strict=True):
        assert any(title in line for line in lines)
        assert fields["title"].strip("{}") == title.replace("\u2013", "--")


def test_the_text_says_what_each_reference_is_to_the_package():
    scopes = [line for line in es.cite().splitlines() if not line.startswith("  ")]
    assert scopes[:3] == ["The package:", "Its report:", "The bundled tables:"]
    assert "Source of launches.csv:" in scopes


def test_package_report_and_tables_carry_the_version_of_the_package():
    package, report, tables, *_ = read_references(citation_file())
    assert {package.version, report.version, tables.version} == {es.__version__}
    assert (package.year, package.month) == (CFF["date-released"].year, CFF["date-released"].month)


def test_the_citation_file_keeps_to_the_format():
    """Of the Citation File Format 1.2.0 what this file uses; cffconvert is no longer kept up."""
    kinds = {"software", "report", "data", "database", "website"}
    for entry in (CFF, CFF["preferred-citation"], *CFF["references"]):
        assert {"type", "title", "authors"} <= entry.keys()
        assert entry["type"] in kinds
        for author in entry["authors"]:
            assert author.keys() in ({"name"}, {"given-names", "family-names"})
    assert {"cff-version", "message", "version", "date-released", "license"} <= CFF.keys()


def test_a_person_is_cited_by_family_name_and_twins_get_letters(tmp_path):
    entry = "  - {title: 'Bells, again', year: 2001, authors: [{given-names: Ada, family-names: Exa_mple}]}\n"
    text = f"title: Tea\nauthors: [{{name: The tea committee}}]\ndate-released: 2024-02-29\nreferences:\n{entry * 3}"
    (tmp_path / "CITATION.cff").write_text(text, encoding="utf-8")
    software, *others = read_references(tmp_path / "CITATION.cff")
    assert (software.key, software.year, software.month) == ("tea2024", 2024, 2)
    assert [other.key for other in others] == ["example2001bells", "example2001bellsb", "example2001bellsc"]
    assert others[0].text() == "Ada Exa_mple (2001). Bells, again."
    assert r"author       = {Exa\_mple, Ada}," in others[0].bibtex()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "authors: [{name: A}]\nyear: 2001",
            "CITATION.cff:title: missing in the entry for the package; write it",
        ),
        ("title: T\nyear: 2001", "CITATION.cff:authors: missing in the entry for the package; write it"),
        (
            "title: T\nauthors: [{name: A}]",
            "CITATION.cff:year: missing in the entry for the package; write it",
        ),
        (
            "title: T\nyear: 2001\nauthors: [{first: A}]",
            "CITATION.cff:authors: {'first': 'A'} has no name; give name",
        ),
        (
            "title: T\nauthors: [{name: A}]\nyear: 2001\npreferred-citation: R",
            "CITATION.cff: the entry for its report is 'R'; give its title, authors and year",
        ),
        (
            "title: T\nauthors: [{name: A}]\nyear: 2001\nreferences: R",
            "CITATION.cff:references: 'R' is no list; write one entry for each work",
        ),
        ("[", "CITATION.cff: not readable as YAML"),
        ("text", "CITATION.cff: holds no keys; write it in the Citation File Format 1.2.0"),
    ],
)
def test_a_citation_file_that_cannot_be_used_is_named_with_the_fix(tmp_path, text, message):
    (tmp_path / "CITATION.cff").write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match=f"^{re.escape(message)}"):
        read_references(tmp_path / "CITATION.cff")


def test_bibtex_and_latex_take_every_entry(exact, drawn, tex, tmp_path):
    entries_text = "\n\n".join([es.cite("bibtex"), exact.cite("bibtex"), drawn.cite("bibtex")])
    (tmp_path / "all.bib").write_text(entries_text, encoding="utf-8")
    body = r"\nocite{*}\bibliographystyle{plain}\bibliography{all}"
    source = rf"\documentclass{{article}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "all.tex").write_text(source, encoding="utf-8")
    assert tex("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all").returncode == 0
    done = tex("bibtex", "all")
    assert done.returncode == 0, done.stdout
    assert b"Warning" not in done.stdout
    assert tex("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all").returncode == 0
    assert (tmp_path / "all.bbl").read_text(encoding="utf-8").count(r"\bibitem") == len(entries(entries_text))


# Command line


def run(capsys, *arguments):
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    options = parser.parse_args(["cite", *arguments])
    assert not options.run(options)
    return capsys.readouterr().out.rstrip("\n")


def test_the_command_prints_what_the_function_returns(capsys):
    assert run(capsys) == es.cite()
    assert run(capsys, "--bibtex") == es.cite(STYLES[1])


def test_the_command_gives_a_program_every_field(capsys):
    records = json.loads(run(capsys, "--json"))
    assert records[0]["title"] == CFF["title"]
    assert records[0]["authors"] == [{"name": "The eventstudy developers", "given": ""}]
    assert len(records) == 2 + len(CFF["references"])
