"""The statistic and its options, listed from the classes that declare a `name`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from eventstudy.cli.parsing import lags, strata
from eventstudy.declared import Listed, by_name, classes
from eventstudy.errors import OptionError

if TYPE_CHECKING:
    from eventstudy.statistics import Statistic
    from eventstudy.windows import Window

USUAL = "count"
# Names of fields on the command line where their own is taken: --within belongs to the null model.
FLAGS = {"before": "window", "after": "against", "within": "strata"}


class Typed(TypedDict, total=False):
    """How argparse reads an option."""

    type: Callable[[str], object]
    metavar: str
    choices: Sequence[str]


TYPED: dict[str, Typed] = {  # by the type of the field, as written in the class
    "Window": {"type": lags, "metavar": "FIRST:STOP"},
    "Within": {"type": strata, "metavar": "STRATA"},
    "Side": {"choices": ("before", "after", "either")},
}
HELP = {
    "window": "lags in days from the anchor, STOP being the lag after the last one: -14:0 are the 14 days before",
    "against": "the second window; by default the first one mirrored, so 1:15 for -14:0",
    "strata": "strata within which the window is compared: each year, quarter or month, or pieces between cut dates "
    "with commas (default: quarter)",
    "side": "anchors that an event is before (default), after, or the nearest",
}


@cache
def statistics() -> dict[str, Listed]:
    """Return the statistics by name, the default first."""
    found = by_name(classes(Path(__file__).parents[1], "eventstudy", "(Statistic)"))
    return {USUAL: found.pop(USUAL), **found}


def flag(field: str) -> str:
    """Return the name of a field on the command line."""
    return FLAGS.get(field, field)


def add_statistic(parser: argparse.ArgumentParser, *, window: bool = True) -> argparse._ArgumentGroup:
    """Add the statistic and its options, without --window where the command has its own windows; return the group."""
    width = max(map(len, statistics()))
    about = [f"  {name:<{width}}  {one.about}" for name, one in statistics().items()]
    group = parser.add_argument_group("statistic", "\n".join(["What is counted or measured.", *about]))
    group.add_argument(
        "--statistic", choices=list(statistics()), default=USUAL, help=f"which (default: {USUAL})"
    )
    kinds = {flag(field.name): field.kind for one in statistics().values() for field in one.options}
    for name, kind in kinds.items():
        if name == "window" and not window:
            continue
        takes = [] if name == "window" else [f" ({', '.join(_takers(name))})"]
        group.add_argument(f"--{name}", **TYPED[kind], help="".join([HELP[name], *takes]))
    return group


def read_statistic(options: argparse.Namespace) -> Statistic:
    """Return the statistic.

    Raises OptionError if its window is missing, or it does not take an option given.
    """
    from eventstudy.windows import Window

    window = options.window
    known = {flag(field.name) for field in statistics()[options.statistic].options}
    if window is not None and "window" not in known:
        raise OptionError(f"--window: --statistic {options.statistic} has no window; leave it out")
    if window is None and "window" in known:
        raise OptionError(
            f"--window: --statistic {options.statistic} needs it; --window=-14:0 are the 14 days before an anchor"
        )
    return _built(options, None if window is None else Window(*window))


def read_for_windows(options: argparse.Namespace) -> dict[str, Statistic]:
    """Return the statistic with each window of --windows, by its name.

    Raises OptionError if the statistic has no window or a second one, or does not take an option given.
    """
    from eventstudy.windows import Window

    kinds = [field.kind for field in statistics()[options.statistic].options]
    if kinds.count("Window") != 1:
        able = [n for n, one in statistics().items() if [f.kind for f in one.options].count("Window") == 1]
        has = "no window" if "Window" not in kinds else "two windows"
        raise OptionError(
            f"--statistic {options.statistic}: it has {has}, and eventstudy {options.command} gives each test one; "
            f"choose {', '.join(able[:-1])} or {able[-1]}"
        )
    return {name: _built(options, Window(*given)) for name, given in options.windows.items()}


def looks_at_window_alone(name: str) -> bool:
    """Tell whether a statistic depends on the days of one window alone."""
    return "window" in {field.name for field in statistics()[name].options}


def _built(options: argparse.Namespace, window: Window | None) -> Statistic:
    """Return the statistic of the options with a window."""
    from eventstudy.windows import Window

    one = statistics()[options.statistic]
    fields = {flag(field.name): field for field in one.options}
    given: dict[str, object] = {}
    for name in dict.fromkeys(flag(f.name) for other in statistics().values() for f in other.options):
        value: Any = getattr(options, name, None) if name != "window" else window
        if value is None:
            continue
        if name not in fields:
            takers = " or ".join(_takers(name))
            raise OptionError(f"--{name}: only --statistic {takers} takes it; leave it out")
        field = fields[name]
        given[field.name] = Window(*value) if field.kind == "Window" and name != "window" else value
    if "against" in fields and window is not None:
        given.setdefault(fields["against"].name, Window(1 - window.stop, 1 - window.start))
    statistic: Statistic = one.load()(**given)
    return statistic


def _takers(name: str) -> list[str]:
    return [key for key, one in statistics().items() if name in {flag(field.name) for field in one.options}]
