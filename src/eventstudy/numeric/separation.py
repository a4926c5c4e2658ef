"""Separation: terms without a finite estimate, and what the likelihood still says about them.

A window without any event has no finite rate ratio. The likelihood then has no maximum, but it has a
supremum and a profile, and with them a limit on one side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from eventstudy.errors import ModelError
from eventstudy.numeric.likelihoods import Fit, PoissonCounts, maximise
from eventstudy.numeric.linear import dependent_columns

Floats = NDArray[np.float64]

NULL_SPACE = 1e-8  # relative singular value below which a direction counts as unconstrained
NO_MOVE = 1e-7  # cosine below which a direction does not move a row
NO_WEIGHT = 1e-12  # share of the largest weight that counts as rounding error
MOST_SUMS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """Separated rows and terms.

    - `rows`, shape (n,): rows whose expected count tends to its boundary. They are determined here, once and
      for all.
    - `signs`, shape (k,): of the infinity of each coefficient: -1, 1, or 0 where it is finite or the sign is
      not identified.
    - `free`, shape (k,): coefficients without a finite estimate.
    """

    rows: NDArray[np.bool_]
    signs: Floats
    free: NDArray[np.bool_]


def separation(counts: PoissonCounts, response: Floats, matrix: Floats) -> Separation | None:
    """Find terms without a finite maximum-likelihood estimate; None where there is none.

    Raises ModelError if rounding error hides whether there is a maximum.

    The likelihood has no maximum if some combination of terms is zero on every row with an event and nowhere
    positive on the others [1]_. Such combinations lie in the null space of the rows with events, which is
    usually trivial, at the cost of one small decomposition. Else non-negative least squares finds
    the combination that pushes the other rows furthest, and the remaining rows are searched again.
    Rows are compared by angles, so neither units nor the choice of a basis matter.

    .. [1] Correia, S., Guimaraes, P. & Zylkin, T. (2019). Verifying the existence of maximum likelihood
       estimates for generalized linear models. arXiv:1903.01633.
    """
    if not matrix.shape[1]:
        return None
    matrix, above = counts.contrasts(response, matrix), response > counts.border
    scale = _lengths(matrix[above])
    whole = _lengths(matrix)
    scale = np.where(scale > 0, scale, np.where(whole > 0, whole, 1.0))
    matrix = matrix / scale
    null = _null_space(matrix[above])
    if not null.shape[1] or above.all():
        return None
    rows = np.zeros(response.size, bool)
    rows[~above] = _pushed_rows(_directions(matrix[~above], null))
    if not rows.any():
        return None
    left = _null_space(matrix[~rows])
    free = np.asarray((np.abs(left) > NO_MOVE).any(axis=1))
    # equal directions add no information: each distinct one is used once
    kinds = _kinds(_directions(matrix[rows], left))[0]
    signs = np.zeros(free.size)
    for k in np.flatnonzero(free):
        signs[k] = _sign(left[k], kinds)
    return Separation(rows, signs, free)


def _directions(matrix: Floats, basis: Floats) -> Floats:
    """Return each row's direction in a basis of the coefficients, as a unit vector, or zero."""
    moved = matrix @ basis
    size = np.sqrt((moved**2).sum(axis=1))
    moves = size > NULL_SPACE * np.sqrt((matrix**2).sum(axis=1))
    return np.where(moves[:, None], moved, 0.0) / np.where(moves, size, 1.0)[:, None]


def _kinds(directions: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Return the distinct directions, and which each row has."""
    _, first, kind = np.unique(np.round(directions, 9) + 0.0, axis=0, return_index=True, return_inverse=True)
    return directions[first], kind.ravel()


def _pushed_rows(directions: Floats) -> NDArray[np.bool_]:
    """Return which rows are pushed down by some direction that pushes no row up.

    Let ``a`` be the rows and ``r`` the shortest vector ``-sum((1 + w) * a)`` with weights ``w`` of 0 or more. Then no
    ``a @ r`` is positive, and their sum is ``-r @ r``. So ``r`` pushes rows down if it is not zero; if it is, positive
    weights balance all rows, and no direction pushes one down without pushing another up.
    """
    kinds, kind = _kinds(directions)
    still = np.asarray(kinds.any(axis=1))
    pushed = np.zeros(len(kinds), bool)
    while still.any():
        rows = kinds[still]
        away = _non_negative(rows, -rows.sum(axis=0))
        size = float(np.sqrt(away @ away))
        if size <= NO_MOVE:
            break
        new = still & (kinds @ away < -NO_MOVE * size)
        if not new.any():
            break
        pushed |= new
        still &= ~new
    return pushed[kind]


def _sign(own: Floats, pushed: Floats) -> float:
    """Return the sign that a coefficient has in every direction that pushes no row up; 0 if both occur.

    By Farkas' lemma it is negative where it is a non-negative combination of rows.
    """
    size = float(np.sqrt(own @ own))
    for sign in (-1.0, 1.0):
        left = _non_negative(pushed, -sign * own)
        if float(np.sqrt(left @ left)) <= NO_MOVE * size:
            return sign
    return 0.0


def _non_negative(rows: Floats, target: Floats) -> Floats:
    """Return the residual of a vector after its projection on the cone of non-negative combinations of rows.

    No row has a positive product with the residual: if it is zero, the vector lies in the cone; else the residual
    points away from every row.

    Raises ModelError if rounding error prevents the projection from being found.

    .. [1] Lawson, C. L. & Hanson, R. J. (1974). Solving Least Squares Problems. Prentice-Hall, chapter 23.
    """
    used: list[int] = []
    weights, left = np.zeros(0), target
    size = float(np.sqrt(target @ target))
    barred = np.zeros(len(rows), bool)  # rows whose weight rounding error at once made negative
    for _ in range(MOST_SUMS):
        gradient = np.where(barred, -np.inf, rows @ left)
        gradient[used] = -np.inf
        distance = float(np.sqrt(left @ left))
        new = int(gradient.argmax()) if len(rows) else 0
        if distance <= NO_MOVE * min(1.0, size) or not len(rows) or gradient[new] <= NO_MOVE * distance:
            return left
        used, weights = [*used, new], np.append(weights, 0.0)
        while True:
            best = linalg.lstsq(rows[used].T, target, cond=NULL_SPACE)[0]
            negative = best <= 0.0
            if not negative.any():
                weights, barred[:] = best, False
                break
            if negative[-1] and weights[-1] == 0.0:
                used, weights, barred[new] = used[:-1], weights[:-1], True
                break
            steps = weights[negative] / (weights[negative] - best[negative])
            weights = weights + float(steps.min()) * (best - weights)
            keep = ~(negative & (weights <= NO_WEIGHT * weights.max()))
            used, weights = [j for j, kept in zip(used, keep, strict=True) if kept], weights[keep]
        left = target - rows[used].T @ weights if used else target
    raise ModelError(
        "fit: rounding error hides which terms have a finite estimate; look for terms with hardly any event, or "
        "nearly collinear ones"
    )


def _estimable(matrix: Floats, found: Separation) -> NDArray[np.int64]:
    """Return columns that span the rows left by a separation (given here), those with finite estimates first."""
    order = np.argsort(found.free, kind="stable")
    spare = dependent_columns(matrix[:, order])
    return np.delete(order, spare)


@dataclass(frozen=True, slots=True, eq=False)
class Supremum:
    """The supremum of the likelihood, whether or not every coefficient has a finite estimate.

    `fit`: of the rows that keep an expected count and the columns in `columns`.
    """

    fit: Fit
    columns: NDArray[np.int64]
    separation: Separation | None

    def coefficient(self, column: int) -> float:
        """Return the estimate of one coefficient: infinite, or nan, where there is no finite one."""
        if self.separation is not None and self.separation.free[column]:
            sign = float(self.separation.signs[column])
            return sign * np.inf if sign else float("nan")
        return float(self.fit.coefficients[int(np.flatnonzero(self.columns == column)[0])])


def supremum(
    counts: PoissonCounts, response: Floats, matrix: Floats, offset: Floats, start: Floats | None = None
) -> Supremum:
    """Maximise a likelihood of counts, with separated rows and terms removed."""
    found = separation(counts, response, matrix)
    if found is None:
        return Supremum(maximise(counts, response, matrix, offset, start), np.arange(matrix.shape[1]), None)
    rows = ~found.rows
    columns = _estimable(counts.contrasts(response, matrix)[rows], found)
    fit = maximise(counts.where(rows), response[rows], matrix[rows][:, columns], offset[rows])
    return Supremum(fit, columns, found)


def _lengths(matrix: Floats) -> Floats:
    """Return the length of each column."""
    return np.asarray(np.sqrt((matrix**2).sum(axis=0)))


def _null_space(matrix: Floats) -> Floats:
    """Return an orthonormal basis of the combinations of columns that vanish on every row, shape (k, d)."""
    k = matrix.shape[1]
    triangle = linalg.qr(matrix, mode="r")[0] if matrix.shape[0] else np.zeros((1, k))
    _, sizes, vectors = linalg.svd(triangle[:k], full_matrices=True)
    rank = int((sizes > NULL_SPACE * max(1.0, sizes[0])).sum())
    return np.asarray(vectors[rank:].T)
