"""Property tests try the same examples on every run, and a busy machine does not fail them; LaTeX where it is."""

import os
import shutil
import subprocess

import pytest
from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture
def tex(tmp_path):
    """Run programs of TeX in a folder; skip where they are not installed, but fail under CI, which installs them."""

    def run(program, *arguments, folder=tmp_path):
        if shutil.which(program) is None:
            missing = f"{program} is not installed; on Debian: texlive-latex-base, texlive-latex-recommended"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
        command = [program, *arguments]
        # lines of a log are broken at 79 letters otherwise, in the middle of a message
        environment = {**os.environ, "max_print_line": "10000"}
        return subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )

    return run
