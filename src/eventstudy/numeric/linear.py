"""Linear algebra that the regressions share: cross products, dependent columns, identical rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Floats = NDArray[np.float64]

BLOCK = 65_536  # rows weighted at once, so that a million rows need no second copy of the matrix
DEPENDENT = 1e-10  # 1 - R^2 of a column on those before it, below which it adds nothing


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

    Notes
    -----
    A Cholesky decomposition of the cross products, columns scaled to length one: the square of a
    diagonal entry is the column's share that the columns before it do not explain.
    """
    norms = np.sqrt(np.einsum("ij,ij->j", matrix, matrix))
    unit = np.where(norms > 0, norms, 1.0)
    gram = matrix.T @ matrix / np.outer(unit, unit)
    try:
        if np.diag(linalg.cholesky(gram)).min() ** 2 > DEPENDENT:
            return []
    except linalg.LinAlgError:  # then say which
        pass
    k = gram.shape[0]
    factor = np.zeros((k, k))
    dependent = []
    for j in range(k):
        for i in range(j):
            if factor[i, i]:
                factor[j, i] = (gram[j, i] - factor[j, :i] @ factor[i, :i]) / factor[i, i]
        left = gram[j, j] - float(factor[j, :j] @ factor[j, :j])
        if left > DEPENDENT:
            factor[j, j] = np.sqrt(left)
        else:
            dependent.append(j)
    return dependent


def collapse(matrix: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Group identical rows, where there are few enough kinds for that to pay.

    Returns
    -------
    tuple of ndarray, or None
        First row of each kind, shape (c,), and the kind of each row, shape (n,). None if more than
        half of the rows are kinds of their own.
    """
    # one number per row; rows that share it by accident are told apart below
    key = matrix @ np.sqrt(np.arange(2.0, matrix.shape[1] + 2.0))
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    if 2 * first.size > matrix.shape[0]:
        return None
    for a in range(0, matrix.shape[0], BLOCK):
        if not np.array_equal(matrix[a : a + BLOCK], matrix[first[kind[a : a + BLOCK]]]):
            return None
    return first, kind
