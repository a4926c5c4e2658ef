"""``eventstudy``: the command line, which reads files, calls one function and prints what it returns."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from eventstudy.errors import EventStudyError

COMMANDS: tuple[str, ...] = ()  # modules of this folder, in the order of --help


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    return argparse.ArgumentParser(prog="eventstudy", description=__doc__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 2 with one clear line on bad input."""
    try:
        parser().parse_args(arguments)
    except EventStudyError as error:
        print(error, file=sys.stderr)
        return 2
    return 0
