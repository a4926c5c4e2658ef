"""A study of one's own: what is proposed for two files, what is refused, and that nothing is lost or half written."""

from __future__ import annotations

import datetime
import shutil

import numpy as np
import pytest

import eventstudy as es
from eventstudy.cli.main import main
from eventstudy.errors import DataError, PlanError
from eventstudy.study.new import new_study
from eventstudy.study.plan import read_study
from eventstudy.study.proposal import other_side, propose, propose_period, whole_years
from eventstudy.study.sources import Source, find_date_column
from eventstudy.study.words import near

TODAY = datetime.date(2026, 3, 1)
FORTNIGHT = es.Window(-14, 0)


def days(first, last, number, seed=1):
    """Return random days that include both ends."""
    start, stop = es.Period(first, last).start, es.Period(first, last).stop
    rng = np.random.default_rng(seed)
    return np.unique([start, stop, *rng.integers(start, stop, number - 2)])


def series(first, last, number, label="events", seed=1):
    return es.Events(days(first, last, number, seed), label=label)


def write(path, values, column="date", more=""):
    dates = [str(np.datetime64(int(day), "D")) for day in values]
    header = column + ("," + more if more else "")
    path.write_text(
        "\n".join([header, *(d + (",x" if more else "") for d in dates)]) + "\n", encoding="utf-8"
    )
    return path


@pytest.fixture
def files(tmp_path):
    return (
        write(tmp_path / "strikes.csv", days("2010-01-05", "2019-12-20", 150)),
        write(tmp_path / "elections.csv", days("2010-02-01", "2019-11-20", 14, 2), "day", "place"),
    )


@pytest.fixture
def study(files, tmp_path):
    folder = tmp_path / "my study ü"
    proposal = new_study(
        folder, Source(files[0]), Source(files[1]), FORTNIGHT, today=TODAY, author='Ann "A" Ö'
    )
    return folder, proposal


# What is proposed


@pytest.mark.parametrize(
    ("events", "anchors", "expected"),
    [
        (("2010-01-05", "2019-12-20"), ("2010-02-01", "2019-11-20"), ("2010-01-01", "2020-01-01")),
        (("2010-01-05", "2019-12-20"), ("2013-01-10", "2016-12-24"), ("2013-01-01", "2017-01-01")),
        (("2010-08-05", "2019-12-20"), ("2008-02-01", "2021-11-20"), ("2011-01-01", "2020-01-01")),
    ],
    ids=["both cover ten years", "the anchors cover four", "the events begin in August"],
)
def test_the_period_is_the_whole_years_that_both_files_cover(events, anchors, expected):
    pair = series(*events, 150), series(*anchors, 40, seed=2)
    assert propose_period(*pair, FORTNIGHT)[0] == es.Period(*expected)


def test_without_two_whole_years_the_period_is_the_days_that_both_span():
    """Anchors from 10 March on cast their windows over the 14 days before; the last is that of 1 December."""
    pair = series("2020-01-05", "2020-12-20", 80), series("2020-03-10", "2020-12-01", 12)
    assert propose_period(*pair, FORTNIGHT)[0] == es.Period("2020-02-25", "2020-12-02")


@pytest.mark.parametrize(
    ("first", "window", "primary", "second"),
    [
        (
            "2010-01-01",
            FORTNIGHT,
            ("CalendarPermutation", 'by = "year"'),
            ("CircularShift", 'within = "year"'),
        ),
        (
            "2015-01-01",
            FORTNIGHT,
            ("CalendarPermutation", 'by = "year"'),
            ("CircularShift", 'within = "year"'),
        ),
        (
            "2016-01-01",
            FORTNIGHT,
            ("CircularShift", 'within = "quarter"'),
            ("CircularShift", 'within = "year"'),
        ),
        (
            "2000-01-01",
            FORTNIGHT,
            ("CircularShift", 'within = "quarter"'),
            ("CircularShift", 'within = "year"'),
        ),
        ("2016-01-01", es.Window(-30, 0), ("CircularShift", 'within = "year"'), ("CircularShift", "")),
        ("2019-01-01", FORTNIGHT, ("CircularShift", ""), ("CircularShift", 'within = "quarter"')),
    ],
    ids=["ten years", "five", "four", "twenty", "four, long window", "one"],
)
def test_years_are_exchanged_only_where_there_are_enough_and_not_too_many(first, window, primary, second):
    pair = series(first, "2019-12-31", 80), series(first, "2019-12-31", 20, seed=2)
    found = propose(*pair, window, es.Period(first, "2020-01-01"))
    assert (found.primary.model, found.primary.option) == primary
    assert (found.second.model, found.second.option) == second


def test_anchors_that_come_every_year_on_one_day_rule_out_exchanged_years():
    yearly = es.Events([f"{year}-10-{10 + year % 3}" for year in range(2010, 2020)], label="parades")
    found = propose(series("2010-01-01", "2019-12-31", 150), yearly, FORTNIGHT)
    assert found.primary.model == "CircularShift"
    assert any("no test of dates alone can tell it from a link" in caution for caution in found.cautions)


def test_the_proposal_does_not_depend_on_what_the_comparison_would_find():
    """Moving every event by a day changes what falls into the windows and nothing that is proposed."""
    events, anchors = series("2010-01-05", "2019-12-20", 150), series("2010-02-01", "2019-11-20", 14, seed=2)
    period = es.Period("2010-01-01", "2020-01-01")
    moved = es.Events(events.days + 1, label=events.label)
    assert propose(events, anchors, FORTNIGHT, period) == propose(moved, anchors, FORTNIGHT, period)


@pytest.mark.parametrize(
    ("window", "other"),
    [((-14, 0), (1, 15)), ((1, 15), (-14, 0)), ((0, 14), (-14, 0)), ((-3, 4), (4, 11)), ((-7, -2), (3, 8))],
)
def test_the_other_side_has_as_many_days_and_shares_none(window, other):
    assert other_side(es.Window(*window)) == es.Window(*other)


def test_whole_years_are_counted_only_if_the_period_is_made_of_them():
    assert whole_years(es.Period("2010-01-01", "2020-01-01")) == 10
    assert whole_years(es.Period("2010-01-01", "2019-12-31")) == 0


@pytest.mark.parametrize(
    ("window", "text"),
    [
        ((-14, 0), "the 14 days before"),
        ((-1, 0), "the day before"),
        ((1, 8), "the 7 days after"),
        ((-7, -2), "the days from 7 to 3 before"),
        ((-3, 4), "the days from 3 before to 3 after"),
        ((0, 3), "the days from the day itself to 2 after"),
    ],
)
def test_a_window_is_said_in_words(window, text):
    assert near(es.Window(*window)) == text


# What is written


def test_the_plan_can_be_read_and_says_what_was_proposed(study):
    folder, proposal = study
    plan = read_study(folder / "notebooks" / "plan.toml")
    assert plan.title == "Are there more strikes in the 14 days before elections?"
    assert plan.period == proposal.period == es.Period("2010-01-01", "2020-01-01")
    assert plan.nulls.primary.build() == es.CalendarPermutation(by="year")
    assert plan.family.windows == proposal.family
    assert plan.primary.window in plan.family.windows
    assert plan.seed == 20260301
    events, anchors = plan.events.read(plan.period), plan.anchors.read()
    assert (events.label, anchors.label) == ("strikes", "elections")
    assert plan.events.selection(plan.period).steps[0] == ("rows of the table", len(events))
    assert len(anchors) == 14


def test_the_folder_holds_the_files_as_given_and_says_how_to_go_on(study, files):
    folder, _ = study
    assert (folder / "data" / "raw" / "strikes.csv").read_bytes() == files[0].read_bytes()
    about = (folder / "data" / "raw" / "README.md").read_text(encoding="utf-8")
    assert "| `elections.csv` | anchors | 14 | `day` | 2010-02-01 | 2019-11-20 |" in about
    assert "eventstudy report" in (folder / "README.md").read_text(encoding="utf-8")
    for path in folder.rglob("*.*"):
        assert path.suffix == ".csv" or "«" not in path.read_text(encoding="utf-8"), path
    assert not [path for path in folder.parent.iterdir() if path.name.startswith(".")]


def test_days_with_several_rows_are_said_to_count_once(tmp_path, files):
    twice = [*days("2010-01-05", "2019-12-20", 150)] * 2
    write(tmp_path / "shots.csv", twice)
    new_study(tmp_path / "s", Source(tmp_path / "shots.csv"), Source(files[1]), FORTNIGHT, today=TODAY)
    plan = read_study(tmp_path / "s" / "notebooks" / "plan.toml")
    assert plan.events.label == "days with shots"
    assert plan.title == "Are there more shots in the 14 days before elections?"
    assert "a day counts once" in plan.events.why
    assert len(plan.events.read(plan.period)) == len(set(twice))


# What is refused: one clear line, and no folder

BROKEN = {
    "a missing file": (lambda d: d / "none.csv", {}, "none.csv: there is no such file"),
    "no dates": (
        lambda d: put(d, "a,b\n1,x\n2,y\n"),
        {},
        "bad.csv: no column holds dates, the columns are a, b; choose one with --events-date",
    ),
    "two columns of dates": (
        lambda d: put(d, "a,b\n2010-01-01,2010-01-02\n2011-01-01,2011-02-01\n"),
        {},
        "bad.csv: several columns hold dates, a, b; choose one with --events-date",
    ),
    "a column that is not there": (
        lambda d: put(d, "a\n2010-01-01\n"),
        {"date": "day"},
        "bad.csv:1:day: there is no such column; the columns are a",
    ),
    "a date that is none": (
        lambda d: put(d, "a\n2010-01-01\n2011-01-01\n2011-02-30\n"),
        {},
        "bad.csv:4:a: '2011-02-30' is not a day of the calendar",
    ),
    "no row": (lambda d: put(d, "a\n"), {"date": "a"}, "bad.csv: there is a header and no row"),
    "a label that is no name": (
        lambda d: put(d, "a\n2010-01-01\n"),
        {"label": "@me"},
        "bad.csv: '@me' is no plain name of at most 30 letters; give one with --events-label launches",
    ),
    "a short period": (
        lambda d: put(d, "a\n2010-01-01\n2010-03-01\n"),
        {},
        "has 43 days, and a window of 14 days needs 180 to compare with; bring longer tables",
    ),
    "an event on every day": (
        lambda d: write(d / "bad.csv", es.Period("2010-01-01", "2020-01-01").days),
        {},
        "hardly a day without",
    ),
    "other years than the anchors": (
        lambda d: write(d / "bad.csv", days("1990-01-01", "1999-12-30", 50)),
        {},
        "elections: none lies near 1990-01-01 to 1999-12-30",
    ),
}


def put(folder, text):
    (folder / "bad.csv").write_text(text, encoding="utf-8")
    return folder / "bad.csv"


@pytest.mark.parametrize(("make", "options", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_cannot_be_used_gives_one_clear_line_and_no_folder(
    tmp_path, files, make, options, message
):
    bad = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises((DataError, PlanError)) as caught:
        new_study(tmp_path / "s", Source(bad, **options), Source(files[1]), FORTNIGHT, today=TODAY)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_is_there_is_never_written_over(study, files):
    folder, _ = study
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(PlanError, match="it is there already and is not written over; choose another name"):
        new_study(folder, Source(files[0]), Source(files[1]), FORTNIGHT, today=TODAY)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_two_files_of_one_name_or_one_label_are_refused(tmp_path, files):
    (tmp_path / "other").mkdir()
    twin = shutil.copy(files[1], tmp_path / "other" / "strikes.csv")
    with pytest.raises(PlanError, match=r"both files have the name strikes\.csv; rename one"):
        new_study(tmp_path / "s", Source(files[0]), Source(tmp_path / twin), FORTNIGHT, today=TODAY)
    with pytest.raises(PlanError, match="both called 'strikes'; tell them apart with --events-label"):
        new_study(tmp_path / "s", Source(files[0]), Source(files[1], label="strikes"), FORTNIGHT, today=TODAY)


def test_the_column_of_dates_is_found_among_numbers_and_text(tmp_path):
    path = put(tmp_path, "id,year,when,place\n1,2010,05 Jan 2010,a\n2,2011,,b\n3,2012,7 March 2012,c\n")
    assert find_date_column(path, "events") == "when"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.csv", r"plan\.toml:events:file: there is no file data/raw/none\.csv; put it there"),
        ("../raw/strikes.csv", "is not the name of a file in data/raw; give the name alone"),
    ],
)
def test_a_plan_reads_only_files_of_its_own_folder(study, name, message):
    path = study[0] / "notebooks" / "plan.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("strikes.csv", name, 1), encoding="utf-8")
    with pytest.raises(PlanError, match=message):
        read_study(path)


def test_the_command_writes_the_folder_and_says_what_it_proposes(files, tmp_path, capsys):
    folder = tmp_path / "s"
    command = ["new", str(folder), "--events", str(files[0]), "--anchors", str(files[1]), "--window", "-21:0"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "period     2010-01-01 to 2020-01-01 (not included)" in said
    assert "eventstudy report" in said
    assert read_study(folder / "notebooks" / "plan.toml").primary.window == es.Window(-21, 0)
    assert main(command) == 2
    assert capsys.readouterr().err.rstrip("\n").endswith("choose another name")
