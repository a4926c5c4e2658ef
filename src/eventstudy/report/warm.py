"""A process that has imported what notebooks import, and becomes a kernel for each of them by a fork.

The imports take three seconds of processor time, as long as everything else that most notebooks do.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from eventstudy.report.environment import kernel_environment

IMPORTED = (
    "ipykernel.kernelapp", "joblib", "pandas", "scipy.signal", "scipy.sparse", "scipy.stats", "seaborn",
    "eventstudy.charts", "eventstudy.figures", "eventstudy.numbers", "eventstudy.study.memory",
    "eventstudy.study.plan", "eventstudy.study.verdicts", "eventstudy.study.words", "eventstudy.tables",
)  # fmt: skip
READY = "ready\n"


class Warm:
    """The process that waits to be forked; only on Linux, where a process with one thread forks safely.

    `environment`: of the process, and of its kernels where they do not set another.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._one_at_a_time = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # pandas imports pyarrow where it is installed, and that would start a thread
            env={"JE_ARROW_MALLOC_CONF": "background_thread:false", **environment},
            text=True,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._ready: bool | None = None

    def ready(self) -> bool:
        """Wait until it has imported everything, and tell whether it can be forked."""
        with self._one_at_a_time:
            if self._ready is None:
                answers = self._process.stdout
                self._ready = answers is not None and not answers.closed and answers.readline() == READY
        return self._ready

    def fork(self, arguments: list[str], folder: str, environment: Mapping[str, str]) -> Forked | None:
        """Return a new kernel that works in a folder; None where there can be none: it is then started as usual."""
        asked_at, answered_at = self._process.stdin, self._process.stdout
        if not self.ready() or asked_at is None or answered_at is None:
            return None
        with self._one_at_a_time, contextlib.suppress(BrokenPipeError, ProcessLookupError, ValueError):
            asked = {"arguments": arguments, "folder": folder, "environment": dict(environment)}
            asked_at.write(json.dumps(asked) + "\n")
            asked_at.flush()
            return Forked(int(answered_at.readline()))
        return None

    def stop(self) -> None:
        """End the process, which may still import; kernels that still run notice and end too."""
        if self._ready is None:
            self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()


class Forked:
    """A kernel that is a child of another process, with what Jupyter asks of a ``subprocess.Popen``.

    `pid`: also that of its process group.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended = os.pidfd_open(pid)  # readable once it has ended

    def __del__(self) -> None:
        os.close(self._ended)

    def poll(self) -> int | None:
        """Return None while it runs, then 0; its exit code is known to its parent alone."""
        return 0 if select.select([self._ended], [], [], 0)[0] else None

    def wait(self) -> int:
        """Wait until it has ended."""
        select.select([self._ended], [], [])
        return 0

    def send_signal(self, number: int) -> None:
        """Send a signal to it."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._ended, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


@contextlib.contextmanager
def warm_kernels(scratch: Path) -> Iterator[Warm | None]:
    """Start the process whose forks are the kernels, where there can be one; it imports while the caller works.

    `scratch`: as of `kernel_environment`.
    """
    warm = Warm(kernel_environment(0, scratch)) if can_fork() else None
    try:
        yield warm
    finally:
        if warm is not None:
            warm.stop()


def can_fork() -> bool:
    """Tell whether kernels can be forked here: elsewhere system libraries start threads of their own."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def main() -> None:
    """Import, then fork a kernel for each line of stdin and write its process number."""
    del sys.path[0]  # a notebook's own folder comes first in its place
    for name in IMPORTED:
        importlib.import_module(name)
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        sys.exit(1)  # a fork would lack the other threads
    signal.signal(signal.SIGCHLD, _reap)
    print(READY, end="", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _become_kernel(**json.loads(line))
        print(pid, flush=True)


def _reap(*_: object) -> None:
    """Take note of the kernels that have ended, which also adds their processor time to that of the report."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become_kernel(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    from ipykernel import kernelapp

    parent = os.getppid()
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = [
        "ipykernel_launcher",
        *arguments,
        f"--IPKernelApp.parent_handle={parent}",
    ]  # it ends when its parent does
    kernelapp.launch_new_instance()
    os._exit(0)


if __name__ == "__main__":
    main()
