"""No entrance reads a date as another date: each reads what is one, and refuses the rest with a way out."""

from __future__ import annotations

import bz2
import copy
import datetime as dt
import gzip
import io
import lzma
import random
import re
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.cli.main import main
from eventstudy.date_grammar import compiled_format, day_of
from eventstudy.errors import (
    DataError,
    DateError,
    EventsError,
    EventStudyError,
    OptionError,
    ReachError,
    WindowError,
)

EPOCH = dt.date(1970, 1, 1)
TWELFTH = (dt.date(2018, 6, 12) - EPOCH).days
PERIOD = es.Period("2012-01-01", "2013-01-01")


def dates(events):
    return events.dates.strftime("%Y-%m-%d").tolist()


# --- texts


@pytest.mark.parametrize(
    "text",
    [
        "2018-06-12", "2018-6-12", "20180612", "2018/06/12", "2018.06.12", "2018 06 12", "12 June 2018", "12 Jun 2018",
        "12-Jun-2018", "12JUN2018", "12. June 2018", "12th June 2018", "12th of June, 2018", "June 12, 2018",
        "Jun. 12 2018", "June 12th 2018", "2018 June 12", "2018-Jun-12", "Tuesday, 12 June 2018", "Tue Jun 12, 2018",
        "Tue, 12 Jun 2018 10:00:00 +0000", "2018-06-12T23:59:59.999Z", "2018-06-12T10", "20180612T101500Z",
        "2018-06-12 10:15", "2018-06-12 11:15 PM", "2018-06-12T23:30-05:00", "2018-06-12 00:30:00+09:00",
        "12\u00a0June\u00a02018", "\u00a02018-06-12 ", "2018-06-12T10:15:00,5", "2018-06-12T23:59:60Z",
    ],
)  # fmt: skip
def test_a_text_that_is_one_date_is_read_as_it(text):
    assert day_of(text) == TWELFTH
    assert es.Events([text]).days.tolist() == [TWELFTH]


@pytest.mark.parametrize(
    "text",
    [
        # two days, or a date and leftovers
        "12-13 June 2018", "June 12-13, 2018", "12 and 13 June 2018", "12, 13 June 2018", "12/13 June 2018",
        "12th-13th June 2018", "27-28 February 2019", "2018-06-13/14", "2018-06-12 to 13", "2018-06-12; 13",
        "2018-06-12/2018-06-13", "2018-06-12 2018-06-13", "20180612-20180613", "12 June 2018 and 13 June",
        "31 May - 1 June 2018", "2018-06-12 13", "2018-06-12 10", "2018-06-12x", "c. 2018-06-12", "2018-06-12?",
        "2018-06-12 10-05:00", "20101012-01-03", "2018-06-12+09:00", "2018-06-12 10:00 KST", "June 12018",
        # parts of a date
        "2018", "2018-06", "2018-6", "June 2018", "12 June", "12 June 18", "12/13/14", "05/05/12", "5-Mar-17", "10:30",
        # weeks, quarters, days of a year
        "2018W24", "2018-W24", "2018-W24-2", "Q3 2014", "2014Q3", "2014-Q3", "3Q2014", "2018-163",
        # numbers
        "2018.5", "1945.5369863", "2490.904166666667", "43263", "43263.5", "1528761600", "1528761600000", "1e5",
        "20180612.0", "20180612101500", "201006030001", "2018,5", "-5", "+20180612",
        # no days of the calendar
        "30 February 2018", "2018-02-30", "2018-13-01", "0000-06-12", "-2018-06-12", "2018-06-12 24:00",
        "2018-06-12 10:60", "2018-06-12T10:15+15:00", "2018-06-12 13:00 PM", "Wednesday, 12 June 2018",
        # other letters and calendars
        "12.VI.2018", "12 VI 2018", "12 juin 2018", "\uff12\uff10\uff11\uff18-06-12", "H30.6.12", "Juche 107.6.12",
        "12 \u017fept 2018", "2018\u201306\u201312", "\ufeff2018-06-12",
        # words
        "today", "now", "Friday", "NA", "nan", "NaT", "None", "", " ", ".", "9-11", "MMXVIII-06-12",
    ],
)  # fmt: skip
def test_a_text_that_is_not_one_whole_date_is_refused(text):
    assert isinstance(day_of(text), str)
    with pytest.raises(DateError, match=r"; (write|give the first as) YYYY-MM-DD"):
        es.Events([text])


@pytest.mark.parametrize(("text", "what"), [
    ("12-13 June 2018", "names more than one day"), ("2018-06-13/14", "names more than one day"),
    ("2018.5", "is a number"), ("43263", "is a number"), ("3/4/2018", "is ambiguous, day or month first"),
    ("2014Q3", "names no day"), ("2014-W05-2", "names no day"), ("30 June 18", "names no day"),
    ("31 June 2018", "is not a day of the calendar"), ("Mon 12 June 2018", "names a day of the week that its date"),
])  # fmt: skip
def test_the_refusal_says_what_the_text_is(text, what):
    assert what in str(day_of(text))


FORMATS = [
    *(between.join(parts) for between in "-/." for parts in ("dmY", "mdY", "Ymd", "dbY", "bdY", "Ybd")),
    *(" ".join(parts) for parts in ("Ymd", "dbY", "bdY", "Ybd")),
    *("Ymd", "dbY", "Ybd", "b d,Y", "b d, Y", "d b, Y"),
]


def found_by_the_standard_library(text):
    """Return every date that a text is in one of the forms, day first and month first."""
    found = set()
    for form in FORMATS:
        for name in "bB":
            try:
                stated = re.sub("([a-zA-Z])", r"%\1", form).replace("%b", f"%{name}")
                found.add((dt.datetime.strptime(text, stated).date() - EPOCH).days)
            except ValueError:
                continue
    return found


def test_made_up_texts_are_dates_only_where_the_standard_library_finds_one_date_alone():
    """A second route: of 20,000 texts put together from parts of dates, none is read as a date it is not."""
    rng = random.Random(20180612)
    parts = ["12", "13", "3", "06", "30", "2018", "2019", "June", "Feb", "10:30"]
    between = ["-", "/", ".", " ", ", ", " - ", " and ", ""]
    read = 0
    for _ in range(20_000):
        pieces = [rng.choice(parts) for _ in range(rng.randrange(2, 6))]
        gaps = [rng.choice(between)] * 4 if rng.random() < 0.5 else rng.choices(between, k=4)
        text = "".join(piece + gap for piece, gap in zip(pieces, gaps, strict=False)) + pieces[-1] * (
            len(pieces) > 4
        )
        text = text.rstrip(" -/.,") if len(pieces) <= 4 else text
        day = day_of(text)
        if not isinstance(day, str):
            read += 1
            assert found_by_the_standard_library(re.sub(r" 10:30$", "", text)) == {day}, text
    assert read > 150


@given(
    st.dates(dt.date(1000, 1, 1)), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d%m%Y", "%Y-%d-%m", "%b %d %Y"])
)
def test_a_stated_format_is_read_as_it_was_written(day, form):
    text = day.strftime(form.replace("%Y", f"{day.year:04d}"))
    assert day_of(text, compiled_format(form)) == (day - EPOCH).days


@pytest.mark.parametrize(
    "form", ["%d/%m/%y", "%Y-%m", "%Y-W%W-%w", "%d/%d/%Y", "dayfirst", "", "%", "%Y-%j", "%x"]
)
def test_a_format_that_names_no_day_is_refused(form):
    with pytest.raises(OptionError, match="read_events: date_format="):
        es.read_events(io.StringIO("date\n2012-01-05\n"), date="date", date_format=form)


def test_a_text_in_another_form_than_stated_is_refused():
    table = io.StringIO("date\n13/04/2012\n04/13/2012\n")
    with pytest.raises(DataError, match=r"3:date: '04/13/2012' .*; correct it, or date_format='%d/%m/%Y'"):
        es.read_events(table, date="date", date_format="%d/%m/%Y")


# --- numbers


@pytest.mark.parametrize(
    ("numbers", "what"),
    [
        ([20120304], "20120304 looks like the date 2012-03-04"),
        (pd.Series([20120304, 20120305]), "looks like the date"),
        ([15_000, 20120304], "looks like the date"),
        ([20120304.0], "looks like the date"),
        ([2012], "2012 looks like a year"),
        (np.array([2012, 2013, 2014]), "looks like a year"),
        ([2012.0], "looks like a year"),
        ([dt.date(2012, 3, 4), 2012], "looks like a year"),
        ([1_528_761_600], "lies beyond the calendar"),
        ([1_528_761_600 * 10**9], "lies beyond the calendar"),
        ([-400_000], "lies beyond the calendar"),
        (pd.Series([20120304], dtype="Int64"), "looks like the date"),
        (np.array([20120304], np.uint32), "looks like the date"),
        (np.array([2**64 - 1], np.uint64), "lies beyond the calendar"),
        ([10**30], "is not a whole number of days"),
        (np.array([20120304], "datetime64[D]"), "57057-07-10 lies beyond the calendar"),
    ],
)
def test_numbers_that_look_like_dates_are_no_day_numbers(numbers, what):
    for read in (es.Events, lambda given: es.Events(given, es.Period("1970", "1980"))):
        with pytest.raises(DateError, match=rf"^events: .*{what}.*; (give|write)"):
            read(numbers)


@pytest.mark.parametrize(
    "ends", [(2012, 2025), (20120101, 20250101), (2012, "2025"), ("2012", 2025), (2.5, 9)]
)
def test_a_period_from_years_as_numbers_is_refused(ends):
    with pytest.raises(DateError, match=r"^Period (start|stop): "):
        es.Period(*ends)


def test_a_period_of_day_numbers_holds_any_number():
    period = es.Period(0, 1_000_000)
    days = [1_500, 2_012, 300_000]
    assert es.Events(days, period).days.tolist() == days
    assert es.Window(-3, 0).exposure(np.array([300_000]), period) == 3
    assert es.Period(0, 10) == es.Period("1970-01-01", "1970-01-11")
    with pytest.raises(DateError):  # the same days, but between dates
        es.Events([2_012], es.Period("1970-01-01", "1980-01-01"))


def test_days_of_1975_stay_what_they_are_in_whatever_is_made_of_them():
    """Days 1,826 to 2,190 read as years; events that are dated stay so when they are cut, merged, copied or drawn."""
    period = es.Period("1974-06-01", "1976-06-01")
    events = es.Events(["1975-07-06", "1975-07-07", "1975-09-01"], period, uncertainty=1)
    expected = events.days.tolist()
    assert events.within(es.Period("1975-01-01", "1976-01-01")).days.tolist() == expected
    assert events.distinct().as_dated().days.tolist() == expected
    assert events.merged(1).days.tolist() == [expected[0], expected[2]]
    assert es.CircularShift(within=["1975-07-06"]).within == (expected[0],)
    result = es.permutation_test(
        events.as_dated(),
        es.Events(["1975-07-10"]),
        es.WindowCount(es.Window(-7, 0)),
        es.CircularShift("year"),
    )
    assert result.observed == 2
    curve = es.leave_one_out(
        events.as_dated(),
        es.Events(["1975-07-10"]),
        es.WindowCount(es.Window(-7, 0)),
        es.CircularShift(),
        by="burst",
    )
    assert len(curve.to_frame()) > 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: es.CircularShift(within=[2015, 2018]),
        lambda: es.CircularShift(within=[20150101]),
        lambda: es.Window(-14, 0).exposure([20120304], PERIOD),
        lambda: es.Window(-14, 0).coverage(np.array([2012]), PERIOD),
        lambda: es.panel_test(
            pd.DataFrame({"g": ["a"], "date": [20120304]}), es.Events(["2012-03-10"]),
            es.WindowCount(es.Window(-14, 0)), es.CircularShift(), by="g", period=PERIOD,
        ),
    ],
)  # fmt: skip
def test_numbers_that_look_like_dates_are_refused_wherever_they_enter(call):
    with pytest.raises(DateError, match="looks like"):
        call()


# --- types


def test_masked_entries_are_missing_not_events():
    days = np.ma.array([15_000, 15_001, 15_002], mask=[False, True, False])
    with pytest.raises(DateError, match="entry 2 is missing"):
        es.Events(days)
    assert es.Events(days.compressed()).days.tolist() == [15_000, 15_002]
    assert len(es.Events(np.ma.array([15_000, 15_001]))) == 2
    with pytest.raises(EventsError, match="uncertainty"):
        es.Events([15_000, 15_001], uncertainty=np.ma.array([1, 2], mask=[True, False]))


SEOUL = pd.DatetimeIndex(["2012-01-01 01:00", "2012-01-02 23:00"]).tz_localize("Asia/Seoul")


def arrow():
    import pyarrow as pa

    return {
        "date32": pa.array([dt.date(2012, 1, 1), dt.date(2012, 1, 2)]),
        "chunked text": pa.chunked_array([["2012-01-01"], ["2012-01-02"]]),
        "timestamps": pa.array(SEOUL),
        "Series of date32": pd.Series([dt.date(2012, 1, 1), dt.date(2012, 1, 2)], dtype="date32[pyarrow]"),
        "Series of timestamps": pd.Series(SEOUL).astype(pd.ArrowDtype(pa.timestamp("ns", "Asia/Seoul"))),
        "Series of text": pd.Series(["2012-01-01", "2012-01-02"], dtype=pd.ArrowDtype(pa.string())),
    }


TYPES = {
    "days as periods": pd.period_range("2012-01-01", periods=2, freq="D"),
    "Series of periods": pd.Series(pd.period_range("2012-01-01", periods=2, freq="D")),
    "list of periods": list(pd.period_range("2012-01-01", periods=2, freq="D")),
    "frame of one column": pd.DataFrame({"when": ["2012-01-01", "2012-01-02"]}),
    "frame of times": pd.DataFrame({"when": SEOUL}),
    "array of two rows": np.array([["2012-01-01"], ["2012-01-02"]]),
    **arrow(),
}


@pytest.mark.parametrize("kind", TYPES)
def test_dates_of_any_library_are_the_same_days(kind):
    assert dates(es.Events(TYPES[kind])) == ["2012-01-01", "2012-01-02"]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (pd.period_range("2012-01", periods=2, freq="M"), r"a period\[M\] names no day"),
        (pd.period_range("2012-01-02", periods=2, freq="W"), r"a period\[W-SUN\] names no day"),
        (
            pd.DataFrame({"a": ["2012-01-01"], "b": [1]}),
            r"the table has 2 columns; give the one .* table\['date'\]",
        ),
        (np.array([b"2012-01-01"]), "an entry is a bytes, which is not a date"),
        (np.array([1], "timedelta64[D]"), "is not a date"),
        ([object()], "an entry is a object, which is not a date"),
    ],
)
def test_what_is_no_list_of_days_is_refused_in_words(given, what):
    with pytest.raises(DateError, match=rf"^launches: .*{what}") as caught:
        es.Events(given, label="launches")
    assert " at 0x" not in str(caught.value)


def test_whole_floats_are_whole_numbers():
    assert es.Window.before(14.0) == es.Window(-14.0, 0) == es.Window(-14, 0)
    assert es.Window.after(np.float64(3)) == es.Window(1, 4)
    assert es.Events(["2012-01-01", "2012-01-05"]).merged(7.0).days.size == 1
    assert es.Jitter(30.0) == es.Jitter(30)
    events, anchors = es.Events(["2012-01-05", "2012-03-01"], PERIOD), es.Events(["2012-01-10"])
    ask = [events, anchors, es.AnchorsHit(es.Window(-14, 0)), es.ShuffledGaps()]
    whole = es.permutation_test(*ask, rng=1, n_resamples=200, sequential=20)
    floats = es.permutation_test(*ask, rng=1, n_resamples=2e2, sequential=20.0)
    assert (whole.pvalue, whole.n_resamples, whole.sequential) == (
        floats.pvalue,
        floats.n_resamples,
        floats.sequential,
    )
    one, other = (
        es.lag_profile(events, anchors, es.CircularShift(), lags=lags)
        for lags in [(-20, 21), es.Window(-20, 21)]
    )
    assert one.observed.tolist() == other.observed.tolist()


@pytest.mark.parametrize("value", ["14", 1.5, True, None, float("nan"), [14]])
def test_what_is_no_whole_number_is_refused_in_words(value):
    for call in (es.Window.before, es.Window.after, es.Events(["2012-01-01"]).merged):
        with pytest.raises(EventStudyError, match=r"is .*, not a whole number; give "):
            call(value)
    with pytest.raises(WindowError, match="the window is "):
        es.coincidence_rates(es.Events(["2012-01-01"], PERIOD), es.Events(["2012-01-10"]), value)


# --- tables

ROWS = [("2012-01-05", "Zürich", True), ("2012-02-07", "Bonn", False), ("2012-03-09", "Oslo", True)]
FRAME = pd.DataFrame(ROWS, columns=["date", "place", "hit"])
DAYS = [row[0] for row in ROWS]


def text(separator=",", encoding="utf-8"):
    return FRAME.to_csv(index=False, sep=separator).encode(encoding)


def packed(content, how):
    if how == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("table.csv", content)
        return buffer.getvalue()
    return {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}[how](content)


def written(kind, path):
    """Write the same table as a file of some kind."""
    if kind in ("xlsx", "parquet", "dta", "ndjson", "title.xlsx"):
        {
            "xlsx": lambda: FRAME.to_excel(path, index=False),
            "title.xlsx": lambda: FRAME.to_excel(path, index=False, startrow=2),
            "parquet": lambda: FRAME.to_parquet(path),
            "dta": lambda: FRAME.assign(date=pd.to_datetime(FRAME["date"])).to_stata(
                path, write_index=False, convert_dates={"date": "td"}, version=118
            ),
            "ndjson": lambda: FRAME.to_json(path, orient="records", lines=True),
        }[kind]()
    else:
        path.write_bytes(FILES[kind])
    return path


FILES = {
    "semicolon.csv": text(";"),
    "tab.txt": text("\t"),
    "bar.csv": text("|"),
    "stated.csv": b"sep=;\r\n" + text(";"),
    "latin1.csv": text(encoding="latin-1"),
    "utf16.txt": text("\t", "utf-16"),
    "utf16be.csv": b"\xfe\xff" + text(encoding="utf-16-be"),
    "mark.csv": text(encoding="utf-8-sig"),
    "title.csv": b"Launches of 2012\n\n" + text(),
    "unnamed.csv": text().replace(b"\r", b"").replace(b"\n", b",,\n"),
    "rownames.csv": FRAME.to_csv().encode(),
    "commas.csv": b",\n".join(text().splitlines()).replace(b",\n", b"\n", 1) + b",\n",
    **{f"{how}.csv": packed(text(), how) for how in ("gzip", "bzip2", "xz", "zip")},
    "semicolon.csv.gz": packed(text(";"), "gzip"),
}
KINDS = [*FILES, "xlsx", "title.xlsx", "parquet", "dta", "ndjson"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_table_is_read_from_every_kind_of_file(tmp_path, kind):
    path = written(kind, tmp_path / (kind if "." in kind else f"table.{kind}"))
    assert dates(es.read_events(path, date="date")) == DAYS
    with open(path, "rb") as buffer:
        assert dates(es.read_events(buffer, date="date")) == DAYS
    for where, chosen in [("hit == True", [0, 2]), ("hit", [0, 2]), ("not hit", [1]), ("hit != True", [1])]:
        if kind == "dta":
            where = {"hit == True": "hit == 1", "hit": "hit == 1"}.get(
                where, "hit != 1"
            )  # Stata has numbers alone
        assert dates(es.read_events(path, date="date", where=where)) == [DAYS[i] for i in chosen], where


def test_what_was_found_out_about_a_file_is_said(tmp_path):
    (path := tmp_path / "a.csv.gz").write_bytes(packed(text(";"), "gzip"))
    events = es.read_events(path, date="date", period=PERIOD)
    assert events.reading == events.within(PERIOD).distinct().as_dated().reading == (
        "a.csv.gz: unpacked from gzip", "a.csv.gz: fields are separated by semicolons",
    )  # fmt: skip
    assert copy.deepcopy(events).reading == es.Events(events).reading == events.provenance.notes
    assert (events.notes, events.label) == ((), "a")
    null = es.CircularShift()
    result = es.permutation_test(events, es.Events(["2012-01-10"]), es.WindowCount(es.Window(-14, 0)), null)
    assert "separated" not in result.summary()
    (plain := tmp_path / "many.years.csv").write_bytes(text())
    assert es.read_events(plain, date="date").reading == ()
    assert es.read_events(plain, date="date").label == "many.years"


def test_bytes_that_are_not_utf8_matter_only_where_they_are_needed(tmp_path):
    (path := tmp_path / "a.csv").write_bytes(text(encoding="latin-1"))
    assert len(es.read_events(path, date="date", where="hit")) == 2
    with pytest.raises(DataError, match=r"a.csv:2:place: 'Z.rich' is not read: the text is not UTF-8; save"):
        es.read_events(path, date="date", where="place == 'Bonn'")


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv.gz", gzip.compress(text())[:-9], r"a.csv.gz: cannot be unpacked \(.*\); unpack it first"),
        ("a.zip", b"PK\x03\x04 nothing", r"a.zip: cannot be unpacked"),
        ("a.sav", b"$FL2 nothing", r"a.sav: (reading it needs pyreadstat|cannot be read as spss)"),
        ("a.dta", b"<stata_dta> nothing", r"a.dta: cannot be read as stata"),
        ("a.ndjson", b'{"date": "2012-01-05"}\nnothing\n', r"a.ndjson:2: the line is not a JSON object"),
        (
            "a.csv",
            b"2012-01-05,1,1\n2012-01-06,2,3\n",
            r"a.csv:1: '1' appears twice, so this seems to be a row",
        ),
    ],
    ids=[
        "gzip",
        "zip",
        "spss",
        "stata",
        "lines of json",
        "no header",
    ],  # packed bytes hold the time of packing
)
def test_a_damaged_file_is_one_clear_line(tmp_path, name, content, what):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=what) as caught:
        es.read_events(tmp_path / name, date="date")
    assert "\n" not in str(caught.value)


def test_one_field_more_in_every_row_is_not_taken_for_row_names():
    """write.table of R leaves out the name of its row names; so does a comma without quotes, and dates would move."""
    table = io.StringIO("id,date,until\n1,2012-01-05,2012-01-07,x\n2,2012-02-05,2012-02-07,y\n")
    with pytest.raises(
        DataError,
        match=r"buffer:2: it has 4 fields and the header 3 .2 rows: 2, 3.; quote fields that hold commas",
    ):
        es.read_events(table, date="date")


def test_an_archive_of_several_files_is_refused_with_their_names(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("b.csv", text())
        archive.writestr("c.csv", text())
    with pytest.raises(DataError, match=r"the archive holds 2 files, b\.csv, c\.csv; unpack it"):
        es.read_events(tmp_path / "a.zip", date="date")


def test_months_of_stata_are_no_days(tmp_path):
    frame = FRAME.assign(date=pd.to_datetime(FRAME["date"]))
    frame.to_stata(tmp_path / "m.dta", write_index=False, convert_dates={"date": "tm"})
    with pytest.raises(DataError, match=r"m\.dta:1:date: '624' is a number"):
        es.read_events(tmp_path / "m.dta", date="date")


@pytest.mark.parametrize(
    "address", ["https://example.org/a.csv", "s3://bucket/a.parquet", "ftp://host/a.csv"]
)
def test_an_address_is_named_for_what_it_is(address):
    with pytest.raises(DataError, match=rf"^{address}: it is an address on the web; download the file"):
        es.read_events(address, date="date")


def test_a_path_in_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.csv").write_bytes(text())
    assert len(es.read_events("~/a.csv", date="date")) == 3


def test_what_is_neither_path_nor_table_is_refused_in_words():
    with pytest.raises(
        OptionError, match="a table: got a int; give the path of a file, a buffer or a DataFrame"
    ):
        es.read_events(5, date="date")


def test_a_frame_gives_what_its_file_gives(tmp_path):
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    for where in (None, "hit", "place.str.contains('o')", "date > '2012-02-01'"):
        file = es.read_events(tmp_path / "a.csv", date="date", where=where)
        assert es.read_events(FRAME, date="date", where=where).days.tolist() == file.days.tolist()
    changed = FRAME.copy()
    es.read_events(changed, date="date")
    pd.testing.assert_frame_equal(changed, FRAME)


def test_a_column_of_yes_and_no_is_not_compared_with_text(tmp_path):
    with pytest.raises(
        DataError, match="compares 'hit', a column of yes and no, with text; write hit == True"
    ):
        es.read_events(FRAME, date="date", where="hit == 'True'")
    table = pd.DataFrame({"date": DAYS, "hit": [True, None, False]})
    for where, number in [
        ("hit == True", 1),
        ("hit", 1),
        ("not hit", 1),
        ("hit.isna()", 1),
        ("hit.notna()", 2),
    ]:
        for source in (table, io.StringIO(table.to_csv(index=False))):
            assert len(es.read_events(source, date="date", where=where)) == number, where


def test_rows_without_a_date_are_chosen_away_by_notna_and_counted():
    table = "time,kind\n2012-01-05,a\nNA,b\n,c\n2012-02-30,d\n2012-01-07,\n"
    with pytest.raises(DataError, match=r'3:time: \'NA\' .* or leave out .* where="time.notna\(\)"'):
        es.read_events(io.StringIO(table), date="time")
    with pytest.raises(DataError) as caught:  # a date that is none is no missing date
        es.read_events(io.StringIO(table), date="time", where="time.notna()")
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == ["buffer:5:time"]
    table = table.replace("2012-02-30", "2012-02-29")
    events = es.read_events(io.StringIO(table), date="time", where="time.notna()", label="launches")
    assert dates(events) == ["2012-01-05", "2012-01-07", "2012-02-29"]
    assert events.notes == ("2 rows of launches have no date and are left out by the query",)
    assert len(es.read_events(io.StringIO(table), date="time", where="time.notna() and kind.notna()")) == 2
    assert len(es.read_events(io.StringIO(table), date="time", where="time == time")) == 3


def test_year_month_and_day_may_stand_apart():
    table = "id,y,m,d\n201201050001,2012,1,5\n201202000002,2012,2,0\n201202290003,2012,02,29\n"
    date = ("y", "m", "d")
    with pytest.raises(
        DataError, match="3:y,m,d: '2012', '2', '0' are not a year, month and day of the calendar"
    ):
        es.read_events(io.StringIO(table), date=date)
    assert dates(es.read_events(io.StringIO(table), date=date, where="d > 0")) == ["2012-01-05", "2012-02-29"]
    frame = pd.read_csv(io.StringIO(table)).astype(float)
    again = io.StringIO(frame.to_csv(index=False))  # 2012.0,1.0,5.0
    assert dates(es.read_events(again, date=date, where="d > 0")) == ["2012-01-05", "2012-02-29"]
    assert dates(es.read_events(frame, date=list(date), where="d > 0")) == ["2012-01-05", "2012-02-29"]
    for wrong in (("y", "m"), 3, ("y", "m", 4)):
        with pytest.raises(OptionError, match="is neither a column nor three; give one name"):
            es.read_events(frame, date=wrong)
    with pytest.raises(DataError, match="day: there is no such column"):
        es.read_events(frame, date=("y", "m", "day"))
    with pytest.raises(OptionError, match=r"^read_events: date is missing; .* the columns are id, y, m, d$"):
        es.read_events(frame)


def test_uncertainty_in_a_table_is_kept():
    table = io.StringIO("date,uncertainty\n2012-01-05,3\n2012-01-01,0\n2012-01-03,\n")
    events = es.read_events(table, date="date", period=PERIOD)
    assert events.uncertainty.tolist() == [0, 0, 3]
    again = es.read_events(events.to_frame(), date="date")
    assert (again.days.tolist(), again.uncertainty.tolist()) == (events.days.tolist(), [0, 0, 3])
    with pytest.raises(
        DataError, match=r"2:uncertainty: '0\.3' is not a number of days .* or rename the column"
    ):
        es.read_events(io.StringIO("date,uncertainty\n2012-01-05,0.3\n"), date="date")


def test_notes_stay_with_the_events_and_reach_the_summary():
    table = "date\n" + "\n".join([*DAYS, "2015-01-01", "2011-01-01"])
    events = es.read_events(io.StringIO(table), date="date", period=PERIOD, label="launches")
    note = "2 of 5 launches lie outside the period and are left out"
    assert events.notes == (note,)
    assert events.distinct().merged(3).within(PERIOD).notes == es.Events(events).notes == (note,)
    result = es.permutation_test(
        events, es.Events(["2012-01-10"]), es.WindowCount(es.Window(-14, 0)), es.CircularShift()
    )
    assert note in " ".join(result.summary().split())


@pytest.mark.parametrize(
    "ask",
    [
        lambda events, anchors, window: es.rate_ratio(events, anchors, window),
        lambda events, anchors, window: es.coincidence_rates(events, anchors, window),
        lambda events, anchors, window: es.lag_profile(events, anchors, es.CircularShift(), lags=(-7, 8)),
        lambda events, anchors, window: es.permutation_family(
            events, anchors, {"before": es.WindowCount(window)}, es.CircularShift()
        ),
        lambda events, anchors, window: es.poisson_regression(
            es.count_table(events, anchors, {"before": window}), "count ~ before"
        ),
    ],
    ids=["rate ratio", "coincidence", "profile", "family", "regression"],
)
def test_every_result_says_which_rows_were_left_out(ask):
    days = [f"2012-{month:02d}-05" for month in range(1, 13)]
    table = "date\n" + "\n".join([*days, "2015-01-01"])
    events = es.read_events(io.StringIO(table), date="date", period=PERIOD, label="launches")
    result = ask(events, es.Events(["2012-01-10", "2012-06-30"]), es.Window(-14, 0))
    for shown in (result.summary(), result._repr_html_()):
        assert "1 of 13 launches lie outside the period and are left out" in " ".join(shown.split())


# --- the command line


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.fixture
def pair(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "anchors.csv").write_text("date\n2012-01-10\n2012-06-10\n")
    return ["--period", "2012-01-01:2013-01-01", "--window=-14:0", "--null", "shift"]


def test_the_command_line_reads_other_separators_and_says_so(tmp_path, pair, capsys):
    (tmp_path / "events.csv").write_bytes(text(";"))
    code, out, err = run(capsys, "test", "events.csv", "anchors.csv", *pair)
    assert code == 0
    assert "note: events.csv: fields are separated by semicolons" in err
    assert "observed    1" in out


BODY = "date,place\n2012-01-05,a\n2012-06-07,b\n"
TITLED = {
    "one cell": ("Launches\n", 2),
    "one cell in each of two lines": ("Launches\nof 2012\n\n", 4),
    "empty cells": ("Launches,\n,\n", 3),
    "more cells than columns": ("Launches, tests, and more\n", 2),
    "a day of export": ("Exported,2020-01-01\n\n", 3),
}


@pytest.mark.parametrize("title", TITLED)
def test_titles_above_the_header_are_passed_over_and_it_is_said(tmp_path, pair, capsys, title):
    above, line = TITLED[title]
    (tmp_path / "events.csv").write_text(above + BODY)
    code, out, err = run(capsys, "test", "events.csv", "anchors.csv", *pair)
    assert (code, "observed    2" in out) == (0, True)
    assert f"note: events.csv: the header is in line {line}\n" in err


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            "Launches,by me\nof 2012,and others\n" + BODY,
            "events.csv:3: this seems to be the header, date, place, and not row 1; read it by --events-date date",
        ),
        (
            BODY.partition("\n")[2],
            "events.csv:1: '2012-01-05' is a date, so this seems to be a row of data; put a line with the names of the "
            "columns above it",
        ),
        ("date,n\n2012-01-05,1\n2013-02-30,2\n", "events.csv:3:date: '2013-02-30' is not a day of the calendar; write"),
        (
            "when,n\n12-13 June 2018,1\n",
            "events.csv:2:when: '12-13 June 2018' names more than one day; give the first as YYYY-MM-DD",
        ),
        ("start,n\n2013-02-30,2\n", "events.csv:2:start: '2013-02-30' is not a day of the calendar; write"),
        ("Date,n\n40615,1\n40712,1\n", "events.csv:2:Date: '40615' is a number that looks like a serial day of Excel"),
        (
            "iyear,imonth,iday,n\n2012,1,5,1\n",
            "events.csv: no column holds dates, the columns are iyear, imonth, iday, n; read year, month and day by "
            "--events-date iyear,imonth,iday",
        ),
    ],
    ids=["two titles", "no header", "one bad date", "two days", "the only date", "serials", "three columns"],
)  # fmt: skip
def test_a_column_of_dates_that_cannot_be_read_is_one_line_with_its_place(
    tmp_path, pair, capsys, table, line
):
    (tmp_path / "events.csv").write_text(table)
    code, out, err = run(capsys, "test", "events.csv", "anchors.csv", *pair)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(line)
    if "; read" in line:  # the fix works as it is typed
        option, column = line.split()[-2:]
        assert run(capsys, "test", "events.csv", "anchors.csv", *pair, option, column)[0] == 0


def test_an_excel_sheet_without_a_header_loses_no_event(tmp_path):
    pd.DataFrame([["2012-01-05", "a"], ["2012-02-05", "b"]]).to_excel(
        tmp_path / "a.xlsx", index=False, header=False
    )
    for ask in ({}, {"date": "date"}, {"date": "2012-01-05"}):
        with pytest.raises(
            DataError, match=r"a.xlsx:1: '2012-01-05' is a date, so this seems to be a row of data"
        ):
            es.read_events(tmp_path / "a.xlsx", **ask)


def test_the_order_of_day_and_month_can_be_stated(tmp_path, pair, capsys):
    (tmp_path / "events.csv").write_text("date\n1/5/2012\n6/7/2012\n6/13/2012\n")
    code, _, err = run(capsys, "test", "events.csv", "anchors.csv", *pair)
    assert code == 2
    assert "'1/5/2012' is ambiguous, day or month first" in err
    assert "--events-format '%m/%d/%Y'" in err
    code, out, _ = run(capsys, "test", "events.csv", "anchors.csv", *pair, "--events-format", "%m/%d/%Y")
    assert code == 0
    assert "observed    2" in out
    code, _, err = run(capsys, "test", "events.csv", "anchors.csv", *pair, "--events-format", "%m/%d")
    assert (code, "--events-format '%m/%d': it must name the year" in err) == (2, True)


def test_year_month_and_day_can_be_named_on_the_command_line(tmp_path, pair, capsys):
    (tmp_path / "events.csv").write_text("id,y,m,d\n201201050001,2012,1,5\n201206070002,2012,6,7\n")
    code, _, err = run(capsys, "test", "events.csv", "anchors.csv", *pair)
    assert (code, "or those of year, month and day with commas between them" in err) == (2, True)
    code, out, _ = run(capsys, "test", "events.csv", "anchors.csv", *pair, "--events-date", "y,m,d")
    assert (code, "observed    2" in out) == (0, True)


def test_only_a_column_of_dates_is_taken_for_one(tmp_path, pair, capsys):
    table = "id,decimal,value,serial,date\n"
    table += "".join(f"20120{m}03000{m},2012.{m}1780,24{m}.904,409{m}0,2012-0{m}-05\n" for m in range(1, 8))
    (tmp_path / "events.csv").write_text(table)
    code, _, err = run(capsys, "test", "events.csv", "anchors.csv", *pair)
    assert (code, "dates from column 'date', the only one" in err) == (0, True)


def test_of_two_sheets_the_one_with_dates_is_found(tmp_path, pair, capsys):
    with pd.ExcelWriter(tmp_path / "events.xlsx") as book:
        pd.DataFrame({"remark": ["made in May", "by hand"]}).to_excel(book, sheet_name="Notes", index=False)
        FRAME.to_excel(book, sheet_name="Data", index=False)
    code, _, err = run(capsys, "test", "events.xlsx", "anchors.csv", *pair)
    assert (code, "dates from column 'date'" in err) == (0, True)


def test_rows_outside_and_rows_without_a_date_are_in_the_answer(tmp_path, pair, capsys):
    (tmp_path / "events.csv").write_text("date\n2012-01-05\n2015-01-01\nNA\n")
    code, _, err = run(capsys, "test", "events.csv", "anchors.csv", *pair)
    assert (code, '--events-where "date.notna()"' in err) == (2, True)
    code, out, _ = run(capsys, "test", "events.csv", "anchors.csv", *pair, "--events-where", "date.notna()")
    flat = " ".join(out.split())
    assert code == 0
    assert "1 row of events has no date and is left out by the query" in flat
    assert "1 of 2 events lie outside the period and are left out" in flat


def test_what_import_writes_every_later_command_reads(tmp_path, pair, capsys):
    (tmp_path / "events.csv").write_text("date,uncertainty\n2012-01-05,3\n2012-06-07,0\n2012-08-01,10\n")
    asked = ["events.csv", "anchors.csv", *pair, "--seed", 1, "--n-resamples", 200]
    code, out, _ = run(capsys, "test", *asked)
    assert (code, "averaged over the uncertainty of 2 dates" in " ".join(out.split())) == (0, True)
    code, out, _ = run(capsys, "test", *asked, "--as-dated")
    assert code == 0
    assert "the dates of 2 of 3 events are uncertain and are used as given" in " ".join(out.split())
    code, _, err = run(capsys, "profile", "events.csv", "anchors.csv", "--period", "2012-01-01:2013-01-01", "--null",
                       "shift", "--seed", 1, "--n-resamples", 99)  # fmt: skip
    assert (code, "--as-dated" in err) == (2, True)


# --- panels


def panel(events, anchors, **more):
    return es.panel_test(
        events,
        anchors,
        es.WindowCount(es.Window(-14, 0)),
        es.CircularShift(),
        by="pair",
        period=PERIOD,
        **more,
    )


EVENTS = pd.DataFrame({"pair": ["a", "a", "b"], "date": ["2012-01-05", "2015-01-01", "2012-06-07"]})


def test_a_panel_says_what_it_left_out_and_what_matched():
    result = panel(EVENTS, pd.DataFrame({"pair": ["a", "c"], "date": ["2012-01-10", "2012-06-10"]}))
    assert result.notes == (
        "1 of 3 events lie outside the period and are left out",
        "1 of 3 groups have both events and anchors, matched by pair",
    )
    flat = " ".join(result.summary().split())
    assert all(note in flat for note in result.notes)
    inside = panel(
        EVENTS.drop(index=1), pd.DataFrame({"pair": ["a", "c"], "date": ["2012-01-10", "2012-06-10"]})
    )
    pd.testing.assert_frame_equal(result.to_frame(), inside.to_frame())


def test_tables_that_share_no_group_are_refused():
    anchors = pd.DataFrame({"pair": ["Oslo", "Bonn"], "date": ["2012-01-10", "2012-06-10"]})
    with pytest.raises(
        EventsError, match="no group by pair has both events and anchors: events have 2, such as "
    ):
        panel(EVENTS, anchors)


def test_a_panel_chooses_rows_and_reads_other_forms(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.csv").write_text("pair;when;kind\na;5/1/2012;x\nb;7/6/2012;y\na;NA;x\n")
    (tmp_path / "anchors.csv").write_text("pair,date\na,2012-01-10\nb,2012-06-10\n")
    asked = ["panel", "events.csv", "anchors.csv", "--by", "pair", "--window=-14:0", "--null", "shift",
             "--period", "2012-01-01:2013-01-01", "--events-date", "when"]  # fmt: skip
    code, _, err = run(capsys, *asked)
    assert (code, "--events-format '%d/%m/%Y'" in err) == (2, True)
    code, out, err = run(capsys, *asked, "--events-format", "%d/%m/%Y", "--events-where", "kind == 'y'")
    assert code == 0
    assert "1 of 2 groups have both events and anchors, matched by pair" in err
    assert "1 events" in out
    code, out, err = run(capsys, *asked, "--events-format", "%d/%m/%Y", "--events-where", "when.notna()")
    assert (code, "1 rows of events have no date and are left out by the query" in err) == (0, True)


def test_a_panel_refuses_uncertain_dates_rather_than_drop_the_doubt():
    with pytest.raises(DataError, match="events:1:uncertainty: the date is uncertain"):
        panel(EVENTS.assign(uncertainty=[3, 0, 0]), es.Events(["2012-01-10"]))
    assert len(panel(EVENTS.assign(uncertainty=0), es.Events(["2012-01-10"])).to_frame()) == 2


def test_a_folder_of_cells_gives_no_traceback(tmp_path):
    """Whatever the bytes: one error of the package, or events."""
    rng = np.random.default_rng(5)
    heads = [
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"BZh9",
        b"\xfd7zXZ\x00",
        b"PAR1",
        b"<stata_dta>",
        b"$FL2",
        b"\xff\xfe",
        b"{",
    ]
    for number in range(60):
        path = tmp_path / f"{number}.dat"
        path.write_bytes(heads[number % len(heads)] + rng.bytes(40))
        with pytest.raises(EventStudyError) as caught:
            es.read_events(path, date="date")
        assert len(str(caught.value).splitlines()) <= 21


def test_reading_text_needs_neither_excel_nor_parquet(tmp_path):
    (tmp_path / "a.csv").write_bytes(text(";"))
    program = (
        "import sys, eventstudy as es; "
        f"es.read_events({str(tmp_path / 'a.csv')!r}, date='date'); "
        "print('openpyxl' in sys.modules, 'pyreadstat' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["False", "False"]


# --- entries that NumPy would turn into something else


@pytest.mark.parametrize(
    "days",
    [
        np.array(["2018-06-14"], "M8[W]"),
        np.array([1700], "M8[10D]"),
        [np.datetime64("2018-06"), np.datetime64("2018-06-12")],
        [np.datetime64("2018-06-14", "W"), dt.date(2018, 6, 12)],
        [(2018, 6, 12)],
        [[2018, 6, 12]],
        [["2018-06-12"], ["2018-06-13", "2018-06-14"]],
        np.array([(2018, 6)], dtype=[("year", "i4"), ("month", "i4")]),
    ],
)
def test_entries_that_are_not_one_day_each_are_refused(days):
    with pytest.raises(DateError, match=r"^events: .*; (give|write)"):
        es.Events(days)


def test_a_half_precision_number_and_mixed_units_of_time_are_read_as_the_day_they_are():
    assert es.Events(np.array([TWELFTH % 1024], np.float16)).days.tolist() == [TWELFTH % 1024]
    mixed = [np.datetime64("2018-06-12"), np.datetime64("2018-06-12T23:59")]
    assert es.Events(mixed).days.tolist() == [TWELFTH, TWELFTH]


def test_a_panel_whose_anchors_are_of_another_time_is_refused():
    events = pd.DataFrame({"group": ["a", "b"] * 3, "date": pd.date_range("2012-01-05", periods=6)})
    question = (es.WindowCount(es.Window(-14, 0)), es.CircularShift())
    far = pd.DataFrame({"group": ["a"], "date": ["1952-01-10"]})
    with pytest.raises(ReachError, match=r"no anchor of any group with events reaches 2012-01-01"):
        es.panel_test(events, far, *question, by="group", period=PERIOD)
    anchors = pd.DataFrame({"group": ["a", "b"], "date": ["1952-01-10", "2012-02-10"]})
    text = es.panel_test(events, anchors, *question, by="group", period=PERIOD).summary()
    assert "1 not tested, p = 1 (1 no anchor reaches the period)" in " ".join(text.split())


def test_a_panel_whose_shared_anchors_are_of_another_time_tests_no_group_and_is_no_answer_when_typed(
    tmp_path,
):
    events = pd.DataFrame({"group": ["a", "b"] * 3, "date": pd.date_range("2012-01-05", periods=6)})
    question = (es.WindowCount(es.Window(-14, 0)), es.CircularShift())
    result = es.panel_test(events, es.Events(["1952-01-10"]), *question, by="group", period=PERIOD)
    assert result.to_frame()["method"].tolist() == ["none", "none"]
    assert set(result.to_frame()["note"]) == {"not tested: no anchor reaches the period"}
    assert "no anchor of any group with events reaches 2012-01-01" in " ".join(result.summary().split())
    events.to_csv(tmp_path / "events.csv", index=False)
    (tmp_path / "far.csv").write_text("date\n1952-01-10\n", encoding="utf-8")
    typed = ["panel", str(tmp_path / "events.csv"), str(tmp_path / "far.csv"), "--by", "group", "--window=-14:0",
             "--null", "shift", "--period", "2012-01-01:2013-01-01"]  # fmt: skip
    assert main(typed) == 2


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("code == '01'", "a column of numbers, with text"),
        ("code.isin(['01'])", "a column of numbers, with text"),
        (
            "`the code` in ['1']",
            "a column of numbers, with text; write a number without quotes, such as `the code` == 1",
        ),
        ("place == 1", "a column of text, with a number; write place == '1'"),
        ("place in [1, 2]", "a column of text, with a number"),
    ],
)
def test_a_query_that_compares_numbers_with_text_is_refused_as_it_would_choose_no_row(query, what):
    table = "date,place,code,the code\n2012-01-05,Bonn,01,1\n2012-02-05,Oslo,2,2\n"
    with pytest.raises(DataError, match=re.escape(what)):
        es.read_events(io.StringIO(table), date="date", where=query)
    assert len(es.read_events(io.StringIO(table), date="date", where="code.between(1, 2, 'left')")) == 1
    assert len(es.read_events(io.StringIO(table), date="date", where="date.dt.dayofweek == 3")) == 1


NUMBERS = """\
date;size;much;end;iso;hit;km
2012-01-05;1,5;1.234,5;13/06/2012;2012-06-13;TRUE;1
2012-02-05;10,25;NA;14/06/2012;2012-06-14;NA;2 km
2012-03-05;NA;7;;;FALSE;3
"""


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("size > 1,5", "has a comma between two values; write decimals with a point, such as 1.5, and 'and' between"),
        ("date > '2012-01-06', hit", "has a comma between two values"),
        ("size.between(1,5, 2)", "has a comma between two values"),
        ("size == (1,5)", "has a comma between two values"),
        ("size > 1.5", "numbers but for '1,5', with a number; write its numbers with a decimal point, and without a"),
        ("much > 5", "numbers but for '1.234,5', with a number; write its numbers with a decimal point"),
        ("km > 2", "numbers but for '2 km', with a number; correct that cell, or leave it empty"),
        ("size > '1,5'", "orders numbers as text, such as '1,5', by their letters; write them as numbers with a"),
        ("end > '2012-06-13'", "orders dates as text, such as '13/06/2012', by their letters; write them as"),
        ("iso.between('1 June 2012', '2012-07-01')", "orders dates as text, such as '1 June 2012', by their letters"),
    ],
)  # fmt: skip
def test_a_query_never_misreads_a_number_or_a_date_that_is_text(query, what):
    with pytest.raises(DataError, match=re.escape(what)) as caught:
        es.read_events(io.StringIO(NUMBERS), date="date", where=query)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("size == '1,5'", [0]), ("size in ('1,5', '10,25')", [0, 1]), ("iso > '2012-06-13'", [1]),
        ("iso.between('2012-06-14', '2012-07-01')", [1]), ("hit", [0]), ("not hit", [2]), ("hit.notna()", [0, 2]),
    ],
)  # fmt: skip
def test_a_query_on_text_with_codes_for_missing_cells_chooses_what_it_says(query, rows):
    events = es.read_events(io.StringIO(NUMBERS), date="date", where=query)
    assert dates(events) == [f"2012-{row + 1:02d}-05" for row in rows]


def test_na_in_a_column_of_numbers_is_a_missing_number():
    table = "date,n\n2012-01-05,1\n2012-02-05,NA\n2012-03-05,12\n"
    for query, rows in (("n > 5", [2]), ("n.isna()", [1]), ("n.between(1, 2)", [0])):
        events = es.read_events(io.StringIO(table), date="date", where=query)
        assert dates(events) == [f"2012-{row + 1:02d}-05" for row in rows]
