"""Property tests try the same examples on every run, however busy the machine; one report is built for all tests."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings
from installed import lacking
from once import made_once

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture
def tex(tmp_path):
    """Run programs of TeX in a folder; skip where they are not installed, but fail under CI, which installs them."""

    def run(program, *arguments, folder=tmp_path):
        if shutil.which(program) is None:
            lacking(program, "texlive-latex-base, texlive-latex-recommended")
        command = [program, *arguments]
        # lines of a log are broken at 79 letters otherwise, in the middle of a message
        environment = {**os.environ, "max_print_line": "10000"}
        return subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )

    return run


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The small project of two notebooks, built once for all workers; tests must not write into it."""
    from eventstudy.report.build import build

    def make(root):
        shutil.copytree(Path(__file__).parent / "report_project", root)
        assert build(root, say=lambda _: None)

    return made_once(tmp_path_factory, "built", make)


@pytest.fixture
def project(built, tmp_path):
    """A copy of the built project, with its executed notebooks."""
    return shutil.copytree(built, tmp_path / "project")
