"""Tests of a ratio of two rates, and the exact one for independent events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scipy import special

from eventstudy.numeric.tails import clopper_pearson


@dataclass(frozen=True, slots=True)
class Limits:
    """The ratios that a test does not reject.

    - `estimate`: the ratio that agrees best with the data; infinite or nan where it is not defined.
    - `low`, `high`: the smallest and the largest ratio that are not rejected; 0 or infinity where there is no
      limit.
    - `has_hole`: whether ratios between them are rejected.
    """

    estimate: float
    low: float
    high: float
    has_hole: bool = False


class RatioTest(Protocol):
    """A test of every ratio of the rate inside a window to the rate outside."""

    def tails(self, ratio: float) -> tuple[float, float]:
        """Return p for "more than the ratio" and for "less than the ratio"."""
        ...

    def limits(self, level: float) -> Limits:
        """Return the ratios that two tests at half of ``1 - level`` do not reject."""
        ...


@dataclass(frozen=True, slots=True)
class ConditionalTest:
    """The exact test for independent events: given their total, the number inside is binomial [1]_.

    `inside`, `outside`: events. `days_inside`, `days_outside`: both at least 1.

    .. [1] Przyborowski, J. & Wilenski, H. (1940). Homogeneity of results in testing samples from Poisson
       series. Biometrika 31(3/4), 313-323.
    """

    inside: int
    outside: int
    days_inside: int
    days_outside: int

    def tails(self, ratio: float) -> tuple[float, float]:
        """Return p for "more than the ratio" and for "less than the ratio"."""
        inside, outside = self.inside, self.outside
        share = self.days_inside / (self.days_inside + self.days_outside / ratio)  # no product that overflows
        # the tails of the binomial as incomplete beta functions
        return (
            float(special.betainc(inside, outside + 1, share)) if inside else 1.0,
            float(special.betaincc(inside + 1, outside, share)) if outside else 1.0,
        )

    def limits(self, level: float) -> Limits:
        """Return the ratio of the rates, and the Clopper-Pearson interval carried over to it."""
        least, most = clopper_pearson(self.inside, self.inside + self.outside, level)
        odds = self.days_outside / self.days_inside
        ratio = self.inside / self.outside * odds if self.outside else float("inf")
        low, high = (end / (1.0 - end) * odds if end < 1.0 else float("inf") for end in (least, most))
        return Limits(ratio, low, high)
