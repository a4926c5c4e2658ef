"""Cutting a period into strata: years, quarters, months, or pieces between given dates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from eventstudy.dates import Days, date_text, read_days
from eventstudy.errors import StrataError
from eventstudy.numeric.excess import day_shares
from eventstudy.periods import Period

CALENDAR = {"year": 12, "quarter": 3, "month": 1}  # months; month 0 is January 1970

Unit = Literal["year", "quarter", "month"]
Within = Unit | Iterable[object] | None  # the objects: cut dates, in any form that Events accepts


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Consecutive pieces of a period, without gaps.

    `edges`, shape (k + 1,): first day of each stratum, and the day after the last one.
    """

    edges: Days

    def __len__(self) -> int:
        return int(self.edges.size - 1)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Days in each stratum, shape (k,)."""
        return np.diff(self.edges)

    @property
    def labels(self) -> list[str]:
        """First day of each stratum, as text."""
        return [date_text(day) for day in self.edges[:-1]]

    def index(self, days: Days) -> NDArray[np.int64]:
        """Return the number of the stratum that holds each day, same shape."""
        return np.searchsorted(self.edges, days, side="right") - 1

    def are_edges(self, days: Period) -> bool:
        """Tell whether a period begins and ends where strata do."""
        return bool(np.isin([days.start, days.stop], self.edges).all())

    def day_shares(self, inside: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return for each day of the period the share of its stratum's days inside a window, shape (days,).

        `inside`, shape (days,): 1 for each day in the window, else 0.
        """
        return day_shares(inside, self.edges - self.edges[0])

    def slices(self, start: int) -> list[slice]:
        """Return for each stratum the slice of an array whose first entry is day `start`."""
        edges = (self.edges - start).tolist()
        return [slice(a, b) for a, b in pairwise(edges)]


class Cuts(tuple[int, ...]):
    """Cut dates already read, so that a null model made from another's strata need not read them again."""

    __slots__ = ()


def check_within(within: Within, where: str, argument: str = "within") -> Unit | Cuts | None:
    """Return `within` in a form that can be compared and printed: None, a name, or a tuple of day numbers."""
    if within is None or isinstance(within, Cuts):
        return within
    if isinstance(within, str) and within in CALENDAR:
        return cast(Unit, within)
    if isinstance(within, str) or not isinstance(within, Iterable):
        raise StrataError(
            f"{where}: {argument}={within!r} is not known; give None, 'year', 'quarter', 'month' or a list of cut dates"
        )
    cuts = read_days(within, f"{where} cut dates")
    if cuts.size == 0 or (np.diff(cuts) <= 0).any():
        raise StrataError(
            f"{where}: the cut dates must increase, and there must be at least one; sort them, each once"
        )
    return Cuts(cuts.tolist())


def cut(period: Period, within: Within) -> Strata:
    """Cut a period into strata.

    `within`: calendar strata may be incomplete at both ends of the period. A cut date is the first day of a
    stratum and lies inside the period.

    Raises StrataError if `within` is not known or a cut date lies outside the period.

    >>> cut(Period("2019-07-01", "2022-01-01"), "year").labels
    ['2019-07-01', '2020-01-01', '2021-01-01']
    """
    within = check_within(within, "strata")
    if within is None:
        inner = np.empty(0, np.int64)
    elif isinstance(within, str):
        step = CALENDAR[within]
        ends = np.array([period.start, period.stop - 1]).astype("datetime64[D]")  # first and last day
        first, last = ends.astype("datetime64[M]").astype(np.int64) // step
        months = np.arange(first + 1, last + 1) * step
        inner = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    else:
        inner = np.array(within, np.int64)
        bad = inner[(inner <= period.start) | (inner >= period.stop)]
        if bad.size:
            raise StrataError(
                f"strata: the cut date {date_text(bad[0])} does not lie inside the period {period}; leave it out"
            )
    return Strata(np.concatenate(([period.start], inner, [period.stop])).astype(np.int64))


def describe(within: Within) -> str:
    """Describe strata in words, for the text of a null model."""
    within = check_within(within, "strata")
    if within is None:
        return "over the whole period"
    if isinstance(within, str):
        return f"within each {within}"
    return "within each piece cut at " + ", ".join(date_text(day) for day in within)
