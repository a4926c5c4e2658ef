"""What made each output: a table with a row for every figure and table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from eventstudy.report.checksums import sha256
from eventstudy.report.convert import Section
from eventstudy.report.project import Project


def manifest(project: Project, sections: Sequence[Section], staged: Path) -> str:
    """Return a CSV with a row for each figure and table: what made it, from what."""
    raw = project.root / "data" / "raw"
    data = "; ".join(f"{path.name} {sha256(path)}" for path in sorted(raw.glob("*.csv")))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["label", "file", "sha256", "notebook", "cell", "code", "seeds", "data", "version"])
    for section in sections:
        seeds = sorted({str(r["seed"]) for r in section.numbers.values() if r["seed"] is not None})
        for e in section.exhibits:
            drawing = f"figures/{e.file}" if e.file else ""
            made_by = [e.source.name, e.cell, e.code, "; ".join(seeds), data, project.settings.version]
            table.writerow([e.label, drawing, sha256(staged / drawing) if drawing else "", *made_by])
    return text.getvalue()
