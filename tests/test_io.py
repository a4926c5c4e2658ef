"""Files to tables and events: what is read, and what is refused with which words."""

from __future__ import annotations

import datetime
import gzip
import re
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DataError, OptionError
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
        ":3:id: 'A1' appears in an earlier row too; make it unique",
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
    path = write(tmp_path, HEADER + "".join(f"A{i % 10},{2000 + i}-02-30,,near,1\n" for i in range(30)))
    lines = problems(path)
    assert len(lines) == 21
    assert lines[-1] == ": 25 more problems of this kind; correct these first"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ": the file is empty; it needs a header and at least one row"),
        (" \n\n", ": the file is empty; it needs a header and at least one row"),
        (HEADER, ": there is a header but no row; add at least one row"),
        (
            b"id,start,end,kind,count\nA1,2012-01-01,,caf\xe9,1\n",
            ":2:kind: 'caf\N{REPLACEMENT CHARACTER}' is not read: the text is not UTF-8; save the file as UTF-8",
        ),
        ("id,start,end,kind,kind\n", ":1:kind: the column appears twice; rename one"),
        (
            "id,start,end,kind,number\n",
            ":1:count: 'count' is missing, 'number' is not known; the columns are id, start, end, kind, count",
        ),
        (HEADER + "A1,2012-01-01\n", ":2: it has 2 fields and the header 5; quote fields that hold commas"),
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


def test_rows_outside_the_period_are_left_out_and_counted(tmp_path):
    path = write(tmp_path, "date\n2011-12-31\n2012-06-01\n2013-01-01\n")
    events = es.read_events(path, date="date", period=es.Period("2012-01-01", "2013-01-01"), label="launches")
    assert events.dates.strftime("%Y-%m-%d").tolist() == ["2012-06-01"]
    assert events.notes == ("2 of 3 launches lie outside the period and are left out",)


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


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            [f"{day:02d}/12/2015" for day in range(1, 29)],
            ":2:date: '01/12/2015' is ambiguous, day or month first (11 rows: 2, 3, 4, 5, 6, ...); write YYYY-MM-DD, "
            "or state the order, which '28/12/2015' shows, by date_format='%d/%m/%Y'",
        ),
        (
            ["13.6.2018", "5.3.2018", "6.13.2018"],
            ":3:date: '5.3.2018' is ambiguous, day or month first; write YYYY-MM-DD, or state the order by "
            "date_format='%d.%m.%Y' or date_format='%m.%d.%Y'",
        ),
        (
            [40615, 40712.5, 40809],
            ":2:date: '40615' is a number that looks like a serial day of Excel (3 rows: 2, 3, 4); write YYYY-MM-DD, "
            "format the column as dates in Excel, or convert it by pandas.to_datetime(table['date'], "
            "unit='D', origin='1899-12-30')",
        ),
        (
            [1330819200, 1400000000],
            ":2:date: '1330819200' is a number that looks like seconds since 1970 (2 rows: 2, 3); write YYYY-MM-DD, or "
            "convert it by pandas.to_datetime(table['date'], unit='s')",
        ),
        (
            ["NA", "2012-01-03", "na"],
            ":2:date: 'NA' names no day (2 rows: 2, 4); fill it in, or leave out the rows without a date by "
            'where="date.notna()"',
        ),
        (
            ["25/12/20", "26/12/20"],
            ":2:date: '25/12/20' names no day, month and four-digit year (2 rows: 2, 3); write YYYY-MM-DD",
        ),
        (
            ["2012-02-30", "2012-02-31", "2012-02-30"],
            ":2:date: '2012-02-30' is not a day of the calendar (2 rows: 2, 4); write YYYY-MM-DD",
        ),
    ],
)
def test_what_one_fix_mends_is_one_line_with_the_rows_and_the_fix(tmp_path, cells, expected):
    path = write(tmp_path, "date\n" + "".join(f"{cell}\n" for cell in cells))
    assert problems(path, lambda path: es.read_events(path, date="date"))[0] == expected


def test_the_fix_for_serial_days_of_excel_works_as_it_is_typed():
    table = pd.DataFrame({"date": [40615, 40712]})
    with pytest.raises(DataError) as caught:
        es.read_events(table, date="date")
    typed = re.search(r"pandas\.(to_datetime\(.*\))$", str(caught.value))[1]
    table["date"] = eval(f"pd.{typed}", {"pd": pd, "table": table})
    assert es.read_events(table, date="date").dates.strftime("%Y-%m-%d").tolist() == [
        "2011-03-13",
        "2011-06-18",
    ]


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
    assert (len(launches), len(summits), len(controls)) == (287, 540, 564)
    assert launches["date"].dtype.kind == summits["official"].dtype.kind == controls["end"].dtype.kind == "M"
    assert launches["count"].min() == 1
    assert set(summits["dprk_present"].cat.categories) == {"yes", "no"}


# Other people's computers: line ends, bytes, sizes.


def test_mixed_line_ends_in_and_between_rows_are_read(tmp_path):
    path = write(tmp_path, b'date,note\r2012-01-05,"a\rb\nc"\n2012-01-06,d\r\n\r\n2012-13-01,e\r')
    assert problems(path, lambda p: es.read_events(p, date="date")) == [
        ":7:date: '2012-13-01' is not a day of the calendar; write YYYY-MM-DD"
    ]
    assert len(es.read_events(path, date="date", where="note != 'e'")) == 2


@pytest.mark.parametrize(
    "text",
    ['"date, local"\n2012-01-05\n', '"date, local",n\n2012-01-05,3\n', "date, local;n\n2012-01-05;3\n"],
)
def test_a_comma_may_stand_in_the_name_of_a_column(tmp_path, text):
    assert len(es.read_events(write(tmp_path, text), date="date, local")) == 1


@pytest.mark.parametrize("date", ["date,note", "date;note"])
def test_a_whole_header_is_no_column(tmp_path, date):
    """It was read as one with another separator, and then every row was refused as two dates."""
    path = write(tmp_path, date.replace("note", "n") + "\n2012-01-05,a\n2012-01-06,b\n".replace(",", date[4]))
    asked = date.replace("note", "n")
    assert problems(path, lambda p: es.read_events(p, date=asked)) == [
        f":1:{asked}: there is no such column; the columns are date, n"
    ]


@pytest.mark.parametrize("date", ["", " ", ["year", "", "day"]])
def test_a_column_of_dates_without_a_name_is_refused(tmp_path, date):
    path = write(tmp_path, "date,note\n2012-01-05,a\n")
    with pytest.raises(OptionError, match="neither a column nor three; give one name"):
        es.read_events(path, date=date)


def test_a_separator_that_is_no_line_end_does_not_break_a_row(tmp_path):
    """U+2028, U+0085 and form feed end a line for str.splitlines, and not in a table."""
    path = write(tmp_path, "date,note\n2012-01-05,a\u2028b\n2012-01-06,c\x85d\n2012-01-07,e\x0cf\n")
    assert len(es.read_events(path, date="date")) == 3


def test_the_first_line_that_is_not_utf8_is_named_also_where_lines_end_in_carriage_returns(tmp_path):
    path = write(tmp_path, b"date,note\r2012-01-05,a\r2012-01-06,caf\xe9\r")
    assert problems(path, lambda p: es.read_events(p, date="date", where="note != ''")) == [
        ":3:note: 'caf\N{REPLACEMENT CHARACTER}' is not read: the text is not UTF-8; save the file as UTF-8"
    ]
    assert (
        len(es.read_events(path, date="date")) == 2
    )  # where no such cell is needed, its encoding does not matter


def test_a_quote_that_is_not_closed_is_named_where_it_opens(tmp_path):
    path = write(tmp_path, 'date,note\n2012-01-05,a\n2012-01-06,"b\n' + "2012-01-07,c\n" * 20_000)
    (line,) = problems(path, lambda p: es.read_events(p, date="date"))
    assert line.startswith(":3: not comma-separated values (field larger than field limit")


def test_a_file_without_line_ends_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("eventstudy.io.delimited.LONGEST_LINE", 1_000)
    path = write(tmp_path, "date\n" + "x" * 5_000)
    (line,) = problems(path, lambda p: es.read_events(p, date="date"))
    assert line == ":2: the line has more than 1,000 characters; is this a table?"


def test_a_formula_is_text_and_no_date(tmp_path):
    path = write(tmp_path, "date,note\n=cmd()|'/c calc'!A1,x\n2012-01-05,=1+1\n")
    assert problems(path, lambda p: es.read_events(p, date="date")) == [
        ":2:date: '=cmd()|'/c calc'!A1' names no day, month and four-digit year; write YYYY-MM-DD"
    ]
    assert len(es.read_events(path, date="date", where="note == '=1+1'")) == 1


def test_an_error_shows_no_control_character_and_no_endless_cell(tmp_path):
    path = write(tmp_path, "date\n\x1b[31mred\n" + "y" * 100_000 + "\n")
    lines = problems(path, lambda p: es.read_events(p, date="date"))
    assert lines[0].startswith(r":2:date: '\x1b[31mred' names no day")
    assert all(len(line) < 300 for line in lines)


def test_of_ten_thousand_bad_rows_the_first_twenty_are_named(tmp_path):
    rows = "".join(f"{1000 + i % 9_000}-02-30,{i}\n" for i in range(10_000))
    path = write(tmp_path, "date,n\n2012-01-05,0\n" + rows)
    lines = problems(path, lambda p: es.read_events(p, date="date"))
    assert len(lines) == 21
    assert lines[0].startswith(":3:date: '1000-02-30' is not a day of the calendar (2 rows: 3, 9003); write")
    assert lines[19].startswith(":22:date: ")
    assert lines[20] == ": 9,960 more problems of this kind; correct these first"


def test_what_is_no_file_is_said_in_one_line(tmp_path, monkeypatch):
    assert problems(tmp_path, lambda p: es.read_events(p, date="date")) == [
        ": cannot be read (Is a directory); check the path and its permissions"
    ]
    path = write(tmp_path, EVENTS)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert problems(path, lambda p: es.read_events(p, date="date")) == [
        ": cannot be read (Permission denied); check the path and its permissions"
    ]


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"an old Excel workbook \(.xls\).* save it as .xlsx or CSV"),
        (b"%PDF-1.7", "a PDF"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"<!DOCTYPE html><table>", "a web page"),
        (b"\n <HTML>", "a web page"),
        (b"RDX3\nX\n", r"a file of R.* write.csv\(readRDS"),
        (gzip.compress(b"X\n\0\0\0\3", mtime=0), "a file of R"),
        (b"RDA3\nA\n3\n", "a file of R"),
        (b"ASCII SPSS PORT FILE", "a portable file of SPSS"),
        (b"\x89HDF\r\n", "an HDF5 file"),
        (b"(\xb5/\xfd", "packed by Zstandard"),
        (b'[{"date": "2012-01-05"}]', "JSON"),
    ],
)
def test_kinds_of_files_that_are_not_read_are_named_whatever_they_are_called(tmp_path, start, what):
    with pytest.raises(DataError, match=rf"table.csv: it is {what}"):
        es.read_events(write(tmp_path, start), date="date")


def test_the_size_of_the_blocks_changes_nothing(tmp_path, monkeypatch):
    """Column n looks like numbers until its last row; a number in a text must not compare as a number."""
    text = (
        "date,kind,n,m\n"
        + "".join(f"2012-01-{1 + i % 28:02d},a,{i},{i}\n" for i in range(50))
        + "2012-02-01,b,x,\n"
    )
    path = write(tmp_path, text)
    queries = [None, "n == '3'", "m < 10", "kind == 'b' or m == 7", "date > '2012-01-20'"]
    expected = [3 if q is None else es.read_events(path, date="date", where=q).days.tolist() for q in queries]

    def compared_with_a_number():
        with pytest.raises(
            DataError, match=r"compares 'n', a column of (text|numbers but for 'x'), with a number; "
        ):
            es.read_events(path, date="date", where="n == 3")

    compared_with_a_number()
    monkeypatch.setattr("eventstudy.io.delimited.BLOCK", 7)
    compared_with_a_number()
    for query, days in zip(queries[1:], expected[1:], strict=True):
        assert es.read_events(path, date="date", where=query).days.tolist() == days
    assert len(es.read_events(path, date="date")) == 51
    assert expected[1] == es.Events(["2012-01-04"]).days.tolist()


def test_memory_does_not_grow_with_the_columns_that_are_not_needed(tmp_path, monkeypatch):
    monkeypatch.setattr("eventstudy.io.delimited.BLOCK", 100)
    path = write(tmp_path, "date,note\n" + "2012-01-05,{}\n".format("x" * 5_000) * 2_000)
    es.read_events(write(tmp_path / "..", "date\n2012-01-05\n"), date="date")  # imports are not counted
    tracemalloc.start()
    es.read_events(path, date="date")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size > 10_000_000
    assert peak < 2_000_000


# Parquet and Excel.

TYPED = pd.DataFrame(
    {
        "date": pd.to_datetime(["2012-01-05 00:00", "2012-01-07 23:30", "2013-05-01 00:00"]),
        "kind": ["a", "b", None],
        "n": [1, 2, 3],
        "score": [0.5, None, 2.0],
    }
)


def test_parquet_is_read_by_its_types(tmp_path):
    path = tmp_path / "events.parquet"
    TYPED.to_parquet(path)
    assert es.read_events(path, date="date").days.tolist() == es.Events(TYPED["date"]).days.tolist()
    assert len(es.read_events(path, date="date", where="n >= 2 and kind == 'b'")) == 1
    assert len(es.read_events(path, date="date", where="score < 1")) == 1
    assert len(es.read_events(path, date="date", where="kind == ''")) == 1


@pytest.mark.parametrize("kind", ["date32", "text", "zone", "category"])
def test_parquet_dates_of_every_kind_are_the_same_days(tmp_path, kind):
    days = TYPED["date"].dt.normalize()
    column = {
        "date32": days.dt.date,
        "text": days.dt.strftime("%Y-%m-%d"),
        "zone": (days + pd.Timedelta("23h")).dt.tz_localize("Asia/Seoul"),
        "category": days.dt.strftime("%Y-%m-%d").astype("category"),
    }[kind]
    path = tmp_path / "events.parquet"
    pd.DataFrame({"date": column}).to_parquet(path)
    assert es.read_events(path, date="date").days.tolist() == es.Events(days).days.tolist()


def test_parquet_errors_name_the_number_of_the_record(tmp_path):
    path = tmp_path / "events.parquet"
    pd.DataFrame({"date": pd.to_datetime(["2012-01-05", None])}).to_parquet(path)
    assert problems(path, lambda p: es.read_events(p, date="date")) == [
        ':2:date: the cell is empty; fill it in, or leave out the rows without a date by where="date.notna()"'
    ]
    path.write_bytes(b"date\n2012-01-05\n")
    (line,) = problems(path, lambda p: es.read_events(p, date="date"))
    assert line.startswith(": cannot be read as Parquet (")


def test_a_contract_reads_the_same_from_every_kind_of_file(tmp_path):
    text = HEADER + "A1,2012-01-01,2012-01-03,near,2\nB1,2012-02-29,,far,1\n"
    expected = read_table(write(tmp_path, text), SCHEMA)
    typed = pd.DataFrame(
        {
            "count": [2, 1],
            "id": ["A1", "B1"],
            "start": pd.to_datetime(["2012-01-01", "2012-02-29"]),
            "end": pd.to_datetime(["2012-01-03", None]),
            "kind": ["near", "far"],
        }
    )
    typed.to_parquet(tmp_path / "t.parquet")
    typed.to_excel(tmp_path / "t.xlsx", index=False)
    for name in ("t.parquet", "t.xlsx"):
        pd.testing.assert_frame_equal(read_table(tmp_path / name, SCHEMA), expected)


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_excel_reads_date_cells_and_texts_and_names_the_row_of_the_sheet(tmp_path):
    day = datetime.datetime(2012, 1, 5)
    path = workbook(
        tmp_path / "e.xlsx",
        {"s": [[], [], ["date", "n"], [day, 1], [], ["7 January 2012", 2], ["03/04/2012", 3], [None, 4]]},
    )
    assert len(es.read_events(path, date="date", where="n < 3")) == 2
    assert problems(path, lambda p: es.read_events(p, date="date")) == [
        ":7:date: '03/04/2012' is ambiguous, day or month first; write YYYY-MM-DD, or state the order by "
        "date_format='%d/%m/%Y' or date_format='%m/%d/%Y'",
        ':8:date: the cell is empty; fill it in, or leave out the rows without a date by where="date.notna()"',
    ]


def test_an_excel_cell_that_shows_month_and_year_names_no_day(tmp_path):
    path = workbook(tmp_path / "e.xlsx", {"s": [["date"], [datetime.datetime(1984, 9, 1)]]})
    book = openpyxl.load_workbook(path)
    book["s"]["A2"].number_format = "mmm-yy"
    book.save(path)
    (line,) = problems(path, lambda p: es.read_events(p, date="date"))
    assert line.startswith(":2:date: '1984-09' names no day")


def test_the_sheet_with_the_column_is_read_and_two_such_are_refused(tmp_path):
    rows = [["date"], ["2012-01-05"]]
    path = workbook(tmp_path / "e.xlsx", {"notes": [["about"], ["x"]], "data": rows})
    assert len(es.read_events(path, date="date")) == 1
    workbook(path, {"one": rows, "two": rows})
    assert problems(path, lambda p: es.read_events(p, date="date")) == [
        ": more than one sheet has the columns date; the sheets are one, two: save the right one as a file of its own"
    ]
    workbook(path, {"one": [["day"], ["x"]], "two": [["when"], ["y"]]})
    (line,) = problems(path, lambda p: es.read_events(p, date="date"))
    assert line.startswith(": no sheet has the columns date; the sheets are one, two")


def test_a_formula_in_excel_is_its_stored_value_and_is_never_worked_out(tmp_path):
    path = workbook(tmp_path / "e.xlsx", {"s": [["date"], ["=DATE(2012,1,5)"]]})
    (line,) = problems(path, lambda p: es.read_events(p, date="date"))
    assert line.startswith(": there is a header but no row")  # no program has stored a value


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], ": the workbook is empty"),
        ([["date"]], ": there is a header but no row"),
        ([["date", "date"], ["2012-01-05", ""]], ":1:date: the column appears twice; rename one"),
        ([["date"], ["2012-01-05", "x"]], ":2: a cell stands to the right of the 1 named columns"),
    ],
)
def test_a_broken_sheet_gives_one_clear_line(tmp_path, rows, expected):
    path = workbook(tmp_path / "e.xlsx", {"s": rows})
    (line,) = problems(path, lambda p: es.read_events(p, date="date"))
    assert line.startswith(expected)


def test_what_is_no_workbook_or_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "e.xlsx"
    path.write_bytes(b"date\n2012-01-05\n")
    (line,) = problems(path, lambda p: es.read_events(p, date="date"))
    assert line.startswith(
        ": cannot be read as an Excel workbook (BadZipFile: File is not a zip file); save it anew"
    )
    workbook(path, {"s": [["date"], ["2012-01-05"]]})
    monkeypatch.setattr("eventstudy.io.excel.UNPACKED", 1_000)
    (line,) = problems(path, lambda p: es.read_events(p, date="date"))
    assert re.fullmatch(r": it unpacks to [\d,]+ bytes; save the sheet as CSV", line)


@pytest.mark.parametrize(("module", "name"), [("pyarrow", "e.parquet"), ("openpyxl", "e.xlsx")])
def test_a_library_that_is_missing_is_named_with_the_way_to_get_it(tmp_path, monkeypatch, module, name):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, f"{module}.parquet", None)
    (tmp_path / name).touch()
    (line,) = problems(tmp_path / name, lambda p: es.read_events(p, date="date"))
    assert re.match(rf": reading it needs {module}(\.parquet)?, which is not installed; pip install", line)


# Queries that would do more than compare, or never end.


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("n == 9**9**9**9", "reaches beyond the table"),
        ("n << 99999999999", "reaches beyond the table"),
        ("kind == 'a' * 10000000000", "calculates with text"),
        ("kind * 1000000000 == 'a'", "calculates with text"),
        ("kind.str.upper() * 1000000000 == 'A'", "calculates with text"),
        ("'%999999999d' % n == ''", "calculates with text"),
        ("[0] * 1000000000 == n", "calculates with text"),
        ("kind.str.contains('(a+)+$')", "a pattern that repeats, groups or is not written out"),
        ("kind.str.contains('a{1,99}')", "a pattern that repeats, groups or is not written out"),
        ("kind.str.contains(kind)", "a pattern that repeats, groups or is not written out"),
        ("kind.str.contains(pat='(a|a)(a|a)')", "a pattern that repeats, groups or is not written out"),
        ("kind.str.contains(**kind)", "a pattern that repeats, groups or is not written out"),
        ("kind.str.format(kind)", "reaches beyond the table"),
        ("f'{kind}' == kind", "reaches beyond the table"),
        ("kind.str.__class__.__base__", "reaches beyond the table"),
        ("(lambda: 1)() == n", "reaches beyond the table"),
        ("(n := 1) == 1", "reaches beyond the table"),
        ("kind[0] == 'a'", "reaches beyond the table"),
        ("n @ n == 1", "reaches beyond the table"),
        ("n == 1j", "reaches beyond the table"),
        ("__import__('os') == n", "reaches beyond the table"),
        ("datetime.year == n", "name 'datetime' is not defined"),
        ("index == 1", "name 'index' is not defined"),
        ("`__class__` == n", "names the column '__class__'"),
        ("n == " + "(" * 900 + "1" + ")" * 900, "cannot be read"),
        ("not " * 480 + "(n == 1)", "cannot be"),
        ("n == 1" + " or n == 1" * 300, "the query has 3,006 characters and 2,000 are read"),
        ("n == " + "9" * 1_900 + "\0", "cannot be read"),
        ("date == 'soon'", "compares dates with another text: 'soon' names no day"),
        ("date == 'today'", "compares dates with another text: 'today' names no day"),
        ("date == '03/04/2012'", "'03/04/2012' is ambiguous, day or month first"),
    ],
)
def test_a_query_that_reaches_out_or_never_ends_is_refused_at_once(tmp_path, where, expected):
    path = write(tmp_path, EVENTS)
    start = time.perf_counter()
    with pytest.raises(DataError, match=re.escape(expected)):
        es.read_events(path, date="date", where=where)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("kind.str.contains('a|b') and n.notna()", 3),
        ("kind.str.contains(r'\\.')", 0),
        ("n * 2 + 1 == 5", 1),
        ("kind.str.len() + n == 2", 1),
        ("date.between('2012-01-06', '2013-12-31') and kind != 'c'", 2),
        ("date.isin(['2012-01-05']) and kind != 'c'", 1),
    ],
)
def test_a_plain_query_still_works(tmp_path, where, rows):
    path = write(tmp_path, EVENTS.replace("2012-13-01", "2012-12-01"))
    assert len(es.read_events(path, date="date", where=where)) == rows


def test_columns_named_like_the_names_of_the_parser_are_not_mixed_up(tmp_path):
    path = write(tmp_path, "date,quoted_0,dated_0,my kind\n2012-01-05,a,x,b\n2012-01-06,b,x,a\n")
    events = es.read_events(
        path, date="date", where="`my kind` == 'b' and quoted_0 == 'a' and date < '2012-01-06'"
    )
    assert events.days.tolist() == es.Events(["2012-01-05"]).days.tolist()


def test_an_odd_time_zone_is_no_day_rather_than_a_traceback(tmp_path):
    """Found by fuzzing: pandas reads the first as a time with an offset of 30 hours."""
    path = write(tmp_path, "date\n20101012-01-03\n2012-01-2-01-2-1-01\n2012-01-05\n")
    assert [line.split(":")[1] for line in problems(path, lambda p: es.read_events(p, date="date"))] == [
        "2",
        "3",
    ]


def test_dates_are_the_same_whether_or_not_they_are_remembered(tmp_path, monkeypatch):
    rng = np.random.default_rng(20240229)
    days = rng.integers(0, 40, 300).tolist()
    text = "date\n" + "".join(f"{es.Events([day]).dates[0]:%Y-%m-%d}\n" for day in days)
    monkeypatch.setattr("eventstudy.io.delimited.BLOCK", 9)
    monkeypatch.setattr("eventstudy.io.cells.REMEMBERED", 5)
    assert es.read_events(write(tmp_path, text), date="date").days.tolist() == sorted(days)
