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
REPORT_LOCK = (ROOT / "requirements-report.lock").read_text(encoding="utf-8")
both_locks = pytest.mark.parametrize("lock", [LOCK, REPORT_LOCK], ids=["whole", "report"])


def entries(lock):
    return re.split(r"\n(?=\S)", lock.strip())


@both_locks
def test_the_lock_holds_no_address_and_no_option_but_hashes(lock):
    assert "://" not in lock
    assert [
        line for line in lock.splitlines() if re.match(r"\s*-", line) and "--hash=sha256:" not in line
    ] == []


@both_locks
def test_every_pinned_distribution_has_a_hash(lock):
    assert [
        entry.splitlines()[0] for entry in entries(lock) if not re.search(r"==\S+.*--hash=", entry, re.DOTALL)
    ] == []


@both_locks
def test_the_lock_holds_the_build_backend(lock):
    assert {"hatchling", "editables"} <= {line.split("==")[0] for line in lock.splitlines()}


def test_the_lock_of_the_report_has_what_it_imports_in_the_versions_of_the_whole_lock():
    pinned, own = ({entry.split()[0] for entry in entries(lock)} for lock in (LOCK, REPORT_LOCK))
    assert own < pinned
    needed = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["report"]]
    names = {re.match(r"[\w-]+", one)[0].replace("_", "-") for one in needed}
    assert names <= {entry.split("==")[0] for entry in own}
    assert {"pytest", "jupyterlab", "sphinx", "playwright"}.isdisjoint(entry.split("==")[0] for entry in own)


def test_make_installs_the_lock_of_the_report_for_the_report_and_the_whole_one_for_the_rest():
    rules = dict(
        re.findall(
            r"^([a-z]+|\.venv/[a-z]+): ([^#\n]*)",
            (ROOT / "Makefile").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    for target in ("report", "next", "verify", "notebooks"):
        assert rules[target].split() == [".venv/report"]
    for target in ("setup", "test", "lint", "docs", "deposit", "lab"):
        assert rules[target].split() == [".venv/done"]
    assert rules[".venv/locked"].split() == ["requirements-report.lock"]
    assert rules[".venv/done"].split() == ["requirements.lock", ".venv/report"]  # the first one is installed


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
