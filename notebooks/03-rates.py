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

# %% [markdown] tags=["remove-cell"]
# *Run, Run All Cells takes about fifteen seconds on two cores. A click on the bar above a sentence shows the calls behind its numbers.*

# %% tags=["parameters"]
plan_file = "plan.toml"

# %%
import pandas as pd
from IPython.display import Markdown

import eventstudy as es
from eventstudy import figures
from eventstudy.numbers import Numbers
from eventstudy.study.memory import memory
from eventstudy.study.plan import read_study
from eventstudy.study.words import holds
from eventstudy.tables import Table
from launches import Plan

figures.use_style()
numbers = Numbers()
remember = memory()
plan = read_study(plan_file, Plan)
launches = plan.events.read(plan.period)
summits = plan.anchors.read()
meetings = plan.anchors.rows()
controls = es.datasets.controls()
exercises = controls[controls["kind"] == "EXERCISE"]
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml", launches.Plan)'),
    (launches, "plan.events.read(plan.period)"),
    (summits, "plan.anchors.read()"),
    ("during", "plan.anchors.rows()[['start', 'end']]"),
    ("exercise", "datasets.controls().query(\"kind == 'EXERCISE'\")[['start', 'end']]"),
)

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
#| note: *Correlation* is the largest with another term, which is named; *VIF* is the variance inflation factor given the other terms, the
#|   year and the yearly harmonics. A term that nearly coincides with another could hide or lend an effect; none does.
terms = {
    "before": "1 to 14 days before",
    "during": "during the summit",
    "after": "1 to 14 days after",
    "exercise": "joint exercise",
    "past_7": "launch in the past 7 days",
    "past_8_30": "launch 8 to 30 days ago",
}
coverage = es.count_table_summary(table).loc[
    list(terms), ["days", "share", "events", "correlation", "with", "vif"]
]
coverage = coverage.astype({"days": int, "events": int}).rename(terms).replace({"with": terms})
Table(coverage.set_axis(["days", "share", "launch days", "correlation", "with", "VIF"], axis=1))

# %% [markdown]
# ## What it finds

# %%
#| label: tbl:irr
#| caption: Incidence rate ratios of the Poisson regression of daily launch days, year effects and yearly harmonics included.
#| note: 95% intervals and two-sided p-values from HAC standard errors, 28 lags. A ratio of 1 means no change; *during the summit* rests on
#|   few days.
Table(model.irr.loc[list(terms)].rename(terms).set_axis(["IRR", "low", "high", "p"], axis=1), p=("p",))

# %%
#| label: fig:forest
#| caption: The rate of launch days when each term is on, over the rate when it is off, with 95% intervals.
#| alt: Forest plot of six rate ratios on a logarithmic axis. The interval of the days before a summit spans one, as do those of the
#|   days during and after; that of joint exercises lies above one.
ax = model.plot(terms=list(terms))
ax.set_yticks(ax.get_yticks(), terms.values())
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
    f"In the 14 days before a summit the rate of launch days is {irr} times that of other days of the same year, season and circumstances (95% interval "
    f"{irr_interval}, {irr_p}; @tbl:irr and @fig:forest): {more} launch days for each summit ({more_interval}). In the 14 days after, it is {irr_after} times "
    f"({after_interval}). While a joint exercise is under way it is {irr_exercise} times ({exercise_interval}); that comparison was not the "
    f"question of the plan and is exploratory."
)

# %%
spread_table = model.dispersion_table().set_index("step")
dispersion = spread_table["dispersion"]
by_day = numbers.add("dispersion-day", dispersion["day"], ".2f", source=model)
by_week = numbers.add("dispersion-week", dispersion["week"], ".2f", source=model)
by_month = numbers.add("dispersion-month", dispersion["month"], ".2f", source=model)
excess = numbers.add("dispersion-month-p", spread_table.loc["month", "pvalue"], "p=", source=model)
residual = model.residual_autocorrelation(plan.regression.max_lag).iloc[-1]
box = numbers.add("ljung-box-p", residual["pvalue"], "p=", source=model)
Markdown(
    f"Does the model fit? Over rows that are 0 or 1 the variance cannot exceed the mean by much, so bursts show only in sums: the dispersion (Pearson's "
    f"chi-squared over its degrees of freedom) is {by_day} by day, {by_week} by week and {by_month} by month, where 1 is that of independent launches; a test of "
    f"more variance than that by month has {excess} [@cameron1990regression]. The residuals show "
    f"no strong correlation over {plan.regression.max_lag} days (Ljung-Box, {box}; approximate, as launch days are few): year, season and recent launches take up most of the "
    f"bursts. 2018 had no launch, so its year effect is zero and its days say nothing about the other terms."
)

# %% [markdown]
# ## Every model of the plan, one term
#
# @tbl:models-rates puts the ratio of the 14 days before a summit from every model side by side.
#
# - *Negative binomial*: the variance may exceed the mean.
# - *Conditional Poisson*: days are compared only within their month of their year, given the number of launch days of that month, which is the
#   time-stratified case-crossover design [@lu2007equivalence; @armstrong2014conditional]. Recent launches are left out of
#   it: given the total of a month, one launch makes the next less likely by arithmetic alone.
# - *Self-controlled case series*: each year is its own control, with the quarter as age [@farrington1995relative; @whitaker2006tutorial].
# - *Weekly sums*: the same Poisson model with a row for each week and the windows as shares of its days.
# - The last two rows keep the ratio of the Poisson model and take its p-value from a null model of @sec:clustering instead: the windows are moved as there, and
#   the efficient score of the term is compared with its distribution [@young2019channeling].

# %%
windows = {
    "before": plan.regression.before,
    "during": meetings[["start", "end"]],
    "after": plan.regression.after,
}
background = {
    "covariates": {"exercise": exercises[["start", "end"]]},
    "history": {"past_7": (1, 7), "past_8_30": (8, 30)},
}
drawn = {"rng": plan.seed, "n_resamples": plan.n_resamples, "alternative": "two-sided"}
weeks = es.count_table(launches, summits, windows, freq="W", covariates=background["covariates"])
models = {
    "Poisson (the plan)": model,
    "negative binomial": es.negative_binomial_regression(
        table, plan.regression.formula, covariance="HAC", max_lag=plan.regression.max_lag
    ),
    "conditional Poisson, months": es.conditional_poisson_regression(
        table, "count ~ before + during + after + exercise", strata=["year", "month"]
    ),
    "self-controlled case series": es.self_controlled_case_series(launches, summits, windows),
    "Poisson, weekly sums": es.poisson_regression(
        weeks, plan.regression.weekly_formula, covariance="HAC", max_lag=plan.regression.max_lag // 7
    ),
}
moved = {
    "Poisson, years exchanged": remember(es.randomization_test)(
        launches,
        summits,
        windows,
        plan.regression.formula,
        "before",
        plan.nulls.primary.build(),
        **background,
        **drawn,
    ),
    "Poisson, shifts within years": remember(es.randomization_test)(
        launches,
        summits,
        windows,
        plan.regression.formula,
        "before",
        plan.nulls.second.build(),
        **background,
        **drawn,
    ),
}

# %%
#| label: tbl:models-rates
#| caption: The incidence rate ratio of the 14 days before a summit, from every model of the plan.
#| note: Two-sided p-values. Each ratio is computed twice in the tests of the package, by its own code and by statsmodels on the same rows; they agree to
#|   six digits.
rows_of = pd.DataFrame(
    [
        [*fit.irr.loc["before", ["irr", "low", "high", "pvalue"]], fit.covariance.partition(":")[0]]
        for fit in models.values()
    ]
    + [[test.irr, float("nan"), float("nan"), test.pvalue, "by the null model"] for test in moved.values()],
    index=pd.Index([*models, *moved], name="model"),
    columns=["IRR", "low", "high", "p", "errors"],
)
Table(rows_of, p=("p",))

# %%
spread = numbers.add("irr-models-range", (rows_of["IRR"].min(), rows_of["IRR"].max()), ".2f", source=model)
widest = numbers.add(
    "irr-models-interval", (rows_of["low"].min(), rows_of["high"].max()), ".2f", source=model
)
alpha = numbers.add("nb-alpha", models["negative binomial"].alpha, ".2f", source=models["negative binomial"])
Markdown(
    f"The ratios lie between {spread.text.replace(' to ', ' and ')}, and every interval spans 1; together the intervals reach from {widest}. The negative binomial model "
    f"falls back on the Poisson model, as its extra variance is estimated as {alpha}: over single days there is none to find. "
    f"The p-values from the null models do not lean on any assumption about errors and say the same."
)

# %% [markdown]
# ## What the errors assume
#
# The ratio does not depend on how its standard error is computed, but its interval does. @tbl:errors runs from trusting the model to allowing for
# correlation over four weeks or any correlation within a year.

# %%
#| label: tbl:errors
#| caption: The same ratio with six kinds of standard error.
#| note: *HAC* is the plan's choice. Twelve clusters are few (2018 had no launch and counts for nothing), so that row uses Student's t with 11 degrees
#|   of freedom.
kinds = {
    kind: es.poisson_regression(table, plan.regression.formula, covariance=kind)
    for kind in ("model", "quasi", "HC0", "HC3")
}
kinds["cluster"] = es.poisson_regression(table, plan.regression.formula, covariance="cluster", cluster="year")
kinds["HAC"] = model
errors = (
    pd.concat([fit.irr.loc[["before"]] for fit in kinds.values()], keys=kinds)
    .droplevel(1)
    .rename_axis("errors")
)
errors.insert(
    0, "what they allow for", [fit.covariance.partition(": ")[2] or fit.covariance for fit in kinds.values()]
)
Table(errors.set_axis(["what they allow for", "IRR", "low", "high", "p"], axis=1), p=("p",))

# %% [markdown]
# ## Week by week
#
# Leads and lags of overlapping summits disturb each other, so @fig:leads fits all of them at once: a ratio for each of the eight weeks before and after, against
# days farther than 56 days from any summit [@sun2021estimating], with exercises and recent launches held fixed as above. A joint test asks whether all
# eight weeks before have the ratio 1. It is compared with an F distribution that knows how few launches such weeks hold [@pustejovsky2018small]: by
# chi-squared, tests with these errors reject too often where launches come in bursts.

# %%
leads = remember(es.lead_lag_regression)(
    launches, summits, covariance="HAC", max_lag=plan.regression.max_lag, **background
)

# %%
#| label: fig:leads
#| caption: Rate ratio of each week before and after a summit, all fitted together, with 95% intervals (bars) and the band that holds for all weeks at once
#|   (grey). Days farther than eight weeks from any summit are the reference.
#| alt: Seventeen rate ratios from eight weeks before to eight weeks after a summit scatter around one; every grey band spans one. The week before the summit lies lowest of
#|   those before.
ax = leads.plot()
ax.set_xlabel("days from the first day of a summit: before (−) and after (+)")
ax.figure.set_size_inches(figures.WIDTH, 2.8)

# %%
joint = numbers.add("leads-p", leads.leads_test.pvalue, "p=", source=leads)
after_joint = numbers.add("lags-p", leads.lags_test.pvalue, "p=", source=leads)
Markdown(
    f"All eight weeks before together: {joint}; all eight weeks after: {after_joint}. Such joint tests have little power, and passing one is no evidence "
    f"that each week is like any other [@roth2022pretest]."
)

# %% [markdown]
# ## Do launches bring launches?
#
# Part of what looks like a link can be launches that follow launches. A self-exciting process, fitted to the days outside the windows, says how many others a
# launch day brings about [@porter2012self; @mohler2013modeling]. A slowly changing rate and excitation look alike, so the answer hangs on the background: @tbl:backgrounds has six, compared by
# AIC on the same days. Whether a fit is bad is checked by rescaling time: if the process fits, the points of @fig:rescaling lie on the
# diagonal [@haslinger2010discrete].

# %%
backgrounds = {
    f"{level}{season}": es.SelfExciting(plan.primary.window, trend=trend, harmonics=harmonics)
    for trend, level in ((None, "one level"), ("year", "a level for each year"))
    for harmonics, season in ((0, ""), (1, ", yearly wave"), (2, ", yearly and half-yearly wave"))
}
fits = {name: remember(model.fit)(launches, summits, rng=plan.seed) for name, model in backgrounds.items()}

# %%
#| label: tbl:backgrounds
#| caption: The self-exciting process on six backgrounds.
#| note: *Others*: launch days that one brings about directly, on average, with the 95% profile-likelihood interval. The smallest AIC is best; *p* is that of Kolmogorov and Smirnov.
compared = pd.DataFrame(
    [
        [fit.branching_ratio, fit.low, fit.high, fit.n_parameters, fit.aic, fit.ks_pvalue]
        for fit in fits.values()
    ],
    index=pd.Index(fits, name="background"),
    columns=["others", "low", "high", "parameters", "AIC", "p"],
)
Table(compared, digits={"AIC": 1}, p=("p",))

# %%
constant, best = fits["one level"], fits[compared["AIC"].idxmin()]

# %%
#| label: fig:rescaling
#| caption: Time rescaled by the fitted self-exciting process with the smallest AIC: the share of intervals up to each length, observed against expected, with the 95% band of Kolmogorov and
#|   Smirnov.
#| alt: The line of observed against expected shares runs close to the diagonal from zero to one, inside a band on both sides.
ax = best.plot()
ax.figure.set_size_inches(figures.WIDTH, 2.9)
ax.set_box_aspect(1)

# %%
branching = numbers.add("branching", best.branching_ratio, ".2f", source=best)
branching_interval = numbers.add("branching-interval", (best.low, best.high), ".2f", source=best)
best_aic = numbers.add("branching-aic", best.aic, ".1f", source=best)
fit_p = numbers.add("rescaling-p", best.ks_pvalue, "p=", source=best)
branching_constant = numbers.add("branching-constant", constant.branching_ratio, ".2f", source=constant)
constant_interval = numbers.add(
    "branching-constant-interval", (constant.low, constant.high), ".2f", source=constant
)
constant_aic = numbers.add("branching-constant-aic", constant.aic, ".1f", source=constant)
Markdown(
    f"With one level for all years a launch day would bring about {branching_constant} others on average (95% interval {constant_interval}, AIC {constant_aic}); with {holds('a level for each year', best is fits['a level for each year'])}, which fits better, {branching} "
    f"({branching_interval}, AIC {best_aic}). The rescaling test {holds('passes all six', compared['p'].min() > 0.05)}, so it cannot choose between them. Busy years pass for excitation where the background has no years, and what changes faster than a year may still pass for it, so even the smaller number is an upper "
    f"bound on contagion. The null model of @sec:clustering has the background with years ({fit_p} for its fit)."
)

# %% [markdown]
# ## What this does not show
#
# A ratio near 1 does not say that no launch was ever timed. It says that over these years and summits launches before summits were about as
# frequent as year, season and circumstances lead one to expect. A ratio away from 1 would not show intent: readiness of a
# weapon, a season of exercises or a reply to an earlier event can bring launches and summits together too.

# %% tags=["abstract"]
Markdown(f"""
A Poisson regression with year, season, exercises and recent launches fixed agrees: {irr} ({irr_interval}).

**What it does not show.** That no single launch was timed: a test of many launches says how often, not why. The launch of October 2025 prompted the question and is not among the data.
""")

# %%
numbers
