"""Small inputs and odd surroundings: work is bounded, and every end is one clear line."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import time
import warnings
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest

import eventstudy as es
from eventstudy.cli.main import main
from eventstudy.errors import DataError, ModelError
from eventstudy.study.sources import find_date_column
from eventstudy.tables import Table

COMMAND = [sys.executable, "-m", "eventstudy.cli.main"]
QUESTION = ["--window=-14:0", "--null", "shift", "--period", "2012:2014"]


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "e.csv").write_text(
        "date,g\n2012-03-01,=cmd()\n2012-05-01,=cmd()\n2012-09-01,@x\n2013-02-01,-2\n", encoding="utf-8"
    )
    (tmp_path / "a.csv").write_text("date\n2012-03-09\n2012-09-05\n2013-02-11\n", encoding="utf-8")
    return tmp_path


# Streams, signals and names


@pytest.mark.parametrize("more", [[], ["--json"], ["--csv"]])
def test_a_closed_stdout_is_one_line(files, more):
    command = (
        " ".join([*COMMAND, "test", "e.csv", "a.csv", "--events-date", "date", *QUESTION, *more]) + " >&-"
    )
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if "note:" not in line]
    assert said == ["eventstudy: stdout cannot be written (it is closed); use --output"]


def test_with_both_streams_closed_a_file_is_still_written(files):
    command = " ".join([*COMMAND, "test", "e.csv", "a.csv", *QUESTION, "--output", "found.txt"]) + " >&- 2>&-"
    assert subprocess.run(command, shell=True).returncode == 0
    assert (files / "found.txt").read_text(encoding="utf-8").startswith("Permutation test: ")


def test_an_order_to_end_is_one_line_and_leaves_nothing(files):
    program = "import os, signal, sys\nfrom eventstudy.cli import main as line\n" + (
        "line._run = lambda _: os.kill(os.getpid(), signal.SIGTERM)\nsys.exit(line.main([]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 143
    assert done.stderr == "eventstudy: ended by SIGTERM; nothing is half written\n"


def test_the_handler_of_the_caller_is_put_back(files, capsys):
    before = signal.getsignal(signal.SIGTERM)
    assert main(["test", "nothing.csv", "a.csv", *QUESTION]) == 2
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(os.name != "posix", reason="names of files are text elsewhere")
@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["st\udcff", "--events", "e.csv"], "folder: "),
        (["study", "--events", "e\udcff.csv"], "'e\\udcff.csv': the name of the file"),
        (["study", "--events", "e.csv", "--title", "bad\udcff"], "--title: "),
        (["study", "--events", "e.csv", "--author", "bad\x1b[2J"], "--author: 'bad\\x1b[2J' holds"),
    ],
)
def test_a_name_that_is_no_text_is_refused_by_new(files, capsys, arguments, place):
    (files / "e\udcff.csv").write_bytes((files / "e.csv").read_bytes())
    before = sorted(os.listdir(files))
    assert main(["new", *arguments, "--anchors", "a.csv"]) == 2
    said = capsys.readouterr().err
    assert place in said
    assert said.count("\n") == 1
    assert sorted(os.listdir(files)) == before


# What is printed


def test_a_label_can_steer_no_terminal(capsys):
    period = es.Period(0, 100)
    bells = es.Events([3, 50, 70], period, "bells \x1b[2J\x07")
    result = es.rate_ratio(bells, es.Events([5, 60], label="teas\r\x9b"), es.Window(-5, 0))
    text = result.summary()
    assert all(line.isprintable() for line in text.split("\n"))
    assert "bells \\x1b[2J\\x07" in text


def test_every_csv_of_the_command_line_holds_no_formula_and_leaves_numbers_alone(files, capsys):
    assert main(["panel", "e.csv", "a.csv", "--by", "g", *QUESTION, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row[next(iter(row))] for row in rows} == {"'=cmd()", "'@x", "-2"}


def test_a_table_of_a_report_holds_no_formula(files):
    text = Table(pd.DataFrame({"=a": ["=1+1", "-2", "+x", "−3"], "n": [1, -2, 3, 4]})).to_csv()
    assert text.splitlines() == ["'=a,n", "'=1+1,1", "-2,-2", "'+x,3", "−3,4"]


# Work before the first refusal


def test_a_row_far_beyond_a_sheet_is_refused_soon(tmp_path):
    book = openpyxl.Workbook()
    for row in (["date"], ["2012-01-01"], ["2012-01-02"]):
        book.active.append(row)
    book.save(tmp_path / "sound.xlsx")
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(tmp_path / "sound.xlsx") as old, zipfile.ZipFile(tmp_path / "far.xlsx", "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part == name:
                content = content.replace(b'r="3"', b'r="1000000000"').replace(b'"A3"', b'"A1000000000"')
            new.writestr(part, content)
    began = time.process_time()
    with pytest.raises(DataError, match="a row has a number beyond 1,048,576, the last one of a sheet"):
        find_date_column(tmp_path / "far.xlsx", "events")
    assert time.process_time() - began < 10


def test_a_sheet_that_unpacks_to_hundreds_of_times_its_size_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr("eventstudy.io.excel.TIGHT_FROM", 1_000_000)
    with zipfile.ZipFile(tmp_path / "tight.xlsx", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b"<c><v> </v></c>" * 200_000)
    with pytest.raises(DataError, match="it unpacks to 3,000,000 bytes; save the sheet as CSV"):
        find_date_column(tmp_path / "tight.xlsx", "events")


def test_a_long_cell_of_another_column_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "long.parquet"
    days = ["2012-01-01", "2012-01-02"]
    pyarrow.parquet.write_table(pyarrow.table({"date": days, "blob": ["x" * 1_000_000, "y"]}), path)
    read = []
    batches = pyarrow.parquet.ParquetFile.iter_batches

    def watched(file, *arguments, columns, **more):
        read.extend(columns)
        return batches(file, *arguments, columns=columns, **more)

    monkeypatch.setattr(pyarrow.parquet.ParquetFile, "iter_batches", watched)
    assert find_date_column(path, "events") == "date"
    assert len(es.read_events(path, date="date")) == 2
    assert set(read) == {"date"}


# Fits that overflow


def test_a_rate_that_overflows_is_fitted_or_refused_without_a_warning():
    period = es.Period("2010-01-01", "2013-01-01")
    anchors = es.Events(period.start + np.array([24, 88, 328, 527, 593]))
    refused = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for days in ([0, 1, 2], [140], [1, 5, 900]):
            for trend in ("year", "smooth"):
                null = es.PoissonIntensity(es.Window(-14, 0), trend=trend)
                try:
                    null.fitted(es.Events(period.start + np.array(days), period), anchors)
                except ModelError as error:
                    refused += 1
                    said = str(error)
    assert refused
    assert "the likelihood of the rate has no maximum" in said
