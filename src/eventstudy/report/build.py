"""Build the report of a folder: run what changed, write everything, put it in place all at once."""

from __future__ import annotations

import hashlib
import json
import platform
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from eventstudy.errors import ReportError
from eventstudy.report.checksums import (
    CHECKSUMS,
    differences,
    is_intact,
    put_in_place,
    read_checksums,
    sha256,
)
from eventstudy.report.execute import execute, list_fonts
from eventstudy.report.notebooks import Notebook
from eventstudy.report.outputs import write_outputs
from eventstudy.report.project import Project, open_project

AT_ONCE = 2  # notebooks that run side by side


def build(root: Path, *, say: Callable[[str], None] = print) -> bool:
    """Build the report of a folder into its ``reports/``, unless nothing changed.

    Parameters
    ----------
    root : pathlib.Path
    say : callable
        Takes each line of progress.

    Returns
    -------
    bool
        Whether anything was built.

    Raises
    ------
    ReportError
        If the report cannot be built; ``reports/`` is then as it was.
    """
    project = open_project(root)
    reports, scratch = project.root / "reports", project.root / "build"
    stamp = scratch / "inputs.txt"
    inputs = _fingerprint(project.inputs, project.settings.epoch)
    pdf = f"reports/{project.settings.output}.pdf"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == inputs and is_intact(reports):
        say(f"{pdf} is up to date; nothing to do")
        return False
    staged = make_outputs(project, scratch, say=say)
    stamp.unlink(missing_ok=True)
    put_in_place(staged, reports)
    stamp.write_text(inputs, encoding="utf-8")
    say(f"wrote {pdf} ({(project.root / pdf).stat().st_size // 1000} kB) and what belongs to it")
    return True


def verify(root: Path, *, say: Callable[[str], None] = print) -> None:
    """Build the report from nothing in a temporary place and compare every output with that in ``reports/``.

    Raises
    ------
    ReportError
        If an output differs, is missing or is no longer made; each is named, and how it differs.
    """
    project = open_project(root)
    reports = project.root / "reports"
    if not read_checksums(reports):
        raise ReportError(f"reports/{CHECKSUMS}: no checksums to compare with; run {project.command} first")
    with tempfile.TemporaryDirectory() as scratch:
        staged = make_outputs(project, Path(scratch), say=say)
        count = len(read_checksums(staged))
        differing = differences(reports, staged)
    if differing:
        raise ReportError("\n".join(f"reports/{line}; run {project.command}" for line in differing))
    say(f"all {count} outputs are the same, byte for byte")


def make_outputs(project: Project, scratch: Path, *, say: Callable[[str], None]) -> Path:
    """Write all outputs of a project into a folder inside `scratch` and return that folder.

    Executed notebooks are kept in `scratch` and used again as long as nothing they read has changed.

    Raises
    ------
    ReportError
        If anything stops the report, or a check of the finished files finds a fault.
    """
    return write_outputs(project, _run_notebooks(project, scratch, say), scratch)


def _run_notebooks(project: Project, scratch: Path, say: Callable[[str], None]) -> list[Notebook]:
    """Return every notebook executed, running only those whose inputs changed."""
    from joblib import Parallel, delayed

    kept = scratch / "executed"
    kept.mkdir(parents=True, exist_ok=True)
    shared = project.shared_inputs
    keys = {path: _fingerprint([path, *shared], project.settings.epoch) for path in project.notebooks}
    stale = [path for path in project.notebooks if _kept(kept, path, keys[path]) is None]
    if stale:
        list_fonts(scratch)
        say(f"running {', '.join(f'notebooks/{path.name}' for path in stale)}")
        run = delayed(_run_and_keep)
        workers = Parallel(n_jobs=min(AT_ONCE, len(stale)))
        workers(run(path, keys[path], project.settings.epoch, scratch) for path in stale)
    done = [_kept(kept, path, keys[path]) for path in project.notebooks]
    return [notebook for notebook in done if notebook is not None]


def _run_and_keep(source: Path, key: str, epoch: int, scratch: Path) -> None:
    notebook = execute(source, epoch=epoch, scratch=scratch)
    file = scratch / "executed" / f"{source.stem}.json"
    file.write_text(json.dumps({"key": key, "notebook": notebook}), encoding="utf-8")


def _kept(folder: Path, source: Path, key: str) -> Notebook | None:
    file = folder / f"{source.stem}.json"
    if not file.exists():
        return None
    content = json.loads(file.read_text(encoding="utf-8"))
    return content["notebook"] if content["key"] == key else None


def _fingerprint(paths: Iterable[Path], epoch: int) -> str:
    """Return one checksum of files, of the release date and of the interpreter."""
    parts = [f"{path.parent.name}/{path.name} {sha256(path)}" for path in paths]
    whole = "\n".join([*parts, str(epoch), platform.python_version()])
    return hashlib.sha256(whole.encode()).hexdigest()
