"""Arrays to axes: what the plots of results have in common. It knows axes and arrays, but no results."""

from eventstudy.draw.axes import (
    EVENTS,
    NULL,
    OBSERVED,
    REFERENCE,
    SERIES,
    as_written,
    axes_or_new,
    legend_columns,
    show_names,
    small_title,
)
from eventstudy.draw.credibility import (
    influence,
    level_dots,
    power_curve,
    power_target,
    specification_curve,
    stacked_shares,
)
from eventstudy.draw.permutations import family, lag_profile, null_distribution, null_histogram, pvalue_ranks
from eventstudy.draw.regressions import (
    autocorrelation,
    confidence_curve,
    lead_lag,
    observed_and_expected,
    ratio_intervals,
)

__all__ = [
    "EVENTS",
    "NULL",
    "OBSERVED",
    "REFERENCE",
    "SERIES",
    "as_written",
    "autocorrelation",
    "axes_or_new",
    "confidence_curve",
    "family",
    "influence",
    "lag_profile",
    "lead_lag",
    "legend_columns",
    "level_dots",
    "null_distribution",
    "null_histogram",
    "observed_and_expected",
    "power_curve",
    "power_target",
    "pvalue_ranks",
    "ratio_intervals",
    "show_names",
    "small_title",
    "specification_curve",
    "stacked_shares",
]
