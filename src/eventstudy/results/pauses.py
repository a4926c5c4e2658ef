"""The length of a pause, and the share of pauses at least as long."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import draw
from eventstudy.dates import date_text
from eventstudy.provenance import Provenance
from eventstudy.results.base import Result, tidy_frame
from eventstudy.results.shares import Share
from eventstudy.results.text import Part, Rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class PauseResult(Result):
    """Result of :func:`eventstudy.pause_before`.

    Attributes
    ----------
    day, previous : int
        The event that ended the pause, and the one before it.
    pauses : ndarray of int64, shape (n,)
        Days from each event day of the period to the next, in order of time, including the pause in question.
    share : Share
        Pauses at least as long as this one.
    share_of_days : float
        Share of the days between the first and the last event that lie in such pauses: the probability for
        a day picked at random. Long pauses hold more days, so it is larger.
    """

    _estimate: ClassVar[str] = "share"
    day: int
    previous: int
    pauses: NDArray[np.int64] = field(repr=False)
    share: Share
    share_of_days: float
    events_label: str
    period: str
    provenance: Provenance = field(repr=False)

    @property
    def length(self) -> int:
        """Days from the previous event to this one."""
        return self.day - self.previous

    @property
    def rank(self) -> int:
        """Place of the pause among all, the longest first; ties share the better place."""
        return int((self.pauses > self.length).sum()) + 1

    def _parts(self) -> list[Part]:
        return [Rows(
            f"Pause before {date_text(self.day)}: {self.events_label}, {self.period}",
            [
                ("pause", f"{self.length} days since {date_text(self.previous)}, rank {self.rank}"),
                ("as long", str(self.share)),
                ("of days", f"{self.share_of_days:.1%} of all days lie in a pause at least as long"),
                ("caution", "pauses are treated as independent; where they come in runs the interval is too narrow"),
            ],
        )]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row of unrounded numbers."""
        return pd.DataFrame(
            {
                "period": [self.period],
                "length": [self.length],
                "pauses": [self.share.total],
                "as_long": [self.share.count],
                "share": [self.share.value],
                "low": [self.share.low],
                "high": [self.share.high],
                "share_of_days": [self.share_of_days],
                "median": [float(np.median(self.pauses))],
                "longest": [int(self.pauses.max())],
            }
        )

    def _terms(self) -> pd.DataFrame:
        share = self.share
        return tidy_frame(
            ["pauses at least as long"],
            share.value,
            statistic=share.count,
            conf_low=share.low,
            conf_high=share.high,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of pauses at least as long as each length, with a line at this one; return the axes."""
        ax = draw.axes_or_new(ax, figsize=(4.4, 2.4))
        lengths = np.sort(self.pauses)
        shares = 1.0 - np.arange(lengths.size) / lengths.size
        ax.step(
            np.append(lengths, lengths[-1]), np.append(shares, 0.0), where="pre", color=draw.EVENTS, lw=1.4
        )
        ax.axvline(self.length, color=draw.OBSERVED, lw=1.4)
        ax.annotate(
            f"{self.length} day{'s' if self.length > 1 else ''}", (self.length, 1.0),
            xycoords=ax.get_xaxis_transform(), xytext=(0, 2), textcoords="offset points", ha="center", va="bottom",
            color=draw.OBSERVED,
        )  # fmt: skip
        ax.set_xscale("log")
        ax.set_xticks([1, 3, 10, 30, 100, 300], ["1", "3", "10", "30", "100", "300"])
        ax.set_xticks([], minor=True)
        ax.set(
            xlabel=f"days between {self.events_label}",
            ylabel="share of pauses as long or longer",
            ylim=(0, 1.02),
        )
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.spines[["top", "right"]].set_visible(False)
        return ax
