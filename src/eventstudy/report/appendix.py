"""The appendix of every report: how to repeat it, its software and data, and the plan."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pandas as pd

from eventstudy.errors import ReportError
from eventstudy.fonts import Font
from eventstudy.provenance import file_sha256
from eventstudy.report.convert import Section
from eventstudy.report.plan_table import plan_table
from eventstudy.tables import Table

DISTRIBUTION = "eventstudy-timing"
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)[^;]*(?:;\s*extra == '(\w+)')?")
DOUBTS = re.compile(r"^(?P<marks>#+) +Doubts\b.*$", re.MULTILINE)


def appendix(
    root: Path,
    sections: Sequence[Section],
    plans: Sequence[Path],
    data: Sequence[Path],
    fonts: Sequence[Font] = (),
) -> str:
    """Return the appendix of a report as Pandoc Markdown.

    - `root`: folder of the study.
    - `plans`, `data`: TOML files printed as tables, and files whose checksums are printed. From a README.md
      among the data the part under a heading "Doubts" is printed.
    - `fonts`: fonts for names in other scripts.
    """
    parts = ["::: appendix\n:::", _repeat(root, sections, [*plans, *data], fonts)]
    parts += [f"# Doubts about the data\n\n{text}" for text in map(doubts, data) if text]
    for plan in plans:
        parts.append(
            f"# The plan\n\nThe notebooks take their choices from the file `{plan.name}`, which goes with this report "
            f"word for word, with its comments. @tbl:appendix-{_label(plan)} has its entries.\n\n"
            + _table(
                f"appendix-{_label(plan)}",
                f"What `{plan.name}` fixes, and why.",
                plan_table(plan.read_text("utf-8")),
            )
        )
    return "\n\n".join(parts)


def software() -> dict[str, dict[str, str]]:
    """Return the versions of the software that computes results and that prints them, by name.

    Raises ReportError if this package runs without being installed, so that its requirements are unknown.
    """
    try:
        required = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        raise ReportError(
            f"{DISTRIBUTION}: not installed, so the report cannot name its software; run pip install --editable ."
        ) from None
    found: dict[str, dict[str, str]] = {"": {}, "report": {}}
    for name, extra in (match.groups("") for line in required if (match := REQUIREMENT.match(line))):
        if extra in found:
            found[extra][name] = metadata.version(name)
    computing = {"Python": ".".join(platform.python_version_tuple()[:2]), **found[""]}
    return {"Computed": computing, "printed": found["report"]}


def _repeat(root: Path, sections: Sequence[Section], files: Sequence[Path], fonts: Sequence[Font]) -> str:
    lock = sorted(root.glob("requirements*.lock"))
    sums = "\n".join(f"| {path.name} | `{file_sha256(path)}` |" for path in [*files, *lock])
    versions = [
        f"{use} with {', '.join(f'{name} {version}' for name, version in names.items())}"
        for use, names in software().items()
    ]
    return "\n\n".join(
        [
            f"# How to repeat this report\n\n{how_to_repeat(root)}",
            f"**Software.** {'; '.join(versions)}.",
            *(
                [f"**Fonts.** Names in other scripts are printed in {'; '.join(map(str, fonts))}."]
                if fonts
                else []
            ),
            _table(
                "appendix-seeds",
                "Numbers printed in the text, by the notebook that computes them, and the seeds of their draws.",
                Table(_seeds(sections)).to_markdown(),
                "Exact results need no seed. The call, the seed and the data of each number are in `numbers.json`.",
            ),
            _table(
                "appendix-checksums",
                "The files behind the report, by SHA-256.",
                f"| file | SHA-256 |\n|:--|:--|\n{sums}",
            ),
        ]
    )


def _seeds(sections: Sequence[Section]) -> pd.DataFrame:
    """Return a row per notebook: how many numbers it prints, how many of them are from draws, and the seeds."""
    rows = []
    for section in sections:
        seeds = [str(record["seed"]) for record in section.numbers.values() if record["seed"] is not None]
        rows.append(
            (section.source.name, len(section.numbers), len(seeds), ", ".join(sorted(set(seeds))) or "none")
        )
    return pd.DataFrame(rows, columns=["notebook", "numbers", "of them drawn", "seeds"])


def _table(name: str, caption: str, markdown: str, note: str = "") -> str:
    below = f"\n\n::: note\n{note}\n:::" if note else ""
    return f":::: {{#tbl:{name} .table}}\n::: caption\n{caption}\n:::\n\n{markdown}{below}\n::::"


def how_to_repeat(root: Path) -> str:
    """Return the commands that build a report again and compare it, as Markdown."""
    made = (root / "Makefile").exists() and "\nverify:" in (root / "Makefile").read_text(encoding="utf-8")
    build = "make report" if made else "eventstudy report"
    verify = "make verify" if made else f"{build} --verify"
    return (
        f"In the folder of the study, `{build}` runs the notebooks and writes the report, and `{verify}` builds it "
        "again elsewhere and compares every file with `checksums.txt`, byte by byte."
    )


def doubts(path: Path) -> str:
    """Return the part of a README.md under its heading "Doubts", up to the next heading of that level."""
    if path.name != "README.md":
        return ""
    text = path.read_text(encoding="utf-8")
    if (found := DOUBTS.search(text)) is None:
        return ""
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found['marks'])}}} ", rest, re.MULTILINE)
    return rest[: end.start()].strip() if end else rest.strip()


def _label(plan: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", plan.stem.lower()).strip("-") or "plan"
