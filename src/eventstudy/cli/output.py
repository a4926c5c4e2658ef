"""The output of a command, as text, JSON, CSV or a figure; a file is written completely or not at all."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eventstudy import __version__
from eventstudy.errors import OptionError
from eventstudy.printing import csv_cell, printable
from eventstudy.replacing import write_whole

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from eventstudy.provenance import Provenance

INPUTS = ("events", "anchors", "old", "new")  # options that name files to be read
FIGURES = (".pdf", ".svg", ".png")
DPI = 200
LIBRARIES = ("numpy", "scipy", "pandas")


@dataclass(frozen=True, slots=True)
class Entry:
    """One result for the JSON: rows, further facts, and where it comes from."""

    rows: pd.DataFrame
    more: Mapping[str, Any] = field(default_factory=dict)
    provenance: Provenance | None = None


class _Drawn(Protocol):
    """A result with a figure."""

    @property
    def provenance(self) -> Provenance: ...
    @property
    def figure_size(self) -> tuple[float, float]: ...
    def summary(self) -> str: ...
    def to_frame(self) -> pd.DataFrame: ...
    def plot(self, ax: Axes | None = None) -> Axes: ...


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure: the function that draws each of its axes, and its size in inches."""

    draw: Sequence[Callable[[Axes], object]]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a command, in every available form."""

    text: str
    table: pd.DataFrame
    entries: Sequence[Entry]
    files: Mapping[str, str] = field(default_factory=dict)
    picture: Picture | None = None


def add_output(parser: argparse.ArgumentParser, *, figure: bool = True) -> None:
    """Add the options that choose the form of the answer."""
    group = parser.add_argument_group("output")
    form = group.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="rows, calls, seed, checksums and versions as JSON")
    form.add_argument("--csv", action="store_true", help="rows of unrounded numbers as CSV")
    group.add_argument(
        "--output", metavar="FILE", help="write there, all or nothing; by default, and for -, to stdout"
    )
    if figure:
        group.add_argument("--plot", metavar="FILE", help="draw the result as well, as .pdf, .svg or .png")


def check_output(options: argparse.Namespace) -> None:
    """Refuse files that cannot be written or would overwrite the data, before any work is done."""
    plot = getattr(options, "plot", None)
    if plot is not None and Path(plot).suffix.lower() not in FIGURES:
        raise OptionError(f"--plot {plot}: its ending is not .pdf, .svg or .png; choose one of them")
    inputs = [Path(path) for path in (getattr(options, role, None) for role in INPUTS) if path]
    targets = {flag: Path(path) for flag, path in (("--output", options.output), ("--plot", plot))
               if path is not None and path != "-"}  # fmt: skip
    for flag, target in targets.items():
        if target.is_dir():
            raise OptionError(f"{flag} {target}: it is a folder; give the name of a file")
        if not target.resolve().parent.is_dir():
            raise OptionError(f"{flag} {target}: there is no such folder; make it first")
        if any(path.exists() and target.exists() and path.samefile(target) for path in inputs):
            raise OptionError(f"{flag} {target}: it would overwrite the data; give another name")
    if len({path.resolve() for path in targets.values()}) < len(targets):
        raise OptionError(f"--plot {plot}: --output writes there too; give another name")


def deliver(options: argparse.Namespace, answer: Answer) -> None:
    """Write the answer in the form that the options ask for."""
    if options.json:
        text = json.dumps(_document(options, answer), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    elif options.csv:
        table = answer.table.map(csv_cell).rename(columns=csv_cell)
        text = table.to_csv(index=False, lineterminator="\n")
    else:
        text = printable(answer.text) + "\n"
    drawn = None if getattr(options, "plot", None) is None else _drawn(answer, options.plot)
    if options.output not in (None, "-"):
        write_whole(Path(options.output), _encoded(text), "--output")
    if drawn is not None:
        write_whole(Path(options.plot), drawn, "--plot")
    if options.output in (None, "-"):
        if options.json or options.csv:  # for programs: the same bytes on every terminal
            sys.stdout.flush()
            sys.stdout.buffer.write(_encoded(text))
        else:
            sys.stdout.write(text)


def entry_of(result: _Drawn, kept: Sequence[str]) -> Entry:
    """Return a result with those of the named facts that it has."""
    more = {name: getattr(result, name) for name in kept if hasattr(result, name)}
    return Entry(result.to_frame(), more, result.provenance)


def deliver_result(
    options: argparse.Namespace,
    result: _Drawn,
    kept: Sequence[str],
    files: Mapping[str, str],
    text: str | None = None,
) -> None:
    """Write one result, with its figure; as text its summary, where no other is given."""
    entry = entry_of(result, kept)
    picture = Picture([result.plot], *result.figure_size)
    deliver(options, Answer(text or result.summary(), entry.rows, [entry], files, picture))


def _encoded(text: str) -> bytes:
    """Return UTF-8; bytes of a file name that are not UTF-8 are written as their number."""
    return text.encode("utf-8", "backslashreplace")


def _drawn(answer: Answer, path: str) -> bytes:
    """Return the figure in the format of the file's ending, without a time stamp."""
    import matplotlib
    from matplotlib.figure import Figure

    from eventstudy.figures import STYLE

    picture, ending = answer.picture, Path(path).suffix.lower().removeprefix(".")
    if picture is None:
        raise OptionError(f"--plot {path}: there is nothing to draw here; leave it out")
    style: Any = STYLE | {"svg.fonttype": "path"}  # a separate file must look the same wherever it is opened
    dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    buffer = BytesIO()
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(picture.width, picture.height * len(picture.draw)), layout="constrained")
        below = figure.subplots(len(picture.draw), squeeze=False, sharex=True)[:, 0]
        for axes, draw in zip(below, picture.draw, strict=True):
            draw(axes)
            axes.label_outer()
        figure.savefig(buffer, format=ending, dpi=DPI, metadata=dates.get(ending))
    return buffer.getvalue()


def _document(options: argparse.Namespace, answer: Answer) -> dict[str, object]:
    import platform
    from importlib import metadata  # at the top it would take half the time of --help

    return {
        "command": options.command,
        "results": [
            {
                "rows": [_plain(row) for row in entry.rows.to_dict("records")],
                **_plain(entry.more),
                **({} if entry.provenance is None else _origin(entry.provenance)),
            }
            for entry in answer.entries
        ],
        "notes": list(getattr(options, "notes", [])),
        "files": dict(answer.files),
        "versions": {
            "eventstudy": __version__,
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in LIBRARIES},
        },
    }


def _origin(provenance: Provenance) -> dict[str, object]:
    return {"call": provenance.call, "seed": provenance.seed, "data": dict(provenance.data)}


def _plain(value: Any) -> Any:
    """Return a value in the types of JSON: not a number as null, infinity as text, which float() reads."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, str) or value is None:
        return value
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value
