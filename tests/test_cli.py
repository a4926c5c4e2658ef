"""The command line says what the library says, and one clear line where it cannot."""

import contextlib
import dataclasses
import errno
import importlib
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.cli import bench, chance, family, profile, question, regress, test
from eventstudy.cli import statistic as asked_for
from eventstudy.cli.main import COMMANDS, main, parser
from eventstudy.nulls.registry import listed
from eventstudy.regression.count_tables import FREQUENCIES
from eventstudy.regression.covariances import Covariance
from eventstudy.results.permutation import Alternative

ROOT = Path(__file__).parents[1]
OWN = {"test": test, "regress": regress, "profile": profile, "family": family, "bench": bench}
TEN_DAYS = ["--period", "2012-01-01:2012-01-11"]
FOUR_YEARS = ["--period", "2012-01-01:2016-01-01"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Two events, on the 5th and the 7th, and an anchor on the 8th; and a longer pair of files."""
    (tmp_path / "events.csv").write_text("date\n2012-01-05\n2012-01-07\n", encoding="utf-8")
    (tmp_path / "anchors.csv").write_text("name,start\nfirst,2012-01-08\n", encoding="utf-8")
    days = pd.Timestamp("2012-01-01") + pd.to_timedelta(
        [(37 * k + k * k) % 1461 for k in range(60)], unit="D"
    )
    kinds = ["ballistic", "cruise", "ballistic"] * 20
    rows = [f"{day:%Y-%m-%d},{kind}" for day, kind in zip(days, kinds, strict=True)]
    (tmp_path / "launches.csv").write_text("\n".join(["date,kind", *rows, ""]), encoding="utf-8")
    days = pd.Timestamp("2011-12-20") + pd.to_timedelta([73 * k for k in range(20)], unit="D")
    (tmp_path / "summits.csv").write_text(
        "\n".join(["start", *map("{:%Y-%m-%d}".format, days), ""]), encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def program(*arguments, **environment):
    """Return the command that runs the command line in a process of its own, and its environment."""
    source = str(Path(es.__file__).parents[1])
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))
    }
    return {
        "args": [sys.executable, "-m", "eventstudy.cli.main", *arguments],
        "env": clean | {"PYTHONPATH": source, "OPENBLAS_NUM_THREADS": "1"} | environment,
    }


def result_of(capsys, *arguments):
    """Return what a command that succeeds writes to stdout."""
    assert main(arguments) == 0
    return capsys.readouterr().out


def refusal(capsys, *arguments):
    """Return the one line of a command that is refused."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = [line for line in err.splitlines() if ": note: " not in line]
    return line


SHIFTS = """\
Permutation test: events and anchors, 2012-01-01 to 2012-01-11 (not included)
  H0          given every gap between events, so bursts, round the ring over the whole period, the
              events are unrelated to the anchors
  null model  CircularShift(within=None)
  statistic   number of events in the window (3 days before)
  data        2 events, 1 anchors; the window covers 30.0% of the days
  observed    2
  expected    0.60
  ratio       3.33
  p-value     0.100 (greater); two-sided 0.200
  method      exact, all arrangements counted; p cannot be smaller than 0.100 here
"""


def test_of_ten_shifts_only_one_puts_both_events_before_the_anchor(capsys):
    """Days 4 and 6 of ten, the window on days 4 to 6: one shift in ten has both in it, and 2 * 3 / 10 are expected."""
    text = result_of(
        capsys, "test", "events.csv", "anchors.csv", "--window=-3:0", "--null", "shift", *TEN_DAYS
    )
    assert text == SHIFTS


def test_null_models_stand_side_by_side_in_the_order_given(capsys):
    """Two of ten days in three of them: 3 pairs of 45; each year alone leaves one way only; one shift in ten."""
    text = result_of(
        capsys,
        "test",
        "events.csv",
        "anchors.csv",
        "--window=-3:0",
        *TEN_DAYS,
        "--null",
        "uniform",
        "--null",
        "uniform",
        "--within",
        "2012-01-05,2012-01-08",
        "--null",
        "shift",
    )
    rows = [line.split() for line in text.splitlines() if re.search(r"  exact$", line)]
    assert [(row[0], row[-5], row[-3], row[-2]) for row in rows] == [
        ("UniformDays(within=None)", "0.60", "0.067", "0.133"),
        ("UniformDays(within=(15344,", "2.00", "1.000", "1.000"),
        ("CircularShift(within=None)", "0.60", "0.100", "0.200"),
    ]
    assert "uncorrected for the number of null models" in text


def test_a_two_sided_p_value_stands_once(capsys):
    usual = [
        "test",
        "events.csv",
        "anchors.csv",
        "--window=-3:0",
        *TEN_DAYS,
        "--null",
        "uniform",
        "--null",
        "shift",
    ]
    text = result_of(capsys, *usual, "--alternative", "two-sided")
    assert text.count("p (two-sided)") == 1
    assert [line.split()[-2:] for line in text.splitlines() if line.endswith("exact")] == [
        ["0.133", "exact"],
        ["0.200", "exact"],
    ]


def pair():
    """Return the longer series, as the library reads them."""
    events = es.read_events("launches.csv", date="date", period=es.Period("2012-01-01", "2016-01-01"))
    return events, es.read_events("summits.csv", date="start")


def same(found, frame):
    """Hold rows of JSON against a table of the library, value by value and to the last digit."""
    assert [list(row) for row in found] == [list(frame.columns)] * len(frame)
    for row, (_, expected) in zip(found, frame.iterrows(), strict=True):
        for name, value in row.items():
            if isinstance(expected[name], float) and pd.isna(expected[name]):
                assert value is None
            elif expected[name] in (float("inf"), float("-inf")):
                assert float(value) == expected[name]
            else:
                assert value == expected[name]


TESTED = ["test", "launches.csv", "summits.csv", *FOUR_YEARS]
WINDOW = es.Window(-14, 0)


@pytest.mark.parametrize(
    ("arguments", "statistic", "null", "options"),
    [
        (
            [
                *[
                    "--statistic",
                    "excess",
                    "--strata",
                    "month",
                    "--window=-14:0",
                    "--null",
                    "shift",
                    "--within",
                    "year",
                    "--seed",
                    "3",
                ]
            ],
            es.WindowExcess(es.Window(-14, 0), "month"),
            es.CircularShift("year"),
            {"rng": 3},
        ),
        (
            ["--statistic", "excess", "--window=-14:0", "--null", "shift"],
            es.WindowExcess(es.Window(-14, 0)),
            es.CircularShift(),
            {},
        ),
        (["--window=-14:0", "--null", "calendar"], es.WindowCount(WINDOW), es.CalendarPermutation(), {}),
        (
            ["--window=-14:0", "--null", "uniform", "--within", "quarter", "--alternative", "less"],
            es.WindowCount(WINDOW),
            es.UniformDays("quarter"),
            {"alternative": "less"},
        ),
        (
            ["--window=-14:0", "--null", "shift", "--within", "2013-01-01,2014-07-01"],
            es.WindowCount(WINDOW),
            es.CircularShift(["2013-01-01", "2014-07-01"]),
            {},
        ),
        (
            ["--window=-14:0", "--null", "jitter", "--days", "40", "--within", "year"],
            es.WindowCount(WINDOW),
            es.Jitter(40, "year"),
            {},
        ),
        (
            [
                "--window=-14:0",
                "--null",
                "gaps",
                "--seed",
                "7",
                "--n-resamples",
                "199",
                "--confidence-level",
                "0.9",
            ],
            es.WindowCount(WINDOW),
            es.ShuffledGaps(),
            {"rng": 7, "n_resamples": 199, "confidence_level": 0.9},
        ),
        (
            ["--window=-14:0", "--null", "poisson", "--trend", "none", "--harmonics", "1"],
            es.WindowCount(WINDOW),
            es.PoissonIntensity(WINDOW, trend=None, harmonics=1),
            {},
        ),
        (
            ["--window=-14:0", "--null", "poisson", "--without", "none"],
            es.WindowCount(WINDOW),
            es.PoissonIntensity(None),
            {},
        ),
        (
            [
                "--window=-14:0",
                "--null",
                "self-exciting",
                "--without=-20:1",
                "--seed",
                "7",
                "--n-resamples",
                "99",
            ],
            es.WindowCount(WINDOW),
            es.SelfExciting(es.Window(-20, 1)),
            {"rng": 7, "n_resamples": 99},
        ),
        (
            ["--statistic", "contrast", "--window=-14:0", "--null", "uniform", "--alternative", "two-sided"],
            es.WindowContrast(WINDOW, es.Window(1, 15)),
            es.UniformDays(),
            {"alternative": "two-sided"},
        ),
        (
            ["--statistic", "contrast", "--window=-14:0", "--against", "8:22", "--null", "uniform"],
            es.WindowContrast(WINDOW, es.Window(8, 22)),
            es.UniformDays(),
            {},
        ),
        (
            [
                "--statistic",
                "anchors-hit",
                "--window=-14:0",
                "--null",
                "uniform",
                "--seed",
                "3",
                "--method",
                "monte-carlo",
            ],
            es.AnchorsHit(WINDOW),
            es.UniformDays(),
            {"rng": 3, "method": "monte-carlo"},
        ),
        (
            ["--statistic", "nearest", "--side", "either", "--null", "shift"],
            es.NearestLag("either"),
            es.CircularShift(),
            {},
        ),
    ],
)
def test_json_of_a_test_is_what_the_library_returns(capsys, arguments, statistic, null, options):
    document = json.loads(result_of(capsys, *TESTED, *arguments, "--json"))
    expected = es.permutation_test(*pair(), statistic, null, **options)
    (found,) = document["results"]
    same(found["rows"], expected.to_frame())
    assert found["call"] == expected.provenance.call
    assert found["seed"] == expected.provenance.seed
    assert found["data"] == dict(expected.provenance.data)
    assert found["period"] == expected.period


def test_json_of_a_profile_is_what_the_library_returns(capsys):
    arguments = ["--null", "shift", "--lags=-20:21", "--bin-days", "5", "--json"]
    document = json.loads(result_of(capsys, "profile", *TESTED[1:], *arguments))
    expected = es.lag_profile(*pair(), es.CircularShift(), lags=(-20, 21), bin_days=5)
    (found,) = document["results"]
    same(found["rows"], expected.to_frame())
    assert (found["pvalue"], found["n_curves"]) == (expected.pvalue, 1461)


def test_a_family_of_excesses_is_what_the_library_returns(capsys):
    arguments = "--statistic excess --strata month --windows 7=-7:0 14=-14:0 --null calendar --seed 5 --json"
    document = json.loads(result_of(capsys, "family", *TESTED[1:], *arguments.split()))
    windows = {str(days): es.WindowExcess(es.Window.before(days), "month") for days in (7, 14)}
    expected = es.permutation_family(*pair(), windows, es.CalendarPermutation(), rng=5)
    same(document["results"][0]["rows"], expected.to_frame())


def test_every_statistic_of_the_package_that_declares_a_name_can_be_asked_for():
    """The list is read from the source; against the classes themselves, imported."""
    names = {
        one.name: one
        for one in vars(importlib.import_module("eventstudy.statistics")).values()
        if isinstance(one, type) and hasattr(one, "name")
    }
    names["excess"] = es.WindowExcess
    assert {name: one.load() for name, one in asked_for.statistics().items()} == names
    for one in asked_for.statistics().values():
        assert {field.kind for field in one.options} <= set(asked_for.TYPED)
        assert {asked_for.flag(field.name) for field in one.options} <= set(asked_for.HELP)
        assert [field.name for field in one.options] == [f.name for f in dataclasses.fields(one.load())]


def test_json_of_a_family_is_what_the_library_returns(capsys):
    arguments = ["--windows", "7 d=-7:0", "14 d=-14:0", "--null", "gaps", "--seed", "5", "--json"]
    document = json.loads(result_of(capsys, "family", *TESTED[1:], *arguments))
    windows = {"7 d": es.WindowCount(es.Window.before(7)), "14 d": es.WindowCount(es.Window.before(14))}
    expected = es.permutation_family(*pair(), windows, es.ShuffledGaps(), rng=5)
    same(document["results"][0]["rows"], expected.to_frame())


@pytest.mark.parametrize(
    ("arguments", "freq", "fit", "options"),
    [
        (["--max-lag", "10"], "D", es.poisson_regression, {"max_lag": 10}),
        (["--covariance", "cluster", "--cluster", "year"], "D", es.poisson_regression,
         {"covariance": "cluster", "cluster": "year"}),
        (["--family", "negative-binomial", "--covariance", "HC1", "--freq", "M"], "M", es.negative_binomial_regression,
         {"covariance": "HC1"}),
        (["--family", "conditional", "--strata", "year,month", "--confidence-level", "0.9"], "D",
         es.conditional_poisson_regression, {"strata": ["year", "month"], "confidence_level": 0.9}),
    ],
)  # fmt: skip
def test_json_of_a_regression_is_what_the_library_returns(capsys, arguments, freq, fit, options):
    given = [
        "--windows",
        "before=-14:0",
        "after=1:15",
        "--formula",
        "count ~ before + after",
        *arguments,
        "--json",
    ]
    document = json.loads(result_of(capsys, "regress", *TESTED[1:], *given))
    table = es.count_table(*pair(), {"before": WINDOW, "after": es.Window(1, 15)}, freq=freq)
    expected = fit(table, "count ~ before + after", **options)
    (found,) = document["results"]
    same(found["rows"], expected.to_frame())
    assert found["dispersion"] == expected.dispersion
    assert found["call"] == expected.provenance.call


def test_infinity_is_text_and_not_a_number_is_null_so_that_json_stays_json(capsys, folder):
    """No event lies in the window, so its ratio is zero and its logarithm minus infinity."""
    (folder / "anchors.csv").write_text("start\n2012-01-02\n", encoding="utf-8")
    text = result_of(
        capsys,
        "regress",
        "launches.csv",
        "anchors.csv",
        "--anchors-date",
        "start",
        *FOUR_YEARS,
        "--windows",
        "day=-1:0",
        "--formula",
        "count ~ day",
        "--events-where",
        "date > '2012-01-10'",
        "--json",
    )
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    day = document["results"][0]["rows"][1]
    assert (day["term"], day["irr"], day["coefficient"]) == ("day", 0.0, "-Infinity")
    assert day["se"] is None


def test_csv_is_the_table_of_the_library(capsys):
    text = result_of(capsys, *TESTED, "--window=-14:0", "--null", "shift", "--null", "uniform", "--csv")
    count = es.WindowCount(WINDOW)
    results = [es.permutation_test(*pair(), count, null) for null in (es.CircularShift(), es.UniformDays())]
    assert text == pd.concat([result.to_frame() for result in results]).to_csv(
        index=False, lineterminator="\n"
    )


def test_json_names_the_files_by_checksum_and_the_versions(capsys, folder):
    import hashlib

    document = json.loads(result_of(capsys, *TESTED, "--window=-14:0", "--null", "shift", "--json"))
    assert list(document) == ["command", "results", "notes", "files", "versions"]
    for name, checksum in document["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
    assert document["versions"]["eventstudy"] == es.__version__
    assert set(document["versions"]) == {"eventstudy", "python", "numpy", "scipy", "pandas"}
    assert document["notes"][0].startswith("launches.csv: dates from column 'date'")


def test_the_only_column_of_dates_is_taken_and_said(capsys):
    main([*TESTED, "--window=-14:0", "--null", "shift"])
    notes = capsys.readouterr().err.splitlines()
    assert notes == [
        "eventstudy test: note: launches.csv: dates from column 'date', the only one that holds dates",
        "eventstudy test: note: summits.csv: dates from column 'start', the only one that holds dates",
    ]


def test_a_slip_in_a_date_is_named_by_row_although_the_column_is_not_given(capsys, folder):
    (folder / "events.csv").write_text("date,n\n2012-01-05,1\n2012-02-30,2\n2012-01-07,3\n", encoding="utf-8")
    line = refusal(capsys, "test", "events.csv", "anchors.csv", "--window=-3:0", "--null", "shift", *TEN_DAYS)
    assert line == "events.csv:3:date: '2012-02-30' is not a day of the calendar; write YYYY-MM-DD"


def test_events_outside_the_period_are_left_out_and_counted_aloud(capsys):
    arguments = [
        "test",
        "launches.csv",
        "summits.csv",
        "--window=-14:0",
        "--null",
        "uniform",
        "--period",
        "2012:2013",
    ]
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    events = es.read_events("launches.csv", date="date")
    inside = events.within(es.Period("2012", "2013"))
    text = f"{60 - len(inside)} of 60 launches lie outside the period and are left out"
    assert text in err
    document = json.loads(out)
    assert document["results"][0]["rows"][0]["n_events"] == len(inside)
    assert any(text in note for note in document["notes"])


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        (["--events-where", "kind == 'ballistic'"], 40),
        (["--distinct"], 2),
        (["--events-merge", "0"], 2),
        (["--events-merge", "1"], 2),
        (["--events-merge", "2"], 1),
    ],
)
def test_rows_are_chosen_and_joined_as_in_the_library(capsys, folder, arguments, number):
    name, period = "launches.csv", FOUR_YEARS
    if "--events-where" not in arguments:
        (folder / "events.csv").write_text("date\n2012-01-05\n2012-01-05\n2012-01-07\n", encoding="utf-8")
        name, period = "events.csv", TEN_DAYS
    text = result_of(
        capsys,
        "test",
        name,
        "anchors.csv",
        "--window=-3:0",
        "--null",
        "uniform",
        *period,
        *arguments,
        "--json",
    )
    assert json.loads(text)["results"][0]["rows"][0]["n_events"] == number


def test_parquet_and_excel_are_read_like_csv(capsys, folder):
    usual = ["anchors.csv", "--window=-3:0", "--null", "shift", *TEN_DAYS, "--csv"]
    expected = result_of(capsys, "test", "events.csv", *usual)
    frame = pd.DataFrame({"date": pd.to_datetime(["2012-01-05", "2012-01-07"])})
    frame.to_parquet(folder / "events.parquet")
    frame.to_excel(folder / "events.xlsx", index=False)
    for ending in ("parquet", "xlsx"):
        assert result_of(capsys, "test", f"events.{ending}", *usual) == expected


BASE = ["launches.csv", "summits.csv"]
SEEN = [*BASE, *FOUR_YEARS]
SHORT = [*SEEN, "--window=-14:0"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "eventstudy: the following arguments are required: COMMAND; eventstudy --help shows examples"),
        (
            ["tost"],
            r"eventstudy: argument COMMAND: invalid choice: 'tost' \(choose from .*\); eventstudy --help .*",
        ),
        (
            ["test", *SHORT],
            "eventstudy test: the following arguments are required: --null; eventstudy test --help .*",
        ),
        (
            ["test", *BASE, "--window=-14:0", "--null", "shift"],
            r"launches.csv: the days under observation are not given; the dates span 2012-\S+ to 2015-\S+, so "
            r"--period 2012-\S+:201\S+ would be a start",
        ),
        (
            ["test", *SEEN, "--null", "shift"],
            "--window: --statistic count needs it; --window=-14:0 are the 14 days .*",
        ),
        (
            ["test", *SHORT, "--null", "gaps"],
            "--seed: p-values come from draws here, which need a seed; .* such as --seed 20120101",
        ),
        (
            ["test", *SHORT, "--null", "gaps", "--method", "exact"],
            "permutation_test: ShuffledGaps has no closed form; use --method monte-carlo and --seed",
        ),
        (["test", *SHORT, "--null", "jitter"], "--null jitter: --days is missing; add it, such as --days 30"),
        (
            ["test", *SHORT, "--null", "calendar", "--within", "year"],
            "--within: --null calendar does not take it; leave it out, or put it after --null gaps or jitter or .*",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--within", "year", "--within", "month"],
            "eventstudy test: argument --within: it appears twice for one --null; leave one out; .*",
        ),
        (
            ["test", *SEEN, "--statistic", "nearest", "--window=-14:0", "--null", "shift"],
            "--window: --statistic nearest has no window; leave it out",
        ),
        (
            ["test", *SHORT, "--strata", "month", "--null", "shift"],
            "--strata: only --statistic excess takes it; leave it out",
        ),
        (
            ["family", *SEEN, "--windows", "a=-7:0", "--statistic", "nearest", "--null", "shift"],
            "--statistic nearest: it has no window, and eventstudy family gives each test one; choose count, "
            "anchors-hit or excess",
        ),
        (
            ["family", *SEEN, "--windows", "a=-7:0", "--statistic", "contrast", "--null", "shift"],
            "--statistic contrast: it has two windows, .*; choose count, anchors-hit or excess",
        ),
        (
            ["test", *SHORT, "--side", "after", "--null", "shift"],
            "--side: only --statistic nearest takes it; .*",
        ),
        (
            ["test", *SEEN, "--statistic", "nearest", "--null", "poisson"],
            "--null poisson: --without is missing; add .*",
        ),
        (
            ["test", *SEEN, "--window=0:-14", "--null", "shift"],
            "eventstudy test: argument --window: '0:-14' holds no day, as STOP is the lag after the last one; .*",
        ),
        (
            ["test", *SEEN, "--window=-9999999:0", "--null", "shift"],
            ".* reaches further than 1,000,000 days; shorten it; .*",
        ),
        (["test", *SEEN, "--window", "x", "--null", "shift"], ".* 'x' is not FIRST:STOP in whole days; .*"),
        (
            ["test", *BASE, "--window=-14:0", "--null", "shift", "--period", "2012"],
            "--period: '2012' is not START:STOP; write 2012-01-01:2025-01-01",
        ),
        (
            ["test", *BASE, "--window=-14:0", "--null", "shift", "--period", "2012-02-30:2013"],
            "--period 2012-02-30:2013: .*'2012-02-30' is not a day of the calendar; write YYYY-MM-DD",
        ),
        (
            ["test", *BASE, "--window=-14:0", "--null", "calendar", "--period", "2012-02-01:2016-01-01"],
            "CalendarPermutation: .* does not cut into years of equal length; --period 2013-01-01:2016-01-01 would do",
        ),
        (
            ["test", "no.csv", "summits.csv", "--window=-14:0", "--null", "shift", *FOUR_YEARS],
            "no.csv: there is no such file; check the path",
        ),
        (
            ["test", ".", "summits.csv", "--window=-14:0", "--null", "shift", *FOUR_YEARS],
            r"\.: it is a folder or a pipe.*",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--events-date", "day"],
            "launches.csv:1:day: there is no such column; the columns are date, kind",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--events-date", "date,kind"],
            "launches.csv:1:date,kind: there is no such column; the columns are date, kind",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--anchors-date="],
            "--anchors-date: '' is neither a column nor three; give one name, .*",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--events-date", "date,"],
            "--events-date: 'date,' is neither a column nor three; give one name, .*",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--events-date=--"],
            "--events-date=--: two hyphens are not a value; leave the option out",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--events-where", "size > 1"],
            "launches.csv: the query 'size > 1' cannot .*",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--events-where", "kind == 'x'"],
            "launches.csv: no row is selected; change --events-where",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--confidence-level", "95"],
            ".* '95' is not a share between 0 and 1, .*",
        ),
        (["test", *SHORT, "--null", "gaps", "--seed=-1"], r".*--seed: -1 does not lie between 0 and \d+; .*"),
        (
            ["test", *SHORT, "--null", "shift", "--n-res", "9"],
            "eventstudy: unrecognized arguments: --n-res 9; .*",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--plot", "x.jpg"],
            "--plot x.jpg: its ending is not .pdf, .svg or .png; .*",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--output", "launches.csv"],
            "--output launches.csv: it would overwrite the data; give another name",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--output", "no/x.txt"],
            "--output no/x.txt: there is no such folder; .*",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--output", "."],
            r"--output \.: it is a folder; give the name of a file",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--output", "x.svg", "--plot", "x.svg"],
            "--plot x.svg: --output writes there .*",
        ),
        (
            ["test", *SHORT, "--null", "shift", "--within", "week"],
            ".* argument --within: 'week' is not year, quarter, month or cut dates such as .*",
        ),
        (
            ["profile", *SEEN, "--null", "shift", "--lags=-36000:1"],
            "--lags: they make more than 5,000 bins; choose a larger --bin-days",
        ),
        (
            ["profile", *SEEN, "--null", "shift", "--null", "uniform"],
            "--null: eventstudy profile takes one; run it once .*",
        ),
        (
            ["family", *SEEN, "--windows", "a=-7:0", "a=-14:0", "--null", "shift"],
            ".*'a' appears twice; rename one; .*",
        ),
        (["family", "--windows", "a=-7:0", *SEEN, "--null", "shift"], ".*files come before --windows; .*"),
        (
            ["regress", *SEEN, "--windows", "before=-14:0", "--formula", "count ~ after"],
            "poisson_regression: the table has no column 'after'; the columns are .*",
        ),
        (
            [
                "regress",
                *SEEN,
                "--windows",
                "before=-14:0",
                "--formula",
                "count ~ before",
                "--family",
                "conditional",
            ],
            "--strata: it goes with --family conditional; .*",
        ),
        (
            [
                "regress",
                *SEEN,
                "--windows",
                "before=-14:0",
                "--formula",
                "count ~ before",
                "--covariance",
                "cluster",
            ],
            "poisson_regression: --covariance cluster and --cluster .*",
        ),
        (
            ["regress", *SEEN, "--windows", "7 d=-7:0", "--formula", "count ~ before"],
            "count_table: '7 d' cannot be used .*",
        ),
    ],
)
def test_bad_input_gives_one_line_with_place_and_fix_and_code_2(capsys, arguments, line):
    assert re.fullmatch(line, refusal(capsys, *arguments))


def test_several_columns_of_dates_are_named(capsys, folder):
    (folder / "two.csv").write_text("start,end\n2012-01-05,2012-01-06\n", encoding="utf-8")
    (folder / "none.csv").write_text("a,b\n1,x\n", encoding="utf-8")
    usual = ["anchors.csv", "--window=-3:0", "--null", "shift", *TEN_DAYS]
    assert refusal(capsys, "test", "two.csv", *usual) == (
        "two.csv: several columns hold dates, start, end; choose one with --events-date"
    )
    assert refusal(capsys, "test", "none.csv", *usual) == (
        "none.csv: no column holds dates, the columns are a, b; choose one with --events-date, "
        "or those of year, month and day with commas between them"
    )


def test_a_window_may_follow_a_space_although_it_begins_with_a_minus(capsys):
    usual = [*SEEN, "--null", "shift", "--csv"]
    assert result_of(capsys, "test", *usual, "--window", "-14:0") == result_of(
        capsys, "test", *usual, "--window=-14:0"
    )


def test_an_option_belongs_to_the_null_model_before_it(capsys):
    def nulls(*arguments):
        document = json.loads(result_of(capsys, "test", *SHORT, *arguments, "--json"))
        return [result["rows"][0]["null"] for result in document["results"]]

    year, plain = "UniformDays(within='year')", "CircularShift(within=None)"
    assert nulls("--null", "uniform", "--within", "year", "--null", "shift") == [year, plain]
    assert nulls("--within", "year", "--null", "uniform", "--null", "shift") == [year, plain]
    assert nulls("--null", "shift", "--null", "uniform", "--within", "year") == [plain, year]


def test_choices_are_those_of_the_library():
    from typing import get_args

    assert get_args(Alternative) == question.ALTERNATIVES
    assert get_args(Covariance) == regress.COVARIANCES
    assert tuple(FREQUENCIES) == regress.FREQUENCIES
    assert list(listed()) == es.null_model_table().frame["name"].tolist()
    for one in listed().values():
        known = {field.name for field in dataclasses.fields(getattr(es, one.class_name))}
        assert known - {"covariates"} == {option.name for option in chance.offered(one)}


def test_a_regression_with_few_residuals_has_no_test_of_their_correlation(capsys, folder):
    """Every event lies in the window, so nothing is expected on the other days, and these have no residuals."""
    (folder / "anchors.csv").write_text("start\n2012-01-15\n2012-03-15\n", encoding="utf-8")
    (folder / "events.csv").write_text("date\n2012-01-05\n2012-01-07\n2012-03-03\n", encoding="utf-8")
    usual = ["--windows", "before=-14:0", "--formula", "count ~ before", "--period", "2012:2014"]
    text = result_of(capsys, "regress", "events.csv", "anchors.csv", *usual)
    assert "Ljung-Box over 5 lags" in text  # of 28 residuals
    (folder / "anchors.csv").write_text("start\n2012-01-15\n", encoding="utf-8")
    (folder / "events.csv").write_text("date\n2012-01-05\n2012-01-07\n", encoding="utf-8")
    assert "Ljung-Box" not in result_of(capsys, "regress", "events.csv", "anchors.csv", *usual)


def test_overdispersion_is_said_as_a_note(capsys, folder):
    days = "".join(f"2013-{month:02}-10\n" * 8 for month in range(1, 13))
    (folder / "bursts.csv").write_text(f"date\n{days}", encoding="utf-8")
    arguments = ["regress", "bursts.csv", "summits.csv", *FOUR_YEARS, "--windows", "before=-14:0"]
    assert main([*arguments, "--formula", "count ~ before", "--covariance", "model"]) == 0
    assert re.search("^eventstudy regress: note: .*variance", capsys.readouterr().err, re.MULTILINE)


# Examples of --help


def examples_of(command):
    """Return the commands in the examples of a command's help, lines that end in a backslash joined."""
    text = OWN[command].EXAMPLES.replace("\\\n", " ")
    return [
        line.split() and shlex.split(line) for line in text.splitlines() if line.startswith("  eventstudy ")
    ]


@pytest.mark.parametrize("example", [one for name in OWN for one in examples_of(name)], ids=" ".join)
def test_the_examples_of_help_run(capsys, folder, example):
    if "bench" in example:
        example = ["eventstudy", "bench", "--size", "small", "--repeats", "1", *example[2:]]
    assert main(example[1:]) == 0
    for flag in ("--output", "--plot"):
        if flag in example:
            assert (folder / example[example.index(flag) + 1]).stat().st_size > 100


PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", SHOWN, ids=lambda block: " ".join(block.split()[2:9]))
def test_the_page_shows_what_its_commands_print(folder, block):
    """Both streams, as in a terminal, on the bundled tables."""
    for name in ("launches", "summits"):
        shutil.copy(ROOT / "data" / "raw" / f"{name}.csv", folder)
    shown = ""
    for command in re.findall(r"^\$ ((?:.*\\\n)*.*)$", block, re.MULTILINE):
        both = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        with contextlib.redirect_stderr(both), contextlib.redirect_stdout(both):
            main(shlex.split(command.replace("\\\n", " "))[1:])
        shown += f"$ {command}\n{both.buffer.getvalue().decode('utf-8')}"
    assert shown == block


def test_the_primary_analysis_on_the_page_has_the_numbers_of_the_report():
    published = json.loads((ROOT / "reports" / "numbers.json").read_text(encoding="utf-8"))
    (block,) = [block for block in SHOWN if "--anchors-merge" in block]
    for row, name in (
        ("CalendarPermutation", "p-primary"),
        ("CircularShift", "p-second"),
        ("UniformDays", "p-naive"),
    ):
        cells = re.search(rf"^  {row}.*$", block, re.MULTILINE)[0].split()
        assert float(cells[-3]) == pytest.approx(published[name]["value"], abs=6e-4)


def test_the_page_names_every_option_of_a_null_model_and_every_key():
    for name, one in listed().items():
        flags = ", ".join(f"`--{option.name}`" for option in chance.offered(one))
        assert f"| `{name}` | `{one.class_name}` | {flags} |" in PAGE
    for command in (test, family, profile, regress):
        (row,) = re.findall(
            rf"^\| `results\[\]` of `{command.__name__.rpartition('.')[2]}` \| (.*) \|$", PAGE, re.MULTILINE
        )
        assert set(re.findall(r"`(\w+)`", row)) == set(command.KEPT)


@pytest.mark.parametrize("command", OWN)
def test_help_holds_the_examples_and_every_option_a_word(capsys, command):
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert OWN[command].EXAMPLES.strip() in text
    (commands,) = [action for action in parser()._actions if isinstance(action.choices, dict)]
    assert [action.dest for action in commands.choices[command]._actions if not action.help] == []


def test_help_lists_every_command_and_the_exit_codes(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert [name for name in COMMANDS if not re.search(rf"^    {name} +\S", text, re.MULTILINE)] == []
    for code in ("0 done", "2 bad input", "130 stopped", "141 the reader"):
        assert code in text


def test_help_version_and_completion_wait_for_no_heavy_module():
    code = "import sys; from eventstudy.cli.main import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    for arguments in (["--help"], ["test", "--help"], ["--version"], ["test", "--nope"]):
        command = program(*arguments)
        command["args"][1:3] = ["-c", code]
        loaded = subprocess.run(**command, capture_output=True, text=True, check=True).stderr.split()
        assert not {"numpy", "pandas", "scipy", "matplotlib", "statsmodels", "joblib", "shtab"} & set(loaded)


def test_version(capsys):
    assert result_of(capsys, "--version") == f"eventstudy {es.__version__}\n"


def test_bash_completes_commands_options_choices_and_files(folder):
    script = subprocess.run(
        **program("--print-completion", "bash"), capture_output=True, text=True, check=True
    ).stdout

    def completions(*words):
        ask = f"{script}\nCOMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}\n"
        ask += "_shtab_eventstudy\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"
        done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True, cwd=folder)
        return set(done.stdout.split())

    assert completions("eventstudy", "te") == {"test"}
    assert completions("eventstudy", "test", "a.csv", "b.csv", "--null", "s") == {"shift", "self-exciting"}
    assert completions("eventstudy", "test", "--window") >= {"--window"}
    assert completions("eventstudy", "test", "laun") == {"launches.csv"}


def test_zsh_completion_is_written():
    script = subprocess.run(
        **program("--print-completion", "zsh"), capture_output=True, text=True, check=True
    ).stdout
    assert script.startswith("#compdef eventstudy")
    assert "--null" in script


# Files


def test_output_is_what_stdout_would_show_and_says_nothing_there(capsys, folder):
    usual = [*SHORT, "--null", "shift"]
    for form in ([], ["--json"], ["--csv"]):
        expected = result_of(capsys, "test", *usual, *form)
        assert result_of(capsys, "test", *usual, *form, "--output", "result") == ""
        assert (folder / "result").read_text(encoding="utf-8") == expected
        assert result_of(capsys, "test", *usual, *form, "--output", "-") == expected


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_a_figure_is_the_same_bytes_each_time(capsys, folder, ending):
    for name in ("one", "two"):
        result_of(
            capsys, "test", *SHORT, "--null", "shift", "--null", "uniform", "--plot", f"{name}.{ending}"
        )
    one, two = ((folder / f"{name}.{ending}").read_bytes() for name in ("one", "two"))
    assert one == two
    assert len(one) > 1_000


def test_a_full_disk_leaves_the_old_file_as_it_was(capsys, folder, monkeypatch):
    (folder / "result.txt").write_text("old", encoding="utf-8")

    def fill(self, content):
        with open(self, "wb") as file:
            file.write(content[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", fill)
    line = refusal(capsys, "test", *SHORT, "--null", "shift", "--output", "result.txt")
    assert line == (
        "--output result.txt: it cannot be written (No space left on device); nothing was changed there"
    )
    assert (folder / "result.txt").read_text(encoding="utf-8") == "old"
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_file_is_written_beside_its_place_and_moved_there(capsys, folder, monkeypatch):
    written, write = [], Path.write_bytes
    monkeypatch.setattr(
        Path, "write_bytes", lambda self, content: written.append(self.name) or write(self, content)
    )
    result_of(capsys, "test", *SHORT, "--null", "shift", "--output", "result.txt", "--plot", "figure.svg")
    assert [name.rpartition("-")[0] for name in written] == [
        f".result.txt.{os.getpid()}",
        f".figure.svg.{os.getpid()}",
    ]


def test_a_link_stays_a_link_and_a_file_keeps_its_rights(capsys, folder):
    (folder / "real.txt").write_text("old", encoding="utf-8")
    (folder / "real.txt").chmod(0o640)
    (folder / "link.txt").symlink_to("real.txt")
    result_of(capsys, "test", *SHORT, "--null", "shift", "--output", "link.txt")
    assert (folder / "link.txt").is_symlink()
    assert (folder / "real.txt").read_text(encoding="utf-8").startswith("Permutation test")
    assert (folder / "real.txt").stat().st_mode & 0o777 == 0o640


def test_output_to_a_device_does_not_replace_it(capsys):
    result_of(capsys, "test", *SHORT, "--null", "shift", "--output", os.devnull)
    assert not Path(os.devnull).is_file()


def test_data_cannot_be_overwritten_by_another_name(capsys, folder):
    (folder / "alias.svg").symlink_to("summits.csv")
    before = (folder / "summits.csv").read_bytes()
    line = refusal(capsys, "test", *SHORT, "--null", "shift", "--plot", "alias.svg")
    assert line == "--plot alias.svg: it would overwrite the data; give another name"
    assert (folder / "summits.csv").read_bytes() == before


def test_a_stdout_that_cannot_be_written_is_said_in_one_line():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            **program("test", *SHORT, "--null", "shift", "--json"),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "eventstudy: stdout cannot be written (No space left on device); use --output"
    )


# The machine around it


def test_a_reader_that_goes_away_is_no_error():
    for arguments in (["--help"], ["test", *SHORT, "--null", "shift", "--json"]):
        done = subprocess.Popen(**program(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        done.stdout.close()
        errors = done.stderr.read().decode()
        done.stderr.close()
        assert done.wait(60) == 141
        assert [line for line in errors.splitlines() if ": note: " not in line] == []


# A signal in the middle of an import, or of the first block of draws.
STOPPED = """
import os, signal, sys

class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Stop())
from eventstudy.cli.main import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("module", ["pandas", "eventstudy.permutation", "matplotlib.figure"])
def test_ctrl_c_while_modules_are_imported_returns_130(folder, module):
    command = program(
        "test",
        *SHORT,
        "--null",
        "uniform",
        "--plot",
        "figure.pdf",
        "--output",
        "result.txt",
        "--method",
        "monte-carlo",
        "--seed",
        "1",
        "--n-resamples",
        "9",
    )
    command["args"][1:3] = ["-c", STOPPED, module]
    done = subprocess.run(**command, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.splitlines()[-1] == "eventstudy: stopped; nothing is half written"
    assert not (folder / "result.txt").exists()


def test_ctrl_c_in_the_middle_of_draws_leaves_nothing_half_written(folder):
    (folder / "result.txt").write_text("old", encoding="utf-8")
    before = sorted(path.name for path in folder.iterdir())
    running = subprocess.Popen(
        **program(
            "test",
            *SHORT,
            "--null",
            "gaps",
            "--seed",
            "1",
            "--n-resamples",
            "50000000",
            "--output",
            "result.txt",
            "--plot",
            "figure.pdf",
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    for _ in range(2):
        assert ": note: " in running.stderr.readline()  # the files are read, the draws begin
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert err == "eventstudy: stopped; nothing is half written\n"
    assert (running.returncode, out) == (130, "")
    assert sorted(path.name for path in folder.iterdir()) == before
    assert (folder / "result.txt").read_text(encoding="utf-8") == "old"


# Text, and JSON after it, from one process.
TWICE = """
import sys
from eventstudy.cli.main import main
main(sys.argv[1:])
sys.stdout.flush()
sys.stdout.buffer.write(b"JSON")
sys.exit(main([*sys.argv[1:], "--json"]))
"""
NAME = "발사 − é"


def text_and_json(**environment):
    command = program("test", f"{NAME}.csv", *SHORT[1:], "--null", "shift", **environment)
    command["args"][1:3] = ["-c", TWICE]
    done = subprocess.run(**command, capture_output=True, check=True)
    return done.stdout.split(b"JSON")


@pytest.fixture(scope="module")
def usual_answer():
    """Text and JSON in a UTF-8 terminal in Greenwich, filled in by the first test."""
    return []


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"LC_ALL": "C", "TZ": "Asia/Seoul"}, NAME),
        ({"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, r"\ubc1c\uc0ac - \xe9"),
        ({"PYTHONIOENCODING": "cp1252", "TZ": "America/New_York"}, r"\ubc1c\uc0ac - é"),
        ({"PYTHONIOENCODING": "cp949"}, r"발사 - \xe9"),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_no_locale_and_no_time_zone_changes_the_answer(usual_answer, environment, shown):
    """What a terminal cannot show is written in plain letters; JSON is UTF-8 everywhere."""
    shutil.copy("launches.csv", f"{NAME}.csv")
    if not usual_answer:
        usual_answer += text_and_json(LC_ALL="C.UTF-8", TZ="UTC")
    text, document = text_and_json(**environment)
    assert document == usual_answer[1]
    assert f"{NAME}.csv" in json.loads(document)["files"]
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    wrapped = usual_answer[0].decode("utf-8").replace(NAME, shown)
    assert text.decode(encoding).split() == wrapped.split()


def test_a_name_that_is_no_text_at_all_comes_out_as_its_bytes(folder):
    """On Linux a file may have any name; JSON has a lone surrogate for a byte that is no UTF-8."""
    shutil.copy("launches.csv", b"l\xe9.csv")
    command = program("test", b"l\xe9.csv", *SHORT[1:], "--null", "shift", "--json", LC_ALL="C.UTF-8")
    done = subprocess.run(**command, capture_output=True, check=True)
    assert next(iter(json.loads(done.stdout)["files"])) == os.fsdecode(b"l\xe9.csv")


def test_bench_times_the_calls_it_names(capsys):
    document = json.loads(result_of(capsys, "bench", "--size", "small", "--repeats", "1", "--json"))
    rows = document["results"][0]["rows"]
    assert [row["size"] for row in rows] == ["small"] * len(rows)
    assert all(row["seconds"] > 0 and row["runs"] == 1 for row in rows)
    assert {"exact p-value, shifts within years", "Poisson regression, 10,000 daily rows"} <= {
        row["work"] for row in rows
    }


def test_the_package_runs_as_a_module():
    asked = [sys.executable, "-m", "eventstudy", "--version"]
    assert (
        subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        == f"eventstudy {es.__version__}\n"
    )
