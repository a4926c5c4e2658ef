"""The worked example: its key numbers, from a fresh kernel, against the raw tables and the standard library."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from statistics import mean

import matplotlib as mpl
import pytest

import eventstudy as es
from eventstudy.errors import EventsError
from eventstudy.numbers import MIME
from eventstudy.report.environment import list_fonts
from eventstudy.report.execute import Kernels, execute
from eventstudy.report.notebooks import find_notebooks

mpl.use("Agg")

ROOT = Path(__file__).resolve().parents[1]
GALLERY = ROOT / "notebooks" / "gallery-elections.py"
ERAS = (
    (dt.date(1984, 4, 9), dt.date(1994, 7, 8)),
    (dt.date(1994, 7, 8), dt.date(2011, 12, 17)),
    (dt.date(2011, 12, 17), dt.date(2025, 1, 1)),
)


def rows(table):
    with (ROOT / "data" / "raw" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LAUNCHES = sorted({dt.date.fromisoformat(row["date"]) for row in rows("launches")})
ELECTIONS = sorted(
    dt.date.fromisoformat(r["start"]) for r in rows("controls") if r["kind"].startswith("ELECTION_US")
)


def nearest(day):
    """Return the days to the nearest launch by looking at every one."""
    return min(abs((day - launch).days) for launch in LAUNCHES)


def share_as_near(elections):
    """Return the share of the 365 positions whose mean distance is at most that of the true one."""
    moved = [mean(nearest(day + dt.timedelta(days=shift)) for day in elections) for shift in range(-182, 183)]
    return mean(value <= moved[182] + 1e-9 for value in moved)


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    """Run the notebook as the report would, and return its numbers."""
    scratch = tmp_path_factory.mktemp("scratch")
    list_fonts(scratch)
    notebook = execute(GALLERY, epoch=0, scratch=scratch, kernels=Kernels())
    found = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            found |= output.get("data", {}).get(MIME, {})
    assert any("image/svg+xml" in o.get("data", {}) for c in notebook["cells"] for o in c.get("outputs", ()))
    return {name: record["value"] for name, record in found.items()}


@pytest.mark.slow
def test_the_notebook_agrees_with_the_raw_tables(numbers):
    names = ("elections-first-era", "elections-second-era", "elections-third-era")
    for place, (name, (start, stop)) in enumerate(zip(names, ERAS, strict=True), 1):
        days = [day for day in ELECTIONS if start <= day < stop]
        every = [start + dt.timedelta(days=k) for k in range((stop - start).days)]
        assert numbers[name] == pytest.approx(mean(map(nearest, days)) / 7, rel=1e-5)
        assert numbers[f"any-day-era-{place}"] == pytest.approx(mean(map(nearest, every)) / 7, rel=1e-5)
        assert numbers[f"p-era-{place}"] == pytest.approx(share_as_near(days), rel=1e-5)
    rest = [day for day in ELECTIONS if ERAS[2][0] <= day < ERAS[2][1] and day.year != 2018]
    assert len(rest) == 6
    assert numbers["elections-third-era-without-2018"] == pytest.approx(
        mean(map(nearest, rest)) / 7, rel=1e-5
    )
    assert numbers["p-era-3-without-2018"] == pytest.approx(share_as_near(rest), rel=1e-5)


@pytest.mark.slow
def test_what_the_example_says_in_words_holds(numbers):
    """Its point: distances fall from era to era for any day, and elections are in none nearer than when moved."""
    assert numbers["elections-first-era"] > numbers["elections-second-era"] > numbers["elections-third-era"]
    assert numbers["any-day-era-1"] > numbers["any-day-era-2"] > numbers["any-day-era-3"]
    assert min(numbers[f"p-era-{place}"] for place in (1, 2, 3)) > 0.05
    assert numbers["p-era-3-without-2018"] > 0.05


def test_the_example_is_no_part_of_the_report():
    assert GALLERY.exists()
    assert GALLERY not in find_notebooks(ROOT / "notebooks")


# The function behind it, by hand


def eras(launches, votes, periods, **options):
    return es.nearest_by_era(
        es.Events(launches, es.Period(0, 100), "launches"),
        es.Events(votes, label="votes"),
        periods,
        **options,
    )


def test_distances_of_moved_anchors_by_hand():
    """Votes 10 and 20, launches 0, 12, 30: distances 2 and 8; moved by one day 3 and 7, or 1 and 9: always 5."""
    table = eras([0, 12, 30], [10, 20], {"era": es.Period(5, 25)}, shift_days=1).to_frame()
    assert table.loc[0, ["anchors", "events", "mean", "moved", "pvalue"]].tolist() == [2, 1, 5.0, 5.0, 1.0]
    any_day = mean(min(abs(day - launch) for launch in (0, 12, 30)) for day in range(5, 25))
    assert table.loc[0, "any_day"] == pytest.approx(any_day)


def test_anchors_planted_on_events_are_found():
    launches = list(range(0, 100, 9))
    table = eras(launches, [27, 54, 72], {"era": es.Period(20, 80)}, shift_days=8).to_frame()
    assert table.loc[0, "mean"] == 0
    assert table.loc[0, "pvalue"] == pytest.approx(1 / 17)


def test_an_era_that_cannot_be_compared_is_named():
    with pytest.raises(EventsError, match="none of the votes lies in 'empty'"):
        eras([0, 50, 99], [10], {"empty": es.Period(20, 30)}, shift_days=1)
    with pytest.raises(
        EventsError, match=r"'late' needs every day from 1970-03-12 to 1970-04-.*shorten the era or"
    ):
        eras([0, 50, 90], [80], {"late": es.Period(70, 100)}, shift_days=1)


def test_the_result_prints_and_draws_what_it_found():
    result = eras([0, 12, 30], [10, 20], {"era": es.Period(5, 25)}, shift_days=1)
    assert "5.0 days over 2; any day" in result.summary()
    ax = result.plot()
    assert [line.get_xdata()[0] for line in ax.lines[-1:]] == [pytest.approx(5 / 7)]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["era\n(2)"]
