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
# # Nine claims, one by one {#sec:claims}
#
# What the reports said, taken apart into nine claims. Each has a test of its own, a rule for its verdict, and one sentence that could be printed.

# %% [markdown] tags=["remove-cell"]
# *Run, Run All Cells takes about twenty seconds on two cores. A click on the bar above a sentence shows the calls behind its numbers.*

# %% tags=["parameters"]
plan_file = "plan.toml"

# %%
import pandas as pd
from IPython.display import Markdown

import eventstudy as es
from eventstudy import charts, datasets, figures
from eventstudy.measures.growth import days_by_year
from eventstudy.numbers import Numbers
from eventstudy.study.memory import memory
from eventstudy.study.plan import read_study
from eventstudy.study.words import holds
from eventstudy.results.shares import Share
from eventstudy.tables import Table
from launches import (
    Plan,
    check_leads,
    amended,
    claims_table,
    first_since,
    judge_change,
    judge_fact,
    judge_growth,
    judge_held_out,
    judge_hits,
    judge_stop,
    judge_waiting,
    printed_interval,
    together,
)

figures.use_style()
numbers = Numbers()
remember = memory()
plan = read_study(plan_file, Plan)
said = plan.claims
window = plan.primary.window
launches = plan.events.read(plan.period)
summits = plan.anchors.read()
primary = plan.nulls.primary.build()
second = plan.nulls.second.build()
numbers.define(
    ("plan", 'read_study("notebooks/plan.toml", launches.Plan)'),
    (launches, "plan.events.read(plan.period)"),
    (summits, "plan.anchors.read()"),
    ("during", "plan.anchors.rows()[['start', 'end']]"),
    ("exercise", "datasets.controls().query(\"kind == 'EXERCISE'\")[['start', 'end']]"),
    ("later", "[(plan.claims.change.day, plan.period.dates[-1])]"),
)

# %% [markdown]
# ## The rules
#
# The rules of this section are those of the plan; @sec:amendment has another one for claims 3 to 5, whose verdicts stand beside those of the plan. A claim is *supported* or *not supported* where the rule of @tbl:rules says so; in all other cases the data *cannot tell*, and that is
# a statement about the data, not about the claim. "p" is one-sided unless it says otherwise, the two null models are those of @sec:clustering, and
# intervals hold with 95% confidence.
#
# When was what fixed? The plan listed the nine claims before anything was computed; claim 3 and its rule are the primary analysis. The
# other rules and their bounds were put under version control later, before claims 1, 2 and 6 to 9 were computed. For claims 4 and 5 that was too late to be
# blind: the family of tests in @sec:clustering, which counts launch days before the same meetings, had already been computed. Claim 5 therefore
# has the primary rule unchanged, and claim 4 the same rule for summits with a launch.

# %%
#| label: tbl:rules
#| caption: The claims and the rule of each, as the plan has them.
rules = pd.DataFrame(list(said.rules))
Table(
    rules.set_axis(["claim", "supported if", "not supported if"], axis=1)
    .set_index(rules.index + 1)
    .rename_axis("no.")
)

# %% [markdown]
# ## Claims 1 and 2: dates

# %%
leads = check_leads(said.leads, datasets.launches(), datasets.summits())
ballistic = said.pause.events.read()
first = first_since(ballistic, said.pause.last, said.leads.launch)
watched = {f"since {period.dates[0].year}": plan.events.read(period) for period in said.pause.periods}
pauses = {name: es.pause_before(days, said.leads.launch) for name, days in watched.items()}
numbers.define(
    (leads, "launches.check_leads(plan.claims.leads, datasets.launches(), datasets.summits())"),
    (ballistic, "plan.claims.pause.events.read()"),
    *[
        (days, f"plan.events.read(plan.claims.pause.periods[{place}])")
        for place, days in enumerate(watched.values())
    ],
)
whole, recent = pauses.values()
verdict_1 = judge_fact(leads.as_said)
verdict_2 = judge_fact(first.as_said)

# %%
to_arrival = numbers.add("claim-1-arrival-days", leads.arrival_days, "d", source=leads)
to_meeting = numbers.add("claim-1-meeting-days", leads.meeting_days, "d", source=leads)
numbers.add("claim-1-announced", leads.announced.date(), source=leads)
pause_days = numbers.add("claim-2-pause-days", whole.length, "d", source=whole)
as_long = numbers.add("claim-2-as-long", whole.share.count, "d", source=whole)
all_pauses = numbers.add("claim-2-pauses", whole.share.total, "d", source=whole)
pause_share = numbers.add("claim-2-share", whole.share.value, ".1%", source=whole)
pause_interval = numbers.add(
    "claim-2-share-interval", (whole.share.low, whole.share.high), ".1%", source=whole
)
recent_as_long = numbers.add("claim-2-recent-as-long", recent.share.count, "d", source=recent)
recent_pauses = numbers.add("claim-2-recent-pauses", recent.share.total, "d", source=recent)
recent_interval = numbers.add(
    "claim-2-recent-share-interval", (recent.share.low, recent.share.high), ".1%", source=recent
)
of_days = numbers.add("claim-2-share-of-days", whole.share_of_days, ".0%", source=whole)
Markdown(
    f"**1. {said.rules[0].claim}** The tables have a launch on that day, the arrival {to_arrival} days and the meeting {to_meeting} days later. "
    f"The day of the arrival was {leads.when_announced}; that of the APEC meeting had long been known. "
    f"Verdict: **{verdict_1}**.\n\n"
    f"*In a sentence:* The launch came {to_arrival} days before the US president arrived in South Korea and {to_meeting} days before the leaders of APEC met; whether "
    f"that was meant, dates alone cannot say.\n\n"
    f"**2. {said.rules[1].claim}** The table has {holds('no ballistic launch', first.n_between == 0)}, in the scope of the CNS database or not, between "
    f"{numbers.add('claim-2-previous', first.previous_date, source=first)} and that day. Verdict: **{verdict_2}**. How unusual is a pause of {pause_days} days? "
    f"Of the {all_pauses} pauses between launch days since 2012 that have an end, this one among them, {as_long} were at least as long: {pause_share} "
    f"(exact 95% interval {pause_interval}, if pauses are independent); since May 2019 it is {recent_as_long} of {recent_pauses} ({recent_interval}; @fig:pauses). "
    f"Counted by days it is {holds('less rare', whole.share_of_days > whole.share.value)}: long pauses are made of many days, so that {of_days} of all days since 2012 lie in a pause as long as this one. "
    f"The pause was looked at because it was long, so no p-value is given.\n\n"
    f"*In a sentence:* It was the first ballistic launch in {pause_days} days, and {as_long} of {all_pauses} pauses since 2012 were as long."
)

# %%
#| label: fig:pauses
#| caption: The share of pauses between launch days that are at least as long as the days on the axis, and the pause before 22 October
#|   2025 (vertical line).
#| alt: Two falling stepped lines on a logarithmic axis, since 2012 and since 2019. About half of all pauses are shorter than nine
#|   days; at 167 days, marked by a line, only a few per cent are left.
figure = charts.pause_panels(pauses)

# %% [markdown]
# ## Claims 3, 4 and 5: launches before meetings

# %%
host = plan.family.named(said.host).read()
north = plan.family.named(said.north).read()
numbers.define(
    (host, "plan.family.named(plan.claims.host).read()"),
    (north, "plan.family.named(plan.claims.north).read()"),
)
count = es.WindowCount(window)
hit = es.AnchorsHit(window)
level = plan.primary.confidence_level

all_primary = es.permutation_test(launches, summits, count, primary)
all_second = es.permutation_test(launches, summits, count, second)
all_ratio = es.rate_ratio(launches, summits, window, confidence_level=level)
host_primary = es.permutation_test(launches, host, hit, primary)
host_second = es.permutation_test(launches, host, hit, second)
host_share = Share.of(int(host_primary.observed), host_primary.n_anchors, level)
host_ratio = es.rate_ratio(launches, host, window, confidence_level=level)
north_primary = es.permutation_test(launches, north, count, primary)
north_second = es.permutation_test(launches, north, count, second)
north_ratio = es.rate_ratio(launches, north, window, confidence_level=level)
north_table = es.count_table(launches, north, {"before": window})
errors = {"covariance": "HAC", "max_lag": plan.regression.max_lag}
north_model = es.poisson_regression(north_table, "count ~ before", **errors)
north_years = es.poisson_regression(north_table, "count ~ before + C(year)", **errors)

verdict_3 = plan.judge(all_primary, all_second, all_ratio)
verdict_4 = judge_hits(plan, host_primary, host_second, host_share)
verdict_5 = plan.judge(north_primary, north_second, north_ratio)

now = {  # by the amended rule
    label: plan.amendment.judge(list(remember(amended)(plan, launches, meetings).values()))
    for label, meetings in zip(plan.amendment.sets, (summits, host, north), strict=True)
}
now_3, now_4, now_5 = now.values()

# %%
#| label: tbl:links
#| caption: Claims 3, 4 and 5 under both null models.
#| note: Claims 3 and 5 count launch days in the 14 days before a meeting, exact; claim 4 counts meetings with a launch day in the 14 days before, exact too.
#|   *p, more* asks for as many or more, *p, fewer* for as few or fewer.
links = {
    "3. summits, years exchanged": all_primary,
    "3. summits, shifts within years": all_second,
    "4. summits in South Korea, years exchanged": host_primary,
    "4. summits in South Korea, shifts within years": host_second,
    "5. meetings with the North's leader, years exchanged": north_primary,
    "5. meetings with the North's leader, shifts within years": north_second,
}
shown = ["meetings", "observed", "expected", "p, more", "p, fewer"]
Table(
    pd.DataFrame(
        [(t.n_anchors, int(t.observed), t.expected, t.pvalue_greater, t.pvalue_less) for t in links.values()],
        index=pd.Index(links, name="claim and null model"),
        columns=shown,
    ),
    digits=1,
    p=("p, more", "p, fewer"),
)

# %%
reach = remember(es.minimum_detectable_ratio)(
    launches,
    host,
    window,
    primary,
    power=plan.primary.power,
    level=plan.primary.level,
    ratios=(1.5, 2.0, 2.5, 3.0),
    n_simulations=300,
    rng=plan.seed,
)

# %%
n_3 = numbers.add("claim-3-observed", int(all_primary.observed), "d", source=all_primary)
expected_3 = numbers.add("claim-3-expected", all_primary.expected, ".1f", source=all_primary)
p_3 = numbers.add("claim-3-p-primary", all_primary.pvalue, "p=", source=all_primary)
second_3 = numbers.add("claim-3-p-second", all_second.pvalue, "p=", source=all_second)
ratio_3 = numbers.add("claim-3-ratio", all_ratio.ratio, ".2f", source=all_ratio)
interval_3 = numbers.add("claim-3-ratio-interval", (all_ratio.low, all_ratio.high), ".2f", source=all_ratio)
n_4 = numbers.add("claim-4-hit", host_share.count, "d", source=host_primary)
of_4 = numbers.add("claim-4-summits", host_share.total, "d", source=host_primary)
expected_4 = numbers.add("claim-4-expected", host_primary.expected, ".1f", source=host_primary)
expected_4_second = numbers.add("claim-4-expected-second", host_second.expected, ".1f", source=host_second)
share_4 = numbers.add("claim-4-share", host_share.value, ".0%", source=host_primary)
interval_4 = numbers.add(
    "claim-4-share-interval", (host_share.low, host_share.high), ".0%", source=host_primary
)
p_4 = numbers.add("claim-4-p-primary", host_primary.pvalue, "p=", source=host_primary)
second_4 = numbers.add("claim-4-p-second", host_second.pvalue, "p=", source=host_second)
days_4 = numbers.add("claim-4-launch-days", host_ratio.count_inside, "d", source=host_ratio)
ratio_4 = numbers.add("claim-4-ratio", host_ratio.ratio, ".2f", source=host_ratio)
interval_ratio_4 = numbers.add(
    "claim-4-ratio-interval", (host_ratio.low, host_ratio.high), ".2f", source=host_ratio
)
reach_4 = numbers.add("claim-4-detectable-ratio", reach.ratio, ".1f", source=reach)
n_5 = numbers.add("claim-5-observed", int(north_primary.observed), "d", source=north_primary)
meetings_5 = numbers.add("claim-5-meetings", north_primary.n_anchors, "d", source=north_primary)
expected_5 = numbers.add("claim-5-expected", north_primary.expected, ".1f", source=north_primary)
expected_5_second = numbers.add("claim-5-expected-second", north_second.expected, ".1f", source=north_second)
p_5 = numbers.add("claim-5-p-primary", north_primary.pvalue, "p=", source=north_primary)
second_5 = numbers.add("claim-5-p-second", north_second.pvalue, "p=", source=north_second)
fewer_5 = numbers.add("claim-5-p-fewer-primary", north_primary.pvalue_less, "p=", source=north_primary)
fewer_5_second = numbers.add("claim-5-p-fewer-second", north_second.pvalue_less, "p=", source=north_second)
ratio_5 = numbers.add("claim-5-ratio", north_ratio.ratio, ".2f", source=north_ratio)
interval_5 = numbers.add(
    "claim-5-ratio-interval", (north_ratio.low, north_ratio.high), ".2f", source=north_ratio
)
crude = north_model.irr.loc["before"]
same_year = north_years.irr.loc["before"]
bursts_5 = numbers.add(
    "claim-5-ratio-interval-bursts", (crude["low"], crude["high"]), ".2f", source=north_model
)
years_5 = numbers.add("claim-5-ratio-same-year", same_year["irr"], ".2f", source=north_years)
years_interval_5 = numbers.add(
    "claim-5-ratio-same-year-interval", (same_year["low"], same_year["high"]), ".2f", source=north_years
)
Markdown(
    f"**3. {said.rules[2].claim}** The primary analysis: {n_3} launch days in the window, {expected_3} expected ({p_3} and {second_3}), a rate ratio of {ratio_3} "
    f"({interval_3} for independent launches). Verdict by the plan: **{verdict_3}**; amended: **{now_3}**; what could have been found stands in @sec:clustering.\n\n"
    f"*In a sentence:* From 2012 to 2024 launches were {holds('about as frequent in the two weeks before summits of the two presidents as chance would bring', all_primary.pvalue_two_sided > 0.5)}, {n_3} launch days where {expected_3} were "
    f"expected; a moderate excess {holds('cannot be ruled out', verdict_3 == 'cannot tell')}.\n\n"
    f"**4. {said.rules[3].claim}** Of {of_4} summits in South Korea, {n_4} had a launch in the 14 days before: {share_4} (exact interval {interval_4}, "
    f"if summits are independent). Chance would bring {expected_4} with years exchanged ({p_4}) and {expected_4_second} with shifts within years ({second_4}). Verdict by the plan: **{verdict_4}**; amended, by launch days: **{now_4}**. As a plain count "
    f"the word *repeatedly* is {holds('right', host_share.count > 1)}; as a pattern there is {holds('no sign of it', verdict_4 != 'supported')}. Counted by launch days there were {days_4} in these windows, a rate ratio of {ratio_4} ({interval_ratio_4} for independent launches); such a count "
    f"would have found a ratio of {reach_4} in four studies of five under the primary null model, so a weaker habit could have stayed hidden.\n\n"
    f"*In a sentence:* There was a launch in the two weeks before {n_4} of {of_4} summits in South Korea, and chance alone would bring about {expected_4}.\n\n"
    f"**5. {said.rules[4].claim}** Before {meetings_5} meetings there were {n_5} launch days; {expected_5} would be expected with years exchanged and {expected_5_second} with shifts within "
    f"years. {holds('Neither more', min(north_primary.pvalue, north_second.pvalue) > plan.primary.level)} ({p_5} and {second_5}) nor, as the plan expected, {holds('fewer', min(north_primary.pvalue_less, north_second.pvalue_less) > plan.primary.level)} ({fewer_5} and {fewer_5_second}) than chance would bring. The rate ratio is {ratio_5} ({interval_5} for independent launches), so a rate half as "
    f"high again is {holds('excluded', north_ratio.high < 1.5)} by the rule of the plan. Verdict by the plan: **{verdict_5}**. That interval does not hold for launches in bursts (@tbl:coverages); amended, the verdict is **{now_5}**. Exploratory: with allowance for bursts it is {bursts_5}; held against days of the same year only, the ratio is {years_5} "
    f"({years_interval_5}), so {holds('the verdict rests on the comparison with all years', same_year['high'] >= 1.5)}. Most of these meetings fell in 2018 and 2019, years of talks, and what was intended no count can show.\n\n"
    f"*In a sentence:* Launches were {holds('not more frequent', n_5.value <= expected_5.value)} than expected in the two weeks before meetings with North Korea's leader, {n_5} launch days before {meetings_5} meetings; {holds('they are too few to rule out a habit', now_5 == 'cannot tell')}."
)

# %% [markdown]
# ## Claim 6: a change after Hanoi
#
# Two ways to ask. The hypothesis that is tested is that there is no link in either part, so a small p-value would need a look at both parts. In the Poisson model of @sec:rates the term *before* gets another ratio from 1 March 2019 on. And each part of the period is tested by itself
# under shifts within years; the difference of observed over expected has an exact distribution, as the parts are
# independent.

# %%
change = es.ratio_change(launches, summits, window, said.change.day, second, confidence_level=level)
controls = datasets.controls()
meetings = plan.anchors.rows()
table = es.count_table(
    launches,
    summits,
    {"before": plan.regression.before, "during": meetings[["start", "end"]], "after": plan.regression.after},
    covariates={
        "exercise": controls.loc[controls["kind"] == "EXERCISE", ["start", "end"]],
        "later": [(said.change.day, plan.period.dates[-1])],
    },
    history={"past_7": (1, 7), "past_8_30": (8, 30)},
)
model = es.poisson_regression(table, said.change.formula, **errors)
verdict_6 = judge_change(plan, change, model)

# %%
term = model.irr.loc[said.change.term]
n_early = numbers.add("claim-6-observed-before", int(change.before.observed), "d", source=change)
expected_early = numbers.add("claim-6-expected-before", change.before.expected, ".1f", source=change)
n_late = numbers.add("claim-6-observed-after", int(change.after.observed), "d", source=change)
expected_late = numbers.add("claim-6-expected-after", change.after.expected, ".1f", source=change)
p_change = numbers.add("claim-6-p-shifts", change.pvalue, "p=", source=change)
ratio_6 = numbers.add("claim-6-ratio", term["irr"], ".2f", source=model)
interval_6 = numbers.add("claim-6-ratio-interval", (term["low"], term["high"]), ".2f", source=model)
p_6 = numbers.add("claim-6-p-model", term["pvalue"], "p=", source=model)
Markdown(
    f"**6. {said.rules[5].claim}** To February 2019 there were {n_early} launch days in the window where {expected_early} were expected, and {n_late} where {expected_late} were "
    f"expected from then on ({p_change}, two-sided; @fig:ratios). In the Poisson model the ratio of the days before summits became {ratio_6} times what it had been ({interval_6}, {p_6}). "
    f"Verdict: **{verdict_6}**. {holds('January and February 2019 had no launch', not len(launches.within(es.Period('2019-01-01', '2019-03-01'))))}, so the model's term for the later part as such has no finite estimate; the ratio given here hardly depends on that.\n\n"
    f"*In a sentence:* The timing of launches before summits {holds('shows no change after Hanoi, and there are too few launches to rule one out', verdict_6 == 'cannot tell')}."
)

# %%
#| label: fig:ratios
#| caption: The rate of launch days in the 14 days before meetings over the rate on all other days of the same time, with exact 95% intervals for
#|   independent launches.
#| alt: Forest plot of five rate ratios on a logarithmic axis. All summits lie near one, summits in South Korea a little above it, meetings
#|   with the North's leader far below it; summits before Hanoi lie below one and after Hanoi a little above. Every interval spans one.
figure = charts.rate_ratios(
    {
        "3. all summits": all_ratio,
        "4. summits in South Korea": host_ratio,
        "5. meetings with the North's leader": north_ratio,
        "6. summits to February 2019": change.rate_before,
        "6. summits from March 2019": change.rate_after,
    }
)

# %% [markdown]
# ## Claim 7: UN resolutions
#
# Launch days in the 181 days that end with the vote in New York, as the Korean day of the vote counts as before, and in the 180 days after. The joint ratio compares the days that lie after
# some resolution with those that lie before some, leaving out days that do both; @tbl:stretches says what that leaves. Its errors allow for correlation over 180 days: over the 28 of a burst the
# interval would be too narrow for windows of this length.
#
# The rule calls the claim *not supported* if the interval lies below one half. It can be earned by regression to the mean alone: resolutions answer launches, so they come after busy times, and what follows a busy time
# is quieter whatever is done. So that verdict would not show an effect of the resolutions, while a ratio near one stands against this drift.

# %%
since_2006 = plan.events.read(said.aftermath.period)
votes = said.aftermath.anchors.read()
numbers.define(
    (since_2006, "plan.events.read(plan.claims.aftermath.period)"),
    (votes, "plan.claims.aftermath.anchors.read()"),
)
resolutions = es.before_after(
    since_2006,
    votes,
    said.aftermath.days,
    {"years exchanged": primary, "shifts within years": second},
    max_lag=said.aftermath.max_lag,
    confidence_level=level,
)
verdict_7 = judge_stop(plan, resolutions)

# %%
#| label: tbl:resolutions
#| caption: Launch days in the 181 days to each resolution and the 180 days after, with the rate ratio of after over before.
#| note: Exact intervals for independent launches, conditional on the sum, and two-sided p-values, each resolution alone. Neighbouring resolutions share days.
Table(
    resolutions.to_frame().set_axis(["resolution", "before", "after", "ratio", "low", "high", "p"], axis=1),
    p=("p",),
)

# %%
#| label: tbl:stretches
#| caption: The joint ratio of claim 7 by stretch of days near resolutions: launch days that lie before a resolution, after one, or both.
#| note: Launch days that are both are left out.
Table(resolutions.stretches.set_axis(["first day", "last day", "before", "after", "both"], axis=1))

# %%
exchanged_7, shifted_7 = resolutions.tests.values()
followed = numbers.add("claim-7-followed", resolutions.n_followed, "d", source=resolutions)
n_resolutions = numbers.add("claim-7-resolutions", len(resolutions.to_frame()), "d", source=resolutions)
ratio_7 = numbers.add("claim-7-ratio", resolutions.ratio, ".2f", source=resolutions)
interval_7 = numbers.add("claim-7-ratio-interval", resolutions.interval, ".2f", source=resolutions)
compared_7 = resolutions.stretches[["before", "after", "both"]].sum()
left_out_7 = numbers.add("claim-7-left-out", int(compared_7["both"]), "d", source=resolutions)
p_7 = numbers.add("claim-7-p-exchanged", exchanged_7.pvalue, "p=", source=exchanged_7)
p_7_second = numbers.add("claim-7-p-shifts", shifted_7.pvalue, "p=", source=shifted_7)
Markdown(
    f"**7. {said.rules[6].claim}** After {followed} of {n_resolutions} resolutions there was a launch within {said.aftermath.days} days. All together, the rate after was {ratio_7} times the rate "
    f"before ({interval_7}). That rests on {compared_7['before']} launch days before and {compared_7['after']} after; {left_out_7} others, {holds('all of them in the stretch from 2015 to 2018', (resolutions.stretches['both'] > 0).sum() == 1 and resolutions.stretches['first'].iloc[-1].year == 2015 and resolutions.stretches['last'].iloc[-1].year == 2018)}, lie in days that are both. Launch days before minus after differ from chance {holds('neither with years exchanged', exchanged_7.pvalue > plan.primary.level)} ({p_7}, two-sided) nor {holds('with shifts within years', shifted_7.pvalue > plan.primary.level)} ({p_7_second}). The interval {holds('holds a halving as well as a doubling', resolutions.interval[0] < 0.5 and resolutions.interval[1] > 2)}, so the verdict by the rule is: **{verdict_7}**. That launches went on is plain from the counts; whether they would have been more without the resolutions is the "
    f"question, and these data do not answer it; the quiet after December 2017 was also the year of talks.\n\n"
    f"*In a sentence:* Launches followed within half a year after {followed} of {n_resolutions} UN resolutions; whether the resolutions made them rarer, the numbers {holds('cannot tell', verdict_7 == 'cannot tell')}."
)

# %%
#| label: fig:resolutions
#| caption: Launch days in the 180 days before, the day of the vote included, and in the 180 days after each UN resolution on North Korea's weapons since 2006.
#| alt: Eleven rows, one a resolution. To 2016 the number after is mostly the same or larger than before; in 2017 it is smaller, and after the
#|   resolution of December 2017 it is zero.
ax = resolutions.plot()
ax.figure.set_size_inches(figures.WIDTH, 3.3)

# %% [markdown]
# ## Claim 8: growth

# %%
decade = plan.events.read(said.growth.period)
numbers.define((decade, "plan.events.read(plan.claims.growth.period)"))
growth = es.yearly_growth(decade, confidence_level=level)
longer = es.yearly_growth(launches, confidence_level=level)
kinds = days_by_year(datasets.launches(), "category", said.growth.period)
verdict_8 = judge_growth(plan, growth)

# %%
#| label: fig:growth
#| caption: Above, launch days of the plan by year, with the fitted trend. Below, days with a launch of each category, in the scope of the CNS database
#|   or not; a day may stand in several rows.
#| note: SRBM, MRBM, IRBM, ICBM: ballistic missiles of short, medium, intermediate and intercontinental range; SLBM: from submarines; SLV: satellite
#|   launchers; CRUISE: cruise missiles; SAM: against aircraft; MLRS_LARGE: large artillery rockets.
#| alt: Bars from 2015 to 2024 with a slowly rising line; the bars swing from none in 2018 to 33 in 2022. Below, a grid of circles:
#|   short-range ballistic missiles from 2019 on and cruise missiles from 2021 on are the most frequent, intercontinental ones stand in 2017 and 2022 to 2024.
figure = charts.growth_and_kinds(growth, kinds)

# %%
ratio_8 = numbers.add("claim-8-yearly-ratio", growth.ratio, ".2f", source=growth)
interval_8 = numbers.add("claim-8-yearly-ratio-interval", (growth.low, growth.high), ".2f", source=growth)
p_8 = numbers.add("claim-8-p", growth.pvalue, "p=", source=growth)
dispersion_8 = numbers.add("claim-8-dispersion", growth.model.dispersion, ".1f", source=growth)
negative = growth.negative_binomial.irr.loc["step"]
nb_8 = numbers.add("claim-8-negative-binomial", negative["irr"], ".2f", source=growth)
nb_interval_8 = numbers.add(
    "claim-8-negative-binomial-interval", (negative["low"], negative["high"]), ".2f", source=growth
)
longer_8 = numbers.add("claim-8-longer-ratio", longer.ratio, ".2f", source=longer)
longer_interval_8 = numbers.add(
    "claim-8-longer-ratio-interval", (longer.low, longer.high), ".2f", source=longer
)
Markdown(
    f"**8. {said.rules[7].claim}** The tables know launches, not stocks, so what is judged is the number of launch days. From 2015 to 2024 it {holds('grew', growth.ratio > 1)} by a factor of {ratio_8} a year ({interval_8}, "
    f"{p_8}, two-sided). Years differ {dispersion_8} times as much as independent launches would, and ten of them do not settle a trend. A negative binomial model gives {nb_8} ({nb_interval_8}). "
    f"Verdict: **{verdict_8}**. Exploratory: over all thirteen years of the plan it is {longer_8} ({longer_interval_8}). @fig:growth shows the categories, none of them tested by itself. Cruise and short-range launches "
    f"before 2014 were often not published, so part of the longer trend may be better reporting.\n\n"
    f"*In a sentence:* Launch days {holds('grew from 2015 to 2024 on average, but so unevenly from year to year that chance could explain the trend', growth.ratio > 1 >= growth.low)}; the size of the arsenal is another matter, which launches do not show."
)

# %% [markdown]
# ## Claim 9: parades
#
# The wait from 10 October of the party's round years to the next intercontinental missile or satellite launcher, against the wait from other days: all shifts of the
# anniversaries together round the years 2006 to 2024, and the anniversaries of one year with the launches of another. This is what was planned, when the tables had neither
# parades nor engine tests. As far as texts date them they were added since, and the same question is asked of both, round the years of the plan; this is exploratory. A wait without an
# end in the tables counts up to their end, 8 October 2026, for anniversaries as for any other day.

# %%
long_range = said.waiting.events.read(said.waiting.record)
anniversaries = said.waiting.anchors.read(said.waiting.period)
numbers.define(
    (long_range, "plan.claims.waiting.events.read(plan.claims.waiting.record)"),
    (anniversaries, "plan.claims.waiting.anchors.read(plan.claims.waiting.period)"),
)
waits = es.waiting_times(
    long_range,
    anniversaries,
    {"all shifts": es.CircularShift(), "years exchanged": primary},
    near_days=said.waiting.near_days,
    confidence_level=level,
)
verdict_9 = judge_waiting(plan, waits)
parades = said.waiting.parades.read(plan.period)
engine_tests = said.waiting.engine_tests.read(plan.period)
numbers.define(
    (parades, "plan.claims.waiting.parades.read(plan.period)"),
    (engine_tests, "plan.claims.waiting.engine_tests.read(plan.period)"),
)
after_parades, after_tests = (
    es.waiting_times(
        long_range,
        days,
        {"all shifts": es.CircularShift(), "years exchanged": primary},
        near_days=said.waiting.near_days,
        confidence_level=level,
    )
    for days in (parades, engine_tests)
)
verdict_parades = judge_waiting(plan, after_parades)

# %%
#| label: tbl:waits
#| caption: From each round anniversary of 10 October, each parade on a round anniversary and each engine test to the next launch of an
#|   intercontinental missile or a satellite.
#| note: The anniversaries are those of the plan. A parade of 10 October stands beside the anniversary of its day.
asked = {"anniversary": waits, "parade": after_parades, "engine test": after_tests}
Table(
    pd.concat([one.to_frame() for one in asked.values()], keys=asked, names=["after", None])
    .droplevel(1)
    .reset_index()
    .set_axis(["after", "day", "next long-range launch", "days"], axis=1)
)

# %%
shifted_9, exchanged_9 = waits.tests.values()
near_9 = numbers.add("claim-9-near", waits.near.count, "d", source=waits)
of_9 = numbers.add("claim-9-anniversaries", waits.near.total, "d", source=waits)
interval_9 = numbers.add("claim-9-near-interval", (waits.near.low, waits.near.high), ".0%", source=waits)
any_9 = numbers.add("claim-9-near-any-day", waits.near_any_day, ".0%", source=waits)
mean_9 = numbers.add("claim-9-mean-wait", waits.mean_days, ".0f", source=waits)
expected_9 = numbers.add("claim-9-expected-wait", -shifted_9.expected, ".0f", source=waits)
expected_9_years = numbers.add("claim-9-expected-wait-years", -exchanged_9.expected, ".0f", source=waits)
last_9 = numbers.add("claim-9-last-launch", long_range.dates[-1].date(), source=long_range)
p_9 = numbers.add("claim-9-p-shifts", shifted_9.pvalue, "p=", source=waits)
p_9_years = numbers.add("claim-9-p-years", exchanged_9.pvalue, "p=", source=waits)
shifted_parades, exchanged_parades = after_parades.tests.values()
near_parades = numbers.add("claim-9-parades-near", after_parades.near.count, "d", source=after_parades)
n_parades = numbers.add("claim-9-parades", after_parades.near.total, "d", source=after_parades)
interval_parades = numbers.add(
    "claim-9-parades-near-interval",
    (after_parades.near.low, after_parades.near.high),
    ".0%",
    source=after_parades,
)
any_parades = numbers.add(
    "claim-9-parades-near-any-day", after_parades.near_any_day, ".0%", source=after_parades
)
p_parades = numbers.add("claim-9-parades-p-shifts", shifted_parades.pvalue, "p=", source=after_parades)
p_parades_years = numbers.add("claim-9-parades-p-years", exchanged_parades.pvalue, "p=", source=after_parades)
near_tests = numbers.add("claim-9-engine-tests-near", after_tests.near.count, "d", source=after_tests)
n_tests = numbers.add("claim-9-engine-tests", after_tests.near.total, "d", source=after_tests)
Markdown(
    f"**9. {said.rules[8].claim}** Within {said.waiting.near_days} days of the round anniversary a long-range launch came {near_9} times out of {of_9} (exact interval {interval_9}), and "
    f"within {said.waiting.near_days} days of {any_9} of all days. The mean wait was {mean_9} days, where {expected_9} would be expected under all shifts ({p_9}) and {expected_9_years} with years exchanged ({p_9_years}). "
    f"Verdict: **{verdict_9}**: {of_9} anniversaries are {holds('too few to show a habit or to rule it out', verdict_9 == 'cannot tell')}. The last long-range launch of the tables, which reach to {datasets.launches_observed_to():%-d %B %Y}, is that of {last_9}, so {holds('none has followed', long_range.dates[-1] < pd.Timestamp('2025-10-10'))} the "
    f"anniversary of 2025 in them. Exploratory: of the {n_parades} parades from 2012 to 2024 that are dated and lay on a round anniversary or the night before, {near_parades} had a long-range launch within "
    f"{said.waiting.near_days} days ({interval_parades}; {any_parades} of all days of these years; {p_parades} under all shifts, {p_parades_years} with years exchanged); by the rule of the plan they give the verdict *{verdict_parades}*. Of the {n_tests} engine tests "
    f"that are dated {near_tests} had one; most such tests are not, so nothing follows from that. Left out are parades for congresses and on other years, one that was not public, and all tests without a day.\n\n"
    f"*In a sentence:* {near_9} of the {of_9} round anniversaries from 2010 to 2020 were followed by a long-range launch within {said.waiting.near_days} days, and {of_9} are {holds('too few to say whether there is a rule', verdict_9 == 'cannot tell')}."
)

# %% [markdown]
# ## The held-out period {#sec:held-out}
#
# The primary statistic, once, for the time that the plan kept back: 1 January to 7 November 2025. Years cannot be exchanged in a period that is no whole year, so the plan takes all
# shifts of the launch days round these days instead; one null model where the primary analysis had two.

# %%
held_launches = plan.events.read(plan.held_out)
numbers.define((held_launches, "plan.events.read(plan.held_out)"))
held = es.permutation_test(held_launches, summits, count, plan.nulls.held_out.build())
held_ratio = es.rate_ratio(held_launches, summits, window, confidence_level=level)
held_verdict = judge_held_out(plan, held, held_ratio)

# %%
held_n = numbers.add("held-out-launch-days", held.n_events, "d", source=held)
held_inside = numbers.add("held-out-observed", int(held.observed), "d", source=held)
held_expected = numbers.add("held-out-expected", held.expected, ".1f", source=held)
held_summits = numbers.add("held-out-summits", held.n_anchors, "d", source=held)
held_p = numbers.add("held-out-p", held.pvalue, "p=", source=held)
held_rate = numbers.add("held-out-ratio", held_ratio.ratio, ".2f", source=held_ratio)
held_interval = numbers.add(
    "held-out-ratio-interval", (held_ratio.low, held_ratio.high), ".2f", source=held_ratio
)
Markdown(
    f"*Held out.* There were {held_n} launch days and {held_summits} summits; {held_inside} {holds('launch day fell in a window, that of 22 October', held.observed == 1)}, which prompted the question, and {held_expected} would be expected "
    f"({held_p}, exact). The rate ratio is {held_rate} ({held_interval} for independent launches): {holds('so few launches say nothing either way', held_verdict == 'cannot tell')}. By the primary rule: **{held_verdict}**."
)

# %% [markdown]
# ## Nine verdicts read together
#
# Claims 1 and 2 are matters of dates. Claims 3, 4, 5, 6 and 9 are tested by p-values, each of which has to be small twice, under two null models or methods; claims 7 and 8 are judged by an
# interval. If none of these seven held, and if each of their tests and intervals kept its level, the chance that at least one would be called supported would be at most about five times 5% plus two times 2.5%, that is 30%, so a single
# *supported* among them would have been weak evidence. The tests of the plan keep it only where launches and meetings do not share a growth and a season at once (@sec:amendment); where they do, the chance is larger. @tbl:together corrects the larger of the two p-values of each claim for the five of them. *Cannot tell* is the commonest verdict because thirteen years hold few launches
# before any one kind of meeting; it must not be read as *not supported*.

# %%
#| label: tbl:together
#| caption: The larger of the two p-values of each tested claim, and the same corrected for five claims (Holm).
pvalues = {
    "3. before summits": max(all_primary.pvalue, all_second.pvalue),
    "4. Seoul as the host": max(host_primary.pvalue, host_second.pvalue),
    "5. meetings with the North's leader": max(north_primary.pvalue, north_second.pvalue),
    "6. change after Hanoi": max(change.pvalue, float(term["pvalue"])),
    "9. parades": max(shifted_9.pvalue, exchanged_9.pvalue),
}
Table(
    together(pvalues),
    p=("p", "p, corrected"),
)

# %%
quarters = [remember(amended)(plan, launches, meetings)["quarter"] for meetings in (summits, host, north)]
ratios = [
    f"rate ratio within quarters {numbers.add(f'claim-{claim}-quarters-ratio', found.ratio, '.2f', source=found)} ({printed_interval(numbers, f'claim-{claim}-quarters', found)})"
    for claim, found in zip((3, 4, 5), quarters, strict=True)
]
judged = claims_table(
    said.rules,
    [
        (f"{to_arrival} and {to_meeting} days", verdict_1),
        (f"{pause_days} days; {as_long} of {all_pauses} pauses since 2012 were as long", verdict_2),
        (f"{n_3} launch days, {expected_3} expected; {p_3}; {ratios[0]}", now_3),
        (f"{n_4} of {of_4} summits, {expected_4} expected; {p_4}; {ratios[1]}", now_4),
        (f"{n_5} launch days, {expected_5} expected; {ratios[2]}", now_5),
        (f"ratio of ratios {ratio_6} ({interval_6}); {p_6}", verdict_6),
        (
            f"rate after over before {ratio_7} ({interval_7}); after {followed} of {n_resolutions}",
            verdict_7,
        ),
        (f"launch days {ratio_8} times a year ({interval_8})", verdict_8),
        (f"{near_9} of {of_9} within {said.waiting.near_days} days; {p_9}", verdict_9),
    ],
    data=datasets.checksums(),
)

# %%
planned = dict(zip((3, 4, 5), (verdict_3, verdict_4, verdict_5), strict=True))
changed = [claim for claim, verdict in zip(planned, now.values(), strict=True) if planned[claim] != verdict]
differ = (
    " and ".join(f"claim {claim} was *{planned[claim]}*" for claim in changed)
    if changed
    else "no verdict was another"
)

# %% tags=["abstract"]
#| label: tbl:claims
#| caption: Nine claims and verdicts: 3 to 5 by the amended rule (@sec:amendment), the others by the plan (@sec:claims).
Table(
    judged.to_frame(),
    note=f"*Cannot tell*: the data neither show it nor exclude it. Intervals have 95% confidence; p is that of the primary test of the plan. *Held out*, 1 January to 7 November 2025: {held_inside} of {held_n} "
    f"launch days before a summit, {held_expected} expected ({held_p}): {held_verdict} (@sec:held-out). By the plan, {differ}.",
)

# %%
numbers
