"""``eventstudy cite``: how to cite the package, its report, the bundled tables and their sources."""

from __future__ import annotations

import argparse

EXAMPLES = """\
examples:
  eventstudy cite
  eventstudy cite --bibtex >> references.bib

Each result has its own citation: result.cite(), or result.cite("bibtex").
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "cite",
        help="how to cite the package and its data",
        description="Print how to cite the package, its report, the bundled tables and their sources.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--bibtex", action="store_true", help="as entries for a file of references")
    form.add_argument("--json", action="store_true", help="as records for a program")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Print the references in the requested form."""
    import dataclasses
    import json

    from eventstudy.citation import citation_file, cite
    from eventstudy.references import read_references

    if options.json:
        records = [dataclasses.asdict(reference) for reference in read_references(citation_file())]
        print(json.dumps(records, indent=1, ensure_ascii=False))
    else:
        print(cite("bibtex" if options.bibtex else "text"))
