"""Questions of a plan that its data cannot answer: the reason takes the place of the number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from eventstudy.errors import ReachError, UndefinedError
from eventstudy.events import Events
from eventstudy.pairs import pair_checksums
from eventstudy.provenance import Provenance

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A question that the data leave without an answer.

    - `reason`: in words, to be printed.
    - `provenance`: of the data that were asked.
    """

    reason: str
    provenance: Provenance

    @property
    def pvalue(self) -> float:
        """Not a number, as there is none."""
        return math.nan

    def interval_text(self) -> str:
        """Return that there is no interval."""
        return "none"

    def cautions(self) -> list[str]:
        """Return the reason, as the cautions of an answer are."""
        return [f"no ratio, as {self.reason}"]


def answered(
    function: Callable[..., Answer], events: Events, anchors: Events, *args: Any, **options: Any
) -> Answer | NoAnswer:
    """Return the result of a question, or the reason why these data do not answer it."""
    try:
        return function(events, anchors, *args, **options)
    except (ReachError, UndefinedError) as error:
        reason = str(error).partition(": ")[2].rpartition("; ")[0]
        return NoAnswer(reason, Provenance(repr(reason), pair_checksums(events, anchors)))
