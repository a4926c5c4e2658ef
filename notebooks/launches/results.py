"""What became of the claims: facts that were looked up, a model fitted again and again, and the table of verdicts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.dates import date_text, to_dates
from eventstudy.provenance import Provenance
from eventstudy.results.base import Coefficients, Result, tidy_frame
from eventstudy.results.permutation import PermutationResult
from eventstudy.results.rates import RateRatioResult
from eventstudy.results.regression import RegressionResult
from eventstudy.results.text import Part, Rows, pvalue_text
from eventstudy.verdicts import Verdict


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class LeadsResult(Result):
    """Result of :func:`launches.check_leads`.

    Attributes
    ----------
    launched : bool
        Whether the table has a launch on the day.
    arrival_days, meeting_days : int
        Days from the launch to the arrival and to the meeting.
    said : tuple of int
        The same as they were said to be.
    reported, official : Timestamp or None
        First day on which the date of the arrival stood in a public text, and on which an office gave it, where the
        table has them.
    """

    launch: int
    launched: bool
    arrival_days: int
    meeting_days: int
    said: tuple[int, int]
    reported: pd.Timestamp | None
    official: pd.Timestamp | None
    provenance: Provenance = field(repr=False)

    @property
    def as_said(self) -> bool:
        """Whether there was a launch and both distances are as they were said to be."""
        return self.launched and (self.arrival_days, self.meeting_days) == self.said

    @property
    def announced(self) -> pd.Timestamp | None:
        """Day on which the date of the arrival became public: the earlier of those that the table has."""
        return min((day for day in (self.reported, self.official) if day is not None), default=None)

    @property
    def when_announced(self) -> str:
        """When the date of the arrival became public, with its days, beside the launch, in words."""
        ways = {"in the press": self.reported, "given by an office": self.official}
        known = {f"{way} on {day:%-d %B %Y}": _beside(day, self.launch) for way, day in ways.items() if day}
        if len(known) == 2 and len(set(known.values())) == 1:
            return f"{' and '.join(known)}, both {known.popitem()[1]}"
        said = ", and ".join(f"{public}, {side}" for public, side in known.items())
        return said or "public on a day that the table does not have"

    def _parts(self) -> list[Part]:
        """Return the distances in words."""
        return [
            Rows(
                f"Days from the launch of {date_text(self.launch)}",
                [
                    ("launch", "in the table" if self.launched else "not in the table"),
                    ("arrival", f"{self.arrival_days} days later, said to be {self.said[0]}"),
                    ("meeting", f"{self.meeting_days} days later, said to be {self.said[1]}"),
                ],
            )
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each distance: what it leads to, its days, and the days it was said to be."""
        days = [self.arrival_days, self.meeting_days]
        return pd.DataFrame({"to": ["arrival", "meeting"], "days": days, "said": list(self.said)})

    def _terms(self) -> pd.DataFrame:
        return tidy_frame(["days to arrival", "days to meeting"], [self.arrival_days, self.meeting_days])


def _beside(day: pd.Timestamp, launch: int) -> str:
    """Return on which side of the launch a day lies, in words."""
    days = (day - pd.Timestamp(date_text(launch))).days
    return "after the launch" if days > 0 else "before the launch" if days < 0 else "on the day of the launch"


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class FirstSinceResult(Result):
    """Result of :func:`launches.first_since`.

    Attributes
    ----------
    day, previous : int
        The event, and the last one before it.
    n_last, n_between : int
        Events in the period that is said to hold the one before, and after it to the day before the event.
    """

    day: int
    previous: int
    n_last: int
    n_between: int
    events_label: str
    provenance: Provenance = field(repr=False)

    @property
    def previous_date(self) -> datetime.date:
        """The last one before, as a date."""
        return datetime.date.fromisoformat(date_text(self.previous))

    @property
    def as_said(self) -> bool:
        """Whether the one before lies in the period that it is said to lie in."""
        return self.n_last > 0 and self.n_between == 0

    def _parts(self) -> list[Part]:
        """Return the result in words."""
        return [
            Rows(
                f"The {self.events_label} before that of {date_text(self.day)}",
                [
                    ("the last", date_text(self.previous)),
                    ("in the period named", str(self.n_last)),
                    ("from then on", str(self.n_between)),
                ],
            )
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return one row: the event, the last one before it, and the events counted."""
        dates = pd.DatetimeIndex(to_dates(np.array([self.day, self.previous])))
        row = {
            "day": dates[:1],
            "previous": dates[1:],
            "n_last": [self.n_last],
            "n_between": [self.n_between],
        }
        return pd.DataFrame(row)

    def _terms(self) -> pd.DataFrame:
        return tidy_frame(["in the period named", "from then on"], [self.n_last, self.n_between])


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ClaimsTable(Result):
    """Result of :func:`launches.claims_table`.

    Attributes
    ----------
    claims, findings, verdicts : tuple of str
        In the order of the plan.
    """

    claims: tuple[str, ...]
    findings: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    provenance: Provenance = field(repr=False)

    def count(self, verdict: Verdict) -> int:
        """Return the number of claims with a verdict."""
        return self.verdicts.count(verdict)

    def _parts(self) -> list[Part]:
        judged = zip(self.claims, self.findings, self.verdicts, strict=True)
        rows = [
            (str(n), f"{claim}: {finding}: {verdict}")
            for n, (claim, finding, verdict) in enumerate(judged, 1)
        ]
        return [Rows("Claims", rows)]

    def _terms(self) -> pd.DataFrame:
        return tidy_frame(self.claims)

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each claim: its number, the claim, what was found, and the verdict."""
        return pd.DataFrame(
            {
                "no.": range(1, len(self.claims) + 1),
                "claim": self.claims,
                "finding": self.findings,
                "verdict": self.verdicts,
            }
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class NextResult(Result):
    """Result of :func:`launches.ask_next`.

    Attributes
    ----------
    alone : mapping of str to PermutationResult
        The tests of the new years, by null model.
    all_years : mapping of str to RateRatioResult
        The amended test and interval of all years, by kind of stratum.
    excluded_ratio : float
        The ratio that would matter.
    verdict : {"supported", "cannot tell", "not supported"}
    """

    alone: Mapping[str, PermutationResult]
    all_years: Mapping[str, RateRatioResult]
    excluded_ratio: float
    verdict: Verdict
    provenance: Provenance = field(repr=False)

    def _parts(self) -> list[Part]:
        """Return the tests of the new years, those of all years, and the verdict."""
        new = next(iter(self.alone.values()))
        rows = [
            (name, f"{pvalue_text(test.pvalue)}, {test.expected:.1f} expected")
            for name, test in self.alone.items()
        ]
        rows += [
            (
                f"all years, {name}s",
                f"ratio {ratio.ratio_text()} ({ratio.confidence_level:.0%} interval {ratio.interval_text()}); {self.excluded_ratio:g} or "
                f"more: {pvalue_text(self._excluded(ratio))}",
            )
            for name, ratio in self.all_years.items()
        ]
        head = f"{int(new.observed)} of {new.n_events} {new.events_label} of the new years before {new.n_anchors} {new.anchors_label}"
        return [Rows(head, [*rows, ("verdict", self.verdict)])]

    def _excluded(self, ratio: RateRatioResult) -> float:
        return ratio.pvalue_at(self.excluded_ratio, "less")

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each test: the years, the null model or the strata, and the p-value that the rule asks for."""
        rows = [("new years", name, test.pvalue) for name, test in self.alone.items()]
        rows += [("all years", f"{name}s", self._excluded(ratio)) for name, ratio in self.all_years.items()]
        return pd.DataFrame(rows, columns=["years", "test", "pvalue"])

    def _terms(self) -> pd.DataFrame:
        table = self.to_frame()
        names = (table["years"] + ", " + table["test"]).tolist()
        return tidy_frame(names, p_value=table["pvalue"])


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class RefitsResult(Coefficients):
    """Result of :func:`launches.refit_without_years` and :func:`launches.refit_choices`.

    Attributes
    ----------
    table : DataFrame
        As returned by :meth:`to_frame`.
    full : RegressionResult
        The fit of the plan itself.
    term : str
        The term whose rate ratio is followed.
    """

    table: pd.DataFrame = field(repr=False)
    full: RegressionResult = field(repr=False)
    term: str
    provenance: Provenance = field(repr=False)

    @property
    def range(self) -> tuple[float, float]:
        """The smallest and the largest rate ratio."""
        return float(self.table["irr"].min()), float(self.table["irr"].max())

    def most_influential(self) -> pd.Series[Any]:
        """Return the row whose rate ratio differs most from that of the plan, as a ratio of both."""
        change = np.abs(np.log(self.table["irr"].to_numpy(float) / self._own[0]))
        return self.table.iloc[int(change.argmax())]

    @property
    def _own(self) -> tuple[float, float, float]:
        place = self.full.terms.index(self.term)
        return float(np.exp(self.full.estimates[place])), self.full.low[place], self.full.high[place]

    def _parts(self) -> list[Part]:
        """Return in words how far the rate ratio moves."""
        own, own_low, own_high = self._own
        ordered = self.table.sort_values("irr")
        changed = ordered.drop(columns=["irr", "low", "high", "pvalue"])
        low, high = (
            f"{ordered['irr'].iloc[place]:.2f} ({', '.join(changed.iloc[place].astype(str))})"
            for place in (0, -1)
        )
        return [Rows(
            f"Rate ratio of '{self.term}', fitted {len(self.table)} times",
            [
                ("plan", f"{own:.2f} ({own_low:.2f} to {own_high:.2f})"),
                ("lowest", low),
                ("highest", high),
                ("p-values", f"{pvalue_text(self.table['pvalue'].min())} to {pvalue_text(self.table['pvalue'].max())}; "
                             f"at most 0.05 in {(self.table['pvalue'] <= 0.05).sum()}"),
            ],
        )]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each fit: what was changed, then irr, low, high, pvalue; unrounded."""
        return self.table.copy()

    def _terms(self) -> pd.DataFrame:
        table = self.table
        changed = table.drop(columns=["irr", "low", "high", "pvalue"])
        names = [", ".join(map(str, row)) for row in changed.itertuples(index=False)]
        estimate, low, high = (np.log(table[name]) for name in ("irr", "low", "high"))
        return tidy_frame(names, estimate, p_value=table["pvalue"], conf_low=low, conf_high=high)
