"""``eventstudy regress``: by what ratio is the rate of events higher in the windows?"""

from __future__ import annotations

import argparse

from eventstudy.cli.output import add_output, check_output, deliver_result
from eventstudy.cli.parsing import add_windows, whole
from eventstudy.cli.question import add_level, asked
from eventstudy.cli.series import add_series, read_pair
from eventstudy.errors import OptionError

EXAMPLES = """\
examples:
  eventstudy regress launches.csv summits.csv --windows before=-14:0 after=1:15 \\
      --formula "count ~ before + after + C(year) + sin1 + cos1" --period 2012-01-01:2016-01-01
  eventstudy regress launches.csv summits.csv --windows before=-14:0 --formula "count ~ before + C(year)" \\
      --family negative-binomial --freq M --period 2012-01-01:2016-01-01 --csv
  eventstudy regress launches.csv summits.csv --windows before=-14:0 --formula "count ~ before" \\
      --family conditional --strata year,month --period 2012-01-01:2016-01-01 --plot ratios.png

columns of the table: count, days, a column per window, year, month, weekday, sin1, cos1, sin2, cos2; log(days) is
the offset.
"""
FAMILIES = {
    "poisson": "poisson_regression",
    "negative-binomial": "negative_binomial_regression",
    "conditional": "conditional_poisson_regression",
}
COVARIANCES = ("HAC", "model", "quasi", "HC0", "HC1", "HC3", "cluster")
FREQUENCIES = ("D", "W", "M")
KEPT = ("formula", "covariance", "confidence_level", "events_label", "n_events", "exposure", "n", "n_anchors",
        "n_parameters", "dispersion", "loglik", "degrees", "notes", "alpha", "alpha_pvalue", "strata", "n_strata",
        "n_strata_without_events")  # fmt: skip


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "regress",
        help="regression of counts: rate ratios of windows, adjusted for trend and season",
        description="Count events by day, week or month and fit a log-linear model of the rate.",
        epilog=EXAMPLES,
    )
    add_series(parser)
    group = parser.add_argument_group("model")
    add_windows(group, "a column for each")
    group.add_argument(
        "--formula", required=True, help='such as "count ~ before + after + C(year) + sin1 + cos1"'
    )
    group.add_argument(
        "--family", choices=list(FAMILIES), default="poisson", help="of the counts (default: poisson)"
    )
    group.add_argument(
        "--covariance", choices=COVARIANCES, help="standard errors (default: HAC; quasi for conditional)"
    )
    group.add_argument(
        "--max-lag", type=whole(0), metavar="N", help="of HAC, in rows; at least as long as bursts"
    )
    group.add_argument("--cluster", metavar="COLUMN", help="of cluster, such as year")
    group.add_argument(
        "--strata", type=_columns, metavar="COLUMNS", help="of conditional, with commas, such as year,month"
    )
    group.add_argument(
        "--freq", choices=FREQUENCIES, default="D", help="a row per day, week or month (default: D)"
    )
    add_level(group, "the intervals")
    add_output(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Fit the regression."""
    check_output(options)
    if (options.strata is None) == (options.family == "conditional"):
        raise OptionError(
            "--strata: it goes with --family conditional; give both, such as --strata year,month, or neither"
        )
    pair = read_pair(options)
    import eventstudy as es

    windows = {name: es.Window(*lags) for name, lags in options.windows.items()}
    table = asked(es.count_table, pair.events, pair.anchors, windows, freq=options.freq)
    regression = getattr(es, FAMILIES[options.family])
    result = asked(regression, table, options.formula, **_chosen(options))
    text = result.summary().replace("; see .irr", "; see --csv")
    deliver_result(options, result, KEPT, pair.files, text)


def _chosen(options: argparse.Namespace) -> dict[str, object]:
    """Return the arguments that were given, so that the others keep the default of their function."""
    names = ("covariance", "max_lag", "cluster", "strata", "confidence_level")
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def _columns(text: str) -> list[str]:
    return text.split(",")
