"""Linear algebra that the regressions share: cross products, dependent columns, identical rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Floats = NDArray[np.float64]

BLOCK = 65_536  # rows weighted at once, so that a million rows need no second copy of the matrix
DEPENDENT = 1e-8  # residual share of a column's length, given those before it, below which it is dependent
ROUNDING = 1e-14  # share of a column's length that its variation must exceed
WELL = 1e-3  # the same share, above which cross products keep ten digits


def weighted_gram(matrix: Floats, weights: Floats) -> Floats:
    """Return ``matrix.T @ diag(weights) @ matrix``."""
    k = matrix.shape[1]
    total = np.zeros((k, k))
    for a in range(0, matrix.shape[0], BLOCK):
        part = matrix[a : a + BLOCK]
        total += part.T @ (part * weights[a : a + BLOCK, None])
    return total


def dependent_columns(matrix: Floats) -> list[int]:
    """Return the columns that are linear combinations of columns before them.

    A column is judged by the share of its length that remains after projection on the columns before it or, after a
    constant column, of its variation: years and their squares differ, though both are nearly multiples of the constant.
    A Cholesky decomposition of the cross products settles every column that is far from dependence. The others are
    orthogonalised twice against those before them [1]_, and one that is independent after all is replaced by what is
    left of it, so that the cross products keep their digits for the columns after it.

    .. [1] Giraud, L., Langou, J. & Rozloznik, M. (2005). The loss of orthogonality in the Gram-Schmidt
       orthogonalization process. Computers & Mathematics with Applications 50(7), 1069-1075.
    """
    gram = matrix.T @ matrix
    if well_conditioned(gram):
        return []
    k = matrix.shape[1]
    sizes = np.sqrt(np.diag(gram))
    work, factor = matrix, np.zeros((k, k))  # lower triangle of the columns kept so far
    kept: list[int] = []
    constant = False
    for j in range(k):
        m, left = len(kept), float(np.sqrt(gram[j, j]))
        if left <= ROUNDING * sizes[j]:
            continue
        row = linalg.solve_triangular(factor[:m, :m], gram[kept, j], lower=True) if m else np.zeros(0)
        rest = gram[j, j] - float(row @ row)
        if rest <= (WELL * left) ** 2:
            column = _orthogonalised(work[:, j], work[:, kept], factor[:m, :m])
            new = float(np.sqrt(column @ column))
            if new <= DEPENDENT * left:
                continue
            work = work.copy() if work is matrix else work
            work[:, j] = column / new
            gram[j] = gram[:, j] = work[:, j] @ work
            row, rest = np.zeros(m), 1.0
        factor[m, :m], factor[m, m] = row, np.sqrt(rest)
        kept.append(j)
        if not constant and np.ptp(matrix[:, j]) == 0:
            constant = True
            work = np.concatenate(
                [work[:, : j + 1], matrix[:, j + 1 :] - matrix[:, j + 1 :].mean(axis=0)], axis=1
            )
            gram = work.T @ work
    return np.delete(np.arange(k), kept).tolist()


def _orthogonalised(column: Floats, basis: Floats, factor: Floats) -> Floats:
    """Return what is left of a column after projection on a basis, twice.

    `factor`: lower triangle of the Cholesky decomposition of the basis' cross products.
    """
    for _ in range(2):
        column = column - basis @ linalg.cho_solve((factor, True), basis.T @ column)
    return column


def well_conditioned(gram: Floats) -> bool:
    """Return whether cross products keep ten digits for these columns, whatever their scales."""
    norms = np.sqrt(np.diag(gram))
    if not norms.all():
        return False
    try:
        factor = linalg.cholesky(gram / np.outer(norms, norms))
    except linalg.LinAlgError:
        return False
    return bool(np.diag(factor).min(initial=1.0) > WELL)


def conditioned(matrix: Floats) -> tuple[Floats, Floats | None]:
    """Return a matrix whose cross products keep their digits, and the matrix that maps its coefficients back.

    `matrix`, shape (n, k): of full column rank.

    Returns the matrix itself and None where it is well conditioned; else orthonormal columns, and the
    triangle that leads from their coefficients back to those of `matrix`.
    """
    if well_conditioned(matrix.T @ matrix):
        return matrix, None
    orthonormal, triangle = linalg.qr(matrix, mode="economic")
    back = linalg.solve_triangular(triangle, np.eye(triangle.shape[0]))
    return np.asarray(orthonormal), np.asarray(back)


def collapse(matrix: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Group identical rows, where there are few enough kinds for that to pay.

    Returns first row of each kind, shape (c,), and the kind of each row, shape (n,). None if more than half
    of the rows are distinct.
    """
    # one number per row; rows that share it by accident are separated below
    key = matrix @ np.sqrt(np.arange(2.0, matrix.shape[1] + 2.0))
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    if 2 * first.size > matrix.shape[0]:
        return None
    for a in range(0, matrix.shape[0], BLOCK):
        if not np.array_equal(matrix[a : a + BLOCK], matrix[first[kind[a : a + BLOCK]]]):
            return None
    return first, kind
