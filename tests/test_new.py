"""A study of one's own: what is proposed for two files, what is refused, and that nothing is lost or half written."""

from __future__ import annotations

import datetime
import re
import shutil

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.cli.main import main
from eventstudy.errors import DataError, PlanError
from eventstudy.io.cells import DateCells
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
    ("first", "window", "strata", "exchanged"),
    [
        ("2000-01-01", FORTNIGHT, ("quarter", "month"), True),
        ("2014-01-01", FORTNIGHT, ("quarter", "month"), True),
        ("2015-01-01", FORTNIGHT, ("quarter", "month"), False),
        ("2019-01-01", FORTNIGHT, ("quarter", "month"), False),
        ("2010-01-01", es.Window(-31, 0), ("quarter", "month"), True),
        ("2010-01-01", es.Window(-32, 0), ("year", "quarter"), True),
        ("2016-01-01", es.Window(-32, 0), ("year", "quarter"), False),
    ],
    ids=["twenty years", "six", "five", "one", "a month", "longer", "longer, four years"],
)
def test_years_are_exchanged_from_six_on_else_events_are_shifted_inside_strata(
    first, window, strata, exchanged
):
    pair = series(first, "2019-12-31", 80), series(first, "2019-12-31", 20, seed=2)
    found = propose(*pair, window, es.Period(first, "2020-01-01"))
    models = [(null.model, null.option) for null in (found.primary, found.second)]
    assert found.strata == strata
    if exchanged:
        assert found.statistic == "excess"
        assert models == [("CalendarPermutation", 'by = "year"')] * 2
    else:
        assert found.statistic == "count"
        assert models == [("CircularShift", f'within = "{within}"') for within in strata]
        assert any("crowd at the same end" in caution for caution in found.cautions)


def test_years_without_a_window_are_no_years_to_exchange():
    """Ten years, but anchors in five of them: 5! = 120 matchings differ at most."""
    anchors = series("2010-03-01", "2014-11-20", 20, seed=2)
    found = propose(
        series("2010-01-01", "2019-12-31", 80), anchors, FORTNIGHT, es.Period("2010-01-01", "2020-01-01")
    )
    assert found.statistic == "count"


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        (
            [f"{year}-{month:02}-01" for year in range(2010, 2016) for month in range(1, 13)],
            "regress --freq M",
        ),
        (
            [
                str(day)
                for day in np.arange("2010-01", "2016-01", dtype="datetime64[M]").astype("datetime64[D]") - 1
            ],
            "regress --freq M",
        ),
    ],
    ids=["first days", "last days"],
)
def test_events_known_by_month_are_refused_with_what_can_be_done(dates, told):
    with pytest.raises(PlanError, match="look like months and not days") as caught:
        propose(es.Events(dates, label="strikes"), series("2010-02-01", "2015-11-20", 14), FORTNIGHT,
                es.Period("2010-01-01", "2016-01-01"))  # fmt: skip
    assert told in str(caught.value)


def test_weeks_and_a_shared_weekday_are_told():
    period = es.Period("2010-01-04", "2016-01-04")
    mondays = es.Events.from_days(period.days[::7][::3], None, "strikes")
    sundays = es.Events.from_days(period.days[6::7][::20], None, "elections")
    said = propose(mondays, sundays, FORTNIGHT, period).cautions
    assert any("every date of strikes is a Monday" in caution for caution in said)
    assert not any("both series keep to one weekday" in caution for caution in said)
    said = propose(mondays, sundays, es.Window(-3, 0), period).cautions
    assert any("some weekdays more often than others" in caution for caution in said)
    free = propose(series("2010-01-04", "2015-12-20", 80), sundays, es.Window(-3, 0), period).cautions
    assert not any("strikes" in caution or "both series keep" in caution for caution in free)


def test_little_to_compare_inside_months_is_told():
    anchors = es.Events([f"{year}-{month:02}-28" for year in range(2010, 2018) for month in (1, 4, 8, 11)])
    moved = es.Events.from_days(anchors.days + np.arange(len(anchors)) % 40, None, "elections")
    events, period = series("2010-01-04", "2017-12-20", 80), es.Period("2010-01-01", "2018-01-01")
    short, full = (propose(events, moved, es.Window(-days, 0), period).cautions for days in (7, 31))
    assert not any("what there is to compare" in caution for caution in short)
    inside = es.Window(-31, 0).indicator(moved, period)
    month = np.array(period.dates.year * 12 + period.dates.month)
    share = np.array([inside[month == one].mean() for one in np.unique(month)])
    days = np.unique(month, return_counts=True)[1]
    left = (days * share * (1 - share)).sum() / (len(period) * inside.mean() * (1 - inside.mean()))
    told = [caution for caution in full if caution.startswith("inside each month")]
    assert bool(told) == (left < 0.3)
    assert not told or f"only {left:.0%} is left" in told[0]


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
    assert plan.test("primary").statistic == es.WindowExcess(FORTNIGHT, "quarter")
    assert plan.test("second", es.Window(-7, 0)).statistic == es.WindowExcess(es.Window(-7, 0), "month")
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


def test_days_with_are_not_said_twice(tmp_path, files):
    """A label that says by itself that days are counted stays as it is."""
    write(tmp_path / "shots.csv", [*days("2010-01-05", "2019-12-20", 150)] * 2)
    source = Source(tmp_path / "shots.csv", label="Days with shots")
    new_study(tmp_path / "s", source, Source(files[1]), FORTNIGHT, today=TODAY)
    assert read_study(tmp_path / "s" / "notebooks" / "plan.toml").events.label == "Days with shots"


def test_rows_that_the_period_leaves_out_are_counted(tmp_path, files):
    period = es.Period("2012-01-01", "2019-01-01")
    events = pd.to_datetime(pd.read_csv(files[0])["date"])
    anchors = pd.to_datetime(pd.read_csv(files[1])["day"])
    before, stop = pd.Timestamp("2012-01-01"), pd.Timestamp("2019-01-01")
    outside = int(((events < before) | (events >= stop)).sum())
    # the window before an anchor reaches into the period until 14 days after its end, and not from its first day
    away = int(((anchors <= before) | (anchors > stop + pd.Timedelta(13, "D"))).sum())
    plan = new_study(
        tmp_path / "s", Source(files[0]), Source(files[1]), FORTNIGHT, today=TODAY, period=period
    )
    assert min(outside, away) > 0
    assert plan.cautions[-2:] == (
        f"{outside} of {len(events)} rows of strikes.csv lie outside the period and are left out",
        f"{away} of 14 rows of elections.csv have no day of the window in the period and are left out",
    )


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
    "no row": (lambda d: put(d, "a\n"), {"date": "a"}, "bad.csv: there is a header but no row"),
    "a label that is no name": (
        lambda d: put(d, "a\n2010-01-01\n"),
        {"label": "@me"},
        "bad.csv: '@me' is not a plain name of at most 30 letters; give one with --events-label launches",
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
    with pytest.raises(PlanError, match="it exists already and is not overwritten; choose another name"):
        new_study(folder, Source(files[0]), Source(files[1]), FORTNIGHT, today=TODAY)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_dates_in_three_columns_and_in_a_stated_order_are_kept_in_the_plan(tmp_path, files, capsys):
    strikes = pd.read_csv(files[0], parse_dates=["date"])["date"]
    apart = pd.DataFrame({"y": strikes.dt.year, "m": strikes.dt.month, "d": strikes.dt.day, "sure": "yes"})
    doubted = pd.DataFrame({"y": [2015], "m": [3], "d": [0], "sure": ["no"]})
    pd.concat([apart, doubted]).to_csv(tmp_path / "apart.csv", index=False)
    moved = pd.read_csv(files[1], parse_dates=["day"])["day"]
    moved.dt.strftime("%m/%d/%Y").to_csv(tmp_path / "american.csv", index=False)
    given = ["new", str(tmp_path / "s"), "--events", str(tmp_path / "apart.csv"), "--anchors",
             str(tmp_path / "american.csv"), "--events-label", "strikes", "--anchors-label", "elections"]  # fmt: skip
    chosen = ["--events-date", "y,m,d", "--events-where", "sure == 'yes'"]
    assert main([*given, *chosen]) == 2
    assert (
        "state the order, which '11/20/2019' shows, by --anchors-format '%m/%d/%Y'" in capsys.readouterr().err
    )
    assert main([*given, *chosen, "--anchors-format", "%m/%d/%Y"]) == 0
    file = tmp_path / "s" / "notebooks" / "plan.toml"
    plan = read_study(file)
    assert plan.events.date == ("y", "m", "d")
    assert plan.events.dated().days.tolist() == strikes.to_numpy("datetime64[D]").astype(int).tolist()
    assert plan.anchors.dated().days.tolist() == moved.to_numpy("datetime64[D]").astype(int).tolist()
    assert "`y, m, d`" in (tmp_path / "s" / "data" / "raw" / "README.md").read_text(encoding="utf-8")
    text = file.read_text(encoding="utf-8")
    for wrong, message in (
        (text.replace("%m/%d/%Y", "%m/%d"), "date_format='%m/%d'"),
        (text.replace('["y", "m", "d"]', '["y", "m"]'), "it must be a list of 3"),
    ):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(PlanError, match=re.escape(message)):
            read_study(file)


def test_the_one_column_of_dates_among_thousands_is_found_before_the_reader_sees_the_others(
    tmp_path, monkeypatch
):
    rng = np.random.default_rng(1)
    table = pd.DataFrame({f"v{i}": rng.normal(size=60) for i in range(1_000)})
    table = table.join(pd.DataFrame({f"t{i}": [f"place {i}"] * 60 for i in range(1_000)}))
    table["when"] = pd.date_range("2012-01-01", periods=60).strftime("%d %B %Y")
    table.to_csv(tmp_path / "wide.csv", index=False)
    read, seen = DateCells.read, []
    monkeypatch.setattr(DateCells, "read", lambda self, cells: seen.append(cells.name) or read(self, cells))
    assert find_date_column(tmp_path / "wide.csv", "events") == "when"
    assert set(seen) == {"when"}


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


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "[primary]",
            "[primary",
            r"^notebooks/plan\.toml: it cannot be read as TOML \(.*\); correct that place$",
        ),
        (
            "level = 0.05",
            "level = 5.0",
            r"plan\.toml:primary:level: 5\.0 is not between 0 and 1; give a share",
        ),
        (
            'date = "date"',
            'date = "day"',
            r"strikes\.csv:1:day: there is no such column; the columns are date",
        ),
        (
            "strikes.csv",
            "none.csv",
            r"plan\.toml:events:file: there is no file data/raw/none\.csv; put it there",
        ),
        (
            'date = "date"',
            'date = "date"\nwhere = "n > 1,5"',
            r"the query 'n > 1,5' has a comma between two values",
        ),
    ],
)
def test_what_is_wrong_in_a_plan_is_said_before_any_notebook_runs(study, monkeypatch, right, wrong, message):
    build = pytest.importorskip("eventstudy.report.build")

    def run(*_):
        raise AssertionError("a notebook runs")

    monkeypatch.setattr("eventstudy.report.run.run_notebooks", run)
    plan = study[0] / "notebooks" / "plan.toml"
    with pytest.raises(AssertionError, match="a notebook runs"):
        build.build(study[0], say=str)
    assert right in plan.read_text(encoding="utf-8")
    plan.write_text(plan.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises((PlanError, DataError), match=message) as caught:
        build.build(study[0], say=str)
    assert "\n" not in str(caught.value)


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


def test_windows_that_leave_hardly_a_day_are_not_proposed_nor_a_raster_of_a_thousand_rows(tmp_path):
    """Anchors 15 days apart: with three days on either side and the seven days after them hardly a day is left."""
    events = write(tmp_path / "a.csv", days("2010-01-01", "2019-12-31", 200))
    anchors = write(tmp_path / "b.csv", range(es.Period("2010-01-03", "2020-01-01").start, 18_262, 15))
    plan = new_study(tmp_path / "study", Source(events), Source(anchors), es.Window(-3, 4), today=TODAY)
    assert plan.family == (es.Window(-1, 1), es.Window(-2, 2), es.Window(-3, 4), es.Window(-4, 6))
    assert "other_side" not in plan.formula
    notebook = (tmp_path / "study" / "notebooks" / "01-data.py").read_text(encoding="utf-8")
    assert "raster" not in notebook
    assert "«" not in notebook
