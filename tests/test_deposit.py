import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from eventstudy.errors import ReportError
from eventstudy.report.checksums import write_checksums
from eventstudy.report.deposit import deposit, main

pytest.importorskip("rocrate")
PROJECT = Path(__file__).parent / "report_project"
NAME = "bells-before-tea-1.2.zip"


def git(root, *arguments):
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    # a commit is named by its dates too
    dates = {"GIT_AUTHOR_DATE": "2024-03-01T00:00:00Z", "GIT_COMMITTER_DATE": "2024-03-01T00:00:00Z"}
    who = ["-c", "user.name=Ada Example", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    command = ["git", *who, *arguments]
    return subprocess.run(
        command, cwd=root, env={**os.environ, **quiet, **dates}, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def repository(tmp_path):
    """The small project with a report that was never built, as a repository with one commit."""
    root = shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "LICENSE").write_text("As the authors wish.\n", encoding="utf-8")
    (root / ".gitignore").write_text("dist/\n", encoding="utf-8")
    (root / "reports" / "figures").mkdir(parents=True)
    (root / "reports" / "bells-before-tea.pdf").write_bytes(b"%PDF-1.7\n\x00\xff")
    (root / "reports" / "figures" / "bells.svg").write_text("<svg/>", encoding="utf-8")
    write_checksums(root / "reports")
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "One")
    return root


@pytest.fixture
def crate(repository):
    """The deposit read back: files by name, and what the metadata say, by identifier."""
    with zipfile.ZipFile(deposit(repository)) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    described = json.loads(files["ro-crate-metadata.json"])
    return files, described, {entity["@id"]: entity for entity in described["@graph"]}


def test_the_zip_holds_the_files_of_the_commit_as_they_are(repository, crate):
    files, *_ = crate
    tracked = git(repository, "ls-files").split()
    assert sorted(files) == sorted([*tracked, "checksums.txt", "ro-crate-metadata.json"])
    assert all(files[name] == (repository / name).read_bytes() for name in tracked)


def test_every_file_is_described_once_with_its_size_and_checksum(crate):
    files, described, entities = crate
    assert len(entities) == len(described["@graph"])  # no identifier twice
    for name in files.keys() - {"ro-crate-metadata.json", "checksums.txt"}:
        kinds = entities[name]["@type"]
        assert "File" in ([kinds] if isinstance(kinds, str) else kinds)
        assert entities[name]["contentSize"] == str(len(files[name]))
        assert entities[name]["sha256"] == hashlib.sha256(files[name]).hexdigest()
    parts = {part["@id"] for part in entities["./"]["hasPart"]}
    assert parts == files.keys() - {"ro-crate-metadata.json"} | {"data/", "notebooks/", "reports/"}


def test_the_checksums_in_the_zip_are_those_of_all_other_files(crate):
    files, *_ = crate
    lines = [line.split("  ", 1) for line in files["checksums.txt"].decode().splitlines()]
    assert {name: digest for digest, name in lines} == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name != "checksums.txt"
    }


def test_the_metadata_keep_to_ro_crate(crate):
    _, described, entities = crate
    assert described["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    descriptor = entities["ro-crate-metadata.json"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert descriptor["about"] == {"@id": "./"}
    assert all({"@id", "@type"} <= entity.keys() for entity in entities.values())

    def references(value):
        if isinstance(value, dict):
            yield value["@id"]
        elif isinstance(value, list):
            for one in value:
                yield from references(one)

    for entity in entities.values():
        found = {other for value in entity.values() for other in references(value)}
        assert found - entities.keys() <= {"https://w3id.org/ro/crate/1.1"}


def test_the_root_says_who_when_under_which_licence_and_of_which_commit(repository, crate):
    _, _, entities = crate
    root = entities["./"]
    assert root["@type"] == "Dataset"
    assert (root["name"], root["version"]) == ("Do bells ring before tea?", "1.2")
    assert root["datePublished"] == "2024-02-29"
    assert entities[root["license"]["@id"]]["name"] == "BSD 3-Clause licence"
    assert root["license"]["@id"] == "https://spdx.org/licenses/BSD-3-Clause"
    authors = [entities[author["@id"]] for author in root["author"]]
    assert [(author["@type"], author["name"]) for author in authors] == [
        ("Person", "Ada Example"),
        ("Organization", "The tea committee"),
    ]
    assert root["identifier"] == f"git commit {git(repository, 'rev-parse', 'HEAD').strip()}"
    assert root["mainEntity"] == {"@id": "reports/bells-before-tea.pdf"}
    assert entities["CITATION.cff"]["name"] == "How to cite this"
    made = entities["#build"]
    assert {"@id": "data/raw/bells.csv"} in made["object"]
    assert {"@id": "reports/bells-before-tea.pdf"} in made["result"]


def test_the_same_commit_gives_the_same_bytes_elsewhere_at_another_time(repository, tmp_path):
    """In another folder, process and order of hashing; files newer and with other permissions."""
    other = tmp_path / "elsewhere"
    git(tmp_path, "clone", "--quiet", str(repository), str(other))
    for path in other.rglob("*.py"):
        path.chmod(0o600)
        os.utime(path, (0, 0))
    command = [sys.executable, "-m", "eventstudy.report.deposit", str(other)]
    source = str(Path(__file__).parents[1] / "src")
    environment = {**os.environ, "PYTHONHASHSEED": "3", "TZ": "Asia/Seoul", "PYTHONPATH": source}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    content = deposit(repository).read_bytes()
    assert (other / "dist" / NAME).read_bytes() == content
    assert done.stdout.startswith(
        f"wrote dist/{NAME} (0.0 MB), SHA-256 {hashlib.sha256(content).hexdigest()}"
    )
    entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    assert {(entry.date_time, entry.external_attr >> 16) for entry in entries} == {
        ((2024, 2, 29, 0, 0, 0), 0o100644)
    }
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


def change(root):
    (root / "data" / "raw" / "bells.csv").write_text("day,bells\n", encoding="utf-8")


def alter(root):
    (root / "reports" / "figures" / "bells.svg").write_text("<svg></svg>", encoding="utf-8")
    git(root, "commit", "--quiet", "--all", "--message", "Two")


def lose(root):
    git(root, "rm", "--quiet", "reports/figures/bells.svg")
    git(root, "commit", "--quiet", "--message", "Two")


def never(root):
    git(root, "rm", "--quiet", "-r", "reports")
    git(root, "commit", "--quiet", "--message", "Two")


def bare(root):
    shutil.rmtree(root / ".git")
    (root / ".git").write_text("gitdir: nowhere\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            change,
            "deposit: data/raw/bells.csv is not as committed; commit it, since a deposit is of one commit",
        ),
        (alter, "reports/figures/bells.svg: not as its checksum says; build the report and commit it first"),
        (lose, "reports/figures/bells.svg: not as its checksum says; build the report and commit it first"),
        (never, "reports/checksums.txt: not committed; build the report and commit it first"),
        (bare, "deposit: git says 'fatal: not a git repository: "),
    ],
)
def test_what_cannot_be_deposited_is_named_with_the_fix_and_writes_nothing(
    repository, capsys, fault, message
):
    fault(repository)
    assert main([str(repository)]) == 2
    assert capsys.readouterr().err.startswith(message)
    assert not (repository / "dist").exists()


def test_a_machine_without_git_says_so(repository, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ReportError, match=r"^deposit: git is not installed; install it"):
        deposit(repository)
