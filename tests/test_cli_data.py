"""``eventstudy data``: releases compared, files of others read, bundled tables listed."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.cli import data
from eventstudy.cli.main import main
from eventstudy.errors import OptionError
from eventstudy.printing import csv_cell

FIXTURES = Path(__file__).parent / "fixtures"
OLD = "id,day,n\nA,2022-01-05,1\nB,2022-01-11,-2\nC,2022-01-12,=cmd()\n"
NEW = "day,id,n\n2022-01-11,B,-2\n2022-01-06,A,1\n2022-03-01,D,@SUM(A1)\n"


@pytest.fixture
def releases(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("old.csv").write_text(OLD)
    Path("new.csv").write_text(NEW)
    return tmp_path


def test_check_names_the_rows_of_the_files_and_says_by_its_code_that_they_differ(releases, capsys):
    assert main(["data", "check", "old.csv", "new.csv", "--key", "id"]) == 1
    text = capsys.readouterr().out
    assert text.startswith("The tables differ")
    assert "row 4: id 'C', day '2022-01-12', n '=cmd()'" in text
    assert "row 3, A, day: '2022-01-05' is now '2022-01-06'" in text


def test_check_of_the_same_rows_in_another_order_is_no_difference(releases, capsys):
    Path("new.csv").write_text("n,id,day\n=cmd(),C,2022-01-12\n1,A,2022-01-05\n-2,B,2022-01-11\n")
    assert main(["data", "check", "old.csv", "new.csv"]) == 0
    assert capsys.readouterr().out.startswith("The tables are the same")


def test_check_as_json_has_the_counts_the_cells_and_the_checksums(releases, capsys):
    assert main(["data", "check", "old.csv", "new.csv", "--key", "id", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    (result,) = document["results"]
    assert (result["same"], result["rows_added"], result["rows_removed"], result["rows_changed"]) == (
        False,
        1,
        1,
        1,
    )
    assert {row["new"] for row in result["rows"] if row["change"] == "added"} == {
        "D",
        "2022-03-01",
        "@SUM(A1)",
    }
    assert set(document["files"]) == {"old.csv", "new.csv"}


def test_check_as_csv_holds_no_formula_and_leaves_numbers_alone(releases, capsys):
    main(["data", "check", "old.csv", "new.csv", "--csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    cells = {row["old"] or row["new"] for row in rows}
    assert {"'=cmd()", "'@SUM(A1)"} <= cells
    assert [csv_cell(cell) for cell in ("-2", "-2x")] == [
        "-2",
        "'-2x",
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("check old.csv nothing.csv", "nothing.csv: there is no such file; check the path"),
        (
            "check old.csv new.csv --key site",
            "the old table has no column 'site'; its columns are id, day, n",
        ),
        (
            "check old.csv new.csv --output new.csv",
            "--output new.csv: it would overwrite the data; give another name",
        ),
        ("import acled old.csv --output x.csv", "old.csv:1: the columns are not those of ACLED"),
        ("import acled old.csv --output new.csv", "--output new.csv: it exists already; give another name"),
        (
            "import ucdp old.csv --output x.csv --choice clear=1",
            "'1' is neither yes nor no; give one of them",
        ),
        (
            "import ucdp old.csv --output x.csv --choice date=x",
            "UCDPGED has no choice 'date'; there are day",
        ),
        (
            "import cns old.csv --output x.csv --choice clock=mars",
            "clock='mars' is not known; give 'korea' or 'utc'",
        ),
    ],
)
def test_bad_input_is_one_line_and_code_2(releases, capsys, arguments, expected):
    before = {path.name: path.read_bytes() for path in releases.iterdir()}
    assert main(["data", *shlex.split(arguments)]) == 2
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1
    assert {path.name: path.read_bytes() for path in releases.iterdir()} == before


def test_doubles_of_a_key_are_refused_with_their_rows(releases, capsys):
    Path("new.csv").write_text(NEW + "2022-01-06,A,2\n")
    assert main(["data", "check", "old.csv", "new.csv", "--key", "id"]) == 2
    assert "in the new table the rows 3, 5 have the same key (id 'A')" in capsys.readouterr().err


def test_import_writes_the_events_and_beside_them_how_they_were_made(releases, capsys):
    arguments = ["data", "import", "ucdp", str(FIXTURES / "ged.csv"), "--output", "events.csv"]
    assert main([*arguments, "--where", "type_of_violence == 1", "--choice", "active_years=yes"]) == 0
    reader = es.sources.UCDPGED(where="type_of_violence == 1", active_years=True)
    reading = reader.read(FIXTURES / "ged.csv")
    assert es.read_events("events.csv", date="date").days.tolist() == reading.events.days.tolist()
    with open("events.csv", encoding="utf-8") as file:
        assert [
            int(row["uncertainty"]) for row in csv.DictReader(file)
        ] == reading.events.uncertainty.tolist()
    assert json.loads(Path("events.csv.json").read_text()) == reading.record()
    assert repr(reader) in " ".join(capsys.readouterr().out.split())


def test_an_import_that_cannot_be_written_leaves_nothing(releases, capsys, monkeypatch):
    def full(path, content, flag):
        if path.name == "events.csv":
            raise OptionError(
                f"{flag} {path}: it cannot be written (No space left on device); nothing was changed there"
            )
        path.write_bytes(content)

    monkeypatch.setattr(data, "write_whole", full)
    assert main(["data", "import", "csis", str(FIXTURES / "csis.csv"), "--output", "events.csv"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert sorted(path.name for path in releases.iterdir()) == ["new.csv", "old.csv"]


@pytest.mark.parametrize("reader", data.SOURCES.values(), ids=list(data.SOURCES))
def test_a_reader_that_is_forgotten_in_a_list_is_named(reader):
    assert reader.class_name in es.sources.__all__
    assert getattr(es.sources, reader.class_name) is reader.load()
    page = (FIXTURES.parents[1] / "docs" / "other-peoples-data.md").read_text(encoding="utf-8")
    assert f"| `{reader.class_name}` |" in page
    assert re.match(r"Reads .+: one ", reader.about)


def test_import_knows_every_source_and_its_lists(releases, capsys):
    files = {
        "acled": "acled.csv",
        "cns": "cns.xlsx",
        "csis": "csis.csv",
        "gdelt": "gdelt-2.export.CSV",
        "ucdp": "ged.csv",
    }
    assert set(files) == set(data.SOURCES)
    for source, name in files.items():
        assert main(["data", "import", source, str(FIXTURES / name), "--output", f"{source}.csv"]) == 0
    assert main(
        ["data", "import", "csis", str(FIXTURES / "csis.csv"), "--output", "both.csv",
         "--choice", "types=Missile Provocation,Nuclear Provocation"]
    ) == 0  # fmt: skip
    assert len(es.read_events("both.csv", date="date")) == 3


def test_list_shows_each_bundled_table(capsys):
    assert main(["data", "list"]) == 0
    text = capsys.readouterr().out
    for name, digest in es.datasets.checksums().items():
        assert re.search(rf"{name} +\d+ rows +\d{{4}}-\d\d-\d\d to \d{{4}}-\d\d-\d\d +SHA-256 {digest}", text)
    assert main(["data", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["results"][0]["rows"]
    assert [row["rows"] for row in rows] == [287, 540, 564]


def test_the_examples_of_the_help_run(releases, capsys):
    for name in ("launches-2024.csv", "launches-2025.csv"):
        Path(name).write_text(OLD.replace("id,", "event_id,", 1))
    Path("acled.csv").write_bytes((FIXTURES / "acled.csv").read_bytes())
    Path("ged.csv").write_bytes((FIXTURES / "ged.csv").read_bytes())
    Path("cns.xlsx").write_bytes((FIXTURES / "cns.xlsx").read_bytes())
    pd.read_csv("new.csv").to_excel("new.xlsx", index=False)
    for text in (data.CHECK, data.IMPORT, data.LIST):
        for line in re.findall(r"^  eventstudy (.*)$", text, re.MULTILINE):
            assert main(shlex.split(line)) in (0, 1), line
            for made in releases.glob("events.csv*"):
                made.unlink()
    capsys.readouterr()
