"""What a regression says about one term, or several together."""

from __future__ import annotations

from dataclasses import dataclass


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
