"""What became of claims: facts that were checked, verdicts, and the table of all."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from eventstudy.dates import date_text, to_dates
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.text import Part, Rows

Verdict = Literal["supported", "not supported", "cannot tell"]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class LeadsResult(Result):
    """Result of :func:`eventstudy.claims.judgement.check_leads`.

    Attributes
    ----------
    launched : bool
        Whether the table has a launch on the day.
    arrival_days, meeting_days : int
        Days from the launch to the arrival and to the meeting.
    said : tuple of int
        The same as they were said to be.
    announced : Timestamp or None
        Day on which the date of the arrival became public, where the table has it.
    """

    launch: int
    launched: bool
    arrival_days: int
    meeting_days: int
    said: tuple[int, int]
    announced: pd.Timestamp | None
    provenance: Provenance = field(repr=False)

    @property
    def as_said(self) -> bool:
        """Whether there was a launch and both distances are as they were said to be."""
        return self.launched and (self.arrival_days, self.meeting_days) == self.said

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


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class FirstSinceResult(Result):
    """Result of :func:`eventstudy.claims.judgement.first_since`.

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
    """Result of :func:`eventstudy.claims.judgement.claims_table`.

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
