"""Which verdict a rule gives: the words, and the forms that the rules of a plan have.

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


def by_opposite_tests(pvalues: Iterable[float], excluded_pvalues: Iterable[float], level: float) -> Verdict:
    """Return the verdict of a rule that asks tests of both sides: of no effect, and of an effect that would matter.

    Parameters
    ----------
    pvalues : iterable of float
        Of no effect, one for each test that the rule asks for, such as one for each kind of stratum.
    excluded_pvalues : iterable of float
        Of an effect at least as large as one that would matter: small if the data speak against it. One for each test.
    level : float

    Returns
    -------
    {"supported", "cannot tell", "not supported"}
        "supported" if every p-value is at most `level`; else "not supported" if every one of the others is.

    Raises
    ------
    OptionError
        If there is no p-value of either kind.

    Notes
    -----
    If every test holds its level, so does the rule on either side: it rejects no more often than each of them [1]_. It
    needs no interval, so nothing hangs on how an interval is made where few events are expected.

    References
    ----------
    .. [1] Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance sampling. Technometrics 24(4),
       295-300.

    Examples
    --------
    Small with quarters but not with months:

    >>> by_opposite_tests([0.76, 0.62], [0.03, 0.11], 0.05)
    'cannot tell'
    """
    largest = max(excluded_pvalues, default=None)
    if largest is None:
        raise OptionError(
            "by_opposite_tests: there is no p-value of an effect that would matter; give one for each test"
        )
    return by_tests(pvalues, level, excluded=largest <= level)


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
