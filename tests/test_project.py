import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import eventstudy

ROOT = Path(__file__).parents[1]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_the_lock_holds_no_address_and_no_option_but_hashes():
    assert "://" not in LOCK
    assert [
        line for line in LOCK.splitlines() if re.match(r"\s*-", line) and "--hash=sha256:" not in line
    ] == []


def test_every_pinned_distribution_has_a_hash():
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    assert [
        entry.splitlines()[0] for entry in entries if not re.search(r"==\S+.*--hash=", entry, re.DOTALL)
    ] == []


def test_the_lock_holds_the_build_backend():
    assert {"hatchling", "editables"} <= {line.split("==")[0] for line in LOCK.splitlines()}


def test_one_version_stands_everywhere():
    assert eventstudy.__version__ == PROJECT["version"] == CITATION["version"]
    assert CITATION["preferred-citation"]["version"] == PROJECT["version"]
    changes = (ROOT / "CHANGES.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+) \(([\d-]+)\)$", changes, re.MULTILINE).groups() == (
        PROJECT["version"],
        f"{CITATION['date-released']:%Y-%m-%d}",
    )


def test_authors_and_licence_agree():
    authors = [{"name": "The eventstudy developers"}]
    assert PROJECT["authors"] == CITATION["authors"] == CITATION["preferred-citation"]["authors"] == authors
    assert PROJECT["license"] == CITATION["license"] == "BSD-3-Clause"


@pytest.mark.slow
def test_the_wheel_holds_the_data_and_the_templates(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    needed = [
        "eventstudy/__init__.pyi",
        "eventstudy/py.typed",
        "eventstudy/data/launches.csv",
        "eventstudy/report/templates/report.html",
        "eventstudy/report/templates/report.lua",
        "eventstudy/report/templates/report.typst",
        "eventstudy/study/templates/02-test.py.txt",
    ]
    assert [name for name in needed if name not in names] == []
