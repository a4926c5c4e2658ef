"""Self-excitation on a daily grid: likelihood, maximum, profile, simulation and rescaled gaps. Arrays only.

The rate of day t is the background of that day plus ``ratio * (1 - decay) * decay ** (t - s - 1)`` for each event on
an earlier day s [1]_: an event triggers `ratio` others on average, at geometric lags. Given the past, the count
of a day is Poisson; if no day can have two events, a day has one with probability ``1 - exp(-rate)``.

References
----------
.. [1] Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes. Biometrika
   58(1), 83-90.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ModelError
from eventstudy.numeric.search import GuidedSearch

Floats = NDArray[np.float64]

FIRST_LAGS = (1.5, 7.0, 30.0)  # mean days to a following event, where the search starts
REACH = 12.0  # the search stays between branching ratios of 6e-6 and 1 - 6e-6
LONGEST_LAG = 90.0  # mean days to a following event; anything slower belongs to the background
LONGEST_SHARE = 0.05  # of the days, for the same
LARGEST_GRID = 1_048_576  # series times days that are simulated at once


@dataclass(frozen=True, slots=True, eq=False)
class HawkesData:
    """The data of a likelihood.

    - `counts`, shape (days,): events on each day; all of them excite.
    - `fit`, shape (days,): days whose own counts enter the likelihood.
    - `matrix`, shape (days, k): terms of the log background.
    - `live`, shape (days,): days with a background above zero.
    - `start`, shape (k,): coefficients of the log rate without excitation.
    - `level`, shape (k,): coefficients that make the log background one everywhere.
    - `distinct`: whether no day can have two events.
    """

    counts: NDArray[np.int64]
    fit: NDArray[np.bool_]
    matrix: Floats
    live: NDArray[np.bool_]
    start: Floats
    level: Floats
    distinct: bool


@dataclass(frozen=True, slots=True, eq=False)
class HawkesEstimate:
    """A maximum of the likelihood.

    - `background`, shape (days,): rate without excitation, events a day.
    - `ratio`: branching ratio: mean number of events that each event triggers directly.
    - `decay`: share of the excitation that remains a day later; the mean lag is ``1 / (1 - decay)`` days.
    - `loglik`: without terms that do not depend on the parameters.
    - `parameters`, shape (k + 2,): coefficients of the log background, then the logits of ratio and decay.
    """

    background: Floats
    ratio: float
    decay: float
    loglik: float
    parameters: Floats


def excitation(counts: NDArray[np.int64] | Floats, decay: float) -> Floats:
    """Return ``sum over s < t of decay ** (t - s - 1) * counts[s]`` for every day t, shape (days,)."""
    from scipy.signal import lfilter

    return lfilter([0.0, 1.0], [1.0, -decay], counts)


def rates(background: Floats, counts: NDArray[np.int64], ratio: float, decay: float) -> Floats:
    """Return the rate of each day given the days before it, shape (days,)."""
    return background + ratio * (1.0 - decay) * excitation(counts, decay)


def expected(background: Floats, ratio: float, decay: float) -> Floats:
    """Return the unconditional mean of each day's events, shape (days,).

    The mean m solves ``m[t] = background[t] + ratio (1 - decay) sum over s < t of decay ** (t - s - 1) m[s]`` [1]_,
    a linear filter of the background. Where a day has one event at most this is an upper bound. It may be infinite.

    .. [1] Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes. Biometrika
       58(1), 83-90.
    """
    from scipy.signal import lfilter

    with np.errstate(over="ignore", invalid="ignore"):  # with a ratio above one the mean grows without bound
        means = lfilter([1.0, -decay], [1.0, -decay - ratio * (1.0 - decay)], background)
    return np.where(np.isnan(means), np.inf, means)


def log_likelihood(parameters: Floats, data: HawkesData) -> tuple[float, Floats]:
    """Return the log-likelihood of the days in the fit, and its gradient, shape (k + 2,)."""
    beta, ratio, decay = _unpacked(parameters)
    background = _background(beta, data)
    trace = excitation(data.counts, decay)
    rate = (background + ratio * (1.0 - decay) * trace)[data.fit]
    counts = data.counts[data.fit]
    seen = counts > 0
    slope = -np.ones(rate.size)  # derivative of the log-likelihood with respect to each day's rate
    if data.distinct:
        value = np.log(-np.expm1(-rate[seen])).sum() - rate[~seen].sum()
        slope[seen] = np.exp(-rate[seen]) / -np.expm1(-rate[seen])
    else:
        value = (counts[seen] * np.log(rate[seen])).sum() - rate.sum()
        slope[seen] += counts[seen] / rate[seen]
    by_ratio = (1.0 - decay) * trace
    by_decay = ratio * ((1.0 - decay) * excitation(trace, decay) - trace)
    gradient = np.concatenate(
        [
            data.matrix[data.fit].T @ (slope * background[data.fit]),
            [slope @ by_ratio[data.fit] * ratio * (1.0 - ratio)],
            [slope @ by_decay[data.fit] * decay * (1.0 - decay)],
        ]
    )
    return float(value), gradient


def maximise(data: HawkesData) -> HawkesEstimate:
    """Find the maximum of the likelihood, from several first guesses of the mean lag.

    The mean lag is at most 90 days and at most a twentieth of all days: slower excitation cannot be distinguished
    from the background, and with lags beyond the record the branching ratio is not identified.

    Raises ModelError if the search does not converge.
    """
    ratio = 0.3
    guesses = [
        np.concatenate(
            [data.start + np.log(1.0 - ratio) * data.level, [_logit(ratio), _logit(1.0 - 1.0 / lag)]]
        )
        for lag in FIRST_LAGS
    ]
    found = [_searched(guess, data) for guess in guesses]
    return max(found, key=lambda estimate: estimate.loglik)


def ratio_interval(best: HawkesEstimate, data: HawkesData, level: float) -> tuple[float, float]:
    """Return the profile-likelihood interval of the branching ratio.

    Twice the drop of the log-likelihood, maximised over everything else, is compared with chi-squared, one
    degree of freedom. Where the drop stays below that, the end is 0 or 1.
    """
    from scipy import optimize, special

    limit = float(special.chdtri(1, 1.0 - level))
    centre = float(best.parameters[-2])
    start = {"parameters": best.parameters}

    def excess(logit: float) -> float:
        guess = start["parameters"].copy()
        guess[-2] = logit
        held = _searched(guess, data, hold_ratio=True)
        start["parameters"] = held.parameters
        return 2.0 * (best.loglik - held.loglik) - limit

    ends = []
    for sign, end in ((-1.0, 0.0), (1.0, 1.0)):
        near, start["parameters"] = centre, best.parameters
        while sign * near < REACH:  # step by step, each search from the last maximum
            ahead = near + sign * min(0.5, REACH - sign * near)
            if excess(ahead) > 0:
                end = float(special.expit(optimize.brentq(excess, near, ahead, xtol=1e-6)))
                break
            near = ahead
        ends.append(end)
    return ends[0], ends[1]


def simulate(
    background: Floats, ratio: float, decay: float, *, distinct: bool, rng: np.random.Generator, size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Simulate many series at once, each without earlier events, generation by generation.

    Returns `row, day`, shape (events,): draw and day, from 0, of each event, in this order.

    A Hawkes process is a Poisson process of immigrants with Poisson numbers of children, at geometric lags, and
    their children in turn [1]_. If no day can have two events, a day has one if any event arrives on it, and only
    the first has children: the probability of none is the product over all possible arrivals, ``exp(-rate)``.

    .. [1] Hawkes, A. G. & Oakes, D. (1974). A cluster process representation of a self-exciting process. Journal of
       Applied Probability 11(3), 493-503.
    """
    days, search = background.size, GuidedSearch.of(np.cumsum(background))
    at_once = max(1, LARGEST_GRID // days)
    found = []
    for first in range(0, size, at_once):
        rows = min(at_once, size - first)
        found.append(first * days + _generations(search, days, rows, ratio, decay, distinct, rng))
    row, day = np.divmod(np.concatenate(found), days)
    return row, day


def _generations(
    search: GuidedSearch,
    days: int,
    rows: int,
    ratio: float,
    decay: float,
    distinct: bool,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Return ``row * days + day`` of each event of some series, rising."""
    total = float(search.upto[-2])
    number = rng.poisson(total, rows)
    arrivals = np.minimum(search(rng.random(int(number.sum())) * total), days - 1)
    arrivals += np.repeat(np.arange(rows) * days, number)
    full = np.zeros(rows * days if distinct else 0, bool)
    generations: list[NDArray[np.int64]] = []
    while arrivals.size:
        if distinct:
            arrivals = _first_on_their_day(arrivals, full, sparse=bool(generations))
        generations.append(arrivals)
        children = int(rng.poisson(ratio * arrivals.size))
        parents = arrivals[rng.integers(arrivals.size, size=children)] if children else arrivals[:0]
        lag = rng.geometric(1.0 - decay, children)
        arrivals = (parents + lag)[parents % days + lag < days]
    found = np.concatenate([*generations, arrivals])
    return np.flatnonzero(full) if distinct else np.sort(found)


def _first_on_their_day(
    arrivals: NDArray[np.int64], full: NDArray[np.bool_], *, sparse: bool
) -> NDArray[np.int64]:
    """Return the days not yet occupied, each once, and mark them as occupied; `sparse` says how to find them fast."""
    if not sparse:  # nothing was occupied before
        full[arrivals] = True
        return np.flatnonzero(full)
    fresh = np.sort(arrivals[~full[arrivals]])
    fresh = fresh[np.diff(fresh, prepend=-1) > 0]
    full[fresh] = True
    return fresh


def rescaled_gaps(
    rate: Floats, counts: NDArray[np.int64], fit: NDArray[np.bool_], rng: np.random.Generator
) -> Floats:
    """Return the gaps between days with events in operational time, uniform if the model is right.

    - `rate`, shape (days,): of each day, given the past.
    - `counts`: shape (days,).
    - `fit`, shape (days,): days in the fit; others count neither as time nor as events.

    Returns shape (days with events,): the first gap starts on the first day.

    The rate is summed between the events. On the day of the event only a random part of its rate has
    passed, distributed like the time of a first event; without this correction a true model is rejected [1]_.

    .. [1] Haslinger, R., Pipa, G. & Brown, E. (2010). Discrete time rescaling theorem. Neural Computation 22(10),
       2477-2506.
    """
    time = np.concatenate(([0.0], np.cumsum(np.where(fit, rate, 0.0))))
    days = np.flatnonzero(fit & (counts > 0))
    part = -np.log1p(rng.random(days.size) * np.expm1(-rate[days]))
    before = time[days] - np.concatenate(([0.0], time[days[:-1] + 1]))
    return -np.expm1(-(before + part))


def _searched(guess: Floats, data: HawkesData, *, hold_ratio: bool = False) -> HawkesEstimate:
    from scipy import optimize

    def objective(parameters: Floats) -> tuple[float, Floats]:
        value, gradient = log_likelihood(parameters, data)
        return -value, -gradient

    k = guess.size - 2
    held = (guess[-2], guess[-2]) if hold_ratio else (-REACH, REACH)
    longest = _logit(1.0 - 1.0 / max(1.5, min(LONGEST_LAG, LONGEST_SHARE * data.counts.size)))
    guess = np.concatenate([guess[:-1], [min(guess[-1], longest)]])
    search = optimize.minimize(
        objective,
        guess,
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None)] * k + [held, (-REACH, longest)],
        options={"maxiter": 2_000, "maxfun": 5_000, "ftol": 1e-12, "gtol": 1e-4},
    )
    if not np.isfinite(search.fun):
        raise ModelError(
            "SelfExciting: the likelihood has no maximum; use fewer terms of trend and season in the background"
        )
    beta, ratio, decay = _unpacked(search.x)
    return HawkesEstimate(_background(beta, data), ratio, decay, -float(search.fun), search.x)


def _background(beta: Floats, data: HawkesData) -> Floats:
    return np.where(data.live, np.exp(np.clip(data.matrix @ beta, -200.0, 30.0)), 0.0)


def _unpacked(parameters: Floats) -> tuple[Floats, float, float]:
    ratio, decay = 1.0 / (1.0 + np.exp(-parameters[-2:]))
    return parameters[:-2], float(ratio), float(decay)


def _logit(share: float) -> float:
    return float(np.log(share / (1.0 - share)))
