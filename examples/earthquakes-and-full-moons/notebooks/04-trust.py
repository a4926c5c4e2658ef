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
# # How far can the answer be trusted? {#sec:trust}
#
# A test is worth as much as its level and its power, and an answer as much as it stands when parts of the data are left out. This section asks four things: would the tests
# have found a link; do they reject too often where there is none; does one part carry the answer; and what do they say where nothing is expected?

# %% tags=["parameters"]
plan_file = "plan.toml"

# %%
import joblib
import pandas as pd
from IPython.display import Markdown

import eventstudy as es
from eventstudy import charts, figures
from eventstudy.numbers import Numbers
from eventstudy.study.memory import memory
from eventstudy.study.plan import read_study
from eventstudy.study.verdicts import verdict_curve
from eventstudy.study.words import (
    checks_side,
    influence_means,
    kinds_mean,
    levels_mean,
    near,
    reach_means,
    several,
    short,
    side,
    truths_mean,
)
from eventstudy.tables import Table

joblib.parallel_config(n_jobs=-1)
figures.use_style()
numbers = Numbers()
remember = memory()
plan = read_study(plan_file)
checks = plan.credibility
events = plan.events.read(plan.period)
anchors = plan.anchors.read()
window = plan.primary.window
count = es.WindowCount(window)
primary, second, naive = (null.build() for null in (plan.nulls.primary, plan.nulls.second, plan.nulls.naive))
alternative = plan.primary.alternative
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml")'),
    (events, "plan.events.read(plan.period)"),
    (anchors, "plan.anchors.read()"),
)

# %% [markdown]
# ## Could a link have been found? {#sec:power}
#
# Series without a link were drawn from the primary null model; events were then added inside the windows until these held so many times as many. Each series was tested and
# judged as the real one was.

# %%
planted = {
    "background": primary,
    "ratios": checks.power_ratios,
    "n_simulations": checks.n_series,
    "level": plan.primary.level,
    "power": plan.primary.power,
    "rng": plan.seed,
}
reach = {
    name: remember(es.minimum_detectable_ratio)(events, anchors, window, null, **planted)
    for name, null in {"primary": primary, "second": second}.items()
}
verdicts = remember(verdict_curve)(plan, events, anchors, rng=plan.seed)

# %%
#| label: fig:power
#| caption: Left, the share of series in which each test finds a planted link, with the interval of the simulation; the dashed line is the power that the plan asks for. Right, the verdicts on them. Both by the planted
#|   ratio of the rate inside the window to the rate without a link; 1 is no link.
#| alt: Two panels. On the left, two curves of the share of series with a small p-value, over the planted rate ratio from 1 upwards. On the right, a stacked bar for each ratio with the shares of the verdicts
#|   supported, cannot tell and not supported. The text below gives the ratios that are found.
figure = charts.power_and_verdicts(
    {name: found.curve for name, found in reach.items()}, verdicts, power=plan.primary.power
)

# %%
by_primary, by_second = reach.values()
reach_primary = numbers.add("reach-primary", by_primary.ratio, ".2f", source=by_primary)
reach_second = numbers.add("reach-second", by_second.ratio, ".2f", source=by_second)
series = numbers.add("reach-series", checks.n_series, "d", source=verdicts)
unclear_none = numbers.add("verdict-unclear-1", verdicts.share("cannot tell", 1.0), ".0%", source=verdicts)
false_none = numbers.add("verdict-supported-1", verdicts.share("supported", 1.0), ".0%", source=verdicts)
found = f"{reach_means('the primary test', by_primary, reach_primary)}; {reach_means('the second test', by_second, reach_second)}"
Markdown(
    f"With {series} series for each ratio, {found} (@fig:power). Where there is no link at all, the verdict would be *cannot tell* in {unclear_none} of the series and, falsely, "
    f"*supported* in {false_none}. A weaker link may be there and be missed.{checks_side(plan)}"
)

# %% [markdown]
# ## Do the tests hold their level? {#sec:level}

# %%
level = remember(es.type_one_error)(
    {truth.label: truth.build(events, anchors) for truth in checks.truths},
    {"primary": primary, "second": second, "both (the verdict)": (primary, second), "naive": naive},
    [count],
    levels=checks.levels,
    n_simulations=checks.n_simulations,
    rng=plan.seed,
)
nominal = level.levels[0]
Markdown(
    f"Data without a link: {kinds_mean(checks.truths)}. A test at the {nominal:.0%} level should reject in {nominal:.0%} of such data sets, or in somewhat fewer, as a count takes only whole "
    f"values. The verdict asks for both null models; its p-value is the larger of the two [@berger1982multiparameter]."
)

# %%
#| label: tbl:levels
#| caption: Share of data sets without a link in which each test rejects, with the interval of the simulation.
Table(level.intervals().rename_axis("data"), note=truths_mean(checks.truths))

# %%
sets = numbers.add("level-data-sets", level.n_simulations, "d", source=level)
worst = numbers.add("level-both-worst", level.rates()["both (the verdict)"].max(), ".1%", source=level)
Markdown(
    f"{levels_mean(level)} ({sets} data sets in each row of @tbl:levels.) The rule of the verdict rejects in at most {worst} of the data sets of any row."
)

# %% [markdown]
# ## Who carries it? {#sec:influence}

# %%
left_out = {
    f"without one {unit}": remember(es.leave_one_out)(
        events,
        anchors,
        count,
        primary,
        by=unit,
        burst_gap_days=checks.burst_gap_days,
        n_resamples=plan.n_resamples,
        rng=plan.seed,
    )
    for unit in checks.leave_out
}

# %%
#| label: fig:influence
#| caption: The ratio of observed to expected days with simulated quakes in the window without each one in turn, under the primary null model. The vertical line is the ratio with all, the dotted line is 1; a filled point has
#|   a p-value of at most 0.05.
#| alt: Points joined to a vertical line at the ratio with all, one for each part that is left out. The text below names the one that moves the ratio most.
tallest = max(len(found.table) for found in left_out.values())
figure = charts.influence_panels(left_out, height=0.9 + 0.14 * tallest if tallest <= 45 else 5.2)

# %%
full = next(iter(left_out.values())).full
own = numbers.add("ratio", full.ratio, ".2f", source=full)
moving = {unit: left_out[f"without one {unit}"].most_influential() for unit in checks.leave_out}
ratios = {
    unit: numbers.add(f"influence-ratio-{unit}", row["ratio"], ".2f", source=left_out[f"without one {unit}"])
    for unit, row in moving.items()
}
most = several([f"the {unit} {row['left_out']} ({ratios[unit]} without it)" for unit, row in moving.items()])
Markdown(
    f"With all, the ratio is {own}; what moves it most is {most} (@fig:influence). {influence_means(left_out.values(), plan.primary.level)}"
)

# %% [markdown]
# ## Where nothing is expected {#sec:placebo}

# %%
moved = f", and with the whole calendar of {plan.anchors.label} moved" if checks.shifts else ""
rhythm = f" Where {plan.anchors.label} come at a steady rhythm, a moved calendar can meet it again."
Markdown(
    f"The same question in {near(checks.after)} {plan.anchors.label}{moved}. A test that finds as much there as in the window is not to be believed."
    f"{rhythm if moved else ''}"
)

# %%
elsewhere = {
    "the plan": (anchors, count),
    short(checks.after): (anchors, es.WindowCount(checks.after)),
    **{
        f"calendar moved by {days:+d} days".replace("-", "−"): (
            es.Events(anchors.days + days, label="moved anchors"),
            count,
        )
        for days in checks.shifts
    },
}
placebo, placebo_second = (
    {
        name: remember(es.permutation_test)(
            events,
            others,
            statistic,
            null,
            alternative=alternative,
            rng=plan.seed,
            n_resamples=plan.n_resamples,
        )
        for name, (others, statistic) in elsewhere.items()
    }
    for null in (primary, second)
)

# %%
#| label: tbl:placebo
#| caption: The question of the plan put where nothing is expected.
shown = (
    pd.concat([test.to_frame() for test in placebo.values()], keys=placebo)
    .droplevel(1)
    .rename_axis("days looked at")
)
shown["second"] = [test.pvalue for test in placebo_second.values()]
Table(
    shown[["observed", "expected", "ratio", "pvalue", "second"]]
    .astype({"observed": int})
    .set_axis(["observed", "expected", "ratio", "p", "p, second"], axis=1),
    p=("p", "p, second"),
    note=f"{side(alternative, plan.events.label)}, not corrected for the number of rows. *p* is under the primary null model, *p, second* under the second.",
)

# %%
nothing = shown.drop(index="the plan")
placebo_ratio = numbers.add(
    "placebo-ratio-range",
    (nothing["ratio"].min(), nothing["ratio"].max()),
    ".2f",
    source=placebo[short(checks.after)],
)
Markdown(
    f"Where nothing is expected, the ratios run from {placebo_ratio}; in the window of the plan it is {own} (@tbl:placebo)."
)

# %% tags=["abstract"]
Markdown(f"""
**How sure.** In simulated series {found}. Without any link the rule would say *supported* in at most {worst} of simulated data sets. What a test of dates cannot show is why.
""")

# %%
numbers
