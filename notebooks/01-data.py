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
# Which launches and which summits are compared, how they were chosen, and what they look like
# before anything is tested. Every choice stands in the analysis plan, `plan.toml`. The series, the period and the tests of
# @sec:clustering and @sec:rates were fixed before any launch was compared with any summit; what was written into
# the plan later says so.

# %% [markdown] tags=["remove-cell"]
# *Run, Run All Cells takes about ten seconds on two cores. A click on the bar above a sentence shows the calls behind its numbers.*

# %% tags=["parameters"]
plan_file = "plan.toml"

# %%
import pandas as pd
from IPython.display import Markdown

from eventstudy import charts, datasets, figures, hover
from eventstudy.numbers import Numbers
from eventstudy.study.plan import read_study
from eventstudy.study.words import holds
from eventstudy.tables import Table
from launches import Plan, count_sources

figures.use_style()
numbers = Numbers()
plan = read_study(plan_file, Plan)
launches = plan.events.read(plan.period)
summits = plan.anchors.read()
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml", launches.Plan)'),
    (launches, "plan.events.read(plan.period)"),
    (summits, "plan.anchors.read()"),
)

# %%
#| label: tbl:tables
#| caption: The bundled tables. Each row of the first is the missile or missiles of one type fired from one place on one
#|   day; a row of the second is one meeting of leaders; the third holds exercises, elections, anniversaries, parades
#|   and other dated events.
overview = datasets.overview()
keys = count_sources(plan.events, plan.period)
Table(
    overview.assign(sha256=overview["sha256"].str[:12]),
    note="SHA-256 is that of the file, first twelve digits; `manifest.csv` has it whole. Launches were observed to "
    f"{datasets.launches_observed_to():%-d %B %Y}. Of the {keys.n_rows} rows of launches {keys.n_single} rest on one source, "
    f"{keys.n_used_single} of them among the {keys.n_used} that are used here.",
)

# %%
chosen = plan.events.selection(plan.period)
meetings = plan.anchors.selection(plan.period)
numbers.define(
    (chosen, "plan.events.selection(plan.period)"), (meetings, "plan.anchors.selection(plan.period)")
)
n_launches = numbers.add("launch-days", chosen.steps[-1][1], "d", source=chosen)
n_rows = numbers.add("launch-rows", chosen.steps[0][1], "d", source=chosen)
n_summits = numbers.add("summits", meetings.steps[-1][1], "d", source=meetings)
n_meetings = numbers.add("summit-rows", meetings.steps[0][1], "d", source=meetings)
by_type = plan.choices.launches("all ballistic").read(plan.period).distinct()
numbers.define((by_type, 'plan.choices.launches("all ballistic").read(plan.period).distinct()'))
n_by_type = numbers.add("launch-days-by-type", len(by_type), "d", source=by_type)
Markdown(
    f"The launches come from the CNS/NTI missile test database and the CSIS database of provocations "
    f"[@csis2026provocations; @stiles2026provocations], checked against each other and the press of the day. Of {n_rows} rows, those that "
    f"the CNS database counts, with a firm day, in the period, give {n_launches} *launch days*: a salvo is one decision and counts once. "
    f"They are in the main the ballistic missiles and satellite launchers that UN resolutions forbid; chosen by type alone they would be {n_by_type} days (@tbl:doubts). "
    f"Of {n_meetings} meetings of leaders, those with the presidents of both the United States and South Korea and without "
    f"the North's leader give {n_summits} *summits*; meetings within {plan.anchors.merge_gap_days} days of the previous one are one tour "
    f"(@tbl:selection). Days are Korean days for launches and local days for summits. The tables were made separately: "
    f"neither launches nor summits were chosen with a look at the other."
)

# %%
#| label: tbl:selection
#| caption: From the tables to the two series that are compared.
#| note: The conditions are those of the plan, in the words of the tables.
Table(pd.concat([chosen.to_frame(), meetings.to_frame()], ignore_index=True))

# %% [markdown]
# ## What the series look like

# %%
by_year = launches.by_year()
quiet, busy = by_year.idxmin(), by_year.idxmax()
fewest = numbers.add(f"launch-days-{quiet}", by_year[quiet], "d", source=launches)
most = numbers.add(f"launch-days-{busy}", by_year[busy], "d", source=launches)
by_month = summits.within(plan.period).dates.month_name().value_counts()
month = by_month.idxmax()
in_month = numbers.add(f"summits-in-{month.lower()}", int(by_month[month]), "d", source=summits)
Markdown(
    f"@fig:timeline shows both series by year. Launches come in bursts and in busy years: {fewest} launch days in {quiet}, {most} in "
    f"{busy}. Summits keep a season of their own: {in_month} of {n_summits} fall in {month}, when {holds('multilateral meetings are', month == 'November')} "
    f"held. A test that ignores the bursts, the busy years or the season could take any of them for a link."
)

# %%
#| label: fig:timeline
#| caption: Launch days (ticks), summits (diamonds) and the days inside the window before a summit (bars), by year. On the right, the launch days of each year.
#| alt: Thirteen rows, one for each year from 2012 to 2024. Launch days are ticks that crowd in 2016, 2017, 2019, 2022
#|   and 2023 and are absent in 2018. Two to five diamonds a year mark summits, each after a bar of fourteen days; some ticks
#|   lie in bars and most do not.
figure = charts.timeline(launches, summits, plan.primary.window, totals="days")
# %% [markdown]
# @fig:raster turns the calendar round: each row is a summit, and every launch day within 60 days stands
# at its distance from it. One launch day may stand in several rows, where summits are less than 120 days apart, so the
# bars are for the eye; the tests of @sec:clustering count each launch day once.

# %%
#| label: fig:raster
#| caption: Launch days around each summit of the plan, one row a summit, with their number by week above. The shaded lags are
#|   the window of the primary test, the 14 days before. Day 0 is the first day of the meeting; the grey end of a row lies after the
#|   period.
#| alt: Raster of 39 summits from March 2012 to November 2024 with launch days as dots between 60 days before and 60 days after. The shaded
#|   fortnight before the summit holds about as many dots as other fortnights. The bars above, launch days by week, are lowest in
#|   the last week before the summit and two to three weeks after it, and highest five to eight weeks before.
inside = summits.within(plan.period)
rows = plan.anchors.rows().drop_duplicates("start").set_index("start").loc[inside.dates]
names = (rows.index.strftime("%Y-%m-%d") + "  " + rows["city"]).tolist()
fired = plan.events.rows()
fired = (
    (fired["missile"] + " from " + fired["site"].fillna("an unknown place"))
    .groupby(fired["date"])
    .agg("; ".join)
)
launched = (launches.dates.strftime("%Y-%m-%d") + ", " + fired.loc[launches.dates]).tolist()
shown = {"lags": plan.profile.lags, "names": names}
figure = charts.peri_anchor_raster(launches, summits, plan.primary.window, **shown)
hover.peri_anchor_raster(launches, summits, plan.primary.window, **shown, event_names=launched)
# %%
numbers
