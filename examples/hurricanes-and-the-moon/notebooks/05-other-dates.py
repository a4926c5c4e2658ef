# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Other dates, other moons {#sec:other-dates}
#
# This section is exploratory: it was written after the result was known, and no verdict rests on it. The plan counts the day on which a storm
# formed, as the paper did [@carpenter1972observed], and new and full moons together. @tbl:other-dates asks the primary question for each moon, for each half of
# the period, and for the day on which the same storms became hurricanes.

# %% tags=["parameters"]
plan_file = "plan.toml"

# %%
import pandas as pd
from IPython.display import Markdown

import eventstudy as es
from eventstudy.numbers import Numbers
from eventstudy.study.plan import read_study
from eventstudy.tables import Table

numbers = Numbers()
plan = read_study(plan_file)
formed = plan.events.read(plan.period)
moons = plan.anchors.read()
became = es.read_events("../data/raw/hurricanes.csv", date="hurricane", period=plan.period).distinct()
new = es.read_events("../data/raw/moons.csv", date="date", where="phase == 'new moon'")
full = es.read_events("../data/raw/moons.csv", date="date", where="phase == 'full moon'")
early, late = es.Period("1975-01-01", "1999-01-01"), es.Period("1999-01-01", "2023-01-01")
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml")'),
    (became, "read_events('data/raw/hurricanes.csv', date='hurricane', period=plan.period).distinct()"),
    (moons, "plan.anchors.read()"),
)

# %%
questions = {
    "as planned": (formed, moons),
    "new moons alone": (formed, new),
    "full moons alone": (formed, full),
    "1975 to 1998": (formed.within(early), moons),
    "1999 to 2022": (formed.within(late), moons),
    "became hurricanes": (became, moons),
}
ratios = {
    name: es.rate_ratio(
        *series, plan.primary.window, null=plan.nulls.primary.build(), within="quarter", rng=plan.seed
    )
    for name, series in questions.items()
}

# %%
#| label: tbl:other-dates
#| caption: The rate within three days of the moons over the rate on the other days of the same quarter, with the two-sided p-value; exploratory.
#| note: Events are days. Intervals by inverting the test under exchanged years.
Table(
    pd.DataFrame(
        {
            "days looked at": list(ratios),
            "events": [ratio.count_inside + ratio.count_outside for ratio in ratios.values()],
            "in the window": [ratio.count_inside for ratio in ratios.values()],
            "rate ratio": [ratio.ratio for ratio in ratios.values()],
            "95% interval": [ratio.interval_text() for ratio in ratios.values()],
            "p": [ratio.pvalue for ratio in ratios.values()],
        }
    )
)

# %%
later = ratios["became hurricanes"]
rate = numbers.add("became-ratio", later.ratio, ".2f", source=later)
p = numbers.add("became-p", later.pvalue, "p=", source=later)
Markdown(
    f"The two moons and the two halves of the period go the same way. But on the day on which the storms became hurricanes the rate ratio is {rate} ({p}): "
    "whatever brings the days of formation together with the moon has no trace left some days later. The first rows of a best track are the least certain ones, "
    "so the dates of formation should be looked into before the tide is."
)

# %% tags=["abstract"]
Markdown(
    f"**A second look**, not planned: for the days on which the same storms became hurricanes the rate ratio is {rate} ({p}; @sec:other-dates)."
)

# %%
numbers
