"""The Poisson model of a plan fitted again: without each year, for other choices, to data without a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from eventstudy.events import Events, observed_period, pair_checksums
from eventstudy.parallel import in_order
from eventstudy.provenance import Provenance
from eventstudy.rates import rate_ratio
from eventstudy.regression.count_tables import count_table
from eventstudy.regression.poisson import poisson_regression
from eventstudy.results.refits import RefitsResult
from eventstudy.results.regression import RegressionResult
from eventstudy.study.plan import Plan, RegressionPlan
from eventstudy.windows import Window

HISTORY = {"past_7": (1, 7), "past_8_30": (8, 30)}
TERM = "before"


@dataclass(frozen=True, slots=True, eq=False)
class DailyModel:
    """The Poisson model of a plan, ready for any events and anchors.

    Called with both it returns the two-sided p-value of the days before, as :func:`eventstudy.type_one_error` asks.

    Parameters
    ----------
    plan : RegressionPlan
    during, exercises : DataFrame
        First and last days, in the columns ``start`` and ``end``.
    """

    plan: RegressionPlan
    during: pd.DataFrame
    exercises: pd.DataFrame

    def fit(
        self, events: Events, anchors: Events, *, before: Window | None = None, without: int | None = None
    ) -> RegressionResult:
        """Fit the model.

        Parameters
        ----------
        events, anchors : Events
        before : Window, optional
            Another window than the plan's.
        without : int, optional
            A year whose days are left out.
        """
        table = count_table(
            events,
            anchors,
            {TERM: before or self.plan.before, "during": self.during, "after": self.plan.after},
            covariates={"exercise": self.exercises},
            history=HISTORY,
        )
        if without is not None:
            table = table[table["year"] != without]
        return poisson_regression(table, self.plan.formula, covariance="HAC", max_lag=self.plan.max_lag)

    def __call__(self, events: Events, anchors: Events) -> float:
        """Return the two-sided p-value of the days before."""
        return _row(self.fit(events, anchors))["pvalue"]


@dataclass(frozen=True, slots=True)
class CrudeRatio:
    """The rate ratio without any model, for :func:`eventstudy.type_one_error`.

    The two-sided p-value that it returns is at most 0.05 exactly where the 95 % interval does not hold 1.
    """

    window: Window

    def __call__(self, events: Events, anchors: Events) -> float:
        """Return the two-sided p-value of the rate ratio."""
        return rate_ratio(events, anchors, self.window).pvalue


def refit_without_years(model: DailyModel, events: Events, anchors: Events) -> RefitsResult:
    """Fit the model without each calendar year in turn.

    Returns
    -------
    RefitsResult
        A row for each year, ``left_out``.
    """
    dates = observed_period(events).dates
    years = range(dates[0].year, dates[-1].year + 1)
    jobs = [(model, events, anchors, {"without": year}) for year in years]
    return RefitsResult(
        table=_table([{"left_out": str(year)} for year in years], jobs),
        full=model.fit(events, anchors),
        term=TERM,
        provenance=Provenance(
            f"refit_without_years({model.plan!r}, {events.label}, {anchors.label})",
            pair_checksums(events, anchors),
        ),
    )


def refit_choices(plan: Plan, regression: RegressionPlan, exercises: pd.DataFrame) -> RefitsResult:
    """Fit a model for every set of events, set of anchors and window that the plan allows, over its whole period.

    Parameters
    ----------
    plan : Plan
    regression : RegressionPlan
        That of the plan, or one with another formula: ``count ~ before`` gives the ratio of the crude rates.
    exercises : DataFrame
        As in :class:`DailyModel`.

    Returns
    -------
    RefitsResult
        A row for each combination: ``launches``, ``summits``, ``window``. Anchors are merged as those of the plan.
    """
    jobs: list[tuple[Any, ...]] = []
    labels = []
    sums: dict[str, str] = {}
    for events, anchors, window in product(plan.choices.events, plan.choices.anchors, plan.choices.windows):
        launches = events.read(plan.period).distinct()
        summits = anchors.read().merged(plan.anchors.merge_gap_days or 0)
        model = DailyModel(regression, anchors.rows()[["start", "end"]], exercises)
        jobs.append((model, launches, summits, {"before": window}))
        labels.append({"launches": events.label, "summits": anchors.label, "window": f"{len(window)} days"})
        sums |= pair_checksums(launches, summits)
    model = DailyModel(regression, plan.anchors.rows()[["start", "end"]], exercises)
    return RefitsResult(
        table=_table(labels, jobs),
        full=model.fit(plan.events.read(plan.period), plan.anchors.read()),
        term=TERM,
        provenance=Provenance(f"refit_choices(plan), {len(jobs)} fits of {regression!r}", sums),
    )


def _table(labels: Sequence[dict[str, str]], jobs: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Return the labels beside ratio, interval and p-value of each fit."""
    found = list(in_order(_fit, jobs, [1] * len(jobs), "fits"))
    return pd.concat([pd.DataFrame(labels), pd.DataFrame(found)], axis=1)


def _fit(model: DailyModel, events: Events, anchors: Events, options: dict[str, Any]) -> dict[str, float]:
    return _row(model.fit(events, anchors, **options))


def _row(fit: RegressionResult) -> dict[str, float]:
    """Return ratio, limits and p-value of the days before."""
    place = fit.terms.index(TERM)
    return {
        name: float(column.to_numpy()[place]) for name, column in fit.irr.items() if isinstance(name, str)
    }
