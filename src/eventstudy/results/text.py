"""How results show themselves: parts of a summary, as text and as HTML."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from eventstudy.printing import columns_of, padded, printable

LEFT, RIGHT = ' style="text-align: left"', ' style="text-align: right"'
NAME = ' style="text-align: left; white-space: nowrap"'


class Part(Protocol):
    """A piece of a summary."""

    def text(self) -> str:
        """Return it as lines of text."""

    def html(self) -> str:
        """Return it as HTML."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A title, and names with their values."""

    title: str
    rows: Sequence[tuple[str, str]] = ()

    def text(self) -> str:
        """Return aligned lines, long values wrapped."""
        return lines(self.title, list(self.rows))

    def html(self) -> str:
        """Return a table of two columns with the title above."""
        body = "".join(
            f'<tr><th scope="row"{NAME}>{html.escape(name)}</th><td{LEFT}>{html.escape(value)}</td></tr>'
            for name, value in self.rows
        )
        return _table(self.title, body)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells under a header, the name of each row first.

    Parameters
    ----------
    columns : sequence of (str, int)
        The header of each column but the first, and its width in characters; 0 leaves cells unpadded, on the left.
    rows : sequence of sequence of str
        The name and the cells of each row.
    after : str
        A line below.
    """

    columns: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[str]]
    after: str = ""

    def text(self) -> str:
        """Return an empty line, the header and the rows, all aligned."""
        first = max(columns_of(name) for name, *_ in self.rows)
        head = "  ".join(f"{name:<{width}}" for name, width in self.columns).rstrip()
        body = [
            f"  {padded(name, first)}  "
            + "  ".join(
                padded(cell, width, ">") for cell, (_, width) in zip(cells, self.columns, strict=True)
            )
            for name, *cells in self.rows
        ]
        return "\n".join(
            ["", f"  {'':<{first}}  {head}", *body, *([f"  {self.after}"] if self.after else [])]
        )

    def html(self) -> str:
        """Return a table with a header."""
        sides = [RIGHT if width else LEFT for _, width in self.columns]
        head = "".join(
            f'<th scope="col"{side}>{html.escape(name.strip())}</th>'
            for (name, _), side in zip(self.columns, sides, strict=True)
        )
        body = "".join(
            f'<tr><th scope="row"{NAME}>{html.escape(name)}</th>'
            + "".join(f"<td{side}>{html.escape(cell)}</td>" for cell, side in zip(cells, sides, strict=True))
            + "</tr>"
            for name, *cells in self.rows
        )
        after = f"<p>{html.escape(self.after)}</p>" if self.after else ""
        return f"{_table('', f'<tr><td></td>{head}</tr>{body}')}{after}"


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line."""

    def text(self) -> str:
        """Return an empty line."""
        return ""

    def html(self) -> str:
        """Return nothing: tables are spaced already."""
        return ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A title and lines of text."""

    title: str
    lines: Sequence[str]

    def text(self) -> str:
        """Return the title with a colon, and the lines below it."""
        return "\n".join([f"{self.title}:", *(f"  {line}" for line in self.lines)])

    def html(self) -> str:
        """Return a list with the title above."""
        items = "".join(f"<li>{html.escape(line)}</li>" for line in self.lines)
        return f"<p>{html.escape(self.title)}</p><ul>{items}</ul>"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a result was made from and how, where it says so."""

    events: int | None
    anchors: int | None
    rows: int | None
    method: str
    null_model: str | None
    errors: str | None
    seed: str | None
    confidence_level: float | None


def _table(title: str, body: str) -> str:
    caption = f"<caption{LEFT}>{html.escape(title)}</caption>" if title else ""
    # Jupyter would typeset text between dollar signs as mathematics
    return f'<table class="tex2jax_ignore">{caption}<tbody>{body}</tbody></table>'


def lines(title: str, rows: list[tuple[str, str]], width: int = 100) -> str:
    """Return a title and aligned rows of names and values, long values wrapped, without terminal control characters."""
    title, rows = printable(title), [(printable(name), printable(value)) for name, value in rows]
    pad = max((columns_of(name) for name, _ in rows), default=0) + 2
    out = [title]
    for name, value in rows:
        wrapped = textwrap.wrap(value, max(40, width - pad - 2)) or [""]
        out.append(f"  {padded(name, pad)}{wrapped[0]}")
        out += [" " * (pad + 2) + more for more in wrapped[1:]]
    return "\n".join(out)


class _Keeps(Protocol):
    @property
    def keeps(self) -> str: ...


def h0_text(null: _Keeps, events: str, anchors: str, more: str = "") -> str:
    """Return H0 of a test under a null model in words."""
    return f"given {null.keeps}{more}, the {events} are unrelated to {anchors}"


def method_text(
    exact: bool,
    n: int,
    seed: str | None,
    *,
    counted: str = "all arrangements",
    shared: str = "",
    more: str = "",
    note: str = "",
) -> str:
    """Return in words how a p-value was computed: by counting all arrangements, or by `n` draws with their seed."""
    how = f"exact, {counted} counted" if exact else f"{n:,} draws{shared}, seed {seed}"
    return f"{how}{more} ({note})" if note else how + more


def interval_text(level: float, interval: tuple[float, float]) -> str:
    """Return the interval of a p-value from draws."""
    return f"; {level:.0%} interval of p {interval[0]:.4g} to {interval[1]:.4g}"


def with_interval(estimate: float, low: float, high: float, level: float, form: str = ".2f") -> str:
    """Return an estimate with its interval.

    >>> with_interval(1.5, 1.1, 2.0, 0.95)
    '1.50 (95% interval 1.10 to 2.00)'
    """
    return f"{estimate:{form}} ({level:.0%} interval {low:{form}} to {high:{form}})"


def pvalue_text(pvalue: float) -> str:
    """Return a p-value with three decimals, or two significant digits where it is smaller than 0.001."""
    return f"{pvalue:.3f}" if pvalue >= 0.001 else f"{pvalue:.2g}"
