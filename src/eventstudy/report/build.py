"""Build the report of a folder: run what changed, write everything, put it in place all at once."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventstudy.errors import ReportError
from eventstudy.report.appendix import appendix, how_to_repeat
from eventstudy.report.check_html import check_html
from eventstudy.report.check_pdf import check_pdf
from eventstudy.report.convert import Section, convert
from eventstudy.report.execute import execute, list_fonts
from eventstudy.report.notebooks import Notebook, find_notebooks
from eventstudy.report.render import Attachment, render
from eventstudy.report.settings import Settings, read_settings

PACKAGE = Path(__file__).resolve().parents[1]
CHECKSUMS = "checksums.txt"
AT_ONCE = 2  # notebooks that run side by side


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a report: ``notebooks/``, ``data/raw/`` and CITATION.cff.

    Parameters
    ----------
    root : pathlib.Path
    notebooks : tuple of pathlib.Path
        py:percent files in the order of the report.
    settings : Settings
    """

    root: Path
    notebooks: tuple[Path, ...]
    settings: Settings

    @property
    def bibliography(self) -> Path:
        """The BibTeX file."""
        return self.root / "notebooks" / "references.bib"

    @property
    def shared_inputs(self) -> list[Path]:
        """Files that every notebook may read: the plan, the data, the versions of libraries, this package."""
        about = self.root / "notebooks" / "report.toml"
        plans = [path for path in sorted((self.root / "notebooks").glob("*.toml")) if path != about]
        data = [path for path in sorted((self.root / "data" / "raw").rglob("*")) if path.is_file()]
        lock = [path for path in [self.root / "requirements.lock"] if path.exists()]
        own = PACKAGE / "report"
        code = [path for path in sorted(PACKAGE.rglob("*.py")) if own not in path.parents]
        return [*plans, *data, *lock, *code, own / "execute.py", own / "notebooks.py"]

    @property
    def inputs(self) -> list[Path]:
        """Every file that any output depends on."""
        about = [self.root / "CITATION.cff", self.root / "notebooks" / "report.toml", self.bibliography]
        machinery = [path for path in sorted((PACKAGE / "report").rglob("*")) if path.suffix != ".pyc"]
        return [*self.notebooks, *self.shared_inputs, *about, *(path for path in machinery if path.is_file())]


def open_project(root: Path) -> Project:
    """Return the project of a folder.

    Raises
    ------
    ReportError
        If a file that every report needs is missing or cannot be read.
    """
    root = root.resolve()
    project = Project(
        root,
        tuple(find_notebooks(root / "notebooks")),
        read_settings(root / "CITATION.cff", root / "notebooks" / "report.toml"),
    )
    if not project.bibliography.exists():
        raise ReportError("notebooks/references.bib: no such file; write it, empty if nothing is cited")
    return project


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
    if stamp.exists() and stamp.read_text(encoding="utf-8") == inputs and _is_intact(reports):
        say(f"{pdf} is up to date; nothing to do")
        return False
    staged = make_outputs(project, scratch, say=say)
    stamp.unlink(missing_ok=True)
    _put_in_place(staged, reports)
    stamp.write_text(inputs, encoding="utf-8")
    say(f"wrote {pdf} ({(project.root / pdf).stat().st_size // 1000} kB) and what belongs to it")
    return True


def verify(root: Path, *, say: Callable[[str], None] = print) -> None:
    """Build the report from nothing in a temporary place and compare it with ``reports/checksums.txt``.

    Raises
    ------
    ReportError
        If an output differs; every one that does is named.
    """
    project = open_project(root)
    expected = _read_checksums(project.root / "reports")
    if not expected:
        raise ReportError(f"reports/{CHECKSUMS}: no checksums to compare with; run make report first")
    with tempfile.TemporaryDirectory() as scratch:
        found = _read_checksums(make_outputs(project, Path(scratch), say=say))
    differing = sorted(name for name in expected | found if expected.get(name) != found.get(name))
    if differing:
        raise ReportError(
            "\n".join(
                f"reports/{name}: a fresh build gives other bytes; run make report" for name in differing
            )
        )
    say(f"all {len(found)} outputs are the same, byte for byte")


def make_outputs(project: Project, scratch: Path, *, say: Callable[[str], None]) -> Path:
    """Write all outputs of a project into a folder inside `scratch` and return that folder.

    Executed notebooks are kept in `scratch` and used again as long as nothing they read has changed.

    Raises
    ------
    ReportError
        If anything stops the report, or a check of the finished files finds a fault.
    """
    notebooks = _run_notebooks(project, scratch, say)
    sections = [convert(nb, path) for nb, path in zip(notebooks, project.notebooks, strict=True)]
    numbers = _merge_numbers(sections)
    work, staged = scratch / "work", scratch / "staged"
    for folder in (work, staged):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    (work / "numbers.json").write_text(_json(numbers), encoding="utf-8")
    plans = [path for path in project.shared_inputs if path.suffix == ".toml"]
    data = [path for path in sorted((project.root / "data" / "raw").rglob("*")) if path.is_file()]
    end, repeat = appendix(project.root, sections, plans, data), how_to_repeat(project.root)
    attachments = _attachments(project, work)
    documents = render(sections, project.settings, project.bibliography, attachments, end, repeat, work)
    problems = [
        f"{path.name}: {problem}"
        for path in documents
        for problem in (check_pdf if path.suffix == ".pdf" else check_html)(path)
    ]
    if problems:
        raise ReportError(
            "\n".join(f"{problem}; mend the text or the template" for problem in dict.fromkeys(problems))
        )
    for path in (*documents, work / "numbers.json"):
        shutil.copy(path, staged)
    shutil.copytree(work / "figures", staged / "figures")
    (staged / "manifest.csv").write_text(_manifest(project, sections, staged), encoding="utf-8")
    outputs = sorted(path for path in staged.rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  {path.relative_to(staged).as_posix()}\n" for path in outputs]
    (staged / CHECKSUMS).write_text("".join(lines), encoding="utf-8")
    return staged


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


def _merge_numbers(sections: Iterable[Section]) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for section in sections:
        notebook = section.source.stem
        for name, record in section.numbers.items():
            if name in merged:
                raise ReportError(
                    f"notebooks/{section.source.name}: the number {name!r} is also in "
                    f"{merged[name]['notebook']}; give it another name"
                )
            merged[name] = record | {"notebook": notebook}
    return dict(sorted(merged.items()))


def _attachments(project: Project, work: Path) -> list[Attachment]:
    notebooks = [Attachment(path, "Notebook: the code and text of a section") for path in project.notebooks]
    plans = [path for path in project.shared_inputs if path.suffix == ".toml"]
    return [
        *notebooks,
        *(Attachment(path, "Choices fixed before the analysis") for path in plans),
        Attachment(work / "numbers.json", "Every number in the text: value, call, seed, data checksums"),
        Attachment(project.bibliography, "References in BibTeX"),
    ]


def _manifest(project: Project, sections: Sequence[Section], staged: Path) -> str:
    """Return a CSV with a row for each figure and table: what made it, from what."""
    raw = project.root / "data" / "raw"
    data = "; ".join(f"{path.name} {_sha256(path)}" for path in sorted(raw.glob("*.csv")))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["label", "file", "sha256", "notebook", "cell", "code", "seeds", "data", "version"])
    for section in sections:
        seeds = sorted({str(r["seed"]) for r in section.numbers.values() if r["seed"] is not None})
        for e in section.exhibits:
            drawing = f"figures/{e.file}" if e.file else ""
            made_by = [e.source.name, e.cell, e.code, "; ".join(seeds), data, project.settings.version]
            table.writerow([e.label, drawing, _sha256(staged / drawing) if drawing else "", *made_by])
    return text.getvalue()


def _put_in_place(staged: Path, reports: Path) -> None:
    """Move finished outputs over the old ones and take away old ones that are no longer made."""
    new = sorted(path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file())
    gone = _read_checksums(reports).keys() - set(new)
    for name in new:
        (reports / name).parent.mkdir(parents=True, exist_ok=True)
        (staged / name).replace(reports / name)
    for name in gone:
        (reports / name).unlink(missing_ok=True)


def _read_checksums(folder: Path) -> dict[str, str]:
    file = folder / CHECKSUMS
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _is_intact(reports: Path) -> bool:
    expected = _read_checksums(reports)
    return bool(expected) and all(
        (reports / name).exists() and _sha256(reports / name) == digest for name, digest in expected.items()
    )


def _fingerprint(paths: Iterable[Path], epoch: int) -> str:
    """Return one checksum of files, of the release date and of the interpreter."""
    parts = [f"{path.parent.name}/{path.name} {_sha256(path)}" for path in paths]
    whole = "\n".join([*parts, str(epoch), platform.python_version()])
    return hashlib.sha256(whole.encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
