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
# # Data {#sec:data}
#
# Which days with simulated quakes and which full moons are compared, how they were chosen, and what they look like before anything is tested. Every choice is in the
# analysis plan, `plan.toml`.

# %% tags=["parameters"]
plan_file = "plan.toml"

# %%
import pandas as pd
from IPython.display import Markdown

from eventstudy import charts, figures
from eventstudy import hover
from eventstudy.numbers import Numbers
from eventstudy.study.plan import read_study
from eventstudy.study.words import capital, near, outside_mean, short
from eventstudy.tables import Table

figures.use_style()
numbers = Numbers()
plan = read_study(plan_file)
events = plan.events.read(plan.period)
anchors = plan.anchors.read()
window = plan.primary.window
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml")'),
    (events, "plan.events.read(plan.period)"),
    (anchors, "plan.anchors.read()"),
)

# %%
chosen = plan.events.selection(plan.period)
met = plan.anchors.selection(plan.period)
numbers.define((chosen, "plan.events.selection(plan.period)"), (met, "plan.anchors.selection(plan.period)"))
n_events = numbers.add("events", len(events), "d", source=chosen)
n_anchors = numbers.add("anchors", len(anchors.within(plan.period)), "d", source=met)
n_days = numbers.add("period-days", len(plan.period), ",d", source=events)
coverage = numbers.add("coverage", window.coverage(anchors, plan.period), ".1%", source=anchors)
Markdown(
    f"The period of the study is {plan.period}, {n_days} days. It holds {n_events} {plan.events.label} and {n_anchors} {plan.anchors.label} (@tbl:selection). "
    f"{capital(near(window))} {plan.anchors.label} cover {coverage} of its days; where two windows overlap, a day counts once."
    f"{outside_mean(anchors, window, plan.period)}"
)

# %%
#| label: tbl:selection
#| caption: From the rows of the tables to the series that are compared.
Table(pd.concat([chosen.to_frame(), met.to_frame()], ignore_index=True))

# %%
#| label: tbl:plan
#| caption: What the plan fixes, and why.
choices = {
    "period": (str(plan.period), "the days that were watched"),
    plan.events.label: (plan.events.file.name, plan.events.why),
    plan.anchors.label: (plan.anchors.file.name, plan.anchors.why),
    "window": (short(window), plan.primary.why),
    "statistic": (str(plan.test("primary").statistic), "the primary test"),
    "statistic, second": (str(plan.test("second").statistic), "the second test; both must agree"),
    "primary null model": (repr(plan.nulls.primary.build()), plan.nulls.primary.why),
    "second null model": (repr(plan.nulls.second.build()), plan.nulls.second.why),
    "naive null model": (repr(plan.nulls.naive.build()), plan.nulls.naive.why),
}
Table(pd.DataFrame(choices, index=["choice", "why"]).T.rename_axis("of"))

# %% [markdown]
# ## What the series look like
#
# A test that ignores bursts, busy years or seasons could take any of them for a link. @fig:timeline shows how far they are there.

# %%
#| label: fig:timeline
#| caption: The days with simulated quakes (ticks), the full moons (diamonds) and the days inside the window (bars), by year. On the right, the number of days with simulated quakes in each year.
#| alt: A row for each year of the period, from the first at the top to the last at the bottom, over the months from January to December. Ticks mark the days with simulated quakes,
#|   diamonds the full moons, and bars the days inside a window. The number of ticks of each row stands at its right end.
figure = charts.timeline(events, anchors, window)
figure.set_size_inches(figures.WIDTH, min(figure.get_figheight(), 8.4))

# %% [markdown]
# @fig:raster turns the calendar round: each row is one of the full moons, with the days with simulated quakes near it at their distance in days. One of the days with simulated quakes can
# stand in several rows, so the bars are for the eye; the tests count each once.

# %%
#| label: fig:raster
#| caption: The days with simulated quakes around each of the full moons, one row each, with their number by week above. The shaded lags are the window; where the end of a
#|   row is grey, it lies outside the period.
#| alt: A row for each of the full moons, the earliest at the top, with a dot for each of the days with simulated quakes at its distance in days, the lowest lag on the left and the
#|   highest on the right. The window is shaded. Bars above the rows show the number of days with simulated quakes in each week around the full moons.
near_anchors = {
    "lags": plan.profile.lags,
    "names": [f"{day:%Y-%m-%d}" for day in anchors.within(plan.period).dates],
}
figure = charts.peri_anchor_raster(events, anchors, window, **near_anchors)
hover.peri_anchor_raster(events, anchors, window, **near_anchors)

# %%
numbers
