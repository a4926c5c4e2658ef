"""The rows of the table: what is done, what should be reached, and who else does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import eventstudy as es
from benchmarks import loops, peers
from benchmarks.cases import (
    FORMULA,
    JITTER,
    LARGE,
    SMALL,
    WINDOW,
    WINDOWS,
    Size,
    daily_series,
    regression_table,
    series,
    whole_years,
)
from benchmarks.measure import Contender

DRAWS = 10_000
US = "eventstudy"
COUNT = es.WindowCount(WINDOW)

NULLS = {
    "permuted days": es.UniformDays(),
    "permuted days within years": es.UniformDays("year"),
    "permuted days within months": es.UniformDays("month"),
    "shifts": es.CircularShift(),
    "shifts within years": es.CircularShift("year"),
    "shifts within months": es.CircularShift("month"),
    "jitter": es.Jitter(JITTER),
    "shuffled gaps": es.ShuffledGaps(),
    "exchanged years": es.CalendarPermutation(),
    "fitted Poisson rate": es.PoissonIntensity(WINDOW, trend=None),
    "self-exciting": es.SelfExciting(WINDOW),
}
STATISTICS = {
    "WindowCount": COUNT,
    "AnchorsHit": es.AnchorsHit(WINDOW),
    "WindowContrast": es.WindowContrast(WINDOW, es.Window(1, 15)),
    "NearestLag": es.NearestLag(),
}


Work = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Parameters
    ----------
    section, work, size : str
    ours : callable
        Prepares our own work and returns it. An AttributeError says that a function of ours does not exist.
    others : callable
        Prepares the loops and packages to compare with.
    target : float or None
        Seconds; None if the target is a multiple of what others take.
    memory : bool
        Whether to measure the memory of our own work.
    """

    section: str
    work: str
    size: str
    ours: Callable[[], Work] = field(repr=False)
    others: Callable[[], Sequence[Contender]] = field(repr=False)
    target: float | None = None
    memory: bool = True


pairs = cache(series)


def _data(null: Any, size: Size) -> tuple[es.Events, es.Events]:
    return whole_years() if isinstance(null, es.CalendarPermutation) else pairs(size)


def _test(data: Callable[[], tuple[es.Events, es.Events]], statistic: Any, null: Any, method: str) -> Work:
    draws = {"n_resamples": DRAWS, "rng": 1} if method == "monte-carlo" else {}
    return partial(es.permutation_test, *data(), statistic, null, method=method, **draws)


def drawing(null: Any, statistic: Any, size: Size) -> list[Contender]:
    """Return loops and packages that make draws, each with as many as it does in about half a second."""
    events, anchors = _data(null, size)
    large = size.events > 1_000
    made = [
        ("NumPy loop", loops.plain(null, events, anchors), 50 if large else 1_000),
        ("compiled loop", loops.compiled(null, statistic, events, anchors), 1_000 if large else DRAWS),
        ("elephant", peers.elephant(null, events, anchors), 50 if large else 500),
        ("pynapple", peers.pynapple(null, events, anchors), 50 if large else 500),
    ]
    return [Contender(name, partial(run, n), DRAWS / n) for name, run, n in made if run is not None]


def _exact_others(null: Any, size: Size) -> list[Contender]:
    scipy = peers.exact_by_scipy(null, *pairs(size))
    return ([] if scipy is None else [Contender("scipy.stats", scipy)]) + drawing(null, COUNT, size)


def contenders(null: Any, size: Size) -> list[Contender]:
    """Return all ways to one p-value for a count in the window: exact, by draws, and those of the others."""
    data = partial(pairs, size)
    ways = [Contender(f"{US}, {DRAWS:,} draws", _test(data, COUNT, null, "monte-carlo"))]
    if type(null).exact is not es.NullModel.exact:
        ways.insert(0, Contender(f"{US}, exact", _test(data, COUNT, null, "exact")))
    return ways + drawing(null, COUNT, size)


def _calendar_others(years: int, per_day: float) -> list[Contender]:
    loop = loops.compiled(es.CalendarPermutation(), COUNT, *daily_series(years, per_day))
    return [Contender("compiled loop", partial(loop, 1_000), DRAWS / 1_000)]


WINDOWS_60 = {f"{k} before": es.WindowCount(es.Window.before(k)) for k in range(1, 31)} | {
    f"{k} after": es.WindowCount(es.Window.after(k)) for k in range(1, 31)
}


def _family(size: Size) -> Work:
    return partial(es.permutation_family, *pairs(size), WINDOWS_60, es.CircularShift())


def _family_others(size: Size) -> list[Contender]:
    loop = [loops.compiled(es.CircularShift(), one, *pairs(size)) for one in WINDOWS_60.values()]
    draws = DRAWS if size == SMALL else 100
    return [Contender("compiled loop", lambda: [run(draws) for run in loop], DRAWS / draws)]


def _profile(null: Any, size: Size) -> Work:
    draws = {"method": "monte-carlo", "n_resamples": DRAWS, "rng": 1}
    return partial(es.lag_profile, *pairs(size), null, bin_days=1, **draws)


def _profile_others(null: Any, size: Size) -> list[Contender]:
    draws = DRAWS if size == SMALL else 1_000
    curves = loops.compiled_profile(null, *pairs(size), (-60, 61))
    return [Contender("compiled loop", partial(curves, draws), DRAWS / draws)]


def _fit() -> Work:
    return partial(es.poisson_regression, regression_table(), FORMULA)


def _fit_others() -> list[Contender]:
    return [Contender(name, call) for name, call in peers.fits(regression_table()).items()]


def _coefficient() -> Work:
    return partial(es.randomization_test, *pairs(SMALL), WINDOWS, FORMULA, "before", es.CircularShift())


def _coefficient_others() -> list[Contender]:
    refits = peers.refits(regression_table())
    return [Contender(name, partial(run, 10), DRAWS / 10) for name, run in refits.items()]


def rows() -> Iterator[Row]:
    """Give the rows of the table in order."""
    for size, target in ((SMALL, 0.002), (LARGE, 0.3)):
        for name in list(NULLS)[:7]:
            ours = partial(_test, partial(pairs, size), COUNT, NULLS[name], "exact")
            yield Row(
                "exact p-value", name, size.name, ours, partial(_exact_others, NULLS[name], size), target
            )
    for years, target in ((13, 0.05), (20, 20.0)):
        for density, per_day in (("160 events", 160 / (years * 365.25)), ("an event on most days", 1.0)):
            work = f"{years} exchanged years, {density}"
            data = partial(daily_series, years, per_day)
            ours = partial(_test, data, COUNT, es.CalendarPermutation(), "exact")
            yield Row("exact p-value", work, "daily", ours, partial(_calendar_others, years, per_day), target)
    for size, target in ((SMALL, 0.05), (LARGE, 10.0)):
        work = "60 windows, max-T under all shifts"
        ours = partial(_family, size)
        yield Row("many at once", work, size.name, ours, partial(_family_others, size), target)
    for name in ("permuted days", "shifts", "jitter", "shuffled gaps"):
        for size, target in ((SMALL, 0.1), (LARGE, 20.0)):
            work = f"profile of 121 lags, {DRAWS:,} draws, {name}"
            parts = partial(_profile, NULLS[name], size), partial(_profile_others, NULLS[name], size)
            yield Row("many at once", work, size.name, *parts, target)
    yield Row("Poisson regression", "fit of 10,000 daily rows, HAC", "small", _fit, _fit_others)
    work = "coefficient under all 10,000 shifts"
    yield Row("Poisson regression", work, "small", _coefficient, _coefficient_others, 0.05)
    for size in (SMALL, LARGE):
        for null_name, null in NULLS.items():
            if size == LARGE and isinstance(null, es.CalendarPermutation):
                continue  # a year has 366 days, however many events
            for name, statistic in STATISTICS.items():
                if size == LARGE and name not in ("WindowCount", "AnchorsHit"):
                    continue  # the others are sums of scores too, and take what WindowCount takes
                ours = partial(_test, partial(_data, null, size), statistic, null, "monte-carlo")
                others = partial(drawing, null, statistic, size)
                work, heavy = f"{name}, {null_name}", name == "AnchorsHit"  # it lays out every draw
                yield Row("10,000 draws", work, size.name, ours, others, memory=heavy)
