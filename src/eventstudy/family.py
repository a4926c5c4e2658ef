"""Families of permutation tests: several windows, statistics or sets of anchors, corrected together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError, OptionError
from eventstudy.evaluation.distribution import every_table
from eventstudy.evaluation.draws import check_draws, null_table
from eventstudy.evaluation.values import evaluation
from eventstudy.events import Events, checked_pair, pair_checksums
from eventstudy.nulls.base import NullModel
from eventstudy.numeric.multiplicity import corrected
from eventstudy.periods import Period
from eventstudy.provenance import Provenance, as_generator, seed_text
from eventstudy.results.family import FamilyResult
from eventstudy.results.permutation import Alternative
from eventstudy.statistics import Statistic
from eventstudy.windows import Window


@dataclass(frozen=True, slots=True, eq=False)
class FamilyMember:
    """One test of a family, where it has anchors or an alternative of its own.

    Parameters
    ----------
    statistic : Statistic
    anchors : Events, optional
        Those of the family if left out.
    alternative : {"greater", "less", "two-sided"}, optional
        That of the family if left out.
    """

    statistic: Statistic
    anchors: Events | None = None
    alternative: Alternative | None = None


def permutation_family(
    events: Events,
    anchors: Events,
    statistics: Mapping[str, Statistic | tuple[Statistic, Events] | FamilyMember],
    null: NullModel,
    *,
    alternative: Alternative = "greater",
    method: str = "auto",
    n_resamples: int = 9_999,
    rng: int | np.random.Generator | None = None,
) -> FamilyResult:
    """Test several statistics on the same draws and correct their p-values for their number.

    H0 of the family: given what `null` keeps, the days of the events have nothing to do with any of the anchors.

    Parameters
    ----------
    events, anchors : Events
        The period is that of `events`. `anchors` serve the entries that bring none.
    statistics : mapping of str to Statistic, (Statistic, Events) or FamilyMember
        A name for each test, with its statistic, with anchors of its own, or also with an alternative of its own.
    null : NullModel
        What is fixed and what is random under H0. It sees `anchors`, if it looks at any.
    alternative : {"greater", "less", "two-sided"}, default "greater"
    method : {"auto", "exact", "monte-carlo"}, default "auto"
        "auto" goes through every arrangement where the null model can list them (all shifts, or few
        arrangements), else makes draws.
    n_resamples : int, default 9999
        Number of draws, the same ones for all tests.
    rng : int or numpy.random.Generator, optional
        Needed where draws are made.

    Returns
    -------
    FamilyResult

    Raises
    ------
    PeriodError, EventsError
        If the period is missing, or there is no event or no anchor.
    OptionError
        If the family is empty, an entry or an option cannot be read, or a statistic has no value on some draw.
    ExactUnavailableError
        If ``method="exact"`` and the arrangements cannot all be gone through.
    RandomnessError
        If draws are made and `rng` is missing.

    Notes
    -----
    `pvalue_adjusted` is the step-down max-T of Westfall and Young [1]_ on studentised statistics: each
    minus its mean, over its standard deviation, under the null model, so that a window of 42 days does
    not drown one of 3. The observed series counts as one of the draws, for mean and standard deviation too, so that
    p-values are valid and never zero. A statistic that never varies gets 1. The chance of any false find is at
    most the level when no test has an effect; when some have, this stays true for the others if the joint
    distribution of their statistics does not depend on it (subset pivotality).

    A two-sided p-value doubles the smaller tail, whereas max-T takes the absolute value; corrected p-values
    are raised to the test's own where they would fall below it.

    References
    ----------
    .. [1] Westfall, P. H. & Young, S. S. (1993). Resampling-Based Multiple Testing. Wiley.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.Events([4, 6], es.Period(0, 10))
    >>> windows = {f"{k} d": es.WindowCount(es.Window.before(k)) for k in (1, 3)}
    >>> result = es.permutation_family(events, es.Events([7]), windows, es.CircularShift())
    >>> result.pvalue, result.pvalue_adjusted
    (array([0.2, 0.1]), array([0.2, 0.1]))
    """
    period = checked_pair(events, anchors, announced=True)
    check_draws("permutation_family", method, n_resamples)
    names, asked, alternatives = _read(events, anchors, statistics, alternative)
    prepared = evaluation(events, asked)
    observed = prepared.observed()
    rows, note = None, ""
    if method != "monte-carlo":
        try:
            rows = every_table(prepared, anchors, null)
        except ExactUnavailableError as error:
            if method == "exact":
                raise
            note = f"drawn because {str(error).split('; use method')[0]}"
    seed = None
    if rows is None:
        generator = as_generator(rng, "permutation_family")
        seed = seed_text(rng)  # before the generator has children
        drawn = null_table(prepared, anchors, null, rng=generator, n_resamples=n_resamples)
        expected = drawn.mean(axis=1)
        rows = np.concatenate([observed[:, None], drawn], axis=1)
    else:
        expected = rows.mean(axis=1)
    _refuse_unknown(rows, names)
    found = corrected(rows, observed, alternatives)
    raised = {
        name: _frozen(np.maximum(getattr(found, name), found.pvalue))
        for name in ("maxt", "maxt_single", "minp", "minp_single")
    }
    return FamilyResult(
        names=names,
        statistics=tuple(str(statistic) for statistic, _ in asked),
        anchors_labels=tuple(own.label for _, own in asked),
        alternatives=alternatives,
        n_anchors=tuple(_reaching(statistic, own, period) for statistic, own in asked),
        observed=_frozen(observed.astype(float)),
        expected=_frozen(expected),
        studentised=_frozen(found.studentised),
        pvalue=_frozen(found.pvalue),
        pvalue_adjusted=raised["maxt"],
        pvalue_maxt_single=raised["maxt_single"],
        pvalue_minp=raised["minp"],
        pvalue_minp_single=raised["minp_single"],
        largest=_frozen(found.largest),
        method="monte-carlo" if seed is not None else "exact",
        method_note=note,
        n_resamples=n_resamples if seed is not None else 0,
        null=null,
        events_label=events.label,
        period=str(period),
        n_events=len(events),
        provenance=Provenance(
            f"permutation_family({events.label}, {anchors.label}, {_typed(names, asked, alternatives)}, {null!r}, "
            + ("method='exact')" if seed is None else f"method='monte-carlo', n_resamples={n_resamples})"),
            _checksums(events, anchors, names, asked),
            seed,
        ),
    )


def _read(
    events: Events, anchors: Events, statistics: Mapping[str, Any], alternative: Alternative
) -> tuple[tuple[str, ...], list[tuple[Statistic, Events]], tuple[Alternative, ...]]:
    """Return names, statistics with their anchors, and alternatives of the entries."""
    if not isinstance(statistics, Mapping) or not statistics:
        raise OptionError(
            "permutation_family: the statistics are not a mapping with an entry or more; "
            "give names and statistics, such as {'14 d': WindowCount(Window.before(14))}"
        )
    asked, alternatives = [], []
    for name, entry in statistics.items():
        if isinstance(entry, tuple) and len(entry) == 2:
            entry = FamilyMember(*entry)
        member = entry if isinstance(entry, FamilyMember) else FamilyMember(entry)
        if not callable(member.statistic):
            raise OptionError(
                f"permutation_family: entry {name!r} is a {type(member.statistic).__name__}; "
                "give a statistic, a pair of statistic and anchors, or a FamilyMember"
            )
        own = anchors if member.anchors is None else member.anchors
        checked_pair(events, own, announced=True)
        wanted = alternative if member.alternative is None else member.alternative
        if wanted not in get_args(Alternative):
            raise OptionError(
                f"permutation_family: alternative={wanted!r} is not known; give 'greater', 'less' or 'two-sided'"
            )
        asked.append((member.statistic, own))
        alternatives.append(wanted)
    return tuple(str(name) for name in statistics), asked, tuple(alternatives)


def _refuse_unknown(rows: NDArray[Any], names: tuple[str, ...]) -> None:
    """Refuse statistics that have no value on some draw: they cannot be ranked."""
    unknown = np.isnan(rows).sum(axis=1) if rows.dtype.kind == "f" else np.zeros(len(names), int)
    if unknown.any():
        j = int(np.flatnonzero(unknown)[0])
        raise OptionError(
            f"permutation_family: {names[j]!r} is not a number on {unknown[j]} of {rows.shape[1]} draws; "
            "leave it out, or choose a null model that keeps the number of events"
        )


def _reaching(statistic: Statistic, anchors: Events, period: Period) -> int:
    """Return the number of anchors whose window, if the statistic has one, holds a day of the period."""
    window = getattr(statistic, "window", None)
    return window.reaching(anchors, period).size if isinstance(window, Window) else len(anchors)


def _typed(
    names: tuple[str, ...], asked: list[tuple[Statistic, Events]], alternatives: tuple[Alternative, ...]
) -> str:
    """Return the family as text that can be typed again."""
    entries = (
        f"{name!r}: FamilyMember({statistic!r}, {own.label}, {alternative!r})"
        for name, (statistic, own), alternative in zip(names, asked, alternatives, strict=True)
    )
    return "{" + ", ".join(entries) + "}"


def _checksums(
    events: Events, anchors: Events, names: tuple[str, ...], asked: list[tuple[Statistic, Events]]
) -> dict[str, str]:
    """Return the checksums of all series by label; where different anchors carry one label, with the test's name."""
    sums = pair_checksums(events, anchors)
    for name, (_, own) in zip(names, asked, strict=True):
        for label, value in pair_checksums(events, own).items():
            sums[label if sums.get(label, value) == value else f"{label} ({name})"] = value
    return sums


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array, no longer writeable: a result does not change."""
    array.flags.writeable = False
    return array
