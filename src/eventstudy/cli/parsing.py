"""Parsing of command-line arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from eventstudy.printing import printable

FURTHEST = 1_000_000  # days; a larger lag is a mistake
LARGEST = 2**63 - 1


class Layout(argparse.HelpFormatter):
    """Keeps text that has line breaks as it is and wraps other text."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" not in text:
            return super()._fill_text(text, width, indent)
        return "".join(indent + line for line in text.splitlines(keepends=True))


class Parser(argparse.ArgumentParser):
    """A parser that reports errors in one line, and accepts no abbreviated options."""

    def __init__(self, **choices: Any) -> None:
        choices.setdefault("formatter_class", Layout)
        choices.setdefault("allow_abbrev", False)
        super().__init__(**choices)

    def error(self, message: str) -> NoReturn:
        """Print the line to stderr and exit with code 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}; {self.prog} --help shows examples\n")


class PrintCompletion(argparse.Action):
    """Print the script that makes a shell complete commands, options and files."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: Any) -> None:
        super().__init__(
            option_strings,
            dest,
            choices=["bash", "zsh"],
            default=argparse.SUPPRESS,
            help='print completion for a shell; in bash: eval "$(eventstudy --print-completion bash)"',
        )

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option: Any = None
    ) -> None:
        """Print the script and exit."""
        import shtab  # takes longer to import than --help should

        for action in _every_action(parser):
            if isinstance(action.metavar, str) and action.metavar.split(".")[0] in (
                "EVENTS",
                "ANCHORS",
                "FILE",
            ):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
        print(shtab.complete(parser, values))
        parser.exit()


def _every_action(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _every_action(below)


def note(options: argparse.Namespace, text: str) -> None:
    """Print a one-line note for the reader of a result, and keep it for JSON."""
    options.notes = [*getattr(options, "notes", []), text]
    print(printable(f"eventstudy {options.command}: note: {text}"), file=sys.stderr)


def lags(text: str) -> tuple[int, int]:
    """Read a half-open range of lags, such as -14:0."""
    try:
        start, stop = (int(part) for part in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not FIRST:STOP in whole days; the 14 days before an anchor are -14:0"
        ) from None
    if start >= stop:
        raise argparse.ArgumentTypeError(
            f"{text!r} holds no day, as STOP is the lag after the last one; the 14 days before an anchor are -14:0, "
            "the 14 days after it 1:15"
        )
    if max(-start, stop) > FURTHEST:
        raise argparse.ArgumentTypeError(f"{text!r} reaches further than {FURTHEST:,} days; shorten it")
    return start, stop


def named_lags(text: str) -> tuple[str, tuple[int, int]]:
    """Read a name and a range of lags, such as before=-14:0."""
    name, equals, rest = text.rpartition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=FIRST:STOP, such as before=-14:0; files come before --windows"
        )
    return name, lags(rest)


def whole(least: int, most: int = LARGEST) -> Any:
    """Return a function that reads a whole number between two bounds, both included."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text} does not lie between {least} and {most}")
        return number

    return read


def level(text: str) -> float:
    """Read a share between 0 and 1, such as 0.95."""
    try:
        share = float(text)
    except ValueError:
        share = float("nan")
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share between 0 and 1, such as 0.95")
    return share


def strata(text: str) -> str | list[str]:
    """Read year, quarter or month, or cut dates with commas between them."""
    if text in ("year", "quarter", "month"):
        return text
    if not all(any(letter.isdigit() for letter in part) for part in text.split(",")):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not year, quarter, month or cut dates such as 2016-01-01,2020-01-01"
        )
    return text.split(",")


def add_windows(group: argparse._ActionsContainer, what: str) -> None:
    """Add named windows."""
    group.add_argument(
        "--windows", action=_ByName, type=named_lags, nargs="+", required=True, metavar="NAME=FIRST:STOP",
        help=f"lags in days from the anchor, STOP being the lag after the last one; {what}",
    )  # fmt: skip


class _ByName(argparse.Action):
    """Collects named windows, each name once."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option: Any = None
    ) -> None:
        windows: dict[str, tuple[int, int]] = dict(getattr(namespace, self.dest) or {})
        for name, window in values:
            if name in windows:
                parser.error(f"argument --windows: {name!r} appears twice; rename one")
            windows[name] = window
        setattr(namespace, self.dest, windows)
