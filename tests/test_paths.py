"""Names from files stay inside the folder that they belong to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from eventstudy.errors import PlanError, ReportError
from eventstudy.paths import inside, is_file_name
from eventstudy.provenance import file_sha256
from eventstudy.report.build import build, verify
from eventstudy.report.checksums import put_in_place, read_checksums, write_checksums
from eventstudy.report.settings import read_settings
from eventstudy.study.files import data_file

PROJECT = Path(__file__).parent / "report_project"
LEADING_OUT = ["../thesis", "/home/thesis", "..", ".", "", "a/../../thesis", "a\\b", "C:thesis", "a\0b", "a\nb",
               "\udc80", ".bashrc", "-rf", " a", "x" * 300, "한" * 80]  # fmt: skip


@pytest.mark.parametrize("name", LEADING_OUT)
def test_a_name_that_leads_elsewhere_is_no_name_of_a_file(name):
    assert not is_file_name(name)


@pytest.mark.parametrize("name", ["launches.csv", "발사", "Zürich 2017", "a..b", "x-1.0.2"])
def test_a_plain_name_in_any_script_is_one(name):
    assert is_file_name(name)


@pytest.mark.parametrize(
    "name", ["../thesis.txt", "/etc/hostname", "figures/../../thesis.txt", "", "out/thesis.txt", ".."]
)
def test_a_path_that_leaves_its_folder_by_dots_or_by_a_link_is_none(name, tmp_path):
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "out").symlink_to(tmp_path)
    assert inside(reports, name) is None
    assert inside(reports, "figures/map.svg") == reports / "figures" / "map.svg"


@pytest.mark.parametrize(
    "name", ["../victim.txt", "out/victim.txt", "{tmp}/victim.txt", "figures/../../victim.txt"]
)
def test_no_file_outside_reports_is_taken_away_and_the_line_is_named(name, tmp_path):
    reports, staged, victim = tmp_path / "reports", tmp_path / "staged", tmp_path / "victim.txt"
    for folder in (reports, staged):
        folder.mkdir()
    (reports / "out").symlink_to(tmp_path)
    victim.write_text("my thesis", encoding="utf-8")
    line = f"{file_sha256(victim)}  {name.format(tmp=tmp_path)}\n"
    (reports / "checksums.txt").write_text(line, encoding="utf-8")
    with pytest.raises(
        ReportError, match=r"^reports/checksums\.txt:1: .* is not a SHA-256 and the name of a file inside"
    ):
        put_in_place(staged, reports)
    assert victim.read_text(encoding="utf-8") == "my thesis"


def test_a_report_with_such_a_line_is_refused_before_any_work(tmp_path, monkeypatch):
    project = shutil.copytree(PROJECT, tmp_path / "project")
    (tmp_path / "thesis.txt").write_text("my thesis", encoding="utf-8")
    (project / "reports").mkdir()
    (project / "reports" / "checksums.txt").write_text(f"{'0' * 64}  ../../thesis.txt\n", encoding="utf-8")
    monkeypatch.setattr("eventstudy.report.build.make_outputs", lambda *_, **__: pytest.fail("it was built"))
    for command in (build, verify):
        with pytest.raises(ReportError, match=r"^reports/checksums\.txt:1: "):
            command(project, say=lambda _: None)
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize("folder", ["reports", "build"])
def test_a_folder_that_is_a_link_out_of_the_study_is_refused(folder, tmp_path):
    project = shutil.copytree(PROJECT, tmp_path / "project")
    (tmp_path / "elsewhere" / "work").mkdir(parents=True)
    (project / folder).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReportError, match=f"^{folder}: a link leads out of "):
        build(project, say=lambda _: None)
    assert (tmp_path / "elsewhere" / "work").exists()


def test_an_old_output_is_taken_away_only_if_it_is_as_it_was_written(tmp_path):
    reports, staged = tmp_path / "reports", tmp_path / "staged"
    for folder, names in (
        (reports, ("old.csv", "edited.csv", "kept.csv", "gone.csv")),
        (staged, ("kept.csv",)),
    ):
        folder.mkdir()
        for name in names:
            (folder / name).write_text(name, encoding="utf-8")
        write_checksums(folder)
    (reports / "gone.csv").unlink()
    (reports / "edited.csv").write_text("my notes", encoding="utf-8")
    (reports / "mine.txt").write_text("my notes", encoding="utf-8")
    assert put_in_place(staged, reports) == ["edited.csv"]
    assert sorted(os.listdir(reports)) == ["checksums.txt", "edited.csv", "kept.csv", "mine.txt"]
    assert read_checksums(reports) == {"kept.csv": file_sha256(reports / "kept.csv")}


def test_nothing_is_written_through_a_link(tmp_path):
    reports, staged = tmp_path / "reports", tmp_path / "staged"
    (staged / "figures").mkdir(parents=True)
    (staged / "figures" / "map.svg").write_text("new", encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "map.svg").write_text("mine", encoding="utf-8")
    reports.mkdir()
    (reports / "figures").symlink_to(tmp_path / "mine")
    with pytest.raises(ReportError, match=r"^reports/figures/map\.svg: a link leads out of reports"):
        put_in_place(staged, reports)
    assert (tmp_path / "mine" / "map.svg").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", LEADING_OUT)
def test_a_data_file_of_a_plan_lies_in_its_own_folder(name, tmp_path):
    (tmp_path / "thesis").write_text("date\n2012-01-01\n", encoding="utf-8")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    with pytest.raises(PlanError, match=r"^plan\.toml:file: .* is not the name of a file in data/raw"):
        data_file(name, tmp_path / "notebooks", "plan.toml:file:")


@pytest.mark.parametrize(
    ("file", "line", "key"),
    [
        ("notebooks/report.toml", 'output = "../../thesis"', "report.toml:output"),
        ("notebooks/report.toml", 'output = "/home/thesis"', "report.toml:output"),
        ("notebooks/report.toml", 'output = ""', "report.toml:output"),
        ("CITATION.cff", 'version: "../../../thesis"', "CITATION.cff:version"),
    ],
)
def test_the_output_and_the_version_of_a_report_name_no_folder(file, line, key, tmp_path):
    project = shutil.copytree(PROJECT, tmp_path / "project")
    start = line.partition(" ")[0]
    lines = (project / file).read_text(encoding="utf-8").splitlines()
    place = next(n for n, text in enumerate(lines) if text.startswith(start))
    (project / file).write_text("\n".join([*lines[:place], line, *lines[place + 1 :]]), encoding="utf-8")
    with pytest.raises(ReportError, match=f"^{key}: .* is not a file name; give a plain one, without folder"):
        read_settings(project / "CITATION.cff", project / "notebooks" / "report.toml")
