"""Effects and tests of one term of a regression, or several together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.numeric.joint import Reference
from eventstudy.results.text import pvalue_text


@dataclass(frozen=True, slots=True)
class ExtraEvents:
    """Events that a term adds, for each anchor.

    Attributes
    ----------
    extra, low, high : float
        Events per anchor; the limits are those of the rate ratio.
    """

    term: str
    extra: float
    low: float
    high: float
    n_anchors: int
    confidence_level: float
    events_label: str

    def __str__(self) -> str:
        def words(value: float) -> str:
            return f"{abs(value):.2f} {'more' if value >= 0 else 'fewer'}"

        return (
            f"{self.term}: {words(self.extra)} {self.events_label} per anchor ({self.confidence_level:.0%} interval "
            f"{words(self.low)} to {words(self.high)}; {self.n_anchors} anchors)"
        )


@dataclass(frozen=True, slots=True)
class JointTest:
    """Test that several coefficients are all zero.

    H0: none of the terms changes the rate, given the others.

    Attributes
    ----------
    terms : tuple of str
    chi2 : float
        Wald quadratic form of the estimates, or twice the difference of the log-likelihoods.
    df : int
        Number of terms.
    df_error : float or None
        Denominator degrees of freedom if the p-value is from F; None if it is from chi-squared.
    statistic : float
        The statistic of the p-value: F, or `chi2` itself.
    pvalue : float
    method : str
        The test in words.
    """

    terms: tuple[str, ...]
    chi2: float
    df: int
    df_error: float | None
    statistic: float
    pvalue: float
    method: str

    def __str__(self) -> str:
        """Return the statistic with its degrees of freedom and p-value."""
        if self.df_error is None:
            numbers = f"chi-squared {self.statistic:.1f} on {self.df} degrees of freedom"
        else:
            numbers = f"F {self.statistic:.2f} on {self.df} and {self.df_error:.1f} degrees of freedom"
        return f"{numbers}, p {pvalue_text(self.pvalue)} ({self.method})"

    @classmethod
    def of(cls, terms: tuple[str, ...], chi2: float, reference: Reference, method: str) -> JointTest:
        """Return a test from its quadratic form and reference distribution."""
        return cls(
            terms=terms,
            chi2=chi2,
            df=reference.df,
            df_error=reference.df_error,
            statistic=reference.scale * chi2,
            pvalue=reference.pvalue(chi2),
            method=method,
        )


@dataclass(frozen=True, slots=True)
class Contrast:
    """A combination of terms of a regression, as a ratio of rates.

    H0: the combination is zero, the ratio 1.

    Attributes
    ----------
    combination : str
        As given, such as "before - after".
    estimate, se : float
        Of the logarithm of the ratio.
    ratio, low, high : float
        The ratio, with its interval.
    pvalue : float
        Two-sided.
    """

    combination: str
    estimate: float
    se: float
    ratio: float
    low: float
    high: float
    pvalue: float
    confidence_level: float

    def __str__(self) -> str:
        return (
            f"{self.combination}: ratio {self.ratio:.2f} ({self.confidence_level:.0%} interval {self.low:.2f} to "
            f"{self.high:.2f}), p {pvalue_text(self.pvalue)}"
        )


TERM = re.compile(r"\s*([+-]?)\s*(?:(\d+(?:\.\d*)?|\.\d+)\s*\*\s*)?")


def read_combination(text: str, terms: Sequence[str]) -> dict[str, float] | None:
    """Return the coefficient of each term in a sum such as "before - 2 * after"; None if it is not such a sum.

    A name may be in back-quotes. Of names with the same beginning the longest counts.

    Examples
    --------
    >>> read_combination("before - 2*after", ["before", "after"])
    {'before': 1.0, 'after': -2.0}
    """
    found: dict[str, float] = {}
    rest, first = text.strip(), True
    longest = sorted(terms, key=len, reverse=True)
    while rest:
        sign = TERM.match(rest)
        if sign is None or not (first or sign[1]):
            return None
        rest, first = rest[sign.end() :], False
        name = next((name for name in longest if rest.startswith((name, f"`{name}`"))), None)
        if name is None:
            return None
        rest = rest[len(name) + (2 if rest.startswith("`") else 0) :]
        if rest and not re.match(r"\s*[+-]", rest):
            return None
        times = float(sign[2] or 1.0) * (-1.0 if sign[1] == "-" else 1.0)
        found[name] = found.get(name, 0.0) + times
    return found or None
