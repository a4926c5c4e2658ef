"""Whether a question can be answered: every check of its series, reach, statistic, null model and options, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np

from eventstudy.arguments import one_of, share, whole
from eventstudy.errors import ExactUnavailableError, OptionError, ReachError
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.tails import ALTERNATIVES, Alternative
from eventstudy.pairs import checked_pair, pair_provenance
from eventstudy.periods import Period
from eventstudy.provenance import Provenance
from eventstudy.statistics import Statistic, as_statistic
from eventstudy.windows import Window

Asked = Literal["auto", "exact", "monte-carlo"]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Events and anchors of one call, with at least one anchor that reaches the period.

    - `where`: the function that was called.
    - `events`, `anchors`: as given; dates of events may be uncertain where the function allows it.
    - `period`: of the events.
    - `window`: the lags at which an anchor matters; None if its reach is not known.
    """

    where: str
    events: Events
    anchors: Events
    period: Period
    window: Window | None

    @classmethod
    def of(
        cls,
        where: str,
        events: Events,
        anchors: Events,
        window: Window | None,
        *,
        doubt: bool = False,
        announced: bool = False,
    ) -> Pair:
        """Return the pair.

        `doubt`: whether dates of events may be uncertain. `announced`: whether windows of anchors may open
        when these were announced.

        Raises PeriodError, EventsError if the period is missing, there is no event or no anchor, or dates are
        uncertain. Raises ReachError if no anchor reaches the period.
        """
        sure = events.as_dated() if doubt and isinstance(events, Events) else events
        period = checked_pair(sure, anchors, announced=announced)
        check_reach(where, anchors, period, window)
        return cls(where, events, anchors, period, window)

    @property
    def dated(self) -> Events:
        """The events with their dates as given."""
        return self.events.as_dated()

    @property
    def n_anchors(self) -> int:
        """Anchors whose window holds a day of the period; all of them, if there is no window."""
        return len(self.anchors) if self.window is None else reaching(self.anchors, self.period, self.window)

    @property
    def coverage(self) -> float | None:
        """Share of the period's days in the window of an anchor; None if there is no window."""
        return None if self.window is None else self.window.coverage(self.anchors, self.period)

    def provenance(self, arguments: str, seed: str | None = None) -> Provenance:
        """Return where the answer comes from; `arguments` are those after the two series, as text."""
        return pair_provenance(self.where, self.events, self.anchors, arguments, seed)


@dataclass(frozen=True, slots=True, eq=False)
class Question(Pair):
    """Events, anchors, a statistic and a null model, checked together."""

    statistic: Statistic
    null: NullModel

    @classmethod
    def ask(
        cls,
        where: str,
        events: Events,
        anchors: Events,
        statistic: Any,
        null: Any,
        *,
        doubt: bool = False,
        announced: bool = False,
    ) -> Question:
        """Return the question.

        `statistic`: a plain function becomes a statistic. `doubt`, `announced`: as in `Pair.of`.

        Raises PeriodError, EventsError, ReachError if the series cannot be used, or no anchor reaches the
        period. Raises OptionError if the statistic or the null model is something else.
        """
        one, chance = checked_statistic(statistic, where), checked_null(null, where)
        pair = Pair.of(where, events, anchors, one.reach, doubt=doubt, announced=announced)
        return cls(where, events, anchors, pair.period, one.window, one, chance)


def reaching(anchors: Events, period: Period, window: Window | None) -> int:
    """Return how many anchors have a day of the period in their window; without one, how many lie in the period."""
    if window is None:
        return int(np.count_nonzero(period.inside(anchors.days)))
    return int(window.reaching(anchors, period).size)


def check_reach(where: str, anchors: Events, period: Period, window: Window | None) -> None:
    """Refuse anchors of another time: no event could lie near them, however strong the link."""
    if reaching(anchors, period, window):
        return
    fix = "give anchors of that time, and check that both series are read as the same kind of date"
    if window is None:
        raise ReachError(f"{where}: none of the {anchors.anchors_label} lies in {period}; {fix}")
    raise ReachError(
        f"{where}: {window!r} of none of the {anchors.anchors_label} holds a day of {period}; {fix}"
    )


def checked_statistic(statistic: Any, where: str) -> Statistic:
    """Return a statistic, made from a plain function if necessary.

    Raises OptionError if it is neither; for a window the message says which statistics to make from it.
    """
    if isinstance(statistic, Window):
        raise OptionError(
            f"{where}: {statistic!r} is not a statistic; give one, such as WindowCount({statistic!r}) or "
            f"AnchorsHit({statistic!r}), which count in that window"
        )
    return as_statistic(statistic, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a question is to be answered."""

    alternative: Alternative
    method: Asked
    n_resamples: int
    confidence_level: float
    sequential: int | None

    @classmethod
    def of(
        cls,
        where: str,
        *,
        alternative: Any = "greater",
        method: Any = "auto",
        n_resamples: Any = 9_999,
        confidence_level: Any = 0.95,
        sequential: Any = None,
    ) -> Options:
        """Return the options; whole numbers may be given as floats, such as 1e4.

        Raises OptionError if one of them has a value that is not known.
        """
        number = checked_draws(n_resamples, where)
        enough = None
        if sequential is not None:
            fix = "give the number of extreme draws that suffices, such as 20"
            enough = whole(sequential, where, "sequential", fix=fix)
            if not 1 <= enough <= number:
                raise OptionError(
                    f"{where}: sequential={enough} does not lie between 1 and n_resamples={number}; {fix}"
                )
        return cls(
            alternative=checked_alternative(alternative, where),
            method=cast("Asked", one_of(method, get_args(Asked), where, "method")),
            n_resamples=number,
            confidence_level=share(confidence_level, where, "confidence_level"),
            sequential=enough,
        )

    def check_doubt(self, question: Pair) -> None:
        """Refuse what cannot be done with uncertain dates."""
        events, where = question.events, question.where
        if not events.n_uncertain:
            return
        if self.method == "exact":
            raise ExactUnavailableError(
                f"{where}: the dates of {events.n_uncertain} {events.label} are uncertain, so there is no exact "
                "distribution; use method='monte-carlo' with a seed, or as_dated()"
            )
        if self.sequential is not None:
            raise OptionError(
                f"{where}: drawing cannot stop early while the dates of {events.n_uncertain} {events.label} are "
                "uncertain; leave sequential out, or use as_dated()"
            )


def checked_alternative(alternative: Any, where: str) -> Alternative:
    """Return an alternative, or refuse it by name."""
    return cast("Alternative", one_of(alternative, ALTERNATIVES, where, "alternative"))


def checked_draws(n_resamples: Any, where: str, better: int = 9_999) -> int:
    """Return a number of draws, or refuse one below 1."""
    fix = f"make at least one draw, preferably {better}"
    return whole(n_resamples, where, "n_resamples", least=1, fix=fix)
