"""The example of a study of one's own: made by the command as it is, its data by its program, and it builds."""

from __future__ import annotations

import datetime
import json
import re
import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest

import eventstudy as es
from eventstudy.report.build import build
from eventstudy.study.new import NOTEBOOKS, new_study
from eventstudy.study.plan import read_study
from eventstudy.study.sources import Source

EXAMPLE = Path(__file__).parents[1] / "examples" / "earthquakes-and-full-moons"
RAW = EXAMPLE / "data" / "raw"


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(EXAMPLE / "make_data.py"))


def test_the_tables_are_what_the_program_writes(program, tmp_path):
    program["main"](tmp_path)
    for name in ("earthquakes.csv", "full-moons.csv"):
        assert (tmp_path / name).read_bytes() == (RAW / name).read_bytes(), name


def test_the_formula_gives_full_moons_as_almanacs_print_them(program):
    """Days in UTC of the eclipses of the moon of 2000, 2015 and 2018, which come at full moon, and of a blue moon."""
    moons = program["full_moons"](np.datetime64("2000-01-01"), np.datetime64("2020-01-01"))
    known = {"2000-01-21", "2000-07-16", "2015-09-28", "2018-01-02", "2018-01-31", "2018-07-27", "2019-01-21"}
    assert known <= set(moons)
    gaps = np.diff(np.array(moons, "datetime64[D]")).astype(int)
    assert set(gaps.tolist()) <= {29, 30}


def test_the_folder_is_as_the_command_writes_it(tmp_path):
    new_study(
        tmp_path / "earthquakes-and-full-moons",
        Source(RAW / "earthquakes.csv", label="simulated quakes"),
        Source(RAW / "full-moons.csv"),
        es.Window(-1, 2),
        today=datetime.date(2026, 11, 25),
        title="Do simulated quakes come at full moon?",
        author="The eventstudy developers",
    )
    made = tmp_path / "earthquakes-and-full-moons"
    for name in (*NOTEBOOKS, "plan.toml", "report.toml", "references.bib"):
        assert (made / "notebooks" / name).read_bytes() == (EXAMPLE / "notebooks" / name).read_bytes(), name
    assert (made / "CITATION.cff").read_bytes() == (EXAMPLE / "CITATION.cff").read_bytes()


@pytest.mark.slow
def test_the_example_builds_and_finds_no_link(tmp_path, monkeypatch):
    """With fewer draws than its plan asks for, the same seed, and no processes besides the kernels."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    root = shutil.copytree(EXAMPLE, tmp_path / "ein Beispiel")
    path = root / "notebooks" / "plan.toml"
    plan = path.read_text(encoding="utf-8")
    plan = re.sub(r"(n_simulations|n_series) = 200", r"\1 = 20", plan).replace(
        "n_resamples = 9999", "n_resamples = 199"
    )
    path.write_text(plan, encoding="utf-8")
    assert build(root, say=lambda _: None)
    numbers = json.loads((root / "reports" / "numbers.json").read_text(encoding="utf-8"))
    study = read_study(EXAMPLE / "notebooks" / "plan.toml")
    events, anchors = study.events.read(study.period), study.anchors.read()
    test = es.permutation_test(
        events,
        anchors,
        es.WindowExcess(es.Window(-1, 2), "quarter"),
        es.CalendarPermutation(),
        rng=study.seed,
        n_resamples=199,
    )
    count = es.permutation_test(events, anchors, es.WindowCount(es.Window(-1, 2)), es.CalendarPermutation())
    assert numbers["observed"]["value"] == count.observed
    assert numbers["p-primary"]["value"] == pytest.approx(test.pvalue, rel=1e-5)
    assert test.pvalue > 0.05
    page = (root / "reports" / "earthquakes-and-full-moons.html").read_text(encoding="utf-8")
    assert "<strong>not supported</strong>" in page or "<strong>cannot tell</strong>" in page
    assert (root / "reports" / "earthquakes-and-full-moons.pdf").stat().st_size > 50_000
