"""``eventstudy profile``: at which lags from the anchors do events fall?"""

from __future__ import annotations

import argparse

from eventstudy.cli.chance import add_nulls, read_null
from eventstudy.cli.output import add_output, check_output, deliver_result
from eventstudy.cli.parsing import lags, whole
from eventstudy.cli.question import add_draws, add_level, asked
from eventstudy.cli.series import add_series, read_pair
from eventstudy.errors import OptionError

EXAMPLES = """\
examples:
  eventstudy profile launches.csv summits.csv --null shift --period 2012-01-01:2016-01-01
  eventstudy profile launches.csv summits.csv --lags=-30:31 --bin-days 5 --null uniform --within year \\
      --seed 20120101 --period 2012-01-01:2016-01-01 --csv --output profile.csv --plot profile.pdf
"""
KEPT = ("pvalue", "events_label", "anchors_label", "period", "n_events", "n_anchors", "bin_days", "confidence_level",
        "method", "method_note", "n_resamples", "n_curves")  # fmt: skip
MOST_BINS = 5_000  # more would be unreadable, and take minutes


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "profile",
        help="lag profile: events by lag from the anchors, with a band for the whole curve",
        description="Count events by their lag from the anchors, and compare the whole curve with a null model.",
        epilog=EXAMPLES,
    )
    add_series(parser)
    group = parser.add_argument_group("curve")
    group.add_argument(
        "--lags", type=lags, default=(-60, 61), metavar="FIRST:STOP", help="lags in days (default: -60:61)"
    )
    group.add_argument(
        "--bin-days",
        type=whole(1),
        default=7,
        metavar="N",
        help="days in a bin; day 0 is a separate bin (default: 7)",
    )
    add_nulls(parser, several=False)
    add_level(add_draws(parser, alternative=False), "the band for the whole curve")
    add_output(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Compare the curve with the null model."""
    check_output(options)
    first, stop = options.lags
    if stop - first > MOST_BINS * options.bin_days:
        raise OptionError(f"--lags: they make more than {MOST_BINS:,} bins; choose a larger --bin-days")
    null = read_null(options)
    pair = read_pair(options)
    import eventstudy as es

    result = asked(
        es.lag_profile,
        pair.events,
        pair.anchors,
        null,
        lags=options.lags,
        bin_days=options.bin_days,
        method=options.method,
        n_resamples=options.n_resamples,
        rng=options.seed,
        confidence_level=options.confidence_level,
    )
    deliver_result(options, result, KEPT, pair.files)
