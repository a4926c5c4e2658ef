"""The bundled launches and meetings: values found by independent programs, exact or within their draws."""

from pathlib import Path

import pytest

import eventstudy as es
from eventstudy.study.plan import read_study
from launches import Plan

PLAN = read_study(Path(__file__).resolve().parents[1] / "notebooks" / "plan.toml", Plan)
LAUNCHES = PLAN.events.read(PLAN.period)
MEETINGS = {chosen.label: chosen.read() for chosen in PLAN.family.sets}
WINDOW = es.Window.before(14)
YEARS = es.CalendarPermutation()


@pytest.mark.parametrize(
    ("meetings", "within", "low", "high", "excluded"),
    [
        ("summits", "quarter", 0.33, 1.57, 0.034),
        ("summits", "year", 0.33, 1.82, 0.071),
        ("summits", "month", 0.37, 2.11, 0.107),
        ("meetings with the North's leader", "quarter", 0.11, float("inf"), 0.22),
    ],
)
def test_intervals_by_years_exchanged_are_those_of_another_program(meetings, within, low, high, excluded):
    """Its intervals rest on 4,999 draws: ends within a tenth, p-values within four standard errors of either."""
    result = es.rate_ratio(
        LAUNCHES, MEETINGS[meetings], WINDOW, null=YEARS, within=within, excluded=1.5, rng=20251022
    )
    assert result.low == pytest.approx(low, rel=0.1)
    assert result.high == pytest.approx(high, rel=0.1)
    assert result.excluded_pvalue == pytest.approx(
        excluded, abs=4 * (excluded * (1 - excluded) / 4_999) ** 0.5 + 0.005
    )
    if high == float("inf"):
        assert "no upper bound found" in result.summary()


@pytest.mark.parametrize(
    ("meetings", "null", "pvalue"),
    [
        ("summits", YEARS, 0.50016),
        ("summits", es.CircularShift("year"), 0.45552),
        ("summits in South Korea", YEARS, 0.72667),
        ("summits in South Korea", es.CircularShift("year"), 0.88002),
    ],
)
def test_summits_hit_are_as_likely_as_another_program_counts(meetings, null, pvalue):
    test = es.permutation_test(LAUNCHES, MEETINGS[meetings], es.AnchorsHit(WINDOW), null)
    assert test.method == "exact"
    assert test.pvalue == pytest.approx(pvalue, abs=5e-6)
