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
# A test is worth as much as its level and its power, and an answer as much as it holds when parts of the data are left out. This section asks four things: would the tests
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
from eventstudy.study.refusals import answered
from eventstudy.study.verdicts import verdict_curve
from eventstudy.study.verdict_words import (
    ROLES,
    checks_side,
    levels_mean,
    ratio_text,
    side,
    value_printed,
    without_answer,
)
from eventstudy.study.words import (
    influence_means,
    kinds_mean,
    near,
    reach_means,
    several,
    short,
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
asked = {role: plan.test(role) for role in ROLES}
primary = asked["primary"]
alternative = plan.primary.alternative
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml")'),
    (events, "plan.events.read(plan.period)"),
    (anchors, "plan.anchors.read()"),
)

# %% [markdown]
# ## Could a link have been found? {#sec:power}
#
# Series without a link were drawn from the primary null model; events were then added inside the windows until their number was multiplied by the ratio. Each series was tested and
# judged as the real one was.

# %%
planted = {
    "background": primary.null,
    "ratios": checks.power_ratios,
    "n_simulations": checks.n_series,
    "level": plan.primary.level,
    "power": plan.primary.power,
    "rng": plan.seed,
}
reach = {
    role: remember(es.minimum_detectable_ratio)(events, anchors, one.statistic, one.null, **planted)
    for role, one in asked.items()
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
    f"*supported* in {false_none}. A weaker link may exist and be missed.{checks_side(plan)}"
)

# %% [markdown]
# ## Do the tests hold their level? {#sec:level}

# %%
compared = {role: (one.statistic, one.null) for role, one in asked.items()}
compared["naive"] = (count, plan.nulls.naive.build())
levels = {
    name: remember(es.type_one_error)(
        {truth.label: truth.build(events, anchors) for truth in checks.truths},
        {name: null},
        [statistic],
        levels=checks.levels,
        n_simulations=checks.n_simulations,
        rng=plan.seed,
    )
    for name, (statistic, null) in compared.items()
}

# %%
level = levels["primary"]
nominal = level.levels[0]
Markdown(
    f"Data without a link: {kinds_mean(checks.truths)}. A test at the {nominal:.0%} level should reject in {nominal:.0%} of such data sets, or in somewhat fewer, as a count takes only whole "
    f"values. All tests see the same data sets. The verdict asks for the primary and the second test, so it is given falsely no more often than the rarer of the two rejects [@berger1982multiparameter]."
)

# %%
#| label: tbl:levels
#| caption: Share of data sets without a link in which each test rejects, with the interval of the simulation.
Table(
    pd.concat(
        [found.intervals().set_axis([name], axis=1) for name, found in levels.items()], axis=1
    ).rename_axis("data"),
    note=truths_mean(checks.truths),
)

# %%
sets = numbers.add("level-data-sets", level.n_simulations, "d", source=level)
rates = pd.concat([levels[role].rates().set_axis([role], axis=1) for role in ROLES], axis=1).min(axis=1)
rarer = min(ROLES, key=lambda role: levels[role].rates().iloc[:, 0].loc[rates.idxmax()])
worst = numbers.add("level-verdict-most", rates.max(), ".1%", source=levels[rarer])
Markdown(
    f"{levels_mean(levels)} ({sets} data sets in each row of @tbl:levels.) The verdict would be *supported* in at most {worst} of the data sets of any row, that with {rates.idxmax()}. Rows "
    f"that are not in the table were not tried: what both series share there and the tests do not take out, @sec:test says."
)

# %% [markdown]
# ## Who carries it? {#sec:influence}

# %%
left_out = {
    f"without one {unit}": remember(es.leave_one_out)(
        events,
        anchors,
        primary.statistic,
        primary.null,
        by=unit,
        burst_gap_days=checks.burst_gap_days,
        n_resamples=plan.n_resamples,
        rng=plan.seed,
    )
    for unit in checks.leave_out
}

# %%
#| label: fig:influence
#| caption: The primary test without each one in turn: its statistic, or for a count the ratio of observed to expected. The vertical line is that with all, the dotted line that without a link; a filled point has
#|   a p-value of at most 0.05.
#| alt: Points joined to a vertical line at the value with all, one for each part that is left out. The text below names the one that moves it most.
tallest = max(len(found.table) for found in left_out.values())
figure = charts.influence_panels(left_out, height=0.9 + 0.14 * tallest if tallest <= 45 else 5.2)

# %%
whole = next(iter(left_out.values()))
own = numbers.add("influence-all", whole.with_all, ".2f", source=whole.full)
moving = {unit: left_out[f"without one {unit}"].most_influential() for unit in checks.leave_out}
values = {
    unit: numbers.add(
        f"influence-{unit}",
        *value_printed(row[whole.measure], ".2f"),
        source=left_out[f"without one {unit}"],
    )
    for unit, row in moving.items()
}
most = several([f"the {unit} {row['left_out']} ({values[unit]} without it)" for unit, row in moving.items()])
Markdown(
    f"With all, the statistic ({whole.measure_label}) is {own}; what moves it most is {most} (@fig:influence). {influence_means(left_out.values(), plan.primary.level)}"
)

# %% [markdown]
# ## Where nothing is expected {#sec:placebo}

# %%
moved = f", and with the whole calendar of {plan.anchors.label} moved" if checks.shifts else ""
rhythm = f" Where {plan.anchors.label} come at a steady rhythm, a moved calendar can meet it again."
Markdown(
    f"The same question in {near(checks.after)} {plan.anchors.label}{moved}. A test that finds as much there as in the window cannot be trusted."
    f"{rhythm if moved else ''}"
)

# %%
elsewhere = {
    "the plan": (anchors, window),
    short(checks.after): (anchors, checks.after),
    **{
        f"calendar moved by {days:+d} days".replace("-", "−"): (
            es.Events(anchors.days + days, label="moved anchors"),
            window,
        )
        for days in checks.shifts
    },
}
drawn = {"rng": plan.seed, "n_resamples": plan.n_resamples}
placebo, placebo_second = (
    {
        name: answered(
            remember(es.permutation_test),
            events,
            others,
            plan.test(role, lags).statistic,
            asked[role].null,
            alternative=alternative,
            **drawn,
        )
        for name, (others, lags) in elsewhere.items()
    }
    for role in ROLES
)
ratios = {
    name: answered(
        remember(es.rate_ratio),
        events,
        others,
        lags,
        null=primary.null,
        within=primary.within,
        confidence_level=plan.primary.confidence_level,
        **drawn,
    )
    for name, (others, lags) in elsewhere.items()
}

# %%
#| label: tbl:placebo
#| caption: The question of the plan put where nothing is expected.
Table(
    pd.DataFrame(
        {
            "in the window": [
                int(es.WindowCount(lags)(events.days, others)) for others, lags in elsewhere.values()
            ],
            "rate ratio": [ratio_text(ratio) for ratio in ratios.values()],
            f"{plan.primary.confidence_level:.0%} interval": [
                ratio.interval_text() for ratio in ratios.values()
            ],
            "p": [test.pvalue for test in placebo.values()],
            "p, second": [test.pvalue for test in placebo_second.values()],
        },
        index=pd.Index(elsewhere, name="days looked at"),
    ),
    p=("p", "p, second"),
    note=f"{side(alternative, plan.events.label)}, not corrected for the number of rows. *p* is that of the primary test, whose inversion gives ratio and interval; *p, second* that of the second.{without_answer(ratios)}",
)

# %%
nothing = {
    name: test.pvalue for name, test in placebo.items() if name != "the plan" and test.pvalue == test.pvalue
}
own_p = numbers.add("placebo-p-own", placebo["the plan"].pvalue, "p=", source=placebo["the plan"])
least = min(nothing, key=nothing.get, default="")
smallest = numbers.add("placebo-p-smallest", nothing[least], "p=", source=placebo[least]) if least else None
Markdown(
    (
        f"Where nothing is expected, the smallest p-value of {len(nothing)} is {smallest} ({least}); in"
        if least
        else "Where nothing is expected, no test has a p-value; in"
    )
    + f" the window of the plan it is {own_p} (@tbl:placebo)."
)

# %% tags=["abstract"]
Markdown(f"""
**How sure.** In simulated series {found}. Without any link the rule would say *supported* in {false_none} of series drawn from the primary null model, and in up to {worst} of the data sets of the {len(checks.truths)} other kinds that were tried. What a test of dates cannot show is why.
""")

# %%
numbers
