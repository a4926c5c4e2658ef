"""``eventstudy family``: several windows tested on the same draws, corrected for multiple testing."""

from __future__ import annotations

import argparse

from eventstudy.cli.chance import add_nulls, read_null
from eventstudy.cli.output import add_output, check_output, deliver_result
from eventstudy.cli.parsing import add_windows
from eventstudy.cli.question import add_draws, asked
from eventstudy.cli.series import add_series, read_pair
from eventstudy.cli.statistic import add_statistic, read_for_windows

EXAMPLES = """\
examples:
  eventstudy family launches.csv summits.csv --windows "7 d=-7:0" "14 d=-14:0" "28 d=-28:0" --null shift \\
      --period 2012-01-01:2016-01-01
  eventstudy family launches.csv summits.csv --statistic anchors-hit --windows before=-14:0 after=1:15 --null gaps \\
      --seed 20120101 --period 2012-01-01:2016-01-01 --json
"""
KEPT = ("events_label", "period", "n_events", "method_note")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "family",
        help="several windows tested together, p-values corrected by max-T",
        description="Test several windows on the same draws, with p-values corrected for multiple testing.",
        epilog=EXAMPLES,
    )
    add_series(parser)
    add_windows(add_statistic(parser, window=False), "a test for each")
    add_nulls(parser, several=False)
    add_draws(parser)
    add_output(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Test the windows together."""
    check_output(options)
    statistics, null = read_for_windows(options), read_null(options)
    pair = read_pair(options)
    import eventstudy as es

    result = asked(
        es.permutation_family,
        pair.events,
        pair.anchors,
        statistics,
        null,
        alternative=options.alternative,
        method=options.method,
        n_resamples=options.n_resamples,
        rng=options.seed,
    )
    deliver_result(options, result, KEPT, pair.files)
