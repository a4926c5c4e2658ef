"""A new study: from two files of dates, a folder from which a report can be built."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import re
import shutil
import tempfile
from importlib import resources
from pathlib import Path

import numpy as np

from eventstudy.dates import date_text
from eventstudy.errors import PlanError
from eventstudy.fonts import check_label
from eventstudy.io.pieces import DateColumn
from eventstudy.paths import is_file_name
from eventstudy.periods import Period
from eventstudy.printing import escape_markdown, one_line
from eventstudy.study.plan_text import plan_text
from eventstudy.study.proposal import Proposal, propose
from eventstudy.study.sources import Read, Source, read_source, words
from eventstudy.study.words import near
from eventstudy.windows import Window

NOTEBOOKS = ("01-data.py", "02-test.py", "03-rates.py", "04-trust.py")
MOST_ROWS = 150  # of a raster with a row for each anchor: more cannot be told apart on a page


def new_study(
    folder: Path,
    events: Source,
    anchors: Source,
    window: Window,
    *,
    today: datetime.date,
    period: Period | None = None,
    title: str | None = None,
    author: str | None = None,
) -> Proposal:
    """Write the folder of a new study: data, plan, notebooks, and the settings of its report.

    - `folder`: must not exist yet; appears only when complete.
    - `today`: written to CITATION.cff and, as a number, to the plan as the seed.
    - `period`: by default proposed from the dates.

    Returns what was written into the plan. Raises DataError if a file cannot be read, or its column of dates
    is not clear. Raises FontError if a name holds a character that no font can draw. Raises PlanError if the
    folder exists already, or no plan can be proposed for these dates.
    """
    folder = Path(os.path.abspath(folder))
    if os.path.lexists(folder):
        raise PlanError(f"{folder}: it exists already and is not overwritten; choose another name")
    for what, text in (("folder", folder.name), ("--title", title or ""), ("--author", author or "")):
        if not text.isprintable():
            raise PlanError(f"{what}: '{one_line(text)}' holds a character that is no text; give another one")
    for file in (events.path, anchors.path):
        if not is_file_name(file.name):
            raise PlanError(
                f"'{one_line(str(file))}': the name of the file cannot be used in a plan; rename it"
            )
    pair = read_source(events, "events"), read_source(anchors, "anchors")
    for read, role in zip(pair, ("events", "anchors"), strict=True):
        check_label(read.name, f"label of the {role}")
        check_label(read.path.name, f"file of the {role}")
        for column in [read.date] if isinstance(read.date, str) else read.date:
            check_label(column, f"column of dates of the {role}")
    for what, text in (("folder", folder.name), ("--title", title or ""), ("--author", author or "")):
        check_label(text, what)
    if pair[0].path.name == pair[1].path.name and pair[0].sha256 != pair[1].sha256:
        raise PlanError(f"{pair[1].path}: both files have the name {pair[1].path.name}; rename one")
    if pair[0].name == pair[1].name:
        raise PlanError(
            f"labels: events and anchors are both called '{pair[0].name}'; tell them apart with "
            "--events-label and --anchors-label"
        )
    proposal = propose(pair[0].events, pair[1].events, window, period, today=today)
    told = tuple(note for read in pair for note in (*read.events.reading, *read.events.notes))
    told += _left_out(pair[0], pair[1], window, proposal.period)
    proposal = dataclasses.replace(proposal, cautions=(*proposal.cautions, *told))
    asked = f"Are there more {pair[0].name} in {near(window)} {pair[1].name}?"
    named = {
        "title": title or asked,
        "author": author or "Unnamed author",
        "events": pair[0].events.label,
        "anchors": pair[1].events.label,
        "output": "-".join(words(folder.name, kept="_.-")).strip("-") or "study",
        "folder": folder.name,
        "today": f"{today:%Y-%m-%d}",
        "year": str(today.year),
    }
    plan = plan_text(named["title"], asked, *pair, window, proposal, int(f"{today:%Y%m%d}"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
            whole = Path(scratch) / "study"
            _write(whole, pair[0], pair[1], named)
            (whole / "notebooks" / "plan.toml").write_text(plan, encoding="utf-8")
            os.rename(whole, folder)
    except OSError as error:
        raise PlanError(f"{error.filename or folder}: {error.strerror}; choose another place") from None
    return proposal


def _left_out(events: Read, anchors: Read, window: Window, period: Period) -> tuple[str, ...]:
    """Say how many rows of each file play no part because of the period."""
    reaching = np.isin(anchors.events.days, window.reaching(anchors.events, period))
    rows = (
        (events, "lie outside the period", int((~period.inside(events.events.days)).sum())),
        (anchors, "have no day of the window in the period", int((~reaching).sum())),
    )
    return tuple(
        f"{count:,} of {len(read.events):,} rows of {read.path.name} {what} and are left out"
        for read, what, count in rows
        if count
    )


def _write(folder: Path, events: Read, anchors: Read, words: dict[str, str]) -> None:
    raw, notebooks = folder / "data" / "raw", folder / "notebooks"
    raw.mkdir(parents=True)
    notebooks.mkdir()
    for file in {events.path.name: events.path, anchors.path.name: anchors.path}.values():
        shutil.copyfile(file, raw / file.name)
    quoted = {name: json.dumps(words[name], ensure_ascii=False) for name in ("title", "author")}
    texts = {
        raw / "README.md": _about_data(events, anchors),
        notebooks / "references.bib": _template("references.bib", {}),
        notebooks / "report.toml": (
            f"output = {json.dumps(words['output'], ensure_ascii=False)}\n"
            f"subtitle = {json.dumps('An event study', ensure_ascii=False)}\n"
            'summary-figure = "fig:nulls"\n'
            f"keywords = {json.dumps([words['events'], words['anchors'], 'event study'], ensure_ascii=False)}\n"
        ),
        folder / "CITATION.cff": _template("CITATION.cff", words | quoted),
        folder / "README.md": _template("README.md", words | {"title": escape_markdown(words["title"])}),
        folder / ".gitignore": "build/\n",
        **{
            notebooks / name: _template(
                name, words, left_out="raster" if len(anchors.events) > MOST_ROWS else ""
            )
            for name in NOTEBOOKS
        },
    }
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")


def _template(name: str, words: dict[str, str], *, left_out: str = "") -> str:
    """Return a template with its words, without the part of it that is left out; the marks of parts go."""
    text = (resources.files("eventstudy.study") / "templates" / f"{name}.txt").read_text(encoding="utf-8")
    if left_out:
        text = re.sub(
            rf"^«begin {left_out}»\n.*?^«end {left_out}»\n", "", text, flags=re.MULTILINE | re.DOTALL
        )
    text = re.sub(r"^«(?:begin|end) \w+»\n", "", text, flags=re.MULTILINE)
    for word, value in words.items():
        text = text.replace(f"«{word}»", value)
    return text


def _columns(date: DateColumn) -> str:
    """Return a column of dates, or three with commas between them."""
    return date if isinstance(date, str) else ", ".join(date)


def _about_data(events: Read, anchors: Read) -> str:
    rows = [
        f"| `{file.path.name}` | {role} | {len(file.events)} | `{_columns(file.date)}` | "
        f"{date_text(file.events.days[0])} | {date_text(file.events.days[-1])} | `{file.sha256}` |"
        for role, file in (("events", events), ("anchors", anchors))
    ]
    return "\n".join(
        [
            "# Data as received",
            "",
            "Never edited: corrections belong into the plan or into a new file with a new name.",
            "",
            "| file | role | rows | date column | first | last | SHA-256 |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            "Still to be written: where each file comes from, when it was fetched, on what terms, how complete it",
            "is, and whether one list was made with a look at the other.",
            "",
        ]
    )
