"""Programs that some tests need: without one they are skipped, but fail where the project is checked for all."""

from __future__ import annotations

import os

import pytest


def lacking(program, packages):
    """End a test that needs a program: `packages` of Debian bring it, and ``.ci/run`` installs them."""
    said = f"{program} is not installed; on Debian: {packages}"
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(said)
