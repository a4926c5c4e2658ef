"""The studentised excess of events in a window within strata: valid under a trend, a season and bursts at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import EventsError, UndefinedError
from eventstudy.events import Events, observed_period
from eventstudy.numeric.excess import excess_scores, studentised
from eventstudy.periods import Period
from eventstudy.statistics import Statistic
from eventstudy.strata import Within, check_within, cut, describe
from eventstudy.windows import Window, checked_window


@dataclass(frozen=True, slots=True)
class WindowExcess(Statistic):
    """Observed minus expected events in the window, within strata, over its standard deviation.

    Where a share c of a stratum's days lies in the window of at least one anchor, and the stratum holds n events, x
    of them in the window,

        T = sum of (x - n c),    V = sum of n c (1 - c),    Z = T / sqrt(V).

    Only the position of events inside their stratum counts, so whatever changes the rate from one stratum to the next
    cancels: a trend, a season, busy years, their product. V is the variance that T would have if the events of a
    stratum fell on its days independently and uniformly.

    Parameters
    ----------
    window : Window
    within : "year", "quarter", "month", cut dates or None, default "quarter"
        Strata short enough to remove every rhythm that events and anchors may share. Quarters are valid under growth
        and season together; months are a check on rhythms of less than a quarter, at some loss of power. No strata
        are valid where both series share a rhythm shorter than the strata.

    Notes
    -----
    T is the observed minus expected number of Mantel and Haenszel [1]_ and of the stratified log-rank test, and the
    score of a conditional Poisson regression with strata [2]_. Dividing by its standard deviation makes draws with
    different numbers of events comparable [3]_. Bursts make Z more variable than a standard normal; the null model
    accounts for this: :class:`eventstudy.CalendarPermutation` keeps bursts whole.

    Strata that lie wholly inside or wholly outside the window contribute nothing. If no event lies in another
    stratum, V is zero and Z is undefined: an error. A draw with V = 0 has Z = 0.

    With few events expected, a window without any need not be surprising, though its Z is lower than that of most
    draws, and is no excess though other draws without any have a lower Z. If no observed event lies in the window, a
    draw with none counts as equal, whatever its V, and no draw as smaller; likewise if no event lies outside.

    With anchors in few years, or few years in all, permuting years gives few distinct arrangements: with all
    anchors in one of 13 years no p-value is below 1/13. Six or more years with anchors are enough.

    References
    ----------
    .. [1] Mantel, N. & Haenszel, W. (1959). Statistical aspects of the analysis of data from retrospective studies
       of disease. Journal of the National Cancer Institute 22(4), 719-748.
    .. [2] Armstrong, B. G., Gasparrini, A. & Tobias, A. (2014). Conditional Poisson models: a flexible alternative to
       conditional logistic case cross-over analysis. BMC Medical Research Methodology 14, 122.
    .. [3] Chung, E. & Romano, J. P. (2013). Exact and asymptotically robust permutation tests. Annals of Statistics
       41(2), 484-507.

    Examples
    --------
    Two of three events lie in the window, three days of ten: T is 2 - 0.9, V is 3 * 0.3 * 0.7.

    >>> import eventstudy as es
    >>> events = es.Events([4, 6, 8], es.Period(0, 10))
    >>> z = es.WindowExcess(es.Window(-3, 0), within=None)(events, es.Events([7]))
    >>> round(float(z), 6) == round(1.1 / 0.63**0.5, 6)
    True
    """

    window: Window
    within: Within = "quarter"
    name: ClassVar[str] = "excess"
    unit: ClassVar[str] = "studentised excess in the window"
    takes_announced: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checked_window(self.window, "WindowExcess")
        object.__setattr__(self, "within", check_within(self.within, "WindowExcess"))

    def __str__(self) -> str:
        return f"studentised excess in the window ({self.window}) {describe(self.within)}"

    def __call__(self, events: Any, anchors: Any) -> NDArray[np.float64]:
        """Return the excess of one series of events, which must carry a period to be cut into strata."""
        if not isinstance(events, Events):
            raise EventsError("WindowExcess: days alone do not define the strata; pass Events with a period")
        sums = self.scores(observed_period(events), anchors) @ events.daily_counts()
        return np.asarray(self.value(sums, sums))

    def scores(self, period: Period, anchors: Any) -> NDArray[Any]:
        """Return daily scores whose sums over events are T, V and the numbers inside and outside, shape ``(4, days)``.

        In strata without days on both sides all four are zero.
        """
        inside = self.window.indicator(anchors, period)
        scores = excess_scores(inside, cut(period, self.within).edges - period.start)
        counted = scores[1] > 0
        return np.concatenate([scores, [inside * counted, (1 - inside) * counted]])

    def value(self, sums: NDArray[Any], observed: NDArray[Any]) -> NDArray[np.float64]:
        """Return Z from sums of the scores, shape (..., 4), as shape (...)."""
        if not observed[1] > 0:
            raise UndefinedError(
                f"{self}: no event lies in a stratum with days inside the window and days outside, so there is nothing "
                "to compare; use longer strata, or a shorter window"
            )
        z = studentised(sums[..., 0], sums[..., 1])
        own = studentised(observed[0], observed[1])
        if observed[2] == 0:
            z = np.where(sums[..., 2] == 0, own, np.maximum(z, own))
        elif observed[3] == 0:
            z = np.where(sums[..., 3] == 0, own, np.minimum(z, own))
        return z
