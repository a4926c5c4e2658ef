"""``eventstudy test``: do events lie closer to anchors than expected by chance?"""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

from eventstudy.cli.chance import add_nulls, read_nulls
from eventstudy.cli.output import Answer, Picture, add_output, check_output, deliver, entry_of
from eventstudy.cli.question import add_draws, add_level, asked
from eventstudy.cli.series import add_series, read_pair
from eventstudy.cli.statistic import add_statistic, looks_at_window_alone, read_statistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from eventstudy.results.permutation import PermutationResult

EXAMPLES = """\
examples:
  eventstudy test launches.csv summits.csv --window=-14:0 --null calendar --period 2012-01-01:2016-01-01
  eventstudy test launches.csv summits.csv --statistic excess --strata quarter --window=-14:0 --null calendar \\
      --seed 20120101 --period 2012-01-01:2018-01-01
  eventstudy test launches.csv summits.csv --window=-14:0 --period 2012-01-01:2016-01-01 \\
      --null calendar --null shift --within year --null uniform
  eventstudy test launches.csv summits.csv --statistic anchors-hit --window=-14:0 --null gaps --seed 20120101 \\
      --period 2012-01-01:2016-01-01 --events-where "kind == 'ballistic'" --events-merge 3 --json --output result.json
  eventstudy test launches.csv summits.csv --statistic nearest --null jitter --days 60 --alternative two-sided \\
      --period 2012-01-01:2016-01-01 --plot null.svg
"""
KEPT = ("events_label", "anchors_label", "period", "coverage", "confidence_level", "method_note")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "test",
        help="permutation test: do events lie closer to anchors than expected under a null model?",
        description="Test whether events lie closer to anchors than expected under a null model. The p-value is exact "
        "where possible, else from draws.",
        epilog=EXAMPLES,
    )
    add_series(parser)
    add_statistic(parser)
    add_nulls(parser, several=True)
    add_level(add_draws(parser), "the interval of a p-value from draws")
    add_output(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Test under each null model."""
    check_output(options)
    statistic, nulls = read_statistic(options), read_nulls(options, _default_without(options))
    pair = read_pair(options)
    import pandas as pd

    import eventstudy as es

    results = [
        asked(
            es.permutation_test,
            pair.events,
            pair.anchors,
            statistic,
            null,
            alternative=options.alternative,
            method=options.method,
            n_resamples=options.n_resamples,
            rng=options.seed,
            confidence_level=options.confidence_level,
        )
        for null in nulls
    ]
    text = results[0].summary() if len(results) == 1 else side_by_side(results)
    entries = [entry_of(result, KEPT) for result in results]
    table = pd.concat([result.to_frame() for result in results], ignore_index=True)
    picture = Picture(
        [partial(_draw, result, titled=len(results) > 1) for result in results], *results[0].figure_size
    )
    deliver(options, Answer(text, table, entries, pair.files, picture))


def side_by_side(results: Sequence[PermutationResult]) -> str:
    """Return one statistic under several null models as text."""
    from eventstudy.results.text import lines, pvalue_text

    first = results[0]
    covered = "" if first.coverage is None else f"; the window covers {first.coverage:.1%} of the days"
    head = lines(
        f"Permutation tests: {first.events_label} and {first.anchors_label}, {first.period}",
        [
            ("H0", f"given what the null model keeps, the {first.events_label} are unrelated to the "
                   f"{first.anchors_label}"),
            ("statistic", str(first.statistic)),
            ("data", f"{first.n_events} {first.events_label}, {first.n_anchors} {first.anchors_label}{covered}"),
            ("observed", f"{first.observed:g}"),
            ("p-values", "uncorrected for the number of null models: say beforehand which one decides"),
            *(("note", text) for text in first.provenance.notes),
        ],
    )  # fmt: skip
    tails = {first.alternative: [result.pvalue for result in results]}
    tails["two-sided"] = [result.pvalue_two_sided for result in results]
    columns = [
        _column("null model", [repr(result.null) for result in results], "<"),
        _column("expected", [f"{result.expected:.2f}" for result in results]),
        _column("ratio", ["" if result.ratio is None else f"{result.ratio:.2f}" for result in results]),
        *(
            _column(f"p ({name})", [pvalue_text(pvalue) for pvalue in pvalues])
            for name, pvalues in tails.items()
        ),
        _column("method", [_how(result) for result in results], "<"),
    ]
    rows = ["  " + "  ".join(row).rstrip() for row in zip(*columns, strict=True)]
    kept = lines("Kept", [(repr(result.null), result.null.keeps) for result in results])
    return "\n\n".join([head, "\n".join(rows), kept])


def _column(name: str, cells: list[str], side: str = ">") -> list[str]:
    """Return a column of text, name first, padded to the widest."""
    from eventstudy.printing import columns_of, padded

    width = max(map(columns_of, [name, *cells]))
    return [padded(text, width, side) for text in [name, *cells]]


def _how(result: PermutationResult) -> str:
    return (
        "exact"
        if result.method == "exact"
        else f"{result.n_resamples:,} draws, seed {result.provenance.seed}"
    )


def _default_without(options: argparse.Namespace) -> tuple[int, int] | None:
    """Return the window, where the statistic depends on one alone."""
    window: tuple[int, int] | None = options.window
    return window if looks_at_window_alone(options.statistic) else None


def _draw(result: PermutationResult, axes: Axes, *, titled: bool) -> Any:
    result.plot(axes)
    if titled:
        axes.set_title(repr(result.null), loc="left", fontsize="medium")
