"""The Poisson model of a plan fitted again: without each year, for other choices, to data without a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import pandas as pd

from eventstudy import datasets
from eventstudy.events import Events
from eventstudy.pairs import pair_checksums
from eventstudy.parallel import in_order
from eventstudy.provenance import Provenance
from eventstudy.rates import rate_ratio
from eventstudy.regression.count_tables import count_table
from eventstudy.regression.inference import TermRatio
from eventstudy.regression.poisson import poisson_regression, poisson_term
from eventstudy.results.regression import RegressionResult
from eventstudy.study.plan import RegressionPlan
from eventstudy.study.series import SeriesPlan
from eventstudy.windows import Window
from launches.plan import Plan
from launches.results import RefitsResult

HISTORY = {"past_7": (1, 7), "past_8_30": (8, 30)}
TERM = "before"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
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

    def __repr__(self) -> str:
        return f"launches.daily_model(plan, {self.plan.formula!r})"

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
        table = self._table(events, anchors, before, without)
        return poisson_regression(table, self.plan.formula, covariance="HAC", max_lag=self.plan.max_lag)

    def ratio(
        self, events: Events, anchors: Events, *, before: Window | None = None, without: int | None = None
    ) -> TermRatio:
        """Return the ratio of the days before as `fit` gives it, in less time."""
        table = self._table(events, anchors, before, without)
        return poisson_term(table, self.plan.formula, TERM, covariance="HAC", max_lag=self.plan.max_lag)

    def _table(
        self, events: Events, anchors: Events, before: Window | None, without: int | None
    ) -> pd.DataFrame:
        table = count_table(
            events,
            anchors,
            {TERM: before or self.plan.before, "during": self.during, "after": self.plan.after},
            covariates={"exercise": self.exercises},
            history=HISTORY,
        )
        return table if without is None else table[table["year"] != without]

    def __call__(self, events: Events, anchors: Events) -> float:
        """Return the two-sided p-value of the days before."""
        return self.ratio(events, anchors).pvalue


@dataclass(frozen=True, slots=True, repr=False)
class CrudeRatio:
    """The rate ratio without any model, for :func:`eventstudy.type_one_error`.

    The two-sided p-value that it returns is at most 0.05 exactly where the 95 % interval does not hold 1.
    """

    window: Window

    def __repr__(self) -> str:
        return f"launches.CrudeRatio({self.window!r})"

    def __call__(self, events: Events, anchors: Events) -> float:
        """Return the two-sided p-value of the rate ratio."""
        return rate_ratio(events, anchors, self.window).pvalue


def daily_model(plan: Plan, formula: str | None = None, *, meetings: SeriesPlan | None = None) -> DailyModel:
    """Return the model of the plan with the joint exercises of the tables.

    Parameters
    ----------
    plan : Plan
    formula : str, optional
        Another one than the plan's: ``count ~ before`` gives the ratio of the crude rates.
    meetings : SeriesPlan, optional
        Other meetings than the plan's, for the days under way.
    """
    regression = plan.regression if formula is None else replace(plan.regression, formula=formula)
    controls = datasets.controls()
    exercises = controls.loc[controls["kind"] == "EXERCISE", ["start", "end"]]
    return DailyModel(regression, (meetings or plan.anchors).rows()[["start", "end"]], exercises)


def refit_without_years(plan: Plan, *, formula: str | None = None) -> RefitsResult:
    """Fit the model of the plan, or one with another formula, without each calendar year in turn.

    Returns
    -------
    RefitsResult
        A row for each year, ``left_out``.
    """
    model = daily_model(plan, formula)
    launches, summits = plan.events.read(plan.period), plan.anchors.read()
    years = range(plan.period.dates[0].year, plan.period.dates[-1].year + 1)
    jobs = [(model, launches, summits, {"without": year}) for year in years]
    return RefitsResult(
        table=_table([{"left_out": str(year)} for year in years], jobs),
        full=model.fit(launches, summits),
        term=TERM,
        provenance=Provenance(
            f"launches.refit_without_years(plan, formula={formula!r})", pair_checksums(launches, summits)
        ),
    )


def refit_choices(plan: Plan, *, formula: str | None = None) -> RefitsResult:
    """Fit a model for every set of launches, set of summits and window that the plan allows, over its whole period.

    Returns
    -------
    RefitsResult
        A row for each combination: ``launches``, ``summits``, ``window``. Summits are merged as those of the plan.
    """
    jobs: list[tuple[Any, ...]] = []
    labels = []
    sums: dict[str, str] = {}
    series = [(one.label, one.read(plan.period).distinct()) for one in plan.choices.events]
    meetings = [
        (
            one.label,
            daily_model(plan, formula, meetings=one),
            one.read().merged(plan.anchors.merge_gap_days or 0),
        )
        for one in plan.choices.anchors
    ]
    for (label, launches), (called, model, summits), window in product(
        series, meetings, plan.choices.windows
    ):
        jobs.append((model, launches, summits, {"before": window}))
        labels.append({"launches": label, "summits": called, "window": f"{len(window)} days"})
        sums |= pair_checksums(launches, summits)
    return RefitsResult(
        table=_table(labels, jobs),
        full=daily_model(plan, formula).fit(plan.events.read(plan.period), plan.anchors.read()),
        term=TERM,
        provenance=Provenance(f"launches.refit_choices(plan, formula={formula!r})", sums),
    )


def _table(labels: Sequence[dict[str, str]], jobs: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Return the labels beside ratio, interval and p-value of each fit."""
    found = list(in_order(_fit, jobs, [1] * len(jobs), "fits"))
    return pd.concat([pd.DataFrame(labels), pd.DataFrame(found)], axis=1)


def _fit(model: DailyModel, events: Events, anchors: Events, options: dict[str, Any]) -> dict[str, float]:
    return asdict(model.ratio(events, anchors, **options))
