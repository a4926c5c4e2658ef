"""What chance looks like: one null model a file.

A null model says what is kept fixed and what is random if events and anchors have nothing to do with
each other. It meets a statistic in two ways only: ``sample`` gives draws that any statistic can
evaluate (``arrangements`` all of them, where they are few), and ``exact`` gives the whole distribution of an additive
statistic without drawing.
"""

from eventstudy.nulls.base import ExactNullModel, NullModel
from eventstudy.nulls.calendar_permutation import CalendarPermutation
from eventstudy.nulls.catalogue import null_model_table
from eventstudy.nulls.circular_shift import CircularShift
from eventstudy.nulls.jitter import Jitter
from eventstudy.nulls.poisson_intensity import GivenIntensity, PoissonIntensity
from eventstudy.nulls.self_exciting import GivenExcitation, HawkesFit, SelfExciting
from eventstudy.nulls.shuffled_gaps import ShuffledGaps
from eventstudy.nulls.uniform_days import UniformDays

__all__ = [
    "CalendarPermutation",
    "CircularShift",
    "ExactNullModel",
    "GivenExcitation",
    "GivenIntensity",
    "HawkesFit",
    "Jitter",
    "NullModel",
    "PoissonIntensity",
    "SelfExciting",
    "ShuffledGaps",
    "UniformDays",
    "null_model_table",
]
