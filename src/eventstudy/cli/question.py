"""What the tests have in common: statistic, alternative, draws and seed."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from eventstudy.cli.parsing import lags, level, whole
from eventstudy.errors import EventStudyError, OptionError, RandomnessError
from eventstudy.nulls.registry import listed

if TYPE_CHECKING:
    from eventstudy.statistics import Statistic

Result = TypeVar("Result")

STATISTICS = ("count", "anchors-hit", "contrast", "nearest")
ALTERNATIVES = ("greater", "less", "two-sided")
METHODS = ("auto", "exact", "monte-carlo")
MOST_DRAWS = 100_000_000
# Arguments of the library that options of the same name stand for.
ARGUMENTS = ("n_resamples", "confidence_level", "method", "alternative", "side", "bin_days", "lags", "covariance",
             "max_lag", "cluster", "freq", "strata", "rng",
             *sorted({option.name for null in listed().values() for option in null.options} - {"without"}))  # fmt: skip
ARGUMENT = re.compile(rf"\b({'|'.join(ARGUMENTS)})(?:=('[^']*'|\([^)]*\)|[^\s,;]+))")
PERIOD = re.compile(r"Period\('(\S+)', '(\S+)'\)")


def add_window(parser: argparse.ArgumentParser) -> None:
    """Add the statistic and its window."""
    group = parser.add_argument_group("statistic")
    group.add_argument(
        "--window", type=lags, metavar="FIRST:STOP",
        help="lags in days from the anchor, STOP being the lag after the last one: -14:0 are the 14 days before",
    )  # fmt: skip
    group.add_argument(
        "--statistic", choices=STATISTICS, default="count",
        help="count: events in the window of at least one anchor (default); anchors-hit: anchors with an event in "
        "their window; contrast: events in --window minus events in --against; nearest: minus the mean days to the "
        "nearest anchor",
    )  # fmt: skip
    group.add_argument(
        "--against", type=lags, metavar="FIRST:STOP",
        help="the second window of contrast; by default the first one mirrored, so 1:15 for -14:0",
    )  # fmt: skip
    group.add_argument(
        "--side",
        choices=("before", "after", "either"),
        help="of nearest: anchors that an event is before (default)",
    )


def add_draws(parser: argparse.ArgumentParser, *, alternative: bool = True) -> argparse._ArgumentGroup:
    """Add the alternative, the method, the number of draws and the seed; return their group."""
    group = parser.add_argument_group("test")
    if alternative:
        group.add_argument(
            "--alternative",
            choices=ALTERNATIVES,
            default="greater",
            help="choose it before looking (default: greater)",
        )
    group.add_argument(
        "--method",
        choices=METHODS,
        default="auto",
        help="auto: exact where that can be had, else draws (default)",
    )
    group.add_argument(
        "--n-resamples", type=whole(1, MOST_DRAWS), default=9_999, metavar="N", help="draws (default: 9999)"
    )
    group.add_argument(
        "--seed", type=whole(0), metavar="N", help="needed where draws are made; the same gives the same"
    )
    return group


def add_level(group: argparse._ArgumentGroup, of: str) -> None:
    """Add the confidence level."""
    group.add_argument(
        "--confidence-level", type=level, default=0.95, metavar="SHARE", help=f"of {of} (default: 0.95)"
    )


def read_statistic(options: argparse.Namespace) -> Statistic:
    """Return the statistic.

    Raises
    ------
    OptionError
        If it lacks its window, or does not take what is given.
    """
    import eventstudy as es

    kind = options.statistic
    for flag, taker in (("against", "contrast"), ("side", "nearest")):
        if getattr(options, flag) is not None and kind != taker:
            raise OptionError(f"--{flag}: only --statistic {taker} takes it; leave it out")
    if kind == "nearest":
        if options.window is not None:
            raise OptionError("--window: --statistic nearest has no window; leave it out")
        return es.NearestLag(options.side or "before")
    if options.window is None:
        raise OptionError(
            f"--window: --statistic {kind} needs it; --window=-14:0 are the 14 days before an anchor"
        )
    window = es.Window(*options.window)
    if kind == "contrast":
        against = options.against or (1 - window.stop, 1 - window.start)
        return es.WindowContrast(window, es.Window(*against))
    return es.AnchorsHit(window) if kind == "anchors-hit" else es.WindowCount(window)


def asked(ask: Callable[[], Result]) -> Result:
    """Return what a function of the library returns; its errors name options instead of arguments."""
    try:
        return ask()
    except RandomnessError:
        raise OptionError(
            "--seed: p-values come from draws here, which need a seed; add a whole number, such as --seed 20120101"
        ) from None
    except EventStudyError as error:
        text = PERIOD.sub(r"--period \1:\2", ARGUMENT.sub(_as_option, str(error)))
        raise OptionError(
            text.replace("with a seed", "and --seed").replace("as_dated()", "--as-dated")
        ) from None


def _as_option(found: re.Match[str]) -> str:
    flag = "seed" if found[1] == "rng" else found[1].replace("_", "-")
    return f"--{flag} {found[2].strip(chr(39))}"
