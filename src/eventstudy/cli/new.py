"""``eventstudy new``: create the folder of a study from two files of dates."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.cli.parsing import lags
from eventstudy.cli.series import add_dates, by_option, date_columns, read_period
from eventstudy.errors import DataError, OptionError

if TYPE_CHECKING:
    from eventstudy.study.sources import Source

EXAMPLES = """examples:
  eventstudy new my-study --events launches.csv --anchors summits.csv
  eventstudy new my-study --events launches.csv --anchors meetings.xlsx --anchors-date start --window=-14:0
  eventstudy new attacks --events gtd.csv --events-date iyear,imonth,iday --anchors votes.csv --anchors-format %d/%m/%Y
  eventstudy new quakes --events quakes.csv --anchors moons.csv --window=-1:2 --period 2000-01-01:2025-01-01

Then read my-study/notebooks/plan.toml, correct it, and run `eventstudy report my-study`.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the command line."""
    parser = commands.add_parser(
        "new",
        help="begin your own study from two files of dates",
        description="Write the folder of a study: the two files, an analysis plan filled in as far as their dates "
        "allow, and the notebooks that `eventstudy report` turns into a PDF and a web page. The events are not "
        "compared with the anchors: the report does that, once the plan is fixed.",
        epilog=EXAMPLES,
    )
    parser.add_argument("folder", type=Path, help="to be made; must not exist yet")
    for role in ("events", "anchors"):
        parser.add_argument(
            f"--{role}", type=Path, required=True, help=f"file of the {role}: CSV, Excel or Parquet"
        )
        add_dates(parser, role)
        parser.add_argument(
            f"--{role}-label",
            metavar="NAME",
            help="what they are, in the plural, at most 30 letters (default: file name)",
        )
    parser.add_argument(
        "--window",
        type=lags,
        default=(-14, 0),
        metavar="FIRST:STOP",
        help="lags in days from the anchor, STOP being the lag after the last one (default: -14:0, the 14 days before)",
    )
    parser.add_argument(
        "--period", metavar="START:STOP", help="the days under observation (default: proposed)"
    )
    parser.add_argument("--title", help="of the report")
    parser.add_argument("--author", help="your name, for the title page")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Write the folder and print what was put into its plan."""
    import datetime

    from eventstudy.study.new import new_study
    from eventstudy.windows import Window

    try:
        proposal = new_study(
            options.folder,
            _source(options, "events"),
            _source(options, "anchors"),
            Window(*options.window),
            today=datetime.date.today(),
            period=None if options.period is None else read_period(options.period),
            title=options.title,
            author=options.author,
        )
    except DataError as error:
        role = "anchors" if error.path == options.anchors else "events"
        raise OptionError(by_option(str(error), role)) from None
    print(f"wrote {options.folder}")
    print(f"  period     {proposal.period}: {proposal.period_why}")
    for role, null, within in zip(
        ("primary", "second"), (proposal.primary, proposal.second), proposal.strata, strict=True
    ):
        what = f"excess inside {within}s" if proposal.statistic == "excess" else "count"
        print(f"  {role:<10} {what}, {null.model}({null.option.replace(' ', '')}): {null.why}")
    for caution in proposal.cautions:
        print(f"  caution    {caution}")
    print(
        f"read {options.folder / 'notebooks' / 'plan.toml'}, correct it, then: eventstudy report {options.folder}"
    )


def _source(options: argparse.Namespace, role: str) -> Source:
    """Return what the options say about a file."""
    from eventstudy.study.sources import Source

    columns = getattr(options, f"{role}_date")
    return Source(
        getattr(options, role),
        None if columns is None else date_columns(columns, role),
        getattr(options, f"{role}_label"),
        getattr(options, f"{role}_format"),
        getattr(options, f"{role}_where"),
    )
