"""Kernels that are forks of a process with the libraries imported."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from eventstudy.errors import ReportError
from eventstudy.report.environment import kernel_environment
from eventstudy.report.execute import Kernels, execute
from eventstudy.report.warm import Warm, can_fork, warm_kernels

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")


def test_kernels_are_forked_here():
    assert can_fork()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="module")
def warm(scratch):
    process = Warm(kernel_environment(0, scratch))
    yield process
    process.stop()


def printed(folder, code, *, kernels, scratch):
    """Return what a notebook of one cell prints."""
    source = folder / "01-a.py"
    source.write_text(f"# %%\n{code}\n")
    (cell,) = execute(source, epoch=0, scratch=scratch, kernels=kernels)["cells"]
    return "".join(output["text"] for output in cell["outputs"])


def comes(true):
    """Tell whether something comes true within half a minute."""
    until = time.monotonic() + 30
    while not true() and time.monotonic() < until:
        time.sleep(0.1)
    return true()


STATE = """
import os, sys, signal
import matplotlib, pandas, joblib, __main__
own = ("IPYTHONDIR", "JPY_PARENT_PID", "JPY_SESSION_NAME", "KMP_INIT_AT_FORK")  # the last is set by an import
shown = {name: value for name, value in sorted(os.environ.items()) if name not in own}
print(os.getcwd(), sys.path, sys.flags, hash("a"), shown, matplotlib.get_backend(), matplotlib.get_configdir())
print(__main__.__name__, __name__, sys.modules["__main__"] is __main__, joblib.cpu_count())
print(signal.getsignal(signal.SIGCHLD), os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid())
print(dict(matplotlib.rcParams), pandas.options.display.max_rows)
"""


def test_a_forked_kernel_is_in_the_state_of_one_that_was_started(tmp_path, scratch, warm):
    forked = printed(tmp_path, STATE, kernels=Kernels(1, warm), scratch=scratch)
    assert forked.splitlines() == printed(tmp_path, STATE, kernels=Kernels(1), scratch=scratch).splitlines()


def test_it_is_a_child_of_the_warm_process_and_has_the_libraries_at_once(tmp_path, scratch, warm):
    code = "import os, sys; print(os.getppid(), 'seaborn' in sys.modules)"
    assert printed(tmp_path, code, kernels=Kernels(1, warm), scratch=scratch) == f"{warm.pid} True\n"


def test_two_forks_draw_different_random_numbers(tmp_path, scratch, warm):
    code = "import random, numpy; print(random.random(), numpy.random.default_rng().random())"
    one, other = (printed(tmp_path, code, kernels=Kernels(1, warm), scratch=scratch) for _ in range(2))
    assert one != other


def test_a_kernel_that_dies_is_reported_by_its_cell(tmp_path, scratch, warm):
    with pytest.raises(ReportError, match=r"01-a.py:cell 1: killed the kernel"):
        printed(tmp_path, "import os; os._exit(3)", kernels=Kernels(1, warm), scratch=scratch)


def test_where_the_process_is_gone_kernels_start_as_usual(tmp_path, scratch):
    gone = Warm(kernel_environment(0, scratch))
    gone.stop()
    code = "import os; print(os.getppid())"
    assert printed(tmp_path, code, kernels=Kernels(1, gone), scratch=scratch) == f"{os.getpid()}\n"


def test_kernels_end_with_the_process(tmp_path, scratch):
    process = Warm(kernel_environment(0, scratch))
    connection = tmp_path / "kernel.json"
    kernel = process.fork(["-f", str(connection)], str(tmp_path), dict(os.environ))
    try:
        assert comes(connection.exists)
        assert kernel.poll() is None
        process.stop()
        assert comes(lambda: kernel.poll() is not None)
    finally:
        kernel.kill()


def test_it_lists_the_fonts_as_kernels_would_warn_of_that(tmp_path):
    with warm_kernels(tmp_path) as process:
        assert process.ready()
        assert list((tmp_path / "matplotlib").glob("fontlist-*.json"))


def test_it_is_ended_while_it_still_imports(tmp_path):
    with warm_kernels(tmp_path) as process:
        assert Path(f"/proc/{process.pid}").exists()
    assert not Path(f"/proc/{process.pid}").exists()
    assert not process.ready()
