"""Run a notebook in a fresh kernel of this interpreter, the same way on every machine."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import os
import re
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy import errors
from eventstudy.errors import ReportError
from eventstudy.report.environment import kernel_environment
from eventstudy.report.notebooks import Notebook, read_notebook

if TYPE_CHECKING:
    from eventstudy.report.warm import Warm

SECONDS_PER_CELL = 1800
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
CELL_FILE = re.compile(r"\S*ipykernel_\d+\S*\.py:(\d+):")
FAILING_LINE = re.compile(r"^-+> *\d+ (.*)$", re.MULTILINE)


class Kernels:
    """The kernels now running, so that all can be ended at once from another thread.

    `at_once`: how many run side by side; they share the processors. `warm`: the process whose forks they are.
    """

    def __init__(self, at_once: int = 1, warm: Warm | None = None) -> None:
        self.cores = max(1, (os.cpu_count() or 1) // at_once)
        self.warm = warm
        self._running: set[Any] = set()
        self._stopped = False

    def add(self, manager: Any) -> None:
        """Note a kernel that has started."""
        self._running.add(manager)
        if self._stopped:
            self.stop()

    def remove(self, manager: Any) -> None:
        """Note that a kernel has ended."""
        self._running.discard(manager)

    def stop(self) -> None:
        """End every kernel with the processes it has started, and any that starts from now on."""
        self._stopped = True
        for manager in tuple(self._running):
            with contextlib.suppress(ProcessLookupError, AttributeError):  # it has ended by itself
                pid = manager.provisioner.process.pid
                os.killpg(pid, signal.SIGKILL) if hasattr(os, "killpg") else os.kill(pid, signal.SIGTERM)


def execute(
    source: Path, *, epoch: int, scratch: Path, kernels: Kernels, notebook: Notebook | None = None
) -> Notebook:
    """Run a notebook and return it with its outputs.

    - `source`: a py:percent file; the kernel works in its folder.
    - `epoch`: seconds since 1970 that tools in the kernel use as the current time.
    - `scratch`: a folder for Matplotlib's list of fonts, filled by `list_fonts`, and for results cached by
      notebooks.
    - `kernels`: where the kernel is noted while it runs.
    - `notebook`: the content of `source` read before, so that an edit in the meantime has no effect; it is
      not changed.

    Raises ReportError if a cell fails or writes to stderr.
    """
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    from eventstudy.report.provisioner import WarmProvisioner

    notebook = read_notebook(source) if notebook is None else copy.deepcopy(notebook)
    started = [1]
    with tempfile.TemporaryDirectory() as private:
        # no kernel specs: a user's kernel called python3 may be another interpreter
        manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            connection_file=f"{private}/kernel.json",
        )
        if os.name == "posix":  # no open port; the path must be absolute, as the kernel works elsewhere
            manager.transport, manager.ip = "ipc", f"{private}/kernel"
        if kernels.warm is not None:
            manager.provisioner = WarmProvisioner(parent=manager, kernel_spec=manager.kernel_spec)
            manager.provisioner.warm = kernels.warm
        client = NotebookClient(
            notebook,
            timeout=SECONDS_PER_CELL,
            record_timing=False,
            on_cell_start=lambda cell, cell_index: started.append(cell_index + 1),
            on_notebook_start=lambda notebook: kernels.add(manager),
            resources={"metadata": {"path": str(source.parent)}},
        )
        client.km = manager
        environment = kernel_environment(epoch, scratch) | {"IPYTHONDIR": private}
        # joblib starts no more workers than this, unless a notebook asks for a number
        environment.setdefault("LOKY_MAX_CPU_COUNT", str(kernels.cores))
        try:
            # a kernel that is told to end says on stderr that it was interrupted
            asyncio.run(client.async_execute(env=environment, stderr=subprocess.DEVNULL))
        except CellExecutionError:
            raise _failure(source, notebook) from None
        except (CellTimeoutError, DeadKernelError) as error:
            reason = "ran too long" if isinstance(error, CellTimeoutError) else "killed the kernel"
            place = where(source, started[-1])
            raise ReportError(f"{place}: {reason}; run it in JupyterLab to see why") from None
        finally:
            kernels.remove(manager)
    for number, cell in enumerate(notebook["cells"], 1):
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                said = " ".join(CELL_FILE.sub(r"line \1:", output["text"]).split())
                raise ReportError(
                    f"{where(source, number)}: wrote to stderr: {said}; correct what it warns of"
                )
    return notebook


def where(source: Path, number: int) -> str:
    """Return the name of a cell in messages; cells, including text cells, count from 1."""
    return f"{source.parent.name}/{source.name}:cell {number}"


def _in_file(source: Path, kind: str, message: str) -> str:
    """Return an error of the package about a plan or a table as it is, by the path in the study; empty for any other.

    Such a message holds its own place and fix, the same in whichever notebook reads the file first.
    """
    if not hasattr(errors, kind):
        return ""
    lines = []
    for line in message.splitlines():
        name, _, rest = line.partition(":")
        if not (source.parent / name).is_file():
            return ""
        path = Path(os.path.relpath((source.parent / name).resolve(), source.parent.parent.resolve()))
        lines.append(f"{path.as_posix()}:{rest}")
    return "\n".join(lines)


def _failure(source: Path, notebook: Notebook) -> ReportError:
    for number, cell in enumerate(notebook["cells"], 1):
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                if in_file := _in_file(source, output["ename"], output["evalue"]):
                    return ReportError(in_file)
                traceback = COLOUR.sub("", "\n".join(output["traceback"]))
                line = FAILING_LINE.search(traceback)
                at = f" at `{line[1].strip()}`" if line else ""
                message = " ".join(f"{output['ename']}: {output['evalue']}".split())
                return ReportError(f"{where(source, number)}: {message}; correct the cell{at}")
    return ReportError(
        f"{source.parent.name}/{source.name}: failed without a message; run it in JupyterLab to see why"
    )
