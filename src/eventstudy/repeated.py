"""One test on many data sets: p-values, the levels they can attain, and shares with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from eventstudy.errors import OptionError
from eventstudy.results.permutation import PermutationResult

SLACK = 1e-12  # a p-value equal to the level rejects, whatever the order of its sum did to the last digit

Floats = NDArray[np.float64]


def rejects(pvalues: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Tell which p-values are at most the level, same shape."""
    return pvalues <= level * (1.0 + SLACK)


def attained(test: PermutationResult, level: float) -> float:
    """Return the largest p-value at most `level` that the test could have given; 0 if there is none.

    It is the test's own level: a statistic of few values cannot use all of the nominal one.
    """
    tails = np.cumsum(test.probabilities[::-1])
    possible = tails[rejects(tails, level)]
    return float(possible[-1]) if possible.size else 0.0


def clopper_pearson(counts: NDArray[np.int64], trials: int, level: float) -> tuple[Floats, Floats]:
    """Return the exact binomial interval [1]_ of each count out of `trials`.

    References
    ----------
    .. [1] Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in
       the case of the binomial. Biometrika 26(4), 404-413.
    """
    tail = (1.0 - level) / 2.0
    low = np.where(counts > 0, stats.beta.ppf(tail, np.maximum(counts, 1), trials - counts + 1), 0.0)
    high = np.where(counts < trials, stats.beta.isf(tail, counts + 1, np.maximum(trials - counts, 1)), 1.0)
    return low, high


def check_shares(where: str, **shares: float) -> None:
    """Refuse what is not a share between 0 and 1."""
    for name, share in shares.items():
        if not 0.0 < share < 1.0:
            raise OptionError(
                f"{where}: {name} is {share}; give a share between 0 and 1, such as 0.05 or 0.8"
            )


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array, no longer writeable: a result does not change."""
    array.flags.writeable = False
    return array
