"""Self-controlled case series: each year is its own control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import ModelError, OptionError, own_errors
from eventstudy.events import Events, observed_period
from eventstudy.numeric.threads import small_fit
from eventstudy.regression.conditional import stratified_parts
from eventstudy.regression.count_tables import count_table
from eventstudy.regression.covariances import Covariance
from eventstudy.regression.inference import warn_if_overdispersed
from eventstudy.regression.request import Request
from eventstudy.regression.table_records import table_provenance, windows_text
from eventstudy.results.count_models import CaseSeriesResult
from eventstudy.strata import Within, cut, describe
from eventstudy.windows import Window

PRE_EXPOSURE = "pre_exposure"


@own_errors
@small_fit
def self_controlled_case_series(
    events: Events,
    anchors: Events,
    windows: Mapping[str, Any],
    *,
    persons: Within = "year",
    age: str | Sequence[int] | None = "quarter",
    pre_exposure: Window | None = None,
    covariance: Covariance = "model",
    max_lag: int | None = None,
    confidence_level: float = 0.95,
) -> CaseSeriesResult:
    """Compare risk windows with the remaining days of the same stratum, given its number of events.

    H0: inside each stratum, at each age, the rate of events is the same in the risk window as outside.

    Parameters
    ----------
    events, anchors : Events
    windows : mapping of str to Window, (Window, Events) or intervals
        Exposure groups, as in :func:`count_table`. Groups are mutually exclusive: a day in several belongs to the one
        named first.
    persons : "year", "quarter", "month" or sequence of cut dates, default "year"
        The strata that play the part of persons in the medical method.
    age : {"quarter", "month"}, sequence of int or None, default "quarter"
        Age groups: the season, or days since the start of the stratum at which a new group begins. None is a
        constant rate throughout a stratum.
    pre_exposure : Window, optional
        Days before the risk window with their own ratio, so that they do not count as days without risk. A
        ratio other than 1 suggests that events affect later anchors, or that the risk window begins too late.
    covariance : {"model", "quasi", "HAC", "HC0", "HC1", "HC3"}, default "model"
    max_lag : int, optional
        For "HAC", in days.
    confidence_level : float, default 0.95

    Returns
    -------
    CaseSeriesResult
        Ratios by exposure group and age group; the first age group has ratio 1. The summary lists the
        assumptions.

    Raises
    ------
    ModelError
        If a group covers no day, or does not vary inside any stratum with events.
    OptionError, StrataError
        If `age` or `persons` cannot be read.

    Warns
    -----
    OverdispersionWarning
        As :func:`poisson_regression`.

    Notes
    -----
    The likelihood of a stratum with n events is multinomial over its days, with shares in proportion to
    ``exp(age effect + exposure effect)``; whatever is constant within a stratum cancels [1]_.

    References
    ----------
    .. [1] Farrington, C. P. (1995). Relative incidence estimation from case series for vaccine safety
       evaluation. Biometrics 51(1), 228-235.
    .. [2] Whitaker, H. J., Farrington, C. P., Spiessens, B. & Musonda, P. (2006). Tutorial in biostatistics: the
       self-controlled case series method. Statistics in Medicine 25(10), 1768-1797.

    Examples
    --------
    Two strata of ten days; three of four events lie in the five days of risk.

    >>> import eventstudy as es
    >>> events = es.Events([3, 4, 5, 18], es.Period(0, 20))
    >>> result = es.self_controlled_case_series(
    ...     events, es.Events([6, 13]), {"before": es.Window(-5, 0)}, persons=[10], age=None
    ... )
    >>> result.n_strata
    2
    """
    where = "self_controlled_case_series"
    if not windows:
        raise ModelError(
            f"{where}: windows name no exposure group; give one, such as {{'before': Window(-14, 0)}}"
        )
    if PRE_EXPOSURE in windows:
        raise ModelError(
            f"{where}: {PRE_EXPOSURE!r} is the name of an argument; give pre_exposure=Window(...)"
        )
    groups = dict(windows) | ({} if pre_exposure is None else {PRE_EXPOSURE: pre_exposure})
    table = count_table(events, anchors, groups)
    _exclude(table, list(groups))
    period = observed_period(events)
    strata = cut(period, persons)
    person = strata.index(period.days)
    age_words = _add_age(table, age, period.days - strata.edges[person], where)
    formula = "count ~ " + " + ".join([*groups, *(["C(age)"] if age_words else [])])
    request = Request.of(
        where, table, formula, covariance=covariance, max_lag=max_lag, cluster=None,
        confidence_level=confidence_level, intercept=False,
    )  # fmt: skip
    options = {
        "persons": persons, "age": age, "pre_exposure": pre_exposure, "covariance": covariance, "max_lag": max_lag,
        "confidence_level": request.confidence_level,
    }  # fmt: skip
    given = f"{events.label}, {anchors.anchors_label}, {windows_text(windows)}"
    provenance = table_provenance(where, options, table, request.design, positional=given)
    parts = stratified_parts(request, person, provenance)
    result = CaseSeriesResult(
        **parts,
        strata=f"persons, one rate {describe(persons)}",
        age=age_words or "none, a constant rate within each stratum",
        groups={
            name: (int(inside.sum()), int(inside @ table["count"].to_numpy()))
            for name, inside in ((name, table[name].to_numpy()) for name in groups)
        },
    )
    warn_if_overdispersed(result, request.choice)
    return result


def _exclude(table: pd.DataFrame, names: list[str]) -> None:
    """Assign each day to the first group that names it."""
    taken = np.zeros(len(table), np.int64)
    for name in names:
        table[name] = table[name] * (1 - taken)
        taken = taken | table[name].to_numpy()


def _add_age(
    table: pd.DataFrame, age: str | Sequence[int] | None, since_start: NDArray[np.int64], where: str
) -> str:
    """Add the column of age groups and describe them in words; empty if there are none."""
    if age is None:
        return ""
    if isinstance(age, str):
        if age not in ("quarter", "month"):
            raise OptionError(
                f"{where}: age={age!r} is not known; give 'quarter', 'month', days since the start of the stratum "
                "such as (182,), or None"
            )
        table["age"] = table["month"] if age == "month" else (table["month"] + 2) // 3
        return f"season, by {age}"
    cuts = np.array(list(age))
    if cuts.size == 0 or cuts.dtype.kind != "i" or (np.diff(cuts, prepend=0) <= 0).any():
        raise OptionError(
            f"{where}: age={age!r} must be rising whole days after the start of the stratum, such as (182,)"
        )
    if cuts[-1] > since_start.max():
        raise OptionError(
            f"{where}: age={age!r}: no stratum has a day {cuts[-1]}, the longest has {since_start.max() + 1} days from "
            "day 0; leave that cut out"
        )
    table["age"] = np.searchsorted(cuts, since_start, side="right")
    return "days since the start of the stratum, from " + ", ".join(map(str, cuts.tolist()))
