"""The built wheel, used outside the repository and without the report extra."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

OUTSIDE = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"IPython", "ipykernel", "jupytext", "nbclient", "pikepdf", "pypandoc", "typst"}:
            raise ImportError(name + " is not installed")
sys.meta_path.insert(0, Absent())
import eventstudy as es
assert "site" in es.__file__, es.__file__
launches = es.Events(es.datasets.launches()["date"]).within(es.Period("2012-01-01", "2025-01-01"))
anchors = es.Events(es.datasets.summits()["start"])
result = es.permutation_test(launches, anchors, es.WindowCount(es.Window(-14, 0)), es.CircularShift(within="year"))
assert f"Version {es.__version__}." in result.cite()
assert "The bundled tables:" in es.cite()
print(len(launches), len(es.datasets.controls()), result.method)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_data_and_the_templates_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name.startswith("eventstudy_timing-")
    for wanted in (
        "data/launches.csv",
        "data/summits.csv",
        "data/controls.csv",
        "data/datapackage.json",
        "py.typed",
        "CITATION.cff",
    ):
        assert f"eventstudy/{wanted}" in names
    assert any(name.startswith("eventstudy/report/templates/") for name in names)
    assert not [name for name in names if name.startswith(("tests", "notebooks", "reports"))]


def test_the_installed_wheel_works_outside_the_repository_without_the_report_extra(wheel, tmp_path):
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", OUTSIDE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["204", "564", "exact"]
