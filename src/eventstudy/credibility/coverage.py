"""Coverage of intervals of the rate ratio, on data with a planted ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.arguments import check_several, whole
from eventstudy.credibility.repeated import DataSets, Floats, check_shares
from eventstudy.credibility.truths import Link, SimulatedEvents, SimulatedSeries, data_set, truths_provenance
from eventstudy.errors import OptionError, own_errors
from eventstudy.evaluation.reweighted import sums_of_several
from eventstudy.events import Events, observed_period
from eventstudy.nulls.base import NullModel
from eventstudy.numeric.inversion import EVENTS_INSIDE, tails_at
from eventstudy.numeric.ratios import ConditionalTest
from eventstudy.numeric.tails import clopper_pearson, rejects
from eventstudy.parallel import in_order
from eventstudy.periods import Period
from eventstudy.provenance import as_generator, seed_text
from eventstudy.questions import checked_draws
from eventstudy.results.coverage import CoverageResult
from eventstudy.strata import Within, check_within, cut
from eventstudy.windows import Window, checked_window

BLOCK = 50  # data sets in one piece of parallel work, which share their draws

Simulated = SimulatedSeries | SimulatedEvents
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Thing = TypeVar("Thing")


@own_errors
def interval_coverage(
    truths: Sequence[Simulated] | Mapping[str, Simulated],
    nulls: Sequence[NullModel | None] | Mapping[str, NullModel | None],
    window: Window,
    *,
    within: Within = "quarter",
    ratios: Sequence[float] = (0.3, 0.67, 1.0, 1.5, 2.5, 5.0),
    n_simulations: int = 1_000,
    n_resamples: int = 999,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> CoverageResult:
    """Estimate how often intervals of the rate ratio miss the planted ratio.

    Parameters
    ----------
    truths : sequence of SimulatedSeries or SimulatedEvents, or mapping of str to these
        Ways to make data, without a link of their own: it is planted here. A mapping names them.
    nulls : sequence of NullModel or None, or mapping of str to these
        Each with the interval that :func:`eventstudy.rate_ratio` gives under it; None is the exact one for independent
        events.
    window : Window
    within : "year", "quarter", "month", cut dates or None, default "quarter"
        Strata of the intervals under a null model.
    ratios : sequence of float, default (0.3, 0.67, 1, 1.5, 2.5, 5)
        Planted rates in the window over those outside.
    n_simulations : int, default 1000
        Data sets for each truth and ratio; every interval uses the same ones.
    n_resamples : int, default 999
        Draws for each interval.
    confidence_level : float, default 0.95
        Of the intervals; the shares of misses have 0.95 intervals.
    rng : int or numpy.random.Generator

    Returns
    -------
    CoverageResult

    Raises
    ------
    OptionError
        If a truth has a link already, one thing stands where several are asked for, or an option is out of range.
    RandomnessError
        If `rng` is missing.

    Notes
    -----
    An interval misses a ratio if one of its two tests at half of ``1 - confidence_level`` rejects it. A ratio in a hole
    of the interval counts as missed though the hull contains it. Data sets whose interval is refused, as no event lies
    outside the window in a stratum that allows a comparison, count as not missed; their share is given.

    Under null models that move strata, batches of 50 data sets share their draws.

    Examples
    --------
    >>> import eventstudy as es
    >>> truth = es.SimulatedSeries(es.Period("2001-01-01", "2009-01-01"), n_events=80, n_anchors=20)
    >>> found = es.interval_coverage(
    ...     [truth], [es.CalendarPermutation()], es.Window.before(14), ratios=[1.5], n_simulations=50,
    ...     n_resamples=199, rng=1,
    ... )
    >>> bool(found.to_frame().loc[0, "missed"] < 0.2)
    True
    """
    for name, given in (("truths", truths), ("nulls", nulls), ("ratios", ratios)):
        check_several(given, "interval_coverage", name)
    checked_window(window, "interval_coverage")
    named, tests = _named(truths, "truths"), _named(nulls, "nulls")
    _check(named, ratios, confidence_level)
    n_simulations = whole(n_simulations, "interval_coverage", "n_simulations", least=1, fix="give 1 or more")
    n_resamples = checked_draws(n_resamples, "interval_coverage")
    within = check_within(within, "interval_coverage")
    seed = seed_text(rng)
    generator = as_generator(rng, "interval_coverage")
    intervals = [_Interval(null, within, n_resamples, confidence_level) for null in tests.values()]
    sizes = [min(BLOCK, n_simulations - done) for done in range(0, n_simulations, BLOCK)]
    cells = [(truth, Link(window, float(ratio))) for truth in named.values() for ratio in ratios]
    jobs = [
        (truth, link, intervals, own, size)
        for (truth, link), child in zip(cells, generator.spawn(len(cells)), strict=True)
        for own, size in zip(child.spawn(len(sizes)), sizes, strict=True)
    ]
    blocks = list(in_order(_block, jobs, sizes * len(cells), "data sets"))
    counts = np.array(blocks).reshape(len(named), len(ratios), len(sizes), len(tests), 4).sum(axis=2)
    names = [(truth, float(ratio), test) for truth in named for ratio in ratios for test in tests]
    return CoverageResult(
        table=_table(names, counts.reshape(-1, 4), n_simulations),
        confidence_level=confidence_level,
        n_simulations=n_simulations,
        n_resamples=n_resamples,
        within=within,
        provenance=truths_provenance(
            "interval_coverage",
            named,
            f"{tests!r}, {window!r}, within={within!r}, ratios={tuple(ratios)}, n_simulations={n_simulations}, "
            f"n_resamples={n_resamples}, confidence_level={confidence_level}",
            seed,
        ),
    )


def _check(truths: Mapping[str, Simulated], ratios: Sequence[float], level: float) -> None:
    """Refuse options out of range, and truths in which no ratio can be planted."""
    for name, truth in truths.items():
        if not isinstance(truth, SimulatedSeries | SimulatedEvents) or truth.link is not None:
            raise OptionError(
                f"interval_coverage: the truth {name!r} cannot be given a link; use SimulatedSeries or SimulatedEvents "
                "without one"
            )
    check_shares("interval_coverage", confidence_level=level)
    if not len(ratios):
        raise OptionError("interval_coverage: there are no ratios; give one or more, such as 1.5")


def _table(names: Sequence[tuple[str, float, str]], counts: Ints, number: int) -> pd.DataFrame:
    """Return a row for each truth, ratio and interval, from counts of shape (rows, 4)."""
    truth, ratio, interval = zip(*names, strict=True)
    below, above, empty, refused = counts.T
    low, high = clopper_pearson(below + above, number, 0.95)
    return pd.DataFrame(
        {
            "truth": truth,
            "interval": interval,
            "ratio": ratio,
            "missed": (below + above) / number,
            "missed_low": low,
            "missed_high": high,
            "below": below / number,
            "above": above / number,
            "misses": below + above,
            "n_simulations": number,
            "share_empty": empty / number,
            "share_refused": refused / number,
        }
    )


def _named(given: Sequence[Thing] | Mapping[str, Thing], what: str) -> dict[str, Thing]:
    """Return things by name; without given names, by their text."""
    pairs = list(given.items()) if isinstance(given, Mapping) else [(_text(one), one) for one in given]
    names = [name for name, _ in pairs]
    if not names or len(set(names)) < len(names):
        raise OptionError(
            f"interval_coverage: {what} are {names}; give one or more, each with a name of its own"
        )
    return dict(pairs)


def _text(one: object) -> str:
    if one is None:
        return "independent events, exact"
    return repr(one) if isinstance(one, NullModel) else str(one)


def _block(
    truth: Simulated, link: Link, intervals: Sequence[_Interval], rng: np.random.Generator, size: int
) -> Ints:
    """Count the misses from below and above, the empty windows and the refusals of each interval, shape (k, 4)."""
    planted = replace(truth, link=link)
    data = _DataSets.of([data_set(planted, child) for child in rng.spawn(size)], link.window, truth.period)
    seeds = rng.spawn(len(intervals))
    return np.array([one.missed(data, link.ratio, own) for one, own in zip(intervals, seeds, strict=True)])


@dataclass(frozen=True, slots=True, eq=False)
class _DataSets:
    """Several pairs of series of one period.

    `counts`, `inside`, shape (s, days): events on each day, and whether it lies in the window; the second of shape
    (1, days) where all have the same anchors.
    """

    events: list[Events]
    counts: Floats
    inside: Floats

    @classmethod
    def of(cls, pairs: Sequence[tuple[Events, Events]], window: Window, period: Period) -> _DataSets:
        data = DataSets(pairs)
        inside = [window.indicator(anchors, period) for anchors in data.anchors]
        return cls([events for events, _ in pairs], data.counts, np.stack(inside).astype(float))


@dataclass(frozen=True, slots=True)
class _Interval:
    """An interval of the rate ratio."""

    null: NullModel | None
    within: Within
    n_resamples: int
    level: float

    def missed(self, data: _DataSets, ratio: float, rng: np.random.Generator) -> tuple[int, int, int, int]:
        """Count the intervals that lie below and above the ratio, the empty windows and the refusals."""
        if self.null is None:
            tails = self._conditional(data, ratio)
            empty = (data.counts * data.inside).sum(axis=1) == 0
            refused = np.zeros(empty.size, bool)
        else:
            tails, empty, refused = self._inverted(self.null, data, ratio, rng)
        greater, less = (rejects(tail, (1.0 - self.level) / 2.0) & ~refused for tail in tails)
        return int(less.sum()), int(greater.sum()), int(empty.sum()), int(refused.sum())

    def _conditional(self, data: _DataSets, ratio: float) -> Floats:
        """Return both tails of the exact test for independent events, shape (2, s)."""
        number, marked = data.counts.sum(axis=1), (data.counts * data.inside).sum(axis=1)
        exposed = np.broadcast_to(data.inside.sum(axis=1), number.shape)
        days = data.inside.shape[1]
        return np.array(
            [
                ConditionalTest(int(x), int(n - x), int(d), int(days - d)).tails(ratio)
                for x, n, d in zip(marked, number, exposed, strict=True)
            ]
        ).T

    def _inverted(
        self, null: NullModel, data: _DataSets, ratio: float, rng: np.random.Generator
    ) -> tuple[Floats, Bools, Bools]:
        """Return both tails of the inverted test, shape (2, s), which windows are empty, and which tests refused."""
        period = observed_period(data.events[0])
        strata = cut(period, self.within)
        inside = data.inside.astype(np.int64)
        share = np.stack([strata.day_shares(row) for row in inside])
        refused: Bools = (data.counts * (1.0 - data.inside) * share).sum(axis=1) == 0
        sums, observed, drawn = sums_of_several(
            data.events, null, inside, share, rng=rng, n_resamples=self.n_resamples
        )
        tails = np.stack(tails_at(sums, observed, ratio, drawn=drawn))
        empty: Bools = observed[EVENTS_INSIDE] < 0.5
        return tails, empty, refused
