"""A share with its exact interval."""

from __future__ import annotations

from dataclasses import dataclass

from eventstudy.numeric.tails import clopper_pearson
from eventstudy.results.text import with_interval


@dataclass(frozen=True, slots=True)
class Share:
    """Count out of a total, with its Clopper-Pearson interval.

    Attributes
    ----------
    count, total : int
    low, high : float
        Limits of the share for independent trials; bursts make the interval too narrow.
    """

    count: int
    total: int
    low: float
    high: float
    confidence_level: float

    @classmethod
    def of(cls, count: int, total: int, confidence_level: float = 0.95) -> Share:
        """Return the share of `count` out of `total`.

        Examples
        --------
        >>> share = Share.of(0, 3)
        >>> share.value, round(share.high, 4)
        (0.0, 0.7076)
        """
        return cls(count, total, *clopper_pearson(count, total, confidence_level), confidence_level)

    @property
    def value(self) -> float:
        """Count over total."""
        return self.count / self.total

    def __str__(self) -> str:
        share = with_interval(self.value, self.low, self.high, self.confidence_level, ".1%")
        return f"{self.count} of {self.total}, {share}"
