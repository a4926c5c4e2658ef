"""Linear algebra under the regressions, and terms without a finite estimate, by brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import optimize

from eventstudy.numeric.likelihoods import PoissonCounts, StratifiedCounts, maximise
from eventstudy.numeric.linear import collapse, dependent_columns, weighted_gram
from eventstudy.numeric.separation import separation, supremum
from eventstudy.regression.covariances import meat

binary = arrays(np.int64, st.tuples(st.integers(4, 14), st.integers(1, 4)), elements=st.integers(0, 1))


@given(binary)
@settings(max_examples=150, deadline=None)
def test_dependent_columns_are_those_that_do_not_raise_the_rank(matrix):
    rank, expected = 0, []
    for k in range(matrix.shape[1]):
        now = np.linalg.matrix_rank(matrix[:, : k + 1])
        if now == rank:
            expected.append(k)
        rank = now
    assert dependent_columns(matrix.astype(float)) == expected


def test_nearly_equal_columns_are_told_apart_down_to_a_millionth():
    rng = np.random.default_rng(1)
    x = rng.normal(size=400)
    near = np.stack([np.ones(400), x, x + 1e-4 * rng.normal(size=400)], axis=1)
    assert dependent_columns(near) == []
    assert dependent_columns(np.concatenate([near, near @ [[1.0], [2.0], [-3.0]]], axis=1)) == [3]


def test_a_column_near_dependence_counts_for_the_columns_after_it():
    """Of a factor with all levels, a constant and columns that nearly repeat, each is judged given those before it."""
    rng = np.random.default_rng(4)
    level = np.repeat(np.arange(6), 50)
    levels = (level[:, None] == np.arange(6)).astype(float)
    x, small = rng.normal(size=300), rng.normal(size=300)
    near = x + 1e-6 * small
    columns = {
        "constant": np.ones(300), "x": x, "near x": near, "of both": small, "zero": np.zeros(300),
        **{f"level {i}": levels[:, i] for i in range(6)},
        "years": 1e6 + level, "years squared": (1e6 + level) ** 2.0, "too near x": x + 1e-10 * rng.normal(size=300),
    }  # fmt: skip
    names = [*columns]
    found = [names[j] for j in dependent_columns(np.stack([*columns.values()], axis=1))]
    assert found == ["of both", "zero", "level 5", "years", "years squared", "too near x"]


def test_identical_rows_are_grouped_and_accidental_keys_are_not():
    rows = np.array([[1.0, 0.5], [0.0, 2.0]])
    matrix = rows[[0, 1, 1, 0, 0, 1]]
    first, kind = collapse(matrix)
    np.testing.assert_array_equal(matrix[first][kind], matrix)
    assert first.size == 2
    assert collapse(np.arange(8.0).reshape(4, 2)) is None
    # different rows with the same key: sqrt(2) * 3**.5 = sqrt(3) * 2**.5
    other = np.array([[np.sqrt(3.0), 0.0], [0.0, np.sqrt(2.0)]])
    key = other @ np.sqrt([2.0, 3.0])
    assert key[0] == key[1]
    assert collapse(other[[0, 1, 0, 1]]) is None


def test_the_gram_matrix_in_blocks(monkeypatch):
    rng = np.random.default_rng(2)
    matrix, weights = rng.normal(size=(50, 3)), rng.random(50)
    monkeypatch.setattr("eventstudy.numeric.linear.BLOCK", 7)
    np.testing.assert_allclose(weighted_gram(matrix, weights), matrix.T @ np.diag(weights) @ matrix)


@given(st.integers(0, 12), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_sums_over_stretches_are_bartlett_weights(max_lag, seed):
    rng = np.random.default_rng(seed)
    places = np.sort(rng.choice(40, 15, replace=False))
    scores = rng.normal(size=(15, 2))
    gap = abs(places[:, None] - places)
    weights = np.maximum(0.0, 1 - gap / (max_lag + 1))
    np.testing.assert_allclose(
        meat(scores, places=places, max_lag=max_lag), scores.T @ weights @ scores, atol=1e-11
    )


def separated_rows(x, y):
    """Which rows can be pushed down on their own: a linear programme for each."""
    out = np.zeros(len(y), bool)
    for i in np.flatnonzero(y == 0):
        found = optimize.linprog(
            x[i], A_ub=x[y == 0], b_ub=np.zeros((y == 0).sum()), A_eq=x[y > 0] if (y > 0).any() else None,
            b_eq=np.zeros((y > 0).sum()) if (y > 0).any() else None, bounds=[(-1, 1)] * x.shape[1],
        )  # fmt: skip
        out[i] = found.fun < -1e-7
    return out


@given(binary, st.integers(0, 10_000))
@settings(max_examples=120, deadline=None)
def test_separation_is_found_where_a_linear_programme_for_each_row_finds_it(matrix, seed):
    rng = np.random.default_rng(seed)
    x = np.concatenate([np.ones((len(matrix), 1)), matrix], axis=1)
    y = (rng.random(len(x)) < 0.4).astype(float)
    expected = separated_rows(x, y)
    found = separation(PoissonCounts(), y, x)
    np.testing.assert_array_equal(np.zeros(len(y), bool) if found is None else found.rows, expected)


@given(binary, st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_inside_strata_separation_is_that_with_a_dummy_for_each(matrix, seed):
    rng = np.random.default_rng(seed)
    stratum = np.sort(rng.integers(0, 3, len(matrix)))
    y = (rng.random(len(matrix)) < 0.5).astype(float)
    kept = np.bincount(stratum, y, minlength=3)[stratum] > 0
    if not kept.any():
        return
    stratum, y, x = np.unique(stratum[kept], return_inverse=True)[1], y[kept], matrix[kept].astype(float)
    dummies = (stratum[:, None] == np.arange(stratum.max() + 1)).astype(float)
    whole = separation(PoissonCounts(), y, np.concatenate([dummies, x], axis=1))
    inside = separation(StratifiedCounts(stratum), y, x)
    none = np.zeros(len(y), bool)
    np.testing.assert_array_equal(
        none if inside is None else inside.rows, none if whole is None else whole.rows
    )


def test_the_supremum_is_approached_and_never_reached():
    """Adding ever more to the direction raises the likelihood towards the supremum from below."""
    x = np.array([[1.0, 0.0]] * 8 + [[1.0, 1.0]] * 4)
    y = np.array([1.0, 0, 2, 0, 1, 0, 0, 1] + [0.0] * 4)
    found = supremum(PoissonCounts(), y, x, np.zeros(12))
    level = found.fit.coefficients[0]
    logliks = [
        PoissonCounts().state(y, x @ (np.array([level, 0.0]) + far * found.separation.signs)).loglik
        for far in (0.0, 5.0, 20.0)
    ]
    assert logliks[0] < logliks[1] < logliks[2]
    assert logliks[2] == pytest.approx(found.fit.loglik, abs=1e-6)
    assert found.coefficient(1) == -np.inf


def test_newton_steps_reach_the_maximum_from_far_away():
    rng = np.random.default_rng(3)
    x = np.concatenate([np.ones((300, 1)), rng.normal(size=(300, 2))], axis=1)
    y = rng.poisson(np.exp(x @ [0.5, 1.0, -0.7])).astype(float)
    plain = maximise(PoissonCounts(), y, x, np.zeros(300))
    far = maximise(PoissonCounts(), y, x, np.zeros(300), start=np.array([-4.0, 3.0, 3.0]))
    np.testing.assert_allclose(plain.coefficients, far.coefficients, atol=1e-9)
    np.testing.assert_allclose(x.T @ (y - plain.state.mean), 0.0, atol=1e-8)
