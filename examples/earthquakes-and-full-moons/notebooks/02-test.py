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
# # The test {#sec:test}
#
# One window, two series, one number, and null models chosen beforehand. Let $n_d$ be the number of days with simulated quakes on day $d$, and $W$ the days in the window of at least one
# of the full moons. The statistic is the number of days with simulated quakes in the window,
#
# $$
# T = \sum_{d \in W} n_d .
# $$ {#eq:statistic alt="T is the sum of n of d over all days d in W"}
#
# A null model says what would be random if the two series had nothing to do with each other, and what would not.

# %% tags=["parameters"]
plan_file = "plan.toml"

# %%
import pandas as pd
from IPython.display import Markdown

import eventstudy as es
from eventstudy import charts, figures
from eventstudy.numbers import Numbers
from eventstudy.study.memory import memory
from eventstudy.study.plan import read_study
from eventstudy.study.words import (
    curve_means,
    family_means,
    near,
    pvalue_means,
    rule,
    short,
    side,
    verdict_means,
)
from eventstudy.tables import Table

figures.use_style()
numbers = Numbers()
remember = memory()
plan = read_study(plan_file)
events = plan.events.read(plan.period)
anchors = plan.anchors.read()
window = plan.primary.window
count = es.WindowCount(window)
drawn = {"rng": plan.seed, "n_resamples": plan.n_resamples}
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml")'),
    (events, "plan.events.read(plan.period)"),
    (anchors, "plan.anchors.read()"),
)
alternative = plan.primary.alternative
level = plan.primary.confidence_level
Markdown(f"The p-value is {pvalue_means(plan)} [@phipson2010permutation; @fisher1935design].")

# %%
nulls = {"primary": plan.nulls.primary, "second": plan.nulls.second, "naive": plan.nulls.naive}
tests = {
    role: remember(es.permutation_test)(
        events, anchors, count, null.build(), alternative=alternative, **drawn
    )
    for role, null in nulls.items()
}
ratio = es.rate_ratio(events, anchors, window, confidence_level=level)

# %%
#| label: tbl:tests
#| caption: The number of days with simulated quakes in the window under each null model of the plan.
table = (
    pd.concat([test.to_frame() for test in tests.values()], keys=tests).droplevel(1).rename_axis("null model")
)
table.insert(0, "keeps", [test.null.keeps for test in tests.values()])
Table(
    table[["keeps", "observed", "expected", "ratio", "pvalue", "pvalue_two_sided", "method"]]
    .astype({"observed": int})
    .set_axis(["keeps", "observed", "expected", "ratio", "p", "p, two-sided", "method"], axis=1),
    p=("p", "p, two-sided"),
    note=f"*p*: {side(alternative, plan.events.label)}. *p, two-sided* doubles the smaller tail. *Naive* is shown because it is what is usually done; it decides nothing.",
)

# %%
#| label: fig:nulls
#| caption: The distribution of the number of days with simulated quakes in the window under each null model, with the observed number (solid line) and the expected one (dotted). Dark bars are
#|   the p-value.
#| alt: Three bar charts side by side, one for each null model, with the number of days with simulated quakes in the window from left to right. A solid line marks the observed number and a dotted
#|   one the expected number; both are given in the table of the tests.
figure = charts.null_panels(tests)

# %%
primary, second, naive = tests.values()
observed = numbers.add("observed", int(primary.observed), "d", source=primary)
expected = numbers.add("expected", primary.expected, ".1f", source=primary)
p_primary = numbers.add("p-primary", primary.pvalue, "p=", source=primary)
p_second = numbers.add("p-second", second.pvalue, "p=", source=second)
p_naive = numbers.add("p-naive", naive.pvalue, "p=", source=naive)
rate = numbers.add("rate-ratio", ratio.ratio, ".2f", source=ratio)
interval = numbers.add("rate-ratio-interval", (ratio.low, ratio.high), ".2f", source=ratio)
Markdown(
    f"In {near(window)} {plan.anchors.label} there were {observed} {plan.events.label}; the primary null model brings {expected} on average ({p_primary}), the "
    f"second gives {p_second} and the naive one {p_naive} (@tbl:tests and @fig:nulls). The rate of {plan.events.label} inside the window is {rate} times that outside "
    f"({level:.0%} interval {interval}, exact for independent events; bursts make it too narrow)."
)

# %% [markdown]
# ## One anchor at a time
#
# The same question by anchor: a burst near one of the full moons then counts once.

# %%
hit = remember(es.permutation_test)(
    events,
    anchors,
    es.AnchorsHit(window),
    plan.nulls.primary.build(),
    alternative=alternative,
    **drawn,
)
hits = numbers.add("anchors-hit", int(hit.observed), "d", source=hit)
hits_all = numbers.add("anchors-in-reach", hit.n_anchors, "d", source=hit)
hits_expected = numbers.add("anchors-hit-expected", hit.expected, ".1f", source=hit)
hits_p = numbers.add("anchors-hit-p", hit.pvalue, "p=", source=hit)
Markdown(
    f"Of {hits_all} {plan.anchors.label}, {hits} have at least one of the {plan.events.label} in their window; under the primary null model it would be {hits_expected} on "
    f"average ({hits_p})."
)

# %% [markdown]
# ## Other windows, corrected together

# %%
Markdown(family_means(plan))

# %%
members = {
    short(lags): es.FamilyMember(es.WindowCount(lags), anchors, alternative) for lags in plan.family.windows
}
family = remember(es.permutation_family)(events, anchors, members, plan.nulls.primary.build(), **drawn)

# %%
#| label: tbl:family
#| caption: The windows of the plan under the primary null model, each alone and corrected for all.
frame = family.to_frame().set_index("name").rename_axis("window")
Table(
    frame[["observed", "expected", "ratio", "pvalue", "pvalue_adjusted"]]
    .astype({"observed": int})
    .set_axis(["observed", "expected", "ratio", "p", "p, corrected"], axis=1),
    p=("p", "p, corrected"),
    note=f"{side(alternative, plan.events.label)}.",
)

# %%
least = frame["pvalue_adjusted"].idxmin()
corrected = numbers.add("family-smallest-p", frame["pvalue_adjusted"].min(), "p=", source=family)
Markdown(f"The smallest corrected p-value is {corrected}, for the window of {least}.")

# %% [markdown]
# ## The whole curve

# %%
profile = remember(es.lag_profile)(
    events,
    anchors,
    plan.nulls.primary.build(),
    lags=plan.profile.lags,
    bin_days=plan.profile.bin_days,
    confidence_level=level,
    **drawn,
)
Markdown(
    f"@fig:profile shows the {plan.events.label} by lag from the {plan.anchors.label}, with a band that the whole curve leaves in {1 - level:.0%} of cases if the two series have nothing "
    f"to do with each other: a global envelope by extreme rank length [@myllymaki2017global]. Its p-value and the picture always agree."
)

# %%
#| label: fig:profile
#| caption: The days with simulated quakes by lag from the full moons (line), their expected number (dotted) and the band for the curve as a whole (grey), under the primary null model. Day 0, the day of
#|   the anchor, stands by itself; an event near two anchors counts for both.
#| alt: A step line of the number of days with simulated quakes by lag, from the lowest on the left to the highest on the right, over a dotted line of the expected number and a grey band. The
#|   text below says whether and where the line leaves the band.
ax = profile.plot()
ax.set_ylabel(f"number in {plan.profile.bin_days} days")
ax.figure.set_size_inches(figures.WIDTH, 2.8)

# %%
profile_p = numbers.add("profile-p", profile.pvalue, "p=", source=profile)
Markdown(f"{curve_means(profile)} ({profile_p}, for the whole curve.)")

# %% [markdown]
# ## The verdict {#sec:verdict}

# %%
verdict = plan.judge(primary, second, ratio)
Markdown(f"{rule(plan)} By this rule the verdict is: **{verdict}**. {verdict_means(plan, verdict, interval)}")

# %% tags=["abstract"]
Markdown(f"""
**Question.** {" ".join(plan.question.split())}

**Answer.** By the rule of the plan: **{verdict}**. {observed} {plan.events.label} fell in {near(window)} {plan.anchors.label}, where {expected} would be expected under the primary null model ({p_primary};
{p_second} under the second). {verdict_means(plan, verdict, interval)}
""")

# %%
numbers
