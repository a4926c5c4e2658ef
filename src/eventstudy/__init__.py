"""Do dated events come together before dated anchors, more than chance would bring?

Permutation tests with exact p-values where a closed form exists, Poisson regression, and reports whose
every number can be traced.
"""

from eventstudy.events import Events, Period
from eventstudy.nulls import CalendarPermutation, CircularShift, UniformDays
from eventstudy.permutation import permutation_test
from eventstudy.rates import rate_ratio
from eventstudy.statistics import AnchorsHit, WindowCount
from eventstudy.windows import Window

__version__ = "0.1.0"

__all__ = [
    "AnchorsHit",
    "CalendarPermutation",
    "CircularShift",
    "Events",
    "Period",
    "UniformDays",
    "Window",
    "WindowCount",
    "permutation_test",
    "rate_ratio",
]
