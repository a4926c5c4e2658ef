"""Which null model, and its options."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventstudy.cli.parsing import lags, strata, whole
from eventstudy.errors import OptionError

if TYPE_CHECKING:
    from eventstudy.nulls import NullModel

# The options that each null model takes, those in capitals without which it cannot be.
NULLS: dict[str, tuple[str, ...]] = {
    "uniform": ("within",),
    "shift": ("within",),
    "calendar": ("by",),
    "jitter": ("DAYS", "within"),
    "gaps": ("within",),
    "poisson": ("without", "trend", "harmonics"),
    "self-exciting": ("without", "trend", "harmonics"),
}
CLASSES = {
    "uniform": "UniformDays",
    "shift": "CircularShift",
    "calendar": "CalendarPermutation",
    "jitter": "Jitter",
    "gaps": "ShuffledGaps",
    "poisson": "PoissonIntensity",
    "self-exciting": "SelfExciting",
}
MOST_HARMONICS = 12  # of a year: a wave of a month
ABOUT = """\
What is kept fixed and what is random if events and anchors have nothing to do with each other; it decides the answer.
  uniform        permuted days: keeps the numbers of events per day, loses bursts, season and trend
  shift          all events slide together: keeps every gap, loses the place in the calendar
  calendar       each year's events meet another year's anchors: keeps season and bursts of both
  jitter         each event moves a little: keeps what changes slowly; needs --days
  gaps           the gaps in another order: keeps their lengths; from draws
  poisson        a fitted daily rate: keeps trend and season, loses bursts
  self-exciting  a fitted rate and events that bring about others; from draws
An option belongs to the --null before it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A null model as typed: its name, and the options that follow it."""

    name: str | None
    given: dict[str, Any] = field(default_factory=dict)


class _Add(argparse.Action):
    """Begin a null model, or give an option to the one before it; options before the first one are the first one's."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option: Any = None
    ) -> None:
        chosen: list[Choice] = list(getattr(namespace, "nulls", None) or [])
        if self.dest == "null" and not (len(chosen) == 1 and chosen[0].name is None):
            chosen.append(Choice(values))
        elif self.dest == "null":
            chosen[0] = Choice(values, chosen[0].given)
        else:
            last = chosen.pop() if chosen else Choice(None)
            if self.dest in last.given:
                parser.error(f"argument --{self.dest}: it stands twice for one --null; leave one out")
            chosen.append(Choice(last.name, last.given | {self.dest: values}))
        namespace.nulls = chosen


def add_nulls(parser: argparse.ArgumentParser, *, several: bool, by: bool = True) -> None:
    """Add the options that choose a null model, among them --by unless it means something else in this command."""
    more = "; may be given more than once, for results side by side" if several else ""
    group = parser.add_argument_group(
        "chance: the null model",
        ABOUT,
    )
    parser.set_defaults(nulls=[])
    group.add_argument(
        "--null", action=_Add, choices=list(NULLS), required=True, help=f"what chance looks like{more}"
    )
    for flag, kind, metavar, help_text in (
        ("within", strata, "STRATA", "keep the numbers of each year, quarter or month, or of the pieces between cut "
         "dates with commas (uniform, shift, jitter, gaps)"),
        ("by", strata, "STRATA", "exchange each year, or pieces of equal length between cut dates (calendar)"),
        ("days", whole(1), "N", "furthest move of an event (jitter)"),
        ("without", _lags_or_none, "FIRST:STOP", "days around anchors that the rate is not fitted to; by default "
         "those of --window (poisson, self-exciting)"),
        ("trend", _trend, "year|smooth|none", "of the fitted rate (poisson: year, self-exciting: none)"),
        ("harmonics", whole(0, MOST_HARMONICS), "N", "yearly waves of the fitted rate (poisson: 2, self-exciting: 0)"),
    ):  # fmt: skip
        if flag == "by" and not by:
            continue
        group.add_argument(f"--{flag}", action=_Add, type=kind, metavar=metavar, help=help_text)


def read_nulls(options: argparse.Namespace, window: tuple[int, int] | None) -> list[NullModel]:
    """Return the null models.

    Parameters
    ----------
    options : argparse.Namespace
    window : tuple of int or None
        What `without` is where it is not given.

    Raises
    ------
    OptionError
        If an option does not belong to its null model, or one is missing.
    """
    import eventstudy as es

    nulls: list[NullModel] = []
    for choice in options.nulls:
        known = [name.lower() for name in NULLS[choice.name]]
        given = dict(choice.given)
        for name in given:
            if name not in known:
                takers = " or ".join(null for null, names in NULLS.items() if name in map(str.lower, names))
                raise OptionError(
                    f"--{name}: --null {choice.name} does not take it; leave it out, or put it behind --null {takers}"
                )
        for name in NULLS[choice.name]:
            if name.isupper() and name.lower() not in given:
                raise OptionError(
                    f"--null {choice.name}: --{name.lower()} is missing; add it, such as --days 30"
                )
        if "without" in known:
            without = given.get("without", window)
            if without is None:
                raise OptionError(
                    f"--null {choice.name}: --without is missing; add the days around anchors that the rate is not "
                    "fitted to, such as --without=-14:0, or none"
                )
            given["without"] = None if without == "none" else es.Window(*without)
        if given.get("trend") == "none":
            given["trend"] = None
        nulls.append(getattr(es, CLASSES[choice.name])(**given))
    return nulls


def read_null(options: argparse.Namespace) -> NullModel:
    """Return the null model, where there can be only one.

    Raises
    ------
    OptionError
        As :func:`read_nulls`, and if there are several.
    """
    null, *more = read_nulls(options, None)
    if more:
        raise OptionError(f"--null: eventstudy {options.command} takes one; run it once for each")
    return null


def _lags_or_none(text: str) -> tuple[int, int] | str:
    return text if text == "none" else lags(text)


def _trend(text: str) -> str:
    if text not in ("year", "smooth", "none"):
        raise argparse.ArgumentTypeError(f"{text!r} is not year, smooth or none")
    return text
