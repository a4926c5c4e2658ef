"""Effects and tests of one term of a regression, or several together."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from eventstudy.numeric.joint import Reference
from eventstudy.provenance import Provenance
from eventstudy.results.base import Coefficients, Result, tidy_frame
from eventstudy.results.text import About, Rows, pvalue_text, with_interval

NAMED = 3  # terms named in a table of several results


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The regression that an effect was computed from.

    Parameters
    ----------
    about : About
    source : Provenance
    """

    about: About
    source: Provenance

    def called(self, call: str) -> Origin:
        """Return the origin of what a method of the regression returns."""
        return replace(self, source=replace(self.source, call=f"{self.source.call}.{call}"))


class _OfRegression(Result):
    """Base of what is computed from a regression: its data, errors and provenance are those of the regression."""

    __slots__ = ()
    origin: Origin

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        return self.origin.source

    def __repr__(self) -> str:
        first, *_ = self._parts()
        return f"<{type(self).__name__}: {first.title}>"

    @abstractmethod
    def _parts(self) -> Sequence[Rows]: ...

    def _about(self) -> About:
        return replace(self.origin.about, method=f"{self.origin.about.method}, {self._method()}")

    def to_frame(self) -> pd.DataFrame:
        """Return one row of unrounded numbers, with the columns of `tidy`."""
        return self._terms()


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ExtraEvents(_OfRegression):
    """Events that a term adds, for each anchor.

    Attributes
    ----------
    extra, low, high : float
        Events per anchor; the limits are those of the rate ratio.
    """

    _estimate = "extra events per anchor"
    term: str
    extra: float
    low: float
    high: float
    n_anchors: int
    confidence_level: float
    events_label: str
    origin: Origin = field(repr=False)

    def _parts(self) -> list[Rows]:
        def words(value: float) -> str:
            return f"{abs(value):.2f} {'more' if value >= 0 else 'fewer'}"

        return [
            Rows(
                f"{self.term}: {words(self.extra)} {self.events_label} per anchor ({self.confidence_level:.0%} "
                f"interval {words(self.low)} to {words(self.high)}; {self.n_anchors} anchors)"
            )
        ]

    def _method(self) -> str:
        return "extra events per anchor"

    def _terms(self) -> pd.DataFrame:
        return tidy_frame([self.term], self.extra, conf_low=self.low, conf_high=self.high)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class JointTest(_OfRegression):
    """Test that several coefficients are all zero.

    H0: none of the terms changes the rate, given the others.

    Attributes
    ----------
    terms : tuple of str
    chi2 : float
        Wald quadratic form of the estimates, or twice the difference of the log-likelihoods; nan for the exact test of
        one term.
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
    origin: Origin = field(repr=False)

    @classmethod
    def of(
        cls, terms: tuple[str, ...], chi2: float, reference: Reference, method: str, origin: Origin
    ) -> JointTest:
        """Return a test from its quadratic form and reference distribution."""
        return cls(
            terms=terms,
            chi2=chi2,
            df=reference.df,
            df_error=reference.df_error,
            statistic=reference.scale * chi2,
            pvalue=reference.pvalue(chi2),
            method=method,
            origin=origin.called(f"joint_test({list(terms)!r})"),
        )

    @classmethod
    def as_in_table(cls, terms: tuple[str, ...], pvalue: float, origin: Origin) -> JointTest:
        """Return the test of one term without a finite estimate, which has a p-value and no quadratic form."""
        return cls(
            terms=terms,
            chi2=math.nan,
            df=1,
            df_error=None,
            statistic=math.nan,
            pvalue=pvalue,
            method="the term's own test from the table of terms, as its ratio has no finite logarithm",
            origin=origin.called(f"joint_test({list(terms)!r})"),
        )

    def words(self) -> str:
        """Return the statistic with its degrees of freedom and p-value."""
        if math.isnan(self.statistic):
            return f"p {pvalue_text(self.pvalue)} ({self.method})"
        if self.df_error is None:
            numbers = f"chi-squared {self.statistic:.1f} on {self.df} degrees of freedom"
        else:
            numbers = f"F {self.statistic:.2f} on {self.df} and {self.df_error:.1f} degrees of freedom"
        return f"{numbers}, p {pvalue_text(self.pvalue)} ({self.method})"

    def _parts(self) -> list[Rows]:
        h0 = "the rate does not depend on any of the terms, given the others (all ratios 1)"
        rows = [("H0", h0)]
        if self.df_error is not None and self.df > 1:
            why = "F allows for the covariance being estimated; a chi-squared takes it as known, so its p is smaller"
            rows.append(("reference", why))
        return [Rows(f"{self._name()}: {self.words()}", rows)]

    def _name(self) -> str:
        more = len(self.terms) - NAMED
        return ", ".join(self.terms[:NAMED]) + (f" and {more} more" if more > 0 else "")

    def _method(self) -> str:
        return f"joint test ({self.method})"

    def _terms(self) -> pd.DataFrame:
        return tidy_frame([self._name()], statistic=self.statistic, p_value=self.pvalue)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Contrast(_OfRegression, Coefficients):
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
    origin: Origin = field(repr=False)

    def _parts(self) -> list[Rows]:
        ratio = with_interval(self.ratio, self.low, self.high, self.confidence_level)
        return [
            Rows(
                f"{self.combination}: ratio {ratio}, p {pvalue_text(self.pvalue)}",
                [
                    ("H0", "given the other terms, the combination is 0 (ratio 1)"),
                    ("errors", f"{self.origin.about.errors}"),
                ],
            )
        ]

    def _method(self) -> str:
        return "contrast"

    def _terms(self) -> pd.DataFrame:
        with np.errstate(divide="ignore"):
            low, high = np.log(self.low), np.log(self.high)
        return tidy_frame(
            [self.combination],
            self.estimate,
            std_error=self.se,
            statistic=self.estimate / self.se if self.se else np.nan,
            p_value=self.pvalue,
            conf_low=low,
            conf_high=high,
        )
