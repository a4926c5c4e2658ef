"""The verdict of a decision rule: its words, and the three forms that rules of a plan take.

A rule says when a claim is supported and when it is not; in all other cases the data cannot tell. A claim supported
by its tests remains so wherever the interval lies.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

import numpy as np

from eventstudy.errors import OptionError
from eventstudy.numeric.tails import rejects

Verdict = Literal["supported", "cannot tell", "not supported"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def by_tests(pvalues: Iterable[float], level: float, *, excluded: bool) -> Verdict:
    """Return the verdict of a rule by p-values, all of which must be small.

    Parameters
    ----------
    pvalues : iterable of float
        One for each test in the rule, such as one for each null model.
    level : float
    excluded : bool
        Whether the interval of the rule leaves no room for an effect that would matter.

    Returns
    -------
    {"supported", "cannot tell", "not supported"}
        "supported" if every p-value is at most `level`.

    Raises
    ------
    OptionError
        If there is no p-value.

    References
    ----------
    .. [1] Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance sampling. Technometrics 24(4),
       295-300.

    Examples
    --------
    >>> by_tests([0.04, 0.2], 0.05, excluded=False)
    'cannot tell'
    """
    if _all_small(pvalues, level, "by_tests"):
        return "supported"
    return "not supported" if excluded else "cannot tell"


def by_excess(pvalues: Iterable[float], excluded: Iterable[float], level: float) -> Verdict:
    """Return the verdict of a rule by tests of no effect and by tests of an effect that would matter.

    Each kind is tested several times, such as with strata of quarters and of months, and all must agree.

    Parameters
    ----------
    pvalues : iterable of float
        One for each test of no effect.
    excluded : iterable of float
        One for each test of an effect that would matter, such as "1.5 times as many or more":
        `excluded_pvalue` of :func:`eventstudy.rate_ratio`. Small if the data are evidence against it.
    level : float

    Returns
    -------
    {"supported", "cannot tell", "not supported"}
        "supported" if every one of `pvalues` is at most `level`; if not, "not supported" if every one of `excluded` is.

    Raises
    ------
    OptionError
        If either has no p-value, or one that is not from 0 to 1.

    Examples
    --------
    >>> by_excess([0.81, 0.62], [0.03, 0.11], 0.05)
    'cannot tell'
    """
    no_effect, matters = (_all_small(values, level, "by_excess") for values in (pvalues, excluded))
    if no_effect:
        return "supported"
    return "not supported" if matters else "cannot tell"


def _all_small(pvalues: Iterable[float], level: float, where: str) -> bool:
    """Tell whether every p-value is at most the level: an intersection-union test."""
    values = list(pvalues)
    if not values:
        raise OptionError(f"{where}: there is no p-value; give one for each test of the rule")
    for value in values:
        # nan too, which would count as small or large depending on its place in the list
        if not 0.0 <= value <= 1.0:
            raise OptionError(f"{where}: {value} is not a p-value; give numbers from 0 to 1")
    return bool(rejects(np.array(values), level).all())


def by_interval(interval: tuple[float, float], *, above: float, below: float) -> Verdict:
    """Return the verdict of a rule by an interval alone.

    Parameters
    ----------
    interval : tuple of float
    above, below : float
        Supported if the whole interval lies above `above`, not supported if it lies below `below`.

    Returns
    -------
    {"supported", "cannot tell", "not supported"}

    Examples
    --------
    >>> by_interval((0.4, 2.1), above=1.0, below=1.5)
    'cannot tell'
    """
    low, high = interval
    if low > above:
        return "supported"
    return "not supported" if high < below else "cannot tell"
