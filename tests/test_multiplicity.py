"""Corrected p-values against their definitions, written out loop by loop."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstudy.numeric.multiplicity import corrected
from eventstudy.numeric.tails import holm, rounding

TAILS = ("greater", "less", "two-sided")


def own_pvalue(values, row, tail):
    """Share of the rows as extreme as `row`, ties included."""
    n = len(values)
    greater = sum(value >= values[row] for value in values) / n
    less = sum(value <= values[row] for value in values) / n
    return {"greater": greater, "less": less, "two-sided": min(1.0, 2 * min(greater, less))}[tail]


def studentised(values, row, tail):
    mean = sum(values) / len(values)
    sd = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    if len(set(values)) == 1:
        return -math.inf
    t = (values[row] - mean) / sd
    return {"greater": t, "less": -t, "two-sided": abs(t)}[tail]


def directly(columns, tails):
    """Step-down and single-step p-values by max-T and min-P, row 0 observed: (maxt, single, minp, single)."""
    n, k = len(columns[0]), len(columns)
    t = [[studentised(columns[j], row, tails[j]) for row in range(n)] for j in range(k)]
    p = [[own_pvalue(columns[j], row, tails[j]) for row in range(n)] for j in range(k)]
    found = []
    for extreme in (t, [[-value for value in column] for column in p]):
        order = sorted(range(k), key=lambda j: -extreme[j][0])
        stepped, single, so_far = [0.0] * k, [0.0] * k, 0.0
        for place, j in enumerate(order):
            bar = extreme[j][0] - 1e-9 if extreme is t else extreme[j][0]
            rest = [sum(max(extreme[i][row] for i in order[place:]) >= bar for row in range(n))]
            so_far = max(so_far, rest[0] / n)
            stepped[j] = so_far
            single[j] = sum(max(extreme[i][row] for i in range(k)) >= bar for row in range(n)) / n
        found += [stepped, single]
    return found


def tied_columns(rng):
    """Some columns of small counts: full of ties, some twice, some upside down, some constant."""
    n, k = int(rng.integers(1, 13)), int(rng.integers(1, 6))
    columns = [rng.integers(0, int(rng.integers(1, 5)), n).tolist() for _ in range(k)]
    if rng.random() < 0.5:
        columns.append(columns[0])
    if rng.random() < 0.3:
        columns.append([3 - 2 * value for value in columns[-1]])
    return columns


@pytest.mark.parametrize("seed", range(100))
def test_corrected_pvalues_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    columns = tied_columns(rng)
    tails = [TAILS[i] for i in rng.integers(0, 3, len(columns))]
    values = np.array(columns)
    result = corrected(values, values[:, 0], tails)
    maxt, maxt_single, minp, minp_single = directly(columns, tails)
    assert result.pvalue.tolist() == [own_pvalue(c, 0, tail) for c, tail in zip(columns, tails, strict=True)]
    assert result.maxt.tolist() == maxt
    assert result.maxt_single.tolist() == maxt_single
    assert result.minp.tolist() == minp
    assert result.minp_single.tolist() == minp_single


@pytest.mark.parametrize("seed", range(30))
def test_rounding_of_means_does_not_break_ties(seed):
    """Means of seven events differ in the last digit if they are summed in another order."""
    rng = np.random.default_rng(seed)
    columns = np.array(tied_columns(rng))
    tails = [TAILS[i] for i in rng.integers(0, 3, len(columns))]
    whole = corrected(columns, columns[:, 0], tails)
    noise = 1.0 + 4e-16 * rng.integers(-2, 3, columns.shape)
    means = corrected(columns / 7 * noise, columns[:, 0] / 7, tails, [rounding(1.0)] * len(columns))
    for name in ("pvalue", "maxt", "maxt_single", "minp", "minp_single"):
        assert getattr(whole, name).tolist() == getattr(means, name).tolist()


def test_two_tests_by_hand():
    """Rows (4, 1) observed, (0, 3), (0, 0), (0, 0).

    First test: mean 1, variance 3, T = 1.732, -0.577, -0.577, -0.577. Second: mean 1, variance 1.5, T = 0,
    1.633, -0.816, -0.816. The first is more extreme: max T over both is 1.732, 1.633, ... so its p is 1/4.
    Then the second alone: 2 of 4 are at least 0.
    """
    values = np.array([[4, 0, 0, 0], [1, 3, 0, 0]])
    result = corrected(values, values[:, 0], ["greater", "greater"])
    assert result.studentised == pytest.approx([math.sqrt(3), 0.0])
    assert result.maxt.tolist() == [0.25, 0.5]
    assert result.maxt_single.tolist() == [0.25, 0.5]  # 1.732 and 1.633 lie above 0
    assert result.minp.tolist() == [
        0.5,
        0.5,
    ]  # the p-values of the rows are (1/4, 1/2), (1, 1/4), (1, 1), (1, 1)


def test_a_statistic_that_never_varies_gets_one_and_changes_nothing():
    values = np.array([[4, 0, 1, 2], [5, 5, 5, 5], [1, 3, 0, 2]])
    alone = corrected(values[[0, 2]], values[[0, 2], 0], ["greater", "less"])
    result = corrected(values, values[:, 0], ["greater", "two-sided", "less"])
    assert result.pvalue[1] == result.maxt[1] == result.minp[1] == 1.0
    assert np.isnan(result.studentised[1])
    for name in ("pvalue", "maxt", "maxt_single", "minp", "minp_single"):
        assert getattr(result, name)[[0, 2]].tolist() == getattr(alone, name).tolist()


@pytest.mark.parametrize("seed", range(20))
def test_step_down_lies_between_the_test_alone_and_the_single_step(seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 6, (5, 50))
    result = corrected(values, values[:, 0], ["greater", "less", "greater", "less", "greater"])
    for stepped, single in ((result.maxt, result.maxt_single), (result.minp, result.minp_single)):
        assert (result.pvalue <= stepped).all()
        assert (stepped <= single).all()
        assert stepped.min() == single.min()  # the most extreme one is compared with all


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_the_tests_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 4, (6, 20))
    tails = [TAILS[i] for i in rng.integers(0, 3, 6)]
    order = rng.permutation(6)
    straight = corrected(values, values[:, 0], tails)
    mixed = corrected(values[order], values[order, 0], [tails[j] for j in order])
    for name in ("pvalue", "maxt", "maxt_single", "minp", "minp_single"):
        assert getattr(straight, name)[order].tolist() == getattr(mixed, name).tolist()
    assert straight.largest.tolist() == mixed.largest.tolist()


@pytest.mark.parametrize("seed", range(20))
def test_any_row_in_the_place_of_the_observed_one_keeps_the_level(seed):
    """All rows are equally likely, so the share of rows that would be found something is at most the level."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 5, (4, 30))
    tails = [TAILS[i] for i in rng.integers(0, 3, 4)]
    smallest = {"maxt": [], "minp": []}
    for row in range(30):
        result = corrected(values, values[:, row], tails)
        for name, kept in smallest.items():
            kept.append(getattr(result, name).min())
    for kept in smallest.values():
        assert min(kept) > 0.0
        for level in sorted(set(kept)):
            assert sum(p <= level for p in kept) / 30 <= level + 1e-12


@settings(max_examples=25)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=9))
def test_holm_is_that_of_statsmodels(pvalues):
    from statsmodels.stats.multitest import multipletests

    assert holm(np.array(pvalues)) == pytest.approx(multipletests(pvalues, method="holm")[1])
