"""Whether two series can be tested together, and what identifies them as a pair."""

from __future__ import annotations

from eventstudy.errors import EventsError
from eventstudy.events import Events, observed_period
from eventstudy.periods import Period
from eventstudy.provenance import Provenance


def check_anchors(anchors: Events, *, announced: bool = False) -> None:
    """Refuse anchors that are not Events, have uncertain dates or, unless allowed, have announcement days."""
    if not isinstance(anchors, Events):
        raise EventsError(f"anchors: got a {type(anchors).__name__}; wrap the dates as Events(dates)")
    if anchors.uncertainty is not None:
        raise EventsError(
            f"{anchors.anchors_label}: the dates of {anchors.n_uncertain} anchors are uncertain; use as_dated() to use "
            "them as given"
        )
    if anchors.announced is not None and not announced:
        raise EventsError(
            f"{anchors.anchors_label}: windows that open when an anchor was announced are supported by "
            "permutation_test, permutation_family and rate_ratio only; use Events(anchors.days) for whole windows"
        )


def checked_pair(events: Events, anchors: Events, *, announced: bool = False) -> Period:
    """Return the period of a test of `events` against `anchors`, having checked both.

    `announced`: whether the test lets the windows of anchors open on the day of announcement.

    Raises PeriodError if `events` carry no period. Raises EventsError if either is empty or not of type
    Events.
    """
    check_anchors(anchors, announced=announced)
    period = observed_period(events)
    if not len(events):
        raise EventsError(f"{events.label}: no event lies in {period}; a test needs at least one")
    if not len(anchors):
        raise EventsError(f"{anchors.anchors_label}: there is no anchor; a test needs at least one")
    return period


def pair_checksums(events: Events, anchors: Events) -> dict[str, str]:
    """Return the checksums of two series by label, for the provenance of a result.

    Where both carry the same label, the anchors' label gets a suffix, so that neither is lost.
    """
    (anchors_sum,) = anchors.provenance.data.values()
    label = anchors.anchors_label
    return {**events.provenance.data, f"{label} (anchors)" if label == events.label else label: anchors_sum}


def pair_provenance(
    where: str, events: Events, anchors: Events, arguments: str, seed: str | None = None
) -> Provenance:
    """Return where an answer about two series comes from; `arguments` are those after the two, as text."""
    call = f"{where}({events.label}, {anchors.anchors_label}, {arguments})"
    return Provenance(call, pair_checksums(events, anchors), seed, (*events.notes, *anchors.notes))
