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
# # Package by package {#sec:by-package}
#
# This section is exploratory: it was written after the result was known, and no verdict rests on it. The plan counts the releases of all seven packages together,
# so one that follows NumPy could be hidden by six that do not. @tbl:by-package asks the primary question of each.

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
anchors = plan.anchors.read()
names = sorted(set(pd.read_csv("../data/raw/releases.csv")["package"]))
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml")'),
    (anchors, "plan.anchors.read()"),
)

# %%
series = {"all seven": plan.events.read(plan.period)}
for name in names:
    releases = es.read_events(
        "../data/raw/releases.csv", date="date", where=f"package == '{name}'", period=plan.period
    )
    series[name] = releases.distinct()
    numbers.define(
        (
            series[name],
            f"read_events('data/raw/releases.csv', date='date', where=\"package == '{name}'\", "
            "period=plan.period).distinct()",
        )
    )
ratios = {
    name: es.rate_ratio(
        events, anchors, plan.primary.window, null=plan.nulls.primary.build(), within="quarter", rng=plan.seed
    )
    for name, events in series.items()
}

# %%
#| label: tbl:by-package
#| caption: The rate in the 28 days after NumPy over the rate on the other days of the same quarter, by package, with the two-sided p-value; exploratory.
#| note: Events are days. Intervals by inverting the test under exchanged years.
Table(
    pd.DataFrame(
        {
            "releases of": list(ratios),
            "events": [ratio.count_inside + ratio.count_outside for ratio in ratios.values()],
            "in the window": [ratio.count_inside for ratio in ratios.values()],
            "rate ratio": [ratio.ratio for ratio in ratios.values()],
            "95% interval": [ratio.interval_text() for ratio in ratios.values()],
            "p": [ratio.pvalue for ratio in ratios.values()],
        }
    )
)

# %%
first = min(names, key=lambda name: ratios[name].pvalue)
smallest = numbers.add("package-p", ratios[first].pvalue, "p=", source=ratios[first])
rate = numbers.add("package-ratio", ratios[first].ratio, ".2f", source=ratios[first])
Markdown(
    f"The smallest of the {len(names)} p-values is that of {first}, with a rate ratio of {rate} ({smallest}); among {len(names)}, one below "
    f"{0.05 / len(names):.3f} would stand out. Most packages have few releases, so their intervals are wide."
)

# %%
numbers
