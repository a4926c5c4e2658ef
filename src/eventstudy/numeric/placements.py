"""Exact distribution of sums of scores when every permutation of the daily counts is equally likely.

Days of one kind have the same number of events; days of one level have the same score. Only how many days of
each kind fall on each level matters, so arrangements are counted by that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import ExactUnavailableError
from eventstudy.numeric.distributions import Distribution, Floats, binomial, hypergeometric, point

MOST_WORK = 1_000_000_000  # multiplications, a second or two
MOST_STEPS = 200_000  # array operations, the same
MOST_STATES = 8_388_608  # numbers of days taken, with their worth, of one sample
LARGEST_COUNT = 1 << 1_000  # arrangements; float64 holds them all

Taken = tuple[int, ...]  # days of each kind


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of interchangeable days: `size` of them, each worth `worth`.

    A level is a group of days of one score, worth that score measured from the commonest one; a kind is
    a group of days with the same number of events, worth that number.
    """

    size: int
    worth: int


def placed(scores: NDArray[np.int64], counts: NDArray[np.int64]) -> Distribution:
    """Return the distribution of ``sum(counts[permuted] * scores)`` over all permutations.

    `scores`, `counts`, shape (days,): score and number of events of each day.

    Raises ExactUnavailableError if it would take more than a few seconds.

    With one kind of days, or one score other than the commonest, the arrangement is one sample of days without
    replacement: hypergeometric, group by group. Otherwise the arrangements are counted as the coefficients
    of a polynomial, level by level.
    """
    levels = _groups(scores)
    base = max(levels, key=lambda level: level.size).worth
    levels = [_Group(level.size, level.worth - base) for level in levels if level.worth != base]
    kinds = [kind for kind in _groups(counts) if kind.worth]
    total = int(counts.sum()) * base
    if not levels or not kinds:
        return point(total)
    groups, (one, *others) = (levels, kinds) if len(kinds) == 1 else (kinds, levels)
    alone = not others
    if alone and len(groups) > 1 and _states(groups, one.size) <= MOST_STATES:
        return _taken_at_once(scores.size, groups, one.size).times(one.worth).shifted(total)
    if not (alone and len(groups) <= 2) and _can_be_counted(scores.size, levels, kinds):
        return _counted(scores.size, levels, kinds).shifted(total)
    if alone and (len(groups) <= 2 or one.size**2 * len(groups) <= MOST_STEPS):
        return _sampled(scores.size, groups, one.size).times(one.worth).shifted(total)
    raise ExactUnavailableError(
        f"UniformDays: {len(levels) + 1} different scores on {sum(kind.size for kind in kinds)} days make the exact "
        "distribution too long to compute; use method='monte-carlo'"
    )


def _groups(values: NDArray[np.int64]) -> list[_Group]:
    """Return the days of each value, lowest value first."""
    low, high = int(values.min()), int(values.max())
    if high - low > 4 * values.size:
        worth, sizes = np.unique(values, return_counts=True)
    else:  # a count without sorting
        numbers = np.bincount(values - low)
        worth = np.flatnonzero(numbers)
        worth, sizes = worth + low, numbers[worth]
    return [_Group(m, v) for m, v in zip(sizes.tolist(), worth.tolist(), strict=True)]


def _states(groups: list[_Group], number: int) -> int:
    """Return the number of states needed to take all groups' days."""
    states = work = 1
    taken = width = 0
    for group in sorted(groups, key=lambda group: group.size):
        work += states * (min(group.size, number) + 1)
        taken, width = min(number, taken + group.size), width + group.size * abs(group.worth)
        states = min(states * (min(group.size, number) + 1), (taken + 1) * (width + 1))
    return work


def _taken_at_once(days: int, groups: list[_Group], number: int) -> Distribution:
    """Return the worth of `number` days taken from all days without replacement.

    Days taken independently with equal probability, given that `number` are taken, are such a sample. So the
    number from each group is binomial, and the probability of the total is divided out at the end.
    """
    if number == days:
        return point(sum(group.size * group.worth for group in groups))
    share = number / days
    taken: NDArray[np.int64] = np.zeros(1, np.int64)
    worth, weight = taken, np.ones(1)
    *few, most = sorted(groups, key=lambda group: group.size)
    for group in (*few, most):
        k = np.arange(min(group.size, number) + 1)
        weight = np.multiply.outer(weight, binomial(group.size, share).probabilities[k]).ravel()
        worth = np.add.outer(worth, group.worth * k).ravel()
        taken = np.add.outer(taken, k).ravel()
        if group is not most:  # equal states are joined before they multiply
            low, width = int(worth.min()), int(worth.max() - worth.min()) + 1
            state, place = np.unique(taken * width + (worth - low), return_inverse=True)
            weight = np.bincount(place, weight).astype(float)
            taken, worth = state // width, state % width + low
    rest = days - sum(group.size for group in groups)
    fits = (taken <= number) & (number - taken <= rest)
    others = binomial(rest, share).probabilities[number - taken[fits]]
    low = int(worth[fits].min())
    chance = np.bincount(worth[fits] - low, weight[fits] * others)
    return Distribution(low, chance / binomial(days, share).probabilities[number]).trimmed()


def _sampled(days: int, groups: list[_Group], number: int) -> Distribution:
    """Return the worth of `number` days taken from all days without replacement.

    The state is how many are still to be taken, with the distribution of the worth so far.
    """
    # the last needs no states, so it is the largest
    *groups, last = sorted(groups, key=lambda group: group.size)
    if not groups:
        return hypergeometric(days, last.size, number).trimmed().times(last.worth)
    states = {number: point(0)}
    for group in groups:
        parts: dict[int, list[Distribution]] = {}
        for left, so_far in states.items():
            taken = hypergeometric(days, group.size, left).trimmed()
            for k, probability in zip(taken.support.tolist(), taken.probabilities.tolist(), strict=True):
                part = Distribution(so_far.low + k * group.worth, probability * so_far.probabilities)
                parts.setdefault(left - k, []).append(part)
        states = {left: _mixture(mixed) for left, mixed in parts.items()}
        days -= group.size
    ends = []
    for left, so_far in states.items():
        taken = hypergeometric(days, last.size, left).trimmed().times(last.worth)
        ends.append(
            Distribution(so_far.low + taken.low, np.convolve(so_far.probabilities, taken.probabilities))
        )
    return _mixture(ends).trimmed()


def _mixture(parts: list[Distribution]) -> Distribution:
    """Add up weighted distributions."""
    low = min(part.low for part in parts)
    total = np.zeros(max(part.low + part.probabilities.size for part in parts) - low)
    for part in parts:
        total[part.low - low : part.low - low + part.probabilities.size] += part.probabilities
    return Distribution(low, total)


def _counted(days: int, levels: list[_Group], kinds: list[_Group]) -> Distribution:
    """Count the arrangements by the days of each kind that are placed so far, and by their sum."""
    numbers = [kind.size for kind in kinds]
    every = _ways(days, numbers)
    low, ways = 0, np.ones((1,) * (len(kinds) + 1))
    for level in sorted(levels, key=lambda level: abs(level.worth)):  # few different sums at first
        low, ways = _with_level(low, ways, level, kinds)
        days -= level.size
    for taken in np.ndindex(*ways.shape[:-1]):  # the rest falls on the commonest score
        ways[taken] *= _ways(days, [m - t for m, t in zip(numbers, taken, strict=True)]) / every
    return Distribution(low, ways.reshape(-1, ways.shape[-1]).sum(axis=0)).trimmed()


def _with_level(low: int, ways: Floats, level: _Group, kinds: list[_Group]) -> tuple[int, Floats]:
    """Return the smallest sum and the counts after the days of one more level have been filled."""
    box, width = ways.shape[:-1], ways.shape[-1]
    deals = [
        (taken, level.worth * sum(t * kind.worth for t, kind in zip(taken, kinds, strict=True)))
        for taken in _deals(level, kinds)
    ]
    least, most = min(gain for _, gain in deals), max(gain for _, gain in deals)
    following = np.zeros((*_wider(box, level, kinds), width + most - least))
    for taken, gain in deals:
        part = ways[tuple(slice(kind.size - t + 1) for kind, t in zip(kinds, taken, strict=True))]
        place = [slice(t, t + n) for t, n in zip(taken, part.shape, strict=False)]
        following[(*place, slice(gain - least, gain - least + width))] += (
            float(_ways(level.size, taken)) * part
        )
    # far sums need more days than there are
    reached = np.flatnonzero(following.any(axis=tuple(range(len(box)))))
    return low + least + int(reached[0]), following[..., reached[0] : reached[-1] + 1]


def _deals(level: _Group, kinds: list[_Group]) -> Iterator[Taken]:
    """Yield every choice of days of each kind that fits into a level."""
    every = product(*(range(min(kind.size, level.size) + 1) for kind in kinds))
    return (taken for taken in every if sum(taken) <= level.size)


def _wider(box: Taken, level: _Group, kinds: list[_Group]) -> Taken:
    """Return the shape of the states, one more than the days of each kind placed, with one more level."""
    return tuple(min(kind.size, n - 1 + level.size) + 1 for kind, n in zip(kinds, box, strict=True))


def _ways(days: int, taken: Taken | list[int]) -> int:
    """Return the number of ways to choose days of each kind, one after the other, out of `days`."""
    ways = 1
    for number in taken:
        ways *= math.comb(max(0, days), number)
        days -= number
    return ways


def _can_be_counted(days: int, levels: list[_Group], kinds: list[_Group]) -> bool:
    """Tell whether float64 holds the counts, and the arrays of all levels can be filled in some seconds."""
    width = sum(kind.size * kind.worth for kind in kinds) * max(abs(level.worth) for level in levels)
    box: Taken = (1,) * len(kinds)
    work = steps = 0
    for level in levels:
        choices = math.prod(min(kind.size, level.size) + 1 for kind in kinds)
        work += choices * math.prod(box) * width
        steps += choices
        if work > MOST_WORK or steps > MOST_STEPS:
            return False
        box = _wider(box, level, kinds)
    return _ways(days, [kind.size for kind in kinds]) <= LARGEST_COUNT
