"""``eventstudy report``: turn notebooks into a PDF and a web page."""

from __future__ import annotations

import argparse

from eventstudy.report.command import add_arguments
from eventstudy.report.command import run as build_report

EXAMPLES = """examples:
  eventstudy report               the report of this folder
  eventstudy report my-study      that of another one, such as `eventstudy new` makes
  eventstudy report --verify      rebuild it elsewhere and compare every byte
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the command line."""
    parser = commands.add_parser(
        "report",
        help="build the report of a folder",
        description="Run the notebooks of a folder whose code or data changed and write reports/: a PDF, a web page, "
        "every figure, and every number with its origin.",
        epilog=EXAMPLES,
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Build the report."""
    build_report(options)
