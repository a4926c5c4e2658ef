"""The numbers in the prose, each with the call, the seed and the data it came from."""

from __future__ import annotations

import datetime
import html
import math
import numbers as abstract
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, Protocol, TypedDict

from eventstudy.errors import OptionError
from eventstudy.events import Events
from eventstudy.latex import escape_latex
from eventstudy.printing import TO, Printable, print_value, six_digits

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MIME = "application/vnd.eventstudy.numbers+json"
# \read stops TeX where no user can answer; an error alone would not stop it in \nonstopmode
TEX = r"""% Numbers of the report ABOUT. In the text: \input{numbers.tex}, then \es{NAME}.
% An interval prints as "low to high"; its ends are \es{name:low} and \es{name:high}.
% numbers.json beside this file says for each number its value, call, seed and data.
\newcommand*\es[1]{\ifcsname es/#1\endcsname\csname es/#1\expandafter\endcsname\else\esunknown{#1}\fi}
\protected\def\esunknown#1{%
  \errhelp{Correct the name, or build the report anew and take its numbers.tex.}%
  \errmessage{numbers.tex has no number '#1'; its names stand in numbers.tex}%
  \batchmode\read-1to\esanswer}
"""


class Record(TypedDict):
    """A number in ``numbers.json``."""

    value: object
    text: str
    call: str
    names: dict[str, str]
    seed: str | int | None
    data: dict[str, str]
    notebook: NotRequired[str]  # in the file of a report, which has several


class Trace(Protocol):
    """Where a number comes from."""

    @property
    def call(self) -> str:
        """The call that computed it."""

    @property
    def seed(self) -> str | int | None:
        """The seed of its draws, None without draws."""

    @property
    def data(self) -> Mapping[str, str]:
        """SHA-256 of each input, by label."""


class Traced(Protocol):
    """Anything that says where it comes from, such as every result of this package."""

    @property
    def provenance(self) -> Trace:
        """Where it comes from."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the text: what it is called, what it is, and how it is printed.

    - `name`: lower-case words and digits joined by hyphens.
    - `value`: unrounded.
    - `text`: what ``str()`` and f-strings print.
    - `call`: the call that computed it, as text that can be typed.
    - `names`: what the names and labels in the call stand for, likewise.
    """

    name: str
    value: Printable
    text: str
    source: Trace
    call: str
    names: Mapping[str, str]

    def __str__(self) -> str:
        return self.text

    def record(self) -> Record:
        """Return a value for a JSON file: floats with six digits, as the last ones depend on the processor."""
        return {
            "value": json_value(self.value),
            "text": self.text,
            "call": self.call,
            "names": dict(sorted(self.names.items())),
            "seed": self.source.seed,
            "data": dict(sorted(self.source.data.items())),
        }


class Numbers:
    """Collects the numbers of one notebook.

    A notebook adds each number where it prints it and ends with a cell that shows the collection; the
    report reads it from there into ``numbers.json``.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, Number] = {}
        self._names: dict[str, str] = {}
        self._series: dict[tuple[str, str], str] = {}  # by label and checksum
        self._calls: dict[tuple[str, ...], str] = {}

    def define(self, *pairs: tuple[str | Traced, str]) -> None:
        """Say how each name or label in a call is defined, so that every call can be typed again.

        Parameters
        ----------
        *pairs : (str or Traced, str)
            A name or label that calls use, such as "plan", or a series whose label they use, or another result; and
            Python that makes it, such as ``read_study("plan.toml")`` or ``plan.events.read(plan.period)``. A series is
            identified by its checksum, so two with the same label are kept apart.

        Examples
        --------
        >>> numbers = Numbers()
        >>> numbers.define(("plan", 'read_study("plan.toml")'))
        """
        for what, made in pairs:
            if isinstance(what, str):
                self._names[what] = made
                continue
            trace = what.provenance
            self._calls[_identity(trace)] = made
            if isinstance(what, Events):
                self._series |= dict.fromkeys(trace.data.items(), made)

    def _used(self, call: str, data: Mapping[str, str]) -> dict[str, str]:
        """Return what the names and labels of a call stand for, including the names in those definitions."""
        found = {
            label: self._series[label, sha] for label, sha in data.items() if (label, sha) in self._series
        }
        texts = [call, *found.values()]
        while texts:
            text = texts.pop()
            for name, made in self._names.items():
                if name not in found and re.search(rf"(?<![\w.'\"]){re.escape(name)}(?![\w'\"])", text):
                    found[name] = made
                    texts.append(made)
        return found

    def add(self, name: str, value: Any, text_format: str = "", *, source: Traced) -> Number:
        """Keep a number and return it in printed form.

        Parameters
        ----------
        name : str
            Lower-case words and digits joined by hyphens, such as "ratio-14d"; one number, one name. Adding
            the same number again, as a cell that is run twice does, changes nothing.
        value : int, float, str, datetime.date or pair of float
            Unrounded; a pair is an interval.
        text_format : str
            A format such as ".2f", ",d" or ".0%"; "p" or "p=" for a p-value; none for text and dates.
        source : Traced
            The result that computed it; its ``provenance`` goes into the file.

        Returns
        -------
        Number
            Prints as text in an f-string.

        Raises
        ------
        OptionError
            If the name, the value, the format or the source cannot be used.
        """
        if not NAME.fullmatch(name):
            raise OptionError(
                f"numbers: {name!r} is not a name; write lower-case words and digits joined by hyphens, "
                f"such as 'ratio-14d'"
            )
        plain = plain_value(name, value)
        trace = getattr(source, "provenance", None)
        if trace is None:
            raise OptionError(
                f"numbers: {name!r} comes from a {type(source).__name__}, which has no provenance; "
                f"pass as source the result that computed it"
            )
        try:
            text = print_value(plain, text_format)
        except ValueError as error:
            raise OptionError(
                f"numbers: {name!r} cannot be printed by {text_format!r} ({error}); use a format such as '.2f' or 'p'"
            ) from None
        call = self._calls.get(_identity(trace), trace.call)
        number = Number(name, plain, text, trace, call, self._used(call, trace.data))
        known = self._numbers.setdefault(name, number)
        if known.record() != number.record():
            raise OptionError(
                f"numbers: {name!r} is already {known.text!r} and cannot become {text!r}; "
                f"give one of them another name, or run the notebook from its top"
            )
        return number

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Number]:
        return iter(self._numbers.values())

    def to_dict(self) -> dict[str, Record]:
        """Return for each name, in order of the alphabet, its value, text, call, seed and data checksums."""
        return {name: self._numbers[name].record() for name in sorted(self._numbers)}

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        rows = [(number.name, number.text, number.call) for number in self]
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        return {
            MIME: self.to_dict(),
            "text/html": f"<table><tr><th>number</th><th>text</th><th>call</th></tr>{body}</table>",
            "text/plain": "\n".join(f"{name}: {text}" for name, text, _ in rows),
        }


def numbers_tex(records: Mapping[str, Record], about: str) -> str:
    r"""Return a file for LaTeX that defines ``\es``: ``\es{ratio-14d}`` prints a number as the report does.

    Parameters
    ----------
    records : mapping of str to mapping
        As `Numbers.to_dict` returns them.
    about : str
        Title and version of the report, for the head of the file.
    """
    texts: dict[str, str] = {}
    for name, record in sorted(records.items()):
        texts[name] = record["text"]
        if isinstance(record["value"], (list, tuple)):
            texts[f"{name}:low"], texts[f"{name}:high"] = record["text"].split(TO)
    head = TEX.replace("ABOUT", escape_latex(about)).replace("NAME", next(iter(texts), "name"))
    lines = [
        rf"\expandafter\def\csname es/{name}\endcsname{{{escape_latex(text)}}}"
        for name, text in texts.items()
    ]
    return head + "\n".join([*lines, ""])


def _identity(trace: Trace) -> tuple[str, ...]:
    return trace.call, *(part for item in sorted(trace.data.items()) for part in item)


def plain_value(name: str, value: Any) -> Printable:
    """Return a value as Python's own int, float, str, date or pair of float."""
    if isinstance(value, (str, datetime.date)):
        return value
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return _real(name, value[0]), _real(name, value[1])
    return _real(name, value)


def json_value(value: Printable) -> Any:
    """Return a value as JSON can hold it: six significant digits, dates as YYYY-MM-DD, infinity as text."""
    if isinstance(value, tuple):
        return [json_value(end) for end in value]
    if isinstance(value, datetime.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return six_digits(value) if math.isfinite(value) else str(value)
    return value


def _real(name: str, value: Any) -> int | float:
    if not isinstance(value, bool):
        if isinstance(value, abstract.Integral):
            return int(value)
        if isinstance(value, abstract.Real) and not math.isnan(value):
            return float(value)
    raise OptionError(f"numbers: {name!r} is {value!r}; give a number, a pair of numbers, a date or text")
