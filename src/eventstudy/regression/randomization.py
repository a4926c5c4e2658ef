"""Randomization test of a regression coefficient: under a null model, in place of a standard error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from eventstudy.arguments import one_of
from eventstudy.daily import named_columns
from eventstudy.errors import ModelError, own_errors
from eventstudy.evaluation.moves import day_move
from eventstudy.events import Events
from eventstudy.formulas import Design, read_design
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.tails import Alternative, Tails, rounding, tail
from eventstudy.numeric.threads import small_fit
from eventstudy.pairs import checked_pair
from eventstudy.provenance import as_generator, seed_text
from eventstudy.questions import Options
from eventstudy.regression.count_tables import count_table
from eventstudy.regression.moved import drawn_statistics, every_statistic, pieces
from eventstudy.regression.table_records import table_provenance, windows_text
from eventstudy.results.randomization import RandomizationResult

TERMS = 256.0  # size of the terms of a statistic, in standard errors: values within 1e-9 tie


@own_errors
@small_fit
def randomization_test(
    events: Events,
    anchors: Events,
    windows: Mapping[str, Any],
    formula: str,
    term: str,
    null: NullModel,
    *,
    covariates: Mapping[str, Any] | None = None,
    history: Mapping[str, tuple[int, int]] | None = None,
    method: str = "score",
    alternative: Alternative = "greater",
    n_resamples: int = 9_999,
    rng: int | np.random.Generator | None = None,
    confidence_level: float = 0.95,
) -> RandomizationResult:
    """Test a coefficient of a Poisson regression of daily counts under a null model.

    H0: given what `null` keeps, and the other terms, the days of the events are unrelated to the anchors.

    Parameters
    ----------
    events, anchors : Events
    windows, covariates, history : mapping
        As in :func:`count_table`. The columns of `windows` belong to the anchors.
    formula : str
        Such as ``"count ~ before + after + C(year) + past_7"``; windows must be plain terms of it.
    term : str
        The window that is tested.
    null : NullModel
        One that moves days by a rule (`CircularShift`, `CalendarPermutation`, `UniformDays`, `Jitter`) moves all
        windows together, relative to the counts with their calendar, covariates and history, which stay fixed. Other
        models draw new events, with new counts and history, while windows, calendar and covariates stay fixed. The
        result says which.
    method : {"score", "refit"}, default "score"
        "score" fits without the windows and takes the efficient score of the term [1]_, given the other windows;
        where windows move, one fit serves all draws, and for a shift of the whole period all shifts are enumerated.
        "refit" fits with and without the term for each draw and takes the signed root of the likelihood ratio.
    alternative : {"greater", "less", "two-sided"}, default "greater"
        Two-sided doubles the smaller tail, at most 1.
    n_resamples : int, default 9999
        Number of draws, where draws are made.
    rng : int or numpy.random.Generator, optional
        Needed where draws are made.
    confidence_level : float, default 0.95
        Of the interval of a Monte-Carlo p-value.

    Returns
    -------
    RandomizationResult

    Raises
    ------
    ModelError
        If `term` is not a window in the formula, windows or history are not plain terms of it, no term uses a window,
        covariate or history, or as :func:`poisson_regression`.
    OptionError
        If an option has no such value.
    RandomnessError
        If draws are made and `rng` is missing.

    Notes
    -----
    To first order both statistics are the coefficient over its standard error, which keeps draws comparable
    when the term covers more or fewer days. The p-value comes from the null model, not from the normal
    distribution, so dispersion and bursts that the null model keeps are allowed for [2]_.

    References
    ----------
    .. [1] Neyman, J. (1959). Optimal asymptotic tests of composite statistical hypotheses. In Probability and
       Statistics: The Harald Cramer Volume, 213-234. Wiley.
    .. [2] Young, A. (2019). Channeling Fisher: randomization tests and the statistical insignificance of
       seemingly significant experimental results. Quarterly Journal of Economics 134(2), 557-598.
    """
    where = "randomization_test"
    period = checked_pair(events, anchors)
    one_of(method, ("score", "refit"), where, "method")
    asked = Options.of(
        where, alternative=alternative, n_resamples=n_resamples, confidence_level=confidence_level
    )
    null = checked_null(null, where)
    covariates = named_columns(covariates, where)
    table = count_table(events, anchors, windows, covariates=covariates, history=history)
    design = read_design(table, formula, where)
    regression = pieces(design, list(windows), history or {}, term, where)
    _check_used([*windows, *(covariates or {}), *(history or {})], design, where)
    moved = ", ".join(name for name in design.terms if name in windows)
    listed = every_statistic(regression, period, null) if method == "score" else None
    exhaustive, seed = listed is not None, None
    if listed is not None:
        values, observed = listed, float(listed[0])
    else:
        generator = as_generator(rng, where)
        seed = seed_text(rng)  # before child generators are spawned
        observed = regression.observed(method)
        values = drawn_statistics(
            regression, events, anchors, period, null, method, rng=generator, n_resamples=asked.n_resamples
        )
    tails = (Tails.listed if exhaustive else Tails.drawn)(values, observed, rounding(TERMS))
    options = {"history": history, "method": method, "alternative": alternative, "n_resamples": values.size}
    named = f"{windows_text(windows)}, {formula!r}, {term!r}, {null!r}, covariates={windows_text(covariates)}"
    return RandomizationResult(
        term=term,
        formula=formula,
        irr=float(np.exp(regression.coefficient())),
        observed=observed,
        alternative=asked.alternative,
        pvalue_greater=tails.pvalue("greater"),
        pvalue_less=tails.pvalue("less"),
        pvalue_interval=tails.interval(asked.alternative, asked.confidence_level),
        model_pvalue=_normal(observed, alternative),
        confidence_level=asked.confidence_level,
        method=method,
        exhaustive=exhaustive,
        moves=f"the windows ({moved}) together, relative to counts, calendar, covariates and history"
        if day_move(null, period) is not None
        else "the events, and their history with them, relative to windows, calendar and covariates",
        null=null,
        events_label=events.label,
        anchors_label=anchors.anchors_label,
        period=str(period),
        n_events=len(events),
        n_resamples=values.size,
        null_distribution=values,
        provenance=table_provenance(
            where,
            options,
            table,
            design,
            positional=f"{events.label}, {anchors.anchors_label}, {named}",
            seed=seed,
        ),
    )


def _check_used(names: list[str], design: Design, where: str) -> None:
    """Refuse columns that no term uses: with and without them the answer is the same."""
    if idle := [name for name in names if name not in design.columns]:
        raise ModelError(
            f"{where}: no term of the formula uses {idle[0]!r}, so it would change nothing; add it to the formula, or "
            "leave it out"
        )


def _normal(observed: float, alternative: str) -> float:
    """Return the p-value of a standard normal."""
    return tail(alternative, float(stats.norm.sf(observed)), float(stats.norm.cdf(observed)))
