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
# One window, two series, one number, and null models chosen beforehand. A null model says what would be random if the two series had nothing to do with each other, and
# what would not.

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
from eventstudy.study.refusals import NoAnswer, answered
from eventstudy.study.verdict_words import (
    ROLES,
    family_means,
    limits_mean,
    not_asked,
    pvalue_means,
    ratio_text,
    ratios_mean,
    reach_of_tests,
    rule,
    side,
    statistic_means,
    verdict_means,
    with_answer,
)
from eventstudy.study.words import curve_means, near, short
from eventstudy.tables import Table

figures.use_style()
numbers = Numbers()
remember = memory()
plan = read_study(plan_file)
events = plan.events.read(plan.period)
anchors = plan.anchors.read()
window = plan.primary.window
drawn = {"rng": plan.seed, "n_resamples": plan.n_resamples}
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml")'),
    (events, "plan.events.read(plan.period)"),
    (anchors, "plan.anchors.read()"),
)
alternative = plan.primary.alternative
level = plan.primary.confidence_level

# %%
Markdown(statistic_means(plan))

# %%
Markdown(
    f"The p-value is {pvalue_means(plan)} [@phipson2010permutation; @fisher1935design]. {limits_mean(plan)}"
)

# %%
asked = {role: plan.test(role) for role in ROLES}
questions = {role: (one.statistic, one.null) for role, one in asked.items()}
count = es.WindowCount(window)
questions |= {"plain count": (count, asked["primary"].null)} if plan.primary.statistic != "count" else {}
questions["naive"] = (count, plan.nulls.naive.build())
tests = {
    name: remember(es.permutation_test)(events, anchors, statistic, null, alternative=alternative, **drawn)
    for name, (statistic, null) in questions.items()
}
ratios = {
    role: answered(
        remember(es.rate_ratio),
        events,
        anchors,
        window,
        null=one.null,
        within=one.within,
        confidence_level=level,
        **drawn,
    )
    for role, one in asked.items()
}

# %%
#| label: tbl:tests
#| caption: The tests of the plan: the primary and the second decide, the others are shown beside them.
table = pd.concat([test.to_frame() for test in tests.values()], keys=tests).droplevel(1).rename_axis("test")
table.insert(0, "keeps", [test.null.keeps for test in tests.values()])
Table(
    table[["statistic", "keeps", "observed", "expected", "pvalue", "pvalue_two_sided"]].set_axis(
        ["statistic", "null model keeps", "observed", "expected", "p", "p, two-sided"], axis=1
    ),
    p=("p", "p, two-sided"),
    note=f"*p*: {side(alternative, plan.events.label)}. *p, two-sided* doubles the smaller tail. *Naive* is shown because it is what is usually done; it decides nothing.",
)

# %%
#| label: fig:nulls
#| caption: The distribution of each statistic under its null model, with the observed value (solid line) and the expected one (dotted). Dark, along the axis too where bars are too
#|   low to be seen, is what lies as far out as observed, whose share is the p-value (of two sides: the smaller one).
#| alt: Bar charts side by side, one for each test, with the statistic from left to right. A solid line marks the observed value and a dotted one the expected value; both are given in
#|   the table of the tests.
figure = charts.null_panels(tests)

# %%
#| label: tbl:ratios
#| caption: The rate of days with new releases inside the window over the rate outside, by inverting each test.
Table(
    pd.DataFrame(
        {
            "strata": [one.within for one in asked.values()],
            "rate ratio": [ratio_text(ratio) for ratio in ratios.values()],
            f"{level:.0%} interval": [ratio.interval_text() for ratio in ratios.values()],
            "p of a ratio that matters": [plan.primary.excluded_pvalue(ratio) for ratio in ratios.values()],
        },
        index=pd.Index(ratios, name="test"),
    ),
    p=("p of a ratio that matters",),
    note=" ".join(
        f"{role.capitalize()} test: {caution}."
        for role, ratio in ratios.items()
        for caution in ratio.cautions()
    ),
)

# %%
primary, second, naive = (tests[name] for name in (*ROLES, "naive"))
plain = tests.get("plain count", primary)
observed = numbers.add("observed", int(plain.observed), "d", source=plain)
expected = numbers.add("expected", plain.expected, ".1f", source=plain)
p_primary = numbers.add("p-primary", primary.pvalue, "p=", source=primary)
p_second = numbers.add("p-second", second.pvalue, "p=", source=second)
p_naive = numbers.add("p-naive", naive.pvalue, "p=", source=naive)
printed = {
    role: (
        numbers.add(f"rate-ratio{name}", ratio_text(ratio), source=ratio),
        numbers.add(f"rate-ratio-interval{name}", ratio.interval_text(), source=ratio),
    )
    for name, (role, ratio) in zip(("", "-second"), ratios.items(), strict=True)
}
said = ratios_mean(plan, ratios, printed)
matters = {
    role: numbers.add(f"p-matters-{role}", plan.primary.excluded_pvalue(ratio), "p=", source=ratio)
    for role, ratio in with_answer(ratios).items()
}
Markdown(
    f"In {near(window)} {plan.anchors.label} there were {observed} {plan.events.label}; the primary null model gives {expected} on average. The primary test, with "
    f"{asked['primary'].within}s, gives {p_primary}, the second, with {asked['second'].within}s, {p_second}, and the naive one {p_naive} (@tbl:tests and @fig:nulls). The rate of "
    f"{plan.events.label} inside the window is compared with that outside, within each {asked['primary'].within} and within each {asked['second'].within} (@tbl:ratios): {said}."
    f"{reach_of_tests({role: tests[role] for role in ROLES}, plan.primary.level)}"
)

# %% [markdown]
# ## One anchor at a time
#
# The same question by anchor: a burst near one of the NumPy feature releases then counts once.

# %%
hit = remember(es.permutation_test)(
    events,
    anchors,
    es.AnchorsHit(window),
    asked["primary"].null,
    alternative=alternative,
    **drawn,
)

# %%
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
windows = {short(lags): plan.test("primary", lags).statistic for lags in plan.family.windows}
undefined = {
    name: value.reason
    for name, statistic in windows.items()
    if isinstance(value := answered(statistic, events, anchors), NoAnswer)
}
members = {
    name: es.FamilyMember(statistic, anchors, alternative)
    for name, statistic in windows.items()
    if name not in undefined
}
family = remember(es.permutation_family)(events, anchors, members, asked["primary"].null, **drawn)

# %%
#| label: tbl:family
#| caption: The primary test with each window of the plan, alone and corrected for all.
frame = family.to_frame().set_index("name").rename_axis("window")
Table(
    frame[["observed", "expected", "pvalue", "pvalue_adjusted"]].set_axis(
        ["observed", "expected", "p", "p, corrected"], axis=1
    ),
    p=("p", "p, corrected"),
    note=f"{side(alternative, plan.events.label)}.{not_asked(undefined)}",
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
    asked["primary"].null,
    lags=plan.profile.lags,
    bin_days=plan.profile.bin_days,
    confidence_level=level,
    **drawn,
)

# %%
Markdown(
    f"@fig:profile shows the {plan.events.label} by lag from the {plan.anchors.label}, with a band that the whole curve leaves in {1 - level:.0%} of cases if the two series have nothing "
    f"to do with each other: a global envelope by extreme rank length [@myllymaki2017global]. Its p-value and the picture always agree. It compares plain counts under the primary null model: what that model does not keep is in the curve."
)

# %%
#| label: fig:profile
#| caption: The days with new releases by lag from the NumPy feature releases (line), their expected number (dotted) and the band for the curve as a whole (grey), under the primary null model. Day 0, the day of
#|   the anchor, is a separate bin; an event near two anchors counts for both.
#| alt: A step line of the number of days with new releases by lag, from the lowest on the left to the highest on the right, over a dotted line of the expected number and a grey band. The
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
verdict = plan.judge(primary, second, *ratios.values())
Markdown(f"{rule(plan)} By this rule the verdict is: **{verdict}**. {verdict_means(plan, verdict, matters)}")

# %% tags=["abstract"]
Markdown(f"""
**Question.** {" ".join(plan.question.split())}

**Answer.** By the rule of the plan: **{verdict}**. {observed} {plan.events.label} fell in {near(window)} {plan.anchors.label}, where {expected} would be expected under the primary null model. The tests give {p_primary} with {asked["primary"].within}s and {p_second} with {asked["second"].within}s; {said}. {verdict_means(plan, verdict, matters)}
""")

# %%
numbers
