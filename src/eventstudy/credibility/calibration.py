"""Type I error: does a test hold its level on data in which events and anchors are known to be unrelated?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass

import numpy as np
import pandas as pd

from eventstudy.arguments import check_several, whole
from eventstudy.credibility.repeated import (
    DataSets,
    Floats,
    Pair,
    RepeatedTest,
    Rule,
    attained,
    check_shares,
    members,
    rule_text,
)
from eventstudy.credibility.truths import Truth, data_set, truths_provenance
from eventstudy.errors import OptionError, own_errors
from eventstudy.events import Events
from eventstudy.nulls.base import NullModel, checked_null
from eventstudy.numeric.tails import Alternative, clopper_pearson, rejects
from eventstudy.parallel import in_order, pieces
from eventstudy.provenance import as_generator, seed_text
from eventstudy.questions import checked_draws, checked_statistic
from eventstudy.results.calibration import CalibrationResult
from eventstudy.statistics import Statistic

BLOCK = 20  # data sets in one piece of parallel work

Model = Callable[[Events, Events], float]  # events and anchors to a p-value
Found = tuple[float, float, list[float]]  # p, whether draws were made, the attainable levels


@own_errors
def type_one_error(
    truths: Sequence[Truth] | Mapping[str, Truth],
    nulls: Sequence[Rule] | Mapping[str, Rule],
    statistics: Sequence[Statistic],
    *,
    alternative: Alternative = "greater",
    models: Mapping[str, Model] | None = None,
    levels: float | Sequence[float] = (0.05, 0.01, 0.1),
    n_simulations: int = 1_000,
    n_resamples: int = 999,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> CalibrationResult:
    """Estimate how often tests find a link where there is none.

    Parameters
    ----------
    truths : sequence of Truth, or mapping of str to Truth
        Ways to make data without a link: :class:`eventstudy.SimulatedSeries`,
        :class:`eventstudy.SimulatedEvents`, :class:`eventstudy.PlaceboAnchors`, or anything with
        ``sample(rng)`` that returns events and anchors. A mapping names them; else their text is the name.
    nulls : sequence of NullModel, or mapping of str to NullModel
        A tuple of null models stands for the rule that all of them must reject: its p-value is the largest of
        theirs [1]_. A mapping names them; else their text is the name.
    statistics : sequence of Statistic
        Each null model is tested with each statistic, exact where it can be.
    alternative : {"greater", "less", "two-sided"}, default "greater"
        Of the tests with the statistics.
    models : mapping of str to callable, optional
        Other tests by name: a function of events and anchors that returns a p-value, such as that of a
        regression coefficient. It must make no draws, or seed them itself.
    levels : float or sequence of float, default (0.05, 0.01, 0.1)
        Nominal levels; the first one is printed and drawn.
    n_simulations : int, default 1000
        Data sets for each truth; every test uses the same ones.
    n_resamples : int, default 999
        Draws of a test that has no exact distribution.
    confidence_level : float, default 0.95
        Of the interval of each rate.
    rng : int or numpy.random.Generator

    Returns
    -------
    CalibrationResult

    Raises
    ------
    OptionError
        If there is no truth or no test, or one stands where several are asked for, two have the same name, or an option
        is out of range.
    RandomnessError
        If `rng` is missing.

    Notes
    -----
    A test holds its level where the rate is at most nominal. It may be lower merely because a count
    takes few values, so the mean level attainable by the test's own distribution in each data set is
    given beside the rate: a rate below both shows a conservative null model, a rate above both one that
    breaks a feature of the data.

    A data set for which a statistic is undefined, and so refused by the test, counts as not rejected.

    A rule over several null models rejects no more often than any of them. It holds its level wherever one of them
    does, and may be very conservative where all do.

    The work goes through joblib; the answer does not depend on the number of workers. Where a statistic is made from
    several sums of scores and the null model moves strata, 20 data sets are tested at once, on the same draws.

    References
    ----------
    .. [1] Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance sampling. Technometrics 24(4),
       295-300.

    Examples
    --------
    >>> import eventstudy as es
    >>> truth = es.SimulatedSeries(es.Period(0, 2_000), n_events=60, n_anchors=15)
    >>> found = es.type_one_error(
    ...     [truth], [es.UniformDays()], [es.WindowCount(es.Window(-14, 0))], n_simulations=100, rng=1
    ... )
    >>> bool(found.to_frame().loc[0, "rate"] < 0.12)
    True
    """
    for name, given in (("truths", truths), ("nulls", nulls), ("statistics", statistics)):
        check_several(given, "type_one_error", name)
    rules = list(nulls.items()) if isinstance(nulls, Mapping) else [(rule_text(rule), rule) for rule in nulls]
    n_resamples = checked_draws(n_resamples, "type_one_error")
    statistics = [checked_statistic(statistic, "type_one_error") for statistic in statistics]
    single: list[NullModel] = []
    for _, rule in rules:
        for null in members(rule):
            checked_null(null, "type_one_error")
        single += [null for null in members(rule) if not any(null is other for other in single)]
    runs: list[_Permutation | _Model] = [
        _Permutation(RepeatedTest("type_one_error", statistic, null, alternative, n_resamples, lenient=True))
        for null in single
        for statistic in statistics
    ]
    runs += [_Model(name, model) for name, model in (models or {}).items()]
    tests = [
        (name, str(statistic), [len(statistics) * _place(null, single) + column for null in members(rule)])
        for name, rule in rules
        for column, statistic in enumerate(statistics)
    ]
    tests += [(name, "", [len(single) * len(statistics) + i]) for i, name in enumerate(models or {})]
    named = list(truths.items()) if isinstance(truths, Mapping) else [(str(truth), truth) for truth in truths]
    names = [name for name, _ in named]
    _check_names("truths", names)
    _check_names("tests", [f"{test} {statistic}".strip() for test, statistic, _ in tests])
    check_shares("type_one_error", confidence_level=confidence_level)
    levels = tuple(dict.fromkeys(np.ravel(levels).tolist()))  # each once
    for level in levels:
        check_shares("type_one_error", level=level)
    if not levels:
        raise OptionError("type_one_error: there are no levels; give one or more, such as 0.05")
    n_simulations = whole(n_simulations, "type_one_error", "n_simulations", least=1, fix="give 1 or more")
    seed = seed_text(rng)
    generator = as_generator(rng, "type_one_error")
    jobs = [
        (truth, runs, tuple(levels), children)
        for (_, truth), child in zip(named, generator.spawn(len(named)), strict=True)
        for children in pieces(child.spawn(n_simulations), BLOCK)
    ]
    done = in_order(_block, jobs, [len(job[-1]) for job in jobs], "data sets")
    found = np.concatenate(list(done)).reshape(len(named), n_simulations, len(runs), 2 + len(levels))
    return CalibrationResult(
        table=_rates(names, tests, found, levels, confidence_level),
        levels=tuple(float(level) for level in levels),
        confidence_level=confidence_level,
        n_simulations=n_simulations,
        n_resamples=n_resamples,
        provenance=truths_provenance(
            "type_one_error",
            dict(named),
            f"{dict(rules)!r}, {list(statistics)!r}, alternative={alternative!r}, models={_models_text(models or {})}, "
            f"levels={tuple(levels)}, n_simulations={n_simulations}, n_resamples={n_resamples}",
            seed,
        ),
    )


def _rates(
    truths: Sequence[str],
    tests: Sequence[tuple[str, str, list[int]]],
    found: Floats,
    levels: Sequence[float],
    confidence_level: float,
) -> pd.DataFrame:
    """Return how often each test rejected under each truth, from results of shape (truths, sets, runs, 2 + k)."""
    rows = []
    n_simulations = found.shape[1]
    for i, truth in enumerate(truths):
        for test, statistic, own in tests:
            pvalues, drawn = found[i][:, own, :2].max(axis=1).T
            for number, level in enumerate(levels):
                count = int(rejects(pvalues, level).sum())
                low, high = clopper_pearson(count, n_simulations, confidence_level)
                # the attainable levels of several tests together are not known
                attainable = found[i, :, own[0], 2 + number].mean() if len(own) == 1 else float("nan")
                rows.append(
                    (
                        truth, test, statistic, level, count / n_simulations, low, high, count, n_simulations,
                        attainable, drawn.mean(),
                    )
                )  # fmt: skip
    columns = [
        "truth", "test", "statistic", "level", "rate", "rate_low", "rate_high", "rejections", "n_simulations",
        "attainable", "share_drawn",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _block(
    truth: Truth,
    runs: Sequence[_Permutation | _Model],
    levels: tuple[float, ...],
    children: Sequence[np.random.Generator],
) -> Floats:
    """Return for each data set and test p, whether draws were made, and the attainable levels."""
    pairs = DataSets(data_set(truth, child) for child in children)
    seeds = [child.spawn(len(runs)) for child in children]
    out = np.empty((len(children), len(runs), 2 + len(levels)))
    for column, run in enumerate(runs):
        own = [seed[column] for seed in seeds]
        for row, (pvalue, drawn, possible) in enumerate(run.run_all(pairs, levels, own)):
            out[row, column] = (pvalue, drawn, *possible)
    return out


@dataclass(frozen=True, slots=True)
class _Permutation:
    """A statistic under a null model."""

    test: RepeatedTest

    def run_all(
        self, pairs: Sequence[Pair], levels: tuple[float, ...], children: Sequence[np.random.Generator]
    ) -> list[Found]:
        """Test several data sets."""
        return [
            (
                found.pvalue,
                found.drawn,
                attained(found.probabilities, levels, self.test.alternative),
            )
            for found in self.test.all(pairs, children)
        ]


@dataclass(frozen=True, slots=True)
class _Model:
    """Any other test; its attainable levels are not known."""

    name: str
    function: Model

    def run_all(
        self, pairs: Sequence[Pair], levels: tuple[float, ...], children: Sequence[np.random.Generator]
    ) -> list[Found]:
        """Test several data sets."""
        return [self.run(*pair, levels, child) for pair, child in zip(pairs, children, strict=True)]

    def run(
        self, events: Events, anchors: Events, levels: tuple[float, ...], rng: np.random.Generator
    ) -> Found:
        pvalue = float(self.function(events, anchors))
        if not 0.0 <= pvalue <= 1.0:
            raise OptionError(
                f"type_one_error: the model {self.name!r} returned {pvalue}; return a p-value, a number from 0 to 1"
            )
        return pvalue, False, [float("nan")] * len(levels)


def _models_text(models: Mapping[str, Model]) -> str:
    """Return models as text for the record of a call: functions by their key there."""
    texts = (
        f"{name!r}: {model!r}" if is_dataclass(model) else f"{name!r}: {name}"
        for name, model in models.items()
    )
    return "{" + ", ".join(texts) + "}"


def _place(null: NullModel, among: Sequence[NullModel]) -> int:
    return next(i for i, other in enumerate(among) if null is other)


def _check_names(what: str, names: list[str]) -> None:
    """Refuse an empty list, and duplicate names."""
    if not names:
        raise OptionError(f"type_one_error: there are no {what}; give at least one")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise OptionError(f"type_one_error: two {what} are called {twice[0]!r}; give each once, or name them")
