"""``eventstudy``: the command line, which reads files, calls one function and prints what it returns."""

from __future__ import annotations

import argparse
import codecs
import importlib
import re
import sys
import warnings
from collections.abc import Sequence
from io import TextIOWrapper

from eventstudy import __version__
from eventstudy.cli.parsing import Parser, PrintCompletion, note
from eventstudy.errors import EventStudyError, OptionError, OverdispersionWarning
from eventstudy.printing import printable
from eventstudy.signals import ENDED, Terminated, heeded, open_closed_streams, silence_stdout

COMMANDS = (
    "test",
    "regress",
    "profile",
    "family",
    "panel",
    "data",
    "new",
    "report",
    "cite",
    "bench",
)  # modules of this folder, in the order of --help

EXAMPLES = """\
examples:
  eventstudy test launches.csv summits.csv --window=-14:0 --null shift --within year --period 2012-01-01:2025-01-01
  eventstudy test --help

exit codes: 0 done; 2 bad input, reported in one line; 130 stopped by Ctrl-C or 143 by SIGTERM, nothing half written;
141 the reader of the output is gone, as with "| head".
"""
BAD_INPUT, INTERRUPTED, NO_READER = 2, 130, 141

PLAIN = {"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{MULTIPLICATION SIGN}": "x", "\N{NO-BREAK SPACE}": " ",
         "\N{INFINITY}": "inf", "\N{LESS-THAN OR EQUAL TO}": "<=", "\N{GREATER-THAN OR EQUAL TO}": ">="}  # fmt: skip
NEGATIVE = re.compile(r"-\d[^=]*")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    whole = Parser(
        prog="eventstudy",
        description="Do dated events come together before dated anchors, more than chance would bring?",
        epilog=EXAMPLES,
    )
    whole.add_argument("--version", action="version", version=f"eventstudy {__version__}")
    whole.add_argument("--print-completion", action=PrintCompletion)
    commands = whole.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(f"eventstudy.cli.{name}").add(commands)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 2 with one clear line on bad input.

    `arguments`: by default those of the process.
    """
    open_closed_streams()
    codecs.register_error("eventstudy", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="eventstudy")
    try:
        with heeded():
            code = _run(_joined(sys.argv[1:] if arguments is None else arguments))
            sys.stdout.flush()
        return code
    except EventStudyError as error:
        return _refused(error)
    except MemoryError:
        return _refused("eventstudy: not enough memory; ask for fewer draws or a shorter period")
    except Terminated:
        print("eventstudy: ended by SIGTERM; nothing is half written", file=sys.stderr)
        return ENDED
    except KeyboardInterrupt:
        print("eventstudy: stopped; nothing is half written", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:  # of stdout; files have their own errors
        silence_stdout()
        if isinstance(error, BrokenPipeError):
            return NO_READER
        return _refused(f"eventstudy: stdout cannot be written ({error.strerror}); use --output")


def _run(arguments: Sequence[str]) -> int:
    try:
        options = parser().parse_args(arguments)
    except SystemExit as done:  # argparse has printed its message
        return int(done.code or 0)
    with warnings.catch_warnings():
        warnings.simplefilter("always", OverdispersionWarning)
        warnings.showwarning = lambda message, *_, **__: note(options, str(message))
        return int(options.run(options) or 0)


def _refused(what: object) -> int:
    print(printable(str(what)), file=sys.stderr)
    return BAD_INPUT


def _joined(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with values such as -14:0 joined to their option; argparse would read them as options.

    Raises OptionError if the value of an option is two hyphens, which argparse loses.
    """
    joined: list[str] = []
    for argument in arguments:
        if argument.startswith("--") and argument.endswith("=--"):
            raise OptionError(f"{argument}: two hyphens are not a value; leave the option out")
        if joined and NEGATIVE.fullmatch(argument) and joined[-1].startswith("--") and "=" not in joined[-1]:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that the terminal's encoding lacks by plain ones, or by their number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(
        PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode() for letter in wrong
    ), error.end


if __name__ == "__main__":
    sys.exit(main())
