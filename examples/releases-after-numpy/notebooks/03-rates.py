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
# A regression asks how the rate of days with new releases changes near the NumPy feature releases when other things are held fixed. Each day $d$ is a row; the
# expected number of days with new releases is
#
# $$
# \log \mu_d = \alpha + \sum_j \beta_j x_{jd} ,
# $$ {#eq:model alt="the logarithm of mu of d is alpha plus the sum over j of beta j times x j d"}
#
# and $\exp \beta_j$ is the incidence rate ratio (IRR): how many times the rate is higher where the term $x_j$ is on.

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
from eventstudy.study.words import errors_mean, near, term_names, terms_mean
from eventstudy.tables import Table

figures.use_style()
numbers = Numbers()
plan = read_study(plan_file)
events = plan.events.read(plan.period)
anchors = plan.anchors.read()
level = plan.primary.confidence_level
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml")'),
    (events, "plan.events.read(plan.period)"),
    (anchors, "plan.anchors.read()"),
)
warnings.simplefilter("ignore", OverdispersionWarning)  # the dispersion is reported below

# %%
table = es.count_table(
    events,
    anchors,
    {"window": plan.regression.before, "other_side": plan.regression.after},
    history={"past_7": (1, 7), "past_8_30": (8, 30)},
)
model = es.poisson_regression(
    table,
    plan.regression.formula,
    covariance="HAC",
    max_lag=plan.regression.max_lag,
    confidence_level=level,
)

# %%
asked = [term for term in ("window", "other_side") if term in model.terms]
Markdown(f"{terms_mean(plan, model.terms)} {errors_mean(plan)}")

# %%
#| label: tbl:irr
#| caption: Incidence rate ratios of the Poisson regression of daily counts, without the levels of categories.
names = term_names(model.terms)
Table(
    model.irr.loc[list(names)]
    .rename(index=names)
    .set_axis(["IRR", "low", "high", "p"], axis=1)
    .rename_axis("term"),
    p=("p",),
    note=f"{level:.0%} intervals and two-sided p-values from HAC standard errors. A ratio of 1 means no change.",
)

# %%
#| label: fig:forest
#| caption: The rate of days with new releases near the NumPy feature releases over the rate on other days, with its interval.
#| alt: Rate ratios with their intervals on a logarithmic axis, a row for each term about the NumPy feature releases; their values stand in the table above.
ax = model.plot(terms=asked)
ax.set_yticks(ax.get_yticks(), [names[term] for term in asked])
ax.figure.set_size_inches(figures.WIDTH, 1.1 + 0.2 * len(asked))

# %%
inside = model.irr.loc["window"]
spread = model.dispersion_table().set_index("step")
irr = numbers.add("irr-window", inside["irr"], ".2f", source=model)
irr_interval = numbers.add("irr-window-interval", (inside["low"], inside["high"]), ".2f", source=model)
irr_p = numbers.add("irr-window-p", inside["pvalue"], "p=", source=model)
others = {
    term: (
        numbers.add("irr-other-side", row["irr"], ".2f", source=model),
        numbers.add("irr-other-side-interval", (row["low"], row["high"]), ".2f", source=model),
    )
    for term, row in model.irr.loc[asked].drop(index="window").iterrows()
}
across = "".join(
    f"; in {near(plan.regression.after)} {plan.anchors.label} {ratio} times ({limits})"
    for ratio, limits in others.values()
)
by_day = numbers.add("dispersion-day", spread.loc["day", "dispersion"], ".2f", source=model)
by_month = numbers.add("dispersion-month", spread.loc["month", "dispersion"], ".2f", source=model)
excess_p = numbers.add("dispersion-day-p", spread.loc["day", "pvalue"], "p=", source=model)
Markdown(
    f"In {near(plan.regression.before)} {plan.anchors.label} the rate is {irr} times that of other days ({irr_interval}, {irr_p}; @tbl:irr and @fig:forest){across}. The dispersion (Pearson's chi-squared over its degrees of freedom) is {by_day} by day and {by_month} by month, where 1 is that of independent events; a test of more variance than that by day has {excess_p} [@cameron1990regression]; what lies well above 1 is bursts or swings that "
    f"the formula does not hold fixed. The p-values of @sec:test do not depend on this model."
)

# %% tags=["abstract"]
Markdown(
    f"A Poisson regression that holds the other terms of the plan fixed gives a rate ratio of {irr} ({irr_interval})."
    if len(model.terms) > 2
    else f"A Poisson regression with the window alone gives a rate ratio of {irr} ({irr_interval})."
)

# %%
numbers
