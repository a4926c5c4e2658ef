"""Execute the notebooks of a report: in parallel those whose code or data changed; the others are reused."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.provenance import file_sha256
from eventstudy.replacing import replaced
from eventstudy.report.environment import list_fonts
from eventstudy.report.execute import Kernels, execute
from eventstudy.report.inputs import Unchanged
from eventstudy.report.notebooks import Notebook, read_notebook
from eventstudy.report.project import Project
from eventstudy.study.memory import code_fingerprint

if TYPE_CHECKING:
    from eventstudy.report.warm import Warm

EXECUTED, REMEMBERED = "executed", "remembered"  # folders inside the scratch folder


def run_notebooks(
    project: Project, scratch: Path, say: Callable[[str], None], warm: Warm | None = None
) -> list[Notebook]:
    """Return every notebook of a project with its outputs.

    `scratch`: outputs are kept here. They are reused as long as the code of the notebook, the plan, the data,
    the package and the libraries are the same; text, captions and tags may change. `say`: takes each line of
    progress. `warm`: the process whose forks the kernels are.

    Raises ReportError if a notebook fails, or the plan, the data or a module is changed meanwhile; notebooks
    finished by then are kept.
    """
    kept = scratch / EXECUTED
    kept.mkdir(parents=True, exist_ok=True)
    unchanged = Unchanged(project.root, lambda: project.shared_inputs)
    notebooks = {path: read_notebook(path) for path in project.notebooks}
    shared = _shared(project)
    keys = {path: _key(path, notebook, shared) for path, notebook in notebooks.items()}
    outputs = {path: _kept(_file(kept, path), keys[path]) for path in notebooks}
    stale = [path for path, found in outputs.items() if found is None]
    if stale:
        say(f"running {', '.join(f'notebooks/{path.name}' for path in stale)}")
        if warm is None or not warm.ready():
            list_fonts(scratch)
        _forget(scratch / REMEMBERED)

        def keep(path: Path, done: Notebook, seconds: float) -> None:
            unchanged.check()  # a notebook may have read a table that does not match its key
            outputs[path] = [cell["outputs"] for cell in _code_cells(done)]
            content = {"key": keys[path], "seconds": round(seconds, 1), "outputs": outputs[path]}
            with replaced(_file(kept, path)) as new:
                new.write_text(json.dumps(content), encoding="utf-8")
            say(f"notebooks/{path.name} took {seconds:.0f} s")

        # the slowest notebook of the last run starts first, so that it does not run alone at the end; before a first
        # run, the one with the longest text
        stale.sort(key=lambda path: (_seconds(_file(kept, path)), path.stat().st_size), reverse=True)
        _side_by_side({path: notebooks[path] for path in stale}, project.settings.epoch, scratch, warm, keep)
    for path, notebook in notebooks.items():
        for cell, shown in zip(_code_cells(notebook), outputs[path] or (), strict=True):
            cell["outputs"] = shown
    return list(notebooks.values())


def kept_notebook(project: Project, scratch: Path, source: Path) -> Notebook | None:
    """Return a notebook with the outputs of its last run, None if there are none or an input has changed."""
    notebook = read_notebook(source)
    outputs = _kept(_file(scratch / EXECUTED, source), _key(source, notebook, _shared(project)))
    if outputs is None:
        return None
    for cell, shown in zip(_code_cells(notebook), outputs, strict=True):
        cell["outputs"] = shown
    return notebook


def _side_by_side(
    sources: Mapping[Path, Notebook],
    epoch: int,
    scratch: Path,
    warm: Warm | None,
    keep: Callable[[Path, Notebook, float], None],
) -> None:
    """Run notebooks and yield each as it ends; the first that fails, or Ctrl-C, ends the others."""
    at_once = min(len(sources), os.cpu_count() or 1)
    kernels = Kernels(at_once, warm)

    def run(source: Path) -> tuple[Path, Notebook, float]:
        began = time.monotonic()
        return (
            source,
            execute(source, epoch=epoch, scratch=scratch, kernels=kernels, notebook=sources[source]),
            time.monotonic() - began,
        )

    pool = ThreadPoolExecutor(max_workers=at_once)
    try:
        for job in as_completed([pool.submit(run, source) for source in sources]):
            keep(*job.result())
    finally:
        kernels.stop()
        pool.shutdown(cancel_futures=True)


def _shared(project: Project) -> str:
    """Return a checksum of all that any notebook may read."""
    parts = [
        f"{path.relative_to(project.root).as_posix()} {file_sha256(path)}" for path in project.shared_inputs
    ]
    return "\n".join([*parts, str(project.settings.epoch), code_fingerprint()])


def _key(path: Path, notebook: Notebook, shared: str) -> str:
    """Return a checksum of what determines a notebook's outputs: its code, without text, captions and tags."""
    code = [_code(cell["source"]) for cell in _code_cells(notebook)]
    return hashlib.sha256(json.dumps([path.name, code, shared]).encode()).hexdigest()


def _code(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if not line.startswith("#|"))


def _code_cells(notebook: Notebook) -> list[Any]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _file(folder: Path, source: Path) -> Path:
    return folder / f"{source.stem}.json"


def _kept(file: Path, key: str) -> list[Any] | None:
    """Return the outputs of each code cell, None if they are outdated, missing or unreadable."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return list(content["outputs"]) if content["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _seconds(file: Path) -> float:
    """Return the time that a notebook took last, whatever has changed since; infinite if unknown."""
    try:
        return float(json.loads(file.read_text(encoding="utf-8"))["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return math.inf


def _forget(remembered: Path) -> None:
    """Remove results that were computed by other code."""
    for folder in remembered.glob("*"):
        if folder.name != code_fingerprint()[:16]:
            shutil.rmtree(folder, ignore_errors=True)
