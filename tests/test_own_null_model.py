"""The page on a null model of one's own: its blocks run, and what it says of models without a move is so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import eventstudy as es

PAGE = Path(__file__).resolve().parents[1] / "docs" / "howto" / "own-null-model.md"


@pytest.fixture(scope="module")
def page():
    names = {"__name__": "page"}
    for block in re.findall(
        r"^```\{run\}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        exec(compile(block, PAGE.name, "exec"), names)
    return names


def test_the_model_of_the_page_is_exact_by_a_loop_over_all_weeks(page):
    launches, summits, window, period = (page[name] for name in ("launches", "summits", "window", "period"))
    inside = np.isin(period.days, window.days(summits.days))
    place = launches.days - period.start
    counts = np.array([inside[(place + 7 * week) % len(period)].sum() for week in range(len(period) // 7)])
    test = es.permutation_test(launches, summits, es.WindowCount(window), page["WholeWeeks"]())
    assert (test.method, test.observed) == ("exact", counts[0])
    assert test.pvalue == pytest.approx((counts >= counts[0]).mean())


def test_the_coefficient_is_tested_by_every_shift_of_the_windows(page):
    launches, window, period = page["launches"], page["window"], page["period"]
    inside = np.isin(period.days, window.days(page["summits"].days)).astype(float)
    counts = launches.daily_counts().astype(float)
    mean = (
        counts.mean()
    )  # of the fit without the window, so the score of the term is linear in the shifted window
    scores = np.array([((counts - mean) * np.roll(inside, 7 * k)).sum() for k in range(len(period) // 7)])
    assert page["result"].method == "score"
    assert page["result"].pvalue == pytest.approx((scores >= scores[0] - 1e-9).mean())


def test_without_a_move_the_calls_do_what_the_page_says(page):
    @dataclass(frozen=True)
    class NoMove(page["WholeWeeks"]):
        def sample(self, events, anchors, *, rng, size):
            return page["WholeWeeks"]().sample(events, anchors, rng=rng, size=size)

        def move(self, period):
            return None

    launches, summits, window = page["launches"], page["summits"], page["window"]
    with pytest.raises(
        es.EventStudyError, match="cannot be left out, as the model draws each event separately"
    ):
        es.leave_one_out(launches, summits, es.WindowCount(window), NoMove(), by="year", n_resamples=9, rng=1)
    drawn = es.permutation_test(launches, summits, es.WindowCount(window), NoMove(), n_resamples=9, rng=1)
    assert drawn.method == "monte-carlo"
    other = es.randomization_test(
        launches, summits, {"before": window}, "count ~ before", "before", NoMove(), n_resamples=9, rng=1
    )
    assert other.moves != page["result"].moves
    with pytest.raises(
        es.EventStudyError, match="has no rule that moves all days, so series cannot share a draw"
    ):
        es.panel_test(
            launches.dates.to_frame(name="date").assign(kind=np.where(np.arange(len(launches)) % 2, "a", "b")),
            summits, es.WindowCount(window), NoMove(), by="kind", period=page["period"], maxt=True, rng=1,
        )  # fmt: skip
