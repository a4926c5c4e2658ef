"""The same draws by elephant and pynapple, and the same fits by statsmodels and pyfixest.

Both draw surrogates and leave the statistic to their user: here the number of events in the window, by the fastest of
their own tools. Where a model is not quite ours it is the nearest they have: elephant and pynapple draw times
with replacement, not days without; elephant shuffles the intervals from the start, not round a ring.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import eventstudy as es
from benchmarks.cases import FORMULA, WINDOW

Run = Callable[[int], Any]


def elephant(null: Any, events: es.Events, anchors: es.Events) -> Run | None:
    """Return a function of the number of draws that counts events in the window on elephant's surrogates."""
    import neo
    import quantities as pq
    from elephant import spike_train_surrogates as surrogates

    if getattr(null, "within", None) is not None:
        return None
    length = len(events.period)
    marked = WINDOW.indicator(anchors, events.period) > 0
    train = neo.SpikeTrain((events.days - events.period.start) * pq.s, t_start=0 * pq.s, t_stop=length * pq.s)
    draw = {
        es.UniformDays: lambda size: surrogates.randomise_spikes(train, size),
        es.CircularShift: lambda size: (
            one[0] for one in surrogates.trial_shifting([train], length * pq.s, size)
        ),
        es.Jitter: lambda size: surrogates.dither_spikes(train, null.days * pq.s, size),
        es.ShuffledGaps: lambda size: surrogates.shuffle_isis(train, size),
    }.get(type(null))
    if draw is None:
        return None

    def count(size: int) -> list[int]:
        return [np.count_nonzero(marked[one.magnitude.astype(np.int64)]) for one in draw(size)]

    return count


def pynapple(null: Any, events: es.Events, anchors: es.Events) -> Run | None:
    """Return a function of the number of draws that counts events in the window on pynapple's surrogates."""
    import pynapple as nap

    if getattr(null, "within", None) is not None:
        return None
    length = float(len(events.period))
    marked = np.flatnonzero(np.diff(WINDOW.indicator(anchors, events.period), prepend=0, append=0))
    windows = nap.IntervalSet(marked[::2], marked[1::2] - 1e-6)
    train = nap.Ts(
        (events.days - events.period.start).astype(float), time_support=nap.IntervalSet(0.0, length)
    )
    draw = {
        es.UniformDays: lambda: nap.resample_timestamps(train),
        es.CircularShift: lambda: nap.shift_timestamps(train, mode="wrap"),
        es.Jitter: lambda: nap.jitter_timestamps(train, max_jitter=float(null.days)),
        es.ShuffledGaps: lambda: nap.shuffle_ts_intervals(train),
    }.get(type(null))
    return None if draw is None else lambda size: [len(draw().restrict(windows)) for _ in range(size)]


def exact_by_scipy(null: Any, events: es.Events, anchors: es.Events) -> Callable[[], float] | None:
    """Return the same exact p-value by scipy.stats, where it has the distribution."""
    from scipy import stats

    marked = WINDOW.indicator(anchors, events.period)
    days, length = events.days - events.period.start, len(events.period)
    observed = int(marked[days].sum())
    if isinstance(null, es.UniformDays) and null.within is None:
        return lambda: stats.hypergeom.sf(observed - 1, length, marked.sum(), len(events))
    if isinstance(null, es.Jitter):

        def jitter() -> float:
            before = np.concatenate(([0], np.cumsum(marked)))
            first, stop = np.maximum(days - null.days, 0), np.minimum(days + null.days + 1, length)
            return stats.poisson_binom.sf(observed - 1, (before[stop] - before[first]) / (stop - first))

        return jitter
    return None


def fits(table: Any) -> dict[str, Callable[[], Any]]:
    """Return the same Poisson regression by statsmodels and pyfixest, each with its own robust errors."""
    import pyfixest
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    formula = FORMULA
    absorbed = f"{formula.replace(' + C(year)', '')} | year"
    hac = {"cov_type": "HAC", "cov_kwds": {"maxlags": 11}}
    return {
        "statsmodels GLM": lambda: smf.glm(formula, table, family=sm.families.Poisson()).fit(**hac),
        "statsmodels Poisson": lambda: smf.poisson(formula, table).fit(disp=0, **hac),
        "pyfixest": lambda: pyfixest.fepois(absorbed, table, vcov="hetero"),
    }


def refits(table: Any) -> dict[str, Callable[[int], Any]]:
    """Return functions of a number of shifts that refit the regression for each of them."""
    import pyfixest
    import statsmodels.api as sm
    from formulaic import Formula

    response, design = Formula(FORMULA).get_model_matrix(table, output="numpy")
    k = list(design.model_spec.column_names).index("before")
    absorbed = f"{FORMULA.replace(' + C(year)', '')} | year"
    before = table["before"].to_numpy()
    rng = np.random.default_rng(1)

    def statsmodels(size: int) -> list[float]:
        x, found = np.array(design), []
        for shift in rng.integers(len(before), size=size):
            x[:, k] = np.roll(before, shift)
            found.append(sm.GLM(np.array(response), x, family=sm.families.Poisson()).fit().params[k])
        return found

    def by_pyfixest(size: int) -> list[float]:
        found = []
        for shift in rng.integers(len(before), size=size):
            moved = table.assign(before=np.roll(before, shift))
            found.append(pyfixest.fepois(absorbed, moved).coef()["before"])
        return found

    return {"statsmodels": statsmodels, "pyfixest": by_pyfixest}
