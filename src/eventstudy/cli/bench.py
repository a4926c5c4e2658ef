"""``eventstudy bench``: how long the main calls take on this machine."""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from eventstudy.cli.output import Answer, Entry, add_output, check_output, deliver
from eventstudy.cli.parsing import whole
from eventstudy.nulls.registry import listed

if TYPE_CHECKING:
    from eventstudy.events import Events

EXAMPLES = """\
examples:
  eventstudy bench --size small --repeats 1
  eventstudy bench --json --output bench.json
"""
SEED = 20_120_101
WINDOW = (-14, 0)
DRAWS = 10_000
ENOUGH = 2.0  # seconds of one call after which it is not repeated


@dataclass(frozen=True, slots=True)
class Size:
    """Numbers of events, anchors and days."""

    name: str
    events: int
    anchors: int
    days: int


SIZES = (Size("small", 160, 60, 10_000), Size("large", 16_000, 6_000, 1_000_000))


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "bench",
        help="seconds that the main calls take on this machine",
        description="Time the main calls of the library on seeded data, median of several runs: small is 160 events, "
        "60 anchors and 10,000 days, large a hundred times as much. Takes well under a minute on two idle processors.",
        epilog=EXAMPLES,
    )
    parser.add_argument(
        "--size", choices=("small", "large", "both"), default="both", help="of the data (default: both)"
    )
    parser.add_argument(
        "--repeats", type=whole(1, 1_000), default=5, metavar="N",
        help=f"runs of a call, fewer where one takes more than {ENOUGH:g} seconds (default: 5)",
    )  # fmt: skip
    add_output(parser, figure=False)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Time the calls."""
    check_output(options)
    import pandas as pd

    rows = [
        (work, size.name, size.events, size.anchors, size.days, *_seconds(call, options.repeats))
        for size in SIZES
        if options.size in (size.name, "both")
        for work, call in _calls(size)
    ]
    columns = ["work", "size", "events", "anchors", "days", "seconds", "runs"]
    table = pd.DataFrame(rows, columns=columns)
    width = int(table["work"].str.len().max())
    text = "\n".join([
        f"Seconds on this machine, median of up to {options.repeats} runs ({os.cpu_count()} processors, seed {SEED})",
        f"  {'work':<{width}}  size    seconds",
        *(f"  {row.work:<{width}}  {row.size:<6}  {row.seconds:>7.3f}" for row in table.itertuples()),
    ])  # fmt: skip
    more = {"seed": SEED, "processors": os.cpu_count()}
    deliver(options, Answer(text, table, [Entry(table, more)]))


def _seconds(call: Callable[[], Any], repeats: int) -> tuple[float, int]:
    """Return the median time of a call, and how often it ran."""
    taken: list[float] = []
    while len(taken) < repeats and sum(taken) < ENOUGH:
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), len(taken)


def _calls(size: Size) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the main calls with what they do."""
    import eventstudy as es

    uniform, shift, jitter = (listed()[name].load() for name in ("uniform", "shift", "jitter"))
    events, anchors = _series(size)
    window = es.Window(*WINDOW)
    count = es.WindowCount(window)
    test = partial(es.permutation_test, events, anchors, count)
    drawn = {"method": "monte-carlo", "n_resamples": DRAWS, "rng": SEED}
    yield "exact p-value, permuted days within years", partial(test, uniform("year"))
    yield "exact p-value, shifts within years", partial(test, shift("year"))
    yield "exact p-value, jitter of 30 days", partial(test, jitter(30))
    yield f"{DRAWS:,} draws, permuted days", partial(test, uniform(), **drawn)
    yield f"{DRAWS:,} draws, shifts within years", partial(test, shift("year"), **drawn)
    windows = {f"{k} d": es.WindowCount(es.Window.before(k)) for k in range(1, 61)}
    family = partial(es.permutation_family, events, anchors, windows, shift())
    yield "family of 60 windows, all shifts", family
    yield (
        "lag profile of 121 lags, all shifts",
        partial(es.lag_profile, events, anchors, shift(), bin_days=1),
    )
    if size.name == "small":
        yield (
            "Poisson regression, 10,000 daily rows",
            partial(
                es.poisson_regression,
                es.count_table(events, anchors, {"before": window}),
                "count ~ before + C(year) + sin1 + cos1",
            ),
        )


def _series(size: Size) -> tuple[Events, Events]:
    """Return events and anchors on different days, unrelated."""
    import numpy as np

    import eventstudy as es

    rng = np.random.default_rng(SEED)
    period = es.Period(0, size.days)
    events, anchors = (rng.choice(size.days, n, replace=False) for n in (size.events, size.anchors))
    return es.Events(events, period), es.Events(anchors, period, "anchors")
