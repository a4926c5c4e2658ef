"""The public names, for type checkers, editors and ``__init__.py``, which imports each when it is first used."""

from eventstudy import datasets, sources
from eventstudy.citation import cite
from eventstudy.coincidence import coincidence_rates
from eventstudy.comparison import compare_tables
from eventstudy.credibility.calibration import type_one_error
from eventstudy.credibility.coverage import interval_coverage
from eventstudy.credibility.influence import leave_one_out
from eventstudy.credibility.power import minimum_detectable_ratio, power_curve
from eventstudy.credibility.rhythms import Rhythm
from eventstudy.credibility.robustness import specification_curve
from eventstudy.credibility.specifications import Specification, every_specification
from eventstudy.credibility.truths import Link, PlaceboAnchors, SimulatedEvents, SimulatedSeries
from eventstudy.errors import EventStudyError
from eventstudy.events import Events
from eventstudy.excess import WindowExcess
from eventstudy.family import FamilyMember, permutation_family
from eventstudy.io import read_events
from eventstudy.measures.before_after import before_after
from eventstudy.measures.change import ratio_change
from eventstudy.measures.eras import nearest_by_era
from eventstudy.measures.growth import yearly_growth
from eventstudy.measures.pauses import pause_before
from eventstudy.measures.waiting import waiting_times
from eventstudy.nulls.base import NullModel
from eventstudy.nulls.calendar_permutation import CalendarPermutation
from eventstudy.nulls.catalogue import null_model_table
from eventstudy.nulls.circular_shift import CircularShift
from eventstudy.nulls.jitter import Jitter
from eventstudy.nulls.poisson_intensity import PoissonIntensity
from eventstudy.nulls.self_exciting import SelfExciting
from eventstudy.nulls.shuffled_gaps import ShuffledGaps
from eventstudy.nulls.uniform_days import UniformDays
from eventstudy.panel.run import panel_test
from eventstudy.periods import Period
from eventstudy.permutation import permutation_test
from eventstudy.profile import lag_profile
from eventstudy.rates import rate_ratio
from eventstudy.regression.case_series import self_controlled_case_series
from eventstudy.regression.conditional import conditional_poisson_regression
from eventstudy.regression.count_tables import count_table
from eventstudy.regression.hurdle import hurdle_regression
from eventstudy.regression.lead_lag import lead_lag_regression
from eventstudy.regression.negative_binomial import negative_binomial_regression
from eventstudy.regression.overlap import count_table_summary
from eventstudy.regression.poisson import poisson_regression
from eventstudy.regression.randomization import randomization_test
from eventstudy.side_by_side import results_table
from eventstudy.statistics import AnchorsHit, LagCount, NearestLag, Statistic, WindowContrast, WindowCount
from eventstudy.tables import Table
from eventstudy.windows import Window

__version__: str

__all__ = [
    "AnchorsHit",
    "CalendarPermutation",
    "CircularShift",
    "EventStudyError",
    "Events",
    "FamilyMember",
    "Jitter",
    "LagCount",
    "Link",
    "NearestLag",
    "NullModel",
    "Period",
    "PlaceboAnchors",
    "PoissonIntensity",
    "Rhythm",
    "SelfExciting",
    "ShuffledGaps",
    "SimulatedEvents",
    "SimulatedSeries",
    "Specification",
    "Statistic",
    "Table",
    "UniformDays",
    "Window",
    "WindowContrast",
    "WindowCount",
    "WindowExcess",
    "before_after",
    "cite",
    "coincidence_rates",
    "compare_tables",
    "conditional_poisson_regression",
    "count_table",
    "count_table_summary",
    "datasets",
    "every_specification",
    "hurdle_regression",
    "interval_coverage",
    "lag_profile",
    "lead_lag_regression",
    "leave_one_out",
    "minimum_detectable_ratio",
    "nearest_by_era",
    "negative_binomial_regression",
    "null_model_table",
    "panel_test",
    "pause_before",
    "permutation_family",
    "permutation_test",
    "poisson_regression",
    "power_curve",
    "randomization_test",
    "rate_ratio",
    "ratio_change",
    "read_events",
    "results_table",
    "self_controlled_case_series",
    "sources",
    "specification_curve",
    "type_one_error",
    "waiting_times",
    "yearly_growth",
]
