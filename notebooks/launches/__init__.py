"""The study of launches and summits: what it needs beyond the library. In its notebooks: ``import launches``."""

from launches.claims import (
    amended,
    check_leads,
    claims_table,
    first_since,
    judge_change,
    judge_fact,
    judge_growth,
    judge_held_out,
    judge_hits,
    judge_stop,
    judge_waiting,
    printed_interval,
    together,
)
from launches.evidence import SourceKeys, count_sources
from launches.next import ask_next, check_known, next_power
from launches.plan import Plan
from launches.refits import CrudeRatio, DailyModel, daily_model, refit_choices, refit_without_years
from launches.worlds import DrawnCount, YearEffects

__all__ = [
    "CrudeRatio",
    "DailyModel",
    "DrawnCount",
    "Plan",
    "SourceKeys",
    "YearEffects",
    "amended",
    "ask_next",
    "check_known",
    "check_leads",
    "claims_table",
    "count_sources",
    "daily_model",
    "first_since",
    "judge_change",
    "judge_fact",
    "judge_growth",
    "judge_held_out",
    "judge_hits",
    "judge_stop",
    "judge_waiting",
    "next_power",
    "printed_interval",
    "refit_choices",
    "refit_without_years",
    "together",
]
