"""What a regression says about one term, or several together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


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
    """Wald test that several coefficients are all zero.

    H0: none of the terms changes the rate, given the others.
    """

    terms: tuple[str, ...]
    chi2: float
    df: int
    pvalue: float


def wald_test(
    terms: tuple[str, ...], estimates: Floats, covariance: Floats, degrees: float | None
) -> JointTest:
    """Test that estimates are all zero: chi-squared, or F where the errors have few degrees of freedom.

    Parameters
    ----------
    estimates : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
    degrees : float or None
        Of Student's t for a single estimate; None where it is normal.
    """
    chi2, df = float(estimates @ np.linalg.solve(covariance, estimates)), len(terms)
    pvalue = stats.chi2.sf(chi2, df) if degrees is None else stats.f.sf(chi2 / df, df, degrees)
    return JointTest(terms, chi2, df, float(pvalue))
