"""How well a count out of a total tells the share behind it."""

from __future__ import annotations

from scipy import special


def clopper_pearson(count: int, total: int, level: float) -> tuple[float, float]:
    """Return the exact interval of a share from a binomial count [1]_.

    Parameters
    ----------
    count, total : int
        `count` of `total` independent trials succeeded; `total` is at least 1.
    level : float
        Confidence level, such as 0.95.

    References
    ----------
    .. [1] Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case
       of the binomial. Biometrika 26(4), 404-413.

    Examples
    --------
    None of ten: the upper end solves ``(1 - share) ** 10 == 0.025``.

    >>> low, high = clopper_pearson(0, 10, 0.95)
    >>> low, round((1 - high) ** 10, 12)
    (0.0, 0.025)
    """
    tail = (1.0 - level) / 2.0
    low = float(special.betaincinv(count, total - count + 1, tail)) if count else 0.0
    high = float(special.betainccinv(count + 1, total - count, tail)) if count < total else 1.0
    return low, high
