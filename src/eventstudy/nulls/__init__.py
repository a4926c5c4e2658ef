"""What chance looks like: one null model a file.

A null model says what is kept fixed and what is random if events and anchors have nothing to do with
each other. It meets a statistic in two ways only: ``sample`` gives draws that any statistic can
evaluate, and ``exact`` gives the whole distribution of an additive statistic without drawing.
"""

from eventstudy.nulls.base import ExactNullModel, NullModel
from eventstudy.nulls.calendar_permutation import CalendarPermutation
from eventstudy.nulls.circular_shift import CircularShift
from eventstudy.nulls.uniform_days import UniformDays

__all__ = ["CalendarPermutation", "CircularShift", "ExactNullModel", "NullModel", "UniformDays"]
