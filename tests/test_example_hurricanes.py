"""The example on hurricanes and the moon: its tables, by known days too, its plan, and what its README says."""

from __future__ import annotations

import csv
import datetime
import itertools
import re
import runpy
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import eventstudy as es
from eventstudy.study.new import NOTEBOOKS, new_study
from eventstudy.study.plan import read_study
from eventstudy.study.sources import Source

EXAMPLE = Path(__file__).parents[1] / "examples" / "hurricanes-and-the-moon"
RAW = EXAMPLE / "data" / "raw"


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(EXAMPLE / "make_moons.py"))


def rows(name):
    with (RAW / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_of_moons_is_what_the_program_writes(program, tmp_path):
    program["main"](tmp_path)
    assert (tmp_path / "moons.csv").read_bytes() == (RAW / "moons.csv").read_bytes()


def test_eclipses_fall_on_the_days_of_the_table(program):
    """Of the sun at new moon, of the moon at full moon; days in UTC."""
    days = {
        phase: {row["date"] for row in rows("moons.csv") if row["phase"] == phase}
        for phase in program["SIZES"]
    }
    assert {"1979-02-26", "1991-07-11", "1999-08-11", "2009-07-22", "2017-08-21"} <= days["new moon"]
    assert {"2000-01-21", "2015-09-28", "2018-01-31", "2018-07-27", "2022-11-08"} <= days["full moon"]


def test_new_and_full_moons_take_turns_half_a_month_apart():
    table = rows("moons.csv")
    assert {a["phase"] != b["phase"] for a, b in itertools.pairwise(table)} == {True}
    gaps = np.diff(np.array([row["date"] for row in table], "datetime64[D]")).astype(int)
    assert set(gaps.tolist()) <= {13, 14, 15, 16}


def test_the_hurricanes_of_known_seasons_are_all_there():
    """Numbers of the National Hurricane Center: busy, quiet and average seasons."""
    seasons = Counter(row["formed"][:4] for row in rows("hurricanes.csv"))
    assert {year: seasons[year] for year in ("1982", "1995", "2005", "2010", "2013", "2020")} == {
        "1982": 2, "1995": 11, "2005": 15, "2010": 12, "2013": 2, "2020": 14,
    }  # fmt: skip


def test_no_storm_became_a_hurricane_before_it_formed():
    waits = [
        (datetime.date.fromisoformat(row["hurricane"]) - datetime.date.fromisoformat(row["formed"])).days
        for row in rows("hurricanes.csv")
    ]
    assert min(waits) >= 0
    assert max(waits) < 30
    assert {int(row["knots"]) >= 65 for row in rows("hurricanes.csv")} == {True}


def test_the_folder_is_as_the_command_writes_it_but_for_what_its_readme_names(tmp_path):
    made = tmp_path / "hurricanes-and-the-moon"
    new_study(
        made,
        Source(RAW / "hurricanes.csv", date="formed", label="new hurricanes"),
        Source(RAW / "moons.csv", label="new and full moons"),
        es.Window(-3, 4),
        today=datetime.date(2026, 11, 28),
        title="Do hurricanes form near new and full moon?",
        author="The eventstudy developers",
    )
    for name in (*NOTEBOOKS, "report.toml"):
        ours = (EXAMPLE / "notebooks" / name).read_text(encoding="utf-8")
        ours = ours.replace(" The claim is that of @carpenter1972observed.", "")
        assert ours == (made / "notebooks" / name).read_text(encoding="utf-8"), name
    theirs, ours = (
        tomllib.loads((folder / "notebooks" / "plan.toml").read_text(encoding="utf-8"))
        for folder in (made, EXAMPLE)
    )
    changed = {f"{table}.{key}" for table in ours if isinstance(ours[table], dict) for key in ours[table]
               if ours[table][key] != theirs[table].get(key)}  # fmt: skip
    assert changed == {
        "primary.excluded_ratio", "family.windows", "profile.lags", "profile.bin_days", "regression.formula",
        "credibility.power_ratios", "credibility.shifts",
    }  # fmt: skip


def test_the_readme_says_what_the_tests_find():
    study = read_study(EXAMPLE / "notebooks" / "plan.toml")
    events, anchors, window = study.events.read(study.period), study.anchors.read(), study.primary.window
    null = es.CalendarPermutation()
    count = es.permutation_test(events, anchors, es.WindowCount(window), null, rng=study.seed)
    ratio = es.rate_ratio(events, anchors, window, null=null, within="quarter", rng=study.seed)
    text = " ".join((EXAMPLE / "README.md").read_text(encoding="utf-8").split())
    assert f"{count.observed:.0f} of {len(events)} days" in text
    expected = float(re.search(r"where ([\d.]+) would be expected", text)[1])
    assert count.expected == pytest.approx(expected, abs=0.1)
    assert f"rate ratio {ratio.ratio:.2f}, 95% interval" in text
    low, high = map(float, re.search(r"95% interval ([\d.]+) to ([\d.]+)\)", text).groups())
    assert (ratio.low, ratio.high) == pytest.approx((low, high), abs=0.02)  # drawn
    became = es.read_events(RAW / "hurricanes.csv", date="hurricane", period=study.period).distinct()
    assert es.permutation_test(became, anchors, es.WindowExcess(window), null, rng=1).pvalue > 0.2
