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
# # Rates {#sec:rates}
#
# A regression asks how the rate of days with simulated quakes changes in the window and on the other side of the full moons when other things are held fixed. Each day $d$ is a row; the
# expected number of days with simulated quakes is
#
# $$
# \log \mu_d = \alpha + \sum_j \beta_j x_{jd} ,
# $$ {#eq:model alt="the logarithm of mu of d is alpha plus the sum over j of beta j times x j d"}
#
# and $\exp \beta_j$ is the incidence rate ratio (IRR): how many times the rate is higher where the term $x_j$ is on. The terms are *window*, *other side* (as many days on the other
# side of the full moons) and those that the formula of the plan adds: the year (`C(year)`), a yearly wave (`sin1`, `cos1`), and whether there were days with simulated quakes in the past 7 or the past 8 to 30
# days. Standard errors allow for variance of any kind and for correlation over several weeks.

# %% tags=["parameters"]
plan_file = "plan.toml"

# %%
import warnings

from IPython.display import Markdown

import eventstudy as es
from eventstudy import figures
from eventstudy.errors import OverdispersionWarning
from eventstudy.numbers import Numbers
from eventstudy.study.plan import read_study
from eventstudy.tables import Table

figures.use_style()
numbers = Numbers()
plan = read_study(plan_file)
events = plan.events.read(plan.period)
anchors = plan.anchors.read()
warnings.simplefilter("ignore", OverdispersionWarning)  # the dispersion is reported below

# %%
table = es.count_table(
    events,
    anchors,
    {"window": plan.regression.before, "other_side": plan.regression.after},
    history={"past_7": (1, 7), "past_8_30": (8, 30)},
)
model = es.poisson_regression(
    table, plan.regression.formula, covariance="HAC", max_lag=plan.regression.max_lag
)

# %%
#| label: tbl:irr
#| caption: Incidence rate ratios of the Poisson regression of daily counts; the effects of single years are left out of the table.
#| note: 95 % intervals and two-sided p-values from HAC standard errors. A ratio of 1 means no change.
ratios = model.irr[~model.irr.index.str.startswith(("Intercept", "C("))]
names = {
    "other_side": "other side",
    "sin1": "yearly wave, sine",
    "cos1": "yearly wave, cosine",
    "past_7": "any in the past 7 days",
    "past_8_30": "any in the past 8 to 30 days",
}
Table(ratios.rename(index=names).set_axis(["IRR", "low", "high", "p"], axis=1).rename_axis("term"), p=("p",))

# %%
#| label: fig:forest
#| caption: The rate of days with simulated quakes in the window and on the other side of the full moons, over the rate on other days, with 95 % intervals.
#| alt: Two rate ratios with their intervals on a logarithmic axis, one for the window and one for the other side; their values stand in the table above.
ax = model.plot(terms=["window", "other_side"])
ax.set_yticklabels(["window", "other side"])
ax.figure.set_size_inches(figures.WIDTH, 1.5)

# %%
inside = model.irr.loc["window"]
across = model.irr.loc["other_side"]
dispersion = model.dispersion_table().set_index("step")["dispersion"]
irr = numbers.add("irr-window", inside["irr"], ".2f", source=model)
irr_interval = numbers.add("irr-window-interval", (inside["low"], inside["high"]), ".2f", source=model)
irr_p = numbers.add("irr-window-p", inside["pvalue"], "p=", source=model)
irr_across = numbers.add("irr-other-side", across["irr"], ".2f", source=model)
across_interval = numbers.add("irr-other-side-interval", (across["low"], across["high"]), ".2f", source=model)
by_day = numbers.add("dispersion-day", dispersion["day"], ".2f", source=model)
by_month = numbers.add("dispersion-month", dispersion["month"], ".2f", source=model)
Markdown(
    f"Inside the window the rate is {irr} times that of other days ({irr_interval}, {irr_p}; @tbl:irr and @fig:forest), on the other side of the {plan.anchors.label} {irr_across} times "
    f"({across_interval}). The dispersion is {by_day} by day and {by_month} by month, where 1 is that of independent events [@cameron1990regression]; what lies well above 1 is bursts or swings that "
    f"the formula does not hold fixed. The p-values of @sec:test do not lean on this model."
)

# %% tags=["abstract"]
Markdown(
    f"A Poisson regression that holds the other terms of the plan fixed gives a rate ratio of {irr} ({irr_interval})."
)

# %%
numbers
