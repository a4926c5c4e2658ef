"""The null model and its options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventstudy.cli.parsing import lags, strata, whole
from eventstudy.declared import Listed, Option
from eventstudy.errors import OptionError
from eventstudy.nulls.registry import listed

if TYPE_CHECKING:
    from eventstudy.nulls.base import NullModel

ABOUT = "What is kept fixed and what is random if events and anchors are unrelated; the answer depends on it."
OWNERS = "An option belongs to the --null before it."
WINDOW = "Window | None"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Kind:
    """How an option of a null model is typed.

    `read`: from text to a value. `metavar`, `help`: help is empty where the class docstring supplies it.
    """

    read: Callable[[str], Any]
    metavar: str
    help: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A null model as typed: its name, and the options that follow it."""

    name: str | None
    given: Mapping[str, object] = field(default_factory=dict)


class _Add(argparse.Action):
    """Begin a null model, or add an option to the one before it; options before the first belong to the first."""

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
                parser.error(f"argument --{self.dest}: it appears twice for one --null; leave one out")
            chosen.append(Choice(last.name, {**last.given, self.dest: values}))
        namespace.nulls = chosen


def add_nulls(parser: argparse.ArgumentParser, *, several: bool, by: bool = True) -> None:
    """Add the options that choose a null model, among them --by unless it means something else in this command."""
    more = "; may be given more than once, for results side by side" if several else ""
    width = max(map(len, listed()))
    about = [f"  {name:<{width}}  {one.about}" for name, one in listed().items()]
    group = parser.add_argument_group("chance: the null model", "\n".join([ABOUT, *about, OWNERS]))
    parser.set_defaults(nulls=[])
    group.add_argument(
        "--null", action=_Add, choices=list(listed()), required=True, help=f"what chance looks like{more}"
    )
    fields = {option.name: option for one in reversed(listed().values()) for option in offered(one)}
    for name, option in fields.items():
        if name == "by" and not by:
            continue
        how = KINDS[option.kind]
        text = f"{how.help or option.about} ({', '.join(takers(name))})"
        group.add_argument(
            f"--{_flag(name)}", dest=name, action=_Add, type=how.read, metavar=how.metavar, help=text
        )


def offered(one: Listed) -> list[Option]:
    """Return the options of a null model that can be typed as text."""
    return [option for option in one.options if option.kind in KINDS]


def takers(name: str) -> list[str]:
    """Return the null models that have an option of this name."""
    return [null for null, one in listed().items() if name in {option.name for option in offered(one)}]


def read_nulls(options: argparse.Namespace, window: tuple[int, int] | None) -> list[NullModel]:
    """Return the null models.

    `window`: the default of an option that is a window.

    Raises OptionError if an option does not belong to its null model, or one is missing.
    """
    return [_read(choice, window) for choice in options.nulls]


def _read(choice: Choice, window: tuple[int, int] | None) -> NullModel:
    from eventstudy.windows import Window

    one = listed()[str(choice.name)]
    known = {option.name: option for option in offered(one)}
    given = dict(choice.given)
    for name in given:
        if name not in known:
            raise OptionError(
                f"--{_flag(name)}: --null {one.name} does not take it; leave it out, or put it after --null "
                f"{' or '.join(takers(name))}"
            )
    model = one.load()
    for name, option in known.items():
        if option.kind == WINDOW and option.required and window is not None:
            given.setdefault(name, window)
        if option.required and name not in given:
            usual = _typed(name, getattr(model.example(), name))
            raise OptionError(f"--null {one.name}: --{_flag(name)} is missing; add it, such as {usual}")
        if isinstance(lags := given.get(name), tuple) and option.kind == WINDOW:
            given[name] = Window(*lags)
    null: NullModel = model(**given)
    return null


def read_null(options: argparse.Namespace) -> NullModel:
    """Return the null model, where there can be only one.

    Raises OptionError as :func:`read_nulls`, and if there are several.
    """
    null, *more = read_nulls(options, None)
    if more:
        raise OptionError(f"--null: eventstudy {options.command} takes one; run it once for each")
    return null


def _flag(name: str) -> str:
    return name.replace("_", "-")


def _typed(name: str, value: Any) -> str:
    """Return an option with a value as one would type it."""
    if hasattr(value, "start"):
        return f"--{_flag(name)}={value.start}:{value.stop}, or none"
    return f"--{_flag(name)} {value}"


def _lags_or_none(text: str) -> tuple[int, int] | None:
    return None if text == NONE else lags(text)


def _trend(text: str) -> str | None:
    if text not in ("year", "smooth", NONE):
        raise argparse.ArgumentTypeError(f"{text!r} is not year, smooth or none")
    return None if text == NONE else text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


# By the type of the field, as written in the class; options of other types exist only in the library.
KINDS = {
    "Within": Kind(
        strata, "STRATA", "strata: each year, quarter or month, or pieces between cut dates with commas"
    ),
    "int": Kind(whole(0), "N", ""),
    "float": Kind(_number, "X", ""),
    "Trend": Kind(_trend, "year|smooth|none", "trend of the fitted rate"),
    WINDOW: Kind(
        _lags_or_none, "FIRST:STOP", "days around anchors that are left out, or none; by default --window"
    ),
}
