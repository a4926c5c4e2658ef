"""Readers for files of others: known answers on invented rows in their layouts, and what they refuse."""

from __future__ import annotations

import datetime
import gzip
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DataError, OptionError
from eventstudy.events import to_days
from eventstudy.sources import acled, cns, gdelt, ucdp

FIXTURES = Path(__file__).parent / "fixtures"


def dates(reading):
    return [f"{day:%Y-%m-%d}" for day in reading.events.dates]


def doubt(reading):
    events = reading.events
    return [0] * len(events) if events.uncertainty is None else events.uncertainty.tolist()


def edited(tmp_path, name, *changes):
    """Copy a fixture with some of its text exchanged."""
    text = (FIXTURES / name).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(reader, path):
    with pytest.raises(DataError) as caught:
        reader.read(path)
    return [line.removeprefix(str(path)) for line in str(caught.value).splitlines()]


# ACLED


def test_acled_dates_of_a_week_and_a_month_carry_3_and_15_days():
    reading = es.sources.ACLED().read(FIXTURES / "acled.csv")
    assert dates(reading) == ["2021-03-04", "2021-03-04", "2021-03-10", "2021-04-15", "2021-05-01"]
    assert doubt(reading) == [0, 0, 3, 15, 0]
    assert (reading.layout, reading.rows, dict(reading.left_out)) == ("since March 2023", 5, {})


def test_acled_events_without_a_sure_day_can_be_left_out_or_taken_as_dated():
    out = es.sources.ACLED(imprecise="leave out").read(FIXTURES / "acled.csv")
    assert dates(out) == ["2021-03-04", "2021-03-04", "2021-05-01"]
    assert dict(out.left_out) == {"the day is not known exactly": 2}
    kept = es.sources.ACLED(imprecise="as dated").read(FIXTURES / "acled.csv")
    assert (len(kept.events), doubt(kept)) == (5, [0] * 5)
    assert dict(kept.notes) == {"the day is not known exactly": 2}


def test_acled_rows_are_chosen_by_a_query_and_accounted_for():
    reader = es.sources.ACLED(where="event_type == 'Protests' and event_date >= '2021-04-01'")
    reading = reader.read(FIXTURES / "acled.csv", label="protests")
    assert dates(reading) == ["2021-05-01"]
    assert dict(reading.left_out) == {"not selected by the query": 4}
    assert reading.reader == repr(reader)
    assert eval(reading.reader, vars(es.sources)) == reader  # the text can be typed again
    assert "protests" in reading.summary()
    assert "4: not selected by the query" in reading.summary()


def test_acled_before_2023_is_known_too():
    reading = es.sources.ACLED().read(FIXTURES / "acled-2022.csv")
    assert reading.layout == "before March 2023"
    assert dates(reading) == ["2021-03-04", "2021-03-10"]


def test_acled_refuses_unknown_columns_codes_and_events_that_stand_twice(tmp_path):
    path = edited(tmp_path, "acled.csv", ("time_precision", "precision"))
    (line,) = refused(es.sources.ACLED(), path)
    assert line == (
        ":1: the columns are not those of ACLED (since March 2023): 'time_precision' is missing, 'precision' is not "
        "known; give the file as the source publishes it, or read the dates alone by es.read_events(path, date=...)"
    )
    path = edited(tmp_path, "acled.csv", ("2021-03-10,2021,2", "2021-03-10,2021,4"), ("ATL5", "ATL1"))
    assert refused(es.sources.ACLED(), path) == [
        ":3:time_precision: '4' is not one of '1', '2', '3'; see the codebook",
        ":7:event_id_cnty: it appears in an earlier row too; leave one of the two out",
    ]
    spared = es.sources.ACLED(where="event_type == 'Protests'")
    assert refused(spared, path) == [
        ":7:event_id_cnty: it appears in an earlier row too; leave one of the two out"
    ]


def test_an_unknown_choice_is_refused_when_the_reader_is_made():
    for make in (
        lambda: es.sources.ACLED(imprecise="drop"),
        lambda: es.sources.UCDPGED(day="mean"),
        lambda: es.sources.GDELT(date="MonthYear"),
        lambda: es.sources.CNSMissileTests(clock="japan"),
        lambda: es.sources.CSISProvocations(types="Missile Provocation"),
        lambda: es.sources.CSISProvocations(types=("Missile",)),
    ):
        with pytest.raises(OptionError, match=r"give (some of|.* or ')"):
            make()


# UCDP GED


def test_ged_takes_the_middle_of_the_days_that_are_possible_and_says_how_far_off_it_may_be():
    """1 to 5 February: the 3rd, 2 off; March: the 16th, 15 off; one day with code 3: a week, so 3 off."""
    reading = es.sources.UCDPGED(where="type_of_violence == 1").read(FIXTURES / "ged.csv")
    assert dates(reading) == ["2020-01-05", "2020-02-03", "2020-03-16", "2020-04-08", "2020-07-01"]
    assert doubt(reading) == [0, 2, 15, 3, 1]
    assert dict(reading.left_out) == {"not selected by the query": 1, "code_status is not Clear": 1}


def test_ged_keeps_each_possible_day_within_the_uncertainty():
    table = pd.read_csv(FIXTURES / "ged.csv")
    reading = es.sources.UCDPGED(clear=False, where="date_prec != 3").read(FIXTURES / "ged.csv")
    low = reading.events.days - doubt(reading)
    high = reading.events.days + doubt(reading)
    table = table[table["date_prec"] != 3].sort_values("date_start")
    known = sorted(zip(to_days(table["date_start"]), to_days(table["date_end"]), strict=True))
    found = sorted(zip(low, high, strict=True))
    assert all(a <= start and end <= b for (start, end), (a, b) in zip(known, found, strict=True))


def test_ged_choices_of_day_active_years_and_status():
    read = FIXTURES / "ged.csv"
    start = es.sources.UCDPGED(day="start", imprecise="as dated").read(read)
    assert dates(start)[:3] == ["2020-01-01", "2020-01-05", "2020-02-01"]
    end = es.sources.UCDPGED(day="end", imprecise="leave out").read(read)
    assert dates(end) == ["2020-01-05"]
    active = es.sources.UCDPGED(active_years=True, clear=False).read(read)
    assert dict(active.left_out) == {"fewer than 25 deaths of the dyad in the year": 1}
    with pytest.raises(OptionError, match="err to one side only; give day='middle'"):
        es.sources.UCDPGED(day="start")


def test_ged_refuses_an_end_before_the_start_and_unknown_codes(tmp_path):
    path = edited(
        tmp_path,
        "ged.csv",
        ("1,2020-01-05 00:00:00.000,2020-01-05", "6,2020-01-05 00:00:00.000,2020-01-05"),
        ("2020-02-05", "2020-01-31"),
        ("ATL-2020-1-3,2020,0", "ATL-2020-1-3,2020,maybe"),
    )
    lines = refused(es.sources.UCDPGED(), path)
    assert [line.split(";")[0] for line in lines] == [
        ":2:date_prec: '6' is not one of '1', '2', '3', '4', '5'",
        ":3:date_end: it comes before date_start",
        ":4:active_year: 'maybe' is not one of '1', '0', 'TRUE', 'FALSE', 'True', 'False', 't', 'f'",
    ]


# GDELT


def test_gdelt_versions_are_told_by_the_number_of_columns():
    assert [len(layout.columns) for layout in gdelt.LAYOUTS.values()] == list(gdelt.LAYOUTS)
    two = es.sources.GDELT().read(FIXTURES / "gdelt-2.export.CSV")
    assert (two.layout, dates(two)) == ("GDELT 2.0, 61 columns", ["2019-01-05", "2020-01-05"])
    assert dict(two.left_out) == {"not a root event": 1}
    one = es.sources.GDELT().read(FIXTURES / "gdelt-1.export.CSV")
    assert (one.layout, dates(one)) == (
        "GDELT 1.0 since April 2013, 58 columns",
        ["2014-01-05", "2014-01-06"],
    )


def test_gdelt_gives_the_day_of_the_event_or_of_the_news():
    added = es.sources.GDELT(date="DATEADDED", root_events=False)
    assert dates(added.read(FIXTURES / "gdelt-2.export.CSV")) == ["2020-01-05"] * 3
    assert dates(added.read(FIXTURES / "gdelt-1.export.CSV")) == ["2014-01-06"] * 2


def test_gdelt_codes_are_text_and_quotes_mean_nothing():
    chosen = es.sources.GDELT(where="EventCode == '010'").read(FIXTURES / "gdelt-2.export.CSV")
    assert dates(chosen) == ["2019-01-05"]
    place = es.sources.GDELT(where="ActionGeo_FullName == 'Port \"Old\" Town' and NumMentions > 1")
    assert len(place.read(FIXTURES / "gdelt-2.export.CSV").events) == 2


def test_gdelt_refuses_other_widths_archives_and_broken_lines(tmp_path):
    path = tmp_path / "x.CSV"
    path.write_text("1\t20200105\n")
    (line,) = refused(es.sources.GDELT(), path)
    assert line.startswith(
        ":1: it has 2 columns separated by tabs, but an export of GDELT has one of 61, 58, 57"
    )
    text = (FIXTURES / "gdelt-2.export.CSV").read_text()
    path.write_text(text.replace("Port ", "Port\t", 1))
    assert refused(es.sources.GDELT(), path)[0].startswith(":1: it has 62 columns")
    path.write_text(text.replace("\t20200104\t", "\t20200104\t\t", 1))
    assert refused(es.sources.GDELT(), path) == [
        ":3: it has 62 fields and the first line 61; look for a broken line"
    ]
    path.write_text(text.replace("\t20190105\t", "\t20191305\t", 1))
    assert refused(es.sources.GDELT(), path) == [
        ":2:SQLDATE: '20191305' is not a day of the calendar; write YYYY-MM-DD"
    ]
    (tmp_path / "packed.CSV.gz").write_bytes(gzip.compress(text.encode()))
    packed, plain = (
        es.sources.GDELT().read(file).events
        for file in (tmp_path / "packed.CSV.gz", FIXTURES / "gdelt-2.export.CSV")
    )
    assert packed.days.tolist() == plain.days.tolist()


# CSIS


def test_csis_missile_provocations_are_kept_and_the_others_counted():
    reading = es.sources.CSISProvocations().read(FIXTURES / "csis.csv")
    assert dates(reading) == ["2020-03-02", "2022-01-05"]
    assert dict(reading.left_out) == {"of another type": 2}
    reader = es.sources.CSISProvocations(
        ("Nuclear Provocation", "Missile Provocation"), where="event != 'Artillery Fire'"
    )
    assert dates(reader.read(FIXTURES / "csis.csv")) == ["2020-09-09", "2022-01-05"]


def test_csis_refuses_a_type_it_does_not_know(tmp_path):
    path = edited(tmp_path, "csis.csv", ("Other Provocation", "Cyber Provocation"))
    (line,) = refused(es.sources.CSISProvocations(), path)
    assert line.startswith(
        ":3:type: 'Cyber Provocation' is not one of 'Missile Provocation', 'Nuclear Provocation'"
    )


# CNS / NTI


def test_cns_launches_at_15_utc_or_later_fall_on_the_next_korean_day():
    """20:34 UTC on 24 July is 05:34 on 25 July in Korea; 07:29 UTC stays; a month alone is its middle."""
    korea = es.sources.CNSMissileTests().read(FIXTURES / "cns.xlsx")
    assert dates(korea) == ["1984-09-15", "2016-04-09", "2016-07-25", "2016-07-25", "2016-09-09"]
    assert doubt(korea) == [15, 0, 0, 0, 0]
    assert dict(korea.left_out) == {"unconfirmed": 1}
    assert dict(korea.notes) == {"no launch time, so the day may be that of UTC": 1}
    utc = es.sources.CNSMissileTests(clock="utc", confirmed=False, imprecise="leave out").read(
        FIXTURES / "cns.xlsx"
    )
    assert dates(utc) == ["2016-04-09", "2016-07-24", "2016-07-24", "2016-09-09", "2016-10-01"]
    success = es.sources.CNSMissileTests(where="`Test Outcome` == 'Failure'").read(FIXTURES / "cns.xlsx")
    assert dates(success) == ["2016-07-25"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("9-Apr-84", ("1984-04-09", 0)),
        ("29-Feb-24", ("2024-02-29", 0)),
        ("Sep-84", ("1984-09-15", 15)),
        ("1993-02", ("1993-02-14", 14)),
        ("1986-05", ("1986-05-16", 15)),
        ("2016-04-09 00:00:00", ("2016-04-09", 0)),
    ],
)
def test_cns_days_and_months_are_read_in_every_form_of_the_sheet(cell, expected):
    day, off = cns._day(cell)
    assert (str(pd.Timestamp(day, unit="D").date()), off) == expected


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("7:29:00 AM", 7),
        ("12:05 AM", 0),
        ("12:05 PM", 12),
        ("8:34:00 PM", 20),
        ("20:34:00", 20),
        ("Unknown", None),
    ],
)
def test_cns_times_of_day_are_read_in_both_clocks(cell, hour):
    assert cns._hour(cell) == hour


@pytest.mark.parametrize("cell", ["25:00", "13:00 PM", "7:61", "noon"])
def test_what_is_no_time_of_day_is_refused(cell):
    assert "is not a time of day" in cns._hour(cell)


def test_cns_refuses_what_it_does_not_know(tmp_path):
    book = openpyxl.load_workbook(FIXTURES / "cns.xlsx")
    sheet = book["Missile Tests"]
    sheet["B3"].value = "spring 2016"
    sheet["D4"].value = "evening"
    sheet["P5"].value = "Perhaps"
    sheet["A7"].value = 5
    book.save(tmp_path / "x.xlsx")
    assert [line.split(";")[0] for line in refused(es.sources.CNSMissileTests(), tmp_path / "x.xlsx")] == [
        ":3:Date: 'spring 2016' is neither a day nor a month of a year",
        ":4:Launch Time (UTC): 'evening' is not a time of day",
        ":5:Confirmation Status: 'Perhaps' is not one of 'Confirmed', 'Unconfirmed'",
        ":7:F1: it appears in an earlier row too",
    ]
    with pytest.raises(OptionError, match="where names the column Date, which is text here"):
        es.sources.CNSMissileTests(where="Date > '2016'").read(FIXTURES / "cns.xlsx")
    sheet["B1"].value = "Day"
    book.save(tmp_path / "x.xlsx")
    (line,) = refused(es.sources.CNSMissileTests(), tmp_path / "x.xlsx")
    assert line.startswith(": no sheet has the columns F1, Date")


# All of them


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        (es.sources.ACLED(), "acled.csv"),
        (es.sources.UCDPGED(), "ged.csv"),
        (es.sources.GDELT(), "gdelt-2.export.CSV"),
        (es.sources.CSISProvocations(), "csis.csv"),
        (es.sources.CNSMissileTests(), "cns.xlsx"),
    ],
)
def test_every_row_is_an_event_or_left_out_for_a_reason(reader, name):
    reading = reader.read(FIXTURES / name)
    assert reading.rows == len(reading.events) + sum(reading.left_out.values())
    assert reading.events.period is None
    assert len(reading.events.within(es.Period("1984-01-01", "2030-01-01"))) == len(reading.events)
    assert reading.record()["sha256"] == reading.sha256
    assert list(reading.to_frame()["date"]) == list(reading.events.dates)


def test_the_size_of_the_blocks_changes_nothing(monkeypatch):
    whole = es.sources.UCDPGED().read(FIXTURES / "ged.csv")
    monkeypatch.setattr("eventstudy.io.delimited.BLOCK", 2)
    parts = es.sources.UCDPGED().read(FIXTURES / "ged.csv")
    assert parts.to_frame().equals(whole.to_frame())
    assert parts.record() == whole.record()


def test_ged_reads_as_excel_too(tmp_path):
    table = pd.read_csv(FIXTURES / "ged.csv", parse_dates=["date_start", "date_end"])
    table.to_excel(tmp_path / "ged.xlsx", index=False)
    assert (
        es.sources.UCDPGED()
        .read(tmp_path / "ged.xlsx")
        .to_frame()
        .equals(es.sources.UCDPGED().read(FIXTURES / "ged.csv").to_frame())
    )


def test_published_layouts_have_no_column_twice():
    for layout in (*acled.LAYOUTS, ucdp.LAYOUT, cns.LAYOUT, *gdelt.LAYOUTS.values()):
        assert len({*layout.columns, *layout.optional}) == len(layout.columns) + len(layout.optional)
    assert len(ucdp.LAYOUT.columns) == 49
    assert len(cns.LAYOUT.columns) == 19
    assert (
        datetime.date(1970, 1, 1).toordinal() + cns._day("1970-01-02")[0]
        == datetime.date(1970, 1, 2).toordinal()
    )
