"""The bundled tables: package, checksums, published totals, and the rules between columns and tables.

The tables are read with the standard library alone, so that the checks share no code with the package's reader.
"""

import csv
import datetime as dt
import hashlib
import io
import itertools
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from frictionless import Package

from eventstudy import datasets

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
TABLES = ("launches", "summits", "controls")
ONE_DAY = dt.timedelta(days=1)


def read(name):
    with (RAW / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="module")
def launches():
    return read("launches")


@pytest.fixture(scope="module")
def summits():
    return read("summits")


@pytest.fixture(scope="module")
def controls():
    return read("controls")


@pytest.fixture(scope="module")
def descriptor():
    return json.loads((RAW / "datapackage.json").read_text(encoding="utf-8"))


def day(text):
    return dt.date.fromisoformat(text)


def keys(row):
    return [key.strip() for key in row["source"].split(";")]


def days(rows):
    return {row["date"] for row in rows}


def missiles(rows):
    return sum(int(row["count"]) for row in rows)


def of_year(rows, year, column="date"):
    return [row for row in rows if row[column].startswith(str(year))]


def in_scope(rows):
    return [row for row in rows if row["in_cns_scope"] == "yes"]


def of_kind(rows, *kinds):
    return [row for row in rows if row["kind"] in kinds]


def frictionless_errors(path):
    """Return (resource, error type, field) of every error that frictionless finds in a package."""
    report = Package(str(path)).validate()
    found = [("package", error.type, None) for error in report.errors]
    for task in report.tasks:
        found += [(task.name, error.type, getattr(error, "field_name", None)) for error in task.errors]
    return found


# --- the package -----------------------------------------------------------------------------------


def test_frictionless_finds_no_error_in_the_package():
    assert frictionless_errors(RAW / "datapackage.json") == []


@pytest.mark.parametrize("name", TABLES)
def test_checksum_size_and_row_count_are_those_of_the_file(name, descriptor):
    resource = next(r for r in descriptor["resources"] if r["name"] == name)
    content = (RAW / resource["path"]).read_bytes()
    assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
    assert resource["bytes"] == len(content)
    assert resource["rows"] == len(read(name))


def test_every_table_in_the_folder_is_in_the_package(descriptor):
    assert {r["path"] for r in descriptor["resources"]} == {path.name for path in RAW.glob("*.csv")}


@pytest.mark.parametrize("name", TABLES)
def test_schema_names_the_columns_in_order_and_describes_each(name, descriptor):
    schema = next(r for r in descriptor["resources"] if r["name"] == name)["schema"]
    assert [field["name"] for field in schema["fields"]] == list(read(name)[0])
    assert all(field["title"] and field["description"] for field in schema["fields"])


def test_schema_keeps_to_the_types_and_constraints_that_a_simple_reader_knows(descriptor):
    for resource in descriptor["resources"]:
        assert resource["schema"]["missingValues"] == [""]
        for field in resource["schema"]["fields"]:
            assert field["type"] in {"string", "date", "integer"}
            assert set(field.get("constraints", {})) <= {"required", "unique", "enum", "minimum", "pattern"}


@pytest.mark.parametrize("name", TABLES)
def test_every_value_listed_in_the_schema_occurs(name, descriptor):
    schema = next(r for r in descriptor["resources"] if r["name"] == name)["schema"]
    for field in schema["fields"]:
        listed = field.get("constraints", {}).get("enum")
        if listed is not None:
            assert {row[field["name"]] for row in read(name)} == set(listed)


@pytest.mark.parametrize("name", TABLES)
def test_file_is_plain_csv_without_stray_blanks(name):
    content = (RAW / f"{name}.csv").read_bytes()
    rows = read(name)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    assert out.getvalue().encode("ascii") == content
    for cell in itertools.chain.from_iterable(row.values() for row in rows):
        assert cell == cell.strip()
        assert "  " not in cell


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "error"),
    [
        ("launches", 100, "date", "2017-02-30", "type-error"),
        ("launches", 100, "date", "12/02/2017", "type-error"),
        ("launches", 100, "date", "", "constraint-error"),
        ("launches", 100, "count", "two", "type-error"),
        ("launches", 100, "count", "0", "constraint-error"),
        ("launches", 100, "category", "Srbm", "constraint-error"),
        ("launches", 100, "in_cns_scope", "maybe", "constraint-error"),
        ("launches", 100, "event_id", "NK-1984-04-09-1", "primary-key"),
        ("launches", 100, "event_id", "NK-2017", "constraint-error"),
        ("launches", 100, "source", "CNS; CSIS-BP", "constraint-error"),
        ("summits", 300, "series", "US-KOREA", "constraint-error"),
        ("summits", 300, "host_country", "Korea", "constraint-error"),
        ("summits", 300, "us_president_present", "", "constraint-error"),
        ("summits", 300, "official", "soon", "type-error"),
        ("summits", 300, "reported", "4 Oct 2025", "type-error"),
        ("controls", 200, "kind", "EXERCISES", "constraint-error"),
        ("controls", 200, "end", "9 Sep 2008", "type-error"),
    ],
)
def test_a_corrupted_cell_is_found_by_the_schema(tmp_path, table, row, column, value, error):
    """Without checksums, so that it is the schema that finds it."""
    shutil.copytree(RAW, tmp_path, dirs_exist_ok=True)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        del resource["hash"], resource["bytes"]
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    assert frictionless_errors(tmp_path / "datapackage.json") == []

    rows = read(table)
    rows[row][column] = value
    with (tmp_path / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    found = frictionless_errors(tmp_path / "datapackage.json")
    assert {name for name, _, _ in found} == {table}
    assert error in {kind for _, kind, _ in found}


def test_a_changed_letter_in_a_note_is_found_by_the_checksum(tmp_path):
    shutil.copytree(RAW, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "launches.csv"
    before = path.read_bytes()
    assert before.count(b"First known tests") == 1
    path.write_bytes(before.replace(b"First known tests", b"Worst known tests"))
    assert ("launches", "hash-count", None) in frictionless_errors(tmp_path / "datapackage.json")


# --- the README ------------------------------------------------------------------------------------


def test_the_table_by_year_in_the_readme_is_that_of_the_launches(launches):
    text = (RAW / "README.md").read_text(encoding="utf-8")
    written = re.findall(
        r"^\| (\d{4}|all) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", text, re.M
    )
    assert [row[0] for row in written] == [*sorted({row["date"][:4] for row in launches}), "all"]
    for year, *numbers in written:
        rows = of_year(launches, "" if year == "all" else year)
        scope = in_scope(rows)
        counts = [len(rows), len(days(rows)), missiles(rows), len(scope), len(days(scope)), missiles(scope)]
        assert [int(number) for number in numbers] == counts, year


def test_the_first_table_of_the_readme_gives_rows_and_days_of_the_files(launches, summits, controls):
    text = (RAW / "README.md").read_text(encoding="utf-8")
    written = re.findall(
        r"^\| `(\w+)\.csv` \| (\d+) \| .* \| (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d) \|$", text, re.M
    )
    assert written == [
        ("launches", str(len(launches)), launches[0]["date"], launches[-1]["date"]),
        ("summits", str(len(summits)), summits[0]["start"], max(row["end"] for row in summits)),
        ("controls", str(len(controls)), controls[0]["start"], max(row["end"] for row in controls)),
    ]


def test_what_the_readme_says_of_keys_texts_and_announcements_is_counted_in_the_tables(
    launches, summits, controls
):
    text = " ".join((RAW / "README.md").read_text(encoding="utf-8").split())
    single = [row for row in launches if len(set(keys(row))) == 1]
    cited = Counter("none" if keys(row) == ["KNOW"] else min(len(keys(row)), 2) for row in summits)
    days_known = Counter((bool(row["official"]), bool(row["reported"])) for row in summits)
    official = sum(row["official"] != "" for row in summits)
    reported = sum(row["reported"] != "" for row in summits)
    exercises = of_kind(controls, "EXERCISE")
    by_heart = sum(keys(row) == ["KNOW"] for row in exercises)
    assert (
        f"Of the {len(launches)} rows {len(launches) - len(single)} have two source keys or more and "
        f"{len(single)} have one; every row from 2024 on has two."
    ) in text
    assert max(row["date"] for row in single) < "2024"
    assert days_known[False, True] == 2
    assert (
        f"Of the {len(summits)} rows {cited[2]} rest on two or more texts, {cited[1]} on one and "
        f"{cited['none']} on none; {official} have `official` and {reported} "
        "`reported`, two of them without an official day."
    ) in text
    assert f"{by_heart} of the {len(exercises)} rows are from knowledge alone" in text


def test_the_readme_names_the_tours_of_both_presidents_whose_announcement_was_not_found(summits):
    """A tour is a run of meetings at most three days apart; its first meeting counts."""
    text = " ".join((RAW / "README.md").read_text(encoding="utf-8").split())
    both = [
        row
        for row in summits
        if row["us_president_present"] == row["rok_president_present"] == "yes"
        and row["dprk_present"] == "no"
    ]
    first = [
        row
        for before, row in itertools.pairwise([{"start": "1900-01-01"}, *both])
        if (day(row["start"]) - day(before["start"])).days > 3 and "2012" <= row["start"] < "2025"
    ]
    unknown = [row["summit_id"] for row in first if not (row["official"] or row["reported"])]
    named = f"{', '.join(unknown[:-1])} and {unknown[-1]}"
    assert (
        f"Of the {len(first)} tours of both presidents from 2012 to 2024 the announcement is known for "
        f"{len(first) - len(unknown)}, counted by the first meeting of each. Not found: {named}; but"
    ) in text


def test_every_source_key_is_explained_in_the_readme(launches, summits, controls):
    text = (RAW / "README.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", text))
    used = {key for row in launches for key in keys(row)}
    used |= {re.sub(r"-\d{4}[a-z]?$", "", key) for row in summits + controls for key in keys(row)}
    assert used <= words


def test_every_row_named_in_the_readme_exists(launches, summits, controls):
    text = (RAW / "README.md").read_text(encoding="utf-8")
    ids = {row["event_id"] for row in launches} | {row["summit_id"] for row in summits}
    ids |= {row["control_id"] for row in controls}
    checked = re.search(r"^By hand.*?(?=^## )", text, re.M | re.S).group()
    named = re.findall(r"(?<![\w-])[A-Z][A-Z0-9]*(?:-[A-Z0-9]+[a-z]?)+(?![\w-])", checked)
    assert len(named) >= 70
    assert set(named) <= ids


# --- launches --------------------------------------------------------------------------------------


def test_launch_ids_are_the_date_and_a_running_number_in_the_order_of_the_file(launches):
    running = Counter()
    for row in launches:
        running[row["date"]] += 1
        assert row["event_id"] == f"NK-{row['date']}-{running[row['date']]}"
    assert [row["date"] for row in launches] == sorted(row["date"] for row in launches)


def test_launches_lie_within_the_observed_span(launches, descriptor):
    observed_to = next(r for r in descriptor["resources"] if r["name"] == "launches")["observedTo"]
    assert launches[0]["date"] == "1984-04-09"
    assert launches[-1]["date"] == "2026-10-03" <= observed_to
    text = (RAW / "README.md").read_text(encoding="utf-8")
    assert f"were observed to **{observed_to}**" in text
    assert f"observed to {observed_to})" in descriptor["description"]


def test_the_day_to_which_summits_were_looked_for_is_that_of_the_readme(descriptor):
    looked_for = next(r for r in descriptor["resources"] if r["name"] == "summits")["observedTo"]
    assert f"were looked for to **{looked_for}**" in (RAW / "README.md").read_text(encoding="utf-8")
    assert looked_for == str(datasets.summits_observed_to())


def test_no_two_launch_rows_share_day_missile_and_site(launches):
    assert max(Counter((row["date"], row["missile"], row["site"]) for row in launches).values()) == 1


def test_a_launch_known_to_the_month_stands_on_the_first_and_before_1993(launches):
    by_month = [row for row in launches if row["date_precision"] == "month"]
    assert all(row["date"].endswith("-01") and row["date"] < "1993" for row in by_month)


def test_the_only_launch_in_scope_of_2012_to_2024_without_a_firm_day_is_that_of_may_2015(launches):
    doubtful = [
        row["event_id"]
        for row in in_scope(launches)
        if "2012" <= row["date"] < "2025" and row["date_precision"] != "day"
    ]
    assert doubtful == ["NK-2015-05-08-1"]


def test_a_mixed_outcome_needs_two_missiles(launches):
    assert all(int(row["count"]) >= 2 for row in launches if row["outcome"] == "mixed")


def test_notes_that_speak_of_a_floor_or_an_unknown_number_stand_by_two_or_one(launches):
    for row in launches:
        if "is a floor" in row["note"]:
            assert row["count"] == "2", row["event_id"]
        if "number unknown" in row["note"].lower():
            assert row["count"] == "1", row["event_id"]


def test_a_utc_day_in_a_note_is_the_day_before_the_korean_day(launches):
    """Only launches before 09:00 KST fall on another day in UTC."""
    seen = 0
    for row in launches:
        for number, month in re.findall(r"(\d{1,2}) ([A-Z][a-z]+) in UTC", row["note"]):
            seen += 1
            eve = day(row["date"]) - ONE_DAY
            assert (eve.day, eve.strftime("%B")) == (int(number), month), row["event_id"]
    assert seen > 50


def test_a_time_before_nine_in_the_morning_stands_beside_the_day_in_utc(launches):
    early = [
        row
        for row in launches
        if re.search(r"\b0[0-8]:\d\d(?:-\d\d:\d\d)?(?: and \d\d:\d\d)? KST", row["note"])
    ]
    assert len(early) >= 7
    assert all("in UTC" in row["note"] for row in early)


def test_scope_holds_every_ballistic_class_beyond_short_range_and_no_cruise_missile(launches):
    for row in launches:
        if row["category"] in {"MRBM", "IRBM", "ICBM", "SLBM", "SLV"}:
            assert row["in_cns_scope"] == "yes", row["event_id"]
        if row["category"] in {"CRUISE", "SAM", "MLRS_LARGE"}:
            assert row["in_cns_scope"] == "no", row["event_id"]


def test_rows_listed_by_cns_are_in_scope_and_ten_more_are(launches):
    extra = set()
    for row in launches:
        if {"CNS", "CNS-N", "NAGIX"} & set(keys(row)):
            assert row["in_cns_scope"] == "yes", row["event_id"]
        elif row["in_cns_scope"] == "yes":
            extra.add(row["date"])
    assert extra == {
        "1985-06-07",
        "2023-01-01",
        "2024-05-17",
        "2026-06-25",
        "2026-08-06",
        "2026-08-12",
        "2026-08-20",
        "2026-09-12",
        "2026-09-20",
        "2026-10-03",
    }


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("CNS", "1984-01-01", "2023-04-13"),
        ("CNS-N", "2023-05-01", "2024-11-30"),
        ("NAGIX", "2025-01-01", "2026-04-19"),
        ("WP", "1993-01-01", "2022-01-31"),
        ("PCH", "2023-01-01", "2024-12-31"),
    ],
)
def test_no_source_is_cited_outside_its_reach(launches, key, first, last):
    dates = [row["date"] for row in launches if key in keys(row)]
    assert first <= min(dates)
    assert max(dates) <= last


def test_every_launch_of_2025_up_to_7_november_has_two_source_keys(launches):
    rows = [row for row in launches if "2025-01-01" <= row["date"] <= "2025-11-07"]
    assert len(rows) > 10
    assert all(len(set(keys(row))) >= 2 for row in rows)


def test_2022_has_37_launch_days(launches):
    assert len(days(of_year(launches, 2022))) == 37


@pytest.mark.parametrize(
    ("year", "published"),
    [
        (2006, 7), (2009, 8), (2012, 2), (2013, 6), (2015, 15), (2016, 24), (2017, 21), (2019, 27), (2020, 9),
        (2021, 6), (2022, 69),
    ],
)  # fmt: skip
def test_missiles_in_scope_are_those_of_cns_in_the_years_without_a_known_difference(
    launches, year, published
):
    """CNS / NTI North Korea Missile Test Database, copy of July 2023, one entry per missile."""
    assert missiles(in_scope(of_year(launches, year))) == published


def test_ten_of_the_24_missiles_of_2016_failed(launches):
    """NTI via Statista, 2017; each mixed salvo of that year is a pair with one failure."""
    rows = in_scope(of_year(launches, 2016))
    pairs = [row for row in rows if row["outcome"] == "mixed"]
    assert {row["count"] for row in pairs} == {"2"}
    assert missiles(row for row in rows if row["outcome"] == "failure") + len(pairs) == 10


def test_2019_has_13_launch_days_from_4_may_on(launches):
    """South Korean Joint Chiefs, list for 2019."""
    assert len([date for date in days(of_year(launches, 2019)) if date >= "2019-05-04"]) == 13


def test_the_launch_of_17_august_2022_is_the_18th_of_its_year(launches):
    """Press of that day."""
    assert sorted(days(of_year(launches, 2022))).index("2022-08-17") + 1 == 18


def test_the_launch_of_5_november_2024_is_the_13th_in_scope_of_its_year(launches):
    """Press of that day: ballistic missiles and satellite launchers."""
    assert sorted(days(in_scope(of_year(launches, 2024)))).index("2024-11-05") + 1 == 13


def test_the_launch_of_7_november_2025_is_the_sixth_in_scope_of_its_year(launches):
    """South Korean Joint Chiefs, 7 November 2025."""
    assert sorted(days(in_scope(of_year(launches, 2025)))).index("2025-11-07") + 1 == 6


def test_satellite_launches_are_the_ten_known_ones(launches):
    assert [row["date"] for row in launches if row["category"] == "SLV"] == [
        "1998-08-31", "2006-07-05", "2009-04-05", "2012-04-13", "2012-12-12", "2016-02-07", "2023-05-31", "2023-08-24",
        "2023-11-21", "2024-05-27",
    ]  # fmt: skip


def test_long_range_flights_of_2017_are_the_three_known_ones(launches):
    dates = [row["date"] for row in of_year(launches, 2017) if row["category"] == "ICBM"]
    assert dates == ["2017-07-04", "2017-07-28", "2017-11-29"]


def test_no_launch_is_recorded_in_2018(launches):
    assert of_year(launches, 2018) == []


def test_notes_on_launches_do_not_know_the_meetings_and_the_other_way_round(launches, summits):
    for row in launches:
        assert not re.search(r"summit|visit|APEC|G20|G7|NATO|ASEAN|talks", row["note"]), row["event_id"]
    for row in summits:
        assert not re.search(r"missile|launch|rocket|fired", row["note"]), row["summit_id"]


# --- summits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["summits", "controls"])
def test_rows_are_sorted_by_first_day_and_end_no_earlier_than_they_start(name):
    rows = read(name)
    assert all(day(row["start"]) <= day(row["end"]) for row in rows)
    starts = [row["start"] for row in rows]
    assert starts == sorted(starts)


def test_summits_are_sorted_by_first_day_last_day_and_id(summits):
    order = [(row["start"], row["end"], row["summit_id"]) for row in summits]
    assert order == sorted(order)


def test_no_meeting_lasts_longer_than_ten_days(summits):
    assert all(day(row["end"]) - day(row["start"]) < 10 * ONE_DAY for row in summits)


def test_summit_ids_are_the_series_the_year_and_where_given_the_month(summits):
    for row in summits:
        series, year, month = re.fullmatch(r"(.+?)-(\d{4})(?:-(\d\d))?[a-z]?", row["summit_id"]).groups()
        assert row["series"] == ("ASEAN-EAS" if series == "ASEAN-ROK" else series), row["summit_id"]
        assert row["start"].startswith(year if month is None else f"{year}-{month}"), row["summit_id"]


def test_in_rok_is_yes_exactly_where_south_korea_hosts(summits):
    for row in summits:
        assert (row["in_rok"] == "yes") == (row["host_country"] == "KOR"), row["summit_id"]


def test_the_north_korean_leader_is_present_exactly_in_the_series_named_after_it(summits):
    series = {"US-DPRK", "INTER-KOREAN", "CHINA-DPRK", "RUSSIA-DPRK", "OTHER-DPRK"}
    for row in summits:
        assert (row["dprk_present"] == "yes") == (row["series"] in series), row["summit_id"]


def test_both_presidents_are_present_wherever_the_series_says_so(summits):
    american = {"US-ROK", "US-JAPAN-ROK", "US-JAPAN", "US-CHINA", "US-DPRK", "QUAD"}
    korean = {"US-ROK", "US-JAPAN-ROK", "CHINA-JAPAN-ROK", "INTER-KOREAN"}
    korean |= {"ROK-JAPAN", "ROK-CHINA", "RUSSIA-ROK", "OTHER-ROK"}
    for row in summits:
        if row["series"] in american:
            assert row["us_president_present"] == "yes", row["summit_id"]
        if row["series"] in korean:
            assert row["rok_president_present"] == "yes", row["summit_id"]


def test_no_president_joins_a_meeting_of_series_without_the_country(summits):
    without_us = {"ROK-JAPAN", "ROK-CHINA", "RUSSIA-ROK", "CHINA-JAPAN-ROK", "CHINA-DPRK", "RUSSIA-DPRK"}
    without_us |= {"OTHER-ROK", "OTHER-DPRK"}
    without_rok = {"US-JAPAN", "US-CHINA", "QUAD", "CHINA-DPRK", "RUSSIA-DPRK", "OTHER-DPRK"}
    for row in summits:
        if row["series"] in without_us:
            assert row["us_president_present"] == "no", row["summit_id"]
        if row["series"] in without_rok:
            assert row["rok_president_present"] == "no", row["summit_id"]


@pytest.mark.parametrize("who", ["us_president_present", "rok_president_present", "dprk_present"])
def test_nobody_is_in_two_countries_for_more_than_the_day_of_travel(summits, who):
    rows = [row for row in summits if row[who] == "yes" and row["city"] != "virtual"]
    if who == "dprk_present":  # the two sides of Panmunjom are one place
        rows = [row for row in rows if row["city"] != "Panmunjom"]
    for first, second in itertools.combinations(rows, 2):
        if first["host_country"] != second["host_country"]:
            last = min(day(first["end"]), day(second["end"]))
            assert last <= max(day(first["start"]), day(second["start"])), (
                first["summit_id"],
                second["summit_id"],
            )


@pytest.mark.parametrize(
    ("first", "last"),
    [("2004-03-12", "2004-05-13"), ("2016-12-09", "2017-05-09"), ("2024-12-14", "2025-06-03")],
)
def test_no_south_korean_president_is_present_while_one_is_acting(summits, first, last):
    for row in summits:
        if row["start"] <= last and row["end"] >= first:
            assert row["rok_president_present"] == "no", row["summit_id"]


def test_an_office_gives_the_day_of_a_meeting_before_it_starts_but_for_secret_trips_to_china(summits):
    late = [row for row in summits if row["official"] and day(row["official"]) > day(row["start"])]
    assert {row["series"] for row in late} == {"CHINA-DPRK"}
    assert {row["host_country"] for row in late} == {"CHN"}
    assert all(day(row["official"]) <= day(row["end"]) + ONE_DAY for row in late)


def test_a_day_is_reported_before_an_office_gives_it_and_before_the_meeting(summits):
    reported = [row for row in summits if row["reported"]]
    assert len(reported) >= 9
    for row in reported:
        assert day(row["reported"]) < day(row["official"] or row["start"]), row["summit_id"]
        assert "in the press on" in row["note"], row["summit_id"]


@pytest.mark.parametrize(
    ("column", "words", "least"),
    [
        ("reported", "in the press", 9),
        ("official", "(?:given|announced|confirmed)(?: by [a-z ]+)?", 25),
    ],
)
def test_a_note_that_tells_a_day_of_announcement_tells_that_of_the_cell(summits, column, words, least):
    seen = 0
    for row in summits:
        for number, month in re.findall(rf"{words} on (\d{{1,2}}) ([A-Z][a-z]{{2}})\b", row["note"]):
            seen += 1
            assert row[column] != "", row["summit_id"]
            told = day(row[column])
            assert (told.day, told.strftime("%b")) == (int(number), month), row["summit_id"]
    assert seen >= least


def test_every_meeting_of_the_two_koreas_or_the_us_and_the_north_has_an_announcement(summits):
    rows = [row for row in summits if row["series"] in {"US-DPRK", "INTER-KOREAN"}]
    assert len(rows) == 9
    assert all(row["official"] for row in rows)


def test_rows_of_2026_say_how_sure_they_are(launches, summits):
    """Launches: those from September on, which were entered with such a word."""
    rows = [row for row in summits if row["start"] >= "2026"] + [
        row for row in launches if row["date"] >= "2026-09"
    ]
    assert len(rows) >= 9
    assert all(re.search("(?:high|medium) confidence", row["note"]) for row in rows)


def test_online_meetings_say_so_in_name_or_note(summits):
    for row in summits:
        online = "online" in f"{row['name']} {row['note']}".lower()
        assert (row["city"] == "virtual") == online, row["summit_id"]


def test_marks_of_evidence_agree_with_the_number_of_sources(summits, controls):
    for row in summits + controls:
        cited = keys(row)
        assert len(cited) == len(set(cited))
        one_text = len(cited) == 1 and cited not in (["KNOW"], ["RULE"])
        assert ("knowledge-only" in row["note"]) == (cited == ["KNOW"]), row
        assert ("single-source" in row["note"]) == one_text, row


def test_the_lists_of_the_us_historian_are_cited_for_the_right_country_and_not_after_2024(summits):
    for row in summits:
        if "HO-VIS" in keys(row):
            assert row["host_country"] == "USA", row["summit_id"]
        if "HO-TRAV" in keys(row):
            assert row["host_country"] != "USA", row["summit_id"]
        if {"HO-VIS", "HO-TRAV"} & set(keys(row)):
            assert row["start"] < "2025", row["summit_id"]
            elsewhere = row["summit_id"] == "RUSSIA-ROK-1990-06"  # two guests of the US, in San Francisco
            assert (row["us_president_present"] == "yes") != elsewhere, row["summit_id"]


@pytest.mark.parametrize(
    ("series", "first", "missing", "twice"),
    [
        ("G7", 1984, {2020}, set()),
        ("APEC", 1993, {2019}, {2021}),
        ("G20", 2008, set(), {2009, 2010, 2020, 2021, 2023}),
        ("ASEAN-EAS", 1997, {2006, 2008}, {2007, 2009, 2014, 2019, 2020}),
        ("NATO", 2022, set(), set()),
    ],
)
def test_yearly_forums_met_every_year_but_the_known_ones(summits, series, first, missing, twice):
    """East Asia Summits: 2006 was moved to January 2007, 2008 was broken off at Pattaya in April 2009."""
    met = Counter(int(row["start"][:4]) for row in summits if row["series"] == series)
    assert set(met) == set(range(first, 2026)) - missing
    assert {year for year, times in met.items() if times > 1} == twice
    assert max(met.values()) <= 2


def test_the_three_meetings_of_the_us_president_and_the_north_korean_leader_are_there(summits):
    rows = [(row["start"], row["end"]) for row in summits if row["series"] == "US-DPRK"]
    assert rows == [("2018-06-12", "2018-06-12"), ("2019-02-27", "2019-02-28"), ("2019-06-30", "2019-06-30")]


def test_us_presidents_came_to_south_korea_on_the_known_occasions_since_2012(summits):
    visits = [row for row in summits if row["series"] == "US-ROK" and row["in_rok"] == "yes"]
    assert [row["start"] for row in visits if row["start"] >= "2012"] == [
        "2012-03-25", "2014-04-25", "2017-11-07", "2019-06-29", "2022-05-20", "2025-10-29",
    ]  # fmt: skip


# --- controls --------------------------------------------------------------------------------------


def test_nuclear_tests_are_the_six_known_days(controls):
    assert {row["control_id"]: row["start"] for row in of_kind(controls, "NUCLEAR_TEST")} == {
        "NT-1": "2006-10-09",
        "NT-2": "2009-05-25",
        "NT-3": "2013-02-12",
        "NT-4": "2016-01-06",
        "NT-5": "2016-09-09",
        "NT-6": "2017-09-03",
    }


def test_un_resolutions_carry_the_new_york_dates_of_adoption(controls):
    adopted = {row["control_id"]: row["start"] for row in of_kind(controls, "UNSC_RESOLUTION")}
    assert adopted == {
        "UNSC-825": "1993-05-11",
        "UNSC-1695": "2006-07-15",
        "UNSC-1718": "2006-10-14",
        "UNSC-1874": "2009-06-12",
        "UNSC-2087": "2013-01-22",
        "UNSC-2094": "2013-03-07",
        "UNSC-2270": "2016-03-02",
        "UNSC-2321": "2016-11-30",
        "UNSC-2356": "2017-06-02",
        "UNSC-2371": "2017-08-05",
        "UNSC-2375": "2017-09-11",
        "UNSC-2397": "2017-12-22",
    }


def first_weekday_from(date, weekday):
    return date + (weekday - date.weekday()) % 7 * ONE_DAY


def test_us_elections_fall_on_the_tuesday_after_the_first_monday_of_november(controls):
    expected = {}
    for year in range(1984, 2026, 2):
        kind = "ELECTION_US_PRES" if year % 4 == 0 else "ELECTION_US_MIDTERM"
        expected[first_weekday_from(dt.date(year, 11, 1), 0) + ONE_DAY] = kind
    rows = of_kind(controls, "ELECTION_US_PRES", "ELECTION_US_MIDTERM")
    assert {day(row["start"]): row["kind"] for row in rows} == expected
    assert len(rows) == len(expected)


def test_south_korean_assembly_elections_follow_the_rule_of_the_fiftieth_day(controls):
    """Since 1996 the first Thursday (from 2008 Wednesday) from the 50th day before the term ends on 29 May."""
    dates = [row["start"] for row in of_kind(controls, "ELECTION_ROK_PARL")]
    by_rule = [
        first_weekday_from(dt.date(year, 5, 29) - 50 * ONE_DAY, 3 if year < 2008 else 2).isoformat()
        for year in range(1996, 2025, 4)
    ]
    assert dates == ["1985-02-12", "1988-04-26", "1992-03-24", *by_rule]


def test_south_korean_presidential_elections_follow_the_rule_of_the_seventieth_day(controls):
    """1997-2012 the first Thursday (from 2007 Wednesday) from the 70th day before the term ends on 24 February.

    2017 and 2025 followed a removal; 2022 was moved a week by the holiday of 1 March.
    """
    dates = [row["start"] for row in of_kind(controls, "ELECTION_ROK_PRES")]
    by_rule = [
        first_weekday_from(dt.date(year + 1, 2, 24) - 70 * ONE_DAY, 3 if year < 2007 else 2).isoformat()
        for year in (1997, 2002, 2007, 2012)
    ]
    assert dates == ["1987-12-16", "1992-12-18", *by_rule, "2017-05-09", "2022-03-09", "2025-06-03"]


def test_inaugurations_in_washington_are_on_20_january_after_an_election(controls):
    elected = {int(row["start"][:4]) for row in of_kind(controls, "ELECTION_US_PRES")}
    rows = [row for row in controls if row["control_id"].startswith("LC-US-")]
    assert [row["start"][:4] for row in rows] == ["1989", "1993", "2001", "2009", "2017", "2021", "2025"]
    for row in rows:
        assert row["start"].endswith("-01-20")
        assert int(row["start"][:4]) - 1 in elected


def test_a_south_korean_president_takes_office_after_each_election(controls):
    elected = [row["start"] for row in of_kind(controls, "ELECTION_ROK_PRES")]
    office = [row["start"] for row in controls if re.match("ROK president .* takes office", row["name"])]
    assert len(office) == len(elected) == 9
    for vote, start in zip(elected, office, strict=True):
        assert ONE_DAY <= day(start) - day(vote) <= 75 * ONE_DAY


FOUNDED = {
    "02-08": 1948, "02-16": 1942, "04-15": 1912, "04-25": 1932, "07-27": 1953, "08-15": 1945, "09-09": 1948,
    "10-10": 1945,
}  # fmt: skip


def marked_years(row):
    return re.findall(r"round year \((\d+)\)", row["note"])


def test_anniversaries_are_fixed_days_to_the_end_of_observation_with_round_years_marked(controls):
    rows = of_kind(controls, "DPRK_ANNIVERSARY")
    expected = {f"ANN-{year}-{md}" for year in range(1984, 2027) for md in ["01-01", *FOUNDED]}
    expected -= {f"ANN-{year}-02-08" for year in range(1984, 2018)} | {"ANN-2026-10-10"}
    assert {row["control_id"] for row in rows} == expected
    assert len(rows) == len(expected)
    for row in rows:
        assert row["start"] == row["end"] == row["control_id"][4:]
        age = int(row["start"][:4]) - FOUNDED.get(row["start"][5:], int(row["start"][:4]) - 1)
        assert marked_years(row) == ([str(age)] if age % 5 == 0 else []), row["control_id"]
        moved = row["start"].endswith("04-25") and row["start"] >= "2018"
        assert ("since 2018 the army day proper is 8 Feb" in row["note"]) == moved


def test_parades_on_or_the_night_before_a_round_anniversary_are_marked_with_its_age(controls):
    parades = of_kind(controls, "PARADE")
    assert sum(row["start"].endswith("10-10") for row in parades) == 3
    for row in parades:
        near = {day(row["start"]) + n * ONE_DAY for n in (0, 1)}
        ages = {d.year - FOUNDED[f"{d:%m-%d}"] for d in near if f"{d:%m-%d}" in FOUNDED}
        assert marked_years(row) == [str(age) for age in ages if age % 5 == 0], row["control_id"]


def test_control_ids_carry_the_prefix_of_their_kind_and_the_date_of_their_row(controls):
    prefix = {
        "DPRK_ANNIVERSARY": "ANN-",
        "ELECTION_ROK_PARL": "ROK-PARL-",
        "ELECTION_ROK_PRES": "ROK-PRES-",
        "ELECTION_US_MIDTERM": "US-MID-",
        "ELECTION_US_PRES": "US-PRES-",
        "ENGINE_TEST": "ENG-",
        "EXERCISE": "EX-",
        "LEADERSHIP_CHANGE": "LC-",
        "MORATORIUM": "MOR-",
        "NUCLEAR_TEST": "NT-",
        "PARADE": "PAR-",
        "PARTY_CONGRESS": "PC-",
        "UNSC_RESOLUTION": "UNSC-",
    }
    for row in controls:
        assert row["control_id"].startswith(prefix[row["kind"]])
        if row["kind"] not in {"UNSC_RESOLUTION", "NUCLEAR_TEST"}:
            date = re.search(r"-(\d{4}(?:-\d\d){0,2})$", row["control_id"]).group(1)
            assert row["start"].startswith(date), row["control_id"]


def test_only_exercises_congresses_and_moratoria_last_longer_than_a_day(controls):
    longer = {row["kind"] for row in controls if row["start"] != row["end"]}
    assert longer == {"EXERCISE", "MORATORIUM", "PARTY_CONGRESS"}
    exercises = of_kind(controls, "EXERCISE")
    assert all(day(row["end"]) - day(row["start"]) < 75 * ONE_DAY for row in exercises)


# --- across tables ---------------------------------------------------------------------------------


def test_ids_are_unique_across_the_three_tables(launches, summits, controls):
    ids = [row["event_id"] for row in launches] + [row["summit_id"] for row in summits]
    ids += [row["control_id"] for row in controls]
    assert len(ids) == len(set(ids)) == 287 + 540 + 564
