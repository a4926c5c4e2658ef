"""A folder with a report, and the files from which it is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eventstudy.errors import ReportError
from eventstudy.report.notebooks import find_modules, find_notebooks
from eventstudy.report.settings import Settings, read_settings

PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a report: ``notebooks/``, ``data/raw/`` and CITATION.cff.

    `notebooks`: py:percent files in the order of the report.
    """

    root: Path
    notebooks: tuple[Path, ...]
    settings: Settings

    @property
    def bibliography(self) -> Path:
        """The BibTeX file."""
        return self.root / "notebooks" / "references.bib"

    @property
    def command(self) -> str:
        """The command that builds the report, typed in its folder."""
        makefile = self.root / "Makefile"
        made = makefile.exists() and "\nreport:" in makefile.read_text(encoding="utf-8")
        return "make report" if made else "eventstudy report"

    @property
    def plans(self) -> list[Path]:
        """Choices fixed before the analysis."""
        about = self.root / "notebooks" / "report.toml"
        return [path for path in sorted((self.root / "notebooks").glob("*.toml")) if path != about]

    @property
    def data(self) -> list[Path]:
        """The tables and what is written about them."""
        return [path for path in sorted((self.root / "data" / "raw").rglob("*")) if path.is_file()]

    @property
    def shared_inputs(self) -> list[Path]:
        """Files of the project that every notebook may read: the plan, the data, and code beside the notebooks."""
        return [*self.plans, *self.data, *find_modules(self.root / "notebooks")]

    @property
    def inputs(self) -> list[Path]:
        """Every file that any output depends on, apart from the code that notebooks run."""
        about = [self.root / "CITATION.cff", self.root / "notebooks" / "report.toml", self.bibliography]
        machinery = [path for path in sorted((PACKAGE / "report").rglob("*")) if path.suffix != ".pyc"]
        return [*self.notebooks, *self.shared_inputs, *about, *(path for path in machinery if path.is_file())]


def open_project(root: Path) -> Project:
    """Return the project of a folder.

    Raises ReportError if a file that every report needs is missing or cannot be read.
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
