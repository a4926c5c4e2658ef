"""A regression coefficient tested under a null model, instead of under a standard error."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, get_args

import numpy as np
from scipy import stats

from eventstudy.errors import OptionError
from eventstudy.evaluation.moves import day_move
from eventstudy.events import Events, checked_pair
from eventstudy.formulas import check_confidence, read_design, table_provenance
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.shares import clopper_pearson
from eventstudy.permutation import exceedances
from eventstudy.provenance import as_generator, seed_text
from eventstudy.regression.count_tables import count_table, windows_text
from eventstudy.regression.moved import drawn_statistics, every_statistic, pieces
from eventstudy.results.permutation import Alternative
from eventstudy.results.randomization import RandomizationResult

TIES = 1e4  # statistics are sums of rounded products: differences of 1e-9 are ties


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

    H0: given what `null` keeps, and the other terms, the days of the events have nothing to do with the anchors.

    Parameters
    ----------
    events, anchors : Events
    windows, covariates, history : mapping
        As in :func:`count_table`. The columns of `windows` belong to the anchors.
    formula : str
        Such as ``"count ~ before + after + C(year) + past_7"``; windows stand in it as plain terms.
    term : str
        The window that is tested.
    null : NullModel
        One that moves days by a rule (`CircularShift`, `CalendarPermutation`, `UniformDays`, `Jitter`) moves the
        windows, all together, against the counts with their calendar, covariates and history, which stay whole. Other
        models draw new events; counts and history follow them, windows, calendar and covariates stay. The result
        says which.
    method : {"score", "refit"}, default "score"
        "score" fits without the windows and takes the efficient score of the term [1]_, given the other windows;
        where windows move, one fit serves all draws, and for a shift of the whole period every shift is gone through.
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
        If `term` is no window in the formula, windows or history stand in it other than as plain terms, or as
        :func:`poisson_regression`.
    OptionError
        If an option has no such value.
    RandomnessError
        If draws are made and `rng` is missing.

    Notes
    -----
    Both statistics are the coefficient in units of its standard error, to first order; dividing by it keeps draws
    comparable that give the term more or fewer days. The null model, not the normal distribution, turns it into a
    p-value, so dispersion and bursts that the null model keeps are allowed for [2]_.

    References
    ----------
    .. [1] Neyman, J. (1959). Optimal asymptotic tests of composite statistical hypotheses. In Probability and
       Statistics: The Harald Cramer Volume, 213-234. Wiley.
    .. [2] Young, A. (2019). Channeling Fisher: randomization tests and the statistical insignificance of
       seemingly significant experimental results. Quarterly Journal of Economics 134(2), 557-598.
    """
    where = "randomization_test"
    period = checked_pair(events, anchors)
    _check_options(method, alternative, n_resamples, where)
    null = checked_null(null, where)
    check_confidence(confidence_level, where)
    table = count_table(events, anchors, windows, covariates=covariates, history=history)
    design = read_design(table, formula, where)
    regression = pieces(design, list(windows), history or {}, term, where)
    moved = ", ".join(name for name in design.terms if name in windows)
    listed = every_statistic(regression, period, null) if method == "score" else None
    exhaustive, seed = listed is not None, None
    if listed is not None:
        values, observed = listed, float(listed[0])
    else:
        generator = as_generator(rng, where)
        seed = seed_text(rng)  # before the generator has children
        observed = regression.observed(method)
        values = drawn_statistics(
            regression, events, anchors, period, null, method, rng=generator, n_resamples=n_resamples
        )
    greater, less = exceedances(values, observed, TIES)
    extra = 0 if exhaustive else 1
    tails = {
        "greater": (greater + extra) / (values.size + extra),
        "less": (less + extra) / (values.size + extra),
    }
    values.flags.writeable = False
    options = {"history": history, "method": method, "alternative": alternative, "n_resamples": values.size}
    named = f"{windows_text(windows)}, {formula!r}, {term!r}, {null!r}"
    return RandomizationResult(
        term=term,
        formula=formula,
        irr=float(np.exp(regression.coefficient())),
        observed=observed,
        alternative=alternative,
        pvalue_greater=tails["greater"],
        pvalue_less=tails["less"],
        pvalue_interval=_interval(
            greater, less, values.size, alternative, confidence_level, tails, exhaustive
        ),
        model_pvalue=_normal(observed, alternative),
        confidence_level=confidence_level,
        method=method,
        exhaustive=exhaustive,
        moves=f"the windows ({moved}) together, against counts, calendar, covariates and history"
        if day_move(null, period) is not None
        else "the events, and their history with them, against windows, calendar and covariates",
        null=null,
        events_label=events.label,
        anchors_label=anchors.label,
        period=str(period),
        n_events=len(events),
        n_resamples=values.size,
        null_distribution=values,
        provenance=table_provenance(
            where,
            options,
            table,
            design,
            positional=f"{events.label}, {anchors.label}, {named}",
            seed=seed,
        ),
    )


def _check_options(method: str, alternative: str, n_resamples: int, where: str) -> None:
    if method not in ("score", "refit"):
        raise OptionError(f"{where}: method={method!r} is not known; give 'score' or 'refit'")
    if alternative not in get_args(Alternative):
        raise OptionError(
            f"{where}: alternative={alternative!r} is not known; give 'greater', 'less' or 'two-sided'"
        )
    if operator.index(n_resamples) < 1:
        raise OptionError(f"{where}: n_resamples is {n_resamples}; make at least one draw, better 9999")


def _normal(observed: float, alternative: str) -> float:
    """Return the p-value of a standard normal."""
    tails = {"greater": stats.norm.sf(observed), "less": stats.norm.cdf(observed)}
    return float(tails.get(alternative, min(1.0, 2.0 * min(tails.values()))))


def _interval(
    greater: int,
    less: int,
    size: int,
    alternative: str,
    level: float,
    tails: dict[str, float],
    exhaustive: bool,
) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of the tail probability, doubled for the two-sided value."""
    factor = 2.0 if alternative == "two-sided" else 1.0
    if exhaustive:
        pvalue = min(1.0, factor * tails.get(alternative, min(tails.values())))
        return pvalue, pvalue
    count = {"greater": greater, "less": less, "two-sided": min(greater, less)}[alternative]
    low, high = clopper_pearson(count, size, level)
    return min(1.0, factor * low), min(1.0, factor * high)
