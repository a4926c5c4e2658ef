"""Which verdict a rule gives: the words, and the two forms that every rule of a plan has.

A rule says when a claim is supported and when it is not; in all other cases the data cannot tell. What is supported by
its tests stays so however the interval lies.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from eventstudy.errors import OptionError

Verdict = Literal["supported", "cannot tell", "not supported"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def by_tests(pvalues: Iterable[float], level: float, *, excluded: bool) -> Verdict:
    """Return the verdict of a rule by p-values, all of which must be small.

    Parameters
    ----------
    pvalues : iterable of float
        One for each test that the rule asks for, such as one for each null model.
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
    largest = max(pvalues, default=None)
    if largest is None:
        raise OptionError("by_tests: there is no p-value; give one for each test of the rule")
    if largest <= level:
        return "supported"
    return "not supported" if excluded else "cannot tell"


def by_interval(interval: tuple[float, float], *, above: float, below: float) -> Verdict:
    """Return the verdict of a rule by an interval alone.

    Parameters
    ----------
    interval : tuple of float
    above, below : float
        Supported if the whole interval lies above the one, not supported if it lies below the other.

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
