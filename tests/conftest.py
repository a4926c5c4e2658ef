"""Property tests try the same examples on every run, however busy the machine; one report is built for all tests."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The small project of two notebooks, built once; tests must not write into it."""
    from eventstudy.report.build import build

    root = tmp_path_factory.mktemp("built") / "project"
    shutil.copytree(Path(__file__).parent / "report_project", root)
    assert build(root, say=lambda _: None)
    return root


@pytest.fixture
def project(built, tmp_path):
    """A copy of the built project, with its executed notebooks."""
    return shutil.copytree(built, tmp_path / "project")
