"""Families of permutation tests: several windows, statistics or sets of anchors, corrected together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import OptionError, own_errors
from eventstudy.evaluation.rows import equally_likely
from eventstudy.evaluation.ties import tie_slacks
from eventstudy.evaluation.values import evaluation
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.multiplicity import corrected
from eventstudy.numeric.tails import Alternative
from eventstudy.pairs import checked_pair, pair_checksums
from eventstudy.provenance import Provenance
from eventstudy.questions import Options, Question, checked_alternative
from eventstudy.results.family import FamilyResult
from eventstudy.statistics import Statistic


@dataclass(frozen=True, slots=True, eq=False)
class FamilyMember:
    """One test of a family that has its own anchors or alternative.

    Parameters
    ----------
    statistic : Statistic
    anchors : Events, optional
        Those of the family by default.
    alternative : {"greater", "less", "two-sided"}, optional
        That of the family by default.
    """

    statistic: Statistic
    anchors: Events | None = None
    alternative: Alternative | None = None


@own_errors
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
    """Test several statistics on the same draws, with p-values corrected for multiple testing.

    H0 of the family: given what `null` keeps, the days of the events have nothing to do with any of the anchors.

    Parameters
    ----------
    events, anchors : Events
        The period is that of `events`. `anchors` are used for entries without their own.
    statistics : mapping of str to Statistic, (Statistic, Events) or FamilyMember
        A name for each test, with its statistic and, optionally, its own anchors and alternative.
    null : NullModel
        What is fixed and what is random under H0. A null model that uses anchors uses `anchors`.
    alternative : {"greater", "less", "two-sided"}, default "greater"
    method : {"auto", "exact", "monte-carlo"}, default "auto"
        "auto" enumerates every arrangement where the null model can list them (all shifts, or few
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
        If ``method="exact"`` and the arrangements cannot all be enumerated.
    RandomnessError
        If draws are made and `rng` is missing.

    Notes
    -----
    `pvalue_adjusted` is the step-down max-T of Westfall and Young [1]_ on studentised statistics: each
    minus its mean, over its standard deviation, under the null model, so that a window of 42 days does
    not dominate one of 3. The observed series counts as one of the draws, for mean and standard deviation too, so that
    p-values are valid and never zero. A statistic that never varies gets 1. The probability of any false rejection is
    at most the level when no test has an effect; when some have, this remains true of the others if the joint
    distribution of their statistics does not depend on those effects (subset pivotality).

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
    where = "permutation_family"
    period = checked_pair(events, anchors, announced=True)
    options = Options.of(where, alternative=alternative, method=method, n_resamples=n_resamples)
    tests = _tests(events, anchors, statistics, checked_null(null, where), options.alternative)
    prepared = evaluation(events, [(test.question.statistic, test.question.anchors) for test in tests])
    rows = equally_likely(where, prepared, anchors, null, options, rng)
    names, alternatives = [test.name for test in tests], [test.alternative for test in tests]
    _refuse_unknown(rows.values, names)
    found = corrected(rows.values, rows.observed, alternatives, tie_slacks(prepared))
    maxt, maxt_single, minp, minp_single = (
        np.maximum(raised, found.pvalue)
        for raised in (found.maxt, found.maxt_single, found.minp, found.minp_single)
    )
    entries = ", ".join(map(str, tests))
    others = [test.question.anchors for test in tests]
    return FamilyResult(
        names=tuple(names),
        statistics=tuple(str(test.question.statistic) for test in tests),
        anchors_labels=tuple(test.question.anchors.anchors_label for test in tests),
        alternatives=tuple(alternatives),
        n_anchors=tuple(test.question.n_anchors for test in tests),
        observed=rows.observed.astype(float),
        expected=rows.expected,
        studentised=found.studentised,
        pvalue=found.pvalue,
        pvalue_adjusted=maxt,
        pvalue_maxt_single=maxt_single,
        pvalue_minp=minp,
        pvalue_minp_single=minp_single,
        largest=found.largest,
        method=rows.method,
        method_note=rows.note,
        n_resamples=rows.n_resamples,
        null=null,
        events_label=events.label,
        period=str(period),
        n_events=len(events),
        has_ratio=tuple(test.question.statistic.has_ratio for test in tests),
        provenance=Provenance(
            f"permutation_family({events.label}, {anchors.anchors_label}, {{{entries}}}, {null!r}, {rows.how})",
            _checksums(events, anchors, tests),
            rows.seed,
            [note for series in (events, anchors, *others) for note in series.notes],
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Test:
    """One entry of a family, checked."""

    name: str
    question: Question
    alternative: Alternative

    def __str__(self) -> str:
        asked = f"{self.question.statistic!r}, {self.question.anchors.anchors_label}, {self.alternative!r}"
        return f"{self.name!r}: FamilyMember({asked})"


def _tests(
    events: Events,
    anchors: Events,
    statistics: Mapping[str, Any],
    null: NullModel,
    alternative: Alternative,
) -> list[_Test]:
    """Return the entries, each checked as a question of its own."""
    if not isinstance(statistics, Mapping) or not statistics:
        raise OptionError(
            "permutation_family: the statistics are not a mapping with an entry or more; "
            "give names and statistics, such as {'14 d': WindowCount(Window.before(14))}"
        )
    tests = []
    for name, entry in statistics.items():
        where = f"permutation_family: entry {name!r}"
        if isinstance(entry, tuple) and len(entry) == 2:
            entry = FamilyMember(*entry)
        member = entry if isinstance(entry, FamilyMember) else FamilyMember(entry)
        own = anchors if member.anchors is None else member.anchors
        wanted = alternative if member.alternative is None else member.alternative
        question = Question.ask(where, events, own, member.statistic, null, announced=True)
        tests.append(_Test(str(name), question, checked_alternative(wanted, where)))
    return tests


def _refuse_unknown(rows: NDArray[Any], names: Sequence[str]) -> None:
    """Refuse statistics without a finite value on some draw: they cannot be ranked, or have no mean."""
    unknown = np.zeros(len(names), int) if rows.dtype.kind != "f" else (~np.isfinite(rows)).sum(axis=1)
    if unknown.any():
        j = int(np.flatnonzero(unknown)[0])
        raise OptionError(
            f"permutation_family: {names[j]!r} is not a finite number on {unknown[j]} of {rows.shape[1]} draws; "
            "leave it out, or choose a null model that keeps the number of events"
        )


def _checksums(events: Events, anchors: Events, tests: Sequence[_Test]) -> dict[str, str]:
    """Return the checksums of all series by label, with the test's name where different anchors share a label."""
    sums = pair_checksums(events, anchors)
    for test in tests:
        own = test.question.anchors
        for label, value in () if own is anchors else pair_checksums(events, own).items():
            sums[label if sums.get(label, value) == value else f"{label} ({test.name})"] = value
    return sums
