"""Files to tables and events: what is read, and what is refused with which words."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DataError
from eventstudy.io import read_table

SCHEMA = {
    "fields": [
        {
            "name": "id",
            "type": "string",
            "constraints": {"required": True, "unique": True, "pattern": "^[A-Z]\\d$"},
        },
        {"name": "start", "type": "date", "constraints": {"required": True}},
        {"name": "end", "type": "date"},
        {"name": "kind", "type": "string", "constraints": {"enum": ["near", "far"]}},
        {"name": "count", "type": "integer", "constraints": {"minimum": 1}},
    ]
}
HEADER = "id,start,end,kind,count\n"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(path: Path, read=lambda path: read_table(path, SCHEMA)) -> list[str]:
    with pytest.raises(DataError) as caught:
        read(path)
    return [line.removeprefix(f"{path}") for line in str(caught.value).splitlines()]


def test_a_table_that_keeps_its_contract_is_typed(tmp_path):
    table = read_table(
        write(tmp_path, HEADER + "A1,2012-01-01,2012-01-03,near,2\nB1,2012-02-29,2012-02-29,far,1\n"), SCHEMA
    )
    assert table["start"].tolist() == [pd.Timestamp("2012-01-01"), pd.Timestamp("2012-02-29")]
    assert table["count"].sum() == 3
    assert list(table["kind"].cat.categories) == ["near", "far"]


def test_every_bad_cell_is_named_in_one_error(tmp_path):
    path = write(
        tmp_path,
        HEADER + "A1,2012-02-30,2012-03-01,near,1\n"
        "A1,2012-01-01,2012-01-02,beside,0\n"
        '"a\nb",03/04/2012,2012-04-03,far,x\n'
        "C1,2012-4-3,,far,1\n",
    )
    assert problems(path) == [
        ":2:start: '2012-02-30' is not a day of the calendar; write YYYY-MM-DD",
        ":3:id: 'A1' stands in an earlier row too; make it unique",
        ":3:kind: 'beside' is not one of near, far; correct it",
        ":3:count: 0 is below 1, the smallest that makes sense; correct it",
        ":4:id: 'a\\nb' does not have the form ^[A-Z]\\d$; correct it",
        ":4:start: '03/04/2012' is ambiguous, day or month first; write YYYY-MM-DD",
        ":4:count: 'x' is not a whole number; correct it",
        ":6:start: '2012-4-3' has another form; write YYYY-MM-DD",
    ]


def test_an_end_before_its_start_is_refused(tmp_path):
    path = write(tmp_path, HEADER + "A1,2012-01-05,2012-01-03,near,2\n")
    assert problems(path) == [
        ":2:end: 2012-01-03 comes before the start, 2012-01-05; exchange or correct them"
    ]


def test_the_first_twenty_problems_are_printed_and_the_rest_counted(tmp_path):
    path = write(tmp_path, HEADER + "".join(f"A{i % 10},{2000 + i}-02-30,,near,1\n" for i in range(10)) * 3)
    lines = problems(path)
    assert len(lines) == 21
    assert lines[-1] == ": 30 more problems of this kind; mend these first"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ": the file is empty; it needs a header and at least one row"),
        (" \n\n", ": the file is empty; it needs a header and at least one row"),
        (HEADER, ": there is a header and no row; add at least one row"),
        (
            b"id,start,end,kind,count\nA1,2012-01-01,,caf\xe9,1\n",
            ":2: the text is not UTF-8; save the file as UTF-8",
        ),
        ("id,start,end,kind,kind\n", ":1:kind: the column stands twice; rename one"),
        (
            "id,start,end,kind,number\n",
            ":1:count: 'count' is missing, 'number' is not known; the columns are id, start, end, kind, count",
        ),
        (HEADER + "A1,2012-01-01\n", ":2:: it has 2 fields and the header 5; quote fields that hold commas"),
        (
            HEADER + 'A1,"2012\n',
            ":2: not comma-separated values (unexpected end of data); quote fields that hold",
        ),
        (HEADER + "A1,,,near,1\n", ":2:start: the cell is empty; fill it in"),
        (HEADER + "A\0,2012-01-01,,near,1\n", ":2: there is a null character; save the file as plain text"),
    ],
)
def test_a_broken_file_gives_one_clear_line(tmp_path, text, expected):
    assert problems(write(tmp_path, text))[0].startswith(expected)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nothing.csv: there is no such file; check the path"):
        es.read_events(tmp_path / "nothing.csv", date="date")


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = write(tmp_path, b"\xef\xbb\xbfdate,kind\r\n2012-01-05,a\r\n2012-01-06,b\r\n")
    assert len(es.read_events(path, date="date")) == 2


EVENTS = "date,kind,n\n2012-01-05,a,1\n2012-01-07,b,2\n2013-05-01,a,3\n2012-13-01,c,4\n"


def test_a_query_chooses_rows_and_spares_those_it_leaves_out(tmp_path):
    path = write(tmp_path, EVENTS)
    events = es.read_events(path, date="date", where="kind == 'a' and n < 3", label="launches")
    assert np.array_equal(events.days, es.Events(["2012-01-05"]).days)
    assert events.label == "launches"


def test_a_query_on_the_dates_leaves_no_bad_date_unseen(tmp_path):
    path = write(tmp_path, EVENTS)
    lines = problems(path, lambda p: es.read_events(p, date="date", where="date < '2013-01-01'"))
    assert lines == [":5:date: '2012-13-01' is not a day of the calendar; write YYYY-MM-DD"]


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("date == '2012-01-07'", 1),
        ("date != '2012-01-07'", 3),
        ("date in ['2012-01-07', '2013-05-01']", 2),
        ("'2012-01-06' < date <= '2013-05-01'", 2),
        ("`date` == '2012-01-07' and `launch kind` == 'b'", 1),
        ("date.dt.year == 2012 and n > 1", 1),
    ],
)
def test_a_query_compares_dates_as_dates(tmp_path, where, rows):
    text = "date,launch kind,n\n2012-01-05,a,1\n2012-01-07,b,2\n2013-05-01,a,3\n2014-01-01,c,4\n"
    assert len(es.read_events(write(tmp_path, text), date="date", where=where)) == rows


def test_a_quoted_column_that_is_not_there_is_named(tmp_path):
    path = write(tmp_path, EVENTS)
    with pytest.raises(DataError, match="names the column 'launch kind'; the columns are date, kind, n"):
        es.read_events(path, date="date", where="`launch kind` == 'a'")


def test_dates_outside_the_period_are_refused_with_their_rows(tmp_path):
    path = write(tmp_path, "date\n2011-12-31\n2012-06-01\n2013-01-01\n")
    period = es.Period("2012-01-01", "2013-01-01")
    assert problems(path, lambda p: es.read_events(p, date="date", period=period)) == [
        ":2:date: 2011-12-31 lies before the period starts; begin it earlier or leave the row out",
        ":4:date: 2013-01-01 lies after the period ends; end it later or leave the row out",
    ]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("kinds == 'a'", "cannot be applied (name 'kinds' is not defined); the columns are date, kind, n"),
        ("kind ==", "cannot be read"),
        ("n", "does not say yes or no for each row; compare a column with a value"),
        ("@n == 1", "cannot be read"),
        ("kind.to_csv('stolen.csv')", "reaches beyond the table"),
        ("kind.__class__", "reaches beyond the table"),
        ("open('x')", "reaches beyond the table"),
        ("[x for x in kind]", "reaches beyond the table"),
    ],
)
def test_a_query_that_fails_or_reaches_beyond_the_table_is_refused(tmp_path, where, expected):
    path = write(tmp_path, EVENTS)
    with pytest.raises(DataError, match=re.escape(expected)):
        es.read_events(path, date="date", where=where)
    assert not (tmp_path / "stolen.csv").exists()


def test_the_error_carries_path_row_and_column(tmp_path):
    path = write(tmp_path, EVENTS)
    with pytest.raises(DataError) as caught:
        es.read_events(path, date="date")
    assert (caught.value.path, caught.value.row, caught.value.column) == (path, 5, "date")


def test_an_unknown_date_column_names_those_there_are(tmp_path):
    path = write(tmp_path, EVENTS)
    with pytest.raises(DataError, match="1:day: there is no such column; the columns are date, kind, n"):
        es.read_events(path, date="day")


def test_the_bundled_tables_are_typed_and_whole():
    launches, summits, controls = es.datasets.launches(), es.datasets.summits(), es.datasets.controls()
    assert (len(launches), len(summits), len(controls)) == (284, 512, 427)
    assert launches["date"].dtype.kind == summits["announced"].dtype.kind == controls["end"].dtype.kind == "M"
    assert launches["count"].min() == 1
    assert set(summits["dprk_present"].cat.categories) == {"yes", "no"}
