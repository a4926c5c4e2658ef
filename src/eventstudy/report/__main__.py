"""Build a report: ``python -m eventstudy.report [folder]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from eventstudy.errors import EventStudyError
from eventstudy.report.build import build, verify
from eventstudy.report.notebooks import find_sources, write_ipynb


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 2 with one clear line where the report cannot be built."""
    parser = argparse.ArgumentParser(
        prog="python -m eventstudy.report", description="Build the report of a folder."
    )
    parser.add_argument(
        "folder", nargs="?", default=".", type=Path, help="holds notebooks/, data/raw/, CITATION.cff"
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--verify", action="store_true", help="build anew elsewhere and compare checksums")
    action.add_argument("--notebooks", action="store_true", help="write the .ipynb beside each notebook")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.verify:
            verify(chosen.folder)
        elif chosen.notebooks:
            for source in find_sources(chosen.folder / "notebooks"):
                state = "wrote" if write_ipynb(source) else "unchanged:"
                print(f"{state} notebooks/{source.stem}.ipynb")
        else:
            build(chosen.folder)
    except EventStudyError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
