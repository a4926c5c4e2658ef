"""How numbers are printed (fixed decimals, a true minus, p-values never zero, ranges), and text from files."""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from eventstudy.errors import OptionError

MINUS, DASH, INFINITY = "\u2212", "\u2013", "\u221e"
SPACE = "\u00a0"  # no line break here
TO = " to "  # between the ends of an interval
LONGEST = 200  # characters of a text from a file that are printed
NAMES = 30  # names that are listed
OBJECT = re.compile(
    r"<(?:(?:built-in )?function |bound method )?([\w.]+(?:\.?<\w+>[\w.]*)*|<lambda>)(?: object)? at 0x[0-9a-fA-F]+>"
)
OWN = "__main__."  # what is defined in a notebook, or in the script that runs
# where Pandoc or GitHub would read a sign as markup, in one line of text; an apostrophe inside a word is set as one
MARKDOWN = re.compile(
    r"""[\\`|~^$"]
    | (?<=\S)\* | \*(?=\S)  # a star between spaces is one
    | (?<![^\W_])_ | _(?![^\W_])  # not inside a word
    | \[(?=.*\]) | \{(?=.*\})
    | <(?=[A-Za-z/!?])  # HTML, or an address
    | &(?=\#?\w+;)
    | (?<!\w)@(?=[\w{])  # a citation
    | :(?=[a-z+-][\w+-]*:)  # a small picture
    | (?<=-)- | \.(?=\.\.)  # a dash, an ellipsis
    | (?<!\w)' | '(?!\w)
    """,
    re.VERBOSE,
)
# what would begin a heading, a quotation or a list, or end a heading
BLOCK = re.compile(
    r"""^\#(?=\#*(?:\s|$)) | (?<=\s)\#(?=\#*$) | ^[>%] | ^[+*-](?=\s|$) | ^:(?=\s|::)
    """,
    re.VERBOSE,
)
NUMBERED = re.compile(
    r"^(\(?(?:\d+|[A-Za-z]|[ivxlcdm]+|[IVXLCDM]+|#|@))([.)])(?=\s|$)"
)  # the first line of a list
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")

Scalar = int | float | str | datetime.date
Printable = Scalar | tuple[float, float]


class Text(str):
    r"""Text of several lines that shows itself as it is read, at the end of a notebook cell too.

    >>> Text("a\nb")
    a
    b
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def print_number(value: float, spec: str) -> str:
    """Print a number by a format such as ".2f", with a true minus; not-a-number is a dash.

    >>> print_number(-0.25, ".1f"), print_number(-0.01, ".1f"), print_number(12345, ",d")
    ('\u22120.2', '0.0', '12,345')
    """
    if math.isnan(value):
        return DASH
    if math.isinf(value):
        return INFINITY if value > 0 else MINUS + INFINITY
    text = format(_settled(value), spec)
    if text.startswith("-") and not any(digit in "123456789" for digit in text):
        text = text[1:]
    return text.replace("-", MINUS)


def _settled(value: float) -> float:
    """Return a float without digits that are mere rounding error, so that a half is one on every processor."""
    return float(f"{value:.12g}") if isinstance(value, float) else value


def six_digits(value: float) -> float:
    """Return a float with six significant digits, for files: later ones may depend on the processor.

    >>> six_digits(1 / 3), six_digits(float("inf"))
    (0.333333, inf)
    """
    return float(f"{_settled(value):.6g}")


def print_pvalue(value: float) -> str:
    """Print a p-value with three decimals, and "<0.001" below that.

    >>> print_pvalue(0.0213), print_pvalue(2e-7)
    ('0.021', '<0.001')
    """
    if math.isnan(value):
        return DASH
    if not 0 <= value <= 1:
        raise OptionError(
            f"p-value {value!r}: it is not between 0 and 1; print others by a format such as '.2f'"
        )
    value = _settled(value)
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def print_value(value: Printable, spec: str) -> str:
    """Print a value for prose.

    Parameters
    ----------
    value : int, float, str, datetime.date or pair of float
        A pair is an interval: "1.2 to 3.4". A date prints as "4 June 2025".
    spec : str
        A format of Python such as ".2f", ",d" or ".0%"; "p" for a p-value, "p=" for one with its sign
        ("p = 0.021", "p < 0.001", without a line break inside); empty for text and dates.

    Returns
    -------
    str

    Examples
    --------
    >>> print_value((0.5, 2.25), ".1f")
    '0.5 to 2.2'
    """
    if isinstance(value, tuple):
        return TO.join(print_value(end, spec) for end in value)
    if isinstance(value, datetime.date):
        return f"{value.day} {value:%B} {value.year}"
    if isinstance(value, str):
        return value
    if spec == "p":
        return print_pvalue(value)
    if spec == "p=":
        text = print_pvalue(value)
        return f"p{SPACE}<{SPACE}{text[1:]}" if text.startswith("<") else f"p{SPACE}={SPACE}{text}"
    return print_number(value, spec)


def one_line(text: str) -> str:
    r"""Return a text from a file in printable form: no control characters, limited length.

    >>> one_line("a\nb")
    'a\\nb'
    """
    shown = text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)


def printable(text: str) -> str:
    r"""Return a text of several lines in printable form: no terminal control characters.

    >>> printable("bells \x1b[2J\nteas")
    'bells \\x1b[2J\nteas'
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in "\n\u00a0" else c.encode("unicode_escape").decode("ascii") for c in text
    )


def escape_markdown(text: str, *, cell: bool = False) -> str:
    r"""Return a line of plain text as Markdown that prints it letter by letter: no markup, formulas or curled quotes.

    Only what would be read as such is escaped: in a cell of a table no line can begin a list.

    >>> print(escape_markdown("50 % of $x$ (2012-01-01) <b> a_b #2?"))
    50 % of \$x\$ (2012-01-01) \<b> a_b #2?
    >>> print(escape_markdown("the North's && city == 'Seoul'"))
    the North's && city == \'Seoul\'
    """
    escaped = MARKDOWN.sub(r"\\\g<0>", text)
    return escaped if cell else NUMBERED.sub(r"\1\\\2", BLOCK.sub(r"\\\g<0>", escaped))


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a letter of East Asia, none for a mark on another.

    >>> columns_of("days"), columns_of("北京"), columns_of("दिल्ली")
    (4, 4, 3)
    """
    if text.isascii():
        return len(text)
    marks = ("Mn", "Mc", "Me", "Cf")
    return sum(
        0 if unicodedata.category(c) in marks else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text
    )


def padded(text: str, width: int, side: str = "<") -> str:
    """Return a text with spaces up to a width in columns of a terminal, after it ("<") or before it (">").

    >>> padded("北京", 6) + "|", padded("7", 3, ">")
    ('北京  |', '  7')
    """
    space = " " * (width - columns_of(text))
    return text + space if side == "<" else space + text


def csv_cell(cell: Any) -> Any:
    """Return a cell for a CSV such that no spreadsheet reads it as a formula.

    Text that begins like a formula gets an apostrophe before it, as spreadsheets write such text themselves;
    numbers, as numbers or as text, stay as they are.

    >>> csv_cell("=1+1"), csv_cell("-2"), csv_cell(-2.5), csv_cell("before")
    ("'=1+1", '-2', -2.5, 'before')
    """
    if not isinstance(cell, str) or not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def listed(names: Sequence[str]) -> str:
    """Return column names for an error text, the first thirty."""
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(one_line(name) for name in names[:NAMES]) + more


def shown(value: object) -> str:
    """Return an object as results print it, without a memory address: functions by module and name.

    What a notebook defines has no module.

    >>> def late(events, anchors): ...
    >>> late.__module__ = "study"
    >>> shown(late), shown(3)
    ('study.late', '3')
    """
    if isinstance(value, FunctionType):
        return f"{value.__module__}.{value.__qualname__}".removeprefix(OWN)
    return without_addresses(str(value))


def without_addresses(text: str) -> str:
    """Return a text in which objects are called by their name alone.

    >>> without_addresses("<function <lambda> at 0x7f01> and <study.Late object at 0x7f02>")
    '<lambda> and study.Late'
    """
    return ADDRESS.sub("", OBJECT.sub(lambda found: found[1].removeprefix(OWN), text))
