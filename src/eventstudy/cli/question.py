"""Options shared by the tests (alternative, draws and seed), and errors that name options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from eventstudy.cli.parsing import level, whole
from eventstudy.errors import EventStudyError, OptionError, RandomnessError
from eventstudy.nulls.registry import listed

P = ParamSpec("P")
Result = TypeVar("Result")

ALTERNATIVES = ("greater", "less", "two-sided")
METHODS = ("auto", "exact", "monte-carlo")
MOST_DRAWS = 100_000_000
# Arguments of the library that have an option of the same name.
ARGUMENTS = ("n_resamples", "confidence_level", "method", "alternative", "side", "bin_days", "lags", "covariance",
             "max_lag", "cluster", "freq", "strata", "rng",
             *sorted({option.name for null in listed().values() for option in null.options} - {"without"}))  # fmt: skip
ARGUMENT = re.compile(rf"\b({'|'.join(ARGUMENTS)})(?:=('[^']*'|\([^)]*\)|[^\s,;]+))")
PERIOD = re.compile(r"Period\('(\S+)', '(\S+)'\)")


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
        help="auto: exact where possible, else draws (default)",
    )
    group.add_argument(
        "--n-resamples", type=whole(1, MOST_DRAWS), default=9_999, metavar="N", help="draws (default: 9999)"
    )
    group.add_argument(
        "--seed",
        type=whole(0),
        metavar="N",
        help="needed where draws are made; the same seed gives the same answer",
    )
    return group


def add_level(group: argparse._ArgumentGroup, of: str) -> None:
    """Add the confidence level."""
    group.add_argument(
        "--confidence-level", type=level, default=0.95, metavar="SHARE", help=f"of {of} (default: 0.95)"
    )


def asked(function: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
    """Call a function of the library; its errors name options instead of arguments."""
    try:
        return function(*args, **kwargs)
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
