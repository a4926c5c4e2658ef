"""The p-values of all groups, corrected for multiple testing, as one table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.evaluation.moves import all_choices
from eventstudy.numeric.multiplicity import corrected
from eventstudy.numeric.tails import holm
from eventstudy.panel.groups import Found, GroupTest
from eventstudy.panel.tables import Key
from eventstudy.provenance import Provenance
from eventstudy.results.panel import PanelResult


def corrected_result(
    question: GroupTest,
    by: tuple[str, ...],
    keys: Sequence[Key],
    found: Found,
    data: dict[str, str],
    notes: tuple[str, ...],
) -> PanelResult:
    """Correct the p-values and build the table."""
    from scipy.stats import false_discovery_control  # takes a second to import

    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(
            (found.expected != 0.0) & question.statistic.has_ratio, found.observed / found.expected, np.nan
        )
    table = pd.DataFrame(list(keys), columns=list(by))
    table["n_events"], table["n_anchors"] = found.n_events, found.n_anchors
    table["observed"], table["expected"], table["ratio"] = found.observed, found.expected, ratio
    table["pvalue"] = found.pvalue
    table["pvalue_holm"] = holm(found.pvalue)
    table["pvalue_bh"] = np.maximum(false_discovery_control(found.pvalue), found.pvalue)
    n_moves = 0
    if question.maxt:
        n_moves = found.moved.shape[1]
        table["pvalue_maxt"], table["pvalue_maxt_single"] = _maxt(question, found)
    table["method"] = np.where(~found.tested, "none", np.where(found.drawn > 0, "monte-carlo", "exact"))
    table["note"] = found.note
    table = table.sort_values(list(by), kind="stable", ignore_index=True)
    drawn = bool((found.drawn > 0).any() or (question.maxt and all_choices(question.move) is None))
    return PanelResult(
        table=table,
        by=by,
        statistic=question.statistic,
        null=question.null,
        period=str(question.period),
        alternative=question.alternative,
        n_resamples=question.n_resamples if drawn else 0,
        n_moves=n_moves,
        notes=notes,
        provenance=Provenance(
            f"panel_test(events, anchors, {question.statistic!r}, {question.null!r}, by={list(by)!r}, "
            f"period={question.period!r}, alternative={question.alternative!r}, method={question.method!r}, "
            f"n_resamples={question.n_resamples}, maxt={question.maxt})",
            data,
            str(question.seed) if drawn else None,
        ),
    )


def _maxt(question: GroupTest, found: Found) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return step-down and single-step max-T p-values; 1 for groups that could not be tested."""
    step_down, single = np.ones(found.pvalue.size), np.ones(found.pvalue.size)
    tested = np.flatnonzero(found.tested)
    if tested.size:
        moved = found.moved[tested]
        both = corrected(moved, moved[:, 0], [question.alternative] * tested.size)
        step_down[tested] = np.maximum(both.maxt, found.pvalue[tested])
        single[tested] = np.maximum(both.maxt_single, found.pvalue[tested])
    return step_down, single
