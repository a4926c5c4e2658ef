"""The text of a proposed plan: every entry with its reason, to be read and corrected."""

from __future__ import annotations

import json

import numpy as np

from eventstudy.dates import date_text
from eventstudy.io.pieces import DateColumn
from eventstudy.study.proposal import Null, Proposal
from eventstudy.study.sources import Read
from eventstudy.study.words import short
from eventstudy.windows import Window


def plan_text(
    title: str, question: str, events: Read, anchors: Read, window: Window, proposal: Proposal, seed: int
) -> str:
    """Return a plan as TOML with comments."""
    period = proposal.period
    cautions = [f"#   - {caution}" for caution in proposal.cautions]
    lines = [
        "# The analysis plan, proposed from the dates of each file alone: the two were not compared. Read it, correct",
        "# it, and leave it as it is once the report has been built: a plan changed after the result is known is none.",
        *(["#", "# Before you go on:", *cautions] if cautions else []),
        "",
        f"title = {_text(title)}",
        f"question = {_text(question)}",
        f"seed = {seed}",
        "n_resamples = 9999",
        "",
        f"# CHECK: {proposal.period_why}. The dates cannot say when watching began and",
        "# ended: days that nobody watched are not days without events. First day, and the day after the last one.",
        f"period = [{date_text(period.start)}, {date_text(period.stop)}]",
        "",
        "[events]",
        *_series(events),
        "distinct = true",
        "",
        "[anchors]",
        *_series(anchors),
        "merge_gap_days = 0   # anchors at most so many days after the previous one belong to it",
        "",
        "[primary]",
        f"window = {_window(window)}   # lags in days: {short(window)}; day 0 is the anchor's own",
        'alternative = "greater"',
        *_statistic(proposal),
        "level = 0.05",
        "confidence_level = 0.95",
        "excluded_ratio = 1.5   # a rate ratio that would matter; 'not supported' is said only if both tests reject it",
        "power = 0.8",
        'why = "chosen beforehand; overlapping windows are united"',
        "",
        *_null("primary", proposal.primary),
        *_null("second", proposal.second),
        *_null("naive", proposal.naive),
        "[family]   # tests that are corrected together",
        f"windows = [{', '.join(map(_window, proposal.family))}]",
        "",
        "[profile]",
        f"lags = [{proposal.lags[0]}, {proposal.lags[1]}]",
        f"bin_days = {proposal.bin_days}",
        "",
        "[regression]   # `before` is the window, `after` as many days on the other side of the anchor",
        f"formula = {_text(proposal.formula)}",
        f"before = {_window(window)}",
        f"after = {_window(proposal.other_side)}",
        "max_lag = 28",
        "",
        *_credibility(proposal),
        "",
    ]
    return "\n".join(lines)


def _credibility(proposal: Proposal) -> list[str]:
    return [
        "[credibility]   # how the tests are tested",
        "levels = [0.05]",
        "n_simulations = 200",
        "truths = [",
        '    {label = "placebo anchors, no pattern", real = "events"},',
        '    {label = "placebo anchors, growth ×5", real = "events", growth = 5.0},',
        '    {label = "placebo anchors, season ×3", real = "events", season = 3.0},',
        '    {label = "simulated events, bursts of 3", real = "anchors", burst_size = 3},',
        '    {label = "simulated events, growth ×5", real = "anchors", growth = 5.0},',
        '    {label = "both simulated: growth ×20, season ×5, bursts of 3", real = "nothing", growth = 20.0, '
        "season = 5.0, burst_size = 3},",
        "]",
        f"power_ratios = [{', '.join(map(str, proposal.power_ratios))}]",
        "n_series = 200",
        f"after = {_window(proposal.other_side)}",
        f"shifts = [{', '.join(map(str, sorted(proposal.shifts)))}]",
        "burst_gap_days = 3",
        f"leave_out = [{', '.join(map(_text, proposal.leave_out))}]",
    ]


def _statistic(proposal: Proposal) -> list[str]:
    """Return the statistic and its strata, with the conditions under which they are valid."""
    longer, shorter = proposal.strata
    about = (
        f"# The excess: events in the window beyond those expected inside each {longer}, and inside each {shorter}.",
        f"# What changes the rate from one {longer} to the next cancels. Where both series share a rhythm shorter than",
        f"# a {shorter}, no such test holds.",
    )
    counted = (
        f"# The number in the window, compared with events shifted inside each {longer}, and inside each {shorter}.",
        f"# Where both series crowd at the same end of a {longer}, or share a rhythm shorter than a {shorter}, it does",
        "# not hold.",
    )
    return [
        *(about if proposal.statistic == "excess" else counted),
        f"statistic = {_text(proposal.statistic)}",
        f"strata = [{_text(longer)}, {_text(shorter)}]   # of the primary and the second test, and of their intervals",
    ]


def _series(entry: Read) -> list[str]:
    n_rows, n_days = len(entry.events), np.unique(entry.events.days).size
    why = "every row of the file" if entry.where is None else "the rows of the query"
    if n_days < n_rows:
        why += f"; {n_rows:,} rows fall on {n_days:,} days, and a day counts once"
    return [
        f"label = {_text(entry.events.label)}",
        f"file = {_text(entry.path.name)}",
        f"date = {_dates(entry.date)}",
        *([] if entry.date_format is None else [f"date_format = {_text(entry.date_format)}"]),
        "# where = \"kind == 'x'\"   # to choose rows by other columns"
        if entry.where is None
        else f"where = {_text(entry.where)}",
        f"why = {_text(why)}",
    ]


def _dates(date: DateColumn) -> str:
    return _text(date) if isinstance(date, str) else f"[{', '.join(map(_text, date))}]"


def _null(role: str, null: Null) -> list[str]:
    option = [null.option] if null.option else []
    return [f"[nulls.{role}]", f"model = {_text(null.model)}", *option, f"why = {_text(null.why)}", ""]


def _window(window: Window) -> str:
    return f"[{window.start}, {window.stop}]"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
