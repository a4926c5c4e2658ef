"""``eventstudy panel``: one test for each group of a long table, corrected together."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.cli.chance import add_nulls, read_nulls
from eventstudy.cli.output import add_output, check_output, deliver_result
from eventstudy.cli.parsing import note, whole
from eventstudy.cli.question import add_draws, asked
from eventstudy.cli.series import (
    add_dates,
    by_option,
    check_files,
    checksums,
    date_columns,
    read_period,
    read_role,
)  # fmt: skip
from eventstudy.cli.statistic import add_statistic, read_statistic
from eventstudy.errors import DataError, OptionError, PeriodError

if TYPE_CHECKING:
    from eventstudy.events import Events
    from eventstudy.nulls.base import NullModel
    from eventstudy.periods import Period
    from eventstudy.results.panel import PanelResult
    from eventstudy.statistics import Statistic

EXAMPLES = """\
examples:
  eventstudy panel events.parquet anchors.csv --by country_a,country_b --window=-14:0 --null shift --within year \\
      --period 2012-01-01:2025-01-01 --checkpoint parts --workers 4 --output panel.csv
  eventstudy panel events.csv anchors.csv --by pair --window=-14:0 --null shift --max-t \\
      --period 2012-01-01:2025-01-01 --plot panel.svg
"""
KEPT = ("by", "period", "alternative", "n_resamples", "n_moves")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "panel",
        help="a test for each group of a long table, corrected together",
        description="Test each group of a long table, such as each pair of countries, with p-values corrected for "
        "multiple\ntesting. Files are read in pieces and may be larger than memory.",
        epilog=EXAMPLES,
    )
    parser.add_argument("events", metavar="EVENTS", help="a row per event: .csv, .parquet or .xlsx")
    parser.add_argument(
        "anchors", metavar="ANCHORS",
        help="a row per anchor with the same group columns, or without any of them: the same anchors for all groups",
    )  # fmt: skip
    group = parser.add_argument_group("data")
    group.add_argument("--by", required=True, metavar="COLUMN,...", help="columns that name the group")
    group.add_argument(
        "--period", metavar="START:STOP",
        help="days under observation, STOP being the day after the last one, such as 2012-01-01:2025-01-01",
    )  # fmt: skip
    for role in ("events", "anchors"):
        add_dates(group, role, default="date")
    group.add_argument(
        "--as-dated",
        action="store_true",
        help="use uncertain dates of anchors that all groups share as given",
    )
    add_statistic(parser)
    add_nulls(parser, several=False, by=False)
    tests = add_draws(parser)
    tests.add_argument(
        "--max-t", action="store_true",
        help="correct by max-T as well, over moves shared by all groups, for a null model that has such moves",
    )  # fmt: skip
    work = parser.add_argument_group("work")
    work.add_argument(
        "--checkpoint",
        metavar="FOLDER",
        help="keep finished parts there; an interrupted run continues from them",
    )
    work.add_argument(
        "--workers",
        type=whole(1, 10_000),
        default=1,
        metavar="N",
        help="number of worker processes (default: 1)",
    )
    add_output(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Test all groups."""
    check_output(options)
    if options.output is not None and options.output.lower().endswith(".csv") and not options.json:
        options.csv = True
    (null,) = read_nulls(options, options.window)
    statistic = read_statistic(options)
    by = [name.strip() for name in options.by.split(",")]
    if options.period is None:
        raise PeriodError(
            f"{options.events}: the days under observation are not given; add --period, such as "
            "--period 2012-01-01:2025-01-01"
        )
    period = read_period(options.period)
    anchors = _anchors(options, by)
    if not isinstance(anchors, str):
        from eventstudy.questions import check_reach

        check_reach("panel", anchors, period, statistic.reach)
    import joblib

    with joblib.parallel_config(n_jobs=options.workers):
        result = asked(_tested, options, anchors, statistic, null, by=by, period=period)
    for text in result.notes:
        note(options, text)
    deliver_result(options, result, KEPT, checksums(options))


def _tested(
    options: argparse.Namespace,
    anchors: str | Events,
    statistic: Statistic,
    null: NullModel,
    *,
    by: list[str],
    period: Period,
) -> PanelResult:
    """Return the result; errors of a file name the options of its role."""
    import eventstudy as es

    own = isinstance(anchors, str)  # else all groups share them, and they are read already
    try:
        return es.panel_test(
            options.events,
            anchors,
            statistic,
            null,
            by=by,
            period=period,
            date=date_columns(options.events_date, "events"),
            anchor_date=date_columns(options.anchors_date, "anchors") if own else None,
            where=options.events_where,
            anchor_where=options.anchors_where if own else None,
            date_format=options.events_format,
            anchor_format=options.anchors_format if own else None,
            alternative=options.alternative,
            method=options.method,
            n_resamples=options.n_resamples,
            rng=options.seed,
            maxt=options.max_t,
            checkpoint=options.checkpoint,
        )
    except DataError as error:
        role = "anchors" if error.path == Path(options.anchors).expanduser() else "events"
        raise OptionError(by_option(str(error), role)) from None


def _anchors(options: argparse.Namespace, by: list[str]) -> str | Events:
    """Return the path of a table with groups, or the anchors that all groups share."""
    from eventstudy.io.files import open_table

    check_files(options)
    dates = date_columns(options.anchors_date, "anchors")
    columns = open_table(options.anchors, [dates] if isinstance(dates, str) else dates).columns
    there = [name for name in by if name in columns]
    if len(there) == len(by):
        return str(options.anchors)
    if there:
        missing = next(name for name in by if name not in columns)
        raise OptionError(
            f"{options.anchors}: it has the group column '{there[0]}' but not '{missing}'; give all of them, or none "
            "for anchors that all groups share"
        )
    note(
        options, f"{options.anchors}: none of the columns {', '.join(by)}, so all groups share these anchors"
    )
    return read_role(options, "anchors")
