"""Specifications: all combinations of the defensible choices for one question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from eventstudy.errors import own_errors
from eventstudy.events import Events
from eventstudy.statistics import Statistic


@dataclass(frozen=True, slots=True, eq=False)
class Specification:
    """One defensible way to ask the question.

    Parameters
    ----------
    choices : mapping of str to str
        What was chosen, such as ``{"window": "14 days", "launches": "ballistic"}``.
    events, anchors : Events
    statistic : Statistic
        A sum over events whose mean under the null model is positive, such as a count in a window.
    """

    choices: Mapping[str, str]
    events: Events
    anchors: Events
    statistic: Statistic

    def __str__(self) -> str:
        return ", ".join(f"{name}: {value}" for name, value in self.choices.items())


@own_errors
def every_specification(
    choices: Mapping[str, Mapping[str, Any]],
    build: Callable[..., tuple[Events, Events, Statistic] | None],
) -> list[Specification]:
    """Combine every choice with every other.

    Parameters
    ----------
    choices : mapping of str to mapping of str to anything
        For each choice its values by name: ``{"window": {"7 days": Window(-7, 0), ...}, ...}``.
    build : callable
        Takes one value of each choice, in their order, and returns events, anchors and statistic; or
        None for a combination that makes no sense.

    Returns
    -------
    list of Specification

    Examples
    --------
    >>> import eventstudy as es
    >>> events, anchors = es.Events([4, 6, 8], es.Period(0, 10)), es.Events([7])
    >>> made = es.every_specification(
    ...     {"window": {"2 days": es.Window(-2, 0), "3 days": es.Window(-3, 0)}},
    ...     lambda window: (events, anchors, es.WindowCount(window)),
    ... )
    >>> [str(one) for one in made]
    ['window: 2 days', 'window: 3 days']
    """
    made = []
    for names in product(*choices.values()):
        built = build(*(values[name] for values, name in zip(choices.values(), names, strict=True)))
        if built is not None:
            made.append(Specification(dict(zip(choices, names, strict=True)), *built))
    return made
