"""What takes long to make and is only read is made by one of the workers of a run, and the others wait for it."""

from __future__ import annotations

import fcntl
import os


def made_once(tmp_path_factory, name, make):
    """Return a folder that `make` has filled, once for all workers; where that fails, it fails for all of them."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, outcome = base / name, base / f"{name}.txt"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not outcome.exists():
            try:
                make(folder)
            except BaseException as error:
                outcome.write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
                raise
            outcome.touch()
    failed = outcome.read_text(encoding="utf-8")
    assert not failed, failed
    return folder
