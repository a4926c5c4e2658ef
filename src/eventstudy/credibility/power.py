"""Power: the share of effects of known size, planted on the study's own calendar, that a test finds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from eventstudy.arguments import whole
from eventstudy.credibility.repeated import (
    Floats,
    RepeatedTest,
    Rule,
    check_shares,
    members,
    rejected_by_all,
)
from eventstudy.credibility.simulate import Background, plant
from eventstudy.errors import OptionError, own_errors
from eventstudy.events import Events
from eventstudy.nulls.base import checked_null
from eventstudy.numeric.tails import clopper_pearson
from eventstudy.parallel import in_order, pieces
from eventstudy.provenance import as_generator, seed_text
from eventstudy.questions import Pair, checked_draws, checked_statistic
from eventstudy.results.power import MinimumRatioResult, PowerResult
from eventstudy.statistics import Statistic, WindowCount
from eventstudy.windows import Window

RATIOS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
BLOCK = 20  # tests in one piece of parallel work


@own_errors
def power_curve(
    events: Events,
    anchors: Events,
    statistic: Statistic | Window,
    null: Rule,
    *,
    ratios: Sequence[float] = RATIOS,
    level: float = 0.05,
    background: Background | None = None,
    n_simulations: int = 1_000,
    n_resamples: int = 999,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> PowerResult:
    """Estimate how often a test finds effects of known size on the study's own calendar.

    Parameters
    ----------
    events, anchors : Events
        The study's own series. Whether they are linked is not revealed: only draws of `background` are tested.
    statistic : Statistic or Window
        A window stands for :class:`eventstudy.WindowCount`. The effect is planted in the statistic's window.
    null : NullModel or tuple of NullModel
        The null model of the test; exact where possible. If there are several, all must reject.
    ratios : sequence of float
        Rate in the window over the rate that the background has on the same days, each at least 1.
    level : float, default 0.05
        The test is one-sided "greater" and rejects where p is at most this.
    background : NullModel, optional
        Draws the series without effect; by default the null model of the test, or the first of several. Another one
        shows the power where the null model's assumption fails.
    n_simulations : int, default 1000
        Series for each ratio.
    n_resamples : int, default 999
        Draws of a test that has no exact distribution.
    confidence_level : float, default 0.95
        Of the interval of each share.
    rng : int or numpy.random.Generator

    Returns
    -------
    PowerResult

    Raises
    ------
    OptionError
        If an option is out of range, the statistic has no window, or the window cannot hold the effect.
    RandomnessError
        If `rng` is missing.

    Notes
    -----
    A draw of the background keeps the dispersion of the real series. The effect is planted by adding,
    inside the window, events of further independent draws of the background, until over all simulated
    series together the window holds the given ratio times the number without effect; so planted events follow the
    same season and busy years, and come partly in bursts. The same series are used for all ratios, each larger
    effect containing the smaller ones. Each simulated series has its own critical value.

    Where an exact distribution is slow (CalendarPermutation), 2,000 draws are made first; they decide if they show
    on which side of the level p lies (Clopper-Pearson, error probability 1e-9).

    A simulated series for which the statistic is not defined, as no event lies where it looks, is not rejected.

    Where a statistic is made from several sums of scores and the null model moves strata, 20 tests share their draws.

    The work goes through joblib; the answer does not depend on the number of workers.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.Events(range(0, 3_000, 20), es.Period(0, 3_000))
    >>> curve = es.power_curve(
    ...     events, es.Events(range(50, 3_000, 100)), es.Window(-14, 0), es.UniformDays(),
    ...     ratios=(1, 3), n_simulations=50, rng=1,
    ... )
    >>> bool(curve.power[0] < 0.2 < 0.9 < curve.power[1])
    True
    """
    where = "power_curve"
    statistic = (
        WindowCount(statistic) if isinstance(statistic, Window) else checked_statistic(statistic, where)
    )
    window = statistic.window
    if window is None:
        raise OptionError(
            f"{where}: {statistic!r} has no window to plant an effect in; give a Window or a statistic with one"
        )
    pair = Pair.of(where, events, anchors, window)
    rules = tuple(checked_null(one, where) for one in members(null))
    made_by = rules[0] if background is None else background
    check_shares("power_curve", level=level, confidence_level=confidence_level)
    n_simulations = whole(n_simulations, where, "n_simulations", least=1, fix="give 1 or more")
    n_resamples = checked_draws(n_resamples, where)
    steps = np.unique(np.asarray(ratios, float))
    seed = seed_text(rng)
    generator = as_generator(rng, "power_curve")
    planted = plant(
        events, anchors, window, made_by, ratios=steps.tolist(), size=n_simulations, rng=generator
    )
    series = planted.series(steps.tolist(), pair.period, events.label)
    tests = _tested(series, anchors, statistic, null, level, n_resamples, generator)
    rejected = tests[:, 0].reshape(n_simulations, steps.size).sum(axis=0)
    low, high = clopper_pearson(rejected, n_simulations, confidence_level)
    return PowerResult(
        ratios=steps,
        power=rejected / n_simulations,
        low=low,
        high=high,
        rejections=rejected,
        mean_inside=planted.mean_inside,
        level=level,
        confidence_level=confidence_level,
        n_simulations=n_simulations,
        n_drawn=int(tests[:, 1].sum()),
        n_resamples=n_resamples,
        statistic=statistic,
        null=null,
        background=made_by,
        coverage=window.coverage(anchors, pair.period),
        n_events=len(events),
        n_anchors=pair.n_anchors,
        events_label=events.label,
        anchors_label=anchors.anchors_label,
        period=str(pair.period),
        provenance=pair.provenance(
            f"{statistic!r}, {null!r}, ratios={tuple(steps.tolist())}, level={level}, background={made_by!r}, "
            f"n_simulations={n_simulations}",
            seed,
        ),
    )


def _tested(
    series: list[Events],
    anchors: Events,
    statistic: Statistic,
    null: Rule,
    level: float,
    n_resamples: int,
    generator: np.random.Generator,
) -> Floats:
    """Return for each series whether it was rejected and whether draws were made, shape (series, 2)."""
    children = generator.spawn(len(series))
    jobs = [
        (part, anchors, statistic, null, level, n_resamples, own)
        for part, own in zip(pieces(series, BLOCK), pieces(children, BLOCK), strict=True)
    ]
    return np.concatenate(list(in_order(_block, jobs, [len(job[0]) for job in jobs], "tests")))


@own_errors
def minimum_detectable_ratio(
    events: Events,
    anchors: Events,
    statistic: Statistic | Window,
    null: Rule,
    *,
    power: float = 0.8,
    ratios: Sequence[float] = RATIOS,
    level: float = 0.05,
    background: Background | None = None,
    n_simulations: int = 1_000,
    n_resamples: int = 999,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> MinimumRatioResult:
    """Find the smallest rate ratio that a test finds with a given power.

    Parameters
    ----------
    power : float, default 0.8
        The required share of studies in which the effect is found.
    events, anchors, statistic, null, ratios, level, background, n_simulations, n_resamples, confidence_level, rng
        As in :func:`eventstudy.power_curve`. The ratio 1, no effect, is always simulated as well.

    Returns
    -------
    MinimumRatioResult

    Raises
    ------
    OptionError, RandomnessError
        As in :func:`eventstudy.power_curve`.

    Notes
    -----
    The shares found are made monotone by isotonic regression and joined by straight lines in the
    logarithm of the ratio; the result is where that line first reaches `power`. Its interval holds the ratios at which
    the Clopper-Pearson band of the curve, made monotone in the same way, contains `power`: it covers simulation
    error, not uncertainty about the background.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.Events(range(0, 3_000, 20), es.Period(0, 3_000))
    >>> found = es.minimum_detectable_ratio(
    ...     events, es.Events(range(50, 3_000, 100)), es.Window(-14, 0), es.UniformDays(),
    ...     n_simulations=50, rng=1,
    ... )
    >>> found.low <= found.ratio <= found.high
    True
    """
    check_shares("minimum_detectable_ratio", power=power)
    curve = power_curve(
        events,
        anchors,
        statistic,
        null,
        ratios=(1.0, *ratios),
        level=level,
        background=background,
        n_simulations=n_simulations,
        n_resamples=n_resamples,
        confidence_level=confidence_level,
        rng=rng,
    )
    return MinimumRatioResult(
        ratio=first_reach(curve.ratios, curve.power, power),
        low=first_reach(curve.ratios, curve.high, power),
        high=first_reach(curve.ratios, curve.low, power),
        power=power,
        curve=curve,
    )


def first_reach(ratios: Floats, shares: Floats, wanted: float) -> float:
    """Return where a rising curve through `shares` first reaches `wanted`; infinite if it does not.

    `ratios`, `shares`, shape (k,): the shares are made monotone by isotonic regression and joined linearly in
    the logarithm of the ratio.
    """
    rising = optimize.isotonic_regression(shares).x
    after = int(np.searchsorted(rising, wanted))
    if after == 0:
        return float(ratios[0])
    if after == rising.size:
        return float("inf")
    share = (wanted - rising[after - 1]) / (rising[after] - rising[after - 1])
    return float(ratios[after - 1] ** (1.0 - share) * ratios[after] ** share)


def _block(
    series: Sequence[Events],
    anchors: Events,
    statistic: Statistic,
    rule: Rule,
    level: float,
    n_resamples: int,
    children: Sequence[np.random.Generator],
) -> NDArray[np.int64]:
    """Return 1 where the test rejects, and 1 where it rests on `n_resamples` draws, for each series, shape (n, 2)."""
    tests = [
        RepeatedTest("power_curve", statistic, null, "greater", n_resamples, lenient=True)
        for null in members(rule)
    ]
    return rejected_by_all(tests, [(events, anchors) for events in series], children, level).astype(np.int64)
