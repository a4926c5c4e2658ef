"""Build the report of a folder: run what changed, write everything, and put it in place at once."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from eventstudy.errors import ReportError
from eventstudy.provenance import file_sha256
from eventstudy.replacing import replaced, sweep
from eventstudy.report.checksums import (
    CHECKSUMS,
    differences,
    is_intact,
    put_in_place,
    read_checksums,
)
from eventstudy.report.inputs import Unchanged
from eventstudy.report.lock import alone
from eventstudy.report.project import PACKAGE, Project, open_project
from eventstudy.report.warm import warm_kernels
from eventstudy.study.memory import code_fingerprint

TOOLS = ("jupytext", "nbclient", "ipykernel", "pikepdf", "pypandoc_binary", "typst")  # the report extra


def build(root: Path, *, docx: bool = False, say: Callable[[str], None] = print) -> bool:
    """Build the report of a folder into its ``reports/``, unless nothing changed.

    `docx`: whether to write a Word document too, whatever report.toml says; once written, it is kept up to
    date until it is deleted. `say`: takes each line of progress.

    Returns whether anything was built. Raises ReportError if the report cannot be built; ``reports/`` is then
    as it was.
    """
    project = open_project(root)
    reports, scratch = project.root / "reports", project.root / "build"
    word = reports / f"{project.settings.output}.docx"
    pdf = f"reports/{project.settings.output}.pdf"
    stamp = scratch / "inputs.txt"
    for folder in (reports, scratch):
        if not folder.resolve().is_relative_to(project.root):
            raise ReportError(
                f"{folder.name}: a link leads out of {project.root}; make it a folder, and run it again"
            )
    docx |= word.name in read_checksums(reports) and word.exists()  # checksums are read before any work
    project = _with_word(project, docx)
    with _disk_in_one_line(scratch), alone(scratch):
        for folder in (reports, scratch):
            sweep(folder)
        unchanged = Unchanged(project.root, lambda: project.inputs)
        inputs = _fingerprint(project)
        built = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
        if built == _stamp(inputs, reports) and is_intact(reports):
            say(f"{pdf} is up to date; nothing to do")
            return False
        staged = make_outputs(project, scratch, say=say)
        unchanged.check()
        stamp.unlink(missing_ok=True)
        for name in put_in_place(staged, reports):
            say(f"left reports/{name} unchanged: no longer made, and edited since")
        with replaced(stamp) as new:
            new.write_text(_stamp(inputs, reports), encoding="utf-8")
    also = f", reports/{word.name}" if project.settings.docx else ""
    say(f"wrote {pdf} ({(project.root / pdf).stat().st_size // 1000} kB){also} and its files")
    return True


def verify(root: Path, *, say: Callable[[str], None] = print) -> None:
    """Build the report from scratch in a temporary place and compare every output with that in ``reports/``.

    Reports which outputs differ only in the last digits of coordinates, as they may on another kind of processor.

    Raises ReportError if an output differs, is missing or is no longer made; each is named, with the
    difference.
    """
    project = open_project(root)
    reports = project.root / "reports"
    if not (published := read_checksums(reports)):
        raise ReportError(f"reports/{CHECKSUMS}: no checksums to compare with; run {project.command} first")
    project = _with_word(project, f"{project.settings.output}.docx" in published)
    with _disk_in_one_line(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory() as scratch:
        unchanged = Unchanged(project.root, lambda: project.inputs)
        staged = make_outputs(project, Path(scratch), say=say)
        unchanged.check()
        count = len(read_checksums(staged))
        found = differences(reports, staged)
    if found.changed:
        raise ReportError("\n".join(f"reports/{line}; run {project.command}" for line in found.changed))
    for line in found.last_digits:
        say(f"reports/{line}")
    if found.last_digits:
        differing = len(found.last_digits)
        say(f"every number is the same; {differing} of {count} outputs differ in last digits of coordinates")
        return
    say(f"all {count} outputs are the same, byte for byte")


def make_outputs(project: Project, scratch: Path, *, say: Callable[[str], None]) -> Path:
    """Write all outputs of a project into a folder inside `scratch` and return that folder.

    Executed notebooks are kept in `scratch` and reused as long as nothing they read has changed.

    Raises ReportError if anything stops the report, or a check of the finished files finds a fault. Raises
    FontError if its text holds a character that no font has; said before any notebook runs where it stands in
    a file. Raises PlanError or DataError if a plan, or a file that it names, cannot be read as it says; said before
    any notebook runs.
    """
    with warm_kernels(scratch) as warm:  # what follows imports much too, so both take half the time
        from eventstudy.report.lettering import check_lettering
        from eventstudy.report.outputs import write_outputs
        from eventstudy.report.plans import check_plans
        from eventstudy.report.run import run_notebooks

        check_plans(project)
        check_lettering(project)
        notebooks = run_notebooks(project, scratch, say, warm)
    return write_outputs(project, notebooks, scratch)


def _with_word(project: Project, wanted: bool) -> Project:
    """Return a project whose report is written as a Word document too if that is wanted, here or in report.toml."""
    return replace(project, settings=replace(project.settings, docx=project.settings.docx or wanted))


@contextlib.contextmanager
def _disk_in_one_line(place: Path) -> Iterator[None]:
    """Turn the system's error for a full disk, or a folder without write permission, into one clear line."""
    try:
        yield
    except OSError as error:
        raise ReportError(
            f"{error.filename or place}: {error.strerror}; correct that, and run it again"
        ) from None


def _fingerprint(project: Project) -> str:
    """Return one checksum of all that determines the outputs: files, release date, code and versions of tools."""
    files = [f"{_name(path, project.root)} {file_sha256(path)}" for path in project.inputs]
    tools = [f"{name} {version(name)}" for name in TOOLS]
    settings = [str(project.settings.epoch), f"docx {project.settings.docx}"]
    whole = "\n".join([*files, *tools, *settings, code_fingerprint()])
    return hashlib.sha256(whole.encode()).hexdigest()


def _stamp(inputs: str, reports: Path) -> str:
    """Return what was built from what: the outputs of another version are intact too where they were put back."""
    listed = reports / CHECKSUMS
    return f"{inputs} {file_sha256(listed) if listed.exists() else ''}"


def _name(path: Path, root: Path) -> str:
    """Return a path relative to the project or the package, the same on every machine."""
    return path.relative_to(root if path.is_relative_to(root) else PACKAGE).as_posix()
