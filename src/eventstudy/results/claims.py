"""What became of claims: facts that were checked, verdicts, and the table of all."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from eventstudy.citation import Citable
from eventstudy.dates import date_text
from eventstudy.provenance import Provenance
from eventstudy.results.text import lines

Verdict = Literal["supported", "not supported", "cannot tell"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LeadsResult(Citable):
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

    def summary(self) -> str:
        """Return the distances in words."""
        return lines(
            f"Days from the launch of {date_text(self.launch)}",
            [
                ("launch", "in the table" if self.launched else "not in the table"),
                ("arrival", f"{self.arrival_days} days later, said to be {self.said[0]}"),
                ("meeting", f"{self.meeting_days} days later, said to be {self.said[1]}"),
            ],
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FirstSinceResult(Citable):
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

    def summary(self) -> str:
        """Return the result in words."""
        return lines(
            f"The {self.events_label} before that of {date_text(self.day)}",
            [
                ("the last", date_text(self.previous)),
                ("in the period named", str(self.n_last)),
                ("from then on", str(self.n_between)),
            ],
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClaimsTable(Citable):
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
