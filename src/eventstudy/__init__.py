"""Do dated events come together before dated anchors, more than chance would bring?

Permutation tests with exact p-values where a closed form exists, Poisson regression, and reports whose
every number can be traced.
"""

from eventstudy import datasets
from eventstudy.calibration import type_one_error
from eventstudy.case_series import self_controlled_case_series
from eventstudy.coincidence import coincidence_rates
from eventstudy.conditional import conditional_poisson_regression
from eventstudy.count_tables import count_table
from eventstudy.errors import EventStudyError
from eventstudy.events import Events, Period
from eventstudy.family import FamilyMember, permutation_family
from eventstudy.hurdle import hurdle_regression
from eventstudy.influence import leave_one_out
from eventstudy.io import read_events
from eventstudy.lead_lag import lead_lag_regression
from eventstudy.negative_binomial import negative_binomial_regression
from eventstudy.nulls import (
    CalendarPermutation,
    CircularShift,
    Jitter,
    PoissonIntensity,
    SelfExciting,
    ShuffledGaps,
    UniformDays,
    null_model_table,
)
from eventstudy.overlap import count_table_summary
from eventstudy.permutation import permutation_test
from eventstudy.power import minimum_detectable_ratio, power_curve
from eventstudy.profile import lag_profile
from eventstudy.randomization import randomization_test
from eventstudy.rates import rate_ratio
from eventstudy.regression import poisson_regression
from eventstudy.robustness import specification_curve
from eventstudy.specifications import Specification, every_specification
from eventstudy.statistics import AnchorsHit, NearestLag, WindowContrast, WindowCount
from eventstudy.truths import PlaceboAnchors, Rhythm, SimulatedEvents, SimulatedSeries
from eventstudy.windows import Window

__version__ = "0.1.0"

__all__ = [
    "AnchorsHit",
    "CalendarPermutation",
    "CircularShift",
    "EventStudyError",
    "Events",
    "FamilyMember",
    "Jitter",
    "NearestLag",
    "Period",
    "PlaceboAnchors",
    "PoissonIntensity",
    "Rhythm",
    "SelfExciting",
    "ShuffledGaps",
    "SimulatedEvents",
    "SimulatedSeries",
    "Specification",
    "UniformDays",
    "Window",
    "WindowContrast",
    "WindowCount",
    "coincidence_rates",
    "conditional_poisson_regression",
    "count_table",
    "count_table_summary",
    "datasets",
    "every_specification",
    "hurdle_regression",
    "lag_profile",
    "lead_lag_regression",
    "leave_one_out",
    "minimum_detectable_ratio",
    "negative_binomial_regression",
    "null_model_table",
    "permutation_family",
    "permutation_test",
    "poisson_regression",
    "power_curve",
    "randomization_test",
    "rate_ratio",
    "read_events",
    "self_controlled_case_series",
    "specification_curve",
    "type_one_error",
]
