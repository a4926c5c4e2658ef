"""A DataFrame as a table for a paper: HTML in Jupyter, a pipe table in the report, and CSV or LaTeX."""

from __future__ import annotations

import contextlib
import csv
import html
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, TypeAlias, overload

import numpy as np
import pandas as pd

from eventstudy.errors import OptionError
from eventstudy.latex import PACKAGES, escape_latex, latex_note, latex_table
from eventstudy.printing import (
    DASH,
    TO,
    csv_cell,
    escape_markdown,
    one_line,
    print_number,
    print_pvalue,
    six_digits,
)
from eventstudy.replacing import write_whole
from eventstudy.word_table import word_table

MIME = "application/vnd.eventstudy.table+json"
# what other tables call an export, and what to write here
OTHER_NAMES = {
    "to_word": 'to_docx("table.docx")',
    "to_excel": "to_csv(), with unrounded numbers, or .frame.to_excel(path)",
    "to_string": "str(table)",
    "latex": "to_latex()",
    "as_latex": "to_latex()",
    "as_html": "to_html()",
    "as_csv": "to_csv()",
    "as_text": "str(table)",
    "style": "frame.style",
}
PVALUE = re.compile(r"(?<![a-z])p[-_. ]?(values?)?(?![a-z])")
INLINE = re.compile(  # an escaped sign, code, or emphasis in the Markdown of a note
    r"\\(?P<sign>[^\w\s])|`(?P<code>[^`]+)`|(?P<stars>\*{1,2})(?=[^\s*])(?P<stressed>.+?)(?<=\S)(?P=stars)",
    re.DOTALL,
)


class Writable(Protocol):
    """An open file, or a buffer, of text or of bytes."""

    def write(self, text: Any, /) -> object:
        """Take a text, or its bytes."""


Target: TypeAlias = str | PathLike[str] | Writable


class Printed(str):
    """A cell as printed, and as written to CSV."""

    __slots__ = ("exact",)
    exact: object

    def __new__(cls, text: str, exact: object = None) -> Printed:
        """Use the text for both where nothing else is given; a pair is an interval."""
        made = super().__new__(cls, text)
        made.exact = str(text) if exact is None else exact
        return made


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Table:
    """A frame shown with fixed decimals, a true minus, aligned columns and all text escaped.

    Parameters
    ----------
    frame : pandas.DataFrame
        One level of columns. A named or non-default index becomes the first column or columns.
    digits : int or mapping of str to int, default 2
        Decimals of the float columns, or of each by name, 2 where not named. Whole numbers get none.
    p : tuple of str, optional
        Columns of p-values: three decimals, "<0.001" below that. By default those of numbers from 0 to 1 with a name
        such as "p", "p, two-sided", "p_value", "pvalue_adjusted" or "smallest p".
    note : str
        Printed below the table, in Markdown: emphasis and code are kept in HTML and LaTeX, other markup is text.

    Raises
    ------
    OptionError
        If a column named in `digits` or `p` is missing, or columns have several levels.
    """

    frame: pd.DataFrame
    digits: int | Mapping[str, int] = 2
    p: tuple[str, ...] | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.frame.columns.nlevels > 1:
            raise OptionError("Table: the columns have several levels; flatten them to one name each")
        if isinstance(self.p, str):
            raise OptionError(
                f"Table: p is the text {self.p!r}; give a tuple of column names, such as p=({self.p!r},)"
            )
        if self.p is None:
            object.__setattr__(self, "p", tuple(name for name in self.frame.columns if self._is_p(name)))
        named = [*(self.p or ()), *(self.digits if isinstance(self.digits, Mapping) else ())]
        if missing := [name for name in named if name not in self.frame.columns]:
            raise OptionError(
                f"Table: no column {missing[0]!r}; the columns are {', '.join(map(str, self.frame))}"
            )

    def __getattr__(self, name: str) -> Any:
        """Say what an export of another package is called here."""
        if (here := OTHER_NAMES.get(name)) is None:
            raise AttributeError(f"'Table' object has no attribute {name!r}", name=name, obj=self)
        own = hasattr(Table, re.split(r"\W", here, maxsplit=1)[0])
        raise AttributeError(f"Table: {name} is not a name here; write {'.' if own else ''}{here}")

    def _is_p(self, name: Any) -> bool:
        column = self.frame[name]
        if not (isinstance(name, str) and isinstance(column, pd.Series) and PVALUE.search(name.lower())):
            return False
        return pd.api.types.is_float_dtype(column) and bool(column.dropna().between(0.0, 1.0).all())

    def cells(self) -> tuple[list[str], list[bool], list[list[str]]]:
        """Return the header, which columns align right, and the rows, all as printed text."""
        frame = self._with_index()
        columns = [self._printed(str(name), frame.iloc[:, place]) for place, name in enumerate(frame)]
        right = [_aligns_right(frame.iloc[:, place]) for place in range(frame.shape[1])]
        return [str(name) for name in frame], right, [list(row) for row in zip(*columns, strict=True)]

    def _with_index(self) -> pd.DataFrame:
        """Return the frame with a meaningful index as its first columns."""
        index = self.frame.index
        default = isinstance(index, pd.RangeIndex) and index.name is None
        return self.frame if default else self.frame.reset_index(names=[name or "" for name in index.names])

    def _printed(self, name: str, column: pd.Series[Any]) -> list[str]:
        if name in (self.p or ()):
            return [print_pvalue(float(value)) for value in column]
        if pd.api.types.is_float_dtype(column):
            digits = self.digits.get(name, 2) if isinstance(self.digits, Mapping) else self.digits
            return [print_number(float(value), f".{digits}f") for value in column.astype(float)]
        if _is_number(column):
            # four digits may be a year, so commas start with five
            return [
                DASH if pd.isna(value) else print_number(int(value), ",d" if abs(value) >= 10_000 else "d")
                for value in column
            ]
        if pd.api.types.is_datetime64_any_dtype(column):
            return [DASH if pd.isna(value) else f"{value:%Y-%m-%d}" for value in column]
        return [DASH if pd.isna(value) else " ".join(str(value).split()) for value in column]

    @overload
    def to_markdown(self, buf: None = None) -> str: ...
    @overload
    def to_markdown(self, buf: Target) -> None: ...
    def to_markdown(self, buf: Target | None = None) -> str | None:
        """Return a Pandoc pipe table, with `note` as a paragraph below it; write it to `buf` if that is given."""
        return _written(self._pipes() + (f"\n\n{self.note}" if self.note else ""), buf, "to_markdown")

    def _pipes(self) -> str:
        header, right, rows = self.cells()
        rule = ["--:" if to_right else ":--" for to_right in right]
        escaped = [[escape_markdown(cell, cell=True) for cell in row] for row in (header, *rows)]
        lines = [escaped[0], rule, *escaped[1:]]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    @overload
    def to_html(self, buf: None = None) -> str: ...
    @overload
    def to_html(self, buf: Target) -> None: ...
    def to_html(self, buf: Target | None = None) -> str | None:
        """Return an HTML table, with `note` below it; write it to `buf` if that is given."""
        header, right, rows = self.cells()
        align = [f' style="text-align: {"right" if to_right else "left"}"' for to_right in right]
        head = "".join(
            f'<th scope="col"{a}>{html.escape(name)}</th>' for a, name in zip(align, header, strict=True)
        )
        body = "".join(
            f"<tr>{''.join(f'<td{a}>{html.escape(cell)}</td>' for a, cell in zip(align, row, strict=True))}</tr>"
            for row in rows
        )
        note = _inline(self.note, html.escape, "<em>{}</em>", "<code>{}</code>")
        below = f"<p>{note}</p>" if note else ""
        # Jupyter would typeset text between dollar signs as mathematics
        table = f'<table class="tex2jax_ignore"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        return _written(table + below, buf, "to_html")

    @overload
    def to_csv(self, path_or_buf: None = None) -> str: ...
    @overload
    def to_csv(self, path_or_buf: Target) -> None: ...
    def to_csv(self, path_or_buf: Target | None = None) -> str | None:
        """Return a CSV with the columns of the table and its values unrounded, floats to six digits.

        Written to `path_or_buf` if that is given.
        A missing value is an empty cell; days are YYYY-MM-DD; text is as in the frame, with an apostrophe before
        what a spreadsheet would read as a formula.
        """
        frame = self._with_index()
        columns = [[_csv_value(value) for value in frame.iloc[:, place]] for place in range(frame.shape[1])]
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow([csv_cell(str(name)) for name in frame])
        table.writerows(zip(*columns, strict=True))
        return _written(text.getvalue(), path_or_buf, "to_csv")

    @overload
    def to_latex(self, buf: None = None) -> str: ...
    @overload
    def to_latex(self, buf: Target) -> None: ...
    def to_latex(self, buf: Target | None = None) -> str | None:
        """Return a ``tabular`` for LaTeX, printed as in the report; its first line names the packages it needs.

        Written to `buf` if that is given.
        Numbers align right, and so do their decimals, equal in number in each row. Where the table is wider than
        a page, headers wrap, and columns of long text share the remaining width. `note` is a paragraph below it.
        """
        note = _inline(self.note, escape_latex, r"\emph{{{}}}", r"\texttt{{{}}}")
        below = f"{latex_note(note)}\n" if note else ""
        return _written(f"{PACKAGES}\n{latex_table(*self.cells())}{below}", buf, "to_latex")

    def to_docx(self, path: str | PathLike[str]) -> None:
        """Write a Word document with a native table, and `note` below it; it needs the package pypandoc_binary.

        The same table gives the same bytes.
        """
        place = _path(path, "Table.to_docx")
        note = _inline(self.note, html.escape, "<em>{}</em>", "<code>{}</code>")
        write_whole(place, word_table(*self.cells(), note), "Table.to_docx")

    def __str__(self) -> str:
        header, _right, rows = self.cells()
        with pd.option_context("display.unicode.east_asian_width", True):
            plain = pd.DataFrame(rows, columns=header).to_string(index=False)
        note = _inline(self.note, str, "{}", "{}")
        return f"{plain}\n{note}" if note else plain

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        note = f"\n\n::: note\n{self.note}\n:::\n" if self.note else "\n"
        return {
            # the report writes the note itself, with its references resolved
            MIME: {"csv": self.to_csv(), "latex": latex_table(*self.cells())},
            "text/markdown": self._pipes() + note,
            "text/html": self.to_html(),
            "text/plain": str(self),
        }


def _written(text: str, target: Target | None, method: str) -> str | None:
    """Return a text if there is nowhere to write it; else write it, as UTF-8, to a path or an open file."""
    if target is None:
        return text
    where = f"Table.{method}"
    if isinstance(target, (str, PathLike)):
        write_whole(_path(target, where), text.encode("utf-8", "backslashreplace"), where)
        return None
    if isinstance(target, type) or not hasattr(target, "write"):
        raise OptionError(
            f"{where}: {target!r} is neither a path nor an open file; give one, or nothing for the text itself"
        )
    try:
        target.write(text.encode("utf-8", "backslashreplace") if _takes_bytes(target) else text)
    except (
        TypeError,
        ValueError,
        OSError,
    ) as error:  # closed, opened for reading, of an encoding without a letter
        raise OptionError(
            f"{where}: the file cannot be written ({one_line(str(error))}); open it for text in UTF-8"
        ) from None
    return None


def _takes_bytes(file: Any) -> bool:
    """Tell whether an open file is binary, as a `BytesIO` and a file opened by "wb" are."""
    return isinstance(file, (io.RawIOBase, io.BufferedIOBase)) or "b" in str(getattr(file, "mode", ""))


def _path(target: Any, where: str) -> Path:
    """Return a path, with the folder of a user for ``~``."""
    if isinstance(target, (str, PathLike)):
        with contextlib.suppress(RuntimeError, TypeError):  # an unknown user; a path of bytes
            return Path(target).expanduser()
    raise OptionError(f"{where}: {target!r} is no path; give one as text")


def _is_number(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _aligns_right(column: pd.Series[Any]) -> bool:
    return _is_number(column) or (len(column) > 0 and all(isinstance(value, Printed) for value in column))


def _inline(note: str, escape: Callable[[str], str], stressed: str, code: str) -> str:
    """Return the Markdown of a note in another language: its text escaped, emphasis and code in their templates."""
    done, end = [], 0
    for found in INLINE.finditer(note):
        done.append(escape(note[end : found.start()]))
        end = found.end()
        if found["sign"]:
            done.append(escape(found["sign"]))
        elif found["code"]:
            done.append(code.format(escape(found["code"])))
        else:
            done.append(stressed.format(_inline(found["stressed"], escape, stressed, code)))
    return "".join([*done, escape(note[end:])])


def _csv_value(value: Any) -> str:
    if isinstance(value, Printed):
        return _csv_value(value.exact)
    if isinstance(value, tuple):
        return TO.join(map(_csv_value, value))
    if pd.isna(value):
        return ""
    if isinstance(value, (float, np.floating)):
        return str(six_digits(float(value)))
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return str(csv_cell(str(value)))
