"""Conditional Poisson regression, with strata conditioned out: the time-stratified case-crossover design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import ModelError, own_errors
from eventstudy.numeric.likelihoods import StratifiedCounts
from eventstudy.numeric.threads import small_fit
from eventstudy.provenance import Provenance
from eventstudy.regression.covariances import Covariance
from eventstudy.regression.inference import RegressionParts, regression_parts, warn_if_overdispersed
from eventstudy.regression.request import Request
from eventstudy.regression.table_records import record_of
from eventstudy.results.count_models import ConditionalResult


@own_errors
@small_fit
def conditional_poisson_regression(
    table: pd.DataFrame,
    formula: str,
    *,
    strata: str | Sequence[str],
    covariance: Covariance = "quasi",
    max_lag: int | None = None,
    cluster: str | None = None,
    confidence_level: float = 0.95,
) -> ConditionalResult:
    """Fit rate ratios within strata, given the number of events of each stratum.

    H0, for each term: within each stratum, given the other terms, the rate of events does not depend on it.

    Parameters
    ----------
    table, formula, max_lag, cluster, confidence_level
        As in :func:`poisson_regression`. Each stratum has its own intercept.
    strata : str or sequence of str
        Columns whose combinations are the strata, such as ``["year", "month"]``, or with "weekday" too, which is
        the usual choice of referent days in case-crossover studies [1]_.
    covariance : {"quasi", "model", "HAC", "HC0", "HC1", "HC3", "cluster"}, default "quasi"
        "quasi" multiplies the model's variance by the dispersion [2]_.

    Returns
    -------
    ConditionalResult
        The estimates are those of a Poisson regression with a level for each stratum, without fitting the
        levels. Strata without events are uninformative and drop out.

    Raises
    ------
    ModelError
        As :func:`poisson_regression`, and if a term does not vary inside any stratum with events, or is a history term
        of :func:`count_table`, whose ratio would be biased by conditioning on totals.
    OptionError
        If an option has no such value.

    Notes
    -----
    Given its total, a stratum's counts are multinomial with shares in proportion to ``days * exp(terms)``. The
    dispersion is the sum of squared Pearson residuals over the number of rows in strata with events, minus the
    numbers of strata and of terms.

    References
    ----------
    .. [1] Lu, Y. & Zeger, S. L. (2007). On the equivalence of case-crossover and time series methods in
       environmental epidemiology. Biostatistics 8(2), 337-344.
    .. [2] Armstrong, B. G., Gasparrini, A. & Tobias, A. (2014). Conditional Poisson models: a flexible
       alternative to conditional logistic case cross-over analysis. BMC Medical Research Methodology 14, 122.

    Examples
    --------
    With a single stratum the ratio is that of the two rates: (3 / 3) / (1 / 7).

    >>> import eventstudy as es
    >>> events = es.Events([1, 2, 3, 8], es.Period(0, 10))
    >>> table = es.count_table(events, es.Events([4]), {"before": es.Window(-3, 0)})
    >>> result = es.conditional_poisson_regression(table, "count ~ before", strata="year", covariance="model")
    >>> round(float(result.irr.loc["before", "irr"]), 6)
    7.0
    """
    where = "conditional_poisson_regression"
    request = Request.of(
        where, table, formula, covariance=covariance, max_lag=max_lag, cluster=cluster,
        confidence_level=confidence_level, intercept=False,
    )  # fmt: skip
    history = record_of(table).get("history", [])
    past = [name for name in history if name in request.design.columns]
    if past:
        raise ModelError(
            f"{where}: {past[0]!r} is made from earlier events, and given a stratum's total an earlier event leaves "
            "fewer for later, so its ratio is biased far below 1; leave it out, or use poisson_regression with year "
            "effects"
        )
    names = [strata] if isinstance(strata, str) else list(strata)
    stratum = stratum_numbers(table, names, where)
    parts = stratified_parts(request, stratum, request.provenance({"strata": strata}))
    result = ConditionalResult(**parts, strata=", ".join(names))
    warn_if_overdispersed(result, request.choice)
    return result


def stratum_numbers(table: pd.DataFrame, names: Sequence[str], where: str) -> NDArray[np.int64]:
    """Return the number of the stratum of each row, from 0, by the combinations of columns."""
    if missing := [name for name in names if name not in table.columns]:
        raise ModelError(
            f"{where}: the table has no column {missing[0]!r} for strata; the columns are "
            f"{', '.join(map(str, table.columns))}"
        )
    if not names or table[list(names)].isna().to_numpy().any():
        raise ModelError(
            f"{where}: strata must name columns without missing values, such as ['year', 'month']"
        )
    return table.groupby(list(names), sort=False).ngroup().to_numpy().astype(np.int64)


class StratifiedParts(RegressionParts):
    """The fields of a :class:`ConditionalResult`, except the description of its strata."""

    stratum: NDArray[np.int64]
    n_strata: int
    n_strata_without_events: int


def stratified_parts(request: Request, stratum: NDArray[np.int64], provenance: Provenance) -> StratifiedParts:
    """Fit within strata and return the fields of a :class:`ConditionalResult`, except descriptions."""
    where, totals = request.where, np.bincount(stratum, request.design.response)
    kept = totals[stratum] > 0
    inside = request.design.rows(kept)
    counts = StratifiedCounts(np.unique(stratum[kept], return_inverse=True)[1])
    contrasts = counts.contrasts(inside.response, inside.matrix)
    if constant := [name for name, column in zip(inside.terms, contrasts.T, strict=True) if not column.any()]:
        raise ModelError(
            f"{where}: {constant[0]!r} is constant within each stratum with events, so its effect is not "
            "identified; leave it out or choose larger strata"
        )
    inside = inside.without_aliased(where, counts.project(inside.matrix, inside.exposure))
    rows = replace(request, design=inside, table=request.table[kept])
    parts = regression_parts(rows, counts, provenance)
    return {
        **parts,
        "stratum": counts.stratum,
        "n_strata": counts.nuisance,
        "n_strata_without_events": int((totals == 0).sum()),
    }
