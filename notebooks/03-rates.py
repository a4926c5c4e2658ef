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
# # Rates before, during and after summits {#sec:rates}
#
# A permutation test gives one answer to one question. A regression asks how the rate of launch days changes before, during and
# after summits when the year, the season, joint exercises and recent launches are held fixed.

# %% tags=["parameters"]
plan_file = "plan.toml"

# %%
from IPython.display import Markdown

import eventstudy as es
from eventstudy import figures
from eventstudy.numbers import Numbers
from eventstudy.plan import read_plan
from eventstudy.tables import Table

figures.use_style()
numbers = Numbers()
plan = read_plan(plan_file)
launches = plan.events.read(plan.period)
summits = plan.anchors.read()
meetings = plan.anchors.rows()
controls = es.datasets.controls()
exercises = controls[controls["kind"] == "EXERCISE"]

# %% [markdown]
# ## The model
#
# Each day $d$ is a row. The expected number of launch days is
#
# $$
# \log \mu_d = \alpha_{y(d)} + \sum_{k=1}^{2} \left( a_k \sin \frac{2 \pi k t_d}{365.25} + b_k \cos \frac{2 \pi k t_d}{365.25} \right)
# + \sum_j \beta_j x_{jd},
# $$ {#eq:model alt="the logarithm of mu of d is an effect of the year of d, plus two yearly sine and cosine waves, plus the sum over j of beta j times x j d"}
#
# with an effect for each year $y(d)$, two pairs of yearly harmonics of the day of the year $t_d$, and the terms $x_j$: *before* (1 to 14 days before a
# summit), *during* (from its first to its last day), *after* (1 to 14 days after its first day), *exercise* (a joint exercise of the United States and South
# Korea under way), and a launch day in the past 7 or in the past 8 to 30 days. $\exp \beta_j$ is the incidence rate
# ratio (IRR): how many times the rate of launch days is higher when the term is on. Standard errors allow for variance of any kind and for
# correlation over 28 days, as bursts last about so long.
#
# The terms *before* and *after* are about the question; the others are there so that exercises and bursts are not
# taken for summits [@bernhardt2021joint; @dorazio2012war; @hess2018why].

# %%
table = es.count_table(
    launches,
    summits,
    {"before": plan.regression.before, "during": meetings[["start", "end"]], "after": plan.regression.after},
    covariates={"exercise": exercises[["start", "end"]]},
    history={"past_7": (1, 7), "past_8_30": (8, 30)},
)
model = es.poisson_regression(
    table, plan.regression.formula, covariance="HAC", max_lag=plan.regression.max_lag
)

# %%
#| label: tbl:coverage
#| caption: How much of the period each term covers, and how many launch days fall in it.
#| note: *Correlation* is the largest with another term, which is named; *VIF* is the variance inflation factor given the other terms and the
#|   year. A term that nearly coincides with another could hide or lend an effect; none does.
terms = ["before", "during", "after", "exercise", "past_7", "past_8_30"]
coverage = es.count_table_summary(table).loc[terms, ["days", "share", "events", "correlation", "with", "vif"]]
coverage = coverage.astype({"days": int, "events": int})
Table(coverage.set_axis(["days", "share", "launch days", "correlation", "with", "VIF"], axis=1))

# %% [markdown]
# ## What it finds

# %%
#| label: tbl:irr
#| caption: Incidence rate ratios of the Poisson regression of daily launch days, year effects and yearly harmonics included.
#| note: 95 % intervals and two-sided p-values from HAC standard errors, 28 lags. A ratio of 1 means no change; *during* rests on
#|   few days.
Table(model.irr.loc[terms].set_axis(["IRR", "low", "high", "p"], axis=1), p=("p",))

# %%
#| label: fig:forest
#| caption: The rate of launch days when each term is on, over the rate when it is off, with 95 % intervals.
#| alt: Forest plot of six rate ratios on a logarithmic axis. The interval of the days before a summit spans one, as do those of the
#|   days during and after; that of joint exercises lies above one.
ax = model.plot(terms=terms)
ax.figure.set_size_inches(figures.WIDTH, 2.4)

# %%
before = model.irr.loc["before"]
after = model.irr.loc["after"]
exercise = model.irr.loc["exercise"]
extra = model.extra_per_anchor("before")
irr = numbers.add("irr-before", before["irr"], ".2f", source=model)
irr_interval = numbers.add("irr-before-interval", (before["low"], before["high"]), ".2f", source=model)
irr_p = numbers.add("irr-before-p", before["pvalue"], "p=", source=model)
irr_after = numbers.add("irr-after", after["irr"], ".2f", source=model)
after_interval = numbers.add("irr-after-interval", (after["low"], after["high"]), ".2f", source=model)
irr_exercise = numbers.add("irr-exercise", exercise["irr"], ".2f", source=model)
exercise_interval = numbers.add(
    "irr-exercise-interval", (exercise["low"], exercise["high"]), ".2f", source=model
)
more = numbers.add("irr-extra-per-summit", extra.extra, "+.2f", source=model)
more_interval = numbers.add("irr-extra-per-summit-interval", (extra.low, extra.high), "+.2f", source=model)
Markdown(
    f"In the 14 days before a summit the rate of launch days is {irr} times that of other days of the same year, season and circumstances (95 % interval "
    f"{irr_interval}, {irr_p}; @tbl:irr and @fig:forest): {more} launch days for each summit ({more_interval}). In the 14 days after, it is {irr_after} times "
    f"({after_interval}). While a joint exercise is under way it is {irr_exercise} times ({exercise_interval}); that comparison was not the "
    f"question of the plan and is exploratory."
)

# %%
by_day = numbers.add("dispersion-day", model.dispersion, ".2f", source=model)
by_week = numbers.add("dispersion-week", model.dispersion_by("week"), ".2f", source=model)
by_month = numbers.add("dispersion-month", model.dispersion_by("month"), ".2f", source=model)
residual = model.residual_autocorrelation(plan.regression.max_lag).iloc[-1]
box = numbers.add("ljung-box-p", residual["pvalue"], "p=", source=model)
Markdown(
    f"Does the model fit? Over rows that are 0 or 1 the variance cannot exceed the mean by much, so bursts show only in sums: the dispersion is {by_day} by "
    f"day, {by_week} by week and {by_month} by month, where 1 is that of independent launches [@cameron1990regression]. The residuals show "
    f"no strong correlation over {plan.regression.max_lag} days (Ljung-Box, {box}): year, season and recent launches take up most of the "
    f"bursts. 2018 had no launch, so its year effect is zero and its days say nothing about the other terms."
)

# %% [markdown]
# ## What this does not show
#
# A ratio near 1 does not say that no launch was ever timed. It says that over these years and summits launches before summits were about as
# frequent as year, season and circumstances lead one to expect. A ratio away from 1 would not show intent: readiness of a
# weapon, a season of exercises or a reply to an earlier event can bring launches and summits together too.

# %% tags=["abstract"]
Markdown(f"""
A Poisson regression that holds year, season, exercises and recent launches fixed agrees: a rate ratio of {irr} before summits ({irr_interval}).

**What it does not show.** That no single launch was timed: a test of many launches says how often, not why. It speaks of the 14 days before meetings of these
two presidents; other windows, other meetings and other launches are other questions. The launch of October 2025 prompted
the question and is therefore not among the data.
""")

# %%
numbers
